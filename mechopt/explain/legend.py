"""What the symbols of a formulation mean: sets, parameters, and tables of types."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from mechopt._util.inline import Inline, Math, Piece, pieces, with_symbols
from mechopt._util.rounding import in_figures
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError, UnsupportedProblemError
from mechopt.explain.indices import Indices, listed
from mechopt.explain.numbers import combination, number, numbers_of
from mechopt.explain.page import Part, Words, words_table
from mechopt.problem.problem import DesignProblem
from mechopt.types.prior import Joint

# What is small enough to be listed.
MOST_TYPES = 12
MOST_AGENTS = 6
MOST_ROWS = 60
MOST_WRITTEN = 10**9
_SYMBOL = re.compile(r"(?<![\w'])([^\W\d_])(?='?(?:_|\(|\b))|([^\W\d]\w+)")

# What symbols mean, without their indices and arguments.
SYMBOLS = {
    "w": "weight in the objective",
    "a": "weight of quantity in the objective",
    "b": "weight of payment in the objective",
    "c": "weight of cost in the objective",
    "o": "what staying out brings a type, in money",
    "g": "what a type must get at least, in money",
    "p": "probability of a profile under this one of the priors",
    "p'": "probability of a profile under the other prior",
    "S": "units that types from k on win together",
    "K": "number of units",
    "u": "what an action brings in a profile",
    "least": "the number that the objective makes as large as it can be",
    "objective": "what the objective makes of a profile",
    "price": "what a condition on priors adds to the least expectation",
    "condition": "what a condition on priors counts the probability of a profile for",
    "slack": "how much room a condition on priors leaves",
    "target": "what a condition on priors requires",
}
_INDEXED = r"(?<![\w'{{])({}(?:_(?:\{{[^}}]*\}}|[a-z0-9](?!\w))|_i)?(?:\([^()]*\))?)(?![\w'\[])"


def sets_of(indices: Indices) -> Iterator[Inline]:
    """Yield who the agents are, what types they have, and what a profile is."""
    environment, names = indices.environment, indices.names
    of = _few(names)
    if indices.one:
        yield f"the only agent: {of}"
    elif indices.identical:
        yield (f"identical agents: {of}; ", Math(f"n = {len(names)}"))
    else:
        yield ("agents ", Math("i"), f": {of}")
    runs: dict[int, list[str]] = {}
    for agent, size in zip(environment.agents, environment.shape, strict=True):
        runs.setdefault(size, []).append(agent.name)
    ordered = [agent.name for agent in environment.agents if agent.types.is_ordered]
    order = ", in rising order"
    if len(ordered) < len(names):
        order = f", in rising order of {_few(ordered)}" if ordered else ""
        order += f", {'else ' if ordered else ''}in the order of their table"
    whose = "types: " if indices.one else "types of each agent: "
    if len(runs) == 1:
        yield (whose, Math(listed(range(environment.shape[0]))), order)
    else:
        lasts = [(Math(f"N_i = {size - 1}"), f" for {_few(own)}") for size, own in runs.items()]
        each = [piece for last in lasts for piece in (*last, ", ")][:-1]
        yield ("types of agent i: ", Math("k = 0, ..., N_i"), order, "; ", *each)
    if indices.one:
        return
    if indices.by_counts:
        yield (
            "states ", Math("s"), ": how many agents there are of each type, ", Math("s_k"),
            " of type ", Math("k"), "; ", Math("s_{-i}"), ": of the others than one agent; ",
            Math("e_k"), ": one agent of type ", Math("k"),
        )  # fmt: skip
        return
    if indices.identical:
        return
    many = environment.num_profiles
    number_of_all = f"{many:,}" if many < MOST_WRITTEN else in_figures(float(many))
    sizes = " \u00d7 ".join(map(str, environment.shape))
    how_many: tuple[Any, ...] = (f": {number_of_all}",)
    if len(names) <= MOST_AGENTS:
        how_many = (": ", Math(sizes), f" = {number_of_all}")
    yield (
        "profiles of types ", Math("t"), ", in the order of the agents", *how_many, "; ",
        Math("t_i"), " is agent ", Math("i"), "'s type, and ", Math("t_{-i}"),
        " the profile of the others'",
    )  # fmt: skip


def _few(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= MOST_AGENTS else f"{names[0]} to {names[-1]}"


def parameters_of(
    problem: DesignProblem, indices: Indices, formulas: Sequence[str], unit: str
) -> Iterator[Inline]:
    """Yield what the symbols mean that occur in formulas, and their numbers where they are few.

    ``unit`` is what money is measured in.
    """
    for entry in _meanings(problem, indices, formulas):
        parts: list[Piece] = []
        for piece in pieces(entry):
            if not isinstance(piece, str):
                parts.append(piece)
                continue
            text = piece.replace("in money", f"in {unit}") if unit else piece
            if indices.one:
                text = text.replace(" in a profile", "").replace("of a profile", "of a type")
            parts += pieces(with_symbols(text))
        yield tuple(parts)


def _meanings(
    problem: DesignProblem, indices: Indices, formulas: Sequence[str]
) -> Iterator[Inline]:
    """Yield the symbols with their meanings, of money in no unit and of profiles."""
    environment = problem.environment
    used = {x or y for formula in formulas for x, y in _SYMBOL.findall(formula)}
    of_agent = "" if indices.plain else " of agent i"

    def written(formula: str) -> Math:
        return Math(indices.formula(formula))

    whole = " ".join(formulas)
    expects = [
        (f"{letter}_{{i,k}} = E[{each}_i(k, t_{{-i}}) | t_i = k]", what)
        for letter, each, what in (("Q", "q", "net quantity"), ("T", "τ", "payment"))
        if letter in used and problem.by_profile and not indices.one
    ]
    whole = " ".join((*formulas, *(indices.formula(own) for own, _ in expects)))
    if "E[" in whole:
        kind = "are independent" if environment.prior is None else "have the joint prior"
        yield (Math("E[x]"), f": expectation of x over profiles, whose types {kind}")
    if "t_i = k" in whole:
        yield (Math("E[x | t_i = k]"), ": the same, given that agent i has type k")
    yield (written("m_{i,k}"), f": probability of type k{of_agent}")
    yield from _worth(indices, used, of_agent)
    if "q" in used or (indices.one and not indices.interim and "Q" in used):
        yield from _net_quantities(indices)
    if problem.by_profile and not problem.has_payment_limit:
        limit = in_figures(problem.payment_limit)
        yield f"no payment in any profile is above {limit} in size, which keeps bets finite"
    for own, what in expects:
        yield (written(own), f": {what} that type k{of_agent} expects")
    if "cost" in used:
        yield from _cost(indices)
    if "n" in used and not indices.identical:
        yield (Math("n"), ": number of agents")
    for symbol, words in SYMBOLS.items():
        found = list(dict.fromkeys(re.findall(_INDEXED.format(symbol), whole)))
        if found == ["K"]:
            found = [f"K = {_units(environment):g}"]
        if found:
            yield (Math(", ".join(found[:MOST_AGENTS])), f": {words}")


def _units(environment: Environment) -> float:
    """Return how many units identical agents compete for."""
    outcomes = environment.outcomes
    units = outcomes.equal_units if outcomes.counted is None else outcomes.counted.units
    return float(units or 0.0)


def _worth(indices: Indices, used: set[str], of_agent: str) -> Iterator[Inline]:
    """Yield what types are worth: numbers times quantities, or tables of outcomes."""
    environment = indices.environment
    numbered = [i for i in range(len(indices.names)) if environment.has_net_quantity(i)]
    finite = [environment.agents[i].types.is_finite for i in numbered]
    gives = (environment.outcomes.net_quantity[numbered] < 0).any()
    costs = ", or costs," if gives else ""
    if numbered and {"v", "L", "U"} & used:
        if all(finite):
            own = Math(indices.formula("v_{i,k}"))
            yield (own, f": what a unit is worth to{costs} type k{of_agent}, in money")
        else:
            own = Math(indices.formula("L_{i,k} <= v_{i,k} <= U_{i,k}"))
            points = [indices.names[i] for i in numbered if environment.agents[i].types.is_finite]
            apart = f" (a single number for {', '.join(points)})" if points else ""
            whom = f"the lowest, the mean and the highest type of cell k{of_agent}"
            yield (own, f": what a unit is worth to{costs} {whom}, in money{apart}")
    tables = [i for i in range(len(indices.names)) if not environment.has_net_quantity(i)]
    if tables and "v" in used:
        on_others = any(environment.hangs_on_others(i) for i in tables)
        x = "v_i(x, k, t_{-i})" if on_others else "v_i(x, k)"
        given = ", if the others' types are these" if on_others else ""
        words = f": what the outcome x is worth to type k{of_agent}, in money{given}"
        yield (Math(indices.formula(x)), words)
        variables = environment.outcomes.variables
        if len(variables) <= MOST_TYPES:
            at = "(k)" if indices.one else "(t)"
            parts = ", ".join(f"{v}{at}" for v in variables)
            parts = f"({parts})" if len(variables) > 1 else parts
            yield (Math(f"x{at} = {parts}"), ": the outcome")


def _net_quantities(indices: Indices) -> Iterator[Inline]:
    """Yield what each agent's net quantity is in a profile."""
    environment, outcomes = indices.environment, indices.environment.outcomes
    if not environment.has_net_quantities or indices.identical:
        if indices.by_counts and not indices.interim:
            (common,) = outcomes.variables[:1]
            own = f"q(k, s_{{-i}}) = {common}(s_{{-i}} + e_k)"
            yield (Math(own), ": net quantity of an agent of type k")
        return
    if len(environment.agents) > MOST_AGENTS:
        yield (Math("q_i(t)"), ": net quantity of agent i in a profile")
        return
    for agent, net in zip(environment.agents, outcomes.net_quantity, strict=True):
        at = "(k)" if indices.one else "(t)"
        terms = combination(
            zip(net.tolist(), (f"{v}{at}" for v in outcomes.variables), strict=True)
        )
        own = indices.formula("q_i(t)", [agent.name])
        yield (Math(f"{own} = {terms}"), f": net quantity of {agent.name} in a profile")


def _cost(indices: Indices) -> Iterator[Inline]:
    """Yield the money that payments cover."""
    outcomes = indices.environment.outcomes
    at = "(k)" if indices.one else "(t)"
    words = ": money that payments cover in a profile"
    counted = outcomes.counted if indices.by_counts else None
    if counted is not None:
        used = f"{counted.common}(s)" if counted.common else "Σ_k s_k q(k, s - e_k)"
        yield (Math(f"cost(s) = {combination([(outcomes.cost[0].item(), used)])}"), words)
        return
    if np.count_nonzero(outcomes.cost) > MOST_TYPES:
        yield (Math(f"cost{at}"), words)
        return
    terms = combination(
        zip(outcomes.cost.tolist(), (f"{v}{at}" for v in outcomes.variables), strict=True)
    )
    yield (Math(f"cost{at} = {terms}"), words)


def tables_of(environment: Environment) -> Iterator[Part]:
    """Yield types and probabilities of each agent, where they are few."""
    if len(environment.agents) > MOST_ROWS or max(environment.shape) > MOST_TYPES:
        return
    groups: dict[str, tuple[list[str], dict[str, list[str]]]] = {}
    for i, agent in enumerate(environment.agents):
        columns = _columns(environment, i)
        if agent.option_at_ends[0].any():
            columns["outside option"] = [number(o) for o in agent.option_at_ends[0].tolist()]
        groups.setdefault(str(columns), ([], columns))[0].append(agent.name)
    for names, columns in list(groups.values())[:MOST_AGENTS]:
        yield Words(f"Types of {_few(names)}:")
        rows = zip(map(str, itertools.count()), *columns.values(), strict=False)
        yield words_table(("k", *columns), tuple(rows))
    prior = environment.prior
    if isinstance(prior, Joint) and prior.probabilities.ndim == 2:
        head = ("p", *(f"{environment.agents[1].name} {j}" for j in range(environment.shape[1])))
        values = prior.probabilities.tolist()
        name = environment.agents[0].name
        yield Words("Joint prior:")
        yield words_table(
            head,
            tuple((f"{name} {k}", *map(number, row)) for k, row in enumerate(values)),
        )


def _columns(environment: Environment, i: int) -> dict[str, list[str]]:
    """Return columns of a table of types: what they are and are worth, and their probabilities."""
    agent, variables = environment.agents[i], environment.outcomes.variables
    types = agent.types
    cells: Any = types
    worth: Any = environment.worth[i]
    with suppress(InvalidInputError, UnsupportedProblemError):
        cells, worth = agent.in_fractions(), environment.exact_worth(i)
    mass = [number(m) for m in numbers_of(cells.mass)]
    if environment.has_net_quantity(i):
        ends = ("mean",) if types.is_finite else ("lower", "mean", "upper")
        letters = {"lower": "L", "mean": "v", "upper": "U"}
        columns = {letters[e]: [number(v) for v in numbers_of(getattr(cells, e))] for e in ends}
        return {**columns, "m": mass}
    columns = {"type": [types.label(k) for k in range(types.num_cells)]}
    if not environment.hangs_on_others(i) and len(variables) <= MOST_AGENTS:
        for v, name in enumerate(variables):
            columns[f"worth of {name}"] = [number(w) for w in numbers_of(worth[:, 0, v])]
    return {**columns, "m": mass}
