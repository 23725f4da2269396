"""Prices between one who gives and one who receives: posted, or offered by type."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mechopt._util.arrays import FloatArray, frozen, sealed
from mechopt.environments import Environment, Exchange
from mechopt.errors import InvalidInputError, require
from mechopt.mechanism.mechanism import Mechanism
from mechopt.mechanism.step_rule import StepRule
from mechopt.types import TypeSpace
from mechopt.types.cells import cells_between, curve_of
from mechopt.types.foreign import budget
from mechopt.types.prices.expected import expected_of_offers, offers_of
from mechopt.types.prices.hull import EPSILON, best_fixed_prices
from mechopt.types.prices.search import Traded, best_fixed_price, traded_at

# Payments of every profile are written out where there are at most so many profiles.
MAX_PAID_PROFILES = 1_000_000


@dataclass(frozen=True, eq=False)
class PostedPrice:
    """The posted price that brings the largest gains, as a mechanism.

    Parameters
    ----------
    price
        In money; where a range of prices brings the same gains, the middle of it.
    lowest, highest
        The ends of that range; the price itself where every other price brings less.
    mechanism
        Trade at once at the price if both sides agree. In its environment the cell of a continuous
        prior that held the price is cut in two there, and cells without a prior are at their means.
    expected
        What the price brings, computed from continuous priors themselves, with its error.

    Examples
    --------
    >>> from mechopt.studies import best_posted_price
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> best = best_posted_price(BilateralTrade(TypeSpace.finite([0, 1]), TypeSpace.finite([2])))
    >>> best.lowest, best.price, best.highest
    (1.0, 1.5, 2.0)
    """

    price: float
    lowest: float
    highest: float
    mechanism: Mechanism
    expected: Traded


@dataclass(frozen=True, eq=False)
class Offers:
    """Take-it-or-leave-it offers by type, as a mechanism.

    Parameters
    ----------
    offerer
        Name of the agent that makes the offer.
    price : array of shape (num_types,)
        The offer of each of its types, in money. Where no offer brings a gain it is infinite, minus
        infinite for a receiver, and nobody accepts it.
    mechanism
        Its environment has the offerer's types at the means of its cells, and the other side's
        cells of a continuous prior cut at all offers.
    expected
        What the offers bring, with its error: over a continuous prior, those of all its types.

    Examples
    --------
    >>> from mechopt.studies import take_it_or_leave_it
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([0, 2])
    >>> take_it_or_leave_it(BilateralTrade(types, types), "buyer").price
    array([-inf,   0.])
    """

    offerer: str
    price: FloatArray
    mechanism: Mechanism
    expected: Traded


def best_posted_price(trade: Environment) -> PostedPrice:
    """Return the price, fixed before types are known, that brings the largest expected gains.

    Trade is at once, if both sides agree; types that are indifferent agree. For finite types all
    prices are compared, and those that rounding cannot tell apart are compared in fractions. Over a
    continuous prior gains come from its distribution function, whatever its cells. A cell of a
    sample, whose types within are not kept, agrees or not by its mean.

    Parameters
    ----------
    trade
        Bilateral trade, with or without delay.

    Raises
    ------
    InvalidInputError
        For another environment.

    Notes
    -----
    Of several best prices, or ranges of them, the lowest counts.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> best = best_posted_price(BilateralTrade(types, types))
    >>> best.price, round(best.expected.total, 6)
    (3.0, 0.833333)
    """
    with budget():
        return _best_posted_price_within_budget(trade)


def _best_posted_price_within_budget(trade: Environment) -> PostedPrice:
    require_exchange(trade)
    giver, receiver = (
        agent.types if agent.types.prior is not None else at_means(agent.types)
        for agent in trade.agents
    )
    curves = curve_of(giver), curve_of(receiver)
    if giver.prior is None and receiver.prior is None:
        lowest, highest = best_fixed_prices(giver, receiver)
    else:
        lowest, highest = best_fixed_price(*curves)
    price = _at_a_mark(0.5 * (lowest + highest), giver, receiver)
    if lowest == highest:
        lowest = highest = price
    environment = with_types(trade, cut_at(giver, price), cut_at(receiver, price))
    giver, receiver = (agent.types for agent in environment.agents)
    first = np.full(giver.num_cells, receiver.num_cells)
    first[giver.upper <= price] = np.searchsorted(receiver.lower, price, side="left")
    paid = np.full(giver.num_cells, price)
    mechanism = _priced(environment, StepRule(first), paid, by=0)
    return PostedPrice(price, lowest, highest, mechanism, traded_at(price, *curves))


def at_means(types: TypeSpace) -> TypeSpace:
    """Return finite types at the means of cells; finite types as they are.

    Examples
    --------
    >>> at_means(TypeSpace.from_samples([1, 2, 3, 4], cells=2)).is_finite
    True
    """
    return types if types.is_finite else TypeSpace(types.mass, types.mean, types.mean, types.mean)


def _at_a_mark(price: float, *spaces: TypeSpace) -> float:
    """Return the end of the types, or the single type, that a price misses by rounding alone."""
    marks = np.concatenate(
        [[types.lowest, types.highest, *types.mean[types.lower == types.upper]] for types in spaces]
    )
    nearest = float(marks[np.abs(marks - price).argmin()])
    near = abs(nearest - price) <= 8.0 * EPSILON * float(np.abs(marks).max())
    return nearest if near else price


def cut_at(types: TypeSpace, *prices: float) -> TypeSpace:
    """Return the cells of a continuous prior cut at the prices too; finite types as they are.

    Examples
    --------
    >>> from scipy import stats
    >>> cut_at(TypeSpace.from_distribution(stats.uniform(0, 1), 2), 0.25).upper
    array([0.25, 0.5 , 1.  ])
    """
    if types.prior is None:
        return types
    # Edges that differ from a price by rounding give way to it.
    slack = 8.0 * EPSILON * max(abs(types.lowest), abs(types.highest))
    cuts = np.unique(prices)
    cuts = cuts[np.diff(cuts, prepend=-np.inf) > slack]
    cuts = cuts[(cuts > types.lowest + slack) & (cuts < types.highest - slack)]
    if not cuts.size:
        return types
    inner = types.upper[:-1]
    place = np.minimum(np.searchsorted(cuts, inner), cuts.size - 1)
    near = np.zeros(inner.size, dtype=bool)
    for cut in (cuts[place], cuts[np.maximum(place - 1, 0)]):
        # Or with no probability between, for which there is no cell.
        near |= np.abs(inner - cut) <= slack
        near |= np.abs(types.prior.below(inner) - types.prior.below(cut)) <= 4.0 * EPSILON
    edges = np.concatenate([[types.lowest], inner[~near], cuts, [types.highest]])
    return cells_between(types.prior, np.sort(edges))


def with_types(trade: Environment, *spaces: TypeSpace) -> Environment:
    """Return an environment with other types of its agents.

    Examples
    --------
    >>> from mechopt import BilateralTrade
    >>> one, two = TypeSpace.finite([1]), TypeSpace.finite([2])
    >>> with_types(BilateralTrade(one, one), one, two).first_best
    1.0
    """
    agents = (
        replace(agent, types=types) for agent, types in zip(trade.agents, spaces, strict=True)
    )
    return Environment(tuple(agents), trade.outcomes)


def take_it_or_leave_it(trade: Environment, offerer: str | None = None) -> Offers:
    """Return the mechanism in which one side, knowing its type, names the price.

    The other side takes the offer or leaves it; trade is at once. The offer of a type is the best
    of all against the other side's prior, regular or not: of a continuous one, against all its
    types, whatever its cells. Types that are indifferent accept, and a cell of a sample accepts if
    all its types do. A cell of the offerer makes the offer that is best at its mean; what all types
    expect, where those of a cell can differ, is in ``expected``.

    Parameters
    ----------
    trade
        Bilateral trade, with or without delay.
    offerer
        Name of the role that makes the offer, such as ``"seller"``; who gives, unless said.

    Raises
    ------
    InvalidInputError
        For another environment or role.

    Notes
    -----
    Without delay this is the mechanism that is best for the offerer (theory.md, section 3.7); with
    delay a later date may screen better than a price. Offers compare the revenue ``p D(p)`` to the
    cost ``s D(p)`` at all prices: a best one is a corner of the concave hull of revenue over the
    demand D, whose slopes are the ironed virtual values. Against finite types this is decided in
    fractions, and ties go to the higher price.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> offers = take_it_or_leave_it(BilateralTrade(types, types))
    >>> offers.price
    array([ 4.,  5.,  5.,  6.,  6., inf])
    >>> {name: round(gain, 4) for name, gain in offers.mechanism.expected_utility.items()}
    {'seller': 0.6111, 'buyer': 0.1389}
    """
    with budget():
        return _take_it_or_leave_it_within_budget(trade, offerer)


def _take_it_or_leave_it_within_budget(trade: Environment, offerer: str | None = None) -> Offers:
    require_exchange(trade)
    roles = [role.name for role in trade.outcomes.roles]
    offerer = roles[0] if offerer is None else offerer
    if offerer not in roles:
        raise InvalidInputError(
            "nobody of this role",
            where="offerer",
            expected=" or ".join(roles),
            got=repr(offerer),
            remedy="Say whose offer it is.",
        )
    by = roles.index(offerer)
    spaces = [agent.types for agent in trade.agents]
    given, other = spaces[by], spaces[1 - by]
    spaces[by] = at_means(given)
    price = offers_of(spaces[by], other, by=by)
    spaces[1 - by] = cut_at(other, *price[np.isfinite(price)].tolist())
    environment = with_types(trade, *spaces)
    other = spaces[1 - by]
    # Where cells were cut at an offer, the cut may stand for its neighbours within rounding too.
    rounding = 0.0 if other.prior is None else 16.0 * EPSILON * environment.largest_type
    if by == 0:
        first = np.searchsorted(other.lower, price - rounding, side="left")
    else:
        # How many types of the giver accept each offer, and so which receiver each meets first.
        accepting = np.searchsorted(other.upper, price + rounding, side="right")
        first = np.searchsorted(accepting, np.arange(other.num_cells), side="right")
    paid = np.where(np.isfinite(price), price, 0.0)
    mechanism = _priced(environment, StepRule(first), paid, by=by)
    # Payments far from zero round at their size; measured from an origin near it, they do not.
    near = np.where(np.isfinite(price), price - environment.origin, 0.0)
    expected = _expected(_priced(environment.centred, StepRule(first), near, by=by))
    if given.prior is not None or other.prior is not None:
        expected = expected_of_offers(*(agent.types for agent in trade.agents), by=by)
    return Offers(trade.agents[by].name, sealed(price), mechanism, expected)


def _expected(mechanism: Mechanism) -> Traded:
    """Return what a mechanism over finite types brings, up to rounding."""
    giver, receiver = mechanism.expected_utility.values()
    chance = mechanism.environment.agents[1].types.expectation(mechanism.quantity[1])
    sizes = mechanism.environment.shape
    return Traded(giver, receiver, chance, EPSILON * sum(sizes) * (abs(giver) + abs(receiver)))


def _priced(trade: Environment, rule: StepRule, price: FloatArray, *, by: int) -> Mechanism:
    """Return the rule with a price per type of one side, paid at trade and never without."""
    giver, receiver = trade.masses
    if by == 0:
        received = price * rule.giver_sums(receiver)
        paid = rule.receiver_sums(giver * price, receiver.size)
    else:
        received = rule.giver_sums(receiver * price)
        paid = price * rule.receiver_sums(giver, receiver.size)
    everywhere = None
    if trade.num_profiles <= MAX_PAID_PROFILES:
        agreed = np.arange(receiver.size)[None, :] >= rule.first[:, None]
        payment = np.where(agreed, price[:, None] if by == 0 else price[None, :], 0.0)
        everywhere = frozen(np.stack([-payment, payment]))
    return Mechanism(trade, rule, (sealed(-received), sealed(paid)), everywhere)


def require_exchange(trade: Environment) -> Exchange:
    """Return how one agent gives to the other; raise InvalidInputError where that is not so."""
    require(trade, Environment, where="trade", remedy="Pass a BilateralTrade.")
    trade.require_independent("prices and offers")
    exchange = trade.outcomes.exchange
    if exchange is None:
        raise InvalidInputError(
            "prices of bilateral trade are asked for",
            where="trade",
            expected="a BilateralTrade, with or without delay",
            got=type(trade.outcomes).__name__,
            remedy="Solve other environments with mechopt.solve.",
        )
    return exchange
