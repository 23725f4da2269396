"""Whether what outcomes of a class of one's own declare fits together."""

from __future__ import annotations

import math

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.environments.outcomes import OutcomeRow, Outcomes
from mechopt.errors import InvalidInputError

# Of as many tight requirements as there are variables: more take longer than a moment.
FEW_CHOICES = 2_000
ROUNDING = 1e-9


def check_declared(outcomes: Outcomes) -> None:
    """Raise InvalidInputError unless outcomes have names and numbers of the right form."""
    kind, width = type(outcomes).__name__, len(outcomes.variables)
    for name in outcomes.variables:
        if not (isinstance(name, str) and name.isidentifier() and name.isascii()):
            _refuse(
                "not a name of a variable",
                f"variables of {kind}",
                "a letter, then letters, digits and underscores",
                repr(name),
                "Rename it: models and files use the name.",
            )
    for row in outcomes.rows:
        if not isinstance(row, OutcomeRow):
            _refuse(
                "not a row",
                f"rows of {kind}",
                "OutcomeRow(name, coefficients, upper)",
                repr(row)[:80],
                "Wrap it in OutcomeRow.",
            )
        _numbers(row.coefficients, (width,), f"row {row.name} of {kind}", "one per variable")
    for part in ("lower", "upper", "cost"):
        _array(getattr(outcomes, part), (width,), f"{part} of {kind}", "one number per variable")
    shape = (len(outcomes.roles), width)
    _array(
        outcomes.net_quantity,
        shape,
        f"net_quantity of {kind}",
        "a row per role, a column per variable",
    )


def check_corners(outcomes: Outcomes) -> None:
    """Raise InvalidInputError unless declared corners are those of bounds, rows and curves.

    Those of the package's own classes are compared by its tests instead. Where corners are not
    found in a moment, or a bound is curved, every declared corner has to be feasible.
    """
    own = type(outcomes).__module__.partition(".")[0] != "mechopt"
    if not own or type(outcomes).vertices is Outcomes.vertices:
        return
    where, given, width = (
        f"vertices of {type(outcomes).__name__}",
        outcomes.vertices,
        len(outcomes.variables),
    )
    count = len(given) if np.ndim(given) == 2 else 1
    _array(given, (count, width), where, "a row per corner, a column per variable")
    matrix = np.array([row.coefficients for row in outcomes.rows], dtype=float).reshape(-1, width)
    most = np.array([row.upper for row in outcomes.rows], dtype=float)
    size = ROUNDING * (1.0 + float(np.abs(given).max(initial=0.0)))
    for corner in given:
        beyond = [*(corner - outcomes.upper), *(outcomes.lower - corner)]
        beyond += [*(matrix @ corner - most)]
        beyond += [
            float(power.excess_at(corner[power.base : power.base + 1], corner[[power.bounded]])[0])
            for power in outcomes.curves
        ]
        if max(beyond) > size * (1.0 + np.abs(matrix).sum(axis=1).max(initial=0.0)):
            _refuse_corner("a point that they do not allow,", where, outcomes, corner)
    requirements = 2 * width + len(most)
    bounded = bool(np.isfinite([*outcomes.lower, *outcomes.upper]).all())
    if outcomes.curves or not bounded or math.comb(requirements, width) > FEW_CHOICES:
        return
    found = outcomes._corners.astype(float)
    if (missing := _without(found, given, size)) is not None:
        _refuse_corner("none at", where, outcomes, missing)
    if (extra := _without(given[1:], found, size)) is not None:
        _refuse_corner("a point between corners,", where, outcomes, extra)


def _without(points: FloatArray, others: FloatArray, size: float) -> FloatArray | None:
    """Return the first point that is none of the others, if any."""
    for point in points:
        if not (np.abs(others - point).max(axis=1) <= size).any():
            return np.asarray(point)
    return None


def _refuse_corner(fault: str, where: str, outcomes: Outcomes, corner: FloatArray) -> None:
    named = zip(outcomes.variables, corner.tolist(), strict=True)
    _refuse(
        "not the corners of what is allowed",
        where,
        "the corners of the set that lower, upper, rows and curves describe, all of them",
        f"{fault} " + ", ".join(f"{name} = {value:.6g}" for name, value in named)[:200],
        "vertices restrict nothing: declare rows or bounds for what is not allowed, and leave "
        "vertices out unless there are many variables.",
    )


def _array(values: object, shape: tuple[int, ...], where: str, words: str) -> None:
    if not isinstance(values, np.ndarray):
        words = f"an array of numpy: {words}"
        _refuse("not an array", where, words, type(values).__name__, "Return np.array(...).")
    _numbers(values, shape, where, words)


def _numbers(values: object, shape: tuple[int, ...], where: str, words: str) -> None:
    """Raise InvalidInputError unless values are numbers of this shape, none of them a NaN."""
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        numbers = np.array(np.nan)
    fits = numbers.shape == shape
    if not fits or np.isnan(numbers).any():
        expected = f"{words}, in shape {shape}"
        got = "values that are no numbers" if fits else f"shape {numbers.shape}"
        _refuse("not the numbers that outcomes need", where, expected, got, "Correct the numbers.")


def _refuse(what: str, where: str, expected: str, got: str, remedy: str) -> None:
    raise InvalidInputError(what, where=where, expected=expected, got=got, remedy=remedy)
