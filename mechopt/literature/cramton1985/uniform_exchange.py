"""Cramton's worked example in closed form: uniform exchange with delay, simultaneous offers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mechopt._util.arrays import FloatArray, shown
from mechopt.errors import InvalidInputError

# At δ = 1/2 the closed forms are 0/0; there the mean over a step to either side stands in.
STEP_AROUND_HALF = 1e-3


@dataclass(frozen=True)
class UniformExchange:
    """The ex ante efficient mechanism of uniform exchange.

    Parameters
    ----------
    ratio
        Discount-rate ratio δ, buyer's over seller's.
    margin
        m = alpha/(1+alpha): the buyer's value must exceed the seller's cost by it for trade.
    alpha
        Weight on information rents.
    first_best, second_best
        Expected gains, in the unit of the types.
    """

    ratio: float
    margin: float
    alpha: float
    first_best: float
    second_best: float

    @property
    def efficiency(self) -> float:
        """Second best as a share of the first best."""
        return self.second_best / self.first_best


def uniform_exchange(ratio: float) -> UniformExchange:
    """Return the closed-form optimum for costs and values uniform on [0, 1].

    Parameters
    ----------
    ratio
        Discount-rate ratio δ > 0. From 1 on, the optimum is the static one.

    Raises
    ------
    InvalidInputError
        For a ratio that is not positive.

    Notes
    -----
    Source: theory.md, section 3.9; Cramton (1985), section 8.5, two misprints corrected.

    Examples
    --------
    >>> uniform_exchange(1.0).second_best  # 9/64
    0.140625
    >>> round(uniform_exchange(0.5).second_best, 10)
    0.1955077136
    """
    if not ratio > 0:
        raise InvalidInputError(
            "not a ratio of discount rates",
            where="ratio",
            expected="a number above 0",
            got=shown(ratio),
            remedy="Divide the buyer's rate by the seller's.",
        )
    if ratio >= 1.0:
        return UniformExchange(ratio, 0.25, 1.0 / 3.0, 1.0 / 6.0, 9.0 / 64.0)
    from scipy.optimize import brentq

    def slack(margin: float) -> float:
        return _around_half(_slack, margin, ratio)

    # The margin tends to δ/2 for small δ, and rises to 1/4.
    margin = float(brentq(slack, 0.25 * ratio, 0.25 + 1e-9, xtol=1e-15, rtol=1e-14))
    first_best, second_best = (_around_half(_gains, m, ratio) for m in (0.0, margin))
    return UniformExchange(ratio, margin, margin / (1.0 - margin), first_best, second_best)


def _around_half(formula: Callable[[float, float], float], m: float, ratio: float) -> float:
    """Return a formula's value, at δ = 1/2, where it is 0/0, by its values to either side.

    Those at three distances cancel all but the sixth order of the step.
    """
    if abs(ratio - 0.5) >= STEP_AROUND_HALF:
        return formula(m, ratio)
    centre = [
        0.5 * (formula(m, ratio - h) + formula(m, ratio + h))
        for h in (2 * STEP_AROUND_HALF, 4 * STEP_AROUND_HALF, 6 * STEP_AROUND_HALF)
    ]
    return (15.0 * centre[0] - 6.0 * centre[1] + centre[2]) / 10.0


def _slack(m: float, ratio: float) -> float:
    """Return the participation slack at margin m, up to a positive factor."""
    g = ratio / (1.0 - ratio)
    power = ratio ** (g - 1.0) * (1.0 - m) ** g / (1.0 + g)
    left_side = (
        (1 + m + m**2) / 3 * (ratio - g * (2 - ratio))
        + (1 + m) / 2 * (g * (1 + 2 * m * (1 - ratio)) - 2 * ratio * m)
        + ratio * m**2
        - g * m * (1 - ratio * m)
        + power * (2 * ratio * m - 1 + 2 * (1 - ratio) * (1 - (1 - m) / (2 + g)))
    )
    return float(left_side / (1 - g))


def _gains(m: float, ratio: float) -> float:
    """Return total gains of the rule with margin m; with m = 0, the first best."""
    g = ratio / (1.0 - ratio)
    power = ratio ** (g - 1.0) * (1.0 - m) ** g / (1.0 + g)
    return float(
        ratio
        * (1 - m)
        / (1 - g)
        * (
            (1 + m + m**2) / 3 * (ratio * (1 + g) / 2 - g)
            + (1 + m) / 2 * (m * g - ratio * m * (1 + g))
            + ratio * m**2 * (1 + g) / 2
            + power * (ratio * m + (1 - ratio) * (1 + m + g) / (2 + g))
        )
    )


@dataclass(frozen=True)
class SimultaneousOffers:
    """Both sides name a price at once; if the offers cross, they trade halfway between them.

    On uniform exchange the linear equilibrium is ``2 s/3 + 1/4`` for the seller and
    ``2 b/3 + 1/12`` for the buyer; it implements the static second best.

    Notes
    -----
    Source: theory.md, section 3.10; Chatterjee and Samuelson (1983), doi:10.1287/opre.31.5.835.

    Examples
    --------
    >>> offers = SimultaneousOffers()
    >>> round(offers.price(0.0, 1.0), 6)
    0.5
    >>> offers.largest_deviation_gain(50, 1_000) < 1e-12
    True
    """

    def seller_offer(self, cost: FloatArray | float) -> FloatArray | float:
        """Return the seller's equilibrium offer, in money."""
        return 2.0 * cost / 3.0 + 0.25

    def buyer_offer(self, value: FloatArray | float) -> FloatArray | float:
        """Return the buyer's equilibrium offer, in money."""
        return 2.0 * value / 3.0 + 1.0 / 12.0

    def trade(self, cost: FloatArray, value: FloatArray) -> FloatArray:
        """Return 1 where the offers cross and 0 elsewhere, for broadcastable costs and values."""
        crossed = np.asarray(self.seller_offer(cost)) < np.asarray(self.buyer_offer(value))
        return crossed.astype(np.float64)

    def price(self, cost: float, value: float) -> float:
        """Return the price if they trade, in money."""
        return 0.5 * float(self.seller_offer(cost)) + 0.5 * float(self.buyer_offer(value))

    def seller_payoff(self, cost: FloatArray | float, offer: FloatArray | float) -> FloatArray:
        """Return the seller's expected payoff from any offer against the buyer's equilibrium."""
        # The buyer's offer is uniform on [1/12, 3/4] with density 3/2.
        low = np.clip(offer, 1.0 / 12.0, 0.75)
        share = 1.5 * (0.75 - low)
        mean = 0.5 * (0.75 + low)
        return np.asarray(share * (0.5 * (np.asarray(offer) + mean) - cost), dtype=np.float64)

    def buyer_payoff(self, value: FloatArray | float, offer: FloatArray | float) -> FloatArray:
        """Return the buyer's expected payoff from any offer against the seller's equilibrium."""
        # The seller's offer is uniform on [1/4, 11/12] with density 3/2.
        high = np.clip(offer, 0.25, 11.0 / 12.0)
        share = 1.5 * (high - 0.25)
        mean = 0.5 * (0.25 + high)
        return np.asarray(share * (value - 0.5 * (np.asarray(offer) + mean)), dtype=np.float64)

    def largest_deviation_gain(self, num_types: int = 200, num_offers: int = 2_000) -> float:
        """Return the most that any type of either side gains by any other offer on a grid.

        Parameters
        ----------
        num_types, num_offers
            Types and offers tried, evenly spaced over [0, 1] and [-1/2, 3/2].
        """
        types = np.linspace(0.0, 1.0, num_types)[:, None]
        offers = np.linspace(-0.5, 1.5, num_offers)[None, :]
        gains = (
            self.seller_payoff(types, offers) - self.seller_payoff(types, self.seller_offer(types)),
            self.buyer_payoff(types, offers) - self.buyer_payoff(types, self.buyer_offer(types)),
        )
        return max(float(gain.max()) for gain in gains)
