"""A polytope known by its support function only: its vertices and facets, found by asking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mechopt._util.arrays import FloatArray, IndexArray
from mechopt._util.rounding import first_largest, first_smallest
from mechopt.errors import MechoptError

# Relative to the size of the polytope: a direction narrower than this is flat, and a facet that
# moves by less has been found.
FLAT = 1e-7
MOVED = 1e-9
MAX_ROUNDS = 200

Support = Callable[[FloatArray], FloatArray]
"""Takes a direction to a point of the polytope that is furthest in it."""


@dataclass(frozen=True, eq=False)
class Polytope:
    """A polytope by its corners and by its facets.

    Parameters
    ----------
    vertices : array of shape (num_vertices, num_coordinates)
        The corners, from the smallest on; of a polygon counterclockwise.
    normals : array of shape (num_facets, num_coordinates), of length 1
    offsets : array of shape (num_facets,)
        All points meet ``normals @ point <= offsets``. Flat polytopes have facets within their
        plane only; ``origin`` and ``basis`` say where that is.
    origin, basis : arrays of shape (num_coordinates,) and (dimension, num_coordinates)
        The plane of the polytope: the origin plus combinations of the orthonormal rows of the
        basis.
    """

    vertices: FloatArray
    normals: FloatArray
    offsets: FloatArray
    origin: FloatArray
    basis: FloatArray

    @property
    def dimension(self) -> int:
        """Dimension of the plane that the polytope fills; zero of a single point."""
        return int(self.basis.shape[0])


def polytope_of(support: Support, num_coordinates: int) -> Polytope:
    """Return the polytope with a support function, by asking it for directions.

    First the plane that holds the polytope is found, then corners are added beyond every facet of
    the hull of those known, until none moves any more. Thus every facet has been asked about.

    Parameters
    ----------
    support
        The furthest point in a direction.
    num_coordinates
        Dimension of the space.

    Raises
    ------
    MechoptError
        If the search does not end, which rounding in the support function can cause.

    Examples
    --------
    >>> corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    >>> triangle = polytope_of(lambda d: corners[np.argmax(corners @ d)], 2)
    >>> triangle.vertices.tolist(), triangle.dimension
    ([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]], 2)
    """
    points, basis = _plane(support, num_coordinates)
    if basis.shape[0] == num_coordinates:
        basis = np.eye(num_coordinates)
    origin = points[0]
    if basis.shape[0] == 0:
        none = np.zeros((0, num_coordinates))
        return Polytope(points[:1], none, np.zeros(0), origin, basis)
    if basis.shape[0] == 1:
        along = (points - origin) @ basis[0]
        ends = points[[first_smallest(along), first_largest(along)]]
        if _by_coordinates(ends)[0] == 1:
            ends, basis = ends[::-1], -basis
        normals = np.vstack([-basis[0], basis[0]])
        offsets = np.einsum("ij,ij->i", normals, ends)
        return Polytope(ends, normals, offsets, origin, basis)
    inner, equations = _hull(support, points, origin, basis)
    normals = equations[:, :-1] @ basis
    offsets = normals @ origin - equations[:, -1]
    vertices = _in_order(origin + inner @ basis, is_polygon=basis.shape[0] == 2)
    return Polytope(vertices, normals, offsets, origin, basis)


def _in_order(vertices: FloatArray, *, is_polygon: bool) -> FloatArray:
    """Return corners from the smallest on: round a polygon, else by their coordinates."""
    by_coordinates = _by_coordinates(vertices)
    if is_polygon:
        return np.roll(vertices, -int(by_coordinates[0]), axis=0)
    return vertices[by_coordinates]


def _by_coordinates(points: FloatArray) -> IndexArray:
    """Return the order of the points by their coordinates, the first first, up to rounding."""
    size = float(np.abs(points).max()) or 1.0
    return np.lexsort(np.round(points / size, 11).T[::-1])


def _plane(support: Support, num_coordinates: int) -> tuple[FloatArray, FloatArray]:
    """Return points that span the plane of the polytope, and an orthonormal basis of it."""
    points = [support(np.eye(num_coordinates)[0])]
    basis = np.zeros((0, num_coordinates))
    size = 0.0
    flat = np.zeros((0, num_coordinates))
    while basis.shape[0] + flat.shape[0] < num_coordinates:
        direction = _orthogonal(np.vstack([basis, flat]))
        low, high = support(-direction), support(direction)
        points += [low, high]
        width = float(direction @ (high - low))
        size = max(size, float(np.linalg.norm(high - low)), *map(float, np.abs(high)))
        if width <= FLAT * size:
            flat = np.vstack([flat, direction])
            continue
        away = (high - low) - (high - low) @ basis.T @ basis
        away -= away @ flat.T @ flat
        basis = np.vstack([basis, away / np.linalg.norm(away)])
    return np.array(points), basis


def _orthogonal(rows: FloatArray) -> FloatArray:
    """Return a unit vector orthogonal to orthonormal rows."""
    size = rows.shape[1]
    rest = np.eye(size) - rows.T @ rows
    longest = rest[first_largest(np.linalg.norm(rest, axis=1), 1.0)]
    unit: FloatArray = longest / np.linalg.norm(longest)
    return unit


def _hull(
    support: Support, points: FloatArray, origin: FloatArray, basis: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return corners and facet equations in coordinates of the plane."""
    from scipy.spatial import ConvexHull, QhullError

    inner = (points - origin) @ basis.T
    for direction in np.vstack([np.eye(len(basis)), -np.eye(len(basis))]):
        inner = np.vstack([inner, (support(direction @ basis) - origin) @ basis.T])
    # In the set's own unit, so that tolerances mean the same for all.
    size = float(np.ptp(inner, axis=0).max())
    inner /= size
    asked: set[tuple[float, ...]] = set()
    for _ in range(MAX_ROUNDS):
        try:
            hull = ConvexHull(_apart(inner))
        except QhullError as error:
            raise MechoptError(
                "the corners are too close to each other to tell apart. Ask for a projection."
            ) from error
        inner = hull.points
        beyond = []
        for equation in hull.equations:
            key = tuple(np.round(equation, 9))
            if key in asked:
                continue
            asked.add(key)
            point = (support(equation[:-1] @ basis) - origin) @ basis.T / size
            if equation[:-1] @ point + equation[-1] > MOVED:
                beyond.append(point)
        if not beyond:
            equations = np.unique(np.round(hull.equations, 12), axis=0)
            corners = _corners(inner[hull.vertices], equations)
            return size * corners, np.column_stack([equations[:, :-1], size * equations[:, -1]])
        inner = np.vstack([inner[hull.vertices], *beyond])
    raise MechoptError(f"no polytope was found in {MAX_ROUNDS} rounds. Ask for a projection of it.")


def _apart(points: FloatArray) -> FloatArray:
    """Return the points without those that repeat another up to rounding."""
    kept: list[FloatArray] = []
    for point in points:
        if all(np.abs(point - other).max() > MOVED for other in kept):
            kept.append(point)
    return np.array(kept)


def _corners(points: FloatArray, equations: FloatArray) -> FloatArray:
    """Return the points that are corners: as many independent facets meet there as dimensions."""
    kept: list[FloatArray] = []
    for point in points:
        touching = np.abs(equations[:, :-1] @ point + equations[:, -1]) <= FLAT
        normals = equations[touching, :-1]
        is_new = all(np.abs(point - other).max() > FLAT for other in kept)
        if is_new and np.linalg.matrix_rank(normals, tol=FLAT) == points.shape[1]:
            kept.append(point)
    return np.array(kept)
