"""Rules that treat identical agents alike: the largest values win, equal ones evenly often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, IndexArray, frozen
from mechopt._util.registry import saved_as
from mechopt.environments import Environment
from mechopt.environments.border import RARE, chance_at_level, most_won, won_by_highest
from mechopt.errors import InvalidInputError
from mechopt.mechanism.allocation import Allocation, require_mixture

# What a solver leaves of zero, in units of the good.
RESIDUAL = 1e-9
# Components of a mixture that are less likely are left out.
LEAST_WEIGHT = 1e-12


@saved_as("mechopt.EvenRule")
@dataclass(frozen=True, eq=False)
class EvenRule(Allocation):
    """Of agents who compete for equal units, those with the largest values above 0 win.

    Identical agents are treated alike: where equal values of one group compete for what is left,
    each is as likely to get it. Of equal values of different groups, those of the first are ahead.

    Parameters
    ----------
    values
        For each component of the rule, and in it for each group, the value of each type.
    weights
        Probability of each component.
    groups
        For each agent the position of its group.

    Raises
    ------
    InvalidInputError
        If the weights are no probabilities, or there is not one set of values for each.

    Notes
    -----
    Source: theory.md, section 6.1.

    Examples
    --------
    >>> import numpy as np
    >>> from mechopt import Auction, TypeSpace
    >>> rule = EvenRule(((np.array([0.0, 1.0]),),), (1.0,), (0, 0))
    >>> rule.dense(Auction(TypeSpace.finite([0, 1]), count=2))[0]
    array([[0. , 0. ],
           [1. , 0.5]])
    """

    values: tuple[tuple[FloatArray, ...], ...]
    weights: tuple[float, ...]
    groups: tuple[int, ...]

    def __post_init__(self) -> None:
        values = tuple(tuple(map(frozen, component)) for component in self.values)
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "weights", tuple(float(weight) for weight in self.weights))
        object.__setattr__(self, "groups", tuple(int(group) for group in self.groups))
        require_mixture(self.weights, len(values))

    def dense(self, environment: Environment) -> FloatArray:
        """Return the outcomes of all profiles, if they fit."""
        environment.require_dense("the allocation")
        return self.on_grid(environment, environment.all_types)

    def on_grid(self, environment: Environment, types: Sequence[IndexArray]) -> FloatArray:
        """Return outcomes computed for these types alone."""
        profiles = np.indices([len(cells) for cells in types])
        chosen = [cells[at.ravel()] for cells, at in zip(types, profiles, strict=True)]
        return self.at_profiles(environment, chosen).reshape(profiles.shape)

    def at_profiles(self, environment: Environment, profiles: Sequence[IndexArray]) -> FloatArray:
        """Return outcomes of single profiles, however many agents there are."""
        units = self._units(environment)
        result = np.zeros((len(profiles), len(profiles[0])))
        for weight, values in zip(self.weights, self.values, strict=True):
            own = [values[g][cells] for g, cells in zip(self.groups, profiles, strict=True)]
            result += weight * _shared(np.stack(own), np.array(self.groups), units)
        return result

    def interim_quantities(self, environment: Environment) -> tuple[FloatArray, ...]:
        """Return chances of winning, by binomials: the same for all agents of a group."""
        units, number = self._units(environment), max(self.groups) + 1
        counts = [self.groups.count(g) for g in range(number)]
        masses = [environment.masses[self.groups.index(g)] for g in range(number)]
        total = [np.zeros(mass.size) for mass in masses]
        for weight, values in zip(self.weights, self.values, strict=True):
            chances = chances_of_groups(values, masses, counts, units)
            total = [own + weight * chance for own, chance in zip(total, chances, strict=True)]
        return tuple(total[g] for g in self.groups)

    def _units(self, environment: Environment) -> int:
        """Return how many units there are; raise InvalidInputError if the rule does not fit."""
        units, masses = environment.outcomes.equal_units, environment.masses
        fits = (
            units is not None
            and environment.independent
            and len(self.groups) == len(masses)
            and set(self.groups) == set(range(max(self.groups) + 1))
        )
        firsts = [self.groups.index(g) for g in range(max(self.groups) + 1)] if fits else []
        fits = fits and all(
            mass is masses[firsts[g]] or np.array_equal(mass, masses[firsts[g]])
            for g, mass in zip(self.groups, masses, strict=True)
        )
        sizes = [masses[first].size for first in firsts]
        fits = fits and all(
            [own.size for own in component] == sizes and all(map(_is_finite, component))
            for component in self.values
        )
        if not fits:
            raise InvalidInputError(
                "the allocation does not fit the environment",
                where="allocation",
                expected="agents who compete for equal units, alike in each group, and a finite "
                "value for each type of each group",
                got=f"values for {len(self.groups)} agents in {max(self.groups) + 1} groups",
                remedy="Use the environment that the rule is for.",
            )
        assert units is not None
        return units


def _is_finite(values: FloatArray) -> bool:
    return bool(np.isfinite(values).all())


def _shared(values: FloatArray, groups: IndexArray, units: int) -> FloatArray:
    """Return who wins how likely, by agent and profile, where values are given likewise."""
    positive = values > 0.0
    if units >= len(values):
        return positive.astype(np.float64)
    own = np.broadcast_to(groups[:, None], values.shape)
    # The last that may win, and how much is left for those who are as far ahead.
    last = np.lexsort((own, -values), axis=0)[units - 1][None]
    value, group = np.take_along_axis(values, last, 0), np.take_along_axis(own, last, 0)
    level = values == value
    ahead, equal = (values > value) | (level & (own < group)), level & (own == group)
    left = (units - ahead.sum(axis=0)) / equal.sum(axis=0)
    return np.where(positive, ahead + equal * left, 0.0)


def chances_of_groups(
    values: Sequence[FloatArray],
    masses: Sequence[FloatArray],
    counts: Sequence[int],
    units: int,
) -> list[FloatArray]:
    """Return how likely each type of each group wins a unit under a rule with these values.

    Types in the order in which they are served win what those up to them win together, less what
    those before them do; types of one level of a group share it evenly.

    Parameters
    ----------
    values, masses
        For each group the values and the probabilities of its types.
    counts
        How many agents there are in each group.
    units
        How many units there are.

    Examples
    --------
    >>> half = np.array([0.5, 0.5])
    >>> chances_of_groups([np.array([0.0, 1.0]), np.array([2.0, 3.0])], [half, half], [2, 1], 1)
    [array([0., 0.]), array([1., 1.])]
    >>> chances_of_groups([np.array([1.0, 3.0])], [half], [2], 1)
    [array([0.25, 0.75])]
    """
    levels = [np.unique(own[own > 0.0]) for own in values]
    places = [np.searchsorted(level, own) for level, own in zip(levels, values, strict=True)]
    level_mass = [
        np.bincount(place[own > 0.0], weights=mass[own > 0.0], minlength=level.size)
        for place, own, mass, level in zip(places, values, masses, levels, strict=True)
    ]
    group = np.repeat(np.arange(len(levels)), [level.size for level in levels])
    order = np.lexsort((group, -np.concatenate(levels)))
    served, own_mass = group[order], np.concatenate(level_mass)[order]
    reach = []
    for g, own in enumerate(values):
        steps = np.minimum(np.cumsum(np.where(served == g, own_mass, 0.0)), 1.0)
        # Floats that sum to one are one only up to rounding.
        if (own > 0.0).all():
            steps[np.cumsum(served == g) == levels[g].size] = 1.0
        reach.append(steps)
    if not order.size:
        return [np.zeros(own.size) for own in values]
    expected = np.array(counts)[served] * own_mass
    found = np.diff(most_won(counts, reach, units), prepend=0.0) / expected
    for g in range(len(counts)):
        rare = np.flatnonzero((served == g) & ((expected < RARE) | (counts[g] == 1)))
        level = own_mass[rare]
        ahead = [own[rare] - level * (h == g) for h, own in enumerate(reach)]
        found[rare] = chance_at_level(counts, ahead, g, level, units)
    chance = np.empty(order.size)
    chance[order] = np.clip(found, 0.0, 1.0)
    of_levels = np.split(chance, np.cumsum([level.size for level in levels])[:-1])
    return [
        np.where(own > 0.0, np.append(part, 0.0)[place], 0.0)
        for part, place, own in zip(of_levels, places, values, strict=True)
    ]


def even_rule(environment: Environment, quantity: FloatArray) -> EvenRule:
    """Return a rule whose chances of winning are given ones, up to a solver's residuals.

    Parameters
    ----------
    environment
        Identical agents who compete for equal units.
    quantity : array of shape (num_types,)
        How likely each type wins: never falling, and within Border's inequalities, up to 1e-9.

    Notes
    -----
    What the highest types win together is a concave function S of their probability, below B of
    Border's inequalities. The rule that ranks types by the runs in which S is straight, and shuts
    out those that add nothing to it, reaches B at the ends of the runs. As much of it as the
    bends of S allow is taken off S, which straightens one of them; and so on. Source: theory.md,
    section 6.1.

    Examples
    --------
    >>> from mechopt import Auction, TypeSpace
    >>> auction = Auction(TypeSpace.finite([1, 2]), count=2)
    >>> rule = even_rule(auction, np.array([0.125, 0.75]))
    >>> rule.weights, rule.values, rule.interim_quantities(auction)[0]
    ((0.5, 0.5), ((array([1., 2.]),), (array([0., 1.]),)), array([0.125, 0.75 ]))
    """
    mass, number = environment.masses[0], len(environment.agents)
    units = environment.outcomes.equal_units
    assert units is not None
    top = mass[::-1]
    reach = np.concatenate([[0.0], np.cumsum(top)])
    most = np.concatenate([[0.0], won_by_highest(mass, number, units)[::-1]])
    won = np.concatenate([[0.0], np.cumsum(number * top * np.clip(quantity[::-1], 0.0, 1.0))])
    won = np.where(most - won <= RESIDUAL, most, won)
    ends = _bends(reach, won, won >= most)
    left, height = 1.0, won[ends]
    values, weights = [], []
    while ends.size > 1 and left > LEAST_WEIGHT:
        full = most[ends]
        bends, straight = _turns(reach[ends], height), _turns(reach[ends], full)
        ratios = np.full(bends.size, np.inf)
        np.divide(bends, straight, out=ratios, where=straight > 0.0)
        share = min(max(float(ratios.min()), 0.0), left)
        if share > 0.0:
            values.append(_ranks(ends, mass.size))
            weights.append(share)
        left -= share
        height = height - share * full
        kept = np.append(True, ratios > ratios.min())
        ends, height = ends[kept], height[kept]
    if left > LEAST_WEIGHT or not values:
        values.append(np.zeros(mass.size))
        weights.append(left)
    weights[0] += 1.0 - sum(weights)
    return EvenRule(tuple((own,) for own in values), tuple(weights), (0,) * number)


def _bends(reach: FloatArray, won: FloatArray, binding: npt.NDArray[np.bool_]) -> IndexArray:
    """Return where the least concave function above some points bends, and where it ends to rise.

    Bends that lift it by a residual alone are left out, unless the points there are binding.
    """
    ends: list[int] = [0]
    for k in range(1, won.size):
        while len(ends) > 1:
            before, last = ends[-2], ends[-1]
            share = (reach[last] - reach[before]) / (reach[k] - reach[before])
            above = won[last] - won[before] - share * (won[k] - won[before])
            if above > (0.0 if binding[last] else RESIDUAL):
                break
            ends.pop()
        ends.append(k)
    while len(ends) > 1 and won[ends[-1]] - won[ends[-2]] <= RESIDUAL:
        ends.pop()
    return np.array(ends, dtype=np.intp)


def _turns(reach: FloatArray, height: FloatArray) -> FloatArray:
    """Return by how much slopes fall after each end of a run, the last one to zero."""
    slopes = np.diff(height) / np.diff(reach)
    return np.asarray(slopes - np.append(slopes[1:], 0.0))


def _ranks(ends: IndexArray, size: int) -> FloatArray:
    """Return ranks of types by run, from the highest on; zero beyond the last run."""
    ranks = np.zeros(size)
    for run, (start, stop) in enumerate(pairwise(ends.tolist())):
        ranks[start:stop] = len(ends) - 1 - run
    return ranks[::-1]
