"""The set of payoffs that two bargainers can reach: support function, corners, projections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeGuard

import numpy as np

from mechopt._util.arrays import FloatArray, shown
from mechopt.environments import Environment, NoPayoff
from mechopt.errors import InvalidInputError, require
from mechopt.literature.peski2024.polytope import Polytope, polytope_of
from mechopt.problem.problem import DesignProblem
from mechopt.problem.usual import ex_ante_efficiency
from mechopt.studies.extremes import Extreme, PayoffProgram

MAX_TYPES = 6

Axis = str | tuple[str, int] | Mapping[str, Sequence[float]] | Sequence[Sequence[float]]
"""A player's name (its expected payoff), a name and a type's position, or one weight per type."""


@dataclass(frozen=True, eq=False)
class Projection:
    """A payoff set as seen along two axes.

    Parameters
    ----------
    labels
        What the axes are.
    polygon
        The projection; its vertices are counterclockwise, in money.
    bound : array of shape (2,)
        Where both players' payoffs are at their outside options: the random-monopoly point, which
        may lie outside.
    """

    labels: tuple[str, str]
    polygon: Polytope
    bound: FloatArray


class PayoffSet:
    """Payoffs of incentive-compatible mechanisms in which everyone gets at least a bound.

    All payoffs could be had at once if money were thrown away or came for nothing; the set is
    bounded because payments balance and no type gets less than its bound (theory.md, section 4).

    Parameters
    ----------
    environment
        A :func:`Bargaining`, or another environment.
    at_least
        ``"outside-option"``, which in bargaining is the random-monopoly bound, or ``"nothing"``.

    Raises
    ------
    InvalidInputError
        For another word.

    Examples
    --------
    >>> from mechopt import Bargaining, TypeSpace
    >>> bargaining = Bargaining(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3]), 0.5)
    >>> payoffs = PayoffSet(bargaining)
    >>> round(payoffs.furthest("player_1").value, 6)
    1.0625
    >>> payoffs.projection("player_1", "player_2").polygon.vertices.round(4).tolist()
    [[1.0, 1.125], [1.0625, 1.125], [1.0, 1.25]]
    """

    def __init__(
        self,
        environment: Environment,
        *,
        at_least: Literal["outside-option", "nothing"] = "outside-option",
    ) -> None:
        require(environment, Environment, where="environment", remedy="Pass a Bargaining.")
        if at_least not in ("outside-option", "nothing"):
            raise InvalidInputError(
                "not a bound on payoffs",
                where="at_least",
                expected='"outside-option" or "nothing"',
                got=repr(at_least),
                remedy="Use one of these words.",
            )
        if at_least == "nothing":
            agents = tuple(replace(a, outside_option=NoPayoff()) for a in environment.agents)
            environment = Environment(agents, environment.outcomes)
        self._problem = ex_ante_efficiency(environment)
        self._program = PayoffProgram(self._problem)

    @property
    def problem(self) -> DesignProblem:
        """The requirements on mechanisms, with total gains as the objective."""
        return self._problem

    def furthest(self, direction: Axis) -> Extreme:
        """Return the support function: payoffs, mechanism and proved bound in a direction.

        Parameters
        ----------
        direction
            A player's name for its expected payoff; a name and the position of a type for that
            type's payoff; or one list of weights per player, by name or in order.

        Raises
        ------
        InvalidInputError
            For what is no direction.
        NotOptimalError
            If the set is empty.
        """
        return self._program.furthest(self._weights(direction))

    def projection(self, first: Axis, second: Axis) -> Projection:
        """Return the projection on two axes, given as for :meth:`furthest`.

        Examples
        --------
        >>> from mechopt import Bargaining, TypeSpace
        >>> bargaining = Bargaining(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3]), 0.5)
        >>> seen = PayoffSet(bargaining).projection(("player_2", 0), ("player_2", 1))
        >>> seen.labels, seen.bound
        (('player_2 type 1', 'player_2 type 3'), array([0.75, 1.5 ]))
        """
        axes = [self._weights(axis) for axis in (first, second)]
        joined = np.array([np.concatenate(axis) for axis in axes])

        def support(direction: FloatArray) -> FloatArray:
            weights = tuple(direction[0] * a + direction[1] * b for a, b in zip(*axes, strict=True))
            return joined @ np.concatenate(self._program.furthest(weights).payoffs)

        agents = self._problem.environment.agents
        options = np.concatenate([agent.outside_option(agent.types.mean) for agent in agents])
        return Projection(
            (self._label(first), self._label(second)), polytope_of(support, 2), joined @ options
        )

    def vertices(self) -> Polytope:
        """Return the set by its corners and facets; coordinates are the players' types in order.

        Raises
        ------
        InvalidInputError
            For more than six types in total; look at projections then.

        Examples
        --------
        >>> from mechopt import Bargaining, TypeSpace
        >>> bargaining = Bargaining(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3]), 0.5)
        >>> corners = PayoffSet(bargaining).vertices()
        >>> corners.dimension, corners.vertices.shape[1]
        (4, 4)
        """
        shape = self._problem.environment.shape
        if sum(shape) > MAX_TYPES:
            raise InvalidInputError(
                "too many types to list the corners",
                where="environment",
                expected=f"at most {MAX_TYPES} types in total",
                got=f"{sum(shape)}",
                remedy="Ask for projections on two axes.",
            )
        splits = np.cumsum(shape)[:-1]

        def support(direction: FloatArray) -> FloatArray:
            extreme = self._program.furthest(np.split(direction, splits))
            return np.concatenate(extreme.payoffs)

        return polytope_of(support, sum(shape))

    def _weights(self, axis: Axis) -> tuple[FloatArray, ...]:
        """Return one weight per type of each agent."""
        environment = self._problem.environment
        if isinstance(axis, Mapping):
            names = [agent.name for agent in environment.agents]
            if set(axis) != set(names):
                raise _not_a_direction(axis, f"weights for {', '.join(names)}")
            axis = [axis[name] for name in names]
        if not isinstance(axis, (str, tuple, list, np.ndarray)):
            raise _not_a_direction(axis, "a player's name, a name and a position, or weights")
        weights = [np.zeros(size) for size in environment.shape]
        if isinstance(axis, str):
            i = environment.index_of(axis)
            weights[i] = environment.agents[i].types.mass.copy()
        elif _is_type(axis):
            i, k = environment.index_of(axis[0]), axis[1]
            is_position = isinstance(k, (int, np.integer)) and not isinstance(k, bool)
            if not is_position or not 0 <= k < environment.shape[i]:
                raise InvalidInputError(
                    "no such type",
                    where="direction",
                    expected=f"a position from 0 to {environment.shape[i] - 1}",
                    got=repr(k),
                    remedy=f"Count the types of {axis[0]} from 0.",
                )
            weights[i][k] = 1.0
        else:
            try:
                return tuple(np.asarray(values, dtype=np.float64) for values in axis)
            except (TypeError, ValueError):
                raise _not_a_direction(axis, "one list of numbers per player") from None
        return tuple(weights)

    def _label(self, axis: Axis) -> str:
        if isinstance(axis, str):
            return f"{axis}, expected"
        if _is_type(axis):
            i = self._problem.environment.index_of(axis[0])
            assert isinstance(axis[1], int)
            return f"{axis[0]} type {self._problem.environment.agents[i].types.label(axis[1])}"
        return "weighted payoffs"


def _is_type(axis: Any) -> TypeGuard[tuple[str, int]]:
    """Return whether an axis is a player's name and the position of a type."""
    return isinstance(axis, (tuple, list)) and len(axis) == 2 and isinstance(axis[0], str)


def _not_a_direction(got: object, expected: str) -> InvalidInputError:
    return InvalidInputError(
        "not a direction",
        where="direction",
        expected=expected,
        got=shown(repr(got)),
        remedy="See the documentation of PayoffSet.furthest.",
    )
