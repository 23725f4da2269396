"""Cells of any law of types, with their masses and means by integrals of its probabilities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mechopt._util.arrays import FloatArray, IndexArray
from mechopt.types.quadrature import PIECE_TOLERANCE, integrate
from mechopt.types.source import Source

# Means by three Gauss points stand where Simpson's rule agrees with them to this, relative to what
# the distribution function rises by in the cell.
AGREEMENT = 1e-7
THREE_POINTS, THREE_WEIGHTS = np.polynomial.legendre.leggauss(3)
# Rounding of differences of probabilities, relative to the probabilities.
ROUNDING = 64 * float(np.finfo(np.float64).eps)


@dataclass(frozen=True, eq=False)
class Cut:
    """Cells of a law: arrays of shape (num_cells,), in money but for the mass."""

    mass: FloatArray
    lower: FloatArray
    mean: FloatArray
    upper: FloatArray


def cut(source: Source, edges: FloatArray) -> Cut:
    """Return the cells of a law between given edges.

    Every atom is a cell of its own, and no cell reaches over a gap. Masses and means come from the
    probabilities below in the lower half and from those above in the upper one, so that cells in
    either tail keep their digits.

    Parameters
    ----------
    source
        The law.
    edges : array of shape (num_edges,)
        Rising, from its lowest type to its highest. Edges that cut off no probability that floats
        can tell from none are left out.

    Examples
    --------
    >>> from mechopt.types.continuous import ContinuousPrior
    >>> cells = cut(ContinuousPrior("beta", (25.0, 1.0)), np.array([0.0, 0.5, 1.0]))
    >>> bool(cells.mass[0] == 0.5**25), round(float(cells.mean[0]), 12) == round(0.5 * 25 / 26, 12)
    (True, True)
    """
    if source.is_smooth:
        return _between(source, _with_mass(source, edges))
    parts = [_of_atoms(source)]
    for start, stop in segments(source):
        inner = edges[(edges > start) & (edges < stop)]
        ends = np.concatenate([[start], inner, [stop]])
        parts.append(_between(source, _with_mass(source, ends)))
    whole = [np.concatenate(arrays) for arrays in zip(*map(_arrays, parts), strict=True)]
    order = np.lexsort((whole[3], whole[1]))
    return Cut(*(array[order] for array in whole))


def _arrays(cells: Cut) -> tuple[FloatArray, ...]:
    return cells.mass, cells.lower, cells.mean, cells.upper


def _of_atoms(source: Source) -> Cut:
    at = source.atoms
    upper_half = source.above(at) < 0.5
    by_above = source.above(at) - source.strictly_above(at)
    by_below = source.below(at) - source.strictly_below(at)
    return Cut(np.where(upper_half, by_above, by_below), at, at, at)


def segments(source: Source) -> list[tuple[float, float]]:
    """Return the intervals of a law between its atoms and gaps that have a probability.

    Examples
    --------
    >>> from mechopt.types.continuous import ContinuousPrior
    >>> segments(ContinuousPrior("uniform"))
    [(0.0, 1.0)]
    """
    ends = np.unique([source.low, source.high, *source.atoms, *np.ravel(source.gaps)])
    gaps = set(source.gaps)
    found = []
    for start, stop in pairwise(ends.tolist()):
        if (start, stop) not in gaps and _inside(source, start, stop) > 0.0:
            found.append((start, stop))
    return found


def _inside(source: Source, start: float, stop: float) -> float:
    """Return the probability between two types, without their own."""
    low, high = np.array(start), np.array(stop)
    if float(source.above(low)) < 0.5:
        return float(source.strictly_above(low) - source.above(high))
    return float(source.strictly_below(high) - source.below(low))


def _with_mass(source: Source, edges: FloatArray) -> FloatArray:
    """Return the edges between which there is probability."""
    while True:
        empty = np.flatnonzero(_masses(source, edges) <= 0.0)
        if not empty.size or edges.size <= 2:
            return edges
        # A cell without probability joins the next one, the last one the one before it.
        edges = np.delete(edges, np.unique(np.where(empty == edges.size - 2, empty, empty + 1)))


def _masses(source: Source, edges: FloatArray) -> FloatArray:
    """Return the probability between edges, what single edges have apart."""
    low, high = edges[:-1], edges[1:]
    under, over = source.strictly_below(high), source.strictly_above(low)
    below, above = source.below(low), source.above(high)
    if edges[0] == source.low and not source.atoms.size:
        below[0], over[0] = 0.0, 1.0
    if edges[-1] == source.high and not source.atoms.size:
        under[-1], above[-1] = 1.0, 0.0
    upper_half = over < 0.5
    mass = np.where(upper_half, over - above, under - below)
    # Where the halves meet, what both functions leave over, for they need not sum to one.
    if source.is_smooth:
        middle = max(int(np.argmax(upper_half)) - 1, 0) if upper_half.any() else mass.size - 1
        mass[middle] = (1.0 - below[middle]) - above[middle]
    return np.asarray(mass)


def _between(source: Source, edges: FloatArray) -> Cut:
    """Return the cells between edges that have neither atoms nor gaps between them."""
    mass = _masses(source, edges)
    low, high = edges[:-1], edges[1:]
    middle, width = 0.5 * (low + high), high - low
    # What lies above the distribution function in a cell's box gives the mean: u - int (F - F(l)).
    upper_half = source.strictly_above(low) < 0.5
    bent = np.zeros(low.size, dtype=bool)
    inner = source.breaks[(source.breaks > edges[0]) & (source.breaks < edges[-1])]
    inner = np.setdiff1d(inner, edges)
    bent[np.searchsorted(edges, inner) - 1] = True
    share = np.empty(low.size)
    parts = (
        (~upper_half, source.below, source.below(low), source.strictly_below(high)),
        (upper_half, source.above, source.above(high), source.strictly_above(low)),
    )
    for chosen, function, bases, ends in parts:
        cells = np.flatnonzero(chosen)
        if not cells.size:
            continue
        least, rise = bases[cells], mass[cells]
        points = middle[cells, None] + 0.5 * width[cells, None] * THREE_POINTS
        by_gauss = 0.5 * ((function(points) - least[:, None]) @ THREE_WEIGHTS) / rise
        by_simpson = (4.0 * (function(middle[cells]) - least) + ends[cells] - least) / (6.0 * rise)
        rough = np.flatnonzero((np.abs(by_gauss - by_simpson) > AGREEMENT) | bent[cells])
        for first, last in _runs(cells[rough]):
            at = slice(int(np.searchsorted(cells, first)), int(np.searchsorted(cells, last)) + 1)
            total = _by_halving(function, edges[first : last + 2], least[at], inner)
            by_gauss[at] = total / width[first : last + 1] / rise[at]
        share[cells] = by_gauss
    share = np.where(upper_half, share, 1.0 - share)
    # Rounding may carry a share past 0 or 1, and the mean past an end.
    mean = np.clip(low + share * width, low, high)
    return Cut(mass, low, mean, high)


def _runs(positions: IndexArray) -> list[tuple[int, int]]:
    """Return first and last of each run of neighbouring positions."""
    if not positions.size:
        return []
    breaks = np.flatnonzero(np.diff(positions) > 1)
    firsts = positions[np.concatenate([[0], breaks + 1])]
    lasts = positions[np.concatenate([breaks, [positions.size - 1]])]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def _by_halving(
    function: Callable[[FloatArray], FloatArray],
    edges: FloatArray,
    least: FloatArray,
    breaks: FloatArray,
) -> FloatArray:
    """Return the integral, over each interval, of a function less its least value there."""
    noise = ROUNDING / PIECE_TOLERANCE * float((least * np.diff(edges)).max())

    def above_least(points: FloatArray) -> FloatArray:
        at = np.clip(np.searchsorted(edges, points, side="right") - 1, 0, least.size - 1)
        return function(points) - least[at]

    marks = np.union1d(edges, breaks[(breaks > edges[0]) & (breaks < edges[-1])])
    pieces = integrate(
        above_least, marks, lambda values: np.maximum(values, noise), 64 * marks.size + 1_000
    )
    return np.add.reduceat(pieces.values, np.searchsorted(pieces.edges, edges[:-1]))


def equal_cells(source: Source, num_cells: int) -> Cut:
    """Return so many cells of a law, equally likely where it has neither atoms nor gaps.

    Each atom is a cell; the others are shared out among the intervals between atoms and gaps by
    their probability, and are equally likely in each. There is at least one cell for each.

    Examples
    --------
    >>> from mechopt.types.continuous import ContinuousPrior
    >>> equal_cells(ContinuousPrior("beta", (2.0, 1.0)), 4).mass
    array([0.25, 0.25, 0.25, 0.25])
    """
    parts = segments(source)
    weights = [_inside(source, *part) for part in parts]
    counts = _shared_out(num_cells - source.atoms.size, np.array(weights))
    edges: list[FloatArray] = []
    for part, weight, count in zip(parts, weights, counts.tolist(), strict=True):
        edges.append(_equal_edges(source, part, weight, count))
    cells = cut(source, np.unique(np.concatenate(edges)) if edges else source.atoms)
    if source.is_smooth and cells.mass.size == num_cells:
        # What rounding of the edges adds to or takes from a cell is no property of the law.
        return Cut(np.full(num_cells, 1.0 / num_cells), cells.lower, cells.mean, cells.upper)
    return cells


def _shared_out(num_cells: int, weights: FloatArray) -> IndexArray:
    """Return at least one cell for each weight, and the rest by largest remainders."""
    spare = max(num_cells - weights.size, 0)
    wanted = spare * weights / weights.sum() if weights.size else weights
    counts = np.floor(wanted).astype(np.intp)
    short = spare - int(counts.sum())
    counts[np.argsort(counts - wanted, kind="stable")[:short]] += 1
    return counts + 1


def _equal_edges(
    source: Source, part: tuple[float, float], weight: float, count: int
) -> FloatArray:
    """Return the edges that cut an interval of a law into equally likely cells."""
    start, stop = part
    steps = np.arange(1, count) / count
    below = float(source.below(np.array(start))) if start > source.low else None
    base = (below if below is not None else _at_low(source)) + steps * weight
    rest = (
        float(source.above(np.array(stop))) if stop < source.high else _at_high(source)
    ) + np.arange(count - 1, 0, -1) / count * weight
    lower = base <= 0.5
    inner = np.concatenate([
        source.quantiles(base[lower]), source.quantiles(rest[~lower], from_above=True)
    ])  # fmt: skip
    return np.unique(np.clip(np.concatenate([[start], inner, [stop]]), start, stop))


def _at_low(source: Source) -> float:
    return float(source.below(np.array(source.low))) if source.atoms.size else 0.0


def _at_high(source: Source) -> float:
    return float(source.above(np.array(source.high))) if source.atoms.size else 0.0
