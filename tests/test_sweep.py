"""Sweeps: grids, rows, journals, kills, workers."""

from __future__ import annotations

import csv
import dataclasses
import json
import math
import os
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import mechopt as mo
from mechopt._util import progress
from mechopt._util.parallel import WorkerError, in_processes
from mechopt.cli.main import main
from mechopt.sweeps import Variation, variation
from mechopt.sweeps.journal import Journal
from mechopt.sweeps.rows import row_fault
from mechopt.sweeps.run import _answer_at, plan_of
from tests.draws import some

SIXTHS = """
environment.kind = "bilateral-trade"
environment.seller.types = ["1/6", "2/6", "3/6", "4/6", "5/6", 1]
environment.buyer = { types = ["1/6", "2/6", "3/6", "4/6", "5/6", 1], discount_rate = 1.0 }
problem.objective = "ex-ante-efficiency"
problem.weights = { seller = 1, buyer = 1 }
"""
CELLS = """
environment.kind = "bilateral-trade"
environment.seller = { distribution = "beta", parameters = { a = 2, b = 3 }, cells = 20_000 }
environment.buyer = { distribution = "uniform", cells = 20_000, discount_rate = 1 }
problem.objective = "ex-ante-efficiency"
"""
SAMPLES = """
environment.kind = "bilateral-trade"
environment.seller = { samples = "values.csv", column = "cost" }
environment.buyer = { samples = "values.csv", column = "value", discount_rate = "inf" }
problem.objective = "ex-ante-efficiency"
"""
COLUMNS = (
    *("objective", "bound", "status", "limit", "detail", "backend"),
    *("first_best", "efficiency", "alpha"),
    *("utilities.seller", "utilities.buyer"),
    *("continuum.lower", "continuum.upper", "continuum.estimate"),
    *("audit.max_violation", "audit.passed", "seconds", "error"),
)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "sixths.toml"
    path.write_text(SIXTHS)
    return path


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def without_seconds(table):
    place = table.columns.index("seconds")
    return [row[:place] + row[place + 1 :] for row in table.rows]


def read(path):
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


# What varies


def test_values_are_exact_and_include_both_ends():
    varied = Variation.parse("buyer.discount_rate=0:1:11")
    assert varied.values == tuple(Fraction(i, 10) for i in range(11))
    assert varied.column[3] == 0.3
    assert Variation.parse("buyer.discount_rate=1:1/3:3").values == (
        1,
        Fraction(2, 3),
        Fraction(1, 3),
    )
    assert Variation.parse("seller.cells=10:30:3").column == [10, 20, 30]
    assert Variation("a", (np.float64(0.1), np.int64(2))).values == (Fraction(1, 10), 2)


@pytest.mark.parametrize(
    "text",
    [
        "buyer.discount_rate",
        "buyer.discount_rate=1:2",
        "buyer.discount_rate=1:2:3:4",
        "=1:2:3",
        "buyer..rate=1:2:3",
        "buyer[x]=1:2:3",
        "buyer.discount_rate=one:2:3",
        "buyer.discount_rate=1:inf:3",
        "buyer.discount_rate=1:2:0",
        "buyer.discount_rate=1:2:-1",
        "buyer.discount_rate=1:2:1.5",
        "buyer.discount_rate=1:2:1",
        "buyer.discount_rate=1:2:9999999",
        "buyer.discount_rate=1:2:99999999999",
    ],
)
def test_texts_of_another_form_are_refused(text, file, tmp_path, capsys):
    words = ["sweep", file, "--vary", text, "--output", tmp_path / "t.csv", "--workers", 1]
    assert main(list(map(str, words))) == 2
    output, errors = capsys.readouterr()
    assert output == ""
    assert "--vary: " in errors
    assert "Traceback" not in errors
    assert names(tmp_path) == ["sixths.toml"]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("buyer.discount_rat", ["unknown key", "Did you mean buyer.discount_rate?"]),
        ("seller.types", ["which is a list", "seller.types[0] to seller.types[5]"]),
        ("seller", ["which is a table"]),
        ("seller.types[6]", ["seller.types[0] to seller.types[5]"]),
        ("objective", ["which is 'ex-ante-efficiency'"]),
        ("broker.rate", ["weights.seller, weights.buyer"]),
        ("seller.cells", ["does not go with types"]),
    ],
)
def test_names_that_are_no_numbers_are_refused_with_those_that_are(name, parts, file):
    with pytest.raises(mo.InvalidInputError) as caught:
        mo.sweep(file, f"{name}=1:2:2")
    assert "vary: no number of the file that could vary" in str(caught.value)
    for part in parts:
        assert part in str(caught.value)


def test_a_number_that_the_file_leaves_out_may_vary(file):
    # The file gives the seller no rate, which stands for 1.
    table = mo.sweep(file, {"seller.discount_rate": [1, 2]})
    assert table.num_failed == 0
    assert table.column("objective")[0] == pytest.approx(25 / 162)
    assert table.column("objective")[1] > 25 / 162


def test_a_number_varies_once_and_something_varies(file):
    with pytest.raises(mo.InvalidInputError, match="varies twice"):
        mo.sweep(file, ["weights.seller=1:2:2", "problem.weights.seller=1:2:2"])
    with pytest.raises(mo.InvalidInputError, match="nothing varies"):
        mo.sweep(file, [])
    with pytest.raises(mo.InvalidInputError, match="no values"):
        mo.sweep(file, {"weights.seller": []})
    with pytest.raises(mo.InvalidInputError, match="too many points"):
        mo.sweep(file, ["weights.seller=1:2:2000", "weights.buyer=1:2:2000"])


def test_numbers_of_all_kinds_are_found():
    document = {
        "environment": {
            "kind": "bargaining",
            "proposer_probability": 0.5,
            "player_1": {"types": [0, 1], "probability_high": 0.5, "known": True},
            "player_2": {"discount_rate": "inf", "samples": "a.csv"},
        },
        "problem": {"objective": "player-1-gap"},
    }
    assert variation.numeric_names(document) == [
        "proposer_probability",
        "player_1.types[0]",
        "player_1.types[1]",
        "player_1.probability_high",
        "player_2.discount_rate",
    ]
    varied = [Variation("player_1.probability_high", (0.25,)), Variation("player_1.types[1]", (3,))]
    keys = variation.keys_of(document, varied, "file.toml")
    at = variation.changed(document, dict(zip(keys, (Fraction(1, 4), Fraction(3)), strict=True)))
    assert at["environment"]["player_1"] == {
        "types": [0, 3],
        "probability_high": "0.25",
        "known": True,
    }
    assert document["environment"]["player_1"]["types"] == [0, 1]


# Rows


def test_rows_are_what_solve_reports(file, tmp_path, capsys):
    table = mo.sweep(file, {"buyer.discount_rate": [0.5, 1]})
    assert table.columns == ("buyer.discount_rate", *COLUMNS)
    assert table.num_failed == 0
    for rate, row in zip((0.5, 1), table.rows, strict=True):
        path = tmp_path / "one.toml"
        path.write_text(SIXTHS.replace("discount_rate = 1.0", f"discount_rate = {rate}"))
        assert main(["solve", str(path), "--json"]) == 0
        record = json.loads(capsys.readouterr().out)
        found = dict(zip(table.columns, row, strict=True))
        assert found["buyer.discount_rate"] == rate
        assert found["objective"] == record["objective"]
        assert found["utilities.buyer"] == record["utilities"]["buyer"]
        assert found["audit.passed"] is True
        assert found["continuum.lower"] is None
        assert found["error"] is None


def test_figures_of_cramton_come_out_of_a_sweep():
    file = Path(__file__).parents[1] / "instances" / "cramton1985" / "delayed_exchange.toml"
    table = mo.sweep(file, "buyer.discount_rate=0.5:2:4")
    # The seller's rate is 2, so that the ratio goes from 1/4 to 1.
    for ratio, row in zip((0.25, 0.5, 0.75, 1.0), table.rows, strict=True):
        found = dict(zip(table.columns, row, strict=True))
        known = mo.cramton1985.uniform_exchange(ratio)
        assert found["buyer.discount_rate"] == 2 * ratio
        assert found["continuum.lower"] <= known.second_best <= found["continuum.upper"]
        assert found["alpha"] / (1 + found["alpha"]) == pytest.approx(known.margin, abs=1e-3)


def test_a_grid_has_one_row_per_point_and_the_last_varies_fastest(file):
    table = mo.sweep(file, ["weights.seller=1:2:2", "weights.buyer=1:3:3"])
    assert [row[:2] for row in table.rows] == [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3)]
    alphas = table.grid("alpha")
    assert alphas.shape == (2, 3)
    assert alphas[1, 1] == pytest.approx(alphas[0, 0])
    with pytest.raises(mo.InvalidInputError, match="no such column"):
        table.column("gap")


def test_a_failing_point_in_the_middle_is_reported_and_stops_nothing(file, tmp_path, capsys):
    target = tmp_path / "table.csv"
    words = ["sweep", file, "--vary", "buyer.discount_rate=-1:1:3", "--output", target]
    assert main([*map(str, words), "--workers", "1"]) == 1
    output, errors = capsys.readouterr()
    assert output.startswith("3 points in ")
    assert "2 of 3 points failed" in errors
    rows = read(target)
    assert ["discount_rate: not a discount rate" in row["error"] for row in rows] == [1, 1, 0]
    assert rows[0]["objective"] == rows[0]["status"] == ""
    assert float(rows[2]["objective"]) == pytest.approx(25 / 162)
    assert list(rows[0]) == ["buyer.discount_rate", *COLUMNS]
    assert str(tmp_path) not in target.read_text()
    table = mo.sweep(file, {"buyer.discount_rate": [1, 0, 2]})
    assert [error is None for error in table.column("error")] == [True, False, True]
    assert np.isnan(table.grid("objective")).tolist() == [False, True, False]


def test_columns_stay_when_every_point_fails(file):
    assert mo.sweep(file, {"buyer.discount_rate": [0, -1]}).columns[1:] == COLUMNS


def test_an_infeasible_point_keeps_its_row_and_says_so(tmp_path):
    path = tmp_path / "ex_post.toml"
    path.write_text(SIXTHS.replace("ex-ante", "ex-post").replace("problem.weights", "#"))
    table = mo.sweep(path, {"buyer.types[0]": ["1/6", "1/7"]})
    assert table.num_failed == 2
    assert table.column("status") == ["infeasible", "infeasible"]
    assert table.column("audit.passed") == [True, True]
    assert table.column("error")[0].startswith("infeasible: no mechanism")


def test_a_point_that_fails_its_audit_says_so(file, monkeypatch):
    right = mo.backends.Direct.solve

    def wrong(self, *arguments, **options):
        solution = right(self, *arguments, **options)
        return dataclasses.replace(solution, objective=solution.objective + 0.01)

    monkeypatch.setattr(mo.backends.Direct, "solve", wrong)
    table = mo.sweep(file, {"buyer.discount_rate": [1]})
    assert table.num_failed == 1
    assert table.column("audit.passed") == [False]
    assert table.column("error")[0].startswith("audit FAILED: reported objective: BROKEN")


def test_any_error_at_a_point_is_that_points_own(file, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("by\nzero")

    monkeypatch.setattr("mechopt.report.solved.solve_instance", broken)
    table = mo.sweep(file, {"buyer.discount_rate": [1, 2]})
    assert table.column("error") == ["ZeroDivisionError: by zero"] * 2


# Tables


def test_parquet_holds_the_same_table(file, tmp_path):
    from pyarrow import parquet

    target = tmp_path / "table.parquet"
    table = mo.sweep(file, {"buyer.discount_rate": [1, 0, 2]}, output=target)
    found = parquet.read_table(target).to_pydict()
    assert tuple(found) == table.columns
    assert found["objective"] == table.column("objective")
    assert found["buyer.discount_rate"] == [1, 0, 2]
    assert found["error"][1] == table.column("error")[1]
    assert found["continuum.lower"] == [None] * 3
    assert names(tmp_path) == ["sixths.toml", "table.parquet", "table.parquet.json"]


@pytest.mark.parametrize("output", ["table.xlsx", "table", "folder.csv", "missing/table.csv"])
def test_tables_that_cannot_be_written_are_refused_before_any_work(output, file, tmp_path, capsys):
    (tmp_path / "folder.csv").mkdir()
    words = ["sweep", file, "--vary", "weights.seller=1:2:2", "--output", tmp_path / output]
    assert main(list(map(str, words))) == 2
    out, errors = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in errors
    assert names(tmp_path) == ["folder.csv", "sixths.toml"]


def test_a_file_with_faults_is_bad_input(tmp_path, capsys):
    path = tmp_path / "faulty.toml"
    path.write_text(SIXTHS.replace('"1/6"', '"1/0"'))
    words = ["sweep", path, "--vary", "weights.seller=1:2:2", "--output", tmp_path / "t.csv"]
    assert main(list(map(str, words))) == 2
    assert "division by 0" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--workers", "0"], ["--workers", "2", "--dask", "h:1"]])
def test_workers_that_make_no_sense_are_refused(words, file, tmp_path, capsys):
    basic = ["sweep", file, "--vary", "weights.seller=1:2:2", "--output", tmp_path / "t.csv"]
    assert main([*map(str, basic), *words]) == 2
    assert "expected" in capsys.readouterr().err
    assert names(tmp_path) == ["sixths.toml"]


# Journals


VARY = "buyer.discount_rate=0.02:2.4:120"


def start(file, target, workers, **options):
    # Where the tests run in the background, Ctrl-C is ignored, and children inherit that.
    listening = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from mechopt.cli.main import main; sys.exit(main())"
    )
    command = [sys.executable, "-c", listening, "sweep", file, "--vary", VARY]
    command += ["--output", target, "--workers", workers]
    return subprocess.Popen(
        list(map(str, command)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        **options,
    )


def wait_for_lines(journal, count, running):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and running.poll() is None:
        if journal.exists() and journal.read_bytes().count(b"\n") > count:
            return
        time.sleep(0.005)
    pytest.fail(f"no journal of {count} points: {running.communicate()}")


@pytest.mark.parametrize("workers", some([2, 1], 2))
def test_a_killed_run_is_taken_up_where_it_stopped(workers, file, tmp_path):
    target, journal = tmp_path / "table.csv", tmp_path / "table.csv.journal"
    running = start(file, target, workers)
    wait_for_lines(journal, 10, running)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
    assert not target.exists()
    whole = journal.read_bytes()
    entries = [json.loads(line) for line in whole[: whole.rfind(b"\n")].splitlines()[1:]]
    assert 10 <= len(entries) < 120
    # As if it had been killed in the middle of a line.
    journal.write_bytes(whole[: whole.rfind(b"\n") + 1] + b'{"point": 119, "row": {"obj')
    table = mo.sweep(file, VARY, output=target)
    assert not journal.exists()
    assert len(table.rows) == 120
    assert table.num_failed == 0
    # What was answered was not answered again: it still says how long that took.
    seconds = table.column("seconds")
    assert [seconds[entry["point"]] for entry in entries] == [
        entry["row"]["seconds"] for entry in entries
    ]
    # The answers are those of a run that nobody stopped.
    points = some(range(120), 5)
    rates = [table.column("buyer.discount_rate")[point] for point in points]
    again = without_seconds(mo.sweep(file, {"buyer.discount_rate": rates}))
    assert [without_seconds(table)[point] for point in points] == again
    assert [float(row["buyer.discount_rate"]) for row in read(target)] == [
        round(0.02 * i, 2) for i in range(1, 121)
    ]
    assert names(tmp_path) == ["sixths.toml", "table.csv", "table.csv.json"]


def is_there(group):
    try:
        # Signal 0 only asks whether any process of the group is left.
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_workers_do_not_outlive_a_killed_run(file, tmp_path):
    running = start(file, tmp_path / "table.csv", 2)
    wait_for_lines(tmp_path / "table.csv.journal", 10, running)
    running.kill()
    running.communicate()
    deadline = time.monotonic() + 30
    while is_there(running.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    if is_there(running.pid):
        os.killpg(running.pid, signal.SIGKILL)
        pytest.fail("workers outlived the run")


@pytest.mark.parametrize("workers", some([2, 1], 2))
def test_ctrl_c_keeps_the_journal_and_exits_cleanly(workers, file, tmp_path):
    target, journal = tmp_path / "table.csv", tmp_path / "table.csv.journal"
    running = start(file, target, workers)
    wait_for_lines(journal, 5, running)
    os.killpg(running.pid, signal.SIGINT)
    output, errors = running.communicate(timeout=60)
    assert running.returncode == 130
    assert output == b""
    assert b"the same command goes on from there" in errors
    assert b"Traceback" not in errors
    assert not target.exists()
    assert journal.read_bytes().count(b"\n") > 5


def test_a_run_killed_after_its_table_was_written_writes_it_again(file, tmp_path, monkeypatch):
    target, journal = tmp_path / "table.csv", tmp_path / "table.csv.journal"
    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", lambda *_, **__: (_ for _ in ()).throw(SystemError))
        with pytest.raises(SystemError):
            mo.sweep(file, "weights.seller=1:2:3", output=target)
    before = target.read_text()
    assert journal.exists()
    mo.sweep(file, "weights.seller=1:2:3", output=target)
    assert target.read_text() == before
    assert not journal.exists()


@pytest.fixture
def journal(file, tmp_path, monkeypatch):
    """Return the journal of a run of three points that broke off after two."""
    real = Journal.append

    def append(self, point, row):
        real(self, point, row)
        if point == 1:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Journal, "append", append)
        with pytest.raises(KeyboardInterrupt):
            mo.sweep(file, "weights.seller=1:2:3", output=tmp_path / "table.csv")
    return tmp_path / "table.csv.journal"


def test_a_journal_of_another_sweep_is_refused(journal, file, tmp_path):
    before = journal.read_bytes()
    assert before.count(b"\n") == 3
    target = tmp_path / "table.csv"
    for vary in ("weights.seller=1:2:4", "weights.buyer=1:2:3", "weights.seller=1:3:3"):
        with pytest.raises(mo.InvalidInputError, match="not the journal of this sweep"):
            mo.sweep(file, vary, output=target)
    file.write_text(SIXTHS.replace("5/6", "49/60"))
    with pytest.raises(mo.InvalidInputError, match="not the journal of this sweep"):
        mo.sweep(file, "weights.seller=1:2:3", output=target)
    assert journal.read_bytes() == before
    file.write_text("# The same again.\n" + SIXTHS)
    assert len(mo.sweep(file, "weights.seller=1:2:3", output=target).rows) == 3


def test_a_damaged_journal_and_a_strangers_file_are_refused(journal, file, tmp_path):
    target = tmp_path / "table.csv"
    lines = journal.read_bytes().splitlines(keepends=True)
    for content, part in (
        (lines[0] + b"garbage\n" + lines[2], "a damaged journal"),
        (lines[0] + b'{"point": 1}\n', "a damaged journal"),
        (b"my notes\n", "a file that mechopt did not write"),
        (b"my notes", "a file that mechopt did not write"),
    ):
        journal.write_bytes(content)
        with pytest.raises(mo.InvalidInputError, match=part):
            mo.sweep(file, "weights.seller=1:2:3", output=target)
        assert journal.read_bytes() == content
    # Killed while the first line was written.
    journal.write_bytes(lines[0][:20])
    assert len(mo.sweep(file, "weights.seller=1:2:3", output=target).rows) == 3


def test_two_runs_do_not_write_one_table(file, tmp_path):
    target = tmp_path / "table.csv"
    with (
        Journal(tmp_path / "table.csv.journal", "another"),
        pytest.raises(mo.InvalidInputError, match="another run is writing this table"),
    ):
        mo.sweep(file, "weights.seller=1:2:3", output=target)


def test_samples_are_part_of_what_identifies_a_sweep(tmp_path):
    path, values = tmp_path / "samples.toml", tmp_path / "values.csv"
    path.write_text(SAMPLES)
    values.write_text("cost,value\n1,2\n2,3\n1,4\n")
    plans = []

    def fingerprint():
        from mechopt.sweeps.run import plan_of

        return plan_of(path, "buyer.discount_rate=1:2:2").fingerprint

    plans.append(fingerprint())
    assert fingerprint() == plans[0]
    values.write_text("cost,value\n1,2\n2,3\n1,5\n")
    assert fingerprint() != plans[0]
    assert mo.sweep(path, "buyer.discount_rate=1:2:2").num_failed == 0


# Workers


def test_tables_are_the_same_bits_whatever_the_number_of_workers(tmp_path):
    path = tmp_path / "cells.toml"
    # With so many cells, linear algebra would share sums among threads, which rounds differently.
    path.write_text(CELLS)
    vary = {"buyer.discount_rate": [0.5, 1, 1.5]}
    alone = mo.sweep(path, vary)
    assert alone.num_failed == 0
    assert without_seconds(mo.sweep(path, vary, workers=2)) == without_seconds(alone)


def test_a_worker_that_is_killed_ends_the_run_with_an_error():
    with pytest.raises(WorkerError, match="was killed before it answered"):
        list(in_processes(lambda context, point: os._exit(context), 1, range(4), 2))


def test_a_lost_worker_keeps_the_journal(file, tmp_path, monkeypatch, capsys):
    def lost(*_, **__):
        yield 2, {"error": None}
        raise WorkerError("a worker went away.")

    monkeypatch.setattr("mechopt.sweeps.run.in_processes", lost)
    words = ["sweep", file, "--vary", "weights.seller=1:2:5", "--output", tmp_path / "t.csv"]
    assert main(list(map(str, words))) == 1
    errors = capsys.readouterr().err
    assert "a worker went away. (answered points are kept beside" in errors
    assert names(tmp_path) == ["sixths.toml", "t.csv.journal"]


def test_a_dask_cluster_gives_the_same_table(file, tmp_path):
    from distributed import LocalCluster

    vary = ["buyer.discount_rate=0:2:5", "weights.seller=1:2:3"]
    alone = mo.sweep(file, vary)
    target = tmp_path / "table.csv"
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=False,
        host="127.0.0.1",
        protocol="tcp://",
        dashboard_address=None,
    ) as cluster:
        words = ["sweep", file, "--vary", vary[0], "--vary", vary[1]]
        words += ["--dask", cluster.scheduler_address, "--output", target]
        assert main(list(map(str, words))) == 1
    assert [row["error"] == "" for row in read(target)] == [False] * 3 + [True] * 12
    place = alone.columns.index("objective")
    expected = ["" if row[place] is None else repr(row[place]) for row in alone.rows]
    assert [row["objective"] for row in read(target)] == expected


@pytest.mark.parametrize("address", ["nonsense", "", "tcp://127.0.0.1", "tcp://127.0.0.1:1"])
def test_a_scheduler_that_does_not_answer_is_bad_input(address, file, tmp_path, monkeypatch):
    monkeypatch.setattr("mechopt._util.parallel.CONNECT_SECONDS", 1)
    with pytest.raises(mo.InvalidInputError, match="no Dask scheduler answers"):
        mo.sweep(file, VARY, dask=address, output=tmp_path / "table.csv")
    assert names(tmp_path) == ["sixths.toml"]


# Progress


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")
def test_progress_is_shown_on_a_terminal_only(file, tmp_path, capsys, monkeypatch):
    leader, follower = os.openpty()
    command = [sys.executable, "-m", "mechopt", "sweep", file, "--vary", "weights.seller=1:2:3"]
    command += ["--output", tmp_path / "table.csv", "--workers", 1]
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
    finished = subprocess.run(
        list(map(str, command)),
        stdout=subprocess.PIPE,
        stderr=follower,
        env=environment,
        check=True,
        timeout=60,
    )
    os.close(follower)
    shown = os.read(leader, 100_000).decode()
    os.close(leader)
    assert "points" in shown
    assert "3/3" in shown
    assert finished.stdout.startswith(b"3 points in ")
    monkeypatch.setattr(progress, "SECONDS_TO_FIRST_LINE", math.inf)
    assert main(list(map(str, [*command[3:-4], "--output", tmp_path / "again.csv"]))) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("instance", "name"),
    [
        ("mussa1978/uniform_quality", "cost.c"),
        ("examples/split_award", "capacity"),
        ("examples/two_goods", "types[0][0]"),
        ("examples/six_types_revenue", "buyer.types[5]"),
        ("house_prices/house_prices", "seller.discount_rate"),
    ],
)
def test_answers_of_all_kinds_are_taken_up_from_a_journal(instance, name):
    plan = plan_of(Path(__file__).parent.parent / "instances" / f"{instance}.toml", {name: [1]})
    row = _answer_at(plan, 0)
    assert row["error"] is None
    assert row_fault(row, plan.agents, balanced=plan.is_balanced) is None
    utilities = [key for key in row if key.startswith("utilities.")]
    assert row_fault({**row, utilities[0]: "much"}, plan.agents, balanced=False) is not None


AUCTION = """
[environment]
kind = "auction"
seller_value = "1/2"
[[environment.bidders]]
types = [1, 2, 3]
count = {}
[problem]
objective = "revenue"
budget = "{}"
"""


@pytest.mark.parametrize("count", [2, 3])
def test_people_see_what_varies_and_the_rest_by_name(tmp_path, count):
    path = tmp_path / "auction.toml"
    path.write_text(AUCTION.format(count, "no-deficit"))
    found = mo.sweep(path, "seller_value=0.1:0.7:3", workers=1)
    table = found.table()
    lines = table.to_text().splitlines()
    assert len(lines[0]) <= 120
    assert list(table.header[:4]) == ["seller_value", "objective", "first_best", "efficiency"]
    said = " ".join(lines)
    for name, values in zip(found.columns, zip(*found.rows, strict=True), strict=True):
        number = all(isinstance(value, float) for value in values)
        if number and not name.startswith(("audit.", "continuum.", "bound", "seconds")):
            assert name in said, name
    same = next(line for line in lines if line.startswith("the same at all points: "))
    assert "revenue" in same
    assert "revenue" not in table.header
    assert mo.sweep(path, "seller_value=0.1:0.1:1", workers=1).table().header[1] == "objective"
