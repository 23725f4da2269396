"""Identical agents by counts of their types: what each gets where so many others have each type.

A state says how many agents have each type. Who they are does not matter where agents are alike, so
that there are far fewer states than profiles: 2,002 of nine others with six types each, for
10,077,696 profiles.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, IndexArray

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Counted:
    """How outcomes of agents who are alike are told by counts of types.

    Parameters
    ----------
    common
        The variable that all agents share; empty where there is none.
    has_own
        Whether each agent has a variable of its own, at most 1, which is its net quantity and no
        more than the common one. Else its net quantity is the common variable.
    units
        The most that all agents' own variables sum to; None for no such limit.

    Examples
    --------
    >>> from mechopt import Auction, PublicGood, TypeSpace
    >>> coin = TypeSpace.finite([0, 1])
    >>> Auction(coin, count=3).outcomes.counted
    Counted(common='', has_own=True, units=1)
    >>> PublicGood(coin, cost=1, count=3).outcomes.counted
    Counted(common='carried_out', has_own=False, units=None)
    """

    common: str
    has_own: bool
    units: int | None


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


def ways_of_states(states: Counts) -> FloatArray:
    """Return in how many orders of the agents each state can be.

    Examples
    --------
    >>> ways_of_states(states_of(2, 2)).tolist()
    [1.0, 2.0, 1.0]
    """
    return _whole_ways(states).astype(np.float64)


def _whole_ways(states: Counts) -> npt.NDArray[Any]:
    number = int(states[0].sum())
    ways = [math.factorial(number) // math.prod(map(math.factorial, s)) for s in states.tolist()]
    return np.array(ways, dtype=object)


def chances_of_states(states: Counts, mass: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return how likely each state is where types are drawn independently.

    Parameters
    ----------
    states : array of shape (num_states, num_types)
        As of :func:`states_of`.
    mass : array of shape (num_types,)
        How likely each type is, in floats or in fractions.

    Examples
    --------
    >>> chances_of_states(states_of(2, 2), np.array([0.25, 0.75]))
    array([0.0625, 0.375 , 0.5625])
    """
    if mass.dtype == object:
        return np.asarray(_whole_ways(states) * np.prod(mass[None, :] ** states.astype(object), 1))
    return np.asarray(ways_of_states(states) * np.prod(mass[None, :] ** states, axis=1))


def places_of(states: npt.NDArray[np.integer], number: int) -> IndexArray:
    """Return the positions of states of so many agents among all, as :func:`states_of` has them.

    Parameters
    ----------
    states : array of shape (..., num_types)
        How many agents have each type.
    number
        How many agents there are, the sum of every row.

    Examples
    --------
    >>> places_of(np.array([[1, 1], [0, 2]]), 2).tolist()
    [1, 2]
    """
    size = states.shape[-1]
    left = number - np.cumsum(states, axis=-1)
    place = np.zeros(states.shape[:-1], dtype=np.intp)
    for j in range(size - 1):
        # States before have the same first counts, and more agents of this type.
        before = [0] + [math.comb(n + size - j - 2, size - j - 1) for n in range(1, number + 1)]
        place += np.array(before, dtype=np.intp)[left[..., j]]
    return place


class States:
    """The states of some agents, those of all others of one of them, and where each is.

    Parameters
    ----------
    number
        How many agents there are.
    size
        How many types each has.

    Examples
    --------
    >>> states = States(2, 2)
    >>> states.joint.tolist()  # the state of both, by one's own type and that of the other
    [[0, 1], [1, 2]]
    """

    def __init__(self, number: int, size: int) -> None:
        self.number, self.size = number, size

    @cached_property
    def others(self) -> Counts:
        """States of the other agents, one in each row."""
        return states_of(self.number - 1, self.size)

    @cached_property
    def every(self) -> Counts:
        """States of all agents, one in each row."""
        return states_of(self.number, self.size)

    @cached_property
    def joint(self) -> IndexArray:
        """The position of the state of all, by an agent's own type and the state of the others."""
        unit = np.eye(self.size, dtype=np.int64)
        return places_of(self.others[None] + unit[:, None], self.number)

    @cached_property
    def of_others(self) -> IndexArray:
        """The position of the others' state, by an agent's own type and the state of all.

        Zero where nobody has the type.
        """
        rest = self.every[None] - np.eye(self.size, dtype=np.int64)[:, None]
        there = rest.min(axis=-1) >= 0
        rest = np.where(there[..., None], rest, self.others[0])
        return np.where(there, places_of(rest, self.number - 1), 0)

    def totals(self, own: FloatArray) -> FloatArray:
        """Return sums over all agents in every state of all, of what each has by type and state."""
        each = np.take_along_axis(own, self.of_others, axis=1)
        return np.asarray((each * self.every.T).sum(axis=0))

    def counts_at(self, profiles: Sequence[IndexArray]) -> Counts:
        """Return how many agents have each type in some profiles, (num_profiles, num_types)."""
        return np.asarray(
            np.stack([sum((own == k).astype(np.int64) for own in profiles) for k in self._types], 1)
        )

    def places_of_profiles(self, number: int) -> IndexArray:
        """Return the position of the state of every profile of so many agents, in their order.

        Examples
        --------
        >>> States(3, 2).places_of_profiles(2).tolist()
        [0, 1, 1, 2]
        """
        profiles = np.indices((self.size,) * number).reshape(number, -1)
        return places_of(self.counts_at(list(profiles)), number)

    def at(self, own: FloatArray, profiles: Sequence[IndexArray]) -> FloatArray:
        """Return what each agent has in some profiles, by what it has by own type and state."""
        counts = self.counts_at(profiles)
        place = places_of(counts, self.number)
        of_types = np.take_along_axis(own, self.of_others, axis=1)
        return np.stack([of_types[cells, place] for cells in profiles])

    def common_at(self, common: FloatArray, profiles: Sequence[IndexArray]) -> FloatArray:
        """Return what all agents share in some profiles, by what it is in every state of all."""
        return common[places_of(self.counts_at(profiles), self.number)]

    def profile(self, agent: int, own: int, place: int) -> list[int]:
        """Return one profile in which an agent has a type, and the others are in a state."""
        rest = np.repeat(np.arange(self.size), self.others[place]).tolist()
        return [*rest[:agent], own, *rest[agent:]]

    @property
    def _types(self) -> range:
        return range(self.size)
