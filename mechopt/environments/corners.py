"""Corners of a set of outcomes that is given by bounds and rows, for outcomes that list none."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

import numpy as np

from mechopt._util.rationals import FractionArray, as_fraction, fraction_array
from mechopt.errors import UnsupportedProblemError

MAX_CHOICES = 200_000  # of as many tight requirements as there are variables
# Bases whose determinant is this small, beside the product of their rows' lengths, have none.
SINGULAR = 1e-11
NEARLY = 1e-9


def corners_of(
    lower: Sequence[float],
    upper: Sequence[float],
    rows: Sequence[tuple[Sequence[float], float]],
) -> FractionArray:
    """Return the corners of ``{x : lower <= x <= upper, row @ x <= most}``, in fractions.

    Every choice of as many tight requirements as there are variables is tried; what floats find is
    computed again in fractions, in which floats are read as the decimals that they print as.

    Parameters
    ----------
    lower, upper
        Bounds of the variables.
    rows
        Coefficients and the most that they may come to.

    Returns
    -------
    array of shape (num_corners, num_variables)
        Zero first if it is a corner; the rest in the order of their first variable, then of their
        second, and so on.

    Raises
    ------
    UnsupportedProblemError
        If a variable has no bound, or there are too many choices of tight requirements.

    Examples
    --------
    Two agents of whom one may get the good:

    >>> print(corners_of([0, 0], [1, 1], [([1, 1], 1)]).astype(str))
    [['0' '0']
     ['0' '1']
     ['1' '0']]
    """
    listed = tuple((tuple(map(float, row)), float(most)) for row, most in rows)
    return _corners(tuple(map(float, lower)), tuple(map(float, upper)), listed).copy()


@lru_cache(maxsize=64)
def _corners(
    lower: tuple[float, ...],
    upper: tuple[float, ...],
    rows: tuple[tuple[tuple[float, ...], float], ...],
) -> FractionArray:
    size = len(lower)
    if not np.isfinite([*lower, *upper]).all():
        raise UnsupportedProblemError(
            "corners of outcomes without bounds (expected finite lower and upper bounds). Give "
            "each variable both."
        )
    matrix = np.vstack([-np.eye(size), np.eye(size), *(np.array([row]) for row, _ in rows)])
    most = np.array([*(-bound for bound in lower), *upper, *(bound for _, bound in rows)])
    choices = math.comb(len(most), size)
    if choices > MAX_CHOICES:
        raise UnsupportedProblemError(
            f"corners of outcomes with {size} variables and {len(most)} requirements: {choices:,} "
            f"choices of tight ones to try (at most {MAX_CHOICES:,}). Declare "
            "vertices, or override best and allocate."
        )
    tight = np.array(list(itertools.combinations(range(len(most)), size)), dtype=np.intp)
    bases = matrix[tight]
    lengths = np.linalg.norm(bases, axis=2).prod(axis=1)
    tight = tight[np.abs(np.linalg.det(bases)) > SINGULAR * lengths]
    points = np.linalg.solve(matrix[tight], most[tight][..., None])[..., 0]
    scale = 1.0 + np.abs(most).max()
    tight = tight[(points @ matrix.T <= most + NEARLY * scale).all(axis=1)]
    rational = [[as_fraction(value) for value in row] for row in matrix.tolist()]
    bounds = [as_fraction(value) for value in most.tolist()]
    found = {_solved([[*rational[k], bounds[k]] for k in chosen]) for chosen in tight.tolist()}
    corners = sorted(corner for corner in found if _meets(corner, rational, bounds))
    nothing = (Fraction(0),) * size
    if nothing in corners:
        corners = [nothing, *(corner for corner in corners if corner != nothing)]
    return fraction_array(value for corner in corners for value in corner).reshape(-1, size)


def _solved(system: list[list[Fraction]]) -> tuple[Fraction, ...]:
    """Return the solution of a square system, whose last column is its right-hand side."""
    rest = [list(row) for row in system]
    done: list[list[Fraction]] = []
    for column in range(len(rest)):
        pivot = next(row for row in rest if row[column] != 0)
        rest.remove(pivot)
        pivot = [value / pivot[column] for value in pivot]
        rest, done = (
            [
                [value - row[column] * base for value, base in zip(row, pivot, strict=True)]
                for row in part
            ]
            for part in (rest, done)
        )
        done.append(pivot)
    return tuple(row[-1] for row in done)


def _meets(
    corner: Sequence[Fraction], rows: Sequence[Sequence[Fraction]], most: Sequence[Fraction]
) -> bool:
    return all(
        sum((a * x for a, x in zip(row, corner, strict=True)), Fraction(0)) <= bound
        for row, bound in zip(rows, most, strict=True)
    )
