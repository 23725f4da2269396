"""Offers over time on panels of states within which all is smooth, and edges where it is not.

A state is the highest type that is left, from 0 to 1: in widths above the lowest that may trade.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
from numpy.polynomial.chebyshev import chebval, chebvander

from mechopt._util.arrays import FloatArray, IndexArray
from mechopt.types.source import Source

NODES = 16
# Errors that are allowed relative to the largest value on a panel; of tables with more breaks.
ROUGH, TABLED, MOST_BREAKS = 1e-10, 1e-6, 100
LAW_HALVED = 46
# Coefficients below this share of the largest are rounding, which slopes would blow up.
ROUNDING = 1e-14
# States this near to each other are one.
APART = 1e-12
# Panels of the law as narrow as this in their place are around a break that it does not tell.
HIDDEN = 1e-5
MOST_PANELS = 600
HALVINGS = 60
EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, eq=False)
class States:
    """How likely the types below each state are.

    Parameters
    ----------
    low, width
        The lowest type that may trade, and what those above it span.
    below, density
        From types to the probability of those up to each, and to the density.
    breaks : array of shape (num_breaks,)
        States, rising, at which the density jumps or bends.
    rough
        From this error on, relative to the largest value on a panel, it is halved.
    """

    low: float
    width: float
    below: Callable[[FloatArray], FloatArray]
    density: Callable[[FloatArray], FloatArray]
    breaks: FloatArray
    rough: float = ROUGH

    @classmethod
    def of(cls, law: Source, low: float) -> States:
        """Return the states of a law, from the lowest type that may trade.

        A density of very many breaks is a table's: it is taken for smooth, less accurately.
        """
        width = law.high - low
        breaks = (law.breaks - low) / width
        breaks = breaks[(breaks > 0.0) & (breaks < 1.0)]
        many = breaks.size > MOST_BREAKS
        return cls(
            low, width, law.below, law.density, breaks[:0] if many else breaks,
            TABLED if many else ROUGH,
        )  # fmt: skip

    @cached_property
    def least(self) -> float:
        """The probability of types below the lowest that may trade."""
        return float(self.below(np.array([self.low]))[0])

    @property
    def far(self) -> float:
        """How far types are from zero, in widths: what states are rounded to is relative to it."""
        return abs(self.low) / self.width

    def types(self, states: FloatArray) -> FloatArray:
        """Return the types at states."""
        return np.asarray(self.low + self.width * states)

    def chance(self, states: FloatArray) -> FloatArray:
        """Return the probability of types from the lowest to each state."""
        return np.asarray(self.below(self.types(states)) - self.least)

    def slope(self, states: FloatArray) -> FloatArray:
        """Return how fast the probability rises."""
        return np.asarray(self.width * self.density(self.types(states)))

    def reaching(self, chances: FloatArray) -> FloatArray:
        """Return the states at which the probability reaches each chance."""
        left, right = np.zeros(chances.size), np.ones(chances.size)
        for _ in range(HALVINGS):
            middle = 0.5 * (left + right)
            lower = self.chance(middle) < chances
            left, right = np.where(lower, middle, left), np.where(lower, right, middle)
        return right

    def with_panels(self) -> tuple[States, FloatArray]:
        """Return edges of panels on which the law is smooth, and all breaks that it has."""
        edges = self._panels()
        start, stop = edges[:-1], edges[1:]
        hidden = stop - start < HIDDEN * np.minimum(start, 1.0 - stop)
        if not hidden.any() or self.rough > ROUGH:
            return self, edges
        middle = (0.5 * (start + stop))[hidden]
        middle = middle[np.diff(middle, prepend=-1.0) > HIDDEN]
        told = replace(self, breaks=merged(self.breaks, middle))
        return told, told._panels()

    def _panels(self) -> FloatArray:
        # Where probabilities grow with a power of the state, its root has fewer digits, and all is
        # kept in digits of the state: panels are e times as wide as the one below.
        least = float(self.reaching(1e-12 * self.chance(np.ones(1)))[0])
        unseen = 1e9 * EPSILON * self.far
        depth = min(30.0 + 4.0 / 3.0 * np.log(max(least, 1e-30)), -np.log(max(unseen, 1e-30)))
        graded = np.exp(-np.arange(np.ceil(max(depth, 2.0)), 0.0, -1.0))
        edges = merged(np.array([0.0, *self.breaks, 1.0]), graded)
        start, stop = edges[:-1], edges[1:]
        for _ in range(LAW_HALVED):
            states = inside(start, stop)
            rounded = EPSILON * (stop + self.far) / (stop - start)
            rough = np.zeros(start.size, dtype=bool)
            for values in (self.chance(states), self.slope(states)):
                tail, size = tails(fitted(values))
                rough |= tail > np.maximum(np.maximum(self.rough, 16.0 * rounded) * size, ROUNDING)
            rough &= rounded < 1e-4
            if not rough.any() or edges.size > MOST_PANELS:
                break
            start, stop = start[rough], stop[rough]
            middle = 0.5 * (start + stop)
            edges = np.union1d(edges, middle)
            start, stop = np.concatenate([start, middle]), np.concatenate([middle, stop])
        return edges


@dataclass(frozen=True, eq=False)
class Rule:
    """What is asked in one period from each state, on panels.

    At the edge of two panels the upper one holds: of several best prices the highest is asked.

    Parameters
    ----------
    edges : array of shape (panels + 1,)
        Where panels end, rising from 0 to 1.
    cutoff, price, value : arrays of shape (panels, NODES)
        Coefficients of the last type that accepts, of the price, and of what the offers bring.
    worth, cost : arrays of shape (panels,)
        What trade is worth to the other side, per unit of its type, and what it costs, when the
        next sale is made, in money of this period.
    bounds : array of shape (panels, 2)
        Between which states the last type lies, to the last digit.
    bends : array of shape (num_bends,)
        Edges at which something jumps or bends, or a slope does.
    at_top
        The last type and the price in the highest state, where densities may have no limit.
    """

    edges: FloatArray
    cutoff: FloatArray
    price: FloatArray
    value: FloatArray
    worth: FloatArray
    cost: FloatArray
    bounds: FloatArray
    bends: FloatArray
    at_top: tuple[float, float]

    @classmethod
    def after_all(cls, edges: FloatArray, breaks: FloatArray) -> Rule:
        """Return the rule after the last period, when nothing is asked."""
        none = np.zeros((edges.size - 1, NODES))
        return cls(edges, none, none, none, none[:, 0], none[:, 0], none[:, :2], breaks, (0.0, 0.0))

    def panels(self, states: FloatArray) -> IndexArray:
        """Return the panel of each state."""
        at = np.searchsorted(self.edges, states, side="right") - 1
        return np.asarray(np.clip(at, 0, self.edges.size - 2))

    def places(self, states: FloatArray, panels: IndexArray) -> FloatArray:
        """Return where in its panel each state lies, from -1 to 1."""
        start, stop = self.edges[panels], self.edges[panels + 1]
        return np.asarray(np.clip((2.0 * states - start - stop) / (stop - start), -1.0, 1.0))

    def asked(self, states: FloatArray) -> FloatArray:
        """Return the price that is asked in each state."""
        panels = self.panels(states)
        found = at_places(self.price, panels, self.places(states, panels))
        return np.where(states == 1.0, self.at_top[1], found)

    def last(self, states: FloatArray) -> FloatArray:
        """Return the last type that accepts in each state."""
        panels = self.panels(states)
        found = at_places(self.cutoff, panels, self.places(states, panels))
        # Prices jump at corners, so that an error of rounding would matter.
        least, most = np.moveaxis(self.bounds[panels], -1, 0)
        found = np.where(states == 1.0, self.at_top[0], np.clip(found, least, most))
        return np.asarray(np.minimum(found, states))

    def cut(self, state: float) -> Rule:
        """Return the same rule with one more edge."""
        edges = merged(self.edges, np.array([state]))
        states = inside(edges[:-1], edges[1:])
        panels = self.panels(states.mean(axis=1))
        wide = np.broadcast_to(panels[:, None], states.shape)
        places = self.places(states, wide)
        cutoff, price, value = (
            fitted(at_places(part, wide, places)) for part in (self.cutoff, self.price, self.value)
        )
        return Rule(
            edges, cutoff, price, value,
            self.worth[panels], self.cost[panels], self.bounds[panels], self.bends, self.at_top,
        )  # fmt: skip

    def waiting(self, asked: FloatArray, discount: float) -> Rule:
        """Return the rule of the period before where nothing is sold in any state."""
        states = inside(self.edges[:-1], self.edges[1:])
        bounds = np.stack([self.edges[:-1], self.edges[1:]], axis=1)
        return Rule(
            self.edges, fitted(states), asked, discount * self.value, discount * self.worth,
            discount * self.cost, bounds, self.bends, (1.0, float(asked[-1].sum())),
        )  # fmt: skip


@lru_cache(maxsize=1)
def nodes() -> tuple[FloatArray, FloatArray]:
    """Return nodes within (-1, 1), and the matrix from values there to coefficients.

    Examples
    --------
    >>> places, matrix = nodes()
    >>> abs(places @ matrix).round(12)[:3]
    array([0., 1., 0.])
    """
    places = -np.cos(np.pi * (np.arange(NODES) + 0.5) / NODES)
    return places, np.asarray(np.linalg.inv(chebvander(places, NODES - 1)).T)


def inside(start: FloatArray, stop: FloatArray) -> FloatArray:
    """Return the nodes of panels, one row for each."""
    return np.asarray(0.5 * (start + stop)[:, None] + 0.5 * (stop - start)[:, None] * nodes()[0])


def fitted(values: FloatArray) -> FloatArray:
    """Return the coefficients of values at nodes, one row for each panel, without rounding."""
    made = values @ nodes()[1]
    tail = np.maximum.accumulate(np.abs(made)[:, ::-1], axis=1)[:, ::-1]
    return np.where(tail > ROUNDING * tail[:, :1], made, 0.0)


def tails(coefficients: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return about how much a higher degree would add on each panel, and the largest term."""
    size = np.abs(coefficients)
    return size[:, -2:].max(axis=1), size.max(axis=1)


def at_places(coefficients: FloatArray, panels: IndexArray, places: FloatArray) -> FloatArray:
    """Return the polynomial of its own panel at each place."""
    chosen = np.moveaxis(coefficients[panels], -1, 0)
    return np.asarray(chebval(places, chosen, tensor=False))


def merged(kept: FloatArray, more: FloatArray) -> FloatArray:
    """Return states and those of others that are not next to them.

    Examples
    --------
    >>> merged(np.array([0.0, 0.5]), np.array([0.25, 0.5 + 1e-14]))
    array([0.  , 0.25, 0.5 ])
    """
    if not kept.size:
        return more
    near = np.searchsorted(kept, more)
    left, right = kept[np.maximum(near - 1, 0)], kept[np.minimum(near, kept.size - 1)]
    apart = np.minimum(np.abs(more - left), np.abs(more - right))
    return np.union1d(kept, more[apart > APART])
