"""Problems whose data are fractions."""

from __future__ import annotations

from fractions import Fraction

from scipy import stats

import mechopt as mo
from mechopt.errors import InvalidInputError

from .cases import FIXED


def grid(size):
    return mo.TypeSpace.finite([Fraction(k, size) for k in range(1, size + 1)])


def uniform_trade(size):
    return mo.BilateralTrade(grid(size), grid(size))


def is_rational(trade):
    try:
        return bool([agent.in_fractions() for agent in trade.agents])
    except InvalidInputError:
        return False


RATIONAL = {name: trade for name, trade in FIXED.items() if is_rational(trade)}
RATIONAL |= {
    "cells-of-fractions": mo.BilateralTrade(
        mo.TypeSpace.from_distribution(stats.uniform(0.1, 0.7), 6),
        mo.TypeSpace.from_distribution(stats.uniform(0, 1), 7).scaled(3.0),
    ),
    "sample-of-fractions": mo.BilateralTrade(
        mo.TypeSpace.from_samples(["1/3", "2/7", 1, "1/3"]), grid(5)
    ),
    "two-dates": mo.environments.on_dates(mo.BilateralTrade(grid(3), grid(4), 2.0, 1.0), 2),
    "three-dates": mo.environments.on_dates(mo.BilateralTrade(grid(3), grid(3), 0.5, 1.5), 3),
    "impatient-seller": mo.BilateralTrade(grid(3), grid(4), float("inf"), 1.0),
}
