"""Fractions that stand beside floats, such as in saved files, must be what the floats stand for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import mechopt as mo
from mechopt.environments import on_dates
from mechopt.types.continuous import ContinuousPrior
from mechopt.types.sources.affine import Affine

PAIR = mo.TypeSpace.finite([0, 2]), mo.TypeSpace.finite([1, 3])
DATED = on_dates(mo.BilateralTrade(*PAIR, seller_rate=2, buyer_rate=1), 3)
HALF = mo.Bargaining(*PAIR, 0.5).agents[0].outside_option
UNIFORM = ContinuousPrior("uniform")

# What agrees, and its fractions with one changed.
CASES = {
    "welfare": (mo.Welfare((1.0, 0.5)), ("1", "1/3")),
    "mixture": (0.25 * mo.Revenue() + 0.75 * mo.Welfare((1.0, 1.0)), ("1/4", "9")),
    "joint": (mo.Joint(np.array([[0.5, 0.0], [0.0, 0.5]])), ("1/4",) * 4),
    "affine": (Affine(UNIFORM, 2.0, 0.0), ("5", "0")),
    "continuous": (UNIFORM, ("5", "7")),
    "bargaining": (HALF, "2/5"),
    "limit": (mo.PaymentLimit(1.0), "2"),
    "dates": (DATED.outcomes, (("1", "1", "1"), ("1", "1", "1"))),
    "number": (mo.Joint(np.array([0.5, 0.5])), ("1/2",) * 3),
}


@pytest.mark.parametrize("name", CASES)
def test_fractions_that_contradict_floats_are_refused(name):
    given, wrong = CASES[name]
    assert replace(given) == given or name in ("joint", "number")
    with pytest.raises(mo.InvalidInputError, match=r"contradict the floats|not a limit"):
        replace(given, exact=wrong)
