"""Priors within a Wasserstein distance of a given one: far moves of probability cost more."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray, IndexArray
from mechopt._util.rationals import as_fraction
from mechopt._util.registry import saved_as
from mechopt.environments import Environment
from mechopt.errors import require
from mechopt.problem.linear import Entries, NumberArray
from mechopt.problem.objectives.moments import (
    exact_means,
    no_set,
    number,
    sequence,
    texts_of,
    total,
)
from mechopt.problem.objectives.prior_sets import Condition, PriorSet, same, summed
from mechopt.problem.objectives.priors import stated_prior
from mechopt.types import TypeTable
from mechopt.types.prior import Joint, own_first


@saved_as("mechopt.Wasserstein")
@dataclass(frozen=True)
class Wasserstein(PriorSet):
    """Priors that become another one by moving probability over a distance on average.

    The distance of two profiles is the sum over agents of how far their types differ: numbers by
    their difference, rows of values by the sum of differences. One prior is within a distance of
    another if probability can be moved from profile to profile so that the average of how far it
    moves is not above it (the Wasserstein distance of order 1).

    Parameters
    ----------
    prior
        The middle of the ball, such as the shares of a sample; it may give types no probability.
    distance
        Above 0, in the unit of types.
    places
        For each agent the places of its types: numbers, or a row of numbers for each type.

    Raises
    ------
    InvalidInputError
        For other distances and places; in a problem with other numbers of types.

    Notes
    -----
    Source: theory.md, section 5.1; Mohajerin Esfahani and Kuhn (2018),
    doi:10.1007/s10107-017-1172-1.

    Examples
    --------
    >>> from mechopt import Joint
    >>> ball = Wasserstein(Joint([["1/2", 0], [0, "1/2"]]), "1/10", [[0, 1], [0, 2]])
    >>> ball.distance, ball.places
    ('1/10', ((('0',), ('1',)), (('0',), ('2',))))
    """

    prior: Joint
    distance: str
    places: tuple[tuple[tuple[str, ...], ...], ...]

    def __post_init__(self) -> None:
        require(self.prior, Joint, where="prior", remedy="Pass Joint([[0.5, 0], [0, 0.5]]), say.")
        (distance,) = texts_of("distance", [self.distance])
        if as_fraction(distance) <= 0:
            raise no_set("distance", "a number above 0", distance)
        object.__setattr__(self, "distance", distance)
        places = tuple(
            tuple(texts_of("places", _row(each)) for each in sequence("places", own))
            for own in sequence("places", self.places)
        )
        shape = self.prior.shape
        if tuple(map(len, places)) != shape or any(len(set(map(len, own))) != 1 for own in places):
            raise no_set("places", f"{' and '.join(map(str, shape))} places of equal size",
                         " and ".join(str(len(own)) for own in places))  # fmt: skip
        object.__setattr__(self, "places", places)

    @property
    def in_words(self) -> str:
        """How far probability may move."""
        return f"priors whose Wasserstein distance from a given one is at most {self.distance}"

    def slacks(self, shape: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
        """Return how much probability takes each step, and what of the distance is left."""
        size = int(np.prod(shape))
        moves = {
            f"moved_{i + 1}": (len(steps), size // shape[i])
            for i, steps in enumerate(self._steps)
            if steps
        }
        return {**moves, "left": (1,)}

    def conditions(self, shape: tuple[int, ...], *, exact: bool) -> tuple[Condition, ...]:
        """Return where probability goes, and that moving it costs no more than the distance."""
        size = int(np.prod(shape))
        one: Any = Fraction(1) if exact else 1.0
        middle = self.prior.in_fractions() if exact else self.prior.density()
        moved, costs = {}, {"left": same(one, 1)}
        for i, steps in enumerate(self._steps):
            if not steps:
                continue
            start, end, length = self._moves(i, shape, exact=exact)
            columns = np.arange(start.size)
            moved[f"moved_{i + 1}"] = Entries(
                np.concatenate([start, end]),
                np.concatenate([columns, columns]),
                np.concatenate([np.full(start.size, one), np.full(end.size, -one)]),
                (size, start.size),
            )
            costs[f"moved_{i + 1}"] = summed(length)
        most = number(self.distance, exact=exact)
        return (
            total(shape, exact=exact),
            Condition("moved", np.full(size, one), moved, middle.ravel(), by_profile=True),
            Condition("distance", np.full(size, 0 * one), costs, most),
        )

    def slacks_of(self, prior: FloatArray) -> dict[str, FloatArray]:
        """Return the steps by which probability moves over the least distance."""
        moves, cost = self._moved(prior)
        found, start = {}, 0
        for name, own in self.slacks(prior.shape).items():
            if name != "left":
                size = own[0] * own[1]
                found[name] = moves[start : start + size]
                start += size
        left = float(as_fraction(self.distance)) - float(cost @ moves)
        return {**found, "left": np.array([left])}

    def middle(self, shape: tuple[int, ...]) -> FloatArray:
        """Return the middle of the ball, moved towards equal chances for all profiles."""
        distance = float(as_fraction(self.distance))
        even = np.full(shape, 1.0 / np.prod(shape))
        moves, cost = self._moved(even)
        reach = float(cost @ moves)
        share = 0.5 if reach <= 0.5 * distance else 0.25 * distance / reach
        # Every step has one back, so that as much on all of them moves nothing.
        moves = share * moves + 0.25 * distance / max(float(cost.sum()), distance)
        matrix = _flow(self, shape)
        inside = self.prior.density().ravel() - matrix @ moves
        return np.concatenate([inside, moves, [distance - float(cost @ moves)]])

    def require_fits(self, environment: Environment) -> None:
        """Raise InvalidInputError unless the prior is one of these types."""
        if self.prior.shape != environment.shape:
            raise no_set("prior", f"probabilities of shape {environment.shape}",
                         f"shape {self.prior.shape}")  # fmt: skip

    def _most_slack(self) -> float:
        # Over the shortest ways no step is taken by more than all probability.
        return max(1.0, float(as_fraction(self.distance)))

    def _moved(self, prior: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return how much takes each step on the shortest ways to a prior, and the steps' costs."""
        from scipy.optimize import linprog

        parts = [self._moves(i, prior.shape)[2] for i, own in enumerate(self._steps) if own]
        cost = np.concatenate([np.zeros(0), *parts])
        if not cost.size:
            return cost, cost
        away = (self.prior.density() - prior / prior.sum()).ravel()
        found = linprog(cost, A_eq=_flow(self, prior.shape), b_eq=away, method="highs")
        return (np.zeros(cost.size) if found.x is None else np.maximum(found.x, 0.0)), cost

    @property
    def _steps(self) -> tuple[tuple[tuple[int, int, Fraction], ...], ...]:
        """For each agent the steps between types that ways are made of, and their lengths."""
        return tuple(map(_steps_between, self.places))

    def _moves(
        self, i: int, shape: tuple[int, ...], *, exact: bool = False
    ) -> tuple[IndexArray, IndexArray, NumberArray]:
        """Return from which profile to which an agent's steps go, and how long they are."""
        steps = self._steps[i]
        profiles = own_first(i, np.arange(int(np.prod(shape))).reshape(shape))
        profiles = profiles.reshape(shape[i], -1)
        length = np.array([step[2] for step in steps], dtype=object)
        lengths = np.repeat(length if exact else length.astype(np.float64), profiles.shape[1])
        start = profiles[[step[0] for step in steps]].ravel()
        return start, profiles[[step[1] for step in steps]].ravel(), lengths


def _row(place: Any) -> Any:
    return [place] if isinstance(place, str) or not np.iterable(place) else place


@lru_cache(maxsize=16)
def _steps_between(places: tuple[tuple[str, ...], ...]) -> tuple[tuple[int, int, Fraction], ...]:
    """Return the steps, both ways, on which the shortest way between any two places goes."""
    exact = [tuple(map(as_fraction, place)) for place in places]
    order = sorted(range(len(exact)), key=exact.__getitem__)
    pairs = [(k, r) for a, k in enumerate(order) for r in order[a + 1 :]]
    if len(exact[0]) == 1:
        # On a line ways lead from neighbour to neighbour.
        pairs = list(pairwise(order))
    found = []
    for k, r in pairs:
        length = sum((abs(a - b) for a, b in zip(exact[k], exact[r], strict=True)), Fraction(0))
        found += [(k, r, length), (r, k, length)]
    return tuple(found)


@lru_cache(maxsize=16)
def _flow(ball: Wasserstein, shape: tuple[int, ...]) -> Any:
    """Return the matrix of what each step takes from the profiles."""
    from scipy import sparse

    moved = ball.conditions(shape, exact=False)[1].slack
    # Of a single profile there are no steps.
    parts = [sparse.coo_array((int(np.prod(shape)), 0))] + [
        sparse.coo_array((part.value, (part.row, part.column)), shape=part.shape)
        for part in moved.values()
    ]
    return sparse.csc_array(sparse.hstack(parts))


def wasserstein_ball(
    environment: Environment, distance: Any, prior: Joint | None = None
) -> Wasserstein:
    """Return the priors within a Wasserstein distance of one, measured in an environment's types.

    Parameters
    ----------
    environment
        Types that are words differ by one; numbers and rows of numbers as they are.
    distance
        Above 0, in the unit of types.
    prior
        The middle of the ball; the environment's own unless given.

    Raises
    ------
    InvalidInputError
        For another distance, and a prior over other types.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> trade = BilateralTrade(TypeSpace.finite([0, 1]), TypeSpace.finite([0, 2], ["1/4", "3/4"]))
    >>> wasserstein_ball(trade, 0.1).prior.in_fractions()[0, 1]
    Fraction(3, 8)
    """
    middle = stated_prior(environment) if prior is None else prior
    places: list[Any] = []
    for i, agent in enumerate(environment.agents):
        types, size = agent.types, environment.shape[i]
        if isinstance(types, TypeTable) and types.labels is not None:
            # Half a step away from what all have in common, each in a direction of its own.
            places.append([["1/2" if r == k else "0" for r in range(size)] for k in range(size)])
        else:
            places.append(exact_means(environment, i))
    return Wasserstein(middle, distance, places)  # type: ignore[arg-type]
