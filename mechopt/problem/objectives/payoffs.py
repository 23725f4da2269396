"""Payoffs of one agent, or of all types of all agents in a direction."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from mechopt._util.arrays import FloatArray, frozen
from mechopt._util.given import real_array
from mechopt._util.rationals import decimals, fraction_array
from mechopt._util.registry import saved_as
from mechopt._util.saving import ByContent
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError, require
from mechopt.problem.linear import Meaning
from mechopt.problem.objectives.objective import Objective
from mechopt.problem.objectives.weights import ObjectiveWeights, Shares, power_of_two, times
from mechopt.problem.objectives.welfare import Welfare, expected_utility, worth_at_truth
from mechopt.problem.wording import named


@saved_as("mechopt.Payoff")
@dataclass(frozen=True)
class Payoff(Objective):
    """Maximise the expected utility of one agent.

    Parameters
    ----------
    agent
        The agent's name.

    Raises
    ------
    InvalidInputError
        In a problem without an agent of this name.

    Examples
    --------
    >>> from mechopt import BilateralTrade, DesignProblem, TypeSpace, solve
    >>> types = TypeSpace.finite([0, 1])
    >>> solve(DesignProblem(BilateralTrade(types, types), Payoff("buyer"))).objective
    0.25
    """

    agent: str

    def __post_init__(self) -> None:
        require(self.agent, str, where="agent", remedy="Give the agent's name.")

    @property
    def sign(self) -> int:
        """The payoff is maximised."""
        return 1

    @property
    def ignores_origin(self) -> bool:
        """Utilities do not depend on where money is measured from."""
        return True

    @property
    def in_words(self) -> str:
        """What it is called in reports."""
        return f"payoff of {self.agent}"

    def meaning_in(self, environment: Environment) -> Meaning:
        """Return the agent's expected utility."""
        return Meaning(self.in_words, named(expected_utility(environment), self.agent), "3.5")

    def scaled(self, factor: float) -> Objective:
        """Return the same objective."""
        del factor
        return self

    def weights_in(self, environment: Environment) -> ObjectiveWeights:
        """Return the weights of the agent's E[t Q - T]."""
        return self._in(environment).weights_in(environment)

    def exact_weights_in(self, environment: Environment) -> ObjectiveWeights:
        """Return the weights in fractions."""
        return self._in(environment).exact_weights_in(environment)

    def shares_in(self, environment: Environment) -> Shares:
        """Return a weight of 1 for the agent."""
        return self._in(environment).shares_in(environment)

    def _in(self, environment: Environment) -> Welfare:
        own = environment.index_of(self.agent)
        return Welfare(tuple(float(i == own) for i in range(len(environment.agents))))


@saved_as("mechopt.WeightedPayoffs")
@dataclass(frozen=True, eq=False)
class WeightedPayoffs(ByContent, Objective):
    """Maximise a weighted sum of the interim utilities of all types of all agents.

    Unlike the weights of :class:`Welfare` these are of any sign and by type, and probabilities do
    not enter: it is the value of the payoff vector in a direction.

    Parameters
    ----------
    weights : arrays of shape (num_cells,)
        One per agent; not all zero.

    Raises
    ------
    InvalidInputError
        For weights that are not finite, or all zero.

    Examples
    --------
    >>> WeightedPayoffs(([0, 1], [0.5, -2])).largest_weight
    2.0
    """

    weights: tuple[FloatArray, ...]

    def __post_init__(self) -> None:
        weights = tuple(frozen(real_array(values, "weights")) for values in self.weights)
        object.__setattr__(self, "weights", weights)
        joined = np.concatenate([np.zeros(1), *(values.ravel() for values in weights)])
        if not np.isfinite(joined).all() or not joined.any():
            raise InvalidInputError(
                "not a direction",
                where="weights",
                expected="finite numbers, not all 0",
                got=f"{joined[1:].tolist()}"[:80],
                remedy="Give one weight per type of each agent.",
            )

    @property
    def sign(self) -> int:
        """The sum is maximised."""
        return 1

    @property
    def ignores_origin(self) -> bool:
        """Utilities do not depend on where money is measured from."""
        return True

    @property
    def largest_weight(self) -> float:
        """Largest absolute weight."""
        return max(float(np.abs(values).max(initial=0.0)) for values in self.weights)

    @property
    def in_words(self) -> str:
        """What it is called in reports."""
        return "weighted payoffs of types"

    def meaning_in(self, environment: Environment) -> Meaning:
        """Return the sum over types of weights times utilities."""
        worth = "v_{i,k} Q_{i,k}"
        if not environment.has_net_quantities:
            worth = f"E[{worth_at_truth(environment)} | t_i = k]"
        return Meaning(self.in_words, f"Σ_i Σ_k w_{{i,k}} ({worth} - T_{{i,k}})", "4.5")

    def stakes_in(self, environment: Environment) -> float:
        """Return what the types that count have at stake, weighted, and the first best."""
        own = sum(
            float(np.abs(weights) @ stakes)
            for weights, stakes in zip(self.weights, environment.stakes, strict=True)
        )
        return own + environment.first_best * self.largest_weight

    def normalised(self) -> tuple[Objective, float]:
        """Return the same direction with the largest weight near 1, and what it was divided by."""
        unit = power_of_two(self.largest_weight)
        if unit == 1.0:
            return self, 1.0
        return WeightedPayoffs(tuple(values / unit for values in self.weights)), unit

    def scaled(self, factor: float) -> Objective:
        """Return the same objective: its weights are no money."""
        del factor
        return self

    def weights_in(self, environment: Environment) -> ObjectiveWeights:
        """Return the weights of the sum of w (t Q - T), divided by the types' probabilities."""
        shape = tuple(values.shape for values in self.weights)
        expected = tuple((size,) for size in environment.shape)
        if shape != expected:
            raise InvalidInputError(
                "as many weights as types are needed",
                where="weights",
                expected=f"arrays of shapes {expected}",
                got=f"{shape}",
                remedy="Give one weight per type of each agent.",
            )
        types = [agent.types for agent in environment.agents]
        by_mass = [w / t.mass for w, t in zip(self.weights, types, strict=True)]
        return ObjectiveWeights(
            quantity=times(by_mass, map(environment.worth_of_quantity, range(len(types)))),
            payment=tuple(-w for w in by_mass),
            cost=0.0,
        )

    def exact_weights_in(self, environment: Environment) -> ObjectiveWeights:
        """Return the weights in fractions, each as the decimal that it prints as."""
        types = [agent.in_fractions() for agent in environment.agents]
        by_mass = [
            fraction_array(decimals(w)) / t.mass for w, t in zip(self.weights, types, strict=True)
        ]
        return ObjectiveWeights(
            quantity=times(by_mass, map(environment.exact_worth_of_quantity, range(len(types)))),
            payment=tuple(-w for w in by_mass),
            cost=Fraction(0),
        )
