"""What outcomes are worth to the types of an environment's agents."""

from __future__ import annotations

from functools import cached_property
from numbers import Rational

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.rationals import FractionArray, as_fraction, fraction_array
from mechopt.environments.agent import Agent
from mechopt.environments.outcomes import Outcomes
from mechopt.errors import InvalidInputError


class Valued:
    """Agents, outcomes, and what the one is worth to the other: a part of an environment."""

    agents: tuple[Agent, ...]
    outcomes: Outcomes

    def has_net_quantity(self, i: int) -> bool:
        """Return whether outcomes are worth an agent's type times its net quantity.

        Then neighbouring incentives suffice (single crossing).
        """
        return self.agents[i].types.is_ordered and self.outcomes.worth_follows_quantity

    @cached_property
    def has_net_quantities(self) -> bool:
        """Whether outcomes are worth the type times the net quantity, to every agent."""
        return all(self.has_net_quantity(i) for i in range(len(self.agents)))

    @cached_property
    def worth(self) -> tuple[FloatArray, ...]:
        """What a unit of each variable is worth to each type, (num_types, num_variables) each."""
        return tuple(
            np.asarray(self.outcomes.worth(i, agent.types.mean), dtype=np.float64)
            for i, agent in enumerate(self.agents)
        )

    def worth_of_quantity(self, i: int) -> FloatArray:
        """Return what a unit of :meth:`interim_quantity` is worth to each type of an agent."""
        return self.agents[i].types.mean if self.has_net_quantity(i) else self.worth[i]

    def exact_worth_of_quantity(self, i: int) -> FractionArray:
        """Return the same in fractions."""
        known = self.has_net_quantity(i)
        return self.agents[i].in_fractions().mean if known else self.exact_worth(i)

    def exact_worth(self, i: int) -> FractionArray:
        """Return what a unit of each variable is worth to each type of an agent, in fractions.

        Raises
        ------
        InvalidInputError
            If the types are not known exactly, or the method ``worth`` rounds.
        """
        found = np.asarray(self.outcomes.worth(i, self.agents[i].in_fractions().mean), dtype=object)
        rounded = [value for value in found.ravel() if not isinstance(value, Rational)]
        if rounded:
            raise InvalidInputError(
                "worth that is not exact",
                where=f"worth of {type(self.outcomes).__name__}",
                expected="fractions where types are fractions",
                got=repr(rounded[0]),
                remedy="Compute it from the types by sums and products with whole numbers.",
            )
        return fraction_array(map(as_fraction, found.ravel())).reshape(found.shape)

    def net_quantities(self, allocation: FloatArray) -> FloatArray:
        """Return each agent's net quantity in every profile, ``(num_agents, *shape)``."""
        return np.tensordot(self.outcomes.net_quantity, allocation, axes=1)

    def value_in_profiles(self, i: int, allocation: FloatArray) -> FloatArray:
        """Return what the outcome of every profile is worth to an agent, an array over profiles."""
        own = np.moveaxis(allocation, 1 + i, -1)
        worth = self.worth[i].T.reshape(len(allocation), *(1,) * (own.ndim - 2), -1)
        return np.moveaxis((own * worth).sum(axis=0), -1, i)

    def value_at_ends(self, i: int, allocation: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the same for the lowest and for the highest type of each cell."""
        if not self.has_net_quantity(i):
            value = self.value_in_profiles(i, allocation)
            return value, value
        shape = [-1 if j == i else 1 for j in range(len(self.agents))]
        net, types = self.net_quantities(allocation)[i], self.agents[i].types
        return types.lower.reshape(shape) * net, types.upper.reshape(shape) * net

    def worth_of(self, i: int, quantity: FloatArray) -> FloatArray:
        """Return what each type's own quantities, as of :meth:`interim_quantities`, are worth."""
        return _over_variables(self.worth_of_quantity(i) * quantity)


def _over_variables(values: FloatArray) -> FloatArray:
    """Return sums over the variables of what is there for every type."""
    return values if values.ndim == 1 else values.sum(axis=1)
