"""Errors on the command line say what to do there, and doing it helps."""

from __future__ import annotations

import json
import re

import pytest

from mechopt.cli.main import main

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
