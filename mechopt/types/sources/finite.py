"""Finitely many types, as a list says or as a sample counts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, frozen
from mechopt._util.registry import saved_as
from mechopt._util.saving import ByContent
from mechopt.errors import InvalidInputError
from mechopt.types.checks import check_mass, vector
from mechopt.types.source import Errors, Source


@saved_as("mechopt.Finite")
@dataclass(frozen=True, eq=False)
class Finite(ByContent, Source):
    """Finitely many types: the same questions as of a continuum, answered by sums.

    Parameters
    ----------
    types, mass : arrays of shape (num_types,)
        Rising types, in money, and their probabilities.

    Examples
    --------
    >>> steps = Finite(np.array([0.0, 1.0]), np.array([0.25, 0.75]))
    >>> steps.below(np.array([0.0, 0.5])), steps.above(np.array([0.5, 1.0]))
    (array([0.25, 0.25]), array([0.75, 0.75]))
    """

    types: FloatArray
    mass: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "types", frozen(self.types))
        object.__setattr__(self, "mass", frozen(self.mass))

    @classmethod
    def of(cls, types: npt.ArrayLike, probabilities: npt.ArrayLike | None = None) -> Finite:
        """Return the law of rising types with positive probabilities, equal ones unless given.

        Raises
        ------
        InvalidInputError
            For types that do not rise, and probabilities that are no distribution.

        Examples
        --------
        >>> Finite.of([1, 2]).mass
        array([0.5, 0.5])
        """
        points = vector("types", types)
        falls = np.flatnonzero(np.diff(points) <= 0)
        if falls.size:
            raise InvalidInputError(
                "types are not strictly increasing",
                where="types",
                expected="each type above the one before it",
                got=f"{points[falls[0]]:.12g} followed by {points[falls[0] + 1]:.12g}",
                remedy="Sort the types with their probabilities and merge equal ones.",
            )
        if probabilities is None:
            return cls(points, np.full(points.size, 1.0 / points.size))
        mass = vector("probabilities", probabilities)
        if mass.size != points.size:
            raise InvalidInputError(
                "as many probabilities as types are needed",
                where="probabilities",
                expected=f"{points.size} entries",
                got=f"{mass.size}",
                remedy="Give one probability per type, or none for equally likely types.",
            )
        check_mass(mass, where="probabilities")
        return cls(points, mass)

    @property
    def title(self) -> str:
        """How many types there are."""
        return f"{self.types.size} types"

    @property
    def support(self) -> tuple[float, float]:
        """Lowest and highest type."""
        return float(self.types[0]), float(self.types[-1])

    @property
    def atoms(self) -> FloatArray:
        """The types."""
        return self.types

    @property
    def gaps(self) -> tuple[tuple[float, float], ...]:
        """The intervals between them."""
        return tuple(pairwise(self.types.tolist()))

    @property
    def value_errors(self) -> Errors:
        """Rounding of sums."""
        return Errors(8 * float(np.finfo(np.float64).eps), 0.0, 0.0)

    @cached_property
    def marks(self) -> FloatArray:
        """The types."""
        return self.types

    def density(self, types: FloatArray) -> FloatArray:
        """Return zero: all types are atoms."""
        return np.zeros_like(types)

    @cached_property
    def from_left(self) -> FloatArray:
        """Probability of the types before each position."""
        return np.concatenate([[0.0], np.cumsum(self.mass)])

    @cached_property
    def to_right(self) -> FloatArray:
        """Probability of the types from each position on."""
        return np.concatenate([np.cumsum(self.mass[::-1])[::-1], [0.0]])

    def below(self, types: FloatArray) -> FloatArray:
        """Return the probability of types up to each, itself included."""
        return np.asarray(self.from_left[np.searchsorted(self.types, types, side="right")])

    def above(self, types: FloatArray) -> FloatArray:
        """Return the probability of types from each on, itself included."""
        return np.asarray(self.to_right[np.searchsorted(self.types, types, side="left")])

    @cached_property
    def _under(self) -> FloatArray:
        """E[(p - t)+] at each type as price: sums of what is not negative, which keep digits."""
        steps = np.diff(self.types)
        return np.concatenate([[0.0], np.cumsum(self.from_left[1:-1] * steps)])

    @cached_property
    def _over(self) -> FloatArray:
        """E[(t - p)+] at each type as price."""
        steps = np.diff(self.types)
        return np.concatenate([np.cumsum((self.to_right[1:-1] * steps)[::-1])[::-1], [0.0]])

    def under(self, prices: FloatArray) -> FloatArray:
        """Return E[(p - t)+] at each price."""
        at = np.searchsorted(self.types, prices, side="right")
        base = np.concatenate([[0.0], self._under])[at]
        start = np.concatenate([[self.low], self.types])[at]
        return np.asarray(base + self.from_left[at] * np.maximum(prices - start, 0.0))

    def over(self, prices: FloatArray) -> FloatArray:
        """Return E[(t - p)+] at each price."""
        at = np.searchsorted(self.types, prices, side="left")
        base = np.append(self._over, 0.0)[at]
        stop = np.append(self.types, self.high)[at]
        return np.asarray(base + self.to_right[at] * np.maximum(stop - prices, 0.0))

    def under_error(self, price: float) -> float:
        """Return a bound on the rounding of E[(p - t)+]."""
        rounding = self.types.size * self.value_errors[0]
        return rounding * float(self.under(np.array([price]))[0])

    def over_error(self, price: float) -> float:
        """Return a bound on the rounding of E[(t - p)+]."""
        rounding = self.types.size * self.value_errors[0]
        return rounding * float(self.over(np.array([price]))[0])
