"""How long a search goes on, from which seeds, and how to repeat what it found.

``FUZZ_SECONDS`` is the time of the whole search; without it every family has a fixed number of
seeds, half of them but with ``THOROUGH=1``, so that the tests are the same in every run.
``FUZZ_START`` is the first seed, and ``FUZZ_SEED`` the only one. ``FUZZ_FAMILIES``, names with
commas between, runs these alone.
"""

from __future__ import annotations

import os
import time

from ..draws import drawn


def wanted(family):
    """Return whether a family is run."""
    named = os.environ.get("FUZZ_FAMILIES", "all")
    return named == "all" or family in named.split(",")


def is_long():
    """Return whether this is a search with a time of its own, not a part of the tests."""
    return "FUZZ_SECONDS" in os.environ


def seeds(family, count, *, share=0.1):
    """Yield the seeds of a family: ``count`` of them, or as many as its share of the time allows.

    A failure names its family and seed, and the command that repeats it.
    """
    only = os.environ.get("FUZZ_SEED")
    start = int(os.environ.get("FUZZ_START", "0"))
    budget = os.environ.get("FUZZ_SECONDS")
    if only is not None:
        yield int(only)
        return
    if budget is None:
        yield from (start + number for number in drawn(count, 2))
        return
    end = time.monotonic() + share * float(budget)
    seed = start
    while time.monotonic() < end:
        yield seed
        seed += 1


def repeat(family, seed):
    """Return the command that runs one seed of one family again."""
    return f"FUZZ_FAMILIES={family} FUZZ_SEED={seed} python -m pytest tests/fuzz -k {family}"
