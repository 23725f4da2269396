"""What a kind of environment adds to reports, found by the kind that declares it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

from mechopt._util.table import Table
from mechopt.environments.environment import Environment
from mechopt.environments.kinds import declared_by, kind_of, kinds
from mechopt.mechanism.check import Check
from mechopt.report.page import Row
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

    table_title = "By type"
    """What the table is called in a document."""

    says_money = True
    """Whether ``mechopt solve --json`` says what is paid (:mod:`mechopt.report.money`)."""

    given = ""
    """What a claim about existence takes for granted beyond the usual, beginning with a comma."""

    keys: ClassVar[frozenset[str]] = frozenset()
    """What :meth:`record` adds to the keys of ``mechopt solve --json``."""

    def __init__(self, solution: Solution) -> None:
        self.solution = solution

    @classmethod
    def of(
        cls,
        solution: Solution,
        backend: str | None = None,
        *,
        further: bool = True,
        intervals: bool = False,
        progress: Progress | None = None,
    ) -> Self:
        """Return what there is to say of a solution; arguments are those of :func:`addendum_of`."""
        del backend, further, intervals, progress
        return cls(solution)

    @classmethod
    def on(cls, outcome: object) -> Self | None:
        """Return what there is to say, without further programs; None if nothing.

        Parameters
        ----------
        outcome
            A solution, or what was made of one.
        """
        return cls(outcome) if isinstance(outcome, Solution) else None

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

    def table(self) -> Table | None:
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
    solution = outcome if isinstance(outcome, Solution) else getattr(outcome, "solution", None)
    if not isinstance(solution, Solution):
        return None
    found = _class_for(solution.problem.environment)
    return None if found is None else found.on(outcome)


def further_keys() -> frozenset[str]:
    """Return the keys that kinds add to those of ``mechopt solve --json``.

    Examples
    --------
    >>> "gap" in further_keys(), "objective" in further_keys()
    (True, False)
    """
    reports = [declared_by(kind.report) for kind in kinds().values() if kind.report]
    return frozenset[str]().union(*(report.keys for report in reports))


def _class_for(environment: Environment) -> type[Addendum] | None:
    """Return the class that the kind of an environment declares; no other one is imported."""
    kind = kind_of(environment)
    if kind is None or not kind.report:
        return None
    found: type[Addendum] = declared_by(kind.report)
    return found


def addendum_of(
    solution: Solution,
    backend: str | None = None,
    *,
    further: bool = True,
    intervals: bool = False,
    progress: Progress | None = None,
) -> Addendum | None:
    """Return what the kind of an environment adds to a report, or None.

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
    found = _class_for(solution.problem.environment)
    if found is None:
        return None
    return found.of(solution, backend, further=further, intervals=intervals, progress=progress)
