"""Sequential rationality: whether remaining traders would all prefer another mechanism."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray
from mechopt._util.rounding import ROUNDING, in_figures
from mechopt.environments import DelayedTrade, Environment
from mechopt.environments.environment import gains
from mechopt.errors import InvalidInputError
from mechopt.literature.cramton1985.learning import (
    Course,
    PaymentTiming,
    TradingDates,
    course,
    trading_dates,
)
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.objectives import Welfare
from mechopt.solution import Solution, mechanism_of
from mechopt.studies.dominance import DOMINANCE_TOLERANCE, Dominance, Verdict, find_dominating
from mechopt.types.virtual_values import ironed, virtual_value

START = -math.inf
DATE_QUANTILES = (0.25, 0.5, 0.75, 1.0)
# Probabilities of never trading below this are a solver's rounding.
NEVER_TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class DateAudit:
    """What the remaining traders could do at one date.

    Expectations are given that no trade has been announced by the date, in money of date 0.

    Parameters
    ----------
    date
        In the unit of time of the discount rates; trades at it have been announced. Minus infinity
        is the start, before any announcement.
    remaining
        Probability that no trade has been announced by then.
    status_quo
        Expected sum of what the mechanism still has in store for both sides.
    possible
        Expected sum that would be possible from then on if types were public.
    dominance
        Whether another mechanism is better for all remaining types; None if no pair remains.
    """

    date: float
    remaining: float
    status_quo: float
    possible: float
    dominance: Dominance | None

    @property
    def rational(self) -> bool:
        """Whether it is proved that the remaining traders do not all prefer another mechanism."""
        return self.dominance is None or self.dominance.efficient

    @property
    def gain(self) -> float:
        """Largest expected sum of gains from another mechanism."""
        dominated = self.dominance is not None and self.dominance.dominated
        return self.dominance.gain if dominated and self.dominance is not None else 0.0

    @property
    def share(self) -> float:
        """The gain as a share of what the mechanism leaves unrealised, from 0 to 1."""
        unrealised = self.possible - self.status_quo
        return self.gain / unrealised if unrealised > 0 and self.gain > 0 else 0.0

    @property
    def alternative(self) -> Mechanism | None:
        """The mechanism that all remaining types prefer, or None."""
        if self.dominance is None or not self.dominance.dominated:
            return None
        return self.dominance.mechanism

    def __str__(self) -> str:
        when = "start" if self.date < 0 else f"date {in_figures(self.date, '.4g')}"
        if self.dominance is None:
            return f"{when}: no pair remains"
        text = f"{when}: {in_figures(100 * self.remaining, '.4g')} % of pairs remain; "
        if self.dominance.dominated:
            return text + (
                f"all would prefer another mechanism, which brings {in_figures(self.gain, '.4g')} "
                f"({in_figures(100 * self.share, '.1f')} % of what is left unrealised)"
            )
        return text + str(self.dominance)


@dataclass(frozen=True, eq=False)
class SequentialAudit:
    """A mechanism's sequential rationality, date by date.

    Parameters
    ----------
    dates
        One entry per date, in order.
    course
        The mechanism as it unfolds; its ``note`` says which payments were used and when they move.
    """

    dates: tuple[DateAudit, ...]
    course: Course

    @property
    def sequentially_rational(self) -> bool:
        """Whether it is proved, at every date looked at, that no mechanism is better for all."""
        return all(entry.rational for entry in self.dates)

    @property
    def dominated_dates(self) -> tuple[float, ...]:
        """Dates at which all remaining traders would prefer another mechanism."""
        found = (entry for entry in self.dates if entry.dominance is not None)
        return tuple(
            entry.date
            for entry in found
            if entry.dominance is not None and entry.dominance.verdict is Verdict.DOMINATED
        )

    def __str__(self) -> str:
        verdict = "passes" if self.sequentially_rational else "FAILS"
        lines = [f"sequential rationality: {verdict} at the dates looked at"]
        lines.extend(str(entry) for entry in self.dates)
        return "\n".join([*lines, f"payments: {self.course.note}"])


def audit_sequential_rationality(
    mechanism: Mechanism | Solution | Course,
    dates: Sequence[float] | None = None,
    *,
    timing: PaymentTiming | str | None = None,
    ex_post_participation: bool = False,
    payment_limit: float | None = None,
    tolerance: float = DOMINANCE_TOLERANCE,
) -> SequentialAudit:
    """Ask at several dates whether the remaining traders would all prefer another mechanism.

    At each date the prior is conditioned on no trade having been announced, the mechanism's
    remaining promises are the status quo, and the best mechanism from then on is found that leaves
    no remaining type worse off, with certificates both ways.

    Parameters
    ----------
    mechanism
        A mechanism of bilateral trade with or without delay, a solution that has one, or the course
        of one, such as that of an institution over time.
    dates
        In the unit of time of the discount rates; below zero is the start. Unless given: the start,
        just after the trades at date 0, and the quartiles of the later trading dates, the last one
        included.
    timing
        When money moves, as in :func:`mechopt.cramton1985.course`.
    ex_post_participation
        Let only alternatives count that leave no one worse off than staying out in any pair.
        Without this, alternatives may include bets on the other's type, which beliefs that are no
        longer independent make attractive.
    payment_limit
        Largest payment of alternatives in any pair, in money of date 0.
    tolerance
        Gains up to this share of what is still at stake count as rounding.

    Raises
    ------
    InvalidInputError
        If a solution has no mechanism, or its payments do not balance.

    Notes
    -----
    Passing at finitely many dates is necessary for sequential rationality, failing at one is
    conclusive for the payments used; see ``course.note``, since what is outstanding depends on when
    money moves. Alternatives ask for reports anew and must be incentive compatible under the
    posterior. The status quo rests on reports made before date 0, and may promise what no such
    mechanism can keep: then nothing dominates it, and the entry says that every other mechanism
    leaves some type worse off. Where no trade is left, the verdict is the same for all payments at
    trade. Over cells, alternatives are those constant on cells: domination
    found is domination, its absence is up to the width of the cells.

    Source: theory.md, section 3.8; Cramton (1985), section 8.3 and Lemma 5.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, solve
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6, 7, 8])
    >>> report = audit_sequential_rationality(
    ...     solve(ex_ante_efficiency(BilateralTrade(types, types)))
    ... )
    >>> [(entry.date, entry.rational, round(entry.share, 3)) for entry in report.dates]
    [(-inf, True, 0.0), (0.0, False, 1.0)]
    """
    given = isinstance(mechanism, Course)
    unfolding = mechanism if isinstance(mechanism, Course) else course(mechanism, timing)
    if given and timing is not None and PaymentTiming(timing) is not unfolding.timing:
        raise InvalidInputError(
            "a course has a timing of its own",
            where="timing",
            expected=f"{unfolding.timing.value!r}, or nothing",
            got=f"{PaymentTiming(timing).value!r}",
            remedy="Leave it out.",
        )
    when = (
        dates_of(unfolding.dates, unfolding.mechanism)
        if dates is None
        else sorted(float(date) for date in dates)
    )
    entries = [
        _audit_at(unfolding, date, ex_post_participation, payment_limit, tolerance) for date in when
    ]
    return SequentialAudit(tuple(entries), unfolding)


def _audit_at(
    unfolding: Course,
    date: float,
    ex_post_participation: bool,
    payment_limit: float | None,
    tolerance: float,
) -> DateAudit:
    environment = unfolding.mechanism.environment
    seller, buyer = environment.masses
    remaining = float(seller @ unfolding.dates.remaining(date) @ buyer)
    if remaining <= NEVER_TOLERANCE:
        return DateAudit(date, max(remaining, 0.0), 0.0, 0.0, None)
    learnt = unfolding.posterior(date)
    promised = unfolding.status_quo(date)
    # What trade at the date is worth in money of date 0: types count by that much less.
    agents = zip(environment.agents, unfolding.dates.discount(date), strict=True)
    from_then = replace(environment, agents=tuple(agent.scaled(worth) for agent, worth in agents))
    dominance = find_dominating(
        from_then,
        promised,
        prior=None if date < 0.0 else learnt.joint,
        ex_post_participation=ex_post_participation,
        payment_limit=payment_limit,
        tolerance=tolerance,
    )
    total = sum(
        float(mass[mass > 0] @ payoff[mass > 0])
        for mass, payoff in zip((learnt.seller, learnt.buyer), promised.mean, strict=True)
    )
    every = [np.arange(size) for size in environment.shape]
    possible = float((learnt.joint * gains(from_then, every)).sum())
    return DateAudit(date, remaining, total, possible, dominance)


def default_dates(mechanism: Mechanism) -> list[float]:
    """Return the dates to look at: the start, 0, and quartiles of the later trading dates.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> from mechopt.cramton1985 import posted_price
    >>> types = TypeSpace.finite([0, 1])
    >>> default_dates(posted_price(BilateralTrade(types, types), 0.5))
    [-inf, 0.0]
    """
    return dates_of(trading_dates(mechanism), mechanism)


def dates_of(dates: TradingDates, mechanism: Mechanism) -> list[float]:
    """Return the same dates of a mechanism whose trading dates are known.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> from mechopt.cramton1985 import posted_price
    >>> types = TypeSpace.finite([0, 1])
    >>> price = posted_price(BilateralTrade(types, types), 0.5)
    >>> dates_of(trading_dates(price), price)
    [-inf, 0.0]
    """
    seller, buyer = mechanism.environment.masses
    weight = dates.probability * np.outer(seller, buyer)
    later = np.isfinite(dates.date) & (dates.date > 0) & (weight > 0)
    if not later.any():
        return [START, 0.0]
    order = np.argsort(dates.date[later])
    sorted_dates = dates.date[later][order]
    share = np.cumsum(weight[later][order])
    positions = np.searchsorted(share, np.array(DATE_QUANTILES) * share[-1] * (1.0 - 1e-12))
    quartiles = sorted_dates[np.minimum(positions, sorted_dates.size - 1)]
    # Quartiles that are one date come out differently in their last bits.
    apart = np.diff(quartiles, prepend=0.0) > ROUNDING * quartiles[-1]
    return [START, 0.0, *quartiles[apart].tolist()]


def excluded_forever(mechanism: Mechanism | Solution) -> npt.NDArray[np.bool_]:
    """Return the pairs that Lemma 6 does not allow a mechanism to leave without trade forever.

    These are pairs that never trade with positive probability, although trade between them would
    be beneficial at arbitrarily late dates: with r > σ all pairs with a positive value (or, both
    negative, none), with r = σ all with a value above cost, with r < σ none of positive types.

    Returns
    -------
    array of bool (num_seller_types, num_buyer_types)
        Pairs of cells are judged by their means.

    Notes
    -----
    Pairs that gain exactly nothing (value equal to cost at r = σ) are left out: the lemma counts
    them, but excluding them costs nobody anything. With r < σ the lemma is silent, yet leaving out
    a pair with value above cost is not sequentially rational just after date 0 either; the audit
    says so. Source: theory.md, section 3.8; Cramton (1985), Lemma 6.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> from mechopt.cramton1985 import posted_price
    >>> types = TypeSpace.finite([0, 1, 2])
    >>> excluded_forever(posted_price(BilateralTrade(types, types), 1.0))
    array([[False, False, False],
           [False, False, False],
           [False, False, False]])
    """
    found = mechanism_of(mechanism)
    environment = found.environment
    seller, buyer = (agent.types.mean for agent in environment.agents)
    never = trading_dates(found).never > NEVER_TOLERANCE
    return np.asarray(never & _always_beneficial(environment, seller[:, None], buyer[None, :]))


def _always_beneficial(
    environment: Environment, cost: FloatArray, value: FloatArray
) -> npt.NDArray[np.bool_]:
    """Return where trade is beneficial at arbitrarily late dates: b exp(-σt) > s exp(-rt)."""
    outcomes = environment.outcomes
    if not isinstance(outcomes, DelayedTrade):
        return np.asarray(value > cost)
    if outcomes.seller_rate > outcomes.buyer_rate:
        return np.asarray((value > 0) | ((value == 0) & (cost < 0)))
    return np.asarray((cost < 0) | ((cost == 0) & (value > 0)))


@dataclass(frozen=True, eq=False)
class Corollary1:
    """Whether an ex ante efficient mechanism violates sequential rationality by Corollary 1.

    Parameters
    ----------
    alpha
        λ/(1+λ) for the multiplier on the participation slack.
    excluded : array of bool (num_seller_types, num_buyer_types)
        Pairs that never trade although trade would be beneficial at arbitrarily late dates.
    excluded_probability
        Probability of meeting such a pair.
    lowest_value
        Virtual value of the buyer's lowest type at the optimal alpha, ironed.
    lowest_value_at_one
        The same at alpha = 1, which the paper's condition is about.
    """

    alpha: float
    excluded: npt.NDArray[np.bool_]
    excluded_probability: float
    lowest_value: float
    lowest_value_at_one: float

    @property
    def applies(self) -> bool:
        """Whether the corollary's conclusion follows: λ > 0 and some such pair never trades."""
        return self.alpha > 0 and bool(self.excluded.any())

    @property
    def papers_condition(self) -> bool:
        """The paper's condition for r > σ, d(lowest value, 1) < 0, which is not enough."""
        return self.lowest_value_at_one < 0


def corollary_1(solution: Solution) -> Corollary1:
    """Check Corollary 1: ex ante efficient mechanisms typically violate sequential rationality.

    Parameters
    ----------
    solution
        Of :func:`mechopt.ex_ante_efficiency` with equal weights, for bilateral trade.

    Raises
    ------
    InvalidInputError
        For solutions of other problems.

    Notes
    -----
    For r > σ the paper asks for d(lowest value, 1) < 0; what excludes pairs forever is that the
    lowest virtual value is negative at the *optimal* alpha. For 0 < alpha < 1 the former can hold
    without the latter. Source: theory.md, section 3.8; Cramton (1985), Corollary 1.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, solve
    >>> cells = TypeSpace.from_distribution
    >>> trade = BilateralTrade(
    ...     cells(stats.uniform(0, 1), 50), cells(stats.uniform(0.5, 1), 50), 2.0, 1.0
    ... )
    >>> answer = corollary_1(solve(ex_ante_efficiency(trade)))
    >>> answer.alpha > 0, answer.papers_condition, answer.applies
    (True, True, False)
    """
    objective = solution.problem.objective
    equal = isinstance(objective, Welfare) and len(set(objective.weights)) == 1
    if not equal or solution.mechanism is None or solution.alpha is None:
        raise InvalidInputError(
            "not an ex ante efficient mechanism",
            where="solution",
            expected="a solution of ex_ante_efficiency with equal weights",
            got=f"{objective} with alpha {solution.alpha}",
            remedy="Solve ex_ante_efficiency(trade).",
        )
    excluded = excluded_forever(solution.mechanism)
    seller, buyer = solution.mechanism.environment.masses
    types = solution.mechanism.environment.agents[1].types
    lowest = [
        float(ironed((1.0 - a) * types.mean + a * virtual_value(types), types.mass)[0])
        for a in (solution.alpha, 1.0)
    ]
    return Corollary1(
        solution.alpha,
        excluded,
        float(seller @ excluded.astype(np.float64) @ buyer),
        *lowest,
    )
