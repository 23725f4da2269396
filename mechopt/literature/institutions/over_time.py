"""Institutions over time as they unfold, and whether the remaining would prefer a mechanism."""

from __future__ import annotations

import math

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.environments import DelayedTrade, Environment
from mechopt.errors import UnsupportedProblemError
from mechopt.literature.cramton1985.learning import Course, PaymentTiming, TradingDates
from mechopt.literature.cramton1985.sequential import (
    START,
    SequentialAudit,
    audit_sequential_rationality,
)
from mechopt.mechanism.allocation import Table
from mechopt.mechanism.mechanism import Mechanism
from mechopt.studies.sealed_offers import trade_at_once

# Just before an offer is so long before it, in units of time. A later date is that much later.
BEFORE = 1e-8
NOTE = "the prices of the offers, paid when they are accepted"


def mechanism_of_trade(
    trade: Environment, sold: FloatArray, bought: FloatArray, paid: FloatArray
) -> Mechanism:
    """Return the direct mechanism of discounted trade, by pairs of types.

    Parameters
    ----------
    trade
        Bilateral trade, with or without delay.
    sold, bought : arrays of shape (num_seller_types, num_buyer_types)
        What trade is worth to seller and buyer, as a probability discounted to the first date.
    paid : array of shape (num_seller_types, num_buyer_types)
        What the buyer pays, in money of the first date.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> trade = BilateralTrade(TypeSpace.finite([0]), TypeSpace.finite([1]), 2.0, 1.0)
    >>> part = np.full((1, 1), 0.5)
    >>> mechanism_of_trade(trade, part**2, part, 0.2 * part).expected_utility
    {'seller': 0.1, 'buyer': 0.4}
    """
    if isinstance(trade.outcomes, DelayedTrade):
        outcome = np.stack([sold, bought])
    else:
        outcome = np.multiply.outer(trade_at_once(trade), sold)
    return Mechanism.of_profiles(trade, Table(outcome), np.stack([-paid, paid]))


def course_of_offers(
    mechanism: Mechanism, discount: float, chance: FloatArray, paid: FloatArray
) -> Course:
    """Return an institution with an offer per period as it unfolds.

    Parameters
    ----------
    mechanism
        Its direct mechanism, of bilateral trade.
    discount
        What a unit of trade is worth to the more patient side one period later.
    chance, paid : arrays of shape (num_periods, num_seller_types, num_buyer_types)
        How likely each pair trades in each period, and what it is expected to pay then, in money of
        the first period.

    Raises
    ------
    UnsupportedProblemError
        For a discount factor of 0, with which there is no later date.

    Notes
    -----
    Time is in the units of the discount rates; the lesser one is 1 where the two are equal.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> from mechopt.institutions import finite_horizon_offers
    >>> from scipy import stats
    >>> value = TypeSpace.from_distribution(stats.uniform(0, 1), 4)
    >>> trade = BilateralTrade(TypeSpace.finite([0]), value)
    >>> finite_horizon_offers(trade, 0.5, periods=2).course.dates.date[:, 0].min(axis=1)
    array([0.        , 0.69314718])
    """
    outcomes = mechanism.environment.outcomes
    rates = (1.0, 1.0)
    if isinstance(outcomes, DelayedTrade):
        rates = outcomes.seller_rate, outcomes.buyer_rate
    if discount <= 0.0 or any(map(math.isinf, rates)):
        raise UnsupportedProblemError(
            "nobody waits for what is worth nothing later: no dates to look at (got a discount "
            f"factor of {discount:g} and rates {rates[0]:g} and {rates[1]:g})"
        )
    when = _period(discount, rates) * np.arange(chance.shape[0])[:, None, None]
    dates = TradingDates(chance, np.where(chance > 0, when, np.inf), *rates)
    return Course(mechanism, dates, paid.sum(axis=0), PaymentTiming.AT_TRADE, NOTE, paid)


def audit_offers(course: Course, discount: float, periods: int) -> SequentialAudit:
    """Ask before each offer, and after the last, whether all would prefer another mechanism.

    Before an offer, rather than after the one before it: nobody can trade in between, and whoever
    is left would rather trade now than at the next offer.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> from mechopt.institutions import finite_horizon_offers
    >>> from scipy import stats
    >>> value = TypeSpace.from_distribution(stats.uniform(0, 1), 4)
    >>> trade = BilateralTrade(TypeSpace.finite([0]), value)
    >>> offers = finite_horizon_offers(trade, 0.5, periods=1)
    >>> [entry.rational for entry in audit_offers(offers.course, 0.5, 1).dates]
    [True, False]
    """
    period = _period(discount, (course.dates.seller_rate, course.dates.buyer_rate))
    later = [t * period for t in range(1, periods)]
    before = [at - BEFORE * (1.0 + at) for at in later]
    return audit_sequential_rationality(course, [START, *before, (periods - 1) * period])


def _period(discount: float, rates: tuple[float, float]) -> float:
    """Return the time between offers, in units of the discount rates."""
    return -math.log(discount) / min(rates)
