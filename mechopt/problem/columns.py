"""Programs over mixtures of rules: interim quantities are averages of those of pointwise best ones.

Of rules there are too many to list. Each is best at some values, and those that improve a mixture
are found by the multipliers of the rows here (Dantzig and Wolfe).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from mechopt.problem.frame import InterimFrame, Variables
from mechopt.problem.groups import MANY_OUTCOMES
from mechopt.problem.linear import Linear, Meaning, Rows
from mechopt.problem.problem import DesignProblem

MIXTURE = "mixture"
# More rows take a simplex method very long.
MOST_TYPES = 20_000


def has_columns(problem: DesignProblem) -> bool:
    """Return whether mixtures of rules state the problem, and a program by profile is large.

    They do where only what types expect counts, and quantities and costs of best outcomes follow
    without an array over the profiles.

    Examples
    --------
    >>> from mechopt import Partnership, TypeSpace, largest_revenue
    >>> spaces = [TypeSpace.finite(range(1, n)) for n in (4, 100, 101)]
    >>> problems = [largest_revenue(Partnership(space, [0.75, 0.25, 0])) for space in spaces]
    >>> [has_columns(problem) for problem in problems]
    [False, True, True]
    """
    environment = problem.environment
    large = len(environment.outcomes.variables) * environment.num_profiles > MANY_OUTCOMES
    return large and mixes_rules(problem)


def mixes_rules(problem: DesignProblem) -> bool:
    """Return whether mixtures of pointwise best rules are all that the problem asks for."""
    environment = problem.environment
    return (
        problem.is_interim
        and not problem.prescribes_allocation
        and not environment.outcomes.needs_profiles
        and not environment.outcomes.power_bounds
        and problem.objective.is_linear
        and not problem.objective.multiplier_shapes(environment)
        and all(problem.has_incentives(i) for i in range(len(environment.agents)))
        and sum(environment.shape) <= MOST_TYPES
    )


class ColumnFrame(InterimFrame):
    """Interim quantities and payments; the rules that quantities are averages of come later."""

    def variables(self) -> Iterator[Variables]:
        """Yield each agent's quantities and payments, and what the outcome costs with them."""
        numbers, rates = self.numbers, self._rates
        for block in self._of_agents():
            i = self.agent(block.axes[0])
            if block.name == f"{self.names[i]}_quantity" and rates[i]:
                price = numbers.agents[i].mass * (numbers.cost_weight * rates[i])
                yield replace(block, cost=block.cost + price)
            else:
                yield block

    def definitions(self) -> Iterator[Rows]:
        """Yield the rows that rules enter: quantities, and probabilities that sum to one."""
        meaning = Meaning(
            "the interim net quantity is that of a mixture of rules",
            "Q_k - Σ_c w_c Q_ck = 0",
            "6.3",
        )
        for i, name in enumerate(self.names):
            left = self.quantity(i)
            yield Rows(f"{name}_quantity", (name,), left, meaning, equal=True, in_money=False)
        whole = Meaning("the probabilities of rules sum to one", "Σ_c w_c = 1", "6.3")
        one = np.array([self.numbers.one])
        yield Rows(MIXTURE, (), Linear.nothing(1), whole, one, equal=True, in_money=False)

    def expected_cost(self) -> Linear:
        """Return the cost of expected net quantities."""
        total = Linear.nothing(1)
        for i, rate in enumerate(self._rates):
            if rate:
                total = total + self.quantity(i).sum(rate * self.numbers.agents[i].mass)
        return total

    @property
    def _rates(self) -> list[float]:
        rates = self.environment.outcomes.quantity_cost
        assert rates is not None
        found: list[float] = rates.tolist()
        return found
