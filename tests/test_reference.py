"""Reference values computed by other code, and how fast cells approach the continuum.

``data/static_priors.csv`` and ``data/finite_uniform.csv`` were computed independently at high
precision; the digits printed are right.
"""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import mechopt as mo

from .cases import uniform_types

DATA = Path(__file__).parent / "data"


def rows_of(name):
    with (DATA / name).open(newline="") as file:
        return list(csv.DictReader(file))


FINITE = rows_of("finite_uniform.csv")
PRIORS = rows_of("static_priors.csv")


def ids(rows, *columns):
    return ["-".join(row[column].replace(" ", "_") for column in columns) for row in rows]


def printed(text):
    """Return what a number given to some digits must equal, to those digits."""
    digits = len(text.partition(".")[2])
    return pytest.approx(float(text), abs=max(1e-9, 0.5 * 10.0**-digits) if digits else 1e-9)


@pytest.mark.parametrize("backend", ["highs", None])
@pytest.mark.parametrize("row", FINITE, ids=ids(FINITE, "n"))
def test_finite_uniform(row, backend):
    types = uniform_types(int(row["n"]))
    trade = mo.BilateralTrade(types, types)
    second_best = mo.solve(mo.ex_ante_efficiency(trade), backend).objective
    least_subsidy = mo.solve(mo.minimum_subsidy(trade), backend).objective
    assert trade.first_best == printed(row["first_best"])
    assert least_subsidy == printed(row["least_subsidy"])
    assert second_best == printed(row["second_best"])
    if row["second_best_exact"]:
        assert second_best == pytest.approx(float(Fraction(row["second_best_exact"])), abs=1e-12)


@pytest.mark.parametrize("row", FINITE, ids=ids(FINITE, "n"))
def test_finite_uniform_is_implementable_as_it_stands_up_to_five_types(row):
    types = uniform_types(int(row["n"]))
    solution = mo.solve(mo.ex_post_efficiency(mo.BilateralTrade(types, types)), throw=False)
    assert (solution.mechanism is not None) == (float(row["least_subsidy"]) <= 0)


@pytest.mark.parametrize("num_types", range(2, 30))
def test_finite_uniform_closed_forms(num_types):
    types = uniform_types(num_types)
    trade = mo.BilateralTrade(types, types)
    n = num_types
    least_subsidy = mo.solve(mo.minimum_subsidy(trade)).objective
    assert trade.first_best == pytest.approx((n * n - 1) / (6 * n * n), abs=1e-12)
    assert least_subsidy == pytest.approx((n - 1) * (n - 5) / (6 * n * n), abs=1e-10)


def cells_of(row, num_cells):
    """Return bilateral trade between cells of the two priors of a row."""
    sides = [
        mo.TypeSpace.from_distribution(
            getattr(stats, row[side])(*map(float, row[f"{side}_parameters"].split())), num_cells
        )
        for side in ("seller", "buyer")
    ]
    return mo.BilateralTrade(*sides)


def rate(row, num_cells):
    """Return the order of the error: 1/n², and a log more where the densities vanish at the top
    of the sellers that trade and the bottom of the buyers that trade."""
    vanishing = (row["seller_parameters"], row["buyer_parameters"]) == ("2 1", "1 2")
    return (np.log(num_cells) if vanishing else 1.0) / num_cells**2


@pytest.mark.parametrize(
    ("backend", "sizes"), [("highs", (25, 50, 100)), (None, (25, 50, 100, 200, 400, 1600))]
)
@pytest.mark.parametrize(
    "row", PRIORS, ids=ids(PRIORS, "seller", "seller_parameters", "buyer", "buyer_parameters")
)
def test_cells_approach_the_continuum_from_below(row, backend, sizes):
    for num_cells in sizes:
        trade = cells_of(row, num_cells)
        solution = mo.solve(mo.ex_ante_efficiency(trade), backend)
        lost = float(row["second_best"]) - solution.objective
        assert -1e-8 <= lost <= 0.31 * rate(row, num_cells) + 1e-8
        assert solution.alpha == pytest.approx(float(row["alpha"]), abs=1.0 / num_cells + 1e-5)
        missed = float(row["first_best"]) - trade.first_best
        assert -1e-8 <= missed <= 0.08 * (1 + np.log(num_cells)) / num_cells**2 + 1e-8


@pytest.mark.parametrize(
    "row", PRIORS, ids=ids(PRIORS, "seller", "seller_parameters", "buyer", "buyer_parameters")
)
def test_deficit_of_ex_post_efficiency_is_approached_at_one_over_n(row):
    # The rule "trade iff mean cost < mean value" is wrong in the cells on the diagonal.
    deficit = float(row["deficit_of_ex_post_efficiency"])
    for num_cells in (25, 50, 100, 200):
        problem = mo.minimum_subsidy(cells_of(row, num_cells))
        assert mo.solve(problem, "highs").objective == pytest.approx(deficit, abs=0.7 / num_cells)


@pytest.mark.parametrize(
    "row", PRIORS, ids=ids(PRIORS, "seller", "seller_parameters", "buyer", "buyer_parameters")
)
def test_posted_prices_and_price_setters_are_no_better_than_the_optimum(row):
    seller, buyer = (agent.types for agent in cells_of(row, 50).agents)
    trade = mo.BilateralTrade(seller, buyer)
    gains, sells, buys = buyer.mean - seller.mean[:, None], seller.upper, buyer.lower
    posted = max(
        seller.mass[sells <= price] @ gains[np.ix_(sells <= price, buys >= price)]
        @ buyer.mass[buys >= price]
        for price in np.union1d(sells, buys)
    )  # fmt: skip
    by_seller, by_buyer = (
        mo.solve(mo.ex_ante_efficiency(trade, weights)).mechanism.total_gains
        for weights in ((1, 0), (0, 1))
    )
    best = mo.solve(mo.ex_ante_efficiency(trade)).objective
    assert 0 < posted <= best + 1e-12
    assert 0 < 0.5 * (by_seller + by_buyer) <= best + 1e-12
    assert best <= trade.first_best
    assert best >= trade.first_best / 3.15


# Uniform exchange cut into n cells a side. Trade in profile (i, j) depends on j - i only, and the
# slack of the rule "trade iff j - i >= n - K" vanishes at K = (3n - 2)/4. That is a whole number if
# n = 2 mod 4; otherwise the optimum mixes the rules of two neighbouring K, at a loss. Hence the
# distance from 9/64 is c/n² with a c that depends on n mod 4: it is the same at n = 50 and n = 100,
# and falls by 4 from n to 2n where both are multiples of 4.
LOST_TIMES_N_SQUARED = {
    0: lambda n: Fraction(1, 4),
    1: lambda n: Fraction(13 * n + 5, 64 * (n + 1)),
    2: lambda n: Fraction(1, 16),
    3: lambda n: Fraction(13 * n - 5, 64 * (n - 1)),
}


def exact_uniform_exchange(n):
    """Return the optimum over n uniform cells a side, in fractions, by counting profiles.

    Profiles with j - i = D number n - D; each has gains D/n and, from virtual valuations twice as
    far apart less one, slack 2 D/n - 1. Rules are tried from the most demanding on.
    """
    gains = slack = Fraction(0)
    for difference in range(n - 1, 0, -1):
        mass = Fraction(n - difference, n * n)
        more_gains = mass * Fraction(difference, n)
        more_slack = mass * (Fraction(2 * difference, n) - 1)
        if slack + more_slack < 0:
            return gains + more_gains * slack / -more_slack
        gains, slack = gains + more_gains, slack + more_slack
    return gains


@pytest.mark.parametrize("residue", range(4))
def test_uniform_exchange_in_cells_by_exact_counting(residue):
    for n in range(4 + residue, 120, 4):
        lost = Fraction(9, 64) - exact_uniform_exchange(n)
        assert lost * n * n == LOST_TIMES_N_SQUARED[residue](n)


@pytest.mark.parametrize("backend", ["highs", "direct"])
@pytest.mark.parametrize("num_cells", [5, 6, 7, 8, 49, 50, 51, 52, 100, 200])
def test_uniform_exchange_approaches_nine_sixty_fourths_from_below(num_cells, backend):
    cells = mo.TypeSpace.from_distribution(stats.uniform(0, 1), num_cells)
    best = mo.solve(mo.ex_ante_efficiency(mo.BilateralTrade(cells, cells)), backend).objective
    lost = float(LOST_TIMES_N_SQUARED[num_cells % 4](num_cells)) / num_cells**2
    assert best == pytest.approx(9 / 64 - lost, abs=1e-10)
