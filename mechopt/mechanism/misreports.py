"""What types get at any report of theirs, and whether one gains by a lie."""

from __future__ import annotations

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.environments import Agent, Environment
from mechopt.mechanism.check import Check
from mechopt.types.prior import own_first

# Roundings of a payoff and of a payment, relative to each.
ROUNDING = 4 * float(np.finfo(np.float64).eps)


def worth_at_report(
    environment: Environment, i: int, allocation: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return what outcomes are worth to type k of an agent at report r, on average over others.

    Returns
    -------
    worth, size : arrays (num_types, num_types)
        Sums over the variables, and the same sums of absolute values, which they round at.
    """
    belief = environment.belief
    if environment.hangs_on_others(i):
        beliefs = belief.beliefs(i)
        terms = [
            (beliefs * worth) @ own_first(i, values).T
            for worth, values in zip(
                np.moveaxis(environment.worth[i], 2, 0), allocation, strict=True
            )
        ]
        sizes = [
            (beliefs * np.abs(worth)) @ np.abs(own_first(i, values)).T
            for worth, values in zip(
                np.moveaxis(environment.worth[i], 2, 0), allocation, strict=True
            )
        ]
        return np.sum(terms, axis=0), np.sum(sizes, axis=0)
    expected = [belief.by_report(i, values) for values in allocation]
    own = environment.worth[i][:, 0].T
    terms = [w[:, None] * each for w, each in zip(own, expected, strict=True)]
    return np.sum(terms, axis=0), np.sum(np.abs(terms), axis=0)


def worth_in_profiles(
    environment: Environment, i: int, allocation: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the same for every profile of the others, (num_others, num_types, num_types)."""
    own = np.stack([own_first(i, values) for values in allocation])
    given = environment.worth[i]
    if environment.hangs_on_others(i):
        # By profile of the others: own types and variables times variables and reports.
        there, gets = np.moveaxis(given, 1, 0), np.moveaxis(own, 2, 0)
        return there @ gets, np.abs(there) @ np.abs(gets)
    worth = np.tensordot(given[:, 0], own, axes=1)
    size = np.tensordot(np.abs(given[:, 0]), np.abs(own), axes=1)
    return np.moveaxis(worth, 2, 0), np.moveaxis(size, 2, 0)


def report_check(
    requirement: str,
    agent: Agent,
    worth: FloatArray,
    size: FloatArray,
    payment: FloatArray,
    stakes: FloatArray,
    tolerance: float,
    noise: FloatArray | None = None,
) -> Check:
    """Check that no type gains by any report, in one situation or many.

    Parameters
    ----------
    requirement
        What is checked, in words.
    agent
        The agent that reports.
    worth, size, payment : arrays of shape (num_situations, num_types, num_types)
        What type k gets at report r, what that rounds at, and what it pays, in money; payments may
        have one row for all types.
    stakes : array of shape (num_types,)
        What each type has at stake, above zero, in money.
    tolerance
        Largest gain beyond rounding that passes, relative to what is at stake.
    noise : array of shape (num_types,), optional
        What rounding may have made of payoffs besides, in money.

    Examples
    --------
    >>> from mechopt import TypeSpace
    >>> agent = Agent("buyer", TypeSpace.finite([1, 2]))
    >>> worth, pays = np.array([[[0.0, 1.0], [0.0, 2.0]]]), np.array([[[0.0, 0.9]]])
    >>> report_check("no lies", agent, worth, worth, pays, np.ones(2), 1e-7).where
    'buyer type 0 (1) gains 0.1 by reporting type 1 (2)'
    """
    own = np.arange(agent.types.num_cells)
    payment = np.broadcast_to(payment, worth.shape)
    gain = worth - worth[:, own, own, None] - (payment - payment[:, own, own, None])
    rounded = size + np.abs(payment)
    rounding = ROUNDING * (rounded + rounded[:, own, own, None])
    if noise is not None:
        rounding = rounding + noise[:, None]
    return worse_of(no_gain(requirement, tolerance), agent, gain, rounding, stakes)


def no_gain(requirement: str, tolerance: float) -> Check:
    """Return the check of a mechanism in which no type gains by any report."""
    return Check(requirement, 0.0, 0.0, tolerance, "no type gains by any report")


def worse_of(
    check: Check, agent: Agent, gain: FloatArray, rounding: FloatArray, stakes: FloatArray
) -> Check:
    """Return the worse of a check and of what types gain by their reports.

    Parameters
    ----------
    check
        What was found so far, of the same requirement.
    agent
        The agent that reports.
    gain, rounding : arrays of shape (num_situations, num_types, num_types)
        What type k gains by report r, and what rounding explains of it, in money.
    stakes : array of shape (num_types,)
        What each type has at stake, above zero, in money.
    """
    scaled = np.maximum(gain - rounding, 0.0) / stakes[:, None]
    place = int(np.argmax(scaled))
    _, k, report = (int(c) for c in np.unravel_index(place, gain.shape))
    # NaN is not at most anything, and so counts as a gain.
    if not scaled.flat[place] <= check.scaled:
        types = agent.types
        where = (
            f"{agent.name} type {k} ({types.label(k)}) gains {gain.flat[place]:.3g} by reporting "
            f"type {report} ({types.label(report)})"
        )
        violation, judged = float(gain.flat[place]), float(scaled.flat[place])
        return Check(check.requirement, violation, judged, check.tolerance, where)
    if check.scaled == 0.0:
        largest = max(check.violation, float(gain.max()))
        return Check(check.requirement, largest, 0.0, check.tolerance, check.where)
    return check
