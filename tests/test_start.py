"""HiGHS from the basis of the direct solver's solution."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import mechopt as mo
from mechopt.backends import start as start_module
from mechopt.backends.start import BASIC, USUAL_START, basis_of
from mechopt.errors import InvalidInputError, UnsupportedProblemError
from mechopt.mechanism.allocation import PointwiseRule
from mechopt.program.standard_form import standard_form
from mechopt.types.continuous import ContinuousPrior
from tests.draws import drawn

GRID = mo.TypeSpace.finite(range(1, 31))
SIX = mo.TypeSpace.finite([1, 2, 3, 4, 5, 6])
BETA = mo.TypeSpace.from_distribution(ContinuousPrior("beta", (2.0, 3.0)), 20)
REGULAR = {
    "six types": mo.ex_ante_efficiency(mo.BilateralTrade(SIX, SIX)),
    "uniform": mo.ex_ante_efficiency(mo.BilateralTrade(GRID, GRID)),
    "cells": mo.ex_ante_efficiency(mo.BilateralTrade(BETA, BETA)),
    "weights": mo.ex_ante_efficiency(mo.BilateralTrade(GRID, SIX), [1, 2]),
    "the seller's": mo.ex_ante_efficiency(mo.BilateralTrade(SIX, GRID), [1, 0]),
    "one type": mo.ex_ante_efficiency(
        mo.BilateralTrade(mo.TypeSpace.finite([2]), mo.TypeSpace.finite([1, 3, 4]))
    ),
    "alpha zero": mo.ex_ante_efficiency(mo.BilateralTrade(SIX, mo.TypeSpace.finite([11, 12, 13]))),
    "alpha zero, weights": mo.ex_ante_efficiency(
        mo.BilateralTrade(SIX, mo.TypeSpace.finite([50, 51])), [1, 0.5]
    ),
    "revenue": mo.largest_revenue(mo.BilateralTrade(SIX, SIX)),
    "no trade": mo.ex_ante_efficiency(mo.BilateralTrade(mo.TypeSpace.finite([8, 9]), SIX)),
}


def types_of(rng, most):
    """Return random types, not regular as a rule, of whom many tie."""
    size = int(rng.integers(1, most + 1))
    values = np.sort(rng.choice(2 * most, size, replace=False)) / 8
    return mo.TypeSpace.finite(values, rng.dirichlet(np.ones(size)))


def assert_same(problem, solution, expected):
    """Assert that an answer is the optimum, proved."""
    assert solution.objective == pytest.approx(
        expected.objective, abs=1e-9 * problem.objective_scale
    )
    assert solution.is_certified
    assert solution.provenance.backend == "highs"
    mo.audit(problem, solution).raise_if_failed()


@pytest.mark.parametrize("name", REGULAR)
def test_regular_types_leave_nothing_to_be_done(name):
    problem = REGULAR[name]
    direct = mo.solve(problem, "direct")
    solution = mo.solve(problem, "highs", start=direct)
    assert_same(problem, solution, direct)
    assert USUAL_START not in solution.provenance.notes
    assert solution.statistics.iterations == 0


@pytest.mark.parametrize("seed", drawn(300, share=10))
def test_irregular_types_end_in_the_same_optimum(seed):
    rng = np.random.default_rng(seed)
    trade = mo.BilateralTrade(types_of(rng, 12), types_of(rng, 12))
    weights = rng.choice([[1, 1], [1, 2], [3, 1], [0, 1]])
    problem = mo.ex_ante_efficiency(trade, weights.tolist())
    if seed % 5 == 0:
        problem = mo.largest_revenue(trade)
    direct = mo.solve(problem, "direct")
    solution = mo.solve(problem, "highs", start=direct)
    assert_same(problem, solution, direct)
    assert USUAL_START not in solution.provenance.notes
    columns, rows = basis_of(standard_form(problem), direct)
    assert (columns == BASIC).sum() + (rows == BASIC).sum() == rows.size


def test_many_types_need_no_rules_one_by_one():
    types = mo.TypeSpace.finite(range(1, 151))
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(types, types))
    direct = mo.solve(problem, "direct")
    solution = mo.solve(problem, start=direct)
    assert_same(problem, solution, direct)
    assert solution.statistics.iterations == 0
    # Every pair has a variable, so that the proof is one of the whole program.
    assert solution.statistics.num_variables == 150**2 + 4 * 150


def test_a_saved_solution_is_a_start(tmp_path):
    problem = REGULAR["uniform"]
    path = tmp_path / "direct.json"
    mo.save_solution(mo.solve(problem, "direct"), path)
    solution = mo.solve(problem, "highs", start=mo.load_solution(path))
    assert_same(problem, solution, mo.solve(problem, "direct"))
    assert solution.statistics.iterations == 0


def test_a_solution_that_is_wrong_leads_to_the_optimum_all_the_same():
    problem = REGULAR["six types"]
    direct = mo.solve(problem, "direct")
    rng = np.random.default_rng(0)
    for _ in range(5):
        values = tuple(np.sort(rng.integers(1, 7, 6)).astype(float) for _ in range(2))
        mechanism = replace(direct.mechanism, allocation=PointwiseRule((values,), (1.0,)))
        duals = {k: np.abs(rng.normal(size=v.shape)) for k, v in direct.duals.items()}
        wrong = replace(direct, mechanism=mechanism, duals=duals, alpha=None)
        assert_same(problem, mo.solve(problem, "highs", start=wrong), direct)


def test_a_basis_that_does_not_fit_is_left_out_with_a_note(monkeypatch):
    problem = REGULAR["six types"]
    direct = mo.solve(problem, "direct")
    lacking = replace(direct, duals={})
    solution = mo.solve(problem, "highs", start=lacking)
    assert USUAL_START in solution.provenance.notes
    assert_same(problem, solution, direct)
    columns, rows = basis_of(standard_form(problem), direct)
    # One basic row too many: HiGHS refuses.
    rows[np.flatnonzero(rows != BASIC)[0]] = BASIC
    monkeypatch.setattr(start_module, "basis_of", lambda form, start: (columns, rows))
    solution = mo.solve(problem, "highs", start=direct)
    assert USUAL_START in solution.provenance.notes
    assert_same(problem, solution, direct)


def test_other_methods_may_start_there():
    problem = REGULAR["uniform"]
    direct = mo.solve(problem, "direct")
    solution = mo.solve(problem, "highs", start=direct, simplex_strategy=4)
    assert_same(problem, solution, direct)
    assert solution.statistics.iterations == 0


@pytest.mark.parametrize("backend", ["direct", "cvxpy", "pyomo"])
def test_other_backends_take_no_start(backend):
    problem = REGULAR["six types"]
    with pytest.raises(InvalidInputError, match=r'start: this backend takes no start.*"highs"'):
        mo.solve(problem, backend, start=mo.solve(problem))


def test_a_start_that_is_none_of_this_problem_is_refused():
    problem = REGULAR["six types"]
    with pytest.raises(InvalidInputError, match="start: the solution is one of another problem"):
        mo.solve(problem, "highs", start=mo.solve(REGULAR["uniform"], "direct"))
    with pytest.raises(InvalidInputError, match="got the mechanism of highs"):
        mo.solve(problem, "highs", start=mo.solve(problem, "highs"))
    with pytest.raises(InvalidInputError, match="expected a Solution"):
        mo.solve(problem, "highs", start="direct.json")
    stopped = mo.solve(problem, "direct", time_limit=1e-9, throw=False)
    with pytest.raises(InvalidInputError, match="got no mechanism of direct"):
        mo.solve(problem, "highs", start=stopped)


def test_programs_of_other_kinds_are_refused():
    start = mo.solve(REGULAR["six types"], "direct")
    delayed = mo.ex_ante_efficiency(mo.BilateralTrade(SIX, SIX, 1.0, 0.5))
    auction = mo.largest_revenue(mo.Auction([SIX, SIX]))
    whole = replace(REGULAR["six types"], requirements=(), deterministic=True)
    subsidy = mo.minimum_subsidy(mo.BilateralTrade(SIX, SIX))
    for problem, words in (
        (delayed, "bilateral trade without delay"),
        (auction, "bilateral trade without delay"),
        (whole, "the direct solver takes"),
        (subsidy, "allocation is free"),
    ):
        with pytest.raises(UnsupportedProblemError, match=f"start: expected.*{words}"):
            mo.solve(problem, "highs", start=start)
