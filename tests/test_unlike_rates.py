"""Institutions over time where the two sides discount at different rates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate, optimize, stats

import mechopt as mo
from mechopt import institutions
from mechopt.errors import UnsupportedProblemError
from mechopt.literature.cramton1985.uniform_exchange import uniform_exchange
from mechopt.literature.institutions.known_cost import KnownCost
from mechopt.literature.institutions.time_rows import row_of, rows_over_time

from .draws import THOROUGH, some

UNIFORM = mo.TypeSpace.from_distribution(stats.uniform(0, 1), 40)


def exchange(ratio, types=UNIFORM):
    return mo.BilateralTrade(types, types, seller_rate=1.0, buyer_rate=ratio)


@pytest.mark.parametrize("ratio", some([0.25, 0.5, 0.8, 1.0, 2.0], 3))
def test_a_sellers_date_is_when_its_cost_has_fallen_to_a_share_of_the_ratio(ratio):
    offer = institutions.DatedOffer(exchange(ratio), "seller")
    least = min(ratio / (2 - ratio), 1.0) if ratio < 1 else 1.0
    costs = np.array([0.1, 0.3, 0.55, 0.95])
    now = np.minimum(costs, least)
    assert offer.thresholds(costs) == pytest.approx((1 + now) / 2, abs=1e-6)
    assert offer.prices(costs) == pytest.approx((1 + now) / 2, abs=1e-6)
    wait = np.log(costs / now) / (1 - ratio) if ratio < 1 else 0 * costs
    assert offer.dates(costs) == pytest.approx(wait, abs=1e-5)

    def seller(cost):
        now = min(cost, least)
        worth = (now / cost) ** (ratio / (1 - ratio)) if now < cost else 1.0
        return worth * (1 - now) ** 2 / 4

    gains = integrate.quad(seller, 0, 1, points=[least] if least < 1 else None)[0]
    assert offer.utilities["seller"] == pytest.approx(gains, abs=1e-8)
    # Of uniform values from (1 + c)/2 on, the rent is half of the seller's gain.
    assert offer.utilities["buyer"] == pytest.approx(gains / 2, abs=1e-7)
    assert offer.deviation.gain < 1e-12
    assert offer.row().passed


def test_a_patient_buyer_waits_until_the_highest_cost_is_a_share_of_its_value():
    ratio = 0.25
    offer = institutions.DatedOffer(exchange(ratio), "buyer")
    values = np.array([0.2, 0.6, 1.0])
    assert offer.thresholds(values) == pytest.approx(1.0, abs=1e-6)
    assert offer.prices(values) == pytest.approx(ratio * values, abs=1e-5)
    power = 1 / (1 - ratio)
    sold = ratio ** (ratio * power) - ratio**power / 2
    assert offer.total == pytest.approx(sold / (1 + power), abs=1e-7)
    late = institutions.DatedOffer(exchange(0.6), "buyer")
    assert late.dates(values).max() == 0.0
    assert late.total == pytest.approx(1 / 8, abs=1e-7)
    # At 1/2 every date is as good, and the first is taken.
    tied = institutions.DatedOffer(exchange(0.5), "buyer").row()
    assert tied.trade["seller"] == pytest.approx(1 / 4, abs=2e-2)
    assert tied.total == pytest.approx(1 / 8, abs=1e-6)


def test_one_offer_of_finite_types_is_the_best_of_all_offers_and_dates():
    costs, values = [0.0, 1.0, 2.5], [0.5, 2.0, 3.0]
    trade = mo.BilateralTrade(*map(mo.TypeSpace.finite, (costs, values)), 2.0, 1.0)
    offer = institutions.DatedOffer(trade, "seller")
    date = np.linspace(0, 12, 60_001)
    total = 0.0
    for cost in costs:
        gains = [
            (np.exp(-date) * q - np.exp(-2 * date) * cost) * np.mean(np.array(values) >= q)
            for q in values
        ]
        total += max(gain.max() for gain in gains) / 3
    assert offer.utilities["seller"] == pytest.approx(total, abs=1e-7)
    assert offer.deviation.gain < 1e-12


@pytest.mark.parametrize("by", ["seller", "buyer"])
def test_a_wrong_date_or_offer_is_noticed(by, monkeypatch):
    offer = institutions.DatedOffer(exchange(0.4), by)
    chosen = offer._chosen
    monkeypatch.setattr(type(offer), "_chosen", lambda self, own: chosen(own) - 0.03)
    assert not offer.row().passed
    assert offer.deviation.gain > 1e-4


@pytest.mark.parametrize("by", ["seller", "buyer"])
def test_one_offer_at_equal_rates_is_that_at_once(by):
    beta = mo.TypeSpace.from_distribution(stats.beta(2, 3), 20)
    trade = mo.BilateralTrade(beta, UNIFORM)
    made = mo.studies.take_it_or_leave_it(trade, by).expected
    assert institutions.DatedOffer(trade, by).total == pytest.approx(made.total, abs=1e-6)


@pytest.mark.parametrize("by", ["seller", "buyer"])
def test_one_offer_of_finite_types_is_a_mechanism_that_passes_the_audit(by):
    spaces = [mo.TypeSpace.finite(types) for types in ([0.0, 1.0, 2.5], [0.5, 2.0, 3.0])]
    offer = institutions.DatedOffer(mo.BilateralTrade(*spaces, 2.0, 1.0), by)
    mechanism = offer.mechanism
    assert mo.audit(mo.ex_ante_efficiency(mechanism.environment), mechanism).passed
    assert mechanism.expected_utility == pytest.approx(offer.utilities, abs=1e-12)
    date, price = offer.dates(spaces[0].mean), offer.prices(spaces[0].mean)
    if by == "seller":
        # What each cost does to the highest value, which accepts all: its date, and its price then.
        sold, bought = (part[:, 2] for part in mechanism.allocation.dense(mechanism.environment))
        paid = mechanism.ex_post_payments()[1][:, 2]
        assert sold == pytest.approx(np.exp(-2 * date))
        assert bought == pytest.approx(np.exp(-date))
        assert paid == pytest.approx(np.exp(-date) * price)


@pytest.mark.parametrize(("by", "law"), some([
    (by, law) for by in ("seller", "buyer") for law in (stats.uniform(0, 1), stats.beta(2, 3))
], 2))  # fmt: skip
def test_one_offer_of_a_density_is_a_mechanism_of_cells_that_passes_the_audit(by, law):
    """Payoffs change with the square of a cell's width."""
    changes = []
    for cells in (10, 40):
        types = mo.TypeSpace.from_distribution(law, cells)
        offer = institutions.DatedOffer(mo.BilateralTrade(types, types, 2.5, 1.0), by)
        found = offer.by_cells
        problem = mo.ex_ante_efficiency(found.mechanism.environment)
        mo.audit(problem, found.mechanism).raise_if_failed()
        assert found.mechanism.total_gains == pytest.approx(offer.total, abs=2 * found.change)
        changes.append(found.change)
        paid = found.mechanism.ex_post_payments().copy()
        paid[:, 0, -1] *= 1 + 20 / cells
        spoiled = mo.Mechanism.of_profiles(problem.environment, found.mechanism.allocation, paid)
        assert not mo.audit(problem, spoiled).passed
    assert changes[1] < 0.15 * changes[0] < 0.01


def test_one_offer_is_sequentially_rational_where_nobody_is_left_or_waits():
    costs, values = mo.TypeSpace.finite([0.0, 1.0, 2.5]), mo.TypeSpace.finite([0.5, 2.0, 3.0])
    waiting = institutions.DatedOffer(mo.BilateralTrade(costs, values, 2.0, 1.0), "seller")
    assert [entry.rational for entry in waiting.sequential_audit().dates] == [False] * 3
    # At equal rates it comes at once, and only after it are some left who would rather go on.
    cells = mo.TypeSpace.from_distribution(stats.uniform(0, 1), 8)
    at_once = institutions.DatedOffer(exchange(1.0, cells), "buyer").sequential_audit()
    assert [entry.rational for entry in at_once.dates] == [True, False]


@pytest.mark.parametrize(("ratio", "cost"), some([(0.5, 0.3), (3.0, 0.2)], 2, 1))
def test_offers_at_a_known_cost_are_best_where_rates_differ(ratio, cost):
    discount = 0.6
    trade = mo.BilateralTrade(mo.TypeSpace.finite([cost]), UNIFORM, 1.0, ratio)
    offers = institutions.finite_horizon_offers(trade, discount, 2)
    money, sold = discount, discount ** (1 / min(1.0, ratio))
    bought = discount ** (ratio / min(1.0, ratio))
    worth, late = bought / money, sold / money * cost

    def last(high):
        # Of the last price q worth, types from q on accept.
        return (high + late / worth) / 2

    def gains(stop):
        price = (1 - bought) * stop + money * worth * last(stop)
        rest = money * (stop - last(stop)) * (worth * last(stop) - late)
        return (1 - stop) * (price - cost) + rest

    found = optimize.minimize_scalar(lambda y: -gains(y), bounds=(0.0, 1.0), method="bounded")
    # A search for the best price sees half of the digits.
    assert offers.last == pytest.approx([found.x, last(found.x)], abs=1e-5)
    assert offers.utilities["seller"] == pytest.approx(-found.fun, abs=1e-10)
    assert offers.deviation.gain < 1e-12
    assert offers.mechanism.total_gains == pytest.approx(offers.total, abs=1e-3)
    assert offers.row().trade["buyer"] != pytest.approx(offers.row().trade["seller"])
    assert offers.sequential_audit().dates[0].dominance is not None


def test_the_closed_form_at_a_known_cost_is_the_backward_induction():
    trade = mo.BilateralTrade(mo.TypeSpace.finite([0.3]), UNIFORM, 2.0, 1.0)
    offers = institutions.finite_horizon_offers(trade, 0.5, 3)
    game, cost = KnownCost(0.5, 0.5, 3), np.array([0.3])
    prices, last = game.path(cost)
    assert prices[:, 0] == pytest.approx(offers.prices, abs=1e-12)
    assert last[:, 0] == pytest.approx(offers.last, abs=1e-12)
    assert game.worth(cost, cost)[0] == pytest.approx(offers.utilities["seller"], abs=1e-12)
    step = 1e-6
    sold = (game.worth(cost, cost - step) - game.worth(cost, cost + step)) / (2 * step)
    assert game.sold(cost) == pytest.approx(sold, abs=1e-8)


@pytest.mark.parametrize("ratio", some([1.0, 0.4, 2.5], 2))
def test_a_buyers_offers_are_a_sellers_with_all_signs_turned(ratio):
    """Values with the density 2v, and costs that are minus those."""
    values = mo.TypeSpace.from_distribution(stats.beta(2, 1), 8)
    costs = mo.TypeSpace.from_distribution(stats.beta(1, 2, loc=-1), 8)
    sells = institutions.finite_horizon_offers(
        mo.BilateralTrade(mo.TypeSpace.finite([0.3]), values, 1.0, ratio), 0.6, 3
    )
    buys = institutions.finite_horizon_offers(
        mo.BilateralTrade(costs, mo.TypeSpace.finite([-0.3]), ratio, 1.0), 0.6, 3
    )
    assert (sells.offerer, buys.offerer) == (0, 1)
    assert buys.prices == pytest.approx(-sells.prices, abs=1e-9)
    assert buys.last == pytest.approx(-sells.last, abs=1e-9)
    assert list(buys.utilities.values()) == pytest.approx(list(sells.utilities.values())[::-1])
    assert buys.row().trade["seller"] == pytest.approx(sells.row().trade["buyer"])
    assert buys.deviation.gain < 1e-5
    wrong = replace(buys, prices=buys.prices - np.array([0.0, 0.05, 0.0]))
    assert wrong.deviation.agent == "seller"
    assert wrong.deviation.gain > 0.01
    assert buys.mechanism.total_gains == pytest.approx(buys.total, abs=1e-3)
    assert mo.audit(mo.ex_ante_efficiency(buys.mechanism.environment), buys.mechanism).passed
    rational = [
        [entry.rational for entry in each.sequential_audit().dates] for each in (sells, buys)
    ]
    assert rational[0] == rational[1]


def test_one_offer_by_a_known_buyer_is_its_best_price():
    costs = mo.TypeSpace.from_distribution(UNIFORM.prior, 8)
    trade = mo.BilateralTrade(costs, mo.TypeSpace.finite([0.8]))
    offers = institutions.finite_horizon_offers(trade, 0.9, 1)
    assert offers.prices == pytest.approx([0.4])
    assert offers.utilities["buyer"] == pytest.approx(0.16)
    assert offers.row().passed


@pytest.mark.parametrize(("discount", "ratio"), some([(0.5, 0.5), (0.7, 0.1), (0.3, 0.9)], 2))
def test_delayed_first_offers_are_an_equilibrium_where_rates_differ(discount, ratio):
    offer = institutions.DelayedFirstOffer(discount, 2.0, ratio)
    assert offer.largest_gain < 1e-9
    assert offer.deviation.gain < 1e-4
    assert offer.row().passed
    assert offer.buyers_gain < 1e-9
    assert offer.grid_loss < 2e-4
    mechanism = offer.of_cells(30).mechanism
    assert mechanism.total_gains == pytest.approx(offer.total, rel=4e-3)
    assert mechanism.expected_utility["seller"] == pytest.approx(
        offer.utilities["seller"], rel=5e-3
    )
    assert offer.share < uniform_exchange(ratio).efficiency


def test_delayed_first_offers_near_equal_rates_are_cramtons():
    equal, near = (institutions.DelayedFirstOffer(0.5, ratio=r) for r in (1.0, 0.9999))
    assert near.share == pytest.approx(equal.share, abs=2e-4)
    costs = np.array([0.0, 0.3, 0.8])
    assert near.factor(costs) == pytest.approx(equal.factor(costs), abs=2e-4)


def test_a_first_offer_that_comes_too_early_or_late_is_noticed(monkeypatch):
    offer = institutions.DelayedFirstOffer(0.5, ratio=0.5)
    first = institutions.DelayedFirstOffer._first

    def early(self, costs):
        cost, worth = first(self, costs)
        return cost * worth**-0.3, worth**0.7

    monkeypatch.setattr(institutions.DelayedFirstOffer, "_first", early)
    assert offer.largest_gain > 1e-4
    assert not offer.row().passed


PATH = KnownCost.path
WRONG_PATHS = {
    "sells nothing": lambda asked, last: (np.ones_like(asked), np.ones_like(last)),
    "asks too little": lambda asked, last: (0.99 * asked, last),
    "asks too much": lambda asked, last: (asked + 1e-6, last),
    "sells too few": lambda asked, last: (asked, last + 1e-3 * (1 - last)),
    "one period late": lambda asked, last: (
        np.concatenate([np.ones_like(asked[:1]), asked[:-1]]),
        np.concatenate([np.ones_like(last[:1]), last[:-1]]),
    ),
}


@pytest.mark.parametrize("wrong", WRONG_PATHS)
@pytest.mark.parametrize(("discount", "ratio"), [(0.9, 1.0), (0.5, 0.5)])
def test_offers_that_are_nobodys_best_ones_are_noticed(discount, ratio, wrong, monkeypatch):
    monkeypatch.setattr(KnownCost, "path", lambda self, cost: WRONG_PATHS[wrong](*PATH(self, cost)))
    offer = institutions.DelayedFirstOffer(discount, 2.0, ratio)
    assert offer.largest_gain > 1e-7
    if wrong in {"sells nothing", "one period late"}:
        # Buyers have nothing to regret, but backward induction brings a cost more than this.
        assert offer.buyers_gain < 1e-12
        assert offer.deviation.gain > 1e-3
    else:
        assert offer.buyers_gain > 1e-7
    row = offer.row()
    assert not row.passed
    assert row.max_violation > 5e-8


def test_a_row_says_the_largest_gain_of_all_checks(monkeypatch):
    offer = institutions.DelayedFirstOffer(0.9, 2.0)
    object.__setattr__(offer, "_game", KnownCost(0.9, 1.0, 5))
    row = offer.row()
    # By other prices it is more than by the timing of another cost.
    assert offer.deviation.gain > offer.largest_gain
    assert row.max_violation == pytest.approx(offer.deviation.gain / 2)
    right = institutions.DelayedFirstOffer(0.5, 2.0)
    assert right.row().max_violation == pytest.approx(right.deviation.gain / 2)


@pytest.mark.parametrize("ratio", [0.5, 1.0])
def test_periods_are_not_cut_while_they_are_worth_something(ratio):
    for discount in (0.9926, 0.9999):
        offer = institutions.DelayedFirstOffer(discount, ratio=ratio)
        for what, given in (("row", []), ("of_cells", [4]), ("course", [[0.2]])):
            with pytest.raises(UnsupportedProblemError, match=r"factor of 0\.9925"):
                getattr(offer, what)(*given)
    row = row_of("x", lambda: institutions.DelayedFirstOffer.of(exchange(ratio), 0.9999))
    assert row.total is None
    assert "0.9925" in row.remark
    game = institutions.DelayedFirstOffer(0.9925, ratio=ratio)._game
    assert 0.9925**game.periods < 1e-13
    # The closed form counts no periods.
    root = np.sqrt(1 - 0.9999)
    equal = institutions.DelayedFirstOffer(0.9999)
    assert equal.share == pytest.approx(1.5 * root / (1 + root))


def test_of_finitely_many_offers_a_seller_waits_for_the_last():
    offer = institutions.DelayedFirstOffer(0.9)
    object.__setattr__(offer, "_game", KnownCost(0.9, 1.0, 5))
    # Costs begin as before, and none gains by the dates and prices of another that matter.
    assert offer.deviation.gain > 0.005
    assert not offer.row().passed


def test_a_table_of_unlike_rates_says_what_is_an_equilibrium_and_what_a_commitment():
    trade = exchange(0.5)
    rows = {name: row_of(name, make) for name, make in rows_over_time(trade, "1/2", 2).items()}
    assert list(rows) == [
        "seller's offer at its date", "buyer's offer at its date", "seller's dated menu",
        "buyer's dated menu", "delayed first offer",
    ]  # fmt: skip
    second = mo.solve(mo.ex_ante_efficiency(exchange(0.5))).objective
    for name, row in rows.items():
        assert row.passed
        assert 0 < row.total < second + 1e-3
        assert ("commitment" in row.remark) == ("menu" in name)
        assert ("perfect Bayesian" in row.remark or "separating" in row.remark) == (
            "menu" not in name
        )


@pytest.mark.parametrize(
    ("discount", "costs", "offers", "passes"),
    [
        (0.5, [0.25], 2, [False, False]),
        (0.5, [0.1, 0.5, 0.9], 1, [False]),
        (0.0, [0.1, 0.5, 0.9], 1, [True]),
    ],
)
def test_delayed_first_offers_are_not_sequentially_rational(discount, costs, offers, passes):
    audit = institutions.DelayedFirstOffer(discount).sequential_audit(costs, offers)
    assert [entry.rational for entry in audit.dates] == passes
    if not passes[0]:
        assert audit.dates[0].share > 0.1


def test_lines_over_ratios_lie_below_the_second_best_and_say_what_is_promised():
    types = mo.TypeSpace.from_distribution(stats.uniform(0, 1), 60)
    found = institutions.institutions_over_ratios(
        types, types, [0.5, 1.5][: 1 + THOROUGH], discount=0.5
    )
    share = found.share.to_pandas()
    menus = ["seller's dated menu", "buyer's dated menu"]
    assert found.institution.values[found.commitment.values].tolist() == menus
    assert share.loc["delayed first offer"].round(3).tolist()[0] == 0.785
    assert np.isnan(share.loc["delayed first offer"].iloc[1:]).all()
    assert (share.fillna(0.0).max() <= found.efficiency.values + 1e-3).all()
    for side in ("seller", "buyer"):
        at_once, dated = (share.loc[f"{side}'s offer {x}"] for x in ("at once", "at its date"))
        assert (dated >= at_once - 1e-6).all()
    assert float(found.gain.max()) < 1e-4


REFUSED = {
    "nobody": (lambda: institutions.DatedOffer(exchange(0.5), "broker"), "no agent of this name"),
    "infinite": (
        lambda: institutions.DatedOffer(exchange(np.inf), "seller"),
        "finite discount rates",
    ),
    "known cost, infinite": (
        lambda: institutions.finite_horizon_offers(
            mo.BilateralTrade(mo.TypeSpace.finite([0.1]), UNIFORM, 1.0, np.inf), 0.5, 2
        ),
        "finite discount rates",
    ),
    "ratio": (lambda: institutions.DelayedFirstOffer(0.5, ratio=1.5), "ratio: "),
    "width": (lambda: institutions.DelayedFirstOffer(0.5, width=-1.0), "width: "),
    "no later offer": (lambda: institutions.DelayedFirstOffer(0.0, ratio=0.5), "more than 0"),
    "costs": (lambda: institutions.DelayedFirstOffer(0.5).course([0.5, 0.2]), "rising costs"),
    "impatient": (
        lambda: institutions.DelayedFirstOffer.of(exchange(2.0), 0.5),
        "a buyer who discounts less",
    ),
    "other priors": (
        lambda: institutions.DelayedFirstOffer.of(
            mo.BilateralTrade(mo.TypeSpace.finite([0, 1]), UNIFORM), 0.5
        ),
        "two equal uniform priors",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_one_error(name):
    make, words = REFUSED[name]
    with pytest.raises(mo.MechoptError, match=words):
        make()
