"""A law cut off below and above."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.registry import saved_as
from mechopt.errors import InvalidInputError, require
from mechopt.types.source import Errors, Source

EPSILON = float(np.finfo(np.float64).eps)
# Less is left of a law than its own probabilities are known to.
LEAST_LEFT = 1e-200


@saved_as("mechopt.Truncated")
@dataclass(frozen=True)
class Truncated(Source):
    """A law on condition that its types lie between two numbers, both included.

    Parameters
    ----------
    law
        The law, bounded or not.
    lowest, highest
        The numbers, in money; infinite where nothing is cut off.
    """

    law: Source
    lowest: float
    highest: float

    def __post_init__(self) -> None:
        require(self.law, Source, where="law", remedy="Pass a law from mechopt.priors.")
        low, high = self.support
        single = low == high and low in self.law.atoms
        if not (low < high or single) or not self._left >= LEAST_LEFT:
            raise InvalidInputError(
                "nothing is left",
                where="truncate",
                expected="two numbers, the lower one first, between which there is probability",
                got=f"{self.lowest:.12g} and {self.highest:.12g} of {self.law.title} on "
                f"[{self.law.low:.6g}, {self.law.high:.6g}]",
                remedy="Correct the numbers, or the parameters of the law.",
            )

    @property
    def title(self) -> str:
        """The law and where it is cut off."""
        return f"{self.law.title} truncated to [{self.low:.9g}, {self.high:.9g}]"

    @cached_property
    def support(self) -> tuple[float, float]:
        """The overlap of the law's support and the two numbers."""
        low, high = max(self.law.low, self.lowest), min(self.law.high, self.highest)
        if low <= high and self.law.gaps:
            # An end within a gap has no types next to it.
            low, high = (
                float(self.law.next_above(np.array(low))) if self._in_gap(low) else low,
                float(self.law.last_below(np.array(high))) if self._in_gap(high) else high,
            )
        return low, high

    def _in_gap(self, end: float) -> bool:
        """Return whether an end lies in a gap, or at a gap's end without types of its own."""
        isolated = end in self.law.atoms
        return not isolated and any(a <= end <= c for a, c in self.law.gaps)

    @cached_property
    def _ends(self) -> tuple[float, float, float, float]:
        """Probabilities below and above the low end, without it, and the same of the high end."""
        low, high = map(np.array, self.support)
        under = float(self.law.strictly_below(low)) if self.low > self.law.low else 0.0
        over = float(self.law.strictly_above(high)) if self.high < self.law.high else 0.0
        return under, float(self.law.above(low)), float(self.law.below(high)), over

    @cached_property
    def _left(self) -> float:
        under, from_low, to_high, over = self._ends
        if from_low < 0.5:
            return from_low - over
        return to_high - under if to_high < 0.5 else (1.0 - under) - over

    @property
    def atoms(self) -> FloatArray:
        """The law's atoms that are left."""
        return _within(self.law.atoms, *self.support)

    @property
    def gaps(self) -> tuple[tuple[float, float], ...]:
        """The law's gaps that are left."""
        low, high = self.support
        return tuple((a, c) for a, c in self.law.gaps if low <= a and c <= high)

    @property
    def breaks(self) -> FloatArray:
        """The law's breaks that are left."""
        return _within(self.law.breaks, *self.support)

    @property
    def value_errors(self) -> Errors:
        """Those of the law, grown as what is left of it is smaller."""
        relative, below, above = self.law.value_errors
        _, from_low, to_high, _ = self._ends
        if from_low < 0.5:
            off = (2 * EPSILON + 2 * relative) * from_low + 2 * above
        else:
            off = (2 * EPSILON + 2 * relative) * min(to_high, 1.0) + 2 * below
        if self.low <= self.law.low and self.high >= self.law.high:
            off = 0.0
        off /= self._left
        return Errors(2 * relative, off + below / self._left, off + above / self._left)

    @property
    def is_slow(self) -> bool:
        """Whether the law is."""
        return self.law.is_slow

    @property
    def is_positive(self) -> bool:
        """Whether the law's density is."""
        return self.law.is_positive

    def below(self, types: FloatArray) -> FloatArray:
        """Return the probability of types up to each."""
        under, from_low, _, _ = self._ends
        at = np.clip(types, *self.support)
        if from_low < 0.5:
            rise = from_low - self.law.strictly_above(at)
        else:
            rise = self.law.below(at) - under
        rise = np.where(types >= self.high, self._left, np.clip(rise, 0.0, self._left))
        return np.where(types < self.low, 0.0, rise / self._left)

    def above(self, types: FloatArray) -> FloatArray:
        """Return the probability of types from each on."""
        _, from_low, to_high, over = self._ends
        at = np.clip(types, *self.support)
        if to_high < 0.5 and from_low >= 0.5:
            fall = to_high - self.law.strictly_below(at)
        else:
            fall = self.law.above(at) - over
        fall = np.where(types <= self.low, self._left, np.clip(fall, 0.0, self._left))
        return np.where(types > self.high, 0.0, fall / self._left)

    def density(self, types: FloatArray) -> FloatArray:
        """Return the density at each type."""
        inside = (types >= self.low) & (types <= self.high)
        return np.where(inside, self.law.density(types) / self._left, 0.0)


def _within(points: FloatArray, low: float, high: float) -> FloatArray:
    return points[(points >= low) & (points <= high)]
