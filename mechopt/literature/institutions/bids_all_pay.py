"""All-pay bids of two bidders who differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray
from mechopt.errors import UnsupportedProblemError
from mechopt.studies.offer_curves import OfferCurve
from mechopt.types.quadrature import gauss
from mechopt.types.source import Source

# Types of all-pay bidders: evenly in logarithms from the highest down to this share of it.
LOWEST_SHARE, NUM_TYPES = 1e-6, 1_000
NEWTON_STEPS = 60
# All-pay types, and those that they are matched with, are apart by more than so many roundings.
ROUNDINGS = 16.0
# Types lie evenly in logarithms of the distance to either end, too, from this share of it on: where
# densities vanish, the types that make bids change steeply.
NEAR_END, NUM_NEAR_END = 1e-8, 400
# All pay bids as high as their types, which floats tell apart relative to their distance from zero:
# so many times the width, and bids are known to 1e-7 of the width only; less well where densities
# vanish.
FARTHEST = 2e4


def all_pay_bids(laws: Sequence[Source]) -> tuple[OfferCurve, OfferCurve]:
    """Return all-pay bids of two bidders of any priors, without a reserve.

    Raises
    ------
    UnsupportedProblemError
        For negative types, densities that vanish, and types too far from zero, relative to how far
        they are from each other, for floats.

    Notes
    -----
    Types x and k(x) make the same bid where ``H(x) = H(k(x))``, with H the integral of ``f(t)/t``
    from a type of each bidder to its highest, and x bids the integral of ``k f`` up to it. Where
    one H ends before the other, the other's types beyond bid nothing. Source: Amann and Leininger
    (1996), Games and Economic Behavior 14, 1-18.

    Examples
    --------
    >>> from scipy import stats
    >>> import mechopt as mo
    >>> laws = [mo.TypeSpace.from_distribution(stats.uniform(0, w), 2).prior for w in (1, 2)]
    >>> [round(float(curve.offers[-1]), 6) for curve in all_pay_bids(laws)]  # both 2/3
    [0.666667, 0.666667]
    """
    sides = [_HighDown(law) for law in laws]
    _require_near(laws)
    reach = min(float(side.sums[-1]) for side in sides)
    # Both sides' types, so that neither's bids are coarse.
    sums = _merged(*(np.append(side.sums[side.sums < reach], reach) for side in sides))
    # Where the integral hardly grows, rounding may put types in another order.
    first, second = (np.maximum.accumulate(side.types_of(sums)[::-1]) for side in sides)
    rows = np.flatnonzero(_apart(first) & _apart(second))
    rows[-1] = first.size - 1
    first, second = first[rows], second[rows]

    def slope(types: FloatArray) -> FloatArray:
        shape = types.shape
        at = sides[0].sum_of(types.ravel())
        matched = sides[1].types_of(np.minimum(at, reach)).reshape(shape)
        return np.asarray(matched * laws[0].density(types))

    bids = np.concatenate([[0.0], np.cumsum(gauss(slope, first[:-1], first[1:]))])
    rises = np.diff(bids, prepend=-1.0) > 0
    # The side whose types run out bids from its lowest type on.
    for own, side in zip((first, second), sides, strict=True):
        if side.sums[-1] <= reach * (1.0 + 1e-12):
            own[0] = side.law.low
    return OfferCurve(first[rises], bids[rises]), OfferCurve(second[rises], bids[rises])


def _apart(types: FloatArray) -> npt.NDArray[np.bool_]:
    """Return which types are apart from the one before by more than rounding tells."""
    return np.asarray(np.diff(types, prepend=-np.inf) > ROUNDINGS * np.spacing(types))


def _merged(*grids: FloatArray) -> FloatArray:
    """Return a grid about as dense as some rising ones of the same ends are together.

    Neighbouring steps are of similar length, which they are not in the union of grids: curves
    through knots whose distance is that of rounding have any slope.
    """
    places = np.unique(np.concatenate(grids))
    counts = sum(np.interp(places, grid, np.arange(grid.size, dtype=float)) for grid in grids)
    number = sum(grid.size - 1 for grid in grids)
    found = np.unique(np.interp(np.arange(number + 1.0), np.asarray(counts), places))
    found[0], found[-1] = places[0], places[-1]
    return found


def _require_near(laws: Sequence[Source]) -> None:
    high = max(law.high for law in laws)
    width = high - min(law.low for law in laws)
    for law in laws:
        # Rounding of a type moves what the rival wins, at stakes as far from zero as types are.
        both = float(np.sqrt(law.high - law.low) * np.sqrt(width * (high / law.high)))
        if both * FARTHEST < high:
            raise UnsupportedProblemError(
                "all-pay bids of two who differ, of types too close to tell apart in floating "
                f"point: those of {law.title} lie within {law.high - law.low:.6g} of "
                f"{law.high:.9g}, and all within {width:.6g} of {high:.9g} (expected widths whose "
                f"geometric mean is at least {high / FARTHEST:.3g}). Bids are as far from zero as "
                "types, so that no shift helps; second-price bids are for any distance."
            )


class _HighDown:
    """The integral of density over type, from each type to the highest, and back."""

    def __init__(self, law: Source) -> None:
        if law.low < 0.0:
            raise UnsupportedProblemError(
                f"all-pay bids of two who differ are for types of at least 0 (got {law.low:g})"
            )
        self.law = law
        if not np.isfinite(law.density(np.array([law.high]))).all():
            raise UnsupportedProblemError(
                "all-pay bids of two who differ need densities that are finite at the highest type "
                f"(got {law.title})"
            )
        least = max(law.low, LOWEST_SHARE * law.high)
        ends = np.geomspace(least, law.high, NUM_TYPES)
        ends[0], ends[-1] = least, law.high
        even = np.linspace(least, law.high, NUM_TYPES // 2)
        steps = np.append(0.0, np.geomspace(NEAR_END, 1.0, NUM_NEAR_END))
        up = np.unique(np.minimum(least + (law.high - least) * steps, law.high))
        down = np.unique(np.maximum(law.high - (law.high - least) * steps, least))
        self.types = _merged(ends, even, up, down)[::-1]
        parts = gauss(self._rate, self.types[1:], self.types[:-1])
        # Right at an end a density that vanishes there may be too small for floats.
        end = 1e-3 * (law.high - least)
        inside = (self.types[:-1] > least + end) & (self.types[1:] < law.high - end)
        if not (parts[inside] > 0.0).all():
            raise UnsupportedProblemError(
                f"all-pay bids of two who differ need densities that are positive (got {law.title})"
            )
        sums = np.concatenate([[0.0], np.cumsum(parts)])
        # What is lost in rounding joins the piece before, down to the lowest type.
        rows = np.flatnonzero(np.diff(sums, prepend=-1.0) > 0.0)
        self.sums, self.types = sums[rows], self.types[rows]
        self.types[-1] = least

    def _rate(self, types: FloatArray) -> FloatArray:
        return np.asarray(self.law.density(types) / types)

    def sum_of(self, types: FloatArray) -> FloatArray:
        """Return the integral from each type to the highest."""
        at = np.clip(np.searchsorted(-self.types, -types, side="right") - 1, 0, None)
        return np.asarray(self.sums[at] + gauss(self._rate, types, self.types[at]))

    def types_of(self, sums: FloatArray) -> FloatArray:
        """Return the type of each integral, by bisection within a piece."""
        at = np.clip(np.searchsorted(self.sums, sums, side="right") - 1, 0, self.sums.size - 2)
        high, low = self.types[at], self.types[at + 1]
        rest = sums - self.sums[at]
        left, right = low.copy(), high.copy()
        small = max(1e-13 * (self.types[0] - self.types[-1]), 2.0 * np.spacing(self.types[0]))
        found = high - (high - low) * np.clip(
            rest / (self.sums[at + 1] - self.sums[at]), 0.0, 1.0
        )  # fmt: skip
        for _ in range(NEWTON_STEPS):
            over = gauss(self._rate, found, high) - rest
            left, right = np.where(over > 0, found, left), np.where(over > 0, right, found)
            rate = self._rate(found)
            far = np.full_like(over, np.inf)
            step = found + np.divide(over, rate, out=far, where=rate > 0.0)
            inside = (step > left) & (step < right)
            # A step as small as rounding is the last, and may end where a bound is.
            inside |= np.abs(step - found) <= small
            nxt = np.where(inside, step, 0.5 * (left + right))
            if np.abs(nxt - found).max(initial=0.0) <= small:
                break
            found = nxt
        return np.asarray(found)
