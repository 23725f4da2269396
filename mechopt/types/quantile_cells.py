"""Cells of equal probability of a continuous prior, with their means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.polynomial.chebyshev import chebvander

from mechopt._util.arrays import FloatArray, IndexArray, largest_size, sealed
from mechopt._util.threads import one_thread
from mechopt.errors import InvalidInputError
from mechopt.types.chebyshev import NUM_NODES, coefficients, nodes
from mechopt.types.continuous import UNIFORM, ContinuousPrior
from mechopt.types.foreign import budget

Quantile = Callable[[FloatArray], FloatArray]

# A panel is a run of cells on which a polynomial stands for the quantile function. Its last
# coefficients say how far it is off, relative to the largest quantile there.
TOLERANCE = 1e-14
# The same where every quantile is searched among integrals, which are no better themselves.
SLOW_TOLERANCE = 1e-9
# An end where the quantile function has no derivative is approached by so many halvings of a cell.
GRADING = 60
# How often a panel may be halved, and how many there may be; kinks need few.
MAX_HALVINGS = 100
MAX_PANELS = 4_000
# Doubt about the mean of a cell that is tolerated, as a share of the widest cell.
NOISE_LIMIT = 1e-9
# Cells of one matrix product.
RUN = 512
ROUNDING = 64 * float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Cells:
    """Ends and means of equally likely cells, arrays of shape (num_cells,) in money."""

    lower: FloatArray
    mean: FloatArray
    upper: FloatArray


@budget()
def quantile_cells(prior: ContinuousPrior, num_cells: int) -> Cells:
    """Cut a prior into equally likely cells, with means by integrals of the quantile function.

    The quantile function is read from below on the lower half and from above on the upper half,
    so that neither tail loses digits. Polynomials stand for it on panels of cells that double from
    each end, where it may have no derivative, and are halved elsewhere until they fit.

    Notes
    -----
    Differences of integrals of the distribution function would lose the digits of narrow cells.
    Interpolation in Chebyshev's nodes: Trefethen, Approximation Theory and Approximation Practice
    (2013), chapters 4 and 8.
    """
    half = (num_cells + 1) // 2
    with one_thread(num_cells):
        below = _half_cells(prior.frozen.ppf, half, num_cells, prior)
        above = _half_cells(prior.frozen.isf, num_cells - half, num_cells, prior)
    # The two halves may disagree in the last digit about the edge that they share.
    last = above.lower[:1] if above.lower.size else below.upper[-1:]
    edges = sealed(np.concatenate([below.lower, above.upper[::-1], last]))
    return Cells(edges[:-1], np.concatenate([below.mean, above.mean[::-1]]), edges[1:])


def _half_cells(quantile: Quantile, count: int, num_cells: int, prior: ContinuousPrior) -> Cells:
    """Return the first ``count`` cells from one end; lower is the end nearer to it."""
    if count == 0:
        return Cells(np.zeros(0), np.zeros(0), np.zeros(0))
    if prior.name == UNIFORM:
        edges = quantile(np.arange(count + 1) / num_cells)
        return Cells(edges[:-1], quantile((np.arange(count) + 0.5) / num_cells), edges[1:])

    def at(cells: FloatArray) -> FloatArray:
        """Return the quantiles at places that are measured in cells from the end."""
        values = np.asarray(quantile(cells / num_cells), dtype=np.float64)
        if not np.isfinite(values).all():
            raise _not_a_quantile_function(prior)
        return values

    fit = (SLOW_TOLERANCE, 1) if prior.is_slow else (TOLERANCE, GRADING)
    panels = _fitted(at, count, prior.value_errors.relative, *fit)
    edges, mean = panels.cells(count)
    steps = np.diff(edges)
    rising = edges[-1] >= edges[0]
    # Edges that are closer than rounding may be out of order by it.
    if (steps.min() < 0.0) if rising else (steps.max() > 0.0):
        falls = -steps if rising else steps
        noise = ROUNDING * np.maximum(np.abs(edges[1:]), np.abs(edges[:-1]))
        if (falls > noise).any():
            raise _not_a_quantile_function(prior)
        in_order = np.maximum if rising else np.minimum
        edges = np.asarray(in_order.accumulate(edges), dtype=np.float64)
    lower, upper = edges[:-1], edges[1:]
    widest = largest_size(steps)
    if panels.doubt > NOISE_LIMIT * widest:
        raise InvalidInputError(
            f"scipy computes the quantiles of {prior.name} too coarsely",
            where="distribution",
            expected=f"means of cells within {NOISE_LIMIT:g} of the widest cell",
            got=f"{panels.doubt / widest if widest else np.inf:.1g}, with shapes {prior.shapes}",
            remedy="Use other parameters, such as a wider support and a smaller scale, or "
            "samples drawn from it (in Python TypeSpace.from_samples).",
        )
    # A rounding error may carry the mean of a narrow cell past its end.
    least, most = (lower, upper) if edges[-1] >= edges[0] else (upper, lower)
    return Cells(lower, np.clip(mean, least, most, out=mean), upper)


def _not_a_quantile_function(prior: ContinuousPrior) -> InvalidInputError:
    return InvalidInputError(
        "the quantile function is not a nondecreasing finite function",
        where="distribution",
        expected="finite quantiles in order",
        got=f"{prior.name} with shapes {prior.shapes}",
        remedy="Use samples drawn from it (in Python TypeSpace.from_samples).",
    )


@dataclass(frozen=True, eq=False)
class _Panels:
    """Panels from an end to the middle, and what the polynomials are there.

    Parameters
    ----------
    start, stop : arrays of shape (num_panels,)
        Ends in cells, rising; a panel is a run of whole cells, or a part of one cell.
    values : array of shape (num_panels, NUM_NODES)
        Quantiles at the nodes, the two ends included.
    doubt
        The most by which the mean of a cell may be off where halving found only noise, in money.
    """

    start: FloatArray
    stop: FloatArray
    values: FloatArray
    doubt: float

    def cells(self, count: int) -> tuple[FloatArray, FloatArray]:
        """Return the edges and means of all cells."""
        edges, mean = np.empty(count + 1), np.zeros(count)
        edges[-1] = self.values[-1, -1]
        size = self.stop - self.start
        parts = size < 1.0
        owner = np.floor(self.start[parts]).astype(np.intp)
        np.add.at(mean, owner, size[parts] * (self.values[parts] @ _evaluation(1)[1]))
        first = self.start[parts] == owner
        edges[owner[first]] = self.values[parts][first, 0]
        for k in np.flatnonzero(~parts).tolist():
            begin, end = int(self.start[k]), int(self.stop[k])
            runs, rest = divmod(end - begin, RUN)
            middle = end - rest
            if runs:
                bounds = np.arange(runs) * RUN
                own = self._between(k, bounds, bounds + RUN)
                at_edges, of_means = np.split(_evaluation(RUN).T, 2, axis=1)
                np.matmul(own, at_edges, out=edges[begin:middle].reshape(-1, RUN))
                np.matmul(own, of_means, out=mean[begin:middle].reshape(-1, RUN))
            if rest:
                whole = not runs
                last = np.array([middle, end]) - begin
                own = self.values[k] if whole else self._between(k, last[:1], last[1:])[0]
                both = _evaluation(rest) @ own
                edges[middle:end], mean[middle:end] = both[:rest], both[rest:]
            edges[begin] = self.values[k, 0]
        return edges, mean

    def _between(self, k: int, begin: IndexArray, end: IndexArray) -> FloatArray:
        """Return a panel's quantiles at the nodes of runs of its cells."""
        places = begin[:, None] + (end - begin)[:, None] * (0.5 * (1.0 + nodes()))
        at = 2.0 * places / (self.stop[k] - self.start[k]) - 1.0
        values = chebvander(at.ravel(), NUM_NODES - 1) @ (coefficients() @ self.values[k])
        return np.asarray(values.reshape(places.shape), dtype=np.float64)


def _fitted(at: Quantile, count: int, noise: float, tolerance: float, grading: int) -> _Panels:
    """Return panels on which polynomials stand for the quantiles.

    Parameters
    ----------
    at
        The quantiles at places that are measured in cells from the end.
    count
        How many cells.
    noise
        How far quantiles may be off, relative to their size: what halving cannot improve upon.
    tolerance
        How far polynomials may be, likewise.
    grading
        How often the cell at the end is halved at a time.
    """
    bounds = np.array([0.0, *2.0 ** np.arange(0, (count - 1).bit_length()), count])
    start, stop = bounds[:-1], bounds[1:]
    # What errors in a part of a cell are relative to; and what they were before it was halved.
    relative_to, before = np.zeros(start.size), np.full(start.size, np.inf)
    done: list[tuple[FloatArray, FloatArray, FloatArray]] = []
    total, doubt = start.size, 0.0
    for halving in range(MAX_HALVINGS):
        values = at(start[:, None] + (stop - start)[:, None] * (0.5 * (1.0 + nodes())))
        size = stop - start
        largest = np.abs(values).max(axis=1)
        relative_to = np.where(size >= 1.0, largest, relative_to)
        last = np.abs(values @ coefficients()[-3:].T).max(axis=1)
        error = last * np.minimum(size, 1.0)
        fits = error <= tolerance * relative_to
        fits |= (error <= noise * relative_to) & (last > 0.25 * before)
        count_of_halves = 2 * int(np.count_nonzero(~fits))
        if total + count_of_halves > MAX_PANELS or halving == MAX_HALVINGS - 1:
            doubt = float(error[~fits].max(initial=0.0))
            fits[:] = True
        done.append((start[fits], stop[fits], values[fits]))
        rough = ~fits
        if not rough.any():
            break
        start, stop, relative_to, before = _halved(
            start[rough], stop[rough], relative_to[rough], last[rough], grading
        )
        total += start.size
    begin, end, found = (np.concatenate(parts) for parts in zip(*done, strict=True))
    order = np.argsort(begin, kind="stable")
    return _Panels(begin[order], end[order], found[order], doubt)


def _halved(
    start: FloatArray,
    stop: FloatArray,
    relative_to: FloatArray,
    before: FloatArray,
    grading: int,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return two panels for each, and many that shrink to the end for the cell at the end."""
    middle = 0.5 * (start + stop)
    middle = np.where(stop - start > 1.0, np.floor(middle), middle)
    start, stop = np.concatenate([start, middle]), np.concatenate([middle, stop])
    relative_to, before = np.tile(relative_to, 2), np.tile(before, 2)
    at_end = np.flatnonzero((start == 0.0) & (stop == 0.5))
    if at_end.size and grading > 1:
        steps = 0.5 ** np.arange(2.0, grading + 1)
        start = np.concatenate([start, steps])
        stop = np.concatenate([stop, 2.0 * steps])
        relative_to = np.append(relative_to, np.full(steps.size, relative_to[at_end[0]]))
        before = np.append(before, np.full(steps.size, np.inf))
        stop[at_end] = steps[-1]
    return start, stop, relative_to, before


@lru_cache(maxsize=64)
def _evaluation(num_cells: int) -> FloatArray:
    """Return the matrix from values at the nodes to left ends of equal cells, then to their means.

    Means of polynomials are exact by Gauss points.
    """
    points, weights = np.polynomial.legendre.leggauss(NUM_NODES // 2)
    left = 2.0 * np.arange(num_cells) / num_cells - 1.0
    inner = left[:, None] + (1.0 + points) / num_cells
    means = 0.5 * np.einsum("ngk,g->nk", chebvander(inner, NUM_NODES - 1), weights)
    ends = chebvander(left, NUM_NODES - 1)
    return np.asarray(np.concatenate([ends, means]) @ coefficients(), dtype=np.float64)
