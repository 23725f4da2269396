"""The product of the agents' expected gains (the Nash bargaining solution), by its logarithm."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.registry import saved_as
from mechopt.environments import Environment, Logarithm
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.frame import Frame, Variables
from mechopt.problem.linear import CurvedRows, Linear, Meaning, Rows
from mechopt.problem.objectives.least import LeastGain, expected_options, gain, gains_of
from mechopt.problem.objectives.objective import Objective, Tangent
from mechopt.problem.objectives.weights import ObjectiveWeights, power_of_two
from mechopt.problem.objectives.welfare import Welfare

EPS = float(np.finfo(np.float64).eps)


@saved_as("mechopt.NashProduct")
@dataclass(frozen=True)
class NashProduct(Objective):
    """Maximise the weighted sum of the logarithms of the agents' expected gains.

    The best mechanism maximises the product of the gains, each to the power of its weight. A gain
    is an expected utility less the expected outside option, before types are known; over a cell
    the option counts as the mean of those at the two ends. The value is a number without a unit:
    in another unit of money it moves by the sum of the weights times the unit's logarithm, and the
    mechanism is the same. Where a mechanism leaves an agent without a gain it is minus infinity.

    Parameters
    ----------
    weights
        One weight of at least zero per agent, not all zero; 1 for each agent of the problem if
        none are given. An agent of weight zero does not count.

    Raises
    ------
    InvalidInputError
        For weights that are negative, not finite, or all zero; and when a problem is solved of
        which no mechanism gives a gain to every agent that counts.

    Notes
    -----
    Source: theory.md, section 5.1; Nash (1950), doi:10.2307/1907266. With weights w and any numbers
    y > 0, gains g have ``sum w log g <= W log(y @ g / W) + sum w log(w / y)``, W the sum of the
    weights: a bound on the weighted welfare ``y @ g`` bounds the objective.

    Examples
    --------
    >>> import numpy as np
    >>> from mechopt import BilateralTrade, DesignProblem, TypeSpace, solve
    >>> types = TypeSpace.finite([0, 1])
    >>> solution = solve(DesignProblem(BilateralTrade(types, types), NashProduct()))
    >>> round(float(np.exp(solution.objective)), 9)  # 1/8 each
    0.015625
    """

    weights: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", Welfare(self.weights).weights)

    @property
    def sign(self) -> int:
        """The sum of logarithms is maximised."""
        return 1

    @property
    def largest_weight(self) -> float:
        """Largest of the weights."""
        return max(self.weights, default=1.0)

    @property
    def ignores_origin(self) -> bool:
        """Utilities do not depend on where money is measured from."""
        return True

    @property
    def is_linear(self) -> bool:
        """It is concave."""
        return False

    @property
    def in_money(self) -> bool:
        """Logarithms have no unit."""
        return False

    @property
    def in_words(self) -> str:
        """What it is called in reports."""
        return "logarithm of the Nash product of the agents' gains"

    def meaning_in(self, environment: Environment) -> Meaning:
        """Return the weighted sum of its own variables."""
        names = [environment.agents[i].name for i in self._counted()]
        weights = [self.weights[environment.index_of(name)] for name in names]
        weighted = [
            f"{'' if weight == 1.0 else f'{weight:g} '}{name}_log_gain"
            for name, weight in zip(names, weights, strict=True)
        ]
        return Meaning(self.in_words, " + ".join(weighted), "5.1")

    def for_environment(self, environment: Environment) -> Objective:
        """Return the objective with a weight of 1 for each agent, if it has no weights."""
        filled = Welfare(self.weights).for_environment(environment)
        filled.weights_in(environment)
        assert isinstance(filled, Welfare)
        return NashProduct(filled.weights)

    def stakes_in(self, environment: Environment) -> float:
        """Return the sum of the weights: errors of logarithms are relative errors of gains."""
        del environment
        return sum(self.weights)

    def normalised(self) -> tuple[Objective, float]:
        """Return the same objective with the largest weight near 1, and what it was divided by."""
        unit = power_of_two(self.largest_weight)
        if unit == 1.0:
            return self, 1.0
        return NashProduct(tuple(weight / unit for weight in self.weights)), unit

    def scaled(self, factor: float) -> Objective:
        """Return the same objective: it follows the environment."""
        del factor
        return self

    def weights_in(self, environment: Environment) -> ObjectiveWeights:
        """Return no weights: its own variables are the objective."""
        return ObjectiveWeights.none(environment)

    def variables(self, frame: Frame) -> Iterator[Variables]:
        """Yield each agent's gain, and the logarithm of it."""
        for i in self._counted():
            name, one = frame.names[i], frame.numbers.ones(1)
            worth = (
                (
                    f"{name}_gain",
                    0.0,
                    Meaning(f"what {name} gains on average", f"{name}_gain", "5.1"),
                ),
                (
                    f"{name}_log_gain",
                    self.weights[i],
                    Meaning(f"the logarithm of {name}'s gain", f"{name}_log_gain", "5.1"),
                ),
            )
            for called, weight, meaning in worth:
                yield Variables(called, (), (1,), weight * one, -np.inf, np.inf, meaning)

    def rows(self, frame: Frame) -> Iterator[Rows]:
        """Yield that each agent gains at least as much as its variable says."""
        for i in self._counted():
            expression, option = gain(frame, i)
            name = frame.names[i]
            own = Linear.block(f"{name}_gain", frame.numbers.ones(1))
            meaning = Meaning(
                f"{name} gains this much", f"{frame.words(i).gain()} >= {name}_gain", "5.1"
            )
            yield Rows(f"{name}_gain", (), expression - own, meaning, option)

    def curves_in(self, environment: Environment) -> tuple[CurvedRows, ...]:
        """Return that logarithms of gains are not above those of the gains."""
        words, curve = "what the objective counts is not above the logarithm", Logarithm()
        found = []
        for name in (environment.agents[i].name for i in self._counted()):
            base, bounded = f"{name}_gain", f"{name}_log_gain"
            meaning = Meaning(words, curve.formula(bounded, base), "5.1")
            found.append(CurvedRows(f"{name}_logarithm", curve, base, bounded, meaning))
        return tuple(found)

    def multiplier_shapes(self, environment: Environment) -> dict[str, tuple[int, ...]]:
        """Return the shapes of the multipliers of its rows, by name."""
        return {f"{environment.agents[i].name}_gain": (1,) for i in self._counted()}

    def tangent_in(self, environment: Environment, duals: Mapping[str, FloatArray]) -> Tangent:
        """Return welfare at the multipliers as weights, and how it bounds the logarithms.

        Raises
        ------
        ValueError
            For an array of the wrong shape.
        """
        slopes = np.zeros(len(environment.agents))
        for i in self._counted():
            name = f"{environment.agents[i].name}_gain"
            values = np.asarray(duals.get(name, np.zeros(1)), dtype=np.float64)
            if values.shape != (1,):
                raise ValueError(f"multipliers {name}: expected 1 number, got {values.shape}")
            slopes[i] = values[0]
        counted = self._counted()
        if not (slopes[counted] > 0.0).all():
            return Tangent(Welfare(self.weights), lambda bound: math.inf)
        weights = np.array(self.weights)[counted]
        owed = float(slopes @ expected_options(environment))
        total = float(weights.sum())
        fixed = float(weights @ np.log(weights / slopes[counted]))
        size = total + float(weights @ np.abs(np.log(weights / slopes[counted])))

        def above(bound: float) -> float:
            most = bound - owed + 64.0 * EPS * abs(owed)
            if not 0.0 < most < math.inf:
                return math.copysign(math.inf, most)
            logarithm = total * math.log(most / total)
            return logarithm + fixed + 16.0 * EPS * (size + abs(logarithm))

        return Tangent(Welfare(tuple(slopes.tolist())), above)

    def value(self, mechanism: Mechanism) -> tuple[float, float]:
        """Return the sum of logarithms, and what rounding may make of it."""
        counted = self._counted()
        gains, rounding = (values[counted] for values in gains_of(mechanism))
        if not (gains > 0.0).all():
            return -math.inf, 0.0
        weights = np.array(self.weights)[counted]
        logarithms = np.log(gains)
        error = float(weights @ (rounding / gains + 4.0 * EPS * np.abs(logarithms)))
        return float(weights @ logarithms), error

    def floor(self, environment: Environment) -> Objective:
        """Return the least gain, which must be above zero."""
        return LeastGain(tuple(environment.agents[i].name for i in self._counted()))

    def _counted(self) -> list[int]:
        return [i for i, weight in enumerate(self.weights) if weight > 0.0]
