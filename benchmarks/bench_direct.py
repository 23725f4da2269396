"""The direct solver: a million types, 400 types against cvxpy, Figures 8.1 and 8.2.

Ratios are of times measured in the same run: ``make bench`` prints them.
"""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy import stats

import mechopt as mo

MILLION = 1_000_000


def seconds(job, repeats=3):
    """Return the shortest of a few wall times, and the last result."""
    best, result = np.inf, None
    for _ in range(repeats):
        start = time.perf_counter()
        result = job()
        best = min(best, time.perf_counter() - start)
    return best, result


def sorted_search():
    """Return the unit: one search of a million sorted values in a million sorted values."""
    rng = np.random.default_rng(0)
    table, keys = np.sort(rng.random(MILLION)), np.sort(rng.random(MILLION))
    return seconds(lambda: np.searchsorted(table, keys), repeats=7)[0]


def whole_job(size, ratio):
    """Priors, problem, solution with its bound, and audit: all that a user waits for."""
    seller, buyer = (mo.TypeSpace.from_distribution(stats.uniform(0, 1), size) for _ in range(2))
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(seller, buyer, 1.0, ratio))
    solution = mo.solve(problem)
    mo.audit(problem, solution).raise_if_failed()
    return solution


@pytest.mark.parametrize(
    ("ratio", "exact", "limit"), [(1.0, 9 / 64, 18), (0.5, 0.195507713587, 30)]
)
def test_a_million_cells_a_side(ratio, exact, limit, capsys):
    unit = sorted_search()
    taken, solution = seconds(lambda: whole_job(MILLION, ratio))
    with capsys.disabled():
        print(
            f"\n  ratio {ratio}: {taken / unit:.1f} searches of a million (target {limit}); "
            f"one is {1e3 * unit:.1f} ms; error {exact - solution.objective:.1e}"
        )
    assert abs(exact - solution.objective) < 1e-9


def test_400_types_against_cvxpy_with_highs(capsys):
    types = mo.TypeSpace.from_distribution(stats.beta(2, 3), 400)
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(types, types))
    slow, by_cvxpy = seconds(lambda: mo.solve(problem, "cvxpy"), repeats=1)
    fast, direct = seconds(lambda: mo.solve(problem, "direct"), repeats=9)
    with capsys.disabled():
        print(f"\n  cvxpy {slow:.2f} s, direct {1e3 * fast:.2f} ms: {slow / fast:.0f} times")
    assert direct.objective == pytest.approx(by_cvxpy.objective, abs=1e-9)


def test_figures_8(capsys):
    taken, data = seconds(mo.cramton1985.figures_8, repeats=2)
    with capsys.disabled():
        print(f"\n  Figures 8.1 and 8.2, {data.ratio.size} points at 2,000 cells: {taken:.2f} s")
    assert data.ratio.size == 100
