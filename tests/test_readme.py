"""What the README shows runs as it is shown."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path

import pytest

from mechopt.cli.main import main
from mechopt.instances import load_instance

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
PROGRESS = ("points: ", "replications: ", "programs: ")
COMMANDS = re.findall(r"^\$ mechopt (.*)$", TEXT, flags=re.MULTILINE)


def test_python_examples_give_what_they_show(monkeypatch):
    monkeypatch.chdir(ROOT)
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    results = doctest.testfile(str(ROOT / "README.md"), module_relative=False, optionflags=flags)
    assert results.attempted > 10
    assert results.failed == 0


def test_commands_succeed(tmp_path, monkeypatch, capsys):
    assert len(COMMANDS) >= 4
    for command in COMMANDS:
        words = [
            str(ROOT / word) if word.startswith("instances/") else word
            for word in shlex.split(command)
        ]
        monkeypatch.chdir(tmp_path)
        assert main(words) == 0, command
        # Work that takes seconds, on a busy machine, says how far it is.
        said = capsys.readouterr().err.splitlines()
        assert [line for line in said if not line.startswith(PROGRESS)] == []


def test_the_instance_shown_is_valid(tmp_path):
    example = re.search(r"```toml\n(.*?)```", TEXT, flags=re.DOTALL)[1]
    path = tmp_path / "example.toml"
    path.write_text(example, encoding="utf-8")
    assert load_instance(path).problem.environment.shape[0] == 3


def test_the_summary_shown_is_what_make_solve_prints(capsys):
    assert main(["solve", str(ROOT / "instances/house_prices/house_prices.toml")]) == 0
    printed = capsys.readouterr().out
    shown = re.search(r"\$ make solve\n(.*?)```", TEXT, flags=re.DOTALL)[1]
    squeezed = " ".join(printed.split())
    for line in shown.splitlines():
        if line.strip() and "..." not in line and "audit" not in line:
            assert " ".join(line.split()) in squeezed


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#]+)\)", TEXT))
def test_links_lead_somewhere(target):
    assert target.startswith("http") or (ROOT / target).exists()
