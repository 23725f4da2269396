"""What the README and the guide show runs as it is shown."""

from __future__ import annotations

import doctest
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

import mechopt as mo
from mechopt.cli.main import main
from mechopt.environments.kinds import kinds
from mechopt.instances import load_instance
from mechopt.instances.problem import REQUIREMENTS
from tests.draws import THOROUGH
from tests.latex import TEX, overfull

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs/guide").glob("*.md"))]
TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}
PROGRESS = ("points: ", "replications: ", "programs: ", "rows: ")


def _shows(pattern):
    return [name for name, text in TEXTS.items() if re.search(pattern, text, re.MULTILINE)]


@pytest.mark.parametrize("page", _shows(r"^>>> "))
def test_python_examples_give_what_they_show(page, monkeypatch):
    monkeypatch.chdir(ROOT)
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    results = doctest.testfile(str(ROOT / page), module_relative=False, optionflags=flags)
    assert results.attempted >= 4
    assert results.failed == 0


@pytest.mark.parametrize("page", _shows(r"^\$ mechopt "))
def test_commands_succeed(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for command in re.findall(r"^\$ mechopt (.*)$", TEXTS[page], flags=re.MULTILINE):
        words = [
            str(ROOT / word) if word.startswith("instances/") else word
            for word in shlex.split(command)
        ]
        if not THOROUGH and page == "docs/guide/own-data.md" and words[0] == "plot":
            # The README draws the same solution.
            continue
        if not THOROUGH and "--replications" in words:
            words[words.index("--replications") + 1] = "40"
        assert main(words) == 0, command
        # Work that takes seconds, on a busy machine, says how far it is.
        said = capsys.readouterr().err.splitlines()
        assert [line for line in said if not line.startswith(PROGRESS)] == []
    if page == "README.md" and TEX is not None:
        # The figure, the table and the formulation go into the document that the guide shows.
        paper = re.search(r"```latex\n(.*?)```", TEXTS["docs/guide/own-data.md"], re.DOTALL)[1]
        assert overfull(paper, tmp_path) == []
        assert "Float too large" not in (tmp_path / "set.log").read_text(encoding="latin-1")


def test_commands_of_the_reference_succeed(tmp_path, monkeypatch, capsys):
    """Those of code blocks, without a prompt; what takes long only with THOROUGH=1."""
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / "api" / "results.rst").read_text(encoding="utf-8")
    commands = re.findall(r"^   mechopt (.*)$", text, flags=re.MULTILINE)
    assert len(commands) >= 5
    for command in commands:
        words = shlex.split(command)
        if THOROUGH or words[0] == "compare":
            assert main(words) == 0, command
            capsys.readouterr()


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_make_solve_installs_what_the_commands_of_the_readme_need(tmp_path):
    words = ["make", "--dry-run", "solve", f"VENV={tmp_path / 'venv'}"]
    said = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    installs, solves = (said.index(part) for part in ("--editable '.[all]'", "mechopt solve"))
    assert installs < solves


def test_there_is_something_to_run():
    assert len(_shows(r"^>>> ")) >= 10
    assert len(_shows(r"^\$ mechopt ")) >= 6


def test_the_readme_takes_two_screens():
    assert TEXTS["README.md"].count("\n") <= 115


def test_every_page_of_the_guide_is_on_the_map():
    for page in PAGES[1:]:
        assert f"](docs/guide/{page.name})" in TEXTS["README.md"], page.name


def test_the_instance_shown_is_valid(tmp_path):
    examples = re.findall(r"```toml\n(.*?)```", TEXTS["docs/guide/files.md"], flags=re.DOTALL)
    path = tmp_path / "example.toml"
    assert len(examples) == len(kinds()) + 1  # one is of constraints
    shown = set()
    for example in examples:
        path.write_text(example, encoding="utf-8")
        instance = load_instance(path)
        shown.add(instance.kind)
        if instance.problem.requirements or instance.kind not in ("bilateral-trade", "bargaining"):
            solution = mo.solve(instance.problem)
            mo.audit(instance.problem, solution).raise_if_failed()
    assert shown == set(kinds())


@pytest.mark.parametrize("name", [name for name, kind in kinds().items() if kind.fields])
def test_every_key_of_a_kind_is_in_its_table(name):
    text = TEXTS["docs/guide/files.md"].partition(f"\n### {name}\n")[2].partition("\n### ")[0]
    keys = {key for row in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
            for key in re.findall(r"`(\w+)`", row)}  # fmt: skip
    expected = set(kinds()[name].fields)
    for field in kinds()[name].fields.values():
        expected |= {*field.fields, *(key for key, _ in field.of_each.values())}
    assert keys == expected


def test_every_key_of_the_problem_is_shown():
    for key in (*REQUIREMENTS, "weights", "relative_width"):
        assert re.search(rf"\b{key} = ", TEXTS["docs/guide/files.md"]), key


def test_the_summary_shown_is_what_make_solve_prints(capsys):
    assert main(["solve", str(ROOT / "instances/house_prices/house_prices.toml")]) == 0
    printed = capsys.readouterr().out
    text = TEXTS["docs/guide/own-data.md"]
    shown = re.search(r"\$ make solve\n(.*?)```", text, flags=re.DOTALL)[1]
    squeezed = " ".join(printed.split())
    for line in shown.splitlines():
        if line.strip() and "..." not in line and "audit" not in line:
            assert " ".join(line.split()) in squeezed


@pytest.mark.parametrize("page", TEXTS)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", TEXTS[page]):
        where = (ROOT / page).parent / target
        assert target.startswith("http") or where.exists(), target
