"""From an instance to its answer: solved, audited, explained; the same wherever it is asked."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from mechopt import backends
from mechopt.report.addendum import Progress, addendum_of
from mechopt.report.report import Report
from mechopt.solution import Solution, Termination
from mechopt.studies.bets import bets_of
from mechopt.studies.continuum import bracket_continuum, has_continuum
from mechopt.verify.audit import audit

if TYPE_CHECKING:
    from mechopt.instances import Instance


def solve_instance(
    instance: Instance,
    backend: str | None = None,
    *,
    exact: bool = False,
    time_limit: float | None = None,
    intervals: bool = True,
    progress: Progress | None = None,
    start: float | None = None,
) -> Report:
    """Solve and audit the problem of an instance; what ``mechopt solve`` reports.

    Parameters
    ----------
    instance
        What :func:`mechopt.load_instance` read.
    backend
        Name of the backend; the first that accepts the problem unless said.
    exact
        Whether to prove the optimum as a fraction too.
    time_limit
        Seconds after which the solver is stopped.
    intervals
        Whether to compute what takes further programs for each type, where a paper adds it, such
        as payoff intervals in bargaining.
    progress
        Called with the number of programs solved for them and the number in all.
    start
        Reading of ``time.perf_counter`` at the start of the job, for the seconds that it took.

    Returns
    -------
    Report
        Whether or not there is an optimum.

    Examples
    --------
    >>> from mechopt.instances import instance_from_document
    >>> document = {
    ...     "environment": {
    ...         "kind": "bilateral-trade",
    ...         "seller": {"types": [0, 1]},
    ...         "buyer": {"types": [0, 1]},
    ...     },
    ...     "problem": {"objective": "ex-ante-efficiency"},
    ... }
    >>> solve_instance(instance_from_document(document, "coins.toml")).record()["objective"]
    0.25
    """
    start = time.perf_counter() if start is None else start
    instance = instance.refined()
    proof = None
    if exact:
        from mechopt.exact import exact_optimum

        proof = exact_optimum(instance.problem)
    solution = backends.solve(instance.problem, backend, time_limit=time_limit, throw=False)
    provenance = replace(
        solution.provenance,
        title=instance.title,
        unit=instance.unit,
        notes=(*solution.provenance.notes, *instance.notes),
    )
    solution = replace(solution, provenance=provenance)
    report = report_on(solution, backend, intervals=intervals, progress=progress)
    seconds = time.perf_counter() - start
    return replace(report, seconds=seconds, exact=proof, data=instance.data)


def report_on(
    solution: Solution,
    backend: str | None = None,
    *,
    intervals: bool = True,
    progress: Progress | None = None,
) -> Report:
    """Audit a solution of any origin, and add what else there is to say of its problem.

    Parameters
    ----------
    solution
        The solution.
    backend
        Name of the backend for further programs, as for :func:`solve_instance`.
    intervals, progress
        As for :func:`solve_instance`.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, solve
    >>> types = TypeSpace.finite([0, 1])
    >>> report_on(solve(ex_ante_efficiency(BilateralTrade(types, types)))).audit.passed
    True
    """
    start = time.perf_counter()
    problem = solution.problem
    addendum = addendum_of(solution, backend, intervals=intervals, progress=progress)
    solution = solution if addendum is None else addendum.solution
    checked = audit(problem, solution) if addendum is None else addendum.audit()
    continuum = None
    if solution.termination is Termination.OPTIMAL and has_continuum(problem):
        continuum = bracket_continuum(solution)
    seconds = time.perf_counter() - start
    provenance = solution.provenance
    title, unit = provenance.title or "mechopt", provenance.unit
    bets = bets_of(solution)
    return Report(solution, checked, title, unit, seconds, continuum, addendum=addendum, bets=bets)


def fault_of(report: Report) -> str | None:
    """Return why a report holds no certified optimum, or None where it does."""
    if report.solution.termination is not Termination.OPTIMAL:
        return backends.explain(report.solution)
    if not report.audit.passed:
        return "audit FAILED: " + "; ".join(map(str, report.audit.failed))
    return None
