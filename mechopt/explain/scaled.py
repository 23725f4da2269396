"""The blocks of a program that is too large to be assembled, from the same problem with few types.

How many rows a block has depends on how many types its axes run over: all, all but one, or all
pairs of two. So the program is assembled with a few types of each agent, twice, and what the blocks
have in common says their sizes with all types. That is checked, with a third number of types, and
with all types of each agent in turn beside few of the others, so that rows for types of some values
are counted as well. Where a count does not agree, nothing is said.

Where only what types expect counts, no row but those of the outcomes and of averages has entries
of profiles, and the others are assembled with all types.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mechopt._util.rounding import in_figures
from mechopt.environments import Environment
from mechopt.errors import MechoptError
from mechopt.problem.columns import ColumnFrame, has_columns
from mechopt.problem.counts import has_counts_form
from mechopt.problem.groups import has_group_form
from mechopt.problem.linear import Meaning, Rows
from mechopt.problem.problem import DesignProblem
from mechopt.problem.wording import AVERAGE, outcome_in_words, outcome_row_in_words
from mechopt.program.numbers import in_floats
from mechopt.program.standard_form import Block, Program, assemble, float_program
from mechopt.program.tangents import curves_of
from mechopt.types.type_space import TypeSpace

# Beyond this many profiles nothing is written out with its numbers, and the program takes longer
# to assemble than anybody waits for a page.
MOST_PROFILES = 2_000
# So many variables of profiles are assembled in a moment.
MOST_SMALL = 60_000
MOST_SINGLE = 1_000_000
FEW = (3, 4)
FEWEST = (2, 3)


@dataclass(frozen=True)
class Shapes:
    """The blocks of a program, without its rows.

    Parameters
    ----------
    variables, constraints
        Blocks by name, curved bounds among the constraints.
    bounds
        Of each block of variables, in words.
    equations
        Names of the constraints whose rows are equations.
    identical
        As in :class:`mechopt.program.standard_form.Program`.
    """

    variables: Mapping[str, Block]
    constraints: Mapping[str, Block]
    bounds: Mapping[str, str]
    equations: frozenset[str] = frozenset()
    identical: tuple[tuple[str, ...], ...] = ()


def shapes(problem: DesignProblem, *, textbook: bool = False, groups: bool = False) -> Shapes:
    """Return the blocks of a program, whose rows are assembled only where it is small.

    Parameters
    ----------
    problem
        The problem.
    textbook, groups
        As for :func:`mechopt.program.standard_form.float_program`.
    """
    # Smaller versions of a problem are by profile, and tell nothing of a program by counts.
    by_counts = not textbook and has_counts_form(problem)
    by_group = groups and not textbook and has_group_form(problem)
    if not (by_group or by_counts) and problem.environment.num_profiles > MOST_PROFILES:
        by_types = not textbook and has_columns(problem)
        found = (
            shapes_by_types(problem) if by_types else shapes_of_large(problem, textbook=textbook)
        )
        if found is not None:
            return found
    return shapes_of(problem, float_program(problem, textbook=textbook, groups=groups))


def shapes_of(problem: DesignProblem, program: Program) -> Shapes:
    """Return the blocks of a program that is there."""
    blocks = program.variables
    # Curved bounds are no rows of a linear program.
    curved = {
        rows.name: Block(
            rows.name, 0, blocks[rows.bounded].shape, blocks[rows.bounded].axes,
            meaning=rows.meaning,
        )
        for rows in curves_of(problem)
    }  # fmt: skip
    bounds = {name: bounds_in_words(program, block) for name, block in blocks.items()}
    constraints = {**program.constraints, **curved}
    return Shapes(blocks, constraints, bounds, equations_of(program), program.identical)


class _TypesFrame(ColumnFrame):
    """Interim quantities and payments of every agent, whatever they are averages of."""

    def definitions(self) -> Iterator[Rows]:
        """Yield the rows of averages, without the outcomes of the profiles that they average."""
        for i, name in enumerate(self.names):
            yield Rows(
                f"{name}_quantity", (name,), self.quantity(i), AVERAGE, equal=True, in_money=False
            )


def shapes_by_types(problem: DesignProblem) -> Shapes:
    """Return the blocks of a program of interim variables, whatever the number of profiles.

    Parameters
    ----------
    problem
        One of which :func:`mechopt.problem.columns.mixes_rules` is true.

    Examples
    --------
    >>> from mechopt import Market, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite(range(20))
    >>> found = shapes_by_types(ex_ante_efficiency(Market([types] * 4, [types] * 4)))
    >>> len(found.variables["sold_by_1"].shape), found.constraints["buyer_1_ic_down"].size
    (8, 19)
    """
    environment = problem.environment
    numbers = in_floats(problem, corners=False)
    names = tuple(agent.name for agent in environment.agents)
    frame = _TypesFrame(environment, numbers, tuple(range(len(names))))
    rest = shapes_of(problem, assemble(problem, numbers, frame=frame))
    outcomes, labels = numbers.outcomes, environment.outcomes.variables

    def block(name: str, meaning: Meaning) -> Block:
        return Block(name, 0, environment.shape, names, in_money=False, meaning=meaning)

    variables = {name: block(name, outcome_in_words(name)) for name in labels}
    ends = zip(labels, outcomes.lower, outcomes.upper, strict=True)
    bounds = {name: f"{in_figures(low)} to {in_figures(high)}" for name, low, high in ends}
    constraints = {
        name: block(name, outcome_row_in_words(labels, coefficients, upper))
        for name, coefficients, upper in outcomes.rows
    }
    return Shapes(
        {**variables, **rest.variables},
        {**constraints, **rest.constraints},
        {**bounds, **rest.bounds},
        rest.equations,
    )


def equations_of(program: Program) -> frozenset[str]:
    """Return the names of the constraints whose rows are equations."""
    equal = np.asarray(program.row_lower == program.row_upper, dtype=bool)
    return frozenset(name for name, block in program.constraints.items() if block.of(equal).all())


def shapes_of_large(problem: DesignProblem, *, textbook: bool) -> Shapes | None:
    """Return the blocks of a program without assembling it; None where they are not known so.

    Parameters
    ----------
    problem
        The problem, with any number of types.
    textbook
        As for :func:`mechopt.program.standard_form.float_program`.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite(range(100_000))
    >>> problem = ex_ante_efficiency(BilateralTrade(types, types))
    >>> shapes = shapes_of_large(problem, textbook=False)
    >>> shapes.variables["trade"].shape, shapes.constraints["buyer_ic_down"].size
    ((100000, 100000), 99999)
    """
    environment = problem.environment
    if environment.prior is not None:
        return None
    count = len(environment.agents)
    few = _few(environment, textbook=textbook)
    if few is None:
        return None
    less, more = ([number] * count for number in few)
    tried = [[few[1] + 1 + i % 2 for i in range(count)]]
    tried += [
        [size if j == i else few[0] for j in range(count)]
        for i, size in enumerate(environment.shape)
    ]
    try:
        one, other = (_shapes_with(problem, sizes, textbook=textbook) for sizes in (less, more))
        counts = _counts(environment, less), _counts(environment, more)
        for sizes in tried:
            found, own = (
                _shapes_with(problem, sizes, textbook=textbook),
                _counts(environment, sizes),
            )
            if _at(one, other, *counts, own) != _at(found, found, own, own, own):
                return None
        return _at(one, other, *counts, _counts(environment, environment.shape))
    except (MechoptError, _UnknownError):
        # What refers to single types, such as a weight for each of them, fits no other number.
        return None


class _UnknownError(Exception):
    """A block whose size does not follow from those of two programs."""


def bounds_in_words(program: Program, block: Block) -> str:
    """Return which values the variables of a block may have."""
    low, high = (
        np.asarray(block.of(ends), dtype=float).ravel() for ends in (program.lower, program.upper)
    )
    if np.isinf(low).all() and np.isinf(high).all():
        return "free"
    if (low == high).all():
        values = low[0] == low
        return f"fixed at {in_figures(float(low[0]))}" if values.all() else "prescribed"
    ends = [
        in_figures(float(end[0])) if (end == end[0]).all() else word
        for end, word in ((low, "its lower bound"), (high, "its upper bound"))
    ]
    return f"{ends[0]} to {ends[1]}"


def _few(environment: Environment, *, textbook: bool) -> tuple[int, int] | None:
    """Return with how many types of each agent programs are small, a smaller and a larger one."""
    count, num_variables = len(environment.agents), len(environment.outcomes.variables)
    most = max(environment.shape)
    for few in (FEW, FEWEST):
        mixed = num_variables * (few[1] + 1.5) ** count
        # All types of one agent, and in the textbook form a row for each pair of them.
        single = num_variables * few[0] ** (count - 1.0) * most * (most if textbook else 1)
        if mixed <= MOST_SMALL and single <= MOST_SINGLE:
            return few
    return None


def _counts(environment: Environment, sizes: Sequence[int]) -> dict[str, int]:
    return {
        agent.name: min(size, full)
        for agent, size, full in zip(environment.agents, sizes, environment.shape, strict=True)
    }


def _shapes_with(problem: DesignProblem, sizes: Sequence[int], *, textbook: bool) -> Shapes:
    """Return the blocks of the same problem with so many types of each agent."""
    environment = problem.environment
    agents = []
    for agent, size in zip(environment.agents, sizes, strict=True):
        types = agent.types
        if not isinstance(types, TypeSpace):
            raise _UnknownError
        if size < types.num_cells:
            chosen = np.linspace(0, types.num_cells - 1, size).round().astype(int)
            mass = types.mass[chosen]
            mean, lower, upper = (end[chosen] for end in (types.mean, types.lower, types.upper))
            types = TypeSpace(mass / mass.sum(), mean, lower, upper)
        agents.append(replace(agent, types=types))
    smaller = replace(problem, environment=replace(environment, agents=tuple(agents)))
    return shapes_of(smaller, float_program(smaller, textbook=textbook))


def _at(
    one: Shapes,
    other: Shapes,
    first: Mapping[str, int],
    second: Mapping[str, int],
    wanted: Mapping[str, int],
) -> Shapes:
    """Return the blocks with so many types of each agent, from those of two other numbers."""
    same = (
        list(one.variables) == list(other.variables)
        and list(one.constraints) == list(other.constraints)
        and one.bounds == other.bounds
        and one.equations == other.equations
        and one.identical == other.identical
    )
    if not same:
        raise _UnknownError

    def blocks(low: Mapping[str, Block], high: Mapping[str, Block]) -> dict[str, Block]:
        return {
            name: _block(block, high[name], first, second, wanted) for name, block in low.items()
        }

    return Shapes(
        blocks(one.variables, other.variables),
        blocks(one.constraints, other.constraints),
        one.bounds,
        one.equations,
        one.identical,
    )


def _block(
    low: Block,
    high: Block,
    first: Mapping[str, int],
    second: Mapping[str, int],
    wanted: Mapping[str, int],
) -> Block:
    if (low.axes, low.meaning, len(low.shape)) != (high.axes, high.meaning, len(high.shape)):
        raise _UnknownError
    # The first axis of pairs is one of the block, and two of types.
    axes = low.axes[1:] if low.is_of_pairs else low.axes
    if axes and len(axes) != len(low.shape):
        raise _UnknownError
    shape = []
    for place, (x, y) in enumerate(zip(low.shape, high.shape, strict=True)):
        if not axes:
            if x != y:
                raise _UnknownError
            shape.append(x)
            continue
        a, b, n = (sizes[axes[place]] for sizes in (first, second, wanted))
        if low.is_of_pairs and place == 0:
            if (x, y) != (a * (a - 1), b * (b - 1)):
                raise _UnknownError
            shape.append(n * (n - 1))
        elif low.entries is None:
            shape.append(_number(x, y, a, b, n))
        else:
            shape.append(0)
    entries, full = low.entries, low.full_size
    if entries is not None and high.entries is not None:
        a, b, n = (sizes[axes[0]] for sizes in (first, second, wanted))
        entries = _listed(entries, high.entries, a, b, n)
        shape[0] = len(entries)
        full = None if full is None or high.full_size is None else _number(
            full, high.full_size, a, b, n
        )  # fmt: skip
    elif entries is not high.entries:
        raise _UnknownError
    # Where it begins is of no interest without the rows.
    return replace(low, start=0, shape=tuple(shape), entries=entries, full_size=full)


def _number(x: int, y: int, a: int, b: int, n: int) -> int:
    """Return what is x of a types and y of b, of n types: always that, or the types but so many."""
    if x == y:
        return x
    if x - a == y - b:
        return n + x - a
    raise _UnknownError


def _listed(low: Sequence[int], high: Sequence[int], a: int, b: int, n: int) -> tuple[int, ...]:
    """Return positions of types: some at either end, or all from one to another."""
    if len(low) == len(high):
        return tuple(_number(x, y, a, b, n) for x, y in zip(low, high, strict=True))
    runs = all(list(own) == list(range(own[0], own[-1] + 1)) for own in (low, high))
    if not runs:
        raise _UnknownError
    start, end = (_number(low[e], high[e], a, b, n) for e in (0, -1))
    return tuple(range(start, end + 1))
