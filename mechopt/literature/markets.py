"""Markets as they are run: trade reduction, and a posted price."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray
from mechopt._util.rounding import in_figures
from mechopt.environments import Environment
from mechopt.environments.market import Market, TwoSides
from mechopt.environments.ranking import chances_to_be_first
from mechopt.errors import TooLargeError
from mechopt.literature.own_prices import (
    MOST_WRITTEN,
    at_own_prices,
    few_prices,
    first_of,
    last_of,
    where_paid,
)
from mechopt.literature.pivotal import MOST_NUMBERS, efficient_rows
from mechopt.mechanism.allocation import PointwiseRule, Table
from mechopt.mechanism.mechanism import Mechanism
from mechopt.mechanism.payments import largest_payment
from mechopt.problem.usual import Required
from mechopt.studies.comparison import Comparison, ComparisonRow
from mechopt.studies.usual_rows import (
    audited_row,
    efficient_row,
    largest_of,
    outcomes_of,
    profiles_of,
    profit_and_second_best,
    table_of,
)
from mechopt.types import TypeSpace

TRADE_REDUCTION = "trade reduction (McAfee)"
# With too many profiles for an array, so many are drawn.
DRAWN = 100_000
SEED = 1992
# Of a continuous prior, types are drawn between so many quantiles.
QUANTILES = 2_001


@dataclass(frozen=True)
class DrawnGains:
    """What trade brings over profiles of types that were drawn, in money.

    Parameters
    ----------
    gains
        All gains, on average.
    lost
        What an efficient rule would bring in the same profiles, less the gains, on average.
    error
        Two standard errors of what is lost.
    """

    gains: float
    lost: float
    error: float


def trade_reduction(market: Environment) -> Mechanism:
    """Return McAfee's dominant strategy double auction.

    Costs are sorted from below, values from above; k pairs would gain from trade. They all trade at
    the price halfway between the next cost and the next value if that suits the last of them;
    otherwise k - 1 pairs trade, at the value and at the cost of the last, and what is between is
    left over. Truth is a dominant strategy, nobody loses, and there is no deficit.

    Parameters
    ----------
    market
        What :func:`mechopt.Market` returned, with few profiles. A cell of types bids the end at
        which it gains least, and is paid for what incentives allow.

    Raises
    ------
    InvalidInputError
        For another environment, and a joint prior.
    TooLargeError
        If there are too many profiles; the row of a comparison then draws some.

    Notes
    -----
    Source: McAfee (1992), doi:10.1016/0022-0531(92)90091-U.

    Examples
    --------
    >>> from mechopt import Market, TypeSpace
    >>> market = Market(TypeSpace.finite([1, 2]), TypeSpace.finite([2, 3]), 2, 2)
    >>> trade_reduction(market).ex_post_payments()[:, 0, 1, 0, 1]  # 1 and 2 meet 2 and 3: one pair
    array([-2.,  0.,  0.,  2.])
    """
    _sides(market)
    if market.num_profiles * len(market.agents) > MOST_NUMBERS:
        raise TooLargeError(
            f"trade reduction is computed for every profile (at most {MOST_NUMBERS:,} numbers, got "
            f"{profiles_of(market)} profiles of {len(market.agents)}). mechopt.compare has a row "
            "of it for any number."
        )
    grids = np.broadcast_arrays(*np.meshgrid(*_bids(market), indexing="ij", sparse=True))
    traded, paid = _reduced(market, np.stack(grids).reshape(len(grids), -1))
    shape = (len(grids), *market.shape)
    traded, paid = traded.reshape(shape), paid.reshape(shape)
    for i, agent in enumerate(market.agents):
        if not agent.types.is_finite:
            gives = market.outcomes.roles[i].gives
            net, worst = (-traded[i], "highest") if gives else (traded[i], "lowest")
            paid[i] = largest_payment(agent.types, net, worst=worst, axis=i)
    return Mechanism.of_profiles(market, Table(traded), paid)


def drawn_trade_reduction(market: Environment, draws: int = DRAWN) -> DrawnGains:
    """Return what :func:`trade_reduction` brings to types that are drawn from their priors.

    Unlike the mechanism it is about the types of continuous priors and not about cells, and is for
    any number of profiles. The same types are drawn again whenever it is called.

    Parameters
    ----------
    market
        What :func:`mechopt.Market` returned.
    draws
        How many profiles are drawn.

    Raises
    ------
    InvalidInputError
        For another environment, and a joint prior.

    Notes
    -----
    Source: McAfee (1992), doi:10.1016/0022-0531(92)90091-U.

    Examples
    --------
    >>> from mechopt import Market, TypeSpace
    >>> market = Market(TypeSpace.finite([1, 2]), TypeSpace.finite([2, 3]), 2, 2)
    >>> drawn_trade_reduction(market, 1_000).lost > 0.0
    True
    """
    sides, generator = _sides(market), np.random.default_rng(SEED)
    types = np.stack([_types_drawn(a.types, generator.random(draws)) for a in market.agents])
    traded, _ = _reduced(market, types)
    sellers, short = sides.num_sellers, min(sides.num_sellers, sides.num_buyers)
    net = traded * np.repeat([-1.0, 1.0], [sellers, len(types) - sellers])[:, None]
    costs, values = np.sort(types[:sellers], axis=0), -np.sort(-types[sellers:], axis=0)
    most = np.maximum(values[:short] - costs[:short], 0.0).sum(axis=0)
    gains = (types * net).sum(axis=0)
    lost = most - gains
    return DrawnGains(float(gains.mean()), float(lost.mean()), 2.0 * float(lost.std()) / draws**0.5)


def _types_drawn(types: TypeSpace, chances: FloatArray) -> FloatArray:
    """Return the types up to which there are such probabilities."""
    if types.prior is None:
        ends = np.cumsum(types.mass)
        return np.asarray(types.mean[np.searchsorted(ends[:-1], chances * ends[-1], side="right")])
    even = np.linspace(0.0, 1.0, QUANTILES)
    return np.interp(chances, even, types.prior.quantiles(even))


def longer_side(market: Environment) -> int:
    """Return how many sellers or buyers there are, whichever is more.

    Examples
    --------
    >>> from mechopt import Market, TypeSpace
    >>> longer_side(Market(TypeSpace.finite([1, 2]), TypeSpace.finite([2, 3]), 2, 5))
    5
    """
    sides = _sides(market)
    return max(sides.num_sellers, sides.num_buyers)


def replicated(market: Environment, times: int) -> Environment:
    """Return the market with so many times as many traders of the same types on each side.

    Parameters
    ----------
    market
        What :func:`mechopt.Market` returned.
    times
        A whole number of at least one.

    Raises
    ------
    InvalidInputError
        For another environment, and a joint prior.

    Notes
    -----
    Source: Gresik and Satterthwaite (1989), Journal of Economic Theory 48, 304-332.

    Examples
    --------
    >>> from mechopt import Market, TypeSpace
    >>> len(replicated(Market(TypeSpace.finite([1, 2]), TypeSpace.finite([2, 3]), 2, 1), 3).agents)
    9
    """
    sellers, types = _sides(market).num_sellers, [agent.types for agent in market.agents]
    return Market(types[:sellers] * times, types[sellers:] * times)


def posted_price(market: Environment, price: float) -> Mechanism:
    """Return trade at a price; of the longer side, the first by number trade.

    Parameters
    ----------
    market
        What :func:`mechopt.Market` returned.
    price
        In money. A cell of types accepts it if all its types do, and trades where the last such
        cell ends.

    Raises
    ------
    InvalidInputError
        For another environment, and a joint prior.

    Examples
    --------
    >>> from mechopt import Market, TypeSpace
    >>> types = TypeSpace.finite([1, 2, 3])
    >>> round(posted_price(Market(types, types), 2.0).total_gains, 9)  # of 4/9 in all
    0.444444444
    """
    outcomes = _sides(market)
    sellers = outcomes.num_sellers
    accepts = _acceptance(market, price)
    # Units stay with sellers who refuse, go to buyers who accept, then stay with other sellers.
    values = tuple(
        np.where(own, 1.0, 3.0) if i < sellers else np.where(own, 2.0, 0.0)
        for i, own in enumerate(accepts)
    )
    rule = PointwiseRule((values,), (1.0,))
    return at_own_prices(market, rule, _own_prices(market, price))


def _own_prices(market: Environment, price: float) -> list[float]:
    """Return what each trades at: the price, or where the last of its cells to accept it ends."""
    sellers = _sides(market).num_sellers
    return [
        last_of(agent.types, price) if i < sellers else first_of(agent.types, price)
        for i, agent in enumerate(market.agents)
    ]


def best_posted_price(market: Environment) -> float:
    """Return the price at which gains from trade are largest, of at most 400 that are tried.

    Examples
    --------
    >>> from mechopt import Market, TypeSpace
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> best_posted_price(Market(types, types, 2, 2))
    3.0
    """
    sellers = _sides(market).num_sellers
    ends = [a.types.upper if i < sellers else a.types.lower for i, a in enumerate(market.agents)]
    prices = few_prices(ends)
    return float(prices[largest_of([_gains_at(market, sellers, price) for price in prices])])


def compared(market: Environment) -> Comparison | None:
    """Return the usual ways to run a market beside the optimum; None for anything else.

    Examples
    --------
    >>> from mechopt import Market, TypeSpace
    >>> types = TypeSpace.finite([1, 2, 3])
    >>> [row.name for row in compared(Market(types, types, 2, 1)).rows[3:5]]
    ['trade reduction (McAfee)', 'best posted price']
    """
    if not isinstance(market.outcomes, TwoSides) or not market.independent:
        return None
    price = best_posted_price(market)
    numbers = market.num_profiles * len(market.agents)
    always: Required = {"budget": "no-deficit"}
    dominant: Required = {
        "incentives": "dominant",
        "participation": "ex-post",
        "budget": "no-deficit",
        "budget_holds": "ex-post",
    }
    rows = [efficient_row(market), *profit_and_second_best(market)]
    if numbers <= MOST_NUMBERS:
        rows.append(audited_row(TRADE_REDUCTION, trade_reduction(market), **dominant))
    else:
        rows.append(_drawn(market))
    few = dominant if numbers <= MOST_WRITTEN else always
    said = f"{in_figures(price)}; of the longer side, the first by number"
    said += where_paid(price, _own_prices(market, price))
    at_price = posted_price(market, price)
    rows.append(audited_row("best posted price", at_price, remark=said, price=price, **few))
    return table_of(market, [*rows, *efficient_rows(market, leave_out=True)])


def _drawn(market: Environment) -> ComparisonRow:
    """Return the row of trade reduction over profiles that are drawn, with its error."""
    generator = np.random.default_rng(SEED)
    sellers = _sides(market).num_sellers
    cells = [generator.choice(m.size, DRAWN, p=m / m.sum()) for m in market.masses]
    bids = np.stack([bid[own] for bid, own in zip(_bids(market), cells, strict=True)])
    types = np.stack([a.types.mean[own] for a, own in zip(market.agents, cells, strict=True)])
    traded, paid = _reduced(market, bids)
    net = traded * np.repeat([-1.0, 1.0], [sellers, len(bids) - sellers])[:, None]
    gains = (types * net).sum(axis=0)
    utility = (types * net - paid).mean(axis=1)
    names = [agent.name for agent in market.agents]
    return ComparisonRow(
        TRADE_REDUCTION,
        float(gains.mean()),
        dict(zip(names, utility.tolist(), strict=True)),
        dict(zip(names, traded.mean(axis=1).tolist(), strict=True)),
        remark=f"an average of {DRAWN:,} profiles that were drawn, not audited; bids are ends of "
        "cells, and the error is that of the gains",
        error=2.0 * float(gains.std()) / DRAWN**0.5,
        profit=float(paid.sum(axis=0).mean()),
    )


def _reduced(market: Environment, bids: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return who trades and pays what in profiles of bids, (num_agents, num_profiles) each."""
    sellers = _sides(market).num_sellers
    cost, value = bids[:sellers], bids[sellers:]
    by_cost, by_value = (np.argsort(part, axis=0, kind="stable") for part in (cost, -value))
    low, high = (
        np.take_along_axis(part, order, axis=0)
        for part, order in ((cost, by_cost), (value, by_value))
    )
    short = min(len(low), len(high))
    pairs = (high[:short] > low[:short]).sum(axis=0)
    # Beyond the last of a side there is nobody, and no price halfway.
    nobody = np.full((1, bids.shape[1]), np.nan)

    def at(part: FloatArray, rank: FloatArray) -> FloatArray:
        filled = np.concatenate([part, nobody])
        place = np.asarray(rank)[None].astype(np.intp)
        return np.asarray(np.take_along_axis(filled, place, axis=0)[0])

    last_cost, last_value = (at(part, np.maximum(pairs - 1, 0)) for part in (low, high))
    halfway = 0.5 * (at(low, pairs) + at(high, pairs))
    suits = (last_cost <= halfway) & (halfway <= last_value) & (pairs > 0)
    trades = np.where(suits, pairs, np.maximum(pairs - 1, 0))
    received, spent = (np.where(suits, halfway, last) for last in (last_cost, last_value))
    traded = np.zeros_like(bids)
    for order, own in ((by_cost, traded[:sellers]), (by_value, traded[sellers:])):
        ranks = np.arange(len(order))[:, None]
        np.put_along_axis(own, order, (ranks < trades).astype(np.float64), axis=0)
    paid = np.concatenate([-traded[:sellers] * received, traded[sellers:] * spent])
    return traded, paid + 0.0


def _bids(market: Environment) -> list[FloatArray]:
    """Return what types bid: a cell, the end at which it gains least."""
    sellers = _sides(market).num_sellers
    return [a.types.upper if i < sellers else a.types.lower for i, a in enumerate(market.agents)]


def _acceptance(market: Environment, price: float) -> list[npt.NDArray[np.bool_]]:
    sellers = _sides(market).num_sellers
    return [bid <= price if i < sellers else bid >= price for i, bid in enumerate(_bids(market))]


def _gains_at(market: Environment, sellers: int, price: float) -> float:
    """Return expected gains at a price, by who accepts it and the means of those who do."""
    masses, means = [], []
    for agent, own in zip(market.agents, _acceptance(market, price), strict=True):
        mass = agent.types.mass
        accepts = float(mass[own].sum())
        masses.append(np.array([1.0 - accepts, accepts]))
        means.append(float(mass[own] @ agent.types.mean[own]) / accepts if accepts else 0.0)
    values = [np.array([3.0, 1.0] if i < sellers else [0.0, 2.0]) for i in range(len(masses))]
    chances = chances_to_be_first(values, masses, sellers, -np.inf)
    traded = [
        mass[1] * (own[1] - 1.0 if i < sellers else own[1])
        for i, (mass, own) in enumerate(zip(masses, chances, strict=True))
    ]
    return float(np.dot(traded, means))


def _sides(market: Environment) -> TwoSides:
    return outcomes_of(
        market,
        TwoSides,
        "not a market",
        where="market",
        maker="Market(...)",
        needs="trade reduction and posted prices, and what they bring on average,",
    )
