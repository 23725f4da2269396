"""What the benchmarks share: CPU time, and the unit that it is measured in."""

from __future__ import annotations

import time
from functools import cache

import numpy as np

MILLION = 1_000_000


def cpu_seconds(job, repeats=5):
    """Return the least CPU time of the process over a few calls, and the last result."""
    best, result = np.inf, None
    for _ in range(repeats):
        start = time.process_time()
        result = job()
        best = min(best, time.process_time() - start)
    return best, result


@cache
def search_of_a_million():
    """Return the unit u: one search of a million sorted values in a million sorted values."""
    rng = np.random.default_rng(0)
    table, keys = np.sort(rng.random(MILLION)), np.sort(rng.random(MILLION))
    return cpu_seconds(lambda: np.searchsorted(table, keys), repeats=7)[0]
