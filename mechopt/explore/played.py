"""What people play, beside the second best, as a panel of the page of bilateral trade."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial

from mechopt._util.rounding import in_figures, without_rounding
from mechopt.backends.direct import Direct
from mechopt.environments import Environment
from mechopt.errors import MechoptError
from mechopt.explore import pictures
from mechopt.explore.controls import Menu, Values
from mechopt.explore.pictures import Picture
from mechopt.literature.institutions.prices import broker_prices
from mechopt.literature.institutions.smooth_offers import smooth_equilibrium
from mechopt.literature.institutions.step_offers import step_equilibrium
from mechopt.problem.usual import ex_ante_efficiency
from mechopt.solution import Solution
from mechopt.studies.offers import best_posted_price, take_it_or_leave_it
from mechopt.studies.sealed_offers import SealedOffers, linear_equilibrium
from mechopt.types.sources.finite import Finite

TITLE = "What people play"
NOTHING, PRICES, ALL = "nothing", "prices", "all"
PLAYED = Menu(
    "played",
    "what people play",
    {
        NOTHING: "not shown",
        PRICES: "a posted price, offers of one side",
        ALL: "and a broker's prices, and sealed offers",
    },
)

Reached = tuple[str, float | None, str]


def played(solution: Solution, values: Values) -> Picture:
    """Return shares of the first best of what people play; an empty picture unless chosen."""
    trade = solution.problem.environment
    chosen = str(values[PLAYED.key])
    if chosen == NOTHING or not trade.independent or trade.first_best <= 0.0:
        return Picture("played", TITLE, "", "")
    rows = _reached(trade, chosen == ALL)
    bars: list[tuple[str, list[tuple[str, float, pictures.Look]]]] = []
    said = []
    for name, total, remark in rows:
        if total is None:
            said.append(f"{name}: {remark}")
            continue
        share = total / trade.first_best
        lost = max(without_rounding(1.0 - share, 1.0), 0.0)
        bars.append((name, [("reached", share, 0), ("lost", lost, "muted")]))
        said.append(f"{name}: {in_figures(100 * share, '.2f')} %{remark}")
    found = pictures.shares(bars, f"{'; '.join(said)}.")
    return replace(found, key="played", title=TITLE)


@lru_cache(maxsize=16)
def _reached(trade: Environment, everything: bool) -> tuple[Reached, ...]:
    """Return name, gains and a remark of each; the largest gain from deviating where computed."""
    makers: dict[str, Callable[[], tuple[float, str]]] = {
        "second best": lambda: (Direct().solve(ex_ante_efficiency(trade)).objective, ""),
        "posted price": lambda: (best_posted_price(trade).expected.total, ""),
    }
    for role in trade.outcomes.roles:
        makers[f"{role.name}'s offer"] = partial(_offer, trade, role.name)
    if everything:
        makers["broker's prices"] = lambda: (broker_prices(trade).total, "")
        makers["two prices"] = lambda: _sealed(step_equilibrium(trade, 0.5, 2))
        makers["sealed offers"] = lambda: _sealed(_smooth(trade))
    rows: list[Reached] = []
    for name, make in makers.items():
        try:
            rows.append((name, *make()))
        except MechoptError as error:
            rows.append((name, None, str(error)))
    return tuple(rows)


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
