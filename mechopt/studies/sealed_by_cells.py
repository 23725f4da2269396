"""Sealed offers of two sides as a direct mechanism of cells: averages, and payments at trade."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.environments import Environment
from mechopt.mechanism.allocation import Table
from mechopt.mechanism.mechanism import Mechanism
from mechopt.studies.by_cells import ByCells, balancing, changed_most, nearest_payments
from mechopt.studies.offer_curves import Asking, OfferCurve, Side
from mechopt.types import TypeSpace
from mechopt.types.sources.finite import Finite

# Offers of a cell that differ by less than this share of the width of the types are one.
SAME = 1e-12
# A cell that trades less often than this does not, when what it pays at trade is looked for.
RARE = 1e-15

Sides = tuple[Side, Side]


def offers_by_cells(
    environment: Environment, outcome: FloatArray, sides: Sides, *, equilibrium: bool
) -> ByCells:
    """Return the direct mechanism that sealed offers induce on cells of types.

    Parameters
    ----------
    environment
        Bilateral trade whose types are the cells.
    outcome
        Trade at once.
    sides
        Of the giver, and of the receiver with all signs turned.
    equilibrium
        Whether no type gains by deviating; if some does, payments are averages.

    Raises
    ------
    UnsupportedProblemError
        For cells that are too coarse.

    Notes
    -----
    Source: theory.md, section 3.13.
    """
    spaces = environment.agents[0].types, environment.agents[1].types
    same = _same_within(sides, spaces)
    traded, paid = _as_means(sides, spaces) if same else averages(sides[0], *spaces)

    def payoff(place: int, own: FloatArray) -> FloatArray:
        side, types = sides[place], (own, -own)[place]
        return side.against.payoffs(types, side.at(types))

    def by_cells(chance: FloatArray, money: FloatArray, weight: float, *, average: bool) -> ByCells:
        mechanism = Mechanism.of_profiles(
            environment, Table(np.multiply.outer(outcome, chance)), np.stack([-money, money])
        )
        found = changed_most(environment, mechanism.quantity, mechanism.payment, payoff)
        return ByCells(mechanism, *found, weight, average)

    if same or not equilibrium:
        return by_cells(traded, paid, 0.0, average=True)
    origin = environment.origin
    own, other = (agent.types for agent in environment.centred.agents)
    # What a type gains is the same wherever money is counted from. That no type of an equilibrium
    # gains by another offer, or none, is so up to the tolerance: losses so small are not handed on.
    least = [
        max(float(payoff(0, spaces[0].upper[-1:])[0]), 0.0),
        max(float(payoff(1, spaces[1].lower[:1])[0]), 0.0),
    ]
    average = paid - origin * traded
    rules = []
    for chance in (traded, *_at_the_ends(sides, spaces)):
        terms = Terms(chance, chance @ other.mass, own.mass @ chance)
        received = -nearest_payments(
            own, -terms.sold, -(average @ other.mass), least[0], worst="highest"
        )
        spent = nearest_payments(other, terms.bought, own.mass @ average, least[1], worst="lowest")
        rules.append((terms, received, spent))
    sums = [float(other.mass @ spent - own.mass @ received) for _, received, spent in rules]
    place, weight = balancing(sums, environment.first_best)
    chance, received, spent = (
        (1.0 - weight) * first + weight * second
        for first, second in (
            (rules[0][0].chance, rules[place][0].chance),
            (rules[0][1], rules[place][1]),
            (rules[0][2], rules[place][2]),
        )
    )
    halfway = np.broadcast_to(0.5 * (own.mean[:, None] + other.mean), chance.shape)
    price = np.divide(average, traded, out=halfway.copy(), where=traded > RARE)
    money = payments_at_trade(chance, price, (own.mass, other.mass), (received, spent))
    return by_cells(chance, money + origin * chance, weight, average=False)


class Terms(NamedTuple):
    """Probabilities of trade: of pairs of cells, of the giver's cells and of the receiver's."""

    chance: FloatArray
    sold: FloatArray
    bought: FloatArray


def payments_at_trade(
    chance: FloatArray,
    price: FloatArray,
    masses: tuple[FloatArray, FloatArray],
    wanted: tuple[FloatArray, FloatArray],
) -> FloatArray:
    """Return payments of profiles that are nearest to given prices, and what cells expect.

    Parameters
    ----------
    chance : array of shape (num_givers, num_receivers)
        Probabilities of trade, which fall with the giver's type and rise with the receiver's.
    price : array of that shape
        At trade, in money.
    masses, wanted
        Probabilities of the cells of both sides, and what they are to receive and to pay in
        expectation; in total the same.

    Notes
    -----
    Prices change by ``a_i + b_j``: of all payments that cells expect to receive and to pay as
    wanted, and none without trade, these are at prices nearest to the given ones in least squares,
    trades weighted by how likely they are.

    Examples
    --------
    >>> half = np.array([0.5, 0.5])
    >>> payments_at_trade(
    ...     np.array([[1.0, 1.0], [0.0, 1.0]]),
    ...     np.full((2, 2), 0.5),
    ...     (half, half),
    ...     (np.array([0.6, 0.4]), np.array([0.2, 0.8])),
    ... )
    array([[0.4, 0.8],
           [0. , 0.8]])
    """
    weights = masses[0][:, None] * chance * masses[1]
    rows, columns = weights.sum(axis=1), weights.sum(axis=0)
    # Whoever trades trades with the most eager of the other side, so that all are connected, and
    # one number may be chosen freely: that of the receiver who trades most likely.
    some = np.flatnonzero(rows > RARE * rows.max(initial=0.0))
    others = np.flatnonzero(columns > RARE * columns.max(initial=0.0))
    payment = chance * price
    if not some.size or not others.size:
        return payment
    others = np.delete(others, int(columns[others].argmax()))
    root = np.sqrt(columns[others])
    linked = weights[np.ix_(some, others)] / root
    matrix = np.eye(others.size) - linked.T @ (linked / rows[some, None])
    # Once more for what rounding leaves.
    for _ in range(2):
        short = masses[0] * (wanted[0] - payment @ masses[1])
        missing = masses[1] * (wanted[1] - masses[0] @ payment)
        right = missing[others] / root - linked.T @ (short[some] / rows[some])
        more = np.zeros(columns.size)
        scaled = np.linalg.solve(matrix, right)
        more[others] = scaled / root
        extra = np.zeros(rows.size)
        extra[some] = (short[some] - linked @ scaled) / rows[some]
        payment = payment + chance * (extra[:, None] + more)
    return payment


def averages(side: Side, own: TypeSpace, other: TypeSpace) -> tuple[FloatArray, FloatArray]:
    """Return the probability of trade and what is paid, on average over pairs of cells.

    Examples
    --------
    >>> from mechopt import BilateralTrade
    >>> from mechopt.studies.sealed_offers import one_price
    >>> types = TypeSpace.finite([0, 1])
    >>> averages(one_price(BilateralTrade(types, types), 0.5).sides[0], types, types)[1]
    array([[0. , 0.5],
           [0. , 0. ]])
    """
    if own.prior is None:
        asks, home = side.at(own.mean), np.arange(own.num_cells)
        weights = np.isfinite(asks).astype(np.float64)
        asks = np.where(np.isfinite(asks), asks, 0.0)
    else:
        found = side.points(own.lower)
        asks, home = found.asks, np.searchsorted(own.lower, found.home, side="right") - 1
        weights = found.weights / own.mass[home]
    against = side.against
    first = against.first(asks)[:, None]
    if other.prior is None:
        chance = (other.mean >= first).astype(np.float64)
        bids = _at(against.bids, other.mean)
        bid = chance * np.where(np.isfinite(bids), bids, 0.0)
    else:
        ends = np.append(other.lower, np.inf)
        starts = np.minimum(np.maximum(first, ends), np.nextafter(against.law.high, np.inf))
        chance = -np.diff(against.chance(starts)) / other.mass
        bid = -np.diff(against.bid_from(starts.ravel()).reshape(starts.shape)) / other.mass
    paid = against.weight * asks[:, None] * chance + (1.0 - against.weight) * bid
    tables = np.zeros((2, own.num_cells, other.num_cells))
    for table, values in zip(tables, (chance, paid), strict=True):
        np.add.at(table, home, weights[:, None] * values)
    return np.clip(tables[0], 0.0, 1.0), tables[1]


def _at(bids: OfferCurve, types: FloatArray) -> FloatArray:
    """Return the bid of each type, minus infinity where it makes none; at a jump the higher."""
    back = Side(Finite.of([0.0]), bids.mirrored(), Asking(Finite.of([0.0]), bids, 1.0))
    return -back.at(-types)


def _same_within(sides: Sides, spaces: tuple[TypeSpace, TypeSpace]) -> bool:
    """Return whether all types of each cell make the same offer, or none."""
    width = max(types.highest for types in spaces) - min(types.lowest for types in spaces)
    for side, types, sign in zip(sides, spaces, (1.0, -1.0), strict=True):
        if types.prior is None:
            continue
        edges = np.sort(sign * np.append(types.lower, types.upper[-1:]))
        found = side.points(edges[:-1])
        home = np.searchsorted(edges, found.home, side="right") - 1
        order = np.argsort(home, kind="stable")
        starts = np.flatnonzero(np.diff(home[order], prepend=-1))
        if not starts.size:
            continue
        asks = found.asks[order]
        apart = np.maximum.reduceat(asks, starts) - np.minimum.reduceat(asks, starts)
        made = np.add.reduceat(found.weights[order], starts)
        whole = types.mass[:: int(sign)][home[order][starts]]
        if (apart > SAME * width).any() or (np.abs(made - whole) > SAME).any():
            return False
    return True


def _as_means(sides: Sides, spaces: tuple[TypeSpace, TypeSpace]) -> tuple[FloatArray, FloatArray]:
    """Return the probability of trade and what is paid if all cells play as their means.

    Where all types of each cell do, an average over a cell that is hardly likely would say the same
    with more rounding.
    """
    own, other = spaces
    asks, bids = sides[0].at(own.mean)[:, None], -sides[1].at(-other.mean)
    trades = np.isfinite(asks) & np.isfinite(bids) & (bids >= asks)
    weight = sides[0].against.weight
    price = weight * np.where(trades, asks, 0.0) + (1.0 - weight) * np.where(trades, bids, 0.0)
    return trades.astype(np.float64), price


def _at_the_ends(
    sides: Sides, spaces: tuple[TypeSpace, TypeSpace]
) -> tuple[FloatArray, FloatArray]:
    """Return who trades if all cells play as their least eager types, and as their most eager."""
    own, other = spaces
    found = []
    for asking, bidding in ((own.upper, other.lower), (own.lower, other.upper)):
        asks, bids = sides[0].at(asking), -sides[1].at(-bidding)
        made = np.isfinite(asks)[:, None] & np.isfinite(bids)
        found.append((made & (bids >= asks[:, None])).astype(np.float64))
    return found[0], found[1]
