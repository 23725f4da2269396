"""Rules in which each agent trades at a price of its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mechopt.environments import Environment
from mechopt.mechanism.allocation import PointwiseRule
from mechopt.mechanism.mechanism import Mechanism
from mechopt.types import TypeSpace

# Payments are written out by profile, and audited so, up to this many numbers.
MOST_WRITTEN = 300_000


def at_own_prices(
    environment: Environment, rule: PointwiseRule, prices: Sequence[float]
) -> Mechanism:
    """Return a rule in which each agent pays a price of its own per unit of its net quantity."""
    quantities = zip(prices, rule.interim_quantities(environment), strict=True)
    paid = tuple(own * quantity for own, quantity in quantities)
    by_profile = None
    if environment.num_profiles * len(prices) <= MOST_WRITTEN:
        along = np.reshape(prices, (-1, *(1,) * len(prices)))
        by_profile = along * environment.net_quantities(rule.dense(environment))
    return Mechanism(environment, rule, paid, by_profile)


def first_of(types: TypeSpace, price: float) -> float:
    """Return what those pay who accept a price: that, or where their first cell begins.

    Examples
    --------
    >>> first_of(TypeSpace.finite([1, 3]), 2.0)
    2.0
    """
    accept = types.lower >= price
    return price if types.is_finite or not accept.any() else float(types.lower[accept][0])
