"""How far long work has got: a bar on a terminal, now and then a plain line elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mechopt._util.text import one_line

if TYPE_CHECKING:
    from rich.console import Console

# Quick work says nothing; a log of long work stays short.
SECONDS_TO_FIRST_LINE = 10.0
SECONDS_BETWEEN_LINES = 30.0

Report = Callable[[int, int], None]


class PlainLines:
    """Says on standard error, one line now and then, how much is done and what time is left.

    Parameters
    ----------
    what
        What is counted.
    done
        How many were done before this run.
    clock
        What tells the time, in seconds.

    Examples
    --------
    >>> from contextlib import redirect_stderr
    >>> clock = iter([0.0, 20.0]).__next__
    >>> with redirect_stderr(sys.stdout):
    ...     PlainLines("points", clock=clock).report(30, 90)
    points: 30 of 90 in 20 s, about 40 s left
    """

    def __init__(
        self, what: str, done: int = 0, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._what = what
        self._before = done
        self._clock = clock
        self._start = clock()
        self._next = self._start + SECONDS_TO_FIRST_LINE

    def report(self, done: int, total: int) -> None:
        """Take note of how much is done, and say it if it is time to."""
        now = self._clock()
        if now < self._next or sys.stderr is None:
            return
        self._next = now + SECONDS_BETWEEN_LINES
        spent, own = now - self._start, done - self._before
        left = f", about {spent * (total - done) / own:,.0f} s left" if own > 0 else ""
        line = f"{self._what}: {done:,} of {total:,} in {spent:,.0f} s{left}"
        print(one_line(line), file=sys.stderr, flush=True)


@contextmanager
def reported(what: str, done: int = 0, *, shown: bool, transient: bool = False) -> Iterator[Report]:
    """Give a function to call with the number done and the number in all.

    Parameters
    ----------
    what
        What is counted.
    done
        How many were done before this run.
    shown
        Whether to say anything.
    transient
        Whether the bar goes when the work is done; it appears with the first call.

    Examples
    --------
    >>> with reported("points", shown=True) as report:
    ...     report(1, 10)
    """
    if not shown:
        yield lambda done, total: None
        return
    console = error_console()
    if not console.is_terminal:
        yield PlainLines(what, done).report
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=transient) as bar:
        task = bar.add_task(what, total=None, completed=done, visible=False)
        yield lambda done, total: bar.update(task, completed=done, total=total, visible=True)


def error_console() -> Console:
    """Return the console of standard error."""
    from rich.console import Console

    return Console(stderr=True)
