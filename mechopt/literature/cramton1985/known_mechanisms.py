"""Common mechanisms of bilateral trade: a posted price, and the k-double auction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError
from mechopt.mechanism.allocation import Table
from mechopt.mechanism.mechanism import Mechanism
from mechopt.studies.interim_payoffs import InterimPayoffs
from mechopt.studies.sealed_offers import require_weight, trade_at_once

UNIFORM_TOLERANCE = 1e-12


def posted_price(trade: Environment, price: float) -> Mechanism:
    """Return the mechanism that trades at once at a given price if both sides agree.

    Types that are indifferent agree. A cell agrees if all its types do, so put the price at an end
    of cells, or the cell that holds it does not trade.

    Parameters
    ----------
    trade
        Bilateral trade, with or without delay.
    price
        In money.

    Returns
    -------
    Mechanism
        Incentive compatible even if types are known; no one pays without trade.

    Raises
    ------
    InvalidInputError
        For a price that is not finite, and outcomes in which no object goes from a seller to a
        buyer.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([0, 1])
    >>> posted_price(BilateralTrade(types, types), 0.5).utility_of("seller")
    array([0.25, 0.  ])
    """
    trade.require_independent("interim payments of a posted price")
    at_once = trade_at_once(trade)
    if not np.isfinite(price):
        raise InvalidInputError(
            "not a posted price",
            where="price",
            expected="a finite number",
            got=f"{price}",
            remedy="Give a price in the money of the types.",
        )
    seller, buyer = (agent.types for agent in trade.agents)
    agreed = np.outer(seller.upper <= price, buyer.lower >= price).astype(np.float64)
    outcome = np.multiply.outer(at_once, agreed)
    payment = price * agreed
    interim = (-(payment @ buyer.mass), seller.mass @ payment)
    return Mechanism(trade, Table(outcome), interim, np.stack([-payment, payment]))


@dataclass(frozen=True)
class DoubleAuction:
    """Sealed offers at the price ``k * buyer's + (1 - k) * seller's`` if they cross.

    The offers are those of the linear equilibrium for costs and values uniform on [0, 1]. There it
    is ex ante efficient for the welfare weights :attr:`weights` (Williams 1987).

    Parameters
    ----------
    k
        Weight of the buyer's offer in the price, from 0 (the seller's offer is the price) to 1.

    Raises
    ------
    InvalidInputError
        For a weight outside [0, 1].

    Notes
    -----
    Each side's best offer against the other's uniform offers is linear in its type, which gives
    ``(b + k (1-k)/2) / (1+k)`` and ``(s + (1-k) m) / (2-k)``, m the buyer's highest offer.
    At k = 1/2: theory.md, section 3.10. Sources: Chatterjee and Samuelson (1983),
    doi:10.1287/opre.31.5.835; Williams (1987), Journal of Economic
    Theory 41, 154-172.

    Examples
    --------
    >>> auction = DoubleAuction(0.5)
    >>> float(auction.seller_offer(0.0)), round(float(auction.buyer_offer(0.0)), 6)
    (0.25, 0.083333)
    """

    k: float

    def __post_init__(self) -> None:
        require_weight(self.k)

    @property
    def weights(self) -> tuple[float, float]:
        """Welfare weights, seller's and buyer's, for which the auction is ex ante efficient."""
        return (2.0 - 2.0 * self.k) / (2.0 - self.k), 2.0 * self.k / (1.0 + self.k)

    def buyer_offer(self, value: FloatArray | float) -> FloatArray:
        """Return the buyer's equilibrium offer, in money."""
        k = self.k
        return np.asarray((np.asarray(value) + 0.5 * k * (1.0 - k)) / (1.0 + k))

    def seller_offer(self, cost: FloatArray | float) -> FloatArray:
        """Return the seller's equilibrium offer, in money."""
        highest = float(self.buyer_offer(1.0))
        return np.asarray((np.asarray(cost) + (1.0 - self.k) * highest) / (2.0 - self.k))

    def seller_payoff(self, cost: FloatArray | float, offer: FloatArray | float) -> FloatArray:
        """Return the seller's expected payoff from any offer against the buyer's equilibrium."""
        bottom, top = (float(self.buyer_offer(end)) for end in (0.0, 1.0))
        least = np.clip(offer, bottom, top)
        price = self.k * 0.5 * (least + top) + (1.0 - self.k) * np.asarray(offer)
        return np.asarray((top - least) / (top - bottom) * (price - cost))

    def buyer_payoff(self, value: FloatArray | float, offer: FloatArray | float) -> FloatArray:
        """Return the buyer's expected payoff from any offer against the seller's equilibrium."""
        bottom, top = (float(self.seller_offer(end)) for end in (0.0, 1.0))
        most = np.clip(offer, bottom, top)
        price = self.k * np.asarray(offer) + (1.0 - self.k) * 0.5 * (bottom + most)
        return np.asarray((most - bottom) / (top - bottom) * (value - price))


def double_auction_payoffs(trade: Environment, k: float) -> InterimPayoffs:
    """Return what the k-double auction gives every type on uniform exchange, exactly.

    Parameters
    ----------
    trade
        Bilateral trade with costs and values uniform on [0, 1], in cells.
    k
        Weight of the buyer's offer in the price.

    Returns
    -------
    InterimPayoffs
        At the ends and on average over each cell; within a cell, the auction tells types apart.

    Raises
    ------
    InvalidInputError
        For other types than cells of the uniform distribution on [0, 1].

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> half = TypeSpace.from_distribution(stats.uniform(0, 1), 4)
    >>> payoffs = double_auction_payoffs(BilateralTrade(half, half), 0.5)
    >>> round(float(half.mass @ (payoffs.mean[0] + payoffs.mean[1])), 9)  # 9/64
    0.140625
    """
    _require_uniform(trade)
    auction = DoubleAuction(k)
    # The last seller and the first buyer whose offers can be met.
    seller_kink = float(auction.buyer_offer(1.0))
    buyer_kink = (1.0 + k) * float(auction.seller_offer(0.0)) - 0.5 * k * (1.0 - k)

    def seller(cost: FloatArray) -> FloatArray:
        return auction.seller_payoff(cost, auction.seller_offer(cost))

    def buyer(value: FloatArray) -> FloatArray:
        return auction.buyer_payoff(value, auction.buyer_offer(value))

    parts = []
    for agent, payoff, kink in zip(
        trade.agents, (seller, buyer), (seller_kink, buyer_kink), strict=True
    ):
        types = agent.types
        middle = np.clip(kink, types.lower, types.upper)
        # Payoffs are quadratic to either side of the kink, where Gauss points are exact.
        total = _gauss(payoff, types.lower, middle) + _gauss(payoff, middle, types.upper)
        parts.append((payoff(types.lower), total / types.mass, payoff(types.upper)))
    return InterimPayoffs(
        tuple(part[0] for part in parts),
        tuple(part[1] for part in parts),
        tuple(part[2] for part in parts),
    )


def _gauss(
    function: Callable[[FloatArray], FloatArray], start: FloatArray, stop: FloatArray
) -> FloatArray:
    """Return integrals over intervals, exact for polynomials of degree five."""
    points, weights = np.polynomial.legendre.leggauss(3)
    half, centre = 0.5 * (stop - start), 0.5 * (stop + start)
    values = [w * function(centre + half * p) for p, w in zip(points, weights, strict=True)]
    return np.asarray(half * np.add.reduce(values))


def double_auction(trade: Environment, k: float) -> Mechanism:
    """Return the k-double auction's outcome on uniform exchange, averaged over pairs of cells.

    Parameters
    ----------
    trade
        Bilateral trade with costs and values uniform on [0, 1], in cells.
    k
        Weight of the buyer's offer in the price.

    Returns
    -------
    Mechanism
        Probability of trade and expected payment of every pair of cells; nothing is paid without
        trade. Because the auction tells the types of a cell apart, which this does not, incentives
        hold up to terms of the order of the cell's width squared; to ask whether the auction is
        interim efficient, use :func:`double_auction_payoffs`.

    Raises
    ------
    InvalidInputError
        For other types than cells of the uniform distribution on [0, 1].

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> quarters = TypeSpace.from_distribution(stats.uniform(0, 1), 4)
    >>> double_auction(BilateralTrade(quarters, quarters), 0.5).allocation.values[0, 0]
    array([0. , 0.5, 1. , 1. ])
    """
    _require_uniform(trade)
    auction = DoubleAuction(k)
    seller, buyer = (agent.types for agent in trade.agents)
    low, high = buyer.lower[None, :], buyer.upper[None, :]

    def least_value(cost: FloatArray) -> FloatArray:
        # The value of the buyer whose offer equals the seller's.
        offer = auction.seller_offer(cost)
        return np.clip((1.0 + k) * offer - 0.5 * k * (1.0 - k), low, high)

    def traded(cost: FloatArray) -> FloatArray:
        return (high - least_value(cost)) / (high - low)

    def paid(cost: FloatArray) -> FloatArray:
        offer = auction.buyer_offer(0.5 * (least_value(cost) + high))
        return traded(cost) * (k * offer + (1.0 - k) * auction.seller_offer(cost))

    # The seller whose offer just meets that of the buyer at either end of the cell.
    slope = float(auction.seller_offer(1.0) - auction.seller_offer(0.0))
    start = float(auction.seller_offer(0.0))
    bottom, top = seller.lower[:, None], seller.upper[:, None]
    kinks = [
        np.clip((auction.buyer_offer(end) - start) / slope, bottom, top) for end in (low, high)
    ]
    edges = [bottom, *kinks, top]
    table, payment = (
        np.add.reduce([_gauss(part, a, b) for a, b in pairwise(np.broadcast_arrays(*edges))])
        / (top - bottom)
        for part in (traded, paid)
    )
    table = np.clip(table, 0.0, 1.0)
    outcome = np.multiply.outer(trade_at_once(trade), table)
    interim = (-(payment @ buyer.mass), seller.mass @ payment)
    return Mechanism(trade, Table(outcome), interim, np.stack([-payment, payment]))


def _require_uniform(trade: Environment) -> None:
    trade.require_independent("equilibria of the double auction")
    trade_at_once(trade)
    for agent in trade.agents:
        types = agent.types
        edges = np.concatenate([[0.0], types.upper])
        uniform = (
            abs(edges[-1] - 1.0) <= UNIFORM_TOLERANCE
            and np.abs(edges[:-1] - types.lower).max() <= UNIFORM_TOLERANCE
            and np.abs(np.diff(edges) - types.mass).max() <= UNIFORM_TOLERANCE
        )
        if not uniform:
            raise InvalidInputError(
                "the linear equilibrium is known for uniform exchange only",
                where=agent.name,
                expected="cells of the uniform distribution on [0, 1]",
                got=repr(types),
                remedy="Use TypeSpace.from_distribution(scipy.stats.uniform(0, 1), num_cells).",
            )
