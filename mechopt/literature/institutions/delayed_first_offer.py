"""Cramton's delayed first offer: the seller shows its cost by when it begins to make offers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.given import discount_factor, is_real
from mechopt._util.rounding import power_of_ten
from mechopt.environments import BilateralTrade, DelayedTrade, Environment
from mechopt.errors import InvalidInputError, UnsupportedProblemError
from mechopt.literature.cramton1985.learning import Course, PaymentTiming, TradingDates
from mechopt.literature.cramton1985.sequential import (
    START,
    SequentialAudit,
    audit_sequential_rationality,
)
from mechopt.literature.cramton1985.uniform_exchange import uniform_exchange
from mechopt.literature.institutions.delayed_by_cells import delayed_by_cells
from mechopt.literature.institutions.known_cost import KnownCost
from mechopt.literature.institutions.over_time import BEFORE, NOTE, mechanism_of_trade
from mechopt.mechanism.mechanism import Mechanism
from mechopt.studies.by_cells import ByCells
from mechopt.studies.comparison_rows import ComparisonRow
from mechopt.studies.sealed_offers import Deviation
from mechopt.types import TypeSpace
from mechopt.types.quadrature import POINTS, WEIGHTS

# Periods that an infinite horizon counts at most, and what later ones are worth less than.
MOST_PERIODS = 4_000
WORTHLESS = 1e-13
# When costs begin, by their order; the equation is smooth but where costs nearly stop waiting.
RELATIVE, ABSOLUTE = 1e-10, 1e-12
# Costs, what they may pretend to be, and types left, with which other prices are tried, and up to
# what the periods are worth that are counted.
OWN, TOLD, STATES, LAST_WORTH = 17, 26, 65, 1e-4
# A gain up to this, in widths, is of the grid of types left; of what needs no grid, up to this.
ACCURATE, EXACT = 1e-4, 1e-8
# Values, beside those who accept last in the first so many periods, whose dates are compared.
VALUES, FIRST = 301, 200


@dataclass(frozen=True)
class DelayedFirstOffer:
    """Cramton's separating equilibrium: the seller shows its cost by when it first offers.

    Costs and values are uniform on one interval. A seller waits the longer, the higher its cost;
    its first offer tells the cost, and from then on it makes an offer each period, without end, in
    the equilibrium for a known cost. Whatever it asks later, it is believed to have the cost
    that its first date told; who comes later than all is believed to have the highest.

    Parameters
    ----------
    discount
        What money, and trade to the buyer, is worth one period later, from 0 to less than 1.
    width
        Of the interval, in money.
    ratio
        Discount-rate ratio, the buyer's over the seller's, more than 0 and at most 1. Below 1 the
        interval begins at zero, and the discount factor is not zero: the last of all offers would
        be the first, and the seller would rather wait with it (:class:`DatedOffer`).

    Raises
    ------
    InvalidInputError
        For a discount factor, a width or a ratio that is none.
    UnsupportedProblemError
        For whatever counts periods, where the discount factor is above 0.9925: with so short ones
        the last of 4000 is worth something. At equal rates :attr:`share`, :attr:`loss`,
        :attr:`total` and :meth:`factor` are closed forms, for every factor.

    Notes
    -----
    With ``r = sqrt(1 - discount)``, equal rates, and c and b in units of the width from the lower
    end: a seller of cost c first offers when a gain has shrunk to ``(1-c)^(2(1-r)/r)``, and asks
    ``c + (1-c) r/(1+r)``; in each period types down to ``1/(1+r)`` of those left accept. All this
    brings ``r/(4(1+r))``, a share ``3r/(2(1+r))`` of the first best: 3/4 of it where there is one
    period, and nothing if periods are short. Of unlike rates, theory.md, section 3.11, has the
    equations. Source: Cramton (1984), doi:10.2307/2297780, whose model this is, with equal rates;
    the formulas are derived here, and checked by :attr:`largest_gain`, :attr:`deviation` and
    :attr:`buyers_gain`.
    Without an end it matters that there is none: of finitely many offers a seller would wait for
    the last.

    Examples
    --------
    >>> round(DelayedFirstOffer(0.3124).loss, 3)  # where offers of one side lose 32 %
    0.32
    >>> DelayedFirstOffer(0.0).share, round(DelayedFirstOffer(0.9).share, 3)
    (0.75, 0.36)
    >>> round(DelayedFirstOffer(0.9, ratio=0.25).share, 3)  # costs fall while the seller waits
    0.825
    """

    discount: float
    width: float = 1.0
    ratio: float = 1.0

    def __post_init__(self) -> None:
        discount_factor(self.discount)
        if not (is_real(self.width) and 0.0 < self.width < math.inf):
            raise _refused("width", "a number above 0", repr(self.width))
        if not (is_real(self.ratio) and 0.0 < self.ratio <= 1.0):
            raise _refused("ratio", "a number above 0, at most 1", repr(self.ratio))
        if self.ratio < 1.0 and self.discount == 0.0:
            raise _refused("discount", "more than 0 where the ratio is below 1", "0")

    @classmethod
    def of(cls, trade: Environment, discount: float) -> DelayedFirstOffer:
        """Return it for bilateral trade of two equal uniform priors, with or without delay.

        Raises
        ------
        UnsupportedProblemError
            For other priors, and a buyer who discounts more than the seller; for unequal rates
            unless the lowest types are zero.
        """
        laws = [agent.types.prior for agent in trade.agents]
        ends = [law.uniform_on if law is not None else None for law in laws]
        outcomes = trade.outcomes
        ratio = outcomes.ratio if isinstance(outcomes, DelayedTrade) else 1.0
        first = laws[0]
        if first is None or ends[0] is None or ends[0] != ends[1]:
            raise UnsupportedProblemError("delayed first offers are for two equal uniform priors")
        if not 0.0 < ratio <= 1.0 or (ratio < 1.0 and first.low != 0.0):
            raise UnsupportedProblemError(
                "delayed first offers at unequal rates are for priors that begin at 0, and a buyer "
                f"who discounts less than the seller (got a ratio of {ratio:g}, and a lowest type "
                f"of {first.low:g})"
            )
        if ratio < 1.0 and discount == 0.0:
            raise UnsupportedProblemError(
                "with a discount factor of 0 the first offer is the last: see DatedOffer"
            )
        return cls(discount, first.high - first.low, ratio)

    @cached_property
    def _game(self) -> KnownCost:
        """What follows the first offer; periods that are worth nothing are left out."""
        periods = int(math.log(WORTHLESS) / math.log(max(self.discount, 1e-12))) + 2
        if periods > MOST_PERIODS:
            most = WORTHLESS ** (1.0 / (MOST_PERIODS - 2))
            raise UnsupportedProblemError(
                f"delayed first offers are computed up to a discount factor of {most:.4f} (got "
                f"{self.discount:.10g}): more than {MOST_PERIODS} periods would be worth something"
            )
        return KnownCost(self.discount, self.discount ** (1.0 / self.ratio - 1.0), periods)

    @cached_property
    def _begun(self) -> Any:
        """From costs to what they are by their first offer, and to its date in 1 / buyer's rate."""
        from scipy import integrate

        game, excess = self._game, 1.0 / self.ratio - 1.0

        def rates(_: float, y: Any) -> list[float]:
            cost, date = y
            kept, worth = math.exp(-excess * date), float(game.worth(cost, cost))
            sold, told = float(game.sold(cost)), float(game.told(cost))
            over = worth + excess * cost * (told - sold)
            return [kept * (worth - excess * cost * sold) / over, kept * told / over]

        solve: Any = integrate.solve_ivp
        return solve(
            rates, (0.0, 1.0), [0.0, 0.0], method="LSODA", rtol=RELATIVE, atol=ABSOLUTE,
            dense_output=True,
        ).sol  # fmt: skip

    def _first(self, costs: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return what costs, in widths, are when they first offer, and what money is worth then."""
        if self.ratio == 1.0:
            root = float(np.sqrt(1.0 - self.discount))
            return costs, np.asarray((1.0 - costs) ** (2.0 * (1.0 - root) / root))
        cost, date = self._begun(costs.ravel())
        return cost.reshape(costs.shape), np.exp(-date).reshape(costs.shape)

    def factor(self, costs: FloatArray) -> FloatArray:
        """Return what money is worth when each cost, in widths, makes its first offer."""
        return self._first(np.asarray(costs, dtype=np.float64))[1]

    @cached_property
    def _totals(self) -> tuple[float, float]:
        """Expected gains of the seller and of both, in widths."""
        edges = np.linspace(0.0, 1.0, 41)
        costs = (edges[:-1, None] + 0.5 / 40 * (POINTS + 1.0)).ravel()
        mass = np.tile(0.5 / 40 * WEIGHTS, 40)
        cost, worth = self._first(costs)
        _, last = self._game.path(cost)
        high = np.concatenate([np.ones((1, costs.size)), last])
        if (np.diff(high, axis=0) > 1e-9).any():
            raise UnsupportedProblemError(
                "offers at a known cost that falls were not found: in some period none is taken "
                f"(got a discount factor of {self.discount:g} and a ratio of {self.ratio:g})"
            )
        money = self.discount ** np.arange(last.shape[0])
        values = money @ (0.5 * (high[:-1] ** 2 - high[1:] ** 2))
        seller = mass @ (worth * self._game.worth(cost, cost))
        return float(seller), float(mass @ (worth * (values - cost * self._game.sold(cost))))

    @property
    def share(self) -> float:
        """Share of the first best."""
        if self.ratio == 1.0:
            root = float(np.sqrt(1.0 - self.discount))
            return 1.5 * root / (1.0 + root)
        return self._totals[1] / uniform_exchange(self.ratio).first_best

    @property
    def loss(self) -> float:
        """Share of the first best that is lost."""
        return 1.0 - self.share

    @property
    def total(self) -> float:
        """Expected gains of both, in money."""
        return self.share * self.width * uniform_exchange(self.ratio).first_best

    @property
    def utilities(self) -> dict[str, float]:
        """Expected utility of seller and buyer, in money."""
        seller = self._totals[0] * self.width
        return {"seller": seller, "buyer": self.total - seller}

    def _payoff(self, cost: FloatArray, report: FloatArray) -> FloatArray:
        """Return what the timing and offers of a report bring to a cost, period by period."""
        begun, worth = self._first(report)
        asked, last = self._game.path(begun)
        sold = -np.diff(np.concatenate([np.ones((1, *begun.shape)), last]), axis=0)
        money = self.discount ** np.arange(last.shape[0])
        falling = (self.discount * self._game.falling) ** np.arange(last.shape[0])
        paid, given = (np.tensordot(x, y, 1) for x, y in ((money, asked * sold), (falling, sold)))
        # The cost has fallen as that of the report has.
        share = np.divide(begun, report, out=np.ones_like(begun), where=report > 0)
        return np.asarray(worth * (paid - share * cost * given))

    @cached_property
    def largest_gain(self) -> float:
        """The most that a cost gains by the timing and offers of another, in money.

        By definition: prices and dates of each period summed up, for 201 costs and 801 reports. Nor
        may what a cost's own offers bring differ from what the best ones from its own date do.
        """
        own, told = np.linspace(0.0, 1.0, 201), np.linspace(0.0, 1.0, 801)[:-1]
        payoff, (mine, kept) = self._payoff(own, own), self._first(own)
        gain = self._payoff(own[:, None], told).max(axis=1, initial=0.0) - payoff
        best = np.abs(kept * self._game.worth(mine, mine) - payoff)
        return max(float(np.maximum(gain, best).max()), 0.0) * self.width

    @cached_property
    def buyers_gain(self) -> float:
        """The most that a buyer gains by another period, or by never accepting, in money.

        By definition, along the path: a value accepts when it does if and only if no other period
        brings more, in money of the first offer, for 17 costs. Off the path it holds by
        construction: at any price the last type to accept is the one to whom the next price is as
        good, in the backward induction; higher types lose more by waiting, and lower ones less.
        """
        begun, _ = self._first(np.linspace(0.0, 1.0, OWN))
        asked, last = self._game.path(begun)
        high = np.concatenate([np.ones((1, OWN)), last[:-1]])
        money = self.discount ** np.arange(last.shape[0])[:, None]
        most = [0.0]
        for price, low, top in zip(asked.T, last.T, high.T, strict=True):
            # Between those who accept last, gains are convex: the most is at one of them.
            value = np.concatenate([np.linspace(0.0, 1.0, VALUES), low[:FIRST]])
            each = money * (value - price[:, None])
            accepts = (low < top)[:, None] & (low[:, None] <= value) & (value <= top[:, None])
            own = np.where(accepts, each, np.inf).min(axis=0)
            own = np.where(value <= low[-1], np.minimum(own, 0.0), own)
            most.append(float((each.max(axis=0).clip(0.0) - own).max()))
        return float(np.max(most)) * self.width

    @cached_property
    def deviation(self) -> Deviation:
        """The most that was found for a cost to gain by another date and any prices from then on.

        The date tells another cost, or is later than all; prices are best ones, by backward
        induction over types left on a grid, against a buyer who believes the cost told. The gain is
        over what the cost's own offers bring, less what the grid takes from those, its grid loss.
        """
        own, gain, _ = self._searched
        at = int(gain.argmax())
        most = float(np.maximum(gain[at], 0.0))
        return Deviation("seller", float(own[at]) * self.width, most * self.width)

    @property
    def grid_loss(self) -> float:
        """What the grid of :attr:`deviation` takes from a cost's own offers at most, in money."""
        return max(float(self._searched[2].max()), 0.0) * self.width

    @cached_property
    def _searched(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Costs, what each was found to gain, and what its own offers lose on the grid."""
        own, told = np.linspace(0.0, 1.0, OWN), np.linspace(0.0, 1.0, TOLD)
        own, told = (x if self.ratio < 1.0 else x[:-1] for x in (own, told))
        begun, worth = self._first(told)
        share = np.divide(begun, told, out=np.ones_like(begun), where=told > 0)
        if self.ratio < 1.0:
            # Later than all: the cost is believed to be the highest, and falls on.
            later = np.exp(-np.linspace(0.2, 3.0, 6))
            share = np.concatenate([share, share[-1] * later ** (1.0 / self.ratio - 1.0)])
            worth = np.concatenate([worth, worth[-1] * later])
            begun = np.concatenate([begun, share[TOLD:]])
        mine, kept = self._first(own)
        equal, payoff = kept * self._best_prices(mine, mine), self._payoff(own, own)
        pairs = np.broadcast_to(begun, (own.size, begun.size)), own[:, None] * share
        others = worth * self._best_prices(pairs[0].ravel(), pairs[1].ravel()).reshape(own.size, -1)
        # Where the grid brings more than its own offers do, that is a gain.
        gain = np.maximum(others.max(axis=1), equal) - np.minimum(equal, payoff)
        return own, gain, payoff - equal

    def _best_prices(self, told: FloatArray, cost: FloatArray) -> FloatArray:
        """Return what the best prices bring to each cost, if the buyer believes another one."""
        game = self._game
        left = np.linspace(0.0, 1.0, STATES)
        worth = np.zeros((told.size, STATES))
        count = math.log(LAST_WORTH) / math.log(max(self.discount, 1e-12))
        for period in reversed(range(min(int(count) + 1, game.periods))):
            slope, level = game.prices[period]
            paid = slope * left + level * told[:, None] - game.falling**period * cost[:, None]
            rest = self.discount * worth - left * paid
            worth = np.stack(
                [(x * paid[:, : k + 1] + rest[:, : k + 1]).max(axis=1) for k, x in enumerate(left)],
                axis=1,
            )
        return worth[:, -1]

    @cached_property
    def by_cells(self) -> ByCells:
        """The direct mechanism of 40 cells of each side, which are equally likely."""
        return self.of_cells(40)

    @property
    def mechanism(self) -> Mechanism:
        """The direct mechanism of :attr:`by_cells`."""
        return self.by_cells.mechanism

    def _trade(self, seller: TypeSpace, cells: int) -> Environment:
        from scipy import stats

        buyer = TypeSpace.from_distribution(stats.uniform(0.0, self.width), cells)
        return BilateralTrade(seller, buyer, 1.0 / self.ratio, 1.0)

    def of_cells(self, cells: int) -> ByCells:
        """Return the direct mechanism of so many equally likely cells of each side.

        Trade is what it is on average over pairs of cells, of which all types wait differently.
        Payments are those that incentives over cells leave then, and cells act with some
        probability as their least or most eager types would, so that the budget balances. What is
        returned says by how much any type's payoff changes.

        Raises
        ------
        UnsupportedProblemError
            For cells that are too few for a mechanism near the equilibrium.
        """
        from scipy import stats

        seller = TypeSpace.from_distribution(stats.uniform(0.0, self.width), cells)
        return delayed_by_cells(self._trade(seller, cells), self._lots, self.width)

    def _lots(self, costs: FloatArray, values: int | FloatArray) -> tuple[FloatArray, ...]:
        """Return trade as worth to seller and buyer, payments, and chances, by period and pair.

        Of costs of any shape, in widths, and so many equal cells of values, or values in widths; in
        money of the first date.
        """
        begun, worth = self._first(costs)
        asked, last = self._game.path(begun)
        high = np.concatenate([np.ones((1, *costs.shape)), last])[..., None]
        # Those later than this are in the lowest cell, and worth nothing.
        some = self.discount ** np.arange(last.shape[0]) > 1e-9
        some[0] = True
        high, asked = high[: some.sum() + 1], asked[: some.sum()]
        if isinstance(values, int):
            ends = np.linspace(0.0, 1.0, values + 1)
            chance = values * np.maximum(
                np.minimum(high[:-1], ends[1:]) - np.maximum(high[1:], ends[:-1]), 0.0
            )
        else:
            accepts = (values >= high[1:]).astype(np.float64)
            chance = np.diff(accepts, axis=0, prepend=0.0)
        # Rounding may have a cell trade more than once.
        chance /= np.maximum(chance.sum(axis=0), 1.0)
        periods = np.arange(chance.shape[0]).reshape(-1, *[1] * costs.ndim)
        money = worth * self.discount**periods
        rate = 1.0 / self.ratio
        return (
            (money**rate)[..., None] * chance, money[..., None] * chance,
            (money * asked)[..., None] * chance * self.width, chance,
        )  # fmt: skip

    def course(self, costs: Sequence[float], cells: int = 12) -> Course:
        """Return the institution as it unfolds, to equally likely costs and to cells of values.

        Parameters
        ----------
        costs
            In money, rising. One cost alone is what is known once its first offer has come: time
            then begins with that offer.
        cells
            Of the values, equally likely.

        Raises
        ------
        InvalidInputError
            For costs outside the interval, and for the highest one where it never offers.
        """
        given = np.asarray(costs, dtype=np.float64)
        low = given.size > 0 and bool((np.diff(given) > 0).all()) and given[0] >= 0.0
        if not (low and given[-1] <= self.width and (self.factor(given / self.width) > 0).all()):
            raise _refused(
                "costs", f"rising costs from 0 to {self.width:g} that offer", repr(costs)
            )
        sold, bought, paid, chance = self._lots(given / self.width, cells)
        start = -np.log(self.factor(given / self.width))
        own = given
        if given.size == 1:
            # In money of the first offer, by when the cost has fallen.
            own = given * np.exp(-(1.0 / self.ratio - 1.0) * start)
            sold, bought, paid = (
                part * np.exp(power * start)[:, None]
                for part, power in ((sold, 1.0 / self.ratio), (bought, 1.0), (paid, 1.0))
            )
            start = 0.0 * start
        environment = self._trade(TypeSpace.finite(own.tolist()), cells)
        mechanism = mechanism_of_trade(environment, sold.sum(0), bought.sum(0), paid.sum(0))
        period = -math.log(max(self.discount, 1e-12))
        date = start[:, None] + period * np.arange(chance.shape[0])[:, None, None]
        dates = TradingDates(
            chance, np.where(chance > 0, date, np.inf), 1.0 / self.ratio, 1.0
        )  # fmt: skip
        return Course(mechanism, dates, paid.sum(0), PaymentTiming.AT_TRADE, NOTE, paid)

    def sequential_audit(self, costs: Sequence[float], offers: int = 1) -> SequentialAudit:
        """Ask before the first offers whether all who are left would prefer another mechanism.

        Parameters
        ----------
        costs
            As of :meth:`course`: several at the start, when nobody knows the cost; one, once its
            first offer has told it.
        offers
            Before how many of its offers to ask, where there is one cost.

        Notes
        -----
        It fails at every discount factor above 0. Of a known cost c and values up to x, those above
        (c+x)/2 have virtual values above the cost; at equal rates those up to c + (x-c)/(1+r) wait,
        and that is more (theory.md, section 3.11). At a factor of 0 nobody waits: it passes at the
        start. Over cells, which are what alternatives are constant on, factors near 0 pass too.

        Examples
        --------
        >>> audit = DelayedFirstOffer(0.5).sequential_audit([0.25], offers=2)
        >>> [entry.rational for entry in audit.dates]
        [False, False]
        """
        unfolding = self.course(costs)
        period = -math.log(max(self.discount, 1e-12))
        later = [k * period for k in range(1, offers)] if len(costs) == 1 else []
        before = [at - BEFORE * (1.0 + at) for at in later]
        return audit_sequential_rationality(unfolding, [START, *before])

    def row(self) -> ComparisonRow:
        """Return the row of a comparison, which passes unless a cost or value was found to gain."""
        found = (self.largest_gain, self.buyers_gain, self.deviation.gain, self.grid_loss)
        exact, searched = np.max(found[:2]), np.max(found[2:])
        timing, buyers, prices, lost = (power_of_ten(most, self.width) for most in found)
        return ComparisonRow(
            "delayed first offer", self.total, self.utilities,
            remark=f"discount factor {self.discount:.6g} per period, ratio {self.ratio:.6g}; "
            f"separating equilibrium: no cost gains more than {timing} by the timing of another, "
            f"and no value more than {buyers} by another period; with other prices, too, at most "
            f"{prices} was found, on a grid of {STATES} types that takes at most {lost}; replies "
            "to other prices are best by construction",
            max_violation=float(np.max(found[:3])) / self.width,
            passed=bool(exact <= EXACT * self.width and searched <= ACCURATE * self.width),
        )  # fmt: skip


def _refused(where: str, expected: str, got: str) -> InvalidInputError:
    return InvalidInputError(
        "no delayed first offer",
        where=where,
        expected=expected,
        got=got,
        remedy="Give another one.",
    )
