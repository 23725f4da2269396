"""A small dense simplex method in fractions: the judge's own, sharing no code with the package.

Maximise ``gain @ x`` subject to ``rows @ x <= limits`` and ``0 <= x <= upper``. Dictionaries are
those of Chvatal (1983), chapters 2, 3 and 8: basic variables as affine functions of the nonbasic
ones, a variable at its upper bound replaced by its distance from it. Bland's rule takes over
whenever a step does not improve, so that it ends. Numbers are FLINT's, which are exact too and
faster than :class:`fractions.Fraction`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from flint import fmpq

ZERO, ONE = fmpq(0), fmpq(1)


def rational(number):
    """Return a number as what it is: a float is a ratio of whole numbers, not a decimal."""
    if isinstance(number, fmpq):
        return number
    fraction = Fraction(number)
    return fmpq(fraction.numerator, fraction.denominator)


def fraction(number):
    """Return one of FLINT's numbers as a Fraction."""
    return Fraction(int(number.p), int(number.q))


@dataclass(frozen=True)
class Optimum:
    """An optimum: its value, the point, and a multiplier for every row."""

    value: fmpq
    point: tuple[fmpq, ...]
    multipliers: tuple[fmpq, ...]


class Infeasible(Exception):  # noqa: N818 - an answer, not an error
    """No point meets the rows."""


class Unbounded(Exception):  # noqa: N818 - an answer, not an error
    """The objective can be raised without limit."""


def maximise(gain, rows, limits, upper=None):
    """Return the optimum; raise Infeasible or Unbounded where there is none."""
    dictionary = _Dictionary(gain, rows, limits, upper)
    dictionary.make_feasible()
    dictionary.improve()
    return dictionary.optimum()


class _Dictionary:
    """Basic variables as ``constant - coefficients @ nonbasic``; the objective likewise, plus."""

    def __init__(self, gain, rows, limits, upper):
        self.size = len(gain)
        self.rows = [[rational(entry) for entry in row] for row in rows]
        self.constants = [rational(limit) for limit in limits]
        self.gain, self.value = [rational(entry) for entry in gain], ZERO
        self.nonbasic = list(range(self.size))
        self.basic = list(range(self.size, self.size + len(rows)))
        bounds = [None] * self.size if upper is None else list(upper)
        self.upper = [None if b is None else rational(b) for b in bounds] + [None] * len(rows)
        self.flipped = [False] * len(self.upper)

    def make_feasible(self):
        """Phase one: one more variable takes up every shortfall, and is driven to zero."""
        if not self.rows or min(self.constants) >= 0:
            return
        extra = -1
        for row in self.rows:
            row.append(-ONE)
        self.nonbasic.append(extra)
        gain, value = [*self.gain, ZERO], self.value
        self.gain, self.value = [ZERO] * self.size + [-ONE], ZERO
        column = self.size
        worst = min(range(len(self.rows)), key=self.constants.__getitem__)
        # The original objective is carried along as one more row, which never leaves.
        self.carried = [-entry for entry in gain], value
        self._pivot(worst, column)
        self.improve()
        if self.value < 0:
            raise Infeasible
        if extra in self.basic:
            row = self.basic.index(extra)
            self._pivot(row, next(j for j, entry in enumerate(self.rows[row]) if entry != 0))
        column = self.nonbasic.index(extra)
        for row in self.rows:
            del row[column]
        del self.nonbasic[column]
        coefficients, self.value = self.carried
        del self.carried
        del coefficients[column]
        self.gain = [-entry for entry in coefficients]

    def improve(self):
        stalled = False
        while (entering := self._entering(stalled)) is not None:
            step, leaving = self._ratio_test(entering)
            stalled = step == 0
            if leaving is None:
                self._flip_nonbasic(entering)
                continue
            row, at_upper = leaving
            if at_upper:
                self._flip_basic(row)
            self._pivot(row, entering)

    def _entering(self, stalled):
        candidates = [j for j, entry in enumerate(self.gain) if entry > 0]
        if not candidates:
            return None
        if stalled:
            return min(candidates, key=self.nonbasic.__getitem__)
        return max(candidates, key=self.gain.__getitem__)

    def _ratio_test(self, j):
        """Return how far the entering variable can rise, and which row stops it, at which bound."""
        best = None
        own = self._upper_of(self.nonbasic[j])
        if own is not None:
            best = (own, self.nonbasic[j], None)
        for i, row in enumerate(self.rows):
            if row[j] > 0:
                candidate = (self.constants[i] / row[j], self.basic[i], (i, False))
            elif row[j] < 0 and self._upper_of(self.basic[i]) is not None:
                room = self._upper_of(self.basic[i]) - self.constants[i]
                candidate = (room / -row[j], self.basic[i], (i, True))
            else:
                continue
            if best is None or candidate[:2] < best[:2]:
                best = candidate
        if best is None:
            raise Unbounded
        return best[0], best[2]

    def _upper_of(self, variable):
        return None if variable < 0 else self.upper[variable]

    def _flip_nonbasic(self, j):
        variable = self.nonbasic[j]
        bound = self.upper[variable]
        for i, row in enumerate(self.rows):
            if row[j] != 0:
                self.constants[i] -= row[j] * bound
                row[j] = -row[j]
        self.value += self.gain[j] * bound
        self.gain[j] = -self.gain[j]
        if hasattr(self, "carried"):
            coefficients, value = self.carried
            self.carried = coefficients, value - coefficients[j] * bound
            coefficients[j] = -coefficients[j]
        self.flipped[variable] = not self.flipped[variable]

    def _flip_basic(self, i):
        variable = self.basic[i]
        self.constants[i] = self.upper[variable] - self.constants[i]
        self.rows[i] = [-entry for entry in self.rows[i]]
        self.flipped[variable] = not self.flipped[variable]

    def _pivot(self, i, j):
        """Solve row i for the nonbasic variable in column j and substitute it everywhere."""
        pivot_row, pivot = self.rows[i], self.rows[i][j]
        inverse = ONE / pivot
        new = [entry * inverse if entry != 0 else entry for entry in pivot_row]
        new[j] = inverse
        constant = self.constants[i] * inverse
        nonzero = [(k, entry) for k, entry in enumerate(new) if entry != 0 and k != j]

        def substitute(row):
            factor = row[j]
            if factor == 0:
                return factor
            for k, entry in nonzero:
                row[k] -= factor * entry
            row[j] = -factor * inverse
            return factor

        for k, row in enumerate(self.rows):
            if k != i:
                factor = substitute(row)
                if factor != 0:
                    self.constants[k] -= factor * constant
        self.value += substitute(self.gain) * constant
        if hasattr(self, "carried"):
            coefficients, value = self.carried
            self.carried = coefficients, value - substitute(coefficients) * constant
        self.rows[i], self.constants[i] = new, constant
        self.basic[i], self.nonbasic[j] = self.nonbasic[j], self.basic[i]

    def optimum(self):
        values = dict.fromkeys(range(len(self.upper)), ZERO)
        values |= dict(zip(self.basic, self.constants, strict=True))
        point = tuple(
            self.upper[k] - values[k] if self.flipped[k] else values[k] for k in range(self.size)
        )
        price = dict(zip(self.nonbasic, self.gain, strict=True))
        multipliers = tuple(
            -price.get(k, ZERO) for k in range(self.size, self.size + len(self.rows))
        )
        return Optimum(self.value, point, multipliers)


def assert_optimal(optimum, gain, rows, limits, upper=None):
    """Assert, from the data alone, that a point is feasible and that its multipliers prove it best.

    Weak duality: for multipliers of at least zero, no point is worth more than the limits at their
    multipliers plus, for every bounded variable, what it would earn on top.
    """
    upper = [None] * len(gain) if upper is None else upper
    bound = ZERO
    for row, limit, multiplier in zip(rows, limits, optimum.multipliers, strict=True):
        assert multiplier >= 0
        assert sum((rational(a) * x for a, x in zip(row, optimum.point, strict=True)), ZERO) <= (
            rational(limit)
        )
        bound += multiplier * rational(limit)
    for j, x in enumerate(optimum.point):
        priced = sum(
            (rational(row[j]) * y for row, y in zip(rows, optimum.multipliers, strict=True)), ZERO
        )
        reduced = rational(gain[j]) - priced
        assert x >= 0
        assert upper[j] is None or x <= rational(upper[j])
        assert upper[j] is not None or reduced <= 0
        if reduced > 0:
            bound += reduced * rational(upper[j])
    value = sum((rational(c) * x for c, x in zip(gain, optimum.point, strict=True)), ZERO)
    assert value == optimum.value == bound
