"""Whether partners of continuous priors can part efficiently without outside money."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.environments import Agent, Environment, OwnShare, SharedGoods
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
        What :func:`mechopt.Partnership` returned: priors that are continuous, have atoms and gaps,
        or are finite, of types of at least zero.

    Raises
    ------
    UnsupportedProblemError
        For types below zero, and where the slack hangs on how ties are broken, as it may for an
        atom of two priors beside a gap of one of them.

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
    laws = [Law.of(agent) for agent in partnership.agents]
    fine, coarse = (_on_grid(partnership, laws, points) for points in (POINTS, POINTS // 2))
    # Trapezoids err by the square of the step, whose leading part the two grids tell.
    slack, first_best = (f + (f - c) / 3.0 for f, c in zip(fine, coarse, strict=True))
    rounding = ROUNDING * first_best
    error = CAUTION * abs(fine[0] - coarse[0]) + rounding
    return Dissolution(0.0 if abs(slack) <= rounding else slack, error, first_best)


@dataclass(frozen=True, eq=False)
class Law:
    """The law of one partner's type: what is drawn below and above, its atoms, breaks and gaps.

    Parameters
    ----------
    name
        The partner's name.
    low, high
        The lowest and the highest type.
    up_to, below
        Return the probability of types up to each number, and below it.
    atoms, breaks
        Types with a probability of their own, and where densities jump or bend.
    gaps
        Intervals without types between their ends.

    Examples
    --------
    >>> from mechopt import Agent, TypeSpace
    >>> law = Law.of(Agent("ann", TypeSpace.finite([1, 3], [0.25, 0.75])))
    >>> law.up_to(np.array([1.0, 2.0])), law.below(np.array([1.0, 2.0])), law.gaps
    (array([0.25, 0.25]), array([0.  , 0.25]), ((1.0, 3.0),))
    """

    name: str
    low: float
    high: float
    up_to: Callable[[FloatArray], FloatArray]
    below: Callable[[FloatArray], FloatArray]
    atoms: FloatArray
    breaks: FloatArray
    gaps: tuple[tuple[float, float], ...]

    @classmethod
    def of(cls, agent: Agent) -> Law:
        """Return the law of a partner of a continuous prior, a mixed one, or finite types.

        Raises
        ------
        UnsupportedProblemError
            For cells without a prior, and types below zero.
        """
        types, prior = agent.types, agent.types.prior
        low, high = types.lowest, types.highest
        if low < 0.0 or (prior is None and not types.is_finite):
            got = "a type below zero" if low < 0.0 else "cells of a law that is not known"
            raise UnsupportedProblemError(
                f"{agent.name}: the slack of dissolving a partnership of a continuum (expected "
                f"priors that are known and types of at least zero, got {got}). Measure money "
                "from the lowest type, or state the prior."
            )
        if prior is not None:
            return cls(
                agent.name, low, high, prior.below, lambda t: 1.0 - prior.above(t), prior.atoms,
                prior.breaks, tuple(prior.gaps),
            )  # fmt: skip
        sums = np.append(0.0, np.cumsum(types.mass))
        points = types.mean

        def counted(side: Literal["left", "right"]) -> Callable[[FloatArray], FloatArray]:
            return lambda t: sums[np.searchsorted(points, t, side)]

        gaps = tuple(pairwise(points.tolist()))
        return cls(agent.name, low, high, counted("right"), counted("left"), points, points, gaps)


def _rate_in_gap(
    laws: Sequence[Law], i: int, gap: tuple[float, float], share: float, units: int
) -> float:
    """Return how fast a partner's rents rise in a gap of its law, as is best.

    No type is there to be kept from lying: they may rise by anything between what the types at
    the two ends win.

    Raises
    ------
    UnsupportedProblemError
        If that hangs on how ties with others' atoms are broken.
    """
    ends = np.array(gap)
    others = [law for j, law in enumerate(laws) if j != i]
    last, first = (
        _few(np.array([getattr(law, part)(ends) for law in others]), units).sum(axis=1)
        for part in ("below", "up_to")
    )
    rates = [float(np.clip(share, *won)) for won in (last, first)]
    if abs(rates[0] - rates[1]) > ROUNDING:
        tied = [law.name for law in others if np.isin(ends, law.atoms).any()]
        raise UnsupportedProblemError(
            f"{laws[i].name} and {' and '.join(tied)}: atoms at the same type, beside a gap from "
            f"{gap[0]:.9g} to {gap[1]:.9g} of {laws[i].name} (expected atoms that lie apart, or "
            "priors without gaps there), so that the slack hangs on how ties are broken. Move one "
            "of the atoms a little, or give all priors as finite types."
        )
    return rates[0]


def _on_grid(partnership: Environment, laws: Sequence[Law], points: int) -> tuple[float, float]:
    """Return the slack and the first best by trapezoids on a grid of this many steps.

    Between points of the grid nothing jumps; at them, limits from both sides are taken. Efficient
    outcomes bring ``K low + int E min(K, #{t_i > z}) dz``, and rents ``int (1 - F_i) Q_i``.
    """
    outcomes = partnership.outcomes
    assert isinstance(outcomes, SharedGoods)
    units = outcomes.units
    low, high = min(law.low for law in laws), max(law.high for law in laws)
    marks = [np.array([law.low, law.high]) for law in laws]
    marks += [part for law in laws for part in (law.atoms, law.breaks, np.ravel(law.gaps))]
    grid = np.unique(np.concatenate([np.linspace(low, high, points + 1), *marks]))
    grid = grid[(grid >= low) & (grid <= high)]
    step = np.diff(grid)
    # By agent, end of the step (its left, its right), and step.
    ends = ((0, grid[:-1]), (1, grid[1:]))
    below = np.array(
        [
            [np.clip((law.up_to, law.below)[side](end), 0.0, 1.0) for side, end in ends]
            for law in laws
        ],
        dtype=np.float64,
    )
    exceed = units - np.array(
        [_few(below[:, side], units) @ (units - np.arange(units)) for side in (0, 1)]
    )
    first_best = units * low + float(step @ exceed.mean(axis=0))
    slack = first_best
    for i, (agent, law) in enumerate(zip(partnership.agents, laws, strict=True)):
        option = agent.outside_option
        assert isinstance(option, OwnShare)
        share = float(option.share)
        others = np.delete(below, i, axis=0)
        chance = np.array([_few(others[:, side], units).sum(axis=1) for side in (0, 1)])
        for start, end in law.gaps:
            inside = slice(*np.searchsorted(grid, (start, end)))
            chance[:, inside] = _rate_in_gap(laws, i, (start, end), share, units)
        own = slice(*np.searchsorted(grid, (law.low, law.high)))
        rises = step[own] * chance[:, own].mean(axis=0)
        rents = float(step[own] @ ((1.0 - below[i]) * chance)[:, own].mean(axis=0))
        option_left = share * grid[own.start : own.stop + 1] - np.append(0.0, np.cumsum(rises))
        best = float(option_left.max()) + _beyond(step[own], *(share - chance[:, own]))
        slack -= rents + best
    return slack, first_best


def _beyond(step: FloatArray, left: FloatArray, right: FloatArray) -> float:
    """Return how far a function rises beyond its largest value at the ends of steps.

    Its slopes fall; within a step they go evenly from the one at its left to that at its right.
    """
    turning = np.flatnonzero((left > 0.0) & (right < 0.0))
    if not turning.size:
        return 0.0
    k = int(turning[0])
    before, after = float(left[k]), -float(right[k])
    return 0.5 * float(step[k]) * min(before, after) ** 2 / (before + after)


def _few(below: FloatArray, units: int) -> FloatArray:
    """Return the chances that 0, 1, ..., units - 1 of some agents are above each point.

    Parameters
    ----------
    below : array of shape (num_agents, num_points)
        How likely each agent is below each point.

    Returns
    -------
    array of shape (num_points, units)

    Examples
    --------
    >>> _few(np.array([[0.5], [0.25]]), 2)
    array([[0.125, 0.5  ]])
    """
    ahead = np.zeros((units, below.shape[1]))
    ahead[0] = 1.0
    for own in below:
        entering = ahead[:-1] * (1.0 - own)
        ahead *= own
        ahead[1:] += entering
    return ahead.T
