"""Cells of a continuous prior at any edges, where traders gain, or where the highest draw is."""

from __future__ import annotations

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.types.curves import gains_between
from mechopt.types.cutting import cut
from mechopt.types.quadrature import gauss
from mechopt.types.source import Source
from mechopt.types.sources.finite import Finite
from mechopt.types.type_space import TypeSpace

# Into how many parts a piece of the quadrature is cut before edges are placed between them.
PARTS = 8
# Shares of the cells that are equally likely, equally gainful, and of equal ratios.
SHARES = np.array([0.25, 0.5, 0.25])
# Types that are so rare that all they could gain is this share of the first best are one cell.
NEGLIGIBLE = 1e-8


def cells_between(prior: Source, edges: FloatArray) -> TypeSpace:
    """Return the cells of a prior between given edges, with their masses and means.

    Parameters
    ----------
    prior
        The prior.
    edges : array of shape (num_edges,)
        Rising, from its lowest type to its highest. Edges that cut off no probability that floats
        can tell from none are left out; atoms are cells of their own.

    Examples
    --------
    >>> from mechopt.types.continuous import ContinuousPrior
    >>> cells = cells_between(ContinuousPrior("beta", (25.0, 1.0)), np.array([0.0, 0.5, 1.0]))
    >>> bool(cells.mass[0] == 0.5**25), round(float(cells.mean[0]), 12) == round(0.5 * 25 / 26, 12)
    (True, True)
    """
    cells = cut(prior, edges)
    return TypeSpace(cells.mass, cells.mean, cells.lower, cells.upper, prior=prior)


def curve_of(types: TypeSpace) -> Source:
    """Return a type space's prior; without one, its cells' means as finite types.

    Examples
    --------
    >>> curve_of(TypeSpace.finite([0, 1])).high
    1.0
    """
    if types.prior is not None:
        return types.prior
    mean, first = np.unique(types.mean, return_index=True)
    mass = types.mass if mean.size == types.num_cells else np.add.reduceat(types.mass, first)
    return Finite(mean, mass)


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
    >>> from mechopt.types.continuous import ContinuousPrior
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


def highest_cells(types: TypeSpace, num_cells: int, draws: int) -> TypeSpace:
    """Return a continuous prior cut anew where the highest of some draws is; other types as is.

    Examples
    --------
    >>> from mechopt.types.continuous import ContinuousPrior
    >>> cells = TypeSpace.from_distribution(ContinuousPrior("uniform"), 1)
    >>> highest_cells(cells, 100, 500).num_cells, highest_cells(cells, 4, 1).mass
    (100, array([0.25, 0.25, 0.25, 0.25]))
    """
    if types.prior is None:
        return types
    return TypeSpace.from_distribution(types.prior, num_cells, highest_of=draws)


def _sums_from_left(values: FloatArray) -> FloatArray:
    return np.concatenate([[0.0], np.cumsum(values)])


def _sums_from_right(values: FloatArray) -> FloatArray:
    return np.concatenate([np.cumsum(values[::-1])[::-1], [0.0]])
