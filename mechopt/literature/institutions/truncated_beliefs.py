"""Best offers over time by backward induction over truncated beliefs, with their bends and jumps.

From a state x the seller sells down to a type y at the price A(y) at which y is as well off by
waiting. With F the probability of types below, this brings ``(F(x) - F(y)) (A(y) - c) + delta
V(y)``, V what follows: as a function of the price a it is a line of slope F(x) less ``B(a) = F(y)
(a - c) - delta V(y)``. So the best price is where a line of that slope touches B from below, and
what it brings is B's convex conjugate. The lower convex hull of B says all: prices under its
bridges are never asked, and the best one jumps over them; at its corners, one is best in many
states.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.polynomial.chebyshev import chebder, chebval, chebvander

from mechopt._util.arrays import FloatArray, IndexArray
from mechopt.literature.institutions.smooth_pieces import (
    APART,
    EPSILON,
    MOST_PANELS,
    NODES,
    ROUNDING,
    Rule,
    States,
    at_places,
    fitted,
    inside,
    merged,
    nodes,
    tails,
)

# Points of each panel through which the hull is found, both ends included.
POINTS = -np.cos(np.pi * np.arange(2 * NODES + 1) / (2 * NODES))
TO_POINTS = chebvander(POINTS, NODES - 1).T
HALVINGS, STEPS = 26, 8
# A panel is halved so often at most, down to a width, and on if halving helped or much is missing.
HALVED, THIN, MISSING, HELPED = 14, 1e-6, 1e-7, 0.9
# Jumps and corners smaller than this, relative to where they are or to all, are rounding.
NOISE, SMALLEST = 1e-8, 1e-11
CONTINUOUS = 1e-10


def rules(states: States, worth: FloatArray, costs: FloatArray, discount: float) -> list[Rule]:
    """Return what is asked in each period, from the first to the last.

    Parameters
    ----------
    states
        The types of the other side.
    worth : array of shape (periods,)
        What trade is worth to the other side, per unit of its type, falling.
    costs : array of shape (periods,)
        What it costs less what it is worth to the lowest type, in widths. Prices are alike.
    discount
        What money is worth one period later.

    Examples
    --------
    >>> uniform = States(0.0, 1.0, lambda t: t, np.ones_like, np.zeros(0))
    >>> first, last = rules(uniform, np.ones(2), np.zeros(2), 0.5)
    >>> first.asked(np.ones(1)).round(6), first.last(np.ones(1)).round(6)
    (array([0.45]), array([0.6]))
    """
    states, panels = states.with_panels()
    found = [Rule.after_all(panels, states.breaks)]
    later = 0.0
    for now, cost in zip(worth[::-1].tolist(), costs[::-1].tolist(), strict=True):
        step = _Step(states, panels, found[-1], (now, now - discount * later), cost, discount)
        found.append(step.rule())
        later = now
    return found[:0:-1]


class _Points(NamedTuple):
    """Points of B in the order of prices. A bend is one point, and a jump two of the same state.

    ``left`` and ``right`` are panels on either side, -1 where there is none; ``from_left`` and
    ``from_right`` are the slopes of B there. ``spare`` is what rounding may do to B.
    """

    state: FloatArray
    price: FloatArray
    cost: FloatArray
    spare: FloatArray
    left: IndexArray
    right: IndexArray
    from_left: FloatArray
    from_right: FloatArray


class _Piece(NamedTuple):
    """For chances from one to another, cutoffs from one to another of a panel; or one cutoff."""

    start: float
    stop: float
    panel: int
    first: float
    last: float


class _Step:
    """One step of the backward induction, given what is asked in the next period."""

    def __init__(
        self, states: States, panels: FloatArray, later: Rule, worth: tuple[float, float],
        cost: float, discount: float,
    ) -> None:  # fmt: skip
        self.states, self.base, self.cost, self.discount = states, panels, cost, discount
        self.worth, rising = worth
        self.low = self._idle(later)
        self.later = later.cut(self.low)
        edges = self.edges = self.later.edges
        half = 0.5 * np.diff(edges)[:, None]
        at = inside(edges[:-1], edges[1:])
        chance, slope = states.chance(at), states.slope(at)
        places = nodes()[0]
        self.asked = discount * self.later.price
        self.asked[:, 0] += 0.5 * rising * (edges[:-1] + edges[1:])
        self.asked[:, 1] += rising * half[:, 0]
        prices = chebval(places, self.asked.T)
        steep = np.maximum(chebval(places, chebder(self.asked, axis=1).T) / half, rising)
        gains, levels = self._margin(self.later)
        margin = gains[:, None] * at - levels[:, None]
        self.chance = fitted(chance + slope * margin / steep)
        after = chebval(places, self.later.value.T)
        self.sunk = fitted(chance * (prices - cost) - discount * after)
        rounded = states.far * slope + chance + states.least
        self.rounded = 4.0 * EPSILON * rounded.max(axis=1, keepdims=True)

    def _margin(self, later: Rule) -> tuple[FloatArray, FloatArray]:
        """Return what selling now at a type's price brings beyond selling later: a line a panel."""
        return self.worth - self.discount * later.worth, self.cost - self.discount * later.cost

    def _idle(self, later: Rule) -> float:
        """Return the state up to which nothing is sold, as waiting brings more."""
        gains, levels = self._margin(later)
        idle = np.flatnonzero(levels > gains * later.edges[:-1])
        if not idle.size:
            return 0.0
        last = int(idle[-1])
        found = float(min(levels[last] / gains[last], later.edges[last + 1]))
        return found if found > APART else 0.0

    def rule(self) -> Rule:
        """Return what is asked in this period."""
        if self.low >= 1.0 - APART:
            return self.later.waiting(self.asked, self.discount)
        return self._made(self._pieces(*self._bridges(self._points())))

    def _points(self) -> _Points:
        """Return B at points of all panels from which something is sold."""
        first = int(np.searchsorted(self.edges, self.low))
        start, stop = self.edges[first:-1, None], self.edges[first + 1 :, None]
        state = 0.5 * (start + stop) + 0.5 * (stop - start) * POINTS
        state[:, 0], state[:, -1] = start[:, 0], stop[:, 0]
        price, sunk, chance = (
            part[first:] @ TO_POINTS for part in (self.asked, self.sunk, self.chance)
        )
        if first == 0:
            sunk[0, 0] = 0.0
        spare = ROUNDING * (np.abs(sunk) + 0.1 * np.abs(sunk).max())
        spare += self.rounded[first:] * np.abs(price - self.cost)
        spare = np.broadcast_to(spare.max(axis=1, keepdims=True), sunk.shape)
        left = np.repeat(np.arange(first, first + start.size)[:, None], POINTS.size, axis=1)
        right, from_left, from_right = left.copy(), chance.copy(), chance.copy()
        left[:, 0], right[:, -1] = -1, -1
        from_left[:, 0], from_right[:, -1] = -np.inf, np.inf
        # Where the price goes on without a jump, the ends of two panels are one point.
        joined = np.flatnonzero(np.abs(price[1:, 0] - price[:-1, -1]) <= CONTINUOUS)
        right[joined, -1] = left[joined + 1, 1]
        from_right[joined, -1] = chance[joined + 1, 0]
        keep = np.ones(state.shape, dtype=bool)
        keep[joined + 1, 0] = False
        return _Points(
            state[keep], price[keep], sunk[keep], spare[keep],
            left[keep], right[keep], from_left[keep], from_right[keep],
        )  # fmt: skip

    def _bridges(self, points: _Points) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return from and to which states the hull bridges B, and the slopes of its bridges."""
        hull = _hull(points)
        start, stop = hull[:-1], hull[1:]
        jump = (stop - start > 1) | (points.right[start] < 0)
        # Of a bridge shorter than the distance of points, only the bend is seen.
        falls = points.from_left[hull] > points.from_right[hull] + NOISE
        bends = hull[falls & np.isin(points.state[hull], self.later.bends)]
        bends = bends[np.isin(bends, start[~jump]) & np.isin(bends, stop[~jump])]
        start, stop = np.concatenate([start[jump], bends]), np.concatenate([stop[jump], bends])
        order = np.argsort(start, kind="stable")
        start, stop = start[order], stop[order]
        run = points.price[stop] - points.price[start]
        slope = np.where(
            run > 0.0,
            (points.cost[stop] - points.cost[start]) / np.where(run > 0.0, run, 1.0),
            0.5 * np.nan_to_num(points.from_left[start] + points.from_right[start]),
        )
        for _ in range(STEPS):
            first, cheap, low = self._touched(points, start, slope, upper=False)
            last, dear, high = self._touched(points, stop, slope, upper=True)
            wide, before = dear - cheap > APART, slope
            slope = np.where(wide, (high - low) / np.where(wide, dear - cheap, 1.0), slope)
            if (np.abs(slope - before) <= EPSILON * np.abs(slope)).all():
                break
        real = dear - cheap > NOISE * dear + SMALLEST
        return first[real], last[real], slope[real]

    def _touched(
        self, points: _Points, at: IndexArray, slope: FloatArray, *, upper: bool
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return where lines of slopes touch B next to points: the state, the price and B."""
        left, right = points.left[at], points.right[at]
        before = (left >= 0) & (slope < points.from_left[at])
        after = (right >= 0) & (slope > points.from_right[at])
        before, after = (before & ~after, after) if upper else (before, after & ~before)
        panels = np.where(before | (right < 0), left, right)
        start = points.state[np.where(before, at - 1, at)]
        stop = points.state[np.where(after, np.minimum(at + 1, points.state.size - 1), at)]
        moved = before | after
        state = np.where(moved, self._reached(slope, panels, start, stop), points.state[at])
        places = self.later.places(state, panels)
        price = np.where(moved, at_places(self.asked, panels, places), points.price[at])
        return state, price, np.where(moved, at_places(self.sunk, panels, places), points.cost[at])

    def _reached(
        self, chance: FloatArray, panels: IndexArray, start: FloatArray, stop: FloatArray
    ) -> FloatArray:
        """Return the states between others of a panel at which the slope of B is a chance."""
        coefficients = np.moveaxis(self.chance[panels], -1, 0)
        left, right = self.later.places(start, panels), self.later.places(stop, panels)
        for _ in range(HALVINGS):
            middle = 0.5 * (left + right)
            lower = chebval(middle, coefficients, tensor=False) < chance
            left, right = np.where(lower, middle, left), np.where(lower, right, middle)
        # A chord between the last two is as exact as more halvings.
        under, over = (chebval(end, coefficients, tensor=False) - chance for end in (left, right))
        crossed = (under < 0.0) & (over > 0.0)
        share = np.where(crossed, -under / np.where(crossed, over - under, 1.0), 0.5)
        place = left + share * (right - left)
        low, high = self.edges[panels], self.edges[panels + 1]
        return np.asarray(0.5 * (low + high) + 0.5 * (high - low) * place)

    def _pieces(self, first: FloatArray, last: FloatArray, slope: FloatArray) -> list[_Piece]:
        """Return the cutoffs of all chances, in rising order, given the hull's bridges."""
        top = float(self.states.chance(np.ones(1))[0])
        least = float(self.states.chance(np.array([self.low]))[0])
        bends = set(self.later.bends.tolist())
        found: list[_Piece] = []
        arcs = zip(
            [self.low, *last.tolist()], [*first.tolist(), 1.0],
            pairwise([least, *np.minimum(slope, top).tolist(), top]), strict=True,
        )  # fmt: skip
        for bottom, end, (begun, most) in arcs:
            reached, before = begun, len(found)
            within = self.edges[(self.edges > bottom) & (self.edges < end)].tolist()
            for a, b in pairwise([bottom, *within, end]):
                panel = int(self.later.panels(np.array([0.5 * (a + b)]))[0])
                both = np.array([panel, panel])
                places = self.later.places(np.array([a, b]), both)
                low, high = np.minimum(at_places(self.chance, both, places), most).tolist()
                # Without a bend there is no corner, whatever rounding says.
                if (a == bottom or a in bends) and low - reached > NOISE * low + SMALLEST * top:
                    found.append(_Piece(reached, low, panel, a, a))
                    reached = low
                if high > reached:
                    found.append(_Piece(reached, high, panel, a, b))
                    reached = high
            if most > reached and (len(found) == before or most - reached > NOISE * most):
                found.append(_Piece(reached, most, panel, end, end))
        return found

    def _made(self, pieces: list[_Piece]) -> Rule:
        """Return the rule, on panels that are halved where polynomials do not follow it."""
        table = np.array(pieces)
        corner = table[:, 3] == table[:, 4]
        # Edges of panels where all is smooth are no bends of what is made from them.
        bend = np.ones(len(pieces), dtype=bool)
        bend[1:] = corner[1:] | corner[:-1] | (table[1:, 3] != table[:-1, 4])
        bend[1:] |= np.isin(table[1:, 3], self.later.bends)
        ends = np.array([self.low, *self.states.reaching(table[bend, 0][1:]), 1.0])
        idle = self.later.bends[self.later.bends < self.low]
        inner = ends[(ends > APART) & (ends < 1.0 - APART)]
        bends = merged(np.unique(inner), np.concatenate([idle, self.states.breaks]))
        edges = merged(np.array([0.0, *bends, 1.0]), self.base)
        before = np.full(edges.size - 1, np.inf)
        for halved in range(HALVED + 1):
            made = self._on(edges, bends, ends, np.flatnonzero(bend), table)
            sizes = [tails(part) for part in (made.cutoff, made.price, made.value)]
            tail, size = (np.array(part) for part in zip(*sizes, strict=True))
            least = ROUNDING * size.max(axis=1, keepdims=True)
            allowed = np.maximum(self.states.rough * size, least)
            error = (tail / np.maximum(allowed, 1e-300)).max(axis=0)
            rough = (tail > MISSING * size).any(axis=0) | (error < HELPED * before)
            rough &= (error > 1.0) & (np.diff(edges) > THIN)
            if not rough.any() or halved == HALVED or edges.size > MOST_PANELS:
                break
            before = np.repeat(np.where(rough, error, 0.0), 1 + rough)
            edges = np.union1d(edges, (0.5 * (edges[:-1] + edges[1:]))[rough])
        return made

    def _on(
        self, edges: FloatArray, bends: FloatArray, ends: FloatArray, begins: IndexArray,
        table: FloatArray,
    ) -> Rule:  # fmt: skip
        """Return the rule on panels, each of which belongs to some pieces that follow smoothly."""
        states, middle = inside(edges[:-1], edges[1:]), 0.5 * (edges[:-1] + edges[1:])
        chance = self.states.chance(states)
        group = np.searchsorted(ends, middle, side="right") - 1
        group = np.clip(group, 0, begins.size - 1)
        first, last = begins[group], np.append(begins[1:], len(table))[group] - 1
        piece = np.searchsorted(table[:, 0], chance, side="right") - 1
        piece = np.clip(piece, first[:, None], last[:, None])
        idle = middle < self.low
        own = self.later.panels(middle)
        panel = np.where(idle[:, None], own[:, None], table[piece, 2].astype(np.intp))
        left, right = table[piece, 3], table[piece, 4]
        cutoff = np.where(left == right, left, self._reached(chance, panel, left, right))
        cutoff = np.where(idle[:, None], states, cutoff)
        places = self.later.places(cutoff, panel)
        price = at_places(self.asked, panel, places)
        value = chance * (price - self.cost) - at_places(self.sunk, panel, places)
        after = self.discount * at_places(self.later.value, panel, places)
        value = np.where(idle[:, None], after, value)
        bounds = np.stack([table[first, 3], table[last, 4]], axis=1)
        bounds[idle] = np.stack([edges[:-1], edges[1:]], axis=1)[idle]
        return Rule(
            edges, fitted(cutoff), fitted(price), fitted(value),
            np.where(idle, self.discount * self.later.worth[own], self.worth),
            np.where(idle, self.discount * self.later.cost[own], self.cost), bounds, bends,
            self._at_top(_Piece(*table[-1])),
        )  # fmt: skip

    def _at_top(self, piece: _Piece) -> tuple[float, float]:
        """Return the last type and the price in the highest state."""
        panel, ends = np.array([int(piece.panel)]), np.array([[piece.first], [piece.last]])
        state = ends[0]
        if piece.first < piece.last:
            state = self._reached(np.array([piece.stop]), panel, *ends)
        price = at_places(self.asked, panel, self.later.places(state, panel))
        return float(state[0]), float(price[0])


def _hull(points: _Points) -> IndexArray:
    """Return which points the lower convex hull goes through, up to rounding."""
    across, up = np.maximum.accumulate(points.price).tolist(), points.cost.tolist()
    spare = points.spare.tolist()
    kept: list[int] = []
    for k, (x, y) in enumerate(zip(across, up, strict=True)):
        while len(kept) > 1:
            i, j = kept[-2], kept[-1]
            chord = (y - up[i]) * (across[j] - across[i])
            if (up[j] - up[i] - spare[j]) * (x - across[i]) < chord:
                break
            kept.pop()
        kept.append(k)
    return np.array(kept)
