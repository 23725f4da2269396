"""Equilibrium bids by type of bidders of one prior."""

from __future__ import annotations

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.studies.offer_curves import OfferCurve
from mechopt.types.quadrature import gauss
from mechopt.types.source import Source

NUM_KNOTS = 1_500
# Knots lie closer together towards the highest type by this power: densities may vanish there, or
# have no limit, and all types bid nearly the same.
TOWARDS_TOP = 6
# Bids against so many rivals are smooth enough for knots of one spacing, which fit them best.
FEW_RIVALS = 20


def closer_at_ends(number: int) -> FloatArray:
    """Return places from 0 to 1, closer together at both ends, most so at 1.

    Examples
    --------
    >>> closer_at_ends(4).round(3)
    array([0.   , 0.507, 0.971, 1.   ])
    """
    even = np.linspace(0.0, 1.0, number)
    return np.asarray(1.0 - (1.0 - even**2) ** TOWARDS_TOP)


def bids_of_bidders_alike(
    laws: tuple[Source, ...], least: float, *, all_pay: bool
) -> tuple[OfferCurve, ...]:
    """Return the bids of bidders of one prior, by the integral of their probability to win."""
    law, rivals = laws[0], len(laws) - 1
    if law.high <= least:
        # Nobody has a type above the least bid, and all make none.
        return (OfferCurve(np.array([least]), np.array([least])),) * len(laws)

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
    types = np.unique(first + width * closer_at_ends(NUM_KNOTS))
    types[-1] = law.high
    if rivals > FEW_RIVALS:
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
