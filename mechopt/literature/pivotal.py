"""Efficient mechanisms: each pays what it costs the others, or what they expect to lose by it."""

from __future__ import annotations

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.environments import Environment, Outcomes
from mechopt.errors import TooLargeError, UnsupportedProblemError
from mechopt.mechanism.allocation import Table
from mechopt.mechanism.mechanism import Mechanism
from mechopt.mechanism.payments import largest_payment
from mechopt.studies.comparison import ComparisonRow
from mechopt.studies.usual_rows import audited_row, profiles_of

# Payments of every profile are computed for so many numbers at most.
MOST_NUMBERS = 4_000_000
# What leaving an agent out weighs, in widths of all that outcomes may be worth.
OUT = 1e3


def pivotal(
    environment: Environment, *, share_cost: bool = False, leave_out: bool = False
) -> Mechanism:
    """Return the pivotal mechanism: the best outcome, and each pays what it changes for the others.

    Truth is a dominant strategy (Vickrey, Clarke and Groves).

    Parameters
    ----------
    environment
        Any environment of few profiles.
    share_cost
        Whether each bears an equal share of the cost, and pays beyond it only where it changes the
        outcome: payments cover the cost in every profile, and some may be worse off than without
        the mechanism. Otherwise the cost is a loss to the others.
    leave_out
        Whether an agent is compared with the best outcome that does without it (it neither gives
        nor receives) rather than with the best for the others. No trader is then worse off, and
        outside money may be needed.

    Returns
    -------
    Mechanism
        With payments of every profile. Over cells of a continuum, those that incentives allow
        within them.

    Raises
    ------
    TooLargeError
        If there are too many profiles.
    UnsupportedProblemError
        If outcomes have curved bounds, or agents are left out whose types are no numbers.

    Notes
    -----
    Agent i pays its share of the cost, and ``max_x w(x) - w(x*)``, w the sum of what the others
    gain. Source: Clarke (1971), doi:10.1007/BF01726210; Green and Laffont (1977).

    Examples
    --------
    >>> from mechopt import PublicGood, TypeSpace
    >>> good = PublicGood(TypeSpace.finite([0, 3]), cost=2, count=2)
    >>> pivotal(good, share_cost=True).ex_post_payments()[0]  # 1, and 1 more where it decides
    array([[0., 1.],
           [2., 1.]])
    """
    _require_small(environment)
    outcomes, shape = environment.outcomes, environment.shape
    agents = range(len(environment.agents))
    if leave_out and not environment.has_net_quantities:
        raise UnsupportedProblemError(
            "who neither gives nor receives is known where types are worth money per unit "
            "(got other types). Call pivotal without leave_out."
        )
    chosen = environment.efficient_allocation()
    cost = np.tensordot(outcomes.cost, chosen, axes=1)
    payments = np.empty((len(agents), *shape))
    for i in agents:
        share = 1.0 / len(agents) if share_cost else 0.0
        others = _weights(environment, without=i, cost=1.0 - share)
        theirs = (others * chosen).sum(axis=0)
        free = others
        if leave_out:
            part = np.abs(outcomes.net_quantity[i]).reshape(-1, *(1,) * len(shape))
            free = others - OUT * _size(environment) * part
        best = outcomes.best(np.ascontiguousarray(free))
        payments[i] = share * cost + (free * best).sum(axis=0) - theirs
        if not environment.agents[i].types.is_finite:
            payments[i] = _within_cells(environment, i, chosen, others, free, best, share)
    return Mechanism.of_profiles(environment, Table(chosen), payments)


def expected_externality(environment: Environment) -> Mechanism:
    """Return the mechanism of Arrow, and of d'Aspremont and Gérard-Varet (AGV).

    The outcome is efficient, truth is best on average, and payments cover the cost exactly in every
    profile: each is paid what the others expect to gain given its type, and bears an equal share of
    what is paid to them. Some may be worse off than without the mechanism.

    Parameters
    ----------
    environment
        Any environment of few profiles and independent types.

    Raises
    ------
    InvalidInputError
        For a joint prior.
    TooLargeError, UnsupportedProblemError
        As :func:`pivotal`; for one agent, who has nobody to share with.

    Notes
    -----
    By own type it differs from the pivotal mechanism by a constant, for both are efficient. Source:
    d'Aspremont and Gérard-Varet (1979), doi:10.1016/0047-2727(79)90043-4; Arrow (1979).

    Examples
    --------
    >>> from mechopt import PublicGood, TypeSpace
    >>> good = PublicGood(TypeSpace.finite([0, 3]), cost=2, count=2)
    >>> expected_externality(good).payment_of("consumer_1").tolist()
    [0.25, 1.25]
    """
    environment.require_independent("expected externalities")
    number = len(environment.agents)
    if number < 2:
        raise UnsupportedProblemError(
            "expected externalities are shared among others (got one agent). Use a posted price."
        )
    start = pivotal(environment, share_cost=True)
    chosen, masses = start.allocation.dense(environment), environment.masses
    cost = environment.expected_cost(chosen) / number
    gains = environment.expectation((_weights(environment) * chosen).sum(axis=0))
    own = [
        environment.expectation(environment.value_in_profiles(i, chosen)) - cost
        for i in range(number)
    ]
    payments = []
    for i, paid in enumerate(start.payment):
        # What it gets in the end: all gains, less its share of what the others are paid.
        utility = gains - sum(gains - own[j] for j in range(number) if j != i) / (number - 1)
        payments.append(paid + own[i] + cost - utility - float(masses[i] @ paid))
    return Mechanism(environment, start.allocation, tuple(payments))


def efficient_rows(
    environment: Environment, *, share_cost: bool = False, leave_out: bool = False
) -> list[ComparisonRow]:
    """Return the rows of the pivotal mechanism and of expected externalities, audited."""
    names = ("pivotal mechanism", "expected externality (AGV)")
    if environment.num_profiles * len(environment.agents) > MOST_NUMBERS:
        remark = f"not computed for {profiles_of(environment)} profiles"
        return [ComparisonRow(name, None, remark=remark) for name in names]
    if _is_interdependent(environment):
        remark = "not computed where worth hangs on others' types"
        return [ComparisonRow(name, None, remark=remark) for name in names]
    rows = [
        audited_row(
            names[0],
            pivotal(environment, share_cost=share_cost, leave_out=leave_out),
            incentives="dominant",
            participation="none",
            budget="subsidised" if leave_out or not share_cost else "no-deficit",
        )
    ]
    if environment.independent and len(environment.agents) > 1:
        mechanism = expected_externality(environment)
        rows.append(audited_row(names[1], mechanism, participation="none"))
    return rows


def _weights(environment: Environment, without: int | None = None, cost: float = 1.0) -> FloatArray:
    """Return what a unit of each variable is worth to all, or all but one, less cost."""
    shape = environment.shape
    total = np.empty((len(environment.outcomes.variables), *shape))
    total[:] = -cost * environment.outcomes.cost.reshape(-1, *(1,) * len(shape))
    for j in range(len(shape)):
        if j != without:
            total += environment.worth_on_grid(j, environment.all_types)
    return total


def _within_cells(
    environment: Environment,
    i: int,
    chosen: FloatArray,
    others: FloatArray,
    free: FloatArray,
    best: FloatArray,
    share: float,
) -> FloatArray:
    """Return payments of cells: what the worst-off end gains in full, and rents from there on."""
    outcomes, types = environment.outcomes, environment.agents[i].types
    gives = outcomes.roles[i].gives
    end = float(types.upper[-1] if gives else types.lower[0])
    cell = np.array([types.num_cells - 1 if gives else 0])

    def at_end(values: FloatArray) -> FloatArray:
        return np.take(values, cell, axis=1 + i)

    net = outcomes.net_quantity[i].reshape(-1, *(1,) * len(environment.shape))
    per_share = share * outcomes.cost.reshape(net.shape)
    full = at_end(others) + end * net - per_share
    gained = (full * outcomes.best(np.ascontiguousarray(full))).sum(axis=0)
    gained -= (at_end(free) * at_end(best)).sum(axis=0)
    worst = "highest" if gives else "lowest"
    quantity = environment.net_quantities(chosen)[i]
    paid: FloatArray = largest_payment(types, quantity, worst=worst, axis=i) - gained
    return paid


def _size(environment: Environment) -> float:
    """Return more than any outcome is worth to all together, in money."""
    worth = sum(float(np.abs(values).sum(axis=-1).max()) for values in environment.worth)
    return worth + float(np.abs(environment.outcomes.cost).sum()) or 1.0


def _is_interdependent(environment: Environment) -> bool:
    return any(environment.hangs_on_others(i) for i in range(len(environment.agents)))


def _require_small(environment: Environment) -> None:
    outcomes = environment.outcomes
    if outcomes.curves and type(outcomes).best is Outcomes.best:
        raise UnsupportedProblemError(
            "pivotal mechanisms are computed from corners of the outcomes (got curved bounds). "
            "Solve the problem with mechopt.solve."
        )
    if _is_interdependent(environment):
        raise UnsupportedProblemError(
            "pivotal mechanisms suppose that agents know what outcomes are worth to them (got "
            "worth that hangs on others' types). Solve the problem with mechopt.solve."
        )
    numbers = environment.num_profiles * len(environment.agents)
    if numbers > MOST_NUMBERS:
        raise TooLargeError(
            f"payments of {profiles_of(environment)} profiles are too many (at most "
            f"{MOST_NUMBERS:,} numbers). Use fewer cells or fewer agents."
        )
