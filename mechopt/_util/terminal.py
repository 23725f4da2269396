"""The streams of the command line: what may be closed, cut off, or unable to show a letter."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from mechopt._util.text import for_terminal, shortened

# A narrower one breaks every word, and one of no columns shows nothing.
FEWEST_COLUMNS = 20


class ClosedOutput(io.TextIOBase):
    """Stands for a standard output that is closed: only who writes to it has a problem."""

    def write(self, text: str, /) -> int:
        """Refuse any text but none."""
        if text:
            raise OSError(errno.EBADF, "standard output is closed")
        return 0


def say(text: str) -> None:
    """Print a text on standard output, so that a terminal shows it and does not obey it.

    Examples
    --------
    >>> say("Six types: optimal")
    Six types: optimal
    """
    print(for_terminal(text))


def complain(text: str) -> None:
    r"""Print a message of bounded length on standard error, after the name of the program.

    Examples
    --------
    >>> from contextlib import redirect_stderr
    >>> with redirect_stderr(sys.stdout):
    ...     complain("no file \x1b[31m")
    mechopt: no file \x1b[31m
    """
    # Without a standard error, print would take standard output in its place.
    if sys.stderr is None:
        return
    with suppress(OSError, ValueError):
        # Escapes are longer than what they stand for, and to escape all of a long text takes long.
        message = shortened(for_terminal(shortened(f"mechopt: {text}")))
        print(message, file=sys.stderr, flush=True)


@contextmanager
def usable_streams() -> Iterator[None]:
    """Let a command use standard output and error, whatever they are; restore them after.

    A letter that the encoding lacks is shown by its number. Closed descriptors are occupied, so
    that no file that a command opens becomes its standard output.

    Examples
    --------
    >>> with usable_streams():
    ...     print("seen")
    seen
    """
    _occupy()
    output, columns = sys.stdout, os.environ.get("COLUMNS")
    changed = [(stream, stream.errors) for stream in (output, sys.stderr) if _is_strict(stream)]
    for stream, _ in changed:
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    if output is None:
        sys.stdout = ClosedOutput()
    if columns is not None and columns.isdecimal() and int(columns) < FEWEST_COLUMNS:
        del os.environ["COLUMNS"]
    try:
        yield
    finally:
        if output is None:
            sys.stdout = output
        if columns is not None:
            os.environ["COLUMNS"] = columns
        for stream, errors in changed:
            with suppress(OSError, ValueError):
                stream.reconfigure(errors=errors)  # type: ignore[union-attr]


def give_up_output() -> None:
    """Send what standard output still holds nowhere, so that the interpreter does not fail on it.

    For when nobody reads it any more, or it cannot be written.
    """
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _is_strict(stream: object) -> bool:
    return isinstance(stream, io.TextIOWrapper) and stream.errors in ("strict", "surrogateescape")


def _occupy() -> None:
    """Open what is closed of the three standard descriptors on nothing."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number is the one that is given.
            with suppress(OSError):
                os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
