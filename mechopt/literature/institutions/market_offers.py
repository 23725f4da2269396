"""Sealed offers of many traders, who all trade at one price between offers: what they bring."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.environments import Environment
from mechopt.environments.market import TwoSides
from mechopt.errors import InvalidInputError, UnsupportedProblemError, require
from mechopt.mechanism.allocation import PointwiseRule
from mechopt.mechanism.mechanism import Mechanism
from mechopt.studies.by_cells import ByCells, balancing, changed_most, nearest_payments
from mechopt.studies.comparison_rows import ComparisonRow
from mechopt.studies.offer_curves import BLOCK, EVENLY, PARTS, OfferCurve
from mechopt.studies.sealed_offers import TOLERANCE, Deviation, require_weight
from mechopt.types import TypeSpace
from mechopt.types.cells import cells_between
from mechopt.types.foreign import budget
from mechopt.types.quadrature import gauss
from mechopt.types.source import Source

Payments = tuple[FloatArray, ...]

# Offers and types closer than this, relative to the width of the types, are one.
CLOSE = 1e-13


@dataclass(frozen=True, eq=False)
class MarketOffers:
    """Offers of many sellers and buyers, and trade at a price at which as many sell as buy.

    All offers are sorted; with n buyers, the price is ``1 - k`` times the n-th from below plus
    ``k`` times the next one. Buyers who bid more trade at it, and sellers who ask less. Nothing
    here depends on how the offers were found: it comes from the priors and the laws of how many of
    the others offer less.

    Parameters
    ----------
    market
        What :func:`mechopt.Market` returned, with one continuous prior on each side.
    k
        Weight of the higher of the two offers in the price, from 0 to 1.
    asks, bids
        Knots of a seller's and of a buyer's; between them offers are monotone cubics. Sellers above
        the last knot, and buyers below the first, make no offer.
    name
        What they are.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt.institutions import OfferCurve
    >>> from mechopt import Market, TypeSpace
    >>> half = TypeSpace.from_distribution(stats.uniform(0, 1), 4)
    >>> truth = OfferCurve([0, 1], [0, 1])
    >>> offers = MarketOffers(Market(half, half), 0.5, truth, truth, "truth")
    >>> round(offers.total, 9), round(offers.deviation.gain, 6)  # 1/6, 1/12
    (0.166666667, 0.083333)
    """

    market: Environment
    k: float
    asks: OfferCurve
    bids: OfferCurve
    name: str

    def __post_init__(self) -> None:
        require_weight(self.k)

    @cached_property
    def laws(self) -> tuple[Source, Source]:
        """The priors of a seller and of a buyer."""
        return market_laws(self.market)

    @property
    def numbers(self) -> tuple[int, int]:
        """How many sellers and buyers there are."""
        return market_numbers(self.market)

    @property
    def width(self) -> float:
        """From the lowest cost or value to the highest, in money."""
        return max(law.high for law in self.laws) - min(law.low for law in self.laws)

    @cached_property
    def _lines(self) -> tuple[tuple[Any, Any], ...]:
        """From types to offers, and back, of either side."""
        from scipy.interpolate import PchipInterpolator

        found = []
        for side, curve in enumerate((self.asks, self.bids)):
            types, offers, close = curve.types, curve.offers, CLOSE * self.width
            new = np.diff(types, prepend=-np.inf) > close
            # Of sellers who ask the same the last type counts, and of buyers the first.
            apart = (np.diff(offers, prepend=-np.inf) if side else
                     np.diff(offers, append=np.inf)) > close  # fmt: skip
            apart &= new
            back = PchipInterpolator(offers[apart], types[apart]) if apart.sum() > 1 else None
            found.append((PchipInterpolator(types[new], offers[new]), back))
        return tuple(found)

    def below(self, side: int, offers: FloatArray) -> FloatArray:
        """Return the probability that one seller (0) or buyer (1) offers less than each offer.

        A buyer who makes no offer counts as below all of them, and a seller as above.
        """
        curve, law = (self.asks, self.bids)[side], self.laws[side]
        first, last = curve.offers[0], curve.offers[-1]
        types = np.full(np.shape(offers), curve.types[0])
        if (back := self._lines[side][1]) is not None:
            types = np.asarray(back(np.clip(offers, first, last)))
        types = np.where(offers < first, curve.types[0] if side else law.low, types)
        beyond = offers > last if side else offers >= last
        types = np.where(beyond, law.high if side else curve.types[-1], types)
        return np.asarray(law.below(np.clip(types, law.low, law.high)))

    def _chances(self, side: int, offers: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the chance that each offer trades, and that it is the last on its side to do so.

        The last moves the price; its share in the price is ``k`` if it is a bid.
        """
        sellers, buyers = self.numbers
        x, y = self.below(0, offers), self.below(1, offers)
        others = _counts(sellers - (not side), x), _counts(buyers - side, y)
        # How many of the others offer less, from none to all.
        number = np.zeros((sellers + buyers, *np.shape(offers)))
        for i, chance in enumerate(others[0]):
            number[i : i + len(others[1])] += chance * others[1]
        if side:
            return number[buyers:].sum(axis=0), number[buyers]
        return number[:buyers].sum(axis=0), number[buyers - 1]

    def _slope(self, side: int, offers: FloatArray) -> FloatArray:
        """Return how what is paid at an offer falls short of the offer, per unit of the offer."""
        trades, last = self._chances(side, offers)
        return trades - (self.k if side else 1.0 - self.k) * last

    @cached_property
    def _tried(self) -> FloatArray:
        """Offers that are tried: knots of both sides, places between, and others evenly."""
        low, high = min(law.low for law in self.laws), max(law.high for law in self.laws)
        made = [curve.refined(PARTS)[1] for curve in (self.asks, self.bids)]
        found = np.unique(np.concatenate([*made, np.linspace(low, high, EVENLY)]))
        return found[np.diff(found, prepend=-np.inf) > CLOSE * self.width]

    @cached_property
    def _sums(self) -> tuple[FloatArray, FloatArray]:
        """Integrals of slopes from each offer tried to the highest, and from the lowest to each."""
        tried = self._tried
        parts = [gauss(partial(self._slope, side), tried[:-1], tried[1:]) for side in (0, 1)]
        return (
            np.append(np.cumsum(parts[0][::-1])[::-1], 0.0),
            np.append(0.0, np.cumsum(parts[1])),
        )

    def terms(self, side: int, offers: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the chance of trade, and what is expected to change hands, at each offer.

        Offers of infinite size are none.
        """
        tried, made = self._tried, np.isfinite(offers)
        at = np.clip(np.where(made, offers, tried[0]), tried[0], tried[-1])
        before = np.clip(np.searchsorted(tried, at, side="right") - 1, 0, tried.size - 2)
        part = gauss(partial(self._slope, side), tried[before], at)
        sums = -self._sums[1][before] - part if side else self._sums[0][before] - part
        chance = self._chances(side, at)[0]
        return np.where(made, chance, 0.0), np.where(made, at * chance + sums, 0.0)

    def offer_of(self, side: int, types: FloatArray) -> FloatArray:
        """Return the offer of each type; infinite where it makes none."""
        curve = (self.asks, self.bids)[side]
        within = np.clip(types, curve.types[0], curve.types[-1])
        offers = np.clip(self._lines[side][0](within), curve.offers[0], curve.offers[-1])
        if side:
            return np.where(types >= curve.types[0], offers, -np.inf)
        return np.where(types <= curve.types[-1], offers, np.inf)

    def utility_of(self, side: int, types: FloatArray) -> FloatArray:
        """Return what each type of a seller (0) or buyer (1) gains in expectation, in money."""
        chance, money = self.terms(side, self.offer_of(side, types))
        return types * chance - money if side else money - types * chance

    @cached_property
    def deviation(self) -> Deviation:
        """The largest gain from another offer, over more types and offers than there are knots."""
        worst = Deviation(self.market.agents[0].name, self.laws[0].low, 0.0)
        with budget():
            for side in (0, 1):
                law, curve, sign = self.laws[side], (self.asks, self.bids)[side], 2 * side - 1
                types = np.append(curve.refined(PARTS)[0], np.linspace(law.low, law.high, EVENLY))
                types = np.unique(np.clip(types, law.low, law.high))
                own = self.utility_of(side, types)
                chance = self._chances(side, self._tried)[0]
                money = self._tried * chance - sign * self._sums[side]
                size = max(BLOCK // self._tried.size, 1)
                for start in range(0, types.size, size):
                    rows = slice(start, start + size)
                    best = (sign * (types[rows, None] * chance - money)).max(axis=1, initial=0.0)
                    gain = best - own[rows]
                    at = int(gain.argmax())
                    if gain[at] > worst.gain:
                        agent = self.market.agents[side * self.numbers[0]]
                        worst = Deviation(agent.name, float(types[start + at]), float(gain[at]))
        return worst

    @cached_property
    def _expected(self) -> FloatArray:
        """Chance of trade, and what changes hands and is worth, by side, (3, 2)."""
        found = np.zeros((3, 2))
        with budget():
            for side, (law, curve) in enumerate(
                zip(self.laws, (self.asks, self.bids), strict=True)
            ):
                edges = np.concatenate([np.linspace(law.low, law.high, EVENLY), curve.types])
                edges = np.unique(np.clip(np.append(edges, law.marks), law.low, law.high))
                apart = np.diff(edges, prepend=-np.inf) > CLOSE * (law.high - law.low)
                cells = cells_between(law, np.unique(np.append(edges[apart], law.high)))
                for types, weights in _points(cells):
                    chance, money = self.terms(side, self._offer_within(side, types, cells.mean))
                    found[:, side] += [
                        weights @ chance,
                        weights @ money,
                        weights @ (types * chance),
                    ]
        return found

    def _offer_within(self, side: int, types: FloatArray, means: FloatArray) -> FloatArray:
        """Return offers of a cell's types, which are made if its mean makes one."""
        curve = (self.asks, self.bids)[side]
        made = np.isfinite(self.offer_of(side, means))
        offers = self.offer_of(side, np.clip(types, curve.types[0], curve.types[-1]))
        return np.where(made, offers, np.inf)

    @property
    def utilities(self) -> dict[str, float]:
        """Trader name to expected utility, in money."""
        _, money, worth = self._expected
        each = np.repeat([money[0] - worth[0], worth[1] - money[1]], self.numbers)
        return dict(zip([a.name for a in self.market.agents], each.tolist(), strict=True))

    @property
    def total(self) -> float:
        """Expected gains of all, in money."""
        return float(sum(self.utilities.values()))

    @property
    def chances(self) -> tuple[float, float]:
        """Probability that a seller, and that a buyer, trades."""
        return float(self._expected[0, 0]), float(self._expected[0, 1])

    @property
    def error(self) -> float:
        """How far the total may be off: what the two sides disagree about, in money."""
        sides = self._expected * self.numbers
        units, money, _ = abs(sides[:, 0] - sides[:, 1])
        return float(units) * self.width + float(money)

    @cached_property
    def by_cells(self) -> ByCells:
        """The direct mechanism over cells, and how far payoffs are from the equilibrium's.

        Raises
        ------
        UnsupportedProblemError
            For cells that are too coarse for a mechanism near the equilibrium.
        """
        market, equilibrium = self.market, self.deviation.gain <= TOLERANCE * self.width
        kinds = [[agent.types for agent in market.agents]] * 3
        sides = [int(i >= self.numbers[0]) for i in range(len(market.agents))]
        # All cells as their mean types, as the least eager ones, and as the most eager ones.
        made = [
            tuple(self._sorted_offer(side, own) for side, own in zip(sides, types, strict=True))
            for types in (
                [types.mean for types in kinds[0]],
                [(t.upper, t.lower)[side] for side, t in zip(sides, kinds[1], strict=True)],
                [(t.lower, t.upper)[side] for side, t in zip(sides, kinds[2], strict=True)],
            )
        ]

        def payoff(place: int, own: FloatArray) -> FloatArray:
            return self.utility_of(sides[place], own)

        def by_cells(rule: PointwiseRule, paid: Payments, weight: float) -> ByCells:
            mechanism = Mechanism(market, rule, paid)
            found = changed_most(market, mechanism.quantity, mechanism.payment, payoff)
            return ByCells(mechanism, *found, weight, not equilibrium)

        with budget():
            if not equilibrium:
                rule = PointwiseRule((made[0],), (1.0,))
                return by_cells(rule, self._average_payments(rule), 0.0)
            rules = [PointwiseRule((offers,), (1.0,)) for offers in made]
            paid = [self._payments(rule) for rule in rules]
            sums = [
                sum(float(mass @ one) for mass, one in zip(market.masses, each, strict=True))
                for each in paid
            ]
            place, weight = balancing(sums, market.first_best)
            if weight == 0.0:
                return by_cells(rules[0], paid[0], 0.0)
            mixed = tuple(
                (1.0 - weight) * one + weight * other
                for one, other in zip(paid[0], paid[place], strict=True)
            )
            both = PointwiseRule((made[0], made[place]), (1.0 - weight, weight))
            return by_cells(both, mixed, weight)

    @property
    def mechanism(self) -> Mechanism:
        """The direct mechanism over cells: each offers what its mean type does.

        Payments are those that incentives over cells leave then. So that the budget balances,
        cells offer with some probability what their least or most eager types do. Of equal offers
        on a side those of traders who come first trade. :attr:`by_cells` says by how much any
        type's payoff changes, of the order of a cell's width. Of offers that
        are no equilibrium utilities are averages over the types of a cell, and an audit finds what
        types gain.

        Raises
        ------
        UnsupportedProblemError
            As :attr:`by_cells`.
        """
        return self.by_cells.mechanism

    def _sorted_offer(self, side: int, types: FloatArray) -> FloatArray:
        """Return the offers of types, beyond all others for who makes none."""
        offer, ends = self.offer_of(side, types), self._tried[[0, -1]]
        beyond = ends[0] - 1.0 if side else ends[1] + 1.0
        return np.where(np.isfinite(offer), np.clip(offer, *ends), beyond)

    def _payments(self, rule: PointwiseRule) -> Payments:
        """Return what incentives leave, with the equilibrium's payoffs of the worst-off types."""
        found = []
        quantities = rule.interim_quantities(self.market)
        for i, (agent, quantity) in enumerate(zip(self.market.agents, quantities, strict=True)):
            types, side = agent.types, int(i >= self.numbers[0])
            worst = types.lower[:1] if side else types.upper[-1:]
            # Of an equilibrium, what the worst-off type loses is rounding.
            payoff = max(float(self.utility_of(side, worst)[0]), 0.0)
            name = ("highest", "lowest")[side]
            wanted = types.mean * quantity
            found.append(nearest_payments(types, quantity, wanted, payoff, worst=name))
        return tuple(found)

    def _average_payments(self, rule: PointwiseRule) -> Payments:
        """Return payments that leave cells with what their types gain on average."""
        found = []
        quantities = rule.interim_quantities(self.market)
        for i, (agent, quantity) in enumerate(zip(self.market.agents, quantities, strict=True)):
            side = int(i >= self.numbers[0])
            whole = sum(w * self.utility_of(side, t) for t, w in _points(agent.types))
            found.append(agent.types.mean * quantity - whole / agent.types.mass)
        return tuple(found)

    def row(self) -> ComparisonRow:
        """Return the row of a comparison, which passes unless a type gains by deviating."""
        gain = self.deviation.gain / self.width
        names = [agent.name for agent in self.market.agents]
        chances = np.repeat(self.chances, self.numbers).tolist()
        return ComparisonRow(
            self.name,
            self.total,
            self.utilities,
            dict(zip(names, chances, strict=True)),
            remark=f"{self.deviation.in_words(self.width)} by another offer",
            max_violation=gain,
            passed=gain <= TOLERANCE,
            error=self.error,
            profit=0.0,
        )


def truthful_offers(market: Environment) -> MarketOffers:
    """Return what offers of all types as they are would bring: the first best of the continuum.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import Market, TypeSpace
    >>> half = TypeSpace.from_distribution(stats.uniform(0, 1), 4)
    >>> round(truthful_offers(Market(half, half, 2, 2)).total, 9)  # 2/5
    0.4
    """
    curves = []
    for law in market_laws(market):
        types = np.linspace(law.low, law.high, EVENLY)
        curves.append(OfferCurve(types, types))
    return MarketOffers(market, 0.5, curves[0], curves[1], "truth")


def market_numbers(market: Environment) -> tuple[int, int]:
    """Return how many sellers and buyers a market has.

    Raises
    ------
    InvalidInputError
        For another environment.

    Examples
    --------
    >>> from mechopt import Market
    >>> market_numbers(Market(TypeSpace.finite([0]), TypeSpace.finite([1]), 2, 3))
    (2, 3)
    """
    require(market, Environment, where="market", remedy="Pass a Market.")
    outcomes = market.outcomes
    if not isinstance(outcomes, TwoSides):
        raise InvalidInputError(
            "not a market",
            where="market",
            expected="what Market(...) returned",
            got=type(outcomes).__name__,
            remedy="Pass a Market.",
        )
    return outcomes.num_sellers, outcomes.num_buyers


def market_laws(market: Environment) -> tuple[Source, Source]:
    """Return the one prior of all sellers, and that of all buyers.

    Raises
    ------
    InvalidInputError
        For another environment.
    UnsupportedProblemError
        For traders of a side who differ, and priors without densities.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import Market
    >>> half = TypeSpace.from_distribution(stats.uniform(0, 1), 4)
    >>> market_laws(Market(half, half, 2, 2))[0].support
    (0.0, 1.0)
    """
    sellers, _ = market_numbers(market)
    market.require_independent("equilibrium offers")
    laws = []
    for agents in (market.agents[:sellers], market.agents[sellers:]):
        found = [agent.types.prior for agent in agents]
        law = found[0]
        if law is None or not law.is_smooth or any(other != law for other in found):
            raise UnsupportedProblemError(
                "equilibrium offers in a market are for one prior with a density on each side (got "
                f"{', '.join(repr(a.types) for a in agents)}). known_mechanisms.trade_reduction is "
                "for any."
            )
        laws.append(law)
    return laws[0], laws[1]


def _counts(number: int, chance: FloatArray) -> FloatArray:
    """Return how likely it is that so many of a number offer less, from none to all."""
    counts = np.zeros((number + 1, *np.shape(chance)))
    counts[0] = 1.0
    # One trader after another; what is likely stays so, with many of them, too.
    for many in range(1, number + 1):
        before = counts[: many + 1].copy()
        counts[: many + 1] = before * (1.0 - chance)
        counts[1 : many + 1] += before[:many] * chance
    return counts


def _points(cells: TypeSpace) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Yield types and weights that average over cells as parabolas do."""
    share = cells.mean_share
    yield cells.lower, cells.mass * (1.0 - share) / 3.0
    yield cells.mean, cells.mass * 2.0 / 3.0
    yield cells.upper, cells.mass * share / 3.0
