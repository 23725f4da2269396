"""A distribution function as polynomials on panels of types, with atoms and gaps between them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.polynomial import chebyshev

from mechopt._util.arrays import FloatArray, IndexArray
from mechopt.types.chebyshev import NUM_NODES, coefficients, nodes
from mechopt.types.source import Source

# Quantiles of about these probabilities are edges of panels, so that nothing is missed.
USUAL = np.array([0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99])
# They keep this distance from atoms and kinks, relative to the support.
APART = 1e-6
# What one panel may add to the error of what is computed from the polynomials.
TOLERANCE = 1e-14
# Coefficients that are so small beside the largest value are rounding.
NOISE = 8 * float(np.finfo(np.float64).eps)
MAX_ROUNDS = 100
WAVES, ODD = np.arange(NUM_NODES) > 1, np.arange(NUM_NODES) % 2
# Rounding of types that moves F by a larger share of what it rises by leaves nothing but the rise.
COARSE = 1e-3
MAX_PANELS = 3_000
# So many kinks are tried to be done without.
MANY = 50
# Halving that does not reduce an error by this factor finds only noise.
STALLED = 0.25


@dataclass(frozen=True)
class Side:
    """One side of a trade, seen as a seller: a buyer of value b sells money at the cost -b.

    Parameters
    ----------
    source
        The law of the side's types.
    is_giver
        Whether types are costs.
    """

    source: Source
    is_giver: bool

    @property
    def low(self) -> float:
        """The best type, as a cost."""
        return self.source.low if self.is_giver else -self.source.high

    @property
    def high(self) -> float:
        """The worst type, as a cost."""
        return self.source.high if self.is_giver else -self.source.low

    def below(self, costs: FloatArray) -> FloatArray:
        """Return the probability of costs up to each."""
        return self.source.below(costs) if self.is_giver else self.source.above(-costs)

    def before(self, costs: FloatArray) -> FloatArray:
        """Return the probability of costs less than each."""
        if self.is_giver:
            return self.source.strictly_below(costs)
        return self.source.strictly_above(-costs)

    def last_below(self, cost: float) -> float:
        """Return the highest cost that can occur up to one."""
        if self.is_giver:
            return float(self.source.last_below(np.array(cost)))
        return -float(self.source.next_above(np.array(-cost)))

    def oriented(self, types: FloatArray) -> FloatArray:
        """Return rising types as rising costs."""
        return types if self.is_giver else -types[::-1]

    @property
    def gaps(self) -> list[tuple[float, float]]:
        """Intervals without types, as costs."""
        found = self.source.gaps
        return list(found) if self.is_giver else [(-stop, -start) for start, stop in found[::-1]]


class At(NamedTuple):
    """What a distribution function is at given costs.

    Probability, density, its slope times half the width of the panel, and the integral of the
    probability from the start of the panel.
    """

    chance: FloatArray
    density: FloatArray
    slope: FloatArray
    area: FloatArray


@dataclass(frozen=True, eq=False)
class Panels:
    """A distribution function F on panels, each a polynomial.

    Parameters
    ----------
    start, stop : arrays of shape (num_panels,)
        Ends of the panels, as costs, rising; there is no type between panels that do not meet.
    chance : array of shape (NUM_NODES, num_panels)
        Coefficients of F.
    doubt
        How far what is computed from F may be off because of the polynomials, in money.
    """

    start: FloatArray
    stop: FloatArray
    chance: FloatArray
    doubt: float

    @cached_property
    def half(self) -> FloatArray:
        """Half the width of each panel."""
        return 0.5 * (self.stop - self.start)

    @cached_property
    def _table(self) -> FloatArray:
        """Coefficients of F, f, f' times half the width of the panel, and the integral of F."""
        table = np.zeros((NUM_NODES + 1, 4, self.start.size))
        table[:-1, 0] = self.chance
        if self.start.size:
            density = chebyshev.chebder(self.chance) / self.half
            table[:-2, 1] = density
            table[:-3, 2] = chebyshev.chebder(density)
            table[:, 3] = chebyshev.chebint(self.chance, lbnd=-1) * self.half
        return table

    def at(self, panel: IndexArray, costs: FloatArray) -> At:
        """Return F, its derivatives and its integral at costs within given panels."""
        return self.from_start(panel, costs - self.start[panel])

    def from_start(self, panel: IndexArray, widths: FloatArray) -> At:
        """Return the same at distances from the start of the panels, which need no rounding."""
        place = np.clip(widths / self.half[panel] - 1.0, -1.0, 1.0)
        waves = np.cos(np.multiply.outer(np.arange(NUM_NODES + 1.0), np.arccos(place)))
        return At(*np.einsum("nj...,n...->j...", self._table[:, :, panel], waves))


def panels_of(side: Side, other: Side, scale: float) -> Panels:
    """Return the panels of a side, up to the costs at which the other side may gain from trade.

    Parameters
    ----------
    side, other
        The side, and whom it trades with.
    scale
        The first best, in money: what errors are small beside.

    Examples
    --------
    >>> from mechopt.types.continuous import ContinuousPrior
    >>> uniform = ContinuousPrior("uniform")
    >>> panels = panels_of(Side(uniform, True), Side(uniform, False), 1 / 6)
    >>> bool(panels.start[0] == 0.0 and panels.stop[-1] == 1.0 and panels.doubt < 1e-12)
    True
    """
    source = side.source
    if source.breaks.size > MANY:
        # Tables have many pieces, and hardly any kinks.
        smooth = _panels(side, other, scale, np.zeros(0), source.breaks.size)
        if smooth is not None:
            return smooth
    found = _panels(side, other, scale, source.breaks, MAX_PANELS + source.breaks.size)
    assert found is not None
    return found


def _panels(side: Side, other: Side, scale: float, breaks: FloatArray, most: int) -> Panels | None:
    """Return panels between given kinks; None if more than so many are needed."""
    low, high = side.low, side.last_below(min(side.high, -other.low))
    empty = [(a, min(c, high)) for a, c in side.gaps if a < high]
    edges = np.concatenate([side.oriented(breaks), side.oriented(side.source.atoms), *empty])
    edges = np.unique(np.concatenate([[low, high], edges]))
    marks = side.oriented(np.sort(side.source.marks))
    marks = marks[np.minimum(np.searchsorted(side.below(marks), USUAL), marks.size - 1)]
    # Quantiles are searched for, and may miss an atom by rounding.
    after = np.searchsorted(edges, marks)
    near = np.minimum(
        np.abs(marks - edges[np.maximum(after - 1, 0)]),
        np.abs(marks - edges[np.minimum(after, edges.size - 1)]),
    )
    edges = np.unique(np.concatenate([edges, marks[near > APART * (side.high - side.low)]]))
    edges = edges[(edges >= low) & (edges <= high)]
    start, stop = edges[:-1], edges[1:]
    begins, ends = (np.array(part) for part in zip(*empty, strict=True)) if empty else ((), ())
    place = np.searchsorted(begins, start, side="right")
    free = stop <= np.concatenate([[-np.inf], ends])[place]
    return _fitted(side, other, start[~free], stop[~free], scale, most)


def _fitted(
    side: Side, other: Side, start: FloatArray, stop: FloatArray, scale: float, most_panels: int
) -> Panels | None:
    relative = side.source.value_errors.relative
    span = max(-other.low - side.low, 0.0)
    done: list[tuple[FloatArray, FloatArray, FloatArray, FloatArray]] = []
    last, total = np.full(start.size, np.inf), start.size
    for _ in range(MAX_ROUNDS):
        points = start[:, None] + (stop - start)[:, None] * (0.5 * (1.0 + nodes()))
        points[:, -1] = stop
        values = np.empty_like(points)
        values[:, :-1] = side.below(points[:, :-1].ravel()).reshape(-1, NUM_NODES - 1)
        values[:, -1] = side.before(stop)
        found = values @ coefficients().T
        error = np.abs(found[:, -3:]).max(axis=1)
        width, most = stop - start, values[:, -1]
        partners = other.below(-start)
        # An error of F, and one of the types of the panel, which is its width at most.
        harm = error * partners * span
        moved = width * most * partners
        step = np.spacing(np.maximum(np.abs(start), np.abs(stop)))
        tiny = width <= 4.0 * step
        by_rounding = (error <= NOISE * most) & (values[:, 0] >= 0.01 * most)
        # Types themselves are rounded, which moves F.
        by_step = error <= 8.0 * step / width * (most - values[:, 0])
        harm = np.where(by_step, np.minimum(harm, 8.0 * step * most * partners), harm)
        by_noise = (error <= 8.0 * relative * most) & (error > STALLED * last)
        fits = (harm <= TOLERANCE * scale) | by_rounding | by_noise | by_step
        # What is left of coefficients that are rounding would make densities of it.
        found[(np.abs(found) <= 4.0 * error[:, None]) & (by_step | by_noise)[:, None] & WAVES] = 0.0
        rough = ~fits & ((moved <= TOLERANCE * scale) | tiny)
        # Where types are too near to one another to be told apart, F rises evenly.
        found[rough | (by_step & (error > COARSE * (most - values[:, 0])))] = 0.0
        at_start, at_end = values[:, 0] - found @ (1.0 - 2.0 * ODD), most - found.sum(axis=1)
        found[:, 0] += 0.5 * (at_start + at_end)
        found[:, 1] += 0.5 * (at_end - at_start)
        harm = np.where(rough, moved, harm)
        fits |= rough
        if total + 2 * int(np.count_nonzero(~fits)) > most_panels:
            if most_panels < MAX_PANELS:
                return None
            fits[:] = True
        done.append((start[fits], stop[fits], found[fits], harm[fits]))
        start, stop, last = start[~fits], stop[~fits], error[~fits]
        if not start.size:
            break
        total += start.size
        middle = 0.5 * (start + stop)
        start, stop = np.concatenate([start, middle]), np.concatenate([middle, stop])
        last = np.tile(last, 2)
    begin, end, table, harms = (np.concatenate(parts) for parts in zip(*done, strict=True))
    order = np.argsort(begin, kind="stable")
    return Panels(begin[order], end[order], table[order].T.copy(), float(harms.sum()))
