"""The direct solver against linear programs and fractions, on random irregular priors of each kind.

All numbers are fractions, so that optima are, and ties are many.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt.backends.levels import LevelSearch
from mechopt.backends.owners import owner_rules
from mechopt.mechanism.even_rule import EvenRule
from mechopt.solution import Termination
from tests.draws import THOROUGH, drawn, some

# Of so many instances one is compared in fractions as well.
IN_FRACTIONS = 1 if THOROUGH else 3


def types_of(rng, most=4, low=0, high=40):
    """Return random types with random probabilities, not regular as a rule."""
    size = int(rng.integers(1, most + 1))
    values = np.sort(rng.choice(np.arange(low, high), size, replace=False))
    weights = rng.integers(1, 12, size)
    shares = [Fraction(int(weight), int(weights.sum())) for weight in weights]
    return mo.TypeSpace.finite([Fraction(int(value), 10) for value in values], shares)


def few_types(rng):
    """Return types that are whole numbers and equally likely, so that agents tie."""
    return mo.TypeSpace.finite(list(range(1, int(rng.integers(2, 5)) + 1)))


def spaces_of(rng, number, most=4, low=0):
    """Return the types of several agents, of whom some are alike."""
    new = few_types if most > 2 and rng.random() < 0.3 else lambda rng: types_of(rng, most, low)
    base = new(rng)
    return [base if rng.random() < 0.4 else new(rng) for _ in range(number)]


def listed(rng, sign):
    """Return amounts and what they cost, convex, or bring, concave."""
    steps = np.sort(rng.integers(1, 30, 3))[::sign]
    rows = [(0, 0)]
    for k, step in enumerate(steps.tolist()):
        rows.append((k + 1, rows[-1][1] + Fraction(step, 10)))
    return rows


def auction(rng):
    number = int(rng.integers(1, 4))
    value = Fraction(int(rng.integers(-4, 12)), 10)
    return mo.Auction(spaces_of(rng, number, low=-10), seller_value=value)


def units(rng):
    number = int(rng.integers(2, 5))
    sold = int(rng.integers(2, number + 1))
    return mo.Auction(spaces_of(rng, number, most=3), units=sold, seller_value="1/2")


def many_bidders(rng):
    """Return five to eight bidders of one or two types each, some alike."""
    number = int(rng.integers(5, 9))
    sold = int(rng.integers(1, 4))
    return mo.Auction(spaces_of(rng, number, most=2), units=sold)


def public_good(rng):
    number = int(rng.integers(1, 4))
    cost = Fraction(int(rng.integers(1, 60)), 10)
    return mo.PublicGood(spaces_of(rng, number), cost, excludable=bool(rng.integers(2)))


def market(rng):
    sellers, buyers = int(rng.integers(1, 3)), int(rng.integers(1, 3))
    return mo.Market(spaces_of(rng, sellers), spaces_of(rng, buyers))


def procurement(rng):
    number = int(rng.integers(1, 4))
    return mo.environments.Procurement(spaces_of(rng, number, most=3), listed(rng, -1))


def screening(rng):
    buyers = spaces_of(rng, int(rng.integers(1, 3)), most=6)
    return mo.environments.Screening(buyers, listed(rng, 1))


def partnership(rng):
    number = int(rng.integers(2, 5))
    owned = int(rng.integers(1, number))
    parts = np.full(number, 13)
    while parts.max() > 12:
        parts = rng.multinomial(12 * owned, rng.dirichlet(np.ones(number)))
    low = -15 if rng.random() < 0.25 else 0
    shares = [Fraction(int(part), 12) for part in parts]
    return mo.Partnership(spaces_of(rng, number, most=4 - number // 4, low=low), shares, owned)


KINDS = (
    auction, units, public_good, market, procurement, screening, partnership, many_bidders,
)  # fmt: skip


def random_problem(kind, seed):
    """Return the second best, a weighted one, revenue, a mixture, or a prescribed allocation."""
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    environment = kind(rng)
    number = len(environment.agents)
    weights = tuple(rng.integers(0, 3, number).astype(float))
    weights = weights if any(weights) else (1.0,) * number
    return (
        mo.DesignProblem(environment, mo.Revenue(), budget="subsidised"),
        mo.ex_ante_efficiency(environment),
        mo.DesignProblem(environment, mo.Revenue(), budget="no-deficit"),
        mo.ex_ante_efficiency(environment, weights),
        mo.minimum_subsidy(environment),
        mo.DesignProblem(
            environment, mo.Revenue() + 0.5 * mo.Welfare(weights), budget="no-deficit"
        ),
        mo.ex_post_efficiency(environment),
    )[seed % 7]


@pytest.mark.parametrize("kind", KINDS)
def test_direct_is_the_program_and_the_fraction(kind):
    for seed in drawn(100, 15):
        problem = random_problem(kind, seed)
        if not mo.backends.Direct().accepts(problem):
            assert problem.budget.value == "subsidised", seed
            continue
        found, program = (mo.solve(problem, name, throw=False) for name in ("direct", "highs"))
        assert found.termination is program.termination, seed
        # Nothing was left to fractions.
        assert not found.provenance.notes, seed
        report = mo.audit(problem, found)
        assert report.passed, (seed, str(report))
        if found.termination is not Termination.OPTIMAL:
            continue
        size = 1e-9 * max(problem.objective_scale, 1.0)
        assert abs(found.objective - program.objective) <= size, seed
        assert abs(found.gap) <= size, seed
        if seed % IN_FRACTIONS == 0:
            exact = mo.exact_optimum(problem).objective
            assert abs(found.objective - float(exact)) <= 1e-12 * max(problem.objective_scale, 1.0)


SHARES = {
    "nine small ones": (["9/10"] + ["1/90"] * 9, 1),
    "half and nine": (["1/2"] + ["1/18"] * 9, 1),
    "unlike": (["1/2", "1/3", "1/6"], 1),
    "two units": (["9/10", "3/5", "1/4", "1/4"], 2),
}


@pytest.mark.parametrize("name", SHARES)
def test_many_partners_are_those_of_mixtures_of_rules(name):
    shares, owned = SHARES[name]
    types = mo.TypeSpace.finite(range(8), [Fraction(k, 36) for k in (1, 5, 4, 7, 2, 8, 3, 6)])
    partners = mo.Partnership(types, shares, owned)
    problems = (
        mo.DesignProblem(partners, mo.Revenue(), budget="subsidised"),
        mo.ex_ante_efficiency(partners),
    )
    for problem in some(problems, 2, list(SHARES).index(name)):
        found = mo.solve(problem)
        assert found.provenance.backend == "direct"
        assert found.objective == pytest.approx(mo.solve(problem, "highs").objective, abs=1e-9)
        assert abs(found.gap) <= 1e-12
        assert mo.audit(problem, found).passed


def test_very_many_cells_are_those_of_trade():
    cells = mo.TypeSpace.from_distribution(stats.uniform(0, 1), 10_000)
    partners = mo.solve(mo.ex_ante_efficiency(mo.Partnership(cells, [1, 0])))
    trade = mo.solve(mo.ex_ante_efficiency(mo.BilateralTrade(cells, cells)))
    assert partners.objective == pytest.approx(trade.objective + 0.5, abs=1e-11)
    assert partners.statistics.iterations < 12
    assert abs(partners.gap) <= 1e-11


def test_worst_off_types_win_as_often_as_they_own():
    types = mo.TypeSpace.finite(range(12))
    partners = mo.Partnership(types, ["2/3", "1/6", "1/6"])
    problem = mo.DesignProblem(partners, mo.Revenue(), budget="no-deficit")
    rules = owner_rules(problem, (0.0, 0.0, 0.0), 1.0)
    point = rules.at(0.0)
    assert point.lottery is not None
    for group, i in enumerate((0, 1)):
        flat = point.values[i] == point.lottery.levels[group]
        share = float(partners.agents[i].outside_option.share)
        # But for the ends, which may be worst off by their incentives only.
        inner = point.quantity[i][flat][1:-1]
        assert inner.size
        np.testing.assert_allclose(inner, share, atol=1e-12)
    # Nobody gains where each type wins as often as it owns.
    alone = rules.nothing(point)
    rule = rules.allocation((alone,), (1.0,))
    for got, expected in zip(rule.interim_quantities(partners), alone.quantity, strict=True):
        np.testing.assert_allclose(got, expected, atol=1e-12)


def test_a_lottery_with_other_chances_is_noticed():
    types = mo.TypeSpace.finite(range(12))
    partners = mo.Partnership(types, ["2/3", "1/6", "1/6"])
    problem = mo.ex_ante_efficiency(partners, [1.0, 1.0, 2.0])
    found = mo.solve(problem)
    rule = found.mechanism.allocation
    assert isinstance(rule, EvenRule)
    weights = (*rule.weights[1:], rule.weights[0])
    spoilt = mo.Mechanism(
        partners, EvenRule(rule.values, weights, rule.groups), found.mechanism.payment
    )
    assert not mo.audit(problem, spoilt).passed


def test_a_sole_owner_sells_and_others_buy_whatever_the_level():
    costs, values = [np.array([1.0, 3.0])] * 2, [np.array([-1.0, 1.0])] * 2
    found = LevelSearch((1, 1), (1.0, 0.0), 1, costs, values, [np.array([0.5, 0.5])] * 2).lottery()
    assert found.levels == (np.inf, -np.inf)
    assert found.weights == (1.0,)
