"""What is known of a type space in exact fractions, kept small and written out on demand.

Floats cannot hold 1/3, so a type space remembers beside its arrays how its numbers were given. The
descriptions here can be saved, cost nothing until they are asked for, and one that knows nothing
says why.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, shown
from mechopt._util.given import DECIMALS
from mechopt._util.rationals import (
    FractionArray,
    as_fraction,
    decimals,
    fraction_array,
    require_agreement,
)
from mechopt._util.registry import saved_as
from mechopt.errors import InvalidInputError

EQUAL = "equal"
# Decimals of this many digits are told apart by floats.
LARGEST_WHOLE = 1e15
# Of more numbers, fractions would take seconds; of those with many digits, few are of use.
MOST_FRACTIONS = 20_000
MOST_LONG_DECIMALS = 2_000


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
            require_agreement(name, getattr(cells, name), getattr(types, name))
        return cells

    @property
    def means_are_decimals(self) -> bool:
        """Whether means stand for the decimals that they print as, which are in the same order."""
        return False

    def whole_means(self, types: Cells) -> WholeNumbers | None:
        """Return the means times a common denominator; None if they are not known exactly.

        Probabilities are not looked at. Of more than 20,000 numbers that would have to be written
        out as fractions, nothing is known either.
        """
        if types.num_cells > MOST_FRACTIONS:
            return None
        try:
            means = self._cells(types).mean
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            return None
        return WholeNumbers.of(means) if means.shape == types.mean.shape else None


@dataclass(frozen=True, eq=False)
class WholeNumbers:
    """Fractions as whole numbers over one denominator.

    Parameters
    ----------
    values
        Whole numbers, as floats or as Python's integers.
    denominator
        What they are divided by.

    Examples
    --------
    >>> WholeNumbers.of(fraction_array([Fraction(1, 2), Fraction(1, 3)])).values
    array([3, 2], dtype=object)
    """

    values: npt.NDArray[Any]
    denominator: int

    @classmethod
    def of(cls, fractions: FractionArray) -> WholeNumbers:
        """Return these fractions over their least common denominator."""
        denominator = math.lcm(*(value.denominator for value in fractions.ravel()))
        return cls(np.asarray(fractions * denominator // 1, dtype=object), denominator)

    @classmethod
    def of_decimals(cls, values: FloatArray) -> WholeNumbers | None:
        """Return floats as the decimals that they print as; None for those with many digits.

        Examples
        --------
        >>> WholeNumbers.of_decimals(np.array([0.29, 1.5])).values
        array([ 29., 150.])
        """
        largest = float(np.abs(values).max(initial=0.0))
        power = 1
        while largest * power < LARGEST_WHOLE:
            whole = np.rint(values * power)
            if (whole / power == values).all():
                return cls(whole, power)
            power *= 10
        return None

    def fractions(self) -> FractionArray:
        """Return the fractions."""
        quotients = [Fraction(int(value), self.denominator) for value in self.values.ravel()]
        return fraction_array(quotients).reshape(self.values.shape)

    def over(self, denominator: int) -> npt.NDArray[Any]:
        """Return the whole numbers over a multiple of the denominator, as Python's integers."""
        factor = denominator // self.denominator
        return fraction_array(int(value) * factor for value in self.values.ravel()).reshape(
            self.values.shape
        )


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

    def whole_means(self, types: Cells) -> WholeNumbers | None:
        """Return the same, of decimals without fractions."""
        if self.means_are_decimals:
            return DecimalCells().whole_means(types)
        return super().whole_means(types)

    @property
    def means_are_decimals(self) -> bool:
        """Whether they were not given as texts."""
        return isinstance(self.types, str)

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

    def whole_means(self, types: Cells) -> WholeNumbers | None:
        """Return the same, without fractions."""
        found = WholeNumbers.of_decimals(types.mean)
        if found is None and types.num_cells <= MOST_LONG_DECIMALS:
            found = WholeNumbers.of(fraction_array(decimals(types.mean)))
        return found

    @property
    def means_are_decimals(self) -> bool:
        """They are."""
        return True


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

    def whole_means(self, types: Cells) -> WholeNumbers | None:
        """Return the same, without a fraction for each cell."""
        loc, half = as_fraction(self.loc), as_fraction(self.scale) / (2 * types.num_cells)
        denominator = math.lcm(loc.denominator, half.denominator)
        start, step = int(loc * denominator), int(half * denominator)
        if abs(start) + 2 * types.num_cells * step > LARGEST_WHOLE:
            return super().whole_means(types)
        odd = 2.0 * np.arange(types.num_cells) + 1.0
        return WholeNumbers(start + step * odd, denominator)


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

    def whole_means(self, types: Cells) -> WholeNumbers | None:
        """Return the same, of a sample of up to 20,000."""
        return super().whole_means(types) if len(self.values) <= MOST_FRACTIONS else None


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
