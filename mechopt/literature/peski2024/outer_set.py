"""Payoffs that a player's proposal can have, given what both are sure of: an outer set, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate, product
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

    Notes
    -----
    Chances to get the good that do not fall in the type belong to an allocation if, for all pairs
    of types, those from there on get it no more often than one of them is there (Border 1991).

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
        self._goods = [Fraction(0)] * sum(self._sizes)
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
        beyond = self._program.point()[len(self._goods) :]
        parts = beyond[: self._sizes[0]], beyond[self._sizes[0] :]
        first, second = (
            [u + more for u, more in zip(sure, part, strict=True)]
            for sure, part in zip(self._sure, parts, strict=True)
        )
        return first, second

    def _row(self, direction: ByType) -> list[Fraction]:
        return [*self._goods, *direction[0], *direction[1]]


def _requirements(
    types: ByType, mass: ByType, sure: ByType
) -> tuple[list[list[Fraction]], list[Fraction]]:
    """Return rows and limits on who gets the good, and on payoffs above what is sure.

    Variables are the probabilities that a player has a type and gets the good, then what each type
    gets beyond what it is sure of.
    """
    sizes = len(types[0]), len(types[1])
    num = sum(sizes)
    matrix: list[list[Fraction]] = []
    limits: list[Fraction] = []

    def row(entries: dict[int, Any], limit: Fraction) -> None:
        matrix.append([Fraction(entries.get(j, 0)) for j in range(2 * num)])
        limits.append(limit)

    below = [list(accumulate(own, initial=Fraction(0))) for own in mass]
    for x, y in product(range(sizes[0] + 1), range(sizes[1] + 1)):
        places = [*range(x, sizes[0]), *range(sizes[0] + y, num)]
        if places:
            row(dict.fromkeys(places, 1), 1 - below[0][x] * below[1][y])
    surplus: dict[int, Fraction] = {}
    for i, start in enumerate((0, sizes[0])):
        for k, value in enumerate(types[i]):
            here = start + k
            surplus[here], surplus[num + here] = -value, mass[i][k]
            if k + 1 == sizes[i]:
                continue
            step, rise = types[i][k + 1] - value, sure[i][k + 1] - sure[i][k]
            up = {num + here: 1, num + here + 1: -1}
            row({here: step / mass[i][k], **up}, rise)
            down = {place: -sign for place, sign in up.items()}
            row({here + 1: -step / mass[i][k + 1], **down}, -rise)
    paid = sum(
        m * u for ms, us in zip(mass, sure, strict=True) for m, u in zip(ms, us, strict=True)
    )
    row(surplus, -Fraction(paid))
    return matrix, limits
