"""Best prices with far types, tiny masses and near-ties, by trying every price in fractions."""

from __future__ import annotations

import io
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from rich.console import Console

import mechopt as mo
from mechopt.report.report import Report
from mechopt.report.sizes import rounded_shares
from mechopt.types.prices.hull import as_given
from tests.draws import drawn

FAR = mo.BilateralTrade(
    mo.TypeSpace.finite([0, 0.3], [0.999, 0.001]),
    mo.TypeSpace.finite([0.35, 0.6, 1e9], [0.5, 0.5 - 1e-15, 1e-15]),
)


def cells_of(trade):
    return [
        list(zip(cells.mean, cells.mass, strict=True))
        for cells in as_given(*(agent.types for agent in trade.agents))
    ]


def gains_of(price, costs, values):
    """Return expected gains of a price by summing over all pairs of types."""
    return sum(
        (m * n * (v - c) for c, m in costs for v, n in values if c <= price <= v), Fraction(0)
    )


def offer_of(own, others, sign):
    """Return the best offer of a type and its gain, the least eager of several best."""
    best, gain = None, Fraction(0)
    for price, _ in sorted(others, reverse=True, key=lambda pair: sign * pair[0]):
        accepted = sum((n for t, n in others if sign * t >= sign * price), Fraction(0))
        if sign * (price - own) * accepted > gain:
            best, gain = price, sign * (price - own) * accepted
    return best, gain


def test_a_far_rare_type_hides_no_better_price():
    best = mo.studies.best_posted_price(FAR)
    assert (best.lowest, best.highest) == (0.3, 0.35)
    assert best.expected.total == pytest.approx(0.474701, abs=1e-12)
    assert best.mechanism.total_gains == pytest.approx(0.474701, abs=1e-12)
    seller = mo.studies.take_it_or_leave_it(FAR, "seller")
    assert seller.price.tolist() == [0.35, 0.6]
    # What the frontier's end gives the seller is what its offers do.
    end = mo.frontier(FAR, [1.0])
    assert float(end.seller[0]) == pytest.approx(seller.expected.giver, rel=1e-12)
    buyer = mo.studies.take_it_or_leave_it(FAR, "buyer")
    assert buyer.price.tolist() == [0.0, 0.0, 0.3]


def far_trade(seed):
    """Return a trade whose types span twelve orders of magnitude, with ties and near-ties."""
    draw = np.random.default_rng([seed, 12])
    sides = []
    for _ in range(2):
        size = int(draw.integers(2, 7))
        types = draw.integers(0, 6, size) + draw.choice([0.0, 1e-12, 2.0**-40], size)
        types = np.unique(np.append(types, 10.0 ** draw.integers(6, 13)))
        mass = draw.integers(1, 5, types.size) * 1.0
        if draw.random() < 0.7:
            mass[-1] = 10.0 ** -draw.integers(6, 15)
        mass /= mass.sum()
        sides.append(mo.TypeSpace(mass, types, types, types))
    return mo.BilateralTrade(*sides)


@pytest.mark.parametrize("seed", drawn(60, 5))
def test_prices_and_offers_are_those_of_enumeration_in_fractions(seed):
    trade = far_trade(seed)
    costs, values = cells_of(trade)
    ends = sorted({t for t, _ in (*costs, *values)})
    prices = sorted([*ends, *((a + b) / 2 for a, b in pairwise(ends))])
    gains = [gains_of(price, costs, values) for price in prices]
    best = mo.studies.best_posted_price(trade)
    assert best.lowest == float(prices[gains.index(max(gains))])
    assert best.expected.total == pytest.approx(float(max(gains)), rel=1e-13)
    for role, own, others, sign in (("seller", costs, values, 1), ("buyer", values, costs, -1)):
        offers = mo.studies.take_it_or_leave_it(trade, role)
        for price, (kind, _) in zip(offers.price, own, strict=True):
            wanted, _ = offer_of(kind, others, sign)
            assert price == (sign * np.inf if wanted is None else float(wanted))


@pytest.mark.parametrize("seed", drawn(30, 5))
def test_monopoly_payoffs_keep_the_gains_of_far_types(seed):
    trade = far_trade(seed)
    costs, values = cells_of(trade)
    offer = mo.peski2024.monopoly(trade.agents[0].types.mean, trade.agents[1].types)
    for payoff, price, (kind, _) in zip(offer.payoff, offer.price, costs, strict=True):
        _, gain = offer_of(kind, values, 1)
        assert payoff == pytest.approx(float(kind + gain), rel=1e-15, abs=1e-15)
        if np.isfinite(price):
            accepted = sum(n for t, n in values if float(t) >= price)
            assert (price - float(kind)) * float(accepted) == pytest.approx(float(gain), rel=1e-9)


def test_exact_ties_are_ties_and_near_ties_are_none():
    # Prices 1 and 2 both bring 1/2 to a seller of cost 0, whatever floats say of thirds.
    tied = mo.TypeSpace.finite([1, 2], ["1/2", "1/2"])
    seller = mo.TypeSpace.finite([0])
    assert mo.studies.take_it_or_leave_it(mo.BilateralTrade(seller, tied)).price.tolist() == [2.0]
    assert mo.peski2024.monopoly(np.array([0.0]), tied).price.tolist() == [1.0]
    for nudge, price in ((2.0**-52, 1.0), (-(2.0**-53), 2.0)):
        types = mo.TypeSpace.finite([1 + nudge, 2], [0.5, 0.5])
        trade = mo.BilateralTrade(seller, types)
        assert mo.studies.take_it_or_leave_it(trade).price.tolist() == [price + max(nudge, 0.0)]


def test_shares_that_payments_round_are_said_to_be_rounded():
    # At 1e14 a payment is known to 1/64; the gains to be shared are 25/27.
    far = mo.TypeSpace.finite([1e14 + k for k in range(6)])
    near = mo.TypeSpace.finite(range(6))
    for types, rounded in ((far, True), (near, False)):
        solution = mo.solve(mo.ex_ante_efficiency(mo.BilateralTrade(types, types)))
        within = rounded_shares(solution)
        assert bool(within) is rounded
        off = sum(solution.mechanism.expected_utility.values()) - 25 / 27
        assert abs(off) <= max(sum(within.values()), 1e-12)
        report = Report(solution, mo.audit(solution.problem, solution), "far", "money", 0.0)
        assert ("utilities_within" in report.record()) is rounded
        page = io.StringIO()
        report.show(Console(width=80, file=page))
        assert ("to within 0.008" in page.getvalue()) is rounded
