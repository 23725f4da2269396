"""Cells of a continuous prior at any edges, and edges where traders gain."""

from __future__ import annotations

import numpy as np

from mechopt._util.arrays import FloatArray, IndexArray
from mechopt.types.continuous import ContinuousPrior, Curve
from mechopt.types.curves import Steps, gains_between
from mechopt.types.quadrature import gauss, integrate
from mechopt.types.type_space import TypeSpace

# Means by three Gauss points stand where Simpson's rule agrees with them to this, relative to what
# the distribution function rises by in the cell.
AGREEMENT = 1e-7
# Into how many parts a piece of the quadrature is cut before edges are placed between them.
PARTS = 8
# Shares of the cells that are equally likely, equally gainful, and of equal ratios.
SHARES = np.array([0.25, 0.5, 0.25])
# Types that are so rare that all they could gain is this share of the first best are one cell.
NEGLIGIBLE = 1e-8
THREE_POINTS, THREE_WEIGHTS = np.polynomial.legendre.leggauss(3)


def cells_between(prior: ContinuousPrior, edges: FloatArray) -> TypeSpace:
    """Return the cells of a prior between given edges, with their masses and means.

    Masses and means come from the distribution function in the lower half and from the survival
    function in the upper one, so that cells in either tail keep their digits.

    Parameters
    ----------
    prior
        The prior.
    edges : array of shape (num_edges,)
        Rising, from its lowest type to its highest. Edges that cut off no probability that floats
        can tell from none are left out.

    Examples
    --------
    >>> cells = cells_between(ContinuousPrior("beta", (25.0, 1.0)), np.array([0.0, 0.5, 1.0]))
    >>> bool(cells.mass[0] == 0.5**25), round(float(cells.mean[0]), 12) == round(0.5 * 25 / 26, 12)
    (True, True)
    """
    curve = prior.curve
    edges, mass = _with_mass(curve, edges)
    low, high = edges[:-1], edges[1:]
    middle = 0.5 * (low + high)
    # What lies above the distribution function in a cell's box gives the mean: u - int (F - F(l)).
    upper_half = curve.above(low) < 0.5
    share = np.empty(low.size)
    parts = (
        (~upper_half, curve.below, low, high),
        (upper_half, curve.above, high, low),
    )
    for chosen, function, base, end in parts:
        cells = np.flatnonzero(chosen)
        if not cells.size:
            continue
        least, rise = function(base[cells]), mass[cells]
        width = high[cells] - low[cells]
        points = middle[cells, None] + 0.5 * width[:, None] * THREE_POINTS
        by_gauss = 0.5 * ((function(points) - least[:, None]) @ THREE_WEIGHTS) / rise
        by_simpson = (4.0 * (function(middle[cells]) - least) + function(end[cells]) - least) / (
            6.0 * rise
        )
        rough = np.flatnonzero(np.abs(by_gauss - by_simpson) > AGREEMENT)
        for first, last in _runs(cells[rough]):
            run = slice(first, last + 1)
            at = slice(int(np.searchsorted(cells, first)), int(np.searchsorted(cells, last)) + 1)
            total = _by_halving(function, edges[first : last + 2])
            by_gauss[at] = (total / width[at] - least[at]) / rise[at]
            del run
        share[cells] = by_gauss
    share = np.where(upper_half, share, 1.0 - share)
    # Rounding may carry a share past 0 or 1, and the mean past an end.
    mean = np.clip(low + share * (high - low), low, high)
    return TypeSpace(mass, mean, low, high, prior=prior)


def _with_mass(curve: Curve, edges: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the edges between which there is probability, and how much of it."""
    while True:
        below, above = curve.below(edges), curve.above(edges)
        below[0], above[0], below[-1], above[-1] = 0.0, 1.0, 1.0, 0.0
        upper_half = above < 0.5
        mass = np.where(upper_half[:-1], above[:-1] - above[1:], below[1:] - below[:-1])
        # Where the halves meet, what both functions leave over, for they need not sum to one.
        middle = max(int(np.argmax(upper_half)) - 1, 0)
        mass[middle] = (1.0 - below[middle]) - above[middle + 1]
        empty = np.flatnonzero(mass <= 0.0)
        if not empty.size:
            return edges, mass
        # A cell without probability joins the next one, the last one the one before it.
        dropped = np.unique(np.where(empty == mass.size - 1, empty, empty + 1))
        edges = np.delete(edges, dropped)


def _runs(positions: IndexArray) -> list[tuple[int, int]]:
    """Return first and last of each run of neighbouring positions."""
    if not positions.size:
        return []
    breaks = np.flatnonzero(np.diff(positions) > 1)
    firsts = positions[np.concatenate([[0], breaks + 1])]
    lasts = positions[np.concatenate([breaks, [positions.size - 1]])]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def _by_halving(function: object, edges: FloatArray) -> FloatArray:
    """Return the integral over each interval between edges, to its own accuracy."""
    pieces = integrate(function, edges, lambda values: values, 64 * edges.size + 1_000)  # type: ignore[arg-type]
    owner = np.searchsorted(pieces.edges, edges[:-1])
    return np.add.reduceat(pieces.values, owner)


def curve_of(types: TypeSpace) -> Curve | Steps:
    """Return a type space's prior as a curve; without one, its cells' means as finite types.

    Examples
    --------
    >>> curve_of(TypeSpace.finite([0, 1])).high
    1.0
    """
    if types.prior is not None:
        return types.prior.curve
    mean, first = np.unique(types.mean, return_index=True)
    mass = types.mass if mean.size == types.num_cells else np.add.reduceat(types.mass, first)
    return Steps(mean, mass)


def gainful_cells(giver: TypeSpace, receiver: TypeSpace, num_cells: int) -> tuple[TypeSpace, ...]:
    """Return both sides with each continuous prior cut anew, where its types gain from trade.

    A quarter of the cells are equally likely. Half have equal shares of the first best, which may
    lie all in tails that no equally likely cell tells apart. The last quarter have equal ratios of
    the probabilities of the best types, down to those too rare to matter. Sides without a prior
    stay as they are, and so does everything where there are no gains.

    Parameters
    ----------
    giver, receiver
        Type spaces of costs and values.
    num_cells
        How many cells to cut; a few less where edges would cut off no probability.

    Examples
    --------
    >>> sides = (ContinuousPrior("beta", (25.0, 1.0)), ContinuousPrior("beta", (1.0, 25.0)))
    >>> cells = gainful_cells(*(TypeSpace.from_distribution(prior, 1) for prior in sides), 100)
    >>> bool((cells[0].mean < 0.8).sum() > 40)
    True
    """
    costs, values = curve_of(giver), curve_of(receiver)
    pieces = gains_between(costs, values)
    if not pieces.total > 0:
        return giver, receiver
    grid = np.append(
        np.linspace(pieces.edges[:-1], pieces.edges[1:], PARTS, endpoint=False).T.ravel(),
        pieces.edges[-1],
    )
    grid = np.unique(grid)
    below, above = costs.below(grid), values.above(grid)
    gains = gauss(lambda x: costs.below(x) * values.above(x), grid[:-1], grid[1:])
    # Costs up to x gain F(x) E[(b - x)+] + int F (1 - G), and values from x on likewise.
    over = _sums_from_right(gauss(values.above, grid[:-1], grid[1:]))
    under = _sums_from_left(gauss(costs.below, grid[:-1], grid[1:]))
    gained = (
        below * over + _sums_from_left(gains),
        above * under + _sums_from_right(gains),
    )
    most = (float(over[0]), float(under[-1]))
    sides: list[TypeSpace] = []
    for i, (types, curve) in enumerate(((giver, costs), (receiver, values))):
        if types.prior is None:
            sides.append(types)
            continue
        assert isinstance(curve, Curve)
        rare = NEGLIGIBLE * pieces.total / most[i]
        points = np.unique(np.clip([*grid, *curve.marks], curve.low, curve.high))
        chance = (curve.below, curve.above)[i](points)
        ratios = 1.0 - np.log(np.maximum(chance, rare)) / np.log(rare)
        share = np.interp(points, grid, gained[i] / gained[i].max())
        measure = SHARES @ np.stack([chance, share, ratios])
        if i == 1:
            points, measure = points[::-1], measure[::-1]
        measure = np.maximum.accumulate(measure)
        wanted = np.arange(1, num_cells) / num_cells * measure[-1]
        edges = np.interp(wanted, measure, points)
        edges = np.unique(np.concatenate([[curve.low, curve.high], edges]))
        sides.append(cells_between(types.prior, edges))
    return tuple(sides)


def _sums_from_left(values: FloatArray) -> FloatArray:
    return np.concatenate([[0.0], np.cumsum(values)])


def _sums_from_right(values: FloatArray) -> FloatArray:
    return np.concatenate([np.cumsum(values[::-1])[::-1], [0.0]])
