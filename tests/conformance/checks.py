"""What every backend's answer to a program has to satisfy."""

from __future__ import annotations

import numpy as np
import pytest

import mechopt as mo
from mechopt.backends import BACKENDS
from mechopt.solution import PointStatus, Termination

LINEAR_PROGRAM_ROUTES = {"highs", "cvxpy", "pyomo"}
KINDS = {
    "ic_down": -1,
    "ic_up": -1,
    "monotonicity": -1,
    "participation_lower": 0,
    "participation_upper": 0,
}


def solve_everywhere(problem):
    """Return the solution of every backend that accepts the problem."""
    accepting = [name for name, kind in BACKENDS.items() if kind().accepts(problem)]
    assert set(accepting) >= LINEAR_PROGRAM_ROUTES
    return {name: mo.solve(problem, name, throw=False) for name in accepting}


def assert_conform(problem, solutions):
    """Assert that all solutions agree, and that each is certified and complementary."""
    reference = solutions["highs"]
    scale = problem.environment.payoff_scale
    for name, solution in solutions.items():
        assert solution.termination is reference.termination, name
        report = mo.audit(problem, solution)
        assert report.passed, f"{name}: {report}"
        if reference.termination is Termination.OPTIMAL:
            assert solution.objective == pytest.approx(reference.objective, abs=1e-8 * scale), name
            assert solution.bound == pytest.approx(solution.objective, abs=1e-7 * scale), name
            assert_multipliers(problem, solution)
        else:
            assert solution.termination is Termination.INFEASIBLE, name
            assert solution.mechanism is None
            assert solution.dual_status is PointStatus.CERTIFICATE, name


def assert_multipliers(problem, solution):
    """Assert the documented names, lengths and signs, and complementary slackness."""
    scale = problem.environment.payoff_scale
    room = slacks(problem, solution.mechanism)
    for name, multiplier in solution.duals.items():
        if name == "budget":
            assert multiplier.shape == (1,)
            continue
        agent, kind = name.split("_", 1)
        size = problem.environment.shape[problem.environment.index_of(agent)]
        assert multiplier.shape == (size + KINDS[kind],), name
        # Only a unit of monotonicity is not money, so only its multiplier has money's unit.
        unit = scale if kind == "monotonicity" else 1.0
        assert (multiplier >= -1e-9 * unit).all(), (solution.provenance.backend, name, multiplier)
        assert np.abs(multiplier * room[name]).max(initial=0.0) <= 1e-8 * scale, name


def slacks(problem, mechanism, payments=None):
    """Return the room left by every constraint of theory.md, section 1, of a bilateral trade."""
    allocation = mechanism.allocation.dense(problem.environment)[0]
    return constraint_room(problem, allocation, payments or mechanism.payment)


def constraint_room(problem, allocation, payments):
    """Return, for every named constraint, left side minus right side of its "at least" form."""
    seller, buyer = (agent.types for agent in problem.environment.agents)
    quantities = -(allocation @ buyer.mass), seller.mass @ allocation
    room = {"budget": np.array([seller.mass @ payments[0] + buyer.mass @ payments[1]])}
    for agent, quantity, payment in zip(
        problem.environment.agents, quantities, payments, strict=True
    ):
        types = agent.types
        more, extra = np.diff(quantity), np.diff(payment)
        room |= {
            f"{agent.name}_ic_down": types.lower[1:] * more - extra,
            f"{agent.name}_ic_up": extra - types.upper[:-1] * more,
            f"{agent.name}_monotonicity": more,
            f"{agent.name}_participation_lower": types.lower * quantity - payment,
            f"{agent.name}_participation_upper": types.upper * quantity - payment,
        }
    return room
