"""One thread for linear algebra."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

# What its libraries read when they are loaded.
ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
}

# Products of longer arrays would be split over threads, which wait for memory and keep cores busy.
LONG = 10_000


@contextmanager
def one_thread(size: int) -> Iterator[None]:
    """Keep linear algebra to one thread while arrays of so many numbers are worked on.

    Examples
    --------
    >>> with one_thread(1_000_000):
    ...     pass
    """
    if size <= LONG or ONE_THREAD.items() <= os.environ.items():
        yield
        return
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        yield
