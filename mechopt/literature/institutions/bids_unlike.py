"""First-price bids of bidders who differ, any number of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

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
# A bidder this near to its bid, relative to the types' width, has left the equilibrium.
NEAR = 1e-6
# Values are above bids by no less than this, in the same units.
LEAST_DISTANCE = 1e-15
# Or this near, relative to how far the bid is above the least: there, values stay above bids by as
# much as bids are above the least, over the growth of all others.
GONE = 1e-5
# Types at which laws are tabled, linear between them: evenly, and ever closer together towards both
# ends, where densities may vanish or have no bound, down to this share of the width.
TABLED, NUM_NEAR, NEAREST = 8_000, 1_000, 1e-14
# Where densities are higher than the one, or lower than the other times the probability below, with
# the distance from the least bid to the highest type as the unit, depths have such densities, too;
# elsewhere they are distances.
LOW_DENSITY, HIGH_DENSITY, LEAST_CHANCE = 0.1, 10.0, 1e-9
# Types whose depths are less than this share of the highest one are as good as the highest type.
SMALLEST_DEPTH = 1e-100
# Bids at which types are kept, ever closer together towards a highest bid.
NUM_CLOSE, CLOSEST = 600, 1e-12
# If neighbouring ones are farther apart than this, bids are halved until all are nearer than that.
FARTHEST, NEAR_ENOUGH, MOST_HALVINGS = 1e-2, 2e-3, 24


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
        For densities that vanish between their ends, types too close to tell apart so far from
        zero, and where no bids that rise were found.

    Notes
    -----
    With phi the inverse bids and l the growth of ``F(phi)``, bidders who are active at a bid b have
    ``sum of l of the others = 1/(phi - b)``, so that ``l = S - 1/(phi - b)`` with S the sum of
    ``1/(phi - b)`` over them, divided by their number less one. Where the density vanishes, or has
    no bound, not phi is followed, whose growth is ``l F/f``, but the probability above it. At the
    top those of the highest types are active; as b falls, a bidder enters where S reaches its
    ``1/(phi - b)``. Source:
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
    curves: list[OfferCurve] = []
    if len(able) == 1:
        # Nobody else can bid: the least does for all types.
        curves = [OfferCurve(np.array([max(least, able[0].low)]), np.array([least]))]
    elif len(groups) == 1:
        curves = [bids_of_bidders_alike(tuple(able), least, all_pay=False)[0]]
    elif groups:
        counts = [sum(law == each for law in able) for each in groups]
        curves = _Descent(groups, counts, least).curves()
    # Whoever has no type above the least bid makes none.
    none = OfferCurve(np.array([least]), np.array([least]))
    return tuple(curves[groups.index(law)] if law in groups else none for law in laws)


class _Depths:
    """A prior by depth: how far a type is below the highest, where the density is low in its units.

    Both the type at a depth, and ``F/f`` times the density of depths, by which depths fall as bids
    rise, are cubics between tabled types.

    Parameters
    ----------
    law
        The prior.
    least, width
        Types count from the least bid on, in units of the width.
    """

    def __init__(self, law: Source, least: float, width: float) -> None:
        from scipy.interpolate import PchipInterpolator

        own = law.high - law.low
        near = own * np.geomspace(NEAREST, 1.0, NUM_NEAR)
        even = np.linspace(law.low, law.high, TABLED + 1)
        types = np.unique(np.concatenate([even, law.low + near, law.high - near]))[::-1]

        def usual(at: FloatArray, density: FloatArray) -> FloatArray:
            least_usual = LOW_DENSITY * np.maximum(law.below(at), LEAST_CHANCE)
            return np.clip(density, least_usual, HIGH_DENSITY)

        def thickness(at: FloatArray) -> FloatArray:
            density = width * law.density(at)
            return np.asarray(density / usual(at, density))

        parts = gauss(thickness, types[1:], types[:-1]) / width
        # Right at an end a density may be too small for floats, and a law have no more types.
        inside = (types > law.low + 1e-3 * own) & (types < law.high - 1e-3 * own)
        if not (parts[inside[1:] & inside[:-1]] > 0.0).all():
            raise UnsupportedProblemError(
                "first-price bids of bidders who differ need densities that are positive between "
                f"their ends (got {law.title})"
            )
        depths = np.append(0.0, np.cumsum(parts))
        density = width * law.density(types)
        if density[0] == 0.0:
            density[0] = width * law.density(types[:1] - 4.0 * np.spacing(types[:1]))[0]
        # The density of depths, over that of types, is one over this.
        rates = law.below(types) / usual(types, density)
        self.is_usual = bool(LOW_DENSITY <= density[0] <= HIGH_DENSITY)
        kept = np.diff(depths, prepend=-1.0) > 0.0
        # The growth of types by depth, and its inverse, have to be numbers.
        kept[1:] &= depths[1:] > SMALLEST_DEPTH * depths[-1]
        self._depths = depths[kept]
        self._type = PchipInterpolator(self._depths, ((types - least) / width)[kept])
        rate = PchipInterpolator(self._depths, rates[kept])
        self._ends = self._depths[1:-1].tolist()
        self._starts = self._depths.tolist()
        self._cubics = np.concatenate([self._type.c, rate.c]).T.tolist()
        self._most = float(self._depths[-1])

    def at(self, depth: float) -> tuple[float, float]:
        """Return the type at a depth, and by how much depths fall there as bids rise."""
        depth = min(max(depth, 0.0), self._most)
        k = bisect_right(self._ends, depth)
        x = depth - self._starts[k]
        a, b, c, d, e, f, g, h = self._cubics[k]
        return ((a * x + b) * x + c) * x + d, ((e * x + f) * x + g) * x + h

    def types(self, depths: FloatArray) -> FloatArray:
        """Return the types at depths."""
        return np.asarray(self._type(np.clip(depths, 0.0, self._most)))


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
        self.tables = [_Depths(law, least, self.width) for law in groups]

    def values(self, depths: Any) -> list[float]:
        """Return the types of all groups at their depths."""
        return [table.at(y)[0] for table, y in zip(self.tables, depths.tolist(), strict=True)]

    def rates(self, active: Sequence[int]) -> Callable[[float, Any], list[float]]:
        """Return how depths rise with bids; in plain Python, faster than numpy for so few."""
        size = len(self.groups)
        each = [(g, float(self.counts[g]), self.tables[g].at) for g in active]
        others = sum(self.counts[g] for g in active) - 1.0

        def rates(bid: float, y: Any) -> list[float]:
            depths, total, found = y.tolist(), 0.0, [0.0] * size
            pulls = []
            for g, count, at in each:
                value, rate = at(depths[g])
                pull = 1.0 / max(value - bid, LEAST_DISTANCE)
                total += count * pull
                pulls.append((g, pull, rate))
            total /= others
            for g, pull, rate in pulls:
                found[g] = (pull - total) * rate
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
        active, bid, pieces = self.first_active(top), top, []
        depths = np.zeros(len(self.groups))
        # Each piece ends where a group enters, and there are no more of them than groups.
        for _ in range(len(self.groups) + 1):
            waiting = [g for g in range(len(self.groups)) if g not in active]

            rates = self.rates(active)

            def left(at: float, y: Any, active: list[int] = active) -> float:
                gone = 1e-3 * NEAR + GONE * at
                values = self.values(y)
                return min(values[g] - at for g in active) - gone

            def enters(
                at: float, y: Any, active: list[int] = active, waiting: list[int] = waiting
            ) -> float:
                total = self.total(at, self.values(y), active)
                # As a distance: where a value meets its bid the total has no bound.
                return max(self.tops[g] for g in waiting) - at - 1.0 / total

            left.terminal = enters.terminal = True  # type: ignore[attr-defined]
            events = [left, enters] if waiting else [left]
            found = solve(
                rates, (bid, 0.0), depths, method="DOP853", rtol=near,
                atol=1e-3 * near, events=events, dense_output=dense,
            )  # fmt: skip
            pieces.append(found)
            bid, depths = float(found.t[-1]), found.y[:, -1]
            if not (waiting and found.t_events[1].size):
                break
            # Those of one highest type enter together, whatever rounding says.
            highest = max(self.tops[g] for g in waiting)
            alike = highest - 1e-9
            active = active + [g for g in waiting if self.tops[g] >= alike]
        return bid, pieces

    def values_at(self, bids: FloatArray, pieces: Sequence[Any]) -> FloatArray:
        """Return the types that make bids, by group."""
        values = np.full((len(self.groups), bids.size), np.nan)
        for piece in pieces:
            here = (bids <= piece.t[0]) & (bids >= piece.t[-1])
            for row, table, depths in zip(values, self.tables, piece.sol(bids[here]), strict=True):
                row[here] = table.types(depths)
        return values

    def curves(self) -> list[OfferCurve]:
        """Return the bids of each group."""
        highest = self._highest_bid()
        end, pieces = self.down(highest, dense=True)
        bids, values = self._knots(highest, end, pieces)
        if not (np.diff(values, axis=1) >= -1e-7).all():
            raise UnsupportedProblemError(
                "no first-price bids that rise in every bidder's type were found for these priors"
            )
        return self._in_money(bids, np.maximum.accumulate(values, axis=1))

    def _highest_bid(self) -> float:
        """Return the bid of the highest types, by bisection."""
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
        return low

    def _knots(
        self, highest: float, end: float, pieces: Sequence[Any]
    ) -> tuple[FloatArray, FloatArray]:
        """Return bids from the least to the highest, and the types that make them, by group."""
        bids = end + (highest - end) * np.linspace(0.0, 1.0, NUM_KNOTS) ** 2
        bids[-1] = highest
        # Where a group enters, it makes its highest bid, and bids fall steeply in its types.
        usual = all(table.is_usual for table in self.tables)
        entries = [float(piece.t[0]) for piece in (pieces[1:] if usual else pieces)]
        steps = np.append(
            np.geomspace(CLOSEST, 1.0, NUM_CLOSE), np.linspace(0.0, 1.0, NUM_KNOTS // 3) ** 3
        )
        bids = np.unique(np.concatenate([bids, *(e - (e - end) * steps for e in entries)]))
        bids = bids[bids >= end]
        values = self.values_at(bids, pieces)
        # Types of a low density make bids that are hardly apart.
        coarse = np.abs(np.diff(values, axis=1)).max(initial=0.0) > FARTHEST
        for _ in range(MOST_HALVINGS if coarse else 0):
            far = np.flatnonzero((np.abs(np.diff(values, axis=1)) > NEAR_ENOUGH).any(axis=0))
            between = 0.5 * (bids[far] + bids[far + 1])
            apart = (between > bids[far]) & (between < bids[far + 1])
            if not apart.any():
                break
            bids = np.insert(bids, far[apart] + 1, between[apart])
            values = self.values_at(bids, pieces)
        return bids, values

    def _in_money(self, bids: FloatArray, values: FloatArray) -> list[OfferCurve]:
        """Return the curve of each group, up to the first bid that its highest type makes."""
        found = []
        made = self.least + self.width * bids
        for law, top, row in zip(self.groups, self.tops, values, strict=True):
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
