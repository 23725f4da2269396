"""The largest gain that any type has from imitating any other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mechopt.arrays import FloatArray
from mechopt.priors import TypeSpace

CHUNK = 4_000_000


@dataclass(frozen=True)
class Imitation:
    """The most profitable imitation of one agent.

    Parameters
    ----------
    gain
        What it brings, in money; zero or less if no type gains.
    type_index, imitated
        Which cell imitates which.
    at
        The type within the cell that gains most: an end of the cell.
    """

    gain: float
    type_index: int
    imitated: int
    at: float


@dataclass(frozen=True)
class ChainBound:
    """A bound on every imitation of one agent, from neighbours alone.

    Parameters
    ----------
    gain
        No type of any cell gains more than this by imitating any other, in money.
    worst_step
        The step between neighbours that adds most to it.
    """

    gain: float
    worst_step: int


def chain_bound(types: TypeSpace, quantity: FloatArray, payment: FloatArray) -> ChainBound:
    """Bound the gain from imitation by what neighbours gain, added along the whole chain.

    Imitating a distant type gains at most the sum, over the steps between, of what a neighbour
    gains at that step, plus the width of the type space for every unit by which the quantity falls.
    Zero therefore means incentive compatibility over all pairs (theory.md, section 1).

    Examples
    --------
    >>> chain_bound(TypeSpace.finite([1, 2]), np.array([0.0, 1.0]), np.array([0.0, 0.5])).gain
    0.5
    """
    more, extra = np.diff(quantity), np.diff(payment)
    if not more.size:
        return ChainBound(0.0, 0)
    # In place: at a million types, fresh memory costs as much as the arithmetic.
    down = types.lower[1:] * more
    np.maximum(np.subtract(extra, down, out=down), 0.0, out=down)
    up = types.upper[:-1] * more
    np.maximum(np.subtract(up, extra, out=up), 0.0, out=up)
    falls = np.minimum(more, 0.0, out=more)
    falls *= types.lowest - types.highest
    gain = float(max(down.sum(), up.sum()) + falls.sum())
    np.maximum(down, up, out=down)
    down += falls
    return ChainBound(gain, int(np.argmax(down)))


def best_imitation(types: TypeSpace, quantity: FloatArray, payment: FloatArray) -> Imitation:
    """Compare every pair of cells, at both ends of the cell that imitates.

    The gain is linear in the type, so the ends suffice.

    Parameters
    ----------
    types
        The agent's type space.
    quantity, payment : arrays of shape (num_cells,)
        Interim net quantity and payment.

    Examples
    --------
    >>> best_imitation(TypeSpace.finite([1, 2]), np.array([0.0, 1.0]), np.array([0.0, 0.5]))
    Imitation(gain=0.5, type_index=0, imitated=1, at=1.0)
    """
    best = Imitation(-np.inf, 0, 0, float(types.lower[0]))
    if types.num_cells == 1:
        return Imitation(0.0, 0, 0, float(types.lower[0]))
    ends = [types.lower] if types.is_finite else [types.lower, types.upper]
    rows = max(1, CHUNK // types.num_cells)
    for end in ends:
        for start in range(0, types.num_cells, rows):
            cells = np.arange(start, min(start + rows, types.num_cells))
            own = end[cells]
            gain = own[:, None] * (quantity[None, :] - quantity[cells, None])
            gain -= payment[None, :] - payment[cells, None]
            gain[np.arange(cells.size), cells] = -np.inf
            place = int(np.argmax(gain))
            row, imitated = divmod(place, types.num_cells)
            if not gain[row, imitated] <= best.gain:  # NaN, which argmax finds first, counts
                cell = int(cells[row])
                best = Imitation(float(gain[row, imitated]), cell, imitated, float(own[row]))
    return best
