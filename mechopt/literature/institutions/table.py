"""A table of what people play beside the optimum: shares of the first best, by institution."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from mechopt.environments import Environment
from mechopt.errors import UnsupportedProblemError
from mechopt.literature.institutions.prices import PricePairs, best_price_pairs, broker_prices
from mechopt.literature.institutions.smooth_offers import best_smooth_equilibrium
from mechopt.literature.institutions.step_offers import grid_equilibrium, step_equilibrium
from mechopt.studies.comparison import Comparison, compare
from mechopt.studies.comparison_rows import ComparisonRow
from mechopt.studies.sealed_offers import SealedOffers, laws_of
from mechopt.types.sources.finite import Finite

# Steps whose equilibria have a row.
STEPS = (2, 5)
MEMBERS = 3


def compare_institutions(trade: Environment, k: float = 0.5) -> Comparison:
    """Return what institutions reach in equilibrium, beside all rows of :func:`mechopt.compare`.

    Parameters
    ----------
    trade
        Bilateral trade.
    k
        Weight of the buyer's offer in the price of sealed offers, more than 0 and less than 1.

    Returns
    -------
    Comparison
        In addition to the usual rows: smooth and step equilibria of sealed offers for continuous
        priors, offers on the grid of all types for finite ones; two prices with a budget on
        average; and a broker's. A row passes if no type gains by deviating, recomputed from the
        priors; one that does not exist for these priors says why.

    Raises
    ------
    InvalidInputError
        For another environment.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> table = compare_institutions(BilateralTrade(types, types))
    >>> row = table.row("sealed offers on a grid")
    >>> round(table.share(row), 4), round(table.share(table.row("second best")), 4)
    (0.9143, 0.9524)
    """
    base, laws = compare(trade), laws_of(trade)
    finite = [isinstance(law, Finite) for law in laws]
    makers: dict[str, Callable[[], SealedOffers | PricePairs]] = {}
    if not any(finite):
        makers["smooth sealed offers"] = partial(best_smooth_equilibrium, trade, k, MEMBERS)
        for number in STEPS:
            makers[f"sealed offers in {number} steps"] = partial(step_equilibrium, trade, k, number)
    elif all(finite):
        types = np.unique(np.concatenate([law.types for law in laws if isinstance(law, Finite)]))
        makers["sealed offers on a grid"] = partial(grid_equilibrium, trade, types, k)
    makers["price pairs"] = partial(best_price_pairs, trade)
    makers["broker's two prices"] = partial(broker_prices, trade)
    return replace(base, rows=base.rows + tuple(_row(*each) for each in makers.items()))


def _row(name: str, make: Callable[[], SealedOffers | PricePairs]) -> ComparisonRow:
    try:
        row = make().row()
    except UnsupportedProblemError as error:
        return ComparisonRow(name, None, remark=str(error))
    return replace(row, name=name, remark=f"{row.name}: {row.remark}")
