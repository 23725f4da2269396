"""Integrals over neighbouring intervals, halved until they are accurate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mechopt._util.arrays import FloatArray

Function = Callable[[FloatArray], FloatArray]

# A piece is done when its halves agree with it to this, relative to the sum that it enters.
PIECE_TOLERANCE = 1e-12
MAX_ROUNDS = 60
MAX_PIECES = 4_000
NUM_HALVINGS = 52
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
