"""The ex ante efficient frontier over welfare weights (Williams 1987)."""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mechopt._util.arrays import shown
from mechopt.backends.direct import Direct
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError, require
from mechopt.problem.problem import ex_ante_efficiency

if TYPE_CHECKING:
    import xarray


def frontier(trade: Environment, seller_shares: Sequence[float] | int = 21) -> xarray.Dataset:
    """Return the ex ante efficient mechanisms' payoffs for a range of welfare weights.

    Parameters
    ----------
    trade
        Bilateral trade, with or without delay.
    seller_shares
        The seller's share of the two welfare weights, from 0 to 1; or how many, evenly spaced.

    Returns
    -------
    xarray.Dataset
        Over ``seller_share``: expected utilities ``seller`` and ``buyer``, their sum ``total``,
        the weighted ``objective``, its ``bound``, and ``alpha``; in money.

    Raises
    ------
    InvalidInputError
        For shares outside [0, 1].

    Notes
    -----
    Cells of a continuous prior are taken as they are: payoffs are those of mechanisms over cells, a
    little below the continuum's, for which see :func:`mechopt.compare`. The ends are the seller's
    and the buyer's best mechanisms. At equal weights the slack that the
    optimum may leave goes to the seller. Source: theory.md, section 3.7; Williams
    (1987), Journal of Economic Theory 41, 154-172.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> costs, values = TypeSpace.finite([1, 2, 3]), TypeSpace.finite([1.5, 2.4, 3.6])
    >>> table = frontier(BilateralTrade(costs, values), [0.0, 0.5, 1.0])
    >>> table.total.values.round(4)
    array([0.6778, 0.7617, 0.6889])
    """
    import xarray

    require(trade, Environment, where="trade", remedy="Pass a BilateralTrade.")
    if isinstance(seller_shares, numbers.Integral) and not isinstance(seller_shares, bool):
        shares = np.linspace(0.0, 1.0, int(seller_shares))
    else:
        shares = np.asarray(seller_shares, dtype=np.float64)
    if shares.size == 0 or not ((shares >= 0) & (shares <= 1)).all():
        raise InvalidInputError(
            "not shares of the welfare weights",
            where="seller_shares",
            expected="numbers from 0 to 1, or how many of them",
            got=shown(seller_shares),
            remedy="For example 21, or [0, 0.5, 1].",
        )
    rows = []
    for share in shares.tolist():
        solution = Direct().solve(ex_ante_efficiency(trade, (share, 1.0 - share)))
        assert solution.mechanism is not None
        utilities = solution.mechanism.expected_utility
        seller, buyer = utilities.values()
        rows.append(
            {
                "seller": seller,
                "buyer": buyer,
                "total": seller + buyer,
                "objective": solution.objective,
                "bound": solution.bound,
                "alpha": solution.alpha,
            }
        )
    return xarray.Dataset(
        {name: ("seller_share", [row[name] for row in rows]) for name in rows[0]},
        coords={"seller_share": shares},
    )
