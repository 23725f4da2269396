"""Corners that are found from bounds and rows, against those that environments declare."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import linprog

import mechopt as mo
from mechopt.environments import Role
from mechopt.environments.corners import corners_of
from mechopt.testing import check_outcomes

TYPES = mo.TypeSpace.finite([1, 2, 4])
DECLARED = {
    "auction": mo.Auction(TYPES, count=3, units=2),
    "market": mo.Market([TYPES] * 2, [TYPES] * 2),
    "trade": mo.BilateralTrade(TYPES, TYPES),
    "excludable project": mo.PublicGood([TYPES] * 2, cost=1.5, excludable=True),
}


def found(outcomes):
    rows = [(row.coefficients, row.upper) for row in outcomes.rows]
    return corners_of(outcomes.lower.tolist(), outcomes.upper.tolist(), rows)


@pytest.mark.parametrize("name", DECLARED)
def test_found_corners_are_the_declared_ones(name):
    outcomes = DECLARED[name].outcomes
    assert {tuple(corner) for corner in found(outcomes).tolist()} == {
        tuple(map(Fraction, corner)) for corner in outcomes.vertices.tolist()
    }
    assert not found(outcomes)[0].any()


@pytest.mark.parametrize("seed", range(6))
def test_some_corner_is_as_good_as_any_outcome(seed):
    draw = np.random.default_rng(seed)
    size, count = int(draw.integers(1, 5)), int(draw.integers(0, 4))
    lower, upper = -draw.integers(0, 3, size) / 2, draw.integers(1, 5, size) / 3
    rows = draw.integers(-2, 3, (count, size)).astype(float)
    most = draw.integers(0, 4, count) / 7
    corners = corners_of(lower.tolist(), upper.tolist(), list(zip(rows, most, strict=True)))
    for _ in range(4):
        weights = draw.normal(size=size)
        program = linprog(
            -weights,
            A_ub=rows if count else None,
            b_ub=most if count else None,
            bounds=np.stack([lower, upper], axis=1),
        )
        best = (corners.astype(float) @ weights).max()
        assert best == pytest.approx(-program.fun, abs=1e-9)
    # Sevenths and thirds are read as the decimals that they print as, and stay exact.
    assert all(isinstance(value, Fraction) for value in corners.ravel().tolist())


@dataclass(frozen=True)
class Quotas(mo.Outcomes):
    """Three agents; no two may have more than two thirds of a good between them."""

    variables = ("first", "second", "third")
    roles = tuple(Role(name, "receives") for name in variables)
    net_quantity = np.eye(3)

    @property
    def rows(self):
        pairs = ((1.0, 1.0, 0.0), (1.0, 0.0, 1.0), (0.0, 1.0, 1.0))
        return tuple(
            mo.environments.OutcomeRow(f"pair_{k}", row, 2 / 3) for k, row in enumerate(pairs)
        )


def test_an_environment_without_corners_is_solved():
    check_outcomes(Quotas())
    agents = tuple(mo.Agent(role.name, TYPES) for role in Quotas().roles)
    problem = mo.largest_revenue(mo.Environment(agents, Quotas()))
    direct, highs = (mo.solve(problem, backend) for backend in ("direct", "highs"))
    assert direct.objective == pytest.approx(highs.objective, abs=1e-12)
    mo.audit(problem, direct).raise_if_failed()


def test_what_has_too_many_corners_or_none_is_refused():
    with pytest.raises(mo.MechoptError, match="choices of tight ones to try"):
        corners_of([0.0] * 20, [1.0] * 20, [])
    with pytest.raises(mo.MechoptError, match="finite lower and upper bounds"):
        corners_of([0.0], [float("inf")], [])
