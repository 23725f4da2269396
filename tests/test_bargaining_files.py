"""Bargaining in instance files and on the command line."""

from __future__ import annotations

import csv
import json
from fractions import Fraction
from pathlib import Path

import pytest

import mechopt as mo
from mechopt.cli.main import main

ROOT = Path(__file__).parent.parent
INSTANCES = ROOT / "instances" / "peski2024"
TEMPLATE = """
[environment]
kind = "bargaining"
proposer_probability = {chance}
{more}
[environment.player_1]
{player_1}
[environment.player_2]
{player_2}
[problem]
{problem}
"""
TWO_TYPES = {
    "chance": 0.5,
    "more": "",
    "player_1": "types = [0, 2]\nprobability_high = 0.5",
    "player_2": "types = [1, 3]\nprobability_high = 0.2",
    "problem": 'objective = "player-1-gap"',
}
KEYS = {
    "objective",
    "bound",
    "status",
    "limit",
    "detail",
    "backend",
    "first_best",
    "outside",
    "efficiency",
    "alpha",
    "utilities",
    "continuum",
    "audit",
    "seconds",
    "gap",
    "monopoly",
    "payoffs",
    "payoff_intervals",
    "objective_without_player_1_bound",
    "types",
    "probabilities",
    "prices",
    "bounds",
    "proposer_probability",
    "random_monopoly",
    "closed_form_gap",
    "unique",
    "interval_error",
    "basis",
    "players_swapped",
    "notes",
}


@pytest.fixture
def write(tmp_path):
    def written(**changes):
        path = tmp_path / "bargaining.toml"
        path.write_text(TEMPLATE.format(**TWO_TYPES | changes), encoding="utf-8")
        return path

    return written


def record_of(path, *options, capsys):
    assert main(["solve", str(path), "--json", *options]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("backend", ["auto", "highs", "cvxpy", "pyomo"])
def test_json_has_all_keys(write, capsys, backend):
    record = record_of(write(), "--backend", backend, capsys=capsys)
    assert set(record) == KEYS
    assert record["gap"] == pytest.approx(0.05, abs=1e-9)
    assert record["objective"] == pytest.approx(0.85, abs=1e-9)
    assert record["objective_without_player_1_bound"] == pytest.approx(0.85, abs=1e-9)
    assert record["monopoly"] == {"player_1": [1.0, 2.2], "player_2": [1.5, 3.0]}
    assert record["payoffs"]["player_2"] == pytest.approx([0.75, 1.75], abs=1e-9)
    (low, high), second = record["payoff_intervals"]["player_2"]
    assert (low, high, *second) == pytest.approx((0.75, 0.75, 1.75, 1.75), abs=1e-9)
    assert record["basis"].startswith("theorem")
    assert record["audit"]["passed"] is True


def test_exact_answers_are_fractions(write, capsys):
    path = write(chance='"1/3"', player_1='types = [0, "2/3"]\nprobability_high = "1/7"')
    record = record_of(path, "--exact", capsys=capsys)
    assert set(record) == KEYS | {"exact", "exact_gap"}
    assert float(Fraction(record["exact"])) == pytest.approx(record["objective"], abs=1e-9)
    gap = mo.peski2024.two_type_gap(
        0, Fraction(2, 3), 1, 3, proposer_probability=Fraction(1, 3)
    ).at(Fraction(1, 7), Fraction(1, 5))
    assert Fraction(record["exact_gap"]) == gap


def test_a_page_for_people(write, capsys):
    assert main(["solve", str(write())]) == 0
    text = " ".join(capsys.readouterr().out.split())
    for part in (
        "player 1 gets 0.85",
        "gap 0.05",
        "player 1 proposes with probability 0.5",
        "gap by formula 0.05",
        "player 2 1 0.8 2 0.75 0.75 0.75",
        "theorem, two types on each side",
        "player 1's are NOT the same, player 2's are the same",
        "audit passed",
    ):
        assert part in text, part


def test_saved_answers_are_verified(write, capsys, tmp_path):
    saved = tmp_path / "saved.json"
    assert main(["solve", str(write()), "--output", str(saved)]) == 0
    assert main(["verify", str(saved)]) == 0
    assert "participation of player_2: holds" in capsys.readouterr().out
    content = json.loads(saved.read_text())
    # A smaller chance to propose lowers the bound, and is noticed by the fingerprint.
    option = content["problem"]["environment"]["agents"][1]["outside_option"]
    exact = option["exact"]
    option |= {"proposer_probability": 0.4, "exact": None}
    saved.write_text(json.dumps(content))
    assert main(["verify", str(saved)]) == 1
    # Beside the fraction that it was, it is no problem at all.
    option["exact"] = exact
    saved.write_text(json.dumps(content))
    assert main(["verify", str(saved)]) == 2
    assert "proposer_probability: exact fractions" in capsys.readouterr().err
    option["proposer_probability"] = 0.5
    payments = json.loads(json.dumps(content))
    payments["mechanism"]["payment"][1]["values"][0] += 0.01
    saved.write_text(json.dumps(payments))
    assert main(["verify", str(saved)]) == 1


def test_types_of_probability_zero_are_dropped_and_said_so(write, capsys):
    path = write(player_1="types = [0, 2]\nprobability_high = 1")
    record = record_of(path, capsys=capsys)
    assert record["gap"] == pytest.approx(0, abs=1e-9)
    assert len(record["payoffs"]["player_1"]) == 1
    assert main(["solve", str(path)]) == 0
    assert "types of player_1 with probability 0 were dropped: 0" in capsys.readouterr().out


def test_players_are_swapped_if_the_file_says_so(write, capsys):
    swapped = {"player_1": TWO_TYPES["player_2"], "player_2": TWO_TYPES["player_1"]}
    assert main(["solve", str(write(**swapped))]) == 2
    assert "swap_players = true" in capsys.readouterr().err
    record = record_of(write(**swapped, more="swap_players = true"), capsys=capsys)
    assert record["players_swapped"] is True
    assert record["gap"] == pytest.approx(0.05, abs=1e-9)
    assert main(["solve", str(write(**swapped, more="swap_players = true"))]) == 0
    assert "labels were exchanged" in " ".join(capsys.readouterr().out.split())


def test_verifiable_types_are_a_conjecture(write, capsys):
    path = write(problem='objective = "player-1-gap"\nverifiable = true')
    record = record_of(path, capsys=capsys)
    assert record["basis"].startswith("conjectural")
    assert record["gap"] >= 0.05 - 1e-9


def test_cells_their_means_and_samples(write, capsys, tmp_path):
    (tmp_path / "bids.csv").write_text("bid\n1.5\n0.5\n2.5\n1.5\n", encoding="utf-8")
    cells = 'distribution = "uniform"\nparameters = { loc = 0, scale = 1 }\ncells = 6'
    samples = 'samples = "bids.csv"\ncolumn = "bid"'
    record = record_of(write(player_1=cells, player_2=samples), capsys=capsys)
    assert [len(record["payoffs"][f"player_{i}"]) for i in (1, 2)] == [6, 3]
    at_means = record_of(
        write(player_1=f"{cells}\nat_means = true", player_2=samples), capsys=capsys
    )
    problem = mo.load_instance(tmp_path / "bargaining.toml").problem
    assert problem.environment.agents[0].types.is_finite
    assert at_means["objective"] != record["objective"]
    changed = record_of(write(player_1=cells, player_2=samples), "--cells", "9", capsys=capsys)
    assert len(changed["payoffs"]["player_1"]) == 9


def test_cells_that_cannot_meet_the_bounds_end_with_a_certificate(write, capsys, tmp_path):
    cells = 'distribution = "beta"\nparameters = { a = 2, b = 3 }\ncells = 5'
    path = write(player_1=cells, player_2=cells, chance=1.0)
    assert main(["solve", str(path), "--output", str(tmp_path / "proof.json")]) == 1
    assert "infeasible" in capsys.readouterr().err
    assert main(["verify", str(tmp_path / "proof.json")]) == 0
    means = f"{cells}\nat_means = true"
    assert main(["solve", str(write(player_1=means, player_2=means, chance=1.0))]) == 0


@pytest.mark.parametrize("objective", ["ex-ante-efficiency", "ex-post-efficiency"])
def test_other_objectives_have_monopoly_payoffs_too(write, capsys, objective):
    record = record_of(write(problem=f'objective = "{objective}"'), capsys=capsys)
    assert record["gap"] is None
    assert record["payoff_intervals"] is None
    assert record["monopoly"]["player_1"] == [1.0, 2.2]
    assert record["payoffs"]["player_1"] is not None


def test_requirements_by_player(write, capsys):
    stated = (
        'objective = "ex-ante-efficiency"\n'
        'incentives = { player_1 = "none", player_2 = "interim" }\n'
        'budget = "no-deficit"\n'
        "weights = { player_1 = 1, player_2 = 0 }"
    )
    record = record_of(write(problem=stated), capsys=capsys)
    verifiable = record_of(
        write(problem='objective = "player-1-gap"\nverifiable = true'), capsys=capsys
    )
    assert record["objective"] == pytest.approx(verifiable["objective"], abs=1e-9)


class TestCheck:
    def test_efficiency_within_the_bounds(self, capsys):
        assert main(["check", str(INSTANCES / "largest_gap.toml"), "--json"]) == 0
        record = json.loads(capsys.readouterr().out)
        assert record["implementable"] is True
        assert record["slack"] == pytest.approx(1 / 16)
        assert record["certificate"] == {"kind": "payments", "verified": True}

    def test_efficiency_beyond_the_bounds(self, capsys, tmp_path):
        proof = tmp_path / "proof.json"
        path = str(INSTANCES / "own_bound.toml")
        assert main(["check", path, "--json", "--output", str(proof)]) == 0
        record = json.loads(capsys.readouterr().out)
        assert record["implementable"] is False
        assert record["least_subsidy"] == pytest.approx(3 / 16)
        assert record["certificate"] == {"kind": "farkas", "verified": True}
        assert main(["verify", str(proof)]) == 0

    def test_of_continua_the_answer_is_not_available(self, capsys):
        assert main(["check", str(INSTANCES / "uniform.toml")]) == 0
        assert "at_means" in capsys.readouterr().out


def test_at_means_keeps_probabilities_and_fractions():
    cells = mo.TypeSpace.from_samples([1, 1, 1, 2, 4, 4], cells=3)
    types = cells.at_means()
    assert types.mean.tolist() == [1.0, 1.5, 4.0]
    assert types.in_fractions().mass.tolist() == [Fraction(1, 3)] * 3
    merged = mo.TypeSpace.from_samples([1, 1, 1, 1, 4, 5], cells=3).at_means()
    assert merged.mass == pytest.approx([2 / 3, 1 / 3])
    assert types.at_means() is types


@pytest.mark.parametrize("number", [1, 0, 2.0, True, "2"])
def test_single_good_needs_two_agents(number):
    with pytest.raises(mo.InvalidInputError, match="at least 2"):
        mo.environments.SingleGood(number)


@pytest.mark.parametrize("chance", ["0", "1/4", "1/2"])
def test_exact_answers_with_uniform_cells_are_those_in_floats(write, capsys, chance):
    uniform = 'distribution = "uniform"\nparameters = { loc = 0.5, scale = 1.5 }\ncells = 5'
    path = write(player_1='types = [0, "1/2", 1.2]', player_2=uniform, chance=f'"{chance}"')
    status = main(["solve", str(path), "--exact", "--json"])
    record = json.loads(capsys.readouterr().out)
    if chance == "0":
        # Player 2's cells leave nothing to spare, in floats as in fractions.
        assert (status, record["status"], record["exact"]) == (1, "infeasible", None)
        return
    assert status == 0
    assert float(Fraction(record["exact"])) == pytest.approx(record["objective"], abs=1e-9)
    assert float(Fraction(record["exact_gap"])) == pytest.approx(record["gap"], abs=1e-9)


def test_exact_answers_against_other_continua_are_refused(write, capsys):
    beta = 'distribution = "beta"\nparameters = { a = 2, b = 3 }\ncells = 5'
    assert main(["solve", str(write(player_2=beta)), "--exact"]) == 2
    assert "or solve in floats" in capsys.readouterr().err


EQUILIBRIA = 'objective = "equilibrium-bounds"\ndiscount_factor = 0.9'


def test_bounds_on_equilibria_in_records_and_on_the_page(write, capsys):
    path = write(problem=EQUILIBRIA, player_2="types = [1, 3]\nprobability_high = 0.6")
    record = record_of(path, "--exact", capsys=capsys)
    bounds = mo.peski2024.bargaining_bounds(mo.load_instance(path).problem.environment, 0.9)
    assert record["objective"] == pytest.approx(float(bounds.limit.player_1.low), abs=1e-9)
    assert record["discount_factor"] == 0.9
    assert record["equilibrium_low"]["player_1"] == float(bounds.player_1.low)
    assert record["equilibrium_high"]["player_2"] == float(bounds.player_2.high)
    assert record["bounds_are_exact"] is False
    assert record["equilibrium_bounds"]["certificate"]["verified"] is True
    low, high = map(Fraction, record["exact_equilibrium_bounds"]["expected"]["player_1"])
    assert (low, high) == bounds.player_1
    assert main(["solve", str(path)]) == 0
    page = " ".join(capsys.readouterr().out.split())
    assert "1.14091 to 1.15" in page
    assert "expected, in every equilibrium at discount factor 0.9" in page
    assert "offers that cannot be refused" in page
    assert "not known:" in page


def test_bounds_of_more_types_are_called_conjectural(write, capsys, tmp_path):
    path, saved = write(problem=EQUILIBRIA, player_1="types = [0, 1, 2]"), tmp_path / "many.json"
    record = record_of(path, "--exact", "--output", str(saved), capsys=capsys)
    assert record["bounds_are_proved"] is False
    assert record["equilibrium_bounds"]["certificate"]["verified"] is False
    assert record["equilibrium_high"]["player_1"] <= record["objective"] + 1e-12
    assert main(["verify", str(saved)]) == 0
    page = " ".join(capsys.readouterr().out.split())
    assert "if random-monopoly bounds hold (a conjecture): at discount factor 0.9" in page
    assert "proof that" not in page
    assert main(["solve", str(path)]) == 0
    page = " ".join(capsys.readouterr().out.split())
    assert "if random-monopoly bounds hold (conjecture)" in page
    assert "in every equilibrium" not in page
    assert "doubt conjectural" in page


def test_bounds_are_saved_verified_and_swept(write, capsys, tmp_path):
    path, saved = write(problem=EQUILIBRIA), tmp_path / "bounds.json"
    assert main(["solve", str(path), "--quiet", "--output", str(saved)]) == 0
    assert main(["verify", str(saved)]) == 0
    assert mo.load_solution(saved).problem.objective.discount_factor == "9/10"
    capsys.readouterr()
    table = tmp_path / "swept.csv"
    words = ["sweep", str(path), "--vary", "problem.discount_factor=0:1:3", "--output", str(table)]
    assert main(words) == 0
    header, *rows = table.read_text(encoding="utf-8").splitlines()
    place = header.split(",").index("equilibrium_width")
    widths = [float(next(csv.reader([row]))[place]) for row in rows]
    assert widths[0] == widths[2] == 0.0 < widths[1]


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"problem": 'objective = "equilibrium-bounds"'}, "problem.discount_factor: not a disc"),
        ({"problem": EQUILIBRIA.replace("0.9", "1.9")}, "problem.discount_factor: not a disc"),
        ({"problem": EQUILIBRIA + "\nverifiable = true"}, "problem.verifiable"),
        ({"problem": EQUILIBRIA + '\nbudget = "balanced"'}, "problem.budget"),
        ({"problem": EQUILIBRIA, "player_1": f"types = {list(range(40))}"}, "player_1: too many"),
        (
            {"problem": EQUILIBRIA, "player_1": 'distribution = "uniform"\ncells = 3'},
            "environment.player_1: not finitely many",
        ),
        ({"problem": EQUILIBRIA, "player_1": "types = [2, 3]"}, "environment.player_1: player 1"),
        ({"problem": 'objective = "player-1-gap"\ndiscount_factor = 0.9'}, "discount_factor: does"),
    ],
)
def test_bounds_that_make_no_sense_are_refused(write, capsys, changes, part):
    assert main(["solve", str(write(**changes))]) == 2
    message = capsys.readouterr().err
    assert part in message
    assert "1 fault" in message
