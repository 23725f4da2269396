"""Any finite numbers of types in bargaining: what they are in fractions, and what is known of them.

With more than two types on each side there is no theorem on equilibria unless one player's type is
known; what is computed then is what the random-monopoly bounds leave, if they hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from mechopt._util.rationals import as_fraction, decimals
from mechopt.environments import Environment, RandomMonopoly
from mechopt.environments.bargaining import doubt_about_bounds
from mechopt.errors import InvalidInputError
from mechopt.literature.peski2024.bargaining import (
    in_order,
    numbers_of_types,
    require_bargaining,
)
from mechopt.types import TypeSpace

# Programs in fractions of more profiles of types than this take minutes.
MAX_PROFILES = 64

PROVED = "theorem: at most two types on each side (Pęski 2024)"
ONE_KNOWN = "theorem: one player's type is known (theory.md, section 4.6)"
CONJECTURED = (
    "conjectural: what the random-monopoly bounds leave; that they hold at a discount factor is "
    "proved for two types on each side, and no theorem says that payoffs are unique for more"
)


@dataclass(frozen=True)
class FiniteTypes:
    """Types of two bargainers, any finite numbers of them, and how often the first proposes.

    Parameters
    ----------
    first, second
        Types of player 1 and of player 2, in money, increasing.
    chance
        Probability that player 1 proposes.

    Raises
    ------
    InvalidInputError
        For no types, and types that do not increase.

    Examples
    --------
    >>> from fractions import Fraction
    >>> game = FiniteTypes((0, 1, 2), (1, 3), Fraction(1, 2))
    >>> [str(u) for u in game.monopoly(0, [Fraction(1, 3), Fraction(2, 3)])]
    ['2', '7/3', '8/3']
    """

    first: tuple[Any, ...]
    second: tuple[Any, ...]
    chance: Any

    def __post_init__(self) -> None:
        for name in ("first", "second"):
            own = tuple(getattr(self, name))
            rising = all(one < other for one, other in pairwise(own))
            if not own or not rising:
                raise InvalidInputError(
                    "not types",
                    where=name,
                    expected="at least one number, increasing",
                    got=str(list(own))[:60],
                    remedy="List each type once, the lowest first.",
                )
            object.__setattr__(self, name, own)

    def monopoly(self, i: int, mass: Sequence[Any]) -> tuple[Any, ...]:
        """Return monopoly payoffs of player i (0 or 1) by probabilities of the other's types."""
        pair = (self.first, self.second)
        return monopoly_payoffs_of(pair[i], pair[1 - i], mass)


def monopoly_payoffs_of(
    own: Sequence[Any], opponent: Sequence[Any], mass: Sequence[Any]
) -> tuple[Any, ...]:
    """Return what each type gets by its best price, in money.

    Parameters
    ----------
    own, opponent
        Types of the player and of the other, in increasing order.
    mass
        Probabilities of the other's types.

    Notes
    -----
    Source: theory.md, section 4.1.

    Examples
    --------
    >>> monopoly_payoffs_of((0, 2), (1, 3), (0.5, 0.5))
    (1.5, 2.5)
    """
    return tuple(max(t, *(payoff for _, payoff in _prices(t, opponent, mass))) for t in own)


def _prices(own: Any, opponent: Sequence[Any], mass: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Return the prices that are one of the other's types, and what each brings."""
    found, refused = [], 0 * own
    for price, part in zip(opponent, mass, strict=True):
        found.append((price, refused * own + (1 - refused) * price))
        refused = refused + part
    return found


def payoffs_beside_known_type(
    known: Any, other: Sequence[Any], mass: Sequence[Any], share: Any
) -> tuple[Any, tuple[Any, ...]] | None:
    """Return the payoffs of bargaining where one player's type is known, whatever the discounting.

    Parameters
    ----------
    known
        The type of one player, in money.
    other, mass
        Types of the other, increasing, and their probabilities, above zero.
    share
        Probability that the player whose type is known proposes.

    Returns
    -------
    tuple or None
        The payoff of the player whose type is known, and those of the other's types. None where
        best prices are tied and leave the other different rents.

    Notes
    -----
    Each gets its random-monopoly bound, and the other what the best price leaves it besides.
    Source: theory.md, section 4.6.

    Examples
    --------
    >>> third = [Fraction(1, 3)] * 3
    >>> known, others = payoffs_beside_known_type(0, [1, 2, 3], third, Fraction(1, 2))
    >>> str(known), [str(payoff) for payoff in others]
    ('2/3', ['1/2', '1', '2'])
    """
    prices = _prices(known, other, mass)
    best = max(known, *(payoff for _, payoff in prices))
    asked = [price for price, payoff in prices if payoff == best]
    if known == best:
        asked.append(max(*other, known))
    rents = {tuple(max(s - max(price, known), 0 * s) for s in other) for price in asked}
    if len(rents) > 1:
        return None
    (rent,) = rents
    rest = 1 - share
    return share * best, tuple(
        rest * max(s, known) + share * more for s, more in zip(other, rent, strict=True)
    )


def ground_of(bargaining: Environment) -> str:
    """Return on what ground bounds at a discount factor hold: a theorem, or a conjecture.

    Examples
    --------
    >>> from mechopt import Bargaining, TypeSpace
    >>> ground_of(Bargaining(TypeSpace.finite([0, 1, 2]), TypeSpace.finite([1]))) == ONE_KNOWN
    True
    """
    given = numbers_of_types(bargaining)
    if max(given) <= 2:
        return PROVED
    return ONE_KNOWN if min(given) == 1 else CONJECTURED


def require_finite_types(bargaining: Environment) -> None:
    """Raise InvalidInputError unless this is bargaining of finite types, and not too many.

    Outside options must be what the two can be sure of.
    """
    fault = fault_of_bargaining(bargaining)
    if fault is not None:
        raise fault


def fault_of_bargaining(bargaining: Environment) -> InvalidInputError | None:
    """Return why bounds on equilibria of a bargaining are not computed; None where they are.

    Examples
    --------
    >>> from mechopt import Bargaining, TypeSpace
    >>> types = TypeSpace.finite(range(9))
    >>> print(fault_of_bargaining(Bargaining(types, types)).got)
    9 times 9
    """
    require_bargaining(bargaining)
    doubt = doubt_about_bounds(bargaining)
    if doubt is not None:
        return InvalidInputError(
            "outside options that are not those of the two",
            where="bargaining",
            expected="the random-monopoly bound of each against the other's types",
            got=doubt,
            remedy="Make the environment with Bargaining.",
        )
    for agent in bargaining.agents:
        if not agent.types.is_finite:
            return InvalidInputError(
                "not finitely many types",
                where=agent.name,
                expected="finite types: bounds on equilibria are computed in fractions",
                got=str(agent.types),
                remedy="Take few cells, and TypeSpace.at_means (at_means = true in files).",
            )
    first, second = bargaining.agents
    sizes = first.types.num_cells, second.types.num_cells
    if sizes[0] * sizes[1] > MAX_PROFILES:
        return InvalidInputError(
            "too many types for programs in fractions",
            where=(first if sizes[0] >= sizes[1] else second).name,
            expected=f"at most {MAX_PROFILES} pairs of types",
            got=f"{sizes[0]} times {sizes[1]}",
            remedy="Merge types, or ask for player_1_gap: the limit of patient players.",
        )
    return None


def masses_in_fractions(types: TypeSpace) -> list[Fraction]:
    """Return the probabilities of finite types as fractions that sum to one.

    Decimals that do not sum to exactly one are divided by their sum; of two types, that of the high
    one counts as it is.

    Examples
    --------
    >>> masses_in_fractions(TypeSpace.finite([0, 2], ["2/3", "1/3"]))
    [Fraction(2, 3), Fraction(1, 3)]
    """
    if types.num_cells == 1:
        return [Fraction(1)]
    try:
        return list(types.in_fractions().mass)
    except InvalidInputError:
        parts = list(decimals(types.mass))
    if len(parts) == 2:
        return [1 - parts[1], parts[1]]
    return [part / sum(parts) for part in parts]


def types_in_fractions(types: TypeSpace) -> tuple[Fraction, ...]:
    """Return finite types as fractions.

    Examples
    --------
    >>> types_in_fractions(TypeSpace.finite([0, "1/3"]))
    (Fraction(0, 1), Fraction(1, 3))
    """
    try:
        return tuple(types.in_fractions().mean)
    except InvalidInputError:
        # Their probabilities do not sum to exactly one.
        return tuple(decimals(types.mean))


def finite_types_of(bargaining: Environment, *, swap: bool) -> tuple[FiniteTypes, Environment]:
    """Return types in fractions, and the bargaining with its labels in order.

    Parameters
    ----------
    bargaining
        A :func:`Bargaining` of finite types.
    swap
        Whether to exchange the players' labels if player 2 has the lower lowest type.

    Raises
    ------
    InvalidInputError
        For a continuum, too many types, and players in the wrong order.

    Examples
    --------
    >>> from mechopt import Bargaining
    >>> given = Bargaining(TypeSpace.finite([0, 1, 2]), TypeSpace.finite([1]))
    >>> finite_types_of(given, swap=False)[0].second
    (Fraction(1, 1),)
    """
    require_finite_types(bargaining)
    ordered = in_order(bargaining, swap=swap)
    first, second = (types_in_fractions(agent.types) for agent in ordered.agents)
    option = ordered.agents[0].outside_option
    assert isinstance(option, RandomMonopoly)
    chance = as_fraction(option.exact or option.proposer_probability)
    return FiniteTypes(first, second, chance), ordered
