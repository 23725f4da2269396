"""The search for a proof that an offer cannot be refused, or for beliefs at which it can be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.literature.peski2024.finite_types import FiniteTypes
from mechopt.literature.peski2024.outer_set import OuterSet
from mechopt.literature.peski2024.simplex_proofs import (
    Belief,
    Halving,
    Leaf,
    Part,
    Proof,
    Rents,
    SimplexCertificate,
    halved,
    whole,
)

# Parts that are looked at before the search gives up.
MAX_PARTS = 400
# Multipliers are read as fractions with small denominators, or kept to so many digits; what is
# proved is decided in fractions.
SIMPLE, DIGITS = 5_000, 10**7
# Gains below this, relative to the highest type, are not looked at more closely.
SMALL = 1e-10


class Waiting(NamedTuple):
    """Beliefs, and payoffs of a round later by which all present types gain from waiting."""

    proposer: Belief
    refuser: Belief
    payoffs: tuple[tuple[Fraction, ...], tuple[Fraction, ...]]
    gain: Fraction


class _Best(NamedTuple):
    """What waiting can be worth beyond the offer at two beliefs, and multipliers by player."""

    gain: float
    weights: tuple[FloatArray, FloatArray]
    circulation: tuple[FloatArray, FloatArray]


def proof_or_waiting(
    game: FiniteTypes, discount: Fraction, payments: Sequence[Sequence[Fraction]]
) -> SimplexCertificate | Waiting | None:
    """Return a proof that an offer cannot be refused, a way to gain by refusing it, or None.

    Parameters
    ----------
    game
        Types, the proposer's first, and its chance to propose, in fractions.
    discount
        What a round's delay leaves of payoffs.
    payments
        What the refuser's types get, for each type that the proposer may be believed to have.

    Examples
    --------
    >>> F = Fraction
    >>> game = FiniteTypes((F(0), F(1)), (F(2),), F(1, 2))
    >>> proof_or_waiting(game, F(1, 2), [[F(1)], [F(1)]]).violation <= 0
    True
    >>> proof_or_waiting(game, F(1, 2), [[F(0)], [F(0)]]).gain
    Fraction(1, 2)
    """
    search = _Search(game, discount, tuple(map(tuple, payments)))
    found = search.on(whole(game))
    if isinstance(found, (Leaf, Halving)):
        return SimplexCertificate(game, discount, search.payments, found)
    return found


@dataclass
class _Search:
    game: FiniteTypes
    discount: Fraction
    payments: tuple[tuple[Fraction, ...], ...]
    parts: int = 0
    known: dict[tuple[Belief, Belief], _Best] = field(default_factory=dict)

    def on(self, part: Part) -> Proof | Waiting | None:
        """Return what was found on a part."""
        self.parts += 1
        if self.parts > MAX_PARTS:
            return None
        bare = SimplexCertificate(self.game, self.discount, self.payments, Leaf((), (), ()))
        for leaf in self._leaves(part):
            if bare.short_of_refusal(leaf, part) <= 0:
                return leaf
        middle = _middle(part[0])
        for belief in (_middle(part[1]), *part[1]):
            found = self.waiting(middle, belief)
            if found is not None:
                return found
        side, edge = _longest_edge(part)
        if edge is None:
            return None
        halves = []
        for half in halved(part, side, edge):
            found_there = self.on(half)
            if not isinstance(found_there, (Leaf, Halving)):
                return found_there
            halves.append(found_there)
        return Halving(side, edge, (halves[0], halves[1]))

    def waiting(self, q: Belief, r: Belief) -> Waiting | None:
        """Return payoffs by which all types gain from waiting as much as they can, or None."""
        game = self.game
        scale = float(max(*game.first, *game.second)) or 1.0
        if not self.discount or self._best(q, r).gain <= SMALL * scale:
            return None
        present = [[k for k, chance in enumerate(belief) if chance] for belief in (q, r)]
        offered = _mixed(q, self.payments)
        own = game.monopoly(0, r)
        held = OuterSet(
            ([game.first[k] for k in present[0]], [game.second[k] for k in present[1]]),
            ([q[k] for k in present[0]], [r[k] for k in present[1]]),
            (
                [game.chance * own[k] for k in present[0]],
                [offered[k] / self.discount for k in present[1]],
            ),
        )
        spare = Fraction(0) if held.is_empty else held.spare()
        if not spare:
            return None
        first, second = held.payoffs()
        gets = tuple(first), tuple(payoff + spare for payoff in second)
        return Waiting(q, r, gets, self.discount * spare)

    def _leaves(self, part: Part) -> Iterator[Leaf]:
        """Yield multipliers to try: those of each corner, those of the middle, and none."""
        middles = _middle(part[0]), _middle(part[1])
        centre = self._best(*middles)
        prices = tuple(_best_price(own, self.game.second, middles[1]) for own in self.game.first)
        options: list[list[tuple[Rents, ...]]] = []
        for i in (0, 1):
            at_corners = [
                self._best(*((c, middles[1]) if i == 0 else (middles[0], c))) for c in part[i]
            ]
            each = [
                _rents(corner, best.weights[i], best.circulation[i], keep_zeros=i == 1)
                for corner, best in zip(part[i], at_corners, strict=True)
            ]
            same = _rents(middles[i], centre.weights[i], centre.circulation[i], keep_zeros=i == 1)
            none = tuple((Fraction(0), Fraction(0)) for _ in same)
            tried = [tuple(each), (same,) * len(each), (none,) * len(each)]
            options.append(list(dict.fromkeys(tried)))
        for rents_1, rents_2 in product(*options):
            yield Leaf(rents_1, rents_2, prices)

    def _best(self, q: Belief, r: Belief) -> _Best:
        if (q, r) not in self.known:
            self.known[q, r] = self._solved(q, r)
        return self.known[q, r]

    def _solved(self, q: Belief, r: Belief) -> _Best:
        """Solve for the most that waiting can be worth to the refuser's present types alike."""
        from scipy.optimize import linprog

        game = self.game
        types = [np.array(own, dtype=np.float64) for own in (game.first, game.second)]
        mass = [np.array(belief, dtype=np.float64) for belief in (q, r)]
        sizes = types[0].size, types[1].size
        cells = sizes[0] * sizes[1]
        width = 2 * cells + sum(sizes) + 1
        eye = np.eye(width)
        goods = eye[: 2 * cells].reshape(2, *sizes, width)
        gets = [eye[2 * cells : 2 * cells + sizes[0]], eye[2 * cells + sizes[0] : -1]]
        often = np.einsum("y,xyw->xw", mass[1], goods[0]), np.einsum(
            "x,xyw->yw", mass[0], goods[1]
        )  # fmt: skip
        rows, most, places = [goods.sum(axis=0).reshape(cells, width)], [np.ones(cells)], {}
        at = cells

        def add(name: Any, new: FloatArray, limit: FloatArray) -> None:
            nonlocal at
            rows.append(new)
            most.append(limit)
            places[name] = slice(at, at + len(new))
            at += len(new)

        for i in (0, 1):
            step = np.diff(types[i])[:, None]
            rise, none = np.diff(gets[i], axis=0), np.zeros(sizes[i] - 1)
            add(("up", i), rise - step * often[i][1:], none)
            add(("down", i), step * often[i][:-1] - rise, none)
        worth = sum(
            np.einsum("k,kw->w", m * t, o) for m, t, o in zip(mass, types, often, strict=True)
        )
        add("money", (mass[0] @ gets[0] + mass[1] @ gets[1] - worth)[None, :], np.zeros(1))
        own = np.array([float(game.chance * u) for u in game.monopoly(0, r)])
        add("proposer", -gets[0], -own)
        present = mass[1] > 0
        offered = np.array([float(w) for w in _mixed(q, self.payments)])
        wait = float(self.discount)
        add("refuser", (eye[-1] - wait * gets[1])[present], -offered[present])
        solver: Any = linprog
        bounds = [(0.0, 1.0)] * (2 * cells) + [(None, None)] * (sum(sizes) + 1)
        found = solver(-eye[-1], np.concatenate(rows), np.concatenate(most), bounds=bounds)
        if found.status != 0:
            nothing = tuple(np.zeros(size - 1) for size in sizes)
            return _Best(-np.inf, (mass[0], mass[1]), (nothing[0], nothing[1]))
        prices = -found.ineqlin.marginals
        money = max(float(prices[places["money"]][0]), 1e-12)
        weights = np.zeros(sizes[1])
        weights[present] = prices[places["refuser"]] * wait / money
        circulation = [
            np.minimum(prices[places["up", i]], prices[places["down", i]]) / money for i in (0, 1)
        ]
        return _Best(
            float(found.x[-1]),
            (prices[places["proposer"]] / money, weights),
            (circulation[0], circulation[1]),
        )


def _rents(
    belief: Belief, weights: FloatArray, circulation: FloatArray, *, keep_zeros: bool
) -> Rents:
    """Return multipliers of incentives in fractions, from weights on payoffs in floats."""
    parts = [
        Fraction(0) if keep_zeros and not chance else _read(w)
        for chance, w in zip(belief, weights.tolist(), strict=True)
    ]
    total = sum(parts)
    exact = [part / total for part in parts] if total else list(belief)
    found = []
    for k, more in enumerate(circulation.tolist()):
        net = sum(exact[k + 1 :], Fraction(0)) - sum(belief[k + 1 :], Fraction(0))
        both = _read(more)
        found.append((max(net, Fraction(0)) + both, max(-net, Fraction(0)) + both))
    return tuple(found)


def _read(value: float) -> Fraction:
    """Return a fraction of at least 0 near a float."""
    simple = Fraction(value).limit_denominator(SIMPLE)
    if abs(float(simple) - value) > 1e-11:
        simple = Fraction(round(value * DIGITS), DIGITS)
    return max(simple, Fraction(0))


def _mixed(belief: Belief, payments: Sequence[Sequence[Fraction]]) -> list[Fraction]:
    """Return what the refuser's types get at a belief about the proposer."""
    return [
        sum((chance * paid for chance, paid in zip(belief, own, strict=True)), Fraction(0))
        for own in zip(*payments, strict=True)
    ]


def _middle(corners: Sequence[Belief]) -> Belief:
    return tuple(sum(own, Fraction(0)) / len(own) for own in zip(*corners, strict=True))


def _best_price(own: Fraction, other: Sequence[Fraction], belief: Belief) -> int:
    """Return the place of a type's best price among the other's types; their number for none."""
    made = []
    for place in range(len(other) + 1):
        refused = sum(belief[:place], Fraction(0))
        price = other[place] if place < len(other) else Fraction(0)
        made.append(refused * own + (1 - refused) * price)
    return max(range(len(made)), key=lambda place: made[place])


def _longest_edge(part: Part) -> tuple[int, tuple[int, int] | None]:
    """Return the side and the corners of the longest edge of either part, if any has length."""
    longest, found = Fraction(0), (0, None)
    for side, corners in enumerate(part):
        for i in range(len(corners)):
            for k in range(i):
                length = sum(abs(x - y) for x, y in zip(corners[i], corners[k], strict=True))
                if length > longest:
                    longest, found = length, (side, (k, i))  # type: ignore[assignment]
    return found
