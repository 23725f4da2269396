"""Type spaces: means of cells are right, inputs are kept or refused, nothing can be changed."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import special, stats
from scipy.integrate import quad
from scipy.stats.distributions import rv_frozen

import mechopt as mo
from mechopt.errors import InvalidInputError
from mechopt.types.beta import BetaLaw
from mechopt.types.uniform import UniformLaw

repeatable = settings(derandomize=True, max_examples=40)


# Means of cells. For these families E[X; X <= x] and E[X; X > x] have closed forms, which owe
# nothing to quadrature: per family, the pair of functions at loc 0 and scale 1.


def beta_partials(a, b):
    mean = a / (a + b)
    return (
        lambda x: mean * special.betainc(a + 1, b, x),
        lambda x: mean * special.betaincc(a + 1, b, x),
    )


def triang_partials(mode):
    def below(x):
        # Density 2x/c up to the mode and 2(1-x)/(1-c) beyond.
        rising = 2 * np.minimum(x, mode) ** 3 / (3 * mode)
        top = np.maximum(x, mode)
        falling = (top**2 - mode**2 - 2 * (top**3 - mode**3) / 3) / (1 - mode)
        return rising + falling

    return below, lambda x: (1 + mode) / 3 - below(x)


def truncexpon_partials(b):
    total = -np.expm1(-b)

    def below(x):
        return (-np.expm1(-x) - x * np.exp(-x)) / total

    return below, lambda x: below(b) - below(x)


def truncnorm_partials(a, b):
    total = special.ndtr(b) - special.ndtr(a)

    def density(x):
        return np.exp(-0.5 * x**2) / np.sqrt(2 * np.pi) / total

    return lambda x: density(a) - density(x), lambda x: density(x) - density(b)


def uniform_partials():
    return lambda x: 0.5 * x**2, lambda x: 0.5 * (1 - x) * (1 + x)


FAMILIES = {
    "uniform": (stats.uniform, (), uniform_partials),
    "beta(.5,.5)": (stats.beta, (0.5, 0.5), beta_partials),
    "beta(2,5)": (stats.beta, (2, 5), beta_partials),
    "beta(.1,.1)": (stats.beta, (0.1, 0.1), beta_partials),
    "beta(3,.4)": (stats.beta, (3, 0.4), beta_partials),
    "triang(.3)": (stats.triang, (0.3,), triang_partials),
    "truncexpon(2)": (stats.truncexpon, (2,), truncexpon_partials),
    "truncnorm(-1,2)": (stats.truncnorm, (-1, 2), truncnorm_partials),
    "truncnorm(0,3)": (stats.truncnorm, (0, 3), truncnorm_partials),
}


@pytest.mark.parametrize("num_cells", [1, 2, 7, 50])
@pytest.mark.parametrize("family", FAMILIES)
def test_mean_of_a_cell_is_its_partial_expectation(family, num_cells):
    distribution, shapes, partials = FAMILIES[family]
    cells = mo.TypeSpace.from_distribution(distribution(*shapes), num_cells)
    below, above = partials(*shapes)
    lower, upper = cells.lower, cells.upper
    # Both differences are exact in theory; each loses digits at its own far end.
    first = (below(upper) - below(lower)) * num_cells
    second = (above(lower) - above(upper)) * num_cells
    low_half = upper <= distribution(*shapes).median()
    expected = np.where(low_half, first, second)
    # Near 1, floats are too sparse to resolve the quantiles of this one; its symmetry is tested.
    resolved = low_half if family == "beta(.1,.1)" else np.full(num_cells, True)
    assert cells.mean[resolved] == pytest.approx(
        expected[resolved], abs=2e-12 * num_cells, rel=1e-11
    )


@pytest.mark.parametrize("num_cells", [3, 20])
@pytest.mark.parametrize("family", FAMILIES)
def test_mean_of_a_cell_is_the_integral_of_its_density(family, num_cells):
    distribution, shapes, _ = FAMILIES[family]
    frozen = distribution(*shapes)
    cells = mo.TypeSpace.from_distribution(frozen, num_cells)
    # The ends may be poles of the density, which this quadrature does not resolve.
    for k in range(1, num_cells - 1):
        ends = cells.lower[k], cells.upper[k]
        if ends[1] - ends[0] < 1e-3:
            continue
        kinks = [shapes[0]] if family.startswith("triang") else None
        value, _ = quad(lambda t: t * frozen.pdf(t), *ends, epsabs=0, epsrel=1e-12, points=kinks)
        assert cells.mean[k] == pytest.approx(value * num_cells, rel=1e-9)


@pytest.mark.parametrize("num_cells", [1, 10, 999])
@pytest.mark.parametrize(("loc", "scale"), [(0.0, 1.0), (-3.0, 0.01), (1e4, 250.0)])
@pytest.mark.parametrize("family", FAMILIES)
def test_means_add_up_to_the_mean_of_the_distribution(family, loc, scale, num_cells):
    distribution, shapes, _ = FAMILIES[family]
    frozen = distribution(*shapes, loc=loc, scale=scale)
    cells = mo.TypeSpace.from_distribution(frozen, num_cells)
    size = max(abs(cells.lowest), abs(cells.highest))
    assert cells.expectation(cells.mean) == pytest.approx(float(frozen.mean()), abs=1e-12 * size)


@pytest.mark.parametrize(("loc", "scale"), [(5.0, 2.0), (-1.0, 0.25)])
@pytest.mark.parametrize("family", FAMILIES)
def test_location_and_scale_move_the_cells_alone(family, loc, scale):
    distribution, shapes, _ = FAMILIES[family]
    plain = mo.TypeSpace.from_distribution(distribution(*shapes), 11)
    moved = mo.TypeSpace.from_distribution(distribution(*shapes, loc=loc, scale=scale), 11)
    for name in ("lower", "mean", "upper"):
        expected = loc + scale * getattr(plain, name)
        assert getattr(moved, name) == pytest.approx(expected, abs=1e-12 * (abs(loc) + scale))


@pytest.mark.parametrize("family", FAMILIES)
def test_cells_are_equally_likely_and_tile_the_support(family):
    distribution, shapes, _ = FAMILIES[family]
    frozen = distribution(*shapes)
    cells = mo.TypeSpace.from_distribution(frozen, 40)
    assert (cells.lowest, cells.highest) == frozen.support()
    assert np.array_equal(cells.upper[:-1], cells.lower[1:])
    assert frozen.cdf(cells.upper) == pytest.approx(np.arange(1, 41) / 40, abs=1e-6)
    assert cells.mass == pytest.approx(np.full(40, 1 / 40), abs=0)
    assert not cells.is_finite


def test_cells_of_a_symmetric_distribution_are_symmetric():
    for shape in (0.1, 0.3, 2.0):
        cells = mo.TypeSpace.from_distribution(stats.beta(shape, shape), 31)
        assert cells.mean + cells.mean[::-1] == pytest.approx(np.ones(31), abs=1e-12)


@pytest.mark.parametrize(
    "distribution", [stats.truncnorm(-8, 8), stats.beta(0.5, 3), stats.triang(0.3)]
)
def test_a_few_thousand_quantiles_are_evaluated_whatever_the_number_of_cells(
    distribution, monkeypatch
):
    evaluated = []
    for name in ("ppf", "isf"):
        original = getattr(rv_frozen, name)

        def counting(self, q, original=original):
            evaluated.append(np.size(q))
            return original(self, q)

        monkeypatch.setattr(rv_frozen, name, counting)
    cells = mo.TypeSpace.from_distribution(distribution, 300_000)
    assert sum(evaluated) < 30_000
    exact = distribution.ppf(np.arange(1, 5) / 300_000)
    assert cells.upper[:4] == pytest.approx(exact, rel=1e-13)


@pytest.mark.parametrize(("loc", "scale"), [(0, 1), (-1e9, 0.1), (0.1, 1e-6), (3, 0), (1, np.inf)])
def test_the_uniform_law_is_scipys_to_the_last_bit(loc, scale):
    own, scipys = UniformLaw(float(loc), float(scale)), stats.uniform(loc, scale)
    shares = np.array([-0.1, 0.0, 0.1, 1 / 3, 0.7, 1.0, 1.1, np.nan])
    with np.errstate(all="ignore"):
        points = loc + scale * shares
        np.testing.assert_array_equal(own.support(), scipys.support())
        for name in ("cdf", "sf", "pdf"):
            np.testing.assert_array_equal(getattr(own, name)(points), getattr(scipys, name)(points))
        for name in ("ppf", "isf"):
            np.testing.assert_array_equal(getattr(own, name)(shares), getattr(scipys, name)(shares))


@pytest.mark.parametrize("shapes", [(2.0, 3.0), (0.5, 0.5), (1.0, 1.0), (40.0, 0.01)])
@pytest.mark.parametrize(("loc", "scale"), [(0.0, 1.0), (-3.0, 1e-6), (0.1, 1e9)])
def test_the_beta_law_is_scipys_to_the_last_bit(shapes, loc, scale):
    own, scipys = BetaLaw(*shapes, loc, scale), stats.beta(*shapes, loc, scale)
    shares = np.array([-0.1, 0.0, 1e-20, 0.1, 1 / 3, 0.7, 1.0, 1.1, np.nan])
    points = loc + scale * shares
    np.testing.assert_array_equal(own.support(), scipys.support())
    np.testing.assert_array_equal(own.cdf(points), scipys.cdf(points))
    for name in ("ppf", "isf"):
        np.testing.assert_array_equal(getattr(own, name)(shares), getattr(scipys, name)(shares))
    # Tails are those of the mirrored law.
    np.testing.assert_allclose(own.sf(points), scipys.sf(points), rtol=1e-14)
    # Densities are computed otherwise.
    np.testing.assert_allclose(own.pdf(points), scipys.pdf(points), rtol=1e-12)


@pytest.mark.parametrize("shapes", [(0.36, 1.017), (1.017, 0.36), (1.0155, 0.583), (2.0, 3.0)])
def test_quantiles_of_a_beta_law_that_scipy_does_not_find(shapes):
    """scipy gives nan, or 1e-213 for 1e-17, where its search gives up."""
    law = BetaLaw(*shapes, 0.0, 1.0)
    tails = np.append(10.0 ** -np.arange(0.0, 300.0), 2.0 ** -np.arange(1.0, 100.0) / 200)
    found = law.ppf(tails)
    seen = found > 1e-290
    np.testing.assert_allclose(law.cdf(found)[seen], tails[seen], rtol=1e-11)
    mirrored = BetaLaw(*shapes[::-1], 0.0, 1.0).isf(tails)
    np.testing.assert_allclose(mirrored, 1.0 - found, rtol=1e-12, atol=1e-15)
    mean = shapes[0] / sum(shapes)
    types = mo.TypeSpace.from_distribution(stats.beta(*shapes), 200)
    assert types.expectation(types.mean) == pytest.approx(mean, rel=1e-13)


def test_means_of_cells_are_those_of_the_closed_forms():
    # (law, integral of its quantile function from 0): roots at an end, at both, and a kink.
    laws = {
        "root": (stats.beta(1, 5), lambda p: p + (1 - p) ** 1.2 / 1.2),
        "power": (stats.beta(0.5, 1), lambda p: p**3 / 3),
        "both": (stats.beta(0.5, 0.5), lambda p: p / 2 - np.sin(np.pi * p) / (2 * np.pi)),
        "kink": (
            stats.triang(0.25),
            lambda p: np.where(
                p <= 0.25,
                p**1.5 / 3,
                1 / 24 + (p - 0.25) + (np.sqrt(0.75) * (1 - p) ** 1.5 - 0.5625) / 1.5,
            ),
        ),
    }
    for law, integral in laws.values():
        for num_cells in (1, 2, 7, 40):
            edges = np.arange(num_cells + 1) / num_cells
            mean = num_cells * np.diff(integral(edges))
            cells = mo.TypeSpace.from_distribution(law, num_cells)
            assert cells.mean == pytest.approx(mean, rel=1e-13, abs=1e-15 * num_cells)


# Samples


def test_equal_values_of_a_sample_are_one_type():
    space = mo.TypeSpace.from_samples([3, 1, 3, 2, 3, 1])
    assert np.array_equal(space.mean, [1, 2, 3])
    assert space.mass == pytest.approx([2 / 6, 1 / 6, 3 / 6])
    assert space.is_finite


@repeatable
@given(
    sample=st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=30),
    cells=st.integers(1, 30),
)
def test_cells_of_a_sample_split_it_in_order(sample, cells):
    if cells > len(sample):
        with pytest.raises(InvalidInputError, match="more cells than sample values"):
            mo.TypeSpace.from_samples(sample, cells=cells)
        return
    space = mo.TypeSpace.from_samples(sample, cells=cells)
    counts = np.rint(space.mass * len(sample)).astype(int)
    assert counts.sum() == len(sample)
    assert np.ptp(counts) <= 1
    parts = np.split(np.sort(sample), np.cumsum(counts)[:-1])
    assert np.array_equal(space.lower, [part[0] for part in parts])
    assert np.array_equal(space.upper, [part[-1] for part in parts])
    assert space.mean == pytest.approx([part.mean() for part in parts], abs=1e-12)


@repeatable
@given(sample=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30))
def test_sample_keeps_its_mean_whatever_the_cells(sample):
    mean = pytest.approx(np.mean(sample), abs=1e-8)
    for cells in (None, 1, len(sample)):
        space = mo.TypeSpace.from_samples(sample, cells=cells)
        assert space.expectation(space.mean) == mean


# Immutability


def test_type_space_cannot_be_changed():
    mass, types = np.array([0.5, 0.5]), np.array([1.0, 2.0])
    space = mo.TypeSpace.finite(types, mass)
    mass[0] = types[0] = 99.0
    assert np.array_equal(space.mass, [0.5, 0.5])
    assert np.array_equal(space.mean, [1.0, 2.0])
    for name in ("mass", "mean", "lower", "upper"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(space, name)[0] = 0.0
    with pytest.raises(FrozenInstanceError):
        space.mass = mass


# Refusals


REFUSED_DISTRIBUTIONS = {
    "normal": (lambda: stats.norm(0, 1), "unbounded support"),
    "exponential": (lambda: stats.expon(scale=2), "unbounded support"),
    "discrete without end": (lambda: stats.poisson(2), "finitely many types are needed"),
    "cells of discrete types": (lambda: stats.randint(0, 5), "needs no cells"),
    "not frozen": (lambda: stats.beta, "not a frozen distribution"),
    "a sample": (lambda: [1.0, 2.0], "not a frozen distribution"),
    "outside the domain": (lambda: stats.beta(-1, 2), "outside the domain"),
}


@pytest.mark.parametrize("case", REFUSED_DISTRIBUTIONS)
def test_unusable_distribution_is_refused(case):
    make, message = REFUSED_DISTRIBUTIONS[case]
    with pytest.raises(InvalidInputError, match=message):
        mo.TypeSpace.from_distribution(make(), 10)


@pytest.mark.parametrize("num_cells", [0, -1, 2.5, "10", True, None])
def test_unusable_number_of_cells_is_refused(num_cells):
    message = "a continuum needs cells" if num_cells is None else "not a number of cells"
    with pytest.raises(InvalidInputError, match=message):
        mo.TypeSpace.from_distribution(stats.uniform(0, 1), num_cells)


REFUSED_TYPES = {
    "out of order": (([2, 1],), "not strictly increasing"),
    "repeated": (([1, 1],), "not strictly increasing"),
    "none": (([],), "empty"),
    "a table": (([[1, 2]],), "one-dimensional"),
    "words": ((["a", "b"],), "not a list of numbers"),
    "not a number": (([0, np.nan],), "not finite"),
    "infinite": (([0, np.inf],), "not finite"),
    "zero probability": (([0, 1], [0, 1]), "not positive"),
    "negative probability": (([0, 1], [-0.5, 1.5]), "not positive"),
    "sum below one": (([0, 1], [0.5, 0.4999]), "do not sum to one"),
    "sum above one": (([0, 1], [0.5, 0.50001]), "do not sum to one"),
    "too few probabilities": (([0, 1], [1.0]), "as many probabilities as types"),
}


@pytest.mark.parametrize("case", REFUSED_TYPES)
def test_unusable_finite_types_are_refused(case):
    arguments, message = REFUSED_TYPES[case]
    with pytest.raises(InvalidInputError, match=message):
        mo.TypeSpace.finite(*arguments)


REFUSED_CELLS = {
    "mean below": ([0.5, 0.5], [0, 2], [0.1, 1], [1, 3], "mean lies outside"),
    "mean above": ([0.5, 0.5], [1.1, 2], [0, 1.1], [1, 3], "mean lies outside"),
    "overlap": ([0.5, 0.5], [0.5, 2], [0, 0.9], [1, 3], "overlap or are out of order"),
    "out of order": ([0.5, 0.5], [2, 0.5], [1.5, 0], [3, 1], "overlap or are out of order"),
    "unequal lengths": ([1.0], [0.5, 2], [0, 1], [1, 3], "unequal length"),
}


@pytest.mark.parametrize("case", REFUSED_CELLS)
def test_unusable_cells_are_refused(case):
    *arrays, message = REFUSED_CELLS[case]
    with pytest.raises(InvalidInputError, match=message):
        mo.TypeSpace(*arrays)


@pytest.mark.parametrize("values", [[], [1, np.nan], ["a"], None, [[1, 2]]], ids=str)
def test_unusable_sample_is_refused(values):
    with pytest.raises(InvalidInputError, match="values"):
        mo.TypeSpace.from_samples(values)
