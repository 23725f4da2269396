"""A basis for HiGHS to start from, where the direct solver has solved static bilateral trade.

With the payments of the chain of binding incentives, the rule p_a is a basic solution of the linear
program: payments and quantities are basic, every probability is at a bound, and one pair of types
whose weighted virtual values tie is basic, too, where the budget leaves no money to spare. A run of
ironed types has monotonicity rows that bind and as many pairs that are basic at a bound. HiGHS
checks the basis, repairs it where it falls short of an optimum, and proves the optimum itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mechopt._util.arrays import FloatArray, IndexArray
from mechopt.backends.direct import Direct
from mechopt.errors import InvalidInputError, UnsupportedProblemError, require
from mechopt.mechanism.allocation import PointwiseRule
from mechopt.problem.problem import DesignProblem
from mechopt.solution import Solution

if TYPE_CHECKING:
    import highspy

    from mechopt.program.standard_form import StandardForm

USUAL_START = "solved from the usual start: the starting solution gave no basis that HiGHS takes"
ROWS = ("quantity", "ic_down", "ic_up", "monotonicity", "participation_lower")
REMEDY = "Leave start out."
# Multipliers of less, relative to the largest, are rounding.
NO_MULTIPLIER = 1e-12


def require_start(problem: DesignProblem, start: object) -> None:
    """Raise unless a solution is one of the direct solver of this problem, with a basis.

    Raises
    ------
    InvalidInputError
        If it is no solution, one of another problem or backend, or one without a mechanism.
    UnsupportedProblemError
        If the problem is not one of static bilateral trade with a free allocation that the direct
        solver takes.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, solve
    >>> few, more = TypeSpace.finite([0, 1]), TypeSpace.finite([0, 1, 2])
    >>> one, other = (ex_ante_efficiency(BilateralTrade(few, own)) for own in (few, more))
    >>> require_start(one, solve(one, "direct"))
    >>> require_start(other, solve(one, "direct"))
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: start: the solution is one of another problem (expected ...
    """
    hint = 'Pass what solve(problem, "direct") returns.'
    require(start, Solution, where="start", remedy=hint)
    assert isinstance(start, Solution)
    direct, exchange = Direct(), problem.environment.outcomes.exchange
    reasons = (
        (exchange is None or exchange.has_delay, "bilateral trade without delay"),
        (problem.prescribes_allocation, "a problem whose allocation is free"),
        (not direct.accepts(problem), "a problem that the direct solver takes"),
    )
    for applies, expected in reasons:
        if applies:
            raise UnsupportedProblemError(f"start: expected {expected}. {REMEDY}")
    if start.problem is not problem and start.problem.fingerprint != problem.fingerprint:
        raise InvalidInputError(
            "the solution is one of another problem",
            where="start",
            expected=f"fingerprint {problem.fingerprint[:12]}",
            got=f"fingerprint {start.problem.fingerprint[:12]}",
            remedy=hint,
        )
    rule = None if start.mechanism is None else start.mechanism.allocation
    if start.provenance.backend != direct.name or not isinstance(rule, PointwiseRule):
        what = "no mechanism" if rule is None else "the mechanism"
        raise InvalidInputError(
            "the solution does not say which types tie",
            where="start",
            expected="a mechanism of the direct solver",
            got=f"{what} of {start.provenance.backend}",
            remedy=hint,
        )


def put_basis(model: highspy.Highs, form: StandardForm, start: Solution, options: Any = ()) -> bool:
    """Hand HiGHS the basis of a solution that :func:`require_start` accepts; say if it took it.

    HiGHS then runs its dual simplex method from there, unless ``options`` name a method.

    Parameters
    ----------
    model, form
        The loaded program, and what it was loaded from.
    start
        The solution.
    options
        Names of HiGHS' options that the caller has set.
    """
    import highspy

    found = basis_of(form, start)
    if found is None:
        return False
    columns, rows = found
    basis = highspy.HighsBasis()
    lower, basic, upper = (
        highspy.HighsBasisStatus.kLower,
        highspy.HighsBasisStatus.kBasic,
        highspy.HighsBasisStatus.kUpper,
    )
    kinds = (lower, basic, upper)
    basis.col_status = [kinds[kind] for kind in columns.tolist()]
    basis.row_status = [kinds[kind] for kind in rows.tolist()]
    basis.valid = True
    basis.alien = False
    for name, value in (("solver", "simplex"), ("simplex_strategy", 1)):
        if name not in options:
            model.setOptionValue(name, value)
    return bool(model.setBasis(basis) == highspy.HighsStatus.kOk)


LOWER, BASIC, UPPER = 0, 1, 2


def basis_of(form: StandardForm, start: Solution) -> tuple[IndexArray, IndexArray] | None:
    """Return the status of every column and row: 0 at its lower bound, 1 basic, 2 at its upper.

    None if the program has other blocks than those of static trade, the solution lacks multipliers
    or has an alpha that is none, or the numbers of basic columns and rows do not add up.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, solve
    >>> from mechopt.program.standard_form import standard_form
    >>> types = TypeSpace.finite([0, 1])
    >>> problem = ex_ante_efficiency(BilateralTrade(types, types))
    >>> columns, rows = basis_of(standard_form(problem), solve(problem, "direct"))
    >>> columns[:4].reshape(2, 2)  # trade of type 0 of the one with type 1 of the other
    array([[0, 2],
           [0, 0]])
    >>> int((columns == 1).sum() + (rows == 1).sum()), rows.size
    (15, 15)
    """
    problem = start.problem
    if start.alpha is not None and not 0.0 <= start.alpha < 1.0:
        return None
    names = [agent.name for agent in problem.environment.agents]
    free = [f"{name}_{what}" for name in names for what in ("quantity", "payment")]
    if sorted(form.variables) != sorted([problem.environment.outcomes.variables[0], *free]):
        return None
    for name, block in form.constraints.items():
        multipliers = start.duals.get(name)
        if block.required and (multipliers is None or multipliers.shape != block.full_shape):
            return None
    tight, ties = _tight_rows(form, start)
    rows = np.full(form.row_lower.size, BASIC)
    rows[form.row_lower == form.row_upper] = LOWER
    rows[tight] = LOWER
    trade = form.variables[problem.environment.outcomes.variables[0]]
    columns = np.full(form.lower.size, BASIC)
    trade.of(columns)[...], unpaid = _pairs(start, ties=ties)
    for name, link in unpaid:
        rows[form.constraints[f"{name}_monotonicity"].start + link] = BASIC
    fits = (columns == BASIC).sum() + (rows == BASIC).sum() == rows.size
    return (columns, rows) if fits else None


def _tight_rows(form: StandardForm, start: Solution) -> tuple[list[int], bool]:
    """Return inequalities that bind, and whether one pair of types is to be basic for the budget.

    Incentives bind along the chain that pays most, and participation and budget as their
    multipliers say. With no money to spare all three of these do, which takes one pair that ties.
    """
    environment, duals = start.problem.environment, start.duals
    tight: list[int] = []
    ends: list[tuple[float, int]] = []
    for agent, role in zip(environment.agents, environment.outcomes.roles, strict=True):
        types, name = agent.types, agent.name
        chain = form.constraints.get(f"{name}_ic_{'up' if role.gives else 'down'}")
        if chain is not None:
            tight += range(chain.start, chain.start + chain.size)
            level = form.constraints[f"{name}_monotonicity"]
            ironed = np.flatnonzero(_positive(duals[f"{name}_monotonicity"], duals))
            tight += (level.start + ironed).tolist()
        worst = types.num_cells - 1 if role.gives else 0
        far = role.gives and types.upper[worst] > types.lower[worst]
        end = f"{name}_participation_{'upper' if far else 'lower'}"
        block = form.constraints[end]
        place = worst if block.entries is None else block.entries.index(worst)
        ends.append((float(duals[end][worst]), block.start + place))
    if "budget" in form.constraints:
        ends.append((float(duals["budget"][0]), form.constraints["budget"].start))
    largest = max(weight for weight, _ in ends)
    binding = [place for weight, place in ends if weight > NO_MULTIPLIER * largest]
    balanced = [place for _, place in ends if form.row_lower[place] == form.row_upper[place]]
    kept = list(dict.fromkeys((*binding, *balanced)))
    # What is left over goes to the first of the agents whose weights are largest.
    rest = [place for _, place in reversed(ends[: len(environment.agents)]) if place not in kept]
    kept += rest[: max(len(environment.agents) - len(kept), 0)]
    return tight + kept, len(kept) > len(environment.agents)


def _positive(multipliers: FloatArray, duals: Any) -> Any:
    largest = max(float(np.abs(values).max(initial=0.0)) for values in duals.values())
    return multipliers > NO_MULTIPLIER * largest


def _pairs(start: Solution, *, ties: bool) -> tuple[IndexArray, list[tuple[str, int]]]:
    """Return the status of every pair's probability of trade, and monotonicity without a pair.

    Where runs of ironed types of both sides meet, they may ask for one pair twice: HiGHS then has
    to find how their values are spread.
    """
    problem, duals = start.problem, start.duals
    assert start.mechanism is not None
    rules = Direct().build(problem)
    rule = start.mechanism.allocation
    assert isinstance(rule, PointwiseRule)
    chance = rule.dense(problem.environment)[0]
    cost, value = rule.values[-1] if start.alpha is None else rules.at(start.alpha).values
    status = np.where(chance > 0.5, UPPER, LOWER)
    names = [agent.name for agent in problem.environment.agents]
    runs = [_runs(_positive(duals[f"{name}_monotonicity"], duals)) for name in names]
    settled: tuple[tuple[int, int], ...] = ()
    if ties:
        pair = _tied_pair(problem, rules, chance, status, value[None, :] - cost[:, None], runs)
        # All of a run ties at once.
        settled = tuple(_run_of(own, place) for own, place in zip(runs, pair, strict=True))
        (top, bottom), (left, right) = settled
    traded = status == UPPER
    if settled:
        status[top : bottom + 1, left] = BASIC
        status[top, left : right + 1] = BASIC
    unpaid = []
    for agent, own, others in ((0, cost, value), (1, value, cost)):
        mass = problem.environment.masses[agent]
        for first, last in runs[agent]:
            if settled and settled[agent] == (first, last):
                continue
            # The first of the others whose value lies above that of the run, who come in order.
            lower = ~traded[first] if agent == 0 else traded[:, first]
            pairs = _spread(mass, own, others, first, last, int(np.count_nonzero(lower)))
            for link, (own_type, other) in enumerate(pairs, first):
                place = (own_type, other) if agent == 0 else (other, own_type)
                if status[place] == BASIC:
                    unpaid.append((names[agent], link))
                status[place] = BASIC
    return status, unpaid


def _tied_pair(
    problem: DesignProblem,
    rules: Any,
    chance: FloatArray,
    status: IndexArray,
    gain: FloatArray,
    runs: list[list[tuple[int, int]]],
) -> tuple[int, int]:
    """Return the pair that the budget decides on, and settle the others that tie in ``status``.

    A mixture of two rules gives all pairs that tie the same chance. A basic solution lets some
    trade for sure until the money is spent; runs of ironed types do so together.
    """
    mixed = np.argwhere((chance > 0.0) & (chance < 1.0))
    if not mixed.size:
        nearest = np.unravel_index(np.argmin(np.abs(gain)), gain.shape)
        return int(nearest[0]), int(nearest[1])
    heads = [np.arange(size) for size in chance.shape]
    for own, head in zip(runs, heads, strict=True):
        for first, last in own:
            head[first : last + 1] = first
    givers, receivers = mixed.T
    # Money that trade between a pair brings or takes, in expectation.
    costs, values = rules.virtual_values(1.0)
    masses = problem.environment.masses
    money = masses[0][givers] * masses[1][receivers] * (values[receivers] - costs[givers])
    _, firsts, group = np.unique(
        heads[0][givers] * chance.shape[1] + heads[1][receivers],
        return_index=True,
        return_inverse=True,
    )
    spent = np.cumsum(np.bincount(group, money))
    wanted = float((money * chance[givers, receivers]).sum())
    last = int(np.argmax(np.abs(spent) >= abs(wanted)))
    status[givers, receivers] = np.where(group < last, UPPER, LOWER)
    return int(givers[firsts[last]]), int(receivers[firsts[last]])


def _run_of(runs: list[tuple[int, int]], place: int) -> tuple[int, int]:
    """Return the first and last types of the run that a type is in, or itself twice."""
    return next((run for run in runs if run[0] <= place <= run[1]), (place, place))


def _runs(ironed: Any) -> list[tuple[int, int]]:
    """Return the first and last types of each run that shares a value.

    Examples
    --------
    >>> _runs(np.array([True, True, False, True]))
    [(0, 2), (3, 4)]
    """
    ends = np.flatnonzero(np.diff(np.concatenate(([False], ironed, [False])).astype(np.int8)))
    return list(zip(ends[::2].tolist(), ends[1::2].tolist(), strict=True))


def _spread(
    mass: FloatArray, own: FloatArray, others: FloatArray, first: int, last: int, above: int
) -> list[tuple[int, int]]:
    """Return basic pairs that make up for the monotonicity rows of a run of ironed types.

    Multipliers of a vertex let all but one type of the run tie with the next of the others: the
    first of them with who is just below, the last with who is just above. The mean value stays.
    """
    low = others[above - 1] if above > 0 else -np.inf
    high = others[above] if above < others.size else np.inf
    share = mass[first : last + 1]
    if not np.isfinite(low):
        middle = first
    elif not np.isfinite(high):
        middle = last
    else:
        below = low * np.cumsum(share) + high * (share.sum() - np.cumsum(share))
        middle = first + int(np.argmax(below <= own[first] * share.sum()))
    return [
        (own_type, above - 1 if own_type < middle else above)
        for own_type in range(first, last + 1)
        if own_type != middle
    ]
