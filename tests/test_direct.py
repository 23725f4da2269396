"""The direct solver against linear and conic programs, and its own claims."""

from __future__ import annotations

import dataclasses
import math
import sys

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import optimize, stats

import mechopt as mo
from mechopt.backends.direct import Direct
from mechopt.backends.root import VirtualRules, root_of_slack
from mechopt.environments.sorted_sums import best_trade, expected_trade
from mechopt.mechanism.allocation import Table
from mechopt.solution import PointStatus, Termination
from mechopt.types.virtual_values import ironed, virtual_cost, virtual_value
from tests.draws import THOROUGH, crossed, drawn, some

RATIOS = (0.05, 0.2, 0.5, 0.8, 0.9, 0.97, 1.0, 1.7)
WEIGHTS = ((1.0, 1.0), (1.0, 0.0), (0.0, 1.0))


def random_types(rng, *, negative):
    """Return 1 to 12 types, regular or not, with probabilities down to a millionth."""
    size = int(rng.integers(1, 13))
    values = np.sort(rng.choice(np.arange(-40 if negative else 0, 400), size, replace=False)) / 100
    mass = rng.dirichlet(np.ones(size) * rng.choice([0.3, 1.0, 5.0]))
    mass = np.maximum(mass, 1e-6)
    return mo.TypeSpace.finite(values, mass / mass.sum())


def random_problem(seed):
    rng = np.random.default_rng([seed, 4])
    ratio = RATIOS[seed % len(RATIOS)]
    negative = bool(seed % 3 == 0)
    trade = mo.BilateralTrade(
        random_types(rng, negative=negative), random_types(rng, negative=negative), 1.0, ratio
    )
    weights = WEIGHTS[seed % 4] if seed % 4 < 3 else tuple(rng.uniform(0, 1, 2))
    return mo.ex_ante_efficiency(trade, weights)


@pytest.mark.parametrize("seed", drawn(100, 10))
def test_direct_equals_the_program_and_passes_its_audit(seed):
    problem = random_problem(seed)
    scale = problem.environment.payoff_scale
    direct = mo.backends.Direct().solve(problem)
    mo.audit(problem, direct).raise_if_failed()
    assert abs(direct.gap) <= 1e-10 * scale
    static = isinstance(problem.environment.outcomes, mo.Trade) or (
        problem.environment.outcomes.ratio > 1
    )
    program = mo.backends.HiGHS().solve(problem)
    mo.audit(problem, program).raise_if_failed()
    tolerance = 1e-9 if static else 1e-7
    assert direct.objective == pytest.approx(program.objective, abs=tolerance * scale)


@pytest.mark.parametrize(
    "seed", some([s for s in range(300) if RATIOS[s % len(RATIOS)] < 1][::3], 7)
)
def test_direct_equals_the_power_cone(seed):
    problem = random_problem(seed)
    direct, conic = mo.backends.Direct().solve(problem), mo.backends.Cvxpy().solve(problem)
    scale = problem.environment.payoff_scale
    assert direct.objective == pytest.approx(conic.objective, abs=1e-6 * scale)
    mo.audit(problem, conic).raise_if_failed()


@pytest.mark.parametrize("seed", some(range(0, 24, 3)))
def test_pyomo_cutting_planes_agree(seed):
    problem = random_problem(seed)
    scale = problem.environment.payoff_scale
    pyomo = mo.backends.Pyomo().solve(problem)
    assert mo.backends.Direct().solve(problem).objective == pytest.approx(
        pyomo.objective, abs=1e-7 * scale
    )
    mo.audit(problem, pyomo).raise_if_failed()


SPECIAL = {
    "seller cannot wait": (math.inf, 1.0),
    "buyer cannot wait": (1.0, math.inf),
    "rates a millionth apart": (1.0, 1.0 - 1e-6),
    "rates a billionth apart": (1.0, 1.0 - 1e-9),
    "buyer slightly less patient": (1.0, 1.0 + 1e-6),
    "seller a thousand times less patient": (1000.0, 1.0),
    "buyer a hundred times less patient": (1.0, 100.0),
}
SPACES = {
    "zero costs": ([0.0, 0.3, 0.7], [0.1, 0.5, 0.9]),
    "negative valuations": ([-1.0, -0.3, 0.6], [-0.8, -0.1, 0.95]),
    "all negative": ([-3.0, -2.0, -1.0], [-2.5, -1.5, -0.5]),
    "ties": ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]),
    "one type each": ([0.4], [0.6]),
    "one seller type": ([0.5], [0.2, 0.6, 0.9]),
    "no gains": ([2.0, 3.0], [0.0, 1.0]),
    "gains for sure": ([0.0, 1.0], [2.0, 3.0]),
}


@pytest.mark.parametrize(("rates", "space"), crossed(SPECIAL, SPACES))
def test_extreme_rates_and_spaces(rates, space):
    seller, buyer = (mo.TypeSpace.finite(values) for values in SPACES[space])
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(seller, buyer, *SPECIAL[rates]))
    solution = mo.backends.Direct().solve(problem)
    mo.audit(problem, solution).raise_if_failed()
    scale = problem.environment.payoff_scale
    assert abs(solution.gap) <= 1e-9 * scale
    assert solution.objective <= problem.environment.first_best + 1e-12 * scale
    # Nearly equal rates give nearly the static optimum.
    if "apart" in rates or "slightly" in rates:
        static = mo.backends.Direct().solve(mo.ex_ante_efficiency(mo.BilateralTrade(seller, buyer)))
        assert solution.objective == pytest.approx(static.objective, abs=1e-4 * scale)


@settings(max_examples=60 if THOROUGH else 20)
@given(
    st.integers(0, 10_000),
    st.sampled_from([1e-6, 1e-3, 0.5, 7.0, 1e6]),
)
def test_the_unit_of_money_does_not_matter(seed, factor):
    problem = random_problem(seed)
    here = mo.backends.Direct().solve(problem).objective
    there = mo.backends.Direct().solve(problem.scaled(factor)).objective
    assert there == pytest.approx(factor * here, rel=1e-9, abs=1e-12 * factor)


@settings(max_examples=40 if THOROUGH else 15)
@given(st.integers(0, 10_000), st.floats(-5, 5))
def test_a_shift_of_all_types_does_not_matter_without_delay(seed, shift):
    rng = np.random.default_rng(seed)
    spaces = [random_types(rng, negative=False) for _ in range(2)]
    moved = [mo.TypeSpace.finite(types.mean + shift, types.mass) for types in spaces]
    here, there = (
        mo.backends.Direct().solve(mo.ex_ante_efficiency(mo.BilateralTrade(*pair))).objective
        for pair in (spaces, moved)
    )
    assert there == pytest.approx(here, abs=1e-10)


def test_ironing_equals_the_slopes_of_the_convex_hull():
    rng = np.random.default_rng(2)
    for _ in range(20):
        values, mass = rng.normal(size=9), rng.dirichlet(np.ones(9))
        result = ironed(values, mass)
        assert (np.diff(result) >= -1e-15).all()
        total, hull = np.cumsum(mass * values), np.cumsum(mass * result)
        assert hull[-1] == pytest.approx(total[-1], abs=1e-14)
        assert (hull <= total + 1e-14).all()
        # Where the hull leaves the integral it is straight.
        apart = np.flatnonzero(total - hull > 1e-9)
        assert np.allclose(result[apart], result[apart + 1])


def test_virtual_valuations_of_cells_are_means_of_the_densitys_formula():
    types = mo.TypeSpace.from_distribution(stats.beta(2, 3), 50)
    law = stats.beta(2, 3)
    for cell in (5, 20, 40):
        points = np.linspace(types.lower[cell], types.upper[cell], 20_001)
        weight = law.pdf(points) / law.pdf(points).sum()
        cost = weight @ (points + law.cdf(points) / law.pdf(points))
        value = weight @ (points - law.sf(points) / law.pdf(points))
        assert virtual_cost(types)[cell] == pytest.approx(cost, rel=1e-6)
        assert virtual_value(types)[cell] == pytest.approx(value, rel=1e-5)


def test_slack_rises_in_alpha_and_the_bound_is_never_below_the_optimum():
    for seed in drawn(40, 3):
        problem = random_problem(seed)
        rules = mo.backends.Direct().build(problem)
        optimum = mo.backends.Direct().solve(problem).objective
        points = [rules.at(alpha) for alpha in np.linspace(0, 0.95, 15)]
        slacks = [point.slack for point in points]
        assert (np.diff(slacks) >= -1e-12).all()
        assert min(point.bound for point in points) >= optimum - 1e-12


def test_few_rules_are_evaluated():
    counts = []
    for size in (200, 1_001, 20_000 if THOROUGH else 4_000):
        for law in (stats.uniform(0, 1), stats.beta(2, 3), stats.beta(0.5, 0.5)):
            types = mo.TypeSpace.from_distribution(law, size)
            for ratio in (1.0, 0.5):
                trade = mo.BilateralTrade(types, types, 1.0, ratio)
                counts.append(root_of_slack(VirtualRules(trade, (1.0, 1.0)), 1e-13).evaluations)
    assert np.median(counts) <= 11
    assert max(counts) <= 25


def test_very_many_types_allocate_no_array_over_profiles_and_answer_single_profiles():
    size = 1_000_000 if THOROUGH else 100_000
    types = mo.TypeSpace.from_distribution(stats.uniform(0, 1), size)
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(types, types, 2.0, 1.0))
    solution = mo.solve(problem)
    assert solution.provenance.backend == "direct"
    assert solution.objective == pytest.approx(0.195507713587, abs=1e-9)
    report = mo.audit(problem, solution)
    report.raise_if_failed()
    assert "neighbours" in str(report)
    with pytest.raises(mo.MechoptError, match="would hold"):
        solution.mechanism.ex_post()
    rule = solution.mechanism.allocation
    ends = rule.on_grid(problem.environment, [np.array([0, size - 1])] * 2)
    assert ends[:, 0, 1].tolist() == [1.0, 1.0]
    assert ends[:, 1, 0].tolist() == [0.0, 0.0]


def test_the_audit_of_many_types_notices_a_spoiled_payment():
    types = mo.TypeSpace.from_distribution(stats.uniform(0, 1), 20_000)
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(types, types))
    mechanism = mo.solve(problem).mechanism
    payment = mechanism.payment[1].copy()
    payment[12_345] -= 1e-4
    spoiled = mo.Mechanism(
        mechanism.environment, mechanism.allocation, (mechanism.payment[0], payment)
    )
    failed = mo.audit(problem, spoiled).failed
    assert failed[0].requirement == "incentive compatibility of buyer"
    assert "1234" in failed[0].where


def test_direct_says_why_it_does_not_accept():
    types = mo.TypeSpace.finite([0, 1])
    trade = mo.BilateralTrade(types, types)
    unpaid = dataclasses.replace(mo.ex_ante_efficiency(trade), participation="none")
    assert "interim participation" in mo.backends.Direct().accepts(unpaid).reason
    with pytest.raises(mo.MechoptError, match="Use highs, cvxpy or pyomo"):
        mo.solve(unpaid, "direct", throw=False)


def test_default_backend_is_direct_where_it_applies():
    types = mo.TypeSpace.finite([0, 1])
    trade = mo.BilateralTrade(types, types)
    assert mo.solve(mo.ex_ante_efficiency(trade)).provenance.backend == "direct"
    assert mo.solve(mo.minimum_subsidy(trade)).provenance.backend == "direct"
    no_deficit = dataclasses.replace(mo.minimum_subsidy(trade), budget="no-deficit")
    assert mo.solve(no_deficit).provenance.backend == "direct"
    fair = dataclasses.replace(no_deficit, objective=mo.LeastUtility())
    assert mo.solve(fair).provenance.backend == "highs"
    assert mo.solve(mo.ex_ante_efficiency(trade), mo.backends.HiGHS()).provenance.backend == "highs"


@pytest.mark.parametrize("distance", [1e-16, 1e-14, 1e-12, 1e-10, 1e-8, 1e-7, 1e-6, 1e-4, 1e-2])
@pytest.mark.parametrize("side", [-1, 1])
def test_sums_are_exact_however_close_the_rates_are(distance, side):
    rng = np.random.default_rng(7)
    ratio = 1.0 + side * distance
    for _ in range(10):
        cost, value = rng.normal(0.3, 0.6, 9), rng.normal(0.5, 0.6, 7)
        value[:3] = cost[:3]
        mass, other = rng.dirichlet(np.ones(9)), rng.dirichlet(np.ones(7))
        y, z = best_trade(cost[:, None], value[None, :], ratio)
        fast = expected_trade(cost, mass, value, other, ratio)
        assert fast[0] == pytest.approx(y @ other, abs=2e-10)
        assert fast[1] == pytest.approx(mass @ z, abs=2e-10)


@pytest.mark.parametrize("rates", [(0.1 * 3, 0.3), (1.0, 1.0 - 1e-15), (1.0, 1.0 - 1e-16)])
@pytest.mark.parametrize("backend", ["direct", "highs"])
def test_rates_that_differ_by_rounding_give_the_static_optimum(rates, backend):
    types = mo.TypeSpace.finite(np.arange(1, 13) / 12)
    static = mo.solve(mo.ex_ante_efficiency(mo.BilateralTrade(types, types)))
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(types, types, *rates))
    solution = mo.solve(problem, backend)
    assert solution.objective == pytest.approx(static.objective, abs=1e-9)
    mo.audit(problem, solution).raise_if_failed()


def test_a_slack_that_is_zero_up_to_rounding_counts_as_zero():
    just_above = np.nextafter(0.5, 1)
    seller = mo.TypeSpace([0.5, 0.5], [0.2, 0.8], [0, just_above], [just_above, 1])
    buyer = mo.TypeSpace([0.5, 0.5], [0.25, 0.75], [0, 0.5], [0.5, 1])
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(seller, buyer))
    solution = mo.solve(problem)
    assert solution.objective == pytest.approx(0.1375, abs=1e-12)
    mo.audit(problem, solution).raise_if_failed()


def test_an_optimum_that_cannot_be_certified_is_not_called_one():
    cell = mo.TypeSpace([1.0], [0.5], [0.0], [1.0])
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(cell, cell, 1.0, 0.1))
    with pytest.raises(mo.errors.NotOptimalError, match="no optimum certified"):
        mo.solve(problem)
    solution = mo.solve(problem, throw=False)
    assert solution.objective == 0.0 <= solution.bound


def test_a_far_but_improbable_type_does_not_loosen_what_counts_as_optimal():
    tiny = 1e-9
    seller = mo.TypeSpace.finite([0, 1.0, 2])
    buyer = mo.TypeSpace.finite([0.5, 1.5, 2.5, 1e6], [0.4, 0.3, 0.3 - tiny, tiny])
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(seller, buyer))
    direct = mo.solve(problem, "direct")
    assert abs(direct.gap) <= 1e-9
    program = mo.solve(problem, "highs", throw=False)
    if program.termination.value == "optimal":
        assert program.objective == pytest.approx(direct.objective, abs=2e-6)


def test_the_audit_does_not_lean_on_the_sums_of_the_solver(monkeypatch):
    types = mo.TypeSpace.finite([1, 2, 3, 4, 5, 6])
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(types, types, 1.0, 0.5))

    def wrong(*arguments):
        y, z = expected_trade(*arguments)
        return 0.9 * y, 0.9 * z

    monkeypatch.setattr(
        sys.modules[mo.environments.DelayedTrade.__module__], "expected_trade", wrong
    )
    solution = mo.solve(problem, throw=False)
    failed = {check.requirement for check in mo.audit(problem, solution).failed}
    assert "interim quantities of seller average its outcomes" in failed


def test_optimal_without_a_proof_fails_the_audit():
    types = mo.TypeSpace.finite([1, 2, 3, 4, 5, 6])
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(types, types))
    solution = mo.solve(problem)
    nothing = mo.Mechanism(
        problem.environment, Table(np.zeros((1, 6, 6))), (np.zeros(6), np.zeros(6))
    )
    unproved = dataclasses.replace(solution, mechanism=nothing, objective=0.0, bound=0.0, duals={})
    for changed in (
        dataclasses.replace(unproved, dual_status=PointStatus.NONE),
        dataclasses.replace(solution, alpha=0.9),
        dataclasses.replace(solution, termination=Termination.INFEASIBLE),
        dataclasses.replace(solution, duals={**solution.duals, "sellr_ic_up": np.zeros(5)}),
    ):
        assert not mo.audit(problem, changed).passed


def test_a_stored_table_is_audited_whole_however_large():
    types = mo.TypeSpace.finite(np.arange(2_300.0))
    trade = mo.BilateralTrade(types, types)
    values = np.zeros((1, 2_300, 2_300))
    values[0, 1, 1], values[0, 1, 3], values[0, 3, 1], values[0, 3, 3] = 4, -4, -4, 4
    mechanism = mo.Mechanism(trade, Table(values), (np.zeros(2_300), np.zeros(2_300)))
    failed = {
        check.requirement for check in mo.audit(mo.ex_ante_efficiency(trade), mechanism).failed
    }
    assert "bounds of trade" in failed


@pytest.mark.parametrize("weight", [1e-9, 1e9])
@pytest.mark.parametrize("backend", ["direct", "highs", "cvxpy", "pyomo"])
def test_the_unit_of_the_weights_does_not_matter(backend, weight):
    types = mo.TypeSpace.finite([1, 2, 3, 4, 5, 6])
    trade = mo.BilateralTrade(types, types)
    plain = mo.solve(mo.ex_ante_efficiency(trade), backend)
    problem = mo.ex_ante_efficiency(trade, (weight, weight))
    solution = mo.solve(problem, backend)
    assert solution.objective == pytest.approx(weight * plain.objective, rel=1e-9)
    mo.audit(problem, solution).raise_if_failed()
    # What is worth nothing is not called optimal, however small the weights are.
    nothing = mo.Mechanism(trade, Table(np.zeros((1, 6, 6))), (np.zeros(6), np.zeros(6)))
    worthless = dataclasses.replace(solution, mechanism=nothing, objective=0.0)
    assert not mo.audit(problem, worthless).passed


def test_few_values_are_ironed_as_by_isotonic_regression():
    rng = np.random.default_rng(4)
    for size in (2, 7, 200):
        for values in (rng.normal(size=size), -np.arange(float(size)), rng.integers(0, 3, size)):
            mass = rng.random(size) + 0.1
            expected = optimize.isotonic_regression(values, weights=mass).x
            assert ironed(values * 1.0, mass) == pytest.approx(expected, rel=1e-13, abs=1e-13)


@pytest.mark.parametrize("near", [1e-300, 1e-6, 0.3, 1 / 3, 0.9, 1 - 1e-15])
def test_an_optimum_is_found_from_any_guess(near):
    types = mo.TypeSpace.from_distribution(stats.beta(0.5, 2), 40)
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(types, types))
    objective, alpha, _ = Direct().optimum(problem, near=near)
    solution = mo.solve(problem)
    assert objective == pytest.approx(solution.objective, rel=1e-12)
    assert alpha == pytest.approx(solution.alpha, abs=1e-6)
