"""Why solvers stop: every status has a meaning, limits and options are arguments, all is said."""

from __future__ import annotations

import json
from dataclasses import replace

import clarabel
import cvxpy as cp
import highspy
import numpy as np
import pytest
from pyomo.contrib.solver.common.results import TerminationCondition
from pyomo.contrib.solver.common.util import NoDualsError
from scipy import stats

import mechopt as mo
from mechopt.backends import explain, statuses
from mechopt.backends.registry import BACKENDS, REGISTERED, backend_named
from mechopt.cli.main import main
from mechopt.report.words import limit_in_words
from mechopt.solution import Limit, Termination

from .cases import uniform_types

PROGRAM_BACKENDS = ("highs", "cvxpy", "pyomo")
SIX = mo.ex_ante_efficiency(mo.BilateralTrade(uniform_types(6), uniform_types(6)))
TWELVE = mo.ex_ante_efficiency(mo.BilateralTrade(uniform_types(12), uniform_types(11)))
MANY = mo.ex_ante_efficiency(mo.BilateralTrade(uniform_types(40), uniform_types(39)))
DELAY = mo.ex_ante_efficiency(mo.BilateralTrade(uniform_types(12), uniform_types(11), 2.0, 1.0))
FILE = """
title = "Six"
environment.kind = "bilateral-trade"
environment.seller.types = [1, 2, 3, 4, 5, 6]
environment.buyer.types = [1, 2, 3, 4, 5, 6]
problem.objective = "ex-ante-efficiency"
"""


# Every member of every solver's statuses.


def test_every_status_of_highs_is_known_by_name_and_in_words():
    members = highspy.HighsModelStatus.__members__
    assert set(statuses.HIGHS) == set(members)
    model = highspy.Highs()
    words = {name: model.modelStatusToString(status) for name, status in members.items()}
    assert {words[name]: statuses.HIGHS[name] for name in members} == statuses.HIGHS_IN_WORDS


def test_every_status_of_clarabel_is_known():
    members = {name for name in dir(clarabel.SolverStatus) if name[0].isupper()}
    assert set(statuses.CLARABEL) == members


def test_every_status_of_cvxpy_is_known():
    known = {*cp.settings.SOLUTION_PRESENT, *cp.settings.INF_OR_UNB, *cp.settings.ERROR}
    assert set(statuses.CVXPY) == known | set(cp.settings.INACCURATE)


def test_cvxpy_says_of_a_status_what_its_solver_says_or_less():
    from cvxpy.reductions.solvers.conic_solvers.clarabel_conif import CLARABEL
    from cvxpy.reductions.solvers.conic_solvers.highs_conif import HIGHS

    for table, merged in (
        (statuses.HIGHS, HIGHS.STATUS_MAP),
        (statuses.CLARABEL, CLARABEL.STATUS_MAP),
    ):
        for said, in_cvxpy in merged.items():
            meaning, own = statuses.CVXPY[in_cvxpy], table[said]
            assert isinstance(meaning, Termination) == isinstance(own, Termination), said
            if isinstance(own, Termination):
                assert own is meaning


def test_every_termination_condition_of_pyomo_is_known():
    assert set(statuses.PYOMO) == {condition.name for condition in TerminationCondition}


@pytest.mark.parametrize(
    "table", ["HIGHS", "CLARABEL", "CVXPY", "PYOMO", "SCIP", "CPLEX", "MOSEK", "AMPL"]
)
def test_a_claim_is_optimal_infeasible_or_unbounded_and_all_else_is_a_limit(table):
    meanings = set(getattr(statuses, table).values())
    claims = {Termination.OPTIMAL, Termination.INFEASIBLE, Termination.UNBOUNDED}
    assert {meaning for meaning in meanings if isinstance(meaning, Termination)} == claims
    for said, meaning in getattr(statuses, table).items():
        how = statuses.ending(getattr(statuses, table), said)
        assert (how.termination is Termination.LIMIT) == isinstance(meaning, Limit)
        assert how.detail == said


def test_a_status_that_is_not_known_is_another_limit():
    how = statuses.ending(statuses.HIGHS, "kTomorrow")
    assert how == statuses.Ending(Termination.LIMIT, Limit.OTHER, "kTomorrow")


# Limits.


@pytest.mark.parametrize("backend", PROGRAM_BACKENDS)
def test_a_time_limit_stops_the_solver(backend):
    solution = mo.solve(MANY, backend, time_limit=1e-6, throw=False)
    assert (solution.termination, solution.limit) == (Termination.LIMIT, Limit.TIME)
    assert solution.detail
    assert solution.mechanism is None
    with pytest.raises(mo.errors.NotOptimalError, match="undecided: the time limit was reached"):
        mo.solve(MANY, backend, time_limit=1e-6)


@pytest.mark.parametrize("backend", PROGRAM_BACKENDS)
def test_a_time_limit_stops_curved_programs(backend):
    solution = mo.solve(DELAY, backend, time_limit=1e-6, throw=False)
    assert (solution.termination, solution.limit) == (Termination.LIMIT, Limit.TIME)


def test_a_time_limit_stops_the_direct_solver():
    types = mo.TypeSpace.from_distribution(stats.beta(2, 3), 1_000)
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(types, types))
    solution = mo.solve(problem, "direct", time_limit=1e-9, throw=False)
    assert (solution.termination, solution.limit) == (Termination.LIMIT, Limit.TIME)
    assert mo.solve(problem, "direct", time_limit=600.0).termination is Termination.OPTIMAL


def test_a_time_limit_also_counts_what_a_certificate_takes(monkeypatch):
    problem = mo.ex_post_efficiency(MANY.environment)
    kind, limits = BACKENDS["highs"], []
    answer = kind._answer

    def watched(self, problem, settings):
        limits.append(settings.remaining())
        return answer(self, problem, settings)

    monkeypatch.setattr(kind, "_answer", watched)
    solution = mo.solve(problem, "highs", time_limit=600.0, throw=False)
    first, second = limits
    assert 0.0 < second < first <= 600.0
    assert solution.termination is Termination.INFEASIBLE


@pytest.mark.parametrize("backend", PROGRAM_BACKENDS)
def test_time_enough_changes_nothing(backend):
    expected = mo.solve(SIX, backend)
    found = mo.solve(SIX, backend, time_limit=600.0, threads=1)
    assert found.objective == pytest.approx(expected.objective, abs=1e-12)
    assert found.limit is None


@pytest.mark.parametrize("backend", PROGRAM_BACKENDS)
def test_an_iteration_limit_is_a_solvers_own_option(backend):
    solution = mo.solve(MANY, backend, simplex_iteration_limit=1, presolve="off", throw=False)
    assert (solution.termination, solution.limit) == (Termination.LIMIT, Limit.ITERATIONS)
    assert "Iteration" in explain(solution) or "iteration" in explain(solution)


def test_clarabel_takes_its_own_options():
    solution = mo.solve(DELAY, "cvxpy", max_iter=2, throw=False)
    assert (solution.termination, solution.limit) == (Termination.LIMIT, Limit.ITERATIONS)
    assert solution.detail == "MaxIterations"


@pytest.mark.parametrize("backend", PROGRAM_BACKENDS)
def test_threads_can_change_within_a_process(backend):
    for threads in (1, 2, None, 1):
        solution = mo.solve(SIX, backend, threads=threads)
        assert solution.objective == pytest.approx(25 / 162, abs=1e-9)


@pytest.mark.parametrize("backend", PROGRAM_BACKENDS)
@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"presolv": "off"}, "no such option"),
        ({"presolve": "perhaps"}, "not a value of this option"),
        ({"simplex_iteration_limit": "many"}, "not a value of this option"),
    ],
)
def test_options_that_highs_does_not_know_are_one_error(backend, options, part, capfd):
    with pytest.raises(mo.InvalidInputError, match=f"^{backend}: {part}"):
        mo.solve(SIX, backend, **options)
    assert capfd.readouterr().out == ""


def test_options_that_clarabel_does_not_know_are_one_error():
    with pytest.raises(mo.InvalidInputError, match="no such option"):
        mo.solve(DELAY, "cvxpy", presolve="off")
    with pytest.raises(mo.InvalidInputError, match="not a value of this option"):
        mo.solve(DELAY, "cvxpy", max_iter="many")


def test_the_direct_solver_takes_no_options_and_is_passed_over_for_who_does():
    with pytest.raises(mo.InvalidInputError, match="this backend has no options"):
        mo.solve(SIX, "direct", presolve="off")
    assert mo.solve(SIX).provenance.backend == "direct"
    assert mo.solve(SIX, presolve="off").provenance.backend == "highs"
    assert mo.solve(SIX, time_limit=60.0, threads=1).provenance.backend == "direct"


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        ({"time_limit": 0}, "time_limit"),
        ({"time_limit": -1.0}, "time_limit"),
        ({"time_limit": np.inf}, "time_limit"),
        ({"time_limit": np.nan}, "time_limit"),
        ({"time_limit": True}, "time_limit"),
        ({"time_limit": "10"}, "time_limit"),
        ({"threads": 0}, "threads"),
        ({"threads": 1.5}, "threads"),
        ({"threads": True}, "threads"),
    ],
)
@pytest.mark.parametrize("backend", [None, *REGISTERED])
def test_limits_that_are_none_are_refused(backend, arguments, where):
    with pytest.raises(mo.InvalidInputError, match=f"^{where}: not a"):
        mo.solve(SIX, backend, **arguments)


# What is said.


def test_every_limit_is_explained():
    stopped = mo.solve(MANY, "highs", time_limit=1e-6, throw=False)
    for limit in Limit:
        solution = replace(stopped, limit=limit, detail="as the solver says")
        assert explain(solution).startswith("undecided: ")
        assert "as the solver says" in explain(solution)
        assert "as the solver says" in limit_in_words(solution)
        assert "stopped" in mo.summary(solution)


def test_a_limit_stands_beside_no_other_termination():
    solution = mo.solve(SIX)
    with pytest.raises(mo.InvalidInputError, match="a limit where none was reached"):
        replace(solution, limit=Limit.TIME)
    assert replace(solution, termination=Termination.LIMIT).limit is Limit.OTHER


def test_limit_and_words_are_saved(tmp_path):
    solution = mo.solve(MANY, "highs", time_limit=1e-6, throw=False)
    mo.save_solution(solution, tmp_path / "stopped.json")
    loaded = mo.load_solution(tmp_path / "stopped.json")
    assert (loaded.termination, loaded.limit) == (Termination.LIMIT, Limit.TIME)
    assert loaded.detail == solution.detail == "Time limit reached"
    assert loaded.unaltered


def test_the_command_takes_a_time_limit_and_says_what_stopped_it(tmp_path, capsys):
    file = tmp_path / "six.toml"
    file.write_text(FILE)
    assert main(["solve", str(file), "--time-limit", "600", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["status"], record["limit"]) == ("optimal", None)
    arguments = ["solve", str(file), "--backend", "highs", "--time-limit", "1e-6"]
    many = FILE.replace("[1, 2, 3, 4, 5, 6]", str(list(range(60))))
    file.write_text(many)
    assert main([*arguments, "--json"]) == 1
    output, errors = capsys.readouterr()
    record = json.loads(output)
    assert (record["status"], record["limit"]) == ("limit", "time")
    assert record["detail"] == "Time limit reached"
    assert "the time limit was reached" in errors
    assert main(arguments) == 1
    assert "time (highs: Time limit reached)" in capsys.readouterr().out
    assert main(["solve", str(file), "--time-limit", "-1"]) == 2
    assert "time_limit: not a time limit" in capsys.readouterr().err
    assert main(["solve", str(file), "--backend", "simplex"]) == 2
    assert "no such backend" in capsys.readouterr().err


def test_backends_are_registered_once():
    assert list(BACKENDS) == list(REGISTERED)
    for name in REGISTERED:
        assert BACKENDS[name].name == name
        assert backend_named(name).packages
    with pytest.raises(mo.InvalidInputError, match="no such backend"):
        backend_named("simplex")


@pytest.mark.parametrize("error", [IndexError, NoDualsError])
def test_a_solver_that_gives_no_multipliers_leaves_a_limit_without_a_bound(error, monkeypatch):
    def none(*_, **__):
        raise error

    loader = "pyomo.contrib.solver.solvers.highs.Highs._get_duals"
    monkeypatch.setattr(loader, none)
    found = mo.solve(TWELVE, "pyomo", throw=False)
    assert (found.termination, found.limit) == (Termination.LIMIT, Limit.IMPRECISE)
    assert np.isnan(found.bound)
    assert not found.duals
    assert "there is no bound, because the solver gave no multipliers" in explain(found)
    # Of few types, fractions find the optimum and its proof.
    assert mo.solve(SIX, "pyomo").is_certified


def test_an_unbounded_problem_is_explained_and_leaves_nothing_to_audit(tmp_path, capsys):
    file, saved = tmp_path / "endless.toml", tmp_path / "endless.json"
    lines = ['participation = "none"', 'budget = "subsidised"']
    text = FILE.replace("ex-ante-efficiency", "revenue") + "".join(
        f"problem.{line}\n" for line in lines
    )
    file.write_text(text, encoding="utf-8")
    assert main(["solve", str(file), "--exact", "--output", str(saved)]) == 1
    said = capsys.readouterr()
    page = " ".join(said.out.split())
    assert "no mechanism to audit" in page
    assert "unbounded: the objective can be improved without limit" in page
    assert "ray each step improves the objective and breaks nothing: " in page
    assert "_payment by 1" in page
    assert "FAILED" not in said.out
    assert "unbounded: the objective can be improved" in said.err
    assert main(["solve", str(file), "--quiet"]) == 1
    assert "Six: unbounded, no mechanism to audit" in capsys.readouterr().out
    assert main(["verify", str(saved)]) == 1
    assert "no mechanism to audit" in capsys.readouterr().out
    content = json.loads(saved.read_text(encoding="utf-8"))
    content["objective"] = 1.0
    saved.write_text(json.dumps(content), encoding="utf-8")
    assert main(["verify", str(saved)]) == 1
    assert "audit FAILED" in capsys.readouterr().out


def test_a_program_that_does_not_fit_is_refused_before_it_is_built(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("mechopt._util.memory._of_the_machine", lambda: 5e8)
    file = tmp_path / "large.toml"
    side = 'distribution = "uniform", cells = 300'
    text = (
        f'environment.kind = "bilateral-trade"\nenvironment.seller = {{ {side} }}\n'
        f'environment.buyer = {{ {side} }}\nproblem.objective = "ex-ante-efficiency"\n'
        'problem.incentives = "dominant"\n'
    )
    file.write_text(text, encoding="utf-8")
    assert main(["solve", str(file), "--json"]) == 2
    said = capsys.readouterr()
    assert not said.out
    assert "over 300 x 300 types, with about 3.1e+06 nonzeros, would take about 0.6 GB" in said.err
    assert "Use fewer types or cells: about " in said.err
    assert "With interim incentives and participation" in said.err
    assert "about 1.8e+05 nonzeros" in said.err
