"""What every type expects of a mechanism: the status quo that others are compared with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mechopt._util.arrays import FloatArray, IndexArray, frozen
from mechopt.environments import Environment
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.participation import UtilityFloor


@dataclass(frozen=True, eq=False)
class InterimPayoffs:
    """What every type expects, knowing its own type only, in money.

    Parameters
    ----------
    lower, mean, upper
        One array per agent: the payoff of each cell's lowest type, the average over the cell, and
        the payoff of its highest type. For finite types the three agree.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([0, 1])
    >>> InterimPayoffs.nothing(BilateralTrade(types, types)).mean
    (array([0., 0.]), array([0., 0.]))
    """

    lower: tuple[FloatArray, ...]
    mean: tuple[FloatArray, ...]
    upper: tuple[FloatArray, ...]

    def __post_init__(self) -> None:
        for name in ("lower", "mean", "upper"):
            arrays = tuple(frozen(values) for values in getattr(self, name))
            object.__setattr__(self, name, arrays)

    @classmethod
    def linear(
        cls,
        environment: Environment,
        quantity: Sequence[FloatArray],
        payment: Sequence[FloatArray],
    ) -> InterimPayoffs:
        """Return the payoffs of a mechanism constant on each cell.

        Parameters
        ----------
        environment
            The environment.
        quantity, payment
            One array per agent, as of :class:`mechopt.Mechanism`.
        """
        parts: list[tuple[FloatArray, ...]] = []
        for end in ("lower", "mean", "upper"):
            worth = [
                getattr(agent.types, end) * quantity[i]
                if environment.has_net_quantity(i)
                else environment.worth_of(i, quantity[i])
                for i, agent in enumerate(environment.agents)
            ]
            parts.append(tuple(own - paid for own, paid in zip(worth, payment, strict=True)))
        return cls(*parts)

    @classmethod
    def of(cls, mechanism: Mechanism) -> InterimPayoffs:
        """Return what every type expects of a mechanism, under the prior of its environment.

        Examples
        --------
        >>> from mechopt import BilateralTrade, TypeSpace
        >>> from mechopt.cramton1985 import posted_price
        >>> types = TypeSpace.finite([0, 1])
        >>> InterimPayoffs.of(posted_price(BilateralTrade(types, types), 0.5)).mean[0]
        array([0.25, 0.  ])
        """
        return cls.linear(mechanism.environment, mechanism.quantity, mechanism.payment)

    @classmethod
    def nothing(cls, environment: Environment) -> InterimPayoffs:
        """Return the payoffs of the agents' outside options; of a cell, the mean of both ends."""
        low, high = zip(*(agent.option_at_ends for agent in environment.agents), strict=True)
        return cls(low, tuple(0.5 * (a + b) for a, b in zip(low, high, strict=True)), high)

    def scaled(self, factor: float) -> InterimPayoffs:
        """Return the same payoffs in another unit of money."""
        return self._each(lambda _, values: factor * values)

    def of_types(self, kept: Sequence[IndexArray]) -> InterimPayoffs:
        """Return the payoffs of some types only, one array of positions per agent."""
        return self._each(lambda i, values: values[kept[i]])

    def expected_sum(self, environment: Environment) -> float:
        """Return the expected sum of all agents' payoffs, in money."""
        pairs = zip(environment.masses, self.mean, strict=True)
        return sum(float(mass @ payoff) for mass, payoff in pairs)

    def floors(self, environment: Environment, less: float = 0.0) -> tuple[UtilityFloor, ...]:
        """Return the requirements that every type gets at least this, less some money.

        Examples
        --------
        >>> from mechopt import BilateralTrade, TypeSpace
        >>> types = TypeSpace.finite([0, 1])
        >>> trade = BilateralTrade(types, types)
        >>> InterimPayoffs.nothing(trade).floors(trade, 0.5)[1].lower
        array([-0.5, -0.5])
        """
        ends = zip(environment.agents, self.lower, self.upper, strict=True)
        return tuple(UtilityFloor(agent.name, low - less, high - less) for agent, low, high in ends)

    def _each(self, change: Callable[[int, FloatArray], FloatArray]) -> InterimPayoffs:
        return InterimPayoffs(
            *(
                tuple(change(i, values) for i, values in enumerate(getattr(self, name)))
                for name in ("lower", "mean", "upper")
            )
        )
