"""Auctions: outcomes, closed forms, every backend, reports, files."""

from __future__ import annotations

import itertools
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt.environments import IdenticalGoods
from mechopt.environments.ranking import chances_to_be_first, first_by_value
from mechopt.instances import instance_from_document
from mechopt.report.auction import reserves, revenue_of
from mechopt.report.solved import solve_instance
from mechopt.testing import check_outcomes
from mechopt.verify.sampled import sampled_quantity_checks
from tests.draws import drawn

REFERENCE = {
    case["id"]: case
    for case in json.loads(
        (Path(__file__).parent / "oracles" / "reference.json").read_text(encoding="utf-8")
    )
}
FINITE = [name for name, case in REFERENCE.items() if case["kind"] == "auction-finite"]
PRESCRIBED = [name for name, case in REFERENCE.items() if case["kind"] == "efficient-revenue"]
BACKENDS = ("direct", "highs", "cvxpy", "pyomo")


def revenue(auction, weight=0.0):
    """Return the problem of the largest profit, with a weight of the bidders' utilities."""
    objective = mo.Revenue()
    if weight:
        objective = objective + weight * mo.Welfare((1.0,) * len(auction.agents))
    return mo.DesignProblem(auction, objective, budget="subsidised")


def auction_of(inputs):
    bidders = [mo.TypeSpace.finite(b["types"], b["probabilities"]) for b in inputs["bidders"]]
    units, value = inputs.get("units", 1), inputs.get("seller_value", "0")
    return mo.Auction(bidders, units=units, seller_value=value)


def certified(problem, backend=None):
    solution = mo.solve(problem, backend)
    assert mo.audit(problem, solution).passed, str(mo.audit(problem, solution))
    return solution


@pytest.mark.parametrize(
    ("bidders", "units", "cost"),
    [(1, 1, 0.0), (2, 1, 0.5), (3, 1, 0.0), (3, 2, -0.25), (4, 2, Fraction(1, 3)), (3, 5, 0.3)],
)
def test_outcomes_are_what_they_declare(bidders, units, cost):
    check_outcomes(IdenticalGoods(bidders, units, cost), draws=8)


@pytest.mark.parametrize("number", [2, 3, 17, 20])
def test_ranking_is_that_of_sorted_values(number):
    rng = np.random.default_rng(number)
    values = rng.integers(-1, 4, (number, 60)).astype(float)
    for units, least in itertools.product((1, 2, number - 1, number + 1), (-2.0, 0.0, 1.5)):
        found = first_by_value(list(values), units, least)
        for column, chosen in zip(values.T, found.T, strict=True):
            above = [i for i in range(number) if column[i] > least]
            first = sorted(above, key=lambda i, column=column: (-column[i], i))[:units]
            assert np.flatnonzero(chosen).tolist() == sorted(first)


def test_chances_of_many_agents_are_binomial_where_no_values_are_equal():
    # Of 40 bidders with uniform values, others above the k-th of 1,000 cells, ties apart.
    number, units, size = 40, 7, 1_000
    levels = (np.arange(size) + 0.5) / size
    masses = [np.full(size, 1 / size)] * number
    # Values that differ by a hair between agents, so that the first is ahead throughout.
    values = [levels - 1e-9 * i for i in range(number)]
    chances = chances_to_be_first(values, masses, units, 0.0)
    first = stats.binom.cdf(units - 1, number - 1, 1 - (np.arange(size) + 1) / size)
    last = stats.binom.cdf(units - 1, number - 1, 1 - np.arange(size) / size)
    np.testing.assert_allclose(chances[0], first, atol=1e-12)
    np.testing.assert_allclose(chances[-1], last, atol=1e-12)


@pytest.mark.parametrize("name", FINITE)
def test_finite_auctions_have_the_profit_that_enumeration_gives(name):
    case = REFERENCE[name]
    auction = auction_of(case["inputs"])
    problem = revenue(auction, float(Fraction(case["inputs"]["utility_weight"])))
    expected = float(Fraction(case["exact"]["objective"]))
    for backend in BACKENDS:
        assert certified(problem, backend).objective == pytest.approx(expected, abs=1e-8)
    assert certified(problem, "direct").objective == pytest.approx(expected, abs=1e-12)
    assert mo.exact_optimum(problem).objective == Fraction(case["exact"]["objective"])
    first_best = float(Fraction(case["exact"]["first_best"]))
    assert auction.first_best == pytest.approx(first_best, abs=1e-12)


@pytest.mark.parametrize("name", PRESCRIBED)
def test_revenue_of_the_efficient_rule(name):
    case = REFERENCE[name]
    problem = mo.minimum_subsidy(auction_of(case["inputs"]))
    for backend in (None, "highs"):
        revenue_found = -certified(problem, backend).objective
        assert revenue_found == pytest.approx(float(Fraction(case["exact"]["revenue"])), abs=1e-9)


def test_least_utility_is_the_largest_revenue_a_head():
    auction = auction_of(REFERENCE["maxmin-2-six"]["inputs"])
    problem = mo.DesignProblem(auction, mo.LeastUtility(), budget="no-deficit")
    assert certified(problem).objective == pytest.approx(29 / 18, abs=1e-9)


def test_cells_where_the_highest_lies_converge_with_the_square_of_their_number():
    exact, errors = 1_000 / 501 * (1 - 2.0**-501) - 1, []
    for size in (100, 200):
        types = mo.TypeSpace.from_distribution(stats.uniform(0, 1), size, highest_of=500)
        solution = mo.solve(revenue(mo.Auction(types, count=500)))
        errors.append(exact - solution.objective)
        assert abs(solution.gap) <= 1e-11
    assert 0 < errors[1] < 1e-6
    assert 1.7 < np.log2(errors[0] / errors[1]) < 2.3
    # More agents than an array has axes are audited in profiles that are drawn.
    coarse = mo.TypeSpace.from_distribution(stats.uniform(0, 1), 20, highest_of=20)
    certified(revenue(mo.Auction(coarse, count=70, units=3)))


def test_auto_cells_of_an_auction_lie_where_the_highest_bidder_is():
    prior = {"distribution": "uniform", "cells": "auto", "count": 12}
    document = {
        "environment": {"kind": "auction", "bidders": [prior]},
        "problem": {"objective": "ex-ante-efficiency", "relative_width": 1e-3},
    }
    problem = instance_from_document(document, "many.toml").refined().problem
    mass = problem.environment.agents[0].types.mass
    assert mass[-1] < 0.1 / len(mass)
    assert mo.solve(problem).objective == pytest.approx(12 / 13, abs=1e-4)


def random_auction(seed):
    """Return an auction of irregular bidders, with a random objective."""
    rng = np.random.default_rng(seed)
    bidders = []
    for _ in range(int(rng.integers(1, 4))):
        size = int(rng.integers(1, 6))
        types = np.sort(rng.choice(np.arange(-10, 40), size, replace=False)) / 10
        bidders.append(mo.TypeSpace.finite(types, rng.dirichlet(np.full(size, 0.7)) + 0.0))
    units = int(rng.integers(1, 3))
    auction = mo.Auction(bidders, units=units, seller_value=float(rng.integers(-4, 12)) / 10)
    if seed % 3 == 0:
        return mo.ex_ante_efficiency(auction, tuple(rng.uniform(0.1, 1.0, len(bidders))))
    return revenue(auction, weight=0.0 if seed % 3 == 1 else float(rng.uniform(0.1, 1.0)))


@pytest.mark.parametrize("seed", drawn(30, 5))
def test_every_backend_agrees_on_irregular_bidders(seed):
    problem = random_auction(seed)
    scale = max(problem.environment.first_best, 1.0)
    found = {name: certified(problem, name).objective for name in BACKENDS}
    assert found["highs"] == pytest.approx(found["direct"], abs=1e-9 * scale)
    for name in ("cvxpy", "pyomo"):
        assert found[name] == pytest.approx(found["direct"], abs=1e-7 * scale), name


def test_a_hundred_thousand_types_each_take_no_array_over_the_profiles():
    laws = (stats.uniform(0, 1), stats.beta(0.5, 0.5), stats.truncexpon(3))
    bidders = [mo.TypeSpace.from_distribution(law, 20_000) for law in laws]
    problem = revenue(mo.Auction(bidders, seller_value=0.2))
    solution = certified(problem)
    coarse = [mo.TypeSpace.from_distribution(law, 500) for law in laws]
    near = mo.solve(revenue(mo.Auction(coarse, seller_value=0.2))).objective
    assert solution.objective == pytest.approx(near, abs=1e-5)
    moved = solution.mechanism.quantity[1] + 0.05
    spoilt = mo.Mechanism(
        problem.environment, solution.mechanism.allocation, solution.mechanism.payment
    )
    spoilt.__dict__["quantity"] = (solution.mechanism.quantity[0], moved, *spoilt.quantity[2:])
    checks = list(sampled_quantity_checks(spoilt, 1e-9))
    assert [check.passed for check in checks] == [True, False, True]


def test_very_many_ways_to_give_units_away_are_not_listed():
    goods = IdenticalGoods(100, 50)
    with pytest.raises(mo.errors.TooLargeError, match="ways"):
        _ = goods.vertices


def test_exact_values_of_the_seller_stay_exact():
    types = mo.TypeSpace.finite([0, 1], ["1/2", "1/2"])
    problem = revenue(mo.Auction(types, count=2, seller_value="1/3"))
    assert mo.exact_optimum(problem).objective == Fraction(3, 4) * Fraction(2, 3)
    dear = mo.exact_optimum(
        mo.DesignProblem(problem.environment.scaled(3), mo.Revenue(), budget="subsidised")
    )
    assert dear.objective == Fraction(3, 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"count": 0}, "count: not a number of agents or units"),
        ({"count": 2.0}, "count: not a number of agents or units"),
        ({"count": 2, "units": 0}, "units: not a number of agents or units"),
        ({"count": 2, "seller_value": float("nan")}, "seller_value: not what a unit is worth"),
        ({"count": 2, "seller_value": "much"}, "seller_value: not what a unit is worth"),
    ],
)
def test_auctions_that_cannot_be(arguments, message):
    with pytest.raises(mo.InvalidInputError, match=message):
        mo.Auction(mo.TypeSpace.finite([0, 1]), **arguments)


def test_a_count_beside_a_list_is_refused():
    types = mo.TypeSpace.finite([0, 1])
    with pytest.raises(mo.InvalidInputError, match="a count beside a list of bidders"):
        mo.Auction([types, types], count=2)
    with pytest.raises(mo.InvalidInputError, match="num_agents"):
        mo.Auction([])


def document(**environment):
    bidders = [{"count": 2, "types": [1, 2, 3, 4, 5, 6]}]
    table = {"kind": "auction", "bidders": bidders, **environment}
    return {"environment": table, "problem": {"objective": "revenue"}}


def test_a_report_says_what_one_asks_of_an_auction(capsys):
    report = solve_instance(instance_from_document(document(seller_value="1/2"), "six.toml"))
    record = report.record()
    assert record["reserve"] == {"bidder_1": 4.0, "bidder_2": 4.0}
    assert record["probability_of_sale"] == pytest.approx(0.75)
    assert record["revenue"] - 0.5 * 0.75 == pytest.approx(record["objective"])
    text = mo.summary(report.solution)
    for part in (
        "the good goes to the largest virtual value, above the seller's 0.5",
        "probability of sale",
        "reserve price",
        "bidder 1       6                6",
        "2.84722 net of the seller's value",
        "2.84722    revenue, less the cost of outcomes",
    ):
        assert part in text, part


def test_a_report_of_units_counts_them():
    report = solve_instance(instance_from_document(document(units=2), "six.toml"))
    record = report.record()
    assert record["probability_of_sale"] is None
    assert record["units_sold"] == pytest.approx(1.0)
    assert revenue_of(report.solution.mechanism) == pytest.approx(record["objective"])
    assert "the 2 units go to the largest of all by virtual value" in mo.summary(report.solution)


def test_the_efficient_auction_needs_no_outside_money():
    auction = auction_of(REFERENCE["auction-3-irregular"]["inputs"])
    check = mo.check_ex_post_efficiency(auction)
    assert check.implementable
    assert check.certificate.verified


def test_a_crowd_of_bidders_has_the_reserve_of_each():
    # Virtual values of uniform types do not know how many others there are.
    cells = mo.TypeSpace.from_distribution(stats.uniform(0, 1), 10)
    solution = mo.solve(
        mo.DesignProblem(mo.Auction(cells, count=100), mo.Revenue(), budget="no-deficit")
    )
    assert set(reserves(solution.mechanism).values()) == {0.5}


def test_chances_too_small_to_be_drawn_are_no_fault_of_a_mechanism():
    # Ties go to the first: the 18th bidder wins with a chance of 0.4 (3/5)^17, and is never drawn.
    crowd = [mo.TypeSpace.finite([1, 2, 3], [0.3, 0.3, 0.4])] * 30
    problem = mo.DesignProblem(
        mo.Auction(crowd, seller_value=0.75), mo.Revenue(), budget="no-deficit"
    )
    solution = mo.solve(problem)
    assert solution.objective == pytest.approx(2.25 * (1 - 0.6**30), rel=1e-12)
    assert mo.audit(problem, solution).passed


def test_bidders_of_one_type_each_are_as_many_as_one_likes():
    # One profile, but no array has seventy axes.
    crowd = [mo.TypeSpace.finite([1])] * 70
    problem = mo.DesignProblem(
        mo.Auction([*crowd, mo.TypeSpace.finite([1, 2])]), mo.Revenue(), budget="no-deficit"
    )
    solution = mo.solve(problem)
    assert solution.objective == pytest.approx(1.5)
    assert mo.audit(problem, solution).passed
    with pytest.raises(mo.MechoptError, match="the linear program over the type profiles of 71"):
        mo.solve(problem, "highs")
    with pytest.raises(mo.MechoptError, match="an exact optimum over the type profiles of 71"):
        mo.exact_optimum(problem)
