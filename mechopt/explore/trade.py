"""The page of bilateral trade: Myerson and Satterthwaite (1983), Cramton (1985)."""

from __future__ import annotations

import time
from copy import deepcopy
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.rounding import in_figures, without_rounding
from mechopt.environments import DelayedTrade
from mechopt.errors import MechoptError
from mechopt.explore import pictures, played, usual
from mechopt.explore.controls import Menu, Slider, Value, Values, When, in_document
from mechopt.explore.laws import CELLS, LAWS, cells_while, code_of, controls_of, table_of, values_of
from mechopt.explore.page import (
    FROM_FILE,
    TOLD_OF_FILE,
    Document,
    Given,
    Page,
    Panel,
    Stop,
    Tour,
)
from mechopt.explore.pictures import Picture, Series
from mechopt.report.page import Row
from mechopt.solution import Solution, mechanism_of
from mechopt.types import TypeSpace

if TYPE_CHECKING:
    from mechopt.literature.cramton1985.slack import Slack

SIDES = ("seller", "buyer")
OBJECTIVE = "objective"
EFFICIENCY = "ex-ante-efficiency"
OBJECTIVES = {
    EFFICIENCY: "weighted gains from trade",
    "revenue": "profit of a broker",
    "minimum-subsidy": "least subsidy of efficient trade",
    FROM_FILE: TOLD_OF_FILE,
}
FUNCTIONS = {
    EFFICIENCY: "ex_ante_efficiency",
    "revenue": "largest_revenue",
    "minimum-subsidy": "minimum_subsidy",
}
WEIGHTED = When(OBJECTIVE, (EFFICIENCY,))
CONTROLS = (
    Menu(OBJECTIVE, "what is wanted", OBJECTIVES),
    *controls_of("seller", "seller"),
    *controls_of("buyer", "buyer"),
    Slider("seller_rate", "seller: discount rate", "0.1", "5", "0.1", "1"),
    Slider("buyer_rate", "buyer: discount rate", "0.1", "5", "0.1", "1"),
    Slider("seller_weight", "seller: weight", "0", "3", "0.05", "1", WEIGHTED),
    Slider("buyer_weight", "buyer: weight", "0", "3", "0.05", "1", WEIGHTED),
    *played.CONTROLS,
    cells_while(When("seller", tuple(LAWS), When("buyer", tuple(LAWS)))),
)
KEYS = {control.key: control for control in CONTROLS}
# Controls that stand where they do at first if both priors are uniform on [0, 1].
UNIT_UNIFORM = tuple(f"{side}{part}" for side in SIDES for part in ("", "_low", "_high"))
RATIOS = np.linspace(0.04, 1.0, 25)
# The page waits for the line of slacks for so long.
MOST_SECONDS = 2.0


def document(values: Values, given: Given | None) -> Document:
    """Return the tables of an instance file.

    Examples
    --------
    >>> document(PAGE.first_values(), None)["problem"]
    {'objective': 'ex-ante-efficiency', 'weights': {'seller': 1, 'buyer': 1}}
    """
    tables: Document = {
        "title": "Bilateral trade",
        "environment": {"kind": PAGE.kind},
        "problem": {},
    }
    if given is not None:
        tables = deepcopy(dict(given.document))
        tables.pop("expected", None)
    environment, problem = tables["environment"], tables["problem"]
    for side in SIDES:
        table = table_of(side, values)
        table = environment.get(side, {}) if table is None else table
        environment[side] = table | {"discount_rate": in_document(values[f"{side}_rate"])}
    if values[OBJECTIVE] != FROM_FILE:
        problem[OBJECTIVE] = values[OBJECTIVE]
        problem.pop("weights", None)
    if WEIGHTED.holds(values):
        problem["weights"] = {side: in_document(values[f"{side}_weight"]) for side in SIDES}
    return tables


def values_of_file(given: Given) -> dict[str, Value]:
    """Return where the controls stand for a file."""
    environment, problem = given.document["environment"], given.document.get("problem", {})
    found: dict[str, Value] = {}
    weights = problem.get("weights", {})
    for side in SIDES:
        table = environment.get(side, {})
        own = values_of(side, table, KEYS)
        if own.get(CELLS.key) != found.get(CELLS.key, own.get(CELLS.key)):
            # The page has one number of cells for both.
            own = {side: FROM_FILE}
        found |= own
        for key, text in (
            (f"{side}_rate", table.get("discount_rate", 1)),
            (f"{side}_weight", weights.get(side, 1)),
        ):
            found[key] = KEYS[key].read(str(text))
    objective = problem.get(OBJECTIVE)
    found[OBJECTIVE] = objective if objective in FUNCTIONS else FROM_FILE
    return found


def code(values: Values) -> str:
    """Return Python code of the problem."""
    rates = ", ".join(_number(values[f"{side}_rate"]) for side in SIDES)
    weights = ", ".join(_number(values[f"{side}_weight"]) for side in SIDES)
    function = FUNCTIONS[str(values[OBJECTIVE])]
    arguments = f"trade, ({weights})" if WEIGHTED.holds(values) else "trade"
    lines = [f"{side} = {code_of(side, values)}" for side in SIDES]
    lines.append(f"trade = mo.BilateralTrade(seller, buyer, {rates})")
    lines.append(f"problem = mo.{function}({arguments})")
    return "\n".join(lines)


def _number(value: Value) -> str:
    return repr(float(Fraction(value)))


def _allocation(solution: Solution, values: Values) -> Picture:
    del values
    delayed = isinstance(solution.problem.environment.outcomes, DelayedTrade)
    note = " (discounted, to the buyer)" if delayed else ""
    return pictures.allocation(solution, "Who trades", f"probability of trade{note}")


def _shares(solution: Solution, values: Values) -> Picture:
    """Return who gets how much of the first best, beside what the best posted price brings."""
    from mechopt.studies.offers import best_posted_price

    del values
    mechanism = mechanism_of(solution)
    trade = mechanism.environment
    first_best = trade.first_best
    if first_best <= 0.0:
        return Picture("shares", "Shares of the first best", "", "")
    rows = [("optimum", list(mechanism.expected_utility.values()), mechanism.total_gains)]
    try:
        posted = best_posted_price(trade).expected
        rows.append(("best posted price", [posted.giver, posted.receiver], posted.total))
    except MechoptError:
        # There is none under joint priors; the optimum stands alone.
        pass
    bars = []
    for name, utilities, gains in rows:
        kept = without_rounding(gains - sum(utilities), first_best)
        parts: list[tuple[str, float, pictures.Look]] = [
            (side, utility / first_best, k)
            for k, (side, utility) in enumerate(zip(SIDES, utilities, strict=True))
        ]
        parts.append(("broker", max(kept, 0.0) / first_best, 2))
        parts.append(("lost", max(without_rounding(1.0 - gains / first_best, 1.0), 0.0), "muted"))
        bars.append((name, parts))
    said = "; ".join(
        f"{name}: {in_figures(100 * gains / first_best, '.2f')} % of the first best"
        for name, _, gains in rows
    )
    missing = without_rounding(sum(rows[0][1]) - rows[0][2], first_best)
    outside = f"; {in_figures(missing, '.4g')} of it from outside" if missing > 0.0 else ""
    return pictures.shares(bars, f"{said}{outside}.")


@lru_cache(maxsize=16)
def slacks(seller: TypeSpace, buyer: TypeSpace) -> FloatArray:
    """Return the slack of ex post efficiency at each of the ratios, at as many as time allows.

    For some laws each takes a second. NaN where it was not computed.
    """
    found, start = np.full(RATIOS.size, np.nan), time.perf_counter()
    # Ends and middle first, so that what is left out is spread evenly.
    for step in (12, 6, 3, 1):
        for place in range(0, RATIOS.size, step):
            if np.isnan(found[place]) and time.perf_counter() - start < MOST_SECONDS:
                found[place] = _slack(seller, buyer, float(RATIOS[place])).value
    return found


def _slack(seller: TypeSpace, buyer: TypeSpace, ratio: float) -> Slack:
    from mechopt.environments import BilateralTrade
    from mechopt.literature.cramton1985.slack import efficient_slack

    return efficient_slack(BilateralTrade(seller, buyer, 1.0, ratio))


def _slack_picture(solution: Solution, values: Values) -> Picture:
    seller, buyer = (agent.types for agent in solution.problem.environment.agents)
    solution.problem.environment.require_independent("the slack over ratios")
    computed = slacks(seller, buyer)
    known = np.isfinite(computed)
    ratios, found = RATIOS[known], computed[known]
    ratio = float(Fraction(values["buyer_rate"]) / Fraction(values["seller_rate"]))
    here = _slack(seller, buyer, ratio).value
    # An impatient buyer waits for nothing: from 1 on the rule is the same.
    across, up = np.append(ratios, max(1.25, 1.1 * ratio)), np.append(found, found[-1])
    zero = np.zeros(2)
    verdict = "possible" if here >= 0 else "impossible"
    corners, heights = pictures.NONE, pictures.NONE
    if (up > 0.0).any():
        corners = np.concatenate([across, across[::-1]])
        heights = np.append(np.maximum(up, 0.0), 0.0 * up)
    series = (
        Series("possible", "area", corners, heights, "efficiency possible", 0),
        Series("slack", "line", across, up, "slack", 0),
        Series("zero", "line", across[[0, -1]], zero, "", "muted"),
        Series(
            "here", "points", np.array([ratio]), np.array([here]), "these discount rates", "here"
        ),
    )
    caption = (
        f"At ratio {in_figures(ratio, '.4g')} the slack is {in_figures(here, '.4g')}: ex post "
        f"efficiency is {verdict}."
    )
    if not known.all():
        caption += f" For want of time the line has {known.sum()} of {known.size} points."
    return Picture(
        "slack", "Slack of ex post efficiency", "buyer's over seller's discount rate",
        f"slack ({solution.provenance.unit})", series, None, caption,
    )  # fmt: skip


def _figures(solution: Solution, values: Values) -> Picture:
    """Return Cramton's Figures 8.1 and 8.2, for uniform exchange; an empty picture otherwise."""
    from mechopt.literature.cramton1985.uniform_exchange import uniform_exchange

    title, across = "Figures 8.1 and 8.2 of Cramton (1985)", "buyer's over seller's discount rate"
    first = PAGE.first_values()
    is_uniform = all(values[key] == first[key] for key in UNIT_UNIFORM)
    weights = values["seller_weight"] == values["buyer_weight"] != 0
    if not is_uniform or not (weights and WEIGHTED.holds(values)):
        return Picture("figures", title, across, "")
    closed = [uniform_exchange(float(ratio)) for ratio in RATIOS]
    ratio = min(float(Fraction(values["buyer_rate"]) / Fraction(values["seller_rate"])), 1.0)
    mechanism, alpha = mechanism_of(solution), solution.alpha or 0.0
    share = mechanism.total_gains / mechanism.environment.first_best
    margin = alpha / (1.0 + alpha)
    here = np.array([ratio])
    series = (
        Series("efficiency", "line", RATIOS, np.array([c.efficiency for c in closed]),
               "second best / first best (8.2)", 0),
        Series("margin", "line", RATIOS, np.array([c.margin for c in closed]), "margin (8.1)", 1),
        Series("share_here", "points", here, np.array([share]), "computed", "here"),
        Series("margin_here", "points", here, np.array([margin]), "computed", "here"),
    )  # fmt: skip
    caption = (
        f"Lines are closed forms, points are computed over cells: share "
        f"{in_figures(share, '.5g')}, margin {in_figures(margin, '.4g')}."
    )
    return Picture("figures", title, across, "share", series, None, caption, bottom=0.0, top=1.05)


def rows(solution: Solution) -> list[Row]:
    """Return what the readout says beside what it says of every problem."""
    mechanism = mechanism_of(solution)
    trade = mechanism.expected_utility
    return [
        (
            f"{name} gets",
            in_figures(value, ".6g", solution.problem.environment.first_best),
            "expected",
        )
        for name, value in trade.items()
    ]


MYERSON = Tour(
    "Efficient trade is impossible",
    "Myerson and Satterthwaite (1983), doi:10.1016/0022-0531(83)90048-0",
    (
        Stop(
            "Two traders",
            "A seller knows her cost, a buyer knows his value, both uniform on [0, 1]. Trade would "
            "be efficient above the dashed diagonal of the map. The best mechanism trades only "
            "where the value is 1/4 above the cost, and loses 5/32 of the gains.",
        ),
        Stop(
            "Why: information rents",
            "Low costs and high values can pass for others, and must be paid not to. Virtual "
            "valuations count a part of these rents, the weight alpha (1/3 for uniform types): "
            "trade where the virtual value exceeds the virtual cost. Here types crowd at both "
            "ends, virtual valuations fall in between, and ironing levels them (shaded).",
            {"seller": "beta", "seller_a": "0.5", "seller_b": "0.5", "buyer": "beta",
             "buyer_a": "0.5", "buyer_b": "0.5"},
        ),
        Stop(
            "What efficiency would cost",
            "Ask for efficient trade, and for the least subsidy that makes it possible: 1/6 of a "
            "unit (a little less over cells), as much as all gains from trade.",
            {"objective": "minimum-subsidy"},
        ),
        Stop(
            "A broker",
            "Whoever owns the market keeps 1/24, by trading only where the value is 1/2 above the "
            "cost.",
            {"objective": "revenue"},
        ),
        Stop(
            "Few types",
            "With two types a side efficiency is possible: nothing is lost. The fewest with which "
            "it is impossible are six, equally likely.",
            {"seller": "types", "seller_types": "2", "buyer": "types", "buyer_types": "2"},
        ),
    ),
)  # fmt: skip
CRAMTON = Tour(
    "Delay as a screen",
    "Cramton (1985), sections 8.2 to 8.5",
    (
        Stop(
            "Equal patience",
            "If both discount alike, delay costs both the same, and the best mechanism trades at "
            "once or never: the margin is m = 1/4, and 27/32 of the gains are had.",
        ),
        Stop(
            "An impatient seller",
            "The seller discounts twice as fast. A late trade costs her little of what it costs "
            "the buyer to wait, so the gains are larger, and the best date may be later: shades "
            "between light and dark. Figure 8.2 has 0.9286 of the gains at a ratio of 1/2.",
            {"seller_rate": "2"},
        ),
        Stop(
            "Figure 8.1 and 8.2, along the ratio",
            "Move the discount rates. At a ratio of 1/5 the share of the first best is higher "
            "still; as the ratio falls to 0 all gains are had.",
            {"seller_rate": "5"},
        ),
        Stop(
            "Delay can make efficiency possible",
            "The slack over ratios is negative for types that begin at 0. Let the buyer's values "
            "begin at 1/2: below a ratio of about 0.35 the slack is positive, although costs and "
            "values overlap.",
            {"seller_rate": "3", "buyer_low": "0.5", "buyer_high": "1.5"},
        ),
    ),
)

PAGE = Page(
    name="trade",
    title="Bilateral trade",
    kind="bilateral-trade",
    controls=CONTROLS,
    document=document,
    values_of=values_of_file,
    code=code,
    panels=(
        usual.PRIORS,
        Panel("allocation", "Who trades", _allocation),
        usual.VIRTUAL,
        usual.QUANTITY,
        usual.UTILITY,
        Panel("figures", "Figures 8.1 and 8.2 of Cramton (1985)", _figures),
        Panel("shares", "Shares of the first best", _shares, "the best posted price"),
        Panel(
            "played",
            played.TITLE,
            played.played,
            "the picture of what people play",
            played.CHOSEN,
            played.parts,
        ),
        Panel("slack", "Slack of ex post efficiency", _slack_picture, "the slack over ratios"),
    ),
    rows=rows,
    tours={"myerson-satterthwaite": MYERSON, "cramton": CRAMTON},
)
