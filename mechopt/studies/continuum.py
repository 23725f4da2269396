"""A certified bracket of the continuum optimum, from cells of a continuous prior."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mechopt._util.threads import one_thread
from mechopt.backends.direct import USE_OTHERS, Direct
from mechopt.backends.owners import are_owners
from mechopt.errors import InvalidInputError, require
from mechopt.problem.objectives import Welfare
from mechopt.problem.problem import DesignProblem
from mechopt.solution import Solution
from mechopt.studies.continuum_bound import upper_bound
from mechopt.studies.recut import cut_into, with_cells
from mechopt.types.foreign import budget

if TYPE_CHECKING:
    from mechopt.studies.second_best import SecondBest

FIRST_CELLS = 128
MAX_CELLS = 1 << 20
FINE_CELLS = 1_024
# The same where a rule takes all profiles of two agents.
FINE_IF_SLOW = 512
USUAL_ORDER = 2.0
# Errors of cells fall no faster; a higher order is an accident of how cells meet the rule.
CREDIBLE_ORDER = 2.25
LOWEST_ORDER, HIGHEST_ORDER, ORDER_DIGITS = 0.01, 16.0, 1e-9
# Cells whose bracket is wider than this, relative to its upper end, miss where the gains are.
UNTELLING = 1e-2
PRESCRIBED = "the rule is efficient cell by cell; `mechopt check` answers for the continuum"
# How far an objective may lie above the bound, relative to the first best and to the largest type.
OBJECTIVE_ERROR = 1e-9
OVER_LAWS = (
    "the upper bound is that of the second best over the laws themselves, with its stated error: "
    "virtual valuations fall within cells"
)
ROUNDING = 64 * float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Continuum:
    """Bounds on the optimum of the continuum problem, and a guess between them.

    Parameters
    ----------
    lower
        What the mechanism over cells achieves in the continuum, in money.
    upper
        What no mechanism of the continuum exceeds, under the assumptions.
    estimate
        The second best over the laws themselves, for trade without delay; elsewhere Richardson's
        extrapolation from fewer cells, kept between the bounds: where it is the upper one,
        extrapolation leads there or beyond.
    order
        Measured order of convergence p, the error falling as 1/cells**p; NaN if not measured.
    assumptions
        What the upper bound takes for granted of the priors, one sentence each.
    error
        How far the estimate may be off, in money; NaN for an extrapolation.
    """

    lower: float
    upper: float
    estimate: float
    order: float
    assumptions: tuple[str, ...]
    error: float = math.nan

    @property
    def relative_width(self) -> float:
        """Width of the bracket relative to its upper end; infinite if that is not positive."""
        if self.upper <= self.lower:
            return 0.0
        return (self.upper - self.lower) / self.upper if self.upper > 0 else math.inf


def has_continuum(problem: DesignProblem) -> bool:
    """Return whether some prior is continuous and the optimum over it can be bracketed."""
    return problem.environment.has_continuum and not why_no_bracket(problem)


def why_no_bracket(problem: DesignProblem) -> str:
    """Return why the optimum over a continuum is not bracketed; empty where it is.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, minimum_subsidy
    >>> types = TypeSpace.finite([0, 1])
    >>> why_no_bracket(minimum_subsidy(BilateralTrade(types, types)))
    'the rule is efficient cell by cell; `mechopt check` answers for the continuum'
    """
    environment = problem.environment
    if problem.prescribes_allocation:
        return PRESCRIBED
    if environment.outcomes.needs_profiles and len(environment.agents) > 2:
        # The bound takes many cells, which outcomes chosen profile by profile do not allow.
        return "its bound takes more profiles than fit"
    if not (environment.has_virtual_valuations or are_owners(environment)):
        return "types have no virtual valuations: which type is worst off hangs on the mechanism"
    accepted = Direct().accepts(problem)
    if not accepted:
        reason = accepted.reason.removesuffix(USE_OTHERS)
        return f"no rule by virtual valuations solves this problem: {reason}"
    return ""


def bracket_continuum(solution: Solution, *, extrapolate: bool = True) -> Continuum:
    """Bracket the optimum of the continuum problem that the cells of a problem discretise.

    Parameters
    ----------
    solution
        Of a problem that the direct solver accepts, such as ex ante efficiency or the largest
        revenue, with cells of a continuous prior for at least one agent.
    extrapolate
        Whether to compute the estimate, and to solve with fewer cells for the order.

    Returns
    -------
    Continuum

    Raises
    ------
    InvalidInputError
        If no prior is continuous.

    Notes
    -----
    A mechanism over cells is one of the continuum, which gives the lower bound. For the upper one
    the virtual valuations within a cell are spread to two values that bound them, with their mean
    kept, which can only raise the dual bound, for it is convex in them (Edmundson and Madansky).
    Where :func:`mechopt.studies.second_best_of_continuum` exceeds that bound, what it takes for
    granted is not so, and the second best's own bound takes its place. Source: theory.md, section
    3.5.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, solve
    >>> types = TypeSpace.from_distribution(stats.uniform(0, 1), 1_000)
    >>> continuum = bracket_continuum(solve(ex_ante_efficiency(BilateralTrade(types, types))))
    >>> continuum.lower <= 9 / 64 <= continuum.upper, continuum.relative_width < 1e-4
    (True, True)
    """
    require(solution, Solution, where="solution", remedy="Pass what solve(problem) returned.")
    problem, objective, alpha = solution.problem, solution.objective, solution.alpha
    _require_continuum(problem, solved=solution.mechanism is not None)
    alpha = Direct().optimum(problem)[1] if alpha is None else alpha
    # Few cells hide where virtual valuations fall, so the bound has cells of its own.
    fine, at = problem, alpha
    outcomes = problem.environment.outcomes
    slow = outcomes.needs_profiles or outcomes.needs_halves
    cells = FINE_IF_SLOW if slow else FINE_CELLS
    if min(a.types.num_cells for a in problem.environment.agents if a.types.prior) < cells:
        fine = with_cells(problem, lambda size: max(size, cells))
        at = alpha if slow else Direct().optimum(fine)[1]
    with one_thread(max(fine.environment.shape)):
        upper, assumptions = upper_bound(fine, at)
    if upper < objective - _allowed(problem):
        raise InvalidInputError(
            "the objective exceeds the upper bound of the continuum",
            where="objective",
            expected=f"at most {upper:.12g}",
            got=f"{objective:.12g}",
            remedy="Audit the solution; its objective or alpha is not that of this problem.",
        )
    upper = max(upper, objective)  # They may meet up to rounding.
    found = Continuum(objective, upper, objective, math.nan, assumptions)
    if extrapolate:
        known = _over_laws(problem, alpha)
        found = _corrected(found, known)
        estimate, order = _extrapolated(problem, objective, alpha, known)
        error = math.nan if known is None else known.error
        estimate = min(max(estimate, objective), found.upper)
        found = replace(found, estimate=estimate, order=order, error=error)
    return found


def _require_continuum(problem: DesignProblem, *, solved: bool) -> None:
    """Raise InvalidInputError where there is no continuum, or none that can be bracketed."""
    if not problem.environment.has_continuum:
        raise InvalidInputError(
            "there is no continuum to bracket",
            where="problem",
            expected="a continuous prior for at least one agent",
            got="finite types",
            remedy="Give a distribution and cells (in Python TypeSpace.from_distribution).",
        )
    reason = why_no_bracket(problem)
    if reason:
        raise InvalidInputError(
            "no bracket of the continuum is available",
            where="problem",
            expected="an optimum by virtual valuations",
            got=reason,
            remedy="Solve with more cells, and see how the optimum moves.",
        )
    if not solved:
        raise InvalidInputError(
            "there is no optimum over cells to begin from",
            where="solution",
            expected="a solution with a mechanism",
            got="none",
            remedy="Ask for what some mechanism over the cells does.",
        )


def _corrected(bracket: Continuum, known: SecondBest | None) -> Continuum:
    """Return the bracket, with the second best's own bound where its upper end is proved wrong."""
    if known is None or known.lower <= bracket.upper:
        return bracket
    return replace(bracket, upper=known.upper, assumptions=(OVER_LAWS,))


def _over_laws(problem: DesignProblem, alpha: float) -> SecondBest | None:
    """Return the second best over the laws themselves, where that takes little time."""
    from mechopt.studies.second_best import has_second_best, second_best_of_continuum

    trade = problem.environment
    slow = any(a.types.prior is not None and a.types.prior.is_slow for a in trade.agents)
    if slow or not isinstance(problem.objective, Welfare) or not has_second_best(trade):
        return None
    return second_best_of_continuum(trade, problem.objective.weights, near=alpha)


def _allowed(problem: DesignProblem) -> float:
    """Return by how much rounding may lift an objective above its bound."""
    environment = problem.environment
    chance = max(
        float(types.mass @ np.abs(quantity))
        for types, quantity in zip(
            (agent.types for agent in environment.agents),
            environment.nearly_efficient,
            strict=True,
        )
    )
    rounding = ROUNDING * environment.largest_type * chance
    return OBJECTIVE_ERROR * environment.first_best + rounding


@dataclass(frozen=True, eq=False)
class Refinement:
    """A problem with as many cells as a wanted width takes, and how far that went.

    Parameters
    ----------
    problem
        The problem over the cells.
    bracket
        What its optimum over them says of the continuum.
    wanted
        Wanted width of the bracket relative to its upper end.
    """

    problem: DesignProblem
    bracket: Continuum
    wanted: float

    @property
    def reached(self) -> bool:
        """Whether the bracket is as narrow as was wanted."""
        return self.bracket.relative_width <= self.wanted

    @property
    def note(self) -> str:
        """What to say of a width that was missed; empty if it was not."""
        if self.reached:
            return ""
        cells = max(self.problem.environment.shape)
        return (
            f"the wanted relative width {self.wanted:g} of the continuum's bracket was missed: "
            f"{cells} cells a side leave {self.bracket.relative_width:.2g}"
        )


def refine(
    problem: DesignProblem, relative_width: float, *, max_cells: int = MAX_CELLS
) -> DesignProblem:
    """Return the problem with as many cells as its bracket needs to be of a wanted width.

    Parameters
    ----------
    problem
        Ex ante efficiency with a continuous prior; its own cells do not matter.
    relative_width
        Wanted width of the bracket relative to its upper end.
    max_cells
        Stop at this many cells a side, wide or not; :func:`refinement` says which.

    Raises
    ------
    InvalidInputError
        If the width is not positive, or no prior is continuous.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.from_distribution(stats.uniform(0, 1), 2)
    >>> refine(ex_ante_efficiency(BilateralTrade(types, types)), 1e-3).environment.shape
    (128, 128)
    """
    if not relative_width > 0:
        raise InvalidInputError(
            "not a width",
            where="relative_width",
            expected="a number above 0",
            got=f"{relative_width:g}",
            remedy="For example 1e-4.",
        )
    return refinement(problem, relative_width, max_cells=max_cells).problem


def refinement(
    problem: DesignProblem,
    relative_width: float,
    *,
    first_cells: int = FIRST_CELLS,
    max_cells: int = MAX_CELLS,
) -> Refinement:
    """Return what :func:`refine` does, with the bracket that was reached.

    Notes
    -----
    Equally likely cells are doubled until the bracket is narrow enough. Where they say next to
    nothing, cells placed where types gain are tried against them, and the better ones are doubled.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> costs = TypeSpace.from_distribution(stats.beta(10, 1), 2)
    >>> values = TypeSpace.from_distribution(stats.beta(1, 10), 2)
    >>> found = refinement(ex_ante_efficiency(BilateralTrade(costs, values)), 1e-3)
    >>> found.reached, found.problem.environment.shape
    (True, (1024, 1024))
    """
    with budget():
        return _refined(problem, relative_width, first_cells, max_cells)


def _refined(
    problem: DesignProblem, relative_width: float, first_cells: int, max_cells: int
) -> Refinement:
    size, best, where_gains_lie = min(first_cells, max_cells), None, False
    can_place = problem.environment.outcomes.exchange is not None
    known: SecondBest | None = None
    while True:
        found = _bracketed(problem, size, relative_width, where_gains_lie=where_gains_lie)
        untelling = found.bracket.relative_width > UNTELLING
        if can_place and untelling and not where_gains_lie:
            # The bound has so many cells of its own, and fewer would cost as much.
            more = min(max(size, FINE_CELLS), max_cells)
            rival = _bracketed(problem, more, relative_width, where_gains_lie=True)
            if rival.bracket.relative_width < found.bracket.relative_width:
                found, size, where_gains_lie = rival, more, True
        if best is None or found.bracket.relative_width < best.bracket.relative_width:
            best = found
        if found.reached or size >= max_cells:
            known = _over_laws(problem, 0.0) if known is None else known
            best = replace(best, bracket=_corrected(best.bracket, known))
            if best.reached or size >= max_cells:
                return best
        size = min(2 * size, max_cells)


def _bracketed(
    problem: DesignProblem, size: int, wanted: float, *, where_gains_lie: bool
) -> Refinement:
    candidate = cut_into(problem, size, where_gains_lie=where_gains_lie)
    bracket = bracket_continuum(Direct().solve(candidate), extrapolate=False)
    return Refinement(candidate, bracket, wanted)


def _extrapolated(
    problem: DesignProblem, objective: float, alpha: float, known: SecondBest | None
) -> tuple[float, float]:
    """Return Richardson's estimate and the measured order, from a half and a quarter of the cells.

    Where the optimum is known, it is the estimate, and half of the cells measure the order.
    The numbers of cells agree modulo 4 where they can, because the error of a step-like rule
    depends on how the cells meet its frontier.
    """

    def fraction(divisor: int) -> Callable[[int], int]:
        def of(size: int) -> int:
            part = size // divisor
            return max(1, part - (part - size) % 4)

        return of

    found, sizes = [objective], [max(problem.environment.shape)]
    for divisor in (2, 4) if known is None else (2,):
        coarse = with_cells(problem, fraction(divisor))
        optimum, alpha, _ = Direct().optimum(coarse, near=alpha)
        found.append(optimum)
        sizes.append(max(coarse.environment.shape))
    if known is not None:
        last, before = known.estimate - objective, known.estimate - found[1]
        measured = before > last > known.error and sizes[0] > sizes[1]
        order = math.log(before / last) / math.log(sizes[0] / sizes[1]) if measured else math.nan
        return known.estimate, order
    last, before = found[0] - found[1], found[1] - found[2]
    noise = 1e-4 * _allowed(problem)
    order = _order(sizes, before / last) if last > noise else math.nan
    order = math.nan if order > CREDIBLE_ORDER else order
    rate = USUAL_ORDER if math.isnan(order) else order
    # Errors fall as sizes**-rate, so that the last fall tells what is left.
    left = max(last, 0.0) / ((sizes[0] / sizes[1]) ** rate - 1.0) if sizes[0] > sizes[1] else 0.0
    return objective + left, order


def _order(sizes: Sequence[int], ratio: float) -> float:
    """Return the order at which errors fell between three numbers of cells; NaN if they did not."""
    last, half, quarter = map(float, sizes)
    if not last > half > quarter or not ratio > 1.0:
        return math.nan

    def excess(order: float) -> float:
        before, after = (half / quarter) ** order - 1.0, 1.0 - (half / last) ** order
        return float(before - ratio * after)

    low, high = LOWEST_ORDER, HIGHEST_ORDER
    if excess(low) > 0.0 or excess(high) < 0.0:
        return math.nan
    while high - low > ORDER_DIGITS:
        middle = 0.5 * (low + high)
        low, high = (low, middle) if excess(middle) > 0.0 else (middle, high)
    return low
