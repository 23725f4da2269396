"""A table of what people play beside the optimum: shares of the first best, by institution."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from mechopt._util.progress import Report
from mechopt.backends.direct import Direct
from mechopt.environments import Environment
from mechopt.environments.auction import IdenticalGoods
from mechopt.environments.market import TwoSides
from mechopt.errors import InvalidInputError, UnsupportedProblemError
from mechopt.literature.efficient_continuum import efficient_continuum
from mechopt.literature.institutions.bids import (
    all_pay_equilibrium,
    first_price_equilibrium,
    second_price_equilibrium,
)
from mechopt.literature.institutions.market_equilibria import market_equilibrium
from mechopt.literature.institutions.mixed_offers import MixedOffers, mixed_equilibrium
from mechopt.literature.institutions.prices import (
    best_price_pairs,
    broker_prices,
    price_lottery,
)
from mechopt.literature.institutions.smooth_offers import best_smooth_equilibrium
from mechopt.literature.institutions.step_offers import grid_equilibrium, step_equilibrium
from mechopt.literature.institutions.time_rows import SECONDS, Makers, row_of, rows_over_time
from mechopt.problem.usual import ex_ante_efficiency
from mechopt.studies.comparison import Comparison, compare
from mechopt.studies.comparison_rows import ComparisonRow
from mechopt.studies.continuum import bracket_continuum
from mechopt.studies.sealed_offers import laws_of
from mechopt.types.sources.finite import Finite

# Steps whose equilibria have a row.
STEPS = (2, 5)
MEMBERS = 3
FIRST, SECOND = "first best, continuum", "second best, continuum"
NOT_ABOUT_CELLS = (
    f"rows from {FIRST} on are about the continuum and are shares of its first best; those above "
    "are about cells, of which the best is not the continuum's"
)
NO_FIRST_BEST = (
    "what people play is about the continuum, whose first best is not known here: no shares"
)
# All equilibria of sealed offers on a grid are searched for so many choices of a type and an offer.
MOST_CHOICES = 60


def compare_institutions(
    environment: Environment,
    k: float = 0.5,
    *,
    discount: Any = None,
    periods: int = 2,
    progress: Report | None = None,
) -> Comparison:
    """Return what institutions reach in equilibrium, beside all rows of :func:`mechopt.compare`.

    Parameters
    ----------
    environment
        Bilateral trade, a market, or an auction of one good.
    k
        Weight in the price of the buyer's offer, and in a market of the higher one; more than 0 and
        less than 1.
    discount
        What a gain is worth one period later; if given, offers over time have rows, too.
    periods
        How many offers there are over time.
    progress
        Called with how many institutions are done and how many there are, the usual rows counting
        as one.

    Returns
    -------
    Comparison
        In addition to the usual rows, for bilateral trade: smooth and step equilibria of sealed
        offers for continuous priors; for finite ones offers on the grid of all types, and, of few
        types, the best of all equilibria on it, mixed or not; a draw among prices that is told only
        where types lie; two prices with a budget on average; and a broker's. Over time: the most
        and the least that equilibria of offers in turn, and of the seller's offers, bring to few
        finite types; the seller's offers at a known cost; Cramton's delayed first offer for two
        equal uniform priors; and, where the two discount unlike, one offer of each side at a date
        that it chooses, and its menu of dates, which is a commitment. For
        markets: sealed offers at a price between them, and those of buyers alone. For auctions:
        bids at the first price, where all pay, and at the second price. A row passes if no type
        gains by deviating, recomputed from the priors; one that does not exist for these priors
        says why. Of continuous priors of markets and auctions the usual rows are about cells, and
        what people play is about the continuum: beside the first and the second best of that.

    Raises
    ------
    InvalidInputError
        For another environment.
    UnsupportedProblemError
        For a discount factor in a market or an auction.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> table = compare_institutions(BilateralTrade(types, types))
    >>> row = table.row("sealed offers on a grid")
    >>> round(table.share(row), 4), round(table.share(table.row("second best")), 4)
    (0.9143, 0.9524)
    """
    told = progress or (lambda done, total: None)
    told(0, 1)
    base = compare(environment)
    if discount is not None and isinstance(environment.outcomes, TwoSides | IdenticalGoods):
        raise UnsupportedProblemError(
            "offers over time are between one seller and one buyer (got a market or an auction). "
            "Leave discount out."
        )
    if isinstance(environment.outcomes, TwoSides):
        makers: Makers = {
            "sealed offers": partial(market_equilibrium, environment, k),
            "buyers' bids alone": partial(market_equilibrium, environment, 1.0),
        }
    elif isinstance(environment.outcomes, IdenticalGoods):
        makers = {
            "first-price bids": partial(first_price_equilibrium, environment),
            "all-pay bids": partial(all_pay_equilibrium, environment),
            "second-price bids": partial(second_price_equilibrium, environment),
        }
    else:
        makers = _of_trade(environment, k, discount, periods)
    rows = []
    for done, each in enumerate(makers.items(), start=1):
        told(done, 1 + len(makers))
        rows.append(row_of(*each))
    told(1 + len(makers), 1 + len(makers))
    played = tuple(rows)
    if environment.outcomes.exchange is not None or not environment.has_continuum:
        return replace(base, rows=base.rows + played)
    optima = _of_continuum(environment)
    first_best = optima[0].total if optima else 0.0
    note = NOT_ABOUT_CELLS if optima else NO_FIRST_BEST
    return replace(
        base,
        rows=base.rows + optima + tuple(replace(row, first_best=first_best) for row in played),
        note="; ".join(part for part in (base.note, note) if part),
    )


def _of_continuum(environment: Environment) -> tuple[ComparisonRow, ...]:
    """Return the rows of the first and the second best over the continuum; none if not known."""
    try:
        first_best = efficient_continuum(environment).first_best
        found = bracket_continuum(Direct().solve(ex_ante_efficiency(environment)))
    except UnsupportedProblemError:
        return ()
    most = min(found.upper, first_best.upper)
    return (
        ComparisonRow(
            FIRST,
            first_best.value,
            error=first_best.upper - first_best.lower,
            first_best=first_best.value,
        ),
        ComparisonRow(
            SECOND,
            min(found.estimate, most),
            error=most - found.lower,
            remark=f"it lies from {found.lower:.9g} to {most:.9g}",
            first_best=first_best.value,
        ),
    )


def _of_trade(trade: Environment, k: float, discount: Any, periods: int) -> Makers:
    laws = laws_of(trade)
    finite = [isinstance(law, Finite) for law in laws]
    makers: Makers = {}
    if not any(finite):
        makers["smooth sealed offers"] = partial(best_smooth_equilibrium, trade, k, MEMBERS)
        for number in STEPS:
            makers[f"sealed offers in {number} steps"] = partial(step_equilibrium, trade, k, number)
    elif all(finite):
        types = np.unique(np.concatenate([law.types for law in laws if isinstance(law, Finite)]))
        makers["sealed offers on a grid"] = partial(grid_equilibrium, trade, types, k)
        makers["best sealed offers, mixed or not"] = partial(_best_on_types, trade, k)
    makers["price lottery"] = partial(price_lottery, trade)
    makers["price pairs"] = partial(best_price_pairs, trade)
    makers["broker's two prices"] = partial(broker_prices, trade)
    makers |= {} if discount is None else rows_over_time(trade, discount, periods)
    return makers


def _best_on_types(trade: Environment, k: float) -> MixedOffers:
    """Return the best equilibrium of sealed offers on the grid of all types, as fractions."""
    try:
        cells = [agent.types.in_fractions() for agent in trade.agents]
    except InvalidInputError as error:
        raise UnsupportedProblemError(f"mixed equilibria are exact: {error}") from error
    # Two fractions that are one float are one price.
    types = {float(own): own for cell in cells for own in cell.mean}
    grid = [types[own] for own in sorted(types)]
    return mixed_equilibrium(trade, grid, k, time_limit=SECONDS, max_choices=MOST_CHOICES)
