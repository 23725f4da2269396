"""The numbers of a problem, as floats or as exact fractions, in one layout for one description.

Rows are written once, as arithmetic on these arrays; numpy does it on floats and on fractions
alike.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

from mechopt.environments.outcomes import OutcomeNumbers
from mechopt.problem.linear import NumberArray
from mechopt.types.prior import own_first


@dataclass(frozen=True, eq=False)
class AgentNumbers:
    """Numbers of one agent, arrays of shape (num_cells,).

    Parameters
    ----------
    name
        The agent's name.
    mass, lower, mean, upper
        Its type space.
    option_lower, option_upper
        Its outside option at the two ends of each cell, in money.
    quantity_weight, payment_weight
        Its part of the objective; of quantities by type and variable where there is a ``worth``,
        or of worth itself, (num_cells, 1), where that hangs on the others' types.
    worth : array (num_cells, num_others or 1, num_variables), optional
        What a unit of each variable is worth to each type, where that is not the type times the
        net quantity; for every profile of the others where it hangs on their types.
    """

    name: str
    mass: NumberArray
    lower: NumberArray
    mean: NumberArray
    upper: NumberArray
    option_lower: NumberArray
    option_upper: NumberArray
    quantity_weight: NumberArray
    payment_weight: NumberArray
    worth: NumberArray | None = None

    @property
    def ends(self) -> tuple[str, ...]:
        """Which ends of cells there are: the lower, and the upper of cells with width."""
        finite = self.worth is not None or bool((self.lower == self.upper).all())
        return ("lower",) if finite else ("lower", "upper")


@dataclass(frozen=True, eq=False)
class Numbers:
    """All numbers of a problem.

    Parameters
    ----------
    agents, outcomes
        Those of the environment.
    cost_weight
        Weight of the outcome's cost in the objective.
    prescribed : array (num_variables, *shape), optional
        The prescribed allocation.
    one
        The number 1, which tells floats from fractions.
    joint : array over the profiles, optional
        The joint prior; None where types are independent.
    weighing : array over the profiles, optional
        The probabilities that the objective is an expectation under; None for those of the prior.
    """

    agents: tuple[AgentNumbers, ...]
    outcomes: OutcomeNumbers
    cost_weight: Any
    prescribed: NumberArray | None
    one: Any
    joint: NumberArray | None = None
    weighing: NumberArray | None = None

    @property
    def exact(self) -> bool:
        """Whether the numbers are fractions."""
        return not isinstance(self.one, float)

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of types of each agent."""
        return tuple(len(agent.mass) for agent in self.agents)

    def ones(self, *shape: int) -> NumberArray:
        """Return an array of ones of this kind of number."""
        return np.full(shape, self.one)

    def number(self, value: Any) -> Any:
        """Return a number as one of this kind, a float as the decimal that it prints as."""
        from mechopt._util.rationals import as_fraction

        return as_fraction(value) if self.exact else float(value)

    @functools.cached_property
    def density(self) -> NumberArray:
        """Probability of every profile, in row-major order."""
        if self.joint is not None:
            return self.joint.ravel()
        return self.outer([agent.mass for agent in self.agents])

    def beliefs(self, i: int) -> NumberArray:
        """Return what each type believes of the others', (own type, profile of the others)."""
        if self.joint is not None:
            rows = own_first(i, self.joint)
            return np.asarray(rows / rows.sum(axis=1)[:, None])
        others = self.outer([agent.mass for j, agent in enumerate(self.agents) if j != i])
        return np.broadcast_to(others, (len(self.agents[i].mass), others.size))

    def outer(self, factors: list[NumberArray]) -> NumberArray:
        """Return all products of one number of each array, in row-major order."""
        product = self.ones(1)
        for factor in factors:
            product = np.outer(product, factor).ravel()
        return product
