"""Player 1's gap: maps over beliefs in closed form and by program, and payoff intervals.

The claims: 200x200 beliefs in closed form in well under a second, 21x21 by a linear program each in
well under ten.
"""

from __future__ import annotations

import numpy as np
import pytest

import mechopt as mo

TYPES = ((0, 2), (1, 3))


def test_map_in_closed_form(benchmark):
    square = benchmark(mo.peski2024.gap_over_beliefs, *TYPES, 0.5, 200)
    assert square.gap.shape == (200, 200)


@pytest.mark.parametrize("backend", ["highs", "cvxpy"])
def test_map_by_program(benchmark, backend):
    square = benchmark.pedantic(
        mo.peski2024.gap_over_beliefs,
        (*TYPES, 0.5, 21),
        {"method": "program", "backend": backend},
        rounds=1,
    )
    closed = mo.peski2024.gap_over_beliefs(*TYPES, 0.5, 21)
    assert np.abs(square.gap - closed.gap).max() < 1e-9


@pytest.mark.parametrize("size", [10, 20, 40])
def test_payoff_intervals(benchmark, size):
    types = mo.TypeSpace.finite(np.arange(1, size + 1) / size)
    solution = mo.solve(mo.peski2024.best_for_player_1(mo.Bargaining(types, types)))
    ends, error = benchmark.pedantic(mo.peski2024.payoff_intervals, (solution,), rounds=1)
    assert error < 1e-7
    assert ends["player_1"].shape == (size, 2)


def test_corners_of_two_types_each(benchmark):
    bargaining = mo.Bargaining(mo.TypeSpace.finite([0, 2]), mo.TypeSpace.finite([1, 3]))
    body = benchmark(lambda: mo.peski2024.PayoffSet(bargaining).vertices())
    assert body.dimension == 4
