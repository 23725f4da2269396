"""Payments from a trading rule (Lemma 4), and from interim to ex post payments."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt.errors import InvalidInputError
from mechopt.mechanism.payments import ex_post_payments

from .cases import FIXED, random_trade, uniform_types
from .test_extension import CommonProject


def lemma_4(trade, rule):
    """Return x(s, b) of theory.md, section 3.4, by adding its integrals up jump by jump.

    The jump of the seller's probability between two cells is valued at the upper end of the lower
    one, the jump of the buyer's at the lower end of the upper one.
    """
    seller, buyer = (agent.types for agent in trade.agents)
    sells, buys = rule @ buyer.mass, seller.mass @ rule
    below = np.cumsum(seller.mass)
    k = buyer.lower[0] * buys[0] - sum(
        seller.upper[i] * (1 - below[i]) * (sells[i + 1] - sells[i]) for i in range(sells.size - 1)
    )
    x = np.empty(rule.shape)
    for i, j in np.ndindex(*rule.shape):
        over_buyers = sum(buyer.lower[h] * (buys[h] - buys[h - 1]) for h in range(1, j + 1))
        over_sellers = sum(seller.upper[h] * (sells[h + 1] - sells[h]) for h in range(i))
        x[i, j] = over_buyers + over_sellers + k
    return x


@pytest.mark.parametrize("name", FIXED)
def test_payment_is_lemma_4_on_finite_types_and_cells(name):
    trade = FIXED[name]
    rule = trade.efficient_allocation()[0]
    mechanism = mo.cramton1985.payments_from_rule(trade, rule)
    tolerance = 1e-12 * max(abs(trade.agents[1].types.highest), trade.payoff_scale)
    seller_pays, buyer_pays = mechanism.ex_post_payment
    assert buyer_pays == pytest.approx(lemma_4(trade, rule), abs=tolerance)
    assert seller_pays + buyer_pays == pytest.approx(np.zeros(trade.shape), abs=tolerance)


def uniform_exchange_payment(cost, value):
    """Return x(s, b) when trade takes place iff b - s > 1/4 and both are uniform on [0, 1].

    Q(b) = b - 1/4 above 1/4 and P(s) = 3/4 - s below 3/4, so the integrals are squares; and
    k = -∫ u (1-u) dP(u) = ∫ u (1-u) du over [0, 3/4] = 9/64.
    """
    return (
        0.5 * (np.maximum(value, 0.25) ** 2 - 1 / 16) - 0.5 * np.minimum(cost, 0.75) ** 2 + 9 / 64
    )


@pytest.mark.parametrize("num_cells", [10, 42, 170, 682])
def test_payment_approaches_the_closed_form_of_uniform_exchange(num_cells):
    cells = mo.TypeSpace.from_distribution(stats.uniform(0, 1), num_cells)
    trade = mo.BilateralTrade(cells, cells)
    rule = (cells.mean[None, :] - cells.mean[:, None] > 0.25).astype(float)
    payment = mo.cramton1985.payments_from_rule(trade, rule).ex_post_payment[1]
    expected = uniform_exchange_payment(cells.mean[:, None], cells.mean[None, :])
    assert np.abs(payment - expected).max() <= 0.8 / num_cells
    # At the corner only the constant is left.
    assert payment[0, 0] == pytest.approx(9 / 64, abs=0.5 / num_cells)


def test_closed_form_leaves_the_lowest_value_nothing_and_has_no_slack():
    grid = (np.arange(20_000) + 0.5) / 20_000
    lowest_value_pays = uniform_exchange_payment(grid, 0.0).mean()
    highest_cost_gets = uniform_exchange_payment(1.0, grid).mean()
    assert lowest_value_pays == pytest.approx(0.0, abs=1e-8)
    assert highest_cost_gets == pytest.approx(0.0, abs=1e-8)


BINDING = {
    "six-types": mo.BilateralTrade(uniform_types(6), uniform_types(6)),
    "eight-types": mo.BilateralTrade(uniform_types(8), uniform_types(8)),
    "random-10": random_trade(10),
    "cells-beta": FIXED["cells-beta"],
}


@pytest.mark.parametrize("backend", [None, "highs"])
@pytest.mark.parametrize("name", BINDING)
def test_interim_payments_are_the_programs_where_the_slack_binds(name, backend):
    trade = BINDING[name]
    solution = mo.solve(mo.ex_ante_efficiency(trade), backend)
    assert solution.alpha > 0.01, "the slack binds"
    rule = solution.mechanism.allocation.dense(trade)[0]
    mechanism = mo.cramton1985.payments_from_rule(trade, rule)
    for agent in ("seller", "buyer"):
        assert mechanism.payment_of(agent) == pytest.approx(
            solution.mechanism.payment_of(agent), abs=1e-8 * trade.payoff_scale
        )
    assert mo.audit(solution.problem, mechanism).passed


def participation(problem, mechanism, agent):
    (check,) = [
        check
        for check in mo.audit(problem, mechanism).checks
        if check.requirement == f"participation of {agent}"
    ]
    return check


@pytest.mark.parametrize("name", ["trade-always-efficient", "finite-irregular", "far-from-zero"])
def test_lowest_value_gets_nothing_and_the_seller_the_slack(name):
    trade = FIXED[name]
    problem = mo.ex_post_efficiency(trade)
    mechanism = mo.cramton1985.payments_from_rule(trade, trade.efficient_allocation()[0])
    slack = -mo.solve(mo.minimum_subsidy(trade)).objective
    buyer, seller = (participation(problem, mechanism, name) for name in ("buyer", "seller"))
    assert buyer.violation == pytest.approx(0.0, abs=1e-12)
    # A type is named where it is short by more than rounding.
    assert buyer.where == "every type gets its outside option"
    assert mechanism.utility_of("buyer")[0] == pytest.approx(0.0, abs=1e-12)
    assert seller.violation == pytest.approx(-slack, abs=1e-10)
    assert seller.passed == (slack >= 0)
    assert (f"seller type {trade.shape[0] - 1} " in seller.where) == (slack < 0)


@pytest.mark.parametrize(
    ("slack_to", "seller_share"),
    [
        ("seller", 1.0),
        ("buyer", 0.0),
        ({"seller": 0.5, "buyer": 0.5}, 0.5),
        ({"seller": 0.25, "buyer": 0.75}, 0.25),
        ({"buyer": 1.0}, 0.0),
    ],
    ids=str,
)
def test_slack_is_split_as_asked(slack_to, seller_share):
    trade = FIXED["trade-always-efficient"]
    mechanism = mo.cramton1985.payments_from_rule(trade, np.ones((2, 2)), slack_to=slack_to)
    # Trade is sure, costs are at most 1 and values at least 1: a fixed price of 1 leaves no slack.
    assert mechanism.ex_post_payment[1] == pytest.approx(np.ones((2, 2)))
    wide = mo.BilateralTrade(mo.TypeSpace.finite([0, 1]), mo.TypeSpace.finite([3, 5]))
    mechanism = mo.cramton1985.payments_from_rule(wide, np.ones((2, 2)), slack_to=slack_to)
    # Here the price may be anything from 1 to 3.
    assert mechanism.ex_post_payment[1] == pytest.approx(np.full((2, 2), 1.0 + 2.0 * seller_share))
    assert mechanism.utility_of("seller")[-1] == pytest.approx(2.0 * seller_share)
    assert mechanism.utility_of("buyer")[0] == pytest.approx(2.0 * (1 - seller_share))
    assert mo.audit(mo.ex_post_efficiency(wide), mechanism).passed


@pytest.mark.parametrize(
    ("rule", "agent"),
    [([[0, 1], [1, 1]], "seller"), ([[1, 0], [0, 0]], "buyer"), ([[0, 0], [0, 1]], "seller")],
)
def test_rule_without_incentive_compatible_payments_is_refused(rule, agent):
    with pytest.raises(InvalidInputError, match=f"incentive compatible for the {agent}"):
        mo.cramton1985.payments_from_rule(FIXED["coins"], np.array(rule))


@pytest.mark.parametrize("shape", [(2,), (3, 2), (1, 2, 2)])
def test_rule_of_the_wrong_shape_is_refused(shape):
    with pytest.raises(InvalidInputError, match="expected an array of shape"):
        mo.cramton1985.payments_from_rule(FIXED["coins"], np.zeros(shape))


@pytest.mark.parametrize(
    "slack_to",
    ["broker", {}, {"seller": 0.5}, {"seller": 0.7, "buyer": 0.7}, {"seller": 0.5, "broker": 0.5}],
    ids=str,
)
def test_shares_that_are_no_split_are_refused(slack_to):
    with pytest.raises(InvalidInputError, match="not a way to split the slack"):
        mo.cramton1985.payments_from_rule(
            FIXED["coins"], np.array([[0, 1], [0, 0]]), slack_to=slack_to
        )


@pytest.fixture
def bridge():
    spaces = [
        mo.TypeSpace.finite([0, 1, 2], [0.2, 0.5, 0.3]),
        mo.TypeSpace.finite([0.5, 1.5], [0.6, 0.4]),
        mo.TypeSpace.finite([0, 3], [0.75, 0.25]),
    ]
    agents = (mo.Agent(f"user_{i}", space) for i, space in enumerate(spaces))
    return mo.Environment(tuple(agents), CommonProject(3, 1.8))


def test_three_agents_pay_the_cost_in_every_profile(bridge):
    mechanism = mo.solve(mo.ex_ante_efficiency(bridge)).mechanism
    built = mechanism.allocation.dense(bridge)[0]
    assert 0.1 < bridge.expectation(built) < 0.9, "the cost varies"
    payments = mechanism.ex_post_payments()
    assert payments.sum(axis=0) == pytest.approx(1.8 * built, abs=1e-9)
    for i in range(3):
        assert bridge.interim(i, payments[i]) == pytest.approx(mechanism.payment[i], abs=1e-12)


def test_payments_of_three_agents_carry_any_expected_surplus(bridge):
    rng = np.random.default_rng(3)
    allocation = rng.uniform(size=(1, *bridge.shape))
    interim = [rng.normal(size=size) for size in bridge.shape]
    payments = ex_post_payments(bridge, allocation, interim)
    for i in range(3):
        assert bridge.interim(i, payments[i]) == pytest.approx(interim[i], abs=1e-14)
    surplus = sum(mass @ values for mass, values in zip(bridge.masses, interim, strict=True))
    surplus -= bridge.expected_cost(allocation)
    left = payments.sum(axis=0) - 1.8 * allocation[0]
    assert left == pytest.approx(np.full(bridge.shape, surplus), abs=1e-14)
