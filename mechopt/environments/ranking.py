"""Who is among the first of several agents by value, in a profile and on average over profiles.

Whatever goes to a fixed number of agents, such as units of a good, goes to those of largest value.
Of equal values, the agent that comes first is ahead.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, accumulated

# Of more agents, values are sorted rather than compared in pairs.
MANY = 16


def first_by_value(values: Sequence[FloatArray], units: int, least: float) -> FloatArray:
    """Return for each agent whether it is among the first by value, and its value above the least.

    Parameters
    ----------
    values
        One array per agent, which together broadcast to the profiles.
    units
        How many agents are among the first, at least one.
    least
        What a value has to exceed.

    Returns
    -------
    array of shape (num_agents, ...)
        Ones and zeros.

    Examples
    --------
    >>> first_by_value([np.array([2.0, 0.0]), np.array([2.0, 1.0])], 1, 0.5)
    array([[1., 0.],
           [0., 1.]])
    """
    shape = np.broadcast_shapes(*(value.shape for value in values))
    result = np.empty((len(values), *shape))
    if len(values) > MANY:
        stacked = np.stack([np.broadcast_to(value, shape) for value in values])
        order = np.argsort(-stacked, axis=0, kind="stable")
        ranks = np.arange(len(values)).reshape(-1, *[1] * len(shape))
        np.put_along_axis(result, order, (ranks < units).astype(np.float64), axis=0)
        return np.where(stacked > least, result, 0.0)
    for i, own in enumerate(values):
        ahead = np.zeros(shape, dtype=np.int16)
        if units < len(values):
            for j, other in enumerate(values):
                if j != i:
                    ahead += other >= own if j < i else other > own
        result[i] = (ahead < units) & (own > least)
    return result


def chances_to_be_first(
    values: Sequence[FloatArray],
    masses: Sequence[FloatArray],
    units: int,
    least: float,
    wanted: range | None = None,
) -> tuple[FloatArray, ...]:
    """Return the averages of :func:`first_by_value` over independent profiles, by own type.

    Parameters
    ----------
    values
        One array per agent: what it is worth at each of its types.
    masses
        Probabilities of the types, likewise.
    units, least
        As there.
    wanted
        The agents, one after the other, whose chances are returned; all of them unless given.

    Returns
    -------
    tuple of arrays
        One per agent, over its types.

    Notes
    -----
    How many agents are ahead of a value is a sum of independent indicators. Their distribution is
    put together agent by agent, once from the front, where equal values are ahead, and once from
    the back, where they are not, and the two are joined at each agent's own values. That is a
    number of steps proportional to agents times distinct values times units, with nothing
    subtracted: what cannot happen has a chance of exactly 0. Source: theory.md, section 6.1.

    Examples
    --------
    >>> half = np.array([0.5, 0.5])
    >>> chances_to_be_first([np.array([1.0, 3.0]), np.array([1.0, 4.0])], [half, half], 1, 0.0)
    (array([0.5, 0.5]), array([0., 1.]))
    """
    units, wanted = min(units, len(values)), range(len(values)) if wanted is None else wanted
    levels = np.unique(np.concatenate([values[i] for i in wanted]))
    levels = levels[levels > least]
    above = [value > least for value in values]
    alike = _first_alike(values, masses)
    # The places of those whose own values are levels.
    places: dict[int, npt.NDArray[np.intp]] = {}
    for i in wanted:
        known = places.get(alike[i])
        places[i] = np.searchsorted(levels, values[i][above[i]]) if known is None else known

    # Agents that are alike are counted one after the other.
    @lru_cache(maxsize=1)
    def behind(j: int, of_equals: bool) -> FloatArray:
        """Return the probability that agent j's value is below each level, or equal to it."""
        mass, own = masses[j], values[j][above[j]]
        if j in places:
            at = places[j] + (not of_equals)
        else:
            at = np.searchsorted(levels, own, side="left" if of_equals else "right")
        # Without a value above the least, numpy counts in whole numbers.
        sums = np.bincount(at, mass[above[j]], levels.size)[: levels.size].astype(np.float64)
        sums[:1] += float(mass[~above[j]].sum())
        chance = np.minimum(accumulated(sums), 1.0)
        # Probabilities add up to one but for rounding, and what is certain has none.
        chance[at.max(initial=0) :] = 1.0
        return chance

    def nobody() -> FloatArray:
        """Return the distribution of how many are ahead, before anybody is counted."""
        return np.concatenate([np.ones((1, levels.size)), np.zeros((units - 1, levels.size))])

    at_most: dict[int, FloatArray] = {}
    ahead = nobody()
    for j in range(len(values) - 1, wanted.start - 1, -1):
        if j in places:
            at_most[j] = np.cumsum(ahead[:, places[j]], axis=0)
        if j > wanted.start:
            _count(ahead, behind(alike[j], True))
    chances = []
    ahead = nobody()
    for i in range(wanted.stop):
        if i in places:
            chance = np.zeros(values[i].size)
            # So many are ahead among those before it, and no more than what is left among others.
            chance[above[i]] = (ahead[:, places[i]] * at_most[i][::-1]).sum(axis=0)
            chances.append(chance)
        if i < wanted.stop - 1:
            _count(ahead, behind(alike[i], False))
    return tuple(chances)


def _first_alike(values: Sequence[FloatArray], masses: Sequence[FloatArray]) -> list[int]:
    """Return for each agent the first of those before it, one after the other, who are alike."""
    first: list[int] = []
    for j, (own, mass) in enumerate(zip(values, masses, strict=True)):
        before = first[-1] if first else j
        same = np.array_equal(own, values[before]) and np.array_equal(mass, masses[before])
        first.append(before if same else j)
    return first


def _count(ahead: FloatArray, behind: FloatArray) -> None:
    """Add one agent to the distribution of how many are ahead, in place.

    Parameters
    ----------
    ahead : array of shape (units, num_levels)
        Probability that so many are ahead; larger numbers are left out.
    behind : array of shape (num_levels,)
        Probability that the further agent is not ahead.
    """
    entering = ahead[:-1] * (1.0 - behind)
    ahead *= behind
    ahead[1:] += entering
