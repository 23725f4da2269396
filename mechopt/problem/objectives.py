"""What is maximised or minimised: a linear objective in interim quantities and payments."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, frozen
from mechopt._util.given import given_numbers, real_array
from mechopt._util.rationals import as_fraction, decimals, fraction_array, scale_factor
from mechopt._util.registry import saved_as
from mechopt._util.saving import ByContent
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError, UnsupportedProblemError, require, require_factor


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
            own = (self.quantity[i] * quantity[i]).reshape(mass.size, -1).sum(axis=1)
            total += float(mass @ (own + self.payment[i] * payment[i]))
        return total


class Objective(ABC):
    """What is maximised or minimised; a new objective is a new frozen dataclass."""

    @property
    @abstractmethod
    def sign(self) -> int:
        """Plus one if the objective is maximised, minus one if it is minimised."""

    @property
    def largest_weight(self) -> float:
        """Largest weight on anyone's money, to measure errors of the objective in."""
        return 1.0

    @property
    def ignores_origin(self) -> bool:
        """Whether adding the same money to all types changes no value, where it changes no gain.

        Not taken for granted of an objective of your own.
        """
        return False

    def stakes_in(self, environment: Environment) -> float:
        """Return what errors of the objective are measured in: the first best times the weight."""
        return environment.first_best * self.largest_weight

    def normalised(self) -> tuple[Objective, float]:
        """Return the objective in a unit near 1, and the unit, a power of two."""
        return self, 1.0

    def scaled(self, factor: float) -> Objective:
        """Return the same objective in another unit of money.

        The default converts the weights of quantities, which are money, and is right for every
        objective; those that follow the environment's types need no conversion and override this.
        """
        return ScaledObjective(self, float(factor))

    @abstractmethod
    def weights_in(self, environment: Environment) -> ObjectiveWeights:
        """Return what is *maximised*; the objective is ``sign`` times its maximum."""

    def exact_weights_in(self, environment: Environment) -> ObjectiveWeights:
        """Return the same weights in fractions, as arrays of them.

        Raises
        ------
        UnsupportedProblemError
            If the objective has no exact form; ones that do override this.
        InvalidInputError
            If a type space is not known exactly.
        """
        del environment
        raise UnsupportedProblemError(
            f"{type(self).__name__}: no exact form of this objective (expected one with "
            "exact_weights_in, got none). Write that method, or solve in floats."
        )


@saved_as("mechopt.ScaledObjective")
@dataclass(frozen=True)
class ScaledObjective(Objective):
    """An objective in another unit of money.

    Parameters
    ----------
    objective
        The objective in its own unit.
    factor
        What its money is multiplied by; a power of two changes no digit.

    Examples
    --------
    >>> ScaledObjective(Subsidy(), 100.0).sign
    -1
    """

    objective: Objective
    factor: float

    def __post_init__(self) -> None:
        hint = "Call scaled(factor) of an objective."
        require(self.objective, Objective, where="objective", remedy=hint)
        require_factor(self.factor, where="factor", remedy=hint)

    @property
    def sign(self) -> int:
        """The objective's own sign."""
        return self.objective.sign

    @property
    def largest_weight(self) -> float:
        """The objective's own largest weight."""
        return self.objective.largest_weight

    def normalised(self) -> tuple[Objective, float]:
        """Return the same objective in a unit near 1, and the unit."""
        inner, unit = self.objective.normalised()
        return (self, 1.0) if unit == 1.0 else (ScaledObjective(inner, self.factor), unit)

    def scaled(self, factor: float) -> Objective:
        """Return the same objective in another unit of money."""
        product = self.factor * factor
        return self.objective if product == 1.0 else ScaledObjective(self.objective, product)

    def weights_in(self, environment: Environment) -> ObjectiveWeights:
        """Return the weights in the objective's own unit of money, converted."""
        own = self.objective.weights_in(environment.scaled(1.0 / self.factor))
        quantity = tuple(self.factor * weight for weight in own.quantity)
        return ObjectiveWeights(quantity, own.payment, own.cost)

    def exact_weights_in(self, environment: Environment) -> ObjectiveWeights:
        """Return the same weights in fractions."""
        own = self.objective.exact_weights_in(environment.scaled(1.0 / self.factor))
        factor = scale_factor(self.factor)
        return ObjectiveWeights(tuple(w * factor for w in own.quantity), own.payment, own.cost)


@saved_as("mechopt.Welfare")
@dataclass(frozen=True)
class Welfare(Objective):
    """Maximise the weighted sum of the agents' expected utilities.

    Parameters
    ----------
    weights
        One weight of at least zero per agent, not all zero.
    exact
        Texts of the weights as fractions, where they are not the decimals that the floats print
        as; taken from ``weights`` unless said.

    Raises
    ------
    InvalidInputError
        For weights that are negative, not finite, or all zero.

    Examples
    --------
    >>> Welfare((1.0, 0.0)).sign
    1
    """

    weights: tuple[float, ...]
    exact: tuple[str, ...] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        weights, written = given_numbers(self.weights, "weights")
        if self.exact is None and not isinstance(written, str):
            object.__setattr__(self, "exact", written)
        if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.any()):
            raise InvalidInputError(
                "not usable as welfare weights",
                where="weights",
                expected="finite weights of at least 0, not all 0",
                got=", ".join(f"{weight:g}" for weight in weights),
                remedy="Give each agent a weight; equal weights maximise total gains.",
            )
        object.__setattr__(self, "weights", tuple(weights.tolist()))

    @property
    def sign(self) -> int:
        """Welfare is maximised."""
        return 1

    @property
    def ignores_origin(self) -> bool:
        """Utilities do not depend on where money is measured from."""
        return True

    @property
    def largest_weight(self) -> float:
        """Largest of the weights."""
        return max(self.weights)

    def normalised(self) -> tuple[Objective, float]:
        """Return the same objective with the largest weight near 1, and what it was divided by.

        Examples
        --------
        >>> Welfare((1024.0, 512.0)).normalised()
        (Welfare(weights=(1.0, 0.5)), 1024.0)
        """
        unit = _power_of_two(self.largest_weight)
        return (
            (self, 1.0) if unit == 1.0 else (Welfare(tuple(w / unit for w in self.weights)), unit)
        )

    def scaled(self, factor: float) -> Objective:
        """Return the same objective: its weights are no money."""
        del factor
        return self

    def weights_in(self, environment: Environment) -> ObjectiveWeights:
        """Return the weights of E[w (t Q - T)]."""
        types = [agent.types for agent in environment.agents]
        if len(types) != len(self.weights):
            raise InvalidInputError(
                "as many weights as agents are needed",
                where="weights",
                expected=f"{len(types)} weights",
                got=f"{len(self.weights)}",
                remedy="Give one weight per agent.",
            )
        return ObjectiveWeights(
            quantity=tuple(
                w * environment.worth_of_quantity(i) for i, w in enumerate(self.weights)
            ),
            payment=tuple(
                np.full(t.num_cells, -w) for w, t in zip(self.weights, types, strict=True)
            ),
            cost=0.0,
        )

    def exact_weights_in(self, environment: Environment) -> ObjectiveWeights:
        """Return the weights in fractions."""
        types = [agent.in_fractions() for agent in environment.agents]
        weights = [as_fraction(weight) for weight in self.exact or self.weights]
        return ObjectiveWeights(
            quantity=tuple(
                w * environment.exact_worth_of_quantity(i) for i, w in enumerate(weights)
            ),
            payment=tuple(
                fraction_array([-w] * len(t.mean)) for w, t in zip(weights, types, strict=True)
            ),
            cost=Fraction(0),
        )


@saved_as("mechopt.WeightedPayoffs")
@dataclass(frozen=True, eq=False)
class WeightedPayoffs(ByContent, Objective):
    """Maximise a weighted sum of the interim utilities of all types of all agents.

    Unlike the weights of :class:`Welfare` these are of any sign and by type, and probabilities do
    not enter: it is the value of the payoff vector in a direction.

    Parameters
    ----------
    weights : arrays of shape (num_cells,)
        One per agent; not all zero.

    Raises
    ------
    InvalidInputError
        For weights that are not finite, or all zero.

    Examples
    --------
    >>> WeightedPayoffs(([0, 1], [0.5, -2])).largest_weight
    2.0
    """

    weights: tuple[FloatArray, ...]

    def __post_init__(self) -> None:
        weights = tuple(frozen(real_array(values, "weights")) for values in self.weights)
        object.__setattr__(self, "weights", weights)
        joined = np.concatenate([np.zeros(1), *(values.ravel() for values in weights)])
        if not np.isfinite(joined).all() or not joined.any():
            raise InvalidInputError(
                "not a direction",
                where="weights",
                expected="finite numbers, not all 0",
                got=f"{joined[1:].tolist()}"[:80],
                remedy="Give one weight per type of each agent.",
            )

    @property
    def sign(self) -> int:
        """The sum is maximised."""
        return 1

    @property
    def ignores_origin(self) -> bool:
        """Utilities do not depend on where money is measured from."""
        return True

    @property
    def largest_weight(self) -> float:
        """Largest absolute weight."""
        return max(float(np.abs(values).max(initial=0.0)) for values in self.weights)

    def stakes_in(self, environment: Environment) -> float:
        """Return what the types that count have at stake, weighted, and the first best."""
        own = sum(
            float(np.abs(weights) @ stakes)
            for weights, stakes in zip(self.weights, environment.stakes, strict=True)
        )
        return own + environment.first_best * self.largest_weight

    def normalised(self) -> tuple[Objective, float]:
        """Return the same direction with the largest weight near 1, and what it was divided by."""
        unit = _power_of_two(self.largest_weight)
        if unit == 1.0:
            return self, 1.0
        return WeightedPayoffs(tuple(values / unit for values in self.weights)), unit

    def scaled(self, factor: float) -> Objective:
        """Return the same objective: its weights are no money."""
        del factor
        return self

    def weights_in(self, environment: Environment) -> ObjectiveWeights:
        """Return the weights of the sum of w (t Q - T), divided by the types' probabilities."""
        shape = tuple(values.shape for values in self.weights)
        expected = tuple((size,) for size in environment.shape)
        if shape != expected:
            raise InvalidInputError(
                "as many weights as types are needed",
                where="weights",
                expected=f"arrays of shapes {expected}",
                got=f"{shape}",
                remedy="Give one weight per type of each agent.",
            )
        types = [agent.types for agent in environment.agents]
        by_mass = [w / t.mass for w, t in zip(self.weights, types, strict=True)]
        return ObjectiveWeights(
            quantity=_times(by_mass, map(environment.worth_of_quantity, range(len(types)))),
            payment=tuple(-w for w in by_mass),
            cost=0.0,
        )

    def exact_weights_in(self, environment: Environment) -> ObjectiveWeights:
        """Return the weights in fractions, each as the decimal that it prints as."""
        types = [agent.in_fractions() for agent in environment.agents]
        by_mass = [
            fraction_array(decimals(w)) / t.mass for w, t in zip(self.weights, types, strict=True)
        ]
        return ObjectiveWeights(
            quantity=_times(by_mass, map(environment.exact_worth_of_quantity, range(len(types)))),
            payment=tuple(-w for w in by_mass),
            cost=Fraction(0),
        )


@saved_as("mechopt.Subsidy")
@dataclass(frozen=True)
class Subsidy(Objective):
    """Minimise the money that must come from outside; negative where a surplus is left over."""

    @property
    def sign(self) -> int:
        """The subsidy is minimised."""
        return -1

    @property
    def ignores_origin(self) -> bool:
        """What is paid in all does not depend on where money is measured from."""
        return True

    def scaled(self, factor: float) -> Objective:
        """Return the same objective: its weights are no money."""
        del factor
        return self

    def weights_in(self, environment: Environment) -> ObjectiveWeights:
        """Return the weights of payments minus cost."""
        return ObjectiveWeights(
            quantity=tuple(
                np.zeros_like(environment.worth_of_quantity(i))
                for i in range(len(environment.shape))
            ),
            payment=tuple(np.ones(size) for size in environment.shape),
            cost=-1.0,
        )

    def exact_weights_in(self, environment: Environment) -> ObjectiveWeights:
        """Return the weights in fractions."""
        return ObjectiveWeights(
            quantity=tuple(
                0 * environment.exact_worth_of_quantity(i) for i in range(len(environment.shape))
            ),
            payment=tuple(fraction_array([Fraction(1)] * n) for n in environment.shape),
            cost=Fraction(-1),
        )


def _times(
    weights: Sequence[npt.NDArray[Any]], worth: Iterable[npt.NDArray[Any]]
) -> tuple[npt.NDArray[Any], ...]:
    """Return the worth of quantities, by type, times a weight for each type."""
    return tuple((each.T * weight).T for weight, each in zip(weights, worth, strict=True))


def _power_of_two(size: float) -> float:
    """Return the power of two nearest to a size: dividing by it changes no digit."""
    return float(2.0 ** round(math.log2(size)))
