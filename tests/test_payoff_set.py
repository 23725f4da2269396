"""Payoff sets: support functions, corners and projections, against sampled directions."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import mechopt as mo
from mechopt.literature.peski2024.polytope import polytope_of
from mechopt.studies.extremes import PayoffProgram
from tests.draws import drawn


def two_types(low, high, probability_high):
    return ([low, high], [1 - probability_high, probability_high])


GENERIC = mo.Bargaining(two_types(0, 2, 0.5), two_types(1, 3, 0.2), 0.5)
# Nothing to spare: the lottery over the two monopoly mechanisms is all there is.
TIGHT = mo.Bargaining(two_types(0, 3, 0.5), two_types(1, 2, 0.4), 1)
SETS = {
    "generic": mo.peski2024.PayoffSet(GENERIC),
    "generic-nothing": mo.peski2024.PayoffSet(GENERIC, at_least="nothing"),
    "high-types-first": mo.peski2024.PayoffSet(
        mo.Bargaining(two_types(0, 3, 0.3), two_types(1, 2, 0.6), 0.25)
    ),
    "one-type-each": mo.peski2024.PayoffSet(mo.Bargaining(mo.TypeSpace.finite([1]), ([2], [1.0]))),
    "certain-proposer": mo.peski2024.PayoffSet(TIGHT),
    "trade": mo.peski2024.PayoffSet(
        mo.BilateralTrade(mo.TypeSpace.finite([0, 1]), mo.TypeSpace.finite([0.5, 2]))
    ),
    "other-unit": mo.peski2024.PayoffSet(
        mo.Bargaining(two_types(0, 2000, 0.5), two_types(1000, 3000, 0.2), 0.5)
    ),
}


@cache
def body_of(name):
    return SETS[name].vertices()


@pytest.mark.parametrize("name", SETS)
def test_corners_span_the_set_and_belong_to_it(name):
    payoffs = SETS[name]
    body = body_of(name)
    scale = payoffs.problem.environment.payoff_scale
    splits = np.cumsum(payoffs.problem.environment.shape)[:-1]
    rng = np.random.default_rng(1)
    for _ in drawn(60, 3):
        direction = rng.normal(size=body.vertices.shape[1])
        extreme = payoffs.furthest(np.split(direction, splits))
        assert (body.vertices @ direction).max() == pytest.approx(extreme.value, abs=1e-7 * scale)
        assert extreme.bound == pytest.approx(extreme.value, abs=1e-7 * scale)
        mo.audit(payoffs.problem, extreme.mechanism).raise_if_failed()
        point = np.concatenate(extreme.payoffs)
        assert (body.normals @ point <= body.offsets + 1e-7 * scale).all()
    # No corner is in the hull of the others.
    if len(body.vertices) > 1:
        for k, corner in enumerate(body.vertices):
            others = np.delete(body.vertices, k, axis=0)
            assert distance_to_hull(corner, others) > 1e-9 * scale


def distance_to_hull(point, others):
    from scipy.optimize import nnls

    weight = 1e3 * max(1.0, np.abs(others).max())
    matrix = np.vstack([others.T, weight * np.ones(len(others))])
    return nnls(matrix, np.append(point, weight))[1]


@pytest.mark.parametrize("name", SETS)
def test_projections_are_what_the_corners_project_to(name):
    payoffs = SETS[name]
    environment = payoffs.problem.environment
    scale = environment.payoff_scale
    body = body_of(name)
    first, second = (agent.name for agent in environment.agents)
    masses = environment.masses
    expected = np.stack(
        [
            body.vertices[:, : masses[0].size] @ masses[0],
            body.vertices[:, masses[0].size :] @ masses[1],
        ],
        axis=1,
    )
    seen = payoffs.projection(first, second).polygon
    for angle in np.linspace(0, 2 * np.pi, 40):
        direction = np.array([np.cos(angle), np.sin(angle)])
        assert (seen.vertices @ direction).max() == pytest.approx(
            (expected @ direction).max(), abs=1e-7 * scale
        )
    if seen.dimension == 2:
        assert_counterclockwise(seen.vertices)


def assert_counterclockwise(vertices):
    edges = np.diff(np.vstack([vertices, vertices[:1]]), axis=0)
    turns = edges[:, 0] * np.roll(edges[:, 1], -1) - edges[:, 1] * np.roll(edges[:, 0], -1)
    assert (turns > 0).all()


@pytest.mark.parametrize("seed", drawn(12, 3))
def test_polygons_go_round_counterclockwise(seed):
    rng = np.random.default_rng(seed)
    low_1, low_2 = np.sort(rng.integers(0, 4, 2))
    bargaining = mo.Bargaining(
        two_types(low_1, low_1 + rng.integers(1, 4), 0.5),
        two_types(low_2, low_2 + rng.integers(1, 4), 0.25),
    )
    payoffs = mo.peski2024.PayoffSet(bargaining, at_least="nothing")
    for axes in ((("player_1", 0), ("player_1", 1)), ("player_2", "player_1")):
        polygon = payoffs.projection(*axes).polygon
        assert polygon.dimension == 2
        assert_counterclockwise(polygon.vertices)


def test_dimensions_of_flat_sets():
    assert body_of("generic").dimension == 4
    # All goes to one player: only the division of money is left open, and then the bounds.
    assert body_of("one-type-each").dimension == 0
    assert body_of("certain-proposer").dimension == 0


def test_player_1_takes_the_gap_in_the_payoff_set():
    payoffs = SETS["generic"]
    outcome = mo.peski2024.player_1_gap(GENERIC)
    assert payoffs.furthest("player_1").value == pytest.approx(outcome.value, abs=1e-9)
    seen = payoffs.projection("player_1", "player_2")
    assert seen.bound[0] == pytest.approx(outcome.random_monopoly)
    assert seen.polygon.vertices[:, 0].max() == pytest.approx(outcome.value, abs=1e-9)
    for k, name in enumerate(("player_1", "player_2")):
        for t in range(2):
            ends = outcome.payoff_intervals[name][t]
            least = -payoffs.furthest(
                [-np.eye(2)[t] if i == k else np.zeros(2) for i in range(2)]
            ).value
            assert least <= ends[0] + 1e-9
            assert payoffs.furthest((name, t)).value >= ends[1] - 1e-9


@pytest.mark.parametrize(
    "axis",
    [
        "nobody",
        ("player_1", 2),
        ("player_1", "high"),
        [[0, 0], [0, 0]],
        [[1.0], [2.0]],
        3,
        {"a": []},
    ],
)
def test_axes_that_do_not_exist(axis):
    with pytest.raises(mo.InvalidInputError):
        SETS["generic"].furthest(axis)


def test_directions_by_name():
    by_name = SETS["generic"].furthest({"player_2": [0, 1], "player_1": [1, 0]})
    in_order = SETS["generic"].furthest([[1, 0], [0, 1]])
    assert by_name.value == pytest.approx(in_order.value)


def test_other_words_and_too_many_types():
    with pytest.raises(mo.InvalidInputError, match="outside-option"):
        mo.peski2024.PayoffSet(GENERIC, at_least="everything")
    many = mo.TypeSpace.finite([1, 2, 3, 4])
    with pytest.raises(mo.InvalidInputError, match="at most 6"):
        mo.peski2024.PayoffSet(mo.Bargaining(many, many)).vertices()


def test_delay_has_no_corners():
    types = mo.TypeSpace.finite([0, 1])
    with pytest.raises(mo.errors.UnsupportedProblemError, match="curved"):
        mo.peski2024.PayoffSet(mo.BilateralTrade(types, types, 2.0, 1.0))


def test_an_empty_set_is_said_to_be_empty():
    from scipy import stats

    cells = mo.TypeSpace.from_distribution(stats.beta(2, 3), 5)
    with pytest.raises(mo.errors.NotOptimalError, match="infeasible"):
        mo.peski2024.PayoffSet(mo.Bargaining(cells, cells, 1)).furthest("player_1")


def test_a_requirement_on_payoffs_enters_the_bound():
    problem = mo.ex_ante_efficiency(GENERIC)
    everyone = GENERIC.masses
    best = mo.solve(problem).objective
    program = PayoffProgram(problem, at_least=(everyone, best - 0.01))
    free = PayoffProgram(problem)
    direction = [np.array([0.0, 1.0]), np.zeros(2)]
    limited, unlimited = program.furthest(direction), free.furthest(direction)
    assert limited.value <= unlimited.value + 1e-9
    assert limited.bound == pytest.approx(limited.value, abs=1e-8)
    reached = sum(m @ u for m, u in zip(everyone, limited.payoffs, strict=True))
    assert reached >= best - 0.01 - 1e-9


def assert_same_points(found, expected):
    assert len(found) == len(expected)
    distance = np.abs(found[:, None] - expected[None]).max(axis=2)
    assert distance.min(axis=0).max() < 1e-9
    assert distance.min(axis=1).max() < 1e-9


@pytest.mark.parametrize(
    ("corners", "dimension"),
    [
        ([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], 3),
        ([[0, 0, 1], [1, 0, 1], [0, 1, 1], [1, 1, 1]], 2),
        ([[1, 2, 3], [2, 4, 6]], 1),
        ([[1, 2, 3]], 0),
        ([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], 3),
        ([[1e-3 * x, y, 50 * z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], 3),
    ],
)
def test_known_polytopes_are_found_from_their_support_function(corners, dimension):
    corners = np.array(corners, dtype=float)
    rotation = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]
    for points in (corners, corners @ rotation):
        found = polytope_of(lambda d, points=points: points[np.argmax(points @ d)], 3)
        assert found.dimension == dimension
        assert_same_points(found.vertices, points)
        assert (found.normals @ points.T <= found.offsets[:, None] + 1e-9).all()


@pytest.mark.parametrize("seed", range(8))
def test_random_polytopes(seed):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(12, 2 + seed % 3))
    found = polytope_of(lambda d: points[np.argmax(points @ d)], points.shape[1])
    from scipy.spatial import ConvexHull

    expected = points[ConvexHull(points).vertices]
    assert_same_points(found.vertices, expected)
