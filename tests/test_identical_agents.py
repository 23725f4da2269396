"""Programs of identical agents: one variable per type for all of them, through Border's rows."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt.errors import InvalidInputError, TooLargeError, UnsupportedProblemError
from mechopt.mechanism.allocation import Table
from mechopt.mechanism.even_rule import EvenRule, even_rule
from mechopt.problem import groups
from mechopt.program.numbers import in_floats
from mechopt.program.standard_form import standard_form
from mechopt.studies.identical import identical_agents


@pytest.fixture
def always(monkeypatch):
    """Take the program over types alone however small the one by profile is."""
    monkeypatch.setattr(groups, "MANY_OUTCOMES", 0)


def certified(problem, backend):
    solution = mo.solve(problem, backend)
    report = mo.audit(problem, solution)
    assert report.passed, str(report)
    return solution


def test_five_hundred_bidders_are_one_small_program_on_every_backend():
    types = mo.TypeSpace.from_distribution(stats.uniform(0, 1), 100, highest_of=500)
    problem = mo.largest_revenue(mo.Auction(types, count=500))
    direct = mo.solve(problem, "direct")
    found = [mo.solve(problem, backend) for backend in ("highs", "cvxpy", "pyomo")]
    for solution in found:
        assert solution.statistics.num_variables == 300
        assert solution.objective == pytest.approx(direct.objective, abs=1e-9)
        assert abs(solution.gap) <= 1e-9
    assert found[0].objective == pytest.approx(0.996007984, abs=4e-6)


def test_the_program_states_borders_inequalities(always):
    types = mo.TypeSpace.finite([1, 2], [0.25, 0.75])
    form = standard_form(mo.largest_revenue(mo.Auction(types, count=3, units=2)), groups=True)
    assert form.identical == (("bidder_1", "bidder_2", "bidder_3"),)
    units = form.variables["bidder_1_units"]
    # At most two units, and two or the number of bidders with the higher type.
    every = sum(min(2, k) * stats.binom.pmf(k, 3, 0.75) for k in range(4))
    np.testing.assert_allclose(units.of(form.upper), [2.0, every], atol=1e-15)
    rows = form.matrix.toarray()
    np.testing.assert_allclose(
        rows[form.constraints["bidder_1_units"].start], [-0.75, 0, 0, 0, 1, -1], atol=1e-15
    )
    np.testing.assert_allclose(
        rows[form.constraints["bidder_1_units_of_highest"].start], [0, -2.25, 0, 0, 0, 1]
    )


def random_problem(seed):
    """Return identical bidders or partners of irregular priors, with a random objective."""
    rng = np.random.default_rng(seed)
    number, size = int(rng.integers(2, 5)), int(rng.integers(1, 5))
    units = int(rng.integers(1, number + 1))
    types = np.sort(rng.choice(np.arange(-10, 40), size, replace=False)) / 10
    weights = rng.uniform(0.05, 1.0, size)
    space = mo.TypeSpace.finite(types, weights / weights.sum())
    if seed % 3 == 0:
        environment = mo.Auction(space, count=number, units=units, seller_value=0.5)
    elif seed % 3 == 1:
        cells = mo.TypeSpace.from_distribution(stats.beta(0.6, 0.5), size)
        environment = mo.Auction(cells, count=number, units=units)
    else:
        positive = mo.TypeSpace.finite(types + 2, weights / weights.sum())
        environment = mo.Partnership(positive, [f"{units}/{number}"] * number, units)
    objective = [
        mo.Revenue(),
        mo.Welfare((1.0,) * number),
        mo.Revenue() + 0.5 * mo.Welfare((1.0,) * number),
    ]
    chosen = objective[seed % 5 % 3]
    # A balanced budget leaves no profit to maximise.
    balanced = seed % 2 and isinstance(chosen, mo.Welfare)
    budget = "balanced" if balanced else "no-deficit"
    return mo.DesignProblem(environment, chosen, budget=budget)


def test_random_programs_are_those_by_profile(monkeypatch):
    for seed in range(12):
        problem = random_problem(seed)
        by_profile = mo.solve(problem, "highs")
        with monkeypatch.context() as patch:
            patch.setattr(groups, "MANY_OUTCOMES", 0)
            assert groups.has_group_form(problem)
            backend = ("highs", "highs", "cvxpy", "pyomo")[seed % 4]
            solution = certified(problem, backend)
        assert isinstance(solution.mechanism.allocation, EvenRule)
        assert solution.objective == pytest.approx(by_profile.objective, abs=1e-9)


def test_figures_of_identical_bidders_and_partners(always):
    types = mo.TypeSpace.finite([0, 1, 2, 3], ["2/5", "3/10", "1/5", "1/10"])
    five = mo.largest_revenue(mo.Auction(types, count=5))
    solution = certified(five, "highs")
    assert solution.objective == pytest.approx(23277 / 12500, abs=1e-9)
    # Equal shares of five partners: flat at the level that is won by one in five.
    cells = mo.TypeSpace.from_distribution(stats.uniform(0, 1), 200)
    for shares, expected in ((2, 5 / 48), (5, 0.19032744974835425)):
        partners = mo.Partnership(cells, [f"1/{shares}"] * shares)
        problem = mo.DesignProblem(partners, mo.Revenue(), budget="no-deficit")
        found = mo.solve(problem, "highs")
        assert found.objective == pytest.approx(expected, abs=5e-5)
        assert abs(found.gap) <= 1e-8


FRACTIONS = {
    "auction": (lambda types: mo.Auction(types, count=40, units=3, seller_value="1/3"), 3),
    "partners": (lambda types: mo.Partnership(types, ["1/12"] * 12), 4),
}


@pytest.mark.parametrize("name", FRACTIONS)
def test_optima_of_many_identical_agents_are_fractions(name):
    make, size = FRACTIONS[name]
    types = mo.TypeSpace.finite(
        list(range(size)), [f"{k + 1}/{size * (size + 1) // 2}" for k in range(size)]
    )
    environment = make(types)
    for problem in (
        mo.DesignProblem(environment, mo.Revenue(), budget="subsidised"),
        mo.ex_ante_efficiency(environment),
    ):
        exact = mo.exact_optimum(problem)
        found = mo.solve(problem, "direct")
        assert float(exact.objective) == pytest.approx(found.objective, abs=1e-12)
        assert exact.verify() == ()
        first = environment.agents[0].name
        spoilt = dict(exact.mechanism)
        spoilt[f"{first}_quantity"] = spoilt[f"{first}_quantity"] + Fraction(1, 1000)
        assert replace(exact, mechanism=spoilt).verify()


def test_the_figure_of_five_identical_bidders_is_a_fraction(always):
    types = mo.TypeSpace.finite([0, 1, 2, 3], ["2/5", "3/10", "1/5", "1/10"])
    exact = mo.exact_optimum(mo.largest_revenue(mo.Auction(types, count=5)))
    assert exact.objective == Fraction(23277, 12500)
    assert "bidder_1_units" in exact.mechanism


def test_a_solution_is_saved_with_its_rule(always, tmp_path):
    types = mo.TypeSpace.finite([0, 1, 3])
    solution = mo.solve(mo.largest_revenue(mo.Auction(types, count=3)), "highs")
    mo.save_solution(solution, tmp_path / "three.json")
    again = mo.load_solution(tmp_path / "three.json")
    assert mo.audit(again.problem, again).passed
    np.testing.assert_array_equal(
        again.mechanism.quantity_of("bidder_3"), solution.mechanism.quantity_of("bidder_3")
    )


@pytest.mark.parametrize(("number", "units"), [(2, 1), (3, 1), (3, 2), (4, 3), (3, 5)])
def test_rules_have_the_chances_that_are_wanted(number, units):
    rng = np.random.default_rng(10 * number + units)
    for _ in range(10):
        weights = rng.uniform(0.05, 1.0, 4)
        types = mo.TypeSpace.finite(range(4), weights / weights.sum())
        auction = mo.Auction(types, count=number, units=units)
        # Mixtures of rules that rank types in some runs are all there is.
        values = [np.sort(rng.integers(0, 4, 4)).astype(float) for _ in range(3)]
        mixture = EvenRule(
            tuple((own,) for own in values), tuple(rng.dirichlet(np.ones(3))), (0,) * number
        )
        wanted = mixture.interim_quantities(auction)[0]
        rule = even_rule(auction, wanted)
        np.testing.assert_allclose(rule.interim_quantities(auction)[0], wanted, atol=1e-9)
        # Chances are averages of outcomes, and outcomes are feasible.
        outcomes = rule.dense(auction)
        assert outcomes.min() >= 0.0
        assert outcomes.max() <= 1.0 + 1e-12
        assert outcomes.sum(axis=0).max() <= min(units, number) + 1e-12
        for i in range(number):
            np.testing.assert_allclose(auction.interim(i, outcomes[i]), wanted, atol=1e-9)


def test_what_a_rule_does_not_fit_is_refused():
    types = mo.TypeSpace.finite([0, 1])
    rule = EvenRule(((np.array([0.0, 1.0]),),), (1.0,), (0, 0))
    others = [
        mo.Auction([types, mo.TypeSpace.finite([0, 1], [0.25, 0.75])]),
        mo.BilateralTrade(types, types),
    ]
    for environment in (*others, mo.Auction(mo.TypeSpace.finite([0, 1, 2]), count=2)):
        with pytest.raises(InvalidInputError, match="allocation: the allocation does not fit"):
            rule.interim_quantities(environment)
    with pytest.raises(InvalidInputError, match="weights: not the weights of a mixture"):
        EvenRule(((np.array([0.0, 1.0]),),), (0.5,), (0, 0))


def test_what_needs_profiles_is_refused_with_its_size():
    types = mo.TypeSpace.finite(range(10))
    many = mo.Auction(types, count=300)
    problems = {
        "dominant": mo.DesignProblem(
            many, mo.Revenue(), incentives="dominant", budget="no-deficit"
        ),
        "limit": mo.DesignProblem(
            many, mo.Revenue(), budget="no-deficit", requirements=[mo.PaymentLimit(1.0)]
        ),
    }
    for name, problem in problems.items():
        for backend in ("highs", "cvxpy", "pyomo"):
            with pytest.raises(TooLargeError, match=r"3e\+302 outcome variables.* types expect"):
                mo.solve(problem, backend)
        assert not groups.has_group_form(problem), name
    unlike = [mo.TypeSpace.finite(range(k, k + 10)) for k in range(3)]
    cycle = itertools.islice(itertools.cycle(unlike), 300)
    for problem, word in (
        (mo.largest_revenue(many), "one over types alone, all-pairs"),
        (mo.largest_revenue(mo.Auction(list(cycle))), "highs mixes rules"),
    ):
        with pytest.raises(TooLargeError, match=word):
            standard_form(problem)
    with pytest.raises(TooLargeError, match=r"1e\+300 numbers"):
        many.efficient_allocation()


def test_the_frame_has_no_profiles(always):
    problem = mo.largest_revenue(mo.Auction(mo.TypeSpace.finite([0, 1]), count=3))
    frame = groups.GroupFrame(problem.environment, in_floats(problem, corners=False))
    for call in (lambda: frame.outcome("good_to_1"), lambda: frame.payment_in_profile(2)):
        with pytest.raises(UnsupportedProblemError, match="has no outcomes of profiles"):
            call()


@pytest.mark.parametrize("suffix", ["mps", "cbf", "nl"])
def test_files_of_the_program_are_solved_elsewhere_and_read_back(suffix, tmp_path, always):
    import highspy

    types = mo.TypeSpace.finite([0, 1, 3, 4], ["2/5", "3/10", "1/5", "1/10"])
    problem = mo.largest_revenue(mo.Auction(types, count=4, units=2, seller_value="1/2"))
    path = tmp_path / f"four.{suffix}"
    mo.export(problem, path)
    expected = mo.solve(problem, "direct")
    if suffix != "mps":
        assert "bidder_1_units" in (tmp_path / f"four.{suffix}.json").read_text("utf-8")
        return
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.readModel(str(path))
    solver.run()
    solver.writeSolution(str(tmp_path / "four.sol"), 0)
    found = mo.import_solution(path, tmp_path / "four.sol")
    assert found.objective == pytest.approx(expected.objective, abs=1e-8)
    assert isinstance(found.mechanism.allocation, EvenRule)
    assert mo.audit(problem, found).passed


ONE, OTHER = mo.TypeSpace.finite([0, 1, 2]), mo.TypeSpace.finite([1, 2, 3])
TREATED = {
    "partners": (mo.Partnership(ONE, ["1/3"] * 3), "partner 1 to partner 3 are alike and get"),
    "market": (
        mo.Market([ONE] * 2, [OTHER] * 2),
        "seller 1 and seller 2, and buyer 1 and buyer 2 are alike and get",
    ),
    "unlike shares": (mo.Partnership([ONE, ONE], ["1/4", "3/4"]), None),
    "unlike types": (mo.Auction([ONE, OTHER]), None),
    "one of each": (mo.BilateralTrade(ONE, ONE), None),
}


@pytest.mark.parametrize("name", TREATED)
def test_reports_say_why_agents_who_are_alike_get_unlike_amounts(name):
    environment, said = TREATED[name]
    solution = mo.solve(mo.ex_ante_efficiency(environment), "direct")
    report = " ".join(mo.summary(solution).split())
    assert ("to draw by lot who takes whose place" in report) == (said is not None)
    assert (said or "note") in f"{report} note"
    table = str(mo.compare(environment)) if name != "one of each" else ""
    assert ("agents who are alike get unlike amounts" in table) == (said is not None)


def test_a_draw_among_sellers_who_are_alike_is_as_good():
    problem = mo.ex_ante_efficiency(mo.Market([ONE] * 2, [OTHER]))
    found = mo.solve(problem, "direct")
    outcome = found.mechanism.allocation.dense(problem.environment)
    # Seller 1's place is seller 2's, in variables and in profiles.
    other = outcome[[1, 0, 2]].swapaxes(1, 2)
    one, two, buyer = found.mechanism.payment
    drawn = mo.Mechanism(
        problem.environment, Table((outcome + other) / 2), ((one + two) / 2,) * 2 + (buyer,)
    )
    first, second = found.mechanism.expected_utility.values(), drawn.expected_utility.values()
    assert len({round(value, 9) for value in list(first)[:2]}) == 2
    assert len({round(value, 9) for value in list(second)[:2]}) == 1
    assert mo.audit(problem, drawn).passed
    assert drawn.total_gains == pytest.approx(found.mechanism.total_gains, abs=1e-12)


@dataclass(frozen=True)
class OneEach(mo.Outcomes):
    """A good for each of two agents, of which both together are too many."""

    costs: tuple[float, float]

    variables = ("first", "second")
    net_quantity = np.eye(2)
    vertices = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    rows = (mo.environments.OutcomeRow("one_at_most", (1.0, 1.0), 1.0),)

    @property
    def roles(self):
        return (mo.environments.Role("a", None), mo.environments.Role("b", None))

    @property
    def cost(self):
        return np.array(self.costs)


def test_agents_change_places_where_outcomes_stay_what_they_are():
    assert identical_agents(mo.Market([ONE] * 2, [ONE] * 3)) == [[0, 1], [2, 3, 4]]
    assert identical_agents(mo.PublicGood(ONE, 1.0, count=3, excludable=True)) == [[0, 1, 2]]
    for cost, places in (((0.5, 0.5), [[0, 1]]), ((0.5, 0.25), [])):
        agents = (mo.Agent("a", ONE), mo.Agent("b", ONE))
        assert identical_agents(mo.Environment(agents, OneEach(cost))) == places
