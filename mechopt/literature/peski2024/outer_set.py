"""Payoffs that a player's proposal can have, given what both are sure of: an outer set, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from mechopt.literature.peski2024.small_programs import SmallProgram

ByType = tuple[Sequence[Fraction], Sequence[Fraction]]
"""A number for each type of player 1, and for each of player 2."""


class OuterSet:
    """Payoffs of incentive-compatible mechanisms without a deficit, above given payoffs.

    Parameters
    ----------
    types, mass
        Types in increasing order, in money, and their probabilities, all above zero.
    sure
        What each type gets at least.
    at_least
        Weights of player 1's types and what they make at least, or None.

    Examples
    --------
    >>> types, half = ((Fraction(0), Fraction(2)), (Fraction(1), Fraction(3))), [Fraction(1, 2)] * 2
    >>> sure = ((Fraction(3, 4), Fraction(5, 4)), (Fraction(3, 4), Fraction(3, 2)))
    >>> OuterSet(types, (half, half), sure).most((half, (Fraction(0), Fraction(0))))
    Fraction(17, 16)
    """

    def __init__(
        self,
        types: ByType,
        mass: ByType,
        sure: ByType,
        at_least: tuple[Sequence[Fraction], Fraction] | None = None,
    ) -> None:
        self._sure = sure
        self._sizes = len(types[0]), len(types[1])
        matrix, limits = _requirements(types, mass, sure)
        self._money = [*matrix[-1], limits[-1]]
        if at_least is not None:
            weights, least = at_least
            row = self._row((weights, [Fraction(0)] * self._sizes[1]))
            matrix.append([-value for value in row])
            limits.append(sum(w * u for w, u in zip(weights, sure[0], strict=True)) - least)
        self._program = SmallProgram(matrix, limits)

    @property
    def is_empty(self) -> bool:
        """Whether no mechanism gives all that much."""
        return self._program.is_empty

    def most(self, direction: ByType) -> Fraction:
        """Return the largest weighted sum of payoffs, one weight for each type."""
        found = self._program.most(self._row(direction))
        if found is None:
            raise ArithmeticError("payoffs of a budget have a largest sum")
        return found + sum(
            w * u
            for weights, payoffs in zip(direction, self._sure, strict=True)
            for w, u in zip(weights, payoffs, strict=True)
        )

    def spare(self) -> Fraction:
        """Return how much money can be left over; the set must not be empty."""
        *goods, _ = self._money
        found = self._program.most([-value for value in goods])
        assert found is not None
        return self._money[-1] + found

    def payoffs(self) -> ByType:
        """Return the payoffs of the last answer, by type."""
        beyond = self._program.point()[2 * self._sizes[0] * self._sizes[1] :]
        parts = beyond[: self._sizes[0]], beyond[self._sizes[0] :]
        first, second = (
            [u + more for u, more in zip(sure, part, strict=True)]
            for sure, part in zip(self._sure, parts, strict=True)
        )
        return first, second

    def _row(self, direction: ByType) -> list[Fraction]:
        goods = [Fraction(0)] * (2 * self._sizes[0] * self._sizes[1])
        return [*goods, *direction[0], *direction[1]]


def _requirements(
    types: ByType, mass: ByType, sure: ByType
) -> tuple[list[list[Fraction]], list[Fraction]]:
    """Return rows and limits on who gets the good, and on payoffs above what is sure.

    Variables are the probabilities of a profile and that player 1, or player 2, gets the good in
    it, then what each type gets beyond what it is sure of.
    """
    sizes = len(types[0]), len(types[1])
    cells = sizes[0] * sizes[1]
    width = 2 * cells + sum(sizes)
    matrix: list[list[Fraction]] = []
    limits: list[Fraction] = []

    def row(entries: dict[int, Any], limit: Fraction) -> None:
        matrix.append([Fraction(entries.get(j, 0)) for j in range(width)])
        limits.append(limit)

    def goods(i: int, k: int, factor: Fraction) -> dict[int, Fraction]:
        """Return how often type k of player i gets the good, times a factor."""
        places = range(sizes[1 - i])
        at = [k * sizes[1] + y if i == 0 else y * sizes[1] + k for y in places]
        return {i * cells + place: factor / mass[i][k] for place in at}

    for x in range(sizes[0]):
        for y in range(sizes[1]):
            at = x * sizes[1] + y
            row({at: 1, cells + at: 1}, mass[0][x] * mass[1][y])
    surplus: dict[int, Fraction] = {}
    for i in (0, 1):
        start = 2 * cells + i * sizes[0]
        for k, (one, other) in enumerate(zip(types[i], types[i][1:], strict=False)):
            step, rise = other - one, sure[i][k + 1] - sure[i][k]
            here, above = start + k, start + k + 1
            row({**goods(i, k, step), here: 1, above: -1}, rise)
            row({**goods(i, k + 1, -step), here: -1, above: 1}, -rise)
        for k, value in enumerate(types[i]):
            surplus |= {
                j: -value * mass[i][k] * share for j, share in goods(i, k, Fraction(1)).items()
            }
            surplus[start + k] = mass[i][k]
    paid = sum(
        m * u for ms, us in zip(mass, sure, strict=True) for m, u in zip(ms, us, strict=True)
    )
    row(surplus, -Fraction(paid))
    return matrix, limits
