"""Small linear programs in whole numbers: optima that are exact, asked for in many directions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

Row = Sequence[Fraction]


class SmallProgram:
    """All ``x >= 0`` with ``matrix @ x <= limits``, ready to be asked how far it goes.

    The tableau is kept in whole numbers over one denominator, so that every division in a pivot
    leaves no rest; by Bland's rule no run goes round in circles. Each question starts from the
    vertex that answered the last.

    Parameters
    ----------
    matrix
        One row per limit.
    limits
        What the rows must not exceed.

    Examples
    --------
    >>> one = Fraction(1)
    >>> program = SmallProgram([[one, 2 * one], [-one, 0 * one]], [4 * one, -one])
    >>> program.most([one, one]), program.most([0 * one, one]), program.is_empty
    (Fraction(4, 1), Fraction(3, 2), False)
    """

    def __init__(self, matrix: Sequence[Row], limits: Row) -> None:
        self._size = len(matrix[0])
        self._rows = []
        for row, limit in zip(matrix, limits, strict=True):
            unit = lcm(*(Fraction(value).denominator for value in (*row, limit)))
            self._rows.append([int(value * unit) for value in (*row, limit)])
        self._basic = [self._size + i for i in range(len(matrix))]
        self._free = list(range(self._size))
        self._over = 1
        self.is_empty = not self._find_vertex()

    def most(self, direction: Row) -> Fraction | None:
        """Return the largest value of a direction; None if there is no largest.

        The point is that of :meth:`point` afterwards. The set must not be empty.
        """
        unit = lcm(*(Fraction(value).denominator for value in direction))
        gain = {j: int(value * unit) for j, value in enumerate(direction)}
        while True:
            entering = self._entering(gain)
            if entering is None:
                basic = enumerate(self._basic)
                value = sum(gain.get(k, 0) * self._rows[i][-1] for i, k in basic)
                return Fraction(value, self._over * unit)
            leaving = self._leaving(entering)
            if leaving is None:
                return None
            self._pivot(leaving, entering)

    def point(self) -> list[Fraction]:
        """Return the vertex of the last answer."""
        point = [Fraction(0)] * self._size
        for i, k in enumerate(self._basic):
            if k < self._size:
                point[k] = Fraction(self._rows[i][-1], self._over)
        return point

    def _find_vertex(self) -> bool:
        """Move to a vertex of the set by a further variable that loosens all rows."""
        last = min(range(len(self._rows)), key=lambda i: self._rows[i][-1])
        if self._rows[last][-1] >= 0:
            return True
        loose = self._size + len(self._rows)
        for row in self._rows:
            row.insert(-1, -1)
        self._free.append(loose)
        self._pivot(last, len(self._free) - 1)
        gain = {loose: -1}
        while (entering := self._entering(gain)) is not None:
            leaving = self._leaving(entering)
            assert leaving is not None
            self._pivot(leaving, entering)
        if loose in self._basic:
            i = self._basic.index(loose)
            if self._rows[i][-1] > 0:
                return False
            # At zero it may leave by any column that is not zero.
            column = next(j for j, value in enumerate(self._rows[i][:-1]) if value)
            self._pivot(i, column)
        column = self._free.index(loose)
        for row in self._rows:
            del row[column]
        del self._free[column]
        return True

    def _entering(self, gain: dict[int, int]) -> int | None:
        best: int | None = None
        weighed = [(gain[k], self._rows[i]) for i, k in enumerate(self._basic) if gain.get(k)]
        for j, k in enumerate(self._free):
            if best is not None and k > self._free[best]:
                continue
            if gain.get(k, 0) * self._over - sum(own * row[j] for own, row in weighed) > 0:
                best = j
        return best

    def _leaving(self, column: int) -> int | None:
        best: int | None = None
        for i, row in enumerate(self._rows):
            if row[column] <= 0:
                continue
            if best is None:
                best = i
                continue
            other = self._rows[best]
            change = row[-1] * other[column] - other[-1] * row[column]
            if change < 0 or (change == 0 and self._basic[i] < self._basic[best]):
                best = i
        return best

    def _pivot(self, row: int, column: int) -> None:
        own, over = self._rows[row], self._over
        pivot = own[column]
        sign = 1 if pivot > 0 else -1
        for i, other in enumerate(self._rows):
            if i == row:
                continue
            factor = other[column]
            if factor:
                other[:] = [
                    (a * pivot - factor * b) // over for a, b in zip(other, own, strict=True)
                ]
            elif pivot != over:
                other[:] = [a * pivot // over for a in other]
            other[column] = -factor
            if sign < 0:
                other[:] = [-value for value in other]
        own[column] = over
        if sign < 0:
            own[:] = [-value for value in own]
        self._over = abs(pivot)
        self._basic[row], self._free[column] = self._free[column], self._basic[row]
