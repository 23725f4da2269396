"""Whether an offer can be refused, given what both players can expect from waiting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from typing import Any

from mechopt._util.rationals import as_fraction
from mechopt._util.rounding import in_figures
from mechopt.errors import InvalidInputError, require
from mechopt.literature.peski2024.certificate import (
    Nodes,
    Refusal,
    RefusalCertificate,
    at,
    spans,
)
from mechopt.literature.peski2024.equilibrium_bounds import BargainingBounds
from mechopt.literature.peski2024.finite_types import FiniteTypes
from mechopt.literature.peski2024.outer_set import OuterSet
from mechopt.literature.peski2024.simplex_proofs import SimplexCertificate
from mechopt.literature.peski2024.simplex_search import Waiting, proof_or_waiting
from mechopt.literature.peski2024.two_types import Pair, TwoTypes, weighed

# A rectangle of beliefs is halved so often at most, on each side.
MAX_DEPTH = 5
HALF = Fraction(1, 2)
NEAR = Fraction(1, 1000)

OfferNodes = Sequence[tuple[Any, Sequence[Any]]]


@dataclass(frozen=True)
class Counterexample:
    """Beliefs and payoffs at which a player gains by refusing.

    Parameters
    ----------
    proposer, refuser
        Probabilities of the high type of the player who offers, and of the one who refuses; with
        other numbers of types the probabilities of all types.
    payoffs
        What waiting can lead to, before discounting, in money: the proposer's types, then the
        refuser's, those that have a positive probability.
    gain
        What each type of the refuser gains at least, in money of today.
    """

    proposer: Fraction | tuple[Fraction, ...]
    refuser: Fraction | tuple[Fraction, ...]
    payoffs: tuple[tuple[Fraction, ...], tuple[Fraction, ...]]
    gain: Fraction


@dataclass(frozen=True, eq=False)
class Refusability:
    """Whether an offer can be refused, and why.

    Parameters
    ----------
    answer
        True if it cannot be refused, False if it can be, and None if the search did not decide.
    certificate
        Why it cannot be. In it player 1 is the proposer, whoever that is.
    counterexample
        How it can be.
    payments
        The offer, in fractions: what the refuser's types get, at beliefs about the proposer; with
        other numbers of types than two, at certainty of each of the proposer's types.
    is_proved
        Whether it is a theorem that the proposer has what the continuation says it has. If not, the
        answer is about the case that it has.
    """

    answer: bool | None
    certificate: RefusalCertificate | SimplexCertificate | None
    counterexample: Counterexample | None
    payments: Nodes
    is_proved: bool = True

    def __bool__(self) -> bool:
        """Return whether it is proved that the offer cannot be refused."""
        return self.answer is True

    def __str__(self) -> str:
        """Say the answer; that the search gave up is none."""
        given = "" if self.is_proved else ", if the proposer has its random-monopoly bound"
        if self.counterexample is not None:
            gain = in_figures(float(self.counterexample.gain))
            return f"can be refused: each type gains {gain} at least by waiting{given}"
        if self.answer:
            return f"cannot be refused, as is proved at all beliefs{given}"
        return (
            "undecided: the search gave up before beliefs were cut finely enough to prove either. "
            "Ask about an offer that pays a little more, or less"
        )


def cannot_be_refused(
    offer: OfferNodes | Sequence[Any], continuation: BargainingBounds, *, by: str = "player_2"
) -> Refusability:
    """Return whether a player cannot refuse an offer in any equilibrium, and why.

    Refusing leads to payoffs of some mechanism a round later, in which the proposer has what it has
    in every equilibrium. An offer that pays the types of positive probability more than any such
    mechanism leaves them is accepted for sure, whatever is believed after it.

    Parameters
    ----------
    offer
        What the refuser's low and high type get, in money: one pair; or a list of a belief about
        the proposer and a pair, from belief 0 to belief 1, linear in between. With other numbers of
        types one payoff for each type of the refuser, or a list of such lists, one for each type of
        the proposer, linear in the beliefs.
    continuation
        What :func:`bargaining_bounds` returned. With more than two types the proposer is taken to
        have its random-monopoly bound, as the result says.
    by
        The name of the player who might refuse.

    Returns
    -------
    Refusability
        With a proof that covers all beliefs, or beliefs and payoffs at which refusing is better. An
        offer that is exactly what waiting can lead to counts as one that cannot be refused, as any
        addition makes it one.

    Raises
    ------
    InvalidInputError
        For what is no offer, no bounds, or no player.

    Notes
    -----
    Source: theory.md, section 4.6.

    Examples
    --------
    >>> from mechopt import Bargaining, TypeSpace
    >>> from mechopt.peski2024 import bargaining_bounds
    >>> bargaining = Bargaining(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3]), 0.5)
    >>> bounds = bargaining_bounds(bargaining, 0.9)
    >>> bool(cannot_be_refused([1, 2], bounds))
    True
    >>> found = cannot_be_refused([0.1, 1.2], bounds)
    >>> found.answer, found.counterexample.gain > 0
    (False, True)
    >>> more = Bargaining(TypeSpace.finite([0, 1, 2]), TypeSpace.finite([1, 2, 3]), 0.5)
    >>> bool(cannot_be_refused([1, 2, 3], bargaining_bounds(more, 0.9)))
    True
    """
    _require_players(continuation, by)
    if not _is_of_two(continuation):
        return refusability(*_of_many(offer, continuation, by), continuation)
    bare = _question(offer, continuation, by)
    cells: list[Refusal] = []
    decided = True
    for q in spans(_nodes_1(bare)):
        for r in spans([belief for belief, _ in bare.claim]):
            found = _search(bare, q, r, MAX_DEPTH)
            if isinstance(found, Counterexample):
                return Refusability(False, None, found, bare.payments)
            decided = decided and found is not None
            cells += found or []
    if not decided:
        return Refusability(None, None, None, bare.payments)
    certificate = replace(bare, refusals=tuple(cells))
    return Refusability(True, certificate, None, bare.payments)


def raised_offer(
    offer: OfferNodes | Sequence[Any],
    continuation: BargainingBounds,
    *,
    by: str = "player_2",
    beliefs: int = 9,
) -> Refusability:
    """Return an offer that is raised, for both types alike, until it cannot be refused.

    At equally spaced beliefs about the proposer the offer becomes as good as waiting can be; then a
    little is added everywhere, and doubled, until that is so between these beliefs too.

    Parameters
    ----------
    offer, continuation, by
        As for :func:`cannot_be_refused`.
    beliefs
        How many beliefs about the proposer, at least 2; more leave less to be added.

    Returns
    -------
    Refusability
        The last answer; its ``payments`` are the offer.

    Examples
    --------
    >>> from mechopt import Bargaining, TypeSpace
    >>> from mechopt.peski2024 import bargaining_bounds
    >>> bargaining = Bargaining(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3]), 0.5)
    >>> raised_offer([0.1, 1.2], bargaining_bounds(bargaining, 0.9)).answer
    True
    """
    _require_players(continuation, by)
    if not _is_of_two(continuation):
        return raised_payments(*_of_many(offer, continuation, by), continuation)
    bare = _question(offer, continuation, by)
    steps = [Fraction(k, beliefs - 1) for k in range(beliefs)]
    own = sorted({*steps, *_nodes_1(bare)})
    others = sorted({*steps, *(belief for belief, _ in bare.claim)})
    raised = []
    for q in own:
        # Next to the ends, where every type has a positive probability.
        inside = min(max(q, NEAR), 1 - NEAR)
        seen = [_better_to_wait(bare, inside, r) for r in others]
        more = max((each.gain for each in seen if each is not None), default=Fraction(0))
        raised.append((q, tuple(payoff + more for payoff in at(bare.payments, q))))
    added = NEAR * max(bare.game.second)
    while True:
        nodes = [(q, [payoff + added for payoff in payoffs]) for q, payoffs in raised]
        found = cannot_be_refused(nodes, continuation, by=by)
        if found or added > max(bare.game.second):
            return found
        added *= 2


def _require_players(continuation: BargainingBounds, by: str) -> None:
    """Raise InvalidInputError unless there are bounds, and a player of that name."""
    require(
        continuation, BargainingBounds, where="continuation", remedy="Pass bargaining_bounds(...)."
    )
    names = [agent.name for agent in continuation.bargaining.agents]
    if by not in names:
        raise InvalidInputError(
            "no such player",
            where="by",
            expected=" or ".join(names),
            got=repr(by)[:60],
            remedy="Name the player who might refuse.",
        )


def _is_of_two(continuation: BargainingBounds) -> bool:
    """Return whether both players have two types."""
    game = continuation.game
    return isinstance(game, TwoTypes) and all(game.steps)


def _of_many(
    offer: Any, continuation: BargainingBounds, by: str
) -> tuple[FiniteTypes, tuple[tuple[Fraction, ...], ...]]:
    """Return the types, the proposer's first, and what the refuser's types are paid."""
    game = continuation.game
    sides = [tuple(dict.fromkeys(own)) for own in (game.first, game.second)]
    chance = game.chance
    if by == continuation.bargaining.agents[0].name:
        sides, chance = sides[::-1], 1 - chance
    many = FiniteTypes(sides[0], sides[1], chance)
    return many, payments_of(offer, many)


def payments_of(offer: Any, game: FiniteTypes) -> tuple[tuple[Fraction, ...], ...]:
    """Return what the refuser's types are paid, for each type of the proposer.

    Parameters
    ----------
    offer
        One payoff for each of the refuser's types, or such a list for each of the proposer's.
    game
        Types, the proposer's first.

    Raises
    ------
    InvalidInputError
        For what is no offer.

    Examples
    --------
    >>> payments_of([1], FiniteTypes((0, 1), (2,), 0.5))
    ((Fraction(1, 1),), (Fraction(1, 1),))
    """
    sizes = len(game.first), len(game.second)
    try:
        lists = list(offer)
        if not any(isinstance(each, (list, tuple)) for each in lists):
            lists = [lists] * sizes[0]
        read = tuple(tuple(as_fraction(value) for value in each) for each in lists)
    except (TypeError, ValueError):
        read = ()
    if [len(each) for each in read] != [sizes[1]] * sizes[0]:
        raise InvalidInputError(
            "not an offer",
            where="offer",
            expected=f"{sizes[1]} payoffs, or {sizes[0]} lists of so many",
            got=repr(offer)[:60],
            remedy="Give a payoff for each type of the refuser, for each type of the proposer.",
        )
    return read


def refusability(
    game: FiniteTypes,
    payments: tuple[tuple[Fraction, ...], ...],
    continuation: BargainingBounds,
) -> Refusability:
    """Return whether payments cannot be refused, for any finite numbers of types.

    Parameters
    ----------
    game
        Types, the proposer's first.
    payments
        What the refuser's types are paid, for each type of the proposer.
    continuation
        What is known of waiting.
    """
    found = proof_or_waiting(game, continuation.discount, payments)
    nodes = tuple(zip(game.first, payments, strict=True))
    proved = continuation.is_proved
    if isinstance(found, Waiting):
        return Refusability(False, None, Counterexample(*found), nodes, proved)
    return Refusability(None if found is None else True, found, None, nodes, proved)


def raised_payments(
    game: FiniteTypes,
    payments: tuple[tuple[Fraction, ...], ...],
    continuation: BargainingBounds,
) -> Refusability:
    """Return payments that are raised for all types alike until they cannot be refused.

    Parameters
    ----------
    game, payments, continuation
        As for :func:`refusability`.
    """
    most = max(*game.first, *game.second)
    added, step = Fraction(0), NEAR * most
    while True:
        more = tuple(tuple(paid + added for paid in own) for own in payments)
        found = refusability(game, more, continuation)
        if found or added > 2 * most + max(abs(paid) for own in payments for paid in own):
            return found
        # What a counterexample asks for, and a little that doubles.
        added += step + (found.counterexample.gain if found.counterexample else 0)
        step *= 2


def _question(offer: Any, continuation: BargainingBounds, by: str) -> RefusalCertificate:
    """Return what is known and what is asked, as a certificate without a proof."""
    names = [agent.name for agent in continuation.bargaining.agents]
    game = continuation.game
    assert isinstance(game, TwoTypes)
    payments = _read(offer)
    proof = continuation.certificate
    if by == names[1] and proof is not None:
        return RefusalCertificate(game, proof.discount, proof.crossing, proof.claim, payments, ())
    if by == names[0]:
        game = TwoTypes(game.second, game.first, 1 - game.chance)
    claim = tuple(
        (r, game.chance * weighed(HALF, game.monopoly(0, r))) for r in _bends_of_monopoly(game)
    )
    return RefusalCertificate(game, continuation.discount, HALF, claim, payments, ())


def _read(offer: Any) -> Nodes:
    """Return an offer as nodes in fractions."""
    try:
        nodes = list(offer)
        if len(nodes) == 2 and not any(isinstance(node, (tuple, list)) for node in nodes):
            nodes = [(0, nodes), (1, nodes)]
        read = tuple(
            (as_fraction(q), (as_fraction(low), as_fraction(high))) for q, (low, high) in nodes
        )
    except (TypeError, ValueError):
        read = ()
    beliefs = [q for q, _ in read]
    rising = all(one < other for one, other in spans(beliefs))
    if len(beliefs) < 2 or beliefs[0] != 0 or beliefs[-1] != 1 or not rising:
        raise InvalidInputError(
            "not an offer",
            where="offer",
            expected="two payoffs, or beliefs from 0 to 1 with two payoffs each",
            got=repr(offer)[:60],
            remedy="Write [1, 2], or [(0, [1, 2]), (1, [1.5, 2])].",
        )
    return read


def _bends_of_monopoly(game: TwoTypes) -> list[Fraction]:
    """Return beliefs about the second player between which the first's monopoly is linear."""
    low, high = game.second
    found = {Fraction(0), Fraction(1)}
    for own in game.first:
        if own < low:
            found.add((low - own) / (high - own))
        elif low < own < high:
            found.add(Fraction(0))
    return sorted(found)


def _nodes_1(bare: RefusalCertificate) -> list[Fraction]:
    return sorted({*(belief for belief, _ in bare.payments), bare.crossing})


def _search(
    bare: RefusalCertificate, q: Pair, r: Pair, depth: int
) -> list[Refusal] | Counterexample | None:
    """Return a proof on a rectangle of beliefs, a counterexample in it, or None."""
    for weights_1, weights_2 in product(_weights_1(bare, q), _weights_2(bare, r)):
        cell = Refusal(q, r, weights_1, weights_2)
        if bare.short_of_refusal(cell) <= 0:
            return [cell]
    middle = (q[0] + q[1]) / 2, (r[0] + r[1]) / 2
    for belief in (middle[1], *(end for end in r if end in (0, 1))):
        found = _better_to_wait(bare, middle[0], belief)
        if found is not None:
            return found
    if depth == 0:
        return None
    cells: list[Refusal] = []
    for part_q in ((q[0], middle[0]), (middle[0], q[1])):
        for part_r in ((r[0], middle[1]), (middle[1], r[1])):
            part = _search(bare, part_q, part_r, depth - 1)
            if not isinstance(part, list):
                return part
            cells += part
    return cells


def _weights_1(bare: RefusalCertificate, q: Pair) -> Iterator[Pair]:
    """Yield weights of the proposer's high type to try: its beliefs, and constants beyond them."""
    yield q
    for constant in {q[0], q[1], Fraction(0), Fraction(1), bare.crossing}:
        if constant <= q[0] or constant >= q[1]:
            yield constant, constant


def _weights_2(bare: RefusalCertificate, r: Pair) -> Iterator[Pair]:
    """Yield weights of the refuser's high type to try: where its virtual value is indifferent."""
    yield r
    low, high = bare.game.second
    for other in (*bare.game.first, Fraction(0)):
        below = [x - (1 - x) * (low - other) / (high - low) for x in r]
        above = [x + x * (other - high) / (high - low) for x in r]
        if other < low:
            yield max(below[0], Fraction(0)), max(below[1], Fraction(0))
        if other > high:
            yield min(above[0], Fraction(1)), min(above[1], Fraction(1))
    if r[0] > 0:
        yield r[0], r[0]
    if r[1] < 1:
        yield r[1], r[1]


def _better_to_wait(bare: RefusalCertificate, q: Fraction, r: Fraction) -> Counterexample | None:
    """Return payoffs by which all types gain from waiting as much as they can, or None.

    Parameters
    ----------
    bare
        What is known, and the offer.
    q
        An inner belief about the proposer.
    r
        A belief about the refuser; types of probability zero need not gain.
    """
    game, delta, a = bare.game, bare.discount, bare.crossing
    if delta == 0:
        return None
    present = [k for k, mass in enumerate((1 - r, r)) if mass]
    offered = at(bare.payments, q)
    held = OuterSet(
        (game.first, [game.second[k] for k in present]),
        ([1 - q, q], [(1 - r, r)[k] for k in present]),
        ([game.chance * u for u in game.monopoly(0, r)], [offered[k] / delta for k in present]),
        ([1 - a, a], bare.claimed(r)),
    )
    spare = Fraction(0) if held.is_empty else held.spare()
    if not spare:
        return None
    first, second = held.payoffs()
    better = tuple(payoff + spare for payoff in second)
    return Counterexample(q, r, (tuple(first), better), delta * spare)
