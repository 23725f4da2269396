"""Strategies and beliefs in a game of offers, and what deviations gain, in fractions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.environments import DelayedTrade
from mechopt.errors import InvalidInputError
from mechopt.literature.cramton1985.learning import Course
from mechopt.literature.cramton1985.sequential import SequentialAudit
from mechopt.literature.institutions.offer_game import OfferGame, behaviour
from mechopt.literature.institutions.over_time import audit_offers, course_of_offers
from mechopt.mechanism.allocation import Table
from mechopt.mechanism.mechanism import Mechanism
from mechopt.studies.comparison_rows import ComparisonRow
from mechopt.studies.sealed_offers import TOLERANCE, Deviation, trade_at_once

ZERO = Fraction(0)


@dataclass(frozen=True, eq=False)
class Assessment:
    """What every type does at every history of a game of offers, and what is believed there.

    Histories of a period are numbered: the history h followed by the refused price p is
    ``h * num_prices + p``. All numbers are fractions, and what is computed from them is exact.

    Parameters
    ----------
    game
        The game.
    offers : arrays of shape (num_types, num_histories, num_prices), one per period
        How likely each type of who offers makes each offer.
    accepts : arrays of the same shape for the other side, one per period
        How likely each of its types accepts each offer.
    beliefs : two tuples of arrays of shape (num_histories, num_types), one per period and the end
        What is believed of the seller's, and of the buyer's, types after each history.

    Raises
    ------
    InvalidInputError
        For arrays that do not fit the game, or that are no probabilities.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> from mechopt.institutions import offers_by_one_side
    >>> from mechopt.literature.institutions.assessments import bayesian_beliefs, behaviour
    >>> types = TypeSpace.finite([0]), TypeSpace.finite([1, 3])
    >>> game = offers_by_one_side(BilateralTrade(*types), "1/2", periods=1)
    >>> offers, accepts = behaviour((1, 1, 3)), behaviour((2, 1, 3))
    >>> offers[0, 0, 1] += 1  # the price 1
    >>> accepts[:, 0, :2] += 1  # both take 0 and 1, and not even the type 3 takes 3
    >>> beliefs = bayesian_beliefs(game, (offers,), (accepts,))
    >>> found = Assessment(game, (offers,), (accepts,), beliefs)
    >>> found.payoffs, found.deviation.gain, found.is_perfect
    (((Fraction(1, 1),), (Fraction(0, 1), Fraction(2, 1))), 0.0, True)
    """

    game: OfferGame
    offers: tuple[Any, ...]
    accepts: tuple[Any, ...]
    beliefs: tuple[tuple[Any, ...], tuple[Any, ...]]
    name: str = "offers over time"

    def __post_init__(self) -> None:
        size = len(self.game.prices)
        for t, side in enumerate(self.game.sides):
            own, other = (len(self.game.types[s]) for s in (side, 1 - side))
            shape = (size**t, size)
            for where, array, types in (
                ("offers", self.offers[t], own),
                ("accepts", self.accepts[t], other),
            ):
                if array.shape != (types, *shape):
                    raise _no_strategy(where, f"shape {(types, *shape)}", f"{array.shape}", t)
                if not all(0 <= p <= 1 for p in array.ravel()):
                    raise _no_strategy(where, "probabilities", "a number outside [0, 1]", t)
            if not all(total == 1 for total in self.offers[t].sum(axis=2).ravel()):
                raise _no_strategy("offers", "probabilities that sum to 1", "another sum", t)

    def _values(
        self, side: int, own: int, period: int, history: int, weights: Any
    ) -> tuple[Fraction, Fraction]:
        """Return what a type expects, at best and by its own strategy, from a history on.

        The other side's types have the given weights, which are those of reaching the history.
        """
        game = self.game
        if period == game.periods or not any(weights):
            return ZERO, ZERO
        size, gains = len(game.prices), game.gains[side][period][own]
        offers, accepts = self.offers[period], self.accepts[period]
        best, mine = ZERO, ZERO
        if game.sides[period] == side:
            highest: Fraction | None = None
            for p in range(size):
                taken = [w * accepts[o, history, p] for o, w in enumerate(weights)]
                left = [w - a for w, a in zip(weights, taken, strict=True)]
                later = self._values(side, own, period + 1, history * size + p, left)
                now = sum(taken, ZERO) * gains[p]
                highest = now + later[0] if highest is None else max(highest, now + later[0])
                mine += offers[own, history, p] * (now + later[1])
            return (ZERO if highest is None else highest), mine
        for p in range(size):
            made = [w * offers[o, history, p] for o, w in enumerate(weights)]
            if any(made):
                both = self.reply(side, own, period, history, p, made)
                best, mine = best + both[0], mine + both[1]
        return best, mine

    def reply(
        self, side: int, own: int, period: int, history: int, price: int, weights: Any
    ) -> tuple[Fraction, Fraction]:
        """Return what a type expects after an offer to it, at best and by its own strategy."""
        at = history * len(self.game.prices) + price
        later = self._values(side, own, period + 1, at, weights)
        now = sum(weights, ZERO) * self.game.gains[side][period][own][price]
        chance = self.accepts[period][own, history, price]
        return max(now, later[0]), chance * now + (1 - chance) * later[1]

    @cached_property
    def payoffs(self) -> tuple[tuple[Fraction, ...], tuple[Fraction, ...]]:
        """What each type of seller and buyer expects, in money of the first period."""
        return self._roots[0][1], self._roots[1][1]

    @cached_property
    def _roots(self) -> tuple[Any, ...]:
        """By side: what each type expects at best, and by its own strategy."""
        found = []
        for side in (0, 1):
            others = list(self.game.masses[1 - side])
            both = [self._values(side, i, 0, 0, others) for i in range(len(self.game.types[side]))]
            found.append(tuple(zip(*both, strict=True)))
        return tuple(found)

    @cached_property
    def deviation(self) -> Deviation:
        """The largest gain of any type by any other strategy, by backward induction, exactly."""
        gains = [
            (best - own, side, i)
            for side in (0, 1)
            for i, (best, own) in enumerate(zip(*self._roots[side], strict=True))
        ]
        gain, side, i = max(gains, key=lambda each: each[0])
        return Deviation(
            self.game.trade.agents[side].name, float(self.game.types[side][i]), float(gain)
        )

    def _nodes(self) -> Iterator[tuple[int, int, int]]:
        size = len(self.game.prices)
        for t, side in enumerate(self.game.sides):
            for history in range(size**t):
                yield t, side, history

    @cached_property
    def sequential_deviation(self) -> Deviation:
        """The largest gain from any history on, given the beliefs there; exactly.

        Histories that strategies never reach count, too. Zero here and in :attr:`bayes_error` is
        what makes strategies and beliefs a perfect Bayesian equilibrium.
        """
        worst: tuple[Fraction, int, int] = (ZERO, 0, 0)
        size = len(self.game.prices)
        for t, side, history in self._nodes():
            other = self.beliefs[1 - side][t][history]
            for i in range(len(self.game.types[side])):
                best, own = self._values(side, i, t, history, list(other))
                worst = max(worst, (best - own, side, i))
            for p in range(size):
                believed = list(self.beliefs[side][t + 1][history * size + p])
                for j in range(len(self.game.types[1 - side])):
                    best, own = self.reply(1 - side, j, t, history, p, believed)
                    worst = max(worst, (best - own, 1 - side, j))
        gain, side, i = worst
        return Deviation(
            self.game.trade.agents[side].name, float(self.game.types[side][i]), float(gain)
        )

    @cached_property
    def bayes_error(self) -> float:
        """How far beliefs are from Bayes' rule, wherever strategies give it something to update.

        From each history to the next, also where the first is never reached: what one side does
        tells of its own type only.
        """
        worst = ZERO
        for side in (0, 1):
            for a, b in zip(self.beliefs[side][0][0], self.game.masses[side], strict=True):
                worst = max(worst, abs(a - b))
        for t, side, history in self._nodes():
            for p in range(len(self.game.prices)):
                at = history * len(self.game.prices) + p
                for s, chance in (
                    (side, self.offers[t][:, history, p]),
                    (1 - side, 1 - self.accepts[t][:, history, p]),
                ):
                    weights = self.beliefs[s][t][history] * chance
                    total = sum(weights, ZERO)
                    if total > 0:
                        worst = max(worst, *abs(weights / total - self.beliefs[s][t + 1][at]))
        return float(worst)

    @cached_property
    def lots(self) -> tuple[FloatArray, FloatArray]:
        """How likely pairs trade, and what is paid, by period; each of shape (periods, s, b).

        Payments are in money of the first period, from buyer to seller.
        """
        game, size = self.game, len(self.game.prices)
        sizes = tuple(len(side) for side in game.types)
        chance, paid = (np.zeros((game.periods, *sizes)) for _ in range(2))
        for i in range(sizes[0]):
            for j in range(sizes[1]):
                reach = [Fraction(1)]
                for t, side in enumerate(game.sides):
                    own, other = (i, j) if side == 0 else (j, i)
                    after = []
                    for history, weight in enumerate(reach):
                        for p in range(size):
                            if not weight:
                                after.append(ZERO)
                                continue
                            made = weight * self.offers[t][own, history, p]
                            taken = made * self.accepts[t][other, history, p]
                            chance[t, i, j] += float(taken)
                            worth = game.factors[2] ** t * game.prices[p]
                            paid[t, i, j] += float(taken * worth)
                            after.append(made - taken)
                    reach = after
        return chance, paid

    @cached_property
    def mechanism(self) -> Mechanism:
        """The direct mechanism: discounted probability of trade, and payments, of every pair."""
        chance, paid = self.lots
        environment, factors = self.game.trade, self.game.factors
        worth = [np.array([float(f**t) for t in range(self.game.periods)]) for f in factors[:2]]
        if isinstance(environment.outcomes, DelayedTrade):
            outcome = np.stack([np.tensordot(w, chance, 1) for w in worth])
        else:
            traded = np.tensordot(worth[0], chance, 1)
            outcome = np.multiply.outer(trade_at_once(environment), traded)
        total = paid.sum(axis=0)
        return Mechanism.of_profiles(environment, Table(outcome), np.stack([-total, total]))

    @cached_property
    def course(self) -> Course:
        """The mechanism as it unfolds: how likely each pair trades in which period, at what."""
        return course_of_offers(self.mechanism, float(self.game.discount), *self.lots)

    def sequential_audit(self) -> SequentialAudit:
        """Ask before each offer, and after the last, whether all would prefer another mechanism.

        That no type gains by deviating says nothing of this: here all who are left may agree on any
        mechanism, and keep to it.
        """
        return audit_offers(self.course, float(self.game.discount), self.game.periods)

    @property
    def utilities(self) -> dict[str, float]:
        """Agent name to expected utility, in money of the first period."""
        return {
            agent.name: float(sum((m * u for m, u in zip(mass, own, strict=True)), ZERO))
            for agent, mass, own in zip(
                self.game.trade.agents, self.game.masses, self.payoffs, strict=True
            )
        }

    @property
    def total(self) -> float:
        """Expected gains of both, in money of the first period."""
        return sum(self.utilities.values())

    def row(self) -> ComparisonRow:
        """Return the row of a comparison, which passes unless a type gains by deviating."""
        costs, values = self.game.types
        width = float(max(values[-1], costs[-1]) - min(costs[0], values[0])) or 1.0
        gain = self.deviation.gain / width
        what = "perfect Bayesian" if self.is_perfect else "Nash"
        names = [agent.name for agent in self.game.trade.agents]
        quantity = zip(names, self.game.trade.agents, self.mechanism.quantity, strict=True)
        return ComparisonRow(
            self.name,
            self.total,
            self.utilities,
            {name: abs(agent.types.expectation(q)) for name, agent, q in quantity},
            remark=f"{self.game.title}; {what} equilibrium; no type gains more than "
            f"{self.deviation.gain:.1g} by another strategy",
            max_violation=gain,
            passed=gain <= TOLERANCE,
        )

    @property
    def is_perfect(self) -> bool:
        """Whether this is a perfect Bayesian equilibrium, exactly."""
        return self.sequential_deviation.gain == 0.0 and self.bayes_error == 0.0


def bayesian_beliefs(
    game: OfferGame, offers: Any, accepts: Any, otherwise: Any = None
) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Return beliefs by Bayes' rule; where it says nothing, given ones, or those of before.

    Parameters
    ----------
    game, offers, accepts
        As of :class:`Assessment`.
    otherwise
        Beliefs for where every type left the history that is reached, as of :class:`Assessment`.
    """
    size = len(game.prices)
    found: tuple[list[Any], list[Any]] = ([], [])
    for side in (0, 1):
        first = behaviour((1, len(game.masses[side])))
        first[0, :] = game.masses[side]
        found[side].append(first)
    for t, proposer in enumerate(game.sides):
        for side in (0, 1):
            before = found[side][t]
            after = behaviour((size ** (t + 1), before.shape[1]))
            for history in range(size**t):
                for p in range(size):
                    does = (
                        offers[t][:, history, p]
                        if side == proposer
                        else 1 - accepts[t][:, history, p]
                    )
                    weights = before[history] * does
                    total = sum(weights, ZERO)
                    at = history * size + p
                    if total > 0:
                        after[at] = weights / total
                    else:
                        after[at] = before[history] if otherwise is None else otherwise[side][t][at]
            found[side].append(after)
    return tuple(found[0]), tuple(found[1])


def _no_strategy(where: str, expected: str, got: str, period: int) -> InvalidInputError:
    return InvalidInputError(
        "not a strategy of the game",
        where=where,
        expected=expected,
        got=f"{got} in period {period}",
        remedy="Give one probability per type, history and price.",
    )
