"""What the README and the guide show runs as it is shown."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest

from mechopt.cli.main import main
from mechopt.instances import load_instance
from tests.draws import THOROUGH
from tests.latex import TEX, overfull

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs/guide").glob("*.md"))]
TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}
PROGRESS = ("points: ", "replications: ", "programs: ")


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
    for example, size in zip(examples, (3, 2), strict=True):
        path.write_text(example, encoding="utf-8")
        assert load_instance(path).problem.environment.shape[0] == size


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
