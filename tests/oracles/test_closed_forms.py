"""The oracle against closed forms and theorems of the literature."""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from . import cases
from .finite_case import Event, UtilityFloor
from .variants import DOMINANT_EX_POST, drawn, efficient, first_best, requiring, revenue_of, value


def virtual_value(types, mass, k):
    """Return the marginal revenue of a type, in fractions."""
    if k + 1 == len(types):
        return types[k]
    return types[k] - (types[k + 1] - types[k]) * sum(mass[k + 1 :]) / mass[k]


@pytest.mark.parametrize(("bidders", "size"), [(1, 6), (2, 6), (3, 4)])
def test_revenue_is_the_expected_largest_virtual_value(bidders, size):
    # Myerson (1981), doi:10.1287/moor.6.1.58, for uniform bidders on the grid k/size.
    types = [Fraction(k + 1, size) for k in range(size)]
    mass = [Fraction(1, size)] * size
    virtual = [virtual_value(types, mass, k) for k in range(size)]
    profiles = list(itertools.product(virtual, repeat=bidders))
    expected = sum(max(Fraction(0), *profile) for profile in profiles) / len(profiles)
    case = cases.auction([np.array(types, float)] * bidders, cases.independent(*[mass] * bidders))
    for word in ("interim", "dominant"):
        assert revenue_of(case, incentives=word) == pytest.approx(float(expected), abs=1e-12)
    if bidders > 1:
        always = [Event((1.0,) * bidders, 0, tuple(range(size)), lower=1.0)]
        sold = sum(max(profile) for profile in profiles) / len(profiles)
        found = revenue_of(replace(case, events=tuple(always)))
        assert found == pytest.approx(float(sold), abs=1e-12)


@pytest.mark.parametrize("rho", [-0.4, 0.0, 0.05, 0.5])
def test_two_correlated_bidders(rho):
    # Types 1 and 2: all is extracted unless types are independent (Crémer and McLean 1988,
    # doi:10.2307/1913096), with payments up to max((1-ρ²)/(8ρ), 3/2 - ρ/2); with dominant
    # strategies and participation in every profile 3/2 remains, for ρ >= 0.
    prior = np.array([[1 + rho, 1 - rho], [1 - rho, 1 + rho]]) / 4
    case = cases.auction([[1, 2], [1, 2]], prior)
    full = 2 - (1 + rho) / 4
    assert first_best(case) == pytest.approx(full, abs=1e-12)
    expected = 1.5 if rho == 0 else full
    assert revenue_of(case) == pytest.approx(expected, abs=1e-9)
    assert revenue_of(case, incentives="dominant") == pytest.approx(expected, abs=1e-9)
    if rho >= 0:
        assert revenue_of(case, **DOMINANT_EX_POST) == pytest.approx(1.5, abs=1e-12)
    if rho > 0:
        limit = max((1 - rho**2) / (8 * rho), 1.5 - rho / 2)
        assert revenue_of(case, payment_limit=limit) == pytest.approx(full, abs=1e-9)
        assert revenue_of(case, payment_limit=0.999 * limit) < full - 1e-6


def full_rank(case):
    """Return whether nobody's beliefs given one type are a mixture of those given others, by far:
    the smallest singular value of every agent's table of beliefs is not small."""
    for agent in range(case.num_agents):
        own = np.moveaxis(case.prior, agent, 0).reshape(case.shape[agent], -1)
        beliefs = own / own.sum(axis=1, keepdims=True)
        singular = np.linalg.svd(beliefs, compute_uv=False)
        if len(singular) < len(own) or singular[-1] < 0.02:
            return False
    return True


def test_full_rank_priors_leave_no_rents():
    # Crémer and McLean (1988): revenue is the first best, in dominant strategies too; and trade
    # is efficient without a deficit on average.
    options = {"families": ("auction",), "priors": ("correlated", "zeros")}
    for case in drawn(8, full_rank, **options):
        clean = replace(case, payment_limit=None, liability=None, floors=(), events=())
        clean = requiring(clean, allocation=None, participation="interim")
        best = first_best(clean)
        for word in ("interim", "dominant"):
            assert revenue_of(clean, incentives=word) == pytest.approx(best, abs=1e-8), case.name
    options = {"families": ("trade",), "priors": ("correlated",)}
    for case in drawn(8, full_rank, **options):
        clean = cases.trade(*case.types, case.prior, budget="no-deficit")
        assert value(clean) == pytest.approx(first_best(clean), abs=1e-8), case.name


def test_beliefs_that_are_no_mixtures_leave_no_rents_if_lies_must_pay_on_average_only():
    # Four beliefs at the corners of a parallelogram: none is a mixture of the others, but they are
    # linearly dependent, so dominant strategies leave rents.
    prior = np.array([[5, 2, 1], [2, 5, 1], [4, 1, 3], [1, 4, 3]]) / 32
    case = cases.auction([[1, 2, 3, 6], [0, 0, 0]], prior)
    assert first_best(case) == pytest.approx(3.0, abs=1e-12)
    assert revenue_of(case) == pytest.approx(3.0, abs=1e-9)
    assert revenue_of(case, incentives="dominant") < 3.0 - 0.01


def conditional_virtual_values(case):
    """Return every agent's virtual value in every profile, given the others' types."""
    found = np.empty((case.num_agents, *case.shape))
    for agent in range(case.num_agents):
        for profile in case.profiles():
            line = [(*profile[:agent], k, *profile[agent + 1 :]) for k in range(case.shape[agent])]
            mass = [case.prior[each] for each in line]
            own = virtual_value(case.types[agent], mass, profile[agent])
            found[(agent, *profile)] = own
    return found


def test_dominant_strategies_with_participation_in_every_profile_and_correlated_types():
    # Where conditional virtual values rise in the own type, and so does the chance to win if the
    # largest wins, revenue is the expected largest one. Where a rival's falls by more than the own
    # one rises, it is less.
    def revenue_and_bound(case):
        largest = np.maximum(conditional_virtual_values(case).max(axis=0), 0.0)
        return revenue_of(case, **DOMINANT_EX_POST), float((case.prior * largest).sum())

    equal = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        shape = cases.random_shape(rng, 2)
        prior = cases.random_prior(rng, shape, "correlated")
        case = cases.auction([cases.random_types(rng, size) for size in shape], prior)
        values = conditional_virtual_values(case)
        found, bound = revenue_and_bound(case)
        if all((np.diff(values[agent], axis=agent) >= 0).all() for agent in range(2)):
            assert found <= bound + 1e-9
            equal += abs(found - bound) <= 1e-9
    assert equal >= 2

    prior = np.array([[5, 5], [5, 1]]) / 16
    found, bound = revenue_and_bound(cases.auction([[2, 3], [4, 8]], prior))
    assert found == pytest.approx(17 / 4, abs=1e-12)
    assert bound == pytest.approx(69 / 16, abs=1e-12)


def test_correlation_does_not_make_trade_efficient_if_it_must_balance_in_every_profile():
    # Computed by a symmetric program of other code: 1.206653 of 1.225.
    rho = 1 / 20
    prior = np.array([[1 + rho, 1 - rho], [1 - rho, 1 + rho]]) / 4
    case = cases.trade([1, 4], [2, 4.5], prior)
    assert first_best(case) == pytest.approx(1.225, abs=1e-12)
    assert value(case) == pytest.approx(1.225, abs=1e-9)
    assert value(replace(case, budget_holds="ex-post")) == pytest.approx(1.206653, abs=5e-7)


@pytest.mark.parametrize("size", [2, 3, 4])
def test_partners_with_equal_shares_part_efficiently(size):
    # Cramton, Gibbons and Klemperer (1987), doi:10.2307/1913565, with a budget that balances in
    # every profile.
    rng = np.random.default_rng(size)
    for _ in range(3):
        # The theorem is about identical partners.
        own, mass = cases.random_types(rng, 3 if size < 4 else 2), None
        mass = cases.parts(rng, len(own), 16)
        prior = cases.independent(*[mass] * size)
        case = cases.partnership([own] * size, prior, [1 / size] * size, budget_holds="ex-post")
        assert value(efficient(case)) == pytest.approx(first_best(case), abs=1e-9)


@pytest.mark.parametrize("size", [2, 5, 6, 9])
def test_one_owner_of_two_partners_is_a_seller(size):
    # For k/size, k = 1..size, on both sides: the least subsidy is (size-1)(size-5)/(6 size²).
    types = np.arange(1, size + 1) / size
    prior = cases.independent(*2 * [cases.uniform(size)])
    owned, sold = cases.partnership([types] * 2, prior, [1, 0]), cases.trade(types, types, prior)
    assert value(owned) == pytest.approx(types.mean() + value(sold), abs=1e-12)
    expected = (size - 1) * (size - 5) / (6 * size**2)
    assert -revenue_of(efficient(sold)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("size", range(2, 9))
def test_posted_prices_on_an_even_grid(size):
    # Hagerty and Rogerson (1987), doi:10.1016/0022-0531(87)90044-9: dominant strategies,
    # participation and budget in every profile leave posted prices, and posted shares of a cost.
    types = [Fraction(k + 1, size) for k in range(size)]
    mass = Fraction(1, size**2)
    numbers = np.array(types, dtype=float)
    prior = cases.independent(*2 * [cases.uniform(size)])

    def best_posted(traded, gains):
        return float(
            max(
                sum(mass * gains(s, b) for s in types for b in types if traded(s, b, price))
                for price in [Fraction(0), *types]
            )
        )

    price = best_posted(lambda s, b, price: s <= price <= b, lambda s, b: b - s)
    share = best_posted(lambda s, b, price: s >= price and b >= 1 - price, lambda s, b: s + b - 1)
    trade = cases.trade(numbers, numbers, prior)
    project = cases.project([numbers, numbers], prior, 1.0)
    for case, expected in ((trade, price), (project, share)):
        for word in ("balanced", "no-deficit"):
            found = requiring(case, **DOMINANT_EX_POST, budget=word, budget_holds="ex-post")
            assert value(found) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("costs", "values", "chances", "expected"),
    [
        # The best posted price reaches 1. Between the types incentives are slack, and a lottery
        # for the pair (2, 3) adds 1/8.
        ([0, 2], [1, 3], [1 / 2, 1 / 2], 9 / 8),
        # The best posted price reaches 27/40, on an even grid with values not equally likely.
        ([0, 1, 2, 3], [0, 1, 2, 3], [0.1, 0.4, 0.1, 0.4], 11 / 16),
    ],
)
def test_other_finite_types_allow_more_than_posted_prices(costs, values, chances, expected):
    prior = cases.independent(cases.uniform(len(costs)), chances)
    case = cases.trade(costs, values, prior, budget_holds="ex-post")
    assert value(requiring(case, **DOMINANT_EX_POST)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("least", "expected"), [(0.5, 1.0), (1.0, 1.0), (1.5, 0.5)])
def test_floor_for_one_type(least, expected):
    # One buyer of value 1 or 2: a rent of up to 1 costs nothing (sell to both at 1); any more is a
    # lower price for both.
    case = cases.auction([[1, 2]], [0.5, 0.5], floors=(UtilityFloor(0, 1, least),))
    assert revenue_of(case) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("level", [0.0, 0.25, 1.0])
def test_bounds_on_the_probability_of_an_event(level):
    # One buyer of value 1 or 3: the price is 3. Selling to the low type costs half of (3-1) - 1
    # for each unit of probability; not selling to the high type costs half of 3.
    low, high = Event((1.0,), 0, (0,), lower=level), Event((1.0,), 0, (1,), upper=level)
    case = cases.auction([[1, 3]], [0.5, 0.5])
    assert revenue_of(replace(case, events=(low,))) == pytest.approx(1.5 - level / 2, abs=1e-12)
    assert revenue_of(replace(case, events=(high,))) == pytest.approx(1.5 * level, abs=1e-12)
