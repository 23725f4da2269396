"""Numbers as fractions: what exact optima read data as, with nothing rounded."""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, shown
from mechopt.errors import InvalidInputError

# A float may differ by a few roundings from the fraction that it stands for.
AGREEMENT = 1e-9

FractionArray = npt.NDArray[np.object_]
"""An array whose entries are fractions."""

# Written out as a fraction, 1e999999999 would fill the memory with its digits.
MAX_EXPONENT = 400
# Python does not write whole numbers of more than 4,300 digits, and nothing could be saved.
MAX_DIGITS = 4_000
_LARGEST_BITS = int(MAX_DIGITS * math.log2(10))
# Python would also read 1_000 and digits of other scripts, which in data are likely slips.
_NUMBER = re.compile(
    r"\s*[+-]?(\d+\s*/\s*\d+|(\d+\.?\d*|\.\d+)(e[+-]?\d{1,9})?)\s*", re.ASCII | re.IGNORECASE
)


def as_fraction(value: Any) -> Fraction:
    """Return a number as a fraction; a float is read as the shortest decimal that it prints as.

    Parameters
    ----------
    value
        A whole number, fraction, decimal or float, or text such as ``"2/3"`` or ``"0.1"``. A float
        of another precision is the shortest decimal of that precision: ``numpy.float32(0.1)`` is
        1/10.

    Raises
    ------
    InvalidInputError
        For anything else: truth values, dates and complex numbers, texts with underscores or
        digits of other scripts, and numbers of more than 4,000 digits.

    Examples
    --------
    >>> as_fraction(0.1), as_fraction("2/3"), as_fraction(np.float32(0.1))
    (Fraction(1, 10), Fraction(2, 3), Fraction(1, 10))
    """
    what = "not a number that has an exact fraction"
    try:
        exact = _exact(value)
    except (ValueError, ArithmeticError, InvalidOperation):
        exact = None
    if exact is not None:
        if max(abs(exact.numerator), exact.denominator).bit_length() <= _LARGEST_BITS:
            return exact
        what = f"a number of more than {MAX_DIGITS:,} digits"
    raise InvalidInputError(
        what,
        where="value",
        expected='a finite number, or a fraction such as "2/3"',
        got=described_number(value),
        remedy="Give a whole number, a fraction or a decimal.",
    )


def _exact(value: Any) -> Fraction | None:
    """Return a number as a fraction, or None for what is none."""
    # The two kinds that arrays hold come first, by their very types.
    if type(value) is Fraction:
        return value
    if type(value) is float and math.isfinite(value):
        return Fraction(*Decimal(repr(value)).as_integer_ratio())
    if isinstance(value, (bool, np.bool_)):
        return None
    if isinstance(value, numbers.Rational) and not isinstance(value, np.timedelta64):
        return Fraction(int(value.numerator), int(value.denominator))
    if isinstance(value, str):
        if len(value) > 2 * MAX_DIGITS or not _NUMBER.fullmatch(value):
            return None
        if "/" in value:
            return Fraction(*map(int, value.split("/")))
    if isinstance(value, (str, Decimal, float, np.floating)):
        # numpy's numbers print as the shortest decimal of their own precision.
        plain = str(value) if isinstance(value, (float, np.floating)) else value
        decimal = Decimal(plain)
        if decimal.is_finite() and abs(decimal.adjusted()) < MAX_EXPONENT:
            return Fraction(decimal)
    return None


def described_number(value: object) -> str:
    """Return a short text of what may be a number, for an error message.

    Examples
    --------
    >>> described_number("two"), described_number(10**5000)
    ("'two'", 'a whole number of more than 4,000 digits')
    """
    try:
        return shown(repr(value))
    except ValueError:
        kind = "whole number" if isinstance(value, int) else "fraction"
        return f"a {kind} of more than {MAX_DIGITS:,} digits"


def scale_factor(factor: Any) -> Fraction:
    """Return the factor of a change of units as a fraction.

    A power of two changes no digit of a float, and is taken as it is; other floats are decimals.

    Examples
    --------
    >>> scale_factor(2.0**-60) == Fraction(1, 2**60), scale_factor(0.1)
    (True, Fraction(1, 10))
    """
    if isinstance(factor, float) and abs(math.frexp(factor)[0]) == 0.5:
        return Fraction(factor)
    return as_fraction(factor)


def decimals(values: FloatArray) -> tuple[Fraction, ...]:
    """Return an array of floats as the decimals that they print as.

    Examples
    --------
    >>> decimals(np.array([0.1, 2.0]))
    (Fraction(1, 10), Fraction(2, 1))
    """
    return tuple(as_fraction(value) for value in values.tolist())


def fraction_array(values: Iterable[Any]) -> FractionArray:
    """Return fractions as an array, so that numpy's arithmetic applies to them.

    Examples
    --------
    >>> fraction_array([Fraction(1, 3), Fraction(1, 2)]) * 6
    array([Fraction(2, 1), Fraction(3, 1)], dtype=object)
    """
    entries = list(values)
    array = np.empty(len(entries), dtype=object)
    array[:] = entries
    return array


def as_decimals(values: FloatArray) -> FractionArray:
    """Return an array of floats as the decimals that they print as.

    Examples
    --------
    >>> as_decimals(np.array([[0.5], [0.1]])).tolist()
    [[Fraction(1, 2)], [Fraction(1, 10)]]
    """
    return fraction_array(map(as_fraction, values.ravel().tolist())).reshape(values.shape)


def texts(values: Sequence[Fraction]) -> tuple[str, ...]:
    """Return fractions as the texts that they are saved as.

    Examples
    --------
    >>> texts([Fraction(2, 3), Fraction(4)])
    ('2/3', '4')
    """
    return tuple(str(value) for value in values)


def require_agreement(where: str, exact: Any, floats: Any) -> None:
    """Refuse fractions, say of a saved file, that are not what the floats stand for.

    Parameters
    ----------
    where
        Whose they are.
    exact
        Fractions, or their texts: an array or a list of them.
    floats
        As many floats.

    Raises
    ------
    InvalidInputError
        For fractions that differ from the floats by more than a few roundings.

    Examples
    --------
    >>> require_agreement("weights", ["1/3", "1"], [1 / 3, 1.0])
    >>> require_agreement("weights", ["1/3"], [0.5])
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: weights: exact fractions contradict the floats (expected 1 ...
    """
    floats, exact = np.asarray(floats, dtype=np.float64), np.asarray(exact, dtype=object)
    fits = exact.shape == floats.shape
    if fits and floats.size:
        near = np.array([float(as_fraction(x)) for x in exact.ravel()]).reshape(exact.shape)
        scale = max(float(np.abs(floats).max()), float(np.abs(near).max()))
        fits = bool((np.abs(near - floats) <= AGREEMENT * scale).all())
    if not fits:
        raise InvalidInputError(
            "exact fractions contradict the floats",
            where=where,
            expected=f"{floats.size} fractions equal to the floats up to rounding",
            got=f"{exact.size} that are not",
            remedy="Make it again from its data.",
        )
