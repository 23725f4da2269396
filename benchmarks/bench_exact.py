"""Exact optima: 20 types a side, and how the time grows."""

from __future__ import annotations

import time
from fractions import Fraction

import numpy as np
import pytest

import mechopt as mo


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
