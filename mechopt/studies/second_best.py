"""The second best of bilateral trade over continuous priors themselves, with a stated error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np

from mechopt._util.arrays import FloatArray, IndexArray, shown
from mechopt.backends.root import searched
from mechopt.backends.rule_point import RulePoint
from mechopt.backends.settings import Settings
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError, UnsupportedProblemError
from mechopt.problem.objectives import Welfare
from mechopt.problem.usual import ex_ante_efficiency
from mechopt.studies.first_best import first_best_of_continuum
from mechopt.types.cells import curve_of
from mechopt.types.continuous import ContinuousPrior
from mechopt.types.foreign import budget
from mechopt.types.panels import Panels, Side, panels_of
from mechopt.types.quadrature import POINTS, WEIGHTS
from mechopt.types.source import Source
from mechopt.types.virtual_curves import Steps, VirtualCurve, steps_of

# The search for alpha ends where value and bound agree to this, relative to the first best.
ROOT_TOLERANCE = 1e-12
# All that types so rare could gain is this share of the first best.
NEGLIGIBLE = 1e-14
# Halves of an interval may differ from it by so much, relative to all that the rule brings.
PIECE_TOLERANCE = 1e-14
MAX_ROUNDS, MAX_PIECES = 30, 400
TINIEST = float(np.finfo(np.float64).tiny)
EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class SecondBest:
    """The most that trade can bring without outside money, over laws of types themselves.

    Parameters
    ----------
    estimate
        Expected welfare of the best mechanism, in money.
    lower
        What the rule that was found brings, less the stated error.
    upper
        The dual bound at its alpha, and the stated error on top.
    alpha
        λ/(largest weight + λ), with the multiplier λ on the participation slack; 0 where the best
        rule needs no money.
    """

    estimate: float
    lower: float
    upper: float
    alpha: float

    @property
    def error(self) -> float:
        """How far the estimate may be off, in money."""
        return max(self.upper - self.estimate, self.estimate - self.lower)


@budget()
def second_best_of_continuum(
    trade: Environment,
    weights: Mapping[str, float | Fraction] | Sequence[float | Fraction] | None = None,
    *,
    near: float = 0.0,
) -> SecondBest:
    """Return the second best of bilateral trade, over continuous priors themselves.

    Parameters
    ----------
    trade
        Bilateral trade without delay, with a continuous prior on at least one side; its cells do
        not matter.
    weights
        Welfare weights, as of :func:`mechopt.ex_ante_efficiency`.
    near
        An alpha near that of the best rule, such as the one over many cells, which saves time; 0
        if none is known.

    Raises
    ------
    InvalidInputError
        Where there is no continuum, or types are not independent; for weights and an alpha that
        are none.
    UnsupportedProblemError
        For environments other than bilateral trade without delay.

    Notes
    -----
    Distribution functions are polynomials on panels, between which atoms and gaps lie. A rule that
    maximises the Lagrangian has each cost meet the values whose ironed virtual value exceeds its
    own ironed virtual cost; the Lagrangian and the information rents are integrals over costs of
    what maximisation over the other side brings. The alpha without slack is a root, and at jumps
    of the slack two rules are mixed. The dual bound and the mixture's welfare bracket the optimum.
    Both are widened by an error that is estimated, not proved: what halving all intervals, and
    integrating over values instead of costs, change; what the polynomials miss; and what the
    sources' probabilities may be off by. Source: theory.md, section 3.5; Myerson (1981), section 6;
    Myerson and Satterthwaite (1983), Theorem 2.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.from_distribution(stats.uniform(0, 1), 2)
    >>> found = second_best_of_continuum(BilateralTrade(types, types))
    >>> abs(found.estimate - 9 / 64) <= found.error < 1e-12, round(found.alpha, 9)
    (True, 0.333333333)
    """
    trade.require_independent("the second best of a continuum")
    if not _is_static(trade):
        raise UnsupportedProblemError(
            "the second best of a continuum is known for bilateral trade without delay. Solve over "
            "cells instead, and bracket the optimum with bracket_continuum."
        )
    if not 0.0 <= near < 1.0:
        raise InvalidInputError(
            "not an alpha",
            where="near",
            expected="a number from 0 up to, but not including, 1",
            got=shown(near),
            remedy="Leave it out if none is known.",
        )
    if not has_second_best(trade):
        raise InvalidInputError(
            "there is no continuum",
            where="trade",
            expected="a continuous prior, and on the other side one or finite types",
            got="finite types, or cells without a prior",
            remedy="Give a distribution and cells (in Python TypeSpace.from_distribution), or "
            "solve the problem.",
        )
    objective = ex_ante_efficiency(trade, weights).objective
    assert isinstance(objective, Welfare)
    first_best = first_best_of_continuum(trade)
    costs, values = (curve_of(agent.types) for agent in trade.agents)
    if not first_best.value > 0.0:
        return SecondBest(0.0, 0.0, first_best.error, 0.0)
    rules = _Rules(costs, values, objective.weights, first_best.value)
    tolerance = ROOT_TOLERANCE * first_best.value * rules.largest
    root = searched(rules, tolerance, Settings(), near=near)
    alpha = root.best_dual.alpha
    total = rules.largest / (1.0 - alpha)
    curves = rules.curves(alpha)
    usual, turned = _brought(*curves), _brought(*curves[::-1])
    reached = sum(w * p.objective for w, p in zip(root.weights, root.points, strict=True))
    # Types are rounded, and so are gains of all who trade.
    furthest = max(map(abs, (costs.low, costs.high, values.low, values.high)))
    error = total * (
        usual.error
        + abs(usual.lagrangian - turned.lagrangian)
        + rules.doubt
        + first_best.error
        + 4.0 * EPSILON * furthest * usual.chance
    )
    rents = abs(usual.giver - turned.receiver) + abs(usual.receiver - turned.giver)
    # Rents that are off move the slack, which money at the multiplier makes up, and the welfare.
    rents *= 2.0 * alpha * rules.largest
    lower = max(min(reached, root.bound) - error - rents, 0.0)
    upper = max(reached, root.bound) + error
    return SecondBest(0.5 * (reached + root.bound), lower, upper, alpha)


def has_second_best(trade: Environment) -> bool:
    """Return whether :func:`second_best_of_continuum` answers for an environment.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> one, two = TypeSpace.from_distribution(stats.uniform(0, 1), 2), TypeSpace.finite([0, 1])
    >>> [has_second_best(BilateralTrade(*sides)) for sides in ((one, two), (two, two))]
    [True, False]
    """
    spaces = [agent.types for agent in trade.agents]
    known = all(types.prior is not None or types.is_finite for types in spaces)
    continuous = any(types.prior is not None for types in spaces)
    return known and continuous and _is_static(trade)


def _is_static(trade: Environment) -> bool:
    exchange = trade.outcomes.exchange
    return exchange is not None and not exchange.has_delay


class _Brought(NamedTuple):
    """What a rule brings: its Lagrangian, information rents of both sides, probability of trade.

    The Lagrangian is in money of the participation slack: the slack, and the rents at their share
    in welfare.
    """

    lagrangian: float
    giver: float
    receiver: float
    chance: float
    error: float


@dataclass(frozen=True)
class _Rules:
    """The rules that are pointwise best for ironed virtual valuations of two laws."""

    costs: Source
    values: Source
    weights: tuple[float, ...]
    first_best: float

    @property
    def largest(self) -> float:
        return max(self.weights)

    @cached_property
    def _laws(self) -> list[tuple[Panels, Steps]]:
        laws = self.costs, self.values
        named = all(isinstance(law, ContinuousPrior) for law in laws)
        return (_kept_in_panels if named else _in_panels)(*laws, self.first_best)

    @property
    def doubt(self) -> float:
        """What the polynomials may have missed, in money."""
        return sum(panels.doubt for panels, _ in self._laws)

    def curves(self, alpha: float) -> list[VirtualCurve]:
        """Return both sides' virtual costs, the buyer's as costs of selling money."""
        return [
            VirtualCurve(panels, steps, 1.0 - weight / self.largest * (1.0 - alpha))
            for (panels, steps), weight in zip(self._laws, self.weights, strict=True)
        ]

    def at(self, alpha: float) -> RulePoint:
        giver, receiver = self.curves(alpha)
        brought = _brought(giver, receiver)
        rents = self.weights[0] * brought.giver + self.weights[1] * brought.receiver
        slack = brought.lagrangian - rents * (1.0 - alpha) / self.largest
        if abs(slack) <= 64 * EPSILON * brought.lagrangian:
            slack = 0.0
        multiplier = self.largest / (1.0 - alpha) - self.largest
        return RulePoint(alpha, multiplier, (), (), 0.0, slack, self.largest * slack + rents)

    def nothing(self, dual: RulePoint) -> RulePoint:
        return RulePoint(dual.alpha, dual.multiplier, (), (), 0.0, 0.0, 0.0)


def _in_panels(costs: Source, values: Source, first_best: float) -> list[tuple[Panels, Steps]]:
    giver, receiver = Side(costs, is_giver=True), Side(values, is_giver=False)
    least = NEGLIGIBLE * first_best / (values.high - costs.low)
    found = []
    for own, other in ((giver, receiver), (receiver, giver)):
        panels = panels_of(own, other, first_best)
        found.append((panels, steps_of(own, panels, least, -other.low)))
    return found


# The bracket and comparisons for several weights ask for them one after the other.
_kept_in_panels = lru_cache(maxsize=8)(_in_panels)


def _brought(giver: VirtualCurve, receiver: VirtualCurve) -> _Brought:
    """Return what the best rule brings, by Gauss points on intervals of costs.

    Integrals run over the costs of the first side, and the other one is maximised over. Intervals
    on which all is smooth are halved until their halves agree with them.
    """
    level, first, last = giver.level
    mass = last.chance - first.chance
    total = _met(receiver, level, mass, last.area - first.area).sum(axis=1)
    panel, begin, end = giver.arcs
    edges = np.unique(np.concatenate([begin, end, giver.marginal(-receiver.edges).cost]))
    low, high = edges[:-1], edges[1:]
    owner = np.searchsorted(begin, 0.5 * (low + high), side="right") - 1
    rises = 0.5 * (low + high) < np.append(-np.inf, end)[owner + 1]
    low, high, place = low[rises], high[rises], panel[owner[rises]]
    furthest = float(np.abs(giver.steps.cost).max(initial=0.0))
    error, whole = 0.0, np.full((4, low.size), np.nan)
    for step in range(MAX_ROUNDS):
        middle = 0.5 * (low + high)
        starts, stops = [low, middle], [middle, high]
        if not step:
            starts, stops = [*starts, low], [*stops, high]
        found = _between(
            giver,
            receiver,
            np.tile(place, len(starts)),
            np.concatenate(starts),
            np.concatenate(stops),
        ).reshape(4, len(starts), -1)
        whole = found[:, 2] if not step else whole
        both = found[:, 0] + found[:, 1]
        off = np.abs(both - whole)[:3]
        so_far = total + both.sum(axis=1)
        noise = max(PIECE_TOLERANCE * so_far[0], EPSILON * furthest * so_far[3], TINIEST)
        rough = (off > noise).any(axis=0) & (low < middle) & (middle < high)
        if step == MAX_ROUNDS - 1 or int(rough.sum()) > MAX_PIECES:
            rough[:] = False
        total += both[:, ~rough].sum(axis=1)
        error += float(off[0, ~rough].sum())
        low, high = (
            np.concatenate([low[rough], middle[rough]]),
            np.concatenate([middle[rough], high[rough]]),
        )
        place = np.tile(place[rough], 2)
        whole = found[:, :2, rough].reshape(4, -1)
        if not low.size:
            break
    lagrangian, own, others, traded = total.tolist()
    return _Brought(lagrangian, own, others, traded, error)


def _between(
    giver: VirtualCurve,
    receiver: VirtualCurve,
    panel: IndexArray,
    low: FloatArray,
    high: FloatArray,
) -> FloatArray:
    """Return what costs on intervals of one panel each bring, of shape (4, num_intervals)."""
    half = 0.5 * (high - low)[:, None]
    place = np.broadcast_to(panel[:, None], (panel.size, POINTS.size))
    start = giver.panels.start[place]
    width = (low[:, None] - start) + half * (1.0 + POINTS)
    chance, density, *_ = giver.panels.from_start(place, width)
    cost = start + width
    likely = (half * WEIGHTS * np.maximum(density, 0.0)).ravel()
    found = _met(
        receiver,
        giver.virtual(cost, chance, density).ravel(),
        likely,
        (half * WEIGHTS * chance).ravel(),
    )
    return np.asarray(found.reshape(4, -1, POINTS.size).sum(axis=2))


def _met(
    receiver: VirtualCurve, virtual: FloatArray, mass: FloatArray, area: FloatArray
) -> FloatArray:
    """Return what costs bring by their virtual costs, probabilities and integrals of these."""
    met = receiver.marginal(-virtual)
    gains = receiver.brings(met, -virtual)
    return np.stack([mass * gains, area * met.chance, mass * met.area, mass * met.chance])
