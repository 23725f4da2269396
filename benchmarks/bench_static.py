"""Static bilateral trade: what the small formulation and its construction cost.

Run with ``make bench``. Each benchmark measures both sides of a ratio in one run and prints it.
"""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy import sparse, stats

import mechopt as mo

# Building the program and reading it back may take at most half of what solving it takes.
MOST_OVERHEAD = 1.5
LEAST_SPEEDUP = 100.0

TRADES = {
    "finite-types": lambda size: mo.BilateralTrade(*[mo.TypeSpace.finite(np.arange(size))] * 2),
    "cells-of-beta": lambda size: mo.BilateralTrade(
        mo.TypeSpace.from_distribution(stats.beta(2, 3), size),
        mo.TypeSpace.from_distribution(stats.beta(3, 2), size),
    ),
}


@pytest.fixture
def say(capsys):
    """Return a function that prints past pytest's capture."""

    def say(line):
        with capsys.disabled():
            print(f"\n{line}")

    return say


@pytest.mark.parametrize("trade", TRADES)
def test_whole_time_against_the_solvers_own(trade, benchmark, say):
    problem = mo.ex_ante_efficiency(TRADES[trade](200))
    mo.solve(problem, "highs")  # imports and first calls are not what is measured
    solutions = []
    benchmark.pedantic(lambda: solutions.append(mo.solve(problem, "highs")), rounds=5, iterations=1)
    whole = np.median([solution.statistics.seconds for solution in solutions])
    alone = np.median([solution.statistics.solver_seconds for solution in solutions])
    ratio = whole / alone
    benchmark.extra_info["ratio"] = ratio
    say(f"{trade}, 200 a side: {whole:.3f} s in all, {alone:.3f} s in HiGHS, ratio {ratio:.2f}")
    assert ratio <= MOST_OVERHEAD


@pytest.mark.parametrize("trade", TRADES)
def test_neighbouring_form_against_all_pairs(trade, benchmark, say):
    problem = mo.ex_ante_efficiency(TRADES[trade](100))
    solution = mo.solve(problem, "highs")
    seconds = []

    def solve():
        start = time.perf_counter()
        mo.solve(problem, "highs")
        seconds.append(time.perf_counter() - start)

    benchmark.pedantic(solve, rounds=5, iterations=1)
    small = np.median(seconds)
    start = time.perf_counter()
    optimum = all_pairs_optimum(problem)
    large = time.perf_counter() - start
    ratio = large / small
    benchmark.extra_info["ratio"] = ratio
    say(
        f"{trade}, 100 a side: neighbouring form {small:.3f} s, all pairs {large:.1f} s, "
        f"ratio {ratio:.0f}"
    )
    assert optimum == pytest.approx(solution.objective, rel=1e-6)
    assert ratio >= LEAST_SPEEDUP


def all_pairs_optimum(problem):
    """Return the optimum with every pair in the incentives and a payment in every profile."""
    import highspy

    seller, buyer = (agent.types for agent in problem.environment.agents)
    sizes = seller.num_cells, buyer.num_cells
    over_buyers = sparse.csr_array(buyer.mass[np.newaxis])
    over_sellers = sparse.csr_array(seller.mass[np.newaxis])
    # Rows over (probabilities of trade, payments), all of the form "at least zero".
    rows = []
    for choose, own in (pairs(sizes[0]), takes_part(sizes[0])):
        for end in ends_of(seller):
            cost = sparse.diags_array(end[own])
            rows.append(
                [sparse.kron(-cost @ choose, over_buyers), sparse.kron(choose, over_buyers)]
            )
    for choose, own in (pairs(sizes[1]), takes_part(sizes[1])):
        for end in ends_of(buyer):
            value = sparse.diags_array(end[own])
            rows.append(
                [sparse.kron(over_sellers, value @ choose), -sparse.kron(over_sellers, choose)]
            )
    matrix = sparse.csc_array(sparse.block_array(rows))
    gains = np.multiply.outer(seller.mass, buyer.mass) * (buyer.mean - seller.mean[:, None])
    profiles = sizes[0] * sizes[1]
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = 2 * profiles, matrix.shape[0]
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_ = np.concatenate([gains.ravel(), np.zeros(profiles)])
    model.col_lower_ = np.repeat([0.0, -np.inf], profiles)
    model.col_upper_ = np.repeat([1.0, np.inf], profiles)
    model.row_lower_ = np.zeros(matrix.shape[0])
    model.row_upper_ = np.full(matrix.shape[0], np.inf)
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr, matrix.indices
    model.a_matrix_.value_ = matrix.data
    solver = highspy.Highs()
    solver.silent()
    solver.passModel(model)
    solver.run()
    return solver.getObjectiveValue()


def ends_of(types):
    """Return the ends of the cells, which are the types where those are finite."""
    return [types.lower] if types.is_finite else [types.lower, types.upper]


def pairs(size):
    """Return "own report less another's" for all pairs as a matrix, and whose pair each is."""
    own, other = np.nonzero(~np.eye(size, dtype=bool))
    ones = np.ones(own.size)
    row = np.arange(own.size)
    shape = (own.size, size)
    choose = sparse.csr_array((ones, (row, own)), shape)
    return choose - sparse.csr_array((ones, (row, other)), shape), own


def takes_part(size):
    """Return "own report" for every type as a matrix, and whose it is."""
    return sparse.eye_array(size, format="csr"), np.arange(size)
