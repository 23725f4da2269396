"""Money: payments that cover the cost of the outcome, and limits on payments."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Literal, Self, TypeAlias, TypeVar

import numpy as np

from mechopt._util.arrays import FloatArray, in_blocks, rounding_of_sums, shown, sum_of_sizes
from mechopt._util.rationals import as_fraction, scale_factor
from mechopt._util.registry import saved_as
from mechopt._util.rounding import in_figures
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError
from mechopt.mechanism.by_others import is_by_counts
from mechopt.mechanism.check import Check
from mechopt.mechanism.counts_rule import CountsRule
from mechopt.mechanism.mechanism import Mechanism
from mechopt.mechanism.money import EPS, away_from, money_check, place_text, profile_text
from mechopt.problem.frame import Frame
from mechopt.problem.linear import Meaning, Rows
from mechopt.problem.requirement import Requirement


class Budget(StrEnum):
    """How the agents' payments must relate to the cost of the outcome (zero for trade)."""

    BALANCED = "balanced"
    NO_DEFICIT = "no-deficit"
    SUBSIDISED = "subsidised"


class Holds(StrEnum):
    """When a budget holds: in expectation, or in every profile of types."""

    EX_ANTE = "ex-ante"
    EX_POST = "ex-post"


# What may be written: words, or the members that they become.
BudgetWord: TypeAlias = Budget | Literal["balanced", "no-deficit", "subsidised"]
HoldsWord: TypeAlias = Holds | Literal["ex-ante", "ex-post"]

MEANINGS = {
    (Budget.BALANCED, Holds.EX_ANTE): Meaning(
        "expected payments cover the expected cost exactly",
        "Σ_i Σ_k m_{i,k} T_{i,k} = E[cost(t)]",
        "1",
    ),
    (Budget.NO_DEFICIT, Holds.EX_ANTE): Meaning(
        "expected payments cover the expected cost", "Σ_i Σ_k m_{i,k} T_{i,k} >= E[cost(t)]", "1"
    ),
    (Budget.BALANCED, Holds.EX_POST): Meaning(
        "payments cover the cost exactly in every profile", "Σ_i τ_i(t) = cost(t)", "1"
    ),
    (Budget.NO_DEFICIT, Holds.EX_POST): Meaning(
        "payments cover the cost in every profile", "Σ_i τ_i(t) >= cost(t)", "1"
    ),
}


Word = TypeVar("Word", bound=StrEnum)


def word(name: str, value: object, kind: type[Word]) -> Word:
    """Return a word as the member of an enumeration, or say which words there are."""
    try:
        return kind(str(value))
    except ValueError:
        raise InvalidInputError(
            "not a requirement of this kind",
            where=name,
            expected=" or ".join(f'"{member.value}"' for member in kind),
            got=shown(repr(value)),
            remedy="Choose one of these words.",
        ) from None


@saved_as("mechopt.CoversCost")
@dataclass(frozen=True)
class CoversCost(Requirement):
    """The agents' payments cover the cost of the outcome.

    With independent types and interim requirements, payments that cover it in expectation can be
    made to cover it in every profile without changing what any type expects, for two agents or
    more, so that ``"ex-post"`` costs nothing there.

    Parameters
    ----------
    budget
        ``"balanced"`` (exactly) or ``"no-deficit"`` (at least).
    holds
        ``"ex-ante"`` (in expectation) or ``"ex-post"`` (in every profile).

    Raises
    ------
    InvalidInputError
        For other words.

    Notes
    -----
    Source: theory.md, section 1.

    Examples
    --------
    >>> from mechopt.problem.budget import Budget
    >>> CoversCost(Budget.BALANCED).holds
    <Holds.EX_ANTE: 'ex-ante'>
    """

    budget: BudgetWord
    holds: HoldsWord = Holds.EX_ANTE

    def __post_init__(self) -> None:
        object.__setattr__(self, "budget", word("budget", self.budget, Budget))
        object.__setattr__(self, "holds", word("holds", self.holds, Holds))

    def rows(self, frame: Frame) -> Iterator[Rows]:
        """Yield one row, or one for every profile where payments are by profile."""
        agents = range(len(frame.names))
        equal = self.budget is Budget.BALANCED
        if self.holds is Holds.EX_POST and frame.by_profile:
            left, axes, shape = frame.surplus()
            meaning = MEANINGS[Budget(self.budget), Holds.EX_POST]
            yield Rows("budget", axes, left, meaning, equal=equal, shape=shape)
            return
        total = -frame.expected_cost()
        for i in agents:
            if frame.by_profile:
                total = total + frame.expectation(frame.payment_in_profile(i))
            else:
                total = total + frame.payment(i).sum(frame.numbers.agents[i].mass)
        meaning = MEANINGS[Budget(self.budget), Holds.EX_ANTE]
        yield Rows("budget", (), total, meaning, equal=equal, shape=(1,))

    def checks(
        self, environment: Environment, mechanism: Mechanism, tolerance: float
    ) -> Iterator[Check]:
        """Compare payments and cost in expectation, and in every profile where that is required."""
        scale = environment.first_best
        revenue = size = 0.0
        for mass, payment in zip(environment.masses, mechanism.payment, strict=True):
            revenue += float(mass @ payment)
            size += sum_of_sizes(mass, payment)
        cost = mechanism.expected_cost
        surplus = revenue - cost
        sums = 4.0 * EPS + rounding_of_sums(max(environment.shape))
        violation = abs(surplus) if self.budget is Budget.BALANCED else -surplus
        rounding = sums * (size + abs(cost)) + sum(
            float(mass @ noise)
            for mass, noise in zip(environment.masses, mechanism.rounding_of_payment, strict=True)
        )
        where = "expected payments cover the expected cost"
        if violation > rounding:
            where = f"expected payments {away_from(surplus, 'the expected cost')}"
        yield money_check("budget ex ante", violation, rounding, scale, tolerance, where)
        # Payments that are made from interim ones are looked at when they are written out.
        if self.holds is Holds.EX_POST and mechanism.ex_post_payment is not None:
            yield check_every_profile(environment, mechanism, Budget(self.budget), tolerance)


def check_every_profile(
    environment: Environment,
    mechanism: Mechanism,
    budget: Budget,
    tolerance: float,
    payments: FloatArray | None = None,
) -> Check:
    """Check that payments cover the cost in every profile; ``payments`` if they are at hand."""
    if is_by_counts(mechanism):
        return _check_every_state(environment, mechanism, budget, tolerance)
    payments = mechanism.ex_post_payments() if payments is None else payments
    sums = 4.0 * EPS + rounding_of_sums(max(environment.shape))
    prices = environment.outcomes.cost
    outcomes = mechanism.allocation.dense(environment) if prices.any() else None
    own = [np.abs(paid) for paid in mechanism.payment]
    own = [paid + float(mass @ paid) for mass, paid in zip(environment.masses, own, strict=True)]
    worst, largest, at, allowed = 0, -np.inf, 0.0, 0.0
    for block in in_blocks(environment.shape):
        left, size = payments[0, block] + 0.0, np.abs(payments[0, block])
        for paid in payments[1:, block]:
            left += paid
            size += np.abs(paid)
        if outcomes is not None:
            cost = np.tensordot(prices, outcomes[:, block], axes=1)
            left, size = left - cost, size + np.abs(cost)
        # Written out, payments are sums and differences of interim ones, and round at their size.
        for i, paid in enumerate(own):
            shape = [1] * left.ndim
            shape[i] = -1
            size += (paid[block] if i == 0 else paid).reshape(shape)
        size *= sums
        short = np.abs(left) if budget is Budget.BALANCED else -left
        short -= size
        place = int(np.argmax(short))
        if not short.flat[place] <= largest:
            worst = block.start * left[0].size + place
            largest, at, allowed = (float(a.flat[place]) for a in (short, left, size))
        if np.isnan(largest):
            break
    where = place_text(environment, worst) if not largest <= 0.0 else ""
    return _every_profile_check(environment, largest, at, allowed, tolerance, where)


def _check_every_state(
    environment: Environment, mechanism: Mechanism, budget: Budget, tolerance: float
) -> Check:
    """Check the same of identical agents by counts, in every state of all of them."""
    rule, counted = mechanism.allocation, mechanism.by_counts
    assert isinstance(rule, CountsRule)
    assert counted is not None
    states = counted.require_fits(environment)
    cost, paid = rule.cost_in(environment), states.totals(counted.values)
    sums = 4.0 * EPS + rounding_of_sums(max(states.number, states.size))
    size = sums * (states.totals(np.abs(counted.values)) + np.abs(cost))
    left = paid - cost
    short = (np.abs(left) if budget is Budget.BALANCED else -left) - size
    worst = int(np.argmax(short))
    largest, at, allowed = (float(each[worst]) for each in (short, left, size))
    cells = np.repeat(np.arange(states.size), states.every[worst]).tolist()
    return _every_profile_check(
        environment, largest, at, allowed, tolerance, profile_text(environment, cells)
    )


def _every_profile_check(
    environment: Environment,
    largest: float,
    at: float,
    allowed: float,
    tolerance: float,
    place: str,
) -> Check:
    """Judge the largest violation beyond rounding, and what is left of payments there."""
    where = "payments cover the cost in every profile"
    if not largest <= 0.0:
        where = f"payments {away_from(at, 'the cost')} at {place}"
    return money_check(
        "budget ex post", largest + allowed, allowed, environment.first_best, tolerance, where
    )


@dataclass(frozen=True)
class MoneyLimit(Requirement):
    """A requirement that is one amount of money and concerns every profile.

    Parameters
    ----------
    limit
        In money: a number, a fraction, or a text such as ``"3/2"``. It becomes a float, and is kept
        for exact optima.
    exact
        The limit as the text of a fraction, where it is not the decimal that the float prints as;
        taken from ``limit`` unless said.

    Raises
    ------
    InvalidInputError
        For what is no limit.
    """

    limit: float
    exact: str | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        try:
            given = as_fraction(self.limit if self.exact is None else self.exact)
            limit = float(given)
        except (InvalidInputError, OverflowError):
            given, limit = Fraction(-1), -1.0
        if limit < 0.0 or (given and not limit) or (self.exact is not None and limit != self.limit):
            what, remedy = self._refusal
            raise InvalidInputError(
                what,
                where="limit",
                expected="a finite number of at least 0, in money",
                got=shown(repr(self.limit)),
                remedy=remedy,
            )
        object.__setattr__(self, "limit", limit)
        if as_fraction(limit) != given:
            object.__setattr__(self, "exact", str(given))

    @property
    @abstractmethod
    def _refusal(self) -> tuple[str, str]:
        """What another amount is not, and what to do about it."""

    @property
    def in_figures(self) -> str:
        """The amount as it was given, or in as many figures as say it."""
        return self.exact or in_figures(self.limit)

    @property
    def in_fractions(self) -> Fraction:
        """The limit with nothing rounded; a float is the decimal that it prints as."""
        return as_fraction(self.exact or self.limit)

    @property
    def by_profile(self) -> bool:
        """Payments of every profile count."""
        return True

    def scaled(self, factor: float) -> Self:
        """Return the same limit in another unit of money."""
        if self.exact is None:
            return type(self)(factor * self.limit)
        return type(self)(scale_factor(factor) * self.in_fractions)  # type: ignore[arg-type]


@saved_as("mechopt.PaymentLimit", version=2)
@dataclass(frozen=True)
class PaymentLimit(MoneyLimit):
    """No agent pays or receives more than a limit in any profile.

    Parameters
    ----------
    limit, exact
        As of :class:`MoneyLimit`; zero for no payments at all.

    Raises
    ------
    InvalidInputError
        For what is no limit.

    Examples
    --------
    >>> PaymentLimit(2.0).scaled(10.0)
    PaymentLimit(limit=20.0)
    >>> PaymentLimit("1/3").in_fractions
    Fraction(1, 3)
    """

    @property
    def _refusal(self) -> tuple[str, str]:
        return "not a limit on payments", "Leave it out for 100 times the width of the types."

    @property
    def in_words(self) -> str:
        """The limit, in money."""
        return "no payments" if self.limit == 0.0 else f"payments at most {self.in_figures}"

    def rows(self, frame: Frame) -> Iterator[Rows]:
        """Yield nothing: the limit bounds the payments themselves."""
        del frame
        return iter(())

    def checks(
        self, environment: Environment, mechanism: Mechanism, tolerance: float
    ) -> Iterator[Check]:
        """Look at every payment of every profile."""
        counted = mechanism.by_counts
        if counted is None:
            beyond = (np.abs(mechanism.ex_post_payments()) - self.limit).max(axis=0)
        else:
            beyond = np.abs(counted.values) - self.limit
        worst = int(np.argmax(beyond))
        rounding = 4.0 * EPS * self.limit
        where = "in every profile"
        if not beyond.flat[worst] <= rounding:
            place = place_text(environment, worst) if counted is None else ""
            if counted is not None:
                own, state = divmod(worst, beyond.shape[1])
                cells = counted.require_fits(environment).profile(0, own, state)
                place = profile_text(environment, cells)
            where = f"beyond {self.limit:.6g} at {place}"
        yield money_check(
            "limit on payments",
            float(beyond.flat[worst]),
            rounding,
            environment.first_best,
            tolerance,
            where,
        )
