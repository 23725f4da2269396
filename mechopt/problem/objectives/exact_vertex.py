"""A vertex of a small linear program in fractions, from where a float solver ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np

from mechopt._util.arrays import FloatArray

# So many equations are solved in fractions.
MOST_EQUATIONS = 60


def exact_vertex(
    columns: Sequence[Mapping[int, Fraction]], target: Sequence[Fraction], near: FloatArray
) -> list[Fraction] | None:
    """Return the point that maximises its last number, or None where that cannot be told.

    Of all points x >= 0 with ``sum_j columns[j] x_j = target``, it is a vertex whose columns are
    those where ``near`` is largest; multipliers of its equations prove that it is optimal.

    Examples
    --------
    >>> half = Fraction(1, 2)
    >>> columns = [{0: Fraction(1)}, {0: Fraction(1)}, {0: Fraction(2)}]  # x + y + 2 z = 1
    >>> exact_vertex(columns, [Fraction(1)], np.array([0.0, 0.0, 0.5]))
    [Fraction(0, 1), Fraction(0, 1), Fraction(1, 2)]
    """
    if len(target) > MOST_EQUATIONS:
        return None
    # Where the last number is zero too, it enters before others that are.
    size = near.copy()
    size[-1] = max(size[-1], np.finfo(np.float64).tiny)
    chosen: list[int] = []
    # Chosen columns, each less what those before it explain, and the equation it decides.
    reduced: list[tuple[int, list[Fraction]]] = []
    for j in np.argsort(-size, kind="stable").tolist():
        left = _dense(columns[j], len(target))
        for pivot, row in reduced:
            if left[pivot]:
                factor = left[pivot]
                left = [a - factor * b for a, b in zip(left, row, strict=True)]
        pivot = next((k for k, value in enumerate(left) if value), -1)
        if pivot >= 0:
            reduced.append((pivot, [value / left[pivot] for value in left]))
            chosen.append(j)
    basis = [_dense(columns[j], len(target)) for j in chosen]
    point = _solved([list(row) for row in zip(*basis, strict=True)], list(target))
    if point is None or min(point, default=Fraction(0)) < 0:
        return None
    last = [Fraction(int(j == len(columns) - 1)) for j in chosen]
    prices = _solved(basis, last)
    if prices is None:
        return None
    for j, column in enumerate(columns):
        worth = sum((prices[row] * value for row, value in column.items()), Fraction(0))
        if worth < (j == len(columns) - 1):
            return None
    found = [Fraction(0)] * len(columns)
    for j, value in zip(chosen, point, strict=True):
        found[j] = value
    return found


def _dense(column: Mapping[int, Fraction], size: int) -> list[Fraction]:
    return [column.get(row, Fraction(0)) for row in range(size)]


def _solved(rows: list[list[Fraction]], right: list[Fraction]) -> list[Fraction] | None:
    """Return a solution of equations, zeros where it is free; None if there is none."""
    width = len(rows[0]) if rows else 0
    table = [[*row, value] for row, value in zip(rows, right, strict=True)]
    pivots: list[int] = []
    for column in range(width):
        done = len(pivots)
        place = next((k for k in range(done, len(table)) if table[k][column]), -1)
        if place < 0:
            continue
        table[done], table[place] = table[place], table[done]
        scale = table[done][column]
        table[done] = [value / scale for value in table[done]]
        for k, row in enumerate(table):
            if k != done and row[column]:
                factor = row[column]
                table[k] = [a - factor * b for a, b in zip(row, table[done], strict=True)]
        pivots.append(column)
    if any(row[-1] for row in table[len(pivots) :]):
        return None
    found = [Fraction(0)] * width
    for k, column in enumerate(pivots):
        found[column] = table[k][-1]
    return found
