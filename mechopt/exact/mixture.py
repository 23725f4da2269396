"""Exact optima of agents who compete for equal units, as mixtures of rankings, without profiles.

An optimum is a mixture of rules that rank the types of all agents; whoever owns a share of a unit
has types that are worst off, which all have the same rank, the level of that owner. How often each
type wins under a ranking is known in fractions. Rankings enter one by one, at the multipliers of
the mixtures there are, until no ranking is worth more: then the value of the mixture is the bound
that its multipliers prove.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from mechopt._util.rationals import FractionArray, fraction_array
from mechopt.exact.program import RationalProgram, bound_from, in_rationals
from mechopt.exact.rankings import Ranks, Units
from mechopt.exact.rules import Blocks
from mechopt.exact.simplex import BasisStatus, SimplexStatus, simplex, slack_places
from mechopt.problem.columns import MIXTURE, ColumnFrame, mixes_rules
from mechopt.problem.groups import groups_of
from mechopt.problem.problem import DesignProblem
from mechopt.types.virtual_values import ironed

if TYPE_CHECKING:
    from mechopt.program.standard_form import Block, Program

MOST_ROUNDS = 500
# What a ranking adds to a mixture in floats is more than this, in units of money near 1.
ENOUGH = 1e-9


def has_mixture(problem: DesignProblem) -> bool:
    """Return whether an exact optimum is found as a mixture of rankings.

    It is for agents who compete for equal units that cost nothing, where only what types expect
    counts. Owners of shares are among them.

    Examples
    --------
    >>> from mechopt import Partnership, TypeSpace, ex_ante_efficiency
    >>> partners = Partnership(TypeSpace.finite([1, 2, 3]), ["1/2", "1/3", "1/6"])
    >>> has_mixture(ex_ante_efficiency(partners))
    True
    >>> has_mixture(ex_ante_efficiency(partners, incentives="dominant"))
    False
    """
    environment = problem.environment
    return (
        environment.outcomes.equal_units is not None
        and not environment.outcomes.cost.any()
        and mixes_rules(problem)
    )


@dataclass(frozen=True, eq=False)
class MixtureOptimum:
    """An optimum, its mechanism and the multipliers that prove it, as in ``ExactSolution``.

    Parameters
    ----------
    objective
        What the mixture reaches, and what the multipliers prove that nothing exceeds.
    mechanism, multipliers
        Blocks by name, each made when it is asked for.
    rankings
        The rankings and how likely each is.
    pivots
        How many exact pivots it took.
    """

    objective: Fraction
    mechanism: Mapping[str, FractionArray]
    multipliers: Mapping[str, FractionArray]
    rankings: tuple[tuple[Ranks, Fraction], ...]
    pivots: int


def mixture_optimum(problem: DesignProblem, max_pivots: int) -> MixtureOptimum | None:
    """Return the exact optimum of a problem of which :func:`has_mixture` is true.

    Parameters
    ----------
    problem
        The problem, with data that are rational.
    max_pivots
        How many exact pivots to spend in a round.

    Raises
    ------
    InvalidInputError
        If a type space is not known exactly.

    Returns
    -------
    MixtureOptimum or None
        None where no mixture meets the requirements, where payments have no limit, and where
        pivots do not do.

    Notes
    -----
    Source: theory.md, sections 5 and 6.3; Dantzig and Wolfe (1960), doi:10.1287/opre.8.1.101.

    Examples
    --------
    >>> from mechopt import Partnership, TypeSpace, largest_revenue
    >>> partners = Partnership(TypeSpace.finite([0, 1]), ["2/3", "1/3"])
    >>> found = mixture_optimum(largest_revenue(partners), 100)
    >>> found.objective, len(found.rankings)
    (Fraction(1, 4), 1)
    """
    import flint

    from mechopt.program.numbers import in_fractions
    from mechopt.program.standard_form import assemble

    numbers = in_fractions(problem, corners=False)
    groups = groups_of(problem)
    named = assemble(problem, numbers, frame=ColumnFrame(problem.environment, numbers, groups))
    goods = Units.of(problem, groups, [agent.mass for agent in numbers.agents])
    rankings, places = _in_floats(problem, goods)
    pivots = 0
    for _ in range(MOST_ROUNDS):
        program = _with_rankings(named, goods, rankings)
        rational = program.in_numbers(lambda value: flint.fmpq(value.numerator, value.denominator))
        ending = simplex(rational, places or slack_places(rational), max_pivots)
        pivots += ending.pivots
        if ending.verdict not in (SimplexStatus.OPTIMAL, SimplexStatus.INFEASIBLE):
            return None
        given = [Fraction(int(y.p), int(y.q)) for y in ending.multipliers]
        multipliers = goods.ironed(named, given)
        worths = goods.worths(named, multipliers)
        ranks = goods.ranks_at(worths)
        level = multipliers[named.constraints[MIXTURE].start]
        if goods.worth(ranks, worths) > level:
            rankings.append(ranks)
            size = len(named.cost) + len(rankings) - 1
            places = [*ending.places[:size], BasisStatus.LOWER, *ending.places[size:]]
            continue
        if ending.verdict is SimplexStatus.INFEASIBLE:
            return None
        point = [Fraction(int(x.p), int(x.q)) for x in ending.point]
        return _optimum(problem, named, goods, rankings, point, multipliers, pivots)
    return None


def _with_rankings(named: Program, goods: Units, rankings: Sequence[Ranks]) -> RationalProgram:
    """Return the program with a variable for how likely each ranking is."""
    program = in_rationals(named)
    mixture = named.constraints[MIXTURE].start
    columns = []
    for ranks in rankings:
        column = [(mixture, Fraction(1))]
        for name, won in zip(goods.names, goods.chances(ranks), strict=True):
            start = named.constraints[f"{name}_quantity"].start
            column += [(start + k, -chance) for k, chance in enumerate(won) if chance]
        columns.append(column)
    size, nothing = len(rankings), Fraction(0)
    return replace(
        program,
        cost=[*program.cost, *[nothing] * size],
        lower=[*program.lower, *[nothing] * size],
        upper=[*program.upper, *[None] * size],
        columns=[*program.columns, *columns],
    )


def _in_floats(
    problem: DesignProblem, goods: Units
) -> tuple[list[Ranks], list[BasisStatus] | None]:
    """Return rankings whose mixtures are best in floats, and the basis; None if there is none.

    Exact rounds begin with them.
    """
    import highspy

    from mechopt.program.highs_model import load, money_unit
    from mechopt.program.numbers import in_floats
    from mechopt.program.standard_form import assemble

    in_unit = problem.scaled(1.0 / money_unit(problem))
    numbers = in_floats(in_unit, corners=False)
    frame = ColumnFrame(in_unit.environment, numbers, goods.groups)
    form = assemble(in_unit, numbers, frame=frame).as_standard_form()
    model = load(form, ENOUGH / 10.0, {"solver": "simplex", "presolve": "off"})
    starts = [form.constraints[f"{name}_quantity"].start for name in goods.names]
    mixture = form.constraints[MIXTURE].start
    masses = [np.array(mass, dtype=np.float64) for mass in goods.masses]
    rankings: list[Ranks] = []

    def enter(ranks: Ranks) -> bool:
        if ranks in rankings:
            return False
        rankings.append(ranks)
        won = [np.array(own, dtype=np.float64) for own in goods.chances(ranks)]
        rows = [start + np.arange(own.size) for start, own in zip(starts, won, strict=True)]
        places = np.append(np.concatenate(rows), mixture).astype(np.int32)
        entries = np.append(-np.concatenate(won), 1.0)
        kept = np.flatnonzero(entries)
        model.addCol(0.0, 0.0, np.inf, kept.size, places[kept], entries[kept])
        return True

    for ranks in _first_rankings(problem, goods):
        enter(ranks)
    money = -1
    if "budget" in form.constraints:
        # Money from outside is so dear that a mixture uses none where it can.
        budget = np.array([form.constraints["budget"].start], dtype=np.int32)
        money = model.getNumCol()
        model.addCol(1e3, 0.0, np.inf, 1, budget, np.ones(1))
    for _ in range(MOST_ROUNDS):
        model.run()
        if model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            break
        duals = -np.asarray(model.getSolution().row_dual)
        worths = [
            duals[start : start + mass.size] / (count * mass)
            for start, mass, count in zip(starts, masses, goods.counts, strict=True)
        ]
        smooth = [ironed(own, mass) for own, mass in zip(worths, masses, strict=True)]
        ranks = goods.ranks_at([own.tolist() for own in smooth])
        won = [np.array(own, dtype=np.float64) for own in goods.chances(ranks)]
        parts = zip(goods.counts, masses, worths, won, strict=True)
        gain = sum(n * float((m * v) @ q) for n, m, v, q in parts) - float(duals[mixture])
        if gain <= ENOUGH or not enter(ranks):
            break
    basis = model.getBasis()
    if not basis.valid:
        return rankings, None
    kinds = {
        highspy.HighsBasisStatus.kBasic: BasisStatus.BASIC,
        highspy.HighsBasisStatus.kLower: BasisStatus.LOWER,
        highspy.HighsBasisStatus.kUpper: BasisStatus.UPPER,
    }
    status = [kinds.get(each, BasisStatus.FREE) for each in (*basis.col_status, *basis.row_status)]
    if money >= 0:
        del status[money]
    size = form.cost.size + len(rankings) + form.row_lower.size
    return rankings, status if len(status) == size else None


def _first_rankings(problem: DesignProblem, goods: Units) -> list[Ranks]:
    """Return the ranking by values, nobody, and those in which one group is ahead of others."""
    agents = problem.environment.agents
    means = [agents[goods.groups.index(g)].types.mean for g in range(len(goods.counts))]
    sizes = [mean.size for mean in means]
    nobody = tuple((0,) * size for size in sizes)
    lowest = min(float(mean.min()) for mean in means)
    found = [goods.ranks_at([(own - lowest + 1.0).tolist() for own in means]), nobody]
    return found + [
        tuple((2 if h == g else other,) * n for h, n in enumerate(sizes))
        for g in range(len(sizes))
        for other in (0, 1)
    ]


def _optimum(
    problem: DesignProblem,
    named: Program,
    goods: Units,
    rankings: Sequence[Ranks],
    point: Sequence[Fraction],
    multipliers: list[Fraction],
    pivots: int,
) -> MixtureOptimum | None:
    """Return the optimum under the names of agents; None unless its value is its bound."""
    size = len(named.cost)
    weights = point[size:]
    value = sum((c * x for c, x in zip(named.cost, point, strict=False)), Fraction(0))
    # Rules count as the most that any is worth, and the multiplier of their mixture drops out.
    proving = list(multipliers)
    proving[named.constraints[MIXTURE].start] = Fraction(0)
    rest = bound_from(in_rationals(named), proving)
    worths = goods.worths(named, multipliers)
    if rest is None or rest + goods.most(worths) != value:
        return None
    likely = tuple(
        (ranks, weight) for ranks, weight in zip(rankings, weights, strict=True) if weight
    )
    return MixtureOptimum(
        problem.objective.sign * value,
        Blocks(_mechanism(problem, named, goods, likely, point)),
        Blocks(_multipliers(problem, named, goods, multipliers, worths)),
        likely,
        pivots,
    )


def _mechanism(
    problem: DesignProblem,
    named: Program,
    goods: Units,
    likely: Sequence[tuple[Ranks, Fraction]],
    point: Sequence[Fraction],
) -> dict[str, Callable[[], FractionArray]]:
    """Return the makers of the mechanism's blocks."""
    environment = problem.environment
    vector = fraction_array(point)
    made: list[FractionArray] = []

    def outcome(i: int) -> FractionArray:
        if not made:
            environment.require_dense("an exact mechanism")
            made.append(_outcomes(goods, likely, environment.shape))
        return np.asarray(made[0][i])

    def at(i: int) -> Callable[[], FractionArray]:
        return lambda: outcome(i)

    def of(block: Block) -> Callable[[], FractionArray]:
        return lambda: np.asarray(block.of(vector))

    variables = environment.outcomes.variables
    makers = {variable: at(i) for i, variable in enumerate(variables)}
    for agent, g in zip(environment.agents, goods.groups, strict=True):
        for part in ("quantity", "payment"):
            makers[f"{agent.name}_{part}"] = of(named.variables[f"{goods.names[g]}_{part}"])
    return makers


def _outcomes(
    goods: Units, likely: Sequence[tuple[Ranks, Fraction]], shape: tuple[int, ...]
) -> FractionArray:
    """Return who wins how likely in every profile, (num_agents, *shape)."""
    result = np.full((len(shape), *shape), Fraction(0))
    for profile in np.ndindex(*shape):
        for ranks, weight in likely:
            # Who is served before whom: by rank, and then by group.
            keys = [(-ranks[g][k], g) for g, k in zip(goods.groups, profile, strict=True)]
            left = goods.units
            for key in sorted({key for key in keys if key[0] < 0}):
                equal = [i for i, own in enumerate(keys) if own == key]
                share = min(Fraction(1), Fraction(left, len(equal)))
                for i in equal:
                    result[(i, *profile)] += weight * share
                left = max(left - len(equal), 0)
    return result


def _multipliers(
    problem: DesignProblem,
    named: Program,
    goods: Units,
    multipliers: Sequence[Fraction],
    worths: Sequence[Sequence[Fraction]],
) -> dict[str, Callable[[], FractionArray]]:
    """Return the makers of the multipliers, with the signs of :class:`mechopt.Solution`."""
    vector = -fraction_array(multipliers)
    environment = problem.environment
    makers: dict[str, Callable[[], FractionArray]] = {}

    def of(block: Block, number: int) -> Callable[[], FractionArray]:
        # A row that stands for several agents is the sum of one for each.
        return lambda: np.asarray(block.spread(vector) / number)

    for name, block in named.constraints.items():
        if name == MIXTURE:
            continue
        g = next((g for g, own in enumerate(goods.names) if block.axes == (own,)), None)
        if g is None:
            makers[name] = of(block, 1)
            continue
        rest = name.removeprefix(goods.names[g])
        for agent, own in zip(environment.agents, goods.groups, strict=True):
            if own == g:
                makers[f"{agent.name}{rest}"] = of(block, goods.counts[g])

    def units() -> FractionArray:
        # What another unit is worth in a profile: the largest value that goes without.
        environment.require_dense("exact multipliers")
        result = np.full(environment.shape, Fraction(0))
        for profile in np.ndindex(*environment.shape):
            own = [worths[g][k] for g, k in zip(goods.groups, profile, strict=True)]
            masses = [goods.masses[g][k] for g, k in zip(goods.groups, profile, strict=True)]
            next_one = sorted(own, reverse=True)[goods.units]
            chance = Fraction(1)
            for mass in masses:
                chance *= mass
            result[profile] = chance * max(next_one, Fraction(0))
        return result

    if goods.units < len(goods.groups):
        makers["units"] = units
    return makers
