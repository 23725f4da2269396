"""Bounds on what any type could gain by any other offer: proved between the places looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.rationals import as_fraction
from mechopt.studies.offer_curves import Asking, Side, highest_line
from mechopt.types.sources.finite import Finite

# Offers, and types, between which a bound is taken, evenly spaced over where there are offers.
PLACES = 1 << 15
# Sums of so many floats are off by this share of the amounts in them.
ROUNDING = 1e-13
# In fractions, up to so many pairs of types.
MAX_EXACT_PAIRS = 40_000


@dataclass(frozen=True)
class Regret:
    """Between what numbers the largest gain of any type by any other offer lies.

    Parameters
    ----------
    at_least
        What some type gains, in money.
    at_most
        What no type gains more than by any offer, on knots or between them, in money.
    exact
        Whether both are one fraction, computed without rounding.

    Examples
    --------
    >>> Regret(0.0, 1e-6).at_most
    1e-06
    """

    at_least: float
    at_most: float
    exact: bool = False


def regret_at_most(side: Side, places: int = PLACES) -> float:
    """Return what no type of a side gains more than by any other ask, in money.

    Parameters
    ----------
    side
        One that asks, with its law, its asks and the bids against it.
    places
        How many asks, and how many types, to take bounds between, besides all knots.

    Notes
    -----
    Between two asks a < a' the ask of a type of cost c trades with bids above a at most, at a price
    with a' in it at most, and no ask below c is better than c: a line in c is above what each ask
    between them earns. The largest of these lines is convex in c. Between two types of which
    the asks are a < a', what a type gets is at least the trade with bids from a' on at a price with
    a in it, less what it may lose with those between; that is concave in c. Hence the difference
    is largest at one of the two types. Only that probabilities fall is used of a law.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> from mechopt.studies.sealed_offers import linear_equilibrium
    >>> half = TypeSpace.from_distribution(stats.uniform(0, 1), 4)
    >>> offers = linear_equilibrium(BilateralTrade(half, half))
    >>> 0.0 <= regret_at_most(offers.sides[0], places=10_000) < 1e-4
    True
    """
    bids = side.against.bids.offers
    if not bids.size:
        return 0.0
    slopes, heights = _lines(side.against, places)
    if isinstance(side.law, Finite):
        types = side.law.types
        own = side.against.payoffs(types, side.at(types))
        found = float((np.maximum(highest_line(slopes, heights, types), 0.0) - own).max())
    else:
        found = _between_types(side, slopes, heights, places)
    most = max(abs(side.law.low), abs(side.law.high), float(np.abs(bids).max()))
    return max(found, 0.0) + ROUNDING * most


def _lines(against: Asking, places: int) -> tuple[FloatArray, FloatArray]:
    """Return lines, falling in the cost, above what all asks earn, those that fall most first."""
    bids, weight = against.bids.offers, against.weight
    asks = np.unique(np.concatenate([bids, np.linspace(bids[0], bids[-1], places)]))
    chance, payment = against.terms(asks)
    # Of bids above each ask, rather than from it on.
    over = against.first(np.nextafter(asks, np.inf))
    above = against.chance(over)
    bid = _bids_from(against, over, above)
    step = np.diff(asks)
    heights = weight * asks[1:] * above[:-1] + (1.0 - weight) * bid[:-1]
    heights = heights + step * np.maximum(above[:-1] - chance[1:], 0.0)
    return np.append(chance[0], above[:-1]), np.append(payment[0], heights)


def _bids_from(against: Asking, first: FloatArray, chance: FloatArray) -> FloatArray:
    """Return what types from each on bid in expectation, zero where none does."""
    bid = against.bid_from(np.minimum(first, against.law.high))
    return np.where(np.isfinite(first) & (chance > 0.0), bid, 0.0)


def _between_types(side: Side, slopes: FloatArray, heights: FloatArray, places: int) -> float:
    law, knots, against = side.law, side.asks.types, side.against
    weight = against.weight
    worst = -np.inf
    inside = knots[(knots > law.low) & (knots < law.high)]
    top = law.low if not knots.size else min(max(float(knots[-1]), law.low), law.high)
    if top > law.low:
        types = np.unique(
            np.concatenate(
                [[law.low, top], inside[inside < top], np.linspace(law.low, top, places)]
            )
        )
        # Just beyond the first and up to the second: at a jump, what is asked on this side of it.
        start, stop = side.at(np.nextafter(types[:-1], np.inf)), side.at(types[1:])
        start = np.minimum(start, stop)
        chance, _ = against.terms(stop)
        more, _ = against.terms(start)
        first = against.first(stop)
        bid = np.where(
            np.isfinite(first), against.bid_from(np.minimum(first, against.law.high)), 0.0
        )
        bid = np.where(chance > 0.0, bid, 0.0)
        # The lowest type may ask what none above it does.
        own = against.payoffs(types, side.at(types))
        worst = float((np.maximum(highest_line(slopes, heights, types), 0.0) - own).max())
        for ends in (types[:-1], types[1:]):
            least = weight * start * chance + (1.0 - weight) * bid - ends * chance
            least = least + np.minimum(start - ends, 0.0) * np.maximum(more - chance, 0.0)
            most = np.maximum(highest_line(slopes, heights, ends), 0.0)
            worst = max(worst, float((most - least).max()))
    if top < law.high:
        # Types that ask nothing: the least of them would gain most.
        worst = max(worst, float(highest_line(slopes, heights, np.array([top]))[0]))
    return worst


def exact_regret(
    sides: tuple[Side, Side],
    types: tuple[Sequence[Fraction], Sequence[Fraction]],
    masses: tuple[Sequence[Fraction], Sequence[Fraction]],
    weights: tuple[Fraction, Fraction],
) -> Fraction:
    """Return the largest gain of any of finitely many types by any other offer, in fractions.

    Parameters
    ----------
    sides
        Both sides as such that ask, signs of the second turned. Offers in floats are the decimals
        that they print as.
    types, masses
        Of each side, rising, in fractions; the second's with their signs turned.
    weights
        Of the own offer in the price, by side.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> from mechopt.studies.sealed_offers import one_price
    >>> one = TypeSpace.finite([0, 1])
    >>> offers, half = one_price(BilateralTrade(one, one), 0.5), Fraction(1, 2)
    >>> types = ([Fraction(0), Fraction(1)], [Fraction(-1), Fraction(0)])
    >>> exact_regret(offers.sides, types, ([half, half],) * 2, (half, half))
    Fraction(0, 1)
    """
    asks = [
        [as_fraction(ask) if np.isfinite(ask) else None for ask in side.at(side.law.types).tolist()]
        for side in sides
        if isinstance(side.law, Finite)
    ]
    worst = Fraction(0)
    for own, weight in enumerate(weights):
        bids = [
            (-ask, mass)
            for ask, mass in zip(asks[1 - own], masses[1 - own], strict=True)
            if ask is not None
        ]
        terms = {}
        for ask in {*(bid for bid, _ in bids), *(ask for ask in asks[own] if ask is not None)}:
            met = [(bid, mass) for bid, mass in bids if bid >= ask]
            chance = sum((mass for _, mass in met), Fraction(0))
            bid_sum = sum((mass * bid for bid, mass in met), Fraction(0))
            terms[ask] = (chance, weight * ask * chance + (1 - weight) * bid_sum)
        for cost, made in zip(types[own], asks[own], strict=True):
            chance, paid = (Fraction(0), Fraction(0)) if made is None else terms[made]
            best = max((p - cost * c for c, p in terms.values()), default=Fraction(0))
            worst = max(worst, max(best, Fraction(0)) - (paid - cost * chance))
    return worst
