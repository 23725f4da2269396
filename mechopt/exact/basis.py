"""Systems of equations of a basis, solved in rationals.

Most rows and columns of a basis matrix of our programs have a single entry once others are
removed. They are peeled off, and python-flint solves what is left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import flint

ZERO = flint.fmpq(0)

SparseLines = Mapping[int, Mapping[int, Any]]
"""Lines of a matrix by their label; each maps labels of the other kind to numbers."""


@dataclass(frozen=True, eq=False)
class Factors:
    """A square matrix with labelled rows and columns, ready to be solved with.

    Parameters
    ----------
    rows, columns
        The matrix, twice.
    by_row
        Pivots (row, column) of rows with one entry, in the order in which they were peeled off.
    by_column
        Pivots of columns with one entry, likewise.
    core_rows, core_columns
        Labels of what is left.
    core
        That matrix, or None if nothing is left.
    """

    rows: SparseLines
    columns: SparseLines
    by_row: Sequence[tuple[int, int]]
    by_column: Sequence[tuple[int, int]]
    core_rows: Sequence[int]
    core_columns: Sequence[int]
    core: Any

    def solve(self, right: Mapping[int, Any]) -> dict[int, Any]:
        """Return x with ``matrix @ x = right``, by column; rows left out of ``right`` are zero."""
        return _solve(
            self.rows, right, self.by_row, self.by_column, self.core_rows, self.core_columns,
            self.core,
        )  # fmt: skip

    def solve_transposed(self, right: Mapping[int, Any]) -> dict[int, Any]:
        """Return y with ``matrix.T @ y = right``, by row."""
        by_column = [(j, i) for i, j in self.by_column]
        by_row = [(j, i) for i, j in self.by_row]
        core = None if self.core is None else self.core.transpose()
        return _solve(
            self.columns, right, by_column, by_row, self.core_columns, self.core_rows, core
        )


def _solve(
    lines: SparseLines,
    right: Mapping[int, Any],
    first: Sequence[tuple[int, int]],
    last: Sequence[tuple[int, int]],
    core_lines: Sequence[int],
    core_labels: Sequence[int],
    core: Any,
) -> dict[int, Any]:
    """Solve for what single entries determine first, then the core, then what is left."""
    known: dict[int, Any] = {}

    def remainder(line: int) -> Any:
        value = right.get(line, ZERO)
        for label, entry in lines[line].items():
            if known.get(label):
                value -= entry * known[label]
        return value

    for line, label in first:
        known[label] = remainder(line) / lines[line][label]
    if core is not None:
        values = [remainder(line) for line in core_lines]
        if any(values):
            answer = core.solve(flint.fmpq_mat(len(values), 1, values)).entries()
        else:
            answer = [ZERO] * len(values)
        known.update(zip(core_labels, answer, strict=True))
    for line, label in reversed(last):
        known[label] = remainder(line) / lines[line][label]
    return known


def factorised(rows: SparseLines, columns: SparseLines) -> Factors:
    """Return the factors of the largest nonsingular part of a matrix.

    Rows and columns that depend on others are left out; the labels of the factors say which are in.

    Examples
    --------
    >>> one = flint.fmpq(1)
    >>> rows = {0: {0: one, 1: one}, 1: {1: 2 * one}}
    >>> columns = {0: {0: one}, 1: {0: one, 1: 2 * one}}
    >>> factorised(rows, columns).solve({0: one, 1: one})
    {1: 1/2, 0: 1/2}
    """
    row_left = {i: set(line) for i, line in rows.items()}
    column_left = {j: set(line) for j, line in columns.items()}
    by_row: list[tuple[int, int]] = []
    by_column: list[tuple[int, int]] = []
    waiting = [("row", i) for i in row_left] + [("column", j) for j in column_left]
    while waiting:
        kind, label = waiting.pop()
        own, other = (row_left, column_left) if kind == "row" else (column_left, row_left)
        if label not in own or len(own[label]) != 1:
            continue
        (partner,) = own.pop(label)
        (by_row if kind == "row" else by_column).append(
            (label, partner) if kind == "row" else (partner, label)
        )
        for neighbour in other.pop(partner):
            if neighbour in own:
                own[neighbour].discard(partner)
                waiting.append((kind, neighbour))
    core_rows = sorted(i for i, left in row_left.items() if left)
    core_columns = sorted(j for j, left in column_left.items() if left)
    core = None
    if core_rows:
        core_rows, core_columns, core = _independent(rows, core_rows, core_columns)
    return Factors(rows, columns, by_row, by_column, core_rows, core_columns, core)


def _independent(
    rows: SparseLines, core_rows: list[int], core_columns: list[int]
) -> tuple[list[int], list[int], Any]:
    """Return the labels of a largest nonsingular part, and that part."""
    matrix = _dense(rows, core_rows, core_columns)
    if len(core_rows) == len(core_columns) and matrix.det() != 0:
        return core_rows, core_columns, matrix
    core_columns = [core_columns[j] for j in _pivots(matrix)]
    transposed = _dense(rows, core_rows, core_columns).transpose()
    core_rows = [core_rows[i] for i in _pivots(transposed)]
    core = _dense(rows, core_rows, core_columns) if core_rows else None
    return core_rows, core_columns, core


def _dense(rows: SparseLines, labels: list[int], columns: list[int]) -> Any:
    entries = [rows[i].get(j, ZERO) for i in labels for j in columns]
    return flint.fmpq_mat(len(labels), len(columns), entries)


def _pivots(matrix: Any) -> list[int]:
    """Return the positions of the first largest set of independent columns."""
    reduced, rank = matrix.rref()
    found: list[int] = []
    for i in range(rank):
        start = found[-1] + 1 if found else 0
        found.append(next(j for j in range(start, matrix.ncols()) if reduced[i, j]))
    return found
