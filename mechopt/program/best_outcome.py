"""The most that feasible outcomes can be worth, with a margin for rounding."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mechopt._util.arrays import FloatArray, in_blocks, rounding_of_sums
from mechopt.problem.problem import DesignProblem

# Up to this many profiles, maxima are taken profile by profile.
DENSE_PROFILES = 100_000
UNIT = 0.5 * float(np.finfo(np.float64).eps)


def best_outcome(
    problem: DesignProblem,
    values: Sequence[FloatArray],
    errors: Sequence[FloatArray],
    price: float,
    outcome: FloatArray | None = None,
) -> tuple[float, float]:
    """Return the most that the best outcomes can be worth, or the prescribed ones, and its margin.

    The expected worth has the margin for rounding in it.

    Parameters
    ----------
    problem
        The problem.
    values, errors
        What a unit of net quantity is worth to each type, and by how much that may be wrong. Where
        an agent's net quantities have one sign, its values are moved in its favour by that much, in
        place, so that types that get nothing add nothing to the margin.
    price
        What a unit of money spent on the outcome's cost weighs.
    outcome : array (num_variables, *shape), optional
        What a unit of each variable is worth beside, in every profile, probabilities included.
    """
    environment = problem.environment
    outcomes = environment.outcomes
    moved, margin = [], 0.0
    low, reach = outcomes.lower, np.maximum(np.abs(outcomes.lower), outcomes.upper)
    for i, (net, value, error) in enumerate(
        zip(outcomes.net_quantity, values, errors, strict=True)
    ):
        sign = int((net >= 0).all()) - int((net <= 0).all())
        if sign == 0 or (low < 0).any():
            largest = float(np.abs(net) @ reach)
            margin += largest * float(environment.masses[i] @ error)
        moved.append(value)
        if sign != 0:
            (np.add if sign > 0 else np.subtract)(value, error, out=value)
    # What is added to the worth of the quantities; or all of it, where profiles tell.
    beside, by_profile = 0.0, True
    if problem.prescribes_allocation:
        quantities: Sequence[FloatArray] = environment.efficient
        beside, by_profile = -price * environment.efficient_cost, False
        if outcome is not None:
            beside += float((outcome * environment.efficient_allocation()).sum())
    elif outcome is not None:
        density = environment.belief.density()
        weights = outcome / density - price * _along_first(outcomes.cost, outcome.ndim)
        for i, grid in enumerate(np.meshgrid(*moved, indexing="ij", sparse=True)):
            weights = weights + _along_first(outcomes.net_quantity[i], outcome.ndim) * grid
        allocation = outcomes.best(weights)
        beside = environment.expectation((weights * allocation).sum(axis=0))
        quantities = environment.interim_quantities(allocation)
        margin += (
            16.0
            * UNIT
            * float((density * (np.abs(weights) * np.abs(allocation)).sum(axis=0)).sum())
        )
    elif environment.has_few_profiles(DENSE_PROFILES):
        # Profile by profile where there are few, so as not to lean on the sorting it may replace.
        allocation = outcomes.allocate(moved, price)
        gains = -price * np.tensordot(outcomes.cost, allocation, axes=1)
        net = environment.net_quantities(allocation)
        for i, grid in enumerate(np.meshgrid(*moved, indexing="ij", sparse=True)):
            gains = gains + net[i] * grid
        beside = environment.expectation(gains)
        quantities = environment.interim_quantities(allocation)
    else:
        quantities, beside, by_profile = outcomes.most_on_average(moved, environment.masses, price)
    worth, size, in_favour = _expected_worth(environment.masses, moved, errors, quantities)
    worth = beside if by_profile else worth + beside
    margin += (8.0 * UNIT + 2.0 * rounding_of_sums(max(environment.shape))) * size
    margin += _rounding_of_choice(problem, moved, price)
    return worth + margin, margin + in_favour


def _along_first(values: FloatArray, num_axes: int) -> FloatArray:
    return values.reshape(-1, *[1] * (num_axes - 1))


def _rounding_of_choice(
    problem: DesignProblem, values: Sequence[FloatArray], price: float
) -> float:
    """Return what may be missed by the worth of outcomes that are chosen by rounded numbers."""
    environment = problem.environment
    outcomes = environment.outcomes
    if outcomes.compares_as_given:
        return 0.0
    reach = np.maximum(np.abs(outcomes.lower), np.abs(outcomes.upper))
    size = abs(price) * float(np.abs(outcomes.cost) @ reach)
    largest = np.abs(outcomes.net_quantity) @ reach
    for most, mass, value in zip(largest, environment.masses, values, strict=True):
        size += float(most) * float(mass @ np.abs(value))
    return 4.0 * UNIT * (len(values) + 2) * size


def _expected_worth(
    masses: Sequence[FloatArray],
    values: Sequence[FloatArray],
    errors: Sequence[FloatArray],
    quantities: Sequence[FloatArray],
) -> tuple[float, float, float]:
    """Return what quantities are worth, the sum of the terms' sizes, and what errors weigh."""
    worth = size = in_favour = 0.0
    for mass, value, error, quantity in zip(masses, values, errors, quantities, strict=True):
        # Block by block, so that products stay in the processor's cache.
        for block in in_blocks(mass.shape):
            terms = mass[block] * value[block]
            terms *= quantity[block]
            worth += float(terms.sum())
            size += float(np.abs(terms, out=terms).sum())
            np.multiply(mass[block], error[block], out=terms)
            terms *= quantity[block]
            in_favour += float(np.abs(terms, out=terms).sum())
    return worth, size, in_favour
