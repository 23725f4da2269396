"""What reports say of beliefs, and of payments that only the limit nobody stated keeps finite."""

from __future__ import annotations

import json

import numpy as np
import pytest

import mechopt as mo
from mechopt import robust
from mechopt.cli.main import main
from mechopt.studies.bets import bets_of
from mechopt.studies.guarantee import guarantee_of

ANN = mo.TypeSpace.finite([1, 2, 4], ["1/2", "3/10", "1/5"])
BOB = mo.TypeSpace.finite([1, 3])
FILE = """
[environment]
kind = "auction"
[[environment.bidders]]
name = "ann"
types = [1, 2, 4]
probabilities = ["1/2", "3/10", "1/5"]
[[environment.bidders]]
name = "bob"
types = [1, 3]
[problem]
objective = "revenue"
{}
[problem.priors]
{}
"""
APART = "means = { ann = 2, bob = 2 }"  # ann's is 19/10 under the stated prior.
SAFE = 'incentives = "dominant"\nparticipation = "ex-post"'
LOTTERY = """
[environment]
kind = "alternatives"
outcomes = ["none", "a", "b"]
[[environment.agents]]
name = "ann"
types = ["l", "h", "x"]
values = [[0, 0, 0], [2, 9, 1], [3, 1, 6]]
[[environment.agents]]
name = "bob"
types = ["l", "h"]
values = [[0, 0], [1, 5], [4, 2]]
[problem]
objective = "revenue"
incentives = "dominant"
"""


def of_file(text, tmp_path, capsys):
    """Return the keys of a solved file and what its report says, in one line."""
    path = tmp_path / "problem.toml"
    path.write_text(text)
    assert main(["solve", str(path), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert main(["solve", str(path)]) == 0
    return record, " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("required", "priors", "possible", "says"),
    [
        ("", APART, False, "none of the priors that the designer holds possible"),
        ("", 'wasserstein = "1/10"', True, "may be made to bet on it; incentives"),
        ('participation = "ex-post"', "marginals = true", True, "may be made to bet on it"),
        (SAFE, APART, None, ""),
    ],
)
def test_a_guarantee_comes_with_what_agents_believe(
    required, priors, possible, says, tmp_path, capsys
):
    record, report = of_file(FILE.format(required, priors), tmp_path, capsys)
    assert record["stated_prior_possible"] is possible
    assert says in report
    assert ("agents are taken to believe" in report) == bool(says)
    # No type is worth more than 4, so that a larger guarantee is won from beliefs.
    assert possible is False or record["guarantee"] <= 4.0


def test_a_guarantee_at_the_limit_says_so(tmp_path, capsys):
    record, report = of_file(FILE.format("", APART), tmp_path, capsys)
    assert record["guarantee"] > 4.0
    assert record["least_limit"] == pytest.approx(300.0)
    assert "up to 300 is paid in a profile, the limit where none is stated" in report


def test_one_agent_has_nobody_to_bet_on():
    buyer = mo.Auction(mo.TypeSpace.finite([1, 2, 3], ["1/2", "1/4", "1/4"]), count=1)
    objective = robust.WorstPriorIn(mo.Revenue(), robust.known_means(buyer, {"bidder_1": 2}))
    found = guarantee_of(mo.solve(mo.DesignProblem(buyer, objective, budget="subsidised")))
    assert found.possible is None
    assert found.notes() == []


@pytest.mark.parametrize("inside", [True, False])
def test_of_listed_priors_mixtures_are_possible(inside):
    trade = mo.BilateralTrade(mo.TypeSpace.finite([0, 2]), mo.TypeSpace.finite([1, 3]))
    first = mo.Joint([["1/2", "0"], ["0", "1/2"]])
    other = [["0", "1/2"], ["1/2", "0"]] if inside else [["1/4", "1/2"], ["1/4", "0"]]
    objective = robust.WorstPrior(mo.Welfare(), [first, mo.Joint(other)])
    problem = mo.DesignProblem(trade, objective, budget_holds="ex-post")
    assert guarantee_of(mo.solve(problem)).possible is inside


@pytest.mark.parametrize("kind", ["near", "wasserstein", "means", "marginals", "moments"])
def test_membership_is_that_of_the_definition(kind):
    auction = mo.Auction([ANN, BOB])
    stated = np.outer([0.5, 0.3, 0.2], [0.5, 0.5])
    sets = {
        "near": robust.Near(mo.Joint(stated), "1/10"),
        "wasserstein": robust.wasserstein_ball(auction, "1/10"),
        "means": robust.known_means(auction, {"bidder_1": ("9/5", "19/10")}),
        "marginals": robust.known_marginals(auction),
        "moments": robust.Moments([[[0, 0], [0, 0], [1, 1]]], [None], ["1/5"]),
    }
    moved = stated.copy()
    moved[0, 0] -= 0.11  # A step of 3 in ann's type: 0.33 away, and 0.11 in total variation.
    moved[2, 0] += 0.11
    assert sets[kind].contains(stated)
    assert not sets[kind].contains(moved)
    assert sets[kind].contains(sets[kind].member(moved))


def test_payments_at_a_limit_that_nobody_stated_come_with_one_that_does(tmp_path, capsys):
    record, report = of_file(LOTTERY, tmp_path, capsys)
    assert record["largest_payment"] == pytest.approx(900.0)
    assert record["least_limit"] <= 9.0 + 1e-6  # What an outcome is worth at most.
    assert f"a payment_limit of {record['least_limit']:.6g} would do" in report
    limited = LOTTERY + f"payment_limit = {record['least_limit'] + 1e-6}\n"
    again, report = of_file(limited, tmp_path, capsys)
    assert again["objective"] == pytest.approx(record["objective"], abs=1e-9)
    assert "belief_ranks" not in again
    assert "would do" not in report


HARMLESS = """
[environment]
kind = "alternatives"
outcomes = ["a", "b", "c"]
[[environment.agents]]
name = "ann"
types = ["low", "high"]
values = [[3, 1], [1, 2], [0, 3]]
[[environment.agents]]
name = "bob"
types = ["low", "high"]
values = [[1, 1], [2, 2], [0, 4]]
[problem]
objective = "welfare"
"""


def test_where_no_payments_are_needed_the_remedy_is_a_key_that_can_be_written(tmp_path, capsys):
    record, report = of_file(HARMLESS, tmp_path, capsys)
    assert record["largest_payment"] > 100.0
    assert record["least_limit"] == 0.0
    assert "no payments at all would do as well: transfers = false; a bet is" in report
    assert "payment_limit" not in report
    without, report = of_file(f"{HARMLESS}transfers = false\n", tmp_path, capsys)
    assert without["objective"] == pytest.approx(record["objective"], abs=1e-9)
    assert "bet" not in report


def test_prices_far_from_zero_are_no_bets():
    types = mo.TypeSpace.finite([10_000, 10_001])
    auction = mo.Auction(types, count=2)
    problem = mo.DesignProblem(
        auction, mo.Revenue(), incentives="dominant", participation="ex-post", budget="subsidised"
    )
    assert bets_of(mo.solve(problem)) is None


@pytest.mark.parametrize(
    ("weights", "budget", "counted"),
    [
        ("supplier_1 = 1, supplier_2 = 1", "balanced", "supplier 1: 1, supplier 2: 1"),
        ("supplier_1 = 2, supplier_2 = 1", "no-deficit", "supplier 1: 2, supplier 2: 1"),
        ("supplier_1 = 1, supplier_2 = 1, designer = 2", "no-deficit", None),
    ],
)
def test_a_profit_that_counts_nothing_is_said(weights, budget, counted, tmp_path, capsys):
    text = (
        '[environment]\nkind = "procurement"\nbenefit = [[1, 3], [2, 5]]\n'
        "suppliers = [{ count = 2, types = [1, 2] }]\n[problem]\n"
        f'objective = "welfare"\nweights = {{ {weights} }}\nbudget = "{budget}"\n'
    )
    _, report = of_file(text, tmp_path, capsys)
    said = f"the objective counts utilities ({counted}) and gives the designer's profit no weight"
    assert (said in report) == (counted is not None)
    assert ("objective counts" in report) == (counted is not None)
