"""What becomes of a claim that a program has no optimum and that nothing bears out."""

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

    A solver that calls a program infeasible or unbounded may have been misled by its tolerances.
    Infeasible it is with a certificate that holds, or where fractions say so; unbounded it is not
    if some multipliers prove a bound. What is left is a limit. Of small problems, fractions find
    the optimum that the solver missed.

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
    elif claim is not Termination.UNBOUNDED or not math.isfinite(dual_bound(problem, {})):
        return solution
    blank = replace(solution, duals={}, dual_status=PointStatus.NONE)
    exact = _in_fractions(problem)
    if exact is None:
        return _noting(replace(blank, termination=Termination.LIMIT), not_proved(claim))
    name = solution.provenance.backend
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
    note = f"{name} calls the program {claim.value}; this optimum was found in fractions"
    return _noting(_optimum(blank, exact), note)


def _in_fractions(problem: DesignProblem) -> ExactSolution | None:
    """Return what fractions say of a small problem; None where they say nothing."""
    if problem.environment.num_profiles > MAX_EXACT_PROFILES:
        return None
    try:
        from mechopt.exact import exact_optimum

        found = exact_optimum(problem, max_pivots=MAX_PIVOTS)
    except (MechoptError, ImportError):
        return None
    return found if found.proved else None


def _optimum(blank: Solution, exact: ExactSolution) -> Solution:
    """Return an exact optimum in floats, judged like any other."""
    from mechopt.backends.base import gated, objective_of

    problem = blank.problem
    environment = problem.environment
    names = environment.outcomes.variables
    outcomes = problem.prescribed_allocation()
    if outcomes is None:
        outcomes = np.stack([_array(exact.mechanism[name]) for name in names])
    payments = tuple(_array(exact.mechanism[f"{a.name}_payment"]) for a in environment.agents)
    mechanism = Mechanism(environment, Table(outcomes), payments)
    duals = _floats(problem, exact.multipliers)
    return gated(
        replace(
            blank,
            objective=objective_of(problem, mechanism),
            bound=dual_bound(problem, duals),
            termination=Termination.OPTIMAL,
            primal_status=PointStatus.FEASIBLE,
            dual_status=PointStatus.FEASIBLE,
            mechanism=mechanism,
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
