"""The certified bracket of the continuum optimum, and Cramton's closed forms inside it."""

from __future__ import annotations

import csv
import dataclasses
import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, stats

import mechopt as mo
from tests.draws import some

UNIFORM = stats.uniform(0, 1)
with (Path(__file__).parent / "data" / "uniform_exchange.csv").open(encoding="utf-8") as file:
    ROWS = [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]
IDS = [f"ratio {row['delta']:g}" for row in ROWS]


def bracket(seller, buyer, size, ratio=1.0, weights=None):
    spaces = [mo.TypeSpace.from_distribution(law, size) for law in (seller, buyer)]
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(*spaces, 1.0, ratio), weights)
    solution = mo.solve(problem)
    return solution, mo.bracket_continuum(solution)


@pytest.mark.parametrize("row", some(ROWS, 3), ids=some(IDS, 3))
def test_ten_thousand_cells_reach_the_reference(row):
    solution, continuum = bracket(UNIFORM, UNIFORM, 10_000, row["delta"])
    assert solution.objective == pytest.approx(row["second_best"], abs=1e-8)
    assert solution.alpha == pytest.approx(row["alpha"], abs=1e-4)
    assert solution.alpha / (1 + solution.alpha) == pytest.approx(row["m"], abs=1e-4)
    assert continuum.lower <= row["second_best"] <= continuum.upper
    assert continuum.relative_width <= 1e-6
    assert continuum.estimate == pytest.approx(row["second_best"], abs=1e-9)


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_closed_form_equals_the_reference(row):
    exact = mo.cramton1985.uniform_exchange(row["delta"])
    assert exact.margin == pytest.approx(row["m"], abs=1e-10)
    assert exact.alpha == pytest.approx(row["alpha"], abs=1e-10)
    assert exact.second_best == pytest.approx(row["second_best"], abs=1e-11)
    assert exact.first_best == pytest.approx(row["first_best"], abs=1e-11)
    assert exact.efficiency == pytest.approx(row["efficiency"], abs=1e-11)


@pytest.mark.parametrize("ratio", [1e-3, 0.03, 0.37, 0.4995, 0.5, 0.5002, 0.61, 0.9])
def test_closed_form_equals_quadrature_of_the_rule(ratio):
    exact = mo.cramton1985.uniform_exchange(ratio)
    power = 1 / (1 - ratio)

    def gains(cost, value):
        surplus = value - exact.margin
        if surplus <= 0:
            return 0.0
        y = 1.0 if cost <= ratio * surplus else (ratio * surplus / cost) ** power
        return value * y**ratio - cost * y

    def by_value(value):
        kink = min(max(ratio * (value - exact.margin), 0.0), 1.0)
        parts = [(0.0, kink), (kink, 1.0)]
        return sum(integrate.quad(gains, *part, args=(value,), epsabs=1e-11)[0] for part in parts)

    total = integrate.quad(by_value, exact.margin, 1.0, epsabs=1e-10, limit=200)[0]
    assert exact.second_best == pytest.approx(total, abs=1e-8)


@pytest.mark.parametrize("ratio", [1.0, 0.6, 0.2])
def test_the_width_falls_with_the_square_of_the_cells(ratio):
    # Up to 1,024 cells the upper bound has cells of its own.
    sizes = (1_600, 3_200, 6_400)
    widths = [bracket(UNIFORM, UNIFORM, size, ratio)[1].relative_width for size in sizes]
    orders = np.log2(np.array(widths[:-1]) / np.array(widths[1:]))
    assert (orders > 1.85).all()


FEW = {
    "powerlaw-loguniform": (stats.powerlaw(0.3), stats.loguniform(1e-8, 1), 1.0, (1, 0)),
    "uniform-beta": (UNIFORM, stats.beta(0.1, 5), 1.0, (1, 0)),
    "triang-beta": (stats.triang(1.0), stats.beta(0.1, 0.1), 0.2, (1, 0.5)),
}


@pytest.mark.parametrize("name", FEW)
def test_brackets_of_very_few_cells_are_valid(name):
    seller, buyer, ratio, weights = FEW[name]
    best_known = bracket(seller, buyer, 1_600, ratio, weights)[1]
    for size in (2, 3, 8):
        few = bracket(seller, buyer, size, ratio, weights)[1]
        assert few.lower <= best_known.lower + 1e-12
        assert few.upper >= best_known.lower


def test_only_problems_that_the_direct_solver_takes_are_bracketed():
    types = mo.TypeSpace.from_distribution(UNIFORM, 20)
    free = dataclasses.replace(
        mo.ex_ante_efficiency(mo.BilateralTrade(types, types)), participation="none"
    )
    with pytest.raises(mo.InvalidInputError, match=r"no (continuum|bracket)"):
        mo.bracket_continuum(mo.solve(free))


SLOW = {
    "irregular": (stats.beta(0.5, 0.5), stats.beta(0.5, 0.5), 1.0),
    "density zero at an end, delay": (stats.beta(2, 3), stats.beta(3, 2), 0.5),
    "density zero at an end": (stats.beta(2, 3), stats.beta(3, 2), 1.0),
    "kink": (stats.triang(0.3), stats.triang(0.5), 1.0),
    "one side of finite width": (stats.uniform(0, 1), stats.truncexpon(2.0), 0.7),
}


@pytest.mark.parametrize("name", some(list(SLOW), 2))
def test_brackets_of_more_cells_lie_inside_those_of_fewer(name):
    seller, buyer, ratio = SLOW[name]
    found = [bracket(seller, buyer, size, ratio)[1] for size in (64, 256, 1024)]
    for coarse, fine in pairwise(found):
        assert coarse.lower <= fine.lower <= fine.upper <= coarse.upper
        assert fine.lower <= fine.estimate <= fine.upper
    assert math.isfinite(found[-1].order)
    assert 0.9 < found[-1].order < 3.0


def test_an_irregular_prior_is_said_to_be_one():
    _, continuum = bracket(stats.beta(0.5, 0.5), UNIFORM, 100)
    assert "irregular" in continuum.assumptions[0]
    assert "never falls" in continuum.assumptions[1]


def test_weights_and_one_sided_continua_are_bracketed():
    for weights in ((1, 0), (0, 1), (1, 2)):
        coarse = bracket(UNIFORM, UNIFORM, 200, 1.0, weights)[1]
        fine = bracket(UNIFORM, UNIFORM, 3_200, 1.0, weights)[1]
        assert coarse.lower <= fine.lower <= fine.upper <= coarse.upper
    # A seller's posted price against a uniform value: 1/2 E[(1-s)^2]/2 = 1/12 for weight on it.
    seller = bracket(UNIFORM, UNIFORM, 3_200, 1.0, (1, 0))[1]
    assert seller.lower <= 1 / 12 <= seller.upper
    finite = mo.TypeSpace.finite([0.2, 0.5])
    problem = mo.ex_ante_efficiency(
        mo.BilateralTrade(finite, mo.TypeSpace.from_distribution(UNIFORM, 500))
    )
    solution = mo.solve(problem)
    continuum = mo.bracket_continuum(solution)
    assert len(continuum.assumptions) == 1
    assert 0 <= continuum.relative_width < 1e-4


def test_finite_types_have_no_continuum():
    types = mo.TypeSpace.finite([0, 1])
    with pytest.raises(mo.MechoptError, match=r"no (continuum|bracket)"):
        mo.bracket_continuum(mo.solve(mo.ex_ante_efficiency(mo.BilateralTrade(types, types))))


def test_an_objective_above_the_bound_is_refused():
    types = mo.TypeSpace.from_distribution(UNIFORM, 50)
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(types, types))
    wrong = dataclasses.replace(mo.solve(problem), objective=0.15)
    with pytest.raises(mo.MechoptError, match="exceeds the upper bound"):
        mo.bracket_continuum(wrong)


@pytest.mark.parametrize("width", [1e-3, 1e-5])
def test_refining_reaches_the_wanted_width(width):
    start = mo.TypeSpace.from_distribution(stats.beta(2, 2), 3)
    problem = mo.studies.refine(mo.ex_ante_efficiency(mo.BilateralTrade(start, start)), width)
    solution = mo.solve(problem)
    continuum = mo.bracket_continuum(solution)
    assert continuum.relative_width <= width
    with pytest.raises(mo.MechoptError, match="not a width"):
        mo.studies.refine(problem, 0.0)


def test_figures_show_the_margin_rising_and_efficiency_falling_in_the_ratio():
    data = mo.cramton1985.figures_8(np.linspace(0.05, 1.0, 20))
    assert (np.diff(data.margin) > -1e-3).all()
    assert (np.diff(data.efficiency) < 1e-6).all()
    for ratio in (0.1, 0.5, 1.0):
        row = next(row for row in ROWS if row["delta"] == ratio)
        found = float(data.efficiency.sel(ratio=ratio, method="nearest"))
        assert found == pytest.approx(row["efficiency"], abs=1e-6)


def test_simultaneous_offers_are_an_equilibrium_that_reaches_the_second_best():
    offers = mo.cramton1985.SimultaneousOffers()
    assert offers.largest_deviation_gain(301, 4_001) < 1e-12
    points = (np.arange(1_999) + 0.5) / 1_999  # no pair lies exactly on the frontier
    trade = offers.trade(points[:, None], points[None, :])
    gains = (trade * (points[None, :] - points[:, None])).mean()
    assert gains == pytest.approx(9 / 64, abs=1e-4)
    # The second best trades where the margin of 1/4 is exceeded, and so do the offers.
    assert np.array_equal(trade > 0, points[:, None] < points[None, :] - 0.25)


def test_a_wrong_equilibrium_is_noticed():
    class Greedy(mo.cramton1985.SimultaneousOffers):
        def seller_offer(self, cost):
            return 2.0 * cost / 3.0 + 0.3

    assert Greedy().largest_deviation_gain(51, 501) > 1e-4


def test_frontier_is_monotone_and_supported_by_its_weights():
    types = mo.TypeSpace.from_distribution(UNIFORM, 200)
    table = mo.frontier(mo.BilateralTrade(types, types), 11)
    assert (np.diff(table.seller) >= -1e-9).all()
    assert (np.diff(table.buyer) <= 1e-9).all()
    assert float(table.total.max()) == pytest.approx(9 / 64, abs=1e-4)
    shares = table.seller_share.values
    for i, share in enumerate(shares):
        supported = share * table.seller.values + (1 - share) * table.buyer.values
        assert supported.max() == pytest.approx(supported[i], abs=1e-9)
    assert np.allclose(table.objective, table.bound, atol=1e-12)
    with pytest.raises(mo.MechoptError, match="not shares"):
        mo.frontier(mo.BilateralTrade(types, types), [0.5, 1.5])


def test_frontier_goes_by_the_names_of_any_two_agents():
    ann, bob = (
        mo.Agent("ann", mo.TypeSpace.finite([0, 2])),
        mo.Agent("bob", mo.TypeSpace.finite([1, 3])),
    )
    table = mo.frontier(mo.Environment((ann, bob), mo.environments.SingleGood(2)), 3)
    assert table.attrs["agents"] == ["ann", "bob"]
    assert table.ann_share.values.tolist() == [0.0, 0.5, 1.0]
    np.testing.assert_allclose(table.total, table.ann + table.bob, rtol=1e-15)
    assert float(table.ann[2]) > float(table.ann[0])
    for environment in (
        mo.Environment(
            (ann, dataclasses.replace(bob, name="total")), mo.environments.SingleGood(2)
        ),
        mo.Environment(
            (ann, bob, dataclasses.replace(bob, name="eve")), mo.environments.SingleGood(3)
        ),
    ):
        with pytest.raises(mo.InvalidInputError, match="no frontier of two agents"):
            mo.frontier(environment)
