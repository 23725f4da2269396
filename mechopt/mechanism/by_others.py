"""What an agent gets and pays by its own type and what the others' types are, or their counts."""

from __future__ import annotations

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.mechanism.counts_rule import CountsPayments, CountsRule
from mechopt.mechanism.mechanism import Mechanism
from mechopt.types.prior import own_first


def is_by_counts(mechanism: Mechanism) -> bool:
    """Return whether outcomes and payments are those of identical agents by counts."""
    return isinstance(mechanism.allocation, CountsRule) and mechanism.by_counts is not None


def quantity_by_others(mechanism: Mechanism, i: int) -> FloatArray:
    """Return an agent's net quantity by own type, and by profile or state of the others.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> from mechopt.cramton1985 import posted_price
    >>> types = TypeSpace.finite([0, 1])
    >>> quantity_by_others(posted_price(BilateralTrade(types, types), 0.75), 1)
    array([[0., 0.],
           [1., 0.]])
    """
    environment, rule = mechanism.environment, mechanism.allocation
    if is_by_counts(mechanism) and isinstance(rule, CountsRule):
        return rule.quantity_in(environment)
    return own_first(i, environment.net_quantities(rule.dense(environment))[i])


def payment_by_others(mechanism: Mechanism, i: int) -> FloatArray:
    """Return what an agent pays, in the same order."""
    paid = mechanism.ex_post_payment
    if is_by_counts(mechanism) and isinstance(paid, CountsPayments):
        return paid.values
    return own_first(i, mechanism.ex_post_payments()[i])


def profile_by_others(mechanism: Mechanism, i: int, own: int, place: int) -> list[int]:
    """Return the positions of all agents' types at one place of that order; one of a state's."""
    environment, counted = mechanism.environment, mechanism.by_counts
    if counted is not None and is_by_counts(mechanism):
        return counted.require_fits(environment).profile(i, own, place)
    others = environment.shape[:i] + environment.shape[i + 1 :]
    cells = [int(cell) for cell in np.unravel_index(place, others)]
    return [*cells[:i], own, *cells[i:]]
