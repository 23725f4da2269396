"""Ways to solve a design problem, and the function that picks one."""

from __future__ import annotations

from mechopt.backends.base import DEFAULT_TOLERANCE, Acceptance, Backend
from mechopt.backends.cvxpy_model import Cvxpy
from mechopt.backends.direct import Direct
from mechopt.backends.highs import HiGHS
from mechopt.backends.pyomo_model import Pyomo
from mechopt.backends.unproved import IN_FRACTIONS, NOT_PROVED, not_proved
from mechopt.errors import InvalidInputError, NotOptimalError, require, require_tolerance
from mechopt.problem.joint_problem import JointProblem
from mechopt.problem.problem import DesignProblem
from mechopt.solution import PointStatus, Solution, Termination

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

BACKENDS: dict[str, type[Backend]] = {kind.name: kind for kind in (Direct, HiGHS, Cvxpy, Pyomo)}


def backend_named(name: str) -> Backend:
    """Return the backend with this name.

    Raises
    ------
    InvalidInputError
        If there is none.

    Examples
    --------
    >>> backend_named("highs").name
    'highs'
    """
    if name not in BACKENDS:
        raise InvalidInputError(
            "no such backend",
            where="backend",
            expected=", ".join(BACKENDS),
            got=repr(name),
            remedy="Choose one of these, or leave it out.",
        )
    return BACKENDS[name]()


def solve(
    problem: DesignProblem,
    backend: Backend | str | None = None,
    *,
    tolerance: float = DEFAULT_TOLERANCE,
    throw: bool = True,
) -> Solution:
    """Solve a design problem.

    Parameters
    ----------
    problem
        The problem; it is not changed.
    backend
        A backend or its name; the first that accepts the problem unless said.
    tolerance
        Feasibility and optimality tolerance of the solver, relative to the width of the interval
        of types.
    throw
        Whether to raise if there is no optimal solution; otherwise see the solution's status.

    Returns
    -------
    Solution

    Raises
    ------
    UnsupportedProblemError
        If the backend does not accept the problem.
    NotOptimalError
        If the problem is infeasible or unbounded, or the solver stopped early; its ``solution``
        holds the certificate where there is one.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> solution = solve(ex_ante_efficiency(BilateralTrade(seller=types, buyer=types)))
    >>> round(solution.objective, 6), solution.termination.value
    (0.925926, 'optimal')
    """
    hint = "State what is asked with ex_ante_efficiency(trade) or the like, and solve that."
    if isinstance(problem, JointProblem):
        nothing = "InterimPayoffs.nothing(problem.environment)"
        hint = f"Use find_dominating(problem.environment, problem.prior, {nothing})."
    require(problem, DesignProblem, where="problem", remedy=hint)
    require_tolerance(tolerance)
    if isinstance(backend, str):
        backend = backend_named(backend)
    if backend is not None:
        require(backend, Backend, where="backend", remedy='Pass "highs" or HiGHS(), say.')
    chosen = backend or next(
        (b for b in map(backend_named, BACKENDS) if b.accepts(problem)), HiGHS()
    )
    solution = chosen.solve(problem, tolerance=tolerance)
    if throw and solution.termination is not Termination.OPTIMAL:
        raise NotOptimalError(explain(solution), solution)
    return solution


def explain(solution: Solution) -> str:
    """Return one paragraph on why there is no optimal solution, and what to do about it."""
    if solution.termination is Termination.INFEASIBLE:
        if solution.dual_status is PointStatus.CERTIFICATE:
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
        f"undecided: {claim}. Try another backend, or exact_optimum; types or probabilities far "
        "apart can be too ill-conditioned for floating point."
    )


def _stopped(solution: Solution) -> str:
    if solution.mechanism is None:
        claims = [note for note in solution.provenance.notes if note.endswith(NOT_PROVED)]
        if claims:
            return _undecided(claims[-1])
        return "the solver stopped before an optimum was found. Try another backend or fewer cells."
    return (
        f"no optimum certified: the mechanism reaches {solution.objective:.9g}, and the bound "
        f"proved is {solution.bound:.9g}. Another backend may do better; an optimum at which no "
        "money is left to spare can be too ill-conditioned for floating point."
    )
