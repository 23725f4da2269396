"""Offers of types far from zero, and in large and small units of money."""

from __future__ import annotations

import pytest
from scipy import stats

import mechopt as mo
from mechopt import institutions
from mechopt.errors import UnsupportedProblemError


def space(lowest, width):
    return mo.TypeSpace.from_distribution(stats.uniform(lowest, width), 2)


@pytest.mark.parametrize(("lowest", "width"), [(0, 1e12), (0, 1e-9), (-1e3, 1), (1e6, 1)])
def test_smooth_offers_do_not_depend_on_the_unit_and_the_origin_of_money(lowest, width):
    """Steps were once judged relative to the price: far from zero that asks for nothing."""
    types = space(lowest, width)
    row = institutions.smooth_equilibrium(mo.BilateralTrade(types, types)).row()
    assert row.passed
    assert row.total / width == pytest.approx(9 / 64, rel=1e-6)


@pytest.mark.parametrize("width", [1e12, 1e-9])
def test_market_offers_do_not_depend_on_the_unit_of_money(width):
    totals = []
    for unit in (1, width):
        types = space(0, unit)
        row = institutions.market_equilibrium(mo.Market([types] * 2, [types] * 2)).row()
        assert row.passed
        totals.append(row.total / unit)
    assert totals[1] == pytest.approx(totals[0], rel=1e-6)


def test_market_offers_of_types_too_far_from_zero_are_refused_at_once():
    types = space(1e6, 1)
    with pytest.raises(UnsupportedProblemError, match="too far from zero"):
        institutions.market_equilibrium(mo.Market([types] * 2, [types] * 2))
