"""Ten laws of every kind: cells, first best, second best and least subsidy, by quadrature.

Nothing here reads the package's distribution functions: densities are written down beside the laws,
and integrated by Gauss points on panels between all kinks that shrink towards the ends.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from math import comb

import numpy as np
import pytest
from scipy import special, stats
from scipy.interpolate import PchipInterpolator
from scipy.optimize import linprog

import mechopt as mo
from mechopt._util.saving import decode, encode, fingerprint
from mechopt.literature.cramton1985 import slack
from mechopt.saved import saved_classes
from mechopt.types.sources.any_law import component
from tests.draws import some

pr = mo.priors
NODES, WEIGHTS = np.polynomial.legendre.leggauss(12)
# From values at the nodes to integrals from -1 to each node.
TO_NODE = np.array([
    [np.polynomial.Polynomial.fromroots(np.delete(NODES, j)).integ(lbnd=-1)(x)
     / np.prod(NODES[j] - np.delete(NODES, j)) for j in range(NODES.size)]
    for x in NODES
])  # fmt: skip
# A density may be singular at the ends of its support; elsewhere it is smooth up to the kinks.
SHRINKING = 0.5 ** np.arange(1, 91)
NUM_CELLS = 5


@dataclass
class Plain:
    """A density, its distribution function where it is elementary, kinks, and atoms."""

    pdf: object
    cdf: object
    ends: tuple  # kinks, and the ends of intervals without density
    atoms: dict = field(default_factory=dict)
    gaps: tuple = ()


@dataclass
class Case:
    law: object
    plain: Plain


# Elementary laws, and what is made of them.


def powers(p):
    return Plain(lambda x: p * x ** (p - 1.0), lambda x: x**p, (0.0, 1.0))


def betas(a, b, kinks=()):
    whole = special.beta(a, b)
    return Plain(
        lambda x: x ** (a - 1) * (1 - x) ** (b - 1) / whole,
        lambda x: special.betainc(a, b, x),
        (0.0, *kinks, 1.0),
    )


NORMAL = Plain(lambda x: np.exp(-0.5 * x * x) / np.sqrt(2 * np.pi), special.ndtr, ())
EXPONENTIAL = Plain(lambda x: np.exp(-x), lambda x: -np.expm1(-x), (0.0,))


def inside(plain, low, high, share=None):
    share = plain.cdf(high) - plain.cdf(low) if share is None else share
    inner = [x for x in plain.ends if low < x < high]
    return Plain(
        lambda x: plain.pdf(x) / share,
        lambda x: (plain.cdf(x) - plain.cdf(low)) / share,
        (low, *inner, high),
    )


def moved(plain, factor, shift=0.0):
    def to(x):
        return factor * x + shift

    return Plain(
        lambda x: plain.pdf((x - shift) / factor) / abs(factor),
        lambda x: (
            plain.cdf((x - shift) / factor) if factor > 0 else 1 - plain.cdf((x - shift) / factor)
        ),
        tuple(sorted(map(to, plain.ends))),
        {to(x): mass for x, mass in plain.atoms.items()},
        tuple(sorted(tuple(sorted(map(to, gap))) for gap in plain.gaps)),
    )


def drawn(plain, n, k):
    def pdf(x):
        below = plain.cdf(x)
        return k * comb(n, k) * below ** (k - 1) * (1 - below) ** (n - k) * plain.pdf(x)

    return Plain(pdf, lambda x: special.betainc(k, n - k + 1, plain.cdf(x)), plain.ends)


def mixed(parts, weights, atoms=(), gaps=()):
    def pdf(x):
        within = [(x > min(p.ends)) & (x < max(p.ends)) for p in parts]
        terms = [w * np.where(at, p.pdf(np.where(at, x, 0.5 * (min(p.ends) + max(p.ends)))), 0)
                 for p, w, at in zip(parts, weights, within, strict=True)]  # fmt: skip
        return sum(terms) + 0.0 * x

    ends = {x for p in parts for x in p.ends} | set(dict(atoms))
    return Plain(pdf, None, tuple(sorted(ends)), dict(atoms), gaps)


def stepped(edges, weights):
    edges, weights = np.asarray(edges, float), np.asarray(weights, float)
    height = weights / weights.sum() / np.diff(edges)
    used = np.flatnonzero(weights)
    gaps = tuple((edges[k], edges[k + 1]) for k in range(used[0], used[-1]) if weights[k] == 0)
    return Plain(
        lambda x: height[np.clip(np.searchsorted(edges, x, "right") - 1, 0, height.size - 1)],
        None,
        tuple(edges[used[0] : used[-1] + 2]),
        gaps=gaps,
    )


def sloped(types, densities):
    whole = np.trapezoid(densities, types)
    return Plain(lambda x: np.interp(x, types, densities) / whole, None, tuple(map(float, types)))


def blurred(values, width, low, high):
    normal = moved(NORMAL, width)
    share = np.mean(normal.cdf(high - values) - normal.cdf(low - values))
    # Panels must be narrow beside the kernel.
    kinks = np.linspace(low, high, int((high - low) / width) + 2)
    return Plain(
        lambda x: normal.pdf(x[..., None] - values).mean(axis=-1) / share, None, tuple(kinks)
    )


def ranked(values):
    values = np.unique(values)
    curve = PchipInterpolator(values, np.linspace(0, 1, values.size))
    return Plain(curve.derivative(), None, tuple(values))


# The kinds. Scales 1e-6 and 1e9 are in all of them.

U, SCALES = powers(1.0), (1.0, 1e-6, 1e9)
POWERS = (0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 2.5, 1.25, 0.6)
rng = np.random.default_rng(7)
BINS = [
    (np.concatenate([[0.0], np.cumsum(rng.uniform(0.2, 1.0, 5))]) * scale,
     np.where(np.arange(5) == hole, 0, rng.integers(1, 9, 5)))
    for scale, hole in zip((1, 1, 1, 1e-6, 1e9, 1, 1, 1, 1, 1), (9, 1, 2, 3, 2, 9, 0, 4, 9, 2),
                           strict=True)
]  # fmt: skip
CORNERS = [
    (np.concatenate([[0.0], np.cumsum(rng.uniform(0.2, 1.0, 4))]) * scale,
     np.where(np.arange(5) == hole, 0.0, rng.uniform(0.1, 2.0, 5)))
    for scale, hole in zip((1, 1, 1, 1e-6, 1e9, 1, 1, 1, 1, 1), (9, 1, 2, 3, 2, 9, 0, 4, 9, 2),
                           strict=True)
]  # fmt: skip
SAMPLES = [np.sort(rng.gamma(2.0, 1.0, 5 + k)) * SCALES[k % 3] for k in range(10)]


class Rising(stats.rv_continuous):
    """A density that scipy knows nothing of."""

    def _pdf(self, x, p):
        return p * x ** (p - 1)


RISING = Rising(a=0.0, b=1.0, name="rising", shapes="p")


def cut_normal(low, high):
    share = special.ndtr(-low) - special.ndtr(-high) if low > 0 else None
    return inside(NORMAL, low, high, share)


def halves(gap, scale=1.0):
    low = moved(U, scale), moved(U, scale, (1.0 + gap) * scale)
    laws = [pr.named("uniform", loc=start, scale=scale) for start in (0, (1 + gap) * scale)]
    return Case(
        pr.mixture(laws, [0.5, 0.5]),
        mixed(low, [0.5, 0.5], gaps=((scale, (1.0 + gap) * scale),) if gap else ()),
    )


def with_atoms(a, b, atoms, scale=1.0):
    rest = 1 - sum(atoms.values())
    law = pr.mixture(
        [pr.named("beta", a=a, b=b, scale=scale), *(pr.finite([x * scale]) for x in atoms)],
        [rest, *atoms.values()],
    )
    inner = [x for x in atoms if x > 1]
    gaps = ((scale, min(inner) * scale),) if inner else ()
    moved_atoms = {x * scale: mass for x, mass in atoms.items()}
    return Case(law, mixed([moved(betas(a, b), scale)], [rest], moved_atoms, gaps))


def humps(a, b, weight=0.5):
    law = pr.mixture([stats.beta(a, b), stats.beta(b, a)], [weight, 1 - weight])
    return Case(law, mixed([betas(a, b), betas(b, a)], [weight, 1 - weight]))


KINDS = {
    "named": [
        *(Case(pr.named("powerlaw", a=p, scale=s), moved(powers(p), s))
          for p, s in zip(POWERS[:4], (1, 1, 1e-6, 1e9), strict=True)),
        Case(stats.beta(2, 3), betas(2, 3)),
        Case(stats.beta(0.75, 0.75), betas(0.75, 0.75)),
        Case(stats.beta(40, 60), betas(40, 60, np.linspace(0.15, 0.7, 12))),
        Case(stats.triang(0.3), sloped([0, 0.3, 1], [0, 2, 0])),
        Case(stats.truncexpon(3), inside(EXPONENTIAL, 0.0, 3.0)),
        Case(stats.uniform(-5, 0.001), moved(U, 0.001, -5.0)),
    ],
    "truncated": [
        *(Case(pr.truncated(stats.norm(), low, high), cut_normal(low, high))
          for low, high in ((-1, 2), (5, 8), (0, 0.001), (1, 6), (9, 11))),
        Case(pr.truncated(stats.norm(), -8, -5), moved(cut_normal(5, 8), -1.0)),
        Case(pr.truncated(stats.expon(scale=1e9), 0, 3e9), moved(inside(EXPONENTIAL, 0, 3), 1e9)),
        Case(pr.truncated(stats.expon(scale=1e-6), 1e-6, 4e-6),
             moved(inside(EXPONENTIAL, 1, 4), 1e-6)),
        Case(pr.truncated(stats.beta(2, 5), 0.9, 1), inside(
            betas(2, 5), 0.9, 1.0, special.betainc(5, 2, 0.1))),
        Case(pr.truncated(stats.powerlaw(0.5), 0.1, 0.9), inside(powers(0.5), 0.1, 0.9)),
    ],
    "mixture": [
        halves(1.0), halves(0.25, 1e-6), halves(3.0, 1e9), halves(0.0), humps(2, 8),
        humps(3, 9, 0.2), with_atoms(2, 3, {0.5: 0.25}),
        with_atoms(1, 1, {0.0: 0.2, 1.0: 0.2, 1.5: 0.2}),
        with_atoms(2, 2, {0.25: 1e-6}, 1e9), with_atoms(1, 2, {0.5: 0.999}, 1e-6),
    ],
    "affine": [
        Case(pr.shifted_and_scaled(stats.beta(a, b), factor=factor, shift=shift),
             moved(betas(a, b), factor, shift))
        for (a, b), factor, shift in zip(
            ((2, 5), (1, 1), (0.75, 1), (3, 2), (2, 2), (2, 5), (1, 3), (4, 1), (2, 1), (1, 2)),
            (-1e-6, 1e9, 2.0, -1.0, 1e-3, -3.0, 1e9, 1e-6, -0.5, 7.0),
            (2e-6, 0.0, -1.0, 0.0, 5.0, 1.0, -5e8, 0.0, 1.0, 100.0), strict=True)
    ],
    "order statistic": [
        Case(pr.order_statistic(pr.named("powerlaw", a=p, scale=s), n, k),
             drawn(moved(powers(p), s), n, k))
        for (p, n, k), s in zip(
            ((1, 5, 5), (1, 4, 2), (2, 3, 1), (0.5, 6, 3), (1, 1, 1), (3, 2, 2), (1, 9, 5),
             (1.5, 3, 2), (1, 20, 20), (0.75, 2, 1)),
            (1, 1, 1, 1, 1e-6, 1e9, 1, 1, 1, 1), strict=True)
    ],
    "histogram": [Case(pr.histogram(*bins), stepped(*bins)) for bins in BINS],
    "linear density": [Case(pr.linear_density(*given), sloped(*given)) for given in CORNERS],
    "density": [
        Case(pr.from_density(moved(powers(p), s).pdf, 0, s), moved(powers(p), s))
        for p, s in zip((1, 1.5, 2, 3, 4, 2.5, 1.25, 2, 6, 8), (*SCALES, *[1] * 7), strict=True)
    ],
    "distribution function": [
        Case(pr.from_distribution_function(moved(powers(p), s).cdf, 0, s), moved(powers(p), s))
        for p, s in zip((1, 1.5, 2, 3, 4, 2.5, 1.25, 2, 6, 8), (*SCALES, *[1] * 7), strict=True)
    ],
    "quantile function": [
        Case(pr.from_quantile_function(lambda u, p=p, s=s: s * u ** (1 / p)), moved(powers(p), s))
        for p, s in zip((1, 1.5, 2, 0.5, 4, 2.5, 1.25, 2, 6, 3), (*SCALES, *[1] * 7), strict=True)
    ],
    "kernel estimate": [
        Case(pr.kernel_estimate(x, width * x.max(), 0, 1.5 * x.max()),
             blurred(x, width * x.max(), 0, 1.5 * x.max()))
        for x, width in zip(SAMPLES, (0.3, 0.2, 0.1, 0.5, 0.15, 0.25, 0.4, 1, 0.12, 0.2),
                            strict=True)
    ],
    "smoothed sample": [Case(pr.smoothed(x), ranked(x)) for x in SAMPLES],
    "own class": [
        Case(RISING(p, loc=shift, scale=s), moved(powers(p), s, shift))
        for p, s, shift in zip((1, 1.5, 2, 3, 4, 2.5, 1.25, 2, 6, 8),
                               (*SCALES, *[1] * 7), (0, 0, 0, 1, -1, 0, 0, 5, 0, 0), strict=True)
    ],
}  # fmt: skip


# Quadrature.


class Grid:
    """Gauss points between marks, and integrals of densities over them from either side."""

    def __init__(self, marks):
        marks = np.unique(marks)
        # Marks that rounding put beside others are none.
        kept = np.diff(marks, prepend=-np.inf) > 1e-12 * (marks[-1] - marks[0])
        marks = marks[kept]
        first, last = marks[1] - marks[0], marks[-1] - marks[-2]
        halves = 0.5 * (marks[1:] + marks[:-1])
        self.edges = np.unique(np.concatenate([
            marks, halves, 0.5 * (marks[1:] + halves), 0.5 * (halves + marks[:-1]),
            marks[0] + first * SHRINKING, marks[-1] - last * SHRINKING,
        ]))  # fmt: skip
        self.half = 0.5 * np.diff(self.edges)
        self.x = 0.5 * (self.edges[1:] + self.edges[:-1])[:, None] + self.half[:, None] * NODES
        self.dx = self.half[:, None] * WEIGHTS

    def density(self, plain):
        x = np.clip(self.x, min(plain.ends), max(plain.ends))
        with np.errstate(all="ignore"):
            found = np.asarray(plain.pdf(x), dtype=np.float64)
        outside = (self.x <= min(plain.ends)) | (self.x >= max(plain.ends))
        return np.where(outside | ~np.isfinite(found), 0.0, found)

    def below(self, plain):
        """Return the probabilities up to the points, and up to the edges."""
        f = self.density(plain)
        mass = (f * self.dx).sum(axis=1)
        up_to = np.concatenate([[0.0], np.cumsum(mass)])
        points = up_to[:-1, None] + self.half[:, None] * (f @ TO_NODE.T)
        edges = up_to.copy()
        for at, share in plain.atoms.items():
            points += share * (self.x > at)
            edges += share * (self.edges >= at)
        return points, edges

    def above(self, plain):
        f = self.density(plain)
        mass = (f * self.dx).sum(axis=1)
        from_on = np.concatenate([np.cumsum(mass[::-1])[::-1], [0.0]])
        points = from_on[1:, None] + mass[:, None] - self.half[:, None] * (f @ TO_NODE.T)
        edges = from_on.copy()
        for at, share in plain.atoms.items():
            points += share * (self.x < at)
            edges += share * (self.edges <= at)
        return points, edges

    def integral(self, values, low=-np.inf, high=np.inf):
        within = (self.edges[:-1] >= low) & (self.edges[1:] <= high)
        return float((values * self.dx)[within].sum())


def efficient(plain):
    """Return first best and slack where costs and values have one law, by definition."""
    grid = Grid([*plain.ends, *plain.atoms, *np.ravel(plain.gaps)])
    below, at_edges = grid.below(plain)
    above, from_edges = grid.above(plain)
    sold, bought = above.copy(), below.copy()
    for start, stop in plain.gaps:
        over = (grid.x > start) & (grid.x < stop)
        # Whoever could lie across the gap is kept from it by what the type at its end gets.
        at_stop = np.searchsorted(grid.edges, stop)
        at_start = np.searchsorted(grid.edges, start)
        sold[over] = from_edges[at_stop] - plain.atoms.get(stop, 0.0)
        bought[over] = at_edges[at_start] - plain.atoms.get(start, 0.0)
    first_best = grid.integral(below * above)
    return first_best, first_best - grid.integral(below * sold) - grid.integral(above * bought)


def cells_by_quadrature(plain, types):
    """Return mass, mean, and integrals of F and 1 - F over each cell and the gap after it."""
    ends = np.concatenate([types.lower, types.upper])
    grid = Grid([*plain.ends, *plain.atoms, *np.ravel(plain.gaps), *ends])
    f = grid.density(plain)
    below, above = grid.below(plain)[0], grid.above(plain)[0]
    rows = []
    for low, high in zip(types.lower, types.upper, strict=True):
        if low == high:
            near = min(plain.atoms, key=lambda x: abs(x - low))
            rows.append((plain.atoms[near], near, 0.0, 0.0))
            continue
        slack = 1e-13 * (types.highest - types.lowest)
        mass = grid.integral(f, low - slack, high + slack)
        moment = grid.integral(f * (grid.x - low), low - slack, high + slack)
        rows.append((mass, low + moment / mass, grid.integral(below, low - slack, high + slack),
                     grid.integral(above, low - slack, high + slack)))  # fmt: skip
    return np.array(rows).T


def second_best(types, mass, mean, under, over):
    """Return the optimum over cells by a linear program in the rule, budget and monotonicity."""
    n = mass.size
    scale = types.highest - types.lowest
    value = (mean - types.lowest) / scale
    joint = mass[:, None] * mass
    gains = (value[None, :] - value[:, None]) * joint
    # Rents: the seller's by F in its cells and over the gaps below them; the buyer's likewise.
    step = types.lower[1:] - types.upper[:-1]
    total = np.cumsum(mass)
    cost = (under + np.concatenate([[0.0], step * total[:-1]])) / scale
    gain = (over + np.concatenate([step * (1.0 - total[:-1]), [0.0]])) / scale
    owed = gains - cost[:, None] * mass - gain * mass[:, None]
    rows = [-owed.ravel() / np.abs(owed).max()]
    for k in range(n - 1):
        sells, buys = np.zeros((n, n)), np.zeros((n, n))
        sells[k], sells[k + 1] = -mass, mass
        buys[:, k], buys[:, k + 1] = mass, -mass
        rows += [sells.ravel(), buys.ravel()]
    top = np.abs(gains).max()
    found = linprog(-gains.ravel() / top, A_ub=np.array(rows), b_ub=np.zeros(len(rows)),
                    bounds=(0, 1), method="highs-ds",
                    options={"primal_feasibility_tolerance": 1e-10,
                             "dual_feasibility_tolerance": 1e-10})  # fmt: skip
    assert found.status == 0
    return -found.fun * top * scale


@pytest.fixture(autouse=True)
def _few_points_for_bounds(monkeypatch):
    """Bounds of the slack are proved at any number of points; a few thousand take less time."""
    monkeypatch.setattr(slack, "BOUND_POINTS", 1 << 11, raising=False)
    monkeypatch.setattr(slack, "BOUND_PARTS", 2, raising=False)


@pytest.mark.parametrize("kind", KINDS)
def test_ten_laws_of_a_kind_are_what_their_densities_say(kind):
    cases = KINDS[kind]
    assert len(cases) == 10
    for place, case in some(list(enumerate(cases)), 5, list(KINDS).index(kind)):
        where, plain = f"{kind} {place}", case.plain
        types = mo.TypeSpace.from_distribution(case.law, NUM_CELLS)
        span = types.highest - types.lowest
        assert abs(types.lowest - min(plain.ends)) <= 1e-12 * span, where
        assert abs(types.highest - max(plain.ends)) <= 1e-12 * span, where
        mass, mean, under, over = cells_by_quadrature(plain, types)
        np.testing.assert_allclose(types.mass, mass, rtol=1e-9, err_msg=where)
        np.testing.assert_allclose(types.mean, mean, rtol=0, atol=1e-9 * span, err_msg=where)
        trade = mo.BilateralTrade(types, types)
        first_best, owed = efficient(plain)
        check = mo.check_ex_post_efficiency(trade)
        assert check.first_best == pytest.approx(first_best, rel=1e-9), where
        assert check.slack == pytest.approx(owed, abs=1e-9 * first_best), where
        assert check.least_subsidy == pytest.approx(max(-owed, 0), abs=1e-9 * first_best), where
        low, high = check.slack_bounds
        assert low - 1e-9 * first_best <= owed <= high + 1e-9 * first_best, where
        best = mo.solve(mo.ex_ante_efficiency(trade)).objective
        oracle = second_best(types, mass, mean, under, over)
        assert best == pytest.approx(oracle, abs=1e-9 * first_best), where
        law = component(case.law)
        again = decode(json.loads(json.dumps(encode(law))), saved_classes())
        assert again == law, where
        assert fingerprint(again) == fingerprint(law), where


def test_a_law_of_one_type_is_that_type():
    one = mo.priors.finite([2])
    for law in (
        mo.priors.mixture([one, one], [0.5, 0.5]),
        mo.priors.truncated(mo.priors.finite([1, 2, 3]), 2, 2.5),
        mo.priors.truncated(stats.binom(4, 0.5), 2, 2.5),
    ):
        types = mo.TypeSpace.from_distribution(law)
        assert (types.mean.tolist(), types.mass.tolist()) == ([2.0], [1.0])
    with pytest.raises(mo.MechoptError, match="nothing is left"):
        mo.priors.truncated(stats.uniform(0, 1), 0.5, 0.5)


def test_types_too_rare_for_floats_are_refused():
    assert mo.TypeSpace.from_distribution(stats.binom(1000, 0.5)).num_cells == 1001
    with pytest.raises(mo.MechoptError, match="a probability is too small to compute with"):
        mo.TypeSpace.from_distribution(stats.binom(1050, 0.5))


def test_a_kernel_estimate_has_ends_and_a_bandwidth_that_suits_them():
    values = [0.2, 0.4, 0.7]
    wide = mo.priors.kernel_estimate(values, 5e3, 0, 1)
    assert float(wide.below(np.array(0.25))) == pytest.approx(0.25, abs=1e-7)
    with pytest.raises(mo.MechoptError, match="next to nothing lies within the support"):
        mo.priors.kernel_estimate(values, 1e8, 0, 1)
    with pytest.raises(mo.MechoptError, match="the lower one first"):
        mo.priors.kernel_estimate(values, 0.1, 1, 0)
