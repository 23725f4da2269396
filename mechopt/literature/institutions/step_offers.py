"""Sealed offers at finitely many prices: step equilibria, and best replies over finite types."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError, UnsupportedProblemError
from mechopt.literature.institutions.smooth_offers import smooth_equilibrium
from mechopt.studies.offer_curves import Asking, OfferCurve, as_prices, turned
from mechopt.studies.sealed_offers import SealedOffers, laws_of, one_price, require_weight
from mechopt.types.foreign import budget
from mechopt.types.source import Source
from mechopt.types.sources.finite import Finite

# Rounds of best replies from each start.
ROUNDS = 200
# Pairs of prices are tried of so many.
MOST_PAIRED = 24
# Thresholds that reply to each other up to this, in widths of the types, are an equilibrium.
CLOSE = 1e-9
# Finite types that gain less than this by not trading trade, in widths of all types.
TIE = 1e-12


def step_equilibrium(
    trade: Environment, k: float = 0.5, prices: int | npt.ArrayLike = 2
) -> SealedOffers:
    """Return an equilibrium of sealed offers in which only a few prices are offered.

    Parameters
    ----------
    trade
        Bilateral trade with continuous priors.
    k
        Weight of the buyer's offer in the price, more than 0 and less than 1.
    prices
        The prices, rising, in money; or how many, spaced evenly where the default of
        :func:`smooth_equilibrium` trades, in money or by how many types pass them, whichever
        brings more. With one price it is any price.

    Returns
    -------
    SealedOffers
        Every price is offered by types of both sides. ``deviation`` is exact up to rounding.

    Raises
    ------
    InvalidInputError
        For what is no weight or no prices.
    UnsupportedProblemError
        If no equilibrium with all these prices was found, and for finite types, for which
        :func:`grid_equilibrium` is.

    Notes
    -----
    A seller at the end of those who offer the i-th price is indifferent to the next, and so are
    buyers at the start of those who offer it to the one before; 2n equations by Newton's method,
    from where a smooth equilibrium passes the prices. Source: Leininger, Linhart and Radner (1989),
    Journal of Economic Theory 48, 63-106.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> half = TypeSpace.from_distribution(stats.uniform(0, 1), 4)
    >>> trade = BilateralTrade(half, half)
    >>> [round(step_equilibrium(trade, 0.5, n).expected.total, 4) for n in (1, 2, 3)]
    [0.125, 0.1344, 0.1364]
    """
    require_weight(k)
    laws = laws_of(trade)
    if any(isinstance(law, Finite) for law in laws):
        raise UnsupportedProblemError(
            "step equilibria are for continuous priors. Take grid_equilibrium for finite types."
        )
    if isinstance(prices, int) and prices < 1:
        raise InvalidInputError(
            "no prices", where="prices", expected="prices, or how many", got=f"{prices}",
            remedy="Give 1 or more.",
        )  # fmt: skip
    smooth: SealedOffers | None
    if isinstance(prices, int):
        smooth = smooth_equilibrium(trade, k)
        grids = _spaced(smooth, prices)
    else:
        grids = [as_prices(prices, "prices")]
        smooth = smooth_equilibrium(trade, k) if grids[0].size > 1 else None
    found: list[SealedOffers] = []
    for grid in grids:
        if smooth is None or grid.size == 1:
            found.append(one_price(trade, float(grid[0]), k, f"one price, {grid[0]:.6g}"))
        elif (offers := _steps_near(smooth, grid)) is not None:
            found.append(offers)
    if not found:
        raise UnsupportedProblemError(
            f"no equilibrium in which all of the {grids[0].size} prices are offered was found. Try "
            "fewer, or others."
        )
    best = max(found, key=lambda offers: offers.expected.total)
    return replace(best, searched=len(found))


def _spaced(smooth: SealedOffers, number: int) -> list[FloatArray]:
    """Return prices where a smooth equilibrium trades, evenly spaced in money, and in types."""
    shares = (np.arange(number) + 0.5) / number
    low, high = smooth.giver.offers[[0, -1]]
    offers = np.unique(np.concatenate([smooth.giver.offers, smooth.receiver.offers]))
    costs = Asking(smooth.laws[0], smooth.giver, 1.0).first(offers)
    values = Asking(smooth.laws[1], smooth.receiver, 1.0).first(offers)
    passed = smooth.laws[0].below(costs) + smooth.laws[1].below(values)
    passed = np.maximum.accumulate(passed)
    by_types = np.interp(passed[0] + shares * (passed[-1] - passed[0]), passed, offers)
    grids = [low + shares * (high - low), by_types]
    apart = np.abs(grids[0] - grids[1]).max() > 1e-6 * (high - low)
    return grids if apart and (np.diff(by_types) > 0).all() else grids[:1]


def _steps_near(smooth: SealedOffers, grid: FloatArray) -> SealedOffers | None:
    """Return steps at all of some prices near smooth offers; None if there are none."""
    from scipy import optimize

    root: Any = optimize.root
    laws, k = smooth.laws, smooth.k
    width = laws[1].high - laws[0].low
    with budget():
        for start in _starts(smooth, grid):
            found = root(lambda x: _replies(laws, k, grid, x) - x, start, method="hybr", tol=1e-13)
            x = np.asarray(found.x)
            off = np.abs(_replies(laws, k, grid, x) - x).max()
            masses = [_masses(laws, side, x) for side in (0, 1)]
            if off <= CLOSE * width and min(mass.min() for mass in masses) > CLOSE:
                # What replies to it is the equilibrium up to rounding, and rises.
                name = f"{grid.size} steps, k = {k:.9g}"
                offers = _offers(smooth.trade, k, grid, x, name)
                if offers.deviation.gain <= CLOSE * width:
                    return offers
    return None


def grid_equilibrium(trade: Environment, prices: npt.ArrayLike, k: float = 0.5) -> SealedOffers:
    """Return offers on a grid of prices that are best replies to one another, or nearly so.

    Parameters
    ----------
    trade
        Bilateral trade; finite types or continuous priors.
    prices
        What may be offered, rising, in money.
    k
        Weight of the buyer's offer in the price.

    Returns
    -------
    SealedOffers
        In pure strategies, the one that brings most of those found: there always is one, since all
        may offer one price. What a type could gain is in ``deviation``: exactly, against all
        offers, on the grid or not. :func:`mixed_equilibrium` looks at all of few finite types.

    Raises
    ------
    InvalidInputError
        For what is no weight or no prices.

    Notes
    -----
    Best replies in turn, from offers near types, from each price alone, and from each two of at
    most 24. Of replies that are as good up to 1e-12 widths of all types, finite types make the one
    that trades more often. A price that the other side never offers gains nothing over the next
    that it does.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> offers = grid_equilibrium(BilateralTrade(types, types), [1, 2, 3, 4, 5, 6])
    >>> round(offers.expected.total, 6), offers.deviation.gain
    (0.888889, 0.0)
    """
    require_weight(k)
    grid, laws = as_prices(prices, "prices"), laws_of(trade)
    size, name = grid.size, f"offers on {grid.size} prices, k = {k:.9g}"
    found: dict[bytes, SealedOffers] = {}
    start, width = _range(laws)
    # Thresholds are rounded to floats: those of types far from zero by more than a tie.
    near = max(TIE * width, 2 * float(np.spacing(max(abs(start), abs(start + width)))))
    push = np.repeat([near * sign * isinstance(law, Finite)
                      for law, sign in zip(laws, (1.0, -1.0), strict=True)], size)  # fmt: skip
    with budget():
        for guess in _first_guesses(laws, grid):
            x = guess + push
            seen: set[bytes] = set()
            while len(seen) < ROUNDS:
                x = np.concatenate([(_replies(laws, k, grid, x) + push)[:size], x[size:]])
                x = np.concatenate([x[:size], (_replies(laws, k, grid, x) + push)[size:]])
                reached = np.concatenate([_masses(laws, side, x) for side in (0, 1)]).tobytes()
                if reached in seen:
                    break
                seen.add(reached)
            if reached not in found:
                found[reached] = _offers(trade, k, grid, x, name)
        ordered = sorted(found.values(), key=lambda offers: -offers.expected.total)
        best = next((o for o in ordered if o.deviation.gain <= near), None)
        if best is None:
            best = min(ordered, key=lambda offers: offers.deviation.gain)
    return replace(best, searched=len(found))


def _first_guesses(laws: tuple[Source, Source], grid: FloatArray) -> Iterator[FloatArray]:
    """Yield thresholds: offers at or next to the own type, and one price or two prices only."""
    yield np.concatenate([grid, grid])
    start, width = _range(laws)
    low, high = start - width, start + 2.0 * width
    places = np.arange(grid.size)
    for i, j in combinations_with_replacement(range(grid.size), 2):
        if i == j or grid.size <= MOST_PAIRED:
            p, gap = grid[[i, j]], grid[j] - grid[i]
            sellers = np.where(places < i, low, np.where(places < j, p[0] - gap, p[1]))
            buyers = np.where(places > j, high, np.where(places > i, p[1] + gap, p[0]))
            yield np.concatenate([sellers, buyers])


def _starts(smooth: SealedOffers, grid: FloatArray) -> Iterator[FloatArray]:
    """Yield thresholds from which to look for steps: where a smooth equilibrium passes between."""
    middle = 0.5 * (grid[1:] + grid[:-1])
    sellers = Asking(smooth.laws[0], smooth.giver, 1.0).first(middle)
    buyers = Asking(smooth.laws[1], smooth.receiver, 1.0).first(middle)
    start = np.concatenate([sellers, grid[-1:], grid[:1], buyers])
    if np.isfinite(start).all():
        yield start
        for share in (0.5, 0.25):
            yield np.concatenate([
                (1 - share) * sellers + share * grid[:-1], grid[-1:], grid[:1],
                (1 - share) * buyers + share * grid[1:],
            ])  # fmt: skip


def _masses(laws: tuple[Source, Source], side: int, x: FloatArray) -> FloatArray:
    """Return how likely each price is offered by a side, given both sides' thresholds.

    Sellers of types up to the i-th threshold, and above the one before, offer the i-th price;
    buyers from the i-th threshold of theirs on, and below the next.
    """
    size, (start, width) = x.size // 2, _range(laws)
    low, high = start - width, start + 2.0 * width
    if side == 0:
        reached = laws[0].below(np.clip(x[:size], low, high))
        return np.asarray(np.diff(np.maximum.accumulate(reached), prepend=0.0))
    reached = laws[1].above(np.clip(x[size:], low, high))
    return np.asarray(-np.diff(np.maximum.accumulate(reached[::-1])[::-1], append=0.0))


def _range(laws: tuple[Source, Source]) -> tuple[float, float]:
    """Return the lowest of all types, and how far the highest is above it; 1 if there is one."""
    low = min(law.low for law in laws)
    return low, max(law.high for law in laws) - low or 1.0


def _replies(laws: tuple[Source, Source], k: float, grid: FloatArray, x: FloatArray) -> FloatArray:
    """Return the thresholds of best replies of both sides to one another's thresholds."""
    start, width = _range(laws)
    prices = (grid - start) / width
    sellers = _reply(prices, _masses(laws, 1, x), 1.0 - k)
    buyers = -_reply(-prices[::-1], _masses(laws, 0, x)[::-1], k)[::-1]
    # Thresholds beyond all types are none; Newton's method wants numbers.
    return np.asarray(start + width * np.clip(np.concatenate([sellers, buyers]), -1.0, 2.0))


def _reply(grid: FloatArray, masses: FloatArray, weight: float) -> FloatArray:
    """Return up to which cost asks of at most each price are best, against bids on the grid.

    What an ask earns falls in the cost, by the probability of trade, which is less for higher
    asks. Up to a cost one of the lower asks is best if one of them is at least as good as each
    of the higher ones; the last of those is to make no ask.
    """
    chance = np.append(np.cumsum(masses[::-1])[::-1], 0.0)
    bids = np.append(np.cumsum((masses * grid)[::-1])[::-1], 0.0)
    earned = weight * np.append(grid, 0.0) * chance + (1.0 - weight) * bids
    gap, more = chance[:-1, None] - chance[None, :], earned[:-1, None] - earned[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        cross = np.where(gap > 0, more / gap, np.where(more >= 0, np.inf, -np.inf))
    # Asks that never trade are not made.
    cross[chance[:-1] <= 0, -1] = -np.inf
    higher = np.arange(grid.size + 1) > np.arange(grid.size)[:, None]
    return np.asarray(np.where(higher, np.maximum.accumulate(cross, axis=0), np.inf).min(axis=1))


def _offers(
    trade: Environment, k: float, grid: FloatArray, x: FloatArray, name: str
) -> SealedOffers:
    laws = laws_of(trade)
    giver = _steps(laws[0], grid, x[: grid.size])
    receiver = _steps_of_asks(laws[1], grid, x[grid.size :])
    return SealedOffers(trade, k, giver, receiver, name)


def _steps(law: Source, grid: FloatArray, ends: FloatArray) -> OfferCurve:
    """Return asks at each price up to its threshold."""
    if isinstance(law, Finite):
        at = np.searchsorted(np.maximum.accumulate(ends), law.types, side="left")
        some = at < grid.size
        return OfferCurve(law.types[some], grid[at[some]])
    ends = np.clip(np.maximum.accumulate(ends), law.low, law.high)
    starts = np.append(law.low, ends[:-1])
    used = ends > starts
    knots = np.stack([starts[used], ends[used]], axis=1).ravel()
    return OfferCurve(knots, np.repeat(grid[used], 2))


def _steps_of_asks(law: Source, grid: FloatArray, starts: FloatArray) -> OfferCurve:
    """Return bids at each price from its threshold on."""
    return _steps(turned(law), -grid[::-1], -starts[::-1]).mirrored()
