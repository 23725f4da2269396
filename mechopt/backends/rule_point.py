"""A rule of a family by alpha, and what such a family has to answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from mechopt._util.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class RulePoint:
    """The rule at one alpha, and what it brings.

    Parameters
    ----------
    alpha
        λ/(largest weight + λ).
    multiplier
        λ, the multiplier on the participation slack.
    values
        Ironed virtual costs of those who give and virtual values of those who receive, in money.
    quantity
        Interim net quantities, one array per agent.
    cost
        Expected cost of the outcomes, in money.
    slack
        Participation slack in money; zero if it is zero up to rounding.
    objective
        Weighted welfare if the slack, whatever its sign, goes to the agent of largest weight.
    """

    alpha: float
    multiplier: float
    values: tuple[FloatArray, ...]
    quantity: tuple[FloatArray, ...]
    cost: float
    slack: float
    objective: float

    @property
    def bound(self) -> float:
        """Bound on the optimum: the Lagrangian at its own multiplier, which the rule maximises."""
        return self.line(self.multiplier)

    def line(self, multiplier: float) -> float:
        """Return this rule's Lagrangian at another multiplier, a lower bound on the dual there."""
        return self.objective + multiplier * self.slack


class Rules(Protocol):
    """A family of rules whose slack rises in alpha."""

    @property
    def largest(self) -> float:
        """Largest of the weights: what a unit of money to spare is worth."""

    def at(self, alpha: float) -> RulePoint:
        """Return the rule at ``alpha`` from 0 (inclusive) to 1 (exclusive)."""

    def nothing(self, dual: RulePoint) -> RulePoint:
        """Return the rule under which nothing ever happens, with another rule's multiplier."""
