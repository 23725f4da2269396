"""Offers over time whose best prices bend and jump with the types that are left: the gap case."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt import institutions
from mechopt.errors import UnsupportedProblemError
from mechopt.literature.institutions import offers_over_time
from mechopt.literature.institutions.smooth_pieces import Rule

from .draws import drawn, some


def trade(law, cost=0.0, cells=8, **rates):
    values = mo.TypeSpace.from_distribution(law, cells)
    return mo.BilateralTrade(mo.TypeSpace.finite([cost]), values, **rates)


def offers(law, discount, periods, cost=0.0, **rates):
    return institutions.finite_horizon_offers(trade(law, cost, **rates), discount, periods)


@pytest.mark.parametrize(
    ("low", "high", "cost"), [(0.5, 1.5, 0.0), (0.2, 1.2, 0.3), (2.0, 2.5, 0.0), (-1.0, 1.0, -0.2)]
)
def test_one_price_is_the_monopolys(low, high, cost):
    found = offers(stats.uniform(low, high - low), 0.9, 1, cost)
    price = max(low, (high + cost) / 2)
    assert found.prices == pytest.approx([price], abs=1e-13)
    assert found.last == pytest.approx([price], abs=1e-13)
    assert found.gain < 1e-12


@pytest.mark.parametrize(("low", "discount"), [(0.5, 0.5), (0.2, 0.9), (0.05, 0.9), (0.4, 0.97)])
def test_two_prices_are_those_of_a_fine_grid(low, discount):
    high = low + 1.0
    found = offers(stats.uniform(low, 1.0), discount, 2)
    last = np.linspace(low, high, 400_001)
    then = np.maximum(low, last / 2)
    price = (1 - discount) * last + discount * then
    gains = (high - last) * price + discount * (last - then) * then
    best = int(gains.argmax())
    assert found.utilities["seller"] == pytest.approx(gains[best], abs=1e-9)
    assert found.last[0] == pytest.approx(last[best], abs=5e-6)
    assert found.prices == pytest.approx([price[best], then[best]], abs=5e-6)
    assert found.gain < 1e-12


def by_grid(law, discount, periods, cost, number):
    """Return what the seller gains on a grid of types, asking the highest of equal prices."""
    types = np.linspace(*law.support(), number + 1)
    below, value, asked = law.cdf(types), np.zeros(number + 1), types
    for _ in range(periods):
        worth = (below[:, None] - below) * (asked - cost) + discount * value
        worth[~np.tri(number + 1, dtype=bool)] = -np.inf
        best = number - worth[:, ::-1].argmax(axis=1)
        value = worth.max(axis=1)
        asked = (1 - discount) * types + discount * asked[best]
    return value[-1]


GRID_LAWS = [stats.uniform(0.05, 1), stats.beta(2, 3, loc=0.1), stats.triang(0.6, loc=0.3)]


@pytest.mark.parametrize("law", some(GRID_LAWS, 2))
def test_offers_bring_what_they_do_on_a_grid(law):
    two, three = (offers(law, 0.7, periods, 0.02) for periods in (2, 3))
    assert max(two.gain, three.gain) < 1e-10
    assert two.utilities["seller"] == pytest.approx(by_grid(law, 0.7, 2, 0.02, 1000), abs=2e-4)
    # With each period a grid's best price is a little better by chance, at prices off by chance.
    more = by_grid(law, 0.7, 3, 0.02, 1000) - three.utilities["seller"]
    assert 0.0 < more < 3e-3


def test_no_other_first_price_brings_more_with_the_offers_of_the_rest():
    """What follows is the game of one period less and of the types that are left, solved anew."""
    low, high, discount, periods = 0.05, 1.05, 0.9, 4
    whole = offers(stats.uniform(low, high - low), discount, periods)
    rest = offers(stats.uniform(low, whole.last[0] - low), discount, periods - 1)
    assert rest.prices == pytest.approx(whole.prices[1:], abs=1e-12)
    assert rest.last == pytest.approx(whole.last[1:], abs=1e-12)
    for last in np.linspace(low + 0.03, high - 0.01, 10):
        rest = offers(stats.uniform(low, last - low), discount, periods - 1)
        price = (1 - discount) * last + discount * rest.prices[0]
        brings = (high - last) * price + discount * (last - low) * rest.utilities["seller"]
        assert brings < whole.utilities["seller"] + 1e-12
    # Serving everybody at once is one of them.
    assert low < whole.utilities["seller"]


@pytest.mark.parametrize("high", [0.75, 0.25])
def test_values_near_two_points_are_like_two_types(high):
    """Fudenberg and Tirole's types 1 and 3 at the factor 1/2; 3 is asked if 1/3 are high ones.

    Of 3/4 high ones the seller serves so many at 3 that it is indifferent, and asks 3 again.
    """
    laws = [stats.uniform(1, 1e-4), stats.uniform(3 - 1e-4, 1e-4), stats.uniform(1, 2)]
    found = offers(mo.priors.mixture(laws, np.array([1 - high, high, 1e-4]) / 1.0001), 0.5, 2)
    left = (1 - high) / 2
    expected = 3 * (high - left) + 0.5 * 3 * left if high > left else 1.0
    assert found.utilities["seller"] == pytest.approx(expected, abs=2e-3)
    assert found.prices[0] == pytest.approx(3.0 if high > left else 1.0, abs=2e-3)
    assert found.gain < 1e-10
    # Of prices that are few it is as perfect equilibria of the finite game have it.
    finite = mo.BilateralTrade(mo.TypeSpace.finite([0]), mo.TypeSpace.finite([1, 3], [0.75, 0.25]))
    if high == 0.25:
        game = institutions.offers_by_one_side(finite, "1/2", 2, prices=[1, 2, 3])
        ((seller,), _) = institutions.perfect_equilibria(game)[0].payoffs
        assert float(seller) == expected


def test_in_the_gap_case_trade_ends_and_the_horizon_does_not_matter():
    """The infinite horizon's stationary offers: Fudenberg, Levine and Tirole (1985)."""
    law = stats.uniform(0.2, 1)
    few, many = (offers(law, 0.9, periods) for periods in (12, 16))
    assert few.prices == pytest.approx(many.prices[:12], abs=1e-12)
    assert few.last == pytest.approx(many.last[:12], abs=1e-12)
    ends = int(np.argmax(few.last == 0.2))
    # Four offers, the last of them the lowest value; later ones would be the same.
    assert ends == 3
    assert few.prices[ends:] == pytest.approx(0.2, abs=1e-15)
    assert (few.prices[:ends] > 0.2 + 1e-3).all()
    assert few.row().trade["buyer"] == pytest.approx(
        np.diff([1.2, *few.last[:4]]) @ -(0.9 ** np.arange(4.0))
    )
    # With fewer periods they are others, and never end.
    assert offers(law, 0.9, 8).last[-1] > 0.2
    # A patient buyer pays hardly more than the lowest value, and is served soon.
    patient = {
        discount: offers(stats.uniform(0.5, 1), discount, 10) for discount in (0.5, 0.8, 0.9)
    }
    for discount, found in patient.items():
        assert found.prices[0] == pytest.approx(0.75 - discount / 4, abs=1e-12)
        assert found.last[:2] == pytest.approx([0.75, 0.5], abs=1e-12)


def test_offers_that_have_ended_have_a_course_and_an_audit():
    found = offers(stats.uniform(0.5, 1), 0.5, 4)
    assert found.prices == pytest.approx([0.625, 0.5, 0.5, 0.5])
    assert found.last == pytest.approx([0.75, 0.5, 0.5, 0.5])
    report = found.sequential_audit()
    assert [entry.remaining for entry in report.dates] == pytest.approx([1, 0.25, 0, 0, 0])
    when = found.course.dates.date.reshape(4, -1).min(axis=1)
    assert when[:2] == pytest.approx([0.0, np.log(2)])
    assert np.isinf(when[2:]).all()
    assert mo.audit(mo.ex_ante_efficiency(found.mechanism.environment), found.mechanism).passed


def draw(seed):
    """Return a law within [0, 1], a cost, and a factor."""
    rng = np.random.default_rng(seed)
    at, by, other = rng.uniform(0.1, 0.9), rng.uniform(0.06, 0.4), rng.uniform(0.0, 0.6)
    truncated, mixture = mo.priors.truncated, mo.priors.mixture
    laws = [
        stats.beta(*rng.choice([0.5, 0.8, 1.0, 2.0, 3.5], 2)),
        truncated(stats.norm(at, by), 0, 1),
        stats.beta(rng.uniform(0.3, 4), 1),
        mixture([truncated(stats.norm(x, 0.08), 0, 1) for x in (0.2, 0.8)], [at, 1 - at]),
        mixture([stats.uniform(0, 1), stats.uniform(other, by)], [at, 1 - at]),
        stats.triang(at),
    ]
    return laws[seed % len(laws)], rng.choice([-0.5, -0.1, 0.0, 0.2]), rng.choice([0.3, 0.7, 0.9])


@pytest.mark.parametrize("seed", drawn(24))
def test_offers_to_any_law_are_an_equilibrium(seed):
    law, cost, discount = draw(seed)
    found = offers(law, discount, 4, cost)
    assert found.gain < 1e-8
    assert found.deviation.gain < 1e-8
    assert (np.diff(found.prices) <= 1e-12).all()
    assert (np.diff(found.last) <= 0.0).all()
    assert (found.prices >= found.last[-1] - 1e-12).all()
    assert max(cost, 0.0) <= found.last[-1] <= found.last[0] <= 1.0
    # The last type of each period is as well off in the next one.
    for t in range(3):
        now, later = found.last[t] - found.prices[t], found.last[t] - found.prices[t + 1]
        assert now == pytest.approx(discount * later, abs=1e-12)
    # Selling to everybody at once is a choice.
    assert found.utilities["seller"] >= -cost - 1e-12
    mechanism = found.mechanism
    assert mechanism.total_gains == pytest.approx(found.total, abs=1e-6)
    assert mo.audit(mo.ex_ante_efficiency(mechanism.environment), mechanism).passed
    assert found.total <= mo.compare(trade(law, cost, 40)).first_best + 1e-9


@pytest.mark.parametrize(("cost", "ratio"), some([(-0.1, 1.0), (-0.3, 0.5), (-0.1, 2.0)], 2))
def test_units_and_sides_do_not_matter(cost, ratio):
    law, rates = stats.beta(2, 3), {"seller_rate": 1.0, "buyer_rate": ratio}
    plain = offers(law, 0.8, 5, cost, **rates)
    large = offers(stats.beta(2, 3, scale=1e6), 0.8, 5, 1e6 * cost, **rates)
    assert large.prices == pytest.approx(1e6 * plain.prices, rel=1e-9)
    assert large.last == pytest.approx(1e6 * plain.last, rel=1e-9)
    if ratio == 1.0:
        # Money that both discount alike has no zero.
        moved = offers(stats.beta(2, 3, loc=7.0), 0.8, 5, 7.0 + cost)
        assert moved.prices == pytest.approx(7.0 + plain.prices, abs=1e-8)
        assert moved.last == pytest.approx(7.0 + plain.last, abs=1e-8)
    costs = mo.TypeSpace.from_distribution(stats.beta(3, 2, loc=-1), 8)
    mirror = mo.BilateralTrade(costs, mo.TypeSpace.finite([-cost]), ratio, 1.0)
    buys = institutions.finite_horizon_offers(mirror, 0.8, 5)
    assert buys.prices == pytest.approx(-plain.prices, abs=1e-8)
    assert buys.last == pytest.approx(-plain.last, abs=1e-8)


def lower_at_jumps(rule, states):
    """Ask the lowest of several best prices, which those before cannot count on."""
    at = np.searchsorted(rule.edges, states, side="left") - 1
    return np.clip(at, 0, rule.edges.size - 2)


def test_the_lower_price_at_a_jump_is_no_equilibrium(monkeypatch):
    law = stats.uniform(0.05, 1)
    right = offers(law, 0.9, 4)
    assert right.gain < 1e-12
    monkeypatch.setattr(Rule, "panels", lower_at_jumps)
    with pytest.raises(UnsupportedProblemError, match=r"would bring .* more"):
        offers(law, 0.9, 4)


WRONG = {
    "too few": lambda rule: replace(rule, bounds=np.maximum(rule.bounds, 0.03)),
    "everybody": lambda rule: replace(rule, bounds=0.0 * rule.bounds),
    "nobody": lambda rule: replace(
        rule, cutoff=rule.cutoff + 1.0, bounds=np.add(rule.bounds, [0, 1])
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("period", [0, 2])
def test_wrong_rules_are_noticed(wrong, period, monkeypatch):
    real = offers_over_time.rules

    def changed(*given):
        found = real(*given)
        found[period] = WRONG[wrong](found[period])
        return found

    monkeypatch.setattr(offers_over_time, "rules", changed)
    with pytest.raises(UnsupportedProblemError, match=r"would bring .* more"):
        offers(stats.uniform(0.05, 1), 0.9, 3)


def test_what_is_slightly_wrong_is_reported(monkeypatch):
    real = offers_over_time.rules
    monkeypatch.setattr(offers_over_time, "rules", lambda s, w, c, d: real(s, w, c, d + 1e-3))
    found = offers(stats.uniform(0.2, 1), 0.9, 3)
    assert 1e-7 < found.gain < 1e-2


def test_breaks_that_a_law_does_not_tell_are_found():
    """A triangle's density bends at its peak, of which scipy's law says nothing."""
    found = offers(stats.triang(0.6, loc=0.3), 0.9, 3)
    assert found.gain < 1e-10


def test_many_offers_without_a_gap_are_the_recursions_of_uniform_values():
    """A beta law of 1 and 1 is uniform, too, and is solved as any other."""
    plain = offers(stats.uniform(0, 1), 0.9, 14)
    found = offers(stats.beta(1, 1), 0.9, 14)
    assert found.prices == pytest.approx(plain.prices, abs=1e-12)
    assert found.last == pytest.approx(plain.last, abs=1e-12)
    assert found.gain < 1e-12
