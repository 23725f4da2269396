"""The second best of bilateral trade over continuous priors themselves, with a stated error."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.backends.root import RulePoint, searched
from mechopt.backends.settings import Settings
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError, require
from mechopt.studies.first_best import Estimate, first_best_of_continuum
from mechopt.types.cells import curve_of
from mechopt.types.panels import Side, panels_of
from mechopt.types.quadrature import POINTS, WEIGHTS
from mechopt.types.source import Source
from mechopt.types.virtual_curves import VirtualCurve, steps_of

# The search for alpha ends where value and bound agree to this, relative to the first best.
ROOT_TOLERANCE = 1e-12
NEGLIGIBLE = 1e-16
EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class _Rules:
    """The family of the rules that are pointwise best for virtual valuations, over two laws."""

    costs: Source
    values: Source
    weights: tuple[float, float]
    scale: float

    @property
    def largest(self) -> float:
        return max(self.weights)

    @cached_property
    def sides(self) -> tuple[Side, Side]:
        return Side(self.costs, is_giver=True), Side(self.values, is_giver=False)

    @cached_property
    def _laws(self):
        giver, receiver = self.sides
        found = []
        for own, other in ((giver, receiver), (receiver, giver)):
            panels = panels_of(own, other, self.scale)
            found.append((panels, steps_of(own, panels, NEGLIGIBLE * self.scale / (self.values.high - self.costs.low))))
        return tuple(found)

    @property
    def doubt(self) -> float:
        return sum(panels.doubt for panels, _ in self._laws)

    def curves(self, alpha: float) -> tuple[VirtualCurve, VirtualCurve]:
        return tuple(
            VirtualCurve(panels, steps, 1.0 - weight / self.largest * (1.0 - alpha))
            for (panels, steps), weight in zip(self._laws, self.weights, strict=True)
        )

    def at(self, alpha: float) -> RulePoint:
        curves = self.curves(alpha)
        return self.point(alpha, *_integrals(*curves, 1))

    def point(self, alpha, best, own, others) -> RulePoint:
        rents = (own, others)
        kept = sum((w / self.largest) * (1.0 - alpha) * rent for w, rent in zip(self.weights, rents, strict=True))
        slack = best - kept
        if abs(slack) <= 64 * EPSILON * best:
            slack = 0.0
        objective = self.largest * slack + sum(w * rent for w, rent in zip(self.weights, rents, strict=True))
        multiplier = self.largest / (1.0 - alpha) - self.largest
        return RulePoint(alpha, multiplier, (), (), 0.0, slack, objective)

    def nothing(self, dual: RulePoint) -> RulePoint:
        return RulePoint(dual.alpha, dual.multiplier, (), (), 0.0, 0.0, 0.0)


def _integrals(giver: VirtualCurve, receiver: VirtualCurve, parts: int) -> tuple[float, float, float]:
    """Return the Lagrangian of the best rule, and the rents of both sides under it."""
    panel, begin, end = giver.arcs
    cuts = giver.marginal(-receiver.edges).cost
    edges = np.unique(np.concatenate([begin, end, cuts]))
    if edges.size > 1 and parts > 1:
        edges = np.append(np.linspace(edges[:-1], edges[1:], parts, endpoint=False).T.ravel(), edges[-1])
    middle = 0.5 * (edges[1:] + edges[:-1])
    owner = np.searchsorted(begin, middle, side="right") - 1
    kept = middle < np.append(-np.inf, end)[owner + 1]
    low, high, owner = edges[:-1][kept], edges[1:][kept], owner[kept]
    half = 0.5 * (high - low)
    cost = (0.5 * (high + low))[:, None] + half[:, None] * POINTS
    panel = np.broadcast_to(panel[owner][:, None], cost.shape)
    chance, density, _ = giver.panels.at(panel, cost)
    density = np.maximum(density, 0.0)
    virtual = giver.virtual(panel, cost)
    met = receiver.marginal(-virtual.ravel())
    gains = receiver.brings(met, -virtual.ravel()).reshape(cost.shape)
    weight = half[:, None] * WEIGHTS
    rest = [part.reshape(cost.shape) for part in met]
    best = float((weight * density * gains).sum())
    own = float((weight * chance * rest[1]).sum())
    others = float((weight * density * rest[2]).sum())
    level, first, last = giver.level
    met = receiver.marginal(-level)
    mass = last.chance - first.chance
    best += float(mass @ receiver.brings(met, -level))
    own += float((last.area - first.area) @ met.chance)
    others += float(mass @ met.area)
    return best, own, others
