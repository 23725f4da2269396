"""The Lagrangian in fractions: what floats leave open, decided without rounding.

Floats are rationals, so every number of a problem, and every multiplier, is taken as exactly what
its float is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import accumulate
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.problem.budget import Budget
from mechopt.problem.numbers import AgentNumbers, Numbers
from mechopt.problem.problem import DesignProblem
from mechopt.program.numbers import in_binary

MAX_PROFILES = 10_000


def fits_fractions(problem: DesignProblem) -> bool:
    """Return whether fractions take no longer than a second or so, and are all that is needed."""
    environment = problem.environment
    small = environment.has_few_profiles(MAX_PROFILES)
    return small and problem.is_interim and not environment.outcomes.curves


def above(value: Fraction) -> float:
    """Return the least float that is not below a fraction.

    Examples
    --------
    >>> above(Fraction(1, 2)), above(Fraction(1, 3)) > Fraction(1, 3)
    (0.5, True)
    """
    near = float(value)
    return near if Fraction(near) >= value else math.nextafter(near, math.inf)


def exact_lagrangian(
    problem: DesignProblem, duals: Mapping[str, FloatArray], *, objective: bool = True
) -> Fraction | None:
    """Return the maximum of the Lagrangian at multipliers completed without rounding.

    Parameters
    ----------
    problem
        A problem without curved bounds.
    duals
        Multipliers named as in :class:`mechopt.Solution`; negative ones count as zero.
    objective
        Whether the objective counts; without it, a negative maximum proves infeasibility.

    Returns
    -------
    Fraction or None
        A bound on what is maximised; None if no completion exists.

    Notes
    -----
    Source: theory.md, section 5.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite([0, 1])
    >>> problem = ex_ante_efficiency(BilateralTrade(types, types))
    >>> exact_lagrangian(problem, {"budget": np.array([1.0])})
    Fraction(1, 4)
    """
    numbers = in_binary(problem)
    if not objective:
        numbers = _without_objective(numbers)
    budget = _budget_multiplier(problem, numbers, duals)
    if budget is None:
        return None
    constant = Fraction(0)
    values = []
    for i, agent in enumerate(numbers.agents):
        value = _values(problem, i, agent, budget, duals)
        if value is None:
            return None
        values.append(value[0])
        constant -= value[1]
    return constant + _best_outcome(numbers, values, budget - numbers.cost_weight)


def _without_objective(numbers: Numbers) -> Numbers:
    from dataclasses import replace

    agents = tuple(
        replace(
            agent,
            quantity_weight=0 * agent.quantity_weight,
            payment_weight=0 * agent.payment_weight,
        )
        for agent in numbers.agents
    )
    return replace(numbers, agents=agents, cost_weight=Fraction(0))


def _budget_multiplier(
    problem: DesignProblem, numbers: Numbers, duals: Mapping[str, FloatArray]
) -> Fraction | None:
    """Return the budget's multiplier, moved as little as needed for the payments to drop out."""
    subsidised = problem.budget is Budget.SUBSIDISED
    given = Fraction(0) if subsidised else _read(duals, "budget", 1)[0]
    if problem.budget is Budget.NO_DEFICIT:
        given = max(given, Fraction(0))
    totals = [sum(agent.mass, Fraction(0)) for agent in numbers.agents]
    # Masses are floats, and need not sum to one exactly; payments weigh what they are.
    means = [
        agent.mass @ agent.payment_weight / total
        for agent, total in zip(numbers.agents, totals, strict=True)
    ]
    least = [
        mean if problem.has_incentives(i) else min(numbers.agents[i].payment_weight)
        for i, mean in enumerate(means)
    ]
    bound = [mean for i, mean in enumerate(means) if not problem.has_participation(i)]
    if not bound:
        if subsidised:
            return given if min(least) >= 0 else None
        return Fraction(max(given, -min(least)))
    if max(bound) != min(bound) or min(means) < bound[0]:
        return None
    if problem.budget is Budget.BALANCED:
        return Fraction(-bound[0])
    if problem.budget is Budget.NO_DEFICIT:
        return Fraction(-bound[0]) if bound[0] <= 0 else None
    return Fraction(0) if bound[0] == 0 else None


def _values(
    problem: DesignProblem,
    i: int,
    agent: AgentNumbers,
    budget: Fraction,
    duals: Mapping[str, FloatArray],
) -> tuple[list[Fraction], Fraction] | None:
    """Return what each type's net quantity is worth, and what its outside options cost."""
    size = len(agent.mass)
    owed = list(agent.mass * (agent.payment_weight + budget))
    lower = [max(x, Fraction(0)) for x in _read(duals, f"{agent.name}_participation_lower", size)]
    upper = [max(x, Fraction(0)) for x in _read(duals, f"{agent.name}_participation_upper", size)]
    if not problem.has_participation(i):
        lower, upper = [Fraction(0)] * size, [Fraction(0)] * size
    elif problem.has_incentives(i):
        total, needed = sum(lower) + sum(upper), sum(owed)
        if needed < 0:
            return None
        if total > 0:
            lower, upper = ([x * needed / total for x in part] for part in (lower, upper))
        else:
            lower[0] = Fraction(needed)
    else:
        if min(owed) < 0:
            return None
        for k, (low, high) in enumerate(zip(lower, upper, strict=True)):
            share = low / (low + high) if low + high > 0 else Fraction(1)
            lower[k], upper[k] = share * owed[k], (1 - share) * owed[k]
    rest = [o - low - high for o, low, high in zip(owed, lower, upper, strict=True)]
    up = down = mono = [Fraction(0)] * (size - 1)
    if problem.has_incentives(i):
        net = list(accumulate(rest))
        if net[-1] != 0:
            return None
        given_down = _read(duals, f"{agent.name}_ic_down", size - 1)
        given_up = _read(duals, f"{agent.name}_ic_up", size - 1)
        common = [max(min(d, u), Fraction(0)) for d, u in zip(given_down, given_up, strict=True)]
        up = [c + max(x, Fraction(0)) for c, x in zip(common, net[:-1], strict=True)]
        down = [c + max(-x, Fraction(0)) for c, x in zip(common, net[:-1], strict=True)]
        mono = [max(x, Fraction(0)) for x in _read(duals, f"{agent.name}_monotonicity", size - 1)]
    elif any(rest):
        return None
    values = []
    for k in range(size):
        total = agent.lower[k] * lower[k] + agent.upper[k] * upper[k]
        if k > 0:
            total += agent.lower[k] * down[k - 1] - agent.upper[k - 1] * up[k - 1] + mono[k - 1]
        if k < size - 1:
            total += agent.upper[k] * up[k] - agent.lower[k + 1] * down[k] - mono[k]
        values.append(agent.quantity_weight[k] + total / agent.mass[k])
    option = sum((x * o for x, o in zip(lower, agent.option_lower, strict=True)), Fraction(0))
    option += sum((x * o for x, o in zip(upper, agent.option_upper, strict=True)), Fraction(0))
    return values, option


def _best_outcome(
    numbers: Numbers, values: Sequence[Sequence[Fraction]], price: Fraction
) -> Fraction:
    """Return the expected worth of the best corner, or of the prescribed outcome, by profile."""
    outcomes = numbers.outcomes
    shape = tuple(map(len, values))
    corners = [
        (outcomes.net_quantity @ corner, price * (outcomes.cost @ corner))
        for corner in outcomes.vertices
    ]
    total = Fraction(0)
    for profile in np.ndindex(*shape):
        if numbers.prescribed is not None:
            outcome = numbers.prescribed[(slice(None), *profile)]
            options: Any = [(outcomes.net_quantity @ outcome, price * (outcomes.cost @ outcome))]
        else:
            options = corners
        best = max(
            sum((q * values[i][k] for i, (q, k) in enumerate(zip(net, profile, strict=True)) if q),
                -cost)
            for net, cost in options
        )  # fmt: skip
        if best:
            mass = Fraction(1)
            for agent, k in zip(numbers.agents, profile, strict=True):
                mass *= agent.mass[k]
            total += mass * best
    return total


def _read(duals: Mapping[str, FloatArray], name: str, size: int) -> list[Fraction]:
    values = np.asarray(duals.get(name, np.zeros(size)), dtype=np.float64)
    if values.shape != (size,):
        raise ValueError(f"multipliers {name}: expected {size} numbers, got shape {values.shape}")
    return [Fraction(value) for value in values.tolist()]
