"""How a table may be written whose cells are no numbers as it was said to be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product

from mechopt._util.arrays import shown
from mechopt.errors import InvalidInputError
from mechopt.types.table_format import DROP, TableFormat

# How many signs beside numbers are tried, the most frequent first.
MOST_SIGNS = 2
KEYS = ("decimal", "thousands", "currency")
_MARKS = {"decimal": (",",), "thousands": (",", ".", " ", "'", "\u2019", "_")}
_MINUS = "\u2212"


def proposed_formats(how: TableFormat, cells: Sequence[str]) -> tuple[TableFormat, ...]:
    """Return the simplest formats under which more cells are numbers; none if there are none.

    What was said of the format stays. Several formats read as many cells where a mark may mean
    two things.

    Parameters
    ----------
    how
        How the table was said to be written.
    cells
        Its cells, without those that have no value.

    Examples
    --------
    >>> said = TableFormat()
    >>> [in_keys(said, each) for each in proposed_formats(said, ["$1,096.97", "$833.82"])]
    ['thousands = ",", currency = "$"']
    >>> [in_keys(said, each) for each in proposed_formats(said, ["1,250"])]
    ['thousands = ","', 'decimal = ","']
    >>> proposed_formats(said, ["none of them"])
    ()
    """
    choices = {
        "currency": [how.currency] if how.currency else [None, *_signs(cells)],
        **{
            key: [stated] if (stated := getattr(how, key)) else [None, *marks]
            for key, marks in _MARKS.items()
        },
    }
    tried: list[tuple[int, int, TableFormat]] = []
    for values in product(*choices.values()):
        try:
            other = replace(how, **dict(zip(choices, values, strict=True)))
        except InvalidInputError:
            continue  # One mark for two things.
        tried.append((num_unread(other, cells), _changes(how, other), other))
    least, few, _ = min(tried, key=lambda each: each[:2])
    if least == num_unread(how, cells):
        return ()
    best = [other for unread, changes, other in tried if (unread, changes) == (least, few)]
    return tuple(each for other in best for each in _told_apart(other, cells))


def in_keys(how: TableFormat, other: TableFormat) -> str:
    """Return what another format says beyond a first one, as keys of a file have it.

    Examples
    --------
    >>> in_keys(TableFormat(), TableFormat(currency="$", missing="drop"))
    'currency = "$", missing = "drop"'
    """
    return ", ".join(
        f'{key} = "{shown(getattr(other, key))}"'
        for key in (*KEYS, "missing")
        if getattr(other, key) != getattr(how, key)
    )


def dropping(how: TableFormat) -> TableFormat:
    """Return a format whose rows without a value are dropped."""
    return replace(how, missing=DROP)


def num_unread(how: TableFormat, cells: Iterable[str]) -> int:
    """Return how many cells are no numbers."""
    return sum(how.number(cell) is None for cell in cells)


def sign_beside(cell: str) -> str:
    """Return the one word or sign beside a number in a cell; empty if there is none or several.

    Examples
    --------
    >>> sign_beside("$ 1,250.5"), sign_beside("5 EUR"), sign_beside("5"), sign_beside("5 to 6 m")
    ('$', 'EUR', '', '')
    """
    inside = "".join(
        c if c.isalpha() or not (c.isdigit() or c in f"+-.,'_\u2019{_MINUS}") else " " for c in cell
    )
    words = inside.split()
    return words[0] if len(words) == 1 else ""


def _signs(cells: Iterable[str]) -> list[str]:
    counted = Counter(sign for cell in cells if (sign := sign_beside(cell)))
    return [sign for sign, _ in counted.most_common(MOST_SIGNS)]


def _changes(how: TableFormat, other: TableFormat) -> int:
    return sum(getattr(other, key) != getattr(how, key) for key in KEYS)


def _told_apart(how: TableFormat, cells: Sequence[str]) -> tuple[TableFormat, ...]:
    """Return a format, or the two that it may be where every point could mark thousands."""
    if not how.is_ambiguous(cells):
        return (how,)
    return replace(how, decimal="."), replace(how, decimal=",", thousands=".")
