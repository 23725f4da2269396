"""Mechanisms as correspondences from beliefs to payoffs, on a grid of beliefs: made to learn from.

What is computed is the game with these posteriors on this grid and these offers. It is an inner
picture of the game with all posteriors, and no statement about the bargaining mechanism. With more
than two types no theorem says anything about that one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.given import real_array
from mechopt.errors import InvalidInputError, NotOptimalError
from mechopt.literature.peski2024.finite_types import FiniteTypes
from mechopt.literature.peski2024.lifted import Lifted, combined, hull
from mechopt.literature.peski2024.parts import Node, Parts
from mechopt.literature.peski2024.two_types import TwoTypes

Belief = float | tuple[float, ...]
"""The probability of the high of two types, or the probabilities of all types."""

PLAYERS = ("player_1", "player_2")


@dataclass(frozen=True)
class BeliefGrid:
    """Beliefs about both players, certainty of each type among them.

    Parameters
    ----------
    first, second
        Of two types the probabilities of player 1's and of player 2's high type, increasing from 0
        to 1; of other numbers of types lists of the probabilities of all.

    Raises
    ------
    InvalidInputError
        For lists that are not increasing from 0 to 1, and probabilities that do not sum to 1, are
        listed twice, or leave certainty of a type out.

    Examples
    --------
    >>> BeliefGrid((0, 0.5, 1), (0, 1)).shape
    (3, 2)
    >>> BeliefGrid(((1, 0, 0), (0, 1, 0), (0, 0, 1), (0.2, 0.3, 0.5)), (0, 1)).sizes
    (3, 2)
    """

    first: tuple[Belief, ...]
    second: tuple[Belief, ...]

    def __post_init__(self) -> None:
        for name in ("first", "second"):
            axis = real_array(getattr(self, name), name)
            if axis.ndim == 2:
                object.__setattr__(self, name, _lists_of_probabilities(name, axis))
                continue
            if axis.ndim != 1 or axis.size < 2 or axis[0] != 0.0 or axis[-1] != 1.0:
                raise _not_beliefs(name, axis)
            if not (np.diff(axis) > 0).all():
                raise _not_beliefs(name, axis)
            object.__setattr__(self, name, tuple(axis.tolist()))

    @property
    def shape(self) -> tuple[int, int]:
        """How many beliefs there are on each axis."""
        return len(self.first), len(self.second)

    @property
    def axes(self) -> tuple[tuple[Belief, ...], tuple[Belief, ...]]:
        """Both axes."""
        return self.first, self.second

    @property
    def sizes(self) -> tuple[int, int]:
        """How many types the beliefs are about, by player."""
        return len(mass_of(self.first[0])), len(mass_of(self.second[0]))

    def nodes(self) -> list[Node]:
        """Return all pairs of positions."""
        return list(product(range(len(self.first)), range(len(self.second))))

    def node(self, belief: tuple[Belief, Belief]) -> Node:
        """Return the position of a pair of beliefs.

        Raises
        ------
        InvalidInputError
            For beliefs that are not on the grid.
        """
        try:
            return self.first.index(belief[0]), self.second.index(belief[1])
        except (ValueError, IndexError, TypeError):
            raise InvalidInputError(
                "not beliefs of the grid",
                where="belief",
                expected=f"one of {self.first} and one of {self.second}",
                got=repr(belief)[:60],
                remedy="Add them to the grid, or take the nearest ones.",
            ) from None


@dataclass(frozen=True, eq=False)
class Correspondence:
    """Sets of payoffs of both players' types, one for each pair of beliefs of a grid.

    Payoffs are listed as those of player 1's types from the lowest on, then player 2's, in money.

    Parameters
    ----------
    game
        The types: :class:`TwoTypes`, or :class:`FiniteTypes` of any numbers.
    grid
        The beliefs, about so many types.
    parts
        By node, polytopes whose union the set is, or whose convex hull.
    is_convex
        Whether the set is the convex hull of its parts: after a public lottery.

    Examples
    --------
    >>> from mechopt.peski2024 import BeliefGrid, TwoTypes
    >>> game = TwoTypes((0.0, 2.0), (1.0, 3.0), 0.5)
    >>> grid = BeliefGrid((0, 0.5, 1), (0, 0.5, 1))
    >>> price = Correspondence.posted_price(game, grid, "player_1", 1.0)
    >>> price.furthest((0.5, 0.5), [1, 0, 0, 0])[1].tolist()
    [1.0, 1.0, 0.0, 2.0]
    """

    game: TwoTypes | FiniteTypes
    grid: BeliefGrid
    parts: Mapping[Node, tuple[Lifted, ...]]
    is_convex: bool

    def __post_init__(self) -> None:
        sizes = len(self.game.first), len(self.game.second)
        if sizes != self.grid.sizes:
            raise InvalidInputError(
                "a grid of beliefs about other numbers of types",
                where="grid",
                expected=f"beliefs about {sizes[0]} and {sizes[1]} types",
                got=f"{self.grid.sizes[0]} and {self.grid.sizes[1]}",
                remedy="List the probabilities of all types: ((1, 0, 0), (0, 1, 0), (0, 0, 1)).",
            )

    @property
    def num_payoffs(self) -> int:
        """How many payoffs there are: one for each type of both players."""
        return len(self.game.first) + len(self.game.second)

    def types_of(self, i: int) -> list[int]:
        """Return the places of the payoffs of player i's types (0 or 1)."""
        size = len(self.game.first)
        return list(range(size)) if i == 0 else list(range(size, self.num_payoffs))

    @classmethod
    def universal(cls, game: TwoTypes | FiniteTypes, grid: BeliefGrid) -> Correspondence:
        """Return U: the payoffs of all incentive-compatible mechanisms without a deficit."""
        parts = Parts(grid, lambda node: [_universal(game, *map(mass_of, _beliefs(grid, node)))])
        return cls(game, grid, parts, True)

    @classmethod
    def from_function(
        cls,
        game: TwoTypes | FiniteTypes,
        grid: BeliefGrid,
        payoffs: Callable[[Any, Any], Any],
    ) -> Correspondence:
        """Return what a function of both beliefs gives: a payoff by type, or a list of such."""
        parts = {}
        num = len(game.first) + len(game.second)
        for node in grid.nodes():
            values = real_array(payoffs(*_beliefs(grid, node)), "payoffs")
            values = values[None, :] if values.ndim == 1 else values
            if values.ndim != 2 or values.shape[1] != num or not np.isfinite(values).all():
                raise InvalidInputError(
                    "not payoffs",
                    where="payoffs",
                    expected=f"{num} finite numbers, or a list of such: one for each type",
                    got=f"an array of shape {values.shape}",
                    remedy="Return those of player 1's types, the lowest first, then player 2's.",
                )
            parts[node] = tuple(Lifted.point(point) for point in values)
        return cls(game, grid, parts, False)

    @classmethod
    def constant(
        cls, game: TwoTypes | FiniteTypes, grid: BeliefGrid, payoffs: Sequence[float]
    ) -> Correspondence:
        """Return the same payoffs at all beliefs."""
        return cls.from_function(game, grid, lambda _, __: payoffs)

    @classmethod
    def posted_price(
        cls, game: TwoTypes | FiniteTypes, grid: BeliefGrid, seller: str, price: float
    ) -> Correspondence:
        """Return what follows if a player sells at a price, and keeps the good if it is refused.

        Whoever is indifferent may buy or not.
        """
        i = player_of(seller)
        own, other = (game.first, game.second)[i], (game.first, game.second)[1 - i]

        def payoffs(first: Belief, second: Belief) -> list[list[float]]:
            mass = mass_of((first, second)[1 - i])
            choices = [
                {value > price} if value != price else {False, True} for value in map(float, other)
            ]
            found = []
            for buys in product(*choices):
                sold = sum(part for part, sale in zip(mass, buys, strict=True) if sale)
                sells = [(1 - sold) * t + sold * price for t in own]
                gains = [max(s - price, 0.0) for s in other]
                found.append([*sells, *gains] if i == 0 else [*gains, *sells])
            return found

        return cls.from_function(game, grid, payoffs)

    def __or__(self, other: Correspondence) -> Correspondence:
        """Return the union: either may be played."""
        grid, one, two = same_grid((self, other)), self.unhulled(), other.unhulled()
        parts = Parts(grid, lambda node: (*one[node], *two[node]))
        return Correspondence(self.game, grid, parts, False)

    def unhulled(self) -> Mapping[Node, tuple[Lifted, ...]]:
        """Return polytopes whose union the sets are."""
        if not self.is_convex:
            return self.parts
        return Parts(self.grid, lambda node: [hull(p)] if (p := self.parts[node]) else [])

    def furthest(
        self, belief: tuple[Belief, Belief], direction: Sequence[float]
    ) -> tuple[float, FloatArray]:
        """Return the largest value of a direction at a pair of beliefs, and payoffs that have it.

        Raises
        ------
        NotOptimalError
            If there are no payoffs at these beliefs.
        InvalidInputError
            If payoffs are not bounded in the direction.
        """
        weights = self._listed(direction, "direction")
        found = [part.furthest(weights) for part in self.parts[self.grid.node(belief)]]
        known = [each for each in found if each is not None]
        if not known:
            raise NotOptimalError(
                f"no payoffs at beliefs {belief}: with posteriors on this grid alone there is no "
                "equilibrium. Add beliefs to the grid.",
                None,
            )
        value, point = max(known, key=lambda each: each[0])
        if value == np.inf:
            raise InvalidInputError(
                "payoffs are not bounded in this direction",
                where="direction",
                expected="weights of which each player's have the same sum, not below zero",
                got=str(weights.tolist()),
                remedy="Money can be thrown away, and moved between the players.",
            )
        return value, point

    def contains(self, belief: tuple[Belief, Belief], payoffs: Sequence[float]) -> bool:
        """Return whether payoffs by type belong to the set at a pair of beliefs, up to rounding."""
        point = self._listed(payoffs, "payoffs")
        return any(part.contains(point) for part in self.unhulled()[self.grid.node(belief)])

    def distance(self, belief: tuple[Belief, Belief], payoffs: Sequence[float]) -> float:
        """Return how far payoffs by type are from the set, by the coordinate that differs most."""
        point = self._listed(payoffs, "payoffs")
        parts = self.unhulled()[self.grid.node(belief)]
        return min((part.distance(point) for part in parts), default=np.inf)

    def _listed(self, values: Sequence[float], where: str) -> FloatArray:
        """Return one number for each type, or raise InvalidInputError."""
        found = real_array(values, where)
        if found.shape != (self.num_payoffs,) or not np.isfinite(found).all():
            word = "four" if self.num_payoffs == 4 else str(self.num_payoffs)
            raise InvalidInputError(
                f"not {word} numbers",
                where=where,
                expected="one for each of player 1's types, then one for each of player 2's",
                got=repr(values)[:60],
                remedy="List the lowest type of each player first.",
            )
        return found

    def exceeds(self, other: Correspondence, directions: Sequence[Sequence[float]]) -> float:
        """Return by how much it reaches beyond another one in given directions, at any beliefs.

        Not above zero if it is contained in the other's hull as far as these directions tell.
        """
        same_grid((self, other))
        worst = -np.inf
        for node in self.grid.nodes():
            belief = _beliefs(self.grid, node)
            for direction in directions:
                beyond = self.furthest(belief, direction)[0] - other.furthest(belief, direction)[0]
                worst = max(worst, beyond)
        return worst


def mix(one: Correspondence, other: Correspondence, weight: float) -> Correspondence:
    """Return ``weight`` times one mechanism and the rest times another: a lottery between them.

    Examples
    --------
    >>> from mechopt.peski2024 import BeliefGrid, Correspondence, TwoTypes
    >>> game, grid = TwoTypes((0.0, 2.0), (1.0, 3.0), 0.5), BeliefGrid((0, 1), (0, 1))
    >>> nothing = Correspondence.constant(game, grid, [0, 0, 0, 0])
    >>> mix(nothing, Correspondence.constant(game, grid, [4, 4, 0, 0]), 0.25).furthest(
    ...     (0, 0), [1, 0, 0, 0]
    ... )[0]
    3.0
    """
    grid, share = same_grid((one, other)), _share(weight, "weight")
    first, second = one.unhulled(), other.unhulled()
    same = np.eye(one.num_payoffs)
    parts = Parts(
        grid,
        lambda node: (
            combined((a, b), (share * same, (1.0 - share) * same))
            for a, b in product(first[node], second[node])
        ),
    )
    return Correspondence(one.game, grid, parts, False)


def discount(mechanism: Correspondence, factor: float) -> Correspondence:
    """Return the mechanism a round later: all payoffs times a factor from 0 to 1."""
    share = _share(factor, "factor")
    return _each(mechanism, lambda part: part.scaled(share))


def transfer(mechanism: Correspondence, payer: str, amount: float) -> Correspondence:
    """Return the mechanism with a payment before it, from one player to the other."""
    sign = np.zeros(mechanism.num_payoffs)
    sign[mechanism.types_of(player_of(payer))] = -amount
    sign[mechanism.types_of(1 - player_of(payer))] = amount
    return _each(mechanism, lambda part: part.moved(sign))


def convexify(mechanism: Correspondence) -> Correspondence:
    """Return the convex hulls: the mechanism after a public lottery."""
    parts = mechanism.unhulled() if mechanism.is_convex else mechanism.parts
    return Correspondence(mechanism.game, mechanism.grid, parts, True)


def _each(mechanism: Correspondence, change: Callable[[Lifted], Lifted]) -> Correspondence:
    parts = Parts(mechanism.grid, lambda node: map(change, mechanism.parts[node]))
    return Correspondence(mechanism.game, mechanism.grid, parts, mechanism.is_convex)


def _universal(
    game: TwoTypes | FiniteTypes, first: tuple[float, ...], second: tuple[float, ...]
) -> Lifted:
    """Return U at a pair of beliefs: who gets the good in each profile, then payoffs by type."""
    from scipy import sparse

    mass = np.array(first), np.array(second)
    types = [np.array(own, dtype=np.float64) for own in (game.first, game.second)]
    sizes = types[0].size, types[1].size
    cells, num = sizes[0] * sizes[1], sum(sizes)
    width = 2 * cells + num
    goods = np.eye(2 * cells, width).reshape(2, *sizes, width)
    payoffs = np.split(np.eye(num, width, 2 * cells), [sizes[0]])
    often = np.einsum("y,xyw->xw", mass[1], goods[0]), np.einsum("x,xyw->yw", mass[0], goods[1])
    rows = [goods.sum(axis=0).reshape(cells, width), -np.eye(2 * cells, width)]
    money = np.zeros(width)
    for own, chances, quantity, gets in zip(types, mass, often, payoffs, strict=True):
        step, rise = np.diff(own)[:, None], np.diff(gets, axis=0)
        rows += [step * quantity[:-1] - rise, rise - step * quantity[1:]]
        money += chances @ gets - (chances * own) @ quantity
    rows.append(money[None, :])
    upper = np.concatenate(rows)
    most = np.zeros(len(upper))
    most[:cells] = 1.0
    none = sparse.csr_array((0, width))
    matrix = sparse.csr_array(np.concatenate(payoffs))
    return Lifted(matrix, np.zeros(num), sparse.csr_array(upper), most, none, np.zeros(0))


def mass_of(belief: Belief) -> tuple[float, ...]:
    """Return the probabilities of all types.

    Examples
    --------
    >>> mass_of(0.25), mass_of((0.25, 0.25, 0.5))
    ((0.75, 0.25), (0.25, 0.25, 0.5))
    """
    return belief if isinstance(belief, tuple) else (1.0 - belief, belief)


def _lists_of_probabilities(name: str, axis: FloatArray) -> tuple[tuple[float, ...], ...]:
    """Return beliefs about any number of types, or raise InvalidInputError."""
    rows = tuple(map(tuple, axis.tolist()))
    certain = {tuple(row) for row in np.eye(axis.shape[1]).tolist()}
    usable = (axis >= 0.0).all() and (np.abs(axis.sum(axis=1) - 1.0) <= 1e-12).all()
    if not usable or len(set(rows)) < len(rows) or not certain <= set(rows):
        raise InvalidInputError(
            "not beliefs about types",
            where=name,
            expected="lists of probabilities that sum to 1, certainty of each type among them",
            got=str(axis.tolist())[:60],
            remedy="Write ((1, 0, 0), (0, 1, 0), (0, 0, 1), (0.2, 0.3, 0.5)), say.",
        )
    return rows


def same_grid(mechanisms: Sequence[Correspondence]) -> BeliefGrid:
    """Return the grid that mechanisms share."""
    first = mechanisms[0]
    for each in mechanisms[1:]:
        if each.grid != first.grid or each.game != first.game:
            raise InvalidInputError(
                "mechanisms of different games or grids",
                where="mechanisms",
                expected=f"all on {first.grid}",
                got=f"{each.grid}",
                remedy="Make them with the same types and the same grid.",
            )
    return first.grid


def _beliefs(grid: BeliefGrid, node: Node) -> tuple[Belief, Belief]:
    return grid.first[node[0]], grid.second[node[1]]


def player_of(name: str) -> int:
    """Return the place of a player, 0 or 1, or raise InvalidInputError."""
    if name not in PLAYERS:
        raise InvalidInputError(
            "no such player",
            where="player",
            expected=" or ".join(PLAYERS),
            got=repr(name)[:60],
            remedy="Name one of the two.",
        )
    return PLAYERS.index(name)


def _share(value: float, where: str) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value <= 1:
        raise InvalidInputError(
            "not a share",
            where=where,
            expected="a number from 0 to 1",
            got=repr(value)[:60],
            remedy="Give a probability or a discount factor.",
        )
    return float(value)


def _not_beliefs(name: str, axis: FloatArray) -> InvalidInputError:
    return InvalidInputError(
        "not an axis of beliefs",
        where=name,
        expected="probabilities that increase from 0 to 1",
        got=str(axis.tolist())[:60],
        remedy="Write (0, 0.5, 1), say.",
    )
