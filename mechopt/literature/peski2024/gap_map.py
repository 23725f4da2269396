"""Player 1's gap over beliefs and types: maps, the largest gap, the figures of the source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Literal

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.rationals import as_fraction
from mechopt._util.rounding import ROUNDING
from mechopt.backends import Backend, solve
from mechopt.environments import Bargaining
from mechopt.errors import InvalidInputError
from mechopt.literature.peski2024.bargaining import best_for_player_1, random_monopoly
from mechopt.literature.peski2024.gap_programs import gaps_by_programs
from mechopt.literature.peski2024.two_type_gap import TwoTypeGap, two_type_gap

if TYPE_CHECKING:
    import xarray

FIGURE_TYPES = {
    "l_2 < h_1": ((0.0, 2.0), (1.0, 3.0)),
    "h_1 < l_2": ((0.0, 1.0), (2.0, 3.0)),
}
FIGURE_BELIEFS = 201

Pair = tuple[float, float]


def gap_over_beliefs(
    player_1: Pair,
    player_2: Pair,
    proposer_probability: float | str = 0.5,
    beliefs: int | tuple[Sequence[float], Sequence[float]] = 101,
    *,
    method: Literal["closed-form", "program"] = "closed-form",
    backend: Backend | str = "highs",
) -> xarray.Dataset:
    """Return player 1's gap over the square of beliefs, for two types on each side.

    Parameters
    ----------
    player_1, player_2
        Low and high type of each player, in money.
    proposer_probability
        Probability that player 1 proposes.
    beliefs
        How many equally spaced probabilities of the high types on each axis, from 0 to 1; or the
        probabilities themselves, player 1's first.
    method
        ``"closed-form"``, or ``"program"`` to solve a linear program for each pair of beliefs.
    backend
        What solves the programs.

    Returns
    -------
    xarray.Dataset
        Over ``high_1`` and ``high_2``, the probabilities of the high types: ``gap``, in money. Over
        the opponent's belief alone: ``price_low_1``, ``price_high_1``, ``price_low_2`` and
        ``price_high_2``, the monopoly price of each type, infinite where it keeps the good. The
        attributes ``peak_1``, ``peak_2`` and ``floor_2`` are where the gap is largest and begins.

    Raises
    ------
    InvalidInputError
        For types out of order and beliefs that are no probabilities.

    Notes
    -----
    Source: theory.md, section 4; Pęski (2024).

    Examples
    --------
    >>> square = gap_over_beliefs((0, 2), (1, 3), 0.5, beliefs=5)
    >>> round(square.gap.sel(high_1=0.5, high_2=0.5).item(), 6), round(square.peak_1, 6)
    (0.0625, 0.666667)
    """
    import xarray

    first, second = beliefs_of(beliefs)
    for name, pair in (("player_1", player_1), ("player_2", player_2)):
        require_pair(name, pair)
    types = map(float, (*player_1, *player_2))
    closed = two_type_gap(*types, proposer_probability=proposer_probability)
    if method == "closed-form":
        gap = np.asarray(closed.at(first[:, None], second[None, :]))
    elif method == "program":
        gap = _gaps_by_program(player_1, player_2, proposer_probability, first, second, backend)
    else:
        raise InvalidInputError(
            "no such method",
            where="method",
            expected='"closed-form" or "program"',
            got=repr(method),
            remedy="Use one of these words.",
        )
    prices = {
        f"price_{kind}_{1 + i}": (f"high_{2 - i}", _prices(own[k], other, belief))
        for i, own, other, belief in (
            (0, player_1, player_2, second),
            (1, player_2, player_1, first),
        )
        for k, kind in enumerate(("low", "high"))
    }
    return xarray.Dataset(
        {"gap": (("high_1", "high_2"), gap), **prices},
        coords={"high_1": first, "high_2": second},
        attrs={
            "peak_1": closed.peak_1,
            "peak_2": closed.peak_2,
            "floor_2": closed.floor_2,
            "player_1": tuple(map(float, player_1)),
            "player_2": tuple(map(float, player_2)),
            "proposer_probability": float(as_fraction(proposer_probability)),
        },
    )


def gap_figures(
    proposer_probability: float | str = 0.5, beliefs: int = FIGURE_BELIEFS
) -> dict[str, xarray.Dataset]:
    """Return the data of the source's two pictures: the gap over beliefs in its two cases.

    Returns
    -------
    dict
        Under ``"l_2 < h_1"`` and ``"h_1 < l_2"``, what :func:`gap_over_beliefs` returns for types
        (0, 2) and (1, 3), and (0, 1) and (2, 3).

    Notes
    -----
    Source: Pęski (2024), the slides "Unique outcome"; the types are examples of ours.

    Examples
    --------
    >>> {case: round(float(data.gap.max()), 4) for case, data in gap_figures(beliefs=61).items()}
    {'l_2 < h_1': 0.1111, 'h_1 < l_2': 0.0833}
    """
    return {
        case: gap_over_beliefs(*types, proposer_probability, beliefs)
        for case, types in FIGURE_TYPES.items()
    }


@dataclass(frozen=True)
class LargestGap:
    """Two-type bargaining in which player 1's gap is as large as it can be.

    Parameters
    ----------
    share
        The gap relative to the highest type.
    types
        Low and high type of player 1, then of player 2, relative to the highest type.
    beliefs
        Probabilities of the high types.
    proposer_probability
        Probability that player 1 proposes.
    """

    share: float
    types: tuple[Pair, Pair]
    beliefs: Pair
    proposer_probability: float


def largest_gap(*, seed: int = 0) -> LargestGap:
    """Search all two-type bargaining for the largest gap relative to the highest type.

    The bound of the source is 1/16, and it is one for two types on each side: with more types the
    gap can be larger (0.0721 for types uniform on [0,1] and a proposer probability of 1/4).

    Parameters
    ----------
    seed
        Of the random search.

    Returns
    -------
    LargestGap

    Notes
    -----
    Beliefs at the peak are best whatever the types, so types and proposer probability are what is
    searched over, by differential evolution. Source: theory.md, section 4; Pęski (2024).

    Examples
    --------
    >>> found = largest_gap()
    >>> round(found.share, 9), round(found.proposer_probability, 3)
    (0.0625, 0.5)
    """
    from scipy.optimize import Bounds, differential_evolution

    def lost(parameters: FloatArray) -> float:
        return -float(_of_shares(parameters).delta)

    unit_cube = Bounds(np.zeros(4), np.ones(4))
    generator = np.random.default_rng(seed)
    found = differential_evolution(lost, unit_cube, rng=generator, tol=1e-13, maxiter=2_000)
    low_1, high_1, low_2, high_2, chance = _parameters(found.x)
    gap = _of_shares(found.x)
    return LargestGap(
        float(gap.delta),
        ((low_1, high_1), (low_2, high_2)),
        (float(gap.peak_1), float(gap.peak_2)),
        chance,
    )


def _parameters(shares: FloatArray) -> tuple[float, float, float, float, float]:
    """Return types and proposer probability from four numbers between 0 and 1.

    Only a high type of player 2 above player 1's leaves a gap; it is the unit of money.
    """
    low_2, part, high_1_part, chance = map(float, shares)
    low_1 = low_2 * part
    return low_1, low_1 + (1.0 - low_1) * high_1_part, low_2, 1.0, chance


def _of_shares(shares: FloatArray) -> TwoTypeGap:
    *types, chance = _parameters(shares)
    return two_type_gap(*types, proposer_probability=chance)


def require_pair(name: str, pair: object) -> None:
    """Raise InvalidInputError unless these are two numbers."""
    values = pair if isinstance(pair, (tuple, list, np.ndarray)) else ()
    if len(values) == 2 and all(isinstance(v, Real) and not isinstance(v, bool) for v in values):
        return
    raise InvalidInputError(
        "not a pair of types",
        where=name,
        expected="a low and a high type, two numbers",
        got=f"{pair!r}"[:60],
        remedy="Of more types, solve player_1_gap for the beliefs you want.",
    )


def beliefs_of(
    beliefs: int | tuple[Sequence[float], Sequence[float]],
) -> tuple[FloatArray, FloatArray]:
    """Return the probabilities on both axes."""
    if isinstance(beliefs, (int, np.integer)) and not isinstance(beliefs, bool) and beliefs >= 2:
        axis = np.linspace(0.0, 1.0, int(beliefs))
        return axis, axis
    if isinstance(beliefs, (tuple, list)) and len(beliefs) == 2:
        try:
            first, second = (np.asarray(axis, dtype=np.float64) for axis in beliefs)
        except (TypeError, ValueError):
            first = second = np.zeros(())
        if all(axis.ndim == 1 and ((axis >= 0) & (axis <= 1)).all() for axis in (first, second)):
            return first, second
    raise InvalidInputError(
        "not beliefs",
        where="beliefs",
        expected="how many on each axis, at least 2, or two lists of probabilities",
        got=f"{beliefs!r}"[:60],
        remedy="Give a number such as 101.",
    )


def _gaps_by_program(
    player_1: Pair,
    player_2: Pair,
    proposer_probability: float | str,
    first: FloatArray,
    second: FloatArray,
    backend: Backend | str,
) -> FloatArray:
    """Return the gap for every pair of beliefs; HiGHS takes all in one program."""
    gap = np.full((first.size, second.size), np.nan)
    if backend == "highs":
        chance = as_fraction(proposer_probability)
        gap = gaps_by_programs(player_1, player_2, chance, first, second)
    for i, k in np.argwhere(np.isnan(gap)):
        beliefs = float(first[i]), float(second[k])
        gap[i, k] = _gap_by_program(player_1, player_2, proposer_probability, beliefs, backend)
    return gap


def _gap_by_program(
    player_1: Pair,
    player_2: Pair,
    proposer_probability: float | str,
    beliefs: Pair,
    backend: Backend | str,
) -> float:
    spaces = [
        ((low, high), (1.0 - belief, belief)) if low < high else ((low,), (1.0,))
        for (low, high), belief in zip((player_1, player_2), beliefs, strict=True)
    ]
    bargaining = Bargaining(spaces[0], spaces[1], proposer_probability)
    return solve(best_for_player_1(bargaining), backend).objective - random_monopoly(bargaining)


def _prices(own: float, opponent: Pair, beliefs: FloatArray) -> FloatArray:
    """Return the monopoly price of a type for every belief about the opponent.

    The candidates, in order of the quantity sold: the opponent's low type, its high type, none.
    """
    low, high = opponent
    candidates = np.array([low, high, np.inf])
    # Nobody buys at the high price where the high type has probability zero.
    at_high = np.where(beliefs > 0.0, (1.0 - beliefs) * own + beliefs * high, -np.inf)
    payoffs = np.stack([np.full_like(beliefs, low), at_high, np.full_like(beliefs, own)])
    # At a tie the price that sells more, whatever rounding makes of equal payoffs.
    size = max(abs(own), abs(low), abs(high))
    return np.asarray(candidates[(payoffs >= payoffs.max(axis=0) - ROUNDING * size).argmax(axis=0)])
