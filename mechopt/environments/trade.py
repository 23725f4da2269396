"""Static trade: one indivisible object changes hands with some probability, or it does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mechopt.arrays import FloatArray
from mechopt.environments.outcomes import Outcomes


@dataclass(frozen=True)
class Trade(Outcomes):
    """Trade between a seller (agent 0) and a buyer (agent 1), without delay.

    The one variable ``trade`` is the probability that the object changes hands; the seller's net
    quantity is minus that, the buyer's is plus that (theory.md, section 2).

    Examples
    --------
    >>> Trade().allocate([np.array([1.0, 3.0]), np.array([2.0])])
    array([[[1.],
            [0.]]])
    """

    @property
    def variables(self) -> tuple[str, ...]:
        """The one variable, the probability of trade."""
        return ("trade",)

    @property
    def roles(self) -> tuple[str, ...]:
        """Seller, then buyer."""
        return ("seller", "buyer")

    @property
    def net_quantity(self) -> FloatArray:
        """The seller gives the object up, the buyer gets it."""
        return np.array([[-1.0], [1.0]])

    @property
    def vertices(self) -> FloatArray:
        """No trade, then trade."""
        return np.array([[0.0], [1.0]])

    def expected_maximum(
        self, values: Sequence[FloatArray], masses: Sequence[FloatArray], price: float = 1.0
    ) -> float:
        """Return E max(0, value - cost) by sorting, without an array over the profiles.

        Examples
        --------
        >>> Trade().expected_maximum(
        ...     [np.array([1.0, 3.0]), np.array([2.0])], [np.array([0.5, 0.5]), np.array([1.0])]
        ... )
        0.5
        """
        del price
        cost, value = values
        order = np.argsort(cost, kind="stable")
        cost, mass = cost[order], masses[0][order]
        reached = np.concatenate([[0.0], np.cumsum(mass)])
        spent = np.concatenate([[0.0], np.cumsum(mass * cost)])
        below = np.searchsorted(cost, value, side="left")
        return float(masses[1] @ (value * reached[below] - spent[below]))
