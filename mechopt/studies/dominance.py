"""Whether all types would prefer another mechanism: interim dominance under any joint prior."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, IndexArray, frozen
from mechopt._util.given import real_array
from mechopt._util.rounding import in_figures
from mechopt.environments import Agent, Environment
from mechopt.errors import InvalidInputError, NotOptimalError
from mechopt.problem.joint_problem import InterimPayoffs, JointMechanism, JointProblem
from mechopt.types import TypeSpace
from mechopt.types.checks import MASS_TOLERANCE
from mechopt.verify.audit import AuditReport
from mechopt.verify.joint import audit_joint, joint_bound

if TYPE_CHECKING:
    import xarray

DEFAULT_TOLERANCE = 1e-6
# Types may fall short of the status quo by this share of what is at stake in the program, so that
# rounding in a status quo that is itself feasible does not make the program infeasible.
ROUNDING = 1e-9
# If types of this probability know whom they meet, a note says so.
MOSTLY = 0.5


class Verdict(StrEnum):
    """What is known of a status quo."""

    EFFICIENT = "efficient"
    DOMINATED = "dominated"
    UNDECIDED = "undecided"


@dataclass(frozen=True, eq=False)
class Dominance:
    """The answer to whether a status quo is dominated.

    Parameters
    ----------
    problem
        Types, joint prior and status quo, without types of probability zero.
    verdict
        ``"efficient"``: it is proved that no mechanism leaves every type at least as well off and
        brings more than the tolerance. ``"dominated"``: ``mechanism`` does, and passes its audit.
        ``"undecided"``: the bound and the mechanism found are too far apart to say.
    gain
        Expected sum of gains of ``mechanism`` over the status quo, in money; 0 without one.
    bound
        No mechanism brings more (proved from the multipliers); minus infinity where it is proved
        that no mechanism leaves every type at least as well off.
    tolerance
        Gains up to this are taken for rounding, in money.
    mechanism
        The mechanism with the largest expected gains, or None.
    audit
        All requirements of that mechanism, checked without the solver; None without one.
    kept
        Positions of the types that have a positive probability, one array per agent.
    notes
        What was dropped or assumed, and whether types know each other.
    """

    problem: JointProblem
    verdict: Verdict
    gain: float
    bound: float
    tolerance: float
    mechanism: JointMechanism | None
    audit: AuditReport | None
    kept: tuple[IndexArray, IndexArray]
    notes: tuple[str, ...] = ()

    @property
    def efficient(self) -> bool:
        """Whether it is proved that the status quo is not dominated."""
        return self.verdict is Verdict.EFFICIENT

    @property
    def dominated(self) -> bool:
        """Whether every type is at least as well off, and some better, with ``mechanism``."""
        return self.verdict is Verdict.DOMINATED

    @property
    def gains(self) -> tuple[FloatArray, ...]:
        """Every kept type's gain, in money, one array per agent; zeros without a mechanism."""
        if self.mechanism is None:
            return tuple(np.zeros(size) for size in self.problem.environment.shape)
        return self.problem.gains(self.mechanism)

    def dataset(self) -> xarray.Dataset:
        """Return the mechanism, labelled by the kept types.

        Raises
        ------
        InvalidInputError
            If there is no mechanism.
        """
        if self.mechanism is None:
            raise InvalidInputError(
                "no mechanism to show",
                where="dataset",
                expected="a mechanism that leaves no type worse off",
                got=str(self),
                remedy="Look at the verdict first.",
            )
        return self.problem.dataset(self.mechanism)

    def __str__(self) -> str:
        unit = self.problem.unit
        if self.bound == -np.inf:
            return "not dominated: every other mechanism leaves some type worse off"
        if self.verdict is Verdict.EFFICIENT:
            bound = in_figures(max(self.bound, 0.0), ".3g", unit)
            return f"not dominated: no mechanism brings more than {bound}"
        if self.verdict is Verdict.DOMINATED:
            gain, bound = in_figures(self.gain), in_figures(self.bound)
            limit = f"{self.problem.limit:.6g}"
            return (
                f"dominated: another mechanism brings {gain} (at most {bound}, with payments up to "
                f"{limit} in a profile)"
            )
        gain, bound = (in_figures(value, ".3g", unit) for value in (self.gain, self.bound))
        return f"undecided: at least {gain}, at most {bound}"


def find_dominating(
    environment: Environment,
    prior: npt.ArrayLike,
    status_quo: InterimPayoffs,
    *,
    discount: tuple[float, float] = (1.0, 1.0),
    ex_post_participation: bool = False,
    payment_limit: float | None = None,
    tolerance: float = DEFAULT_TOLERANCE,
) -> Dominance:
    """Find the mechanism that all types prefer to a status quo and that brings most in all.

    The expected sum of interim gains is maximised over all mechanisms that are incentive compatible
    under the joint prior, balance in every profile, and leave every type with at least its status
    quo. A type whose status quo is below its outside option is committed to it.

    Parameters
    ----------
    environment
        Two agents; only the types and the outcomes are used, not the masses.
    prior : array of shape (n_0, n_1)
        Probability of every profile. Types of probability zero are dropped, and a note says so.
    status_quo
        What each type gets otherwise; entries of types of probability zero are ignored.
    discount, ex_post_participation, payment_limit
        As in :class:`mechopt.JointProblem`.
    tolerance
        Gains up to this share of what is at stake count as rounding.

    Raises
    ------
    InvalidInputError
        For a prior that is none, and environments with a cost or other than two agents.
    NotOptimalError
        If the solver stops without an answer.

    Notes
    -----
    Source: theory.md, section 3.8; Cramton (1985), Lemma 5; Holmström and Myerson (1983),
    doi:10.2307/1912117.

    Examples
    --------
    Two pairs with gains are left without trade, and know it:

    >>> from mechopt import BilateralTrade, InterimPayoffs, TypeSpace
    >>> trade = BilateralTrade(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3]))
    >>> answer = find_dominating(trade, [[0.5, 0], [0, 0.5]], InterimPayoffs.nothing(trade))
    >>> answer.dominated, round(answer.gain, 6), round(answer.bound, 6)
    (True, 1.0, 1.0)
    """
    from mechopt.backends.joint import solve_joint

    kept, problem, notes = _without_impossible_types(
        environment,
        _probabilities(environment, prior),
        status_quo,
        (discount, ex_post_participation, payment_limit),
    )
    rounding = tolerance * problem.unit
    answer = solve_joint(problem, relaxation=ROUNDING)
    if answer.mechanism is None:
        least = solve_joint(problem, least_gain=True)
        bound = joint_bound(problem, least.duals, least_gain=True)
        if not bound < 0.0:
            raise NotOptimalError(
                f"HiGHS stopped without an answer ({answer.termination}); try another unit of "
                "money or fewer types.",
                answer,
            )
        notes.append(
            f"every mechanism leaves some type worse off than its status quo, by {-bound:.3g} at "
            "least (proved)"
        )
        return Dominance(
            problem, Verdict.EFFICIENT, 0.0, -np.inf, rounding, None, None, kept, tuple(notes)
        )
    bound = joint_bound(problem, answer.duals)
    if bound <= rounding:
        verdict, mechanism = Verdict.EFFICIENT, answer.mechanism
    else:
        mechanism = _with_small_payments(problem, answer.mechanism)
        verdict = Verdict.DOMINATED
    gain = problem.expected_gain(mechanism)
    report = audit_joint(problem, mechanism, expected_gain=gain)
    if verdict is Verdict.DOMINATED and not (report.passed and gain > rounding):
        verdict = Verdict.UNDECIDED
    return Dominance(problem, verdict, gain, bound, rounding, mechanism, report, kept, tuple(notes))


def _with_small_payments(problem: JointProblem, best: JointMechanism) -> JointMechanism:
    """Return a mechanism with the same gains and payments as small as possible, if one is found.

    Among the many payments that are optimal, a vertex of the program may have pointless bets.
    """
    from mechopt.backends.joint import solve_joint

    enough = problem.expected_gain(best) - 2.0 * ROUNDING * problem.unit
    answer = solve_joint(problem, relaxation=ROUNDING, enough=enough)
    return answer.mechanism or best


def _probabilities(environment: Environment, prior: npt.ArrayLike) -> FloatArray:
    joint = frozen(real_array(prior, "prior"))
    usable = joint.shape == environment.shape and bool((joint >= 0).all())
    if not usable or abs(joint.sum() - 1.0) > MASS_TOLERANCE:
        raise InvalidInputError(
            "not a joint prior of these types",
            where="prior",
            expected=f"probabilities that sum to 1 in an array of shape {environment.shape}",
            got=f"shape {joint.shape}, sum {joint.sum():.12g}",
            remedy="Give one probability per pair of types.",
        )
    return joint


def _without_impossible_types(
    environment: Environment,
    prior: FloatArray,
    status_quo: InterimPayoffs,
    options: tuple[tuple[float, float], bool, float | None],
) -> tuple[tuple[IndexArray, IndexArray], JointProblem, list[str]]:
    """Return the problem of the types that have a positive probability, and what was dropped."""
    agents, kept, notes = [], [], []
    for i, agent in enumerate(environment.agents):
        mass, types = prior.sum(axis=1 - i), agent.types
        cells = np.flatnonzero(mass > 0)
        kept.append(cells)
        dropped = mass.size - cells.size
        if dropped:
            notes.append(
                f"{dropped} of {mass.size} types of {agent.name} have probability zero and were "
                "dropped"
            )
        space = TypeSpace(mass[cells], types.mean[cells], types.lower[cells], types.upper[cells])
        agents.append(Agent(agent.name, space, agent.outside_option))
    impossible = int((prior[np.ix_(*kept)] == 0).sum())
    if impossible:
        notes.append(
            f"{impossible} pairs of the remaining types have probability zero; the mechanism says "
            "what happens in them, because imitations lead there"
        )
    discount, ex_post_participation, payment_limit = options
    problem = JointProblem(
        Environment(tuple(agents), environment.outcomes),
        prior[np.ix_(*kept)],
        status_quo.of_types(kept),
        discount,
        ex_post_participation,
        payment_limit,
    )
    notes.extend(_certainty(problem))
    notes.append(f"payments in no profile exceed {problem.limit:.6g}")
    return (kept[0], kept[1]), problem, notes


def _certainty(problem: JointProblem) -> list[str]:
    """Return which agents' types know the other's, if most do: then there is little to reveal."""
    shares = {}
    for i, agent in enumerate(problem.environment.agents):
        joint = problem.oriented(i, problem.prior)
        # One type of the other side is no news.
        if joint.shape[1] > 1:
            knows = (joint > 0).sum(axis=1) == 1
            shares[agent.name] = float(joint[knows].sum())
    if len(shares) == 2 and all((problem.prior > 0).sum(axis=i).max() == 1 for i in range(2)):
        return [
            "each type meets one type of the other side only, so that both know each other's: all "
            "gains are within reach whatever they are; with rows, cut the columns into cells"
        ]
    return [
        f"types of {name} with probability {share:.3g} meet one type of the other side only, and "
        "know it; with rows, cut the columns into cells"
        for name, share in shares.items()
        if share > MOSTLY
    ]
