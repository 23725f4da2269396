"""Sealed offers of both sides at a price between them: the rules, and the linear equilibrium."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.given import is_real
from mechopt._util.rationals import as_fraction
from mechopt._util.rounding import power_of_ten
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError, UnsupportedProblemError
from mechopt.mechanism.mechanism import Mechanism
from mechopt.studies.by_cells import ByCells
from mechopt.studies.comparison_rows import ComparisonRow
from mechopt.studies.offer_curves import Asking, OfferCurve, Side, turned
from mechopt.studies.offers import at_means, cut_at, require_exchange, with_types
from mechopt.studies.regret import MAX_EXACT_PAIRS, Regret, exact_regret, regret_at_most
from mechopt.studies.sealed_by_cells import offers_by_cells
from mechopt.types.cells import curve_of
from mechopt.types.foreign import budget
from mechopt.types.prices.search import Traded
from mechopt.types.source import Source
from mechopt.types.sources.finite import Finite

# A type that gains more than this share of the width of the types by another offer is no
# equilibrium's.
TOLERANCE = 1e-6
# Cells are cut at the knots of curves of so few.
FEW_KNOTS = 64


@dataclass(frozen=True)
class Deviation:
    """The most that any type of an agent gains by deviating.

    Parameters
    ----------
    agent
        Whose type it is.
    type
        The type, in money.
    gain
        In money; zero if no type gains.
    """

    agent: str
    type: float
    gain: float

    def in_words(self, width: float) -> str:
        """Return a power of ten that no type gains more than, where types lie so far apart."""
        return f"no type gains more than {power_of_ten(self.gain, width)}"


@dataclass(frozen=True, eq=False)
class SealedOffers:
    """Sealed offers, and trade at ``k`` times the receiver's plus ``1 - k`` times the giver's.

    Both sides offer at the same time; they trade at once if the receiver's offer is at least the
    giver's. Nothing here depends on how the offers were found: what they bring, and what a type
    gains by deviating, come from the priors themselves.

    Parameters
    ----------
    trade
        Bilateral trade.
    k
        Weight of the receiver's offer in the price.
    giver, receiver
        Offers by type.
    name
        What they are.
    searched
        How many equilibria were looked at for this one.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt.institutions import linear_equilibrium
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> half = TypeSpace.from_distribution(stats.uniform(0, 1), 4)
    >>> offers = linear_equilibrium(BilateralTrade(half, half), 0.5)
    >>> round(offers.expected.total, 12), offers.deviation.gain < 1e-12
    (0.140625, True)
    """

    trade: Environment
    k: float
    giver: OfferCurve
    receiver: OfferCurve
    name: str
    searched: int = 1

    def __post_init__(self) -> None:
        require_weight(self.k)
        for law, agent in zip(self.laws, self.trade.agents, strict=True):
            if law.atoms.size and not isinstance(law, Finite):
                raise UnsupportedProblemError(
                    f"sealed offers are for finite types or densities (got {law.title} of the "
                    f"{agent.name}, which has both). Cut it into finite types."
                )

    @cached_property
    def laws(self) -> tuple[Source, Source]:
        """The two priors; means of cells where a sample's types within are not kept."""
        return laws_of(self.trade)

    @cached_property
    def sides(self) -> tuple[Side, Side]:
        """Both sides as such that ask; the receiver's with all signs turned."""
        laws, curves = self.laws, (self.giver, self.receiver)
        back = turned(laws[0]), turned(laws[1])
        return (
            Side(laws[0], curves[0], Asking(laws[1], curves[1], 1.0 - self.k)),
            Side(back[1], curves[1].mirrored(), Asking(back[0], curves[0].mirrored(), self.k)),
        )

    @cached_property
    def deviation(self) -> Deviation:
        """The largest gain from another offer, recomputed at more types and offers than knots.

        Offers that are steps have it exactly: between knots what a type gains is convex, and an
        offer in between is no better than one of the other side's.
        """
        with budget():
            found = [side.largest_gain() for side in self.sides]
        by = int(found[1][0] > found[0][0])
        gain, own = found[by]
        return Deviation(self.trade.agents[by].name, (own, -own)[by], gain)

    @cached_property
    def regret(self) -> Regret:
        """Between what numbers the largest gain from any other offer is proved to lie, in money.

        Of finite types it is one fraction. Of densities the lower end is :attr:`deviation`; the
        upper one holds for all types and offers, knots or not, up to the rounding of the
        distribution's functions. Source: :func:`mechopt.studies.regret.regret_at_most`.

        Examples
        --------
        >>> from scipy import stats
        >>> from mechopt import BilateralTrade, TypeSpace
        >>> half = TypeSpace.from_distribution(stats.uniform(0, 1), 4)
        >>> from mechopt.institutions import linear_equilibrium
        >>> regret = linear_equilibrium(BilateralTrade(half, half), 0.5).regret
        >>> regret.at_least < 1e-12, regret.at_most < 1e-4
        (True, True)
        """
        agents = [agent.types for agent in self.trade.agents]
        pairs = agents[0].num_cells * agents[1].num_cells
        if all(types.is_finite for types in agents) and pairs <= MAX_EXACT_PAIRS:
            cells = [types.in_fractions() for types in agents]
            weight = as_fraction(self.k)
            found = exact_regret(
                self.sides,
                (list(cells[0].mean), list(-cells[1].mean[::-1])),
                (list(cells[0].mass), list(cells[1].mass[::-1])),
                (1 - weight, weight),
            )
            return Regret(float(found), float(found), exact=True)
        with budget():
            most = max(regret_at_most(side) for side in self.sides)
        return Regret(self.deviation.gain, max(most, self.deviation.gain))

    @cached_property
    def expected(self) -> Traded:
        """What both sides gain in expectation, with an estimate of the error."""
        gains, errors, chances = [], [], []
        with budget():
            for side in self.sides:
                types, weights, asks, home = side.points()
                chance, payment = side.against.terms(asks)
                gain = payment - types * chance
                gains.append(float(weights @ gain))
                chances.append(float(weights @ chance))
                middle = gain[home == types] @ weights[home == types]
                whole = weights[home == types].sum() / max(weights.sum(), 1e-300)
                errors.append(0.0 if isinstance(side.law, Finite) or not whole else
                              abs(float(middle / whole) - gains[-1]))  # fmt: skip
        return Traded(gains[0], gains[1], chances[0], max(*errors, abs(chances[0] - chances[1])))

    @cached_property
    def by_cells(self) -> ByCells:
        """The direct mechanism of cells, and how far payoffs are from the equilibrium's.

        Raises
        ------
        UnsupportedProblemError
            For cells that are too coarse for a mechanism near the equilibrium.

        Examples
        --------
        >>> from scipy import stats
        >>> from mechopt import BilateralTrade, TypeSpace
        >>> half = TypeSpace.from_distribution(stats.uniform(0, 1), 20)
        >>> from mechopt.institutions import linear_equilibrium
        >>> found = linear_equilibrium(BilateralTrade(half, half)).by_cells
        >>> round(found.change, 5), found.is_average
        (0.00128, False)
        """
        spaces = [
            a.types if a.types.prior is not None else at_means(a.types) for a in self.trade.agents
        ]
        for i, curve in enumerate((self.giver, self.receiver)):
            if curve.types.size <= FEW_KNOTS:
                spaces[i] = cut_at(spaces[i], *np.unique(curve.types).tolist())
        environment = with_types(self.trade, *spaces)
        outcome = trade_at_once(environment)
        with budget():
            return offers_by_cells(
                environment,
                outcome,
                self.sides,
                equilibrium=self.deviation.gain <= TOLERANCE * self._width,
            )

    @property
    def mechanism(self) -> Mechanism:
        """The direct mechanism: chance of trade and payment of every pair of types, or of cells.

        Cells of a continuous prior are cut at the knots where there are few, so that steps are a
        mechanism of the cells, too. Where offers tell types of a cell apart, trade is an average
        over them. Payments on average are not incentive compatible then, as a mechanism of cells
        treats their types alike: others take their place that are, and a few cells play as their
        least or most eager types would, so that the budget balances. :attr:`by_cells` says
        by how much any type's payoff changes, which falls as cells get finer. Offers that are no
        equilibrium have the payments on average, and an audit finds what types gain.

        Raises
        ------
        UnsupportedProblemError
            As :attr:`by_cells`.
        """
        return self.by_cells.mechanism

    @property
    def _width(self) -> float:
        return max(law.high for law in self.laws) - min(law.low for law in self.laws)

    def row(self) -> ComparisonRow:
        """Return the row of a comparison, which passes unless a type gains by deviating."""
        brings, worst, names = self.expected, self.deviation, [a.name for a in self.trade.agents]
        width = self._width
        gain = worst.gain / width if width else 0.0
        many = f"; the best of {self.searched} looked at" if self.searched > 1 else ""
        return ComparisonRow(
            self.name,
            brings.total,
            dict(zip(names, (brings.giver, brings.receiver), strict=True)),
            dict.fromkeys(names, brings.chance),
            remark=f"{worst.in_words(width)} by another offer{many}",
            max_violation=gain,
            passed=gain <= TOLERANCE,
            error=brings.error,
        )


def laws_of(trade: Environment) -> tuple[Source, Source]:
    """Return the priors of bilateral trade; means of cells where there is no prior.

    Raises
    ------
    InvalidInputError
        For another environment.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> laws_of(BilateralTrade(TypeSpace.finite([0, 1]), TypeSpace.finite([2])))[1].low
    2.0
    """
    require_exchange(trade)
    giver, receiver = (curve_of(agent.types) for agent in trade.agents)
    return giver, receiver


def linear_equilibrium(trade: Environment, k: float = 0.5) -> SealedOffers:
    """Return the linear equilibrium of sealed offers for any two uniform priors.

    Parameters
    ----------
    trade
        Bilateral trade whose priors are uniform, on any two intervals.
    k
        Weight of the receiver's offer in the price, from 0 (the giver names it) to 1.

    Returns
    -------
    SealedOffers
        Offers of types that cannot trade are left out. If the lowest value is so high that every
        giver meets it, or the highest cost so low, types beyond make one offer; if all pairs gain
        and one price suits them all, it is one price.

    Raises
    ------
    InvalidInputError
        For a weight outside [0, 1] and another environment.
    UnsupportedProblemError
        For other priors.

    Notes
    -----
    ``S(s) = a + s/(2-k)`` and ``B(b) = c + b/(1+k)``, where with s0 the lowest cost and b1 the
    highest value ``(1+k)(2-k) a = (1-k)(b1 + (1+k) c)`` and ``(1+k)(2-k) c = k(s0 + (2-k) a)``.
    They meet at the prices between S(s0) or B of the lowest value, whichever is more, and B(b1) or
    S of the highest cost, whichever is less. Source: Chatterjee and Samuelson (1983),
    doi:10.1287/opre.31.5.835.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> cost = TypeSpace.from_distribution(stats.uniform(0, 1), 4)
    >>> value = TypeSpace.from_distribution(stats.uniform(2, 1), 4)
    >>> offers = linear_equilibrium(BilateralTrade(cost, value))  # one price: efficient
    >>> round(offers.expected.total, 12), offers.giver.offers
    (2.0, array([1.5, 1.5]))
    """
    require_weight(k)
    laws = laws_of(trade)
    if any(law.uniform_on is None for law in laws):
        raise UnsupportedProblemError(
            "the linear equilibrium is for two uniform priors (got "
            f"{' and '.join(law.title for law in laws)}). Take smooth_equilibrium for "
            "other densities, and grid_equilibrium for finite types."
        )
    (s0, s1), (b0, b1) = (law.support for law in laws)
    d = (1.0 + k) * (2.0 - k)
    # The two equations of the notes; their determinant is 2 (1+k) (2-k).
    a = (1.0 - k) * (d * b1 + (1.0 + k) * k * s0) / (2.0 * d)
    c = k * (d * s0 + (2.0 - k) * (1.0 - k) * b1) / (2.0 * d)
    lows = a + s0 / (2.0 - k), c + b0 / (1.0 + k)
    highs = c + b1 / (1.0 + k), a + s1 / (2.0 - k)
    low, high = max(lows), min(highs)
    name = f"linear offers, k = {k:.9g}"
    if b1 <= s0:
        none = OfferCurve(np.zeros(0), np.zeros(0))
        return SealedOffers(trade, k, none, none, name)
    if low >= high:
        return one_price(trade, 0.5 * (low + high), k, name)
    # An end of a prior stays what it is, where rounding would leave its last type out.
    own = [s0 if low == lows[0] else (2.0 - k) * (low - a),
           s1 if high == highs[1] else (2.0 - k) * (high - a)]  # fmt: skip
    other = [b0 if low == lows[1] else (1.0 + k) * (low - c),
             b1 if high == highs[0] else (1.0 + k) * (high - c)]  # fmt: skip
    giver = _curve([s0, *own], [low, low, high])
    return SealedOffers(trade, k, giver, _curve([*other, b1], [low, high, high]), name)


def one_price(
    trade: Environment, price: float, k: float = 0.5, name: str = "one price"
) -> SealedOffers:
    """Return the equilibrium in which whoever wants to trade at a price offers it.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([0, 1])
    >>> offers = one_price(BilateralTrade(types, types), 0.5)
    >>> offers.expected.total, offers.deviation.gain
    (0.25, 0.0)
    """
    laws = laws_of(trade)
    return SealedOffers(
        trade,
        k,
        _curve([min(laws[0].low, price), price], [price, price]),
        _curve([price, max(laws[1].high, price)], [price, price]),
        name,
    )


def _curve(types: list[float], offers: list[float]) -> OfferCurve:
    return OfferCurve(np.array(types), np.array(offers))


def require_weight(k: float) -> None:
    """Raise InvalidInputError unless a number is the weight of an offer in the price.

    Examples
    --------
    >>> require_weight(0.5)
    """
    if not (is_real(k) and 0.0 <= k <= 1.0):
        raise InvalidInputError(
            "not the weight of an offer",
            where="k",
            expected="a number from 0 to 1",
            got=repr(k),
            remedy="1/2 is the price halfway.",
        )


def trade_at_once(trade: Environment) -> FloatArray:
    """Return the outcome in which the object goes from the first agent to the second for sure.

    Raises
    ------
    InvalidInputError
        If there is none: for another number of agents, a good that has no owner, and the like.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([0, 1])
    >>> trade_at_once(BilateralTrade(types, types))
    array([1.])
    """
    outcomes = trade.outcomes
    if len(trade.agents) == 2 and not outcomes.cost.any():
        for corner in outcomes.vertices:
            if np.array_equal(outcomes.net_quantity @ corner, [-1.0, 1.0]):
                return np.asarray(corner, dtype=np.float64)
    raise InvalidInputError(
        "no trade between two sides",
        where="trade",
        expected="an outcome in which one agent gives the object up and the other gets it",
        got=f"{type(outcomes).__name__} with {len(trade.agents)} agents",
        remedy="Pass a BilateralTrade.",
    )
