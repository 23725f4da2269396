"""``mechopt import``: what it prints and how it ends, and files that are anything at all."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import mechopt as mo
from mechopt.cli.main import main
from mechopt.formats.solution_files import read_solution_file
from tests.draws import drawn
from tests.readers import highs_optimum

INSTANCES = Path(__file__).parents[1] / "instances"


@pytest.fixture
def six(tmp_path, capsys):
    """Return the paths of the six-types instance, exported and solved."""
    model, solution = tmp_path / "six.mps", tmp_path / "six.sol"
    assert main(["export", str(INSTANCES / "examples/six_types.toml"), "--to", str(model)]) == 0
    highs_optimum(model, solution)
    capsys.readouterr()
    return model, solution


def test_the_command_prints_the_report(six, capsys):
    assert main(["import", *map(str, six)]) == 0
    printed = capsys.readouterr().out
    assert "Six equally likely types" in printed
    assert "0.154321" in printed
    assert "imported from HiGHS" in printed
    assert "audit passed" in printed


def test_the_command_prints_the_keys_of_solve_and_saves(six, tmp_path, capsys):
    saved = tmp_path / "saved.json"
    assert main(["import", *map(str, six), "--json", "--output", str(saved)]) == 0
    record = json.loads(capsys.readouterr().out)
    assert main(["solve", str(INSTANCES / "examples/six_types.toml"), "--json"]) == 0
    expected = json.loads(capsys.readouterr().out)
    assert list(record) == list(expected)
    assert record["objective"] == pytest.approx(expected["objective"], abs=1e-9)
    assert record["audit"]["passed"]
    assert main(["verify", str(saved)]) == 0


def test_the_command_exits_with_1_if_the_audit_fails(six, capsys):
    model, solution = six
    text = solution.read_text()
    head, _, tail = text.partition("buyer_payment_5 ")
    payment, _, rest = tail.partition("\n")
    solution.write_text(f"{head}buyer_payment_5 {float(payment) + 1e-4}\n{rest}")
    assert main(["import", str(model), str(solution)]) == 1
    assert "incentive compatibility of buyer: BROKEN" in capsys.readouterr().out


def test_the_command_exits_with_2_on_bad_input(six, tmp_path, capsys):
    model, _ = six
    assert main(["import", str(model), str(tmp_path / "none.sol")]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert "none.sol: cannot read the file" in output.err
    assert "Traceback" not in output.err


def test_an_infeasible_program_exits_with_1(tmp_path, capsys):
    instance = tmp_path / "six.toml"
    text = (INSTANCES / "examples/six_types.toml").read_text()
    text = re.sub(r"\[expected\][^\[]*", "", text).replace(
        "ex-ante-efficiency", "ex-post-efficiency"
    )
    instance.write_text(text)
    model, solution = tmp_path / "six.mps", tmp_path / "six.sol"
    assert main(["export", str(instance), "--to", str(model)]) == 0
    highs_optimum(model, solution)
    assert main(["import", str(model), str(solution)]) == 1
    output = capsys.readouterr()
    assert "certificate verified" in output.out
    assert "infeasible" in output.err


@given(st.text(max_size=200))
@settings(max_examples=len(drawn(80, 3)))
def test_any_text_is_read_or_refused(text):
    for head in ("", "Model status\n", "Columns\n", "objective value: ", "\nOptions\n", "<?xml"):
        with contextlib.suppress(mo.InvalidInputError):
            answer = read_solution_file(head + text, "x.sol")
            assert all(map(np.isfinite, answer.values.values()))


def test_what_comes_back_remembers_title_and_unit(tmp_path, capsys):
    model, solution, saved = tmp_path / "m.mps", tmp_path / "m.sol", tmp_path / "m.json"
    instance = INSTANCES / "house_prices/house_prices.toml"
    assert main(["export", str(instance), "--to", str(model)]) == 0
    highs_optimum(model, solution)
    assert main(["import", str(model), str(solution), "--output", str(saved)]) == 0
    assert "money in thousand dollars" in capsys.readouterr().out
    assert mo.load_solution(saved).provenance.unit == "thousand dollars"
