"""Sets of priors that linear conditions describe, and the least expectation under any of them.

A prior p over the profiles is in the set if there are slacks s >= 0 with A p + B s = b. What
mechanisms and bounds need of the set follows from these conditions alone.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from mechopt._util.arrays import FloatArray, sealed
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError
from mechopt.problem.linear import NumberArray

EPS = float(np.finfo(np.float64).eps)
# A prior of the set in its middle gives every profile, and every slack, at least this.
LEAST_INSIDE = 1e-9
CORRECTIONS = 3
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
        What each slack is multiplied by; slacks of profiles are added up, or stand in the condition
        of their own profile.
    target
        What all that sums to: a number, or one for every profile.
    by_profile
        Whether there is one for every profile.
    """

    name: str
    prior: NumberArray
    slack: Mapping[str, int]
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

    @property
    @abstractmethod
    def slacks(self) -> dict[str, bool]:
        """The slacks by name, and whether there is one for every profile."""

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
        start = found.x[: flat.size] if found.x is not None else np.zeros(flat.size)
        prior = self.member(start.reshape(values.shape))
        value = float((prior * values).sum())
        proved = -np.inf
        if found.x is not None:
            proved = size * self._proved(matrix, target, cost, found.eqlin.marginals, flat.size)
        rounding = 8.0 * EPS * float((prior * np.abs(values)).sum())
        return Least(value, max(value - proved, 0.0) + rounding, prior)

    def member(self, prior: FloatArray) -> FloatArray:
        """Return a prior of the set near an array of any numbers, which is moved where it is not.

        Equations are restored by least squares; what is below zero then is lifted by mixing with a
        prior in the middle of the set.
        """
        from scipy.sparse.linalg import lsqr

        middle = _middle(self, prior.shape)
        kept = np.maximum(prior, 0.0)
        if not kept.any():
            return middle[: prior.size].reshape(prior.shape)
        matrix, target = _standard(self, prior.shape)
        kept = kept / kept.sum()
        parts = self.slacks_of(kept)
        found = np.concatenate([kept.ravel(), *(parts[name].ravel() for name in self.slacks)])
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
        return np.asarray(found[: prior.size].reshape(prior.shape))

    def _proved(
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
        most = self._most_slack(num_profiles)
        rounding = 16.0 * EPS * float(np.abs(target) @ np.abs(multipliers))
        proved = float(target @ multipliers) - float(prior.max()) - float(slack.sum()) * most
        return proved - rounding

    @abstractmethod
    def _most_slack(self, num_profiles: int) -> float:
        """Return a number that no slack of a prior in the set exceeds."""

    def require_inside(self, shape: tuple[int, ...]) -> None:
        """Raise InvalidInputError unless a prior of the set gives every profile a probability."""
        _middle(self, shape)


@lru_cache(maxsize=KEPT)
def _standard(priors: PriorSet, shape: tuple[int, ...]) -> tuple[Any, FloatArray]:
    """Return the conditions' matrix, over profiles and then slacks, and their targets."""
    from scipy import sparse

    size = math.prod(shape)
    rows, targets = [], []
    for condition in priors.conditions(shape, exact=False):
        diagonal = condition.by_profile
        parts = [sparse.diags_array(condition.prior) if diagonal else condition.prior[None, :]]
        for name, by_profile in priors.slacks.items():
            weight = float(condition.slack.get(name, 0))
            width = size if by_profile else 1
            if diagonal and by_profile:
                parts.append(weight * sparse.eye_array(size))
            else:
                parts.append(np.full((size if diagonal else 1, width), weight))
        rows.append(sparse.hstack([sparse.coo_array(part) for part in parts]))
        targets.append(np.broadcast_to(condition.target, (size if diagonal else 1,)))
    return sparse.csr_array(sparse.vstack(rows)), np.concatenate(targets).astype(np.float64)


@lru_cache(maxsize=KEPT)
def _middle(priors: PriorSet, shape: tuple[int, ...]) -> FloatArray:
    """Return a prior of the set and its slacks, all above zero.

    Raises
    ------
    InvalidInputError
        If there is none.
    """
    from scipy import sparse
    from scipy.optimize import linprog
    from scipy.sparse.linalg import lsqr

    matrix, target = _standard(priors, shape)
    # Everything is the smallest of them and something beside.
    columns = sparse.hstack([matrix, sparse.coo_array(matrix.sum(axis=1)[:, None])])
    cost = np.zeros(columns.shape[1])
    cost[-1] = -1.0
    found = linprog(cost, A_eq=columns, b_eq=target, method="highs")
    least = 0.0 if found.x is None else float(found.x[-1])
    if least < LEAST_INSIDE:
        raise InvalidInputError(
            "no prior of the set gives every profile a positive probability",
            where="priors",
            expected=f"conditions that leave room for one of {priors.in_words}",
            got=f"none found ({found.message})"
            if found.x is None
            else f"{max(least, 0.0):.3g} at most for the rarest",
            remedy="Correct the conditions, widen ranges, or leave out types that never occur.",
        )
    inside = np.asarray(found.x)[:-1] + least
    return sealed(inside + lsqr(matrix, target - matrix @ inside, atol=1e-15, btol=1e-15)[0])
