"""Ironed virtual costs of a law itself, not of cells of it, and who trades at each of them.

A seller side with distribution function F and share a of information rents has, at the marginal
value x, the conjugate ``h(x) = max_p F(p) (x - p) + (1 - a) int_{-inf}^p F`` of its virtual costs.
The best p is the highest cost whose ironed virtual cost is below x, so that maximising irons.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from mechopt._util.arrays import FloatArray, IndexArray
from mechopt.types.chebyshev import nodes
from mechopt.types.panels import Panels, Side
from mechopt.types.virtual_values import ironed

# Steps of Newton's method within an interval between neighbouring nodes, and for ironed stretches.
STEPS = 6
MAX_STEPS = 40
# After a step so small beside the interval, the next one is smaller than rounding.
CLOSE = 1e-8
# A virtual cost that falls from one panel to the next by less, relative to the width of their end
# intervals, falls by the rounding of densities.
FALL = 1e-3
# Levels of virtual costs that move by less, relative to the types, have settled.
SETTLED = 64 * float(np.finfo(np.float64).eps)
TINIEST = float(np.finfo(np.float64).tiny)


class Marginal(NamedTuple):
    """The highest costs that trade at given marginal values, arrays of one shape.

    Parameters
    ----------
    cost
        The highest cost that trades.
    chance
        Probability of costs up to it.
    area
        Integral of the distribution function up to it: the rents of those costs, if all else is
        equal.
    """

    cost: FloatArray
    chance: FloatArray
    area: FloatArray


@dataclass(frozen=True, eq=False)
class Steps:
    """A side's costs from node to node: intervals of one panel each, and atoms.

    Parameters
    ----------
    cost, chance, area : arrays of shape (num_steps + 1,)
        Ends of the steps, the probability of costs up to each, and its integral.
    begin : array of shape (num_steps,)
        Where types of the step begin: after a gap, above the end of the step before.
    panel : array of shape (num_steps,)
        Panel of the step; -1 for atoms.
    left, right : arrays of shape (num_steps,)
        Ratios F/f where types of the step begin and at its end.
    base : array of shape (num_steps,)
        The integral of the distribution function up to the panel of the step.
    least
        Probability that matters to nothing.
    ceiling
        The most that anybody on the other side pays.
    """

    cost: FloatArray
    chance: FloatArray
    area: FloatArray
    begin: FloatArray
    panel: IndexArray
    left: FloatArray
    right: FloatArray
    base: FloatArray
    least: float
    ceiling: float


def steps_of(side: Side, panels: Panels, least: float, ceiling: float) -> Steps:
    """Return the steps of a side, in order; costs of a probability below the least are left out."""
    num_panels, num_nodes = panels.start.size, nodes().size
    at = panels.start[:, None] + (panels.stop - panels.start)[:, None] * (0.5 * (1.0 + nodes()))
    at[:, -1] = panels.stop
    owner = np.repeat(np.arange(num_panels), num_nodes).reshape(at.shape)
    found = panels.at(owner, at)
    ratio = np.full(at.shape, np.inf)
    np.divide(found.chance, found.density, out=ratio, where=found.density > 0.0)
    ratio = np.maximum(ratio, 0.0)
    top = panels.stop[-1] if num_panels else np.inf
    atoms = side.oriented(side.source.atoms)
    atoms = atoms[atoms <= max(top, atoms.min(initial=np.inf))]
    none = np.zeros(atoms.size)
    begin = np.concatenate([at[:, :-1].ravel(), atoms])
    end = np.concatenate([at[:, 1:].ravel(), atoms])
    order = np.lexsort((end, begin))
    chance = np.concatenate([found.chance[:, 1:].ravel(), side.below(atoms)])[order]
    within = np.concatenate([np.diff(found.area, axis=1).ravel(), none])[order]
    panel = np.concatenate([owner[:, 1:].ravel(), np.full(atoms.size, -1)])[order]
    before = np.concatenate([found.area[:, :-1].ravel(), none])[order]
    left = np.concatenate([ratio[:, :-1].ravel(), none])[order]
    right = np.concatenate([ratio[:, 1:].ravel(), none])[order]
    begin, end = begin[order], end[order]
    chance[chance < least] = 0.0
    chance = np.concatenate([[0.0], np.maximum.accumulate(chance)])
    cost = np.concatenate([begin[:1], end])
    area = np.concatenate([[0.0], np.cumsum(within + chance[:-1] * (begin - cost[:-1]))])
    kept = np.flatnonzero(np.diff(chance) > 0.0)
    ends = np.concatenate([kept[:1], kept + 1])
    if kept.size:
        # What has no probability ends where the first types with some begin.
        cost[ends[0]], area[ends[0]] = begin[kept[0]], 0.0
        chance[ends[0]] = 0.0
    return Steps(
        cost[ends],
        chance[ends],
        area[ends],
        begin[kept],
        panel[kept],
        left[kept],
        right[kept],
        area[kept] + chance[kept] * (begin[kept] - cost[kept]) - before[kept],
        least,
        ceiling,
    )


class _Pieces(NamedTuple):
    """Pieces of a virtual cost in order: panels (-1 where it is level), steps, what ends bring."""

    panel: IndexArray
    step: IndexArray
    start: Marginal
    stop: Marginal
    virtual: FloatArray


@dataclass(frozen=True, eq=False)
class VirtualCurve:
    """The ironed virtual costs of a side, for one share of information rents.

    Parameters
    ----------
    panels
        The law.
    steps
        Its steps from node to node.
    share
        Weight a on information rents, from 0 to 1.

    Notes
    -----
    Where ironed virtual costs rise, a piece lies between neighbouring nodes; where they are level,
    and at atoms, a piece is a stretch of types that are treated alike, whose ends are found by
    Newton's method. Source: theory.md, section 3.5; Myerson (1981), section 6.

    Examples
    --------
    >>> from mechopt.types.continuous import ContinuousPrior
    >>> from mechopt.types.panels import panels_of
    >>> uniform = ContinuousPrior("uniform")
    >>> seller, buyer = Side(uniform, True), Side(uniform, False)
    >>> panels = panels_of(seller, buyer, 1 / 6)
    >>> curve = VirtualCurve(panels, steps_of(seller, panels, 1e-18, 1.0), 0.5)
    >>> curve.marginal(np.array([0.3, 0.9, 7.0])).cost.round(12)
    array([0.2, 0.6, 1. ])
    """

    panels: Panels
    steps: Steps
    share: float

    @cached_property
    def _is_level(self) -> tuple[IndexArray, IndexArray, FloatArray, FloatArray]:
        """First steps of stretches that are treated alike, their ends and levels; means of steps.

        Means of virtual costs are ironed over steps.
        """
        steps, share = self.steps, self.share
        alone = (steps.panel < 0) | (steps.begin > steps.cost[:-1])
        if share == 0.0:
            # Nothing to iron: atoms, and gaps, which no type lies in.
            starts = np.flatnonzero(alone)
            return starts, starts + 1, steps.begin[starts], steps.begin
        mass, width = np.diff(steps.chance), np.diff(steps.cost)
        above = width * steps.chance[1:] - np.diff(steps.area)
        above = np.clip(above, 0.0, width * mass)
        level = steps.cost[:-1] + (share * width * steps.chance[1:] + (1.0 - share) * above) / mass
        hull = ironed(level, mass)
        same = np.diff(hull) == 0.0
        pooled = np.zeros(mass.size, dtype=bool)
        pooled[1:] |= same
        pooled[:-1] |= same
        right = steps.cost[1:] + share * steps.right
        left = steps.begin + share * steps.left
        drop = right[:-1] > left[1:] + FALL * (width[:-1] + width[1:])
        flat = pooled | alone
        same |= drop & ~flat[:-1] & ~flat[1:]
        flat[1:] |= same
        flat[:-1] |= same
        starts = np.flatnonzero(flat & np.concatenate([[True], ~same]))
        stops = np.flatnonzero(flat & np.concatenate([~same, [True]])) + 1
        weights = np.concatenate([[0.0], np.cumsum(hull * mass)])
        levels = (weights[stops] - weights[starts]) / (steps.chance[stops] - steps.chance[starts])
        return starts, stops, levels, hull

    def _solved(
        self,
        panel: IndexArray,
        low: FloatArray,
        high: FloatArray,
        ends: tuple[FloatArray, FloatArray],
        value: FloatArray,
    ) -> FloatArray:
        """Return where the virtual cost rises through values, within intervals of one panel.

        It begins where a straight line between the virtual costs at the ends does.
        """
        share, rise = np.full(low.size, 0.5), np.zeros(low.size)
        np.subtract(ends[1], ends[0], out=rise, where=np.isfinite(ends[0]) & np.isfinite(ends[1]))
        np.divide(value - ends[0], rise, out=share, where=rise > 0.0)
        cost = low + (high - low) * np.clip(share, 0.0, 1.0)
        close = CLOSE * (high - low)
        for _ in range(STEPS):
            chance, density, slope, _ = self.panels.at(panel, cost)
            gain = density * (value - cost) - self.share * chance
            rate = slope * ((value - cost) / self.panels.half[panel]) - (1.0 + self.share) * density
            rises = gain > 0.0
            low, high = np.where(rises, cost, low), np.where(rises, high, cost)
            step = np.zeros(cost.size)
            np.divide(gain, rate, out=step, where=rate < 0.0)
            after = cost - step
            inside = (rate < 0.0) & (after >= low) & (after <= high)
            cost = np.where(inside, after, 0.5 * (low + high))
            if (inside & (np.abs(step) <= close)).all():
                break
        return np.asarray(cost)

    def _on(self, step: IndexArray, cost: FloatArray) -> Marginal:
        """Return what costs within a step, of one panel, bring."""
        found = self.panels.at(self.steps.panel[step], cost)
        return Marginal(cost, found.chance, self.steps.base[step] + found.area)

    def _at(self, end: IndexArray) -> Marginal:
        """Return what costs up to ends of steps bring."""
        return Marginal(self.steps.cost[end], self.steps.chance[end], self.steps.area[end])

    def _best_near(self, end: IndexArray, value: FloatArray, *, outwards: int) -> Marginal:
        """Return the best costs near ends of steps: next to them outside a stretch, or inside.

        Parameters
        ----------
        end
            Numbers of the ends.
        value
            Marginal values.
        outwards
            -1 where the stretch lies above the end, 1 where it lies below.
        """
        steps, last = self.steps, self.steps.panel.size - 1
        found = self._at(end)
        before, after = np.maximum(end - 1, 0), np.minimum(end, last)
        down = (end > 0) & (steps.panel[before] >= 0)
        down &= value < steps.cost[end] + self.share * steps.right[before]
        up = (end <= last) & (steps.panel[after] >= 0)
        up &= value > steps.begin[after] + self.share * steps.left[after]
        if outwards < 0:
            up &= ~down & (steps.begin[after] == steps.cost[end])
        else:
            up &= steps.begin[after] == steps.cost[end]
            down &= ~up
        for chosen, step in ((down, before), (up, after)):
            at = np.flatnonzero(chosen)
            if at.size:
                own = step[at]
                low, high = steps.begin[own], steps.cost[own + 1]
                ends = low + self.share * steps.left[own], high + self.share * steps.right[own]
                cost = self._solved(steps.panel[own], low, high, ends, value[at])
                for part, new in zip(found, self._on(own, cost), strict=True):
                    part[at] = new
        return found

    @cached_property
    def level(self) -> tuple[FloatArray, Marginal, Marginal]:
        """Virtual costs of stretches that are treated alike, and the ends of each stretch."""
        starts, stops, value, _ = self._is_level
        if self.share == 0.0:
            ends = self._at(starts)
            atom = self.steps.panel[starts] < 0
            area = ends.area + ends.chance * (value - ends.cost)
            chance = np.where(atom, self.steps.chance[stops], ends.chance)
            return value, ends, Marginal(value, chance, area)
        value, span = value.copy(), float(np.ptp(self.steps.cost)) if value.size else 0.0
        low, high = self._at(starts), self._at(stops)
        # What nobody on the other side pays for trades with nobody.
        moving = np.flatnonzero(value <= self.steps.ceiling)
        for _ in range(MAX_STEPS):
            if not moving.size:
                break
            now = value[moving]
            first = self._best_near(starts[moving], now, outwards=-1)
            last = self._best_near(stops[moving], now, outwards=1)
            for whole, own in ((low, first), (high, last)):
                for part, new in zip(whole, own, strict=True):
                    part[moving] = new
            mass = last.chance - first.chance
            step = np.zeros(moving.size)
            excess = self.brings(last, now) - self.brings(first, now)
            np.divide(excess, mass, out=step, where=mass > 0.0)
            rounding = SETTLED * (np.abs(now) + span) * mass + span * self.steps.least
            unsettled = np.abs(step) * mass > rounding
            value[moving[unsettled]] -= step[unsettled]
            moving = moving[unsettled]
        return value, low, high

    def brings(self, found: Marginal, value: FloatArray) -> FloatArray:
        """Return what the side gains at marginal values, with its share of rents counted."""
        return found.chance * (value - found.cost) + (1.0 - self.share) * found.area

    @cached_property
    def _pieces(self) -> _Pieces:
        steps = self.steps
        starts, stops, _, means = self._is_level
        value, low, high = self.level
        flat = np.zeros(steps.panel.size, dtype=bool)
        means = means.copy()
        for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
            flat[start:stop] = True
        means[flat] = np.repeat(value, stops - starts)
        means = np.maximum.accumulate(means)
        free = np.flatnonzero(~flat)
        begin, end = steps.begin.copy(), steps.cost[1:].copy()
        # A stretch may take a part of the steps beside it, or leave a part of its own.
        inner = starts > 0
        end[starts[inner] - 1] = np.minimum(end[starts[inner] - 1], low.cost[inner])
        inner = stops < steps.panel.size
        begin[stops[inner]] = np.maximum(begin[stops[inner]], high.cost[inner])
        before = np.flatnonzero(low.cost > steps.cost[starts])
        after = np.flatnonzero((high.cost < steps.cost[stops]) & (steps.panel[stops - 1] >= 0))
        step = np.concatenate([free, starts[before], stops[after] - 1])
        begin = np.concatenate([begin[free], steps.cost[starts[before]], high.cost[after]])
        end = np.concatenate([end[free], low.cost[before], steps.cost[stops[after]]])
        wide = end > begin
        step, begin, end = step[wide], begin[wide], end[wide]
        at_begin, at_end = self._on(step, begin), self._on(step, end)
        # Where there is next to no probability, densities are rounding; neighbours' means are not.
        lowest = np.append(steps.cost[:1], means)[step]
        highest = np.append(means, np.inf)[step + 1]
        virtual = []
        for found in (at_begin, at_end):
            density = self.panels.at(steps.panel[step], found.cost).density
            raw = self.virtual(found.cost, found.chance, density)
            raw = np.where(found.chance <= steps.least, found.cost, raw)
            virtual.append(np.concatenate([np.clip(raw, lowest, highest), value]))
        start, stop = (
            Marginal(*(np.concatenate(pair) for pair in zip(*both, strict=True)))
            for both in ((at_begin, low), (at_end, high))
        )
        order = np.lexsort((stop.cost, start.cost))
        return _Pieces(
            np.concatenate([steps.panel[step], np.full(value.size, -1)])[order],
            np.concatenate([step, starts])[order],
            Marginal(*(part[order] for part in start)),
            Marginal(*(part[order] for part in stop)),
            np.stack(virtual, axis=1)[order],
        )

    def virtual(self, cost: FloatArray, chance: FloatArray, density: FloatArray) -> FloatArray:
        """Return virtual costs, not ironed."""
        return np.asarray(cost + self.share * chance / np.maximum(density, TINIEST))

    @cached_property
    def _bounds(self) -> FloatArray:
        """Virtual costs at the ends of all pieces, rising."""
        return np.maximum.accumulate(self._pieces.virtual.ravel())

    @cached_property
    def _ends_of_arcs(self) -> tuple[IndexArray, IndexArray]:
        """First and last pieces of runs on one panel each, on which virtual costs rise."""
        panel, begin, end = self._pieces.panel, self._pieces.start.cost, self._pieces.stop.cost
        rises = panel >= 0
        first, last = rises.copy(), rises.copy()
        joined = rises[1:] & rises[:-1] & (panel[1:] == panel[:-1]) & (begin[1:] == end[:-1])
        first[1:] &= ~joined
        last[:-1] &= ~joined
        return np.flatnonzero(first), np.flatnonzero(last)

    @property
    def arcs(self) -> tuple[IndexArray, FloatArray, FloatArray]:
        """Panels on which virtual costs rise, and between which costs of each."""
        first, last = self._ends_of_arcs
        pieces = self._pieces
        return pieces.panel[first], pieces.start.cost[first], pieces.stop.cost[last]

    @property
    def edges(self) -> FloatArray:
        """Virtual costs between which the curve is smooth, rising."""
        first, last = self._ends_of_arcs
        return np.unique(
            np.concatenate([self._bounds[2 * first], self._bounds[2 * last + 1], self.level[0]])
        )

    def marginal(self, value: FloatArray) -> Marginal:
        """Return the highest costs that trade at marginal values; at ties, few trade."""
        pieces, size = self._pieces, self._pieces.panel.size
        at = np.searchsorted(self._bounds, value, side="left")
        piece, over = np.minimum(at // 2, size - 1), at >= 2 * size
        pairs = zip(pieces.start, pieces.stop, strict=True)
        found = Marginal(*(np.where(over, stop[-1], start[piece]) for start, stop in pairs))
        inside = np.flatnonzero((at % 2 == 1) & ~over & (pieces.panel[piece] >= 0))
        if inside.size:
            own = piece[inside]
            ends = self._bounds[2 * own], self._bounds[2 * own + 1]
            low, high = pieces.start.cost[own], pieces.stop.cost[own]
            solved = self._solved(pieces.panel[own], low, high, ends, value[inside])
            for part, new in zip(found, self._on(pieces.step[own], solved), strict=True):
                part[inside] = new
        return found
