"""The first best of bilateral trade over continuous priors themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.environments import Environment
from mechopt.types import TypeSpace
from mechopt.types.cells import curve_of
from mechopt.types.curves import gains_between, gains_error

# Cells whose first bests bracket the continuum's, where trade can be delayed.
NUM_CELLS = 1_024


@dataclass(frozen=True)
class Estimate:
    """A number and how far it may be off, in money."""

    value: float
    error: float


def first_best_of_continuum(trade: Environment) -> Estimate:
    """Return all expected gains of bilateral trade, over continuous priors themselves.

    Parameters
    ----------
    trade
        Bilateral trade, with or without delay, with a continuous prior on at least one side.

    Notes
    -----
    Without delay the first best is the integral of ``F (1 - G)``, and the error is an estimate.
    With delay it lies between what cells gain at their means and what they gain with their types
    spread to their ends, for gains are convex in each type; the middle is given, and half the
    distance.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import BilateralTrade
    >>> types = TypeSpace.from_distribution(stats.uniform(0, 1), 2)
    >>> found = first_best_of_continuum(BilateralTrade(types, types))
    >>> abs(found.value - 1 / 6) <= found.error < 1e-12
    True
    """
    giver, receiver = (agent.types for agent in trade.agents)
    outcomes = trade.outcomes
    exchange = outcomes.exchange
    patient = (
        exchange is None
        or (not exchange.has_delay)
        or (exchange.ratio >= 1.0 and min(giver.lowest, receiver.lowest) >= 0.0)
    )
    if patient:
        costs, values = curve_of(giver), curve_of(receiver)
        pieces = gains_between(costs, values)
        return Estimate(pieces.total, gains_error(costs, values, pieces))
    cells = [
        types if types.prior is None else TypeSpace.from_distribution(types.prior, NUM_CELLS)
        for types in (giver, receiver)
    ]
    atoms, masses = zip(*(to_ends(types) for types in cells), strict=True)
    low = outcomes.expected_maximum([types.mean for types in cells], [t.mass for t in cells])
    high = outcomes.expected_maximum(list(atoms), list(masses))
    return Estimate(0.5 * (low + high), 0.5 * abs(high - low))


def to_ends(types: TypeSpace) -> tuple[FloatArray, FloatArray]:
    """Spread the types of each cell to its two ends, with the mean kept."""
    if types.is_finite or types.prior is None:
        return types.mean, types.mass
    share = types.mean_share
    ends = np.concatenate([types.lower, types.upper])
    return ends, np.concatenate([types.mass * (1.0 - share), types.mass * share])
