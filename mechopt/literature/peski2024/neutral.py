"""Myerson's neutral bargaining solution for two types on each side, to compare with."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations

from mechopt.literature.peski2024.outer_set import OuterSet
from mechopt.literature.peski2024.two_types import Pair, TwoTypes, weighed

Line = tuple[Fraction, Fraction, Fraction]
"""Numbers a, b, c of all weights (k, m) with ``a k + b m = c``."""


def neutral_payoffs(game: TwoTypes, high_1: Fraction, high_2: Fraction) -> tuple[Pair, Pair] | None:
    """Return payoffs of both players' types that are neutral; None if no bend has such.

    With weights on the types, and the multipliers of incentives that go with them, each player is
    owed its share of the virtual surplus (half of it in the source, its chance to propose here).
    Where payoffs that are owed so are feasible, they are neutral.

    Parameters
    ----------
    game
        Types and chances to propose, in fractions.
    high_1, high_2
        Probabilities of the high types, above 0 and below 1.

    Notes
    -----
    Weights are sought where the support function bends, exactly; the first that are found count.
    Source: Myerson (1984), Econometrica 52, 461-487; theory.md, section 4.6.

    Examples
    --------
    >>> F = Fraction
    >>> game = TwoTypes((F(0), F(2)), (F(1), F(3)), F(1, 2))
    >>> [tuple(map(str, pair)) for pair in neutral_payoffs(game, F(4, 5), F(3, 5))]
    [('11/10', '13/10'), ('9/10', '3/2')]
    """
    mass = [1 - high_1, high_1], [1 - high_2, high_2]
    for weights in sorted(set(_bends(game, (high_1, high_2)))):
        owed = _owed(game, weights, (high_1, high_2))
        if not OuterSet((game.first, game.second), mass, owed).is_empty:
            return owed
    return None


def _owed(game: TwoTypes, weights: Pair, beliefs: Pair) -> tuple[Pair, Pair]:
    """Return what the types are owed at weights of the high types."""
    virtual = [
        [total / mass for total, mass in zip(pair, (1 - high, high), strict=True)]
        for pair, high in zip(_virtual(game, weights, beliefs), beliefs, strict=True)
    ]
    best = [[max(Fraction(0), a, b) for b in virtual[1]] for a in virtual[0]]
    found = []
    for i, share in enumerate((game.chance, 1 - game.chance)):
        rows = best if i == 0 else list(zip(*best, strict=True))
        low, high = (share * weighed(beliefs[1 - i], (row[0], row[1])) for row in rows)
        weight, belief = weights[i], beliefs[i]
        # The high type is owed more by whoever could imitate it, and the low type likewise.
        if weight <= belief:
            low = ((1 - belief) * low + (belief - weight) * high) / (1 - weight)
        else:
            high = (belief * high + (weight - belief) * low) / weight
        found.append((low, high))
    return found[0], found[1]


def _virtual(game: TwoTypes, weights: Pair, beliefs: Pair) -> tuple[Pair, Pair]:
    """Return virtual values times probabilities, by player and type."""
    found = []
    for (low, high), weight, belief in zip(
        (game.first, game.second), weights, beliefs, strict=True
    ):
        more, less = max(weight - belief, 0), max(belief - weight, 0)
        step = high - low
        found.append(((1 - belief) * low - less * step, belief * high + more * step))
    return found[0], found[1]


def _bends(game: TwoTypes, beliefs: Pair) -> Iterator[Pair]:
    """Yield the weights at which the support function's edges meet."""
    corners = (Fraction(0), Fraction(1))
    for k_range in ((corners[0], beliefs[0]), (beliefs[0], corners[1])):
        for m_range in ((corners[0], beliefs[1]), (beliefs[1], corners[1])):
            lines = list(_lines(game, beliefs, k_range, m_range))
            for (a, b, c), (d, e, f) in combinations(lines, 2):
                area = a * e - b * d
                if not area:
                    continue
                k, m = (c * e - b * f) / area, (a * f - c * d) / area
                if k_range[0] <= k <= k_range[1] and m_range[0] <= m <= m_range[1]:
                    yield k, m


def _lines(game: TwoTypes, beliefs: Pair, k_range: Pair, m_range: Pair) -> Iterator[Line]:
    """Yield the edges of the support function in a rectangle in which virtual values are linear."""
    one, none = Fraction(1), Fraction(0)
    for end in (0, 1):
        yield one, none, k_range[end]
        yield none, one, m_range[end]
    at_start = _virtual(game, (k_range[0], m_range[0]), beliefs)
    at_end = _virtual(game, (k_range[1], m_range[1]), beliefs)
    slopes, constants = [], []
    for i, (start, end) in enumerate((k_range, m_range)):
        rise = [(y - x) / (end - start) for x, y in zip(at_start[i], at_end[i], strict=True)]
        slopes.append(rise)
        constants.append([x - s * start for x, s in zip(at_start[i], rise, strict=True)])
    mass = [(1 - belief, belief) for belief in beliefs]
    for x in (0, 1):
        yield slopes[0][x], none, -constants[0][x]
        yield none, slopes[1][x], -constants[1][x]
        for y in (0, 1):
            level = constants[1][y] * mass[0][x] - constants[0][x] * mass[1][y]
            yield slopes[0][x] * mass[1][y], -slopes[1][y] * mass[0][x], level
