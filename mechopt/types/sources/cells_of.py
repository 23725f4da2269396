"""Cells of a law of types: equally likely, between given edges, or where the highest draw is."""

from __future__ import annotations

import numpy as np

from mechopt._util.arrays import FloatArray, sealed, shown
from mechopt.errors import InvalidInputError
from mechopt.types.continuous import ContinuousPrior
from mechopt.types.cutting import Cut, cut, equal_cells
from mechopt.types.foreign import budget
from mechopt.types.quantile_cells import quantile_cells
from mechopt.types.source import Source, require_bounded

# The highest of many draws has more draws than this above it with a probability of 3e-7.
MOST_ABOVE = 15.0
# Two cells hold all types with more draws above them.
FEW_CELLS = 4


@budget()
def cells_of(
    source: Source,
    num_cells: int | None,
    edges: FloatArray | None,
    highest_of: int | None = None,
) -> Cut:
    """Return so many cells of a law, or those between edges.

    Parameters
    ----------
    source, num_cells, edges
        The law, and either how many cells or where they end.
    highest_of
        Of how many draws the highest matters, as in :func:`draws_above`; equally likely cells
        unless given.

    Examples
    --------
    >>> cells_of(ContinuousPrior("uniform"), None, np.array([0.25])).mass
    array([0.25, 0.75])
    >>> cells_of(ContinuousPrior("uniform"), 4, None, 2).mass.round(3)
    array([0.35 , 0.296, 0.229, 0.125])
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
        if highest_of is not None:
            raise InvalidInputError(
                "a second statement of where cells end",
                where="highest_of",
                expected="it with a number of cells",
                got="it beside edges",
                remedy="Keep one of them.",
            )
        return _between(source, edges)
    assert num_cells is not None
    if highest_of is not None and highest_of > 1:
        above = draws_above(num_cells, highest_of) / highest_of
        inner = source.quantiles(above[1:-1], from_above=True)
        ends = np.clip(np.concatenate([[source.low], inner[::-1], [source.high]]), *source.support)
        return cut(source, np.unique(ends))
    if isinstance(source, ContinuousPrior):
        return _quantiles(source, num_cells)
    return equal_cells(source, num_cells)


def draws_above(num_cells: int, highest_of: int) -> FloatArray:
    """Return how many of so many draws lie above the edges of cells, in expectation, from the top.

    They grow with the power 3/2 of the place, up to where the highest draw hardly ever is; of many
    draws, the last two cells hold what is below that. Errors of the highest draw's mean then fall
    with the square of the number of cells, whatever the number of draws.

    Examples
    --------
    >>> draws_above(4, 2)
    array([0.        , 0.25      , 0.70710678, 1.29903811, 2.        ])
    >>> draws_above(5, 500).round(2)
    array([  0.  ,   2.89,   8.16,  15.  , 250.  , 500.  ])
    """
    many = highest_of > 2.0 * MOST_ABOVE and num_cells >= FEW_CELLS
    fine = num_cells - 2 if many else num_cells
    above = (MOST_ABOVE if many else highest_of) * (np.arange(fine + 1) / fine) ** 1.5
    return np.append(above, [0.5 * highest_of, highest_of]) if many else above


def _quantiles(source: ContinuousPrior, num_cells: int) -> Cut:
    cells = quantile_cells(source, num_cells)
    mass = np.full(cells.mean.size, 1.0 / cells.mean.size)
    return Cut(sealed(mass), cells.lower, sealed(cells.mean), cells.upper)


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
