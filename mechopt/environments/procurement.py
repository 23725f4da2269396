"""Procurement: suppliers deliver shares of an amount that is worth less and less to a buyer."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray, shown
from mechopt._util.rationals import FractionArray, as_fraction, fraction_array, scale_factor
from mechopt._util.registry import saved_as
from mechopt.environments.agent import Agent
from mechopt.environments.amounts import positive, require_size, rows_of, worth_of
from mechopt.environments.curves import PowerBound
from mechopt.environments.environment import Environment
from mechopt.environments.kinds import agents, amounts, fraction, kind
from mechopt.environments.members import MOST_AGENTS, MOST_CORNERS, agents_of, require_whole
from mechopt.environments.outcomes import OutcomeNumbers, OutcomeRow, Outcomes
from mechopt.environments.role import Role, numbered
from mechopt.errors import InvalidInputError, TooLargeError, require_factor
from mechopt.types import TypeSpace
from mechopt.types.prior import Joint

SQRT, QUADRATIC = "sqrt", "quadratic"
FORMS = {SQRT: {"a": 1.0}, QUADRATIC: {"a": 1.0, "b": 1.0}}


class Purchases(Outcomes):
    """What each of several suppliers delivers of an amount that has a benefit.

    The variable ``supply_i`` is what supplier i delivers as a share of its capacity. A benefit is a
    cost below zero: the payments are what it is left of.
    """

    num_suppliers: int

    @property
    @abstractmethod
    def _capacity(self) -> float:
        """What each supplier can deliver at most."""

    @property
    @abstractmethod
    def _further(self) -> tuple[str, ...]:
        """The variables beside what each supplier delivers."""

    @property
    def variables(self) -> tuple[str, ...]:
        """What each supplier delivers, and what there is beside."""
        return (*(f"supply_{i + 1}" for i in range(self.num_suppliers)), *self._further)

    @property
    def roles(self) -> tuple[Role, ...]:
        """Suppliers by number."""
        return numbered("supplier", self.num_suppliers, "gives", "cost", "quantity")

    @property
    def net_quantity(self) -> FloatArray:
        """Each supplier gives up what it delivers."""
        others = np.zeros((self.num_suppliers, len(self._further)))
        return np.hstack([-self._capacity * np.eye(self.num_suppliers), others])

    def allocate(self, values: Sequence[FloatArray], price: float = 1.0) -> FloatArray:
        """Return the best deliveries of every profile."""
        weights = np.empty((len(self.variables), *map(len, values)))
        weights[...] = (-price * self.cost).reshape(-1, *[1] * len(values))
        for i, grid in enumerate(np.meshgrid(*values, indexing="ij", sparse=True)):
            weights[i] += -self._capacity * grid
        return self.best(weights)

    def expected_in_words(self, expected: Sequence[float]) -> tuple[tuple[str, float, str], ...]:
        """Return the expected amount."""
        of_all = "from all suppliers together" if len(expected) > 1 else ""
        return (("expected quantity", sum(expected), of_all),)

    def rule_in_words(self, valuations: Sequence[str], shares: str) -> str:
        """Return how much is bought from whom."""
        words = " or ".join(dict.fromkeys(valuations))
        who = "who has the lowest delivers first, " if self.num_suppliers > 1 else ""
        return f"{who}deliveries while the marginal benefit exceeds the {words}{shares}"


@saved_as("mechopt.ConcavePurchase")
@dataclass(frozen=True)
class ConcavePurchase(Purchases):
    """An amount x with the benefit ``a sqrt(x)`` or ``a x - b x²/2``, shared among suppliers.

    The variable ``total`` is the amount as a share of the largest. With the square root,
    ``benefit`` is the benefit as a share of the largest; else ``satiation`` is what the square
    takes off as a share of the most that it does (theory.md, section 6.6).

    Parameters
    ----------
    num_suppliers
        How many suppliers there are.
    form
        ``"sqrt"`` or ``"quadratic"``.
    a, b
        The numbers of the form, in money; ``b`` of the quadratic alone.
    largest
        The largest amount in all, above 0.
    capacity
        What each supplier can deliver at most, above 0.

    Raises
    ------
    InvalidInputError
        For other words and numbers.

    Examples
    --------
    >>> import numpy as np
    >>> buyer = ConcavePurchase(1, "quadratic", a=1.0, b=1.0, largest=1.0, capacity=1.0)
    >>> buyer.interim_best([np.array([0.25, 1.5])], [np.full(2, 0.5)])
    (array([-0.75, -0.  ]),)
    """

    num_suppliers: int
    form: str
    a: float
    b: float
    largest: float
    capacity: float

    def __post_init__(self) -> None:
        require_whole("num_suppliers", self.num_suppliers, 1, MOST_AGENTS)
        if self.form not in FORMS:
            raise InvalidInputError(
                "not a form of the benefit",
                where="form",
                expected=" or ".join(f'"{form}"' for form in FORMS),
                got=shown(repr(self.form)),
                remedy="Use one of these.",
            )
        for name in ("a", "b", "largest", "capacity"):
            object.__setattr__(self, name, positive(getattr(self, name), name))
        require_size("benefit", self.a if self.form == SQRT else self.b, self.largest)

    @property
    def _capacity(self) -> float:
        return self.capacity

    @property
    def _is_root(self) -> bool:
        return self.form == SQRT

    @property
    def _share(self) -> float:
        """A supplier's capacity as a share of the largest amount."""
        return self.capacity / self.largest

    @property
    def _further(self) -> tuple[str, ...]:
        return ("total", "benefit" if self._is_root else "satiation")

    @property
    def rows(self) -> tuple[OutcomeRow, ...]:
        """What counts as the amount is delivered, or what is delivered counts."""
        supplies = (self._share,) * self.num_suppliers
        if self._is_root:
            return (OutcomeRow("delivered", (*(-x for x in supplies), 1.0, 0.0), 0.0),)
        return (OutcomeRow("counted", (*supplies, -1.0, 0.0), 0.0),)

    @property
    def curves(self) -> tuple[PowerBound, ...]:
        """The benefit rises more and more slowly."""
        total, other = self.num_suppliers, self.num_suppliers + 1
        bounded, base = (other, total) if self._is_root else (total, other)
        return (PowerBound("marginal_benefit_falls", bounded=bounded, base=base, exponent=0.5),)

    @property
    def without_curves(self) -> str:
        """What is linear."""
        return "a list of amounts and benefits in place of a form"

    @property
    def cost(self) -> FloatArray:
        """Minus the benefit."""
        if self._is_root:
            return np.array([0.0] * (self.num_suppliers + 1) + [-self.a * self.largest**0.5])
        supplies = [-self.a * self.capacity] * self.num_suppliers
        return np.array([*supplies, 0.0, 0.5 * self.b * self.largest**2])

    @property
    def vertices(self) -> FloatArray:
        """Nothing, and as much as can be from everybody."""
        most = np.ones(self.num_suppliers + 2)
        most[: self.num_suppliers] = min(1.0, 1.0 / (self.num_suppliers * self._share))
        most[-2:] = min(1.0, self.num_suppliers * self._share)
        if self._is_root:
            most[-1] = most[-2] ** 0.5
        else:
            most[-1] = 1.0
        return np.vstack([np.zeros(self.num_suppliers + 2), most])

    def best(self, weights: FloatArray) -> FloatArray:
        """Return deliveries, the most wanted first, until more is worth less than it takes."""
        weights = np.asarray(weights, dtype=np.float64)
        supplies, total, other = weights[:-2], weights[-2], weights[-1]
        order = np.argsort(-supplies, axis=0, kind="stable")
        delivered, filled = np.zeros_like(supplies), np.zeros_like(total)
        for place in order:
            worth = np.take_along_axis(supplies, place[None], axis=0)[0]
            wanted = self._wanted(worth / self._share, total, other)
            room = np.clip((wanted - filled) / self._share, 0.0, 1.0)
            # What counts is wanted for itself; what is delivered brings something, or costs.
            room = np.where(worth > 0.0, 1.0 if self._is_root else room, room * self._is_root)
            np.put_along_axis(delivered, place[None], room[None], axis=0)
            filled = filled + self._share * room
        free = self._wanted(np.zeros_like(total), total, other)
        if self._is_root:
            counted = np.minimum(filled, free)
            last = np.where(other > 0.0, counted**0.5, 0.0)
        else:
            counted = np.minimum(np.maximum(filled, free), 1.0)
            last = np.where(other > 0.0, 1.0, counted**2)
        return np.concatenate([delivered, np.stack([counted, last])])

    def _wanted(self, worth: FloatArray, total: FloatArray, other: FloatArray) -> FloatArray:
        """Return the best total, as a share of the largest, where a unit of it is worth so much."""
        gain = worth + total
        with np.errstate(over="ignore"):
            if self._is_root:
                root = np.divide(
                    other, -2.0 * gain, out=np.ones_like(gain), where=(gain < 0.0) & (other > 0.0)
                )
                found = np.minimum(root, 1.0) ** 2
                return np.where((other > 0.0) | (gain > 0.0), found, 0.0)
            free = np.where(gain > 0.0, 1.0, 0.0)
            found = np.divide(gain, -2.0 * other, out=free, where=other < 0.0)
        return np.asarray(np.clip(found, 0.0, 1.0), dtype=np.float64)

    def wanted(self, costs: FloatArray) -> FloatArray:
        """Return what is best at costs if any amount can be had."""
        own = {"a": self.a, "b": self.b}
        return np.array([_useful(self.form, own, cost) for cost in costs.tolist()])

    def scaled(self, factor: float) -> ConcavePurchase:
        """Return the same amounts, with their benefit in another unit of money."""
        require_factor(factor, where="factor", remedy="Give what money is measured in.")
        return replace(self, a=self.a * factor, b=self.b * factor)


@saved_as("mechopt.ListedPurchase")
@dataclass(frozen=True)
class ListedPurchase(Purchases):
    """An amount of a list, each with a benefit of its own, shared among suppliers; or none.

    The variable ``amount_j`` is the probability of the j-th amount of the list.

    Parameters
    ----------
    num_suppliers
        How many suppliers there are.
    quantities
        The amounts, above 0.
    benefits
        What each brings, in money.
    capacity
        What each supplier can deliver at most, above 0.

    Raises
    ------
    InvalidInputError
        For lists that are no numbers, or of unequal lengths.

    Examples
    --------
    >>> import numpy as np
    >>> buyer = ListedPurchase(1, (1, 2), (2, 3), capacity=2)
    >>> buyer.interim_best([np.array([0.5, 1.5, 2.5])], [np.ones(3) / 3])
    (array([-2., -1.,  0.]),)
    """

    num_suppliers: int
    quantities: tuple[Fraction, ...]
    benefits: tuple[Fraction, ...]
    capacity: Fraction

    def __post_init__(self) -> None:
        require_whole("num_suppliers", self.num_suppliers, 1, MOST_AGENTS)
        words = ("amount", "benefit")
        quantities, benefits = rows_of(self.quantities, self.benefits, "benefits", words)
        object.__setattr__(self, "quantities", quantities)
        object.__setattr__(self, "benefits", benefits)
        positive(self.capacity, "capacity")
        object.__setattr__(self, "capacity", as_fraction(self.capacity))

    @property
    def _capacity(self) -> float:
        return float(self.capacity)

    @property
    def has_pure_outcomes(self) -> bool:
        """Not all are lotteries: what a supplier delivers is a share."""
        return False

    @property
    def _further(self) -> tuple[str, ...]:
        return tuple(f"amount_{j + 1}" for j in range(len(self.quantities)))

    @property
    def rows(self) -> tuple[OutcomeRow, ...]:
        """One amount at most, and it is delivered."""
        supplies, amounts = self.num_suppliers, len(self.quantities)
        delivered = [-self._capacity] * supplies + [float(q) for q in self.quantities]
        return (
            OutcomeRow("one_amount", (*[0.0] * supplies, *[1.0] * amounts), 1.0),
            OutcomeRow("delivered", tuple(delivered), 0.0),
        )

    @property
    def cost(self) -> FloatArray:
        """Minus the benefits."""
        return np.array([0.0] * self.num_suppliers + [-float(b) for b in self.benefits])

    @property
    def vertices(self) -> FloatArray:
        """Nothing, then all corners, with at most one supplier or one lottery in between.

        Raises
        ------
        TooLargeError
            If there are more than a hundred thousand.
        """
        return np.array(self._listed, dtype=np.float64)

    @property
    def _listed(self) -> list[tuple[Fraction, ...]]:
        size, amounts = self.num_suppliers, len(self.quantities)
        if 2**size * (amounts + 1) * (size + amounts) > MOST_CORNERS:
            raise TooLargeError(
                f"{size} suppliers can share {amounts} amounts in more ways than are listed (at "
                f"most {MOST_CORNERS:,}). Use fewer suppliers or amounts, or a form of the benefit."
            )
        zero, one = Fraction(0), Fraction(1)
        none = (zero,) * amounts
        pure = [tuple(one if j == k else zero for k in range(amounts)) for j in range(amounts)]
        choices = list(zip((none, *pure), (zero, *self.quantities), strict=True))
        corners: list[tuple[Fraction, ...]] = []
        for supplies in product((zero, one), repeat=size):
            most = self.capacity * sum(supplies)
            corners += [(*supplies, *bought) for bought, amount in choices if amount <= most]
            for (first, low), (second, high) in combinations(choices, 2):
                if min(low, high) < most < max(low, high):
                    part = (most - low) / (high - low)
                    mixed = (a + part * (b - a) for a, b in zip(first, second, strict=True))
                    corners.append((*supplies, *mixed))
            for i in range(size):
                if supplies[i] == one:
                    continue
                for bought, amount in choices:
                    part = (amount - most) / self.capacity
                    if zero < part < one:
                        corners.append((*supplies[:i], part, *supplies[i + 1 :], *bought))
        return corners

    def allocate(self, values: Sequence[FloatArray], price: float = 1.0) -> FloatArray:
        """Return the best corner in every profile."""
        return self._best_corner(self._vertex_worth(values, price))

    def scaled(self, factor: float) -> ListedPurchase:
        """Return the same amounts, with their benefits in another unit of money."""
        exact = scale_factor(factor)
        return replace(self, benefits=tuple(benefit * exact for benefit in self.benefits))

    def in_fractions(self) -> OutcomeNumbers:
        """Return the declared numbers as fractions, those that are no decimals included."""
        numbers, size = super().in_fractions(), self.num_suppliers
        zeros = [Fraction(0)] * size
        net = numbers.net_quantity.copy()
        net[range(size), range(size)] = -self.capacity
        rows = (
            numbers.rows[0],
            ("delivered", _exact([-self.capacity] * size, self.quantities), Fraction(0)),
        )
        corners = fraction_array(entry for corner in self._listed for entry in corner)
        return replace(
            numbers,
            net_quantity=net,
            cost=_exact(zeros, [-benefit for benefit in self.benefits]),
            rows=rows,
            vertices=corners.reshape(numbers.vertices.shape),
        )


def _exact(first: Sequence[Fraction], second: Sequence[Fraction]) -> FractionArray:
    return fraction_array([*first, *second])


@kind(
    "procurement",
    is_of=lambda environment: isinstance(environment.outcomes, Purchases),
    asks="revenue",
    compare="mechopt.literature.procurement:compared",
    report="mechopt.report.tariff:TariffAddendum",
    suppliers=agents("supplier", "a list of tables, with the prior of each supplier's cost"),
    benefit=amounts(
        '{ form = "sqrt", a = 1 }, { form = "quadratic", a = 1, b = 1 }, or a list of pairs of an '
        "amount and its benefit"
    ),
    capacity=fraction("the most that each supplier can deliver", default=None),
)
def Procurement(  # noqa: N802 -- it reads as the environment that it returns
    suppliers: TypeSpace | Sequence[TypeSpace | Agent],
    benefit: Mapping[str, Any] | Sequence[Sequence[Any]],
    capacity: float | Fraction | str | None = None,
    count: int | None = None,
    prior: Joint | None = None,
) -> Environment:
    """Return suppliers whose costs are their own secrets, and what their deliveries bring a buyer.

    A supplier's type is its cost of a unit. The buyer's profit, the benefit less what suppliers are
    paid, is that of :class:`~mechopt.Revenue`; a weight on suppliers' profits is theirs in
    :class:`~mechopt.Welfare`, as in ``Revenue() + Welfare((0.5,))``, with the budget
    ``"subsidised"`` where the buyer may lose money.

    Parameters
    ----------
    suppliers
        One type space of costs for all, in money for each unit, or a list with each supplier's;
        agents where they have names, which are ``supplier_1``, ``supplier_2`` and so on otherwise.
    benefit
        Of the amount x that is delivered in all, in money: ``{"form": "sqrt", "a": 1}`` for
        ``a sqrt(x)``; ``{"form": "quadratic", "a": 1, "b": 1}`` for ``a x - b x²/2``, the gains
        from demand ``(a - price)/b``; or a list of pairs of an amount and its benefit, between
        which there are lotteries only.
    capacity
        What each supplier can deliver at most; unless given, all that would be bought if types were
        public and the lowest. Weights by type and requirements of your own may call for more.
    count
        How many suppliers there are, where one type space is given; one unless said.
    prior
        Joint prior of all types, whose marginals are the type spaces' probabilities; types are
        independent unless it is given.

    Raises
    ------
    InvalidInputError
        For a benefit that is none of these, a capacity that is not above 0, and none where the
        lowest cost is 0 and the benefit a square root, for then no amount is the largest.

    Notes
    -----
    Source: theory.md, section 6.6; Baron and Myerson (1982), doi:10.2307/1912769.

    Examples
    --------
    >>> from mechopt import DesignProblem, Revenue, TypeSpace, solve
    >>> costs = TypeSpace.finite([0.1, 0.2, 0.3], [0.2, 0.5, 0.3])
    >>> parts = Procurement(costs, benefit={"form": "sqrt"})
    >>> solution = solve(DesignProblem(parts, Revenue(), budget="subsidised"))
    >>> round(solution.objective, 9)  # 223/192
    1.161458333
    """
    members = agents_of(suppliers, count, "supplier")
    own, number = worth_of(benefit, FORMS, "benefit"), len(members)
    most = None if capacity is None else as_fraction(capacity)
    if most is not None:
        positive(most, "capacity")
    if not own.form:
        quantities, benefits = zip(*own.rows, strict=True)
        each = max(quantities) if most is None else most
        listed = ListedPurchase(number, quantities, benefits, each)
        return Environment(members, listed, prior)
    lowest = min((member.types.lowest for member in members), default=0.0)
    useful = _useful(own.form, own.numbers, lowest)
    largest = useful if most is None else number * float(most)
    if math.isinf(largest):
        raise InvalidInputError(
            "no largest amount",
            where="capacity",
            expected="a capacity, where a supplier may have no cost",
            got=f"none, and a lowest cost of {lowest:g}",
            remedy="Give the most that each supplier can deliver.",
        )
    each_most = largest if most is None else float(most)
    a, b = own.numbers["a"], own.numbers.get("b", 1.0)
    outcomes = ConcavePurchase(number, own.form, a, b, largest, each_most)
    return Environment(members, outcomes, prior)


def _useful(form: str, numbers: Mapping[str, float], lowest: float) -> float:
    """Return the amount at which the marginal benefit is the lowest cost: the most ever bought."""
    if form == SQRT:
        ratio = numbers["a"] / (2.0 * lowest) if lowest > 0.0 else math.inf
        return ratio * ratio
    satiated = numbers["a"] / numbers["b"]
    useful = satiated - lowest / numbers["b"]
    return useful if useful > 0.0 else satiated
