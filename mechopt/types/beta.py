"""The beta law by scipy.special, without the second that loading scipy.stats takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray

# The density is a difference of logarithms, which lose digits for larger shapes.
LARGEST_SHAPE = 50.0


@dataclass(frozen=True)
class BetaLaw:
    """The beta distribution with the methods of ``scipy.stats.beta``, and its roundings.

    Probabilities above a point are the mirrored law's below one, which scipy computes in a
    twentieth of the time; they may differ from scipy's by 1e-14 of themselves.

    Parameters
    ----------
    a, b
        Its shapes, above zero and at most :data:`LARGEST_SHAPE`.
    loc, scale
        Lowest type and width, in money; the width is above zero.

    Examples
    --------
    >>> law = BetaLaw(1.0, 2.0, 2.0, 4.0)
    >>> law.support(), law.cdf([3.0]), law.isf([0.0, 0.25, 2.0])
    ((2.0, 6.0), array([0.4375]), array([ 6.,  4., nan]))
    """

    a: float
    b: float
    loc: float
    scale: float

    def support(self) -> tuple[float, float]:
        """Return the lowest and the highest type."""
        return self.loc, self.scale + self.loc

    def cdf(self, points: npt.ArrayLike) -> FloatArray:
        """Return the probability of types up to each point."""
        from scipy.special import betainc

        return np.asarray(betainc(self.a, self.b, self._shares(points)))

    def sf(self, points: npt.ArrayLike) -> FloatArray:
        """Return the probability of types above each point."""
        from scipy.special import betainc

        return np.asarray(betainc(self.b, self.a, 1.0 - self._shares(points)))

    @np.errstate(all="ignore")
    def pdf(self, points: npt.ArrayLike) -> FloatArray:
        """Return the density at each point."""
        from scipy.special import betaln, xlog1py, xlogy

        shares = (np.asarray(points, dtype=np.float64) - self.loc) / self.scale
        logarithm = xlog1py(self.b - 1.0, -shares) + xlogy(self.a - 1.0, shares)
        density = np.exp(logarithm - betaln(self.a, self.b)) / self.scale
        return np.where((shares < 0.0) | (shares > 1.0), 0.0, density)

    @np.errstate(all="ignore")
    def ppf(self, probabilities: npt.ArrayLike) -> FloatArray:
        """Return the quantiles from below."""
        from scipy.special import betaincinv

        given = np.asarray(probabilities, dtype=np.float64)
        shares = betaincinv(self.a, self.b, given)
        shares = np.where(np.isnan(shares), _first_terms(self.a, self.b, given), shares)
        return np.asarray(shares * self.scale + self.loc)

    @np.errstate(all="ignore")
    def isf(self, probabilities: npt.ArrayLike) -> FloatArray:
        """Return the quantiles from above."""
        from scipy.special import betainccinv

        given = np.asarray(probabilities, dtype=np.float64)
        shares = betainccinv(self.a, self.b, given)
        shares = np.where(np.isnan(shares), 1.0 - _first_terms(self.b, self.a, given), shares)
        return np.asarray(shares * self.scale + self.loc)

    @np.errstate(all="ignore")
    def _shares(self, points: npt.ArrayLike) -> FloatArray:
        """Return where points lie in the support, those outside at its ends."""
        return np.clip((np.asarray(points, dtype=np.float64) - self.loc) / self.scale, 0.0, 1.0)


def _first_terms(a: float, b: float, probabilities: FloatArray) -> FloatArray:
    """Return tiny quantiles of shares by the first terms of their series.

    scipy's search for them gives up: it returns nan, or numbers that are far off.
    """
    from scipy.special import betaln

    known = np.where((probabilities >= 0.0) & (probabilities <= 1.0), probabilities, np.nan)
    first = np.exp((np.log(known) + np.log(a) + betaln(a, b)) / a)
    return np.asarray(first * (1.0 + (b - 1.0) / (a + 1.0) * first), dtype=np.float64)
