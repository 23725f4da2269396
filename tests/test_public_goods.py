"""Public goods: outcomes, closed forms, every backend, files."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt.environments import SharedProject
from mechopt.environments.sums import chances_to_exceed
from mechopt.instances import instance_from_document
from mechopt.report.solved import solve_instance
from mechopt.testing import check_outcomes
from tests.draws import drawn

REFERENCE = json.loads(
    (Path(__file__).parent / "oracles" / "reference.json").read_text(encoding="utf-8")
)
FINITE = {case["id"]: case for case in REFERENCE if case["kind"] == "project-finite"}
POSTED = {case["id"]: case for case in REFERENCE if case["kind"] == "project-equivalence"}
BACKENDS = ("direct", "highs", "cvxpy", "pyomo")


def certified(problem, backend=None):
    solution = mo.solve(problem, backend)
    assert mo.audit(problem, solution).passed, str(mo.audit(problem, solution))
    return solution


def profit(good):
    return mo.DesignProblem(good, mo.Revenue(), budget="subsidised")


@pytest.mark.parametrize(
    ("consumers", "price", "excludable"),
    [(1, 0.5, False), (2, Fraction(1, 3), False), (4, 2.0, False), (2, 1.1, True), (3, 0.7, True)],
)
def test_outcomes_are_what_they_declare(consumers, price, excludable):
    check_outcomes(SharedProject(consumers, price, excludable), draws=8)


@pytest.mark.parametrize("sizes", [(3,), (4, 1), (2, 3, 4), (5, 2, 2, 3), (2,) * 7])
def test_chances_of_sums_are_those_of_all_profiles(sizes):
    rng = np.random.default_rng(len(sizes))
    values = [rng.integers(-2, 5, size).astype(float) for size in sizes]
    masses = [rng.dirichlet(np.ones(size)) for size in sizes]
    for least in (-1.0, 1.0, 3.5):
        found = chances_to_exceed(values, masses, least)
        for i, chances in enumerate(found):
            expected = np.zeros(sizes[i])
            for profile in itertools.product(*map(range, sizes)):
                if sum(v[k] for v, k in zip(values, profile, strict=True)) > least:
                    others = [m[k] for m, k in zip(masses, profile, strict=True)]
                    expected[profile[i]] += np.prod(others[:i] + others[i + 1 :])
            np.testing.assert_allclose(chances, expected, atol=1e-14)


@pytest.mark.parametrize("name", FINITE)
def test_finite_goods_have_the_values_that_enumeration_gives(name):
    case = FINITE[name]
    consumers = [
        mo.TypeSpace.finite(c["types"], c["probabilities"]) for c in case["inputs"]["consumers"]
    ]
    good = mo.PublicGood(consumers, cost=case["inputs"]["cost"])
    exact = {key: Fraction(value) for key, value in case["exact"].items()}
    assert good.first_best == pytest.approx(float(exact["first_best"]), abs=1e-12)
    least, most = mo.minimum_subsidy(good), profit(good)
    for backend in BACKENDS:
        tolerance = 1e-12 if backend == "direct" else 1e-8
        found = certified(least, backend).objective
        assert found == pytest.approx(float(exact["least_subsidy"]), abs=tolerance)
        found = certified(most, backend).objective
        assert found == pytest.approx(float(exact["largest_profit"]), abs=tolerance)
    assert mo.exact_optimum(least).objective == exact["least_subsidy"]
    assert mo.exact_optimum(most).objective == exact["largest_profit"]
    check = mo.check_ex_post_efficiency(good)
    assert not check.implementable
    assert check.certificate.verified
    assert check.least_subsidy == pytest.approx(float(exact["least_subsidy"]), abs=1e-9)


@pytest.mark.parametrize("name", POSTED)
def test_dominant_strategies_with_balance_in_every_profile_post_shares(name):
    inputs = POSTED[name]["inputs"]
    types = mo.TypeSpace.finite(inputs["types"])
    good = mo.PublicGood(types, cost=inputs["cost"], count=2)
    problem = mo.DesignProblem(
        good, mo.Welfare((1, 1)), incentives="dominant", participation="ex-post",
        budget_holds="ex-post",
    )  # fmt: skip
    expected = float(Fraction(POSTED[name]["exact"]["dominant_expost"]))
    assert certified(problem).objective == pytest.approx(expected, abs=1e-8)


def random_good(seed):
    """Return a public good of irregular consumers, with a random objective."""
    rng = np.random.default_rng([seed, 5])
    consumers = []
    for _ in range(int(rng.integers(2, 4))):
        size = int(rng.integers(1, 5))
        types = np.sort(rng.choice(np.arange(-4, 30), size, replace=False)) / 10
        consumers.append(mo.TypeSpace.finite(types, rng.dirichlet(np.full(size, 0.7))))
    cost = float(rng.integers(0, 12 * len(consumers))) / 10
    good = mo.PublicGood(consumers, cost=cost, excludable=bool(seed % 2))
    if seed % 3 == 0:
        return profit(good)
    if seed % 3 == 1:
        return mo.ex_ante_efficiency(good, tuple(rng.uniform(0.1, 1.0, len(consumers))))
    return mo.minimum_subsidy(good)


@pytest.mark.parametrize("seed", drawn(30, 5))
def test_every_backend_agrees_on_irregular_consumers(seed):
    problem = random_good(seed)
    scale = max(problem.environment.first_best, 1.0)
    found = {name: certified(problem, name).objective for name in BACKENDS}
    assert found["highs"] == pytest.approx(found["direct"], abs=1e-9 * scale)
    for name in ("cvxpy", "pyomo"):
        assert found[name] == pytest.approx(found["direct"], abs=1e-7 * scale), name


def test_decimals_that_add_up_to_the_cost_are_a_tie():
    # 0.1 + 0.2 is more than 0.3 in floats, and 0.7 + 0.1 less than 0.8.
    types = [mo.TypeSpace.finite([0.1, 0.7]), mo.TypeSpace.finite([0.1, 0.2])]
    for cost in (0.3, 0.8, 0.9):
        problem = mo.minimum_subsidy(mo.PublicGood(types, cost=cost))
        exact = float(mo.exact_optimum(problem).objective)
        assert certified(problem).objective == pytest.approx(exact, abs=1e-12)


def test_exclusion_cannot_hurt_and_helps_profit():
    types = mo.TypeSpace.finite([1, 3, 4], ["1/2", "3/10", "1/5"])
    open_to_all = certified(profit(mo.PublicGood(types, cost=2, count=3))).objective
    gated = certified(profit(mo.PublicGood(types, cost=2, count=3, excludable=True))).objective
    assert gated > open_to_all + 0.1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cost": float("inf")}, "cost: not what the good costs"),
        ({"cost": "dear"}, "cost: not what the good costs"),
        ({"cost": 1, "count": 61}, "num_agents: not a number of agents or units"),
    ],
)
def test_goods_that_cannot_be(arguments, message):
    with pytest.raises(mo.InvalidInputError, match=message):
        mo.PublicGood(mo.TypeSpace.finite([0, 1]), **arguments)


def test_too_many_sets_of_users_are_not_listed():
    with pytest.raises(mo.errors.TooLargeError, match="sets of users"):
        _ = SharedProject(17, 1.0, excludable=True).vertices


@pytest.mark.parametrize("excludable", [False, True])
def test_a_report_says_what_is_provided_and_paid(excludable):
    consumers = [{"count": 2, "types": [1, 2]}]
    table = {"kind": "public-good", "cost": 3, "excludable": excludable, "consumers": consumers}
    document = {"environment": table, "problem": {"objective": "ex-ante-efficiency"}}
    report = solve_instance(instance_from_document(document, "good.toml"))
    record = report.record()
    assert record["provision"] == pytest.approx(0.25)
    assert record["expected_cost"] == record["paid"] == pytest.approx(0.75)
    text = mo.summary(report.solution)
    assert "provided" in text
    assert "exceeds 3" in text


def with_atoms(*atoms, size):
    """Return cells of a uniform law with atoms, each a type and its probability."""
    laws = [mo.priors.finite([at]) for at, _ in atoms] + [stats.uniform(0, 1)]
    chances = [chance for _, chance in atoms]
    law = mo.priors.mixture(laws, [*chances, 1.0 - sum(chances)]) if atoms else laws[-1]
    return mo.TypeSpace.from_distribution(law, size)


ATOMS = {
    "none": (),
    "one": ((0.21, 0.3),),
    "two heavy": ((0.21, 0.3), (0.6180339, 0.3)),
    "two heavy, one at zero": ((0.0, 0.25), (0.7071, 0.35)),
}


@pytest.mark.parametrize("excludable", [False, True])
@pytest.mark.parametrize("name", ATOMS)
def test_sums_on_a_lattice_are_those_of_halves(name, excludable, monkeypatch):
    """Atoms lie on the lattice: two up to rounding, and zero where it counts."""
    types = with_atoms(*ATOMS[name], size=12)
    good = mo.PublicGood(types, cost=2.2, count=5, excludable=excludable)
    problem = mo.ex_ante_efficiency(good)
    by_halves = mo.solve(problem, "direct")
    monkeypatch.setattr("mechopt.environments.public_good.MAX_HALF", 1)
    problem = mo.ex_ante_efficiency(replace(good))
    on_lattice = mo.solve(problem, "direct")
    assert on_lattice.is_certified
    scale = problem.objective_scale
    assert on_lattice.objective == pytest.approx(by_halves.objective, abs=1e-6 * scale)
    assert on_lattice.objective <= by_halves.bound + 1e-12
    assert on_lattice.bound >= by_halves.objective - 1e-12
    mo.audit(problem, on_lattice).raise_if_failed()


@pytest.mark.parametrize("excludable", [False, True])
def test_five_consumers_with_two_heavy_atoms_are_certified(excludable):
    types = with_atoms((0.21, 0.3), (0.6180339, 0.3), size=100)
    good = mo.PublicGood(types, cost=2.25, count=5, excludable=excludable)
    solution = mo.solve(mo.ex_ante_efficiency(good), "direct")
    assert solution.is_certified
    assert 0.0 <= solution.gap <= 1e-6 * good.first_best
