"""Programs of identical agents by counts: who has which type matters only by how many have it.

A state of the others says how many of them have each type. An agent has a quantity and a payment
for each of its types and each state, so that requirements of every profile have as many rows as
there are states. By symmetry no other mechanism does better.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cached_property
from itertools import combinations

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, IndexArray
from mechopt.environments import Environment
from mechopt.problem.budget import Budget
from mechopt.problem.frame import ProfileFrame, Variables
from mechopt.problem.linear import Linear, Meaning, NumberArray, Rows
from mechopt.problem.numbers import Numbers

Counts = npt.NDArray[np.int64]


def states_of(number: int, size: int) -> Counts:
    """Return all ways in which a number of agents can have so many types, one in each row.

    Examples
    --------
    >>> states_of(2, 2).tolist()
    [[2, 0], [1, 1], [0, 2]]
    """
    bars = np.array(list(combinations(range(number + size - 1), size - 1)), dtype=np.int64)
    bars = bars.reshape(math.comb(number + size - 1, size - 1), size - 1)
    edges = np.hstack(
        [np.full((len(bars), 1), -1), bars, np.full((len(bars), 1), number + size - 1)]
    )
    return np.asarray((np.diff(edges, axis=1) - 1)[::-1])


def chances_of_states(states: Counts, mass: FloatArray) -> FloatArray:
    """Return how likely each state is where types are drawn independently.

    Examples
    --------
    >>> chances_of_states(states_of(2, 2), np.array([0.25, 0.75]))
    array([0.0625, 0.375 , 0.5625])
    """
    number = int(states[0].sum())
    ways = [math.factorial(number) // math.prod(map(math.factorial, s)) for s in states.tolist()]
    chances = np.prod(mass[None, :] ** states, axis=1)
    return np.asarray(np.array(ways, dtype=np.float64) * chances, dtype=np.float64)


class CountsFrame(ProfileFrame):
    """A quantity and a payment of one agent, which stands for all, by own type and state.

    Parameters
    ----------
    environment, numbers
        As of :class:`~mechopt.problem.frame.Frame`, in floats.
    limit
        The largest payment in any profile, in money.
    """

    def __init__(self, environment: Environment, numbers: Numbers, limit: float) -> None:
        super().__init__(environment, numbers, limit)
        self._most = limit
        self.size, self.number = self.shape[0], len(self.names)
        self.states = states_of(self.number - 1, self.size)
        self.chances = chances_of_states(self.states, np.asarray(numbers.agents[0].mass))

    @property
    def groups(self) -> tuple[int, ...]:
        """All are in one group."""
        return (0,) * self.number

    @cached_property
    def _density(self) -> FloatArray:
        return np.asarray(np.outer(self.numbers.agents[0].mass, self.chances).ravel())

    def variables(self) -> Iterator[Variables]:
        """Yield quantities and payments by own type and state of the others."""
        agent, outcomes = self.numbers.agents[0], self.numbers.outcomes
        of_type = np.repeat(np.arange(self.size), len(self.states))
        worth = agent.quantity_weight + self.numbers.cost_weight * outcomes.cost[0]
        for part, weight, low, high in (
            ("quantity", worth, 0.0, 1.0),
            ("payment", agent.payment_weight, -self._most, self._most),
        ):
            cost = self.number * self._density * weight[of_type]
            meaning = Meaning(f"{part} by own type and state of the others", "", "1.2")
            name, axes = f"{self.names[0]}_{part}", self.axes_own_first(0)
            yield Variables(name, axes, self.shape_own_first(0), cost, low, high, meaning)

    def definitions(self) -> Iterator[Rows]:
        """Yield that no more units are won than there are, in every state of all agents."""
        units = self.environment.outcomes.equal_units
        assert units is not None
        total = self.in_all_states(self.net_quantity(0))
        meaning = Meaning(
            "no more units are won than there are", "Σ_k N_k q(k, N - e_k) <= K", "6.1"
        )
        level = np.full(total.size, -float(units))
        yield Rows("units", ("all",), -total, meaning, level, in_money=False)

    def budget(self, budget: Budget) -> Rows:
        """Return that payments cover the cost in every state of all agents."""
        cost = self.net_quantity(0).times(
            np.full(self._density.size, self.numbers.outcomes.cost[0])
        )
        left = self.in_all_states(self.payment_in_profile(0) - cost)
        meaning = Meaning("payments cover the cost", "Σ_k N_k (τ - c q)(k, N - e_k) >= 0", "1.1")
        return Rows("budget", ("all",), left, meaning, equal=budget is Budget.BALANCED)

    def in_all_states(self, each: Linear) -> Linear:
        """Return sums over all agents in every state of all, of what each has by type and state."""
        total = Linear.nothing(len(self._all))
        for k, places in enumerate(self._places):
            # Where nobody has the type, any state will do, no times.
            own = each[k * len(self.states) + places]
            total = total + own.times(self._all[:, k].astype(np.float64))
        return total

    @cached_property
    def _all(self) -> Counts:
        return states_of(self.number, self.size)

    @cached_property
    def _places(self) -> list[IndexArray]:
        """For each type, the state of the others of an agent who has it, in each state of all."""
        known = {tuple(state): place for place, state in enumerate(self.states.tolist())}
        found = []
        for k in range(self.size):
            rest = self._all - np.eye(self.size, dtype=np.int64)[k]
            found.append(np.array([known.get(tuple(s), 0) for s in rest.tolist()], dtype=np.intp))
        return found

    def net_quantity(self, i: int) -> Linear:
        """Return the quantities of an agent by own type and state."""
        del i
        return Linear.block(f"{self.names[0]}_quantity", self.numbers.ones(self._density.size))

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
        return (self.names[0], "others")

    def shape_own_first(self, i: int) -> tuple[int, ...]:
        """Return the numbers of types and of states."""
        del i
        return (self.size, len(self.states))

    def _beliefs(self, i: int) -> NumberArray:
        del i
        return np.broadcast_to(self.chances, (self.size, self.chances.size))

    def expectation(self, in_profile: Linear) -> Linear:
        """Return the expectation of what one agent has."""
        return in_profile.sum(self._density)

    def expected_cost(self) -> Linear:
        """Return the cost of the units that all are expected to win."""
        rate = self.number * self.numbers.outcomes.cost[0]
        return self.net_quantity(0).sum(rate * self._density)
