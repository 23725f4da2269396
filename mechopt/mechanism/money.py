"""Amounts of money judged by what is at stake, beyond what rounding explains."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.environments import Environment
from mechopt.mechanism.check import Check

EPS = float(np.finfo(np.float64).eps)
ALL = slice(None)


def money_check(
    requirement: str,
    violation: float,
    rounding: float,
    stakes: float,
    tolerance: float,
    where: str,
) -> Check:
    """Return the check of one number in money.

    Examples
    --------
    >>> money_check("budget", 0.5, 0.1, 4.0, 1e-7, "by hand").scaled
    0.1
    """
    beyond = violation - rounding
    scaled = 0.0 if beyond <= 0.0 else beyond / stakes if stakes > 0.0 else np.inf
    return Check(requirement, violation, scaled, tolerance, where)


def own_stakes(environment: Environment, i: int, block: slice = ALL) -> FloatArray:
    """Return what violations of types' own constraints are measured in, above zero, in money.

    Of all types of the agent, or of a block of them.
    """
    least = EPS * environment.first_best or float(np.finfo(np.float64).tiny)
    return np.maximum(environment.stakes[i][block], least)


def away_from(surplus: float, cost: str) -> str:
    """Return, in words, on which side of the cost payments are, and by how much.

    Examples
    --------
    >>> away_from(-0.5, "the cost")
    'fall short of the cost by 0.5'
    """
    if surplus < 0.0:
        return f"fall short of {cost} by {-surplus:.3g}"
    return f"exceed {cost} by {surplus:.3g}"


def place_text(environment: Environment, position: int) -> str:
    """Return a text for one profile, by its position in row-major order."""
    cells = np.unravel_index(position, environment.shape)
    return profile_text(environment, [int(cell) for cell in cells])


def profile_text(environment: Environment, cells: Sequence[int]) -> str:
    """Return a text for one profile, by the positions of the agents' types."""
    return ", ".join(
        f"{agent.name} type {cell} ({agent.types.label(cell)})"
        for agent, cell in zip(environment.agents, cells, strict=True)
    )
