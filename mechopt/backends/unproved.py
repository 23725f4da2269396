"""What becomes of a claim that nothing bears out: fractions decide it, or it is a limit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mechopt.allocation import Table
from mechopt.arrays import FloatArray
from mechopt.errors import MechoptError
from mechopt.mechanism import Mechanism
from mechopt.polish import polish
from mechopt.problem import DesignProblem
from mechopt.solution import PointStatus, Solution, Termination
from mechopt.verify.bound import alpha_of, dual_bound
from mechopt.verify.certificate import verify_certificate

if TYPE_CHECKING:
    from mechopt.exact import ExactSolution

# Up to this many type profiles and pivots, fractions decide a claim in a second or so.
MAX_EXACT_PROFILES = 100
MAX_PIVOTS = 200
NOT_PROVED = "and nothing here proves it"
IN_FRACTIONS = "no mechanism meets the requirements, as was proved in fractions"


def not_proved(termination: Termination) -> str:
    """Return the note on a claim without a proof.

    Examples
    --------
    >>> not_proved(Termination.INFEASIBLE)
    'the solver calls the program infeasible, and nothing here proves it'
    """
    return f"the solver calls the program {termination.value}, {NOT_PROVED}"


def proved(solution: Solution) -> Solution:
    """Return a solution that says no more than what is proved of it.

    A solver may have been misled by its tolerances. A mechanism is optimal if the bound proved
    meets it; a program is infeasible with a certificate that holds, or where fractions say so; it
    is not unbounded if some multipliers prove a bound. What is left is a limit. Of small problems,
    fractions find the optimum that the solver missed.

    Parameters
    ----------
    solution
        What a backend found.

    Returns
    -------
    Solution
        The same where there is nothing to prove.
    """
    problem, claim = solution.problem, solution.termination
    if claim is Termination.INFEASIBLE:
        certified = solution.dual_status is PointStatus.CERTIFICATE
        if certified and verify_certificate(problem, solution.duals).verified:
            return solution
    elif claim is Termination.OPTIMAL:
        solution = gated(solution)
        if solution.termination is Termination.OPTIMAL:
            return solution
    elif claim is Termination.UNBOUNDED and not math.isfinite(dual_bound(problem, {})):
        return solution
    blank = replace(solution, duals={}, dual_status=PointStatus.NONE)
    exact = _in_fractions(problem)
    if exact is None and claim not in (Termination.INFEASIBLE, Termination.UNBOUNDED):
        return solution
    if exact is None:
        return _noting(replace(blank, termination=Termination.LIMIT), not_proved(claim))
    name = solution.provenance.backend
    blank = replace(
        blank, mechanism=None, primal_status=PointStatus.NONE, objective=np.nan, bound=np.nan,
        alpha=None,
    )  # fmt: skip
    if exact.termination is Termination.INFEASIBLE:
        duals = _floats(problem, exact.multipliers)
        if verify_certificate(problem, duals).verified:
            infeasible = replace(
                blank,
                termination=Termination.INFEASIBLE,
                duals=duals,
                dual_status=PointStatus.CERTIFICATE,
            )
            return _noting(infeasible, "the certificate was found in fractions")
        return _noting(replace(blank, termination=Termination.INFEASIBLE), IN_FRACTIONS)
    if exact.termination is not Termination.OPTIMAL:
        return replace(blank, termination=exact.termination)
    said = f"calls the program {claim.value}"
    if claim in (Termination.OPTIMAL, Termination.LIMIT):
        said = "proved no optimum in floats"
    found = _noting(_optimum(blank, exact), f"{name} {said}; this optimum was found in fractions")
    return found if found.termination is Termination.OPTIMAL else solution


def gated(solution: Solution) -> Solution:
    """Return the solution, no longer called optimal if its own bound does not bear that out."""
    if solution.termination is not Termination.OPTIMAL or solution.is_certified:
        return solution
    note = (
        f"the solver called this optimal, but the bound proved leaves a gap of {solution.gap:.2g}"
    )
    provenance = replace(solution.provenance, notes=(*solution.provenance.notes, note))
    return replace(solution, termination=Termination.LIMIT, provenance=provenance)


def _in_fractions(problem: DesignProblem) -> ExactSolution | None:
    """Return what fractions say of a small problem; None where they say nothing.

    Floats are taken as exactly what they are: it is them that the solver failed on.
    """
    environment = problem.environment
    if environment.num_profiles > MAX_EXACT_PROFILES or environment.outcomes.power_bounds:
        return None
    try:
        from mechopt.exact import exact_optimum

        found = exact_optimum(problem.centred, max_pivots=MAX_PIVOTS, binary=True)
    except (MechoptError, ImportError):
        return None
    return found if found.proved else None


def _optimum(blank: Solution, exact: ExactSolution) -> Solution:
    """Return an exact optimum in floats, judged like any other."""
    problem = blank.problem
    environment = problem.environment
    names = environment.outcomes.variables
    outcomes = problem.prescribed_allocation()
    if outcomes is None:
        outcomes = np.stack([_array(exact.mechanism[name]) for name in names])
    payments = [_array(exact.mechanism[f"{a.name}_payment"]) for a in environment.agents]
    allocation = Table(outcomes)
    if problem.centred is not problem:
        quantity = allocation.interim_quantities(environment)
        payments = [t + environment.origin * q for t, q in zip(payments, quantity, strict=True)]
    polished = polish(problem, Mechanism(environment, allocation, tuple(payments)))
    duals = _floats(problem, exact.multipliers)
    return gated(
        replace(
            blank,
            objective=polished.objective,
            bound=dual_bound(problem, duals),
            termination=Termination.OPTIMAL,
            primal_status=PointStatus.FEASIBLE,
            dual_status=PointStatus.FEASIBLE,
            mechanism=polished.mechanism,
            duals=duals,
            alpha=alpha_of(problem, duals),
        )
    )


def _floats(problem: DesignProblem, multipliers: Mapping[str, Any]) -> dict[str, FloatArray]:
    """Return multipliers in floats, those of a solution alone."""
    from mechopt.backends.highs import MULTIPLIERS

    names = tuple(agent.name for agent in problem.environment.agents)
    return {
        name: _array(values)
        for name, values in multipliers.items()
        if name == "budget" or (name.startswith(names) and name.endswith(MULTIPLIERS))
    }


def _array(values: Any) -> FloatArray:
    return np.array([float(value) for value in values.ravel()]).reshape(values.shape)


def _noting(solution: Solution, note: str) -> Solution:
    provenance = replace(solution.provenance, notes=(*solution.provenance.notes, note))
    return replace(solution, provenance=provenance)
