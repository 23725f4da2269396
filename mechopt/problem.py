"""A design problem: an environment, an objective, and what a mechanism has to satisfy."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from mechopt.arrays import FloatArray, shown
from mechopt.codec import fingerprint
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError, UnsupportedProblemError, require
from mechopt.priors.exact import given_numbers
from mechopt.rationals import as_fraction, fraction_array


class AllocationRequirement(StrEnum):
    """Whether the allocation is to be found or prescribed."""

    FREE = "free"
    EFFICIENT = "efficient"


class Incentives(StrEnum):
    """Whether truth must be optimal for every type on average over the others' types."""

    INTERIM = "interim"
    NONE = "none"


class Participation(StrEnum):
    """Whether every type must get at least its outside option, knowing only its own type."""

    INTERIM = "interim"
    NONE = "none"


class Budget(StrEnum):
    """How the agents' payments must relate to the cost of the outcome (zero for trade)."""

    BALANCED = "balanced"
    NO_DEFICIT = "no-deficit"
    SUBSIDISED = "subsidised"


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
            total += float(mass @ (self.quantity[i] * quantity[i] + self.payment[i] * payment[i]))
        return total


class Objective(ABC):
    """What is maximised or minimised; a new objective is a new frozen dataclass."""

    @property
    @abstractmethod
    def sign(self) -> int:
        """Plus one if the objective is maximised, minus one if it is minimised."""

    def normalised(self) -> tuple[Objective, float]:
        """Return the objective in a unit near 1, and the unit, a power of two."""
        return self, 1.0

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
            "exact_weights_in, got none). Write that method, or solve without --exact."
        )


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
        given, written = given_numbers(self.weights)
        if self.exact is None and not isinstance(written, str):
            object.__setattr__(self, "exact", written)
        weights = np.asarray(given, dtype=np.float64)
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

    def normalised(self) -> tuple[Objective, float]:
        """Return the same objective with the largest weight near 1, and what it was divided by.

        Examples
        --------
        >>> Welfare((1024.0, 512.0)).normalised()
        (Welfare(weights=(1.0, 0.5)), 1024.0)
        """
        unit = 2.0 ** round(math.log2(max(self.weights)))
        return (
            (self, 1.0) if unit == 1.0 else (Welfare(tuple(w / unit for w in self.weights)), unit)
        )

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
            quantity=tuple(w * t.mean for w, t in zip(self.weights, types, strict=True)),
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
            quantity=tuple(w * t.mean for w, t in zip(weights, types, strict=True)),
            payment=tuple(
                fraction_array([-w] * len(t.mean)) for w, t in zip(weights, types, strict=True)
            ),
            cost=Fraction(0),
        )


@dataclass(frozen=True)
class Subsidy(Objective):
    """Minimise the money that must come from outside; negative where a surplus is left over."""

    @property
    def sign(self) -> int:
        """The subsidy is minimised."""
        return -1

    def weights_in(self, environment: Environment) -> ObjectiveWeights:
        """Return the weights of payments minus cost."""
        return ObjectiveWeights(
            quantity=tuple(np.zeros(size) for size in environment.shape),
            payment=tuple(np.ones(size) for size in environment.shape),
            cost=-1.0,
        )

    def exact_weights_in(self, environment: Environment) -> ObjectiveWeights:
        """Return the weights in fractions."""
        return ObjectiveWeights(
            quantity=tuple(fraction_array([Fraction(0)] * n) for n in environment.shape),
            payment=tuple(fraction_array([Fraction(1)] * n) for n in environment.shape),
            cost=Fraction(-1),
        )


@dataclass(frozen=True)
class DesignProblem:
    """What is asked: the best mechanism of an environment under stated requirements.

    Parameters
    ----------
    environment
        Agents and feasible outcomes.
    objective
        :class:`Welfare` or :class:`Subsidy`, or an objective of your own.
    allocation
        ``"free"``, or ``"efficient"`` to prescribe the ex post efficient one.
    incentives, participation
        ``"interim"`` or ``"none"``.
    budget
        ``"balanced"`` (payments cover the cost exactly), ``"no-deficit"`` (at least), or
        ``"subsidised"`` (no requirement).

    Raises
    ------
    InvalidInputError
        For words other than these, and objectives that do not fit the environment.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([0, 1])
    >>> problem = DesignProblem(BilateralTrade(types, types), Welfare((1.0, 1.0)))
    >>> problem.budget
    <Budget.BALANCED: 'balanced'>
    """

    environment: Environment
    objective: Objective
    allocation: AllocationRequirement = AllocationRequirement.FREE
    incentives: Incentives = Incentives.INTERIM
    participation: Participation = Participation.INTERIM
    budget: Budget = Budget.BALANCED

    def __post_init__(self) -> None:
        hint = "Pass a BilateralTrade or another Environment."
        require(self.environment, Environment, where="environment", remedy=hint)
        require(self.objective, Objective, where="objective", remedy="For example Welfare((1, 1)).")
        for name, kind in (
            ("allocation", AllocationRequirement),
            ("incentives", Incentives),
            ("participation", Participation),
            ("budget", Budget),
        ):
            object.__setattr__(self, name, _word(name, getattr(self, name), kind))
        self.objective.weights_in(self.environment)

    @cached_property
    def weights(self) -> ObjectiveWeights:
        """What is maximised, in interim quantities and payments."""
        return self.objective.weights_in(self.environment)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the problem's content, the same on every machine."""
        return fingerprint(self)

    @property
    def objective_scale(self) -> float:
        """What errors of the objective are measured in: mean gains times the largest weight."""
        weights = self.objective.weights if isinstance(self.objective, Welfare) else (1.0,)
        return self.environment.gain_scale * max(weights)

    @property
    def prescribes_allocation(self) -> bool:
        """Whether the allocation is given and only payments are sought."""
        return self.allocation is not AllocationRequirement.FREE

    def prescribed_allocation(self) -> FloatArray | None:
        """Return the prescribed outcome of every profile, or None where it is free."""
        if self.allocation is AllocationRequirement.FREE:
            return None
        return self.environment.efficient_allocation()

    def scaled(self, factor: float) -> DesignProblem:
        """Return the same problem in another unit of money."""
        return replace(self, environment=self.environment.scaled(factor))

    def subsidised(self) -> DesignProblem:
        """Return the problem of meeting the same requirements with the least outside money."""
        return replace(self, objective=Subsidy(), budget=Budget.SUBSIDISED)


def ex_ante_efficiency(
    environment: Environment,
    weights: Mapping[str, float | Fraction] | Sequence[float | Fraction] | None = None,
) -> DesignProblem:
    """Return the problem of the best incentive-compatible, individually rational mechanism.

    Parameters
    ----------
    environment
        A :class:`BilateralTrade` or any other environment.
    weights
        Welfare weight of each agent, by name or in order; 1 for all unless said. Fractions become
        floats, and are kept for exact optima.

    Notes
    -----
    Source: theory.md, sections 3.5 and 3.7; Myerson and Satterthwaite (1983), Theorem 2.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([0, 1])
    >>> ex_ante_efficiency(BilateralTrade(types, types), {"seller": 1, "buyer": 0}).objective
    Welfare(weights=(1.0, 0.0))
    """
    hint = "Pass a BilateralTrade or another Environment."
    require(environment, Environment, where="environment", remedy=hint)
    names = [agent.name for agent in environment.agents]
    if weights is None:
        values: Sequence[float | Fraction] = [1.0] * len(names)
    elif isinstance(weights, Mapping):
        if set(weights) != set(names):
            raise InvalidInputError(
                "weights do not name the agents",
                where="weights",
                expected=f"one weight each for {', '.join(names)}",
                got=", ".join(map(str, weights)) or "none",
                remedy="Name every agent once.",
            )
        values = [weights[name] for name in names]
    else:
        hint = "Give one number per agent, in order or by name."
        require(weights, (tuple, list, np.ndarray), where="weights", remedy=hint)
        values = weights
    return DesignProblem(environment, Welfare(tuple(values)))  # type: ignore[arg-type]


def ex_post_efficiency(environment: Environment) -> DesignProblem:
    """Return the problem of implementing the ex post efficient allocation without outside money.

    It is often infeasible; :func:`minimum_subsidy` says by how much.

    Notes
    -----
    Source: theory.md, section 3.3; Cramton (1985), Theorem 2.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([0, 1])
    >>> ex_post_efficiency(BilateralTrade(types, types)).allocation
    <AllocationRequirement.EFFICIENT: 'efficient'>
    """
    hint = "Pass a BilateralTrade or another Environment."
    require(environment, Environment, where="environment", remedy=hint)
    welfare = Welfare((1.0,) * len(environment.agents))
    return DesignProblem(environment, welfare, allocation=AllocationRequirement.EFFICIENT)


def minimum_subsidy(environment: Environment) -> DesignProblem:
    """Return the problem of implementing the ex post efficient allocation at least outside cost.

    The optimum is negative where the mechanism leaves a surplus, and then no subsidy is needed.

    Notes
    -----
    Source: theory.md, sections 3.3 and 5.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([0, 1])
    >>> minimum_subsidy(BilateralTrade(types, types)).objective
    Subsidy()
    """
    return ex_post_efficiency(environment).subsidised()


def _word(name: str, value: object, kind: type[StrEnum]) -> StrEnum:
    try:
        return kind(str(value))
    except ValueError:
        raise InvalidInputError(
            "not a requirement of this kind",
            where=name,
            expected=" or ".join(f'"{member.value}"' for member in kind),
            got=shown(repr(value)),
            remedy="Choose one of these words.",
        ) from None
