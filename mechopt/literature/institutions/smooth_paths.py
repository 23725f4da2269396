"""Solutions of the differential equations of smooth sealed offers: the family, and its members."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray
from mechopt.errors import UnsupportedProblemError
from mechopt.studies.offer_curves import OfferCurve
from mechopt.types.source import Source

Followed = tuple[Any, Any]

# Laws are tabulated at so many types, closer together at the ends.
TABULATED = 4_001
TAILS = np.geomspace(1e-12, 1e-2, 121)
NUM_KNOTS = 2_400
# Knots are chosen among so many places on the solution.
SAMPLED = 20_000
# So many places do for what a solution brings.
FEW_SAMPLED = 2_000
# Types beyond the last knots are so rare.
RARE = 1e-10
# Types this near to an end, in widths of the types, are at the end.
CLOSE = 1e-9
# Time that solutions may take.
HORIZON = 1e14
# Margins of which the logarithm is less than this are nothing, and wholly so by that much less.
GONE, SOON = -100.0, 100.0
# Tolerances of a solution, and of one that is only looked at.
FINE, ROUGH = (1e-9, 1e-11), (1e-6, 1e-8)
# Where no pair of types would be met at the slopes of the linear offers, so many types are pivotal.
NEARLY_ALL = 0.95
HALVINGS = 60
# What is divided by is at least this.
TINY = 1e-300


class Tabulated:
    """A law at many types: probabilities, and their ratios to the density.

    Parameters
    ----------
    law
        Of one side's types.

    Raises
    ------
    UnsupportedProblemError
        For a density that is zero or infinite between its ends.
    """

    def __init__(self, law: Source) -> None:
        low, high = law.support
        types = low + (high - low) * 0.5 * (1.0 - np.cos(np.linspace(0.0, np.pi, TABULATED)))
        # Densities may jump at a break, with a type on either side, and be infinite at an end.
        breaks = [law.breaks, np.nextafter(law.breaks, -np.inf)]
        tails = [law.quantiles(TAILS, from_above=above) for above in (False, True)]
        tails = [at[_is_fine(law.density(at))] for at in tails]
        types = np.unique(np.concatenate([types, *breaks, *tails]))
        types = types[(types > low) & (types < high)]
        below, above, density = law.below(types), law.above(types), law.density(types)
        fine = _is_fine(density)
        if not fine.all():
            raise UnsupportedProblemError(
                "smooth equilibria need densities that are positive and finite between their ends "
                f"(got {law.title}, at {float(types[np.argmin(fine)]):g})"
            )
        self.law = law
        self.types = np.concatenate([[low], types, [high]])
        self.below = np.concatenate([[0.0], below, [1.0]])
        self.above = np.concatenate([[1.0], above, [0.0]])
        rising, falling = below / density, above / density
        self.rising = np.concatenate([[0.0], rising, rising[-1:]])
        self.falling = np.concatenate([falling[:1], falling, [0.0]])

    @cached_property
    def over(self) -> FloatArray:
        """What types exceed each type by, in expectation, those below it by nothing."""
        steps = 0.5 * (self.above[1:] + self.above[:-1]) * np.diff(self.types)
        return np.append(np.cumsum(steps[::-1])[::-1], 0.0)

    @cached_property
    def under(self) -> FloatArray:
        """What types fall short of each type by, in expectation, those above it by nothing."""
        steps = 0.5 * (self.below[1:] + self.below[:-1]) * np.diff(self.types)
        return np.append(0.0, np.cumsum(steps))

    def over_on_average(self, own: float) -> float:
        """Return what types above one exceed it by, on average over them."""
        chance = float(np.interp(own, self.types, self.above))
        return float(np.interp(own, self.types, self.over) / max(chance, TINY))

    def under_on_average(self, own: float) -> float:
        """Return what types below one fall short of it by, on average over them."""
        chance = float(np.interp(own, self.types, self.below))
        return float(np.interp(own, self.types, self.under) / max(chance, TINY))

    def type_at(self, share: float, *, above: bool) -> float:
        """Return the type up to which, or from which on, there is a share of all types."""
        if above:
            return float(np.interp(share, self.above[::-1], self.types[::-1]))
        return float(np.interp(share, self.below, self.types))


def _is_fine(density: FloatArray) -> npt.NDArray[np.bool_]:
    """Return which densities are positive and finite."""
    return np.asarray((density > 0) & np.isfinite(density))


@dataclass(frozen=True)
class Pair:
    """A cost and a value of which both offer the same price."""

    cost: float
    price: float
    value: float

    def __str__(self) -> str:
        return f"{self.cost:.6g} and {self.value:.6g} offer {self.price:.6g}"


class SmoothFamily:
    """All smooth equilibria of sealed offers, by the pair of types that is in the middle of each.

    Along a solution both types rise, so that each passes one pair of which the seller's type has as
    many types below as the buyer's has above. These two, and where between them their price is,
    tell the solution: a square of parameters has them all.

    Parameters
    ----------
    laws
        The priors of a seller and of a buyer.
    k
        Weight of the buyer's offer in the price, more than 0 and less than 1.
    """

    def __init__(self, laws: tuple[Source, Source], k: float) -> None:
        self.laws, self.k = laws, k
        self.sellers, self.buyers = Tabulated(laws[0]), Tabulated(laws[1])
        self.first = float(laws[0].quantiles(np.array([RARE]))[0])
        self.last = float(laws[1].quantiles(np.array([RARE]), from_above=True)[0])

    @property
    def width(self) -> float:
        """From the lowest cost to the highest value, in money."""
        return self.laws[1].high - self.laws[0].low

    @cached_property
    def most(self) -> float:
        """Up to which share of the types the pair in the middle gains from trade."""
        low, high = 0.0, 1.0
        for _ in range(HALVINGS):
            share = 0.5 * (low + high)
            gain = self.buyers.type_at(share, above=True) - self.sellers.type_at(share, above=False)
            low, high = (share, high) if gain > 0 else (low, share)
        return low

    def pair(self, share: float, place: float) -> Pair:
        """Return the pair with a share of the types beyond it, and the price at a place between."""
        cost = self.sellers.type_at(share, above=False)
        value = self.buyers.type_at(share, above=True)
        return Pair(cost, cost + place * (value - cost), value)

    def linear(self) -> tuple[float, float]:
        """Return the share and the place at which margins are those of linear offers.

        Margins are so many times what types beyond its own exceed it by on average. Of uniform
        types, on any two intervals, the pair is on the linear equilibrium, if there is one.
        """
        share = NEARLY_ALL * self.most
        shares = self.most * np.linspace(0.0, 1.0, 201)[1:-1]
        room = [self._room(float(each)) for each in shares]
        # The one with the most trade: below it there is too much room, above it too little.
        falls = np.flatnonzero((np.array(room[:-1]) > 0) & (np.array(room[1:]) <= 0))
        if falls.size:
            low, high = shares[falls[-1]], shares[falls[-1] + 1]
            for _ in range(HALVINGS):
                share = float(0.5 * (low + high))
                low, high = (share, high) if self._room(share) > 0 else (low, share)
        under, over = self._margins(self.pair(share, 0.5))
        return share, under / (under + over)

    def _room(self, share: float) -> float:
        """Return what is between a pair in the middle besides the margins of linear offers."""
        pair = self.pair(share, 0.5)
        return pair.value - pair.cost - sum(self._margins(pair))

    def _margins(self, pair: Pair) -> tuple[float, float]:
        """Return price less cost, and value less price, at slopes of linear offers."""
        k = self.k
        fall = self.sellers.under_on_average(pair.cost)
        rise = self.buyers.over_on_average(pair.value)
        return 2.0 * (1.0 - k) / (1.0 + k) * rise, 2.0 * k / (2.0 - k) * fall

    def total(self, pair: Pair) -> float:
        """Return about what both sides gain in expectation along the solution through a pair."""
        cost, _, value = self._path(*self._followed(pair, ROUGH, FEW_SAMPLED))
        sellers, buyers = self.sellers, self.buyers
        reached = np.interp(cost, sellers.types, sellers.below)
        met = np.interp(value, buyers.types, buyers.above)
        gain = np.interp(value, buyers.types, buyers.over) + (value - cost) * met
        # Sellers below the first who rises ask what it asks, and their costs are less.
        first = reached[0] * gain[0] + met[0] * np.interp(cost[0], sellers.types, sellers.under)
        return float(first + (0.5 * (gain[1:] + gain[:-1]) * np.diff(reached)).sum())

    def curves(self, pair: Pair) -> tuple[OfferCurve, OfferCurve]:
        """Return the offers along the solution through a pair, straight between knots.

        Raises
        ------
        UnsupportedProblemError
            For a solution that cannot be followed.
        """
        followed, times = self._followed(pair, FINE, SAMPLED)
        for number in (SAMPLED, SAMPLED, NUM_KNOTS):
            length = self._length(self._path(followed, times))
            times = np.interp(np.linspace(0.0, length[-1], number), length, times)
        cost, price, value = np.unique(self._path(followed, times), axis=1)
        return (
            OfferCurve(np.append(self.laws[0].low, cost), np.append(price[0], price)),
            OfferCurve(np.append(value, self.laws[1].high), np.append(price, price[-1])),
        )

    def _followed(
        self, pair: Pair, tolerances: tuple[float, float], number: int
    ) -> tuple[Followed, FloatArray]:
        """Return price and logarithms of margins by time, down and up from a pair, and times.

        The two ends of a solution are singular: there value less price, and price less cost,
        vanish. In their logarithms nothing is; and in a time that slows down there, and where types
        are rare.
        """
        from scipy import integrate

        solve_ivp: Any = integrate.solve_ivp
        k, width, exp, interp = self.k, self.width, np.exp, np.interp
        costs, rising = self.sellers.types, self.sellers.rising
        values, falling = self.buyers.types, self.buyers.falling
        s_high, b_low, widest = self.laws[0].high, self.laws[1].low, float(np.log(2.0 * width))

        def rates(_: float, y: Any) -> list[float]:
            # No margin is wider than the types, but steps that are tried may be.
            price, over, under = y[0], exp(min(y[1], widest)), exp(min(y[2], widest))
            few = (1.0 - k) * interp(price + over, values, falling) / width
            many = k * interp(price - under, costs, rising) / width
            # How fast a margin shrinks further that is gone makes no difference.
            few /= 1.0 + few * min(max((GONE - y[1]) / SOON, 0.0), 1.0)
            many /= 1.0 + many * min(max((GONE - y[2]) / SOON, 0.0), 1.0)
            slow = 1.0 / (1.0 + few + many)
            return [
                over * under / width * slow,
                (few - under / width) * slow,
                (over / width - many) * slow,
            ]

        ends: tuple[list[Any], list[Any]] = (
            [lambda _, y: (y[0] + exp(y[1])) - b_low, lambda _, y: (y[0] - exp(y[2])) - self.first],
            [lambda _, y: s_high - (y[0] - exp(y[2])), lambda _, y: self.last - (y[0] + exp(y[1]))],
        )
        if not pair.cost < pair.price < pair.value:
            raise UnsupportedProblemError(
                "a smooth equilibrium between costs and values too close to tell apart in floating "
                f"point (got cost {pair.cost:.6g}, price {pair.price:.6g} and value "
                f"{pair.value:.6g}). Choose another price or margin, or priors with fewer types "
                "next to an end."
            )
        start = [pair.price, np.log(pair.value - pair.price), np.log(pair.price - pair.cost)]
        found, times = [], []
        for sign, tests in zip((-1.0, 1.0), ends, strict=True):
            for test in tests:
                test.terminal = True
            part = solve_ivp(rates, (0.0, sign * HORIZON), start, dense_output=True, events=tests,
                             rtol=tolerances[0], atol=tolerances[1])  # fmt: skip
            if part.status != 1:
                raise UnsupportedProblemError(
                    f"the solution through cost {pair.cost:.6g}, price {pair.price:.6g} and value "
                    f"{pair.value:.6g} cannot be followed to its ends. Choose another price or "
                    "margin."
                )
            places = np.linspace(0, part.t.size - 1, number // 2)
            found.append(part.sol)
            times.append(np.interp(places, np.arange(part.t.size), part.t)[:: int(sign)])
        return (found[0], found[1]), np.concatenate([times[0], times[1][1:]])

    def _path(self, followed: Followed, times: FloatArray) -> FloatArray:
        """Return costs, prices and values at some times, in three rows."""
        parts = [followed[0](times[times < 0.0]), followed[1](times[times >= 0.0])]
        price, over, under = np.concatenate(parts, axis=1)
        path = np.stack([price - np.exp(under), price, price + np.exp(over)])
        (low, s_high), (b_low, high) = (law.support for law in self.laws)
        # Where a side's types run out, its last type is one of those that offer.
        path[0, path[0] >= s_high - CLOSE * self.width] = s_high
        path[2, path[2] <= b_low + CLOSE * self.width] = b_low
        path[0], path[2] = np.maximum(path[0], low), np.minimum(path[2], high)
        return np.asarray(np.maximum.accumulate(path, axis=1))

    def _length(self, path: FloatArray) -> FloatArray:
        """Return the length along a path, which is the greater where more knots are wanted.

        Between knots offers are straight. What a type may gain by it is about the step in the price
        times the change of a slope in logarithms, and how many types are pivotal there.
        """
        cost, price, value = path
        chances = np.stack([
            np.interp(cost, self.sellers.types, self.sellers.below),
            np.interp(value, self.buyers.types, self.buyers.above),
        ])  # fmt: skip
        steps = np.diff(price)
        even = np.diff(path, axis=1).sum(axis=0) / self.width
        even += np.abs(np.diff(chances, axis=1)).sum(axis=0)
        gains = np.zeros(steps.size)
        with np.errstate(divide="ignore", invalid="ignore"):
            for own, weights in zip((cost, value), chances, strict=True):
                slopes = np.log(np.diff(own) / steps)
                change = np.abs(np.diff(slopes, prepend=slopes[:1]))
                gains += np.where(np.isfinite(change), change, 0.0) * weights[1:]
        bent = np.sqrt(steps * gains)
        parts = even / even.sum() + bent / max(float(bent.sum()), TINY)
        return np.append(0.0, np.cumsum(parts))
