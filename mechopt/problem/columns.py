"""Programs over mixtures of rules: interim quantities are averages of those of pointwise best ones.

Of rules there are too many to list. Each is best at some values, and those that improve a mixture
are found by the multipliers of the rows here (Dantzig and Wolfe).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

import numpy as np

from mechopt._util.rounding import large_whole
from mechopt.environments import Environment
from mechopt.errors import TooLargeError
from mechopt.problem.frame import InterimFrame, Variables
from mechopt.problem.groups import MANY_OUTCOMES, groups_of, has_group_form
from mechopt.problem.linear import Linear, Meaning, Rows
from mechopt.problem.numbers import Numbers
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
        # What outcomes cost has to follow from what types expect.
        and environment.outcomes.quantity_cost is not None
        and not environment.outcomes.curves
        and problem.objective.is_linear
        and not problem.objective.multiplier_shapes(environment)
        and all(problem.has_incentives(i) for i in range(len(environment.agents)))
        and _types_of_groups(problem) <= MOST_TYPES
    )


def _types_of_groups(problem: DesignProblem) -> int:
    """Return how many types all groups have together."""
    groups, shape = groups_of(problem), problem.environment.shape
    return sum(shape[groups.index(group)] for group in set(groups))


def too_large(problem: DesignProblem) -> TooLargeError:
    """Return what to say of a program over more profiles than fit, and of what would be small.

    Examples
    --------
    >>> from mechopt import Auction, TypeSpace, largest_revenue
    >>> spaces = [TypeSpace.finite(range(k, k + 10)) for k in range(10)]
    >>> print(too_large(largest_revenue(Auction(spaces))))
    the linear program has 1e+11 outcome variables, 10 for each of 1e+10 type profiles. Backend...
    """
    number = len(problem.environment.outcomes.variables)
    profiles = problem.environment.num_profiles
    if has_group_form(problem):
        small = "Backends and files take one over types alone, all-pairs forms and fractions do not"
    elif has_columns(problem):
        small = "Backend highs mixes rules in its place; models, files and fractions take profiles"
    else:
        small = (
            "One over types alone is small: for that, only what types expect may count (no "
            "dominant incentives, ex post participation, limits on payments or requirements of "
            "your own), the objective has to be linear, and best outcomes have to be known without "
            "profiles"
        )
        if problem.by_profile:
            small += ". Identical agents are counted by type where no more than that is required"
    return TooLargeError(
        f"the linear program has {large_whole(number * profiles)} outcome variables, {number} for "
        f"each of {large_whole(profiles)} type profiles. {small}. Else use fewer agents or cells."
    )


class ColumnFrame(InterimFrame):
    """Interim quantities and payments of groups; the rules that quantities average come later.

    Parameters
    ----------
    environment, numbers
        As of :class:`~mechopt.problem.frame.Frame`.
    groups
        For each agent the position of its group.
    """

    def __init__(self, environment: Environment, numbers: Numbers, groups: tuple[int, ...]) -> None:
        super().__init__(environment, numbers)
        self._groups = groups

    @property
    def groups(self) -> tuple[int, ...]:
        """As given."""
        return self._groups

    def variables(self) -> Iterator[Variables]:
        """Yield quantities and payments of each group, and what the outcome costs with them."""
        first = {self.names[i]: group for group, i in enumerate(self.representatives)}
        for block in self._of_agents():
            (name,) = block.axes
            if name not in first:
                continue
            cost = block.cost
            if block.name == f"{name}_quantity" and self._rates[self.agent(name)]:
                rate = self.numbers.cost_weight * self._rates[self.agent(name)]
                cost = cost + rate * self.numbers.agents[self.agent(name)].mass
            yield replace(block, cost=self.counts[first[name]] * cost)

    def definitions(self) -> Iterator[Rows]:
        """Yield the rows that rules enter: quantities, and probabilities that sum to one."""
        meaning = Meaning(
            "the interim net quantity is that of a mixture of rules",
            "Q_{i,k} = Σ_c w_c Q_{i,k,c}",
            "6.3",
        )
        for i in self.representatives:
            name = self.names[i]
            left = self.quantity(i)
            yield Rows(f"{name}_quantity", (name,), left, meaning, equal=True, in_money=False)
        whole = Meaning("the probabilities of rules sum to one", "Σ_c w_c = 1", "6.3")
        one = np.array([self.numbers.one])
        yield Rows(MIXTURE, (), Linear.nothing(1), whole, one, equal=True, in_money=False)

    def quantity(self, i: int) -> Linear:
        """Return the interim quantities of an agent, which are those of its group."""
        return super().quantity(self.representatives[self.groups[i]])

    def payment(self, i: int) -> Linear:
        """Return the interim payments of an agent likewise."""
        return super().payment(self.representatives[self.groups[i]])

    def expected_cost(self) -> Linear:
        """Return the cost of expected net quantities."""
        total = Linear.nothing(1)
        for count, i in zip(self.counts, self.representatives, strict=True):
            if self._rates[i]:
                rate = count * self._rates[i]
                total = total + self.quantity(i).sum(rate * self.numbers.agents[i].mass)
        return total

    @cached_property
    def _rates(self) -> list[float]:
        rates = self.environment.outcomes.quantity_cost
        assert rates is not None
        found: list[float] = rates.tolist()
        return found
