"""One of several laws, drawn at random: a density with atoms among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from mechopt._util.arrays import FloatArray, frozen
from mechopt._util.registry import saved_as
from mechopt._util.saving import ByContent
from mechopt.errors import InvalidInputError, require
from mechopt.types.checks import check_mass, vector
from mechopt.types.source import Errors, Source

EPSILON = float(np.finfo(np.float64).eps)


@saved_as("mechopt.MixedLaw")
@dataclass(frozen=True, eq=False)
class MixedLaw(ByContent, Source):
    """One of several laws, drawn with given probabilities.

    Parameters
    ----------
    laws
        The laws, finite ones among them: their types are atoms.
    weights : array of shape (num_laws,)
        Their probabilities, positive and summing to one.
    """

    laws: tuple[Source, ...]
    weights: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "laws", tuple(self.laws))
        object.__setattr__(self, "weights", vector("weights", self.weights))
        for law in self.laws:
            require(law, Source, where="laws", remedy="Pass laws from mechopt.priors.")
        if len(self.laws) != self.weights.size:
            raise InvalidInputError(
                "one weight per law is needed",
                where="weights",
                expected=f"{len(self.laws)}",
                got=f"{self.weights.size}",
                remedy="Give each law its probability.",
            )
        check_mass(self.weights, where="weights")

    @property
    def title(self) -> str:
        """What is mixed."""
        return f"a mixture of {', '.join(law.title for law in self.laws)}"

    @cached_property
    def support(self) -> tuple[float, float]:
        """From the lowest type of all laws to the highest."""
        return min(law.low for law in self.laws), max(law.high for law in self.laws)

    @cached_property
    def atoms(self) -> FloatArray:
        """The atoms of all laws."""
        return frozen(np.unique(np.concatenate([law.atoms for law in self.laws])))

    @cached_property
    def gaps(self) -> tuple[tuple[float, float], ...]:
        """The intervals in which none of the laws has types."""
        ends = np.unique(
            np.concatenate([np.ravel([law.support, *law.gaps]) for law in self.laws])
        ).tolist()
        free: list[tuple[float, float]] = []
        atoms = set(self.atoms.tolist())
        for start, stop in pairwise(ends):
            if all(_is_free(law, start, stop) for law in self.laws):
                if free and free[-1][1] == start and start not in atoms and self._empty(start):
                    free[-1] = (free[-1][0], stop)
                else:
                    free.append((start, stop))
        return tuple(free)

    def _empty(self, point: float) -> bool:
        """Return whether no law has types next to a point either."""
        return all(
            point < law.low or point > law.high or any(a < point < c for a, c in law.gaps)
            for law in self.laws
        )

    @cached_property
    def breaks(self) -> FloatArray:
        """The breaks of all laws, and their ends."""
        inner = [np.concatenate([law.breaks, law.support, np.ravel(law.gaps)]) for law in self.laws]
        points = np.unique(np.concatenate(inner))
        return frozen(points[(points > self.low) & (points < self.high)])

    @property
    def value_errors(self) -> Errors:
        """The largest relative error of the laws, and the averages of what comes on top."""
        parts = np.array([law.value_errors for law in self.laws])
        below, above = (self.weights @ parts[:, 1:]).tolist()
        return Errors(float(parts[:, 0].max()) + 4 * EPSILON, below, above)

    @property
    def is_slow(self) -> bool:
        """Whether one of the laws is."""
        return any(law.is_slow for law in self.laws)

    @property
    def is_positive(self) -> bool:
        """Whether the densities are positive and leave no gap."""
        return all(law.is_positive for law in self.laws if not law.atoms.size) and not self.gaps

    def below(self, types: FloatArray) -> FloatArray:
        """Return the probability of types up to each."""
        return self._mean([law.below(types) for law in self.laws])

    def above(self, types: FloatArray) -> FloatArray:
        """Return the probability of types from each on."""
        return self._mean([law.above(types) for law in self.laws])

    def density(self, types: FloatArray) -> FloatArray:
        """Return the density at each type."""
        return self._mean([law.density(types) for law in self.laws])

    def _mean(self, values: Sequence[FloatArray]) -> FloatArray:
        return np.asarray(sum(w * part for w, part in zip(self.weights, values, strict=True)))


def _is_free(law: Source, start: float, stop: float) -> bool:
    outside = stop <= law.low or start >= law.high
    return outside or any(a <= start and stop <= c for a, c in law.gaps)
