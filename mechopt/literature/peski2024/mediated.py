"""A finite game that implements payoffs at beliefs of a grid: a mediator names the beliefs.

The mediator is paid by a quadratic score, and so names what it believes; then the players play the
direct mechanism of the beliefs that were named. Truth is an equilibrium with the wanted payoffs.
That it is the only one, which full implementation claims, takes more and is not attempted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, cast

import numpy as np

from mechopt._util.arrays import FloatArray, sealed
from mechopt._util.files import write_whole
from mechopt._util.given import real_array
from mechopt.errors import InvalidInputError
from mechopt.literature.peski2024.correspondence import PLAYERS, BeliefGrid
from mechopt.literature.peski2024.parts import Node
from mechopt.literature.peski2024.two_types import TwoTypes
from mechopt.mechanism.check import Check
from mechopt.verify.audit import AUDIT_TOLERANCE, AuditReport

# Longer files are read by no program in useful time.
MAX_ENDINGS = 2_000
TYPES = ("l", "h")


@dataclass(frozen=True, eq=False)
class DirectMechanism:
    """Who gets the good and what is paid, by the reports of both players.

    Parameters
    ----------
    goods : array of shape (2, 2, 2)
        Probability that a player gets the good: the player first, then both reports.
    payments : array of shape (2, 2, 2)
        What a player pays, in money; in every profile they sum to at least zero.
    """

    goods: FloatArray
    payments: FloatArray

    def outcomes(self, game: TwoTypes) -> FloatArray:
        """Return payoffs: the player, its true type, then both reports."""
        types = np.array([game.first, game.second], dtype=np.float64)
        worth: FloatArray = types[:, :, None, None] * self.goods[:, None]
        return worth - self.payments[:, None]


@dataclass(frozen=True, eq=False)
class MediatedGame:
    """Two players and a mediator who names the beliefs at which the players' mechanism is made.

    Parameters
    ----------
    game
        The players' types.
    grid
        The beliefs that can be named.
    mechanisms
        By node of the grid, what is played after it was named.
    score
        What the mediator gets for certainty that turns out right, in money.
    """

    game: TwoTypes
    grid: BeliefGrid
    mechanisms: dict[Node, DirectMechanism]
    score: float

    def payoffs(self, belief: tuple[float, float]) -> FloatArray:
        """Return what the players' types expect in the truthful equilibrium, player 1's first."""
        node = self.grid.node(belief)
        first, second = self._interim(node, belief)
        return np.concatenate([np.diagonal(first), np.diagonal(second)])

    def check(self, belief: tuple[float, float], tolerance: float = AUDIT_TOLERANCE) -> AuditReport:
        """Check by definition that telling the truth is an equilibrium at a pair of beliefs.

        Parameters
        ----------
        belief
            What all believe at first, on the grid.
        tolerance
            What a deviation may gain, relative to the highest type.
        """
        node = self.grid.node(belief)
        scale = float(max(*self.game.first, *self.game.second)) or 1.0
        checks = []
        for name, payoffs in zip(PLAYERS, self._interim(node, belief), strict=True):
            gain = float((payoffs - np.diagonal(payoffs)[:, None]).max())
            where = "every type reports itself"
            checks.append(_check(f"truth of {name}", gain, scale, tolerance, where))
        named = {each: self._expected_score(each, belief) for each in self.grid.nodes()}
        best = max(named, key=lambda each: named[each])
        gain = named[best] - named[node]
        checks.append(
            _check("truth of the mediator", gain, self.score, tolerance, f"names {belief}")
        )
        paid = self.mechanisms[node].payments.sum(axis=0)
        short = float(-paid.min())
        checks.append(_check("no deficit in any profile", short, scale, tolerance, "all reports"))
        return AuditReport(tuple(checks))

    def to_gambit(self, belief: tuple[float, float], path: str | Path) -> None:
        """Write the game at a pair of beliefs as a Gambit file of its extensive form.

        Parameters
        ----------
        belief
            What all believe at first, on the grid.
        path
            The file; it ends in .efg.

        Raises
        ------
        InvalidInputError
            For another ending of the name, and games of more than 2,000 endings.
        """
        endings = 16 * len(self.mechanisms)
        if endings > MAX_ENDINGS:
            raise InvalidInputError(
                "too large a game to write down",
                where="grid",
                expected=f"at most {MAX_ENDINGS:,} endings",
                got=f"{endings:,}",
                remedy="Take fewer beliefs.",
            )
        if Path(path).suffix != ".efg":
            raise InvalidInputError(
                "not the name of a Gambit file",
                where="path",
                expected="a name that ends in .efg",
                got=str(path)[-60:],
                remedy="Call it game.efg.",
            )
        self.grid.node(belief)
        write_whole(path, "\n".join(self._lines(belief)) + "\n")

    def _interim(self, node: Node, belief: tuple[float, float]) -> tuple[FloatArray, FloatArray]:
        """Return expected payoffs by player, true type and report, if the other tells the truth."""
        mass = [np.array([1.0 - high, high]) for high in belief]
        first, second = self.mechanisms[node].outcomes(self.game)
        return np.einsum("txy,y->tx", first, mass[1]), np.einsum("txy,x->ty", second, mass[0])

    def _expected_score(self, node: Node, belief: tuple[float, float]) -> float:
        named = _beliefs(self.grid, node)
        errors = sum(
            (1 - high) * q**2 + high * (1 - q) ** 2 for q, high in zip(named, belief, strict=True)
        )
        return self.score * (1.0 - errors)

    def _lines(self, belief: tuple[float, float]) -> Iterator[str]:
        """Yield the lines of a Gambit file, the tree from its root on."""
        yield 'EFG 2 R "A mediator names beliefs" { "player 1" "player 2" "mediator" }'
        yield '""'
        profiles = list(product((0, 1), (0, 1)))
        mass = [(1.0 - high, high) for high in belief]
        chances = " ".join(
            f'"{TYPES[x]}{TYPES[y]}" {mass[0][x] * mass[1][y]!r}' for x, y in profiles
        )
        yield f'c "" 1 "types" {{ {chances} }} 0'
        nodes = self.grid.nodes()
        named = " ".join(f'"{self.grid.first[i]:g}, {self.grid.second[k]:g}"' for i, k in nodes)
        reports = '{ "l" "h" }'
        ending = 0
        for x, y in profiles:
            yield f'p "" 3 1 "mediator" {{ {named} }} 0'
            for place, node in enumerate(nodes):
                first, second = self.mechanisms[node].outcomes(self.game)
                beliefs = _beliefs(self.grid, node)
                score = self.score * (1.0 - (x - beliefs[0]) ** 2 - (y - beliefs[1]) ** 2)
                yield f'p "" 1 {1 + 2 * place + x} "{TYPES[x]} after {place}" {reports} 0'
                for said in (0, 1):
                    yield f'p "" 2 {1 + 2 * place + y} "{TYPES[y]} after {place}" {reports} 0'
                    for answered in (0, 1):
                        ending += 1
                        gets = (first[x, said, answered], second[y, said, answered], score)
                        numbers = ", ".join(repr(float(value)) for value in gets)
                        yield f't "" {ending} "" {{ {numbers} }}'


def mediated_game(
    game: TwoTypes,
    grid: BeliefGrid,
    payoffs: Callable[[float, float], Any],
    *,
    score: float = 1.0,
) -> MediatedGame:
    """Return the game in which a mediator names beliefs, and payoffs are those of a function there.

    After a pair of beliefs was named the players report their types. Player 1's truth does not
    depend on what it believes of player 2; player 2's does on the beliefs that were named.

    Parameters
    ----------
    game
        The types.
    grid
        The beliefs that can be named.
    payoffs
        Four payoffs at a pair of beliefs: those of player 1's low and high type, then player 2's.
        They have to belong to a mechanism that is incentive compatible and runs no deficit.
    score
        What the mediator gets for certainty that turns out right, in money.

    Raises
    ------
    InvalidInputError
        For payoffs that no mechanism has, and other numbers of types than two.

    Notes
    -----
    Source: theory.md, section 4.7; Pęski (2024), Theorem 1, which adds the construction that makes
    this the only equilibrium.

    Examples
    --------
    >>> from mechopt.peski2024 import BeliefGrid, TwoTypes
    >>> game, grid = TwoTypes((0.0, 2.0), (1.0, 3.0), 0.5), BeliefGrid((0, 0.5, 1), (0, 0.5, 1))
    >>> lottery = mediated_game(game, grid, lambda p, q: [0, 1, 0.5, 1.5])
    >>> lottery.payoffs((0.5, 0.5)).round(6).tolist(), lottery.check((0.5, 0.5)).passed
    ([0.0, 1.0, 0.5, 1.5], True)
    """
    if grid.sizes != (2, 2) or (len(game.first), len(game.second)) != (2, 2):
        raise InvalidInputError(
            "not two types on each side",
            where="grid",
            expected="two types of each player, and beliefs that are probabilities of a high type",
            got=f"beliefs about {grid.sizes[0]} and {grid.sizes[1]} types",
            remedy="Merge types.",
        )
    mechanisms = {}
    for node in grid.nodes():
        belief = _beliefs(grid, node)
        wanted = real_array(payoffs(*belief), "payoffs")
        found = _mechanism(game, belief, wanted) if wanted.shape == (4,) else None
        if found is None:
            raise InvalidInputError(
                "not payoffs of a mechanism",
                where="payoffs",
                expected=f"four payoffs of an incentive-compatible mechanism at beliefs {belief}",
                got=str(wanted.tolist())[:60],
                remedy="Ask Correspondence.universal(...).contains(belief, payoffs) first.",
            )
        mechanisms[node] = found
    return MediatedGame(game, grid, mechanisms, score)


def _beliefs(grid: BeliefGrid, node: Node) -> tuple[float, float]:
    """Return probabilities of the high types."""
    return cast("tuple[float, float]", (grid.first[node[0]], grid.second[node[1]]))


def _mechanism(
    game: TwoTypes, belief: tuple[float, float], wanted: FloatArray
) -> DirectMechanism | None:
    """Return a mechanism with given payoffs, in which player 1's truth holds profile by profile."""
    from scipy.optimize import linprog

    mass = [np.array([1.0 - high, high]) for high in belief]
    variables = np.eye(16).reshape(2, 2, 2, 2, 16)
    goods, paid = variables[0], variables[1]
    types = np.array([game.first, game.second], dtype=np.float64)
    # By player, true type and both reports, as rows over the variables.
    gets = types[:, :, None, None, None] * goods[:, None] - paid[:, None]
    second = np.einsum("txyv,x->tyv", gets[1], mass[0])
    equal = np.concatenate(
        [np.einsum("xxyv,y->xv", gets[0], mass[1]), np.einsum("yyv->yv", second)]
    )
    below = [
        *(gets[0, t, 1 - t, y] - gets[0, t, t, y] for t in (0, 1) for y in (0, 1)),
        *(second[t, 1 - t] - second[t, t] for t in (0, 1)),
        *(goods.sum(axis=0).reshape(4, 16)),
        *(-paid.sum(axis=0).reshape(4, 16)),
    ]
    most = np.concatenate([np.zeros(6), np.ones(4), np.zeros(4)])
    solver: Any = linprog
    bounds = [(0.0, 1.0)] * 8 + [(None, None)] * 8
    options = {"primal_feasibility_tolerance": 1e-10}
    found = solver(
        np.zeros(16), np.array(below), most, equal, wanted, bounds, "highs", options=options
    )
    if found.status != 0:
        return None
    goods, paid = found.x.reshape(2, 2, 2, 2)
    return DirectMechanism(sealed(goods), sealed(paid))


def _check(name: str, gain: float, scale: float, tolerance: float, where: str) -> Check:
    return Check(name, gain, max(gain / scale, 0.0), tolerance, where)
