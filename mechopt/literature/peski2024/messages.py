"""Messages that split beliefs: posteriors, who sends what, and the payoffs that follow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, product
from typing import NamedTuple

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.literature.peski2024.correspondence import Belief, mass_of
from mechopt.literature.peski2024.lifted import Lifted, combined

# Smaller weights of posteriors, and errors of their average, are rounding.
SMALL = 1e-12

Line = Sequence[tuple[Belief, Sequence[Lifted]]]
"""The pieces of a mechanism at each belief about the sender."""


class Message(NamedTuple):
    """What a message leads to: a belief about the sender, a weight in it, and payoffs after it."""

    belief: Belief
    weight: float
    part: Lifted


class Plan(NamedTuple):
    """Messages, the items they choose, and the place of the message that each type sends."""

    used: set[int]
    messages: list[Message]
    source: tuple[int, ...]


def _splittings(axis: Sequence[Belief], belief: Belief) -> Iterator[list[tuple[Belief, float]]]:
    """Yield posteriors and their weights: fewest first, none of them an average of the others."""
    mass = np.array(mass_of(belief))
    inside = [q for q in axis if not np.array(mass_of(q))[mass == 0.0].any()]
    yield [(belief, 1.0)]
    for size in range(2, int((mass > 0.0).sum()) + 1):
        for posteriors in combinations(inside, size):
            weights = _weights(posteriors, belief)
            if weights is not None:
                yield list(zip(posteriors, weights, strict=True))


def _weights(posteriors: Sequence[Belief], belief: Belief) -> list[float] | None:
    """Return the weights with which posteriors average to a belief; None if all do not count."""
    if not isinstance(belief, tuple):
        q, r = posteriors
        assert not isinstance(q, tuple)
        assert not isinstance(r, tuple)
        return [(r - belief) / (r - q), (belief - q) / (r - q)] if q < belief < r else None
    columns = np.array([mass_of(q) for q in posteriors]).T
    weights, _, rank, _ = np.linalg.lstsq(columns, np.array(belief), rcond=None)
    missed = np.abs(columns @ weights - np.array(belief)).max()
    if rank < len(posteriors) or missed > SMALL or weights.min() <= SMALL:
        return None
    found: list[float] = weights.tolist()
    return found


def plans(lines: Sequence[Line], belief: Belief) -> Iterator[Plan]:
    """Yield messages: posteriors, and others without weight that types of no probability send."""
    axis = [q for q, _ in lines[0]]
    absent = [t for t, chance in enumerate(mass_of(belief)) if chance == 0.0]
    for split in _splittings(axis, belief):
        sends = [
            next((k for k, (q, _) in enumerate(split) if mass_of(q)[t] > 0.0), -1)
            for t in range(len(mass_of(belief)))
        ]
        # Each absent type sends one of the messages, or one of its own to some belief.
        own = [*range(len(split)), *axis]
        for choices in product(own, repeat=len(absent)):
            messages, source = list(split), list(sends)
            for t, choice in zip(absent, choices, strict=True):
                of_its_own = not isinstance(choice, int) or isinstance(choice, bool)
                source[t] = len(messages) if of_its_own else choice
                if of_its_own:
                    messages.append((choice, 0.0))
            yield from _with_pieces(lines, axis, messages, tuple(source))


def _with_pieces(
    lines: Sequence[Line],
    axis: Sequence[Belief],
    messages: Sequence[tuple[Belief, float]],
    source: tuple[int, ...],
) -> Iterator[Plan]:
    """Yield the plan with all items and pieces that messages can lead to."""
    places = [axis.index(q) for q, _ in messages]
    for used in product(range(len(lines)), repeat=len(messages)):
        pieces = [lines[a][k][1] for a, k in zip(used, places, strict=True)]
        for parts in product(*pieces):
            sent = [Message(q, w, part) for (q, w), part in zip(messages, parts, strict=True)]
            yield Plan(set(used), sent, source)


def chosen(plan: Plan, threats: Sequence[Lifted], own: Sequence[int], num: int) -> Lifted:
    """Return the payoffs of a plan in which every type of a player sends what is best for it.

    Parameters
    ----------
    plan
        The messages.
    threats
        What items that are not chosen would lead to.
    own, num
        The places of the player's payoffs among all, and how many there are.
    """
    messages = plan.messages
    parts = [*(message.part for message in messages), *threats]
    weights = []
    for place in range(len(parts)):
        matrix = np.zeros((num, num))
        for t, at in enumerate(own):
            matrix[at, at] = float(plan.source[t] == place)
        if place < len(messages):
            for at in set(range(num)) - set(own):
                matrix[at, at] = messages[place].weight
        weights.append(matrix)
    rows = []
    for place in range(len(parts)):
        for t, at in enumerate(own):
            if place == plan.source[t]:
                continue
            vectors: list[FloatArray | None] = [None] * len(parts)
            vectors[place], vectors[plan.source[t]] = unit(at, num), -unit(at, num)
            sends = place < len(messages) and messages[place].weight > 0.0
            rows.append((vectors, 0.0, sends and mass_of(messages[place].belief)[t] > 0.0))
    return combined(parts, weights, rows)


def unit(place: int, num: int) -> FloatArray:
    """Return a vector with a one at a place.

    Examples
    --------
    >>> unit(1, 3)
    array([0., 1., 0.])
    """
    found = np.zeros(num)
    found[place] = 1.0
    return found
