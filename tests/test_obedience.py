"""Recommendations that are followed: Bayesian persuasion as a program without reports."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from scipy.spatial import ConvexHull

import mechopt as mo
from mechopt.errors import InvalidInputError
from mechopt.literature.kamenica2011.persuasion import persuasion
from mechopt.mechanism.allocation import Table
from mechopt.mechanism.mechanism import Mechanism

ALWAYS_GUILTY = [[0, 0], [1, 1]]
JUDGE = persuasion(["7/10", "3/10"], ALWAYS_GUILTY, [[1, 0], [0, 1]], actions=["acquit", "convict"])


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (JUDGE, "3/5"),
        (persuasion(["4/5", "1/5"], ALWAYS_GUILTY, [[0, 0], [-3, 1]]), "4/15"),
    ],
)
def test_the_judge(problem, expected):
    solution = mo.solve(problem, "highs")
    mo.audit(problem, solution).raise_if_failed()
    wanted = float(Fraction(expected))
    assert (solution.objective, solution.bound) == pytest.approx((wanted, wanted), abs=1e-9)
    exact = mo.exact_optimum(problem)
    assert (exact.objective, exact.verify()) == (Fraction(expected), ())


def test_the_value_is_the_concave_hull_at_the_prior():
    """Whatever is learnt, posteriors average to the prior (Kamenica and Gentzkow)."""
    rng = np.random.default_rng(4)
    sender, receiver = rng.integers(-4, 5, (2, 3, 2))
    grid = np.linspace(0.0, 1.0, 2001)
    posterior = np.stack([1.0 - grid, grid])
    best = receiver @ posterior
    favoured = np.where(best >= best.max(axis=0) - 1e-12, sender @ posterior, -np.inf).max(axis=0)
    hull = ConvexHull(np.column_stack([grid, favoured]))
    for chance in (0.25, 0.6):
        problem = persuasion([1.0 - chance, chance], sender.tolist(), receiver.tolist())
        value = mo.solve(problem, "highs").objective
        sides = hull.equations[hull.equations[:, 1] > 1e-9]
        concave = (-(sides[:, 0] * chance + sides[:, 2]) / sides[:, 1]).min()
        assert value == pytest.approx(concave, abs=0.01)


def test_disobedience_is_noticed():
    always = Table([[0.0, 0.0], [1.0, 1.0]])
    mechanism = Mechanism.of_profiles(JUDGE.environment, always, np.zeros((1, 2)))
    failed = mo.audit(JUDGE, mechanism).failed
    assert [check.requirement for check in failed] == ["obedience"]
    assert "told convict gains 0.4 by acquit" in failed[0].where


@pytest.mark.parametrize(
    ("utility", "message"),
    [
        ([[1, 0]], "1 rows, of 2 numbers"),
        ([[1, 0], [0]], "2 rows, of 2, 1 numbers"),
        ([[1, np.nan], [0, 1]], "rows of finite numbers"),
        (3, "rows of finite numbers"),
    ],
)
def test_utilities_that_are_refused(utility, message):
    with pytest.raises(InvalidInputError, match=message):
        persuasion(["7/10", "3/10"], ALWAYS_GUILTY, utility)
