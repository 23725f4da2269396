"""Public goods as they are paid for: by posted shares, where all agree or among those who join."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.rounding import in_figures
from mechopt.environments import Environment
from mechopt.environments.public_good import SharedProject
from mechopt.errors import InvalidInputError, TooLargeError, UnsupportedProblemError
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

# The best shares are looked for among so many ways in which consumers may be willing.
MOST_WAYS = 1_000_000
ROUNDING = 16.0 * float(np.finfo(np.float64).eps)


def posted_shares(good: Environment, shares: Sequence[float]) -> Mechanism:
    """Return the good provided where each consumer is willing to pay its share of the cost.

    Truth is a dominant strategy, nobody loses, and shares that sum to the cost cover it in every
    profile, exactly so with finite types.

    Parameters
    ----------
    good
        What :func:`mechopt.PublicGood` returned, for consumers who cannot be kept out. A cell of
        types is willing if all its types are, and pays where the first that is begins.
    shares
        What each consumer pays, in money.

    Raises
    ------
    InvalidInputError
        For another environment, a joint prior, and not one finite share for each consumer.
    UnsupportedProblemError
        For an excludable good.

    Notes
    -----
    With two consumers nothing else is incentive compatible in dominant strategies, voluntary and
    balanced in every profile, but for lotteries over shares: Hagerty and Rogerson (1987),
    doi:10.1016/0022-0531(87)90044-9, of trade, which is a good of the cost of the seller's value.

    Examples
    --------
    >>> from mechopt import PublicGood, TypeSpace
    >>> good = PublicGood(TypeSpace.finite([0, 1, 2]), cost=2, count=2)
    >>> posted_shares(good, [2, 0]).quantity_of("consumer_1").round(9)
    array([0., 0., 1.])
    """
    outcomes = _for_all(good)
    given = np.asarray(shares, dtype=np.float64)
    if given.shape != (len(good.agents),) or not np.isfinite(given).all():
        raise InvalidInputError(
            "not one share for each consumer",
            where="shares",
            expected=f"{len(good.agents)} finite numbers",
            got=f"shape {given.shape}" if given.ndim != 1 else f"{given.tolist()}"[:60],
            remedy="Give what each consumer pays, in money.",
        )
    number, cost = len(good.agents), float(outcomes.price)
    size = abs(cost) + float(np.abs(given).sum()) + 1.0
    values = tuple(
        cost / number + size * np.where(agent.types.lower >= share, 1.0, -float(number))
        for agent, share in zip(good.agents, given.tolist(), strict=True)
    )
    own = [
        first_of(agent.types, share)
        for agent, share in zip(good.agents, given.tolist(), strict=True)
    ]
    return at_own_prices(good, PointwiseRule((values,), (1.0,)), own)


def best_posted_shares(good: Environment) -> list[float]:
    """Return the shares of the cost at which :func:`posted_shares` brings the largest gains.

    Parameters
    ----------
    good
        As there.

    Raises
    ------
    InvalidInputError, UnsupportedProblemError
        As there.
    TooLargeError
        If the first consumers could be willing in more than a million ways.

    Notes
    -----
    All consumers but the last pay the lowest type of theirs that is willing, and the last what is
    left: a lower share of the last only adds profiles in which nobody loses.

    Examples
    --------
    >>> from mechopt import PublicGood, TypeSpace
    >>> best_posted_shares(PublicGood(TypeSpace.finite(["1/4", "1/2", "3/4", 1]), 1, count=2))
    [0.5, 0.5]
    """
    cost = float(_for_all(good).price)
    spaces = [agent.types for agent in good.agents]
    ways = math.prod(types.num_cells for types in spaces[:-1])
    if ways > MOST_WAYS:
        raise TooLargeError(
            f"the first {len(spaces) - 1} consumers may be willing in {ways:,} ways (at most "
            f"{MOST_WAYS:,}). Use fewer cells or consumers."
        )
    # How likely consumers are willing, and what they then expect on average, by lowest type.
    chance, worth, share = np.ones(1), np.zeros(1), np.zeros(1)
    for types in spaces[:-1]:
        own, mean = _from_on(types.mass, types.mean)
        chance = (chance[:, None] * own[:-1]).ravel()
        worth = (worth[:, None] + mean[:-1]).ravel()
        share = (share[:, None] + types.lower).ravel()
    last = spaces[-1]
    own, mean = _from_on(last.mass, last.mean)
    noise = ROUNDING * len(spaces) * (abs(cost) + np.abs(share))
    first = np.searchsorted(last.lower, cost - share - noise)
    gains = chance * own[first] * (worth + mean[first] - cost)
    best = int(np.argmax(gains))
    places = np.unravel_index(best, [types.num_cells for types in spaces[:-1]] or [1])
    found = [float(t.lower[k]) for t, k in zip(spaces[:-1], places, strict=False)]
    rest = cost - math.fsum(found)
    if first[best] < last.num_cells and last.lower[first[best]] < rest:
        rest = float(last.lower[first[best]])  # it is the same up to rounding
    return [*found, rest]


def _from_on(mass: FloatArray, mean: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return how likely types are from each on, and their mean; nothing after the last."""
    chance = np.append(np.cumsum(mass[::-1])[::-1], 0.0)
    worth = np.append(np.cumsum((mass * mean)[::-1])[::-1], 0.0)
    return chance, np.divide(worth, chance, out=np.zeros_like(worth), where=chance > 0.0)


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
        return posted_shares(good, [cost / number] * number)
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
    >>> [row.name for row in table.rows[3:6]]
    ['equal shares', 'best posted shares', 'pivotal mechanism']
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
        if not good.outcomes.excludable and math.prod(good.shape[:-1]) <= MOST_WAYS:
            shares = best_posted_shares(good)
            words = " and ".join(dict.fromkeys(map(in_figures, shares)))
            rows.append(
                audited_row(
                    "best posted shares", posted_shares(good, shares), remark=words, **required
                )
            )
    return table_of(good, [*rows, *efficient_rows(good, share_cost=True)])


def _for_all(good: Environment) -> SharedProject:
    outcomes = _project(good)
    if outcomes.excludable:
        raise UnsupportedProblemError(
            "posted shares are of a good for all (expected excludable=False, got True). "
            "equal_shares takes excludable goods."
        )
    return outcomes


def _project(good: Environment) -> SharedProject:
    return outcomes_of(
        good,
        SharedProject,
        "not a public good",
        where="good",
        maker="PublicGood(...)",
        needs="equal shares, and what they bring on average,",
    )
