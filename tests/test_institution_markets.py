"""Sealed offers of many traders: closed forms, deviations, and how little is lost."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt import institutions
from mechopt.cli.main import main
from mechopt.errors import UnsupportedProblemError
from tests.draws import drawn, some

UNIFORM = stats.uniform(0, 1)


def market(sellers, buyers=1, cost=UNIFORM, value=UNIFORM, cells=8):
    return mo.Market(
        *(mo.TypeSpace.from_distribution(law, cells) for law in (cost, value)), sellers, buyers
    )


@pytest.mark.parametrize("number", some([3, 1, 2, 20, 32], 5))
def test_buyers_of_uniform_values_bid_a_share_that_nears_all(number):
    offers = institutions.market_equilibrium(market(number, number), 1.0)
    values = np.array([0.1, 0.5, 0.9])
    assert offers.offer_of(1, values) == pytest.approx(values * number / (number + 1), abs=1e-5)
    assert offers.offer_of(0, values) == pytest.approx(values)
    assert offers.deviation.gain < 1e-6
    back = institutions.market_equilibrium(market(number, number), 0.0)
    assert 1 - back.offer_of(0, 1 - values) == pytest.approx(offers.offer_of(1, values), abs=1e-9)
    assert back.total == pytest.approx(offers.total, abs=1e-6)


@pytest.mark.parametrize("seed", drawn(12, 6))
def test_what_offers_earn_is_what_the_rules_say(seed):
    rng = np.random.default_rng(seed)
    numbers, k = rng.integers(1, 4, 2).tolist(), rng.random()
    types = np.linspace(0, 1, 400)
    low, rise, power = rng.uniform([0.05, 0.5, 0.7], [0.3, 0.9, 2.0], (2, 3)).T
    curves = [institutions.OfferCurve(types, low[i] + rise[i] * types ** power[i]) for i in (0, 1)]
    offers = institutions.MarketOffers(market(*numbers), k, *curves, "any")
    draws = 40_000
    asks = offers.offer_of(0, rng.random((draws, numbers[0])))
    bids = offers.offer_of(1, rng.random((draws, numbers[1])))
    for side, made in ((0, asks), (1, bids)):
        own = rng.uniform(0.2, 1.0)
        made[:, 0] = own
        ranked = np.sort(np.concatenate([asks, bids], axis=1), axis=1)
        price = (1 - k) * ranked[:, numbers[1] - 1] + k * ranked[:, numbers[1]]
        trades = own >= ranked[:, numbers[1]] if side else own <= ranked[:, numbers[1] - 1]
        chance, money = offers.terms(side, np.array([own]))
        assert chance[0] == pytest.approx(trades.mean(), abs=0.015)
        assert money[0] == pytest.approx((price * trades).mean(), abs=0.02)
        made[:, 0] = offers.offer_of(side, rng.random(draws))


LAWS = {
    "uniform": (UNIFORM, UNIFORM, 3, 3, 0.5),
    "unequal weights": (UNIFORM, UNIFORM, 2, 2, 0.2),
    "powers": (stats.beta(2, 1), stats.beta(1, 3), 4, 3, 0.4),
    "shifted": (stats.uniform(0.3, 1), UNIFORM, 2, 3, 0.5),
    "types run out": (UNIFORM, stats.uniform(0.5, 1), 3, 3, 0.5),
    "nearly asks alone": (UNIFORM, UNIFORM, 8, 8, 0.02),
    "nearly bids alone": (UNIFORM, UNIFORM, 4, 4, 0.98),
    "sellers run out": (UNIFORM, stats.uniform(0, 3), 2, 2, 0.5),
    "buyers run out": (stats.uniform(0, 2), stats.uniform(1, 1), 3, 3, 0.2),
    "many, nearly asks alone": (UNIFORM, UNIFORM, 16, 16, 0.02),
    "values of two peaks": (UNIFORM, mo.priors.mixture(
        [mo.priors.truncated(stats.norm(at, 0.24), 0, 3) for at in (0.6, 2.4)], [0.5, 0.5]
    ), 3, 3, 0.5),
    "buyers' bids": (UNIFORM, stats.uniform(0.5, 1), 4, 2, 1.0),
    "bids of two peaks": (stats.beta(2, 5), mo.priors.mixture(
        [mo.priors.truncated(stats.norm(at, 0.1), 0, 1) for at in (0.2, 0.8)], [0.5, 0.5]
    ), 2, 2, 1.0),
}  # fmt: skip


@pytest.mark.parametrize("name", some(list(LAWS), 3, 2))
def test_no_type_gains_by_another_offer_and_no_more_is_gained_than_possible(name):
    cost, value, sellers, buyers, k = LAWS[name]
    offers = institutions.market_equilibrium(market(sellers, buyers, cost, value), k)
    assert offers.row().passed
    assert offers.error < 1e-5
    fine = market(sellers, buyers, cost, value, 200)
    upper = mo.bracket_continuum(mo.solve(mo.ex_ante_efficiency(fine)), extrapolate=False).upper
    assert 0.7 * upper < offers.total <= upper + 1e-6
    shaded = institutions.OfferCurve(offers.bids.types, offers.bids.offers - 0.02)
    worse = replace(offers, bids=shaded)
    assert worse.row().passed is False


@pytest.mark.parametrize(("k", "most"), some([(1.0, 0.31), (0.5, 0.26)], 2))
def test_what_is_lost_falls_with_the_square_of_the_number_of_traders(k, most):
    """And offers near types at the rate of one over it (Rustichini et al., 1994)."""
    lost, shaded = [], []
    for number in (2, 8):
        offers = institutions.market_equilibrium(market(number, number), k)
        whole = institutions.truthful_offers(market(number, number)).total
        lost.append(number**2 * (1 - offers.total / whole))
        values = np.linspace(0.5, 1, 11)
        shaded.append(number * (values - offers.offer_of(1, values)).max())
    assert np.ptp(lost) < 0.05
    assert max(lost) < most
    assert max(shaded) < 1.0


def test_truth_brings_what_is_best_and_is_no_equilibrium():
    truth = institutions.truthful_offers(market(3, 2))
    cells = market(3, 2, cells=400)
    assert truth.total == pytest.approx(cells.efficient_gains, abs=1e-4)
    assert truth.deviation.gain > 1e-3


def test_one_of_each_is_bilateral_trade():
    offers = institutions.market_equilibrium(market(1, 1), 0.5, price=0.5, margin=0.125)
    assert offers.total == pytest.approx(9 / 64, abs=1e-7)
    wide = institutions.market_equilibrium(market(1, 1, value=stats.uniform(0, 3)), 0.5)
    assert wide.total == pytest.approx(0.961806, abs=1e-6)
    spaces = (mo.TypeSpace.from_distribution(law, 8) for law in (UNIFORM, UNIFORM))
    two = institutions.smooth_equilibrium(mo.BilateralTrade(*spaces), price=0.45, margin=0.2)
    same = institutions.market_equilibrium(market(1, 1), 0.5, price=0.45, margin=0.2)
    assert same.total == pytest.approx(two.expected.total, abs=1e-7)


def test_the_mechanism_over_cells_brings_about_as_much():
    offers = institutions.market_equilibrium(market(2, 3, cells=60), 1.0)
    mechanism = offers.mechanism
    assert mechanism.total_gains == pytest.approx(offers.total, abs=1e-3)
    assert mo.audit(mo.ex_ante_efficiency(mechanism.environment), mechanism).passed
    for name, gains in mechanism.expected_utility.items():
        assert gains == pytest.approx(offers.utilities[name], abs=offers.by_cells.change)


@pytest.mark.parametrize("number", some([1, 2], 2))
def test_a_comparison_has_rows_of_markets(number):
    table = institutions.compare_institutions(market(number, number, cells=40))
    bids, smooth = table.row("buyers' bids alone"), table.row("sealed offers")
    assert bids.total < smooth.total < table.row("second best").total + 1e-3
    assert bids.passed
    assert smooth.passed


@pytest.mark.parametrize("count", some([2, 4], 2))
def test_a_comparison_has_rows_of_auctions_which_earn_the_same(count):
    alike = mo.Auction(mo.TypeSpace.from_distribution(UNIFORM, 40), count=count)
    table = institutions.compare_institutions(alike)
    for name in ("first-price bids", "all-pay bids", "second-price bids"):
        assert table.row(name).profit == pytest.approx((count - 1) / (count + 1), abs=1e-9)
        assert table.row(name).passed


def test_the_rows_where_all_pay_do_not_contradict_each_other():
    """A type at the reserve would pay it win or lose: where the same types bid, it is less."""
    types = mo.TypeSpace.from_distribution(UNIFORM, 40)
    bidders = mo.Auction(types, count=3, seller_value=0.2)
    table = institutions.compare_institutions(bidders)
    assert "reserve 0.2;" in table.row("all-pay bids").remark
    usual = mo.compare(bidders).row("all-pay")
    assert usual.profit < table.row("all-pay bids").profit - 0.05
    assert "reserve" not in usual.remark
    assert "types from the seller's value 0.2 on bid" in usual.remark
    # Those types win who win at the second price, too.
    assert usual.total == pytest.approx(table.row("second-price bids").total, abs=2e-3)


def test_what_equilibrium_bids_are_not_for_names_the_bidder():
    finite = mo.Auction(mo.TypeSpace.finite([1, 2]), count=2)
    with pytest.raises(mo.MechoptError, match=r"of bidder_1\)"):
        institutions.first_price_equilibrium(finite)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: institutions.market_equilibrium(mo.Auction(mo.TypeSpace.finite([0, 1]), count=2)),
         "not a market"),
        (lambda: institutions.market_equilibrium(
            mo.Market(mo.TypeSpace.finite([0]), mo.TypeSpace.finite([1]))), "one prior with"),
        (lambda: institutions.market_equilibrium(market(2, 2), 2.0), "not the weight"),
        (lambda: institutions.market_equilibrium(market(2, 2), price=0.5, margin=0.7), "no pair"),
        (lambda: institutions.market_equilibrium(market(2, 2), price=1.5), "no price"),
        (lambda: institutions.market_equilibrium(market(2, 2), 1.0, price=0.5), "there is one"),
        (lambda: institutions.market_equilibrium(market(33, 1)), "at most 32"),
        (lambda: institutions.market_equilibrium(market(2, 2, stats.uniform(1, 1))), "no pair of"),
        (lambda: institutions.market_equilibrium(market(2, 2), price=0.5, margin=0.2), "fall at"),
        (lambda: institutions.market_equilibrium(
            market(3, 3, value=stats.uniform(1.5, 1)), 1.0), "post that"),
        (lambda: institutions.market_equilibrium(
            market(2, 4, value=stats.uniform(0.5, 1)), 1.0), "more buyers"),
    ],
)  # fmt: skip
def test_what_is_not_computed_is_said(make, words):
    with pytest.raises(mo.MechoptError, match=words):
        make()


@pytest.mark.parametrize("offerer", some([1, 0], 2))
def test_a_menu_of_dates_is_what_is_best_for_who_offers_it(offerer):
    types = mo.TypeSpace.from_distribution(UNIFORM, 60)
    found = institutions.institutions_over_ratios(types, types, [0.4, 1.0])
    name = ("seller's dated menu", "buyer's dated menu")[offerer]
    for place, ratio in enumerate((0.4, 1.0)):
        trade = mo.BilateralTrade(types, types, seller_rate=1.0, buyer_rate=ratio)
        best = mo.solve(mo.ex_ante_efficiency(trade, [(1, 0), (0, 1)][offerer])).mechanism
        share = float(found.share.sel(institution=name)[place])
        # Between pairs of cells that are indifferent the two may choose otherwise.
        assert share == pytest.approx(best.total_gains / trade.first_best, abs=2e-3)
        assert share < float(found.efficiency[place])
    assert float(found.gain.max()) < 1e-9


def test_gains_from_other_offers_at_once_are_recomputed():
    from mechopt.literature.institutions import over_ratios

    types, few = mo.TypeSpace.from_distribution(stats.beta(2, 3), 40), mo.TypeSpace.finite([1, 4])
    for trade in (mo.BilateralTrade(types, types), mo.BilateralTrade(few, few)):
        for by, name in enumerate(("seller", "buyer")):
            made = mo.studies.take_it_or_leave_it(trade, name)
            assert over_ratios._gain_of_offers(trade, made.price, by) < 1e-9
            off = made.price + 0.05 * (1 - 2 * by)
            assert over_ratios._gain_of_offers(trade, off, by) > 1e-4


def test_institutions_are_drawn_below_the_second_best(tmp_path, capsys):
    from matplotlib.figure import Figure

    types = mo.TypeSpace.finite([1, 2, 3, 4])
    data = institutions.institutions_over_ratios(types, types, [1.0, 0.5])
    lines = mo.plot.institutions(data, Figure().add_subplot()).lines
    assert [line.get_label() for line in lines][1:] == data.institution.values.tolist()
    dashes = [("--", "-", "-.")[int(d) + int(c)] for d, c in
              zip(data.dated.values, data.commitment.values, strict=True)]  # fmt: skip
    assert [line.get_linestyle() for line in lines][1:] == dashes
    np.testing.assert_array_equal(lines[0].get_ydata(), data.efficiency.values[::-1])
    assert max(line.get_ydata()[1] for line in lines[1:]) <= lines[0].get_ydata()[1] + 1e-9
    output = tmp_path / "reached.svg"
    file = ["--institutions", "examples/six_types", "--output", str(output)]
    assert main(["plot", *file]) == 0
    assert output.stat().st_size > 1_000
    assert main(["plot", "--institutions", "myerson1981/three_bidders", *file[2:]]) == 2
    assert "no bilateral trade" in capsys.readouterr().err


def test_the_command_adds_what_people_play(capsys):
    assert main(["compare", "examples/six_types", "--institutions", "--format", "csv"]) == 0
    printed = capsys.readouterr().out
    assert "sealed offers on a grid" in printed
    assert "broker's two prices" in printed


def test_the_command_adds_offers_over_time(capsys):
    file = "cramton1985/uniform_exchange"
    assert main(["compare", file, "--institutions", "--discount", "9/10", "--format", "csv"]) == 0
    assert "delayed first offer" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--discount", "9/10"], "--discount: no offers over time to compare"),
        (["--institutions", "--discount", "1"], "--discount: not a discount factor"),
        (["--institutions", "--discount", "often"], "--discount: not a discount factor"),
        (["--institutions", "--discount", "0.5", "--periods", "0"], "--periods: no periods"),
    ],
)
def test_offers_over_time_that_cannot_be_are_one_error(words, said, capsys):
    assert main(["compare", "cramton1985/uniform_exchange", *words]) == 2
    assert said in capsys.readouterr().err


def test_a_table_of_cells_and_continuum_says_which_row_is_of_which(capsys):
    """Offers of the continuum are no share of what cells bring: four a side, 20 cells."""
    from mechopt.literature.institutions.table import compare_institutions

    types = mo.TypeSpace.from_distribution(stats.uniform(0, 1), 20)
    table = compare_institutions(mo.Market([types] * 4, [types] * 4))
    first, second = table.row("first best, continuum"), table.row("second best, continuum")
    played = table.row("sealed offers")
    assert first.total == pytest.approx(8 / 9, abs=2e-4)  # m²/(2m+1)/2 of m a side
    assert table.row("second best").total < played.total <= second.total + second.error
    assert table.share(played) == played.total / first.total
    assert "rows from first best, continuum on are about the continuum" in table.to_text()


def test_a_table_says_how_far_it_is():
    told = []
    environment = mo.Auction(mo.TypeSpace.finite([1, 2]), count=2)
    table = institutions.compare_institutions(
        environment, progress=lambda done, total: told.append((done, total))
    )
    played = len(table.rows) - len(mo.compare(environment).rows)
    assert told == [(0, 1), *((done, played + 1) for done in range(1, played + 2))]
    assert table.row("second-price bids") is not None


def test_the_command_says_it_on_standard_error(monkeypatch, capsys):
    monkeypatch.setattr("mechopt._util.progress.SECONDS_TO_FIRST_LINE", 0.0)
    monkeypatch.setattr("mechopt._util.progress.SECONDS_BETWEEN_LINES", 0.0)
    assert main(["compare", "examples/six_types", "--institutions"]) == 0
    said = capsys.readouterr()
    assert re.search(r"^rows: 1 of \d+ in \d+ s, about \d+ s left$", said.err, re.MULTILINE)
    assert "rows: " not in said.out


def test_where_no_smooth_equilibrium_is_found_the_error_says_what_there_is_instead():
    peaks = mo.priors.mixture(
        [mo.priors.truncated(stats.norm(at, 0.08), 0, 1) for at in (0.2, 0.8)], [0.5, 0.5]
    )
    here = market(2, 2, cost=peaks)
    with pytest.raises(UnsupportedProblemError, match=r"None of 3 solutions.*bids or asks alone"):
        institutions.market_equilibrium(here, 0.5)
    with pytest.raises(
        UnsupportedProblemError, match=r"offers would fall.*\. Take another k, price"
    ):
        institutions.market_equilibrium(here, 0.5, price=0.5, margin=0.2)
    assert institutions.market_equilibrium(here, 1.0).deviation.gain < 1e-6


@pytest.mark.parametrize(
    ("k", "steps", "words"),
    [
        (0.5, 400, r"more than 400 steps: solutions that were followed .* fall: 0; the next was"),
        (1.0, 50, "more than 50 steps: the one solution"),
        (0.0, 50, "more than 50 steps: the one solution"),
        (0.5, 0, "most_steps: not a number of steps"),
        (0.5, True, "most_steps: not a number of steps"),
    ],
)
def test_equations_that_take_too_long_are_one_error(k, steps, words):
    with pytest.raises(mo.MechoptError, match=words) as caught:
        institutions.market_equilibrium(market(4, 4), k, most_steps=steps)
    assert "\n" not in str(caught.value)


def test_solutions_that_were_followed_before_the_steps_ended_are_counted():
    peaks = mo.priors.mixture(
        [mo.priors.truncated(stats.norm(at, 0.08), 0, 1) for at in (0.2, 0.8)], [0.5, 0.5]
    )
    with pytest.raises(UnsupportedProblemError, match=r"would fall: [12]; the next was not"):
        institutions.market_equilibrium(market(2, 2, cost=peaks), 0.5, most_steps=28_000)
