"""Ex post efficient outcomes, with ties decided on the exact values that types stand for.

A gain may be zero in decimals and above zero in floats, such as that of 0.1 + 0.2 at a cost of 0.3.
Whether there is trade at such a tie moves rents, and with them budgets, by more than rounding. So
types and costs are multiplied by their common denominator first: floats compute with whole numbers
without rounding. What has too many digits for that is compared in floats, and where those are
nearly equal once more in Python's integers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from numbers import Rational
from typing import Any

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, IndexArray, sealed
from mechopt._util.rationals import FractionArray, fraction_array
from mechopt.environments.outcomes import Outcomes
from mechopt.environments.valued import Valued, at_profiles, on_grid, worth_of_types
from mechopt.errors import InvalidInputError, TooLargeError, UnsupportedProblemError
from mechopt.types.exact import WholeNumbers
from mechopt.types.prior import MOST_AXES

# Sums of whole numbers up to this are exact in floats, with room for margins that outcomes add.
LARGEST_SUM = 1e12
# Net quantities and corners that are multiples of this leave sums exact.
STEP = 2.0**-8
# Up to this many profiles, near ties of numbers with many digits are looked for.
MOST_COMPARED = 250_000
MOST_WORTH = 5_000_000
EPS = float(np.finfo(np.float64).eps)


class EfficientChoice:
    """The efficient outcomes of an environment: of a grid of types, of profiles, on average.

    Where types are not known in fractions, such as cells of a normal distribution, floats decide,
    and so they do between numbers of many digits in more than 250,000 profiles.

    Parameters
    ----------
    environment
        Agents and outcomes, not the environment that keeps this.
    """

    def __init__(self, environment: Valued) -> None:
        self._environment = environment
        self._outcomes: Outcomes = environment.outcomes
        self._sizes = [agent.types.num_cells for agent in environment.agents]
        self._size = math.prod(self._sizes)
        self._are_few = self._size <= MOST_COMPARED and len(self._sizes) <= MOST_AXES

    def on_grid(self, types: Sequence[IndexArray]) -> FloatArray:
        """Return the outcomes of all profiles of the given types."""
        if self._units is not None:
            outcomes, values = self._units
            return outcomes.allocate([v[cells] for v, cells in zip(values, types, strict=True)])
        if self._whole is not None:
            return self._outcomes.best(_total(*self._whole_worth, types, self._sizes))
        return self._settled(types)[0]

    def at(self, profiles: Sequence[IndexArray]) -> FloatArray:
        """Return the outcomes of single profiles, (num_variables, num_profiles)."""
        if self._whole is None and self._are_few:
            every = [np.arange(agent.types.num_cells) for agent in self._environment.agents]
            place: tuple[Any, ...] = (slice(None), *profiles)
            return np.asarray(self.on_grid(every)[place], dtype=np.float64)
        whole = self._whole_worth if self._whole is not None else None
        worth, cost = whole or (self._environment.worth, self._outcomes.cost)
        total = -cost[:, None]
        for i, own in enumerate(worth):
            total = total + at_profiles(i, own, profiles, self._sizes).T
        return self._outcomes.best(np.asarray(total, dtype=np.float64))

    @cached_property
    def quantities(self) -> tuple[FloatArray, ...] | None:
        """Interim net quantities of independent agents; None where only an average tells them."""
        environment = self._environment
        if not environment.has_net_quantities:
            return None
        masses = [agent.types.mass for agent in environment.agents]
        if self._units is not None:
            outcomes, values = self._units
            return tuple(map(sealed, outcomes.interim_best(values, masses)))
        if self._are_few and not self._floats_decide:
            every = [np.arange(mass.size) for mass in masses]
            if self._whole is not None or (self._settles_ties and self._settled(every)[1]):
                return None
        means = [agent.types.mean for agent in environment.agents]
        return tuple(map(sealed, self._outcomes.interim_best(means, masses)))

    @cached_property
    def _floats_decide(self) -> bool:
        """Whether floats are compared as they are, and in the order of what they stand for."""
        decimals = all(agent.types.means_are_decimals for agent in self._environment.agents)
        ordered = decimals and self._environment.has_net_quantities
        return ordered and self._outcomes.compares_as_given

    @cached_property
    def _known(self) -> tuple[WholeNumbers, ...] | None:
        """Types, or what outcomes are worth to them, over one denominator for each agent."""
        if self._outcomes.curves or self._floats_decide or self._costs is None:
            return None
        means = [agent.types.whole_means() for agent in self._environment.agents]
        known = [each for each in means if each is not None]
        if len(known) < len(means):
            return None
        found = []
        for i, own in enumerate(known):
            has_quantity = self._environment.has_net_quantity(i)
            numbers = own if has_quantity else self._worth_of(i, known)
            if numbers is None:
                return None
            found.append(numbers)
        return tuple(found)

    def _worth_of(self, i: int, means: Sequence[WholeNumbers]) -> WholeNumbers | None:
        """Return what a unit of each variable is worth to an agent's types."""
        types = [each.fractions() for each in means]
        worth = np.asarray(worth_of_types(self._outcomes, i, types), dtype=object)
        exact = all(isinstance(value, Rational) for value in worth.ravel())
        fractions = fraction_array(map(Fraction, worth.ravel())) if exact else None
        return None if fractions is None else WholeNumbers.of(fractions.reshape(worth.shape))

    @cached_property
    def _costs(self) -> FractionArray | None:
        """What a unit of each variable costs, in fractions; None where it is not known."""
        if type(self._outcomes).in_fractions is Outcomes.in_fractions:
            return self._outcomes.exact_cost
        try:
            return self._outcomes.in_fractions().cost
        except (InvalidInputError, TooLargeError, UnsupportedProblemError):
            return None

    @cached_property
    def _denominator(self) -> int:
        assert self._known is not None
        assert self._costs is not None
        costs = [cost.denominator for cost in self._costs]
        return math.lcm(*costs, *(known.denominator for known in self._known))

    @cached_property
    def _whole(self) -> tuple[tuple[FloatArray, ...], FloatArray] | None:
        """What is known, and costs, as whole numbers; None unless floats add them exactly."""
        if self._known is None or self._costs is None or not self._has_short_steps:
            return None
        outcomes, denominator = self._outcomes, self._denominator
        reach = np.maximum(np.abs(outcomes.lower), np.abs(outcomes.upper))
        costs = [int(cost * denominator) for cost in self._costs]
        size = sum(abs(cost) for cost in costs) * math.ceil(reach.max())
        net = np.abs(outcomes.net_quantity) @ reach
        for i, known in enumerate(self._known):
            most = net[i] if self._environment.has_net_quantity(i) else reach.sum()
            factor = denominator // known.denominator
            size += (
                factor * max(int(known.values.max()), -int(known.values.min())) * math.ceil(most)
            )
        if size > LARGEST_SUM:
            return None
        values = []
        for known in self._known:
            own = np.asarray(known.values, dtype=np.float64)
            factor = denominator // known.denominator
            values.append(own if factor == 1 else own * float(factor))
        return tuple(values), np.array(costs, dtype=np.float64)

    @cached_property
    def _has_short_steps(self) -> bool:
        """Whether sums of whole numbers, weighted as outcomes weigh them, stay exact."""
        outcomes = self._outcomes
        parts = [outcomes.net_quantity]
        if type(outcomes).best is Outcomes.best:
            try:
                parts.append(outcomes.vertices)
            except (TooLargeError, UnsupportedProblemError):
                return False
        return all(bool((part / STEP % 1.0 == 0.0).all()) for part in parts)

    @cached_property
    def _units(self) -> tuple[Outcomes, tuple[FloatArray, ...]] | None:
        """The outcomes and the types in the unit of money in which all are whole numbers.

        None where the outcomes' own costs do not become the whole numbers that they stand for.
        """
        if self._whole is None or not self._environment.has_net_quantities:
            return None
        values, costs = self._whole
        if not costs.any():
            return self._outcomes, values
        try:
            scaled = self._outcomes.scaled(float(self._denominator))
        except UnsupportedProblemError:
            return None
        return (scaled, values) if np.array_equal(scaled.cost, costs) else None

    @cached_property
    def _whole_worth(self) -> tuple[Sequence[FloatArray], FloatArray]:
        """What a unit of each variable is worth to each type, and costs, as whole numbers."""
        assert self._whole is not None
        values, costs = self._whole
        worth = [
            own[:, None, None] * self._outcomes.net_quantity[i]
            if self._environment.has_net_quantity(i)
            else own
            for i, own in enumerate(values)
        ]
        return worth, costs

    @cached_property
    def _by_corner(self) -> tuple[Sequence[npt.NDArray[Any]], npt.NDArray[Any]] | None:
        """What each corner is worth to each type, and costs, in Python's integers or fractions."""
        if self._known is None:
            return None
        try:
            numbers = self._outcomes.in_fractions()
        except (InvalidInputError, TooLargeError, UnsupportedProblemError):
            return None
        corners, worth = numbers.vertices.T, []
        for i, known in enumerate(self._known):
            own = known.over(self._denominator)
            if self._environment.has_net_quantity(i):
                worth.append(own[:, None, None] * (numbers.net_quantity[i] @ corners))
            else:
                worth.append(own @ corners)
        return worth, numbers.cost @ corners * self._denominator

    @cached_property
    def _settles_ties(self) -> bool:
        """Whether near ties of floats are looked for and decided exactly."""
        if self._size > MOST_COMPARED or self._floats_decide or self._by_corner is None:
            return False
        return self._size * len(self._by_corner[1]) <= MOST_WORTH

    def _settled(self, types: Sequence[IndexArray]) -> tuple[FloatArray, bool]:
        """Return the outcomes by floats, near ties decided exactly, and whether there were any."""
        environment, outcomes = self._environment, self._outcomes
        if environment.has_net_quantities:
            pairs = zip(environment.agents, types, strict=True)
            chosen = outcomes.allocate([agent.types.mean[cells] for agent, cells in pairs])
        else:
            chosen = outcomes.best(_total(environment.worth, outcomes.cost, types, self._sizes))
        if not self._settles_ties:
            return chosen, False
        assert self._by_corner is not None
        worth, costs = self._by_corner
        near = self._near_ties(types)
        if not near[0].size:
            return chosen, False
        totals = -costs[None, :]
        profiles = [cells[positions] for cells, positions in zip(types, near, strict=True)]
        for i, own in enumerate(worth):
            totals = totals + at_profiles(i, own, profiles, self._sizes)
        best, choice = totals[:, 0], np.zeros(len(totals), dtype=np.intp)
        for corner in range(1, len(costs)):
            better = (totals[:, corner] > best).astype(bool)
            best = np.where(better, totals[:, corner], best)
            choice[better] = corner
        settled = chosen.copy()
        place: tuple[Any, ...] = (slice(None), *near)
        settled[place] = outcomes.vertices[choice].T
        return settled, True

    def _near_ties(self, types: Sequence[IndexArray]) -> tuple[IndexArray, ...]:
        """Return the profiles in which rounding may decide between two corners."""
        environment, outcomes = self._environment, self._outcomes
        weights = _total(environment.worth, outcomes.cost, types, self._sizes)
        reach = np.maximum(np.abs(outcomes.lower), np.abs(outcomes.upper))
        size = float(np.abs(outcomes.cost) @ reach)
        size += sum(float((np.abs(worth) @ reach).max()) for worth in environment.worth)
        margin = 16.0 * EPS * (len(types) + len(reach)) * size
        totals = [np.tensordot(corner, weights, 1) for corner in outcomes.vertices]
        least = np.maximum.reduce(totals) - margin
        count = np.add.reduce([total >= least for total in totals], dtype=np.intp)
        return np.nonzero(count > 1)


def _total(
    worth: Sequence[FloatArray],
    cost: FloatArray,
    types: Sequence[IndexArray],
    sizes: Sequence[int],
) -> FloatArray:
    """Return what a unit of each variable is worth to all agents together, less its cost."""
    total = -cost.reshape(-1, *(1,) * len(types))
    for i, own in enumerate(worth):
        total = total + on_grid(i, own, types, sizes)
    return np.asarray(total, dtype=np.float64)
