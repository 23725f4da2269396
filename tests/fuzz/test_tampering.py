"""Single numbers of all that is saved, changed: noticed, or harmless, proved in fractions."""

from __future__ import annotations

import csv
import json
import shutil
from fractions import Fraction

import numpy as np
import pytest

import mechopt as mo

from ..readers import highs_optimum
from .contract import faults, run
from .judge import ALLOWED, Ruling, judge_solution
from .problems import random_bargaining, random_trade, random_weights
from .seeds import repeat, seeds, wanted
from .tampering import is_same, tampered, tampered_text
from .whole import OLD, SWEEP, meaning


def search(family, count, share, function):
    """Collect what was not noticed over all seeds."""
    if not wanted(family):
        pytest.skip(f"FUZZ_FAMILIES={family} runs this")
    bad = []
    for seed in seeds(family, count, share=share):
        bad += [f"seed {seed}: {text}\n  {repeat(family, seed)}" for text in function(seed)]
    assert not bad, f"{len(bad)} not noticed\n" + "\n".join(bad[:12])


def saved_solution(seed, folder):
    """Write a saved solution of some kind, and return its path."""
    path = folder / "saved.json"
    kind = seed % 4
    if kind == 0:
        problem = random_bargaining(seed)
        if seed % 8 == 0 and problem.environment.num_profiles <= 16:
            factor = ("0", "1/3", "0.9", "999/1000", "1")[seed // 8 % 5]
            problem = mo.peski2024.equilibrium_problem(problem.environment, factor)
    else:
        family = ("plain", "sentinel", "grid")[seed % 3]
        problem = mo.ex_ante_efficiency(random_trade(seed, family), random_weights(seed))
    if kind == 3:
        problem = mo.ex_post_efficiency(problem.environment)
    mo.save_solution(mo.solve(problem, throw=False), path)
    return path


def is_harmless(path, place, old, new):
    """Return whether all that a changed solution says is still true, judged in fractions."""
    if is_same(old, new):
        return True
    solution = mo.load_solution(path)
    problem = solution.problem
    if place[0] not in ("objective", "bound", "mechanism") or solution.mechanism is None:
        return False
    if problem.prescribes_allocation:
        return False
    report = mo.audit(problem, solution)
    if any(f.ruling is not Ruling.RIGHT for f in judge_solution(problem, solution, report)):
        return False
    mechanism = solution.mechanism
    value = problem.weights.evaluate(
        problem.environment, mechanism.quantity, mechanism.payment, mechanism.expected_cost
    )
    scale = problem.environment.first_best * problem.objective.largest_weight
    return bool(abs(solution.objective - value) <= 1e-6 * scale)


def solution_faults(seed, folder):
    path = saved_solution(seed, folder)
    if run("verify", "saved.json", folder=folder).status != 0:
        # Verdicts on what was not changed are another family's.
        return
    text, place, old, new = tampered(path.read_text(), seed)
    path.write_text(text)
    outcome = run("verify", "saved.json", folder=folder)
    said = f"{'.'.join(map(str, place))}: {old!r} became {new!r}"
    yield from (f"{said}: {fault}" for fault in faults(outcome))
    if outcome.status == 0 and not is_harmless(path, place, old, new):
        yield f"{said}: verify ends with status 0"


def test_saved_solutions(tmp_path):
    search("tampered-solutions", 60, 0.05, lambda seed: solution_faults(seed, tmp_path))


def import_faults(said, folder, record, optimum):
    """Yield what an import of changed files says wrongly; what it refuses is noticed."""
    outcome = run("import", "model.mps", "model.sol", "--json", folder=folder)
    yield from (f"{said}: {fault}" for fault in faults(outcome))
    if outcome.status != 0:
        return
    now = json.loads(outcome.output)
    for key in ("objective", "bound"):
        if abs(Fraction(now[key]) - optimum) > ALLOWED * Fraction(record["first_best"]):
            yield f"{said}: status 0 with {key} {now[key]!r}, it is {float(optimum)!r}"
    for key in ("first_best", "efficiency"):
        if not np.isclose(now[key], record[key], rtol=1e-6):
            yield f"{said}: status 0 with {key} {now[key]!r}, it is {record[key]!r}"


def optimum_of_instance():
    from .exact_trade import ExactTrade, Side
    from .simplex import fraction

    quarter = [Fraction(1, 4)] * 4
    sides = Side.of([0, 1, 2, 3], quarter), Side.of([0.5, 1.5, 2.5, 3.5], quarter)
    return fraction(ExactTrade(*sides).second_best(all_pairs=False))


def test_sidecars(exported, tmp_path):
    original, record = exported

    def function(seed):
        folder = tmp_path / str(seed)
        shutil.copytree(original, folder)
        path = folder / "model.mps.json"
        text, place, old, new = tampered(path.read_text(), seed)
        path.write_text(text)
        said = f"{'.'.join(map(str, place))}: {old!r} became {new!r}"
        yield from import_faults(said, folder, record, optimum_of_instance())

    search("tampered-sidecars", 40, 0.05, function)


def test_solution_files_of_solvers(exported, tmp_path):
    original, record = exported

    def function(seed):
        folder = tmp_path / str(seed)
        shutil.copytree(original, folder)
        path = folder / "model.sol"
        text, old, new = tampered_text(path.read_text(), seed)
        path.write_text(text)
        said = f"{old} became {new}"
        yield from import_faults(said, folder, record, optimum_of_instance())

    search("tampered-answers", 40, 0.05, function)


def test_models(exported, tmp_path):
    original, record = exported

    def function(seed):
        folder = tmp_path / str(seed)
        shutil.copytree(original, folder)
        path = folder / "model.mps"
        text, old, new = tampered_text(path.read_text(), seed)
        path.write_text(text)
        if float(old) != float(new):
            highs_optimum(path, folder / "model.sol")
            said = f"model: {old} became {new}, solved again"
            yield from import_faults(said, folder, record, optimum_of_instance())

    search("tampered-models", 15, 0.05, function)


def test_journals(journalled, tmp_path):
    original, table = journalled

    def function(seed):
        folder = tmp_path / str(seed)
        shutil.copytree(original, folder)
        path = folder / "new.csv.journal"
        lines = path.read_text().splitlines()
        line = 1 + seed % (len(lines) - 1)
        lines[line], place, old, new = tampered(lines[line], seed)
        path.write_text("\n".join(lines) + "\n")
        if place[-1] == "seconds":
            return
        outcome = run(*SWEEP, folder=folder)
        said = f"line {line + 1}, {'.'.join(map(str, place))}: {old!r} became {new!r}"
        yield from (f"{said}: {fault}" for fault in faults(outcome))
        made = folder / "new.csv"
        if outcome.status == 0 and meaning(made) != table:
            yield f"{said}: status 0 with another table"
        if outcome.status != 0 and made.exists():
            yield f"{said}: status {outcome.status}, yet a table"

    search("tampered-journals", 40, 0.05, function)


def test_journal_that_is_whole_is_believed(journalled, tmp_path):
    original, table = journalled
    shutil.copytree(original, tmp_path, dirs_exist_ok=True)
    assert run(*SWEEP, folder=tmp_path).status == 0
    assert meaning(tmp_path / "new.csv") == table
    assert len(list(csv.reader((tmp_path / "new.csv").read_text().splitlines()))) == 4
    assert OLD not in (tmp_path / "new.csv").read_bytes()


def test_judge_of_tampering_knows_harm_from_none(tmp_path):
    path = saved_solution(1, tmp_path)
    content = json.loads(path.read_text())
    old = content["objective"]
    assert is_harmless(path, ("objective",), old, old)
    content["objective"] = old * (1 + 1e-3) + 1e-3
    path.write_text(json.dumps(content))
    assert not is_harmless(path, ("objective",), old, content["objective"])
    assert not is_harmless(path, ("statistics", "seconds"), 1.0, 2.0)
