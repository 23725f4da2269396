"""Expected quantities of the pointwise best trading rule, in O(n log n).

Given a cost for every seller type and a value for every buyer type, the rule maximises
``value * z - cost * y`` in every profile over the feasible (y, z) of theory.md, section 2. Because
the rule is a threshold, and a product of powers beyond it, its expectations are running sums at
sorted positions, and the array over all profiles is never formed (theory.md, section 3.6).
"""

from __future__ import annotations

import numpy as np

from mechopt._util.arrays import FloatArray, IndexArray, in_blocks, sums_before, sums_from
from mechopt._util.searching import places

# Products of powers are formed in logarithms where plain ones could leave the range of floats.
PLAIN_EXPONENT_RANGE = 600.0
# Beyond this exponent, logarithms of costs and values differ by too few digits.
LARGEST_EXPONENT = 1e6
NEGLIGIBLE_LOGARITHM = 45.0
MAX_BAND_PAIRS = 5_000_000


def best_trade(cost: FloatArray, value: FloatArray, ratio: float) -> tuple[FloatArray, FloatArray]:
    """Return the best (y, z) for broadcastable costs and values.

    Parameters
    ----------
    cost, value
        What a unit of y costs and a unit of z is worth, in money.
    ratio
        Discount-rate ratio δ, buyer's over seller's: 1 for trade without delay, 0 and infinity
        where one side cannot wait at all.

    Returns
    -------
    y, z
        Discounted probability of trade for the seller and for the buyer.

    Notes
    -----
    Source: theory.md, section 3.5; Cramton (1985), Theorem 3. Ties are broken against trade.

    Examples
    --------
    >>> best_trade(np.array([0.5]), np.array([0.5]), 0.5)
    (array([0.25]), array([0.5]))
    """
    at_once = np.asarray(cost < _cutoff(value, ratio))
    cost, value = np.broadcast_arrays(cost, value)
    y = at_once.astype(np.float64)
    z = y.copy()
    if ratio == 0.0:
        z[value > 0] = 1.0
    elif np.isinf(ratio):
        z[value < 0] = 0.0
    elif ratio < 1.0:
        later = ~at_once & (value > 0)
        scaled = ratio * value[later]
        # Rates that nearly agree raise what rounding makes of this to large powers.
        beyond = (cost[later] - scaled) / scaled
        z_later = np.exp(np.log1p(beyond) * (ratio / (ratio - 1.0)))
        # Of the two powers, the smaller is the larger over what it is a power of.
        y[later], z[later] = z_later / (1.0 + beyond), z_later
    elif ratio > 1.0:
        later = ~at_once & (value < 0) & (cost < 0)
        scaled = ratio * value[later]
        beyond = (cost[later] - scaled) / scaled
        y_later = np.exp(np.log1p(beyond) / (ratio - 1.0))
        y[later], z[later] = y_later, y_later * (1.0 + beyond)
    return y, z


def expected_trade(
    cost: FloatArray,
    cost_mass: FloatArray,
    value: FloatArray,
    value_mass: FloatArray,
    ratio: float,
) -> tuple[FloatArray, FloatArray]:
    """Return E[y | cost] and E[z | value] under :func:`best_trade`.

    Parameters
    ----------
    cost, cost_mass : arrays of shape (num_costs,)
        Costs in any order, and their probabilities.
    value, value_mass : arrays of shape (num_values,)
        Values in any order, and their probabilities.
    ratio
        Discount-rate ratio δ.

    Returns
    -------
    y : array of shape (num_costs,)
    z : array of shape (num_values,)

    Notes
    -----
    Source: theory.md, section 3.6.

    Examples
    --------
    >>> half = np.array([0.5, 0.5])
    >>> expected_trade(np.array([0.0, 1.0]), half, np.array([0.5, 2.0]), half, 1.0)
    (array([1. , 0.5]), array([0.5, 1. ]))
    """
    cost_order, value_order = _order(cost), _order(value)
    # What is sorted stays the array that it is, for what is kept with it.
    if cost_order is not None:
        cost, cost_mass = cost[cost_order], cost_mass[cost_order]
    if value_order is not None:
        value, value_mass = value[value_order], value_mass[value_order]
    y, z = _expected_sorted(cost, cost_mass, value, value_mass, ratio)
    if cost_order is not None:
        y_sorted, y = y, np.empty_like(y)
        y[cost_order] = y_sorted
    if value_order is not None:
        z_sorted, z = z, np.empty_like(z)
        z[value_order] = z_sorted
    return y, z


def _order(keys: FloatArray) -> IndexArray | None:
    """Return what sorts the keys; None if they are sorted."""
    if bool((keys[1:] >= keys[:-1]).all()):
        return None
    return np.argsort(keys, kind="stable")


def _cutoff(value: FloatArray, ratio: float) -> FloatArray:
    """Return the cost below which trade takes place at once and surely; it rises in the value."""
    if ratio == 1.0:
        return value
    if ratio < 1.0:
        return np.where(value > 0, ratio * value, value)
    if np.isinf(ratio):
        return np.maximum(value, 0.0)
    return np.where(value < 0, ratio * value, value)


def _expected_sorted(
    cost: FloatArray,
    cost_mass: FloatArray,
    value: FloatArray,
    value_mass: FloatArray,
    ratio: float,
) -> tuple[FloatArray, FloatArray]:
    cutoff = _cutoff(value, ratio)
    # Costs before `below[k]` trade at once with value k; values from `above[j]` on, with cost j.
    below = places(cost, cutoff)
    counts = np.bincount(below, minlength=cost.size + 1)
    above = np.cumsum(counts, out=counts)[: cost.size]
    y = sums_from(value_mass)[above]
    z = sums_before(cost_mass)[below]
    if ratio == 0.0:
        z[value > 0] = cost_mass.sum()
    elif np.isinf(ratio):
        z[value < 0] = 0.0
    elif ratio != 1.0:
        _add_later_trade(cost, cost_mass, value, value_mass, ratio, below, above, y, z)
    return y, z


def _add_later_trade(
    cost: FloatArray,
    cost_mass: FloatArray,
    value: FloatArray,
    value_mass: FloatArray,
    ratio: float,
    below: IndexArray,
    above: IndexArray,
    y: FloatArray,
    z: FloatArray,
) -> None:
    """Add the profiles that trade at a later date, where y and z are products of powers.

    With x = cost/(δ value), y = x^e and z = x^(δ e) for e = 1/(δ-1). This happens for positive
    costs and values if δ < 1, and for negative ones if δ > 1. Costs run up to ``costs.stop``.
    """
    if ratio < 1.0:
        costs = slice(int(np.searchsorted(cost, 0.0, side="right")), cost.size)
        values = slice(int(np.searchsorted(value, 0.0, side="right")), value.size)
    else:
        costs = slice(0, int(np.searchsorted(cost, 0.0, side="left")))
        values = slice(0, int(np.searchsorted(value, 0.0, side="left")))
    if costs.start >= costs.stop or values.start >= values.stop:
        return
    exponent = 1.0 / (ratio - 1.0)
    if abs(exponent) > LARGEST_EXPONENT:
        _add_band(cost, cost_mass, value, value_mass, ratio, below, values, y, z)
        return
    # Sorted, and of one sign: the ends are the largest and the smallest.
    ends = [np.log(np.abs(own[[0, -1]])) for own in (cost[costs], value[values])]
    ends[1] += np.log(ratio)
    largest, smallest = np.max(ends), np.min(ends)
    reach = (1.0 + ratio) * abs(exponent) * (largest - smallest)
    mean = 0.5 * (largest + smallest)
    if max(reach, 2.0 * abs(mean)) < PLAIN_EXPONENT_RANGE:
        of_cost, to_cost = _powers(cost[costs], 1.0, ratio * exponent, -1, mean)
        of_value, to_value = _powers(value[values], ratio, -ratio * exponent, 1, mean)
        of_cost *= cost_mass[costs]
        to_value *= value_mass[values]
        # The other way round: what a type gets, and what it adds to what others get.
        _add_sums(y[costs], to_cost, sums_before(to_value), above[costs], values.start)
        _add_sums(z[values], of_value, sums_from(of_cost), below[values], costs.start)
        return
    log_cost = np.log(np.abs(cost[costs])) - mean
    log_value = np.log(np.abs(value[values])) + np.log(ratio) - mean
    first = below[values] - costs.start
    last = above[costs] - values.start
    y[costs] += _added_in_logarithms(
        exponent * log_cost, -exponent * log_value, value_mass[values], last, forwards=True
    )
    z[values] += _added_in_logarithms(
        -ratio * exponent * log_value, ratio * exponent * log_cost, cost_mass[costs], first,
        forwards=False,
    )  # fmt: skip


def _powers(
    types: FloatArray, factor: float, exponent: float, more: int, mean: float
) -> tuple[FloatArray, FloatArray]:
    """Return powers of factor * types / exp(mean), in size: with an exponent, and with one more.

    ``more`` is 1 or -1; a product or quotient takes less than a second power.
    """
    less, power = np.empty((2, types.size))
    scale = np.exp(-mean)
    for block in in_blocks(types.shape):
        size = np.abs(types[block])
        size *= factor
        logarithm = np.log(size, out=less[block])
        logarithm -= mean
        logarithm *= exponent
        np.exp(logarithm, out=less[block])
        size *= scale
        change = np.multiply if more == 1 else np.divide
        change(less[block], size, out=power[block])
    return less, power


def _add_sums(
    out: FloatArray, factor: FloatArray, sums: FloatArray, position: IndexArray, start: int
) -> None:
    """Add to ``out`` the factor times the sum at each position, which counts from ``start``."""
    for block in in_blocks(out.shape):
        terms = sums.take(position[block] - start)
        terms *= factor[block]
        out[block] += terms


def _add_band(
    cost: FloatArray,
    cost_mass: FloatArray,
    value: FloatArray,
    value_mass: FloatArray,
    ratio: float,
    below: IndexArray,
    values: slice,
    y: FloatArray,
    z: FloatArray,
) -> None:
    """Add later trade pair by pair, for rates so close that only a narrow band of pairs has any.

    Differences of large logarithms would lose all digits here. The logarithm of cost/(δ value) is
    taken from the difference instead, and both sides are summed over the same pairs.
    """
    exponent = 1.0 / abs(ratio - 1.0)
    reach = NEGLIGIBLE_LOGARITHM / exponent
    scaled = ratio * np.abs(value[values])
    if ratio < 1.0:
        last = np.searchsorted(cost, scaled * np.exp(reach), side="right")
    else:
        last = np.searchsorted(cost, -scaled * np.exp(-reach), side="right")
    first = below[values]
    lengths = np.maximum(last - first, 0)
    ends = np.cumsum(lengths)
    start = 0
    while start < lengths.size:
        # Runs of values are taken so that a bounded number of pairs is held at a time.
        done = ends[start - 1] if start else 0
        stop = max(int(np.searchsorted(ends, done + MAX_BAND_PAIRS, side="right")), start + 1)
        run = slice(start, stop)
        receiver = np.repeat(np.arange(start, stop), lengths[run])
        offset = np.arange(receiver.size) - np.repeat(ends[run] - lengths[run] - done, lengths[run])
        giver = first[receiver] + offset
        distance = (np.abs(cost[giver]) - scaled[receiver]) / scaled[receiver]
        date = (-1.0 if ratio < 1.0 else 1.0) * exponent * np.log1p(distance)
        own_y, own_z = np.exp(np.minimum(date, 0.0)), np.exp(np.minimum(ratio * date, 0.0))
        receiver = receiver + values.start
        y += np.bincount(giver, weights=value_mass[receiver] * own_y, minlength=cost.size)
        z += np.bincount(receiver, weights=cost_mass[giver] * own_z, minlength=value.size)
        start = stop


def _added_in_logarithms(
    log_own: FloatArray,
    log_other: FloatArray,
    mass: FloatArray,
    position: IndexArray,
    *,
    forwards: bool,
) -> FloatArray:
    """Return exp(own) times the sum of mass * exp(other) before (or from) each position.

    For where factors would overflow.
    """
    # Types of no probability add nothing; upper bounds put all of an end's on the one beside it.
    weights = np.log(mass, where=mass > 0.0, out=np.full(mass.shape, -np.inf)) + log_other
    if forwards:
        sums = np.concatenate([[-np.inf], np.logaddexp.accumulate(weights)])
    else:
        sums = np.concatenate([np.logaddexp.accumulate(weights[::-1])[::-1], [-np.inf]])
    return np.asarray(np.exp(log_own + sums[position]), dtype=np.float64)
