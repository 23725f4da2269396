"""Purchases as they are made: lots at the second price, split awards, a posted price, cost plus."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray
from mechopt._util.rounding import in_figures
from mechopt.environments import Environment
from mechopt.environments.procurement import Purchases
from mechopt.errors import TooLargeError
from mechopt.literature.own_prices import at_own_prices, few_prices, last_of, where_paid
from mechopt.literature.pivotal import MOST_NUMBERS, efficient_rows
from mechopt.mechanism.allocation import EfficientRule, PointwiseRule, Table
from mechopt.mechanism.mechanism import Mechanism
from mechopt.mechanism.payments import largest_payment
from mechopt.studies.comparison import Comparison, ComparisonRow
from mechopt.studies.usual_rows import (
    audited_row,
    efficient_row,
    largest_of,
    outcomes_of,
    profiles_of,
    profit_and_second_best,
    table_of,
)

# What those who do not accept count for, in sizes of all costs and benefits.
NEVER = 1e9
# More suppliers than this accept a price in too many ways.
MOST_SUPPLIERS = 12


def lot_auction(
    procurement: Environment, reserve: float | None = None, winners: int = 1
) -> Mechanism:
    """Return a lot bought from the lowest bids, at the lowest losing one or the reserve price.

    The lot is as large as is best at what winners are paid on average; with several winners all
    deliver alike. Truth is a dominant strategy, and no supplier loses.

    Parameters
    ----------
    procurement
        What :func:`mechopt.environments.Procurement` returned, with few profiles. A cell of types
        bids its highest cost, and is paid what incentives allow.
    reserve
        The most that is paid for a unit, in money; unless given the highest cost of all.
    winners
        How many suppliers the lot is split among; fewer if fewer bids are at most the reserve.

    Raises
    ------
    InvalidInputError
        For another environment, and a joint prior.
    TooLargeError
        If there are too many profiles.

    Notes
    -----
    Source: Vickrey (1961), doi:10.1111/j.1540-6261.1961.tb02789.x; of split awards Anton and Yao
    (1989), RAND Journal of Economics 20, 538-552.

    Examples
    --------
    >>> from mechopt import TypeSpace
    >>> from mechopt.environments import Procurement
    >>> parts = Procurement(TypeSpace.finite([1, 2]), [(1, 4)], count=2)
    >>> lot_auction(parts).ex_post_payments()[0]  # of equal bids the first supplier's is ahead
    array([[-1., -2.],
           [ 0., -2.]])
    """
    outcomes, lots = _purchases(procurement), _Lots(procurement, winners)
    reserve = lots.highest if reserve is None else reserve
    wins, price = lots.at(reserve)
    number, cost = wins.sum(axis=0), procurement.outcomes.cost
    values = np.full(wins.shape, _never(procurement))
    for m, (_, average) in lots.by_number(wins, price).items():
        values = np.where(wins & (number == m), average, values)
    weights = -cost.reshape(-1, *(1,) * len(procurement.shape)) + np.tensordot(
        outcomes.net_quantity.T, values, axes=1
    )
    chosen = outcomes.best(weights) * (number > 0)
    amount = chosen[: len(wins)].sum(axis=0)
    chosen[: len(wins)] = wins * amount / np.maximum(number, 1)
    net = procurement.net_quantities(chosen)
    paid = price * net
    for i, agent in enumerate(procurement.agents):
        if not agent.types.is_finite:
            paid[i] = largest_payment(agent.types, net[i], worst="highest", axis=i)
    return Mechanism.of_profiles(procurement, Table(chosen), paid)


def best_lot_reserve(procurement: Environment, winners: int = 1) -> float:
    """Return the reserve price of :func:`lot_auction` that leaves the buyer most, of at most 400.

    Examples
    --------
    >>> from mechopt import TypeSpace
    >>> from mechopt.environments import Procurement
    >>> best_lot_reserve(Procurement(TypeSpace.finite([1, 2]), [(1, "5/2")], count=1))
    1.0
    """
    lots = _Lots(procurement, winners)
    candidates = few_prices([agent.types.upper for agent in procurement.agents])
    return float(candidates[largest_of([lots.profit(price) for price in candidates])])


def posted_unit_price(procurement: Environment, price: float) -> Mechanism:
    """Return the amount that is best at a price, from the first by number who accept it.

    Parameters
    ----------
    procurement
        What :func:`mechopt.environments.Procurement` returned.
    price
        Of a unit, in money. A cell of types accepts it if all its types do, and is paid where the
        last such cell ends.

    Raises
    ------
    InvalidInputError
        For another environment, and a joint prior.

    Examples
    --------
    >>> from mechopt import TypeSpace
    >>> from mechopt.environments import Procurement
    >>> parts = Procurement(TypeSpace.finite([1, 2]), [(1, 4)])
    >>> posted_unit_price(parts, 1.5).payment_of("supplier_1")
    array([-1.5,  0. ])
    """
    _purchases(procurement)
    own = [last_of(agent.types, price) for agent in procurement.agents]
    values = tuple(
        np.where(agent.types.upper <= price, price, _never(procurement))
        for agent in procurement.agents
    )
    return at_own_prices(procurement, PointwiseRule((values,), (1.0,)), own)


def best_unit_price(procurement: Environment) -> float:
    """Return the price of :func:`posted_unit_price` that leaves the buyer most, of at most 400.

    Examples
    --------
    >>> from mechopt import TypeSpace
    >>> from mechopt.environments import Procurement
    >>> best_unit_price(Procurement(TypeSpace.finite([1, 2]), [(1, 4)]))
    2.0
    """
    outcomes, never = _purchases(procurement), _never(procurement)
    candidates = few_prices([agent.types.upper for agent in procurement.agents])

    def profit(price: float) -> float:
        values, masses = [], []
        for agent in procurement.agents:
            accepts = float(agent.types.mass[agent.types.upper <= price].sum())
            values.append(np.array([price, never]))
            masses.append(np.array([accepts, 1.0 - accepts]))
        return outcomes.expected_maximum(values, masses)

    return float(candidates[largest_of([profit(price) for price in candidates])])


def compared(procurement: Environment) -> Comparison | None:
    """Return the usual ways to buy beside the optimum; None for other environments.

    Examples
    --------
    >>> from mechopt import TypeSpace
    >>> from mechopt.environments import Procurement
    >>> table = compared(Procurement(TypeSpace.finite([1, 2]), [(1, 4)], count=2))
    >>> [(row.name, round(row.profit, 4)) for row in table.rows[3:6]]
    [('second price', 2.25), ('second price, best reserve', 2.25), ('split award', 2.25)]
    """
    if not isinstance(procurement.outcomes, Purchases) or not procurement.independent:
        return None
    number = len(procurement.agents)
    rows = [
        efficient_row(procurement),
        *profit_and_second_best(procurement),
        _lot_row("second price", procurement, with_reserve=False),
        _lot_row("second price, best reserve", procurement),
        *([_lot_row("split award", procurement, winners=2)] if number > 1 else []),
    ]
    if number <= MOST_SUPPLIERS:
        price = best_unit_price(procurement)
        paid = where_paid(price, [last_of(agent.types, price) for agent in procurement.agents])
        rows.append(
            audited_row(
                "best posted price",
                posted_unit_price(procurement, price),
                remark=f"{in_figures(price)} for a unit, from the first who accept it{paid}",
                price=price,
                budget="no-deficit",
            )
        )
    rows.append(
        audited_row(
            "cost plus",
            cost_plus(procurement),
            remark="costs are audited: suppliers cannot hide their types",
            incentives="none",
            budget="no-deficit",
        )
    )
    return table_of(procurement, [*rows, *efficient_rows(procurement, leave_out=True)[:1]])


def cost_plus(procurement: Environment) -> Mechanism:
    """Return the efficient amounts, each paid what it costs; types have to be verified for that.

    Over cells of a continuum all types of a cell are paid its highest cost.

    Examples
    --------
    >>> from mechopt import TypeSpace
    >>> from mechopt.environments import Procurement
    >>> cost_plus(Procurement(TypeSpace.finite([1, 2]), [(1, 4)])).payment_of("supplier_1")
    array([-1., -2.])
    """
    _purchases(procurement)
    paid = tuple(
        agent.types.upper * quantity
        for agent, quantity in zip(procurement.agents, procurement.efficient, strict=True)
    )
    return Mechanism(procurement, EfficientRule(), paid)


def _lot_row(
    name: str, procurement: Environment, *, winners: int = 1, with_reserve: bool = True
) -> ComparisonRow:
    if procurement.num_profiles * len(procurement.agents) > MOST_NUMBERS:
        remark = f"not computed for {profiles_of(procurement)} profiles"
        return ComparisonRow(name, None, remark=remark)
    reserve = best_lot_reserve(procurement, winners) if with_reserve else None
    said = "one lot, from whoever bids lowest" if winners == 1 else "one lot, from two alike"
    limit = "" if reserve is None else f"; at most {in_figures(reserve)} for a unit"
    return audited_row(
        name,
        lot_auction(procurement, reserve, winners),
        remark=f"{said}{limit}",
        price=reserve,
        incentives="dominant",
        participation="ex-post",
        budget="subsidised" if reserve is None else "no-deficit",
    )


class _Lots:
    """Who wins a lot and at what price, over all profiles."""

    def __init__(self, procurement: Environment, winners: int) -> None:
        outcomes, number = _purchases(procurement), len(procurement.agents)
        if procurement.num_profiles * number > MOST_NUMBERS:
            raise TooLargeError(
                f"lots are auctioned in every profile (at most {MOST_NUMBERS:,} numbers, got "
                f"{profiles_of(procurement)} profiles of {number}). Use fewer cells."
            )
        self.procurement, self.outcomes = procurement, outcomes
        uppers = [agent.types.upper for agent in procurement.agents]
        grids = np.meshgrid(*uppers, indexing="ij", sparse=True)
        self.bids = np.stack(np.broadcast_arrays(*grids))
        self.highest = float(self.bids.max())
        rank = np.argsort(np.argsort(self.bids, axis=0, kind="stable"), axis=0, kind="stable")
        self.first = rank < winners
        losing = self.highest
        if winners < number:
            losing = np.partition(self.bids, winners, axis=0)[winners]
        self.losing = np.broadcast_to(losing, procurement.shape)

    def at(self, reserve: float) -> tuple[npt.NDArray[np.bool_], FloatArray]:
        """Return who wins, and what winners are paid for a unit."""
        return self.first & (self.bids <= reserve), np.minimum(self.losing, reserve)

    def by_number(
        self, wins: npt.NDArray[np.bool_], price: FloatArray
    ) -> dict[int, tuple[float, float]]:
        """Return how likely so many win, and the average price if they do."""
        number, found = wins.sum(axis=0), {}
        for m in range(1, int(number.max(initial=0)) + 1):
            chance = self.procurement.expectation((number == m).astype(float))
            if chance > 0.0:
                paid = self.procurement.expectation(np.where(number == m, price, 0.0))
                found[m] = chance, paid / chance
        return found

    def profit(self, reserve: float) -> float:
        """Return the benefit less what is paid, where lots are as large as is best."""
        total, never = 0.0, _never(self.procurement)
        for m, (chance, average) in self.by_number(*self.at(reserve)).items():
            alone = [np.array([average if i < m else never]) for i in range(len(self.bids))]
            total += chance * self.outcomes.expected_maximum(alone, [np.ones(1)] * len(alone))
        return total


def _never(procurement: Environment) -> float:
    """Return a cost at which next to nothing is bought, however fast marginal benefits rise."""
    size = float(np.abs(procurement.outcomes.cost).sum())
    return NEVER * (1.0 + procurement.largest_type + size)


def _purchases(procurement: Environment) -> Purchases:
    return outcomes_of(
        procurement,
        Purchases,  # type: ignore[type-abstract]
        "not a purchase from suppliers",
        where="procurement",
        maker="Procurement(...)",
        needs="lots and posted prices, and what they bring on average,",
    )
