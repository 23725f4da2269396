"""How large the numbers are that printed figures are differences of, and what rounds with them."""

from __future__ import annotations

import numpy as np

from mechopt.solution import Solution

# Half a unit of the sixth figure.
FIGURES = 5e-7


def sums_of(solution: Solution) -> float:
    """Return the size of the sums that a solution's figures are differences of.

    Payments round at their own size, which may be far larger than the gains that they divide; their
    rounding is that of a few additions, not of a million.
    """
    mechanism, problem = solution.mechanism, solution.problem
    first_best = problem.environment.first_best
    if mechanism is None:
        return first_best
    payments = problem.centred_payments(mechanism.quantity, mechanism.payment)
    paid = sum(
        agent.types.expectation(np.abs(payment))
        for agent, payment in zip(mechanism.environment.agents, payments, strict=True)
    )
    return first_best + paid / 64.0


def rounded_shares(solution: Solution) -> dict[str, float]:
    """Return by how much utilities may be off, in money, where that shows in the figures printed.

    Payments far from zero are floats far from zero: at 1e14 they are known to 0.008.
    """
    mechanism = solution.mechanism
    if mechanism is None:
        return {}
    visible = FIGURES * abs(mechanism.total_gains)
    rounding = mechanism.rounding_of_utility
    return rounding if 0.0 < visible < max(rounding.values()) else {}
