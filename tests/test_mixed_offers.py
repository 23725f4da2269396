"""Sealed offers of finite types on a grid: all pure equilibria by hand, and mixed ones."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from scipy import optimize, stats

import mechopt as mo
from mechopt import institutions
from tests.draws import drawn


def trade(costs, values, masses=(None, None)):
    both = zip((costs, values), masses, strict=True)
    return mo.BilateralTrade(*(mo.TypeSpace.finite(types, mass) for types, mass in both))


def totals_of_pure_equilibria(costs, values, grid, k):
    """Return what every equilibrium in pure strategies brings: all profiles, all deviations."""

    def gain(side, own, offer, other):
        if offer is None or other is None:
            return Fraction(0)
        ask, bid = (other, offer) if side else (offer, other)
        price = k * bid + (1 - k) * ask
        return Fraction(0) if bid < ask else (own - price if side else price - own)

    def safe(side, own):
        return [None, *(p for p in grid if (p <= own if side else p >= own))]

    found = set()
    asks_of = list(product(*(safe(0, c) for c in costs)))
    for bids in product(*(safe(1, v) for v in values)):
        best = [max(sum(gain(0, c, p, b) for b in bids) for p in [None, *grid]) for c in costs]
        for asks in asks_of:
            made = [sum(gain(0, c, a, b) for b in bids) for c, a in zip(costs, asks, strict=True)]
            if made != best:
                continue
            theirs = [
                sum(gain(1, v, b, a) for a in asks) for v, b in zip(values, bids, strict=True)
            ]
            if all(
                mine >= sum(gain(1, v, p, a) for a in asks)
                for v, mine in zip(values, theirs, strict=True) for p in grid
            ):  # fmt: skip
                found.add(Fraction(sum(made) + sum(theirs)) / (len(costs) * len(values)))
    return found


@pytest.mark.parametrize("seed", drawn(12, 4))
def test_the_best_pure_equilibrium_is_that_of_all_profiles(seed):
    rng = np.random.default_rng(seed)
    costs = np.unique(rng.integers(0, 7, 3)).tolist()
    values = np.unique(rng.integers(2, 9, 3)).tolist()
    grid = np.unique(rng.integers(0, 9, 4)).tolist()
    k = [Fraction(1, 2), Fraction(1, 3), Fraction(0), Fraction(1)][seed % 4]
    totals = totals_of_pure_equilibria(costs, values, grid, k)
    environment = trade(costs, values)
    pure = institutions.mixed_equilibrium(environment, grid, k, pure=True)
    assert pure.is_pure
    assert pure.regret == 0
    assert pure.total == max(totals)
    mixed = institutions.mixed_equilibrium(environment, grid, k)
    assert mixed.regret == 0
    assert mixed.total >= pure.total
    assert float(mixed.total) <= mixed.at_most
    assert mixed.at_most <= mo.solve(mo.ex_ante_efficiency(environment)).objective + 1e-5
    some = institutions.grid_equilibrium(environment, grid, float(k))
    assert some.deviation.gain == 0
    assert some.expected.total <= float(pure.total) + 1e-9


def test_mixed_offers_may_bring_more_than_all_pure_ones():
    environment, grid = trade([5, 8], [6, 9]), [5, 6, 8, 9]
    mixed = institutions.mixed_equilibrium(environment, grid, "3/4")
    assert (mixed.total, mixed.regret, mixed.is_pure) == (Fraction(27, 20), 0, False)
    assert mixed.at_most == pytest.approx(27 / 20, abs=1e-5)
    pure = institutions.mixed_equilibrium(environment, grid, "3/4", pure=True)
    assert (
        pure.total
        == Fraction(5, 4)
        == max(totals_of_pure_equilibria([5, 8], [6, 9], grid, Fraction(3, 4)))
    )
    assert pure.at_most == pytest.approx(5 / 4, abs=1e-5)
    mechanism = mixed.mechanism
    assert mechanism.total_gains == pytest.approx(27 / 20)
    assert mo.audit(mo.ex_ante_efficiency(environment), mechanism).passed
    row = mixed.row()
    assert row.passed
    assert row.trade["seller"] == pytest.approx(float(mixed.chance)) == pytest.approx(0.6)
    assert "mixed; no type gains by another offer; no equilibrium on the grid" in row.remark


def test_what_is_off_by_little_is_seen():
    """In a mixture the others are indifferent: one of them gains if it is another."""
    mixed = institutions.mixed_equilibrium(trade([5, 8], [6, 9]), [5, 6, 8, 9], "3/4")
    regrets = []
    for name in ("asks", "bids"):
        for i, row in enumerate(getattr(mixed, name)):
            places = [a for a, x in enumerate(row) if 0 < x < 1]
            for a in places[:1]:
                moved = [list(each) for each in getattr(mixed, name)]
                moved[i][a] -= Fraction(1, 1000)
                if places[1:]:
                    moved[i][places[1]] += Fraction(1, 1000)
                worse = replace(mixed, **{name: moved})
                regrets.append(worse.regret)
                assert worse.row().passed is (worse.regret == 0)
    assert 0 < max(regrets) < Fraction(1, 100)


def test_masses_that_are_no_thirds_are_exact_too():
    environment = trade([0, 2], [1, 3], (["1/3", "2/3"], ["3/7", "4/7"]))
    found = institutions.mixed_equilibrium(environment, [0, 1, 2, 3], "1/3")
    assert found.regret == 0
    assert found.total == sum(found.utilities.values())
    best = mo.solve(mo.ex_ante_efficiency(environment)).objective
    assert float(found.total) <= best + 1e-9


def test_a_comparison_has_the_best_of_all_equilibria_of_few_types():
    table = institutions.compare_institutions(trade([1, 4, 8], [4, 9]))
    row = table.row("best sealed offers, mixed or not")
    assert row.total == pytest.approx(17 / 6)
    assert row.total > table.row("sealed offers on a grid").total
    assert row.total <= table.row("second best").total + 1e-9
    many = institutions.compare_institutions(trade(range(8), range(8)))
    assert many.row("best sealed offers, mixed or not").total is None
    assert "choices" in many.row("best sealed offers, mixed or not").remark


@pytest.mark.parametrize(
    ("types", "total"),
    [(["1/3", "2/3", "1"], Fraction(4, 27)), (["1/7", "2/7", "3/7"], Fraction(4, 63))],
)
def test_types_that_are_no_decimals_trade_at_their_own_prices(types, total):
    """Each may offer its own type: a price a rounding beside it would be a loss."""
    table = institutions.compare_institutions(trade(types, types))
    best = table.row("best sealed offers, mixed or not")
    grid = table.row("sealed offers on a grid")
    assert best.total == pytest.approx(float(total), rel=1e-14)
    assert best.total >= grid.total * (1 - 1e-14)
    assert best.total <= table.row("second best").total + 1e-9
    floats = [float(Fraction(own)) for own in types]
    found = institutions.mixed_equilibrium(trade(types, types), floats)
    assert found.prices == tuple(map(Fraction, types))
    assert found.total == total
    # Elsewhere a float is the decimal that it prints as.
    assert institutions.mixed_equilibrium(trade(types, types), [0.1]).prices == (Fraction(1, 10),)


def test_probabilities_that_do_not_sum_to_one_exactly_have_a_row_that_says_so():
    masses = [0.1, 0.2, np.nextafter(0.7, 1)]
    table = institutions.compare_institutions(trade([1, 2, 3], [2, 3, 4], (masses, masses)))
    assert table.row("sealed offers on a grid").total > 0
    row = table.row("best sealed offers, mixed or not")
    assert row.total is None
    assert "sum to exactly one" in row.remark


@pytest.mark.parametrize("unit", ["1/1000000000", "1/10000000", "1/1000000", "7", "1000000000"])
@pytest.mark.parametrize(
    ("costs", "values", "grid", "k"),
    [([1, 2, 3], [1, 2, 3], [1, 2, 3], "1/2"), ([5, 8], [6, 9], [5, 6, 8, 9], "3/4")],
)
def test_the_unit_of_money_changes_nothing(unit, costs, values, grid, k):
    def found(unit):
        own, theirs, prices = ([x * unit for x in xs] for xs in (costs, values, grid))
        return institutions.mixed_equilibrium(trade(own, theirs), prices, k)

    unit, one = Fraction(unit), found(Fraction(1))
    scaled = found(unit)
    assert (scaled.regret, scaled.total) == (0, one.total * unit)
    assert float(scaled.total) <= scaled.at_most
    assert scaled.at_most == pytest.approx(one.at_most * float(unit), rel=1e-12)
    assert scaled.name == one.name
    assert "found" not in one.name
    # Nor does it where money starts.
    far = institutions.mixed_equilibrium(
        trade(*([x + 10**9 for x in xs] for xs in (costs, values))), [x + 10**9 for x in grid], k
    )
    assert far.total == one.total


def solver_that_says(monkeypatch, **changes):
    milp = optimize.milp

    def changed(*args, **kwargs):
        found = milp(*args, **kwargs)
        found.update(changes)
        return found

    monkeypatch.setattr(optimize, "milp", changed)
    return institutions.mixed_equilibrium(trade([5, 8], [6, 9]), [5, 6, 8, 9], "3/4")


def test_a_bound_below_what_an_equilibrium_brings_is_not_shown(monkeypatch):
    found = solver_that_says(monkeypatch, mip_dual_bound=-0.1)
    assert (found.total, found.regret, found.at_most) == (Fraction(27, 20), 0, None)
    assert found.name.startswith("the best mixed equilibrium found on 4 prices")
    assert found.row().remark.endswith("what others on the grid bring is not known")
    below = replace(found, at_most=1.3499)
    assert below.row().remark.endswith("what others on the grid bring is not known")


def test_the_best_is_the_best_found_unless_its_bound_says_so(monkeypatch):
    """What all pairs gain is a bound too: (1 + 4 + 1) / 4."""
    found = solver_that_says(monkeypatch, status=1, mip_dual_bound=-1e9)
    assert found.name.startswith("the best mixed equilibrium found on")
    assert found.at_most == 1.5
    assert found.row().remark.endswith("mixed or not, brings more than 1.5")


def test_coarse_fractions_of_an_equilibrium_that_bring_less_are_not_the_best():
    environment = trade(
        ["2/35", "5/7"], ["3/7", "17/35", "33/35"], (["4/7", "3/7"], ["2/7", "1/7", "4/7"])
    )
    grid = ["2/35", "3/7", "17/35", "5/7", "33/35"]
    found = institutions.mixed_equilibrium(environment, grid, 0)
    assert found.regret == 0
    assert "found" not in found.name
    assert float(found.total) == pytest.approx(found.at_most, abs=2e-6)


def test_without_a_solution_the_error_says_what_the_solver_says(monkeypatch):
    with pytest.raises(mo.MechoptError, match=r"status 1: Time limit reached"):
        solver_that_says(monkeypatch, x=None, status=1, message="Time limit reached")


def test_a_bound_is_rounded_upwards_and_says_what_it_is_about():
    pure = institutions.mixed_equilibrium(trade([1, 4, 8], [4, 9]), [1, 4, 8, 9], pure=True)
    remark = pure.row().remark
    assert "; no equilibrium on the grid, in pure strategies, brings more than " in remark
    assert pure.at_most <= float(remark.split()[-1]) <= pure.at_most + 1e-5


@pytest.mark.parametrize("unit", [1, 7, 1e-7, 1e-9, 0.1, 1 / 3, 1e9])
def test_best_replies_in_turn_do_not_depend_on_the_unit_of_money(unit):
    types = [own * unit for own in (1, 2, 3)]
    found = institutions.grid_equilibrium(trade(types, types), types)
    assert found.expected.total / unit == pytest.approx(4 / 9, rel=1e-12)
    assert found.deviation.gain <= 1e-12 * unit


SMALL = trade([0, 2], [1, 3])
REFUSED = {
    "many": (
        lambda: institutions.mixed_equilibrium(trade(range(20), range(20)), range(20)),
        "too many",
    ),
    "prices": (lambda: institutions.mixed_equilibrium(SMALL, [2, 1]), "not prices"),
    "weight": (lambda: institutions.mixed_equilibrium(SMALL, [1, 2], "3/2"), "not the weight"),
    "densities": (
        lambda: institutions.mixed_equilibrium(
            mo.BilateralTrade(*[mo.TypeSpace.from_distribution(stats.uniform(), 4)] * 2), [0.5]
        ),
        "finite types",
    ),
    "rows": (
        lambda: institutions.MixedOffers(SMALL, 0.5, [1, 2], [[1, 0]], [[0, 0], [0, 1]]),
        "no probabilities",
    ),
    "sum": (
        lambda: institutions.MixedOffers(SMALL, 0.5, [1], [[2], [0]], [[0], [0]]),
        "no probabilities",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_one_error(name):
    call, message = REFUSED[name]
    with pytest.raises(mo.MechoptError, match=message):
        call()
