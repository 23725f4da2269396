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
from mechopt.environments.border import most_won, won_by_highest
from mechopt.errors import InvalidInputError
from mechopt.mechanism.allocation import Allocation

# What a solver leaves of zero, in units of the good.
RESIDUAL = 1e-9
# Components of a mixture that are less likely are left out.
LEAST_WEIGHT = 1e-12


@saved_as("mechopt.EvenRule")
@dataclass(frozen=True, eq=False)
class EvenRule(Allocation):
    """Of identical agents who compete for equal units, those with the largest values above 0 win.

    Where equal values compete for what is left, each is as likely to get it.

    Parameters
    ----------
    values
        For each component of the rule, the value of each type, whoever has it.
    weights
        Probability of each component.

    Raises
    ------
    InvalidInputError
        If the weights are no probabilities, or there is not one set of values for each.

    Notes
    -----
    Source: theory.md, section 6.1.

    Examples
    --------
    >>> from mechopt import Auction, TypeSpace
    >>> rule = EvenRule((np.array([0.0, 1.0]),), (1.0,))
    >>> rule.dense(Auction(TypeSpace.finite([0, 1]), count=2))[0]
    array([[0. , 0. ],
           [1. , 0.5]])
    """

    values: tuple[FloatArray, ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        values = tuple(frozen(array) for array in self.values)
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "weights", tuple(float(weight) for weight in self.weights))
        valid = all(w >= 0 for w in self.weights) and abs(sum(self.weights) - 1.0) <= 1e-12
        if len(self.weights) != len(values) or not valid:
            raise InvalidInputError(
                "not the weights of a mixture",
                where="weights",
                expected=f"{len(values)} probabilities that sum to 1",
                got=", ".join(f"{weight:g}" for weight in self.weights),
                remedy="Give one probability per component.",
            )

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
            result += weight * _shared(np.stack([values[cells] for cells in profiles]), units)
        return result

    def interim_quantities(self, environment: Environment) -> tuple[FloatArray, ...]:
        """Return chances of winning, by binomials: the same for all agents."""
        units, number = self._units(environment), len(environment.agents)
        mass = environment.masses[0]
        chance = np.zeros(mass.size)
        for weight, values in zip(self.weights, self.values, strict=True):
            chance += weight * _chances(values, mass, number, units)
        return (chance,) * number

    def _units(self, environment: Environment) -> int:
        """Return how many units there are; raise InvalidInputError if the rule does not fit."""
        units, masses = environment.outcomes.equal_units, environment.masses
        sizes = {values.size for values in self.values} | set(environment.shape)
        finite = all(bool(np.isfinite(values).all()) for values in self.values)
        alike = all(mass is masses[0] or np.array_equal(mass, masses[0]) for mass in masses)
        if units is None or len(sizes) != 1 or not (finite and alike and environment.independent):
            raise InvalidInputError(
                "the allocation does not fit the environment",
                where="allocation",
                expected="identical agents who compete for equal units, and a finite value for "
                "each of their types",
                got=f"values for {sorted(values.size for values in self.values)} types",
                remedy="Use the environment that the rule is for.",
            )
        return units


def _shared(values: FloatArray, units: int) -> FloatArray:
    """Return who wins how likely, by agent and profile, where values are given likewise."""
    positive = values > 0.0
    if units >= len(values):
        return positive.astype(np.float64)
    # The smallest value that may win, and how much is left for those who have it.
    last = np.partition(values, len(values) - units, axis=0)[len(values) - units]
    ahead, equal = values > last, values == last
    left = (units - ahead.sum(axis=0)) / equal.sum(axis=0)
    return np.where(positive, ahead + equal * left, 0.0)


def _chances(values: FloatArray, mass: FloatArray, number: int, units: int) -> FloatArray:
    """Return how likely each type wins: what its level wins, shared out evenly."""
    wins = values > 0.0
    levels, place = np.unique(values[wins], return_inverse=True)
    if not levels.size:
        return np.zeros(mass.size)
    own = np.bincount(place, weights=mass[wins])
    reach = np.minimum(np.cumsum(own[::-1])[::-1], 1.0)
    if wins.all():
        reach[0] = 1.0
    most = np.append(most_won([number], [reach], units), 0.0)
    chance = np.zeros(mass.size)
    chance[wins] = np.clip((most[:-1] - most[1:]) / (number * own), 0.0, 1.0)[place]
    return chance


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
    ((0.5, 0.5), (array([1., 2.]), array([0., 1.])), array([0.125, 0.75 ]))
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
    return EvenRule(tuple(values), tuple(weights))


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
