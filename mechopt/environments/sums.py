"""How likely a sum of several agents' values exceeds a number, given one of the values."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mechopt._util.arrays import FloatArray, accumulated
from mechopt.errors import TooLargeError
from mechopt.types.prior import interim

MAX_HALF = 1 << 18


def largest_half(sizes: Sequence[int]) -> tuple[int, int]:
    """Return where to cut agents in two, and how many profiles the larger part then has.

    Examples
    --------
    >>> largest_half([3, 3, 4])
    (2, 9)
    """
    profiles = {
        cut: max(math.prod(sizes[:cut]), math.prod(sizes[cut:])) for cut in range(1, len(sizes) + 1)
    }
    middle = min(profiles, key=lambda cut: profiles[cut])
    return middle, profiles[middle]


def chances_to_exceed(
    values: Sequence[FloatArray], masses: Sequence[FloatArray], least: float
) -> tuple[FloatArray, ...]:
    """Return the probability that the sum of all values exceeds a number, by own type.

    Parameters
    ----------
    values
        One array per agent: what each of its types counts for.
    masses
        Probabilities of the types, likewise; agents are independent.
    least
        What the sum has to exceed.

    Returns
    -------
    tuple of arrays
        One per agent, over its types.

    Raises
    ------
    TooLargeError
        If the sums of half of the agents do not fit.

    Notes
    -----
    The agents are split in two, and the sums of each half are looked up among the sorted sums of
    the other. Source: theory.md, section 6.2.

    Examples
    --------
    >>> half = np.array([0.5, 0.5])
    >>> chances_to_exceed([np.array([0.0, 1.0]), np.array([0.0, 2.0])], [half, half], 1.5)
    (array([0.5, 0.5]), array([0., 1.]))
    """
    middle, largest = largest_half([value.size for value in values])
    if largest > MAX_HALF:
        raise TooLargeError(
            f"the sums of half of {len(values)} agents' values would be {largest:.3g} numbers (at "
            f"most {MAX_HALF:.0e}). Use fewer cells or agents."
        )
    halves = (slice(None, middle), slice(middle, None))
    sums = [_sums(values[half]) for half in halves]
    weights = [_products(masses[half]) for half in halves]
    # Each pair of sums is compared once, for both halves: a tie that rounding decides is decided
    # alike for all agents.
    order = np.argsort(sums[1], axis=None, kind="stable")
    first = np.searchsorted(sums[1].ravel()[order], least - sums[0], side="right")
    tails = accumulated(np.append(0.0, weights[1].ravel()[order][::-1]))[::-1]
    reached = np.bincount(first.ravel(), weights=weights[0].ravel(), minlength=order.size + 1)
    by_rank = accumulated(reached.astype(float))[:-1]
    other = np.empty(order.size)
    other[order] = by_rank
    above = (tails[first], other.reshape(sums[1].shape))
    chances = [
        interim(masses[half], i, each)
        for half, each in zip(halves, above, strict=True)
        for i in range(len(masses[half]))
    ]
    return tuple(np.minimum(chance, 1.0) for chance in chances)


def _sums(values: Sequence[FloatArray]) -> FloatArray:
    """Return the sum of values in every profile of some agents; zero if there is none."""
    total: FloatArray = np.zeros(())
    for value in values:
        total = total[..., None] + value
    return total


def _products(masses: Sequence[FloatArray]) -> FloatArray:
    """Return the probability of every profile of some agents; one if there is none."""
    total: FloatArray = np.ones(())
    for mass in masses:
        total = total[..., None] * mass
    return total
