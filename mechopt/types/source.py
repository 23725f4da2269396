"""Where the types of an agent come from: one interface for laws of every kind.

Everything is read from the probability of types up to a point and from that of types from a point
on, so that gains of a probability of 1e-15 are known as well as those of one half.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.errors import InvalidInputError
from mechopt.types.quadrature import MAX_PIECES

SMALLEST_WIDTH = 1e-9
# How many intervals to cut where every value of the distribution function is itself an integral.
MAX_SLOW_PIECES = 160
NUM_BISECTIONS = 64
# What tails weigh that an unbounded law may lose.
TAIL = 1e-6
Reached = Callable[[FloatArray], FloatArray]
# Probabilities at whose quantiles the search for what matters begins, from either end.
TAILS = np.concatenate([
    10.0 ** -np.arange(300.0, 20.0, -20.0), 10.0 ** -np.arange(20.0, 1.0, -1.0),
    np.arange(1, 9) / 16.0,
])  # fmt: skip
NONE = np.zeros(0)
NONE.flags.writeable = False


class Errors(NamedTuple):
    """How far the probabilities of a source may be off.

    Parameters
    ----------
    relative
        Relative to the probability, on both sides.
    below, above
        What comes on top, whatever the size of the probability: for that of types up to a point,
        and for that of types from a point on.
    """

    relative: float
    below: float
    above: float


class Source(ABC):
    """A law of types, in money: where its types lie, how likely they are, and how it is saved.

    Subclasses are frozen dataclasses, registered with :func:`mechopt.saved_as`: their fields are
    what is saved, and what the law is known by. They give :attr:`title`, :attr:`support`,
    :meth:`below`, :meth:`above` and :meth:`density`; and, where they have them, their
    :attr:`atoms`, :attr:`gaps` and :attr:`breaks`. All else follows.

    Examples
    --------
    >>> import numpy as np
    >>> from mechopt.types.continuous import ContinuousPrior
    >>> source = ContinuousPrior("beta", (25.0, 1.0))
    >>> bool(source.below(np.array(0.5)) == 0.5**25), source.low, source.high
    (True, 0.0, 1.0)
    """

    @property
    @abstractmethod
    def title(self) -> str:
        """What to call the law in a sentence."""

    @property
    @abstractmethod
    def support(self) -> tuple[float, float]:
        """Lowest and highest type, in money."""

    @abstractmethod
    def below(self, types: FloatArray) -> FloatArray:
        """Return the probability of types up to each, itself included."""

    @abstractmethod
    def above(self, types: FloatArray) -> FloatArray:
        """Return the probability of types from each on, itself included."""

    @abstractmethod
    def density(self, types: FloatArray) -> FloatArray:
        """Return the density at each type, atoms left out."""

    @property
    def atoms(self) -> FloatArray:
        """Types, rising, that have a probability of their own."""
        return NONE

    @property
    def gaps(self) -> tuple[tuple[float, float], ...]:
        """Intervals within the support, rising, without types between their ends."""
        return ()

    @property
    def breaks(self) -> FloatArray:
        """Types, rising, at which the density jumps or bends."""
        return NONE

    @property
    def value_errors(self) -> Errors:
        """How far probabilities may be off."""
        return Errors(1e-12, 0.0, 4 * float(np.finfo(np.float64).eps))

    @property
    def is_slow(self) -> bool:
        """Whether every probability takes an integral."""
        return False

    @property
    def is_positive(self) -> bool:
        """Whether the density is known to be positive everywhere between the ends."""
        return False

    @property
    def uniform_on(self) -> tuple[str, str] | None:
        """Location and width as texts of fractions, of a uniform law; None for others."""
        return None

    @property
    def low(self) -> float:
        """Lowest type."""
        return self.support[0]

    @property
    def high(self) -> float:
        """Highest type."""
        return self.support[1]

    @property
    def max_pieces(self) -> int:
        """How many intervals an integral may be cut into."""
        return MAX_SLOW_PIECES if self.is_slow else MAX_PIECES

    @property
    def is_smooth(self) -> bool:
        """Whether there are neither atoms nor gaps."""
        return not (self.atoms.size or self.gaps)

    def strictly_below(self, types: FloatArray) -> FloatArray:
        """Return the probability of types less than each."""
        at = np.nextafter(types, -np.inf) if self.atoms.size else types
        return self.below(np.asarray(at))

    def strictly_above(self, types: FloatArray) -> FloatArray:
        """Return the probability of types greater than each."""
        at = np.nextafter(types, np.inf) if self.atoms.size else types
        return self.above(np.asarray(at))

    def next_above(self, types: FloatArray) -> FloatArray:
        """Return the lowest type that can occur above each, or the type itself where it can.

        A type at the lower end of a gap leads to the gap's upper end.
        """
        found = np.maximum(types, self.low)
        for start, stop in self.gaps:
            found = np.where((types >= start) & (types < stop), stop, found)
        return np.asarray(found)

    def last_below(self, types: FloatArray) -> FloatArray:
        """Return the highest type that can occur below each, or the type itself where it can.

        A type at the upper end of a gap leads to the gap's lower end.
        """
        found = np.minimum(types, self.high)
        for start, stop in self.gaps:
            found = np.where((types > start) & (types <= stop), start, found)
        return np.asarray(found)

    def quantiles(self, probabilities: FloatArray, *, from_above: bool = False) -> FloatArray:
        """Return the types up to which (from which on) there is each probability, by bisection.

        Bisection takes a bounded number of steps, which searches in foreign code do not.
        """
        low = np.full(probabilities.size, self.low)
        high = np.full(probabilities.size, self.high)
        for _ in range(NUM_BISECTIONS):
            middle = 0.5 * (low + high)
            if from_above:
                lower = self.above(middle) >= probabilities
            else:
                lower = self.below(middle) < probabilities
            low, high = np.where(lower, middle, low), np.where(lower, high, middle)
        # Halving never arrives at an end, where there may be an atom.
        if from_above:
            return np.where(self.above(np.array(self.high)) >= probabilities, self.high, high)
        return np.where(self.below(np.array(self.low)) >= probabilities, self.low, high)

    @cached_property
    def marks(self) -> FloatArray:
        """Types at which the law is cut before integration."""
        return np.concatenate([
            [self.low, self.high],
            self.quantiles(TAILS),
            self.quantiles(TAILS, from_above=True),
            self.atoms,
            self.breaks,
            *self.gaps,
        ])  # fmt: skip


def require_bounded(source: Source) -> None:
    """Refuse a law whose types have no lowest, no highest, or no distance that floats can tell.

    Raises
    ------
    InvalidInputError
        With the quantiles at which an unbounded law may be truncated, and what its tails weigh.

    Examples
    --------
    >>> from mechopt.types.continuous import ContinuousPrior
    >>> require_bounded(ContinuousPrior("expon"))
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: distribution: unbounded support (expected a lowest and a ...
    """
    low, high = source.support
    if not (np.isfinite(low) and np.isfinite(high)):
        raise InvalidInputError(
            "unbounded support",
            where="distribution",
            expected="a lowest and a highest type",
            got=f"{source.title} on [{low:g}, {high:g}]",
            remedy=f"Truncate it{truncation_advice(source.below, source.above, source.support)}.",
        )
    if low == high and source.atoms.size:
        return
    if high - low <= SMALLEST_WIDTH * max(abs(low), abs(high)):
        raise InvalidInputError(
            "types too close to tell apart in floating point",
            where="parameters",
            expected="a support wider than its distance from zero times 1e-9",
            got=f"{source.title} on [{low:.17g}, {high:.17g}]",
            remedy="Measure types from a point nearer to them, or use a larger scale.",
        )


def truncation_advice(below: Reached, above: Reached, support: tuple[float, float]) -> str:
    """Return where an unbounded law may be truncated, and what is cut off there.

    Parameters
    ----------
    below, above
        From types to the probabilities of types up to each, and from each on.
    support
        Lowest and highest type, infinite where there is none.

    Examples
    --------
    >>> truncation_advice(lambda t: 1 - np.exp(-t), lambda t: np.exp(-t), (0.0, np.inf))[:42]
    ', for instance truncate = [0, 13.8155] in '
    """
    low, high = support
    ends = [
        f"{low if np.isfinite(low) else _tail(below, support, TAIL, -1.0):.6g}",
        f"{high if np.isfinite(high) else _tail(above, support, TAIL, 1.0):.6g}",
    ]
    tails = "each tail" if not (np.isfinite(low) or np.isfinite(high)) else "the tail"
    return (
        f", for instance truncate = [{ends[0]}, {ends[1]}] in a file or "
        f"mechopt.priors.truncated(law, {ends[0]}, {ends[1]}), where {tails} cut off weighs 1e-6"
    )


def _tail(reached: Reached, support: tuple[float, float], weight: float, sign: float) -> float:
    """Return the type beyond which there is a probability, of a law without an end there."""
    start = next((end for end in support[::-1] if np.isfinite(end)), 0.0)
    step = 1.0
    while step < 1e150 and float(reached(np.array(start + sign * step))) > weight:
        step *= 2.0
    near, far = start, start + sign * step
    for _ in range(NUM_BISECTIONS):
        middle = 0.5 * (near + far)
        if float(reached(np.array(middle))) > weight:
            near = middle
        else:
            far = middle
    return far
