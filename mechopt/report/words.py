"""The words and figures of reports: a mechanism that is not proved optimal, money, shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mechopt._util.rounding import in_figures, told_apart
from mechopt._util.text import in_words, one_line, runs_of
from mechopt.mechanism.check import AuditReport
from mechopt.problem.budget import Budget
from mechopt.problem.objectives import Revenue
from mechopt.problem.problem import DesignProblem
from mechopt.solution import PointStatus, Solution
from mechopt.verify.audit import NO_ANSWER

if TYPE_CHECKING:
    from mechopt.exact import ExactSolution

UNANSWERED = "no mechanism to audit"
# Smaller multipliers, relative to the largest, are rounding.
SHARE_OF_LARGEST = 1e-9


def counted_in_words(problem: DesignProblem) -> str:
    """Return what welfare counts where a designer has a profit that it does not; else nothing.

    A designer may have one where the budget need not balance, or outcomes bring it something.

    Examples
    --------
    >>> from mechopt import Auction, TypeSpace, Welfare
    >>> auction = Auction(TypeSpace.finite([0, 1]), count=2)
    >>> counted_in_words(DesignProblem(auction, Welfare((1, 2)), budget="no-deficit"))
    "the objective counts utilities (bidder 1: 1, bidder 2: 2) and gives the designer's profit ..."
    >>> counted_in_words(DesignProblem(auction, Welfare((1, 2))))
    ''
    """
    environment = problem.environment
    shares = problem.objective.expectation_of.shares_in(environment)
    stake = problem.budget is not Budget.BALANCED or bool((environment.outcomes.cost < 0.0).any())
    if shares is None or shares.designer or not any(shares.agents) or not stake:
        return ""
    weights = zip(environment.agents, shares.agents, strict=True)
    named = runs_of({agent.name: f"{weight:g}" for agent, weight in weights})
    counted = ", ".join(f"{names}: {weight}" for names, weight in named)
    return f"the objective counts utilities ({counted}) and gives the designer's profit no weight"


def objective_in_words(problem: DesignProblem) -> str:
    """Return what the objective is, and that revenue is what is left of it where outcomes cost.

    Examples
    --------
    >>> from mechopt import Auction, Revenue, TypeSpace
    >>> auction = Auction(TypeSpace.finite([1, 2]), count=2, seller_value=1)
    >>> objective_in_words(DesignProblem(auction, Revenue(), budget="no-deficit"))
    'revenue, less the cost of outcomes'
    """
    words = problem.objective.in_words
    costs = isinstance(problem.objective, Revenue) and problem.environment.outcomes.cost.any()
    return f"{words}, less the cost of outcomes" if costs else words


def standing(solution: Solution) -> str:
    """Return, in words, what a mechanism is that is not proved optimal.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, solve
    >>> from mechopt.solution import Termination
    >>> types = TypeSpace.finite([0, 1])
    >>> found = solve(ex_ante_efficiency(BilateralTrade(types, types)))
    >>> standing(replace(found, objective=0.2, termination=Termination.LIMIT))
    'a mechanism: value 0.2, bound 0.25, gap 0.05; not claimed optimal'
    """
    scale = solution.problem.environment.first_best
    value = f"a mechanism: value {in_figures(solution.objective, scale=scale)}"
    if not np.isfinite(solution.bound):
        return f"{value}, no bound proved; not claimed optimal"
    bound, gap = solution.bound, in_figures(solution.gap, ".3g", scale)
    proved = f"bound {in_figures(bound, scale=scale)}, gap {gap}"
    return f"{value}, {proved}; not claimed optimal"


def limit_in_words(solution: Solution) -> str:
    """Return why a solver stopped without an optimum or a proof, with its own words.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, solve
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> problem = ex_ante_efficiency(BilateralTrade(types, types))
    >>> limit_in_words(solve(problem, "highs", simplex_iteration_limit=1, throw=False))
    'iterations (highs: Iteration limit reached)'
    """
    reason = "" if solution.limit is None else solution.limit.value.replace("-", " ")
    words = one_line(solution.detail)
    return f"{reason} ({solution.provenance.backend}: {words})" if words else reason


def in_money(value: float, scale: float = 0.0) -> str:
    """Return a number of money in six figures; rounding of terms of size ``scale`` is zero.

    Examples
    --------
    >>> in_money(0.140625), in_money(-1e-17, 1.0)
    ('0.140625', '0')
    """
    return in_figures(value, scale=scale)


def in_percent(share: float | None, of: str) -> str:
    """Return a share with what it is a share of, and nothing where there is no share.

    Examples
    --------
    >>> in_percent(0.84375, "of first best"), in_percent(None, "of first best")
    ('84.38 % of first best', '')
    """
    return "" if share is None else f"{in_figures(100 * share, '.2f')} % {of}".rstrip()


def share_of(part: float | None, whole: float) -> float | None:
    """Return the part as a share of the whole, or None where either is missing.

    Examples
    --------
    >>> share_of(1.0, 4.0), share_of(1.0, 0.0)
    (0.25, None)
    """
    return None if part is None or whole <= 0 else part / whole


def verdict_in_words(solution: Solution, audit: AuditReport) -> str:
    """Return whether the audit passed, or that the solver's end left nothing to audit.

    Examples
    --------
    >>> from mechopt import BilateralTrade, DesignProblem, Revenue, TypeSpace, audit, solve
    >>> trade = BilateralTrade(TypeSpace.finite([0, 1]), TypeSpace.finite([0, 1]))
    >>> free = DesignProblem(trade, Revenue(), participation="none", budget="subsidised")
    >>> endless = solve(free, throw=False)
    >>> verdict_in_words(endless, audit(free, endless))
    'no mechanism to audit'
    """
    if audit.passed:
        return "audit passed"
    unanswered = solution.mechanism is None and solution.dual_status is not PointStatus.CERTIFICATE
    if unanswered and all(check.requirement == NO_ANSWER for check in audit.failed):
        return UNANSWERED
    return "audit FAILED"


def ray_in_words(exact: ExactSolution) -> str:
    """Return how payments can change again and again, each time for the better; empty if not so.

    Examples
    --------
    >>> from mechopt import BilateralTrade, DesignProblem, Revenue, TypeSpace
    >>> from mechopt.exact import exact_optimum
    >>> trade = BilateralTrade(TypeSpace.finite([0, 1]), TypeSpace.finite([0, 1]))
    >>> free = DesignProblem(trade, Revenue(), participation="none", budget="subsidised")
    >>> ray_in_words(exact_optimum(free))
    'seller_payment by 1'
    """
    said = []
    for name, values in exact.direction.items():
        changes = list(dict.fromkeys(values.ravel().tolist()))
        if any(changes):
            some = ", ".join(map(str, changes[:3])) + (", ..." if len(changes) > 3 else "")
            said.append(f"{name} by {some}")
    return "; ".join(said)


def contradiction_in_words(solution: Solution) -> str:
    """Return which constraints cannot all hold, by the multipliers that prove it; empty if none do.

    Multipliers need not be unique, so backends can name different constraints.

    Examples
    --------
    >>> from mechopt import BilateralTrade, EventProbability, TypeSpace, ex_ante_efficiency, solve
    >>> trade = BilateralTrade(TypeSpace.finite([2]), TypeSpace.finite([1]))
    >>> quota = EventProbability("trade", at_least="3/10")
    >>> problem = ex_ante_efficiency(trade, requirements=[quota])
    >>> contradiction_in_words(solve(problem, throw=False))
    'seller participation lower, buyer participation lower, budget, probability floor'
    """
    if solution.dual_status is not PointStatus.CERTIFICATE:
        return ""
    sizes = {name: float(np.abs(y).max(initial=0.0)) for name, y in solution.duals.items()}
    least = SHARE_OF_LARGEST * max(sizes.values(), default=0.0)
    return ", ".join(in_words(name) for name, size in sizes.items() if size > least)


def population_in_words(types: Any) -> str:
    """Return how many types there are, and where they lie.

    Examples
    --------
    >>> from mechopt import TypeSpace
    >>> population_in_words(TypeSpace.finite([1, 2]))
    '2 types, 1 to 2'
    """
    if not types.is_ordered:
        return f"{types.num_cells} types of {types.mean.shape[1]} values each"
    noun = "type" if types.is_finite else "cell"
    low, high = types.lowest, types.highest
    span = told_apart(low) if low == high else f"{told_apart(low, high)} to {told_apart(high, low)}"
    return f"{types.num_cells} {noun}{'' if types.num_cells == 1 else 's'}, {span}"
