"""What institutions reach over the ratio of discount rates: at once, and with dates on offer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.backends.direct import Direct
from mechopt.environments import BilateralTrade, Environment
from mechopt.errors import UnsupportedProblemError
from mechopt.literature.institutions.dated_offers import DatedOffer
from mechopt.literature.institutions.delayed_first_offer import DelayedFirstOffer
from mechopt.literature.institutions.smooth_offers import best_smooth_equilibrium
from mechopt.mechanism.allocation import PointwiseRule
from mechopt.problem.usual import ex_ante_efficiency
from mechopt.studies.offer_curves import Asking, OfferCurve, turned
from mechopt.studies.offers import best_posted_price, take_it_or_leave_it
from mechopt.studies.sealed_offers import laws_of, linear_equilibrium, one_price
from mechopt.types import TypeSpace
from mechopt.types.sources.finite import Finite
from mechopt.types.virtual_values import ironed, virtual_cost, virtual_value

if TYPE_CHECKING:
    import xarray

NUM_RATIOS = 20
# Members of the family of smooth equilibria that are tried on either parameter.
MEMBERS = 3
# Offers that a type of one side could make instead.
TRIED = 4_001

# Each has its colour and marker in every picture, whichever of the others are beside it.
INSTITUTIONS = (
    "posted price",
    "seller's offer at once",
    "buyer's offer at once",
    "sealed offers",
    "seller's offer at its date",
    "buyer's offer at its date",
    "seller's dated menu",
    "buyer's dated menu",
    "delayed first offer",
)
# What an axis of ratios is called.
RATIO = (
    r"discount-rate ratio $\delta = \sigma/r$"
    "\n"
    r"(buyer's rate $\sigma$ over seller's $r$)"
)


def institutions_over_ratios(
    seller: TypeSpace,
    buyer: TypeSpace,
    ratios: Sequence[float] | None = None,
    *,
    discount: float | None = None,
) -> xarray.Dataset:
    """Return what institutions of bilateral trade reach, over the ratio of discount rates.

    Some bring trade at once or never: a posted price, an offer of either side, sealed offers. Their
    gains do not change with the rates, but the first best does, as it waits where waiting gains.
    Others know dates. Offers at their maker's date (:class:`DatedOffer`), and delayed first offers
    (:class:`DelayedFirstOffer`), are equilibria: nothing is promised. Menus of dates, each with its
    price, of which the other side chooses, are commitments: whoever makes one has to keep to it
    when a late date comes, though it would like to change it then.

    Parameters
    ----------
    seller, buyer
        Type spaces.
    ratios
        Discount-rate ratios, the buyer's over the seller's; 20 from 0.05 to 1 unless given.
    discount
        What money is worth one period later; if given, delayed first offers have a line. They are
        for two equal uniform priors that begin at 0, and ratios up to 1; missing elsewhere.

    Returns
    -------
    xarray.Dataset
        Over ``institution`` and ``ratio``: ``share`` of the first best, and ``gain``, the most that
        any type gains, in money: by the menu of another type, or by another offer or date. Over
        ``ratio``: ``efficiency``, the share of the second best, as in
        :func:`mechopt.cramton1985.figures_8`. Over ``institution``: ``dated``, and ``commitment``.
        Sealed offers are in the linear equilibrium of uniform priors, in the best smooth ones
        found of other densities, and missing where there is none.

    Raises
    ------
    InvalidInputError
        For a ratio that is not positive.
    UnsupportedProblemError
        For a discount factor above 0.9925 where there are delayed first offers.

    Notes
    -----
    An offerer's best menu is what would be best if its type were known: the other side's gain from
    a menu does not depend on the offerer's type (Maskin and Tirole, 1990). Against a cost s it
    brings together each value's virtual value and s, as in Cramton (1985), Theorem 3, at alpha 1.
    Nothing else brings the offerer more in expectation, but equilibria may bring more in all.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import TypeSpace
    >>> half = TypeSpace.from_distribution(stats.uniform(0, 1), 100)
    >>> found = institutions_over_ratios(half, half, [0.5, 1.0])
    >>> found.share.sel(institution="buyer's dated menu").values.round(3)
    array([0.857, 0.75 ])
    >>> found.efficiency.values.round(3)
    array([0.929, 0.844])
    """
    import xarray

    given = np.linspace(1 / NUM_RATIOS, 1.0, NUM_RATIOS) if ratios is None else np.asarray(ratios)
    at_once = _at_once(BilateralTrade(seller, buyer))
    sides = [role.name for role in BilateralTrade(seller, buyer).outcomes.roles]
    dated = [f"{name}'s offer at its date" for name in sides]
    dated += [] if discount is None else ["delayed first offer"]
    menus = [f"{name}'s dated menu" for name in sides]
    names = [*at_once, *dated, *menus]
    share, gain, efficiency = [], [], []
    for ratio in given.tolist():
        trade = BilateralTrade(seller, buyer, seller_rate=1.0, buyer_rate=ratio)
        found = [*at_once.values(), *(_at_its_date(DatedOffer(trade, name)) for name in sides)]
        if discount is not None:
            found.append(_delayed(trade, discount))
        found += [dated_menu(trade, offerer) for offerer in (0, 1)]
        share.append([total / trade.first_best for total, _ in found])
        gain.append([most for _, most in found])
        efficiency.append(Direct().solve(ex_ante_efficiency(trade)).objective / trade.first_best)
    return xarray.Dataset(
        {
            "share": (("institution", "ratio"), np.array(share).T),
            "gain": (("institution", "ratio"), np.array(gain).T),
            "efficiency": ("ratio", efficiency),
            "dated": ("institution", [name not in at_once for name in names]),
            "commitment": ("institution", [name in menus for name in names]),
        },
        coords={"institution": names, "ratio": given},
    )


def _at_once(trade: Environment) -> dict[str, tuple[float, float]]:
    """Return gains, and what deviations gain, of the institutions that know no dates."""
    posted = best_posted_price(trade)
    gain = one_price(trade, posted.price).deviation.gain
    found = {"posted price": (posted.expected.total, gain)}
    for by, role in enumerate(trade.outcomes.roles):
        made = take_it_or_leave_it(trade, role.name)
        gain = _gain_of_offers(trade, made.price, by)
        found[f"{role.name}'s offer at once"] = made.expected.total, gain
    laws = [agent.types.prior for agent in trade.agents]
    try:
        if all(law is not None and law.uniform_on is not None for law in laws):
            offers = linear_equilibrium(trade)
        else:
            offers = best_smooth_equilibrium(trade, members=MEMBERS)
    except UnsupportedProblemError:
        return found
    found["sealed offers"] = offers.expected.total, offers.deviation.gain
    return found


def _gain_of_offers(trade: Environment, offers: FloatArray, by: int) -> float:
    """Return the most that a type gains by another offer, of many, that is accepted for a gain."""
    laws, sign = laws_of(trade), 1 - 2 * by
    other = turned(laws[0]) if by else laws[1]
    types = other.types if isinstance(other, Finite) else np.array([other.low, other.high])
    against = Asking(other, OfferCurve(types, types), 1.0)
    costs, asks = sign * trade.agents[by].types.mean, sign * offers
    made = asks[np.isfinite(asks)]
    tried = np.unique(np.concatenate([made, types, np.linspace(other.low, other.high, TRIED)]))
    gain = against.best(costs, tried) - against.payoffs(costs, asks)
    return max(float(gain.max()), 0.0)


def _at_its_date(offer: DatedOffer) -> tuple[float, float]:
    return offer.total, offer.deviation.gain


def _delayed(trade: Environment, discount: float) -> tuple[float, float]:
    """Return the gains from delayed first offers, not a number where there are none."""
    try:
        offer = DelayedFirstOffer.of(trade, discount)
    except UnsupportedProblemError:
        return math.nan, math.nan
    return offer.total, max(offer.largest_gain, offer.deviation.gain, offer.buyers_gain)


def dated_menu(trade: Environment, offerer: int) -> tuple[float, float]:
    """Return the gains from one side's menus of dates, and what a type gains by another's.

    Parameters
    ----------
    trade
        Bilateral trade with dates.
    offerer
        0 for the seller, 1 for the buyer.

    Examples
    --------
    >>> types = TypeSpace.finite([1, 2, 3, 4])
    >>> dated_menu(BilateralTrade(types, types, seller_rate=2.0, buyer_rate=1.0), 0)
    (0.71875, 0.0)
    """
    seller, buyer = (agent.types for agent in trade.agents)
    costs, values = seller.mean, buyer.mean
    if offerer == 0:
        worth = virtual_value(buyer)
        rule = PointwiseRule(((costs, ironed(worth, buyer.mass)),), (1.0,))
    else:
        worth = virtual_cost(seller)
        rule = PointwiseRule(((ironed(worth, seller.mass), values),), (1.0,))
    net = trade.net_quantities(rule.dense(trade))
    total = float(seller.mass @ (costs[:, None] * net[0] + values * net[1]) @ buyer.mass)
    # Rows are the offerer's types: what it keeps or gets itself, and what the other side pays.
    mine, theirs = (net[0], net[1]) if offerer == 0 else (net[1].T, net[0].T)
    own, other = (seller, buyer) if offerer == 0 else (buyer, seller)
    return total, _largest_gain(own, other, mine, theirs * worth)


def _largest_gain(own: TypeSpace, other: TypeSpace, mine: FloatArray, paid: FloatArray) -> float:
    """Return the most that a type of the offerer gains by the menu of another of its types."""
    quantity, money = mine @ other.mass, paid @ other.mass
    payoff = own.mean[:, None] * quantity + money
    return max(float((payoff.max(axis=1) - np.diagonal(payoff)).max()), 0.0)
