"""The sign of the participation slack of ex post efficiency over finite types, without rounding."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate
from typing import Any

from mechopt.environments import Environment

# A slack this small, in first bests, may have the wrong sign.
OPEN = 1e-9
MAX_CELLS = 20_000


def sign_of_slack(trade: Environment, slack: float) -> int:
    """Return the sign of the slack of the ex post efficient rule: 1, 0 or -1.

    Parameters
    ----------
    trade
        Bilateral trade of finite types, or of cells taken as they stand.
    slack
        The slack in floats, in money.

    Notes
    -----
    A slack that rounding could turn is computed again in fractions, where trade is without delay;
    with delay, where efficient quantities need not be rational, it counts as zero within rounding.
    Source: theory.md, section 3.3.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> fifths = TypeSpace.finite(["1/5", "2/5", "3/5", "4/5", 1])
    >>> sign_of_slack(BilateralTrade(fifths, fifths), -1e-17)  # exactly zero
    0
    """
    value, lower, upper = exact_slack_if_open(trade, slack)
    if lower <= 0.0 <= upper:
        return 0
    return 1 if value > 0.0 else -1


def exact_slack_if_open(trade: Environment, slack: float) -> tuple[float, float, float]:
    """Return the slack and bounds on it: zero only where it is zero, or rounding cannot tell.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> fifths = TypeSpace.finite(["1/5", "2/5", "3/5", "4/5", 1])
    >>> exact_slack_if_open(BilateralTrade(fifths, fifths), -1e-17)
    (0.0, 0.0, 0.0)
    """
    rounding = 1e-12 * trade.first_best
    if abs(slack) > OPEN * trade.first_best:
        return slack, slack - rounding, slack + rounding
    exchange = trade.outcomes.exchange
    if exchange is None or exchange.has_delay or sum(trade.shape) > MAX_CELLS:
        near = 0.0 if abs(slack) <= rounding else slack
        return near, near - rounding, near + rounding
    exact = exact_efficient_slack(trade)
    near = float(exact)
    if near == 0.0 and exact != 0:  # below the smallest float
        near = math.copysign(math.ulp(0.0), exact)
    return near, near, near


def exact_efficient_slack(trade: Environment) -> Fraction:
    """Return the slack of the ex post efficient rule of trade without delay, as a fraction.

    Types are what was given: fractions, decimals, or where neither is known the floats themselves.

    Notes
    -----
    Source: theory.md, sections 1 and 3.2: virtual valuations times interim quantities.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> sixths = TypeSpace.finite([f"{k}/6" for k in range(1, 7)])
    >>> exact_efficient_slack(BilateralTrade(sixths, sixths))
    Fraction(-5, 216)
    """
    from mechopt.types.prices.hull import as_given

    giver, receiver = as_given(*(agent.types for agent in trade.agents))
    none = Fraction(0)
    # Sellers below a value trade with it, and values above a cost with that; ties do not trade.
    sold = _beyond(list(giver.mean), list(receiver.mean), list(receiver.mass))
    bought = _below(list(receiver.mean), list(giver.mean), list(giver.mass))
    total = none
    head, end = none, none
    for upper, mass, quantity in zip(giver.upper, giver.mass, sold, strict=True):
        before, head = head, head + mass
        total -= (upper * head - end * before) * quantity
        end = upper
    tail, start = none, none
    for lower, mass, quantity in zip(
        reversed(receiver.lower), reversed(receiver.mass), reversed(bought), strict=True
    ):
        after, tail = tail, tail + mass
        total += (lower * tail - start * after) * quantity
        start = lower
    return total


def _beyond(points: Sequence[Any], others: Sequence[Any], mass: Sequence[Any]) -> list[Fraction]:
    """Return the mass of the others (in increasing order) above each point (likewise)."""
    tails = [*list(accumulate(reversed(mass)))[::-1], Fraction(0)]
    result, position = [], 0
    for point in points:
        while position < len(others) and others[position] <= point:
            position += 1
        result.append(tails[position])
    return result


def _below(points: Sequence[Any], others: Sequence[Any], mass: Sequence[Any]) -> list[Fraction]:
    """Return the mass of the others (in increasing order) below each point (likewise)."""
    heads = [Fraction(0), *accumulate(mass)]
    result, position = [], 0
    for point in points:
        while position < len(others) and others[position] < point:
            position += 1
        result.append(heads[position])
    return result
