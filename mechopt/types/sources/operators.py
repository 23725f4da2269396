"""Laws made of others: truncated, mixed, shifted and scaled, and the k-th of n draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray, frozen, shown
from mechopt._util.rationals import as_fraction
from mechopt._util.registry import saved_as
from mechopt._util.saving import ByContent
from mechopt.errors import InvalidInputError, require
from mechopt.types.checks import check_mass, vector
from mechopt.types.source import Errors, Source

EPSILON = float(np.finfo(np.float64).eps)
# Less is left of a law than its own probabilities are known to.
LEAST_LEFT = 1e-200
MOST_DRAWS = 1_000_000


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
        if not low < high or not self._left >= LEAST_LEFT:
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


@saved_as("mechopt.Mixture")
@dataclass(frozen=True, eq=False)
class Mixture(ByContent, Source):
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


@saved_as("mechopt.OrderStatistic")
@dataclass(frozen=True)
class OrderStatistic(Source):
    """The k-th lowest of n independent draws from a law.

    Parameters
    ----------
    law
        The law of one draw.
    draws
        How many draws.
    rank
        Which of them counts: 1 is the lowest, ``draws`` the highest.
    """

    law: Source
    draws: int
    rank: int

    def __post_init__(self) -> None:
        require(self.law, Source, where="law", remedy="Pass a law from mechopt.priors.")
        whole = all(
            isinstance(number, (int, np.integer)) and not isinstance(number, bool)
            for number in (self.draws, self.rank)
        )
        if not whole or not 1 <= self.rank <= self.draws <= MOST_DRAWS:
            raise InvalidInputError(
                "no such draw",
                where="draws, rank",
                expected=f"whole numbers, up to {MOST_DRAWS:,} draws and a rank from 1 to them",
                got=f"{shown(self.draws)} and {shown(self.rank)}",
                remedy="The highest of n draws has rank n, the lowest rank 1.",
            )

    @property
    def title(self) -> str:
        """Which draw of how many."""
        return f"draw {self.rank} of {self.draws}, from the lowest, of {self.law.title}"

    @property
    def support(self) -> tuple[float, float]:
        """The law's."""
        return self.law.support

    @property
    def atoms(self) -> FloatArray:
        """The law's."""
        return self.law.atoms

    @property
    def gaps(self) -> tuple[tuple[float, float], ...]:
        """The law's."""
        return self.law.gaps

    @property
    def breaks(self) -> FloatArray:
        """The law's."""
        return self.law.breaks

    @property
    def value_errors(self) -> Errors:
        """Those of the law, grown by the number of draws."""
        relative, below, above = self.law.value_errors
        return Errors(
            self.draws * relative + 1e-13 * self.draws**0.5, self.draws * below, self.draws * above
        )

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
        from scipy.special import betainc

        chance = np.clip(self.law.below(types), 0.0, 1.0)
        rest = np.clip(self.law.strictly_above(types), 0.0, 1.0)
        k, n = self.rank, self.draws
        # One less the other keeps the digits of probabilities near one.
        found = np.where(
            chance < 0.5, betainc(k, n - k + 1, chance), 1.0 - betainc(n - k + 1, k, rest)
        )
        return np.asarray(found)

    def above(self, types: FloatArray) -> FloatArray:
        """Return the probability of types from each on."""
        from scipy.special import betainc

        chance = np.clip(self.law.above(types), 0.0, 1.0)
        rest = np.clip(self.law.strictly_below(types), 0.0, 1.0)
        k, n = self.rank, self.draws
        found = np.where(
            chance < 0.5, betainc(n - k + 1, k, chance), 1.0 - betainc(k, n - k + 1, rest)
        )
        return np.asarray(found)

    def density(self, types: FloatArray) -> FloatArray:
        """Return the density at each type."""
        from scipy.special import betaln, xlog1py, xlogy

        below, above = self.law.below(types), self.law.above(types)
        k, n = self.rank, self.draws
        below, above = np.clip(below, 0.0, 1.0), np.clip(above, 0.0, 1.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.where(
                below < 0.5,
                xlogy(k - 1, below) + xlog1py(n - k, -below),
                xlog1py(k - 1, -above) + xlogy(n - k, above),
            )
            found = self.law.density(types) * np.exp(logs - betaln(k, n - k + 1))
        return np.asarray(np.where(np.isnan(found), 0.0, found))
