"""What bidders play, as a panel of the page of auctions: bids in equilibrium, at a reserve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache, partial

from mechopt._util.rounding import in_figures, without_rounding
from mechopt.environments import Environment
from mechopt.errors import MechoptError
from mechopt.explore import pictures
from mechopt.explore.controls import Menu, Values, When
from mechopt.explore.pictures import Picture
from mechopt.literature.institutions.bids import (
    SealedBids,
    all_pay_equilibrium,
    first_price_equilibrium,
    second_price_equilibrium,
)
from mechopt.solution import Solution

TITLE = "What bidders play"
NOTHING, BIDS = "nothing", "bids"
PLAYED = Menu(
    "played",
    "what bidders play",
    {NOTHING: "not shown", BIDS: "bids in equilibrium, at the reserve to try"},
)
CHOSEN = When(PLAYED.key, (BIDS,))
MAKERS: dict[str, Callable[[Environment, float], SealedBids]] = {
    "second price": second_price_equilibrium,
    "first price": first_price_equilibrium,
    "all-pay": all_pay_equilibrium,
}
# Auctions at a reserve that are kept, over all states of all visitors.
KEPT = 256

Reached = tuple[float, float, str]


def played(solution: Solution, values: Values) -> Picture:
    """Return shares of the first best of what bidders play; an empty picture unless chosen.

    Shares are of the first best of the types themselves, not of cells.
    """
    auction, bars, said = solution.problem.environment, [], []
    refused: dict[str, list[str]] = {}
    for name in MAKERS if CHOSEN.holds(values) else ():
        reached = _reached(auction, _reserve(values), name)
        if isinstance(reached, str):
            refused.setdefault(reached.rstrip("."), []).append(name)
            continue
        profit, gains, remark = reached
        lost = max(without_rounding(1.0 - profit - gains, 1.0), 0.0)
        parts: list[tuple[str, float, pictures.Look]] = [
            ("profit", profit, 0),
            ("bidders' gains", gains, 1),
            ("lost", lost, "muted"),
        ]
        bars.append((name, parts))
        said.append(
            f"{name}: profit {in_figures(100 * profit, '.2f')} %, bidders' gains "
            f"{in_figures(100 * gains, '.2f')} % of the first best ({remark})"
        )
    said += [f"{', '.join(names)}: {reason}" for reason, names in refused.items()]
    if not said:
        return Picture("played", TITLE, "", "")
    found = pictures.shares(bars, f"{'; '.join(said)}.")
    return replace(found, key="played", title=TITLE)


def parts(solution: Solution, values: Values) -> list[tuple[str, Callable[[], object]]]:
    """Return what is computed before the picture, one auction after the other, and kept."""
    if not CHOSEN.holds(values):
        return []
    auction, reserve = solution.problem.environment, _reserve(values)
    return [(name, partial(_reached, auction, reserve, name)) for name in MAKERS]


def _reserve(values: Values) -> Fraction:
    return Fraction(values["reserve"])


@lru_cache(maxsize=KEPT)
def _reached(auction: Environment, reserve: Fraction, name: str) -> Reached | str:
    """Return shares of seller and bidders, and the largest gain from deviating; or why not."""
    try:
        first_best = second_price_equilibrium(auction).total
        if first_best <= 0.0:
            return "nobody gains from trade"
        # Below its own value the seller keeps the unit.
        least = max(float(reserve), float(auction.outcomes.unit_cost))  # type: ignore[attr-defined]
        bids = MAKERS[name](auction, least)
    except MechoptError as error:
        return str(error)
    gains = sum(bids.utilities.values())
    width = max(law.high for law in bids.laws) - min(law.low for law in bids.laws)
    failed = "" if bids.row().passed else ", NOT an equilibrium"
    remark = f"{bids.deviation.in_words(width)} by another bid{failed}"
    return (bids.total - gains) / first_best, gains / first_best, remark
