"""What commands share: exit statuses, the console, progress."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from mechopt._util.progress import reported
from mechopt._util.terminal import complain, say
from mechopt._util.text import one_line
from mechopt.errors import InvalidInputError

if TYPE_CHECKING:
    from rich.console import Console

    from mechopt.exact import ExactSolution
    from mechopt.literature.peski2024.payoff_intervals import Progress
    from mechopt.report.report import Report
    from mechopt.solution import Solution

ANSWERED = 0
FAILED = 1
BAD_INPUT = 2
INTERRUPTED = 130
# As a shell says that whoever read the output closed it: 128 and the number of SIGPIPE.
CLOSED = 141


@Parameter(name="*")
@dataclass(frozen=True)
class Talk:
    """How much a command says.

    Parameters
    ----------
    quiet
        Say the result in one line, or nothing where a file is written; errors are said all the
        same.
    verbose
        Say also what was checked, and what the solver did.
    """

    quiet: Annotated[bool, Parameter(name=("--quiet", "-q"), negative="")] = False
    verbose: Annotated[bool, Parameter(name=("--verbose", "-v"), negative="")] = False

    def __post_init__(self) -> None:
        if self.quiet and self.verbose:
            raise InvalidInputError(
                "two wishes that exclude each other",
                where="--quiet",
                expected="--quiet or --verbose",
                got="both",
                remedy="Leave one of them out.",
            )


PLAIN = Talk()
"""What a command says unless told otherwise."""


def status_of(solution: Solution, audit_passed: bool) -> int:
    """Return the exit status of an answer, and say on standard error why there is no optimum."""
    from mechopt.backends import explain
    from mechopt.solution import Termination

    if solution.termination is not Termination.OPTIMAL:
        complain(explain(solution))
        return FAILED
    return ANSWERED if audit_passed else FAILED


@contextmanager
def progress_bar(title: str, *, shown: bool = True) -> Iterator[Progress]:
    """Say from the first report of a job on how much is done and the time left.

    A bar on a terminal, a plain line now and then elsewhere.
    """
    with reported(title, shown=shown, transient=True) as report:
        yield report


def show_report(report: Report, talk: Talk) -> None:
    """Print a report as briefly or as fully as wished."""
    from mechopt._util.rounding import in_figures
    from mechopt.report.words import standing, verdict_in_words
    from mechopt.solution import Termination

    solution, audit = report.solution, report.audit
    if talk.quiet:
        verdict = verdict_in_words(solution, audit)
        objective = in_figures(solution.objective, ".9g", solution.problem.environment.first_best)
        value = f"{objective}, " if solution.mechanism is not None else ""
        if solution.mechanism is not None and solution.termination is not Termination.OPTIMAL:
            value = f"{standing(solution)}, "
        if report.exact is not None:
            value = f"{value}{in_fractions(report.exact)}, "
        say(f"{one_line(report.title)}: {solution.termination.value}, {value}{verdict}")
        return
    report.show(console())
    if not talk.verbose:
        return
    for line in (*map(str, audit.checks), *audit.notes, *effort(solution)):
        say(f"  {line}")


def in_fractions(exact: ExactSolution) -> str:
    """Return the optimum as a fraction, or that there is none and why, in one line."""
    if exact.objective is not None:
        return f"exactly {exact.objective}"
    return f"no fraction ({one_line(exact.reason)})" if exact.reason else "no fraction"


def effort(solution: Solution) -> list[str]:
    """Return what the solver did, as lines."""
    statistics, provenance = solution.statistics, solution.provenance
    facts = {
        "variables": statistics.num_variables,
        "constraints": statistics.num_constraints,
        "nonzeros": statistics.num_nonzeros,
        "iterations": statistics.iterations,
    }
    known = ", ".join(f"{value:,} {name}" for name, value in facts.items() if value is not None)
    versions = ", ".join(f"{name} {number}" for name, number in provenance.versions.items())
    seconds = statistics.solver_seconds
    spent = "" if seconds is None else f"; {seconds:.3g} s in the solver"
    lines = [f"{provenance.backend}: {known or 'no sizes known'}{spent}", f"versions: {versions}"]
    return [*lines, f"problem: SHA-256 {solution.problem.fingerprint}"]


def console() -> Console:
    """Return the console of standard output."""
    from rich.console import Console

    return Console(highlight=False)
