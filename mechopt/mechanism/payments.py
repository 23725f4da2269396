"""Payments on arrays: the largest that incentives allow, and from interim to ex post."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mechopt._util.arrays import FloatArray, in_blocks
from mechopt.environments import Environment
from mechopt.types import TypeSpace


def largest_payment(
    types: TypeSpace, quantity: FloatArray, *, worst: str, axis: int = -1
) -> FloatArray:
    """Return the largest payments that leave the worst-off type with nothing.

    Interim payments of interim quantities; or those of every profile, of quantities by profile.

    Parameters
    ----------
    types
        The agent's type space.
    quantity : array of shape (num_cells,), or over the profiles
        Net quantity, nondecreasing in the agent's own type.
    worst
        ``"lowest"`` if the lowest type is worst off (quantities of at least zero, a buyer),
        ``"highest"`` if the highest is (quantities of at most zero, a seller).
    axis
        The axis of the agent's own types.

    Returns
    -------
    array of the shape of the quantities
        Payments, in money.

    Notes
    -----
    Source: theory.md, section 3.4. From the worst type on, each neighbouring incentive constraint
    away from it binds: ``T[k] = T[k-1] + lower[k] (Q[k] - Q[k-1])`` going up, and
    ``T[k] = T[k+1] - upper[k] (Q[k+1] - Q[k])`` going down.

    Examples
    --------
    >>> largest_payment(TypeSpace.finite([1, 2]), np.array([0.0, 1.0]), worst="lowest")
    array([0., 2.])
    >>> types, sold = TypeSpace.finite([1, 2]), np.array([[1.0, 1.0], [0.5, 1.0]])
    >>> largest_payment(types, -sold, worst="highest", axis=0)
    array([[-1.5, -2. ],
           [-1. , -2. ]])
    """
    own = np.moveaxis(quantity, axis, -1)
    steps, payment = np.diff(own), np.empty(own.shape)
    if worst == "lowest":
        start = types.lower[0] * own[..., :1]
        steps *= types.lower[1:]
        rises = np.cumsum(steps, axis=-1, out=payment[..., 1:])
        rises += start
        payment[..., :1] = start
    else:
        start = types.upper[-1] * own[..., -1:]
        steps *= types.upper[:-1]
        falls = np.cumsum(steps[..., ::-1], axis=-1, out=payment[..., -2::-1])
        np.subtract(start, falls, out=falls)
        payment[..., -1:] = start
    return payment if payment.ndim == 1 else np.moveaxis(payment, -1, axis)


def payment_of_owner(types: TypeSpace, quantity: FloatArray, share: float) -> FloatArray:
    """Return the largest interim payments of who gives up a share, and may buy or sell.

    Parameters
    ----------
    types
        The agent's type space.
    quantity : array of shape (num_cells,)
        Interim quantity, nondecreasing.
    share
        What it has by staying out; that times its type is what participation asks for.

    Returns
    -------
    array of shape (num_cells,)
        Payments, in money.

    Notes
    -----
    Source: theory.md, section 6.3. Beyond the share, utility rises from type to type as slowly as
    incentives allow where that is more than the share, and as fast where it is less.

    Examples
    --------
    >>> payment_of_owner(TypeSpace.finite([1, 2, 3]), np.array([0.0, 0.5, 1.0]), 0.5)
    array([-0.5,  0. ,  1.5])
    """
    rises = np.zeros(2 * quantity.size)
    rises[1::2] = (quantity - share) * (types.upper - types.lower)
    steps = np.clip(share, quantity[:-1], quantity[1:]) - share
    rises[2::2] = steps * (types.lower[1:] - types.upper[:-1])
    beyond = np.cumsum(rises)
    beyond -= beyond.min()
    return np.asarray((quantity - share) * types.lower - beyond[::2], dtype=np.float64)


def ex_post_payments(
    environment: Environment, allocation: FloatArray, interim: Sequence[FloatArray]
) -> FloatArray:
    """Return ex post payments with given interim payments whose sum varies only with the cost.

    In every profile they sum to the cost of the outcome plus the expected surplus of the interim
    payments; with a balanced budget, to exactly the cost (zero for trade).

    Parameters
    ----------
    environment
        Agents with independent types.
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
    if len(agents) == 1:
        return np.array([interim[0]], dtype=np.float64)
    share = 1.0 / (len(environment.agents) - 1)
    private, payments = list(interim), np.empty((len(environment.agents), *environment.shape))
    surprise = np.zeros(1)
    if environment.outcomes.cost.any():
        cost = np.tensordot(environment.outcomes.cost, allocation, axes=1)
        surprise = (cost - environment.expectation(cost)) / len(environment.agents)
        private = [paid - environment.interim(i, surprise) for i, paid in enumerate(private)]
    means = [mass @ paid for mass, paid in zip(environment.masses, private, strict=True)]
    for i in agents:
        parts = [private[j] if j == i else -share * (private[j] - means[j]) for j in agents]
        for block in in_blocks(environment.shape):
            paid_here = payments[i, block]
            own = surprise[block] if surprise.ndim > 1 else surprise
            # Written at once: memory that is cleared first is written twice.
            np.add(own, _along(parts[0][block], 0, len(parts)), out=paid_here)
            for j in agents[1:]:
                paid_here += _along(parts[j], j, len(parts))
    return payments


def _along(values: FloatArray, axis: int, num_axes: int) -> FloatArray:
    """Return a vector shaped to vary along one axis of an array over the profiles."""
    shape = [1] * num_axes
    shape[axis] = values.size
    return values.reshape(shape)
