"""The neighbouring form with interim payments loses nothing against the full program."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import mechopt as mo

from .cases import FIXED, PROGRAMS, WEIGHTS, random_types
from .draws import crossed, drawn
from .oracle import full_optimum, neighbouring_optimum

SMALL = [name for name, trade in FIXED.items() if trade.num_profiles <= 60]


def small_finite_trade(seed):
    rng = np.random.default_rng(seed)
    # Tiny masses would make the oracle's own coefficients vanish in its solver.
    sides = [random_types(rng, low, 1.2, sizes=(1, 5), least_mass=1e-3) for low in (0.0, 0.2)]
    return mo.BilateralTrade(*sides)


def small_trade_of_cells(seed):
    rng = np.random.default_rng(seed)
    sides = [
        mo.TypeSpace.from_distribution(
            stats.beta(*rng.uniform(0.3, 3, size=2), loc=loc, scale=1.0), int(rng.integers(1, 5))
        )
        for loc in (0.0, rng.uniform(-0.5, 0.9))
    ]
    return mo.BilateralTrade(*sides)


def assert_equal_to_full_program(trade, program, backend=None):
    seller, buyer = (agent.types for agent in trade.agents)
    prescribed = program in {"ex-post-efficiency", "minimum-subsidy"}
    rule = trade.efficient_allocation()[0] if prescribed else None
    expected = full_optimum(seller, buyer, weights=WEIGHTS[program], rule=rule)
    solution = mo.solve(PROGRAMS[program](trade), backend, throw=False)
    tolerance = 1e-9 * trade.payoff_scale
    if expected is None:
        assert solution.termination.value == "infeasible"
        assert program == "ex-post-efficiency"
    else:
        assert solution.objective == pytest.approx(expected, abs=tolerance)
        assert solution.bound == pytest.approx(expected, abs=tolerance)


@pytest.mark.parametrize("backend", [None, "highs"])
@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("seed", drawn(10, 3))
def test_finite_types_equal_all_pairs_and_ex_post_payments(seed, program, backend):
    assert_equal_to_full_program(small_finite_trade(seed), program, backend)


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("seed", range(6))
def test_cells_equal_all_pairs_at_both_ends_of_every_cell(seed, program):
    assert_equal_to_full_program(small_trade_of_cells(seed), program, "highs")


@pytest.mark.parametrize(("trade", "program"), crossed(list(SMALL), list(PROGRAMS)))
def test_fixed_type_spaces_equal_the_full_program(trade, program):
    assert_equal_to_full_program(FIXED[trade], program, "highs")


@pytest.mark.parametrize("seed", range(5))
def test_both_oracles_agree(seed):
    for trade in (small_finite_trade(seed), small_trade_of_cells(seed)):
        types = [agent.types for agent in trade.agents]
        for weights in ((1.0, 1.0), (1.0, 0.3)):
            expected = full_optimum(*types, weights=weights)
            found = neighbouring_optimum(*types, weights=weights)
            assert found == pytest.approx(expected, abs=1e-9)


def test_oracle_knows_the_six_by_six_uniform_optimum():
    sixths = mo.TypeSpace.finite(np.arange(1, 7) / 6)
    assert full_optimum(sixths, sixths, weights=(1.0, 1.0)) == pytest.approx(25 / 162, abs=1e-10)
