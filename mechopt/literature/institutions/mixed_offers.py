"""Sealed offers on a grid in mixed strategies: the best of all equilibria of few finite types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Context
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import shown
from mechopt._util.rationals import as_fraction
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError, TooLargeError, UnsupportedProblemError
from mechopt.mechanism.allocation import Table
from mechopt.mechanism.mechanism import Mechanism
from mechopt.studies.comparison_rows import ComparisonRow
from mechopt.studies.offer_curves import as_prices
from mechopt.studies.offers import at_means, with_types
from mechopt.studies.sealed_offers import Deviation, laws_of, require_weight, trade_at_once
from mechopt.types.sources.finite import Finite

# Offers of all types that may be made or not: as many choices in whole numbers.
MAX_CHOICES = 150
# Largest denominators that probabilities are rounded to, in turn.
DENOMINATORS = (60, 1_000, 10**6, 10**9)
TIGHT = 1e-9
# The solver's bound is widened by this, in widths of all types: it meets rows up to as much.
TOLERANCE = 1e-6

Numbers = tuple[Fraction, ...]
Mixture = tuple[Numbers, ...]


@dataclass(frozen=True, eq=False)
class MixedOffers:
    """Sealed offers of finite types on a grid, each with a probability.

    Trade is at ``k`` times the bid plus ``1 - k`` times the ask, if the bid is at least the ask.
    All numbers are fractions, and so is what a type gains by deviating.

    Parameters
    ----------
    trade
        Bilateral trade of finite types.
    k
        Weight of the buyer's offer in the price.
    prices
        What may be offered, rising.
    asks, bids
        By type and price, how likely a seller or buyer offers it; what is left of 1 is the
        probability to offer nothing.
    name
        What they are.
    at_most
        No equilibrium on the grid brings more, in money: what the branch and bound claims, widened
        by its tolerance; None if that is not known.
    only_pure
        Whether that is about equilibria in pure strategies only.

    Raises
    ------
    InvalidInputError
        For what are no probabilities, one for each type and price.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([0, 2])
    >>> offers = MixedOffers(
    ...     BilateralTrade(types, types), "1/2", [1], [["1"], ["0"]], [["0"], ["1/2"]]
    ... )
    >>> offers.total, offers.deviation.agent, offers.deviation.gain
    (Fraction(1, 4), 'buyer', 0.25)
    """

    trade: Environment
    k: Any
    prices: Sequence[Any]
    asks: Sequence[Sequence[Any]]
    bids: Sequence[Sequence[Any]]
    name: str = "mixed offers"
    at_most: float | None = None
    only_pure: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "k", as_fraction(self.k))
        require_weight(float(self.k))
        object.__setattr__(self, "prices", tuple(as_fraction(price) for price in self.prices))
        as_prices([float(price) for price in self.prices], "prices")
        for side, name in enumerate(("asks", "bids")):
            made = tuple(tuple(as_fraction(x) for x in row) for row in getattr(self, name))
            object.__setattr__(self, name, made)
            sizes = [len(row) == len(self.prices) for row in made]
            fine = len(made) == len(self.sides[side]) and all(sizes)
            if not fine or any(min(row) < 0 or sum(row) > 1 for row in made):
                raise InvalidInputError(
                    "no probabilities of offers",
                    where=name,
                    expected=f"{len(self.sides[side])} rows of {len(self.prices)} numbers of at "
                    "least 0 that sum to 1 or less",
                    got=shown(repr([[str(x) for x in row] for row in made])),
                    remedy="Give one row for each type, and one number for each price.",
                )

    @cached_property
    def sides(self) -> tuple[Numbers, Numbers]:
        """Costs and values."""
        return _numbers(self.trade, "mean")

    @cached_property
    def masses(self) -> tuple[Numbers, Numbers]:
        """Their probabilities."""
        return _numbers(self.trade, "mass")

    def earned(self, side: int, own: Fraction, offer: Fraction) -> Fraction:
        """Return what a type of the seller (0) or buyer (1) expects of an offer, in money."""
        others, total = (self.bids, self.asks)[side], Fraction(0)
        for mass, row in zip(self.masses[1 - side], others, strict=True):
            for price, chance in zip(self.prices, row, strict=True):
                bid, ask = (offer, price) if side else (price, offer)
                if chance and bid >= ask:
                    paid = self.k * bid + (1 - self.k) * ask
                    total += mass * chance * (own - paid if side else paid - own)
        return total

    @cached_property
    def payoffs(self) -> tuple[Numbers, Numbers]:
        """What each cost, and each value, expects."""
        found = [
            tuple(
                sum((chance * self.earned(side, own, price)
                     for price, chance in zip(self.prices, row, strict=True) if chance),
                    Fraction(0))
                for own, row in zip(self.sides[side], (self.asks, self.bids)[side], strict=True)
            )
            for side in (0, 1)
        ]  # fmt: skip
        return found[0], found[1]

    @property
    def utilities(self) -> dict[str, Fraction]:
        """Agent name to expected utility before types are known, in money."""
        return {
            agent.name: sum((m * u for m, u in zip(self.masses[side], self.payoffs[side],
                                                   strict=True)), Fraction(0))
            for side, agent in enumerate(self.trade.agents)
        }  # fmt: skip

    @property
    def total(self) -> Fraction:
        """Expected gains of both, in money."""
        return sum(self.utilities.values(), Fraction(0))

    @cached_property
    def regret(self) -> Fraction:
        """The most that any type gains by any other offer, on the grid or not, as a fraction.

        An offer between two prices earns no more than the next price that the other side offers.
        """
        return max(gain for gain, _, _ in self._gains())

    @cached_property
    def deviation(self) -> Deviation:
        """The type that gains most by another offer."""
        gain, side, own = max(self._gains(), key=lambda each: each[0])
        return Deviation(self.trade.agents[side].name, float(own), float(gain))

    def _gains(self) -> list[tuple[Fraction, int, Fraction]]:
        found = []
        for side in (0, 1):
            for own, made in zip(self.sides[side], self.payoffs[side], strict=True):
                best = max(self.earned(side, own, price) for price in self.prices)
                found.append((max(best, Fraction(0)) - made, side, own))
        return found

    @property
    def is_pure(self) -> bool:
        """Whether every type makes one offer, or none, for sure."""
        return all(x in {0, 1} for side in (self.asks, self.bids) for row in side for x in row)

    @property
    def chance(self) -> Fraction:
        """Probability of trade."""
        total = Fraction(0)
        for cost, asks in zip(self.masses[0], self.asks, strict=True):
            for value, bids in zip(self.masses[1], self.bids, strict=True):
                met = sum((x * y for a, x in enumerate(asks) for y in bids[a:]), Fraction(0))
                total += cost * value * met
        return total

    @cached_property
    def mechanism(self) -> Mechanism:
        """The direct mechanism: chance of trade and payment of every pair of types."""
        environment = with_types(self.trade, *(at_means(a.types) for a in self.trade.agents))
        prices = np.array([float(price) for price in self.prices])
        asks, bids = (np.array(x, dtype=np.float64) for x in (self.asks, self.bids))
        trades = prices >= prices[:, None]
        paid = (float(self.k) * prices + (1.0 - float(self.k)) * prices[:, None]) * trades
        outcome = np.multiply.outer(trade_at_once(environment), asks @ trades @ bids.T)
        money = asks @ paid @ bids.T
        return Mechanism.of_profiles(environment, Table(outcome), np.stack([-money, money]))

    def row(self) -> ComparisonRow:
        """Return the row of a comparison, which passes if no type gains by deviating at all."""
        which = "in pure strategies" if self.only_pure else "mixed or not"
        limit = (
            "what others on the grid bring is not known"
            if self.at_most is None or float(self.total) > self.at_most
            else f"no equilibrium on the grid, {which}, brings more than {_upwards(self.at_most)}"
        )
        kind = "pure" if self.is_pure else "mixed"
        gain = "no type gains" if not self.regret else f"some type gains {float(self.regret):.1e}"
        width = float(max(map(max, self.sides)) - min(map(min, self.sides)))
        return ComparisonRow(
            self.name,
            float(self.total),
            {name: float(gains) for name, gains in self.utilities.items()},
            dict.fromkeys(self.utilities, float(self.chance)),
            remark=f"{kind}; {gain} by another offer; {limit}",
            max_violation=float(self.regret) / width if width else 0.0,
            passed=not self.regret,
        )


def mixed_equilibrium(
    trade: Environment,
    prices: npt.ArrayLike,
    k: Any = 0.5,
    *,
    pure: bool = False,
    time_limit: float = 60.0,
    max_choices: int = MAX_CHOICES,
) -> MixedOffers:
    """Return the equilibrium of sealed offers on a grid that brings most, mixed ones included.

    Parameters
    ----------
    trade
        Bilateral trade of few finite types.
    prices
        What may be offered, rising, in money. A float that is some type's stands for that type:
        1/3 for ``"1/3"``.
    k
        Weight of the buyer's offer in the price; a number, or a fraction such as ``"1/3"``.
    pure
        Look for those in which every type makes one offer only.
    time_limit
        In seconds; what is found by then stands beside the bound.
    max_choices
        How many pairs of a type and an offer are not too many.

    Returns
    -------
    MixedOffers
        In fractions. Its ``regret`` is exact, and zero unless its probabilities have no small
        denominators; ``at_most`` is above what all of them bring, if the solver's bound is right
        within a millionth of the width of all types. It is None if this one brings more than that.
        The name says "the best" if it is known to be, up to twice as much, else "the best found".

    Raises
    ------
    InvalidInputError
        For what is no weight or no prices.
    UnsupportedProblemError
        For types that are not finite, and if none was found in time.
    TooLargeError
        For more choices of a type and an offer, or of none, that cannot lose it money than that.

    Notes
    -----
    There always is one in pure strategies: all who gain at a price offer it. Types make no offers
    by which they might lose. The program has a whole number for each type and offer, which says
    that it may be made and then is a best one; what types gain is its objective, which is
    linear in them. Source: Sandholm, Gilpin and Conitzer (2005).

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> trade = BilateralTrade(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3]))
    >>> offers = mixed_equilibrium(trade, [0, 1, 2, 3])
    >>> offers.total, offers.regret, offers.is_pure
    (Fraction(5, 4), Fraction(0, 1), True)
    """
    weight = as_fraction(k)
    require_weight(float(weight))
    as_prices(prices, "prices")
    for law, agent in zip(laws_of(trade), trade.agents, strict=True):
        if not isinstance(law, Finite) or not agent.types.is_finite:
            raise UnsupportedProblemError(
                f"mixed equilibria are for finite types (got {agent.types!r} of the {agent.name}). "
                "Cut it into finite types with at_means()."
            )
    grid = _as_types(trade, np.asarray(prices).tolist())
    program = _Program(trade, grid, weight)
    if len(program.moves) > max_choices:
        raise TooLargeError(
            f"{len(program.moves)} choices of a type and an offer are too many for all equilibria "
            f"on a grid (at most {max_choices}). Take fewer types, or fewer prices where they are "
            "chosen; grid_equilibrium finds some of them."
        )
    values, bound = program.solved(pure=pure, time_limit=time_limit)
    near = 2 * TOLERANCE * float(program.width)
    best: MixedOffers | None = None
    proved = False
    for largest in DENOMINATORS:
        asks, bids = program.read(values, largest)
        found = MixedOffers(trade, weight, grid, asks, bids, only_pure=pure)
        # Some that are rounded more are equilibria too, and bring less.
        if best is None or (found.regret, -found.total) < (best.regret, -best.total):
            best = found
        # What an equilibrium brings refutes a bound below it.
        at_most = None if bound is None or float(best.total) > bound else bound
        proved = not best.regret and at_most is not None and at_most - float(best.total) <= near
        if proved:
            break
    assert best is not None
    kind = ("pure" if pure else "mixed") + " equilibrium" + ("" if proved else " found")
    name = f"the best {kind} on {len(grid)} prices, k = {float(weight):.9g}"
    return replace(best, name=name, at_most=at_most)


class _Program:
    """All equilibria as a program in whole numbers.

    Its money is in widths of all types, from the lowest on: what the solver neglects does not
    depend on the unit. Its variables are the value of each type, then of each type and offer how
    likely it is made, and whether it may be; no offer is one, too.
    """

    def __init__(self, trade: Environment, prices: Numbers, k: Fraction) -> None:
        types, self.masses = _numbers(trade, "mean"), _numbers(trade, "mass")
        start = min(map(min, types))
        self.width = max(map(max, types)) - start or Fraction(1)
        costs, values, self.prices = (
            tuple((x - start) / self.width for x in numbers) for numbers in (*types, prices)
        )
        self.sides, self.k = (costs, values), k
        self.moves: list[tuple[int, int, int | None]] = [
            (side, i, a)
            for side in (0, 1)
            for i, own in enumerate(self.sides[side])
            for a in (
                None,
                *(a for a, p in enumerate(self.prices) if (own - p if side else p - own) >= 0),
            )
        ]
        self.names = [(side, i) for side in (0, 1) for i in range(len(self.sides[side]))]

    def solved(self, *, pure: bool, time_limit: float) -> tuple[list[float], float | None]:
        """Return the probabilities of all moves, and a bound in money, None if there is none."""
        from scipy import optimize, sparse

        milp: Any = optimize.milp
        bounds_of: Any = optimize.Bounds
        places = {name: n for n, name in enumerate(self.names)}
        size, first = len(self.moves), len(self.names)
        rows, low, high = [], [], []

        def add(terms: dict[int, float], least: float, most: float) -> None:
            row = np.zeros(first + 2 * size)
            for place, value in terms.items():
                row[place] = value
            rows.append(row)
            low.append(least)
            high.append(most)

        most = [self._most(side, i) for side, i in self.names]
        for n, (side, i, a) in enumerate(self.moves):
            # What the type's value is above what this move earns.
            slack = {places[side, i]: 1.0} | self._earned(first, side, i, a)
            limit = most[places[side, i]]
            add(slack, 0.0, np.inf)
            add(slack | {first + size + n: limit}, -np.inf, limit)
            add({first + n: 1.0, first + size + n: -1.0}, 0.0 if pure else -np.inf, 0.0)
        for name in self.names:
            own = [n for n, move in enumerate(self.moves) if move[:2] == name]
            add({first + n: 1.0 for n in own}, 1.0, 1.0)
        gains = np.zeros(first + 2 * size)
        gains[:first] = [float(self.masses[side][i]) for side, i in self.names]
        whole = np.zeros(first + 2 * size)
        whole[first + size :] = 1.0
        upper = np.concatenate([most, np.ones(2 * size)])
        matrix = sparse.csr_array(np.array(rows))

        def run(lower: npt.ArrayLike, above: npt.ArrayLike, kinds: npt.ArrayLike) -> Any:
            return milp(
                -gains, constraints=optimize.LinearConstraint(matrix, low, high),
                bounds=bounds_of(lower, above), integrality=kinds,
                options={"time_limit": time_limit, "mip_rel_gap": TIGHT},
            )  # fmt: skip

        found = run(np.zeros(first + 2 * size), upper, whole)
        if found.x is None:
            raise UnsupportedProblemError(
                f"no equilibrium on {len(self.prices)} prices was found in {time_limit:g} seconds "
                f"(status {found.status}: {found.message}). Take fewer prices, or a later time "
                "limit."
            )
        # With the moves fixed that may be made, a linear program has a corner of small numbers.
        lower, above = np.zeros(first + 2 * size), upper.copy()
        lower[first + size :] = above[first + size :] = np.round(found.x[first + size :])
        exact = run(lower, above, np.zeros(first + 2 * size))
        values = found.x if exact.x is None else exact.x
        return values[first : first + size].tolist(), self._bound(found)

    def _bound(self, found: Any) -> float | None:
        """Return what the solver claims, widened, in money; what all pairs gain if that is less."""
        if found.status not in {0, 1} or found.mip_dual_bound is None:
            return None
        most = sum(
            (self.masses[0][i] * self.masses[1][j] * max(value - cost, Fraction(0))
             for i, cost in enumerate(self.sides[0]) for j, value in enumerate(self.sides[1])),
            Fraction(0),
        ) * self.width  # fmt: skip
        claimed = float(-found.mip_dual_bound + TOLERANCE) * float(self.width)
        return None if np.isnan(claimed) else min(claimed, float(most))

    def _most(self, side: int, i: int) -> float:
        """Return what a type gains at most: no price is better than the others' best type."""
        own, others = self.sides[side][i], self.sides[1 - side]
        best = max(self.prices[0], min(others)) if side else min(self.prices[-1], max(others))
        return max(float(own - best if side else best - own), 0.0)

    def _earned(self, first: int, side: int, i: int, a: int | None) -> dict[int, float]:
        """Return minus what a move earns, as terms in the probabilities of the others' moves."""
        if a is None:
            return {}
        offer, own, terms = self.prices[a], self.sides[side][i], {}
        for n, (other, j, b) in enumerate(self.moves):
            if other == side or b is None:
                continue
            bid, ask = (offer, self.prices[b]) if side else (self.prices[b], offer)
            if bid >= ask:
                paid = self.k * bid + (1 - self.k) * ask
                gain = self.masses[other][j] * (own - paid if side else paid - own)
                terms[first + n] = -float(gain)
        return terms

    def read(self, values: list[float], largest: int) -> tuple[Any, Any]:
        """Return the probabilities of offers as fractions, by side, type and price."""
        found = []
        for side in (0, 1):
            rows = []
            for i in range(len(self.sides[side])):
                own = [(a, x) for (s, j, a), x in zip(self.moves, values, strict=True)
                       if (s, j) == (side, i)]  # fmt: skip
                parts = {a: Fraction(max(x, 0.0)).limit_denominator(largest) for a, x in own}
                top = max(own, key=lambda each: each[1])[0]
                parts[top] = 1 - sum((x for a, x in parts.items() if a != top), Fraction(0))
                rows.append([parts.get(a, Fraction(0)) for a in range(len(self.prices))])
            found.append(rows)
        return found[0], found[1]


def _numbers(trade: Environment, name: str) -> tuple[Numbers, Numbers]:
    cells = [agent.types.in_fractions() for agent in trade.agents]
    return tuple(getattr(cells[0], name)), tuple(getattr(cells[1], name))


def _as_types(trade: Environment, prices: list[Any]) -> Numbers:
    """Return prices as fractions; a float that is some type's is that type."""
    known = {float(own): own for side in _numbers(trade, "mean") for own in side}
    return tuple(
        known[price] if isinstance(price, float) and price in known else as_fraction(price)
        for price in prices
    )


def _upwards(number: float) -> str:
    """Return six digits of a number, not less than the decimal that it prints as."""
    return f"{float(Context(prec=6, rounding=ROUND_CEILING).create_decimal(repr(number))):.6g}"
