"""What people play, beside the second best, as a panel of the page of bilateral trade."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache, partial

from mechopt._util.rounding import in_figures, without_rounding
from mechopt.backends.direct import Direct
from mechopt.environments import Environment
from mechopt.errors import MechoptError
from mechopt.explore import pictures
from mechopt.explore.controls import Menu, Slider, Values, When
from mechopt.explore.pictures import Picture
from mechopt.literature.institutions.prices import best_price_pairs, broker_prices
from mechopt.literature.institutions.smooth_offers import smooth_equilibrium
from mechopt.literature.institutions.step_offers import step_equilibrium
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
        ALL: "and price pairs, a broker's prices, sealed offers",
        OVER_TIME: "offers over time: repeated, in turn, delayed",
    },
)
CHOSEN = When(PLAYED.key, (PRICES, ALL, OVER_TIME))
IN_PERIODS = When(PLAYED.key, (OVER_TIME,))
DISCOUNT = Slider("discount", "discount factor of a period", "0", "0.95", "0.01", "0.9", IN_PERIODS)
PERIODS = Slider("periods", "offers over time: periods", "1", "6", "1", "2", IN_PERIODS)
CONTROLS = (PLAYED, DISCOUNT, PERIODS)
# Of each of the two searches of a game of offers, in seconds; nothing else is done meanwhile.
MOST_SECONDS = 2.0
# Institutions that are kept, over all states of all visitors.
KEPT = 256

Reached = tuple[float | None, str]
Maker = Callable[[], Reached]


def played(solution: Solution, values: Values) -> Picture:
    """Return shares of the first best of what people play; an empty picture unless chosen."""
    trade = solution.problem.environment
    bars: list[tuple[str, list[tuple[str, float, pictures.Look]]]] = []
    said = []
    for name in _names(trade, values):
        total, remark = _reached(trade, _key(values), name)
        if total is None:
            said.append(f"{name}: {remark}")
            continue
        share = total / _first_best(trade)
        lost = max(without_rounding(1.0 - share, 1.0), 0.0)
        bars.append((name, [("reached", share, 0), ("lost", lost, "muted")]))
        said.append(f"{name}: {in_figures(100 * share, '.2f')} %{remark}")
    if not bars:
        return Picture("played", TITLE, "", "")
    found = pictures.shares(bars, f"{'; '.join(said)}.")
    return replace(found, key="played", title=TITLE)


def parts(solution: Solution, values: Values) -> list[tuple[str, Callable[[], object]]]:
    """Return what is computed before the picture, one institution after the other, and kept."""
    trade = solution.problem.environment
    return [(name, partial(_reached, trade, _key(values), name)) for name in _names(trade, values)]


Key = tuple[str, Fraction, int]


def _key(values: Values) -> Key:
    """Return what institutions depend on, besides the types: no more than what is chosen."""
    chosen = str(values[PLAYED.key])
    if chosen != OVER_TIME:
        return chosen, Fraction(0), 1
    return chosen, Fraction(values[DISCOUNT.key]), int(Fraction(values[PERIODS.key]))


def _names(trade: Environment, values: Values) -> list[str]:
    if not CHOSEN.holds(values) or not trade.independent or trade.first_best <= 0.0:
        return []
    return list(_makers(trade, _key(values)))


@lru_cache(maxsize=KEPT)
def _reached(trade: Environment, key: Key, name: str) -> Reached:
    """Return gains, and a remark with the largest gain from deviating where it is computed."""
    try:
        return _makers(trade, key)[name]()
    except MechoptError as error:
        return None, str(error)


@lru_cache(maxsize=KEPT)
def _makers(trade: Environment, key: Key) -> dict[str, Maker]:
    """Return what makes each institution of a choice, beginning with the second best."""
    chosen, discount, periods = key
    makers: dict[str, Maker] = {
        "second best": partial(_second_best, trade),
    }
    if chosen == OVER_TIME:
        try:
            rows = rows_over_time(trade, discount, periods, seconds=MOST_SECONDS)
        except MechoptError as error:
            refused: Reached = (None, str(error))
            return makers | {"offers over time": lambda: refused}
        return makers | {name: partial(_row, name, make) for name, make in rows.items()}
    makers["posted price"] = lambda: (best_posted_price(trade).expected.total, "")
    for role in trade.outcomes.roles:
        makers[f"{role.name}'s offer"] = partial(_offer, trade, role.name)
    if chosen == ALL:
        makers["price pairs"] = lambda: (best_price_pairs(trade).total, " (budget on average)")
        makers["broker's prices"] = lambda: (broker_prices(trade).total, "")
        makers["two prices"] = lambda: _sealed(step_equilibrium(trade, 0.5, 2))
        makers["sealed offers"] = lambda: _sealed(_smooth(trade))
    return makers


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


def _smooth(trade: Environment) -> SealedOffers:
    laws = [agent.types.prior for agent in trade.agents]
    uniform = all(law is not None and not isinstance(law, Finite) and law.uniform_on is not None
                  for law in laws)  # fmt: skip
    return linear_equilibrium(trade) if uniform else smooth_equilibrium(trade)


def _sealed(offers: SealedOffers) -> tuple[float, str]:
    gain = without_rounding(offers.deviation.gain, offers.expected.total)
    most = f"more than {in_figures(gain, '.0e')} " if gain else ""
    return offers.expected.total, f" (no type gains {most}by another offer)"
