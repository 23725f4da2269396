"""Recommendations that whoever acts on them follows: information design without transfers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray, shown
from mechopt._util.rationals import FractionArray, as_fraction, fraction_array
from mechopt._util.registry import saved_as
from mechopt.environments import Environment
from mechopt.environments.alternatives import Alternatives
from mechopt.errors import InvalidInputError
from mechopt.mechanism.check import Check
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.budget import PaymentLimit
from mechopt.problem.frame import Frame
from mechopt.problem.linear import Linear, Meaning, Rows
from mechopt.problem.objectives import Welfare
from mechopt.problem.problem import DesignProblem
from mechopt.problem.requirement import Requirement

ROUNDING = 1e-14


@saved_as("mechopt.Obedience")
@dataclass(frozen=True)
class Obedience(Requirement):
    """Whoever sees which outcome is recommended, and nothing else, does best to choose it.

    The outcomes are probabilities of one person's actions. Given the recommendation of an action,
    no other is better on average over the profiles: ``E[x_a (u_a - u_b)] >= 0`` for all a and b.

    Parameters
    ----------
    utility
        What each action is worth to that person in every profile: a row for each variable of the
        outcomes, of numbers or texts of fractions, over the profiles in row-major order.

    Raises
    ------
    InvalidInputError
        For numbers that are not finite; in a problem with other outcomes or profiles.

    Notes
    -----
    Source: Kamenica and Gentzkow (2011), doi:10.1257/aer.101.6.2590; Bergemann and Morris (2016),
    Theoretical Economics 11, 487-522.

    Examples
    --------
    >>> Obedience([[1, 0], [0, 1]]).utility
    (('1', '0'), ('0', '1'))
    """

    utility: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        given: Any = self.utility
        try:
            rows = tuple(
                tuple(str(as_fraction(each)) for each in np.asarray(row, dtype=object).ravel())
                for row in given
            )
        except (InvalidInputError, TypeError) as error:
            raise _no_utility("rows of finite numbers", shown(repr(given))) from error
        object.__setattr__(self, "utility", rows)

    @property
    def in_words(self) -> str:
        """That recommendations are followed."""
        return "recommendations are followed"

    def validate(self, environment: Environment) -> None:
        """Raise InvalidInputError unless there is a number for each action in every profile."""
        expected = (len(environment.outcomes.variables), environment.num_profiles)
        lengths = [len(row) for row in self.utility]
        if lengths != [expected[1]] * expected[0]:
            raise _no_utility(
                f"{expected[0]} rows, one per outcome, of {expected[1]} numbers, one per profile",
                f"{len(lengths)} rows, of {', '.join(map(str, lengths)) or 'no'} numbers",
            )

    def rows(self, frame: Frame) -> Iterator[Rows]:
        """Yield a row for each action and each other."""
        utility, names = self._exact(), frame.environment.outcomes.variables
        if not frame.numbers.exact:
            utility = np.asarray(utility, dtype=np.float64)
        for a, b in permutations(range(len(names)), 2):
            more = frame.numbers.density * (utility[a] - utility[b])
            left: Linear = frame.outcome(names[a]).sum(more)
            meaning = Meaning(
                f"who is told {names[a].replace('_', ' ')} does not prefer "
                f"{names[b].replace('_', ' ')}",
                f"E[{names[a]} (u_{names[a]} - u_{names[b]})] >= 0",
            )
            name = f"told_{names[a]}_not_{names[b]}"
            yield Rows(name, (), left, meaning, shape=(1,), in_money=False)

    def checks(
        self, environment: Environment, mechanism: Mechanism, tolerance: float
    ) -> Iterator[Check]:
        """Compare what each recommended action brings with every other."""
        utility: FloatArray = np.asarray(self._exact(), dtype=np.float64)
        allocation = mechanism.allocation.dense(environment)
        told = (environment.belief.density() * allocation).reshape(len(utility), -1)
        brings = told @ utility.T
        gain = brings - np.diag(brings)[:, None]
        size = np.abs(told) @ np.abs(utility).T
        beyond = np.maximum(gain - ROUNDING * (size + np.diag(size)[:, None]), 0.0)
        a, b = np.unravel_index(int(np.argmax(beyond)), beyond.shape)
        names = environment.outcomes.variables
        where = "no other action is better than the one recommended"
        if beyond[a, b] > 0.0:
            where = f"who is told {names[a]} gains {gain[a, b]:.3g} by {names[b]}"
        scale = float(np.abs(utility).max()) or 1.0
        yield Check("obedience", float(gain[a, b]), float(beyond[a, b]) / scale, tolerance, where)

    def _exact(self) -> FractionArray:
        numbers = fraction_array(as_fraction(each) for row in self.utility for each in row)
        return numbers.reshape(len(self.utility), -1)


def persuasion(
    prior: Sequence[Any],
    sender: Any,
    receiver: Any,
    *,
    actions: Sequence[str] | None = None,
    states: Sequence[object] | None = None,
) -> DesignProblem:
    """Return the program of a sender who chooses what a receiver learns of the state.

    A recommendation of an action is all that the receiver need be told. The state is the type of an
    agent without incentives, whose utility is the sender's; nobody pays.

    Parameters
    ----------
    prior : array of shape (num_states,)
        Probabilities of the states.
    sender, receiver : arrays of shape (num_actions, num_states)
        What the receiver's actions are worth to each; numbers, or texts of fractions.
    actions, states
        Their names; ``action_1`` and so on, and positions, unless given. The sender's favourite
        among actions that are as good to the receiver is recommended, whatever their order.

    Raises
    ------
    InvalidInputError
        For arrays of other shapes, and probabilities that do not sum to one.

    Notes
    -----
    Source: Kamenica and Gentzkow (2011), doi:10.1257/aer.101.6.2590.

    Examples
    --------
    Three in ten are guilty. The judge convicts six in ten, if told no more than whom to convict.

    >>> from mechopt import solve
    >>> right = [[1, 0], [0, 1]]
    >>> judge = persuasion(["7/10", "3/10"], [[0, 0], [1, 1]], right, actions=["acquit", "convict"])
    >>> round(solve(judge).objective, 9)
    0.6
    """
    chances, rows = list(prior), list(sender)
    listed = [f"action_{k + 1}" for k in range(len(rows))] if actions is None else list(actions)
    named = list(range(1, len(chances) + 1)) if states is None else list(states)
    environment = Alternatives(
        listed, {"state": named}, {"state": [list(row) for row in rows]}, {"state": chances}
    )
    return DesignProblem(
        environment,
        Welfare(),
        incentives="none",
        participation="none",
        requirements=[PaymentLimit(0), Obedience(receiver)],
    )


def _no_utility(expected: str, got: str) -> InvalidInputError:
    return InvalidInputError(
        "not what actions are worth",
        where="utility",
        expected=expected,
        got=got,
        remedy="Give a number for each action in every profile.",
    )
