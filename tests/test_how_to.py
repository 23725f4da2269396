"""The how-tos of CONTRIBUTING.md, taken out of the text and run."""

from __future__ import annotations

import ast
import csv
import doctest
import json
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import mechopt as mo
from mechopt import backends, environments
from mechopt._util import registry as saved
from mechopt.backends.registry import BACKENDS, REGISTERED
from mechopt.cli.main import main
from mechopt.environments import kinds
from mechopt.instances import load_instance
from mechopt.testing import check_outcomes

TEXT = (Path(__file__).parent.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
HOW_TOS = {
    title: re.findall(r"^```(?:python|toml)\n(.*?)^```$", body, re.MULTILINE | re.DOTALL)
    for title, body in re.findall(r"^### (.*?)\n(.*?)(?=^##)", TEXT, re.MULTILINE | re.DOTALL)
}

PARTS = ("environment", "requirement", "objective", "backend")


@pytest.fixture(autouse=True)
def nothing_remains(tmp_path):
    """Forget the modules of a how-to, and the names and kinds that they register."""
    yield
    added = {
        name
        for name, module in sys.modules.items()
        if str(getattr(module, "__file__", None)).startswith(str(tmp_path))
    }
    for name, kind in list(saved._registered.items()):
        if kind.__module__ in added:
            del saved._registered[name]
    for name, kind in kinds.kinds().items():
        if kind.build.__module__ in added:
            del kinds._KINDS[name]
    for name in added:
        del sys.modules[name]


def run(code, folder):
    path = folder / "run.py"
    path.write_text(code, encoding="utf-8")
    return runpy.run_path(str(path))


@pytest.fixture
def two_goods(tmp_path, monkeypatch):
    """Save the environment where the package's own are, and its instance file."""
    code, instance, check = HOW_TOS["A new environment"]
    home = tmp_path / "environments"
    home.mkdir()
    (home / "quality_procurement.py").write_text(code, encoding="utf-8")
    (tmp_path / "two_goods.toml").write_text(instance, encoding="utf-8")
    monkeypatch.setattr(environments, "__path__", [*environments.__path__, str(home)])
    return tmp_path / "two_goods.toml", check


def test_all_parts_have_one():
    assert list(HOW_TOS) == [f"A new {part}" for part in PARTS]


def test_the_environment_passes_its_test(two_goods):
    file, check = two_goods
    run(check, file.parent)
    check_outcomes(load_instance(file).problem.environment)
    found = doctest.testmod(sys.modules["mechopt.environments.quality_procurement"])
    assert (found.failed, found.attempted) == (0, 1)


def test_the_environment_is_one_file_of_less_than_120_lines():
    assert HOW_TOS["A new environment"][0].count("\n") < 120


def test_the_environment_is_solved_everywhere(two_goods):
    problem = load_instance(two_goods[0]).problem
    exact = mo.exact_optimum(problem)
    assert exact.verify() == ()
    for name in BACKENDS:
        solution = mo.solve(problem, name)
        assert solution.objective == pytest.approx(float(exact.objective), abs=1e-9)
        mo.audit(problem, solution).raise_if_failed()


def test_commands_know_the_environment(two_goods, capsys):
    file = two_goods[0]
    saved_file, picture = file.parent / "answer.json", file.parent / "answer.svg"
    for words in (
        ("solve", file, "--output", saved_file),
        ("verify", saved_file),
        ("check", file),
        ("plot", saved_file, "--output", picture),
        ("export", file, "--to", file.with_suffix(".mps")),
        ("export", file, "--to", file.with_suffix(".nl")),
    ):
        assert main([str(word) for word in words]) == 0, (words, capsys.readouterr())
    capsys.readouterr()
    assert main(["solve", str(file), "--json", "--exact"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["status"] == "optimal"
    assert answer["audit"]["passed"]
    assert set(answer["utilities"]) == {"buyer", "supplier_1", "supplier_2"}


def test_faults_of_the_environment_s_file_are_said_at_their_place(two_goods):
    file = two_goods[0]
    file.write_text(file.read_text().replace("effort = 1.5", "effort = -1\nprice = 2"))
    with pytest.raises(mo.errors.InstanceError) as caught:
        load_instance(file)
    assert [line.split(":")[0] for line in caught.value.faults] == ["environment.price"]
    file.write_text(file.read_text().replace("price = 2", ""))
    with pytest.raises(mo.errors.InstanceError, match=r"environment\.effort: not a number"):
        load_instance(file)


def test_an_installed_package_names_its_environments(two_goods):
    """A package of its own has the module anywhere, and names it as an entry point."""
    file = two_goods[0]
    code = (file.parent / "environments" / "quality_procurement.py").read_text()
    (file.parent / "procured.py").write_text(code.replace('"mechopt.Quality', '"lab.Quality'))
    info = file.parent / "procured-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: procured\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[mechopt.environments]\nprocured = procured\n")
    table = file.with_suffix(".csv")
    words = ["sweep", str(file), "--vary", "effort=1:2:2", "--output", str(table)]
    path = os.pathsep.join(filter(None, [str(file.parent), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, "-m", "mechopt", *words, "--workers", "1"],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(table.read_text().splitlines()))
    assert [(row["effort"], row["status"]) for row in rows] == [("1", "optimal"), ("2", "optimal")]


def test_the_environment_that_new_writes_is_solved(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    assert main(["new", "--environment", "my_market.py"]) == 0
    assert "MECHOPT_TRUSTED=my_market PYTHONPATH=. mechopt solve" in capsys.readouterr().out
    assert main(["new", "--environment", "my_market.py"]) == 2
    assert main(["solve", "my_market.toml"]) == 2  # nothing runs unless it is trusted
    said = capsys.readouterr().err
    assert "my-market" in said
    assert "MECHOPT_TRUSTED=my_market" in said
    text = (tmp_path / "my_market.py").read_text()
    assert "class MyMarket(Outcomes)" in text
    assert "def my_market(" in text
    assert not re.search(r"mechopt\._util|saved_as|[qQ]uality.?[pP]rocurement", text)
    monkeypatch.setenv("MECHOPT_TRUSTED", "my_market")
    assert main(["solve", "my_market.toml", "--output", "answer.json"]) == 0
    assert main(["verify", "answer.json"]) == 0
    check_outcomes(load_instance("my_market.toml").problem.environment)
    found = doctest.testmod(sys.modules["my_market"])
    assert (found.failed, found.attempted) == (0, 1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["market.toml"], "FILE: not the name of a module"),
        (["auction.py"], "FILE: a kind of environment that exists"),
        (["class.py"], "FILE: not the name of a module"),
        (["environment.py"], "FILE: a name that the module has for something else"),
        (["market.py", "--title", "Mine"], "--title: an option of an instance file"),
        (["market.py", "--bidders", "uniform"], "--bidders: an option of an instance file"),
    ],
)
def test_an_environment_s_file_that_cannot_be_written(words, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["new", "--environment", *words]) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_trusted_module_that_is_not_there_is_said(monkeypatch, capsys):
    monkeypatch.setenv("MECHOPT_TRUSTED", "no_such_module")
    assert main(["solve", "examples/six_types"]) == 2
    assert "MECHOPT_TRUSTED: a module that cannot be imported" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("part", "place", "name"),
    [("requirement", 0, "often"), ("requirement", 1, "rarely"), ("objective", 0, "takings")],
)
def test_what_stands_beside_a_study_passes_its_test(part, place, name, tmp_path, monkeypatch):
    code, check = HOW_TOS[f"A new {part}"][2 * place : 2 * place + 2]
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
    run(check, tmp_path)


def test_the_requirement_is_one_class_of_less_than_40_lines():
    tree = ast.parse(HOW_TOS["A new requirement"][0])
    (kind,) = (node for node in tree.body if isinstance(node, ast.ClassDef))
    assert kind.end_lineno - kind.lineno + 1 < 40


def test_the_backend_passes_its_test(tmp_path, monkeypatch):
    code, registration, check = HOW_TOS["A new backend"]
    (tmp_path / "scipy_linprog.py").write_text(code, encoding="utf-8")
    monkeypatch.setattr(backends, "__path__", [*backends.__path__, str(tmp_path)])
    (line,) = ast.parse(registration).body
    name, place = line.targets[0].slice.value, line.value.value
    monkeypatch.setitem(REGISTERED, name, place)
    run(check, tmp_path)
