"""What types are measured from, where floats could not tell them apart otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mechopt.types.samples import Sample

# What rounding may move a type by, as a share of the range of all types.
TOLERATED = Fraction(1, 10**9)
# Half a unit in the last place, relative to the number.
ROUNDING = 2.0**-53


@dataclass(frozen=True)
class Measured:
    """The ends of an agent's types, and how far floats are from them.

    Parameters
    ----------
    lowest, highest
        The ends, exactly.
    rounding
        The largest distance of a type from its float.

    Examples
    --------
    >>> Measured.of([Fraction(2**53), Fraction(2**53 + 1)]).rounding
    Fraction(1, 1)
    """

    lowest: Fraction
    highest: Fraction
    rounding: Fraction

    @classmethod
    def of(cls, numbers: Sequence[Fraction]) -> Measured:
        """Return the ends of a list of numbers."""
        low, high = min(numbers), max(numbers)
        rounding = max(abs(number - Fraction(float(number))) for number in numbers)
        return cls(low, high, rounding)

    @classmethod
    def of_sample(cls, sample: Sample) -> Measured:
        """Return the ends of a sample; one that floats resolve well is not looked at closely."""
        low, high = float(sample.values.min()), float(sample.values.max())
        size = max(abs(low), abs(high))
        if size * ROUNDING <= float(TOLERATED) * (high - low):
            return cls(Fraction(low), Fraction(high), Fraction(size * ROUNDING))
        return cls.of(sample.fractions())

    @classmethod
    def of_interval(cls, low: float, high: float) -> Measured:
        """Return the ends of a distribution, which are floats."""
        return cls(Fraction(low), Fraction(high), Fraction(0))


def needed_origin(measured: Iterable[Measured]) -> Fraction | None:
    """Return the lowest type, if types have to be measured from it, or None.

    They have to where floats move one of them by more than a billionth of the range of all.

    Examples
    --------
    >>> sides = [[Fraction(2**53), Fraction(2**53 + 1)], [Fraction(2**53 + 3)]]
    >>> needed_origin(map(Measured.of, sides)) == 2**53
    True
    >>> needed_origin(map(Measured.of, [[Fraction(1, 3)], [Fraction(2, 3)]]))
    """
    sides = list(measured)
    if not sides:
        return None
    low, high = min(side.lowest for side in sides), max(side.highest for side in sides)
    return low if max(side.rounding for side in sides) > TOLERATED * (high - low) > 0 else None
