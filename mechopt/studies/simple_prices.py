"""Simple menus of several goods: a price for each, one for all together, one for any of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.environments import Environment
from mechopt.environments.goods import ADDITIVE, UNIT, SeveralGoods
from mechopt.errors import InvalidInputError
from mechopt.mechanism.allocation import Table
from mechopt.mechanism.mechanism import Mechanism


@dataclass(frozen=True, eq=False)
class SimpleMenu:
    """The best prices of a simple menu of goods.

    Parameters
    ----------
    prices
        In money.
    revenue
        What they earn, in expectation and in money.
    mechanism
        What the buyer chooses, in favour of buying where it does not matter.
    """

    prices: tuple[float, ...]
    revenue: float
    mechanism: Mechanism


def separate_prices(environment: Environment) -> SimpleMenu:
    """Return the best prices of goods that are sold one by one to a buyer whose values add up.

    Raises
    ------
    InvalidInputError
        For anything but :func:`mechopt.Goods` with additive values.

    Notes
    -----
    Source: theory.md, section 2.1.

    Examples
    --------
    >>> from mechopt import Goods
    >>> menu = separate_prices(Goods([[1, 0], [0, 2], [3, 3]]))
    >>> menu.prices, round(menu.revenue, 9)  # the buyer who values both at 3 buys both
    ((3.0, 2.0), 2.333333333)
    """
    values, mass = _values(environment, ADDITIVE)
    prices = [_best_price(column, mass) for column in values.T]
    return _menu(environment, (values >= prices).astype(np.float64), tuple(prices), prices)


def price_of_the_bundle(environment: Environment) -> SimpleMenu:
    """Return the best price of all goods together, to a buyer whose values add up.

    Raises
    ------
    InvalidInputError
        As :func:`separate_prices`.

    Examples
    --------
    >>> from mechopt import Goods
    >>> menu = price_of_the_bundle(Goods([[1, 3], [2, 2], [3, 1]]))
    >>> menu.prices, menu.revenue
    ((4.0,), 4.0)
    """
    values, mass = _values(environment, ADDITIVE)
    total = values.sum(axis=1)
    price = _best_price(total, mass)
    bought = np.repeat((total >= price)[:, None], values.shape[1], axis=1).astype(np.float64)
    return _menu(environment, bought, (price,), [price / values.shape[1]] * values.shape[1])


def one_price(environment: Environment) -> SimpleMenu:
    """Return the best price at which any good is to be had, for a buyer with use for one only.

    Raises
    ------
    InvalidInputError
        For anything but :func:`mechopt.Goods` with unit demand.

    Examples
    --------
    >>> from mechopt import Goods
    >>> menu = one_price(Goods([[1, 0], [0, 2], [3, 3]], demand="unit"))
    >>> menu.prices, round(menu.revenue, 9)
    ((2.0,), 1.333333333)
    """
    values, mass = _values(environment, UNIT)
    best = values.argmax(axis=1)
    price = _best_price(values.max(axis=1), mass)
    bought = np.eye(values.shape[1])[best] * (values.max(axis=1) >= price)[:, None]
    return _menu(environment, bought, (price,), [price] * values.shape[1])


def _values(environment: Environment, demand: str) -> tuple[FloatArray, FloatArray]:
    """Return values and probabilities of the types of a buyer with this demand."""
    outcomes = environment.outcomes
    if not isinstance(outcomes, SeveralGoods) or outcomes.demand != demand:
        raise InvalidInputError(
            "not a buyer for whom these prices are made",
            where="environment",
            expected=f'Goods(..., demand="{demand}")',
            got=repr(outcomes),
            remedy="Solve its program with mechopt.solve.",
        )
    types = environment.agents[0].types
    return types.mean, types.mass


def _best_price(values: FloatArray, mass: FloatArray) -> float:
    """Return the lowest price that earns most where types of these values buy."""
    order = np.argsort(values, kind="stable")
    prices = values[order]
    at_least = np.cumsum(mass[order][::-1])[::-1][np.searchsorted(prices, prices)]
    earned = np.where(prices > 0.0, prices * at_least, 0.0)
    best = earned.max()
    # Prices that earn as much up to rounding: the lowest, whatever the last digits say.
    return max(float(prices[np.argmax(earned >= best - 1e-12 * abs(best))]), 0.0)


def _menu(
    environment: Environment, bought: FloatArray, prices: tuple[float, ...], each: list[float]
) -> SimpleMenu:
    """Return a menu, and its mechanism, of what is bought at a price for each good."""
    paid = bought @ np.array(each)
    mechanism = Mechanism.of_profiles(environment, Table(bought.T), [paid])
    return SimpleMenu(prices, float(environment.masses[0] @ paid), mechanism)
