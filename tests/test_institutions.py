"""Institutions in equilibrium: closed forms, what deviations gain, and what they bring at most."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, optimize, stats

import mechopt as mo
from mechopt import institutions
from mechopt.cli.main import main
from mechopt.cramton1985 import DoubleAuction
from mechopt.errors import UnsupportedProblemError
from mechopt.studies.regret import regret_at_most
from tests.draws import crossed, drawn, some

UNIFORM = stats.uniform(0, 1)
BIMODAL = mo.priors.mixture(
    [mo.priors.truncated(stats.norm(at, 0.08), 0, 1) for at in (0.2, 0.8)], [0.5, 0.5]
)


def trade(seller, buyer=None, cells=8):
    spaces = [
        mo.TypeSpace.from_distribution(law, cells) for law in (seller, seller if buyer is None
                                                               else buyer)
    ]  # fmt: skip
    return mo.BilateralTrade(*spaces)


def payoff_by_definition(offers, side, own, offer):
    """Return what a type expects of an offer: an integral over the other side's types."""
    law, curve = offers.laws[1 - side], (offers.giver, offers.receiver)[1 - side]
    low, high = (law.low, curve.types[-1]) if side else (curve.types[0], law.high)

    def gain(other):
        their = np.interp(other, curve.types, curve.offers)
        pair = (their, offer) if side else (offer, their)
        if pair[1] < pair[0]:
            return 0.0
        price = offers.k * pair[1] + (1 - offers.k) * pair[0]
        return float(law.density(np.array(other))) * (own - price if side else price - own)

    kinks = np.interp([offer], curve.offers, curve.types)
    points = sorted({*np.clip([*kinks, *curve.types[:: max(curve.types.size // 8, 1)]], low, high)})
    return sum(integrate.quad(gain, a, b)[0] for a, b in pairwise(points))


SUPPORTS = [
    ((0, 1), (0, 1), 0.5), ((0, 1), (0, 1), 0.2), ((0, 1), (0.5, 1.5), 0.5),
    ((0, 2), (1, 2), 0.3), ((0, 1), (1.1, 3), 0.7), ((-3, 1), (0, 2), 0.5),
    ((0, 1), (0, 1), 0.0), ((0, 1), (0, 1), 1.0), ((10, 30), (-5, 40), 0.9),
    ((0, 1), (0, 3), 0.5), ((0, 1), (0, 3), 0.1), ((0, 2), (1, 2), 0.5), ((1, 2), (0, 3), 0.5),
    ((0, 1), (0, 6), 0.02), ((-1, 0), (-0.5, 4), 0.8), ((0, 5), (4, 5), 0.6),
]  # fmt: skip


@pytest.mark.parametrize(("costs", "values", "k"), some(SUPPORTS, 3))
def test_linear_offers_are_an_equilibrium_of_any_uniform_supports(costs, values, k):
    laws = [stats.uniform(low, high - low) for low, high in (costs, values)]
    environment = trade(*laws)
    offers = institutions.linear_equilibrium(environment, k)
    assert offers.deviation.gain <= 1e-12 * (values[1] - costs[0])
    best = mo.solve(mo.ex_ante_efficiency(trade(*laws, cells=200)))
    upper = mo.bracket_continuum(best).upper
    assert offers.expected.total <= upper + 1e-9


@pytest.mark.parametrize("k", [0.25, 0.5, 0.9])
def test_linear_offers_are_those_of_uniform_exchange(k):
    offers, known = institutions.linear_equilibrium(trade(UNIFORM), k), DoubleAuction(k)
    assert np.interp(0.3, offers.giver.types, offers.giver.offers) == pytest.approx(
        known.seller_offer(0.3)
    )
    assert np.interp(0.8, offers.receiver.types, offers.receiver.offers) == pytest.approx(
        known.buyer_offer(0.8)
    )
    payoffs = mo.cramton1985.double_auction_payoffs(trade(UNIFORM), k)
    for gain, mean in zip((offers.expected.giver, offers.expected.receiver), payoffs.mean,
                          strict=True):  # fmt: skip
        assert gain == pytest.approx(float(np.mean(mean)), abs=1e-12)


def test_one_price_does_where_all_pairs_gain_and_nothing_where_none_does():
    offers = institutions.linear_equilibrium(trade(UNIFORM, stats.uniform(5, 1)))
    assert offers.expected.total == pytest.approx(5.0)
    assert offers.expected.chance == pytest.approx(1.0)
    none = institutions.linear_equilibrium(trade(stats.uniform(1, 1), UNIFORM))
    assert none.expected.total == none.deviation.gain == none.mechanism.total_gains == 0.0


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("seed", drawn(8))
def test_payoffs_are_what_their_definition_says(side, seed):
    rng = np.random.default_rng(seed)
    laws = stats.beta(1 + rng.random(), 1.5), stats.beta(2, 1 + rng.random())
    curves = [
        institutions.OfferCurve(np.sort(np.append(rng.random(3), end)), np.sort(rng.random(4)))
        for end in (0.0, 1.0)
    ]
    k = rng.random()
    offers = institutions.SealedOffers(trade(*laws), k, *curves, "any")
    own, offer = rng.random(), rng.random()
    sign = 1 - 2 * side
    (found,) = offers.sides[side].against.payoffs(np.array([sign * own]), np.array([sign * offer]))
    assert found == pytest.approx(payoff_by_definition(offers, side, own, offer), abs=1e-7)


def test_a_deviation_is_noticed():
    offers = institutions.linear_equilibrium(trade(UNIFORM))
    shaded = institutions.OfferCurve(offers.giver.types, offers.giver.offers + 0.05)
    worse = replace(offers, giver=shaded)
    assert worse.deviation.gain > 1e-3
    assert worse.row().passed is False
    assert offers.row().passed is True


LAWS = {
    "uniform": (UNIFORM, UNIFORM),
    "no-overlap-of-ends": (UNIFORM, stats.uniform(0.5, 1)),
    "powers": (stats.beta(2, 1), stats.beta(1, 3)),
    "irregular": (BIMODAL, BIMODAL),
    "apart": (UNIFORM, stats.uniform(1.2, 1)),
    "wide": (UNIFORM, stats.uniform(0, 3)),
    "irregular-values": (UNIFORM, BIMODAL),
}


@pytest.mark.parametrize("name", some(list(LAWS), 2))
def test_smooth_offers_are_an_equilibrium_of_any_densities(name):
    offers = institutions.smooth_equilibrium(trade(*LAWS[name]))
    assert offers.deviation.gain < 1e-6
    assert offers.row().passed
    upper = mo.bracket_continuum(
        mo.solve(mo.ex_ante_efficiency(trade(*LAWS[name], cells=200)))
    ).upper
    assert offers.expected.total <= upper + 1e-6


@pytest.mark.parametrize(
    ("costs", "values", "k"), some([each for each in SUPPORTS if 0 < each[2] < 1], 2)
)
def test_a_smooth_equilibrium_of_uniform_types_is_the_linear_one(costs, values, k):
    environment = trade(*[stats.uniform(low, high - low) for low, high in (costs, values)])
    linear = institutions.linear_equilibrium(environment, k)
    smooth = institutions.smooth_equilibrium(environment, k)
    assert smooth.expected.total == pytest.approx(linear.expected.total, rel=1e-6)
    width = values[1] - costs[0]
    assert smooth.deviation.gain <= 1e-7 * width
    for curve, known in zip(
        (smooth.giver, smooth.receiver), (linear.giver, linear.receiver), strict=True
    ):
        inside = (curve.types > known.types[0]) & (curve.types < known.types[-1])
        made = np.interp(curve.types[inside], known.types, known.offers)
        assert curve.offers[inside] == pytest.approx(made, abs=1e-6 * width)


@pytest.mark.parametrize(
    ("a", "c", "k"), some([(2.0, 3.0, 0.5), (0.5, 2.0, 0.3), (4.0, 0.7, 0.9), (1.5, 1.0, 0.05)], 2)
)
def test_offers_of_power_families_are_linear_ones(a, c, k):
    """Costs of distribution s^a and values of 1 - (1-v)^c: the equations have a linear solution."""
    slope = 1 + (1 - k) / c
    last = 1 / (1 + k / a / slope)
    first = last * (1 - 1 / slope)
    cost_of = lambda p: slope * (p - first)  # noqa: E731
    value_of = lambda p: p + k / a * (p - first)  # noqa: E731
    price = 0.5 * (first + last)
    offers = institutions.smooth_equilibrium(
        trade(stats.beta(a, 1), stats.beta(1, c)), k, price=price,
        margin=(price - cost_of(price), value_of(price) - price),
    )  # fmt: skip
    prices = np.linspace(first, last, 52)[1:-1]
    for curve, known in ((offers.giver, cost_of), (offers.receiver, value_of)):
        assert np.interp(prices, curve.offers, curve.types) == pytest.approx(
            known(prices), abs=1e-6
        )
    assert offers.deviation.gain < 1e-7


def any_law(rng):
    """Return a law with a density that may vanish, be infinite at an end, or have two peaks."""
    low, width = rng.uniform(-1, 1), rng.uniform(0.3, 4)
    kind = rng.integers(3)
    if kind == 0:
        return stats.uniform(low, width)
    if kind == 1:
        return stats.beta(*rng.uniform(0.6, 4, 2), low, width)
    share = rng.uniform(0.1, 0.9)
    peaks = [
        mo.priors.truncated(stats.norm(low + width * at, width * rng.uniform(0.04, 0.2)),
                            low, low + width)
        for at in rng.uniform(0, 1, 2)
    ]  # fmt: skip
    return mo.priors.mixture(peaks, [share, 1 - share])


@pytest.mark.parametrize("seed", drawn(60, 20))
def test_there_is_a_smooth_equilibrium_of_any_two_densities(seed):
    rng = np.random.default_rng(seed)
    environment = trade(any_law(rng), any_law(rng))
    k = rng.choice([0.02, 0.2, 0.5, 0.8, 0.98])
    try:
        offers = institutions.smooth_equilibrium(environment, k)
    except UnsupportedProblemError as error:
        assert "gain" in str(error)  # noqa: PT017 (the only reason not to have one)
        return
    width = offers.laws[1].high - offers.laws[0].low
    assert offers.deviation.gain <= 1e-6 * width
    ask = offers.giver.offers + 0.02 * width
    shaded = replace(offers, giver=institutions.OfferCurve(offers.giver.types, ask))
    assert shaded.deviation.gain > max(offers.deviation.gain, 1e-6 * width)


def test_members_of_the_family_differ_and_the_linear_one_is_the_best_of_uniform_exchange():
    environment = trade(UNIFORM)
    other = institutions.smooth_equilibrium(environment, price=0.45, margin=0.2)
    assert other.deviation.gain < 1e-6
    best = institutions.best_smooth_equilibrium(environment, members=3)
    assert other.expected.total < best.expected.total <= 9 / 64 + 1e-7
    assert best.searched >= 10
    assert "0.375 and 0.625 offer 0.5" in best.name
    assert f"best of {best.searched} looked at" in best.row().remark


def test_where_supports_differ_the_linear_equilibrium_is_not_the_best():
    environment = trade(UNIFORM, stats.uniform(0, 3))
    linear = institutions.linear_equilibrium(environment)
    best = institutions.best_smooth_equilibrium(environment, members=3)
    assert linear.expected.total == pytest.approx(0.961806, abs=1e-6)
    assert best.expected.total > linear.expected.total + 0.03
    assert best.deviation.gain < 3e-6
    assert best.regret.at_most < 3e-3
    upper = mo.bracket_continuum(
        mo.solve(mo.ex_ante_efficiency(trade(UNIFORM, stats.uniform(0, 3), cells=200)))
    ).upper
    assert best.expected.total < upper


def test_two_steps_solve_the_equations_of_indifference():
    """On uniform exchange at two prices q and 1 - q, by symmetry one threshold is left."""
    offers = institutions.step_equilibrium(trade(UNIFORM), 0.5, [0.4, 0.6])
    first = offers.giver.types[1]
    # A seller of the threshold gains 0.2 / 2 of who bids 0.6, or the trade with who bids 0.4.
    bids_high, bids_low = first, 1 - 0.4 - first
    assert 0.1 * bids_high == pytest.approx((0.4 - first) * bids_low)
    assert offers.receiver.types[1] == pytest.approx(1 - first)


@pytest.mark.parametrize("number", some([5, 2, 3, 1, 12], 2))
def test_steps_of_any_number_are_exact_mechanisms(number):
    offers = institutions.step_equilibrium(trade(UNIFORM), 0.5, number)
    assert np.unique(offers.giver.offers).size == number
    assert offers.deviation.gain < 1e-9
    mechanism = offers.mechanism
    assert mechanism.total_gains == pytest.approx(offers.expected.total, abs=1e-12)
    assert mo.audit(mo.ex_ante_efficiency(mechanism.environment), mechanism).passed
    assert offers.expected.total < 9 / 64


def test_one_step_is_the_posted_price():
    offers = institutions.one_price(trade(*LAWS["powers"]), 0.4)
    fixed = mo.studies.best_posted_price(trade(*LAWS["powers"]))
    best = institutions.one_price(trade(*LAWS["powers"]), fixed.price)
    assert best.expected.total == pytest.approx(fixed.expected.total, rel=1e-9)
    assert offers.expected.total < best.expected.total
    assert offers.deviation.gain == best.deviation.gain == 0.0


def regret_by_definition(offers, grid):
    """Return the most that a type gains by any price of a grid, over all pairs of types."""
    laws, most = offers.laws, 0.0
    made = [
        dict(zip(curve.types, curve.offers, strict=True))
        for curve in (offers.giver, offers.receiver)
    ]
    for side in (0, 1):

        def payoff(own, offer, side=side):
            total = 0.0
            for other, mass in zip(laws[1 - side].types, laws[1 - side].mass, strict=True):
                their = made[1 - side].get(other)
                if offer is None or their is None:
                    continue
                ask, bid = (their, offer) if side else (offer, their)
                if bid >= ask:
                    price = offers.k * bid + (1 - offers.k) * ask
                    total += mass * (own - price if side else price - own)
            return total

        for own in laws[side].types:
            best = max(payoff(own, offer) for offer in [None, *grid])
            most = max(most, best - payoff(own, made[side].get(own)))
    return most


@pytest.mark.parametrize("seed", drawn(12, 6))
def test_the_regret_of_a_grid_is_what_all_deviations_say(seed):
    rng = np.random.default_rng(seed)
    spaces = [mo.TypeSpace.finite(np.unique(rng.integers(0, 12, 6)) + shift) for shift in (0, 2)]
    environment = mo.BilateralTrade(*spaces)
    grid = np.arange(0, 14.0)
    offers = institutions.grid_equilibrium(environment, grid, [0.5, 0.0, 0.3, 1.0][seed % 4])
    fine = np.arange(0, 14.0, 0.25)
    assert offers.deviation.gain == pytest.approx(regret_by_definition(offers, fine), abs=1e-9)
    best = mo.solve(mo.ex_ante_efficiency(environment)).objective
    assert offers.expected.total <= best + 1e-9
    assert offers.row().passed is (offers.deviation.gain <= 1e-12)
    assert offers.mechanism.total_gains == pytest.approx(offers.expected.total)


def test_compare_has_the_linear_equilibrium_of_two_uniform_supports():
    environment = trade(UNIFORM, stats.uniform(0.5, 1))
    row = mo.compare(environment).row("halfway double auction")
    assert row.total == pytest.approx(institutions.linear_equilibrium(environment).expected.total)
    assert row.passed


@pytest.mark.parametrize("name", some(list(LAWS), 3))
def test_no_lottery_over_prices_brings_more_than_the_best_price(name):
    environment = trade(*LAWS[name])
    best = mo.studies.best_posted_price(environment)
    lottery = institutions.price_lottery(environment, [0.3, best.price, 0.7], [0.2, 0.5, 0.3])
    assert lottery.deviation.gain == 0.0
    assert lottery.total < best.expected.total
    assert lottery.mechanism.total_gains == pytest.approx(lottery.total)
    problem = mo.ex_ante_efficiency(
        lottery.mechanism.environment, incentives="dominant", participation="ex-post"
    )
    assert mo.audit(problem, lottery.mechanism).passed


def test_pairs_with_a_budget_on_average_may_bring_more_than_one_price():
    spaces = [mo.TypeSpace.finite(types) for types in ([0, 1, 4, 9], [2, 3, 4, 9])]
    pairs = institutions.best_price_pairs(mo.BilateralTrade(*spaces))
    assert mo.studies.best_posted_price(pairs.trade).expected.total == pytest.approx(2.0)
    assert (pairs.total, pairs.profit) == pytest.approx((65 / 32, 0.0), abs=1e-7)
    assert pairs.to_seller.max() > pairs.from_buyer.min()
    problem = mo.ex_ante_efficiency(pairs.trade, budget="no-deficit")
    assert mo.audit(problem, pairs.mechanism).passed
    assert pairs.total < mo.solve(problem).objective


def test_a_broker_of_uniform_types_buys_at_a_third_and_sells_at_two():
    pair = institutions.broker_prices(trade(UNIFORM))
    assert (pair.to_seller[0], pair.from_buyer[0]) == pytest.approx((1 / 3, 2 / 3), abs=1e-6)
    assert pair.profit == pytest.approx(1 / 27)
    assert pair.profit < 1 / 24  # the best mechanism of Myerson and Satterthwaite


def by_recursion(discount, periods, power):
    """Return the first price and the seller's value in the game of a power prior on [0, 1]."""
    price, value = 1.0, 0.0
    for left in range(periods):
        ask = 1.0 if not left else 1 - discount + discount * price

        def loss(y, ask=ask, value=value):
            return -((1 - y**power) * ask * y + discount * value * y ** (power + 1))

        found = optimize.minimize_scalar(loss, bounds=(0, 1), options={"xatol": 1e-10})
        price, value = ask * found.x, -found.fun
    return price, value


def over_time(law, discount, periods):
    value = mo.TypeSpace.from_distribution(law, 8)
    environment = mo.BilateralTrade(mo.TypeSpace.finite([0]), value)
    return institutions.finite_horizon_offers(environment, discount, periods)


@pytest.mark.parametrize(
    ("power", "discount", "periods"),
    some([(1, 0.9, 8), (1, 0.5, 2), (2, 0.7, 4), (0.5, 0.7, 4)], 2),
)
def test_offers_over_time_are_those_of_the_recursion(power, discount, periods):
    offers = over_time(stats.beta(power, 1), discount, periods)
    price, value = by_recursion(discount, periods, power)
    assert offers.prices[0] == pytest.approx(price, abs=1e-7)
    assert offers.utilities["seller"] == pytest.approx(value, abs=1e-8)
    assert offers.deviation.gain < 1e-10
    mechanism = offers.mechanism
    assert mechanism.total_gains == pytest.approx(offers.total, abs=1e-9)
    assert mo.audit(mo.ex_ante_efficiency(mechanism.environment), mechanism).passed


@pytest.mark.parametrize("discount", some([0.3, 0.5, 0.9], 2))
def test_many_offers_come_near_the_stationary_equilibrium(discount):
    root = np.sqrt(1 - discount)
    offers = over_time(UNIFORM, discount, 150)
    assert offers.prices[0] == pytest.approx(root / (1 + root), abs=1e-9)
    assert offers.last[0] == pytest.approx(1 / (1 + root), abs=1e-9)
    assert offers.total == pytest.approx(0.5 * (2 + root) / (2 + 2 * root), abs=1e-9)
    assert offers.deviation.gain < 1e-12


def test_offers_at_a_cost_above_the_lowest_value_are_those_of_who_gains():
    value = mo.TypeSpace.from_distribution(stats.uniform(0.1, 1.4), 8)
    environment = mo.BilateralTrade(mo.TypeSpace.finite([0.3]), value)
    offers = institutions.finite_horizon_offers(environment, 0.7, 20)
    unit = over_time(UNIFORM, 0.7, 20)
    assert offers.prices == pytest.approx(0.3 + 1.2 * unit.prices, abs=1e-12)
    assert offers.total == pytest.approx(unit.total * 1.2 * 1.2 / 1.4, abs=1e-12)
    assert offers.mechanism.total_gains == pytest.approx(offers.total, abs=1e-9)


def test_wrong_offers_over_time_are_noticed():
    offers = over_time(UNIFORM, 0.5, 2)
    wrong = replace(offers, prices=offers.prices + np.array([0.0, 0.05]))
    assert wrong.deviation.gain > 0.01


def test_delay_loses_32_per_cent_at_one_discount_factor_alone():
    """Three quarters with one period, less with more of them: 32 % are lost at 0.312."""
    for discount in (0.0, 0.3, 0.9):
        assert institutions.DelayedFirstOffer(discount).largest_gain < 1e-9
    at = optimize.brentq(lambda d: institutions.DelayedFirstOffer(d).loss - 0.32, 0, 0.99)
    assert at == pytest.approx(1 - (0.68 / 0.82) ** 2, abs=1e-9)
    assert institutions.DelayedFirstOffer(0.0).loss == pytest.approx(0.25)


def auction(*laws):
    return mo.Auction([mo.TypeSpace.from_distribution(law, 8) for law in laws])


@pytest.mark.parametrize(
    ("law", "first"), crossed([UNIFORM, stats.beta(2, 1), stats.beta(2, 3)], [0.0, 0.4])
)
def test_revenue_is_equivalent(law, first):
    """The same types bid at all three rules: all-pay has the reserve that makes it so."""
    bidders = auction(law, law)
    found = [
        institutions.first_price_equilibrium(bidders, first),
        institutions.all_pay_equilibrium(bidders, first * law.cdf(first)),
        institutions.second_price_equilibrium(bidders, first),
    ]
    # The lower of two, or the reserve, by its definition.
    paid = lambda t: 2 * t * law.pdf(t) * law.sf(t)  # noqa: E731
    revenue = integrate.quad(paid, first, 1, epsabs=1e-13)[0]
    revenue += 2 * first * law.cdf(first) * law.sf(first)
    for bids in found:
        assert bids.revenue == pytest.approx(revenue, abs=1e-9)
        assert bids.total == pytest.approx(found[2].total, abs=1e-9)
        assert bids.deviation.gain < 1e-7


@pytest.mark.parametrize("law", some([stats.beta(0.5, 0.5), stats.beta(1.5, 0.7)], 1))
def test_revenue_is_equivalent_where_types_crowd_at_the_top(law):
    """Knots of one spacing are off by 1e-4 here, and bring more than is possible."""
    bidders = auction(law, law, law)
    makers = ["first_price", "all_pay", "second_price"]
    found = [getattr(institutions, f"{name}_equilibrium")(bidders) for name in makers]
    # By chances, as the density has no limit: the second of three, and the highest.
    second, highest = (
        integrate.quad(lambda q, w=w: law.ppf(q) * w(q), 0, 1, epsabs=1e-13)[0]
        for w in (lambda q: 6 * q * (1 - q), lambda q: 3 * q**2)
    )
    for bids in found:
        assert bids.revenue == pytest.approx(second, abs=1e-9)
        assert bids.total == pytest.approx(highest, abs=1e-9)
        assert bids.row().passed


def test_two_bidders_who_differ_bid_as_the_closed_form_says():
    bids = institutions.first_price_equilibrium(auction(UNIFORM, stats.uniform(0, 2)))
    assert bids.bids[0].offers[-1] == pytest.approx(2 / 3, abs=1e-9)
    b = np.linspace(0.05, 0.66, 30)
    for curve, factor in zip(bids.bids, (3 / 4, -3 / 4), strict=True):
        types = np.interp(b, curve.offers, curve.types)
        assert types == pytest.approx(2 * b / (1 + factor * b**2), abs=1e-5)
    assert bids.deviation.gain < 1e-8
    # The weak one wins against stronger types, so that some gains are lost.
    second = institutions.second_price_equilibrium(bids.auction)
    assert bids.total < second.total == pytest.approx(13 / 12, abs=1e-9)
    assert bids.revenue > second.revenue


def test_a_wrong_bid_is_noticed():
    bids = institutions.first_price_equilibrium(auction(UNIFORM, UNIFORM))
    high = institutions.OfferCurve(bids.bids[0].types, 1.1 * bids.bids[0].offers)
    assert replace(bids, bids=(high, bids.bids[1])).deviation.gain > 1e-3


@pytest.mark.parametrize("name", some(["uniform", "powers", "irregular"], 3))
def test_no_institution_reaches_more_than_the_second_best(name):
    table = institutions.compare_institutions(trade(*LAWS[name]))
    best = table.row("second best")
    assert table.passed
    assert {"smooth sealed offers", "sealed offers in 5 steps"} <= {row.name for row in table.rows}
    for row in table.rows[2:]:
        if row.total is not None:
            assert row.total <= best.total + best.error + row.error + 1e-9


def dense_regret(side):
    """Return what some of many types gains by the best of many asks."""
    offers = side.against.bids.offers
    types = np.linspace(side.law.low, side.law.high, 701)
    asks = np.concatenate([np.linspace(offers[0], offers[-1], 1501), offers])
    own = side.against.payoffs(types, side.at(types))
    return float((side.against.best(types, asks) - own).max())


@pytest.mark.parametrize("seed", drawn(24, 12))
def test_no_type_regrets_more_than_is_proved(seed):
    """Offers drawn at random, of which types regret much: a bound that is too low would show."""
    rng = np.random.default_rng(seed)
    laws = stats.triang(rng.random()), stats.uniform(0, 1 + rng.random())
    curves = [
        institutions.OfferCurve(np.sort(np.append(rng.random(4).round(1), end)),
                                np.sort(rng.random(5).round(1)))
        for end in (0.0, 1.0)
    ]  # fmt: skip
    offers = institutions.SealedOffers(trade(*laws), rng.random(), *curves, "any")
    for side in offers.sides:
        found = dense_regret(side)
        coarse, fine = (regret_at_most(side, places) for places in (200, 2_000))
        assert max(found, 0.0) <= fine <= coarse + 1e-12
        assert fine <= max(found, 0.0) + 1e-2


def test_regret_is_proved_of_smooth_offers_and_exact_of_steps():
    smooth = institutions.smooth_equilibrium(trade(UNIFORM)).regret
    assert 0.0 <= smooth.at_least <= smooth.at_most < 1e-4
    steps = institutions.step_equilibrium(trade(UNIFORM), 0.5, 3)
    assert steps.regret.at_most < 1e-12
    shaded = institutions.OfferCurve(steps.giver.types, steps.giver.offers + 0.05)
    assert replace(steps, giver=shaded).regret.at_least > 1e-3


@pytest.mark.parametrize("seed", drawn(12, 6))
def test_regret_over_finite_types_is_one_fraction(seed):
    rng = np.random.default_rng(seed)
    spaces = [mo.TypeSpace.finite(np.unique(rng.integers(0, 12, 6)) + shift) for shift in (0, 2)]
    environment, grid = mo.BilateralTrade(*spaces), np.arange(0, 14.0, 1.5)
    offers = institutions.grid_equilibrium(environment, grid, [0.5, 0.0, 0.3, 1.0][seed % 4])
    regret = offers.regret
    assert regret.exact
    fine = np.arange(0, 14.0, 0.25)
    assert regret.at_most == pytest.approx(regret_by_definition(offers, fine), abs=1e-9)


def most_that_types_gain(problem, mechanism):
    """Return the largest violation of incentives or participation, in money."""
    report = mo.audit(problem, mechanism)
    kinds = ("incentive compatibility", "participation")
    assert all(check.passed for check in report.checks if not check.requirement.startswith(kinds))
    return max(check.violation for check in report.checks if check.requirement.startswith(kinds))


@pytest.mark.parametrize("rule", some(["first", "all-pay", "second", "two-differ"], 2))
def test_bids_as_a_mechanism_of_cells_pass_the_audit_and_near_the_equilibrium(rule):
    law = stats.uniform(0, 2) if rule == "two-differ" else UNIFORM
    found = []
    for cells in (10, 40):
        bidders = mo.Auction([mo.TypeSpace.from_distribution(x, cells) for x in (UNIFORM, law)])
        make = {"all-pay": institutions.all_pay_equilibrium,
                "second": institutions.second_price_equilibrium}.get(
                    rule, institutions.first_price_equilibrium)  # fmt: skip
        bids = make(bidders, 0.4)
        mechanism = bids.mechanism
        problem = mo.DesignProblem(mechanism.environment, mo.Revenue(), budget="no-deficit")
        assert mo.audit(problem, mechanism).passed
        assert most_that_types_gain(problem, mechanism) < 1e-14
        found.append(bids.by_cells.change)
        agents = zip(mechanism.environment.agents, mechanism.payment, strict=True)
        revenue = sum(agent.types.expectation(paid) for agent, paid in agents)
        assert revenue == pytest.approx(bids.revenue, abs=0.5 / cells**2)
        assert mechanism.total_gains == pytest.approx(bids.total, abs=0.3 / cells**2)
    assert found[1] < 0.1 * found[0]
    high = institutions.OfferCurve(bids.bids[0].types, 1.1 * bids.bids[0].offers)
    wrong = replace(bids, bids=(high, bids.bids[1]))
    assert wrong.by_cells.is_average
    assert most_that_types_gain(problem, wrong.mechanism) > 1e-3


@pytest.mark.parametrize(
    ("discount", "ratio"), some([(0.3, 1.0), (0.0, 1.0), (0.9, 1.0), (0.3, 0.5)], 4)
)
def test_the_delayed_first_offer_is_a_mechanism_of_cells(discount, ratio):
    offer = institutions.DelayedFirstOffer(discount, width=2.0, ratio=ratio)
    found = []
    for cells in (20, 80):
        by_cells = offer.of_cells(cells)
        mechanism = by_cells.mechanism
        problem = mo.ex_ante_efficiency(mechanism.environment, budget_holds="ex-post")
        assert mo.audit(problem, mechanism).passed
        assert most_that_types_gain(problem, mechanism) < 1e-13
        assert mechanism.total_gains == pytest.approx(offer.total, abs=1 / cells**2)
        found.append(by_cells.change)
    assert found[1] < 0.12 * found[0]
    assert offer.mechanism.environment.shape == (40, 40)


FINITE = mo.TypeSpace.finite([1, 2])
REFUSED = {
    "weight": (lambda: institutions.linear_equilibrium(trade(UNIFORM), 1.5), "not the weight"),
    "not-uniform": (lambda: institutions.linear_equilibrium(trade(BIMODAL)), "two uniform priors"),
    "one-side": (lambda: institutions.smooth_equilibrium(trade(UNIFORM), 0), "one side alone"),
    "outside": (
        lambda: institutions.smooth_equilibrium(trade(UNIFORM), price=2, margin=0.1),
        "no pair",
    ),
    "no-margin": (lambda: institutions.smooth_equilibrium(trade(UNIFORM), price=0.5), "no pair"),
    "three-margins": (
        lambda: institutions.smooth_equilibrium(trade(UNIFORM), price=0.5, margin=(0.1, 0.1, 0.1)),
        "no pair",
    ),
    "no-members": (
        lambda: institutions.best_smooth_equilibrium(trade(UNIFORM), members=0),
        "no members",
    ),
    "rare": (
        lambda: institutions.smooth_equilibrium(
            trade(mo.priors.truncated(stats.norm(9, 1), 0, 18), UNIFORM)
        ),
        "of the types of a side gain",
    ),
    "finite": (
        lambda: institutions.step_equilibrium(mo.BilateralTrade(FINITE, FINITE)),
        "continuous priors",
    ),
    "no-steps": (lambda: institutions.step_equilibrium(trade(UNIFORM), prices=0), "no prices"),
    "falling": (
        lambda: institutions.grid_equilibrium(mo.BilateralTrade(FINITE, FINITE), [2, 1]),
        "not prices",
    ),
    "curve": (lambda: institutions.OfferCurve([1.0, 0.0], [0.0, 1.0]), "not offers by type"),
    "discount": (lambda: over_time(UNIFORM, 1.0, 2), "not a discount factor"),
    "word": (lambda: institutions.linear_equilibrium(trade(UNIFORM), "half"), "not the weight"),
    "text": (
        lambda: institutions.grid_equilibrium(mo.BilateralTrade(FINITE, FINITE), ["a"]),
        "prices",
    ),
    "no-period": (lambda: over_time(UNIFORM, 0.5, 0), "no periods"),
    "reserve": (
        lambda: institutions.second_price_equilibrium(auction(UNIFORM, UNIFORM), 2),
        "not a reserve",
    ),
    "lengths": (lambda: institutions.OfferCurve([0.0, 1.0], [0.0]), "as many offers as types"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_one_error(name):
    call, message = REFUSED[name]
    with pytest.raises(mo.MechoptError, match=message):
        call()


def test_a_price_within_rounding_of_an_edge_is_that_edge():
    """The edge in the middle of two humps is off 1/2 by a quantile's error; the price is not."""
    best = mo.studies.best_posted_price(trade(BIMODAL))
    assert best.mechanism.total_gains == pytest.approx(best.expected.total)


FEW = mo.TypeSpace.finite([0, 1, 2])


@pytest.mark.parametrize(
    ("bidders", "revenue"),
    [
        # The lower of two draws of 0, 1, 2; the lower of 1 and of a draw of 0, 1, 2.
        ([FEW, FEW], (5 * 0 + 3 * 1 + 1 * 2) / 9),
        ([FEW, mo.TypeSpace.finite([1])], (0 + 1 + 1) / 3),
        ([FEW, mo.TypeSpace.from_distribution(stats.uniform(0, 2), 8)], None),
    ],
    ids=["alike", "unlike", "mixed"],
)
def test_second_price_bids_need_no_density(bidders, revenue):
    table = institutions.compare_institutions(mo.Auction(bidders))
    row, usual = table.row("second-price bids"), table.row("second price")
    assert (row.total, row.profit, row.utilities) == (usual.total, usual.profit, usual.utilities)
    assert table.share(row) == pytest.approx(1.0)
    assert row.passed
    assert "all bid their values" in row.remark
    assert ("over the cells" in row.remark) == (revenue is None)
    if revenue is not None:
        assert row.profit == pytest.approx(revenue, abs=1e-12)
    for other in ("first-price bids", "all-pay bids"):
        assert table.row(other).total is None
        assert "finite types draw theirs at random" in table.row(other).remark
    assert "first_price_equilibrium" not in table.row("first price").remark
    # What is true of both is said once.
    assert str(table).count("finite types draw theirs at random") == 1
    assert "\nfirst-price bids; all-pay bids: equilibrium bids are for" in str(table)


UNKNOWN = (
    'environment = { kind = "public-good", cost = 1, consumers = [{ count = 2, types = [0, 1] }] }'
)
TRADE = 'environment = { kind = "bilateral-trade", seller = { %s }, buyer = { %s } }'


@pytest.fixture
def compared(tmp_path, capsys):
    """Return a function that compares institutions of a file, and returns status and texts."""

    def compare(environment, *words):
        file = tmp_path / "mine.toml"
        file.write_text(f'{environment}\nproblem.objective = "ex-ante-efficiency"\n')
        status = main(["compare", str(file), "--institutions", *words])
        return status, *capsys.readouterr()

    return compare


def test_kinds_without_institutions_are_told_which_kinds_have_some(compared):
    status, output, said = compared(UNKNOWN)
    assert (status, output) == (2, "")
    assert "expected bilateral trade, a market, or an auction of one good" in said
    assert "Leave out --institutions for the usual mechanisms" in said


def test_offers_over_time_of_densities_have_an_empty_row_with_its_reason(compared):
    law = 'distribution = "{}", cells = 4{}'
    ask = law.format("uniform", "")
    bid = law.format("uniform", ", parameters = { loc = 0.25 }")
    status, output, _ = compared(TRADE % (ask, bid), "--discount", "0.9")
    assert status == 0
    assert re.search("^offers over time( +\N{EN DASH}){5}$", output, re.M)
    assert "offers over time: offers over time are solved where one side's type is known" in output


def test_games_with_too_many_types_say_what_would_do(compared):
    many = "types = [0, 1, 2, 3]"
    status, output, _ = compared(TRADE % (many, many), "--discount", "0.9", "--periods", "3")
    assert status == 0
    # One reason for all four rows, in which no price was chosen.
    assert output.count("too many types and periods: the game has") == 1
    assert output.count("Take fewer types or periods") == 1
    assert "information set" not in output
    status, output, _ = compared(TRADE % ("types = [0, 2]", "types = [1, 3]"), "--discount", "0.9")
    assert "too many types" not in output
