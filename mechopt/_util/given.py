"""What callers give as numbers: read as what it is, or refused; never taken for something else.

numpy turns truth values, dates, durations, complex numbers, hidden entries of masked arrays and
bytes into floats, most of them without a word. Whatever enters an array of money, probabilities or
weights passes through here first.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from fractions import Fraction
from numbers import Integral, Real
from typing import Any

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, shown
from mechopt._util.rationals import as_fraction, decimals, described_number, texts
from mechopt.errors import InvalidInputError

DECIMALS = "decimals"
# Whole numbers up to here are floats without rounding.
LARGEST_WHOLE = 2**53

_KINDS = {
    "b": "truth values",
    "c": "complex numbers",
    "M": "dates",
    "m": "durations",
    "S": "bytes",
    "V": "records",
}


def given_numbers(
    values: npt.ArrayLike, where: str = "values"
) -> tuple[FloatArray, str | tuple[str, ...]]:
    """Return numbers as an array of floats, and how they are known exactly.

    Parameters
    ----------
    values : array of shape (size,)
        Numbers, fractions, decimals or texts such as ``"2/3"``. Floats of another precision are
        read as the shortest decimals of that precision.
    where
        What to call them in an error.

    Returns
    -------
    floats : array of shape (size,)
    written
        ``"decimals"`` if the numbers are the decimals that the floats print as, else a text each.

    Raises
    ------
    InvalidInputError
        For anything that is no list of real numbers, with the first place at fault. Numbers that
        are not finite are returned, to be judged by what they are for.

    Examples
    --------
    >>> given_numbers([1, "2/3"])
    (array([1.        , 0.66666667]), ('1', '2/3'))
    >>> given_numbers(np.array([0.1, 0.5], dtype=np.float32))
    (array([0.1, 0.5]), 'decimals')
    >>> given_numbers([True, False])
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: values: not numbers (expected real numbers, got True...
    """
    array = _array(values, where)
    if array.ndim != 1:
        raise _no_list(where, f"an array of shape {array.shape}" if array.ndim else shown(values))
    kind = array.dtype.kind
    rounded = isinstance(values, (list, tuple)) and any(map(_is_rounded, values))
    if array.size == 0 or (array.dtype == np.float64 and not rounded):
        return array.astype(np.float64), DECIMALS
    if kind in "iu" and max(abs(int(array.min())), abs(int(array.max()))) <= LARGEST_WHOLE:
        return array.astype(np.float64), DECIMALS
    entries: Any = values if isinstance(values, (list, tuple)) else list(array)
    exact = [_entry(entry, place, where) for place, entry in enumerate(entries)]
    if not all(isinstance(number, Fraction) for number in exact):
        return np.array([float(number) for number in exact]), DECIMALS
    floats = np.array([_nearest(number, place, where) for place, number in enumerate(exact)])
    # One description for one set of numbers, so that equal problems have equal fingerprints.
    return floats, DECIMALS if tuple(exact) == decimals(floats) else texts(exact)  # type: ignore[arg-type]


def real_array(values: npt.ArrayLike, where: str) -> FloatArray:
    """Return an array of any shape as floats, after the same refusals.

    Examples
    --------
    >>> real_array([[1, 2]], "prior")
    array([[1., 2.]])
    >>> real_array([[1j]], "prior")
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: prior: not numbers (expected real numbers, got complex...
    """
    array = _array(values, where)
    if array.dtype == np.float64 or array.dtype.kind in "iu":
        return array.astype(np.float64, copy=False)
    flat = [_entry(entry, place, where) for place, entry in enumerate(array.ravel())]
    return np.array([float(entry) for entry in flat]).reshape(array.shape)


def is_real(value: object) -> bool:
    """Return whether this is one real number, and no truth value.

    Examples
    --------
    >>> is_real(0.5), is_real(Fraction(1, 2)), is_real(True), is_real("1/2")
    (True, True, False, False)
    """
    return isinstance(value, Real) and not isinstance(value, (bool, np.bool_))


def real_number(value: Any) -> float:
    """Return a real number as a float; one of another precision is its shortest decimal.

    Examples
    --------
    >>> real_number(np.float32(0.1)), real_number(Fraction(1, 3))
    (0.1, 0.3333333333333333)
    """
    return float(str(value) if isinstance(value, np.floating) else value)


def discount_factor(value: Any, where: str = "discount") -> Fraction:
    """Return what a gain is worth one period later, as a fraction from 0 to less than 1.

    Raises
    ------
    InvalidInputError
        For anything else.

    Examples
    --------
    >>> discount_factor("9/10"), discount_factor(0.5)
    (Fraction(9, 10), Fraction(1, 2))
    """
    try:
        found = Fraction(-1) if isinstance(value, bool) else as_fraction(value)
    except InvalidInputError:
        found = Fraction(-1)
    if not 0 <= found < 1:
        raise InvalidInputError(
            "not a discount factor",
            where=where,
            expected='a number from 0 to less than 1, or a fraction such as "9/10"',
            got=shown(value if isinstance(value, str) else repr(value)),
            remedy="It is what a gain is worth one period later.",
        )
    return found


def number_of_periods(value: Any, where: str = "periods") -> int:
    """Return how many offers there are over time, a whole number of at least 1.

    Raises
    ------
    InvalidInputError
        For anything else.

    Examples
    --------
    >>> number_of_periods(2)
    2
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InvalidInputError(
            "no periods",
            where=where,
            expected="a whole number of at least 1",
            got=shown(repr(value)),
            remedy="Say how many offers there are.",
        )
    return value


def _array(values: npt.ArrayLike, where: str) -> npt.NDArray[Any]:
    """Return an array of the entries as they are, refusing what can be told by its kind."""
    # Before somebody loads numpy.ma nothing is masked, and loading it takes longer than to solve.
    masked = sys.modules.get("numpy.ma")
    if masked is not None and isinstance(values, masked.MaskedArray):
        hidden = int(masked.getmaskarray(values).sum())
        if hidden:
            raise _not_numbers(where, f"{hidden} masked of {values.size} entries")
        values = values.data
    if isinstance(values, (list, tuple)):
        _check_entries(values, where)
    try:
        array = np.asarray(values)
    except (TypeError, ValueError, OverflowError) as error:
        raise _no_list(where, described_number(values)) from error
    if array.dtype.kind in _KINDS:
        raise _not_numbers(where, _KINDS[array.dtype.kind])
    return array


def _is_rounded(entry: Any) -> bool:
    """Return whether numpy would round an entry beside floats, or read it in another precision."""
    if isinstance(entry, Integral):
        return abs(int(entry)) > LARGEST_WHOLE
    return isinstance(entry, np.floating) and not isinstance(entry, float)


def _check_entries(values: Sequence[Any], where: str) -> None:
    """Refuse entries that numpy would turn into numbers beside other numbers."""
    masked = sys.modules.get("numpy.ma")
    for place, entry in enumerate(values):
        hidden = masked is not None and entry is masked.masked
        if isinstance(entry, (list, tuple)):
            _check_entries(entry, where)
        elif isinstance(entry, (bool, np.bool_)) or hidden:
            what = "a masked entry" if hidden else f"{entry}, a truth value,"
            raise _not_numbers(where, f"{what} at position {place}")
        elif isinstance(entry, np.ndarray) and entry.dtype.kind in _KINDS:
            raise _not_numbers(where, f"{_KINDS[entry.dtype.kind]} at position {place}")


def _entry(entry: Any, place: int, where: str) -> Fraction | float:
    """Return one entry as a fraction; what is not finite as a float."""
    try:
        return as_fraction(entry)
    except InvalidInputError as error:
        if entry is None:
            return np.nan
        if isinstance(entry, (float, np.floating)):
            # 1e-400 of an extended precision is no number for floats either.
            return float(entry)
        raise InvalidInputError(
            "not a list of numbers",
            where=where,
            expected='a one-dimensional list of finite numbers, or fractions such as "2/3"',
            got=f"{error.got} at position {place}",
            remedy="Give whole numbers, decimals with a point, or fractions.",
        ) from error


def _nearest(number: Fraction | float, place: int, where: str) -> float:
    try:
        return float(number)
    except OverflowError as error:
        raise _not_numbers(where, f"a number beyond the range of floats at position {place}") from (
            error
        )


def _no_list(where: str, got: str) -> InvalidInputError:
    return InvalidInputError(
        "not a list of numbers",
        where=where,
        expected="a one-dimensional list of numbers",
        got=got,
        remedy="Give a list of finite numbers.",
    )


def _not_numbers(where: str, got: str) -> InvalidInputError:
    return InvalidInputError(
        "not numbers",
        where=where,
        expected="real numbers",
        got=got,
        remedy="Leave out or fill entries that are missing; turn others into numbers yourself.",
    )
