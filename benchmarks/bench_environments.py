"""The direct solver on auctions, markets and partnerships: seconds that are printed, not tested."""

from __future__ import annotations

import numpy as np
import pytest
from bench_direct import seconds
from scipy import stats

import mechopt as mo


def irregular(size, seed):
    """Return finite types at random with random probabilities."""
    rng = np.random.default_rng(seed)
    return mo.TypeSpace.finite(np.sort(rng.random(size)), rng.dirichlet(np.full(size, 2.0)))


def uniform(size, **options):
    return mo.TypeSpace.from_distribution(stats.uniform(0, 1), size, **options)


def revenue(environment):
    return mo.DesignProblem(environment, mo.Revenue(), budget="subsidised")


def three_bidders():
    return revenue(mo.Auction([irregular(100_000, seed) for seed in range(3)]))


def five_hundred_bidders(units):
    types = uniform(1_000, highest_of=500 // units)
    return mo.largest_revenue(mo.Auction(types, count=500, units=units))


def hundred_traders_a_side():
    types = uniform(200)
    return mo.ex_ante_efficiency(mo.Market(types, types, 100, 100))


def partners(shares, size, units=1):
    return mo.Partnership(uniform(size), shares, units)


# Name, problem, and the seconds that are wanted.
CASES = {
    "3 bidders of 100,000 types": (three_bidders, 1.0),
    "500 bidders of 1,000 types": (lambda: five_hundred_bidders(1), 1.0),
    "500 bidders of 1,000 types, 50 units": (lambda: five_hundred_bidders(50), 5.0),
    "100 x 100 traders of 200 types": (hundred_traders_a_side, 10.0),
    "10 partners of 100 cells, second best": (
        lambda: mo.ex_ante_efficiency(partners(["9/10"] + ["1/90"] * 9, 100)),
        1.0,
    ),
    "10 partners of 100 cells, revenue": (
        lambda: revenue(partners(["9/10"] + ["1/90"] * 9, 100)),
        1.0,
    ),
    "2 partners of 100,000 cells, revenue": (
        lambda: revenue(partners(["1/3", "2/3"], 100_000)),
        2.0,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_environments(name, capsys):
    make, wanted = CASES[name]
    problem = make()
    taken, solution = seconds(lambda: mo.solve(problem, "direct"))
    with capsys.disabled():
        print(
            f"\n  {name}: {taken:.2f} s with its bound (wanted {wanted:g}), gap {solution.gap:.0e}"
        )
    assert abs(solution.gap) <= 1e-9 * problem.objective_scale


@pytest.mark.parametrize("side", [24, 32, 48])
def test_several_goods_by_delayed_generation(side, capsys):
    values = (np.arange(side) + 0.5) / side
    types = [[first, second] for first in values.tolist() for second in values.tolist()]
    problem = revenue(mo.environments.Goods(types))
    taken, solution = seconds(lambda: mo.solve(problem), repeats=1)
    with capsys.disabled():
        print(
            f"\n  two goods, {side * side:,} types: {taken:.1f} s, revenue {solution.objective:.6f}"
        )
    assert abs(solution.gap) <= 1e-8
