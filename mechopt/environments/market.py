"""Markets: sellers of one unit each meet buyers who want one each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.registry import saved_as
from mechopt.environments.agent import Agent
from mechopt.environments.environment import Environment
from mechopt.environments.kinds import agents, kind
from mechopt.environments.members import MOST_AGENTS, MOST_CORNERS, agents_of, require_whole
from mechopt.environments.outcomes import OutcomeRow, Outcomes
from mechopt.environments.ranking import chances_to_be_first, first_by_value
from mechopt.environments.role import Role
from mechopt.errors import TooLargeError
from mechopt.types import TypeSpace
from mechopt.types.prior import Joint


@saved_as("mechopt.TwoSides")
@dataclass(frozen=True)
class TwoSides(Outcomes):
    """As many units are sold as are bought, at most one by each seller and each buyer.

    The variables ``sold_by_i`` and ``bought_by_j`` are probabilities; their sums are equal
    (theory.md, section 6.4).

    Parameters
    ----------
    num_sellers, num_buyers
        How many there are on each side, at least one.

    Raises
    ------
    InvalidInputError
        For other numbers.

    Examples
    --------
    >>> import numpy as np
    >>> market = TwoSides(1, 2)
    >>> market.allocate([np.array([1.0]), np.array([2.0]), np.array([0.0, 3.0])])[:, 0, 0]
    array([[1., 1.],
           [1., 0.],
           [0., 1.]])
    """

    num_sellers: int
    num_buyers: int

    def __post_init__(self) -> None:
        require_whole("num_sellers", self.num_sellers, 1, MOST_AGENTS)
        require_whole("num_buyers", self.num_buyers, 1, MOST_AGENTS)

    @property
    def variables(self) -> tuple[str, ...]:
        """Who sells, then who buys."""
        sold = (f"sold_by_{i + 1}" for i in range(self.num_sellers))
        bought = (f"bought_by_{j + 1}" for j in range(self.num_buyers))
        return (*sold, *bought)

    @property
    def roles(self) -> tuple[Role, ...]:
        """Sellers, then buyers, by number."""
        word = "probability of trade"
        sellers = (
            Role(f"seller_{i + 1}", "gives", "cost", word, "sells") for i in range(self.num_sellers)
        )
        buyers = (
            Role(f"buyer_{j + 1}", "receives", "value", word, "buys")
            for j in range(self.num_buyers)
        )
        return (*sellers, *buyers)

    @property
    def _signs(self) -> FloatArray:
        return np.repeat([-1.0, 1.0], [self.num_sellers, self.num_buyers])

    @property
    def net_quantity(self) -> FloatArray:
        """Sellers give a unit up, buyers get one."""
        return np.diag(self._signs)

    @property
    def rows(self) -> tuple[OutcomeRow, ...]:
        """What is bought is sold, and what is sold is bought."""
        signs = self._signs
        return (
            OutcomeRow("bought_is_sold", tuple(signs.tolist()), 0.0),
            OutcomeRow("sold_is_bought", tuple((-signs).tolist()), 0.0),
        )

    @property
    def vertices(self) -> FloatArray:
        """No trade, then every set of sellers with every set of as many buyers.

        Of equal costs the first seller is ahead and keeps its unit, so that sets of later sellers
        come first, and of equal values the first buyer gets one.

        Raises
        ------
        TooLargeError
            If there are more than a hundred thousand; direct solutions do not need them.
        """
        sides = (self.num_sellers, self.num_buyers)
        number = math.comb(sum(sides), self.num_sellers)
        if number > MOST_CORNERS:
            raise TooLargeError(
                f"{sides[0]} sellers and {sides[1]} buyers can trade in {number:.3g} ways (at most "
                f"{MOST_CORNERS:,} are listed). Use fewer traders, or a problem that the direct "
                "solver takes."
            )
        corners = np.zeros((number, sum(sides)))
        chosen = (
            (*sellers, *(self.num_sellers + j for j in buyers))
            for size in range(min(sides) + 1)
            for sellers in reversed(list(combinations(range(sides[0]), size)))
            for buyers in combinations(range(sides[1]), size)
        )
        for corner, traders in zip(corners, chosen, strict=True):
            corner[list(traders)] = 1.0
        return corners

    @property
    def compares_as_given(self) -> bool:
        """Whether costs and values are compared as they are: always."""
        return True

    def allocate(self, values: Sequence[FloatArray], price: float = 1.0) -> FloatArray:
        """Return who trades: units go to the largest of all costs and values, sellers first."""
        del price
        grids = np.meshgrid(*values, indexing="ij", sparse=True)
        return self._traded(first_by_value(grids, self.num_sellers, -np.inf))

    def best(self, weights: FloatArray) -> FloatArray:
        """Return who trades where a sale is worth minus its seller's weight."""
        signs = self._signs.reshape(-1, *[1] * (weights.ndim - 1))
        return self._traded(first_by_value(list(signs * weights), self.num_sellers, -np.inf))

    def _traded(self, holds: FloatArray) -> FloatArray:
        """Return who trades, of who holds a unit in the end."""
        traded = holds.copy()
        traded[: self.num_sellers] = 1.0 - holds[: self.num_sellers]
        return traded

    def interim_best(
        self, values: Sequence[FloatArray], masses: Sequence[FloatArray], price: float = 1.0
    ) -> tuple[FloatArray, ...]:
        """Return interim net quantities, without an array over the profiles."""
        del price
        sellers, buyers = self.num_sellers, self.num_buyers
        total = sellers + buyers
        bought = chances_to_be_first(values, masses, sellers, -np.inf, range(sellers, total))
        # Those sell who are among the last. Had they what is left of the chance to keep a unit, the
        # rounding of a chance near 1 would be a trade where there is none.
        last = [0.0 - own for own in reversed(values)]
        sold = chances_to_be_first(last, masses[::-1], buyers, -np.inf, range(buyers, total))
        return (*(0.0 - own for own in reversed(sold)), *bought)

    def expected_in_words(self, expected: Sequence[float]) -> tuple[tuple[str, float, str], ...]:
        """Return how many units are traded."""
        return (("units traded", sum(expected[: self.num_sellers]), "expected"),)

    def rule_in_words(self, valuations: Sequence[str], shares: str) -> str:
        """Return who trades."""
        cost, value = valuations[0], valuations[-1]
        return (
            f"units go to the largest of all by {value}, or by {cost} for those who have one, who "
            f"are ahead of equals{shares}"
        )


@kind(
    "market",
    is_of=lambda environment: isinstance(environment.outcomes, TwoSides),
    compare="mechopt.literature.markets:compared",
    report="mechopt.report.traders:MarketAddendum",
    page="mechopt.explore.market",
    sellers=agents("seller", "a list of tables, with the prior of each seller's cost"),
    buyers=agents("buyer", "a list of tables, with the prior of each buyer's value"),
)
def Market(  # noqa: N802 -- it reads as the environment that it returns
    sellers: TypeSpace | Sequence[TypeSpace | Agent],
    buyers: TypeSpace | Sequence[TypeSpace | Agent],
    num_sellers: int | None = None,
    num_buyers: int | None = None,
    prior: Joint | None = None,
) -> Environment:
    """Return sellers who have one unit each, and buyers who want one each.

    Parameters
    ----------
    sellers, buyers
        One type space of costs, or values, for all of a side, or a list with each trader's, in
        money; agents where they have names, which are ``seller_1``, ``buyer_1`` and so on
        otherwise.
    num_sellers, num_buyers
        How many there are of a side for which one type space is given; one unless said.
    prior
        Joint prior of all types, whose marginals are the type spaces' probabilities; types are
        independent unless it is given.

    Raises
    ------
    InvalidInputError
        For a side without traders, and a number beside a list.

    Notes
    -----
    Source: theory.md, section 6.4; Gresik and Satterthwaite (1989), Journal of
    Economic Theory 48, 304-332.

    Examples
    --------
    >>> from mechopt import TypeSpace, ex_ante_efficiency, solve
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> round(solve(ex_ante_efficiency(Market(types, types))).objective, 9)  # 25/27
    0.925925926
    """
    members = (
        *agents_of(sellers, num_sellers, "seller", "num_sellers"),
        *agents_of(buyers, num_buyers, "buyer", "num_buyers"),
    )
    number = 1 if num_sellers is None else num_sellers
    first = number if isinstance(sellers, TypeSpace) else len(sellers)
    return Environment(members, TwoSides(first, len(members) - first), prior)
