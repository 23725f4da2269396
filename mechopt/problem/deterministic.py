"""The requirement that nothing is left to chance once types are known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mechopt.environments import Environment
from mechopt.errors import InvalidInputError
from mechopt.mechanism.check import Check
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.frame import Frame
from mechopt.problem.linear import Rows
from mechopt.problem.requirement import Requirement


@dataclass(frozen=True)
class Deterministic(Requirement):
    """In every profile each variable of the outcome is 0 or 1.

    No rows say that, but the kind of the variables; so it is ``DesignProblem(deterministic=True)``
    that asks for it, and this class has the check.

    Examples
    --------
    >>> from mechopt import DesignProblem, Goods, Revenue, solve
    >>> buyer = Goods([[1, 0], [0, 2], [3, 3]])
    >>> problem = DesignProblem(buyer, Revenue(), budget="subsidised", deterministic=True)
    >>> [each.in_words for each in problem.all_requirements][-1]
    'no lotteries'
    >>> round(solve(problem).objective, 9)  # 7/3; lotteries earn 5/2
    2.333333333
    """

    @property
    def in_words(self) -> str:
        """That there are no lotteries."""
        return "no lotteries"

    def validate(self, environment: Environment) -> None:
        """Raise InvalidInputError: rows, which a requirement has, do not say it."""
        del environment
        raise InvalidInputError(
            "whole numbers among the requirements",
            where="requirements",
            expected="what rows can say",
            got="Deterministic()",
            remedy="Write DesignProblem(..., deterministic=True).",
        )

    def rows(self, frame: Frame) -> Iterator[Rows]:
        """Yield nothing: it is in the kind of the variables."""
        del frame
        yield from ()

    def checks(
        self, environment: Environment, mechanism: Mechanism, tolerance: float
    ) -> Iterator[Check]:
        """Look for an outcome that is neither 0 nor 1."""
        values = mechanism.allocation.dense(environment)
        apart = np.minimum(np.abs(values), np.abs(values - 1.0))
        variable, *profile = np.unravel_index(int(apart.argmax()), apart.shape)
        worst = float(apart.max())
        name = environment.outcomes.variables[int(variable)]
        value = values[(variable, *profile)]
        where = f"{name} is {value:.9g} in profile {tuple(map(int, profile))}"
        yield Check("no lotteries", worst, worst, tolerance, where)


def require_pure_outcomes(environment: Environment) -> None:
    """Raise InvalidInputError unless all variables of outcomes are probabilities."""
    outcomes = environment.outcomes
    if outcomes.has_pure_outcomes:
        return
    raise InvalidInputError(
        "outcomes that are more than lotteries",
        where="deterministic",
        expected="outcomes whose variables are all probabilities",
        got=f"{type(outcomes).__name__}, with the variables {', '.join(outcomes.variables)}",
        remedy="Leave it out.",
    )
