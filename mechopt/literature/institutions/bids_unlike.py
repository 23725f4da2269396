"""Bids of bidders who differ: first price among any number of them, all-pay between two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray
from mechopt.errors import UnsupportedProblemError
from mechopt.literature.institutions.bid_curves import NUM_KNOTS, bids_of_bidders_alike
from mechopt.studies.offer_curves import OfferCurve
from mechopt.types.quadrature import gauss
from mechopt.types.source import SMALLEST_WIDTH, Source

# The interval of the highest bid is cut down so often, to a little more than half; meanwhile paths
# are as accurate as this share of it, and in the end as accurate as that.
HALVINGS, PER_INTERVAL, ACCURATE = 49, 1e-3, 1e-10
SLACK = 0.01
# Densities below this, over the probability below and times the types' width, count as none.
LEAST_DENSITY = 1e-6
# A bidder this near to its bid, relative to the types' width, has left the equilibrium.
NEAR = 1e-6
# Values are above bids by no less than this, in the same units.
LEAST_DISTANCE = 1e-15
# Or this near, relative to how far the bid is above the least: there, values stay above bids by as
# much as bids are above the least, over the growth of all others.
GONE = 1e-5
# Types at which the ratio of distribution to density is known; linear between them.
TABLED = 8_000
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


def first_price_bids(laws: Sequence[Source], least: float) -> tuple[OfferCurve, ...]:
    """Return first-price bids of bidders of any priors, from the highest bid down to the least.

    Parameters
    ----------
    laws
        The priors, with lowest types at or below the least bid.
    least
        The least bid that counts, in money.

    Raises
    ------
    UnsupportedProblemError
        For densities that vanish, types too close to tell apart so far from zero, and where no bids
        that rise were found.

    Notes
    -----
    With phi the inverse bids and l the growth of ``F(phi)``, bidders who are active at a bid b have
    ``sum of l of the others = 1/(phi - b)``, so that ``l = S - 1/(phi - b)`` with S the sum of
    ``1/(phi - b)`` over them, divided by their number less one. At the top those of the highest
    types are active; as b falls, a bidder enters where S reaches its ``1/(phi - b)``. Source:
    Lebrun (1999), International Economic Review 40, 125-142; Maskin and Riley (2000).

    Examples
    --------
    >>> from scipy import stats
    >>> import mechopt as mo
    >>> laws = [mo.TypeSpace.from_distribution(stats.uniform(0, w), 2).prior for w in (1, 2, 2)]
    >>> bids = first_price_bids(laws, 0.0)  # the weak bidder bids less than all that others bid
    >>> [round(float(curve.offers[-1]), 4) for curve in bids]
    [0.7639, 1.0902, 1.0902]
    """
    able = [law for law in laws if law.high > least]
    groups: list[Source] = []
    for law in able:
        if law not in groups:
            groups.append(law)
    if len(able) == 1:
        # Nobody else can bid: the least does for all types.
        curves = [OfferCurve(np.array([max(least, able[0].low)]), np.array([least]))]
    elif len(groups) == 1:
        curves = [bids_of_bidders_alike(tuple(able), least, all_pay=False)[0]]
    else:
        counts = [sum(law == each for law in able) for each in groups]
        curves = _Descent(groups, counts, least).curves()
    # Whoever has no type above the least bid makes none.
    none = OfferCurve(np.array([least]), np.array([least]))
    return tuple(curves[groups.index(law)] if law in groups else none for law in laws)


class _Descent:
    """Inverse bids of groups of bidders, followed from the highest bid down.

    Values and bids count from the least bid on, in units of the distance from it to the highest
    type: what all of them have in common adds no error.
    """

    def __init__(self, groups: Sequence[Source], counts: Sequence[int], least: float) -> None:
        self.groups, self.counts, self.least = groups, counts, least
        self.width = max(law.high for law in groups) - least
        _require_width(self.width, least)
        self.tops = [(law.high - least) / self.width for law in groups]
        self.tables = [_ratios(law, least, self.width) for law in groups]

    def rates(self, active: Sequence[int]) -> Callable[[float, Any], list[float]]:
        """Return how values rise with bids; in plain Python, faster than numpy for so few."""
        size = len(self.groups)
        each = [(g, float(self.counts[g]), *self.tables[g]) for g in active]
        others = sum(self.counts[g] for g in active) - 1.0

        def rates(bid: float, y: Any) -> list[float]:
            values, total, found = y.tolist(), 0.0, [0.0] * size
            for g, count, *_ in each:
                pull = 1.0 / max(values[g] - bid, LEAST_DISTANCE)
                total += count * pull
                found[g] = pull
            total /= others
            for g, _, low, scale, ratios in each:
                # Distribution over density, linear between types that lie evenly.
                place = min(max((values[g] - low) * scale, 0.0), float(TABLED))
                k = min(int(place), TABLED - 1)
                ratio = ratios[k] + (place - k) * (ratios[k + 1] - ratios[k])
                found[g] = (total - found[g]) * ratio
            return found

        return rates

    def pull(self, bid: float, value: float) -> float:
        """Return what the others' growth has to be for a type to make a bid."""
        return 1.0 / max(value - bid, LEAST_DISTANCE)

    def total(self, bid: float, values: Sequence[float], active: Sequence[int]) -> float:
        """Return the growth of all who are active at a bid."""
        number = sum(self.counts[g] for g in active)
        return sum(self.counts[g] * self.pull(bid, values[g]) for g in active) / (number - 1)

    def first_active(self, bid: float) -> list[int]:
        """Return who is active at the highest bid: those of the highest types, two at least."""
        order = sorted(range(len(self.groups)), key=lambda g: -self.tops[g])
        active: list[int] = []
        for g in order:
            few = sum(self.counts[k] for k in active) < 2
            # A few that is one bidder needs a second one.
            if few or self.pull(bid, self.tops[g]) < self.total(bid, self.tops, active):
                active.append(g)
        return active

    def down(
        self, top: float, near: float = ACCURATE, *, dense: bool = False
    ) -> tuple[float, list[Any]]:
        """Return the bid at which values meet bids, and the pieces of the way there."""
        from scipy import integrate

        solve: Any = integrate.solve_ivp
        active, bid, values, pieces = self.first_active(top), top, list(self.tops), []
        # Each piece ends where a group enters, and there are no more of them than groups.
        for _ in range(len(self.groups) + 1):
            waiting = [g for g in range(len(self.groups)) if g not in active]

            rates = self.rates(active)

            def left(at: float, y: Any, active: list[int] = active) -> float:
                gone = 1e-3 * NEAR + GONE * at
                return float(min(y[g] - at for g in active)) - gone

            def enters(
                at: float, y: Any, active: list[int] = active, waiting: list[int] = waiting
            ) -> float:
                total = self.total(at, list(y), active)
                # As a distance: where a value meets its bid the total has no bound.
                return max(self.tops[g] for g in waiting) - at - 1.0 / total

            left.terminal = enters.terminal = True  # type: ignore[attr-defined]
            events = [left, enters] if waiting else [left]
            found = solve(
                rates, (bid, 0.0), values, method="DOP853", rtol=near,
                atol=1e-3 * near, events=events, dense_output=dense,
            )  # fmt: skip
            pieces.append(found)
            bid, values = float(found.t[-1]), found.y[:, -1].tolist()
            if not (waiting and found.t_events[1].size):
                break
            # Those of one highest type enter together, whatever rounding says.
            highest = max(self.tops[g] for g in waiting)
            alike = highest - 1e-9
            active = active + [g for g in waiting if self.tops[g] >= alike]
        return bid, pieces

    def curves(self) -> list[OfferCurve]:
        """Return the bids of each group, by bisection for the highest bid."""
        number = sum(self.counts)
        ranked = sorted(
            (top for top, n in zip(self.tops, self.counts, strict=True) for _ in range(n)),
            reverse=True,
        )
        low, high = 0.0, ranked[1] if number > 1 else 0.0
        for _ in range(HALVINGS):
            middle, slack = 0.5 * (low + high), SLACK * (high - low)
            near = max(PER_INTERVAL * (high - low), ACCURATE)
            # Too high a bid, and values fall to the bids before the reserve is reached.
            if self.down(middle, near)[0] > NEAR:
                high = middle + slack
            else:
                low = middle - slack
        end, pieces = self.down(low, dense=True)
        bids = end + (low - end) * np.linspace(0.0, 1.0, NUM_KNOTS) ** 2
        bids[-1] = low
        # Where a group enters, it makes its highest bid, and bids fall steeply in its types.
        entries = [float(piece.t[0]) for piece in pieces[1:]]
        steps = np.linspace(0.0, 1.0, NUM_KNOTS // 3) ** 3
        bids = np.unique(np.concatenate([bids, *(e - (e - end) * steps for e in entries)]))
        bids = bids[bids >= end]
        values = np.full((len(self.groups), bids.size), np.nan)
        for piece in pieces:
            here = (bids <= piece.t[0]) & (bids >= piece.t[-1])
            values[:, here] = piece.sol(bids[here])
        if not (np.diff(values, axis=1) >= -1e-7).all():
            raise UnsupportedProblemError(
                "no first-price bids that rise in every bidder's type were found for these priors"
            )
        values = np.maximum.accumulate(values, axis=1)
        found = []
        made = self.least + self.width * bids
        for law, top, row in zip(self.groups, self.tops, values, strict=True):
            # Bids beyond the first that the highest type makes are not made.
            reached = row >= top * (1.0 - 1e-14)
            last = int(reached.argmax()) if reached.any() else bids.size - 1
            types = np.minimum(self.least + self.width * row, law.high)
            types[reached] = law.high
            found.append(
                OfferCurve(
                    np.append(max(self.least, law.low), types[: last + 1]),
                    np.append(self.least, made[: last + 1]),
                )
            )
        return found


def _require_width(width: float, least: float) -> None:
    if width < SMALLEST_WIDTH * abs(least):
        raise UnsupportedProblemError(
            "first-price bids too close to tell apart in floating point: types go up to "
            f"{width:.3g} above the least bid, which is as far from zero as {least:.9g} (expected "
            "a distance of at least 1e-9 times that). Give types, and the reserve, less what all "
            "of them have in common."
        )


def _ratios(law: Source, least: float, width: float) -> tuple[float, float, list[float]]:
    types = np.linspace(law.low, law.high, TABLED + 1)[1:]
    density, reached = law.density(types), law.below(types)
    if density[-1] == 0.0:
        density[-1] = _density_at_the_top(law)
    # Densities may vanish towards the lowest type, where the probability below does, too.
    if not ((density > LEAST_DENSITY / width * reached) & np.isfinite(density)).all():
        raise UnsupportedProblemError(
            "first-price bids of bidders who differ need densities that are positive and finite up "
            f"to the highest type (got {law.title})"
        )
    ratio = reached / density / width
    low, high = (law.low - least) / width, (law.high - least) / width
    return low, TABLED / (high - low), [0.0, *ratio.tolist()]


def _density_at_the_top(law: Source) -> float:
    """Return the density right below the highest type, which rounding may put out of a support.

    Zero, unless the density is the same a millionth of the width below.
    """
    at = law.high - np.array([4.0 * np.spacing(law.high), 1e-6 * (law.high - law.low)])
    near, further = law.density(at).tolist()
    return float(near) if abs(near - further) <= 1e-3 * further else 0.0


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
