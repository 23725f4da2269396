"""The direct solver: welfare and revenue where agents give, receive or own shares, with proof."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from mechopt._util.arrays import (
    FloatArray,
    rounding_of_sums,
    sealed,
    sum_of_sizes,
    sums_before,
    sums_from,
)
from mechopt._util.threads import one_thread
from mechopt.backends.base import Acceptance, Backend
from mechopt.backends.owners import OwnerRules, are_owners, owner_rules
from mechopt.backends.root import (
    OutOfTimeError,
    RootOfSlack,
    VirtualRules,
    root_of_slack,
)
from mechopt.backends.rule_point import RulePoint
from mechopt.backends.settings import SOLVER_TOLERANCE, Settings, settings_of
from mechopt.backends.slack_sign import sign_of_slack
from mechopt.backends.unproved import proved
from mechopt.environments import NoPayoff, Outcomes
from mechopt.mechanism.allocation import Allocation, EfficientRule
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.budget import Budget
from mechopt.problem.objectives import Shares, Welfare
from mechopt.problem.problem import DesignProblem
from mechopt.program.lagrangian import dual_bound
from mechopt.solution import Limit, PointStatus, Solution, Statistics, Termination
from mechopt.types.prior import MAX_PROFILES

# The mixture's value is within this of its bound, relative to the width of the types.
ROOT_TOLERANCE = 1e-13
FEW_TYPES = 20_000
USE_OTHERS = ". Use highs, cvxpy or pyomo"


class Optimum(NamedTuple):
    """An optimum without proof: the objective in money, alpha, and a mechanism."""

    objective: float
    alpha: float
    mechanism: Mechanism


class Direct(Backend):
    """Find the best rule p_a by a root of the participation slack, without a solver.

    Revenue is the end where welfare weighs nothing: its rule leaves money, so that there is no root
    to be found (Myerson 1981). Owners of shares of equal units have a level each besides (theory.md
    6.3).

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> problem = ex_ante_efficiency(BilateralTrade(types, types))
    >>> solution = Direct().solve(problem)
    >>> round(solution.objective, 9), round(solution.alpha, 9)
    (0.925925926, 0.25)
    """

    name = "direct"
    packages = ("numpy", "scipy")
    takes_options = False

    def accepts(self, problem: DesignProblem) -> Acceptance:
        """Return whether virtual valuations solve this problem, and why not if they do not."""
        outcomes = problem.environment.outcomes
        shares = _shares(problem)
        most, designer = (0.0, 0.0) if shares is None else (max(shares.agents), shares.designer)
        reasons = [
            (problem.deterministic, "its optima may be lotteries"),
            (
                not outcomes.has_fixed_signs,
                f"each agent must either give or receive, and {_ambiguous(outcomes)} may do both",
            ),
            (not _may_be_nothing(outcomes), "it needs outcomes in which nothing may happen"),
            (
                outcomes.needs_profiles and not problem.environment.has_few_profiles(MAX_PROFILES),
                "there are too many type profiles for outcomes that must be chosen one by one",
            ),
            (
                shares is None,
                "it takes welfare, revenue, payoffs and mixtures with weights of at least 0, only",
            ),
            (
                not all(
                    problem.has_incentives(i) and problem.has_participation(i)
                    for i in range(len(problem.environment.agents))
                ),
                "it needs interim incentives and interim participation",
            ),
            (
                not problem.is_interim,
                "it takes independent types and what concerns interim payments only",
            ),
            (
                problem.budget is Budget.SUBSIDISED and designer < most,
                "it needs a budget requirement, unless money weighs at least as much as any agent",
            ),
            (
                any(not isinstance(a.outside_option, NoPayoff) for a in problem.environment.agents)
                and not are_owners(problem.environment),
                "it takes agents whose outside option is worth nothing, or a share of equal units",
            ),
        ]
        for applies, reason in reasons:
            if applies:
                return Acceptance(False, f"{reason}{USE_OTHERS}")
        return Acceptance(True)

    def build(self, problem: DesignProblem) -> VirtualRules:
        """Return the family of rules p_a, to be evaluated at any alpha.

        Types are measured from ``problem.environment.origin``.

        Examples
        --------
        >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
        >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
        >>> rules = Direct().build(ex_ante_efficiency(BilateralTrade(types, types)))
        >>> round(rules.at(0.0).slack, 6)  # money that ex post efficiency lacks
        -0.138889
        """
        shares = _shares(problem)
        assert shares is not None
        # A balanced budget leaves the designer nothing.
        designer = 0.0 if problem.budget is Budget.BALANCED else shares.designer
        if are_owners(problem.environment):
            return owner_rules(problem, shares.agents, designer)
        return VirtualRules(problem.centred.environment, shares.agents, designer)

    def solve(
        self,
        problem: DesignProblem,
        *,
        tolerance: float = SOLVER_TOLERANCE,
        time_limit: float | None = None,
        threads: int | None = None,
        **options: Any,
    ) -> Solution:
        """Solve a problem exactly up to rounding; ``tolerance`` is met with a wide margin.

        It runs on one thread, which any number of them allows, and looks at the clock before it
        evaluates a rule.

        Raises
        ------
        InvalidInputError
            For any option: there are none.
        UnsupportedProblemError
            If the problem is not of the kind that this solver takes.
        """
        settings = settings_of(tolerance, time_limit, threads, options)
        self.require(problem)
        self.require_options(problem, options)
        with one_thread(max(problem.environment.shape)):
            return self._solved(problem, min(tolerance, ROOT_TOLERANCE), settings)

    def _solved(self, problem: DesignProblem, tolerance: float, settings: Settings) -> Solution:
        start = time.perf_counter()
        if problem.prescribes_allocation:
            return self._with_prescribed_allocation(problem, start)
        rules = self.build(problem)
        if problem.budget is Budget.SUBSIDISED:
            root = _alone(rules.at(0.0))
        else:
            try:
                root = root_of_slack(rules, tolerance, settings)
            except OutOfTimeError:
                return self._out_of_time(problem, start)
        paid = _pay(problem, rules, root)
        best = root.best_dual
        duals = _multipliers(problem, rules, best, total=rules.largest + best.multiplier)
        # What the audit computes, too; for very many types the search knows it already.
        few = max(problem.environment.shape) <= FEW_TYPES or isinstance(rules, OwnerRules)
        bound = dual_bound(problem, duals) if few else _rounded_up(rules, best, root.bound)
        return self._reported(problem, paid, duals, bound, root, start)

    def optimum(self, problem: DesignProblem, *, near: float = 0.0) -> Optimum:
        """Return the optimum of a problem, its alpha and a mechanism, without bound or proof.

        Parameters
        ----------
        problem
            One that this solver accepts, whose allocation is free.
        near
            The alpha of a problem much like it, which saves most of the search; 0 if none is known.

        Examples
        --------
        >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
        >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
        >>> problem = ex_ante_efficiency(BilateralTrade(types, types))
        >>> tuple(round(number, 9) for number in Direct().optimum(problem, near=0.3)[:2])
        (0.925925926, 0.25)
        """
        with one_thread(max(problem.environment.shape)):
            rules = self.build(problem)
            if problem.budget is Budget.SUBSIDISED:
                root = _alone(rules.at(0.0))
            else:
                root = root_of_slack(rules, ROOT_TOLERANCE, near=near)
            paid = _pay(problem, rules, root)
            return Optimum(paid.objective, root.best_dual.alpha, paid.mechanism)

    def efficient_slack(self, problem: DesignProblem) -> float:
        """Return the money that ex post efficiency leaves over; below zero, what it lacks.

        Parameters
        ----------
        problem
            One of this solver's; only its environment matters.

        Examples
        --------
        >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
        >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
        >>> round(Direct().efficient_slack(ex_ante_efficiency(BilateralTrade(types, types))), 6)
        -0.138889
        """
        environment = problem.environment
        point = self.build(problem).efficient(environment.efficient, environment.efficient_cost)
        return point.slack

    def _with_prescribed_allocation(self, problem: DesignProblem, start: float) -> Solution:
        """Pay for the ex post efficient allocation, or prove that it cannot be paid for.

        Its slack is known once its interim quantities are: the largest payments that incentives and
        participation allow (theory.md, section 3.3).
        """
        rules = self.build(problem)
        environment = problem.environment
        point = rules.efficient(environment.efficient, environment.efficient_cost)
        nobody = (0.0,) * len(rules.weights)
        root = _alone(point)
        free = problem.budget is Budget.SUBSIDISED
        if free or sign_of_slack(environment, point.slack) >= 0:
            duals = _multipliers(problem, rules, point, total=rules.largest)
            paid = _pay(problem, rules, root)
        else:
            duals = _multipliers(problem, rules, point, total=1.0, weights=nobody)
            return self._reported(problem, None, duals, np.nan, root, start)
        return self._reported(problem, paid, duals, dual_bound(problem, duals), root, start)

    def _out_of_time(self, problem: DesignProblem, start: float) -> Solution:
        seconds = time.perf_counter() - start
        return Solution(
            problem=problem,
            objective=np.nan,
            bound=np.nan,
            termination=Termination.LIMIT,
            limit=Limit.TIME,
            detail="the time limit passed between two rules",
            primal_status=PointStatus.NONE,
            dual_status=PointStatus.NONE,
            mechanism=None,
            duals={},
            alpha=None,
            statistics=Statistics(seconds, seconds, None, 2 * sum(problem.environment.shape)),
            provenance=self.provenance(),
        )

    def _reported(
        self,
        problem: DesignProblem,
        paid: _Paid | None,
        duals: dict[str, FloatArray],
        bound: float,
        root: RootOfSlack,
        start: float,
    ) -> Solution:
        solved = paid is not None
        finds_rule = solved and not problem.prescribes_allocation
        finds_rule = finds_rule and isinstance(problem.objective, Welfare)
        finds_rule = finds_rule and problem.environment.has_virtual_valuations
        seconds = time.perf_counter() - start
        solution = Solution(
            problem=problem,
            objective=np.nan if paid is None else paid.objective,
            bound=bound,
            termination=Termination.OPTIMAL if solved else Termination.INFEASIBLE,
            primal_status=PointStatus.FEASIBLE if solved else PointStatus.NONE,
            dual_status=PointStatus.FEASIBLE if solved else PointStatus.CERTIFICATE,
            mechanism=None if paid is None else paid.mechanism,
            duals=duals,
            alpha=root.best_dual.alpha if finds_rule else None,
            statistics=Statistics(
                seconds, seconds, root.evaluations, 2 * sum(problem.environment.shape)
            ),
            provenance=self.provenance(),
        )
        return proved(solution, residuals=False)


def _shares(problem: DesignProblem) -> Shares | None:
    """Return the weights of utilities and profit that are maximised; None if any is negative."""
    own = problem.objective.shares_in(problem.environment)
    if own is None:
        return None
    sign = problem.objective.sign
    # Adding zero makes minus zero plain zero.
    agents, designer = tuple(sign * w + 0.0 for w in own.agents), sign * own.designer + 0.0
    return Shares(agents, designer) if min(*agents, designer) >= 0.0 else None


def _alone(point: RulePoint) -> RootOfSlack:
    """Return one rule as the optimum, where no root is needed."""
    return RootOfSlack((point,), (1.0,), point.bound, 1)


def _ambiguous(outcomes: Outcomes) -> str:
    """Return the names of roles that may give or receive."""
    return ", ".join(role.name for role in outcomes.roles if not role.has_fixed_sign)


def _may_be_nothing(outcomes: Outcomes) -> bool:
    """Return whether the outcome with all variables zero is feasible."""
    in_bounds = bool((outcomes.lower <= 0.0).all() and (outcomes.upper >= 0.0).all())
    return in_bounds and all(row.upper >= 0.0 for row in outcomes.rows)


@dataclass(frozen=True, eq=False)
class _Paid:
    """A mechanism, and its objective by the quantities that the search already knows."""

    mechanism: Mechanism
    objective: float


def _pay(problem: DesignProblem, rules: VirtualRules, root: RootOfSlack) -> _Paid:
    """Return the rule with payments; the slack goes to the largest weight, the designer's first."""
    environment, centred = problem.environment, problem.centred
    kept = [i for i, weight in enumerate(root.weights) if weight > 0]
    allocation: Allocation = EfficientRule()
    if not problem.prescribes_allocation:
        points = tuple(root.points[i] for i in kept)
        allocation = rules.allocation(points, tuple(root.weights[i] for i in kept))
    quantity = []
    for agent in range(len(environment.agents)):
        mixture = root.weights[kept[0]] * root.points[kept[0]].quantity[agent]
        for i in kept[1:]:
            mixture += root.weights[i] * root.points[i].quantity[agent]
        mixture += 0.0  # never minus zero
        quantity.append(mixture)
    spaces = [agent.types for agent in centred.environment.agents]
    payments = rules.payments(tuple(quantity))
    cost = sum(root.weights[i] * root.points[i].cost for i in kept)
    if rules.designer < max(rules.weights):
        # A slack below zero is rounding of the budget. Nobody's participation pays for it.
        paid = sum(t.expectation(payment) for t, payment in zip(spaces, payments, strict=True))
        slack = max(paid - cost, 0.0)
        # Ties go to the first agent: to the seller, as in Lemma 4.
        receiver = rules.weights.index(max(rules.weights))
        payments[receiver] -= slack
    objective = centred.value_of(quantity, payments, cost)
    if centred is not problem:
        payments = [t + environment.origin * q for t, q in zip(payments, quantity, strict=True)]
    mechanism = Mechanism(environment, allocation, tuple(sealed(payment) for payment in payments))
    return _Paid(mechanism, objective)


def _rounded_up(rules: VirtualRules, point: RulePoint, bound: float) -> float:
    """Return a bound with what rounding may have taken from it given back."""
    size = sum(
        sum_of_sizes(mass, values, quantity)
        for mass, values, quantity in zip(
            rules.environment.masses, point.values, point.quantity, strict=True
        )
    )
    size += abs(point.cost)
    sums = 16.0 * np.finfo(np.float64).eps + 2.0 * rounding_of_sums(max(rules.environment.shape))
    return bound + (rules.largest + point.multiplier) * sums * size


def _multipliers(
    problem: DesignProblem,
    rules: VirtualRules,
    point: RulePoint,
    *,
    total: float,
    weights: tuple[float, ...] | None = None,
) -> dict[str, FloatArray]:
    """Return the multipliers behind the bound, named and signed as those of every backend.

    ``total`` is what money weighs in all, and ``weights`` are those of the agents' payments in the
    objective (the welfare weights unless given, and then the designer's weighs them too).
    """
    shares = _shares(problem)
    designer = shares.designer if shares is not None and weights is None else 0.0
    weights = rules.weights if weights is None else weights
    budget = {}
    if problem.budget is not Budget.SUBSIDISED:
        budget["budget"] = sealed(np.array([total - designer]))
    if isinstance(rules, OwnerRules):
        prescribed = problem.prescribes_allocation
        return budget | rules.multipliers(
            point, total=total, weights=weights, prescribed=prescribed
        )
    raw = rules.virtual_values(point.alpha)
    ironed = [
        not problem.prescribes_allocation and bool((values[1:] < values[:-1]).any())
        for values in raw
    ]
    duals = {}
    # Zeros by their number, shared.
    none: dict[int, FloatArray] = {}
    roles = problem.environment.outcomes.roles
    for i, agent in enumerate(problem.environment.agents):
        types, mass = agent.types, agent.types.mass
        share = total - weights[i]
        participation = np.zeros(types.num_cells)
        gives = roles[i].gives
        worst = types.num_cells - 1 if gives else 0
        participation[worst] = share
        # Who gives imitates upwards, who receives downwards; what passes a step lies beyond it.
        passed = share * (sums_before if gives else sums_from)(mass)[1:-1]
        end = "upper" if gives and types.upper[worst] > types.lower[worst] else "lower"
        other = "lower" if end == "upper" else "upper"
        nothing = none.setdefault(types.num_cells - 1, np.zeros(types.num_cells - 1))
        duals[f"{agent.name}_ic_up"] = passed if gives else nothing
        duals[f"{agent.name}_ic_down"] = nothing if gives else passed
        duals[f"{agent.name}_participation_{end}"] = participation
        duals[f"{agent.name}_participation_{other}"] = none.setdefault(
            types.num_cells, np.zeros(types.num_cells)
        )
        duals[f"{agent.name}_monotonicity"] = nothing
        if ironed[i]:
            ironing = np.cumsum(mass * (raw[i] - point.values[i]))[:-1]
            # Where ironed values rise, a run of ironed types ends, and nothing is left over.
            ironing[np.diff(point.values[i]) > 0.0] = 0.0
            duals[f"{agent.name}_monotonicity"] = total * np.maximum(ironing, 0.0)
    return budget | {name: sealed(values) for name, values in duals.items()}
