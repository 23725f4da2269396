"""Trade at dates that types choose as a direct mechanism of cells, which balances in every pair."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.environments import Environment
from mechopt.literature.institutions.over_time import mechanism_of_trade
from mechopt.studies.by_cells import (
    ByCells,
    Payoff,
    balancing,
    changed_most,
    nearest_payments,
)
from mechopt.studies.sealed_by_cells import RARE, payments_at_trade
from mechopt.types.quadrature import POINTS, WEIGHTS

# What trade is worth to the giver and to the receiver, and what is paid, by period and pair, of
# costs in widths, and of so many equal cells of values, or of values in widths.
LotsOf = Callable[[FloatArray, int | FloatArray], tuple[FloatArray, ...]]


def delayed_by_cells(trade: Environment, lots_of: LotsOf, width: float) -> ByCells:
    """Return the direct mechanism that an equilibrium with delay induces on cells.

    Parameters
    ----------
    trade
        Bilateral trade whose types are as many equally likely cells of each side, of uniform costs
        and values from zero on.
    lots_of
        What they do.
    width
        The highest cost and value, in money.

    Raises
    ------
    UnsupportedProblemError
        For cells that are too coarse.
    """
    cells = trade.shape[0]
    ends = np.linspace(0.0, 1.0, cells + 1)
    # Ten points in a cell of costs; of values, those who accept in a period are an interval.
    costs = ends[:-1, None] + 0.5 * (POINTS + 1.0) / cells

    def averages(values: int | FloatArray) -> list[FloatArray]:
        parts = lots_of(costs, values)[:3]
        return [np.einsum("p,tipj->tij", 0.5 * WEIGHTS, part).sum(axis=0) for part in parts]

    def payoff(place: int, types: FloatArray) -> FloatArray:
        if place:
            _, bought, paid = (part.mean(axis=0) for part in averages(types / width))
            return np.asarray(types * bought - paid)
        sold, _, paid = (part.sum(axis=0)[:, 0] for part in lots_of(types / width, 1)[:3])
        return np.asarray(paid - types * sold)

    # On average over pairs of cells, then as their least eager types, and as their most eager ones.
    lots = [averages(cells)]
    for asking, replying in ((ends[1:], ends[:-1]), (ends[:-1], ends[1:])):
        lots.append([part.sum(axis=0) for part in lots_of(asking, replying)[:3]])
    return balanced_lots(trade, lots, payoff)


def balanced_lots(
    trade: Environment, lots: Sequence[Sequence[FloatArray]], payoff: Payoff
) -> ByCells:
    """Return a mechanism of cells whose payments balance in every pair, near to some lots.

    Parameters
    ----------
    trade
        Bilateral trade whose types are the cells.
    lots
        What trade is worth to seller and buyer and what is paid, each an array over pairs of
        cells: on average over them, then as their least and as their most eager types would trade.
    payoff
        What types expect in equilibrium, by place of the agent, in money.

    Raises
    ------
    UnsupportedProblemError
        For cells that are too coarse.

    Notes
    -----
    Source: theory.md, section 3.13.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> trade = BilateralTrade(TypeSpace.finite([0]), TypeSpace.finite([1, 2]))
    >>> sure = np.ones((1, 2))  # at the price 1
    >>> found = balanced_lots(trade, [[sure, sure, sure]], lambda i, own: own - i if i else own + 1)
    >>> found.mechanism.payment[1], found.change
    (array([1., 1.]), 0.0)
    """
    (own, other), masses = (agent.types for agent in trade.agents), trade.masses
    least = [max(float(payoff(0, own.upper[-1:])[0]), 0.0),
             max(float(payoff(1, other.lower[:1])[0]), 0.0)]  # fmt: skip
    paid = lots[0][2]
    rules = []
    for sold, bought, _ in lots:
        received = -nearest_payments(
            own, -(sold @ masses[1]), -(paid @ masses[1]), least[0], worst="highest"
        )
        spent = nearest_payments(
            other, masses[0] @ bought, masses[0] @ paid, least[1], worst="lowest"
        )
        rules.append((sold, bought, received, spent))
    sums = [float(masses[1] @ spent - masses[0] @ received) for *_, received, spent in rules]
    place, weight = balancing(sums, trade.first_best)
    sold, bought, received, spent = (
        (1.0 - weight) * one + weight * more
        for one, more in zip(rules[0], rules[place], strict=True)
    )
    halfway = np.broadcast_to(0.5 * (own.mean[:, None] + other.mean), paid.shape)
    price = np.divide(paid, lots[0][1], out=halfway.copy(), where=lots[0][1] > RARE)
    mechanism = mechanism_of_trade(
        trade, sold, bought, payments_at_trade(bought, price, (masses[0], masses[1]),
                                               (received, spent))
    )  # fmt: skip
    found = changed_most(trade, mechanism.quantity, mechanism.payment, payoff)
    return ByCells(mechanism, *found, weight)
