"""Multipliers of any requirement's rows as they stand, and how much room a mechanism leaves there.

:mod:`mechopt.verify.multipliers` knows the usual requirements on interim quantities and payments
by heart, without a program. Here the program's own rows are read, whatever the requirements are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.mechanism.check import Check
from mechopt.mechanism.counts_rule import CountsRule
from mechopt.mechanism.mechanism import Mechanism
from mechopt.mechanism.money import EPS, own_stakes
from mechopt.problem.counts import ALL, has_counts_form
from mechopt.problem.problem import DesignProblem
from mechopt.program.profile_bound import given_multipliers
from mechopt.program.standard_form import Block, StandardForm, standard_form

# Relative to the largest multiplier of money, or the gains: what solvers leave of zero.
TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False)
class RowsAt:
    """The rows of a problem's requirements at a mechanism.

    Parameters
    ----------
    form
        The program.
    point
        The mechanism as values of its variables.
    room, rounding : arrays (num_constraints,)
        By how much each row holds, in its own unit, and what rounding can do to that.
    """

    form: StandardForm
    point: FloatArray
    room: FloatArray
    rounding: FloatArray

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks of rows that requirements state."""
        return tuple(block for block in self.form.constraints.values() if block.required)


def rows_at(problem: DesignProblem, mechanism: Mechanism) -> RowsAt:
    """Return the rows of a problem's requirements at a mechanism.

    An objective that is not linear has variables and rows of its own, which no mechanism decides:
    such rows have room without end.

    Examples
    --------
    >>> from mechopt import BilateralTrade, DesignProblem, TypeSpace, Welfare, solve
    >>> types = TypeSpace.finite([0, 1])
    >>> problem = DesignProblem(
    ...     BilateralTrade(types, types), Welfare((1, 1)), incentives="dominant"
    ... )
    >>> rows = rows_at(problem, solve(problem).mechanism)
    >>> bool((rows.room >= -rows.rounding).all())
    True
    """
    form = standard_form(problem)
    values = _values(problem, mechanism)
    blocks = form.variables.items()
    point = np.concatenate([np.ravel(values.get(name, np.zeros(b.shape))) for name, b in blocks])
    foreign = np.concatenate([np.full(b.size, name not in values) for name, b in blocks])
    room = form.matrix @ point - form.row_lower
    room[abs(form.matrix) @ foreign > 0.0] = np.inf
    size = abs(form.matrix) @ np.abs(point) + np.abs(form.row_lower)
    entries = np.diff(form.matrix.tocsr().indptr) + 8
    return RowsAt(form, point, room, EPS * entries * size)


def _values(problem: DesignProblem, mechanism: Mechanism) -> dict[str, FloatArray]:
    """Return a mechanism as values of the program's variables, by name."""
    agents, environment = problem.environment.agents, problem.environment
    rule, counted = mechanism.allocation, mechanism.by_counts
    if has_counts_form(problem):
        if not isinstance(rule, CountsRule) or counted is None:
            raise ValueError("a mechanism that is not by counts of types, as its problem is")
        first = agents[0].name
        found = {f"{first}_payment": counted.values}
        if rule.own is not None:
            found[f"{first}_quantity"] = rule.own
        if rule.common is not None:
            found[environment.outcomes.variables[0]] = rule.common
        return found
    values = dict(zip(environment.outcomes.variables, rule.dense(environment), strict=True))
    by_profile = mechanism.ex_post_payments() if problem.by_profile else mechanism.payment
    for i, agent in enumerate(agents):
        values[f"{agent.name}_payment"] = by_profile[i]
        values[f"{agent.name}_quantity"] = mechanism.quantity[i]
    return values


def binding_rows(problem: DesignProblem, mechanism: Mechanism) -> dict[str, FloatArray]:
    """Return which rows have no room, by name, as arrays of zeros and ones.

    Room in money is measured in what the types concerned have at stake.

    Examples
    --------
    >>> from mechopt import BilateralTrade, DesignProblem, TypeSpace, Welfare, solve
    >>> types = TypeSpace.finite([0, 1])
    >>> problem = DesignProblem(
    ...     BilateralTrade(types, types), Welfare((1, 1)), incentives="dominant"
    ... )
    >>> binding_rows(problem, solve(problem).mechanism)["budget"]
    array([1.])
    """
    rows = rows_at(problem, mechanism)
    found = {}
    for block in rows.blocks:
        scale = _scales(problem, block)
        without = block.of(rows.room) <= TOLERANCE * scale + block.of(rows.rounding)
        whole = np.zeros(rows.room.size)
        whole[block.start : block.start + block.size] = without.ravel()
        found[block.name] = np.asarray(block.spread(whole), dtype=np.float64)
    return found


def row_checks(
    problem: DesignProblem, mechanism: Mechanism, duals: Mapping[str, FloatArray]
) -> Iterator[Check]:
    """Yield the checks of the multipliers of every requirement: two a block, and one an agent.

    They have the right signs, charge nothing for a row that has room, and leave no weight on a
    payment that could still move.

    Raises
    ------
    ValueError
        For an array of the wrong shape.

    Examples
    --------
    >>> from mechopt import BilateralTrade, DesignProblem, TypeSpace, Welfare, solve
    >>> types = TypeSpace.finite([0, 1])
    >>> problem = DesignProblem(
    ...     BilateralTrade(types, types), Welfare((1, 1)), incentives="dominant"
    ... )
    >>> solution = solve(problem)
    >>> checks = row_checks(problem, solution.mechanism, solution.duals)
    >>> all(check.passed for check in checks)
    True
    """
    rows = rows_at(problem, mechanism)
    form = rows.form
    _, equations = given_multipliers(form, duals)
    given = np.zeros(form.row_lower.size)
    for block in rows.blocks:
        if block.name in duals:
            given[block.start : block.start + block.size] = block.gathered(duals[block.name])
    money = [np.abs(block.of(given)).max(initial=0.0) for block in rows.blocks if block.in_money]
    scale = max([*money, float(np.abs(form.cost).max())])
    spare = np.maximum(rows.room - rows.rounding, 0.0)
    charged = np.where(equations, 0.0, given * spare)
    for block in rows.blocks:
        own, is_equation = block.of(given).ravel(), block.of(equations).ravel()
        yield _signs(block, np.where(is_equation, 0.0, own), scale)
        yield _charged(problem, block, own, block.of(charged).ravel(), block.of(spare).ravel())
    weight = form.cost + form.matrix.T @ given
    for agent in problem.environment.agents:
        # Of identical agents by counts, the first stands for all.
        name = f"{agent.name}_payment"
        if name in form.variables:
            yield _payments(agent.name, form.variables[name], weight, rows, scale)


def _scales(problem: DesignProblem, block: Block) -> FloatArray:
    """Return what room in each row of a block is measured in, to be compared with the block."""
    environment = problem.environment
    if not block.in_money:
        return np.ones(block.shape)
    least = max(environment.first_best, float(np.finfo(np.float64).tiny))
    if not block.axes or block.axes == (ALL,):
        return np.full(block.shape, least)
    i = environment.index_of(block.axes[0])
    stakes = own_stakes(environment, i)
    if block.entries is not None:
        return stakes[list(block.entries)]
    if len(block.axes) == 2 and len(block.shape) == 1:
        return np.repeat(stakes, stakes.size - 1)
    if block.shape[0] == stakes.size - 1:
        stakes = np.maximum(stakes[1:], stakes[:-1])
    # Rows of a profile concern all its agents.
    profile = block.axes == tuple(agent.name for agent in environment.agents)
    if block.shape[0] != stakes.size or (profile and block.name == "budget"):
        return np.full(block.shape, least)
    return np.broadcast_to(stakes.reshape(-1, *[1] * (len(block.shape) - 1)), block.shape)


def _place(block: Block, position: int) -> str:
    cells = np.unravel_index(position, block.shape)
    return f"{block.name}[{', '.join(str(int(cell)) for cell in cells)}]"


def _signs(block: Block, values: FloatArray, scale: float) -> Check:
    worst = int(np.argmin(values))
    least = float(values[worst])
    where = f"{_place(block, worst)} is {least:.3g}" if least < 0.0 else "none below 0"
    if not block.in_money:
        # The multiplier of a quantity is money, with no scale but its block's.
        scale = float(np.abs(values).max()) or 1.0
    return Check(
        f"signs of the multipliers of {block.name}", -least, -least / scale, TOLERANCE, where
    )


def _charged(
    problem: DesignProblem, block: Block, own: FloatArray, charged: FloatArray, spare: FloatArray
) -> Check:
    worst = int(np.argmax(charged))
    most = max(float(charged[worst]), 0.0)
    where = "no multiplier where there is room"
    if most > 0.0:
        place = _place(block, worst)
        where = f"{place} is {own[worst]:.3g}, where there is room of {spare[worst]:.3g}"
    requirement = f"multipliers of {block.name} where it binds"
    return Check(requirement, most, most / problem.objective_scale, TOLERANCE, where)


def _payments(name: str, block: Block, weight: FloatArray, rows: RowsAt, scale: float) -> Check:
    """Check that no payment has weight, unless it is at the limit and would go beyond."""
    own, paid = block.of(weight).ravel(), block.of(rows.point).ravel()
    low, high = block.of(rows.form.lower).ravel(), block.of(rows.form.upper).ravel()
    near = TOLERANCE * np.where(np.isfinite(high), high, 0.0)
    held = ((own > 0.0) & (paid >= high - near)) | ((own < 0.0) & (paid <= low + near))
    loose = np.where(held, 0.0, np.abs(own))
    worst = int(np.argmax(loose))
    error = float(loose[worst])
    where = "none that could move has weight"
    if error > TOLERANCE * scale:
        where = f"{_place(block, worst)}: weighted by {own[worst]:.3g}, not 0"
    requirement = f"payments of {name} cancel, by its multipliers"
    return Check(requirement, error, error / scale, TOLERANCE, where)
