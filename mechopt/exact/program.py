"""A linear program in fractions, and what proves an answer to it, checked without any solver."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mechopt.errors import UnsupportedProblemError
from mechopt.problem.problem import DesignProblem

if TYPE_CHECKING:
    from mechopt.program.standard_form import Program

Bound = Any
"""A number, or None where there is no bound."""


@dataclass(frozen=True, eq=False)
class RationalProgram:
    """Maximise ``cost @ x`` with ``row_lower <= A x <= row_upper`` and ``lower <= x <= upper``.

    Parameters
    ----------
    cost, lower, upper
        One number per variable; None where there is no bound.
    row_lower, row_upper
        One number per row, likewise.
    columns
        Row and number of each entry of ``A``, by column.

    Examples
    --------
    >>> one = Fraction(1)
    >>> program = RationalProgram([one], [0 * one], [None], [None], [one], [[(0, 3 * one)]])
    >>> program.rows
    [[(0, Fraction(3, 1))]]
    """

    cost: Sequence[Any]
    lower: Sequence[Bound]
    upper: Sequence[Bound]
    row_lower: Sequence[Bound]
    row_upper: Sequence[Bound]
    columns: Sequence[Sequence[tuple[int, Any]]]

    @property
    def num_rows(self) -> int:
        """Number of rows."""
        return len(self.row_lower)

    @property
    def num_columns(self) -> int:
        """Number of variables."""
        return len(self.cost)

    @cached_property
    def rows(self) -> list[list[tuple[int, Any]]]:
        """Column and number of each entry, by row."""
        rows: list[list[tuple[int, Any]]] = [[] for _ in range(self.num_rows)]
        for j, column in enumerate(self.columns):
            for i, value in column:
                rows[i].append((j, value))
        return rows

    def in_numbers(self, kind: Any) -> RationalProgram:
        """Return the program with every fraction made a number of another kind."""

        def each(values: Sequence[Bound]) -> list[Bound]:
            return [None if value is None else kind(value) for value in values]

        return RationalProgram(
            each(self.cost),
            each(self.lower),
            each(self.upper),
            each(self.row_lower),
            each(self.row_upper),
            [[(i, kind(value)) for i, value in column] for column in self.columns],
        )


def rational_program(
    problem: DesignProblem, *, binary: bool = False
) -> tuple[RationalProgram, Program]:
    """Return the linear program of a problem in fractions, and the same with named blocks.

    Parameters
    ----------
    problem
        The problem.
    binary
        Whether floats are taken as exactly what they are, not as the decimals they print as.

    Raises
    ------
    InvalidInputError
        If a type space is not known exactly.
    UnsupportedProblemError
        If the problem is not a linear program with rational numbers.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite([0, "1/3"])
    >>> program, blocks = rational_program(ex_ante_efficiency(BilateralTrade(types, types)))
    >>> program.num_rows, blocks.constraints["budget"].size
    (15, 1)
    """
    from mechopt.problem.counts import has_counts_form
    from mechopt.problem.groups import GroupFrame, has_group_form
    from mechopt.program.numbers import in_binary, in_fractions
    from mechopt.program.standard_form import assemble

    if problem.objective.curves_in(problem.environment):
        raise UnsupportedProblemError(
            f"{type(problem.objective).__name__}: logarithms have no exact form (expected a linear "
            "objective, got one with logarithms). Solve in floats."
        )
    # Of identical agents with very many profiles one stands for all.
    if has_counts_form(problem) and not binary:
        named = assemble(problem, in_fractions(problem, corners=False))
    elif has_group_form(problem) and not binary:
        numbers = in_fractions(problem, corners=False)
        named = assemble(problem, numbers, frame=GroupFrame(problem.environment, numbers))
    else:
        named = assemble(problem, (in_binary if binary else in_fractions)(problem))
    return in_rationals(named), named


def in_rationals(named: Program) -> RationalProgram:
    """Return a program of fractions by its columns."""
    columns: list[list[tuple[int, Fraction]]] = [[] for _ in range(len(named.cost))]
    entries = named.entries
    for i, j, value in zip(
        entries.row.tolist(), entries.column.tolist(), entries.value, strict=True
    ):
        columns[j].append((i, value))
    return RationalProgram(
        list(named.cost),
        _bounds(named.lower),
        _bounds(named.upper),
        _bounds(named.row_lower),
        _bounds(named.row_upper),
        columns,
    )


def _bounds(values: Any) -> list[Bound]:
    return [None if isinstance(v, float) and math.isinf(v) else v for v in values]


def violations_of(program: RationalProgram, point: Sequence[Fraction]) -> list[str]:
    """Return what a point breaks, one text each; empty if it is feasible.

    Examples
    --------
    >>> one = Fraction(1)
    >>> program = RationalProgram([one], [0 * one], [None], [None], [one], [[(0, 3 * one)]])
    >>> violations_of(program, [Fraction(1, 3)]), violations_of(program, [one])
    ([], ['row 0 is 3, above 1'])
    """
    broken = [
        f"variable {j} is {value}, {side}"
        for j, value in enumerate(point)
        if (side := _outside(value, program.lower[j], program.upper[j]))
    ]
    for i, row in enumerate(program.rows):
        activity = sum((value * point[j] for j, value in row), Fraction(0))
        if side := _outside(activity, program.row_lower[i], program.row_upper[i]):
            broken.append(f"row {i} is {activity}, {side}")
    return broken


def _outside(value: Fraction, lower: Bound, upper: Bound) -> str:
    if lower is not None and value < lower:
        return f"below {lower}"
    return f"above {upper}" if upper is not None and value > upper else ""


def value_of(program: RationalProgram, point: Sequence[Fraction]) -> Fraction:
    """Return the objective of a point."""
    return sum((c * x for c, x in zip(program.cost, point, strict=True)), Fraction(0))


def bound_from(
    program: RationalProgram,
    multipliers: Sequence[Fraction],
    cost: Sequence[Fraction] | None = None,
) -> Fraction | None:
    """Return the bound on ``cost @ x`` that multipliers of the rows prove; None if they prove none.

    For feasible x, ``cost @ x = (cost - A' y) @ x + y @ (A x)``, and each term of both sums is at
    most its value at the better of its two bounds. Any multipliers give a true bound.

    Parameters
    ----------
    program
        The program.
    multipliers
        One number y per row, of any sign.
    cost
        What is bounded; the program's own objective unless said. With zeros, a negative bound
        proves that there is no feasible point (a Farkas certificate).

    Examples
    --------
    >>> one = Fraction(1)
    >>> program = RationalProgram([one], [0 * one], [None], [None], [one], [[(0, 3 * one)]])
    >>> bound_from(program, [Fraction(1, 3)])
    Fraction(1, 3)
    >>> bound_from(program, [Fraction(0)]) is None
    True
    """
    total = Fraction(0)
    costs = program.cost if cost is None else cost
    for j, column in enumerate(program.columns):
        reduced = costs[j] - sum((value * multipliers[i] for i, value in column), Fraction(0))
        best = _highest(reduced, program.lower[j], program.upper[j])
        if best is None:
            return None
        total += best
    for y, lower, upper in zip(multipliers, program.row_lower, program.row_upper, strict=True):
        best = _highest(y, lower, upper)
        if best is None:
            return None
        total += best
    return total


def _highest(slope: Fraction, lower: Bound, upper: Bound) -> Fraction | None:
    """Return the maximum of ``slope * t`` between two bounds; None if there is none."""
    if slope == 0:
        return Fraction(0)
    end = upper if slope > 0 else lower
    return None if end is None else slope * end


def improves_forever(program: RationalProgram, direction: Sequence[Fraction]) -> bool:
    """Return whether every step along a direction keeps feasible points feasible, and improves.

    Examples
    --------
    >>> one = Fraction(1)
    >>> program = RationalProgram([one], [0 * one], [None], [0 * one], [None], [[(0, one)]])
    >>> improves_forever(program, [one]), improves_forever(program, [-one])
    (True, False)
    """
    rows = [sum((value * direction[j] for j, value in row), Fraction(0)) for row in program.rows]
    return (
        value_of(program, direction) > 0
        and all(map(_may_grow, direction, program.lower, program.upper))
        and all(map(_may_grow, rows, program.row_lower, program.row_upper))
    )


def _may_grow(change: Fraction, lower: Bound, upper: Bound) -> bool:
    return change == 0 or (upper if change > 0 else lower) is None
