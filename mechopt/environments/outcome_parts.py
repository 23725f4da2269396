"""What outcomes declare: linear requirements, and all numbers as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy.typing as npt


@dataclass(frozen=True)
class OutcomeRow:
    """A linear requirement on one outcome: ``coefficients @ variables <= upper``."""

    name: str
    coefficients: tuple[float, ...]
    upper: float


@dataclass(frozen=True, eq=False)
class OutcomeNumbers:
    """What outcomes declare, as arrays of floats or of fractions.

    Parameters
    ----------
    lower, upper, cost, net_quantity
        As in :class:`Outcomes`.
    rows
        Name, coefficients and upper bound of each linear requirement.
    vertices
        Corners of the feasible set, "nothing happens" first; needed for efficient allocations only.
    """

    lower: npt.NDArray[Any]
    upper: npt.NDArray[Any]
    cost: npt.NDArray[Any]
    net_quantity: npt.NDArray[Any]
    rows: tuple[tuple[str, npt.NDArray[Any], Any], ...]
    vertices: npt.NDArray[Any]
