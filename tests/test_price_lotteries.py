"""Draws among prices: the least regret, and what it bounds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import linprog

import mechopt as mo
from mechopt import institutions
from mechopt.errors import InvalidInputError
from tests.draws import some

LAWS = {
    "uniform": (stats.uniform(0, 1), stats.uniform(0, 1)),
    "apart": (stats.uniform(0, 1), stats.uniform(0.5, 1)),
    "beta": (stats.beta(2, 3), stats.beta(0.5, 0.5)),
    "power": (stats.powerlaw(0.3), stats.powerlaw(4, loc=0.2, scale=0.7)),
}


def trade(*laws):
    return mo.BilateralTrade(*(mo.TypeSpace.from_distribution(law, 8) for law in laws))


SUPPORTS = [
    ((0, 1), (0, 1)), ((0, 1), (0.5, 1.5)), ((0, 1), (0.9, 1)), ((0.4, 1), (0, 0.6)),
    ((-3, 7), (6, 8)), ((0, 2), (0.5, 0.6)), ((0, 1), (0.9, 5)), ((1e6, 1e6 + 1), (1e6, 1e6 + 2)),
]  # fmt: skip


@pytest.mark.parametrize(("costs", "values"), SUPPORTS)
def test_no_lottery_over_prices_has_a_smaller_largest_regret(costs, values):
    spaces = [mo.TypeSpace.finite(ends) for ends in (costs, values)]
    lottery = institutions.price_lottery(mo.BilateralTrade(*spaces))
    least, most = max(costs[0], values[0]), min(costs[1], values[1])
    width = values[1] - costs[0]
    nearest = min(max((costs[0] + values[1]) / 2, least), most)
    proved = (nearest - costs[0]) * (values[1] - nearest) / width
    # A step is 1/256 of the width, and makes one of its ends lose that more, with what it gains.
    assert proved - 1e-9 <= lottery.largest_regret <= proved + width / 256
    # By a linear program over lotteries on a grid, of which only some pairs are asked.
    prices = np.unique(np.append(np.linspace(least, most, 25), nearest))
    asking = np.append(costs[0], np.append(prices, prices + width * 1e-7))
    bidding = np.append(values[1], np.append(prices, prices - width * 1e-7))
    pairs = [
        (s, b) for s in asking[asking <= costs[1]] for b in bidding[bidding >= values[0]] if b > s
    ]
    rows = [(b - s) * np.append((prices >= s) & (prices <= b), 0.0) for s, b in pairs]
    loss = np.array([b - s for s, b in pairs])
    found = linprog(
        np.append(np.zeros(prices.size), 1.0),
        A_ub=-np.array(rows) / width - np.eye(1, prices.size + 1, prices.size),
        b_ub=-loss / width,
        A_eq=[np.append(np.ones(prices.size), 0.0)],
        b_eq=[1.0],
    )
    assert found.fun * width >= proved - 1e-6 * width
    assert lottery.deviation.gain == 0.0


@pytest.mark.parametrize("name", some(list(LAWS), 2))
def test_what_a_lottery_loses_is_at_most_its_largest_regret(name):
    environment = trade(*LAWS[name])
    lottery = institutions.price_lottery(environment)
    lost = mo.compare(environment).row("first best").total - lottery.total
    assert 0 < lost <= lottery.largest_regret
    assert lottery.mechanism.total_gains == pytest.approx(lottery.total)
    row = institutions.compare_institutions(environment).row("price lottery")
    assert (row.total, row.passed) == (lottery.total, True)
    assert f"{lottery.largest_regret:.6g}" in row.remark


def test_the_largest_regret_of_pairs_of_prices_is_that_of_all_types():
    spaces = [mo.TypeSpace.finite(ends) for ends in ([0, 1], [0.25, 1.25])]
    pairs = institutions.PricePairs(
        mo.BilateralTrade(*spaces), [0.3, 0.6, -1, 2], [0.7, 0.5, 0, 0.1], [0.4, 0.3, 0.2, 0.1]
    )
    costs, values = np.linspace(0, 1, 1001), np.linspace(0.25, 1.25, 1001)
    sells = costs[:, None] <= pairs.to_seller
    buys = values[:, None] >= pairs.from_buyer
    lost = (values - costs[:, None]) * (1 - (sells * pairs.probabilities) @ buys.T)
    assert pairs.largest_regret == pytest.approx(lost.max(), abs=2e-3)
    assert pairs.largest_regret >= lost.max()


@pytest.mark.parametrize(("costs", "values", "total"), [((0, 1), (2, 3), 2), ((2, 3), (0, 1), 0)])
def test_one_price_where_types_do_not_overlap(costs, values, total):
    spaces = [mo.TypeSpace.finite(ends) for ends in (costs, values)]
    lottery = institutions.price_lottery(mo.BilateralTrade(*spaces))
    assert lottery.to_seller == pytest.approx([1.5])
    assert (lottery.total, lottery.largest_regret) == (total, 0)


def test_prices_without_probabilities_are_refused():
    types = mo.TypeSpace.finite([0, 1])
    with pytest.raises(InvalidInputError, match="both, or neither, got no probabilities"):
        institutions.price_lottery(mo.BilateralTrade(types, types), [0.5])


@pytest.mark.parametrize(
    ("overlap", "distance", "unit"), [(0.05, 0.0, 1.0), (1e-3, 0.0, 1e9), (0.01, 1e3, 1.0)]
)
def test_a_broker_finds_prices_in_a_small_overlap(overlap, distance, unit):
    """Of uniform types it buys at a third of the overlap and sells at two, as of all of them."""
    laws = [stats.uniform((distance + at) * unit, unit) for at in (0.0, overlap - 1.0)]
    pair = institutions.broker_prices(
        mo.BilateralTrade(*(mo.TypeSpace.from_distribution(law, 20) for law in laws))
    )
    assert pair.profit / unit == pytest.approx(overlap**3 / 27, rel=1e-6)
    prices = np.append(pair.to_seller, pair.from_buyer) / unit - distance
    assert prices == pytest.approx([overlap / 3, 2 * overlap / 3], rel=1e-3)
