"""From an instance to its answer: solved, audited, bracketed; the same wherever it is asked for."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from mechopt import backends
from mechopt.analysis.continuum import bracket_continuum, has_continuum
from mechopt.report import Report
from mechopt.solution import Termination
from mechopt.verify.audit import audit

if TYPE_CHECKING:
    from mechopt.instance import Instance


def answer(
    instance: Instance,
    backend: str | None = None,
    *,
    exact: bool = False,
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
    start
        Reading of ``time.perf_counter`` at the start of the job, for the seconds that it took.

    Returns
    -------
    Report
        Whether or not there is an optimum.

    Examples
    --------
    >>> from mechopt.instance import instance_from_document
    >>> document = {
    ...     "environment": {
    ...         "kind": "bilateral-trade",
    ...         "seller": {"types": [0, 1]},
    ...         "buyer": {"types": [0, 1]},
    ...     },
    ...     "problem": {"objective": "ex-ante-efficiency"},
    ... }
    >>> answer(instance_from_document(document, "coins.toml")).record()["objective"]
    0.25
    """
    start = time.perf_counter() if start is None else start
    problem = instance.problem
    proof = None
    if exact:
        from mechopt.exact import exact_optimum

        proof = exact_optimum(problem)
    solution = backends.solve(problem, backend, throw=False)
    checked = audit(problem, solution)
    continuum = None
    if solution.alpha is not None and has_continuum(problem):
        continuum = bracket_continuum(solution)
    seconds = time.perf_counter() - start
    return Report(solution, checked, instance.title, instance.unit, seconds, continuum, proof)


def fault_of(report: Report) -> str | None:
    """Return why a report holds no certified optimum, or None where it does."""
    if report.solution.termination is not Termination.OPTIMAL:
        return backends.explain(report.solution)
    if not report.audit.passed:
        return "audit FAILED: " + "; ".join(map(str, report.audit.failed))
    return None
