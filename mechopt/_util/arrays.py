"""Small helpers for the numpy arrays that mechopt's frozen objects hold."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from mechopt._util.kept import kept_while_it_lives

FloatArray = npt.NDArray[np.float64]
LONGEST_PLAIN_SUM = 1_000
# Numbers worked on at a time, so that they stay in the processor's cache.
BLOCK = 1 << 15
IndexArray = npt.NDArray[np.signedinteger[Any]]


def frozen(values: npt.ArrayLike) -> FloatArray:
    """Return ``values`` as a read-only float64 array, so that no caller can change it later.

    An array that is read-only already, and so is what it is a part of, is returned as it is; others
    are copied.

    Examples
    --------
    >>> frozen([1, 2]).flags.writeable
    False
    """
    if type(values) is np.ndarray and values.dtype == np.float64:
        whole = values if values.base is None else values.base
        own = isinstance(whole, np.ndarray) and whole.base is None
        if own and not values.flags.writeable and not whole.flags.writeable:
            return values
    array = np.array(values, dtype=np.float64)
    array.flags.writeable = False
    return array


def sealed(array: FloatArray) -> FloatArray:
    """Make an array that was just computed, and that nobody else holds, read-only; return it.

    Examples
    --------
    >>> sealed(np.zeros(2)).flags.writeable
    False
    """
    array.flags.writeable = False
    return array


def repeated(value: float, size: int) -> FloatArray:
    """Return an array that is one number throughout, read-only, which takes no memory.

    Examples
    --------
    >>> repeated(2.0, 3), repeated(2.0, 3).strides
    (array([2., 2., 2.]), (0,))
    """
    return np.broadcast_to(np.float64(value), (size,))


def largest_size(values: FloatArray) -> float:
    """Return the largest absolute value, without an array of them.

    Examples
    --------
    >>> largest_size(np.array([-3.0, 2.0]))
    3.0
    """
    return float(np.maximum(values.max(), -values.min()))


def sum_of_products(weights: FloatArray, *factors: FloatArray) -> float:
    """Return the sum of weights times a product, block by block.

    Examples
    --------
    >>> sum_of_products(np.array([0.5, 0.5]), np.array([-1.0, 3.0]), np.array([2.0, 1.0]))
    0.5
    """
    total = 0.0
    for block in in_blocks(weights.shape):
        terms = factors[0][block]
        for more in factors[1:]:
            terms = terms * more[block]
        total += float(weights[block] @ terms)
    return total


def sum_of_sizes(weights: FloatArray, *factors: FloatArray) -> float:
    """Return the sum of weights times the absolute values of a product, block by block.

    Examples
    --------
    >>> sum_of_sizes(np.array([0.5, 0.5]), np.array([-1.0, 3.0]))
    2.0
    """
    total = 0.0
    for block in in_blocks(weights.shape):
        terms = np.abs(factors[0][block])
        for more in factors[1:]:
            terms *= np.abs(more[block])
        total += float(weights[block] @ terms)
    return total


def accumulated(
    values: FloatArray, *, out: FloatArray | None = None, of: int | None = None
) -> FloatArray:
    """Return running sums whose rounding grows with the root of their number, not with it.

    Long arrays are summed in blocks, and the blocks' totals are added up. Relative to the sum of
    absolute values, an entry is off by at most :func:`rounding_of_sums`. Of the first numbers of a
    longer array, whose size is ``of``, these are the first sums.

    Examples
    --------
    >>> accumulated(np.array([1.0, 2.0, 3.0]))
    array([1., 3., 6.])
    """
    size = values.size if of is None else of
    width = size if size <= LONGEST_PLAIN_SUM else _block_width(size)
    if values.size <= width:
        return np.cumsum(values, out=out)
    sums = np.empty(values.size) if out is None else out
    whole = values.size - values.size % width
    # Block by block: copies are made where the array is a reversed view, and nowhere else.
    blocks = values[:whole].reshape(-1, width)
    inner = sums[:whole].reshape(-1, width)
    np.cumsum(blocks, axis=1, out=inner)
    before = np.empty(len(inner))
    before[0] = 0.0
    np.cumsum(inner[:-1, -1], out=before[1:])
    total = float(before[-1] + inner[-1, -1])
    inner += before[:, None]
    if whole < values.size:
        np.cumsum(values[whole:], out=sums[whole:])
        sums[whole:] += total
    return sums


def sums_before(values: FloatArray) -> FloatArray:
    """Return a zero, and the sums from the start up to each position, as :func:`accumulated` has.

    Those of an array that is read-only and its own are kept while it lives: a search for an optimum
    asks for the sums of the same probabilities again and again.

    Examples
    --------
    >>> sums_before(np.array([1.0, 2.0, 3.0]))
    array([0., 1., 3., 6.])
    """
    return _kept_before(values) if _never_changes(values) else _before(values)


def sums_from(values: FloatArray) -> FloatArray:
    """Return the sums from each position to the end, and a final zero; kept likewise.

    Examples
    --------
    >>> sums_from(np.array([1.0, 2.0, 3.0]))
    array([6., 5., 3., 0.])
    """
    return _kept_from(values) if _never_changes(values) else _from(values)


def _before(values: FloatArray) -> FloatArray:
    sums = np.empty(values.size + 1)
    sums[0] = 0.0
    accumulated(values, out=sums[1:])
    return sealed(sums)


def _from(values: FloatArray) -> FloatArray:
    sums = np.empty(values.size + 1)
    sums[-1] = 0.0
    accumulated(values[::-1], out=sums[-2::-1])
    return sealed(sums)


_kept_before, _kept_from = kept_while_it_lives()(_before), kept_while_it_lives()(_from)


def _never_changes(values: FloatArray) -> bool:
    return values.base is None and not values.flags.writeable


def sums_away_from(start: int, above: FloatArray, below: FloatArray) -> FloatArray:
    """Return the sums of steps away from a position: of those above it, and of those below it.

    >>> sums_away_from(1, np.array([1.0, 2.0]), np.array([5.0]))
    array([5., 0., 1., 3.])
    """
    assert below.size == start
    return np.concatenate([np.cumsum(below[::-1])[::-1], [0.0], np.cumsum(above)])


def rounding_of_sums(size: int) -> float:
    """Return how far :func:`accumulated` may be off, relative to the sum of absolute values.

    Examples
    --------
    >>> rounding_of_sums(1_000_000) < 1e-12
    True
    """
    width = size if size <= LONGEST_PLAIN_SUM else _block_width(size)
    return 0.5 * float(np.finfo(np.float64).eps) * (width + size // max(width, 1) + 2)


def _block_width(size: int) -> int:
    return max(1, int(size**0.5))


def shown(value: Any, limit: int = 60) -> str:
    """Return a short text of a value for an error message."""
    text = " ".join(str(value).split())
    return text if len(text) <= limit else text[: limit - 3] + "..."


def running_sums(rest: FloatArray, terms: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the sums up to each step of numbers that sum to zero, and how they may be rounded.

    Summed from the side where the terms are smaller: the last types can be so rare that a sum
    from the other side would round them away.

    Parameters
    ----------
    rest : array of shape (num_types,)
        The numbers, which sum to zero.
    terms : array of shape (num_types,)
        Sums of the absolute values that each of them was computed from.

    Returns
    -------
    sums, errors : arrays of shape (num_types - 1,)

    Examples
    --------
    >>> running_sums(np.array([0.5, 0.25, -0.75]), np.array([0.5, 0.25, 0.75]))[0]
    array([0.5 , 0.75])
    """
    steps = rest.size - 1
    net, size = np.empty(steps), np.empty(steps)
    first, last = _about_half(terms)
    # Both ways are at hand where they meet; beyond, only the one that is the shorter.
    meet, after = slice(first, last), steps - first
    forwards = []
    for sums, values in ((net, rest), (size, terms)):
        accumulated(values[:last], out=sums[:last], of=rest.size)
        forwards.append(sums[meet].copy())
        accumulated(values[::-1][:after], out=sums[::-1][:after], of=rest.size)
    np.negative(net[first:], out=net[first:])
    nearer = forwards[1] <= size[meet]
    net[meet][nearer], size[meet][nearer] = forwards[0][nearer], forwards[1][nearer]
    # Each term has a few roundings of its own before it is summed.
    size *= rounding_of_sums(rest.size) + 4.0 * float(np.finfo(np.float64).eps)
    return net, size


def _about_half(terms: FloatArray) -> tuple[int, int]:
    """Return steps between which lies the one where half of the sum of the terms is passed."""
    steps = terms.size - 1
    if terms.size <= LONGEST_PLAIN_SUM:
        return 0, steps
    width = _block_width(terms.size)
    totals = np.cumsum(np.add.reduceat(terms, np.arange(0, terms.size, width)))
    if not np.isfinite(totals[-1]):
        return 0, steps
    middle = int(np.searchsorted(totals, 0.5 * totals[-1]))
    return max(middle - 1, 0) * width, min((middle + 2) * width, steps)


def in_blocks(shape: tuple[int, ...]) -> Iterable[slice]:
    """Return slices of the first axis of an array of this shape, each of a size that caches hold.

    Examples
    --------
    >>> [(block.start, block.stop) for block in in_blocks((5, 16_384))]
    [(0, 2), (2, 4), (4, 5)]
    """
    size = shape[0]
    rows = BLOCK if len(shape) == 1 else max(1, BLOCK // max(math.prod(shape[1:]), 1))
    if 0 < size <= rows:
        return (slice(0, size),)
    return (slice(start, min(start + rows, size)) for start in range(0, size, rows))
