"""Ways to solve a design problem, and the function that picks one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mechopt._util.lazy import importer
from mechopt.backends.base import Acceptance, Backend
from mechopt.backends.direct import Direct
from mechopt.backends.registry import BACKENDS, backend_named
from mechopt.backends.settings import SOLVER_TOLERANCE, settings_of
from mechopt.backends.unproved import IN_FRACTIONS, NOT_PROVED, not_proved
from mechopt.errors import NotOptimalError, require
from mechopt.problem.problem import DesignProblem
from mechopt.solution import Limit, PointStatus, Solution, Termination

if TYPE_CHECKING:
    from mechopt.backends.cvxpy_model import Cvxpy
    from mechopt.backends.highs import HiGHS
    from mechopt.backends.pyomo_model import Pyomo

# Most problems need no program, and none needs all that builds programs.
__getattr__ = importer(
    "mechopt.backends",
    {
        "mechopt.backends.cvxpy_model": ("Cvxpy",),
        "mechopt.backends.highs": ("HiGHS",),
        "mechopt.backends.pyomo_model": ("Pyomo",),
    },
)

__all__ = [
    "BACKENDS",
    "Acceptance",
    "Backend",
    "Cvxpy",
    "Direct",
    "HiGHS",
    "Pyomo",
    "backend_named",
    "remedy_for",
    "solve",
]


def solve(
    problem: DesignProblem,
    backend: Backend | str | None = None,
    *,
    tolerance: float = SOLVER_TOLERANCE,
    time_limit: float | None = None,
    threads: int | None = None,
    throw: bool = True,
    start: Solution | None = None,
    **options: Any,
) -> Solution:
    """Solve a design problem.

    Parameters
    ----------
    problem
        The problem; it is not changed.
    backend
        A backend or its name; the first that accepts the problem unless said, and that takes
        options if there are any.
    tolerance
        Feasibility and optimality tolerance of the solver, relative to the width of the interval
        of types.
    time_limit
        Seconds from the call on after which the solver is stopped; None for no limit. Building a
        program is not interrupted, nor is one step of a solver.
    threads
        The most threads that the solver may use; None leaves that to the solver.
    throw
        Whether to raise if there is no optimal solution; otherwise see the solution's status.
    start
        A solution of this problem by the direct solver, from whose basis HiGHS starts; HiGHS is the
        backend then. It takes bilateral trade without delay, and finds and proves the optimum as
        ever, sooner: see the guide on solvers of one's own. None for the usual start.
    options
        Options of the solver by its own names, such as ``presolve="off"`` for HiGHS; they go
        before what is set here. The direct solver has none.

    Returns
    -------
    Solution

    Raises
    ------
    InvalidInputError
        For an argument that cannot be used, an option that the solver does not know, and a
        ``start`` of another problem or for another backend than HiGHS.
    UnsupportedProblemError
        If the backend does not accept the problem, or there is no such start for it.
    NotOptimalError
        If the problem is infeasible or unbounded, or the solver stopped early; its ``solution``
        holds the certificate where there is one.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> problem = ex_ante_efficiency(BilateralTrade(seller=types, buyer=types))
    >>> solution = solve(problem)
    >>> round(solution.objective, 6), solution.termination.value
    (0.925926, 'optimal')
    >>> solve(problem, "highs", simplex_iteration_limit=1, throw=False).limit
    <Limit.ITERATIONS: 'iterations'>
    """
    hint = "State what is asked with ex_ante_efficiency(trade) or the like, and solve that."
    require(problem, DesignProblem, where="problem", remedy=hint)
    settings_of(tolerance, time_limit, threads, options)
    if isinstance(backend, str):
        backend = backend_named(backend)
    if backend is not None:
        require(backend, Backend, where="backend", remedy='Pass "highs" or HiGHS(), say.')
    if start is not None:
        backend = backend or backend_named("highs")
        backend.require_start(problem, start)
        options = {**options, "start": start}
    chosen = backend or _first_for(problem, with_options=bool(options))
    solution = chosen.solve(
        problem, tolerance=tolerance, time_limit=time_limit, threads=threads, **options
    )
    if throw and solution.termination is not Termination.OPTIMAL:
        raise NotOptimalError(explain(solution), solution)
    return solution


def _first_for(problem: DesignProblem, *, with_options: bool) -> Backend:
    """Return the first backend that accepts a problem, and takes options if there are any."""
    for backend in map(backend_named, BACKENDS):
        if backend.accepts(problem) and (backend.takes_options or not with_options):
            return backend
    return backend_named("highs")


def explain(solution: Solution) -> str:
    """Return one paragraph on why there is no optimal solution, and what to do about it."""
    if solution.termination is Termination.INFEASIBLE:
        if solution.dual_status is PointStatus.CERTIFICATE:
            if not solution.problem.is_interim:
                # Multipliers by profile prove that there is a shortfall, not how much it is.
                return (
                    "infeasible: no mechanism meets the requirements, as the attached multipliers "
                    f"prove. {remedy_for(solution.problem)}"
                )
            from mechopt.program.lagrangian import infeasibility_margin

            shortfall = infeasibility_margin(solution.problem, solution.duals)
            return (
                f"infeasible: no mechanism meets the requirements without outside money of at "
                f"least {shortfall:.9g} in expectation, as the attached multipliers prove. "
                f"{remedy_for(solution.problem)}"
            )
        if IN_FRACTIONS in solution.provenance.notes:
            return f"infeasible: {IN_FRACTIONS}. {remedy_for(solution.problem)}"
        return _undecided(not_proved(solution.termination))
    if solution.termination is Termination.UNBOUNDED:
        return (
            "unbounded: the objective can be improved without limit. Require participation and "
            "a budget, or give all agents the same weight."
        )
    return _stopped(solution)


def remedy_for(problem: DesignProblem) -> str:
    """Return, in words, what to do about requirements that no mechanism meets."""
    for agent in problem.environment.agents:
        if agent.outside_option.remedy_over_cells and not agent.types.is_finite:
            return agent.outside_option.remedy_over_cells
    if problem.prescribes_allocation:
        return "Ask for the minimum subsidy, or for ex ante efficiency."
    return "Ask for less: lower outside options, a subsidy, or fewer requirements."


def _undecided(claim: str) -> str:
    return (
        f"undecided: {claim}. Try another backend, or fractions (--exact, in Python "
        "exact_optimum); types or probabilities far apart can be too ill-conditioned for floating "
        "point."
    )


# Why the solver stopped, and what to do about it.
STOPPED = {
    Limit.TIME: ("the time limit was reached", "Allow more time, or use fewer cells."),
    Limit.ITERATIONS: (
        "a limit on iterations was reached",
        "Allow more of them, or try another backend.",
    ),
    Limit.NUMERICAL: (
        "the solver ran into numerical trouble",
        "Try another backend; types or probabilities far apart can be too ill-conditioned for "
        "floating point.",
    ),
    Limit.IMPRECISE: (
        "what the solver claims is not borne out to full tolerances",
        "Try another backend.",
    ),
    Limit.NO_SOLUTION: (
        "the solver found no solution, and no proof that there is none",
        "Try another backend.",
    ),
    Limit.INTERRUPTED: ("the solver was interrupted", "Solve the problem again."),
    Limit.OTHER: (
        "the solver stopped before an optimum was found",
        "Try another backend or fewer cells.",
    ),
}


def _stopped(solution: Solution) -> str:
    if solution.mechanism is None:
        claims = [note for note in solution.provenance.notes if note.endswith(NOT_PROVED)]
        if claims and solution.problem.deterministic:
            return f"undecided: {claims[-1]}. Leave deterministic out: lotteries may do it."
        if claims:
            return _undecided(claims[-1])
        reason, remedy = STOPPED[solution.limit or Limit.OTHER]
        words = f" (in its words: {solution.detail})" if solution.detail else ""
        return f"undecided: {reason}{words}. {remedy}"
    if math.isnan(solution.bound):
        return (
            f"no optimum certified: the mechanism reaches {solution.objective:.9g}, and there is "
            "no bound, because the solver gave no multipliers. Try another backend, or leave its "
            "options out."
        )
    if solution.problem.deterministic:
        words = STOPPED[solution.limit or Limit.OTHER][0]
        return (
            f"no optimum: {words}; the mechanism found reaches {solution.objective:.9g}, and the "
            f"search claims a bound of {solution.bound:.9g}. Allow more time, or take it as it is "
            "with throw=False."
        )
    return (
        f"no optimum certified: the mechanism reaches {solution.objective:.9g}, and the bound "
        f"proved is {solution.bound:.9g}. Another backend may do better; an optimum at which no "
        "money is left to spare can be too ill-conditioned for floating point."
    )
