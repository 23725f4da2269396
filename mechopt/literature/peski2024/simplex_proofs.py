"""Proofs that an offer cannot be refused, for any finite numbers of types.

Beliefs about each player are a simplex. A proof halves the two simplices until, on each pair of
parts, multipliers that are linear in the beliefs show that waiting is no better: what they leave is
concave in the beliefs about each player, so that the corners of the parts decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import Any

from mechopt.literature.peski2024.finite_types import FiniteTypes
from mechopt.mechanism.check import Check
from mechopt.verify.audit import AuditReport

Belief = tuple[Any, ...]
"""A probability for each type."""

Rents = tuple[tuple[Any, Any], ...]
"""Multipliers of incentives between neighbouring types: up to the higher one, and down from it."""

# What is no proof is wrong by this.
MISSING = float("inf")


@dataclass(frozen=True)
class Leaf:
    """Multipliers on one pair of parts of the simplices, at the corners of each.

    Parameters
    ----------
    rents_1, rents_2
        For each corner of the part about the proposer, and about the refuser, the multipliers of
        incentives. They determine the weights on types' payoffs.
    prices
        For each type of the proposer the place of the price that bounds its monopoly payoff among
        the refuser's types; as many as there are types if it keeps the good.
    """

    rents_1: tuple[Rents, ...]
    rents_2: tuple[Rents, ...]
    prices: tuple[int, ...]


@dataclass(frozen=True)
class Halving:
    """A part that is halved at the middle of an edge.

    Parameters
    ----------
    side
        Whether it is beliefs about the proposer (0) or about the refuser (1).
    edge
        Places of the two corners.
    parts
        What follows with the middle in place of the second corner, and of the first.
    """

    side: int
    edge: tuple[int, int]
    parts: tuple[Proof, Proof]


Proof = Leaf | Halving
"""A tree of halvings, with multipliers at its leaves."""

Part = tuple[tuple[Belief, ...], tuple[Belief, ...]]
"""Corners of a part about the proposer, and of one about the refuser."""


def whole(game: FiniteTypes) -> Part:
    """Return the corners of both simplices: certainty of each type.

    Examples
    --------
    >>> whole(FiniteTypes((0, 1), (2,), Fraction(1, 2)))[1]
    ((Fraction(1, 1),),)
    """
    first, second = (
        tuple(tuple(Fraction(k == j) for j in range(len(own))) for k in range(len(own)))
        for own in (game.first, game.second)
    )
    return first, second


def halved(part: Part, side: int, edge: tuple[int, int]) -> tuple[Part, Part]:
    """Return both halves of a part.

    Examples
    --------
    >>> game = FiniteTypes((0, 1), (2,), Fraction(1, 2))
    >>> halved(whole(game), 0, (0, 1))[0][0][1]
    (Fraction(1, 2), Fraction(1, 2))
    """
    corners = part[side]
    middle = tuple(
        (one + other) / 2 for one, other in zip(corners[edge[0]], corners[edge[1]], strict=True)
    )
    halves = []
    for replaced in reversed(edge):
        new = tuple(middle if k == replaced else corner for k, corner in enumerate(corners))
        halves.append((new, part[1]) if side == 0 else (part[0], new))
    return halves[0], halves[1]


@dataclass(frozen=True)
class SimplexCertificate:
    """A proof that the refuser cannot refuse an offer, whatever the beliefs.

    Waiting leads to payoffs of some mechanism, a round later, in which the proposer has at least
    its part of its monopoly. Where slack is exactly zero, the proof is for payments that are larger
    by however little.

    Parameters
    ----------
    game
        Types, and how often the proposer, who comes first, proposes.
    discount
        What a round's delay leaves of payoffs.
    payments
        What the offer leaves to the refuser's types, for each type that the proposer may be
        believed to have; linear in the belief.
    proof
        Multipliers.
    """

    game: FiniteTypes
    discount: Any
    payments: tuple[tuple[Any, ...], ...]
    proof: Proof

    @cached_property
    def violation(self) -> Any:
        """By how much the worst step falls short; the offer cannot be refused if not above zero."""
        return max(short for short, _ in self._shortfalls(self.proof, whole(self.game)))

    def check(self, tolerance: float = 0.0) -> AuditReport:
        """Check every part again, from the certificate's own numbers alone.

        Parameters
        ----------
        tolerance
            What a step may be short of, relative to the highest type.
        """
        found = list(self._shortfalls(self.proof, whole(self.game)))
        short, where = max(found, key=lambda each: each[0])
        scale = max(*self.game.first, *self.game.second) or 1
        name = "the refuser cannot refuse"
        beyond = max(float(short / scale), 0.0)
        return AuditReport((Check(name, float(short), beyond, tolerance, where),))

    def short_of_refusal(self, leaf: Leaf, part: Part) -> Any:
        """Return what the offer is short of what the refuser could expect by waiting."""
        sizes = len(self.game.first), len(self.game.second)
        if not _fits(leaf, sizes):
            return MISSING
        weights = tuple(
            [_weights(belief, rents) for belief, rents in zip(corners, given, strict=True)]
            for corners, given in zip(part, (leaf.rents_1, leaf.rents_2), strict=True)
        )
        if min(value for side in weights for own in side for value in own) < 0:
            return MISSING
        # Types of probability zero need not wait: they get no weight.
        for belief, own in zip(part[1], weights[1], strict=True):
            if any(weight for chance, weight in zip(belief, own, strict=True) if not chance):
                return MISSING
        return max(self._corners(leaf, part, weights))

    def _corners(self, leaf: Leaf, part: Part, weights: Sequence[Any]) -> Iterator[Any]:
        game = self.game
        worth_1, worth_2 = (
            [_virtual(types, q, rents) for q, rents in zip(corners, given, strict=True)]
            for types, corners, given in zip(
                (game.first, game.second), part, (leaf.rents_1, leaf.rents_2), strict=True
            )
        )
        for (q, k, a), (r, m, b) in product(
            zip(part[0], weights[0], worth_1, strict=True),
            zip(part[1], weights[1], worth_2, strict=True),
        ):
            most = sum(
                max(0 * a[x], a[x] * r[y], b[y] * q[x])
                for x in range(len(q))
                for y in range(len(r))
            )
            kept = sum(
                weight * self._priced(own, place, r)
                for weight, own, place in zip(k, game.first, leaf.prices, strict=True)
            )
            offered = sum(
                chance * weight * paid
                for chance, payoffs in zip(q, self.payments, strict=True)
                for weight, paid in zip(m, payoffs, strict=True)
            )
            yield self.discount * (most - game.chance * kept) - offered

    def _priced(self, own: Any, place: int, belief: Belief) -> Any:
        """Return what a type of the proposer makes of a price: linear in the belief."""
        refused = sum(belief[:place])
        price = 0 if place == len(belief) else self.game.second[place]
        return refused * own + sum(belief[place:]) * price

    def _shortfalls(self, proof: Proof, part: Part) -> Iterator[tuple[Any, str]]:
        if isinstance(proof, Leaf):
            centre = ", ".join(f"{float(sum(c) / len(c)):.4g}" for c in zip(*part[1], strict=True))
            yield self.short_of_refusal(proof, part), f"beliefs about the refuser near {centre}"
            return
        one, other = proof.edge
        if proof.side not in (0, 1) or one == other or min(one, other) < 0:
            yield MISSING, "halvings"
            return
        if max(one, other) >= len(part[proof.side]):
            yield MISSING, "halvings"
            return
        for each, half in zip(proof.parts, halved(part, proof.side, proof.edge), strict=True):
            yield from self._shortfalls(each, half)


def _fits(leaf: Leaf, sizes: tuple[int, int]) -> bool:
    """Return whether a leaf has all its numbers, those of incentives not below zero."""
    for given, size in zip((leaf.rents_1, leaf.rents_2), sizes, strict=True):
        if len(given) != size or any(len(rents) != size - 1 for rents in given):
            return False
        if any(value < 0 for rents in given for pair in rents for value in pair):
            return False
    return len(leaf.prices) == sizes[0] and all(0 <= p <= sizes[1] for p in leaf.prices)


def _weights(belief: Belief, rents: Rents) -> list[Any]:
    """Return the weights of the types' payoffs that go with multipliers of incentives."""
    net = [0, *(up - down for up, down in rents), 0]
    return [chance + net[k] - net[k + 1] for k, chance in enumerate(belief)]


def _virtual(types: Sequence[Any], belief: Belief, rents: Rents) -> list[Any]:
    """Return virtual values times probabilities."""
    worth = [chance * own for chance, own in zip(belief, types, strict=True)]
    for k, (up, down) in enumerate(rents):
        step = types[k + 1] - types[k]
        worth[k] -= down * step
        worth[k + 1] += up * step
    return worth
