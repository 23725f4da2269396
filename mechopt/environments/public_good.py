"""A public good: consumers share the cost of what all of them enjoy, or all who are let in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product

import numpy as np

from mechopt._util.arrays import FloatArray, shown
from mechopt._util.given import is_real
from mechopt._util.rationals import FractionArray, as_fraction, fraction_array, scale_factor
from mechopt._util.registry import saved_as
from mechopt.environments.agent import Agent
from mechopt.environments.counted import Counted
from mechopt.environments.environment import Environment
from mechopt.environments.kinds import agents, flag, fraction, kind
from mechopt.environments.lattice_sums import (
    LatticeSums,
    at_steps,
    coarse_step,
    common_step,
    fine_step,
    lowered,
    rounding_of_chances,
    spread,
)
from mechopt.environments.members import agents_of, called, require_whole
from mechopt.environments.outcomes import OutcomeRow, Outcomes
from mechopt.environments.role import Role, numbered
from mechopt.environments.sums import MAX_HALF, chances_to_exceed, largest_half
from mechopt.errors import InvalidInputError, TooLargeError
from mechopt.types import TypeSpace
from mechopt.types.prior import Joint

MOST_CONSUMERS = 60
# Corners of an excludable good are sets of consumers; programs that list them are small.
MOST_LISTED = 16
ROUNDING = 4.0 * float(np.finfo(np.float64).eps)


@saved_as("mechopt.SharedProject")
@dataclass(frozen=True)
class SharedProject(Outcomes):
    """A project that is carried out for all agents, or for those who are let in.

    The variable ``carried_out`` is the probability of it, and each agent's net quantity; if agents
    can be excluded, an agent's net quantity is ``use_i``, which is at most that (theory.md, section
    6.2).

    Parameters
    ----------
    num_agents
        How many agents there are, from one to sixty.
    price
        What carrying it out costs, in money.
    excludable
        Whether agents can be kept from using it.

    Raises
    ------
    InvalidInputError
        For other numbers.

    Examples
    --------
    >>> import numpy as np
    >>> SharedProject(2, 1.5).allocate([np.array([1.0]), np.array([0.25, 1.0])])
    array([[[0., 1.]]])
    """

    num_agents: int
    price: float | Fraction
    excludable: bool = False

    def __post_init__(self) -> None:
        require_whole("num_agents", self.num_agents, 1, MOST_CONSUMERS)
        if not (is_real(self.price) and math.isfinite(self.price)):
            raise InvalidInputError(
                "not a cost",
                where="price",
                expected="a finite number",
                got=shown(repr(self.price)),
                remedy="Give the cost of the project in money.",
            )

    @property
    def variables(self) -> tuple[str, ...]:
        """Whether it is carried out, and who uses it."""
        users = tuple(f"use_{i + 1}" for i in range(self.num_agents)) if self.excludable else ()
        return ("carried_out", *users)

    @property
    def roles(self) -> tuple[Role, ...]:
        """Consumers by number."""
        return numbered("consumer", self.num_agents, "receives", "value", "probability of use")

    @property
    def net_quantity(self) -> FloatArray:
        """What each agent uses."""
        if not self.excludable:
            return np.ones((self.num_agents, 1))
        return np.hstack([np.zeros((self.num_agents, 1)), np.eye(self.num_agents)])

    @property
    def rows(self) -> tuple[OutcomeRow, ...]:
        """Nobody uses what is not carried out."""
        if not self.excludable:
            return ()
        own = np.eye(self.num_agents)
        return tuple(
            OutcomeRow(f"use_{i + 1}_of_what_there_is", (-1.0, *own[i].tolist()), 0.0)
            for i in range(self.num_agents)
        )

    @property
    def cost(self) -> FloatArray:
        """What carrying it out costs."""
        users = self.num_agents if self.excludable else 0
        return np.array([float(self.price), *[0.0] * users])

    @property
    def exact_cost(self) -> FractionArray:
        """The same, of a cost that is none of a decimal as well."""
        users = self.num_agents if self.excludable else 0
        return fraction_array([as_fraction(self.price), *[Fraction(0)] * users])

    @property
    def quantity_cost(self) -> FloatArray | None:
        """The cost, by the first agent's quantity; of use by some alone it does not follow."""
        if self.excludable:
            return super().quantity_cost
        return np.array([float(self.price), *[0.0] * (self.num_agents - 1)])

    @property
    def counted(self) -> Counted:
        """The project for all, and use by each where some can be kept from it."""
        return Counted("carried_out", has_own=self.excludable, units=None)

    @property
    def needs_halves(self) -> bool:
        """Whether halves of the consumers are several."""
        return self.num_agents > 2

    def scaled(self, factor: float) -> SharedProject:
        """Return the same project, with its cost in another unit of money."""
        price = self.price
        scaled = as_fraction(price) * scale_factor(factor)
        return replace(self, price=scaled if isinstance(price, Fraction) else float(scaled))

    @property
    def vertices(self) -> FloatArray:
        """Nothing, then the project for all; or for every set of agents.

        Raises
        ------
        TooLargeError
            If there are more than 65,536 sets.
        """
        if not self.excludable:
            return np.array([[0.0], [1.0]])
        if self.num_agents > MOST_LISTED:
            raise TooLargeError(
                f"an excludable project for {self.num_agents} agents has 2^{self.num_agents} sets "
                f"of users (at most 2^{MOST_LISTED} are listed). Use fewer agents."
            )
        sets = np.array(list(product((0.0, 1.0), repeat=self.num_agents)))
        carried = np.hstack([np.ones((len(sets), 1)), sets])
        return np.vstack([np.zeros(1 + self.num_agents), carried])

    def allocate(self, values: Sequence[FloatArray], price: float = 1.0) -> FloatArray:
        """Return whether the values of those who gain exceed the cost, and who gains."""
        users = self._of_use(values)
        total = sum(np.meshgrid(*users, indexing="ij", sparse=True))
        carried = np.asarray(total > self._least(users, price), dtype=np.float64)
        if not self.excludable:
            return carried[np.newaxis]
        grids = np.meshgrid(*values, indexing="ij", sparse=True)
        return np.stack([carried, *(carried * (grid > 0.0) for grid in grids)])

    def best(self, weights: FloatArray) -> FloatArray:
        """Return whether those who gain gain more than the rest loses, and who gains."""
        carried = weights[0] + np.maximum(weights[1:], 0.0).sum(axis=0) > 0.0
        return np.stack([carried, *(carried & (own > 0.0) for own in weights[1:])]).astype(float)

    def interim_best(
        self, values: Sequence[FloatArray], masses: Sequence[FloatArray], price: float = 1.0
    ) -> tuple[FloatArray, ...]:
        """Return interim probabilities of use, by sums over two halves of the agents.

        Where halves have too many profiles, by sums on a lattice, for values that lie on one.

        Raises
        ------
        TooLargeError
            If a half has more than 262,144 profiles, and values lie on no lattice.
        """
        return self.best_on_average(values, masses, price)[0]

    def best_on_average(
        self, values: Sequence[FloatArray], masses: Sequence[FloatArray], price: float = 1.0
    ) -> tuple[tuple[FloatArray, ...], float]:
        """Return the same, and the cost times how likely the project is carried out."""
        users = self._of_use(values)
        least = self._least(users, price)
        step = common_step(users) if self._are_many(values) else None
        if step is not None:
            chances = LatticeSums(users, masses, step).chances_to_exceed(least)
        else:
            chances = chances_to_exceed(users, masses, least)
        cost = float(self.price) * float(masses[0] @ chances[0])
        if self.excludable:
            chances = tuple(c * (v > 0.0) for c, v in zip(chances, values, strict=True))
        return chances, cost

    def nearby(
        self, values: Sequence[FloatArray], masses: Sequence[FloatArray]
    ) -> tuple[FloatArray, ...]:
        """Return values near these whose sums floats compare alike in every order.

        Where halves of the agents have too many profiles, they lie on a lattice, too.
        """
        fine = lowered(values, float(self.price))
        if not self._are_many(values):
            return tuple(fine)
        users = self._of_use(fine)
        step = coarse_step(users, masses, fine_step(values, float(self.price)))
        if self.excludable:
            # Who does not use it counts as nothing, and so the lattice goes through zero.
            return tuple(np.where(own > 0.0, np.rint(own / step) * step, own) for own in fine)
        return tuple(at_steps(fine, masses, step))

    def most_on_average(
        self, values: Sequence[FloatArray], masses: Sequence[FloatArray], price: float = 1.0
    ) -> tuple[tuple[FloatArray, ...], float, bool]:
        """Return interim quantities of the best outcomes, an amount, and whether it is all of it.

        Where outcomes are best for values nearby, the worth is that of values spread to the points
        of a lattice, which can only raise it: the excess of a sum over the cost is convex.
        """
        users = self._of_use(values)
        if not self._are_many(values) or common_step(users) is not None:
            return super().most_on_average(values, masses, price)
        quantities = self.interim_best(self.nearby(values, masses), masses, price)
        cost = price * float(self.price)
        step = coarse_step(users, masses, fine_step(users, cost))
        most = LatticeSums(*spread(users, masses, step), step).expected_excess(cost)
        size = abs(cost) + sum(float(np.abs(value).max(initial=0.0)) for value in values)
        return quantities, most + rounding_of_chances(self.num_agents) * size, True

    def expected_maximum(
        self, values: Sequence[FloatArray], masses: Sequence[FloatArray], price: float = 1.0
    ) -> float:
        """Return the expectation of the maximum that :meth:`allocate` attains.

        Where halves have too many profiles, and values lie on no lattice, slightly more.
        """
        quantities, most, is_all = self.most_on_average(values, masses, price)
        if is_all:
            return most
        parts = zip(masses, values, quantities, strict=True)
        return most + sum(float((mass * value * own).sum()) for mass, value, own in parts)

    def _of_use(self, values: Sequence[FloatArray]) -> Sequence[FloatArray]:
        """Return what counts of each agent's values: of excludable ones, those above zero."""
        return [np.maximum(v, 0.0) for v in values] if self.excludable else values

    @staticmethod
    def _are_many(values: Sequence[FloatArray]) -> bool:
        """Return whether halves of the agents have too many profiles to be listed."""
        return largest_half([value.size for value in values])[1] > MAX_HALF

    def _least(self, values: Sequence[FloatArray], price: float) -> float:
        """Return what a sum of values has to exceed: the cost, and what rounding may add to it.

        Decimals that add up to the cost are a tie, which goes to nothing, whatever their floats add
        up to.
        """
        cost = price * float(self.price)
        size = abs(cost) + sum(float(np.abs(value).max(initial=0.0)) for value in values)
        return cost + ROUNDING * (len(values) + 1) * size

    def rule_in_words(self, valuations: Sequence[str], shares: str) -> str:
        """Return when the project is carried out."""
        words = " or ".join(dict.fromkeys(valuations))
        whose = f"the sum of the {words}s" + (" above 0" if self.excludable else "")
        who = "; those above 0 use it" if self.excludable else ""
        return f"carried out when {whose} exceeds {float(self.price):.9g}{who}{shares}"


@kind(
    "public-good",
    is_of=lambda environment: isinstance(environment.outcomes, SharedProject),
    compare="mechopt.literature.public_goods:compared",
    report="mechopt.report.public_good:PublicGoodAddendum",
    consumers=agents("consumer", "a list of tables, with the prior of each consumer's value"),
    cost=fraction("what the good costs, in money"),
    excludable=flag("true where consumers can be kept from using it, or false", default=False),
)
def PublicGood(  # noqa: N802 -- it reads as the environment that it returns
    consumers: TypeSpace | Sequence[TypeSpace | Agent],
    cost: float | Fraction | str,
    excludable: bool = False,
    count: int | None = None,
    prior: Joint | None = None,
) -> Environment:
    """Return consumers of a good that costs the same however many use it.

    Parameters
    ----------
    consumers
        One type space of values for all, or a list with each consumer's, in money; agents where
        they have names, which are ``consumer_1``, ``consumer_2`` and so on otherwise.
    cost
        What the good costs, in money; the consumers' payments cover it.
    excludable
        Whether consumers can be kept from using it.
    count
        How many consumers there are, where one type space is given; one unless said.
    prior
        Joint prior of all types, whose marginals are the type spaces' probabilities; types are
        independent unless it is given.

    Raises
    ------
    InvalidInputError
        For a cost that is no finite number, and a number of consumers below one.

    Notes
    -----
    Source: theory.md, section 6.2; Mailath and Postlewaite (1990), Review of
    Economic Studies 57, 351-367.

    Examples
    --------
    >>> from mechopt import TypeSpace, minimum_subsidy, solve
    >>> coin = TypeSpace.finite([0, 1])
    >>> round(solve(minimum_subsidy(PublicGood(coin, cost="3/4", count=2))).objective, 9)
    0.0625
    """
    members = agents_of(consumers, count, "consumer")
    with called("cost", "price", "not what the good costs", "Give the cost in money."):
        price = as_fraction(cost) if isinstance(cost, str) else cost
        return Environment(members, SharedProject(len(members), price, excludable), prior)
