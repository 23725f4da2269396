"""The bracket of the continuum, and sweeps whose points share their priors.

``u`` is one search of a million sorted values in a million, in the same run; times are of the
process, the shortest of several.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from benchmarks.common import MILLION, cpu_seconds, search_of_a_million


@pytest.mark.parametrize(("size", "limit", "repeats"), [(400, 1.0, 5), (MILLION, 15.0, 2)])
def test_bracket_of_the_continuum(size, limit, repeats, capsys):
    laws = stats.beta(2, 3), stats.beta(3, 2)
    trade = mo.BilateralTrade(*(mo.TypeSpace.from_distribution(law, size) for law in laws))
    solution = mo.solve(mo.ex_ante_efficiency(trade))
    first, _ = cpu_seconds(lambda: mo.bracket_continuum(solution), 1)
    again, bracket = cpu_seconds(lambda: mo.bracket_continuum(solution), repeats)
    unit = search_of_a_million()
    with capsys.disabled():
        print(
            f"\n  bracket, {size:,} cells: {again / unit:.1f} u (limit {limit} u), "
            f"{first / unit:.1f} u where the priors' cells are new"
        )
    assert bracket.lower <= bracket.estimate <= bracket.upper


SWEPT = """
environment.kind = "bilateral-trade"
[environment.seller]
distribution = "beta"
parameters = { a = 2.0, b = 3.0 }
cells = 200
[environment.buyer]
distribution = "beta"
parameters = { a = 3.0, b = 2.0 }
cells = 200
discount_rate = 1.0
[problem]
objective = "ex-ante-efficiency"
"""


def test_points_of_a_sweep_of_discount_rates(tmp_path, capsys):
    file = tmp_path / "trade.toml"
    file.write_text(SWEPT)
    points = 20
    rates = np.linspace(0.2, 0.9, points).tolist()
    taken, table = cpu_seconds(lambda: mo.sweep(file, {"buyer.discount_rate": rates}), 3)
    with capsys.disabled():
        print(f"\n  {1e3 * taken / points:.0f} ms of the processor a point (limit 40 ms)")
    assert table.num_failed == 0
