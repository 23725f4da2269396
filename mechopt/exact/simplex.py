"""The simplex method in rationals, begun from the basis that a float solver ended with.

Usually that basis is optimal exactly, and nothing is left but to solve two systems of equations. If
it is not, pivots repair it: first towards feasibility (the sum of infeasibilities falls), then
towards the optimum. Long runs of pivots without progress are ended by Bland's rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any

from mechopt.exact.basis import ZERO, Factors, factorised
from mechopt.exact.program import RationalProgram

PATIENCE = 20


class BasisStatus(Enum):
    """Where a variable or a row's activity is."""

    BASIC = "basic"
    LOWER = "lower"
    UPPER = "upper"
    FREE = "free"


class SimplexStatus(Enum):
    """How the simplex method ended."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    LIMIT = "limit"


@dataclass(frozen=True, eq=False)
class SimplexResult:
    """What the simplex method ended with, in the numbers of the program.

    Parameters
    ----------
    verdict
        How it ended.
    pivots
        How many it took.
    point
        One number per variable; feasible if optimal or unbounded.
    multipliers
        One number y per row: optimal ones, or ones that prove infeasibility (see
        :func:`mechopt.exact.program.bound_from`).
    direction
        If unbounded, where to go.
    places
        The basis that it ended with.
    """

    verdict: SimplexStatus
    pivots: int
    point: Sequence[Any]
    multipliers: Sequence[Any] = ()
    direction: Sequence[Any] = ()
    places: Sequence[BasisStatus] = ()


@dataclass(frozen=True, eq=False)
class Vertex:
    """A basis of a program and all that follows from it.

    Variables and rows share one numbering, variables first; the activity of a row is treated as a
    variable between the bounds of the row.

    Parameters
    ----------
    program
        The program, in flint's rationals.
    places
        Where each variable and each row's activity is. As many rows are not basic as variables
        are, and together they make a nonsingular matrix.
    """

    program: RationalProgram
    places: Sequence[BasisStatus]

    @cached_property
    def factors(self) -> Factors:
        """The basis matrix: rows that are not basic, variables that are."""
        return _factors(self.program, self.places)

    @cached_property
    def point(self) -> list[Any]:
        """One number per variable."""
        program, size = self.program, self.program.num_columns
        point = [
            ZERO if place is BasisStatus.BASIC else _at(program, j, place)
            for j, place in enumerate(self.places[:size])
        ]
        moving = {j: value for j, value in enumerate(point) if value}
        right = {}
        for i, place in enumerate(self.places[size:]):
            if place is not BasisStatus.BASIC:
                held = (moving[j] * value for j, value in program.rows[i] if j in moving)
                right[i] = _at(program, size + i, place) - sum(held, ZERO)
        for j, value in self.factors.solve(right).items():
            point[j] = value
        return point

    @cached_property
    def values(self) -> list[Any]:
        """Variables, then activities of rows."""
        point = self.point
        rows = self.program.rows
        return [*point, *(sum((a * point[j] for j, a in row), ZERO) for row in rows)]

    @cached_property
    def infeasibilities(self) -> dict[int, int]:
        """What is out of bounds, with the sign of the change that it needs."""
        found = {}
        for k, value in enumerate(self.values):
            lower, upper = _bounds(self.program, k)
            if lower is not None and value < lower:
                found[k] = 1
            elif upper is not None and value > upper:
                found[k] = -1
        return found

    def multipliers(self) -> list[Any]:
        """Return y per row for the objective, or for feasibility where that is lacking."""
        program, size = self.program, self.program.num_columns
        wanted = self.infeasibilities
        result = [ZERO] * program.num_rows
        if wanted:
            right = {j: ZERO + sign for j, sign in wanted.items() if j < size}
            for k, sign in wanted.items():
                if k >= size:
                    result[k - size] = ZERO - sign
                    for j, value in program.rows[k - size]:
                        right[j] = right.get(j, ZERO) + sign * value
        else:
            right = {j: cost for j, cost in enumerate(program.cost) if cost}
        for i, value in self.factors.solve_transposed(right).items():
            result[i] = value
        return result

    def reduced_costs(self, multipliers: Sequence[Any]) -> list[Any]:
        """Return the gain per unit of each variable and each row's activity; zero if basic."""
        program, size = self.program, self.program.num_columns
        feasible = not self.infeasibilities
        gains = []
        for j, column in enumerate(program.columns):
            if self.places[j] is BasisStatus.BASIC:
                gains.append(ZERO)
                continue
            own = program.cost[j] if feasible else ZERO
            gains.append(own - sum((a * multipliers[i] for i, a in column), ZERO))
        for i, y in enumerate(multipliers):
            gains.append(ZERO if self.places[size + i] is BasisStatus.BASIC else y)
        return gains

    def direction(self, entering: int, sign: int) -> dict[int, Any]:
        """Return how fast every variable and row moves as one that is not basic does."""
        program, size = self.program, self.program.num_columns
        step = ZERO + sign
        right: dict[int, Any] = {}
        if entering < size:
            right = {i: -step * a for i, a in program.columns[entering]}
        else:
            right[entering - size] = step
        moves = {j: value for j, value in self.factors.solve(right).items() if value}
        if entering < size:
            moves[entering] = step
        rows: dict[int, Any] = {}
        for j, move in moves.items():
            for i, a in program.columns[j]:
                rows[i] = rows.get(i, ZERO) + a * move
        return moves | {size + i: value for i, value in rows.items() if value}


def simplex(
    program: RationalProgram, places: Sequence[BasisStatus], max_pivots: int
) -> SimplexResult:
    """Return an optimum of a program in flint's rationals, or why there is none.

    Parameters
    ----------
    program
        The program.
    places
        A basis to begin from, of any quality: what is not independent is left out.
    max_pivots
        When to give up.

    Examples
    --------
    >>> import flint
    >>> one = flint.fmpq(1)
    >>> program = RationalProgram([one], [0 * one], [None], [None], [one], [[(0, 3 * one)]])
    >>> simplex(program, slack_places(program), 5).point
    [1/3]
    """
    vertex = Vertex(program, _completed(program, places))
    idle = 0
    for pivots in range(max_pivots + 1):
        multipliers = vertex.multipliers()
        gains = vertex.reduced_costs(multipliers)
        able = [
            k
            for k, gain in enumerate(gains)
            if gain and _may_move(program, k, vertex.places[k], gain)
        ]
        if not able:
            verdict = SimplexStatus.INFEASIBLE if vertex.infeasibilities else SimplexStatus.OPTIMAL
            return SimplexResult(verdict, pivots, vertex.point, multipliers, (), vertex.places)
        # The largest gain is quicker; the first one cannot go round in circles.
        entering = able[0] if idle > PATIENCE else max(able, key=lambda k: abs(gains[k]))
        sign = 1 if gains[entering] > 0 else -1
        moves = vertex.direction(entering, sign)
        blocked = _ratio_test(vertex, entering, moves)
        if blocked is None:
            size = program.num_columns
            direction = [moves.get(j, ZERO) for j in range(size)]
            return SimplexResult(SimplexStatus.UNBOUNDED, pivots, vertex.point, direction=direction)
        step, leaving, place = blocked
        idle = 0 if step else idle + 1
        changed = list(vertex.places)
        changed[entering] = BasisStatus.BASIC
        changed[leaving] = place
        vertex = Vertex(program, changed)
    return SimplexResult(SimplexStatus.LIMIT, max_pivots, vertex.point)


def slack_places(program: RationalProgram) -> list[BasisStatus]:
    """Return the basis of no variable and every row."""
    columns = [_nearest(*_bounds(program, j)) for j in range(program.num_columns)]
    return columns + [BasisStatus.BASIC] * program.num_rows


def _ratio_test(
    vertex: Vertex, entering: int, moves: dict[int, Any]
) -> tuple[Any, int, BasisStatus] | None:
    """Return how far the move goes, what stops it, and at which of its bounds; None if nothing.

    What is out of bounds stops the move where it comes within them.
    """
    best: tuple[Any, int, BasisStatus] | None = None
    for k, move in sorted(moves.items()):
        if k != entering and vertex.places[k] is not BasisStatus.BASIC:
            continue
        lower, upper = _bounds(vertex.program, k)
        wanted = vertex.infeasibilities.get(k)
        if wanted is None:
            place = BasisStatus.UPPER if move > 0 else BasisStatus.LOWER
        elif wanted * move > 0:
            place = BasisStatus.LOWER if wanted > 0 else BasisStatus.UPPER
        else:
            continue
        end = upper if place is BasisStatus.UPPER else lower
        if end is None:
            continue
        step = (end - vertex.values[k]) / move
        if best is None or step < best[0]:
            best = (step, k, place)
    return best


def _completed(program: RationalProgram, places: Sequence[BasisStatus]) -> list[BasisStatus]:
    """Return a basis as near as possible to the given one."""
    size = program.num_columns
    factors = _factors(program, places)
    rows = {i for i, _ in (*factors.by_row, *factors.by_column)} | set(factors.core_rows)
    columns = {j for _, j in (*factors.by_row, *factors.by_column)} | set(factors.core_columns)
    result = []
    for k, place in enumerate(places):
        basic = k in columns if k < size else k - size not in rows
        lower, upper = _bounds(program, k)
        if basic:
            result.append(BasisStatus.BASIC)
        elif (place is BasisStatus.LOWER and lower is not None) or (
            place is BasisStatus.UPPER and upper is not None
        ):
            result.append(place)
        else:
            result.append(_nearest(lower, upper))
    return result


def _factors(program: RationalProgram, places: Sequence[BasisStatus]) -> Factors:
    size = program.num_columns
    columns = {
        j: {i: a for i, a in program.columns[j] if places[size + i] is not BasisStatus.BASIC}
        for j in range(size)
        if places[j] is BasisStatus.BASIC
    }
    rows: dict[int, dict[int, Any]] = {
        i: {} for i in range(program.num_rows) if places[size + i] is not BasisStatus.BASIC
    }
    for j, column in columns.items():
        for i, a in column.items():
            rows[i][j] = a
    return factorised(rows, columns)


def _bounds(program: RationalProgram, k: int) -> tuple[Any, Any]:
    size = program.num_columns
    if k < size:
        return program.lower[k], program.upper[k]
    return program.row_lower[k - size], program.row_upper[k - size]


def _at(program: RationalProgram, k: int, place: BasisStatus) -> Any:
    lower, upper = _bounds(program, k)
    if place is BasisStatus.FREE:
        return ZERO
    return lower if place is BasisStatus.LOWER else upper


def _nearest(lower: Any, upper: Any) -> BasisStatus:
    if lower is not None:
        return BasisStatus.LOWER
    return BasisStatus.FREE if upper is None else BasisStatus.UPPER


def _may_move(program: RationalProgram, k: int, place: BasisStatus, gain: Any) -> bool:
    """Return whether what is not basic can move the way that gains."""
    lower, upper = _bounds(program, k)
    if lower is not None and lower == upper:
        return False
    return place is BasisStatus.FREE or (place is BasisStatus.LOWER) == (gain > 0)
