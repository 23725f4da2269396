"""The oracles against closed forms and values computed by others, and the package against them.

``reference.json`` holds cases of finite types with values that were computed by other code, each
with its source; ``../data/finite_uniform.csv`` likewise.
"""

from __future__ import annotations

import csv
import itertools
import json
import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import mechopt as mo

from . import cases
from .audit_by_hand import objective, violations
from .direct_lp import optimum, solve
from .finite_case import Event, UtilityFloor, efficient_allocation, vertices

HERE = Path(__file__).parent
REFERENCE = json.loads((HERE / "reference.json").read_text(encoding="utf-8"))
with (HERE.parent / "data" / "finite_uniform.csv").open(newline="") as file:
    FINITE_UNIFORM = list(csv.DictReader(file))

DOMINANT_EX_POST = {"incentives": "dominant", "participation": "ex-post"}


def value(case):
    """Return the optimal value of a case that has one."""
    status, found = optimum(case)
    assert status == "optimal", (case.name, status)
    return found


def requiring(case, **words):
    """Return the case with one word for all agents where the case has one for each."""
    every = {
        name: (word,) * case.num_agents if name in {"incentives", "participation"} else word
        for name, word in words.items()
    }
    return replace(case, **every)


def revenue_of(case, **words):
    """Return the largest expected payments less cost."""
    return -value(requiring(case, objective="subsidy", budget="free", **words)) + 0.0


def first_best(case):
    """Return the largest expected total of gains if types were public."""
    case = requiring(case, incentives="none", participation="none", budget="free")
    return value(replace(case, objective="weighted", weights=(1.0,) * case.num_agents, designer=1))


def efficient(case):
    """Return the case with its efficient allocation prescribed."""
    return replace(case, allocation=efficient_allocation(case))


# --- values computed by others ------------------------------------------------------------------


def floats(values):
    return [float(Fraction(each)) for each in values]


def agents_of(entry):
    """Return types and prior of a reference case of independent agents."""
    agents = entry.get("bidders") or entry["consumers"]
    masses = [floats(agent["probabilities"]) for agent in agents]
    return [floats(agent["types"]) for agent in agents], cases.independent(*masses)


def table(values):
    return np.array([floats(row) for row in values])


def auction_finite(entry, case_id):
    case = cases.auction(
        *agents_of(entry), units=entry["units"], seller_value=float(Fraction(entry["seller_value"]))
    )
    weight = float(Fraction(entry["utility_weight"]))
    sold = replace(case, designer=1.0, weights=(weight,) * case.num_agents, budget="free")
    found = value(sold)
    # Interim incentives are as good as dominant strategies, participation in every profile too.
    assert value(requiring(sold, **DOMINANT_EX_POST)) == pytest.approx(found, abs=1e-9), case_id
    return {"objective": found, "first_best": first_best(case)}


def efficient_revenue(entry, case_id):
    del case_id
    case = cases.auction(*agents_of(entry), units=entry["units"])
    return {"revenue": revenue_of(efficient(case))}


def max_min_utility(entry, case_id):
    del case_id
    case = cases.auction(*agents_of(entry), objective="least-utility", budget="no-deficit")
    return {"least_utility": value(case)}


def project_finite(entry, case_id):
    del case_id
    case = cases.project(*agents_of(entry), float(Fraction(entry["cost"])))
    return {
        "first_best": first_best(case),
        "least_subsidy": -revenue_of(efficient(case)),
        "largest_profit": revenue_of(case),
    }


def screening(entry, case_id):
    # Quality costs q²/2, and the best qualities, 1 and 3, are on the grid.
    del case_id
    quality = np.arange(5.0)
    prior = floats(entry["prior"]["probabilities"])
    worth = np.outer(floats(entry["prior"]["types"]), quality)
    return {"profit": revenue_of(cases.alternatives([worth], prior, cost=quality**2 / 2))}


# What a unit costs the designer, rents included, after ironing; amounts follow 1/(4 z²).
VIRTUAL_COSTS = {
    "parts-supply-3": (1 / 10, 6 / 25, 8 / 15),
    "parts-supply-3-alttheta": (1 / 10, 29 / 80),
}


def procurement(entry, case_id):
    amounts = np.array([1 / (4 * z**2) for z in VIRTUAL_COSTS[case_id]] + [0.5, 1.0, 9.0])
    prior = floats(entry["prior"]["probabilities"])
    worth = -np.outer(floats(entry["prior"]["types"]), amounts)
    return {"welfare": revenue_of(cases.alternatives([worth], prior, cost=-np.sqrt(amounts)))}


def several_goods_finite(entry, case_id):
    del case_id
    goods = len(entry["types"][0])
    case = cases.make(
        "goods",
        [np.arange(len(entry["types"]))],
        floats(entry["probabilities"]),
        upper=np.ones(goods),
        worth=(np.array(entry["types"], dtype=float),),
    )
    return {"revenue": revenue_of(case)}


def joint_auction(entry, case_id):
    case = cases.auction(entry["types"], table(entry["prior"]))
    found = {"revenue": revenue_of(case)}
    assert found["revenue"] == pytest.approx(first_best(case), abs=1e-9)
    if "least_limit" in by_id(case_id)["expected"]:
        limit = float(Fraction(by_id(case_id)["exact"]["least_limit"]))
        assert revenue_of(case, payment_limit=limit) == pytest.approx(found["revenue"], abs=1e-9)
        assert revenue_of(case, payment_limit=limit - 1e-3) < found["revenue"] - 1e-6
        found["revenue_expost_dominant"] = revenue_of(case, **DOMINANT_EX_POST)
        found["least_limit"] = limit
    return found


def joint_auction_expost(entry, case_id):
    del case_id
    case = cases.auction(entry["types"], table(entry["prior"]))
    return {"revenue": revenue_of(case, **DOMINANT_EX_POST)}


def joint_trade(entry, case_id):
    del case_id
    case = cases.trade(entry["sellers"], entry["buyers"], table(entry["prior"]))
    return {"first_best": first_best(case), "second_best_exante": value(case)}


def joint_bounded(entry, case_id):
    del case_id
    case = cases.auction(entry["types"], table(entry["prior"]))
    if "limit" in entry:
        return {"revenue": revenue_of(case, payment_limit=float(Fraction(entry["limit"])))}
    return {"revenue": revenue_of(case, liability=float(Fraction(entry["liability"])))}


def interdependent_auction(entry, case_id):
    del case_id
    signals, beta = np.array(entry["types"], dtype=float), float(entry["beta"])
    own, other = signals[:, None], signals[None, :]
    values = [own + beta * other, other + beta * own]
    worth = tuple(
        np.stack([values[i] if v == i else np.zeros((4, 4)) for v in range(2)], axis=-1)
        for i in range(2)
    )
    case = cases.alternatives(worth, cases.independent(*2 * [floats(entry["probabilities"])]))
    found = revenue_of(case)
    assert revenue_of(case, **DOMINANT_EX_POST) == pytest.approx(found, abs=1e-9)
    return {"revenue": found}


def trade_equivalence(entry, case_id):
    del case_id
    costs, values = floats(entry["sellers"]), floats(entry["buyers"])
    prior = cases.independent(cases.uniform(len(costs)), cases.uniform(len(values)))
    case = cases.trade(costs, values, prior)
    return {
        "interim": value(case),
        "dominant_exante": value(requiring(case, **DOMINANT_EX_POST)),
        "dominant_expost": value(requiring(case, **DOMINANT_EX_POST, budget_holds="ex-post")),
    }


def project_equivalence(entry, case_id):
    del case_id
    types = floats(entry["types"])
    prior = cases.independent(*2 * [cases.uniform(len(types))])
    case = cases.project([types, types], prior, float(entry["cost"]))
    return {
        "dominant_expost": value(requiring(case, **DOMINANT_EX_POST, budget_holds="ex-post")),
    }


FIGURES = {
    "auction-finite": auction_finite,
    "efficient-revenue": efficient_revenue,
    "max-min-utility": max_min_utility,
    "project-finite": project_finite,
    "screening": screening,
    "procurement": procurement,
    "several-goods-finite": several_goods_finite,
    "joint-auction": joint_auction,
    "joint-auction-expost": joint_auction_expost,
    "joint-trade": joint_trade,
    "joint-bounded": joint_bounded,
    "interdependent-auction": interdependent_auction,
    "trade-equivalence": trade_equivalence,
    "project-equivalence": project_equivalence,
}


def by_id(case_id):
    return next(entry for entry in REFERENCE if entry["id"] == case_id)


@pytest.mark.parametrize("case_id", [entry["id"] for entry in REFERENCE])
def test_values_computed_by_others(case_id):
    entry = by_id(case_id)
    found = FIGURES[entry["kind"]](entry["inputs"], case_id)
    for name, figure in found.items():
        # Revenue with bounded payments has nine digits only, everything else is exact.
        assert figure == pytest.approx(entry["expected"][name], abs=2e-9), name


@pytest.mark.parametrize("row", FINITE_UNIFORM[:5], ids=lambda row: row["n"])
def test_uniform_trade(row):
    size = int(row["n"])
    types = np.arange(1, size + 1) / size
    case = cases.trade(types, types, cases.independent(*2 * [cases.uniform(size)]))
    exact = Fraction(row["second_best_exact"])
    assert value(case) == pytest.approx(float(exact), abs=1e-12)
    subsidy = -revenue_of(efficient(case))
    assert subsidy == pytest.approx(float(row["least_subsidy"]), abs=1e-11)
    assert first_best(case) == pytest.approx(float(row["first_best"]), abs=1e-11)
    status, _ = optimum(efficient(case))
    assert status == ("infeasible" if subsidy > 1e-12 else "optimal")


def test_painting_for_a_couple_without_money():
    # After Conitzer and Sandholm (2003): hers, his, museum, burned. Burning the painting pays;
    # 33.28 is the best lottery (the best rule without one reaches 21.6).
    hers = np.array([[2, 0, 1, -10], [100, 0, 50, -10]])
    his = np.array([[0, 2, 1, -10], [0, 100, 50, -10]])
    prior = cases.independent([0.8, 0.2], [0.8, 0.2])
    case = cases.alternatives([hers, his], prior, payment_limit=0.0)
    case = replace(case, rows=(*case.rows, (-np.ones(4), -1.0)))
    case = requiring(case, incentives="dominant", participation="none", budget="free")
    assert value(case) == pytest.approx(33.28, abs=1e-9)


# --- closed forms -------------------------------------------------------------------------------


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


def drawn(count, wanted, **options):
    """Return the random cases of the first seeds that are as wanted."""
    found = (cases.random_case(seed, **options) for seed in itertools.count())
    return list(itertools.islice((case for case in found if wanted(case)), count))


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


def test_programs_without_an_optimum():
    prior = np.full((2, 2), 0.25)
    trade = cases.trade([0, 1], [0, 1], prior)
    assert optimum(replace(trade, budget="free")) == ("unbounded", None)
    staying = requiring(trade, objective="subsidy", participation="none", budget="free")
    assert optimum(staying) == ("unbounded", None)
    assert optimum(replace(trade, floors=(UtilityFloor(0, 0, 2.0),))) == ("infeasible", None)
    # Infeasible and, but for that, unbounded.
    both = replace(trade, budget="free", events=(Event((1.0,), 0, (0,), lower=2.0),))
    assert optimum(both) == ("infeasible", None)


# --- requirements that come to the same ----------------------------------------------------------


def independent_cases(count, families):
    """Return plain random cases with interim incentives and participation for everyone."""

    def wanted(case):
        return case.num_agents > 1

    found = drawn(count, wanted, families=families, priors=("independent",), plain=True)
    return [requiring(case, incentives="interim", participation="interim") for case in found]


def same(left, right):
    (status, first), (other, second) = optimum(left), optimum(right)
    assert status == other, left.name
    if status == "optimal":
        assert first == pytest.approx(second, abs=1e-9), left.name


LINE = ("trade", "auction", "project", "partnership", "market", "procurement")


def test_budget_on_average_is_as_good_as_in_every_profile():
    for case in independent_cases(16, (*LINE, "alternatives")):
        for word in ("balanced", "no-deficit"):
            kept = replace(case, budget=word)
            same(kept, replace(kept, budget_holds="ex-post"))


def test_interim_incentives_are_as_good_as_dominant_strategies():
    # Manelli and Vincent (2010), doi:10.3982/ECTA8025; Gershkov et al. (2013),
    # doi:10.3982/ECTA10592. Where the worst-off type is at an end, whatever the rule, participation
    # may hold in every profile.
    for case in independent_cases(16, LINE):
        same(case, requiring(case, incentives="dominant"))
    for case in independent_cases(16, tuple(family for family in LINE if family != "partnership")):
        same(case, requiring(case, **DOMINANT_EX_POST))


def test_participation_on_average_is_as_good_as_in_every_profile_with_interim_incentives():
    # Let every type pay what the outcome is worth to it less what it expects.
    for case in independent_cases(16, (*LINE, "alternatives")):
        same(case, requiring(case, participation="ex-post"))


def test_partners_lose_by_dominant_strategies_with_participation_in_every_profile():
    prior = np.full((2, 2), 0.25)
    case = cases.partnership([[0, 2], [1, 3]], prior, [0.5, 0.5])
    interim, dominant = (
        revenue_of(case, incentives=word, participation="ex-post")
        for word in ("interim", "dominant")
    )
    assert revenue_of(case, incentives="dominant") == pytest.approx(interim, abs=1e-12)
    assert dominant < interim - 0.1


def test_revenue_with_a_free_budget_and_lump_sums():
    # With lump sums the least utility is the largest revenue in equal parts.
    for case in independent_cases(10, ("auction",)):
        case = replace(case, allocation=None)  # noqa: PLW2901
        least = replace(case, objective="least-utility", budget="no-deficit")
        expected = revenue_of(case) / case.num_agents
        assert value(least) == pytest.approx(expected, abs=1e-9), case.name


# --- the oracles themselves -----------------------------------------------------------------------


def test_optima_pass_the_audit_by_hand():
    statuses = []
    for seed in range(80):
        case = cases.random_case(seed)
        found = solve(case)
        statuses.append(found.status)
        if found.status == "optimal":
            size = 1 + np.abs(found.payments).max()
            faults = violations(case, found.allocation, found.payments)
            assert max(faults.values()) <= 1e-9 * size, (case.name, faults)
            attained = objective(case, found.allocation, found.payments)
            assert attained == pytest.approx(found.value, abs=1e-9 * size), case.name
    assert set(statuses) == {"optimal", "infeasible", "unbounded"}
    assert statuses.count("optimal") >= 60


def test_more_requirements_never_help():
    for seed in range(16):
        case = cases.random_case(seed, priors=("correlated", "mixture", "zeros"))
        sign = -1.0 if case.objective == "subsidy" else 1.0
        order = {
            "incentives": ("none", "interim", "dominant"),
            "participation": ("none", "interim", "ex-post"),
            "budget_holds": ("ex-ante", "ex-post"),
        }
        for name, words in order.items():
            best = math.inf
            for word in words:
                status, found = optimum(requiring(case, **{name: word}))
                found = {"infeasible": -math.inf, "unbounded": math.inf}.get(status, found)
                worth = sign * found if status == "optimal" else found
                assert worth <= best + 1e-8, (case.name, name, word)
                best = worth


def bad_mechanism():
    """Return a case of one seller type and two buyer types with a mechanism that errs in all."""
    case = cases.trade([1], [2, 4], np.array([[0.5, 0.5]]), weights=(1.0, 2.0), designer=3.0)
    case = replace(
        case,
        payment_limit=2.0,
        liability=0.0,
        floors=(UtilityFloor(1, 1, 3.0),),
        events=(Event((1.0,), 1, (1,), lower=0.75),),
        rows=((np.array([2.0]), 2.0),),
        allocation=np.array([[[1.0, 1.0]]]),
    )
    allocation = np.array([[[1.25, 0.5]]])
    payments = np.array([[[-1.0, -3.0]], [[3.0, 1.0]]])
    return case, allocation, payments


def test_audit_finds_every_violation():
    case, allocation, payments = bad_mechanism()
    expected = {
        "bounds": 0.25,
        "rows": 0.5,
        "prescribed": 0.5,
        "incentives of 0": 0.0,
        "incentives of 1": 1.0,  # value 4: 4 * 1.25 - 3 instead of 4 * 0.5 - 1
        "participation of 0": 0.0,  # on average of -1/4 and 5/2
        "participation of 1": 0.5,
        "budget": 0.0,  # on average of 2 and -2
        "payment limit": 1.0,
        "liability": 0.5,
        "floor 0": 2.0,
        "event 0": 0.25,
    }
    assert violations(case, allocation, payments) == pytest.approx(expected, abs=1e-15)
    # Utilities 9/8 and twice 1/4; no profit.
    assert objective(case, allocation, payments) == pytest.approx(1.625, abs=1e-15)
    least = replace(case, objective="least-utility")
    assert objective(least, allocation, payments) == pytest.approx(-0.5, abs=1e-15)

    every = requiring(case, participation="ex-post", budget="no-deficit", budget_holds="ex-post")
    found = violations(every, allocation, payments)
    assert found["participation of 0"] == pytest.approx(0.25, abs=1e-15)
    assert found["budget"] == pytest.approx(2.0, abs=1e-15)
    none = requiring(case, incentives="none", participation="none", budget="free")
    names = {"bounds", "rows", "prescribed", "payment limit", "liability", "floor 0", "event 0"}
    assert set(violations(none, allocation, payments)) == names


def test_audit_of_dominant_strategies_looks_at_profiles_that_average_out():
    # A buyer pays the seller's cost: no lie helps on average over costs 0 and 2, but "value 1"
    # saves 1 where the cost is 2.
    case = cases.auction([[1, 3], [0, 2]], np.full((2, 2), 0.25), budget="free")
    allocation = np.array([[[1.0, 1.0], [1.0, 1.0]], np.zeros((2, 2))])
    payments = np.array([[[1.0, 1.0], [0.0, 2.0]], np.zeros((2, 2))])
    assert max(violations(case, allocation, payments).values()) == 0.0
    dominant = violations(requiring(case, incentives="dominant"), allocation, payments)
    assert dominant["incentives of 0"] == pytest.approx(1.0, abs=1e-15)


def test_audit_overlooks_no_missing_number():
    case, allocation, payments = bad_mechanism()
    payments[1, 0, 1] = math.nan
    found = violations(case, allocation, payments)
    for name in ("incentives of 1", "participation of 1", "budget", "payment limit", "floor 0"):
        assert math.isnan(found[name]), name


def test_what_holds_in_every_profile_holds_where_nobody_expects_it():
    # The profile (1, 0) has probability zero, and yet is what a lie of agent 0 brings about.
    prior = np.array([[0.5, 0.0], [0.0, 0.5]])
    case = cases.auction([[1, 2], [1, 2]], prior)
    allocation, payments = np.zeros((2, 2, 2)), np.zeros((2, 2, 2))
    payments[0, 1, 0] = 5.0
    assert max(violations(case, allocation, payments).values()) == 0.0
    limited = requiring(case, payment_limit=4.0, participation="ex-post", budget_holds="ex-post")
    found = violations(limited, allocation, payments)
    assert found["payment limit"] == pytest.approx(1.0, abs=1e-15)
    assert found["participation of 0"] == found["budget"] == pytest.approx(5.0, abs=1e-15)


def test_corners_of_outcomes():
    case = cases.procurement([[1.0, 2.0]], [0.5, 0.5], [1.0, 2.0])
    assert vertices(case).tolist() == [[0, 0], [0, 1], [1, 0]]
    market = cases.market([[1.0]], [[2.0]], np.ones((1, 1)))
    assert vertices(market).tolist() == [[0, 0], [1, 0], [1, 1]]


# --- the package ----------------------------------------------------------------------------------


def stated_cases(count):
    """Return random cases that the package can state."""
    return drawn(
        count, lambda case: not cases.not_stated(case), priors=("independent",), plain=True
    )


def test_highs_attains_the_optimum_of_every_stated_case():
    statuses = []
    for case in stated_cases(100):
        status, expected = optimum(case)
        solution = mo.solve(cases.as_problem(case), backend="highs", throw=False)
        assert solution.termination == status, case.name
        statuses.append(status)
        if status == "optimal":
            assert solution.objective == pytest.approx(expected, rel=1e-9, abs=1e-9), case.name
    assert statuses.count("optimal") >= 70


def test_what_cannot_be_stated_is_said():
    case = cases.trade([0, 1], [1, 2], np.full((2, 2), 0.25), payment_limit=1.0)
    with pytest.raises(NotImplementedError, match="payment limit"):
        cases.as_problem(case)
