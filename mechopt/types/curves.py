"""A continuous prior as a curve: quantiles and integrals that keep their digits in both tails.

Everything is read from the distribution function below and from the survival function above, never
from cells, so that gains of a probability of 1e-15 are known as well as those of one half.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.errors import InvalidInputError
from mechopt.types.continuous import ContinuousPrior

Function = Callable[[FloatArray], FloatArray]

# A piece is done when its halves agree with it to this, relative to the sum that it enters.
PIECE_TOLERANCE = 1e-12
MAX_ROUNDS = 60
MAX_PIECES = 4_000
# Where scipy integrates the density for every value of the distribution function.
MAX_SLOW_PIECES = 160
# Errors of scipy's distribution functions, relative to their values: the good ones', and those of
# distribution functions that scipy integrates.
VALUE_ERROR = 1e-12
SLOW_VALUE_ERROR = 1e-7
# Where a survival function is one less the distribution function, it has errors of this size.
COMPLEMENT_ERROR = 4 * np.finfo(np.float64).eps
NUM_HALVINGS = 52
NUM_BISECTIONS = 64
# Probabilities at whose quantiles the search for what matters begins, from either end.
TAILS = np.concatenate([
    10.0 ** -np.arange(300.0, 20.0, -20.0), 10.0 ** -np.arange(20.0, 1.0, -1.0),
    np.arange(1, 9) / 16.0,
])  # fmt: skip
POINTS, WEIGHTS = np.polynomial.legendre.leggauss(10)


@dataclass(frozen=True, eq=False)
class Pieces:
    """Integrals of a function over neighbouring intervals.

    Parameters
    ----------
    edges : array of shape (num_pieces + 1,)
        Ends of the intervals, rising.
    values, errors : arrays of shape (num_pieces,)
        Integral over each, and an estimate of its error.
    """

    edges: FloatArray
    values: FloatArray
    errors: FloatArray

    @property
    def total(self) -> float:
        """The integral over all of them."""
        return float(self.values.sum())

    @property
    def error(self) -> float:
        """An estimate of its error."""
        return float(self.errors.sum())

    @cached_property
    def from_left(self) -> FloatArray:
        """The integral from the first edge to each."""
        return np.concatenate([[0.0], np.cumsum(self.values)])

    @cached_property
    def to_right(self) -> FloatArray:
        """The integral from each edge to the last."""
        return np.concatenate([np.cumsum(self.values[::-1])[::-1], [0.0]])


def gauss(function: Function, start: FloatArray, stop: FloatArray) -> FloatArray:
    """Return the integral over each interval, by ten Gauss points.

    Examples
    --------
    >>> gauss(np.sqrt, np.array([0.25, 1.0]), np.array([1.0, 4.0])).round(9)
    array([0.58333333, 4.66666667])
    """
    half, middle = 0.5 * (stop - start), 0.5 * (stop + start)
    values = function(middle[:, None] + half[:, None] * POINTS)
    return np.asarray(half * (values @ WEIGHTS), dtype=np.float64)


def integrate(
    function: Function,
    edges: FloatArray,
    measured_by: Callable[[FloatArray], FloatArray] | None = None,
    max_pieces: int = MAX_PIECES,
) -> Pieces:
    """Return integrals over the intervals between edges, halved until they are accurate.

    Parameters
    ----------
    function
        What to integrate, of at least zero, for arrays of any shape.
    edges : array of shape (num_edges,)
        Rising.
    measured_by
        From the integrals over all intervals to what the error of each is relative to; their sum
        unless said.
    max_pieces
        Stop at so many intervals, accurate or not: the errors say which.

    Examples
    --------
    >>> pieces = integrate(np.sqrt, np.array([0.0, 1.0]))
    >>> abs(pieces.total - 2 / 3) <= pieces.error < 1e-9
    True
    """
    if edges.size < 2:
        return Pieces(edges, np.zeros(0), np.zeros(0))
    start, stop = edges[:-1], edges[1:]
    whole = gauss(function, start, stop)
    middle = 0.5 * (start + stop)
    left, right = gauss(function, start, middle), gauss(function, middle, stop)
    for _ in range(MAX_ROUNDS):
        values = left + right
        scale = values.sum() if measured_by is None else measured_by(values)
        wrong = np.abs(values - whole) > PIECE_TOLERANCE * scale
        wrong &= (start < middle) & (middle < stop)
        count = int(np.count_nonzero(wrong))
        if not count or start.size + count > max_pieces:
            break
        # Each interval gives way to its halves, which are halved in turn.
        times = np.where(wrong, 2, 1)
        second = np.cumsum(times)[wrong] - 1
        start, stop, middle, whole, left, right = (
            np.repeat(part, times) for part in (start, stop, middle, whole, left, right)
        )
        first = second - 1
        stop[first], start[second] = middle[first], middle[second]
        whole[first], whole[second] = left[first], right[second]
        new = np.concatenate([first, second])
        middle[new] = 0.5 * (start[new] + stop[new])
        left[new] = gauss(function, start[new], middle[new])
        right[new] = gauss(function, middle[new], stop[new])
    values = left + right
    return Pieces(np.append(start, stop[-1]), values, np.abs(values - whole))


@dataclass(frozen=True)
class Curve:
    """The distribution function of a continuous prior, and what is computed from it.

    Parameters
    ----------
    prior
        The prior.

    Examples
    --------
    >>> curve = Curve(ContinuousPrior("beta", (25.0, 1.0)))
    >>> float(curve.below(np.array(0.5))) == 0.5**25
    True
    """

    prior: ContinuousPrior

    @property
    def low(self) -> float:
        """Lowest type."""
        return self.prior.support[0]

    @property
    def high(self) -> float:
        """Highest type."""
        return self.prior.support[1]

    def below(self, types: FloatArray) -> FloatArray:
        """Return the probability of types up to each."""
        return self._known(self.prior.frozen.cdf(types))

    def above(self, types: FloatArray) -> FloatArray:
        """Return the probability of types from each on."""
        return self._known(self.prior.frozen.sf(types))

    def _known(self, values: FloatArray) -> FloatArray:
        if np.isnan(values).any():
            raise InvalidInputError(
                "the distribution function is not a number everywhere",
                where="distribution",
                expected="probabilities",
                got=f"{self.prior.name} with shapes {self.prior.shapes}",
                remedy="Change the parameters, or use samples drawn from the distribution.",
            )
        return values

    @cached_property
    def _law(self) -> Any:
        return type(self.prior.frozen.dist)

    @property
    def is_slow(self) -> bool:
        """Whether scipy integrates the density for every value of the distribution function."""
        from scipy import stats

        return self._law._cdf is stats.rv_continuous._cdf

    @property
    def value_errors(self) -> tuple[float, float]:
        """Errors of a value of either function: relative to it, and absolute."""
        from scipy import stats

        relative = SLOW_VALUE_ERROR if self.is_slow else VALUE_ERROR
        complement = self._law._sf is stats.rv_continuous._sf
        return relative, COMPLEMENT_ERROR if complement else 0.0

    @property
    def max_pieces(self) -> int:
        """How many intervals an integral may be cut into."""
        return MAX_SLOW_PIECES if self.is_slow else MAX_PIECES

    def quantiles(self, probabilities: FloatArray, *, from_above: bool = False) -> FloatArray:
        """Return the types up to which (from which on) there is each probability, by bisection.

        Bisection takes a bounded number of steps, which searches in foreign code do not.
        """
        low = np.full(probabilities.size, self.low)
        high = np.full(probabilities.size, self.high)
        for _ in range(NUM_BISECTIONS):
            middle = 0.5 * (low + high)
            if from_above:
                lower = self.above(middle) >= probabilities
            else:
                lower = self.below(middle) < probabilities
            low, high = np.where(lower, middle, low), np.where(lower, high, middle)
        return high

    @cached_property
    def marks(self) -> FloatArray:
        """Types at which the distribution is cut before integration: ends, quantiles of tails."""
        return np.concatenate([
            [self.low, self.high],
            self.quantiles(TAILS),
            self.quantiles(TAILS, from_above=True),
        ])  # fmt: skip


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


def edges_between(low: float, high: float, *marks: FloatArray) -> FloatArray:
    """Return rising edges from low to high, at the marks and ever closer to the two ends.

    Examples
    --------
    >>> edges = edges_between(0.0, 1.0, np.array([0.3, 7.0]))
    >>> bool(edges[0] == 0.0 and edges[-1] == 1.0 and 0.3 in edges and (np.diff(edges) > 0).all())
    True
    """
    steps = (high - low) * 0.5 ** np.arange(1.0, NUM_HALVINGS)
    edges = np.unique(np.concatenate([[low, high], low + steps, high - steps, *marks]))
    return edges[(edges >= low) & (edges <= high)]


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


def gains_between(seller: Curve | Steps, buyer: Curve | Steps) -> Pieces:
    """Return integrals of F (1 - G) from the lowest cost to the highest value.

    Their sum is the first best: a pair of types gains what lies between its cost and its value.

    Examples
    --------
    >>> curve = Curve(ContinuousPrior("uniform"))
    >>> round(gains_between(curve, curve).total, 12)
    0.166666666667
    """
    low, high = seller.low, buyer.high
    if low >= high:
        return Pieces(np.array([low]), np.zeros(0), np.zeros(0))
    edges = edges_between(low, high, seller.marks, buyer.marks)
    middle = [x for x in (buyer.low, seller.high) if low < x < high]
    if middle:
        around = (*middle, low, high)
        edges = edges_between(low, high, edges, *(edges_between(a, b) for a in around
                                                  for b in around if a < b))  # fmt: skip
    return integrate(
        lambda types: seller.below(types) * buyer.above(types),
        edges,
        max_pieces=min(seller.max_pieces, buyer.max_pieces) + edges.size,
    )


def gains_error(seller: Curve | Steps, buyer: Curve | Steps, pieces: Pieces) -> float:
    """Return an estimate of the error of the integral of F (1 - G) over the pieces."""
    relative = seller.value_errors[0] + buyer.value_errors[0]
    absolute = 0.0
    if buyer.value_errors[1]:
        costs = seller.below(pieces.edges[1:])
        absolute = buyer.value_errors[1] * float(costs @ np.diff(pieces.edges))
    return float(pieces.error + relative * pieces.total + absolute)
