"""Prices in bilateral trade: the best posted price, and take-it-or-leave-it offers by type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from mechopt.allocation import Allocation
from mechopt.arrays import FloatArray, IndexArray, frozen, sealed
from mechopt.environments import DelayedTrade, Environment, Trade
from mechopt.errors import InvalidInputError, require
from mechopt.mechanism import Mechanism
from mechopt.priors import TypeSpace

# Payments of every profile are written out where there are at most so many profiles.
MAX_PAID_PROFILES = 1_000_000
# Gains that differ by less than this, relative to the largest type, are as good as one another.
TIE = 1e-12
# How near to the best price the search for it ends, relative to the interval searched.
SEARCH_TOLERANCE = 1e-7


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
        Its environment has the offerer's types at the means of its cells.

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


def best_posted_price(trade: Environment) -> PostedPrice:
    """Return the price, fixed before types are known, that brings the largest expected gains.

    Trade is at once, if both sides agree; types that are indifferent agree. For finite types all
    prices are compared. Cells of a continuous prior are no obstacle to a price between their ends:
    gains are those of the continuum, and the price is refined until they no longer rise. A cell of
    a sample, whose types within are not kept, agrees or not by its mean.

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
    Between neighbouring types of finite sides the set of those who agree does not change; between
    the ends of cells the gains are smooth. Prices at all types and ends, and one in every interval
    that holds no type, are therefore compared, and next to the best of them a bounded search
    follows where some prior is continuous.

    Examples
    --------
    >>> from mechopt import BilateralTrade
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> best = best_posted_price(BilateralTrade(types, types))
    >>> best.price, round(best.mechanism.total_gains, 6)
    (3.0, 0.833333)
    """
    _require_trade(trade)
    seller, buyer = (
        agent.types if agent.types.prior is not None else _at_means(agent.types)
        for agent in trade.agents
    )

    def gains(prices: FloatArray) -> FloatArray:
        agreeing, costs = _at_most(seller, prices, inclusive=True)
        refusing, worths = _at_most(buyer, prices, inclusive=False)
        return (buyer.expectation(buyer.mean) - worths) * agreeing - costs * (1.0 - refusing)

    tolerance = TIE * trade.largest_type
    prices = _candidates(seller, buyer)
    found = gains(prices)
    tied = np.flatnonzero(found >= found.max() - tolerance)
    best, last = int(tied[0]), int(tied[np.append(np.diff(tied) > 1, True)][0])
    lowest, highest = float(prices[best]), float(prices[last])
    if seller.prior is not None or buyer.prior is not None:
        around = prices[max(best - 1, 0) : last + 2]
        price = _best_nearby(gains, around, 0.5 * (lowest + highest), tolerance)
        if best == last or gains(np.array([price]))[0] > found.max() + tolerance:
            lowest = highest = price
    price = 0.5 * (lowest + highest)
    environment = Environment(
        tuple(
            replace(agent, types=_cut(types, price))
            for agent, types in zip(trade.agents, (seller, buyer), strict=True)
        ),
        trade.outcomes,
    )
    seller, buyer = (agent.types for agent in environment.agents)
    first = np.full(seller.num_cells, buyer.num_cells)
    first[seller.upper <= price] = np.searchsorted(buyer.lower, price, side="left")
    paid = np.full(seller.num_cells, price)
    return PostedPrice(price, lowest, highest, _priced(environment, StepRule(first), paid, by=0))


def _at_most(
    types: TypeSpace, prices: FloatArray, *, inclusive: bool
) -> tuple[FloatArray, FloatArray]:
    """Return the probability of types up to each price, and its product with their mean.

    ``inclusive`` says whether a finite type at a price counts.
    """
    side: Literal["left", "right"] = "right" if inclusive else "left"
    below = np.searchsorted(types.upper, prices, side=side)
    mass, worth = (
        np.concatenate([[0.0], np.cumsum(values)])[below]
        for values in (types.mass, types.mass * types.mean)
    )
    if types.prior is None:
        return mass, worth
    # The part of the cell that holds the price: the quantile function up to it, by Gauss points.
    cell = np.minimum(below, types.num_cells - 1)
    inside = (below < types.num_cells) & (types.lower[cell] < prices)
    reached = np.asarray(types.prior.frozen.cdf(prices), dtype=np.float64)
    part = np.where(inside, np.minimum(np.maximum(reached - mass, 0.0), types.mass[cell]), 0.0)
    points, weights = np.polynomial.legendre.leggauss(5)
    quantiles = types.prior.frozen.ppf(mass[:, None] + part[:, None] * 0.5 * (1.0 + points))
    return mass + part, worth + np.where(part > 0, part * 0.5 * (quantiles @ weights), 0.0)


def _candidates(seller: TypeSpace, buyer: TypeSpace) -> FloatArray:
    """Return all types and ends of cells, and the middles of intervals without types between."""
    ends = np.unique(np.concatenate([seller.lower, seller.upper, buyer.lower, buyer.upper]))
    middles = 0.5 * (ends[:-1] + ends[1:])
    empty = np.ones(middles.size, dtype=np.bool_)
    for types in (seller, buyer):
        cell = np.minimum(np.searchsorted(types.upper, middles), types.num_cells - 1)
        empty &= (middles < types.lower[cell]) | (middles > types.upper[cell])
    return np.sort(np.concatenate([ends, middles[empty]]))


def _best_nearby(
    gains: Callable[[FloatArray], FloatArray], around: FloatArray, start: float, tolerance: float
) -> float:
    """Return the best price near one, or that one if no other is better beyond rounding."""
    from scipy.optimize import minimize_scalar

    def loss(price: float) -> float:
        return -float(gains(np.array([price]))[0])

    width = float(around[-1] - around[0])
    found = minimize_scalar(
        loss,
        bounds=(around[0], around[-1]),
        method="bounded",
        options={"xatol": SEARCH_TOLERANCE * width},
    )
    return float(found.x) if found.fun < loss(start) - tolerance else start


def _at_means(types: TypeSpace) -> TypeSpace:
    """Return finite types at the means of cells; finite types as they are."""
    return types if types.is_finite else TypeSpace(types.mass, types.mean, types.mean, types.mean)


def _cut(types: TypeSpace, price: float) -> TypeSpace:
    """Return the cells with the one around the price cut in two, at the price."""
    slack = TIE * max(abs(types.lowest), abs(types.highest))
    around = np.flatnonzero((types.lower < price - slack) & (types.upper > price + slack))
    if types.prior is None or not around.size:
        return types
    cell = int(around[0])
    (start, stop), (worth_start, worth_stop) = _at_most(
        types, np.array([types.lower[cell], price]), inclusive=True
    )
    mass, worth = stop - start, worth_stop - worth_start
    left = types.mass[cell] - mass
    if min(mass, left) <= TIE * types.mass[cell]:
        return types
    means = worth / mass, (types.mass[cell] * types.mean[cell] - worth) / left

    def with_two(values: FloatArray, pair: tuple[float, float]) -> FloatArray:
        return np.concatenate([values[:cell], pair, values[cell + 1 :]])

    return TypeSpace(
        with_two(types.mass, (mass, left)),
        with_two(types.mean, means),
        with_two(types.lower, (types.lower[cell], price)),
        with_two(types.upper, (price, types.upper[cell])),
    )


def take_it_or_leave_it(trade: Environment, offerer: str = "seller") -> Offers:
    """Return the mechanism in which one side, knowing its type, names the price.

    The other side takes the offer or leaves it; trade is at once. The offer of a type is the best
    of all against the other side's prior, regular or not. Types that are indifferent accept, and a
    cell accepts if all its types do. A cell of the offerer makes the offer that is best at its
    mean: in the continuum, where its types can differ, the offerer gains a little more.

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
    demand D, whose slopes are the ironed virtual values.

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
    _require_trade(trade)
    if offerer not in trade.outcomes.roles:
        raise InvalidInputError(
            "nobody of this role",
            where="offerer",
            expected=" or ".join(trade.outcomes.roles),
            got=repr(offerer),
            remedy="Say whose offer it is.",
        )
    by = trade.outcomes.roles.index(offerer)
    types = trade.agents[by].types
    at_means = _at_means(types)
    agents = list(trade.agents)
    agents[by] = replace(agents[by], types=at_means)
    environment = Environment(tuple(agents), trade.outcomes)
    other = agents[1 - by].types
    if by == 0:
        price, first = _best_offers(at_means.mean, other.lower, other.mass)
    else:
        # A buyer is a seller to whom money and goods are the other way round.
        mirrored, taken = _best_offers(-at_means.mean[::-1], -other.upper[::-1], other.mass[::-1])
        price = -mirrored[::-1]
        # How many sellers accept each buyer's offer, and so which buyer each seller meets first.
        accepting = other.num_cells - taken[::-1]
        first = np.searchsorted(accepting, np.arange(other.num_cells), side="right")
    paid = np.where(np.isfinite(price), price, 0.0)
    mechanism = _priced(environment, StepRule(first), paid, by=by)
    return Offers(trade.agents[by].name, sealed(price), mechanism)


def _best_offers(
    costs: FloatArray, limits: FloatArray, mass: FloatArray
) -> tuple[FloatArray, IndexArray]:
    """Return each cost's best price and the position of the first type that accepts it.

    ``limits`` are the highest prices that the other side's types accept, never falling. Where no
    price brings a gain, the price is infinite and the position is their number. Ties go to the
    higher price.
    """
    first = np.flatnonzero(np.diff(limits, prepend=-np.inf) > 0)
    demand = np.cumsum(mass[::-1])[::-1][first]
    # Corners of the concave hull from no trade on, and the slopes of the sides before them.
    corners, slopes = [-1], [np.inf]
    amounts, revenues = [0.0], [0.0]
    for place in range(first.size - 1, -1, -1):
        amount = float(demand[place])
        revenue = float(limits[first[place]]) * amount
        while True:
            slope = (revenue - revenues[-1]) / (amount - amounts[-1])
            if slope < slopes[-1]:
                break
            for stack in (corners, slopes, amounts, revenues):
                stack.pop()
        corners.append(place)
        slopes.append(slope)
        amounts.append(amount)
        revenues.append(revenue)
    # Corners whose side brings more than it costs, beyond rounding: slopes fall from infinity.
    rounding = TIE * max(np.abs(costs).max(), np.abs(limits).max())
    reached = np.searchsorted(-np.array(slopes), -(costs + rounding), side="left") - 1
    chosen = np.array(corners)[reached]
    traded = chosen >= 0
    price = np.where(traded, limits[first[chosen]], np.inf)
    return price, np.where(traded, first[chosen], mass.size)


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


def _require_trade(trade: Environment) -> None:
    require(trade, Environment, where="trade", remedy="Pass a BilateralTrade.")
    if not isinstance(trade.outcomes, (Trade, DelayedTrade)):
        raise InvalidInputError(
            "prices of bilateral trade are asked for",
            where="trade",
            expected="a BilateralTrade, with or without delay",
            got=type(trade.outcomes).__name__,
            remedy="Solve other environments with mechopt.solve.",
        )
