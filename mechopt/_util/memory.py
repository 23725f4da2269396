"""How much memory there is, asked before it is taken."""

from __future__ import annotations

import os
from pathlib import Path

from mechopt.errors import TooLargeError

# What is left to the interpreter, its libraries and everybody else.
SHARE = 0.8
# In bytes: so little is there, and to look takes longer than to solve a small problem.
SMALL = 1e7


def available() -> float:
    """Return how many bytes this process can still take; infinity where nobody says.

    The least of what the machine has left, the process's own limit and that of its container.

    Examples
    --------
    >>> available() > 0
    True
    """
    return max(0.0, min(_of_the_machine(), _of_the_process(), _of_the_container()))


def require_memory(needed: float, what: str, remedy: str) -> None:
    """Raise TooLargeError if something would take more memory than there is.

    Parameters
    ----------
    needed
        Estimate in bytes.
    what
        What would take it, for the error.
    remedy
        What the caller can do.

    Examples
    --------
    >>> require_memory(1e18, "an array over all profiles", "Use fewer types.")
    Traceback (most recent call last):
        ...
    mechopt.errors.TooLargeError: an array over all profiles would take about 1,000,000,000.0 GB...
    """
    if needed <= SMALL:
        return
    there = SHARE * available()
    if needed > there:
        raise TooLargeError(
            f"{what} would take about {needed / 1e9:,.1f} GB of memory, and this process can take "
            f"{there / 1e9:,.1f} GB. {remedy}"
        )


def _of_the_machine() -> float:
    try:
        facts = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        free = next(line for line in facts if line.startswith("MemAvailable:"))
        return 1024.0 * int(free.split()[1])
    except (OSError, ValueError, StopIteration):
        # Elsewhere than on Linux, at least what the machine has in all.
        return _physical()


def _physical() -> float:
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (OSError, ValueError, AttributeError):
        return float("inf")


def _of_the_process() -> float:
    try:
        import resource

        limit, _ = resource.getrlimit(resource.RLIMIT_AS)
        if limit == resource.RLIM_INFINITY:
            return float("inf")
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        return float(limit - pages * os.sysconf("SC_PAGE_SIZE"))
    except (ImportError, OSError, ValueError):
        return float("inf")


def _of_the_container() -> float:
    """Return what a control group leaves, of either version; pages of files can be given up."""
    for folder, limit, used in (
        ("/sys/fs/cgroup", "memory.max", "memory.current"),
        ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
    ):
        try:
            most = int(Path(folder, limit).read_text(encoding="ascii"))
            taken = int(Path(folder, used).read_text(encoding="ascii"))
            facts = dict(
                line.split() for line in Path(folder, "memory.stat").read_text().splitlines()
            )
        except (OSError, ValueError):
            continue
        return float(most - taken + int(facts.get("inactive_file", 0)))
    return float("inf")
