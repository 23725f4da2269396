"""Ties of efficient allocations are those of the exact values that floats stand for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt.exact.optimum import exact_optimum
from mechopt.program.numbers import _efficient
from mechopt.types.prior import Joint
from tests.draws import drawn
from tests.oracle import Rows

TYPES = mo.TypeSpace.finite([0.1, 0.2, 0.3, 0.7])
TENTHS = [1, 2, 3, 7]
# More digits than floats add without rounding, in decimals that sum to a cost.
LONG = [0.1234567890123456, 0.2, 0.3]
REST = [0.1, 0.1765432109876544, 0.5]


@dataclass(frozen=True)
class Project(mo.Outcomes):
    """A project of a user's own, which says no more than it must."""

    price: float

    variables = ("built",)
    net_quantity = np.array([[1.0], [1.0]])
    vertices = np.array([[0.0], [1.0]])

    @property
    def roles(self):
        return (mo.environments.Role("a", None), mo.environments.Role("b", None))

    @property
    def cost(self):
        return np.array([self.price])

    def scaled(self, factor):
        return replace(self, price=self.price * factor)


def own(price, first=TYPES, second=TYPES):
    return mo.Environment((mo.Agent("a", first), mo.Agent("b", second)), Project(price))


def above(cost, first, second):
    return [[float(a + b > cost) for b in second] for a in first]


@pytest.mark.parametrize(
    "environment",
    [
        mo.PublicGood(TYPES, 0.3, count=2),
        mo.PublicGood(TYPES, 0.3, count=2, excludable=True),
        replace(mo.PublicGood(TYPES, 0.3, count=2), prior=Joint(np.full((4, 4), 1 / 16))),
        own(0.3),
        own(0.3).scaled(100.0),
    ],
    ids=["public good", "excludable", "joint", "own", "own in cents"],
)
def test_a_tie_of_decimals_is_one_however_the_outcomes_are_written(environment):
    built = above(3, TENTHS, TENTHS)
    assert environment.efficient_allocation()[0].tolist() == built
    everyone = np.indices((4, 4)).reshape(2, -1)
    assert environment.efficient_at(list(everyone))[0].tolist() == np.ravel(built).tolist()
    assert environment.efficient[0].tolist() == np.mean(built, axis=1).tolist()


def test_the_least_subsidy_is_that_of_fractions():
    problem = mo.minimum_subsidy(own(0.3))
    exact = exact_optimum(problem).objective
    assert exact == Fraction(-1, 160)
    assert mo.solve(problem).objective == pytest.approx(float(exact), abs=1e-12)
    given = mo.minimum_subsidy(
        own(0.3, *[mo.TypeSpace.finite([Fraction(k, 10) for k in TENTHS])] * 2)
    )
    assert mo.solve(given).objective == pytest.approx(float(exact), abs=1e-12)


def test_a_cost_in_cents_is_the_decimal_that_it_was():
    good = mo.PublicGood(TYPES, 0.29, count=2)
    assert good.scaled(100.0).outcomes.price == 29.0
    assert mo.Auction(TYPES, seller_value=0.29).scaled(100.0).outcomes.unit_cost == 29.0


@pytest.mark.parametrize("outcomes", ["own", "public good"])
def test_ties_of_many_digits_are_decided_in_integers(outcomes):
    first, second = mo.TypeSpace.finite(LONG), mo.TypeSpace.finite(REST)
    good = own(0.3, first, second) if outcomes == "own" else mo.PublicGood([first, second], 0.3)
    built = above(Fraction(3, 10), *([Fraction(str(x)) for x in each] for each in (LONG, REST)))
    assert sum(map(sum, built)) == 6  # 0.1234567890123456 + 0.1765432109876544 is no gain
    assert good.efficient_allocation()[0].tolist() == built
    assert good.efficient[0] == pytest.approx(np.mean(built, axis=1), abs=1e-15)


def test_cells_with_the_same_means_tie_whatever_rounding_made_of_them():
    wide = mo.TypeSpace.from_distribution(stats.uniform(0, 0.7), 70)
    narrow = mo.TypeSpace.from_distribution(stats.uniform(0, 0.1), 10)
    assert (wide.mean[:10] != narrow.mean).any()
    trade = mo.BilateralTrade(wide, narrow)
    expected = np.arange(70)[:, None] < np.arange(10)[None, :]
    assert (trade.efficient_allocation()[0] == expected).all()
    assert trade.efficient[1] == pytest.approx(np.arange(10) / 70, abs=1e-15)


def test_a_third_is_more_than_its_float_prints():
    thirds, decimals = mo.TypeSpace.finite(["1/3", 1]), mo.TypeSpace.finite([1 / 3, 2.0])
    assert mo.BilateralTrade(thirds, decimals).efficient_allocation()[0, 0].tolist() == [0, 1]
    assert mo.BilateralTrade(decimals, thirds).efficient_allocation()[0, 0].tolist() == [1, 1]


def test_worth_by_table_ties_as_its_numbers_say():
    votes = {"hers": [0.1, 0.2], "his": [0.3, 0.4]}
    lottery = mo.Alternatives(
        ["no", "yes"],
        {"hers": [1, 2], "his": [1, 2]},
        {
            "hers": [[0, 0], votes["hers"]],
            "his": [[0, 0], votes["his"]],
        },
        cost=[0, 0.5],
    )
    yes = lottery.efficient_allocation()[1]
    assert yes.tolist() == above(5, [1, 2], [3, 4])


def test_the_audit_compares_with_the_same_outcomes():
    solution = mo.solve(mo.minimum_subsidy(mo.PublicGood(TYPES, 0.6, count=3)))
    assert solution.provenance.backend == "direct"
    assert mo.audit(solution.problem, solution).passed
    assert solution.objective == pytest.approx(33 / 640, abs=1e-12)


def on_a_grid(rng):
    """Return an environment whose types and cost are on one coarse grid, so that many tie."""
    size = int(rng.integers(2, 4))
    grid = [0.1234567890123456, 0.1765432109876544, 0.1, 0.2, 0.3, 0.4, 0.7]
    if rng.random() < 0.5:
        grid = [k / 10 for k in range(12)]
    types = [mo.TypeSpace.finite(np.sort(rng.choice(grid, 3, replace=False))) for _ in range(size)]
    cost, kind = float(rng.integers(0, 12) / 10), rng.integers(4)
    if kind == 0:
        return mo.PublicGood(types, cost, excludable=bool(rng.integers(2)))
    if kind == 1:
        return mo.Auction(types, units=int(rng.integers(1, 3)), seller_value=cost)
    return mo.Market(types[:1], types[1:]) if kind == 2 else mo.Market(types[:-1], types[-1:])


def test_floats_choose_what_fractions_choose():
    rng = np.random.default_rng(5)
    moved = 0
    for _ in range(50):
        environment = on_a_grid(rng)
        worth = [environment.exact_worth(i) for i in range(len(environment.agents))]
        exact = _efficient(environment.outcomes.in_fractions(), worth).astype(float)
        assert (environment.efficient_allocation() == exact).all(), environment
        profiles = list(np.indices(environment.shape).reshape(len(worth), -1))
        single = environment.efficient_at(profiles).reshape(exact.shape)
        assert (single == exact).all(), environment
        averages = environment.interim_quantities(exact)
        for own, average in zip(environment.efficient, averages, strict=True):
            assert own == pytest.approx(average, abs=1e-12), environment
        moved += len(set(exact.ravel().tolist())) > 1
    assert moved > 25


def largest_slack_of_partners(types, masses, shares):
    """Return the most that payments leave under any efficient rule, from all profiles and pairs."""
    shape = tuple(map(len, types))
    places = range(len(shape))
    payments = {f"t{i}": (shape[i],) for i in places}
    rows = Rows(**{f"q{i}": shape for i in places}, **payments)
    values = np.array(np.meshgrid(*types, indexing="ij"))
    for at in np.ndindex(shape):
        one = np.zeros(shape)
        one[at] = 1.0
        rows.at_least.append((rows.vector(**{f"q{i}": -one for i in places}), -1.0))
        won = rows.vector(**{f"q{i}": values[i] * one for i in places})
        rows.equal.append((won, max(values[:, *at].max(), 0.0)))

    def utility(i, k, report):
        own = np.zeros(shape)
        own[tuple(report if j == i else slice(None) for j in places)] = types[i][k]
        for j in places:
            if j != i:
                own *= masses[j].reshape([-1 if h == j else 1 for h in places])
        paid = -np.eye(shape[i])[report]
        return rows.vector(**{f"q{i}": own, f"t{i}": paid})

    for i in places:
        for k, value in enumerate(types[i]):
            rows.at_least.append((utility(i, k, k), float(shares[i]) * value))
            rows.at_least += [(utility(i, k, k) - utility(i, k, r), 0.0) for r in range(shape[i])]
    paid = rows.vector(**{f"t{i}": masses[i] for i in places})
    lower = np.where(np.arange(rows.size) < rows.slices["t0"].start, 0.0, -np.inf)
    return rows.optimum(paid, lower, np.where(lower == 0.0, 1.0, np.inf))


@pytest.mark.parametrize("seed", drawn(60, 12))
def test_efficiency_is_possible_if_it_is_under_some_order_of_who_ties(seed):
    rng = np.random.default_rng([seed, 23])
    number = 2 + seed % 2
    types = [np.sort(rng.choice(4, 4 - number + seed % 2, replace=False)) for _ in range(number)]
    weights = [rng.integers(1, 6, own.size) for own in types]
    owned = rng.integers(0, 4, number) + (np.arange(number) == 0)
    shares = [Fraction(int(own), int(owned.sum())) for own in owned]
    spaces = [
        mo.TypeSpace.finite(own, [Fraction(int(w), int(each.sum())) for w in each])
        for own, each in zip(types, weights, strict=True)
    ]
    masses = [each / each.sum() for each in weights]
    check = mo.check_ex_post_efficiency(mo.Partnership(spaces, shares))
    slack = largest_slack_of_partners(types, masses, shares)
    assert check.implementable is (slack >= -1e-9)
    assert check.least_subsidy == pytest.approx(max(-slack, 0.0), abs=1e-8)
    assert check.certificate.verified, check.certificate


def test_an_owner_who_wins_ties_trades_efficiently():
    owner = mo.TypeSpace.finite([0, 2, 3], ["1/2", "3/8", "1/8"])
    buyer = mo.TypeSpace.finite([0, 1, 3], ["1/2", "1/5", "3/10"])
    partners = mo.Partnership([buyer, owner], [0, 1])
    check = mo.check_ex_post_efficiency(partners)
    trade = mo.check_ex_post_efficiency(mo.BilateralTrade(owner, buyer))
    assert check.implementable is trade.implementable is True
    assert check.slack == pytest.approx(1 / 16, abs=1e-9)
    assert check.slack == pytest.approx(trade.slack, abs=1e-9)
    assert check.certificate.kind == "payments"
    assert mo.audit(check.solution.problem, check.solution).passed
    assert check.solution.mechanism.total_gains == pytest.approx(check.first_best, abs=1e-12)
    short = mo.minimum_subsidy(partners)
    assert mo.solve(short).objective == pytest.approx(1 / 5, abs=1e-9)
