"""One thread for linear algebra."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

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
    with _libraries(len(sys.modules)).limit(limits=1):
        yield


@lru_cache(maxsize=1)
def _libraries(num_modules: int) -> ThreadpoolController:
    """Return the libraries that are loaded; looking for them takes milliseconds.

    They are looked for again where modules were loaded since, for those may bring others.
    """
    del num_modules
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
