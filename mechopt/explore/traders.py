"""What traders play, and what is lost as more of them come, as panels of the page of markets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, partial

import numpy as np

from mechopt._util.rounding import in_figures, without_rounding
from mechopt.backends.direct import Direct
from mechopt.environments import Environment
from mechopt.errors import MechoptError
from mechopt.explore import usual
from mechopt.explore.controls import Menu, Slider, Values, When
from mechopt.explore.pictures import Picture, Series
from mechopt.literature.efficient_continuum import efficient_continuum
from mechopt.literature.institutions.market_equilibria import market_equilibrium
from mechopt.literature.markets import (
    best_posted_price,
    drawn_trade_reduction,
    longer_side,
    posted_price,
    replicated,
)
from mechopt.problem.usual import ex_ante_efficiency
from mechopt.solution import Solution
from mechopt.studies.continuum import bracket_continuum
from mechopt.studies.recut import with_cells

TITLE, LOST = "What traders play", "What is lost as traders are added"
NOTHING, SIMPLE, OFFERS = "nothing", "simple", "offers"
PLAYED = Menu(
    "played",
    "what traders play",
    {
        NOTHING: "not shown",
        SIMPLE: "trade reduction, a posted price",
        OFFERS: "and sealed offers",
    },
)
CHOSEN = When(PLAYED.key, (SIMPLE, OFFERS))
K = Slider(
    "k", "sealed offers: weight k of the higher", "0", "1", "0.05", "0.5",
    When(PLAYED.key, (OFFERS,)),
)  # fmt: skip
CONTROLS = (PLAYED, K)
# The second best of the continuum is taken over so many cells at least, for the bar beside others.
LEAST_CELLS = 200
# What is lost is computed over so many cells at most, of so many traders a side at most.
MOST_CELLS = 100
MOST_TRADERS = 16
TIMES = (1, 2, 3, 4, 6, 8, 12, 16)
# Profiles that are drawn for trade reduction.
DRAWS = 40_000
# Of the equations of sealed offers: about two seconds, in which the page does nothing else.
MOST_STEPS = 60_000
# Numbers that are kept, over all states of all visitors.
KEPT = 256

Reached = tuple[float | None, str]


def played(solution: Solution, values: Values) -> Picture:
    """Return shares of the first best of what traders play; an empty picture unless chosen.

    Shares are of the first best of the types themselves, not of cells.
    """
    market, weight = solution.problem.environment, _weight(values)
    return usual.played(
        TITLE, [(name, *_reached(market, weight, name)) for name in _names(market, values)]
    )


def parts(solution: Solution, values: Values) -> list[tuple[str, Callable[[], object]]]:
    """Return what is computed before the picture, one institution after the other, and kept."""
    market, weight = solution.problem.environment, _weight(values)
    return [(name, partial(_reached, market, weight, name)) for name in _names(market, values)]


def _weight(values: Values) -> Fraction:
    """Return the weight of sealed offers, if they are chosen."""
    return Fraction(values[K.key]) if values[PLAYED.key] == OFFERS else Fraction(0)


def _names(market: Environment, values: Values) -> list[str]:
    if not CHOSEN.holds(values) or not market.independent or market.first_best <= 0.0:
        return []
    names = [name for name in MAKERS if name != "sealed offers"]
    return list(MAKERS) if values[PLAYED.key] == OFFERS else names


@lru_cache(maxsize=KEPT)
def _reached(market: Environment, weight: Fraction, name: str) -> Reached:
    """Return a share of the first best, and a remark; or why there is none."""
    try:
        return MAKERS[name](market, weight)
    except MechoptError as error:
        return None, str(error)


def _is_continuum(market: Environment) -> bool:
    """Return whether all priors are continuous; otherwise bars are of cells and types as given."""
    return all(agent.types.prior is not None for agent in market.agents)


@lru_cache(maxsize=KEPT)
def first_best_of(market: Environment) -> float:
    """Return the first best of the types themselves, not of cells, in money."""
    if not _is_continuum(market):
        return market.first_best
    return efficient_continuum(market).first_best.value


@lru_cache(maxsize=KEPT)
def _fine(market: Environment) -> Environment:
    """Return a market over cells that are fine enough for a bar."""
    if not _is_continuum(market):
        return market
    return with_cells(ex_ante_efficiency(market), partial(max, LEAST_CELLS)).environment


def _second_best(market: Environment, weight: Fraction) -> Reached:
    del weight
    solution = Direct().solve(ex_ante_efficiency(_fine(market)))
    if not _is_continuum(market):
        return solution.objective / market.first_best, ""
    found, whole = bracket_continuum(solution, extrapolate=False), first_best_of(market)
    return min(found.estimate, found.upper) / whole, ""


def _trade_reduction(market: Environment, weight: Fraction) -> Reached:
    del weight
    drawn = drawn_trade_reduction(market, DRAWS)
    whole = drawn.gains + drawn.lost
    if whole <= 0.0:
        return None, f"none of {DRAWS:,} profiles drawn has a pair that gains"
    error = in_figures(100 * drawn.error / whole, ".1g")
    return drawn.gains / whole, f" (give or take {error}, of {DRAWS:,} profiles drawn)"


def _posted(market: Environment, weight: Fraction) -> Reached:
    del weight
    fine = _fine(market)
    price = best_posted_price(fine)
    gains = posted_price(fine, price).total_gains
    return gains / first_best_of(market), f" (at {in_figures(price, '.4g')})"


def _sealed(market: Environment, weight: Fraction) -> Reached:
    offers = market_equilibrium(market, float(weight), most_steps=MOST_STEPS)
    row = offers.row()
    failed = "" if row.passed else ", NOT an equilibrium"
    return offers.total / first_best_of(market), f" ({row.remark}{failed})"


MAKERS: dict[str, Callable[[Environment, Fraction], Reached]] = {
    "second best": _second_best,
    "trade reduction": _trade_reduction,
    "posted price": _posted,
    "sealed offers": _sealed,
}


@dataclass(frozen=True)
class Lost:
    """Shares of the first best that are lost with so many times as many traders.

    Parameters
    ----------
    second_best, reduced, posted
        At the second best, by trade reduction, and at the best posted price.
    """

    second_best: float
    reduced: float
    posted: float


def lost(solution: Solution, values: Values) -> Picture:
    """Return what is lost, over how many times as many traders there are.

    An empty picture where nothing can be gained, and of traders whose types are dependent.
    """
    del values
    market, across = solution.problem.environment, "times as many traders"
    if not market.independent or market.first_best <= 0.0:
        return Picture("lost", LOST, across, "")
    times = _times(market)
    shares = [lost_at(market, m) for m in times]
    lines = (
        ("second best", [share.second_best for share in shares]),
        ("trade reduction", [share.reduced for share in shares]),
        ("posted price", [share.posted for share in shares]),
    )
    series = tuple(
        Series(name, "line", np.array(times, dtype=np.float64), 100 * np.array(own), name, look)
        for look, (name, own) in enumerate(lines)
    )
    said = "; ".join(
        f"{name}: {', '.join(in_figures(100 * share, '.3g', 100.0) for share in own)}"
        for name, own in lines
    )
    caption = f"At {', '.join(map(str, times))} times as many traders, in per cent: {said}."
    return Picture(
        "lost", LOST, across, "lost of the first best (%)", series, None, caption,
        {float(m): str(m) for m in times}, bottom=0.0,
    )  # fmt: skip


def lost_parts(solution: Solution, values: Values) -> list[tuple[str, Callable[[], object]]]:
    """Return what is computed before the picture, one number of traders after the other."""
    del values
    market = solution.problem.environment
    if not market.independent or market.first_best <= 0.0:
        return []
    return [
        (f"{m} times as many traders" if m > 1 else "the traders there are",
         partial(lost_at, market, m))
        for m in _times(market)
    ]  # fmt: skip


def _times(market: Environment) -> list[int]:
    most = max(MOST_TRADERS // longer_side(market), 1)
    return [m for m in TIMES if m <= most]


@lru_cache(maxsize=KEPT)
def lost_at(market: Environment, times: int) -> Lost:
    """Return what is lost with so many times as many traders, over few cells of their types."""
    problem = ex_ante_efficiency(market)
    if market.has_continuum:
        problem = with_cells(problem, partial(min, MOST_CELLS))
    more = replicated(problem.environment, times)
    best = Direct().optimum(ex_ante_efficiency(more)).objective
    drawn = drawn_trade_reduction(more, DRAWS)
    at_price = posted_price(more, best_posted_price(more)).total_gains
    whole, found = more.first_best, drawn.gains + drawn.lost
    return Lost(
        max(without_rounding(1.0 - best / whole, 1.0), 0.0),
        drawn.lost / found if found > 0.0 else float("nan"),
        max(without_rounding(1.0 - at_price / whole, 1.0), 0.0),
    )
