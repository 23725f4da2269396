"""What the checks share: how they fail, and that objects come back from a file as they were."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import shown
from mechopt._util.saving import decode, encode, fingerprint
from mechopt.errors import MechoptError
from mechopt.saved import saved_classes

SAVED = "saved and loaded the same"
Saved = TypeVar("Saved")


def demand(holds: object, check: str, where: str, expected: object, got: object) -> None:
    """Raise AssertionError, unless a check holds.

    Examples
    --------
    >>> demand(False, "scaling", "cost", 2, 3)
    Traceback (most recent call last):
        ...
    AssertionError: scaling: cost: expected 2, got 3
    """
    if not holds:
        raise AssertionError(f"{check}: {where}: expected {expected}, got {shown(str(got))}")


def demand_equal(
    check: str, where: str, expected: npt.ArrayLike, got: npt.ArrayLike, tolerance: float = 0.0
) -> None:
    """Raise AssertionError, unless arrays have one shape and the same numbers up to a tolerance.

    Examples
    --------
    >>> demand_equal("scaling", "cost", [2.0, 4.0], [2.0, 4.5])
    Traceback (most recent call last):
        ...
    AssertionError: scaling: cost [1]: expected 4.0, got 4.5
    """
    wanted, found = np.asarray(expected, dtype=np.float64), np.asarray(got, dtype=np.float64)
    demand(found.shape == wanted.shape, check, f"shape of {where}", wanted.shape, found.shape)
    with np.errstate(invalid="ignore"):
        wrong = (found != wanted) & ~(np.abs(found - wanted) <= tolerance)
    if wrong.any():
        place = tuple(int(k) for k in np.argwhere(wrong)[0])
        at = f" {list(place)}" if place else ""
        demand(False, check, f"{where}{at}", wanted[place], found[place])


@contextmanager
def accepted(check: str, where: str) -> Iterator[None]:
    """Turn an error of mechopt's within the block into the failure of a check."""
    try:
        yield
    except MechoptError as error:
        raise AssertionError(
            f"{check}: {where}: expected no error, got {type(error).__name__}: {error}"
        ) from error


def loaded_again(thing: Saved, *parts: object) -> Saved:
    """Return an object as it comes back from a file, and check that it is the same.

    Its own class and those of the parts named need not be importable.

    Raises
    ------
    AssertionError
        If it cannot be saved, or comes back with other fields.

    Examples
    --------
    >>> from mechopt import Trade
    >>> loaded_again(Trade())
    Trade()
    """
    kind = type(thing)
    classes = dict.fromkeys(type(each) for each in (thing, *parts))
    own = [each for each in classes if not each.__module__.startswith("mechopt.")]
    with accepted(SAVED, kind.__name__):
        said = json.loads(json.dumps(encode(thing), allow_nan=False))
        again: Any = decode(said, saved_classes(own))
        demand(type(again) is kind, SAVED, "class", kind, type(again))
        demand(again == thing, SAVED, f"a loaded {kind.__name__}", thing, again)
        digests = fingerprint(thing), fingerprint(again)
    demand(
        digests[0] == digests[1], SAVED, f"fingerprint of {kind.__name__}", digests[0], digests[1]
    )
    return again  # type: ignore[no-any-return]
