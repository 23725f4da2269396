"""Markets of several sellers and buyers: outcomes, closed forms, every backend."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt.environments import TwoSides
from mechopt.testing import check_outcomes
from tests.draws import drawn


def certified(problem, backend=None):
    solution = mo.solve(problem, backend)
    assert mo.audit(problem, solution).passed, str(mo.audit(problem, solution))
    return solution


@pytest.mark.parametrize(("sellers", "buyers"), [(1, 1), (2, 1), (1, 3), (2, 2)])
def test_outcomes_are_what_they_declare(sellers, buyers):
    check_outcomes(TwoSides(sellers, buyers), draws=8)


def test_a_large_market_is_audited_in_profiles_that_are_drawn():
    cells = mo.TypeSpace.from_distribution(stats.uniform(0, 1), 100)
    solution = certified(mo.ex_ante_efficiency(mo.Market(cells, cells, 30, 40)))
    assert solution.objective / solution.problem.environment.first_best > 0.999


def test_one_seller_and_one_buyer_trade():
    types = mo.TypeSpace.finite([1, 2, 3, 4, 5, 6])
    for program in (mo.ex_ante_efficiency, mo.minimum_subsidy):
        market = program(mo.Market(types, types))
        trade = program(mo.BilateralTrade(types, types))
        assert certified(market).objective == pytest.approx(mo.solve(trade).objective, abs=1e-12)
        assert mo.exact_optimum(market).objective == mo.exact_optimum(trade).objective


def random_market(seed):
    rng = np.random.default_rng([seed, 11])
    sides = []
    for number in ((1, 2), (2, 1), (2, 2))[seed % 3]:
        side = []
        for _ in range(number):
            size = int(rng.integers(1, 4))
            types = np.sort(rng.choice(np.arange(-4, 30), size, replace=False)) / 10
            side.append(mo.TypeSpace.finite(types, rng.dirichlet(np.full(size, 0.7))))
        sides.append(side)
    market = mo.Market(*sides)
    if seed % 4 == 0:
        return mo.minimum_subsidy(market)
    if seed % 4 == 1:
        return mo.DesignProblem(market, mo.Revenue(), budget="subsidised")
    return mo.ex_ante_efficiency(market, tuple(rng.uniform(0.1, 1.0, len(market.agents))))


@pytest.mark.parametrize("seed", drawn(30, 5))
def test_every_backend_agrees_on_irregular_traders(seed):
    problem = random_market(seed)
    backends = ("direct", "highs", "cvxpy", "pyomo")
    found = {name: certified(problem, name).objective for name in backends}
    assert found["highs"] == pytest.approx(found["direct"], abs=1e-9)
    for name in ("cvxpy", "pyomo"):
        assert found[name] == pytest.approx(found["direct"], abs=2e-7), name


def test_more_buyers_help_and_efficiency_needs_money():
    types = mo.TypeSpace.finite([f"{k}/4" for k in range(5)])
    gains = [
        mo.solve(mo.ex_ante_efficiency(mo.Market(types, types, 1, n))).objective for n in (1, 2)
    ]
    assert gains[0] < gains[1]
    check = mo.check_ex_post_efficiency(mo.Market(types, types, 2, 1))
    assert check.certificate.verified
    exact = mo.exact_optimum(mo.minimum_subsidy(mo.Market(types, types, 2, 1))).objective
    assert check.least_subsidy == pytest.approx(max(float(exact), 0.0), abs=1e-9)
    assert isinstance(exact, Fraction)


def test_markets_that_cannot_be():
    types = mo.TypeSpace.finite([0, 1])
    with pytest.raises(mo.InvalidInputError, match="num_buyers: not a number of agents"):
        mo.Market(types, types, num_buyers=0)
    with pytest.raises(mo.InvalidInputError, match="num_sellers: a count beside a list"):
        mo.Market([types], types, num_sellers=1)
    with pytest.raises(mo.InvalidInputError, match="num_sellers"):
        mo.Market([], types)
    with pytest.raises(mo.errors.TooLargeError, match="ways"):
        _ = TwoSides(20, 20).vertices


@pytest.mark.parametrize(
    ("sellers", "buyers", "cells", "top"),
    [(1, 1, 20, 1.0), (3, 2, 200, 1.0), (8, 8, 400, 0.5), (5, 7, 70, 1.0), (8, 8, 60, 1 + 1e-9)],
)
def test_a_market_without_gains_is_solved_and_nobody_trades(sellers, buyers, cells, top):
    """The rounding of chances near 1 once was a trade, at multipliers that made much of it."""
    costs = mo.TypeSpace.from_distribution(stats.uniform(1, 1), cells)
    values = mo.TypeSpace.from_distribution(stats.uniform(0, top), cells)
    market = mo.Market(costs, values, sellers, buyers)
    solution = certified(mo.ex_ante_efficiency(market))
    assert solution.objective == solution.bound == 0.0
    assert not any(part.any() for part in solution.mechanism.quantity)


def test_rare_trades_are_known_to_their_last_digits_on_both_sides():
    """One of two sellers trades where both buyers' luck is one in a million million each."""
    rare = mo.TypeSpace.finite([0, 2], [1 - 1e-12, 1e-12])
    market = mo.Market(mo.TypeSpace.finite([1]), rare, 2, 2)
    (first, second, *bought) = market.efficient
    # The later of equals is ahead, and keeps the unit: it sells only to two.
    assert -second[0] + -first[0] == pytest.approx(2e-12, rel=1e-12)
    assert sorted([-first[0], -second[0]])[0] == pytest.approx(1e-24, rel=1e-9)
    assert [own.tolist() for own in bought] == [[0.0, 1.0]] * 2
