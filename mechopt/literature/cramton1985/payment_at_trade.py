"""Payments that change hands only when the object does."""

from __future__ import annotations

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.mechanism.mechanism import Mechanism

MARGIN_TOLERANCE = 1e-9


def payment_at_trade(mechanism: Mechanism) -> FloatArray | None:
    """Return what the buyer pays in every profile if nothing is paid without trade, or None.

    Among all payments with the mechanism's interim payments that are zero where no trade takes
    place, these have the prices nearest to halfway between cost and value, in least squares
    weighted by the probability of trade. Such a price is halfway plus a term for the seller's type
    plus one for the buyer's, so it is found by solving one linear system (a transport problem
    without inequalities). On uniform exchange it is the price of simultaneous offers.

    Parameters
    ----------
    mechanism
        A mechanism of bilateral trade, with or without delay, whose budget balances.

    Returns
    -------
    array of shape (num_seller_types, num_buyer_types), or None
        Expected payment in every profile in money of date 0; None if no such payments exist.

    Notes
    -----
    Source: theory.md, sections 3.8 and 3.10.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> from mechopt.cramton1985 import posted_price
    >>> types = TypeSpace.finite([0, 1])
    >>> mechanism = posted_price(BilateralTrade(types, types), 0.75)
    >>> payment_at_trade(mechanism).round(9) + 0.0
    array([[0.  , 0.75],
           [0.  , 0.  ]])
    """
    environment = mechanism.environment
    seller, buyer = (agent.types for agent in environment.agents)
    sold, bought = environment.net_quantities(mechanism.allocation.dense(environment))
    cost, value = -sold * seller.mean[:, None], bought * buyer.mean[None, :]
    trade = 0.5 * (bought - sold)
    halfway = 0.5 * (cost + value)
    revenue = seller.mass * (-mechanism.payment[0] - halfway @ buyer.mass)
    expense = buyer.mass * (mechanism.payment[1] - seller.mass @ halfway)
    weight = seller.mass[:, None] * trade * buyer.mass[None, :]
    system = np.block(
        [[np.diag(weight.sum(axis=1)), weight], [weight.T, np.diag(weight.sum(axis=0))]]
    )
    target = np.concatenate([revenue, expense])
    # Prices are fixed only up to what one side's terms give and the other's take back.
    terms = np.linalg.lstsq(system, target, rcond=1e-12)[0]
    scale = environment.first_best or environment.payoff_scale
    if np.abs(system @ terms - target).max() > MARGIN_TOLERANCE * scale:
        return None
    by_seller, by_buyer = np.split(terms, [seller.num_cells])
    return np.asarray(halfway + trade * (by_seller[:, None] + by_buyer[None, :]))
