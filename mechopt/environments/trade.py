"""Static trade: one indivisible object changes hands with some probability, or it does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.registry import saved_as
from mechopt.environments.exchange import Exchange
from mechopt.environments.outcomes import Outcomes
from mechopt.environments.role import Role
from mechopt.environments.sorted_sums import expected_trade


@saved_as("mechopt.Trade")
@dataclass(frozen=True)
class Trade(Outcomes):
    """Trade between a seller (agent 0) and a buyer (agent 1), without delay.

    The one variable ``trade`` is the probability that the object changes hands; the seller's net
    quantity is minus that, the buyer's is plus that (theory.md, section 2).

    Examples
    --------
    >>> import numpy as np
    >>> Trade().allocate([np.array([1.0, 3.0]), np.array([2.0])])
    array([[[1.],
            [0.]]])
    """

    @property
    def variables(self) -> tuple[str, ...]:
        """The one variable, the probability of trade."""
        return ("trade",)

    @property
    def roles(self) -> tuple[Role, ...]:
        """Seller, then buyer."""
        word = "probability of trade"
        return (
            Role("seller", "gives", "cost", word, "sells"),
            Role("buyer", "receives", "value", word, "buys"),
        )

    @property
    def exchange(self) -> Exchange:
        """The object changes hands at once or never."""
        return Exchange()

    @property
    def net_quantity(self) -> FloatArray:
        """The seller gives the object up, the buyer gets it."""
        return np.array([[-1.0], [1.0]])

    @property
    def vertices(self) -> FloatArray:
        """No trade, then trade."""
        return np.array([[0.0], [1.0]])

    def expected_in_words(self, expected: Sequence[float]) -> tuple[tuple[str, float, str], ...]:
        """Return the probability of trade."""
        return (("probability of trade", expected[0], ""),)

    def rule_in_words(self, valuations: Sequence[str], shares: str) -> str:
        """Return when there is trade."""
        cost, value = valuations
        return f"trade when the {value} exceeds the {cost}{shares}"

    def allocate(self, values: Sequence[FloatArray], price: float = 1.0) -> FloatArray:
        """Return trade where the value exceeds the cost, for every profile."""
        del price
        return np.less(values[0][:, None], values[1][None, :]).astype(np.float64)[np.newaxis]

    def interim_best(
        self, values: Sequence[FloatArray], masses: Sequence[FloatArray], price: float = 1.0
    ) -> tuple[FloatArray, ...]:
        """Return interim net quantities by sorting, without an array over the profiles.

        Examples
        --------
        >>> import numpy as np
        >>> half = np.array([0.5, 0.5])
        >>> Trade().interim_best([np.array([1.0, 3.0]), np.array([2.0, 4.0])], [half, half])
        (array([-1. , -0.5]), array([0.5, 1. ]))
        """
        del price
        sold, bought = expected_trade(values[0], masses[0], values[1], masses[1], ratio=1.0)
        return np.negative(sold, out=sold), bought
