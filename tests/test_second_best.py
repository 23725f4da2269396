"""The second best over laws of types themselves, against closed forms and cells of densities.

The oracle reads no distribution function of the package: it integrates the densities written down
in test_prior_kinds over cells between all kinks, irons over them, minimises the dual bound, and
extrapolates from two numbers of cells.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy import special, stats
from scipy.optimize import isotonic_regression, minimize_scalar

import mechopt as mo
from mechopt.studies.continuum import refinement
from mechopt.studies.first_best import first_best_of_continuum
from mechopt.studies.second_best import has_second_best
from tests.draws import THOROUGH, some
from tests.test_prior_kinds import KINDS, Grid, moved

pr = mo.priors
second_best = mo.studies.second_best_of_continuum
UNIFORM = stats.uniform(0, 1)
# A rule's corners lie at more places where a density has more kinks.
NUM_CELLS = {"smoothed sample": 16_000}


def over(costs, values):
    def types(law):
        finite = isinstance(law, type(pr.finite([0])))
        return mo.TypeSpace.from_distribution(law, None if finite else 2)

    return mo.BilateralTrade(types(costs), types(values))


def fine_cells(plain, number):
    """Return lower ends, means, upper ends and probabilities of cells, in order."""
    marks = np.unique([*plain.ends, *plain.atoms, *np.ravel(plain.gaps)])
    each = max(number // (marks.size - 1), 8)
    grid = Grid(np.concatenate([np.linspace(*pair, each + 1) for pair in pairwise(marks)]))
    share = grid.density(plain) * grid.dx
    mass = share.sum(axis=1)
    low, high = grid.edges[:-1], grid.edges[1:]
    kept = mass > 0
    for start, stop in plain.gaps:
        kept &= (high <= start) | (low >= stop)
    above = (share * (grid.x - low[:, None])).sum(axis=1)[kept] / mass[kept]
    at, weight = list(plain.atoms), list(plain.atoms.values())
    parts = (low[kept], low[kept] + above, high[kept], mass[kept])
    parts = [np.append(own, extra) for own, extra in zip(parts, (at, at, at, weight), strict=True)]
    order = np.lexsort((parts[2], parts[0]))
    return [part[order] for part in parts]


def optimum_over_cells(costs, values, within):
    """Return the least dual bound over an interval of alpha, and where it is."""
    (_, cost, end, chance), (start, value, _, weight) = costs, values
    before = np.cumsum(chance) - chance
    after = np.append(np.cumsum(weight[:0:-1])[::-1], 0.0)
    rent = end - cost + np.diff(end, prepend=end[0]) * before / chance
    lost = value - start + np.diff(start, append=start[-1]) * after / weight

    def bound(alpha):
        c = isotonic_regression(cost + alpha * rent, weights=chance).x
        d = isotonic_regression(value - alpha * lost, weights=weight).x
        place = np.searchsorted(c, d)
        sold = np.append(0.0, np.cumsum(chance))[place]
        spent = np.append(0.0, np.cumsum(chance * c))[place]
        return weight @ (sold * d - spent) / (1 - alpha)

    found = minimize_scalar(bound, bounds=within, method="bounded", options={"xatol": 1e-6})
    none = bound(within[0])
    return (found.fun, found.x) if found.fun < none else (none, within[0])


def by_cells(plain, number):
    coarse, few, many = (fine_cells(plain, n) for n in (number // 8, number, 2 * number))
    alpha = optimum_over_cells(coarse, coarse, (0.0, 0.9))[1]
    near = max(alpha - 1e-3, 0.0), alpha + 1e-3
    below, best = (optimum_over_cells(cells, cells, near)[0] for cells in (few, many))
    return best + (best - below) / 3


@pytest.mark.parametrize("kind", some(list(KINDS), 2))
def test_ten_laws_of_a_kind_have_the_second_best_of_their_densities(kind):
    number = NUM_CELLS.get(kind, 4_000) if THOROUGH else 2_000
    for place, case in some(list(enumerate(KINDS[kind])), 10, 7 * list(KINDS).index(kind)):
        trade = over(case.law, case.law)
        first_best = first_best_of_continuum(trade).value
        low, scale = min(case.plain.ends), np.ptp(case.plain.ends)
        exact = scale * by_cells(moved(case.plain, 1 / scale, -low / scale), number)
        found = second_best(trade)
        within = 1e-9 if THOROUGH else 1e-8
        assert abs(found.estimate - exact) <= within * first_best, (kind, place)
        assert found.lower <= found.estimate <= found.upper
        # What scipy's probabilities of a sliver of a normal law may be off by is more.
        stated = 3e-8 if (kind, place) == ("truncated", 2) else 5e-9
        assert found.error <= stated * first_best, (kind, place)


def second_best_of_tails(n):
    """The density of b - s at d > 0 is n² B(n, n) (1 - d)^(2n-1); trade is where d > 1/(2n+2)."""
    m = 1 / (2 * n + 2)
    return n**2 * special.beta(n, n) * (1 - m) ** (2 * n) * (1 / (2 * n) - m)


@pytest.mark.parametrize("n", some([1, 2, 10, 25, 100], 2))
def test_rare_gains_have_their_closed_form(n):
    found = second_best(over(stats.beta(n, 1), stats.beta(1, n)))
    exact = second_best_of_tails(n)
    assert found.estimate == pytest.approx(exact, rel=1e-12)
    assert found.lower <= exact <= found.upper
    assert found.error < 1e-9 * exact
    assert found.alpha == pytest.approx(n / (2 * n + 1) if n > 1 else 1 / 3, abs=1e-6)


@pytest.mark.parametrize(("shift", "scale"), [(0.0, 1e-6), (0.0, 1e9), (-5.0, 1e-3), (1e6, 1.0)])
def test_uniform_exchange_anywhere_brings_nine_sixty_fourths(shift, scale):
    law = stats.uniform(shift, scale)
    found = second_best(over(law, law))
    assert abs(found.estimate - 9 / 64 * scale) <= found.error < 1e-8 * scale
    assert found.estimate == pytest.approx(9 / 64 * scale, rel=1e-9)


def test_one_side_alone_sets_the_price_of_a_monopoly():
    """The seller's best mechanism is to ask (1 + s)/2: E (1 - s)²/4 = 1/12."""
    for weights in ((1, 0), {"seller": 0, "buyer": 1}):
        found = second_best(over(UNIFORM, UNIFORM), weights)
        assert found.estimate == pytest.approx(1 / 12, rel=1e-13)
        assert found.alpha == 0.0


@pytest.mark.parametrize(
    ("costs", "values"),
    [
        (UNIFORM, stats.uniform(1, 1)),
        (UNIFORM, stats.uniform(2, 1)),
        (pr.finite([0.0, 0.1]), stats.uniform(0.5, 1)),
        (UNIFORM, pr.finite([1.0, 1.5])),
    ],
)
def test_where_efficient_trade_is_possible_it_is_the_first_best(costs, values):
    trade = over(costs, values)
    found, first_best = second_best(trade), first_best_of_continuum(trade)
    assert found.estimate == pytest.approx(first_best.value, rel=1e-13)
    assert found.alpha == 0.0


def test_without_gains_there_is_nothing():
    found = second_best(over(stats.uniform(1, 1), UNIFORM))
    assert (found.estimate, found.lower, found.alpha) == (0.0, 0.0, 0.0)


HARD = {
    "an atom at either end": (pr.mixture([UNIFORM, pr.finite([0.0, 1.0])], [0.5, 0.5]),) * 2,
    "a density without bound": (stats.beta(0.5, 0.5), UNIFORM),
    "types nearer than floats tell apart": (stats.beta(0.05, 0.05),) * 2,
    "hardly a density between": (
        pr.mixture([stats.uniform(0, 0.1), stats.uniform(0.9, 0.1)], [0.5, 0.5]),
    ) * 2,
    "three humps": (
        pr.mixture([stats.beta(5, 15), stats.beta(10, 10), stats.beta(15, 5)], [0.3, 0.3, 0.4]),
    ) * 2,
    "finite costs": (pr.finite([0, 1, 2, 3]), stats.uniform(0, 3)),
    "finite values": (stats.uniform(0, 3), pr.finite([0, 1, 2, 3])),
    "a little overlap": (UNIFORM, stats.uniform(0.999, 1)),
    "nearly one value": (UNIFORM, stats.uniform(0.5, 1e-8)),
    "many atoms": (
        pr.mixture([UNIFORM, pr.finite(np.linspace(0, 1, 41))], [0.5, 0.5]), UNIFORM
    ),
    "two scales": (UNIFORM, stats.uniform(0, 1e6)),
    "a level virtual value": (stats.uniform(0, 2), stats.truncpareto(1.0, 1e3)),
}  # fmt: skip


@pytest.mark.parametrize("name", some(list(HARD), 3))
def test_cells_bracket_it(name):
    trade = over(*HARD[name])
    scale = first_best_of_continuum(trade).value
    for weights in ((1.0, 1.0), (1.0, 0.5)) if THOROUGH else ((1.0, 0.5),):
        found = second_best(trade, weights)
        # Where floats cannot tell types apart, the error is larger, and said to be so.
        assert found.error < (1e-2 if name.startswith("types nearer") else 1e-9) * scale
        cut = [
            types if types.prior is None else mo.TypeSpace.from_distribution(types.prior, 100)
            for types in (agent.types for agent in trade.agents)
        ]
        problem = mo.ex_ante_efficiency(mo.BilateralTrade(*cut), weights)
        bracket = mo.bracket_continuum(mo.solve(problem), extrapolate=False)
        assert bracket.lower <= found.estimate + found.error
        assert found.estimate - found.error <= bracket.upper


def test_costs_and_values_change_places():
    """A buyer of value b is a seller of money at the cost -b."""
    costs = pr.mixture([stats.beta(2, 8), stats.beta(8, 2), pr.finite([0.4])], [0.3, 0.5, 0.2])
    one = second_best(over(costs, stats.beta(3, 1)), (1.0, 0.25))
    mirrored = pr.shifted_and_scaled(costs, factor=-1.0, shift=1.0)
    other = second_best(over(stats.beta(1, 3), mirrored), (0.25, 1.0))
    assert one.estimate == pytest.approx(other.estimate, rel=1e-11)


def test_a_bracket_that_takes_too_much_for_granted_gives_way():
    """Between two narrow humps a cell hides where virtual valuations fall."""
    law = pr.mixture([stats.beta(500, 1500), stats.beta(1500, 500)], [0.3, 0.7])
    types = mo.TypeSpace.from_distribution(law, 400)
    solution = mo.solve(mo.ex_ante_efficiency(mo.BilateralTrade(types, types)))
    believed = mo.bracket_continuum(solution, extrapolate=False)
    bracket = mo.bracket_continuum(solution)
    finer = mo.TypeSpace.from_distribution(law, 3_000)
    reached = mo.solve(mo.ex_ante_efficiency(mo.BilateralTrade(finer, finer))).objective
    assert believed.upper < reached <= bracket.estimate <= bracket.upper
    assert "laws themselves" in bracket.assumptions[0]
    if THOROUGH:
        # Cells that are wanted fine enough are not believed to be so either.
        coarse = mo.BilateralTrade(*[mo.TypeSpace.from_distribution(law, 2)] * 2)
        refined = refinement(mo.ex_ante_efficiency(coarse), 2e-3, max_cells=256)
        assert refined.bracket.lower <= bracket.estimate <= refined.bracket.upper


def test_the_bracket_takes_its_estimate_from_the_laws():
    types = mo.TypeSpace.from_distribution(stats.beta(2, 3), 800)
    bracket = mo.bracket_continuum(mo.solve(mo.ex_ante_efficiency(mo.BilateralTrade(types, types))))
    found = second_best(mo.BilateralTrade(types, types))
    assert bracket.estimate == pytest.approx(found.estimate, rel=1e-13)
    assert bracket.error < 1e-11 * found.estimate
    assert bracket.order == pytest.approx(2.0, abs=0.25)
    later = mo.solve(mo.ex_ante_efficiency(mo.BilateralTrade(types, types, 1.0, 0.5)))
    assert np.isnan(mo.bracket_continuum(later).error)


@pytest.mark.parametrize("near", [0.0, 1e-9, 0.2, 0.3488, 0.999])
def test_where_the_search_begins_changes_nothing(near):
    trade = over(stats.beta(2, 3), stats.beta(2, 3))
    assert second_best(trade, near=near).estimate == pytest.approx(
        second_best(trade).estimate, rel=1e-12
    )


@pytest.mark.parametrize("near", [-0.1, 1.0, float("nan")])
def test_an_alpha_that_is_none_is_refused(near):
    with pytest.raises(mo.InvalidInputError, match="not an alpha"):
        second_best(over(UNIFORM, UNIFORM), near=near)


def test_other_problems_are_refused():
    types = mo.TypeSpace.from_distribution(UNIFORM, 2)
    with pytest.raises(mo.MechoptError, match="without delay"):
        second_best(mo.BilateralTrade(types, types, 1.0, 0.5))
    with pytest.raises(mo.MechoptError, match="without delay"):
        second_best(mo.Auction(types, count=2))
    finite = mo.TypeSpace.finite([0, 1])
    assert not has_second_best(mo.BilateralTrade(finite, finite))
    with pytest.raises(mo.InvalidInputError, match=r"no (continuum|bracket)"):
        second_best(mo.BilateralTrade(finite, finite))
