"""Where the types of an environment are measured from in computations."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mechopt._util.arrays import FloatArray, in_blocks
from mechopt.environments.agent import NoPayoff
from mechopt.environments.valued import Valued
from mechopt.errors import InvalidInputError

# Types are measured from another origin where it is this many times as far as types lie apart.
FAR = 16.0


def origin_of(valued: Valued, efficient: Callable[[], tuple[FloatArray, ...]]) -> float:
    """Return the money to measure types from: zero unless types that trade lie far from it.

    Parameters
    ----------
    valued
        Agents and outcomes.
    efficient
        Returns the interim net quantities of the ex post efficient allocation, if asked for.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([1e14, 1e14 + 1, 1e14 + 2])
    >>> trade = BilateralTrade(types, types)
    >>> origin_of(trade, lambda: trade.efficient) - 1e14
    1.0
    """
    if not _allows_shifts(valued):
        return 0.0
    pairs = [(agent.types.mean, agent.types.mass) for agent in valued.agents]
    weights = [m * np.abs(q) for (_, m), q in zip(pairs, efficient(), strict=True)]
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
        for agent in valued.agents:
            # Types far from those that trade may become one float: nothing hangs on them there.
            agent.types.shifted(middle)
    except InvalidInputError:
        return 0.0
    return middle


def _allows_shifts(valued: Valued) -> bool:
    """Return whether adding the same money to all types changes no gain, with or without trade."""
    if not valued.has_net_quantities:
        return False
    moved = valued.outcomes.net_quantity.sum(axis=0)
    return not moved.any() and all(
        isinstance(agent.outside_option, NoPayoff) for agent in valued.agents
    )
