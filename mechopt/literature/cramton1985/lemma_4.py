"""From a trading rule to a mechanism with payments (Cramton 1985, Lemma 4)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, shown
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError, require
from mechopt.mechanism.allocation import Table
from mechopt.mechanism.mechanism import Mechanism
from mechopt.mechanism.payments import ex_post_payments, largest_payment

# Of sums of payments, relative to their terms.
ROUNDING = 16 * float(np.finfo(np.float64).eps)


def payments_from_rule(
    trade: Environment,
    allocation: npt.ArrayLike,
    *,
    slack_to: str | Mapping[str, float] = "seller",
) -> Mechanism:
    """Return the mechanism with a given trading rule and the payments of Lemma 4.

    Parameters
    ----------
    trade
        A bilateral trade environment.
    allocation : array of shape (num_seller_types, num_buyer_types)
        Probability of trade in every profile; with delay, two such arrays, the seller's and the
        buyer's discounted probabilities. Their interim expectations must fall in the seller's type
        and rise in the buyer's.
    slack_to
        Who gets the participation slack (the gains left when the highest cost and the lowest
        value just take part): ``"seller"``, ``"buyer"``, or shares by name that sum to one.

    Returns
    -------
    Mechanism
        With interim and ex post payments. It is individually rational if and only if the slack is
        at least zero; :func:`mechopt.audit` says so.

    Raises
    ------
    InvalidInputError
        For a rule of the wrong shape or not monotone, and for shares that do not sum to one.

    Notes
    -----
    Source: theory.md, section 3.4; Cramton (1985), Lemma 4, with the sign of the third term
    corrected. On cells the integrals become sums over neighbouring cells.

    Examples
    --------
    >>> import numpy as np
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([0, 1])
    >>> mechanism = payments_from_rule(BilateralTrade(types, types), np.array([[0, 1], [0, 0]]))
    >>> mechanism.payment_of("buyer")
    array([0. , 0.5])
    """
    require(trade, Environment, where="trade", remedy="Pass a BilateralTrade.")
    trade.require_independent("payments of Lemma 4")
    table = Table(_rule(trade, allocation))
    quantities = trade.interim_quantities(table.values)
    for agent, quantity in zip(trade.agents, quantities, strict=True):
        _check_monotone(agent.name, quantity)
    shares = _shares([agent.name for agent in trade.agents], slack_to)
    payments = [
        largest_payment(trade.agents[0].types, quantities[0], worst="highest"),
        largest_payment(trade.agents[1].types, quantities[1], worst="lowest"),
    ]
    slack = size = 0.0
    for mass, payment in zip(trade.masses, payments, strict=True):
        slack += float(mass @ payment)
        size += float(mass @ np.abs(payment))
    # What rounding leaves is no slack: shared out, it would leave somebody short.
    slack = 0.0 if abs(slack) <= ROUNDING * size else slack
    interim = tuple(
        payment - share * slack for payment, share in zip(payments, shares, strict=True)
    )
    return Mechanism(trade, table, interim, ex_post_payments(trade, table.values, interim))


def _rule(trade: Environment, allocation: npt.ArrayLike) -> FloatArray:
    """Return the rule as outcomes of every profile, or say what is wrong with it."""
    variables = trade.outcomes.variables
    full = (len(variables), *trade.shape)
    try:
        rule = np.asarray(allocation, dtype=np.float64)
    except (TypeError, ValueError):
        rule = np.zeros(0)
    wanted = trade.shape if len(variables) == 1 else full
    problem = None
    if rule.shape != wanted:
        problem = ("not a rule for these type spaces", f"{shown(allocation)}")
        if rule.size:
            problem = ("not a rule for these type spaces", f"shape {rule.shape}")
    elif not ((rule >= -1e-12) & (rule <= 1.0 + 1e-12)).all():
        outside = rule[~((rule >= -1e-12) & (rule <= 1.0 + 1e-12))]
        problem = ("not probabilities", f"{outside[0]:.6g}")
    if problem is not None:
        raise InvalidInputError(
            problem[0],
            where="allocation",
            expected=f"an array of shape {wanted} with numbers from 0 to 1",
            got=problem[1],
            remedy=f"Give {' and '.join(variables)} for every pair of seller and buyer type.",
        )
    return rule.reshape(full)


def _shares(names: list[str], slack_to: str | Mapping[str, float]) -> list[float]:
    given = {slack_to: 1.0} if isinstance(slack_to, str) else dict(slack_to)
    valid = set(given) <= set(names) and abs(sum(given.values()) - 1.0) <= 1e-12
    if not valid:
        raise InvalidInputError(
            "not a way to split the slack",
            where="slack_to",
            expected=f"one of {', '.join(names)}, or shares by name that sum to 1",
            got=shown(slack_to),
            remedy='For example slack_to={"seller": 0.5, "buyer": 0.5}.',
        )
    return [float(given.get(name, 0.0)) for name in names]


def _check_monotone(name: str, quantity: FloatArray) -> None:
    falls = np.flatnonzero(np.diff(quantity) < -1e-12)
    if falls.size:
        cell = int(falls[0])
        raise InvalidInputError(
            f"no payments make this rule incentive compatible for the {name}",
            where="allocation",
            expected="an interim net quantity that never falls in the agent's own type",
            got=f"{quantity[cell]:.12g} at type {cell} and {quantity[cell + 1]:.12g} at the next",
            remedy="Iron the rule, or solve for the best one.",
        )
