"""Intervals for payoffs in every equilibrium of bargaining, at a given discount factor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from operator import mul
from typing import Any, NamedTuple

from mechopt._util.rationals import as_fraction
from mechopt.environments import Environment
from mechopt.errors import UnsupportedProblemError, require
from mechopt.literature.peski2024.bargaining import notes_on, numbers_of_types
from mechopt.literature.peski2024.certificate import EquilibriumCertificate
from mechopt.literature.peski2024.finite_types import (
    CONJECTURED,
    FiniteTypes,
    finite_types_of,
    ground_of,
    masses_in_fractions,
    monopoly_payoffs_of,
    payoffs_beside_known_type,
    require_finite_types,
)
from mechopt.literature.peski2024.gap_offers import certificate_of, claim_at
from mechopt.literature.peski2024.neutral import neutral_payoffs
from mechopt.literature.peski2024.outer_set import ByType, OuterSet
from mechopt.literature.peski2024.two_types import TwoTypes, two_types_of
from mechopt.problem.objectives.discounted import discount_factor

UNKNOWN = (
    "not known: payoffs within these intervals; whether an offer deters against all mechanisms; "
    "more than two types on each side"
)
UNPROVED = (
    "not known: whether the random-monopoly bounds hold at a discount factor with these types, "
    "which all intervals take for granted; who gets what is left beyond them"
)


class Interval(NamedTuple):
    """The least and the largest number that was proved, as fractions.

    Examples
    --------
    >>> from fractions import Fraction
    >>> Interval(Fraction(1, 2), Fraction(1, 2)).is_point
    True
    """

    low: Fraction
    high: Fraction

    @property
    def width(self) -> Fraction:
        """How much is left open."""
        return self.high - self.low

    @property
    def is_point(self) -> bool:
        """Whether nothing is left open."""
        return self.low == self.high

    def rounded(self, digits: int = 4) -> tuple[float, float]:
        """Return both ends as floats of so many digits after the point."""
        return round(float(self.low), digits), round(float(self.high), digits)


@dataclass(frozen=True, eq=False)
class BargainingBounds:
    """What is proved of payoffs in all equilibria of bargaining at a discount factor.

    With more than two types, and no player's type known, it is what the random-monopoly bounds
    leave if they hold, which is a conjecture: see :attr:`basis`.

    Parameters
    ----------
    bargaining
        Types and beliefs, with the players' labels exchanged if need be.
    game
        The types, in fractions.
    discount
        What a round's delay leaves of payoffs; 1 is the limit of patient players.
    certificate
        Why player 1 gets more than its random-monopoly bound; None where there is no gap, and at
        discount factors 0 and 1.
    """

    bargaining: Environment
    game: TwoTypes | FiniteTypes
    discount: Fraction
    certificate: EquilibriumCertificate | None

    @property
    def basis(self) -> str:
        """On what ground the intervals hold: a theorem, or a conjecture."""
        return ground_of(self.bargaining)

    @property
    def is_proved(self) -> bool:
        """Whether they hold in all equilibria by a theorem."""
        return self.basis != CONJECTURED

    @cached_property
    def by_type(self) -> dict[str, tuple[Interval, ...]]:
        """The interval of each type's payoff, by player, in money."""
        known = self._by_known_type()
        if known is not None:
            return known
        found = {}
        for i, name in enumerate(self._names):
            units = [
                [Fraction(k == place) for place in range(len(self.mass[i]))]
                for k in range(len(self.mass[i]))
            ]
            found[name] = tuple(self._interval(i, unit) for unit in units)
        return found

    @cached_property
    def expected(self) -> dict[str, Interval]:
        """The interval of each player's expected payoff, in money."""
        if self._by_known_type() is not None:
            return {
                name: Interval(*(sum(map(mul, mass, ends)) for ends in zip(*own, strict=True)))
                for (name, own), mass in zip(self.by_type.items(), self.mass, strict=True)
            }
        return {name: self._interval(i, self.mass[i]) for i, name in enumerate(self._names)}

    @property
    def player_1(self) -> Interval:
        """The interval of player 1's expected payoff, in money."""
        return self.expected[self._names[0]]

    @property
    def player_2(self) -> Interval:
        """The interval of player 2's expected payoff, in money."""
        return self.expected[self._names[1]]

    @property
    def is_exact(self) -> bool:
        """Whether nothing is left open: every type's payoff is the same in all equilibria."""
        return all(each.is_point for ends in self.by_type.values() for each in ends)

    @property
    def random_monopoly(self) -> dict[str, tuple[Fraction, ...]]:
        """What each type is sure of at any discount factor, by player, in money."""
        return {
            name: tuple(share * u for u in payoffs)
            for name, share, payoffs in zip(self._names, self._shares, self._monopoly, strict=True)
        }

    @cached_property
    def limit(self) -> BargainingBounds:
        """The same for patient players: as the discount factor goes to 1."""
        if self.discount == 1:
            return self
        return BargainingBounds(self.bargaining, self.game, Fraction(1), None)

    @property
    def complete_information(self) -> dict[str, Fraction]:
        """What the players would expect if types were public: their shares of the first best."""
        best = sum(
            m * n * max(t, s)
            for t, m in zip(self._types[0], self.mass[0], strict=True)
            for s, n in zip(self._types[1], self.mass[1], strict=True)
        )
        return {name: share * best for name, share in zip(self._names, self._shares, strict=True)}

    @cached_property
    def neutral(self) -> dict[str, tuple[Fraction, ...]] | None:
        """Payoffs by player and type in Myerson's neutral solution; None if none was found.

        It is sought for at most two types on each side. Each player is owed its chance to propose
        of the virtual surplus, half in the source.
        """
        if not isinstance(self.game, TwoTypes):
            return None
        # The belief about a player of one type does not matter.
        beliefs = [mass[1] if len(mass) == 2 else Fraction(1, 2) for mass in self.mass]
        found = neutral_payoffs(self.game, beliefs[0], beliefs[1])
        if found is None:
            return None
        return {
            name: tuple(payoffs[: len(mass)])
            for name, payoffs, mass in zip(self._names, found, self.mass, strict=True)
        }

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know about the labels, the types, and what is not known."""
        notes = notes_on(self.bargaining)
        if not self.is_proved:
            return (*notes, UNPROVED)
        return notes if self.is_exact else (*notes, UNKNOWN)

    def deterrence(self, high_2: Any) -> list[tuple[Fraction, Fraction]]:
        """Return the corners of what player 1's types are sure of, together.

        Parameters
        ----------
        high_2
            Probability of player 2's high type.

        Returns
        -------
        list
            Payoffs of player 1's low and high type, from the lowest low one on: all payoffs that it
            can be held down to are above the line through them.

        Raises
        ------
        UnsupportedProblemError
            For more than two types.
        """
        if not isinstance(self.game, TwoTypes):
            raise UnsupportedProblemError(
                "deterrence is known for at most two types on each side. With more, each type of "
                "player 1 has its random-monopoly bound at most: see random_monopoly."
            )
        belief = as_fraction(high_2)
        low, high = (self._shares[0] * u for u in self.game.monopoly(0, belief))
        claim = claim_at(self.game, self.discount, self.certificate, belief)
        if claim is None:
            return [(low, high)]
        a, least = claim
        return [(low, (least - (1 - a) * low) / a), ((least - a * high) / (1 - a), high)]

    def __repr__(self) -> str:
        ends = ", ".join(f"{n} {list(e.rounded(6))}" for n, e in self.expected.items())
        doubt = "" if self.is_proved else "; conjectural"
        return f"BargainingBounds(discount {self.discount}; expected {ends}{doubt})"

    @property
    def _names(self) -> tuple[str, str]:
        first, second = self.bargaining.agents
        return first.name, second.name

    @property
    def _shares(self) -> tuple[Fraction, Fraction]:
        return self.game.chance, 1 - self.game.chance

    @cached_property
    def mass(self) -> ByType:
        """Probabilities of each player's types."""
        first, second = (masses_in_fractions(agent.types) for agent in self.bargaining.agents)
        return first, second

    @cached_property
    def _types(self) -> ByType:
        # A player of one type has it twice in a game of two types each.
        first, second = (
            list(own[: len(mass)])
            for own, mass in zip((self.game.first, self.game.second), self.mass, strict=True)
        )
        return first, second

    @cached_property
    def _monopoly(self) -> ByType:
        first, second = (
            monopoly_payoffs_of(self._types[i], self._types[1 - i], self.mass[1 - i])
            for i in (0, 1)
        )
        return first, second

    @cached_property
    def _sets(self) -> tuple[OuterSet, OuterSet]:
        """The payoffs that proposals of player 1, and of player 2, can lead to."""
        claim = None
        if isinstance(self.game, TwoTypes) and len(self.mass[0]) == len(self.mass[1]) == 2:
            high_2 = self.mass[1][1]
            claim = claim_at(self.game, self.discount, self.certificate, high_2)
        sets = []
        for i in (0, 1):
            parts = [self.discount * share for share in self._shares]
            parts[i] = 1 - parts[1 - i]
            sure = tuple(
                [part * u for u in payoffs]
                for part, payoffs in zip(parts, self._monopoly, strict=True)
            )
            least = None
            if claim is not None:
                a, value = claim
                least = [1 - a, a], value * parts[0] / self._shares[0]
            sets.append(OuterSet(self._types, self.mass, (sure[0], sure[1]), least))
        return sets[0], sets[1]

    def _by_known_type(self) -> dict[str, tuple[Interval, ...]] | None:
        """Return payoffs by type in closed form, where a player's type is known and prices do."""
        sizes = [len(mass) for mass in self.mass]
        if 1 not in sizes:
            return None
        i = sizes.index(1)
        j = 1 - i
        found = payoffs_beside_known_type(
            self._types[i][0], self._types[j], self.mass[j], self._shares[i]
        )
        if found is None:
            return None
        payoffs = {i: (found[0],), j: found[1]}
        return {
            name: tuple(Interval(u, u) for u in payoffs[place])
            for place, name in enumerate(self._names)
        }

    def _interval(self, i: int, weights: Sequence[Fraction]) -> Interval:
        """Return the interval of a weighted sum of one player's payoffs."""
        ends = []
        for sign in (-1, 1):
            direction: list[Sequence[Fraction]] = [[Fraction(0)] * len(m) for m in self.mass]
            direction[i] = [sign * w for w in weights]
            toward = direction[0], direction[1]
            parts = zip(self._shares, self._sets, strict=True)
            ends.append(sign * sum(share * each.most(toward) for share, each in parts))
        return Interval(Fraction(ends[0]), Fraction(ends[1]))


def bargaining_bounds(
    bargaining: Environment, discount: float | Fraction | str, *, swap: bool = False
) -> BargainingBounds:
    """Return intervals for payoffs in all equilibria of bargaining over mechanisms.

    Each round one player proposes a mechanism; a refusal costs a round. Whatever the equilibrium,
    payoffs lie in these intervals, which close as players become patient, and are points where
    payoffs are known. That is proved for at most two types on each side, and where one player's
    type is known. With more types the intervals are what random-monopoly bounds leave, if these
    hold, and stay open for patient players; the result says so.

    Parameters
    ----------
    bargaining
        A :func:`Bargaining` of finite types, at most 64 pairs of them. Numbers are read as decimals
        or fractions, and nothing is rounded; of two probabilities that do not sum to exactly 1,
        that of the high type counts, and more are divided by their sum.
    discount
        What a round's delay leaves of payoffs, from 0 to 1. At 1 the bounds are those of the limit.
    swap
        Whether to exchange the players' labels if player 2 has the lower low type.

    Returns
    -------
    BargainingBounds

    Raises
    ------
    InvalidInputError
        For a continuum and too many types; for discount factors that are none; and if player 2 has
        the lower lowest type and ``swap`` is not set.

    Notes
    -----
    Source: theory.md, section 4.6; Pęski (2024) and its working paper.

    Examples
    --------
    >>> from mechopt import Bargaining, TypeSpace
    >>> players = TypeSpace.finite([0, 2], ["1/2", "1/2"]), TypeSpace.finite([1, 3], [0.4, 0.6])
    >>> bounds = bargaining_bounds(Bargaining(*players, 0.5), 0.9)
    >>> bounds.player_1.rounded(), bounds.is_exact, bounds.limit.player_1.rounded()
    ((1.1409, 1.15), False, (1.15, 1.15))
    >>> bounds.certificate.check().passed
    True
    >>> players = TypeSpace.finite([0, 1, 2]), TypeSpace.finite([1, 3])
    >>> bargaining_bounds(Bargaining(*players, 0.5), 0.9).basis[:30]
    'conjectural: what the random-m'
    """
    require(bargaining, Environment, where="bargaining", remedy="Pass a Bargaining.")
    factor = discount_factor(discount)
    require_finite_types(bargaining)
    if max(numbers_of_types(bargaining)) <= 2:
        game, ordered = two_types_of(bargaining, swap=swap)
        return BargainingBounds(ordered, game, factor, certificate_of(game, factor))
    many, ordered = finite_types_of(bargaining, swap=swap)
    return BargainingBounds(ordered, many, factor, None)
