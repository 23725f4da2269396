"""Mechanisms derived from others on a grid of beliefs: messages, menus, the informed principal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from itertools import islice, product
from math import prod

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.errors import InvalidInputError
from mechopt.literature.peski2024.correspondence import (
    PLAYERS,
    Belief,
    BeliefGrid,
    Correspondence,
    convexify,
    player_of,
    same_grid,
)
from mechopt.literature.peski2024.lifted import Lifted, combined, hull
from mechopt.literature.peski2024.messages import chosen, plans, unit
from mechopt.literature.peski2024.parts import MAX_PIECES, Node, Parts, too_many


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
    As many messages suffice as the sender has types, at posteriors on the grid. Source: theory.md,
    section 4.7.

    Examples
    --------
    >>> from mechopt.peski2024 import BeliefGrid, Correspondence, TwoTypes
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
    >>> from mechopt.peski2024 import BeliefGrid, Correspondence, TwoTypes
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
    own, num = items[0].types_of(i), items[0].num_payoffs
    unhulled = [item.unhulled() for item in items]

    def made(node: Node) -> list[Lifted]:
        lines = [_line(at, grid, node, i) for at in unhulled]
        wanted, number = [], 0
        for plan in plans(lines, grid.axes[i][node[i]]):
            threats = [
                [part for _, parts in line for part in parts]
                for place, line in enumerate(lines)
                if place not in plan.used
            ]
            # Counted before any is made: each takes a while.
            number += prod(map(len, threats))
            if number > MAX_PIECES:
                raise too_many()
            wanted.append((plan, threats))
        return [
            chosen(plan, others, own, num)
            for plan, threats in wanted
            for others in product(*threats)
        ]

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
    num, types = mechanism.num_payoffs, mechanism.types_of(i)
    same, nothing = np.eye(num), np.zeros((num, num))
    parts = Parts(
        grid,
        lambda node: (
            combined((own, part), (same, nothing), [_at_least([1], t, num) for t in types])
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

    Raises
    ------
    InvalidInputError
        If payoffs at some beliefs, once asked for, are a union of more than 20,000 polytopes.

    Notes
    -----
    For each combination of what deters the offers there is a linear program, so that work is
    multiplied by each offer: with three types and four beliefs on each side, one offer takes
    seconds, two a minute or more, and three are refused.

    Source: theory.md, section 4.7, where it is shown that what deters deviations depends on the
    belief about the other player alone.

    Examples
    --------
    >>> from mechopt.peski2024 import BeliefGrid, Correspondence, TwoTypes
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

    held = _above_bounds if grid.sizes[i] == 2 else _above_points

    @cache
    def deterring(place: int) -> list[Callable[[Lifted], Lifted]]:
        nodes = [(k, place) if i == 0 else (place, k) for k in range(grid.shape[i])]
        return held(deviations, i, nodes)

    def made(node: Node) -> Iterator[Lifted]:
        for above in deterring(node[1 - i]):
            yield from map(above, accepted[node])

    return reveal(Correspondence(mechanism.game, grid, Parts(grid, made), False), player)


@dataclass(frozen=True, eq=False)
class Splitting:
    """How a player's message splits the belief about it, and what that is good for.

    Parameters
    ----------
    player
        Who sends.
    belief
        Probability of its high type before the message; of other numbers of types, of all.
    posteriors
        Beliefs after it and how likely they are, those of a message that nobody sends left out.
    value
        The largest value of the direction with it.
    silent
        The largest value without any message; minus infinity if that is no equilibrium.
    """

    player: str
    belief: Belief
    posteriors: tuple[tuple[Belief, float], ...]
    value: float
    silent: float


def splitting(
    mechanism: Correspondence,
    player: str,
    belief: tuple[Belief, Belief],
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
    >>> from mechopt.peski2024 import BeliefGrid, Correspondence, TwoTypes
    >>> game, grid = TwoTypes((0.0, 2.0), (1.0, 3.0), 0.5), BeliefGrid((0, 0.5, 1), (0, 1))
    >>> known = Correspondence.from_function(game, grid, lambda p, q: [0, 0, *[abs(2 * p - 1)] * 2])
    >>> splitting(known, "player_1", (0.5, 0), [0, 0, 1, 0]).posteriors
    ((0.0, 0.5), (1.0, 0.5))
    """
    i = player_of(player)
    node = mechanism.grid.node(belief)
    value, _ = reveal(mechanism, player).furthest(belief, direction)
    weights = np.asarray(direction, dtype=np.float64)
    best: tuple[tuple[Belief, float], ...] = ()
    silent = -np.inf
    own, num = mechanism.types_of(i), mechanism.num_payoffs
    for plan in plans([_line(mechanism.unhulled(), mechanism.grid, node, i)], belief[i]):
        found = chosen(plan, (), own, num).furthest(weights)
        if found is None:
            continue
        if len(plan.messages) == 1:
            silent = max(silent, found[0])
        if not best and found[0] >= value - 1e-9 * max(1.0, abs(value)):
            best = tuple((m.belief, m.weight) for m in plan.messages if m.weight > 0.0)
    return Splitting(player, belief[i], best, value, silent)


def _line(
    parts: Mapping[Node, tuple[Lifted, ...]], grid: BeliefGrid, node: Node, i: int
) -> list[tuple[Belief, tuple[Lifted, ...]]]:
    """Return the beliefs about player i and the pieces at them, the other belief as it is."""
    return [(q, parts[_moved(node, i, k)]) for k, q in enumerate(grid.axes[i])]


def _above_points(
    deviations: Sequence[Correspondence], i: int, nodes: Sequence[Node]
) -> list[Callable[[Lifted], Lifted]]:
    """Return ways to hold player i's payoffs above a point of each deviation, at some belief."""
    hulls = [[hull(d.parts[node]) for node in nodes if d.parts[node]] for d in deviations]
    if not deviations:
        return [lambda part: part]
    num, types = deviations[0].num_payoffs, deviations[0].types_of(i)
    same, nothing = np.eye(num), np.zeros((num, num))

    def above(points: tuple[Lifted, ...]) -> Callable[[Lifted], Lifted]:
        rows = [
            _at_least([1 + at], t, num, 1 + len(points)) for at in range(len(points)) for t in types
        ]
        weights = [same, *[nothing] * len(points)]
        return lambda part: combined((part, *points), weights, rows)

    found = list(map(above, islice(product(*hulls), MAX_PIECES + 1)))
    if len(found) > MAX_PIECES:
        raise too_many()
    return found


def _above_bounds(
    deviations: Sequence[Correspondence], i: int, nodes: Sequence[Node]
) -> list[Callable[[Lifted], Lifted]]:
    """Return the same for two types, by the edges of the planar sets: fewer variables."""
    num, types = (deviations[0].num_payoffs, deviations[0].types_of(i)) if deviations else (0, [])

    def above(bounds: list[tuple[FloatArray, float]]) -> Callable[[Lifted], Lifted]:
        def held(part: Lifted) -> Lifted:
            return reduce(
                lambda p, bound: p.above(_on(types, num, bound[0]), bound[1]), bounds, part
            )

        return held

    return list(map(above, _deterring(deviations, i, nodes)))


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
            raise too_many()
    return found


def _lower_left(mechanism: Correspondence, i: int, node: Node) -> list[tuple[FloatArray, float]]:
    """Return the bounds on weighted sums of player i's payoffs; none if they are not bounded."""
    types, num = mechanism.types_of(i), mechanism.num_payoffs

    def least(weight: float) -> tuple[float, FloatArray]:
        direction = -_on(types, num, np.array([1.0 - weight, weight]))
        found = [part.furthest(direction) for part in mechanism.parts[node]]
        value, point = max(
            (f for f in found if f is not None),
            key=lambda f: f[0],
            default=(-np.inf, np.zeros(num)),
        )
        return -value, point[types]

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


def _on(types: Sequence[int], num: int, weights: FloatArray) -> FloatArray:
    full = np.zeros(num)
    full[list(types)] = weights
    return full


def _at_least(
    others: Sequence[int], place: int, num: int, parts: int = 2
) -> tuple[list[FloatArray | None], float, bool]:
    """Return the condition that the first part's payoff is at least those of others."""
    vectors: list[FloatArray | None] = [None] * parts
    vectors[0] = -unit(place, num)
    for other in others:
        vectors[other] = unit(place, num)
    return vectors, 0.0, False


def _moved(node: Node, i: int, k: int) -> Node:
    """Return a node with another belief about player i."""
    return (k, node[1]) if i == 0 else (node[0], k)
