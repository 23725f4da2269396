"""Outcomes and payments of identical agents by counts: nothing is stored for single profiles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from mechopt._util.arrays import FloatArray, IndexArray, frozen
from mechopt._util.registry import saved_as
from mechopt.environments import Environment
from mechopt.environments.counted import Counted, States, chances_of_states
from mechopt.errors import InvalidInputError
from mechopt.mechanism.allocation import Allocation

MISFIT = "the allocation does not fit the environment"
OTHER = "Use the environment that it is for."
# States of so many numbers of agents and types are kept; those of a sweep are freed.
MOST_KEPT = 4


@lru_cache(maxsize=MOST_KEPT)
def states_in(number: int, size: int) -> States:
    """Return the states of so many agents and types, the same object every time."""
    return States(number, size)


def counts_in(environment: Environment, where: str, what: str) -> tuple[Counted, States]:
    """Return how outcomes are told by counts of types, and the states.

    Parameters
    ----------
    environment
        Identical agents.
    where, what
        What is wrong where there are none, for the error.

    Raises
    ------
    InvalidInputError
        If agents are not alike, or outcomes are not told by counts.

    Examples
    --------
    >>> from mechopt import Auction, TypeSpace
    >>> auction = Auction(TypeSpace.finite([0, 1]), count=3)
    >>> len(counts_in(auction, "allocation", "it does not fit")[1].others)
    3
    """
    counted, masses = environment.outcomes.counted, environment.masses
    alike = all(own is masses[0] or np.array_equal(own, masses[0]) for own in masses)
    if counted is None or not environment.independent or not alike:
        raise InvalidInputError(
            what,
            where=where,
            expected="agents with equal probabilities of types, and outcomes told by counts",
            got=f"{len(masses)} agents who differ, or outcomes of another kind",
            remedy=OTHER,
        )
    return counted, states_in(len(masses), masses[0].size)


def _require_shape(where: str, what: str, got: tuple[int, ...], expected: tuple[int, ...]) -> None:
    if got != expected:
        raise InvalidInputError(
            what, where=where, expected=f"shape {expected}", got=f"shape {got}", remedy=OTHER
        )


@saved_as("mechopt.CountsRule")
@dataclass(frozen=True, eq=False)
class CountsRule(Allocation):
    """What identical agents get hangs on their own type and on how many others have which type.

    Parameters
    ----------
    own : array of shape (num_types, num_states), or None
        Each agent's own variable, by its type and the state of the others, in the order of
        :func:`mechopt.environments.counted.states_of`; None where it has none.
    common : array of shape (num_states_of_all,), or None
        The variable that all agents share, by the state of all; None where there is none.

    Raises
    ------
    InvalidInputError
        For numbers that are not finite.

    Notes
    -----
    Source: theory.md, section 1.1.

    Examples
    --------
    Of two bidders the one with the larger value wins; equal ones win evenly often.

    >>> import numpy as np
    >>> from mechopt import Auction, TypeSpace
    >>> rule = CountsRule(np.array([[0.5, 0.0], [1.0, 0.5]]), None)
    >>> rule.dense(Auction(TypeSpace.finite([1, 2]), count=2))[0]
    array([[0.5, 0. ],
           [1. , 0.5]])
    """

    own: FloatArray | None
    common: FloatArray | None

    def __post_init__(self) -> None:
        for part in ("own", "common"):
            values = getattr(self, part)
            if values is None:
                continue
            object.__setattr__(self, part, frozen(values))
            if not np.isfinite(getattr(self, part)).all():
                raise InvalidInputError(
                    "an outcome is not finite",
                    where=part,
                    expected="finite numbers",
                    got=f"{np.ravel(values)[~np.isfinite(np.ravel(values))][0]}",
                    remedy="Give a number for every type and state.",
                )

    def dense(self, environment: Environment) -> FloatArray:
        """Return the outcomes of all profiles, if they fit."""
        environment.require_dense("the allocation")
        return self.on_grid(environment, environment.all_types)

    def on_grid(self, environment: Environment, types: Sequence[IndexArray]) -> FloatArray:
        """Return outcomes of all profiles of the given types."""
        profiles = np.indices([len(cells) for cells in types])
        chosen = [cells[at.ravel()] for cells, at in zip(types, profiles, strict=True)]
        shape = (len(environment.outcomes.variables), *profiles.shape[1:])
        return self.at_profiles(environment, chosen).reshape(shape)

    def at_profiles(self, environment: Environment, profiles: Sequence[IndexArray]) -> FloatArray:
        """Return outcomes of single profiles, however many agents there are."""
        states = self._states(environment)
        parts = []
        if self.common is not None:
            parts.append(states.common_at(self.common, profiles)[None])
        if self.own is not None:
            parts.append(states.at(self.own, profiles))
        return np.concatenate(parts)

    def interim_quantities(self, environment: Environment) -> tuple[FloatArray, ...]:
        """Return averages over the states of the others, the same for all agents."""
        states = self._states(environment)
        mass = environment.masses[0]
        average = self.quantity_in(environment) @ chances_of_states(states.others, mass)
        return (average,) * len(environment.agents)

    def expected_cost(self, environment: Environment) -> float:
        """Return the average over the states of all agents."""
        chances = chances_of_states(self._states(environment).every, environment.masses[0])
        return math.fsum((chances * self.cost_in(environment)).tolist())

    def quantity_in(self, environment: Environment) -> FloatArray:
        """Return an agent's net quantity by its own type and the state of the others."""
        states = self._states(environment)
        if self.own is not None:
            return self.own
        assert self.common is not None
        return self.common[states.joint]

    def cost_in(self, environment: Environment) -> FloatArray:
        """Return the money that payments must cover in every state of all agents."""
        states = self._states(environment)
        rate = float(environment.outcomes.cost[0])
        if self.common is not None:
            return rate * self.common
        assert self.own is not None
        return rate * states.totals(self.own)

    def _states(self, environment: Environment) -> States:
        """Return the states; raise InvalidInputError if the rule does not fit."""
        counted, states = counts_in(environment, "allocation", MISFIT)
        for part, wanted, expected in (
            (self.own, counted.has_own, states.joint.shape),
            (self.common, bool(counted.common), (len(states.every),)),
        ):
            got = () if part is None else part.shape
            _require_shape("allocation", MISFIT, got, expected if wanted else ())
        return states


@saved_as("mechopt.CountsPayments")
@dataclass(frozen=True, eq=False)
class CountsPayments:
    """What identical agents pay by own type and by how many others have which type.

    Parameters
    ----------
    values : array of shape (num_types, num_states)
        In money, in the order of :class:`CountsRule`.

    Examples
    --------
    >>> import numpy as np
    >>> from mechopt import Auction, TypeSpace
    >>> paid = CountsPayments(np.array([[0.5, 0.0], [2.0, 1.0]]))
    >>> paid.interim(Auction(TypeSpace.finite([1, 2]), count=2))[0]
    array([0.25, 1.5 ])
    """

    values: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", frozen(self.values))

    def require_fits(self, environment: Environment) -> States:
        """Return the states of an environment that these payments are for.

        Raises
        ------
        InvalidInputError
            If they are not.
        """
        what, where = "payments do not fit the environment", "ex_post_payment"
        _, states = counts_in(environment, where, what)
        _require_shape(where, what, self.values.shape, states.joint.shape)
        return states

    def dense(self, environment: Environment) -> FloatArray:
        """Return the payments of all profiles, one row an agent, if they fit."""
        environment.require_dense("ex post payments")
        profiles = list(np.indices(environment.shape).reshape(len(environment.agents), -1))
        paid = self.require_fits(environment).at(self.values, profiles)
        return paid.reshape(-1, *environment.shape)

    def interim(self, environment: Environment) -> tuple[FloatArray, ...]:
        """Return averages over the states of the others, the same for all agents."""
        states = self.require_fits(environment)
        average = self.values @ chances_of_states(states.others, environment.masses[0])
        return (average,) * len(environment.agents)
