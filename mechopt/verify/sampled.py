"""Interim quantities against outcomes of profiles drawn at random, where there are very many."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mechopt._util.arrays import FloatArray, IndexArray
from mechopt.environments import Environment
from mechopt.mechanism.check import Check
from mechopt.mechanism.mechanism import Mechanism

GRIDS = 64
# Profiles of each grid of drawn types, at most.
GRID_PROFILES = 20_000
# An average of drawn outcomes lies this many standard errors away once in many millions of audits.
STANDARD_ERRORS = 8.0


def drawn_grids(environment: Environment) -> list[tuple[IndexArray, ...]]:
    """Return grids of types that are drawn from the prior, the same ones every time.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([0, 1])
    >>> grids = drawn_grids(BilateralTrade(types, types))
    >>> len(grids), [cells.size for cells in grids[0]]
    (64, [141, 141])
    """
    generator = np.random.default_rng(0)
    each = max(int(GRID_PROFILES ** (1.0 / len(environment.agents))), 1)
    sums = [np.cumsum(mass) for mass in environment.masses]
    return [
        tuple(np.searchsorted(up_to, generator.uniform(0.0, up_to[-1], each)) for up_to in sums)
        for _ in range(GRIDS)
    ]


def sampled_quantity_checks(mechanism: Mechanism, tolerance: float) -> Iterator[Check]:
    """Yield the checks that interim quantities are what drawn outcomes average to.

    Outcomes less the interim quantities of the types drawn average to zero, for the lower half of
    an agent's types and for the upper half. How far they may be off is judged by how much the
    averages of the grids differ, and by how many types were drawn.
    """
    environment = mechanism.environment
    grids = drawn_grids(environment)
    drawn = [mechanism.allocation.on_grid(environment, cells) for cells in grids]
    for i, agent in enumerate(environment.agents):
        lower_half = np.cumsum(agent.types.mass) <= 0.5
        means, sizes = np.zeros((2, GRIDS)), np.zeros(2)
        for g, (cells, outcomes) in enumerate(zip(grids, drawn, strict=True)):
            own = cells[i]
            net = np.tensordot(environment.outcomes.net_quantity[i], outcomes, axes=1)
            found: FloatArray = np.moveaxis(net, i, 0).reshape(own.size, -1).mean(axis=1)
            claimed = mechanism.quantity[i][own]
            for half, of in enumerate((lower_half[own], ~lower_half[own])):
                means[half, g] = (of * (found - claimed)).sum() / own.size
                sizes[half] += (of * (np.abs(found) + np.abs(claimed))).sum() / own.size
        draws = GRIDS * grids[0][i].size
        reach = float(np.abs(environment.outcomes.net_quantity[i]).max(initial=0.0))
        error = np.sqrt(means.var(axis=1, ddof=1) / GRIDS + reach * sizes / GRIDS / draws)
        away = np.abs(means.mean(axis=1))
        beyond = np.maximum(away - STANDARD_ERRORS * error, 0.0)
        half = int(np.argmax(beyond))
        where = f"{agent.name}, the {('lower', 'upper')[half]} half of its types"
        requirement = f"interim quantities of {agent.name} average its outcomes"
        yield Check(requirement, float(away[half]), float(beyond[half]), tolerance, where)
