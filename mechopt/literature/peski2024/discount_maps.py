"""Bounds on equilibria over discount factors, and over the square of beliefs."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.rationals import as_fraction
from mechopt._util.rounding import without_rounding
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError
from mechopt.literature.peski2024.equilibrium_bounds import bargaining_bounds
from mechopt.literature.peski2024.gap_map import Pair, beliefs_of, require_pair
from mechopt.literature.peski2024.gap_offers import certificate_of, claim_at
from mechopt.literature.peski2024.two_type_gap import two_type_gap
from mechopt.literature.peski2024.two_types import TwoTypes, weighed
from mechopt.problem.objectives.discounted import discount_factor

if TYPE_CHECKING:
    import xarray


def discount_sweep(
    bargaining: Environment,
    discounts: Sequence[float | Fraction | str] = (0, 0.5, 0.9, 0.99, 0.999),
    *,
    swap: bool = False,
) -> xarray.Dataset:
    """Return the intervals of payoffs over discount factors.

    Parameters
    ----------
    bargaining, swap
        As for :func:`bargaining_bounds`.
    discounts
        Discount factors, in the order wanted.

    Returns
    -------
    xarray.Dataset
        Over ``discount``, ``player`` and ``end`` ("low" and "high"): ``expected``, in money. Over
        ``discount`` and ``player`` ``exact``, whether every type's payoff is known; over ``player``
        ``limit``, the expected payoff of patient players, NaN where that is not known,
        ``random_monopoly`` and ``complete_information``. With ``player_1`` and ``player_2``, the
        intervals by type, over ``discount``, ``type_1`` or ``type_2``, and ``end``. The attribute
        ``basis`` says on what ground they hold.

    Examples
    --------
    >>> from mechopt import Bargaining, TypeSpace
    >>> bargaining = Bargaining(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3]), 0.5)
    >>> swept = discount_sweep(bargaining, [0, 0.9, 0.99])
    >>> width = swept.expected.sel(player="player_1").diff("end").squeeze()
    >>> width.values.round(5).tolist()
    [0.0, 0.01136, 0.00124]
    """
    import xarray

    if not len(discounts):
        raise InvalidInputError(
            "no discount factors",
            where="discounts",
            expected="at least one number from 0 to 1",
            got="none",
            remedy="Give a list such as [0, 0.5, 0.9].",
        )
    found = [bargaining_bounds(bargaining, factor, swap=swap) for factor in discounts]
    first = found[0]
    names = list(first.expected)
    limit = [float(ends.low) if ends.is_point else np.nan for ends in first.limit.expected.values()]
    sure = [
        float(sum(m * u for m, u in zip(mass, first.random_monopoly[name], strict=True)))
        for name, mass in zip(names, first.mass, strict=True)
    ]
    by_type = {
        name: (
            ("discount", f"type_{i}", "end"),
            np.array([[list(map(float, ends)) for ends in b.by_type[name]] for b in found]),
        )
        for i, name in enumerate(names, 1)
    }
    return xarray.Dataset(
        {
            "expected": (
                ("discount", "player", "end"),
                np.array([[list(map(float, b.expected[n])) for n in names] for b in found]),
            ),
            "exact": (("discount",), np.array([b.is_exact for b in found])),
            "limit": (("player",), np.array(limit)),
            "random_monopoly": (("player",), np.array(sure)),
            "complete_information": (
                ("player",),
                np.array([float(first.complete_information[name]) for name in names]),
            ),
            **by_type,
        },
        coords={
            "discount": [float(b.discount) for b in found],
            "player": names,
            "end": ["low", "high"],
            **{f"type_{i}": agent.types.mean for i, agent in enumerate(first.bargaining.agents, 1)},
        },
        attrs={"basis": first.basis},
    )


def gap_by_rounds(
    player_1: Pair,
    player_2: Pair,
    proposer_probability: float | str = 0.5,
    discount: float | Fraction | str = 0.9,
    *,
    rounds: int = 50,
    beliefs: int | tuple[Sequence[float], Sequence[float]] = 41,
) -> xarray.Dataset:
    """Return how much of the gap player 1 is sure of after so many rounds of thought.

    Round 0 is the random-monopoly bound. In each player 1 makes the offers that cannot be refused
    if what was found last holds a round later. It is a numerical picture of the argument: largest
    and smallest values are sought at the given beliefs only.

    Parameters
    ----------
    player_1, player_2, proposer_probability, discount
        As for :func:`bounds_over_beliefs`; types that leave a gap, and a discount factor from 0 to
        1.
    rounds
        How many.
    beliefs
        As for :func:`gap_over_beliefs`.

    Returns
    -------
    xarray.Dataset
        Over ``round`` and ``high_2``: ``proved``, what is proved beyond the random-monopoly bound
        of player 1's types, weighted at the attribute ``crossing``; over ``high_2`` ``gap``, the
        gap there, which it never exceeds. In money.

    Raises
    ------
    InvalidInputError
        For types that leave no gap.

    Examples
    --------
    >>> found = gap_by_rounds((0, 1), (2, 4), 0.5, 0.9, rounds=60)
    >>> share = found.proved / found.gap
    >>> share.max("high_2").sel(round=[0, 1, 10, 60]).values.round(3).tolist()
    [0.0, 0.1, 0.651, 0.846]
    """
    import xarray

    game = _checked_game(player_1, player_2, proposer_probability)
    game = TwoTypes(_floats(game.first), _floats(game.second), float(game.chance))
    wait, beta, found = float(discount_factor(discount)), float(game.chance), game.bonus
    if found is None or not 0.0 < beta < 1.0:
        raise InvalidInputError(
            "types that leave no gap",
            where="player_1",
            expected="l_1 < l_2, h_1 < h_2 and a proposer probability inside (0, 1)",
            got=f"{player_1}, {player_2} and {proposer_probability}",
            remedy="Ask for bounds_over_beliefs: they are those of random monopoly.",
        )
    first, second = beliefs_of(beliefs)
    share = 1.0 - wait * (1.0 - beta)
    a = found.peak_1(share)
    own = np.unique([*first, a, found.peak_1(beta)])
    other = np.unique([*second, found.peak_2, found.floor_2])
    sure = np.array([game.monopoly(0, r) for r in other.tolist()]).T
    hat = np.array([found.hat(r) for r in other.tolist()])
    bound = beta * weighed(a, (sure[0], sure[1]))
    most = np.array(
        [[game.most_for_player_1(q, r, beta) for r in other.tolist()] for q in own.tolist()]
    )
    weight = np.minimum(own / a, (1.0 - own) / (1.0 - a))[:, None]
    rest = np.where(own[:, None] <= a, (1.0 - weight) * sure[0], (1.0 - weight) * sure[1])
    offered = share * weighed(a, (sure[0], sure[1])) + (1.0 - a) * share * found.low * hat
    claim, proved = bound, [np.zeros(other.size)]
    for _ in range(rounds):
        paid = wait * (most - weight * claim - beta * rest).max(axis=1)
        # Each lane is short of the best mechanism by what it pays at the worst belief.
        short = max(a * paid[own <= a].max(), (1.0 - a) * paid[own >= a].max())
        value = offered - max(short, paid[own == a].max())
        claim = np.maximum(claim, beta * value + (1.0 - beta) * wait * _convex(other, claim))
        proved.append(claim - bound)
    return xarray.Dataset(
        {
            "proved": (("round", "high_2"), np.array(proved)),
            "gap": (("high_2",), (1.0 - a) * beta * found.low * hat),
        },
        coords={"round": np.arange(rounds + 1), "high_2": other},
        attrs={"crossing": a, "discount": wait},
    )


def _convex(at: FloatArray, values: FloatArray) -> FloatArray:
    """Return the largest convex function below values at increasing places."""
    kept: list[int] = []
    for k in range(at.size):
        while len(kept) > 1:
            i, j = kept[-2:]
            rise = (values[k] - values[i]) * (at[j] - at[i])
            if values[j] < values[i] + rise / (at[k] - at[i]):
                break
            kept.pop()
        kept.append(k)
    return np.interp(at, at[kept], values[kept])


def _floats(pair: Pair) -> Pair:
    return float(pair[0]), float(pair[1])


def _checked_game(player_1: Pair, player_2: Pair, proposer_probability: float | str) -> TwoTypes:
    """Return a game in fractions, or raise InvalidInputError."""
    for name, pair in (("player_1", player_1), ("player_2", player_2)):
        require_pair(name, pair)
    two_type_gap(*player_1, *player_2, proposer_probability=proposer_probability)
    chance = as_fraction(proposer_probability)
    first, second = ((as_fraction(pair[0]), as_fraction(pair[1])) for pair in (player_1, player_2))
    return TwoTypes(first, second, chance)


def bounds_over_beliefs(
    player_1: Pair,
    player_2: Pair,
    proposer_probability: float | str = 0.5,
    discount: float | Fraction | str = 0.9,
    beliefs: int | tuple[Sequence[float], Sequence[float]] = 41,
) -> xarray.Dataset:
    """Return the interval of player 1's expected payoff over the square of beliefs.

    In closed form, from one proof for all beliefs.

    Parameters
    ----------
    player_1, player_2
        Low and high type of each player, in money, player 1's low type not above player 2's.
    proposer_probability
        Probability that player 1 proposes.
    discount
        What a round's delay leaves of payoffs.
    beliefs
        As for :func:`gap_over_beliefs`.

    Returns
    -------
    xarray.Dataset
        Over ``high_1`` and ``high_2``: ``low``, ``high`` and ``width``, in money; ``limit``, what
        player 1 expects as discounting vanishes.

    Raises
    ------
    InvalidInputError
        For types out of order, and what is no belief or discount factor.

    Notes
    -----
    Source: theory.md, section 4.6.

    Examples
    --------
    >>> square = bounds_over_beliefs((0, 2), (1, 3), 0.5, 0.9, ([0.5, 0.8], [0.6]))
    >>> square.low.values.round(4).tolist(), square.width.values.round(4).tolist()
    ([[1.1409], [1.26]], [[0.0091], [0.0]])
    """
    import xarray

    first, second = beliefs_of(beliefs)
    exact = _checked_game(player_1, player_2, proposer_probability)
    factor = discount_factor(discount)
    proof = certificate_of(exact, factor)
    game = TwoTypes(_floats(exact.first), _floats(exact.second), float(exact.chance))
    share, wait = game.chance, float(factor)
    ends = np.empty((2, first.size, second.size))
    limit = np.empty(ends.shape[1:])
    for j, high_2 in enumerate(second.tolist()):
        sure = tuple(share * u for u in game.monopoly(0, high_2))
        claim = claim_at(exact, factor, proof, as_fraction(high_2))
        for i, high_1 in enumerate(first.tolist()):
            ends[0, i, j] = weighed(high_1, sure)
            if claim is not None:
                a, claimed = map(float, claim)
                if high_1 <= a:
                    least = high_1 / a * claimed + (1.0 - high_1 / a) * sure[0]
                else:
                    part = (1.0 - high_1) / (1.0 - a)
                    least = part * claimed + (1.0 - part) * sure[1]
                ends[0, i, j] = max(ends[0, i, j], least)
            proposing = game.most_for_player_1(high_1, high_2, 1.0 - wait * (1.0 - share))
            waiting = game.most_for_player_1(high_1, high_2, wait * share)
            ends[1, i, j] = share * proposing + (1.0 - share) * waiting
            limit[i, j] = game.most_for_player_1(high_1, high_2, share)
    # Ends that are equal may differ by rounding, in either order.
    width = np.maximum(without_rounding(ends[1] - ends[0], max(*game.first, *game.second)), 0.0)
    axes = ("high_1", "high_2")
    return xarray.Dataset(
        {
            "low": (axes, ends[0]),
            "high": (axes, ends[1]),
            "width": (axes, width),
            "limit": (axes, limit),
        },
        coords={"high_1": first, "high_2": second},
        attrs={
            "player_1": game.first,
            "player_2": game.second,
            "proposer_probability": game.chance,
            "discount": wait,
            "crossing": np.nan if proof is None else float(proof.crossing),
        },
    )
