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
            if gain[row, imitated] > best.gain:
                cell = int(cells[row])
                best = Imitation(float(gain[row, imitated]), cell, imitated, float(own[row]))
    return best
