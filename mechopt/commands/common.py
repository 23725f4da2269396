"""What commands share: exit statuses, the console, progress."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from mechopt.analysis.payoff_intervals import Progress
    from mechopt.solution import Solution

ANSWERED = 0
FAILED = 1
BAD_INPUT = 2


def status_of(solution: Solution, audit_passed: bool) -> int:
    """Return the exit status of an answer, and say on standard error why there is no optimum."""
    from mechopt.backends import explain
    from mechopt.solution import Termination

    if solution.termination is not Termination.OPTIMAL:
        print(f"mechopt: {explain(solution)}", file=sys.stderr)
        return FAILED
    return ANSWERED if audit_passed else FAILED


@contextmanager
def progress_bar(title: str) -> Iterator[Progress]:
    """Show on a terminal, from the first report of a job on, how much is done and the time left."""
    from rich.console import Console
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    with Bar(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, visible=False)
        yield lambda done, total: bar.update(task, completed=done, total=total, visible=True)


def console() -> Console:
    """Return the console of standard output."""
    from rich.console import Console

    return Console(highlight=False)
