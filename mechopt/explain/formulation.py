"""The program in mathematics: what is solved, written as an economist writes it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mechopt._util.inline import Inline, Name
from mechopt.environments import Environment
from mechopt.errors import require
from mechopt.explain.indices import Indices, types_of
from mechopt.explain.legend import parameters_of, sets_of, tables_of
from mechopt.explain.numbers import (
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
)
from mechopt.explain.scaled import Shapes, shapes
from mechopt.problem.counts import ALL, OTHERS
from mechopt.problem.linear import Meaning
from mechopt.problem.problem import DesignProblem
from mechopt.program.names import marks_of, prefix_of, row_name
from mechopt.program.standard_form import Block

# What is small enough to be written with its numbers.
MOST_ROWS = 60
MOST_ENTRIES = 500


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
    text, formula
        Those of the meaning in the indices of this problem.
    holds_for
        For which agents, types and profiles it holds, of all blocks that mean the same.
    """

    name: str
    in_files: Name
    meaning: Meaning
    size: int
    over: str
    bounds: str = ""
    text: str = ""
    formula: str = ""
    holds_for: Inline = ""


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
    problem: DesignProblem,
    *,
    form: str = "neighbouring",
    title: str = "",
    source: str = "",
    unit: str = "money",
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
    unit
        What money is measured in.

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
    ('maximise', 'Σ_i Σ_k m_{i,k} (v_{i,k} Q_{i,k} - T_{i,k})')
    >>> found.constraints[-1].formula
    'Σ_i Σ_k m_{i,k} T_{i,k} = 0'
    """
    hint = "State what is asked with ex_ante_efficiency(trade) or the like, and pass that."
    require(problem, DesignProblem, where="problem", remedy=hint)
    problem = problem.textbook if form == "all-pairs" else problem
    stated = shapes(problem, textbook=form == "all-pairs", groups=True)
    return described(problem, stated, form, title, source, unit=unit)


def described(
    problem: DesignProblem,
    stated: Shapes,
    form: str,
    title: str = "",
    source: str = "",
    *,
    in_numbers: bool = True,
    unit: str = "money",
) -> Formulation:
    """Return the formulation of a program with these blocks.

    ``in_numbers`` is whether to write types and rows of small instances with their numbers.
    """
    environment = problem.environment
    indices = Indices.of(environment, stated.variables, identical=bool(stated.identical))
    variables = tuple(_stated(indices, stated.variables, bounds=stated.bounds))
    rows = tuple(_stated(indices, stated.constraints, taken=stated.variables))
    objective = problem.objective.meaning_in(environment)
    objective = replace(objective, formula=indices.formula(objective.formula))
    sense = "maximise" if problem.objective.sign > 0 else "minimise"
    formulas = [objective.formula, *(each.formula for each in (*variables, *rows))]
    parts: list[Part] = [
        Section("Sets"),
        Items(tuple(sets_of(indices))),
        Section("Parameters"),
        Items(tuple(parameters_of(problem, indices, formulas, unit))),
        *(tables_of(environment) if in_numbers else ()),
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
        # A class's name as words: InterimIncentives is about interim incentives.
        named = (
            f"{re.sub('(?<=[a-z])(?=[A-Z])', ' ', name).capitalize()}: {text}"
            for name, text in found.items()
        )
        parts += [Section("Sources"), Items((*own, *named), (*own, *cited(found.values())))]
    name = title or f"{sense} {problem.objective.in_words}"
    return Formulation(name, tuple(parts), sense, objective, variables, rows)


def _stated(
    indices: Indices,
    blocks: Mapping[str, Block],
    taken: Iterable[str] = (),
    bounds: Mapping[str, str] | None = None,
) -> Iterator[Stated]:
    """Yield what blocks state, in their order, and what those that mean the same hold for."""
    alike: dict[Meaning, list[Block]] = {}
    for block in blocks.values():
        alike.setdefault(block.meaning, []).append(block)
    names = tuple(taken)
    for block in blocks.values():
        own = alike[block.meaning]
        yield Stated(
            block.name,
            Name(prefix_of(row_name(block.name, names)), marks_of(block)),
            block.meaning,
            block.size,
            _over(indices.environment, block),
            (bounds or {}).get(block.name, ""),
            indices.text(block.meaning.text),
            indices.formula(block.meaning.formula, indices.agents_of(own)),
            indices.holds_for(own),
        )


def _over(environment: Environment, block: Block) -> str:
    """Return what the entries of a block run over."""
    names = [agent.name for agent in environment.agents]
    if block.axes == (ALL,):
        return "every state"
    if block.axes[1:] == (OTHERS,):
        return f"{types_of(block)}, every state of the others"
    if not block.axes or not set(block.axes) <= set(names):
        return ""
    first = block.axes[0]
    size = environment.shape[names.index(first)]
    if len(names) > 1 and not block.is_of_pairs and block.shape == environment.shape:
        return "every profile"
    others = len(set(block.axes)) > 1
    if len(block.axes) > 1 and block.axes[1] == first:
        own = f"types k and r of {first} that differ"
    elif block.entries is not None:
        own = f"{types_of(block)} of {first}"
    else:
        own = f"{types_of(block)} of {first}"
        own = own if block.shape[0] in (size, size - 1) else f"{block.size:,} rows"
    return f"{own}, every profile of the others" if others else own


def _statements(stated: Sequence[Stated], *, numbered: bool = False) -> Iterator[Statement]:
    """Yield what blocks state, those of one formula together."""
    for place, own in enumerate(_alike(stated), start=1):
        meaning = own[0].meaning
        names = tuple((each.in_files, _how_many(each, numbered=numbered)) for each in own)
        label = f"({place})" if numbered else ""
        formula, given = own[0].formula, own[0].holds_for
        yield Statement(label, formula, own[0].text, meaning.section, names, given)


def _alike(stated: Sequence[Stated]) -> list[list[Stated]]:
    """Return blocks that mean the same together."""
    groups: dict[Meaning, list[Stated]] = {}
    for each in stated:
        groups.setdefault(each.meaning, []).append(each)
    return list(groups.values())


def _how_many(stated: Stated, *, numbered: bool) -> str:
    """Return how many entries a block has, for which types, and their bounds."""
    unit = f" row{'' if stated.size == 1 else 's'}" if numbered else ""
    parts = (f"{stated.size:,}{unit}", stated.over, stated.bounds)
    return ", ".join(filter(None, parts))


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
