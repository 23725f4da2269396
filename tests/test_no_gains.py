"""Where there is nothing to gain, or less than rounding tells, the optimum is nothing."""

from __future__ import annotations

import numpy as np
import pytest

import mechopt as mo

TYPES = np.sort(np.random.default_rng(0).choice(np.arange(2000, 3986), 40, replace=False)) / 100
SAMPLES = mo.TypeSpace.finite([*TYPES[:-1].tolist(), 39.85])
ABOVE = mo.TypeSpace.finite((TYPES + 19.85).tolist())
HIGHEST = SAMPLES.highest

ENVIRONMENTS = {
    "trade": lambda: mo.BilateralTrade(ABOVE, SAMPLES),
    "market": lambda: mo.Market([ABOVE] * 2, [SAMPLES] * 2),
    "auction at the highest type": lambda: mo.Auction(SAMPLES, count=2, seller_value=HIGHEST),
    "auction by a hair": lambda: mo.Auction(SAMPLES, count=2, seller_value=HIGHEST - 1e-8),
    "auction above": lambda: mo.Auction(SAMPLES, count=3, seller_value=39.9),
    "auction far above": lambda: mo.Auction(SAMPLES, count=2, seller_value=100),
    "public good": lambda: mo.PublicGood(SAMPLES, count=2, cost=2 * HIGHEST),
    "procurement": lambda: mo.environments.Procurement([ABOVE] * 2, [[0, 0], [1, 39.85]]),
    "screening": lambda: mo.environments.Screening(SAMPLES, [[0, 0], [1, 39.85]]),
}


@pytest.mark.parametrize("kind", ENVIRONMENTS)
def test_nothing_to_gain_is_an_optimum_of_nothing(kind):
    environment = ENVIRONMENTS[kind]()
    for problem in (mo.ex_ante_efficiency(environment), mo.largest_revenue(environment)):
        solution = mo.solve(problem, throw=False)
        assert solution.termination.value == "optimal", (problem.objective, solution)
        assert abs(solution.objective) <= 1e-8
        assert mo.audit(problem, solution).passed


@pytest.mark.parametrize("kind", ["trade", "auction above"])
def test_a_check_says_that_efficiency_without_gains_costs_nothing(kind):
    check = mo.check_ex_post_efficiency(ENVIRONMENTS[kind]())
    assert check.solution.termination.value == "optimal"
    assert abs(check.slack) <= 1e-9
