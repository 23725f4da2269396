"""HiGHS over mixtures of rules: against programs by profile, the direct solver, and figures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt.errors import TooLargeError
from mechopt.mechanism.allocation import PointwiseRule
from mechopt.mechanism.even_rule import EvenRule
from mechopt.problem import columns, groups
from mechopt.solution import Limit, Termination


@pytest.fixture
def always(monkeypatch):
    """Mix rules however small the program by profile is."""
    monkeypatch.setattr(groups, "MANY_OUTCOMES", 10**12)
    monkeypatch.setattr(columns, "MANY_OUTCOMES", 0)


def random_space(rng, low):
    size = int(rng.integers(1, 5))
    if rng.random() < 0.3:
        return mo.TypeSpace.from_distribution(stats.beta(*rng.uniform(0.5, 3, 2)), size)
    weights = rng.uniform(0.05, 1.0, size)
    types = np.sort(rng.choice(np.arange(low, 40), size, replace=False)) / 10
    return mo.TypeSpace.finite(types, weights / weights.sum())


def random_problem(seed):
    """Return partners, bidders or traders, some of them alike, with a random objective."""
    rng = np.random.default_rng(seed)
    kind = seed % 4
    first, second = (random_space(rng, 0) for _ in range(2))
    if kind == 0:
        environment = mo.Partnership([first, second, random_space(rng, 0)], ["1/2", "1/3", "1/6"])
    elif kind == 1:
        bidders = [random_space(rng, -10), first, second]
        environment = mo.Auction(bidders, units=int(rng.integers(1, 3)), seller_value=0.7)
    elif kind == 2:
        environment = mo.Market([first, random_space(rng, 0)], [second])
    else:
        environment = mo.Partnership([first, second, second], ["1/2", "1/4", "1/4"])
    number = len(environment.agents)
    objective = [
        mo.Revenue(),
        mo.Welfare((1.0,) * number),
        mo.Welfare(tuple(rng.integers(1, 4, number) / 2)),
        mo.Revenue() + mo.Welfare((0.5, *(1.0,) * (number - 1))),
    ][seed // 4 % 4]
    # A balanced budget leaves no profit to maximise.
    balanced = seed % 3 and isinstance(objective, mo.Welfare)
    budget = "balanced" if balanced else "no-deficit"
    return mo.DesignProblem(environment, objective, budget=budget)


def test_random_mixtures_are_as_good_as_programs_by_profile(monkeypatch):
    kinds = set()
    for seed in range(12):
        problem = random_problem(seed)
        by_profile = mo.solve(problem, "highs", throw=False)
        with monkeypatch.context() as patch:
            patch.setattr(groups, "MANY_OUTCOMES", 10**12)
            patch.setattr(columns, "MANY_OUTCOMES", 0)
            assert columns.has_columns(problem)
            found = mo.solve(problem, "highs", throw=False)
        assert found.termination is by_profile.termination
        if found.termination is Termination.OPTIMAL:
            report = mo.audit(problem, found)
            assert report.passed, f"seed {seed}: {report}"
            assert found.objective == pytest.approx(by_profile.objective, abs=1e-9)
            assert abs(found.gap) <= 1e-9
            kinds.add(type(found.mechanism.allocation))
    assert kinds == {PointwiseRule, EvenRule}


def test_an_owner_among_partners_is_a_seller_among_buyers(always):
    cells = mo.TypeSpace.from_distribution(stats.uniform(0, 1), 40)
    partners = mo.ex_ante_efficiency(mo.Partnership(cells, [1, 0, 0]))
    market = mo.ex_ante_efficiency(mo.Market([cells], [cells, cells]))
    found = mo.solve(partners, "highs")
    # Alike partners count once: two groups of a quantity and a payment for each of 40 types.
    assert found.statistics.num_variables < 2 * 2 * 40 + 500
    assert found.objective == pytest.approx(mo.solve(market, "direct").objective + 0.5, abs=1e-9)
    assert abs(found.gap) <= 1e-9
    # The figure of the continuum, to the square of the number of cells.
    assert 0.0 < 0.7273703056264386 - found.objective < 0.5 / 40**2
    # Half shares of two: flat between a quarter and three, at z = 1/2.
    halves = mo.DesignProblem(mo.Partnership(cells, ["1/2"] * 2), mo.Revenue(), budget="no-deficit")
    assert mo.solve(halves, "highs").objective == pytest.approx(5 / 48, abs=0.5 / 40**2)


def test_unlike_groups_of_many_bidders_are_one_small_program():
    spaces = [
        mo.TypeSpace.from_distribution(stats.uniform(0, b), 20, highest_of=60) for b in (1, 1.1)
    ]
    bidders = [spaces[i % 5 > 2] for i in range(60)]
    problem = mo.largest_revenue(mo.Auction(bidders, units=2))
    found = mo.solve(problem, "highs")
    assert found.statistics.num_variables < 400
    assert found.objective == pytest.approx(mo.solve(problem, "direct").objective, abs=1e-9)
    assert abs(found.gap) <= 1e-9
    quantities = found.mechanism.quantity
    assert all(np.array_equal(quantities[i], quantities[0]) for i in (1, 2, 5))


@dataclass(frozen=True)
class Wage(mo.environments.OutsideOption):
    """Staying out is worth the same to all."""

    amount: float

    def __call__(self, types):
        return np.full(len(types), self.amount)


def test_what_cannot_be_had_is_said_with_a_proof(always):
    types = mo.TypeSpace.finite([1, 2])
    agents = [mo.Agent(name, types, Wage(3.0)) for name in ("ann", "ben")]
    problem = mo.DesignProblem(mo.Auction(agents), mo.Welfare((1.0, 2.0)))
    found = mo.solve(problem, "highs", throw=False)
    assert found.termination is Termination.INFEASIBLE
    assert mo.audit(problem, found).passed
    free = mo.DesignProblem(
        mo.Auction(types, count=2), mo.Revenue(), participation="none", budget="no-deficit"
    )
    assert mo.solve(free, "highs", throw=False).termination is Termination.UNBOUNDED


def test_what_is_just_possible_is_no_question_of_a_price(always):
    """Two bidders without money of their own: the most that both can be given is known."""
    types = mo.TypeSpace.finite([1, 2, 4], [0.5, 0.3, 0.2])
    for less, ends in ((1e-8, Termination.OPTIMAL), (-1e-8, Termination.INFEASIBLE)):
        agents = [mo.Agent(name, types, Wage(0.85 - less)) for name in ("ann", "ben")]
        problem = mo.DesignProblem(mo.Auction(agents), mo.Welfare((1.0, 2.0)))
        found = mo.solve(problem, "highs", throw=False)
        assert found.termination is ends
        assert mo.audit(problem, found).passed
        if less > 0:
            assert found.objective == pytest.approx(3.89, abs=1e-7)
            assert abs(found.gap) <= 1e-9


def test_a_time_limit_leaves_a_mechanism_or_none(always):
    cells = mo.TypeSpace.from_distribution(stats.uniform(0, 1), 30)
    problem = mo.DesignProblem(
        mo.Partnership(cells, [0.7, 0.2, 0.1]), mo.Revenue(), budget="no-deficit"
    )
    best = mo.solve(problem, "highs").objective
    for seconds in (1e-9, 0.02):
        found = mo.solve(problem, "highs", time_limit=seconds, throw=False)
        assert found.termination is Termination.OPTIMAL or found.limit is Limit.TIME
        assert found.mechanism is None or found.objective <= best + 1e-9
        assert np.isnan(found.bound) or found.bound >= best - 1e-9


def test_models_of_mixtures_are_not_built():
    spaces = [mo.TypeSpace.finite(range(k, k + 100)) for k in range(3)]
    problem = mo.ex_ante_efficiency(mo.Auction([*spaces, *spaces]), [1, 2, 3, 4, 5, 6])
    for backend in ("cvxpy", "pyomo"):
        with pytest.raises(TooLargeError, match="Backend highs mixes rules"):
            mo.solve(problem, backend)
