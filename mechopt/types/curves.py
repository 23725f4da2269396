"""Both kinds of prior as curves: sums and integrals that keep their digits in both tails.

Everything is read from the distribution function below and from the survival function above, never
from cells, so that gains of a probability of 1e-15 are known as well as those of one half.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.types.continuous import Curve
from mechopt.types.quadrature import MAX_PIECES, Pieces, edges_between, gauss, integrate


@dataclass(frozen=True, eq=False)
class Steps:
    """Finite types as a curve: the same questions as of a :class:`Curve`, answered by sums.

    Parameters
    ----------
    types, mass : arrays of shape (num_types,)
        Rising types, in money, and their probabilities.

    Examples
    --------
    >>> steps = Steps(np.array([0.0, 1.0]), np.array([0.25, 0.75]))
    >>> steps.below(np.array([0.0, 0.5])), steps.above(np.array([0.5, 1.0]))
    (array([0.25, 0.25]), array([0.75, 0.75]))
    """

    types: FloatArray
    mass: FloatArray

    value_errors = (8 * float(np.finfo(np.float64).eps), 0.0)
    max_pieces = MAX_PIECES

    @property
    def low(self) -> float:
        """Lowest type."""
        return float(self.types[0])

    @property
    def high(self) -> float:
        """Highest type."""
        return float(self.types[-1])

    @property
    def marks(self) -> FloatArray:
        """The types."""
        return self.types

    @cached_property
    def from_left(self) -> FloatArray:
        """Probability of the types before each position."""
        return np.concatenate([[0.0], np.cumsum(self.mass)])

    @cached_property
    def to_right(self) -> FloatArray:
        """Probability of the types from each position on."""
        return np.concatenate([np.cumsum(self.mass[::-1])[::-1], [0.0]])

    def below(self, types: FloatArray) -> FloatArray:
        """Return the probability of types up to each, itself included."""
        return np.asarray(self.from_left[np.searchsorted(self.types, types, side="right")])

    def above(self, types: FloatArray) -> FloatArray:
        """Return the probability of types from each on, itself included."""
        return np.asarray(self.to_right[np.searchsorted(self.types, types, side="left")])

    @cached_property
    def _under(self) -> FloatArray:
        """E[(p - t)+] at each type as price: sums of what is not negative, which keep digits."""
        steps = np.diff(self.types)
        return np.concatenate([[0.0], np.cumsum(self.from_left[1:-1] * steps)])

    @cached_property
    def _over(self) -> FloatArray:
        """E[(t - p)+] at each type as price."""
        steps = np.diff(self.types)
        return np.concatenate([np.cumsum((self.to_right[1:-1] * steps)[::-1])[::-1], [0.0]])

    def under(self, prices: FloatArray) -> FloatArray:
        """Return E[(p - t)+] at each price."""
        at = np.searchsorted(self.types, prices, side="right")
        base = np.concatenate([[0.0], self._under])[at]
        start = np.concatenate([[self.low], self.types])[at]
        return np.asarray(base + self.from_left[at] * np.maximum(prices - start, 0.0))

    def over(self, prices: FloatArray) -> FloatArray:
        """Return E[(t - p)+] at each price."""
        at = np.searchsorted(self.types, prices, side="left")
        base = np.append(self._over, 0.0)[at]
        stop = np.append(self.types, self.high)[at]
        return np.asarray(base + self.to_right[at] * np.maximum(stop - prices, 0.0))

    def under_error(self, price: float) -> float:
        """Return a bound on the rounding of E[(p - t)+]."""
        rounding = self.types.size * self.value_errors[0]
        return rounding * float(self.under(np.array([price]))[0])

    def over_error(self, price: float) -> float:
        """Return a bound on the rounding of E[(t - p)+]."""
        rounding = self.types.size * self.value_errors[0]
        return rounding * float(self.over(np.array([price]))[0])


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

    curve: Curve
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
        pieces, (relative, absolute) = self._below, self.curve.value_errors
        counted = pieces.edges[:-1] < price
        del absolute  # The distribution function is scipy's own formula.
        return float(pieces.errors[counted].sum() + relative * pieces.values[counted].sum())

    def over_error(self, price: float) -> float:
        """Return an estimate of the error of E[(t - p)+]."""
        pieces, (relative, absolute) = self._above, self.curve.value_errors
        counted = pieces.edges[1:] > price
        width = max(self.curve.high - price, 0.0)
        by_quadrature = pieces.errors[counted].sum() + relative * pieces.values[counted].sum()
        return float(by_quadrature) + absolute * width

    @cached_property
    def edges(self) -> FloatArray:
        """Where the quadrature cut the prior: close together where it bends."""
        return np.union1d(self._below.edges, self._above.edges)


def gains_between(giver: Curve | Steps, receiver: Curve | Steps) -> Pieces:
    """Return integrals of F (1 - G) from the lowest cost to the highest value.

    Their sum is the first best: a pair of types gains what lies between its cost and its value.

    Examples
    --------
    >>> from mechopt.types.continuous import ContinuousPrior
    >>> curve = Curve(ContinuousPrior("uniform"))
    >>> round(gains_between(curve, curve).total, 12)
    0.166666666667
    """
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


def gains_error(giver: Curve | Steps, receiver: Curve | Steps, pieces: Pieces) -> float:
    """Return an estimate of the error of the integral of F (1 - G) over the pieces."""
    relative = giver.value_errors[0] + receiver.value_errors[0]
    absolute = 0.0
    if receiver.value_errors[1]:
        costs = giver.below(pieces.edges[1:])
        absolute = receiver.value_errors[1] * float(costs @ np.diff(pieces.edges))
    return float(pieces.error + relative * pieces.total + absolute)
