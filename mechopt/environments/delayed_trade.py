"""Delayed trade: the object changes hands at a date that the two sides discount differently."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.registry import saved_as
from mechopt.environments.curves import PowerBound
from mechopt.environments.exchange import Exchange, require_rates
from mechopt.environments.outcomes import OutcomeRow, Outcomes
from mechopt.environments.role import Role
from mechopt.environments.sorted_sums import best_trade, expected_trade

# A trade this close to certain is at once; dates and shares are known no better from a solver.
CERTAIN = 1.0 - 1e-9


@saved_as("mechopt.DelayedTrade")
@dataclass(frozen=True)
class DelayedTrade(Outcomes):
    """Trade at a date that the mechanism chooses, possibly at random, possibly never.

    A date t gives the seller ``seller_trade`` = y = exp(-seller_rate t) and the buyer
    ``buyer_trade`` = z = exp(-buyer_rate t); random dates give the convex hull. With δ the buyer's
    rate over the seller's: y <= z <= y^δ if δ < 1, and z <= y <= z^(1/δ) if δ > 1.

    Parameters
    ----------
    seller_rate, buyer_rate
        Discount rates per unit of time, above zero; one of them may be infinite.

    Raises
    ------
    InvalidInputError
        For a rate that is not positive, or two infinite rates.

    Notes
    -----
    Source: theory.md, section 2; Cramton (1985).

    Examples
    --------
    >>> DelayedTrade(2.0, 1.0).ratio
    0.5
    """

    seller_rate: float
    buyer_rate: float

    def __post_init__(self) -> None:
        require_rates(seller_rate=self.seller_rate, buyer_rate=self.buyer_rate)

    @property
    def ratio(self) -> float:
        """Discount-rate ratio δ, buyer's over seller's."""
        return self.buyer_rate / self.seller_rate

    @property
    def variables(self) -> tuple[str, ...]:
        """Discounted probabilities of trade, the seller's and the buyer's."""
        return ("seller_trade", "buyer_trade")

    @property
    def roles(self) -> tuple[Role, ...]:
        """Seller, then buyer."""
        word = "discounted probability of trade"
        return (
            Role("seller", "gives", "cost", word, "sells"),
            Role("buyer", "receives", "value", word, "buys"),
        )

    @property
    def exchange(self) -> Exchange:
        """The object changes hands at some date."""
        return Exchange(self.seller_rate, self.buyer_rate)

    @property
    def net_quantity(self) -> FloatArray:
        """The seller gives the object up, the buyer gets it."""
        return np.array([[-1.0, 0.0], [0.0, 1.0]])

    @property
    def vertices(self) -> FloatArray:
        """No trade, trade at once, and the corner that only an infinite rate adds."""
        corners = [[0.0, 0.0], [1.0, 1.0]]
        if self.ratio == 0.0:
            corners.append([0.0, 1.0])
        if math.isinf(self.ratio):
            corners.append([1.0, 0.0])
        return np.array(corners)

    @property
    def rows(self) -> tuple[OutcomeRow, ...]:
        """Whoever discounts less gets more of a later trade."""
        sign = 1.0 if self.ratio < 1.0 else -1.0
        return (OutcomeRow("patience", (sign, -sign), 0.0),)

    @property
    def curves(self) -> tuple[PowerBound, ...]:
        """The frontier of deterministic dates."""
        if self.ratio == 0.0 or math.isinf(self.ratio):
            return ()
        if self.ratio < 1.0:
            return (PowerBound("frontier", bounded=1, base=0, exponent=self.ratio),)
        return (PowerBound("frontier", bounded=0, base=1, exponent=1.0 / self.ratio),)

    @property
    def without_curves(self) -> str:
        """Two ways to do without a frontier."""
        return "equal discount rates, or a grid of dates (on_dates)"

    def expected_in_words(self, expected: Sequence[float]) -> tuple[tuple[str, float, str], ...]:
        """Return how likely trade is, as each side discounts it."""
        return tuple(
            (f"{role.name}'s trade", value, "probability, discounted to its date")
            for role, value in zip(self.roles, expected, strict=True)
        )

    def events(self, allocation: FloatArray) -> dict[str, dict[str, FloatArray]]:
        """Return where there is trade at once, later or never."""
        at_once = (allocation.min(axis=0) >= CERTAIN).astype(np.float64)
        never = (allocation.max(axis=0) <= 1.0 - CERTAIN).astype(np.float64)
        later = 1.0 - at_once - never
        return {"dates": {"at once": at_once, "later or at random": later, "never": never}}

    def rule_in_words(self, valuations: Sequence[str], shares: str) -> str:
        """Return when there is trade."""
        cost, value = valuations
        if self.ratio == 0.0:
            return (
                "the buyer gets the object, an instant after the start, where its "
                f"{value} is positive{shares}; the seller, who cannot wait, then gives up nothing "
                "(a limit of dates)"
            )
        if self.ratio < 1.0:
            return (
                f"trade at once where the {cost} is at most {self.ratio:.6g} times the {value}, "
                f"later where it is more, never where the {value} is not positive{shares}"
            )
        return f"trade when the {value} exceeds the {cost}{shares}"

    def allocate(self, values: Sequence[FloatArray], price: float = 1.0) -> FloatArray:
        """Return the best dates of every profile.

        Examples
        --------
        >>> import numpy as np
        >>> DelayedTrade(2.0, 1.0).allocate([np.array([0.5]), np.array([0.5])]).ravel()
        array([0.25, 0.5 ])
        """
        del price
        return np.stack(best_trade(values[0][:, None], values[1][None, :], self.ratio))

    def best(self, weights: FloatArray) -> FloatArray:
        """Return the best dates where a unit of each variable has a worth of its own."""
        return np.stack(best_trade(-weights[0], weights[1], self.ratio))

    def interim_best(
        self, values: Sequence[FloatArray], masses: Sequence[FloatArray], price: float = 1.0
    ) -> tuple[FloatArray, ...]:
        """Return interim net quantities by sorting, without an array over the profiles."""
        del price
        sold, bought = expected_trade(values[0], masses[0], values[1], masses[1], self.ratio)
        return np.negative(sold, out=sold), bought

    def derived(self, allocation: FloatArray) -> dict[str, FloatArray]:
        """Return the trading date of every profile, in units of time.

        Infinite where there is no trade, not a number where the mechanism draws the date at random.

        Examples
        --------
        >>> import numpy as np
        >>> dates = DelayedTrade(2.0, 1.0).derived(np.array([[[0.25, 0.0]], [[0.5, 0.0]]]))
        >>> dates["trading_date"].round(6)
        array([[0.693147,      inf]])
        """
        y, z = allocation
        with np.errstate(divide="ignore"):
            log_y, log_z = np.log(y), np.log(z)
        # An infinite rate's own variable says nothing about the date.
        date = -log_z / self.buyer_rate if self.ratio <= 1.0 else -log_y / self.seller_rate
        if self.curves:
            other = -log_y / self.seller_rate if self.ratio <= 1.0 else -log_z / self.buyer_rate
            sure = np.isclose(date, other, rtol=1e-6, atol=1e-9) | ((y == 0) & (z == 0))
            date = np.where(sure, date, np.nan)
        return {"trading_date": np.where((y == 0) & (z == 0), np.inf, date + 0.0)}
