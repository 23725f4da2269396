"""The smallest of several payoffs: of types, or of agents before they know their types."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray, frozen
from mechopt._util.registry import saved_as
from mechopt._util.saving import ByContent
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError, require
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.frame import Frame, Variables
from mechopt.problem.linear import Linear, Meaning, Rows
from mechopt.problem.objectives.objective import Objective, Tangent
from mechopt.problem.objectives.weights import ObjectiveWeights, times
from mechopt.problem.objectives.welfare import Welfare

EPS = float(np.finfo(np.float64).eps)
LEAST = "least"
ENDS = ("lower", "upper")


class Smallest(Objective):
    """The smallest of several numbers that are linear in the mechanism, maximised.

    The program has a variable for it, and a row for each number that it is not above.
    """

    @property
    def sign(self) -> int:
        """The smallest is maximised."""
        return 1

    @property
    def ignores_origin(self) -> bool:
        """Utilities do not depend on where money is measured from."""
        return True

    @property
    def is_linear(self) -> bool:
        """It is concave."""
        return False

    def meaning_in(self, environment: Environment) -> Meaning:
        """Return its own variable."""
        del environment
        return Meaning(self.in_words, LEAST, "5.1")

    def scaled(self, factor: float) -> Objective:
        """Return the same objective: it follows the environment."""
        del factor
        return self

    def weights_in(self, environment: Environment) -> ObjectiveWeights:
        """Return no weights: its own variable is the objective."""
        return ObjectiveWeights.none(environment)

    def exact_weights_in(self, environment: Environment) -> ObjectiveWeights:
        """Return no weights, in fractions."""
        return ObjectiveWeights.none(environment, Fraction(0))

    def variables(self, frame: Frame) -> Iterator[Variables]:
        """Yield the smallest number."""
        one = frame.numbers.ones(1)
        meaning = Meaning(f"the objective: {self.in_words}", LEAST, "5.1")
        yield Variables(LEAST, (), (1,), one, -np.inf, np.inf, meaning)

    @abstractmethod
    def rows(self, frame: Frame) -> Iterator[Rows]:
        """Yield a row for each number: it is not below the smallest."""

    @abstractmethod
    def counted(self, environment: Environment) -> dict[str, FloatArray]:
        """Return, for each entry of each block of its rows, one if it counts and zero if not."""

    def multiplier_shapes(self, environment: Environment) -> dict[str, tuple[int, ...]]:
        """Return the shapes of the multipliers of its rows, by name."""
        return {name: values.shape for name, values in self.counted(environment).items()}

    def simplex(
        self, environment: Environment, duals: Mapping[str, FloatArray]
    ) -> dict[str, FloatArray]:
        """Return multipliers of the rows that are at least zero and sum to one.

        Raises
        ------
        ValueError
            For an array of the wrong shape.
        """
        counted = self.counted(environment)
        found: dict[str, FloatArray] = {}
        for name, counts in counted.items():
            values = np.asarray(duals.get(name, np.zeros(counts.shape)), dtype=np.float64)
            if values.shape != counts.shape:
                raise ValueError(
                    f"multipliers {name}: expected shape {counts.shape}, got {values.shape}"
                )
            found[name] = np.maximum(values, 0.0) * counts
        if not any(values.any() for values in found.values()):
            found = counted
        total = sum(float(values.sum()) for values in found.values())
        return {name: values / total for name, values in found.items()}


def not_below_least(left: Linear, frame: Frame) -> Linear:
    """Return expressions less the smallest number."""
    ones = frame.numbers.ones(left.size)
    least = Linear.block(LEAST, frame.numbers.ones(1))
    return left - least[np.zeros(left.size, dtype=np.intp)].times(ones)


@saved_as("mechopt.LeastUtility")
@dataclass(frozen=True)
class LeastUtility(Smallest):
    """Maximise the utility of the worst-off type (max-min, Rawls).

    Over cells every type counts, and not only the mean one: the least utility of a cell is that of
    one of its two ends.

    Parameters
    ----------
    types
        By the name of an agent, the positions of the types that count, or None for all of them;
        all types of all agents unless said.
    net
        Whether utilities count less the outside options.

    Raises
    ------
    InvalidInputError
        In a problem without these agents or types.

    Notes
    -----
    Source: theory.md, section 5.1.

    Examples
    --------
    Two bidders share the revenue, which lump sums hand back: 29/9 in two equal parts.

    >>> from mechopt import Agent, DesignProblem, Environment, TypeSpace, solve
    >>> from mechopt.environments.single_good import SingleGood
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> auction = Environment((Agent("ann", types), Agent("bob", types)), SingleGood(2))
    >>> round(solve(DesignProblem(auction, LeastUtility())).objective, 9)
    1.611111111
    """

    types: tuple[tuple[str, tuple[int, ...] | None], ...] = ()
    net: bool = False

    def __post_init__(self) -> None:
        given: Any = self.types
        if isinstance(given, Mapping):
            given = tuple(given.items())
        hint = 'Give positions by agent, such as {"ann": [0, 1]}, or None for all.'
        require(given, (tuple, list), where="types", remedy=hint)
        require(self.net, bool, where="net", remedy="Give True or False.")
        kept = []
        for entry in given:
            require(entry, (tuple, list), where="types", remedy=hint)
            name, positions = entry
            require(name, str, where="types", remedy=hint)
            if positions is not None:
                require(positions, (tuple, list, range, np.ndarray), where="types", remedy=hint)
                for position in positions:
                    require(position, (int, np.integer), where="types", remedy=hint)
                positions = tuple(int(position) for position in positions)
            kept.append((name, positions))
        names = [name for name, _ in kept]
        if len(set(names)) < len(names) or any(p is not None and not p for _, p in kept):
            raise _no_types("each agent once, with at least one type", f"{given!r}"[:60])
        object.__setattr__(self, "types", tuple(kept))

    @property
    def in_words(self) -> str:
        """What it is called in reports."""
        return "least net utility of a type" if self.net else "least utility of a type"

    def for_environment(self, environment: Environment) -> Objective:
        """Return the objective, whose agents and types the environment must have."""
        for name, positions in self.types:
            size = environment.shape[environment.index_of(name)]
            if positions and not all(0 <= position < size for position in positions):
                raise _no_types(f"positions from 0 to {size - 1} for {name}", f"{positions}"[:60])
        return self

    def rows(self, frame: Frame) -> Iterator[Rows]:
        """Yield that no type's utility is below the least."""
        numbers = frame.numbers
        for i, ends, positions in self._counted(frame.environment):
            agent, words = numbers.agents[i], frame.words(i)
            for end in ends:
                option = agent.option_lower if end == "lower" else agent.option_upper
                left = frame.value(i, end) - frame.payment(i)
                word, letter = ("lowest", "L") if end == "lower" else ("highest", "U")
                less = f" - {words.level('o', letter)}" if self.net else ""
                yield Rows(
                    f"{agent.name}_least_{end}",
                    (agent.name,),
                    not_below_least(left[positions], frame),
                    Meaning(
                        f"the {self.in_words} is not above that of {words.type(word)}",
                        f"{words.value(letter)} - T_{{i,k}}{less} >= least",
                        "5.1",
                    ),
                    option[positions] if self.net else 0,
                    entries=None if positions.size == len(agent.mass) else positions,
                    full_size=len(agent.mass),
                )

    def counted(self, environment: Environment) -> dict[str, FloatArray]:
        """Return ones for the types that count."""
        found = {}
        for i, ends, positions in self._counted(environment):
            for end in ends:
                counts = np.zeros(environment.shape[i])
                counts[positions] = 1.0
                found[f"{environment.agents[i].name}_least_{end}"] = counts
        return found

    def tangent_in(self, environment: Environment, duals: Mapping[str, FloatArray]) -> Tangent:
        """Return the average utility at the multipliers, which the least is not above."""
        found = self.simplex(environment, duals)
        lower = [np.zeros(size) for size in environment.shape]
        upper = [np.zeros(size) for size in environment.shape]
        owed = 0.0
        for i, ends, _ in self._counted(environment):
            agent = environment.agents[i]
            for end, sums, option in zip(ENDS, (lower, upper), agent.option_at_ends, strict=True):
                if end in ends:
                    sums[i] = found[f"{agent.name}_least_{end}"]
                    owed += float(sums[i] @ option) if self.net else 0.0
        rounding = 64.0 * EPS * abs(owed)
        return Tangent(
            EndPayoffs(tuple(lower), tuple(upper)), lambda bound: bound - owed + rounding
        )

    def value(self, mechanism: Mechanism) -> tuple[float, float]:
        """Return the least utility, and what rounding may make of it."""
        environment = mechanism.environment
        least, rounding = np.inf, 0.0
        for i, ends, positions in self._counted(environment):
            agent, quantity = environment.agents[i], mechanism.quantity[i]
            paid = _measured(mechanism, i)
            for end, option in zip(ENDS, agent.option_at_ends, strict=True):
                if end not in ends:
                    continue
                worth = _worth_at(environment, i, end) * quantity
                utility = _summed(worth) - paid - (option if self.net else 0.0)
                least = min(least, float(utility[positions].min()))
                size = _summed(np.abs(worth)) + np.abs(mechanism.payment[i]) + np.abs(option)
                own = mechanism.rounding_of_payment[i] + 8.0 * EPS * size
                rounding = max(rounding, float(own[positions].max()))
        return least, rounding

    def _counted(
        self, environment: Environment
    ) -> Iterator[tuple[int, tuple[str, ...], np.ndarray[Any, Any]]]:
        """Yield the position of each agent, the ends of its cells that differ, and its types."""
        everybody = tuple((agent.name, None) for agent in environment.agents)
        for name, positions in self.types or everybody:
            i = environment.index_of(name)
            chosen = np.arange(environment.shape[i]) if positions is None else np.array(positions)
            yield i, ENDS if not environment.agents[i].types.is_finite else ENDS[:1], chosen


@saved_as("mechopt.EndPayoffs")
@dataclass(frozen=True, eq=False)
class EndPayoffs(ByContent, Objective):
    """Maximise a weighted sum of the utilities of the types at the ends of cells.

    Parameters
    ----------
    lower, upper : arrays of shape (num_cells,)
        Weights of the lowest and the highest type of each cell, one array per agent.
    """

    lower: tuple[FloatArray, ...]
    upper: tuple[FloatArray, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "lower", tuple(map(frozen, self.lower)))
        object.__setattr__(self, "upper", tuple(map(frozen, self.upper)))

    @property
    def sign(self) -> int:
        """The sum is maximised."""
        return 1

    @property
    def ignores_origin(self) -> bool:
        """Utilities do not depend on where money is measured from."""
        return True

    def scaled(self, factor: float) -> Objective:
        """Return the same objective: its weights are no money."""
        del factor
        return self

    def weights_in(self, environment: Environment) -> ObjectiveWeights:
        """Return the weights of the sum of w (t Q - T), divided by the types' probabilities."""
        quantity, payment = [], []
        for i, (low, high) in enumerate(zip(self.lower, self.upper, strict=True)):
            mass = environment.masses[i]
            known = environment.has_net_quantity(i)
            ends = (
                getattr(environment.agents[i].types, end)
                if known
                else environment.worth_of_quantity(i)
                for end in ENDS
            )
            first, second = times((low / mass, high / mass), ends)
            quantity.append(first + second)
            payment.append(-(low + high) / mass)
        return ObjectiveWeights(tuple(quantity), tuple(payment), 0.0)


@saved_as("mechopt.LeastGain")
@dataclass(frozen=True)
class LeastGain(Smallest):
    """Maximise the smallest of the agents' expected gains, before types are known.

    An agent's gain is its expected utility less its expected outside option; over a cell the
    option counts as the mean of those at the two ends.

    Parameters
    ----------
    agents
        Names of the agents that count; all unless said.

    Examples
    --------
    >>> from mechopt import BilateralTrade, DesignProblem, TypeSpace, solve
    >>> types = TypeSpace.finite([0, 1])
    >>> solve(DesignProblem(BilateralTrade(types, types), LeastGain())).objective
    0.125
    """

    agents: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        hint = 'Give names, such as ["ann", "bob"].'
        require(self.agents, (tuple, list), where="agents", remedy=hint)
        for name in self.agents:
            require(name, str, where="agents", remedy=hint)
        object.__setattr__(self, "agents", tuple(self.agents))

    @property
    def in_words(self) -> str:
        """What it is called in reports."""
        return "least gain of an agent"

    def for_environment(self, environment: Environment) -> Objective:
        """Return the objective, whose agents the environment must have."""
        for name in self.agents:
            environment.index_of(name)
        return self

    def rows(self, frame: Frame) -> Iterator[Rows]:
        """Yield that no agent's gain is below the least."""
        for i in self._counted(frame.environment):
            expression, option = gain(frame, i)
            name = frame.names[i]
            yield Rows(
                f"{name}_least_gain",
                (),
                not_below_least(expression, frame),
                Meaning(
                    f"{name} gains at least the least gain",
                    f"{frame.words(i).gain()} >= least",
                    "5.1",
                ),
                option,
            )

    def counted(self, environment: Environment) -> dict[str, FloatArray]:
        """Return one for each agent that counts."""
        names = [environment.agents[i].name for i in self._counted(environment)]
        return {f"{name}_least_gain": np.ones(1) for name in names}

    def tangent_in(self, environment: Environment, duals: Mapping[str, FloatArray]) -> Tangent:
        """Return the weighted gains at the multipliers, which the least is not above."""
        found = self.simplex(environment, duals)
        weights = np.zeros(len(environment.agents))
        for i in self._counted(environment):
            weights[i] += float(found[f"{environment.agents[i].name}_least_gain"][0])
        owed = float(weights @ expected_options(environment))
        rounding = 64.0 * EPS * abs(owed)
        return Tangent(Welfare(tuple(weights.tolist())), lambda bound: bound - owed + rounding)

    def value(self, mechanism: Mechanism) -> tuple[float, float]:
        """Return the least gain, and what rounding may make of it."""
        gains, rounding = gains_of(mechanism)
        counted = self._counted(mechanism.environment)
        return float(gains[counted].min()), float(rounding[counted].max())

    def _counted(self, environment: Environment) -> list[int]:
        everybody = [agent.name for agent in environment.agents]
        return [environment.index_of(name) for name in self.agents or everybody]


def gain(frame: Frame, i: int) -> tuple[Linear, Any]:
    """Return an agent's expected utility as the one expression, and its expected option."""
    agent = frame.numbers.agents[i]
    utility = frame.value(i, "mean") - frame.payment(i)
    return utility.sum(agent.mass), agent.mass @ (agent.option_lower + agent.option_upper) / 2


def expected_options(environment: Environment) -> FloatArray:
    """Return what each agent expects outside, in money; over a cell, the mean of its ends."""
    return np.array(
        [
            float(agent.types.mass @ (agent.option_at_ends[0] + agent.option_at_ends[1])) / 2.0
            for agent in environment.agents
        ]
    )


def gains_of(mechanism: Mechanism) -> tuple[FloatArray, FloatArray]:
    """Return what each agent expects to gain, in money, and what rounding may make of it."""
    environment = mechanism.environment
    gains = np.array(list(mechanism.expected_utility.values())) - expected_options(environment)
    rounding = []
    for i, agent in enumerate(environment.agents):
        worth = environment.centred.worth_of_quantity(i) * mechanism.quantity[i]
        size = _summed(np.abs(worth)) + np.abs(mechanism.payment[i])
        size = size + np.abs(agent.option_at_ends[0]) + np.abs(agent.option_at_ends[1])
        relative = (8.0 + agent.types.num_cells) * EPS
        rounding.append(
            float(agent.types.mass @ (mechanism.rounding_of_payment[i] + relative * size))
        )
    return gains, np.array(rounding)


def _worth_at(environment: Environment, i: int, end: str) -> FloatArray:
    """Return what a unit of an agent's quantities is worth at one end of its cells."""
    centred = environment.centred
    if not centred.has_net_quantity(i):
        return centred.worth_of_quantity(i)
    return np.asarray(getattr(centred.agents[i].types, end))


def _measured(mechanism: Mechanism, i: int) -> FloatArray:
    """Return an agent's payments measured from the environment's origin."""
    origin = mechanism.environment.origin
    return mechanism.payment[i] - origin * mechanism.quantity[i] if origin else mechanism.payment[i]


def _summed(values: FloatArray) -> FloatArray:
    """Return sums over the variables, if any, of an array by type."""
    return np.asarray(values.reshape(len(values), -1).sum(axis=1))


def _no_types(expected: str, got: str) -> InvalidInputError:
    return InvalidInputError(
        "not types of the agents",
        where="types",
        expected=expected,
        got=got,
        remedy='Give positions by agent, such as {"ann": [0, 1]}.',
    )
