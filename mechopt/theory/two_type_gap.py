"""Closed forms of player 1's gap in bargaining with two types on each side."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from numbers import Rational
from typing import Any

import numpy as np

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
    given = (low_1, high_1, low_2, high_2, proposer_probability)
    kind: Any = Fraction if all(isinstance(number, Rational) for number in given) else float
    l1, h1, l2, h2, x = map(kind, given)
    _check(l1, h1, l2, h2, x)
    zero = kind(0)
    degenerate = not 0 < x < 1 or l1 == h1 or l2 == h2
    if degenerate or h1 >= h2 or l1 == l2:
        return TwoTypeGap(zero, zero, zero, zero)
    peak_2 = (l2 - l1) / (h2 - l1)
    if l2 < h1:
        peak_1 = x / (x + (1 - x) * (h2 - h1) / (h2 - l2))
        delta = x * (1 - x) * (h2 - l2) / (h2 - l1) * (l2 - l1)
        delta = delta * (h2 - h1) / (h2 - x * l2 - (1 - x) * h1)
        return TwoTypeGap(delta, peak_1, peak_2, zero)
    delta = x * (1 - x) * (h2 - l2) * (h1 - l1) / (h2 - l1)
    return TwoTypeGap(delta, x, peak_2, (l2 - h1) / (h2 - h1))


def _hat(belief: Any, peak: Any, floor: Any) -> Any:
    """Return the function that rises from 0 at the floor to 1 at the peak and falls to 0 at 1."""
    rising, falling = (belief - floor) / (peak - floor), (1 - belief) / (1 - peak)
    if isinstance(belief, np.ndarray):
        return np.maximum(np.minimum(rising, falling), 0.0)
    return max(min(rising, falling), 0 * peak)


def _check(l1: Any, h1: Any, l2: Any, h2: Any, x: Any) -> None:
    if not (0 <= l1 <= l2 and l1 <= h1 and l2 <= h2 and 0 <= x <= 1):
        raise InvalidInputError(
            "types out of order",
            where="types",
            expected="0 <= low_1 <= low_2, each low type at most its high type, and a probability",
            got=f"({l1}, {h1}), ({l2}, {h2}) and probability {x}",
            remedy="Exchange the players if player 2 has the lower low type.",
        )
