"""Whether partners of continuous priors can part efficiently without outside money."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.environments import Environment, OwnShare, SharedGoods
from mechopt.errors import UnsupportedProblemError

POINTS = 8_192
# The error is taken to be this many times what halving the grid changes.
CAUTION = 2.0
# A slack this small, in first bests, is zero.
ROUNDING = 1e-12


@dataclass(frozen=True)
class Dissolution:
    """The slack of the efficient rule among partners of continuous priors.

    Parameters
    ----------
    slack
        Gains less information rents and what the worst-off types must be given, in money.
    error
        How far it may be off, by a coarser grid.
    first_best
        Expected value of the good to whom values it most, in money.
    """

    slack: float
    error: float
    first_best: float


def dissolution(partnership: Environment) -> Dissolution:
    """Return the slack of dissolving a partnership efficiently, over continuous priors themselves.

    Parameters
    ----------
    partnership
        What :func:`mechopt.Partnership` returned, each prior continuous and at least zero.

    Raises
    ------
    UnsupportedProblemError
        For a prior that is not continuous or has atoms, and types below zero.

    Notes
    -----
    The integrals of theory.md, section 6.3, by trapezoids over each partner's distribution
    function; Cramton, Gibbons and Klemperer (1987), doi:10.2307/1913602.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import Partnership, TypeSpace
    >>> types = TypeSpace.from_distribution(stats.uniform(0, 1), 2)
    >>> round(dissolution(Partnership(types, [0.5, 0.5])).slack, 6)  # 1/12
    0.083333
    """
    for agent in partnership.agents:
        prior = agent.types.prior
        if prior is None or prior.atoms.size or agent.types.lowest < 0.0:
            raise UnsupportedProblemError(
                f"the slack of dissolving a partnership of a continuum needs continuous priors "
                f"without atoms, of at least zero (got another for {agent.name}). Use finite types."
            )
    fine, coarse = (_on_grid(partnership, points) for points in (POINTS, POINTS // 2))
    # Trapezoids err by the square of the step, whose leading part the two grids tell.
    slack, first_best = (f + (f - c) / 3.0 for f, c in zip(fine, coarse, strict=True))
    rounding = ROUNDING * first_best
    error = CAUTION * abs(fine[0] - coarse[0]) + rounding
    return Dissolution(0.0 if abs(slack) <= rounding else slack, error, first_best)


def _on_grid(partnership: Environment, points: int) -> tuple[float, float]:
    """Return the slack and the first best by trapezoids on a grid of this many steps."""
    outcomes = partnership.outcomes
    assert isinstance(outcomes, SharedGoods)
    low = min(agent.types.lowest for agent in partnership.agents)
    high = max(agent.types.highest for agent in partnership.agents)
    priors = [agent.types.prior for agent in partnership.agents]
    marks = [prior.breaks for prior in priors if prior is not None]
    ends = [(agent.types.lowest, agent.types.highest) for agent in partnership.agents]
    grid = np.unique(np.concatenate([np.linspace(low, high, points + 1), *ends, *marks]))
    grid = grid[(grid >= low) & (grid <= high)]
    below = []
    for prior in priors:
        assert prior is not None
        below.append(np.clip(np.asarray(prior.below(grid), dtype=np.float64), 0.0, 1.0))
    quantities = _chances(below, outcomes.units)
    slack, first_best, step = 0.0, 0.0, np.diff(grid)
    for agent, chance, part in zip(partnership.agents, quantities, below, strict=True):
        option = agent.outside_option
        assert isinstance(option, OwnShare)
        share = float(option.share)
        rent = np.append(0.0, np.cumsum(step * _middles(chance)))
        mass = np.diff(part)
        inside = (grid >= agent.types.lowest) & (grid <= agent.types.highest)
        # Rents are counted from the lowest type of the agent itself.
        rent = rent - rent[inside][0]
        worth = float(mass @ _middles(grid * chance))
        option_left = (share * grid - rent)[inside]
        worst = float(option_left.max()) + _beyond(grid[inside], share - chance[inside])
        slack += worth - float(mass @ _middles(rent)) - worst
        first_best += worth
    return slack, first_best


def _beyond(grid: FloatArray, slope: FloatArray) -> float:
    """Return how far a function rises beyond its largest value on the grid, its slope falling."""
    k = int(np.searchsorted(-slope, 0.0))
    if not 0 < k < grid.size or slope[k] == slope[k - 1]:
        return 0.0
    step, before, after = float(grid[k] - grid[k - 1]), float(slope[k - 1]), -float(slope[k])
    return 0.5 * step * min(before, after) ** 2 / (before + after)


def _middles(values: FloatArray) -> FloatArray:
    return np.asarray(0.5 * (values[1:] + values[:-1]))


def _chances(below: list[FloatArray], units: int) -> list[FloatArray]:
    """Return each agent's chance of a unit at every point, given the others' distributions."""
    found = []
    for i in range(len(below)):
        # Distribution of how many of the others are above.
        ahead = np.zeros((units, below[i].size))
        ahead[0] = 1.0
        for j, other in enumerate(below):
            if j != i:
                entering = ahead[:-1] * (1.0 - other)
                ahead *= other
                ahead[1:] += entering
        found.append(ahead.sum(axis=0))
    return found
