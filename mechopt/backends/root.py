"""The rules p_a, and the one among them that leaves no participation slack."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mechopt._util.arrays import FloatArray, in_blocks, rounding_of_sums, sealed
from mechopt.backends.coarse import COARSE_CELLS, COARSENING, coarsened, with_types
from mechopt.backends.rule_point import RulePoint, Rules
from mechopt.backends.settings import Settings
from mechopt.environments import Environment
from mechopt.mechanism.allocation import Allocation, PointwiseRule
from mechopt.mechanism.payments import largest_payment
from mechopt.types.virtual_values import ironed, virtual_cost, virtual_value

MAX_EVALUATIONS = 200
FINE_CELLS = 10_000
FIRST_ALPHA = 0.4
# How far from a guess to look for the slope, relative to its distance from 0 and 1.
NEARBY = 1e-3
LARGEST_ALPHA = 1.0 - 1e-14
ROUNDING = 16 * np.finfo(np.float64).eps


@dataclass(frozen=True, eq=False)
class VirtualRules:
    """The family p_a: pointwise maximisers of ironed virtual valuations, less the cost.

    Parameters
    ----------
    environment
        Agents of whom each either gives or receives, and outcomes that may be nothing at all.
    weights
        Welfare weights, one per agent, at least zero.
    designer
        Weight of the money that is left over, at least zero; some weight is above zero.

    Notes
    -----
    Who gives has a virtual cost, and who receives a virtual value. With largest weight w and
    multiplier λ = w a/(1-a), agent i's virtual valuation carries weight 1 - w_i/(w + λ) on its
    information rent, and costs of outcomes carry weight one. Source: theory.md, sections 3.5 and
    3.7; Cramton (1985), Theorem 3; Williams (1987), Journal of Economic Theory 41, 154-172.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> rules = VirtualRules(BilateralTrade(types, types), (1.0, 1.0))
    >>> rules.at(0.0).slack < 0 < rules.at(0.5).slack
    True
    """

    environment: Environment
    weights: tuple[float, ...]
    designer: float = 0.0

    @cached_property
    def largest(self) -> float:
        """Largest of the weights: what a unit of money to spare is worth."""
        return max(*self.weights, self.designer)

    @cached_property
    def _gives(self) -> tuple[bool, ...]:
        return tuple(role.gives for role in self.environment.outcomes.roles)

    @cached_property
    def _mean(self) -> tuple[FloatArray, ...]:
        return tuple(agent.types.mean for agent in self.environment.agents)

    @cached_property
    def _virtual(self) -> tuple[FloatArray, ...]:
        return tuple(
            virtual_cost(agent.types) if gives else virtual_value(agent.types)
            for agent, gives in zip(self.environment.agents, self._gives, strict=True)
        )

    @cached_property
    def _worth(self) -> tuple[FloatArray, ...]:
        """Virtual valuations times probabilities, whose product with the quantities is slack."""
        pairs = zip(self.environment.masses, self._virtual, strict=True)
        return tuple(mass * virtual for mass, virtual in pairs)

    @cached_property
    def _rounding(self) -> float:
        """How far the slack may be off, relative to the sum of its terms' sizes."""
        return ROUNDING + 2.0 * rounding_of_sums(max(self.environment.shape))

    @cached_property
    def _rent(self) -> tuple[FloatArray, ...]:
        """Information rents per unit of quantity, times probabilities."""
        parts = zip(self.environment.masses, self._mean, self._virtual, strict=True)
        return tuple(mass * (mean - virtual) for mass, mean, virtual in parts)

    def virtual_values(self, alpha: float) -> tuple[FloatArray, ...]:
        """Return virtual costs and virtual values at ``alpha``, before ironing, in money."""
        largest = self.largest
        # Rents are rounded, so that costs and values may tie up to rounding. Ties go to nothing on
        # every processor: rounding is taken from those who receive, or given to those who give if
        # nobody does.
        has_ties = largest * alpha + (largest - min(self.weights)) > 0
        lowered = not all(self._gives)
        parts = []
        for i, (mean, virtual) in enumerate(zip(self._mean, self._virtual, strict=True)):
            share = 1.0 - self.weights[i] / largest * (1.0 - alpha)
            values = np.empty(mean.size)
            # Block by block: at a million types, fresh memory costs as much as the arithmetic.
            for block in in_blocks(mean.shape):
                own = np.subtract(virtual[block], mean[block], out=values[block])
                own *= share
                own += mean[block]
                if has_ties and not (lowered and self._gives[i]):
                    step = np.abs(own)
                    step += np.abs(mean[block])
                    step *= -ROUNDING if lowered else ROUNDING
                    own += step
            parts.append(values)
        return tuple(parts)

    def efficient(self, quantities: tuple[FloatArray, ...], cost: float) -> RulePoint:
        """Return the ex post efficient rule, of these quantities and this cost.

        It is the one at alpha 0 with equal weights, but for ties, which hang on no rounding.
        """
        return self._brings(0.0, self._mean, quantities, cost)

    def nothing(self, dual: RulePoint) -> RulePoint:
        """Return the rule under which nothing ever happens, with another rule's multiplier."""
        spaces = [agent.types for agent in self.environment.agents]
        quantity = tuple(np.zeros(types.num_cells) for types in spaces)
        aversion = 0.0
        while True:
            never = tuple(
                np.full(types.num_cells, max(types.highest, 0.0) + aversion)
                if gives
                else np.full(types.num_cells, min(types.lowest, 0.0) - aversion)
                for types, gives in zip(spaces, self._gives, strict=True)
            )
            chosen, cost = self._chosen(never)
            if cost == 0.0 and not any(part.any() for part in chosen):
                return RulePoint(dual.alpha, dual.multiplier, never, quantity, 0.0, 0.0, 0.0)
            # Outcomes that save money are chosen unless they cost the agents more than that.
            aversion = 2.0 * aversion or self.environment.payoff_scale

    def payments(self, quantities: tuple[FloatArray, ...]) -> list[FloatArray]:
        """Return the largest interim payments that leave the worst-off types with nothing."""
        return [
            largest_payment(agent.types, own, worst=role.worst_off)
            for agent, own, role in zip(
                self.environment.agents, quantities, self.environment.outcomes.roles, strict=True
            )
        ]

    def allocation(self, points: tuple[RulePoint, ...], weights: tuple[float, ...]) -> Allocation:
        """Return the mixture of some points' rules."""
        return PointwiseRule(tuple(point.values for point in points), weights)

    def ironed_values(self, alpha: float) -> tuple[FloatArray, ...]:
        """Return virtual costs and virtual values at ``alpha``, ironed, in money."""
        pairs = zip(self.virtual_values(alpha), self.environment.masses, strict=True)
        # What allocations keep of these is not copied then.
        return tuple(sealed(ironed(values, mass)) for values, mass in pairs)

    def at(self, alpha: float) -> RulePoint:
        """Return the rule at ``alpha`` from 0 (inclusive) to 1 (exclusive)."""
        environment, values = self.environment, self.ironed_values(alpha)
        return self._point(alpha, environment.outcomes.nearby(values, environment.masses))

    def _chosen(self, values: tuple[FloatArray, ...]) -> tuple[tuple[FloatArray, ...], float]:
        """Return interim net quantities of the pointwise best outcomes, and their expected cost."""
        return self.environment.outcomes.best_on_average(values, self.environment.masses)

    def _point(self, alpha: float, values: tuple[FloatArray, ...]) -> RulePoint:
        return self._brings(alpha, values, *self._chosen(values))

    def _brings(
        self,
        alpha: float,
        values: tuple[FloatArray, ...],
        quantities: tuple[FloatArray, ...],
        cost: float,
    ) -> RulePoint:
        # Net quantities carry the signs: who gives has negative ones, and rents are t - virtual.
        slack, rents, noise = -cost, 0.0, abs(cost)
        for i, quantity in enumerate(quantities):
            slack += float(self._worth[i] @ quantity)
            rents += self.weights[i] * float(self._rent[i] @ quantity)
            for block in in_blocks(quantity.shape):  # quantities of an agent have one sign
                noise += abs(float(np.abs(self._worth[i][block]) @ quantity[block]))
        if abs(slack) <= self._rounding * noise:
            slack = 0.0
        largest = self.largest
        multiplier = largest / (1.0 - alpha) - largest
        objective = largest * slack + rents
        return RulePoint(alpha, multiplier, values, quantities, cost, slack, objective)


@dataclass(frozen=True, eq=False)
class RootOfSlack:
    """The optimum: one rule, or the mixture of two that leaves no slack.

    Parameters
    ----------
    points
        The rule just below and the rule just above the root, or one rule.
    weights
        Probability of each.
    bound
        Best bound seen.
    evaluations
        How many rules were evaluated on the type spaces given.
    """

    points: tuple[RulePoint, ...]
    weights: tuple[float, ...]
    bound: float
    evaluations: int

    @property
    def best_dual(self) -> RulePoint:
        """The rule whose bound is best."""
        return min(self.points, key=lambda point: point.bound)


class OutOfTimeError(Exception):
    """The time limit passed before the root was found."""


def root_of_slack(
    rules: VirtualRules,
    tolerance: float,
    settings: Settings | None = None,
    near: float = 0.0,
) -> RootOfSlack:
    """Return the rule with zero slack, or with the largest weight's full slack if none is needed.

    The slack rises in alpha, and the dual bound is convex in λ with the slack as its slope. The
    search keeps a bracket; the mixture of its ends with zero slack is feasible, and its value is
    where their tangents meet. It stops when that is within ``tolerance`` of the best bound. Steps
    take turns: inverse interpolation of the slack and a secant step of double length, which close
    the bracket from both sides where the slack is smooth, and the meeting point of the tangents,
    which ends the search at a jump.

    Parameters
    ----------
    rules
        The family of rules.
    tolerance
        Largest distance between value and bound, relative to the first best.
    settings
        Whose time limit is kept; None for no limit.
    near
        The root of a problem much like this one, from which to begin; 0 if none is known.

    Raises
    ------
    OutOfTimeError
        If the time limit passes between two rules.

    Notes
    -----
    Source: theory.md, section 3.5.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> root = root_of_slack(VirtualRules(BilateralTrade(types, types), (1.0, 1.0)), 1e-12)
    >>> round(root.bound, 9)
    0.925925926
    """
    settings = settings or Settings()
    # A step of the slack is of the order of one cell's mass, and costs its square.
    finest = max(1.0, max(rules.environment.shape) / FINE_CELLS)
    in_money = tolerance * rules.environment.first_best * rules.largest * finest
    start = None
    if not 0.0 < near < LARGEST_ALPHA:
        start = _coarse_alpha(rules, tolerance, settings)
    return searched(rules, in_money, settings, near=near, start=start)


def searched(
    rules: Rules,
    tolerance: float,
    settings: Settings,
    *,
    near: float = 0.0,
    start: tuple[float, float] | None = None,
) -> RootOfSlack:
    """Return what :func:`root_of_slack` does, of any family of rules.

    Parameters
    ----------
    rules, settings, near
        As there.
    tolerance
        Largest distance between value and bound, times the largest weight, in money.
    start
        An alpha near the root and the slope of the slack there, if known.
    """
    search = _Search(rules, tolerance, settings)
    if 0.0 < near < LARGEST_ALPHA:
        search.begin_near(near)
    elif start is None:
        search.try_alpha(0.0)
    else:
        search.approach(start)
    return search.run()


def _coarse_alpha(
    rules: VirtualRules, tolerance: float, settings: Settings
) -> tuple[float, float] | None:
    """Return alpha, and the slope of the slack there, on coarser cells; None if not worth it."""
    spaces = [agent.types for agent in rules.environment.agents]
    if max(types.num_cells for types in spaces) <= COARSENING * COARSE_CELLS // 4:
        return None
    environment = with_types(rules.environment, [coarsened(t) for t in spaces])
    coarse = replace(rules, environment=environment)
    root = root_of_slack(coarse, tolerance, settings)
    if len(root.points) == 1:
        return None
    low, high = root.points
    alpha = low.alpha + root.weights[1] * (high.alpha - low.alpha)
    width = 1e-3 * min(alpha, 1.0 - alpha)
    ends = [coarse.at(alpha - width), coarse.at(alpha + width)]
    return alpha, (ends[1].slack - ends[0].slack) / (2.0 * width)


class _Search:
    """A bracket around the root, narrowed until value and bound agree."""

    def __init__(self, rules: Rules, tolerance: float, settings: Settings) -> None:
        self.rules = rules
        self.settings = settings
        self.tolerance = tolerance
        self.low: RulePoint | None = None
        self.high: RulePoint | None = None
        self.bound = np.inf
        self.evaluations = 0
        self.older: RulePoint | None = None

    def try_alpha(self, alpha: float) -> RulePoint:
        """Evaluate the rule and let it replace the end of the bracket on its side."""
        if self.settings.is_over:
            raise OutOfTimeError
        point = self.rules.at(alpha)
        self.evaluations += 1
        self.bound = min(self.bound, point.bound)
        if point.slack >= 0.0:
            self.older, self.high = self.high, point
        else:
            self.older, self.low = self.low, point
        return point

    def begin_near(self, alpha: float) -> None:
        """Bracket the root from a good guess, with a slope from a second rule beside it."""
        first = self.try_alpha(alpha)
        width = NEARBY * min(alpha, 1.0 - alpha)
        second = self.try_alpha(alpha + (width if first.slack < 0.0 else -width))
        if second.alpha != alpha and (self.low is None or self.high is None):
            rise = second.slack - first.slack
            self._pass_root(second, rise / (second.alpha - alpha))

    def approach(self, start: tuple[float, float]) -> None:
        """Bracket the root from a good guess and the slope of the slack there."""
        alpha, slope = start
        self._pass_root(self.try_alpha(alpha), slope)

    def _pass_root(self, point: RulePoint, slope: float) -> None:
        """Bracket the root from a rule on one side of it and the slope of the slack there."""
        alpha = point.alpha
        if slope <= 0:
            return
        step = -point.slack / slope
        # A little further than Newton's step, so that the root is passed.
        for overshoot in (1.0 + 1e-3, 2.0, 8.0):
            candidate = alpha + step * overshoot
            if not 0.0 < candidate < 1.0 or candidate == alpha:
                return
            self.try_alpha(candidate)
            if self.low is not None and self.high is not None:
                return

    def run(self) -> RootOfSlack:
        """Narrow the bracket and return the optimum."""
        if self.low is None:
            if self.high is None or self.high.alpha > 0.0:
                self.try_alpha(0.0)
            if self.low is None and self.high is not None:
                return RootOfSlack((self.high,), (1.0,), self.high.bound, self.evaluations)
        assert self.low is not None
        while self.high is None:
            alpha = 0.5 * (1.0 + self.low.alpha) if self.low.alpha > 0.0 else FIRST_ALPHA
            if alpha > LARGEST_ALPHA:
                # Only rules that lack money are left, so that nothing is all that is known.
                none = self.rules.nothing(self.low)
                return RootOfSlack((self.low, none), (0.0, 1.0), self.bound, self.evaluations)
            self.try_alpha(alpha)
        steps = (self._interpolated, self._overshot, self._meeting_point)
        width = np.inf
        for step in range(MAX_EVALUATIONS):
            share, value = self._mixture()
            if self.bound - value <= self.tolerance:
                break
            candidate = steps[step % len(steps)]()
            if step % len(steps) == 0:
                previous, width = width, self.high.alpha - self.low.alpha
                if width > 0.25 * previous:
                    candidate = 0.5 * (self.low.alpha + self.high.alpha)
            if not self.low.alpha < candidate < self.high.alpha:
                candidate = 0.5 * (self.low.alpha + self.high.alpha)
                if not self.low.alpha < candidate < self.high.alpha:
                    break
            self.try_alpha(candidate)
        share, _ = self._mixture()
        return RootOfSlack(
            (self.low, self.high), (1.0 - share, share), self.bound, self.evaluations
        )

    def _mixture(self) -> tuple[float, float]:
        """Return the upper rule's share in the mixture without slack, and the mixture's value."""
        assert self.low is not None
        assert self.high is not None
        share = -self.low.slack / (self.high.slack - self.low.slack)
        return share, (1.0 - share) * self.low.objective + share * self.high.objective

    def _meeting_point(self) -> float:
        """Return the alpha at which the tangents of the dual at the two ends meet."""
        assert self.low is not None
        assert self.high is not None
        rise = self.high.slack - self.low.slack
        multiplier = (self.low.objective - self.high.objective) / rise
        return multiplier / (self.rules.largest + multiplier)

    def _overshot(self) -> float:
        """Return a secant step of double length from the better end, to draw the other one near."""
        assert self.low is not None
        assert self.high is not None
        best, other = self.low, self.high
        if abs(best.slack) > abs(other.slack):
            best, other = other, best
        # The discarded point on the same side, if there is one, tells the slope near the root.
        if self.older is not None and abs(self.older.slack) < abs(other.slack):
            other = self.older
        rise = other.slack - best.slack
        if rise == 0.0:
            return 0.5 * (self.low.alpha + self.high.alpha)
        return best.alpha - 2.0 * best.slack * (other.alpha - best.alpha) / rise

    def _interpolated(self) -> float:
        """Return the root of the slack interpolated inversely through three or two points."""
        assert self.low is not None
        assert self.high is not None
        points = [self.low, self.high]
        if self.older is not None:
            points.append(self.older)
        slacks = [point.slack for point in points]
        if len(set(slacks)) < len(slacks):
            points, slacks = points[:2], slacks[:2]
        total = 0.0
        for i, point in enumerate(points):
            factor = point.alpha
            for j, other in enumerate(slacks):
                if j != i:
                    factor *= other / (other - slacks[i])
            total += factor
        if self.low.alpha < total < self.high.alpha:
            return total
        share = self._mixture()[0]
        return self.low.alpha + share * (self.high.alpha - self.low.alpha)
