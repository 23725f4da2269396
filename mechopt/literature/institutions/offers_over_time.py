"""Offers by a seller of known cost, one per period, to a buyer who may wait."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.given import discount_factor, number_of_periods
from mechopt._util.rounding import power_of_ten
from mechopt.environments import DelayedTrade, Environment
from mechopt.errors import UnsupportedProblemError
from mechopt.literature.cramton1985.learning import Course
from mechopt.literature.cramton1985.sequential import SequentialAudit
from mechopt.literature.institutions.over_time import audit_offers, course_of_offers
from mechopt.mechanism.allocation import Table
from mechopt.mechanism.mechanism import Mechanism
from mechopt.studies.comparison_rows import ComparisonRow
from mechopt.studies.offers import cut_at, with_types
from mechopt.studies.sealed_offers import Deviation, laws_of, trade_at_once
from mechopt.types.curves import Expectations
from mechopt.types.foreign import budget
from mechopt.types.source import Source
from mechopt.types.sources.finite import Finite

NUM_STATES = 401
# The lowest states are this much closer together than the highest, in powers of e.
GRADED = 14.0
HALVINGS = 50
# Of offers by which a seller would gain more, in widths of the types, none are returned.
ACCURATE = 1e-4
# Deviations are tried at so many times as many states.
FINER = 2


@dataclass(frozen=True, eq=False)
class SellerOffers:
    """Prices that a seller of known cost asks, one per period, of a buyer who may wait.

    The buyer takes the price of the period that is best for it; the seller cannot promise later
    prices. Where the two discount alike, both discount what they gain by the same factor.

    Parameters
    ----------
    trade
        Bilateral trade with one type of the seller.
    discount
        What money, and a unit of trade to the more patient side, is worth one period later, from 0
        to less than 1; to the other side it is this to the power of its rate over the lesser one.
    prices, last : arrays of shape (num_periods,)
        The prices asked, in money of the period, and the lowest type that accepts each, in money.
    seller_gain
        The most that the seller gains by another price in a period, with any number of periods
        left and any types of the buyer: those above some type are gone. Recomputed at states and
        prices between those that the solution used.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> value = TypeSpace.from_distribution(stats.uniform(0, 1), 4)
    >>> trade = BilateralTrade(TypeSpace.finite([0]), value)
    >>> offers = finite_horizon_offers(trade, 0.5, periods=2)
    >>> offers.prices.round(3), offers.last.round(3)  # 9/20 and 3/10; those above 3/5, then 3/10
    (array([0.45, 0.3 ]), array([0.6, 0.3]))
    """

    trade: Environment
    discount: float
    prices: FloatArray
    last: FloatArray
    seller_gain: float

    @cached_property
    def _law(self) -> Source:
        return laws_of(self.trade)[1]

    @property
    def cost(self) -> float:
        """The seller's cost, in the first period."""
        return float(self.trade.agents[0].types.mean[0])

    @cached_property
    def _worth(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """What trade is worth to seller and buyer, and money to both, in each period."""
        money = self.discount ** np.arange(self.prices.size)
        seller, buyer = _relative(self.trade, self.discount, self.prices.size)
        return np.asarray(money * seller), np.asarray(money * buyer), np.asarray(money)

    @cached_property
    def deviation(self) -> Deviation:
        """The largest gain of the seller by another price, or of the buyer by another period."""
        types = np.linspace(self._law.low, self._law.high, 2001)
        _, worth, money = self._worth
        each = worth * types[:, None] - money * self.prices
        period = np.searchsorted(-self.last, -types, side="left")
        own = np.append(each, np.zeros((types.size, 1)), axis=1)[np.arange(types.size), period]
        gain = each.max(axis=1, initial=0.0) - own
        worst = int(gain.argmax())
        names = [agent.name for agent in self.trade.agents]
        if gain[worst] > self.seller_gain:
            return Deviation(names[1], float(types[worst]), float(gain[worst]))
        return Deviation(names[0], self.cost, self.seller_gain)

    @cached_property
    def utilities(self) -> dict[str, float]:
        """Agent name to expected utility, in money of the first period."""
        law, (own, worth, money) = self._law, self._worth
        over = Expectations(law, law.low, law.high)
        ends = np.concatenate([[law.high], self.last])
        reached = law.above(ends)
        sold = np.diff(reached)
        # What types from each end on are worth in all.
        values = np.diff(over.over(ends) + ends * reached)
        names = [agent.name for agent in self.trade.agents]
        paid = float((money * self.prices) @ sold)
        return {
            names[0]: paid - self.cost * float(own @ sold),
            names[1]: float(worth @ values) - paid,
        }

    @property
    def total(self) -> float:
        """Expected gains of both, in money of the first period."""
        return sum(self.utilities.values())

    @cached_property
    def mechanism(self) -> Mechanism:
        """The direct mechanism: a period later counts as a trade that is less likely.

        Cells of the buyer are cut at the types that accept each price last.
        """
        seller, buyer = (agent.types for agent in self.trade.agents)
        buyer = cut_at(buyer, *np.unique(self.last).tolist())
        environment = with_types(self.trade, seller, buyer)
        # A cell that rounding put across an end goes by its mean.
        period = np.searchsorted(-self.last, -buyer.mean, side="left")
        own, worth, money = (np.append(part, 0.0)[period][None, :] for part in self._worth)
        paid = (money * np.append(self.prices, 0.0)[period])[0]
        if isinstance(environment.outcomes, DelayedTrade):
            outcome = np.stack([own, worth])
        else:
            outcome = np.multiply.outer(trade_at_once(environment), own)
        return Mechanism.of_profiles(environment, Table(outcome), np.stack([-paid, paid])[:, None])

    @cached_property
    def course(self) -> Course:
        """The mechanism as it unfolds: who trades in which period, and pays what."""
        mechanism = self.mechanism
        buyer = mechanism.environment.agents[1].types
        period = np.searchsorted(-self.last, -buyer.mean, side="left")
        now = np.arange(self.prices.size)[:, None] == period
        worth = self._worth[2] * self.prices
        chance = now.astype(np.float64)[:, None, :]
        return course_of_offers(mechanism, self.discount, chance, chance * worth[:, None, None])

    def row(self) -> ComparisonRow:
        """Return the row of a comparison, which passes unless someone gains by deviating."""
        law, gain = self._law, self.deviation.gain
        width = max(law.high, self.cost) - min(law.low, self.cost)
        reached = law.above(np.append(law.high, self.last))
        chances = [float(worth @ np.diff(reached)) for worth in self._worth[:2]]
        return ComparisonRow(
            "offers over time", self.total, self.utilities,
            dict(zip(self.utilities, chances, strict=True)),
            remark=f"{self.prices.size} periods, discount factor {self.discount:.6g}; nobody gains "
            f"more than {power_of_ten(gain, width)} by deviating",
            max_violation=gain / width, passed=gain <= ACCURATE * width,
        )  # fmt: skip

    def sequential_audit(self) -> SequentialAudit:
        """Ask before each offer, and after the last, whether all would prefer another mechanism.

        They would where a buyer whose virtual value, among those left, is above the cost is served
        later than now: the seller could promise it the object now. It cannot promise anything here.
        """
        return audit_offers(self.course, self.discount, self.prices.size)


def finite_horizon_offers(trade: Environment, discount: float, periods: int) -> SellerOffers:
    """Return the equilibrium of a seller's offers to a buyer over some periods.

    Parameters
    ----------
    trade
        Bilateral trade with one type of the seller, and a continuous prior of the buyer.
    discount
        What money, and trade to the more patient side, is worth one period later, from 0 to less
        than 1.
    periods
        How many offers there are.

    Raises
    ------
    InvalidInputError
        For a discount factor or a number that is none.
    UnsupportedProblemError
        For several types of the seller, a buyer without a density, and infinite rates; and where a
        seller would gain by other offers, as with prices that jump with the types that are left.

    Notes
    -----
    Backward induction over truncated beliefs: when types up to x are left, the seller sells down to
    the type y that is indifferent between the price and the next period's at y. Value and price are
    computed at 401 types, and the best y for each of them by bisection of slopes of cubics between
    them. Each period passes on slopes of the one after it, so that errors grow: some 12 periods of
    most priors can be computed, and the rest is refused. Of values uniform from the cost on, at
    equal rates, all that is a multiple of the types left, for any number of periods. Where rates
    differ, the cost or the values fall from period to period, in money of the
    period. Source: Sobel and Takahashi (1983), doi:10.2307/2297673; unlike rates are ours.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> value = TypeSpace.from_distribution(stats.uniform(0, 1), 4)
    >>> offers = finite_horizon_offers(BilateralTrade(TypeSpace.finite([0]), value), 0.9, 1)
    >>> offers.prices.round(6), round(offers.total, 6)
    (array([0.5]), 0.375)
    """
    discount_factor(discount)
    number_of_periods(periods)
    laws = laws_of(trade)
    law = laws[1]
    if trade.agents[0].types.num_cells != 1 or isinstance(law, Finite) or not law.is_smooth:
        raise UnsupportedProblemError(
            "offers over time are for one type of the seller and a buyer's prior with a density"
        )
    falling, worth = _relative(trade, discount, periods)
    costs = float(trade.agents[0].types.mean[0]) * falling
    least = max(law.low, float((costs / worth).min()))
    if law.high <= least:
        raise UnsupportedProblemError("no type of the buyer gains from trade")
    alike = bool((falling == 1.0).all() and (worth == 1.0).all())
    if alike and law.uniform_on is not None and float(costs[0]) >= law.low:
        return SellerOffers(trade, discount, *_series(law, float(costs[0]), discount, periods))
    low, width = least, law.high - least
    with budget():
        states, finer = _states(low, width, NUM_STATES), _states(low, width, FINER * NUM_STATES)
        below, finer_below = law.below(states), law.below(finer)
        values, asks, gain = np.zeros(NUM_STATES), worth[-1] * states, 0.0
        kept: list[tuple[FloatArray, FloatArray]] = []
        for period in reversed(range(periods)):
            cost = float(costs[period])
            place = _best(below, asks, values, cost, discount)
            ask, later = (_between(part, finer.size) for part in (asks, values))
            most = _worth(finer_below[:, None], finer_below, ask, later, cost, discount)
            most = np.where(np.tri(finer.size, dtype=bool), most, -np.inf).max(axis=1)
            at = _between(place, finer.size)
            stop = np.minimum(_states(low, width, NUM_STATES, at), finer)
            made = _worth(finer_below, law.below(stop), _at(asks, at), _at(values, at), cost,
                          discount)  # fmt: skip
            gain = max(gain, float((most - made).max()))
            stop = np.minimum(_states(low, width, NUM_STATES, place), states)
            price = _at(asks, place)
            values = _worth(below, law.below(stop), price, _at(values, place), cost, discount)
            kept.append((place, price))
            # Who waits gives up what the object is worth now.
            now = worth[max(period - 1, 0)]
            asks = (now - discount * worth[period]) * states + discount * price
        if gain > ACCURATE * width:
            raise UnsupportedProblemError(
                f"the seller's offers were not found: others would bring {gain:.1e} more "
                "somewhere. Take fewer periods, or a prior whose virtual values rise."
            )
        asked, last, spot = [], [], np.array([NUM_STATES - 1.0])
        for place, price in reversed(kept):
            asked.append(float(_at(price, spot)[0]))
            spot = np.minimum(_at(place, spot), spot)
            last.append(float(_states(low, width, NUM_STATES, spot)[0]))
    return SellerOffers(trade, discount, np.array(asked), np.array(last), max(gain, 0.0))


def _series(
    law: Source, cost: float, discount: float, periods: int
) -> tuple[FloatArray, FloatArray, float]:
    """Return prices, who accepts them last, and the seller's gain; values are uniform from a cost.

    With types up to x above the cost left, the seller asks ``a y`` of the type y that accepts last,
    where ``a = 1 - discount + discount * p`` and the next offer asks ``p`` times what is left, and
    has ``(x - y) a y + discount w y^2`` in all; w is what later offers bring if all types are left.
    """
    share, width = float(law.above(np.array([cost]))[0]), law.high - cost
    asked, worth, gain = 1.0, 0.0, 0.0
    tried = np.linspace(0.0, 1.0, FINER * NUM_STATES)
    found: list[tuple[float, float]] = []
    for _ in range(periods):
        slope = 1.0 - discount + discount * asked
        stop = slope / (2.0 * (slope - discount * worth))
        most = float(((1.0 - tried) * slope * tried + discount * worth * tried**2).max())
        asked = slope * stop
        worth = (1.0 - stop) * asked + discount * worth * stop**2
        gain = max(gain, most - worth)
        found.append((asked, stop))
    prices, stops = np.array(found[::-1]).T
    left = np.append(1.0, np.cumprod(stops))
    return cost + width * prices * left[:-1], cost + width * left[1:], share * width * gain


def _relative(trade: Environment, discount: float, periods: int) -> tuple[FloatArray, FloatArray]:
    """Return what trade is worth to seller and buyer in money of each period.

    Raises
    ------
    UnsupportedProblemError
        For an infinite rate.
    """
    outcomes, rates = trade.outcomes, (1.0, 1.0)
    if isinstance(outcomes, DelayedTrade):
        rates = outcomes.seller_rate, outcomes.buyer_rate
    if any(map(math.isinf, rates)):
        raise UnsupportedProblemError(
            f"offers over time need finite discount rates (got {rates[0]:g} and {rates[1]:g})"
        )
    powers = np.arange(periods)
    extra = [rate / min(rates) - 1.0 for rate in rates]
    return np.asarray(discount ** (extra[0] * powers)), np.asarray(discount ** (extra[1] * powers))


def _states(low: float, width: float, number: int, places: FloatArray | None = None) -> FloatArray:
    """Return types that are ever closer together towards the lowest, or those at given places."""
    at = np.arange(number) if places is None else places
    return np.asarray(low + width * np.expm1(GRADED * at / (number - 1)) / np.expm1(GRADED))


def _cubic(values: FloatArray) -> Any:
    """Return a smooth function of the place between states."""
    from scipy.interpolate import CubicSpline

    return CubicSpline(np.arange(values.size), values)


def _at(values: FloatArray, places: FloatArray) -> FloatArray:
    return np.asarray(_cubic(values)(places))


def _between(values: FloatArray, number: int) -> FloatArray:
    return _at(values, np.linspace(0.0, values.size - 1.0, number))


def _worth(
    start: FloatArray, stop: FloatArray, ask: FloatArray, later: FloatArray,
    cost: float, discount: float,
) -> FloatArray:  # fmt: skip
    """Return what selling from one type down to another brings, given the chances below both."""
    return np.asarray((start - stop) * (ask - cost) + discount * later)


def _best(
    below: FloatArray, asks: FloatArray, later: FloatArray, cost: float, discount: float
) -> FloatArray:
    """Return down to which place the seller sells from each, around the best state."""
    worth = _worth(below[:, None], below, asks, later, cost, discount)
    rows = np.arange(below.size)
    at = np.where(rows <= rows[:, None], worth, -np.inf).argmax(axis=1)
    chance, ask, rest = (_cubic(part) for part in (below, asks, later))

    def slope(places: FloatArray) -> FloatArray:
        sold = below - chance(places)
        return np.asarray(
            sold * ask(places, 1) - chance(places, 1) * (ask(places) - cost)
            + discount * rest(places, 1)
        )  # fmt: skip

    # Slopes tell the place to more digits than values do, which later periods need.
    left, right = np.maximum(at - 1.0, 0.0), np.minimum(at + 1.0, rows)
    crossed = (slope(left) > 0) & (slope(right) < 0)
    for _ in range(HALVINGS):
        middle = 0.5 * (left + right)
        rising = slope(middle) > 0
        left, right = np.where(rising, middle, left), np.where(rising, right, middle)
    return np.asarray(np.where(crossed, 0.5 * (left + right), at))
