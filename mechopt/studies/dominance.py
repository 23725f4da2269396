"""Whether all types would prefer another mechanism: interim dominance under any prior."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, IndexArray, frozen
from mechopt._util.given import real_array
from mechopt._util.rounding import in_figures
from mechopt.backends import explain, solve
from mechopt.backends.polish import objective_of
from mechopt.environments import Agent, Environment
from mechopt.errors import InvalidInputError, NotOptimalError
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.budget import Holds, PaymentLimit
from mechopt.problem.objectives import Welfare
from mechopt.problem.problem import DesignProblem, Participation
from mechopt.problem.requirement import Requirement
from mechopt.program.lagrangian import dual_bound
from mechopt.solution import Solution
from mechopt.studies.interim_payoffs import InterimPayoffs
from mechopt.studies.second_programs import least_gain_bound, with_small_payments
from mechopt.types import TypeSpace
from mechopt.types.checks import MASS_TOLERANCE
from mechopt.types.prior import Joint, own_first
from mechopt.types.type_table import TypeTable
from mechopt.verify.audit import AuditReport, audit

DOMINANCE_TOLERANCE = 1e-6
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
    solution
        Of the problem of :func:`dominance_problem`, without types of probability zero, and with
        floors lower by a billionth of what is at stake, for rounding. Its mechanism has the largest
        expected gains; None if every mechanism leaves some type worse off.
    status_quo
        What those types get otherwise.
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
    audit
        All that the solution says, checked without the solver; None without a mechanism.
    kept
        Positions of the types that have a positive probability, one array per agent.
    notes
        What was dropped or assumed, and whether types know each other.
    """

    solution: Solution
    status_quo: InterimPayoffs
    verdict: Verdict
    gain: float
    bound: float
    tolerance: float
    audit: AuditReport | None
    kept: tuple[IndexArray, ...]
    notes: tuple[str, ...] = ()

    @property
    def problem(self) -> DesignProblem:
        """The problem that was solved."""
        return self.solution.problem

    @property
    def mechanism(self) -> Mechanism | None:
        """The mechanism with the largest expected gains, or None."""
        return self.solution.mechanism

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
        pairs = zip(self.mechanism.utility, self.status_quo.mean, strict=True)
        return tuple(new - old for new, old in pairs)

    def __str__(self) -> str:
        unit = self.problem.objective_scale
        if self.bound == -np.inf:
            return "not dominated: every other mechanism leaves some type worse off"
        if self.verdict is Verdict.EFFICIENT:
            bound = in_figures(max(self.bound, 0.0), ".3g", unit)
            return f"not dominated: no mechanism brings more than {bound}"
        if self.verdict is Verdict.DOMINATED:
            gain, bound = in_figures(self.gain), in_figures(self.bound)
            limit = f", with payments up to {self.problem.payment_limit:.6g} in a profile"
            within = limit if self.problem.by_profile else ""
            return f"dominated: another mechanism brings {gain} (at most {bound}{within})"
        gain, bound = (in_figures(value, ".3g", unit) for value in (self.gain, self.bound))
        return f"undecided: at least {gain}, at most {bound}"


def dominance_problem(
    environment: Environment,
    status_quo: InterimPayoffs,
    *,
    ex_post_participation: bool = False,
    payment_limit: float | None = None,
    less: float = 0.0,
) -> DesignProblem:
    """Return the problem of the largest expected gains that leave no type below its status quo.

    It is an ordinary problem: welfare of equal weights, a balanced budget in every profile, and for
    every agent a :class:`~mechopt.problem.participation.UtilityFloor` instead of participation.

    Parameters
    ----------
    environment
        Agents, their prior and outcomes.
    status_quo
        What every type must get at least; a type whose status quo is below its outside option is
        committed to it.
    ex_post_participation
        Require that in every profile, after all types are known, no one does worse than staying
        out. This rules out bets on the others' types.
    payment_limit
        Largest payment in any profile, in money. With a joint prior mechanisms bet on the others'
        types, and a limit keeps bets finite: :attr:`DesignProblem.payment_limit` unless given.
    less
        Money by which every type may fall short of its status quo.

    Notes
    -----
    Source: theory.md, section 3.8; Holmström and Myerson (1983), Econometrica 51,
    1799-1820.

    Examples
    --------
    >>> from mechopt.studies import InterimPayoffs
    >>> from mechopt import BilateralTrade, TypeSpace, solve
    >>> trade = BilateralTrade(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3]))
    >>> problem = dominance_problem(trade, InterimPayoffs.nothing(trade))
    >>> round(solve(problem).objective, 6)
    1.25
    """
    requirements: tuple[Requirement, ...] = status_quo.floors(environment, less)
    if payment_limit is not None:
        requirements = (*requirements, PaymentLimit(payment_limit))
    return DesignProblem(
        environment,
        Welfare((1.0,) * len(environment.agents)),
        participation=Participation.EX_POST if ex_post_participation else Participation.NONE,
        budget_holds=Holds.EX_POST,
        requirements=requirements,
    )


def find_dominating(
    environment: Environment,
    status_quo: InterimPayoffs,
    *,
    prior: Joint | npt.ArrayLike | None = None,
    ex_post_participation: bool = False,
    payment_limit: float | None = None,
    tolerance: float = DOMINANCE_TOLERANCE,
) -> Dominance:
    """Find the mechanism that all types prefer to a status quo and that brings most in all.

    The expected sum of interim gains is maximised over all mechanisms that are incentive compatible
    under the prior, balance in every profile, and leave every type with at least its status quo:
    the problem of :func:`~mechopt.studies.dominance.dominance_problem`.

    Parameters
    ----------
    environment
        Any environment of finite types or cells.
    status_quo
        What each type gets otherwise; entries of types of probability zero are ignored.
    prior : Joint, or array over the profiles
        Probability of every profile, in place of the environment's own prior; of its types only
        values count then. Types of probability zero are dropped, and a note says so.
    ex_post_participation, payment_limit
        As of :func:`~mechopt.studies.dominance.dominance_problem`.
    tolerance
        Gains up to this share of what is at stake count as rounding.

    Returns
    -------
    Dominance
        The verdict, with a mechanism and its audit, and a bound that multipliers prove.

    Raises
    ------
    InvalidInputError
        For a prior that is none, a status quo that does not fit, and a limit that is none.
    NotOptimalError
        If the solver stops without an answer.

    Notes
    -----
    Source: theory.md, section 3.8; Cramton (1985), Lemma 5; Holmström and Myerson (1983),
    Econometrica 51, 1799-1820.

    Examples
    --------
    Two pairs with gains are left without trade, and know it:

    >>> from mechopt import BilateralTrade, TypeSpace
    >>> from mechopt.studies import InterimPayoffs
    >>> trade = BilateralTrade(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3]))
    >>> nothing = InterimPayoffs.nothing(trade)
    >>> answer = find_dominating(trade, nothing, prior=[[0.5, 0], [0, 0.5]])
    >>> answer.dominated, round(answer.gain, 6), round(answer.bound, 6)
    (True, 1.0, 1.0)
    """
    notes: list[str] = []
    kept: tuple[IndexArray, ...] = tuple(np.arange(size) for size in environment.shape)
    if prior is not None:
        environment, kept = _with_prior(environment, _probabilities(environment, prior), notes)
        status_quo = status_quo.of_types(kept)
    stated = dominance_problem(
        environment,
        status_quo,
        ex_post_participation=ex_post_participation,
        payment_limit=payment_limit,
    )
    if environment.prior is not None:
        notes.extend(_certainty(environment, environment.prior))
    if stated.by_profile:
        notes.append(f"payments in no profile exceed {stated.payment_limit:.6g}")
    unit, before = stated.objective_scale, status_quo.expected_sum(environment)
    problem = dominance_problem(
        environment,
        status_quo,
        ex_post_participation=ex_post_participation,
        payment_limit=payment_limit,
        less=ROUNDING * unit,
    )
    solution = solve(problem, throw=False)
    if solution.mechanism is None:
        least = least_gain_bound(stated)
        if not least < 0.0:
            raise NotOptimalError(explain(solution), solution)
        notes.append(
            f"every mechanism leaves some type worse off than its status quo, by {-least:.3g} at "
            "least (proved)"
        )
        return Dominance(
            solution, status_quo, Verdict.EFFICIENT, 0.0, -np.inf, tolerance * unit, None, kept,
            tuple(notes),
        )  # fmt: skip
    bound = dual_bound(stated, solution.duals) - before
    verdict = Verdict.EFFICIENT
    if bound > tolerance * unit:
        smaller = with_small_payments(solution, lost=2.0 * ROUNDING * unit)
        solution = replace(solution, mechanism=smaller, objective=objective_of(problem, smaller))
        verdict = Verdict.DOMINATED
    gain = solution.objective - before
    report = audit(problem, solution)
    if verdict is Verdict.DOMINATED and not (report.passed and gain > tolerance * unit):
        verdict = Verdict.UNDECIDED
    return Dominance(
        solution, status_quo, verdict, gain, bound, tolerance * unit, report, kept, tuple(notes)
    )


def _probabilities(environment: Environment, prior: Joint | npt.ArrayLike) -> FloatArray:
    given = prior.probabilities if isinstance(prior, Joint) else prior
    joint = frozen(real_array(given, "prior"))
    usable = joint.shape == environment.shape and bool((joint >= 0).all())
    if not usable or abs(joint.sum() - 1.0) > MASS_TOLERANCE:
        raise InvalidInputError(
            "not a joint prior of these types",
            where="prior",
            expected=f"probabilities that sum to 1 in an array of shape {environment.shape}",
            got=f"shape {joint.shape}, sum {joint.sum():.12g}",
            remedy="Give one probability per profile of types.",
        )
    return joint


def _with_prior(
    environment: Environment, prior: FloatArray, notes: list[str]
) -> tuple[Environment, tuple[IndexArray, ...]]:
    """Return the environment of the types that have a positive probability, and which they are."""
    agents, kept = [], []
    for i, agent in enumerate(environment.agents):
        mass, types = own_first(i, prior).sum(axis=1), agent.types
        cells = np.flatnonzero(mass > 0)
        kept.append(cells)
        dropped = mass.size - cells.size
        if dropped:
            notes.append(
                f"{dropped} of {mass.size} types of {agent.name} have probability zero and were "
                "dropped"
            )
        agents.append(Agent(agent.name, _some(types, cells, mass[cells]), agent.outside_option))
    left = prior[np.ix_(*kept)]
    impossible = int((left == 0).sum())
    if impossible:
        notes.append(
            f"{impossible} profiles of the remaining types have probability zero; the mechanism "
            "says what happens in them, because imitations lead there"
        )
    return Environment(tuple(agents), environment.outcomes, Joint(left)), tuple(kept)


def _some(types: TypeSpace, cells: IndexArray, mass: FloatArray) -> TypeSpace:
    """Return some types only, with other probabilities."""
    if isinstance(types, TypeTable):
        labels = None if types.labels is None else tuple(types.labels[k] for k in cells)
        return TypeTable(mass, types.mean[cells], labels=labels)
    return TypeSpace(mass, types.mean[cells], types.lower[cells], types.upper[cells])


def _certainty(environment: Environment, prior: Joint) -> list[str]:
    """Return which agents' types know the others', if most do: then there is little to reveal."""
    shares: dict[str, float] = {}
    every: list[bool] = []
    for i, agent in enumerate(environment.agents):
        joint = own_first(i, prior.probabilities)
        knows = (joint > 0).sum(axis=1) == 1
        every.append(bool(knows.all()))
        # One profile of the others is no news.
        if joint.shape[1] > 1:
            shares[agent.name] = float(joint[knows].sum())
    if len(shares) == len(every) and all(every):
        return [
            "each type meets one profile of the others' types only, so that all know each other's: "
            "all gains are within reach whatever they are; with rows, cut the columns into cells"
        ]
    return [
        f"types of {name} with probability {share:.3g} meet one profile of the others' types only, "
        "and know it; with rows, cut the columns into cells"
        for name, share in shares.items()
        if share > MOSTLY
    ]
