"""How many units sets of types can win together: the right-hand sides of Border's inequalities.

Of K units for agents who want one each, the types in a set win as many in expectation as there are
units or agents with such types, whichever is less (Border 1991, for identical agents and one unit;
Che, Kim and Mierendorff 2013, Econometrica 81, 2487-2520, for others).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

NumberArray = npt.NDArray[Any]

# Sets that so few agents are expected to be in add less to what is won than its rounding shows.
RARE = 1e-3
# Gauss points of two: over a rare set a chance bends so little that they leave no error.
POINTS = (0.5 - 0.5 / math.sqrt(3.0), 0.5 + 0.5 / math.sqrt(3.0))


def chances_of_few(count: int, chance: Any, units: int) -> list[Any]:
    """Return the chances that 0, 1, ..., units - 1 of identical agents have types of a set.

    Parameters
    ----------
    count
        How many agents there are.
    chance
        The probability of the set: an array, one for each set, or a Fraction.
    units
        How many chances are wanted.

    Examples
    --------
    >>> chances_of_few(2, np.array([0.5]), 2)
    [array([0.25]), array([0.5])]
    """
    floats = isinstance(chance, np.ndarray) and chance.dtype != object
    whole = float if floats else int
    return [
        whole(math.comb(count, k)) * chance**k * (1 - chance) ** max(count - k, 0)
        for k in range(units)
    ]


def fewer_than(counts: Sequence[int], chances: Sequence[Any], units: int) -> list[Any]:
    """Return the chances that 0, 1, ..., units - 1 agents of all groups have types of a set.

    Parameters
    ----------
    counts, chances, units
        As of :func:`most_won`.

    Examples
    --------
    >>> fewer_than([1, 1], [np.array([0.5]), np.array([0.25])], 2)
    [array([0.375]), array([0.5])]
    """
    few = chances_of_few(counts[0], chances[0], units)
    for count, chance in zip(counts[1:], chances[1:], strict=True):
        own = chances_of_few(count, chance, units)
        few = [sum(few[j] * own[k - j] for j in range(k + 1)) for k in range(units)]
    return few


def most_won(counts: Sequence[int], chances: Sequence[Any], units: int) -> Any:
    """Return the expectation of the units or of the agents with types of a set, whichever is less.

    Parameters
    ----------
    counts
        How many agents there are in each group of identical ones.
    chances
        For each group the probability of its types in the set: arrays of floats that broadcast, one
        entry for each set, or Fractions.
    units
        How many units there are.

    Returns
    -------
    array or Fraction
        One number for each set.

    Notes
    -----
    Source: theory.md, section 6.1.

    Examples
    --------
    >>> most_won([2], [np.array([0.5, 1.0])], 1)
    array([0.75, 1.  ])
    >>> from fractions import Fraction
    >>> most_won([3, 1], [Fraction(1, 2), Fraction(0)], 2)
    Fraction(11, 8)
    """
    if sum(counts) <= units:
        return sum(count * chance for count, chance in zip(counts, chances, strict=True))
    few = fewer_than(counts, chances, units)
    return units - sum((units - k) * each for k, each in enumerate(few))


def chance_at_level(
    counts: Sequence[int], ahead: Sequence[Any], g: int, level: Any, units: int
) -> Any:
    """Return how likely an agent wins at a level that rare types of its group share evenly.

    It is the average over the agent's place among those at the level; nothing is divided by how
    rare they are.

    Parameters
    ----------
    counts, ahead, units
        As of :func:`most_won`, of the types that are served before.
    g
        The agent's group.
    level
        The probability of its types at the level: below ``RARE``, or the only agent of the group.

    Examples
    --------
    >>> float(chance_at_level([2], [0.25], 0, 1e-12, 1))
    0.75
    """
    others = [count - (h == g) for h, count in enumerate(counts)]
    parts = []
    for point in POINTS:
        joined = [chance + point * level * (h == g) for h, chance in enumerate(ahead)]
        parts.append(sum(fewer_than(others, joined, units)))
    return sum(parts) / len(POINTS)


def won_by_highest(mass: NumberArray, count: int, units: int) -> NumberArray:
    """Return what the highest types win at most together, for each type and those above it.

    Parameters
    ----------
    mass : array of shape (num_types,)
        Probabilities of the types, which all agents share; floats or fractions.
    count, units
        How many agents and units there are.

    Examples
    --------
    >>> won_by_highest(np.array([0.5, 0.5]), 2, 1)
    array([1.  , 0.75])
    """
    chance = np.cumsum(mass[::-1])[::-1]
    if mass.dtype != object:
        chance = np.minimum(chance, 1.0)
        chance[0] = 1.0
    return np.asarray(most_won([count], [chance], units))
