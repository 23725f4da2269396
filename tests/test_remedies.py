"""Errors on the command line say what to do there, and doing it helps."""

from __future__ import annotations

import json
import re
import shlex

import pytest

from mechopt.cli.main import main
from mechopt.instances import load_instance

SAMPLES = """
[environment]
kind = "bilateral-trade"
seller = {{ samples = "pairs.csv", column = "seller"{} }}
buyer = {{ samples = "pairs.csv", column = "buyer" }}
{}
[problem]
objective = "ex-ante-efficiency"
"""


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Return a function that runs a command in a folder with a table of pairs."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pairs.csv").write_text("seller,buyer\n1,2\n1,3\n2,3\n2,3\n")

    def run_(*words):
        status = main([str(word) for word in words])
        said = capsys.readouterr()
        return status, " ".join(said.out.split()), " ".join(said.err.split())

    return run_


def test_cells_of_samples_are_asked_for_where_they_can_be(run, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(SAMPLES.format("", ""))
    status, _, wrong = run("solve", "mine.toml", "--cells", "2")
    assert status == 2
    assert "samples without cells, in mine.toml). Write cells = 2 beside samples" in wrong
    assert "(mechopt new --cells 2 writes it)" in wrong
    file.write_text(SAMPLES.format(", cells = 2", ""))
    assert run("solve", "mine.toml", "--cells", "2")[0] == 0
    sides = ("--seller", "pairs.csv:seller", "--buyer", "pairs.csv:buyer")
    assert run("new", "new.toml", *sides, "--cells", "2")[0] == 0
    assert run("solve", "new.toml", "--cells", "2")[0] == 0


FILES = {
    # Costs with a sign and marks of thousands; values in fewer rows, some of them unknown.
    "costs.csv": 'Owner,Reservation price\n1,"$1,096.97"\n2,$833.82\n3,NA\n4,$1.5\n',
    "values.csv": "Buyer,Value\n1,900.5\n2,\n3,1000\n",
    "both.csv": 'cost,value\n"1,200","1,300"\n900,"1,000"\n950,\n',
    "commas.csv": "cost;value\n2,5;3,25\n1,75;4\n",
    "marks.csv": "cost;value\n€1.250;€1.300\n€1.100;€1.500\n",
}


def _options_in(wrong):
    """Return the options that a message proposes, all that it names where several do."""
    proposals = re.findall(r"(?:say|with|Altogether:) ((?:--\w+ (?:'[^']*'|\w+) ?)+)", wrong)
    return shlex.split(proposals[-1])


@pytest.mark.parametrize(
    ("seller", "buyer", "options"),
    [
        (
            "costs.csv:Reservation price",
            "values.csv:Value",
            ["--thousands", ",", "--currency", "$", "--missing", "drop"],
        ),
        ("both.csv:cost", "both.csv:value", ["--thousands", ",", "--missing", "drop"]),
        ("commas.csv:cost", "commas.csv:value", ["--decimal", ","]),
        ("commas.csv:cost", "values.csv:Value", ["--decimal", ",", "--missing", "drop"]),
    ],
)
def test_one_error_proposes_all_options_that_a_table_needs(run, tmp_path, seller, buyer, options):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    sides = ["--seller", seller, "--buyer", buyer]
    status, _, wrong = run("new", "mine.toml", *sides)
    assert status == 2
    assert wrong.startswith("mechopt: mine.toml is not written: ")
    assert not (tmp_path / "mine.toml").exists()
    proposed = _options_in(wrong)
    assert proposed == options
    if seller.startswith("both"):
        # 1,200 may be a decimal, and nothing is decided for the user.
        assert "say --thousands ',' --missing drop, or --decimal ',' --missing drop;" in wrong
    if not (seller.startswith("commas") and buyer.startswith("values")):
        assert run("new", "mine.toml", *sides, *proposed)[0] == 0
        assert run("solve", "mine.toml", "--quiet")[0] == 0


def test_a_file_is_answered_in_its_own_keys_and_they_help(run, tmp_path):
    (tmp_path / "costs.csv").write_text(FILES["costs.csv"])
    text = SAMPLES.replace("pairs.csv", "costs.csv").replace('"seller"', '"Reservation price"')
    text = text.replace('"buyer"', '"Owner"')
    (tmp_path / "mine.toml").write_text(text.format("", ""))
    status, _, wrong = run("solve", "mine.toml")
    assert status == 2
    keys = re.search(r'say (thousands = ",", currency = "\$", missing = "drop");', wrong)[1]
    (tmp_path / "mine.toml").write_text(text.format(f", {keys}", ""))
    assert run("solve", "mine.toml")[0] == 0


@pytest.mark.parametrize("decimal", [".", ","])
def test_points_that_could_mean_two_things_are_asked_about_beside_a_currency_too(
    run, tmp_path, decimal
):
    (tmp_path / "marks.csv").write_text(FILES["marks.csv"])
    sides = ["--seller", "marks.csv:cost", "--buyer", "marks.csv:value"]
    status, _, wrong = run("new", "mine.toml", *sides)
    assert status == 2
    assert "--decimal . --currency '€', or --decimal ',' --thousands . --currency '€'" in (
        wrong.replace("'.'", ".")
    )
    stated = ["--currency", "€", "--decimal", decimal]
    stated += ["--thousands", "."] if decimal == "," else []
    assert run("new", "mine.toml", *sides, *stated)[0] == 0
    found = load_instance(tmp_path / "mine.toml").problem.environment.agents[0].types
    assert found.mean.tolist() == ([1100, 1250] if decimal == "," else [1.1, 1.25])
    # A sign beside the number does not decide what the point means.
    (tmp_path / "mine.toml").unlink()
    status, _, wrong = run("new", "mine.toml", *sides, "--currency", "€")
    assert status == 2
    assert "can be read in two ways" in wrong


def test_an_instance_is_solved_before_it_is_drawn(run, tmp_path):
    (tmp_path / "mine.toml").write_text(SAMPLES.format("", ""))
    status, _, wrong = run("plot", "mine.toml", "--output", "a.png")
    assert status == 2
    command = re.search(r"`mechopt (solve mine.toml --output mine.json)`", wrong)[1]
    assert run(*command.split())[0] == 0
    assert run("plot", "mine.json", "--output", "a.png")[0] == 0


def test_pairs_that_met_are_offered_a_joint_prior_and_one_is_not_called_independent(run, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(SAMPLES.format("", ""))
    _, said, _ = run("solve", "mine.toml")
    assert "assumed: the two sides are independent" in said
    assert "take their joint prior: prior = { table = FILE } in the file, with columns" in said
    file.write_text(SAMPLES.format("", 'prior = { table = "pairs.csv" }'))
    _, said, _ = run("solve", "mine.toml")
    assert "4 rows with both sides (of one file): correlation 0.577" in said
    assert "assumed" not in said
    assert "take their joint prior" not in said
    record = json.loads(run("solve", "mine.toml", "--json")[1])
    assert "assumes" not in record["pairs"]
    assert record["objective"] == pytest.approx(1.25)


def test_a_misspelt_heading_beside_the_right_one_is_guessed(run, tmp_path):
    text = """[enviroment]
kind = "bilateral-trade"
[environment.seller]
types = [0, 1]
[environment.buyer]
types = [1, 2]
[problem]
objective = "ex-ante-efficiency"
"""
    (tmp_path / "mine.toml").write_text(text)
    status, _, wrong = run("solve", "mine.toml")
    assert status == 2
    assert "Did you mean environment? That stands there, too" in wrong
    (tmp_path / "mine.toml").write_text(text.replace("enviroment", "environment"))
    assert run("solve", "mine.toml")[0] == 0


def test_values_that_begin_with_a_minus_sign_are_joined_to_their_option(run):
    status, _, wrong = run("new", "mine.toml", "--seller", "-1,0,2", "--buyer", "1,2")
    assert status == 2
    found = re.search(r"joined by =, as in (--)types(=\S+)\.", wrong)
    assert found, wrong
    assert run("new", "mine.toml", f"--seller{found[2]}", "--buyer", "1,2")[0] == 0
