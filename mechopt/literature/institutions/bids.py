"""Sealed bids for one good in equilibrium: first price, all-pay, second price; with a reserve."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Literal

import numpy as np

from mechopt._util.arrays import FloatArray, IndexArray
from mechopt.environments import Environment
from mechopt.environments.auction import IdenticalGoods
from mechopt.errors import InvalidInputError, UnsupportedProblemError, require
from mechopt.literature.institutions.bid_curves import bids_of_bidders_alike, closer_at_ends
from mechopt.literature.institutions.bids_all_pay import all_pay_bids
from mechopt.literature.institutions.bids_by_cells import mechanism_of_bids
from mechopt.literature.institutions.bids_unlike import first_price_bids
from mechopt.mechanism.mechanism import Mechanism
from mechopt.studies.by_cells import ByCells
from mechopt.studies.comparison_rows import ComparisonRow
from mechopt.studies.offer_curves import BLOCK, EVENLY, PARTS, OfferCurve
from mechopt.studies.sealed_offers import TOLERANCE, Deviation
from mechopt.types.cells import cells_between
from mechopt.types.foreign import budget
from mechopt.types.quadrature import Pieces, edges_between, gauss, integrate
from mechopt.types.source import Source

Line = Callable[[FloatArray], FloatArray]
Rule = Literal["first price", "all-pay", "second price"]

# Bids that rise by less than this share of their range, from one knot to the next, do not.
CLOSE = 1e-16


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

        found: list[tuple[Line, Line]] = []
        for i, (agent, curve) in enumerate(zip(self.auction.agents, self.bids, strict=True)):
            if self._alike[i] < i:
                found.append(found[self._alike[i]])
                continue
            if curve.types.size == 1 or len(self.bids) == 1:
                # A bidder who never bids, or has no rival and bids the reserve whatever its type.
                found.append((partial(_always, curve.offers[0]), partial(_always, curve.types[0])))
                continue
            rows = _apart(curve)
            if rows.size < 2:
                raise UnsupportedProblemError(
                    f"bids of the {agent.name} are too close to tell apart in floating point (from "
                    f"{curve.offers[0]:.17g} to {curve.offers[-1]:.17g}). Give types, and the "
                    "reserve, less what all of them have in common."
                )
            types, bids = curve.types[rows], curve.offers[rows]
            found.append((PchipInterpolator(types, bids), PchipInterpolator(bids, types)))
        return tuple(found)

    def win(self, bidder: int, bids: FloatArray) -> FloatArray:
        """Return the probability that a bidder wins with each bid, bids below the reserve apart."""
        found = np.ones(np.shape(bids))
        rivals = Counter(self._alike)
        rivals[self._alike[bidder]] -= 1
        for j, number in rivals.items():
            if number:
                offers = self.bids[j].offers
                within = np.clip(bids, offers[0], offers[-1])
                below = self.laws[j].below(np.asarray(self._lines[j][1](within)))
                found = found * below**number
        return found

    @cached_property
    def _alike(self) -> tuple[int, ...]:
        """The first bidder with the same prior and bids, by bidder."""
        every = list(zip(self.laws, self.bids, strict=True))
        return tuple(
            next(
                j
                for j, (other, line) in enumerate(every)
                if law == other
                and np.array_equal(curve.types, line.types)
                and np.array_equal(curve.offers, line.offers)
            )
            for law, curve in every
        )

    @cached_property
    def _areas(self) -> tuple[Pieces, ...]:
        """Integrals of each bidder's probability to win, from the reserve on."""
        top = max(float(curve.offers[-1]) for curve in self.bids)
        marks = [law.marks for law in self.laws]
        graded = self.reserve + (top - self.reserve) * closer_at_ends(EVENLY)
        edges = edges_between(self.reserve, top, *marks, graded)
        found = {i: integrate(partial(self.win, i), edges) for i in set(self._alike)}
        return tuple(found[i] for i in self._alike)

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
    def by_cells(self) -> ByCells:
        """The direct mechanism of cells, and how far payoffs are from the equilibrium's."""

        def type_of(bidder: int, bids: FloatArray) -> FloatArray:
            offers = self.bids[bidder].offers
            back = self._lines[bidder][1]
            return np.asarray(back(np.clip(bids, offers[0], offers[-1])))

        first = [float(curve.types[0]) for curve in self.bids]
        with budget():
            return mechanism_of_bids(
                self.auction, self.laws, first, self.bid_of, type_of, self.terms,
                equilibrium=self._is_equilibrium,
            )  # fmt: skip

    @property
    def mechanism(self) -> Mechanism:
        """The direct mechanism of cells, which are cut at the lowest type that bids.

        Who wins is an average over a cell, whose types bid differently. Payments are those that
        incentives over cells leave then; :attr:`by_cells` says by how much any type's payoff
        changes, of the order of a cell's width squared. Of bids that are no equilibrium payments
        are averages, too, and an audit finds what types gain.
        """
        return self.by_cells.mechanism

    @property
    def _is_equilibrium(self) -> bool:
        width = max(law.high for law in self.laws) - min(law.low for law in self.laws)
        return self.deviation.gain <= TOLERANCE * width

    @cached_property
    def deviation(self) -> Deviation:
        """The largest gain from another bid, over more types and bids than there are knots."""
        worst = Deviation(self.auction.agents[0].name, self.laws[0].low, 0.0)
        with budget():
            tried = np.unique(np.concatenate([c.refined(PARTS)[1] for c in self.bids]))
            for i in sorted(set(self._alike)):
                law, curve = self.laws[i], self.bids[i]
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
        """Utility of each bidder, and what it pays beyond the reserve when it wins, in two rows.

        Types count from the reserve on, so that what all have in common adds no error.
        """
        found = {}
        rivals = max(len(self.laws) - 1, 1)
        with budget():
            for i in sorted(set(self._alike)):
                law, curve = self.laws[i], self.bids[i]
                even = np.linspace(0.0, 1.0, EVENLY)
                # Of many bidders only the highest types win: half of the edges are theirs.
                edges = np.concatenate([
                    law.low + (law.high - law.low) * closer_at_ends(EVENLY),
                    law.quantiles(even ** (1.0 / rivals)),
                    np.clip(curve.types, law.low, law.high),
                    law.marks,
                ])  # fmt: skip
                edges = np.unique(edges)
                apart = np.diff(edges, prepend=-np.inf) > 1e-13 * (law.high - law.low)
                cells = cells_between(law, np.unique(np.append(edges[apart], law.high)))
                share = cells.mean_share
                weights = [cells.mass * (1 - share) / 3, cells.mass * 2 / 3, cells.mass * share / 3]
                types = [cells.lower, cells.mean, cells.upper]
                # A cell bids if its mean does, at its ends, too.
                bids = [np.where(cells.mean >= curve.types[0], np.maximum(
                    self.bid_of(i, t), curve.offers[0]), -np.inf) for t in types]  # fmt: skip
                parts = [self.terms(i, b) for b in bids]
                paid = sum(
                    w @ (pay - self.reserve * win)
                    for w, (win, pay) in zip(weights, parts, strict=True)
                )
                worth = sum(
                    w @ ((t - self.reserve) * win)
                    for w, t, (win, _) in zip(weights, types, parts, strict=True)
                )
                found[i] = worth - paid, paid
        return np.array([found[i] for i in self._alike]).T

    @property
    def sold(self) -> float:
        """The probability that some bidder bids."""
        none = [law.below(curve.types[:1]) for law, curve in zip(self.laws, self.bids, strict=True)]
        return 1.0 - float(np.prod(none))

    @property
    def utilities(self) -> dict[str, float]:
        """Bidder name to expected utility, in money."""
        names = [agent.name for agent in self.auction.agents]
        return dict(zip(names, self._expected[0].tolist(), strict=True))

    @property
    def revenue(self) -> float:
        """What bidders pay in expectation, in money."""
        return float(self._expected[1].sum()) + self.reserve * self.sold

    @property
    def total(self) -> float:
        """Expected gains of all: what winners have from the good, less what it is worth unsold."""
        over = self.reserve - float(_goods(self.auction).unit_cost)
        return float(self._expected.sum()) + over * self.sold

    def row(self) -> ComparisonRow:
        """Return the row of a comparison, which passes unless a type gains by deviating."""
        width = max(law.high for law in self.laws) - min(law.low for law in self.laws)
        return ComparisonRow(
            self.rule,
            self.total,
            self.utilities,
            remark=f"reserve {self.reserve:.9g}; {self.deviation.in_words(width)} by another bid",
            max_violation=self.deviation.gain / width,
            passed=self._is_equilibrium,
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
        return SealedBids(
            auction, "first price", bids_of_bidders_alike(laws, least, all_pay=False), least
        )
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
    auction
        As of :func:`first_price_equilibrium`.
    reserve
        The least bid, in money; unless given, what the good is worth to the seller. Types bid who
        would pay the reserve for the chance to win that it brings: a reserve below all types keeps
        some of them from bidding, too.

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
    least = max(float(_goods(auction).unit_cost), 0.0) if reserve is None else float(reserve)
    if reserve is not None:
        _require_reserve(auction, laws, reserve)
    if least < 0.0:
        raise InvalidInputError(
            "not a reserve",
            where="reserve",
            expected="at least 0: who loses pays its bid, too",
            got=f"{reserve}",
            remedy="Give another reserve, or none.",
        )
    if any(law != laws[0] for law in laws):
        if len(laws) != 2 or least > 0.0:
            raise UnsupportedProblemError(
                "all-pay bids of bidders who differ are for two of them, without a reserve (got "
                f"{len(laws)} bidders, and a reserve of {least:g})"
            )
        with budget():
            return SealedBids(auction, "all-pay", all_pay_bids(laws), least)
    return SealedBids(auction, "all-pay", bids_of_bidders_alike(laws, least, all_pay=True), least)


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
                f"equilibrium bids are for priors with densities (got {agent.types!r} of "
                f"{agent.name}). known_mechanisms.second_price is for finite types, too, and "
                "first_price where all have one prior."
            )
        laws.append(law)
    return tuple(laws)


def _goods(auction: Environment) -> IdenticalGoods:
    goods = auction.outcomes
    assert isinstance(goods, IdenticalGoods)
    return goods


def _least(auction: Environment, laws: tuple[Source, ...], reserve: float | None) -> float:
    least = float(_goods(auction).unit_cost)
    if reserve is not None:
        _require_reserve(auction, laws, reserve)
        least = float(reserve)
    return max(least, min(law.low for law in laws))


def _require_reserve(auction: Environment, laws: tuple[Source, ...], reserve: float) -> None:
    cost = float(_goods(auction).unit_cost)
    if not cost <= reserve < max(law.high for law in laws):
        raise InvalidInputError(
            "not a reserve",
            where="reserve",
            expected=f"at least {cost:g}, what the good is worth unsold, and less than a type",
            got=f"{reserve}",
            remedy="Give another reserve, or none.",
        )


def _always(value: float, at: FloatArray) -> FloatArray:
    return np.full(np.shape(at), value)


def _apart(curve: OfferCurve) -> IndexArray:
    """Return the knots whose types and bids both differ from those of the knot before."""
    width = curve.offers[-1] - curve.offers[0]
    rises = np.diff(curve.offers, prepend=-np.inf) > CLOSE * width
    rows = np.flatnonzero((np.diff(curve.types, prepend=-np.inf) > 0) & rises)
    if rows.size > 1:
        rows[-1] = curve.types.size - 1
    return rows
