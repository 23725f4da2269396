"""Offers by the seller, one per period: to a buyer who may wait, by a seller who may be unknown."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError, UnsupportedProblemError
from mechopt.mechanism.allocation import Table
from mechopt.mechanism.mechanism import Mechanism
from mechopt.studies.comparison_rows import ComparisonRow
from mechopt.studies.offers import cut_at, with_types
from mechopt.studies.sealed_offers import Deviation, laws_of, trade_at_once
from mechopt.types.curves import Expectations
from mechopt.types.foreign import budget
from mechopt.types.source import Source
from mechopt.types.sources.finite import Finite

NUM_STATES = 601
# Deviations are tried at so many times as many states.
FINER = 3


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
        For several types of the seller, and a buyer without a density.

    Notes
    -----
    Backward induction: when types up to x are left, the seller sells down to the type y that is
    indifferent between the price and the next period's at y. Value and price are computed at 601
    types, and the best y for each of them by a parabola through its neighbours. Source: Sobel and
    Takahashi (1983), doi:10.2307/2297673.

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
    with budget():
        states = np.linspace(max(law.low, cost), law.high, NUM_STATES)
        values, prices, nexts = [np.zeros(states.size)], [states], [states]
        gain = 0.0
        finer = np.linspace(states[0], states[-1], FINER * (NUM_STATES - 1) + 1)
        for left in range(periods):
            ask = states if not left else (1 - discount) * states + discount * prices[-1]
            value, following = _best(law, cost, discount, states, ask, values[-1], states)
            better, _ = _best(law, cost, discount, states, ask, values[-1], finer, finer)
            own = np.interp(finer, states, following)
            made = _worth(law, cost, discount, states, ask, values[-1], finer, own)
            gain = max(gain, float((better - made).max()))
            values.append(value)
            nexts.append(following)
            prices.append(np.interp(following, states, ask))
        asked, last, at = [], [], law.high
        for left in range(periods, 0, -1):
            asked.append(float(np.interp(at, states, prices[left])))
            at = float(np.interp(at, states, nexts[left]))
            last.append(at)
    return SellerOffers(trade, discount, np.array(asked), np.array(last), max(gain, 0.0))


def _worth(
    law: Source, cost: float, discount: float, states: FloatArray, ask: FloatArray,
    later: FloatArray, start: FloatArray, stop: FloatArray,
) -> FloatArray:  # fmt: skip
    """Return what selling from one type down to another brings, now and later."""
    sold = law.below(start) - law.below(stop)
    price, rest = np.interp(stop, states, ask), np.interp(stop, states, later)
    return np.asarray(sold * (price - cost) + discount * rest)


def _best(
    law: Source, cost: float, discount: float, states: FloatArray, ask: FloatArray,
    later: FloatArray, start: FloatArray, tried: FloatArray | None = None,
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """Return the best value from each type down, and down to which type that is."""
    stops = states if tried is None else tried
    below = law.below(stops)
    price, rest = np.interp(stops, states, ask), np.interp(stops, states, later)
    worth = (law.below(start)[:, None] - below) * (price - cost) + discount * rest
    worth = np.where(stops <= start[:, None], worth, -np.inf)
    at = worth.argmax(axis=1)
    best = worth[np.arange(start.size), at]
    if tried is not None:
        return best, stops[at]
    # A parabola through the neighbours, where both are among the types that are left.
    middle = np.clip(at, 1, stops.size - 2)
    rows = np.arange(start.size)
    left, here, right = (worth[rows, middle + i] for i in (-1, 0, 1))
    with np.errstate(invalid="ignore"):
        bend = left - 2.0 * here + right
        inner = (at == middle) & np.isfinite(bend) & (bend < 0)
        shift = np.where(inner, 0.5 * (left - right) / np.where(inner, bend, -1.0), 0.0)
    shift = np.clip(shift, -1.0, 1.0)
    found = np.minimum(stops[at] + shift * (stops[1] - stops[0]), start)
    gained = np.where(inner, -0.125 * (left - right) ** 2 / np.where(inner, bend, -1.0), 0.0)
    return best + np.maximum(gained, 0.0), np.asarray(found)


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
    period, and nothing if periods are short. Source: Cramton (1984), doi:10.2307/2297426, whose
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
        periods = np.arange(4_000)
        left = kept**periods
        factors = self.discount**periods * left * (1.0 - kept)
        # Sums over periods of what is sold, and of the price's distance from the report.
        sold, markup = float(factors.sum()), float(factors @ (first * left))
        rest = 1.0 - report

        def payoff(own: FloatArray, told: FloatArray, rest: FloatArray) -> FloatArray:
            return np.asarray(self.factor(told) * rest * (markup * rest + (told - own) * sold))

        best = payoff(cost[:, None], report, rest).max(axis=1, initial=0.0)
        return max(float((best - payoff(cost, cost, 1.0 - cost)).max()), 0.0) * self.width

    def row(self) -> ComparisonRow:
        """Return the row of a comparison."""
        remark = f"discount factor {self.discount:.6g} per period"
        return ComparisonRow(
            "delayed first offer", self.total, remark=remark, max_violation=self.largest_gain,
            passed=self.largest_gain <= 1e-9 * self.width,
        )  # fmt: skip


def _require(discount: float, periods: int) -> None:
    if not 0.0 <= discount < 1.0:
        raise InvalidInputError(
            "not a discount factor",
            where="discount",
            expected="a number from 0 to less than 1",
            got=f"{discount}",
            remedy="It is what a gain is worth one period later.",
        )
    if periods < 1:
        raise InvalidInputError(
            "no periods",
            where="periods",
            expected="at least 1",
            got=f"{periods}",
            remedy="Give a number of offers.",
        )
