"""Public goods as they are paid for: by equal shares, where all agree or among those who join."""

from __future__ import annotations

import numpy as np

from mechopt.environments import Environment
from mechopt.environments.public_good import SharedProject
from mechopt.errors import TooLargeError
from mechopt.literature.own_prices import MOST_WRITTEN, at_own_prices, first_of
from mechopt.literature.pivotal import MOST_NUMBERS, efficient_rows
from mechopt.mechanism.allocation import PointwiseRule, Table
from mechopt.mechanism.mechanism import Mechanism
from mechopt.mechanism.payments import largest_payment
from mechopt.problem.usual import Required
from mechopt.studies.comparison import Comparison, ComparisonRow
from mechopt.studies.usual_rows import (
    audited_row,
    efficient_row,
    outcomes_of,
    profiles_of,
    profit_and_second_best,
    table_of,
)


def equal_shares(good: Environment) -> Mechanism:
    """Return the good provided and paid for in equal shares.

    If nobody can be kept out, it is provided where every consumer is willing to pay its share. If
    consumers can be, it is provided to the largest group of whom each is willing to pay an equal
    share of the cost (Moulin 1994). Truth is a dominant strategy, nobody loses, and the cost is
    covered in every profile, exactly so with finite types.

    Parameters
    ----------
    good
        What :func:`mechopt.PublicGood` returned. A cell of types is willing if all its
        types are, and pays where the first that is begins.

    Raises
    ------
    InvalidInputError
        For another environment, and a joint prior.
    TooLargeError
        For an excludable good with too many profiles.

    Notes
    -----
    Source: Moulin (1994); posted shares are all that is robust where two share
    a cost (Hagerty and Rogerson 1987).

    Examples
    --------
    >>> from mechopt import PublicGood, TypeSpace
    >>> types = TypeSpace.finite([0, 1, 2])
    >>> equal_shares(PublicGood(types, cost=2, count=2)).quantity_of("consumer_1").round(9)
    array([0.        , 0.66666667, 0.66666667])
    >>> equal_shares(PublicGood(types, 2, excludable=True, count=2)).payment_of("consumer_1")
    array([0.        , 0.66666667, 1.33333333])
    """
    outcomes = _project(good)
    number, cost = len(good.agents), float(outcomes.price)
    if not outcomes.excludable:
        share, size = cost / number, abs(cost) + 1.0
        values = tuple(
            share + size * np.where(agent.types.lower >= share, 1.0, -float(number))
            for agent in good.agents
        )
        rule = PointwiseRule((values,), (1.0,))
        own = [first_of(agent.types, share) for agent in good.agents]
        return at_own_prices(good, rule, own)
    if good.num_profiles * number > MOST_NUMBERS:
        raise TooLargeError(
            f"who joins is looked for in every profile (at most {MOST_NUMBERS:,} numbers, got "
            f"{profiles_of(good)} profiles of {number}). Use fewer cells or consumers."
        )
    lower = np.stack(
        np.broadcast_arrays(
            *np.meshgrid(*(a.types.lower for a in good.agents), indexing="ij", sparse=True)
        )
    )
    users, share_of = np.zeros_like(lower), np.zeros(good.shape)
    for size in range(1, number + 1):
        willing = lower >= cost / size
        enough = willing.sum(axis=0) >= size
        users = np.where(enough, willing, users)
        share_of = np.where(enough, cost / size, share_of)
    carried = users.any(axis=0).astype(np.float64)
    paid = users * share_of
    for i, agent in enumerate(good.agents):
        if not agent.types.is_finite:
            paid[i] = largest_payment(agent.types, users[i], worst="lowest", axis=i)
    return Mechanism.of_profiles(good, Table(np.stack([carried, *users])), paid)


def compared(good: Environment) -> Comparison | None:
    """Return the usual ways to pay for a public good beside the optimum; None for anything else.

    Examples
    --------
    >>> from mechopt import PublicGood, TypeSpace
    >>> table = compared(PublicGood(TypeSpace.finite([0, 1, 2]), cost=2, count=2))
    >>> [row.name for row in table.rows[3:]]
    ['equal shares', 'pivotal mechanism', 'expected externality (AGV)']
    """
    if not isinstance(good.outcomes, SharedProject) or not good.independent:
        return None
    rows = [efficient_row(good), *profit_and_second_best(good)]
    numbers = good.num_profiles * len(good.agents)
    if good.outcomes.excludable and numbers > MOST_NUMBERS:
        remark = f"not computed for {profiles_of(good)} profiles"
        rows.append(ComparisonRow("equal shares", None, remark=remark))
    else:
        remark = "of those who join" if good.outcomes.excludable else "where all agree"
        few = good.outcomes.excludable or numbers <= MOST_WRITTEN
        required: Required = {"budget": "no-deficit"}
        if few:
            required |= {"incentives": "dominant", "participation": "ex-post"}
        rows.append(audited_row("equal shares", equal_shares(good), remark=remark, **required))
    return table_of(good, [*rows, *efficient_rows(good, share_cost=True)])


def _project(good: Environment) -> SharedProject:
    return outcomes_of(
        good,
        SharedProject,
        "not a public good",
        where="good",
        maker="PublicGood(...)",
        needs="equal shares, and what they bring on average,",
    )
