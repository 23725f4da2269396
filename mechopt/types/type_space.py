"""The type space: ordered cells with a mass, a mean, and the lowest and highest type in each."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, frozen, shown
from mechopt._util.given import given_numbers
from mechopt._util.rationals import as_fraction, scale_factor
from mechopt._util.registry import saved_as
from mechopt._util.rounding import entry_in_figures, told_apart
from mechopt._util.saving import ByContent
from mechopt.errors import InvalidInputError
from mechopt.types.checks import check_distinct, check_mass, check_order, vector, whole_number
from mechopt.types.exact import (
    EQUAL,
    DecimalCells,
    ExactCells,
    FractionCells,
    GivenTypes,
    NoExactCells,
    SampleCells,
    ScaledCells,
    UniformCells,
    WholeNumbers,
    shares_of,
)

if TYPE_CHECKING:
    from mechopt.types.source import Source

# Cells of a law are kept for the next who asks, up to so many of them: at most 20 MB in all.
MOST_KEPT = 10_000


@saved_as("mechopt.TypeSpace")
@dataclass(frozen=True, eq=False, repr=False)
class TypeSpace(ByContent):
    """An agent's possible types: an ordered list of cells (theory.md, section 1).

    A mechanism treats all types of a cell alike. For *finite types* every cell is one point;
    for *cells of a continuum* the cells cut the support of a continuous prior at quantiles, and a
    mechanism over them is a mechanism of the continuum. Use :meth:`finite`,
    :meth:`from_distribution` or :meth:`from_samples`; this constructor takes the cells as given.

    Parameters
    ----------
    mass : array of shape (num_cells,)
        Probability of each cell, positive, summing to one within 1e-9.
    mean, lower, upper : arrays of shape (num_cells,)
        Mean, lowest and highest type of each cell in money, with
        ``lower <= mean <= upper`` and ``upper[k-1] <= lower[k]``.
    prior : Source, optional
        The law of the continuum that the cells cut up; None for finite types.
    exact : ExactCells, optional
        How the numbers are known in exact fractions. Without it they are read as the decimals that
        the floats print as, except that cells of a prior are not known exactly.

    Raises
    ------
    InvalidInputError
        If the arrays break any of the above. Nothing is sorted, clipped or renormalised.

    Examples
    --------
    >>> cells = TypeSpace(mass=[0.5, 0.5], mean=[0.25, 0.75], lower=[0, 0.5], upper=[0.5, 1])
    >>> cells.num_cells, cells.is_finite
    (2, False)
    """

    mass: FloatArray
    mean: FloatArray
    lower: FloatArray
    upper: FloatArray
    prior: Source | None = field(default=None)
    exact: ExactCells | None = field(default=None)

    def __post_init__(self) -> None:
        if not isinstance(self.exact, ExactCells | None):
            raise InvalidInputError(
                "not a description of exact cells",
                where="exact",
                expected="an ExactCells, or None",
                got=shown(repr(self.exact)),
                remedy="Leave it out.",
            )
        for name in ("mass", "mean", "lower", "upper"):
            object.__setattr__(self, name, vector(name, getattr(self, name)))
        sizes = {name: getattr(self, name).size for name in ("mass", "mean", "lower", "upper")}
        if len(set(sizes.values())) != 1:
            raise InvalidInputError(
                "arrays of unequal length",
                where="mean",
                expected="as many means, lower and upper types as masses",
                got=", ".join(f"{size} {name}" for name, size in sizes.items()),
                remedy="Give one entry per cell in each.",
            )
        check_mass(self.mass)
        check_order(self.mean, self.lower, self.upper)
        if self.prior is not None:
            low, high = self.prior.support
            if not np.allclose([self.lowest, self.highest], [low, high], rtol=1e-9, atol=0.0):
                raise InvalidInputError(
                    "cells that do not cover their prior",
                    where="prior",
                    expected=f"cells from {low:.12g} to {high:.12g}",
                    got=f"{self.lowest:.12g} to {self.highest:.12g}",
                    remedy="Use TypeSpace.from_distribution, or leave prior out.",
                )

    @classmethod
    def finite(cls, types: npt.ArrayLike, probabilities: npt.ArrayLike | None = None) -> TypeSpace:
        """Return the type space of finitely many types.

        Parameters
        ----------
        types : array of shape (num_types,)
            Strictly increasing, in money. Fractions, decimals and texts such as ``"2/3"`` are
            accepted too; they become floats, and are kept for :meth:`in_fractions`.
        probabilities : array of shape (num_types,), optional
            Positive, summing to one, likewise; equally likely types if omitted.

        Raises
        ------
        InvalidInputError
            For types out of order or repeated, and probabilities that are no distribution.

        Examples
        --------
        >>> TypeSpace.finite([1, 2, 3], [0.2, 0.3, 0.5])
        TypeSpace(3 types in [1, 3], mean 2.3)
        """
        numbers, exact_types = given_numbers(types, "types")
        values = vector("types", numbers)
        backwards = np.flatnonzero(np.diff(values) <= 0)
        if backwards.size:
            place = int(backwards[0])
            what = "types are not strictly increasing as floats, though not equal"
            check_distinct(what, "types", values, exact_types)
            raise InvalidInputError(
                "types are not strictly increasing",
                where="types",
                expected="each type above the one before it",
                got=f"{values[place]:.12g} followed by {values[place + 1]:.12g}",
                remedy="Sort the types with their probabilities and merge equal ones.",
            )
        shares: str | tuple[str, ...] | FloatArray = EQUAL
        if probabilities is None:
            mass = np.full(values.size, 1.0 / values.size)
        else:
            numbers, written = given_numbers(probabilities, "probabilities")
            mass = vector("probabilities", numbers)
            if mass.size != values.size:
                raise InvalidInputError(
                    "as many probabilities as types are needed",
                    where="probabilities",
                    expected=f"{values.size} entries",
                    got=f"{mass.size}",
                    remedy="Give one probability per type, or none for equally likely types.",
                )
            check_mass(mass, where="probabilities")
            shares = shares_of(mass, written)
        exact = GivenTypes(exact_types, shares)
        return cls(mass=mass, mean=values, lower=values, upper=values, exact=exact)

    @classmethod
    def from_distribution(
        cls,
        distribution: Any,
        num_cells: int | None = None,
        *,
        edges: npt.ArrayLike | None = None,
        highest_of: int | None = None,
    ) -> TypeSpace:
        """Return cells of a bounded distribution: equally likely ones, or between given edges.

        Cells are cut at the quantiles k/num_cells. Their means are integrals, by Gauss points where
        those are exact to rounding and by adaptive quadrature elsewhere (near an end where the
        density vanishes or blows up, or at a kink). An atom is a cell of its own, and no cell
        reaches over a gap between types: there are at least as many cells as that takes. A discrete
        distribution is finite types, each with its probability.

        Parameters
        ----------
        distribution
            A frozen ``scipy.stats`` distribution, such as ``stats.beta(2, 3)``, one of its newer
            distribution objects, or a law from :mod:`mechopt.priors`.
        num_cells
            How many cells, at least 1; not for discrete distributions.
        edges : array of shape (num_edges,), optional
            Where to cut instead, rising, within the support; its ends may be left out.
        highest_of
            How many draws compete, at least 1: cells are then spaced in how many of so many draws
            lie above, finest at the top, where the highest draw is; equally likely for one. Of K
            units for n agents, n/K draws compete for each.

        Raises
        ------
        InvalidInputError
            For something that is no such distribution, or has unbounded support; for edges out of
            order, outside the support, or with no probability between them; for edges beside
            ``highest_of``.

        Examples
        --------
        >>> from scipy import stats
        >>> cells = TypeSpace.from_distribution(stats.uniform(0, 1), 4)
        >>> cells.mean
        array([0.125, 0.375, 0.625, 0.875])
        >>> TypeSpace.from_distribution(stats.uniform(0, 1), edges=[0.5, 0.75]).mass
        array([0.5 , 0.25, 0.25])
        >>> TypeSpace.from_distribution(stats.uniform(0, 1), 9, highest_of=500).lower.round(3)
        array([0.   , 0.5  , 0.97 , 0.976, 0.982, 0.987, 0.992, 0.995, 0.998])
        >>> TypeSpace.from_distribution(stats.binom(2, 0.5)).in_fractions().mass
        array([Fraction(1, 4), Fraction(1, 2), Fraction(1, 4)], dtype=object)
        """
        from mechopt.types.continuous import ContinuousPrior
        from mechopt.types.sources.any_law import law_of

        law = law_of(distribution)
        if isinstance(law, tuple):
            types, probabilities = law
            given = {"edges": edges, "num_cells": num_cells, "highest_of": highest_of}
            for name, value in given.items():
                if value is not None:
                    raise InvalidInputError(
                        "a discrete distribution needs no cells",
                        where=name,
                        expected="nothing",
                        got=shown(value),
                        remedy="Leave it out: each type is one.",
                    )
            return cls.finite(types, probabilities)
        count = None if num_cells is None else whole_number("num_cells", num_cells)
        at = None if edges is None else vector("edges", edges)
        draws = None if highest_of is None else whole_number("highest_of", highest_of)
        keeps = isinstance(law, ContinuousPrior) and at is None and cls is TypeSpace
        if keeps and draws in (None, 1) and count is not None and count <= MOST_KEPT:
            return _kept_cells(law, count)
        return cls._of_law(law, count, at, draws)

    @classmethod
    def _of_law(
        cls,
        law: Source,
        num_cells: int | None,
        edges: FloatArray | None = None,
        draws: int | None = None,
    ) -> TypeSpace:
        from mechopt.types.sources.cells_of import cells_of

        cells = cells_of(law, num_cells, edges, draws)
        exact = None
        if law.uniform_on is not None and edges is None and draws in (None, 1):
            exact = UniformCells(*law.uniform_on)
        return cls(cells.mass, cells.mean, cells.lower, cells.upper, prior=law, exact=exact)

    @classmethod
    def from_samples(cls, values: npt.ArrayLike, *, cells: int | None = None) -> TypeSpace:
        """Return the type space of a sample.

        Without ``cells``, each distinct value is a type, and its mass is its share of the sample.
        With ``cells``, the sorted sample is cut into that many cells of equal count (counts differ
        by at most one); each has the mean, the smallest and the largest of its values.

        Parameters
        ----------
        values : array of shape (sample_size,)
            Observed types in any order, in money.
        cells
            How many cells, from 1 to the sample size.

        Raises
        ------
        InvalidInputError
            For values that are not finite numbers, or more cells than values.

        Examples
        --------
        >>> TypeSpace.from_samples([3, 1, 3, 2]).mass
        array([0.25, 0.25, 0.5 ])
        >>> TypeSpace.from_samples([3, 1, 3, 2], cells=2).upper
        array([2., 3.])
        """
        numbers, written = given_numbers(values, "values")
        given = vector("values", numbers)
        sample, in_order = np.sort(given), written
        if not isinstance(written, str):
            # Numbers that are equal as floats are in order too.
            exact_order = {text: as_fraction(text) for text in set(written)}
            in_order = tuple(sorted(written, key=exact_order.__getitem__))
        if cells is None:
            return cls._of_values(sample, in_order)
        num_cells = whole_number("cells", cells)
        if num_cells > sample.size:
            raise InvalidInputError(
                "more cells than sample values",
                where="cells",
                expected=f"at most {sample.size}",
                got=f"{num_cells}",
                remedy="Ask for fewer cells, or leave cells out to use every value.",
            )
        edges = np.arange(num_cells + 1) * sample.size // num_cells
        counts = np.diff(edges)
        lower, upper = sample[edges[:-1]], sample[edges[1:] - 1]
        means = np.add.reduceat(sample, edges[:-1]) / counts
        # The mean of equal numbers can leave their value by one rounding.
        means = np.clip(means, lower, upper)
        sample.flags.writeable = False
        exact = SampleCells(sample if isinstance(in_order, str) else in_order)
        return cls(counts / sample.size, means, lower, upper, exact=exact)

    @classmethod
    def _of_values(cls, sample: FloatArray, written: str | tuple[str, ...]) -> TypeSpace:
        """Return the type space of a sorted sample, of which each distinct value is a type."""
        types, first, counts = np.unique(sample, return_index=True, return_counts=True)
        mass = counts / sample.size
        shares = shares_of(mass, frozen(counts))
        check_distinct("two values that differ are equal as floats", "values", sample, written)
        one_each = written if isinstance(written, str) else tuple(written[i] for i in first)
        return cls(mass, types, types, types, exact=GivenTypes(one_each, shares))

    @property
    def num_cells(self) -> int:
        """Number of cells."""
        return int(self.mass.size)

    @property
    def is_ordered(self) -> bool:
        """Whether types are numbers; they are, unless this is a :class:`TypeTable`."""
        return True

    @property
    def is_finite(self) -> bool:
        """Whether every cell is a single type."""
        return bool(np.array_equal(self.lower, self.upper))

    @property
    def lowest(self) -> float:
        """Lowest type, in money."""
        return float(self.lower[0])

    @property
    def highest(self) -> float:
        """Highest type, in money."""
        return float(self.upper[-1])

    @property
    def mean_share(self) -> FloatArray:
        """How far each cell's mean lies from its lower end to its upper one; 0 in a single type."""
        width = self.upper - self.lower
        zero = np.zeros(width.size)
        return np.divide(self.mean - self.lower, width, out=zero, where=width > 0.0)

    def expectation(self, values: npt.ArrayLike) -> float:
        """Return the expectation of one value per cell.

        Examples
        --------
        >>> TypeSpace.finite([0, 1], [0.25, 0.75]).expectation([4, 8])
        7.0
        """
        return float(self.mass @ np.asarray(values, dtype=np.float64))

    def at_means(self) -> TypeSpace:
        """Return finite types at the means of the cells, with the cells' probabilities.

        A mechanism over them is none of the continuum, but approximates one. Cells with one mean
        (of equal samples) become one type.

        Examples
        --------
        >>> TypeSpace([0.5, 0.5], [0.25, 0.75], [0, 0.5], [0.5, 1]).at_means()
        TypeSpace(2 types in [0.25, 0.75], mean 0.5)
        """
        if self.is_finite:
            return self
        types, first = np.unique(self.mean, return_index=True)
        try:
            cells = self.in_fractions()
        except InvalidInputError:
            equal = types.size == self.num_cells and np.ptp(self.mass) == 0.0
            mass = None if equal else np.add.reduceat(self.mass, first)
            return TypeSpace.finite(types, mass)
        mass = np.add.reduceat(cells.mass, first)
        return TypeSpace.finite(list(cells.mean[first]), list(mass))

    def scaled(self, factor: float) -> TypeSpace:
        """Return the same types in another unit of money; the link to a prior is dropped.

        Back in their first unit they are what they were.

        Examples
        --------
        >>> TypeSpace.finite([1, 2]).scaled(100).mean
        array([100., 200.])
        """
        ratio = scale_factor(factor)
        if isinstance(self.exact, ScaledCells) and ratio * as_fraction(self.exact.factor) == 1:
            original = self.exact.original
            if isinstance(original, TypeSpace):
                return original
        return TypeSpace(
            self.mass,
            self.mean * factor,
            self.lower * factor,
            self.upper * factor,
            exact=ScaledCells(self, str(ratio)),
        )

    def shifted(self, origin: float) -> TypeSpace:
        """Return the same types measured from another origin; the link to a prior is dropped.

        Differences of nearby floats are exact, so that types far from zero lose no digit.
        Types far from the new origin may become one float; they stay types of their own.

        Examples
        --------
        >>> TypeSpace.finite([1e14, 1e14 + 1]).shifted(1e14).mean
        array([0., 1.])
        """
        return TypeSpace(
            self.mass,
            self.mean - origin,
            self.lower - origin,
            self.upper - origin,
            exact=NoExactCells("types measured from another origin"),
        )

    def in_fractions(self) -> FractionCells:
        """Return the cells in exact fractions, whose sums and products are not rounded.

        Fractions, whole numbers and texts are what they say; floats are the decimals that they
        print as, so that 0.1 is 1/10; shares of a sample and cells of a uniform distribution are
        ratios of whole numbers.

        Raises
        ------
        InvalidInputError
            For cells of other distributions, and probabilities that do not sum to exactly one.

        Examples
        --------
        >>> TypeSpace.finite([0.1, "2/3", 1]).in_fractions().mean
        array([Fraction(1, 10), Fraction(2, 3), Fraction(1, 1)], dtype=object)
        """
        return self._exactly.of(self)

    def whole_means(self) -> WholeNumbers | None:
        """Return the exact means over one denominator; None where they are not known, or in time.

        Examples
        --------
        >>> TypeSpace.finite([0.1, 0.25]).whole_means().values
        array([10., 25.])
        """
        return self._exactly.whole_means(self)

    @property
    def means_are_decimals(self) -> bool:
        """Whether means stand for the decimals that they print as, which are in the same order."""
        return self._exactly.means_are_decimals

    @property
    def _exactly(self) -> ExactCells:
        if self.exact is None and self.prior is not None:
            return NoExactCells(f"cells of {self.prior.title}")
        return self.exact or DecimalCells()

    def label(self, cell: int) -> str:
        """Return a short text for one cell, such as ``0.5`` or ``0.4..0.6``.

        It has as many figures as tell the cell from its neighbours.
        """
        if self.lower[cell] == self.upper[cell]:
            return entry_in_figures(self.mean, cell)
        low, high = float(self.lower[cell]), float(self.upper[cell])
        return f"{told_apart(low, high)}..{told_apart(high, low)}"

    def __len__(self) -> int:
        return self.num_cells

    def __repr__(self) -> str:
        kind = "types" if self.is_finite else "cells"
        mean = self.expectation(self.mean)
        low, high = self.lowest, self.highest
        ends = f"[{told_apart(low, high)}, {told_apart(high, low)}]"
        apart = (low, high) if low < mean < high else ()
        return f"TypeSpace({self.num_cells} {kind} in {ends}, mean {told_apart(mean, *apart)})"


# Sweeps, brackets and comparisons ask for the same cells of the same law again and again.
@lru_cache(maxsize=64)
def _kept_cells(law: Source, num_cells: int) -> TypeSpace:
    return TypeSpace._of_law(law, num_cells)
