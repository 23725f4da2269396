"""Sets of priors that linear conditions describe, and the least expectation under any of them.

A prior p over the profiles is in the set if there are slacks s >= 0 with A p + B s = b. What
mechanisms and bounds need of the set follows from these conditions alone.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from mechopt._util.arrays import FloatArray, sealed
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError
from mechopt.problem.linear import Entries, NumberArray
from mechopt.problem.objectives.exact_vertex import exact_vertex

EPS = float(np.finfo(np.float64).eps)
# A prior of the set in its middle gives every profile, and every slack, at least this.
LEAST_INSIDE = 1e-9
CORRECTIONS = 3
# A prior that misses a condition by so much, beside its largest number, counts as one of the set.
WITHIN = 1e-9
# Equations of the set may be missed by so much, beside their largest number.
MISSED = 1e-12
# So many sets are kept as matrices.
KEPT = 16


@dataclass(frozen=True, eq=False)
class Condition:
    """A linear condition on priors and slacks, or one for every profile.

    Parameters
    ----------
    name
        An identifier.
    prior : array over the profiles, in row-major order
        What the probability of each profile is multiplied by.
    slack
        The matrix that multiplies each slack: a row for the condition or for each profile, a column
        for each number of the slack.
    target
        What all that sums to: a number, or one for every profile.
    by_profile
        Whether there is one for every profile.
    """

    name: str
    prior: NumberArray
    slack: Mapping[str, Entries]
    target: Any
    by_profile: bool = False


class Least(NamedTuple):
    """The least expectation: under a prior of the set, and by how much it may be too high."""

    value: float
    rounding: float
    prior: FloatArray


class PriorSet(ABC):
    """Priors over the profiles of an environment, described by linear conditions."""

    @property
    @abstractmethod
    def in_words(self) -> str:
        """What the priors of the set have in common."""

    @abstractmethod
    def slacks(self, shape: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
        """Return the shape of each slack by its name."""

    @abstractmethod
    def conditions(self, shape: tuple[int, ...], *, exact: bool) -> tuple[Condition, ...]:
        """Return the conditions in floats or in fractions, one of which is that they sum to one."""

    @abstractmethod
    def slacks_of(self, prior: FloatArray) -> dict[str, FloatArray]:
        """Return the slacks that a prior of the set leaves."""

    @abstractmethod
    def require_fits(self, environment: Environment) -> None:
        """Raise InvalidInputError unless the set is one of priors over these profiles."""

    def least(self, values: FloatArray) -> Least:
        """Return the least expectation of an array over the profiles.

        Multipliers of the conditions prove that no prior of the set has a lower one.
        """
        from scipy.optimize import linprog

        matrix, target = _standard(self, values.shape)
        size = float(np.abs(values).max()) or 1.0
        flat = values.ravel()
        cost = np.zeros(matrix.shape[1])
        cost[: flat.size] = flat / size
        found = linprog(cost, A_eq=matrix, b_eq=target, method="highs")
        start = _middle(self, values.shape) if found.x is None else found.x
        prior = self._restored(np.maximum(start, 0.0), values.shape)
        value = float((prior * values).sum())
        proved = -np.inf
        if found.x is not None:
            proved = size * self.proved(matrix, target, cost, found.eqlin.marginals, flat.size)
        rounding = 8.0 * EPS * float((prior * np.abs(values)).sum())
        return Least(value, max(value - proved, 0.0) + rounding, prior)

    def contains(self, prior: FloatArray) -> bool:
        """Return whether a prior meets the conditions, up to rounding."""
        matrix, target = _standard(self, prior.shape)
        parts = self.slacks_of(prior)
        slacks = [parts[name].ravel() for name in self.slacks(prior.shape)]
        point = np.concatenate([prior.ravel(), *slacks])
        missed = max(float(np.abs(matrix @ point - target).max()), -float(point.min()))
        return missed <= WITHIN * (1.0 + float(np.abs(target).max()))

    def member(self, prior: FloatArray) -> FloatArray:
        """Return a prior of the set near an array of any numbers, which is moved where it is not.

        Equations are restored by least squares; what is below zero then is lifted by mixing with a
        prior in the middle of the set.
        """
        kept = np.maximum(prior, 0.0)
        if not kept.any():
            return np.asarray(_middle(self, prior.shape)[: prior.size].reshape(prior.shape))
        kept = kept / kept.sum()
        parts = self.slacks_of(kept)
        slacks = [parts[name].ravel() for name in self.slacks(prior.shape)]
        return self._restored(np.concatenate([kept.ravel(), *slacks]), prior.shape)

    def _restored(self, found: FloatArray, shape: tuple[int, ...]) -> FloatArray:
        """Return the prior of a point near the set that is moved into it."""
        from scipy.sparse.linalg import lsqr

        middle = _middle(self, shape)
        matrix, target = _standard(self, shape)
        for _ in range(CORRECTIONS):
            left = target - matrix @ found
            if np.abs(left).max() > 2.0 * EPS:
                found = found + lsqr(matrix, left, atol=1e-15, btol=1e-15)[0]
            below = found < 0.0
            if below.any():
                share = float((-found[below] / (middle[below] - found[below])).max())
                found = np.maximum((1.0 - share) * found + share * middle, 0.0)
        # Where least squares did not get there, the middle is the member that is known.
        scale = 1.0 + np.abs(target).max(initial=0.0)
        if not np.abs(target - matrix @ found).max(initial=0.0) <= MISSED * scale:
            found = middle
        return np.asarray(found[: math.prod(shape)].reshape(shape))

    def proved(
        self,
        matrix: Any,
        target: FloatArray,
        cost: FloatArray,
        multipliers: FloatArray,
        num_profiles: int,
    ) -> float:
        """Return the lower bound on the least expectation that any multipliers prove."""
        excess = np.maximum(matrix.T @ multipliers - cost, 0.0)
        prior, slack = excess[:num_profiles], excess[num_profiles:]
        # Probabilities sum to one, and so much is the most that a slack can be.
        most = self._most_slack()
        rounding = 16.0 * EPS * float(np.abs(target) @ np.abs(multipliers))
        proved = float(target @ multipliers) - float(prior.max()) - float(slack.sum()) * most
        return proved - rounding

    @abstractmethod
    def _most_slack(self) -> float:
        """Return a number that no slack of a prior in the set exceeds."""

    def middle(self, shape: tuple[int, ...]) -> FloatArray:
        """Return a prior of the set and its slacks, all above zero.

        Raises
        ------
        InvalidInputError
            If there is none, or it cannot be told.
        """
        return largest_least(self, *_standard(self, shape), shape)

    def require_inside(self, shape: tuple[int, ...]) -> None:
        """Raise InvalidInputError unless a prior of the set gives every profile a probability."""
        _middle(self, shape)


def same(weight: Any, size: int) -> Entries:
    """Return the matrix that multiplies each of so many numbers by a weight."""
    index = np.arange(size)
    return Entries(index, index, np.full(size, weight), (size, size))


def summed(weights: NumberArray) -> Entries:
    """Return the matrix of one row that adds numbers up with these weights."""
    size = len(weights)
    return Entries(np.zeros(size, dtype=np.intp), np.arange(size), weights, (1, size))


@lru_cache(maxsize=KEPT)
def _standard(priors: PriorSet, shape: tuple[int, ...]) -> tuple[Any, FloatArray]:
    """Return the conditions' matrix, over profiles and then slacks, and their targets."""
    from scipy import sparse

    size = math.prod(shape)
    rows, targets = [], []
    for condition in priors.conditions(shape, exact=False):
        prior = condition.prior
        parts: list[Any] = [sparse.diags_array(prior) if condition.by_profile else prior[None, :]]
        height = size if condition.by_profile else 1
        for name, own in priors.slacks(shape).items():
            part = condition.slack.get(name)
            if part is None:
                parts.append(sparse.coo_array((height, math.prod(own))))
            else:
                where = part.row, part.column
                parts.append(sparse.coo_array((part.value, where), shape=part.shape))
        rows.append(sparse.hstack([sparse.coo_array(part) for part in parts]))
        targets.append(np.broadcast_to(condition.target, (height,)))
    return sparse.csr_array(sparse.vstack(rows)), np.concatenate(targets).astype(np.float64)


@lru_cache(maxsize=KEPT)
def _middle(priors: PriorSet, shape: tuple[int, ...]) -> FloatArray:
    return sealed(priors.middle(shape))


def largest_least(
    priors: PriorSet, matrix: Any, target: FloatArray, shape: tuple[int, ...]
) -> FloatArray:
    """Return the prior of a set, and its slacks, whose smallest number is the largest.

    Raises
    ------
    InvalidInputError
        If none has numbers above zero, or it cannot be told.
    """
    from scipy import sparse
    from scipy.optimize import linprog
    from scipy.sparse.linalg import lsqr

    # Everything is the smallest of them and something beside.
    columns = sparse.hstack([matrix, sparse.coo_array(matrix.sum(axis=1)[:, None])])
    cost = np.zeros(columns.shape[1])
    cost[-1] = -1.0
    found = linprog(cost, A_eq=columns, b_eq=target, method="highs")
    if found.x is not None and found.x[-1] >= LEAST_INSIDE:
        inside = np.asarray(found.x)[:-1] + found.x[-1]
        inside += lsqr(matrix, target - matrix @ inside, atol=1e-15, btol=1e-15)[0]
        scale = 1.0 + np.abs(target).max(initial=0.0)
        if inside.min() > 0.0 and np.abs(target - matrix @ inside).max() <= MISSED * scale:
            return np.asarray(inside)
    # Too small for a solver's tolerances: fractions decide, or multipliers that leave no doubt.
    got = "not decided by fractions of the solver's last basis"
    if found.x is not None:
        exact = exact_vertex(*_in_fractions(priors, shape), np.asarray(found.x))
        if exact is not None and exact[-1] > 0:
            return np.array([float(each + exact[-1]) for each in exact[:-1]])
        got = "0 at most for the rarest" if exact is not None else got
    if _is_empty(priors, matrix, target, shape):
        got = "none, as multipliers of the conditions prove"
    raise InvalidInputError(
        "no prior of the set is known to give every profile a positive probability"
        if got.startswith("not")
        else "no prior of the set gives every profile a positive probability",
        where="priors",
        expected=f"conditions that leave room for one of {priors.in_words}",
        got=got,
        remedy="Correct the conditions, widen ranges, or leave out types that never occur.",
    )


def _is_empty(priors: PriorSet, matrix: Any, target: FloatArray, shape: tuple[int, ...]) -> bool:
    """Return whether multipliers prove that no prior meets the conditions."""
    from scipy import sparse
    from scipy.optimize import linprog

    height, width = matrix.shape
    # Multipliers are those of the least sum by which conditions are missed.
    missed = sparse.hstack([matrix, sparse.eye_array(height), -sparse.eye_array(height)])
    cost = np.concatenate([np.zeros(width), np.ones(2 * height)])
    found = linprog(cost, A_eq=missed, b_eq=target, method="highs")
    if found.x is None:
        return False
    nothing = np.zeros(width)
    return priors.proved(matrix, target, nothing, found.eqlin.marginals, math.prod(shape)) > 0.0


def _in_fractions(
    priors: PriorSet, shape: tuple[int, ...]
) -> tuple[list[dict[int, Fraction]], list[Fraction]]:
    """Return the columns of the conditions, their sum as the last one, and their targets."""
    size = math.prod(shape)
    starts, width = {}, size
    for name, own in priors.slacks(shape).items():
        starts[name] = width
        width += math.prod(own)
    columns: list[dict[int, Fraction]] = [{} for _ in range(width + 1)]
    targets: list[Fraction] = []
    for condition in priors.conditions(shape, exact=True):
        top, every = len(targets), condition.by_profile
        for place, value in enumerate(condition.prior.tolist()):
            columns[place][top + place if every else top] = value
        for name, part in condition.slack.items():
            for row, column, value in zip(part.row, part.column, part.value, strict=True):
                columns[starts[name] + int(column)][top + int(row)] = value
        targets += condition.target.tolist() if every else [condition.target]
    for column in columns[:-1]:
        for row, value in column.items():
            columns[-1][row] = columns[-1].get(row, Fraction(0)) + value
    return columns, targets
