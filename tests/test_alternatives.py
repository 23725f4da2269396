"""Finitely many alternatives: lotteries, with and without money."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

import mechopt as mo
from mechopt.cli.main import main
from mechopt.environments import Lottery
from mechopt.instances import instance_from_document, load_instance
from mechopt.mechanism.allocation import Table
from mechopt.mechanism.mechanism import Mechanism
from mechopt.testing import check_outcomes

from .oracles import cases
from .oracles.audit_by_hand import violations
from .oracles.direct_lp import optimum
from .oracles.variants import drawn

BACKENDS = ("highs", "cvxpy", "pyomo")
COUPLE = {
    "she": [[2, 100], [0, 0], [1, 50], [-10, -10]],
    "he": [[0, 0], [2, 100], [1, 50], [-10, -10]],
}
VOTERS = {"ann": [[3, 0], [0, 1], [2, 2]], "bob": [[0, 2], [3, 1], [1, 0]]}
WITHOUT_MONEY = {
    "participation": "none",
    "requirements": [mo.PaymentLimit(0)],
}


def painting(prior=None, **options):
    couple = {"she": ["low", "high"], "he": ["low", "high"]}
    outcomes = ["hers", "his", "museum", "burned"]
    prior = prior or {"she": ["4/5", "1/5"], "he": ["4/5", "1/5"]}
    return mo.Alternatives(outcomes, couple, COUPLE, prior, **options)


def test_outcomes_are_what_they_declare():
    check_outcomes(Lottery(("she",), ("a",), ("1/3",)))
    check_outcomes(Lottery(("she", "he"), ("a", "b", "c"), ("0", "-2", "1/3")))
    check_outcomes(painting(cost=["1/3", 0, 1, 2]))


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_painting(backend):
    problem = mo.DesignProblem(painting(), mo.Welfare(), incentives="dominant", **WITHOUT_MONEY)
    solution = mo.solve(problem, backend)
    assert solution.objective == pytest.approx(33.28, abs=1e-8)
    assert solution.bound == pytest.approx(33.28, abs=1e-8)
    mo.audit(problem, solution).raise_if_failed()
    assert not solution.mechanism.ex_post_payments().any()


def test_the_painting_in_fractions_and_files(tmp_path):
    joint = painting([["16/25", "4/25"], ["4/25", "1/25"]])
    for environment in (painting(), joint):
        problem = mo.DesignProblem(
            environment, mo.Welfare(), incentives="dominant", **WITHOUT_MONEY
        )
        exact = mo.exact_optimum(problem)
        assert exact.objective == Fraction(832, 25)
        assert exact.verify() == ()
        mo.save_solution(mo.solve(problem), tmp_path / "painting.json")
        again = mo.load_solution(tmp_path / "painting.json")
        assert again.problem.fingerprint == problem.fingerprint
        mo.audit(problem, again).raise_if_failed()
        assert problem.scaled(4.0).scaled(0.25).environment == environment


def best_deterministic(problem):
    """Return the largest welfare of rules without lotteries that the audit accepts."""
    environment = problem.environment
    count, shape = len(environment.outcomes.variables), environment.shape
    best = -np.inf
    for rule in np.ndindex(*[count] * environment.num_profiles):
        chosen = np.eye(count)[list(rule)].T.reshape(count, *shape)
        nothing = np.zeros((len(shape), *shape))
        mechanism = Mechanism.of_profiles(environment, Table(chosen), nothing)
        if mechanism.total_gains > best + 1e-12 and mo.audit(problem, mechanism).passed:
            best = mechanism.total_gains
    return best


@pytest.mark.parametrize(
    ("environment", "deterministic"),
    [
        pytest.param(painting(), 21.6, id="painting"),
        pytest.param(
            mo.Alternatives(["x", "y", "z"], {"ann": [1, 2], "bob": [1, 2]}, VOTERS), 3.5, id="vote"
        ),
    ],
)
def test_lotteries_are_at_least_as_good_as_the_best_rule_without(environment, deterministic):
    """The audit alone decides which of all rules are incentive compatible: known by enumeration."""
    problem = mo.DesignProblem(environment, mo.Welfare(), incentives="dominant", **WITHOUT_MONEY)
    assert best_deterministic(problem) == pytest.approx(deterministic, abs=1e-12)
    assert mo.solve(problem).objective >= deterministic - 1e-9


def stated(case):
    """Return a random case with one outcome chosen for sure, here and for the package."""
    ones = np.ones(case.num_variables)
    case = replace(case, rows=((ones, 1.0), (-ones, -1.0)))
    names = [f"agent_{i}" for i in range(case.num_agents)]
    alone = cases.independent(*(case.marginal(i) for i in range(case.num_agents)))
    same = np.allclose(alone, case.prior, rtol=0, atol=1e-15)
    environment = mo.Alternatives(
        [f"x_{v}" for v in range(case.num_variables)],
        {name: list(range(size)) for name, size in zip(names, case.shape, strict=True)},
        {n: np.moveaxis(worth, -1, 0) for n, worth in zip(names, case.worth, strict=True)},
        {n: case.marginal(i) for i, n in enumerate(names)} if same else case.prior,
        case.cost,
    )
    limit = [] if case.payment_limit is None else [mo.PaymentLimit(case.payment_limit)]
    problem = mo.DesignProblem(
        environment,
        mo.Subsidy() if case.objective == "subsidy" else mo.Welfare(case.weights),
        incentives=case.incentives,
        participation=case.participation,
        budget="subsidised" if case.budget == "free" else case.budget,
        budget_holds=case.budget_holds,
        requirements=limit,
    )
    return case, problem


def is_plain(case):
    more = case.liability is not None or case.floors or case.events or case.designer
    return not more and case.allocation is None and case.objective != "least-utility"


@pytest.mark.parametrize("money", [True, False])
def test_random_lotteries_against_the_oracle(money):
    found = {"optimal": 0, "infeasible": 0}
    for number, found_case in enumerate(drawn(14, is_plain, families=("alternatives",))):
        free = {"payment_limit": 0.0, "budget": "free", "objective": "weighted"}
        free["participation"] = ("none",) * found_case.num_agents
        case, problem = stated(found_case if money else replace(found_case, **free))
        status, expected = optimum(case)
        if status == "unbounded":  # The package limits payments where nothing else does.
            continue
        solution = mo.solve(problem, BACKENDS[number % 3], throw=False)
        assert solution.termination == status, case.name
        mo.audit(problem, solution).raise_if_failed()
        if status == "optimal":
            assert solution.objective == pytest.approx(expected, rel=1e-8, abs=1e-8), case.name
            outcomes = solution.mechanism.allocation.dense(problem.environment)
            paid = solution.mechanism.ex_post_payments()
            assert max(violations(case, outcomes, paid).values()) <= 1e-8, case.name
        found[status] += 1
    assert found["optimal"] >= 9


def test_the_audit_names_what_is_moved():
    problem = mo.DesignProblem(painting(), mo.Welfare(), incentives="dominant", **WITHOUT_MONEY)
    best = mo.solve(problem).mechanism
    outcomes, paid = best.allocation.dense(problem.environment), best.ex_post_payments()
    honest = outcomes.copy()
    honest[:, 1, :] = np.array([1.0, 0, 0, 0])[:, None]
    for changed, payments, requirement in (
        (honest, paid, "incentive compatibility of she"),
        (0.999 * outcomes, paid, "not_below_one"),
        (outcomes, paid + 1e-3, "limit on payments"),
    ):
        mechanism = Mechanism.of_profiles(problem.environment, Table(changed), payments)
        failed = [check.requirement for check in mo.audit(problem, mechanism).failed]
        assert any(requirement in name for name in failed), (requirement, failed)


def test_types_that_are_worth_the_same_but_believe_something_else():
    """Full extraction: a rule of thumb bets with a type of the same values."""
    prior = [["1/4", "1/4"], ["1/2", 0]]
    same = {"ann": [[1, 1], [0, 0]], "bob": [[0, 0], [0, 2]]}
    types = {"ann": ["sunny", "rainy"], "bob": [1, 2]}
    environment = mo.Alternatives(["hers", "his"], types, same, prior)
    assert environment.agents[0].types.labels == ("sunny", "rainy")
    problem = mo.DesignProblem(environment, mo.Revenue(), budget="subsidised")
    solution = mo.solve(problem)
    mo.audit(problem, solution).raise_if_failed()
    assert solution.objective == pytest.approx(1.25, abs=1e-9)  # the first best
    assert environment.first_best == pytest.approx(1.25, abs=1e-12)


def test_a_loss_that_cannot_be_avoided():
    environment = mo.Alternatives(["a", "b"], {"i": ["x", "y"]}, {"i": [[-1, -2], [-3, -1]]})
    problem = mo.DesignProblem(environment, mo.Welfare(), participation="none")
    solution = mo.solve(problem)
    mo.audit(problem, solution).raise_if_failed()
    assert solution.objective == pytest.approx(-1.0, abs=1e-9)
    assert (environment.efficient_gains, environment.first_best) == (-1.0, 0.0)
    assert "first best      -1" in str(mo.summary(solution))


def test_values_by_a_function_equal_a_table():
    def worth(outcome, agent, types):
        mine = {"hers": "she", "his": "he"}.get(outcome)
        care = types[agent]
        return {"museum": care / 2, "burned": -10}.get(outcome, care if mine == agent else 0)

    outcomes = ["hers", "his", "museum", "burned"]
    couple = {"she": [2, 100], "he": [2, 100]}
    called = mo.Alternatives(outcomes, couple, worth)
    listed = mo.Alternatives(outcomes, couple, COUPLE)
    assert called == listed
    with pytest.raises(mo.InvalidInputError, match="looks at the types"):
        mo.Alternatives(outcomes, couple, lambda outcome, agent, types: types["we"])


TYPES = {"she": ["low", "high"]}
VALUES = {"she": [[1, 2], [3, 4]]}
REFUSED = {
    "an outcome that is no identifier": ({"outcomes": ["to her", "b"]}, "name of an outcome"),
    "an outcome twice": ({"outcomes": ["a", "a"]}, "each name once"),
    "a name that the program uses": ({"outcomes": ["a", "she_payment"]}, "she_payment"),
    "no outcomes": ({"outcomes": [], "values": {"she": []}}, "outcome"),
    "outcomes as a text": ({"outcomes": "ab"}, "outcomes: not usable"),
    "no agents": ({"agents": {}}, "agents"),
    "agents as a list": ({"agents": ["she"]}, "agents"),
    "an agent that is no identifier": ({"agents": {"my wife": [1, 2]}}, "values of my wife"),
    "a type twice": ({"agents": {"she": ["x", "x"]}}, "told apart"),
    "no types": ({"agents": {"she": []}}, "told apart"),
    "values of nobody": ({"values": {"he": [[1, 2], [3, 4]]}}, "values of she"),
    "a row too few": ({"values": {"she": [[1, 2]]}}, "2 rows, one per outcome"),
    "a hole in a row": ({"values": {"she": [[1, 2], [3]]}}, "of 2, 1 numbers"),
    "a value that is no number": ({"values": {"she": [[1, 2], [3, "many"]]}}, "values of she"),
    "a value that is not finite": ({"values": {"she": [[1, 2], [3, np.inf]]}}, "not finite"),
    "probabilities of another sum": ({"prior": {"she": [0.5, 0.6]}}, "probabilities of she"),
    "probabilities of nobody": ({"prior": {"he": [0.5, 0.5]}}, "prior"),
    "a joint prior of another shape": ({"prior": [[0.5, 0.5]]}, "prior"),
    "costs of other outcomes": ({"cost": [1]}, "one cost for each outcome"),
    "a cost that is no number": ({"cost": [1, "much"]}, "cost"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name):
    changed, message = REFUSED[name]
    given = {"outcomes": ["a", "b"], "agents": TYPES, "values": VALUES, **changed}
    with pytest.raises(mo.InvalidInputError, match=message):
        mo.Alternatives(**given)


def document(**changed):
    agent = {"name": "she", "types": [1, [2, "far"]], "values": [[1, 2], ["1/3", 4]]}
    environment = {"kind": "alternatives", "outcomes": ["a", "b"], "agents": [agent], **changed}
    return {"environment": environment, "problem": {"objective": "welfare"}}


def test_files():
    text = document(cost=[0, "1/3"])
    environment = instance_from_document(text, "two.toml").problem.environment
    given = {"she": [[1, 2], ["1/3", 4]]}
    types = {"she": ["1", "(2, far)"]}
    assert environment == mo.Alternatives(["a", "b"], types, given, cost=[0, "1/3"])
    assert environment.outcomes.in_fractions().cost.tolist() == [0, Fraction(1, 3)]


@pytest.mark.parametrize("as_table", [True, False])
def test_files_with_a_joint_prior(as_table):
    joint = [["16/25", "4/25"], ["4/25", "1/25"]]
    tables = [
        {"name": name, "types": ["low", "high"], "values": COUPLE[name]} for name in ("she", "he")
    ]
    text = document(
        outcomes=["hers", "his", "museum", "burned"],
        agents=tables,
        prior={"joint": joint} if as_table else joint,
    )
    text["problem"] |= {"participation": "none", "transfers": False}
    problem = instance_from_document(text, "two.toml").problem
    assert problem.environment == painting(joint)
    assert problem.payment_limit == 0.0


def test_transfers_are_as_usual_where_a_file_allows_them():
    text = document()
    text["problem"]["transfers"] = True
    assert instance_from_document(text, "two.toml").problem.requirements == ()


def test_the_bundled_instance_says_no_payments():
    path = "instances/examples/painting.toml"
    problem = load_instance(path).problem
    assert problem.requirements == (mo.PaymentLimit(0),)
    assert problem.requirements[0].in_words == "no payments"


def test_a_report_shows_the_mechanism_of_few_profiles(capsys):
    assert main(["solve", "examples/painting"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"she +he +hers +his +museum +burned\n", said)
    assert re.search(r"cares a lot +cares little +0\.8333 +0 +0 +0\.1667\n", said)
    assert "nobody pays anything" in said
    assert main(["solve", "examples/interdependent_values"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"2 +2 +0 +0 +1 +0 +4\n", said)


@pytest.mark.parametrize(("types", "shown"), [(12, True), (13, False)])
def test_a_mechanism_of_many_profiles_is_left_to_files(types, shown):
    values = {"ann": [[0] * types, list(range(types))]}
    choice = mo.Alternatives(["stay", "go"], {"ann": list(range(types))}, values)
    text = mo.summary(mo.solve(mo.DesignProblem(choice, mo.Welfare())))
    assert ("nobody pays anything" in text) == shown
