"""From what is seen in auctions to the values behind it: bids are no values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, frozen, shown
from mechopt._util.given import given_numbers, is_real
from mechopt.errors import InvalidInputError
from mechopt.types.checks import vector
from mechopt.types.sources.estimated import joined
from mechopt.types.sources.piecewise import Piecewise

# Bids times types whose kernels are evaluated at a time.
CHUNK = 2_000_000
# Values are estimated at 2 n^(2/5) of n observations, and joined between: at more, the density of
# the law would show their sampling error.
MOST_POINTS = 400
# The probabilities at which standard errors are given.
LEVELS = frozen(np.linspace(0.0, 1.0, 21))
LEAST_BIDS = 20
# The normal rule for the triweight kernel, as Guerre, Perrigne and Vuong use it.
TRIWEIGHT_RULE = 1.06 * 2.978


@dataclass(frozen=True, eq=False)
class ValueEstimate:
    """A law of values that was estimated from bids, and how far sampling may have moved it.

    Parameters
    ----------
    law
        The law, for :meth:`mechopt.TypeSpace.from_distribution`. Sampling error is not part of its
        ``error``.
    levels : array of shape (21,)
        Probabilities: 0, 1/20, ..., 1.
    types : array of shape (21,)
        The estimated value up to which there is each probability, in money.
    standard_errors : array of shape (21,)
        The standard error of each of these types, in money; infinite where the sample has none.
    known : tuple of two floats
        Probabilities between which the sample says something: outside, fewer than one observation
        is expected.
    bandwidth
        Of the kernel that estimated the density of what was observed, in money.
    falling
        At what share of the bids that were looked at the estimated value falls as the bid rises. It
        would be 0 in equilibrium; more comes from sampling, or from bidders unlike those assumed.
    num_observed
        How many bids or prices there were.
    """

    law: Piecewise
    levels: FloatArray
    types: FloatArray
    standard_errors: FloatArray
    known: tuple[float, float]
    bandwidth: float
    falling: float
    num_observed: int

    def sentence(self) -> str:
        """Return what whoever reads an answer must know of the estimate, in one sentence.

        Examples
        --------
        >>> import numpy as np
        >>> from mechopt.priors import values_from_prices
        >>> prices = 1 - np.sqrt(1 - (np.arange(1_000) + 0.5) / 1_000)
        >>> values_from_prices(prices, 2).sentence()
        'values are estimated: the median 0.5 has the standard error 0.014, and the largest of...
        """
        middle = int(np.argmin(np.abs(self.levels - 0.5)))
        finite = self.standard_errors[np.isfinite(self.standard_errors)]
        text = f"values are estimated: the median {self.types[middle]:.3g} has the standard error "
        text += f"{self.standard_errors[middle]:.2g}"
        if finite.size:
            text += f", and the largest of other quantiles is {finite.max():.2g}"
        if self.known != (0.0, 1.0):
            low, high = self.known
            text += f"; little was seen outside the quantiles {low:.2g} to {high:.2g}"
        if self.falling:
            text += f"; estimated values fall at {self.falling:.2%} of the bids"
        return text


def values_from_first_price_bids(
    bids: npt.ArrayLike,
    num_bidders: int,
    *,
    lowest_wins: bool = False,
    bandwidth: float | None = None,
) -> ValueEstimate:
    """Return the law of values behind the bids of first-price auctions, or of costs.

    In the symmetric equilibrium with independent private values, and no reserve price that keeps
    anyone out, a bid b comes from the value b + G(b) / ((n - 1) g(b)), where G and g are the
    distribution function and the density of bids and n is the number of bidders (Guerre, Perrigne
    and Vuong 2000). G is the sample's, g a kernel estimate, and the law joins the values behind
    the bids as :func:`mechopt.priors.smoothed` does.

    Parameters
    ----------
    bids : array of shape (num_bids,)
        All bids of all auctions, in money, in any order; at least 20.
    num_bidders
        How many bid in each auction, at least 2.
    lowest_wins
        Whether the lowest bid won and was paid, as in procurement: what is behind the bids is
        costs.
    bandwidth
        Half the width of the triweight kernel, in money; 1.06 times 2.978 times the bids' standard
        deviation times their number to the power -1/5 unless given.

    Raises
    ------
    InvalidInputError
        For too few bids or bidders.

    Notes
    -----
    At the ends of the bids the kernel is corrected as by Jones and Foster (1996), "A simple
    nonnegative boundary correction method for kernel density estimation", so that no bid has to be
    trimmed; correction in place of trimming is the proposal of Hickman and Hubbard (2015),
    doi:10.1002/jae.2385. Standard errors are those of first order, from the influence
    of each bid on the kernel estimate and on the quantile of bids. The bias of the kernel is not
    part of them, nor is correlation of bids within an auction. In equilibrium the density of bids
    stays away from zero where the winner may come from; bids with a thin upper tail are behind
    values that rise steeply there, with standard errors that say so.

    References
    ----------
    Guerre, Perrigne and Vuong (2000), doi:10.1111/1468-0262.00123.

    Examples
    --------
    Two bidders with values uniform on [0, 1] bid half their values:

    >>> import numpy as np
    >>> bids = (np.arange(1_000) + 0.5) / 2_000
    >>> found = values_from_first_price_bids(bids, 2)
    >>> bool(np.abs(found.types - found.levels).max() < 0.01)
    True
    """
    _check_bidders(num_bidders, 2)
    sample = _observed("bids", bids, lowest_wins)
    points, below = _some(sample, _even(sample))
    density, variance, common, width = _densities(sample, points, bandwidth)
    markup = below / ((num_bidders - 1) * density)
    values = points + markup
    falling = float((np.diff(values) < 0.0).mean())
    # Whoever bids more is taken to have the higher value: each value keeps its probability.
    order = np.argsort(values, kind="stable")
    share = np.diff(np.concatenate([[0.0], 0.5 * (below[1:] + below[:-1]), [1.0]]))[order]
    chances = np.cumsum(share) - 0.5 * share
    # How a value moves with the quantile of bids, and with the kernel estimate at a point.
    by_kernel = markup / density
    by_rank = (1.0 - by_kernel * np.gradient(density, points)) / density
    total = by_rank**2 * below * (1.0 - below) + by_kernel**2 * variance
    total += 2.0 * by_rank * by_kernel * common
    errors = np.sqrt(np.maximum(total, 0.0) / sample.size)
    found = np.interp(LEVELS, chances, errors[order])
    what = f"{sample.size:,} bids, smoothed"
    about = (0.0, 1.0), width, falling, sample.size
    return _estimate(values[order], chances, what, found, lowest_wins, *about)


def values_from_prices(
    prices: npt.ArrayLike,
    num_bidders: int,
    *,
    rank: int = 2,
    lowest_wins: bool = False,
    bandwidth: float | None = None,
) -> ValueEstimate:
    """Return the law of values behind the prices of English or second-price auctions, or of costs.

    With independent private values the price is the second highest value of n bidders. If G is the
    distribution function of prices and F that of values, G is the probability that at most one of n
    values exceeds a price, I(F; n - 1, 2), the incomplete beta function; F is its inverse at G
    (Athey and Haile 2002).

    Parameters
    ----------
    prices : array of shape (num_auctions,)
        One price of each auction, in money, in any order; at least 20.
    num_bidders
        How many bidders there were in each, at least ``rank``.
    rank
        Which value the price is, counted from the winner's; 2 unless said, and 1 for the winner's
        own.
    lowest_wins
        Whether the lowest cost won, as in procurement: what is behind the prices is costs.
    bandwidth
        Of the density of prices, which only the standard errors need; as for
        :func:`values_from_first_price_bids`.

    Raises
    ------
    InvalidInputError
        For too few prices or bidders.

    Notes
    -----
    Standard errors are those of the price's quantile, of first order. A low quantile of values is
    rarely seen where there are many bidders: ``known`` says from where on.

    References
    ----------
    Athey and Haile (2002), doi:10.1111/j.1468-0262.2002.00435.x.

    Examples
    --------
    The lower of two values uniform on [0, 1] is below x with the probability 1 - (1 - x)^2:

    >>> import numpy as np
    >>> prices = 1 - np.sqrt(1 - (np.arange(1_000) + 0.5) / 1_000)
    >>> found = values_from_prices(prices, 2)
    >>> bool(np.abs(found.types - found.levels).max() < 0.04)
    True
    """
    from scipy.special import betainc, betaincinv

    _check_bidders(rank, 1, "rank")
    _check_bidders(num_bidders, max(rank, 2))
    sample = _observed("prices", prices, lowest_wins)
    size, from_below = sample.size, num_bidders - rank + 1
    points, below = _some(sample, betainc(from_below, rank, _even(sample)))
    shares = betainc(from_below, rank, LEVELS)
    density, *_, width = _densities(sample, np.quantile(sample, shares), bandwidth)
    seen = (density > 0.0) & (np.minimum(shares, 1.0 - shares) * size >= 1.0)
    spread = np.sqrt(shares * (1.0 - shares) / size)
    errors = np.where(seen, spread / np.where(seen, density, 1.0), np.inf)
    ends = betaincinv(from_below, rank, np.array([1.0 / size, 1.0 - 1.0 / size]))
    chances = betaincinv(from_below, rank, below)
    about = (float(ends[0]), float(ends[1])), width, 0.0, size
    return _estimate(points, chances, f"{size:,} prices, smoothed", errors, lowest_wins, *about)


def _check_bidders(number: int, least: int, where: str = "num_bidders") -> None:
    if isinstance(number, bool) or not isinstance(number, (int, np.integer)) or number < least:
        raise InvalidInputError(
            "not a number of bidders" if where == "num_bidders" else "not a rank",
            where=where,
            expected=f"a whole number of at least {least}",
            got=shown(number),
            remedy="Say how many there were in each auction."
            if where == "num_bidders"
            else "Count from the highest, 1.",
        )


def _observed(where: str, given: npt.ArrayLike, lowest_wins: bool) -> FloatArray:
    """Return what was observed, rising; or say why nothing can be estimated from it.

    Where the lowest wins, numbers below zero are bid, and the highest wins.
    """
    sample = np.sort((-1.0 if lowest_wins else 1.0) * vector(where, given_numbers(given, where)[0]))
    distinct = np.unique(sample).size
    if distinct < LEAST_BIDS:
        raise InvalidInputError(
            f"too few distinct {where} to estimate a law of values",
            where=where,
            expected=f"at least {LEAST_BIDS}",
            got=f"{distinct}",
            remedy="Observe more auctions.",
        )
    return sample


def _even(sample: FloatArray) -> FloatArray:
    """Return evenly spaced probabilities, 0 and 1 included, as many as a sample can tell apart."""
    return np.linspace(0.0, 1.0, min(int(2.0 * sample.size**0.4), MOST_POINTS))


def _some(sample: FloatArray, shares: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the values of a sorted sample at some shares of it, and the share below each.

    Of equal values half are below. The lowest and the highest are at the shares 0 and 1.
    """
    places = (shares * (sample.size - 1)).round().astype(np.intp)
    points = np.unique(sample[places])
    first = np.searchsorted(sample, points, side="left")
    last = np.searchsorted(sample, points, side="right")
    return points, np.asarray(0.5 * (first + last) / sample.size)


def _densities(
    sample: FloatArray, points: FloatArray, bandwidth: float | None
) -> tuple[FloatArray, FloatArray, FloatArray, float]:
    """Return kernel estimates of the density at points, and the bandwidth.

    Between them, the variance of one value's part in each estimate, and its covariance with whether
    the value is up to the point.
    """
    if bandwidth is None:
        bandwidth = TRIWEIGHT_RULE * float(sample.std()) * sample.size**-0.2
    if not is_real(bandwidth) or not 0 < bandwidth < np.inf:
        raise InvalidInputError(
            "not a bandwidth",
            where="bandwidth",
            expected="a number above 0, in money",
            got=shown(bandwidth),
            remedy="Leave it out for the usual one.",
        )
    width, low, high = float(bandwidth), float(sample[0]), float(sample[-1])
    density, variance, common = (np.empty(points.size) for _ in range(3))
    size = max(CHUNK // sample.size, 1)
    for start in range(0, points.size, size):
        at = points[start : start + size]
        moments = _moments((low - at) / width, (high - at) / width)
        determinant = moments[0] * moments[2] - moments[1] ** 2
        constant, linear = moments[2] / determinant, -moments[1] / determinant
        apart = (sample - at[:, None]) / width
        kernel = np.where(np.abs(apart) < 1.0, 35 / 32 * (1.0 - apart**2) ** 3, 0.0) / width
        # At the ends, the one is biased and the other may be negative; together they are neither.
        plain = kernel / moments[0][:, None]
        bent = kernel * (constant[:, None] + linear[:, None] * apart)
        size_of_plain = plain.mean(axis=1)
        seen = size_of_plain > 0.0
        ratio = np.where(seen, bent.mean(axis=1) / np.where(seen, size_of_plain, 1.0), 1.0)
        ratio = ratio[:, None]
        weights = np.exp(ratio - 1.0) * ((1.0 - ratio) * plain + bent)
        mean, under = weights.mean(axis=1), sample <= at[:, None]
        density[start : start + size] = mean
        variance[start : start + size] = weights.var(axis=1)
        common[start : start + size] = ((weights - mean[:, None]) * under).mean(axis=1)
    return density, variance, common, width


def _moments(low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the integrals of 1, u and u^2 times the triweight kernel between two points."""
    ends = np.clip(low, -1.0, 1.0), np.clip(high, -1.0, 1.0)
    kernel = np.polynomial.Polynomial([1, 0, -1]) ** 3 * (35 / 32)
    found = []
    for power in range(3):
        whole = (kernel * np.polynomial.Polynomial([0, 1]) ** power).integ()
        found.append(np.asarray(whole(ends[1]) - whole(ends[0])))
    return found[0], found[1], found[2]


def joined_at(values: FloatArray, chances: FloatArray, what: str) -> Piecewise:
    """Return the law that joins values, never falling, at their probabilities.

    The lowest and the highest are the ends of the support.

    Examples
    --------
    >>> law = joined_at(np.array([0.0, 1.0, 1.0, 2.0]), np.array([0.1, 0.3, 0.5, 0.9]), "four")
    >>> law.below(np.array([1.0]))
    array([0.4])
    """
    edges, first, counts = np.unique(values, return_index=True, return_counts=True)
    levels = 0.5 * (chances[first] + chances[first + counts - 1])
    levels[[0, -1]] = 0.0, 1.0
    # Probabilities that floats cannot tell from 0 or 1 are those of the ends.
    kept = np.concatenate([[True], np.diff(levels) > 0.0])
    kept[-1] = True
    edges, levels = edges[kept], levels[kept]
    if levels[-1] <= levels[-2]:
        edges, levels = np.delete(edges, -2), np.delete(levels, -2)
    return joined(edges, levels, what)


def _estimate(
    values: FloatArray,
    chances: FloatArray,
    what: str,
    errors: FloatArray,
    lowest_wins: bool,
    known: tuple[float, float],
    bandwidth: float,
    falling: float,
    size: int,
) -> ValueEstimate:
    """Return the estimate whose law joins values at their probabilities, or costs below zero."""
    if lowest_wins:
        values, chances, errors = -values[::-1], 1.0 - chances[::-1], errors[::-1]
        known = 1.0 - known[1], 1.0 - known[0]
    law = joined_at(values, chances, f"{'costs' if lowest_wins else 'values'} behind {what}")
    types = law.quantiles(LEVELS)
    return ValueEstimate(
        law, LEVELS, frozen(types), frozen(errors), known, bandwidth, falling, size
    )
