"""User text in other languages: terminal, mathtext, LaTeX, CSV; and saved tables."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import time
import unicodedata
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
import xarray
from matplotlib.figure import Figure

import mechopt as mo
from mechopt._util import progress, terminal, text
from mechopt._util.table import as_csv
from mechopt.cli.main import main
from mechopt.studies.comparison import Comparison, ComparisonRow
from mechopt.sweeps.table import plain_text

EVIL = "\x1b[2J\x1b]0;owned\x07 \x9b31m \u202e \u2028 \r\b$$ \\alpha_{x}"
INSTANCE = """
title = {title}
unit = {unit}
[environment]
kind = "bilateral-trade"
seller = {{ samples = "a.csv", column = "ask" }}
buyer = {{ types = [1, 2, 3] }}
[problem]
objective = "ex-ante-efficiency"
"""


@pytest.fixture
def instance(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("ask\n0\n1\n2\n")

    def write(title=EVIL, unit=EVIL):
        path = tmp_path / "trade.toml"
        content = INSTANCE.format(title=json.dumps(title), unit=json.dumps(unit))
        path.write_text(content, encoding="utf-8")
        return "trade.toml"

    return write


def obeyed(shown):
    """Return the characters of a text that a terminal does not just show."""
    kinds = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return {mark for mark in shown if mark != "\n" and unicodedata.category(mark) in kinds}


@pytest.mark.parametrize(
    "words",
    [
        ["solve", "{}", "-v"],
        ["solve", "{}", "-q"],
        ["check", "{}", "-v"],
        ["check", "{}", "-q"],
        ["compare", "{}"],
        ["compare", "{}", "--format", "latex"],
        ["bootstrap", "{}", "--replications", "2"],
        ["bootstrap", "{}", "--replications", "2", "-q"],
        ["solve", f"{EVIL}.toml"],
        ["solve", "{}", f"--{EVIL}"],
        ["sweep", "{}", "--vary", f"{EVIL}=1:2:3", "--output", "t.csv"],
    ],
)
def test_nothing_of_a_user_is_obeyed_by_a_terminal(words, instance, capsys):
    main([word.replace("{}", instance()) for word in words])
    output, errors = capsys.readouterr()
    assert obeyed(output + errors) == set()
    assert "owned" in output + errors


def test_a_title_of_several_lines_is_one_line(instance, capsys):
    assert main(["solve", instance("Trade\naudit passed"), "-q"]) == 0
    assert capsys.readouterr().out.startswith("Trade audit passed: optimal")


def test_a_letter_that_the_terminal_lacks_is_shown_by_its_number(instance, monkeypatch):
    path = instance("From A \u2192 B", "\u20b9")
    for words in (["solve", path], ["compare", path], ["bootstrap", path, "--replications", "2"]):
        stream = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stdout", stream)
            assert main(words) == 0
        assert stream.errors == "strict"
        assert b"\\u2192" in stream.buffer.getvalue()


# Pictures


@pytest.mark.parametrize("unit", ["$$", "$x", "a $ b $ c", "\\$", "$\\frac{$", EVIL])
def test_units_are_drawn_as_they_stand(unit, tmp_path):
    types = mo.TypeSpace.finite([1, 2, 3])
    solution = mo.solve(mo.ex_ante_efficiency(mo.BilateralTrade(types, types)))
    figure = mo.plot.draw(solution, Figure(), "payments", unit=unit)
    figure.savefig(tmp_path / "a.svg")
    (axes,) = figure.axes
    shown = axes.yaxis.label
    cleaned, is_formula = shown._preprocess_math(shown.get_text())
    assert is_formula is False
    assert cleaned == f"payment ({text.one_line(unit)})"


def test_units_are_escaped_for_latex_where_matplotlib_uses_it():
    with mpl.rc_context({"text.usetex": True}):
        assert mo.plot.style.as_text("50 % $_1") == r"50 \% \$\_1"


def test_an_unknown_backend_of_matplotlib_is_one_error():
    code = "from mechopt.plot.style import require_matplotlib as load; load()"
    command = [sys.executable, "-c", code]
    environment = os.environ | {"MPLBACKEND": "nosuch"}
    done = subprocess.run(command, capture_output=True, check=False, timeout=60, env=environment)
    assert b"mechopt.errors.InvalidInputError: MPLBACKEND: matplotlib cannot use" in done.stderr


# Tables


FORMULAS = ["=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_text_of_a_table_is_a_formula(formula):
    row = ComparisonRow(formula, -1.0, {"a": -1.0}, {"a": 0.5}, remark=formula)
    table = Comparison((ComparisonRow("first best", 1.0), row), ("a", formula), delayed=False)
    found = list(csv.reader(io.StringIO(table.to_csv(), newline="")))
    kept = "'" + formula.replace("\r", "\n")
    assert (found[2][0], found[2][-1], found[0][4]) == (kept, kept, kept)
    assert float(found[2][1]) == -1.0
    swept = list(csv.reader(io.StringIO(as_csv(["x", "error"], [[-1.5, formula]]), newline="")))
    assert swept[1] == ["-1.5", kept]
    assert plain_text(swept[1][1]) == kept[1:]


def test_latex_is_set_and_not_run():
    name = r"\input{x} $a_1$ 50 % #1 & ~^<>|"
    row = ComparisonRow("second best", 0.5, {name: 0.5})
    table = Comparison(
        (ComparisonRow("first best", 1.0), row), (name, "b"), delayed=False, title="a\n\\evil"
    )
    lines = table.to_latex().splitlines()
    assert lines[0] == r"% a \evil"
    header = next(line for line in lines if "total gains" in line)
    assert (
        r"\textbackslash{}input\{x\} \$a 1\$ 50 \% \#1 \& \textasciitilde{}\textasciicircum{}"
        r"\textless{}\textgreater{}\textbar{}"
    ) in header


def test_html_shows_tags():
    assert text.for_html("<script>&\x1b") == "&lt;script&gt;&amp;\\x1b"


def test_a_mechanism_is_saved_as_netcdf(tmp_path):
    types = mo.TypeSpace.finite([1, 2, 3])
    mechanism = mo.solve(mo.ex_ante_efficiency(mo.BilateralTrade(types, types))).mechanism
    path = tmp_path / "a.nc"
    mechanism.interim_table.to_netcdf(path)
    back = xarray.load_dataset(path).set_index(agent_type=["agent", "type"])
    for agent in ("seller", "buyer"):
        expected = mechanism.interim.sel(agent=agent)
        found = back.sel(agent=agent)
        assert np.array_equal(found.type, expected.type)
        for name in ("mass", "quantity", "payment", "utility"):
            assert np.array_equal(found[name], expected[name])
    mechanism.ex_post().to_netcdf(path)
    assert np.array_equal(xarray.load_dataset(path).trade, mechanism.ex_post().trade)


# Streams


def closed(instance, redirection):
    command = f'exec "{sys.executable}" -m mechopt solve {instance} {redirection}'
    return subprocess.run(command, shell=True, capture_output=True, check=False, timeout=60)


@pytest.mark.parametrize("redirection", [">&-", ">/dev/full"])
def test_an_output_that_cannot_be_written_is_one_error(redirection, instance):
    done = closed(instance("a", "b"), redirection)
    assert done.returncode == 1
    assert done.stderr.startswith(b"mechopt: cannot write the answer: ")
    assert done.stderr.count(b"\n") == 1


def test_what_prints_nothing_needs_no_output(monkeypatch, instance, capsys):
    monkeypatch.setattr(sys, "stdout", None)
    path = instance("a", "b")
    assert main(["export", path, "--to", "a.mps", "-q"]) == 0
    assert sys.stdout is None
    assert main(["solve", path]) == 1
    assert "standard output is closed" in capsys.readouterr().err


def test_errors_never_go_to_standard_output(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stderr", None)
    assert main(["solve", "nosuch.toml"]) == 2
    assert capsys.readouterr().out == ""


def test_a_reader_may_leave(instance):
    """Whoever reads one line and goes is no error, however much there is to say."""
    command = [sys.executable, "-m", "mechopt", "solve", instance("a", "b"), "--json"]
    reading, writing = os.pipe()
    with subprocess.Popen(command, stdout=writing, stderr=subprocess.PIPE) as running:
        os.close(reading)
        os.close(writing)
        _, errors = running.communicate(timeout=60)
    assert running.returncode == 141
    assert errors == b""


@pytest.mark.parametrize("columns", ["0", "1", "80"])
def test_the_number_of_columns_hides_nothing(columns, instance, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", columns)
    assert main(["solve", instance("Title", "b")]) == 0
    assert "audit passed" in capsys.readouterr().out
    assert os.environ["COLUMNS"] == columns
    assert main(["--help"]) == 0
    assert "sweep" in capsys.readouterr().out


# Errors


def broken(monkeypatch, error):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr("mechopt.instances.load_instance", fail)


@pytest.mark.parametrize(
    ("error", "status", "part"),
    [
        (MemoryError("Unable to allocate 8 GiB"), 1, "not enough memory"),
        (RuntimeError("broken\x1b[31m"), 1, "unexpected RuntimeError: broken\\x1b[31m"),
        (RecursionError(), 1, "unexpected RecursionError"),
        (KeyboardInterrupt(), 130, "stopped"),
        (
            mo.InvalidInputError("a" * 10_000, where="b", expected="c", got="d", remedy="e"),
            2,
            "b:",
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_whatever_happens_is_one_error(error, status, part, instance, monkeypatch, capsys):
    broken(monkeypatch, error)
    monkeypatch.delenv("MECHOPT_TRACEBACK", raising=False)
    assert main(["solve", instance()]) == status
    output, errors = capsys.readouterr()
    assert output == ""
    assert part in errors
    assert errors.startswith("mechopt: ")
    assert len(errors.encode()) < 5_000


def test_faults_of_mechopt_stay_visible(instance, monkeypatch):
    broken(monkeypatch, RuntimeError("broken"))
    monkeypatch.setenv("MECHOPT_TRACEBACK", "1")
    with pytest.raises(RuntimeError, match="broken"):
        main(["solve", instance()])


def test_errors_are_capped_in_number_and_length(tmp_path, capsys):
    error = mo.errors.InstanceError("a.toml", [f"key {i}: wrong" for i in range(20_000)])
    assert len(error.faults) == 20_000
    assert len(str(error)) < 5_000
    assert re.search(r"and [0-9,]+ more$", str(error))
    terminal.complain("\n".join(["\u20ac" * 3_000] * 3_000))
    assert len(capsys.readouterr().err.encode()) < 5_000


def test_memory_is_asked_for_before_it_is_taken(instance, monkeypatch, capsys):
    monkeypatch.setattr("mechopt._util.memory.available", lambda: 1e9)
    path = instance()
    text = Path(path).read_text(encoding="utf-8")
    uniform = '{ distribution = "uniform", cells = 2 }'
    Path(path).write_text(text.replace('{ samples = "a.csv", column = "ask" }', uniform))
    start = time.process_time()
    assert main(["solve", path, "--cells", "10000000"]) == 2
    assert time.process_time() - start < 5
    assert "10,000,000 cells would take about 6.0 GB of memory" in capsys.readouterr().err


# Progress


def test_long_work_says_how_far_it_is_where_there_is_no_terminal(capsys):
    now = iter([0.0, 1.0, 10.0, 20.0, 45.0])
    lines = progress.PlainLines("points", 10, clock=lambda: next(now))
    for done in (11, 20, 21, 55):
        lines.report(done, 100)
    assert capsys.readouterr().err.splitlines() == [
        "points: 20 of 100 in 10 s, about 80 s left",
        "points: 55 of 100 in 45 s, about 45 s left",
    ]


def test_quick_work_says_nothing_where_there_is_no_terminal(capsys):
    with progress.reported("points", shown=True) as report:
        report(1, 1)
    assert capsys.readouterr() == ("", "")
