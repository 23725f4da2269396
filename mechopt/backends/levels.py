"""Owners of shares: the level at which each of them neither buys nor sells, and what ties need.

Whoever owns a share of a unit buys where its type is high and sells where it is low. The types
between are worst off and count as much as each other: as the level of their owner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, accumulated
from mechopt.environments.border import RARE, chance_at_level, most_won

# What is left of a target is rounding, and no order of those who tie is added for it.
ROUNDING = 1e-14
LEAST_WEIGHT = 1e-15
MOST_ORDERS = 200

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Rankings:
    """Rules that only rank types, and how likely each is.

    Parameters
    ----------
    weights
        Probability of each rule.
    ranks
        For each rule and in it for each group, the rank of each type; who wins has one above 0.
    levels
        For each group, the value of its worst-off types; infinite for sellers, minus that for
        buyers.
    """

    weights: tuple[float, ...]
    ranks: tuple[tuple[FloatArray, ...], ...]
    levels: tuple[float, ...]


@dataclass(frozen=True)
class _Tie:
    """Groups whose levels are the same value, ranked in one order or another."""

    weights: FloatArray
    places: tuple[dict[int, int], ...]


@dataclass(frozen=True, eq=False)
class LevelSearch:
    """Groups of alike owners of shares, at given virtual costs and values.

    A type counts as its virtual cost if that is below the level of its group, as its virtual value
    if that is above it, and else as the level. At the best levels the worst-off types win as often
    as they own; where levels meet each other or values of others, a lottery over the order of those
    who tie does that.

    Parameters
    ----------
    counts, shares
        How many owners are in each group, and what each of them owns of a unit.
    units
        How many units there are.
    costs, values
        Virtual costs and virtual values of the types of each group, never falling.
    masses
        Probabilities of the types.

    Notes
    -----
    Source: theory.md, section 6.3.

    Examples
    --------
    >>> from mechopt import TypeSpace
    >>> from mechopt.types.virtual_values import virtual_cost, virtual_value
    >>> types = TypeSpace.finite([1, 2, 3])
    >>> sides = [virtual_cost(types)], [virtual_value(types)]
    >>> found = LevelSearch((4,), (0.25,), 1, *sides, [types.mass]).lottery()
    >>> found.levels, len(found.weights)  # between what the middle and the highest type count as
    ((3.0,), 2)
    """

    counts: Sequence[int]
    shares: Sequence[float]
    units: int
    costs: Sequence[FloatArray]
    values: Sequence[FloatArray]
    masses: Sequence[FloatArray]

    def lottery(self) -> Rankings:
        """Return the best rule, as a lottery over rankings of the types."""
        places = self._levels()
        ties = [
            self._tie(place, [g for g in places if places[g] == place], places)
            for place in sorted(set(places.values()))
            if place < self._points.size
        ]
        weights, ranks = [], []
        for weight, offsets in _together(ties):
            weights.append(weight)
            ranks.append(
                tuple(self._ranks(g, places.get(g), offsets) for g in range(len(self.counts)))
            )
        weights[0] += 1.0 - sum(weights)
        levels = tuple(self._level(g, places.get(g)) for g in range(len(self.counts)))
        return Rankings(tuple(weights), tuple(ranks), levels)

    @cached_property
    def _coded(self) -> tuple[FloatArray, int, list[Codes], list[Codes]]:
        """All values in order, the place of zero, and costs and values by place."""
        parts = [np.zeros(1), *self.costs, *self.values]
        points, place = np.unique(np.concatenate(parts), return_inverse=True)
        ends = np.cumsum([part.size for part in parts])[:-1]
        zero, *codes = np.split(place.reshape(-1).astype(np.int64), ends)
        size = len(self.counts)
        return points, int(zero[0]), codes[:size], codes[size:]

    @property
    def _points(self) -> FloatArray:
        return self._coded[0]

    @cached_property
    def _sums(self) -> list[FloatArray]:
        """Probabilities of the lowest types, of each number of them."""
        sums = [np.minimum(np.append(0.0, accumulated(mass)), 1.0) for mass in self.masses]
        for own in sums:
            own[-1] = 1.0
        return sums

    def _below(self, g: int, place: int, *, cost: bool, inclusive: bool = False) -> float:
        """Return how likely an owner's virtual cost or value is below a value, or no more."""
        _, _, costs, values = self._coded
        codes = costs[g] if cost else values[g]
        number = int(np.searchsorted(codes, place, "right" if inclusive else "left"))
        return float(self._sums[g][number])

    def _flat(self, g: int, place: int, *, inclusive: bool = False) -> float:
        """Return how likely an owner is worst off if its level is just below a value, or above."""
        bought, sold = (
            self._below(g, place, cost=cost, inclusive=inclusive) for cost in (False, True)
        )
        return bought - sold

    def _level(self, g: int, place: int | None) -> float:
        if place is None:
            return -np.inf
        return float(self._points[place]) if place < self._points.size else np.inf

    def _levels(self) -> dict[int, int]:
        """Return the places of the groups' levels, from the highest on; none for buyers.

        Just below a value, groups press if all of their worst-off types, served before those of
        the others, could not win as often as they own. They do so below their level.
        """
        size = self._points.size
        found = {g: size for g, share in enumerate(self.shares) if share >= 1.0}
        waiting = [g for g, share in enumerate(self.shares) if 0.0 < share < 1.0]
        high = size + 1
        while waiting:
            low = 0
            while high - low > 1:
                middle = (low + high) // 2
                if self._pressing(middle, found, waiting):
                    low = middle
                else:
                    high = middle
            # At no more than zero nobody wins, so that all press.
            pressing = self._pressing(low, found, waiting)
            found |= dict.fromkeys(pressing, low)
            waiting = [g for g in waiting if g not in found]
            high = low + 1
        return found

    def _pressing(self, place: int, found: dict[int, int], waiting: Sequence[int]) -> list[int]:
        """Return the groups that press just below a value, others' levels known or below it."""
        if place <= self._coded[1]:
            return list(waiting)
        ahead = [1.0 - self._below(g, place, cost=g in found) for g in range(len(self.counts))]
        flat = {g: self._flat(g, place) for g in waiting}
        left = [g for g in waiting if flat[g] > 0.0]
        pressing: list[int] = []
        tried, gain, best, at_best = [], 0.0, 0.0, list(ahead)
        while left:
            chance = {g: self._chance(ahead, g, flat[g]) for g in left}
            g = max(
                left,
                key=lambda g: (
                    self.shares[g] - chance[g] if not chance[g] else self.shares[g] / chance[g]
                ),
            )
            gain += self.counts[g] * flat[g] * (self.shares[g] - chance[g])
            ahead[g] += flat[g]
            left.remove(g)
            tried.append(g)
            if gain >= best:
                best, pressing, at_best = gain, list(tried), list(ahead)
        # Types between two values are worst off by chance of none; they press on nobody else.
        alone = [g for g in waiting if flat[g] == 0.0]
        return pressing + [g for g in alone if self.shares[g] >= self._chance(at_best, g, 0.0)]

    def _chance(self, ahead: Sequence[float], g: int, flat: float) -> float:
        """Return how likely an owner wins behind others, ties with its own kind shared evenly."""
        if self.counts[g] == 1 or self.counts[g] * flat < RARE:
            return float(chance_at_level(self.counts, ahead, g, flat, self.units))
        joined = [chance + flat * (h == g) for h, chance in enumerate(ahead)]
        won = most_won(self.counts, joined, self.units) - most_won(self.counts, ahead, self.units)
        return float(won) / (self.counts[g] * flat)

    def _tie(self, place: int, members: list[int], places: dict[int, int]) -> _Tie:
        """Return orders of groups at one level and of all else at it that give all what they own.

        All else is one in the orders, and has the number -1: values of types that are not worst
        off, and at zero nobody.
        """
        inside = [
            g
            for g in members
            if any(self._flat(g, place, inclusive=end) > 0 for end in (False, True))
        ]
        orders = [[*inside, -1], [-1, *inside]]
        if not inside:
            return _Tie(np.ones(1), ({},))
        goal = np.array([self.shares[g] for g in inside] + [1.0])
        while True:
            table = np.array([self._won(place, order, inside, places) for order in orders]).T
            table = np.vstack([table, np.ones(len(orders))])
            weights = _nonnegative(table, goal)
            short = (goal - table @ weights)[:-1]
            if np.abs(short).max() <= ROUNDING or len(orders) >= MOST_ORDERS:
                break
            wanted = dict(zip(inside, short.tolist(), strict=True)) | {-1: 0.0}
            best = sorted([*inside, -1], key=lambda g: -wanted[g] / self._size(g, place))
            used = [order for order, weight in zip(orders, weights, strict=True) if weight > 0.0]
            near = [best] if best not in orders else _neighbours(used, orders)
            if not near:
                break
            orders += near
        kept = np.flatnonzero(weights > LEAST_WEIGHT)
        offsets = [{g: o.index(-1) - o.index(g) for g in inside} for o in orders]
        return _Tie(weights[kept] / weights[kept].sum(), tuple(offsets[k] for k in kept))

    def _size(self, g: int, place: int) -> float:
        if g < 0:
            return 1.0
        below = self._below(g, place, cost=False, inclusive=True)
        return self.counts[g] * max(below - self._below(g, place, cost=True), LEAST_WEIGHT)

    def _won(
        self, place: int, order: Sequence[int], inside: Sequence[int], places: dict[int, int]
    ) -> list[float]:
        """Return how often the worst-off types of groups win that are served in an order."""
        block = order.index(-1)
        last = set(order[block:])
        groups = range(len(self.counts))
        sells = [places.get(g, -1) > place for g in groups]
        # Whose level is behind the others' values at this place has its own values there ahead.
        above = [1.0 - self._below(g, place, cost=sells[g], inclusive=True) for g in groups]
        chances = {}
        for g in order:
            if g < 0:
                for h in groups:
                    cost = sells[h] or (h in inside and h not in last)
                    above[h] += self._below(h, place, cost=cost, inclusive=True)
                    above[h] -= self._below(h, place, cost=cost)
                continue
            behind = g in last
            flat = self._flat(g, place, inclusive=not behind)
            nobody = behind and place == self._coded[1]
            chances[g] = 0.0 if nobody else self._chance(above, g, flat)
            above[g] += flat
        return [chances[g] for g in inside]

    def _ranks(self, g: int, place: int | None, offsets: dict[int, int]) -> FloatArray:
        """Return ranks of a group's types: places of their values, with room for orders."""
        room = 2 * (len(self.counts) + 1)
        points, zero, costs, values = self._coded
        cost, value = ((codes[g] - zero) * room for codes in (costs, values))
        if place is None:
            ranks = value
        elif place >= points.size:
            ranks = cost
        else:
            level = (place - zero) * room + offsets.get(g, 0)
            ranks = np.maximum(value, np.minimum(cost, level))
        return ranks.astype(np.float64)


def _together(ties: Sequence[_Tie]) -> list[tuple[float, dict[int, int]]]:
    """Return the orders of all ties at once: they may hang on one draw, for none matters to others.

    Examples
    --------
    >>> half = _Tie(np.array([0.5, 0.5]), ({0: 1}, {0: -1}))
    >>> quarter = _Tie(np.array([0.25, 0.75]), ({1: 1}, {1: -1}))
    >>> _together([half, quarter])
    [(0.25, {0: 1, 1: 1}), (0.25, {0: 1, 1: -1}), (0.5, {0: -1, 1: -1})]
    """
    ends = [np.cumsum(tie.weights) for tie in ties]
    cuts = np.unique(np.concatenate([[0.0, 1.0], *(own[:-1] for own in ends)]))
    cuts = cuts[(cuts == 0.0) | (cuts == 1.0) | (np.diff(cuts, prepend=-1.0) > LEAST_WEIGHT)]
    found = []
    for start, stop in pairwise(cuts.tolist()):
        offsets: dict[int, int] = {}
        for own, tie in zip(ends, ties, strict=True):
            which = int(np.searchsorted(own[:-1], 0.5 * (start + stop), "right"))
            offsets |= tie.places[which]
        found.append((stop - start, offsets))
    return found


def _neighbours(used: Sequence[list[int]], known: Sequence[list[int]]) -> list[list[int]]:
    """Return the orders that are not known, and differ from used ones by the place of one.

    Examples
    --------
    >>> _neighbours([[0, 1, -1]], [[0, 1, -1], [0, -1, 1]])
    [[1, 0, -1], [1, -1, 0], [-1, 0, 1]]
    """
    found: list[list[int]] = []
    for order in used:
        for g in order:
            rest = [h for h in order if h != g]
            for k in range(len(order)):
                moved = [*rest[:k], g, *rest[k:]]
                if moved not in known and moved not in found:
                    found.append(moved)
    return found


def _nonnegative(table: FloatArray, goal: FloatArray) -> FloatArray:
    """Return weights of at least zero with which the columns come closest to a goal."""
    from scipy.optimize import nnls

    return np.asarray(nnls(table, goal)[0], dtype=np.float64)
