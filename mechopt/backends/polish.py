"""A solver's mechanism without the solver's residuals: feasible to the last digits, or left alone.

A solver meets constraints to its tolerance, which is the same for all types; what a type has at
stake can be less than that. Polishing moves outcomes and payments by no more than such residuals,
so that every type's own constraints hold to rounding, and leaves what is then short to the budget.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.environments import Environment, PowerBound
from mechopt.mechanism.allocation import Allocation, Table
from mechopt.mechanism.counts_rule import CountsPayments, CountsRule, counts_in
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.budget import Budget
from mechopt.problem.participation import UtilityFloor
from mechopt.problem.problem import DesignProblem, Participation

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
        Expected change of the outcome variable that is moved most, a probability.
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
    >>> from mechopt.mechanism.allocation import Table
    >>> from mechopt import BilateralTrade, Mechanism, TypeSpace, ex_ante_efficiency
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
    if not isinstance(mechanism.allocation, Table):
        return Polished(mechanism, 0.0, 0.0, objective_of(problem, mechanism))
    payment = problem.centred_payments(mechanism.quantity, mechanism.payment)
    return polished(problem, mechanism.allocation.dense(problem.environment), payment)


def polished(
    problem: DesignProblem, allocation: FloatArray | Allocation, payment: Sequence[FloatArray]
) -> Polished:
    """Return the mechanism of outcomes and payments, without a solver's residuals.

    Parameters
    ----------
    problem
        What the mechanism is for.
    allocation : array of shape (num_variables, *environment.shape)
        Outcomes of all profiles, or a rule for them without residuals.
    payment
        Interim payments of the centred problem, one array per agent; where payments are by
        profile, those; of identical agents by counts, those of one by own type and state.
    """
    if isinstance(allocation, CountsRule):
        mechanism = _by_counts(problem, allocation, payment[0])
        return Polished(mechanism, 0.0, 0.0, objective_of(problem, mechanism))
    if isinstance(allocation, Allocation):
        return _of_rule(problem, allocation, payment)
    if not _is_of_neighbours(problem):
        mechanism = _as_it_is(problem, allocation, payment)
        return Polished(mechanism, 0.0, 0.0, objective_of(problem, mechanism))
    centred = problem.centred
    environment = centred.environment
    # Of a prescribed outcome no digit is a residual, however small.
    prescribed = problem.prescribed_allocation()
    if prescribed is None:
        after = _monotone(problem, _feasible(environment, allocation))
    else:
        after = prescribed
    quantity = environment.interim_quantities(after)
    paid = [
        _agent_payments(centred, i, quantity[i], np.asarray(payment[i], dtype=np.float64))
        for i in range(len(environment.agents))
    ]
    paid = _balanced(centred, quantity, paid, environment.expected_cost(after))
    moved = np.abs(after - allocation).max(axis=0)
    outcome_moved = environment.expectation(moved)
    payment_moved = max(
        float(mass @ np.abs(new - old))
        for mass, new, old in zip(environment.masses, paid, payment, strict=True)
    )
    # Tangents meet a curve to a tolerance in probability, which times the types is money.
    curved = bool(environment.outcomes.curves)
    scale = environment.payoff_scale if curved else environment.first_best
    allowed = RESIDUAL * (scale or environment.payoff_scale)
    if outcome_moved > RESIDUAL or payment_moved > allowed:
        after, paid, outcome_moved, payment_moved = allocation, list(payment), 0.0, 0.0
        quantity = environment.interim_quantities(after)
    objective = centred.value_of(quantity, paid, environment.expected_cost(after))
    if centred is not problem:
        origin = problem.environment.origin
        paid = [t + origin * q for t, q in zip(paid, quantity, strict=True)]
    mechanism = Mechanism(problem.environment, Table(after), tuple(paid))
    if not problem.objective.is_linear:
        objective = objective_of(problem, mechanism)
    return Polished(mechanism, outcome_moved, payment_moved, objective)


def objective_of(problem: DesignProblem, mechanism: Mechanism) -> float:
    """Return the objective of a mechanism, in money, computed from the problem's data."""
    return problem.value(mechanism)


def _of_rule(problem: DesignProblem, rule: Allocation, payment: Sequence[FloatArray]) -> Polished:
    """Return the mechanism of a rule and payments, without a solver's residuals in these."""
    centred, environment = problem.centred, problem.environment
    quantity = rule.interim_quantities(centred.environment)
    paid: list[FloatArray] = []
    for i, own in enumerate(payment):
        # Of agents whom the program treats as one, one is looked at.
        if i and own is payment[i - 1] and quantity[i] is quantity[i - 1]:
            paid.append(paid[-1])
        else:
            paid.append(_agent_payments(centred, i, quantity[i], np.asarray(own, dtype=np.float64)))
    cost = environment.outcomes.cost_of(quantity, environment.masses)
    assert cost is not None
    paid = _balanced(centred, quantity, paid, cost)
    moved = max(
        float(mass @ np.abs(new - old))
        for mass, new, old in zip(environment.masses, paid, payment, strict=True)
    )
    objective = centred.value_of(quantity, paid, cost)
    if centred is not problem:
        paid = [t + environment.origin * q for t, q in zip(paid, quantity, strict=True)]
    return Polished(Mechanism(environment, rule, tuple(paid)), 0.0, moved, objective)


def _as_it_is(
    problem: DesignProblem, allocation: FloatArray, payment: Sequence[FloatArray]
) -> Mechanism:
    """Return the mechanism with outcomes moved to bounds and curves that they miss by residuals.

    What an outcome that moves is worth to each agent is taken off its payment, so that truthful
    types lose nothing, and what types are owed off all of an agent's payments, so that no lie
    gains; the budget is what is left short.
    """
    environment, by_profile = problem.environment, problem.by_profile
    clean = problem.prescribed_allocation()
    if clean is None:
        clean = _feasible(environment, allocation, snap=0.0)
        clean = np.where(np.abs(clean - allocation) <= RESIDUAL, clean, allocation)
    has_moved = bool((clean != allocation).any())
    paid = []
    for i, agent in enumerate(environment.agents):
        kept = payment[i]
        if has_moved:
            moved = environment.value_in_profiles(i, clean - allocation)
            kept = kept + (moved if by_profile else environment.interim(i, moved))
        expected = environment.interim(i, kept) if by_profile else kept
        room = _room(problem, i, environment.interim_quantity(i, clean))
        lack = float((expected - room).max())
        if by_profile and problem.participation_of(i) is Participation.EX_POST:
            shape = [1] * len(environment.shape)
            shape[i] = -1
            for worth, option in zip(
                environment.value_at_ends(i, clean), agent.option_at_ends, strict=True
            ):
                lack = max(lack, float((option.reshape(shape) + kept - worth).max()))
        if 0.0 < lack <= RESIDUAL * environment.first_best:
            kept = kept - lack
        paid.append(kept)
    if by_profile:
        return Mechanism.of_profiles(environment, Table(clean), np.stack(paid))
    return Mechanism(environment, Table(clean), tuple(paid))


def _by_counts(problem: DesignProblem, rule: CountsRule, payment: FloatArray) -> Mechanism:
    """Return the mechanism of identical agents by counts, moved by residuals alone.

    As in :func:`_as_it_is`: what moves is taken off payments, and what types are owed off them all.
    """
    environment = problem.environment
    agent = environment.agents[0]
    clean = _feasible_by_counts(environment, rule)
    moved = clean.quantity_in(environment) - rule.quantity_in(environment)
    if np.abs(moved).max() > RESIDUAL:
        clean, moved = rule, np.zeros_like(moved)
    kept = payment + agent.types.mean[:, None] * moved
    quantity = clean.interim_quantities(environment)[0]
    expected = CountsPayments(kept).interim(environment)[0]
    lack = float((expected - _room(problem, 0, quantity)).max())
    if problem.participation_of(0) is Participation.EX_POST:
        own = clean.quantity_in(environment)
        ends = (agent.types.lower, agent.types.upper)
        for end, option in zip(ends, agent.option_at_ends, strict=True):
            lack = max(lack, float((option[:, None] + kept - end[:, None] * own).max()))
    if 0.0 < lack <= RESIDUAL * environment.first_best:
        kept = kept - lack
    return Mechanism.of_profiles(environment, clean, CountsPayments(kept))


def _feasible_by_counts(environment: Environment, rule: CountsRule) -> CountsRule:
    """Return outcomes by counts within their bounds, and no more in any state than there is."""
    counted, states = counts_in(environment, "allocation", "not identical agents")
    own, common = (
        None if part is None else np.clip(part, 0.0, 1.0) for part in (rule.own, rule.common)
    )
    if own is not None and common is not None:
        own = np.minimum(own, common[states.joint])
    if own is not None and counted.units is not None:
        total = np.maximum(states.totals(own), float(counted.units))
        own = own * (counted.units / total)[states.joint]
    return CountsRule(own, common)


def _is_of_neighbours(problem: DesignProblem) -> bool:
    """Return whether incentives and what types must get are all that interim payments have to meet.

    What further requirements hold to the last digit, moving outcomes or payments might break.
    """
    floors = all(isinstance(requirement, UtilityFloor) for requirement in problem.requirements)
    return floors and not problem.by_profile


def _feasible(environment: Environment, allocation: FloatArray, snap: float = SNAP) -> FloatArray:
    """Return outcomes within their bounds and linear rows, where residuals are all they miss."""
    outcomes = environment.outcomes
    result = allocation.copy()
    for v, (low, high) in enumerate(zip(outcomes.lower, outcomes.upper, strict=True)):
        values = result[v]
        values[np.abs(values - low) <= snap] = low
        values[np.abs(values - high) <= snap] = high
        np.clip(values, low, high, out=values)
    nothing = outcomes.vertices[0]
    coefficients = [np.array(row.coefficients) for row in outcomes.rows]
    from_zero = not nothing.any() and not outcomes.lower.any()
    for row, own in zip(outcomes.rows, coefficients, strict=True):
        room = row.upper - float(own @ nothing)
        moved = result - nothing.reshape(-1, *[1] * len(environment.shape))
        used = np.tensordot(own, moved, axes=1)
        over = used > room
        # Where nothing leaves no room, what takes some is cut back to what makes some.
        cut = own > 0.0 if room == 0.0 and from_zero else np.ones(own.size, dtype=bool)
        if over.any():
            taken = np.tensordot(own[cut], moved[cut], axes=1)
            share = np.where(over, (room + taken - used) / np.where(over, taken, 1.0), 1.0)
            result[cut] += (share - 1.0) * moved[cut]
    for power in outcomes.curves:
        lowers = all(own[power.bounded] >= 0.0 for own in coefficients)
        raises = all(own[power.base] <= 0.0 for own in coefficients)
        _onto_curve(result, power, lowers=lowers or not raises, raises=raises or not lowers)
    return result


def _onto_curve(outcome: FloatArray, power: PowerBound, *, lowers: bool, raises: bool) -> None:
    """Move outcomes beyond a curved bound onto it, by the variable that has to move less.

    Or by the one that may move, where rows stand against the other.
    """
    base, bounded = outcome[power.base], outcome[power.bounded]
    highest, least = power.height(base), power.reach(bounded)
    beyond = bounded > highest
    sideways = beyond & raises
    if lowers:
        sideways &= least - base < bounded - highest
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
    types = problem.environment.agents[i].types
    room = _room(problem, i, quantity)
    if not problem.has_incentives(i):
        return np.minimum(payment, room)
    if types.num_cells > 1:
        rise = np.diff(quantity)
        steps = np.clip(np.diff(payment), types.upper[:-1] * rise, types.lower[1:] * rise)
        # From the type whose participation is the tightest, so that its own digits stay.
        start = int(np.argmin(room - payment))
        result = payment.copy()
        result[start + 1 :] = result[start] + np.cumsum(steps[start:])
        result[:start] = result[start] - np.cumsum(steps[:start][::-1])[::-1]
    else:
        result = payment.copy()
    return result - max(float((result - room).max()), 0.0)


def _room(problem: DesignProblem, i: int, quantity: FloatArray) -> FloatArray:
    """Return the most that each type can pay and still get what it must get; else infinity."""
    environment = problem.environment
    agent = environment.agents[i]
    levels = [agent.option_at_ends] if problem.has_participation(i) else []
    levels += [
        (floor.lower, floor.at_upper)
        for floor in problem.requirements
        if isinstance(floor, UtilityFloor) and floor.agent == agent.name
    ]
    types, room = agent.types, np.full(agent.types.num_cells, np.inf)
    known = environment.has_net_quantity(i)
    for lower, upper in levels:
        if known:
            ends = np.minimum(types.lower * quantity - lower, types.upper * quantity - upper)
        else:
            ends = environment.worth_of(i, quantity) - lower
        room = np.minimum(room, ends)
    return room


def _balanced(
    problem: DesignProblem,
    quantity: Sequence[FloatArray],
    payment: list[FloatArray],
    expected_cost: float,
) -> list[FloatArray]:
    """Return payments that cover the cost, as far as agents have room to pay more.

    A surplus goes to the agent whose money weighs most. What is short is paid by those who have
    room, the one whose money weighs least first, so that no objective is paid for by a deficit.
    """
    if problem.budget is Budget.SUBSIDISED:
        return payment
    masses = problem.environment.masses
    surplus = sum(float(mass @ paid) for mass, paid in zip(masses, payment, strict=True))
    surplus -= expected_cost
    weights = [float(values.mean()) for values in problem.weights.payment]
    order = sorted(range(len(weights)), key=lambda i: -weights[i])
    result = list(payment)
    if surplus > 0.0:
        if problem.budget is Budget.BALANCED:
            result[order[-1]] = result[order[-1]] - surplus
        return result
    for i in order:
        room = max(float((_room(problem, i, quantity[i]) - result[i]).min()), 0.0)
        paid = min(-surplus, room)
        result[i] = result[i] + paid
        surplus += paid
        if surplus >= 0.0:
            break
    return result
