"""How likely a sum of several agents' values exceeds a number, given one of the values."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mechopt._util.arrays import FloatArray, accumulated
from mechopt.errors import TooLargeError
from mechopt.types.prior import interim

MAX_HALF = 50_000_000


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
    sizes = [value.size for value in values]
    middle = min(
        range(1, len(sizes) + 1),
        key=lambda cut: max(math.prod(sizes[:cut]), math.prod(sizes[cut:])),
    )
    largest = max(math.prod(sizes[:middle]), math.prod(sizes[middle:]))
    if largest > MAX_HALF:
        raise TooLargeError(
            f"the sums of half of {len(sizes)} agents' values would be {largest:.3g} numbers (at "
            f"most {MAX_HALF:.0e}). Use fewer cells or agents."
        )
    halves = (slice(None, middle), slice(middle, None))
    sums = [_sums(values[half]) for half in halves]
    weights = [_products(masses[half]) for half in halves]
    chances: list[FloatArray] = []
    for own, other in ((0, 1), (1, 0)):
        order = np.argsort(sums[other], axis=None, kind="stable")
        ordered = sums[other].ravel()[order]
        tails = accumulated(np.append(0.0, weights[other].ravel()[order][::-1]))[::-1]
        above = tails[np.searchsorted(ordered, least - sums[own], side="right")]
        members = masses[halves[own]]
        chances.extend(interim(members, i, above) for i in range(len(members)))
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
