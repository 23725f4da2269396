"""An environment: independent agents and the outcomes open to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mechopt._util.arrays import (
    FloatArray,
    IndexArray,
    sealed,
    sum_of_products,
    sums_away_from,
)
from mechopt._util.registry import saved_as
from mechopt.environments.agent import Agent, NoPayoff
from mechopt.environments.checks import check_agents, check_prior, check_worth
from mechopt.environments.declared import check_corners, check_declared
from mechopt.environments.efficient import EfficientChoice
from mechopt.environments.origin import origin_of
from mechopt.environments.outcomes import Outcomes
from mechopt.environments.valued import Valued
from mechopt.errors import InvalidInputError, TooLargeError, require
from mechopt.types.prior import MOST_AXES, Independent, Joint, Prior, require_grid

# Up to this many profiles, stakes are averaged profile by profile.
DENSE_PROFILES = 1_000_000
# A first best this small beside the largest type may be rounding: it is looked at by profile.
OPEN = 1e-12
EPS = float(np.finfo(np.float64).eps)


@saved_as("mechopt.Environment")
@dataclass(frozen=True)
class Environment(Valued):
    """Agents with their prior, and the feasible outcomes of one type profile.

    Parameters
    ----------
    agents
        One per role of the outcomes, in that order, with distinct names.
    outcomes
        What may happen, such as :class:`~mechopt.environments.trade.Trade`.
    prior
        A :class:`~mechopt.types.prior.Joint` whose marginals are the probabilities of the type
        spaces; types are independent unless it is given.

    Raises
    ------
    InvalidInputError
        If the number of agents does not fit the outcomes, two agents share a name, or the prior is
        not one of these types.

    Examples
    --------
    >>> from mechopt import Agent, Trade, TypeSpace
    >>> types = TypeSpace.finite([0, 1])
    >>> environment = Environment((Agent("seller", types), Agent("buyer", types)), Trade())
    >>> environment.shape
    (2, 2)
    """

    agents: tuple[Agent, ...]
    outcomes: Outcomes
    prior: Joint | None = None

    def __post_init__(self) -> None:
        require(
            self.outcomes,
            Outcomes,
            where="outcomes",
            remedy="Pass Trade() or an Outcomes of your own.",
        )
        object.__setattr__(self, "agents", tuple(self.agents))
        for agent in self.agents:
            require(agent, Agent, where="agents", remedy="Pass Agent(name, types).")
        check_declared(self.outcomes)
        check_agents(self.agents, self.outcomes)
        check_worth(self.agents, self.outcomes)
        check_corners(self.outcomes)
        if self.prior is not None:
            check_prior(self.agents, self.prior)

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Number of types of each agent."""
        return tuple(agent.types.num_cells for agent in self.agents)

    @property
    def num_profiles(self) -> int:
        """Number of type profiles."""
        product = 1
        for size in self.shape:
            product *= size
        return product

    def has_few_profiles(self, most: int) -> bool:
        """Return whether there are at most so many profiles, and an array can have their axes.

        Examples
        --------
        >>> from mechopt import Auction, TypeSpace
        >>> crowd = Auction([TypeSpace.finite([1])] * 70)
        >>> crowd.num_profiles, crowd.has_few_profiles(1)
        (1, False)
        """
        return self.num_profiles <= most and len(self.agents) <= MOST_AXES

    @cached_property
    def _valued(self) -> Valued:
        """Its agents and outcomes alone, for what it keeps and must not lead back to it."""
        return Valued(self.agents, self.outcomes)

    @cached_property
    def worth(self) -> tuple[FloatArray, ...]:
        """What a unit of each variable is worth to each type, as :attr:`Valued.worth` has it."""
        return self._valued.worth

    @cached_property
    def masses(self) -> tuple[FloatArray, ...]:
        """Probabilities of each agent's types."""
        return tuple(agent.types.mass for agent in self.agents)

    @property
    def independent(self) -> bool:
        """Whether one agent's type says nothing of another's."""
        return self.prior is None

    @cached_property
    def belief(self) -> Prior:
        """The prior of every profile, independent or joint."""
        return Independent(self.masses) if self.prior is None else self.prior

    @property
    def payoff_scale(self) -> float:
        """Width of the interval that holds all types, in money.

        The largest absolute type, or 1, stands in where all types are equal. One far type decides
        it, so no error is measured in it: see :attr:`first_best` and :attr:`stakes`.
        """
        if not self.has_net_quantities:
            values = [np.append(worth, 0.0) for worth in self.worth]
            return max(float(np.ptp(each)) for each in values) or 1.0
        low = min(agent.types.lowest for agent in self.agents)
        high = max(agent.types.highest for agent in self.agents)
        return (high - low) or max(abs(low), abs(high)) or 1.0

    @property
    def largest_type(self) -> float:
        """Largest absolute type, or worth of an outcome, in money."""
        if not self.has_net_quantities:
            return max(float(np.abs(worth).max()) for worth in self.worth)
        return max(max(abs(a.types.lowest), abs(a.types.highest)) for a in self.agents)

    @property
    def has_continuum(self) -> bool:
        """Whether some agent's prior is continuous, so that its types stand for cells of it."""
        return any(agent.types.prior is not None for agent in self.agents)

    @property
    def has_virtual_valuations(self) -> bool:
        """Whether each agent has one worst-off type, whatever the mechanism.

        So it is where each gives or receives and staying out is worth nothing.
        """
        return (
            self.has_net_quantities
            and self.outcomes.has_fixed_signs
            and all(isinstance(agent.outside_option, NoPayoff) for agent in self.agents)
        )

    @cached_property
    def efficient_gains(self) -> float:
        """Largest expected sum of gains if types were public, in money per meeting.

        Below zero where every outcome costs more than it is worth, and one has to be chosen.
        """
        if self.prior is not None or not self.has_net_quantities:
            return self.expectation(gains(self.centred, self.all_types))
        if self.outcomes.cost.any():
            means = [agent.types.mean for agent in self.agents]
            total = self.outcomes.expected_maximum(means, self.masses)
            if total <= OPEN * self.largest_type and self.has_few_profiles(DENSE_PROFILES):
                total = self.expectation(gains(self, self.all_types))
            return total
        pairs = zip(self.centred.agents, self.efficient, strict=True)
        return sum(sum_of_products(a.types.mass, a.types.mean, q) for a, q in pairs)

    @property
    def expected_options(self) -> tuple[float, ...]:
        """What each agent expects by staying out, in money; nothing where types are no numbers."""
        if not self.has_net_quantities:
            return (0.0,) * len(self.agents)
        return tuple(agent.expected_option for agent in self.agents)

    @property
    def first_best(self) -> float:
        """The same, or zero if that is more.

        What money is worth here: errors of objectives, bounds and budgets are measured in it.
        """
        return max(self.efficient_gains, 0.0)

    @cached_property
    def stakes(self) -> tuple[FloatArray, ...]:
        """Expected sum of gains given each agent's own type, in money, if types were public.

        What a type has to gain or to lose: violations of its own constraints are measured in it.
        """
        return stakes(self)

    @cached_property
    def origin(self) -> float:
        """The money that types are measured from in computations; zero unless types lie far off.

        Where outcomes only move quantities from some agents to others, adding the same money to
        all types changes no gain, and measuring from the middle of the types that trade keeps the
        digits that decide.
        """
        return origin_of(self._valued, lambda: self.efficient)

    @property
    def centred(self) -> Environment:
        """The same environment with types measured from :attr:`origin`."""
        # Nothing that an environment keeps leads back to it: it is freed with its last user.
        return self if self.origin == 0.0 else self._moved

    @cached_property
    def _moved(self) -> Environment:
        agents = tuple(
            replace(agent, types=agent.types.shifted(self.origin)) for agent in self.agents
        )
        return Environment(agents, self.outcomes, self.prior)

    @property
    def all_types(self) -> list[IndexArray]:
        """Positions of all types of each agent."""
        return [np.arange(size) for size in self.shape]

    def efficient_allocation(self) -> FloatArray:
        """Return the ex post efficient outcome of every profile, ties broken against trade.

        A tie is one of the exact values that types and costs stand for, floats for the decimals
        that they print as: 0.1 and 0.2 together are worth 0.3.
        """
        self.require_dense("the ex post efficient allocation")
        return self.efficient_on_grid(self.all_types)

    def efficient_on_grid(self, types: Sequence[IndexArray]) -> FloatArray:
        """Return the ex post efficient outcomes of all profiles of the given types."""
        return self._efficient.on_grid(types)

    def efficient_at(self, profiles: Sequence[IndexArray]) -> FloatArray:
        """Return the ex post efficient outcomes of single profiles, (num_variables, num_profiles).

        Parameters
        ----------
        profiles : arrays of shape (num_profiles,)
            The positions of each agent's types.
        """
        return self._efficient.at(profiles)

    @cached_property
    def _efficient(self) -> EfficientChoice:
        return EfficientChoice(self._valued)

    @cached_property
    def efficient(self) -> tuple[FloatArray, ...]:
        """Interim net quantities of the ex post efficient allocation, one array per agent."""
        known = self._efficient.quantities if self.prior is None else None
        if known is not None:
            return known
        return tuple(map(sealed, self.interim_quantities(self.efficient_allocation())))

    @property
    def nearly_efficient(self) -> tuple[FloatArray, ...]:
        """The same; of values nearby, where no average over so many profiles tells them.

        They are there to measure by: no mechanism is efficient by them.
        """
        try:
            return self.efficient
        except TooLargeError:
            means = [agent.types.mean for agent in self.agents]
            values = self.outcomes.nearby(means, self.masses)
            return self.outcomes.interim_best(values, self.masses)

    @cached_property
    def efficient_cost(self) -> float:
        """Expected cost of the ex post efficient allocation, in money."""
        cost = None
        if self.prior is None:
            cost = self.outcomes.cost_of(self.efficient, self.masses)
        if cost is not None:
            return cost
        many = not self.has_few_profiles(DENSE_PROFILES)
        if many and self.independent and self.has_net_quantities:
            means = [agent.types.mean for agent in self.agents]
            return self.outcomes.best_on_average(means, self.masses)[1]
        return self.expected_cost(self.efficient_allocation())

    def interim(self, agent: int, values: FloatArray) -> FloatArray:
        """Return the expectation over the others' types of an array over profiles, by own type.

        Examples
        --------
        >>> import numpy as np
        >>> from mechopt import Agent, Trade, TypeSpace
        >>> types = TypeSpace.finite([0, 1], [0.25, 0.75])
        >>> trade = Environment((Agent("seller", types), Agent("buyer", types)), Trade())
        >>> trade.interim(0, np.array([[0.0, 1.0], [1.0, 1.0]]))
        array([0.75, 1.  ])
        """
        return self.belief.interim(agent, values)

    def interim_quantities(self, allocation: FloatArray) -> tuple[FloatArray, ...]:
        """Return each agent's interim net quantity by own type, as of :meth:`interim_quantity`."""
        return tuple(self.interim_quantity(i, allocation) for i in range(len(self.agents)))

    def interim_quantity(self, i: int, allocation: FloatArray) -> FloatArray:
        """Return an agent's interim net quantity by own type.

        Where outcomes are worth something else than type times quantity, it is the expectation of
        every variable, (num_types, num_variables); where that hangs on the others' types, of the
        worth itself, (num_types, 1).
        """
        if self.has_net_quantity(i):
            net = self.outcomes.net_quantity[i]
            if np.abs(net).sum() == np.abs(net).max() == 1.0:  # one variable, up to its sign
                own = self.interim(i, allocation[np.abs(net).argmax()])
                return np.asarray(float(net.sum()) * own, dtype=np.float64)
            return self.interim(i, np.tensordot(net, allocation, axes=1))
        if self.hangs_on_others(i):
            return self.interim(i, self.value_in_profiles(i, allocation))[:, None]
        return np.stack([self.interim(i, values) for values in allocation], axis=1)

    def expected_cost(self, allocation: FloatArray) -> float:
        """Return the expected money that payments must cover."""
        return self.expectation(np.tensordot(self.outcomes.cost, allocation, axes=1))

    def expectation(self, values: FloatArray) -> float:
        """Return the expectation of an array over the profiles."""
        return self.belief.expectation(values)

    def require_dense(self, what: str) -> None:
        """Raise TooLargeError unless an array over all profiles is of a size that fits."""
        require_grid(self.shape, what)

    def require_independent(self, what: str) -> None:
        """Raise InvalidInputError unless types are independent: formulas for such say so here.

        Examples
        --------
        >>> from dataclasses import replace
        >>> from mechopt import BilateralTrade, Joint, TypeSpace
        >>> types = TypeSpace.finite([0, 1])
        >>> joint = replace(BilateralTrade(types, types), prior=Joint([[0.5, 0], [0, 0.5]]))
        >>> joint.require_independent("bids")
        Traceback (most recent call last):
            ...
        mechopt.errors.InvalidInputError: prior: bids suppose independent types (expected no...
        """
        if self.independent:
            return
        raise InvalidInputError(
            f"{what} suppose independent types",
            where="prior",
            expected="no prior beside the agents' own",
            got=f"a joint prior of shape {self.shape}",
            remedy="Leave the joint prior out, or solve its program with mechopt.solve.",
        )

    def scaled(self, factor: float) -> Environment:
        """Return the same environment in another unit of money."""
        agents = tuple(agent.scaled(factor) for agent in self.agents)
        return Environment(agents, self.outcomes.scaled(factor), self.prior)

    def index_of(self, name: str) -> int:
        """Return the position of the agent with this name.

        Raises
        ------
        InvalidInputError
            If no agent has it.
        """
        names = [agent.name for agent in self.agents]
        if name not in names:
            raise InvalidInputError(
                "no such agent",
                where="agent",
                expected=", ".join(names),
                got=repr(name),
                remedy="Use one of the agents' names.",
            )
        return names.index(name)


def stakes(environment: Environment) -> tuple[FloatArray, ...]:
    """Return the expected sum of gains given each agent's own type, if types were public.

    With very many profiles, a lower bound: gains are convex in the type, and their slope is the
    efficient net quantity, so they rise by at least that from each type to the next.

    Returns
    -------
    tuple of arrays of shape (num_cells,)
        One per agent, in money, at least zero.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> trade = BilateralTrade(TypeSpace.finite([0, 1, 1e9]), TypeSpace.finite([0.5, 1.5]))
    >>> stakes(trade)[0]
    array([1.  , 0.25, 0.  ])
    """
    centred = environment.centred
    slopes = environment.independent and environment.has_net_quantities
    if environment.has_few_profiles(DENSE_PROFILES) or not slopes:
        values = np.maximum(gains(centred, environment.all_types), 0.0)
        return tuple(environment.interim(i, values) for i in range(len(environment.agents)))
    quantities = centred.nearly_efficient
    return tuple(_by_slopes(centred, i, quantity) for i, quantity in enumerate(quantities))


def gains(environment: Environment, types: Sequence[IndexArray]) -> FloatArray:
    """Return the sum of gains in every profile of the given types, under the best outcome.

    A sum of three numbers or more that is no larger than what rounding makes of it is zero.
    """
    allocation = environment.efficient_on_grid(types)
    cost = environment.outcomes.cost
    parts = [-np.tensordot(cost, allocation, axes=1)] if cost.any() else []
    for i, cells in enumerate(types):
        shape = [len(cells) if j == i else 1 for j in range(len(types))]
        if environment.has_net_quantities:
            own = environment.agents[i].types.mean[cells].reshape(shape)
            parts.append(own * np.tensordot(environment.outcomes.net_quantity[i], allocation, 1))
        else:
            parts.append((environment.worth_on_grid(i, types) * allocation).sum(axis=0))
    if len(parts) <= 2:
        return np.asarray(sum(parts) + 0.0, dtype=np.float64)  # never minus zero
    total = np.sum(parts, axis=0)
    terms = np.count_nonzero(parts, axis=0)
    rounding = EPS * np.maximum(terms - 2, 0) * np.sum(np.abs(parts), axis=0)
    return np.where(np.abs(total) <= rounding, 0.0, total)


def _by_slopes(environment: Environment, i: int, quantity: FloatArray) -> FloatArray:
    """Return a lower bound on an agent's stakes by type, from its efficient net quantities."""
    mean = environment.agents[i].types.mean
    # The least promising type: below it net quantities are negative, above it positive.
    start = int(np.searchsorted(quantity, 0.0))
    start = min(start, mean.size - 1)
    steps = np.diff(mean)
    rises, falls = np.maximum(quantity, 0.0), np.maximum(-quantity, 0.0)
    grown = sums_away_from(
        start, rises[start:-1] * steps[start:], falls[1 : start + 1] * steps[:start]
    )
    if len(environment.agents) > 2:
        # Gains of all types average to the first best, and rise by at most so much.
        most = sums_away_from(
            start, rises[start + 1 :] * steps[start:], falls[:start] * steps[:start]
        )
        least = environment.first_best - environment.agents[i].types.expectation(most)
    else:
        cells = [np.arange(size) for size in environment.shape]
        cells[i] = np.array([start])
        least = float(environment.interim(i, gains(environment, cells))[0])
    return np.asarray(max(least, 0.0) + grown, dtype=np.float64)
