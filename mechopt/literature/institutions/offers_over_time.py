"""Offers by a side of known type, one per period, to another that may wait."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mechopt._util.arrays import FloatArray, IndexArray
from mechopt._util.given import discount_factor, number_of_periods
from mechopt._util.rounding import power_of_ten
from mechopt.environments import DelayedTrade, Environment
from mechopt.errors import UnsupportedProblemError
from mechopt.literature.cramton1985.learning import Course
from mechopt.literature.cramton1985.sequential import SequentialAudit
from mechopt.literature.institutions.followed_offers import TRIED, TRIED_SLOWLY, largest_gain
from mechopt.literature.institutions.over_time import audit_offers, course_of_offers
from mechopt.literature.institutions.smooth_pieces import States
from mechopt.literature.institutions.truncated_beliefs import rules
from mechopt.mechanism.allocation import Table
from mechopt.mechanism.mechanism import Mechanism
from mechopt.studies.comparison_rows import ComparisonRow
from mechopt.studies.offer_curves import turned
from mechopt.studies.offers import cut_at, with_types
from mechopt.studies.sealed_offers import Deviation, laws_of, trade_at_once
from mechopt.types import TypeSpace
from mechopt.types.curves import Expectations
from mechopt.types.foreign import budget
from mechopt.types.source import Source
from mechopt.types.sources.finite import Finite

# Of offers by which a seller would gain more, in widths of the types, none are returned.
ACCURATE = 1e-4


@dataclass(frozen=True, eq=False)
class OffersOverTime:
    """Prices that a side of known type names, one per period, to another that may wait.

    The other side takes the price of the period that is best for it; who offers cannot promise
    later prices. Where the two discount alike, both discount what they gain by the same factor.

    Parameters
    ----------
    trade
        Bilateral trade in which one side has one type.
    discount
        What money, and a unit of trade to the more patient side, is worth one period later, from 0
        to less than 1; to the other side it is this to the power of its rate over the lesser one.
    prices, last : arrays of shape (num_periods,)
        The prices, in money of the period, and the type that accepts each last, in money: the
        lowest value, or the highest cost. Once all have accepted, prices are what that type pays.
    gain
        The most that who offers gains by another price in a period, with any number of periods
        left and any types of the other side: those beyond some type are gone. Recomputed from whom
        the offers sell to, at other states and prices, with the error of the prices added.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt.institutions import finite_horizon_offers
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
    gain: float

    @cached_property
    def offerer(self) -> int:
        """Who offers: 0, the seller, or 1, the buyer."""
        return _offerer(self.trade)

    @property
    def known(self) -> float:
        """The type of who offers, in the first period."""
        return float(self.trade.agents[self.offerer].types.mean[0])

    @property
    def _sign(self) -> float:
        """1 where the seller offers; who buys sells with all signs turned."""
        return (1.0, -1.0)[self.offerer]

    @cached_property
    def _law(self) -> Source:
        return _frame(self.trade)[1]

    @cached_property
    def _worth(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """What trade is worth to who offers and to the other, and money to both, by period."""
        money = self.discount ** np.arange(self.prices.size)
        own, other = _relative(self.trade, self.discount, self.prices.size)
        return np.asarray(money * own), np.asarray(money * other), np.asarray(money)

    def _periods(self, types: FloatArray) -> IndexArray:
        """Return when each type of the other side, its sign turned with the rest, accepts."""
        return np.asarray(np.searchsorted(-self._sign * self.last, -types, side="left"))

    @cached_property
    def deviation(self) -> Deviation:
        """The largest gain of who offers by another price, or of the other by another period."""
        types = np.linspace(self._law.low, self._law.high, 2001)
        _, worth, money = self._worth
        each = worth * types[:, None] - money * (self._sign * self.prices)
        taken = np.append(each, np.zeros((types.size, 1)), axis=1)
        gain = each.max(axis=1, initial=0.0) - taken[np.arange(types.size), self._periods(types)]
        worst = int(gain.argmax())
        names = [agent.name for agent in self.trade.agents]
        if gain[worst] > self.gain:
            other = names[1 - self.offerer]
            return Deviation(other, self._sign * float(types[worst]), float(gain[worst]))
        return Deviation(names[self.offerer], self.known, self.gain)

    @cached_property
    def utilities(self) -> dict[str, float]:
        """Agent name to expected utility, in money of the first period."""
        law, (own, worth, money) = self._law, self._worth
        over = Expectations(law, law.low, law.high)
        ends = np.append(law.high, self._sign * self.last)
        reached = law.above(ends)
        sold = np.diff(reached)
        # What types from each end on are worth in all.
        values = np.diff(over.over(ends) + ends * reached)
        paid = float((money * self._sign * self.prices) @ sold)
        found = [paid - self._sign * self.known * float(own @ sold), float(worth @ values) - paid]
        names = [agent.name for agent in self.trade.agents]
        return dict(zip(names, found[:: int(self._sign)], strict=True))

    @property
    def total(self) -> float:
        """Expected gains of both, in money of the first period."""
        return sum(self.utilities.values())

    @cached_property
    def mechanism(self) -> Mechanism:
        """The direct mechanism: a period later counts as a trade that is less likely.

        Cells of the other side are cut at the types that accept each price last.
        """
        other = 1 - self.offerer
        spaces = [agent.types for agent in self.trade.agents]
        spaces[other] = cut_at(spaces[other], *np.unique(self.last).tolist())
        environment = with_types(self.trade, *spaces)
        # A cell that rounding put across an end goes by its mean.
        period = self._periods(self._sign * spaces[other].mean)
        worth = [np.append(part, 0.0)[period] for part in self._worth]
        paid = worth[2] * np.append(self.prices, 0.0)[period]
        shape = environment.shape
        if isinstance(environment.outcomes, DelayedTrade):
            outcome = np.stack(worth[:2][:: int(self._sign)]).reshape(2, *shape)
        else:
            outcome = np.multiply.outer(trade_at_once(environment), worth[0].reshape(shape))
        payments = np.stack([-paid, paid]).reshape(2, *shape)
        return Mechanism.of_profiles(environment, Table(outcome), payments)

    @cached_property
    def course(self) -> Course:
        """The mechanism as it unfolds: who trades in which period, and pays what."""
        mechanism = self.mechanism
        environment = mechanism.environment
        types = self._sign * environment.agents[1 - self.offerer].types.mean
        now = np.arange(self.prices.size)[:, None] == self._periods(types)
        chance = now.astype(np.float64).reshape(-1, *environment.shape)
        worth = self._worth[2] * self.prices
        return course_of_offers(mechanism, self.discount, chance, chance * worth[:, None, None])

    def row(self) -> ComparisonRow:
        """Return the row of a comparison, which passes unless someone gains by deviating."""
        law, gain, known = self._law, self.deviation.gain, self._sign * self.known
        width = max(law.high, known) - min(law.low, known)
        reached = law.above(np.append(law.high, self._sign * self.last))
        chances = [float(worth @ np.diff(reached)) for worth in self._worth[:2]]
        return ComparisonRow(
            "offers over time", self.total, self.utilities,
            dict(zip(self.utilities, chances[:: int(self._sign)], strict=True)),
            remark=f"{self.prices.size} periods, discount factor {self.discount:.6g}; nobody gains "
            f"more than {power_of_ten(gain, width)} by deviating",
            max_violation=gain / width, passed=gain <= ACCURATE * width,
        )  # fmt: skip

    def sequential_audit(self) -> SequentialAudit:
        """Ask before each offer, and after the last, whether all would prefer another mechanism.

        They would where a buyer whose virtual value, among those left, is above the cost is served
        later than now: the seller could promise it the object now. It cannot promise anything here.
        Offers by a buyer are like them.
        """
        return audit_offers(self.course, self.discount, self.prices.size)


def finite_horizon_offers(trade: Environment, discount: float, periods: int) -> OffersOverTime:
    """Return the equilibrium of offers over some periods by the side whose type is known.

    Parameters
    ----------
    trade
        Bilateral trade with one type of one side, which offers, and a continuous prior of the
        other.
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
        For several types of both sides, another side without a density, infinite rates, and types
        of which none gains; and should who offers gain by other offers than those found.

    Notes
    -----
    Backward induction over truncated beliefs: when types up to x are left, the seller sells down to
    the type y that is indifferent between the price and the next period's at y. Best prices are
    where lines touch a convex hull, on pieces of states between which they bend or jump; at a jump
    the highest best price is asked. A buyer's offers are a seller's with the signs of types and
    prices turned. Where rates differ, the cost or the values fall from period to period, in money
    of the period. Of values uniform from the cost on, at equal rates, all that is a multiple of the
    types left. In the gap case, a lowest value above the cost, trade ends after finitely many
    offers, the last of which is the lowest value; with enough periods that the first one no longer
    depends on them, these are the offers of the infinite horizon. See theory.md, 3.11. Sources:
    Sobel and Takahashi (1983), doi:10.2307/2297673, and Fudenberg, Levine and Tirole (1985),
    "Infinite-horizon models of bargaining with one-sided incomplete information", in A. E. Roth
    (ed.), Game-Theoretic Models of Bargaining; unlike rates are ours.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> value = TypeSpace.from_distribution(stats.uniform(0, 1), 4)
    >>> offers = finite_horizon_offers(BilateralTrade(TypeSpace.finite([0]), value), 0.9, 1)
    >>> offers.prices.round(6), round(offers.total, 6)
    (array([0.5]), 0.375)

    The gap case, in which the price of the second of four offers is the lowest value:

    >>> value = TypeSpace.from_distribution(stats.uniform(0.5, 1), 4)
    >>> offers = finite_horizon_offers(BilateralTrade(TypeSpace.finite([0]), value), 0.5, 4)
    >>> offers.prices.round(3), offers.last.round(3)
    (array([0.625, 0.5  , 0.5  , 0.5  ]), array([0.75, 0.5 , 0.5 , 0.5 ]))
    """
    discount_factor(discount)
    number_of_periods(periods)
    own, law = _frame(trade)
    falling, worth = _relative(trade, discount, periods)
    costs = own * falling
    least = max(law.low, float((costs / worth).min()))
    if law.high <= least:
        raise UnsupportedProblemError(
            f"no type of the {trade.agents[1 - _offerer(trade)].name} gains from trade"
        )
    sign = (1.0, -1.0)[_offerer(trade)]
    alike = bool((falling == 1.0).all() and (worth == 1.0).all())
    if alike and law.uniform_on is not None and own >= law.low:
        named, ends, gain = _series(law, own, discount, periods)
        return OffersOverTime(trade, discount, sign * named + 0.0, sign * ends + 0.0, gain)
    width = law.high - least
    states = States.of(law, least)
    # Prices and costs are reckoned from what the lowest type would pay, in widths.
    beyond = (costs - worth * least) / width
    with budget():
        found = rules(states, worth, beyond, discount)
        tried = TRIED_SLOWLY if law.is_slow else TRIED
        gain = largest_gain(found, states, worth, beyond, discount, tried)
    if not gain <= ACCURATE:
        who = trade.agents[_offerer(trade)].name
        raise UnsupportedProblemError(
            f"the {who}'s offers were not found: others would bring {gain * width:.1e} more "
            "somewhere. Take fewer periods, or a prior whose density is smoother."
        )
    asked, last, state = [], [], np.ones(1)
    for rule in found:
        asked.append(float(rule.asked(state)[0]))
        state = rule.last(state)
        last.append(law.high if state[0] == 1.0 else float(states.types(state)[0]))
    # The price that leaves the last type of each period indifferent, without what is rounded.
    stays = np.append(worth, 0.0)
    named = np.zeros(periods + 1)
    for period in reversed(range(periods)):
        rest = stays[period] - discount * stays[period + 1]
        named[period] = rest * last[period] + discount * named[period + 1]
    named = named[:-1]
    gain = gain * width + float(np.abs(named - worth * least - width * np.array(asked)).max())
    # Adding zero makes no price a negative zero.
    return OffersOverTime(trade, discount, sign * named + 0.0, sign * np.array(last) + 0.0, gain)


def is_known(types: TypeSpace) -> bool:
    """Return whether there is one type, which everybody knows.

    Examples
    --------
    >>> from scipy import stats
    >>> is_known(TypeSpace.finite([2])), is_known(TypeSpace.from_distribution(stats.uniform(), 1))
    (True, False)
    """
    return types.num_cells == 1 and types.prior is None


def _offerer(trade: Environment) -> int:
    """Return which side is known, the seller where both are."""
    return 0 if is_known(trade.agents[0].types) else 1


def _frame(trade: Environment) -> tuple[float, Source]:
    """Return the cost of who offers and the law of the other, signs turned where a buyer offers.

    Raises
    ------
    UnsupportedProblemError
        Unless one is known and the other has a density.
    """
    laws, offerer = laws_of(trade), _offerer(trade)
    own, law = trade.agents[offerer].types, laws[1 - offerer]
    if not is_known(own) or isinstance(law, Finite) or not law.is_smooth:
        raise UnsupportedProblemError(
            "offers over time are for one type of one side, and a prior of the other with a "
            f"density (got {laws[0].title} and {laws[1].title}). Games of few finite types on "
            "both sides are offers_by_one_side and alternating_offers."
        )
    known = float(own.mean[0])
    return (known, law) if offerer == 0 else (-known, turned(law))


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
    tried = np.linspace(0.0, 1.0, 2 * TRIED + 1)
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
    """Return what trade is worth to who offers and to the other, in money of each period.

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
    sides = rates if _offerer(trade) == 0 else rates[::-1]
    extra = [rate / min(rates) - 1.0 for rate in sides]
    return np.asarray(discount ** (extra[0] * powers)), np.asarray(discount ** (extra[1] * powers))
