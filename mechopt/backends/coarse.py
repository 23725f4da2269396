"""Type spaces with fewer cells, over which the search for an optimum begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mechopt.environments import Environment
from mechopt.types import TypeSpace
from mechopt.types.exact import NoExactCells

COARSENING = 32
COARSE_CELLS = 1_000


def coarsened(types: TypeSpace) -> TypeSpace:
    """Return the type space with runs of about COARSENING neighbouring cells merged.

    At least COARSE_CELLS are left, or what there is.

    Examples
    --------
    >>> coarsened(TypeSpace.finite(np.arange(100_000.0))).num_cells
    3125
    """
    num_cells = max(types.num_cells // COARSENING, COARSE_CELLS)
    if types.num_cells <= num_cells:
        return types
    edges = np.arange(num_cells + 1) * types.num_cells // num_cells
    starts = edges[:-1]
    mass = np.add.reduceat(types.mass, starts)
    lower, upper = types.lower[starts], types.upper[edges[1:] - 1]
    mean = np.clip(np.add.reduceat(types.mass * types.mean, starts) / mass, lower, upper)
    exact = NoExactCells("merged cells of another type space")
    return TypeSpace(mass / mass.sum(), mean, lower, upper, exact=exact)


def with_types(environment: Environment, spaces: Sequence[TypeSpace]) -> Environment:
    """Return the environment with other type spaces."""
    agents = tuple(
        replace(agent, types=types) for agent, types in zip(environment.agents, spaces, strict=True)
    )
    return Environment(agents, environment.outcomes)
