"""What keeps printed and returned results from hanging on the last bit of a float.

Sums come out differently in their last bits on another processor, with another number of threads,
or from another version of a library. So a number that rounding made is zero, a tie goes to a place
that rounding cannot change, and every figure in reports, tables, comparisons and pictures is
written by one function.
"""

from __future__ import annotations

import math
from typing import overload

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray

# Relative to the terms of a sum: a thousand times what a million of them leave in double precision.
ROUNDING = 1e-12
# Digits that do not differ between processors; figures are rounded from these.
KEPT_DIGITS = 13
# Whole numbers below this are written in full.
LARGEST_WHOLE = 1e15


def finite_or_none(value: float) -> float | None:
    """Return a number as records hold it: JSON has no infinities, and no NaN.

    Examples
    --------
    >>> finite_or_none(0.5), finite_or_none(math.inf)
    (0.5, None)
    """
    return float(value) if math.isfinite(value) else None


@overload
def without_rounding(value: float, scale: float) -> float: ...
@overload
def without_rounding(value: FloatArray, scale: npt.ArrayLike) -> FloatArray: ...
def without_rounding(value: float | FloatArray, scale: npt.ArrayLike) -> float | FloatArray:
    """Return the value, or zero where it is nothing but the rounding of terms of size ``scale``.

    Parameters
    ----------
    value
        A difference or a sum, or an array of them.
    scale
        Size of the terms that were added or subtracted, in the unit of the value.

    Examples
    --------
    >>> without_rounding(0.1 + 0.2 - 0.3, 0.3)
    0.0
    >>> without_rounding(np.array([1e-17, 0.5, -2e-16]), 1.0).tolist()
    [0.0, 0.5, 0.0]
    """
    size = ROUNDING * np.abs(np.asarray(scale, dtype=np.float64))
    if isinstance(value, np.ndarray):
        return np.where(np.abs(value) <= size, 0.0, value)
    return 0.0 if abs(value) <= float(size) else float(value)


def in_figures(value: float, form: str = ".6g", scale: float = 0.0) -> str:
    """Return a number as a person reads it, the same on every processor.

    Rounding is zero, zero has no sign, and a number halfway between two of the last figure goes
    to the same side whatever its last bits are.

    Parameters
    ----------
    value
        The number.
    form
        Python's format specification, for at most 12 digits.
    scale
        Size of the terms that were added or subtracted to compute it, in the same unit; 0 if it
        is data, or a sum of numbers of one sign.

    Examples
    --------
    >>> in_figures(0.1 + 0.2 - 0.3, scale=0.3), in_figures(-1e-9, ".4f"), in_figures(1e-17)
    ('0', '0.0000', '1e-17')
    >>> in_figures(-1e-9, "+.2f"), in_figures(0.5, "+.2f")
    (' 0.00', '+0.50')
    >>> in_figures(84.375, ".2f"), in_figures(84.37499999999999, ".2f")
    ('84.38', '84.38')
    """
    if not math.isfinite(value):
        return format(value, form)
    kept = float(f"{without_rounding(value, scale):.{KEPT_DIGITS}g}")
    text = format(kept, form)
    if any(digit in "123456789" for digit in text.lower().partition("e")[0]):
        return text
    text = format(0.0, form)
    return text.replace("+", " ", 1) if text.lstrip().startswith("+") else text


def told_apart(value: float, *others: float, digits: int = 6) -> str:
    """Return a number of data, such as a type or a price, in figures that tell it from others.

    Whole numbers stand in full, others in six figures or in as many more as it takes.

    Parameters
    ----------
    value
        The number, which is data or a mean of data.
    others
        Numbers that it must not be taken for, in the same unit.
    digits
        The fewest figures, at most 12.

    Examples
    --------
    >>> told_apart(9_999_999.0), told_apart(1e14 + 1, 1e14), told_apart(2 / 3)
    ('9999999', '100000000000001', '0.666667')
    >>> told_apart(1.00000025, 1.0000001, 1.0), told_apart(1e20)
    ('1.0000003', '1e+20')
    """
    whole = round(value) if math.isfinite(value) and abs(value) < LARGEST_WHOLE else None
    if whole is not None and whole == value:
        return str(whole)
    near = [other for other in others if abs(other - value) > 4.0 * math.ulp(value)]
    for figures in range(digits, KEPT_DIGITS):
        text = in_figures(value, f".{figures}g")
        if all(in_figures(other, f".{figures}g") != text for other in near):
            return text
    return f"{value:.17g}" if near else in_figures(value, f".{digits}g")


def entry_in_figures(values: FloatArray, k: int) -> str:
    """Return an entry of an array of data in figures that tell it from its two neighbours.

    Examples
    --------
    >>> entry_in_figures(np.array([0.5, 1e14, 1e14 + 2]), 1)
    '100000000000000'
    """
    return told_apart(*(float(values[j]) for j in (k, max(k - 1, 0), min(k + 1, values.size - 1))))


def violation_in_words(violation: float) -> str:
    """Return an audit's largest violation, relative to its scale, in words.

    Examples
    --------
    >>> violation_in_words(8e-16), violation_in_words(3e-9)
    ('no violation beyond rounding', 'largest violation 3e-09 of what is at stake')
    """
    if violation <= ROUNDING:
        return "no violation beyond rounding"
    return f"largest violation {violation:.0e} of what is at stake"


def power_of_ten(gain: float, scale: float) -> str:
    """Return a power of ten that a number does not exceed, at least the rounding of its scale.

    Powers of ten are turned about by no rounding.

    Examples
    --------
    >>> power_of_ten(3e-9, 1.0), power_of_ten(0.0, 1.0)
    ('1e-08', '1e-12')
    """
    least = 10.0 ** np.ceil(np.log10(max(gain, 1e-12 * scale, 1e-300)))
    return f"{least:.0e}"


def first_largest(values: npt.ArrayLike, scale: float | None = None) -> int:
    """Return the first place whose value is the largest up to rounding.

    Equal values that come out differently in their last bits are still equal, so that the place
    is the same on every processor. A value that is not a number comes before all others.

    Parameters
    ----------
    values : array
        At least one number; of several dimensions, they are counted in C order.
    scale
        Size of the terms from which the values were computed; their own largest size unless given.

    Examples
    --------
    >>> first_largest([0.0, 0.3, 0.1 + 0.2]), int(np.argmax([0.0, 0.3, 0.1 + 0.2]))
    (1, 2)
    """
    flat = np.asarray(values, dtype=np.float64).ravel()
    if np.isnan(flat).any():
        return int(np.argmax(np.isnan(flat)))
    top = flat.max()
    if not np.isfinite(top):
        return int(np.argmax(flat == top))
    size = np.abs(flat[np.isfinite(flat)]).max() if scale is None else abs(scale)
    return int(np.argmax(flat >= top - ROUNDING * size))


def first_smallest(values: npt.ArrayLike, scale: float | None = None) -> int:
    """Return the first place whose value is the smallest up to rounding; see `first_largest`.

    Examples
    --------
    >>> first_smallest([1.0, 0.1 + 0.2, 0.3])
    1
    """
    return first_largest(-np.asarray(values, dtype=np.float64), scale)


def large_whole(number: int) -> str:
    """Return a whole number in three figures, though floats may not hold it.

    Examples
    --------
    >>> large_whole(2**40), large_whole(3 * 100**500)
    ('1.1e+12', '3e+1000')
    """
    if number < 10**300:
        return f"{number:.3g}"
    power = math.floor(math.log10(number)) - 20
    return f"{number // 10**power / 10**20:.3g}e+{power + 20}"
