"""What outcomes declare: linear and curved requirements, and all numbers as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray


@dataclass(frozen=True)
class OutcomeRow:
    """A linear requirement on one outcome: ``coefficients @ variables <= upper``."""

    name: str
    coefficients: tuple[float, ...]
    upper: float


@dataclass(frozen=True)
class PowerBound:
    """A curved requirement on one outcome: ``variables[bounded] <= variables[base] ** exponent``.

    The exponent lies strictly between 0 and 1, so that the feasible set is convex.
    """

    name: str
    bounded: int
    base: int
    exponent: float

    def excess(self, outcome: FloatArray) -> FloatArray:
        """Return by how much one of the two variables would have to move to meet the requirement.

        Near zero the curve is upright, and a rounding error of the base would count for much if
        only the other variable were looked at.

        Parameters
        ----------
        outcome : array of shape (num_variables, ...)

        Examples
        --------
        >>> PowerBound("frontier", bounded=1, base=0, exponent=0.5).excess(np.array([0.0, 1e-4]))
        array(1.e-08)
        """
        base, bounded = np.maximum(outcome[self.base], 0.0), outcome[self.bounded]
        upwards = bounded - base**self.exponent
        sideways = np.maximum(bounded, 0.0) ** (1.0 / self.exponent) - base
        return np.asarray(np.minimum(upwards, sideways))


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
