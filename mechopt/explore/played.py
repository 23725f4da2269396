"""What people play, beside the second best, as a panel of the page of bilateral trade."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache, partial

import numpy as np

from mechopt._util.rounding import in_figures, without_rounding
from mechopt.backends.direct import Direct
from mechopt.environments import Environment
from mechopt.errors import MechoptError
from mechopt.explore import usual
from mechopt.explore.controls import Menu, Slider, Values, When
from mechopt.explore.pictures import Picture
from mechopt.literature.institutions.prices import (
    best_price_pairs,
    broker_prices,
    price_lottery,
)
from mechopt.literature.institutions.smooth_offers import smooth_equilibrium
from mechopt.literature.institutions.step_offers import grid_equilibrium, step_equilibrium
from mechopt.literature.institutions.time_rows import Played, row_of, rows_over_time
from mechopt.problem.usual import ex_ante_efficiency
from mechopt.solution import Solution
from mechopt.studies.comparison_rows import (
    ComparisonRow,
    fine_enough,
    first_best_row,
    optimum_over_continuum,
)
from mechopt.studies.offers import best_posted_price, take_it_or_leave_it
from mechopt.studies.sealed_offers import SealedOffers, linear_equilibrium
from mechopt.types.sources.finite import Finite

TITLE = "What people play"
NOTHING, PRICES, ALL, OVER_TIME = "nothing", "prices", "all", "over-time"
PLAYED = Menu(
    "played",
    "what people play",
    {
        NOTHING: "not shown",
        PRICES: "a posted price, offers of one side",
        ALL: "and lotteries, pairs, a broker, sealed offers",
        OVER_TIME: "offers over time: repeated, in turn, delayed",
    },
)
CHOSEN = When(PLAYED.key, (PRICES, ALL, OVER_TIME))
IN_PERIODS = When(PLAYED.key, (OVER_TIME,))
DISCOUNT = Slider("discount", "discount factor of a period", "0", "0.95", "0.01", "0.9", IN_PERIODS)
PERIODS = Slider("periods", "offers over time: periods", "1", "6", "1", "2", IN_PERIODS)
SEALED = When(PLAYED.key, (ALL,))
WEIGHT = Slider("k", "sealed offers: weight of the bid, k", "0.05", "0.95", "0.05", "0.5", SEALED)
STEPS = Slider("steps", "sealed offers in steps: prices", "1", "12", "1", "2", SEALED)
CONTROLS = (PLAYED, DISCOUNT, PERIODS, WEIGHT, STEPS)
SECOND_BEST, IN_STEPS, SMOOTH = "second best", "sealed offers in steps", "sealed offers"
SEALED_OFFERS = (IN_STEPS, SMOOTH)
# Shown with sealed offers only.
MORE = ("price lottery", "price pairs", "broker's prices")
# Of each of the two searches of a game of offers, in seconds; nothing else is done meanwhile.
MOST_SECONDS = 2.0
# Institutions that are kept, over all states of all visitors.
KEPT = 256

Reached = tuple[float | None, str]
Maker = Callable[[], Reached]


def played(solution: Solution, values: Values) -> Picture:
    """Return shares of the first best of what people play; an empty picture unless chosen."""
    trade = solution.problem.environment
    reached = []
    for name, key in _names(trade, values).items():
        total, remark = _reached(trade, name, key)
        reached.append((name, None if total is None else total / _first_best(trade), remark))
    return usual.played(TITLE, reached)


def parts(solution: Solution, values: Values) -> list[tuple[str, Callable[[], object]]]:
    """Return what is computed before the picture, one institution after the other, and kept."""
    trade = solution.problem.environment
    names = _names(trade, values)
    return [(name, partial(_reached, trade, name, key)) for name, key in names.items()]


# The discount factor or the weight of the bid, and how many periods or steps; 1 without steps.
Key = tuple[Fraction, int]


def _names(trade: Environment, values: Values) -> dict[str, Key | None]:
    """Return the institutions of a choice, and what each depends on besides the types."""
    if not CHOSEN.holds(values) or not trade.independent or trade.first_best <= 0.0:
        return {}
    chosen = str(values[PLAYED.key])
    names: dict[str, Key | None] = dict.fromkeys(_fixed(trade))
    if chosen == OVER_TIME:
        key = Fraction(values[DISCOUNT.key]), int(Fraction(values[PERIODS.key]))
        return {SECOND_BEST: None} | dict.fromkeys(_over_time(trade, key), key)
    if chosen == PRICES:
        return {name: None for name in names if name not in MORE}
    k, steps = Fraction(values[WEIGHT.key]), int(Fraction(values[STEPS.key]))
    keys = {IN_STEPS: (k, steps), SMOOTH: (k, 1)}
    return names | {name: keys[name] for name in _sealed_offers(trade, keys[IN_STEPS])}


@lru_cache(maxsize=KEPT)
def _reached(trade: Environment, name: str, key: Key | None) -> Reached:
    """Return gains, and a remark with the largest gain from deviating where it is computed."""
    try:
        if key is None:
            return _fixed(trade)[name]()
        makers = _sealed_offers(trade, key) if name in SEALED_OFFERS else _over_time(trade, key)
        return makers[name]()
    except MechoptError as error:
        return None, str(error)


def _fixed(trade: Environment) -> dict[str, Maker]:
    """Return what makes each institution that depends on the types alone."""
    return {
        SECOND_BEST: partial(_second_best, trade),
        "posted price": lambda: (best_posted_price(trade).expected.total, ""),
        **{f"{role.name}'s offer": partial(_offer, trade, role.name)
           for role in trade.outcomes.roles},
        "price lottery": partial(_lottery, trade),
        "price pairs": lambda: (best_price_pairs(trade).total, " (budget on average)"),
        "broker's prices": lambda: (broker_prices(trade).total, ""),
    }  # fmt: skip


def _sealed_offers(trade: Environment, key: Key) -> dict[str, Maker]:
    k, steps = float(key[0]), key[1]
    if not trade.has_continuum:
        return {SMOOTH: lambda: _sealed(_on_types(trade, k))}
    return {
        IN_STEPS: lambda: _sealed(step_equilibrium(trade, k, steps)),
        SMOOTH: lambda: _sealed(_smooth(trade, k)),
    }


@lru_cache(maxsize=KEPT)
def _over_time(trade: Environment, key: Key) -> dict[str, Maker]:
    """Return what makes each row over time; kept, because two rows are of one search."""
    try:
        rows = rows_over_time(trade, *key, seconds=MOST_SECONDS)
    except MechoptError as error:
        refused: Reached = (None, str(error))
        return {"offers over time": lambda: refused}
    return {name: partial(_row, name, make) for name, make in rows.items()}


@lru_cache(maxsize=KEPT)
def _first_best(trade: Environment) -> float:
    """Return the first best of the types themselves, not of cells, as institutions are of them."""
    total = first_best_row(trade).total
    assert total is not None
    return total


def _second_best(trade: Environment) -> Reached:
    """Return the second best of the types, over cells that are fine enough if they have a prior."""
    if not trade.has_continuum:
        return Direct().solve(ex_ante_efficiency(trade)).objective, ""
    nothing = ComparisonRow("no trade", 0.0, dict.fromkeys((a.name for a in trade.agents), 0.0))
    found = optimum_over_continuum("", fine_enough(trade), (1.0, 1.0), known=[nothing])
    return found.total, ""


def _row(name: str, make: Callable[[], Played]) -> Reached:
    """Return what the row of a comparison says."""
    row = row_of(name, make)
    if row.total is None:
        return None, row.remark
    failed = "" if row.passed else ", NOT an equilibrium"
    return row.total, f" ({row.remark}{failed})"


def _offer(trade: Environment, name: str) -> tuple[float, str]:
    return take_it_or_leave_it(trade, name).expected.total, ""


def _lottery(trade: Environment) -> Reached:
    lottery = price_lottery(trade)
    most = in_figures(lottery.largest_regret, ".4g")
    return lottery.total, f" (knows no priors; none makes it lose more than {most})"


def _smooth(trade: Environment, k: float) -> SealedOffers:
    laws = [agent.types.prior for agent in trade.agents]
    uniform = all(law is not None and not isinstance(law, Finite) and law.uniform_on is not None
                  for law in laws)  # fmt: skip
    return linear_equilibrium(trade, k) if uniform else smooth_equilibrium(trade, k)


def _on_types(trade: Environment, k: float) -> SealedOffers:
    """Return sealed offers among the types themselves."""
    types = np.unique(np.concatenate([agent.types.mean for agent in trade.agents]))
    return grid_equilibrium(trade, types, k)


def _sealed(offers: SealedOffers) -> tuple[float, str]:
    gain = without_rounding(offers.deviation.gain, offers.expected.total)
    most = f"more than {in_figures(gain, '.0e')} " if gain else ""
    return offers.expected.total, f" ({offers.name}; no type gains {most}by another offer)"
