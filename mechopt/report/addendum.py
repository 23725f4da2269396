"""What a paper adds to reports of its own environment, found by the kind that declares it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from mechopt.environments.kinds import kinds
from mechopt.mechanism.check import Check
from mechopt.report.page import Grid, Row
from mechopt.solution import Solution
from mechopt.verify.audit import AuditReport, audit

if TYPE_CHECKING:
    from mechopt.exact import ExactSolution

Progress = Callable[[int, int], None]


class Addendum:
    """What else there is to say of a solution; everything is empty unless a subclass says it.

    Parameters
    ----------
    solution
        The solution, with further notes where there are any.
    """

    title = "mechopt"
    """What to call the problem where nobody said."""

    says_money = True
    """Whether ``mechopt solve --json`` says what is paid (:mod:`mechopt.report.money`)."""

    given = ""
    """What a claim about existence takes for granted beyond the usual, beginning with a comma."""

    def __init__(self, solution: Solution) -> None:
        self.solution = solution

    def audit(self) -> AuditReport:
        """Return the audit of the solution, and of what was made of it."""
        return audit(self.solution.problem, self.solution)

    def checks(self) -> tuple[Check, ...]:
        """Return what ``mechopt verify`` checks further."""
        return ()

    def unchecked(self) -> tuple[str, ...]:
        """Return what ``mechopt verify`` cannot check although it was asked for, and why."""
        return ()

    @property
    def implies_requirements(self) -> bool:
        """Whether what was solved has requirements of its own, which go without saying."""
        return False

    def head(self) -> Sequence[str]:
        """Return lines below the title."""
        return ()

    def rows(self, exact: ExactSolution | None, bound: Row) -> list[Row] | None:
        """Return the lines of the table, the proved bound among them; None for the usual ones."""
        del exact, bound
        return None

    def further(self) -> list[Row]:
        """Return lines that follow the usual ones."""
        return []

    def table(self) -> Grid | None:
        """Return a table below them."""
        return None

    def remarks(self) -> list[tuple[str, str]]:
        """Return remarks, each under its name."""
        return []

    def said(self) -> tuple[str, ...]:
        """Return the notes of the solution that the head has said already."""
        return ()

    def record(self, exact: ExactSolution | None) -> dict[str, Any]:
        """Return further keys of ``mechopt solve --json``."""
        del exact
        return {}


class HasSolution(Protocol):
    """What was made of a solution, and holds it."""

    @property
    def solution(self) -> Solution:
        """The solution."""
        ...


def addendum_on(outcome: object) -> Addendum | None:
    """Return what there is to say of a solution, or of what was made of one; None if nothing."""
    for kind in kinds().values():
        if kind.report:
            found: Addendum | None = _function(f"{kind.report}_on")(outcome)
            if found is not None:
                return found
    return None


def further_keys() -> frozenset[str]:
    """Return the keys that papers add to those of ``mechopt solve --json``.

    Examples
    --------
    >>> "gap" in further_keys(), "objective" in further_keys()
    (True, False)
    """
    reports = [kind.report for kind in kinds().values() if kind.report]
    return frozenset[str]().union(*(_function(f"{report}_keys")() for report in reports))


def _function(name: str) -> Callable[..., Any]:
    module, _, function = name.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), function)
    return found


def addendum_of(
    solution: Solution,
    backend: str | None = None,
    *,
    further: bool = True,
    intervals: bool = False,
    progress: Progress | None = None,
) -> Addendum | None:
    """Return what the paper behind an environment adds to a report, or None.

    Parameters
    ----------
    solution
        The solution.
    backend
        Name of the backend for further programs.
    further
        Whether to solve further programs at all.
    intervals
        Whether to compute what takes a program or two for each type.
    progress
        Called with the number of programs solved for that and the number in all.
    """
    for kind in kinds().values():
        if kind.report:
            found: Addendum | None = _function(kind.report)(
                solution, backend, further=further, intervals=intervals, progress=progress
            )
            if found is not None:
                return found
    return None
