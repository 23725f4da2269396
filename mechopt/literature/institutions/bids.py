"""Sealed bids for one good in equilibrium: first price, all-pay, second price; with a reserve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Literal

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.environments import Environment
from mechopt.environments.auction import IdenticalGoods
from mechopt.errors import InvalidInputError, UnsupportedProblemError, require
from mechopt.literature.institutions.bids_by_cells import mechanism_of_bids
from mechopt.literature.institutions.bids_unlike import all_pay_bids, first_price_bids
from mechopt.mechanism.mechanism import Mechanism
from mechopt.studies.comparison_rows import ComparisonRow
from mechopt.studies.offer_curves import BLOCK, EVENLY, PARTS, OfferCurve
from mechopt.studies.sealed_offers import TOLERANCE, Deviation
from mechopt.types.cells import cells_between
from mechopt.types.foreign import budget
from mechopt.types.quadrature import Pieces, edges_between, gauss, integrate
from mechopt.types.source import Source

Line = Callable[[FloatArray], FloatArray]
Rule = Literal["first price", "all-pay", "second price"]

NUM_KNOTS = 1_500


@dataclass(frozen=True, eq=False)
class SealedBids:
    """Bids by type for one good, which the highest bid of at least a reserve gets.

    Parameters
    ----------
    auction
        What :func:`mechopt.Auction` returned, for one unit and continuous priors.
    rule
        The winner pays its bid, all pay their bids, or the winner pays the second bid or the
        reserve.
    bids
        Knots of each bidder's; between them bids are monotone cubics, and types below the first
        make none.
    reserve
        The least bid that counts, in money.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import Auction, TypeSpace
    >>> half = TypeSpace.from_distribution(stats.uniform(0, 1), 4)
    >>> bids = first_price_equilibrium(Auction(half, count=2))  # half of the value
    >>> round(bids.revenue, 9), bids.deviation.gain < 1e-9
    (0.333333333, True)
    """

    auction: Environment
    rule: Rule
    bids: tuple[OfferCurve, ...]
    reserve: float

    @cached_property
    def laws(self) -> tuple[Source, ...]:
        """The priors of the bidders."""
        return _laws(self.auction)

    @cached_property
    def _lines(self) -> tuple[tuple[Line, Line], ...]:
        """From types to bids, and back, of each bidder."""
        from scipy.interpolate import PchipInterpolator

        found = []
        for curve in self.bids:
            apart = (np.diff(curve.types, prepend=-np.inf) > 0) & (
                np.diff(curve.offers, prepend=-np.inf) > 0
            )
            types, bids = curve.types[apart], curve.offers[apart]
            found.append((PchipInterpolator(types, bids), PchipInterpolator(bids, types)))
        return tuple(found)

    def win(self, bidder: int, bids: FloatArray) -> FloatArray:
        """Return the probability that a bidder wins with each bid, bids below the reserve apart."""
        found = np.ones(np.shape(bids))
        for j, (law, curve) in enumerate(zip(self.laws, self.bids, strict=True)):
            if j != bidder:
                within = np.clip(bids, curve.offers[0], curve.offers[-1])
                found = found * law.below(np.asarray(self._lines[j][1](within)))
        return found

    @cached_property
    def _areas(self) -> tuple[Pieces, ...]:
        """Integrals of each bidder's probability to win, from the reserve on."""
        top = max(float(curve.offers[-1]) for curve in self.bids)
        marks = [law.marks for law in self.laws]
        edges = edges_between(self.reserve, top, *marks, np.linspace(self.reserve, top, EVENLY))
        return tuple(integrate(partial(self.win, i), edges) for i in range(len(self.laws)))

    def terms(self, bidder: int, bids: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the probability to win, and the expected payment, of each bid of a bidder.

        A bid of minus infinity is none.
        """
        made = np.isfinite(bids)
        at = np.where(made, bids, self.reserve)
        win = np.where(made, self.win(bidder, at), 0.0)
        if self.rule == "first price":
            return win, at * win
        if self.rule == "all-pay":
            return win, np.where(made, at, 0.0)
        area = self._areas[bidder]
        before = np.clip(np.searchsorted(area.edges, at, side="right") - 1, 0, area.values.size)
        below = area.from_left[before] + gauss(partial(self.win, bidder), area.edges[before], at)
        return win, at * win - np.where(made, below, 0.0)

    def bid_of(self, bidder: int, types: FloatArray) -> FloatArray:
        """Return the bid of each type, minus infinity where it makes none."""
        curve = self.bids[bidder]
        made = np.asarray(self._lines[bidder][0](np.clip(types, curve.types[0], curve.types[-1])))
        return np.where(types >= curve.types[0], made, -np.inf)

    @cached_property
    def mechanism(self) -> Mechanism:
        """The direct mechanism of cells, which are cut at the lowest type that bids.

        Who wins and what is paid are averages over cells, of which all types bid differently:
        incentives over cells hold up to terms of the order of a cell's width squared;
        :attr:`deviation` is about the types themselves.
        """

        def type_of(bidder: int, bids: FloatArray) -> FloatArray:
            offers = self.bids[bidder].offers
            back = self._lines[bidder][1]
            return np.asarray(back(np.clip(bids, offers[0], offers[-1])))

        with budget():
            return mechanism_of_bids(
                self.auction,
                self.laws,
                [float(curve.types[0]) for curve in self.bids],
                self.bid_of,
                type_of,
                self.terms,
            )

    @cached_property
    def deviation(self) -> Deviation:
        """The largest gain from another bid, over more types and bids than there are knots."""
        worst = Deviation(self.auction.agents[0].name, self.laws[0].low, 0.0)
        with budget():
            tried = np.unique(np.concatenate([c.refined(PARTS)[1] for c in self.bids]))
            for i, (law, curve) in enumerate(zip(self.laws, self.bids, strict=True)):
                types = np.unique(
                    np.concatenate(
                        [curve.refined(PARTS)[0], np.linspace(law.low, law.high, EVENLY)]
                    )
                )
                win, paid = self.terms(i, self.bid_of(i, types))
                own = types * win - paid
                win, paid = self.terms(i, tried)
                size = max(BLOCK // tried.size, 1)
                for start in range(0, types.size, size):
                    rows = slice(start, start + size)
                    best = (types[rows, None] * win - paid).max(axis=1, initial=0.0)
                    gain = best - own[rows]
                    at = int(gain.argmax())
                    if gain[at] > worst.gain:
                        name = self.auction.agents[i].name
                        worst = Deviation(name, float(types[start + at]), float(gain[at]))
        return worst

    @cached_property
    def _expected(self) -> FloatArray:
        """Utility, payment and probability to win of each bidder, in three rows."""
        found = []
        with budget():
            for i, (law, curve) in enumerate(zip(self.laws, self.bids, strict=True)):
                edges = np.concatenate([np.linspace(law.low, law.high, EVENLY), curve.types])
                edges = np.unique(np.append(edges, law.marks))
                apart = np.diff(edges, prepend=-np.inf) > 1e-13 * (law.high - law.low)
                cells = cells_between(law, np.unique(np.append(edges[apart], law.high)))
                share = cells.mean_share
                weights = [cells.mass * (1 - share) / 3, cells.mass * 2 / 3, cells.mass * share / 3]
                types = [cells.lower, cells.mean, cells.upper]
                # A cell bids if its mean does, at its ends, too.
                bids = [np.where(cells.mean >= curve.types[0], np.maximum(
                    self.bid_of(i, t), curve.offers[0]), -np.inf) for t in types]  # fmt: skip
                parts = [self.terms(i, b) for b in bids]
                win, paid = (
                    sum(w @ part[k] for w, part in zip(weights, parts, strict=True)) for k in (0, 1)
                )
                worth = sum(
                    w @ (t * part[0]) for w, t, part in zip(weights, types, parts, strict=True)
                )
                found.append((worth - paid, paid, win))
        return np.array(found).T

    @property
    def utilities(self) -> dict[str, float]:
        """Bidder name to expected utility, in money."""
        names = [agent.name for agent in self.auction.agents]
        return dict(zip(names, self._expected[0].tolist(), strict=True))

    @property
    def revenue(self) -> float:
        """What bidders pay in expectation, in money."""
        return float(self._expected[1].sum())

    @property
    def total(self) -> float:
        """Expected gains of all: what winners have from the good, less what it is worth unsold."""
        goods = self.auction.outcomes
        assert isinstance(goods, IdenticalGoods)
        sold = float(self._expected[2].sum())
        return float(self._expected[:2].sum()) - float(goods.unit_cost) * sold

    def row(self) -> ComparisonRow:
        """Return the row of a comparison, which passes unless a type gains by deviating."""
        width = max(law.high for law in self.laws) - min(law.low for law in self.laws)
        return ComparisonRow(
            self.rule,
            self.total,
            self.utilities,
            remark=f"reserve {self.reserve:.9g}; {self.deviation.in_words(width)} by another bid",
            max_violation=self.deviation.gain / width,
            passed=self.deviation.gain <= TOLERANCE * width,
            profit=self.total - sum(self.utilities.values()),
        )


def first_price_equilibrium(auction: Environment, reserve: float | None = None) -> SealedBids:
    """Return the equilibrium at the first price, of bidders alike or of any who differ.

    Parameters
    ----------
    auction
        What :func:`mechopt.Auction` returned, for one unit and continuous priors.
    reserve
        The least bid, in money; unless given, what the good is worth to the seller, or the lowest
        type if that is more.

    Raises
    ------
    InvalidInputError
        For another environment.
    UnsupportedProblemError
        For priors without densities, and bidders who differ of whom one has lowest types above the
        reserve.

    Notes
    -----
    With phi the inverse bids, the growth of the others' ``F(phi)`` is ``1 / (phi - b)`` for whoever
    bids b: differential equations from the highest bid, which at least two bidders share, down to
    the reserve, where all bid their values; bisection finds the highest bid, and a bidder of lower
    types enters where others' growth makes it worth its while. Of n bidders alike, type t bids t
    less the integral of F^(n-1) up to t over F(t)^(n-1). Source: Maskin and Riley (2000),
    doi:10.1111/1467-937X.00137; Lebrun (1999); Krishna (2010).

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import Agent, Auction, TypeSpace
    >>> weak, strong = (TypeSpace.from_distribution(stats.uniform(0, w), 4) for w in (1, 2))
    >>> bids = first_price_equilibrium(Auction([weak, strong]))
    >>> round(float(bids.bids[0].offers[-1]), 6)  # 1 * 2 / (1 + 2)
    0.666667
    """
    laws = _laws(auction)
    least = _least(auction, laws, reserve)
    if all(law == laws[0] for law in laws):
        return SealedBids(auction, "first price", _alike(laws, least, all_pay=False), least)
    if max(law.low for law in laws) > least:
        lows = ", ".join(f"{law.low:g}" for law in laws)
        raise UnsupportedProblemError(
            "first-price bids of bidders who differ need a reserve at or above all lowest types "
            f"(got {least:g}, and lowest types {lows}). Give a reserve."
        )
    with budget():
        return SealedBids(auction, "first price", first_price_bids(laws, least), least)


def all_pay_equilibrium(auction: Environment, reserve: float | None = None) -> SealedBids:
    """Return the equilibrium of bidders who all pay their bids: alike, or two who differ.

    Parameters
    ----------
    auction, reserve
        As of :func:`first_price_equilibrium`. Types bid who would pay the reserve for the chance to
        win that it brings.

    Raises
    ------
    InvalidInputError, UnsupportedProblemError
        As :func:`first_price_equilibrium`; the latter, too, for more than two bidders who differ,
        of whom some may stay out, and for two with a reserve above 0.

    Notes
    -----
    Of two who differ, types x and y make the same bid where the integrals of f(t)/t from them to
    the highest types agree; one bidder's low types may bid nothing. Source: Amann and Leininger
    (1996).

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import Auction, TypeSpace
    >>> half = TypeSpace.from_distribution(stats.uniform(0, 1), 4)
    >>> round(all_pay_equilibrium(Auction(half, count=2)).revenue, 6)
    0.333333
    """
    laws = _laws(auction)
    least = _least(auction, laws, reserve)
    if any(law != laws[0] for law in laws):
        if len(laws) != 2 or least > 0.0:
            raise UnsupportedProblemError(
                "all-pay bids of bidders who differ are for two of them, without a reserve (got "
                f"{len(laws)} bidders, and a reserve of {least:g})"
            )
        with budget():
            return SealedBids(auction, "all-pay", all_pay_bids(laws), least)
    return SealedBids(auction, "all-pay", _alike(laws, least, all_pay=True), least)


def second_price_equilibrium(auction: Environment, reserve: float | None = None) -> SealedBids:
    """Return truthful bids at the second price, in which no bidder can gain.

    Parameters
    ----------
    auction, reserve
        As of :func:`first_price_equilibrium`; bidders may differ.

    Raises
    ------
    InvalidInputError, UnsupportedProblemError
        For another environment, and priors without densities.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import Auction, TypeSpace
    >>> half = TypeSpace.from_distribution(stats.uniform(0, 1), 4)
    >>> bids = second_price_equilibrium(Auction(half, count=2), reserve=0.5)
    >>> round(bids.revenue, 9)  # 5/12
    0.416666667
    """
    laws = _laws(auction)
    least = _least(auction, laws, reserve)
    curves = []
    for law in laws:
        types = np.unique(np.linspace(max(least, law.low), max(law.high, least), EVENLY))
        curves.append(OfferCurve(types, types))
    return SealedBids(auction, "second price", tuple(curves), least)


def _laws(auction: Environment) -> tuple[Source, ...]:
    require(auction, Environment, where="auction", remedy="Pass an Auction.")
    auction.require_independent("equilibrium bids")
    goods = auction.outcomes
    if not isinstance(goods, IdenticalGoods) or goods.units != 1:
        raise InvalidInputError(
            "no auction of one good",
            where="auction",
            expected="what Auction(...) returned, with one unit",
            got=type(goods).__name__,
            remedy="Pass an Auction with units=1.",
        )
    laws = []
    for agent in auction.agents:
        law = agent.types.prior
        if law is None or not law.is_smooth:
            raise UnsupportedProblemError(
                f"equilibrium bids are for priors with densities (got {agent.types!r} of the "
                f"{agent.name}). known_mechanisms.first_price is for finite types, too."
            )
        laws.append(law)
    return tuple(laws)


def _least(auction: Environment, laws: tuple[Source, ...], reserve: float | None) -> float:
    goods = auction.outcomes
    assert isinstance(goods, IdenticalGoods)
    cost = float(goods.unit_cost)
    if reserve is None:
        return max(cost, min(law.low for law in laws))
    if not cost <= reserve < max(law.high for law in laws):
        raise InvalidInputError(
            "not a reserve",
            where="reserve",
            expected=f"at least {cost:g}, what the good is worth unsold, and less than a type",
            got=f"{reserve}",
            remedy="Give another reserve, or none.",
        )
    return max(float(reserve), min(law.low for law in laws))


def _alike(laws: tuple[Source, ...], least: float, *, all_pay: bool) -> tuple[OfferCurve, ...]:
    """Return the bids of bidders of one prior, by the integral of their probability to win."""
    law, rivals = laws[0], len(laws) - 1

    def win(types: FloatArray) -> FloatArray:
        return np.asarray(law.below(types) ** rivals)

    first = least
    if all_pay and least > law.low:
        # The lowest who bid: what they win is worth the reserve.
        low, high = least, law.high
        for _ in range(200):
            middle = 0.5 * (low + high)
            enough = middle * float(win(np.array(middle))) >= least
            low, high = (low, middle) if enough else (middle, high)
        first = high
    width = law.high - first
    types = first + width * np.linspace(0.0, 1.0, NUM_KNOTS) ** 2
    types[-1] = law.high
    gained = np.concatenate([[0.0], np.cumsum(gauss(win, types[:-1], types[1:]))])
    chance = win(types)
    if all_pay:
        bids = types * chance - gained - (first * chance[0] - least)
    else:
        bids = types - np.divide(gained, chance, out=np.zeros_like(chance), where=chance > 0)
    bids[0] = least
    return (OfferCurve(types, np.maximum.accumulate(bids)),) * len(laws)
