"""Every number of everything saved, changed one at a time: caught, or harmless by recomputing."""

from __future__ import annotations

import contextlib
import copy
import hashlib
import json
import random

import numpy as np
import pytest

import mechopt as mo
from mechopt._util.text import in_words
from mechopt.cli.main import main
from mechopt.errors import MechoptError
from mechopt.formats.read_sidecar import load_sidecar
from mechopt.formats.sidecar import checksum_of, sidecar_path
from mechopt.report.report import binding_constraints
from mechopt.saved import digest_of
from mechopt.solution import Termination
from mechopt.sweeps.run import plan_of
from mechopt.verify.multipliers import multiplier_checks
from tests.draws import THOROUGH
from tests.readers import highs_optimum

TRADE = mo.BilateralTrade(
    mo.TypeSpace.finite([0, 1, 2.5], [0.3, 0.45, 0.25]), mo.TypeSpace.finite([0.5, 2])
)
BARGAINING = mo.Bargaining(([0, 1, 2], ["1/2", 0, "1/2"]), mo.TypeSpace.finite([1, 3]), "1/3")
PROBLEMS = {
    "trade": mo.ex_ante_efficiency(TRADE, (1, 0.5)),
    "delay": mo.ex_ante_efficiency(
        mo.BilateralTrade(mo.TypeSpace.finite([0, 1]), mo.TypeSpace.finite([0.5, 2]), 2.0, 1.0)
    ),
    "bargaining": mo.peski2024.best_for_player_1(BARGAINING),
    "subsidy": mo.minimum_subsidy(TRADE),
}


def numbers(value, keys=()):
    """Yield the keys of every number in nested lists and objects."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from numbers(inner, (*keys, key))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from numbers(inner, (*keys, position))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield keys


def changed(content, keys, rng):
    """Return the content with one number changed by a part of itself, its sign, or at all."""
    content = copy.deepcopy(content)
    inner = content
    for key in keys[:-1]:
        inner = inner[key]
    value = inner[keys[-1]]
    shift = rng.uniform(1e-3, 1.0)
    others = [value * (1.0 + shift), value - shift, -value, 0, value + 1]
    inner[keys[-1]] = rng.choice([other for other in others if other != value])
    return content


def passes(path):
    """Return the loaded solution if ``mechopt verify`` would accept it, or None."""
    try:
        loaded = mo.load_solution(path)
    except MechoptError:
        return None
    checks = (*mo.audit(loaded.problem, loaded).checks, *multiplier_checks(loaded.problem, loaded))
    return loaded if all(check.passed for check in checks) else None


def assert_true(loaded):
    """Prove by definition, and by solving again, what is said of an accepted solution."""
    problem, mechanism = loaded.problem, loaded.mechanism
    environment = problem.environment
    outcomes = mechanism.allocation.dense(environment)
    welfare = 0.0
    payments = mechanism.ex_post_payments()
    for i, agent in enumerate(environment.agents):
        net = np.tensordot(environment.outcomes.net_quantity[i], outcomes, axes=1)
        own = agent.types.mean.reshape([-1 if i == j else 1 for j in range(2)])
        chances = np.multiply.outer(*environment.masses)
        weight = getattr(problem.objective, "weights", (0.0, 0.0))[i]
        welfare += weight * float((chances * (own * net - payments[i])).sum())
        if isinstance(problem.objective, mo.Subsidy):
            welfare -= float((chances * payments[i]).sum())
    scale = environment.first_best
    assert loaded.objective == pytest.approx(welfare, abs=1e-6 * scale)
    best = mo.solve(problem, "highs", throw=False)
    if loaded.termination is Termination.OPTIMAL:
        assert best.termination is Termination.OPTIMAL
        assert loaded.objective == pytest.approx(best.objective, abs=2e-6 * scale)
    sign = problem.objective.sign
    assert sign * loaded.bound >= sign * best.objective - 1e-6 * scale
    for text in binding_constraints(loaded):
        assert any(in_words(agent.name) in text for agent in environment.agents)


@pytest.mark.parametrize("what", PROBLEMS)
def test_a_changed_number_in_a_saved_solution_is_caught_or_harmless(what, tmp_path):
    rng = random.Random(what)
    path = tmp_path / "solution.json"
    mo.save_solution(mo.solve(PROBLEMS[what], "highs"), path)
    content = json.loads(path.read_text())
    assert passes(path) is not None
    places = list(numbers(content))
    assert len(places) > 40
    accepted = set()
    for keys in rng.sample(places, (60 if what == "trade" else 25) // (1 if THOROUGH else 2)):
        altered = changed(content, keys, rng)
        path.write_text(json.dumps(altered))
        assert passes(path) is None, keys
        # Whoever changes a file can compute its digest and the problem's fingerprint again.
        for _ in range(2):
            altered["digest"] = digest_of(altered)
            path.write_text(json.dumps(altered))
            try:
                altered["fingerprint"] = mo.load_solution(path).problem.fingerprint
            except MechoptError:
                break
        loaded = passes(path)
        if loaded is not None:
            accepted.add(keys[0])
            assert_true(loaded)
    # What is said of effort cannot be computed again, and is printed "as saved".
    assert accepted <= {"statistics", "problem", "duals", "mechanism"}


def test_multipliers_that_the_bound_completes_are_judged_as_they_stand(tmp_path, capsys):
    path = tmp_path / "solution.json"
    mo.save_solution(mo.solve(PROBLEMS["trade"]), path)
    content = json.loads(path.read_text())
    content["duals"]["buyer_ic_up"]["values"][0] += 0.5
    content["digest"] = digest_of(content)
    path.write_text(json.dumps(content))
    loaded = mo.load_solution(path)
    assert main(["verify", str(path)]) == 1
    assert "payments of buyer cancel, by its multipliers: BROKEN" in capsys.readouterr().out
    assert not any("buyer: imitating higher" in text for text in binding_constraints(loaded))


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ({"iterations": "many"}, "statistics.iterations"),
        ({"seconds": -1.0}, "statistics.seconds"),
        ({"seconds": True}, "statistics.seconds"),
        ({"colour": 1}, "unknown: colour"),
    ],
)
def test_statistics_of_the_wrong_kind_are_one_clear_error(part, said, tmp_path, capsys):
    path = tmp_path / "solution.json"
    mo.save_solution(mo.solve(PROBLEMS["trade"]), path)
    content = json.loads(path.read_text())
    content["statistics"] |= part
    content["digest"] = digest_of(content)
    path.write_text(json.dumps(content))
    assert main(["verify", "-v", str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert "Traceback" not in err


@pytest.mark.parametrize("what", ["trade", "bargaining"])
def test_a_changed_number_in_a_sidecar_is_caught_or_harmless(what, tmp_path):
    rng = random.Random(what)
    model, answer = tmp_path / "model.mps", tmp_path / "solution.sol"
    mo.export(PROBLEMS[what], model)
    highs_optimum(model, answer)
    beside = sidecar_path(model)
    content = json.loads(beside.read_text())
    true = mo.import_solution(model, answer)
    accepted = set()
    places = list(numbers(content))
    for keys in rng.sample(places, 40):
        altered = changed(content, keys, rng)
        beside.write_text(json.dumps(altered))
        with pytest.raises(mo.InvalidInputError):
            load_sidecar(model)
        altered["checksum"] = checksum_of(altered)
        beside.write_text(json.dumps(altered))
        try:
            found = mo.import_solution(model, answer)
        except MechoptError:
            continue
        accepted.add(keys[0])
        assert found.problem.fingerprint == true.problem.fingerprint
        assert (found.objective, found.bound) == (true.objective, true.bound)
        assert mo.audit(PROBLEMS[what], found).passed
    # What is known of the optimum is for readers; an import computes its own.
    assert accepted <= {"optimum"}


JOURNAL = """
environment.kind = "bargaining"
environment.proposer_probability = 0.5
environment.player_1 = { types = [0, 2], probability_high = 0.5 }
environment.player_2 = { types = [1, 3], probability_high = 0.2 }
problem.objective = "player-1-gap"
"""


def broken_off(tmp_path, monkeypatch):
    """Return instance, table and lines of the journal of a sweep that broke off."""
    file, table = tmp_path / "gap.toml", tmp_path / "table.csv"
    file.write_text(JOURNAL)
    with monkeypatch.context() as patched:
        patched.setattr("mechopt.sweeps.run._table", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            mo.sweep(file, VARY, output=table)
    return file, table, tmp_path / "table.csv.journal"


VARY = "player_1.probability_high=0.2:0.8:2"


def test_a_changed_number_in_a_journal_is_refused(tmp_path, monkeypatch):
    rng = random.Random(7)
    file, table, journal = broken_off(tmp_path, monkeypatch)
    header, first, second = journal.read_bytes().splitlines(keepends=True)
    entry = json.loads(first)
    fingerprint = plan_of(file, VARY).fingerprint
    for keys in numbers(entry):
        altered = changed(entry, keys, rng)
        journal.write_bytes(header + json.dumps(altered).encode() + b"\n" + second)
        with pytest.raises(mo.InvalidInputError, match="a damaged journal"):
            mo.sweep(file, VARY, output=table)
        if keys[-1] not in {"objective", "bound", "gap", "random_monopoly"}:
            continue
        # With a digest that was computed again, numbers that contradict each other remain.
        said = json.dumps({key: altered[key] for key in ("point", "row")})
        digest = hashlib.sha256(f"{fingerprint} {said}".encode()).hexdigest()
        line = f'{said[:-1]}, "digest": "{digest}"}}\n'.encode()
        journal.write_bytes(header + line + second)
        with pytest.raises(mo.InvalidInputError, match=r"a damaged journal.*(beside|gap)"):
            mo.sweep(file, VARY, output=table)
    journal.write_bytes(header + first + second)
    assert mo.sweep(file, VARY, output=table).num_failed == 0


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 100_000 + b"\n",
        b'{"point": 0, "row": {}, "digest": ""}\n',
        b'{"point": -1, "row": {"error": "x"}}\n',
        b'{"point": 0}\n',
        b"7\n",
        b"\xff\xfe\n",
    ],
    ids=["nested", "no digest", "negative", "no row", "a number", "no text"],
)
def test_lines_that_were_not_written_are_one_clear_error(line, tmp_path, monkeypatch, capsys):
    file, table, journal = broken_off(tmp_path, monkeypatch)
    header = journal.read_bytes().splitlines(keepends=True)[0]
    journal.write_bytes(header + line)
    words = ["sweep", str(file), "--vary", VARY, "--output", str(table)]
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "a damaged journal" in err
    assert len(err) < 5_000
    assert "Traceback" not in err
    assert not table.exists()


def test_a_point_twice_and_a_row_of_another_sweep_are_refused(tmp_path, monkeypatch):
    file, table, journal = broken_off(tmp_path, monkeypatch)
    header, first, _ = journal.read_bytes().splitlines(keepends=True)
    for content in (header + first + first, header + first.replace(b'"point": 0', b'"point": 1')):
        journal.write_bytes(content)
        with pytest.raises(mo.InvalidInputError, match="a damaged journal"):
            mo.sweep(file, VARY, output=table)


def places(value, keys=()):
    """Yield the keys of everything in nested lists and objects, the outermost first."""
    if keys:
        yield keys
    items = enumerate(value) if isinstance(value, list) else ()
    items = value.items() if isinstance(value, dict) else items
    for key, inner in items:
        yield from places(inner, (*keys, key))


OUTCOME = {"type": "mechopt.Trade@1"}
WRONG = (None, "x", -1, 10**30, 0.5, True, [], [1, 2], [[1], [1, 2]], {}, OUTCOME)


@pytest.mark.parametrize("what", ["trade", "bargaining"])
def test_sidecars_of_wrong_shapes_are_one_clear_error(what, tmp_path):
    rng = random.Random(what)
    model = tmp_path / "model.mps"
    mo.export(PROBLEMS[what], model)
    beside = sidecar_path(model)
    content = json.loads(beside.read_text())
    found = list(places(content))
    accepted = set()
    for keys in rng.sample(found, 60 if THOROUGH else 25):
        for value in rng.sample(WRONG, 2):
            altered = copy.deepcopy(content)
            inner = altered
            for key in keys[:-1]:
                inner = inner[key]
            if inner[keys[-1]] == value:
                continue
            inner[keys[-1]] = value
            altered["checksum"] = checksum_of(altered)
            beside.write_text(json.dumps(altered))
            with contextlib.suppress(mo.InvalidInputError):
                load_sidecar(model)
                accepted.add(keys[0])
    # Names, what is known of the optimum, and the digest of the model's own file.
    assert accepted <= {"title", "objective", "optimum", "mechopt_version", "sha256", "checksum"}
