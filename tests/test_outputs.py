"""Where results are written: links, modes, devices, inputs, suffixes, finished tables."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import mechopt as mo
from mechopt._util import files
from mechopt.cli.main import main

INSTANCE = """
[environment]
kind = "bilateral-trade"
seller = {seller}
buyer = {{ types = [1, 2, 3] }}
[problem]
objective = "ex-ante-efficiency"
"""
SAMPLES = '{ samples = "asks.csv", column = "ask" }'
VARY = ["--vary", "buyer.types[0]=0.5:1:3"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("trade.toml").write_text(INSTANCE.format(seller="{ types = [0, 1, 2] }"))
    Path("sampled.toml").write_text(INSTANCE.format(seller=SAMPLES))
    Path("asks.csv").write_text("ask\n0\n1\n2\n")
    return tmp_path


def refused(capsys, *words):
    """Return the one message of a command that ends with status 2 and prints nothing else."""
    assert main(list(map(str, words))) == 2
    output, errors = capsys.readouterr()
    assert output == ""
    assert errors.startswith("mechopt: ")
    assert len(errors.encode()) < 5_000
    return errors


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


# Inputs


def link_to(source, name, kind):
    if kind == "itself":
        return source
    if kind == "symbolic":
        Path(name).symlink_to(source)
    else:
        Path(name).hardlink_to(source)
    return name


@pytest.mark.parametrize("kind", ["symbolic", "hard"])
@pytest.mark.parametrize(
    ("words", "source", "name"),
    [
        (["solve", "trade.toml", "--output"], "trade.toml", "out.json"),
        (["solve", "sampled.toml", "--output"], "asks.csv", "out.json"),
        (["compare", "sampled.toml", "--output"], "asks.csv", "out.tex"),
        (["export", "trade.toml", "--to"], "trade.toml", "out.mps"),
        (["sweep", "sampled.toml", *VARY, "--output"], "asks.csv", "out.csv"),
    ],
)
def test_an_input_is_never_written_under_whatever_name(words, source, name, kind, folder, capsys):
    target = link_to(source, name, kind)
    before = contents(folder)
    assert "the output is an input" in refused(capsys, *words, target)
    assert contents(folder) == before


@pytest.mark.parametrize("beside", ["out.mps.json", "out.csv.json", "out.csv.journal"])
def test_nor_are_the_files_beside_an_output_inputs(beside, folder, capsys):
    Path(beside).symlink_to("sampled.toml")
    words = ["export", "sampled.toml", "--to", "out.mps"]
    if "csv" in beside:
        words = ["sweep", "sampled.toml", *VARY, "--output", "out.csv"]
    before = contents(folder)
    assert "the output is an input" in refused(capsys, *words)
    assert contents(folder) == before


def test_the_samples_of_a_sweep_are_not_its_table(folder, capsys):
    words = ["sweep", "sampled.toml", *VARY, "--output", "asks.csv"]
    assert "the output is an input" in refused(capsys, *words)
    assert Path("asks.csv").read_text() == "ask\n0\n1\n2\n"


@pytest.fixture
def saved(folder):
    assert main(["solve", "trade.toml", "-q", "--output", "saved.json"]) == 0
    return Path("saved.json")


def test_what_plot_and_import_read_is_not_written(saved, folder, capsys):
    Path("picture.png").symlink_to(saved)
    assert main(["export", "trade.toml", "-q", "--to", "trade.mps"]) == 0
    capsys.readouterr()
    Path("trade.json").symlink_to("trade.mps")
    Path("answer.json").write_text("no answer")
    before = contents(folder)
    for words in (
        ["plot", saved, "--output", "picture.png"],
        ["import", "trade.mps", "answer.json", "--output", "trade.json"],
        ["import", "trade.mps", "answer.json", "--output", "answer.json"],
        ["import", "trade.mps", "answer.json", "--output", "trade.mps.json"],
    ):
        assert "the output is an input" in refused(capsys, *words)
    assert contents(folder) == before


# What is there already


@pytest.mark.parametrize("kind", ["symbolic", "hard"])
def test_links_are_written_through(kind, saved, folder):
    expected = len(saved.read_bytes())
    Path("there").mkdir()
    real = Path("there", "real.json")
    real.write_text("old")
    real.chmod(0o640)
    link_to(real, "out.json", kind)
    assert main(["solve", "trade.toml", "-q", "--output", "out.json"]) == 0
    assert Path("out.json").samefile(real)
    assert Path("out.json").is_symlink() == (kind == "symbolic")
    assert abs(len(real.read_bytes()) - expected) < 100
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert [path.name for path in Path("there").iterdir()] == ["real.json"]


def test_a_link_to_nothing_yet_makes_what_it_leads_to(folder):
    Path("out.json").symlink_to("later.json")
    assert main(["solve", "trade.toml", "-q", "--output", "out.json"]) == 0
    assert Path("out.json").is_symlink()
    assert mo.load_solution("later.json").objective > 0


def test_links_in_a_circle_are_one_error(folder, capsys):
    Path("a.json").symlink_to("b.json")
    Path("b.json").symlink_to("a.json")
    assert "cannot write" in refused(capsys, "solve", "trade.toml", "--output", "a.json")


@pytest.mark.parametrize("mode", [0o600, 0o664])
def test_a_file_keeps_its_mode(mode, folder):
    out = Path("out.json")
    out.write_text("old")
    out.chmod(mode)
    assert main(["solve", "trade.toml", "-q", "--output", "out.json"]) == 0
    assert stat.S_IMODE(out.stat().st_mode) == mode
    assert mo.load_solution(out).objective > 0


def test_a_new_file_has_the_users_ordinary_mode(folder):
    before = os.umask(0o027)
    try:
        assert main(["solve", "trade.toml", "-q", "--output", "out.json"]) == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE(Path("out.json").stat().st_mode) == 0o640


def test_a_pipe_is_written_to_and_stays_one(folder):
    os.mkfifo("out.json")
    found = []
    reader = threading.Thread(target=lambda: found.append(Path("out.json").read_bytes()))
    reader.start()
    assert main(["solve", "trade.toml", "-q", "--output", "out.json"]) == 0
    reader.join(timeout=30)
    assert json.loads(found[0])["format"] == "mechopt-solution"
    assert stat.S_ISFIFO(Path("out.json").stat().st_mode)


def test_a_pipe_that_nobody_reads_is_one_error(folder, monkeypatch, capsys):
    monkeypatch.setattr(files, "PIPE_SECONDS", 0.1)
    os.mkfifo("out.json")
    assert "nobody reads" in refused(capsys, "solve", "trade.toml", "--output", "out.json")
    assert stat.S_ISFIFO(Path("out.json").stat().st_mode)


def test_a_device_stays_a_device(folder):
    assert main(["solve", "trade.toml", "-q", "--output", "/dev/null"]) == 0
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_an_open_descriptor_is_written_to(folder):
    reading, writing = os.pipe()
    files.write_whole(f"/dev/fd/{writing}", "seen")
    os.close(writing)
    with os.fdopen(reading) as pipe:
        assert pipe.read() == "seen"


def test_two_files_that_are_one_are_refused_and_left(folder):
    Path("a").write_text("old")
    Path("b").symlink_to("a")
    with pytest.raises(mo.InvalidInputError, match="one file under two names"):
        files.write_together({Path("a"): "new", Path("b"): "newer"})
    assert contents(folder)["a"] == b"old"


def test_what_has_no_end_is_not_read_as_text(folder, capsys):
    for path, kind in (("/dev/zero", "a device"), ("pipe", "a pipe")):
        if kind == "a pipe":
            os.mkfifo(path)
        assert kind in refused(capsys, "verify", path)


# Suffixes


@pytest.mark.parametrize(
    ("words", "known"),
    [
        (["solve", "trade.toml", "--output", "x.tex"], ".json"),
        (["solve", "trade.toml", "--output", "x"], ".json"),
        (["check", "trade.toml", "--output", "x.doc"], ".txt, .json, .csv, .tex, .md"),
        (["compare", "trade.toml", "--output", "x.doc"], ".txt, .json, .csv, .tex, .md"),
        (["export", "trade.toml", "--to", "x.json"], ".mps, .mps.gz, .lp"),
        (["plot", "saved.json", "--output", "x.gif"], ".png, .svg, .pdf"),
        (["sweep", "trade.toml", *VARY, "--output", "x.xlsx"], ".md, .parquet"),
        (["import", "x.mps", "x.sol", "--output", "x.tex"], ".json"),
    ],
)
def test_an_unknown_suffix_is_refused_with_those_that_are_known(words, known, folder, capsys):
    before = contents(folder)
    assert known in refused(capsys, *words)
    assert contents(folder) == before


def test_a_suffix_that_contradicts_the_format_is_refused(folder, capsys):
    words = ["compare", "trade.toml", "--format", "latex", "--output", "x.csv"]
    assert "another format" in refused(capsys, *words)


# Finished sweeps


@pytest.fixture
def nothing_is_computed(monkeypatch):
    def start():
        def answer(*_):
            raise AssertionError("computed")

        monkeypatch.setattr("mechopt.sweeps.run._answer_at", answer)

    return start


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_finished_and_identical_sweep_is_done(suffix, folder, nothing_is_computed, capsys):
    target = f"table{suffix}"
    # The second point is no valid list of types.
    words = ["sweep", "trade.toml", "--vary", "buyer.types[0]=1:3:2", "--output", target]
    assert main([*words, "--workers", "1"]) == 1
    first = mo.sweep("trade.toml", "buyer.types[0]=1:3:2")
    capsys.readouterr()
    before = contents(folder)
    nothing_is_computed()
    assert main(words) == 1
    assert (
        capsys.readouterr().out
        == f"2 points done already, nothing was computed, 1 failed: {target}\n"
    )
    again = mo.sweep("trade.toml", "buyer.types[0]=1:3:2", output=target)
    assert again.was_done
    assert again.columns == first.columns
    place = first.columns.index("seconds")
    for old, new in zip(first.rows, again.rows, strict=True):
        assert [*old[:place], *old[place + 1 :]] == [*new[:place], *new[place + 1 :]]
    assert contents(folder) == before


@pytest.mark.parametrize("change", ["vary", "file", "samples", "edited", "stranger", "bare"])
def test_any_other_table_is_replaced_only_by_force(change, folder, capsys):
    words = ["sweep", "sampled.toml", *VARY, "--output", "table.csv", "--workers", "1"]
    assert main(words) == 0
    table, stamp = Path("table.csv"), Path("table.csv.json")
    if change == "vary":
        words[3] = "buyer.types[0]=0.5:1:2"
    elif change == "file":
        text = Path("sampled.toml").read_text()
        Path("sampled.toml").write_text(text.replace("[1, 2, 3]", "[1, 2, 4]"))
    elif change == "samples":
        Path("asks.csv").write_text("ask\n0\n1\n1\n")
    elif change == "edited":
        table.write_text(table.read_text().replace("optimal", "optimum", 1))
    elif change == "stranger":
        table.unlink()
        stamp.write_text("{}")
    else:
        stamp.unlink()
    before = contents(folder)
    capsys.readouterr()
    assert "--force" in refused(capsys, *words)
    assert contents(folder) == before
    assert main([*words, "--force"]) == 0
    assert json.loads(stamp.read_text())["format"] == "mechopt-sweep"
    capsys.readouterr()
    assert main(words) == 0
    assert "nothing was computed" in capsys.readouterr().out


def test_a_sweep_killed_between_its_two_files_goes_on(folder, monkeypatch, capsys):
    words = ["sweep", "trade.toml", *VARY, "--output", "table.csv", "--workers", "1"]
    real = Path.replace

    def replace(self, target):
        if Path(target).name == "table.csv":
            raise KeyboardInterrupt
        return real(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", replace)
        assert main(words) == 130
    assert sorted(contents(folder)) == [
        "asks.csv", "sampled.toml", "table.csv.journal", "table.csv.json", "trade.toml"
    ]  # fmt: skip
    assert main(words) == 0
    assert sorted(contents(folder)) == [
        "asks.csv", "sampled.toml", "table.csv", "table.csv.json", "trade.toml"
    ]  # fmt: skip
    assert "Traceback" not in capsys.readouterr().err


def test_an_output_that_is_closed_ends_a_command_quietly(folder):
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "mechopt", "solve", "trade.toml"],
        stdout=writing,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_named_output_is_replaced_and_a_new_instance_is_not(folder, capsys):
    for words in (["solve", "trade.toml", "-q"], ["compare", "trade.toml"]):
        Path("out.json").write_text("old")
        assert main([*words, "--output", "out.json"]) == 0
        assert json.loads(Path("out.json").read_text())
    Path("out.json").write_text("old")
    assert main(["solve", "missing.toml", "--output", "out.json"]) == 2
    assert main(["new", "out.json", "--seller", "1", "--buyer", "2"]) == 2
    assert Path("out.json").read_text() == "old"


def test_an_answer_as_csv_is_the_row_of_a_sweep(folder, capsys):
    assert main(["solve", "trade.toml", "--format", "csv", "--output", "out.json"]) == 0
    (answer,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert main(["sweep", "trade.toml", "--vary", "buyer.types[0]=1:1:1", "--format", "csv"]) == 0
    (point,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert list(point) == ["buyer.types[0]", *answer]
    assert {key: value for key, value in point.items() if key in answer and key != "seconds"} == {
        key: value for key, value in answer.items() if key != "seconds"
    }
    assert float(answer["objective"]) == mo.load_solution("out.json").objective
    assert "two formats" in refused(capsys, "solve", "trade.toml", "--format", "csv", "--json")
