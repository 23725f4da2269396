"""Auctions as they are held: at the second and at the first price, and goods at a posted price."""

from __future__ import annotations

import numpy as np

from mechopt._util.arrays import FloatArray, shown
from mechopt._util.given import is_real
from mechopt._util.rounding import in_figures
from mechopt.environments import Environment
from mechopt.environments.auction import IdenticalGoods
from mechopt.environments.ranking import chances_to_be_first
from mechopt.errors import InvalidInputError, UnsupportedProblemError
from mechopt.literature.own_prices import MOST_WRITTEN, at_own_prices, first_of, where_paid
from mechopt.mechanism.allocation import PointwiseRule
from mechopt.mechanism.mechanism import Mechanism
from mechopt.mechanism.payments import largest_payment
from mechopt.problem.usual import Required, largest_revenue
from mechopt.studies.comparison import Comparison, ComparisonRow
from mechopt.studies.usual_rows import (
    audited_row,
    efficient_row,
    largest_of,
    optimum_row,
    outcomes_of,
    table_of,
)


def second_price(auction: Environment, reserve: float | None = None) -> Mechanism:
    """Return the auction at the highest losing bid, or at the reserve price if that is more.

    Of several units each costs the same. Truth is a dominant strategy. A bid that equals the
    reserve is accepted, unless that is the seller's value, at which the seller keeps the unit; of
    equal bids the first bidder's is ahead.

    Parameters
    ----------
    auction
        What :func:`mechopt.Auction` or :func:`mechopt.Partnership` returned.
    reserve
        What a bid has to reach, in money: at least what a unit is worth to the seller, which it is
        unless given.

    Returns
    -------
    Mechanism
        Over cells of a continuum, a winner pays the lowest type that it would win with. Payments of
        all profiles are written out where there are few.

    Raises
    ------
    InvalidInputError
        For another environment, a joint prior, and a reserve below the seller's value.

    Notes
    -----
    What a bidder of value t gains is the integral, up to t, of the probability that fewer than K
    others bid more. Source: Vickrey (1961), doi:10.1111/j.1540-6261.1961.tb02789.x; Myerson (1981).

    Examples
    --------
    >>> from mechopt import Auction, TypeSpace
    >>> auction = Auction(TypeSpace.finite([1, 2, 3]), count=2)
    >>> second_price(auction).payment_of("bidder_2").round(9).tolist()  # 0, 1/3, (1 + 2)/3
    [0.0, 0.333333333, 1.0]
    >>> second_price(auction, reserve=2).payment_of("bidder_2").round(9).tolist()
    [0.0, 0.666666667, 1.333333333]
    """
    outcomes = _goods(auction)
    least = _reserve(auction, reserve)
    rule = PointwiseRule((_bids(auction, least),), (1.0,))
    quantity = rule.interim_quantities(auction)
    chances = _Chances(auction)
    payment = []
    for i, agent in enumerate(auction.agents):
        types = agent.types
        if types.is_finite:
            rent = np.maximum(chances.rent(i, types.mean) - chances.rent(i, np.array([least])), 0.0)
            payment.append(np.where(types.mean >= least, types.mean * quantity[i] - rent, 0.0))
        else:
            payment.append(largest_payment(types, quantity[i], worst="lowest"))
    by_profile = None
    if auction.num_profiles * len(auction.agents) <= MOST_WRITTEN:
        by_profile = _written_out(auction, rule, outcomes.units, least)
    return Mechanism(auction, rule, tuple(payment), by_profile)


def first_price(auction: Environment, reserve: float | None = None) -> Mechanism:
    """Return what bidders win and expect to pay where winners pay their own bids.

    In the symmetric equilibrium of identical bidders the highest types win, and they expect what
    they expect at the second price (revenue equivalence). With finite types they mix over bids,
    and this holds too.

    Parameters
    ----------
    auction
        What :func:`mechopt.Auction` returned, for one unit and bidders of one prior.
    reserve
        As of :func:`second_price`.

    Returns
    -------
    Mechanism
        With interim payments. Equal types, which share the good, are told apart by their number
        here; who wins then pays for it.

    Raises
    ------
    InvalidInputError
        As :func:`second_price`.
    UnsupportedProblemError
        For several units, and bidders who differ, whose equilibria are not computed here.

    Notes
    -----
    Type k bids in an interval that begins where that of type k - 1 ends. There each would win with
    probability ``F_(k-1)^(n-1)``, so that utility rises by that times the difference of the types,
    as it does at the second price. Source: Myerson (1981), doi:10.1287/moor.6.1.58; Riley (1989).

    Examples
    --------
    >>> from mechopt import Auction, TypeSpace
    >>> auction = Auction(TypeSpace.finite([1, 2, 3]), count=2)
    >>> first_price(auction).utility_of("bidder_1").round(9).tolist()  # 0, 1/3, 1/3 + 2/3
    [0.0, 0.333333333, 1.0]
    """
    outcomes = _goods(auction)
    first = auction.agents[0].types
    alike = all(agent.types == first for agent in auction.agents)
    if outcomes.units > 1 or not alike:
        raise UnsupportedProblemError(
            "equilibrium bids at the first price are computed for one unit and bidders of one "
            f"prior (got {outcomes.units} units, {'one prior' if alike else 'several priors'}). "
            "Take second_price."
        )
    at_second = second_price(auction, reserve)
    return Mechanism(auction, at_second.allocation, at_second.payment)


def posted_price(auction: Environment, price: float) -> Mechanism:
    """Return units sold at a price to those who accept it, the first bidders first.

    Parameters
    ----------
    auction
        What :func:`mechopt.Auction` returned.
    price
        In money. Cells of types accept it that begin there or above; they pay where the first of
        them begins, which is the price if it is an end of a cell.

    Raises
    ------
    InvalidInputError
        For another environment, and a price that is no finite number.

    Examples
    --------
    >>> from mechopt import Auction, TypeSpace
    >>> auction = Auction(TypeSpace.finite([1, 2, 3]), count=2)
    >>> posted_price(auction, 2).payment_of("bidder_2").round(9).tolist()
    [0.0, 0.666666667, 0.666666667]
    """
    outcomes = _goods(auction)
    price = _number("price", price)
    cost = float(outcomes.unit_cost)
    values = tuple(
        cost + np.where(agent.types.lower >= price, 1.0, -1.0) for agent in auction.agents
    )
    rule = PointwiseRule((values,), (1.0,))
    prices = [first_of(agent.types, price) for agent in auction.agents]
    return at_own_prices(auction, rule, prices)


def best_reserve(auction: Environment) -> float:
    """Return the reserve price, one for all, that earns most at the second price.

    Examples
    --------
    >>> from mechopt import Auction, TypeSpace
    >>> best_reserve(Auction(TypeSpace.finite([1, 2, 3, 4, 5, 6]), count=2))
    4.0
    """
    candidates, profit = profit_at_reserves(auction)
    return float(candidates[largest_of(profit)])


def profit_at_reserves(auction: Environment) -> tuple[FloatArray, FloatArray]:
    """Return reserve prices, one for all, and what each earns at the second price.

    The prices are the types, or the lower ends of cells, from the seller's value on; one in between
    sells as the next of them does.

    Examples
    --------
    >>> from mechopt import Auction, TypeSpace
    >>> profit_at_reserves(Auction(TypeSpace.finite([1, 3]), count=1))
    (array([0., 1., 3.]), array([1. , 1. , 1.5]))
    """
    _goods(auction)
    candidates = _candidates(auction)
    chances, cost = _Chances(auction), _cost(auction)
    profit = np.zeros(candidates.size)
    for i, agent in enumerate(auction.agents):
        types, mass, quantity = agent.types, auction.masses[i], chances.quantity[i]
        rent = chances.rent(i, types.lower)
        start = np.searchsorted(types.lower, candidates)
        own = _tails(mass * ((types.lower - cost) * quantity - rent))[start]
        at = candidates
        if not types.is_finite:  # The lowest cell that may win starts there.
            at = np.append(types.lower, types.upper[-1])[start]
        profit += own + _tails(mass)[start] * chances.rent(i, at)
    return candidates, profit


def best_posted_price(auction: Environment) -> float:
    """Return the price, one for all, that earns most.

    Examples
    --------
    >>> from mechopt import Auction, TypeSpace
    >>> best_posted_price(Auction(TypeSpace.finite([1, 2, 3, 4, 5, 6]), count=2))
    4.0
    """
    units = _goods(auction).units
    candidates = _candidates(auction)
    # Probability that so many accept the price, of fewer than there are units.
    number = np.zeros((units, candidates.size))
    number[0] = 1.0
    for agent, mass in zip(auction.agents, auction.masses, strict=True):
        accepts = _tails(mass)[np.searchsorted(agent.types.lower, candidates)]
        entering = number[:-1] * accepts
        number *= 1.0 - accepts
        number[1:] += entering
    fewer = np.arange(units) @ number
    sold = fewer + units * np.maximum(1.0 - number.sum(axis=0), 0.0)
    return float(candidates[largest_of((candidates - _cost(auction)) * sold)])


def compared(auction: Environment) -> Comparison | None:
    """Return the usual auctions beside the optimal one; None for other environments.

    Examples
    --------
    >>> from mechopt import Auction, TypeSpace
    >>> table = compared(Auction(TypeSpace.finite([1, 2, 3, 4, 5, 6]), count=2))
    >>> [(row.name, round(row.profit, 4)) for row in table.rows[1:4]]
    [('largest profit', 3.2222), ('second price', 2.5278), ('second price, best reserve', 3.1389)]
    """
    if type(auction.outcomes) is not IdenticalGoods or not auction.independent:
        return None
    cost = _cost(auction)
    always: Required = {"budget": "no-deficit"}
    if auction.num_profiles * len(auction.agents) <= MOST_WRITTEN:
        always |= {"incentives": "dominant", "participation": "ex-post"}
    best, price = best_reserve(auction), best_posted_price(auction)
    paid = where_paid(price, [first_of(agent.types, price) for agent in auction.agents])
    floor = f"the reserve is the seller's value {in_figures(cost)}" if cost else "without reserve"
    with_best = f"the reserve is {in_figures(best)}, for all"
    # Whose value is the least bid would pay it win or lose, and so would rather not bid.
    from_cost = f"types from the seller's value {in_figures(cost)} on bid" if cost else floor
    rows = [
        efficient_row(auction),
        optimum_row("largest profit", largest_revenue(auction)),
        audited_row("second price", second_price(auction), remark=floor, **always),
        audited_row(
            "second price, best reserve",
            second_price(auction, best),
            remark=with_best,
            price=best,
            **always,
        ),
        _at_first_price("first price", auction, cost, floor),
        _at_first_price("first price, best reserve", auction, best, with_best),
        _at_first_price("all-pay", auction, cost, f"all pay their bids; {from_cost}"),
        audited_row(
            "best posted price",
            posted_price(auction, price),
            remark=f"{in_figures(price)}, to the first who accept it{paid}",
            price=price,
            **always,
        ),
    ]
    return table_of(auction, rows)


def _at_first_price(name: str, auction: Environment, reserve: float, remark: str) -> ComparisonRow:
    try:
        mechanism = first_price(auction, reserve)
    except UnsupportedProblemError:
        reason = "not computed here (it is for one unit and bidders of one prior)"
        laws = [agent.types.prior for agent in auction.agents]
        smooth = all(law is not None and law.is_smooth for law in laws)
        if smooth and _goods(auction).units == 1 and name == "first price":
            reason += "; mechopt.institutions.first_price_equilibrium has densities that differ"
        return ComparisonRow(name, None, remark=reason)
    said = f"{remark}; by revenue equivalence"
    return audited_row(name, mechanism, remark=said, budget="no-deficit")


class _Chances:
    """Chances of a unit, and what types gain from them, where no reserve is in the way."""

    def __init__(self, auction: Environment) -> None:
        units = _goods(auction).units
        self.auction = auction
        bids = [agent.types.mean for agent in auction.agents]
        levels = np.unique(np.concatenate([*bids, [_cost(auction)]]))
        middles = (levels[1:] + levels[:-1]) / 2.0
        order = [np.argsort(np.append(bid, middles), kind="stable") for bid in bids]
        values = [np.append(bid, middles)[o] for bid, o in zip(bids, order, strict=True)]
        masses = [
            np.append(mass, np.zeros(middles.size))[o]
            for mass, o in zip(auction.masses, order, strict=True)
        ]
        found = chances_to_be_first(values, masses, units, -np.inf)
        self.levels = levels
        self.quantity, self.between = [], []
        for bid, o, chance in zip(bids, order, found, strict=True):
            placed = np.empty(chance.size)
            placed[o] = chance
            self.quantity.append(placed[: bid.size])
            self.between.append(placed[bid.size :])

    def rent(self, i: int, values: FloatArray) -> FloatArray:
        """Return what bidder i gains at such values, above what the lowest of all gains."""
        types = self.auction.agents[i].types
        if types.is_finite:
            grown = np.concatenate([[0.0], np.cumsum(np.diff(self.levels) * self.between[i])])
            return np.asarray(np.interp(values, self.levels, grown))
        ends = np.append(types.lower, types.upper[-1])
        steps = np.diff(ends) * self.quantity[i]
        return np.asarray(np.interp(values, ends, np.concatenate([[0.0], np.cumsum(steps)])))


def _written_out(auction: Environment, rule: PointwiseRule, units: int, least: float) -> FloatArray:
    """Return what everyone pays in every profile."""
    wins = auction.net_quantities(rule.dense(auction))
    bids = np.stack(
        np.broadcast_arrays(
            *np.meshgrid(*(a.types.mean for a in auction.agents), indexing="ij", sparse=True)
        )
    )
    paid = np.zeros_like(wins)
    for i, agent in enumerate(auction.agents):
        if agent.types.is_finite:
            others = np.delete(bids, i, axis=0)
            price: FloatArray | float = least
            if len(others) >= units:
                losing = np.partition(others, len(others) - units, axis=0)[len(others) - units]
                price = np.maximum(losing, least)
            paid[i] = np.where(wins[i] > 0.0, price, 0.0)
        else:
            paid[i] = largest_payment(agent.types, wins[i], worst="lowest", axis=i)
    return paid


def _bids(auction: Environment, least: float) -> tuple[FloatArray, ...]:
    """Return values that sell to the highest types of at least a reserve."""
    cost = _cost(auction)
    return tuple(
        np.where(a.types.lower >= least, a.types.mean, np.minimum(a.types.mean, cost))
        for a in auction.agents
    )


def _candidates(auction: Environment) -> FloatArray:
    """Return the prices that may be best: types, or lower ends of cells, and the seller's value."""
    cost = _cost(auction)
    found = np.unique(np.concatenate([[cost], *(a.types.lower for a in auction.agents)]))
    return found[found >= cost]


def _tails(values: FloatArray) -> FloatArray:
    """Return the sum from each position on, and zero beyond the last."""
    return np.append(np.cumsum(values[::-1])[::-1], 0.0)


def _cost(auction: Environment) -> float:
    return float(_goods(auction).unit_cost)


def _goods(auction: Environment) -> IdenticalGoods:
    return outcomes_of(
        auction,
        IdenticalGoods,
        "not an auction",
        where="auction",
        maker="Auction(...) or Partnership(...)",
        needs="auctions at the second price, and their expected payments,",
    )


def _reserve(auction: Environment, reserve: float | None) -> float:
    cost = _cost(auction)
    least = cost if reserve is None else _number("reserve", reserve)
    if least < cost:
        raise InvalidInputError(
            "a reserve below what the good is worth to the seller",
            where="reserve",
            expected=f"at least {cost:.9g}",
            got=f"{least:.9g}",
            remedy="Raise it, or state another value of the seller.",
        )
    return least


def _number(where: str, value: float) -> float:
    if not (is_real(value) and np.isfinite(float(value))):
        raise InvalidInputError(
            "not a price",
            where=where,
            expected="a finite number",
            got=shown(repr(value)),
            remedy="Give it in money.",
        )
    return float(value)
