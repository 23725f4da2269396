"""Sealed bids at the edges: far types, many bidders, one bidder, reserves below and above types."""

from __future__ import annotations

import pytest
from scipy import stats

import mechopt as mo
from mechopt import institutions
from mechopt.errors import UnsupportedProblemError

UNIFORM = stats.uniform(0, 1)


def space(law):
    return mo.TypeSpace.from_distribution(law, 2)


def auction(*laws):
    return mo.Auction([space(law) for law in laws])


@pytest.mark.parametrize(("lowest", "number"), [(0, 50), (1e6, 2), (1e6, 50)])
def test_what_all_types_have_in_common_adds_no_error(lowest, number):
    """Quadratures of what types are worth once lost a third of the width at a distance of 1e6."""
    bidders = mo.Auction(space(stats.uniform(lowest, 1)), count=number)
    revenue, total = lowest + (number - 1) / (number + 1), lowest + number / (number + 1)
    for rule in (institutions.first_price_equilibrium, institutions.second_price_equilibrium):
        bids = rule(bidders)
        assert bids.revenue == pytest.approx(revenue, abs=2e-8)
        assert bids.total == pytest.approx(total, abs=2e-8)
        assert bids.row().passed


def test_fifty_bidders_who_all_pay_bid_little_without_an_overflow():
    bidders = mo.Auction(space(UNIFORM), count=50)
    bids = institutions.all_pay_equilibrium(bidders)
    assert bids.revenue == pytest.approx(49 / 51, abs=1e-7)
    assert bids.row().passed


@pytest.mark.parametrize(
    ("lowest", "reserve", "revenue"),
    [
        # Whoever bids wins if nobody else is as high: all of [1, 2] bid, as in the first-price.
        (1.0, None, 4 / 3),
        # Types above t bid, with t (t - 1) = 1/2, although all of them are worth more than 1/2.
        (1.0, 0.5, 1.2679491924),
        (-1.0, None, 1 / 12),
    ],
)
def test_a_reserve_below_all_types_keeps_some_from_bidding_where_all_pay(lowest, reserve, revenue):
    law = stats.uniform(lowest, 2 if lowest < 0 else 1)
    bids = institutions.all_pay_equilibrium(auction(law, law), reserve)
    first = bids.bids[0].types[0]
    at = law.cdf(first)
    assert first * at == pytest.approx(reserve or 0.0, abs=1e-12)
    assert bids.revenue == pytest.approx(revenue, abs=1e-9)
    assert bids.row().passed
    # The same types bid at the second price with the reserve of the lowest of them.
    same = institutions.second_price_equilibrium(auction(law, law), float(first))
    assert bids.revenue == pytest.approx(same.revenue, abs=1e-9)


def test_where_all_pay_no_bid_is_below_nothing():
    law = stats.uniform(-1, 2)
    with pytest.raises(mo.InvalidInputError, match="at least 0"):
        institutions.all_pay_equilibrium(mo.Auction(space(law), count=2, seller_value=-1), -0.5)


@pytest.mark.parametrize(
    "rule", ["first_price_equilibrium", "second_price_equilibrium", "all_pay_equilibrium"]
)
def test_a_single_bidder_bids_the_reserve(rule):
    bids = getattr(institutions, rule)(mo.Auction(space(UNIFORM), count=1), 0.25)
    assert bids.revenue == pytest.approx(3 / 16)
    assert bids.row().passed


def test_a_bidder_below_the_reserve_never_bids():
    bids = institutions.second_price_equilibrium(auction(UNIFORM, stats.uniform(0, 2)), 1.5)
    assert bids.revenue == pytest.approx(0.25 * 1.5)
    assert bids.utilities["bidder_1"] == 0.0


def test_bids_that_floats_cannot_tell_apart_are_one_error():
    law = stats.uniform(1e6, 1)
    with pytest.raises(UnsupportedProblemError, match="too close to tell apart"):
        _ = institutions.first_price_equilibrium(auction(law, law), 1e6 + 0.999999).revenue
