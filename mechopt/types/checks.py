"""What the numbers of a type space must satisfy: one clear error for each fault."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, frozen, shown
from mechopt._util.given import given_numbers
from mechopt.errors import InvalidInputError

MASS_TOLERANCE = 1e-9
LARGEST_NUMBER = 1e150
# Money divided by a probability is at most this.
LARGEST_QUOTIENT = 1e305


def whole_number(name: str, value: int) -> int:
    """Return a number of cells, or say what is wrong with it."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise InvalidInputError(
            "not a number of cells",
            where=name,
            expected="a whole number of at least 1",
            got=shown(value),
            remedy="Give a positive whole number.",
        )
    return int(value)


def vector(name: str, values: npt.ArrayLike | Iterable[Any]) -> FloatArray:
    """Return a read-only vector of finite floats, or say what is wrong with it."""
    remedy = "Give a list of finite numbers."
    given = isinstance(values, np.ndarray) and values.dtype == np.float64 and values.ndim == 1
    plain = given and type(values) is np.ndarray
    array = frozen(values if plain else given_numbers(values, name)[0])  # type: ignore[arg-type]
    if array.size == 0:
        raise InvalidInputError(
            "empty",
            where=name,
            expected="a one-dimensional list with at least one number",
            got="none",
            remedy=remedy,
        )
    if not (array.min() >= -LARGEST_NUMBER and array.max() <= LARGEST_NUMBER):
        bad = np.flatnonzero(~(np.abs(array) <= LARGEST_NUMBER))
        raise InvalidInputError(
            "not finite" if not np.isfinite(array[bad[0]]) else "too large",
            where=name,
            expected="finite numbers up to 1e150",
            got=f"{array[bad[0]]} at position {bad[0]}",
            remedy=remedy,
        )
    return array


def check_distinct(
    what: str, name: str, values: FloatArray, written: str | tuple[str, ...]
) -> None:
    """Refuse distinct numbers that are one float: a mechanism would treat them as one type."""
    if isinstance(written, str):
        return
    seen: dict[float, str] = {}
    for value, text in zip(values.tolist(), written, strict=True):
        other = seen.setdefault(value, text)
        if other != text:
            raise InvalidInputError(
                what,
                where=name,
                expected="numbers that floats can tell apart",
                got=f"{shown(other)} and {shown(text)}, which are both {value!r}",
                remedy="Measure them from an origin near them, on both sides alike: in an instance "
                "file, with the key origin of the environment.",
            )


def check_mass(mass: FloatArray, where: str = "mass") -> None:
    """Refuse what is no distribution with positive probabilities."""
    if mass.min(initial=1.0) <= 0:
        bad = np.flatnonzero(mass <= 0)
        raise InvalidInputError(
            "a probability is not positive",
            where=where,
            expected="positive probabilities",
            got=f"{mass[bad[0]]:.12g} at position {bad[0]}",
            remedy="Leave out types that cannot occur.",
        )
    total = float(mass.sum())
    if abs(total - 1.0) > MASS_TOLERANCE:
        raise InvalidInputError(
            "probabilities do not sum to one",
            where=where,
            expected="a sum of 1",
            got=f"{total:.12g}",
            remedy="Correct them, or divide each by their sum if that is what is meant.",
        )


def check_cells(mass: FloatArray, mean: FloatArray, lower: FloatArray, upper: FloatArray) -> None:
    """Refuse what are no cells of a distribution."""
    check_mass(mass)
    check_order(mean, lower, upper)
    check_rare(mass, lower, upper)


def check_rare(mass: FloatArray, lower: FloatArray, upper: FloatArray) -> None:
    """Refuse types, not cells, so rare that money divided by their probability is beyond floats.

    Examples
    --------
    >>> check_rare(np.array([1e-310, 1.0]), np.array([1.0, 2.0]), np.array([1.0, 2.0]))
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: mass: a probability is too small to compute with (expected...
    """
    least = float(upper[-1] - lower[0]) / LARGEST_QUOTIENT
    if mass.min(initial=least) >= least:
        return
    bad = np.flatnonzero((mass < least) & (lower == upper))
    if bad.size:
        raise InvalidInputError(
            "a probability is too small to compute with",
            where="mass",
            expected=f"at least {least:.3g}, {1 / LARGEST_QUOTIENT:g} times the width of the types",
            got=f"{mass[bad[0]]:.3g} at position {bad[0]}",
            remedy="Leave out types so rare, or truncate the law.",
        )


def check_order(mean: FloatArray, lower: FloatArray, upper: FloatArray) -> None:
    """Refuse cells that are out of order or do not hold their means."""
    if (mean < lower).any() or (mean > upper).any():
        outside = np.flatnonzero((mean < lower) | (mean > upper))
        cell = int(outside[0])
        raise InvalidInputError(
            "a cell's mean lies outside the cell",
            where="mean",
            expected="lower <= mean <= upper",
            got=f"{lower[cell]:.12g}, {mean[cell]:.12g}, {upper[cell]:.12g} in cell {cell}",
            remedy="Correct the cell.",
        )
    overlap = upper[:-1] > lower[1:]
    if overlap.any():
        cell = int(np.argmax(overlap))
        raise InvalidInputError(
            "cells overlap or are out of order",
            where="lower",
            expected="each cell to begin where the one before it ends, or above",
            got=f"{upper[cell]:.12g} as the end of cell {cell}, then {lower[cell + 1]:.12g}",
            remedy="Sort the cells and remove the overlap.",
        )
