"""The program in mathematics: what is solved, written as an economist writes it."""

from __future__ import annotations

import inspect
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mechopt._util.inline import Inline, Math, Name
from mechopt._util.rounding import in_figures
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError, UnsupportedProblemError, require
from mechopt.explain.numbers import (
    combination,
    number,
    numbers_of,
    objective_of,
    program_in_numbers,
    rows_of,
    symbols,
)
from mechopt.explain.page import (
    Equations,
    Items,
    Page,
    Part,
    Section,
    Statement,
    Words,
    words_table,
)
from mechopt.explain.scaled import Shapes, shapes
from mechopt.problem.linear import Meaning
from mechopt.problem.problem import DesignProblem
from mechopt.program.names import marks_of, prefix_of, row_name
from mechopt.program.standard_form import Block
from mechopt.types.prior import Joint

# What is small enough to be written with its numbers.
MOST_TYPES = 12
MOST_AGENTS = 6
MOST_ROWS = 60
MOST_ENTRIES = 500
_SYMBOL = re.compile(r"(?<![\w'])([^\W\d_])(?='?(?:_|\(|\b))|([^\W\d]\w+)")


@dataclass(frozen=True)
class Stated:
    """A block of variables or constraints as a formulation states it.

    Parameters
    ----------
    name
        Of the block, as in :class:`mechopt.Solution`.
    in_files
        How its entries are called in exported files.
    meaning
        In words, as a formula, and the section of theory.md.
    size
        How many there are.
    over
        What the entries run over, in words.
    bounds
        Of variables.
    """

    name: str
    in_files: Name
    meaning: Meaning
    size: int
    over: str
    bounds: str = ""


@dataclass(frozen=True)
class Formulation(Page):
    """A design problem in mathematics.

    Parameters
    ----------
    title, parts
        As of a page, which :meth:`latex`, :meth:`markdown` and :meth:`text` write.
    sense
        ``"maximise"`` or ``"minimise"``.
    objective
        What is, in words and as a formula.
    variables, constraints
        All blocks of the program that is solved, in its order.
    """

    sense: str = ""
    objective: Meaning = field(default=Meaning(""))
    variables: tuple[Stated, ...] = ()
    constraints: tuple[Stated, ...] = ()


def formulation(
    problem: DesignProblem, *, form: str = "neighbouring", title: str = "", source: str = ""
) -> Formulation:
    """Return a design problem in mathematics: sets, parameters, variables, objective, constraints.

    It is made from the blocks of the program that is solved, each of which says itself what it
    means. Small instances are written out with their numbers, as fractions where they are known.

    Parameters
    ----------
    problem
        The problem.
    form
        ``"neighbouring"``, or ``"all-pairs"`` for the textbook form.
    title, source
        What to call it, and where it comes from.

    Returns
    -------
    Formulation
        ``latex()`` compiles as it stands, ``markdown()`` is for MathJax, ``text()`` for terminals;
        notebooks show it.

    Raises
    ------
    InvalidInputError
        For what is no design problem.
    TooLargeError
        If the program is too large to be written.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite([0, 1])
    >>> found = formulation(ex_ante_efficiency(BilateralTrade(types, types)))
    >>> found.sense, found.objective.formula
    ('maximise', 'Σ_i Σ_k m_k (v_k Q_k - T_k)')
    >>> found.constraints[-1].meaning.formula
    'Σ_i Σ_k m_k T_k - E[cost] = 0'
    """
    hint = "State what is asked with ex_ante_efficiency(trade) or the like, and pass that."
    require(problem, DesignProblem, where="problem", remedy=hint)
    problem = problem.textbook if form == "all-pairs" else problem
    stated = shapes(problem, textbook=form == "all-pairs", groups=True)
    return described(problem, stated, form, title, source)


def described(
    problem: DesignProblem,
    stated: Shapes,
    form: str,
    title: str = "",
    source: str = "",
    *,
    in_numbers: bool = True,
) -> Formulation:
    """Return the formulation of a program with these blocks.

    ``in_numbers`` is whether to write types and rows of small instances with their numbers.
    """
    environment = problem.environment
    variables = tuple(
        _stated(environment, block, bounds=stated.bounds[block.name])
        for block in stated.variables.values()
    )
    rows = tuple(
        _stated(environment, block, stated.variables) for block in stated.constraints.values()
    )
    objective = problem.objective.meaning_in(environment)
    sense = "maximise" if problem.objective.sign > 0 else "minimise"
    formulas = [objective.formula, *(each.meaning.formula for each in (*variables, *rows))]
    parts: list[Part] = [
        Section("Sets"),
        Items(tuple(_sets(environment))),
        Section("Parameters"),
        Items(tuple(_parameters(problem, formulas))),
        *(_tables(environment) if in_numbers else ()),
        Section("Variables"),
        *_statements(variables),
        Section("Objective"),
        Equations((((f"{sense}",), objective.formula),)),
        Words(f"{objective.text} (theory.md, section {objective.section}).", f"{objective.text}."),
        *([Words(f"Note: {problem.objective.remark}.")] if problem.objective.remark else ()),
        Section("Constraints"),
        *_statements(rows, numbered=True),
    ]
    if problem.deterministic:
        parts.append(Words("All variables of the outcome are 0 or 1."))
    if in_numbers and not stated.identical:
        parts += _written_out(problem, form, rows)
    own = [source] if source else []
    found = sources_of(problem) if in_numbers else {}
    if own or found:
        named = (f"{name}: {text}" for name, text in found.items())
        parts += [Section("Sources"), Items((*own, *named), (*own, *cited(found.values())))]
    name = title or f"{sense} {problem.objective.in_words}"
    return Formulation(name, tuple(parts), sense, objective, variables, rows)


def _stated(
    environment: Environment,
    block: Block,
    taken: Mapping[str, Block] | None = None,
    bounds: str = "",
) -> Stated:
    name = Name(prefix_of(row_name(block.name, taken or ())), marks_of(block))
    return Stated(block.name, name, block.meaning, block.size, _over(environment, block), bounds)


def _over(environment: Environment, block: Block) -> str:
    """Return what the entries of a block run over."""
    names = [agent.name for agent in environment.agents]
    if not block.axes or not set(block.axes) <= set(names):
        return "" if block.size == 1 else f"{block.size:,} rows"
    first = block.axes[0]
    size = environment.shape[names.index(first)]
    if len(block.shape) == len(names) and block.shape == environment.shape:
        return "every profile"
    others = len(set(block.axes)) > 1
    if len(block.axes) > 1 and block.axes[1] == first:
        own = f"types k and r of {first} that differ"
    elif block.entries is not None:
        listed = ", ".join(map(str, block.entries))
        few = len(block.entries) <= MOST_TYPES
        own = f"k = {listed} of {first}" if few else f"{len(block.entries)} types of {first}"
    else:
        last = block.shape[0] - 1
        own = f"k = 0, ..., {last} of {first}" if last else f"k = 0 of {first}"
        own = own if block.shape[0] in (size, size - 1) else f"{block.size:,} rows"
    return f"{own}, every profile of the others" if others else own


def _statements(stated: Sequence[Stated], *, numbered: bool = False) -> Iterator[Statement]:
    """Yield what blocks state, those of one formula together."""
    for place, own in enumerate(_alike(stated, apart=not numbered), start=1):
        meaning = own[0].meaning
        names = tuple((each.in_files, _how_many(each, numbered=numbered)) for each in own)
        label = f"({place})" if numbered else ""
        yield Statement(label, meaning.formula, meaning.text, meaning.section, names)


def _alike(stated: Sequence[Stated], *, apart: bool = False) -> list[list[Stated]]:
    """Return blocks that mean the same together, unless all are to stand apart."""
    groups: dict[Meaning, list[Stated]] = {}
    for each in stated:
        kind = replace(each.meaning, text=each.name) if apart else each.meaning
        groups.setdefault(kind, []).append(each)
    return list(groups.values())


def _how_many(stated: Stated, *, numbered: bool) -> str:
    """Return how many entries a block has, for which types, and their bounds."""
    unit = f" row{'' if stated.size == 1 else 's'}" if numbered else ""
    parts = (f"{stated.size:,}{unit}", stated.over, stated.bounds)
    return ", ".join(filter(None, parts))


def _sets(environment: Environment) -> Iterator[Inline]:
    names = [agent.name for agent in environment.agents]
    runs: dict[tuple[int, str], list[str]] = {}
    for agent, size in zip(environment.agents, environment.shape, strict=True):
        order = "in rising order" if agent.types.is_ordered else "in the order of their table"
        runs.setdefault((size, order), []).append(agent.name)
    for (size, order), own in runs.items():
        of = ", ".join(own) if len(own) <= MOST_AGENTS else f"{own[0]} to {own[-1]}"
        last = f", ..., {size - 1}" if size > 1 else ""
        yield (f"agents i: {of}; types ", Math(f"k = 0{last}"), f", {order}")
    number_of_all = in_figures(float(environment.num_profiles))
    if len(names) <= MOST_AGENTS:
        sizes = Math(" \u00d7 ".join(map(str, environment.shape)))
        yield ("profiles of types: ", sizes, f" = {number_of_all}")
    else:
        yield f"profiles of types: {number_of_all}"
    if len(names) > 1:
        yield (
            "symbols with the index k, such as ",
            Math("m_k"),
            ", are those of one agent i, whose index is left out",
        )


def _parameters(problem: DesignProblem, formulas: Sequence[str]) -> Iterator[Inline]:
    """Yield what the symbols mean that occur in formulas, and their numbers where they are few."""
    environment = problem.environment
    outcomes = environment.outcomes
    used = {x or y for formula in formulas for x, y in _SYMBOL.findall(formula)}
    yield (Math("m_k"), ": probability of type k of an agent")
    if environment.has_net_quantities:
        finite = all(agent.types.is_finite for agent in environment.agents)
        meaning = (
            ": the worth of a unit to type k (L and U differ only for cells of types)"
            if finite
            else (": lowest, mean and highest worth of a unit to the types of cell k")
        )
        yield (Math("L_k = v_k = U_k" if finite else "L_k <= v_k <= U_k"), meaning)
        for agent, net in zip(environment.agents, outcomes.net_quantity, strict=True):
            if len(environment.agents) <= MOST_AGENTS:
                terms = combination(zip(net.tolist(), outcomes.variables, strict=True))
                yield (Math("q"), f" of {agent.name}, its net quantity in a profile: ", Math(terms))
        if len(environment.agents) > MOST_AGENTS:
            yield (Math("q"), ": net quantity of an agent in a profile")
    else:
        yield (Math("v_k(x)"), ": what the outcome x of a profile is worth to type k of an agent")
    if environment.prior is not None:
        yield "expectations of a type are those of the joint prior, given the type"
    if problem.by_profile and not problem.has_payment_limit:
        limit = in_figures(problem.payment_limit)
        yield f"no payment in any profile is above {limit} in size, which keeps bets finite"
    if problem.by_profile:
        expected = "Q_k = E[q | k], T_k = E[τ | k]"
        expected = expected if environment.has_net_quantities else "T_k = E[τ | k]"
        yield (Math(expected), ": what type k expects")
    if "cost" in used:
        cost = outcomes.cost
        few = np.count_nonzero(cost) <= MOST_TYPES
        terms = combination(zip(cost.tolist(), outcomes.variables, strict=True))
        yield (
            Math("cost"),
            ": money that payments cover in a profile",
            *((": ", Math(terms)) if few else ()),
        )
    yield from ((Math(x), f": {words}") for key, (x, words) in SYMBOLS.items() if key in used)


SYMBOLS = {
    "o": ("o(v)", "what a type v gets by staying out, in money"),
    "a_k": ("a_k, b_k, c", "the objective's weights of quantity, payment and cost"),
    "floor": ("floor(v)", "what a type v must get at least, in money"),
    "τ": ("τ", "payment of an agent in a profile"),
    "t": ("t", "a profile of types, of the others where k or r stands beside it"),
    "p": ("p'(t)", "the probability of a profile that the objective is taken at"),
    "S": ("S_k", "units that types from k on win together"),
    "n": ("n", "number of agents"),
    "K": ("K", "number of units"),
    "liability": ("liability", "the most that an agent may lose in a profile, in money"),
    "objective": ("objective", "what the objective makes of a profile, or of all of them"),
    "price_c": ("price_c", "what condition c on priors adds to the least expectation"),
    "condition_c": ("condition_c(t)", "what condition c counts the probability of a profile for"),
    "slack_c": ("slack_c", "how much room condition c leaves"),
    "target_c": ("target_c", "what condition c on priors requires"),
    "variable": ("variable", "the variable that the bound is of"),
}


def _tables(environment: Environment) -> Iterator[Part]:
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
        yield Words(f"Types of {', '.join(names)}:")
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


def _written_out(problem: DesignProblem, form: str, stated: Sequence[Stated]) -> list[Part]:
    """Return the program with its numbers, if it is small."""
    environment = problem.environment
    if environment.num_profiles > MOST_ROWS:
        return []
    program = program_in_numbers(problem, textbook=form == "all-pairs")
    if program.row_lower.size > MOST_ROWS or program.entries.value.size > MOST_ENTRIES:
        return []
    names = symbols(environment, program.variables)
    rows = rows_of(program, names)
    parts: list[Part] = [
        Section("With the numbers of this instance"),
        Equations((("maximise", objective_of(program, names)),)),
    ]
    if problem.objective.sign < 0:
        parts.append(Words("The optimum is minus that."))
    for place, group in enumerate(_alike(stated), start=1):
        for each in group:
            if each.name in program.constraints:
                block = program.constraints[each.name]
                own = rows[block.start : block.start + block.size]
                parts.append(Words((f"({place}) ", each.in_files)))
                parts.append(Equations(tuple((("",), row) for row in own)))
    return parts


def sources_of(problem: DesignProblem) -> dict[str, str]:
    """Return the sources that outcomes, objective and requirements name, by their class.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite([0, 1])
    >>> found = sources_of(ex_ante_efficiency(BilateralTrade(types, types)))
    >>> cited([found["InterimIncentives"]])
    ('Myerson and Satterthwaite (1983).',)
    """
    classes = [problem.environment.outcomes, problem.objective, *problem.all_requirements]
    found: dict[str, str] = {}
    for one in classes:
        text = inspect.getdoc(type(one)) or ""
        for source in re.findall(r"^Source: (.*?)(?:\n\n|\Z)", text, flags=re.M | re.S):
            found[type(one).__name__] = " ".join(source.split())
    return found


def cited(sources: Iterable[str]) -> tuple[str, ...]:
    """Return the literature that sources name, each once, without sections of theory.md.

    Examples
    --------
    >>> cited(["theory.md; Myerson (1981).", "theory.md.", "Nash (1950)."])
    ('Myerson (1981).', 'Nash (1950).')
    """
    found = (
        source.partition("; ")[2] if source.startswith("theory.md") else source
        for source in sources
    )
    return tuple(dict.fromkeys(filter(None, found)))
