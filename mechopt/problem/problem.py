"""A design problem: an environment, an objective, and what a mechanism has to satisfy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Literal, TypeAlias, cast

import numpy as np

from mechopt._util.arrays import FloatArray, repeated, rounding_of_sums, sum_of_sizes
from mechopt._util.rationals import as_fraction
from mechopt._util.registry import saved_as
from mechopt._util.saving import LATER, fingerprint
from mechopt.environments import Environment, Outcomes
from mechopt.errors import InvalidInputError, UnsupportedProblemError, require
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.budget import (
    Budget,
    BudgetWord,
    CoversCost,
    Holds,
    HoldsWord,
    PaymentLimit,
    Word,
    word,
)
from mechopt.problem.deterministic import Deterministic, require_pure_outcomes
from mechopt.problem.incentives import DominantIncentives, InterimIncentives
from mechopt.problem.objectives import Objective, ObjectiveWeights, Subsidy
from mechopt.problem.participation import ExPostParticipation, InterimParticipation
from mechopt.problem.requirement import Requirement

# Gaps are measured in no less than this share of the types, for each term of a sum over them: a
# millionth of it, which is what a certified gap may be, is some tens of roundings of every term.
NO_GAINS = 1e-8
EPS = float(np.finfo(np.float64).eps)
DEFAULT_PAYMENT_LIMIT = 100.0


class AllocationRequirement(StrEnum):
    """Whether the allocation is to be found or prescribed."""

    FREE = "free"
    EFFICIENT = "efficient"


class Incentives(StrEnum):
    """Whether truth must be best on average over the others' types, in every profile, or not."""

    INTERIM = "interim"
    DOMINANT = "dominant"
    NONE = "none"


class Participation(StrEnum):
    """Whether every type must get its outside option on average, in every profile, or not."""

    INTERIM = "interim"
    EX_POST = "ex-post"
    NONE = "none"


# What may be written: words, or the members that they become.
AllocationWord: TypeAlias = AllocationRequirement | Literal["free", "efficient"]
IncentivesWord: TypeAlias = Incentives | Literal["interim", "dominant", "none"]
IncentivesWords: TypeAlias = (
    IncentivesWord | Sequence[IncentivesWord] | Mapping[str, IncentivesWord]
)
ParticipationWord: TypeAlias = Participation | Literal["interim", "ex-post", "none"]
ParticipationWords: TypeAlias = (
    ParticipationWord | Sequence[ParticipationWord] | Mapping[str, ParticipationWord]
)


@saved_as("mechopt.DesignProblem")
@dataclass(frozen=True)
class DesignProblem:
    """What is asked: the best mechanism of an environment under stated requirements.

    Parameters
    ----------
    environment
        Agents and feasible outcomes.
    objective
        Such as :class:`Welfare`, :class:`Revenue`, mixtures like ``Welfare() + 0.5 * Revenue()``,
        another of :mod:`mechopt.problem.objectives`, or one of your own.
    allocation
        ``"free"``, or ``"efficient"`` to prescribe the ex post efficient one.
    incentives
        ``"interim"`` (truth is best on average over the others' types), ``"dominant"`` (whatever
        they are) or ``"none"`` (types can be verified), for all agents, or for each by name or in
        order.
    participation
        ``"interim"`` (every type expects at least its outside option), ``"ex-post"`` (it gets that
        in every profile) or ``"none"`` (the agent cannot stay out), likewise.
    budget
        ``"balanced"`` (payments cover the cost exactly), ``"no-deficit"`` (at least), or
        ``"subsidised"`` (no requirement).
    budget_holds
        ``"ex-ante"`` (in expectation) or ``"ex-post"`` (in every profile).
    requirements
        Further ones: :class:`~mechopt.problem.budget.PaymentLimit`,
        :class:`~mechopt.problem.liability.Liability`,
        :class:`~mechopt.problem.participation.UtilityFloor`,
        :class:`~mechopt.problem.events.EventProbability`, or a
        :class:`~mechopt.problem.requirement.Requirement` of your own.
    deterministic
        Whether nothing may be left to chance once types are known: outcomes are whole numbers. Such
        a program has a bound, which its solver claims, and no multipliers.

    Raises
    ------
    InvalidInputError
        For words other than these, and objectives that do not fit the environment, or that are
        nothing but the designer's profit where a balanced budget, or no payment, leaves none.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, Welfare
    >>> types = TypeSpace.finite([0, 1])
    >>> problem = DesignProblem(BilateralTrade(types, types), Welfare((1.0, 1.0)))
    >>> problem.budget
    <Budget.BALANCED: 'balanced'>
    """

    environment: Environment
    objective: Objective
    allocation: AllocationWord = AllocationRequirement.FREE
    incentives: IncentivesWords = Incentives.INTERIM
    participation: ParticipationWords = Participation.INTERIM
    budget: BudgetWord = Budget.BALANCED
    budget_holds: HoldsWord = Holds.EX_ANTE
    requirements: Sequence[Requirement] = ()
    deterministic: bool = field(default=False, metadata={LATER: True})

    def __post_init__(self) -> None:
        hint = "Pass a BilateralTrade or another Environment."
        require(self.environment, Environment, where="environment", remedy=hint)
        require(self.objective, Objective, where="objective", remedy="For example Welfare((1, 1)).")
        allocation = word("allocation", self.allocation, AllocationRequirement)
        object.__setattr__(self, "allocation", allocation)
        object.__setattr__(self, "budget", word("budget", self.budget, Budget))
        holds = word("budget_holds", self.budget_holds, Holds)
        object.__setattr__(self, "budget_holds", holds)
        names = [agent.name for agent in self.environment.agents]
        incentives = _words("incentives", self.incentives, Incentives, names)
        object.__setattr__(self, "incentives", incentives)
        participation = _words("participation", self.participation, Participation, names)
        object.__setattr__(self, "participation", participation)
        object.__setattr__(self, "objective", self.objective.for_environment(self.environment))
        _ = self.weights  # that they fit is checked where they are first computed
        hint = "Give a list of requirements, such as [PaymentLimit(1.0)]."
        require(self.requirements, (tuple, list), where="requirements", remedy=hint)
        object.__setattr__(self, "requirements", tuple(self.requirements))
        for requirement in self.requirements:
            require(requirement, Requirement, where="requirements", remedy=hint)
            requirement.validate(self.environment)
        self._require_profit()
        require(self.deterministic, bool, where="deterministic", remedy="Give True or False.")
        if self.deterministic:
            require_pure_outcomes(self.environment)

    def require_lotteries(self, what: str) -> None:
        """Raise UnsupportedProblemError if the problem is one in whole numbers."""
        if self.deterministic:
            raise UnsupportedProblemError(
                f"{what}: not of a problem in whole numbers (expected one with lotteries, got "
                "deterministic). Leave deterministic out, or solve it with highs."
            )

    def _require_profit(self) -> None:
        """Raise where the objective is the designer's profit, and nothing is left of that."""
        objective = self.objective.expectation_of
        shares = objective.shares_in(self.environment)
        if shares is None or not shares.designer or any(shares.agents):
            return
        # A subsidy may be asked for all the same: whether efficiency is possible without money.
        kept = shares.designer > 0.0
        barred = self.has_payment_limit and self.payment_limit == 0.0
        if kept and barred and self.environment.outcomes.is_free:
            raise InvalidInputError(
                f"without payments the {objective.in_words} is zero in every mechanism",
                where="requirements",
                expected="payments, or an objective that counts the agents' gains",
                got="none (transfers = false, or PaymentLimit(0))",
                remedy="Maximise welfare, or allow payments.",
            )
        if self.budget is Budget.BALANCED:
            usual = "no-deficit", "largest_revenue"
            budget, poses = usual if kept else ("subsidised", "minimum_subsidy")
            raise InvalidInputError(
                f"with a balanced budget the {objective.in_words} is zero in every mechanism",
                where="budget",
                expected='"no-deficit", or "subsidised" for no requirement',
                got='"balanced"',
                remedy=f'Write budget="{budget}", as {poses}(environment) does.',
            )

    def incentives_of(self, agent: int) -> Incentives:
        """Return what is required of the incentives of the agent in this position."""
        words = cast("Incentives | tuple[Incentives, ...]", self.incentives)
        return words[agent] if isinstance(words, tuple) else words

    def participation_of(self, agent: int) -> Participation:
        """Return what is required of the participation of the agent in this position."""
        words = cast("Participation | tuple[Participation, ...]", self.participation)
        return words[agent] if isinstance(words, tuple) else words

    def has_incentives(self, agent: int) -> bool:
        """Return whether the types of the agent in this position are its own secret."""
        return self.incentives_of(agent) is not Incentives.NONE

    def has_participation(self, agent: int) -> bool:
        """Return whether the agent in this position must get at least its outside option."""
        return self.participation_of(agent) is not Participation.NONE

    @cached_property
    def all_requirements(self) -> tuple[Requirement, ...]:
        """Everything that a mechanism has to satisfy beyond feasible outcomes, one object each."""
        return self.required_of(range(len(self.environment.agents)))

    def required_of(self, agents: Iterable[int]) -> tuple[Requirement, ...]:
        """Return the requirements that are not on agents in other positions."""
        found: list[Requirement] = []
        for i in agents:
            agent = self.environment.agents[i]
            incentives, participation = self.incentives_of(i), self.participation_of(i)
            if incentives is not Incentives.NONE:
                dominant = incentives is Incentives.DOMINANT
                found.append((DominantIncentives if dominant else InterimIncentives)(agent.name))
            if participation is not Participation.NONE:
                always = participation is Participation.EX_POST
                found.append((ExPostParticipation if always else InterimParticipation)(agent.name))
        if self.budget is not Budget.SUBSIDISED:
            found.append(CoversCost(self.budget, self.budget_holds))
        if self.deterministic:
            found.append(Deterministic())
        return (*found, *self.requirements)

    @cached_property
    def by_profile(self) -> bool:
        """Whether payments of single profiles matter: interim ones do not say all there is.

        With independent types and interim requirements any budget that holds in expectation can be
        made to hold in every profile, given a second agent to shift money to.
        """
        alone = len(self.environment.agents) == 1 and self.budget_holds is Holds.EX_POST
        return (
            not self.environment.independent
            or not self.environment.has_net_quantities
            or alone
            or self.objective.by_profile
            or any(requirement.by_profile for requirement in self.all_requirements)
        )

    @property
    def is_interim(self) -> bool:
        """Whether all that is required concerns interim quantities and payments, in the usual ways.

        Then the bounds, closed forms and direct solutions of theory.md, section 1, apply.
        """
        return not self.by_profile and not self.requirements and not self.deterministic

    @property
    def textbook(self) -> DesignProblem:
        """The same problem with a budget in every profile, where that costs nothing."""
        if len(self.environment.agents) > 1 and self.is_interim:
            return replace(self, budget_holds=Holds.EX_POST)
        return self

    @property
    def payment_limit(self) -> float:
        """The largest payment in any profile, in money, where payments are by profile.

        With correlated types mechanisms bet on the others' types, and a limit keeps bets finite.
        Unless a :class:`~mechopt.problem.budget.PaymentLimit` is required, it is 100 times the
        width of the types; or half of that beyond the largest sum that an outcome is worth or
        costs or that an agent has outside, where that is more. What is proved is proved for all
        mechanisms within it.
        """
        limits = [limit.limit for limit in self._payment_limits]
        return min(limits) if limits else self._default_limit

    @cached_property
    def _default_limit(self) -> float:
        """The limit on payments where none is required: it lets every price be paid."""
        environment = self.environment
        outcomes, agents = environment.outcomes, environment.agents
        counted = [i for i in range(len(agents)) if environment.has_net_quantity(i)]
        largest = _largest(outcomes, np.vstack([outcomes.cost, *outcomes.net_quantity[counted]]))
        sums = [largest[0]]
        for i, quantity in zip(counted, largest[1:], strict=True):
            types = agents[i].types
            sums.append(max(abs(types.lowest), abs(types.highest)) * quantity)
        for agent in agents:
            sums += [float(np.abs(option).max()) for option in agent.option_at_ends]
        bets = DEFAULT_PAYMENT_LIMIT * environment.payoff_scale
        return max(bets, bets / 2.0 + max(sums))

    @property
    def exact_payment_limit(self) -> Fraction:
        """The same with nothing rounded."""
        limits = [limit.in_fractions for limit in self._payment_limits]
        return min(limits, default=as_fraction(self.payment_limit))

    @property
    def has_payment_limit(self) -> bool:
        """Whether a limit on payments is required, beside the one that keeps bets finite."""
        return bool(self._payment_limits)

    @property
    def _payment_limits(self) -> list[PaymentLimit]:
        return [each for each in self.requirements if isinstance(each, PaymentLimit)]

    @cached_property
    def weights(self) -> ObjectiveWeights:
        """What is maximised, in interim quantities and payments."""
        return self.objective.weights_in(self.environment)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the problem's content, the same on every machine."""
        return fingerprint(self)

    @property
    def objective_scale(self) -> float:
        """What errors of the objective are measured in: the first best, weighted; never zero.

        Where there are no gains, what rounding can make of the types and costs stands in, or of
        payments as large as the limit where they are by profile.
        """
        stakes = self.objective.stakes_in(self.environment)
        if stakes:
            return stakes
        limit = self.payment_limit * self.objective.largest_weight if self.by_profile else 0.0
        return max(self.least_scale, NO_GAINS * limit)

    @cached_property
    def least_scale(self) -> float:
        """The least first best, weighted, that a certified gap is measured in; never zero.

        Less gains than that are drowned by what rounding makes of the types and costs.
        """
        environment = self.environment
        outcomes = environment.outcomes
        size = environment.centred.largest_type or 1.0
        if not outcomes.is_free:
            size += _largest(outcomes, outcomes.cost[None])[0]
        terms = len(environment.agents) + rounding_of_sums(max(environment.shape)) / EPS
        return NO_GAINS * terms * size * self.objective.largest_weight

    @property
    def centred(self) -> DesignProblem:
        """The same problem with types measured from their origin, where that keeps digits."""
        return self._moved or self

    @cached_property
    def _moved(self) -> DesignProblem | None:
        environment = self.environment
        if self.objective.ignores_origin and self.is_interim and environment.origin != 0.0:
            return replace(self, environment=environment.centred)
        return None

    def centred_payments(
        self, quantity: Sequence[FloatArray], payment: Sequence[FloatArray]
    ) -> Sequence[FloatArray]:
        """Return payments as those of :attr:`centred`, whose types are lower by the origin."""
        if self.centred is self:
            return payment
        origin = self.environment.origin
        return [t - origin * q for q, t in zip(quantity, payment, strict=True)]

    def value(self, mechanism: Mechanism, *, as_paid: bool = False) -> float:
        """Return the objective of a mechanism, computed from the problem's data.

        Payments that cancel are left out, unless they are to count as they are.
        """
        if self._by_definition:
            return self.objective.value(mechanism)[0]
        terms = mechanism.quantity, mechanism.payment, mechanism.expected_cost
        if as_paid:
            return self.objective.sign * self.weights.evaluate(self.environment, *terms)
        return self.value_of(*terms)

    def rounding(self, mechanism: Mechanism) -> float:
        """Return what rounding may make of :meth:`value`."""
        if self._by_definition:
            return self.objective.value(mechanism)[1]
        terms = mechanism.quantity, mechanism.payment, mechanism.expected_cost
        return self.rounding_of_value(*terms)

    @property
    def _by_definition(self) -> bool:
        """Whether more than weights of interim quantities and payments makes the objective."""
        return self.objective.by_profile or not self.objective.is_linear

    def value_of(
        self, quantity: Sequence[FloatArray], payment: Sequence[FloatArray], expected_cost: float
    ) -> float:
        """Return the objective at interim quantities and payments, in money.

        Where the budget balances and the objective weighs all payments alike, they count as the
        cost that they cover, whatever rounding made of them.
        """
        centred = self.centred
        weights, environment = centred.weights, centred.environment
        if self._payments_cancel:
            paid: Sequence[FloatArray] = [repeated(0.0, size) for size in environment.shape]
            total = float(weights.payment[0][0]) * expected_cost
        else:
            paid, total = self.centred_payments(quantity, payment), 0.0
        total += weights.evaluate(environment, quantity, paid, expected_cost)
        return self.objective.sign * total + 0.0  # never minus zero

    def rounding_of_value(
        self, quantity: Sequence[FloatArray], payment: Sequence[FloatArray], expected_cost: float
    ) -> float:
        """Return what rounding may make of :meth:`value_of`, in money.

        That of the sums, and that of payments which are far larger than the gains they divide.
        """
        centred = self.centred
        weights = centred.weights
        paid = self.centred_payments(quantity, payment)
        sums = abs(float(weights.cost) * expected_cost)
        rounded = 0.0
        for i, mass in enumerate(centred.environment.masses):
            each = np.atleast_2d(weights.quantity[i].T), np.atleast_2d(quantity[i].T)
            for weight, own in zip(*each, strict=True):
                sums += sum_of_sizes(mass, weight, own)
            if not self._payments_cancel:
                sums += sum_of_sizes(mass, weights.payment[i], paid[i])
                rounded += sum_of_sizes(mass, weights.payment[i], payment[i])
        relative = 2.0 * EPS + rounding_of_sums(max(self.environment.shape))
        return relative * sums + 2.0 * EPS * rounded

    @cached_property
    def _payments_cancel(self) -> bool:
        """Whether payments add up to the cost and weigh alike, so that who pays is all one."""
        weights = self.weights.payment
        alike = weights[0][0]
        return self.budget is Budget.BALANCED and all(bool((w == alike).all()) for w in weights)

    @property
    def prescribes_allocation(self) -> bool:
        """Whether the allocation is given and only payments are sought."""
        return self.allocation is not AllocationRequirement.FREE

    def prescribed_allocation(self) -> FloatArray | None:
        """Return the prescribed outcome of every profile, or None where it is free."""
        return self.environment.efficient_allocation() if self.prescribes_allocation else None

    def scaled(self, factor: float) -> DesignProblem:
        """Return the same problem in another unit of money."""
        return replace(
            self,
            environment=self.environment.scaled(factor),
            objective=self.objective.scaled(factor),
            requirements=tuple(each.scaled(factor) for each in self.requirements),
        )

    def subsidised(self) -> DesignProblem:
        """Return the problem of meeting the same requirements with the least outside money."""
        return replace(self, objective=Subsidy(), budget=Budget.SUBSIDISED)


def _largest(outcomes: Outcomes, weights: FloatArray) -> list[float]:
    """Return the largest size of the sum of variables of an outcome that each row weighs."""
    sizes = [(way * outcomes.best(way)).sum(axis=0) for way in (weights.T, -weights.T)]
    return [float(size) for size in np.maximum(*sizes)]


def _words(
    name: str, value: object, kind: type[Word], agents: list[str]
) -> Word | tuple[Word, ...]:
    """Return one word for all agents, or one for each in order where they differ."""
    if isinstance(value, Mapping):
        if set(value) != set(agents):
            raise _not_one_each(name, agents, map(str, value))
        value = tuple(value[agent] for agent in agents)
    if not isinstance(value, (tuple, list)):
        return word(name, value, kind)
    if len(value) != len(agents):
        raise _not_one_each(name, agents, map(str, value))
    words = tuple(word(name, each, kind) for each in value)
    return words[0] if len(set(words)) == 1 else words


def _not_one_each(name: str, agents: list[str], got: Iterable[str]) -> InvalidInputError:
    return InvalidInputError(
        "requirements do not name the agents",
        where=name,
        expected=f"one word, or one each for {', '.join(agents)}",
        got=", ".join(got) or "none",
        remedy="Name every agent once.",
    )
