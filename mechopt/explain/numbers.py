"""A program written out: its objective and rows with the numbers of a small instance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from mechopt._util.rounding import in_figures
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError, UnsupportedProblemError
from mechopt.problem.linear import NumberArray
from mechopt.problem.problem import DesignProblem
from mechopt.program.names import indices_of
from mechopt.program.numbers import in_floats, in_fractions
from mechopt.program.standard_form import Block, Program, assemble

LONGEST_FRACTION = 24
# Letters of the variables that every agent has.
LETTERS = {"quantity": "Q", "payment": "T"}


def program_in_numbers(problem: DesignProblem, *, textbook: bool = False) -> Program:
    """Return the program in fractions, or in floats where the problem is not known in fractions.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite([0, "1/3"])
    >>> program = program_in_numbers(ex_ante_efficiency(BilateralTrade(types, types)))
    >>> program.cost[-1]
    Fraction(-1, 2)
    """
    try:
        return assemble(problem, in_fractions(problem), textbook=textbook)
    except (InvalidInputError, UnsupportedProblemError):
        return assemble(problem, in_floats(problem), textbook=textbook)


def number(value: Any) -> str:
    """Return a number as people write it: a fraction that is short, or six figures.

    Examples
    --------
    >>> number(Fraction(2, 6)), number(0.1), number(Fraction(10**30 + 1, 10**30))
    ('1/3', '0.1', '≈ 1')
    """
    if isinstance(value, (Fraction, int)):
        text = str(value)
        return text if len(text) <= LONGEST_FRACTION else f"≈ {in_figures(float(value))}"
    return in_figures(float(value))


def combination(terms: Iterable[tuple[Any, str]]) -> str:
    """Return a sum of numbers times symbols as a formula.

    Examples
    --------
    >>> combination([(1, "a"), (-1, "b"), (Fraction(1, 2), "c")]), combination([])
    ('a - b + 1/2 c', '0')
    """
    parts = []
    for factor, symbol in terms:
        if not factor:
            continue
        size = number(abs(factor))
        parts.append(f"{'-' if factor < 0 else '+'} {'' if size == '1' else f'{size} '}{symbol}")
    text = " ".join(parts).removeprefix("+ ")
    return f"-{text[2:]}" if text.startswith("- ") else text or "0"


def symbols(environment: Environment, blocks: Mapping[str, Block]) -> list[str]:
    """Return the symbol of every variable of a program, in its order.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite([0, 1])
    >>> problem = ex_ante_efficiency(BilateralTrade(types, types))
    >>> symbols(problem.environment, program_in_numbers(problem).variables)[2:6]
    ['trade(1,0)', 'trade(1,1)', 'Q_{seller,0}', 'Q_{seller,1}']
    """
    found: list[str] = []
    profile = tuple(agent.name for agent in environment.agents)
    for block in blocks.values():
        letter, agent = _letter(environment, block)
        own = agent if len(profile) > 1 else ()
        indices = np.array(indices_of(block)).reshape(-1, block.size).T.tolist()
        for index in indices:
            at = [",".join(map(str, part)) for part in (own, index, (*own, *index))]
            if letter in LETTERS.values() or block.axes != profile:
                found.append(f"{letter}_{{{at[2]}}}" if at[2] else letter)
            else:
                # A function of the profile of types, as formulas write it.
                found.append(f"{letter}_{{{at[0]}}}({at[1]})" if own else f"{letter}({at[1]})")
    return found


def _letter(environment: Environment, block: Block) -> tuple[str, tuple[str, ...]]:
    """Return what a block's variables are called in formulas, and whose they are, if anybody's."""
    for agent in environment.agents:
        for part, letter in LETTERS.items():
            if block.name == f"{agent.name}_{part}":
                profiles = len(block.axes) > 1 and part == "payment"
                return ("τ" if profiles else letter), (agent.name,)
    return block.name, ()


def rows_of(program: Program, names: Sequence[str]) -> list[str]:
    """Return every row of a program as a formula."""
    terms: dict[int, list[tuple[Any, str]]] = defaultdict(list)
    entries = program.entries
    order = np.lexsort((entries.column, entries.row))
    for row, column, value in zip(
        entries.row[order].tolist(),
        entries.column[order].tolist(),
        entries.value[order].tolist(),
        strict=True,
    ):
        terms[row].append((value, names[column]))
    found = []
    for row, (low, high) in enumerate(zip(program.row_lower, program.row_upper, strict=True)):
        found.append(f"{combination(terms[row])} {'=' if low == high else '>='} {number(low)}")
    return found


def objective_of(program: Program, names: Sequence[str]) -> str:
    """Return what a program maximises as a formula."""
    return combination(zip(numbers_of(program.cost), names, strict=True))


def numbers_of(values: NumberArray) -> list[Any]:
    """Return the numbers of an array, of floats or of fractions."""
    return list(np.asarray(values).ravel().tolist())
