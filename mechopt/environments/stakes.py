"""What is at stake for whom, and the origin from which money is best measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mechopt._util.arrays import FloatArray, IndexArray
from mechopt.environments.agent import NoPayoff
from mechopt.errors import InvalidInputError

if TYPE_CHECKING:
    from mechopt.environments.environment import Environment

# Up to this many profiles, stakes are averaged profile by profile.
DENSE_PROFILES = 1_000_000
# Types are measured from another origin where it is this many times as far as types lie apart.
FAR = 16.0


def stakes(environment: Environment) -> tuple[FloatArray, ...]:
    """Return the expected sum of gains given each agent's own type, if types were public.

    With very many profiles, a lower bound: gains are convex in the type, and their slope is the
    efficient net quantity, so they rise by at least that from each type to the next.

    Returns
    -------
    tuple of arrays of shape (num_cells,)
        One per agent, in money, at least zero.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> trade = BilateralTrade(TypeSpace.finite([0, 1, 1e9]), TypeSpace.finite([0.5, 1.5]))
    >>> stakes(trade)[0]
    array([1.  , 0.25, 0.  ])
    """
    centred = environment.centred
    if environment.num_profiles <= DENSE_PROFILES or not environment.independent:
        values = gains(centred, [np.arange(size) for size in environment.shape])
        return tuple(
            np.maximum(environment.interim(i, values), 0.0) for i in range(len(environment.agents))
        )
    quantities = centred.efficient_quantities()
    return tuple(_by_slopes(centred, i, quantity) for i, quantity in enumerate(quantities))


def gains(environment: Environment, types: Sequence[IndexArray]) -> FloatArray:
    """Return the sum of gains in every profile of the given types, under the best outcome."""
    outcomes = environment.outcomes
    allocation = environment.efficient_on_grid(types)
    total = -np.tensordot(outcomes.cost, allocation, axes=1)
    net = environment.net_quantities(allocation)
    values = [a.types.mean[cells] for a, cells in zip(environment.agents, types, strict=True)]
    for i, grid in enumerate(np.meshgrid(*values, indexing="ij", sparse=True)):
        total = total + net[i] * grid
    return np.asarray(total, dtype=np.float64)


def _by_slopes(environment: Environment, i: int, quantity: FloatArray) -> FloatArray:
    """Return a lower bound on an agent's stakes by type, from its efficient net quantities."""
    mean = environment.agents[i].types.mean
    # The least promising type: below it net quantities are negative, above it positive.
    start = int(np.searchsorted(quantity, 0.0))
    start = min(start, mean.size - 1)
    cells = [np.arange(size) for size in environment.shape]
    cells[i] = np.array([start])
    least = float(environment.interim(i, gains(environment, cells))[0])
    steps = np.diff(mean)
    result = np.full(mean.size, max(least, 0.0))
    result[start + 1 :] += np.cumsum(np.maximum(quantity[start:-1], 0.0) * steps[start:])
    falls = (np.maximum(-quantity[1 : start + 1], 0.0) * steps[:start])[::-1]
    result[:start] += np.cumsum(falls)[::-1]
    return result


def origin_of(environment: Environment) -> float:
    """Return the money to measure types from: zero unless types that trade lie far from it.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([1e14, 1e14 + 1, 1e14 + 2])
    >>> origin_of(BilateralTrade(types, types)) - 1e14
    1.0
    """
    if not _allows_shifts(environment):
        return 0.0
    pairs = [(a.types.mean, m) for a, m in zip(environment.agents, environment.masses, strict=True)]
    weights = [m * np.abs(q) for (_, m), q in zip(pairs, environment.efficient, strict=True)]
    if not any(w.any() for w in weights):
        weights = [mass for _, mass in pairs]
    total = sum(float(w.sum()) for w in weights)
    middle = sum(float(w @ t) for w, (t, _) in zip(weights, pairs, strict=True)) / total
    spread = sum(float(w @ np.abs(t - middle)) for w, (t, _) in zip(weights, pairs, strict=True))
    if abs(middle) * total < FAR * spread or middle == 0.0:
        return 0.0
    try:
        for agent in environment.agents:
            # Types far from those that trade may become one float: nothing hangs on them there.
            agent.types.shifted(middle)
    except InvalidInputError:
        return 0.0
    return middle


def _allows_shifts(environment: Environment) -> bool:
    """Return whether adding the same money to all types changes no gain, with or without trade."""
    moved = environment.outcomes.net_quantity.sum(axis=0)
    return not moved.any() and all(
        isinstance(agent.outside_option, NoPayoff) for agent in environment.agents
    )
