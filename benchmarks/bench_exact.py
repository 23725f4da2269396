"""Exact optima: 20 types a side, and how the time grows."""

from __future__ import annotations

import time
from fractions import Fraction

import numpy as np
import pytest

import mechopt as mo
from benchmarks.common import cpu_seconds


def problem_of(size):
    types = mo.TypeSpace.finite([Fraction(k, size) for k in range(1, size + 1)])
    return mo.ex_ante_efficiency(mo.BilateralTrade(types, types))


@pytest.mark.parametrize(
    ("size", "expected", "limit"), [(10, "189/1250", 2), (20, "323/2200", 2), (40, "403/2800", 4)]
)
def test_equally_likely_types(size, expected, limit, capsys):
    best = np.inf
    for _ in range(3):
        start = time.perf_counter()
        solution = mo.exact_optimum(problem_of(size))
        best = min(best, time.perf_counter() - start)
    with capsys.disabled():
        print(f"\n  {size} types a side: {best:.2f} s, {solution.pivots} pivots (limit {limit} s)")
    assert solution.objective == Fraction(expected)
    assert best <= limit


def test_random_data_of_20_types_a_side(capsys):
    rng = np.random.default_rng(0)

    def types():
        shares = [int(share) for share in rng.integers(1, 100, 20)]
        values = sorted(rng.choice(10_000, 20, replace=False).tolist())
        return mo.TypeSpace.finite(values, [Fraction(share, sum(shares)) for share in shares])

    problem = mo.ex_ante_efficiency(mo.BilateralTrade(types(), types()))
    start = time.perf_counter()
    solution = mo.exact_optimum(problem)
    taken = time.perf_counter() - start
    digits = len(str(solution.objective.denominator))
    with capsys.disabled():
        print(f"\n  20 random types a side: {taken:.2f} s, a denominator of {digits} digits")
    assert solution.proved
    assert taken <= 2


@pytest.mark.parametrize(("size", "limit"), [(200, 0.02), (10_000, 0.5)])
@pytest.mark.parametrize("kind", ["equally-likely", "random-masses"])
def test_by_virtual_valuations(kind, size, limit, capsys):
    rng = np.random.default_rng(0)
    if kind == "equally-likely":
        problem = problem_of(size)
    else:
        shares = rng.integers(1, 100, size).tolist()
        values = np.sort(rng.choice(1_000_000, size, replace=False)).tolist()
        types = mo.TypeSpace.finite(values, [Fraction(share, sum(shares)) for share in shares])
        problem = mo.DesignProblem(mo.BilateralTrade(types, types), mo.Welfare((1, 2)))
    taken, solution = cpu_seconds(lambda: mo.exact_optimum(problem))
    with capsys.disabled():
        print(f"\n  {size} {kind} types a side: {taken:.3f} s (limit {limit} s)")
    assert float(solution.objective) == pytest.approx(mo.solve(problem).objective, rel=1e-12)
    assert taken <= limit
