"""Delayed trade: dates, grids of dates, the nonlinear form, and what mechanisms report."""

from __future__ import annotations

import numpy as np
import pytest

import mechopt as mo
from mechopt.environments import PowerBound
from mechopt.environments.sorted_sums import best_trade, expected_trade
from mechopt.mechanism.allocation import Table

TYPES = mo.TypeSpace.finite([0.05, 0.3, 0.6, 0.95])


@pytest.mark.parametrize("ratio", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("backend", [mo.backends.HiGHS, mo.backends.Cvxpy, mo.backends.Pyomo])
def test_a_grid_of_dates_and_cutting_planes_bracket_the_optimum(ratio, backend):
    trade = mo.BilateralTrade(TYPES, TYPES, 1.0, ratio)
    problem = mo.ex_ante_efficiency(trade)
    above = mo.backends.HiGHS().solve(problem).bound
    values = []
    for num_dates in (2, 8):
        on_grid = mo.ex_ante_efficiency(mo.environments.on_dates(trade, num_dates))
        solution = backend().solve(on_grid)
        mo.audit(on_grid, solution).raise_if_failed()
        values.append(solution.objective)
    assert values[0] < values[1] <= above + 1e-12
    assert values[1] == pytest.approx(above, abs=2e-3)


def test_a_finer_grid_of_dates_closes_the_bracket():
    trade = mo.BilateralTrade(TYPES, TYPES, 1.0, 0.5)
    best = mo.solve(mo.ex_ante_efficiency(trade)).objective
    errors = [
        best
        - mo.backends.HiGHS()
        .solve(mo.ex_ante_efficiency(mo.environments.on_dates(trade, dates)))
        .objective
        for dates in (10, 20, 40, 80)
    ]
    assert all(error > 0 for error in errors)
    assert errors[-1] < 1e-5


def test_the_nonlinear_form_states_the_curve_for_other_solvers():
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(TYPES, TYPES, 2.0, 1.0))
    backend = mo.backends.Pyomo(nonlinear=True)
    model = backend.build(problem)
    assert len(model.frontier) == 16
    assert model.frontier[0, 0].body.polynomial_degree() is None
    assert "nonlinear" in backend.accepts(problem).reason
    assert mo.backends.Pyomo(nonlinear=True).accepts(
        mo.ex_ante_efficiency(mo.BilateralTrade(TYPES, TYPES))
    )


def test_trading_dates_are_those_of_both_discounted_probabilities():
    trade = mo.BilateralTrade(TYPES, TYPES, 2.0, 1.0)
    data = mo.solve(mo.ex_ante_efficiency(trade)).mechanism.ex_post()
    traded = data.seller_trade.values > 0
    dates = data.trading_date.values
    assert np.isinf(dates[~traded]).all()
    assert np.allclose(np.exp(-2.0 * dates[traded]), data.seller_trade.values[traded])
    assert np.allclose(np.exp(-dates[traded]), data.buyer_trade.values[traded])
    assert (dates[traded] > 0).any()
    # Higher costs and lower values trade later.
    assert (np.diff(np.nan_to_num(dates, posinf=1e9), axis=0) >= -1e-9).all()
    assert (np.diff(np.nan_to_num(dates, posinf=1e9), axis=1) <= 1e-9).all()


@pytest.mark.parametrize("ratio", [0.0, 0.05, 0.5, 0.97, 0.999999, 1.0, 1.3, 30.0, np.inf])
def test_sorted_sums_equal_the_array_over_all_profiles(ratio):
    rng = np.random.default_rng(8)
    for _ in range(20):
        cost, value = rng.normal(0.3, 0.6, 9), rng.normal(0.5, 0.6, 7)
        cost[0], value[0] = 0.0, cost[1]
        mass, other = rng.dirichlet(np.ones(9)), rng.dirichlet(np.ones(7))
        # Types without a probability are among them, as at the ends of cells.
        mass[3] = other[2] = 0.0
        y, z = best_trade(cost[:, None], value[None, :], ratio)
        fast_y, fast_z = expected_trade(cost, mass, value, other, ratio)
        assert fast_y == pytest.approx(y @ other, abs=1e-9)
        assert fast_z == pytest.approx(mass @ z, abs=1e-9)


def test_power_bound_measures_the_nearer_of_two_distances():
    curve = PowerBound("frontier", bounded=1, base=0, exponent=0.5)
    assert curve.excess(np.array([0.25, 0.5])) == pytest.approx(0.0)
    assert curve.excess(np.array([0.25, 0.6])) == pytest.approx(0.1)
    assert curve.excess(np.array([0.0, 1e-3])) == pytest.approx(1e-6)


def test_the_audit_notices_a_date_outside_the_frontier():
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(TYPES, TYPES, 2.0, 1.0))
    mechanism = mo.solve(problem).mechanism
    values = mechanism.allocation.dense(problem.environment).copy()
    values[1, 3, 0] += 0.01
    spoiled = mo.Mechanism(problem.environment, Table(values), mechanism.payment)
    broken = {check.requirement: check.where for check in mo.audit(problem, spoiled).failed}
    assert broken["frontier"] == "seller type 3 (0.95), buyer type 0 (0.05)"


def test_equal_rates_and_no_dates_are_refused_a_grid():
    with pytest.raises(mo.MechoptError, match="no grid of dates"):
        mo.environments.on_dates(mo.BilateralTrade(TYPES, TYPES), 5)


def test_an_infinite_rate_can_be_saved_and_verified(tmp_path):
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(TYPES, TYPES, np.inf, 1.0))
    mo.save_solution(mo.solve(problem), tmp_path / "limit.json")
    loaded = mo.load_solution(tmp_path / "limit.json")
    assert loaded.problem.environment.outcomes.seller_rate == np.inf
    mo.audit(loaded.problem, loaded).raise_if_failed()


@pytest.mark.parametrize("backend", ["cvxpy", "pyomo"])
def test_a_prescribed_trade_that_is_all_but_never_is_not_taken_for_a_residual(backend):
    # Of a cost c = 1e9 the seller's trade is worth (v / 2c)^2, the buyer's v / 2c.
    seller, buyer = mo.TypeSpace.finite([0, 1, 1e9]), mo.TypeSpace.finite([0.5, 1.5, 2.5])
    trade = mo.BilateralTrade(seller, buyer, seller_rate=2.0, buyer_rate=1.0)
    problem = mo.ex_post_efficiency(trade)
    solution = mo.solve(problem, backend)
    assert mo.audit(problem, solution).passed
    assert solution.mechanism.allocation.dense(trade)[1, 2] == pytest.approx(
        [2.5e-10, 7.5e-10, 1.25e-9], rel=1e-9
    )
