"""Auctions: units of a good go to bidders who want one each, or stay with the seller."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations

import numpy as np

from mechopt._util.arrays import FloatArray, shown
from mechopt._util.given import is_real
from mechopt._util.rationals import FractionArray, as_fraction, fraction_array, scale_factor
from mechopt._util.registry import saved_as
from mechopt.environments.agent import Agent
from mechopt.environments.counted import Counted
from mechopt.environments.environment import Environment
from mechopt.environments.kinds import agents, fraction, kind, whole
from mechopt.environments.members import MOST_AGENTS, MOST_CORNERS, agents_of, called, require_whole
from mechopt.environments.outcomes import OutcomeRow, Outcomes
from mechopt.environments.ranking import chances_to_be_first, first_by_value
from mechopt.environments.role import Role, numbered
from mechopt.errors import InvalidInputError, TooLargeError
from mechopt.types import TypeSpace
from mechopt.types.prior import Joint


@saved_as("mechopt.IdenticalGoods")
@dataclass(frozen=True)
class IdenticalGoods(Outcomes):
    """Units of a good for agents who want one each; a unit that is given away may have a cost.

    The variable ``good_to_i`` is the probability that agent i gets a unit, which is its net
    quantity; the probabilities sum to no more than there are units (theory.md, section 6.1).

    Parameters
    ----------
    num_agents
        How many agents there are, from one to a thousand.
    units
        How many units there are, at least one.
    unit_cost
        What each unit that an agent gets costs, in money.

    Raises
    ------
    InvalidInputError
        For other numbers.

    Examples
    --------
    >>> import numpy as np
    >>> two = IdenticalGoods(2, unit_cost=1.5)
    >>> two.allocate([np.array([1.0, 3.0]), np.array([2.0])])[:, :, 0]
    array([[0., 1.],
           [1., 0.]])
    """

    num_agents: int
    units: int = 1
    unit_cost: float | Fraction = 0.0

    def __post_init__(self) -> None:
        require_whole("num_agents", self.num_agents, 1, MOST_AGENTS)
        require_whole("units", self.units, 1, None)
        if not (is_real(self.unit_cost) and math.isfinite(self.unit_cost)):
            raise InvalidInputError(
                "not a cost",
                where="unit_cost",
                expected="a finite number",
                got=shown(repr(self.unit_cost)),
                remedy="Give the cost of a unit in money; 0 for none.",
            )

    @property
    def variables(self) -> tuple[str, ...]:
        """Who gets a unit."""
        return tuple(f"good_to_{i + 1}" for i in range(self.num_agents))

    @property
    def roles(self) -> tuple[Role, ...]:
        """Bidders by number."""
        return numbered("bidder", self.num_agents, "receives", "value", "probability of the good")

    @property
    def net_quantity(self) -> FloatArray:
        """Each agent's own probability."""
        return np.eye(self.num_agents)

    @property
    def rows(self) -> tuple[OutcomeRow, ...]:
        """There are so many units, where not everyone can have one."""
        everyone = (1.0,) * self.num_agents
        scarce = self.units < self.num_agents
        return (OutcomeRow("units", everyone, float(self.units)),) if scarce else ()

    @property
    def cost(self) -> FloatArray:
        """What a unit costs, whoever gets it."""
        return np.full(self.num_agents, float(self.unit_cost))

    @property
    def exact_cost(self) -> FractionArray:
        """The same, of a cost that is none of a decimal as well."""
        return fraction_array([as_fraction(self.unit_cost)] * self.num_agents)

    @property
    def quantity_cost(self) -> FloatArray:
        """The same, for net quantities are the probabilities."""
        return self.cost

    @property
    def equal_units(self) -> int:
        """The units."""
        return self.units

    @property
    def counted(self) -> Counted:
        """A chance of a unit each, of so many units together."""
        scarce = self.units < self.num_agents
        return Counted("", has_own=True, units=self.units if scarce else None)

    def scaled(self, factor: float) -> IdenticalGoods:
        """Return the same goods, with their cost in another unit of money."""
        cost = self.unit_cost
        scaled = as_fraction(cost) * scale_factor(factor)
        return replace(self, unit_cost=scaled if isinstance(cost, Fraction) else float(scaled))

    @property
    def vertices(self) -> FloatArray:
        """Nobody, then every set of agents that there are enough units for.

        Raises
        ------
        TooLargeError
            If there are more than a hundred thousand; direct solutions do not need them.
        """
        sizes = range(min(self.units, self.num_agents) + 1)
        number = sum(math.comb(self.num_agents, size) for size in sizes)
        if number > MOST_CORNERS:
            raise TooLargeError(
                f"{self.units} units for {self.num_agents} agents can be given away in "
                f"{number:.3g} ways (at most {MOST_CORNERS:,} are listed). Use fewer agents, or a "
                "problem that the direct solver takes."
            )
        corners = np.zeros((number, self.num_agents))
        sets = (chosen for size in sizes for chosen in combinations(range(self.num_agents), size))
        for corner, chosen in zip(corners, sets, strict=True):
            corner[list(chosen)] = 1.0
        return corners

    @property
    def compares_as_given(self) -> bool:
        """Whether there is no cost: values alone are compared as they are."""
        return self.unit_cost == 0

    def allocate(self, values: Sequence[FloatArray], price: float = 1.0) -> FloatArray:
        """Return who is among the largest values and above the cost, the first of equal ones."""
        grids = np.meshgrid(*values, indexing="ij", sparse=True)
        return first_by_value(grids, self.units, price * float(self.unit_cost))

    def best(self, weights: FloatArray) -> FloatArray:
        """Return who has the largest weights above zero."""
        return first_by_value(list(weights), self.units, 0.0)

    def interim_best(
        self, values: Sequence[FloatArray], masses: Sequence[FloatArray], price: float = 1.0
    ) -> tuple[FloatArray, ...]:
        """Return interim probabilities of a unit, without an array over the profiles."""
        return chances_to_be_first(values, masses, self.units, price * float(self.unit_cost))

    def expected_in_words(self, expected: Sequence[float]) -> tuple[tuple[str, float, str], ...]:
        """Return how likely the good is sold, or how many units are."""
        if min(self.units, self.num_agents) == 1:
            return (("probability of sale", sum(expected), ""),)
        return (("units sold", sum(expected), f"expected, of {self.units}"),)

    def rule_in_words(self, valuations: Sequence[str], shares: str) -> str:
        """Return who gets a unit."""
        words = " or ".join(dict.fromkeys(valuations))
        goods = "the good goes" if self.units == 1 else f"the {self.units} units go"
        largest = f"largest {words}" if self.units == 1 else f"largest of all by {words}"
        least = "0" if self.unit_cost == 0 else f"the seller's {float(self.unit_cost):.9g}"
        return f"{goods} to the {largest}, above {least}{shares}"


@kind(
    "auction",
    is_of=lambda environment: type(environment.outcomes) is IdenticalGoods,
    asks="revenue",
    report="mechopt.report.auction:AuctionAddendum",
    compare="mechopt.literature.auctions:compared",
    page="mechopt.explore.auction",
    bidders=agents("bidder", "a list of tables, with the prior of each bidder's value"),
    units=whole("how many units there are to sell, such as 2", default=1),
    seller_value=fraction("what a unit is worth to the seller, in money", default=0),
)
def Auction(  # noqa: N802 -- it reads as the environment that it returns
    bidders: TypeSpace | Sequence[TypeSpace | Agent],
    count: int | None = None,
    units: int = 1,
    seller_value: float | Fraction | str = 0,
    prior: Joint | None = None,
) -> Environment:
    """Return bidders with privately known values for one unit each of what a seller has.

    Parameters
    ----------
    bidders
        One type space of values for all, or a list with each bidder's, in money; agents where they
        have names, which are ``bidder_1``, ``bidder_2`` and so on otherwise.
    count
        How many bidders there are, where one type space is given; one unless said.
    units
        How many identical units are for sale.
    seller_value
        What a unit is worth to the seller; the cost of selling it.
    prior
        Joint prior of all types, whose marginals are the type spaces' probabilities; types are
        independent unless it is given.

    Raises
    ------
    InvalidInputError
        For numbers of bidders or units below one, and a value that is no finite number.

    Notes
    -----
    Source: theory.md, section 6.1; Myerson (1981), doi:10.1287/moor.6.1.58.

    Examples
    --------
    >>> from mechopt import DesignProblem, Revenue, TypeSpace, solve
    >>> auction = Auction(TypeSpace.finite([1, 2, 3, 4, 5, 6]), count=2)
    >>> revenue = solve(DesignProblem(auction, Revenue(), budget="no-deficit"))
    >>> round(revenue.objective, 9)  # 29/9
    3.222222222
    """
    members = agents_of(bidders, count, "bidder")
    remedy = "Give it in money; 0 where the seller has no use for it."
    with called("seller_value", "unit_cost", "not what a unit is worth to the seller", remedy):
        cost = as_fraction(seller_value) if isinstance(seller_value, str) else seller_value
        return Environment(members, IdenticalGoods(len(members), units, cost), prior)
