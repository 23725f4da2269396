"""Smooth equilibria of sealed offers: two differential equations, and a family of solutions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from mechopt._util.given import is_real
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError, UnsupportedProblemError
from mechopt.literature.institutions.smooth_paths import Pair, SmoothFamily
from mechopt.studies.sealed_offers import TOLERANCE, SealedOffers, laws_of, require_weight
from mechopt.types.foreign import budget

# Fewer types of a side than this that gain from any trade are none.
FEWEST = 1e-8
# Solutions that are looked at near the best of the grid.
NEARBY = 30


def smooth_equilibrium(
    trade: Environment,
    k: float = 0.5,
    *,
    price: float | None = None,
    margin: float | tuple[float, float] | None = None,
) -> SealedOffers:
    """Return a smooth equilibrium of sealed offers, for any two priors with densities.

    There are many, two parameters' worth. Each has a pair of types who offer the same price: they
    tell which one is meant, and are in its name.

    Parameters
    ----------
    trade
        Bilateral trade with continuous priors, whose densities are positive between their ends.
    k
        Weight of the buyer's offer in the price, more than 0 and less than 1. The ends are offers
        of one side (:func:`mechopt.studies.take_it_or_leave_it`).
    price, margin
        The seller of cost ``price - margin`` and the buyer of value ``price + margin`` both offer
        the price; in money. The margin may be two numbers, the seller's and the buyer's. Unless
        both are given, the pair is such that as many types have lower costs as have higher values,
        and the margins are ``2 (1-k)/(1+k)`` times what those values exceed the pair's by on
        average, and ``2 k/(2-k)`` times what those costs fall short of it. For uniform priors
        that is the linear equilibrium.

    Returns
    -------
    SealedOffers
        The solution through that pair, at about 2400 knots. Types with nothing to gain make no
        offer. Where one side's types run out, further types of the other offer what their last
        partner is met by.

    Raises
    ------
    InvalidInputError
        For a weight that is no weight between, a pair that is not among the types, and a price
        without a margin.
    UnsupportedProblemError
        For priors without densities, or with gaps, and of which hardly any types gain from trade.

    Notes
    -----
    With s(p) and v(p) the types who offer p, best offers mean ``v'(p) = (1-k) (1-G(v)) / (g(v)
    (p-s))`` and ``s'(p) = k F(s) / (f(s) (v-p))``. Then what a seller of another cost gains by a
    higher offer has the sign of its cost less s(p), so that a solution is an equilibrium whatever
    the priors' hazard rates, and there is one through every pair. Source: Satterthwaite and
    Williams (1989), Journal of Economic Theory 48, 107-133.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> cost, value = (TypeSpace.from_distribution(stats.uniform(0, w), 4) for w in (1, 3))
    >>> offers = smooth_equilibrium(BilateralTrade(cost, value))  # the linear one
    >>> round(offers.expected.total, 6), offers.deviation.gain < 1e-7
    (0.961806, True)
    """
    family = _family(trade, k)
    pair = chosen_pair(family, price, margin)
    with budget():
        curves = family.curves(pair)
    name = (
        f"smooth offers, k = {k:.9g}, {pair.cost:.6g} and {pair.value:.6g} offer {pair.price:.6g}"
    )
    return SealedOffers(trade, k, *curves, name)


def best_smooth_equilibrium(trade: Environment, k: float = 0.5, members: int = 5) -> SealedOffers:
    """Return the smooth equilibrium that brings most, of those that are looked at.

    Parameters
    ----------
    trade, k
        As of :func:`smooth_equilibrium`.
    members
        How many pairs of types, each with so many prices between them, are tried at first, besides
        the default of :func:`smooth_equilibrium`; then some 30 near the best of them (Nelder and
        Mead's simplices). Solutions from which a type gains by deviating are passed over.

    Raises
    ------
    InvalidInputError, UnsupportedProblemError
        As :func:`smooth_equilibrium`; the latter, too, if no member is an equilibrium.

    Notes
    -----
    Along a solution both types rise, so that it passes one pair of which as many types have lower
    costs as have higher values. How many these are, and where between the two the price is, are
    all the choices there are.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> half = TypeSpace.from_distribution(stats.uniform(0, 1), 4)
    >>> offers = best_smooth_equilibrium(BilateralTrade(half, half), members=1)
    >>> round(offers.expected.total, 6)  # the linear one: 9/64
    0.140625
    """
    from scipy import optimize

    minimize: Any = optimize.minimize
    if not isinstance(members, int) or isinstance(members, bool) or members < 1:
        raise InvalidInputError(
            "no members",
            where="members",
            expected="a whole number of at least 1",
            got=repr(members),
            remedy="Give how many pairs, and how many prices of each, to try.",
        )
    family = _family(trade, k)
    found: dict[tuple[float, float], float] = {}
    share, place = family.linear()
    with budget():

        def lost(x: Any) -> float:
            """Return what is less than nothing at a share of the types and a place between two."""
            at = float(x[0]), float(x[1])
            if at not in found:
                try:
                    found[at] = family.total(family.pair(at[0] * family.most, at[1]))
                except UnsupportedProblemError:
                    found[at] = -np.inf
            return -found[at]

        shares = np.arange(1, members + 1) / (members + 1)
        starts = [(float(one), float(other)) for one in shares for other in shares]
        starts.append((share / family.most, place))
        start = min(starts, key=lost)
        near = np.array([start] * 3) + np.array([[0.0, 0.0], [0.05, 0.0], [0.0, 0.05]])
        near = np.where(near < 0.99, near, near - 0.1)
        minimize(lost, start, method="Nelder-Mead", bounds=[(0.01, 0.99)] * 2,
                 options={"maxfev": NEARBY, "initial_simplex": near})  # fmt: skip
    for share, place in sorted(found, key=lambda at: -found[at]):
        pair = family.pair(share * family.most, place)
        offers = smooth_equilibrium(
            trade, k, price=pair.price, margin=(pair.price - pair.cost, pair.value - pair.price)
        )
        if offers.deviation.gain <= TOLERANCE * family.width:
            return replace(offers, searched=len(found))
    raise UnsupportedProblemError(
        f"none of {len(found)} solutions is an equilibrium. Try more members, or step_equilibrium."
    )


def chosen_pair(
    family: SmoothFamily, price: float | None, margin: float | tuple[float, float] | None
) -> Pair:
    """Return the pair of types that a price and margins tell, or that of the linear offers.

    Raises
    ------
    InvalidInputError
        For a pair that is not among the types.
    """
    (s0, s1), (b0, b1) = (law.support for law in family.laws)
    if price is None and margin is None:
        return family.pair(*family.linear())
    given = margin if isinstance(margin, tuple) else (margin, margin)
    if len(given) == 2 and all(is_real(each) for each in (price, *given)):
        assert price is not None
        under, over = (float(each) for each in given if each is not None)
        pair = Pair(price - under, float(price), price + over)
        if min(under, over) > 0 and s0 < pair.cost < s1 and b0 < pair.value < b1:
            return pair
    raise InvalidInputError(
        "no pair of types",
        where="price, margin",
        expected=f"a cost, price - margin, between {s0:g} and {s1:g}, and a value, price + "
        f"margin, between {b0:g} and {b1:g}",
        got=f"price {price} and margin {margin}",
        remedy="Choose another price, or another margin above 0, or leave out both.",
    )


def _family(trade: Environment, k: float) -> SmoothFamily:
    require_weight(k)
    if k in (0.0, 1.0):
        raise InvalidInputError(
            "offers of one side alone",
            where="k",
            expected="a number between 0 and 1",
            got=f"{k:g}",
            remedy="Take mechopt.studies.take_it_or_leave_it.",
        )
    laws = laws_of(trade)
    for law in laws:
        if not law.is_smooth:
            raise UnsupportedProblemError(
                f"smooth equilibria need densities without gaps (got {law.title}). Take "
                "grid_equilibrium for finite types."
            )
    if laws[1].high <= laws[0].low:
        raise UnsupportedProblemError("no pair of types gains from trade; nobody offers anything")
    with budget():
        family = SmoothFamily(laws, k)
    if family.most < FEWEST:
        raise UnsupportedProblemError(
            f"fewer than one in {1 / FEWEST:.0e} of the types of a side gain from any trade; take "
            "priors of which more do"
        )
    return family
