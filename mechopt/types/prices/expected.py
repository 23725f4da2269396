"""What take-it-or-leave-it offers bring in expectation, where a side is a continuum."""

from __future__ import annotations

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.types import TypeSpace
from mechopt.types.cells import cells_between, curve_of, gainful_cells
from mechopt.types.curves import Expectations
from mechopt.types.prices.hull import offers_change_at, offers_to_types
from mechopt.types.prices.search import Traded, best_offers
from mechopt.types.quadrature import edges_between
from mechopt.types.sources.finite import Finite

# Into how many cells the offerer's prior is cut to take the expectation over it.
NUM_CELLS = 300


def offers_of(own: TypeSpace, other: TypeSpace, *, by: int) -> FloatArray:
    """Return the best offer of each type at the means of cells.

    Infinite, minus infinite for receivers, where no offer brings a gain.

    Parameters
    ----------
    own, other
        Who makes the offers, and who accepts or refuses them.
    by
        0 if givers make the offers, 1 if receivers do.

    Examples
    --------
    >>> six = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> offers_of(six, six, by=1)
    array([-inf,   1.,   1.,   2.,   2.,   3.])
    """
    if other.prior is not None:
        return best_offers(own.mean, other.prior, by=by)
    return _prices(offers_to_types(own, other, by=by), other, by)


def _prices(refusing: np.ndarray, other: TypeSpace, by: int) -> FloatArray:
    limits = np.append(other.lower if by == 0 else -other.upper[::-1], np.inf)
    return np.asarray(limits[refusing] if by == 0 else -limits[refusing])


def expected_of_offers(giver: TypeSpace, receiver: TypeSpace, *, by: int) -> Traded:
    """Return what offers bring, over all types of continuous priors.

    Parameters
    ----------
    giver, receiver
        Type spaces; what a continuous prior is cut into does not matter.
    by
        0 if givers make the offers, 1 if receivers do.

    Notes
    -----
    The expectation over the offerer's prior is taken cell by cell, by three points that keep its
    mean: exact up to third powers. The error is how far one point, the mean, is from that. To
    finite types the offers of a cell are all the same, for the cells end where offers change.

    Examples
    --------
    >>> from scipy import stats
    >>> uniform = TypeSpace.from_distribution(stats.uniform(0, 1), 3)
    >>> offers = expected_of_offers(uniform, uniform, by=0)
    >>> round(offers.giver, 9), round(offers.receiver, 9), offers.error < 1e-5
    (0.083333333, 0.041666667, True)
    """
    own, other = (giver, receiver)[by], (giver, receiver)[1 - by]
    if own.prior is not None:
        own = _cut(gainful_cells(giver, receiver, NUM_CELLS)[by], other, by)
    curve = curve_of(other)
    expected: Expectations | Finite
    expected = (
        curve if isinstance(curve, Finite) else Expectations(curve, other.lowest, other.highest)
    )

    def outcome(types: FloatArray) -> FloatArray:
        """Return the offerer's gain, the other side's, and the chance of trade, by type."""
        if isinstance(curve, Finite):
            price = _prices(offers_to_types(types, other, by=by), other, by)
        else:
            price = best_offers(types, curve, by=by)
        made = np.isfinite(price)
        at = np.where(made, price, curve.low if by == 0 else curve.high)
        if by == 0:
            parts = (at - types) * curve.above(at), expected.over(at), curve.above(at)
        else:
            parts = (types - at) * curve.below(at), expected.under(at), curve.below(at)
        return np.where(made, np.stack(parts), 0.0)

    middle = outcome(own.mean)
    by_mean = middle @ own.mass
    average = by_mean
    if own.prior is not None and other.prior is not None:
        share = own.mean_share
        chords = outcome(own.lower) * (1.0 - share) + outcome(own.upper) * share
        # A third of the way to the chord: Simpson's rule where the density is flat.
        average = by_mean + ((chords - middle) @ own.mass) / 3.0
    relative = curve.value_errors.relative + curve_of(own).value_errors.relative
    error = abs(float((average - by_mean)[:2].sum())) + relative * float(average[:2].sum())
    absolute = curve.value_errors.above if by == 0 else curve.value_errors.below
    error += absolute * (other.highest - other.lowest)
    mine, theirs, chance = (float(part) for part in average)
    pair = (mine, theirs) if by == 0 else (theirs, mine)
    return Traded(*pair, chance, float(error))


def _cut(own: TypeSpace, other: TypeSpace, by: int) -> TypeSpace:
    """Return the cells cut in the tails too, and where the best offer to finite types changes."""
    assert own.prior is not None
    curve, changes = own.prior, []
    if other.prior is None and by == 0:
        changes = offers_change_at(other.lower.tolist(), other.mass.tolist())
    elif other.prior is None:
        mirrored = (-other.upper[::-1]).tolist()
        changes = [-cost for cost in offers_change_at(mirrored, other.mass[::-1].tolist())]
    edges = edges_between(curve.low, curve.high, curve.marks, own.upper, np.array(changes))
    return cells_between(own.prior, edges)
