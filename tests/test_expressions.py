"""Linear expressions: what they are multiplied by, and what is refused."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import mechopt as mo
from mechopt._util.rationals import as_fraction, fraction_array
from mechopt.problem.linear import Linear


def test_expressions_are_multiplied_by_numbers_of_either_kind():
    floats = Linear.block("x", np.array([1.0, 2.0, 3.0]))
    exact = Linear.block("x", fraction_array([Fraction(1), Fraction(2), Fraction(3)]))
    for factor in (2, 0.1, Fraction(1, 3), np.float64(0.5), np.int64(4)):
        for product in (factor * floats, floats * factor):
            assert product.terms["x"].value.tolist() == [float(factor) * k for k in (1, 2, 3)]
        expected = [as_fraction(factor) * k for k in (1, 2, 3)]
        assert (factor * exact).terms["x"].value.tolist() == expected
    assert (exact / 3).terms["x"].value.tolist() == [Fraction(k, 3) for k in (1, 2, 3)]
    each = np.array([2.0, 0.0, 1.0]) * floats
    assert each.terms["x"].value.tolist() == [2.0, 0.0, 3.0]


@pytest.mark.parametrize("other", ["2", None, True, np.ones(2)])
def test_what_is_no_number_is_refused_as_a_factor(other):
    floats = Linear.block("x", np.ones(3))
    with pytest.raises(TypeError):
        other * floats
    with pytest.raises(TypeError):
        floats + other
    with pytest.raises(mo.InvalidInputError, match=r"got 2\)\. Take some of them"):
        floats + Linear.block("x", np.ones(2))
