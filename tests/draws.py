"""How many random draws a test makes: all with THOROUGH=1 (`make test-thorough`), else a share."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

THOROUGH = os.environ.get("THOROUGH", "") not in {"", "0"}
T = TypeVar("T")


def drawn(number: int, share: int = 4) -> range:
    """Return the seeds below a number, or one in so many of them."""
    return range(number if THOROUGH else -(-number // share))


def some(items: Sequence[T], share: int = 3, start: int = 0) -> Sequence[T]:
    """Return all items, or one in so many of them, from a place that may turn with a test's own."""
    return items if THOROUGH else items[start % share :: share]
