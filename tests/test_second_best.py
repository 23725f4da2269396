"""The second best over laws of types themselves, against closed forms and fine cells of densities.

The oracle reads no distribution function of the package: it integrates the densities written down in
test_prior_kinds, over cells between all kinks, irons over them, minimises the dual bound, and
extrapolates from two numbers of cells.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats
from scipy.optimize import isotonic_regression, minimize_scalar

import mechopt as mo
from mechopt.studies.first_best import first_best_of_continuum
from mechopt.studies.second_best import second_best_of_continuum
from tests.draws import some
from tests.test_prior_kinds import KINDS, Grid, Plain, inside, mixed, moved, powers

pr = mo.priors
U = powers(1.0)


def over(costs, values):
    return mo.BilateralTrade(
        *(mo.TypeSpace.from_distribution(law, 2) for law in (costs, values))
    )


def fine_cells(plain, number):
    """Return lower ends, means, upper ends and probabilities of cells, lowest first."""
    marks = np.unique([*plain.ends, *plain.atoms, *np.ravel(plain.gaps)])
    each = max(number // (marks.size - 1), 8)
    grid = Grid(np.concatenate([np.linspace(a, b, each + 1) for a, b in zip(marks, marks[1:])]))
    share = grid.density(plain) * grid.dx
    mass = share.sum(axis=1)
    low, high = grid.edges[:-1], grid.edges[1:]
    mean = low + (share * (grid.x - low[:, None])).sum(axis=1) / np.maximum(mass, 1e-300)
    kept = mass > 0
    for start, stop in plain.gaps:
        kept &= (high <= start) | (low >= stop)
    at, weight = np.array(list(plain.atoms)), np.array(list(plain.atoms.values()))
    parts = [
        np.concatenate([own[kept], at]) for own in (low, mean, high)
    ] + [np.concatenate([mass[kept], weight])]
    order = np.lexsort((parts[2], parts[0]))
    return [part[order] for part in parts]


def optimum_over_cells(costs, values):
    """Return the least dual bound over alpha."""
    (_, cost, end, chance), (start, value, _, weight) = costs, values
    before = np.concatenate([[0.0], np.cumsum(chance)[:-1]])
    after = np.concatenate([np.cumsum(weight[::-1])[::-1][1:], [0.0]])
    virtual_cost = end + np.diff(end, prepend=end[0]) * before / chance
    virtual_value = start - np.diff(start, append=start[-1]) * after / weight

    def bound(alpha):
        c = isotonic_regression(cost + alpha * (virtual_cost - cost), weights=chance).x
        d = isotonic_regression(value + alpha * (virtual_value - value), weights=weight).x
        low, up_to = np.cumsum(chance * c), np.cumsum(chance)
        place = np.searchsorted(c, d)
        met = np.append(0.0, up_to)[place] * d - np.append(0.0, low)[place]
        return weight @ met / (1 - alpha)

    found = minimize_scalar(bound, bounds=(0, 0.9), method="bounded", options={"xatol": 1e-6})
    return min(found.fun, bound(0.0))


def by_cells(costs, values, number=4_000):
    few, many = (
        optimum_over_cells(fine_cells(costs, n), fine_cells(values, n))
        for n in (number, 2 * number)
    )
    return many + (many - few) / 3


@pytest.mark.parametrize("kind", KINDS)
def test_ten_laws_of_a_kind_have_the_second_best_of_their_densities(kind):
    for place, case in some(list(enumerate(KINDS[kind])), 6, 2 * list(KINDS).index(kind)):
        trade = over(case.law, case.law)
        first_best = first_best_of_continuum(trade).value
        low = min(case.plain.ends)
        scale = max(case.plain.ends) - low
        plain = moved(case.plain, 1 / scale, -low / scale)
        exact = scale * by_cells(plain, plain)
        found = second_best_of_continuum(trade)
        assert abs(found.estimate - exact) <= 1e-9 * first_best, (kind, place)
