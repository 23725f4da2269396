"""Programs of identical agents who compete for equal units: one variable per type for all of them.

What all agents can win together is said by Border's inequalities, so that neither the profiles nor
the number of agents makes the program larger. By symmetry no other mechanism does better: identical
agents may be treated alike, each as they all are on average.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mechopt.environments import Environment
from mechopt.environments.border import won_by_highest
from mechopt.errors import UnsupportedProblemError
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
    if environment.has_few_profiles(MANY_OUTCOMES // len(environment.agents)):
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
        # Upper sets of types decide only where the chance of winning rises with the type.
        or not all(problem.has_incentives(i) for i in range(len(environment.agents)))
    ):
        return False
    return not any(groups_of(problem))


def groups_of(problem: DesignProblem) -> tuple[int, ...]:
    """Return for each agent the position of its group, in the order of their first agents.

    Those of a group are identical, compete for equal units, and are weighed alike.

    Examples
    --------
    >>> from mechopt import Auction, TypeSpace, largest_revenue
    >>> one, two = TypeSpace.finite([0, 1]), TypeSpace.finite([0, 2])
    >>> groups_of(largest_revenue(Auction([one, two, one])))
    (0, 1, 0)
    """
    agents = range(len(problem.environment.agents))
    if problem.environment.outcomes.equal_units is None:
        return tuple(agents)
    cost = problem.environment.outcomes.cost.tolist()
    found: dict[tuple[object, ...], int] = {}
    return tuple(found.setdefault((cost[i], *likeness(problem, i)), len(found)) for i in agents)


def likeness(problem: DesignProblem, i: int) -> tuple[object, ...]:
    """Return all that a problem knows of an agent but its name and its outcomes, to be compared."""
    environment, weights = problem.environment, problem.weights
    agent = environment.agents[i]
    types = agent.types
    arrays = (
        types.mass, types.lower, types.mean, types.upper, *agent.option_at_ends,
        weights.quantity[i], weights.payment[i],
    )  # fmt: skip
    return (
        problem.incentives_of(i),
        problem.participation_of(i),
        *(array.tobytes() for array in arrays),
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
    def groups(self) -> tuple[int, ...]:
        """All are in one group."""
        return (0,) * len(self.names)

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
                Meaning("probability of a unit of each agent, by own type", "Q_{i,k}", "6.1"),
            ),
            (
                "payment", weight * agent.payment_weight, -np.inf, np.inf,
                Meaning("what each agent pays on average, by own type", "T_{i,k}", "1"),
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
            "all agents of type k win their part", "S_k - S_{k+1} = n m_{i,k} Q_{i,k}", "6.1"
        )
        axes, size, last = (self._first,), len(mass), len(mass) - 1
        if size > 1:
            yield Rows(
                f"{self._first}_units", axes, total[:-1] - total[1:] - won[:-1], meaning,
                equal=True, in_money=False, entries=np.arange(last), full_size=size,
            )  # fmt: skip
        highest = Meaning(
            "all agents of the highest type win their part", "S_k = n m_{i,k} Q_{i,k}", "6.1"
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
