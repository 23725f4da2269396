"""Distributions that are not ours: whose they are, what they cost, what they raise."""

from __future__ import annotations

import time
import warnings

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

import mechopt as mo
from mechopt.errors import InvalidInputError
from mechopt.types.continuous import ContinuousPrior
from mechopt.types.foreign import Guarded, budget


class Rising(stats.rv_continuous):
    def _pdf(self, x):
        return 2 * x


class Slow(stats.rv_continuous):
    def _pdf(self, x):
        time.sleep(0)
        return np.ones_like(x)

    def _ppf(self, q):
        start = time.thread_time()
        while time.thread_time() - start < 0.02:
            pass
        return q


class Broken(stats.rv_continuous):
    def _cdf(self, x):
        raise ZeroDivisionError("no")

    def _ppf(self, q):
        raise LookupError("no")


@pytest.mark.parametrize(
    "distribution",
    [
        stats.rv_discrete(values=([0, 1], [0.5, 0.5]), name="uniform")(),
        type(stats.uniform)(a=0, b=0.5, name="uniform")(),
        stats.uniform([0, 1], 1),
        stats.uniform(loc=np.array([0.0])),
        stats.beta(np.array([2.0, 3.0]), 1),
    ],
    ids=["discrete", "support", "list", "array", "shapes"],
)
def test_a_name_is_not_taken_for_scipys_distribution(distribution):
    with pytest.raises(InvalidInputError, match="distribution"):
        mo.TypeSpace.from_distribution(distribution, 4)


@pytest.mark.parametrize("name", ["uniform", "beta"])
def test_a_class_of_ones_own_is_what_it_says_whatever_its_name(name):
    cells = mo.TypeSpace.from_distribution(Rising(a=0, b=1, name=name)(), 4)
    assert cells.upper == pytest.approx(np.sqrt([0.25, 0.5, 0.75, 1]), abs=1e-12)


def test_parameters_of_another_precision_are_decimals():
    prior = ContinuousPrior.of(stats.uniform(np.float32(0.1), np.float32(0.7)))
    assert (prior.loc, prior.scale) == (0.1, 0.7)


# Means of cells by quadrature of the density, which owes nothing to quantiles.
@pytest.mark.parametrize(
    "distribution", [stats.argus(1), stats.vonmises_line(3)], ids=lambda d: d.dist.name
)
def test_distributions_that_search_for_quantiles_are_cut_in_time(distribution):
    start = time.thread_time()
    cells = mo.TypeSpace.from_distribution(distribution, 4)
    assert time.thread_time() - start < 20
    for k in range(4):
        ends = (cells.lower[k], cells.upper[k])
        mass, _ = quad(distribution.pdf, *ends, epsabs=0, epsrel=1e-12)
        value, _ = quad(lambda x: x * distribution.pdf(x), *ends, epsabs=1e-14, epsrel=1e-12)
        assert mass == pytest.approx(0.25, rel=1e-9)
        assert cells.mean[k] == pytest.approx(value / mass, abs=1e-9)


def test_noise_is_not_taken_for_a_quantile_function():
    with pytest.raises(InvalidInputError, match="too coarsely"):
        mo.TypeSpace.from_distribution(stats.truncnorm(0, 1e-9), 8)


def test_jobs_have_one_budget():
    slow = Guarded(Slow(a=0, b=1)())
    with budget(0.05):
        assert slow.ppf(0.5) == 0.5
        with pytest.raises(InvalidInputError, match="takes too long"):
            [slow.ppf(0.5) for _ in range(10)]
    with budget(1.0), budget(0.0):
        assert slow.ppf(0.5) == 0.5


@pytest.mark.parametrize("method", ["cdf", "ppf", "isf"])
def test_what_a_distribution_raises_is_told(method):
    with pytest.raises(InvalidInputError, match=r"scipy cannot compute.*no"):
        getattr(Guarded(Broken(a=0, b=1, name="broken")()), method)([0.25, 0.5])


def test_no_warning_gets_out_and_overflow_is_infinite():
    steep = Guarded(stats.beta(0.01, 0.5))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert steep.pdf([5e-324, 0.5])[0] == np.inf
        assert steep.pdf(0.5) == pytest.approx(stats.beta(0.01, 0.5).pdf(0.5))
        assert np.isfinite(Guarded(stats.truncexpon(1e-300)).cdf([0.0, 0.5, 1.0])).any()
    cells = mo.TypeSpace.from_distribution(stats.beta(0.01, 0.5), 3)
    trade = mo.BilateralTrade(mo.TypeSpace.finite([0.5]), cells)
    bracket = mo.bracket_continuum(mo.solve(mo.ex_ante_efficiency(trade)))
    assert bracket.lower <= bracket.upper


def test_quantiles_by_halving_are_monotone_and_right():
    guarded = Guarded(stats.argus(2))
    chances = np.linspace(0, 1, 101)
    quantiles = guarded.ppf(chances)
    assert (np.diff(quantiles) >= 0).all()
    assert (quantiles[0], quantiles[-1]) == stats.argus(2).support()
    assert stats.argus(2).cdf(quantiles) == pytest.approx(chances, abs=1e-14)
    assert guarded.isf(chances[::-1]) == pytest.approx(quantiles, abs=1e-12)
    assert np.isnan(guarded.ppf([-0.1, 1.1])).all()
