"""Polytopes known by linear programs with further variables: sums, products, hulls of unions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.errors import MechoptError

if TYPE_CHECKING:
    from scipy import sparse

# By how much a point may miss a polytope that is said to hold it, relative to the point's size.
CLOSE = 1e-9


@dataclass(frozen=True, eq=False)
class Lifted:
    """All points ``offset + map @ z`` with ``upper @ z <= most`` and ``equal @ z == exactly``.

    Parameters
    ----------
    map, offset
        From further variables to points.
    upper, most
        Inequalities.
    equal, exactly
        Equations.

    Notes
    -----
    Variables have no sign of their own. Hulls take for granted that polytopes which are not bounded
    recede in the same directions, as sets of payoffs do, from which money can be thrown away.
    """

    map: sparse.csr_array
    offset: FloatArray
    upper: sparse.csr_array
    most: FloatArray
    equal: sparse.csr_array
    exactly: FloatArray

    @property
    def size(self) -> int:
        """How many variables there are."""
        return int(self.map.shape[1])

    @property
    def _holds(self) -> bool:
        """Whether conditions without variables hold, up to rounding."""
        close = CLOSE * max(1.0, float(np.abs(self.offset).max()))
        return bool((self.most >= -close).all() and (np.abs(self.exactly) <= close).all())

    @classmethod
    def point(cls, values: Sequence[float] | FloatArray) -> Lifted:
        """Return a single point."""
        offset = np.asarray(values, dtype=np.float64)
        none = _matrix(np.zeros((0, 0)))
        empty = np.zeros(0)
        return cls(_matrix(np.zeros((offset.size, 0))), offset, none, empty, none, empty)

    def scaled(self, factor: float) -> Lifted:
        """Return the polytope times a factor."""
        return replace(self, map=self.map * factor, offset=self.offset * factor)

    def moved(self, by: FloatArray) -> Lifted:
        """Return the polytope moved."""
        return replace(self, offset=self.offset + by)

    def above(self, normal: FloatArray, least: float) -> Lifted:
        """Return the points with ``normal @ point >= least``."""
        from scipy import sparse

        row = _matrix(-(normal @ self.map)[None, :])
        return replace(
            self,
            upper=_matrix(sparse.vstack([self.upper, row])),
            most=np.append(self.most, normal @ self.offset - least),
        )

    def furthest(self, direction: FloatArray) -> tuple[float, FloatArray] | None:
        """Return the largest value of a direction and a point that has it; None if it is empty.

        The value is infinite, at some point, where there is no largest.
        """
        if self.size == 0:
            return (float(direction @ self.offset), self.offset) if self._holds else None
        found = _solve(-(direction @ self.map), self)
        if found is None:
            return None
        if not found.size:
            return np.inf, self.offset
        point = self.offset + self.map @ found
        return float(direction @ point), point

    def contains(self, point: FloatArray) -> bool:
        """Return whether a point belongs to the polytope, up to rounding."""
        return self.distance(point) <= CLOSE * max(1.0, float(np.abs(point).max()))

    def distance(self, point: FloatArray) -> float:
        """Return the least largest difference of a coordinate; infinite if it is empty."""
        from scipy import sparse

        gap = point - self.offset
        if self.size == 0:
            return float(np.abs(gap).max()) if self._holds else np.inf
        ones = np.ones((gap.size, 1))
        upper = sparse.block_array(
            cast(
                Any,
                [
                    [self.upper, None],
                    [self.map, _matrix(-ones)],
                    [-self.map, _matrix(-ones)],
                ],
            )
        )
        near = Lifted(
            _matrix(np.eye(1, self.size + 1, self.size)),
            np.zeros(1),
            _matrix(upper),
            np.concatenate([self.most, gap, -gap]),
            _matrix(sparse.hstack([self.equal, _matrix(np.zeros((self.exactly.size, 1)))])),
            self.exactly,
        )
        found = near.furthest(-np.ones(1))
        return np.inf if found is None else -found[0]


def combined(
    parts: Sequence[Lifted],
    weights: Sequence[FloatArray],
    rows: Sequence[tuple[Sequence[FloatArray | None], float, bool]] = (),
) -> Lifted:
    """Return all ``sum(weight @ point)`` over one point of each part, with conditions on these.

    Parameters
    ----------
    parts
        The polytopes.
    weights
        A matrix for each.
    rows
        Conditions: a vector for each part or None, a number that the sum of products is not to
        exceed, and whether it has to equal it.
    """
    from scipy import sparse

    upper = [sparse.block_diag([p.upper for p in parts])]
    equal = [sparse.block_diag([p.equal for p in parts])]
    most, exactly = [p.most for p in parts], [p.exactly for p in parts]
    for vectors, limit, is_equal in rows:
        row, fixed = [], 0.0
        for part, vector in zip(parts, vectors, strict=True):
            row.append(np.zeros(part.size) if vector is None else vector @ part.map)
            fixed += 0.0 if vector is None else float(vector @ part.offset)
        matrix = _matrix(np.concatenate(row)[None, :])
        (equal if is_equal else upper).append(matrix)
        (exactly if is_equal else most).append(np.array([limit - fixed]))
    return Lifted(
        _matrix(sparse.hstack([_matrix(w @ p.map) for w, p in zip(weights, parts, strict=True)])),
        np.sum([w @ p.offset for w, p in zip(weights, parts, strict=True)], axis=0),
        _matrix(sparse.vstack(upper)),
        np.concatenate(most),
        _matrix(sparse.vstack(equal)),
        np.concatenate(exactly),
    )


def hull(parts: Sequence[Lifted]) -> Lifted:
    """Return the convex hull of a union: one weight more for each part (Balas).

    Examples
    --------
    >>> line = hull([Lifted.point([0.0, 0.0]), Lifted.point([2.0, 2.0])])
    >>> line.contains(np.array([1.0, 1.0])), line.contains(np.array([1.0, 0.0]))
    (True, False)
    """
    from scipy import sparse

    if len(parts) == 1:
        return parts[0]
    columns = [sparse.hstack([p.map, _matrix(p.offset[:, None])]) for p in parts]
    signs = [np.append(np.zeros(p.size), -1.0)[None, :] for p in parts]
    upper = [
        sparse.vstack([sparse.hstack([p.upper, _matrix(-p.most[:, None])]), _matrix(sign)])
        for p, sign in zip(parts, signs, strict=True)
    ]
    equal = [sparse.hstack([p.equal, _matrix(-p.exactly[:, None])]) for p in parts]
    weights = -np.hstack(signs)
    blocks = _matrix(sparse.block_diag(upper))
    return Lifted(
        _matrix(sparse.hstack(columns)),
        np.zeros(parts[0].offset.size),
        blocks,
        np.zeros(blocks.shape[0]),
        _matrix(sparse.vstack([sparse.block_diag(equal), _matrix(weights)])),
        np.append(np.zeros(sum(p.exactly.size for p in parts)), 1.0),
    )


def _matrix(values: Any) -> sparse.csr_array:
    from scipy import sparse

    return sparse.csr_array(values)


def _solve(cost: FloatArray, polytope: Lifted) -> FloatArray | None:
    """Return the variables that minimise a cost: None if there are none, empty if unbounded."""
    from scipy.optimize import linprog

    solver: Any = linprog
    found = solver(
        cost,
        A_ub=polytope.upper,
        b_ub=polytope.most,
        A_eq=polytope.equal if polytope.exactly.size else None,
        b_eq=polytope.exactly if polytope.exactly.size else None,
        bounds=(None, None),
        method="highs",
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    if found.status == 2:
        return None
    if found.status == 3:
        return np.zeros(0)
    if found.status != 0:
        raise MechoptError(f"a program of a correspondence was not solved: {found.message}")
    point: FloatArray = found.x
    return point
