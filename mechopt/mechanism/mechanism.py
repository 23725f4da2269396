"""A direct mechanism: who gets what and who pays what, by type."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, frozen, repeated, rounding_of_sums
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError, require
from mechopt.mechanism.allocation import Allocation
from mechopt.mechanism.counts_rule import CountsPayments
from mechopt.mechanism.misreports import worth_at_report
from mechopt.mechanism.parts import line_of, names_of_parts, part_named
from mechopt.mechanism.payments import ex_post_payments
from mechopt.types import TypeSpace

EPS = float(np.finfo(np.float64).eps)

if TYPE_CHECKING:
    import xarray


@dataclass(frozen=True, eq=False)
class Mechanism:
    """A direct mechanism of an environment.

    Quantities and payments are *net*: a seller's quantity is minus the probability that it sells,
    and its payment is minus what it receives. Utility is ``type * quantity - payment``.

    Parts are had by their names, which are those of exact mechanisms: ``mechanism["trade"]`` by
    profile, ``mechanism["buyer_payment"]``; ``list(mechanism)`` names them.

    Parameters
    ----------
    environment
        The environment it is for.
    allocation
        The outcome of every profile.
    payment
        Interim payments in money, one array per agent.
    ex_post_payment : array of shape (num_agents, num_types, ...), or CountsPayments, optional
        Payments in every profile, of identical agents by counts where profiles are too many. Where
        they are left out they are constructed from the interim payments, so that they sum to the
        cost in every profile (theory.md, section 1).

    Raises
    ------
    InvalidInputError
        For arrays that do not fit the environment.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> from mechopt.mechanism.allocation import Table
    >>> types = TypeSpace.finite([0, 1])
    >>> mechanism = Mechanism(
    ...     BilateralTrade(types, types), Table([[[0, 1], [0, 0]]]), ([-0.25, 0.25], [-0.25, 0.25])
    ... )
    >>> mechanism.quantity_of("seller"), mechanism.utility_of("seller")
    (array([-0.5,  0. ]), array([ 0.25, -0.25]))
    """

    environment: Environment
    allocation: Allocation
    payment: tuple[FloatArray, ...]
    ex_post_payment: FloatArray | CountsPayments | None = None

    def __post_init__(self) -> None:
        hint = "Pass an environment, then a Table or a PointwiseRule."
        require(self.environment, Environment, where="environment", remedy=hint)
        require(self.allocation, Allocation, where="allocation", remedy=hint)
        object.__setattr__(self, "payment", tuple(frozen(values) for values in self.payment))
        for values in self.payment:
            _require_finite(values, "payment")
        shapes = tuple(values.shape for values in self.payment)
        self._check_shape("payment", shapes, tuple((size,) for size in self.environment.shape))
        if isinstance(self.ex_post_payment, CountsPayments):
            self.ex_post_payment.require_fits(self.environment)
            _require_finite(self.ex_post_payment.values, "ex_post_payment")
        elif self.ex_post_payment is not None:
            object.__setattr__(self, "ex_post_payment", frozen(self.ex_post_payment))
            _require_finite(self.ex_post_payment, "ex_post_payment")
            expected = (len(self.environment.agents), *self.environment.shape)
            self._check_shape("ex_post_payment", np.shape(self.ex_post_payment), expected)
        elif not self.environment.independent:
            raise InvalidInputError(
                "interim payments alone say too little where types are not independent",
                where="ex_post_payment",
                expected="the payment of every profile",
                got="nothing",
                remedy="Use Mechanism.of_profiles(environment, allocation, payments).",
            )

    @classmethod
    def of_profiles(
        cls,
        environment: Environment,
        allocation: Allocation,
        ex_post_payment: npt.ArrayLike | CountsPayments,
    ) -> Mechanism:
        """Return the mechanism that is known by its payments of every profile.

        Parameters
        ----------
        environment, allocation
            As of the class.
        ex_post_payment : array of shape (num_agents, num_types, ...), or CountsPayments
            What each agent pays in every profile, in money.

        Examples
        --------
        >>> from mechopt import BilateralTrade, TypeSpace
        >>> from mechopt.mechanism.allocation import Table
        >>> types = TypeSpace.finite([0, 1])
        >>> trade = BilateralTrade(types, types)
        >>> price = [[[0, -0.5], [0, 0]], [[0, 0.5], [0, 0]]]
        >>> Mechanism.of_profiles(trade, Table([[[0, 1], [0, 0]]]), price).payment_of("buyer")
        array([0.  , 0.25])
        """
        if isinstance(ex_post_payment, CountsPayments):
            return cls(
                environment, allocation, ex_post_payment.interim(environment), ex_post_payment
            )
        paid = np.asarray(ex_post_payment, dtype=np.float64)
        expected = (len(environment.agents), *environment.shape)
        cls._check_shape("ex_post_payment", paid.shape, expected)
        interim = tuple(environment.interim(i, paid[i]) for i in range(len(paid)))
        return cls(environment, allocation, interim, paid)

    @staticmethod
    def _check_shape(name: str, got: object, expected: object) -> None:
        if got != expected:
            raise InvalidInputError(
                "payments do not fit the environment",
                where=name,
                expected=f"shape {expected}",
                got=f"{got}",
                remedy="Give one payment per type, or per agent and type profile.",
            )

    def __repr__(self) -> str:
        """Return whose it is, for how many types, and what its parts are called."""
        return line_of(self)

    def __iter__(self) -> Iterator[str]:
        """Yield the names of its parts: outcomes, then each agent's quantities and payments."""
        return iter(names_of_parts(self))

    def keys(self) -> tuple[str, ...]:
        """Return the names of its parts, so that ``dict`` takes it as it takes an exact one."""
        return names_of_parts(self)

    def __getitem__(self, name: str) -> FloatArray:
        """Return an outcome by profile, or an agent's part, as exact mechanisms name them.

        See :func:`mechopt.mechanism.parts.part_named`.
        """
        return part_named(self, name)

    @cached_property
    def quantity(self) -> tuple[FloatArray, ...]:
        """Interim net quantities, one array per agent, as of ``environment.interim_quantities``."""
        return self.allocation.interim_quantities(self.environment)

    @cached_property
    def utility(self) -> tuple[FloatArray, ...]:
        """Interim utilities in money, one array per agent, at the mean type of each cell."""
        origin, centred = self.environment.origin, self.environment.centred
        return tuple(
            centred.worth_of(i, quantity) - (payment - origin * quantity if origin else payment)
            for i, (quantity, payment) in enumerate(zip(self.quantity, self.payment, strict=True))
        )

    @property
    def expected_utility(self) -> dict[str, float]:
        """Each agent's expected utility in money, before types are known."""
        return {
            agent.name: agent.types.expectation(utility)
            for agent, utility in zip(self.environment.agents, self.utility, strict=True)
        }

    @cached_property
    def rounding_of_payment(self) -> tuple[FloatArray, ...]:
        """What rounding may have made of each type's interim payment, in money.

        Zero where interim payments are what is given; averages of the profiles' payments round at
        their size.
        """
        if not self._averages_profiles:
            return tuple(repeated(0.0, size) for size in self.environment.shape)
        counted = self.by_counts
        if counted is not None:
            return CountsPayments(self._relative * np.abs(counted.values)).interim(self.environment)
        return tuple(
            self._relative * self.environment.interim(i, np.abs(paid))
            for i, paid in enumerate(self.ex_post_payments())
        )

    @property
    def by_counts(self) -> CountsPayments | None:
        """Payments of identical agents by counts, where profiles are too many; else None."""
        paid = self.ex_post_payment
        return paid if isinstance(paid, CountsPayments) else None

    @property
    def _relative(self) -> float:
        """What averages over the profiles round at, relative to the size of what they average."""
        return 4.0 * EPS + rounding_of_sums(self.environment.num_profiles)

    @cached_property
    def _averages_profiles(self) -> bool:
        """Whether payments of every profile are given, and interim ones are their averages."""
        environment, payments = self.environment, self.ex_post_payment
        if isinstance(payments, CountsPayments):
            return all(map(np.array_equal, payments.interim(environment), self.payment))
        return payments is not None and all(
            np.array_equal(environment.interim(i, paid), self.payment[i])
            for i, paid in enumerate(payments)
        )

    def rounding_by_report(self, agent: int) -> FloatArray | None:
        """Return what rounding may make of what each type expects at each report, in money.

        Averages of outcomes and payments round at the size of what they average, which may cancel.

        Returns
        -------
        array of shape (num_types, num_types) or None
            By own type and report; None where interim payments are what is given.

        Examples
        --------
        >>> from mechopt import BilateralTrade, TypeSpace
        >>> from mechopt.mechanism.allocation import Table
        >>> types = TypeSpace.finite([0, 1])
        >>> bets = [[[-1e6, 1e6], [0, 0]], [[1e6, -1e6], [0, 0]]]
        >>> mechanism = Mechanism.of_profiles(
        ...     BilateralTrade(types, types), Table([[[0, 0], [0, 0]]]), bets
        ... )
        >>> mechanism.payment_of("seller"), bool(mechanism.rounding_by_report(0)[0, 0] > 1e-10)
        (array([0., 0.]), True)
        """
        if not self._averages_profiles:
            return None
        environment, counted = self.environment, self.by_counts
        types, by_report = environment.agents[agent].types, environment.belief.by_report
        if counted is not None:
            far = np.maximum(np.abs(types.lower), np.abs(types.upper))[:, None]
            paid = CountsPayments(np.abs(counted.values)).interim(environment)[agent]
            size = paid + far * np.abs(self.quantity[agent])
            return np.asarray(self._relative * size, dtype=np.float64)
        size = by_report(agent, np.abs(self.ex_post_payments()[agent]))
        allocation = self.allocation.dense(environment)
        if environment.has_net_quantity(agent):
            far = np.maximum(np.abs(types.lower), np.abs(types.upper))[:, None]
            size += far * by_report(agent, np.abs(environment.net_quantities(allocation)[agent]))
        else:
            size += worth_at_report(environment, agent, allocation)[1]
        return np.asarray(self._relative * size, dtype=np.float64)

    @property
    def rounding_of_utility(self) -> dict[str, float]:
        """What each agent's expected utility may be off by, because its payments are floats.

        Payments far from zero round at their size, and who gets what of small gains with them;
        :attr:`total_gains` does not depend on it.
        """
        return {
            agent.name: EPS * agent.types.expectation(np.abs(payment))
            for agent, payment in zip(self.environment.agents, self.payment, strict=True)
        }

    @property
    def total_gains(self) -> float:
        """Sum of the agents' expected values of what they get, less the cost, in money."""
        centred = self.environment.centred
        worth = sum(
            agent.types.expectation(centred.worth_of(i, self.quantity[i]))
            for i, agent in enumerate(centred.agents)
        )
        return float(worth) - self.expected_cost

    @property
    def expected_cost(self) -> float:
        """Expected money that the payments must cover."""
        cost = self.environment.outcomes.cost_of(self.quantity, self.environment.masses)
        if cost is not None:
            return cost
        return self.allocation.expected_cost(self.environment)

    def quantity_of(self, agent: str) -> FloatArray:
        """Return one agent's interim net quantity by type."""
        return self.quantity[self.environment.index_of(agent)]

    def payment_of(self, agent: str) -> FloatArray:
        """Return one agent's interim payment by type, in money."""
        return self.payment[self.environment.index_of(agent)]

    def utility_of(self, agent: str) -> FloatArray:
        """Return one agent's interim utility by type, in money."""
        return self.utility[self.environment.index_of(agent)]

    def ex_post_payments(self) -> FloatArray:
        """Return what each agent pays in every profile, ``(num_agents, *environment.shape)``.

        Raises
        ------
        TooLargeError
            If there are too many profiles for an array over them.
        """
        if isinstance(self.ex_post_payment, CountsPayments):
            return self.ex_post_payment.dense(self.environment)
        if self.ex_post_payment is not None:
            return self.ex_post_payment
        self.environment.require_dense("ex post payments")
        return ex_post_payments(
            self.environment, self.allocation.dense(self.environment), self.payment
        )

    @property
    def largest_payment(self) -> float:
        """The largest amount that any agent pays or receives in any profile, in money."""
        counted = self.by_counts
        paid = self.ex_post_payments() if counted is None else counted.values
        return float(np.abs(paid).max(initial=0.0))

    def with_ex_post_payments(self) -> Mechanism:
        """Return the same mechanism with its ex post payments written out."""
        return Mechanism(self.environment, self.allocation, self.payment, self.ex_post_payments())

    @property
    def interim(self) -> xarray.Dataset:
        """Interim quantity, payment and utility, labelled by agent and type.

        Where outcomes are worth something else than type times quantity, the expectation of every
        variable stands in place of the quantity.

        To save it, with ``to_netcdf`` for one, take :attr:`interim_table`.

        Examples
        --------
        >>> from mechopt import BilateralTrade, TypeSpace
        >>> from mechopt.mechanism.allocation import Table
        >>> types = TypeSpace.finite([0, 1])
        >>> mechanism = Mechanism(
        ...     BilateralTrade(types, types),
        ...     Table([[[0, 1], [0, 0]]]),
        ...     ([-0.25, 0.25], [-0.25, 0.25]),
        ... )
        >>> mechanism.interim.quantity.sel(agent="buyer").values
        array([0. , 0.5])
        """
        import pandas
        import xarray

        agents, known = self.environment.agents, self.environment.has_net_quantities
        labels = pandas.MultiIndex.from_arrays(
            [
                np.repeat([agent.name for agent in agents], self.environment.shape),
                np.concatenate([_labels(agent.types) for agent in agents]),
            ],
            names=["agent", "type"],
        )
        row = "agent_type"
        columns: dict[str, Sequence[FloatArray]] = {"mass": self.environment.masses}
        if known:
            columns |= {
                "lower": [agent.types.lower for agent in agents],
                "upper": [agent.types.upper for agent in agents],
                "quantity": self.quantity,
            }
        else:
            allocation = self.allocation.dense(self.environment)
            for variable, values in zip(
                self.environment.outcomes.variables, allocation, strict=True
            ):
                columns[variable] = [
                    self.environment.interim(i, values) for i in range(len(agents))
                ]
        columns |= {"payment": self.payment, "utility": self.utility}
        return xarray.Dataset(
            {name: (row, np.concatenate(list(values))) for name, values in columns.items()},
            coords=xarray.Coordinates.from_pandas_multiindex(labels, row),
        )

    @property
    def interim_table(self) -> xarray.Dataset:
        """The same as :attr:`interim`, with agent and type as plain columns, to be saved.

        The formats that xarray writes know no pairs of labels; ``set_index`` makes them again.

        Examples
        --------
        >>> from mechopt import BilateralTrade, TypeSpace
        >>> from mechopt.mechanism.allocation import Table
        >>> types = TypeSpace.finite([0, 1])
        >>> mechanism = Mechanism(
        ...     BilateralTrade(types, types),
        ...     Table([[[0, 1], [0, 0]]]),
        ...     ([-0.25, 0.25], [-0.25, 0.25]),
        ... )
        >>> saved = mechanism.interim_table.to_netcdf()
        >>> import xarray
        >>> table = xarray.load_dataset(saved).set_index(agent_type=["agent", "type"])
        >>> table.quantity.sel(agent="buyer").values
        array([0. , 0.5])
        """
        table = self.interim.reset_index("agent_type")
        # As fixed text: netCDF has no place for Python's objects.
        return table.assign_coords(agent=table.agent.astype(str))

    def ex_post(self) -> xarray.Dataset:
        """Return outcomes and payments of every profile, labelled by the agents' types.

        Raises
        ------
        TooLargeError
            If there are too many profiles for an array over them.

        Examples
        --------
        >>> from mechopt import BilateralTrade, TypeSpace
        >>> from mechopt.mechanism.allocation import Table
        >>> types = TypeSpace.finite([0, 1])
        >>> mechanism = Mechanism(
        ...     BilateralTrade(types, types), Table([[[0, 1], [0, 0]]]), ([-0.5, 0], [0, 0.5])
        ... )
        >>> mechanism.ex_post().trade.sel(seller=0, buyer=1).item()
        1.0
        """
        import xarray

        environment = self.environment
        environment.require_dense("the ex post mechanism")
        names = [agent.name for agent in environment.agents]
        payments = self.ex_post_payments()
        data = dict(
            zip(environment.outcomes.variables, self.allocation.dense(environment), strict=True)
        )
        data |= environment.outcomes.derived(self.allocation.dense(environment))
        data |= {f"{name}_payment": payments[i] for i, name in enumerate(names)}
        return xarray.Dataset(
            {name: (names, values) for name, values in data.items()},
            coords={agent.name: _labels(agent.types) for agent in environment.agents},
        )

    def in_environment(self, environment: Environment) -> Mechanism:
        """Return the same allocation and payments as a mechanism of another environment."""
        return Mechanism(environment, self.allocation, self.payment, self.ex_post_payment)


def _labels(types: TypeSpace) -> npt.NDArray[Any]:
    """Return the means of cells, or the labels of types that are no numbers."""
    if types.is_ordered:
        return types.mean
    return np.array([types.label(k) for k in range(types.num_cells)], dtype=object)


def _require_finite(values: FloatArray | None, where: str) -> None:
    if values is not None and not np.isfinite(values).all():
        raise InvalidInputError(
            "a payment is not finite",
            where=where,
            expected="finite numbers",
            got=f"{values[~np.isfinite(values)][0]}",
            remedy="Compute the payments again.",
        )
