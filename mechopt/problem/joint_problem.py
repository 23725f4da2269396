"""Two agents with correlated types: the problem of a joint prior, and mechanisms for it.

With independent types interim payments suffice, because any that balance on average come from ones
that balance in every profile. With a joint prior they do not, so here a mechanism states the
payment of every profile. What each type may expect depends on its own type through its beliefs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, IndexArray, frozen, shown
from mechopt._util.given import given_numbers, real_array
from mechopt._util.registry import saved_as
from mechopt.environments import BilateralTrade, Environment
from mechopt.errors import InvalidInputError, TooLargeError
from mechopt.types import TypeSpace
from mechopt.types.checks import MASS_TOLERANCE

if TYPE_CHECKING:
    import xarray

# What agent 0 pays is minus the payment, what agent 1 pays is the payment.
PAYMENT_SIGNS = (-1.0, 1.0)
LEAST_STAKES = 1e-9
DEFAULT_PAYMENT_LIMIT = 100.0
MAX_PAIRS = 10_000_000


@saved_as("mechopt.InterimPayoffs")
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
        """Return the payoffs ``type * quantity - payment`` of a mechanism constant on each cell."""
        agents = environment.agents
        parts = [
            tuple(
                getattr(agent.types, end) * quantity[i] - payment[i]
                for i, agent in enumerate(agents)
            )
            for end in ("lower", "mean", "upper")
        ]
        return cls(*parts)

    @classmethod
    def nothing(cls, environment: Environment) -> InterimPayoffs:
        """Return the payoffs of the agents' outside options; of a cell, the mean of both ends."""
        low = tuple(agent.outside_option(agent.types.lower) for agent in environment.agents)
        high = tuple(agent.outside_option(agent.types.upper) for agent in environment.agents)
        return cls(low, tuple(0.5 * (a + b) for a, b in zip(low, high, strict=True)), high)

    def scaled(self, factor: float) -> InterimPayoffs:
        """Return the same payoffs in another unit of money."""
        parts = [
            tuple(factor * values for values in getattr(self, name))
            for name in ("lower", "mean", "upper")
        ]
        return InterimPayoffs(*parts)

    def of_types(self, kept: Sequence[IndexArray]) -> InterimPayoffs:
        """Return the payoffs of some types only, one array of positions per agent."""
        parts = [
            tuple(values[cells] for values, cells in zip(getattr(self, name), kept, strict=True))
            for name in ("lower", "mean", "upper")
        ]
        return InterimPayoffs(*parts)


@dataclass(frozen=True, eq=False)
class JointMechanism:
    """A direct mechanism for two agents that states the payment of every profile.

    Parameters
    ----------
    outcome : array of shape (num_variables, n_0, n_1)
        The outcome of every profile, those of probability zero included: what a type meets if it
        imitates another depends on them.
    payment : array of shape (n_0, n_1)
        What agent 1 (the buyer) pays agent 0 (the seller), in money.
    """

    outcome: FloatArray
    payment: FloatArray

    def __post_init__(self) -> None:
        for name in ("outcome", "payment"):
            object.__setattr__(self, name, frozen(getattr(self, name)))


@saved_as("mechopt.JointProblem")
@dataclass(frozen=True, eq=False)
class JointProblem:
    """The mechanism with the largest expected gains over a status quo, under a joint prior.

    A mechanism must be incentive compatible over *all* pairs of types (with correlated types,
    neighbours do not suffice), every type at both ends of its cell must get at least its status
    quo, and what the buyer pays in a profile the seller receives.

    Parameters
    ----------
    environment
        Two agents; outcomes without a cost. The masses of its type spaces are the marginals of the
        joint prior.
    prior : array of shape (n_0, n_1)
        Probability of every profile. Profiles may have probability zero, types may not.
    status_quo
        What every type gets if the alternative is refused; outside options unless given.
    discount
        What a unit of each agent's net quantity is worth now: (exp(-r τ), exp(-σ τ)) at date τ.
    ex_post_participation
        Require that in every profile, after both types are known, no one does worse than staying
        out. This rules out bets on the other's type.
    payment_limit
        Largest payment in any profile, in money; 100 times what is at stake unless given. With
        correlated types, mechanisms bet on the other's type, and a limit keeps bets finite. What
        is proved is proved for all mechanisms within it.

    Raises
    ------
    InvalidInputError
        For environments with other than two agents or with a cost, arrays that do not fit, a
        prior whose marginals are not the type spaces' masses, and limits that are not positive.

    Notes
    -----
    Source: theory.md, section 3.8; Holmström and Myerson (1983), doi:10.2307/1912117.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([0, 1])
    >>> problem = JointProblem(BilateralTrade(types, types), [[0.1, 0.4], [0.4, 0.1]])
    >>> problem.conditional(0)
    array([[0.2, 0.8],
           [0.8, 0.2]])
    """

    environment: Environment
    prior: FloatArray
    status_quo: InterimPayoffs | None = None
    discount: tuple[float, float] = (1.0, 1.0)
    ex_post_participation: bool = False
    payment_limit: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "prior", frozen(real_array(self.prior, "prior")))
        _check_environment(self.environment)
        shape = self.environment.shape
        if self.prior.shape != shape or not (self.prior >= 0).all():
            raise InvalidInputError(
                "not a joint prior of these types",
                where="prior",
                expected=f"probabilities in an array of shape {shape}",
                got=f"shape {self.prior.shape}, least entry {self.prior.min(initial=0.0):g}",
                remedy="Give one probability per pair of types.",
            )
        for i, mass in enumerate(self.environment.masses):
            away = np.abs(self.prior.sum(axis=1 - i) - mass)
            if away.max() > MASS_TOLERANCE:
                cell = int(np.argmax(away))
                raise InvalidInputError(
                    "the joint prior does not have the type space's masses",
                    where="prior",
                    expected=f"{mass[cell]:.12g} in all for type {cell} of agent {i}",
                    got=f"{self.prior.sum(axis=1 - i)[cell]:.12g}",
                    remedy="Use find_dominating, which takes any joint prior and drops types.",
                )
        if self.payment_limit is not None and not _is_positive(self.payment_limit):
            raise InvalidInputError(
                "not a limit on payments",
                where="payment_limit",
                expected="a number above 0, in money",
                got=shown(repr(self.payment_limit)),
                remedy="Leave it out for 100 times what is at stake.",
            )

    @classmethod
    def from_rows(
        cls,
        seller: npt.ArrayLike,
        buyer: npt.ArrayLike,
        *,
        cells: int | tuple[int, int] | None = None,
        **options: Any,
    ) -> JointProblem:
        """Return bilateral trade whose joint prior is that of paired rows.

        Every pair of a seller's and a buyer's type has its share of the rows as its probability, so
        that nothing is assumed of how the two sides go together. ``find_dominating`` solves it: a
        mechanism of the largest expected gains leaves every type with at least no trade.

        Where every value is in one row only, each type knows the other's, and all gains are within
        reach whatever the data; ``find_dominating`` says so in its notes. Cells of several rows
        leave each type with something that it does not know.

        Parameters
        ----------
        seller, buyer : arrays of shape (num_rows,)
            What the two sides of each row have, in money; numbers, fractions or texts.
        cells
            Cut each side, or the two sides, into this many cells of equal count, as
            :meth:`mechopt.TypeSpace.from_samples` does; every distinct value is a type without.
        **options
            As for the class: ``status_quo``, ``ex_post_participation``, ``payment_limit``.

        Raises
        ------
        InvalidInputError
            For columns of unequal length, and what is no sample.
        TooLargeError
            If there were more than ten million pairs of types; use cells then.

        Examples
        --------
        >>> problem = JointProblem.from_rows([1, 1, 2, 2], [2, 3, 3, 3])
        >>> problem.prior
        array([[0.25, 0.25],
               [0.  , 0.5 ]])
        >>> from mechopt import find_dominating
        >>> nothing = InterimPayoffs.nothing(problem.environment)
        >>> best = find_dominating(problem.environment, problem.prior, nothing)
        >>> round(best.gain, 6), best.audit.passed
        (1.25, True)
        """
        sizes = cells if isinstance(cells, tuple) else (cells, cells)
        sides = (given_numbers(seller, "seller")[0], given_numbers(buyer, "buyer")[0])
        if sides[0].size != sides[1].size:
            raise InvalidInputError(
                "not rows of a seller and a buyer",
                where="buyer",
                expected=f"{sides[0].size} values, as many as sellers",
                got=f"{sides[1].size}",
                remedy="Give one seller's and one buyer's value per row.",
            )
        spaces = [
            TypeSpace.from_samples(values, cells=size)
            for values, size in zip((seller, buyer), sizes, strict=True)
        ]
        shape = (spaces[0].num_cells, spaces[1].num_cells)
        if shape[0] * shape[1] > MAX_PAIRS:
            raise TooLargeError(
                f"prior: too many pairs of types (expected at most {MAX_PAIRS:,}, got {shape[0]:,} "
                f"times {shape[1]:,}). Cut the columns into cells."
            )
        rows = [
            _cell_of_each(values, space, size)
            for values, space, size in zip(sides, spaces, sizes, strict=True)
        ]
        counts = np.zeros(shape)
        np.add.at(counts, tuple(rows), 1.0)
        return cls(BilateralTrade(spaces[0], spaces[1]), counts / sides[0].size, **options)

    @property
    def unit(self) -> float:
        """What is at stake, in money: the expected gains if types were public, discounted.

        A billionth of the width of the interval of types at least, as there may be no gains.
        """
        return max(self._gains, LEAST_STAKES * self._width)

    @property
    def _width(self) -> float:
        return self.environment.payoff_scale * max(self.discount)

    @cached_property
    def _gains(self) -> float:
        gains = np.zeros(self.environment.shape)
        outcomes = self.environment.efficient_allocation()
        net = self.environment.net_quantities(outcomes)
        types = np.meshgrid(*(a.types.mean for a in self.environment.agents), indexing="ij")
        for quantity, values, discount in zip(net, types, self.discount, strict=True):
            gains += discount * quantity * values
        return float((self.prior * gains).sum())

    @property
    def limit(self) -> float:
        """The largest payment in any profile, in money."""
        if self.payment_limit is None:
            return DEFAULT_PAYMENT_LIMIT * self._width
        return self.payment_limit

    @cached_property
    def levels(self) -> InterimPayoffs:
        """What every type must get at least."""
        return self.status_quo or InterimPayoffs.nothing(self.environment)

    def conditional(self, agent: int) -> FloatArray:
        """Return what each type believes of the other agent's, (n_agent, n_other)."""
        joint = self.oriented(agent, self.prior)
        return np.asarray(joint / joint.sum(axis=1, keepdims=True), dtype=np.float64)

    @staticmethod
    def oriented(agent: int, values: FloatArray) -> FloatArray:
        """Return an array over the profiles with the agent's own type along the first axis."""
        return values if agent == 0 else values.T

    def expected(self, agent: int, mechanism: JointMechanism) -> tuple[FloatArray, FloatArray]:
        """Return expected net quantity and payment of each type at each report.

        Entry (k, r) is what type k expects if it reports r and the other agent is truthful.
        """
        net = self.environment.outcomes.net_quantity[agent] * self.discount[agent]
        quantity = self.oriented(agent, np.tensordot(net, mechanism.outcome, axes=1))
        payment = self.oriented(agent, PAYMENT_SIGNS[agent] * mechanism.payment)
        beliefs = self.conditional(agent)
        return beliefs @ quantity.T, beliefs @ payment.T

    def payoffs(self, mechanism: JointMechanism) -> InterimPayoffs:
        """Return what every type expects of a mechanism if all are truthful, in money."""
        expected = [self.expected(i, mechanism) for i in range(2)]
        quantity = [np.diag(own) for own, _ in expected]
        payment = [np.diag(own) for _, own in expected]
        return InterimPayoffs.linear(self.environment, quantity, payment)

    def gains(self, mechanism: JointMechanism) -> tuple[FloatArray, ...]:
        """Return every type's gain over the status quo, the average over its cell, in money."""
        new, old = self.payoffs(mechanism).mean, self.levels.mean
        return tuple(a - b for a, b in zip(new, old, strict=True))

    def expected_gain(self, mechanism: JointMechanism) -> float:
        """Return the expected sum of both agents' gains over the status quo, in money."""
        pairs = zip(self.environment.masses, self.gains(mechanism), strict=True)
        return sum(float(mass @ gain) for mass, gain in pairs)

    def scaled(self, factor: float) -> JointProblem:
        """Return the same problem in another unit of money."""
        return replace(
            self,
            environment=self.environment.scaled(factor),
            status_quo=None if self.status_quo is None else self.status_quo.scaled(factor),
            payment_limit=factor * self.limit,
        )

    def dataset(self, mechanism: JointMechanism) -> xarray.Dataset:
        """Return outcomes, payments and probabilities, labelled by the agents' types."""
        import xarray

        names = [agent.name for agent in self.environment.agents]
        variables = self.environment.outcomes.variables
        data = dict(zip(variables, mechanism.outcome, strict=True))
        data |= {"payment": mechanism.payment, "probability": self.prior}
        return xarray.Dataset(
            {name: (names, values) for name, values in data.items()},
            coords={agent.name: agent.types.mean for agent in self.environment.agents},
        )


def _is_positive(value: object) -> bool:
    is_number = isinstance(value, Real) and not isinstance(value, (bool, np.bool_))
    return is_number and bool(value > 0)  # type: ignore[operator]


def _cell_of_each(values: FloatArray, types: TypeSpace, cells: int | None) -> IndexArray:
    """Return the cell of each value of a sample; cells of equal count cut the sorted sample."""
    if cells is None:
        return np.searchsorted(types.mean, values)
    rank = np.empty(values.size, dtype=np.int64)
    rank[np.argsort(values, kind="stable")] = np.arange(values.size)
    edges = np.arange(1, cells + 1) * values.size // cells
    return np.searchsorted(edges, rank, side="right")


def _check_environment(environment: Environment) -> None:
    if len(environment.agents) != 2 or environment.outcomes.cost.any():
        raise InvalidInputError(
            "not an environment for a joint prior",
            where="environment",
            expected="two agents, and outcomes without a cost",
            got=f"{len(environment.agents)} agents and cost {environment.outcomes.cost}",
            remedy="Use bilateral trade.",
        )
