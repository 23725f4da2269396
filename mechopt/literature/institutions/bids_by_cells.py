"""Sealed bids as a direct mechanism of cells: who wins, and what each cell expects to pay."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.environments import Environment
from mechopt.mechanism.allocation import Table
from mechopt.mechanism.mechanism import Mechanism
from mechopt.studies.by_cells import ByCells, changed_most, nearest_payments
from mechopt.studies.offers import cut_at, with_types
from mechopt.types.quadrature import POINTS, WEIGHTS
from mechopt.types.source import Source

# By bidder and types, or bids.
Line = Callable[[int, FloatArray], FloatArray]
Terms = Callable[[int, FloatArray], tuple[FloatArray, FloatArray]]
# Chances to win, of profiles and of places in a cell, in one block.
BLOCK = 1_000_000


def mechanism_of_bids(
    auction: Environment,
    laws: Sequence[Source],
    first: Sequence[float],
    bid_of: Line,
    type_of: Line,
    terms: Terms,
    *,
    equilibrium: bool,
) -> ByCells:
    """Return what bids by type bring to cells of types: who wins is an average over each.

    Parameters
    ----------
    auction
        For one good and continuous priors.
    laws
        The priors.
    first
        The lowest type of each bidder that bids; cells are cut there.
    bid_of, type_of
        From a bidder's types to its bids, minus infinity for none, and back.
    terms
        From a bidder's bids to its probability to win, and its expected payment.
    equilibrium
        Whether no type gains by deviating: then payments are such that no cell does, and what the
        lowest type expects is the equilibrium's; else they are averages.

    Notes
    -----
    By ten Gauss points of probability between all places at which a bidder meets an end of another
    one's cell.
    """
    spaces = [cut_at(agent.types, at) for agent, at in zip(auction.agents, first, strict=True)]
    environment = with_types(auction, *spaces)
    environment.require_dense("the direct mechanism of sealed bids")
    ends = [np.append(space.lower, space.upper[-1]) for space in spaces]
    count = len(spaces)
    tables = np.zeros((count, *environment.shape))
    payments: list[FloatArray] = []
    for i, (law, space) in enumerate(zip(laws, spaces, strict=True)):
        cuts = [ends[i]]
        for j in range(count):
            bids = bid_of(j, ends[j]) if j != i else np.zeros(0)
            cuts.append(type_of(i, bids[np.isfinite(bids)]))
        edges = np.unique(np.clip(np.concatenate(cuts), ends[i][0], ends[i][-1]))
        below = law.below(edges)
        half = 0.5 * np.diff(below)[:, None]
        chances = (0.5 * (below[1:] + below[:-1])[:, None] + half * POINTS).ravel()
        weights = (half * WEIGHTS).ravel()
        some = weights > 0
        chances, weights = chances[some], weights[some]
        types = np.clip(law.quantiles(chances), ends[i][0], ends[i][-1])
        home = np.searchsorted(ends[i][1:-1], types, side="right")
        bids = bid_of(i, types)
        _, paid = terms(i, bids)
        weights /= np.bincount(home, weights, space.num_cells)[home]
        payments.append(np.asarray(np.bincount(home, weights * paid, space.num_cells), np.float64))
        others = [j for j in range(count) if j != i]
        shape = tuple(environment.shape[j] for j in others)
        won = np.zeros((space.num_cells, *shape))
        size = max(BLOCK // max(int(np.prod(shape)), 1), 1)
        for start in range(0, types.size, size):
            rows = slice(start, start + size)
            chance = (weights * np.isfinite(bids))[rows].reshape(-1, *[1] * len(others))
            for place, j in enumerate(others):
                met = np.where(np.isfinite(bids[rows]), bids[rows], 0.0)
                reached = laws[j].below(type_of(j, met))[:, None] - laws[j].below(ends[j][:-1])
                share = np.clip(reached / spaces[j].mass, 0.0, 1.0)
                along = [share.shape[1] if k == place else 1 for k in range(len(others))]
                chance = chance * share.reshape(-1, *along)
            np.add.at(won, home[rows], chance)
        tables[i] = np.moveaxis(won, 0, i)
    # Quadratures may give the good away by rounding more than once.
    tables /= np.maximum(tables.sum(axis=0), 1.0)
    mechanism = Mechanism(environment, Table(tables), tuple(payments))

    def payoff(bidder: int, types: FloatArray) -> FloatArray:
        win, paid = terms(bidder, bid_of(bidder, types))
        return types * win - paid

    if equilibrium:
        paid_by = []
        for i, (space, quantity) in enumerate(zip(spaces, mechanism.quantity, strict=True)):
            # Of an equilibrium, what the lowest type loses is rounding.
            least = max(float(payoff(i, space.lower[:1])[0]), 0.0)
            paid_by.append(nearest_payments(space, quantity, payments[i], least, worst="lowest"))
        mechanism = replace(mechanism, payment=tuple(paid_by))
    found = changed_most(environment, mechanism.quantity, mechanism.payment, payoff)
    return ByCells(mechanism, *found, is_average=not equilibrium)
