"""Games of offers over finitely many periods between two sides of finite types: rules and tree."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from mechopt._util.arrays import shown
from mechopt._util.given import discount_factor, number_of_periods
from mechopt._util.rationals import as_fraction
from mechopt.environments import DelayedTrade, Environment
from mechopt.errors import InvalidInputError, TooLargeError, UnsupportedProblemError
from mechopt.studies.sealed_offers import laws_of
from mechopt.types.sources.finite import Finite

# Histories of refused offers, times types, are at most so many.
MAX_NODES = 20_000

Numbers = tuple[Fraction, ...]


@dataclass(frozen=True, eq=False)
class OfferGame:
    """Offers in turn, one per period, that the other side accepts or refuses.

    Both know their own type only, and all offers that were refused. Once an offer is accepted the
    two trade at it and the game is over; after the last refusal they never trade.

    Parameters
    ----------
    trade
        Bilateral trade of finite types, with or without delay.
    discount
        What a unit of trade is worth one period later to the more patient side, from 0 to less than
        1; to the other it is this to the power of the ratio of its rate to the lesser one. Money is
        discounted at the lesser rate by both.
    proposers
        Name of the agent that makes the offer, one per period.
    prices
        What may be offered, rising, in money of the period.

    Raises
    ------
    InvalidInputError
        For no discount factor, no agent of this name, and prices that do not rise or at which some
        type cannot offer without a loss.
    UnsupportedProblemError
        For types that are not finite.
    TooLargeError
        For more than 20,000 histories times types.

    Notes
    -----
    A price that some type of the other side never accepts is how to offer nothing. Prices
    therefore reach up to the highest cost and down to the lowest value.

    Examples
    --------
    >>> from mechopt.institutions import alternating_offers
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> game = alternating_offers(
    ...     BilateralTrade(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3])), "9/10", periods=2
    ... )
    >>> game.proposers, [str(price) for price in game.prices], game.num_nodes
    (('seller', 'buyer'), ['0', '1', '2', '3'], 50)
    """

    trade: Environment
    discount: Any
    proposers: tuple[str, ...]
    prices: Sequence[Any]

    def __post_init__(self) -> None:
        object.__setattr__(self, "discount", discount_factor(self.discount))
        object.__setattr__(self, "prices", tuple(as_fraction(price) for price in self.prices))
        object.__setattr__(self, "proposers", tuple(self.proposers))
        for law, agent in zip(laws_of(self.trade), self.trade.agents, strict=True):
            if not isinstance(law, Finite) or not agent.types.is_finite:
                raise UnsupportedProblemError(
                    f"offers in turn are for finite types (got {agent.types!r} of the "
                    f"{agent.name}). Cut it into finite types with at_means()."
                )
        self.trade.require_independent("a game of offers")
        names = [agent.name for agent in self.trade.agents]
        if not self.proposers or not set(self.proposers) <= set(names):
            raise InvalidInputError(
                "nobody who makes offers",
                where="proposers",
                expected=f"one of {names[0]!r} and {names[1]!r} per period, at least one period",
                got=shown(repr(self.proposers)),
                remedy="Name who offers in each period.",
            )
        costs, values = self.types
        given = [float(price) for price in self.prices]
        rises = len(given) > 0 and all(np.diff(given) > 0)
        if not rises or self.prices[-1] < costs[-1] or self.prices[0] > values[0]:
            raise InvalidInputError(
                "not prices that every type can offer",
                where="prices",
                expected=f"rising numbers, one of at most {values[0]}, one of at least {costs[-1]}",
                got=shown(repr(given)),
                remedy="Add a price that nobody of the other side wants to accept.",
            )
        if self.num_nodes > MAX_NODES:
            raise TooLargeError(
                f"{self.num_nodes:,} histories times types are too many (at most {MAX_NODES:,}). "
                "Take fewer periods or prices."
            )

    @property
    def periods(self) -> int:
        """How many offers there are at most."""
        return len(self.proposers)

    @property
    def num_nodes(self) -> int:
        """How many information sets both sides have."""
        size, total = len(self.prices), 0
        for period, side in enumerate(self.sides):
            own, other = len(self.types[side]), len(self.types[1 - side])
            total += size**period * (own + size * other)
        return total

    @cached_property
    def sides(self) -> tuple[int, ...]:
        """Who offers in each period: 0 is the seller, 1 the buyer."""
        first = self.trade.agents[0].name
        return tuple(int(name != first) for name in self.proposers)

    @cached_property
    def types(self) -> tuple[Numbers, Numbers]:
        """Costs and values, in fractions."""
        cells = [agent.types.in_fractions() for agent in self.trade.agents]
        return tuple(cells[0].mean), tuple(cells[1].mean)

    @cached_property
    def masses(self) -> tuple[Numbers, Numbers]:
        """Their probabilities, in fractions."""
        cells = [agent.types.in_fractions() for agent in self.trade.agents]
        return tuple(cells[0].mass), tuple(cells[1].mass)

    @cached_property
    def factors(self) -> tuple[Fraction, Fraction, Fraction]:
        """What trade is worth to seller and buyer, and money to both, one period later.

        A factor that is no fraction is the float next to it.
        """
        outcomes, patient = self.trade.outcomes, self.discount
        if not isinstance(outcomes, DelayedTrade):
            return patient, patient, patient
        rates = outcomes.seller_rate, outcomes.buyer_rate
        worth = [_power(patient, rate, min(rates)) for rate in rates]
        return worth[0], worth[1], patient

    @cached_property
    def gains(self) -> tuple[tuple[tuple[Numbers, ...], ...], ...]:
        """What trade at a price brings, by side, period, own type and price, in money of the first.

        Examples
        --------
        >>> from mechopt import BilateralTrade, TypeSpace
        >>> types = TypeSpace.finite([0, 1])
        >>> from mechopt.institutions import alternating_offers
        >>> game = alternating_offers(BilateralTrade(types, types), "1/2", periods=2)
        >>> game.gains[1][1]
        ((Fraction(0, 1), Fraction(-1, 2)), (Fraction(1, 2), Fraction(0, 1)))
        """
        found = []
        for side, sign in ((0, 1), (1, -1)):
            worth, money = self.factors[side], self.factors[2]
            found.append(
                tuple(
                    tuple(
                        tuple(sign * (money**t * p - worth**t * own) for p in self.prices)
                        for own in self.types[side]
                    )
                    for t in range(self.periods)
                )
            )
        return tuple(found)

    @property
    def title(self) -> str:
        """Who offers, how often, and at what discount factor."""
        who = "offers in turn"
        if len(set(self.proposers)) == 1:
            who = f"offers by the {self.proposers[0]}"
        elif any(a == b for a, b in zip(self.proposers, self.proposers[1:], strict=False)):
            who = "offers by " + ", ".join(self.proposers)
        return f"{who}, {self.periods} periods, discount factor {float(self.discount):.6g}"


def alternating_offers(
    trade: Environment,
    discount: Any,
    periods: int,
    *,
    first: str | None = None,
    prices: Sequence[Any] | None = None,
) -> OfferGame:
    """Return the game in which the two sides make offers in turn.

    Parameters
    ----------
    trade, discount
        As of :class:`OfferGame`.
    periods
        How many offers there are.
    first
        Name of the agent that makes the first; the seller unless given.
    prices
        What may be offered; all types of both sides unless given.

    Raises
    ------
    InvalidInputError, UnsupportedProblemError, TooLargeError
        As :class:`OfferGame`.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([0, 1])
    >>> alternating_offers(BilateralTrade(types, types), 0.9, 3, first="buyer").proposers
    ('buyer', 'seller', 'buyer')
    """
    laws_of(trade)
    names = [agent.name for agent in trade.agents]
    start = names.index(_known(first or names[0], names))
    proposers = tuple(names[(start + t) % 2] for t in range(number_of_periods(periods)))
    return OfferGame(trade, discount, proposers, _prices(trade, prices))


def offers_by_one_side(
    trade: Environment,
    discount: Any,
    periods: int,
    *,
    by: str | None = None,
    prices: Sequence[Any] | None = None,
) -> OfferGame:
    """Return the game in which one side, of types of its own, makes all offers.

    Parameters
    ----------
    trade, discount, periods, prices
        As of :func:`alternating_offers`.
    by
        Name of the agent that makes them; the seller unless given.

    Raises
    ------
    InvalidInputError, UnsupportedProblemError, TooLargeError
        As :class:`OfferGame`.

    Notes
    -----
    With two types on each side and two periods this is the game of Fudenberg and Tirole (1983),
    Review of Economic Studies 50, 221-247, on a grid of prices.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([0, 1])
    >>> offers_by_one_side(BilateralTrade(types, types), 0.9, 2).proposers
    ('seller', 'seller')
    """
    laws_of(trade)
    names = [agent.name for agent in trade.agents]
    proposer = _known(by or names[0], names)
    return OfferGame(
        trade, discount, (proposer,) * number_of_periods(periods), _prices(trade, prices)
    )


def _prices(trade: Environment, prices: Sequence[Any] | None) -> Sequence[Any]:
    if prices is not None:
        return prices
    spaces = [agent.types for agent in trade.agents]
    if not all(space.is_finite for space in spaces):
        return ()
    return sorted({number for space in spaces for number in space.in_fractions().mean})


def _known(name: str, names: list[str]) -> str:
    if name not in names:
        raise InvalidInputError(
            "no agent of this name",
            where="first",
            expected=f"{names[0]!r} or {names[1]!r}",
            got=shown(repr(name)),
            remedy="Name one of the two sides.",
        )
    return name


def _power(patient: Fraction, rate: float, least: float) -> Fraction:
    """Return a discount factor at a rate, given that at the least one."""
    if rate == least:
        return patient
    if math.isinf(rate):
        return Fraction(0)
    power = as_fraction(rate) / as_fraction(least)
    if power.denominator == 1:
        return patient**power.numerator
    return Fraction(float(patient) ** float(power))


def behaviour(shape: tuple[int, ...]) -> Any:
    """Return an array for fractions, zeros at first."""
    found = np.empty(shape, dtype=object)
    found[...] = Fraction(0)
    return found
