"""A solver's mechanism without the solver's residuals: feasible to the last digits, or left alone.

A solver meets constraints to its tolerance, which is the same for all types; what a type has at
stake can be less than that. Polishing moves outcomes and payments by no more than such residuals,
so that every type's own constraints hold to rounding, and leaves what is then short to the budget.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mechopt.allocation import Table
from mechopt.arrays import FloatArray
from mechopt.environments import Environment, PowerBound
from mechopt.mechanism import Mechanism
from mechopt.problem import Budget, DesignProblem

# Residuals of solvers are below this: probabilities as they are, money in first bests.
RESIDUAL = 1e-6
# Outcomes this near to a bound are at the bound.
SNAP = 1e-9
MAX_POOLINGS = 50


@dataclass(frozen=True)
class Polished:
    """A mechanism without residuals, and how far it was moved.

    Parameters
    ----------
    mechanism
        The mechanism; the one given where it could not be polished.
    outcome_moved
        Largest change of an outcome variable, a probability.
    payment_moved
        Largest change of an expected payment, in money.
    objective
        The objective of the mechanism, before its payments are rounded at their distance from
        the origin of money.
    """

    mechanism: Mechanism
    outcome_moved: float
    payment_moved: float
    objective: float


def polish(problem: DesignProblem, mechanism: Mechanism) -> Polished:
    """Return the mechanism with a solver's residuals removed.

    Outcomes are moved to the bounds that they miss by a residual, neighbouring types whose net
    quantities fall by one are given the average of their outcomes, steps of payments are moved into
    the interval that neighbours' incentives allow, and all payments of an agent down by what
    participation lacks. A surplus that this leaves goes to the agent whose money weighs most; a
    deficit stays, to be judged by the audit.

    Parameters
    ----------
    problem
        What the mechanism is for.
    mechanism
        A mechanism with a table of outcomes, by a solver; other mechanisms are returned as they
        are.

    Returns
    -------
    Polished
        The same mechanism if more than residuals would have to move.

    Notes
    -----
    Source: theory.md, section 1 (neighbouring incentives) and 3.4 (payments from quantities).

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite([0, 1])
    >>> trade = BilateralTrade(types, types)
    >>> rough = Mechanism(
    ...     trade, Table([[[-1e-10, 1.0], [0.0, 1e-10]]]), ([-0.25, 1e-10], [0.0, 0.25])
    ... )
    >>> clean = polish(ex_ante_efficiency(trade), rough).mechanism
    >>> clean.allocation.dense(trade)[0], clean.payment_of("seller")
    (array([[0., 1.],
           [0., 0.]]), array([-0.25,  0.  ]))
    """
    unmoved = Polished(mechanism, 0.0, 0.0, objective_of(problem, mechanism))
    if not isinstance(mechanism.allocation, Table):
        return unmoved
    centred = problem.centred
    environment = centred.environment
    before = mechanism.allocation.dense(problem.environment)
    after = _feasible(environment, before)
    if not problem.prescribes_allocation:
        after = _monotone(problem, after)
    quantity = environment.interim_quantities(after)
    given = problem.centred_payments(mechanism.quantity, mechanism.payment)
    payment = [
        _agent_payments(centred, i, quantity[i], np.asarray(given[i], dtype=np.float64))
        for i in range(len(environment.agents))
    ]
    payment = _give_back(centred, after, payment)
    outcome_moved = float(np.abs(after - before).max(initial=0.0))
    payment_moved = max(
        float(mass @ np.abs(new - old))
        for mass, new, old in zip(environment.masses, payment, given, strict=True)
    )
    small = payment_moved <= RESIDUAL * max(environment.first_best, environment.payoff_scale)
    if outcome_moved > RESIDUAL or not small:
        return unmoved
    cost = environment.expected_cost(after)
    objective = centred.value_of(quantity, payment, cost)
    if centred is not problem:
        origin = problem.environment.origin
        payment = [t + origin * q for t, q in zip(payment, quantity, strict=True)]
    polished = Mechanism(problem.environment, Table(after), tuple(payment))
    return Polished(polished, outcome_moved, payment_moved, objective)


def objective_of(problem: DesignProblem, mechanism: Mechanism) -> float:
    """Return the objective of a mechanism, in money, computed from the problem's data."""
    return problem.value_of(mechanism.quantity, mechanism.payment, mechanism.expected_cost)


def _feasible(environment: Environment, allocation: FloatArray) -> FloatArray:
    """Return outcomes within their bounds and linear rows, where residuals are all they miss."""
    outcomes = environment.outcomes
    result = allocation.copy()
    for v, (low, high) in enumerate(zip(outcomes.lower, outcomes.upper, strict=True)):
        values = result[v]
        values[np.abs(values - low) <= SNAP] = low
        values[np.abs(values - high) <= SNAP] = high
        np.clip(values, low, high, out=values)
    nothing = outcomes.vertices[0]
    for row in outcomes.rows:
        coefficients = np.array(row.coefficients)
        room = row.upper - float(coefficients @ nothing)
        moved = result - nothing.reshape(-1, *[1] * len(environment.shape))
        used = np.tensordot(coefficients, moved, axes=1)
        over = used > room
        if over.any():
            share = np.where(over, room / np.where(over, used, 1.0), 1.0)
            result += (share - 1.0) * moved
    for power in outcomes.power_bounds:
        _onto_curve(result, power)
    return result


def _onto_curve(outcome: FloatArray, power: PowerBound) -> None:
    """Move outcomes beyond a curved bound onto it, by the variable that has to move less."""
    base, bounded = outcome[power.base], outcome[power.bounded]
    highest = base**power.exponent
    least = bounded ** (1.0 / power.exponent)
    beyond = bounded > highest
    sideways = beyond & (least - base < bounded - highest)
    base[sideways] = least[sideways]
    bounded[beyond & ~sideways] = highest[beyond & ~sideways]


def _monotone(problem: DesignProblem, allocation: FloatArray) -> FloatArray:
    """Return outcomes averaged over neighbouring types whose net quantities fall."""
    environment = problem.environment
    for i, mass in enumerate(environment.masses):
        if not problem.has_incentives(i):
            continue
        for _ in range(MAX_POOLINGS):
            quantity = environment.interim_quantities(allocation)[i]
            falls = np.diff(quantity) < 0
            if not falls.any() or float(np.diff(quantity).min()) < -RESIDUAL:
                break
            allocation = _pooled(allocation, i + 1, mass, _blocks(quantity, mass))
    return allocation


def _blocks(quantity: FloatArray, mass: FloatArray) -> list[slice]:
    """Return runs of types to average so that quantities do not fall (pool adjacent violators)."""
    blocks: list[tuple[int, int, float, float]] = []
    for k in range(quantity.size):
        start, value, weight = k, float(quantity[k]), float(mass[k])
        while blocks and blocks[-1][2] > value:
            start, _, before, heavy = blocks.pop()
            value = (before * heavy + value * weight) / (heavy + weight)
            weight += heavy
        blocks.append((start, k + 1, value, weight))
    return [slice(start, stop) for start, stop, _, _ in blocks if stop > start + 1]


def _pooled(
    allocation: FloatArray, axis: int, mass: FloatArray, blocks: Sequence[slice]
) -> FloatArray:
    result = np.moveaxis(allocation.copy(), axis, 0)
    for block in blocks:
        weights = mass[block] / mass[block].sum()
        result[block] = np.tensordot(weights, result[block], axes=(0, 0))
    return np.ascontiguousarray(np.moveaxis(result, 0, axis))


def _agent_payments(
    problem: DesignProblem, i: int, quantity: FloatArray, payment: FloatArray
) -> FloatArray:
    """Return payments that meet the agent's incentives and participation, near the given ones."""
    agent = problem.environment.agents[i]
    types, options = agent.types, agent.option_at_ends
    room = np.minimum(types.lower * quantity - options[0], types.upper * quantity - options[1])
    if not problem.has_incentives(i):
        return np.minimum(payment, room) if problem.has_participation(i) else payment
    if types.num_cells > 1:
        rise = np.diff(quantity)
        steps = np.clip(np.diff(payment), types.upper[:-1] * rise, types.lower[1:] * rise)
        # From the type whose participation is the tightest, so that its own digits stay.
        start = int(np.argmin(room - payment)) if problem.has_participation(i) else 0
        result = payment.copy()
        result[start + 1 :] = result[start] + np.cumsum(steps[start:])
        result[:start] = result[start] - np.cumsum(steps[:start][::-1])[::-1]
    else:
        result = payment.copy()
    if problem.has_participation(i):
        result = result - max(float((result - room).max()), 0.0)
    return result


def _give_back(
    problem: DesignProblem, allocation: FloatArray, payment: list[FloatArray]
) -> list[FloatArray]:
    """Return payments whose surplus, if there is one, goes to the agent whose money weighs most."""
    if problem.budget is not Budget.BALANCED:
        return payment
    environment = problem.environment
    surplus = sum(
        float(mass @ paid) for mass, paid in zip(environment.masses, payment, strict=True)
    )
    if environment.outcomes.cost.any():
        surplus -= environment.expected_cost(allocation)
    weights = [float(values.mean()) for values in problem.weights.payment]
    free = [i for i in range(len(weights)) if not problem.has_participation(i)]
    # A deficit can be paid only by somebody who cannot stay out.
    receiver = int(np.argmin(weights)) if surplus > 0 else (free[0] if free else None)
    if receiver is None:
        return payment
    result = list(payment)
    result[receiver] = result[receiver] - surplus
    return result
