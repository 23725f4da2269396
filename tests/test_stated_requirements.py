"""Requirements and joint priors as instance files state them, and as reports and files say them."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import highspy
import numpy as np
import pytest

import mechopt as mo
from mechopt.cli.main import main
from mechopt.errors import InvalidInputError
from mechopt.exact import exact_optimum
from mechopt.formats.read import import_solution
from mechopt.formats.write import content_of
from mechopt.instances import load_instance, read_document
from mechopt.problem.participation import UtilityFloor
from mechopt.report.report import binding_constraints
from mechopt.report.required import required_in_words
from mechopt.verify.multipliers import multiplier_checks

EXAMPLES = Path(__file__).parents[1] / "instances" / "examples"
DOMINANT = EXAMPLES / "dominant_strategies.toml"
JOINT = EXAMPLES / "joint_prior.toml"
TRADE = """
[environment]
kind = "bilateral-trade"
seller.types = [0, 1, 2]
buyer.types = ["1/3", "4/3", "7/3"]
{}
[problem]
objective = "ex-ante-efficiency"
{}
"""


@pytest.fixture
def trade(tmp_path):
    """Return a function that writes a file of trade and returns its path."""

    def write(problem="", environment=""):
        path = tmp_path / "trade.toml"
        path.write_text(TRADE.format(environment, problem), encoding="utf-8")
        return path

    return write


def ran(capsys, *command):
    status = main([*map(str, command)])
    output, errors = capsys.readouterr()
    return status, " ".join(output.split()), errors


# Files


def test_all_that_can_be_required_is_read(trade):
    stated = """
    incentives = { seller = "dominant", buyer = "none" }
    participation = { seller = "none", buyer = "ex-post" }
    budget = "no-deficit"
    budget_holds = "ex-post"
    payment_limit = "10/3"
    """
    problem = load_instance(trade(stated)).problem
    limit = mo.PaymentLimit("10/3")
    expected = mo.DesignProblem(
        problem.environment,
        mo.Welfare((1, 1)),
        incentives=("dominant", "none"),
        participation=("none", "ex-post"),
        budget="no-deficit",
        budget_holds="ex-post",
        requirements=[limit],
    )
    assert problem == expected
    assert problem.exact_payment_limit == Fraction(10, 3)
    assert limit.limit == 10 / 3
    assert required_in_words(problem) == (
        "required: dominant-strategy incentives of seller, ex post participation of buyer, no "
        "deficit in any profile, payments at most 10/3; not required: incentives of buyer, "
        "participation of seller"
    )


@pytest.mark.parametrize("path", [DOMINANT, JOINT], ids=lambda path: path.stem)
def test_examples_have_the_exact_optimum_that_is_computed_by_hand(path):
    stated = Fraction(read_document(path)["expected"]["objective"])
    assert exact_optimum(load_instance(path).problem).objective == stated


def test_the_joint_example_is_not_that_of_independent_types():
    problem = load_instance(JOINT).problem
    agents = problem.environment.agents
    alone = replace(problem, environment=replace(problem.environment, prior=None))
    assert [agent.types.mass.tolist() for agent in agents] == [[0.5, 0.5]] * 2
    assert mo.solve(alone).objective < 40 / 21 - 0.1


def test_a_limit_on_payments_is_exact(tmp_path):
    # A cost of 1 is paid for trade with probability at most 1/3, whose gain is 1 for each trade.
    path = tmp_path / "limit.toml"
    text = TRADE.format("", 'participation = "ex-post"\npayment_limit = "1/3"')
    path.write_text(text.replace("[0, 1, 2]", "[1]").replace('["1/3", "4/3", "7/3"]', "[2]"))
    problem = load_instance(path).problem
    assert exact_optimum(problem).objective == Fraction(1, 3)
    assert mo.solve(problem).objective == pytest.approx(1 / 3, abs=1e-12)
    scaled = problem.scaled(3.0)
    assert scaled.exact_payment_limit == 1
    assert exact_optimum(scaled).objective == 1


@pytest.mark.parametrize("limit", ["-1/2", "1e-400", "two", True, np.inf, np.nan, None])
def test_what_is_no_limit_is_refused(limit):
    with pytest.raises(InvalidInputError, match="not a limit on payments"):
        mo.PaymentLimit(limit)


def test_a_limit_that_says_two_things_is_refused():
    with pytest.raises(InvalidInputError, match="not a limit on payments"):
        mo.PaymentLimit(0.5, "1/3")


# Joint priors


def test_rows_of_a_table_are_profiles_and_equal_ones_add_up(trade, tmp_path):
    rows = ["0,1/3", "0,4/3", "1,4/3", "2,7/3", "2,7/3", "1,1/3"]
    (tmp_path / "pairs.csv").write_text("seller;buyer\n" + "\n".join(rows).replace(",", ";"))
    path = trade(environment='prior = { table = "pairs.csv" }')
    with pytest.raises(mo.errors.InstanceError, match=r"prior\.table"):
        load_instance(path)  # 1/3 is no number of a table
    (tmp_path / "pairs.csv").write_text("seller;buyer\n0;1\n0;2\n1;2\n2;3\n2;3\n1;1\n")
    text = path.read_text().replace('["1/3", "4/3", "7/3"]', "[1, 2, 3]")
    path.write_text(text)
    environment = load_instance(path).problem.environment
    sixth = Fraction(1, 6)
    assert environment.prior.in_fractions().tolist() == [
        [sixth, sixth, 0],
        [sixth, sixth, 0],
        [0, 0, 2 * sixth],
    ]
    assert environment.agents[0].in_fractions().mass.tolist() == [Fraction(1, 3)] * 3


def test_a_column_has_the_masses(trade, tmp_path):
    (tmp_path / "pairs.csv").write_text(
        "share,buyer,seller\n0.1,1,0\n0.2,2,0\n0.3,2,1\n0.4,3,2\n", encoding="utf-8"
    )
    path = trade(environment='prior = { table = "pairs.csv", masses = "share" }')
    path.write_text(path.read_text().replace('["1/3", "4/3", "7/3"]', "[1, 2, 3]"))
    prior = load_instance(path).problem.environment.prior
    assert prior.in_fractions()[0].tolist() == [Fraction(1, 10), Fraction(1, 5), 0]


def test_types_far_from_zero_are_found_in_a_table(trade, tmp_path):
    far = 10**15
    (tmp_path / "pairs.csv").write_text(f"seller,buyer\n{far},{far + 1}\n{far + 2},{far + 3}\n")
    path = trade(environment='prior = { table = "pairs.csv" }')
    text = path.read_text().replace("[0, 1, 2]", f"[{far}, {far + 2}]")
    path.write_text(text.replace('["1/3", "4/3", "7/3"]', f"[{far + 1}, {far + 3}]"))
    environment = load_instance(path).problem.environment
    assert environment.prior.probabilities.tolist() == [[0.5, 0.0], [0.0, 0.5]]
    assert environment.first_best == 1.0


# Reports


def test_solve_verify_and_check_say_what_is_required(capsys, tmp_path):
    saved = tmp_path / "saved.json"
    words = "required: dominant-strategy incentives, ex post participation"
    every = "budget balanced in every profile"
    status, output, _ = ran(capsys, "solve", DOMINANT, "--output", saved)
    assert status == 0
    assert f"{words}, {every} " in output
    assert "binding" in output
    assert "the split of the gains is a choice" not in output
    status, output, errors = ran(capsys, "verify", saved)
    assert (status, errors) == (0, "")
    assert output.startswith(f"{words}, {every} ")
    for line in (
        "incentive compatibility of buyer in every profile: holds",
        "ex post participation of seller: holds",
        "budget ex post: holds",
        "signs of the multipliers of buyer_ex_post_lower: holds",
        "payments of seller cancel, by its multipliers: holds",
        "multipliers of buyer_ex_post_lower where it binds: holds",
    ):
        assert line in output
    status, output, _ = ran(capsys, "check", DOMINANT)
    assert status == 0
    assert "is NOT possible" in output
    assert f"{words} " in output
    assert "the budget is one in expectation here" in output
    assert "certificate verified (farkas)" in output


def test_a_certificate_by_profile_names_no_amount_of_money(capsys, tmp_path):
    path = tmp_path / "infeasible.toml"
    text = DOMINANT.read_text(encoding="utf-8").partition("[expected]")[0]
    path.write_text(text.replace("ex-ante-efficiency", "ex-post-efficiency"), encoding="utf-8")
    status, output, errors = ran(capsys, "solve", path)
    assert status == 1
    assert "certificate verified" in output
    assert "no mechanism meets the requirements, as the attached multipliers prove" in errors
    assert "outside money" not in output + errors


def test_what_is_usual_is_not_said(capsys):
    for command in ("solve", "check"):
        _, output, _ = ran(capsys, command, "examples/six_types")
        assert "required" not in output


def test_check_under_a_joint_prior_and_under_requirements(capsys, trade):
    status, output, _ = ran(capsys, "check", JOINT, "--json")
    assert status == 0
    assert json.loads(output)["certificate"]["verified"]
    # Whoever can be told apart and cannot stay out needs no rents.
    usual = mo.check_ex_post_efficiency(load_instance(trade()).problem)
    known = load_instance(trade('incentives = { seller = "none", buyer = "interim" }')).problem
    known = mo.check_ex_post_efficiency(known)
    assert known.slack > usual.slack + 0.1
    assert known.certificate.verified


def test_compare_says_that_it_is_about_the_usual_requirements(capsys):
    status, _, errors = ran(capsys, "compare", DOMINANT)
    assert status == 0
    assert "dominant-strategy incentives" in errors
    status, output, errors = ran(capsys, "compare", JOINT)
    assert (status, output) == (2, "")
    assert "environment.prior: nothing to compare under a joint prior" in errors


def test_bounds_that_bargaining_does_not_require_are_not_checked(capsys, tmp_path):
    path, saved = tmp_path / "bargaining.toml", tmp_path / "saved.json"
    path.write_text("""
    [environment]
    kind = "bargaining"
    proposer_probability = 0.5
    player_1.types = [0, 2]
    player_2.types = [1, 3]
    [problem]
    objective = "ex-ante-efficiency"
    participation = { player_1 = "none", player_2 = "interim" }
    """)
    assert main(["solve", str(path), "--output", str(saved)]) == 0
    capsys.readouterr()
    status, output, _ = ran(capsys, "verify", saved)
    assert status == 0
    assert "random-monopoly bound of player_2: holds" in output
    assert "random-monopoly bound of player_1" not in output


def random_problem(seed):
    """Return a problem of trade whose requirements concern single profiles, or types one by one."""
    rng = np.random.default_rng(seed)
    seller, buyer = (
        mo.TypeSpace.finite(np.sort(rng.choice(12, rng.integers(1, 5), replace=False)))
        for _ in range(2)
    )
    environment = mo.BilateralTrade(seller, buyer)
    if rng.random() < 0.4:
        table = rng.integers(1, 5, environment.shape) / 1.0
        prior = mo.Joint(table / table.sum())
        agents = [
            replace(agent, types=mo.TypeSpace.finite(agent.types.mean, mass))
            for agent, mass in zip(environment.agents, prior.masses, strict=True)
        ]
        environment = mo.Environment(tuple(agents), environment.outcomes, prior)
    least = np.where(rng.random(buyer.num_cells) < 0.5, 0.05, -np.inf)
    further = [mo.PaymentLimit(rng.integers(4, 20) / 2.0), UtilityFloor("buyer", least)]
    return mo.DesignProblem(
        environment,
        mo.Welfare((1.0, 1.0 + rng.integers(2))),
        incentives=str(rng.choice(["interim", "dominant", "none"])),
        participation=str(rng.choice(["interim", "ex-post"])),
        budget=str(rng.choice(["balanced", "no-deficit"])),
        budget_holds=str(rng.choice(["ex-ante", "ex-post"])),
        requirements=[each for each in further if rng.random() < 0.6],
    )


@pytest.mark.parametrize("seed", range(24))
def test_multipliers_of_any_requirement_are_checked_and_named(seed):
    problem = random_problem(seed)
    solution = mo.solve(problem, throw=False)
    words = binding_constraints(solution)
    if solution.mechanism is None:
        assert words == []
        return
    checks = multiplier_checks(problem, solution)
    assert checks
    assert [str(check) for check in checks if not check.passed] == []
    blocks = [name for name, values in solution.duals.items() if np.any(np.asarray(values) > 1e-6)]
    assert bool(words) <= bool(blocks)


@pytest.mark.parametrize(
    ("block", "change", "broken"),
    [
        ("buyer_ic_down", -0.01, "signs of the multipliers"),
        ("seller_ic_up", 0.01, "payments of seller cancel"),
        ("buyer_ex_post_lower", 0.01, "multipliers of buyer_ex_post_lower where"),
    ],
)
def test_wrong_multipliers_by_profile_are_found(block, change, broken):
    solution = mo.solve(load_instance(DOMINANT).problem)
    values = np.asarray(solution.duals[block]) + change
    wrong = replace(solution, duals={**solution.duals, block: values})
    failed = [c.requirement for c in multiplier_checks(solution.problem, wrong) if not c.passed]
    assert any(requirement.startswith(broken) for requirement in failed)
    misshapen = replace(solution, duals={**solution.duals, block: values[:1]})
    (check,) = multiplier_checks(solution.problem, misshapen)
    assert not check.passed
    assert block in check.where


def test_payments_at_their_limit_may_have_weight():
    trade = mo.BilateralTrade(mo.TypeSpace.finite([1]), mo.TypeSpace.finite([2]))
    problem = mo.DesignProblem(
        trade, mo.Welfare((1, 1)), participation="ex-post", requirements=[mo.PaymentLimit(0.25)]
    )
    solution = mo.solve(problem)
    assert solution.objective == pytest.approx(0.25)
    checks = multiplier_checks(problem, solution)
    assert all(check.passed for check in checks)
    # With a higher limit, nothing holds the payments where they are.
    freed = replace(problem, requirements=(mo.PaymentLimit(0.5),))
    assert not all(check.passed for check in multiplier_checks(freed, solution))


# Other files


@pytest.mark.parametrize(
    ("path", "file_format"), [(DOMINANT, "lp"), (DOMINANT, "nl"), (JOINT, "cbf")]
)
def test_exports_say_what_every_row_means(path, file_format):
    record = content_of(load_instance(path).problem, file_format).sidecar.record()
    blocks = {block["block"]: block for block in record["constraints"] + record["variables"]}
    assert all(block["meaning"] and block["section"] for block in blocks.values())
    assert not any("see the source" in block["meaning"] for block in blocks.values())
    assert blocks["budget"]["formula"] == "Σ_i τ_i(t) = cost(t)"
    assert blocks["buyer_payment"]["meaning"] == "what agent i pays in every profile"
    if path is DOMINANT:
        down = blocks["buyer_ic_down"]
        assert down["meaning"].startswith("whatever the others report, type k+1 does not gain")
        left, right = (f"v_{{i,k+1}} q_i({k}, t_{{-i}}) - τ_i({k}, t_{{-i}})" for k in ("k+1", "k"))
        assert down["formula"] == f"{left} >= {right}"
    if file_format == "cbf":
        assert blocks["buyer_payment_upper_bound"]["meaning"] == "upper bound of buyer_payment"


@pytest.mark.parametrize("path", [DOMINANT, JOINT], ids=lambda path: path.stem)
def test_an_answer_by_profile_comes_back_with_its_multipliers(path, tmp_path):
    model = tmp_path / "model.mps"
    problem = load_instance(path).problem
    mo.export(problem, model)
    solver = highspy.Highs()
    solver.silent()
    solver.readModel(str(model))
    solver.run()
    solver.writeSolution(str(tmp_path / "model.sol"), 0)
    found = import_solution(model, tmp_path / "model.sol")
    assert found.is_certified
    assert found.provenance.notes == ()
    assert set(found.duals) == set(mo.solve(problem).duals)
    assert mo.audit(problem, found).passed


def test_new_files_and_sweeps_know_the_keys(capsys, tmp_path):
    path, table = tmp_path / "new.toml", tmp_path / "table.csv"
    command = ["new", str(path), "--seller", "0,1,2", "--buyer", "0,1,3", "--incentives"]
    command += ["dominant", "--participation", "ex-post", "--budget-holds", "ex-post", "--budget"]
    assert main([*command, "no-deficit", "--payment-limit", "7/2", "--quiet"]) == 0
    problem = load_instance(path).problem
    assert required_in_words(problem) == (
        "required: dominant-strategy incentives, ex post participation, no deficit in any profile, "
        "payments at most 3.5"
    )
    vary = "problem.payment_limit=1/2:2:2"
    assert (
        main(["sweep", str(path), "--vary", vary, "--output", str(table), "--workers", "1", "-q"])
        == 0
    )
    rows = [line.split(",")[:2] for line in table.read_text().splitlines()]
    assert rows[0] == ["problem.payment_limit", "objective"]
    assert float(rows[1][1]) < float(rows[2][1])
    capsys.readouterr()
    assert main(["list", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["examples/dominant_strategies"]
    assert found["requirements"] == {
        "incentives": "dominant",
        "participation": "ex-post",
        "budget_holds": "ex-post",
    }


BOUNDS_AND_TYPES = {
    "one position without a list": ({"types": {"buyer": 2}}, "types of buyer", "got 2"),
    "a word": ({"types": {"buyer": "2"}}, "types of buyer", "got '2'"),
    "half a position": ({"types": {"buyer": (0.5,)}}, "types of buyer", "got (0.5,)"),
    "no position": ({"types": {"buyer": ()}}, "types of buyer", "got ()"),
    "more than a probability": ({"at_least": 1.2}, "at_least", "expected from 0 to 1, got 1.2"),
    "at most less than none": ({"at_most": -0.1}, "at_most", "expected from 0 to 1, got -0.1"),
}


@pytest.mark.parametrize("name", BOUNDS_AND_TYPES)
def test_events_are_refused_in_one_error_that_says_where(name):
    given, where, part = BOUNDS_AND_TYPES[name]
    types = mo.TypeSpace.finite([1, 2, 3])
    with pytest.raises(mo.InvalidInputError) as caught:
        mo.DesignProblem(
            mo.BilateralTrade(types, types),
            mo.Welfare((1, 1)),
            requirements=[mo.EventProbability("trade", **{"at_least": 0.5} | given)],
        )
    assert caught.value.where == where
    assert part in str(caught.value)


def test_bounds_of_events_may_be_as_far_as_an_outcome_goes():
    types = mo.TypeSpace.finite([1, 2])
    for bound in (0, 1, "1/3"):
        event = mo.EventProbability("trade", at_least=0, at_most=bound, types={"buyer": [1]})
        assert event.types == {"buyer": (1,)}
        mo.DesignProblem(mo.BilateralTrade(types, types), mo.Welfare((1, 1)), requirements=[event])
