"""What every objective has in common: the parts of it that programs, bounds and audits ask for."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.rationals import (
    FractionArray,
    as_fraction,
    require_agreement,
    scale_factor,
    texts,
)
from mechopt._util.registry import saved_as
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError, UnsupportedProblemError, require, require_factor
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.frame import Frame, Variables
from mechopt.problem.linear import CurvedRows, Meaning, Rows
from mechopt.problem.objectives.weights import ObjectiveWeights, Shares, power_of_two


class Tangent(NamedTuple):
    """A linear objective, and the bound on another that follows from one on it (``above``)."""

    objective: Objective
    above: Callable[[float], float]

    def bound(self, linear: float, rounding: float) -> tuple[float, float]:
        """Return the bound on the other objective, and what of it is a margin for rounding."""
        bound = self.above(linear)
        margin = bound - self.above(linear - rounding)
        return bound, margin if math.isfinite(margin) else 0.0


class Objective(ABC):
    """What is maximised or minimised; a new objective is a new frozen dataclass.

    A linear one has weights on interim quantities and payments. One that is not (the smallest of
    several numbers, a sum of logarithms) has weights of zero, and instead states variables and
    rows of its own, its value by definition, and a :class:`Tangent` for bounds.

    Objectives are added, and multiplied by numbers, to a :class:`Mixture`.
    """

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

    @property
    def expectation_of(self) -> Objective:
        """What is expected under one prior or another; the objective itself unless said."""
        return self

    @property
    def is_linear(self) -> bool:
        """Whether :meth:`weights_in` says all there is to it."""
        return True

    @property
    def in_money(self) -> bool:
        """Whether the value is an amount of money, and not a number without a unit."""
        return True

    @property
    def by_profile(self) -> bool:
        """Whether it depends on what happens in single profiles, not only on what types expect."""
        return False

    @property
    def in_words(self) -> str:
        """What it is called in reports."""
        return type(self).__name__

    @property
    def remark(self) -> str:
        """What to say beside its program or a picture of an optimum; empty unless overridden."""
        return ""

    def meaning_in(self, environment: Environment) -> Meaning:
        """Return what it is in words, as a formula of its value, and where theory.md has it.

        The default writes the weights of :meth:`weights_in`; others override it with a formula in
        their own symbols.
        """
        worth = "Σ_x a_{i,k}(x) E[x(t) | t_i = k]"
        worth = "a_{i,k} Q_{i,k}" if environment.has_net_quantities else worth
        factor = "" if self.sign > 0 else "-"
        total = f"Σ_i Σ_k m_{{i,k}} ({worth} + b_{{i,k}} T_{{i,k}}) + c E[cost(t)]"
        return Meaning(self.in_words, f"-({total})" if factor else total, "1")

    def for_environment(self, environment: Environment) -> Objective:
        """Return the objective with what it leaves to the environment filled in."""
        del environment
        return self

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

    def shares_in(self, environment: Environment) -> Shares | None:
        """Return the objective as weights of utilities and profit; None if it is not of that kind.

        The direct solver takes objectives that are.
        """
        del environment
        return None

    def density_in(self, environment: Environment) -> FloatArray | None:
        """Return the probabilities that the objective is an expectation under.

        None for those of the environment.
        """
        del environment
        return None

    def exact_density_in(self, environment: Environment) -> FractionArray | None:
        """Return the same in fractions."""
        del environment
        return None

    def variables(self, frame: Frame) -> Iterator[Variables]:
        """Yield the variables that it adds to the program, with what each is worth."""
        del frame
        yield from ()

    def rows(self, frame: Frame) -> Iterator[Rows]:
        """Yield the rows that say what its own variables are."""
        del frame
        yield from ()

    def multiplier_shapes(self, environment: Environment) -> dict[str, tuple[int, ...]]:
        """Return the shapes of the multipliers of its rows, by name."""
        del environment
        return {}

    def curves_in(self, environment: Environment) -> tuple[CurvedRows, ...]:
        """Return the curved bounds that its own variables have."""
        del environment
        return ()

    def tangent_in(
        self, environment: Environment, duals: Mapping[str, FloatArray]
    ) -> Tangent | None:
        """Return a linear objective that bounds it, at the multipliers of its rows.

        Any multipliers give one: negative ones count as zero. None for a linear objective.
        """
        del environment, duals
        return None

    def value(self, mechanism: Mechanism) -> tuple[float, float]:
        """Return the value at a mechanism, by definition, and what rounding may make of it.

        Asked only of objectives that are not linear in what types expect.
        """
        raise NotImplementedError(type(self).__name__)

    def floor(self, environment: Environment) -> Objective | None:
        """Return an objective whose optimum must be above zero for this one to have a value."""
        del environment
        return None

    # A number of numpy's leaves the product to the objective.
    __array_ufunc__ = None

    def __mul__(self, factor: float | Fraction) -> Objective:
        """Return a multiple of the objective."""
        return Mixture(((factor, self),))  # type: ignore[arg-type]

    __rmul__ = __mul__

    def __add__(self, other: Objective) -> Objective:
        """Return the sum of two objectives."""
        if not isinstance(other, Objective):
            return NotImplemented
        return Mixture((*_parts(self), *_parts(other)))  # type: ignore[arg-type]

    def __sub__(self, other: Objective) -> Objective:
        """Return the difference of two objectives."""
        if not isinstance(other, Objective):
            return NotImplemented
        return self + other * -1.0

    def __neg__(self) -> Objective:
        """Return minus the objective, which is maximised."""
        return self * -1.0


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
    >>> from mechopt import Subsidy
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


@saved_as("mechopt.Mixture")
@dataclass(frozen=True)
class Mixture(Objective):
    """Maximise a weighted sum of linear objectives.

    What an objective is worth enters by its value, so that a subsidy counts against welfare in
    ``Welfare() - Subsidy()``.

    Parameters
    ----------
    parts
        A number, of any sign, and an objective each.
    exact
        Texts of the numbers as fractions, where they are not the decimals that the floats print
        as; taken from ``parts`` unless said.

    Raises
    ------
    InvalidInputError
        For numbers that are not finite or all zero, and for objectives that are not linear: the
        smallest of several numbers, and logarithms.

    Examples
    --------
    >>> from mechopt import Payoff, Revenue
    >>> (2 * Revenue() + Payoff("buyer")).in_words
    '2 times revenue + payoff of buyer'
    """

    parts: tuple[tuple[float, Objective], ...]
    exact: tuple[str, ...] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        hint = "Write 0.3 * Revenue() + 0.7 * Welfare(), say."
        require(self.parts, (tuple, list), where="parts", remedy=hint)
        written: Sequence[Any] = self.exact or [factor for factor, _ in self.parts]
        if self.exact is not None:
            require_agreement("parts", self.exact, [factor for factor, _ in self.parts])
        joined: list[tuple[Fraction, Objective]] = []
        for (_, objective), factor in zip(self.parts, written, strict=True):
            require(objective, Objective, where="parts", remedy=hint)
            if isinstance(factor, float) and not math.isfinite(factor):
                raise _no_mixture("finite numbers", f"{factor!r}")
            if not objective.is_linear or objective.by_profile:
                raise _no_mixture("linear objectives", type(objective).__name__)
            joined += [(as_fraction(factor) * own, each) for own, each in _parts(objective)]
        if not any(factor for factor, _ in joined):
            raise _no_mixture("numbers that are not all 0", "0")
        object.__setattr__(self, "exact", texts([factor for factor, _ in joined]))
        object.__setattr__(self, "parts", tuple((float(own), each) for own, each in joined))

    @property
    def sign(self) -> int:
        """The sum is maximised."""
        return 1

    @property
    def largest_weight(self) -> float:
        """Largest size of a part's largest weight, times its number."""
        return max(abs(factor) * part.largest_weight for factor, part in self.parts)

    @property
    def ignores_origin(self) -> bool:
        """Whether that is so of all parts."""
        return all(part.ignores_origin for _, part in self.parts)

    @property
    def in_words(self) -> str:
        """The parts, each with its number."""
        return " + ".join(
            part.in_words if factor == 1.0 else f"{factor:g} times {part.in_words}"
            for factor, part in self.parts
        )

    def meaning_in(self, environment: Environment) -> Meaning:
        """Return the parts' formulas, each times its number."""
        formulas = [
            f"{'' if own == '1' else f'{own} '}({part.meaning_in(environment).formula})"
            for own, (_, part) in zip(self.exact or (), self.parts, strict=True)
        ]
        words = "; ".join(part.meaning_in(environment).text for _, part in self.parts)
        return Meaning(words, " + ".join(formulas), "5.1")

    def for_environment(self, environment: Environment) -> Objective:
        """Return the mixture of the parts for this environment."""
        parts = tuple((factor, part.for_environment(environment)) for factor, part in self.parts)
        return self if parts == self.parts else replace(self, parts=parts)

    def stakes_in(self, environment: Environment) -> float:
        """Return the largest of the parts' own, times their numbers."""
        return max(abs(factor) * part.stakes_in(environment) for factor, part in self.parts)

    def normalised(self) -> tuple[Objective, float]:
        """Return the same mixture with the largest weight near 1, and what it was divided by."""
        unit = power_of_two(self.largest_weight)
        if unit == 1.0:
            return self, 1.0
        return Mixture(tuple((factor / unit, part) for factor, part in self.parts)), unit

    def scaled(self, factor: float) -> Objective:
        """Return the mixture of the parts in another unit of money."""
        return replace(self, parts=tuple((own, part.scaled(factor)) for own, part in self.parts))

    def weights_in(self, environment: Environment) -> ObjectiveWeights:
        """Return the sum of the parts' weights."""
        total = ObjectiveWeights.none(environment)
        for factor, part in self.parts:
            total = total.plus(part.weights_in(environment).times(factor * part.sign))
        return total

    def exact_weights_in(self, environment: Environment) -> ObjectiveWeights:
        """Return the sum in fractions."""
        total = ObjectiveWeights.none(environment, as_fraction(0))
        for (own, _), (_, part) in zip(_parts(self), self.parts, strict=True):
            total = total.plus(part.exact_weights_in(environment).times(own * part.sign))
        return total

    def shares_in(self, environment: Environment) -> Shares | None:
        """Return the sum of the parts' weights of utilities and profit, if all are at least 0."""
        agents, designer = np.zeros(len(environment.agents)), 0.0
        for factor, part in self.parts:
            own = part.shares_in(environment)
            if own is None:
                return None
            agents = agents + factor * np.array(own.agents)
            designer += factor * own.designer
        if min(designer, agents.min()) < 0.0:
            return None
        return Shares(tuple(agents.tolist()), designer)


def _parts(objective: Objective) -> list[tuple[Fraction, Objective]]:
    """Return the parts of a mixture with exact numbers, or the objective as the one part."""
    if not isinstance(objective, Mixture):
        return [(Fraction(1), objective)]
    assert objective.exact is not None
    exact = map(Fraction, objective.exact)
    return [(own, part) for own, (_, part) in zip(exact, objective.parts, strict=True)]


def _no_mixture(expected: str, got: str) -> InvalidInputError:
    return InvalidInputError(
        "not a mixture of objectives",
        where="parts",
        expected=expected,
        got=got,
        remedy="Mix revenue, welfare, payoffs and subsidies, each with a finite number.",
    )
