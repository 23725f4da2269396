"""Bilateral trade between one seller and one buyer (Myerson and Satterthwaite; Cramton)."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, IndexArray
from mechopt._util.given import given_numbers, real_number
from mechopt.environments.agent import Agent
from mechopt.environments.delayed_trade import DelayedTrade
from mechopt.environments.environment import Environment
from mechopt.environments.exchange import require_rates
from mechopt.environments.kinds import kind
from mechopt.environments.trade import Trade
from mechopt.errors import InvalidInputError, TooLargeError
from mechopt.types import TypeSpace
from mechopt.types.prior import Joint

MAX_PAIRS = 10_000_000
# Up to this many pairs, their probabilities are kept in fractions, too.
MAX_EXACT_PAIRS = 10_000


@kind(
    "bilateral-trade",
    reader="mechopt.instances.bilateral_trade:read_bilateral_trade",
    page="mechopt.explore.trade",
)
def BilateralTrade(  # noqa: N802 -- it reads as the environment that it returns
    seller: TypeSpace,
    buyer: TypeSpace,
    seller_rate: float = 1.0,
    buyer_rate: float = 1.0,
    prior: Joint | None = None,
) -> Environment:
    """Return a seller with a privately known cost and a buyer with a privately known value.

    Parameters
    ----------
    seller, buyer
        Type spaces of the seller's cost and the buyer's value, in money.
    seller_rate, buyer_rate
        Discount rates per unit of time, positive; only their ratio matters for what is optimal.

    prior
        Joint prior of the two types, whose marginals are the type spaces' probabilities; types are
        independent unless it is given.

    Raises
    ------
    InvalidInputError
        For a rate that is not positive, two infinite rates, and a prior that does not fit.

    Notes
    -----
    Source: theory.md, sections 2 and 3; Cramton (1985), Myerson and Satterthwaite (1983),
    doi:10.1016/0022-0531(83)90048-0.

    Examples
    --------
    >>> from mechopt import Joint, TypeSpace
    >>> types = TypeSpace.finite([0, 1])
    >>> trade = BilateralTrade(seller=types, buyer=types)
    >>> trade.first_best
    0.25
    >>> BilateralTrade(types, types, prior=Joint([["1/10", "4/10"], ["4/10", "1/10"]])).first_best
    0.4
    """
    require_rates(seller_rate=seller_rate, buyer_rate=buyer_rate)
    rates = (real_number(seller_rate), real_number(buyer_rate))
    outcomes = Trade() if seller_rate == buyer_rate else DelayedTrade(*rates)
    return Environment((Agent("seller", seller), Agent("buyer", buyer)), outcomes, prior)


def trade_from_rows(
    seller: npt.ArrayLike,
    buyer: npt.ArrayLike,
    *,
    cells: int | tuple[int, int] | None = None,
) -> Environment:
    """Return bilateral trade whose joint prior is that of paired rows.

    Every pair of a seller's and a buyer's type has its share of the rows as its probability, so
    that nothing is assumed of how the two sides go together.

    Where every value is in one row only, each type knows the other's, and all gains are within
    reach whatever the data. Cells of several rows leave each type with something that it does not
    know.

    Parameters
    ----------
    seller, buyer : arrays of shape (num_rows,)
        What the two sides of each row have, in money; numbers, fractions or texts.
    cells
        Cut each side, or the two sides, into this many cells of equal count, as
        :meth:`mechopt.TypeSpace.from_samples` does; every distinct value is a type without.

    Raises
    ------
    InvalidInputError
        For columns of unequal length, and what is no sample.
    TooLargeError
        If there were more than ten million pairs of types; use cells then.

    Notes
    -----
    Source: theory.md, section 3.8.

    Examples
    --------
    >>> trade = trade_from_rows([1, 1, 2, 2], [2, 3, 3, 3])
    >>> trade.prior.probabilities
    array([[0.25, 0.25],
           [0.  , 0.5 ]])
    >>> from mechopt import ex_ante_efficiency, solve
    >>> round(solve(ex_ante_efficiency(trade)).objective, 6)  # all gains
    1.25
    """
    sizes = cells if isinstance(cells, tuple) else (cells, cells)
    sides = (given_numbers(seller, "seller")[0], given_numbers(buyer, "buyer")[0])
    if sides[0].size != sides[1].size:
        raise InvalidInputError(
            "not rows of a seller and a buyer",
            where="buyer",
            expected=f"{sides[0].size} values, as many as sellers",
            got=f"{sides[1].size}",
            remedy="Give one seller's and one buyer's value per row.",
        )
    spaces = [
        TypeSpace.from_samples(values, cells=size)
        for values, size in zip((seller, buyer), sizes, strict=True)
    ]
    shape = (spaces[0].num_cells, spaces[1].num_cells)
    if shape[0] * shape[1] > MAX_PAIRS:
        raise TooLargeError(
            f"prior: too many pairs of types (expected at most {MAX_PAIRS:,}, got {shape[0]:,} "
            f"times {shape[1]:,}). Cut the columns into cells."
        )
    rows = [
        _cell_of_each(values, space, size)
        for values, space, size in zip(sides, spaces, sizes, strict=True)
    ]
    counts, total = np.zeros(shape, dtype=np.int64), sides[0].size
    np.add.at(counts, tuple(rows), 1)
    exact = None
    if counts.size <= MAX_EXACT_PAIRS:
        exact = tuple(str(Fraction(count, total)) for count in counts.ravel().tolist())
    return BilateralTrade(spaces[0], spaces[1], prior=Joint(counts / total, exact))


def _cell_of_each(values: FloatArray, types: TypeSpace, cells: int | None) -> IndexArray:
    """Return the cell of each value of a sample; cells of equal count cut the sorted sample."""
    if cells is None:
        return np.searchsorted(types.mean, values)
    rank = np.empty(values.size, dtype=np.int64)
    rank[np.argsort(values, kind="stable")] = np.arange(values.size)
    edges = np.arange(1, cells + 1) * values.size // cells
    return np.searchsorted(edges, rank, side="right")
