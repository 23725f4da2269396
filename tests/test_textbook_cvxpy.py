"""The textbook program has the optimum that backends find."""

from __future__ import annotations

import numpy as np
import pytest

import mechopt as mo
from tests.draws import crossed, drawn, some

from .cases import FIXED, PROGRAMS, random_types
from .oracles.textbook_cvxpy import textbook_optimum
from .test_extension import ENVIRONMENTS

BACKENDS = ("highs", "cvxpy", "pyomo")


def assert_agrees(problem, backends=BACKENDS, tolerance=1e-7):
    expected = textbook_optimum(problem)
    scale = problem.environment.payoff_scale
    for backend in backends:
        solution = mo.solve(problem, backend, throw=False)
        if np.isfinite(expected):
            assert solution.objective == pytest.approx(expected, abs=tolerance * scale), backend
        else:
            assert solution.termination == "infeasible"
            assert expected == -np.inf * problem.objective.sign


@pytest.mark.parametrize(
    ("name", "program"),
    crossed(["finite-irregular", "cells-irregular", "samples-in-cells"], PROGRAMS),
)
def test_fixed_trades(name, program):
    backends = some(BACKENDS, 3, list(PROGRAMS).index(program))
    assert_agrees(PROGRAMS[program](FIXED[name]), backends)


@pytest.mark.parametrize("seed", drawn(12, 6))
def test_random_trades(seed):
    rng = np.random.default_rng(seed)
    sides = (random_types(rng, 0.0, 1.0, sizes=(2, 6), least_mass=1e-3) for _ in range(2))
    trade = mo.BilateralTrade(*sides)
    names = list(PROGRAMS)
    for program in (names[seed % len(names)], names[(seed + 2) % len(names)]):
        assert_agrees(PROGRAMS[program](trade))


@pytest.mark.parametrize("ratio", [0.5, 2.0])
def test_delayed_trade(ratio):
    types = mo.TypeSpace.finite([0.05, 0.3, 0.6, 0.95])
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(types, types, 1.0, ratio))
    assert_agrees(problem, tolerance=1e-6)


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_other_environments(name):
    backends = some(BACKENDS, 3, list(ENVIRONMENTS).index(name))
    assert_agrees(mo.ex_ante_efficiency(ENVIRONMENTS[name]), backends)
