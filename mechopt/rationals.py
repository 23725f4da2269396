"""Numbers as fractions: what ``--exact`` reads data as, with nothing rounded."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from mechopt.arrays import FloatArray, shown
from mechopt.errors import InvalidInputError

FractionArray = npt.NDArray[np.object_]
"""An array whose entries are fractions."""

# Written out as a fraction, 1e999999999 would fill the memory with its digits.
MAX_EXPONENT = 400


def as_fraction(value: Any) -> Fraction:
    """Return a number as a fraction; a float is read as the shortest decimal that it prints as.

    Parameters
    ----------
    value
        A whole number, fraction, decimal or float, or text such as ``"2/3"`` or ``"0.1"``.

    Raises
    ------
    InvalidInputError
        For anything else.

    Examples
    --------
    >>> as_fraction(0.1), as_fraction("2/3"), as_fraction(3)
    (Fraction(1, 10), Fraction(2, 3), Fraction(3, 1))
    """
    try:
        if isinstance(value, numbers.Rational) and not isinstance(value, bool):
            return Fraction(int(value.numerator), int(value.denominator))
        if isinstance(value, str) and "/" in value:
            return Fraction(value)
        if isinstance(value, (str, Decimal, float, np.floating)):
            plain = float(value) if isinstance(value, np.floating) else value
            decimal = Decimal(repr(plain) if isinstance(plain, float) else plain)
            if decimal.is_finite() and abs(decimal.adjusted()) < MAX_EXPONENT:
                return Fraction(decimal)
    except (ValueError, ArithmeticError, InvalidOperation):
        pass
    raise InvalidInputError(
        "not a number that has an exact fraction",
        where="value",
        expected='a finite number, or a fraction such as "2/3"',
        got=shown(repr(value)),
        remedy="Give a whole number, a fraction or a decimal.",
    )


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


def texts(values: Sequence[Fraction]) -> tuple[str, ...]:
    """Return fractions as the texts that they are saved as.

    Examples
    --------
    >>> texts([Fraction(2, 3), Fraction(4)])
    ('2/3', '4')
    """
    return tuple(str(value) for value in values)
