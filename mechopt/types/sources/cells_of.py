"""Cells of a law of types: equally likely ones, or between the edges that a user gives."""

from __future__ import annotations

import numpy as np

from mechopt._util.arrays import FloatArray, sealed, shown
from mechopt.errors import InvalidInputError
from mechopt.types.continuous import ContinuousPrior
from mechopt.types.cutting import Cut, cut, equal_cells
from mechopt.types.foreign import budget
from mechopt.types.quantile_cells import quantile_cells
from mechopt.types.source import Source, require_bounded


@budget()
def cells_of(source: Source, num_cells: int | None, edges: FloatArray | None) -> Cut:
    """Return so many equally likely cells of a law, or those between edges.

    Examples
    --------
    >>> cells_of(ContinuousPrior("uniform"), None, np.array([0.25])).mass
    array([0.25, 0.75])
    """
    if (num_cells is None) == (edges is None):
        raise InvalidInputError(
            "a continuum needs cells",
            where="num_cells",
            expected="either a number of cells or edges",
            got="neither" if num_cells is None else "both",
            remedy="Give one of them, such as 200 cells.",
        )
    require_bounded(source)
    if edges is not None:
        return _between(source, edges)
    assert num_cells is not None
    if isinstance(source, ContinuousPrior):
        return _quantiles(source, num_cells)
    return equal_cells(source, num_cells)


def _quantiles(source: ContinuousPrior, num_cells: int) -> Cut:
    cells = quantile_cells(source, num_cells)
    mass = np.full(cells.mean.size, 1.0 / cells.mean.size)
    return Cut(*map(sealed, (mass, cells.lower, cells.mean, cells.upper)))


def _between(source: Source, edges: FloatArray) -> Cut:
    low, high = source.support
    falls = np.flatnonzero(np.diff(edges) <= 0.0)
    outside = np.flatnonzero((edges < low) | (edges > high))
    if falls.size or outside.size:
        got = (
            f"{edges[falls[0]]:.12g} followed by {edges[falls[0] + 1]:.12g}"
            if falls.size
            else f"{edges[outside[0]]:.12g}"
        )
        raise InvalidInputError(
            "not edges of cells",
            where="edges",
            expected=f"rising numbers from {low:.12g} to {high:.12g}, the ends of {source.title}",
            got=got,
            remedy="Sort them, and leave out those beyond the ends.",
        )
    given = np.unique(np.concatenate([[low], edges, [high]]))
    cells = cut(source, given)
    known = np.concatenate([cells.lower, cells.upper])
    lost = [edge for edge in given if edge not in known and not _in_gap(source, edge)]
    if lost:
        raise InvalidInputError(
            "a cell without probability",
            where="edges",
            expected="some probability between any two",
            got=f"none next to {shown(lost[0])}",
            remedy="Leave that edge out.",
        )
    return cells


def _in_gap(source: Source, edge: float) -> bool:
    return any(start <= edge <= stop for start, stop in source.gaps)
