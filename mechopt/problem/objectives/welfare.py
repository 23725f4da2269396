"""Weighted welfare of the agents, and of the designer."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from mechopt._util.arrays import repeated
from mechopt._util.given import given_numbers
from mechopt._util.rationals import as_fraction, fraction_array, require_agreement
from mechopt._util.registry import saved_as
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError
from mechopt.problem.linear import Meaning
from mechopt.problem.objectives.objective import Objective
from mechopt.problem.objectives.weights import ObjectiveWeights, Shares, power_of_two


@saved_as("mechopt.Welfare")
@dataclass(frozen=True)
class Welfare(Objective):
    """Maximise the weighted sum of the agents' expected utilities.

    Parameters
    ----------
    weights
        One weight of at least zero per agent, not all zero; 1 for each agent of the problem if
        none are given. The designer's profit is weighed by adding it:
        ``Welfare() + 0.5 * Revenue()``.
    exact
        Texts of the weights as fractions, where they are not the decimals that the floats print
        as; taken from ``weights`` unless said.

    Raises
    ------
    InvalidInputError
        For weights that are negative, not finite, or all zero.

    Examples
    --------
    >>> Welfare((1.0, 0.0)).sign
    1
    """

    weights: tuple[float, ...] = ()
    exact: tuple[str, ...] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if isinstance(self.weights, tuple) and not self.weights:
            return
        weights, written = given_numbers(self.weights, "weights")
        if self.exact is None and not isinstance(written, str):
            object.__setattr__(self, "exact", written)
        if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.any()):
            raise InvalidInputError(
                "not usable as welfare weights",
                where="weights",
                expected="finite weights of at least 0, not all 0",
                got=", ".join(f"{weight:g}" for weight in weights),
                remedy="Give each agent a weight; equal weights maximise total gains.",
            )
        object.__setattr__(self, "weights", tuple(weights.tolist()))
        if self.exact is not None:
            require_agreement("weights", self.exact, self.weights)

    @property
    def sign(self) -> int:
        """Welfare is maximised."""
        return 1

    @property
    def ignores_origin(self) -> bool:
        """Utilities do not depend on where money is measured from."""
        return True

    @property
    def largest_weight(self) -> float:
        """Largest of the weights."""
        return max(self.weights, default=1.0)

    @property
    def in_words(self) -> str:
        """What it is called in reports."""
        if len(set(self.weights)) > 1:
            return "weighted welfare"
        weight = self.weights[0] if self.weights else 1.0
        return "welfare" if weight == 1.0 else f"{weight:g} times welfare"

    def meaning_in(self, environment: Environment) -> Meaning:
        """Return the weighted sum of expected utilities."""
        if set(self.weights) == {1.0}:
            return Meaning(self.in_words, f"Σ_i {expected_utility(environment)}", "3.5")
        weights = self.exact or [f"{weight:.6g}" for weight in self.weights]
        named = [f"{w} for {a.name}" for w, a in zip(weights, environment.agents, strict=True)]
        words = f"{self.in_words}, with w = {', '.join(named)}"
        return Meaning(words, f"Σ_i w_i {expected_utility(environment)}", "3.5")

    def for_environment(self, environment: Environment) -> Objective:
        """Return the objective with a weight of 1 for each agent, if it has no weights."""
        return self if self.weights else Welfare((1.0,) * len(environment.agents))

    def normalised(self) -> tuple[Objective, float]:
        """Return the same objective with the largest weight near 1, and what it was divided by.

        Examples
        --------
        >>> Welfare((1024.0, 512.0)).normalised()
        (Welfare(weights=(1.0, 0.5)), 1024.0)
        """
        unit = power_of_two(self.largest_weight)
        return (
            (self, 1.0) if unit == 1.0 else (Welfare(tuple(w / unit for w in self.weights)), unit)
        )

    def scaled(self, factor: float) -> Objective:
        """Return the same objective: its weights are no money."""
        del factor
        return self

    def weights_in(self, environment: Environment) -> ObjectiveWeights:
        """Return the weights of E[w (t Q - T)]."""
        types = [agent.types for agent in environment.agents]
        if len(types) != len(self.weights):
            raise InvalidInputError(
                "as many weights as agents are needed",
                where="weights",
                expected=f"{len(types)} weights",
                got=f"{len(self.weights)}",
                remedy="Give one weight per agent.",
            )
        worth = [environment.worth_of_quantity(i) for i in range(len(types))]
        return ObjectiveWeights(
            quantity=tuple(
                w * own if w != 1.0 else own for w, own in zip(self.weights, worth, strict=True)
            ),
            payment=tuple(
                repeated(-w, t.num_cells) for w, t in zip(self.weights, types, strict=True)
            ),
            cost=0.0,
        )

    def exact_weights_in(self, environment: Environment) -> ObjectiveWeights:
        """Return the weights in fractions."""
        types = [agent.in_fractions() for agent in environment.agents]
        weights = [as_fraction(weight) for weight in self.exact or self.weights]
        return ObjectiveWeights(
            quantity=tuple(
                w * environment.exact_worth_of_quantity(i) for i, w in enumerate(weights)
            ),
            payment=tuple(
                fraction_array([-w] * len(t.mean)) for w, t in zip(weights, types, strict=True)
            ),
            cost=Fraction(0),
        )

    def shares_in(self, environment: Environment) -> Shares:
        """Return the weights, and none of the designer's."""
        del environment
        return Shares(self.weights, 0.0)


def expected_utility(environment: Environment) -> str:
    """Return how formulas write what an agent expects before it knows its type."""
    if environment.has_net_quantities:
        return "Σ_k m_{i,k} (v_{i,k} Q_{i,k} - T_{i,k})"
    return f"E[{worth_at_truth(environment)} - τ_i(t)]"


def worth_at_truth(environment: Environment) -> str:
    """Return how formulas write what the outcome of a profile is worth to an agent."""
    agents = range(len(environment.agents))
    on_others = any(environment.hangs_on_others(i) for i in agents)
    return f"v_i(x(t), {'t' if on_others else 't_i'})"
