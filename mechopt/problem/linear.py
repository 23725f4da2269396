"""Linear expressions in named blocks of variables, of floats or of fractions, and rows of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import IndexArray
from mechopt._util.rationals import as_fraction
from mechopt.environments.curves import Curve
from mechopt.errors import InvalidInputError

NumberArray = npt.NDArray[Any]
"""An array of floats, or of fractions."""


@dataclass(frozen=True, eq=False)
class Entries:
    """The entries of a sparse matrix of floats or fractions, each place at most once.

    Parameters
    ----------
    row, column, value : arrays (num_entries,)
    shape
        Number of rows and columns.
    """

    row: IndexArray
    column: IndexArray
    value: NumberArray
    shape: tuple[int, int]

    def __neg__(self) -> Entries:
        return Entries(self.row, self.column, -self.value, self.shape)

    @property
    def is_one_a_row(self) -> bool:
        """Whether every row has one entry, and they stand in the order of the rows."""
        size = self.shape[0]
        return self.row.size == size and bool((self.row == np.arange(size)).all())

    def rows_times(self, factors: NumberArray) -> Entries:
        """Return the matrix with each row multiplied by a factor."""
        value = self.value * factors[self.row]
        return Entries(self.row, self.column, value, self.shape)

    def plus(self, other: Entries) -> Entries:
        """Return the sum of two matrices of one shape."""
        row = np.concatenate((self.row, other.row))
        column = np.concatenate((self.column, other.column))
        value = np.concatenate((self.value, other.value))
        if self.is_one_a_row and other.is_one_a_row and (self.column != other.column).all():
            return Entries(row, column, value, self.shape)
        place = row * self.shape[1] + column
        in_order = np.sort(place)
        if (in_order[1:] == in_order[:-1]).any():
            unique, where = np.unique(place, return_inverse=True)
            total = np.zeros(unique.size, dtype=value.dtype)
            np.add.at(total, where, value)
            row, column, value = unique // self.shape[1], unique % self.shape[1], total
        return Entries(row, column, value, self.shape)

    def rows_at(self, rows: IndexArray) -> Entries:
        """Return some rows, in this order; a row may be taken more than once."""
        shape = (len(rows), self.shape[1])
        if self.is_one_a_row:
            return Entries(np.arange(len(rows)), self.column[rows], self.value[rows], shape)
        order = np.argsort(self.row, kind="stable")
        sorted_rows = self.row[order]
        starts = np.searchsorted(sorted_rows, rows, side="left")
        counts = np.searchsorted(sorted_rows, rows, side="right") - starts
        new_row = np.repeat(np.arange(len(rows)), counts)
        offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        taken = order[np.repeat(starts, counts) + offsets]
        return Entries(new_row, self.column[taken], self.value[taken], shape)

    def row_sum(self, weights: NumberArray) -> Entries:
        """Return the matrix of one row that is a weighted sum of all rows."""
        value = self.value * weights[self.row]
        if (self.column[1:] > self.column[:-1]).all():
            return Entries(np.zeros_like(self.column), self.column, value, (1, self.shape[1]))
        columns, where = np.unique(self.column, return_inverse=True)
        total = np.zeros(columns.size, dtype=value.dtype)
        np.add.at(total, where, value)
        return Entries(np.zeros_like(columns), columns, total, (1, self.shape[1]))


@dataclass(frozen=True, eq=False)
class Linear:
    """One linear expression per entry, in blocks of variables.

    Sums, differences, multiples by a number or by a number per entry, some of the entries, and
    weighted sums of them are again linear expressions, so that requirements read as they are
    written on paper. Numbers alone are no expressions: they stand in ``at_least`` of :class:`Rows`.

    Parameters
    ----------
    terms
        By the name of a block of variables, the matrix that multiplies it.
    size
        Number of expressions.

    Examples
    --------
    >>> import numpy as np
    >>> values = Linear.block("quantity", np.ones(3))
    >>> steps = values[[1, 2]] - values[[0, 1]]
    >>> steps.terms["quantity"].value.tolist()
    [1.0, 1.0, -1.0, -1.0]
    >>> (2 * steps).terms["quantity"].value.tolist()
    [2.0, 2.0, -2.0, -2.0]
    """

    terms: Mapping[str, Entries]
    size: int

    @classmethod
    def block(cls, name: str, factors: NumberArray) -> Linear:
        """Return the variables of a block, one expression each, times these factors."""
        size = len(factors)
        index = np.arange(size)
        return cls({name: Entries(index, index, factors, (size, size))}, size)

    @classmethod
    def nothing(cls, size: int) -> Linear:
        """Return expressions without variables."""
        return cls({}, size)

    # Arrays leave the product to the expressions.
    __array_ufunc__ = None

    def __mul__(self, factor: object) -> Linear:
        """Return multiples, by one number or by an array with one for each expression."""
        if isinstance(factor, np.ndarray) and factor.shape == (self.size,):
            return self.times(factor)
        if not _is_number(factor):
            return NotImplemented
        terms = {
            name: replace(matrix, value=matrix.value * _number_like(matrix.value, factor))
            for name, matrix in self.terms.items()
        }
        return Linear(terms, self.size)

    __rmul__ = __mul__

    def __truediv__(self, divisor: object) -> Linear:
        """Return the expressions divided by a number."""
        return self * (1 / as_fraction(divisor)) if _is_number(divisor) else NotImplemented

    def __add__(self, other: object) -> Linear:
        """Return sums, expression by expression."""
        if not isinstance(other, Linear):
            return NotImplemented
        if other.size != self.size:
            raise InvalidInputError(
                "expressions that cannot be added one by one",
                where="expressions",
                expected=f"{self.size}, as many as there are on the other side",
                got=f"{other.size}",
                remedy="Take some of them by [...], or their weighted sum by .sum(weights).",
            )
        terms = dict(self.terms)
        for name, matrix in other.terms.items():
            terms[name] = terms[name].plus(matrix) if name in terms else matrix
        return Linear(terms, self.size)

    def __neg__(self) -> Linear:
        return Linear({name: -matrix for name, matrix in self.terms.items()}, self.size)

    def __sub__(self, other: object) -> Linear:
        """Return differences, expression by expression."""
        return self + (-other) if isinstance(other, Linear) else NotImplemented

    def times(self, factors: NumberArray) -> Linear:
        """Return each expression multiplied by its own factor."""
        terms = {name: matrix.rows_times(factors) for name, matrix in self.terms.items()}
        return Linear(terms, self.size)

    def __getitem__(self, entries: Any) -> Linear:
        """Return some of the expressions, by positions or a slice."""
        index = np.arange(self.size)[entries]
        terms = {name: matrix.rows_at(index) for name, matrix in self.terms.items()}
        return Linear(terms, len(index))

    def sum(self, weights: NumberArray) -> Linear:
        """Return the weighted sum of all expressions, as the only one."""
        return Linear({name: m.row_sum(weights) for name, m in self.terms.items()}, 1)

    def steps(self) -> Linear:
        """Return the differences of neighbours: each expression less the one before."""
        return self[1:] - self[:-1]


def _is_number(value: object) -> bool:
    numbers = (int, float, Fraction, np.number)
    return isinstance(value, numbers) and not isinstance(value, bool)


def _number_like(values: NumberArray, factor: Any) -> Any:
    """Return a factor as a fraction beside fractions, a float as the decimal that it prints as."""
    return as_fraction(factor) if values.dtype == object else float(factor)


@dataclass(frozen=True)
class Meaning:
    """What a block of variables or rows means.

    Parameters
    ----------
    text
        In words.
    formula
        As a formula; empty where the words say it.
    section
        Section of theory.md, or of the paper that states it.
    """

    text: str
    formula: str = ""
    section: str = ""


@dataclass(frozen=True)
class CurvedRows:
    """A named block of rows ``bounded <= height(base)``, of two blocks of variables.

    Parameters
    ----------
    name
        Name of the block.
    curve
        Whose height it is.
    base, bounded
        Names of the two blocks of variables, of the same shape.
    meaning
        What the rows say.
    weight
        What tangents are multiplied by, so that what they miss is little money, too.
    """

    name: str
    curve: Curve
    base: str
    bounded: str
    meaning: Meaning
    weight: float = 1.0


@dataclass(frozen=True, eq=False)
class Rows:
    """A named block of rows ``left >= at_least``, or ``left == at_least``.

    Parameters
    ----------
    name
        Name of the block and of its multipliers, an identifier.
    axes
        Names of the agents whose types the axes run over; twice the same for a type and a report.
    left
        The expressions, in row-major order.
    meaning
        What a row says.
    at_least
        A number, or one per row.
    equal
        Whether the rows are equations.
    shape
        Of the block; one axis unless given.
    entries
        For a block over some of an agent's types only: which ones.
    full_size
        With ``entries``, how many types there are.
    in_money
        Whether a row is an amount of money; else it is one of quantity or probability.
    """

    name: str
    axes: tuple[str, ...]
    left: Linear
    meaning: Meaning
    at_least: Any = 0
    equal: bool = False
    shape: tuple[int, ...] | None = None
    entries: IndexArray | None = field(default=None)
    full_size: int | None = None
    in_money: bool = True
