"""Checks in money, each judged by what is at stake: incentives, participation, budget.

A violation of a type's own constraint is measured in that type's stakes, never in an extreme of
the data, so that one far type hides nothing. What rounding of the mechanism's own numbers explains
is subtracted first: a payment of 1e14 is known to about 0.01.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mechopt._util.arrays import FloatArray, rounding_of_sums
from mechopt._util.rounding import entry_in_figures, told_apart
from mechopt.mechanism.check import Check
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.problem import Budget, DesignProblem
from mechopt.verify.incentives import best_imitation, chain_bound
from mechopt.verify.outcomes import MAX_EX_POST_PROFILES, place_text

MAX_ALL_PAIRS = 4_000
EPS = float(np.finfo(np.float64).eps)


def money_check(
    requirement: str,
    violation: float,
    rounding: float,
    stakes: float,
    tolerance: float,
    where: str,
) -> Check:
    """Return the check of one number in money.

    Examples
    --------
    >>> money_check("budget", 0.5, 0.1, 4.0, 1e-7, "by hand").scaled
    0.1
    """
    beyond = violation - rounding
    scaled = 0.0 if beyond <= 0.0 else beyond / stakes if stakes > 0.0 else np.inf
    return Check(requirement, violation, scaled, tolerance, where)


def own_stakes(problem: DesignProblem, i: int) -> FloatArray:
    """Return what violations of each type's constraints are measured in, above zero, in money."""
    environment = problem.environment
    least = EPS * environment.first_best or float(np.finfo(np.float64).tiny)
    return np.maximum(environment.stakes[i], least)


def check_incentives(
    problem: DesignProblem, mechanism: Mechanism, i: int, tolerance: float
) -> Check:
    """Check all pairs of types, or, of very many, neighbours and what follows for all pairs."""
    agent = problem.environment.agents[i]
    types, stakes = agent.types, own_stakes(problem, i)
    quantity, payment = mechanism.quantity[i], mechanism.payment[i]
    requirement = f"incentive compatibility of {agent.name}"
    if types.num_cells > MAX_ALL_PAIRS:
        chain = chain_bound(types, quantity, payment, stakes)
        where = "no type gains by imitating another, by neighbours and monotonicity"
        if chain.scaled > 0.0:
            where = (
                f"{agent.name} type {chain.type_index} ({types.label(chain.type_index)}) gains at "
                f"most {chain.gain:.3g} by imitating another, by neighbours and monotonicity; the "
                f"step from type {chain.worst_step} ({types.label(chain.worst_step)}) to the next "
                "adds most"
            )
        return Check(requirement, chain.gain, chain.scaled, tolerance, where)
    best = best_imitation(types, quantity, payment, stakes)
    where = "no type gains by imitating another, of all pairs"
    if best.scaled > 0.0 or np.isnan(best.scaled):
        around = types.mean[max(best.type_index - 1, 0) : best.type_index + 2].tolist()
        where = (
            f"{agent.name} type {best.type_index} ({told_apart(best.at, *around)}) gains "
            f"{best.gain:.3g} by imitating type {best.imitated} ({types.label(best.imitated)}), "
            "the most of all pairs beside what the type has at stake"
        )
    return Check(requirement, best.gain, best.scaled, tolerance, where)


def check_participation(
    problem: DesignProblem, mechanism: Mechanism, i: int, tolerance: float
) -> Check:
    """Check that both ends of every cell get at least what they can have by staying out."""
    agent = problem.environment.agents[i]
    types, options = agent.types, agent.option_at_ends
    quantity, payment = mechanism.quantity[i], mechanism.payment[i]
    requirement = f"participation of {agent.name}"
    worst = Check(requirement, -np.inf, 0.0, tolerance, "every type gets its outside option")
    ends = ((types.lower, options[0]), (types.upper, options[1]))
    for end, option in ends[: 1 if types.is_finite else 2]:
        worth = end * quantity
        short = option + payment - worth
        rounding = 4.0 * EPS * (np.abs(worth) + np.abs(payment) + np.abs(option))
        scaled = np.maximum(short - rounding, 0.0) / own_stakes(problem, i)
        cell = int(np.argmax(scaled))
        violation = float(short.max())
        if not scaled[cell] <= worst.scaled:
            where = (
                f"{agent.name} type {cell} ({entry_in_figures(end, cell)}) gets {short[cell]:.3g} "
                "less than its outside option, the most of all types beside what they have at stake"
            )
            worst = Check(requirement, float(short[cell]), float(scaled[cell]), tolerance, where)
        elif worst.scaled == 0.0 and violation > worst.violation:
            worst = Check(requirement, violation, 0.0, tolerance, worst.where)
    return worst


def budget_checks(
    problem: DesignProblem, mechanism: Mechanism, tolerance: float, notes: list[str]
) -> Iterator[Check]:
    """Yield the checks of the budget, ex ante and ex post, and of the two kinds of payment."""
    environment = problem.environment
    scale = environment.first_best
    revenue = size = 0.0
    for mass, payment in zip(environment.masses, mechanism.payment, strict=True):
        revenue += float(mass @ payment)
        size += float(mass @ np.abs(payment))
    cost = mechanism.expected_cost
    surplus = revenue - cost
    sums = 4.0 * EPS + rounding_of_sums(max(environment.shape))
    if problem.budget is not Budget.SUBSIDISED:
        violation = abs(surplus) if problem.budget is Budget.BALANCED else -surplus
        rounding = sums * (size + abs(cost))
        where = "expected payments cover the expected cost"
        if violation > rounding:
            where = f"expected payments {_away_from(surplus, 'the expected cost')}"
        yield money_check("budget ex ante", violation, rounding, scale, tolerance, where)
    if mechanism.ex_post_payment is None and environment.num_profiles > MAX_EX_POST_PROFILES:
        notes.append(
            "Ex post payments were not written out: in this many profiles they follow from the "
            "interim payments, and balance in each exactly if those balance ex ante."
        )
        return
    yield from _ex_post_checks(problem, mechanism, tolerance, sums)


def _away_from(surplus: float, cost: str) -> str:
    """Return, in words, on which side of the cost payments are, and by how much."""
    if surplus < 0.0:
        return f"fall short of {cost} by {-surplus:.3g}"
    return f"exceed {cost} by {surplus:.3g}"


def _ex_post_checks(
    problem: DesignProblem, mechanism: Mechanism, tolerance: float, sums: float
) -> Iterator[Check]:
    environment = problem.environment
    payments = mechanism.ex_post_payments()
    for i, agent in enumerate(environment.agents):
        difference = np.abs(environment.interim(i, payments[i]) - mechanism.payment[i])
        size = environment.interim(i, np.abs(payments[i])) + np.abs(mechanism.payment[i])
        # Written out, a payment carries the rounding of the others' payments in it too.
        size = size + sum(
            float(mass @ np.abs(paid))
            for mass, paid in zip(environment.masses, mechanism.payment, strict=True)
        )
        scaled = np.maximum(difference - sums * size, 0.0) / own_stakes(problem, i)
        cell = int(np.argmax(scaled))
        where = "for every type"
        if not scaled[cell] <= 0.0:
            where = (
                f"{agent.name} type {cell} ({agent.types.label(cell)}): ex post payments average "
                f"{difference[cell]:.3g} away from its interim payment"
            )
        requirement = f"ex post payments of {agent.name} average to its interim payments"
        yield Check(requirement, float(difference[cell]), float(scaled[cell]), tolerance, where)
    if problem.budget is Budget.SUBSIDISED:
        return
    cost = np.tensordot(environment.outcomes.cost, mechanism.allocation.dense(environment), axes=1)
    left = payments.sum(axis=0) - cost
    # Written out, payments are sums and differences of interim ones, and round at their size.
    size = np.abs(payments).sum(axis=0) + np.abs(cost)
    for i, (mass, paid) in enumerate(zip(environment.masses, mechanism.payment, strict=True)):
        shape = [1] * payments[0].ndim
        shape[i] = paid.size
        size = size + np.abs(paid).reshape(shape) + float(mass @ np.abs(paid))
    rounding = sums * size
    short = (np.abs(left) if problem.budget is Budget.BALANCED else -left) - rounding
    worst = int(np.argmax(short))
    where = "payments cover the cost in every profile"
    if not short.flat[worst] <= 0.0:
        place = place_text(problem, worst)
        where = f"payments {_away_from(float(left.flat[worst]), 'the cost')} at {place}"
    violation = float(short.flat[worst] + rounding.flat[worst])
    yield money_check(
        "budget ex post",
        violation,
        float(rounding.flat[worst]),
        environment.first_best,
        tolerance,
        where,
    )
