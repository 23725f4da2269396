"""An agent: a name, a type space, and what it can have by staying out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cached_property
from numbers import Rational
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray, shown
from mechopt._util.rationals import FractionArray, as_fraction, fraction_array, scale_factor
from mechopt._util.registry import is_ours, saved_as
from mechopt.errors import InvalidInputError, UnsupportedProblemError, require, require_factor
from mechopt.types import TypeSpace
from mechopt.types.exact import FractionCells

# What rounding may do to a payoff that is converted to another unit of money and back.
CONVERTED = 1e-9


class OutsideOption(ABC):
    """What each type gets if it does not take part, in money.

    A subclass is a frozen dataclass with one method, ``__call__``. It must be convex on every cell,
    because participation is required at the two ends of a cell (theory.md, section 1).

    Examples
    --------
    >>> import numpy as np
    >>> from dataclasses import dataclass
    >>> from mechopt import Agent, TypeSpace
    >>> @dataclass(frozen=True)
    ... class Wage(OutsideOption):
    ...     amount: float
    ...
    ...     def __call__(self, types):
    ...         return np.full(len(types), self.amount)
    >>> Agent("seller", TypeSpace.finite([0, 1]), Wage(0.25)).scaled(100).option_at_ends[0]
    array([25., 25.])
    """

    @abstractmethod
    def __call__(self, types: FloatArray) -> FloatArray:
        """Return the payoff of staying out at each type: as many finite numbers as types."""

    def in_fractions(self, types: FractionArray) -> FractionArray:
        """Return the payoff at types given as fractions, with nothing rounded.

        The default reads the option's own floats as decimals and calls it on fractions; what it
        rounds is refused. Options that compute in another way override this.

        Raises
        ------
        UnsupportedProblemError
            If the payoffs are not fractions.
        """
        found = _exactly(self)(types) if len(types) else ()  # type: ignore[arg-type]
        payoffs = _one_for_each(self, np.asarray(found, dtype=object), len(types)).tolist()
        rounded = [value for value in payoffs if not isinstance(value, Rational)]
        if rounded:
            raise UnsupportedProblemError(
                f"{type(self).__name__}: not an exact outside option (expected fractions at types "
                f"that are fractions, got {rounded[0]!r}). Override its in_fractions, or solve "
                "in floats."
            )
        return fraction_array(as_fraction(value) for value in payoffs)

    @property
    def spaces(self) -> tuple[TypeSpace, ...]:
        """Type spaces that the payoffs are computed from, other than the agent's own."""
        return ()

    @property
    def share_of_type(self) -> float | None:
        """How many times the type staying out is worth; None where that does not say it all."""
        return None

    def with_spaces(self, spaces: Sequence[TypeSpace]) -> OutsideOption:
        """Return the same option computed from other type spaces, as many as in ``spaces``."""
        del spaces
        return self

    @property
    def remedy_over_cells(self) -> str:
        """What to do where mechanisms over cells of a continuum miss the option by a little."""
        return ""

    def scaled(self, factor: float) -> OutsideOption:
        """Return the same option in another unit of money.

        The default converts types and payoffs, which is right for every option; there is no need
        to override it. Programs are stated by the default whatever a subclass of yours does here,
        and one that does something else is refused.
        """
        return ScaledOption(self, float(factor))


def _exactly(option: OutsideOption) -> OutsideOption:
    """Return an option with its floats made the fractions of the decimals that they print as."""
    if not is_dataclass(option):
        return option
    own = {part.name: getattr(option, part.name) for part in fields(option) if part.init}
    floats = {name: value for name, value in own.items() if isinstance(value, float)}
    return replace(option, **{name: as_fraction(value) for name, value in floats.items()})


@saved_as("mechopt.ScaledOption")
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


@saved_as("mechopt.NoPayoff")
@dataclass(frozen=True)
class NoPayoff(OutsideOption):
    """Staying out is worth nothing, whatever the type.

    Examples
    --------
    >>> import numpy as np
    >>> NoPayoff()(np.array([1.0, 2.0]))
    array([0., 0.])
    """

    @property
    def share_of_type(self) -> float:
        """Nothing."""
        return 0.0

    def __call__(self, types: FloatArray) -> FloatArray:
        """Return zeros."""
        return np.broadcast_to(np.zeros((), dtype=types.dtype), (len(types),))

    def scaled(self, factor: float) -> NoPayoff:
        """Return the same option: nothing is nothing in every unit."""
        del factor
        return self


@saved_as("mechopt.Agent")
@dataclass(frozen=True)
class Agent:
    """A participant of a mechanism.

    Parameters
    ----------
    name
        An identifier; it begins the names of the agent's constraints.
    types
        The type space; a :class:`~mechopt.TypeTable` where types are no numbers.
    outside_option
        What each type gets by staying out; nothing unless said.

    Raises
    ------
    InvalidInputError
        If the name is no identifier, or an outside option of yours does not give one finite number
        for each type.

    Examples
    --------
    >>> from mechopt import TypeSpace
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
        if not is_ours(type(self.outside_option)):
            # What would be spread over the types by broadcasting is noticed here, once for all.
            _ = self.option_at_ends

    @cached_property
    def option_at_ends(self) -> tuple[FloatArray, FloatArray]:
        """What the lowest and the highest type of each cell gets by staying out, in money."""
        lower = self._option_at(self.types.lower)
        return lower, lower if self.types.is_finite else self._option_at(self.types.upper)

    @property
    def expected_option(self) -> float:
        """What the agent expects by staying out, in money; at the means of cells, unless linear."""
        types, share = self.types, self.outside_option.share_of_type
        worth = self._option_at(types.mean) if share is None else share * types.mean
        return types.expectation(worth)

    def _option_at(self, types: FloatArray) -> FloatArray:
        option, number = self.outside_option, len(types)
        try:
            payoffs = np.asarray(option(types), dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise _not_payoffs(option, number, f"{type(error).__name__}: {error}") from error
        payoffs = np.asarray(_one_for_each(option, payoffs, number))
        if not np.isfinite(payoffs).all():
            k = int(np.argmin(np.isfinite(payoffs)))
            raise _not_payoffs(option, number, f"{payoffs[k]} for type {k}")
        return payoffs

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
        option, types = self.outside_option, self.types.scaled(factor)
        if is_ours(type(option)):
            return Agent(self.name, types, option.scaled(factor))
        scaled = Agent(self.name, types, ScaledOption(option, float(factor)))
        if type(option).scaled is not OutsideOption.scaled:
            _require_converted(scaled, Agent(self.name, types, option.scaled(factor)), factor)
        return scaled


def _one_for_each(option: OutsideOption, payoffs: Any, number: int) -> Any:
    """Return payoffs that are one for each type."""
    if payoffs.shape != (number,):
        raise _not_payoffs(option, number, f"an array of shape {payoffs.shape}")
    return payoffs


def _not_payoffs(option: OutsideOption, number: int, got: str) -> InvalidInputError:
    while isinstance(option, ScaledOption):
        option = option.option
    return InvalidInputError(
        "not the payoffs of staying out",
        where=f"{type(option).__qualname__}.__call__",
        expected=f"{number} finite numbers, one for each type",
        got=shown(got),
        remedy="Return an array as long as types; of a constant, np.full(len(types), constant).",
    )


def _require_converted(scaled: Agent, own: Agent, factor: float) -> None:
    """Raise unless an outside option's own method pays the same in the new unit of money."""
    for expected, found in zip(scaled.option_at_ends, own.option_at_ends, strict=True):
        stake = np.abs(expected) + np.abs(scaled.types.upper) + np.abs(scaled.types.lower)
        wrong = np.flatnonzero(~(np.abs(found - expected) <= CONVERTED * stake))
        if wrong.size:
            k = int(wrong[0])
            raise InvalidInputError(
                "an outside option that pays another amount in another unit of money",
                where=f"outside_option of {own.name}",
                expected=f"{expected[k]:.9g} after scaled({factor:g}), for type {k}",
                got=f"{found[k]:.9g}",
                remedy="Correct its method scaled, or leave that out: the default is right.",
            )
