"""Programs of identical agents by counts: who has which type matters only by how many have it.

A state of the others says how many of them have each type. An agent has a payment for each of its
types and each state, so that requirements of every profile have as many rows as there are states.
By symmetry no other mechanism does better: the average over all orders of the agents does as well.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np

from mechopt._util.arrays import IndexArray
from mechopt.environments import Environment
from mechopt.environments.counted import Counted, Counts, States, chances_of_states
from mechopt.problem.budget import PaymentLimit
from mechopt.problem.frame import ProfileFrame, Variables
from mechopt.problem.groups import likeness
from mechopt.problem.liability import Liability
from mechopt.problem.linear import Linear, Meaning, NumberArray, Rows
from mechopt.problem.numbers import Numbers
from mechopt.problem.problem import DesignProblem

# Outcomes and payments of all profiles: more are not written out, and agents are counted instead.
MOST_NUMBERS = 4_000_000
MOST_VARIABLES = 500_000
# Requirements of single profiles that treat all agents alike.
COUNTED = (PaymentLimit, Liability)
# What blocks over the states of all agents, and of all others, have in place of agents' names.
ALL, OTHERS = "all", "others"


def why_no_counts(problem: DesignProblem) -> str:
    """Return what a problem lacks for a program by counts; empty where there is one.

    Examples
    --------
    >>> from mechopt import Auction, TypeSpace, largest_revenue
    >>> auction = Auction(TypeSpace.finite([1, 2]), count=3)
    >>> why_no_counts(largest_revenue(auction))
    'something that is asked of single profiles'
    >>> why_no_counts(largest_revenue(auction, incentives="dominant"))
    ''
    """
    environment, objective = problem.environment, problem.objective
    first = likeness(problem, 0)
    reasons = (
        (
            environment.outcomes.counted is None,
            "agents who compete for equal units or share a project",
        ),
        (not environment.independent, "independent types"),
        (
            any(likeness(problem, i) != first for i in range(1, len(environment.agents))),
            "identical agents who are weighed alike",
        ),
        (
            problem.prescribes_allocation or problem.deterministic,
            "a free allocation with lotteries",
        ),
        (not problem.by_profile, "something that is asked of single profiles"),
        (not objective.is_linear or objective.by_profile, "a linear objective"),
        (
            any(not isinstance(each, COUNTED) for each in problem.requirements),
            "no requirements but limits on payments and losses",
        ),
    )
    return next((expected for applies, expected in reasons if applies), "")


def variables_of(problem: DesignProblem) -> int:
    """Return how many outcomes and payments a program by counts has.

    Examples
    --------
    >>> from mechopt import Auction, PublicGood, TypeSpace, largest_revenue
    >>> variables_of(largest_revenue(Auction(TypeSpace.finite(range(6)), count=10)))
    24024
    >>> variables_of(largest_revenue(PublicGood(TypeSpace.finite(range(6)), cost=9, count=10)))
    15015
    """
    number, size = len(problem.environment.agents), problem.environment.shape[0]
    counted = problem.environment.outcomes.counted
    own = size * math.comb(number + size - 2, size - 1)
    if counted is None or not counted.common:
        return 2 * own
    return own * (1 + counted.has_own) + math.comb(number + size - 1, size - 1)


def has_counts_form(problem: DesignProblem) -> bool:
    """Return whether a problem's program is the one by counts, for all profiles are too many.

    Examples
    --------
    >>> from mechopt import Auction, TypeSpace, largest_revenue
    >>> auctions = [Auction(TypeSpace.finite(range(6)), count=n) for n in (5, 10)]
    >>> [has_counts_form(largest_revenue(each, incentives="dominant")) for each in auctions]
    [False, True]
    """
    environment = problem.environment
    numbers = 2 * len(environment.agents) * environment.num_profiles
    return (
        numbers > MOST_NUMBERS
        and not why_no_counts(problem)
        and variables_of(problem) <= MOST_VARIABLES
    )


class CountsFrame(ProfileFrame):
    """Outcomes and payments of one agent, which stands for all, by own type and state.

    Parameters
    ----------
    environment, numbers
        As of :class:`~mechopt.problem.frame.Frame`.
    limit
        The largest payment in any profile, in money.
    """

    def __init__(self, environment: Environment, numbers: Numbers, limit: Any) -> None:
        super().__init__(environment, numbers, limit)
        counted = environment.outcomes.counted
        assert counted is not None
        self._counted: Counted = counted
        self._most = numbers.number(limit)
        self.size, self.number = self.shape[0], len(self.names)
        self.states = States(self.number, self.size)
        mass = np.asarray(numbers.agents[0].mass)
        self._chances = chances_of_states(self.states.others, mass)
        self._chances_of_all = chances_of_states(self.states.every, mass)

    @property
    def groups(self) -> tuple[int, ...]:
        """All are in one group."""
        return (0,) * self.number

    @cached_property
    def _density(self) -> NumberArray:
        return np.asarray(np.outer(self.numbers.agents[0].mass, self._chances).ravel())

    def variables(self) -> Iterator[Variables]:
        """Yield outcomes of all agents by state, and those of one, and its payments, by its own."""
        agent, rate = self.numbers.agents[0], self._rate
        one, none = self.numbers.one, 0 * self.numbers.one
        counted, name = self._counted, self.names[0]
        of_type = np.repeat(np.arange(self.size), len(self.states.others))
        own = agent.quantity_weight[of_type]
        if counted.common:
            worth = rate * self.numbers.ones(len(self.states.every))
            if not counted.has_own:
                worth = worth + self._whole(self.states.every) @ agent.quantity_weight
            words = f"{counted.common.replace('_', ' ')}, by the state of all"
            yield Variables(
                counted.common, (ALL,), worth.shape, self._chances_of_all * worth, none, one,
                Meaning(words, f"{counted.common}(s)", "1.1"),
            )  # fmt: skip
        else:
            own = own + rate
        parts = [("payment", agent.payment_weight[of_type], -self._most, self._most)]
        if counted.has_own:
            parts.insert(0, ("quantity", own, none, one))
        for part, weight, low, high in parts:
            cost = self.number * self._density * weight
            formula = f"{'τ' if part == 'payment' else 'q'}(k, s_{{-i}})"
            meaning = Meaning(f"{part} by own type and state of the others", formula, "1.1")
            axes, shape = self.axes_own_first(0), self.shape_own_first(0)
            yield Variables(f"{name}_{part}", axes, shape, cost, low, high, meaning)

    @property
    def _rate(self) -> Any:
        """What a unit of the variable that costs money adds to the objective."""
        return self.numbers.cost_weight * self.numbers.outcomes.cost[0]

    def _whole(self, counts: Counts) -> NumberArray:
        """Return counts as numbers of the program's kind."""
        return np.asarray(counts.astype(object if self.numbers.exact else np.float64))

    def definitions(self) -> Iterator[Rows]:
        """Yield that no more is had than there is, in every state."""
        counted = self._counted
        if counted.units is not None:
            total = self._in_all_states(self.net_quantity(0))
            meaning = Meaning(
                "no more units are won than there are", "Σ_k s_k q(k, s - e_k) <= K", "6.1"
            )
            level = -counted.units * self.numbers.ones(total.size)
            yield Rows("units", (ALL,), -total, meaning, level, in_money=False)
        if counted.common and counted.has_own:
            left = self._common_by_own() - self.net_quantity(0)
            meaning = Meaning(
                "nobody uses what is not there",
                f"q(k, s_{{-i}}) <= {counted.common}(s_{{-i}} + e_k)",
                "6.2",
            )
            axes, shape = self.axes_own_first(0), self.shape_own_first(0)
            yield Rows(
                f"{self.names[0]}_of_what_there_is", axes, left, meaning, shape=shape,
                in_money=False,
            )  # fmt: skip

    def surplus(self) -> tuple[Linear, tuple[str, ...], tuple[int, ...]]:
        """Return by how much all agents' payments exceed the cost in every state of all."""
        cost = self.numbers.outcomes.cost[0] * self.numbers.ones(len(self.states.every))
        if self._counted.common:
            spent = Linear.block(self._counted.common, cost)
        else:
            spent = self._in_all_states(self.net_quantity(0)).times(cost)
        paid = self._in_all_states(self.payment_in_profile(0))
        return paid - spent, (ALL,), (len(cost),)

    def _in_all_states(self, each: Linear) -> Linear:
        """Return sums over all agents in every state of all, of what each has by type and state."""
        every = self.states.every
        total = Linear.nothing(len(every))
        for k, places in enumerate(self.states.of_others):
            # Where nobody has the type, any state will do, no times.
            own = each[k * len(self.states.others) + places]
            total = total + own.times(self._whole(every[:, k]) * self.numbers.one)
        return total

    def net_quantity(self, i: int) -> Linear:
        """Return what an agent gets by own type and state."""
        del i
        if not self._counted.has_own:
            return self._common_by_own()
        return Linear.block(f"{self.names[0]}_quantity", self.numbers.ones(self._density.size))

    def _common_by_own(self) -> Linear:
        """Return the variable that all share, by an agent's own type and state of the others."""
        ones = self.numbers.ones(len(self.states.every))
        return Linear.block(self._counted.common, ones)[self.states.joint.ravel()]

    def payment_in_profile(self, i: int) -> Linear:
        """Return the payments of an agent by own type and state."""
        del i
        return Linear.block(f"{self.names[0]}_payment", self.numbers.ones(self._density.size))

    def own_first(self, i: int) -> IndexArray:
        """Return positions by own type and state."""
        del i
        return np.arange(self._density.size).reshape(self.size, -1)

    def axes_own_first(self, i: int) -> tuple[str, ...]:
        """Return the agent's name, and the others."""
        del i
        return (self.names[0], OTHERS)

    def shape_own_first(self, i: int) -> tuple[int, ...]:
        """Return the numbers of types and of states."""
        del i
        return (self.size, len(self.states.others))

    def _beliefs(self, i: int) -> NumberArray:
        del i
        return np.broadcast_to(self._chances, (self.size, self._chances.size))

    def expectation(self, in_profile: Linear) -> Linear:
        """Return the expectation of what one agent has."""
        return in_profile.sum(self._density)

    def expected_cost(self) -> Linear:
        """Return the cost that is expected."""
        cost = self.numbers.outcomes.cost[0]
        if self._counted.common:
            ones = self.numbers.ones(len(self.states.every))
            return Linear.block(self._counted.common, ones).sum(cost * self._chances_of_all)
        return self.net_quantity(0).sum(self.number * cost * self._density)
