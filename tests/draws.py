"""How many random draws a test makes: all with THOROUGH=1 (`make test-thorough`), else a share."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

THOROUGH = os.environ.get("THOROUGH", "") not in {"", "0"}
T = TypeVar("T")


def drawn(number: int, share: int = 6) -> range:
    """Return the seeds below a number, or one in so many of them."""
    return range(number if THOROUGH else -(-number // share))


def some(items: Sequence[T], share: int = 4, start: int = 0) -> Sequence[T]:
    """Return all items, or one in so many of them, from a place that may turn with a test's own."""
    return items if THOROUGH else items[start % share :: share]


def in_turn(first: Sequence[T], second: Sequence[T]) -> list[tuple[T, T]]:
    """Return all pairs, or each of the first with one of the second, in turn."""
    return [
        (one, other)
        for i, one in enumerate(first)
        for j, other in enumerate(second)
        if THOROUGH or i % len(second) == j
    ]


def crossed(first: Sequence[T], second: Sequence[T]) -> list[tuple[T, T]]:
    """Return all pairs, or one in three of them so that each of both sides has its turns."""
    first, second = list(first), list(second)
    return [
        (one, other)
        for i, one in enumerate(first)
        for j, other in enumerate(second)
        if THOROUGH or (i + j) % 3 == 0
    ]
