"""A program by its blocks: the parts of its matrix, and what a solver's numbers for them mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mechopt._util.arrays import FloatArray, IndexArray
from mechopt.mechanism.allocation import Allocation
from mechopt.mechanism.counts_rule import CountsRule
from mechopt.mechanism.even_rule import even_rule
from mechopt.problem.counts import has_counts_form
from mechopt.problem.linear import Entries
from mechopt.problem.problem import DesignProblem
from mechopt.program.standard_form import Block, Program, StandardForm


def matrix_parts(program: Program) -> dict[str, dict[str, Entries]]:
    """Return the matrix in parts: by block of rows, and then by block of variables.

    Parameters
    ----------
    program
        The program.

    Returns
    -------
    dict
        Only of parts that have entries; their rows and columns count from the block's first.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> from mechopt.program.numbers import in_floats
    >>> from mechopt.program.standard_form import assemble
    >>> types = TypeSpace.finite([1, 2])
    >>> problem = ex_ante_efficiency(BilateralTrade(types, types))
    >>> parts = matrix_parts(assemble(problem, in_floats(problem)))
    >>> {name: part.shape for name, part in parts["seller_ic_up"].items()}
    {'seller_quantity': (1, 2), 'seller_payment': (1, 2)}
    """
    entries, variables = program.entries, tuple(program.variables.values())
    rows = tuple(program.constraints.values())
    row_starts = np.array([block.start for block in rows], dtype=np.intp)
    column_starts = np.array([block.start for block in variables], dtype=np.intp)
    in_row = np.searchsorted(row_starts, entries.row, side="right") - 1
    in_column = np.searchsorted(column_starts, entries.column, side="right") - 1
    part = in_row * len(variables) + in_column
    order = np.argsort(part, kind="stable")
    found, firsts = np.unique(part[order], return_index=True)
    parts: dict[str, dict[str, Entries]] = {block.name: {} for block in rows}
    for number, members in zip(found.tolist(), np.split(order, firsts[1:]), strict=False):
        block, variable = rows[number // len(variables)], variables[number % len(variables)]
        parts[block.name][variable.name] = Entries(
            entries.row[members] - block.start,
            entries.column[members] - variable.start,
            entries.value[members],
            (block.size, variable.size),
        )
    return parts


def named_values(
    program: Program | StandardForm, values: FloatArray, problem: DesignProblem
) -> tuple[FloatArray, tuple[FloatArray, ...]]:
    """Return the outcomes of every profile and each agent's payments.

    Parameters
    ----------
    program
        The program of the problem.
    values : array (num_variables,)
        Value of every variable, in the program's order.
    problem
        The problem.

    Returns
    -------
    allocation : array (num_outcome_variables, *shape)
    payment : tuple of arrays (num_cells,), or of the shape of profiles
    """
    blocks, environment = program.variables, problem.environment
    allocation = np.stack([blocks[name].of(values) for name in environment.outcomes.variables])
    agents = environment.agents
    return allocation, tuple(blocks[f"{agent.name}_payment"].of(values) for agent in agents)


def answer_of(
    program: Program | StandardForm, values: FloatArray, problem: DesignProblem
) -> tuple[FloatArray | Allocation, tuple[FloatArray, ...]]:
    """Return what :func:`named_values` does, or a rule where one agent stands for all.

    Where identical agents are counted by type, the payments are those of one by own type and state.

    Examples
    --------
    >>> from mechopt import Auction, TypeSpace, largest_revenue
    >>> from mechopt.program.standard_form import standard_form
    >>> problem = largest_revenue(Auction(TypeSpace.finite([0, 1]), count=30))
    >>> form = standard_form(problem, groups=True)
    >>> list(form.variables), form.matrix.shape
    (['bidder_1_quantity', 'bidder_1_payment', 'bidder_1_units'], (8, 6))
    >>> efficient = (1 - 0.5**30) / 15
    >>> rule, payment = answer_of(form, np.array([0, efficient, 0, efficient, 1, 1]), problem)
    >>> rule.values, len(payment)
    (((array([0., 1.]),),), 30)
    """
    if has_counts_form(problem):
        return rule_by_counts(program, values, problem)
    if not program.identical:
        return named_values(program, values, problem)
    first, number = program.identical[0][0], len(program.identical[0])
    chances = program.variables[f"{first}_quantity"].of(values)
    payment = program.variables[f"{first}_payment"].of(values)
    return even_rule(problem.environment, chances), (payment,) * number


def rule_by_counts(
    program: Program | StandardForm, values: FloatArray, problem: DesignProblem
) -> tuple[CountsRule, tuple[FloatArray, ...]]:
    """Return the rule of a program by counts, and what an agent pays by own type and state."""
    counted, blocks = problem.environment.outcomes.counted, program.variables
    assert counted is not None
    name = problem.environment.agents[0].name
    own = blocks[f"{name}_quantity"].of(values) if counted.has_own else None
    common = blocks[counted.common].of(values) if counted.common else None
    return CountsRule(own, common), (blocks[f"{name}_payment"].of(values),)


def named_multipliers(program: Program | StandardForm, values: FloatArray) -> dict[str, FloatArray]:
    """Return the multipliers of requirements by block, with zeros at what a block skips.

    Parameters
    ----------
    program
        As in :func:`named_values`.
    values : array (num_constraints,)
        Multiplier of every row, in the program's order and in :class:`mechopt.Solution`'s sign.
    """
    found = {
        name: block.spread(values) for name, block in program.constraints.items() if block.required
    }
    return for_each_agent(found, program.constraints, program.identical)


def for_each_agent(
    found: Mapping[str, FloatArray],
    rows: Mapping[str, Block],
    identical: Sequence[tuple[str, ...]],
) -> dict[str, FloatArray]:
    """Return multipliers of rows that stand for all agents of a group as those of each.

    Parameters
    ----------
    found
        Multipliers by the name of their block.
    rows
        The blocks.
    identical
        The names in each group, the one that stands for all first.
    """
    groups = {group[0]: group for group in identical}
    result: dict[str, FloatArray] = {}
    for name, values in found.items():
        axes = rows[name].axes
        group = groups.get(axes[0], ()) if len(axes) == 1 else ()
        if not group:
            result[name] = values
            continue
        # A row that stands for several agents is the sum of one for each.
        own, kind = values / len(group), name.removeprefix(group[0])
        result |= {f"{agent}{kind}": own for agent in group}
    return result


def whole_columns(form: StandardForm, problem: DesignProblem) -> IndexArray:
    """Return the positions of the variables of outcomes.

    Examples
    --------
    >>> from mechopt import DesignProblem, Goods, Revenue
    >>> from mechopt.program.standard_form import standard_form
    >>> problem = DesignProblem(Goods([[1, 0], [0, 2]]), Revenue(), budget="subsidised")
    >>> whole_columns(standard_form(problem), problem)
    array([0, 1, 2, 3])
    """
    blocks = [form.variables[name] for name in problem.environment.outcomes.variables]
    return np.concatenate([np.arange(block.start, block.start + block.size) for block in blocks])
