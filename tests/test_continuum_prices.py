"""Prices, offers, first bests and cells of continua, against closed forms and plain quadrature."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate, special, stats

import mechopt as mo
from mechopt.cli.main import main
from mechopt.instances import load_instance
from mechopt.report.solved import solve_instance
from mechopt.studies.continuum import refinement
from mechopt.studies.first_best import first_best_of_continuum
from mechopt.studies.offers import _at_a_mark
from mechopt.types.cells import cells_between, gainful_cells
from mechopt.types.continuous import ContinuousPrior
from tests.draws import some

CELLS = mo.TypeSpace.from_distribution


def tails(n, size=2):
    """Costs beta(n, 1) and values beta(1, n), which gain only where both are rare."""
    return mo.BilateralTrade(CELLS(stats.beta(n, 1), size), CELLS(stats.beta(1, n), size))


def second_best_of_tails(n):
    """The density of b - s at d > 0 is n² B(n, n) (1 - d)^(2n-1); trade is where d > 1/(2n+2)."""
    m = 1 / (2 * n + 2)
    return n**2 * special.beta(n, n) * (1 - m) ** (2 * n) * (1 / (2 * n) - m)


@pytest.mark.parametrize("n", [1, 2, 10, 25, 100])
def test_rare_gains_have_their_closed_forms(n):
    trade = tails(n)
    first_best = first_best_of_continuum(trade)
    exact = special.beta(n + 1, n + 1)
    assert abs(first_best.value - exact) <= first_best.error + 1e-13 * exact
    assert first_best.error < 1e-11 * exact
    best = mo.studies.best_posted_price(trade)
    assert best.price == pytest.approx(0.5, abs=1e-12)
    # F(1/2) = 2^-n, and so is 1 - G(1/2); E[(1/2 - s)+] = 2^-(n+1) / (n+1).
    assert best.expected.total == pytest.approx(4.0**-n / (n + 1), rel=1e-11)
    assert best.mechanism.total_gains == pytest.approx(best.expected.total, rel=1e-9)


def test_a_thousand_equally_likely_cells_hide_no_gains_from_prices():
    best = mo.studies.best_posted_price(tails(10, 1_000))
    assert best.price == pytest.approx(0.5, abs=1e-12)
    assert best.expected.total == pytest.approx(8.6697e-8, rel=1e-5)
    wide = mo.BilateralTrade(
        CELLS(stats.uniform(0, 1), 10), CELLS(stats.truncnorm(-10, 10, loc=10), 10)
    )
    assert mo.studies.best_posted_price(wide).expected.total == pytest.approx(9.5, abs=1e-12)


@pytest.mark.parametrize(("n", "size"), [(1, 2), (25, 5)])
def test_offers_of_rare_gains_have_their_closed_forms(n, size):
    trade = tails(n, size)
    seller, buyer = (mo.studies.take_it_or_leave_it(trade, role) for role in ("seller", "buyer"))
    # (p - s)(1 - p)^n is largest at p = (1 + n s)/(n + 1).
    costs = trade.agents[0].types.mean
    assert seller.price == pytest.approx((1 + n * costs) / (n + 1), abs=1e-12)
    assert buyer.price == pytest.approx(n * trade.agents[1].types.mean / (n + 1), abs=1e-12)
    gain = n * special.beta(n, n + 2) * n**n / (n + 1) ** (n + 1)
    # Given s, the buyer gets int_p^1 (1 - b)^n, n/(n+1) of what the seller gets.
    for offers, own in ((seller, "seller"), (buyer, "buyer")):
        mine, theirs = offers.expected.giver, offers.expected.receiver
        if own == "buyer":
            mine, theirs = theirs, mine
        assert abs(mine - gain) <= offers.expected.error + 1e-9 * gain
        assert mine == pytest.approx(gain, rel=1e-6)
        assert theirs == pytest.approx(gain * n / (n + 1), rel=1e-6)
        report = mo.audit(mo.ex_ante_efficiency(offers.mechanism.environment), offers.mechanism)
        assert report.passed


# Costs, values, first best, gains of the best price; None where only quadrature knows.
SINGULAR = {
    "arcsine": (stats.arcsine(), stats.beta(0.5, 0.5), 2 / math.pi**2, 1 / (2 * math.pi)),
    "power law": (stats.powerlaw(0.01), stats.powerlaw(0.01), 1 / 1.01 - 1 / 1.02, None),
    "steep and flat": (stats.beta(0.05, 1), stats.beta(1, 0.05), None, None),
    "narrow": (stats.truncnorm(0, 1e-9), stats.uniform(-1, 1 + 1e-9), 1e-18 / 6, None),
    "kink": (stats.triang(0.0), stats.triang(1.0), None, None),
}


@pytest.mark.parametrize("name", some(list(SINGULAR), 2))
def test_singular_ends_are_integrated_with_a_stated_error(name):
    cost, value, first_best, price_gains = SINGULAR[name]
    trade = mo.BilateralTrade(CELLS(cost, 3), CELLS(value, 3))
    found = first_best_of_continuum(trade)
    if first_best is None:
        first_best = integrate.quad(
            lambda u: cost.cdf(u) * value.sf(u), 0, 1, epsabs=1e-13, limit=500
        )[0]
    assert abs(found.value - first_best) <= found.error + 1e-12 * first_best
    best = mo.studies.best_posted_price(trade)
    if price_gains is not None:
        assert best.expected.total == pytest.approx(price_gains, rel=1e-12)
    # No price of a fine grid does better.
    low, high = max(cost.support()[0], value.support()[0]), min(cost.support()[1], 1.0)
    prices = low + (high - low) * np.linspace(0.01, 0.99, 5)
    for price in prices:
        under = integrate.quad(cost.cdf, cost.support()[0], price, epsrel=1e-9)[0]
        over = integrate.quad(value.sf, price, value.support()[1], epsrel=1e-9)[0]
        gains = cost.cdf(price) * over + value.sf(price) * under
        assert gains <= best.expected.total * (1 + 1e-6) + best.expected.error


@pytest.mark.parametrize(
    ("name", "shapes"), [("argus", (1.0,)), ("vonmises_line", (3.0,)), ("gausshyper", (2, 3, 1, 1))]
)
def test_distributions_without_a_quantile_function_take_a_bounded_time(name, shapes):
    curve = ContinuousPrior(name, shapes)
    chance = np.array([1e-12, 0.3])
    assert curve.below(curve.quantiles(chance)) == pytest.approx(chance, rel=1e-6)
    assert curve.above(curve.quantiles(chance, from_above=True)) == pytest.approx(chance, rel=1e-6)


def test_mixed_sides_are_compared_at_their_types():
    types = mo.TypeSpace.finite([0, 0.3], [0.999, 0.001])
    uniform = CELLS(stats.uniform(0, 1), 7)
    best = mo.studies.best_posted_price(mo.BilateralTrade(types, uniform))
    assert (best.price, best.expected.total) == (0.0, pytest.approx(0.999 / 2, abs=1e-12))
    best = mo.studies.best_posted_price(mo.BilateralTrade(uniform, types))
    assert (best.price, best.expected.total) == (0.3, pytest.approx(0.001 * 0.045, abs=1e-15))
    # A seller at 0.25 asks 5/8 of a uniform value; a buyer at 0.4 offers 0.2 for a uniform cost.
    one = mo.BilateralTrade(mo.TypeSpace.finite([0.25]), uniform)
    offers = mo.studies.take_it_or_leave_it(one, "seller")
    assert offers.price == pytest.approx([0.625], abs=1e-12)
    assert offers.expected.giver == pytest.approx(0.375**2, abs=1e-12)
    # A continuum of buyers offers 0 to all below 0.6 (0.5 b against b - 0.3), and then 0.3.
    two = mo.BilateralTrade(mo.TypeSpace.finite([0, 0.3], [0.5, 0.5]), uniform)
    offers = mo.studies.take_it_or_leave_it(two, "buyer")
    low, high = 0.6**2 / 4, (1 - 0.3) ** 2 / 2 - 0.3**2 / 2
    assert offers.expected.receiver == pytest.approx(low + high, abs=1e-12)
    assert offers.expected.giver == pytest.approx(0.4 * 0.15, abs=1e-12)


# The slack's sign


@pytest.mark.parametrize("n", [25, 400, 2_000])
def test_overlapping_supports_make_efficiency_impossible_however_rare_gains_are(n):
    check = mo.check_ex_post_efficiency(tails(n))
    assert not check.implementable
    assert check.certificate.verified
    assert "Myerson and Satterthwaite" in check.certificate.detail
    exact = special.beta(n + 1, n + 1)
    assert check.slack == pytest.approx(-exact, rel=1e-9)
    assert check.first_best == pytest.approx(exact, rel=1e-9)
    assert check.slack_bounds[0] <= check.slack <= check.slack_bounds[1]
    # Below the smallest float only the theorem is left.
    assert check.certificate.kind == ("integral" if exact > 0 else "theorem")


def test_signs_at_the_edges_of_the_theorem():
    uniform = stats.uniform
    touching = mo.BilateralTrade(CELLS(uniform(0, 1), 2), CELLS(uniform(1, 1), 2))
    assert mo.check_ex_post_efficiency(touching).implementable
    never = mo.BilateralTrade(CELLS(uniform(1, 1), 2), CELLS(uniform(0, 1), 2))
    check = mo.check_ex_post_efficiency(never)
    assert check.implementable
    assert check.certificate.verified
    assert (check.slack, check.first_best) == (0.0, 0.0)
    barely = mo.BilateralTrade(CELLS(uniform(0, 1), 2), CELLS(uniform(1 - 1e-7, 1), 2))
    check = mo.check_ex_post_efficiency(barely)
    assert not check.implementable
    # int over the overlap of F (1 - G), both near one: the width of it.
    assert check.slack == pytest.approx(-1e-7, rel=1e-6)
    single = mo.BilateralTrade(mo.TypeSpace.finite([0.5]), CELLS(uniform(0, 1), 2))
    check = mo.check_ex_post_efficiency(single)
    assert (check.implementable, check.slack, check.certificate.verified) == (True, 0.0, True)


# Cells where gains lie


def test_cells_between_any_edges_keep_the_masses_and_means_of_tails():
    prior = ContinuousPrior("beta", (25.0, 1.0))
    edges = np.array([0.0, 1e-3, 0.1, 0.5, 0.99, 0.999999, 1.0])
    cells = cells_between(prior, edges)
    low, high = edges[:-1], edges[1:]
    # P(l < s < u) = u^25 - l^25, and E[s; l < s < u] = 25/26 (u^26 - l^26).
    mass = high**25 - low**25
    assert cells.mass == pytest.approx(mass, rel=1e-9)
    assert cells.mean == pytest.approx(25 / 26 * (high**26 - low**26) / mass, rel=1e-9)
    mirrored = cells_between(ContinuousPrior("beta", (1.0, 25.0)), 1 - edges[::-1])
    assert mirrored.mass[-3:] == pytest.approx(cells.mass[:3][::-1], rel=1e-9)


def test_gainful_cells_cover_the_prior_and_leave_what_has_no_gains():
    trade = tails(25, 4)
    for types in gainful_cells(trade.agents[0].types, trade.agents[1].types, 300):
        assert types.mass.sum() == pytest.approx(1.0, abs=1e-12)
        assert np.array_equal(types.upper[:-1], types.lower[1:])
        mean = stats.beta(*types.prior.shapes).mean()
        assert types.expectation(types.mean) == pytest.approx(mean, rel=1e-10)
    never = CELLS(stats.uniform(5, 1), 3), CELLS(stats.uniform(0, 1), 3)
    assert gainful_cells(*never, 10) == never


def test_refining_finds_gains_in_tails():
    n = 25
    found = refinement(mo.ex_ante_efficiency(tails(n)), 1e-3)
    assert found.reached
    assert found.note == ""
    exact = second_best_of_tails(n)
    assert found.bracket.lower <= exact <= found.bracket.upper
    assert found.problem.environment.first_best == pytest.approx(
        special.beta(n + 1, n + 1), rel=1e-3
    )


def test_a_missed_width_is_said():
    found = refinement(mo.ex_ante_efficiency(tails(10)), 1e-9, max_cells=256)
    assert not found.reached
    assert "was missed: 256 cells a side leave" in found.note
    # The nearest of two layouts is what is left, and its bracket holds the truth.
    assert found.bracket.lower <= second_best_of_tails(10) <= found.bracket.upper


AUTO = """
environment.kind = "bilateral-trade"
environment.seller = { distribution = "beta", parameters = [10, 1], cells = "auto" }
environment.buyer = { distribution = "beta", parameters = [1, 10], cells = "auto" }
problem = { objective = "ex-ante-efficiency", relative_width = 0.01 }
"""


def test_auto_cells_of_a_file_lie_where_trade_happens(tmp_path, capsys):
    path = tmp_path / "tails.toml"
    path.write_text(AUTO, encoding="utf-8")
    assert main(["solve", str(path), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    exact = second_best_of_tails(10)
    assert record["continuum"]["lower"] <= exact <= record["continuum"]["upper"]
    assert record["continuum"]["upper"] <= 1.01 * record["continuum"]["lower"]
    assert record["first_best"] == pytest.approx(special.beta(11, 11), rel=0.01)
    instance = load_instance(path).refined()
    assert instance.notes == ()
    noted = solve_instance(replace(instance, notes=("the wanted width was missed",)))
    assert "the wanted width was missed" in noted.solution.provenance.notes


# One table, one question


@pytest.fixture(scope="module")
def uniform_table():
    types = CELLS(stats.uniform(0, 1), 50)
    return mo.compare(mo.BilateralTrade(types, types))


def test_a_table_of_a_continuum_does_not_hang_on_cells(uniform_table):
    types = CELLS(stats.uniform(0, 1), 3)
    few, many = mo.compare(mo.BilateralTrade(types, types)), uniform_table
    assert "every row is about the continuum" in few.to_text()
    for one, other in zip(few.rows, many.rows, strict=True):
        assert one.total == other.total
        assert one.utilities == other.utilities


def test_no_row_of_a_table_beats_what_is_optimal():
    table = mo.compare(tails(10))
    assert table.passed
    second_best = table.row("second best")
    others = [row for row in table.rows[2:] if row.total is not None]
    assert all(row.total <= second_best.total for row in others)
    assert second_best.total <= second_best_of_tails(10) <= second_best.total + second_best.error
    for role in ("seller", "buyer"):
        end = table.row(f"frontier, all weight on the {role}").utilities[role]
        assert all(row.utilities[role] <= end for row in others)


def test_the_second_best_of_uniform_exchange_is_not_below_the_double_auction(uniform_table):
    table = uniform_table
    row, auction = table.row("second best"), table.row("halfway double auction")
    assert row.total >= auction.total == 9 / 64
    lines = [line for line in table.to_text().splitlines() if "84.3" in line]
    assert len(lines) == 2
    assert all("84.38 %" in line for line in lines)


def test_cells_of_a_sample_stand_for_their_means_in_every_row():
    draw = np.random.default_rng(3)
    cells = [mo.TypeSpace.from_samples(draw.normal(m, 1, 40), cells=8) for m in (0, 1)]
    table = mo.compare(mo.BilateralTrade(*cells))
    assert "stand for their means" in table.to_text()
    means = mo.compare(mo.BilateralTrade(*(types.at_means() for types in cells)))
    assert [row.total for row in table.rows] == [row.total for row in means.rows]


def test_a_price_beside_an_end_or_an_atom_by_rounding_is_there():
    """Which side of it the search ends on hangs on the processor."""
    costs = mo.TypeSpace.from_distribution(stats.uniform(0, 1), 4)
    atom = mo.TypeSpace.finite([0.3, 2.0])
    for price, at in [(1.0 - 4e-16, 1.0), (0.3 + 2e-16, 0.3), (0.4, 0.4)]:
        assert _at_a_mark(price, costs, atom) == at
