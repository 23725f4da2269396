"""Closed forms of player 1's gap in bargaining with two types on each side."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from numbers import Rational, Real
from typing import Any

import numpy as np

from mechopt._util.rationals import as_fraction
from mechopt.errors import InvalidInputError


@dataclass(frozen=True)
class TwoTypeGap:
    """Player 1's gap as a function of beliefs: ``delta`` times two hats, one in each belief.

    Numbers are floats or fractions, as those that it was made from.

    Parameters
    ----------
    delta
        The largest gap over all beliefs, in money; zero if there is none.
    peak_1, peak_2
        Probabilities of the high type at which it is reached, p_1* and p_2*.
    floor_2
        Probability of player 2's high type up to which there is no gap, p_2**; zero in the case
        that player 2's low type is below player 1's high type.

    Examples
    --------
    >>> from mechopt.peski2024 import two_type_gap
    >>> gap = two_type_gap(0.0, 2.0, 1.0, 3.0, proposer_probability=0.5)
    >>> gap.at(0.5, 0.5), gap.at(0.5, 0.2)
    (0.0625, 0.05)
    """

    delta: Any
    peak_1: Any
    peak_2: Any
    floor_2: Any

    def at(self, high_1: Any, high_2: Any) -> Any:
        """Return the gap at probabilities of the high types, in money; arrays broadcast."""
        if not self.delta:
            # Beliefs enter by their shape only; thresholds may be undefined.
            return 0 * (high_1 + high_2)
        first = _hat(high_1, self.peak_1, 0 * self.delta)
        return first * _hat(high_2, self.peak_2, self.floor_2) * self.delta


def two_type_gap(
    low_1: Any, high_1: Any, low_2: Any, high_2: Any, *, proposer_probability: Any
) -> TwoTypeGap:
    """Return player 1's gap in closed form.

    Parameters
    ----------
    low_1, high_1, low_2, high_2
        The types, in money, with ``0 <= low_1 <= low_2`` and no low type above the high one. If
        they and the probability are whole numbers or fractions, so is the result; else floats.
    proposer_probability
        Probability that player 1 proposes.

    Raises
    ------
    InvalidInputError
        For types that are not in that order.

    Notes
    -----
    Source: theory.md, section 4; Pęski (2024) and its working paper of January 2024.

    Examples
    --------
    >>> two_type_gap(0.0, 0.5, 0.5, 1.0, proposer_probability=0.5).delta
    0.0625
    """
    l1, h1, l2, h2, x = _numbers((low_1, high_1, low_2, high_2, proposer_probability))
    unit = h2 or 1
    found = bonus((l1 / unit, h1 / unit), (l2 / unit, h2 / unit))
    if found is None or not 0 < x < 1:
        zero = 0 * x
        return TwoTypeGap(zero, zero, zero, zero)
    peak_1 = found.peak_1(x)
    # The same as with the bonus of the low type, and no difference of nearly equal numbers.
    return TwoTypeGap(unit * peak_1 * (1 - x) * found.high, peak_1, found.peak_2, found.floor_2)


@dataclass(frozen=True)
class Bonus:
    """What the gap is made of: player 1's bonus by type where it is sure of a share x.

    Above the peak in its own belief player 1's low type gets ``x * low`` more than its bound, below
    it the high type ``(1 - x) * high``, both times a hat in the belief about player 2.

    Parameters
    ----------
    low, high
        The two numbers, in money.
    peak_2, floor_2
        Where the hat is 1, and up to where it is 0.
    """

    low: Any
    high: Any
    peak_2: Any
    floor_2: Any

    def peak_1(self, share: Any) -> Any:
        """Return the probability of player 1's high type at which both are worth the same."""
        if self.low == self.high:
            return share
        return share / (share + (1 - share) * (self.high / self.low))

    def hat(self, high_2: Any) -> Any:
        """Return the hat at a probability of player 2's high type; arrays broadcast."""
        return _hat(high_2, self.peak_2, self.floor_2)


def bonus(first: tuple[Any, Any], second: tuple[Any, Any]) -> Bonus | None:
    """Return what the gap of two pairs of types is made of, or None if there is none.

    Parameters
    ----------
    first, second
        Low and high type of each player, ``first[0] <= second[0]``.

    Notes
    -----
    Source: theory.md, section 4.3.

    Examples
    --------
    >>> bonus((0.0, 2.0), (1.0, 3.0))
    Bonus(low=0.6666666666666666, high=0.3333333333333333, peak_2=0.3333333333333333, floor_2=0.0)
    """
    (l1, h1), (l2, h2) = first, second
    if l1 == h1 or l2 == h2 or h1 >= h2 or l1 >= l2:
        return None
    peak_2 = (l2 - l1) / (h2 - l1)
    if l2 < h1:
        return Bonus((h2 - l2) * peak_2, (h2 - h1) * peak_2, peak_2, 0 * peak_2)
    same = (h2 - l2) / (h2 - l1) * (h1 - l1)
    return Bonus(same, same, peak_2, (l2 - h1) / (h2 - h1))


def _hat(belief: Any, peak: Any, floor: Any) -> Any:
    """Return the function that rises from 0 at the floor to 1 at the peak and falls to 0 at 1."""
    # Types that are nearly equal can put the peak on an end; that side is a step then.
    rising = (belief - floor) / (peak - floor) if peak > floor else 1 * (belief >= floor)
    falling = (1 - belief) / (1 - peak) if peak < 1 else 1 * (belief < 1)
    if isinstance(belief, np.ndarray):
        return np.maximum(np.minimum(rising, falling), 0.0)
    return max(min(rising, falling), 0 * peak)


def _numbers(given: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return types and probability, all as fractions or all as floats, if they make sense."""
    read = [as_fraction(value) if isinstance(value, str) else value for value in given]
    usable = all(isinstance(value, Real) and not isinstance(value, bool) for value in read)
    if not usable or not all(math.isfinite(value) for value in read):
        raise _fault("not numbers", "four types and a probability", given, "Give numbers.")
    exact = all(isinstance(value, Rational) for value in read)
    l1, h1, l2, h2, x = (Fraction(value) if exact else float(value) for value in read)
    if not 0 <= x <= 1:
        raise InvalidInputError(
            "not a probability",
            where="proposer_probability",
            expected="a number from 0 to 1",
            got=f"{given[-1]}",
            remedy="Give the probability that player 1 proposes.",
        )
    if min(l1, l2) < 0 or l1 > h1 or l2 > h2:
        expected = "types of at least 0, a player's low type first"
        raise _fault("not low and high types", expected, given, "Correct them.")
    if l1 > l2:
        expected = "a low type of player 1 that is not above player 2's"
        remedy = "Exchange the players and the proposer probability."
        raise _fault("player 1 is not the player with the lower low type", expected, given, remedy)
    return l1, h1, l2, h2, x


def _fault(what: str, expected: str, given: tuple[Any, ...], remedy: str) -> InvalidInputError:
    got = "({}, {}) and ({}, {})".format(*given[:4])
    return InvalidInputError(what, where="types", expected=expected, got=got, remedy=remedy)
