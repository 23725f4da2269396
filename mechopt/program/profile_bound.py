"""A bound from multipliers where payments are by profile: the program's own Lagrangian."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.rationals import fraction_array
from mechopt.problem.counts import has_counts_form
from mechopt.problem.problem import DesignProblem
from mechopt.program.counts_bound import best_by_counts, by_state
from mechopt.program.exact_lagrangian import above
from mechopt.program.numbers import in_binary
from mechopt.program.standard_form import StandardForm, assemble, standard_form

# Up to this many profiles, fractions take a second or so.
MAX_EXACT_PROFILES = 1_000
# A bound is evaluated in fractions if rounding leaves more than this open, in first bests.
OPEN = 1e-9
UNIT = 0.5 * float(np.finfo(np.float64).eps)
CORRECTIONS = 3
# What solvers leave of payments that have no weight, relative to the terms that cancel.
RESIDUAL = 1e-6


def profile_bound(
    problem: DesignProblem, duals: Mapping[str, FloatArray], *, objective: bool = True
) -> tuple[float, float]:
    """Return the bound that multipliers prove where payments are by profile, and its margin.

    The Lagrangian is maximised pointwise, over the feasible outcomes of every profile and over
    payments within the problem's limit. Any multipliers give a true bound: negative ones count as
    zero, and they are first moved, by as little as it takes, so that payments drop out; what
    weight rounding leaves on a payment counts at the limit.

    Parameters
    ----------
    problem
        A problem with payments by profile.
    duals
        Multipliers named as in :class:`mechopt.Solution`; those left out count as zero.
    objective
        Whether the objective counts; without it, a negative bound proves infeasibility.

    Returns
    -------
    bound, margin
        As of :func:`mechopt.program.lagrangian.proved_bound`.

    Raises
    ------
    ValueError
        For an array of the wrong shape.

    Notes
    -----
    Source: theory.md, sections 3.8 and 5.

    Examples
    --------
    >>> from mechopt import BilateralTrade, DesignProblem, TypeSpace, Welfare
    >>> types = TypeSpace.finite([0, 1])
    >>> problem = DesignProblem(
    ...     BilateralTrade(types, types),
    ...     Welfare((1, 1)),
    ...     incentives="dominant",
    ...     budget_holds="ex-post",
    ... )
    >>> bound, margin = profile_bound(problem, {"budget": np.full((2, 2), 0.25)})
    >>> round(bound, 9), margin < 1e-12  # the first best
    (0.25, True)
    """
    form = standard_form(problem)
    if has_counts_form(problem):
        duals = by_state(problem, form, duals)
    multipliers, equations = given_multipliers(form, duals)
    cost = form.cost if objective else np.zeros_like(form.cost)
    paid = _payment_columns(problem, form)
    multipliers = _completed(form, cost, multipliers, equations, paid)
    weight = cost + form.matrix.T @ multipliers
    entries = np.diff(form.matrix.indptr) + 4
    size = np.abs(cost) + abs(form.matrix).T @ np.abs(multipliers)
    error = UNIT * entries * size
    constant = -float(multipliers @ form.row_lower)
    margin = UNIT * (form.row_lower.size + 4) * float(np.abs(multipliers) @ np.abs(form.row_lower))
    limit = np.maximum(np.abs(form.lower[paid]), np.abs(form.upper[paid]))
    left = float(np.abs(weight[paid]) @ limit)
    margin += float(error[paid] @ limit)
    best_of = best_by_counts if has_counts_form(problem) else _best_outcomes
    best, rounding = best_of(problem, form, weight, error)
    margin += rounding
    extra = _free_columns(problem, form)
    if (np.abs(weight[extra]) > error[extra]).any():
        return problem.objective.sign * np.inf, 0.0
    bound = constant + left + best + margin
    # Where the margin may decide, the same multipliers are evaluated without rounding.
    is_open = margin > OPEN * problem.objective_scale if objective else 0.0 <= bound <= 2.0 * margin
    if is_open and not extra.size and _fits_fractions(problem):
        bound = min(bound, above(_exact_bound(problem, multipliers, objective=objective)))
    return (problem.objective.sign if objective else 1) * bound + 0.0, margin


def _fits_fractions(problem: DesignProblem) -> bool:
    environment = problem.environment
    small = environment.has_few_profiles(MAX_EXACT_PROFILES)
    return small and not environment.outcomes.curves and not has_counts_form(problem)


def _exact_bound(problem: DesignProblem, multipliers: FloatArray, *, objective: bool) -> Fraction:
    """Return the bound that these multipliers prove, floats taken as what they are exactly."""
    numbers = in_binary(problem)
    program = assemble(problem, numbers)
    exact = fraction_array(Fraction(value) for value in multipliers.tolist())
    weight = program.cost.copy() if objective else 0 * program.cost
    entries = program.entries
    np.add.at(weight, entries.column, entries.value * exact[entries.row])
    total = -sum((y * b for y, b in zip(exact, program.row_lower, strict=True) if y), Fraction(0))
    for agent in problem.environment.agents:
        block = program.variables[f"{agent.name}_payment"]
        # Either side of the limit is as far.
        limit = Fraction(float(np.max(block.of(program.upper))))
        total += limit * sum(abs(w) for w in block.of(weight).ravel())
    names = problem.environment.outcomes.variables
    worth = np.stack([program.variables[name].of(weight).ravel() for name in names])
    if numbers.prescribed is not None:
        outcome = numbers.prescribed.reshape(len(names), -1)
        return Fraction(total + sum((worth * outcome).ravel(), Fraction(0)))
    best = [vertex @ worth for vertex in numbers.outcomes.vertices]
    return Fraction(total + sum(np.max(np.stack(best), axis=0), Fraction(0)))


def given_multipliers(
    form: StandardForm, duals: Mapping[str, FloatArray]
) -> tuple[FloatArray, FloatArray]:
    """Return multipliers of all rows, negative ones of inequalities as zero, and the equations.

    Raises
    ------
    ValueError
        For an array of the wrong shape.
    """
    equations = form.row_lower == form.row_upper
    multipliers = np.zeros(form.row_lower.size)
    for name, block in form.constraints.items():
        # What rows of the outcomes do is done by the maximum over feasible outcomes.
        if name in duals and block.required:
            given = block.gathered(np.asarray(duals[name], dtype=np.float64))
            multipliers[block.start : block.start + block.size] = given
    return np.where(equations, multipliers, np.maximum(multipliers, 0.0)), equations


def _payment_columns(problem: DesignProblem, form: StandardForm) -> np.ndarray:
    """Return the positions of the payments among the variables."""
    names = [f"{agent.name}_payment" for agent in problem.environment.agents]
    # Of identical agents by counts, the first stands for all.
    blocks = [form.variables[name] for name in names if name in form.variables]
    return np.concatenate([np.arange(b.start, b.start + b.size) for b in blocks])


def _free_columns(problem: DesignProblem, form: StandardForm) -> np.ndarray:
    """Return the positions of variables that are neither outcomes nor payments."""
    known = {*problem.environment.outcomes.variables}
    known |= {f"{agent.name}_payment" for agent in problem.environment.agents}
    if has_counts_form(problem):
        known.add(f"{problem.environment.agents[0].name}_quantity")
    rest = [b for name, b in form.variables.items() if name not in known]
    return np.concatenate(
        [np.zeros(0, dtype=np.intp), *(np.arange(b.start, b.start + b.size) for b in rest)]
    )


def _completed(
    form: StandardForm,
    cost: FloatArray,
    multipliers: FloatArray,
    equations: FloatArray,
    paid: np.ndarray,
) -> FloatArray:
    """Return multipliers moved a little, so that payments have as good as no weight.

    Only multipliers that are not zero move, by least squares; none becomes negative. Weight that
    is more than a residual beside its own terms stays: that of a payment at its limit.
    """
    columns = form.matrix[:, paid].tocsr()
    for _ in range(CORRECTIONS):
        left = cost[paid] + columns.T @ multipliers
        size = np.abs(cost[paid]) + abs(columns).T @ np.abs(multipliers)
        inside = np.abs(left) <= RESIDUAL * size
        if not left.any():
            break
        active = np.flatnonzero((multipliers != 0.0) | equations.astype(bool))
        if not active.size:
            break
        from scipy.sparse.linalg import lsqr

        system = columns[active].T
        step = lsqr(system[inside], -left[inside], atol=1e-16, btol=1e-16)[0]
        moved = multipliers.copy()
        moved[active] += step
        moved = np.where(equations, moved, np.maximum(moved, 0.0))
        after = cost[paid] + columns.T @ moved
        if not np.abs(after).sum() < np.abs(left).sum():
            break
        multipliers = moved
    return multipliers


def _best_outcomes(
    problem: DesignProblem, form: StandardForm, weight: FloatArray, error: FloatArray
) -> tuple[float, float]:
    """Return the most that feasible outcomes of all profiles are worth, and its margin."""
    outcomes = problem.environment.outcomes
    names = outcomes.variables
    worth = np.stack([form.variables[name].of(weight) for name in names])
    errors = np.stack([form.variables[name].of(error) for name in names])
    if problem.prescribes_allocation:
        best = np.stack([form.variables[name].of(form.lower) for name in names])
    else:
        best = outcomes.best(worth)
    reach = np.maximum(np.abs(outcomes.lower), np.abs(outcomes.upper))
    total = float((worth * best).sum())
    margin = float((errors.reshape(len(names), -1).sum(axis=1) * reach).sum())
    margin += 4.0 * UNIT * len(names) * float((np.abs(worth) * np.abs(best)).sum())
    sizes = (np.abs(worth).reshape(len(names), -1).sum(axis=1) * reach).sum()
    return total, margin + 4.0 * UNIT * len(names) * float(sizes)
