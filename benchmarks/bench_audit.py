"""Audits of 2,000 types a side, and whether a rule is interim efficient.

``u`` is one search of a million sorted values in a million, in the same run; times are of the
process, the shortest of several.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from benchmarks.common import cpu_seconds, search_of_a_million
from mechopt.cramton1985 import posted_price


@pytest.mark.parametrize(("ratio", "limit"), [(1.0, 3.0), (0.5, 10.0)])
@pytest.mark.parametrize("kind", ["uniform", "beta", "finite"])
def test_audit_of_2000_types_a_side(kind, ratio, limit, capsys):
    rng = np.random.default_rng(1)
    laws = {"uniform": [stats.uniform(0, 1)] * 2, "beta": [stats.beta(2, 3), stats.beta(3, 2)]}
    if kind == "finite":
        spaces = [mo.TypeSpace.finite(np.sort(rng.random(2_000))) for _ in range(2)]
    else:
        spaces = [mo.TypeSpace.from_distribution(law, 2_000) for law in laws[kind]]
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(*spaces, 1.0, ratio))
    solution = mo.solve(problem)
    unit = search_of_a_million()
    taken, report = cpu_seconds(lambda: mo.audit(problem, solution), repeats=7)
    with capsys.disabled():
        print(
            f"\n  audit, 2,000 {kind} types, ratio {ratio}: {taken / unit:.1f} u (limit {limit} u)"
        )
    assert report.passed


@pytest.mark.parametrize(("size", "limit", "repeats"), [(50, 0.05, 5), (400, 10.0, 1)])
def test_interim_efficiency_of_a_posted_price(size, limit, repeats, capsys):
    types = mo.TypeSpace.finite(np.arange(1, size + 1) / size)
    trade = mo.BilateralTrade(types, types)
    rule = posted_price(trade, 0.5)
    taken, answer = cpu_seconds(lambda: mo.studies.interim_efficiency(trade, rule), repeats)
    with capsys.disabled():
        print(f"\n  interim efficiency, {size} types a side: {taken:.3f} s (limit {limit} s)")
    assert answer.dominance.dominated
    assert taken <= limit
