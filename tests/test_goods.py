"""Several goods and one buyer: the best menu, simple ones, and very many types."""

from __future__ import annotations

import itertools
import json
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

import mechopt as mo
from mechopt.backends import pair_rows
from mechopt.cli.main import main
from mechopt.environments import SeveralGoods
from mechopt.instances import instance_from_document
from mechopt.mechanism.mechanism import Mechanism
from mechopt.report.menu import menu
from mechopt.studies.simple_prices import one_price, price_of_the_bundle, separate_prices
from mechopt.testing import check_outcomes

from .oracles import cases
from .oracles.direct_lp import optimum

BACKENDS = ("highs", "cvxpy", "pyomo")
LOTTERY = [(1, 0), (0, 2), (3, 3)]


def sale(types, probabilities=None, demand="additive", **required):
    """Return the problem of the largest revenue."""
    environment = mo.Goods(types, probabilities, demand)
    return mo.DesignProblem(environment, mo.Revenue(), budget="subsidised", **required)


# Types, revenue, that of separate prices, and of a price of all together; Hart and Nisan (2017).
SALES = {
    "a lottery is best": (LOTTERY, Fraction(5, 2), Fraction(7, 3), 2),
    "0, 1 or 2 each": (list(product(range(3), repeat=2)), Fraction(13, 9), *[Fraction(4, 3)] * 2),
    "1 or 2 each": (list(product((1, 2), repeat=2)), Fraction(9, 4), 2, Fraction(9, 4)),
    "0 or 1 each": (list(product((0, 1), repeat=2)), 1, 1, Fraction(3, 4)),
    "three goods": (list(product((0, 1), repeat=3)), Fraction(3, 2), Fraction(3, 2), None),
    "one high, one low": ([(1, 3), (2, 2), (3, 1)], 4, Fraction(8, 3), 4),
}


def test_outcomes_are_what_they_declare():
    for count, demand in ((1, "additive"), (3, "additive"), (3, "unit")):
        check_outcomes(SeveralGoods(count, demand))
    check_outcomes(mo.Goods(LOTTERY, demand="unit"))


@pytest.mark.parametrize("number", range(len(SALES)), ids=list(SALES))
def test_known_revenues(number):
    types, revenue, separate, bundle = list(SALES.values())[number]
    problem = sale(types)
    solution = mo.solve(problem, BACKENDS[number % 3])
    assert solution.objective == pytest.approx(float(revenue), abs=1e-8)
    assert solution.bound == pytest.approx(float(revenue), abs=1e-8)
    mo.audit(problem, solution).raise_if_failed()
    assert mo.exact_optimum(problem).objective == revenue
    for simple, expected in (
        (separate_prices(problem.environment), separate),
        (price_of_the_bundle(problem.environment), bundle),
    ):
        mo.audit(problem, simple.mechanism).raise_if_failed()
        assert simple.revenue == pytest.approx(problem.value(simple.mechanism), abs=1e-12)
        if expected is not None:
            assert simple.revenue == pytest.approx(float(expected), abs=1e-12)


def best_of_all_prices(values, mass):
    """Return the most that any vector of prices earns from a buyer with use for one good.

    Prices at which some type is indifferent between goods, or between one and nothing, are enough;
    the grid of halves has them all for values that are whole.
    """
    grid = np.arange(0.0, values.max() + 0.5, 0.5)
    best = 0.0
    for prices in itertools.product(grid, repeat=values.shape[1]):
        gains = values - prices
        most = np.maximum(gains.max(axis=1), 0.0)
        paid = np.where(gains >= most[:, None] - 1e-12, prices, -np.inf).max(axis=1)
        best = max(best, float(mass @ np.maximum(paid, 0.0)))
    return best


@pytest.mark.parametrize("demand", ["additive", "unit"])
@pytest.mark.parametrize("seed", range(4))
def test_random_sales_against_the_oracle(seed, demand, monkeypatch):
    """Rows that HiGHS gets one by one, and all at once, against all pairs by another solver."""
    rng = np.random.default_rng(seed)
    values = np.unique(rng.integers(0, 7, (9, 2 + seed % 2)), axis=0).astype(float)
    mass = rng.integers(1, 9, len(values)) / 8.0
    mass /= mass.sum()
    goods = values.shape[1]
    case = cases.make(
        "goods",
        (np.arange(len(values)),),
        mass,
        upper=np.ones(goods),
        rows=[(np.ones(goods), 1.0)] if demand == "unit" else [],
        worth=(values,),
        objective="subsidy",
        budget="free",
    )
    status, subsidy = optimum(case)
    assert status == "optimal"
    problem = sale(values, mass, demand)
    for few in (pair_rows.FEW_ROWS, 0):
        monkeypatch.setattr(pair_rows, "FEW_ROWS", few)
        monkeypatch.setattr(pair_rows, "NEAREST", 1)
        solution = mo.solve(problem, "highs")
        assert solution.objective == pytest.approx(-subsidy, abs=1e-8)
        assert solution.bound == pytest.approx(-subsidy, abs=1e-8)
        mo.audit(problem, solution).raise_if_failed()
    if demand == "unit":
        simple = one_price(problem.environment)
        mo.audit(problem, simple.mechanism).raise_if_failed()
        if goods == 2:
            assert simple.revenue <= best_of_all_prices(values, mass) + 1e-12 <= -subsidy + 1e-8


def test_hundreds_of_types():
    """225 types have 50,400 pairs; the limit of finer and finer grids is 0.5492."""
    grid = (np.arange(15) + 0.5) / 15
    problem = sale(np.array(list(product(grid, repeat=2))))
    solution = mo.solve(problem, "highs")
    mo.audit(problem, solution).raise_if_failed()
    assert solution.gap <= 1e-8
    assert 0.5492 < solution.objective < 0.5492 + 0.5 / 15
    # Some pair that binds is not of those that the solver was given first.
    binds = np.argwhere(solution.duals["buyer_ic_lower"] > 1e-9)
    values = problem.environment.worth[0][:, 0]
    apart = np.abs(values[binds[:, 0]] - values[binds[:, 1]]).max(axis=1)
    assert apart.max() > 2.5 / 15


def test_points_tend_to_the_square_as_their_distance():
    """Manelli and Vincent (2006), by the program over midpoints, which is too high: order one."""
    errors = []
    for size in (8, 16):
        grid = (np.arange(size) + 0.5) / size
        found = mo.solve(sale(np.array(list(product(grid, repeat=2)))), "highs").objective
        errors.append(found - (12 + 2 * 2**0.5) / 27)
    assert 0 < errors[1] < errors[0]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(1.0, abs=0.1)


def test_pairs_that_are_never_satisfied_are_found_out(monkeypatch):
    """Rows that wait count: participation at a high floor is infeasible with or without them."""
    monkeypatch.setattr(pair_rows, "FEW_ROWS", 0)
    floors = [mo.UtilityFloor("buyer", [0.5, 0.0, 0.0]), mo.PaymentLimit("1/4")]
    problem = sale(LOTTERY, requirements=floors)
    solution = mo.solve(problem, "highs", throw=False)
    mo.audit(problem, solution).raise_if_failed()
    monkeypatch.setattr(pair_rows, "FEW_ROWS", 10_000)
    again = mo.solve(problem, "highs", throw=False)
    assert solution.termination == again.termination
    assert solution.objective == pytest.approx(again.objective, abs=1e-9)


def test_the_menu():
    problem = sale(LOTTERY)
    entries = menu(mo.solve(problem).mechanism)
    found = [(*entry.outcome.round(6), round(entry.payment, 6), entry.types) for entry in entries]
    assert found == [(0.5, 0, 0.5, (0,)), (0, 1, 2, (1,)), (1, 1, 5, (2,))]
    assert sum(entry.probability for entry in entries) == pytest.approx(1.0)
    alike = menu(separate_prices(mo.Goods([(1, 0), (2, 0), (0, 0)])).mechanism)
    assert [entry.types for entry in alike] == [(2,), (0, 1)]


def test_the_audit_names_a_type_that_gains():
    problem = sale(LOTTERY)
    best = mo.solve(problem).mechanism
    for buyer, change, wanted in ((2, 0.01, "incentive"), (0, 0.01, "participation")):
        paid = best.ex_post_payments().copy()
        paid[0, buyer] += change
        changed = Mechanism.of_profiles(problem.environment, best.allocation, paid)
        failed = [str(check) for check in mo.audit(problem, changed).failed]
        assert any(wanted in words and problem.environment.agents[0].types.label(buyer) in words
                   for words in failed)  # fmt: skip


def test_what_the_command_says(capsys):
    assert main(["solve", "examples/two_goods", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["revenue"] == pytest.approx(2.5, abs=1e-8)
    assert record["menu"][0]["outcome"] == pytest.approx({"good_1": 0.5, "good_2": 0}, abs=1e-8)
    assert record["menu"][2]["types"] == ["(3, 3)"]
    assert main(["solve", "examples/two_goods"]) == 0
    text = capsys.readouterr().out
    assert "separate prices    revenue 2.33333 at 3 and 2, 93.33 % of it" in text
    assert "menu 1       0.5         0        0.5" in text


REFUSED = {
    "rows of unequal lengths": ({"types": [[1, 2], [3]]}, "rows of lengths"),
    "no types": ({"types": []}, "no rows"),
    "no goods": ({"types": [[]]}, "types"),
    "a type twice": ({"types": [[1, 2], [1, 2]]}, "two types are alike"),
    "a value that is no number": ({"types": [[1, "much"]]}, "types"),
    "a value that is not finite": ({"types": [[1, np.nan]]}, "types"),
    "probabilities of another sum": ({"probabilities": [0.5, 0.6]}, "sum to one"),
    "a probability too few": ({"probabilities": [1.0]}, "as many probabilities"),
    "another demand": ({"demand": "complements"}, '"additive" or "unit"'),
    "too many goods": ({"types": np.eye(13)}, "from 1 to 12 values"),
    "a label too few": ({"labels": ["low"]}, "labels"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name):
    changed, message = REFUSED[name]
    with pytest.raises(mo.InvalidInputError, match=message):
        mo.Goods(**{"types": [[1, 0], [0, 2]], **changed})


@pytest.mark.parametrize("priced", [separate_prices, price_of_the_bundle])
def test_prices_of_another_demand_are_refused(priced):
    with pytest.raises(mo.InvalidInputError, match="for whom these prices are made"):
        priced(mo.Goods(LOTTERY, demand="unit"))


def test_files():
    table = {"kind": "goods", "types": [["1/3", 0], [0, 2]], "demand": "unit"}
    text = {"environment": table, "problem": {"objective": "revenue"}}
    environment = instance_from_document(text, "goods.toml").problem.environment
    assert environment == mo.Goods([["1/3", 0], [0, 2]], demand="unit")
    table |= {"labels": ["a", "b"], "probabilities": ["1/3", "2/3"]}
    named = instance_from_document(text, "goods.toml").problem.environment
    assert named == mo.Goods([["1/3", 0], [0, 2]], ["1/3", "2/3"], "unit", ["a", "b"])


@pytest.mark.parametrize("objective", ["revenue", "welfare"])
def test_every_answer_says_that_types_are_finite(objective, tmp_path, capsys):
    """A grid of points is no cells of a continuum: nothing bounds what the continuum brings."""
    path = tmp_path / "goods.toml"
    path.write_text(
        '[environment]\nkind = "goods"\ntypes = [[1, 0], [0, 2], [3, 3]]\n'
        f'[problem]\nobjective = "{objective}"\nbudget = "subsidised"\n'
    )
    said = {}
    for command in (["solve"], ["solve", "--json"], ["compare"]):
        assert main([*command[:1], str(path), *command[1:]]) == 0
        said[" ".join(command)] = " ".join(capsys.readouterr().out.split())
    assert main(["report", str(path), "--output", str(tmp_path / "report.html")]) == 0
    capsys.readouterr()
    said["report"] = " ".join((tmp_path / "report.html").read_text().split())
    for command, text in said.items():
        assert "finite types: if they stand for a continuum, this is no bound" in text, command
