"""Equilibrium bids by type: of bidders of one prior, and of two who differ."""

from __future__ import annotations

from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.errors import UnsupportedProblemError
from mechopt.studies.offer_curves import OfferCurve
from mechopt.types.quadrature import gauss
from mechopt.types.source import Source

NUM_KNOTS = 1_500
# The highest bid of two different bidders is halved down so often.
HALVINGS = 46
# Densities below this, in the inverse of the types' width, count as none.
LEAST_DENSITY = 1e-6
# A bidder this near to its bid, relative to the types' width, has left the equilibrium.
NEAR = 1e-6


def bids_of_bidders_alike(
    laws: tuple[Source, ...], least: float, *, all_pay: bool
) -> tuple[OfferCurve, ...]:
    """Return the bids of bidders of one prior, by the integral of their probability to win."""
    law, rivals = laws[0], len(laws) - 1

    def win(types: FloatArray) -> FloatArray:
        return np.asarray(law.below(types) ** rivals)

    first = max(least, law.low)
    if all_pay and (least > 0.0 or law.low < 0.0):
        # The lowest who bid: what they win is worth the reserve.
        low, high = first, law.high
        for _ in range(200):
            middle = 0.5 * (low + high)
            enough = middle * float(win(np.array(middle))) >= least
            low, high = (low, middle) if enough else (middle, high)
        first = high
    width = law.high - first
    types = first + width * np.linspace(0.0, 1.0, NUM_KNOTS) ** 2
    types[-1] = law.high
    if rivals > 1:
        # Of many bidders only the highest types win: half of the knots are where their chances are.
        even = np.linspace(0.0, 1.0, NUM_KNOTS) ** (2.0 / rivals)
        types = np.unique(np.concatenate([types[::2], np.maximum(law.quantiles(even), first)]))
        types[-1] = law.high
    gained = np.concatenate([[0.0], np.cumsum(gauss(win, types[:-1], types[1:]))])
    chance = win(types)
    if all_pay:
        bids = types * chance - gained - (first * chance[0] - least)
    else:
        bids = types - np.divide(gained, chance, out=np.zeros_like(chance), where=chance > 0)
    bids[0] = least
    return (OfferCurve(types, np.maximum.accumulate(bids)),) * len(laws)


def bids_of_two(laws: tuple[Source, ...], least: float) -> tuple[OfferCurve, ...]:
    """Return the bids of two bidders who differ, from the highest bid that both share."""
    from scipy import integrate as integration

    solve: Any = integration.solve_ivp
    width = max(law.high for law in laws) - least
    tables: list[tuple[float, float, list[float]]] = []
    for law in laws:
        types = np.linspace(law.low, law.high, 8_001)[1:]
        density = law.density(types)
        if not (density > LEAST_DENSITY / width).all():
            raise UnsupportedProblemError(
                "first-price bids of two who differ need densities that are positive up to the "
                f"highest type (got {law.title})"
            )
        ratio = law.below(types) / density
        tables.append((law.low, 8_000 / (law.high - law.low), [0.0, *ratio.tolist()]))

    def ratio_at(i: int, value: float) -> float:
        # Linear between types that lie evenly; one at a time, faster than numpy does it.
        low, scale, ratios = tables[i]
        place = min(max((value - low) * scale, 0.0), 8_000.0)
        k = min(int(place), 7_999)
        return ratios[k] + (place - k) * (ratios[k + 1] - ratios[k])

    def rates(bid: float, y: Any) -> list[float]:
        values = y.tolist()
        gaps = [max(value - bid, 1e-15 * width) for value in values]
        return [ratio_at(i, values[i]) / gaps[1 - i] for i in (0, 1)]

    def left(bid: float, y: Any) -> float:
        return float(min(y[0] - bid, y[1] - bid)) - NEAR * width * 1e-3

    left.terminal = True  # type: ignore[attr-defined]

    def path(top: float, *, dense: bool = False) -> Any:
        return solve(rates, (top, least), [law.high for law in laws], rtol=1e-10,
                     atol=1e-13 * width, events=left, dense_output=dense)  # fmt: skip

    low, high = least, min(law.high for law in laws)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        found = path(middle)
        # Too high a bid, and values fall to the bids before the reserve is reached.
        if found.t[-1] > least + NEAR * width:
            high = middle
        else:
            low = middle
    found = path(low, dense=True)
    bids = found.t[-1] + (low - found.t[-1]) * np.linspace(0.0, 1.0, NUM_KNOTS) ** 2
    bids[-1] = low
    types = np.maximum.accumulate(found.sol(bids), axis=1)
    return tuple(
        OfferCurve(
            np.append(max(least, law.low), np.minimum(row, law.high)), np.append(least, bids)
        )
        for law, row in zip(laws, types, strict=True)
    )
