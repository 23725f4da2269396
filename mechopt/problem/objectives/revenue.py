"""The designer's money: the most that is left over, or the least that is missing."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from mechopt._util.rationals import fraction_array
from mechopt._util.registry import saved_as
from mechopt.environments import Environment
from mechopt.problem.linear import Meaning
from mechopt.problem.objectives.objective import Objective
from mechopt.problem.objectives.weights import ObjectiveWeights, Shares


class _Profit(Objective):
    """What is paid less the cost."""

    @property
    def ignores_origin(self) -> bool:
        """What is paid in all does not depend on where money is measured from."""
        return True

    def meaning_in(self, environment: Environment) -> Meaning:
        """Return expected payments less the expected cost, from the side that it is seen from."""
        del environment
        money = ("Σ_i Σ_k m_{i,k} T_{i,k}", "E[cost(t)]")
        formula = " - ".join(money if self.sign > 0 else money[::-1])
        return Meaning(self.in_words, formula, "5.1")

    def scaled(self, factor: float) -> Objective:
        """Return the same objective: its weights are no money."""
        del factor
        return self

    def weights_in(self, environment: Environment) -> ObjectiveWeights:
        """Return the weights of payments minus cost."""
        return ObjectiveWeights(
            quantity=tuple(
                np.zeros_like(environment.worth_of_quantity(i))
                for i in range(len(environment.shape))
            ),
            payment=tuple(np.ones(size) for size in environment.shape),
            cost=-1.0,
        )

    def exact_weights_in(self, environment: Environment) -> ObjectiveWeights:
        """Return the weights in fractions."""
        return ObjectiveWeights(
            quantity=tuple(
                0 * environment.exact_worth_of_quantity(i) for i in range(len(environment.shape))
            ),
            payment=tuple(fraction_array([Fraction(1)] * n) for n in environment.shape),
            cost=Fraction(-1),
        )

    def shares_in(self, environment: Environment) -> Shares:
        """Return the profit, from the side on which it is an objective."""
        return Shares((0.0,) * len(environment.agents), float(self.sign))


@saved_as("mechopt.Revenue")
@dataclass(frozen=True)
class Revenue(_Profit):
    """Maximise the designer's profit: expected payments less the expected cost.

    With a balanced budget it is zero whatever the mechanism, so that problem is refused; allow a
    surplus (``budget="no-deficit"``) or leave the budget free (``"subsidised"``).

    Notes
    -----
    Source: theory.md, section 5.1; Myerson (1981), doi:10.1287/moor.6.1.58.

    Examples
    --------
    >>> from mechopt import Agent, DesignProblem, Environment, TypeSpace, solve
    >>> from mechopt.environments.single_good import SingleGood
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> bidders = tuple(Agent(name, types) for name in ("ann", "bob"))
    >>> auction = Environment(bidders, SingleGood(2))
    >>> problem = DesignProblem(auction, Revenue(), budget="no-deficit")
    >>> round(solve(problem).objective, 9)  # 29/9
    3.222222222
    """

    @property
    def sign(self) -> int:
        """Profit is maximised."""
        return 1

    @property
    def in_words(self) -> str:
        """What it is called in reports."""
        return "revenue"


@saved_as("mechopt.Subsidy")
@dataclass(frozen=True)
class Subsidy(_Profit):
    """Minimise the money that must come from outside; negative where a surplus is left over."""

    @property
    def sign(self) -> int:
        """The subsidy is minimised."""
        return -1

    @property
    def in_words(self) -> str:
        """What it is called in reports."""
        return "subsidy"
