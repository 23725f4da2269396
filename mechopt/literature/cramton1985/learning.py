"""What a mechanism with delay reveals as time passes, and what it still has in store for whom."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.rounding import in_figures
from mechopt.environments import DelayedTrade, Environment, Trade
from mechopt.errors import InvalidInputError, UnsupportedProblemError
from mechopt.literature.cramton1985.payment_at_trade import payment_at_trade
from mechopt.mechanism.allocation import PointwiseRule
from mechopt.mechanism.mechanism import Mechanism
from mechopt.solution import Solution, mechanism_of
from mechopt.studies.interim_payoffs import InterimPayoffs

# Probabilities this close to 0 or 1 are a solver's rounding, not a lottery.
LOTTERY_TOLERANCE = 1e-6
DATE_TOLERANCE = 1e-9
BALANCE_TOLERANCE = 1e-7


class PaymentTiming(StrEnum):
    """When money moves, which decides what is still to be paid at a later date.

    ``"at-trade"``: when the object does. ``"regardless"``: due whether or not trade takes place,
    and outstanding until then. ``"up-front"``: settled at date 0 by the reports made before it,
    whatever is agreed later, so that only trade is left.
    """

    AT_TRADE = "at-trade"
    REGARDLESS = "regardless"
    UP_FRONT = "up-front"


@dataclass(frozen=True, eq=False)
class TradingDates:
    """When each pair trades: a lottery over dates, and never with what probability is left.

    Parameters
    ----------
    probability, date : arrays of shape (num_lots, num_seller_types, num_buyer_types)
        Lot l gives trade at ``date[l]`` with ``probability[l]``; the date is infinite where the
        probability is zero. Dates are in the unit of time of the discount rates.
    seller_rate, buyer_rate
        Discount rates.
    """

    probability: FloatArray
    date: FloatArray
    seller_rate: float
    buyer_rate: float

    @property
    def never(self) -> FloatArray:
        """Probability that each pair never trades."""
        return np.asarray(1.0 - self.probability.sum(axis=0))

    def later(self, date: float) -> FloatArray:
        """Return the probability of each lot where it is after a date, zero elsewhere."""
        margin = DATE_TOLERANCE * (1.0 + abs(date)) if math.isfinite(date) else 0.0
        return np.where(self.date > date + margin, self.probability, 0.0)

    def remaining(self, date: float) -> FloatArray:
        """Return the probability that each pair has not traded by a date, that date included."""
        return np.asarray(self.never + self.later(date).sum(axis=0))

    def discounted(self, date: float) -> tuple[FloatArray, FloatArray]:
        """Return the discounted probabilities of trade after a date, the seller's and buyer's."""
        later = self.later(date)
        at = np.where(np.isfinite(self.date), self.date, 0.0)
        rates = (self.seller_rate, self.buyer_rate)
        parts = [(later * np.exp(-rate * at)).sum(axis=0) for rate in rates]
        return parts[0], parts[1]

    def discount(self, date: float) -> tuple[float, float]:
        """Return what a unit of trade at a date is worth to both sides at date 0."""
        start = max(date, 0.0)
        return math.exp(-self.seller_rate * start), math.exp(-self.buyer_rate * start)


def trading_dates(mechanism: Mechanism | Solution) -> TradingDates:
    """Return when each pair trades.

    Without delay, trade takes place at date 0 or never, and time is measured in units of one over
    the common discount rate. With delay, (y, z) on the frontier is a
    sure date; below it, the pair is taken to trade at one date with some probability and never
    otherwise, which is one of the lotteries with these (y, z). A rule that is a mixture of two is
    kept as the lottery that it is.

    Raises
    ------
    UnsupportedProblemError
        For outcomes other than trade with finite discount rates.

    Notes
    -----
    Source: theory.md, section 2.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> from mechopt.mechanism.allocation import Table
    >>> one = TypeSpace.finite([1])
    >>> trade = BilateralTrade(one, one, seller_rate=2, buyer_rate=1)
    >>> later = Mechanism(trade, Table([[[0.25]], [[0.5]]]), ([-0.3], [0.3]))
    >>> trading_dates(later).date.round(6).item()
    0.693147
    """
    mechanism = mechanism_of(mechanism)
    environment = mechanism.environment
    rates = _rates(environment)
    rule = mechanism.allocation
    if isinstance(rule, PointwiseRule):
        parts = [
            (weight, PointwiseRule((values,), (1.0,)).dense(environment))
            for weight, values in zip(rule.weights, rule.values, strict=True)
            if weight > 0
        ]
    else:
        parts = [(1.0, rule.dense(environment))]
    lots = [(weight, *_lot(environment, outcome)) for weight, outcome in parts]
    probability = np.stack([weight * chance for weight, chance, _ in lots])
    return TradingDates(probability, np.stack([date for _, _, date in lots]), *rates)


def _rates(environment: Environment) -> tuple[float, float]:
    outcomes = environment.outcomes
    if isinstance(outcomes, DelayedTrade):
        rates = outcomes.seller_rate, outcomes.buyer_rate
    elif isinstance(outcomes, Trade):
        rates = 1.0, 1.0
    else:
        raise UnsupportedProblemError(
            f"{type(outcomes).__name__} has no trading dates; use bilateral trade."
        )
    if any(math.isinf(rate) for rate in rates):
        raise UnsupportedProblemError(
            "with an infinite discount rate the trading date cannot be told from what it is worth; "
            "use a large finite rate."
        )
    return rates


def _lot(environment: Environment, outcome: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return probability and date of trade of every pair."""
    outcomes = environment.outcomes
    if not isinstance(outcomes, DelayedTrade):
        chance, date = _rounded(outcome[0]), np.zeros(environment.shape)
    else:
        y, z = np.maximum(outcome, 0.0)
        trades = (y > 0) & (z > 0)
        log_y, log_z = (np.log(np.where(trades, part, 1.0)) for part in (y, z))
        date = (log_z - log_y) / (outcomes.seller_rate - outcomes.buyer_rate)
        date = np.maximum(date, 0.0)
        chance = np.where(trades, np.exp(log_z + outcomes.buyer_rate * date), 0.0)
        chance = _rounded(np.minimum(chance, 1.0))
    return chance, np.where(chance > 0, date + 0.0, np.inf)


def _rounded(chance: FloatArray) -> FloatArray:
    whole = np.round(chance)
    return np.where(np.abs(chance - whole) <= LOTTERY_TOLERANCE, whole, chance)


@dataclass(frozen=True, eq=False)
class Posterior:
    """What is commonly known once no trade has been announced by a date.

    Parameters
    ----------
    date
        The date; trades at it have been announced. Below zero: before any announcement.
    probability
        Probability that no trade has been announced by then.
    joint : array of shape (num_seller_types, num_buyer_types)
        Probability of each pair given that; in general not a product.
    """

    date: float
    probability: float
    joint: FloatArray

    @property
    def seller(self) -> FloatArray:
        """Probabilities of the seller's types."""
        return np.asarray(self.joint.sum(axis=1))

    @property
    def buyer(self) -> FloatArray:
        """Probabilities of the buyer's types."""
        return np.asarray(self.joint.sum(axis=0))

    @property
    def is_product(self) -> bool:
        """Whether the two types are still independent."""
        product = np.outer(self.seller, self.buyer)
        return bool(np.abs(self.joint - product).max() <= 1e-12)


def posterior(mechanism: Mechanism | Solution, date: float) -> Posterior:
    """Return the prior conditioned on no trade having been announced by a date.

    Parameters
    ----------
    mechanism
        A mechanism of bilateral trade.
    date
        In the unit of time of the discount rates; trades at the date itself have been announced.
        A date below zero gives the prior.

    Raises
    ------
    InvalidInputError
        If every pair has traded by then.

    Notes
    -----
    Source: theory.md, section 3.8; Cramton (1985), section 8.3.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> from mechopt.cramton1985 import posted_price
    >>> types = TypeSpace.finite([0, 1])
    >>> learnt = posterior(posted_price(BilateralTrade(types, types), 0.5), 0.0)
    >>> learnt.probability, learnt.joint.round(4)
    (0.75, array([[0.3333, 0.    ],
           [0.3333, 0.3333]]))
    """
    mechanism = mechanism_of(mechanism)
    return _posterior(mechanism.environment, trading_dates(mechanism), date)


def _posterior(environment: Environment, dates: TradingDates, date: float) -> Posterior:
    left = environment.belief.density() * dates.remaining(date)
    total = float(left.sum())
    if not total > 0:
        raise InvalidInputError(
            "no pair is left",
            where="date",
            expected="a date by which not all pairs have traded",
            got=f"{date:g}",
            remedy="Ask for an earlier date.",
        )
    return Posterior(date, total, left / total)


@dataclass(frozen=True, eq=False)
class Course:
    """A mechanism as it unfolds: dates, and payments with a stated timing.

    Parameters
    ----------
    mechanism
        The mechanism.
    dates
        When each pair trades.
    payment : array of shape (num_seller_types, num_buyer_types)
        Expected payment from buyer to seller in every pair, in money of date 0.
    timing
        When it is paid.
    note
        Which payments are used, and why.
    by_lot : array of shape (num_lots, num_seller_types, num_buyer_types), optional
        What of the payment is due at the date of each lot, where prices are not the same at all
        dates; paid at trade.
    """

    mechanism: Mechanism
    dates: TradingDates
    payment: FloatArray
    timing: PaymentTiming
    note: str = field(default="")
    by_lot: FloatArray | None = None

    def posterior(self, date: float) -> Posterior:
        """Return what is commonly known at a date."""
        return _posterior(self.mechanism.environment, self.dates, date)

    def status_quo(self, date: float) -> InterimPayoffs:
        """Return what the mechanism still has in store for each remaining type, in money of date 0.

        It is E[x - s y | s, no trade by the date] for the seller and E[b z - x | ...] for the
        buyer, counting trade after the date and payments not made by then. Types that have surely
        traded have not a number.
        """
        environment = self.mechanism.environment
        seller, buyer = environment.masses
        remaining = self.dates.remaining(date)
        sold, bought = self.dates.discounted(date)
        if self.by_lot is None:
            payment = self.payment * self._share_due(date)
        else:
            payment = np.where(self.dates.later(date) > 0, self.by_lot, 0.0).sum(axis=0)
        with np.errstate(invalid="ignore"):
            given_seller, given_buyer = remaining @ buyer, seller @ remaining
            quantity = (-(sold @ buyer) / given_seller, seller @ bought / given_buyer)
            due = (-(payment @ buyer) / given_seller, seller @ payment / given_buyer)
        return InterimPayoffs.linear(environment, quantity, due)

    def _share_due(self, date: float) -> FloatArray:
        """Return the share of each pair's expected payment that falls due after a date."""
        if self.timing is PaymentTiming.REGARDLESS:
            return self.dates.remaining(date)
        if self.timing is PaymentTiming.UP_FRONT:
            return np.full(self.payment.shape, 1.0 if date < 0 else 0.0)
        trades = self.dates.probability.sum(axis=0)
        later = self.dates.later(date).sum(axis=0)
        share = np.zeros(trades.shape)
        np.divide(later, trades, out=share, where=trades > 0)
        return share


def course(mechanism: Mechanism | Solution, timing: PaymentTiming | str | None = None) -> Course:
    """Return a mechanism as it unfolds over time.

    Parameters
    ----------
    mechanism
        A mechanism of bilateral trade whose payments balance in every pair.
    timing
        A :class:`PaymentTiming`. At trade, money may be spread over the pairs differently, with the
        same interim payments; otherwise the mechanism's ex post payments are used. Unless given, at
        trade where such payments exist, else regardless.

    Raises
    ------
    InvalidInputError
        If payments do not balance, or no payments at trade exist and these are asked for.

    Notes
    -----
    Source: theory.md, section 3.8.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> from mechopt.cramton1985 import posted_price
    >>> types = TypeSpace.finite([0, 1])
    >>> course(posted_price(BilateralTrade(types, types), 0.5)).timing
    <PaymentTiming.AT_TRADE: 'at-trade'>
    """
    mechanism = mechanism_of(mechanism)
    mechanism.environment.require_independent("conditional payoffs over time")
    wanted = None if timing is None else PaymentTiming(timing)
    dates = trading_dates(mechanism)
    scale = _scale(mechanism.environment)
    seller, own = mechanism.ex_post_payments()
    if np.abs(seller + own).max() > BALANCE_TOLERANCE * scale:
        raise InvalidInputError(
            "payments do not balance",
            where="mechanism",
            expected="what the buyer pays to be what the seller receives, in every pair",
            got=f"a difference of {np.abs(seller + own).max():.3g}",
            remedy="Give the surplus to one side, for example with payments_from_rule.",
        )
    if wanted is PaymentTiming.UP_FRONT:
        note = "the mechanism's ex post payments, settled at date 0 whatever is agreed later"
        return Course(mechanism, dates, own, PaymentTiming.UP_FRONT, note)
    if wanted is not PaymentTiming.REGARDLESS:
        trades = dates.probability.sum(axis=0)
        idle = np.abs(np.where(trades > 0, 0.0, own)).max()
        if mechanism.ex_post_payment is not None and idle <= BALANCE_TOLERANCE * scale:
            note = "the mechanism's own payments, which are zero where no trade takes place"
            return Course(mechanism, dates, own, PaymentTiming.AT_TRADE, note)
        prices = payment_at_trade(mechanism)
        if prices is not None:
            note = (
                "payments at trade with the mechanism's interim payments, at prices as near to "
                "halfway between cost and value as these allow" + _out_of_bounds(mechanism, prices)
            )
            return Course(mechanism, dates, prices, PaymentTiming.AT_TRADE, note)
        if wanted is PaymentTiming.AT_TRADE:
            raise InvalidInputError(
                "no payments at trade have the mechanism's interim payments",
                where="timing",
                expected='"regardless"',
                got='"at-trade"',
                remedy="Leave it out, and see which payments are used.",
            )
    note = "the mechanism's ex post payments, due whether or not trade takes place"
    if wanted is None:
        note += " (no payments at trade have its interim payments)"
    return Course(mechanism, dates, own, PaymentTiming.REGARDLESS, note)


def _scale(environment: Environment) -> float:
    """Return what payments are measured in: the first best, or the types where there is none."""
    return environment.first_best or environment.payoff_scale


def _out_of_bounds(mechanism: Mechanism, payment: FloatArray) -> str:
    """Return a remark if some pair's price is not between cost and value."""
    environment = mechanism.environment
    seller, buyer = (agent.types for agent in environment.agents)
    sold, bought = environment.net_quantities(mechanism.allocation.dense(environment))
    cost = np.maximum(-sold * seller.lower[:, None], -sold * seller.upper[:, None])
    value = np.minimum(bought * buyer.lower[None, :], bought * buyer.upper[None, :])
    worst = float(np.maximum(cost - payment, payment - value).max())
    if worst <= BALANCE_TOLERANCE * _scale(environment):
        return ""
    return f"; in some pair one side then trades at a loss of {in_figures(worst, '.3g')}"
