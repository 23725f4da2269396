"""Recommendations that whoever acts on them follows: information design without transfers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray, shown
from mechopt._util.rationals import FractionArray, as_fraction, fraction_array
from mechopt._util.registry import saved_as
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError
from mechopt.mechanism.check import Check
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.frame import Frame
from mechopt.problem.linear import Linear, Meaning, Rows
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
                f"E[{names[a]}(t) u_{{{names[a]}}}(t)] >= E[{names[a]}(t) u_{{{names[b]}}}(t)]",
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


def _no_utility(expected: str, got: str) -> InvalidInputError:
    return InvalidInputError(
        "not what actions are worth",
        where="utility",
        expected=expected,
        got=got,
        remedy="Give a number for each action in every profile.",
    )
