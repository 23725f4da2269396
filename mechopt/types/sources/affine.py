"""A law in another unit and from another origin, or turned around."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.rationals import as_fraction, require_agreement
from mechopt._util.registry import saved_as
from mechopt.errors import InvalidInputError, require
from mechopt.types.source import Errors, Source


@saved_as("mechopt.Affine")
@dataclass(frozen=True)
class Affine(Source):
    """A law of types multiplied by a number, with another added.

    Parameters
    ----------
    law
        The law.
    factor
        What its types are multiplied by, not zero; below zero, its highest type is the lowest.
    shift
        What is added then, in money.
    exact
        Texts of the factor and the shift as fractions, where they are not the decimals that the
        floats print as.
    """

    law: Source
    factor: float = 1.0
    shift: float = 0.0
    exact: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        require(self.law, Source, where="law", remedy="Pass a law from mechopt.priors.")
        if not (np.isfinite(self.factor) and np.isfinite(self.shift)) or self.factor == 0:
            raise InvalidInputError(
                "not a change of scale and origin",
                where="factor, shift",
                expected="finite numbers, the factor not zero",
                got=f"{self.factor:g} and {self.shift:g}",
                remedy="A law of one type is mechopt.priors.finite([type]).",
            )
        if self.exact is not None:
            require_agreement("factor, shift", self.exact, (self.factor, self.shift))

    @property
    def title(self) -> str:
        """The law and what is done to it."""
        return f"{self.law.title} times {self.factor:.9g} plus {self.shift:.9g}"

    def _to(self, types: Any) -> Any:
        return self.factor * types + self.shift

    def _back(self, types: FloatArray) -> FloatArray:
        """Return the law's types, with its own special ones hit exactly."""
        found = np.asarray((types - self.shift) / self.factor)
        special = self._special
        if special.size:
            images = self._to(special)
            order = np.argsort(images)
            at = np.clip(np.searchsorted(images[order], types), 0, special.size - 1)
            found = np.where(images[order][at] == types, special[order][at], found)
        return found

    @cached_property
    def _special(self) -> FloatArray:
        ends = np.array([end for end in self.law.support if np.isfinite(end)])
        return np.unique(np.concatenate([ends, self.law.atoms, np.ravel(self.law.gaps)]))

    @cached_property
    def support(self) -> tuple[float, float]:
        """The ends of the law's support, changed."""
        low, high = sorted((self._to(self.law.low), self._to(self.law.high)))
        return float(low), float(high)

    @cached_property
    def atoms(self) -> FloatArray:
        """The law's atoms, changed."""
        return np.sort(self._to(self.law.atoms))

    @cached_property
    def gaps(self) -> tuple[tuple[float, float], ...]:
        """The law's gaps, changed."""
        changed = sorted(tuple(sorted(map(self._to, gap))) for gap in self.law.gaps)
        return tuple((float(a), float(c)) for a, c in changed)

    @cached_property
    def breaks(self) -> FloatArray:
        """The law's breaks, changed."""
        return np.sort(self._to(self.law.breaks))

    @property
    def value_errors(self) -> Errors:
        """Those of the law, the two sides exchanged by a factor below zero."""
        relative, below, above = self.law.value_errors
        return Errors(relative, *((below, above) if self.factor > 0 else (above, below)))

    @property
    def is_slow(self) -> bool:
        """Whether the law is."""
        return self.law.is_slow

    @property
    def is_positive(self) -> bool:
        """Whether the law's density is."""
        return self.law.is_positive

    @property
    def uniform_on(self) -> tuple[str, str] | None:
        """Location and width of a changed uniform law; None for others."""
        inner = self.law.uniform_on
        if inner is None:
            return None
        start, width = map(as_fraction, inner)
        factor, shift = map(as_fraction, self.exact or (self.factor, self.shift))
        low = min(factor * start, factor * (start + width)) + shift
        return str(low), str(abs(factor) * width)

    def below(self, types: FloatArray) -> FloatArray:
        """Return the probability of types up to each."""
        return (self.law.below if self.factor > 0 else self.law.above)(self._back(types))

    def above(self, types: FloatArray) -> FloatArray:
        """Return the probability of types from each on."""
        return (self.law.above if self.factor > 0 else self.law.below)(self._back(types))

    def strictly_below(self, types: FloatArray) -> FloatArray:
        """Return the probability of types less than each."""
        law = self.law
        return (law.strictly_below if self.factor > 0 else law.strictly_above)(self._back(types))

    def strictly_above(self, types: FloatArray) -> FloatArray:
        """Return the probability of types greater than each."""
        law = self.law
        return (law.strictly_above if self.factor > 0 else law.strictly_below)(self._back(types))

    def density(self, types: FloatArray) -> FloatArray:
        """Return the density at each type."""
        return self.law.density(self._back(types)) / abs(self.factor)

    def quantiles(self, probabilities: FloatArray, *, from_above: bool = False) -> FloatArray:
        """Return the types up to which (from which on) there is each probability."""
        turned = from_above if self.factor > 0 else not from_above
        found = self._to(self.law.quantiles(probabilities, from_above=turned))
        return np.asarray(np.clip(found, *self.support))
