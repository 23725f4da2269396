"""Results that are kept as long as what they were computed of lives."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable
from typing import TypeVar

Of = TypeVar("Of")
Result = TypeVar("Result")


def kept_while_it_lives(
    *, most: int | None = None
) -> Callable[[Callable[[Of], Result]], Callable[[Of], Result]]:
    """Return a decorator that keeps what a function of one immutable object returns.

    Objects are told apart by identity and referred to weakly, so that a result is freed with its
    object. It must not refer to that object, or neither would be.

    Parameters
    ----------
    most
        How many results are kept at a time, the newest; all unless said.

    Examples
    --------
    >>> @kept_while_it_lives()
    ... def total(values):
    ...     print("computed")
    ...     return sum(values)
    >>> ones = frozenset([1, 2])
    >>> total(ones), total(ones)
    computed
    (3, 3)
    """

    def decorate(function: Callable[[Of], Result]) -> Callable[[Of], Result]:
        kept: dict[int, tuple[weakref.ref[Of], Result]] = {}

        def forget(key: int, gone: weakref.ref[Of]) -> None:
            # Another object may have the same place in memory by now.
            if key in kept and kept[key][0] is gone:
                del kept[key]

        @functools.wraps(function)
        def of(given: Of) -> Result:
            key = id(given)
            found = kept.get(key)
            if found is not None and found[0]() is given:
                return found[1]
            result = function(given)
            kept[key] = weakref.ref(given, functools.partial(forget, key)), result
            while most is not None and len(kept) > most:
                kept.pop(next(iter(kept), key), None)
            return result

        return of

    return decorate
