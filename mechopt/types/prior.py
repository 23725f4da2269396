"""Beliefs: how probable every profile of types is, with independent types or any joint prior."""

from __future__ import annotations

import functools
import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, frozen, shown
from mechopt._util.given import real_array
from mechopt._util.rationals import FractionArray, as_fraction, fraction_array, require_agreement
from mechopt._util.registry import saved_as
from mechopt._util.rounding import large_whole
from mechopt._util.saving import ByContent
from mechopt.errors import InvalidInputError, TooLargeError
from mechopt.types.checks import MASS_TOLERANCE

MAX_PROFILES = 50_000_000
# An array over profiles has an axis for each agent and up to two more; numpy has 64 at most.
MOST_AXES = 60
# Messages list the numbers of types of so many agents.
FEW_AGENTS = 8


def require_grid(shape: Sequence[int], what: str) -> None:
    """Raise TooLargeError unless there can be an array over all profiles.

    Parameters
    ----------
    shape
        Number of types of each agent.
    what
        What the array would hold.

    Examples
    --------
    >>> require_grid([1] * 61, "the allocation")
    Traceback (most recent call last):
        ...
    mechopt.errors.TooLargeError: the allocation over the type profiles of 61 agents would need...
    """
    number = math.prod(shape)
    if number > MAX_PROFILES:
        few = " x ".join(map(str, shape[:FEW_AGENTS]))
        more = f" x ... of {len(shape)} agents" if len(shape) > FEW_AGENTS else ""
        raise TooLargeError(
            f"{what} over {few}{more} type profiles would hold {large_whole(number)} numbers "
            f"(at most {MAX_PROFILES:.0e}). "
            "Use interim quantities and payments, ask for single profiles, or use fewer cells."
        )
    if len(shape) > MOST_AXES:
        raise TooLargeError(
            f"{what} over the type profiles of {len(shape)} agents would need an array with an "
            f"axis for each (at most {MOST_AXES}). Use fewer agents."
        )


def interim(masses: Sequence[npt.NDArray[Any]], agent: int, values: FloatArray) -> FloatArray:
    """Return the expectation over the others' independent types, by own type.

    Examples
    --------
    >>> masses = [np.array([0.25, 0.75]), np.array([0.5, 0.5])]
    >>> interim(masses, 0, np.array([[0.0, 1.0], [1.0, 1.0]]))
    array([0.5, 1. ])
    """
    for axis in reversed(range(len(masses))):
        if axis != agent:
            values = np.tensordot(values, masses[axis], axes=(axis, 0))
    return values


def own_first(agent: int, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return an array over the profiles as (own type, profile of the others in row-major order).

    Examples
    --------
    >>> own_first(1, np.array([[1, 2, 3], [4, 5, 6]]))
    array([[1, 4],
           [2, 5],
           [3, 6]])
    """
    moved = np.moveaxis(values, agent, 0)
    return moved.reshape(moved.shape[0], -1)


def over_profiles(agent: int, values: npt.NDArray[Any], shape: Sequence[int]) -> npt.NDArray[Any]:
    """Return what :func:`own_first` returned as the array over the profiles that it was.

    Parameters
    ----------
    agent
        Position of the agent.
    values : array of shape (num_types, num_others), or (num_types, 1) where the others do not count
    shape
        Number of types of each agent.

    Returns
    -------
    array that broadcasts to ``shape``

    Examples
    --------
    >>> over_profiles(1, np.array([[1, 4], [2, 5], [3, 6]]), (2, 3))
    array([[1, 2, 3],
           [4, 5, 6]])
    """
    others = [size for j, size in enumerate(shape) if j != agent]
    if values.shape[1] == 1:
        others = [1] * len(others)
    return np.moveaxis(values.reshape(len(values), *others), 0, agent)


class Prior(ABC):
    """The probability of every profile of types."""

    @property
    @abstractmethod
    def masses(self) -> tuple[FloatArray, ...]:
        """Probabilities of each agent's types."""

    @property
    @abstractmethod
    def independent(self) -> bool:
        """Whether one agent's type says nothing of another's."""

    @abstractmethod
    def density(self) -> FloatArray:
        """Return the probability of every profile, an array over the profiles."""

    @abstractmethod
    def beliefs(self, agent: int) -> FloatArray:
        """Return what each type believes of the others', (own type, profile of the others).

        The others' profiles are in row-major order. With independent types all rows are alike.
        """

    @abstractmethod
    def interim(self, agent: int, values: FloatArray) -> FloatArray:
        """Return the expectation given the own type of an array over the profiles."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of types of each agent."""
        return tuple(mass.size for mass in self.masses)

    def expectation(self, values: FloatArray) -> float:
        """Return the expectation of an array over the profiles."""
        return float(self.interim(0, values) @ self.masses[0])

    def by_report(self, agent: int, values: FloatArray) -> FloatArray:
        """Return what each type expects of an array over the profiles at each of its reports.

        Entry (k, r) is the expectation of type k if it reports r and the others are truthful.

        Examples
        --------
        >>> prior = Joint([[0.5, 0.0], [0.0, 0.5]])
        >>> prior.by_report(0, np.array([[1.0, 2.0], [3.0, 4.0]]))
        array([[1., 3.],
               [2., 4.]])
        """
        return np.asarray(self.beliefs(agent) @ own_first(agent, values).T, dtype=np.float64)


@saved_as("mechopt.Independent")
@dataclass(frozen=True, eq=False)
class Independent(ByContent, Prior):
    """Types of which each says nothing of the others'.

    Parameters
    ----------
    marginals : arrays of shape (num_types,)
        Probabilities of each agent's types.

    Examples
    --------
    >>> Independent(([0.25, 0.75], [0.5, 0.5])).density()
    array([[0.125, 0.125],
           [0.375, 0.375]])
    """

    marginals: tuple[FloatArray, ...]

    def __post_init__(self) -> None:
        arrays = tuple(frozen(real_array(mass, "marginals")) for mass in self.marginals)
        object.__setattr__(self, "marginals", arrays)

    @property
    def masses(self) -> tuple[FloatArray, ...]:
        """Probabilities of each agent's types."""
        return self.marginals

    @property
    def independent(self) -> bool:
        """One agent's type says nothing of another's."""
        return True

    def density(self) -> FloatArray:
        """Return the products of the agents' probabilities."""
        return np.asarray(functools.reduce(np.multiply.outer, self.marginals))

    def beliefs(self, agent: int) -> FloatArray:
        """Return the others' probabilities, once for each own type."""
        others = [mass for i, mass in enumerate(self.marginals) if i != agent]
        row = functools.reduce(np.multiply.outer, others, np.ones(())).ravel()
        return np.broadcast_to(row, (self.marginals[agent].size, row.size))

    def interim(self, agent: int, values: FloatArray) -> FloatArray:
        """Return averages over the others' types."""
        return interim(self.marginals, agent, values)


@saved_as("mechopt.Joint")
@dataclass(frozen=True, eq=False)
class Joint(ByContent, Prior):
    """Any joint prior over finite types or cells.

    Parameters
    ----------
    probabilities : array over the profiles
        One probability per profile, summing to 1. Profiles may have probability zero; types may not
        where agents believe in it, in an environment.
    exact
        The probabilities as texts of fractions in row-major order, where they are not the decimals
        that the floats print as; taken from ``probabilities`` unless said.

    Raises
    ------
    InvalidInputError
        For numbers that are no probabilities.

    Notes
    -----
    Source: theory.md, section 3.8.

    Examples
    --------
    >>> prior = Joint([["1/10", "4/10"], ["4/10", "1/10"]])
    >>> prior.beliefs(0)
    array([[0.2, 0.8],
           [0.8, 0.2]])
    >>> prior.in_fractions()[0, 1]
    Fraction(2, 5)

    An environment takes it beside type spaces with its marginals:

    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, solve
    >>> types = TypeSpace.finite([0, 1], ["1/2", "1/2"])
    >>> round(solve(ex_ante_efficiency(BilateralTrade(types, types, prior=prior))).objective, 9)
    0.4
    """

    probabilities: FloatArray
    exact: tuple[str, ...] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        table, exact = _given(self.probabilities)
        object.__setattr__(self, "probabilities", frozen(table))
        if self.exact is None:
            object.__setattr__(self, "exact", exact)
        if table.ndim < 1 or not (table >= 0.0).all() or not np.isfinite(table).all():
            least = f"{table.min(initial=np.inf):g}" if table.size else "nothing"
            raise _no_prior("finite probabilities of at least 0", f"a least entry of {least}")
        if abs(table.sum() - 1.0) > MASS_TOLERANCE:
            raise _no_prior("probabilities that sum to 1", f"a sum of {table.sum():.12g}")
        if self.exact is not None:
            require_agreement("probabilities", self.exact, table.ravel())

    def require_all_types(self) -> None:
        """Raise InvalidInputError if a type has no probability: it has no belief about others."""
        for i, mass in enumerate(self.masses):
            empty = np.flatnonzero(mass == 0.0)
            if empty.size:
                raise _no_prior(
                    "every type of every agent with a positive probability",
                    f"probability 0 of type {empty[0]} of agent {i}",
                )

    @functools.cached_property
    def masses(self) -> tuple[FloatArray, ...]:
        """Probabilities of each agent's types, whatever the others'."""
        table = self.probabilities
        return tuple(frozen(own_first(i, table).sum(axis=1)) for i in range(table.ndim))

    @property
    def independent(self) -> bool:
        """Types may say something of each other."""
        return False

    def density(self) -> FloatArray:
        """Return the table of probabilities."""
        return self.probabilities

    def beliefs(self, agent: int) -> FloatArray:
        """Return each type's conditional probabilities of the others' profiles."""
        self.require_all_types()
        rows = own_first(agent, self.probabilities)
        return np.asarray(rows / self.masses[agent][:, None], dtype=np.float64)

    def interim(self, agent: int, values: FloatArray) -> FloatArray:
        """Return conditional expectations given the own type."""
        weighted = own_first(agent, self.probabilities * values).sum(axis=1)
        return np.asarray(weighted / self.masses[agent], dtype=np.float64)

    def in_fractions(self) -> FractionArray:
        """Return the table of probabilities in fractions, which sum to one exactly.

        Raises
        ------
        InvalidInputError
            If the probabilities as written do not sum to one.
        """
        flat = self.exact or self.probabilities.ravel().tolist()
        exact = fraction_array(as_fraction(value) for value in flat)
        total = sum(exact.tolist(), Fraction(0))
        if total != 1:
            raise InvalidInputError(
                "probabilities that do not sum to one exactly",
                where="prior",
                expected="a sum of 1",
                got=f"{float(total):.17g}",
                remedy='Write them as fractions, such as "1/3".',
            )
        return exact.reshape(self.probabilities.shape)


def _given(values: Any) -> tuple[FloatArray, tuple[str, ...] | None]:
    """Return probabilities as floats, and as texts where any was given as a text or fraction."""
    if isinstance(values, np.ndarray) and values.dtype.kind == "f":
        return np.asarray(values, dtype=np.float64), None
    table = np.array(values, dtype=object)
    flat = table.ravel().tolist()
    if any(isinstance(value, (list, tuple, np.ndarray)) for value in flat):
        raise _no_prior("nested lists of equal lengths", shown(repr(values)))
    exact = tuple(str(as_fraction(value)) for value in flat)
    floats = np.array([float(Fraction(text)) for text in exact]).reshape(table.shape)
    return floats, exact


def _no_prior(expected: str, got: str) -> InvalidInputError:
    return InvalidInputError(
        "not a joint prior",
        where="prior",
        expected=expected,
        got=got,
        remedy="Give one probability per profile; leave types of probability 0 out.",
    )
