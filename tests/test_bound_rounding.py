"""Bounds in floats lie beyond what the same multipliers prove in fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import mechopt as mo
from mechopt.program.exact_lagrangian import exact_lagrangian
from mechopt.program.lagrangian import _lagrangian

from .test_extension import auction, project


@pytest.mark.parametrize("program", [mo.ex_ante_efficiency, mo.ex_post_efficiency])
@pytest.mark.parametrize("seed", range(6))
def test_a_cost_is_rounded_like_what_it_buys(program, seed):
    # A project that others pay for: nearly all of its worth is the cost, which is negative.
    rng = np.random.default_rng(seed)
    spaces = [mo.TypeSpace.finite(np.sort(1e-6 * rng.random(3))) for _ in range(2)]
    problem = program(project(-float(rng.random()), *spaces))
    for multiplier in (0.3, 1.1, 3.7):
        duals = {"budget": np.array([multiplier])}
        centred = problem.centred
        bound, _ = _lagrangian(centred, centred.weights, duals, problem.environment)
        assert Fraction(bound) >= exact_lagrangian(centred, duals)


def test_where_nothing_can_be_missed_no_margin_is_added():
    # The best of several single values is found without rounding, however far a type lies.
    far = mo.TypeSpace.finite([0, 1, 1e9], [0.5, 0.5 - 1e-12, 1e-12])
    problem = mo.ex_ante_efficiency(auction(far, far, far))
    duals = {"budget": np.array([1.0])}
    bound, margin = _lagrangian(problem, problem.weights, duals, problem.environment)
    assert margin < 1e-12 * bound
