"""Offers at a known cost to a uniform buyer, in closed form, where the two discount unlike."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mechopt._util.arrays import FloatArray


@dataclass(frozen=True)
class KnownCost:
    """A seller's offers, one per period, to a buyer uniform on [0, 1] who may wait.

    In a period the buyer believes the cost to be z times what it falls by; the price at which type
    y is the last to accept is linear in y and z, and what offers bring to a seller whose cost is c,
    believed to be z, is quadratic in z, c and the highest type left: backward induction over
    truncated beliefs. A seller who could also buy back can only gain more, so that for c other
    than z this is an upper bound on what any prices bring.

    Parameters
    ----------
    discount
        What money, and trade to the buyer, is worth one period later.
    falling
        What the cost is in money one period later, as a share of what it is now.
    periods
        How many offers there are.

    Examples
    --------
    >>> game = KnownCost(0.5, 1.0, 2)
    >>> prices, last = game.path(np.array([0.0]))  # as finite_horizon_offers
    >>> prices[:, 0].round(3), last[:, 0].round(3)
    (array([0.45, 0.3 ]), array([0.6, 0.3]))
    """

    discount: float
    falling: float
    periods: int

    @cached_property
    def _solved(self) -> tuple[list[tuple[float, float]], FloatArray, FloatArray]:
        """Price and threshold rules of each period, and the quadratic form of the first.

        A price is ``slope y + level z``, the last type that accepts ``left x + cost z``.
        """
        m = self.discount
        slope, level, form = 1.0, 0.0, np.zeros((3, 3))
        prices, stops = [], []
        for period in reversed(range(self.periods)):
            worth = self.falling**period
            # What y adds, given x, z and c, and what is there without it.
            each = np.array([slope, -level + 2 * m * form[0, 1], worth + 2 * m * form[0, 2]])
            curved = slope - m * form[0, 0]
            rest = m * form
            rest[0] = rest[:, 0] = 0.0, 0.5 * level, -0.5 * worth
            form = np.outer(each, each) / (4.0 * curved) + rest
            prices.append((slope, level))
            stops.append((each[0] / (2.0 * curved), (each[1] + each[2]) / (2.0 * curved)))
            left, cost = stops[-1]
            slope, level = (1.0 - m) + m * slope * left, m * (slope * cost + level)
        return prices[::-1], np.array(stops[::-1]), form

    @property
    def prices(self) -> list[tuple[float, float]]:
        """By period, the price at which y is the last to accept: per unit of y, and of z."""
        return self._solved[0]

    def worth(self, told: FloatArray, cost: FloatArray) -> FloatArray:
        """Return the most that offers bring at a cost that is believed to be what was told."""
        form = self._solved[2]
        return np.asarray(
            form[0, 0] + form[1, 1] * told**2 + form[2, 2] * cost**2
            + 2 * (form[0, 1] * told + form[0, 2] * cost + form[1, 2] * told * cost)
        )  # fmt: skip

    def sold(self, cost: FloatArray) -> FloatArray:
        """Return what the seller expects to give up, in units of the first period's cost."""
        form = self._solved[2]
        return np.asarray(-2.0 * (form[0, 2] + (form[1, 2] + form[2, 2]) * cost))

    def told(self, cost: FloatArray) -> FloatArray:
        """Return what a higher belief of the cost brings, per unit, to the cost itself."""
        form = self._solved[2]
        return np.asarray(2.0 * (form[0, 1] + (form[1, 1] + form[1, 2]) * cost))

    def path(self, cost: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return prices, in money of the period, and who accepts last; by period and cost."""
        prices, stops, _ = self._solved
        high = np.ones_like(cost)
        asked, last = [], []
        for (slope, level), (left, per_cost) in zip(prices, stops, strict=True):
            high = left * high + per_cost * cost
            asked.append(slope * high + level * cost)
            last.append(high)
        return np.array(asked), np.array(last)
