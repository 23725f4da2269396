"""Cells of equal probability of a continuous prior, with their means."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.errors import InvalidInputError
from mechopt.types.continuous import ContinuousPrior
from mechopt.types.foreign import budget

# A cell is integrated by two Gauss points if its quantile function is this close to a straight
# line: with a relative curvature of 1e-3 the two points err by about 1e-13 of the cell's width.
CURVATURE_LIMIT = 1e-3
SKEW_LIMIT = 1e-6
QUADRATURE_TOLERANCE = 1e-12
MAX_BISECTIONS = 60
# Pieces of one cell that may be halved at a time; kinks need few.
MAX_PIECES = 16
# Doubt about the mean of a cell that is tolerated, as a share of the widest cell.
NOISE_LIMIT = 1e-9


@dataclass(frozen=True)
class Cells:
    """Ends and means of equally likely cells, arrays of shape (num_cells,) in money."""

    lower: FloatArray
    mean: FloatArray
    upper: FloatArray


@budget()
def quantile_cells(prior: ContinuousPrior, num_cells: int) -> Cells:
    """Cut a prior into equally likely cells, with means by quadrature of the quantile function.

    The quantile function is read from below on the lower half and from above on the upper half,
    so that neither tail loses digits.
    """
    half = (num_cells + 1) // 2
    below = _half_cells(prior.frozen.ppf, half, num_cells, prior)
    above = _half_cells(prior.frozen.isf, num_cells - half, num_cells, prior)
    return Cells(
        lower=np.concatenate([below.lower, above.upper[::-1]]),
        mean=np.concatenate([below.mean, above.mean[::-1]]),
        # The two halves may disagree in the last digit about the edge that they share.
        upper=np.concatenate(
            [
                below.upper[:-1],
                above.upper[-1:] if above.upper.size else below.upper[-1:],
                above.lower[::-1],
            ]
        ),
    )


def _half_cells(
    quantile: Callable[[FloatArray], FloatArray], count: int, num_cells: int, prior: ContinuousPrior
) -> Cells:
    """Return the first ``count`` cells from one end; lower is the end nearer to it."""
    positions = np.arange(count + 1)
    edges = np.asarray(quantile(positions / num_cells), dtype=np.float64)
    offset = 0.5 / np.sqrt(3.0)
    first = quantile((positions[:-1] + (0.5 - offset)) / num_cells)
    second = quantile((positions[:-1] + (0.5 + offset)) / num_cells)
    lower, upper = edges[:-1], edges[1:]
    steps = np.diff(edges)
    if not np.isfinite(edges).all() or (np.min(steps, initial=0) < 0 < np.max(steps, initial=0)):
        raise InvalidInputError(
            "the quantile function is not a nondecreasing finite function",
            where="distribution",
            expected="finite quantiles in order",
            got=f"{prior.name} with shapes {prior.shapes}",
            remedy="Use TypeSpace.from_samples with draws from it.",
        )
    mean = 0.5 * (first + second)
    width = np.abs(steps)
    curvature = np.abs(lower + upper - first - second)
    skew = np.abs(np.sqrt(3.0) * np.abs(second - first) - width)
    noise = 64 * np.finfo(np.float64).eps * np.maximum(np.abs(lower), np.abs(upper))
    rough = np.flatnonzero(
        (curvature > CURVATURE_LIMIT * width + noise) | (skew > SKEW_LIMIT * width + noise)
    )
    if rough.size:
        mean[rough], doubt = _adaptive_means(quantile, rough / num_cells, (rough + 1) / num_cells)
        if (doubt > NOISE_LIMIT * width.max()).any():
            raise InvalidInputError(
                f"scipy computes the quantiles of {prior.name} too coarsely",
                where="distribution",
                expected=f"means of cells within {NOISE_LIMIT:g} of the widest cell",
                got=f"{doubt.max() / width.max():.1g}, with shapes {prior.shapes}",
                remedy="Use other parameters, such as a wider support and a smaller scale, or "
                "TypeSpace.from_samples with draws from it.",
            )
    # A rounding error may carry the mean of a narrow cell past its end.
    return Cells(lower, np.clip(mean, np.minimum(lower, upper), np.maximum(lower, upper)), upper)


def _adaptive_means(
    quantile: Callable[[FloatArray], FloatArray], start: FloatArray, stop: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the mean of the quantile function over each interval of probabilities, and its doubt.

    Tanh-sinh quadrature deals with singular ends. Its own error estimate can be fooled by a kink or
    a jump inside, so an interval counts as done only when its two halves give the same integral;
    otherwise the halves are treated alike, until what is left of them is negligible. A few kinks
    leave a few pieces; where pieces become many, the quantile function is noise at that scale, and
    what halves and wholes differ by is the doubt about the mean.
    """
    from scipy.integrate import tanhsinh

    def integrate(low: FloatArray, high: FloatArray) -> FloatArray:
        # Nodes come within 1e-300 of the ends, where some quantile functions warn and give up;
        # such nodes weigh nothing, and what is returned is checked against the halves.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            result = tanhsinh(quantile, low, high, maxlevel=6, rtol=QUADRATURE_TOLERANCE)
        return np.asarray(result.integral, dtype=np.float64)

    num_cells = start.size
    owner = np.arange(num_cells)
    total, doubt = np.zeros(num_cells), np.zeros(num_cells)
    size = stop - start
    whole = integrate(start, stop)
    for _ in range(MAX_BISECTIONS):
        middle = 0.5 * (start + stop)
        left, right = integrate(start, middle), integrate(middle, stop)
        spread = np.abs(quantile(stop) - quantile(start)) * (stop - start)
        allowed = QUADRATURE_TOLERANCE * np.maximum(np.abs(whole), spread)
        # What a bisected piece can still contribute falls with the square of its width.
        negligible = spread <= 1e-3 * QUADRATURE_TOLERANCE * size[owner]
        error = np.abs(left + right - whole)
        done = (error <= allowed) | negligible
        if 2 * np.count_nonzero(~done) > MAX_PIECES * num_cells:
            np.add.at(doubt, owner[~done], error[~done])
            done[:] = True
        np.add.at(total, owner[done], (left + right)[done])
        if done.all():
            return total / size, doubt / size
        start, middle, stop = start[~done], middle[~done], stop[~done]
        whole = np.concatenate([left[~done], right[~done]])
        start, stop = np.concatenate([start, middle]), np.concatenate([middle, stop])
        owner = np.concatenate([owner[~done], owner[~done]])
    np.add.at(total, owner, whole)
    return total / size, doubt / size
