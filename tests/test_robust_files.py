"""Priors that a designer holds possible, as instance files state them and as reports say them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import mechopt as mo
from mechopt import robust
from mechopt.cli.main import main
from mechopt.instances import load_instance
from mechopt.problem.problem import DesignProblem
from mechopt.saved import load_solution

INSTANCES = Path(__file__).parents[1] / "instances"
FILE = """
[environment]
kind = "bilateral-trade"
seller.types = [0, 2]
buyer.types = [1, 3]
[environment.prior]
joint = [["3/10", "1/5"], ["1/5", "3/10"]]
[problem]
objective = "welfare"
incentives = "dominant"
participation = "ex-post"
budget_holds = "ex-post"
[problem.priors]
{}
"""
TRADE = mo.BilateralTrade(mo.TypeSpace.finite([0, 2]), mo.TypeSpace.finite([1, 3]))
STATED = mo.Joint([["3/10", "1/5"], ["1/5", "3/10"]])
OTHER = mo.Joint([["1/10", "2/5"], ["2/5", "1/10"]])
GAP = [[1, 3], ["0", 1]]
SETS = {
    'listed = { usual = [["3/10", "1/5"], ["1/5", "3/10"]], other = [["1/10", "2/5"], ["2/5", '
    '"1/10"]] }': [STATED, OTHER],
    'total_variation = "1/10"': robust.Near(STATED, "1/10"),
    "wasserstein = 0.5": robust.wasserstein_ball(TRADE, "1/2", STATED),
    'wasserstein = 0.5\ncentre = [["1/10", "2/5"], ["2/5", "1/10"]]': robust.wasserstein_ball(
        TRADE, "1/2", OTHER
    ),
    'means = { seller = 1, buyer = ["3/2", 2] }': robust.known_means(
        TRADE, {"seller": 1, "buyer": ("3/2", 2)}
    ),
    "marginals = true": robust.known_marginals(TRADE),
    'moments = [{ function = [[1, 3], ["0", 1]], at_least = 1, at_most = 2 }, '
    "{ function = [[0, 0], [1, 1]], equals = 0.5 }]": robust.Moments(
        [GAP, [[0, 0], [1, 1]]], [1, "1/2"], [2, "1/2"]
    ),
}


@pytest.mark.parametrize("stated", SETS)
def test_a_file_states_the_priors_that_python_states(stated, tmp_path):
    path = tmp_path / "trade.toml"
    path.write_text(FILE.format(stated))
    problem = load_instance(path).problem
    priors = SETS[stated]
    welfare = mo.Welfare((1, 1))
    expected = (
        robust.WorstPrior(welfare, priors, ("usual", "other"))
        if isinstance(priors, list)
        else robust.WorstPriorIn(welfare, priors)
    )
    assert problem.objective == expected
    assert isinstance(problem, DesignProblem)
    assert problem.environment.prior == STATED


@pytest.mark.parametrize(
    ("name", "guarantee", "stated", "says"),
    [
        ("two_forecasts", 9 / 7, 26 / 21, "usual and divided: "),
        ("near_a_sample", 7 / 6, 4 / 3, "0.25 instead of 0.3333 for buyer type 1 (2)"),
        ("known_mean", 6 / 5, 6 / 5, "worst prior"),
        ("known_marginals", 2, 2, "guarantee"),
    ],
)
def test_reports_say_guarantee_worst_prior_and_what_the_stated_one_brings(
    name, guarantee, stated, says, capsys, tmp_path
):
    path = next(INSTANCES.rglob(f"{name}.toml"))
    kept = tmp_path / "kept.json"
    assert main(["solve", str(path), "--output", str(kept)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert says in said
    assert "as stated" in said
    assert main(["solve", str(path), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["guarantee"] == pytest.approx(guarantee, abs=1e-9)
    assert record["objective"] == pytest.approx(guarantee, abs=1e-9)
    assert record["under_stated_prior"] == pytest.approx(stated, abs=1e-9)
    worst = record["worst_prior"]["probabilities"]
    assert sum(worst) == pytest.approx(1.0, abs=1e-12)
    # The mechanism itself, under the prior that is said to be the worst.
    solution = load_solution(kept)
    plain = solution.problem.objective.objective
    under = robust.UnderPrior(plain, mo.Joint(worst))
    assert under.value(solution.mechanism)[0] == pytest.approx(guarantee, abs=1e-9)
    assert main(["verify", str(kept)]) == 0


def test_a_ball_around_the_rows_of_a_table(tmp_path):
    (tmp_path / "seen.csv").write_text("seller,buyer\n0,1\n0,3\n0,3\n0,1\n")
    path = tmp_path / "trade.toml"
    path.write_text(FILE.format('wasserstein = "1/2"\ncentre = "seen.csv"'))
    seen = mo.Joint([["1/2", "1/2"], [0, 0]])
    expected = robust.wasserstein_ball(TRADE, "1/2", seen)
    assert load_instance(path).problem.objective == robust.WorstPriorIn(
        mo.Welfare((1, 1)), expected
    )


def test_bargaining_has_priors_too(tmp_path):
    path = tmp_path / "bargaining.toml"
    path.write_text(
        '[environment]\nkind = "bargaining"\nproposer_probability = 0.5\n'
        "player_1.types = [0, 2]\nplayer_2.types = [1, 3]\n"
        '[problem]\nobjective = "ex-ante-efficiency"\n[problem.priors]\nmarginals = true\n'
    )
    problem = load_instance(path).problem
    expected = robust.known_marginals(problem.environment)
    assert problem.objective == robust.WorstPriorIn(mo.Welfare((1, 1)), expected)


def test_a_forecast_may_rule_types_out(tmp_path):
    """A buyer is worth 1 or 3 for sure: the price is 1, which brings 1 in both cases."""
    path = tmp_path / "sure.toml"
    environment = 'kind = "auction"\nbidders = [{ name = "ann", types = [1, 3] }]'
    for stated, guarantee in (
        ("listed = { low = [1, 0], high = [0, 1] }", 1.0),
        ("wasserstein = 1\ncentre = [0, 1]", 1.5),
        ('total_variation = "1/4"\ncentre = [0, 1]', 2.25),
    ):
        path.write_text(
            f'[environment]\n{environment}\n[problem]\nobjective = "revenue"\n'
            f"[problem.priors]\n{stated}\n"
        )
        problem = load_instance(path).problem
        solution = mo.solve(problem)
        mo.audit(problem, solution).raise_if_failed()
        # At a price of 3 the good is sold where the value is 3, at a price of 1 always.
        assert solution.objective == pytest.approx(guarantee, abs=1e-9)


def test_no_mechanism_guarantees_more_than_the_best_under_the_worst_prior(tmp_path):
    path = tmp_path / "trade.toml"
    path.write_text(FILE.format('total_variation = "1/10"'))
    problem = load_instance(path).problem
    solution = mo.solve(problem)
    alone = replace(problem, objective=mo.Welfare((1, 1)))
    stated = mo.solve(alone)
    assert solution.objective < stated.objective
    assert solution.mechanism is not None
    assert solution.mechanism.total_gains <= stated.objective + 1e-9
