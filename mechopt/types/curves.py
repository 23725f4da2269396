"""Sums and integrals over laws of types that keep their digits in both tails.

Everything is read from the probabilities below and above, never from cells, so that gains of a
probability of 1e-15 are known as well as those of one half.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.types.continuous import ContinuousPrior
from mechopt.types.quadrature import Pieces, edges_between, gauss, integrate
from mechopt.types.source import Source


@dataclass(frozen=True, eq=False)
class Expectations:
    """What a trader of a price expects of a prior: E[(p - t)+] and E[(t - p)+].

    Parameters
    ----------
    curve
        The prior.
    lowest, highest
        Between which prices they are wanted.
    """

    curve: Source
    lowest: float
    highest: float

    @cached_property
    def _below(self) -> Pieces:
        """Integrals of the distribution function from the lowest type to the highest price."""
        high = max(self.highest, self.curve.low)
        edges = edges_between(self.curve.low, high, self.curve.marks)
        return integrate(self.curve.below, edges, np.cumsum, self.curve.max_pieces)

    @cached_property
    def _above(self) -> Pieces:
        """Integrals of the survival function from the lowest price to the highest type."""
        low = min(self.lowest, self.curve.high)
        edges = edges_between(low, self.curve.high, self.curve.marks)
        from_right = lambda values: np.cumsum(values[::-1])[::-1]  # noqa: E731
        return integrate(self.curve.above, edges, from_right, self.curve.max_pieces)

    def under(self, prices: FloatArray) -> FloatArray:
        """Return E[(p - t)+] at each price."""
        pieces = self._below
        at = np.clip(np.searchsorted(pieces.edges, prices, side="right") - 1, 0, None)
        at = np.minimum(at, pieces.values.size)
        start = pieces.edges[at]
        rest = gauss(self.curve.below, start, np.maximum(prices, start))
        return np.asarray(pieces.from_left[at] + rest)

    def over(self, prices: FloatArray) -> FloatArray:
        """Return E[(t - p)+] at each price."""
        pieces = self._above
        at = np.minimum(np.searchsorted(pieces.edges, prices, side="left"), pieces.values.size)
        stop = pieces.edges[at]
        rest = gauss(self.curve.above, np.minimum(prices, stop), stop)
        return np.asarray(pieces.to_right[at] + rest)

    def under_error(self, price: float) -> float:
        """Return an estimate of the error of E[(p - t)+]."""
        pieces, (relative, absolute, _) = self._below, self.curve.value_errors
        counted = pieces.edges[:-1] < price
        width = max(price - self.curve.low, 0.0)
        by_quadrature = pieces.errors[counted].sum() + relative * pieces.values[counted].sum()
        return float(by_quadrature) + absolute * width

    def over_error(self, price: float) -> float:
        """Return an estimate of the error of E[(t - p)+]."""
        pieces, (relative, _, absolute) = self._above, self.curve.value_errors
        counted = pieces.edges[1:] > price
        width = max(self.curve.high - price, 0.0)
        by_quadrature = pieces.errors[counted].sum() + relative * pieces.values[counted].sum()
        return float(by_quadrature) + absolute * width

    @cached_property
    def edges(self) -> FloatArray:
        """Where the quadrature cut the prior: close together where it bends."""
        return np.union1d(self._below.edges, self._above.edges)


def gains_between(giver: Source, receiver: Source) -> Pieces:
    """Return integrals of F (1 - G) from the lowest cost to the highest value.

    Their sum is the first best: a pair of types gains what lies between its cost and its value.

    Examples
    --------
    >>> from mechopt.types.continuous import ContinuousPrior
    >>> curve = ContinuousPrior("uniform")
    >>> round(gains_between(curve, curve).total, 12)
    0.166666666667
    """
    named = isinstance(giver, ContinuousPrior) and isinstance(receiver, ContinuousPrior)
    return (_kept_gains if named else _gains)(giver, receiver)


def _gains(giver: Source, receiver: Source) -> Pieces:
    low, high = giver.low, receiver.high
    if low >= high:
        return Pieces(np.array([low]), np.zeros(0), np.zeros(0))
    edges = edges_between(low, high, giver.marks, receiver.marks)
    middle = [x for x in (receiver.low, giver.high) if low < x < high]
    if middle:
        around = (*middle, low, high)
        edges = edges_between(low, high, edges, *(edges_between(a, b) for a in around
                                                  for b in around if a < b))  # fmt: skip
    return integrate(
        lambda types: giver.below(types) * receiver.above(types),
        edges,
        max_pieces=min(giver.max_pieces, receiver.max_pieces) + edges.size,
    )


# The first best, the slack and the cells where types gain ask for it one after the other.
_kept_gains = lru_cache(maxsize=8)(_gains)


def gains_error(giver: Source, receiver: Source, pieces: Pieces) -> float:
    """Return an estimate of the error of the integral of F (1 - G) over the pieces."""
    of_costs, of_values = giver.value_errors, receiver.value_errors
    absolute = 0.0
    if of_values.above:
        costs = giver.below(pieces.edges[1:])
        absolute += of_values.above * float(costs @ np.diff(pieces.edges))
    if of_costs.below:
        values = receiver.above(pieces.edges[:-1])
        absolute += of_costs.below * float(values @ np.diff(pieces.edges))
    relative = (of_costs.relative + of_values.relative) * pieces.total
    return float(pieces.error + relative + absolute)
