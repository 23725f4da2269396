"""The variables that requirements are written in: interim ones, or those of every profile.

Where types are independent and nothing depends on single profiles, each agent has an interim
quantity and payment per type, and the outcomes of the profiles only have to average to them. Else
every agent has a payment in every profile. Requirements do not ask which: they take what a type
expects, and, if they need it, what happens in every profile.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mechopt._util.arrays import IndexArray
from mechopt.environments import Environment
from mechopt.errors import UnsupportedProblemError
from mechopt.problem.linear import Entries, Linear, Meaning, NumberArray, Rows
from mechopt.problem.numbers import Numbers
from mechopt.problem.wording import (
    AVERAGE,
    PAYMENT,
    AgentInWords,
    Worth,
    outcome_in_words,
    outcome_row_in_words,
)


@dataclass(frozen=True, eq=False)
class Variables:
    """A named block of variables.

    Parameters
    ----------
    name, axes, shape
        As of :class:`mechopt.problem.linear.Rows`.
    cost
        What each adds to the objective.
    lower, upper
        Bounds; infinite ones are floats.
    meaning
        What a variable says.
    """

    name: str
    axes: tuple[str, ...]
    shape: tuple[int, ...]
    cost: NumberArray
    lower: NumberArray | float
    upper: NumberArray | float
    meaning: Meaning


class Frame(ABC):
    """The variables of a program, and expressions in them.

    Parameters
    ----------
    environment
        Agents, prior and outcomes.
    numbers
        Their numbers, floats or fractions.
    """

    def __init__(self, environment: Environment, numbers: Numbers) -> None:
        self.environment = environment
        self.numbers = numbers
        self.names = tuple(agent.name for agent in environment.agents)
        self.shape = environment.shape

    @cached_property
    def _profiles(self) -> IndexArray:
        """Positions of all profiles, an array over them."""
        return np.arange(self.environment.num_profiles).reshape(self.shape)

    @property
    @abstractmethod
    def by_profile(self) -> bool:
        """Whether there is a payment of every agent in every profile."""

    @property
    def groups(self) -> tuple[int, ...]:
        """For each agent the position of its group, whose first agent stands for all of it."""
        return tuple(range(len(self.names)))

    @cached_property
    def representatives(self) -> tuple[int, ...]:
        """Positions of the first agents of all groups."""
        return tuple(self.groups.index(g) for g in range(max(self.groups) + 1))

    @cached_property
    def counts(self) -> tuple[int, ...]:
        """How many agents there are in each group."""
        return tuple(self.groups.count(g) for g in range(max(self.groups) + 1))

    @property
    def pairs(self) -> bool:
        """Whether incentives are written over all pairs of types, not only neighbours."""
        return self.numbers.joint is not None

    def has_pairs(self, i: int) -> bool:
        """Return whether an agent's incentives are written over all pairs of its types."""
        return self.pairs or self.numbers.agents[i].worth is not None

    @abstractmethod
    def variables(self) -> Iterator[Variables]:
        """Yield the blocks of variables, those of the outcomes first."""

    @abstractmethod
    def definitions(self) -> Iterator[Rows]:
        """Yield the rows that say what the variables are."""

    @abstractmethod
    def quantity(self, i: int) -> Linear:
        """Return the net quantity that each type of an agent expects if all are truthful."""

    @abstractmethod
    def payment(self, i: int) -> Linear:
        """Return the payment that each type of an agent expects if all are truthful."""

    @abstractmethod
    def payment_in_profile(self, i: int) -> Linear:
        """Return what an agent pays in every profile, in row-major order."""

    def agent(self, name: str) -> int:
        """Return the position of the agent with this name."""
        return self.environment.index_of(name)

    def outcome(self, variable: str) -> Linear:
        """Return one variable of the outcome of every profile, in row-major order."""
        return Linear.block(variable, self.numbers.ones(self._profiles.size))

    def net_quantity(self, i: int) -> Linear:
        """Return the net quantity of an agent in every profile, in row-major order."""
        return self._combination(self.numbers.outcomes.net_quantity[i])

    def value(self, i: int, end: str) -> Linear:
        """Return what each type of an agent expects its outcome to be worth if all are truthful.

        Parameters
        ----------
        i
            Position of the agent.
        end
            ``"lower"`` or ``"upper"``: which end of each of its cells.
        """
        agent = self.numbers.agents[i]
        if agent.worth is None:
            return self.quantity(i).times(getattr(agent, end))
        every = self._profiles.ravel()
        own = np.unravel_index(every, self.shape)[i]
        return self.expected(i, self.value_in_profile(i, own, every, end))

    def words(self, i: int) -> AgentInWords:
        """Return how formulas write what concerns an agent."""
        agent, worth = self.environment.agents[i], self.numbers.agents[i].worth
        kind = Worth.OF_QUANTITY
        if worth is not None:
            kind = Worth.OF_OUTCOME if worth.shape[1] == 1 else Worth.OF_ALL_TYPES
        return AgentInWords(agent.name, kind, points=worth is not None or agent.types.is_finite)

    def value_in_profile(self, i: int, own: IndexArray, profiles: IndexArray, end: str) -> Linear:
        """Return what the outcomes of some profiles are worth to types of an agent.

        Parameters
        ----------
        i
            Position of the agent.
        own, profiles : arrays of one shape
            Positions of the types whose money counts, and of the profiles whose outcomes they get.
        end
            As of :meth:`value`.
        """
        agent = self.numbers.agents[i]
        if agent.worth is None:
            return self.net_quantity(i)[profiles].times(getattr(agent, end)[own])
        place = self.others(i)[profiles] if agent.worth.shape[1] > 1 else 0 * profiles
        total = Linear.nothing(len(own))
        for variable, worth in self._worth(agent.worth):
            total = total + self.outcome(variable)[profiles].times(worth[own, place])
        return total

    def value_at_report(self, i: int, end: str) -> Linear:
        """Return what type k of an agent expects to be worth to it at each report r, by (k, r)."""
        agent, size = self.numbers.agents[i], self.shape[i]
        own = np.arange(size).repeat(size)
        if agent.worth is None:
            return self.at_report(i, self.net_quantity(i)).times(getattr(agent, end)[own])
        profiles, beliefs = np.tile(self.own_first(i), (size, 1)), self.numbers.beliefs(i)
        total = Linear.nothing(size * size)
        for variable, worth in self._worth(agent.worth):
            weights = np.repeat(beliefs * worth, size, axis=0)
            total = total + _averaged(self.outcome(variable), profiles, weights)
        return total

    def weight_of_outcome(self, i: int, weights: NumberArray, v: int) -> NumberArray | None:
        """Return what a variable of the outcome adds to a weighted sum of an agent's quantities.

        Parameters
        ----------
        i
            Position of the agent.
        weights
            Of its quantities, by type, as :class:`ObjectiveWeights` has them.
        v
            Position of the variable.

        Returns
        -------
        array over the profiles in row-major order, or None where it adds nothing
        """
        agent, net = self.numbers.agents[i], self.numbers.outcomes.net_quantity[i, v]
        own = np.unravel_index(self._profiles.ravel(), self.shape)[i]
        if agent.worth is None:
            return net * weights[own] if net else None
        if agent.worth.shape[1] > 1:
            return np.asarray(weights[own, 0] * agent.worth[own, self.others(i), v])
        return np.asarray(weights[own, v])

    def _worth(self, worth: NumberArray) -> Iterator[tuple[str, NumberArray]]:
        """Yield each variable's name and its worth, by own type and profile of the others."""
        variables = self.environment.outcomes.variables
        yield from zip(variables, np.moveaxis(worth, 2, 0), strict=True)

    def cost(self) -> Linear:
        """Return the money that payments must cover, in every profile."""
        return self._combination(self.numbers.outcomes.cost)

    def expected_cost(self) -> Linear:
        """Return the money that payments must cover in expectation, as the only expression."""
        return self.expectation(self.cost())

    def surplus(self) -> tuple[Linear, tuple[str, ...], tuple[int, ...]]:
        """Return by how much payments exceed the cost in every profile, its axes and shape."""
        left = -self.cost()
        for i in range(len(self.names)):
            left = left + self.payment_in_profile(i)
        return left, self.names, self.shape

    def _combination(self, coefficients: NumberArray) -> Linear:
        """Return the outcome's variables times coefficients, added up, in every profile."""
        total = Linear.nothing(self._profiles.size)
        for variable, c in zip(self.environment.outcomes.variables, coefficients, strict=True):
            if c:
                repeated = np.full(total.size, c * self.numbers.one)
                total = total + Linear.block(variable, repeated)
        return total

    def own_first(self, i: int) -> IndexArray:
        """Return the positions of the profiles as (own type, profile of the others)."""
        moved = np.moveaxis(self._profiles, i, 0)
        return moved.reshape(moved.shape[0], -1)

    def others(self, i: int) -> IndexArray:
        """Return which profile of the others each profile has, as :meth:`own_first` counts them."""
        columns = self.own_first(i)
        found = np.empty(columns.size, dtype=np.intp)
        found[columns] = np.arange(columns.shape[1])
        return found

    def axes_own_first(self, i: int) -> tuple[str, ...]:
        """Return the agents' names with this one first."""
        return (self.names[i], *(name for j, name in enumerate(self.names) if j != i))

    def shape_own_first(self, i: int) -> tuple[int, ...]:
        """Return the numbers of types with this agent's first."""
        return (self.shape[i], *(size for j, size in enumerate(self.shape) if j != i))

    def expected(self, i: int, in_profile: Linear) -> Linear:
        """Return what each type of an agent expects of something that every profile has."""
        return _averaged(in_profile, self.own_first(i), self._beliefs(i))

    def _beliefs(self, i: int) -> NumberArray:
        return self.numbers.beliefs(i)

    def at_report(self, i: int, in_profile: Linear) -> Linear:
        """Return what type k of an agent expects at each report r, in the order of (k, r)."""
        profiles, beliefs = self.own_first(i), self.numbers.beliefs(i)
        size = len(profiles)
        return _averaged(in_profile, np.tile(profiles, (size, 1)), np.repeat(beliefs, size, axis=0))

    def expectation(self, in_profile: Linear) -> Linear:
        """Return the expectation over all profiles."""
        return in_profile.sum(self.numbers.density)

    def _outcome_variables(self, cost: NumberArray) -> Iterator[Variables]:
        """Yield the outcome of every profile; ``cost`` by variable and profile."""
        outcomes, prescribed = self.numbers.outcomes, self.numbers.prescribed
        for v, variable in enumerate(self.environment.outcomes.variables):
            lower, upper = outcomes.lower[v], outcomes.upper[v]
            if prescribed is not None:
                lower = upper = prescribed[v].ravel()
            yield Variables(
                variable, self.names, self.shape, cost[v], lower, upper, outcome_in_words(variable)
            )

    def _outcome_rows(self) -> Iterator[Rows]:
        """Yield the linear requirements on the outcome of every profile."""
        variables = self.environment.outcomes.variables
        for name, coefficients, upper in self.numbers.outcomes.rows:
            meaning = outcome_row_in_words(variables, coefficients, upper)
            left = -self._combination(coefficients)
            yield Rows(name, self.names, left, meaning, -upper, shape=self.shape, in_money=False)


class InterimFrame(Frame):
    """Interim quantities and payments, one of each per type."""

    @property
    def by_profile(self) -> bool:
        """Payments are interim."""
        return False

    def variables(self) -> Iterator[Variables]:
        """Yield the outcomes of every profile, and each agent's quantities and payments."""
        numbers = self.numbers
        probability = numbers.density
        cost = np.array([numbers.cost_weight * c * probability for c in numbers.outcomes.cost])
        yield from self._outcome_variables(cost)
        yield from self._of_agents()

    def _of_agents(self) -> Iterator[Variables]:
        """Yield each agent's quantities and payments."""
        for agent in self.numbers.agents:
            for part, weight, words, formula in (
                ("quantity", agent.quantity_weight, "interim net quantity of type k of agent i",
                 "Q_{i,k}"),
                ("payment", agent.payment_weight, "what type k of agent i pays on average",
                 "T_{i,k}"),
            ):  # fmt: skip
                yield Variables(
                    f"{agent.name}_{part}",
                    (agent.name,),
                    (len(agent.mass),),
                    agent.mass * weight,
                    -np.inf,
                    np.inf,
                    Meaning(words, formula, "1"),
                )

    def definitions(self) -> Iterator[Rows]:
        """Yield the outcomes' own rows, and that quantities are averages of outcomes."""
        yield from self._outcome_rows()
        for i, name in enumerate(self.names):
            left = self.quantity(i) - self.expected(i, self.net_quantity(i))
            yield Rows(f"{name}_quantity", (name,), left, AVERAGE, equal=True, in_money=False)

    def quantity(self, i: int) -> Linear:
        """Return the interim quantities."""
        return Linear.block(f"{self.names[i]}_quantity", self.numbers.ones(self.shape[i]))

    def payment(self, i: int) -> Linear:
        """Return the interim payments."""
        return Linear.block(f"{self.names[i]}_payment", self.numbers.ones(self.shape[i]))

    def payment_in_profile(self, i: int) -> Linear:
        """Refuse: a requirement that needs payments by profile has to say so.

        Raises
        ------
        UnsupportedProblemError
            Always.
        """
        raise UnsupportedProblemError(
            f"payments of {self.names[i]}: a requirement uses the payment of every profile, but "
            "does not say so (expected by_profile to be true, got false). Override by_profile."
        )


class ProfileFrame(Frame):
    """The payment of every agent in every profile.

    Parameters
    ----------
    environment, numbers
        As of :class:`Frame`.
    limit
        The largest payment in any profile, in money; None for none.
    pairs
        Whether incentives are over all pairs even where neighbours suffice.
    """

    def __init__(
        self, environment: Environment, numbers: Numbers, limit: object, *, pairs: bool = False
    ) -> None:
        super().__init__(environment, numbers)
        self._limit = limit
        self._pairs = pairs

    @property
    def by_profile(self) -> bool:
        """Payments are by profile."""
        return True

    @property
    def pairs(self) -> bool:
        """With a joint prior, or where asked for."""
        return self._pairs or super().pairs

    def variables(self) -> Iterator[Variables]:
        """Yield the outcomes and every agent's payments of every profile."""
        numbers = self.numbers
        outcomes, density = numbers.outcomes, numbers.weighing
        density = numbers.density if density is None else density.ravel()
        own = np.unravel_index(np.arange(density.size), self.shape)
        cost = []
        for v in range(len(self.environment.outcomes.variables)):
            worth = numbers.cost_weight * outcomes.cost[v] * numbers.ones(density.size)
            for i, agent in enumerate(numbers.agents):
                added = self.weight_of_outcome(i, agent.quantity_weight, v)
                worth = worth if added is None else worth + added
            cost.append(density * worth)
        yield from self._outcome_variables(np.array(cost))
        low, high = (
            (-np.inf, np.inf) if self._limit is None else (-numbers.number(self._limit),
                                                           numbers.number(self._limit))
        )  # fmt: skip
        for i, agent in enumerate(numbers.agents):
            yield Variables(
                f"{agent.name}_payment",
                self.names,
                self.shape,
                density * agent.payment_weight[own[i]],
                low,
                high,
                PAYMENT,
            )

    def definitions(self) -> Iterator[Rows]:
        """Yield the outcomes' own rows."""
        yield from self._outcome_rows()

    def quantity(self, i: int) -> Linear:
        """Return expectations of the net quantities of the profiles."""
        return self.expected(i, self.net_quantity(i))

    def payment(self, i: int) -> Linear:
        """Return expectations of the payments of the profiles."""
        return self.expected(i, self.payment_in_profile(i))

    def payment_in_profile(self, i: int) -> Linear:
        """Return the payments of every profile."""
        return Linear.block(f"{self.names[i]}_payment", self.numbers.ones(self._profiles.size))


def _averaged(in_profile: Linear, profiles: IndexArray, weights: NumberArray) -> Linear:
    """Return weighted sums of some profiles each: (rows, profiles in a row) of positions."""
    rows, width = profiles.shape
    # Most expressions have one variable per profile and block: then the sum is a rearrangement.
    terms = {}
    for name, matrix in in_profile.terms.items():
        if matrix.is_one_a_row:
            row = np.repeat(np.arange(rows), width)
            column = matrix.column[profiles.ravel()]
            value = weights.ravel() * matrix.value[profiles.ravel()]
            terms[name] = Entries(row, column, value, (rows, matrix.shape[1]))
        else:
            taken = matrix.rows_at(profiles.ravel()).rows_times(weights.ravel())
            moved = Entries(taken.row // width, taken.column, taken.value, (rows, taken.shape[1]))
            empty = Entries(moved.row[:0], moved.column[:0], moved.value[:0], moved.shape)
            terms[name] = empty.plus(moved)
    return Linear(terms, rows)
