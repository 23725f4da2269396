"""Rows of institutions over time: what makes each, and rows of what does not exist for a prior."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from typing import Any, Protocol

from mechopt._util.rationals import as_fraction
from mechopt._util.rounding import power_of_ten
from mechopt.environments import DelayedTrade, Environment
from mechopt.errors import TooLargeError, UnsupportedProblemError
from mechopt.literature.institutions.dated_offers import DatedOffer
from mechopt.literature.institutions.delayed_first_offer import DelayedFirstOffer
from mechopt.literature.institutions.game_equilibria import EquilibriumBounds, surplus_bounds
from mechopt.literature.institutions.offer_game import (
    OfferGame,
    alternating_offers,
    offers_by_one_side,
)
from mechopt.literature.institutions.offers_over_time import finite_horizon_offers, is_known
from mechopt.literature.institutions.over_ratios import dated_menu
from mechopt.studies.comparison_rows import ComparisonRow
from mechopt.studies.sealed_offers import TOLERANCE, laws_of
from mechopt.types.sources.finite import Finite

# Games of offers are solved up to so many information sets, for so many seconds.
MOST_NODES = 120
SECONDS = 20.0


class Played(Protocol):
    """What has a row in a comparison."""

    def row(self) -> ComparisonRow:
        """Return the row."""
        ...


Makers = dict[str, Callable[[], Played]]


def row_of(name: str, make: Callable[[], Played]) -> ComparisonRow:
    """Return the row of an institution; one without a number that says why, if there is none."""
    try:
        row = make().row()
    except (UnsupportedProblemError, TooLargeError) as error:
        return ComparisonRow(name, None, remark=str(error))
    which = row.name.removeprefix(name).lstrip(", ")
    return replace(row, name=name, remark=f"{which}: {row.remark}" if which else row.remark)


def rows_over_time(
    trade: Environment, discount: Any, periods: int, *, seconds: float = SECONDS
) -> Makers:
    """Return what makes the rows of offers over time.

    Parameters
    ----------
    trade
        Bilateral trade.
    discount
        What a gain is worth one period later.
    periods
        How many offers there are.
    seconds
        Equilibria of games of offers are searched for so long, twice a game.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> trade = BilateralTrade(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3]))
    >>> list(rows_over_time(trade, "9/10", 2))[:2]
    ['offers in turn, the most', 'offers in turn, the least']
    """
    laws = laws_of(trade)
    makers: Makers = {}
    if isinstance(trade.outcomes, DelayedTrade):
        for agent in trade.agents:
            makers[f"{agent.name}'s offer at its date"] = partial(DatedOffer, trade, agent.name)
        for offerer, agent in enumerate(trade.agents):
            makers[f"{agent.name}'s dated menu"] = partial(_Menu, trade, offerer)
    if all(isinstance(law, Finite) for law in laws):
        for name, rules in (("in turn", alternating_offers), ("by the seller", offers_by_one_side)):
            # Both rows are of one search.
            found = cache(partial(_bounds, rules, trade, discount, periods, seconds))
            for end in ("most", "least"):
                makers[f"offers {name}, the {end}"] = partial(_end_of, found, end)
        return makers
    known = [agent.name for agent in trade.agents if is_known(agent.types)]
    if known:
        offers = partial(finite_horizon_offers, trade, _factor(discount), periods)
        makers[f"{known[0]}'s offers over time"] = offers
    uniform = [law.uniform_on for law in laws]
    if uniform[0] is not None and uniform[0] == uniform[1]:
        makers["delayed first offer"] = partial(DelayedFirstOffer.of, trade, _factor(discount))
    return makers or {"offers over time": _none_over_time}


def _none_over_time() -> Played:
    raise UnsupportedProblemError(
        "offers over time are solved where one side's type is known, or where both have a few "
        "listed types. For these priors put a few types in the file, or one type on a side"
    )


def _factor(discount: Any) -> float:
    """Return a discount factor as a float."""
    return float(as_fraction(discount))


def _bounds(
    rules: Callable[..., OfferGame], trade: Environment, discount: Any, periods: int, seconds: float
) -> EquilibriumBounds:
    game = rules(trade, discount, periods)
    if game.num_nodes > MOST_NODES:
        raise UnsupportedProblemError(
            f"too many types and periods: the game has {game.num_nodes} points at which somebody "
            f"chooses, and a table searches up to {MOST_NODES}. Take fewer types or periods; "
            "institutions.surplus_bounds has no limit but time."
        )
    return surplus_bounds(game, time_limit=seconds)


class _Menu:
    """One side's menu of dates, as what has a row."""

    def __init__(self, trade: Environment, offerer: int) -> None:
        self.trade, self.offerer = trade, offerer

    def row(self) -> ComparisonRow:
        """Return the row, which passes if no type would rather make the menu of another."""
        total, gain = dated_menu(self.trade, self.offerer)
        laws = laws_of(self.trade)
        width = max(law.high for law in laws) - min(law.low for law in laws)
        return ComparisonRow(
            "a menu of dates", total,
            remark="a commitment, no equilibrium: its maker would change what it says of late "
            f"dates; no type gains more than {power_of_ten(gain, width)} by the menu of another",
            max_violation=gain / width, passed=gain <= TOLERANCE * width,
        )  # fmt: skip


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
