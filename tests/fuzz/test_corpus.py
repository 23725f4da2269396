"""What searches found once: small inputs with their right answers, tried again every time.

A file holds either a ``trade`` or ``bargaining`` (types and masses of both sides, and the weights
or the chance to propose) with its exact ``optimum`` and the sign of its ``slack``; or ``words`` of
a command with the ``files`` that it reads, the ``status`` that it must end with, and numbers of its
JSON under ``says``.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

import mechopt as mo

from ..draws import some
from .contract import faults, run
from .exact_bargaining import ExactBargaining
from .exact_trade import ExactTrade
from .judge import ALLOWED, Ruling, Truth, judge_check, judge_solution
from .seeds import wanted
from .simplex import fraction
from .verdicts import findings_on_prices

CORPUS = Path(__file__).parent / "corpus"
CASES = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(CORPUS.glob("*.json"))}
PROBLEMS = {name: case for name, case in CASES.items() if "optimum" in case}
TRADES = {name: case for name, case in PROBLEMS.items() if "trade" in case}
COMMANDS = {name: case for name, case in CASES.items() if "words" in case}
BACKENDS = {"trade": ("direct", "highs", "cvxpy", "pyomo"), "bargaining": ("highs", "cvxpy")}
ALWAYS_DECIDE = ("direct", "check")


def problem_of(case):
    """Return the package's problem of a case."""
    sides = [mo.TypeSpace.finite(*side) for side in case.get("trade", case.get("bargaining"))]
    if "trade" in case:
        return mo.ex_ante_efficiency(mo.BilateralTrade(*sides), case.get("weights", [1.0, 1.0]))
    bargaining = mo.Bargaining(*sides, case["chance"])
    options = {name: case[name] for name in ("verifiable", "own_bound") if name in case}
    return mo.peski2024.best_for_player_1(bargaining, **options)


def test_everything_in_the_corpus_is_a_case():
    assert CASES
    assert set(PROBLEMS) | set(COMMANDS) == set(CASES)


@pytest.mark.parametrize("name", PROBLEMS)
def test_answers_are_what_the_simplex_method_says(name):
    case, problem = PROBLEMS[name], problem_of(PROBLEMS[name])
    if "trade" in case:
        exact = ExactTrade.of(problem.environment)
        value = exact.second_best(problem.objective.weights)
        slack = exact.slack
        assert (slack > 0) - (slack < 0) == case["slack"]
    else:
        exact = ExactBargaining.of(problem.environment)
        value = exact.value(
            own_bound=case.get("own_bound", True), verifiable=case.get("verifiable", False)
        )
    assert fraction(value) == Fraction(case["optimum"])


@pytest.mark.parametrize("name", PROBLEMS)
def test_problems_have_their_right_answers(name):
    if not wanted("corpus"):
        pytest.skip("FUZZ_FAMILIES=corpus runs this")
    case, problem = PROBLEMS[name], problem_of(PROBLEMS[name])
    kind = "trade" if "trade" in case else "bargaining"
    unit = max(problem.objective.weights) if kind == "trade" else 1
    exact = (ExactTrade if kind == "trade" else ExactBargaining).of(problem.environment)
    truth = Truth(Fraction(case["optimum"]), fraction(exact.first_best), Fraction(unit))
    found = []
    first, *others = BACKENDS[kind]
    for backend in (first, *some(others, 2, start=list(PROBLEMS).index(name))):
        solution = mo.solve(problem, backend, throw=False)
        findings = judge_solution(problem, solution, mo.audit(problem, solution), truth)
        found += [(backend, finding) for finding in findings]
    if kind == "trade":
        answer = mo.check_ex_post_efficiency(problem.environment)
        found.append(("check", judge_check(problem.environment, answer)))
    # These are hard cases: a solver in floating point may say that it found no optimum.
    bad = [
        f"{source}: {finding.verdict} {finding.ruling.value}: {finding.detail}"
        for source, finding in found
        if finding.wrong or (finding.ruling is Ruling.UNDECIDED and source in ALWAYS_DECIDE)
    ]
    assert not bad, f"{case['what']}\n" + "\n".join(bad)


@pytest.mark.parametrize("name", TRADES)
def test_prices_are_the_best_of_all(name):
    if not wanted("corpus-prices"):
        pytest.skip("FUZZ_FAMILIES=corpus-prices runs this")
    found = findings_on_prices(problem_of(TRADES[name]).environment)
    bad = [
        f"{source}: {finding.verdict} {finding.ruling.value}: {finding.detail}"
        for source, findings in found.items()
        for finding in findings
        if finding.ruling is not Ruling.RIGHT
    ]
    assert not bad, f"{TRADES[name]['what']}\n" + "\n".join(bad)


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_end_as_they_must(name, tmp_path):
    if not wanted("corpus"):
        pytest.skip("FUZZ_FAMILIES=corpus runs this")
    case = COMMANDS[name]
    for file, content in case["files"].items():
        (tmp_path / file).write_bytes(content.encode("utf-8"))
    outcome = run(*case["words"], folder=tmp_path)
    assert faults(outcome) == []
    assert outcome.status == case["status"], outcome.errors
    for key, value in case.get("says", {}).items():
        said = json.loads(outcome.output)[key]
        if isinstance(value, bool):
            assert said is value
        else:
            assert abs(Fraction(said) - Fraction(value)) <= ALLOWED * abs(Fraction(value)), key
