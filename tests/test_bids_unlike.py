"""Bids of bidders who differ: first price among any number, all-pay between two."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt import institutions
from mechopt.errors import UnsupportedProblemError
from mechopt.literature.institutions import table as rows
from mechopt.literature.institutions.bids_all_pay import all_pay_bids
from mechopt.studies.offer_curves import OfferCurve

from .draws import THOROUGH, some


def auction(*laws):
    return mo.Auction([mo.TypeSpace.from_distribution(law, 20) for law in laws])


def assert_below_the_first_best(found):
    """Check what bids bring against an auction that gives the good to the highest value."""
    best = institutions.second_price_equilibrium(found.auction, found.reserve)
    assert found.total <= best.total + 1e-7
    assert found.revenue <= found.total + 1e-9


MARKETS = {
    "two alike of three": [stats.uniform(0, 1), stats.uniform(0, 2), stats.uniform(0, 2)],
    "all unlike": [stats.uniform(0, 1), stats.uniform(0, 2), stats.uniform(0, 3)],
    # Found at random: two of one highest type enter together, a third one later.
    "entries together": [
        stats.powerlaw(4, 0, 1.5),
        stats.truncexpon(1.3, 0, 0.667),
        stats.powerlaw(2, 0, 1.5),
        stats.beta(2, 1, 0, 2),
        stats.beta(2, 1, 0, 2),
    ],
    "one strong": [stats.beta(2, 1), stats.beta(2, 1), stats.powerlaw(2, 0, 3)],
    "four": [stats.beta(2, 1), stats.uniform(0, 1), stats.uniform(0, 1.5), stats.powerlaw(3)],
}


# Densities that vanish, or have no bound, at either end; or hardly any in between.
STEEP = {
    "vanishing at the top": [stats.beta(2, 3), stats.beta(3, 2)],
    "one of three": [stats.uniform(0, 1), stats.uniform(0, 2), stats.beta(2, 4)],
    "without a bound": [stats.powerlaw(0.5), stats.beta(0.5, 0.5)],
    "low between two peaks": [
        mo.priors.mixture(
            [mo.priors.truncated(stats.norm(at, 0.08), 0, 1) for at in (0.2, 0.8)], [0.5, 0.5]
        ),
        stats.uniform(0, 1),
    ],
    "both": [stats.beta(2, 0.5), stats.beta(1, 1.1), stats.beta(2, 3)],
}


@cache
def solved(name):
    return institutions.first_price_equilibrium(auction(*MARKETS[name]))


def test_bids_of_powers_with_matching_supports_are_linear():
    # F = (v / c)^a with c - 1 one over the sum of the others' powers: all bid v / c.
    powers = [1.0, 1.0, 2.0]
    tops = [1 + 1 / (sum(powers) - power) for power in powers]
    laws = [stats.powerlaw(a, 0, top) for a, top in zip(powers, tops, strict=True)]
    found = institutions.first_price_equilibrium(auction(*laws))
    types = np.linspace(0.01, 1, 50)
    for k, top in enumerate(tops):
        assert found.bid_of(k, top * types) == pytest.approx(types, abs=1e-8)
    # Max of the bids has F = b^4, and all bid at most 1.
    assert found.revenue == pytest.approx(4 / 5, abs=1e-8)
    assert found.deviation.gain < 1e-9
    assert_below_the_first_best(found)


def test_laws_that_are_one_by_other_names_bid_as_bidders_alike():
    laws = [stats.uniform(0, 1), stats.powerlaw(1)] + [stats.beta(1, 1)] * THOROUGH
    number = len(laws)
    found = institutions.first_price_equilibrium(auction(*laws))
    assert len({id(curve) for curve in found.bids}) == number
    types = np.linspace(0.01, 1, 50)
    for k in range(number):
        assert found.bid_of(k, types) == pytest.approx((1 - 1 / number) * types, abs=1e-8)
    alike = mo.Auction(mo.TypeSpace.from_distribution(laws[0], 20), count=number)
    second = institutions.second_price_equilibrium(alike)
    assert found.revenue == pytest.approx(second.revenue, abs=1e-8)
    first = institutions.first_price_equilibrium(alike)
    assert first.revenue == pytest.approx(second.revenue, abs=1e-9)


def test_a_weak_bidder_enters_below_the_highest_bid():
    found = solved("two alike of three")
    own, other = found.bids[0], found.bids[1]
    bid = float(own.offers[-1])
    # There both of the strong have 1/(x - b) each to offer, and 2/(x - b) = 1/(1 - b).
    at = np.interp(bid, other.offers, other.types)
    assert at == pytest.approx(2 - bid, abs=1e-6)
    # Above, two uniform bidders: x' (x - b) = x, so that x^2/2 - b x stays what it is at x = 2.
    top = float(other.offers[-1])
    above = np.linspace(bid, top, 9)
    x = np.interp(above, other.offers, other.types)
    assert x**2 / 2 - above * x == pytest.approx(np.full(9, 2 - 2 * top), abs=1e-5)
    assert found.deviation.gain < 1e-6
    assert found.bids[1] is found.bids[2]
    assert_below_the_first_best(found)


@pytest.mark.parametrize("name", some(list(MARKETS), 4))
def test_no_type_gains_and_the_order_of_bidders_does_not_matter(name):
    laws, found = MARKETS[name], solved(name)
    assert found.row().passed
    assert found.deviation.gain < 1e-6
    assert_below_the_first_best(found)
    if THOROUGH:
        turned = institutions.first_price_equilibrium(auction(*laws[::-1]))
        assert turned.revenue == pytest.approx(found.revenue, abs=1e-7)
    # A bid of each type by hand: it wins where all others' bids are below.
    rng = np.random.default_rng(0)
    draws = np.array([law.rvs(40_000, random_state=rng) for law in laws])
    bids = np.array([found.bid_of(k, row) for k, row in enumerate(draws)])
    assert np.maximum(bids.max(axis=0), 0).mean() == pytest.approx(found.revenue, rel=0.01)


def test_a_wrong_bid_of_one_of_three_is_noticed():
    found = solved("two alike of three")
    curve = found.bids[1]
    wrong = OfferCurve(curve.types, curve.offers * 0.98)
    spoiled = institutions.SealedBids(
        found.auction, found.rule, (found.bids[0], wrong, found.bids[2]), found.reserve
    )
    assert not spoiled.row().passed


def test_all_pay_bids_of_two_uniform_laws_are_those_of_amann_and_leininger():
    found = institutions.all_pay_equilibrium(auction(stats.uniform(0, 1), stats.uniform(0, 2)))
    types = np.linspace(0.01, 1, 60)
    assert found.bid_of(0, types) == pytest.approx(2 / 3 * types**3, abs=2e-6)
    assert found.bid_of(1, 2 * types) == pytest.approx(2 / 3 * types**1.5, abs=2e-6)
    assert found.revenue == pytest.approx(13 / 30, abs=1e-6)
    assert found.row().passed
    assert_below_the_first_best(found)


def test_low_types_of_a_weak_all_pay_bidder_bid_nothing():
    # f = 1 and f = 2 from 1/2 on: -log x = -2 log k, which ends at k = 1/2, x = 1/4.
    weak, strong = stats.uniform(0, 1), stats.uniform(0.5, 0.5)
    found = institutions.all_pay_equilibrium(auction(weak, strong))
    assert float(found.bids[0].types[0]) == pytest.approx(1 / 4, abs=1e-9)
    assert float(found.bids[1].types[0]) == 0.5
    # x bids the integral of sqrt from 1/4 on.
    types = np.linspace(0.25, 1, 30)
    assert found.bid_of(0, types[1:]) == pytest.approx(2 / 3 * (types[1:] ** 1.5 - 1 / 8), abs=2e-6)
    assert found.utilities["bidder_2"] > 1 / 8
    assert found.row().passed


def test_all_pay_bids_where_low_types_hardly_count():
    found = institutions.all_pay_equilibrium(
        auction(stats.beta(3, 1), stats.truncexpon(2.7, 0, 0.3))
    )
    assert found.row().passed


def test_bidders_below_the_reserve_make_no_bid():
    laws = [stats.uniform(0, 1), stats.uniform(0, 2), stats.uniform(0, 2)]
    found = institutions.first_price_equilibrium(auction(*laws), reserve=1.5)
    # Two uniform bidders: 1.5 * 1.5 / 2 of those above, half the type, over the type.
    assert float(found.bids[1].offers[-1]) == pytest.approx(1 + 1.5**2 / 4, abs=1e-9)
    assert found.utilities["bidder_1"] == pytest.approx(0.0, abs=1e-12)
    assert found.deviation.gain < 1e-9
    alone = institutions.first_price_equilibrium(auction(*laws[:2]), reserve=1.5)
    assert alone.revenue == pytest.approx(1.5 / 4, abs=1e-9)


def test_all_pay_bids_of_bidders_alike_are_the_known_formula():
    law = mo.TypeSpace.from_distribution(stats.beta(2, 2), 20).prior
    curves = all_pay_bids([law, law])
    known = institutions.all_pay_equilibrium(auction(stats.beta(2, 2), stats.beta(2, 2)))
    for curve in curves:
        some_types = curve.types[curve.types > 0.01]
        bids = curve.offers[curve.types > 0.01]
        assert bids == pytest.approx(known.bid_of(0, some_types), abs=1e-6)


def test_the_table_has_bids_of_bidders_who_differ_beside_the_optimum(monkeypatch):
    market = "two alike of three"
    if not THOROUGH:
        monkeypatch.setattr(rows, "first_price_equilibrium", lambda _: solved(market))
    table = institutions.compare_institutions(auction(*MARKETS[market]))
    first, second = table.row("first-price bids"), table.row("second-price bids")
    assert first.passed
    assert 0.9 < table.share(first) < table.share(second) + 1e-9
    assert table.row("all-pay bids").total is None
    assert "for two of them" in table.row("all-pay bids").remark


@pytest.mark.parametrize("other", [stats.uniform(-2, 1), stats.uniform(-2, 2)])
def test_nobody_bids_where_no_type_is_above_the_cost(other):
    market = auction(stats.uniform(-2, 1), other)
    rules = [institutions.first_price_equilibrium, institutions.second_price_equilibrium]
    # All-pay bids of unlike bidders are for types of at least 0.
    first, second = (agent.types.prior for agent in market.agents)
    rules += [institutions.all_pay_equilibrium] if first == second else []
    for rule in rules:
        found = rule(market)
        assert (found.revenue, found.total, found.deviation.gain) == (0.0, 0.0, 0.0)
        assert found.row().passed
        assert found.mechanism.total_gains == 0.0


def test_first_price_bids_where_high_types_are_rarer_than_floats_tell():
    steep, alike = stats.beta(1, 20), auction(stats.beta(1, 20), stats.beta(1, 20))
    known = institutions.first_price_equilibrium(alike)
    found = institutions.first_price_equilibrium(auction(steep, stats.beta(1, 20.000001)))
    assert found.revenue == pytest.approx(known.revenue, rel=1e-5)
    assert found.total == pytest.approx(known.total, rel=1e-5)
    assert found.row().passed


@cache
def first_price_of_two(lowest, unit):
    laws = [stats.uniform(lowest * unit, width * unit) for width in (1, 2)]
    return institutions.first_price_equilibrium(auction(*laws))


@pytest.mark.parametrize(
    ("lowest", "unit"), some([(1e6, 1.0), (1e3, 1e-9), (100.0, 1e9), (1e3, 1.0), (0.0, 1e-9)], 2)
)
def test_first_price_bids_do_not_depend_on_the_distance_from_zero_nor_on_units(lowest, unit):
    near, far = first_price_of_two(0.0, 1.0), first_price_of_two(lowest, unit)
    exact = 1e-9 + 1e-15 * lowest
    assert far.total / unit - lowest == pytest.approx(near.total, abs=exact)
    assert far.revenue / unit - lowest == pytest.approx(near.revenue, abs=exact)
    for name, utility in near.utilities.items():
        assert far.utilities[name] / unit == pytest.approx(utility, abs=exact)
    assert far.row().passed
    assert far.row().max_violation < 1e-9


def all_pay_by_hand(lowest):
    """Integrate what two uniform laws bring, from log x = log(k)/2 up to constants."""
    x = np.linspace(lowest, lowest + 1, 200_001)
    k = (lowest + 2) * (x / (lowest + 1)) ** 2
    won = np.trapezoid(x * np.maximum(k - lowest, 0) / 2, x)
    y = np.linspace(lowest, lowest + 2, 200_001)
    matched = (lowest + 1) * np.sqrt(y / (lowest + 2))
    return won + np.trapezoid(y * np.clip(matched - lowest, 0, 1) / 2, y)


@pytest.mark.parametrize(
    ("lowest", "unit"), some([(1e3, 1.0), (1e4, 1e-9), (10.0, 1e9), (0.0, 1e9)], 2)
)
def test_all_pay_bids_far_from_zero_are_those_by_hand(lowest, unit):
    laws = [stats.uniform(lowest * unit, width * unit) for width in (1, 2)]
    found = institutions.all_pay_equilibrium(auction(*laws))
    assert found.total / unit - lowest == pytest.approx(all_pay_by_hand(lowest) - lowest, abs=2e-8)
    assert found.row().passed
    assert found.row().max_violation < 1e-7


@pytest.mark.parametrize("lowest", some([0.0, 1e3], 1))
def test_all_pay_bids_where_densities_vanish_at_an_end_are_audited(lowest):
    # Matched types change steeply there: this once failed by 3e-6 at 0, and by 1e-3 at 1000.
    laws = [stats.beta(2, 2, lowest, 1), stats.beta(3, 1, lowest, 2)]
    found = institutions.all_pay_equilibrium(auction(*laws))
    assert found.row().passed
    assert found.row().max_violation < 5e-7
    if lowest == 0.0:
        assert found.row().max_violation < 1e-8


def test_all_pay_bids_where_a_density_is_too_small_for_floats_at_an_end():
    found = institutions.all_pay_equilibrium(auction(stats.beta(2, 50), stats.uniform(0, 0.1)))
    assert found.row().passed


def test_wrong_all_pay_bids_far_from_zero_are_noticed():
    laws = [stats.uniform(1e3, width) for width in (1, 2)]
    found = institutions.all_pay_equilibrium(auction(*laws))
    curve = found.bids[0]
    wrong = OfferCurve(curve.types, curve.offers * (1 - 1e-8))
    spoiled = institutions.SealedBids(
        found.auction, found.rule, (wrong, found.bids[1]), found.reserve
    )
    assert not spoiled.row().passed


@pytest.mark.parametrize("name", some(list(STEEP), 4))
def test_densities_may_vanish_or_have_no_bound(name):
    found = institutions.first_price_equilibrium(auction(*STEEP[name]))
    assert found.deviation.gain < 1e-6
    assert found.row().passed
    assert_below_the_first_best(found)
    curve = found.bids[0]
    wrong = OfferCurve(curve.types, curve.offers * (1 - 1e-3))
    spoiled = institutions.SealedBids(
        found.auction, found.rule, (wrong, *found.bids[1:]), found.reserve
    )
    assert spoiled.deviation.gain > 1e-6


def test_bidders_who_hardly_differ_bid_as_bidders_alike():
    """E[highest of the others | below own] of beta(2, 3), whose density vanishes at the top."""
    alike = institutions.first_price_equilibrium(auction(stats.beta(2, 3), stats.beta(2, 3)))
    near = institutions.first_price_equilibrium(auction(stats.beta(2, 3), stats.beta(2, 3.000001)))
    assert near.revenue == pytest.approx(alike.revenue, abs=1e-6)
    types = np.linspace(0.05, 0.999, 40)
    for curve in near.bids:
        assert np.interp(types, curve.types, curve.offers) == pytest.approx(
            np.interp(types, alike.bids[0].types, alike.bids[0].offers), abs=1e-5
        )


REFUSED = {
    "first price, types too close so far from zero": (
        lambda: institutions.first_price_equilibrium(
            auction(stats.uniform(0, 1), stats.powerlaw(2)), reserve=1 - 1e-10
        ),
        "1e-10 above the least bid, which is as far from zero as",
    ),
    "all pay, types too close so far from zero": (
        lambda: institutions.all_pay_equilibrium(
            auction(stats.uniform(1e6, 1), stats.uniform(1e6, 2))
        ),
        "lie within 1 of 1000001, and all within 2 of 1000002 .expected .* at least 50",
    ),
    "three who all pay": (
        lambda: institutions.all_pay_equilibrium(auction(*MARKETS["all unlike"])),
        "for two of them, without a reserve",
    ),
    "all-pay with a reserve": (
        lambda: institutions.all_pay_equilibrium(
            auction(stats.uniform(0, 1), stats.uniform(0, 2)), reserve=0.2
        ),
        "for two of them, without a reserve",
    ),
    "lowest types above the reserve": (
        lambda: institutions.first_price_equilibrium(
            auction(stats.uniform(0, 1), stats.uniform(0.5, 1), stats.uniform(0, 1))
        ),
        "need a reserve at or above all lowest types",
    ),
    "all pay, a density without a bound": (
        lambda: institutions.all_pay_equilibrium(auction(stats.uniform(0, 1), stats.beta(2, 0.5))),
        "finite at the highest type",
    ),
    "a density too small for floats": (
        lambda: institutions.first_price_equilibrium(
            auction(stats.uniform(0, 1), stats.truncnorm(-50, 50, loc=0.5, scale=0.01))
        ),
        "positive between their ends",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_computed_is_said(name):
    make, words = REFUSED[name]
    with pytest.raises(UnsupportedProblemError, match=words):
        make()
