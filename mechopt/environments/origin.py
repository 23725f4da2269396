"""Where the types of an environment are measured from in computations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mechopt._util.arrays import in_blocks
from mechopt.environments.agent import NoPayoff
from mechopt.errors import InvalidInputError

if TYPE_CHECKING:
    from mechopt.environments.environment import Environment

# Types are measured from another origin where it is this many times as far as types lie apart.
FAR = 16.0


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
    spread = 0.0
    for w, (t, _) in zip(weights, pairs, strict=True):
        spread += sum(float(w[b] @ np.abs(t[b] - middle)) for b in in_blocks(t.shape))
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
    if not environment.has_net_quantities:
        return False
    moved = environment.outcomes.net_quantity.sum(axis=0)
    return not moved.any() and all(
        isinstance(agent.outside_option, NoPayoff) for agent in environment.agents
    )
