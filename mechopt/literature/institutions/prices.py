"""Prices fixed before types are known: lotteries over them, two prices, and a broker's."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, frozen
from mechopt._util.given import given_numbers
from mechopt._util.rounding import without_rounding
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError, UnsupportedProblemError
from mechopt.mechanism.allocation import Table
from mechopt.mechanism.mechanism import Mechanism
from mechopt.studies.comparison_rows import ComparisonRow
from mechopt.studies.offers import at_means, best_posted_price, cut_at, with_types
from mechopt.studies.sealed_offers import Deviation, laws_of, trade_at_once
from mechopt.types.curves import Expectations
from mechopt.types.foreign import budget
from mechopt.types.source import Source
from mechopt.types.sources.finite import Finite

# Prices of continuous priors are chosen among so many for each side, and again as many nearby.
NUM_PRICES = 48
REFINEMENTS = 4
# Of a price that is drawn evenly. Halves of so many parts are no decimals, and so no types.
NUM_STEPS = 256
# A row names so many pairs of prices, and of more how many there are.
MOST_NAMED = 6
# Probabilities below this are those of pairs that a linear program left at its tolerance.
LEAST = 1e-9
# Pairs that bring more than one price by less than this, relative to it, do not.
TIES = 1e-7


@dataclass(frozen=True, eq=False)
class PricePairs:
    """A draw among pairs of prices: the seller gets one, the buyer pays the other.

    The pair is drawn before types are known and made public; trade is at once if both agree.
    To agree if it gains is dominant for every type. A broker keeps what is between the prices.

    Parameters
    ----------
    trade
        Bilateral trade.
    to_seller, from_buyer, probabilities : arrays of shape (num_pairs,)
        What the seller gets and the buyer pays, in money, and how likely each pair is.
    name
        What they are.

    Raises
    ------
    InvalidInputError
        For arrays of unequal lengths, and probabilities that do not sum to one.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([0, 1])
    >>> pairs = PricePairs(BilateralTrade(types, types), [0.25], [0.5], [1])
    >>> pairs.total, pairs.profit, pairs.deviation.gain
    (0.25, 0.0625, 0.0)
    """

    trade: Environment
    to_seller: FloatArray
    from_buyer: FloatArray
    probabilities: FloatArray
    name: str = "price pairs"

    def __post_init__(self) -> None:
        for name in ("to_seller", "from_buyer", "probabilities"):
            values, _ = given_numbers(getattr(self, name), name)
            object.__setattr__(self, name, frozen(values))
        sizes = {x.size for x in (self.to_seller, self.from_buyer, self.probabilities)}
        off = abs(float(self.probabilities.sum()) - 1.0)
        if len(sizes) != 1 or not off <= 1e-9 or (self.probabilities < 0).any():
            raise InvalidInputError(
                "not a draw among pairs of prices",
                where="to_seller, from_buyer, probabilities",
                expected="arrays of one length, and probabilities that sum to 1",
                got=f"lengths {sorted(sizes)} and a sum of {self.probabilities.sum():.9g}",
                remedy="Give one probability per pair.",
            )

    @cached_property
    def _gains(self) -> FloatArray:
        """Expected gains of seller, buyer and broker, and the probability of trade, per pair."""
        return _terms(laws_of(self.trade), self.to_seller, self.from_buyer)

    @property
    def utilities(self) -> dict[str, float]:
        """Agent name to expected utility, in money."""
        names = [agent.name for agent in self.trade.agents]
        return {name: float(self.probabilities @ g) for name, g in zip(names, self._gains[:2],
                                                                       strict=True)}  # fmt: skip

    @property
    def profit(self) -> float:
        """What is left to the broker in expectation, in money; below zero if it pays in."""
        return float(self.probabilities @ self._gains[2])

    @property
    def total(self) -> float:
        """Expected gains of all, the broker's included, in money."""
        return float(self.probabilities @ self._gains[:3].sum(axis=0))

    @property
    def chance(self) -> float:
        """Probability of trade."""
        return float(self.probabilities @ self._gains[3])

    @cached_property
    def deviation(self) -> Deviation:
        """The largest gain from any set of pairs to agree to, over 1001 types of each side.

        What one type gains by agreeing to a pair is what it gets less its cost, times the
        probability that the other side agrees, whatever it agrees to otherwise.
        """
        laws, worst = laws_of(self.trade), Deviation(self.trade.agents[0].name, laws_of(
            self.trade)[0].low, 0.0)  # fmt: skip
        others = (laws[1].above(self.from_buyer), laws[0].below(self.to_seller))
        for i, agent in enumerate(self.trade.agents):
            law = laws[i]
            types = law.types if isinstance(law, Finite) else np.linspace(law.low, law.high, 1001)
            each = (self.to_seller - types[:, None]) if i == 0 else types[:, None] - self.from_buyer
            each = each * others[i] * self.probabilities
            agrees = (types[:, None] <= self.to_seller if i == 0 else
                      types[:, None] >= self.from_buyer)  # fmt: skip
            gain = np.maximum(each, 0.0).sum(axis=1) - (each * agrees).sum(axis=1)
            at = int(gain.argmax())
            if gain[at] > worst.gain:
                worst = Deviation(agent.name, float(types[at]), float(gain[at]))
        return worst

    @cached_property
    def largest_regret(self) -> float:
        """The most that one pair of types may lose by not trading, in money.

        It is what the pair gains by trade, times the probability that it does not trade, for any
        types between the lowest and the highest of each side. No priors, joint ones included,
        make trade lose more in expectation.
        """
        cost, value = laws_of(self.trade)
        asks, bids = self.to_seller, self.from_buyer
        # Who loses most has the lowest cost, or one just above a price; the highest value, or one
        # just below a price.
        above = np.unique(asks[(asks >= cost.low) & (asks < cost.high)])
        under = np.unique(bids[(bids > value.low) & (bids <= value.high)])
        sells = np.vstack([asks >= cost.low, asks > above[:, None]])
        buys = np.vstack([bids <= value.high, bids < under[:, None]])
        missed = 1.0 - (sells * self.probabilities) @ buys.T.astype(float)
        gained = np.append(value.high, under) - np.append(cost.low, above)[:, None]
        lost = np.maximum(gained, 0.0) * missed
        return without_rounding(float(lost.max()), float(np.abs(gained).max()))

    @cached_property
    def mechanism(self) -> Mechanism:
        """The direct mechanism; cells of a continuous prior are cut at the prices."""
        spaces = [
            cut_at(a.types if a.types.prior is not None else at_means(a.types), *prices.tolist())
            for a, prices in zip(self.trade.agents, (self.to_seller, self.from_buyer), strict=True)
        ]
        environment = with_types(self.trade, *spaces)
        drawn = (spaces[0].upper[:, None] <= self.to_seller) * self.probabilities
        buys = (spaces[1].lower[:, None] >= self.from_buyer).T.astype(float)
        paid = np.stack(
            [-(drawn * self.to_seller) @ buys, drawn @ (self.from_buyer[:, None] * buys)]
        )
        outcome = np.multiply.outer(trade_at_once(environment), drawn @ buys)
        rule = Table(outcome)
        if (self.to_seller <= self.from_buyer).all():
            return Mechanism.of_profiles(environment, rule, paid)
        # A budget on average is met in every profile by payments that depend on both types.
        interim = tuple(environment.interim(i, part) for i, part in enumerate(paid))
        return Mechanism(environment, rule, interim)

    def row(self) -> ComparisonRow:
        """Return the row of a comparison; the broker's profit is in its total."""
        trade = dict.fromkeys(self.utilities, self.chance)
        pairs = "; ".join(
            f"{p:.3g}: {s:.6g} for {b:.6g}"
            for s, b, p in zip(self.to_seller, self.from_buyer, self.probabilities, strict=True)
        )
        remark = f"probability, to the seller, from the buyer: {pairs}"
        if self.probabilities.size > MOST_NAMED:
            least, most = self.from_buyer.min(), self.from_buyer.max()
            remark = (
                f"{self.probabilities.size} prices from {least:.6g} to {most:.6g}; no pair of "
                f"types loses more than {self.largest_regret:.6g} by it, whatever the priors"
            )
        return ComparisonRow(
            self.name, self.total, self.utilities, trade, remark=remark, profit=self.profit,
            max_violation=self.deviation.gain, passed=self.deviation.gain <= LEAST,
        )  # fmt: skip


def price_lottery(
    trade: Environment,
    prices: npt.ArrayLike | None = None,
    probabilities: npt.ArrayLike | None = None,
) -> PricePairs:
    """Return a draw among prices at which both sides may trade.

    Parameters
    ----------
    trade
        Bilateral trade.
    prices, probabilities
        One each, in money. Without them whoever draws knows only the lowest and highest types: a
        price is uniform between the lowest cost and the highest value, in 256 steps, and moved to
        the nearest one that may keep a seller and a buyer apart. If none does, all pairs gain and
        one price suits them all, or no pair gains.

    Raises
    ------
    InvalidInputError
        For one of the two without the other, arrays of unequal lengths, probabilities that do not
        sum to one, and another environment.
    UnsupportedProblemError
        Without prices, for types that have no lowest or no highest.

    Notes
    -----
    These are all the mechanisms without outside money in which truth is dominant and no type
    regrets to take part; none brings more than its best price. Source: Hagerty and Rogerson (1987).
    Of all of them the draw without prices has the least :attr:`PricePairs.largest_regret`, up to
    the steps, as theory.md, section 3.14, proves.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([1, 2, 3])
    >>> price_lottery(BilateralTrade(types, types), [1.5, 2.5], [0.5, 0.5]).probabilities
    array([0.5, 0.5])
    >>> lottery = price_lottery(BilateralTrade(types, types))  # uniform on [1, 3]
    >>> round(lottery.total, 6), round(lottery.largest_regret, 2)  # one half in the limit
    (0.333333, 0.5)
    """
    if (prices is None) != (probabilities is None):
        missing = "prices" if prices is None else "probabilities"
        raise InvalidInputError(
            "prices and probabilities go together",
            where=missing,
            expected="both, or neither",
            got=f"no {missing}",
            remedy="Give both; or neither, for a draw that is told only where types lie.",
        )
    if prices is None or probabilities is None:
        return PricePairs(trade, *_told_where_types_lie(trade), "price lottery, priors unknown")
    values, _ = given_numbers(prices, "prices")
    chances, _ = given_numbers(probabilities, "probabilities")
    return PricePairs(trade, values, values, chances, "price lottery")


def _told_where_types_lie(trade: Environment) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return prices, twice, and probabilities: of theory.md, section 3.14."""
    cost, value = laws_of(trade)
    ends = cost.low, cost.high, value.low, value.high
    if not np.isfinite(ends).all():
        raise UnsupportedProblemError(
            "a draw among prices between the lowest cost and the highest value needs both "
            f"(costs from {cost.low:.6g} to {cost.high:.6g}, values from {value.low:.6g} to "
            f"{value.high:.6g}). Truncate the priors, or give prices."
        )
    least, most = max(cost.low, value.low), min(cost.high, value.high)
    if most <= least:
        one = np.array([least + (most - least) / 2.0])
        return one, one, np.ones(1)
    middles = (np.arange(NUM_STEPS) + 0.5) / NUM_STEPS
    drawn = cost.low + middles * (value.high - cost.low)
    found, counts = np.unique(np.minimum(np.maximum(drawn, least), most), return_counts=True)
    return found, found, counts / NUM_STEPS


def broker_prices(trade: Environment) -> PricePairs:
    """Return the two prices at which a broker who posts them earns most.

    Raises
    ------
    InvalidInputError
        For another environment.

    Notes
    -----
    The broker buys at one price and sells at the other, if both sides agree. The best mechanism for
    a broker, :func:`mechopt.largest_revenue`, lets the two prices depend on types. The pair is the
    best of a grid, refined around it; for finite types of all. Source: Myerson and Satterthwaite
    (1983), doi:10.1016/0022-0531(83)90048-0.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> half = TypeSpace.from_distribution(stats.uniform(0, 1), 4)
    >>> pair = broker_prices(BilateralTrade(half, half))  # 1/3 and 2/3, which earn 1/27
    >>> pair.to_seller.round(4), pair.from_buyer.round(4), round(pair.profit, 6)
    (array([0.3333]), array([0.6667]), 0.037037)
    """
    return _searched(trade, 0.0, "broker's prices")


def best_price_pairs(trade: Environment) -> PricePairs:
    """Return the draw among pairs of prices that brings most, with a budget on average.

    Some pairs may pay the seller more than the buyer gives if others make up for it; what is left
    in expectation is at least zero.

    Raises
    ------
    InvalidInputError
        For another environment.

    Notes
    -----
    A linear program over pairs of a grid of prices, with one constraint, so that two pairs do; for
    finite types the grid has all of them.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> pairs = best_price_pairs(BilateralTrade(types, types))
    >>> round(pairs.total, 6), round(abs(pairs.profit), 9)
    (0.833333, 0.0)
    """
    return _searched(trade, 1.0, "price pairs, budget on average")


def _searched(trade: Environment, weight: float, name: str) -> PricePairs:
    """Return the best pairs for the sum of the sides' gains, or for the broker's alone."""
    laws = laws_of(trade)
    with budget():
        grids = [_grid(law, *ends) for law, ends in zip(laws, _ranges(*laws), strict=True)]
        found = _best_of(laws, grids, weight)
        for _ in range(REFINEMENTS):
            if all(isinstance(law, Finite) for law in laws):
                break
            grids = [_nearby(law, grid, chosen) for law, grid, chosen in
                     zip(laws, grids, found[:2], strict=True)]  # fmt: skip
            found = _best_of(laws, grids, weight)
    pairs = PricePairs(trade, *found, name)
    if weight:
        # What rounding or the program's tolerance prefers to one price is no better.
        posted = np.array([best_posted_price(trade).price])
        one = PricePairs(trade, posted, posted, np.ones(1), name)
        return one if one.total >= pairs.total * (1.0 - TIES) else pairs
    return pairs


def _best_of(
    laws: tuple[Source, Source], grids: list[FloatArray], weight: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    from scipy import optimize

    to_seller, from_buyer = (x.ravel() for x in np.meshgrid(*grids, indexing="ij"))
    seller, buyer, broker, _ = _terms(laws, to_seller, from_buyer)
    if not weight:
        best = [int(broker.argmax())]
        return to_seller[best], from_buyer[best], np.ones(1)
    linprog: Any = optimize.linprog
    found = linprog(-(seller + buyer + broker), A_ub=[-broker], b_ub=[0.0],
                    A_eq=[np.ones(broker.size)], b_eq=[1.0])  # fmt: skip
    if found.status != 0:
        raise UnsupportedProblemError(f"no best pairs of prices were found: {found.message}")
    used = np.flatnonzero(found.x > LEAST)
    return to_seller[used], from_buyer[used], found.x[used] / found.x[used].sum()


def _terms(
    laws: tuple[Source, Source], to_seller: FloatArray, from_buyer: FloatArray
) -> FloatArray:
    """Return what seller, buyer and broker gain, and the probability of trade, per pair."""
    over = [law if isinstance(law, Finite) else Expectations(law, law.low, law.high)
            for law in laws]  # fmt: skip
    sells, buys = laws[0].below(to_seller), laws[1].above(from_buyer)
    chance = sells * buys
    return np.stack(
        [
            over[0].under(to_seller) * buys,
            over[1].over(from_buyer) * sells,
            (from_buyer - to_seller) * chance,
            chance,
        ]
    )


def _ranges(cost: Source, value: Source) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return from which price to which a pair may be best, to the seller and from the buyer.

    Costs above all values gain from no trade, nor do values below all costs: a price that only they
    add to is no better than one without them, however small the overlap is.
    """
    if value.high <= cost.low:
        return (cost.low, cost.high), (value.low, value.high)
    return (cost.low, min(cost.high, value.high)), (max(cost.low, value.low), value.high)


def _grid(law: Source, low: float, high: float) -> FloatArray:
    """Return prices of a range, evenly and by how likely types are between them."""
    if isinstance(law, Finite):
        return law.types
    even = np.linspace(low, high, NUM_PRICES // 2)
    first, last = law.below(np.array([low, high])).tolist()
    chances = np.linspace(first, last, NUM_PRICES // 2 + 2)[1:-1]
    likely = law.quantiles(chances[(chances > 0.0) & (chances < 1.0)])
    inside = likely[(likely > low) & (likely < high)]
    return np.unique(np.concatenate([even, inside]))


def _nearby(law: Source, grid: FloatArray, chosen: FloatArray) -> FloatArray:
    """Return a finer grid between the neighbours of the prices that were chosen."""
    if isinstance(law, Finite):
        return law.types
    at = np.searchsorted(grid, chosen)
    around = [
        np.linspace(grid[max(i - 1, 0)], grid[min(i + 1, grid.size - 1)], NUM_PRICES // 2 + 1)
        for i in at
    ]
    return np.unique(np.concatenate([chosen, *around]))
