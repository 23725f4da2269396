"""Data that rounding could decide: gains of nothing, far types, rare types."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import mechopt as mo

from .oracles import cases
from .oracles.as_problem import as_problem
from .oracles.direct_lp import optimum
from .oracles.variants import requiring

COSTS, VALUES = np.arange(3.0), np.arange(1.0, 4.0)
ALIKE = np.array([[0.25, 0.125], [0.125, 0.5]])


@pytest.mark.parametrize("backend", ["highs", "cvxpy", "pyomo"])
@pytest.mark.parametrize("prior", [ALIKE, cases.independent([0.375, 0.625], [0.375, 0.625])])
def test_gains_that_are_rounding_are_none(prior, backend):
    # 0.1 + 0.2 - 0.3 is not 0 in floats.
    problem = as_problem(cases.project([[0.05, 0.1], [0.1, 0.2]], prior, 0.3))
    assert problem.environment.first_best == 0.0
    assert not any(stakes.any() for stakes in problem.environment.stakes)
    solution = mo.solve(problem, backend)
    assert solution.is_certified
    assert abs(solution.objective) < 1e-15


def test_gains_that_are_small_beside_the_types_count():
    # Whole numbers of this size are known in floats, and so are their sums.
    case = cases.project([[2.0**49, 2.0**49 + 2], [2.0**49]], [[0.5], [0.5]], 2.0**50)
    assert as_problem(case).environment.first_best == 1.0


@pytest.mark.parametrize("words", [{}, {"incentives": "dominant", "participation": "ex-post"}])
def test_prices_far_above_their_differences_can_be_paid(words):
    # All gains are differences: prices of houses lie closer together than they lie to zero.
    prior = [[0.25, 0.125, 0.0], [0.125, 0.125, 0.0625], [0.0625, 0.0, 0.25]]
    near, far = (
        mo.solve(as_problem(requiring(cases.trade(low + COSTS, low + VALUES, prior), **words)))
        for low in (0.0, 1e6)
    )
    assert far.objective == pytest.approx(near.objective, rel=1e-9)


def test_costs_and_options_far_above_the_types_can_be_paid():
    # Two suppliers of a thing worth 1000, who are handed what is left; and who must be paid for it.
    order = cases.procurement([[1, 2], [1, 3]], ALIKE, [1000, 1001])
    order = requiring(order, budget="balanced", budget_holds="ex-post", participation="ex-post")
    _, expected = optimum(replace(order, payment_limit=1e5))
    assert mo.solve(as_problem(order)).objective == pytest.approx(expected, rel=1e-9)
    stays = cases.trade([0, 1], [1, 2], ALIKE, outside=(np.full(2, 1000.0), np.zeros(2)))
    stays = requiring(stays, objective="subsidy", budget="free")
    status, expected = optimum(replace(stays, payment_limit=1e5))
    assert status == "optimal"
    assert mo.solve(as_problem(stays)).objective == pytest.approx(expected, rel=1e-9)


RARE = mo.Joint([[0.25, 1e-9, 1e-9], [0.25 - 3e-9, 0.125, 1e-9], [0.125, 0.125, 0.125]])
OFTEN = mo.Joint([[0.0625, 0.25, 0.25], [0.0625, 0.0625, 0.1875], [0.0, 0.0625, 0.0625]])


@pytest.mark.parametrize("objective", [mo.robust.UnderPrior, mo.robust.WorstPrior])
@pytest.mark.parametrize(("believed", "other"), [(OFTEN, RARE), (RARE, OFTEN)])
def test_errors_under_another_prior_are_measured_in_its_own_gains(believed, other, objective):
    masses = believed.masses
    trade = mo.BilateralTrade(*(mo.TypeSpace.finite([0, 1, 2], mass) for mass in masses))
    problem = mo.DesignProblem(
        replace(trade, prior=believed),
        objective(mo.Welfare(), other if objective is mo.robust.UnderPrior else [other]),
        incentives="none",
        participation="ex-post",
        budget_holds="ex-post",
    )
    expected = float((other.density() * np.maximum(np.arange(3) - np.c_[:3], 0.0)).sum())
    assert problem.objective_scale == pytest.approx(expected, rel=1e-12)
    assert mo.solve(problem, "highs").objective == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("objective", [mo.robust.UnderPrior, mo.robust.WorstPrior])
def test_bets_that_dwarf_the_gains_are_an_optimum_up_to_the_rounding_of_their_worth(objective):
    """Who believes otherwise bets all that the limit allows, here a billion times the gains."""
    alike, unlike = mo.Joint([[0.4, 0.1], [0.1, 0.4]]), mo.Joint([[0.1, 0.4], [0.4, 0.1]])
    coin = mo.TypeSpace.finite([0, 1 / 3])
    problem = mo.DesignProblem(
        replace(mo.BilateralTrade(coin, coin), prior=unlike),
        objective(mo.Revenue(), alike if objective is mo.robust.UnderPrior else [alike]),
        participation="interim",
        budget="no-deficit",
        requirements=[mo.PaymentLimit(1e9)],
    )
    solution = mo.solve(problem)
    assert solution.is_certified
    assert solution.objective > 1e8
    assert abs(solution.gap) <= problem.rounding(solution.mechanism)
    missed = replace(solution, objective=solution.objective - 1e-3)
    assert not missed.is_certified
