"""Allocations: the outcome of every type profile, stored as an array or computed when asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mechopt._util.arrays import FloatArray, IndexArray, frozen, in_blocks, sealed
from mechopt._util.registry import saved_as
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError


class Allocation(ABC):
    """The outcome of every type profile, stored or computed when asked for."""

    @abstractmethod
    def dense(self, environment: Environment) -> FloatArray:
        """Return the outcomes of all profiles, (num_variables, *environment.shape)."""

    @abstractmethod
    def interim_quantities(self, environment: Environment) -> tuple[FloatArray, ...]:
        """Return each agent's interim net quantity by own type."""

    @abstractmethod
    def on_grid(self, environment: Environment, types: Sequence[IndexArray]) -> FloatArray:
        """Return the outcomes of all profiles of the given types, one array of positions per agent.

        The result has shape (num_variables, number of types of agent 0, of agent 1, ...).
        """

    def expected_cost(self, environment: Environment) -> float:
        """Return the expected money that payments must cover."""
        return environment.expected_cost(self.dense(environment))

    def at_profiles(self, environment: Environment, profiles: Sequence[IndexArray]) -> FloatArray:
        """Return the outcomes of single profiles, (num_variables, num_profiles).

        Parameters
        ----------
        profiles : arrays of shape (num_profiles,)
            The positions of each agent's types.
        """
        columns = zip(*(np.reshape(cells, (-1, 1)) for cells in profiles), strict=True)
        single = [self.on_grid(environment, types) for types in columns]
        return np.stack([outcome.reshape(-1) for outcome in single], axis=1)

    def written_out(self, environment: Environment) -> Table:
        """Return the same allocation with the outcomes of all profiles at hand.

        Examples
        --------
        >>> from mechopt import BilateralTrade, TypeSpace
        >>> types = TypeSpace.finite([0, 1])
        >>> EfficientRule().written_out(BilateralTrade(types, types)).values.tolist()
        [[[0.0, 1.0], [0.0, 0.0]]]
        """
        return WrittenOut(sealed(self.dense(environment)), self)


@saved_as("mechopt.Table")
@dataclass(frozen=True, eq=False)
class Table(Allocation):
    """An allocation stored as one array.

    Parameters
    ----------
    values : array of shape (num_variables, num_types of agent 0, num_types of agent 1, ...)
        The outcome variables of every profile.

    Examples
    --------
    >>> Table([[[0, 1]]]).values.shape
    (1, 1, 2)
    """

    values: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", frozen(self.values))
        if not np.isfinite(self.values).all():
            raise InvalidInputError(
                "an outcome is not finite",
                where="values",
                expected="finite numbers",
                got=f"{self.values[~np.isfinite(self.values)][0]}",
                remedy="Give a number for every profile.",
            )

    def dense(self, environment: Environment) -> FloatArray:
        """Return the array."""
        expected = (len(environment.outcomes.variables), *environment.shape)
        if self.values.shape != expected:
            raise InvalidInputError(
                "the allocation does not fit the environment",
                where="allocation",
                expected=f"an array of shape {expected}",
                got=f"shape {self.values.shape}",
                remedy="Give one outcome per type profile.",
            )
        return self.values

    def on_grid(self, environment: Environment, types: Sequence[IndexArray]) -> FloatArray:
        """Return the stored outcomes; the array itself if all profiles are asked for."""
        if all(
            len(cells) == size and np.array_equal(cells, np.arange(size))
            for cells, size in zip(types, environment.shape, strict=True)
        ):
            return self.dense(environment)
        variables = np.arange(len(environment.outcomes.variables))
        grid = np.ix_(variables, *types)
        return np.asarray(self.dense(environment)[grid], dtype=np.float64)

    def interim_quantities(self, environment: Environment) -> tuple[FloatArray, ...]:
        """Return expectations of the net quantities over the others' types."""
        return environment.interim_quantities(self.dense(environment))


def require_mixture(weights: Sequence[float], number: int) -> None:
    """Raise InvalidInputError unless these are the probabilities of so many components.

    Examples
    --------
    >>> require_mixture([0.5, 0.5], 2)
    """
    valid = all(weight >= 0 for weight in weights) and abs(sum(weights) - 1) <= 1e-12
    if len(weights) != number or not valid:
        raise InvalidInputError(
            "not the weights of a mixture",
            where="weights",
            expected=f"{number} probabilities that sum to 1",
            got=", ".join(f"{weight:g}" for weight in weights),
            remedy="Give one probability per component.",
        )


@saved_as("mechopt.PointwiseRule")
@dataclass(frozen=True, eq=False)
class PointwiseRule(Allocation):
    """An allocation that maximises virtual values in every profile, computed when asked for.

    Parameters
    ----------
    values
        For each component of the rule, one array per agent: what a unit of net quantity is worth
        at each type (for a seller, its virtual cost), never falling in the type. Where outcomes
        only move quantities between agents, one constant may be left out of all of them.
    weights
        Probability of each component; a rule at a jump of the slack mixes two.

    Raises
    ------
    InvalidInputError
        If the weights are no probabilities, or there is not one set of values for each.

    Notes
    -----
    Source: theory.md, section 3.5; Cramton (1985), Theorem 3.

    Examples
    --------
    >>> import numpy as np
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([0, 1])
    >>> rule = PointwiseRule(((np.array([0.0, 2.0]), np.array([-1.0, 1.0])),), (1.0,))
    >>> rule.dense(BilateralTrade(types, types))
    array([[[0., 1.],
            [0., 0.]]])
    """

    values: tuple[tuple[FloatArray, ...], ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        values = tuple(tuple(frozen(array) for array in component) for component in self.values)
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "weights", tuple(float(weight) for weight in self.weights))
        require_mixture(self.weights, len(values))

    def dense(self, environment: Environment) -> FloatArray:
        """Return the outcomes of all profiles, if they fit."""
        environment.require_dense("the allocation")
        return self.on_grid(environment, [np.arange(size) for size in environment.shape])

    def on_grid(self, environment: Environment, types: Sequence[IndexArray]) -> FloatArray:
        """Return outcomes computed for these types alone."""
        self._check(environment)
        sizes = [len(cells) for cells in types]
        result = np.empty((len(environment.outcomes.variables), *sizes))
        # Blocks of the agent of whom most types are asked for.
        most = int(np.argmax(sizes))
        before = (slice(None),) * (most + 1)
        for block in in_blocks((sizes[most], *sizes[:most], *sizes[most + 1 :])):
            grid = [cells[block] if j == most else cells for j, cells in enumerate(types)]
            places = [_place(cells) for cells in grid]
            out = result[(*before, block)]
            for k, (weight, values) in enumerate(zip(self.weights, self.values, strict=True)):
                part = environment.outcomes.allocate(
                    [array[cells] for array, cells in zip(values, places, strict=True)]
                )
                if k == 0:
                    np.multiply(part, weight, out=out)
                else:
                    out += weight * part
        return result

    def at_profiles(self, environment: Environment, profiles: Sequence[IndexArray]) -> FloatArray:
        """Return outcomes of single profiles, however many agents there are."""
        self._check(environment)
        parts = [
            weight
            * environment.outcomes.best_at(
                [array[cells] for array, cells in zip(values, profiles, strict=True)]
            )
            for weight, values in zip(self.weights, self.values, strict=True)
        ]
        return np.asarray(np.add.reduce(parts), dtype=np.float64)

    def interim_quantities(self, environment: Environment) -> tuple[FloatArray, ...]:
        """Return expectations of the net quantities, without an array over the profiles."""
        self._check(environment)
        quantities: list[FloatArray] = []
        # One component after the other, so that few arrays are held at a time.
        for weight, values in zip(self.weights, self.values, strict=True):
            parts = environment.outcomes.interim_best(values, environment.masses)
            if not quantities:
                quantities = [weight * part for part in parts]
                continue
            for i, part in enumerate(parts):
                quantities[i] += weight * part
        return tuple(quantities)

    def expected_cost(self, environment: Environment) -> float:
        """Return the expected cost, without an array over the profiles where outcomes can do so."""
        self._check(environment)
        outcomes, masses = environment.outcomes, environment.masses
        return sum(
            weight * outcomes.best_on_average(values, masses)[1]
            for weight, values in zip(self.weights, self.values, strict=True)
        )

    @cached_property
    def _is_finite(self) -> bool:
        return all(bool(np.isfinite(own).all()) for component in self.values for own in component)

    def _check(self, environment: Environment) -> None:
        for component in self.values:
            sizes = tuple(array.size for array in component)
            finite = self._is_finite
            if sizes != environment.shape or not finite:
                raise InvalidInputError(
                    "the allocation does not fit the environment",
                    where="allocation",
                    expected=f"finite virtual values for {environment.shape} types",
                    got=f"{sizes} values" + ("" if finite else ", some not finite"),
                    remedy="Give one value per type of each agent.",
                )


def _place(cells: IndexArray) -> IndexArray | slice:
    """Return positions, as a slice, which copies nothing, if each follows the one before."""
    if not cells.size or cells[-1] - cells[0] != cells.size - 1:
        return cells
    run = slice(int(cells[0]), int(cells[-1]) + 1)
    return run if np.array_equal(cells, np.arange(run.start, run.stop)) else cells


@saved_as("mechopt.EfficientRule")
@dataclass(frozen=True)
class EfficientRule(Allocation):
    """The ex post efficient allocation of the environment that it is used in.

    Ties are decided by the exact values that types and costs stand for, and against trade.

    Examples
    --------
    >>> from mechopt import PublicGood, TypeSpace
    >>> types = TypeSpace.finite([0.1, 0.2])
    >>> EfficientRule().dense(PublicGood(types, cost=0.3, count=2))
    array([[[0., 0.],
            [0., 1.]]])
    """

    def dense(self, environment: Environment) -> FloatArray:
        """Return the outcomes of all profiles, if they fit."""
        return environment.efficient_allocation()

    def on_grid(self, environment: Environment, types: Sequence[IndexArray]) -> FloatArray:
        """Return outcomes computed for these types alone."""
        return environment.efficient_on_grid(types)

    def at_profiles(self, environment: Environment, profiles: Sequence[IndexArray]) -> FloatArray:
        """Return outcomes of single profiles, however many agents there are."""
        return environment.efficient_at(profiles)

    def interim_quantities(self, environment: Environment) -> tuple[FloatArray, ...]:
        """Return expectations of the net quantities over the others' types."""
        return environment.efficient


@saved_as("mechopt.WrittenOut")
@dataclass(frozen=True, eq=False)
class WrittenOut(Table):
    """A rule with the outcomes of all profiles at hand, for who looks at them again and again.

    Parameters
    ----------
    values
        As of :class:`Table`.
    rule
        The rule, which knows interim quantities better than averages do.
    """

    rule: Allocation

    def interim_quantities(self, environment: Environment) -> tuple[FloatArray, ...]:
        """Return those of the rule."""
        return self.rule.interim_quantities(environment)

    def expected_cost(self, environment: Environment) -> float:
        """Return that of the rule."""
        return self.rule.expected_cost(environment)
