"""What is known of a type space in exact fractions, kept small and written out on demand.

Floats cannot hold 1/3, so a type space remembers beside its arrays how its numbers were given. The
descriptions here can be saved, cost nothing until they are asked for, and one that knows nothing
says why.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Protocol

import numpy as np

from mechopt._util.arrays import FloatArray, shown
from mechopt._util.given import DECIMALS
from mechopt._util.rationals import FractionArray, as_fraction, decimals, fraction_array
from mechopt._util.registry import saved_as
from mechopt.errors import InvalidInputError

EQUAL = "equal"
# A float of the type space may differ by a few roundings from the fraction that it stands for.
AGREEMENT = 1e-9


@dataclass(frozen=True, eq=False)
class FractionCells:
    """The cells of a type space in fractions, arrays of shape (num_cells,).

    Parameters
    ----------
    mass, mean, lower, upper
        As in :class:`mechopt.TypeSpace`.
    """

    mass: FractionArray
    mean: FractionArray
    lower: FractionArray
    upper: FractionArray


class Cells(Protocol):
    """The cells that a description belongs to: a :class:`mechopt.TypeSpace`."""

    @property
    def mass(self) -> FloatArray:
        """Probability of each cell."""

    @property
    def mean(self) -> FloatArray:
        """Mean of each cell, in money."""

    @property
    def lower(self) -> FloatArray:
        """Lowest type of each cell."""

    @property
    def upper(self) -> FloatArray:
        """Highest type of each cell."""

    @property
    def num_cells(self) -> int:
        """Number of cells."""

    def in_fractions(self) -> FractionCells:
        """Return the cells in fractions."""


class ExactCells(ABC):
    """How the numbers of a type space are known exactly; subclasses are frozen dataclasses."""

    @abstractmethod
    def _cells(self, types: Cells) -> FractionCells:
        """Return the cells in fractions."""

    def of(self, types: Cells) -> FractionCells:
        """Return the cells of a type space in fractions.

        Raises
        ------
        InvalidInputError
            If they are not known, do not sum to exactly one, or contradict the floats.
        """
        try:
            cells = self._cells(types)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            if isinstance(error, InvalidInputError):
                raise
            raise InvalidInputError(
                "not a description of exact cells",
                where="exact",
                expected="what a type space keeps of its data",
                got=shown(repr(self)),
                remedy="Make the type space again from its data.",
            ) from error
        total = sum(cells.mass, Fraction(0))
        if total != 1:
            raise InvalidInputError(
                "probabilities do not sum to exactly one",
                where="probabilities",
                expected="a sum of exactly 1",
                got=f"{float(total):.17g}" if total.denominator > 10**9 else f"{total}",
                remedy='Give them as fractions, such as "1/3", or leave them out if all are equal.',
            )
        for name in ("mass", "mean", "lower", "upper"):
            _check_agreement(name, getattr(cells, name), getattr(types, name))
        return cells


@saved_as("mechopt.GivenTypes")
@dataclass(frozen=True)
class GivenTypes(ExactCells):
    """Finite types as they were given.

    Parameters
    ----------
    types
        ``"decimals"`` if they are the decimals that the floats print as, else a text each.
    probabilities
        ``"equal"``, ``"decimals"``, a text each, or an array of counts.

    Examples
    --------
    >>> from mechopt import TypeSpace
    >>> TypeSpace.finite([0.1, "2/3"]).in_fractions().mean
    array([Fraction(1, 10), Fraction(2, 3)], dtype=object)
    """

    types: str | tuple[str, ...] = DECIMALS
    probabilities: str | tuple[str, ...] | FloatArray = EQUAL

    def _cells(self, types: Cells) -> FractionCells:
        values = decimals(types.mean) if isinstance(self.types, str) else _read(self.types)
        points = fraction_array(values)
        return FractionCells(self.shares(types), points, points, points)

    def shares(self, types: Cells) -> FractionArray:
        """Return the probabilities in fractions."""
        given = self.probabilities
        if isinstance(given, np.ndarray):
            counts = [int(count) for count in given]
            return fraction_array(Fraction(count, sum(counts)) for count in counts)
        if given == EQUAL:
            return fraction_array([Fraction(1, types.num_cells)] * types.num_cells)
        return fraction_array(decimals(types.mass) if isinstance(given, str) else _read(given))


@saved_as("mechopt.DecimalCells")
@dataclass(frozen=True)
class DecimalCells(ExactCells):
    """Cells whose four arrays are the decimals that their floats print as."""

    def _cells(self, types: Cells) -> FractionCells:
        parts = (types.mass, types.mean, types.lower, types.upper)
        return FractionCells(*(fraction_array(decimals(part)) for part in parts))


@saved_as("mechopt.UniformCells")
@dataclass(frozen=True)
class UniformCells(ExactCells):
    """Equally likely cells of a uniform distribution on [loc, loc + scale].

    Parameters
    ----------
    loc, scale
        Texts of the two fractions.

    Examples
    --------
    >>> from mechopt import TypeSpace
    >>> from scipy import stats
    >>> TypeSpace.from_distribution(stats.uniform(0, 1), 3).in_fractions().mean[0]
    Fraction(1, 6)
    """

    loc: str
    scale: str

    def _cells(self, types: Cells) -> FractionCells:
        size = types.num_cells
        loc, scale = as_fraction(self.loc), as_fraction(self.scale)
        edges = fraction_array(loc + scale * Fraction(k, size) for k in range(size + 1))
        mass = fraction_array([Fraction(1, size)] * size)
        return FractionCells(mass, (edges[:-1] + edges[1:]) / 2, edges[:-1], edges[1:])


@saved_as("mechopt.SampleCells")
@dataclass(frozen=True)
class SampleCells(ExactCells):
    """Cells of equal count of a sample.

    Parameters
    ----------
    values
        The sorted sample: an array, read as decimals, or a text each.
    """

    values: FloatArray | tuple[str, ...]

    def _cells(self, types: Cells) -> FractionCells:
        given = self.values
        sample = decimals(given) if isinstance(given, np.ndarray) else _read(given)
        size = types.num_cells
        edges = [k * len(sample) // size for k in range(size + 1)]
        runs = [sample[i:j] for i, j in pairwise(edges)]
        return FractionCells(
            mass=fraction_array(Fraction(len(run), len(sample)) for run in runs),
            mean=fraction_array(sum(run, Fraction(0)) / len(run) for run in runs),
            lower=fraction_array(run[0] for run in runs),
            upper=fraction_array(run[-1] for run in runs),
        )


@saved_as("mechopt.ScaledCells")
@dataclass(frozen=True)
class ScaledCells(ExactCells):
    """The cells of another type space in another unit of money.

    Parameters
    ----------
    original
        The other type space.
    factor
        Text of the fraction that its types are multiplied by.
    """

    original: Cells
    factor: str

    def _cells(self, types: Cells) -> FractionCells:
        del types
        cells, factor = self.original.in_fractions(), as_fraction(self.factor)
        return FractionCells(
            cells.mass, cells.mean * factor, cells.lower * factor, cells.upper * factor
        )


@saved_as("mechopt.NoExactCells")
@dataclass(frozen=True)
class NoExactCells(ExactCells):
    """Nothing is known exactly.

    Parameters
    ----------
    reason
        What the cells are.
    remedy
        What to do about it.
    """

    reason: str
    remedy: str = field(
        default="Use finite types, samples or a uniform distribution, or solve in floats."
    )

    def _cells(self, types: Cells) -> FractionCells:
        raise InvalidInputError(
            "the type space has no exact fractions",
            where="types",
            expected="finite types, a sample, or cells of a uniform distribution",
            got=self.reason,
            remedy=self.remedy,
        )


def shares_of(
    mass: FloatArray, written: str | tuple[str, ...] | FloatArray
) -> str | tuple[str, ...] | FloatArray:
    """Return a description of probabilities, in the one form that equal probabilities have.

    Examples
    --------
    >>> shares_of(np.array([0.5, 0.5]), "decimals"), shares_of(np.array([0.25, 0.75]), "decimals")
    ('equal', 'decimals')
    """
    if (mass != mass[0]).any():
        return written
    if isinstance(written, np.ndarray):
        same = bool((written == written[0]).all())
    elif isinstance(written, str):
        same = as_fraction(float(mass[0])) * mass.size == 1
    else:
        same = set(written) == {str(Fraction(1, mass.size))}
    return EQUAL if same else written


def _read(written: tuple[str, ...]) -> tuple[Fraction, ...]:
    return tuple(as_fraction(text) for text in written)


def _check_agreement(name: str, exact: FractionArray, floats: FloatArray) -> None:
    """Refuse fractions, say of a saved file, that are not what the floats stand for."""
    fits = exact.shape == floats.shape
    if fits:
        near = np.array([float(number) for number in exact.ravel()]).reshape(exact.shape)
        scale = max(float(np.abs(floats).max()), float(np.abs(near).max()))
        fits = bool((np.abs(near - floats) <= AGREEMENT * scale).all())
    if not fits:
        raise InvalidInputError(
            "exact fractions contradict the floats",
            where=name,
            expected=f"{floats.size} fractions equal to the floats up to rounding",
            got=f"{exact.size} that are not",
            remedy="Make the type space again from its data.",
        )
