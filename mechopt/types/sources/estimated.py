"""Laws estimated from a sample: by kernels, and by quantiles smoothed without ever falling."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, shown
from mechopt._util.given import given_numbers, is_real
from mechopt.errors import InvalidInputError
from mechopt.types.checks import vector
from mechopt.types.sources.piecewise import Piecewise
from mechopt.types.sources.tabulated import from_distribution_function

# Values that are evaluated at so many types at a time.
CHUNK = 2_000_000
# Beyond, what is left within the support has lost its digits.
WIDEST = 1e4


def kernel_estimate(values: npt.ArrayLike, bandwidth: float, low: float, high: float) -> Piecewise:
    """Return the law of a sample blurred by a normal density, on condition of lying in [low, high].

    Parameters
    ----------
    values : array of shape (sample_size,)
        Observed types, in money, within the support.
    bandwidth
        Standard deviation of the normal density, in money.
    low, high
        Lowest and highest type. What the kernels put outside is cut off, and the rest divided by
        what is left; there is no correction at the ends.

    Returns
    -------
    Piecewise
        A table of the distribution function, with its error; sampling error is not part of it.

    Raises
    ------
    InvalidInputError
        For values outside the support, ends that are none, and a bandwidth that is not positive or
        is 10,000 times as wide as the support.

    Examples
    --------
    >>> law = kernel_estimate([1, 2, 2, 4], 0.5, 0, 5)
    >>> law.support, law.error < 1e-11
    ((0.0, 5.0), True)
    """
    sample = vector("values", given_numbers(values, "values")[0])
    if not is_real(bandwidth) or not 0 < bandwidth < np.inf:
        raise InvalidInputError(
            "not a bandwidth",
            where="bandwidth",
            expected="a positive number, in money",
            got=shown(bandwidth),
            remedy="For instance the sample's standard deviation times its size to the power -1/5.",
        )
    if not (is_real(low) and is_real(high) and -np.inf < low < high < np.inf):
        raise InvalidInputError(
            "not the ends of a support",
            where="low, high",
            expected="two finite numbers, the lower one first",
            got=f"{shown(low)} and {shown(high)}",
            remedy="Give the lowest and the highest type.",
        )
    if bandwidth > WIDEST * (high - low):
        raise InvalidInputError(
            "a bandwidth at which next to nothing lies within the support",
            where="bandwidth",
            expected=f"at most {WIDEST:g} times the width of the support, {high - low:.6g}",
            got=shown(bandwidth),
            remedy="Give a smaller one; so wide an estimate is a uniform law.",
        )
    outside = np.flatnonzero((sample < low) | (sample > high))
    if outside.size:
        raise InvalidInputError(
            "a value outside the support",
            where="values",
            expected=f"values from {low:.12g} to {high:.12g}",
            got=f"{sample[outside[0]]:.12g} at position {outside[0]}",
            remedy="Widen the support, or leave the value out.",
        )
    from scipy.special import ndtr

    def mean_of(types: FloatArray, sign: float) -> FloatArray:
        flat = np.ravel(types)
        size = max(CHUNK // sample.size, 1)
        parts = [
            ndtr(sign * (flat[k : k + size, None] - sample) / bandwidth).mean(axis=1)
            for k in range(0, flat.size, size)
        ]
        return np.concatenate(parts)

    ends = np.array([low, high], dtype=np.float64)
    under, over = float(mean_of(ends[:1], 1.0)[0]), float(mean_of(ends[1:], -1.0)[0])
    left = (1.0 - under) - over
    return from_distribution_function(
        lambda types: (mean_of(types, 1.0) - under) / left,
        low,
        high,
        above=lambda types: (mean_of(types, -1.0) - over) / left,
        what=f"a kernel estimate from {sample.size:,} values",
    )


def smoothed(values: npt.ArrayLike) -> Piecewise:
    """Return the law whose distribution function joins a sample's ranks by a smooth rising curve.

    The k-th of n distinct values has the probability (k - 1)/(n - 1) below it; of equal values, the
    average of theirs, but for the lowest and the highest value, which are the ends of the support.

    Parameters
    ----------
    values : array of shape (sample_size,)
        Observed types in any order, in money; at least three distinct ones.

    Raises
    ------
    InvalidInputError
        For fewer distinct values.

    Notes
    -----
    Between values the curve is the cubic of Fritsch and Butland (1984), doi:10.1137/0905021, which
    never overshoots, so that the density is at least zero.

    Examples
    --------
    >>> import numpy as np
    >>> law = smoothed([3, 1, 2, 5])
    >>> law.below(np.array([1.0, 2.0, 3.0, 5.0])).round(12)
    array([0.        , 0.33333333, 0.66666667, 1.        ])
    """
    sample = np.sort(vector("values", given_numbers(values, "values")[0]))
    edges, first, counts = np.unique(sample, return_index=True, return_counts=True)
    if edges.size < 3:
        raise InvalidInputError(
            "too few distinct values to smooth",
            where="values",
            expected="at least 3",
            got=f"{edges.size}",
            remedy="Take the values as they are: samples in a file, TypeSpace.from_samples in "
            "Python.",
        )
    chances = (first + 0.5 * (counts - 1)) / (sample.size - 1)
    chances[[0, -1]] = 0.0, 1.0
    return joined(edges, chances, f"{sample.size:,} values, smoothed")


def joined(edges: FloatArray, chances: FloatArray, what: str) -> Piecewise:
    """Return the law whose distribution function joins points by a smooth rising curve.

    Examples
    --------
    >>> law = joined(np.array([0.0, 1.0, 2.0]), np.array([0.0, 0.25, 1.0]), "three points")
    >>> law.below(np.array([1.0]))
    array([0.25])
    """
    from scipy.interpolate import PchipInterpolator

    slopes = PchipInterpolator(edges, chances).derivative()(edges)
    mass, width = np.diff(chances), np.diff(edges)
    start, stop = slopes[:-1] * width / mass, slopes[1:] * width / mass
    return Piecewise(edges, mass, start, stop, what=what)
