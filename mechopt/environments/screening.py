"""Screening: buyers choose how much quality to buy from a seller to whom it costs more and more."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.rationals import fraction_array, scale_factor
from mechopt._util.registry import saved_as
from mechopt.environments.agent import Agent
from mechopt.environments.amounts import positive, require_size, rows_of, worth_of
from mechopt.environments.curves import PowerBound
from mechopt.environments.environment import Environment
from mechopt.environments.kinds import amounts, fraction, kind, one_or_several
from mechopt.environments.members import MOST_AGENTS, MOST_CORNERS, agents_of, require_whole
from mechopt.environments.outcomes import OutcomeNumbers, OutcomeRow, Outcomes
from mechopt.environments.role import Role, numbered
from mechopt.errors import InvalidInputError, TooLargeError, require_factor
from mechopt.types import TypeSpace
from mechopt.types.prior import Joint

FORMS = {"quadratic": {"c": 1.0}}


class Qualities(Outcomes):
    """What each of several buyers gets, at a cost that is the sum of what each of them costs.

    A subclass says what a single buyer may get.
    """

    num_buyers: int

    @property
    @abstractmethod
    def _own_variables(self) -> tuple[str, ...]:
        """The variables of a single buyer."""

    @property
    @abstractmethod
    def _own_quality(self) -> FloatArray:
        """The quality of a unit of each of them."""

    @property
    @abstractmethod
    def _own_cost(self) -> FloatArray:
        """The cost of a unit of each of them."""

    @abstractmethod
    def _own_best(self, weights: FloatArray) -> FloatArray:
        """Return a single buyer's outcomes that are best at weights of its variables."""

    def _name(self, stem: str, buyer: int) -> str:
        """Return the name of a buyer's variable, row or curve; of one buyer, it has no number."""
        return stem if self.num_buyers == 1 else f"{stem}_of_{buyer + 1}"

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of each buyer."""
        buyers = range(self.num_buyers)
        return tuple(self._name(own, buyer) for buyer in buyers for own in self._own_variables)

    @property
    def roles(self) -> tuple[Role, ...]:
        """The buyer, or buyers by number."""
        if self.num_buyers == 1:
            return (Role("buyer", "receives", "value", "quality", "buys"),)
        return numbered("buyer", self.num_buyers, "receives", "value", "quality")

    @property
    def net_quantity(self) -> FloatArray:
        """The quality that each buyer gets."""
        return np.asarray(np.kron(np.eye(self.num_buyers), self._own_quality), dtype=np.float64)

    @property
    def cost(self) -> FloatArray:
        """What the qualities cost."""
        return np.tile(self._own_cost, self.num_buyers)

    def best(self, weights: FloatArray) -> FloatArray:
        """Return what is best for each buyer."""
        parts = np.split(np.asarray(weights, dtype=np.float64), self.num_buyers)
        return np.concatenate([self._own_best(part) for part in parts])

    def _chosen(self, values: Sequence[FloatArray], price: float) -> list[FloatArray]:
        """Return each buyer's own outcomes by type, (num_own_variables, num_types)."""
        quality, cost = self._own_quality[:, None], price * self._own_cost[:, None]
        return [self._own_best(quality * value - cost) for value in values]

    def surplus(self, values: FloatArray) -> FloatArray:
        """Return what the best quality brings a single buyer of such values, less its cost."""
        (own,) = self._chosen([values], 1.0)
        return np.asarray(values * (self._own_quality @ own) - self._own_cost @ own)

    def allocate(self, values: Sequence[FloatArray], price: float = 1.0) -> FloatArray:
        """Return the best qualities of every profile: each buyer's follow from its own type."""
        shape = tuple(len(value) for value in values)
        parts = []
        for i, own in enumerate(self._chosen(values, price)):
            alone = [1] * len(shape)
            alone[i] = shape[i]
            parts.append(np.broadcast_to(own.reshape(-1, *alone), (len(own), *shape)))
        return np.concatenate(parts)

    def best_at(self, values: Sequence[FloatArray]) -> FloatArray:
        """Return the best qualities of single profiles."""
        return np.concatenate(self._chosen(values, 1.0))

    def interim_best(
        self, values: Sequence[FloatArray], masses: Sequence[FloatArray], price: float = 1.0
    ) -> tuple[FloatArray, ...]:
        """Return the qualities by type."""
        del masses
        return tuple(self._own_quality @ own for own in self._chosen(values, price))

    def best_on_average(
        self, values: Sequence[FloatArray], masses: Sequence[FloatArray], price: float = 1.0
    ) -> tuple[tuple[FloatArray, ...], float]:
        """Return the qualities by type and their expected cost."""
        chosen = self._chosen(values, price)
        costs = [
            float(mass @ (self._own_cost @ own)) for mass, own in zip(masses, chosen, strict=True)
        ]
        return tuple(self._own_quality @ own for own in chosen), sum(costs)

    def expected_in_words(self, expected: Sequence[float]) -> tuple[tuple[str, float, str], ...]:
        """Return the expected quality."""
        of_all = "of all buyers together" if len(expected) > 1 else ""
        return (("expected quality", sum(expected), of_all),)

    def rule_in_words(self, valuations: Sequence[str], shares: str) -> str:
        """Return which quality is chosen."""
        words = " or ".join(dict.fromkeys(valuations))
        return f"the quality at which the {words} times it exceeds its cost by most{shares}"


@saved_as("mechopt.QuadraticQuality")
@dataclass(frozen=True)
class QuadraticQuality(Qualities):
    """Quality q at the cost ``slope q²/2``, up to a largest quality.

    The variable ``quality`` is the quality as a share of the largest, and ``effort`` the cost as a
    share of that of the largest: at least the square of the quality (theory.md, section 6.5).

    Parameters
    ----------
    num_buyers
        How many buyers there are, each of whom gets a quality of its own.
    slope
        How fast marginal cost rises with quality, in money; above 0.
    largest
        The largest quality, above 0.

    Raises
    ------
    InvalidInputError
        For other numbers.

    Examples
    --------
    >>> import numpy as np
    >>> QuadraticQuality(1, slope=2.0, largest=1.0).interim_best([np.array([-1.0, 1.0, 3.0])], [])
    (array([0. , 0.5, 1. ]),)
    """

    num_buyers: int
    slope: float
    largest: float

    def __post_init__(self) -> None:
        require_whole("num_buyers", self.num_buyers, 1, MOST_AGENTS)
        for name in ("slope", "largest"):
            object.__setattr__(self, name, positive(getattr(self, name), name))
        require_size("cost", self.slope, self.largest)

    @property
    def _own_variables(self) -> tuple[str, ...]:
        return ("quality", "effort")

    @property
    def _own_quality(self) -> FloatArray:
        return np.array([self.largest, 0.0])

    @property
    def _own_cost(self) -> FloatArray:
        return np.array([0.0, 0.5 * self.slope * self.largest**2])

    @property
    def curves(self) -> tuple[PowerBound, ...]:
        """Quality is at most the square root of effort."""
        return tuple(
            PowerBound(
                self._name("marginal_cost_rises", i), bounded=2 * i, base=2 * i + 1, exponent=0.5
            )
            for i in range(self.num_buyers)
        )

    @property
    def vertices(self) -> FloatArray:
        """Nothing for anybody, and the largest quality for everybody."""
        return np.vstack([np.zeros(2 * self.num_buyers), np.ones(2 * self.num_buyers)])

    @property
    def without_curves(self) -> str:
        """What is linear."""
        return "a list of qualities and costs in place of a form"

    @property
    def capacity(self) -> float:
        """The largest quality."""
        return self.largest

    def wanted(self, values: FloatArray) -> FloatArray:
        """Return what is best at values if any quality can be had."""
        return np.maximum(values, 0.0) / self.slope

    def _own_best(self, weights: FloatArray) -> FloatArray:
        quality, effort = weights
        costly = effort < 0.0
        # Where effort costs nothing, all of it is made, or it does not matter.
        free = np.where(quality > 0.0, 1.0, 0.0)
        with np.errstate(over="ignore"):
            best = np.divide(quality, -2.0 * effort, out=free.copy(), where=costly)
        best = np.clip(best, 0.0, 1.0)
        return np.stack([best, np.where(effort > 0.0, 1.0, best**2)])

    def scaled(self, factor: float) -> QuadraticQuality:
        """Return the same qualities, with their cost in another unit of money."""
        require_factor(factor, where="factor", remedy="Give what money is measured in.")
        return replace(self, slope=self.slope * factor)


@saved_as("mechopt.ListedQualities")
@dataclass(frozen=True)
class ListedQualities(Qualities):
    """Qualities of a list, each at a cost of its own; one of them or none for each buyer.

    The variable ``quality_j`` is the probability of the j-th quality of the list. Lotteries cost
    what they cost on average, so that costs need not be convex.

    Parameters
    ----------
    num_buyers
        How many buyers there are.
    qualities
        The qualities, above 0.
    costs
        What each costs, in money.

    Raises
    ------
    InvalidInputError
        For lists that are no numbers, or of unequal lengths.

    Examples
    --------
    >>> import numpy as np
    >>> from fractions import Fraction
    >>> line = ListedQualities(1, (1, 2), (Fraction(1, 2), 2))
    >>> line.interim_best([np.array([0.5, 1.0, 1.75])], [])
    (array([0., 1., 2.]),)
    """

    num_buyers: int
    qualities: tuple[Fraction, ...]
    costs: tuple[Fraction, ...]

    def __post_init__(self) -> None:
        require_whole("num_buyers", self.num_buyers, 1, MOST_AGENTS)
        qualities, costs = rows_of(self.qualities, self.costs, "costs", ("quality", "cost"))
        object.__setattr__(self, "qualities", qualities)
        object.__setattr__(self, "costs", costs)

    @property
    def _own_variables(self) -> tuple[str, ...]:
        return tuple(f"quality_{j + 1}" for j in range(len(self.qualities)))

    @property
    def _own_quality(self) -> FloatArray:
        return np.array([float(quality) for quality in self.qualities])

    @property
    def _own_cost(self) -> FloatArray:
        return np.array([float(cost) for cost in self.costs])

    @property
    def rows(self) -> tuple[OutcomeRow, ...]:
        """A buyer gets one of them at most."""
        own = np.ones(len(self.qualities))
        return tuple(
            OutcomeRow(self._name("one_at_most", i), tuple(row), 1.0)
            for i, row in enumerate(np.kron(np.eye(self.num_buyers), own).tolist())
        )

    @property
    def vertices(self) -> FloatArray:
        """Every buyer with every quality or none, nothing for anybody first.

        Raises
        ------
        TooLargeError
            If there are more than a hundred thousand; direct solutions do not need them.
        """
        size = len(self.qualities)
        number = (size + 1) ** self.num_buyers
        if number > MOST_CORNERS:
            raise TooLargeError(
                f"{self.num_buyers} buyers can get {size} qualities in {number:.3g} ways (at most "
                f"{MOST_CORNERS:,} are listed). Use fewer, or a problem for the direct solver."
            )
        own = np.vstack([np.zeros(size), np.eye(size)])
        return np.array([np.concatenate(each) for each in product(own, repeat=self.num_buyers)])

    def _own_best(self, weights: FloatArray) -> FloatArray:
        with_nothing = np.concatenate([np.zeros((1, *weights.shape[1:])), weights])
        chosen = with_nothing.argmax(axis=0)
        places = np.arange(1, len(weights) + 1).reshape(-1, *[1] * (weights.ndim - 1))
        return np.asarray(places == chosen, dtype=np.float64)

    def scaled(self, factor: float) -> ListedQualities:
        """Return the same qualities, with their costs in another unit of money."""
        exact = scale_factor(factor)
        return replace(self, costs=tuple(cost * exact for cost in self.costs))

    def in_fractions(self) -> OutcomeNumbers:
        """Return the declared numbers as fractions, those that are no decimals included."""
        numbers, size = super().in_fractions(), len(self.qualities)
        net = numbers.net_quantity.copy()
        for i in range(self.num_buyers):
            net[i, i * size : (i + 1) * size] = fraction_array(self.qualities)
        costs = fraction_array(self.costs * self.num_buyers)
        return replace(numbers, net_quantity=net, cost=costs)


@kind(
    "screening",
    is_of=lambda environment: isinstance(environment.outcomes, Qualities),
    asks="revenue",
    compare="mechopt.literature.screening:compared",
    report="mechopt.report.tariff:TariffAddendum",
    buyer=one_or_several("buyer", "a table with the prior of the buyer's value of quality"),
    cost=amounts('{ form = "quadratic", c = 1 }, or a list of pairs of a quality and its cost'),
    capacity=fraction("the largest quality that can be had", default=None),
)
def Screening(  # noqa: N802 -- it reads as the environment that it returns
    buyer: TypeSpace | Sequence[TypeSpace | Agent],
    cost: Mapping[str, Any] | Sequence[Sequence[Any]],
    capacity: float | Fraction | str | None = None,
    prior: Joint | None = None,
) -> Environment:
    """Return a buyer whose value of quality is its secret, and what quality costs the seller.

    A quality q is worth the buyer's type times q. The largest profit is that of
    :class:`~mechopt.Revenue`, with the budget ``"subsidised"`` or ``"no-deficit"``; its menu gives
    each type the quality at which its ironed virtual value equals marginal cost.

    Parameters
    ----------
    buyer
        The type space of the values of a unit of quality, in money; or a list with one for each of
        several buyers whom the seller tells apart, agents where they have names.
    cost
        ``{"form": "quadratic", "c": 1}`` for the cost c q²/2 of quality q, or a list of pairs of a
        quality and its cost, between which there are lotteries only. In money.
    capacity
        The largest quality that a buyer can get, beside a form; unless given it is what the highest
        type of all would get if types were public. Revenue and welfare never call for more;
        weights by type and requirements of your own may.
    prior
        Joint prior of all types, whose marginals are the type spaces' probabilities; types are
        independent unless it is given.

    Raises
    ------
    InvalidInputError
        For a cost that is neither, and a capacity that is not above 0 or stands beside a list.

    Notes
    -----
    Source: theory.md, section 6.5; Mussa and Rosen (1978), doi:10.1016/0022-0531(78)90085-6.

    Examples
    --------
    >>> from mechopt import DesignProblem, Revenue, TypeSpace, solve
    >>> buyer = Screening(TypeSpace.finite([2, 3]), cost={"form": "quadratic", "c": 1})
    >>> solution = solve(DesignProblem(buyer, Revenue(), budget="subsidised"))
    >>> round(solution.objective, 9), solution.mechanism.quantity[0].round(9)
    (2.5, array([1., 3.]))
    """
    given = (Agent("buyer", buyer),) if isinstance(buyer, TypeSpace) else buyer
    members = agents_of(given, None, "buyer")
    own = worth_of(cost, FORMS, "cost")
    if not own.form:
        if capacity is not None:
            raise InvalidInputError(
                "a capacity beside a list of qualities",
                where="capacity",
                expected="a capacity with a form of the cost, or a list",
                got="both",
                remedy="Leave the capacity out, and list no quality above it.",
            )
        qualities, costs = zip(*own.rows, strict=True)
        return Environment(members, ListedQualities(len(members), qualities, costs), prior)
    slope = own.numbers["c"]
    highest = max((member.types.highest for member in members), default=1.0)
    if capacity is None and highest <= 0.0:
        raise InvalidInputError(
            "no largest quality that is worth its cost",
            where="capacity",
            expected="a capacity, where no type has a value above 0",
            got="none",
            remedy="Give the largest quality that can be had.",
        )
    largest = highest / slope if capacity is None else positive(capacity, "capacity")
    return Environment(members, QuadraticQuality(len(members), slope, largest), prior)
