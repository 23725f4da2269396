"""Offers by type as broken lines, and what any offer earns against them, without a grid."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, IndexArray, frozen
from mechopt._util.given import given_numbers
from mechopt.errors import InvalidInputError
from mechopt.types.cells import cells_between
from mechopt.types.curves import Expectations
from mechopt.types.source import Source
from mechopt.types.sources.affine import Affine
from mechopt.types.sources.finite import Finite

# Deviations are tried at so many places between two neighbouring offers of either side.
PARTS = 3
# Besides knots, so many types are looked at, evenly spaced.
EVENLY = 257
# Pairs of a type and a deviation in one block.
BLOCK = 2_000_000
# Types that are this close, relative to the width of their law, are one in a quadrature.
CLOSE = 1e-13


@dataclass(frozen=True, eq=False)
class OfferCurve:
    """An offer for every type of a side: straight between knots, with jumps where types repeat.

    Types outside the knots make no offer, with one exception: beyond the knot of the types who
    gain most, offers stay what they are there.

    Parameters
    ----------
    types, offers : arrays of shape (num_knots,)
        Both in money and nondecreasing.

    Raises
    ------
    InvalidInputError
        For knots that fall, or are not finite.

    Examples
    --------
    >>> OfferCurve([0.25, 1.0], [0.25, 0.75]).offers
    array([0.25, 0.75])
    """

    types: FloatArray
    offers: FloatArray

    def __post_init__(self) -> None:
        for name in ("types", "offers"):
            values = frozen(np.asarray(getattr(self, name), dtype=np.float64))
            object.__setattr__(self, name, values)
            if values.ndim != 1 or not np.isfinite(values).all() or (np.diff(values) < 0).any():
                raise _no_curve(name, "finite numbers that do not fall", repr(values.tolist()))
        if self.types.size != self.offers.size:
            sizes = f"{self.types.size} and {self.offers.size}"
            raise _no_curve("offers", "as many offers as types", sizes)

    def mirrored(self) -> OfferCurve:
        """Return the curve with types and offers of the opposite sign."""
        return OfferCurve(-self.types[::-1], -self.offers[::-1])

    def refined(self, parts: int) -> tuple[FloatArray, FloatArray]:
        """Return types and offers at the knots and at places between them."""
        if self.types.size < 2:
            return self.types, self.offers
        share = np.arange(parts) / parts
        both = [
            np.append((x[:-1, None] + share * np.diff(x)[:, None]).ravel(), x[-1])
            for x in (self.types, self.offers)
        ]
        # Between two offers of one type there is no type who makes what lies between.
        made = np.append(
            (np.repeat(np.diff(self.types) > 0, parts) | np.tile(share == 0, self.types.size - 1)),
            True,
        )
        return both[0][made], both[1][made]


@dataclass(frozen=True, eq=False)
class Asking:
    """What asks of a giver earn against bids that rise with the types of the other side.

    The side that buys is a giver too, once all signs are turned (:func:`turned`).

    Parameters
    ----------
    law
        Of the bidding side's types.
    bids
        Their offers. Types below the first knot make none.
    weight
        Of the ask in the price; the bid has the rest.
    """

    law: Source
    bids: OfferCurve
    weight: float

    @cached_property
    def _over(self) -> Expectations | Finite:
        law = self.law
        return law if isinstance(law, Finite) else Expectations(law, law.low, law.high)

    def first(self, asks: FloatArray) -> FloatArray:
        """Return the lowest type whose bid reaches each ask; infinite where none does."""
        types, offers = self.bids.types, self.bids.offers
        if not types.size:
            return np.full(np.shape(asks), np.inf)
        at = np.searchsorted(offers, asks, side="left")
        after = np.minimum(at, types.size - 1)
        before = np.maximum(after - 1, 0)
        rise = offers[after] - offers[before]
        # Asks that nobody makes are infinite.
        within = np.minimum(asks, offers[-1])
        share = np.divide(within - offers[before], rise, out=np.ones_like(rise), where=rise > 0)
        found = types[before] + share * (types[after] - types[before])
        return np.where(at == types.size, np.inf, np.where(at == 0, types[0], found))

    def chance(self, first: FloatArray) -> FloatArray:
        """Return the probability of types from each on."""
        within = np.minimum(first, self.law.high)
        return np.where(first <= self.law.high, self.law.above(within), 0.0)

    def bid_from(self, first: FloatArray) -> FloatArray:
        """Return what types from each on bid in expectation, counting zero for those below."""
        types, offers = self.bids.types, self.bids.offers
        if not types.size:
            return np.zeros(np.shape(first))
        at = np.clip(np.searchsorted(types, first, side="right"), 1, types.size) - 1
        nxt = np.minimum(at + 1, types.size - 1)
        start = np.maximum(first, types[0])
        width = types[nxt] - types[at]
        rise = offers[nxt] - offers[at]
        slope = np.divide(rise, width, out=np.zeros_like(width), where=width > 0)
        here = offers[at] + slope * np.maximum(start - types[at], 0.0)
        rest = self._sum(here, slope, start, np.maximum(types[nxt], start)) + self._tails[nxt]
        last = at == types.size - 1
        return np.where(last, offers[-1] * self.chance(start), rest)

    def _sum(
        self, offer: FloatArray, slope: FloatArray, start: FloatArray, stop: FloatArray
    ) -> FloatArray:
        """Return what types between two expect to bid, on a line from an offer on."""
        high = self.law.high
        start, stop = np.minimum(start, high), np.minimum(stop, high)
        rest = self.chance(stop)
        rise = self._over.over(start) - self._over.over(stop) - (stop - start) * rest
        return np.asarray(offer * (self.chance(start) - rest) + slope * rise)

    @cached_property
    def _tails(self) -> FloatArray:
        """What types from each knot on expect to bid."""
        types, offers = self.bids.types, self.bids.offers
        width = np.diff(types)
        slope = np.divide(np.diff(offers), width, out=np.zeros_like(width), where=width > 0)
        pieces = self._sum(offers[:-1], slope, types[:-1], types[1:])
        top = float(offers[-1] * self.chance(types[-1:])[0])
        return np.append(np.cumsum(pieces[::-1])[::-1], 0.0) + top

    def terms(self, asks: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the probability of trade, and the expected payment, of each ask."""
        first = self.first(asks)
        chance = self.chance(first)
        bid = np.where(np.isfinite(first), self.bid_from(np.minimum(first, self.law.high)), 0.0)
        own = np.where(np.isfinite(asks), asks, 0.0)
        return chance, np.where(chance > 0.0, self.weight * own * chance, 0.0) + (
            1.0 - self.weight
        ) * np.where(chance > 0.0, bid, 0.0)

    def payoffs(self, costs: FloatArray, asks: FloatArray) -> FloatArray:
        """Return what a type of each cost expects from each ask, one by one."""
        chance, payment = self.terms(asks)
        return np.asarray(payment - costs * chance)

    def best(self, costs: FloatArray, asks: FloatArray) -> FloatArray:
        """Return what each cost expects from the best of some rising asks, or of making none."""
        if not asks.size:
            return np.zeros(costs.size)
        chance, payment = self.terms(asks)
        return np.maximum(highest_line(chance, payment, costs), 0.0)


@dataclass(frozen=True, eq=False)
class Side:
    """One side of sealed offers, with signs turned so that it is one that asks.

    Parameters
    ----------
    law
        Of its own types, costs of giving.
    asks
        Its offers; types above the last knot make none.
    against
        The other side.
    """

    law: Source
    asks: OfferCurve
    against: Asking

    def largest_gain(self) -> tuple[float, float]:
        """Return the most that a type gains by another ask, in money, and which type does.

        Every ask of the own side and every bid of the other is tried and more between each two of
        them; an ask between bids that the other side never makes earns no more than the next bid.
        """
        asks = np.unique(
            np.concatenate([self.asks.refined(PARTS)[1], self.against.bids.refined(PARTS)[1]])
        )
        if isinstance(self.law, Finite):
            types, offers = self.law.types, self.at(self.law.types)
        else:
            types, offers = self.asks.refined(PARTS)
            inside = (types > self.law.low) & (types < self.law.high)
            all_over = np.linspace(self.law.low, self.law.high, EVENLY)
            types = np.concatenate([types[inside], all_over])
            offers = np.concatenate([offers[inside], self.at(all_over)])
        own = self.against.payoffs(types, offers)
        gain = self.against.best(types, asks) - own
        worst = int(gain.argmax())
        return max(float(gain[worst]), 0.0), float(types[worst])

    def at(self, types: FloatArray) -> FloatArray:
        """Return the ask of each type, infinite where it makes none; at a jump, the lower one."""
        knots = self.asks.types
        if not knots.size:
            return np.full(types.size, np.inf)
        at = np.minimum(np.searchsorted(knots, types, side="left"), knots.size - 1)
        before = np.maximum(at - 1, 0)
        found = self._on_line(types, before, at)
        return np.where(types > knots[-1], np.inf, found)

    def _on_line(self, types: FloatArray, before: IndexArray, at: IndexArray) -> FloatArray:
        """Return the asks between two knots, at the second exactly what it is there."""
        knots, asks = self.asks.types, self.asks.offers
        width = knots[at] - knots[before]
        share = np.divide(types - knots[before], width, out=np.ones_like(width), where=width > 0)
        rising = asks[before] + np.maximum(share, 0.0) * (asks[at] - asks[before])
        return np.where(share >= 1.0, asks[at], rising)

    def points(self, *edges: FloatArray) -> Points:
        """Return a quadrature over the types that ask, given edges among its intervals' ends.

        Every interval between knots, and bids of the other side, has its mean and a third of the
        way from there to its ends: exact up to third powers where densities are flat.
        """
        knots = self.asks.types
        if isinstance(self.law, Finite):
            types = self.law.types
            made = self.at(types)
            some = np.isfinite(made)
            return Points(types[some], self.law.mass[some], made[some], types[some])
        if not knots.size or knots[-1] <= self.law.low:
            return Points(*[np.zeros(0)] * 4)
        top = min(float(knots[-1]), self.law.high)
        met = Asking(self.law, self.asks, 1.0).first(self.against.bids.offers)
        even = np.linspace(self.law.low, top, EVENLY)
        cuts = np.concatenate([even, knots, met, self.law.marks, *edges])
        cuts = np.unique(np.clip(cuts, self.law.low, top))
        cuts = cuts[np.diff(cuts, prepend=-np.inf) > CLOSE * (self.law.high - self.law.low)]
        cuts[-1] = top
        cells = cells_between(self.law, np.unique(np.append(cuts, self.law.high)))
        some = cells.mean <= top
        ends = [x[some] for x in (cells.lower, cells.mean, cells.upper)]
        mass, share = cells.mass[some], cells.mean_share[some]
        at = np.minimum(np.searchsorted(knots, ends[1], side="left"), knots.size - 1)
        before = np.maximum(at - 1, 0)
        weights = [mass * (1.0 - share) / 3.0, mass * 2.0 / 3.0, mass * share / 3.0]
        lines = [self._on_line(x, before, at) for x in ends]
        return Points(*map(np.concatenate, (ends, weights, lines, [ends[1]] * 3)))


class Points(NamedTuple):
    """Types, their weights, their asks, and the means of the intervals that they stand for."""

    types: FloatArray
    weights: FloatArray
    asks: FloatArray
    home: FloatArray


def turned(law: Source) -> Source:
    """Return the law of the opposite of types.

    Examples
    --------
    >>> turned(Finite.of([1, 2], [0.25, 0.75])).types
    array([-2., -1.])
    """
    if isinstance(law, Finite):
        return Finite(-law.types[::-1], law.mass[::-1])
    return Affine(law, -1.0)


def highest_line(slopes: FloatArray, heights: FloatArray, costs: FloatArray) -> FloatArray:
    """Return the largest of ``heights - cost * slopes`` at each cost.

    Slopes that do not rise, those of the steepest line first.

    Examples
    --------
    >>> highest_line(np.array([1.0, 0.5]), np.array([1.0, 0.75]), np.array([0.0, 0.5, 1.0]))
    array([1.  , 0.5 , 0.25])
    """
    hull: list[int] = []
    x, y = slopes.tolist(), heights.tolist()
    for k in range(len(x)):
        while hull and x[hull[-1]] <= x[k]:
            if y[hull[-1]] > y[k]:
                break
            hull.pop()
        if hull and x[hull[-1]] <= x[k]:
            continue
        while len(hull) > 1:
            i, j = hull[-2], hull[-1]
            # The line in the middle is above the others nowhere.
            if (y[k] - y[i]) * (x[i] - x[j]) >= (y[j] - y[i]) * (x[i] - x[k]):
                hull.pop()
            else:
                break
        hull.append(k)
    tops, falls = heights[hull], slopes[hull]
    with np.errstate(divide="ignore"):
        # From the cost on at which it meets the line before it, each line is the largest.
        starts = np.diff(tops) / np.diff(falls)
    at = np.searchsorted(starts, costs, side="left")
    near = np.stack([np.clip(at + shift, 0, len(hull) - 1) for shift in (-1, 0, 1)])
    return np.asarray((tops[near] - costs * falls[near]).max(axis=0))


def _no_curve(where: str, expected: str, got: str) -> InvalidInputError:
    return InvalidInputError(
        "not offers by type",
        where=where,
        expected=expected,
        got=got,
        remedy="Give one offer per knot, rising with types.",
    )


def as_prices(values: npt.ArrayLike, where: str) -> FloatArray:
    """Return rising prices as an array.

    Raises
    ------
    InvalidInputError
        For what is none.

    Examples
    --------
    >>> as_prices([0.25, 0.5], "prices")
    array([0.25, 0.5 ])
    """
    found, _ = given_numbers(values, where)
    if (
        found.ndim != 1
        or not found.size
        or not np.isfinite(found).all()
        or (np.diff(found) <= 0).any()
    ):
        raise InvalidInputError(
            "not prices",
            where=where,
            expected="finite numbers that rise",
            got=repr(found.tolist()),
            remedy="Give each price once, the lowest first.",
        )
    return found
