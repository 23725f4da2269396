"""Identical agents by counts in ``solve``: beside programs over all profiles, and beyond them."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

import highspy
import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt.environments.counted import States, places_of, states_of
from mechopt.errors import InvalidInputError, TooLargeError
from mechopt.mechanism.allocation import Table
from mechopt.mechanism.counts_rule import CountsPayments, CountsRule
from mechopt.problem import counts
from mechopt.problem.budget import PaymentLimit
from mechopt.problem.liability import Liability
from mechopt.program.lagrangian import dual_bound
from mechopt.verify.multipliers import multiplier_checks
from tests.draws import drawn

COIN = mo.TypeSpace.finite([1, 2], ["1/3", "2/3"])
SIX = mo.TypeSpace.finite([1, 2, 3, 4, 5, 6])
SINGLE = {"incentives": "dominant", "participation": "ex-post"}
EVERYTHING = {"incentives": "dominant", "participation": "ex-post", "budget_holds": "ex-post"}


def environment_of(rng, space, number, seed):
    """Return bidders, partners, or consumers of a project, all alike."""
    units = int(rng.integers(1, number))
    cost = round(float(rng.uniform(0.2, 1.0)) * number, 2)
    return (
        lambda: mo.Auction(space, count=number, units=units, seller_value=0.3),
        lambda: mo.PublicGood(space, cost=cost, count=number),
        lambda: mo.PublicGood(space, cost=cost, count=number, excludable=True),
        lambda: mo.Partnership(space, [f"{units}/{number}"] * number, units),
    )[seed % 4]()


def random_problem(seed):
    """Return identical agents, and something that is asked of single profiles."""
    rng = np.random.default_rng([seed, 12])
    number, size = int(rng.integers(2, 6)), int(rng.integers(1, 5))
    number = min(number, 4) if size == 4 else number
    types = np.sort(rng.choice(np.arange(0, 30), size, replace=False)) / 10
    weights = rng.integers(1, 9, size)
    space = mo.TypeSpace.finite(types, weights / weights.sum())
    if rng.random() < 0.3:
        space = mo.TypeSpace.from_distribution(stats.uniform(0, 2), size)
    revenue, welfare = mo.Revenue(), mo.Welfare((1.0,) * number)
    objective, budget = (
        (revenue, "no-deficit"), (welfare, "balanced"), (welfare, "no-deficit"),
        (revenue + 0.5 * welfare, "no-deficit"), (revenue, "subsidised"),
    )[int(rng.integers(5))]  # fmt: skip
    limits = [PaymentLimit(1.5)] * (rng.random() < 0.25) + [Liability(0.2)] * (rng.random() < 0.25)
    problem = mo.DesignProblem(
        environment_of(rng, space, number, seed),
        objective,
        incentives=str(rng.choice(["interim", "dominant", "none"])),
        participation=str(rng.choice(["interim", "ex-post"])),
        budget=budget,
        budget_holds=str(rng.choice(["ex-ante", "ex-post"])),
        requirements=limits,
    )
    return problem if problem.by_profile else replace(problem, incentives="dominant")


@pytest.mark.parametrize("backend", ["highs", "cvxpy", "pyomo"])
@pytest.mark.parametrize("seed", drawn(100, 8))
def test_counts_are_the_dense_program(seed, backend, monkeypatch):
    """Value, bound and verdict agree; the mechanism written out passes over all profiles."""
    if backend != "highs" and seed % 2:
        return
    problem = random_problem(seed)
    dense = mo.solve(problem, "highs", throw=False)
    monkeypatch.setattr(counts, "MOST_NUMBERS", 0)
    # A program is kept while its problem lives.
    problem = replace(problem)
    assert counts.has_counts_form(problem)
    found = mo.solve(problem, backend, throw=False)
    if problem.environment.first_best == 0.0:
        # Where there is nothing to gain, only fractions tell a bound of zero from rounding.
        assert abs(found.gap) <= 1e-12
        return
    assert found.termination is dense.termination
    assert mo.audit(problem, found).passed, str(mo.audit(problem, found))
    if dense.mechanism is None:
        return
    assert found.objective == pytest.approx(dense.objective, abs=1e-8)
    assert abs(found.gap) <= 1e-8
    rule, paid = found.mechanism.allocation, found.mechanism.ex_post_payments()
    monkeypatch.undo()
    problem = replace(problem)
    written = mo.Mechanism.of_profiles(
        problem.environment, Table(rule.dense(problem.environment)), paid
    )
    assert mo.audit(problem, written).passed, str(mo.audit(problem, written))
    assert problem.value(written) == pytest.approx(found.objective, abs=1e-9)


@pytest.mark.parametrize(("make", "holds"), [
    (lambda: mo.PublicGood(mo.TypeSpace.finite([0, 1]), cost="5/2", count=4), "ex-post"),
    (lambda: mo.PublicGood(mo.TypeSpace.finite([0, 1]), cost="5/2", count=4), "ex-ante"),
    (lambda: mo.Partnership(mo.TypeSpace.finite([0, 1, 3]), ["1/2"] * 4, 2), "ex-ante"),
], ids=["consumers", "consumers on average", "partners"])  # fmt: skip
def test_the_tangent_of_a_least_utility_may_have_counts_where_its_program_has_none(
    make, holds, monkeypatch
):
    """Multipliers over profiles are those of states, added up: they prove the same bound."""
    problem = mo.DesignProblem(
        make(), mo.LeastUtility(), budget="balanced", budget_holds=holds, **SINGLE
    )
    dense = mo.solve(problem, "highs")
    monkeypatch.setattr(counts, "MOST_NUMBERS", 0)
    problem = replace(problem)
    assert not counts.has_counts_form(problem)
    found = mo.solve(problem, "highs")
    assert found.objective == pytest.approx(dense.objective, abs=1e-9)
    assert found.bound == pytest.approx(found.objective, abs=1e-8)
    worse = {name: 0.5 * values for name, values in found.duals.items()}
    bound = dual_bound(problem, worse)
    assert bound >= found.objective - 1e-9
    monkeypatch.undo()
    assert bound == pytest.approx(dual_bound(replace(problem), worse), abs=1e-9)


@pytest.mark.parametrize("seed", drawn(60, 4))
def test_any_multipliers_prove_a_bound(seed, monkeypatch):
    problem = random_problem(seed)
    dense = mo.solve(problem, "highs", throw=False)
    if dense.mechanism is None:
        return
    monkeypatch.setattr(counts, "MOST_NUMBERS", 0)
    problem = replace(problem)
    found = mo.solve(problem, "highs")
    rng = np.random.default_rng(seed)
    sign = problem.objective.sign
    for _ in range(3):
        duals = {name: rng.uniform(0.0, 2.0, v.shape) * v for name, v in found.duals.items()}
        assert sign * (dual_bound(problem, duals) - dense.objective) >= -1e-9


def ten(**changes):
    """Return ten bidders of six types, of whom everything is required in every profile."""
    return mo.DesignProblem(
        mo.Auction(SIX, count=10), mo.Revenue(), budget="no-deficit", **{**EVERYTHING, **changes}
    )


@pytest.fixture(scope="module")
def of_ten():
    return mo.solve(ten())


def test_ten_bidders_of_six_types_are_solved(of_ten):
    problem = of_ten.problem
    interim = mo.solve(mo.largest_revenue(problem.environment), "direct").objective
    assert of_ten.objective == pytest.approx(interim, abs=1e-9)
    assert abs(of_ten.gap) <= 1e-9
    assert of_ten.statistics.num_variables == 24_024
    mo.audit(problem, of_ten).raise_if_failed()
    assert all(check.passed for check in multiplier_checks(problem, of_ten))


@pytest.mark.parametrize(
    ("part", "where"),
    [("own", "units|incentive|average"), ("paid", "incentive|ex post participation|objective")],
)
def test_an_audit_by_counts_notices_one_rare_state(of_ten, part, where):
    """State 0 has nine others of the lowest type: a drawn profile may never meet it."""
    rule, paid = of_ten.mechanism.allocation, of_ten.mechanism.by_counts
    own, values = rule.own.copy(), paid.values.copy()
    (own if part == "own" else values)[0, 0] += 0.01
    spoilt = mo.Mechanism.of_profiles(
        of_ten.problem.environment, CountsRule(own, None), CountsPayments(values)
    )
    report = mo.audit(of_ten.problem, replace(of_ten, mechanism=spoilt))
    assert not report.passed
    failed = [check.requirement for check in report.checks if not check.passed]
    assert any(word in name for name in failed for word in where.split("|")), failed


def test_a_unit_too_much_in_one_state_is_noticed(of_ten):
    rule = of_ten.mechanism.allocation
    own = rule.own.copy()
    own[:, 0] = 1.0
    spoilt = replace(of_ten.mechanism, allocation=CountsRule(own, None))
    failed = [c for c in mo.audit(of_ten.problem, spoilt).checks if not c.passed]
    units = [check for check in failed if check.requirement == "units"]
    assert units
    assert "bidder_1 type 0 (1), bidder_2 type 0 (1)" in units[0].where


def test_a_deficit_in_one_state_is_named(of_ten):
    values = of_ten.mechanism.by_counts.values.copy()
    values[:, -1] -= 5.0
    spoilt = mo.Mechanism.of_profiles(
        of_ten.problem.environment, of_ten.mechanism.allocation, CountsPayments(values)
    )
    by_name = {check.requirement: check for check in mo.audit(of_ten.problem, spoilt).checks}
    assert by_name["incentive compatibility of bidder_1 in every profile"].passed
    budget = by_name["budget ex post"]
    assert not budget.passed
    assert "bidder_2 type 5 (6), bidder_3 type 5 (6)" in budget.where
    limited = ten(requirements=[PaymentLimit(1.0)])
    over = {c.requirement: c for c in mo.audit(limited, of_ten.mechanism).checks}
    assert "beyond 1 at bidder_1 type" in over["limit on payments"].where


def test_what_is_saved_by_counts_comes_back(of_ten, tmp_path):
    mo.save_solution(of_ten, tmp_path / "ten.json")
    again = mo.load_solution(tmp_path / "ten.json")
    assert again.unaltered
    assert mo.audit(again.problem, again).passed
    assert np.array_equal(again.mechanism.by_counts.values, of_ten.mechanism.by_counts.values)
    content = json.loads((tmp_path / "ten.json").read_text())
    assert content["mechanism"]["allocation"]["type"] == "mechopt.CountsRule@1"


def test_what_does_not_fit_is_refused(of_ten):
    nine = mo.Auction(SIX, count=9)
    with pytest.raises(InvalidInputError, match="payments do not fit the environment"):
        mo.Mechanism.of_profiles(nine, of_ten.mechanism.allocation, of_ten.mechanism.by_counts)
    with pytest.raises(InvalidInputError, match="the allocation does not fit the environment"):
        of_ten.mechanism.allocation.interim_quantities(nine)
    unlike = mo.Auction([SIX, mo.TypeSpace.finite([1, 2, 3, 4, 5, 6], [0.5, *[0.1] * 5])])
    with pytest.raises(InvalidInputError, match="agents with equal probabilities of types"):
        of_ten.mechanism.allocation.interim_quantities(unlike)
    with pytest.raises(InvalidInputError, match="an outcome is not finite"):
        CountsRule(np.array([[np.nan]]), None)
    with pytest.raises(TooLargeError, match="counted by type where no more"):
        mo.solve(ten(requirements=[mo.UtilityFloor("bidder_1", [0.0] * 6)]))


EXACT = {
    "three units": (mo.Auction(COIN, count=18, units=3), Fraction(774840520, 129140163)),
    "a project": (mo.PublicGood(COIN, cost=30, count=18), Fraction(1310720, 129140163)),
}


@pytest.mark.parametrize("name", EXACT)
def test_exact_optima_by_counts(name):
    """Primal and dual are equal in fractions; dominance costs nothing on average."""
    environment, expected = EXACT[name]
    problem = mo.DesignProblem(environment, mo.Revenue(), budget="no-deficit", **EVERYTHING)
    exact = mo.exact_optimum(problem)
    assert exact.objective == expected
    assert exact.verify() == ()
    solution = mo.solve(problem)
    assert exact.doubt_about(solution) is None
    mo.audit(problem, solution).raise_if_failed()
    direct = mo.solve(mo.largest_revenue(environment), "direct").objective
    on_average = mo.exact_optimum(replace(problem, budget_holds="ex-ante"))
    assert float(on_average.objective) == pytest.approx(direct, abs=1e-9)


def test_exact_optima_by_counts_are_those_over_profiles(monkeypatch):
    for seed in range(8):
        problem = random_problem(seed)
        if not all(agent.types.is_finite for agent in problem.environment.agents):
            continue
        over_profiles = mo.exact_optimum(replace(problem))
        with monkeypatch.context() as few:
            few.setattr(counts, "MOST_NUMBERS", 0)
            problem = replace(problem)
            by_counts = mo.exact_optimum(problem)
            assert by_counts.verify() == ()
        assert by_counts.termination is over_profiles.termination
        assert by_counts.objective == over_profiles.objective


def test_exact_optima_of_very_many_states_are_refused():
    with pytest.raises(TooLargeError, match="24,024 outcomes and payments"):
        mo.exact_optimum(ten())


@pytest.mark.parametrize("suffix", ["mps", "lp", "nl"])
def test_models_by_counts_have_no_profiles(suffix, tmp_path, monkeypatch):
    problem = mo.DesignProblem(
        mo.PublicGood(COIN, cost=5, count=6), mo.Revenue(), budget="no-deficit", **EVERYTHING
    )
    dense = mo.solve(problem, "highs").objective
    monkeypatch.setattr(counts, "MOST_NUMBERS", 0)
    problem = replace(problem)
    path = tmp_path / f"project.{suffix}"
    mo.export(problem, path)
    assert path.stat().st_size < 20_000
    if suffix == "nl":
        return
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.readModel(str(path))
    assert model.getNumCol() == 7 + 2 * 6
    model.run()
    sidecar = json.loads((tmp_path / f"project.{suffix}.json").read_text())
    assert "maximise" in json.dumps(sidecar["objective"]), sidecar["objective"]
    assert -model.getObjectiveValue() == pytest.approx(dense, abs=1e-8)


def test_states_are_ranked_as_they_are_listed():
    for number, size in ((0, 3), (1, 1), (4, 3), (3, 5)):
        assert places_of(states_of(number, size), number).tolist() == list(
            range(len(states_of(number, size)))
        )
    states = States(3, 3)
    for k, row in enumerate(states.joint):
        for state, place in zip(states.others.tolist(), row, strict=True):
            assert states.every[place].tolist() == [n + (j == k) for j, n in enumerate(state)]
    assert sorted(states.profile(1, 2, 0)) == [0, 0, 2]
