"""The page of bargaining with mechanisms as offers: Pęski (2024)."""

from __future__ import annotations

from copy import deepcopy
from fractions import Fraction

import numpy as np

from mechopt._util.rounding import in_figures
from mechopt._util.text import in_words
from mechopt.explore import pictures, usual
from mechopt.explore.controls import Menu, Slider, Value, Values, When, in_document
from mechopt.explore.page import FROM_FILE, TOLD_OF_FILE, Document, Given, Page, Panel, Stop, Tour
from mechopt.explore.pictures import NONE, Picture, Series, Shades
from mechopt.literature.peski2024.bargaining import is_player_1_gap, monopolies, random_monopoly
from mechopt.literature.peski2024.equilibrium_bounds import bargaining_bounds
from mechopt.literature.peski2024.finite_types import fault_of_bargaining
from mechopt.literature.peski2024.gap_map import gap_over_beliefs
from mechopt.problem.objectives import DiscountedPayoff
from mechopt.report.equilibrium import bounds_rows
from mechopt.report.page import Row
from mechopt.solution import Solution, mechanism_of

PLAYERS = ("player_1", "player_2")
GAP, EQUILIBRIA = "player-1-gap", "equilibrium-bounds"
TYPES, QUESTION = "types", "question"
TWO = When(TYPES, ("two",))
AT_A_FACTOR = When(QUESTION, (EQUILIBRIA,))
BELIEFS = 81
FACTORS = ("0", "0.2", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "0.95", "0.98", "0.99")
MOST_PROFILES = 16
CONTROLS = (
    Menu(TYPES, "types", {"two": "two of each player", FROM_FILE: TOLD_OF_FILE}),
    Slider("low_1", "player 1: low type", "0", "4", "0.05", "0", TWO),
    Slider("high_1", "player 1: high type", "0", "4", "0.05", "2", TWO),
    Slider("belief_1", "probability that player 1's type is high", "0", "1", "0.01", "0.5", TWO),
    Slider("low_2", "player 2: low type", "0", "4", "0.05", "1", TWO),
    Slider("high_2", "player 2: high type", "0", "4", "0.05", "3", TWO),
    Slider("belief_2", "probability that player 2's type is high", "0", "1", "0.01", "0.5", TWO),
    Slider("proposer", "probability that player 1 proposes", "0", "1", "0.01", "0.5"),
    Menu(
        QUESTION,
        "question",
        {
            GAP: "patient players: who takes the gap",
            EQUILIBRIA: "payoffs in every equilibrium at a discount factor",
            FROM_FILE: TOLD_OF_FILE,
        },
    ),
    Slider("discount", "discount factor of a round", "0", "1", "0.01", "0.9", AT_A_FACTOR),
)
KEYS = {control.key: control for control in CONTROLS}


def document(values: Values, given: Given | None) -> Document:
    """Return the tables of an instance file.

    Examples
    --------
    >>> document(PAGE.first_values(), None)["environment"]["player_2"]
    {'types': [1, 3], 'probability_high': Decimal('0.5')}
    """
    tables: Document = {
        "title": "Bargaining",
        "environment": {"kind": PAGE.kind},
        "problem": {"objective": GAP},
    }
    if given is not None:
        tables = deepcopy(dict(given.document))
        tables.pop("expected", None)
    environment = tables["environment"]
    environment["proposer_probability"] = in_document(values["proposer"])
    if values[QUESTION] != FROM_FILE:
        tables["problem"] = {"objective": values[QUESTION]}
    if AT_A_FACTOR.holds(values):
        tables["problem"]["discount_factor"] = in_document(values["discount"])
    if TWO.holds(values):
        for k, name in enumerate(PLAYERS, start=1):
            types = [in_document(values[f"{end}_{k}"]) for end in ("low", "high")]
            belief = in_document(values[f"belief_{k}"])
            environment[name] = {"types": types, "probability_high": belief}
    return tables


def values_of_file(given: Given) -> dict[str, Value]:
    """Return where the controls stand for a file."""
    environment = given.document["environment"]
    chance = environment.get("proposer_probability", "1/2")
    found: dict[str, Value] = {
        TYPES: FROM_FILE,
        QUESTION: FROM_FILE,
        "proposer": KEYS["proposer"].read(str(chance)),
    }
    problem = given.document.get("problem", {})
    if set(problem) == {"objective", "discount_factor"} and problem["objective"] == EQUILIBRIA:
        factor = KEYS["discount"].read(str(problem["discount_factor"]))
        found |= {QUESTION: EQUILIBRIA, "discount": factor}
    tables = [environment.get(name, {}) for name in PLAYERS]
    plain = all(
        set(table) == {"types", "probability_high"} and len(table["types"]) == 2 for table in tables
    )
    if not plain or "swap_players" in environment:
        return found
    for k, table in enumerate(tables, start=1):
        low, high = table["types"]
        said = {"low": low, "high": high, "belief": table["probability_high"]}
        found |= {f"{end}_{k}": KEYS[f"{end}_{k}"].read(str(text)) for end, text in said.items()}
    return found | {TYPES: "two"}


def code(values: Values) -> str:
    """Return Python code of the problem."""
    lines = []
    for k, name in enumerate(PLAYERS, start=1):
        types = ", ".join(f'"{values[f"{end}_{k}"]}"' for end in ("low", "high"))
        belief = Fraction(values[f"belief_{k}"])
        lines.append(f'{name} = ([{types}], ["{1 - belief}", "{belief}"])')
    chance = f'"{values["proposer"]}"'
    lines.append(f"bargaining = mo.Bargaining(player_1, player_2, {chance})")
    asked = "best_for_player_1(bargaining)"
    if AT_A_FACTOR.holds(values):
        asked = f'equilibrium_problem(bargaining, "{values["discount"]}")'
    return "\n".join([*lines, f"problem = mo.peski2024.{asked}"])


def _square(solution: Solution, values: Values) -> Picture:
    """Return the gap over the square of beliefs, and where one stands in it."""
    title = "Player 1's gap over beliefs"
    if not TWO.holds(values):
        return Picture("square", title, "", "")
    number = {key: float(Fraction(v)) for key, v in values.items() if isinstance(v, Fraction)}
    first, second = ((number[f"low_{k}"], number[f"high_{k}"]) for k in (1, 2))
    found = gap_over_beliefs(first, second, number["proposer"], BELIEFS)
    gap = found.gap.transpose("high_2", "high_1").values
    largest = float(gap.max())
    peak_1, peak_2, floor_2 = (found.attrs[name] for name in ("peak_1", "peak_2", "floor_2"))
    unit = np.array([0.0, 1.0])
    has_gap = largest > 0.0
    series = (
        Series("peak_1", "line", np.full(2, peak_1) if has_gap else NONE, unit if has_gap else NONE,
               "largest gap: p₁*", "dark"),
        Series("peak_2", "line", unit if has_gap else NONE, np.full(2, peak_2) if has_gap else NONE,
               "largest gap: p₂*", "muted"),
        Series("floor_2", "line", unit if has_gap and floor_2 else NONE,
               np.full(2, floor_2) if has_gap and floor_2 else NONE, "no gap below p₂**",
               "first best"),
        Series("here", "points", np.array([number["belief_1"]]), np.array([number["belief_2"]]),
               "these beliefs", "here"),
    )  # fmt: skip
    here = in_figures(_gap(solution), ".4g", solution.objective)
    step = 0.5 / (BELIEFS - 1)
    shades = Shades(
        gap.astype(np.float32), -step, -step, 1.0 + step, 1.0 + step, 0.0, largest or 1.0,
        f"gap ({solution.provenance.unit})",
    )  # fmt: skip
    most = (
        f"The largest is {in_figures(largest, '.4g')}, near {in_figures(peak_1, '.3g')} and "
        f"{in_figures(peak_2, '.3g')}."
        if has_gap
        else "There is no gap at any belief."
    )
    return Picture(
        "square", title, "probability that player 1's type is high",
        "probability that player 2's type is high", series, shades,
        f"The gap at these beliefs is {here}. {most}",
        bottom=-step, top=1.0 + step,
    )  # fmt: skip


def _gap(solution: Solution) -> float:
    return solution.objective - random_monopoly(solution.problem.environment)


def _patience(solution: Solution, values: Values) -> Picture:
    """Return the intervals of expected payoffs over discount factors, at these beliefs."""
    from mechopt.literature.peski2024.discount_maps import discount_sweep

    title = "Payoffs in every equilibrium"
    environment = solution.problem.environment
    finite = all(agent.types.is_finite for agent in environment.agents)
    if not (finite and environment.num_profiles <= MOST_PROFILES):
        return Picture("patience", title, "", "")
    own = Fraction(values["discount"])
    swept = discount_sweep(environment, sorted({*map(Fraction, FACTORS), own}))
    if swept.attrs["basis"].startswith("conjectural"):
        title = "Payoffs, if random-monopoly bounds hold (a conjecture)"
    across, series, said = swept.discount.values, [], []
    at = int(np.flatnonzero(across == float(own))[0])
    for k, name in enumerate(swept.player.values.tolist()):
        low, high = (swept.expected.sel(player=name, end=end).values for end in ("low", "high"))
        around = np.concatenate([across, across[::-1]]), np.concatenate([low, high[::-1]])
        spoken = in_words(name)
        series.append(Series(f"interval_{k}", "area", *around, spoken, k))
        series += [
            Series(f"{end}_{k}", "line", across, values_there, "", k)
            for end, values_there in (("low", low), ("high", high))
        ]
        ends = " to ".join(dict.fromkeys(in_figures(float(e[at]), ".5g") for e in (low, high)))
        said.append(f"{spoken} {ends}")
    whole = swept.expected.values
    series.append(
        Series("here", "line", np.full(2, float(own)), np.array([whole.min(), whole.max()]),
               "this discount factor", "here")
    )  # fmt: skip
    caption = f"At discount factor {in_figures(float(own))} expected: {'; '.join(said)}."
    return Picture(
        "patience", title, "discount factor", f"expected payoff ({solution.provenance.unit})",
        tuple(series), None, caption,
    )  # fmt: skip


def _open(solution: Solution, values: Values) -> Picture:
    """Return how wide the interval of player 1's expected payoff is, over the square of beliefs."""
    from mechopt.literature.peski2024.discount_maps import bounds_over_beliefs

    title = "What is left open of player 1's payoff"
    if not TWO.holds(values):
        return Picture("open", title, "", "")
    pairs = [tuple(float(Fraction(values[f"{e}_{k}"])) for e in ("low", "high")) for k in (1, 2)]
    factor = Fraction(values["discount"])
    chance = str(Fraction(values["proposer"]))
    found = bounds_over_beliefs(pairs[0], pairs[1], chance, factor, BELIEFS)  # type: ignore[arg-type]
    width = found.width.transpose("high_2", "high_1").values
    largest, crossing = float(width.max()), found.attrs["crossing"]
    shown = largest > 0.0 and bool(np.isfinite(crossing))
    unit = np.array([0.0, 1.0])
    here = [np.array([float(Fraction(values[f"belief_{k}"]))]) for k in (1, 2)]
    series = (
        Series("crossing", "line", np.full(2, crossing) if shown else NONE, unit if shown else NONE,
               "the proof's weight a", "dark"),
        Series("here", "points", here[0], here[1], "these beliefs", "here"),
    )  # fmt: skip
    step = 0.5 / (BELIEFS - 1)
    shades = Shades(
        width.astype(np.float32), -step, -step, 1.0 + step, 1.0 + step, 0.0, largest or 1.0,
        f"width ({solution.provenance.unit})",
    )  # fmt: skip
    at = f"At discount factor {in_figures(float(factor))}"
    said = f"the interval is at most {in_figures(largest, '.4g')} wide."
    if largest == 0.0:
        said = "player 1's expected payoff is known at all beliefs."
    return Picture(
        "open", title, "probability that player 1's type is high",
        "probability that player 2's type is high", series, shades, f"{at} {said}",
        bottom=-step, top=1.0 + step,
    )  # fmt: skip


def _payoffs(solution: Solution, values: Values) -> Picture:
    """Return every type's payoff beside what it can be sure of."""
    del values
    mechanism = mechanism_of(solution)
    environment = mechanism.environment
    series: list[Series] = []
    ticks: dict[float, str] = {}
    start = 0.0
    few = sum(environment.shape) <= 12
    for k, agent in enumerate(environment.agents):
        types = agent.types
        places = start + np.arange(float(types.num_cells)) if few else types.mean
        name = in_words(agent.name)
        bound = np.asarray(agent.outside_option(types.mean))
        series.append(
            Series(f"bound_{k}", "points", places, bound, "random-monopoly bound", "muted")
        )
        series.append(
            Series(f"payoff_{k}", "points", places, mechanism.utility[k], f"{name}: payoff", k)
        )
        if few:
            ticks |= {float(x): f"{name}\n{types.label(j)}" for j, x in enumerate(places)}
        start += types.num_cells + 0.5
    across = "player and type" if few else f"type ({solution.provenance.unit})"
    return Picture(
        "payoffs", "Payoffs and random-monopoly bounds", across,
        f"payoff ({solution.provenance.unit})", tuple(series), None,
        _prices_in_words(solution), ticks,
    )  # fmt: skip


def _prices_in_words(solution: Solution) -> str:
    """Return which price each type would ask for if it could make a last offer."""
    said = []
    for name, offer in monopolies(solution.problem.environment).items():
        if offer.price.size > 4:
            return ""
        texts = ("none" if not np.isfinite(p) else in_figures(float(p), ".4g") for p in offer.price)
        said.append(f"{in_words(name)}: {', '.join(texts)}")
    return f"Monopoly prices by type: {'; '.join(said)}."


def _shares(solution: Solution, values: Values) -> Picture:
    """Return both players' bounds, and what comes on top, as shares of the first best."""
    del values
    mechanism = mechanism_of(solution)
    environment = mechanism.environment
    first_best = environment.first_best
    if first_best <= 0.0:
        return Picture("shares", "Shares of the first best", "", "")
    bars, said = [], []
    for name, agent in zip(PLAYERS, environment.agents, strict=True):
        bound = agent.types.expectation(np.asarray(agent.outside_option(agent.types.mean)))
        more = mechanism.expected_utility[agent.name] - bound
        share = max(more, 0.0) / first_best if abs(more) > 1e-9 * first_best else 0.0
        parts = [("bound", bound / first_best, 0), ("beyond the bound", share, 1)]
        bars.append((in_words(name), parts))
        said.append(f"{in_words(name)} {in_figures(100 * (bound / first_best + share), '.2f')} %")
    return pictures.shares(bars, f"{', '.join(said)} of the first best.")


def _payoff_set(solution: Solution, values: Values) -> Picture:
    """Return the set of the players' expected payoffs, with the bounds and the solution."""
    from mechopt.literature.peski2024.payoff_set import PayoffSet

    del values
    mechanism = mechanism_of(solution)
    seen = PayoffSet(mechanism.environment).projection(*PLAYERS)
    corners = np.vstack([seen.polygon.vertices, seen.polygon.vertices[:1]])
    gets = list(mechanism.expected_utility.values())
    series = (
        Series("set", "area", corners[:, 0], corners[:, 1], "payoffs within reach", 0),
        Series("edge", "line", corners[:, 0], corners[:, 1], "", 0),
        Series(
            "bound",
            "points",
            np.array([seen.bound[0]]),
            np.array([seen.bound[1]]),
            "random monopoly",
            "dark",
        ),
        Series("here", "points", np.array(gets[:1]), np.array(gets[1:]), "the outcome", "here"),
    )
    across, up = (f"player {k}'s expected payoff ({solution.provenance.unit})" for k in (1, 2))
    caption = (
        f"The outcome gives {in_figures(gets[0], '.5g')} to player 1 and "
        f"{in_figures(gets[1], '.5g')} to player 2."
    )
    return Picture("payoff_set", "Expected payoffs within reach", across, up, series, None, caption)


def _allocation(solution: Solution, values: Values) -> Picture:
    del values
    return pictures.allocation(solution, "Who gets the good", "probability that player 2 gets it")


def rows(solution: Solution) -> list[Row]:
    """Return what the readout says beside what it says of every problem."""
    if not is_player_1_gap(solution.problem):
        return []
    scale = solution.problem.environment.first_best
    sure = random_monopoly(solution.problem.environment)
    objective = solution.problem.objective
    proved: list[Row] = []
    environment = solution.problem.environment
    if isinstance(objective, DiscountedPayoff) and fault_of_bargaining(environment) is None:
        proved = bounds_rows(
            bargaining_bounds(solution.problem.environment, objective.discount_factor)
        )
    return [
        *proved,
        ("player 1 can be sure of", in_figures(sure, ".6g"), "its random-monopoly bound"),
        ("gap", in_figures(_gap(solution), ".6g", scale), "what player 1 takes on top"),
    ]


PESKI = Tour(
    "Who takes the gap",
    "Pęski (2024), Bargaining with Mechanisms",
    (
        Stop(
            "Two types each",
            "Each player can be sure of its random-monopoly payoff: as if it made a last offer "
            "whenever it is drawn to propose. At these beliefs the two together leave a gap of "
            "1/16 unclaimed, and player 1, whose low type is lower, takes all of it.",
        ),
        Stop(
            "Where the gap is largest",
            "The square has one peak, at p₁* = 1/2 and p₂* = 1/2 for these types and this proposer "
            "probability. It is 1/16 of the highest type here, and never more with two types each.",
            {"high_1": "0.5", "low_2": "0.5", "high_2": "1"},
        ),
        Stop(
            "A player's own types far apart",
            "If player 1's high type is below player 2's low type, there is no gap up to a belief "
            "p₂**, the lower line: there player 2's low type is too likely.",
            {"high_1": "1", "low_2": "2", "belief_2": "0.75"},
        ),
        Stop(
            "Who proposes",
            "With one proposer there is no gap: move the proposer probability to 0 or 1, and the "
            "square empties.",
            {"proposer": "1"},
        ),
        Stop(
            "Before the limit",
            "The theorem is about patient players. At a discount factor of 0.9 payoffs in every "
            "equilibrium lie in proved intervals, which close as players become patient; to the "
            "right of the line in the second square nothing is left open.",
            {QUESTION: EQUILIBRIA, "discount": "0.9"},
        ),
    ),
)

PAGE = Page(
    name="bargaining",
    title="Bargaining",
    kind="bargaining",
    controls=CONTROLS,
    document=document,
    values_of=values_of_file,
    code=code,
    panels=(
        Panel("square", "Player 1's gap over beliefs", _square),
        Panel("payoffs", "Payoffs and random-monopoly bounds", _payoffs),
        Panel("shares", "Shares of the first best", _shares),
        usual.PRIORS,
        Panel("allocation", "Who gets the good", _allocation),
        usual.QUANTITY,
        Panel(
            "payoff_set", "Expected payoffs within reach", _payoff_set, "the payoffs within reach"
        ),
        Panel("patience", "Payoffs in every equilibrium", _patience, "the intervals of payoffs"),
        Panel("open", "What is left open of player 1's payoff", _open, "what is left open"),
    ),
    rows=rows,
    tours={"peski": PESKI},
)
