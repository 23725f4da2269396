"""Bargaining over a single good with mechanisms as offers (Pęski 2024)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.given import given_numbers
from mechopt._util.rationals import (
    FractionArray,
    as_fraction,
    fraction_array,
    require_agreement,
    scale_factor,
)
from mechopt._util.registry import saved_as
from mechopt.environments.agent import Agent, OutsideOption
from mechopt.environments.environment import Environment
from mechopt.environments.kinds import kind
from mechopt.environments.single_good import SingleGood
from mechopt.errors import InvalidInputError, require, require_factor
from mechopt.types import TypeSpace

if TYPE_CHECKING:
    from mechopt.types.prices.monopoly import Monopoly

# What a change of units may do to a number, relative to it.
ROUNDING = 1e-9

Prior = TypeSpace | tuple[Sequence[float | str], Sequence[float | str]]
"""A type space, or finite types with probabilities of which some may be zero."""


@saved_as("mechopt.RandomMonopoly")
@dataclass(frozen=True)
class RandomMonopoly(OutsideOption):
    """What a player can be sure of in bargaining: the chance to propose times its monopoly payoff.

    Every equilibrium gives a player at least this, however patient the two are (theory.md, section
    4). It is convex in the player's type.

    Parameters
    ----------
    proposer_probability
        Probability that the player is the one who proposes.
    opponent
        The opponent's type space.
    exact
        Text of the probability as a fraction, where it is not the decimal that the float prints as.
    unit
        What money is measured in, in units of the opponent's type space.
    dropped
        The player's own types that no type space has because their probability is zero, in units of
        the opponent's type space; theorems on numbers of types count them.
    renamed
        Whether the player had the opponent's name before labels were exchanged.

    Raises
    ------
    InvalidInputError
        For a number that is no probability, a unit that is not above zero, and types below zero.

    Notes
    -----
    Source: theory.md, section 4; Pęski (2024), random monopoly bound.

    Examples
    --------
    >>> import numpy as np
    >>> from mechopt import TypeSpace
    >>> RandomMonopoly(0.5, TypeSpace.finite([1, 3]))(np.array([0.0, 2.0]))
    array([0.75, 1.25])
    """

    proposer_probability: float
    opponent: TypeSpace
    exact: str | None = field(default=None, repr=False)
    unit: float = 1.0
    dropped: tuple[float, ...] = ()
    renamed: bool = False

    def __post_init__(self) -> None:
        require(self.opponent, TypeSpace, where="opponent", remedy="Pass the other's type space.")
        _probability(self.proposer_probability)
        if self.exact is not None:
            given = [self.exact], [self.proposer_probability]
            require_agreement("proposer_probability", *given)
        require_factor(self.unit, where="unit", remedy="Give what money is measured in.")
        require(self.renamed, bool, where="renamed", remedy="Give True or False.")
        listed = isinstance(self.dropped, tuple) and all(isinstance(t, float) for t in self.dropped)
        if not listed or not all(0.0 <= t < np.inf for t in self.dropped):
            raise InvalidInputError(
                "not types that were dropped",
                where="dropped",
                expected="a tuple of finite floats of at least 0",
                got=repr(self.dropped)[:60],
                remedy="Make the bargaining with Bargaining(player_1, player_2).",
            )

    def __call__(self, types: FloatArray) -> FloatArray:
        """Return the bound at each type, in money."""
        return self.proposer_probability * self.monopoly(types).payoff

    def monopoly(self, types: FloatArray) -> Monopoly:
        """Return monopoly payoffs and prices at each type, in money."""
        from mechopt.types.prices.monopoly import Monopoly, monopoly

        offer = monopoly(np.asarray(types, dtype=np.float64) / self.unit, self.opponent)
        return Monopoly(offer.payoff * self.unit, offer.price * self.unit, offer.refused)

    def in_fractions(self, types: FractionArray) -> FractionArray:
        """Return the bound at types given as fractions, with nothing rounded."""
        from mechopt.types.prices.monopoly import exact_monopoly

        chance, unit = as_fraction(self.exact or self.proposer_probability), scale_factor(self.unit)
        if chance == 0:
            return fraction_array([chance] * len(types))
        payoffs = exact_monopoly(types / unit, self.opponent)
        return fraction_array(chance * unit * payoff for payoff in payoffs)

    @property
    def spaces(self) -> tuple[TypeSpace, ...]:
        """The opponent's type space."""
        return (self.opponent,)

    def with_spaces(self, spaces: Sequence[TypeSpace]) -> RandomMonopoly:
        """Return the bound against another type space."""
        (opponent,) = spaces
        return replace(self, opponent=opponent)

    @property
    def remedy_over_cells(self) -> str:
        """What to do where mechanisms over cells miss the bound."""
        return (
            "Mechanisms over cells of a continuum can miss random-monopoly bounds by a little: use "
            "more cells, or finite types at their means (at_means = true in a file, "
            "TypeSpace.at_means in Python)."
        )

    def scaled(self, factor: float) -> RandomMonopoly:
        """Return the same bound in another unit of money."""
        return replace(self, unit=self.unit * factor)


def is_bargaining(environment: Environment) -> bool:
    """Return whether an environment is bargaining over a single good under the bounds.

    Examples
    --------
    >>> from mechopt import Bargaining, TypeSpace
    >>> is_bargaining(Bargaining(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3])))
    True
    """
    options = [agent.outside_option for agent in environment.agents]
    good = isinstance(environment.outcomes, SingleGood) and len(options) == 2
    if not good or environment.prior is not None:
        return False
    return all(isinstance(option, RandomMonopoly) for option in options)


@kind(
    "bargaining",
    is_of=is_bargaining,
    reader="mechopt.instances.bargaining:read_bargaining",
    report="mechopt.report.gap:GapAddendum",
    plots="mechopt.plot.bargaining",
    page="mechopt.explore.bargaining",
)
def Bargaining(  # noqa: N802 -- it reads as the environment that it returns
    player_1: Prior,
    player_2: Prior,
    proposer_probability: float | Fraction | str = 0.5,
) -> Environment:
    """Return two players who bargain over a single good by proposing mechanisms.

    In each round one of them is drawn to propose. The good may be thrown away, and payments must
    not sum to less than zero. Each player's outside option is its :class:`RandomMonopoly` bound,
    which holds all that is particular to bargaining.

    Parameters
    ----------
    player_1, player_2
        Type spaces of what the good is worth to each, in money, at least 0. A pair of types and
        probabilities is accepted too; types of probability zero are dropped from it, and listed by
        :func:`dropped_types`.
    proposer_probability
        Probability that player 1 proposes; a float, a fraction, or a text such as ``"1/3"``.

    Raises
    ------
    InvalidInputError
        For types below 0, or a number that is no probability.

    Notes
    -----
    Source: theory.md, section 4; Pęski (2024), Bargaining with Mechanisms and Two-Sided Incomplete
    Information.

    Examples
    --------
    >>> from mechopt import TypeSpace
    >>> bargaining = Bargaining(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3]), 0.5)
    >>> bargaining.first_best
    2.25
    """
    names = ("player_1", "player_2")
    sides = [
        players_types(name, prior) for name, prior in zip(names, (player_1, player_2), strict=True)
    ]
    chance = _exact_probability(proposer_probability)
    agents = []
    for i, own in enumerate((chance, 1 - chance)):
        types, dropped = sides[i]
        option = RandomMonopoly(float(own), sides[1 - i][0], str(own), dropped=dropped)
        agents.append(Agent(names[i], types, option))
    return Environment(tuple(agents), SingleGood(2))


def dropped_types(environment: Environment) -> dict[str, tuple[float, ...]]:
    """Return types of probability zero that were left out of bargaining, in money, by player.

    Examples
    --------
    >>> dropped_types(Bargaining(([0, 2], [0, 1]), TypeSpace.finite([1, 3])).scaled(100))
    {'player_1': (0.0,)}
    """
    return {
        name: tuple(option.unit * value for value in option.dropped)
        for name, option in _bounds(environment).items()
        if option.dropped
    }


def labels_exchanged(environment: Environment) -> bool:
    """Return whether bargaining came from :func:`exchanged`.

    Examples
    --------
    >>> labels_exchanged(Bargaining(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3])))
    False
    """
    return any(option.renamed for option in _bounds(environment).values())


def exchanged(bargaining: Environment) -> Environment:
    """Return the same bargaining with the players' labels exchanged.

    Raises
    ------
    InvalidInputError
        For an environment that :func:`Bargaining` does not make.

    Examples
    --------
    >>> bargaining = Bargaining(TypeSpace.finite([1, 3]), TypeSpace.finite([0, 2]), "1/3")
    >>> exchanged(bargaining).agents[0].outside_option.proposer_probability
    0.6666666666666666
    """
    if len(_bounds(bargaining)) != 2 or len(bargaining.agents) != 2 or bargaining.prior is not None:
        raise InvalidInputError(
            "not an environment of bargaining",
            where="bargaining",
            expected="two players with their random-monopoly bounds and independent types",
            got=", ".join(type(agent.outside_option).__name__ for agent in bargaining.agents),
            remedy="Make one with Bargaining.",
        )
    agents = []
    for agent, other in zip(bargaining.agents, bargaining.agents[::-1], strict=True):
        option = other.outside_option
        assert isinstance(option, RandomMonopoly)
        # Only names change: a bound stays that of the player whose it is.
        option = replace(option, renamed=not option.renamed)
        agents.append(replace(other, name=agent.name, outside_option=option))
    return replace(bargaining, agents=tuple(agents))


def doubt_about_bounds(environment: Environment) -> str | None:
    """Return why outside options are no random-monopoly bounds of these two players, or None.

    Examples
    --------
    >>> bargaining = Bargaining(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3]))
    >>> doubt_about_bounds(bargaining) is None
    True
    """
    chances = 0.0
    for agent, other in zip(environment.agents, environment.agents[::-1], strict=True):
        option, types = agent.outside_option, other.types
        assert isinstance(option, RandomMonopoly)
        chances += option.proposer_probability
        own = option.opponent
        same = own.num_cells == types.num_cells and np.array_equal(own.mass, types.mass)
        if not same or not all(
            np.allclose(option.unit * getattr(own, end), getattr(types, end), ROUNDING, 0.0)
            for end in ("mean", "lower", "upper")
        ):
            return f"the bound of {agent.name} is against other types than {other.name}'s"
    if abs(chances - 1.0) > ROUNDING:
        return f"the chances to propose sum to {chances:.12g}"
    return None


def _bounds(environment: Environment) -> dict[str, RandomMonopoly]:
    options = {agent.name: agent.outside_option for agent in environment.agents}
    return {name: option for name, option in options.items() if isinstance(option, RandomMonopoly)}


def players_types(name: str, prior: Prior) -> tuple[TypeSpace, tuple[float, ...]]:
    """Return a player's type space, and the types that were left out of it.

    Raises
    ------
    InvalidInputError
        For what :func:`Bargaining` cannot take; ``name`` is the place.

    Examples
    --------
    >>> players_types("player_1", ([0, 1, 2], [0.5, 0, 0.5]))
    (TypeSpace(2 types in [0, 2], mean 1), (1.0,))
    """
    dropped: tuple[float, ...] = ()
    if isinstance(prior, (tuple, list)) and [np.ndim(part) for part in prior] == [1, 1]:
        types, dropped = _with_positive_mass(prior[0], prior[1])
    else:
        hint = "Make one with TypeSpace.finite, or pass a pair of types and probabilities."
        require(prior, TypeSpace, where=name, remedy=hint)
        assert isinstance(prior, TypeSpace)
        types = prior
    lowest = min([types.lowest, *dropped])
    if lowest < 0.0:
        raise InvalidInputError(
            "a type below zero",
            where=name,
            expected="types of at least 0: a player can throw the good away",
            got=f"{lowest:g}",
            remedy="Measure what the good is worth from what it is worth to have none.",
        )
    return types, dropped


def _with_positive_mass(
    types: Sequence[float | str], probabilities: Sequence[float | str]
) -> tuple[TypeSpace, tuple[float, ...]]:
    """Return the type space of the types with positive probability, and the other types."""
    mass = given_numbers(probabilities, "probabilities")[0]
    given = given_numbers(types, "types")[0]
    if mass.shape != given.shape or not (mass <= 0.0).any():
        return TypeSpace.finite(types, probabilities), ()
    if (mass < 0.0).any():
        raise InvalidInputError(
            "a negative probability",
            where="probabilities",
            expected="numbers of at least 0 that sum to 1",
            got=f"{mass.min():g}",
            remedy="Correct it.",
        )
    if not mass.any():
        raise InvalidInputError(
            "no type has a positive probability",
            where="probabilities",
            expected="probabilities that sum to 1",
            got=f"{mass.size} zeros",
            remedy="Give at least one type a positive probability.",
        )
    # Types that are left out must be in order too, which the constructor checks of any list.
    TypeSpace.finite(types)
    kept = np.flatnonzero(mass != 0.0).tolist()
    space = TypeSpace.finite([types[k] for k in kept], [probabilities[k] for k in kept])
    return space, tuple(float(value) for value in given[mass == 0.0])


def _exact_probability(value: object) -> Fraction:
    """Return a probability as a fraction; a float is the decimal that it prints as."""
    try:
        chance = as_fraction(value)
    except InvalidInputError:
        chance = Fraction(-1)
    if isinstance(value, bool) or not 0 <= chance <= 1:
        raise _not_a_probability(value)
    return chance


def _probability(value: object) -> None:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not 0.0 <= float(value) <= 1.0:  # type: ignore[arg-type]
        raise _not_a_probability(value)


def _not_a_probability(got: object) -> InvalidInputError:
    return InvalidInputError(
        "not a probability",
        where="proposer_probability",
        expected="a number from 0 to 1",
        got=repr(got)[:60],
        remedy="Give the probability that player 1 proposes.",
    )
