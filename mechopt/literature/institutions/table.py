"""A table of what people play beside the optimum: shares of the first best, by institution."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from typing import Any, Protocol

import numpy as np

from mechopt._util.rationals import as_fraction
from mechopt.environments import Environment
from mechopt.environments.auction import IdenticalGoods
from mechopt.environments.market import TwoSides
from mechopt.errors import TooLargeError, UnsupportedProblemError
from mechopt.literature.institutions.bids import (
    all_pay_equilibrium,
    first_price_equilibrium,
    second_price_equilibrium,
)
from mechopt.literature.institutions.game_equilibria import EquilibriumBounds, surplus_bounds
from mechopt.literature.institutions.market_equilibria import market_equilibrium
from mechopt.literature.institutions.mixed_offers import mixed_equilibrium
from mechopt.literature.institutions.offer_game import (
    OfferGame,
    alternating_offers,
    offers_by_one_side,
)
from mechopt.literature.institutions.offers_over_time import (
    DelayedFirstOffer,
    finite_horizon_offers,
)
from mechopt.literature.institutions.prices import best_price_pairs, broker_prices
from mechopt.literature.institutions.smooth_offers import best_smooth_equilibrium
from mechopt.literature.institutions.step_offers import grid_equilibrium, step_equilibrium
from mechopt.studies.comparison import Comparison, compare
from mechopt.studies.comparison_rows import ComparisonRow
from mechopt.studies.sealed_offers import laws_of
from mechopt.types.sources.finite import Finite

# Steps whose equilibria have a row.
STEPS = (2, 5)
MEMBERS = 3
# Games of offers are solved up to so many information sets, for so many seconds.
MOST_NODES = 120
SECONDS = 20.0
# All equilibria of sealed offers on a grid are searched for so many choices of a type and an offer.
MOST_CHOICES = 60


class Played(Protocol):
    """What has a row in a comparison."""

    def row(self) -> ComparisonRow:
        """Return the row."""
        ...


Makers = dict[str, Callable[[], Played]]


def compare_institutions(
    environment: Environment, k: float = 0.5, *, discount: Any = None, periods: int = 2
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

    Returns
    -------
    Comparison
        In addition to the usual rows, for bilateral trade: smooth and step equilibria of sealed
        offers for continuous priors; for finite ones offers on the grid of all types, and, of few
        types, the best of all equilibria on it, mixed or not; two prices with a budget on average;
        and a broker's. Over time: the most and the least that equilibria
        of offers in turn, and of the seller's offers, bring to few finite types; the seller's
        offers at a known cost; and Cramton's delayed first offer for two equal uniform priors. For
        markets: sealed offers at a price between them, and those of buyers alone. For auctions:
        bids at the first price, where all pay, and at the second price. A row passes if no type
        gains by deviating, recomputed from the priors; one that does not exist for these priors
        says why. Rows of markets and auctions in equilibrium are about the continuum, the usual
        ones about its cells.

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
    return replace(base, rows=base.rows + tuple(_row(*each) for each in makers.items()))


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
        makers["best sealed offers, mixed or not"] = partial(
            mixed_equilibrium, trade, types, k, time_limit=SECONDS, max_choices=MOST_CHOICES
        )
    makers["price pairs"] = partial(best_price_pairs, trade)
    makers["broker's two prices"] = partial(broker_prices, trade)
    makers |= {} if discount is None else _over_time(trade, discount, periods)
    return makers


def _over_time(trade: Environment, discount: Any, periods: int) -> Makers:
    """Return what makes the rows of offers over time."""
    laws = laws_of(trade)
    makers: Makers = {}
    if all(isinstance(law, Finite) for law in laws):
        for name, rules in (("in turn", alternating_offers), ("by the seller", offers_by_one_side)):
            # Both rows are of one search.
            found = cache(partial(_bounds, rules, trade, discount, periods))
            for end in ("most", "least"):
                makers[f"offers {name}, the {end}"] = partial(_end_of, found, end)
        return makers
    if trade.agents[0].types.num_cells == 1:
        offers = partial(finite_horizon_offers, trade, _factor(discount), periods)
        makers["seller's offers over time"] = offers
    uniform = [law.uniform_on for law in laws]
    if uniform[0] is not None and uniform[0] == uniform[1]:
        width = laws[0].high - laws[0].low
        makers["delayed first offer"] = partial(DelayedFirstOffer, _factor(discount), width)
    return makers


def _factor(discount: Any) -> float:
    """Return a discount factor as a float."""
    return float(as_fraction(discount))


def _bounds(
    rules: Callable[..., OfferGame], trade: Environment, discount: Any, periods: int
) -> EquilibriumBounds:
    game = rules(trade, discount, periods)
    if game.num_nodes > MOST_NODES:
        raise UnsupportedProblemError(
            f"equilibria of games of offers are searched in a table for up to {MOST_NODES} "
            f"information sets (got {game.num_nodes})"
        )
    return surplus_bounds(game, time_limit=SECONDS)


def _end_of(found: Callable[[], EquilibriumBounds], end: str) -> _BoundRow:
    return _BoundRow(found(), end)


class _BoundRow:
    """One end of the bounds on equilibria, as what has a row."""

    def __init__(self, bounds: EquilibriumBounds, end: str) -> None:
        self.bounds, self.end = bounds, end

    def row(self) -> ComparisonRow:
        """Return the row of the equilibrium found there, with the bound beside it."""
        bounds = self.bounds
        most = self.end == "most"
        row = (bounds.highest if most else bounds.lowest).row()
        limit = bounds.at_most if most else bounds.at_least
        said = f"no equilibrium without dominated moves brings {'more' if most else 'less'} than"
        return replace(row, remark=f"{row.remark}; {said} {limit:.6g}")


def _row(name: str, make: Callable[[], Played]) -> ComparisonRow:
    try:
        row = make().row()
    except (UnsupportedProblemError, TooLargeError) as error:
        return ComparisonRow(name, None, remark=str(error))
    return replace(row, name=name, remark=f"{row.name}: {row.remark}")
