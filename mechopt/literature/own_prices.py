"""Rules in which each agent trades at a price of its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.rounding import in_figures
from mechopt.environments import Environment
from mechopt.mechanism.allocation import PointwiseRule
from mechopt.mechanism.mechanism import Mechanism
from mechopt.types import TypeSpace

# Payments are written out by profile, and audited so, up to this many numbers.
MOST_WRITTEN = 300_000
# More prices than this are not tried one by one.
MOST_PRICES = 400
NEAR = 1e-12


def at_own_prices(
    environment: Environment, rule: PointwiseRule, prices: Sequence[float]
) -> Mechanism:
    """Return a rule in which each agent pays a price of its own per unit of its net quantity."""
    quantities = zip(prices, rule.interim_quantities(environment), strict=True)
    paid = tuple(own * quantity for own, quantity in quantities)
    by_profile = None
    if environment.num_profiles * len(prices) <= MOST_WRITTEN:
        along = np.reshape(prices, (-1, *(1,) * len(prices)))
        by_profile = along * environment.net_quantities(rule.dense(environment))
    return Mechanism(environment, rule, paid, by_profile)


def first_of(types: TypeSpace, price: float) -> float:
    """Return what those pay who accept a price: that, or where their first cell begins.

    Examples
    --------
    >>> first_of(TypeSpace.finite([1, 3]), 2.0)
    2.0
    """
    accept = types.lower >= price
    return price if types.is_finite or not accept.any() else float(types.lower[accept][0])


def last_of(types: TypeSpace, price: float) -> float:
    """Return what those are paid who sell at a price: that, or where their last cell ends.

    Examples
    --------
    >>> last_of(TypeSpace.finite([1, 3]), 2.0)
    2.0
    """
    accept = types.upper <= price
    return price if types.is_finite or not accept.any() else float(types.upper[accept][-1])


def where_paid(price: float, own: Sequence[float]) -> str:
    """Return, in words, where a price is paid over cells that do not begin or end at it.

    Examples
    --------
    >>> where_paid(0.5, [0.5, 0.52])
    '; it lies within cells: some that accept it trade at 0.52, where they end'
    """
    away = [each for each in own if abs(each - price) > NEAR * max(abs(each), abs(price))]
    if not away:
        return ""
    far = in_figures(max(away, key=lambda each: abs(each - price)))
    return f"; it lies within cells: some that accept it trade at {far}, where they end"


def few_prices(ends: Sequence[FloatArray]) -> FloatArray:
    """Return the prices at which somebody's answer changes, or 400 of them.

    Examples
    --------
    >>> few_prices([np.array([1.0, 2.0]), np.array([2.0, 3.0])])
    array([1., 2., 3.])
    """
    prices = np.unique(np.concatenate(list(ends)))
    if prices.size > MOST_PRICES:
        prices = prices[np.linspace(0, prices.size - 1, MOST_PRICES).round().astype(int)]
    return prices
