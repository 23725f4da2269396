"""Prices in bilateral trade: the best posted price, and take-it-or-leave-it offers by type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mechopt._util.arrays import FloatArray, IndexArray, frozen, sealed
from mechopt._util.registry import saved_as
from mechopt.environments import Environment, Exchange
from mechopt.errors import InvalidInputError, require
from mechopt.mechanism.allocation import Allocation
from mechopt.mechanism.mechanism import Mechanism
from mechopt.types import TypeSpace
from mechopt.types.cells import cells_between, curve_of
from mechopt.types.foreign import budget
from mechopt.types.prices.expected import expected_of_offers, offers_of
from mechopt.types.prices.hull import EPSILON, best_fixed_prices
from mechopt.types.prices.search import Traded, best_fixed_price, traded_at

# Payments of every profile are written out where there are at most so many profiles.
MAX_PAID_PROFILES = 1_000_000


@saved_as("mechopt.StepRule")
@dataclass(frozen=True, eq=False)
class StepRule(Allocation):
    """Trade at once with every buyer type from some type on, which rises with the seller's type.

    All mechanisms in which one price decides are of this form. Nothing is stored for every profile.

    Parameters
    ----------
    first : array of shape (num_seller_types,)
        Position of the first buyer type that trades with each seller type, never falling; the
        number of buyer types where none does.

    Raises
    ------
    InvalidInputError
        For positions that fall, or lie below zero.

    Examples
    --------
    >>> from mechopt import BilateralTrade
    >>> types = TypeSpace.finite([0, 1])
    >>> StepRule([0, 2]).dense(BilateralTrade(types, types))
    array([[[1., 1.],
            [0., 0.]]])
    """

    first: IndexArray

    def __post_init__(self) -> None:
        first = np.array(self.first, dtype=np.intp)
        first.flags.writeable = False
        object.__setattr__(self, "first", first)
        if first.ndim != 1 or not first.size or first[0] < 0 or (np.diff(first) < 0).any():
            raise InvalidInputError(
                "not the steps of a rule",
                where="first",
                expected="one position of at least 0 per seller type, none below the one before",
                got=f"{first.tolist()[:10]}",
                remedy="Sort the positions; a seller with a higher cost trades with fewer buyers.",
            )

    def dense(self, environment: Environment) -> FloatArray:
        """Return the outcomes of all profiles, if they fit."""
        environment.require_dense("the allocation")
        return self.on_grid(environment, [np.arange(size) for size in environment.shape])

    def on_grid(self, environment: Environment, types: Sequence[IndexArray]) -> FloatArray:
        """Return the outcomes of the profiles of these types."""
        self._check(environment)
        agreed = types[1][None, :] >= self.first[types[0]][:, None]
        shape = (len(environment.outcomes.variables), *agreed.shape)
        return np.broadcast_to(agreed.astype(np.float64), shape)

    def interim_quantities(self, environment: Environment) -> tuple[FloatArray, ...]:
        """Return probabilities of trade, the seller's with a minus, by running sums."""
        self._check(environment)
        seller, buyer = environment.masses
        return -self.seller_sums(buyer), self.buyer_sums(seller, buyer.size)

    def seller_sums(self, values: FloatArray) -> FloatArray:
        """Return, for each seller type, the sum of values over the buyer types it trades with."""
        return np.append(np.cumsum(values[::-1])[::-1], 0.0)[self.first]

    def buyer_sums(self, values: FloatArray, num_buyers: int) -> FloatArray:
        """Return, for each buyer type, the sum of values over the seller types it trades with."""
        trading = np.searchsorted(self.first, np.arange(num_buyers), side="right")
        return np.concatenate([[0.0], np.cumsum(values)])[trading]

    def _check(self, environment: Environment) -> None:
        sizes = environment.shape
        if len(sizes) != 2 or sizes[0] != self.first.size or self.first[-1] > sizes[1]:
            raise InvalidInputError(
                "the allocation does not fit the environment",
                where="allocation",
                expected=f"{self.first.size} seller types, at least {self.first[-1]} buyer types",
                got=f"{' x '.join(map(str, sizes))} types",
                remedy="Give one position per seller type.",
            )


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
    >>> from mechopt import BilateralTrade
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
        infinite for a buyer, and nobody accepts it.
    mechanism
        Its environment has the offerer's types at the means of its cells, and the other side's
        cells of a continuous prior cut at all offers.
    expected
        What the offers bring, with its error: over a continuous prior, those of all its types.

    Examples
    --------
    >>> from mechopt import BilateralTrade
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
    >>> from mechopt import BilateralTrade
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> best = best_posted_price(BilateralTrade(types, types))
    >>> best.price, round(best.expected.total, 6)
    (3.0, 0.833333)
    """
    with budget():
        return _best_posted_price_within_budget(trade)


def _best_posted_price_within_budget(trade: Environment) -> PostedPrice:
    require_exchange(trade)
    seller, buyer = (
        agent.types if agent.types.prior is not None else _at_means(agent.types)
        for agent in trade.agents
    )
    curves = curve_of(seller), curve_of(buyer)
    if seller.prior is None and buyer.prior is None:
        lowest, highest = best_fixed_prices(seller, buyer)
    else:
        lowest, highest = best_fixed_price(*curves)
    price = 0.5 * (lowest + highest)
    environment = _with_types(trade, _cut(seller, price), _cut(buyer, price))
    seller, buyer = (agent.types for agent in environment.agents)
    first = np.full(seller.num_cells, buyer.num_cells)
    first[seller.upper <= price] = np.searchsorted(buyer.lower, price, side="left")
    paid = np.full(seller.num_cells, price)
    mechanism = _priced(environment, StepRule(first), paid, by=0)
    return PostedPrice(price, lowest, highest, mechanism, traded_at(price, *curves))


def _at_means(types: TypeSpace) -> TypeSpace:
    """Return finite types at the means of cells; finite types as they are."""
    return types if types.is_finite else TypeSpace(types.mass, types.mean, types.mean, types.mean)


def _cut(types: TypeSpace, *prices: float) -> TypeSpace:
    """Return the cells of a continuous prior cut at the prices too; finite types as they are."""
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
    near = np.abs(inner - cuts[place]) <= slack
    near |= np.abs(inner - cuts[np.maximum(place - 1, 0)]) <= slack
    edges = np.concatenate([[types.lowest], inner[~near], cuts, [types.highest]])
    return cells_between(types.prior, np.sort(edges))


def _with_types(trade: Environment, *spaces: TypeSpace) -> Environment:
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
        ``"seller"`` or ``"buyer"``: the role that makes the offer.

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
    >>> from mechopt import BilateralTrade
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
    spaces[by] = _at_means(given)
    price = offers_of(spaces[by], other, by=by)
    spaces[1 - by] = _cut(other, *price[np.isfinite(price)].tolist())
    environment = _with_types(trade, *spaces)
    other = spaces[1 - by]
    # Where cells were cut at an offer, the cut may stand for its neighbours within rounding too.
    rounding = 0.0 if other.prior is None else 16.0 * EPSILON * environment.largest_type
    if by == 0:
        first = np.searchsorted(other.lower, price - rounding, side="left")
    else:
        # How many sellers accept each buyer's offer, and so which buyer each seller meets first.
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
    seller, buyer = mechanism.expected_utility.values()
    chance = mechanism.environment.agents[1].types.expectation(mechanism.quantity[1])
    sizes = mechanism.environment.shape
    return Traded(seller, buyer, chance, EPSILON * sum(sizes) * (abs(seller) + abs(buyer)))


def _priced(trade: Environment, rule: StepRule, price: FloatArray, *, by: int) -> Mechanism:
    """Return the rule with a price per type of one side, paid at trade and never without."""
    seller, buyer = trade.masses
    if by == 0:
        received = price * rule.seller_sums(buyer)
        paid = rule.buyer_sums(seller * price, buyer.size)
    else:
        received = rule.seller_sums(buyer * price)
        paid = price * rule.buyer_sums(seller, buyer.size)
    everywhere = None
    if trade.num_profiles <= MAX_PAID_PROFILES:
        agreed = np.arange(buyer.size)[None, :] >= rule.first[:, None]
        payment = np.where(agreed, price[:, None] if by == 0 else price[None, :], 0.0)
        everywhere = frozen(np.stack([-payment, payment]))
    return Mechanism(trade, rule, (sealed(-received), sealed(paid)), everywhere)


def require_exchange(trade: Environment) -> Exchange:
    """Return how one agent gives to the other; raise InvalidInputError where that is not so."""
    require(trade, Environment, where="trade", remedy="Pass a BilateralTrade.")
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
