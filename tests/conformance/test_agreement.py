"""Every program through every backend: one answer, certified, whoever gives it."""

from __future__ import annotations

from itertools import product

import pytest

from tests.draws import drawn, some

from ..cases import FIXED, PROGRAMS, random_trade
from .checks import assert_conform, solve_everywhere


@pytest.mark.parametrize(("trade", "program"), some(list(product(FIXED, PROGRAMS)), 5))
def test_backends_agree_on_fixed_type_spaces(trade, program):
    problem = PROGRAMS[program](FIXED[trade])
    assert_conform(problem, solve_everywhere(problem))


# The search in tests/fuzz judges all backends in fractions, on harder priors than these.
@pytest.mark.parametrize("seed", drawn(24, 8))
def test_backends_agree_on_random_priors(seed):
    trade = random_trade(seed)
    # Three of the six programs for each prior keep the time down; seeds take turns.
    for program in some(list(PROGRAMS), 2, seed):
        problem = PROGRAMS[program](trade)
        assert_conform(problem, solve_everywhere(problem))
