"""Proofs that one can read: requirements times their prices, added up, line by line.

Weighting every requirement by its multiplier and adding up leaves no payment. What is left is a sum
over profiles, each of which is at most what the best feasible outcome makes of it: a bound on the
objective (weak duality), or, without the objective, a contradiction (Farkas). Nothing is taken from
the solver but the multipliers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.inline import Inline, Math
from mechopt._util.rounding import in_figures
from mechopt.errors import InvalidInputError, UnsupportedProblemError
from mechopt.explain.indices import OWN_TYPE
from mechopt.explain.numbers import combination, number, program_in_numbers, rows_of, symbols
from mechopt.explain.page import Equations, Items, Page, Part, Section, Words, words_table
from mechopt.explain.scaled import equations_of, shapes
from mechopt.problem.linear import NumberArray
from mechopt.problem.problem import DesignProblem
from mechopt.program.lagrangian import dual_bound, infeasibility_margin
from mechopt.program.names import indices_of
from mechopt.program.standard_form import Block, Program
from mechopt.program.tangents import curves_of
from mechopt.solution import PointStatus, Solution
from mechopt.verify.multipliers import binding

SMALLEST = 1e-9
# A multiplier is written as a fraction of this denominator at most, where that is what it is.
LARGEST_DENOMINATOR = 100_000
MOST_LINES = 80
MOST_LISTED = 12
MOST_PRICES = 6
MOST_PROFILES = 200
NOT_OF_LOGARITHMS = (
    "a proof line by line: not of logarithms (expected a linear objective or the smallest of "
    "several numbers, got a sum of logarithms). The bound holds all the same."
)


@dataclass(frozen=True, eq=False)
class Combination:
    """Requirements times prices, added up, with the objective or without it.

    Parameters
    ----------
    program
        The program that is maximised, in fractions where it is known in them.
    prices : array (num_rows,)
        Of the rows; those of definitions make interim quantities drop out.
    left : array (num_variables,)
        What the sum has of every variable.
    best : array (num_profiles,)
        The most that a feasible outcome makes of each profile's part of the sum.
    vertex : array (num_profiles,)
        Which corner that is; -1 where the outcome is prescribed or bounds are curved.
    limits
        The most that payments within their limits make of what is left of them.
    owed
        The right sides, times their prices.
    uncancelled
        The largest weight that is left on a variable without bounds: zero in a proof.
    """

    program: Program
    prices: NumberArray
    left: NumberArray
    best: NumberArray
    vertex: NumberArray
    limits: Any
    owed: Any
    uncancelled: Any

    @property
    def bound(self) -> Any:
        """What the sum is at most: infinite unless the payments drop out."""
        return self.best.sum() + self.limits - self.owed

    @property
    def exact(self) -> bool:
        """Whether all numbers are fractions."""
        return bool(self.left.dtype == object)


def combined(
    problem: DesignProblem, duals: Mapping[str, FloatArray], *, objective: bool = True
) -> Combination:
    """Return what multipliers make of a problem's requirements, in fractions if they cancel so.

    Parameters
    ----------
    problem
        The problem.
    duals
        Multipliers as of :class:`mechopt.Solution`; those left out are zero.
    objective
        Whether to add the objective: a bound, or else a contradiction.

    Raises
    ------
    InvalidInputError
        For multipliers that do not fit.
    UnsupportedProblemError
        For logarithms in the objective.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, solve
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> problem = ex_ante_efficiency(BilateralTrade(types, types))
    >>> combined(problem, solve(problem).duals).bound
    Fraction(25, 27)
    """
    if problem.objective.curves_in(problem.environment):
        raise UnsupportedProblemError(NOT_OF_LOGARITHMS)
    program = program_in_numbers(problem)
    equations = equations_of(program)
    prices = _prices(program.constraints, equations, duals)
    if program.cost.dtype == object and not curves_of(problem):
        rows = _in_rows(program, _near_fractions(prices))
        found = _summed(problem, program, rows, objective)
        if not found.uncancelled:
            return found
    floats = _in_floats(program)
    return _summed(problem, floats, _in_rows(floats, prices), objective)


def _in_floats(program: Program) -> Program:
    def floats(values: NumberArray) -> FloatArray:
        return np.asarray(values, dtype=np.float64)

    return replace(
        program,
        cost=floats(program.cost),
        entries=replace(program.entries, value=floats(program.entries.value)),
        row_lower=floats(program.row_lower),
        row_upper=floats(program.row_upper),
        lower=floats(program.lower),
        upper=floats(program.upper),
    )


def _prices(
    constraints: Mapping[str, Block], equations: Collection[str], duals: Mapping[str, FloatArray]
) -> dict[str, NumberArray]:
    """Return the multipliers of all rows that requirements state, by block."""
    prices: dict[str, NumberArray] = {}
    for name, block in constraints.items():
        if not block.required:
            continue
        try:
            own = block.gathered(duals[name]) if name in duals else np.zeros(block.size)
        except ValueError as error:
            raise InvalidInputError(
                "multipliers that do not fit the problem",
                where=name,
                expected="those of this problem's solution",
                got=str(error),
                remedy="Pass the solution of this problem.",
            ) from error
        prices[name] = np.ravel(own if name in equations else np.maximum(own, 0.0))
    size = _largest(prices)
    return {
        name: np.where(np.abs(own) <= SMALLEST * size, 0.0, own) for name, own in prices.items()
    }


def _near_fractions(prices: Mapping[str, NumberArray]) -> dict[str, NumberArray]:
    """Return prices as short fractions where that is what they are, or else as floats are read."""
    size = _largest(prices)
    found = {}
    for name, own in prices.items():
        fractions = np.full(own.size, Fraction(0), dtype=object)
        for place in np.flatnonzero(own).tolist():
            value = float(own[place])
            fraction = Fraction(value).limit_denominator(LARGEST_DENOMINATOR)
            near = abs(float(fraction) - value) <= SMALLEST * size
            fractions[place] = fraction if near else Fraction(value)
        found[name] = fractions
    return found


def _largest(prices: Mapping[str, NumberArray]) -> float:
    return max((float(np.abs(own).max(initial=0.0)) for own in prices.values()), default=0.0)


def _in_rows(program: Program, prices: Mapping[str, NumberArray]) -> NumberArray:
    """Return prices in the order of a program's rows; zero for definitions."""
    rows: NumberArray = np.zeros(program.row_lower.size)
    if any(own.dtype == object for own in prices.values()):
        rows = np.full(program.row_lower.size, Fraction(0), dtype=object)
    for name, own in prices.items():
        block = program.constraints[name]
        rows[block.start : block.start + block.size] = own
    return rows


def _summed(
    problem: DesignProblem, program: Program, prices: NumberArray, objective: bool
) -> Combination:
    """Add up rows times prices, and the best outcome of every profile."""
    exact = program.cost.dtype == object
    zero: Any = Fraction(0) if exact else 0.0
    left = np.array(program.cost if objective else program.cost * 0)
    entries = program.entries
    np.add.at(left, entries.column, entries.value * prices[entries.row])
    # A definition says what its variable is; times minus what is left of that, it replaces it.
    replaced = np.full(prices.size, zero)
    for name, block in program.constraints.items():
        if name in program.variables:
            replaced[block.start : block.start + block.size] = (
                -program.variables[name].of(left).ravel()
            )
    prices = prices + replaced
    np.add.at(left, entries.column, entries.value * replaced[entries.row])
    names = problem.environment.outcomes.variables
    worth = np.stack([program.variables[name].of(left).ravel() for name in names])
    best, vertex = _best(problem, program, worth, exact=exact)
    limits, uncancelled = zero, zero
    for name, block in program.variables.items():
        if name in names:
            continue
        own = block.of(left).ravel()
        low, high = (block.of(ends).ravel() for ends in (program.lower, program.upper))
        for weight, least, most in zip(own.tolist(), low.tolist(), high.tolist(), strict=True):
            end = most if weight > 0 else least
            if weight and np.isinf(float(end)):
                uncancelled = max(uncancelled, abs(weight))
            elif weight:
                limits += weight * end
    owed = sum(
        (p * b for p, b in zip(prices.tolist(), program.row_lower.tolist(), strict=True) if p), zero
    )
    return Combination(program, prices, left, best, vertex, limits, owed, uncancelled)


def _best(
    problem: DesignProblem, program: Program, worth: NumberArray, *, exact: bool
) -> tuple[NumberArray, NumberArray]:
    """Return the most that an outcome makes of each profile, and which corner that is."""
    outcomes = problem.environment.outcomes
    nowhere = np.full(worth.shape[1], -1)
    if problem.prescribes_allocation:
        x = np.stack([program.variables[n].of(program.lower).ravel() for n in outcomes.variables])
        return (worth * x).sum(axis=0), nowhere
    if curves_of(problem):
        return (worth * outcomes.best(worth)).sum(axis=0), nowhere
    corners = outcomes.in_fractions().vertices if exact else outcomes.vertices
    made = corners @ worth
    vertex = np.argmax(made, axis=0)
    return made[vertex, np.arange(worth.shape[1])], vertex


def proof_of(solution: Solution, *, title: str = "") -> Page:
    """Return which requirements bind, what they cost, and the proof, as a page to read.

    Parameters
    ----------
    solution
        A solution with multipliers: of an optimum, or of a contradiction.
    title
        What to call the problem.

    Raises
    ------
    InvalidInputError
        For a solution without multipliers.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_post_efficiency, solve
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> problem = ex_post_efficiency(BilateralTrade(types, types))
    >>> "a contradiction, as it is -5/36" in proof_of(solve(problem, throw=False)).markdown()
    True
    """
    problem = solution.problem
    impossible = solution.dual_status is PointStatus.CERTIFICATE
    if not impossible and (solution.mechanism is None or not solution.duals):
        raise InvalidInputError(
            "nothing that a proof could be written from",
            where="solution",
            expected="multipliers of an optimum, or of a proof that there is no mechanism",
            got=f"a solution ({solution.termination.value}) that has none",
            remedy="Solve the problem with lotteries (deterministic = false), and with no limit on "
            "time or iterations.",
        )
    name = title or problem.objective.in_words
    found: Combination | None = None
    if problem.environment.num_profiles > MOST_PROFILES:
        lines = list(_without_lines(solution))
    else:
        try:
            found = combined(problem, solution.duals, objective=not impossible)
            lines = list(_lines(problem, found, solution, impossible=impossible))
        except UnsupportedProblemError as error:
            lines = [Words(str(error)), Words(_in_short(solution))]
    if impossible:
        return Page(name, (Section("Proof that there is no mechanism"), *lines))
    exact = found is not None and found.exact
    binds = _binding(solution, exact=exact)
    return Page(name, (Section("What binds"), *binds, Section("Proof of the bound"), *lines))


def _binding(solution: Solution, *, exact: bool) -> Iterator[Part]:
    """Yield the requirements without room, with the prices of those that cost something.

    ``exact`` is whether the prices are fractions, as a sum in which all payments cancel shows.
    """
    problem, mechanism = solution.problem, solution.mechanism
    assert mechanism is not None
    moves = "rises" if problem.objective.sign > 0 else "falls"
    yield Words(
        "A requirement's price is what the objective gains if the requirement is relaxed by one "
        "unit; what binds at no price costs nothing."
    )
    tight = binding(problem, mechanism)
    blocks = shapes(problem)
    prices = _prices(blocks.constraints, blocks.equations, solution.duals)
    prices = _near_fractions(prices) if exact else prices
    entries: list[Inline] = []
    for name, block in blocks.constraints.items():
        if not block.required:
            continue
        own = prices[name]
        bound = block.gathered(tight[name]).astype(bool) if name in tight else own != 0
        dear = np.flatnonzero(own.astype(bool)).tolist()
        free = np.flatnonzero(bound & (own == 0)).tolist()
        words = f"{name} ({block.meaning.text}): "
        if dear:
            unit = "money" if block.in_money else "quantity"
            given = (
                f"with one unit of {unit} less to meet"
                if name != "budget"
                else ("with one unit of outside money")
            )
            listed = _dearest(block, own, dear)
            words += f"{given} the objective {moves} by {listed}"
        if free:
            places = _few([_at(block, j).removeprefix(" for ") for j in free])
            words += ("; " if dear else "") + f"binds at no price{': ' if places else ''}{places}"
        if dear or free:
            entries.append(words)
    yield Items(tuple(entries))


def _without_lines(solution: Solution) -> Iterator[Part]:
    """Yield what the multipliers of a large program prove; its rows are not assembled."""
    problem = solution.problem
    if problem.objective.curves_in(problem.environment):
        yield Words(NOT_OF_LOGARITHMS)
        yield Words(_in_short(solution))
        return
    blocks = shapes(problem)
    prices = _prices(blocks.constraints, blocks.equations, solution.duals)
    number_of_rows = sum(int(np.count_nonzero(own)) for own in prices.values())
    yield Words(_in_short(solution))
    yield Words(
        f"It is a sum of {number_of_rows} rows of requirements times their prices; too long to be "
        "written out."
    )


def _few(texts: Sequence[str]) -> str:
    """Return texts one after the other, the first of very many."""
    more = f" and {len(texts) - MOST_LISTED} more" if len(texts) > MOST_LISTED else ""
    return ", ".join(filter(None, texts[:MOST_LISTED])) + more


def _dearest(block: Block, prices: NumberArray, places: Sequence[int]) -> str:
    """Return prices with their types, the largest of many."""
    shown = sorted(sorted(places, key=lambda place: -abs(prices[place]))[:MOST_PRICES])
    listed = ", ".join(f"{number(prices[place])}{_at(block, place)}" for place in shown)
    more = len(places) - len(shown)
    return f"{listed} and {more} more, none larger" if more else listed


def _at(block: Block, place: int) -> str:
    """Return the types of a row: one, or one and its report, and the profile of the others."""
    index = [str(int(own[place])) for own in indices_of(block)]
    if not index:
        return ""
    if block.is_of_pairs:
        others = f" beside ({', '.join(index[2:])})" if index[2:] else ""
        return f" for type {index[0]} reporting {index[1]}{others}"
    if len(index) == 1 or OWN_TYPE.search(block.meaning.formula):
        others = f" beside ({', '.join(index[1:])})" if index[1:] else ""
        return f" for type {index[0]}{others}"
    return f" for profile ({', '.join(index)})"


def _lines(
    problem: DesignProblem, found: Combination, solution: Solution, *, impossible: bool
) -> Iterator[Part]:
    """Yield the sum line by line, and what follows from it."""
    program = found.program
    used = np.flatnonzero(found.prices.astype(bool))
    sign = problem.objective.sign
    goal = "the objective" if sign > 0 else "minus the objective"
    if not found.exact:
        yield Words("The multipliers are no short fractions; figures are rounded to six.")
    if used.size > MOST_LINES:
        yield Words(_in_short(solution))
        yield Words(
            f"It is a sum of {used.size} rows times their prices; too long to be written out."
        )
        return
    names = symbols(problem.environment, program.variables)
    rows = rows_of(program, names)
    yield Words("Take these rows of the program, each times its price:")
    yield Equations(tuple(((Math(number(found.prices[row])), " times"), rows[row]) for row in used))
    added = "Added up" if impossible else f"Added to {goal}"
    dropped = "the payments and interim quantities drop out"
    if found.uncancelled:
        dropped += f", but for rounding of {float(found.uncancelled):.1g}"
    prescribed = problem.prescribes_allocation
    most = (
        "what the prescribed outcome makes"
        if prescribed
        else "the most that a feasible outcome makes"
    )
    yield Words(f"{added}, {dropped}. What is left of every profile, and {most} of it:")
    outcomes = problem.environment.outcomes
    grid = []
    variables = [program.variables[name] for name in outcomes.variables]
    for profile in range(found.best.size):
        terms = [
            (found.left[block.start + profile], names[block.start + profile]) for block in variables
        ]
        if any(weight for weight, _ in terms):
            types = ", ".join(map(str, np.unravel_index(profile, problem.environment.shape)))
            grid.append((f"({types})", Math(combination(terms)), Math(number(found.best[profile]))))
    yield words_table(("profile", "left", "at most"), tuple(grid))
    parts = [f"the profiles make {number(found.best.sum())} at most"]
    if found.limits:
        parts.append(f"payments within their limit {number(found.limits)} at most")
    parts.append(f"the right sides take off {number(found.owed)}")
    bound = found.bound
    yield Items((*parts, f"together {number(bound)}"))
    if impossible:
        yield Words(
            "Each line is at least 0 in a mechanism that meets the requirements, and so is their "
            f"sum: a contradiction, as it is {number(bound)} at most. Outside money of "
            f"{number(-bound)} in these prices is what is missing."
        )
        return
    end = "at most" if sign > 0 else "at least"
    yield Words(
        "In a mechanism that meets the requirements each line adds at least 0. So the objective is "
        f"{end} {number(sign * bound)} in every mechanism; in this one it is "
        f"{in_figures(solution.objective, '.9g')}."
    )


def _in_short(solution: Solution) -> str:
    """Return what the multipliers prove, without lines."""
    problem = solution.problem
    if solution.dual_status is PointStatus.CERTIFICATE:
        margin = infeasibility_margin(problem, solution.duals)
        return f"The multipliers prove that the requirements are apart by {in_figures(margin)}."
    bound = dual_bound(problem, solution.duals)
    end = "at most" if problem.objective.sign > 0 else "at least"
    return (
        f"The multipliers prove that the objective is {end} {in_figures(bound, '.9g')} in every "
        f"mechanism; in this one it is {in_figures(solution.objective, '.9g')}."
    )
