"""How much gains rise from the least promising type to the others, by efficient quantities."""

from __future__ import annotations

import numpy as np

from mechopt._util.arrays import FloatArray


def risen(mean: FloatArray, quantity: FloatArray) -> tuple[int, FloatArray, FloatArray]:
    """Return the least promising type, and by how much gains exceed its gains, at least and most.

    Gains are convex in the type, and their slope is the efficient net quantity, so that they rise
    by something between the two quantities of neighbours times the difference of their types.

    Parameters
    ----------
    mean
        An agent's types, rising.
    quantity
        Its efficient interim net quantities, never falling.

    Returns
    -------
    start : int
        Below it net quantities are negative, above it not.
    least, most : arrays of shape (num_types,)

    Examples
    --------
    >>> risen(np.array([0.0, 1.0, 2.0]), np.array([0.0, 0.5, 1.0]))
    (0, array([0. , 0. , 0.5]), array([0. , 0.5, 1.5]))
    """
    start = min(int(np.searchsorted(quantity, 0.0)), mean.size - 1)
    steps = np.diff(mean)
    up, down = np.maximum(quantity, 0.0), np.maximum(-quantity, 0.0)
    least = _away(up[start:-1] * steps[start:], down[1 : start + 1] * steps[:start])
    most = _away(up[start + 1 :] * steps[start:], down[:start] * steps[:start])
    return start, least, most


def _away(above: FloatArray, below: FloatArray) -> FloatArray:
    """Return the sums of steps away from a position: of those above it, and of those below it."""
    return np.concatenate([np.cumsum(below[::-1])[::-1], [0.0], np.cumsum(above)])
