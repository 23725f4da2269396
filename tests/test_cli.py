"""The command line: what it prints, what it saves, and how it exits."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mechopt.backends import BACKENDS
from mechopt.cli.main import main
from tests.draws import THOROUGH, some

INSTANCES = Path(__file__).parents[1] / "instances"
KEYS = {
    "objective",
    "bound",
    "status",
    "limit",
    "detail",
    "backend",
    "first_best",
    "efficiency",
    "alpha",
    "utilities",
    "continuum",
    "audit",
    "seconds",
}

UNIFORM_TYPES = """
title = "Six types a side"
[environment]
kind = "bilateral-trade"
[environment.seller]
types = ["1/6", "2/6", "3/6", "4/6", "5/6", 1]
[environment.buyer]
types = ["1/6", "2/6", "3/6", "4/6", "5/6", 1]
[problem]
objective = "{objective}"
"""
CELLS = """
[environment]
kind = "bilateral-trade"
seller = { distribution = "uniform", cells = 10 }
buyer = { distribution = "uniform", cells = 10 }
[problem]
objective = "ex-ante-efficiency"
"""


@pytest.fixture
def instance(tmp_path):
    """Return a function that writes the six-types instance with an objective."""

    def write(objective="ex-ante-efficiency"):
        path = tmp_path / f"{objective}.toml"
        path.write_text(UNIFORM_TYPES.replace("{objective}", objective))
        return str(path)

    return write


@pytest.fixture
def run(capsys):
    """Return a function that runs the command line: exit status, standard output, errors."""

    def run(*words):
        status = main(list(map(str, words)))
        return status, *capsys.readouterr()

    return run


def process(*words):
    command = [sys.executable, "-m", "mechopt", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


# Solve


def test_solve_says_what_was_found(run, instance):
    status, output, errors = run("solve", instance())
    assert status == 0
    assert errors == ""
    assert "Six types a side" in output
    assert "0.154321" in output
    assert "audit passed" in output


@pytest.mark.parametrize(
    "path", some(sorted(INSTANCES.glob("*/*.toml")), 3), ids=lambda path: path.stem
)
def test_every_instance_is_answered_and_certified(run, path):
    status, output, errors = run("solve", path, "--json")
    assert (status, errors) == (0, "")
    assert json.loads(output)["audit"]["passed"] is True


def test_json_has_the_documented_keys(run, instance):
    status, output, errors = run("solve", instance(), "--json")
    assert (status, errors) == (0, "")
    record = json.loads(output)
    assert set(record) == KEYS
    assert record["objective"] == pytest.approx(25 / 162, abs=1e-9)
    assert record["bound"] == pytest.approx(25 / 162, abs=1e-9)
    assert record["first_best"] == pytest.approx(35 / 216, abs=1e-12)
    assert record["efficiency"] == pytest.approx((25 / 162) / (35 / 216), abs=1e-8)
    assert record["status"] == "optimal"
    assert record["backend"] in BACKENDS
    assert 0 < record["alpha"] < 1
    assert set(record["utilities"]) == {"seller", "buyer"}
    assert sum(record["utilities"].values()) == pytest.approx(25 / 162, abs=1e-9)
    assert record["continuum"] is None
    assert set(record["audit"]) == {"max_violation", "passed"}
    assert record["audit"]["max_violation"] < 1e-7
    assert record["seconds"] > 0


def test_json_of_a_minimum_subsidy(run, instance):
    _, output, _ = run("solve", instance("minimum-subsidy"), "--json")
    record = json.loads(output)
    assert set(record) == KEYS
    assert record["objective"] == pytest.approx(5 / 216, abs=1e-9)
    assert record["efficiency"] == pytest.approx(1.0)
    assert record["alpha"] is None


def test_cells_on_the_command_line_replace_those_of_the_file(run, tmp_path):
    path = tmp_path / "cells.toml"
    path.write_text(CELLS)
    objectives = {}
    for cells in (10, 50, 100):
        words = ["--cells", cells] if cells != 10 else []
        status, output, _ = run("solve", path, "--json", *words)
        assert status == 0
        record = json.loads(output)
        objectives[cells] = record["objective"]
        assert set(record["continuum"]) == {"lower", "upper", "estimate"}
        assert record["continuum"]["lower"] <= 9 / 64 <= record["continuum"]["upper"]
    # c/n² below 9/64, with c = 1/16 for n = 2 mod 4 and c = 1/4 for multiples of 4.
    assert objectives[10] == pytest.approx(9 / 64 - 1 / 1600, abs=1e-9)
    assert objectives[50] == pytest.approx(9 / 64 - 1 / 40_000, abs=1e-9)
    assert objectives[100] == pytest.approx(9 / 64 - 1 / 40_000, abs=1e-9)


@pytest.mark.parametrize("backend", list(BACKENDS))
def test_json_is_all_that_is_printed(backend, instance, capfd):
    words = ("solve", instance(), "--json", "--backend", backend)
    assert main(list(words)) == 0
    output, errors = capfd.readouterr()
    if backend == "direct" or THOROUGH:
        finished = process(*words)
        assert finished.returncode == 0
        assert finished.stdout.count("\n") == 1
        theirs, ours = json.loads(finished.stdout), json.loads(output)
        assert finished.stderr == ""
        assert theirs["objective"] == ours["objective"]
    assert errors == ""
    assert output.count("\n") == 1
    record = json.loads(output)
    assert record["backend"] == backend
    assert record["objective"] == pytest.approx(25 / 162, abs=1e-8)


def test_answer_that_fails_its_audit_is_shown_as_such(run, instance, monkeypatch):
    right = BACKENDS["highs"].solve

    def wrong(self, *arguments, **options):
        solution = right(self, *arguments, **options)
        return dataclasses.replace(solution, objective=solution.objective + 0.01)

    monkeypatch.setattr(BACKENDS["highs"], "solve", wrong)
    status, output, _ = run("solve", instance(), "--json", "--backend", "highs")
    assert status == 1
    assert json.loads(output)["audit"]["passed"] is False
    status, output, _ = run("solve", instance(), "--backend", "highs")
    assert status == 1
    assert "reported objective: BROKEN" in output


# Infeasible


@pytest.mark.parametrize("backend", ["auto", "highs", "cvxpy", "pyomo"])
def test_infeasible_program_exits_with_1_and_a_certificate(backend, run, instance, tmp_path):
    saved = tmp_path / "solution.json"
    path = instance("ex-post-efficiency")
    status, output, errors = run("solve", path, "--json", "--backend", backend, "--output", saved)
    assert status == 1
    record = json.loads(output)
    assert set(record) == KEYS
    assert record["status"] == "infeasible"
    assert record["objective"] is None
    assert record["utilities"] is None
    assert record["audit"]["passed"] is True
    assert "infeasible" in errors
    assert "0.0231481481" in errors
    assert "Traceback" not in errors
    status, output, _ = run("verify", saved)
    assert status == 0
    assert "certificate of infeasibility: holds" in output


# Save and verify


@pytest.fixture
def saved(run, instance, tmp_path):
    path = tmp_path / "solution.json"
    status, _, errors = run("solve", instance(), "--output", path)
    assert (status, errors) == (0, "")
    return path


def test_saved_solution_is_verified(run, saved):
    status, output, errors = run("verify", saved)
    assert (status, errors) == (0, "")
    assert "audit passed" in output
    for requirement in (
        "incentive compatibility of seller: holds",
        "participation of buyer: holds",
        "budget ex post: holds",
        "optimality: holds",
        "the problem is the one that was solved: holds",
    ):
        assert requirement in output


def pay_more(content, agent, cell):
    content["mechanism"]["payment"][agent]["values"][cell] += 1e-3
    content["mechanism"]["ex_post_payment"] = None


def claim_more(content):
    content["objective"] += 1e-6


def prove_more(content):
    content["bound"] -= 1e-6


def change_a_type(content):
    types = content["problem"]["environment"]["agents"][1]["types"]
    for name in ("mean", "lower", "upper"):
        types[name]["values"][0] -= 1e-3


TAMPERING = {
    "payment of the highest cost": (
        lambda c: pay_more(c, 0, 5),
        "participation of seller",
        "type 5",
    ),
    "payment of the lowest value": (
        lambda c: pay_more(c, 1, 0),
        "participation of buyer",
        "type 0",
    ),
    "payment in the middle": (lambda c: pay_more(c, 1, 3), "incentive compatibility of buyer", ""),
    "objective": (claim_more, "reported objective", ""),
    "bound": (prove_more, "reported bound", ""),
    "problem": (change_a_type, "the problem is the one that was solved", "changed"),
}


@pytest.mark.parametrize("case", TAMPERING)
def test_tampered_solution_fails_by_name(case, run, saved):
    tamper, requirement, detail = TAMPERING[case]
    content = json.loads(saved.read_text())
    tamper(content)
    saved.write_text(json.dumps(content))
    status, output, _ = run("verify", saved)
    assert status == 1
    (line,) = [line for line in output.splitlines() if line.startswith(f"{requirement}: BROKEN")]
    assert detail in line
    assert "audit FAILED" in output


@pytest.mark.parametrize("text", ["", "{}", "[" * 100_000, '{"format": "mechopt-solution"}'])
def test_file_that_is_no_solution_is_bad_input(text, run, saved):
    saved.write_text(text)
    status, output, errors = run("verify", saved)
    assert (status, output) == (2, "")
    assert "not a saved solution" in errors
    assert saved.name in errors


def test_output_that_cannot_be_written_is_bad_input(run, instance, tmp_path):
    for target in (tmp_path / "missing" / "solution.json", tmp_path):
        status, output, errors = run("solve", instance(), "--output", target)
        assert (status, output) == (2, "")
        assert "cannot write the file" in errors
        assert str(target) in errors


def test_missing_solution_is_bad_input(run, tmp_path):
    status, output, errors = run("verify", tmp_path / "missing.json")
    assert (status, output) == (2, "")
    assert "missing.json" in errors


@pytest.mark.parametrize(
    "words",
    [
        ["solve"],
        ["solve", "{instance}", "--backend", "abacus"],
        ["solve", "{instance}", "--frobnicate"],
        ["solve", "{instance}", "--cells", "many"],
        ["solve", "{instance}", "--cells", "5"],
        ["frobnicate"],
    ],
    ids=" ".join,
)
def test_words_that_make_no_sense_are_bad_input(words, run, instance):
    status, output, errors = run(*(word.replace("{instance}", instance()) for word in words))
    assert (status, output) == (2, "")
    assert errors.startswith("mechopt: ")
    assert "Traceback" not in errors


def test_every_example_of_compare_has_its_own_line(run):
    _, output, _ = run("compare", "--help")
    assert [line.count("Example:") for line in output.splitlines() if "Example:" in line] == [1] * 3


class TestList:
    def test_names_stand_in_place_of_files(self, capsys):
        assert main(["list", "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        files = (Path(__file__).parent.parent / "instances").glob("*/*.toml")
        assert len(found) == len(list(files))
        for name in found:
            assert Path(found[name]["path"]).exists()
        assert main(["solve", "examples/six_types", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["objective"] == pytest.approx(25 / 162)

    def test_a_name_that_is_not_there(self, capsys):
        assert main(["check", "examples/seven_types"]) == 2
        assert "Did you mean examples/six_types?" in capsys.readouterr().err

    def test_off_a_terminal_every_instance_has_one_line(self, capsys):
        assert main(["list", "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert main(["list"]) == 0
        head, *lines = capsys.readouterr().out.splitlines()
        assert head.split() == ["name", "kind", "objective", "title"]
        assert [line.split("  ")[0] for line in lines] == list(found)
        assert all(
            line.endswith(found[name]["title"]) for name, line in zip(found, lines, strict=True)
        )

    @pytest.mark.parametrize("columns", ["80", "200"])
    def test_people_see_names_and_titles(self, capsys, monkeypatch, columns):
        monkeypatch.setenv("COLUMNS", columns)
        monkeypatch.setenv("FORCE_COLOR", "1")
        assert main(["list"]) == 0
        shown = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
        assert max(map(len, shown.splitlines())) <= int(columns)
        (line,) = [each for each in shown.splitlines() if "house_prices/house_prices" in each]
        assert "bilateral-trade" in line
        assert "House sales" in line
        assert ("ex-ante-efficiency" in line) == (columns == "200")
        # A title has a third of the line at least.
        assert len(line.partition("House")[2]) + 5 >= 20


class TestTalk:
    def test_quiet_is_one_line(self, capsys):
        assert main(["solve", "examples/six_types", "--quiet"]) == 0
        (line,) = capsys.readouterr().out.splitlines()
        assert line.endswith("optimal, 0.154320988, audit passed")
        assert main(["solve", "examples/six_types", "--quiet", "--exact"]) == 0
        (line,) = capsys.readouterr().out.splitlines()
        assert line.endswith("optimal, 0.154320988, exactly 25/162, audit passed")
        assert main(["check", "examples/six_types", "-q"]) == 0
        (line,) = capsys.readouterr().out.splitlines()
        assert line.endswith("NOT possible, least subsidy 0.0231481481")

    def test_verbose_says_what_was_checked(self, capsys, tmp_path):
        saved = str(tmp_path / "six.json")
        assert main(["solve", "examples/six_types", "-v", "--output", saved]) == 0
        shown = capsys.readouterr().out
        assert "incentive compatibility of buyer: holds" in shown
        assert "versions: mechopt" in shown
        assert main(["verify", saved, "--verbose"]) == 0
        assert "SHA-256" in capsys.readouterr().out
        assert main(["verify", saved, "--quiet"]) == 0
        assert len(capsys.readouterr().out.splitlines()) == 1

    def test_both_exclude_each_other(self, capsys):
        assert main(["solve", "examples/six_types", "-q", "-v"]) == 2
        assert "--quiet or --verbose" in capsys.readouterr().err

    def test_no_colours_off_a_terminal(self, capsys):
        assert main(["solve", "examples/six_types"]) == 0
        assert "\x1b" not in capsys.readouterr().out

    def test_completion_knows_the_commands(self):
        from mechopt.cli.main import app_for

        script = app_for().generate_completion(shell="bash")
        for command in ("solve", "check", "compare", "sweep", "export", "import", "list"):
            assert command in script


def test_a_solution_remembers_its_unit(tmp_path):
    saved = tmp_path / "house.json"
    assert main(["solve", "house_prices/house_prices", "-q", "--output", str(saved)]) == 0
    assert main(["plot", str(saved), "--output", str(tmp_path / "house.svg")]) == 0
    provenance = json.loads(saved.read_text())["provenance"]
    assert (provenance["unit"], provenance["title"][:5]) == ("thousand dollars", "House")


@pytest.mark.parametrize("suffix", ["csv", "tex", "json"])
def test_a_comparison_goes_by_the_suffix(suffix, tmp_path):
    table = tmp_path / f"table.{suffix}"
    assert main(["compare", "examples/six_types", "--output", str(table)]) == 0
    text = table.read_text()
    kinds = {"csv": "second best," in text, "tex": "toprule" in text, "json": text[0] == "{"}
    assert [kind for kind, is_one in kinds.items() if is_one] == [suffix]


def test_files_of_another_kind_are_told_where_they_belong(tmp_path, capsys):
    data = tmp_path / "bids.csv"
    data.write_text("ask,bid\n1,2\n", encoding="utf-8")
    assert main(["solve", str(data)]) == 2
    assert "mechopt new" in capsys.readouterr().err
