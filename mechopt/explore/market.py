"""The page of markets: Gresik and Satterthwaite (1989), McAfee (1992)."""

from __future__ import annotations

from copy import deepcopy
from fractions import Fraction

from mechopt._util.rounding import in_figures, without_rounding
from mechopt.environments.market import TwoSides
from mechopt.explore import pictures, traders, usual
from mechopt.explore.controls import Menu, Slider, Value, Values, When
from mechopt.explore.laws import (
    CELLS,
    EQUALLY_LIKELY,
    LAWS,
    cells_while,
    code_of,
    controls_of,
    table_of,
    values_of,
)
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
from mechopt.explore.pictures import Picture
from mechopt.report.page import Row
from mechopt.report.traders import margin
from mechopt.solution import Solution, mechanism_of

SIDES = {"seller": "sellers", "buyer": "buyers"}
OBJECTIVE = "objective"
FUNCTIONS = {
    "ex-ante-efficiency": "ex_ante_efficiency",
    "revenue": "largest_revenue",
    "minimum-subsidy": "minimum_subsidy",
}
OBJECTIVES = {
    "ex-ante-efficiency": "gains from trade",
    "revenue": "profit of a broker",
    "minimum-subsidy": "least subsidy of efficient trade",
    FROM_FILE: TOLD_OF_FILE,
}
MOST_TRADERS = "8"
CONTROLS = (
    Menu(OBJECTIVE, "what is wanted", OBJECTIVES),
    *(
        Slider(
            many, f"number of {many}", "1", MOST_TRADERS, "1", "2",
            When(side, (*LAWS, EQUALLY_LIKELY)),
        )
        for side, many in SIDES.items()
    ),
    *controls_of("seller", "sellers"),
    *controls_of("buyer", "buyers"),
    *traders.CONTROLS,
    cells_while(When("seller", tuple(LAWS), When("buyer", tuple(LAWS)))),
)  # fmt: skip
KEYS = {control.key: control for control in CONTROLS}


def document(values: Values, given: Given | None) -> Document:
    """Return the tables of an instance file.

    Examples
    --------
    >>> document(PAGE.first_values(), None)["environment"]["buyers"][0]["count"]
    2
    """
    tables: Document = {"title": "Market", "environment": {"kind": PAGE.kind}, "problem": {}}
    if given is not None:
        tables = deepcopy(dict(given.document))
        tables.pop("expected", None)
    environment, problem = tables["environment"], tables.setdefault("problem", {})
    for side, many in SIDES.items():
        table = table_of(side, values)
        if table is not None:
            environment[many] = [{"name": side, "count": int(Fraction(values[many]))} | table]
    if values[OBJECTIVE] != FROM_FILE:
        problem[OBJECTIVE] = values[OBJECTIVE]
        problem.pop("weights", None)
    return tables


def values_of_file(given: Given) -> dict[str, Value]:
    """Return where the controls stand for a file."""
    environment, problem = given.document["environment"], given.document.get("problem", {})
    found: dict[str, Value] = {}
    for side, many in SIDES.items():
        tables = environment.get(many, [])
        own: dict[str, Value] = {side: FROM_FILE}
        if isinstance(tables, list) and len(tables) == 1 and isinstance(tables[0], dict):
            own = values_of(side, tables[0], KEYS)
            count = tables[0].get("count", 1)
            known = isinstance(count, int) and 1 <= count <= int(MOST_TRADERS)
            other = own.get(CELLS.key) != found.get(CELLS.key, own.get(CELLS.key))
            if not known or other or tables[0].get("name", side) != side:
                # The page has one number of cells for both, and names of its own.
                own = {side: FROM_FILE}
            elif own[side] != FROM_FILE:
                own[many] = Fraction(count)
        found |= own
    objective = problem.get(OBJECTIVE)
    plain = objective in FUNCTIONS and "weights" not in problem
    found[OBJECTIVE] = objective if plain else FROM_FILE
    return found


def code(values: Values) -> str:
    """Return Python code of the problem."""
    numbers = ", ".join(str(int(Fraction(values[many]))) for many in SIDES.values())
    lines = [f"{many} = {code_of(side, values)}" for side, many in SIDES.items()]
    lines.append(f"market = mo.Market(sellers, buyers, {numbers})")
    lines.append(f"problem = mo.{FUNCTIONS[str(values[OBJECTIVE])]}(market)")
    return "\n".join(lines)


def _shares(solution: Solution, values: Values) -> Picture:
    """Return who gets how much of the first best."""
    del values
    mechanism = mechanism_of(solution)
    market, first_best = mechanism.environment, mechanism.environment.first_best
    if first_best <= 0.0:
        return Picture("shares", "Shares of the first best", "", "")
    gains = mechanism.total_gains
    by_side = dict.fromkeys(SIDES.values(), 0.0)
    for role, utility in zip(
        market.outcomes.roles, mechanism.expected_utility.values(), strict=True
    ):
        by_side["sellers" if role.gives else "buyers"] += utility
    kept = without_rounding(gains - sum(by_side.values()), first_best)
    parts: list[tuple[str, float, pictures.Look]] = [
        (name, utility / first_best, look) for look, (name, utility) in enumerate(by_side.items())
    ]
    parts.append(("broker", max(kept, 0.0) / first_best, 2))
    parts.append(("lost", max(without_rounding(1.0 - gains / first_best, 1.0), 0.0), "muted"))
    said = ", ".join(
        f"{name} {in_figures(100 * share, '.2f', 100.0)} %"
        for name, share, _ in parts
        if share or name != "broker"
    )
    outside = f"; {in_figures(-kept, '.4g')} of it from outside" if kept < 0.0 else ""
    return pictures.shares([("optimum", parts)], f"{said} of the first best{outside}.")


def rows(solution: Solution) -> list[Row]:
    """Return what the readout says beside what it says of every problem."""
    mechanism = mechanism_of(solution)
    market = mechanism.environment
    outcomes, scale = market.outcomes, market.first_best
    assert isinstance(outcomes, TwoSides)
    traded = -sum(
        float(mass @ own)
        for mass, own in zip(
            market.masses[: outcomes.num_sellers],
            mechanism.quantity[: outcomes.num_sellers],
            strict=True,
        )
    )
    found: list[Row] = [("units traded", in_figures(traded + 0.0, ".6g", 1.0), "expected")]
    least = margin(mechanism)
    if least is not None:
        found.append(
            ("margin", in_figures(least, ".6g", scale), "value less cost, from which on trade")
        )
    return found


GRESIK = Tour(
    "More traders lose less",
    "Gresik and Satterthwaite (1989), Journal of Economic Theory 48, 304-332",
    (
        Stop(
            "One seller and one buyer",
            "Costs and values are uniform on [0, 1]. The best mechanism trades where the value is "
            "1/4 above the cost, and loses 5/32, or 15.6 %, of the gains.",
            {"sellers": "1", "buyers": "1"},
        ),
        Stop(
            "Two of each",
            "With two a side the margin is smaller, and 5.6 % is lost: a trader who misstates its "
            "type is more likely to be passed over, so that less has to be paid for the truth. The "
            "last picture adds traders.",
        ),
        Stop(
            "The square of their number",
            "With eight a side 0.39 % is lost: four times as many traders lose less than a "
            "fourteenth. In their paper what is lost falls almost with the square of the number.",
            {"sellers": "8", "buyers": "8"},
        ),
        Stop(
            "A broker does not lose power so fast",
            "Whoever owns the market still trades only where the value is 1/2 above the cost, "
            "however many traders there are: virtual valuations do not depend on their number.",
            {"sellers": "8", "buyers": "8", "objective": "revenue"},
        ),
    ),
)
MCAFEE = Tour(
    "Rules that know no priors",
    "McAfee (1992), doi:10.1016/0022-0531(92)90091-U",
    (
        Stop(
            "Trade reduction",
            "All who gain trade at the price halfway between the next cost and the next value, if "
            "it suits the last of them; otherwise the last pair is left out. Truth is a dominant "
            "strategy, and no prior is needed. With two a side it loses about 23 % of the gains.",
            {"played": "simple"},
        ),
        Stop(
            "The last pair matters little",
            "With six a side the pair that is left out is one of several, and the one that gains "
            "least: trade reduction loses about 4 %. The best posted price, which needs the "
            "priors, loses 16 %: at any price too many or too few would trade.",
            {"sellers": "6", "buyers": "6", "played": "simple"},
        ),
        Stop(
            "Sealed offers",
            "Where all name prices, and trade at one halfway between the offers at the margin, "
            "traders shade their offers, the less the more of them there are. Move the weight k.",
            {"sellers": "4", "buyers": "4", "played": "offers"},
        ),
    ),
)

PAGE = Page(
    name="market",
    title="Market",
    kind="market",
    controls=CONTROLS,
    document=document,
    values_of=values_of_file,
    code=code,
    panels=(
        usual.PRIORS,
        usual.VIRTUAL,
        usual.QUANTITY,
        usual.UTILITY,
        Panel("shares", "Shares of the first best", _shares),
        Panel(
            "played",
            traders.TITLE,
            traders.played,
            "the picture of what traders play",
            traders.CHOSEN,
            traders.parts,
        ),
        Panel(
            "lost",
            traders.LOST,
            traders.lost,
            "the picture of what is lost",
            None,
            traders.lost_parts,
        ),
    ),
    rows=rows,
    tours={"gresik-satterthwaite": GRESIK, "mcafee": MCAFEE},
)
