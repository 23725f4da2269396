"""The k-th lowest of several draws from a law."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mechopt._util.arrays import FloatArray, shown
from mechopt._util.registry import saved_as
from mechopt.errors import InvalidInputError, require
from mechopt.types.source import Errors, Source

MOST_DRAWS = 1_000_000


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
