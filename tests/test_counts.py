"""Optima among identical agents by counts, against programs over all profiles."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt.backends import by_counts
from mechopt.environments.counted import chances_of_states, states_of
from mechopt.problem.budget import PaymentLimit
from mechopt.program.lagrangian import dual_bound
from tests.draws import drawn

SIX = mo.TypeSpace.finite([1, 2, 3, 4, 5, 6])


def random_problem(seed):
    """Return identical bidders or partners, with something that is asked of single profiles."""
    rng = np.random.default_rng([seed, 11])
    number, size = int(rng.integers(2, 5)), int(rng.integers(1, 4))
    units = int(rng.integers(1, number))
    types = np.sort(rng.choice(np.arange(0, 30), size, replace=False)) / 10
    weights = rng.integers(1, 9, size)
    space = mo.TypeSpace.finite(types, weights / weights.sum())
    if rng.random() < 0.3:
        space = mo.TypeSpace.from_distribution(stats.uniform(0, 2), size)
    if seed % 3:
        environment = mo.Auction(space, count=number, units=units, seller_value=0.3)
    else:
        environment = mo.Partnership(space, [f"{units}/{number}"] * number, units)
    revenue, welfare = mo.Revenue(), mo.Welfare((1.0,) * number)
    objective, budget = (
        (revenue, "no-deficit"), (welfare, "balanced"), (revenue + 0.5 * welfare, "no-deficit"),
    )[seed // 3 % 3]  # fmt: skip
    limit = [PaymentLimit(1.5)] if rng.random() < 0.3 else []
    problem = mo.DesignProblem(
        environment,
        objective,
        incentives=str(rng.choice(["interim", "dominant"])),
        participation=str(rng.choice(["interim", "ex-post"])),
        budget=budget,
        budget_holds=str(rng.choice(["ex-ante", "ex-post"])),
        requirements=limit,
    )
    return problem if problem.by_profile else replace(problem, incentives="dominant")


@pytest.mark.parametrize("seed", drawn(40, 6))
def test_solve_counts_where_profiles_are_many(seed, monkeypatch):
    """The answer, its bound and audit are those of the program over profiles."""
    problem = random_problem(seed)
    over_profiles = mo.solve(problem, "highs")
    monkeypatch.setattr(by_counts, "FEW_NUMBERS", 0)
    found = mo.solve(problem, "highs")
    assert found.objective == pytest.approx(over_profiles.objective, abs=1e-9)
    assert abs(found.gap) <= 1e-8
    mo.audit(problem, found).raise_if_failed()
    if by_counts.has_counts(problem):
        assert found.statistics.num_variables < over_profiles.statistics.num_variables
        # Another multiplier proves another bound, and no better one.
        duals = {name: 1.01 * values for name, values in found.duals.items()}
        assert dual_bound(problem, duals) >= found.objective - 1e-9


def test_five_bidders_of_six_types_are_counted():
    problem = mo.largest_revenue(mo.Auction(SIX, count=5), incentives="dominant")
    solution = mo.solve(problem)
    assert solution.statistics.num_variables == 2 * 6 * math.comb(9, 5)
    interim = mo.solve(mo.largest_revenue(problem.environment), "direct").objective
    assert solution.objective == pytest.approx(interim, abs=1e-9)
    assert abs(solution.gap) <= 1e-9
    mo.audit(problem, solution).raise_if_failed()


@pytest.mark.parametrize("factor", [2.0**-34, 2.0**34])
@pytest.mark.parametrize("seed", [6, 18])
def test_no_unit_of_money_is_too_small_or_too_large(seed, factor, monkeypatch):
    monkeypatch.setattr(by_counts, "FEW_NUMBERS", 0)
    problem = random_problem(seed)
    found, scaled = mo.solve(problem, "highs"), mo.solve(problem.scaled(factor), "highs")
    assert scaled.objective / factor == pytest.approx(found.objective, abs=1e-9)
    assert scaled.bound / factor == pytest.approx(found.bound, abs=1e-8)
    mo.audit(problem.scaled(factor), scaled).raise_if_failed()


def test_states_and_their_chances():
    states = states_of(3, 3)
    assert len(states) == math.comb(5, 2)
    assert (states.sum(axis=1) == 3).all()
    assert len({tuple(state) for state in states.tolist()}) == len(states)
    assert chances_of_states(states, np.array([0.2, 0.3, 0.5])).sum() == pytest.approx(1.0)
    assert states_of(2, 1).tolist() == [[2]]
    assert states_of(0, 2).tolist() == [[0, 0]]
