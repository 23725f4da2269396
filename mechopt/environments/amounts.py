"""What amounts cost or bring, as files and factories have it: a form with numbers, or a table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from mechopt._util.arrays import shown
from mechopt._util.rationals import as_fraction
from mechopt.errors import InvalidInputError

LONGEST_TABLE = 1_000
SMALLEST, LARGEST = 1e-200, 1e200
Forms = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Worth:
    """What amounts cost or bring, as it was given.

    Parameters
    ----------
    form
        The name of a form; empty for a table.
    numbers
        The numbers of the form, by name.
    rows
        The amounts of a table, rising, and the money that goes with each.
    """

    form: str
    numbers: Mapping[str, float]
    rows: tuple[tuple[Fraction, Fraction], ...] = ()


def worth_of(given: Any, forms: Forms, where: str) -> Worth:
    """Return what amounts cost or bring, from a table or from a form with its numbers.

    Parameters
    ----------
    given
        A mapping with the name of a form under ``"form"`` and its numbers, or a sequence of pairs
        of an amount and money. Numbers, fractions, or texts such as ``"2/3"``.
    forms
        The numbers of each form, with their defaults.
    where
        What the argument is called.

    Raises
    ------
    InvalidInputError
        For other forms, other numbers, numbers that are not above 0, and tables whose amounts do
        not rise from 0.

    Examples
    --------
    >>> worth_of({"form": "quadratic"}, {"quadratic": {"c": 1.0}}, "cost").numbers
    {'c': 1.0}
    >>> worth_of([(0, 0), (1, "1/2")], {}, "cost").rows
    ((Fraction(1, 1), Fraction(1, 2)),)
    """
    if isinstance(given, Mapping):
        return _of_form(given, forms, where)
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise InvalidInputError(
            "neither a form nor a table",
            where=where,
            expected=f"{_written(forms)}, or a list of pairs of an amount and money",
            got=shown(str(given)),
            remedy="Write one of these.",
        )
    return Worth("", {}, _rows(given, where))


def rows_of(
    amounts: Sequence[Any], money: Sequence[Any], where: str, words: tuple[str, str]
) -> tuple[tuple[Fraction, ...], tuple[Fraction, ...]]:
    """Return a table that was given as two lists, as two lists of fractions.

    Parameters
    ----------
    amounts, money
        The lists.
    where
        The name of the second.
    words
        What an amount is, and what it costs or brings, such as ``("quality", "cost")``.

    Examples
    --------
    >>> rows_of((1, 2), (2, 3), "benefits", ("amount", "benefit"))[1]
    (Fraction(2, 1), Fraction(3, 1))
    """
    amount, each = words
    if len(amounts) != len(money):
        raise InvalidInputError(
            "lists of unequal lengths",
            where=where,
            expected=f"{len(amounts)} {where}, one for each {amount}",
            got=shown(str(len(money))),
            remedy=f"Give one {each} for each {amount}.",
        )
    rows = worth_of(list(zip(amounts, money, strict=True)), {}, where).rows
    return tuple(first for first, _ in rows), tuple(second for _, second in rows)


def _of_form(given: Mapping[str, Any], forms: Forms, where: str) -> Worth:
    name = given.get("form")
    if not isinstance(name, str) or name not in forms:
        raise InvalidInputError(
            "not a form",
            where=f"{where}.form",
            expected=_written(forms),
            got=shown(repr(name)) if "form" in given else "none",
            remedy="Use one of these, or a list of pairs of an amount and money.",
        )
    numbers = dict(forms[name])
    for key, value in given.items():
        if key == "form":
            continue
        if key not in numbers:
            raise InvalidInputError(
                f'the form "{name}" has no such number',
                where=f"{where}.{key}",
                expected=", ".join(numbers),
                got=shown(str(key)),
                remedy="Remove it, or correct its name.",
            )
        numbers[key] = positive(value, f"{where}.{key}")
    return Worth(name, numbers)


def positive(value: Any, where: str) -> float:
    """Return a number above 0 as a float.

    Examples
    --------
    >>> positive("1/4", "capacity")
    0.25
    """
    number = float(_exact(value, where))
    if 0.0 < number < math.inf:
        return number
    raise InvalidInputError(
        "not a number above 0",
        where=where,
        expected="a finite number above 0",
        got=shown(str(value)),
        remedy="Give such a number.",
    )


def require_size(where: str, money: float, amount: float) -> None:
    """Raise InvalidInputError unless money times the square of an amount is within floats.

    Examples
    --------
    >>> require_size("cost", 1e-150, 1e300)
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: cost: numbers too far apart to compute with (expected...
    """
    with np.errstate(over="ignore", under="ignore"):
        size = float(np.float64(money) * np.float64(amount) ** 2)
    if not SMALLEST <= size <= LARGEST:
        raise InvalidInputError(
            "numbers too far apart to compute with",
            where=where,
            expected=f"money times the largest amount squared between {SMALLEST:g} and {LARGEST:g}",
            got=f"{money:g} times the square of {amount:g}",
            remedy="Measure money, or the amount, in another unit.",
        )


def _exact(value: Any, where: str) -> Fraction:
    try:
        return as_fraction(value)
    except InvalidInputError as error:
        raise InvalidInputError(
            "not a finite number",
            where=where,
            expected='a number, or a fraction such as "2/3"',
            got=shown(str(value)),
            remedy="Correct it.",
        ) from error


def _rows(given: Sequence[Any], where: str) -> tuple[tuple[Fraction, Fraction], ...]:
    rows: list[tuple[Fraction, Fraction]] = []
    for place, pair in enumerate(given):
        listed = isinstance(pair, Sequence) and not isinstance(pair, str) and len(pair) == 2
        if not listed:
            raise InvalidInputError(
                "not a row of the table",
                where=f"{where}[{place}]",
                expected="a pair of an amount and money",
                got=shown(str(pair)),
                remedy="Write pairs, such as [[1, 0.5], [2, 2]].",
            )
        amount, money = (_exact(value, f"{where}[{place}]") for value in pair)
        if amount < 0 or (rows and amount <= rows[-1][0]):
            raise InvalidInputError(
                "amounts that do not rise",
                where=f"{where}[{place}]",
                expected="each amount above the one before, from 0 on",
                got=f"{amount}" + (f" after {rows[-1][0]}" if rows else ""),
                remedy="Sort the rows, and give each amount once.",
            )
        if amount == 0 and money != 0:
            raise InvalidInputError(
                "money for nothing",
                where=f"{where}[{place}]",
                expected="0 beside the amount 0, or no such row",
                got=f"{money}",
                remedy="Leave the row out; nothing costs nothing and brings nothing.",
            )
        rows.append((amount, money))
    above = tuple(row for row in rows if row[0] > 0)
    if 0 < len(above) <= LONGEST_TABLE:
        return above
    raise InvalidInputError(
        "a table of no use",
        where=where,
        expected=f"from 1 to {LONGEST_TABLE:,} rows with amounts above 0",
        got=str(len(above)),
        remedy="Give such rows.",
    )


def _written(forms: Forms) -> str:
    return " or ".join(f'{{ form = "{name}" }}' for name in forms)
