"""Programs of identical agents who compete for equal units: one variable per type for all of them.

What all agents can win together is said by Border's inequalities, so that neither the profiles nor
the number of agents makes the program larger. By symmetry no other mechanism does better: identical
agents may be treated alike, each as they all are on average.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mechopt._util.rounding import large_whole
from mechopt.environments import Agent, Environment
from mechopt.environments.border import won_by_highest
from mechopt.errors import TooLargeError, UnsupportedProblemError
from mechopt.problem.frame import Frame, Variables
from mechopt.problem.linear import Linear, Meaning, Rows
from mechopt.problem.numbers import Numbers
from mechopt.problem.problem import DesignProblem

# With fewer outcome variables over the profiles, the program has them: it says who wins when.
MANY_OUTCOMES = 100_000


def has_group_form(problem: DesignProblem) -> bool:
    """Return whether a program over types alone states the problem, and one by profile is large.

    It does for identical agents who compete for equal units, and an objective that weighs all of
    them alike, where only what types expect counts.

    Examples
    --------
    >>> from mechopt import Auction, TypeSpace, largest_revenue
    >>> types = TypeSpace.finite([0, 1])
    >>> [has_group_form(largest_revenue(Auction(types, count=n))) for n in (2, 500)]
    [False, True]
    """
    environment = problem.environment
    if len(environment.agents) * environment.num_profiles <= MANY_OUTCOMES:
        return False
    return is_symmetric(problem)


def is_symmetric(problem: DesignProblem) -> bool:
    """Return whether agents are identical, compete for equal units, and are weighed alike."""
    environment = problem.environment
    if (
        len(environment.agents) == 1
        or environment.outcomes.equal_units is None
        or not problem.is_interim
        or problem.prescribes_allocation
        or problem.objective.multiplier_shapes(environment)
    ):
        return False
    first, weights, costs = environment.agents[0], problem.weights, environment.outcomes.cost
    alike = all(same_agents(first, other) for other in environment.agents[1:])
    required = [(problem.incentives_of(i), problem.participation_of(i)) for i in range(costs.size)]
    return (
        alike
        and bool((costs == costs[0]).all())
        and all(each == required[0] for each in required)
        and all(
            np.array_equal(own, values[0])
            for values in (weights.quantity, weights.payment)
            for own in values
        )
    )


def same_agents(one: Agent, other: Agent) -> bool:
    """Return whether two agents have the same types and outside options."""
    if one.types is not other.types and not all(
        np.array_equal(getattr(one.types, name), getattr(other.types, name))
        for name in ("mass", "lower", "mean", "upper")
    ):
        return False
    options = zip(one.option_at_ends, other.option_at_ends, strict=True)
    return all(np.array_equal(own, others) for own, others in options)


def too_large(problem: DesignProblem) -> TooLargeError:
    """Return what to say of a program over more profiles than fit.

    Examples
    --------
    >>> from mechopt import Auction, TypeSpace, largest_revenue
    >>> spaces = [TypeSpace.finite(range(k, k + 10)) for k in range(10)]
    >>> print(too_large(largest_revenue(Auction(spaces))))
    the linear program has 1e+11 outcome variables, 10 for each of 1e+10 type profiles. One over...
    """
    number = len(problem.environment.outcomes.variables)
    profiles = problem.environment.num_profiles
    return TooLargeError(
        f"the linear program has {large_whole(number * profiles)} outcome variables, {number} for "
        f"each of {large_whole(profiles)} type profiles. One over types alone would be small: "
        "it takes identical agents who compete for equal units, who are weighed alike, and of whom "
        "nothing is required in single profiles. Otherwise use backend direct if it accepts the "
        "problem, fewer agents, or fewer cells."
    )


class GroupFrame(Frame):
    """An interim quantity and payment of each type, and how many units it and higher types win.

    Parameters
    ----------
    environment, numbers
        As of :class:`~mechopt.problem.frame.Frame`; all agents are as the first one.
    """

    def __init__(self, environment: Environment, numbers: Numbers) -> None:
        super().__init__(environment, numbers)
        self._first, self._number = self.names[0], len(self.names)

    @property
    def by_profile(self) -> bool:
        """Payments are interim."""
        return False

    @property
    def representatives(self) -> tuple[int, ...]:
        """The first agent stands for all."""
        return (0,)

    def variables(self) -> Iterator[Variables]:
        """Yield quantities, payments, and the units that types from each on win together."""
        numbers, agent = self.numbers, self.numbers.agents[0]
        units = self.environment.outcomes.equal_units
        assert units is not None
        number = numbers.number(self._number)
        weight = number * agent.mass
        worth = agent.quantity_weight + numbers.cost_weight * numbers.outcomes.cost[0]
        nothing = 0 * agent.mass
        most = won_by_highest(agent.mass, self._number, units)
        for part, cost, lower, upper, meaning in (
            (
                "quantity", weight * worth, 0 * numbers.one, numbers.one,
                Meaning("probability of a unit of each agent, by own type", "Q_k", "6.1"),
            ),
            (
                "payment", weight * agent.payment_weight, -np.inf, np.inf,
                Meaning("what each agent pays on average, by own type", "T_k", "1"),
            ),
            (
                "units", nothing, nothing, most,
                Meaning(
                    "units that types from k on win together, at most as many as there are units "
                    "or agents with such types",
                    "0 <= S_k <= E[min(K, number of agents with types from k on)]",
                    "6.1",
                ),
            ),
        ):  # fmt: skip
            name = f"{self._first}_{part}"
            axes, shape = (self._first,), (len(agent.mass),)
            yield Variables(name, axes, shape, cost, lower, upper, meaning)

    def definitions(self) -> Iterator[Rows]:
        """Yield what types from each on win together: what it wins, and what higher ones do."""
        mass = self.numbers.agents[0].mass
        total = Linear.block(f"{self._first}_units", self.numbers.ones(len(mass)))
        won = self.quantity(0).times(self.numbers.number(self._number) * mass)
        meaning = Meaning(
            "all agents of type k win their part", "S_k - S_{k+1} - n m_k Q_k = 0", "6.1"
        )
        axes, size, last = (self._first,), len(mass), len(mass) - 1
        if size > 1:
            yield Rows(
                f"{self._first}_units", axes, total[:-1] - total[1:] - won[:-1], meaning,
                equal=True, in_money=False, entries=np.arange(last), full_size=size,
            )  # fmt: skip
        highest = Meaning(
            "all agents of the highest type win their part", "S_N - n m_N Q_N = 0", "6.1"
        )
        yield Rows(
            f"{self._first}_units_of_highest", axes, total[[last]] - won[[last]], highest,
            equal=True, in_money=False, entries=np.array([last]), full_size=size,
        )  # fmt: skip

    def quantity(self, i: int) -> Linear:
        """Return the interim quantities of all agents."""
        del i
        return Linear.block(f"{self._first}_quantity", self.numbers.ones(self.shape[0]))

    def payment(self, i: int) -> Linear:
        """Return the interim payments of all agents."""
        del i
        return Linear.block(f"{self._first}_payment", self.numbers.ones(self.shape[0]))

    def expected_cost(self) -> Linear:
        """Return the cost of the units that are expected to be won."""
        agent = self.numbers.agents[0]
        each = self.numbers.outcomes.cost[0] * self.numbers.number(self._number)
        return self.quantity(0).sum(each * agent.mass)

    def outcome(self, variable: str) -> Linear:
        """Refuse: there are no profiles.

        Raises
        ------
        UnsupportedProblemError
            Always.
        """
        raise UnsupportedProblemError(
            f"{variable}: a program over types alone has no outcomes of profiles (expected rows of "
            "interim quantities and payments)."
        )

    def payment_in_profile(self, i: int) -> Linear:
        """Refuse likewise."""
        return self.outcome(f"{self.names[i]}_payment")
