"""The best prices against continuous priors, by the priors themselves, whatever their cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.types.curves import Expectations
from mechopt.types.prices.hull import accepted_offers
from mechopt.types.quadrature import edges_between
from mechopt.types.source import Source
from mechopt.types.sources.finite import Finite

Function = Callable[[FloatArray], FloatArray]

# Into how many parts each piece of the grid of prices is cut.
PARTS = 4
# Points of the grid that are this close, relative to their distance from its ends, are one.
CLOSE = 1e-6
# An interval around the best price of a grid is cut down to its golden section so often.
NUM_SECTIONS = 40
GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0
NUM_BISECTIONS = 50
# Gains that differ by less than this, relative to them, are as good as one another to quadrature.
LEVEL = 1e-12
# Peaks of the grid that are this near to the highest are searched.
NEAR_PEAK = 1e-2
MAX_PEAKS = 16


@dataclass(frozen=True)
class Traded:
    """What a price, or offers by type, bring in expectation.

    Parameters
    ----------
    giver, receiver
        Expected utilities, in money.
    chance
        Probability of trade.
    error
        Estimate of the error of the sum of the utilities, in money.
    """

    giver: float
    receiver: float
    chance: float
    error: float

    @property
    def total(self) -> float:
        """Expected sum of gains, in money.

        Examples
        --------
        >>> Traded(0.25, 0.5, 1.0, 0.0).total
        0.75
        """
        return self.giver + self.receiver


def traded_at(price: float, giver: Source, receiver: Source) -> Traded:
    """Return what a price brings: ``E[(p - s)+] (1 - G(p))`` and ``E[(b - p)+] F(p)``.

    Examples
    --------
    >>> from mechopt.types.continuous import ContinuousPrior
    >>> uniform = ContinuousPrior("uniform")
    >>> round(traded_at(0.5, uniform, uniform).total, 12)
    0.125
    """
    at = np.array([price])
    cost, worth = _expecting(giver, price, price), _expecting(receiver, price, price)
    under, over = float(cost.under(at)[0]), float(worth.over(at)[0])
    sells, buys = float(giver.below(at)[0]), float(receiver.above(at)[0])
    of_costs, of_values = giver.value_errors, receiver.value_errors
    relative = of_costs.relative + of_values.relative
    error = buys * cost.under_error(price) + sells * worth.over_error(price)
    error += (
        relative * (under * buys + over * sells) + of_values.above * under + of_costs.below * over
    )
    return Traded(under * buys, over * sells, sells * buys, float(error))


def best_fixed_price(giver: Source, receiver: Source) -> tuple[float, float]:
    """Return the ends of the lowest range of prices that bring the largest expected gains.

    Notes
    -----
    Gains are ``F(p) E[(b - p)+] + (1 - G(p)) E[(p - s)+]``, in which nothing cancels. They rise in
    the price below all values and fall above all costs. A grid that is dense where the priors bend
    is searched, then the surroundings of its highest peaks; where both sides have densities f and
    g, the first-order condition ``f(p) E[(b - p)+] = g(p) E[(p - s)+]`` gives the last digits.

    Examples
    --------
    >>> from mechopt.types.continuous import ContinuousPrior
    >>> uniform = ContinuousPrior("uniform")
    >>> best_fixed_price(uniform, uniform)
    (0.5, 0.5)
    """
    low, high = max(giver.low, receiver.low), min(giver.high, receiver.high)
    if giver.high <= receiver.low:
        return giver.high, receiver.low
    if receiver.high <= giver.low:
        return receiver.high, giver.low
    cost, worth = _expecting(giver, low, high), _expecting(receiver, low, high)

    def gains(prices: FloatArray) -> FloatArray:
        return np.asarray(
            giver.below(prices) * worth.over(prices) + receiver.above(prices) * cost.under(prices)
        )

    if not (isinstance(giver, Finite) or isinstance(receiver, Finite)):
        price = _best_between(gains, giver, receiver, (cost, worth), (low, high))
    else:
        # Gains fall from each cost to the next, and rise from each value to the next.
        ends = [side.types for side in (giver, receiver) if isinstance(side, Finite)]
        prices = np.unique(np.clip(np.concatenate([[low, high], *ends]), low, high))
        values = gains(prices)
        price = float(prices[values >= values.max() * (1.0 - LEVEL)][0])
    return _same_for_all(price, giver, receiver)


def _best_between(
    gains: Function,
    giver: Source,
    receiver: Source,
    expected: tuple[Expectations | Finite, Expectations | Finite],
    ends: tuple[float, float],
) -> float:
    """Return the lowest best price between two ends, where both sides are continua."""
    cost, worth = expected
    grid = _grid(*ends, giver.marks, receiver.marks)
    found = gains(grid)
    peaks = np.flatnonzero(found >= (1.0 - NEAR_PEAK) * found.max())
    padded = np.concatenate([[-1.0], found, [-1.0]])
    peaks = peaks[(found[peaks] >= padded[peaks]) & (found[peaks] >= padded[peaks + 2])]
    peaks = peaks[np.argsort(-found[peaks], kind="stable")[:MAX_PEAKS]]
    start, stop = grid[np.maximum(peaks - 1, 0)], grid[np.minimum(peaks + 1, grid.size - 1)]

    def slope(prices: FloatArray) -> FloatArray:
        densities = [side.density(prices) for side in (giver, receiver)]
        return densities[0] * worth.over(prices) - densities[1] * cost.under(prices)

    return _highest(gains, slope, grid[peaks], start, stop)


def _same_for_all(price: float, giver: Source, receiver: Source) -> tuple[float, float]:
    """Return the range around a price in which nobody changes his mind."""
    low, high = -np.inf, np.inf
    for side, curve in enumerate((giver, receiver)):
        if isinstance(curve, Finite):
            types = curve.types
            before = types[types <= price] if side == 0 else types[types < price]
            after = types[types > price] if side == 0 else types[types >= price]
            low = max(low, before[-1] if before.size else -np.inf)
            high = min(high, after[0] if after.size else np.inf)
        elif curve.low < price < curve.high:
            return price, price
        elif price <= curve.low:
            high = min(high, curve.low)
        else:
            low = max(low, curve.high)
    return float(low if np.isfinite(low) else price), float(high if np.isfinite(high) else price)


def _expecting(curve: Source, low: float, high: float) -> Expectations | Finite:
    return curve if isinstance(curve, Finite) else Expectations(curve, low, high)


def _grid(low: float, high: float, *marks: FloatArray) -> FloatArray:
    """Return rising prices from low to high, dense where the marks are."""
    edges = edges_between(low, high, *marks)
    inner = np.linspace(edges[:-1], edges[1:], PARTS, endpoint=False).T.ravel()
    grid = np.unique(np.append(inner, edges[-1]))
    # Of points that rounding alone keeps apart, one is enough: intervals around it must be wide.
    apart = np.diff(grid, prepend=-np.inf) > CLOSE * np.minimum(grid - low, high - grid)
    apart[[0, -1]] = True
    return grid[apart]


def _highest(
    gains: Function, slope: Function, prices: FloatArray, low: FloatArray, high: FloatArray
) -> float:
    """Return the lowest of some prices, or prices near them, that bring the most up to rounding.

    Next to a peak, gains differ by less than their rounding, and slopes by more: where the slope
    changes its sign between low and high, that tells the price; elsewhere golden sections do.
    """
    with np.errstate(all="ignore"):
        crossed = (slope(low) > 0) & (slope(high) < 0)
        left, right = low[crossed], high[crossed]
        for _ in range(NUM_BISECTIONS if left.size else 0):
            middle = 0.5 * (left + right)
            rising = slope(middle) > 0
            left, right = np.where(rising, middle, left), np.where(rising, right, middle)
    others = _golden(gains, low[~crossed], high[~crossed])
    found = np.concatenate([right, others, prices])
    values = gains(found)
    level = values.max() * (1.0 - LEVEL)
    crossings = right[values[: right.size] >= level]
    return float(crossings.min() if crossings.size else found[np.argmax(values)])


def _golden(function: Function, low: FloatArray, high: FloatArray) -> FloatArray:
    """Return where a function is largest between each pair of ends, if it has one peak there."""
    for _ in range(NUM_SECTIONS if low.size else 0):
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        better = function(left) >= function(right)
        low, high = np.where(better, low, left), np.where(better, right, high)
    return np.asarray(0.5 * (low + high))


def best_offers(costs: FloatArray, curve: Source, *, by: int) -> FloatArray:
    """Return the best offer of each type to a continuum of types on the other side.

    Parameters
    ----------
    costs : array of shape (num_types,)
        Types that make the offers, in rising order.
    curve
        The other side's prior.
    by
        0 if givers make the offers, 1 if receivers do.

    Returns
    -------
    array of shape (num_types,)
        The offers, never falling; infinite (minus infinite for receivers) where none brings a gain.

    Notes
    -----
    Corners of the concave hull of revenue over demand on a grid of prices that is dense in both
    tails come first, then golden sections around them.

    Examples
    --------
    >>> from mechopt.types.continuous import ContinuousPrior
    >>> uniform = ContinuousPrior("uniform")
    >>> best_offers(np.array([0.0, 0.5]), uniform, by=0).round(6)
    array([0.5 , 0.75])
    >>> best_offers(np.array([0.5, 1.0]), uniform, by=1).round(6)
    array([0.25, 0.5 ])
    """
    sign = 1.0 if by == 0 else -1.0
    own = sign * costs[:: int(sign)]
    low, high = sorted((sign * curve.low, sign * curve.high))

    def demand(prices: FloatArray) -> FloatArray:
        return curve.above(prices) if by == 0 else curve.below(-prices)

    def gains(prices: FloatArray) -> FloatArray:
        return np.asarray((prices - own) * demand(prices))

    inside = own[(own > low) & (own < high)]
    around = inside[np.linspace(0, inside.size - 1, min(inside.size, 64)).astype(np.intp)]
    grid = _grid(low, high, sign * curve.marks, around)
    amounts = demand(grid)
    # Of prices with the same demand the highest counts; nobody pays the highest of all.
    kept = np.append(amounts[:-1] > amounts[1:], False)
    grid, amounts = grid[kept], amounts[kept]
    masses = amounts - np.append(amounts[1:], 0.0)
    first = accepted_offers(own.tolist(), grid.tolist(), masses.tolist(), sells_at_ties=False)
    # The dearest offer of the grid can be too cheap for a type next to the highest price.
    place = np.minimum(first, grid.size - 1)
    start = np.maximum(grid[np.maximum(place - 1, 0)], np.minimum(own, high))
    stop = np.append(grid, high)[place + 1]
    start = np.minimum(start, stop)
    offers = grid[place]

    def slope(prices: FloatArray, own: FloatArray) -> FloatArray:
        return demand(prices) - (prices - own) * curve.density(sign * prices)

    with np.errstate(all="ignore"):
        crossed = (slope(start, own) > 0) & (slope(stop, own) < 0)
        left, right, types = start[crossed], stop[crossed], own[crossed]
        for _ in range(NUM_BISECTIONS if left.size else 0):
            middle = 0.5 * (left + right)
            rising = slope(middle, types) > 0
            left, right = np.where(rising, middle, left), np.where(rising, right, middle)
    rest = own[~crossed]
    found = offers.copy()
    found[crossed] = right
    found[~crossed] = _golden(
        lambda prices: (prices - rest) * demand(prices), start[~crossed], stop[~crossed]
    )
    better = np.where(crossed, 1.0 - LEVEL, 1.0 + LEVEL) * gains(offers)
    offers = np.where(gains(found) >= better, found, offers)
    # Offers rise with the type; what rounding says to the contrary is undone.
    offers = np.maximum.accumulate(offers)
    offers = np.where(gains(offers) > 0.0, offers, np.inf)
    return np.asarray(sign * offers[:: int(sign)])
