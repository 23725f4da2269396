"""What becomes of a claim that nothing bears out: fractions decide it, or it is a limit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.rationals import FractionArray, fraction_array
from mechopt.backends.polish import polished
from mechopt.environments import Agent, Environment, OutsideOption
from mechopt.errors import MechoptError
from mechopt.problem.problem import DesignProblem
from mechopt.program.lagrangian import alpha_of, dual_bound
from mechopt.program.multipliers import multiplier_shapes
from mechopt.solution import Limit, PointStatus, Solution, Termination
from mechopt.types import TypeSpace
from mechopt.types.prior import Joint, own_first
from mechopt.verify.audit import audit
from mechopt.verify.certificate import verify_certificate

if TYPE_CHECKING:
    from mechopt.exact import ExactSolution

# Up to this many type profiles and pivots, fractions decide a claim in a second or so.
MAX_EXACT_PROFILES = 100
MAX_PIVOTS = 200
# An objective beyond its bound by more, in first bests, is not feasible by more than rounding.
BEATEN = 1e-9
# A few operations of an outside option, relative to its payoff.
OPTION_ROUNDING = 32 * float(np.finfo(np.float64).eps)
NO_MULTIPLIERS = "it gave no multipliers, so that no bound is proved"
NOT_PROVED = "and nothing here proves it"
# Who set a limit does not want more time spent in fractions.
ENDED_BY_THE_CALLER = (Limit.TIME, Limit.ITERATIONS, Limit.INTERRUPTED)
IN_FRACTIONS = "no mechanism meets the requirements, as was proved in fractions"


def not_proved(termination: Termination) -> str:
    """Return the note on a claim without a proof.

    Examples
    --------
    >>> not_proved(Termination.INFEASIBLE)
    'the solver calls the program infeasible, and nothing here proves it'
    """
    return f"the solver calls the program {termination.value}, {NOT_PROVED}"


def proved(solution: Solution, *, residuals: bool = True) -> Solution:
    """Return a solution that says no more than what is proved of it.

    A solver may have been misled by its tolerances. A mechanism is optimal if the bound proved
    meets it; a program is infeasible with a certificate that holds, or where fractions say so; it
    is not unbounded if some multipliers prove a bound. What is left is a limit. Of small problems,
    fractions find the optimum that the solver missed.

    Parameters
    ----------
    solution
        What a backend found.
    residuals
        Whether the backend leaves residuals, so that a small problem's mechanism is audited.

    Returns
    -------
    Solution
        The same where there is nothing to prove.
    """
    problem, claim = solution.problem, solution.termination
    if solution.limit in ENDED_BY_THE_CALLER:
        return solution
    if claim is Termination.INFEASIBLE:
        certified = solution.dual_status is PointStatus.CERTIFICATE
        if certified and _holds(problem, solution.duals):
            return solution
    elif claim is Termination.OPTIMAL:
        solution = gated(solution)
        sound = solution.termination is Termination.OPTIMAL and not _beats_its_bound(solution)
        audited = residuals and _is_small(problem)
        if sound and (not audited or audit(problem, solution).passed):
            return solution
    elif claim is Termination.UNBOUNDED and not math.isfinite(dual_bound(problem, {})):
        return solution
    blank = replace(solution, duals={}, dual_status=PointStatus.NONE)
    exact = _in_fractions(problem)
    if exact is None and claim not in (Termination.INFEASIBLE, Termination.UNBOUNDED):
        return solution
    if exact is None:
        stopped = replace(blank, termination=Termination.LIMIT, limit=Limit.IMPRECISE)
        return _noting(stopped, not_proved(claim))
    name = solution.provenance.backend
    blank = replace(
        blank, mechanism=None, primal_status=PointStatus.NONE, objective=np.nan, bound=np.nan,
        alpha=None, termination=exact.termination, limit=None,
    )  # fmt: skip
    if exact.termination is Termination.INFEASIBLE:
        duals = _floats(problem, exact.multipliers)
        if _holds(problem, duals):
            infeasible = replace(blank, duals=duals, dual_status=PointStatus.CERTIFICATE)
            return _noting(infeasible, "the certificate was found in fractions")
        return _noting(blank, IN_FRACTIONS)
    if exact.termination is not Termination.OPTIMAL:
        return blank
    said = f"calls the program {claim.value}"
    if claim in (Termination.OPTIMAL, Termination.LIMIT):
        said = "proved no optimum in floats"
    found = _noting(_optimum(blank, exact), f"{name} {said}; this optimum was found in fractions")
    refuted = claim in (Termination.INFEASIBLE, Termination.UNBOUNDED)
    return found if refuted or found.termination is Termination.OPTIMAL else solution


def _is_small(problem: DesignProblem) -> bool:
    """Return whether fractions decide a problem in a second or so."""
    environment = problem.environment
    few = environment.has_few_profiles(MAX_EXACT_PROFILES)
    return few and not environment.outcomes.curves


def gated(solution: Solution) -> Solution:
    """Return the solution, no longer called optimal if its own bound does not bear that out."""
    if solution.termination is not Termination.OPTIMAL or solution.is_certified:
        return solution
    whose = "claimed" if solution.problem.deterministic else "proved"
    left = f"the bound {whose} leaves a gap of {solution.gap:.2g}"
    if math.isnan(solution.bound):
        left = NO_MULTIPLIERS
    note = f"the solver called this optimal, but {left}"
    provenance = replace(solution.provenance, notes=(*solution.provenance.notes, note))
    return replace(
        solution, termination=Termination.LIMIT, limit=Limit.IMPRECISE, provenance=provenance
    )


def _beats_its_bound(solution: Solution) -> bool:
    """Return whether a mechanism reaches more than its bound allows, by a solver's residuals."""
    mechanism, problem = solution.mechanism, solution.problem
    # Rounding only adds to what is allowed, and takes long to compute of a million types.
    if mechanism is None or -solution.gap <= BEATEN * problem.objective_scale:
        return False
    rounding = problem.rounding(mechanism)
    return -solution.gap > BEATEN * problem.objective_scale + rounding


def _holds(problem: DesignProblem, duals: Mapping[str, FloatArray]) -> bool:
    """Return whether a certificate proves more than rounding of the outside options explains.

    Outside options are computed in floats; what they are exactly may be within reach where the
    floats are not.
    """
    check = verify_certificate(problem, duals)
    if not check.verified:
        return False
    owed = 0.0
    for agent in problem.environment.agents:
        for end, option in zip(("lower", "upper"), agent.option_at_ends, strict=True):
            charged = duals.get(f"{agent.name}_participation_{end}")
            if charged is not None:
                owed += float(np.abs(charged) @ np.abs(option))
    return check.shortfall > OPTION_ROUNDING * owed


def _in_fractions(problem: DesignProblem) -> ExactSolution | None:
    """Return what fractions say of a small problem; None where they say nothing.

    Floats are taken as exactly what they are: it is them that the solver failed on.
    """
    environment = problem.environment
    if not _is_small(problem):
        return None
    try:
        from mechopt.exact import exact_optimum

        # What a player can be sure of is computed again from the types, for its own rounding may
        # put it out of reach.
        if any(agent.outside_option.spaces for agent in environment.agents):
            found = exact_optimum(_as_fractions(problem), max_pivots=MAX_PIVOTS)
        else:
            found = exact_optimum(problem.centred, max_pivots=MAX_PIVOTS, binary=True)
    except (MechoptError, ImportError):
        return None
    return found if found.proved else None


def _as_fractions(problem: DesignProblem) -> DesignProblem:
    """Return a problem of finite types with its floats as the fractions that they are.

    Probabilities that sum to one up to rounding are divided by their sum. What is found is judged
    in floats once more, so that this cannot hide anything.
    """
    environment = problem.environment
    if not all(agent.types.is_finite for agent in environment.agents):
        return problem
    masses, prior = _prior_as_fractions(environment)
    agents = tuple(
        Agent(agent.name, _types_as_fractions(agent.types, mass), _option_as_fractions(agent))
        for agent, mass in zip(environment.agents, masses, strict=True)
    )
    return replace(problem, environment=Environment(agents, environment.outcomes, prior))


def _prior_as_fractions(environment: Environment) -> tuple[list[FractionArray], Joint | None]:
    """Return the probabilities of each agent's types, and the joint prior if there is one."""
    if environment.prior is None:
        return [_shares(mass) for mass in environment.masses], None
    table = environment.prior.probabilities
    shares = _shares(table.ravel()).reshape(table.shape)
    agents = range(table.ndim)
    return [own_first(i, shares).sum(axis=1) for i in agents], Joint(shares)  # type: ignore[arg-type]


def _shares(weights: FloatArray) -> FractionArray:
    exact = [Fraction(weight) for weight in weights.tolist()]
    total = sum(exact, Fraction(0))
    return fraction_array(weight / total for weight in exact)


def _types_as_fractions(types: TypeSpace, mass: FractionArray | None = None) -> TypeSpace:
    shares = _shares(types.mass) if mass is None else mass
    values = [Fraction(value) for value in types.mean.tolist()]
    return TypeSpace.finite(values, shares)  # type: ignore[arg-type]


def _option_as_fractions(agent: Agent) -> OutsideOption:
    option = agent.outside_option
    if all(types.is_finite for types in option.spaces):
        return option.with_spaces([_types_as_fractions(types) for types in option.spaces])
    return option


def _optimum(blank: Solution, exact: ExactSolution) -> Solution:
    """Return an exact optimum in floats, judged like any other."""
    problem = blank.problem
    environment = problem.environment
    names = environment.outcomes.variables
    outcomes = problem.prescribed_allocation()
    if outcomes is None:
        outcomes = np.stack([_array(exact.mechanism[name]) for name in names])
    payments = [_array(exact.mechanism[f"{a.name}_payment"]) for a in environment.agents]
    clean = polished(problem, outcomes, payments)
    duals = _floats(problem, exact.multipliers)
    return gated(
        replace(
            blank,
            objective=clean.objective,
            bound=dual_bound(problem, duals),
            termination=Termination.OPTIMAL,
            primal_status=PointStatus.FEASIBLE,
            dual_status=PointStatus.FEASIBLE,
            mechanism=clean.mechanism,
            duals=duals,
            alpha=alpha_of(problem, duals),
        )
    )


def _floats(problem: DesignProblem, multipliers: Mapping[str, Any]) -> dict[str, FloatArray]:
    """Return multipliers in floats, those of a solution alone."""
    known = multiplier_shapes(problem)
    return {name: _array(values) for name, values in multipliers.items() if name in known}


def _array(values: Any) -> FloatArray:
    return np.array([float(value) for value in values.ravel()]).reshape(values.shape)


def _noting(solution: Solution, note: str) -> Solution:
    provenance = replace(solution.provenance, notes=(*solution.provenance.notes, note))
    return replace(solution, provenance=provenance)
