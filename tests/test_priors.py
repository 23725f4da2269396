"""Laws of types of every kind, against quadrature of densities that are written down here."""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.testing import assert_allclose
from scipy import special, stats
from scipy.integrate import quad

import mechopt as mo
from mechopt._util.saving import decode, encode, fingerprint
from mechopt.errors import InvalidInputError, UnsupportedProblemError
from mechopt.instances import load_instance
from mechopt.literature.cramton1985 import slack as slack_of_continuum
from mechopt.saved import saved_classes
from mechopt.studies.first_best import first_best_of_continuum
from mechopt.types.sources.any_law import law_of
from tests.draws import THOROUGH, some


@pytest.fixture(autouse=True)
def _few_points_for_bounds(monkeypatch):
    """Bounds of the slack are proved at any number of points; a few thousand take less time."""
    monkeypatch.setattr(slack_of_continuum, "BOUND_POINTS", 1 << 12, raising=False)
    monkeypatch.setattr(slack_of_continuum, "BOUND_PARTS", 4, raising=False)


pr = mo.priors
UNIFORM = pr.named("uniform")


@dataclass
class Plain:
    """A law as a density on intervals and masses of points, with all integrals by quadrature."""

    law: object
    density: object
    ends: tuple  # of the intervals, kinks included
    gaps: tuple = ()
    atoms: dict = field(default_factory=dict)

    def integral(self, function, low, high):
        points = [low, *(x for x in self.ends if low < x < high), high]
        return sum(quad(function, a, b, epsabs=0, epsrel=1e-12, limit=200)[0]
                   for a, b in pairwise(points) if b > a)  # fmt: skip

    def inside(self, low, high):
        """Return mass and first moment of the density between two types."""
        return (
            self.integral(self.density, low, high),
            self.integral(lambda x: x * self.density(x), low, high),
        )

    @property
    def low(self):
        return min(self.ends)

    @property
    def high(self):
        return max(self.ends)


def normal(low, high):
    whole = special.ndtr(high) - special.ndtr(low)
    if low > 0:
        whole = special.ndtr(-low) - special.ndtr(-high)
    return lambda x: np.exp(-x * x / 2) / np.sqrt(2 * np.pi) / whole * (low <= x <= high)


def beta(a, b, low=0.0, width=1.0):
    c = 1 / special.beta(a, b) / width

    def density(x):
        u = (x - low) / width
        return c * u ** (a - 1) * (1 - u) ** (b - 1) if 0 < u < 1 else 0.0

    return density


class Rising(stats.rv_continuous):
    def _pdf(self, x):
        return 2 * x


def steps(edges, heights):
    return lambda x: heights[min(max(np.searchsorted(edges, x, side="right") - 1, 0),
                                 len(heights) - 1)]  # fmt: skip


HALVES = lambda x: 0.5 * ((0 <= x <= 1) + (2 <= x <= 3))  # noqa: E731
CASES = {
    # Mixtures: a gap, atoms, both, irregular ones.
    "gap": Plain(
        pr.mixture([UNIFORM, pr.named("uniform", loc=2)], [0.5, 0.5]),
        HALVES, (0, 1, 2, 3), gaps=((1, 2),),
    ),
    "atom": Plain(
        pr.mixture([UNIFORM, pr.finite([0.5])], ["3/4", "1/4"]),
        lambda x: 0.75, (0, 0.5, 1), atoms={0.5: 0.25},
    ),
    "atoms at the ends and a gap": Plain(
        pr.mixture([pr.named("beta", a=2, b=3), pr.finite([0, 1, 1.5])], [0.4, 0.6]),
        lambda x: 0.4 * beta(2, 3)(x), (0, 1, 1.5), gaps=((1, 1.5),),
        atoms={0: 0.2, 1: 0.2, 1.5: 0.2},
    ),
    "two humps": Plain(
        pr.mixture([stats.beta(2, 8), stats.beta(8, 2)], [0.5, 0.5]),
        lambda x: 0.5 * (beta(2, 8)(x) + beta(8, 2)(x)), (0, 1),
    ),
    # Truncations, near the middle and far out.
    "truncated": Plain(pr.truncated(pr.named("norm"), -1, 2), normal(-1, 2), (-1, 2)),
    "heavily truncated": Plain(
        pr.truncated(stats.norm(), 5, 8), normal(5, 8), (5, 5.5, 6, 7, 8)
    ),
    "heavily truncated below": Plain(
        pr.truncated(stats.norm(), -8, -5), lambda x: normal(5, 8)(-x), (-8, -5)
    ),
    # Changes of scale.
    "turned around, scale 1e-6": Plain(
        pr.shifted_and_scaled(stats.beta(2, 5), factor=-1e-6, shift=2e-6),
        beta(5, 2, 1e-6, 1e-6), (1e-6, 2e-6),
    ),
    "scale 1e9": Plain(
        pr.shifted_and_scaled(stats.beta(2, 5), factor=1e9), beta(2, 5, 0, 1e9), (0, 1e9)
    ),
    # Draws.
    "highest of five": Plain(
        pr.order_statistic(UNIFORM, 5), lambda x: 5 * x**4, (0, 1)
    ),
    "second of four": Plain(
        pr.order_statistic(UNIFORM, 4, 2), beta(2, 3), (0, 1)
    ),
    # Pieces.
    "histogram with an empty bin": Plain(
        pr.histogram([-1, 0, 1, 2, 4], [0, 1, 0, 3]),
        steps([0, 1, 2], [0.25, 0.0, 0.375]), (0, 1, 2, 4), gaps=((1, 2),),
    ),
    "spiky histogram": Plain(
        pr.histogram([0, 1, 1 + 1e-4, 2], [1, 8, 1]),
        steps([0, 1, 1 + 1e-4], [0.1, 0.8 / 1e-4, 0.1 / (1 - 1e-4)]), (0, 1, 1 + 1e-4, 2),
    ),
    "linear density": Plain(
        pr.linear_density([0, 1, 2, 4], [0, 1, 0, 2]),
        lambda x: (x if x < 1 else 2 - x if x < 2 else x - 2) / 3, (0, 1, 2, 4),
    ),
    # Functions, and distributions that scipy does not know by name.
    "own density": Plain(pr.from_density(lambda t: 3 * t**2, 0, 1), lambda x: 3 * x**2, (0, 1)),
    "own distribution function": Plain(
        pr.from_distribution_function(lambda t: (t / 2) ** 1.5, 0, 2),
        lambda x: 0.75 * (x / 2) ** 0.5, (0, 2),
    ),
    "own quantile function": Plain(
        pr.from_quantile_function(lambda p: 1e9 * np.sqrt(p)), lambda x: 2e-18 * x, (0, 1e9)
    ),
    "own class": Plain(law_of(Rising(a=0, b=1)()), lambda x: 2 * x, (0, 1)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_cells_have_the_masses_and_means_of_the_density(name):
    plain = CASES[name]
    cells = mo.TypeSpace.from_distribution(plain.law, 9)
    span = plain.high - plain.low
    assert (cells.lowest, cells.highest) == pytest.approx((plain.low, plain.high), rel=1e-12)
    points = {float(x) for x, y in zip(cells.lower, cells.upper, strict=True) if x == y}
    assert points == set(plain.atoms)
    for mass, low, mean, high in zip(cells.mass, cells.lower, cells.mean, cells.upper, strict=True):
        if low == high:
            assert mass == pytest.approx(plain.atoms[low], rel=1e-9)
            continue
        inside, moment = plain.inside(low, high)
        assert mass == pytest.approx(inside, rel=1e-9)
        assert abs(mean - moment / inside) < 1e-9 * span
        assert not any(low < x < high for x in np.ravel(plain.gaps))
    assert cells.num_cells == 9


@pytest.mark.parametrize("name", CASES)
def test_probabilities_densities_and_quantiles_agree(name):
    plain = CASES[name]
    law = law_of(plain.law)
    points = plain.low + (plain.high - plain.low) * np.array([0.1, 0.3, 0.37, 0.9])
    for x in points:
        below = plain.inside(plain.low, x)[0] + sum(m for a, m in plain.atoms.items() if a <= x)
        assert float(law.below(np.array(x))) == pytest.approx(below, rel=1e-9, abs=1e-12)
        assert float(law.strictly_above(np.array(x))) == pytest.approx(1 - below, abs=1e-9)
        assert float(law.density(np.array(x))) == pytest.approx(plain.density(x), rel=1e-6)
    chances = np.array([0.01, 0.25, 0.5, 0.9])
    found = law.quantiles(chances)
    assert (law.below(found) >= chances - 1e-12).all()
    assert (law.strictly_below(found) <= chances + 1e-12).all()


def expected_of(costs, values):
    """Return first best and slack by their definitions, from distribution functions on a grid.

    Rents over a gap rise by what keeps the type above (below) it from saying the other.
    """
    marks = sorted({*costs.ends, *values.ends})

    def below(x, *, strictly=False):
        x = min(x, costs.high)
        atoms = sum(m for a, m in costs.atoms.items() if a < x or (a == x and not strictly))
        return atoms + (costs.integral(costs.density, costs.low, x) if x > costs.low else 0.0)

    def above(x, *, strictly=False):
        x = max(x, values.low)
        atoms = sum(m for a, m in values.atoms.items() if a > x or (a == x and not strictly))
        return atoms + (values.integral(values.density, x, values.high) if x < values.high else 0)

    def sums(function, low, high):
        points = [low, *(x for x in marks if low < x < high), high]
        nodes, weights = np.polynomial.legendre.leggauss(12)
        return sum(
            (b - a) / 2 * weights @ [function((a + b) / 2 + (b - a) / 2 * u) for u in nodes]
            for a, b in pairwise(points)
            if b > a
        )

    def sold(x):
        over = [c for a, c in costs.gaps if a < x < c]
        return above(over[0] if over else x, strictly=True)

    def bought(x):
        under = [a for a, c in values.gaps if a < x < c]
        return below(under[0] if under else x, strictly=True)

    first_best = sums(lambda x: below(x) * above(x), costs.low, values.high)
    rents = sums(lambda x: below(x) * sold(x), costs.low, costs.high)
    rents += sums(lambda x: above(x) * bought(x), values.low, values.high)
    return first_best, first_best - rents


PAIRS = [
    ("gap", "gap"), ("gap", "truncated"), ("truncated", "gap"), ("atom", "atom"),
    ("atoms at the ends and a gap", "two humps"), ("atom", "atoms at the ends and a gap"),
    ("two humps", "highest of five"), ("second of four", "own density"),
    ("histogram with an empty bin", "linear density"), ("own quantile function", "scale 1e9"),
    ("linear density", "histogram with an empty bin"), ("own class", "atom"),
    ("turned around, scale 1e-6", "turned around, scale 1e-6"),
    ("heavily truncated", "heavily truncated"), ("spiky histogram", "linear density"),
]  # fmt: skip


@pytest.mark.parametrize("names", some(PAIRS, 2), ids=" and ".join)
def test_first_best_and_least_subsidy_are_the_integrals(names):
    costs, values = (CASES[name] for name in names)
    spaces = (mo.TypeSpace.from_distribution(plain.law, 5) for plain in (costs, values))
    trade = mo.BilateralTrade(*spaces)
    first_best, slack = expected_of(costs, values)
    found = first_best_of_continuum(trade)
    assert found.value == pytest.approx(first_best, rel=1e-9)
    assert found.error < 1e-6 * first_best
    check = mo.check_ex_post_efficiency(trade)
    assert check.slack == pytest.approx(slack, abs=1e-9 * first_best)
    low, high = check.slack_bounds
    assert low - 1e-9 * first_best <= slack <= high + 1e-9 * first_best
    assert check.least_subsidy == pytest.approx(max(0, -slack), abs=1e-9 * first_best)


@pytest.mark.parametrize("names", some(PAIRS[:7], 3), ids=" and ".join)
def test_the_best_price_is_as_good_as_any_of_a_grid(names):
    costs, values = (law_of(CASES[name].law) for name in names)
    trade = mo.BilateralTrade(*(mo.TypeSpace.from_distribution(law, 5) for law in (costs, values)))
    best = mo.studies.best_posted_price(trade)
    ends = [*CASES[names[0]].ends, *CASES[names[1]].ends]
    grid = np.unique([*np.linspace(min(ends), max(ends), 301), *ends])
    fine = np.linspace(min(ends), max(ends), 60_001)
    middle, step = (fine[1:] + fine[:-1]) / 2, fine[1] - fine[0]
    under = np.interp(grid, fine, np.append(0, np.cumsum(costs.below(middle)) * step))
    over = values.above(middle)
    over = np.interp(grid, fine, np.append(0, np.cumsum(over[::-1]) * step)[::-1])
    gains = costs.below(grid) * over + values.above(grid) * under
    assert best.expected.total >= gains.max() * (1 - 1e-6)
    assert best.expected.total == pytest.approx(gains.max(), rel=2e-3)
    # The mechanism over cells, cut at the price, gains the same.
    assert best.mechanism.total_gains == pytest.approx(best.expected.total, rel=1e-9)


def second_best(costs, values):
    """Return the optimum of regular priors by quadrature: trade where d(b) exceeds c(s)."""
    nodes, weights = np.polynomial.legendre.leggauss(10)
    # Ten points in each of fifty intervals.
    nodes = ((nodes + np.arange(-49, 50, 2.0)[:, None]) / 50).ravel()
    weights = np.tile(weights / 50, 50)
    s = np.linspace(costs.low, costs.high, 20_001)[1:-1]
    b = (values.low + values.high) / 2 + (values.high - values.low) / 2 * nodes
    w = (values.high - values.low) / 2 * weights
    law, other = law_of(costs.law), law_of(values.law)
    below = law.below(s)
    rest = np.concatenate([[0], np.cumsum((below[1:] + below[:-1]) / 2)]) * (s[1] - s[0])

    hazard, rest_over = below / law.density(s), other.above(b) / other.density(b)
    mass = w * other.density(b)

    def slack_and_gains(a):
        virtual = s + a * hazard
        assert (np.diff(virtual) > 0).all()
        d = b - a * rest_over
        last = np.interp(d, virtual, s, left=s[0], right=s[-1])
        chance, area = np.interp(last, s, below), np.interp(last, s, rest)
        chance, area = np.where(d < virtual[0], 0, chance), np.where(d < virtual[0], 0, area)
        gains = mass @ ((b - last) * chance + area)
        rents = mass @ area + mass @ (chance * rest_over)
        return gains - rents, gains

    low, high = 0.0, 1.0
    for _ in range(50):
        a = (low + high) / 2
        low, high = (a, high) if slack_and_gains(a)[0] < 0 else (low, a)
    return slack_and_gains(a)[1]


@pytest.mark.parametrize(
    "names",
    [("truncated", "truncated"), ("second of four", "own density"),
     ("scale 1e9", "own quantile function")],
    ids=" and ".join,
)  # fmt: skip
def test_the_second_best_lies_in_its_bracket(names):
    costs, values = (CASES[name] for name in names)
    trade = mo.BilateralTrade(
        *(mo.TypeSpace.from_distribution(plain.law, 200) for plain in (costs, values))
    )
    bracket = mo.bracket_continuum(mo.solve(mo.ex_ante_efficiency(trade)))
    exact = second_best(costs, values)
    assert bracket.relative_width < 5e-4
    assert bracket.lower * (1 - 1e-7) <= exact <= bracket.upper * (1 + 1e-7)


@pytest.mark.parametrize("names", some([*PAIRS[:3], PAIRS[4], PAIRS[5]], 2), ids=" and ".join)
def test_brackets_of_atoms_and_gaps_hold_what_more_cells_achieve(names):
    def problem(size):
        spaces = (mo.TypeSpace.from_distribution(CASES[name].law, size) for name in names)
        return mo.ex_ante_efficiency(mo.BilateralTrade(*spaces))

    bracket = mo.bracket_continuum(mo.solve(problem(40)))
    finer = mo.solve(problem(1_000)).objective
    assert bracket.lower <= finer <= bracket.upper
    assert bracket.relative_width < 5e-3


def test_finite_types_against_a_gap_are_what_a_list_of_all_types_says():
    """The slack of one finite side, with the other side's types as a long list."""
    buyer = mo.TypeSpace.finite([0.5, 1.5, 2.5], [0.3, 0.3, 0.4])
    for law in (CASES["gap"].law, CASES["atoms at the ends and a gap"].law):
        source = law_of(law)
        chances = (np.arange(4_000) + 0.5) / 4_000
        listed = np.unique(source.quantiles(chances), return_counts=True)
        many = mo.TypeSpace.finite(listed[0], listed[1] / listed[1].sum())
        own = mo.TypeSpace.from_distribution(law, 5)
        for sides in ((own, buyer), (buyer, own)):
            long = tuple(many if side is own else side for side in sides)
            found = mo.check_ex_post_efficiency(mo.BilateralTrade(*sides)).slack
            other = mo.check_ex_post_efficiency(mo.BilateralTrade(*long)).slack
            assert found == pytest.approx(other, abs=2e-3)


def test_delay_is_refused_where_its_formula_needs_a_density():
    gap = mo.TypeSpace.from_distribution(CASES["gap"].law, 4)
    with pytest.raises(UnsupportedProblemError, match="without atoms and gaps"):
        mo.check_ex_post_efficiency(mo.BilateralTrade(gap, gap, 2.0, 1.0))
    pieces = mo.TypeSpace.from_distribution(pr.histogram([1, 2, 3], [1, 2]), 4)
    same = pr.mixture([stats.uniform(1, 1), stats.uniform(2, 1)], ["1/3", "2/3"])
    again = mo.TypeSpace.from_distribution(same, 4)
    values = [
        mo.check_ex_post_efficiency(mo.BilateralTrade(side, side, 2.0, 1.0)).slack
        for side in (pieces, again)
    ]
    assert values[0] == pytest.approx(values[1], rel=1e-9)


def test_new_objects_of_scipy_are_the_laws_that_they_are_made_of():
    normal = stats.Normal(mu=1, sigma=2)
    cut = stats.truncate(normal, 0, 3)
    pairs = [
        (stats.Uniform(a=0.1, b=0.4), pr.named("uniform", loc=0.1, scale="3/10")),
        (cut, pr.truncated(pr.named("norm", loc=1, scale=2), 0, 3)),
        (2 * cut - 1, pr.shifted_and_scaled(cut, factor=2, shift=-1)),
        (stats.order_statistic(cut, r=2, n=3), pr.order_statistic(cut, 3, 2)),
        (
            stats.Mixture([cut, stats.Uniform(a=0, b=1)], weights=[0.25, 0.75]),
            pr.mixture([cut, stats.uniform()], [0.25, 0.75]),
        ),
    ]
    for new, known in pairs:
        assert law_of(new) == known
        x = np.linspace(*law_of(new).support, 9)[1:-1]
        assert_allclose(law_of(new).below(x), new.cdf(x), rtol=1e-9)
    table = law_of(stats.make_distribution(stats.beta)(a=2, b=3))
    assert_allclose(table.below(x := np.linspace(0, 1, 11)), stats.beta(2, 3).cdf(x), atol=1e-10)
    assert mo.TypeSpace.from_distribution(pairs[0][0], 3).in_fractions().upper[0].denominator == 5


def test_discrete_laws_are_finite_types_with_exact_masses_where_they_have_them():
    of = mo.TypeSpace.from_distribution
    assert list(of(stats.binom(3, 0.1)).in_fractions().mass) == [
        Fraction(729, 1000), Fraction(243, 1000), Fraction(27, 1000), Fraction(1, 1000)
    ]  # fmt: skip
    assert list(of(stats.hypergeom(10, 4, 3)).in_fractions().mass) == [
        Fraction(1, 6), Fraction(1, 2), Fraction(3, 10), Fraction(1, 30)
    ]  # fmt: skip
    dice = of(stats.randint(1, 7, loc=2)).in_fractions()
    assert (list(dice.mean), set(dice.mass)) == ([3, 4, 5, 6, 7, 8], {Fraction(1, 6)})
    own = of(stats.rv_discrete(values=([2, 0, 1], [0.5, 0.3, 0.2])))
    assert (own.mean.tolist(), own.mass.tolist()) == ([0, 1, 2], [0.3, 0.2, 0.5])
    few = pr.truncated(stats.poisson(3), 0, 5)
    masses = stats.poisson(3).pmf(np.arange(6))
    assert_allclose(of(few).mass, masses / masses.sum())


def test_bins_of_scipy_and_numpy_are_one_histogram():
    counts, edges = np.histogram([1.0, 2.0, 2.5, 4.0], bins=[1, 2, 3, 5])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = stats.rv_histogram((counts, edges), density=False)
    law = law_of(theirs)
    assert_allclose(law.mass, pr.histogram(edges, counts).mass)
    assert law_of(theirs(loc=1, scale=2)).support == (3.0, 11.0)


def test_edges_of_ones_own():
    cells = mo.TypeSpace.from_distribution(stats.beta(2, 1), edges=[0, 0.5, 0.9, 1])
    assert_allclose(cells.mass, [0.25, 0.56, 0.19])
    gap = mo.TypeSpace.from_distribution(CASES["gap"].law, edges=[0.5, 2.5])
    assert gap.lower.tolist() == [0, 0.5, 2, 2.5]


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda: mo.TypeSpace.from_distribution(stats.norm(), 4), r"truncated\(law, -4\.75"),
        (lambda: mo.TypeSpace.from_distribution(stats.poisson(3)), "tail cut off"),
        (lambda: mo.TypeSpace.from_distribution(stats.beta(2, 3)), "a continuum needs cells"),
        (lambda: mo.TypeSpace.from_distribution(stats.binom(2, 0.5), 3), "needs no cells"),
        (lambda: mo.TypeSpace.from_distribution(UNIFORM, edges=[0.5, 0.2]), "0.5 followed by"),
        (lambda: mo.TypeSpace.from_distribution(UNIFORM, edges=[2]), "beyond the ends"),
        (lambda: pr.truncated(UNIFORM, 2, 3), "nothing is left"),
        (lambda: pr.mixture([UNIFORM], [0.5]), "sum to one"),
        (lambda: pr.mixture([UNIFORM], [0.5, 0.5]), "one weight per law"),
        (lambda: pr.order_statistic(UNIFORM, 2, 3), "no such draw"),
        (lambda: pr.shifted_and_scaled(UNIFORM, factor=0), "factor not zero"),
        (lambda: pr.histogram([0, 1, 1], [1, 1]), "not rising"),
        (lambda: pr.histogram([0, 1, 2], [1, -1]), "negative"),
        (lambda: pr.histogram([0, 1, 2], [1]), "not as many"),
        (lambda: pr.linear_density([0, 1], [0, 0]), "all are zero"),
        (lambda: pr.from_density(lambda t: t, 0, 1), "not normalised"),
        (lambda: pr.from_density(lambda t: 1 - 2 * t, 0, 1), "negative or not finite"),
        (lambda: pr.from_density(lambda t: 1.0, 0, 1), "not one number for each"),
        (lambda: pr.from_density(lambda t: t / 0, 0, 1), "cannot be computed|not finite"),
        (lambda: pr.from_density(np.exp, 0, np.inf), "not the ends"),
        (lambda: pr.from_distribution_function(lambda t: t / 2, 0, 1), "1 at the highest"),
        (lambda: pr.from_distribution_function(lambda t: np.sin(7 * t) ** 2, 0, np.pi / 14 * 3),
         "never fall"),
        (lambda: pr.from_distribution_function(lambda t: 0.5 * t + (t > 0.5) / 2, 0, 1), "a jump"),
        (lambda: pr.from_quantile_function(lambda p: -p), "never fall"),
        (lambda: pr.from_quantile_function(lambda p: np.maximum(p, 0.5)), "a jump"),
        (lambda: pr.kernel_estimate([0, 1], 0, 0, 1), "not a bandwidth"),
        (lambda: pr.kernel_estimate([0, 2], 1, 0, 1), "outside the support"),
        (lambda: pr.smoothed([1, 1, 2]), "too few distinct"),
        (lambda: pr.finite([1, 1]), "not strictly increasing"),
    ],
)  # fmt: skip
def test_refusals_say_what_to_do(make, what):
    with pytest.raises(InvalidInputError, match=what):
        make()


@pytest.mark.parametrize(
    ("made", "exact"),
    [
        (lambda: pr.from_density(stats.beta(1.5, 2.5).pdf, 0, 1), stats.beta(1.5, 2.5)),
        (lambda: pr.from_distribution_function(stats.triang(0.3).cdf, 0, 1), stats.triang(0.3)),
        (lambda: pr.from_quantile_function(lambda p: p**3), stats.beta(1 / 3, 1)),
        (lambda: pr.from_distribution_function(stats.beta(0.5, 0.5).cdf, 0, 1),
         stats.beta(0.5, 0.5)),
    ],
    ids=["density", "kinked", "quantiles", "singular"],
)  # fmt: skip
def test_a_table_is_off_by_no_more_than_it_says(made, exact):
    law = made()
    points = np.concatenate([np.random.default_rng(1).random(2_000), 0.5 ** np.arange(1, 40.0)])
    assert np.abs(law.below(points) - exact.cdf(points)).max() <= law.error + 1e-14
    assert np.abs(law.above(points) - exact.sf(points)).max() <= law.error + 1e-14
    assert law.error < 1e-8


def test_kernel_estimates_are_the_mean_of_their_kernels():
    sample = np.array([0.2, 0.5, 0.5, 0.9])
    law = pr.kernel_estimate(sample, 0.1, 0, 1)
    kernels = [stats.norm(x, 0.1) for x in sample]
    left = sum(k.cdf(1) - k.cdf(0) for k in kernels)
    points = np.linspace(0, 1, 101)
    exact = sum(k.cdf(points) - k.cdf(0) for k in kernels) / left
    assert_allclose(law.below(points), exact, rtol=0, atol=law.error + 1e-14)
    assert_allclose(law.density(points), sum(k.pdf(points) for k in kernels) / left, rtol=1e-6)
    cells = mo.TypeSpace.from_distribution(law, 50)
    mean = quad(lambda x: x * sum(k.pdf(x) for k in kernels) / left, 0, 1, epsabs=1e-13)[0]
    assert cells.expectation(cells.mean) == pytest.approx(mean, rel=1e-9)


def test_smoothed_samples_keep_their_ranks_and_never_fall():
    sample = np.random.default_rng(2).beta(2, 3, 40).round(2)
    law = pr.smoothed(sample)
    inner = np.unique(sample)[1:-1]
    ranks = [(np.searchsorted(np.sort(sample), x) + np.sum(sample == x) / 2 - 0.5) / 39
             for x in inner]  # fmt: skip
    assert_allclose(law.below(inner), ranks)
    assert (np.diff(law.below(np.linspace(*law.support, 2_001))) >= 0).all()
    from scipy.interpolate import PchipInterpolator

    curve = PchipInterpolator(law.edges, np.append(0, np.cumsum(law.mass)))
    cells = mo.TypeSpace.from_distribution(law, 8)
    mean = law.high - curve.integrate(law.low, law.high)
    assert cells.expectation(cells.mean) == pytest.approx(float(mean), rel=1e-10)
    assert mo.TypeSpace.from_distribution(law, 8).prior == pr.smoothed(sample[::-1])


def test_a_gap_of_a_function_is_found():
    law = pr.from_distribution_function(lambda t: np.clip(t, 0, 0.5) + np.clip(t - 1, 0, 0.5), 0, 2)
    assert law.gaps == (pytest.approx((0.5, 1)),)
    assert law.support == pytest.approx((0, 1.5))


LEAVES = st.one_of(
    st.builds(lambda a, b: pr.named("beta", a=a, b=b), *[st.integers(1, 4)] * 2),
    st.builds(lambda w: pr.histogram([0, 0.5, 0.75, 2], w), st.tuples(*[st.integers(1, 5)] * 3)),
    st.builds(lambda h: pr.linear_density([-1, 0, 1], h), st.tuples(*[st.integers(1, 3)] * 3)),
    st.builds(lambda x: pr.finite([x / 8, 1]), st.integers(-8, 7)),
    st.builds(lambda n: pr.smoothed(np.arange(n) ** 1.5 / n), st.integers(4, 8)),
    st.builds(lambda p: pr.from_quantile_function(lambda u: u ** (1 / p)), st.integers(1, 3)),
)


def made_of(inner):
    def cut(law, low, high):
        span = law.high - law.low
        return pr.truncated(law, law.low + low / 16 * span, law.high - high / 16 * span)

    return st.one_of(
        st.builds(lambda a, b: pr.mixture([a, b], ["1/3", "2/3"]), inner, inner),
        st.builds(
            lambda law, f, s: pr.shifted_and_scaled(law, factor=f, shift=s),
            inner, st.sampled_from([-2, 0.5, "1/3"]), st.integers(-1, 2),
        ),
        st.builds(lambda law, n, k: pr.order_statistic(law, n, min(n, k)), inner,
                  st.integers(1, 4), st.integers(1, 4)),
        st.builds(cut, inner.filter(lambda law: law.atoms.size == 0), *[st.integers(0, 5)] * 2),
    )  # fmt: skip


@settings(max_examples=25 if THOROUGH else 10)
@given(st.recursive(LEAVES, made_of, max_leaves=3), st.integers(1, 12))
def test_laws_made_of_others_keep_their_sums(law, size):
    span = law.high - law.low
    if not span > 0:
        return
    grid = np.linspace(law.low, law.high, 41)
    below, above = law.below(grid), law.above(grid)
    assert (np.diff(below) >= -1e-12).all()
    assert (np.diff(above) <= 1e-12).all()
    assert below[-1] == pytest.approx(1, abs=1e-12)
    assert above[0] == pytest.approx(1, abs=1e-12)
    assert_allclose(below + law.strictly_above(grid), 1, atol=1e-10)
    again = decode(json.loads(json.dumps(encode(law))), saved_classes())
    assert fingerprint(again) == fingerprint(law)
    assert again == law
    assert again.support == law.support
    for start, stop in law.gaps:
        inside = law.strictly_below(np.array(stop)) - law.below(np.array(start))
        assert abs(float(inside)) < 1e-12
    if law.atoms.size and np.isclose(sum(law.below(law.atoms) - law.strictly_below(law.atoms)), 1):
        return  # Finitely many types.
    cells = mo.TypeSpace.from_distribution(law, size)
    assert cells.mass.sum() == pytest.approx(1, abs=1e-10)
    ends = np.where(cells.lower == cells.upper, law.below(cells.upper),
                    law.strictly_below(cells.upper))  # fmt: skip
    assert_allclose(np.cumsum(cells.mass), ends, atol=1e-10)
    # The mean of the law is its highest type less the integral of its distribution function.
    fine = np.unique(np.concatenate([np.linspace(law.low, law.high, 4_001), law.breaks,
                                     law.atoms]))  # fmt: skip
    middle = 0.5 * (fine[1:] + fine[:-1])
    mean = law.high - law.below(middle) @ np.diff(fine)
    assert cells.expectation(cells.mean) == pytest.approx(mean, abs=1e-5 * span)


TRADE = """
title = "a trade"
[environment]
kind = "bilateral-trade"
[environment.seller]
{seller}
[environment.buyer]
{buyer}
[problem]
objective = "ex-ante-efficiency"
"""
FORMS = {
    "truncated": (
        'distribution = "norm"\nparameters = { loc = 1 }\ntruncate = [0, 2]\ncells = 7',
        lambda: pr.truncated(pr.named("norm", loc=1), 0, 2),
    ),
    "half truncated": (
        'distribution = "expon"\ntruncate = ["-inf", 3]\ncells = 7',
        lambda: pr.truncated(pr.named("expon"), -np.inf, 3),
    ),
    "draws": (
        'distribution = "uniform"\ndraws = 3\nrank = 2\nfactor = "1/3"\nshift = 1\ncells = 7',
        lambda: pr.shifted_and_scaled(pr.order_statistic(UNIFORM, 3, 2), factor="1/3", shift=1),
    ),
    "histogram": (
        "histogram = { edges = [0, 1, 2], weights = [3, 1] }\ncells = 7",
        lambda: pr.histogram([0, 1, 2], [3, 1]),
    ),
    "file of bins": (
        'histogram = { file = "bins.csv", weight = "count" }\ncells = 7',
        lambda: pr.histogram([0, 1, 2, 4], [3, 0, 1]),
    ),
    "density": (
        "density = { types = [0, 1, 2], densities = [0, 1, 0] }\ncells = 7",
        lambda: pr.linear_density([0, 1, 2], [0, 1, 0]),
    ),
    "mixture": (
        'mixture = [ { distribution = "uniform", weight = 0.75 }, { types = [0.5] } ]\ncells = 7',
        lambda: pr.mixture([UNIFORM, pr.finite([0.5])], [0.75, 0.25]),
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_files_say_what_the_library_does(form, tmp_path):
    (tmp_path / "bins.csv").write_text("low,high,count\n2,4,1\n0,1,3\n")
    text, make = FORMS[form]
    file = tmp_path / "trade.toml"
    file.write_text(TRADE.format(seller=text, buyer="types = [1, 2]"))
    found = load_instance(file).problem.environment.agents[0].types
    assert found == mo.TypeSpace.from_distribution(make(), 7)


def test_files_name_discrete_laws_and_edges(tmp_path):
    file = tmp_path / "trade.toml"
    edges = 'distribution = "uniform"\nedges = [0.5, 0.75]'
    binom = 'distribution = "binom"\nparameters = { n = 2, p = 0.5 }'
    file.write_text(TRADE.format(seller=edges, buyer=binom))
    seller, buyer = (agent.types for agent in load_instance(file).problem.environment.agents)
    assert seller.mass.tolist() == [0.5, 0.25, 0.25]
    assert buyer.mass.tolist() == [0.25, 0.5, 0.25]
    rows = mo.sweep(file, {"seller.edges[0]": [0.25, 0.5]})
    assert len(rows.rows) == 2
    assert not any(row[rows.columns.index("error")] for row in rows.rows)
