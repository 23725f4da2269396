"""Incentives: no type gains by reporting another, on average or whatever the others report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from mechopt._util.registry import saved_as
from mechopt._util.rounding import told_apart
from mechopt.environments import Environment
from mechopt.mechanism.by_others import payment_by_others, quantity_by_others
from mechopt.mechanism.check import Check
from mechopt.mechanism.imitation import best_imitation, chain_bound, imitation_check
from mechopt.mechanism.mechanism import Mechanism
from mechopt.mechanism.misreports import report_check, worth_at_report, worth_in_profiles
from mechopt.mechanism.money import own_stakes
from mechopt.problem.frame import Frame
from mechopt.problem.linear import Linear, Meaning, NumberArray, Rows
from mechopt.problem.requirement import Requirement
from mechopt.problem.wording import ENDS
from mechopt.types.prior import own_first

MAX_ALL_PAIRS = 4_000
# Type k+1 against report k, type k against report k+1, and quantities that do not fall.
NEIGHBOURS = (
    Meaning(
        "type k+1 does not gain by imitating type k",
        "L_{i,k+1} Q_{i,k+1} - T_{i,k+1} >= L_{i,k+1} Q_{i,k} - T_{i,k}",
        "1",
    ),
    Meaning(
        "type k does not gain by imitating type k+1",
        "U_{i,k} Q_{i,k} - T_{i,k} >= U_{i,k} Q_{i,k+1} - T_{i,k+1}",
        "1",
    ),
    Meaning("the net quantity does not fall from k to k+1", "Q_{i,k+1} >= Q_{i,k}", "1"),
)
ALWAYS = (
    Meaning(
        "whatever the others report, type k+1 does not gain by imitating type k",
        "L_{i,k+1} q_i(k+1, t_{-i}) - τ_i(k+1, t_{-i}) >= "
        "L_{i,k+1} q_i(k, t_{-i}) - τ_i(k, t_{-i})",
        "1",
    ),
    Meaning(
        "whatever the others report, type k does not gain by imitating type k+1",
        "U_{i,k} q_i(k, t_{-i}) - τ_i(k, t_{-i}) >= U_{i,k} q_i(k+1, t_{-i}) - τ_i(k+1, t_{-i})",
        "1",
    ),
    Meaning(
        "whatever the others report, the net quantity does not fall from k to k+1",
        "q_i(k+1, t_{-i}) >= q_i(k, t_{-i})",
        "1",
    ),
)


@saved_as("mechopt.InterimIncentives")
@dataclass(frozen=True)
class InterimIncentives(Requirement):
    """No type of an agent gains by reporting another, on average over the others' types.

    With independent types neighbours suffice; with a joint prior all pairs are required.

    Parameters
    ----------
    agent
        The agent's name.

    Notes
    -----
    Source: theory.md, section 1; Myerson and Satterthwaite (1983).

    Examples
    --------
    >>> InterimIncentives("buyer").by_profile
    False
    """

    agent: str

    def validate(self, environment: Environment) -> None:
        """Raise InvalidInputError if there is no such agent."""
        environment.index_of(self.agent)

    def rows(self, frame: Frame) -> Iterator[Rows]:
        """Yield neighbouring incentives and monotonicity, or all pairs."""
        i = frame.agent(self.agent)
        size = frame.shape[i]
        if size == 1:
            return
        if frame.has_pairs(i):
            yield from _all_pairs(frame, i)
            return
        numbers = frame.numbers.agents[i]
        more, extra = frame.quantity(i).steps(), frame.payment(i).steps()
        yield from _neighbours(
            self.agent, (self.agent,), None, more, extra, numbers.lower[1:], numbers.upper[:-1],
            tuple(map(frame.words(i).meaning, NEIGHBOURS)),
        )  # fmt: skip

    def checks(
        self, environment: Environment, mechanism: Mechanism, tolerance: float
    ) -> Iterator[Check]:
        """Compare every type with every report, or, of very many types, neighbours."""
        i = environment.index_of(self.agent)
        if not environment.has_net_quantity(i):
            worth, size = worth_at_report(environment, i, mechanism.allocation.dense(environment))
            payment = environment.belief.by_report(i, mechanism.ex_post_payments()[i])
            yield report_check(
                f"incentive compatibility of {self.agent}",
                environment.agents[i],
                worth[None],
                size[None],
                payment[None],
                own_stakes(environment, i),
                tolerance,
                mechanism.rounding_of_payment[i],
            )
        elif environment.independent:
            yield _check_own(environment, mechanism, i, tolerance)
        else:
            quantity = environment.net_quantities(mechanism.allocation.dense(environment))[i]
            payment = mechanism.ex_post_payments()[i]
            by_report = environment.belief.by_report
            yield imitation_check(
                f"incentive compatibility of {self.agent}",
                environment.agents[i],
                by_report(i, quantity)[None],
                by_report(i, payment)[None],
                own_stakes(environment, i),
                tolerance,
                mechanism.rounding_by_report(i),
            )


@saved_as("mechopt.DominantIncentives")
@dataclass(frozen=True)
class DominantIncentives(Requirement):
    """No type of an agent gains by reporting another, whatever the others' types are.

    Where outcomes are worth what others know, that is ex post incentive compatibility: truth is
    best if the others tell theirs.

    Parameters
    ----------
    agent
        The agent's name.

    Notes
    -----
    Source: theory.md, section 1, in every profile of the others. Where outcomes are worth the type
    times a net quantity, neighbours suffice there, too; elsewhere all pairs are required.

    Examples
    --------
    >>> DominantIncentives("buyer").by_profile
    True
    """

    agent: str

    @property
    def by_profile(self) -> bool:
        """Payments of every profile count."""
        return True

    def validate(self, environment: Environment) -> None:
        """Raise InvalidInputError if there is no such agent."""
        environment.index_of(self.agent)

    def rows(self, frame: Frame) -> Iterator[Rows]:
        """Yield neighbouring incentives and monotonicity for every profile of the others."""
        i = frame.agent(self.agent)
        profiles = frame.own_first(i)
        size, others = profiles.shape
        if size == 1:
            return
        if frame.numbers.agents[i].worth is not None:
            yield _all_pairs_in_profiles(frame, i)
            return
        quantity, payment = frame.net_quantity(i), frame.payment_in_profile(i)
        above, below = profiles[1:].ravel(), profiles[:-1].ravel()
        more, extra = quantity[above] - quantity[below], payment[above] - payment[below]
        numbers = frame.numbers.agents[i]
        yield from _neighbours(
            self.agent,
            frame.axes_own_first(i),
            (size - 1, *frame.shape_own_first(i)[1:]),
            more,
            extra,
            np.repeat(numbers.lower[1:], others),
            np.repeat(numbers.upper[:-1], others),
            tuple(map(frame.words(i).meaning, ALWAYS)),
        )

    def checks(
        self, environment: Environment, mechanism: Mechanism, tolerance: float
    ) -> Iterator[Check]:
        """Compare every type with every report in every profile of the others."""
        i = environment.index_of(self.agent)
        if not environment.has_net_quantity(i):
            worth, size = worth_in_profiles(environment, i, mechanism.allocation.dense(environment))
            yield report_check(
                f"incentive compatibility of {self.agent} in every profile",
                environment.agents[i],
                worth,
                size,
                own_first(i, mechanism.ex_post_payments()[i]).T[:, None, :],
                own_stakes(environment, i),
                tolerance,
            )
            return
        quantity, payment = quantity_by_others(mechanism, i), payment_by_others(mechanism, i)
        yield imitation_check(
            f"incentive compatibility of {self.agent} in every profile",
            environment.agents[i],
            quantity.T[:, None, :],
            payment.T[:, None, :],
            own_stakes(environment, i),
            tolerance,
        )


def _neighbours(
    name: str,
    axes: tuple[str, ...],
    shape: tuple[int, ...] | None,
    more: Linear,
    extra: Linear,
    lower: NumberArray,
    upper: NumberArray,
    meanings: tuple[Meaning, ...],
) -> Iterator[Rows]:
    """Yield the three blocks of neighbouring incentives of steps of quantity and payment."""
    down, up, monotonicity = meanings
    yield Rows(f"{name}_ic_down", axes, more.times(lower) - extra, down, shape=shape)
    yield Rows(f"{name}_ic_up", axes, extra - more.times(upper), up, shape=shape)
    # For separate types the two above imply it, but only up to the solver's tolerance over the
    # distance between neighbours; samples have neighbours that are very close.
    yield Rows(f"{name}_monotonicity", axes, more, monotonicity, shape=shape, in_money=False)


def _all_pairs(frame: Frame, i: int) -> Iterator[Rows]:
    """Yield the rows of every type and every other report, at both ends of cells."""
    name, size = frame.names[i], frame.shape[i]
    payment = frame.at_report(i, frame.payment_in_profile(i))
    type_, report = np.nonzero(~np.eye(size, dtype=bool))
    truth, lie = type_ * size + type_, type_ * size + report
    extra = payment[truth] - payment[lie]
    words = frame.words(i)
    for end, word, letter in ENDS[: len(frame.numbers.agents[i].ends)]:
        value = frame.value_at_report(i, end)
        left = value[truth] - value[lie] - extra
        who = words.type(word)
        own, other = (f"E[{words.utility(letter, r)} | t_i = k]" for r in "kr")
        section = "1" if frame.numbers.agents[i].worth is None else "1.1"
        meaning = Meaning(f"{who} does not gain by reporting r", f"{own} >= {other}", section)
        yield Rows(f"{name}_ic_{end}", (name, name), left, meaning)


def _all_pairs_in_profiles(frame: Frame, i: int) -> Rows:
    """Return the rows of every type, every other report, and every profile of the others."""
    name, size, profiles = frame.names[i], frame.shape[i], frame.own_first(i)
    own, report = np.nonzero(~np.eye(size, dtype=bool))
    truth, lie = profiles[own].ravel(), profiles[report].ravel()
    types = own.repeat(profiles.shape[1])
    payment = frame.payment_in_profile(i)
    more = frame.value_in_profile(i, types, truth, "lower")
    more = more - frame.value_in_profile(i, types, lie, "lower")
    truthful, other = (frame.words(i).utility("L", r) for r in "kr")
    return Rows(
        f"{name}_ic_lower",
        (name, *frame.axes_own_first(i)),
        more - (payment[truth] - payment[lie]),
        Meaning(
            "whatever the others report, type k does not gain by reporting r",
            f"{truthful} >= {other}",
            "1.1",
        ),
        shape=(own.size, *frame.shape_own_first(i)[1:]),
    )


def _check_own(environment: Environment, mechanism: Mechanism, i: int, tolerance: float) -> Check:
    """Check all pairs of types; of very many, only if neighbours do not settle it."""
    agent = environment.agents[i]
    types = agent.types
    quantity, payment = mechanism.quantity[i], mechanism.payment[i]
    requirement = f"incentive compatibility of {agent.name}"
    few = types.num_cells <= MAX_ALL_PAIRS
    if not few:
        chain = chain_bound(types, quantity, payment, partial(own_stakes, environment, i))
        if chain.scaled <= tolerance or not np.isfinite(chain.scaled):
            where = "no type gains by imitating another, by neighbours and monotonicity"
            if chain.scaled > 0.0:
                where = (
                    f"{agent.name} type {chain.type_index} ({types.label(chain.type_index)}) gains "
                    f"at most {chain.gain:.3g} by imitating another, by neighbours and "
                    f"monotonicity; the step from type {chain.worst_step} "
                    f"({types.label(chain.worst_step)}) to the next adds most"
                )
            return Check(requirement, chain.gain, chain.scaled, tolerance, where)
    noise = mechanism.rounding_by_report(i) if few else None
    best = best_imitation(types, quantity, payment, own_stakes(environment, i), noise)
    where = "no type gains by imitating another, of all pairs"
    if best.scaled > 0.0 or np.isnan(best.scaled):
        around: list[float] = types.mean[max(best.type_index - 1, 0) : best.type_index + 2].tolist()
        where = (
            f"{agent.name} type {best.type_index} ({told_apart(best.at, *around)}) gains "
            f"{best.gain:.3g} by imitating type {best.imitated} ({types.label(best.imitated)}), "
            "the most of all pairs beside what the type has at stake"
        )
    return Check(requirement, best.gain, best.scaled, tolerance, where)
