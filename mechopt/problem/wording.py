"""How the formulas of requirements are written.

Agents are i, their types k and their reports r, counted from 0; t is a profile of types, t_{-i} are
those of the others. What an agent expects has indices: Q_{i,k} and T_{i,k}. What happens in a
profile is a function of it: q_i(t), τ_i(t), and every variable of the outcome.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from mechopt.problem.linear import Meaning, NumberArray

# Ends of cells: of numbers, in words, and their letter.
ENDS = (("lower", "lowest", "L"), ("upper", "highest", "U"))
AVERAGE = Meaning(
    "the interim net quantity is the average over the others' types",
    "Q_{i,k} = E[q_i(t) | t_i = k]",
    "1",
)
PAYMENT = Meaning("what agent i pays in every profile", "τ_i(t)", "1")


class Worth(Enum):
    """What an outcome is worth to a type of an agent."""

    OF_QUANTITY = "the type times a net quantity"
    OF_OUTCOME = "a number for each outcome and own type"
    OF_ALL_TYPES = "a number for each outcome and all types"


@dataclass(frozen=True)
class AgentInWords:
    """How formulas write what concerns one agent.

    Parameters
    ----------
    name
        Of the agent.
    worth
        What outcomes are worth to it.
    points
        Whether its types are points, not cells of a continuum.

    Examples
    --------
    >>> own = AgentInWords("buyer", Worth.OF_QUANTITY, points=True)
    >>> own.value("L"), own.utility("L", "r"), own.level("o", "L")
    ('v_{i,k} Q_{i,k}', 'v_{i,k} q_i(r, t_{-i}) - τ_i(r, t_{-i})', 'o_{i,k}')
    >>> AgentInWords("buyer", Worth.OF_QUANTITY, points=False).level("o", "L")
    'o_i(L_{i,k})'
    """

    name: str
    worth: Worth
    points: bool

    def meaning(self, meaning: Meaning) -> Meaning:
        """Return a meaning with the letter v for both ends of cells, where types are points."""
        formula = re.sub(r"\b[LU](?=_\{)", "v", meaning.formula) if self.points else meaning.formula
        return replace(meaning, formula=formula)

    def value(self, letter: str) -> str:
        """Return what type k expects its outcome to be worth; the letter is of an end of cell k."""
        if self.worth is Worth.OF_QUANTITY:
            return f"{self._type(letter)} Q_{{i,k}}"
        return f"E[{self._worth('k')} | t_i = k]"

    def utility(self, letter: str, report: str = "k") -> str:
        """Return what type k gets in a profile if it makes a report."""
        worth = self._worth(report)
        if self.worth is Worth.OF_QUANTITY:
            worth = f"{self._type(letter)} q_i({report}, t_{{-i}})"
        return f"{worth} - τ_i({report}, t_{{-i}})"

    def level(self, level: str, letter: str) -> str:
        """Return a level of utility: a number, or one that has a letter, for each type."""
        if len(level) > 1 or not level.isalpha():
            return level
        return f"{level}_{{i,k}}" if self.points else f"{level}_i({letter}_{{i,k}})"

    def type(self, word: str) -> str:
        """Return how an end of cell k is called; a type that is a point is just a type."""
        return "type k" if self.points else f"the {word} type of cell k"

    def gain(self) -> str:
        """Return what the agent gains on average beyond what it has by staying out."""
        return named(f"Σ_k m_{{i,k}} ({self.value('v')} - T_{{i,k}} - o_{{i,k}})", self.name)

    def _type(self, letter: str) -> str:
        return f"{'v' if self.points else letter}_{{i,k}}"

    def _worth(self, report: str) -> str:
        given = ", t_{-i}" if self.worth is Worth.OF_ALL_TYPES else ""
        return f"v_i(x({report}, t_{{-i}}), k{given})"


def named(formula: str, agent: str) -> str:
    """Return a formula of agent i as that of the agent with this name.

    Examples
    --------
    >>> named("Σ_k m_{i,k} q_i(k, t_{-i})", "buyer")
    'Σ_k m_{buyer,k} q_{buyer}(k, t_{-buyer})'
    """
    formula = re.sub(r"(?<!Σ)_i(?!\w)", lambda _: f"_{{{agent}}}", formula)
    return re.sub(r"_\{(-?)i(?=[,}])", lambda own: f"_{{{own[1]}{agent}", formula)


def outcome_in_words(variable: str) -> Meaning:
    """Return what a variable of the outcome means."""
    words = f"{variable.replace('_', ' ')}, a part of the outcome of every profile"
    return Meaning(words, f"{variable}(t)", "2")


def outcome_row_in_words(
    variables: Sequence[str], coefficients: NumberArray, upper: Any
) -> Meaning:
    """Return what a requirement on the outcome means: coefficients times variables at most upper.

    Terms with a minus stand on the other side.

    Examples
    --------
    >>> import numpy as np
    >>> outcome_row_in_words(["x", "y"], np.array([1.0, -2.0]), 0).formula
    'x(t) <= 2 y(t)'
    >>> outcome_row_in_words(["x", "y"], np.array([1.0, 1.0]), 3).formula
    'x(t) + y(t) <= 3'
    """
    sides: tuple[list[str], list[str]] = ([], [])
    for variable, c in zip(variables, coefficients, strict=True):
        if c:
            size = "" if abs(c) == 1 else f"{float(abs(c)):g} "
            sides[int(c < 0)].append(f"{size}{variable}(t)")
    if upper:
        sides[int(upper > 0)].append(f"{float(abs(upper)):g}")
    left, right = (" + ".join(side) or "0" for side in sides)
    formula = f"{left} <= {right}" if "(t)" in left else f"{right} >= {left}"
    return Meaning("a requirement on the outcome of every profile", formula, "2")
