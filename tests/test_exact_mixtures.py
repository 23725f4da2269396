"""Exact optima of owners of shares by rankings of their types: beside the program in fractions."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt.errors import TooLargeError
from mechopt.exact import optimum
from mechopt.exact.mixture import has_mixture, mixture_optimum
from tests.draws import drawn


def shares_of(rng, number, units):
    """Return fractions of at most 1 that sum to the units, some of them 0."""
    raw = [Fraction(int(part)) for part in rng.integers(0, 6, number)]
    raw[0] += not any(raw)
    shares = [min(Fraction(1), part * units / sum(raw)) for part in raw]
    while sum(shares) != units:
        short = units - sum(shares)
        free = [i for i, share in enumerate(shares) if share < 1]
        for i in free:
            shares[i] = min(Fraction(1), shares[i] + short / len(free))
    return [str(share) for share in shares]


def space_of(rng, size):
    """Return finite types with chances that may be irregular, or cells of a uniform law."""
    if rng.random() < 0.25:
        return mo.TypeSpace.from_distribution(stats.uniform(0, 4), size)
    types = sorted(rng.choice(np.arange(0, 20), size, replace=False).tolist())
    weights = rng.integers(1, 9, size).tolist()
    return mo.TypeSpace.finite(types, [f"{weight}/{sum(weights)}" for weight in weights])


def random_problem(seed):
    """Return partners of unlike shares and priors, and an objective."""
    rng = np.random.default_rng([seed, 5])
    number = int(rng.integers(2, 5))
    units = int(rng.integers(1, number))
    spaces = [space_of(rng, int(rng.integers(1, 4))) for _ in range(number)]
    if rng.random() < 0.25:
        spaces = [spaces[0]] * number
    partners = mo.Partnership(spaces, shares_of(rng, number, units), units)
    weights = tuple(float(part) / 4.0 for part in rng.integers(1, 5, number))
    return (
        mo.largest_revenue(partners),
        mo.ex_ante_efficiency(partners),
        mo.DesignProblem(
            partners, mo.Revenue() + 0.5 * mo.Welfare((1.0,) * number), budget="no-deficit"
        ),
        mo.DesignProblem(partners, mo.Welfare(weights), budget="balanced"),
    )[seed % 4]


@pytest.mark.parametrize("seed", drawn(100, 12))
def test_rankings_reach_the_exact_optimum_of_the_program(seed, monkeypatch):
    """The multipliers of the mixture prove the same of the program over profiles, too."""
    problem = random_problem(seed)
    by_rankings = mixture_optimum(problem, 2_000)
    assert by_rankings is not None
    exact = mo.exact_optimum(problem)
    assert exact.objective == by_rankings.objective
    assert exact.verify() == ()
    monkeypatch.setattr(optimum, "_by_mixture", lambda *_: None)
    program = mo.exact_optimum(problem)
    assert program.objective == exact.objective
    assert sum(weight for _, weight in by_rankings.rankings) == 1
    assert float(exact.objective) == pytest.approx(mo.solve(problem, "direct").objective, abs=1e-9)


@pytest.mark.parametrize("part", ["mechanism", "multipliers"])
def test_one_number_more_or_less_is_noticed(part):
    problem = random_problem(1)
    exact = mo.exact_optimum(problem)
    # What another unit is worth where all want one has room between two values.
    for name in sorted(set(getattr(exact, part)) - {"units"}):
        spoilt = {key: values.copy() for key, values in getattr(exact, part).items()}
        spoilt[name].flat[0] += Fraction(1, 1000)
        assert replace(exact, **{part: spoilt}).verify() != (), name


CLOSED = {
    # theory.md, 6.3: two equal partners with uniform values bring 5/48 in the limit.
    "two equal partners": (["1/2", "1/2"], Fraction(5, 48)),
}


@pytest.mark.parametrize("name", CLOSED)
def test_many_types_converge_to_the_closed_form(name):
    shares, limit = CLOSED[name]
    gaps = []
    for cells in (8, 16, 32):
        types = mo.TypeSpace.from_distribution(stats.uniform(0, 1), cells)
        found = mo.exact_optimum(mo.largest_revenue(mo.Partnership(types, shares)))
        gaps.append(abs(float(found.objective - limit)))
    assert gaps[2] <= gaps[0] / 8.0 + 1e-12, gaps


def test_more_profiles_than_fit_are_no_trouble():
    """Five unlike partners of 12 types have 248,832 profiles, six unlike bidders 2,985,984."""
    spaces = [mo.TypeSpace.finite(range(k, k + 12)) for k in range(6)]
    partners = mo.Partnership(spaces[:5], ["1/15", "2/15", "1/5", "4/15", "1/3"])
    bidders = mo.Auction(spaces, units=2)
    for environment in (partners, bidders):
        problem = mo.largest_revenue(environment)
        assert has_mixture(problem)
        exact = mo.exact_optimum(problem)
        direct = mo.solve(problem, "direct").objective
        assert float(exact.objective) == pytest.approx(direct, abs=1e-9)
    with pytest.raises(TooLargeError, match="type profiles"):
        exact.verify()
