"""What multipliers of further requirements add to the objective of an interim program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.problem.budget import Budget
from mechopt.problem.objectives import ObjectiveWeights
from mechopt.problem.problem import DesignProblem
from mechopt.program.frames import frame_of
from mechopt.program.numbers import in_floats
from mechopt.program.standard_form import Program, ProgramBuilder, StandardForm

UNIT = 0.5 * float(np.finfo(np.float64).eps)


@dataclass(frozen=True, eq=False)
class Penalties:
    """Multipliers times the rows of further requirements, as weights on what they hold.

    Parameters
    ----------
    weights
        The objective's weights with those of interim quantities and payments added.
    outcome : array (num_variables, *shape), optional
        What is added per unit of each variable in every profile, probabilities included.
    constant
        What is added whatever the mechanism.
    margin
        What rounding may make of it.
    """

    weights: ObjectiveWeights
    outcome: FloatArray | None
    constant: float
    margin: float


def penalised(
    problem: DesignProblem, weights: ObjectiveWeights, duals: Mapping[str, FloatArray]
) -> Penalties:
    """Return an objective with further requirements added, each times its multiplier.

    Whatever the multipliers of at least zero, no mechanism that meets the requirements is worth
    less with them added, so that a bound on the sum is a bound on the objective.

    Raises
    ------
    ValueError
        For an array of the wrong length.
    """
    if not problem.requirements:
        return Penalties(weights, None, 0.0, 0.0)
    frame = frame_of(problem, in_floats(problem))
    build = ProgramBuilder()
    for own in frame.variables():
        build.variables(own.name, own.shape, own.axes, lower=own.lower, upper=own.upper)
    for requirement in problem.requirements:
        for rows in requirement.rows(frame):
            build.add(rows)
    program = build.finish()
    form = program.as_standard_form()
    multipliers = np.zeros(form.matrix.shape[0])
    for name, block in program.constraints.items():
        values = block.gathered(duals[name]) if name in duals else np.zeros(block.size)
        equations = bool((block.of(form.row_lower) == block.of(form.row_upper)).all())
        multipliers[block.start : block.start + block.size] = (
            values if equations else np.maximum(values, 0.0)
        )
    multipliers = _agreeing(problem, weights, program, form, multipliers)
    added = form.matrix.T @ multipliers
    size = abs(form.matrix).T @ np.abs(multipliers)
    blocks, environment = program.variables, problem.environment
    names = environment.outcomes.variables
    outcome = np.stack([blocks[name].of(added) for name in names])
    relative = UNIT * (form.matrix.shape[0] + 4)
    reach = np.maximum(np.abs(environment.outcomes.lower), np.abs(environment.outcomes.upper))
    margin = relative * float(
        sum(most * blocks[name].of(size).sum() for name, most in zip(names, reach, strict=True))
        + np.abs(multipliers) @ np.abs(form.row_lower)
    )
    quantity, payment = [], []
    largest = np.abs(environment.outcomes.net_quantity) @ reach
    for i, (agent, mass) in enumerate(zip(environment.agents, environment.masses, strict=True)):
        on_quantity = blocks[f"{agent.name}_quantity"].of(added)
        on_payment = blocks[f"{agent.name}_payment"].of(added)
        quantity.append(weights.quantity[i] + on_quantity / mass)
        payment.append(weights.payment[i] + on_payment / mass)
        margin += relative * float(largest[i] * blocks[f"{agent.name}_quantity"].of(size).sum())
    return Penalties(
        replace(weights, quantity=tuple(quantity), payment=tuple(payment)),
        outcome if outcome.any() else None,
        -float(multipliers @ form.row_lower),
        margin,
    )


def _agreeing(
    problem: DesignProblem,
    weights: ObjectiveWeights,
    program: Program,
    form: StandardForm,
    multipliers: FloatArray,
) -> FloatArray:
    """Return multipliers scaled until all payments weigh alike of agents that cannot stay out.

    What the budget takes off an agent's payments is the same for all, so that weights which
    differ by a solver's residual would leave payments that no requirement bounds. An agent's
    own floors are scaled to what it takes; the bound counts them as they are then.
    """
    environment = problem.environment
    committed = [i for i in range(len(environment.agents)) if not problem.has_participation(i)]
    if not committed:
        return multipliers
    on_payment = [
        np.asarray(form.matrix[:, block.start : block.start + block.size].sum(axis=1)).ravel()
        for block in (program.variables[f"{agent.name}_payment"] for agent in environment.agents)
    ]
    touched = np.add.reduce([sums != 0.0 for sums in on_payment], dtype=np.intp)
    inequality = form.row_lower != form.row_upper
    totals = [float(mass.sum()) for mass in environment.masses]
    means = [
        float(mass @ weight + sums @ multipliers) / total
        for mass, weight, sums, total in zip(
            environment.masses, weights.payment, on_payment, totals, strict=True
        )
    ]
    floors = [np.flatnonzero((sums < 0.0) & (touched == 1) & inequality) for sums in on_payment]
    fixed = [means[i] for i in committed if not floors[i].size]
    target = fixed[0] if fixed else min(means)
    if problem.budget is Budget.SUBSIDISED:
        target = 0.0
    elif problem.budget is Budget.NO_DEFICIT:
        target = min(target, 0.0)
    multipliers = multipliers.copy()
    for i in committed:
        own = floors[i]
        share = float(on_payment[i][own] @ multipliers[own]) / totals[i]
        needed = share + target - means[i]
        if not own.size or needed > 0.0:
            continue
        if share < 0.0:
            multipliers[own] *= needed / share
        else:
            multipliers[own[0]] = needed * totals[i] / on_payment[i][own[0]]
    return multipliers
