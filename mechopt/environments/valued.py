"""What outcomes are worth to the types of an environment's agents."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from numbers import Rational
from typing import Any

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, IndexArray
from mechopt._util.rationals import FractionArray, as_fraction, fraction_array
from mechopt.environments.agent import Agent
from mechopt.environments.outcomes import Outcomes
from mechopt.errors import InvalidInputError
from mechopt.types.prior import over_profiles, own_first


class Valued:
    """Agents, outcomes, and what the one is worth to the other: a part of an environment."""

    agents: tuple[Agent, ...]
    outcomes: Outcomes

    def __init__(self, agents: tuple[Agent, ...], outcomes: Outcomes) -> None:
        self.agents = agents
        self.outcomes = outcomes

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
        """What a unit of each variable is worth to each type of each agent, in money.

        Arrays of shape (num_types, num_others, num_variables), the others' profiles in row-major
        order; ``num_others`` is 1 for all of them where only the own type counts.
        """
        types = [agent.types.mean for agent in self.agents]
        return tuple(
            np.asarray(worth_of_types(self.outcomes, i, types), dtype=np.float64)
            for i in range(len(self.agents))
        )

    def hangs_on_others(self, i: int) -> bool:
        """Return whether what outcomes are worth to an agent hangs on the others' types."""
        return not self.has_net_quantity(i) and self.worth[i].shape[1] > 1

    def worth_of_quantity(self, i: int) -> FloatArray:
        """Return what a unit of :meth:`interim_quantity` is worth to each type of an agent."""
        if self.has_net_quantity(i):
            return self.agents[i].types.mean
        if self.hangs_on_others(i):  # Its quantity is money.
            return np.ones((len(self.worth[i]), 1))
        return np.asarray(self.worth[i][:, 0])

    def exact_worth_of_quantity(self, i: int) -> FractionArray:
        """Return the same in fractions."""
        if self.has_net_quantity(i):
            return self.agents[i].in_fractions().mean
        if self.hangs_on_others(i):
            size = len(self.worth[i])
            return fraction_array([as_fraction(1)] * size).reshape(size, 1)
        return np.asarray(self.exact_worth(i)[:, 0])

    def exact_worth(self, i: int) -> FractionArray:
        """Return :attr:`worth` of an agent in fractions.

        Raises
        ------
        InvalidInputError
            If the types are not known exactly, or the method ``worth`` rounds.
        """
        types = [agent.in_fractions().mean for agent in self.agents]
        found = np.asarray(worth_of_types(self.outcomes, i, types), dtype=object)
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
        shape = allocation.shape[1:]
        worth = np.stack(
            [over_profiles(i, each, shape) for each in np.moveaxis(self.worth[i], 2, 0)]
        )
        return np.asarray((allocation * worth).sum(axis=0))

    def worth_on_grid(self, i: int, types: Sequence[IndexArray]) -> FloatArray:
        """Return what a unit of each variable is worth to an agent in profiles of some types.

        Parameters
        ----------
        i
            Position of the agent.
        types
            Positions of the types of each agent.

        Returns
        -------
        array that broadcasts to (num_variables, number of types of agent 0, of agent 1, ...)
        """
        sizes = [agent.types.num_cells for agent in self.agents]
        return on_grid(i, self.worth[i], types, sizes)

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


def on_grid(
    i: int, worth: npt.NDArray[Any], types: Sequence[IndexArray], sizes: Sequence[int]
) -> npt.NDArray[Any]:
    """Return numbers by own type, profile of the others and variable in profiles of some types.

    Parameters
    ----------
    i
        Position of the agent.
    worth : array of shape (num_types, num_others or 1, num_variables)
    types
        Positions of the types of each agent.
    sizes
        How many types each has.

    Returns
    -------
    array that broadcasts to (num_variables, number of types of agent 0, of agent 1, ...)

    Examples
    --------
    >>> worth = np.array([[[1], [2]], [[3], [4]]])
    >>> on_grid(1, worth, [np.array([0, 1]), np.array([1])], [2, 2])
    array([[[3],
            [4]]])
    """
    if worth.shape[1] == 1:
        shape = [len(cells) if j == i else 1 for j, cells in enumerate(types)]
        return np.asarray(worth[types[i], 0].T.reshape(-1, *shape))
    by_variable = [over_profiles(i, each, sizes) for each in np.moveaxis(worth, 2, 0)]
    return np.stack([each[np.ix_(*types)] for each in by_variable])


def at_profiles(
    i: int, worth: npt.NDArray[Any], profiles: Sequence[IndexArray], sizes: Sequence[int]
) -> npt.NDArray[Any]:
    """Return the same in single profiles, (num_profiles, num_variables).

    Examples
    --------
    >>> worth = np.array([[[1], [2]], [[3], [4]]])
    >>> at_profiles(1, worth, [np.array([0, 1]), np.array([1, 0])], [2, 2])
    array([[3],
           [2]])
    """
    if worth.shape[1] == 1:
        return np.asarray(worth[profiles[i], 0])
    others = [j for j in range(len(sizes)) if j != i]
    place = np.ravel_multi_index(
        tuple(profiles[j] for j in others), tuple(sizes[j] for j in others)
    )
    return np.asarray(worth[profiles[i], place])


def worth_of_types(
    outcomes: Outcomes, i: int, types: Sequence[npt.NDArray[Any]]
) -> npt.NDArray[Any]:
    """Return what outcomes say they are worth to an agent, as :attr:`Valued.worth` has it."""
    found = outcomes.worth_by_profile(i, types)
    if found is None:
        return np.asarray(outcomes.worth(i, types[i]))[:, None, :]
    return np.stack([own_first(i, each) for each in np.asarray(found)], axis=-1)


def _over_variables(values: FloatArray) -> FloatArray:
    """Return sums over the variables of what is there for every type."""
    return values if values.ndim == 1 else values.sum(axis=1)
