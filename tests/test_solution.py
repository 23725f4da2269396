"""Saved solutions: nothing is lost, nothing is trusted, and no file makes loading crash."""

from __future__ import annotations

import base64
import copy
import dataclasses
import hashlib
import json

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt.errors import InvalidInputError, MechoptError
from mechopt.saved import digest_of
from mechopt.solution import PointStatus, Termination
from tests.draws import crossed, some

from .cases import FIXED, PROGRAMS, random_trade, uniform_types

TRADES = {
    **{name: FIXED[name] for name in ("finite-irregular", "cells-beta", "samples", "coins")},
    "large-unit": random_trade(17),
    "shapes-loc-scale": mo.BilateralTrade(
        mo.TypeSpace.from_distribution(stats.truncnorm(-1, 2, loc=3, scale=0.7), 6),
        mo.TypeSpace.from_distribution(stats.beta(2, b=5, loc=2), 5),
    ),
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "solution.json"


@pytest.mark.parametrize("backend", [None, "highs"])
@pytest.mark.parametrize(("trade", "program"), crossed(list(TRADES), list(PROGRAMS)))
def test_round_trip_loses_nothing(trade, program, backend, path):
    problem = PROGRAMS[program](TRADES[trade])
    solution = mo.solve(problem, backend, throw=False)
    mo.save_solution(solution, path)
    loaded = mo.load_solution(path)
    for name in ("objective", "bound"):
        kept, read = getattr(solution, name), getattr(loaded, name)
        assert kept == read or (np.isnan(kept) and np.isnan(read))
    for name in ("termination", "primal_status", "dual_status", "alpha", "statistics"):
        assert getattr(loaded, name) == getattr(solution, name)
    assert loaded.provenance == solution.provenance
    assert set(loaded.duals) == set(solution.duals)
    for name, values in solution.duals.items():
        assert np.array_equal(loaded.duals[name], values)
    assert (loaded.mechanism is None) == (solution.mechanism is None)
    if solution.mechanism is not None:
        environment = loaded.problem.environment
        assert np.array_equal(
            loaded.mechanism.allocation.dense(environment),
            solution.mechanism.allocation.dense(problem.environment),
        )
        for kept, read in zip(solution.mechanism.payment, loaded.mechanism.payment, strict=True):
            assert np.array_equal(kept, read)
        assert np.array_equal(
            loaded.mechanism.ex_post_payment, solution.mechanism.ex_post_payments()
        )
    assert loaded.fingerprint == problem.fingerprint == loaded.problem.fingerprint
    assert mo.audit(problem, loaded).passed
    assert mo.audit(loaded.problem, loaded).passed


def test_second_round_trip_writes_the_same_file(path, tmp_path):
    mo.save_solution(mo.solve(PROGRAMS["equal-weights"](TRADES["finite-irregular"])), path)
    mo.save_solution(mo.load_solution(path), tmp_path / "again.json")
    assert (tmp_path / "again.json").read_text() == path.read_text()


def changed(trade, **changes):
    """Return the problem with one array of the seller's type space changed."""
    seller, buyer = (agent.types for agent in trade.agents)
    arrays = {name: getattr(seller, name) for name in ("mass", "mean", "lower", "upper")}
    return mo.ex_ante_efficiency(mo.BilateralTrade(mo.TypeSpace(**(arrays | changes)), buyer))


def test_fingerprint_changes_with_every_number_and_word():
    trade = FIXED["cells-with-gaps"]
    seller = trade.agents[0].types
    problem = mo.ex_ante_efficiency(trade)
    variants = [
        problem,
        changed(trade, mass=[0.5 - 1e-12, 0.5 + 1e-12]),
        changed(trade, mean=seller.mean + np.array([1e-12, 0])),
        changed(trade, lower=seller.lower - np.array([1e-12, 0])),
        changed(trade, upper=seller.upper + np.array([0, 1e-12])),
        mo.ex_ante_efficiency(trade, (1, 1 - 1e-12)),
        mo.minimum_subsidy(trade),
        mo.ex_post_efficiency(trade),
        *(
            dataclasses.replace(problem, **{name: "none"})
            for name in ("incentives", "participation")
        ),
        dataclasses.replace(problem, budget="no-deficit"),
        problem.scaled(2.0),
    ]
    assert len({variant.fingerprint for variant in variants}) == len(variants)


def test_fingerprint_does_not_depend_on_how_the_problem_was_written():
    problem = mo.ex_ante_efficiency(FIXED["coins"])
    coin = mo.TypeSpace.finite([0, 1], ["0.5", 0.5])
    by_hand = mo.DesignProblem(
        mo.Environment((mo.Agent("seller", coin), mo.Agent("buyer", coin)), mo.Trade()),
        mo.Welfare((1, 1)),
        budget="balanced",
    )
    assert by_hand.fingerprint == problem.fingerprint


def content_of(problem, path):
    mo.save_solution(mo.solve(problem, "highs"), path)
    return json.loads(path.read_text())


def set_at(content, keys, value):
    content = copy.deepcopy(content)
    inner = content
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = value
    return content


AGENT = ("problem", "environment", "agents", 0)


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        ((*AGENT, "types", "mean"), {"type": "array", "values": [0.0, 1.0, 2.500001]}),
        ((*AGENT, "types", "mass"), {"type": "array", "values": [0.3, 0.4499999, 0.2500001]}),
        ((*AGENT, "name"), "owner"),
        (("problem", "budget"), "no-deficit"),
        (("problem", "objective", "weights"), [1.0, 0.999999]),
    ],
    ids=["type", "probability", "name", "budget", "weights"],
)
def test_changed_problem_under_a_saved_solution_is_caught(keys, value, path):
    content = content_of(mo.ex_ante_efficiency(small_trade()), path)
    altered = set_at(content, keys, value)
    if keys[-1] == "mean":
        for end in ("lower", "upper"):
            altered = set_at(altered, (*keys[:-1], end), value)
    path.write_text(json.dumps(altered))
    loaded = mo.load_solution(path)
    failed = [check.requirement for check in mo.audit(loaded.problem, loaded).failed]
    assert "the problem is the one that was solved" in failed


def test_solution_of_another_problem_is_caught(path):
    trade = small_trade()
    mo.save_solution(mo.solve(mo.ex_ante_efficiency(trade)), path)
    other = mo.ex_ante_efficiency(trade, (1, 0.5))
    failed = [check.requirement for check in mo.audit(other, mo.load_solution(path)).failed]
    assert failed[0] == "the problem is the one that was solved"


def small_trade():
    return mo.BilateralTrade(
        mo.TypeSpace.finite([0, 1, 2.5], [0.3, 0.45, 0.25]), mo.TypeSpace.finite([0.5, 2])
    )


# Hostile files


# Large arrays


@pytest.fixture(scope="module")
def large():
    """Return a solution over 1,000 types a side: the fewest whose arrays are written as bytes."""
    types = mo.TypeSpace.finite(np.arange(1_000.0))
    return mo.solve(mo.ex_ante_efficiency(mo.BilateralTrade(types, types)))


def test_large_arrays_are_written_once_and_come_back_as_they_were(large, path):
    mo.save_solution(large, path)
    loaded = mo.load_solution(path)
    assert loaded.unaltered
    assert loaded.problem == large.problem
    for name, values in large.duals.items():
        assert np.array_equal(loaded.duals[name], values)
    arrays = json.loads(path.read_text())["arrays"]
    mean = large.problem.environment.agents[0].types.mean
    text = base64.b64encode(mean.astype("<f8").tobytes()).decode()
    assert list(arrays.values()).count(text) == 1
    assert arrays[hashlib.sha256(mean.tobytes()).hexdigest()] == text


def _flipped(content):
    digest, text = next(iter(content["arrays"].items()))
    content["arrays"][digest] = text.replace(text[40], "B" if text[40] != "B" else "C", 1)


def _missing(content):
    content["arrays"].popitem()


def _more(content):
    content["arrays"]["0" * 64] = ""


def _no_text(content):
    content["arrays"] = dict.fromkeys(content["arrays"], 1)


@pytest.mark.parametrize("damage", [_flipped, _missing, _more, _no_text])
def test_damaged_arrays_are_refused_in_one_error(damage, large, path):
    mo.save_solution(large, path)
    content = json.loads(path.read_text())
    damage(content)
    path.write_text(json.dumps(content))
    with pytest.raises(InvalidInputError, match=r"solution\.json, arrays: a damaged array"):
        mo.load_solution(path)


def test_arrays_that_are_no_table_are_refused(large, path):
    mo.save_solution(large, path)
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, "arrays": [1]}))
    with pytest.raises(InvalidInputError, match="not a saved solution"):
        mo.load_solution(path)


def test_files_of_the_version_before_are_read(path):
    content = content_of(mo.ex_ante_efficiency(small_trade()), path)
    assert content.pop("arrays") == {}
    content["format_version"] = 3
    path.write_text(json.dumps({**content, "digest": digest_of(content)}))
    assert mo.load_solution(path).unaltered


GARBAGE = {
    "empty": "",
    "no JSON": "objective = 1",
    "a number": "17",
    "a list": "[]",
    "null": "null",
    "NaN": "NaN",
    "another object": '{"format": "something else"}',
    "another version": '{"format": "mechopt-solution", "format_version": 99}',
    "nothing but the format": '{"format": "mechopt-solution", "format_version": 1}',
    "nested lists": "[" * 100_000 + "]" * 100_000,
    "nested objects": '{"a":' * 100_000 + "1" + "}" * 100_000,
    "unfinished nesting": "[" * 100_000,
    "a number of 5000 digits": "1" * 5000,
}


@pytest.mark.parametrize("case", GARBAGE)
def test_file_that_is_no_solution_is_refused(case, path):
    path.write_text(GARBAGE[case])
    with pytest.raises(InvalidInputError, match="not a saved solution"):
        mo.load_solution(path)


def test_file_that_is_no_text_is_refused(path):
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidInputError, match="cannot read the file"):
        mo.load_solution(path)
    with pytest.raises(InvalidInputError, match="cannot read the file"):
        mo.load_solution(path.parent)
    with pytest.raises(InvalidInputError, match="cannot read the file"):
        mo.load_solution(path.parent / "missing.json")


def test_truncated_file_is_refused_wherever_it_ends(path):
    content_of(mo.ex_ante_efficiency(small_trade()), path)
    text = path.read_text()
    for end in range(0, len(text), max(1, len(text) // 60)):
        path.write_text(text[:end])
        with pytest.raises(InvalidInputError, match="not a saved solution"):
            mo.load_solution(path)


def places(value, keys=()):
    """Yield the keys of everything in nested lists and objects, the outermost first."""
    if keys:
        yield keys
    items = enumerate(value) if isinstance(value, list) else ()
    items = value.items() if isinstance(value, dict) else items
    for key, inner in items:
        yield from places(inner, (*keys, key))


WRONG = {
    "null": None,
    "number": 5,
    "negative number": -1.5,
    "text": "x",
    "true": True,
    "list": [1, 2],
    "empty list": [],
    "object": {"a": 1},
    "array": {"type": "array", "values": [1.0]},
    "infinite array": {"type": "array", "values": ["inf", 1.0]},
    "ragged array": {"type": "array", "values": [[1], [1, 2]]},
    "array without values": {"type": "array"},
    "outcome": {"type": "mechopt.Trade@1"},
    "name without a version": {"type": "Trade"},
    "newer version": {"type": "mechopt.Trade@2"},
    "unknown type": {"type": "mechopt.Bomb@1", "size": 1},
    "type that is a list": {"type": ["mechopt.Trade@1"]},
    "NaN": float("nan"),
    "infinity": float("inf"),
    "400 digits": 10**400,
    "array of 400 digits": {"type": "array", "values": [10**400]},
    "nesting": json.loads("[" * 900 + "]" * 900),
}


@pytest.mark.parametrize("turn", range(len(WRONG)), ids=list(WRONG))
@pytest.mark.parametrize("program", ["equal-weights", "ex-post-efficiency"])
def test_wrong_value_anywhere_is_refused_or_fails_the_audit_but_never_crashes(turn, program, path):
    solution = mo.solve(PROGRAMS[program](small_trade()), "highs", throw=False)
    mo.save_solution(solution, path)
    content = json.loads(path.read_text())
    wrong, crashes = list(WRONG.values())[turn], []
    for keys in some(list(places(content)), 16, turn):
        path.write_text(json.dumps(set_at(content, keys, wrong)))
        try:
            loaded = mo.load_solution(path)
            mo.audit(loaded.problem, loaded)
        except MechoptError:
            pass
        except Exception as error:
            crashes.append((keys, repr(error)))
    assert not crashes


def test_missing_key_is_refused_or_has_its_default_but_never_crashes(path):
    content = content_of(mo.ex_ante_efficiency(small_trade()), path)
    refused = set()
    for keys in places(content):
        *outer, last = keys
        shortened = copy.deepcopy(content)
        inner = shortened
        for key in outer:
            inner = inner[key]
        del inner[last]
        path.write_text(json.dumps(shortened))
        try:
            loaded = mo.load_solution(path)
            mo.audit(loaded.problem, loaded)
        except MechoptError:
            refused.add(keys)
    required = [(key,) for key in content] + [("problem", "environment"), ("problem", "objective")]
    assert set(required) <= refused


def test_infeasible_solution_comes_back_with_its_certificate(path):
    problem = mo.ex_post_efficiency(mo.BilateralTrade(uniform_types(6), uniform_types(6)))
    mo.save_solution(mo.solve(problem, throw=False), path)
    loaded = mo.load_solution(path)
    assert loaded.termination is Termination.INFEASIBLE
    assert loaded.dual_status is PointStatus.CERTIFICATE
    assert np.isnan(loaded.objective)
    assert mo.audit(problem, loaded).passed


def test_nothing_is_left_behind_if_a_solution_cannot_be_written(tmp_path):
    solution = mo.solve(mo.ex_ante_efficiency(small_trade()))
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "missing" / "solution.json", tmp_path / "folder"):
        with pytest.raises(InvalidInputError, match="cannot write the file"):
            mo.save_solution(solution, path)
    assert [entry.name for entry in tmp_path.rglob("*")] == ["folder"]
