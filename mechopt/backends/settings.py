"""What a caller may tell a solver: tolerance, time limit, threads, options of its own."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from mechopt.errors import InvalidInputError, require_tolerance
from mechopt.solution import Solution

SOLVER_TOLERANCE = 1e-9
# A solver that is given no time at all may take none for unlimited.
LEAST_SECONDS = 1e-9


@dataclass(frozen=True)
class Settings:
    """How to solve.

    Parameters
    ----------
    tolerance
        Feasibility and optimality tolerance of the solver, relative to the width of the interval
        of types.
    deadline
        Reading of ``time.perf_counter`` at which the solver is to stop; None for no limit.
    threads
        The most threads that the solver may use; None leaves that to it.
    options
        Options by the solver's own names, which go before ours.
    start
        The solution to start from; None for the usual start.
    """

    tolerance: float = SOLVER_TOLERANCE
    deadline: float | None = None
    threads: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    start: Solution | None = None

    def remaining(self) -> float | None:
        """Return the seconds left, at least hardly any; None if there is no limit."""
        if self.deadline is None:
            return None
        return max(self.deadline - time.perf_counter(), LEAST_SECONDS)

    @property
    def is_over(self) -> bool:
        """Whether the time limit has passed."""
        return self.deadline is not None and time.perf_counter() >= self.deadline


def settings_of(
    tolerance: float, time_limit: float | None, threads: int | None, options: Mapping[str, Any]
) -> Settings:
    """Return checked settings; the time starts now.

    Raises
    ------
    InvalidInputError
        For a tolerance, a time limit or a number of threads that is none.

    Examples
    --------
    >>> settings_of(1e-9, None, None, {"presolve": "off"}).options
    {'presolve': 'off'}
    >>> settings_of(1e-9, -1.0, None, {})
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: time_limit: not a time limit (expected seconds, a number...
    """
    require_tolerance(tolerance)
    number = isinstance(time_limit, (int, float)) and not isinstance(time_limit, bool)
    if time_limit is not None and not (number and 0.0 < time_limit < math.inf):
        raise InvalidInputError(
            "not a time limit",
            where="time_limit",
            expected="seconds, a number above 0",
            got=repr(time_limit)[:60],
            remedy="Leave it out for no limit.",
        )
    whole = isinstance(threads, int) and not isinstance(threads, bool)
    if threads is not None and not (whole and threads >= 1):
        raise InvalidInputError(
            "not a number of threads",
            where="threads",
            expected="a whole number of at least 1",
            got=repr(threads)[:60],
            remedy="Leave it out to let the solver choose.",
        )
    deadline = None if time_limit is None else time.perf_counter() + time_limit
    return Settings(tolerance, deadline, threads, dict(options))


def unknown_option(name: str, where: str, expected: str) -> InvalidInputError:
    """Return the error about an option that a solver does not know."""
    return InvalidInputError(
        "no such option",
        where=where,
        expected=expected,
        got=repr(name)[:60],
        remedy="Correct the name, or leave it out.",
    )


# What the arguments of solve say, by HiGHS' own names.
OURS = frozenset({"time_limit", "threads"})


def require_highs_options(options: Mapping[str, Any], where: str) -> None:
    """Raise InvalidInputError unless HiGHS knows all options and takes their values.

    Examples
    --------
    >>> require_highs_options({"presolve": "off"}, "highs")
    >>> require_highs_options({"presolve": "perhaps"}, "highs")
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: highs: not a value of this option (expected a value that...
    """
    if not options:
        return
    import highspy

    from mechopt.program.quiet import silence_banner

    silence_banner()
    trial = highspy.Highs()
    trial.setOptionValue("output_flag", False)
    for name, value in options.items():
        if name in OURS or trial.getOptionType(name)[0] != highspy.HighsStatus.kOk:
            raise unknown_option(name, where, "an option of HiGHS by its own name")
        if not _is_taken(trial, name, value):
            raise InvalidInputError(
                "not a value of this option",
                where=where,
                expected=f"a value that HiGHS takes for {name}",
                got=repr(value)[:60],
                remedy="See HiGHS' list of options.",
            )


def _is_taken(trial: Any, name: str, value: object) -> bool:
    import highspy

    try:
        status = trial.setOptionValue(name, value)
    except (TypeError, ValueError):
        return False
    return bool(status == highspy.HighsStatus.kOk)


@contextmanager
def highs_threads(threads: int | None) -> Iterator[None]:
    """Let HiGHS use this many threads meanwhile: it has one number for the whole process."""
    if threads is None:
        yield
        return
    import highspy

    highspy.Highs.resetGlobalScheduler(True)
    try:
        yield
    finally:
        highspy.Highs.resetGlobalScheduler(True)
