"""The page of auctions: Myerson (1981)."""

from __future__ import annotations

from copy import deepcopy
from fractions import Fraction
from typing import Any

import numpy as np

from mechopt._util.rounding import first_largest, in_figures
from mechopt._util.text import runs_of
from mechopt.explore import bids, pictures, usual
from mechopt.explore.controls import Slider, Value, Values, When, in_document
from mechopt.explore.laws import (
    EQUALLY_LIKELY,
    LAWS,
    cells_while,
    code_of,
    controls_of,
    table_of,
    values_of,
)
from mechopt.explore.page import FROM_FILE, Document, Given, Page, Panel, Stop, Tour
from mechopt.explore.pictures import Picture, Series
from mechopt.literature.auctions import profit_at_reserves
from mechopt.report.auction import reserves, revenue_of
from mechopt.report.page import Row
from mechopt.solution import Solution, mechanism_of

OWN = When("bidder", (*LAWS, EQUALLY_LIKELY))
CONTROLS = (
    *controls_of("bidder", "bidders"),
    Slider("count", "number of bidders", "1", "20", "1", "2", OWN),
    Slider("units", "units for sale", "1", "5", "1", "1"),
    Slider("seller_value", "seller: value of a unit", "0", "2", "0.05", "0"),
    Slider("weight", "weight of the bidders' gains", "0", "1", "0.05", "0", OWN),
    Slider("reserve", "a reserve price to try", "0", "4", "0.01", "0"),
    bids.PLAYED,
    cells_while(When("bidder", tuple(LAWS))),
)
KEYS = {control.key: control for control in CONTROLS}


def document(values: Values, given: Given | None) -> Document:
    """Return the tables of an instance file.

    Examples
    --------
    >>> document(PAGE.first_values(), None)["environment"]["bidders"][0]["count"]
    2
    """
    tables: Document = {"title": "Auction", "environment": {"kind": PAGE.kind}, "problem": {}}
    if given is not None:
        tables = deepcopy(dict(given.document))
        tables.pop("expected", None)
        tables.pop("reduced_form", None)
    environment, problem = tables["environment"], tables["problem"]
    environment["units"] = in_document(values["units"])
    environment["seller_value"] = in_document(values["seller_value"])
    table = table_of("bidder", values)
    if table is None:
        return tables
    count = int(Fraction(values["count"]))
    environment["bidders"] = [{"name": "bidder", "count": count} | table]
    problem |= {"objective": "revenue"}
    problem.pop("weights", None)
    if values["weight"]:
        names = ["bidder"] if count == 1 else [f"bidder_{k + 1}" for k in range(count)]
        weights: dict[str, Any] = {name: in_document(values["weight"]) for name in names}
        problem |= {"objective": "welfare", "weights": weights | {"designer": 1}}
        problem.setdefault("budget", "no-deficit")
    return tables


def values_of_file(given: Given) -> dict[str, Value]:
    """Return where the controls stand for a file."""
    environment = given.document["environment"]
    tables = environment.get("bidders", [])
    found: dict[str, Value] = {"bidder": FROM_FILE}
    plain = given.document.get("problem", {}).get("objective") == "revenue"
    if isinstance(tables, list) and len(tables) == 1 and plain:
        found = values_of("bidder", tables[0], KEYS)
        if found["bidder"] != FROM_FILE:
            found["count"] = KEYS["count"].read(str(tables[0].get("count", 1)))
    for key, first in (("units", 1), ("seller_value", 0)):
        found[key] = KEYS[key].read(str(environment.get(key, first)))
    return found


def code(values: Values) -> str:
    """Return Python code of the problem."""
    count, units = (int(Fraction(values[key])) for key in ("count", "units"))
    cost = f'"{values["seller_value"]}"'
    lines = [
        f"values = {code_of('bidder', values)}",
        f"auction = mo.Auction(values, count={count}, units={units}, seller_value={cost})",
    ]
    if not values["weight"]:
        return "\n".join([*lines, "problem = mo.largest_revenue(auction)"])
    weights = f"({float(Fraction(values['weight']))!r},) * {count}"
    wanted = f"mo.Welfare({weights}) + mo.Revenue()"
    return "\n".join(
        [*lines, f'problem = mo.DesignProblem(auction, {wanted}, budget="no-deficit")']
    )


def _allocation(solution: Solution, values: Values) -> Picture:
    """Return who wins, where there are two bidders; an empty picture otherwise."""
    del values
    title = "Who wins"
    if len(solution.problem.environment.agents) != 2:
        return Picture("allocation", title, "", "")
    return pictures.allocation(solution, title, "probability that the second bidder wins")


def _shares(solution: Solution, values: Values) -> Picture:
    """Return how the gains are divided."""
    del values
    mechanism = mechanism_of(solution)
    first_best = mechanism.environment.first_best
    if first_best <= 0.0:
        return Picture("shares", "Shares of the first best", "", "")
    gains = sum(mechanism.expected_utility.values()) / first_best
    profit = (revenue_of(mechanism) - mechanism.expected_cost) / first_best
    parts: list[tuple[str, float, pictures.Look]] = [
        ("seller's profit", profit, 0),
        ("bidders' gains", gains, 1),
    ]
    rest = 1.0 - profit - gains
    bars = [("optimum", [*parts, ("lost", rest, "muted")])]
    said = [f"{name} {in_figures(100 * share, '.2f', 100.0)} %" for name, share, _ in bars[0][1]]
    return pictures.shares(bars, f"{', '.join(said)} of the first best.")


def _reserve(solution: Solution, values: Values) -> Picture:
    """Return what reserve prices earn at the second price, the best of them, and one to try."""
    title = "Profit over reserve prices"
    auction = solution.problem.environment
    prices, profits = profit_at_reserves(auction)
    best = first_largest(profits)
    wanted = float(Fraction(values["reserve"]))
    # Below its own value the seller keeps the unit.
    tried = max(wanted, float(prices[0]))
    at = int(np.searchsorted(prices, tried))
    here = float(profits[at]) if at < prices.size else 0.0
    optimum = float(revenue_of(mechanism_of(solution)) - mechanism_of(solution).expected_cost)
    ends = np.array([prices[0], max(prices[-1], tried)])
    series = (
        Series("profit", "line", prices, profits, "second price, profit", 0),
        Series("optimum", "line", ends, np.full(2, optimum), "profit of the optimum", "muted"),
        Series("best", "points", prices[[best]], profits[[best]], "best reserve", "dark"),
        Series("here", "points", np.array([tried]), np.array([here]), "the one tried", "here"),
    )
    below = f"A reserve of {in_figures(wanted)} is below the seller's value. "
    caption = f"At a reserve of {in_figures(tried)} the second price earns "
    caption = f"{below if wanted < tried else ''}{caption}{in_figures(here, '.5g')}; "
    caption += f"the best, {in_figures(float(prices[best]), '.4g')}, earns "
    caption += f"{in_figures(float(profits[best]), '.5g')}."
    return Picture(
        "reserve",
        title,
        f"reserve price ({solution.provenance.unit})",
        f"profit ({solution.provenance.unit})",
        series,
        None,
        caption,
    )


def rows(solution: Solution) -> list[Row]:
    """Return what the readout says beside what it says of every problem."""
    mechanism = mechanism_of(solution)
    texts = {
        name: "never wins" if price is None else in_figures(price, ".6g")
        for name, price in reserves(mechanism).items()
    }
    lowest = [
        ("reserve price", text, f"the lowest type of {names}") for names, text in runs_of(texts)
    ]
    return [("revenue", in_figures(revenue_of(mechanism), ".6g"), "paid by the bidders"), *lowest]


MYERSON = Tour(
    "The optimal auction",
    "Myerson (1981), doi:10.1287/moor.6.1.58",
    (
        Stop(
            "Two bidders",
            "Values are uniform on [0, 1]. The good goes to the highest virtual value 2t - 1, if "
            "it is above zero: a second price with a reserve of 1/2 earns 5/12. Below, seller and "
            "buyers forgo a trade.",
        ),
        Stop(
            "The reserve does not depend on the number of bidders",
            "With one bidder it is a posted price; with ten it matters little: 0.818271 beside "
            "0.818182 without a reserve. Move the number of bidders, and the reserve to try.",
            {"count": "10"},
        ),
        Stop(
            "A seller with a use for the good",
            "If it is worth 0.2 to the seller, the virtual value must be above 0.2: a reserve of "
            "0.6.",
            {"count": "3", "seller_value": "0.2"},
        ),
        Stop(
            "Irregular priors",
            "Where values crowd at both ends, virtual values fall in between. They are ironed: "
            "types of the shaded interval are treated alike, and ties are broken by lot.",
            {"bidder": "beta", "bidder_a": "0.5", "bidder_b": "0.5", "count": "3"},
        ),
        Stop(
            "Revenue and efficiency",
            "Let the bidders' gains count, more and more: the reserve falls, and at a weight of 1 "
            "the good is always sold to the highest value.",
            {"weight": "0.5"},
        ),
    ),
)

PAGE = Page(
    name="auction",
    title="Auction",
    kind="auction",
    controls=CONTROLS,
    document=document,
    values_of=values_of_file,
    code=code,
    panels=(
        usual.PRIORS,
        Panel("allocation", "Who wins", _allocation),
        usual.VIRTUAL,
        Panel("reserve", "Profit over reserve prices", _reserve),
        usual.QUANTITY,
        usual.PAYMENT,
        usual.UTILITY,
        Panel("shares", "Shares of the first best", _shares),
        Panel(
            "played",
            bids.TITLE,
            bids.played,
            "the picture of what bidders play",
            bids.CHOSEN,
            bids.parts,
        ),
    ),
    rows=rows,
    tours={"myerson": MYERSON},
)
