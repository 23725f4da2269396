"""Virtual valuations from the cells of a type space, and ironing."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray, sums_before, sums_from
from mechopt.types import TypeSpace

# So few values are ironed before the library that does it is loaded.
FEW_VALUES = 500


def virtual_cost(types: TypeSpace) -> FloatArray:
    """Return the seller's virtual cost of each cell: the cost plus its information rent.

    Notes
    -----
    ``c[k] m[k] = U[k] M[k] - U[k-1] M[k-1]`` with cumulative mass M and upper ends U; no density is
    needed, and in the continuum it becomes s + F/f. Source: theory.md, section 1; Myerson (1981),
    doi:10.1287/moor.6.1.58.

    Examples
    --------
    >>> virtual_cost(TypeSpace.finite([1, 2, 3]))
    array([1., 3., 5.])
    """
    virtual = np.empty(types.num_cells)
    virtual[0] = 0.0
    rent = np.subtract(types.upper[1:], types.upper[:-1], out=virtual[1:])
    rent *= sums_before(types.mass)[1:-1]
    rent /= types.mass[1:]
    virtual += types.upper
    return virtual


def virtual_value(types: TypeSpace) -> FloatArray:
    """Return the buyer's virtual value of each cell: the value less its information rent.

    Notes
    -----
    ``d[k] m[k] = L[k] (1 - M[k-1]) - L[k+1] (1 - M[k])`` with lower ends L; in the continuum it
    becomes b - (1-G)/g. Source: theory.md, section 1; Myerson (1981).

    Examples
    --------
    >>> virtual_value(TypeSpace.finite([1, 2, 3]))
    array([-1.,  1.,  3.])
    """
    virtual = np.empty(types.num_cells)
    virtual[-1] = 0.0
    rent = np.subtract(types.lower[1:], types.lower[:-1], out=virtual[:-1])
    rent *= sums_from(types.mass)[1:-1]
    rent /= types.mass[:-1]
    return np.subtract(types.lower, virtual, out=virtual)


def ironed(values: FloatArray, mass: FloatArray) -> FloatArray:
    """Return the nondecreasing values nearest to the given ones in mass-weighted least squares.

    These are the slopes of the convex hull of the values' integral. Values that do not fall
    anywhere are returned as they are.

    Notes
    -----
    Source: theory.md, section 1; Myerson (1981), section 6.

    Examples
    --------
    >>> ironed(np.array([1.0, 3.0, 2.0]), np.array([0.5, 0.25, 0.25]))
    array([1. , 2.5, 2.5])
    """
    if bool((values[1:] >= values[:-1]).all()):
        return values
    if values.size <= FEW_VALUES:
        return _pooled(values, mass)
    return np.asarray(_regression()(values, weights=mass).x, dtype=np.float64)


@cache
def _regression() -> Callable[..., Any]:
    """Return scipy's isotonic regression: to ask its package for it each time takes as long."""
    from scipy.optimize import isotonic_regression

    found: Callable[..., Any] = isotonic_regression
    return found


def _pooled(values: FloatArray, mass: FloatArray) -> FloatArray:
    """Return the ironed values by pooling neighbours that fall (Barlow and others, 1972)."""
    means: list[float] = []
    weights: list[float] = []
    counts: list[int] = []
    for value, weight in zip(values.tolist(), mass.tolist(), strict=True):
        mean, count = value, 1
        while means and means[-1] > mean:
            before = weights.pop()
            mean = (means.pop() * before + mean * weight) / (before + weight)
            weight += before  # noqa: PLW2901
            count += counts.pop()
        means.append(mean)
        weights.append(weight)
        counts.append(count)
    return np.repeat(means, counts)
