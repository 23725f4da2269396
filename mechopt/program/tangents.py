"""Tangents to curved bounds, for solvers that know only straight ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mechopt._util.arrays import FloatArray, IndexArray
from mechopt.environments import PowerBound
from mechopt.problem.objectives import Logarithm
from mechopt.problem.problem import DesignProblem

# Tangents that every profile starts with touch the curve here.
FIRST_TOUCHING_POINTS = (1.0, 0.5, 0.2, 0.05)
FIRST_GAINS = tuple(2.0**power for power in range(-8, 4))
MAX_ROUNDS = 300
HEAVIEST_ROW = 1e4


@dataclass(frozen=True, eq=False)
class Tangents:
    """Rows ``bounded - slope * base <= height`` for some profiles.

    Parameters
    ----------
    profile
        Positions of the profiles in row-major order.
    slope, height
        One per row.
    """

    profile: IndexArray
    slope: FloatArray
    height: FloatArray


def curves_of(problem: DesignProblem) -> tuple[PowerBound, ...]:
    """Return the curved bounds of a program; a prescribed allocation needs none.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, ex_post_efficiency
    >>> types = TypeSpace.finite([0, 1])
    >>> trade = BilateralTrade(types, types, 2.0, 1.0)
    >>> len(curves_of(ex_ante_efficiency(trade))), len(curves_of(ex_post_efficiency(trade)))
    (1, 0)
    """
    return () if problem.prescribes_allocation else problem.environment.outcomes.power_bounds


def logarithms_of(problem: DesignProblem) -> tuple[Logarithm, ...]:
    """Return the logarithms in a problem's objective.

    Examples
    --------
    >>> from mechopt import BilateralTrade, DesignProblem, NashProduct, TypeSpace
    >>> types = TypeSpace.finite([0, 1])
    >>> problem = DesignProblem(BilateralTrade(types, types), NashProduct())
    >>> [logarithm.bounded for logarithm in logarithms_of(problem)]
    ['seller_log_gain', 'buyer_log_gain']
    """
    return problem.objective.logarithms_in(problem.environment)


def is_conic(problem: DesignProblem) -> bool:
    """Return whether a program has curved bounds, on outcomes or in its objective."""
    return bool(curves_of(problem) or logarithms_of(problem))


def weight_of_rows(problem: DesignProblem) -> float:
    """Return what tangents are multiplied by, so that what they miss is little money, too.

    A solver meets rows to its tolerance. Beyond a curve by that much, an outcome brings as much
    times what it is worth or costs, which can be far more than the gains are.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite([100, 101])
    >>> round(weight_of_rows(ex_ante_efficiency(BilateralTrade(types, types, 2.0, 1.0))))
    4
    """
    environment = problem.environment
    outcomes, types = environment.outcomes, environment.largest_type
    largest = max(
        types * float(np.abs(outcomes.net_quantity).max()), float(np.abs(outcomes.cost).max())
    )
    leverage = largest / (environment.first_best or environment.payoff_scale)
    return float(np.clip(leverage, 1.0, HEAVIEST_ROW))


def tangents_at(power: PowerBound, profile: IndexArray, base: FloatArray) -> Tangents:
    """Return the tangents to ``base ** exponent`` at the given points.

    Examples
    --------
    >>> tangents = tangents_at(PowerBound("frontier", 1, 0, 0.5), np.array([0]), np.array([0.25]))
    >>> tangents.slope, tangents.height
    (array([1.]), array([0.25]))
    """
    slope = power.exponent * base ** (power.exponent - 1.0)
    return Tangents(profile, slope, (1.0 - power.exponent) * base**power.exponent)


def violated(power: PowerBound, outcome: FloatArray, tolerance: float) -> Tangents:
    """Return tangents that cut off every profile beyond the curve by more than ``tolerance``.

    They touch at the profile's own base, or, where that is so small that the tangent would be
    nearly upright, between it and the point of the curve at the profile's height.

    Parameters
    ----------
    power
        The curved requirement.
    outcome : array of shape (num_variables, *shape)
        Outcomes of all profiles.
    tolerance
        Violations up to this are left alone.

    Examples
    --------
    >>> curve = PowerBound("frontier", 1, 0, 0.5)
    >>> violated(curve, np.array([[0.25, 0.25], [0.5, 0.6]]), 1e-9).profile
    array([1])
    """
    profile = np.flatnonzero(power.excess(outcome) > tolerance)
    base = np.maximum(outcome[power.base].ravel()[profile], 0.0)
    level = outcome[power.bounded].ravel()[profile] ** (1.0 / power.exponent)
    touching = np.maximum(base, np.maximum(0.1 * level, 1e-12))
    return tangents_at(power, profile, np.minimum(touching, 1.0))


def logarithm_tangents(base: FloatArray) -> Tangents:
    """Return the tangents to the logarithm at the given points, of one variable.

    Examples
    --------
    >>> tangents = logarithm_tangents(np.array([1.0, 2.0]))
    >>> tangents.slope, tangents.height.round(3)
    (array([1. , 0.5]), array([-1.   , -0.307]))
    """
    return Tangents(np.zeros(base.size, dtype=np.intp), 1.0 / base, np.log(base) - 1.0)


def violated_logarithm(base: float, bounded: float, tolerance: float) -> Tangents:
    """Return a tangent to the logarithm that cuts off ``bounded``, if it is beyond it.

    It touches at ``base``, or, where that is far too small, nearer to where the logarithm is
    ``bounded``.

    Examples
    --------
    >>> violated_logarithm(1.0, 0.5, 1e-9).slope, violated_logarithm(1.0, -0.5, 1e-9).slope
    (array([1.]), array([], dtype=float64))
    """
    inside = base > 0.0 and bounded <= np.log(base) + tolerance
    touching = max(base, 0.1 * float(np.exp(bounded)))
    return logarithm_tangents(np.full(0 if inside else 1, touching))
