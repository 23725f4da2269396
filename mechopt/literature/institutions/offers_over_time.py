"""Offers by the seller, one per period: to a buyer who may wait, by a seller who may be unknown."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.given import is_real
from mechopt.environments import BilateralTrade, Environment
from mechopt.errors import InvalidInputError, UnsupportedProblemError
from mechopt.literature.cramton1985.learning import Course
from mechopt.literature.cramton1985.sequential import SequentialAudit
from mechopt.literature.institutions.over_time import audit_offers, course_of_offers
from mechopt.mechanism.allocation import Table
from mechopt.mechanism.mechanism import Mechanism
from mechopt.studies.comparison_rows import ComparisonRow
from mechopt.studies.offers import cut_at, with_types
from mechopt.studies.sealed_offers import Deviation, laws_of, trade_at_once
from mechopt.types import TypeSpace
from mechopt.types.curves import Expectations
from mechopt.types.foreign import budget
from mechopt.types.quadrature import POINTS, WEIGHTS
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
# Periods that sums over an infinite horizon count at most.
MOST_PERIODS = 4_000


@dataclass(frozen=True, eq=False)
class SellerOffers:
    """Prices that a seller of known cost asks, one per period, of a buyer who may wait.

    Both discount what they gain by the same factor per period. The buyer takes the price of the
    period that is best for it; the seller cannot promise later prices.

    Parameters
    ----------
    trade
        Bilateral trade with one type of the seller.
    discount
        What a gain is worth one period later, from 0 to less than 1.
    prices, last : arrays of shape (num_periods,)
        The prices asked, and the lowest type that accepts each, in money.
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
        """The seller's cost."""
        return float(self.trade.agents[0].types.mean[0])

    @cached_property
    def deviation(self) -> Deviation:
        """The largest gain of the seller by another price, or of the buyer by another period."""
        types = np.linspace(self._law.low, self._law.high, 2001)
        factors = self.discount ** np.arange(self.prices.size)
        each = factors * (types[:, None] - self.prices)
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
        law, factors = self._law, self.discount ** np.arange(self.prices.size)
        over = Expectations(law, law.low, law.high)
        ends = np.concatenate([[law.high], self.last])
        reached = law.above(ends)
        sold = np.diff(reached)
        # What types from each end on are worth in all.
        worth = np.diff(over.over(ends) + ends * reached)
        names = [agent.name for agent in self.trade.agents]
        seller = float(factors @ ((self.prices - self.cost) * sold))
        return {names[0]: seller, names[1]: float(factors @ (worth - self.prices * sold))}

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
        factors = np.append(self.discount ** np.arange(self.prices.size), 0.0)[period]
        paid = factors * np.append(self.prices, 0.0)[period]
        outcome = np.multiply.outer(trade_at_once(environment), factors[None, :])
        return Mechanism.of_profiles(environment, Table(outcome), np.stack([-paid, paid])[:, None])

    @cached_property
    def course(self) -> Course:
        """The mechanism as it unfolds: who trades in which period, and pays what."""
        mechanism = self.mechanism
        buyer = mechanism.environment.agents[1].types
        period = np.searchsorted(-self.last, -buyer.mean, side="left")
        now = np.arange(self.prices.size)[:, None] == period
        worth = self.discount ** np.arange(self.prices.size) * self.prices
        chance = now.astype(np.float64)[:, None, :]
        return course_of_offers(mechanism, self.discount, chance, chance * worth[:, None, None])

    def row(self) -> ComparisonRow:
        """Return the row of a comparison, which passes unless someone gains by deviating."""
        law, gain = self._law, self.deviation.gain
        width = max(law.high, self.cost) - min(law.low, self.cost)
        reached = law.above(np.append(law.high, self.last))
        chance = float(self.discount ** np.arange(self.prices.size) @ np.diff(reached))
        return ComparisonRow(
            "offers over time", self.total, self.utilities, dict.fromkeys(self.utilities, chance),
            remark=f"{self.prices.size} periods, discount factor {self.discount:.6g}; nobody gains "
            f"more than {gain:.0e} by deviating",
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
        What a gain is worth to both one period later, from 0 to less than 1.
    periods
        How many offers there are.

    Raises
    ------
    InvalidInputError
        For a discount factor or a number that is none.
    UnsupportedProblemError
        For several types of the seller, and a buyer without a density; and where a seller would
        gain by other offers, as with prices that jump with the types that are left.

    Notes
    -----
    Backward induction: when types up to x are left, the seller sells down to the type y that is
    indifferent between the price and the next period's at y. Value and price are computed at 401
    types, and the best y for each of them by bisection of slopes of cubics
    between them. Source: Sobel and Takahashi (1983), doi:10.2307/2297673.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> value = TypeSpace.from_distribution(stats.uniform(0, 1), 4)
    >>> offers = finite_horizon_offers(BilateralTrade(TypeSpace.finite([0]), value), 0.9, 1)
    >>> offers.prices.round(6), round(offers.total, 6)
    (array([0.5]), 0.375)
    """
    _require(discount, periods)
    laws = laws_of(trade)
    law = laws[1]
    if trade.agents[0].types.num_cells != 1 or isinstance(law, Finite) or not law.is_smooth:
        raise UnsupportedProblemError(
            "offers over time are for one type of the seller and a buyer's prior with a density"
        )
    cost = float(trade.agents[0].types.mean[0])
    if law.high <= cost:
        raise UnsupportedProblemError("no type of the buyer gains from trade")
    low, width = max(law.low, cost), law.high - max(law.low, cost)
    with budget():
        states, finer = _states(low, width, NUM_STATES), _states(low, width, FINER * NUM_STATES)
        below, finer_below = law.below(states), law.below(finer)
        values, asks, gain = np.zeros(NUM_STATES), states, 0.0
        kept: list[tuple[FloatArray, FloatArray]] = []
        for _ in range(periods):
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
            asks = (1.0 - discount) * states + discount * price
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


@dataclass(frozen=True)
class DelayedFirstOffer:
    """Cramton's separating equilibrium: the seller shows its cost by when it first offers.

    Costs and values are uniform on one interval. A seller waits the longer, the higher its cost;
    its first offer tells the cost, and from then on it makes an offer each period, without end, in
    the stationary equilibrium for a known cost.

    Parameters
    ----------
    discount
        What a gain is worth to both one period later, from 0 to less than 1.
    width
        Of the interval, in money.

    Raises
    ------
    InvalidInputError
        For a discount factor that is none.

    Notes
    -----
    With ``r = sqrt(1 - discount)``, and c and b in units of the width from the lower end: a seller
    of cost c first offers when a gain has shrunk to ``(1-c)^(2(1-r)/r)``, and asks
    ``c + (1-c) r/(1+r)``; in each period types down to ``1/(1+r)`` of those left accept. All this
    brings ``r/(4(1+r))``, a share ``3r/(2(1+r))`` of the first best: 3/4 of it where there is one
    period, and nothing if periods are short. Source: Cramton (1984), doi:10.2307/2297780, whose
    model this is; the formulas are derived here, and checked by :attr:`largest_gain`.

    Examples
    --------
    >>> round(DelayedFirstOffer(0.3124).loss, 3)  # where offers of one side lose 32 %
    0.32
    >>> DelayedFirstOffer(0.0).share, round(DelayedFirstOffer(0.9).share, 3)
    (0.75, 0.36)
    """

    discount: float
    width: float = 1.0

    def __post_init__(self) -> None:
        _require(self.discount, 1)

    @property
    def _root(self) -> float:
        return float(np.sqrt(1.0 - self.discount))

    def factor(self, costs: FloatArray) -> FloatArray:
        """Return what a gain is worth when each cost, in widths, makes its first offer."""
        return np.asarray((1.0 - costs) ** (2.0 * (1.0 - self._root) / self._root))

    @property
    def share(self) -> float:
        """Share of the first best."""
        return 1.5 * self._root / (1.0 + self._root)

    @property
    def loss(self) -> float:
        """Share of the first best that is lost."""
        return 1.0 - self.share

    @property
    def total(self) -> float:
        """Expected gains of both, in money."""
        return self.share * self.width / 6.0

    @cached_property
    def largest_gain(self) -> float:
        """The most that a cost gains by the timing and offers of another, in money.

        By definition: prices and dates of each period summed up, for 201 costs and 801 reports.
        """
        cost, report = np.linspace(0.0, 1.0, 201), np.linspace(0.0, 1.0, 801)[:-1]
        kept, first = 1.0 / (1.0 + self._root), self._root / (1.0 + self._root)
        periods = np.arange(MOST_PERIODS)
        left = kept**periods
        factors = self.discount**periods * left * (1.0 - kept)
        # Sums over periods of what is sold, and of the price's distance from the report.
        sold, markup = float(factors.sum()), float(factors @ (first * left))
        rest = 1.0 - report

        def payoff(own: FloatArray, told: FloatArray, rest: FloatArray) -> FloatArray:
            return np.asarray(self.factor(told) * rest * (markup * rest + (told - own) * sold))

        best = payoff(cost[:, None], report, rest).max(axis=1, initial=0.0)
        return max(float((best - payoff(cost, cost, 1.0 - cost)).max()), 0.0) * self.width

    @cached_property
    def mechanism(self) -> Mechanism:
        """The direct mechanism of 40 cells of each side, which are equally likely."""
        return self.of_cells(40)

    def of_cells(self, cells: int) -> Mechanism:
        """Return the direct mechanism of so many equally likely cells of each side.

        What trade and payments are on average over pairs of cells, of which all types wait
        differently: incentives over cells hold up to terms of the order of a cell's width squared;
        :attr:`largest_gain` is about the types themselves.
        """
        from scipy import stats

        space = TypeSpace.from_distribution(stats.uniform(0.0, self.width), cells)
        environment = BilateralTrade(space, space)
        ends = np.linspace(0.0, 1.0, cells + 1)
        kept, first = 1.0 / (1.0 + self._root), self._root / (1.0 + self._root)
        least = np.log(1e-15) / np.log(kept * max(self.discount, 1e-12))
        # Ten points in a cell of costs; of values, those who accept in a period are an interval.
        costs = ends[:-1, None] + 0.5 * (POINTS + 1.0) / cells
        waited, rest = self.factor(costs), 1.0 - costs
        traded, paid = np.zeros((2, cells, cells))
        for period in range(min(int(least) + 2, MOST_PERIODS)):
            left = kept**period
            low, high = costs + rest * left * kept, costs + rest * left
            share = np.minimum(high[..., None], ends[1:]) - np.maximum(low[..., None], ends[:-1])
            worth = 0.5 * WEIGHTS * waited * self.discount**period
            chance = cells * worth[..., None] * np.maximum(share, 0.0)
            traded += chance.sum(axis=1)
            paid += ((costs + first * left * rest)[..., None] * chance).sum(axis=1)
        paid *= self.width
        outcome = np.multiply.outer(trade_at_once(environment), traded)
        return Mechanism.of_profiles(environment, Table(outcome), np.stack([-paid, paid]))

    def row(self) -> ComparisonRow:
        """Return the row of a comparison."""
        remark = f"discount factor {self.discount:.6g} per period"
        return ComparisonRow(
            "delayed first offer", self.total, remark=remark, max_violation=self.largest_gain,
            passed=self.largest_gain <= 1e-9 * self.width,
        )  # fmt: skip


def _require(discount: float, periods: int) -> None:
    if not (is_real(discount) and 0.0 <= discount < 1.0):
        raise InvalidInputError(
            "not a discount factor",
            where="discount",
            expected="a number from 0 to less than 1",
            got=repr(discount),
            remedy="It is what a gain is worth one period later.",
        )
    if not isinstance(periods, int) or periods < 1:
        raise InvalidInputError(
            "no periods",
            where="periods",
            expected="a whole number of at least 1",
            got=repr(periods),
            remedy="Give a number of offers.",
        )
