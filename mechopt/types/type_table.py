"""Types that are no single numbers: one row of values each, with a label, in no order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, frozen, shown
from mechopt._util.given import DECIMALS, given_numbers, real_array
from mechopt._util.rationals import as_fraction, decimals, fraction_array, scale_factor
from mechopt._util.registry import saved_as
from mechopt._util.rounding import in_figures
from mechopt.errors import InvalidInputError, UnsupportedProblemError
from mechopt.types.checks import LARGEST_NUMBER, check_mass, vector
from mechopt.types.exact import (
    EQUAL,
    ExactCells,
    FractionCells,
    GivenTypes,
    ScaledCells,
    WholeNumbers,
    shares_of,
)
from mechopt.types.type_space import TypeSpace


@saved_as("mechopt.TypeTable")
@dataclass(frozen=True, eq=False, repr=False)
class TypeTable(TypeSpace):
    """Finitely many types without an order, each a row of values: one per good, or alternative.

    What the values are worth is said by the outcomes (:meth:`mechopt.Outcomes.worth`). Incentives
    are required between all pairs of types, payments are those of every profile, and there are no
    virtual valuations. Use :meth:`finite`; this constructor takes the arrays as given.

    Parameters
    ----------
    mass : array of shape (num_types,)
        Probability of each type, positive, summing to one within 1e-9.
    mean : array of shape (num_types, num_values)
        The values of each type: finite numbers in money. Two rows may be alike where labels tell
        the types apart: they may believe different things of the others.
    exact : ExactCells, optional
        How the numbers are known in exact fractions; read as decimals without it.
    labels
        One text for each type, all different; the values unless given.

    Raises
    ------
    InvalidInputError
        If the arrays break any of the above.

    Notes
    -----
    Source: theory.md, section 1.1.

    Examples
    --------
    >>> buyer = TypeTable.finite([[1, 0], [0, 2], [3, 3]])
    >>> buyer.num_cells, buyer.label(1)
    (3, '(0, 2)')
    """

    lower: FloatArray = field(init=False)
    upper: FloatArray = field(init=False)
    prior: None = field(init=False, default=None)
    labels: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "mass", vector("mass", self.mass))
        check_mass(self.mass, where="probabilities")
        values = frozen(real_array(self.mean, "types"))
        for name in ("mean", "lower", "upper"):
            object.__setattr__(self, name, values)
        if values.ndim != 2 or values.shape[0] != self.mass.size or values.shape[1] == 0:
            raise InvalidInputError(
                "not one row of values for each type",
                where="types",
                expected=f"an array of shape ({self.mass.size}, number of values)",
                got=f"shape {values.shape}",
                remedy="Give each type a list of values of the same length.",
            )
        _check_values(values, alike=self.labels is not None)
        if self.labels is not None:
            object.__setattr__(self, "labels", _checked_labels(self.labels, self.num_cells))

    @classmethod
    def finite(
        cls,
        types: Any,
        probabilities: npt.ArrayLike | None = None,
        labels: Sequence[str] | None = None,
    ) -> TypeTable:
        """Return the table of finitely many types.

        Parameters
        ----------
        types : array of shape (num_types, num_values)
            Numbers, fractions, decimals or texts such as ``"2/3"``, in money.
        probabilities : array of shape (num_types,), optional
            Positive, summing to one, likewise; equally likely types if omitted.
        labels
            One text for each type.

        Raises
        ------
        InvalidInputError
            For rows of unequal lengths, repeated types, and probabilities that are no distribution.

        Examples
        --------
        >>> TypeTable.finite([["1/3", 0], [0, 1]], labels=["north", "south"])
        TypeTable(2 types of 2 values: north, south)
        """
        rows = list(types)
        flat, lengths = [], set()
        for row in rows:
            entries = list(row) if np.iterable(row) and not isinstance(row, str) else [row]
            lengths.add(len(entries))
            flat.extend(entries)
        if not rows or len(lengths) != 1:
            raise InvalidInputError(
                "not one row of values for each type",
                where="types",
                expected="rows of one length",
                got=f"rows of lengths {sorted(lengths)}" if rows else "no rows",
                remedy="Give each type a list of values of the same length.",
            )
        numbers, written = given_numbers(flat, "types")
        values = numbers.reshape(len(rows), -1)
        shares: str | tuple[str, ...] | FloatArray = EQUAL
        if probabilities is None:
            mass = np.full(len(rows), 1.0 / len(rows))
        else:
            masses, given = given_numbers(probabilities, "probabilities")
            mass = vector("probabilities", masses)
            if mass.size != len(rows):
                raise InvalidInputError(
                    "as many probabilities as types are needed",
                    where="probabilities",
                    expected=f"{len(rows)} entries",
                    got=f"{mass.size}",
                    remedy="Give one probability per type, or none for equally likely types.",
                )
            shares = shares_of(mass, given)
        return cls(
            mass,
            values,
            GivenTable(written, shares, values.shape[1]),
            None if labels is None else tuple(labels),
        )

    @property
    def is_ordered(self) -> bool:
        """Types are rows of values, not numbers."""
        return False

    @property
    def is_finite(self) -> bool:
        """Every cell is a single type."""
        return True

    @property
    def lowest(self) -> float:
        """The lowest value of any type, in money."""
        return float(self.mean.min())

    @property
    def highest(self) -> float:
        """The highest value of any type, in money."""
        return float(self.mean.max())

    def at_means(self) -> TypeTable:
        """Return the same types: they are finite."""
        return self

    def scaled(self, factor: float) -> TypeTable:
        """Return the same types in another unit of money.

        Back in their first unit they are what they were.

        Examples
        --------
        >>> TypeTable.finite([[1, 0], [0, 2]]).scaled(100).mean.tolist()
        [[100.0, 0.0], [0.0, 200.0]]
        """
        ratio = scale_factor(factor)
        if isinstance(self.exact, ScaledCells) and ratio * as_fraction(self.exact.factor) == 1:
            original = self.exact.original
            if isinstance(original, TypeTable):
                return original
        exact = ScaledCells(self, str(ratio))
        return TypeTable(self.mass, self.mean * factor, exact, self.labels)

    def shifted(self, origin: float) -> TypeTable:
        """Refuse: rows of values have no common origin.

        Raises
        ------
        UnsupportedProblemError
            Always.
        """
        raise UnsupportedProblemError(
            f"{self}: no other origin of types that are rows of values (expected numbers, got "
            f"origin {origin:g})."
        )

    def in_fractions(self) -> FractionCells:
        """Return masses and values in exact fractions.

        Raises
        ------
        InvalidInputError
            For probabilities that do not sum to exactly one.

        Examples
        --------
        >>> TypeTable.finite([[0.1, 0], [0, 1]]).in_fractions().mean[0, 0]
        Fraction(1, 10)
        """
        return self._exactly.of(self)

    def whole_means(self) -> WholeNumbers | None:
        """Return the exact values over one denominator; None where that would take long."""
        return self._exactly.whole_means(self)

    @property
    def means_are_decimals(self) -> bool:
        """Whether means stand for the decimals that they print as, which are in the same order."""
        return self._exactly.means_are_decimals

    @property
    def _exactly(self) -> ExactCells:
        return self.exact or GivenTable(DECIMALS, DECIMALS, self.mean.shape[1])

    def label(self, cell: int) -> str:
        """Return the label of one type, or its values."""
        if self.labels is not None:
            return self.labels[cell]
        return f"({', '.join(in_figures(value) for value in self.mean[cell])})"

    def __repr__(self) -> str:
        some = ", ".join(self.label(k) for k in range(min(self.num_cells, 4)))
        more = ", ..." if self.num_cells > 4 else ""
        return f"TypeTable({self.num_cells} types of {self.mean.shape[1]} values: {some}{more})"


@saved_as("mechopt.GivenTable")
@dataclass(frozen=True)
class GivenTable(ExactCells):
    """A table of types as it was given.

    Parameters
    ----------
    types
        ``"decimals"`` if the values are the decimals that the floats print as, else a text each, in
        row-major order.
    probabilities
        ``"equal"``, ``"decimals"``, or a text each.
    num_values
        Number of values of a type.
    """

    types: str | tuple[str, ...]
    probabilities: str | tuple[str, ...] | FloatArray
    num_values: int

    def _cells(self, types: Any) -> FractionCells:
        given = GivenTypes(self.types, self.probabilities)
        flat = decimals(types.mean.ravel()) if isinstance(self.types, str) else self.types
        points = fraction_array(as_fraction(value) for value in flat)
        table = points.reshape(-1, self.num_values)
        return FractionCells(given.shares(types), table, table, table)


def _check_values(values: FloatArray, *, alike: bool) -> None:
    """Refuse values that are no money, and types that nothing tells apart."""
    if not (np.abs(values) <= LARGEST_NUMBER).all():
        k, j = map(int, np.argwhere(~(np.abs(values) <= LARGEST_NUMBER))[0])
        raise InvalidInputError(
            "not finite" if not np.isfinite(values[k, j]) else "too large",
            where="types",
            expected="finite numbers up to 1e150",
            got=f"{values[k, j]} as value {j} of type {k}",
            remedy="Give finite numbers.",
        )
    if alike:
        return
    seen: dict[tuple[float, ...], int] = {}
    for k, row in enumerate((values + 0.0).tolist()):
        first = seen.setdefault(tuple(row), k)
        if first != k:
            raise InvalidInputError(
                "two types are alike",
                where="types",
                expected="types that differ in a value",
                got=f"type {first} and type {k}, both {shown(repr(row))}",
                remedy="Merge them and add their probabilities, or give each type a label.",
            )


def _checked_labels(labels: Sequence[str], size: int) -> tuple[str, ...]:
    texts = tuple(labels)
    good = len(texts) == size and all(isinstance(text, str) and text for text in texts)
    if not good or len(set(texts)) != size:
        raise InvalidInputError(
            "not the labels of the types",
            where="labels",
            expected=f"{size} texts, all different",
            got=shown(repr(texts)),
            remedy="Give one text for each type, or leave them out.",
        )
    return texts
