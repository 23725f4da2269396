"""Trade on a grid of dates: the mechanism draws the date from a distribution over finitely many."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np

from mechopt._util.arrays import FloatArray, shown
from mechopt._util.rationals import as_fraction, fraction_array, require_agreement, texts
from mechopt._util.registry import saved_as
from mechopt.environments.delayed_trade import DelayedTrade
from mechopt.environments.environment import Environment
from mechopt.environments.outcomes import OutcomeNumbers, OutcomeRow, Outcomes
from mechopt.environments.role import Role
from mechopt.errors import InvalidInputError, UnsupportedProblemError

# Higher powers of fractions have more digits than are worth computing with.
LARGEST_POWER = 64


@saved_as("mechopt.DatedTrade")
@dataclass(frozen=True)
class DatedTrade(Outcomes):
    """Trade at one of finitely many dates, or never, drawn at random.

    The variables are the probabilities of the dates, which sum to at most one: Cramton's T(t|s,b)
    on a grid. Every such outcome is one of :class:`~mechopt.environments.DelayedTrade`, so optima
    over a grid approach its optimum from below.

    Parameters
    ----------
    seller_trade, buyer_trade
        What trade at each date is worth to either side: exp(-rate * date).
    exact
        The same as texts of fractions, seller's first. Without it the floats are read as the
        decimals that they print as; empty if they are not rational.

    Examples
    --------
    >>> DatedTrade((1.0, 0.25), (1.0, 0.5)).variables
    ('trade_at_0', 'trade_at_1')
    """

    seller_trade: tuple[float, ...]
    buyer_trade: tuple[float, ...]
    exact: tuple[tuple[str, ...], ...] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for name in ("seller_trade", "buyer_trade"):
            worth = getattr(self, name)
            listed = isinstance(worth, tuple) and len(worth) == len(self.seller_trade) > 0
            if not listed or not all(
                isinstance(y, (int, float)) and 0.0 <= y <= 1.0 for y in worth
            ):
                raise InvalidInputError(
                    "not what trade at each date is worth",
                    where=name,
                    expected="numbers from 0 to 1, as many for the seller as for the buyer",
                    got=shown(repr(worth)),
                    remedy="Make such outcomes with on_dates(trade, num_dates).",
                )
        if self.exact:
            require_agreement("exact", self.exact, (self.seller_trade, self.buyer_trade))

    @property
    def variables(self) -> tuple[str, ...]:
        """The probability of each date."""
        return tuple(f"trade_at_{date}" for date in range(len(self.seller_trade)))

    @property
    def roles(self) -> tuple[Role, ...]:
        """Seller, then buyer."""
        word = "discounted probability of trade"
        return (
            Role("seller", "gives", "cost", word, "sells"),
            Role("buyer", "receives", "value", word, "buys"),
        )

    @property
    def net_quantity(self) -> FloatArray:
        """Discounted probabilities, as the two sides see them."""
        return np.array([[-y for y in self.seller_trade], list(self.buyer_trade)])

    @property
    def vertices(self) -> FloatArray:
        """Never, then each date for sure."""
        return np.vstack([np.zeros(len(self.variables)), np.eye(len(self.variables))])

    @property
    def rows(self) -> tuple[OutcomeRow, ...]:
        """Trade takes place at most once."""
        return (OutcomeRow("once", (1.0,) * len(self.variables), 1.0),)

    def in_fractions(self) -> OutcomeNumbers:
        """Return the declared numbers as fractions.

        Raises
        ------
        UnsupportedProblemError
            If what trade at a date is worth is not rational.
        """
        numbers = super().in_fractions()
        if self.exact is None:
            return numbers
        if not self.exact:
            raise UnsupportedProblemError(
                "DatedTrade: no exact optimum on this grid of dates (expected discount factors "
                "that are fractions, got irrational ones). Choose discount rates of which one is a "
                "whole multiple of the other, or solve in floats."
            )
        seller, buyer = (fraction_array(map(as_fraction, side)) for side in self.exact)
        return replace(numbers, net_quantity=np.stack([-seller, buyer]))


def on_dates(trade: Environment, num_dates: int) -> Environment:
    """Return the same environment with trade on a grid of dates.

    Parameters
    ----------
    trade
        Bilateral trade with delay.
    num_dates
        How many dates, at least 1; the first is now. Later ones are spaced so that the discounted
        probability of the more patient side falls in equal steps.

    Raises
    ------
    InvalidInputError
        If the environment has no delay, or for less than one date.

    Notes
    -----
    Source: theory.md, section 2; Cramton (1985), section 8.2.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([0, 1])
    >>> on_dates(BilateralTrade(types, types, 2.0, 1.0), 2).outcomes
    DatedTrade(seller_trade=(1.0, 0.25), buyer_trade=(1.0, 0.5))
    """
    if not isinstance(trade.outcomes, DelayedTrade) or num_dates < 1:
        raise InvalidInputError(
            "no grid of dates",
            where="num_dates",
            expected="bilateral trade with unequal discount rates, and at least 1 date",
            got=f"{type(trade.outcomes).__name__} and {num_dates} dates",
            remedy="Give the two sides different discount rates.",
        )
    ratio = trade.outcomes.ratio
    patient = np.arange(num_dates, 0, -1) / num_dates
    # An infinite rate leaves its side nothing of a later trade: 1 to the power of infinity is 1.
    other = patient ** (np.divide(1.0, ratio) if 0.0 < ratio < 1.0 else max(ratio, 1.0))
    if ratio == 0.0:
        other = (patient == 1.0).astype(np.float64)
    pair = (other, patient) if ratio < 1.0 else (patient, other)
    exact = _exact_pair(trade.outcomes, num_dates)
    outcomes = DatedTrade(tuple(pair[0].tolist()), tuple(pair[1].tolist()), exact)
    return replace(trade, outcomes=outcomes)


def _exact_pair(outcomes: DelayedTrade, num_dates: int) -> tuple[tuple[str, ...], ...]:
    """Return what :func:`on_dates` computes as texts of fractions; empty if it is irrational."""
    patient = [Fraction(date, num_dates) for date in range(num_dates, 0, -1)]
    slow, fast = sorted((outcomes.seller_rate, outcomes.buyer_rate))
    if math.isinf(fast):
        other = [Fraction(value == 1) for value in patient]
    else:
        power = as_fraction(fast) / as_fraction(slow)
        if power.denominator != 1 or power > LARGEST_POWER:
            return ()
        other = [value**power.numerator for value in patient]
    pair = (other, patient) if outcomes.ratio < 1.0 else (patient, other)
    return tuple(texts(side) for side in pair)
