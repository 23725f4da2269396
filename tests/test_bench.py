"""``mechopt bench``: the table of what work takes, beside its limits."""

from __future__ import annotations

import json

from mechopt.cli import bench as bench_command
from mechopt.cli.bench import works
from mechopt.cli.main import main


def test_every_kind_of_work_has_a_name_of_its_own_and_a_limit():
    kinds = list(works())
    assert len({work.name for work in kinds}) == len(kinds)
    assert all(work.limit > 0 and work.unit in ("u", "s", "x") for work in kinds)


def test_work_is_measured_beside_its_limit(capsys):
    assert main(["bench", "--only", "exact optimum, 200", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out).values()
    assert row["taken"] > 0
    assert (row["limit"], row["unit"]) == (0.02, "s")
    assert main(["bench", "--only", "exact optimum, 200"]) == 0
    head, line = capsys.readouterr().out.splitlines()
    assert head.split() == ["taken", "limit"]
    assert line.strip().startswith("exact optimum, 200 types")


def test_the_solver_call_from_a_basis_is_one_that_finds_the_optimum():
    import highspy

    job = bench_command._from_basis(20)
    for _ in range(2):
        model = job()
        assert model.getModelStatus() == highspy.HighsModelStatus.kOptimal
        assert model.getInfo().simplex_iteration_count == 0


def test_work_over_its_limit_is_named_and_fails_where_that_is_asked(capsys, monkeypatch):
    never = bench_command.Work("never in time", -1.0, "s", lambda: lambda: None)
    monkeypatch.setattr(bench_command, "works", lambda: iter([never]))
    assert main(["bench"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "  over its limit: never in time"
    assert main(["bench", "--strict"]) == 1
    assert main(["bench", "--strict", "--json"]) == 1


def test_work_that_there_is_not_is_refused(capsys):
    assert main(["bench", "--only", "nothing of the kind"]) == 2
    assert "--only: no such work" in capsys.readouterr().err
