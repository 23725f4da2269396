"""An agent: a name, a type space, and what it can have by staying out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cached_property
from numbers import Rational

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.rationals import FractionArray, as_fraction, fraction_array, scale_factor
from mechopt._util.saving import is_ours
from mechopt.errors import InvalidInputError, UnsupportedProblemError, require, require_factor
from mechopt.types import TypeSpace
from mechopt.types.exact import FractionCells

# What rounding may do to a payoff that is converted to another unit of money and back.
CONVERTED = 1e-9


class OutsideOption(ABC):
    """What each type gets if it does not take part, in money.

    A subclass is a frozen dataclass. It must be convex on every cell, because participation is
    required at the two ends of a cell (theory.md, section 1).
    """

    @abstractmethod
    def __call__(self, types: FloatArray) -> FloatArray:
        """Return the payoff of staying out at each type."""

    def in_fractions(self, types: FractionArray) -> FractionArray:
        """Return the payoff at types given as fractions, with nothing rounded.

        The default reads the option's own floats as decimals and calls it on fractions; what it
        rounds is refused. Options that compute in another way override this.

        Raises
        ------
        UnsupportedProblemError
            If the payoffs are not fractions.
        """
        payoffs = list(_exactly(self)(types)) if len(types) else []  # type: ignore[arg-type]
        rounded = [value for value in payoffs if not isinstance(value, Rational)]
        if rounded:
            raise UnsupportedProblemError(
                f"{type(self).__name__}: not an exact outside option (expected fractions at types "
                f"that are fractions, got {rounded[0]!r}). Override its in_fractions, or solve "
                "in floats."
            )
        return fraction_array(as_fraction(value) for value in payoffs)

    def scaled(self, factor: float) -> OutsideOption:
        """Return the same option in another unit of money.

        The default converts types and payoffs, which is right for every option. One that overrides
        this must do the same: at types times the factor, payoffs times the factor.
        """
        return ScaledOption(self, float(factor))


def _exactly(option: OutsideOption) -> OutsideOption:
    """Return an option with its floats made the fractions of the decimals that they print as."""
    if not is_dataclass(option):
        return option
    own = {part.name: getattr(option, part.name) for part in fields(option) if part.init}
    floats = {name: value for name, value in own.items() if isinstance(value, float)}
    return replace(option, **{name: as_fraction(value) for name, value in floats.items()})


@dataclass(frozen=True)
class ScaledOption(OutsideOption):
    """An outside option in another unit of money.

    Parameters
    ----------
    option
        The option in its own unit.
    factor
        What a payoff is multiplied by; a power of two changes no digit.

    Examples
    --------
    >>> ScaledOption(NoPayoff(), 100.0)(np.array([1.0, 2.0]))
    array([0., 0.])
    """

    option: OutsideOption
    factor: float

    def __post_init__(self) -> None:
        hint = "Call scaled(factor) of an outside option."
        require(self.option, OutsideOption, where="option", remedy=hint)
        require_factor(self.factor, where="factor", remedy=hint)

    def __call__(self, types: FloatArray) -> FloatArray:
        """Return the payoff of staying out at each type, in this unit of money."""
        own = np.asarray(types, dtype=np.float64) / self.factor
        return np.asarray(self.factor * self.option(own), dtype=np.float64)

    def in_fractions(self, types: FractionArray) -> FractionArray:
        """Return the payoff at types given as fractions, with nothing rounded."""
        factor = scale_factor(self.factor)
        return fraction_array(factor * own for own in self.option.in_fractions(types / factor))

    def scaled(self, factor: float) -> OutsideOption:
        """Return the same option in another unit of money."""
        product = self.factor * factor
        return self.option if product == 1.0 else ScaledOption(self.option, product)


@dataclass(frozen=True)
class NoPayoff(OutsideOption):
    """Staying out is worth nothing, whatever the type.

    Examples
    --------
    >>> NoPayoff()(np.array([1.0, 2.0]))
    array([0., 0.])
    """

    def __call__(self, types: FloatArray) -> FloatArray:
        """Return zeros."""
        return np.zeros_like(types)

    def scaled(self, factor: float) -> NoPayoff:
        """Return the same option: nothing is nothing in every unit."""
        del factor
        return self


@dataclass(frozen=True)
class Agent:
    """A participant of a mechanism.

    Parameters
    ----------
    name
        An identifier; it begins the names of the agent's constraints.
    types
        The type space.
    outside_option
        What each type gets by staying out; nothing unless said.

    Raises
    ------
    InvalidInputError
        If the name is no identifier.

    Examples
    --------
    >>> Agent("seller", TypeSpace.finite([0, 1]))
    Agent(name='seller', types=TypeSpace(2 types in [0, 1], mean 0.5), outside_option=NoPayoff())
    """

    name: str
    types: TypeSpace
    outside_option: OutsideOption = field(default_factory=NoPayoff)

    def __post_init__(self) -> None:
        require(
            self.types,
            TypeSpace,
            where=f"types of {self.name}",
            remedy="Make one with TypeSpace.finite, from_distribution or from_samples.",
        )
        require(
            self.outside_option,
            OutsideOption,
            where=f"outside_option of {self.name}",
            remedy="Pass NoPayoff() or an OutsideOption of your own.",
        )
        require(self.name, str, where="name", remedy="Put it in quotes.")
        if not (self.name.isidentifier() and self.name.isascii()):
            raise InvalidInputError(
                "not a usable name",
                where="name",
                expected="ASCII letters, digits and underscores, not starting with a digit",
                got=repr(self.name),
                remedy="Rename the agent.",
            )

    @cached_property
    def option_at_ends(self) -> tuple[FloatArray, FloatArray]:
        """What the lowest and the highest type of each cell gets by staying out, in money."""
        lower = self.outside_option(self.types.lower)
        return lower, lower if self.types.is_finite else self.outside_option(self.types.upper)

    def in_fractions(self) -> FractionCells:
        """Return the cells of the type space in fractions.

        Raises
        ------
        InvalidInputError
            If they are not known; the place is the agent's.
        """
        try:
            return self.types.in_fractions()
        except InvalidInputError as error:
            raise InvalidInputError(
                error.what,
                where=f"{self.name}.{error.where}",
                expected=error.expected,
                got=error.got,
                remedy=error.remedy,
            ) from error

    def scaled(self, factor: float) -> Agent:
        """Return the same agent in another unit of money.

        Raises
        ------
        InvalidInputError
            If the outside option's own ``scaled`` does not convert its payoffs.
        """
        option = self.outside_option.scaled(factor)
        scaled = Agent(self.name, self.types.scaled(factor), option)
        if not is_ours(type(self.outside_option)):
            _require_converted(self, scaled, factor)
        return scaled


def _require_converted(agent: Agent, scaled: Agent, factor: float) -> None:
    """Raise unless an outside option pays the same in its new unit of money."""
    for before, after in zip(agent.option_at_ends, scaled.option_at_ends, strict=True):
        expected, found = factor * np.asarray(before), np.asarray(after)
        stake = np.abs(expected) + np.abs(scaled.types.upper) + np.abs(scaled.types.lower)
        wrong = np.flatnonzero(~(np.abs(found - expected) <= CONVERTED * stake))
        if wrong.size:
            k = int(wrong[0])
            raise InvalidInputError(
                "an outside option that pays another amount in another unit of money",
                where=f"outside_option of {agent.name}",
                expected=f"{expected[k]:.9g} after scaled({factor:g}), for type {k}",
                got=f"{found[k]:.9g}",
                remedy="Correct its method scaled, or leave that out: the default is right.",
            )
