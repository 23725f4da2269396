"""A mechanism's parts have the same names in floats and in fractions, and its line is short."""

from __future__ import annotations

import numpy as np
import pytest

import mechopt as mo

SIX = mo.TypeSpace.finite([f"{k}/6" for k in range(1, 7)])
PROBLEMS = {
    "interim": mo.ex_ante_efficiency(mo.BilateralTrade(SIX, SIX)),
    "by profile": mo.ex_ante_efficiency(
        mo.BilateralTrade(SIX, SIX), incentives="dominant", participation="ex-post"
    ),
    "alternatives": mo.DesignProblem(
        mo.Alternatives(["a", "b"], {"ann": [1, 2]}, {"ann": [[0, 3], [2, 1]]}), mo.Welfare()
    ),
}


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)
def test_parts_are_named_as_in_fractions(problem):
    solution, exact = mo.solve(problem), mo.exact_optimum(problem)
    found = dict(solution.mechanism)
    assert {name: part.shape for name, part in found.items()} == {
        name: part.shape for name, part in exact.mechanism.items()
    }
    for i, agent in enumerate(problem.environment.agents):
        paid = found[f"{agent.name}_payment"]
        interim = paid if paid.ndim == 1 else problem.environment.interim(i, paid)
        np.testing.assert_allclose(interim, solution.mechanism.payment[i], atol=1e-12)
    variables = problem.environment.outcomes.variables
    outcomes = solution.mechanism.allocation.dense(problem.environment)
    for variable, expected in zip(variables, outcomes, strict=True):
        assert np.array_equal(found[variable], expected)


@pytest.mark.parametrize("name", ["trades", 0, None, "seller"])
def test_a_name_that_is_not_there_is_one_error_with_those_that_are(name):
    mechanism = mo.solve(PROBLEMS["interim"]).mechanism
    with pytest.raises(mo.InvalidInputError, match="one of trade, seller_quantity"):
        mechanism[name]


def test_the_line_of_a_mechanism_is_short_whatever_its_size():
    many = mo.Auction(mo.TypeSpace.finite(list(range(40))), count=300)
    for environment in (PROBLEMS["interim"].environment, many):
        line = repr(mo.solve(mo.largest_revenue(environment)).mechanism)
        assert len(line) < 100
        assert "\n" not in line
    assert "Mechanism(types: 300 agents; good_to_1, " in line
