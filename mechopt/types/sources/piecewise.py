"""Laws whose distribution function is a cubic polynomial between neighbouring edges.

Histograms, densities of straight lines, tabulated functions and smoothed samples are all of this
kind. Inside a piece nothing is approximated.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, accumulated
from mechopt._util.registry import saved_as
from mechopt._util.saving import ByContent
from mechopt.errors import InvalidInputError
from mechopt.types.checks import check_mass, vector
from mechopt.types.source import NONE, Errors, Source

NUM_BISECTIONS = 56
ROUNDING = 16 * float(np.finfo(np.float64).eps)
# How far below zero rounding may carry the density of a piece, relative to its mean.
ALLOWED_DIP = 1e-9


@saved_as("mechopt.Piecewise")
@dataclass(frozen=True, eq=False)
class Piecewise(ByContent, Source):
    """A law by the probability of each piece, and the density at the piece's two ends.

    Parameters
    ----------
    edges : array of shape (num_pieces + 1,)
        Ends of the pieces, rising, in money.
    mass : array of shape (num_pieces,)
        Probability of each piece, at least zero, summing to one; a piece without is a gap.
    start, stop : array of shape (num_pieces,)
        The density at the lower and at the upper end of each piece, relative to its mean density
        there: 1 and 1 where it is constant.
    error
        By how much the probability of types up to a point may be off, where the pieces stand for
        something else.
    what
        What to call the law in a sentence.

    Raises
    ------
    InvalidInputError
        For edges that do not rise, masses that are no distribution, and negative densities.

    Examples
    --------
    >>> law = Piecewise([0, 1, 3], [0.5, 0.5], [1, 1], [1, 1])
    >>> law.below(np.array([0.5, 2.0])), law.density(np.array([0.5, 2.0]))
    (array([0.25, 0.75]), array([0.5 , 0.25]))
    """

    edges: FloatArray
    mass: FloatArray
    start: FloatArray
    stop: FloatArray
    error: float = 0.0
    what: str = "a piecewise law"

    def __post_init__(self) -> None:
        for name in ("edges", "mass", "start", "stop"):
            object.__setattr__(self, name, vector(name, getattr(self, name)))
        sizes = [array.size for array in (self.mass, self.start, self.stop)]
        if set(sizes) != {self.edges.size - 1}:
            raise InvalidInputError(
                "one probability per interval is needed",
                where="mass",
                expected=f"{self.edges.size - 1} entries for {self.edges.size} edges",
                got=f"{self.mass.size}",
                remedy="Give one edge more than there are intervals.",
            )
        check_rising("edges", self.edges)
        bad = np.flatnonzero(self.mass < 0)
        if bad.size:
            raise InvalidInputError(
                "a probability is negative",
                where="mass",
                expected="at least zero",
                got=f"{self.mass[bad[0]]:.12g} at position {bad[0]}",
                remedy="Correct it.",
            )
        check_mass(self.mass[self.mass > 0])
        for end, at in ((0, "first"), (-1, "last")):
            if self.mass[end] == 0:
                raise InvalidInputError(
                    f"no probability in the {at} interval",
                    where="mass",
                    expected="a support that ends where types can occur",
                    got="0",
                    remedy="Leave that interval out.",
                )
        dips = np.flatnonzero((self._least_density < -ALLOWED_DIP) & (self.mass > 0))
        if dips.size:
            raise InvalidInputError(
                "a negative density",
                where="density",
                expected="at least zero everywhere",
                got=f"below zero between {self.edges[dips[0]]:.12g} and "
                f"{self.edges[dips[0] + 1]:.12g}",
                remedy="Correct the densities or probabilities there.",
            )

    @property
    def _least_density(self) -> FloatArray:
        """The least relative density of each piece."""
        square, cube = 3 - 2 * self.start - self.stop, self.start + self.stop - 2
        with np.errstate(divide="ignore", invalid="ignore"):
            at = np.where(cube > 0, -square / (3 * cube), 0.0)
            inner = self.start + 2 * square * at + 3 * cube * at**2
        inner = np.where((at > 0) & (at < 1), inner, np.inf)
        return np.minimum(np.minimum(self.start, self.stop), inner)

    @property
    def title(self) -> str:
        """What it was said to be."""
        return self.what

    @property
    def support(self) -> tuple[float, float]:
        """The first and the last edge."""
        return float(self.edges[0]), float(self.edges[-1])

    @cached_property
    def gaps(self) -> tuple[tuple[float, float], ...]:
        """Where pieces have no probability."""
        empty = np.concatenate([[0], (self.mass == 0).astype(np.int8), [0]])
        first, last = np.flatnonzero(np.diff(empty) == 1), np.flatnonzero(np.diff(empty) == -1)
        return tuple(zip(self.edges[first].tolist(), self.edges[last].tolist(), strict=True))

    @property
    def breaks(self) -> FloatArray:
        """The edges between pieces."""
        return self.edges[1:-1] if self.edges.size > 2 else NONE

    @property
    def value_errors(self) -> Errors:
        """Rounding, and the error that was stated."""
        return Errors(ROUNDING, self.error, self.error)

    @property
    def is_positive(self) -> bool:
        """Whether every piece has a positive density inside."""
        return bool((self._least_density >= 0).all() and (self.mass > 0).all())

    @cached_property
    def _from_left(self) -> FloatArray:
        return np.concatenate([[0.0], accumulated(self.mass)])

    @cached_property
    def _to_right(self) -> FloatArray:
        return np.concatenate([accumulated(self.mass[::-1])[::-1], [0.0]])

    def _piece(self, types: FloatArray) -> npt.NDArray[np.intp]:
        place = np.searchsorted(self.edges, types, side="right") - 1
        return np.clip(place, 0, self.mass.size - 1)

    def below(self, types: FloatArray) -> FloatArray:
        """Return the probability of types up to each."""
        at = self._piece(types)
        width = self.edges[at + 1] - self.edges[at]
        share = np.clip((types - self.edges[at]) / width, 0.0, 1.0)
        rise = risen(share, self.start[at], self.stop[at])
        return np.asarray(self._from_left[at] + self.mass[at] * rise)

    def above(self, types: FloatArray) -> FloatArray:
        """Return the probability of types from each on."""
        at = self._piece(types)
        width = self.edges[at + 1] - self.edges[at]
        share = np.clip((self.edges[at + 1] - types) / width, 0.0, 1.0)
        rise = risen(share, self.stop[at], self.start[at])
        return np.asarray(self._to_right[at + 1] + self.mass[at] * rise)

    def density(self, types: FloatArray) -> FloatArray:
        """Return the density at each type; at an edge, that of the piece above it."""
        at = self._piece(types)
        width = self.edges[at + 1] - self.edges[at]
        u = (types - self.edges[at]) / width
        p, q = self.start[at], self.stop[at]
        slope = p + u * (2 * (3 - 2 * p - q) + u * 3 * (p + q - 2))
        inside = (types >= self.edges[0]) & (types <= self.edges[-1])
        return np.where(inside, self.mass[at] / width * np.maximum(slope, 0.0), 0.0)

    def quantiles(self, probabilities: FloatArray, *, from_above: bool = False) -> FloatArray:
        """Return the types up to which (from which on) there is each probability."""
        if from_above:
            sums, start, stop = self._to_right[::-1], self.stop[::-1], self.start[::-1]
            mass, edges = self.mass[::-1], self.edges[::-1]
        else:
            sums, start, stop = self._from_left, self.start, self.stop
            mass, edges = self.mass, self.edges
        at = np.clip(np.searchsorted(sums, probabilities, side="left") - 1, 0, mass.size - 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            wanted = np.clip((probabilities - sums[at]) / mass[at], 0.0, 1.0)
        wanted = np.where(mass[at] > 0, wanted, 0.0)
        p, q = start[at], stop[at]
        low, high = np.zeros(at.size), np.ones(at.size)
        if not ((p == 1.0) & (q == 1.0)).all():
            for _ in range(NUM_BISECTIONS):
                middle = 0.5 * (low + high)
                less = risen(middle, p, q) < wanted
                low, high = np.where(less, middle, low), np.where(less, high, middle)
        share = np.where((p == 1.0) & (q == 1.0), wanted, high)
        found = edges[at] + share * (edges[at + 1] - edges[at])
        return np.asarray(np.where(share == 1.0, edges[at + 1], found))


def risen(share: FloatArray, start: FloatArray, stop: FloatArray) -> FloatArray:
    """Return what part of a piece's probability lies in a share of it, counted from its start.

    Examples
    --------
    >>> risen(np.array([0.5]), np.array([0.0]), np.array([2.0]))  # a density that rises from zero
    array([0.25])
    """
    square, cube = 3 - 2 * start - stop, start + stop - 2
    return np.asarray(share * (start + share * (square + share * cube)))


def check_rising(name: str, values: FloatArray) -> None:
    """Refuse numbers that do not rise."""
    falls = np.flatnonzero(np.diff(values) <= 0)
    if values.size < 2 or falls.size:
        raise InvalidInputError(
            "not rising numbers",
            where=name,
            expected="at least two, each above the one before it",
            got=f"{values[falls[0]]:.12g} followed by {values[falls[0] + 1]:.12g}"
            if falls.size
            else f"{values.size}",
            remedy="Sort them with what belongs to them.",
        )


def histogram(edges: npt.ArrayLike, weights: npt.ArrayLike) -> Piecewise:
    """Return the law of a histogram: uniform in each bin.

    Parameters
    ----------
    edges : array of shape (num_bins + 1,)
        Ends of the bins, rising, in money.
    weights : array of shape (num_bins,)
        Counts or probabilities of the bins, at least zero; they are divided by their sum. Bins of
        weight zero at either end are left out, those inside are gaps without types.

    Raises
    ------
    InvalidInputError
        For edges that do not rise, and weights that are negative or all zero.

    Examples
    --------
    >>> import numpy as np
    >>> law = histogram([0, 1, 2], [1, 3])
    >>> law.below(np.array([1.0, 1.5]))
    array([0.25 , 0.625])
    """
    ends, counts = vector("edges", edges), vector("weights", weights)
    check_rising("edges", ends)
    _check_weights(counts, ends.size - 1)
    used = np.flatnonzero(counts > 0)
    ends, counts = ends[used[0] : used[-1] + 2], counts[used[0] : used[-1] + 1]
    even = np.ones(counts.size)
    return Piecewise(ends, counts / counts.sum(), even, even, what="a histogram")


def linear_density(types: npt.ArrayLike, densities: npt.ArrayLike) -> Piecewise:
    """Return the law whose density is a straight line between neighbouring types.

    Parameters
    ----------
    types : array of shape (num_points,)
        Rising, in money.
    densities : array of shape (num_points,)
        The density at each, at least zero, up to a factor: it is divided by its integral.
        Intervals with zero at both ends are left out at the ends, and gaps inside.

    Raises
    ------
    InvalidInputError
        For types that do not rise, and densities that are negative or all zero.

    Examples
    --------
    >>> import numpy as np
    >>> law = linear_density([0, 1, 2], [0, 1, 0])
    >>> law.below(np.array([0.5, 1.0]))
    array([0.125, 0.5  ])
    """
    points, values = vector("types", types), vector("densities", densities)
    check_rising("types", points)
    _check_weights(values, points.size, "densities")
    left, right = values[:-1], values[1:]
    mean = 0.5 * (left + right)
    used = np.flatnonzero(mean > 0)
    kept = slice(used[0], used[-1] + 1)
    points, left, right, mean = (
        points[used[0] : used[-1] + 2], left[kept], right[kept], mean[kept]
    )  # fmt: skip
    mass = mean * np.diff(points)
    total = float(mass.sum())
    safe = np.where(mean > 0, mean, 1.0)
    start, stop = np.where(mean > 0, left / safe, 1.0), np.where(mean > 0, right / safe, 1.0)
    return Piecewise(points, mass / total, start, stop, what="a piecewise linear density")


def _check_weights(weights: FloatArray, size: int, where: str = "weights") -> None:
    if weights.size != size:
        raise InvalidInputError(
            "not as many as are needed",
            where=where,
            expected=f"{size} entries",
            got=f"{weights.size}",
            remedy="A histogram has one weight per bin, a density one value per type.",
        )
    bad = np.flatnonzero(weights < 0)
    if bad.size or not (weights > 0).any():
        raise InvalidInputError(
            "negative" if bad.size else "all are zero",
            where=where,
            expected="at least zero, and some of them positive",
            got=f"{weights[bad[0]]:.12g} at position {bad[0]}" if bad.size else "zeros",
            remedy="Correct them.",
        )
