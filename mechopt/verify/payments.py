"""Checks of the two kinds of payment of a mechanism: interim ones, and those of every profile."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mechopt._util.arrays import FloatArray, rounding_of_sums
from mechopt.environments import Environment
from mechopt.mechanism.check import Check
from mechopt.mechanism.counts_rule import CountsPayments
from mechopt.mechanism.mechanism import Mechanism
from mechopt.mechanism.money import EPS, own_stakes
from mechopt.problem.budget import Budget, Holds, check_every_profile
from mechopt.problem.problem import DesignProblem
from mechopt.verify.outcomes import MAX_EX_POST_PROFILES


def payment_checks(
    problem: DesignProblem, mechanism: Mechanism, tolerance: float, notes: list[str]
) -> Iterator[Check]:
    """Yield the checks that payments of profiles average to interim ones, and cover the cost."""
    environment = problem.environment
    few = environment.has_few_profiles(MAX_EX_POST_PROFILES)
    if mechanism.ex_post_payment is None and not few:
        notes.append(
            "Ex post payments were not written out: in this many profiles they follow from the "
            "interim payments, and balance in each exactly if those balance ex ante."
        )
        return
    sums = 4.0 * EPS + rounding_of_sums(max(environment.shape))
    if mechanism.by_counts is not None:
        averages = mechanism.by_counts.interim(environment)
        sizes = CountsPayments(np.abs(mechanism.by_counts.values)).interim(environment)
        for i in range(len(environment.agents)):
            difference = np.abs(averages[i] - mechanism.payment[i])
            size = sizes[i] + np.abs(mechanism.payment[i])
            yield _averages_check(environment, i, difference, sums * size, tolerance)
        return
    payments = mechanism.ex_post_payments()
    scratch = np.empty(environment.shape)
    for i in range(len(environment.agents)):
        difference = np.abs(environment.interim(i, payments[i]) - mechanism.payment[i])
        np.abs(payments[i], out=scratch)
        size = environment.interim(i, scratch) + np.abs(mechanism.payment[i])
        # Written out, a payment carries the rounding of the others' payments in it too.
        size = size + sum(
            float(mass @ np.abs(paid))
            for mass, paid in zip(environment.masses, mechanism.payment, strict=True)
        )
        yield _averages_check(environment, i, difference, sums * size, tolerance)
    # Payments made from interim ones balance in every profile if those balance on average; the
    # requirement looks at others itself.
    made = not problem.by_profile and len(environment.agents) > 1
    looked_at = problem.budget_holds is Holds.EX_POST and mechanism.ex_post_payment is not None
    if problem.budget is not Budget.SUBSIDISED and made and not looked_at:
        yield check_every_profile(
            environment, mechanism, Budget(problem.budget), tolerance, payments
        )


def _averages_check(
    environment: Environment,
    i: int,
    difference: FloatArray,
    rounding: FloatArray,
    tolerance: float,
) -> Check:
    """Judge how far an agent's payments of profiles average away from its interim payments."""
    agent = environment.agents[i]
    scaled = np.maximum(difference - rounding, 0.0) / own_stakes(environment, i)
    cell = int(np.argmax(scaled))
    where = "for every type"
    if not scaled[cell] <= 0.0:
        where = (
            f"{agent.name} type {cell} ({agent.types.label(cell)}): ex post payments average "
            f"{difference[cell]:.3g} away from its interim payment"
        )
    requirement = f"ex post payments of {agent.name} average to its interim payments"
    return Check(requirement, float(difference[cell]), float(scaled[cell]), tolerance, where)
