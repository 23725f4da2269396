"""Programs without an optimum: infeasible ones with a proof, and unbounded ones."""

from __future__ import annotations

import dataclasses
from functools import cache

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt.errors import NotOptimalError
from mechopt.program.lagrangian import infeasibility_margin
from mechopt.solution import PointStatus, Termination

from ..cases import uniform_types
from .checks import constraint_room, solve_everywhere

INFEASIBLE = {
    "finite-uniform": mo.BilateralTrade(uniform_types(6), uniform_types(6)),
    "cells": mo.BilateralTrade(
        mo.TypeSpace.from_distribution(stats.beta(2, 2), 12),
        mo.TypeSpace.from_distribution(stats.uniform(0.1, 0.8), 12),
    ),
    "large-unit-of-money": mo.BilateralTrade(
        uniform_types(10).scaled(3e6), uniform_types(10).scaled(3e6)
    ),
}


@cache
def refused(name):
    """Return a problem without an optimum, and every backend's answer to it."""
    problem = mo.ex_post_efficiency(INFEASIBLE[name])
    return problem, solve_everywhere(problem)


@pytest.fixture(params=INFEASIBLE)
def infeasible(request):
    return refused(request.param)


def test_infeasible_for_every_backend_with_the_least_subsidy_as_margin(infeasible):
    infeasible, solutions = infeasible
    subsidy = mo.solve(infeasible.subsidised(), "highs").objective
    scale = infeasible.environment.payoff_scale
    for name, solution in solutions.items():
        assert solution.termination is Termination.INFEASIBLE, name
        assert solution.primal_status is PointStatus.NONE
        assert solution.dual_status is PointStatus.CERTIFICATE
        assert np.isnan(solution.objective)
        margin = infeasibility_margin(infeasible, solution.duals)
        assert margin == pytest.approx(subsidy, abs=1e-8 * scale), name
        assert mo.audit(infeasible, solution).passed


def test_certificate_is_a_combination_of_constraints_that_no_payments_meet(infeasible):
    infeasible, solutions = infeasible
    trade = infeasible.environment
    scale = trade.payoff_scale
    allocation = trade.efficient_allocation()[0]
    rng = np.random.default_rng(0)
    for name, solution in solutions.items():

        def combination(payments, duals=solution.duals):
            room = constraint_room(infeasible, allocation, payments)
            return sum(float(duals[key] @ room[key]) for key in duals)

        # Constraints that hold would make this at least zero; it is the same negative number
        # whatever the payments are.
        values = [
            combination([scale * rng.normal(size=size) for size in trade.shape]) for _ in range(5)
        ]
        assert np.ptp(values) <= 1e-7 * scale, name
        assert max(values) < -1e-3 * scale, name


def test_tampered_certificate_is_refused(infeasible):
    infeasible, solutions = infeasible
    for solution in solutions.values():
        zeros = {name: np.zeros_like(values) for name, values in solution.duals.items()}
        for duals in ({}, zeros, {name: -values for name, values in solution.duals.items()}):
            tampered = dataclasses.replace(solution, duals=duals)
            report = mo.audit(infeasible, tampered)
            assert [check.requirement for check in report.failed] == [
                "certificate of infeasibility"
            ]


def test_feasible_problem_has_no_certificate():
    problem = mo.ex_post_efficiency(mo.BilateralTrade(uniform_types(5), uniform_types(5)))
    proof = mo.solve(
        mo.ex_post_efficiency(mo.BilateralTrade(uniform_types(6), uniform_types(6))), throw=False
    ).duals
    shortened = {name: values[:5] for name, values in proof.items()}
    for name in shortened:
        if name.endswith(("ic_up", "ic_down", "monotonicity")):
            shortened[name] = shortened[name][:4]
    assert infeasibility_margin(problem, shortened) <= 0


@pytest.mark.parametrize("backend", ["highs", "cvxpy", "pyomo"])
def test_error_names_the_shortfall_and_carries_the_certificate(backend):
    problem = mo.ex_post_efficiency(INFEASIBLE["finite-uniform"])
    with pytest.raises(NotOptimalError, match=r"outside money of at least 0\.0231481481") as caught:
        mo.solve(problem, backend)
    assert mo.audit(problem, caught.value.solution).passed


@pytest.mark.parametrize("weights", [(1.0, 0.3), (0.0, 1.0)])
@pytest.mark.parametrize("allocation", ["free", "efficient"])
def test_unequal_weights_without_participation_are_unbounded(allocation, weights):
    problem = mo.DesignProblem(
        INFEASIBLE["finite-uniform"],
        mo.Welfare(weights),
        allocation=allocation,
        participation="none",
    )
    for name, solution in solve_everywhere(problem).items():
        assert solution.termination is Termination.UNBOUNDED, name
        assert solution.mechanism is None
        assert not mo.audit(problem, solution).passed
        with pytest.raises(NotOptimalError, match="unbounded"):
            mo.solve(problem, name)


def test_equal_weights_without_participation_reach_the_first_best():
    trade = INFEASIBLE["finite-uniform"]
    problem = mo.DesignProblem(trade, mo.Welfare((1.0, 1.0)), participation="none")
    for name, solution in solve_everywhere(problem).items():
        assert solution.objective == pytest.approx(trade.first_best, abs=1e-9), name
        assert mo.audit(problem, solution).passed
