"""What types of a continuum play, as a mechanism that treats all types of a cell alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.environments import Environment
from mechopt.errors import UnsupportedProblemError
from mechopt.mechanism.mechanism import Mechanism
from mechopt.types import TypeSpace

# Payments that are off balance by less than this share of the first best are off by rounding.
BALANCED = 1e-13

# From an agent's place and types to what each of them expects in equilibrium, in money.
Payoff = Callable[[int, FloatArray], FloatArray]


@dataclass(frozen=True, eq=False)
class ByCells:
    """A mechanism of cells of types, and how far it is from the equilibrium it stands for.

    Types of a cell play differently, and a mechanism of cells treats them alike: its trade is
    that of the equilibrium on average over each cell, and the payments that go with that are others
    (theory.md, section 3.13).

    Parameters
    ----------
    mechanism
        The direct mechanism.
    change
        The most by which what any type expects from it differs from what it expects in equilibrium,
        over the ends and means of all cells, in money. It is rounding where types of a cell all
        play the same.
    agent, type
        Whose payoff differs by that; the type is in money.
    weight
        The probability that a cell plays as its least eager type would, or its most eager one,
        rather than as one drawn from the cell. Below 1.
    is_average
        Whether payments, too, are averages over cells of those of the types themselves, as
        where types of a cell all play the same, and of offers that are no equilibrium.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import BilateralTrade
    >>> from mechopt.studies.sealed_offers import linear_equilibrium
    >>> changes = []
    >>> for cells in (20, 40):
    ...     half = TypeSpace.from_distribution(stats.uniform(0, 1), cells)
    ...     changes.append(linear_equilibrium(BilateralTrade(half, half)).by_cells.change)
    >>> [round(change, 5) for change in changes]
    [0.00128, 0.00032]
    """

    mechanism: Mechanism
    change: float
    agent: str
    type: float
    weight: float = 0.0
    is_average: bool = False


def nearest_payments(
    types: TypeSpace, quantity: FloatArray, wanted: FloatArray, payoff: float, *, worst: str
) -> FloatArray:
    """Return payments that are incentive compatible, and rise as wanted where that is possible.

    Parameters
    ----------
    types
        The agent's type space.
    quantity : array of shape (num_cells,)
        Interim net quantity, nondecreasing.
    wanted : array of shape (num_cells,)
        Interim payments, of which the differences between neighbours count.
    payoff
        What the worst-off type is left with, in money.
    worst
        ``"lowest"`` or ``"highest"``, which type that is.

    Notes
    -----
    Between cells that adjoin, incentives leave no choice: ``T[k] - T[k-1] = lower[k] (Q[k] -
    Q[k-1])``. Between finite types they leave an interval, of which the nearest number to what is
    wanted is taken. Source: theory.md, section 1.

    Examples
    --------
    >>> types = TypeSpace.finite([1, 2])
    >>> wanted, quantity = np.array([0.0, 1.7]), np.array([0.0, 1.0])
    >>> nearest_payments(types, quantity, wanted, 0.25, worst="lowest")
    array([-0.25,  1.45])
    """
    rise = np.diff(quantity)
    steps = np.clip(np.diff(wanted), types.upper[:-1] * rise, types.lower[1:] * rise)
    if worst == "lowest":
        start = types.lower[0] * quantity[0] - payoff
        return np.append(start, start + np.cumsum(steps))
    start = types.upper[-1] * quantity[-1] - payoff
    return np.append(start - np.cumsum(steps[::-1])[::-1], start)


def balancing(sums: Sequence[float], scale: float) -> tuple[int, float]:
    """Return the rule to mix the first one with, and its weight, so that payments balance.

    Parameters
    ----------
    sums
        What all agents pay in expectation under each rule, in money.
    scale
        The first best, in money.

    Raises
    ------
    UnsupportedProblemError
        If no rule is on the other side of zero.

    Examples
    --------
    >>> balancing([-0.01, 0.03, -0.05], 1.0)
    (1, 0.25)
    >>> place, weight = balancing([-0.01, 0.03, 0.09], 1.0)  # the smaller weight of two
    >>> place, round(weight, 9)
    (2, 0.1)
    """
    if abs(sums[0]) <= BALANCED * scale:
        return 0, 0.0
    found = [
        (sums[0] / (sums[0] - other), place)
        for place, other in enumerate(sums)
        if other * sums[0] < 0.0
    ]
    if not found:
        least, most = min(sums), max(sums)
        raise UnsupportedProblemError(
            "cells are too coarse for a mechanism near the equilibrium: whether they play as types "
            "drawn from them, as their least or as their most eager ones, with the equilibrium's "
            f"payoffs of the worst-off types payments sum to {least:.3g} to {most:.3g} instead of "
            "0. Take more cells."
        )
    weight, place = min(found)
    return place, weight


def changed_most(
    environment: Environment,
    quantities: Sequence[FloatArray],
    payments: Sequence[FloatArray],
    payoff: Payoff,
) -> tuple[float, str, float]:
    """Return the most by which a type's payoff differs from that of an equilibrium, and whose.

    Examples
    --------
    >>> from mechopt import BilateralTrade
    >>> types = TypeSpace.finite([0, 1])
    >>> trade, none = BilateralTrade(types, types), np.zeros(2)
    >>> changed_most(trade, [none, none], [none, none], lambda place, own: 0.125 * place * own)
    (0.125, 'buyer', 1.0)
    """
    worst = (0.0, environment.agents[0].name, environment.agents[0].types.lowest)
    for i, agent in enumerate(environment.agents):
        for own in (agent.types.lower, agent.types.mean, agent.types.upper):
            change = np.abs(own * quantities[i] - payments[i] - payoff(i, own))
            at = int(change.argmax())
            if change[at] > worst[0]:
                worst = float(change[at]), agent.name, float(own[at])
    return worst
