"""What people play as a mechanism of cells: it passes the audit, and stays near the equilibrium."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt import institutions
from mechopt.errors import UnsupportedProblemError
from mechopt.institutions import OfferCurve
from mechopt.literature.institutions.delayed_by_cells import balanced_lots
from mechopt.studies.sealed_by_cells import payments_at_trade
from tests.draws import some

UNIFORM = stats.uniform(0, 1)
PEAKS = mo.priors.mixture(
    [mo.priors.truncated(stats.norm(at, 0.08), 0, 1) for at in (0.2, 0.8)], [0.5, 0.5]
)
RARER = mo.priors.truncated(stats.expon(0, 0.4), 0, 1)
LAWS = {
    "uniform": (UNIFORM, UNIFORM),
    "shifted": (UNIFORM, stats.uniform(0.5, 1)),
    "apart": (UNIFORM, stats.uniform(1.1, 1.9)),
    "wide": (UNIFORM, stats.uniform(0, 3)),
    "far": (stats.uniform(1000, 100), stats.uniform(980, 150)),
    "powers": (stats.beta(2, 1), stats.beta(1, 2)),
    "beta": (stats.beta(2, 5), stats.beta(4, 2)),
    "exponential": (RARER, RARER),
    "two peaks": (PEAKS, PEAKS),
    "two peaks and uniform": (PEAKS, UNIFORM),
}


def spaces(laws, cells):
    return [mo.TypeSpace.from_distribution(law, cells) for law in laws]


def most_gained_by_definition(mechanism):
    """Return the most that the end of any cell gains by another report, or by staying out."""
    masses = mechanism.environment.masses
    traded, most = mechanism["trade"], 0.0
    for i, agent in enumerate(mechanism.environment.agents):
        money, amount = (
            table @ masses[1] if i == 0 else masses[0] @ table
            for table in (mechanism.ex_post_payment[i], traded * (2 * i - 1))
        )
        for own in (agent.types.lower, agent.types.upper):
            payoffs = own[:, None] * amount - money
            best = np.maximum(payoffs.max(axis=1), 0.0)
            most = max(most, float((best - np.diag(payoffs)).max()))
    return most


@pytest.mark.parametrize(
    ("name", "k"), some([(name, k) for name in LAWS for k in (0.5, 0.2)], 10, 6)
)
def test_smooth_offers_of_cells_pass_the_audit_and_near_the_equilibrium(name, k):
    laws = LAWS[name]
    coarse = institutions.smooth_equilibrium(mo.BilateralTrade(*spaces(laws, 8)), k)
    changes, size = [], max(abs(law.high) for law in coarse.laws)
    for cells in (20, 80):
        environment = mo.BilateralTrade(*spaces(laws, cells))
        offers = replace(coarse, trade=environment)
        found, mechanism = offers.by_cells, offers.mechanism
        assert mechanism is found.mechanism
        assert not found.is_average
        assert 0.0 <= found.weight < 1.0
        problem = mo.ex_ante_efficiency(environment, budget_holds="ex-post")
        report = mo.audit(problem, mechanism)
        assert report.passed, str(report)
        assert most_gained_by_definition(mechanism) < 1e-13 * size
        assert not (mechanism.ex_post_payment[:, mechanism["trade"] == 0.0]).any()
        # Every type's payoff is off by at most the change, and all of them by twice that.
        assert abs(mechanism.total_gains - offers.expected.total) <= 2.0 * found.change
        changes.append(found.change)
    assert changes[1] < changes[0]


def test_the_change_falls_with_the_square_of_a_cells_width_and_is_what_it_says():
    changes = []
    for cells in (20, 40, 80):
        offers = institutions.linear_equilibrium(mo.BilateralTrade(*spaces(LAWS["uniform"], cells)))
        found = offers.by_cells
        changes.append(found.change)
        types = found.mechanism.environment.agents[1].types
        # A value b of the linear equilibrium expects (b - 1/4)^2 / 2.
        values = np.concatenate([types.lower, types.upper])
        expected = 0.5 * np.maximum(values - 0.25, 0.0) ** 2
        bought, paid = found.mechanism.quantity_of("buyer"), found.mechanism.payment_of("buyer")
        payoffs = values * np.tile(bought, 2) - np.tile(paid, 2)
        assert abs(payoffs - expected).max() == pytest.approx(found.change, rel=1e-6)
    assert changes[:-1] == pytest.approx([4 * change for change in changes[1:]], rel=0.05)


def test_a_payment_or_a_trade_that_is_off_is_noticed():
    environment = mo.BilateralTrade(*spaces(LAWS["uniform"], 40))
    mechanism = institutions.smooth_equilibrium(environment).mechanism
    problem = mo.ex_ante_efficiency(environment)
    assert mo.audit(problem, mechanism).passed
    # One cell's payments, by as much as the averages of payments are off.
    for agent, place in ((0, 3), (1, 30)):
        paid = [np.array(each) for each in mechanism.payment]
        paid[agent][place] += 3e-5
        wrong = mo.Mechanism(environment, mechanism.allocation, tuple(paid))
        assert any("incentive" in check.requirement for check in mo.audit(problem, wrong).failed)
    profiles = np.array(mechanism.ex_post_payment)
    profiles[1, 5, 30] += 1e-3
    off = mo.Mechanism.of_profiles(environment, mechanism.allocation, profiles)
    assert not mo.audit(problem, off).passed


def test_steps_prices_and_finite_types_are_averages_that_nothing_was_changed_in():
    environment = mo.BilateralTrade(*spaces(LAWS["beta"], 10))
    types = mo.TypeSpace.finite([1, 2, 3, 4, 5, 6])
    finite = mo.BilateralTrade(types, types)
    for offers in (
        institutions.step_equilibrium(environment, 0.5, 3),
        institutions.one_price(environment, 0.4),
        institutions.grid_equilibrium(finite, [1, 2, 3, 4, 5, 6], 0.5),
    ):
        found = offers.by_cells
        assert found.is_average
        assert found.weight == 0.0
        assert found.change < 1e-12
        assert found.mechanism.total_gains == pytest.approx(offers.expected.total, abs=1e-13)
        problem = mo.ex_ante_efficiency(found.mechanism.environment)
        assert mo.audit(problem, found.mechanism).passed


def test_offers_that_are_no_equilibrium_are_not_made_one():
    environment = mo.BilateralTrade(*spaces(LAWS["uniform"], 40))
    offers = institutions.linear_equilibrium(environment)
    asks = OfferCurve(offers.giver.types, [*offers.giver.offers[:-1], 0.77])
    wrong = replace(offers, giver=asks)
    assert wrong.deviation.gain > 1e-4
    found = wrong.by_cells
    assert found.is_average
    problem = mo.ex_ante_efficiency(found.mechanism.environment)
    assert not mo.audit(problem, found.mechanism).passed


def test_cells_that_are_too_coarse_are_refused():
    one = mo.BilateralTrade(*spaces(LAWS["uniform"], 1))
    offers = institutions.smooth_equilibrium(one)
    with pytest.raises(UnsupportedProblemError, match=r"too coarse.*Take more cells"):
        _ = offers.mechanism
    assert offers.expected.total == pytest.approx(9 / 64)


def test_the_mechanism_does_not_depend_on_the_unit_of_money():
    found = []
    for unit in (1.0, 1e6):
        laws = stats.beta(2, 5, scale=unit), stats.beta(4, 2, scale=unit)
        offers = institutions.smooth_equilibrium(mo.BilateralTrade(*spaces(laws, 12)))
        found.append((offers.by_cells.change / unit, offers.by_cells.weight))
    assert found[1] == pytest.approx(found[0], rel=1e-5)


def test_payments_at_trade_are_the_nearest_in_least_squares():
    """Against a pseudo-inverse of all the equations, on random staircases."""
    rng = np.random.default_rng(3)
    first = np.sort(rng.integers(0, 5, 6))
    chance = np.where(np.arange(5) >= np.minimum(first, 4)[:, None], rng.uniform(0.2, 1, (6, 5)), 0)
    masses = rng.dirichlet(np.ones(6)), rng.dirichlet(np.ones(5))
    price, other = rng.uniform(0, 1, (2, 6, 5))
    wanted = (chance * other) @ masses[1], masses[0] @ (chance * other)
    payment = payments_at_trade(chance, price, masses, wanted)
    assert payment @ masses[1] == pytest.approx(wanted[0], abs=1e-13)
    assert masses[0] @ payment == pytest.approx(wanted[1], abs=1e-13)
    pairs = np.argwhere(chance > 0)
    weights = np.array([masses[0][i] * chance[i, j] * masses[1][j] for i, j in pairs])
    rows = np.zeros((11, len(pairs)))
    for n, (i, j) in enumerate(pairs):
        rows[i, n] = rows[6 + j, n] = weights[n]
    short = np.concatenate([masses[0] * wanted[0], masses[1] * wanted[1]])
    short = short - rows @ np.array([price[i, j] for i, j in pairs])
    change = np.linalg.pinv(rows / np.sqrt(weights)) @ short / np.sqrt(weights)
    for n, (i, j) in enumerate(pairs):
        assert payment[i, j] / chance[i, j] - price[i, j] == pytest.approx(change[n], abs=1e-10)


@pytest.mark.parametrize(
    ("name", "numbers", "k"),
    some(
        [
            (name, numbers, k)
            for name in ("exponential", "uniform", "beta", "powers", "two peaks")
            for numbers, k in (((2, 2), 0.5), ((3, 2), 0.3), ((2, 2), 1.0))
            if (name, numbers, k) not in {("two peaks", (3, 2), 0.3), ("beta", (2, 2), 1.0)}
        ],
        13,
        3,
    ),
)
def test_market_offers_of_cells_pass_the_audit_and_near_the_equilibrium(name, numbers, k):
    offers = institutions.market_equilibrium(mo.Market(*spaces(LAWS[name], 8), *numbers), k)
    changes = []
    for cells in (10, 40):
        market = mo.Market(*spaces(LAWS[name], cells), *numbers)
        found = replace(offers, market=market).by_cells
        report = mo.audit(mo.ex_ante_efficiency(market), found.mechanism)
        assert report.passed, str(report)
        assert abs(found.mechanism.total_gains - offers.total) <= sum(numbers) * found.change
        changes.append(found.change)
    assert changes[1] < 0.5 * changes[0]


def test_market_offers_that_are_no_equilibrium_are_not_made_one():
    market = mo.Market(*spaces(LAWS["uniform"], 10), 2, 2)
    offers = institutions.market_equilibrium(market, 1.0)
    shaded = OfferCurve(offers.bids.types, 0.9 * offers.bids.offers)
    found = replace(offers, bids=shaded).by_cells
    assert found.is_average
    assert not mo.audit(mo.ex_ante_efficiency(market), found.mechanism).passed


def test_payments_in_a_pair_keep_what_prices_depend_on_in_both_types() -> None:
    # One number per type is free, so that of the prices the interaction of the types must be kept.
    trade = mo.BilateralTrade(mo.TypeSpace.finite([0, 1]), mo.TypeSpace.finite([3, 4]))
    price, sure = np.array([[1.5, 2.0], [2.0, 3.0]]), np.ones((2, 2))
    found = balanced_lots(
        trade, [[sure, sure, price]], lambda i, own: own - 2.125 if i else 2.125 - own
    )
    paid = found.mechanism.ex_post_payments()[1]
    interaction = paid[0, 0] - paid[0, 1] - paid[1, 0] + paid[1, 1]
    assert interaction == pytest.approx(0.5, abs=1e-12)
    assert found.change == pytest.approx(0.0, abs=1e-12)


def test_types_too_close_to_an_end_for_floats_are_refused_in_words():
    # Half of the types are below 1e-6: a price and the value that offers it are one float.
    law = stats.beta(0.05, 1)
    with pytest.raises(UnsupportedProblemError, match="too close to tell apart in floating point"):
        institutions.smooth_equilibrium(mo.BilateralTrade(*spaces((law, law), 8)))
