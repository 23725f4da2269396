"""Screening and procurement: closed forms, every backend, fractions, files, reports."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt.cli.main import main
from mechopt.environments import Procurement, Screening
from mechopt.instances import instance_from_document
from mechopt.report.solved import solve_instance

BACKENDS = ("direct", "highs", "cvxpy", "pyomo")
QUADRATIC = {"form": "quadratic"}


def certified(problem, backend=None):
    solution = mo.solve(problem, backend)
    assert mo.audit(problem, solution).passed, str(mo.audit(problem, solution))
    assert solution.gap >= -1e-9 * problem.objective_scale
    return solution


def profit(environment, weight=0):
    objective = mo.Revenue() + weight * mo.Welfare() if weight else mo.Revenue()
    return mo.DesignProblem(environment, objective, budget="subsidised")


def uniform(cells):
    return mo.TypeSpace.from_distribution(stats.uniform(0, 1), cells)


# Mussa and Rosen (1978): (2, 3) sells qualities 1 and 3. A list of three, by hand: virtual values
# are -4, 4/3 and 3, so types 2 and 3 get 1 and 3, and (1/2)(4/3 - 1/2) + (1/3)(9 - 9/2) = 23/12.
# GAMS model library, PARTSSUPPLY (Hashimoto, Hamada and Hosoe 2012): the sum of p/(4 z) over ironed
# virtual costs z; the second needs ironing. Two suppliers of 3/2 at most: by enumeration, below.
COSTS = mo.TypeSpace.finite([1, "3/2", 2])
FIGURES = {
    "mussa-rosen-two-2-3": (Screening(mo.TypeSpace.finite([2, 3]), QUADRATIC), "5/2"),
    "three qualities": (
        Screening(
            mo.TypeSpace.finite([1, 2, 3], ["1/6", "1/2", "1/3"]),
            [(0, 0), (1, "1/2"), (2, 2), (3, "9/2")],
        ),
        "23/12",
    ),
    "parts-supply-3": (
        Procurement(mo.TypeSpace.finite([".1", ".2", ".3"], [".2", ".5", ".3"]), {"form": "sqrt"}),
        "223/192",
    ),
    "parts-supply-3-alttheta": (
        Procurement(mo.TypeSpace.finite([".1", ".3", ".31"], [".2", ".5", ".3"]), {"form": "sqrt"}),
        "61/58",
    ),
    "split award": (Procurement(COSTS, [(1, 3), (2, 5), (3, 6)], "3/2", count=2), "16/9"),
}


@pytest.mark.parametrize("name", FIGURES)
def test_finite_types_have_the_values_of_the_literature(name):
    environment, figure = FIGURES[name]
    problem, expected = profit(environment), float(Fraction(figure))
    for backend in BACKENDS:
        tolerance = 1e-9 if backend == "direct" else 3e-8
        assert certified(problem, backend).objective == pytest.approx(expected, abs=tolerance)
    if environment.outcomes.curves:
        with pytest.raises(mo.MechoptError, match="in place of a form"):
            mo.exact_optimum(problem)
    else:
        assert mo.exact_optimum(problem).objective == Fraction(figure)


def test_split_awards_are_the_best_of_all_virtual_costs():
    virtual, total = (Fraction(1), Fraction(2), Fraction(3)), Fraction(0)
    for costs in itertools.product(virtual, repeat=2):
        low, high = sorted(costs)
        each = Fraction(3, 2)
        # The list is concave, so it may be read between its entries.
        best = Fraction(0)
        for amount in (Fraction(k, 6) for k in range(19)):
            worth = np.interp(float(amount), [0, 1, 2, 3], [0, 3, 5, 6])
            paid = float(low * min(amount, each) + high * max(amount - each, 0))
            best = max(best, Fraction(worth - paid).limit_denominator(10**6))
        total += best / 9
    assert total == Fraction(FIGURES["split award"][1])


def test_qualities_and_prices_follow_the_formula_and_errors_fall_with_the_square_of_cells():
    errors = []
    for cells in (50, 100, 200):
        solution = certified(profit(Screening(uniform(cells), QUADRATIC)))
        errors.append(1 / 12 - solution.objective)
        types = solution.mechanism.environment.agents[0].types
        quality = solution.mechanism.quantity[0]
        np.testing.assert_allclose(quality, np.maximum(2 * types.mean - 1, 0), atol=1e-12)
        price = solution.mechanism.payment[0]
        np.testing.assert_allclose(price, np.where(quality > 0, types.mean**2 - 0.25, 0), atol=0.02)
    orders = np.log2(np.divide(errors[:-1], errors[1:]))
    np.testing.assert_allclose(orders, 2.0, atol=1e-6)


def test_direct_is_the_program_on_irregular_random_priors():
    rng = np.random.default_rng(5)
    for k in range(12):
        mass = rng.dirichlet(np.full(5, 0.5)) + 0.01
        types = mo.TypeSpace.finite(np.sort(rng.uniform(1, 2, 5)), mass / mass.sum())
        rows = np.sort(rng.uniform(0.2, 2, 3)).tolist()
        money = np.cumsum(rng.uniform(0.1, 2, 3)).tolist()
        listed = list(zip(rows, money, strict=True))
        if k % 2:
            environment = Screening([types, types.scaled(1.5)], listed)
        else:
            environment = Procurement(types, listed, capacity=float(rng.uniform(0.3, 2)), count=2)
        problem = profit(environment, weight=(0, 0.4)[k % 3 == 0])
        direct, program = certified(problem, "direct"), certified(problem, "highs")
        assert direct.objective == pytest.approx(program.objective, abs=1e-9)


def test_capacity_binds_and_several_buyers_are_as_many_problems():
    # Capped at 2, type 3 gets 2: (2 - 1/2 + 3 * 2 - 1 - 2)/2 with the rent of 1 for quality 1.
    types = mo.TypeSpace.finite([2, 3])
    capped = certified(profit(Screening(types, QUADRATIC, capacity=2)), "direct")
    assert capped.objective == pytest.approx((1.5 + 5 - 2) / 2, abs=1e-12)
    other = mo.TypeSpace.finite([1, 2, 3])
    parts = [certified(profit(Screening(own, QUADRATIC))).objective for own in (types, other)]
    both = certified(profit(Screening([types, other], QUADRATIC)))
    assert both.objective == pytest.approx(sum(parts), abs=1e-12)
    # One budget ties them: with no deficit, welfare needs no more than the first best gives.
    welfare = certified(mo.ex_ante_efficiency(Screening([types, other], QUADRATIC)))
    assert welfare.objective <= both.problem.environment.first_best


def test_many_buyers_and_many_types_need_no_array_over_profiles():
    environment = Screening([uniform(2000)] * 6, QUADRATIC)
    solution = certified(profit(environment))
    assert solution.objective == pytest.approx(6 / 12, abs=1e-6)
    assert solution.mechanism.expected_cost == pytest.approx(6 / 12, abs=1e-6)


def test_the_continuum_of_welfare_is_bracketed():
    solution = certified(mo.ex_ante_efficiency(Screening(uniform(400), QUADRATIC)))
    bracket = mo.bracket_continuum(solution)
    assert bracket.lower <= 1 / 6 <= bracket.upper
    assert bracket.relative_width < 1e-5


def test_a_perturbed_menu_fails_the_audit():
    problem = profit(FIGURES["mussa-rosen-two-2-3"][0])
    solution = mo.solve(problem)
    payment = solution.mechanism.payment[0].copy()
    payment[1] += 0.1
    worse = replace(solution, mechanism=replace(solution.mechanism, payment=(payment,)))
    report = mo.audit(problem, worse)
    assert not report.passed
    assert "buyer" in str(report)


def test_what_is_no_environment_is_one_error():
    types, vectors = mo.TypeSpace.finite([1, 2]), mo.TypeTable.finite([[1, 0], [0, 1]])
    for wrong in (
        lambda: Screening([], QUADRATIC),
        lambda: Procurement([], QUADRATIC),
        lambda: Screening(vectors, QUADRATIC),
        lambda: Screening(types, {"form": "quadratic", "c": float("nan")}),
        lambda: Screening(types, [(1, None)]),
        lambda: Screening(types, QUADRATIC, capacity=float("inf")),
        lambda: Procurement(types, 3.0),
        lambda: Procurement(types, {"form": "sqrt"}, capacity="much"),
    ):
        with pytest.raises(mo.InvalidInputError, match=r"expected .* got"):
            wrong()


SCREENING = {
    "environment": {
        "kind": "screening",
        "cost": {"form": "quadratic", "c": 1},
        "buyer": {"types": [1, 2, 3]},
    },
    "problem": {"objective": "revenue"},
}


def test_a_file_says_the_menu_in_words_and_numbers():
    report = solve_instance(instance_from_document(SCREENING, "menu.toml"))
    record = report.record()
    assert record["profit"] == pytest.approx(5 / 3)
    assert record["excluded"] == {"buyer": pytest.approx(1 / 3)}
    menu = [(e["types"][0], e["outcome"]["quantity"], e["payment"]) for e in record["menu"]]
    np.testing.assert_allclose(menu, [(1, 0, 0), (2, 1, 2), (3, 3, 8)], atol=1e-9)
    text = " ".join(mo.summary(report.solution).split())
    assert "rule the quality at which the virtual value times it exceeds its cost by most" in text
    assert "profit 1.66667 payments less cost" in text
    assert "left out buyer 1 with probability 0.3333" in text
    assert "buyer 3 3 8 2.66667 0.3333" in text


def test_a_supplier_is_paid_and_long_menus_are_shown_in_part():
    document = {
        "environment": {
            "kind": "procurement",
            "benefit": {"form": "quadratic", "a": 1, "b": 1},
            "suppliers": [{"distribution": "uniform", "cells": 100}],
        },
        "problem": {
            "objective": "welfare",
            "weights": {"supplier_1": "1/2", "designer": 1},
            "budget": "subsidised",
        },
    }
    report = solve_instance(instance_from_document(document, "contract.toml"))
    assert report.record()["objective"] == pytest.approx(1 / 9, abs=1e-5)
    text = mo.summary(report.solution)
    rows = [
        line for line in text.splitlines() if line.startswith("  supplier 1 ") and " to " in line
    ]
    assert len(rows) == 12
    assert "receives" in text


def test_curved_costs_are_exported_to_cones_and_lists_to_lines(tmp_path):
    curved, listed = profit(FIGURES["parts-supply-3"][0]), profit(FIGURES["split award"][0])
    assert mo.export(curved, tmp_path / "curved.cbf")[0].is_file()
    with pytest.raises(mo.MechoptError, match="a list of amounts and benefits"):
        mo.export(curved, tmp_path / "curved.mps")
    assert mo.export(listed, tmp_path / "listed.mps")[0].is_file()


def test_the_command_line_solves_and_exports_a_bundled_instance(tmp_path, capsys):
    path = Path(__file__).parent.parent / "instances" / "examples" / "split_award.toml"
    assert main(["solve", str(path), "--exact", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["exact"] == "16/9"


@pytest.mark.parametrize("benefit", [[(1, 2)], {"form": "sqrt"}])
def test_more_suppliers_than_an_array_has_axes_are_refused(benefit):
    parts = Procurement(mo.TypeSpace.finite([1]), benefit, count=70)
    with pytest.raises(
        mo.MechoptError, match=r"the type profiles of 70 agents|70 suppliers can share"
    ):
        mo.solve(profit(parts))


def test_more_buyers_than_an_array_has_axes_are_each_sold_to():
    buyers = Screening([mo.TypeSpace.finite([3])] * 70, [(1, 2)])
    assert mo.solve(profit(buyers)).objective == pytest.approx(70.0, abs=1e-12)


@pytest.mark.parametrize("buyer", [3, [3]])
def test_a_buyer_that_is_no_table_is_one_fault_in_the_words_of_the_file(buyer):
    document = {
        "environment": {"kind": "screening", "cost": [[1, 1]], "buyer": buyer, "prior": 3},
        "problem": {"objective": "revenue"},
    }
    with pytest.raises(mo.MechoptError) as raised:
        instance_from_document(document, "tariff.toml")
    lines = str(raised.value).splitlines()[1:]
    place = "buyer[0]" if isinstance(buyer, list) else "buyer"
    assert sorted(line.split(":")[0].strip() for line in lines) == [
        f"environment.{place}",
        "environment.prior",
    ]
    assert "dict" not in str(raised.value)
