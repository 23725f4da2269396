"""Tangents to curved bounds, for solvers that know only straight ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from mechopt._util.arrays import FloatArray, IndexArray
from mechopt.environments import Curve
from mechopt.problem.linear import CurvedRows, Meaning
from mechopt.problem.problem import DesignProblem

MAX_ROUNDS = 300
HEAVIEST_ROW = 1e4


class Tangents(NamedTuple):
    """Rows ``bounded - slope * base <= height`` for some entries of two blocks of variables.

    Parameters
    ----------
    entry
        Positions in the blocks, in row-major order.
    slope, height
        One per row.
    """

    entry: IndexArray
    slope: FloatArray
    height: FloatArray


def curves_of(problem: DesignProblem) -> tuple[CurvedRows, ...]:
    """Return the curved rows of a program: those of outcomes in every profile, the objective's.

    A prescribed allocation needs none.

    Examples
    --------
    >>> from mechopt import BilateralTrade, DesignProblem, NashProduct, TypeSpace
    >>> from mechopt import ex_ante_efficiency, ex_post_efficiency
    >>> types = TypeSpace.finite([0, 1])
    >>> trade = BilateralTrade(types, types, 2.0, 1.0)
    >>> [rows.meaning.formula for rows in curves_of(ex_ante_efficiency(trade))]
    ['buyer_trade(t) <= seller_trade(t) ^ 0.5']
    >>> curves_of(ex_post_efficiency(trade))
    ()
    >>> problem = DesignProblem(BilateralTrade(types, types), NashProduct())
    >>> [rows.bounded for rows in curves_of(problem)]
    ['seller_log_gain', 'buyer_log_gain']
    """
    outcomes = problem.environment.outcomes
    own = problem.objective.curves_in(problem.environment)
    if problem.prescribes_allocation or not outcomes.curves:
        return own
    words, weight, found = "the frontier of the outcomes of every profile", _weight(problem), []
    for curve in outcomes.curves:
        base, bounded = outcomes.variables[curve.base], outcomes.variables[curve.bounded]
        meaning = Meaning(words, curve.formula(f"{bounded}(t)", f"{base}(t)"), "2")
        found.append(CurvedRows(curve.name, curve, base, bounded, meaning, weight))
    return (*found, *own)


def is_conic(problem: DesignProblem) -> bool:
    """Return whether a program has curved bounds, on outcomes or in its objective."""
    return bool(curves_of(problem))


def _weight(problem: DesignProblem) -> float:
    """Return what tangents are multiplied by, so that what they miss is little money, too.

    A solver meets rows to its tolerance. Beyond a curve by that much, an outcome brings as much
    times what it is worth or costs, which can be far more than the gains are.
    """
    environment = problem.environment
    outcomes, types = environment.outcomes, environment.largest_type
    largest = max(
        types * float(np.abs(outcomes.net_quantity).max()), float(np.abs(outcomes.cost).max())
    )
    leverage = largest / (environment.first_best or environment.payoff_scale)
    return float(np.clip(leverage, 1.0, HEAVIEST_ROW))


def tangents_at(curve: Curve, entry: IndexArray, base: FloatArray) -> Tangents:
    """Return the tangents to a curve at the given points.

    Examples
    --------
    >>> from mechopt.environments import PowerBound
    >>> tangents = tangents_at(PowerBound("frontier", 1, 0, 0.5), np.array([0]), np.array([0.25]))
    >>> tangents.slope, tangents.height
    (array([1.]), array([0.25]))
    """
    slope = curve.slope(base)
    return Tangents(entry, slope, curve.height(base) - slope * base)


def first_tangents(curve: Curve, size: int) -> Iterator[Tangents]:
    """Yield the tangents that every entry of a block of ``size`` starts with."""
    for point in curve.touching:
        yield tangents_at(curve, np.arange(size), np.full(size, point))


def violated(curve: Curve, base: FloatArray, bounded: FloatArray, tolerance: float) -> Tangents:
    """Return tangents that cut off all that is beyond the curve by more than ``tolerance``.

    Parameters
    ----------
    curve
        The curved requirement.
    base, bounded : arrays of the same shape
        Values of the two variables.
    tolerance
        Violations up to this are left alone.

    Examples
    --------
    >>> from mechopt.environments import Logarithm, PowerBound
    >>> curve = PowerBound("frontier", 1, 0, 0.5)
    >>> violated(curve, np.array([0.25, 0.25]), np.array([0.5, 0.6]), 1e-9).entry
    array([1])
    >>> violated(Logarithm(), np.array([1.0]), np.array([0.5]), 1e-9).slope
    array([1.])
    """
    base, bounded = base.ravel(), bounded.ravel()
    entry = np.flatnonzero(curve.excess_at(base, bounded) > tolerance)
    return tangents_at(curve, entry, curve.between(base[entry], bounded[entry]))
