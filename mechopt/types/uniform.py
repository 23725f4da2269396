"""The uniform law, whose formulas need no library."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray


@dataclass(frozen=True)
class UniformLaw:
    """The uniform distribution with the methods and the roundings of ``scipy.stats.uniform``.

    Loading scipy.stats takes a second, which is longer than most programs over uniform types.

    Parameters
    ----------
    loc, scale
        Lowest type and width, in money. Without a width above zero nothing is a number.

    Examples
    --------
    >>> law = UniformLaw(2.0, 4.0)
    >>> law.support(), law.cdf([3.0]), law.isf([0.0, 0.25, 2.0])
    ((2.0, 6.0), array([0.25]), array([ 6.,  5., nan]))
    """

    loc: float
    scale: float

    @property
    def _width(self) -> float:
        return self.scale if self.scale > 0.0 else np.nan

    def support(self) -> tuple[float, float]:
        """Return the lowest and the highest type."""
        width = self._width
        return 0.0 * width + self.loc, width + self.loc

    @np.errstate(all="ignore")
    def cdf(self, points: npt.ArrayLike) -> FloatArray:
        """Return the probability of types up to each point."""
        return np.clip((np.asarray(points, dtype=np.float64) - self.loc) / self._width, 0.0, 1.0)

    def sf(self, points: npt.ArrayLike) -> FloatArray:
        """Return the probability of types above each point."""
        return np.asarray(1.0 - self.cdf(points), dtype=np.float64)

    @np.errstate(all="ignore")
    def pdf(self, points: npt.ArrayLike) -> FloatArray:
        """Return the density at each point."""
        shares = (np.asarray(points, dtype=np.float64) - self.loc) / self._width
        inside = (shares >= 0.0) & (shares <= 1.0)
        return np.where(np.isnan(shares), np.nan, np.where(inside, 1.0 / self._width, 0.0))

    @np.errstate(all="ignore")
    def ppf(self, probabilities: npt.ArrayLike) -> FloatArray:
        """Return the quantiles from below."""
        shares = np.asarray(probabilities, dtype=np.float64)
        known = (shares >= 0.0) & (shares <= 1.0)
        quantiles = shares * self._width
        quantiles += self.loc
        return quantiles if known.all() else np.where(known, quantiles, np.nan)

    def isf(self, probabilities: npt.ArrayLike) -> FloatArray:
        """Return the quantiles from above."""
        return self.ppf(1.0 - np.asarray(probabilities, dtype=np.float64))
