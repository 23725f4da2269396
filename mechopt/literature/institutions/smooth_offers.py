"""Smooth equilibria of sealed offers: two differential equations, and a family of solutions."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError, UnsupportedProblemError
from mechopt.studies.offer_curves import OfferCurve
from mechopt.studies.sealed_offers import TOLERANCE, SealedOffers, laws_of, require_weight
from mechopt.types.foreign import budget
from mechopt.types.source import Source

# Ratios of probability to density are tabulated at so many types, closer together at the ends.
TABULATED = 4_001
NUM_KNOTS = 1_200
# Knots are chosen among so many places on the solution.
SAMPLED = 20_000
# Types beyond the last knots are so rare.
RARE = 1e-10
# Types this near to an end, in widths of the types, are at the end.
CLOSE = 1e-9
# Time that solutions may take, in units of the inverse width of the types.
HORIZON = 1e5
RELATIVE, ABSOLUTE = 1e-9, 1e-11


def smooth_equilibrium(
    trade: Environment, k: float = 0.5, *, price: float | None = None, margin: float | None = None
) -> SealedOffers:
    """Return a smooth equilibrium of sealed offers, for any two priors with densities.

    There are many, two parameters' worth. Each has a pair of types who offer the same price and
    would each gain the same margin at it: they tell which one is meant.

    Parameters
    ----------
    trade
        Bilateral trade with continuous priors, whose densities are positive between their ends.
    k
        Weight of the buyer's offer in the price, more than 0 and less than 1. The ends are offers
        of one side (:func:`mechopt.studies.take_it_or_leave_it`).
    price, margin
        The seller of cost ``price - margin`` and the buyer of value ``price + margin`` both offer
        the price; in money. Unless given, the middle between the lowest cost and the highest
        value, and a quarter of what is between them.

    Returns
    -------
    SealedOffers
        The solution through that pair, at about 1200 knots. Types with nothing to gain make no
        offer. Where one side's types run out, further types of the other offer what their last
        partner is met by.

    Raises
    ------
    InvalidInputError
        For a weight that is no weight between, and a pair that is not among the types.
    UnsupportedProblemError
        For priors without densities, or with gaps.

    Notes
    -----
    With s(p) and v(p) the types who offer p, best offers mean ``v'(p) = (1-k) (1-G(v)) / (g(v)
    (p-s))`` and ``s'(p) = k F(s) / (f(s) (v-p))``. Then what a seller of another cost gains by a
    higher offer has the sign of its cost less s(p), so that a solution is an equilibrium whatever
    the priors' hazard rates. Source: Satterthwaite and Williams (1989),
    Journal of Economic Theory 48, 107-133.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> half = TypeSpace.from_distribution(stats.uniform(0, 1), 4)
    >>> offers = smooth_equilibrium(BilateralTrade(half, half))  # the linear one: 9/64
    >>> round(offers.expected.total, 7), offers.deviation.gain < 1e-7
    (0.140625, True)
    """
    laws = _laws(trade, k)
    (s0, s1), (b0, b1) = (law.support for law in laws)
    if b1 <= s0:
        raise UnsupportedProblemError("no pair of types gains from trade; nobody offers anything")
    price = 0.5 * (s0 + b1) if price is None else price
    if margin is None:
        margin = 0.125 * (b1 - s0)
        # A support may end before, and nothing but the default moves.
        margin = max(margin, 0.5 * (b0 - price + b1 - price) if price + margin <= b0 else 0.0)
        margin = max(margin, 0.5 * (price - s1 + price - s0) if price - margin >= s1 else 0.0)
    inside = margin > 0 and s0 < price - margin < s1 and b0 < price + margin < b1
    if not inside:
        raise InvalidInputError(
            "no pair of types",
            where="price, margin",
            expected=f"a cost, price - margin, between {s0:g} and {s1:g}, and a value, price + "
            f"margin, between {b0:g} and {b1:g}",
            got=f"price {price:g} and margin {margin:g}",
            remedy="Choose another price, or another margin above 0.",
        )
    with budget(), np.errstate(over="ignore", invalid="ignore"):
        path = _solution(laws, k, price, margin)
    name = f"smooth offers, k = {k:.9g}, price {price:.6g}, margin {margin:.6g}"
    return SealedOffers(trade, k, *_curves(laws, path), name)


def best_smooth_equilibrium(trade: Environment, k: float = 0.5, members: int = 5) -> SealedOffers:
    """Return the smooth equilibrium that brings most, of a grid of prices and margins.

    Parameters
    ----------
    trade, k
        As of :func:`smooth_equilibrium`.
    members
        How many prices, and how many margins at each, are tried, among the types that there are.
        Solutions from which a type gains by deviating are passed over.

    Raises
    ------
    InvalidInputError, UnsupportedProblemError
        As :func:`smooth_equilibrium`; the latter, too, if no member is an equilibrium.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> half = TypeSpace.from_distribution(stats.uniform(0, 1), 4)
    >>> offers = best_smooth_equilibrium(BilateralTrade(half, half), members=1)
    >>> round(offers.expected.total, 3), offers.searched
    (0.123, 1)
    """
    (s0, s1), (b0, b1) = (law.support for law in _laws(trade, k))
    width, found = b1 - s0, []
    shares = np.arange(1, members + 1) / (members + 1)
    for share, part in product(shares, shares):
        price = s0 + share * width
        # The margins that keep both types among those that there are.
        low, high = max(price - s1, b0 - price, 0.0), min(price - s0, b1 - price)
        if low < high:
            margin = low + part * (high - low)
            found.append(smooth_equilibrium(trade, k, price=price, margin=margin))
    for offers in sorted(found, key=lambda offers: -offers.expected.total):
        if offers.deviation.gain <= TOLERANCE * width:
            return replace(offers, searched=len(found))
    raise UnsupportedProblemError(
        f"none of {len(found)} solutions is an equilibrium. Try more members, or step_equilibrium."
    )


def _laws(trade: Environment, k: float) -> tuple[Source, Source]:
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
    return laws


def _ratio(law: Source, *, above: bool) -> tuple[FloatArray, FloatArray]:
    """Return types and the probability below, or above, over the density there."""
    low, high = law.support
    types = low + (high - low) * 0.5 * (1.0 - np.cos(np.linspace(0.0, np.pi, TABULATED)))
    types = types[1:-1]
    chance, density = (law.above if above else law.below)(types), law.density(types)
    if not (density > 0).all() or not np.isfinite(density).all():
        at = float(types[np.argmin(density > 0)])
        raise UnsupportedProblemError(
            f"smooth equilibria need densities that are positive and finite between their ends "
            f"(got {law.title}, at {at:g})"
        )
    ends = (chance[0] / density[0], 0.0) if above else (0.0, chance[-1] / density[-1])
    return (
        np.concatenate([[low], types, [high]]),
        np.concatenate([[ends[0]], chance / density, [ends[1]]]),
    )


def _solution(laws: tuple[Source, Source], k: float, price: float, margin: float) -> FloatArray:
    """Return costs, prices and values along the solution through a pair, in three rows.

    Its two ends are singular: there value less price, and price less cost, vanish. In their
    logarithms, and in a time that slows down there, nothing is.
    """
    from scipy import integrate

    solve_ivp: Any = integrate.solve_ivp
    sellers, buyers = _ratio(laws[0], above=False), _ratio(laws[1], above=True)
    s_high, b_low = laws[0].high, laws[1].low
    at = [np.array([laws[0].quantiles(np.array([RARE]))[0]]),
          laws[1].quantiles(np.array([RARE]), from_above=True)]  # fmt: skip
    first, last = float(at[0][0]), float(at[1][0])

    def rates(_: float, y: Any) -> list[float]:
        over, under = np.exp(y[1]), np.exp(y[2])
        return [
            over * under,
            (1.0 - k) * np.interp(price + y[0] + over, *buyers) - under,
            over - k * np.interp(price + y[0] - under, *sellers),
        ]

    def ends(forward: bool) -> list[Any]:
        if forward:
            tests = [lambda _, y: s_high - (price + y[0] - np.exp(y[2])),
                     lambda _, y: last - (price + y[0] + np.exp(y[1]))]  # fmt: skip
        else:
            tests = [lambda _, y: (price + y[0] + np.exp(y[1])) - b_low,
                     lambda _, y: (price + y[0] - np.exp(y[2])) - first]  # fmt: skip
        for test in tests:
            test.terminal = True  # type: ignore[attr-defined]
        return tests

    parts = []
    # Prices count from that of the pair, so that their distance from zero does not loosen what is
    # relative to them, and in the unit of the types.
    start, width = [0.0, np.log(margin), np.log(margin)], laws[1].high - laws[0].low
    absolute = [ABSOLUTE * width, ABSOLUTE, ABSOLUTE]
    for sign in (-1.0, 1.0):
        time = sign * HORIZON / width
        found = solve_ivp(rates, (0.0, time), start, dense_output=True, events=ends(sign > 0),
                          rtol=RELATIVE, atol=absolute)  # fmt: skip
        steps = np.interp(
            np.linspace(0, found.t.size - 1, SAMPLED // 2), np.arange(found.t.size), found.t
        )
        parts.append(found.sol(steps)[:, :: int(sign)])
    p, over, under = np.concatenate([parts[0], parts[1][:, 1:]], axis=1)
    p = price + p
    return np.stack([p - np.exp(under), p, p + np.exp(over)])


def _curves(laws: tuple[Source, Source], path: FloatArray) -> tuple[OfferCurve, OfferCurve]:
    """Return the offers along a solution, at knots that are evenly spaced along it."""
    path = np.maximum.accumulate(path, axis=1)
    # Where a side's types run out, its last type is one of those that offer.
    close = CLOSE * (laws[1].high - laws[0].low)
    path[0, path[0] >= laws[0].high - close] = laws[0].high
    path[2, path[2] <= laws[1].low + close] = laws[1].low
    path[0], path[2] = np.maximum(path[0], laws[0].low), np.minimum(path[2], laws[1].high)
    length = path.sum(axis=0)
    wanted = np.linspace(length[0], length[-1], NUM_KNOTS)
    rows = np.unique(np.clip(np.searchsorted(length, wanted), 0, length.size - 1))
    cost, price, value = path[:, rows]
    low, high = laws[0].low, laws[1].high
    return (
        OfferCurve(np.append(low, cost), np.append(price[0], price)),
        OfferCurve(np.append(value, high), np.append(price, price[-1])),
    )
