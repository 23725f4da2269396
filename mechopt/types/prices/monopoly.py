"""What a seller of a good with a price of its own choice gets from one buyer: monopoly payoffs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray
from mechopt._util.rationals import FractionArray, as_fraction, fraction_array
from mechopt.errors import InvalidInputError, UnsupportedProblemError, require
from mechopt.types import TypeSpace
from mechopt.types.foreign import budget
from mechopt.types.prices.hull import offers_to_types
from mechopt.types.prices.search import best_offers

if TYPE_CHECKING:
    from mechopt.types.source import Source


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
    Source: theory.md, section 4; Maskin and Tirole (1990), Econometrica 58,
    379-409.

    Examples
    --------
    >>> import numpy as np
    >>> from mechopt import TypeSpace
    >>> offer = monopoly(np.array([0.0, 2.0, 3.0]), TypeSpace.finite([1, 3]))
    >>> offer.payoff, offer.price
    (array([1.5, 2.5, 3. ]), array([3., 3., 3.]))
    """
    with budget():
        return _monopoly_within_budget(types, opponent)


def _monopoly_within_budget(types: npt.ArrayLike, opponent: TypeSpace) -> Monopoly:
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
    order = np.argsort(types, kind="stable")
    own = types[order]
    if opponent.prior is not None:
        curve: Source = opponent.prior
        price = best_offers(own, curve, by=0)
        at = np.where(np.isfinite(price), price, curve.high)
        accepted, refused = curve.above(at), curve.strictly_below(at)
    else:
        first = offers_to_types(own, opponent, by=0, sells_at_ties=True)
        price = np.append(opponent.lower, np.inf)[first]
        accepted = np.append(np.cumsum(opponent.mass[::-1])[::-1], 0.0)[first]
        refused = np.concatenate([[0.0], np.cumsum(opponent.mass)])[first]
    sells = np.isfinite(price)
    # What selling adds to keeping is known to all its digits, unlike a sum over all outcomes.
    gain = np.where(sells, (np.where(sells, price, own) - own) * accepted, 0.0)
    back = np.empty_like(order)
    back[order] = np.arange(order.size)
    refused = np.where(sells, np.minimum(refused, 1.0), 1.0)
    return Monopoly((own + gain)[back], price[back], refused[back])


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


def _against_uniform(types: FractionArray, prior: Source) -> FractionArray:
    if prior.uniform_on is None:
        raise UnsupportedProblemError(
            f"no exact monopoly payoff against {prior.title} (expected finite types "
            "or a uniform one). Use finite types, or solve in floats."
        )
    low, width = map(as_fraction, prior.uniform_on)
    high = low + width
    payoffs = []
    for t in types:
        price = max(low, (t + high) / 2)
        refused = (price - low) / width
        payoffs.append(t if t >= high else refused * t + (1 - refused) * price)
    return fraction_array(payoffs)
