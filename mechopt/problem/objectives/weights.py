"""Linear objectives as weights: of interim quantities and payments, or of utilities and profit."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, in_blocks
from mechopt.environments import Environment


@dataclass(frozen=True)
class ObjectiveWeights:
    """A linear objective, to be maximised, in interim quantities and payments; floats or fractions.

    It is the sum over agents of E[quantity_weight * Q + payment_weight * T], plus ``cost_weight``
    times the expected cost of the outcome. One array per agent, with one entry per type.
    """

    quantity: tuple[npt.NDArray[Any], ...]
    payment: tuple[npt.NDArray[Any], ...]
    cost: Any

    def evaluate(
        self,
        environment: Environment,
        quantity: Sequence[FloatArray],
        payment: Sequence[FloatArray],
        expected_cost: float,
    ) -> float:
        """Return the value at given interim quantities and payments."""
        total = float(self.cost * expected_cost)
        for i, mass in enumerate(environment.masses):
            for block in in_blocks(quantity[i].shape):
                own = self.quantity[i][block] * quantity[i][block]
                own = own if own.ndim == 1 else own.reshape(len(own), -1).sum(axis=1)
                total += float(mass[block] @ (own + self.payment[i][block] * payment[i][block]))
        return total

    def times(self, factor: Any) -> ObjectiveWeights:
        """Return the weights of a multiple of the objective."""
        return ObjectiveWeights(
            tuple(factor * values for values in self.quantity),
            tuple(factor * values for values in self.payment),
            factor * self.cost,
        )

    def plus(self, other: ObjectiveWeights) -> ObjectiveWeights:
        """Return the weights of the sum of two objectives."""
        return ObjectiveWeights(
            tuple(a + b for a, b in zip(self.quantity, other.quantity, strict=True)),
            tuple(a + b for a, b in zip(self.payment, other.payment, strict=True)),
            self.cost + other.cost,
        )

    @classmethod
    def none(cls, environment: Environment, zero: Any = 0.0) -> ObjectiveWeights:
        """Return weights of zero."""
        kind = np.float64 if isinstance(zero, float) else object
        shapes = [environment.worth_of_quantity(i).shape for i in range(len(environment.shape))]
        return cls(
            tuple(np.full(shape, zero, dtype=kind) for shape in shapes),
            tuple(np.full(size, zero, dtype=kind) for size in environment.shape),
            zero,
        )


class Shares(NamedTuple):
    """An objective as weights of the agents' expected utilities and of the designer's profit.

    The designer's profit is what is paid less the cost.
    """

    agents: tuple[float, ...]
    designer: float


def times(
    weights: Iterable[npt.NDArray[Any]], worth: Iterable[npt.NDArray[Any]]
) -> tuple[npt.NDArray[Any], ...]:
    """Return the worth of quantities, by type, times a weight for each type."""
    return tuple((each.T * weight).T for weight, each in zip(weights, worth, strict=True))


def power_of_two(size: float) -> float:
    """Return the power of two nearest to a size: dividing by it changes no digit.

    Examples
    --------
    >>> power_of_two(1000.0)
    1024.0
    """
    return float(2.0 ** round(math.log2(size)))
