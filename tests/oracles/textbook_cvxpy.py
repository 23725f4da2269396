"""The program of a design problem as textbooks state it, in cvxpy, by hand.

No type gains by reporting any other, types are compared one by one, and nothing is shared with
``mechopt.program``. It was the package's own cvxpy model before backends became translators of one
description; now it is what they are checked against.
"""

from __future__ import annotations

import functools

import cvxpy as cp
import numpy as np


def textbook_model(problem):
    """Return a ``cvxpy.Problem`` whose value is the problem's optimum.

    The prior is independent, and payments are interim payments.
    """
    environment, outcomes, weights = (
        problem.environment,
        problem.environment.outcomes,
        problem.weights,
    )
    prescribed = problem.prescribed_allocation()
    if prescribed is None:
        outcome = [cp.Variable(environment.shape, name=name) for name in outcomes.variables]
    else:
        outcome = [cp.Constant(values) for values in prescribed]
    constraints = [] if prescribed is not None else outcome_constraints(outcomes, outcome)
    probability = functools.reduce(np.multiply.outer, environment.masses)
    cost = sum(
        price * cp.sum(cp.multiply(probability, variable))
        for price, variable in zip(outcomes.cost, outcome, strict=True)
        if price
    )
    gain, revenue = weights.cost * cost, -cost
    for i, agent in enumerate(environment.agents):
        mass = agent.types.mass
        quantity = interim_quantity(environment, outcome, i)
        payment = cp.Variable(agent.types.num_cells, name=f"{agent.name}_payment")
        gain += (mass * weights.quantity[i]) @ quantity + (mass * weights.payment[i]) @ payment
        revenue += mass @ payment
        for theta in (agent.types.lower, agent.types.upper):
            if problem.has_incentives(i):
                constraints += incentive_constraints(theta, quantity, payment)
            if problem.has_participation(i):
                worth = cp.multiply(theta, quantity) - payment
                constraints.append(worth >= agent.outside_option(theta))
    if problem.budget == "balanced":
        constraints.append(revenue == 0)
    elif problem.budget == "no-deficit":
        constraints.append(revenue >= 0)
    maximise = problem.objective.sign > 0
    return cp.Problem(cp.Maximize(gain) if maximise else cp.Minimize(-gain), constraints)


def outcome_constraints(outcomes, outcome):
    """Return what must hold of the outcome in every profile: bounds, rows and curves."""
    constraints = []
    for variable, low, high in zip(outcome, outcomes.lower, outcomes.upper, strict=True):
        constraints += [variable >= low, variable <= high]
    for row in outcomes.rows:
        total = sum(c * v for c, v in zip(row.coefficients, outcome, strict=True) if c)
        constraints.append(total <= row.upper)
    for power in outcomes.curves:
        base, bounded = cp.vec(outcome[power.base], "C"), cp.vec(outcome[power.bounded], "C")
        constraints.append(cp.PowCone3D(base, np.ones(base.size), bounded, power.exponent))
    return constraints


def interim_quantity(environment, outcome, agent):
    """Return E[net quantity | own type], by a sum over the others' types."""
    masses = list(environment.masses)
    masses[agent] = np.ones(environment.shape[agent])
    weight = functools.reduce(np.multiply.outer, masses)
    coefficients = environment.outcomes.net_quantity[agent]
    net = sum(c * variable for c, variable in zip(coefficients, outcome, strict=True) if c)
    others = tuple(axis for axis in range(len(masses)) if axis != agent)
    return cp.sum(cp.multiply(weight, net), axis=others)


def incentive_constraints(theta, quantity, payment):
    """Return that no type in ``theta`` gains by any report, for all pairs of types."""
    return [
        value * quantity[k] - payment[k] >= value * quantity - payment
        for k, value in enumerate(theta)
    ]


def textbook_optimum(problem):
    """Return the optimum; infinite, of the sign that it has for a solver, where there is none."""
    curved = problem.environment.outcomes.curves and not problem.prescribes_allocation
    model = textbook_model(problem)
    if curved:
        model.solve(solver=cp.CLARABEL)
    else:
        model.solve(solver=cp.HIGHS, canon_backend="SCIPY", small_matrix_value=1e-12)
    return float(model.value)
