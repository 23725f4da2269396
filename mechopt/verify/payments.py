"""Checks of the two kinds of payment of a mechanism: interim ones, and those of every profile."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mechopt._util.arrays import rounding_of_sums
from mechopt.mechanism.check import Check
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
    if mechanism.ex_post_payment is None and environment.num_profiles > MAX_EX_POST_PROFILES:
        notes.append(
            "Ex post payments were not written out: in this many profiles they follow from the "
            "interim payments, and balance in each exactly if those balance ex ante."
        )
        return
    sums = 4.0 * EPS + rounding_of_sums(max(environment.shape))
    payments = mechanism.ex_post_payments()
    scratch = np.empty(environment.shape)
    for i, agent in enumerate(environment.agents):
        difference = np.abs(environment.interim(i, payments[i]) - mechanism.payment[i])
        np.abs(payments[i], out=scratch)
        size = environment.interim(i, scratch) + np.abs(mechanism.payment[i])
        # Written out, a payment carries the rounding of the others' payments in it too.
        size = size + sum(
            float(mass @ np.abs(paid))
            for mass, paid in zip(environment.masses, mechanism.payment, strict=True)
        )
        scaled = np.maximum(difference - sums * size, 0.0) / own_stakes(environment, i)
        cell = int(np.argmax(scaled))
        where = "for every type"
        if not scaled[cell] <= 0.0:
            where = (
                f"{agent.name} type {cell} ({agent.types.label(cell)}): ex post payments average "
                f"{difference[cell]:.3g} away from its interim payment"
            )
        requirement = f"ex post payments of {agent.name} average to its interim payments"
        yield Check(requirement, float(difference[cell]), float(scaled[cell]), tolerance, where)
    # Payments made from interim ones balance in every profile if those balance on average; the
    # requirement looks at others itself.
    made = not problem.by_profile and len(environment.agents) > 1
    looked_at = problem.budget_holds is Holds.EX_POST and mechanism.ex_post_payment is not None
    if problem.budget is not Budget.SUBSIDISED and made and not looked_at:
        yield check_every_profile(
            environment, mechanism, Budget(problem.budget), tolerance, payments
        )
