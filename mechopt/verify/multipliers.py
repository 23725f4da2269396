"""Multipliers as they stand: signs, payments that cancel, and nothing charged for what has room.

:func:`mechopt.program.lagrangian.dual_bound` completes any multipliers, so that its bound holds
whatever they are. What is said of them one by one, such as which constraints bind, holds only if
they are right as they stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.environments import Agent
from mechopt.mechanism.check import Check
from mechopt.mechanism.mechanism import Mechanism
from mechopt.mechanism.money import EPS, own_stakes
from mechopt.problem.budget import Budget
from mechopt.problem.problem import DesignProblem
from mechopt.solution import PointStatus, Solution
from mechopt.verify.row_multipliers import binding_rows, row_checks

# Relative to the largest multiplier, or the gains: what solvers leave of zero.
TOLERANCE = 1e-6
ROUNDING = 64 * EPS
KINDS = ("ic_down", "ic_up", "monotonicity", "participation_lower", "participation_upper")


def multiplier_checks(problem: DesignProblem, solution: Solution) -> tuple[Check, ...]:
    """Check a solution's multipliers as they stand, one by one.

    Parameters
    ----------
    problem
        What was solved.
    solution
        A solution; only multipliers of a mechanism are checked.

    Returns
    -------
    tuple of Check
        Three for each agent, and one for the budget's sign; where there are further requirements,
        or payments are by profile, two for each requirement's rows, and one for each agent's
        payments. Empty where there is nothing to check.

    Notes
    -----
    Source: theory.md, section 5; the Karush-Kuhn-Tucker conditions of the program.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, solve
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> problem = ex_ante_efficiency(BilateralTrade(types, types))
    >>> solution = solve(problem)
    >>> all(check.passed for check in multiplier_checks(problem, solution))
    True
    >>> duals = {**solution.duals, "buyer_ic_up": [0, 0.5, 0, 0, 0]}
    >>> checks = multiplier_checks(problem, replace(solution, duals=duals))
    >>> [check.where for check in checks if not check.passed][0]
    'type 1 (2): weighted by -0.5, not 0'
    """
    if solution.mechanism is None or solution.dual_status is not PointStatus.FEASIBLE:
        return ()
    checks = _checks if problem.is_interim else row_checks
    try:
        # Of an objective that is not linear, the multipliers are those of its tangent.
        tangent = problem.objective.tangent_in(problem.environment, solution.duals)
        if tangent is not None:
            problem = replace(problem, objective=tangent.objective)
        return tuple(checks(problem, solution.mechanism, solution.duals))
    except ValueError as error:
        return (Check("multipliers fit the problem", np.inf, np.inf, 0.0, str(error)),)


def slacks(problem: DesignProblem, mechanism: Mechanism) -> dict[str, FloatArray]:
    """Return how much room a mechanism leaves in each usual constraint, by name, in its own unit.

    Parameters
    ----------
    problem
        The problem.
    mechanism
        A mechanism of its environment.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> from mechopt.cramton1985 import posted_price
    >>> types = TypeSpace.finite([0, 1])
    >>> problem = ex_ante_efficiency(BilateralTrade(types, types))
    >>> room = slacks(problem, posted_price(problem.environment, 0.75))
    >>> room["seller_ic_down"], room["buyer_participation_lower"]
    (array([0.125]), array([0.   , 0.125]))
    """
    room: dict[str, FloatArray] = {}
    for i, agent in enumerate(problem.environment.agents):
        types, quantity, payment = agent.types, mechanism.quantity[i], mechanism.payment[i]
        more, paid = np.diff(quantity), np.diff(payment)
        low, high = agent.option_at_ends
        own = (
            # The lowest type of the upper cell does not imitate the lower one, and so on.
            types.lower[1:] * more - paid,
            paid - types.upper[:-1] * more,
            more,
            types.lower * quantity - payment - low,
            types.upper * quantity - payment - high,
        )
        room |= {f"{agent.name}_{kind}": values for kind, values in zip(KINDS, own, strict=True)}
    return room


def binding(problem: DesignProblem, mechanism: Mechanism) -> dict[str, FloatArray]:
    """Return which constraints have no room, by name, as arrays of zeros and ones.

    Room in money is measured in the stakes of the types concerned.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> from mechopt.cramton1985 import posted_price
    >>> types = TypeSpace.finite([0, 1])
    >>> problem = ex_ante_efficiency(BilateralTrade(types, types))
    >>> binding(problem, posted_price(problem.environment, 0.75))["buyer_participation_lower"]
    array([1., 0.])
    """
    if not problem.is_interim:
        return binding_rows(problem, mechanism)
    room, rounding = slacks(problem, mechanism), _roundings(problem, mechanism)
    found: dict[str, FloatArray] = {}
    for i, agent in enumerate(problem.environment.agents):
        stakes = own_stakes(problem.environment, i)
        steps = np.maximum(stakes[1:], stakes[:-1])
        for name, scale in zip(
            _names(agent), (steps, steps, np.ones(steps.size), stakes, stakes), strict=True
        ):
            without = room[name] <= TOLERANCE * scale + rounding[name]
            found[name] = without.astype(np.float64)
    return found


def _roundings(problem: DesignProblem, mechanism: Mechanism) -> dict[str, FloatArray]:
    """Return what rounding of a mechanism's own numbers can do to the room in each constraint."""
    found: dict[str, FloatArray] = {}
    paid = problem.centred_payments(mechanism.quantity, mechanism.payment)
    # Each payment was divided among all that are paid: it carries their rounding beside its own.
    carried = (
        4.0
        * EPS
        * sum(
            float(mass @ np.abs(payment))
            for mass, payment in zip(problem.environment.masses, paid, strict=True)
        )
    )
    for i, agent in enumerate(problem.environment.agents):
        types, quantity = agent.types, np.abs(mechanism.quantity[i])
        far = np.maximum(np.abs(types.lower), np.abs(types.upper))
        low, high = (np.abs(option) for option in agent.option_at_ends)
        own = far * quantity + np.abs(mechanism.payment[i])
        # A type's report is worth its own type times the other's quantity.
        both = far[1:] + far[:-1]
        steps = own[1:] + own[:-1] + both * (quantity[1:] + quantity[:-1])
        parts = (
            ROUNDING * steps,
            ROUNDING * steps,
            ROUNDING * (quantity[1:] + quantity[:-1]),
            ROUNDING * (own + low) + carried,
            ROUNDING * (own + high) + carried,
        )
        found |= dict(zip(_names(agent), parts, strict=True))
    return found


def _checks(
    problem: DesignProblem, mechanism: Mechanism, duals: Mapping[str, FloatArray]
) -> Iterator[Check]:
    environment, weights = problem.environment, problem.weights
    budget = 0.0
    if problem.budget is not Budget.SUBSIDISED:
        budget = float(_given(duals, "budget", 1)[0])
    largest = max((float(np.abs(v).max(initial=0.0)) for v in duals.values()), default=0.0)
    scale = max(largest, problem.objective.largest_weight)
    if problem.budget is Budget.NO_DEFICIT:
        where = f"{budget:.6g}, where a deficit is ruled out"
        yield Check("the multiplier of the budget", -budget, -budget / scale, TOLERANCE, where)
    room, rounding = slacks(problem, mechanism), _roundings(problem, mechanism)
    # What rounding explains is no room that a multiplier could be charged for.
    spare = {name: np.maximum(values - rounding[name], 0.0) for name, values in room.items()}
    for i, agent in enumerate(environment.agents):
        owed = agent.types.mass * (weights.payment[i] + budget)
        own = {name: _given(duals, name, room[name].size) for name in _names(agent)}
        yield _signs(agent, own, scale)
        yield _payments(agent, own, owed, scale)
        yield _charged(agent, own, spare, problem.objective_scale or scale)


def _signs(agent: Agent, own: Mapping[str, FloatArray], scale: float) -> Check:
    name, values = min(own.items(), key=lambda item: float(item[1].min(initial=0.0)))
    least = float(values.min(initial=0.0))
    where = f"{name}[{int(np.argmin(values))}] is {least:.3g}" if least < 0.0 else "none below 0"
    requirement = f"signs of the multipliers of {agent.name}"
    return Check(requirement, -least, -least / scale, TOLERANCE, where)


def _payments(agent: Agent, own: Mapping[str, FloatArray], owed: FloatArray, scale: float) -> Check:
    """Check that the payment of every type has weight zero in the Lagrangian."""
    down, up, _, lower, upper = own.values()
    net = np.concatenate([[0.0], up - down, [0.0]])
    residual = owed + net[:-1] - net[1:] - lower - upper
    k = int(np.argmax(np.abs(residual)))
    error = abs(float(residual[k]))
    where = "those of every type are weighted by 0"
    if error > ROUNDING * scale:
        where = f"type {k} ({agent.types.label(k)}): weighted by {residual[k]:.3g}, not 0"
    requirement = f"payments of {agent.name} cancel, by its multipliers"
    return Check(requirement, error, error / scale, TOLERANCE, where)


def _charged(
    agent: Agent,
    own: Mapping[str, FloatArray],
    spare: Mapping[str, FloatArray],
    gains: float,
) -> Check:
    """Check that no multiplier charges for a constraint in which there is room."""
    worst, where = 0.0, "no multiplier where there is room"
    for name, values in own.items():
        charged = values * spare[name]
        if charged.size and float(charged.max()) > worst:
            k = int(np.argmax(charged))
            worst = float(charged[k])
            where = f"{name}[{k}] is {values[k]:.3g}, where there is room of {spare[name][k]:.3g}"
    requirement = f"multipliers of {agent.name} where its constraints bind"
    return Check(requirement, worst, worst / gains, TOLERANCE, where)


def _names(agent: Agent) -> list[str]:
    return [f"{agent.name}_{kind}" for kind in KINDS]


def _given(duals: Mapping[str, FloatArray], name: str, size: int) -> FloatArray:
    values = np.asarray(duals.get(name, np.zeros(size)), dtype=np.float64)
    if values.shape != (size,):
        raise ValueError(f"multipliers {name}: expected {size} numbers, got shape {values.shape}")
    return values
