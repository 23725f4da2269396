"""Bargaining with two types on each side in closed form: payoffs, their support function, the gap.

All functions take floats or fractions, and return what they were given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mechopt._util.rationals import as_fraction
from mechopt.environments import Environment, RandomMonopoly
from mechopt.errors import InvalidInputError
from mechopt.literature.peski2024.bargaining import (
    in_order,
    numbers_of_types,
    require_bargaining,
)
from mechopt.literature.peski2024.finite_types import types_in_fractions
from mechopt.literature.peski2024.two_type_gap import Bonus, bonus

Pair = tuple[Any, Any]
"""A number for the low and one for the high type."""


def weighed(weight: Any, pair: Pair) -> Any:
    """Return ``(1 - weight) * low + weight * high``.

    Examples
    --------
    >>> from fractions import Fraction
    >>> weighed(Fraction(1, 4), (0, 2))
    Fraction(1, 2)
    """
    return (1 - weight) * pair[0] + weight * pair[1]


def monopoly_payoffs(own: Pair, opponent: Pair, high: Any) -> Pair:
    """Return what the low and the high type get by their best price.

    Parameters
    ----------
    own, opponent
        Low and high types, in money.
    high
        Probability of the opponent's high type.

    Notes
    -----
    Source: theory.md, section 4.1.

    Examples
    --------
    >>> monopoly_payoffs((0, 2), (1, 3), 0.5)
    (1.5, 2.5)
    """
    return tuple(max(t, opponent[0], (1 - high) * t + high * opponent[1]) for t in own)


@dataclass(frozen=True)
class TwoTypes:
    """Types of two bargainers, and how often the first of them proposes.

    Parameters
    ----------
    first, second
        Low and high type of player 1 and of player 2, in money, ``first[0] <= second[0]``; a player
        whose type is known has it twice.
    chance
        Probability that player 1 proposes.

    Examples
    --------
    >>> TwoTypes((0.0, 2.0), (1.0, 3.0), 0.5).most_for_player_1(0.5, 0.5, 0.5)
    1.0625
    """

    first: Pair
    second: Pair
    chance: Any

    @property
    def steps(self) -> Pair:
        """How far apart the types of each player are."""
        return self.first[1] - self.first[0], self.second[1] - self.second[0]

    @property
    def bonus(self) -> Bonus | None:
        """What the gap is made of (:func:`mechopt.peski2024.two_type_gap`); None without a gap."""
        return bonus(self.first, self.second)

    def monopoly(self, i: int, high: Any) -> Pair:
        """Return monopoly payoffs of player i (0 or 1) by the other's probability to be high."""
        pair = (self.first, self.second)
        return monopoly_payoffs(pair[i], pair[1 - i], high)

    def support(self, k: Any, m: Any, high_1: Any, high_2: Any) -> Any:
        """Return the most of ``(1-k) u_1(l) + k u_1(h) + (1-m) u_2(l) + m u_2(h)``.

        Over all payoffs u of incentive-compatible mechanisms without a deficit, whatever the
        players can be sure of: virtual values, with the weights that k and m give to information
        rents, are maximised profile by profile.

        Parameters
        ----------
        k, m
            Weights of the high types, of any sign.
        high_1, high_2
            Probabilities of the high types.

        Notes
        -----
        Source: theory.md, section 4.6.

        Examples
        --------
        >>> TwoTypes((0, 2), (1, 3), 0.5).support(0.5, 0.5, 0.5, 0.5)
        2.25
        """
        first = _virtual(self.first, k, high_1)
        second = _virtual(self.second, m, high_2)
        mass_1, mass_2 = (1 - high_1, high_1), (1 - high_2, high_2)
        return sum(
            max(0 * k, first[x] * mass_2[y], second[y] * mass_1[x]) for x in (0, 1) for y in (0, 1)
        )

    def gap(self, high_1: Any, high_2: Any, share: Any) -> Any:
        """Return player 1's gap where it can be sure of a share of its monopoly payoffs.

        Parameters
        ----------
        high_1, high_2
            Probabilities of the high types.
        share
            From 0 to 1; player 2 can be sure of the rest.

        Examples
        --------
        >>> TwoTypes((0, 2), (1, 3), 0.5).gap(0.5, 0.5, 0.5)
        0.0625
        """
        found = self.bonus
        if found is None:
            return 0 * (high_1 + high_2 + share)
        below, above = high_1 * (1 - share) * found.high, (1 - high_1) * share * found.low
        return min(below, above) * found.hat(high_2)

    def most_for_player_1(self, high_1: Any, high_2: Any, share: Any) -> Any:
        """Return E: the most that player 1 can expect if player 2 gets its part of its monopoly.

        Parameters
        ----------
        high_1, high_2
            Probabilities of the high types.
        share
            Player 2 gets at least ``1 - share`` of its monopoly payoffs, type by type.
        """
        sure = share * weighed(high_1, self.monopoly(0, high_2))
        return sure + self.gap(high_1, high_2, share)


def _virtual(types: Pair, weight: Any, high: Any) -> Pair:
    """Return virtual values times probabilities of the low and the high type."""
    step = types[1] - types[0]
    low = (1 - high) * types[0] - max(high - weight, 0 * weight) * step
    return low, high * types[1] + max(weight - high, 0 * weight) * step


def least_share(share: Any, discount: Any, rounds: int) -> Any:
    """Return what share of its monopoly payoffs a player is sure of, by so many rounds of thought.

    In each a player that proposes gets its share of what the other cannot expect to get by waiting,
    and one that does not waits: ``x`` becomes ``share (1 - discount) + discount x``, from 0 on, and
    ends at ``share``.

    Parameters
    ----------
    share
        Probability that the player proposes.
    discount
        What a round's delay leaves of payoffs, from 0 to 1.
    rounds
        How many.

    Notes
    -----
    Source: theory.md, section 4.6; Pęski (2024), proof of the random-monopoly bound.

    Examples
    --------
    >>> least_share(0.5, 0.5, 2)
    0.375
    """
    return share * (1 - discount**rounds)


@dataclass(frozen=True)
class KnownType:
    """Payoffs at any discount factor where one player's type is known.

    Parameters
    ----------
    known
        Payoff of the player whose type is known, in money.
    other
        Payoffs of the other's low and high type, in money.
    """

    known: Any
    other: Pair


def payoffs_with_known_type(known: Any, other: Pair, high: Any, share: Any) -> KnownType | None:
    """Return the payoffs of bargaining where one player's type is known, whatever the discounting.

    Parameters
    ----------
    known
        The type of one player.
    other
        Low and high type of the other.
    high
        Probability of the other's high type.
    share
        Probability that the player whose type is known proposes.

    Returns
    -------
    KnownType or None
        None if the best price is at a tie that leaves the other's rent open.

    Notes
    -----
    Each gets its random-monopoly bound, and the other's high type a rent where the player whose
    type is known sells to both: together that is all there is. Source: theory.md, section 4.6.

    Examples
    --------
    >>> payoffs_with_known_type(0.0, (1.0, 3.0), 0.25, 0.5)
    KnownType(known=0.5, other=(0.5, 2.5))
    """
    low, high_type = other
    sells, asks = low > known, (1 - high) * known + high * high_type
    best = max(known, low, asks)
    if sells and low == asks and low != high_type:
        return None
    rent = share * (high_type - low) if sells and low == best else 0 * share
    rest = 1 - share
    return KnownType(share * best, (rest * max(low, known), rest * max(high_type, known) + rent))


def require_two_types(bargaining: Environment) -> None:
    """Raise InvalidInputError unless this is bargaining of at most two types on each side.

    Types of probability zero count: they belong to the player all the same.
    """
    require_bargaining(bargaining)
    sizes = numbers_of_types(bargaining)
    for agent, size in zip(bargaining.agents, sizes, strict=True):
        if not agent.types.is_finite or size > 2:
            raise InvalidInputError(
                "not a player of one or two types",
                where=agent.name,
                expected="at most two types: no theorem bounds equilibria of more",
                got=str(agent.types),
                remedy="Merge types, or ask for player_1_gap, which is conjectural.",
            )


def two_types_of(bargaining: Environment, *, swap: bool) -> tuple[TwoTypes, Environment]:
    """Return the types in fractions, and the bargaining with its labels in order.

    Parameters
    ----------
    bargaining
        A :func:`Bargaining` of at most two types on each side.
    swap
        Whether to exchange the players' labels if player 2 has the lower low type.

    Raises
    ------
    InvalidInputError
        For more types or a continuum, and players in the wrong order.

    Examples
    --------
    >>> from mechopt import Bargaining, TypeSpace
    >>> two_types_of(Bargaining(TypeSpace.finite([0, 2]), TypeSpace.finite([1])), swap=False)[
    ...     0
    ... ].second
    (Fraction(1, 1), Fraction(1, 1))
    """
    require_two_types(bargaining)
    ordered = in_order(bargaining, swap=swap)
    pairs = []
    for agent in ordered.agents:
        types = types_in_fractions(agent.types)
        pairs.append((types[0], types[-1]))
    option = ordered.agents[0].outside_option
    assert isinstance(option, RandomMonopoly)
    chance = as_fraction(option.exact or option.proposer_probability)
    return TwoTypes(pairs[0], pairs[1], chance), ordered
