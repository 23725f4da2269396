"""Virtual valuations of static trade in whole numbers, and the rule where the bound is least."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise

import numpy as np

from mechopt._util.arrays import FloatArray, IndexArray
from mechopt.types.virtual_values import ironed

# Floats come this near to the multiplier of the budget, relative to the distance to its ends.
NEAR = 1e-11
MOST_RULES = 40


@dataclass(frozen=True, eq=False)
class Side:
    """One side in whole numbers: ``mass * virtual valuation = constant + multiplier * slope``.

    Parameters
    ----------
    mass, mean, end
        Probability, mean and binding end of every cell, times common denominators.
    constant, slope
        The virtual valuation of every cell, weighted with its probability.

    Notes
    -----
    Source: theory.md, section 3.5.
    """

    mass: list[int]
    mean: list[int]
    end: list[int]
    constant: list[int]
    slope: list[int]

    @classmethod
    def of(
        cls, mass: list[int], mean: list[int], end: list[int], weight: int, *, gives: bool
    ) -> Side:
        """Return the side; ends are the highest types of who gives, the lowest of who receives."""
        if gives:
            passed = [u * m for u, m in zip(end, accumulate(mass), strict=True)]
            slope = [own - before for own, before in zip(passed, [0, *passed], strict=False)]
        else:
            beyond = list(accumulate(reversed(mass)))[::-1]
            passed = [low * m for low, m in zip(end, beyond, strict=True)]
            slope = [own - after for own, after in zip(passed, [*passed[1:], 0], strict=True)]
        constant = [weight * (m * t - s) for m, t, s in zip(mass, mean, slope, strict=True)]
        return cls(mass, mean, end, constant, slope)

    def values(self, over: int, under: int) -> list[int]:
        """Return masses times virtual valuations times ``under`` at multiplier over/under."""
        return [under * a + over * b for a, b in zip(self.constant, self.slope, strict=True)]

    def floats(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the probability of every type, and constant and slope of its valuation."""
        total, rows = sum(self.mass), zip(self.mass, self.constant, self.slope, strict=True)
        columns = [(m / total, a / m, b / m) for m, a, b in rows]
        mass, constant, slope = (np.array(column) for column in zip(*columns, strict=True))
        return mass, constant, slope


def runs_of(values: Sequence[int], mass: Sequence[int]) -> list[int]:
    """Return where runs of types begin, and where the last ends, that have one ironed valuation."""
    if all(
        v * m2 <= v2 * m for v, v2, m, m2 in zip(values, values[1:], mass, mass[1:], strict=False)
    ):
        return list(range(len(values) + 1))
    stack: list[tuple[int, int, int]] = []
    for k, (value, own) in enumerate(zip(values, mass, strict=True)):
        run = (value, own, k)
        while stack and stack[-1][0] * run[1] > run[0] * stack[-1][1]:
            before = stack.pop()
            run = (before[0] + run[0], before[1] + run[1], before[2])
        stack.append(run)
    return [*(run[2] for run in stack), len(values)]


def sums_by_run(values: Sequence[int], runs: Sequence[int]) -> list[int]:
    """Return the sum of the values of each run."""
    if len(runs) > len(values):
        return list(values)
    return [sum(values[a:b]) for a, b in pairwise(runs)]


@dataclass(frozen=True, eq=False)
class Point:
    """The rules at one multiplier: trade where the value exceeds the cost, and also at ties.

    ``first`` and ``last`` count the givers with whom each receiver trades under the two rules, and
    ``lines`` are constant and slope of the Lagrangian of each.
    """

    over: int
    under: int
    first: list[int]
    last: list[int]
    lines: tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, eq=False)
class TradeInIntegers:
    """Both sides of static trade, and the largest welfare weight, in whole numbers."""

    giver: Side
    receiver: Side
    largest: int

    def at(self, multiplier: Fraction) -> Point:
        """Return the rules at a multiplier, every comparison in whole numbers."""
        over, under = multiplier.numerator, multiplier.denominator
        sides = []
        for side in (self.giver, self.receiver):
            values = side.values(over, under)
            runs = runs_of(values, side.mass)
            sides.append((runs, sums_by_run(values, runs), sums_by_run(side.mass, runs)))
        (own, costs, cost_mass), (runs, values, value_mass) = sides
        first: list[int] = []
        last: list[int] = []
        below = upto = 0
        for k, (value, mass) in enumerate(zip(values, value_mass, strict=True)):
            while below < len(costs) and costs[below] * mass < value * cost_mass[below]:
                below += 1
            upto = max(upto, below)
            while upto < len(costs) and costs[upto] * mass <= value * cost_mass[upto]:
                upto += 1
            width = runs[k + 1] - runs[k]
            first.extend([own[below]] * width)
            last.extend([own[upto]] * width)
        return Point(over, under, first, last, (self._line(first), self._line(last)))

    def _line(self, counts: Sequence[int]) -> tuple[int, int]:
        givers, receivers = self.giver, self.receiver
        mass, *sums = (
            [0, *accumulate(part)] for part in (givers.mass, givers.constant, givers.slope)
        )
        constant, slope = (
            sum(
                value * mass[n] - own * below[n]
                for value, own, n in zip(part, receivers.mass, counts, strict=True)
            )
            for part, below in zip((receivers.constant, receivers.slope), sums, strict=True)
        )
        return constant, slope

    def near(self) -> tuple[tuple[int, int], tuple[int, int]] | None:
        """Return the lines of the rules that floats find just below and above the least bound."""
        costs, values = self.giver.floats(), self.receiver.floats()
        largest = float(self.largest)

        def at(alpha: float) -> tuple[float, IndexArray]:
            cost, value = (
                ironed((1.0 - alpha) * a + largest * b, m) for m, a, b in (costs, values)
            )
            count = np.searchsorted(cost, value)
            mass = np.concatenate([[0.0], np.cumsum(costs[0])])[count]
            spent = np.concatenate([[0.0], np.cumsum(costs[0] * costs[2])])[count]
            return float(values[0] @ (values[2] * mass - spent)), count

        low, high = 0.0, 1.0 - 1e-9
        if not at(low)[0] < 0.0 < at(high)[0]:
            return None
        while low < (middle := 0.5 * (low + high)) < high:
            low, high = (middle, high) if at(middle)[0] < 0.0 else (low, middle)
        # A little further off, rounding no longer tells which rule it is.
        ends = (low * (1.0 - NEAR), high + (1.0 - high) * NEAR)
        below, above = (self._line(at(end)[1].tolist()) for end in ends)
        return below, above

    def optimum(self) -> tuple[Point, Fraction] | None:
        """Return the point where the bound is least, and the share of the rule that trades at ties.

        The bound is convex in the multiplier, with the slack as its slope, and the line of any rule
        lies below it; where two lines meet, it is least unless another line lies above them there.
        """
        around = self.near()
        if around is None:
            end = self.at(Fraction(self.largest))
            return (end, Fraction(0)) if end.lines[0][1] >= 0 else None
        low, high = around
        for _ in range(MOST_RULES):
            (b, fall), (a, rise) = low, high
            if not fall < 0 <= rise or b - a < self.largest * (rise - fall):
                return None
            point = self.at(Fraction(b - a, rise - fall))
            never, always = point.lines[0][1], point.lines[1][1]
            if never < 0:
                low = point.lines[0]
            elif always > 0:
                high = point.lines[1]
            else:
                share = Fraction(never, never - always) if never != always else Fraction(0)
                return point, share
        return None
