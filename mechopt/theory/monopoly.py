"""What a seller of a good with a price of its own choice gets from one buyer: monopoly payoffs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mechopt.arrays import FloatArray
from mechopt.errors import InvalidInputError, UnsupportedProblemError, require
from mechopt.priors import TypeSpace
from mechopt.rationals import FractionArray, as_fraction, fraction_array
from mechopt.theory.virtual_values import ironed, virtual_value

if TYPE_CHECKING:
    from mechopt.priors.continuous import ContinuousPrior

# Quantiles at which the revenue of a continuous prior is first looked at, and how often the
# interval around the best of them is cut down to its golden section: to 1e-12 of a quantile.
NUM_QUANTILES = 4_097
NUM_SECTIONS = 40
GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0


@dataclass(frozen=True, eq=False)
class Monopoly:
    """Monopoly payoffs and the prices that bring them, by the proposer's type.

    Parameters
    ----------
    payoff : array of shape (num_types,)
        M(t): what the proposer gets, in money.
    price : array of shape (num_types,)
        An optimal price, the lowest if there are several; infinite where it keeps the good for
        certain. An opponent whose type equals the price accepts: such prices are approached from
        below.
    refused : array of shape (num_types,)
        Probability that the price is refused, and the proposer keeps the good.
    """

    payoff: FloatArray
    price: FloatArray
    refused: FloatArray


def monopoly(types: npt.ArrayLike, opponent: TypeSpace) -> Monopoly:
    """Return the payoff of a proposer who names a price and keeps the good if it is refused.

    M(t) is the supremum over prices of ``Pr(price refused) t + Pr(price accepted) price``. It is
    approached by prices just below an opponent's type. Prices are optimal if they sell to those
    opponents whose ironed virtual valuation is at least t.

    Parameters
    ----------
    types : array of shape (num_types,)
        The proposer's types, in money.
    opponent
        The opponent's types. For cells of a continuous prior all prices count, by the prior
        itself; for other cells, the prices at which all of a cell accept, its lower ends.

    Returns
    -------
    Monopoly

    Raises
    ------
    InvalidInputError
        For types that are no list of numbers, and an opponent that is no type space.

    Notes
    -----
    Source: theory.md, section 4; Maskin and Tirole (1990), doi:10.2307/2938208.

    Examples
    --------
    >>> offer = monopoly(np.array([0.0, 2.0, 3.0]), TypeSpace.finite([1, 3]))
    >>> offer.payoff, offer.price
    (array([1.5, 2.5, 3. ]), array([3., 3., 3.]))
    """
    hint = "Make it with TypeSpace.finite, from_distribution or from_samples."
    require(opponent, TypeSpace, where="opponent", remedy=hint)
    try:
        types = np.asarray(types, dtype=np.float64)
    except (TypeError, ValueError):
        types = np.full(1, np.nan)
    if types.ndim != 1 or not np.isfinite(types).all():
        raise InvalidInputError(
            "not types",
            where="types",
            expected="a list of finite numbers",
            got="something else",
            remedy="Pass the proposer's types; of a TypeSpace, its mean.",
        )
    if opponent.prior is not None:
        return _of_a_continuum(types, opponent.prior)
    refused = np.concatenate([[0.0], np.cumsum(opponent.mass)[:-1], [1.0]])
    revenue = np.append((1.0 - refused[:-1]) * opponent.lower, 0.0)
    worth_selling_to = ironed(virtual_value(opponent), opponent.mass)
    best = np.searchsorted(worth_selling_to, types, side="left")
    price = np.append(opponent.lower, np.inf)[best]
    return Monopoly(refused[best] * types + revenue[best], price, refused[best])


def exact_monopoly(types: FractionArray, opponent: TypeSpace) -> FractionArray:
    """Return the monopoly payoffs in fractions, of an opponent whose types are known exactly.

    Against a uniform prior the best price is halfway between the proposer's type and the highest,
    or the lowest if that is higher.

    Raises
    ------
    InvalidInputError
        If the types are not known exactly.
    UnsupportedProblemError
        For cells of another continuous prior.

    Examples
    --------
    >>> from fractions import Fraction
    >>> exact_monopoly(fraction_array([Fraction(1, 3)]), TypeSpace.finite([1, 3]))
    array([Fraction(5, 3)], dtype=object)
    """
    if opponent.prior is not None:
        return _against_uniform(types, opponent.prior)
    cells = opponent.in_fractions()
    refused = np.concatenate([[0 * cells.mass[0]], np.cumsum(cells.mass)])
    revenue = (1 - refused) * np.append(cells.lower, cells.lower[:1])
    return fraction_array(max(refused * t + revenue) for t in types)


def _against_uniform(types: FractionArray, prior: ContinuousPrior) -> FractionArray:
    if prior.name != "uniform":
        raise UnsupportedProblemError(
            f"no exact monopoly payoff against a {prior.name} distribution (expected finite types "
            "or a uniform one). Use finite types, or solve without --exact."
        )
    low, width = map(as_fraction, prior.exact_loc_and_scale)
    high = low + width
    payoffs = []
    for t in types:
        price = max(low, (t + high) / 2)
        refused = (price - low) / width
        payoffs.append(t if t >= high else refused * t + (1 - refused) * price)
    return fraction_array(payoffs)


def _of_a_continuum(types: FloatArray, prior: ContinuousPrior) -> Monopoly:
    """Return the monopoly against a continuous prior, whose prices are named by their quantile."""

    def price_at(quantile: FloatArray) -> FloatArray:
        return np.asarray(prior.frozen.ppf(quantile), dtype=np.float64)

    def payoff(quantile: FloatArray) -> FloatArray:
        return quantile * types + (1.0 - quantile) * price_at(quantile)

    grid = np.linspace(0.0, 1.0, NUM_QUANTILES)
    steps = np.diff(grid)
    slopes = -np.diff((1.0 - grid) * price_at(grid)) / steps
    best = np.searchsorted(ironed(slopes, steps), types, side="left")
    low, high = grid[np.maximum(best - 1, 0)], grid[np.minimum(best + 1, NUM_QUANTILES - 1)]
    for _ in range(NUM_SECTIONS):
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        better = payoff(left) >= payoff(right)
        low, high = np.where(better, low, left), np.where(better, right, high)
    quantile = 0.5 * (low + high)
    value = payoff(quantile)
    for corner in (grid[best], np.zeros_like(types), np.ones_like(types)):
        at_corner = payoff(corner)
        quantile = np.where(at_corner > value, corner, quantile)
        value = np.maximum(at_corner, value)
    price = np.where(quantile < 1.0, price_at(quantile), np.inf)
    return Monopoly(value, price, quantile)
