"""Allocations in which one price decides: steps in the types of one who gives and one who receives.

Nothing is stored for every profile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mechopt._util.arrays import FloatArray, IndexArray
from mechopt._util.registry import saved_as
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError
from mechopt.mechanism.allocation import Allocation


@saved_as("mechopt.StepRule")
@dataclass(frozen=True, eq=False)
class StepRule(Allocation):
    """The object changes hands at once with every type of the receiver from some type on.

    That type rises with the giver's. All mechanisms in which one price decides are of this form.

    Parameters
    ----------
    first : array of shape (num_giver_types,)
        Position of the first type of the receiver that gets the object from each type of the giver,
        never falling; the number of the receiver's types where none does.

    Raises
    ------
    InvalidInputError
        For positions that fall, or lie below zero.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([0, 1])
    >>> StepRule([0, 2]).dense(BilateralTrade(types, types))
    array([[[1., 1.],
            [0., 0.]]])
    """

    first: IndexArray

    def __post_init__(self) -> None:
        first = np.array(self.first, dtype=np.intp)
        first.flags.writeable = False
        object.__setattr__(self, "first", first)
        if first.ndim != 1 or not first.size or first[0] < 0 or (np.diff(first) < 0).any():
            raise InvalidInputError(
                "not the steps of a rule",
                where="first",
                expected="one position of at least 0 per type of the agent that gives, none below "
                "the one before",
                got=f"{first.tolist()[:10]}",
                remedy="Sort the positions; who gives at a higher cost does so to fewer types.",
            )

    def dense(self, environment: Environment) -> FloatArray:
        """Return the outcomes of all profiles, if they fit."""
        environment.require_dense("the allocation")
        return self.on_grid(environment, [np.arange(size) for size in environment.shape])

    def on_grid(self, environment: Environment, types: Sequence[IndexArray]) -> FloatArray:
        """Return the outcomes of the profiles of these types."""
        self._check(environment)
        agreed = types[1][None, :] >= self.first[types[0]][:, None]
        shape = (len(environment.outcomes.variables), *agreed.shape)
        return np.broadcast_to(agreed.astype(np.float64), shape)

    def interim_quantities(self, environment: Environment) -> tuple[FloatArray, ...]:
        """Return probabilities of trade, the giver's with a minus, by running sums."""
        self._check(environment)
        giver, receiver = environment.masses
        return -self.giver_sums(receiver), self.receiver_sums(giver, receiver.size)

    def giver_sums(self, values: FloatArray) -> FloatArray:
        """Return, for each type of the giver, the sum of values over the types it gives to."""
        return np.append(np.cumsum(values[::-1])[::-1], 0.0)[self.first]

    def receiver_sums(self, values: FloatArray, num_receivers: int) -> FloatArray:
        """Return, for each type of the receiver, the sum over the types it receives from."""
        trading = np.searchsorted(self.first, np.arange(num_receivers), side="right")
        return np.concatenate([[0.0], np.cumsum(values)])[trading]

    def _check(self, environment: Environment) -> None:
        sizes = environment.shape
        if len(sizes) != 2 or sizes[0] != self.first.size or self.first[-1] > sizes[1]:
            raise InvalidInputError(
                "the allocation does not fit the environment",
                where="allocation",
                expected=f"{self.first.size} types of the agent that gives, at least "
                f"{self.first[-1]} of the one that receives",
                got=f"{' x '.join(map(str, sizes))} types",
                remedy="Give one position per type of the agent that gives.",
            )
