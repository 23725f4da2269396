"""Mechanisms derived from others on a grid of beliefs: messages, menus, the informed principal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from itertools import product
from typing import NamedTuple

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.errors import InvalidInputError
from mechopt.literature.peski2024.correspondence import (
    PLAYERS,
    BeliefGrid,
    Correspondence,
    Node,
    Parts,
    convexify,
    player_of,
    same_grid,
)
from mechopt.literature.peski2024.lifted import Lifted, combined

# More pieces than this at one pair of beliefs take minutes.
MAX_PIECES = 20_000


class _Message(NamedTuple):
    """What a message leads to: a belief about the sender, a weight in it, and payoffs after it."""

    belief: float
    weight: float
    part: Lifted


def reveal(mechanism: Correspondence, player: str) -> Correspondence:
    """Return I_i: before the mechanism, a player sends a message, after a public lottery.

    Its types send what is best for them, and beliefs follow; the sets are convex.

    Parameters
    ----------
    mechanism
        Payoffs at the beliefs that messages lead to.
    player
        Who sends.

    Notes
    -----
    Two messages suffice, at posteriors on the grid. Source: theory.md, section 4.7.

    Examples
    --------
    >>> from mechopt.peski2024 import BeliefGrid, TwoTypes
    >>> game, grid = TwoTypes((0.0, 2.0), (1.0, 3.0), 0.5), BeliefGrid((0, 0.5, 1), (0, 0.5, 1))
    >>> told = reveal(Correspondence.universal(game, grid), "player_1")
    >>> round(told.furthest((0.5, 0.5), [0.5, 0.5, 0.5, 0.5])[0], 6)
    2.25
    """
    return menu([mechanism], player)


def menu(items: Sequence[Correspondence], player: str) -> Correspondence:
    """Return MM_i: a player chooses a mechanism from a menu, after a public lottery.

    Parameters
    ----------
    items
        The mechanisms. One that is not chosen must not be better for any type of the player, at
        some belief that may follow the choice.
    player
        Who chooses; the choice is a message too.

    Raises
    ------
    InvalidInputError
        For no items, different grids, and more combinations than can be listed.

    Notes
    -----
    Source: theory.md, section 4.7.

    Examples
    --------
    >>> from mechopt.peski2024 import BeliefGrid, TwoTypes
    >>> game, grid = TwoTypes((0.0, 2.0), (1.0, 3.0), 0.5), BeliefGrid((0, 1), (0, 1))
    >>> offers = [Correspondence.constant(game, grid, [x, x, 0, 0]) for x in (1, 2)]
    >>> menu(offers, "player_1").furthest((0, 0), [-1, 0, 0, 0])[0]
    -2.0
    """
    if not items:
        raise InvalidInputError(
            "an empty menu",
            where="items",
            expected="at least one mechanism",
            got="none",
            remedy="Give a list of them.",
        )
    grid, i = same_grid(items), player_of(player)
    unhulled = [item.unhulled() for item in items]

    def made(node: Node) -> list[Lifted]:
        lines = [_line(at, grid, node, i) for at in unhulled]
        found = []
        for used, messages in _plans(lines, grid.axes[i][node[i]]):
            threats = [
                [part for _, own in line for part in own]
                for place, line in enumerate(lines)
                if place not in used
            ]
            for others in product(*threats):
                found.append(_chosen(messages, others, i))
                if len(found) > MAX_PIECES:
                    raise _too_many()
        return found

    return Correspondence(items[0].game, grid, Parts(grid, made), True)


def upper_contour(mechanism: Correspondence, player: str) -> Correspondence:
    """Return the feasible payoffs in which a player has as much as by waiting for the mechanism.

    What it could have may be at any belief about itself: those who saw it wait may think of it what
    they like.

    Parameters
    ----------
    mechanism
        What waiting leads to.
    player
        Who waits, as one whose payoffs count.

    Notes
    -----
    Source: theory.md, section 4.7, V_j.
    """
    grid, i = mechanism.grid, player_of(player)
    feasible = Correspondence.universal(mechanism.game, grid).parts
    waiting = mechanism.unhulled()
    same, nothing = np.eye(4), np.zeros((4, 4))
    parts = Parts(
        grid,
        lambda node: (
            combined((own, part), (same, nothing), [_at_least(t) for t in _types(i)])
            for own in feasible[node]
            for k in range(grid.shape[i])
            for part in waiting[_moved(node, i, k)]
        ),
    )
    return Correspondence(mechanism.game, grid, parts, False)


def informed_principal(
    mechanism: Correspondence, player: str, *, offers: Sequence[Correspondence]
) -> Correspondence:
    """Return what a player's proposals lead to, if it may deviate to the given offers alone.

    The other player accepts or waits for the mechanism. On the path the proposer may offer
    anything; with finitely many deviations its payoffs are bounded below by these only, so that
    this is the game with these offers on this grid, and not the bargaining mechanism.

    Parameters
    ----------
    mechanism
        What a refusal leads to.
    player
        Who proposes.
    offers
        What it may propose instead.

    Notes
    -----
    Source: theory.md, section 4.7, where it is shown that what deters deviations depends on the
    belief about the other player alone.

    Examples
    --------
    >>> from mechopt.peski2024 import BeliefGrid, TwoTypes
    >>> game, grid = TwoTypes((0.0, 2.0), (1.0, 3.0), 0.5), BeliefGrid((0, 0.5, 1), (0, 0.5, 1))
    >>> nothing = Correspondence.constant(game, grid, [0, 0, 0, 0])
    >>> prices = [Correspondence.posted_price(game, grid, "player_1", p) for p in (0.99, 2.99)]
    >>> found = informed_principal(nothing, "player_1", offers=prices)
    >>> round(-found.furthest((0.5, 0.5), [-1, 0, 0, 0])[0], 6)
    1.495
    """
    grid, i = mechanism.grid, player_of(player)
    same_grid([mechanism, *offers])
    other = PLAYERS[1 - i]
    deviations = [menu([offer, mechanism], other) for offer in offers]
    accepted = convexify(upper_contour(mechanism, other)).unhulled()

    @cache
    def deterring(place: int) -> list[list[tuple[FloatArray, float]]]:
        return _deterring(
            deviations, i, [(k, place) if i == 0 else (place, k) for k in range(grid.shape[i])]
        )

    def made(node: Node) -> Iterator[Lifted]:
        for bounds in deterring(node[1 - i]):
            for part in accepted[node]:
                yield reduce(
                    lambda held, bound: held.above(_on(i, bound[0]), bound[1]), bounds, part
                )

    return reveal(Correspondence(mechanism.game, grid, Parts(grid, made), False), player)


@dataclass(frozen=True, eq=False)
class Splitting:
    """How a player's message splits the belief about it, and what that is good for.

    Parameters
    ----------
    player
        Who sends.
    belief
        Probability of its high type before the message.
    posteriors
        Beliefs after it and how likely they are, those of a message that nobody sends left out.
    value
        The largest value of the direction with it.
    silent
        The largest value without any message; minus infinity if that is no equilibrium.
    """

    player: str
    belief: float
    posteriors: tuple[tuple[float, float], ...]
    value: float
    silent: float


def splitting(
    mechanism: Correspondence,
    player: str,
    belief: tuple[float, float],
    direction: Sequence[float],
) -> Splitting:
    """Return the message before a mechanism that takes payoffs furthest in a direction.

    Parameters
    ----------
    mechanism
        Payoffs at the beliefs that messages lead to.
    player
        Who sends.
    belief
        Before the message, on the grid.
    direction
        A weight for each of player 1's types, then for each of player 2's.

    Raises
    ------
    NotOptimalError
        If there is no equilibrium with posteriors on the grid.
    InvalidInputError
        If payoffs are not bounded in the direction.

    Examples
    --------
    >>> from mechopt.peski2024 import BeliefGrid, TwoTypes
    >>> game, grid = TwoTypes((0.0, 2.0), (1.0, 3.0), 0.5), BeliefGrid((0, 0.5, 1), (0, 1))
    >>> known = Correspondence.from_function(game, grid, lambda p, q: [0, 0, *[abs(2 * p - 1)] * 2])
    >>> splitting(known, "player_1", (0.5, 0), [0, 0, 1, 0]).posteriors
    ((0.0, 0.5), (1.0, 0.5))
    """
    i = player_of(player)
    node = mechanism.grid.node(belief)
    value, _ = reveal(mechanism, player).furthest(belief, direction)
    weights = np.asarray(direction, dtype=np.float64)
    best: tuple[tuple[float, float], ...] = ()
    silent = -np.inf
    for _, messages in _plans([_line(mechanism.unhulled(), mechanism.grid, node, i)], belief[i]):
        found = _chosen(messages, (), i).furthest(weights)
        if found is None:
            continue
        if len(messages) == 1:
            silent = max(silent, found[0])
        if not best and found[0] >= value - 1e-9 * max(1.0, abs(value)):
            best = tuple((m.belief, m.weight) for m in messages if m.weight > 0.0)
    return Splitting(player, belief[i], best, value, silent)


def _line(
    parts: Mapping[Node, tuple[Lifted, ...]], grid: BeliefGrid, node: Node, i: int
) -> list[tuple[float, tuple[Lifted, ...]]]:
    """Return the beliefs about player i and the pieces at them, the other belief as it is."""
    return [(q, parts[_moved(node, i, k)]) for k, q in enumerate(grid.axes[i])]


def _pairs(axis: Sequence[float], belief: float) -> list[list[tuple[float, float]]]:
    """Return posteriors and their weights: one, or two of which one may have no weight."""
    pairs = [[(belief, 1.0)]]
    if belief in (0.0, 1.0):
        return pairs + [[(belief, 1.0), (q, 0.0)] for q in axis]
    return pairs + [
        [(q, (r - belief) / (r - q)), (r, (belief - q) / (r - q))]
        for q in axis
        for r in axis
        if q < belief < r
    ]


def _plans(
    lines: Sequence[Sequence[tuple[float, Sequence[Lifted]]]], belief: float
) -> Iterator[tuple[set[int], list[_Message]]]:
    """Yield the items that are used and the messages: posteriors with pieces of these items."""
    axis = [q for q, _ in lines[0]]
    for pair in _pairs(axis, belief):
        places = [axis.index(q) for q, _ in pair]
        for used in product(range(len(lines)), repeat=len(pair)):
            pieces = [lines[a][k][1] for a, k in zip(used, places, strict=True)]
            for parts in product(*pieces):
                yield (
                    set(used),
                    [_Message(q, w, part) for (q, w), part in zip(pair, parts, strict=True)],
                )


def _chosen(messages: Sequence[_Message], threats: Sequence[Lifted], i: int) -> Lifted:
    """Return the payoffs of a plan in which every type of player i sends what is best for it."""
    own = _types(i)
    parts = [*(message.part for message in messages), *threats]
    # Each type's payoff is that of a message that it sends: the low type the one with the lower
    # belief, and a type of probability zero the one without weight, if there is one.
    last = len(messages) - 1
    absent_low = messages[0].belief == 1.0
    source = (last, 0) if absent_low else (0, last)
    weights = []
    for place in range(len(parts)):
        matrix = np.zeros((4, 4))
        for t in (0, 1):
            if source[t] == place:
                matrix[own[t], own[t]] = 1.0
        if place <= last:
            for t in _types(1 - i):
                matrix[t, t] = messages[place].weight
        weights.append(matrix)
    rows = []
    for place in range(len(parts)):
        for t in (0, 1):
            if place == source[t]:
                continue
            vectors: list[FloatArray | None] = [None] * len(parts)
            vectors[place], vectors[source[t]] = _unit(own[t]), -_unit(own[t])
            sends = place <= last and messages[place].weight > 0.0
            belief = messages[place].belief if place <= last else 0.0
            rows.append((vectors, 0.0, sends and (belief if t else 1.0 - belief) > 0.0))
    return combined(parts, weights, rows)


def _deterring(
    deviations: Sequence[Correspondence], i: int, nodes: Sequence[Node]
) -> list[list[tuple[FloatArray, float]]]:
    """Return sets of player i's payoffs whose union deters all deviations, as bounds on sums."""
    found: list[list[tuple[FloatArray, float]]] = [[]]
    for deviation in deviations:
        each = [_lower_left(deviation, i, node) for node in nodes if deviation.parts[node]]
        # Whoever may be held down to anything is deterred by that belief alone.
        if any(not bounds for bounds in each):
            continue
        found = [[*bounds, *more] for bounds in found for more in each]
        if len(found) > MAX_PIECES:
            raise _too_many()
    return found


def _lower_left(mechanism: Correspondence, i: int, node: Node) -> list[tuple[FloatArray, float]]:
    """Return the bounds on weighted sums of player i's payoffs; none if they are not bounded."""

    def least(weight: float) -> tuple[float, FloatArray]:
        direction = -_on(i, np.array([1.0 - weight, weight]))
        found = [part.furthest(direction) for part in mechanism.parts[node]]
        value, point = max(
            (f for f in found if f is not None), key=lambda f: f[0], default=(-np.inf, np.zeros(4))
        )
        return -value, point[_types(i)]

    ends = [least(0.0), least(1.0)]
    if any(not np.isfinite(value) for value, _ in ends):
        return []
    weights = [0.0, 1.0, *_bends(least, (0.0, ends[0][1]), (1.0, ends[1][1]), 12)]
    return [(np.array([1.0 - k, k]), least(k)[0]) for k in weights]


def _bends(
    least: Callable[[float], tuple[float, FloatArray]],
    one: tuple[float, FloatArray],
    other: tuple[float, FloatArray],
    depth: int,
) -> list[float]:
    """Return the weights of the edges between two points of the boundary."""
    fall, rise = one[1][0] - other[1][0], one[1][1] - other[1][1]
    size = max(float(np.abs(one[1]).max()), float(np.abs(other[1]).max()), 1.0)
    if depth == 0 or rise - fall <= 1e-9 * size:
        return []
    # Both points are as good at the weight of the segment through them.
    weight = float(np.clip(-fall / (rise - fall), 0.0, 1.0))
    value, point = least(weight)
    if weight in (one[0], other[0]):
        return []
    if value >= (1.0 - weight) * one[1][0] + weight * one[1][1] - 1e-9 * size:
        return [weight]
    middle = (weight, point)
    return [*_bends(least, one, middle, depth - 1), *_bends(least, middle, other, depth - 1)]


def _types(i: int) -> list[int]:
    """Return the places of a player's two types in a list of payoffs."""
    return [2 * i, 2 * i + 1]


def _unit(place: int) -> FloatArray:
    unit: FloatArray = np.eye(4)[place]
    return unit


def _on(i: int, weights: FloatArray) -> FloatArray:
    full = np.zeros(4)
    full[_types(i)] = weights
    return full


def _at_least(place: int) -> tuple[list[FloatArray | None], float, bool]:
    """Return the condition that the first part's payoff is at least another one's."""
    return [-_unit(place), _unit(place)], 0.0, False


def _moved(node: Node, i: int, k: int) -> Node:
    """Return a node with another belief about player i."""
    return (k, node[1]) if i == 0 else (node[0], k)


def _too_many() -> InvalidInputError:
    return InvalidInputError(
        "too many combinations of beliefs and mechanisms",
        where="items",
        expected=f"at most {MAX_PIECES:,} at each pair of beliefs",
        got="more",
        remedy="Take fewer items, offers or beliefs.",
    )
