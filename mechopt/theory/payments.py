"""Payments: from interim to ex post, and from a trading rule to both (Cramton 1985, Lemma 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mechopt.allocation import Table
from mechopt.arrays import FloatArray, shown
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError
from mechopt.mechanism import Mechanism
from mechopt.priors import TypeSpace


def largest_payment(types: TypeSpace, quantity: FloatArray, *, worst: str) -> FloatArray:
    """Return the largest interim payments that leave the worst-off type with nothing.

    Parameters
    ----------
    types
        The agent's type space.
    quantity : array of shape (num_cells,)
        Interim net quantity, nondecreasing.
    worst
        ``"lowest"`` if the lowest type is worst off (quantities of at least zero, a buyer),
        ``"highest"`` if the highest is (quantities of at most zero, a seller).

    Returns
    -------
    array of shape (num_cells,)
        Payments by type, in money.

    Notes
    -----
    Source: theory.md, section 3.4. From the worst type on, each neighbouring incentive constraint
    away from it binds: ``T[k] = T[k-1] + lower[k] (Q[k] - Q[k-1])`` going up, and
    ``T[k] = T[k+1] - upper[k] (Q[k+1] - Q[k])`` going down.

    Examples
    --------
    >>> largest_payment(TypeSpace.finite([1, 2]), np.array([0.0, 1.0]), worst="lowest")
    array([0., 2.])
    """
    steps = np.diff(quantity)
    if worst == "lowest":
        start = types.lower[0] * quantity[0]
        return np.concatenate([[start], start + np.cumsum(types.lower[1:] * steps)])
    start = types.upper[-1] * quantity[-1]
    rise = np.cumsum((types.upper[:-1] * steps)[::-1])[::-1]
    return np.concatenate([start - rise, [start]])


def payments_from_rule(
    trade: Environment,
    allocation: FloatArray,
    *,
    slack_to: str | Mapping[str, float] = "seller",
) -> Mechanism:
    """Return the mechanism with a given trading rule and the payments of Lemma 4.

    Parameters
    ----------
    trade
        A bilateral trade environment.
    allocation : array of shape (num_seller_types, num_buyer_types)
        Probability of trade in every profile. Its interim expectation must fall in the seller's
        type and rise in the buyer's.
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
    >>> from mechopt import BilateralTrade
    >>> types = TypeSpace.finite([0, 1])
    >>> mechanism = payments_from_rule(BilateralTrade(types, types), np.array([[0, 1], [0, 0]]))
    >>> mechanism.payment_of("buyer")
    array([0. , 0.5])
    """
    rule = np.asarray(allocation, dtype=np.float64)
    if rule.shape != trade.shape:
        raise InvalidInputError(
            "not a rule for these type spaces",
            where="allocation",
            expected=f"an array of shape {trade.shape}",
            got=f"shape {rule.shape}",
            remedy="Give one probability per pair of seller and buyer type.",
        )
    table = Table(rule[np.newaxis])
    quantities = trade.interim_quantities(table.values)
    for agent, quantity in zip(trade.agents, quantities, strict=True):
        _check_monotone(agent.name, quantity)
    shares = _shares([agent.name for agent in trade.agents], slack_to)
    payments = [
        largest_payment(trade.agents[0].types, quantities[0], worst="highest"),
        largest_payment(trade.agents[1].types, quantities[1], worst="lowest"),
    ]
    slack = sum(float(mass @ payment) for mass, payment in zip(trade.masses, payments, strict=True))
    interim = tuple(
        payment - share * slack for payment, share in zip(payments, shares, strict=True)
    )
    return Mechanism(trade, table, interim, ex_post_payments(trade, table.values, interim))


def ex_post_payments(
    environment: Environment, allocation: FloatArray, interim: Sequence[FloatArray]
) -> FloatArray:
    """Return ex post payments with given interim payments whose sum varies only with the cost.

    In every profile they sum to the cost of the outcome plus the expected surplus of the interim
    payments; with a balanced budget, to exactly the cost (zero for trade).

    Parameters
    ----------
    environment
        At least two agents with independent types.
    allocation : array of shape (num_variables, *environment.shape)
        The outcome of every profile.
    interim
        Interim payments, one array per agent.

    Returns
    -------
    array of shape (num_agents, *environment.shape)
        What each agent pays in every profile, in money.

    Notes
    -----
    Source: theory.md, section 1. Each agent pays its interim payment and receives an equal share
    of the others', less their mean; with a cost, its share of the cost's surprise comes on top.

    Examples
    --------
    >>> from mechopt import BilateralTrade
    >>> types = TypeSpace.finite([0, 1])
    >>> trade = BilateralTrade(types, types)
    >>> payments = ex_post_payments(
    ...     trade, np.zeros((1, 2, 2)), [np.array([-1, 0]), np.array([0, 1])]
    ... )
    >>> payments[1]
    array([[ 0.5,  1.5],
           [-0.5,  0.5]])
    """
    agents = range(len(environment.agents))
    share = 1.0 / (len(environment.agents) - 1)
    cost = np.tensordot(environment.outcomes.cost, allocation, axes=1)
    surprise = (cost - environment.expectation(cost)) / len(environment.agents)
    private = [interim[i] - environment.interim(i, surprise) for i in agents]
    payments = np.empty((len(environment.agents), *environment.shape))
    for i in agents:
        payments[i] = surprise
        for j in agents:
            values = private[j]
            if j != i:
                values = -share * (values - environment.masses[j] @ values)
            payments[i] += _along(values, j, len(environment.agents))
    return payments


def _along(values: FloatArray, axis: int, num_axes: int) -> FloatArray:
    """Return a vector shaped to vary along one axis of an array over the profiles."""
    shape = [1] * num_axes
    shape[axis] = values.size
    return values.reshape(shape)


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
