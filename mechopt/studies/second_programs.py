"""Programs with one variable more than a problem's own: small payments, and the least gain.

Each is the problem's program, loaded once, with a column, its rows and another objective.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mechopt.backends.highs import run
from mechopt.backends.polish import polished
from mechopt.backends.settings import SOLVER_TOLERANCE, Settings
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.participation import UtilityFloor
from mechopt.problem.problem import DesignProblem
from mechopt.program.highs_model import load, money_unit
from mechopt.program.lagrangian import infeasibility_margin
from mechopt.program.reading import named_multipliers, named_values
from mechopt.program.standard_form import StandardForm, standard_form
from mechopt.program.tangents import curves_of
from mechopt.solution import Solution

if TYPE_CHECKING:
    import highspy


def with_small_payments(solution: Solution, *, lost: float) -> Mechanism:
    """Return an optimal mechanism whose largest payment in any profile is as small as possible.

    Among the many payments that are optimal, a vertex of a program with payments by profile may
    have pointless bets.

    Parameters
    ----------
    solution
        Of any problem, with a mechanism.
    lost
        By how much the objective may be worse, in money.

    Returns
    -------
    Mechanism
        The solution's own where only interim payments count, and where none is found.

    Examples
    --------
    >>> from mechopt import BilateralTrade, DesignProblem, PaymentLimit, TypeSpace, Welfare, solve
    >>> trade = BilateralTrade(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3]))
    >>> limited = DesignProblem(trade, Welfare((1, 1)), requirements=[PaymentLimit(50.0)])
    >>> smaller = with_small_payments(solve(limited), lost=0.0)
    >>> round(float(abs(smaller.ex_post_payments()).max()), 6)
    1.5
    """
    problem, mechanism = solution.problem, solution.mechanism
    assert mechanism is not None
    if not problem.by_profile:
        return mechanism
    unit = money_unit(problem)
    in_unit = problem.scaled(1.0 / unit)
    form = standard_form(in_unit)
    model = _with_column(form, 1.0, lower=0.0)
    largest = form.cost.size
    for agent in problem.environment.agents:
        block = form.variables[f"{agent.name}_payment"]
        for column in range(block.start, block.start + block.size):
            for sign in (1.0, -1.0):
                entries = np.array([1.0, sign])
                model.addRow(0.0, np.inf, 2, np.array([largest, column], dtype=np.int32), entries)
    priced = np.flatnonzero(form.cost).astype(np.int32)
    enough = (problem.objective.sign * solution.objective - lost) / unit
    model.addRow(enough, np.inf, priced.size, priced, form.cost[priced])
    if not _run(model, form, in_unit):
        return mechanism
    outcome, payment = named_values(form, np.asarray(model.getSolution().col_value), in_unit)
    return polished(problem, outcome, [unit * paid for paid in payment]).mechanism


def least_gain_bound(problem: DesignProblem) -> float:
    """Return a bound on the most by which every type can exceed its floor, in money.

    A negative one proves that no mechanism gives every type its
    :class:`~mechopt.problem.participation.UtilityFloor`. The program of the least gain is always
    feasible, so that its multipliers are found where a ray of the problem's own is not.

    Parameters
    ----------
    problem
        A problem with floors of utilities.

    Returns
    -------
    float
        Proved from multipliers and the problem's data; infinite if they prove nothing.

    Examples
    --------
    >>> from mechopt import BilateralTrade, DesignProblem, TypeSpace, UtilityFloor, Welfare
    >>> types = TypeSpace.finite([0, 1])
    >>> floors = [UtilityFloor("seller", [1.0, 1.0]), UtilityFloor("buyer", [0.0, 0.0])]
    >>> problem = DesignProblem(
    ...     BilateralTrade(types, types), Welfare((1, 1)), participation="none", requirements=floors
    ... )
    >>> round(least_gain_bound(problem), 6)
    -0.375
    """
    unit = money_unit(problem)
    in_unit = problem.scaled(1.0 / unit)
    form = standard_form(in_unit)
    floors = [
        block
        for requirement in problem.requirements
        if isinstance(requirement, UtilityFloor)
        for end in ("lower", "upper")
        for block in [form.constraints.get(f"{requirement.agent}_{requirement.name}_{end}")]
        if block is not None
    ]
    rows = np.concatenate([np.arange(b.start, b.start + b.size) for b in floors]).astype(np.int32)
    model = _with_column(form, -1.0, rows=rows)
    if not _run(model, form, in_unit):
        return np.inf
    values = np.asarray(model.getSolution().row_dual)[: form.row_lower.size]
    equations = form.row_lower == form.row_upper
    multipliers = np.where(equations, values, np.maximum(values, 0.0))
    # Those on quantities are multiplied by the unit in the problem's own money.
    for block in form.constraints.values():
        if not block.in_money:
            block.of(multipliers)[...] *= unit
    share = sum(float(block.of(multipliers).sum()) for block in floors)
    if not share > 0.0:
        return np.inf
    return -infeasibility_margin(problem, named_multipliers(form, multipliers)) / share


def _with_column(
    form: StandardForm,
    cost: float,
    *,
    lower: float = -np.inf,
    rows: np.ndarray | None = None,
) -> highspy.Highs:
    """Return HiGHS with a program and one column more, whose cost alone is minimised."""
    model = load(form, SOLVER_TOLERANCE)
    size = form.cost.size
    model.changeColsCost(size, np.arange(size, dtype=np.int32), np.zeros(size))
    touched = np.zeros(0, dtype=np.int32) if rows is None else rows
    model.addCol(cost, lower, np.inf, touched.size, touched, np.full(touched.size, -1.0))
    return model


def _run(model: highspy.Highs, form: StandardForm, problem: DesignProblem) -> bool:
    """Solve, with tangents of curved bounds, and return whether an optimum was found."""
    how, _ = run(model, form, curves_of(problem), Settings(SOLVER_TOLERANCE))
    return how.is_optimal
