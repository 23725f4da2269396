"""Audits: every requirement of a problem evaluated from the mechanism alone, without a solver."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from mechopt._util.threads import one_thread
from mechopt.errors import InvalidInputError, require, require_tolerance
from mechopt.mechanism.allocation import Table
from mechopt.mechanism.check import AuditReport, Check
from mechopt.mechanism.counts_rule import CountsRule
from mechopt.mechanism.mechanism import Mechanism
from mechopt.mechanism.money import money_check
from mechopt.problem.problem import DesignProblem
from mechopt.program.lagrangian import alpha_of, proved_bound
from mechopt.program.multipliers import multiplier_shapes
from mechopt.solution import PointStatus, Solution, Termination
from mechopt.verify.certificate import verify_certificate
from mechopt.verify.outcomes import MAX_EX_POST_PROFILES, REPORTED_TOLERANCE, outcome_checks
from mechopt.verify.payments import payment_checks

__all__ = ["AUDIT_TOLERANCE", "AuditReport", "Check", "audit"]

AUDIT_TOLERANCE = 1e-7
NO_ANSWER = "an answer that can be checked"

CLAIM = "no multipliers prove what whole numbers allow: the bound is what the search claims"


def audit(
    problem: DesignProblem,
    solution: Solution | Mechanism,
    *,
    tolerance: float = AUDIT_TOLERANCE,
) -> AuditReport:
    """Check a mechanism, and what a solution reports of it, against the original problem.

    Everything is computed with numpy from the problem's data: feasibility of every outcome,
    incentive compatibility over all pairs of types, participation of every type, the budget ex
    ante and ex post, and, of a solution, its objective, its bound and the gap between them. Of an
    infeasible problem the certificate is checked.

    Parameters
    ----------
    problem
        What the mechanism is for.
    solution
        A solution, or a mechanism of any origin.
    tolerance
        Largest violation that passes: of a type's own constraints relative to what that type has
        at stake (its expected gains if types were public), of the budget and the objective
        relative to the first best, of probabilities as it is; in each case beyond what rounding of
        the mechanism's own numbers explains. Reported numbers must agree to 1e-9.

    Returns
    -------
    AuditReport

    Notes
    -----
    Source: theory.md, sections 1 and 5.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, solve
    >>> types = TypeSpace.finite([0, 1])
    >>> problem = ex_ante_efficiency(BilateralTrade(types, types))
    >>> audit(problem, solve(problem)).passed
    True
    """
    hint = "Pass the DesignProblem, then its Solution or a Mechanism."
    require(problem, DesignProblem, where="problem", remedy=hint)
    require(solution, (Solution, Mechanism), where="solution", remedy=hint)
    require_tolerance(tolerance)
    with one_thread(problem.environment.num_profiles):
        return _audit(problem, solution, tolerance)


def _audit(problem: DesignProblem, solution: Solution | Mechanism, tolerance: float) -> AuditReport:
    mechanism = solution.mechanism if isinstance(solution, Solution) else solution
    checks: list[Check] = []
    notes: list[str] = []
    if isinstance(solution, Solution):
        if solution.fingerprint:
            checks.append(_check_fingerprint(problem, solution))
        if not solution.unaltered:
            where = "its digest is not that of what it says"
            checks.append(Check("the file is as it was saved", np.inf, np.inf, 0.0, where))
        checks.extend(_status_checks(problem, solution))
    if mechanism is not None:
        try:
            mechanism = mechanism.in_environment(problem.environment)
            checks.extend(_mechanism_checks(problem, mechanism, tolerance, notes))
            if problem.deterministic:
                notes.append(CLAIM)
            if isinstance(solution, Solution):
                checks.extend(_reported_checks(problem, solution, mechanism, tolerance))
        except InvalidInputError as error:
            checks.append(Check("the mechanism fits the problem", np.inf, np.inf, 0.0, str(error)))
    elif isinstance(solution, Solution) and solution.dual_status is PointStatus.CERTIFICATE:
        checks.append(_check_certificate(problem, solution))
    else:
        notes.append("There is no mechanism and no certificate to check.")
        checks.append(Check(NO_ANSWER, np.inf, np.inf, 0.0, "none given"))
    return AuditReport(tuple(checks), tuple(notes))


def _mechanism_checks(
    problem: DesignProblem, mechanism: Mechanism, tolerance: float, notes: list[str]
) -> Iterator[Check]:
    """Yield the checks of everything that the problem requires of a mechanism."""
    allocation = mechanism.allocation
    few = mechanism.environment.has_few_profiles(MAX_EX_POST_PROFILES)
    if few and not isinstance(allocation, (Table, CountsRule)):
        written = allocation.written_out(mechanism.environment)
        mechanism = replace(mechanism, allocation=written)
    yield from outcome_checks(problem, mechanism, tolerance, notes)
    for requirement in problem.all_requirements:
        yield from requirement.checks(problem.environment, mechanism, tolerance)
    yield from payment_checks(problem, mechanism, tolerance, notes)


def _reported_checks(
    problem: DesignProblem, solution: Solution, mechanism: Mechanism, tolerance: float
) -> Iterator[Check]:
    """Yield the checks of the objective, the bound and the gap that a solution reports."""
    scale, sign = problem.objective_scale, problem.objective.sign
    objective, rounding = problem.value(mechanism), problem.rounding(mechanism)
    where = f"reported {solution.objective:.12g}, computed {objective:.12g}"
    error = abs(solution.objective - objective)
    yield money_check("reported objective", error, rounding, scale, REPORTED_TOLERANCE, where)
    if solution.dual_status is not PointStatus.FEASIBLE and not np.isfinite(solution.bound):
        return
    if problem.deterministic and not solution.duals:
        yield from _claimed_checks(problem, solution, objective, rounding, tolerance)
        return
    unknown = sorted(set(solution.duals) - set(multiplier_shapes(problem)))
    if unknown:
        where = f"multiplier {unknown[0]} belongs to no requirement"
        yield Check("multipliers fit the problem", np.inf, np.inf, 0.0, where)
    try:
        bound, margin = proved_bound(problem, solution.duals)
    except ValueError as error_in_duals:
        yield Check("multipliers fit the problem", np.inf, np.inf, 0.0, str(error_in_duals))
        return
    where = f"reported {solution.bound:.12g}, computed from the multipliers {bound:.12g}"
    error = abs(solution.bound - bound)
    yield money_check("reported bound", error, 2.0 * margin, scale, REPORTED_TOLERANCE, where)
    gap = sign * (bound - objective)
    where = f"objective {objective:.12g}, bound {bound:.12g}"
    yield money_check("weak duality", -gap, rounding, scale, tolerance, where)
    if solution.termination is Termination.OPTIMAL:
        yield money_check("optimality", gap, rounding, scale, 10 * tolerance, where)


def _claimed_checks(
    problem: DesignProblem,
    solution: Solution,
    objective: float,
    rounding: float,
    tolerance: float,
) -> Iterator[Check]:
    """Yield the checks that a bound which a solver claims, and nothing proves, fits the rest."""
    scale, gap = problem.objective_scale, problem.objective.sign * (solution.bound - objective)
    where = f"objective {objective:.12g}, bound claimed {solution.bound:.12g}"
    yield money_check("the claimed bound is not beaten", -gap, rounding, scale, tolerance, where)
    if solution.termination is Termination.OPTIMAL:
        yield money_check("optimality", gap, rounding, scale, 10 * tolerance, where)


def _status_checks(problem: DesignProblem, solution: Solution) -> Iterator[Check]:
    """Yield the checks that the statuses fit what there is, and that alpha fits the multipliers."""
    answered = solution.mechanism is not None
    fits = {
        Termination.OPTIMAL: answered
        and solution.primal_status is PointStatus.FEASIBLE
        # Whole numbers have no multipliers.
        and (solution.dual_status is PointStatus.FEASIBLE or problem.deterministic),
        Termination.INFEASIBLE: not answered and solution.dual_status is not PointStatus.FEASIBLE,
        Termination.UNBOUNDED: not answered,
        Termination.LIMIT: True,
    }[solution.termination]
    where = (
        f"{solution.termination.value}, with {'a' if answered else 'no'} mechanism and multipliers "
        f"that are {solution.dual_status.value}"
    )
    missing = 0.0 if fits else np.inf
    yield Check("statuses fit the answer", missing, missing, 0.0, where)
    implied = alpha_of(problem, solution.duals)
    optimal = solution.termination is Termination.OPTIMAL
    if solution.alpha is None and (implied is None or not optimal):
        return
    reported = np.nan if solution.alpha is None else solution.alpha
    error = abs(reported - (np.nan if implied is None else implied))
    where = f"reported {solution.alpha}, by the multiplier of the budget {implied}"
    yield Check("reported alpha", error, error, REPORTED_TOLERANCE, where)


def _check_certificate(problem: DesignProblem, solution: Solution) -> Check:
    """Check that the multipliers prove that no mechanism meets the requirements."""
    proof = verify_certificate(problem, solution.duals)
    missing = 0.0 if proof.verified else np.inf
    return Check("certificate of infeasibility", missing, missing, 0.0, proof.reason)


def _check_fingerprint(problem: DesignProblem, solution: Solution) -> Check:
    same = problem.fingerprint == solution.fingerprint
    missing = 0.0 if same else np.inf
    where = "fingerprint as saved" if same else "the problem's data changed since it was saved"
    return Check("the problem is the one that was solved", missing, missing, 0.0, where)
