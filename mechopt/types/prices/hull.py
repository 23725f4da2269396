"""The best prices against finite types, decided without rounding."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray, IndexArray
from mechopt._util.rationals import FractionArray, decimals, fraction_array
from mechopt.errors import InvalidInputError
from mechopt.types import TypeSpace
from mechopt.types.exact import FractionCells
from mechopt.types.sources.finite import Finite

# Beyond so many types, floats decide what fractions would take seconds for.
MAX_EXACT_TYPES = 100_000
EPSILON = float(np.finfo(np.float64).eps)


def as_given(*spaces: TypeSpace) -> list[FractionCells]:
    """Return cells in fractions: as they were given, or else exactly what their floats are.

    If one of them is known by its floats only, so are all, lest equal floats differ.

    Examples
    --------
    >>> as_given(TypeSpace.finite([0.1, "1/3"]))[0].mean
    array([Fraction(1, 10), Fraction(1, 3)], dtype=object)
    >>> as_given(TypeSpace([0.1, 0.9000000000000001], [0, 1], [0, 1], [0, 1]))[0].mass[0]
    Fraction(3602879701896397, 36028797018963968)
    """
    try:
        return [types.in_fractions() for types in spaces]
    except InvalidInputError:
        return [
            FractionCells(*(fraction_array(map(Fraction, part.tolist())) for part in parts))
            for parts in ((t.mass, t.mean, t.lower, t.upper) for t in spaces)
        ]


def whole_numbers(*parts: Sequence[Fraction] | FractionArray) -> list[list[int]]:
    """Return fractions times their common denominator, one list for each given.

    Sums and products of whole numbers are as exact as those of fractions, and take less time.

    Examples
    --------
    >>> whole_numbers([Fraction(1, 2)], [Fraction(1, 3), Fraction(2)])
    [[3], [2, 12]]
    """
    common = math.lcm(*(number.denominator for part in parts for number in part))
    return [[number.numerator * (common // number.denominator) for number in part]
            for part in parts]  # fmt: skip


def best_fixed_prices(giver: TypeSpace, receiver: TypeSpace) -> tuple[float, float]:
    """Return the ends of the lowest range of prices that bring the largest expected gains.

    Parameters
    ----------
    giver, receiver
        Finite types, or cells that agree by their means.

    Notes
    -----
    Who agrees changes only at types, so that all types and one price between any two neighbours are
    all there is to compare. Gains are ``F(p) E[(b - p)+] + (1 - G(p)) E[(p - s)+]``, sums of what
    is not negative, which floats know up to a few roundings; prices that are nearer to one another
    are compared in whole numbers.

    Examples
    --------
    >>> best_fixed_prices(TypeSpace.finite([0, 1]), TypeSpace.finite([2]))
    (1.0, 2.0)
    """
    costs, values = Finite(giver.mean, giver.mass), Finite(receiver.mean, receiver.mass)
    ends = np.union1d(costs.types, values.types)
    prices = np.empty(2 * ends.size - 1)
    prices[0::2], prices[1::2] = ends, 0.5 * (ends[:-1] + ends[1:])
    gains = costs.below(prices) * values.over(prices) + values.above(prices) * costs.under(prices)
    num_types = costs.types.size + values.types.size
    near = np.flatnonzero(gains >= gains.max() * (1.0 - 8.0 * num_types * EPSILON))
    # Between two neighbours nobody has a type, even where their middle is one of them in floats.
    selling, buying = np.empty(prices.size, dtype=np.intp), np.empty(prices.size, dtype=np.intp)
    selling[0::2] = np.searchsorted(costs.types, ends, side="right")
    buying[0::2] = np.searchsorted(values.types, ends, side="left")
    selling[1::2] = selling[0:-1:2]
    buying[1::2] = np.searchsorted(values.types, ends[:-1], side="right")
    agreeing = np.stack([selling[near], buying[near]])
    if num_types > MAX_EXACT_TYPES:
        best = near[gains[near] == gains.max()]
    elif (agreeing == agreeing[:, :1]).all():
        best = near
    else:
        cost_cells, value_cells = as_given(giver, receiver)
        exact = _exact_gains(cost_cells, value_cells, agreeing)
        largest = max(exact)
        best = near[[gain == largest for gain in exact]]
    last = best[np.append(np.diff(best) > 1, True)][0]
    return float(prices[best[0]]), float(prices[last])


def _exact_gains(giver: FractionCells, receiver: FractionCells, agreeing: IndexArray) -> list[int]:
    """Return gains in whole numbers where the first givers and the last receivers trade."""
    costs, values = whole_numbers(giver.mean, receiver.mean)
    (selling,), (buying,) = whole_numbers(giver.mass), whole_numbers(receiver.mass)

    def sums(numbers: Sequence[int]) -> list[int]:
        return [0, *accumulate(numbers)]

    chance, cost = sums(selling), sums([m * c for m, c in zip(selling, costs, strict=True)])
    receivers, worth = sums(buying), sums([m * v for m, v in zip(buying, values, strict=True)])
    return [
        chance[i] * (worth[-1] - worth[j]) - cost[i] * (receivers[-1] - receivers[j])
        for i, j in agreeing.T.tolist()
    ]


def accepted_offers(
    costs: Sequence[Any], limits: Sequence[Any], mass: Sequence[Any], *, sells_at_ties: bool
) -> IndexArray:
    """Return, for each cost, the position of the first type that accepts the best offer.

    Parameters
    ----------
    costs
        In rising order.
    limits
        The highest prices that the types of the other side accept, never falling.
    mass
        Their probabilities. All numbers are of one kind; whole numbers and fractions decide
        everything exactly.
    sells_at_ties
        Whether a cost that is indifferent sells to more types rather than to fewer.

    Returns
    -------
    array of shape (num_costs,)
        The number of types where no offer brings a gain.

    Notes
    -----
    Offers compare the revenue ``p D(p)`` with the cost ``s D(p)``: a best one is a corner of the
    concave hull of revenue over the demand D.

    Examples
    --------
    >>> accepted_offers([1, 2, 3], [1, 2, 3], [1, 1, 1], sells_at_ties=False)
    array([2, 2, 3])
    >>> accepted_offers([1, 2, 3], [1, 2, 3], [1, 1, 1], sells_at_ties=True)
    array([1, 2, 2])
    """
    places, amounts, revenues = _hull(limits, mass)
    chosen, corner = [], len(places) - 1
    for cost in costs:
        while corner > 0:
            gain = revenues[corner] - revenues[corner - 1]
            spent = cost * (amounts[corner] - amounts[corner - 1])
            if gain > spent or (sells_at_ties and gain == spent):
                break
            corner -= 1
        chosen.append(places[corner])
    return np.array(chosen, dtype=np.intp)


def offers_change_at(limits: Sequence[float], mass: Sequence[float]) -> list[float]:
    """Return the costs at which the best offer to finite types changes, in falling order.

    Parameters
    ----------
    limits, mass
        As for :func:`accepted_offers`.

    Examples
    --------
    >>> offers_change_at([1.0, 2.0, 3.0], [0.25, 0.25, 0.5])
    [3.0, 0.0, -2.0]
    """
    _, amounts, revenues = _hull(limits, mass)
    return [
        (revenues[k] - revenues[k - 1]) / (amounts[k] - amounts[k - 1])
        for k in range(1, len(amounts))
    ]


def _hull(limits: Sequence[Any], mass: Sequence[Any]) -> tuple[list[int], list[Any], list[Any]]:
    """Return positions, demands and revenues of the corners of the hull, from no trade on."""
    demand = list(accumulate(reversed(mass)))[::-1]
    places, amounts, revenues = [len(mass)], [0 * demand[0]], [0 * demand[0]]
    for place in range(len(mass) - 1, -1, -1):
        if place and limits[place - 1] == limits[place]:
            continue
        amount, revenue = demand[place], limits[place] * demand[place]
        if not amount > amounts[-1]:
            continue  # Too rare for floats to tell from none.
        while len(places) > 1:
            rise, run = revenue - revenues[-1], amount - amounts[-1]
            before = revenues[-1] - revenues[-2], amounts[-1] - amounts[-2]
            if rise * before[1] < before[0] * run:
                break
            for stack in (places, amounts, revenues):
                stack.pop()
        places.append(place)
        amounts.append(amount)
        revenues.append(revenue)
    return places, amounts, revenues


def offers_to_types(
    costs: TypeSpace | FloatArray, other: TypeSpace, *, by: int, sells_at_ties: bool = False
) -> IndexArray:
    """Return, for each type that makes an offer, how many of the other side's types refuse it.

    Parameters
    ----------
    costs
        The types that make offers, by their means, or floats in rising order, read as decimals.
    other
        The other side; a cell accepts if all its types do.
    by
        0 if givers make the offers, 1 if receivers do.
    sells_at_ties
        As for :func:`accepted_offers`.

    Examples
    --------
    >>> six = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> offers_to_types(six, six, by=0)
    array([3, 4, 4, 5, 5, 6])
    """
    own = costs.mean if isinstance(costs, TypeSpace) else costs
    if own.size + other.num_cells <= MAX_EXACT_TYPES:
        exact, cells = _in_fractions(costs, other)
        money = whole_numbers(exact, cells.lower if by == 0 else cells.upper)
        (mass,) = whole_numbers(cells.mass)
    else:
        limits = other.lower if by == 0 else other.upper
        money, mass = [own.tolist(), limits.tolist()], other.mass.tolist()
    if by == 0:
        return accepted_offers(money[0], money[1], mass, sells_at_ties=sells_at_ties)
    # A receiver is a giver to whom money and goods are the other way round.
    mirrored = [[-number for number in reversed(part)] for part in money]
    refused = accepted_offers(mirrored[0], mirrored[1], mass[::-1], sells_at_ties=sells_at_ties)
    return refused[::-1]


def _in_fractions(
    costs: TypeSpace | FloatArray, other: TypeSpace
) -> tuple[FractionArray, FractionCells]:
    """Return types that make offers and the other side's cells, equal floats as equal numbers."""
    if isinstance(costs, TypeSpace):
        own, cells = as_given(costs, other)
        return own.mean, cells
    try:
        return fraction_array(decimals(costs)), other.in_fractions()
    except InvalidInputError:
        return fraction_array(map(Fraction, costs.tolist())), as_given(other)[0]
