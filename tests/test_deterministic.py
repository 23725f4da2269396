"""Mechanisms without lotteries: enumeration, honest statuses, refusals, files."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog

import mechopt as mo
from mechopt._util.saving import decode, encode
from mechopt.backends import explain
from mechopt.cli.main import main
from mechopt.environments import Procurement
from mechopt.instances import instance_from_document
from mechopt.problem.deterministic import Deterministic
from mechopt.report.solved import solve_instance
from mechopt.saved import saved_classes
from mechopt.solution import PointStatus, Termination

REFERENCE = json.loads(
    (Path(__file__).parent / "oracles" / "reference.json").read_text(encoding="utf-8")
)
GOODS = {
    case["id"]: (case["inputs"]["types"], case["inputs"]["probabilities"], case["exact"])
    for case in REFERENCE
    if case["kind"] == "several-goods-finite" and "deterministic" in case["exact"]
}
# By hand, in instances/examples/two_goods.toml: prices of 3 and 2 earn 7/3, a lottery 5/2.
GOODS["a lottery is best"] = ([[1, 0], [0, 2], [3, 3]], None, {"deterministic": "7/3"})

# Outcome by own type. After Conitzer and Sandholm (2002), hers, his, a museum's or burned:
# 108/5 by enumeration of 256 rules. Two voters and three alternatives: 7/2 by enumeration of 81.
PAINTING = (
    ([[2, 100], [0, 0], [1, 50], [-10, -10]], [[0, 0], [2, 100], [1, 50], [-10, -10]]),
    [["16/25", "4/25"], ["4/25", "1/25"]],
    Fraction(108, 5),
)
VOTE = (
    ([[3, 0], [0, 1], [2, 2]], [[0, 2], [3, 1], [1, 0]]),
    [["1/4", "1/4"], ["1/4", "1/4"]],
    Fraction(7, 2),
)


def sale(types, probabilities=None, **required):
    buyer = mo.Goods(types, probabilities)
    return mo.DesignProblem(
        buyer, mo.Revenue(), budget="subsidised", deterministic=True, **required
    )


def certified(problem, **options):
    solution = mo.solve(problem, **options)
    mo.audit(problem, solution).raise_if_failed()
    values = solution.mechanism.allocation.dense(problem.environment)
    assert set(np.unique(values)) <= {0.0, 1.0}
    return solution


def vote(case):
    (first, second), prior, expected = case
    names = [f"outcome_{k}" for k in range(len(first))]
    environment = mo.Alternatives(
        names, {"ann": ["a", "b"], "bob": ["a", "b"]}, {"ann": first, "bob": second}, prior=prior
    )
    without_money = mo.DesignProblem(
        environment,
        mo.Welfare(),
        incentives="dominant",
        participation="none",
        requirements=[mo.PaymentLimit(0)],
        deterministic=True,
    )
    return without_money, expected


@pytest.mark.parametrize("name", GOODS)
def test_menus_without_lotteries(name):
    types, probabilities, exact = GOODS[name]
    expected = float(Fraction(exact["deterministic"]))
    solution = certified(sale(types, probabilities))
    assert solution.objective == pytest.approx(expected, abs=1e-8)
    assert solution.bound == pytest.approx(expected, abs=1e-8)
    assert (solution.duals, solution.dual_status) == ({}, PointStatus.NONE)


@pytest.mark.parametrize("case", [PAINTING, VOTE], ids=["painting", "vote"])
def test_rules_without_money_are_the_best_of_all(case):
    (first, second), prior, expected = case
    ann, bob = np.array(first), np.array(second)
    chances = [[Fraction(p) for p in row] for row in prior]
    best = None
    for rule in itertools.product(range(len(first)), repeat=4):
        at = np.reshape(rule, (2, 2))
        truthful = all(
            ann[at[k, other], k] >= ann[at[1 - k, other], k]
            and bob[at[other, k], k] >= bob[at[other, 1 - k], k]
            for k in range(2)
            for other in range(2)
        )
        if truthful:
            worth = sum(
                chances[k][m] * int(ann[at[k, m], k] + bob[at[k, m], m])
                for k in range(2)
                for m in range(2)
            )
            best = worth if best is None else max(best, worth)
    assert best == expected
    problem, _ = vote(case)
    assert certified(problem).objective == pytest.approx(float(expected), abs=1e-8)


def test_random_menus_are_the_best_of_all_allocations():
    rng = np.random.default_rng(3)
    for _ in range(3):
        types, mass = rng.integers(0, 6, (3, 2)) + rng.random((3, 2)), rng.dirichlet(np.ones(3))
        best = -np.inf
        for sets in itertools.product(range(4), repeat=3):
            gets = np.array([[each // 2, each % 2] for each in sets])
            worth = types @ gets.T
            pairs = [(k, r) for k in range(3) for r in range(3) if k != r]
            rows, limits = np.zeros((9, 3)), np.zeros(9)
            for row, (k, r) in enumerate(pairs):
                rows[row, k], rows[row, r] = 1.0, -1.0
                limits[row] = worth[k, k] - worth[k, r]
            rows[6:], limits[6:] = np.eye(3), np.diag(worth)
            found = linprog(-mass, A_ub=rows, b_ub=limits, bounds=(None, None))
            best = max(best, -found.fun if found.status == 0 else -np.inf)
        assert certified(sale(types, mass)).objective == pytest.approx(best, abs=1e-8)


def test_trade_without_lotteries_and_its_least_subsidy():
    six = mo.TypeSpace.finite([1, 2, 3, 4, 5, 6])
    trade = mo.DesignProblem(mo.BilateralTrade(six, six), mo.Welfare(), deterministic=True)
    solution = certified(trade)
    assert solution.provenance.backend == "highs"
    # The best lottery of six types leaves one profile to chance.
    lotteries = mo.solve(replace(trade, deterministic=False))
    assert solution.objective <= lotteries.objective + 1e-9
    # What is minimised has a bound from below, in any unit of money.
    least = trade.subsidised().scaled(1024.0)
    found = certified(least)
    assert found.objective == pytest.approx(-1024 * 7 / 18, abs=1e-5)
    assert abs(found.gap) <= 1e-6 * found.problem.objective_scale


def test_a_search_that_is_cut_short_has_a_gap_and_is_no_optimum():
    rng = np.random.default_rng(0)
    problem = sale(rng.integers(0, 9, (12, 3)) + rng.random((12, 3)))
    nothing = mo.solve(problem, throw=False, mip_max_nodes=0)
    assert (nothing.termination, nothing.mechanism) == (Termination.LIMIT, None)
    with pytest.raises(mo.errors.NotOptimalError, match="undecided"):
        mo.solve(problem, mip_max_nodes=0)
    first = mo.solve(problem, throw=False, mip_max_improving_sols=1)
    mo.audit(problem, first).raise_if_failed()
    if first.termination is not Termination.OPTIMAL:
        assert "search claims a bound of" in explain(first)
    # Whatever a version of HiGHS finds first, it is an optimum only without a gap.
    assert (first.termination is Termination.OPTIMAL) == (first.gap <= 1e-6 * first.objective)
    assert first.bound >= certified(problem).objective - 1e-7


def test_what_lotteries_alone_can_do_is_not_called_infeasible():
    six = mo.TypeSpace.finite([1, 2, 3, 4, 5, 6])
    often = mo.EventProbability("trade", at_least=0.3, at_most=0.301)  # no multiple of 1/36
    problem = mo.DesignProblem(
        mo.BilateralTrade(six, six), mo.Welfare(), requirements=[often], deterministic=True
    )
    with pytest.raises(mo.errors.NotOptimalError, match="lotteries may do it") as caught:
        mo.solve(problem)
    assert caught.value.solution.termination is Termination.LIMIT
    never = replace(problem, requirements=[mo.EventProbability("trade", at_least=0.9)])
    certificate = mo.solve(never, throw=False)
    assert certificate.dual_status is PointStatus.CERTIFICATE
    assert mo.audit(never, certificate).passed


def test_a_lottery_fails_the_audit_and_so_does_a_bound_that_is_beaten():
    problem = sale([[1, 0], [0, 2], [3, 3]])
    solution = certified(problem)
    with_lotteries = mo.solve(replace(problem, deterministic=False))
    assert "no lotteries: BROKEN by 0.5" in str(mo.audit(problem, with_lotteries.mechanism))
    for bound in (2.0, 2.5):
        assert not mo.audit(problem, replace(solution, bound=bound)).passed


def test_a_problem_without_it_is_saved_as_before():
    problem = sale([[1, 0], [0, 2]])
    lotteries = replace(problem, deterministic=False)
    assert "deterministic" in encode(problem)
    assert "deterministic" not in encode(lotteries)
    assert len({problem.fingerprint, lotteries.fingerprint}) == 2
    for each in (problem, lotteries):
        assert decode(encode(each), saved_classes()) == each
    with pytest.raises(mo.InvalidInputError, match="deterministic=True"):
        replace(problem, requirements=[Deterministic()])


def test_what_cannot_take_whole_numbers_says_so(tmp_path):
    problem = sale([[1, 0], [0, 2]])
    for backend in ("direct", "cvxpy", "pyomo"):
        with pytest.raises(mo.MechoptError, match="does not take deterministic problems"):
            mo.solve(problem, backend)
    for refused in (mo.exact_optimum, mo.backends.Cvxpy().build, mo.backends.Pyomo().build):
        with pytest.raises(mo.MechoptError, match="Leave deterministic out"):
            refused(problem)
    for suffix in ("cbf", "nl"):
        with pytest.raises(mo.MechoptError, match="without whole numbers"):
            mo.export(problem, tmp_path / f"model.{suffix}")
    assert list(tmp_path.iterdir()) == []
    costs = mo.TypeSpace.finite([1, 2])
    for benefit in ({"form": "sqrt"}, [(1, 3)]):
        with pytest.raises(mo.InvalidInputError, match="outcomes that are more than lotteries"):
            mo.DesignProblem(
                Procurement(costs, benefit), mo.Revenue(), budget="no-deficit", deterministic=True
            )
    product = replace(problem, objective=mo.NashProduct())
    with pytest.raises(mo.MechoptError, match="without logarithms"):
        mo.solve(product, "highs")


DOCUMENT = {
    "environment": {"kind": "goods", "types": [[1, 0], [0, 2], [3, 3]]},
    "problem": {"objective": "revenue", "budget": "subsidised", "deterministic": True},
}


def test_a_file_asks_for_it_and_its_solution_comes_back(tmp_path, capsys):
    report = solve_instance(instance_from_document(DOCUMENT, "goods.toml"))
    assert report.record()["objective"] == pytest.approx(7 / 3)
    text = mo.summary(report.solution)
    assert "required: no lotteries; not required: a balanced budget" in " ".join(text.split())
    assert "claimed by the search for the objective, gap 0 up to rounding" in text
    mo.save_solution(report.solution, tmp_path / "menu.json")
    assert main(["verify", str(tmp_path / "menu.json")]) == 0
    assert "no multipliers prove what whole numbers allow" in capsys.readouterr().out


@pytest.mark.parametrize("suffix", ["mps", "lp"])
def test_exported_whole_numbers_are_solved_by_others_and_taken_back(suffix, tmp_path):
    import highspy

    model, _ = mo.export(sale([[1, 0], [0, 2], [3, 3]]), tmp_path / f"menu.{suffix}")
    solver = highspy.Highs()
    solver.silent()
    solver.readModel(str(model))
    kinds = [str(kind) for kind in solver.getLp().integrality_]
    assert sum("kInteger" in kind for kind in kinds) == 6
    solver.run()
    assert -solver.getObjectiveValue() == pytest.approx(7 / 3, abs=1e-6)
    solver.writeSolution(str(tmp_path / "menu.sol"), 0)
    found = mo.import_solution(model, tmp_path / "menu.sol")
    assert found.termination is Termination.OPTIMAL
    assert found.objective == pytest.approx(7 / 3, abs=1e-6)
    mo.audit(found.problem, found).raise_if_failed()
