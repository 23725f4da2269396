"""The ex ante efficient frontier over welfare weights (Williams 1987)."""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mechopt._util.arrays import shown
from mechopt._util.rounding import in_figures
from mechopt._util.table import Table
from mechopt.backends.direct import Direct
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError, require
from mechopt.problem.usual import ex_ante_efficiency

if TYPE_CHECKING:
    import xarray

COLUMNS = ("total", "objective", "bound", "alpha")


def frontier(environment: Environment, shares: Sequence[float] | int = 21) -> xarray.Dataset:
    """Return the ex ante efficient mechanisms' payoffs for a range of welfare weights.

    Parameters
    ----------
    environment
        Of two agents, such as bilateral trade, with or without delay.
    shares
        The first agent's share of the two welfare weights, from 0 to 1; or how many, evenly spaced.

    Returns
    -------
    xarray.Dataset
        Over the first agent's name with ``_share``, such as ``seller_share``: expected utilities
        by the agents' names, their sum ``total``, the weighted ``objective``, its ``bound``, and
        ``alpha``; in money. The attribute ``agents`` holds the two names.

    Raises
    ------
    InvalidInputError
        For shares outside [0, 1], an environment of other than two agents, agents with the name
        of another column, and a joint prior.

    Notes
    -----
    Cells of a continuous prior are taken as they are: payoffs are those of mechanisms over cells, a
    little below the continuum's, for which see :func:`mechopt.compare`. The ends are each
    agent's best mechanisms. At equal weights the slack that the optimum may leave goes to the
    first. Source: theory.md, section 3.7; Williams (1987), Journal of Economic Theory 41, 154-172.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> costs, values = TypeSpace.finite([1, 2, 3]), TypeSpace.finite([1.5, 2.4, 3.6])
    >>> table = frontier(BilateralTrade(costs, values), [0.0, 0.5, 1.0])
    >>> table.total.values.round(4)
    array([0.6778, 0.7617, 0.6889])
    """
    import xarray

    require(environment, Environment, where="environment", remedy="Pass a BilateralTrade.")
    names = [agent.name for agent in environment.agents]
    if len(names) != 2 or not set(names).isdisjoint(COLUMNS):
        raise InvalidInputError(
            "no frontier of two agents",
            where="environment",
            expected=f"two agents, neither of them called {', '.join(COLUMNS)}",
            got=shown(", ".join(names)),
            remedy="Pass a BilateralTrade, or give the agents other names.",
        )
    if not environment.independent:
        raise InvalidInputError(
            "no frontier under a joint prior",
            where="prior",
            expected="independent types",
            got="a joint prior",
            remedy="Solve ex_ante_efficiency(environment, weights) for weights of your own.",
        )
    if isinstance(shares, numbers.Integral) and not isinstance(shares, bool):
        grid = np.linspace(0.0, 1.0, int(shares))
    else:
        grid = np.asarray(shares, dtype=np.float64)
    if grid.size == 0 or not ((grid >= 0) & (grid <= 1)).all():
        raise InvalidInputError(
            "not shares of the welfare weights",
            where="shares",
            expected="numbers from 0 to 1, or how many of them",
            got=shown(shares),
            remedy="For example 21, or [0, 0.5, 1].",
        )
    rows = []
    for share in grid.tolist():
        solution = Direct().solve(ex_ante_efficiency(environment, (share, 1.0 - share)))
        assert solution.mechanism is not None
        utilities = solution.mechanism.expected_utility
        found = (sum(utilities.values()), solution.objective, solution.bound, solution.alpha)
        rows.append({**utilities, **dict(zip(COLUMNS, found, strict=True))})
    share_name = f"{names[0]}_share"
    return xarray.Dataset(
        {name: (share_name, [row[name] for row in rows]) for name in rows[0]},
        coords={share_name: grid},
        attrs={"agents": names},
    )


def frontier_table(found: xarray.Dataset, title: str = "", unit: str = "money") -> Table:
    """Return what :func:`frontier` found as a table.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> costs, values = TypeSpace.finite([1, 2, 3]), TypeSpace.finite([1.5, 2.4, 3.6])
    >>> found = frontier(BilateralTrade(costs, values), [0.0, 0.5])
    >>> print(frontier_table(found).to_text(), end="")
    seller's share    seller     buyer     total     alpha
    ------------------------------------------------------
    0               0.111111  0.566667  0.677778         0
    0.5             0.376543  0.385185  0.761728  0.181818
    """
    agents = tuple(found.attrs["agents"])
    share = f"{agents[0]}_share"
    columns = (share, *agents, *COLUMNS)
    values = zip(*(found[name].values.tolist() for name in columns), strict=True)
    rows = [tuple(value if np.isfinite(value) else None for value in row) for row in values]
    scale = max(abs(row[columns.index("total")] or 0.0) for row in rows)
    shown = [0, *(i for i, name in enumerate(columns) if name in (*agents, "total", "alpha"))]
    # Shares and alpha are no money, and small ones are what they are.
    sizes = [scale if columns[i] in (*agents, "total") else 0.0 for i in shown]
    cells = [
        [
            "" if value is None else in_figures(value, scale=size)
            for value, size in zip((row[i] for i in shown), sizes, strict=True)
        ]
        for row in rows
    ]
    record = [dict(zip(columns, row, strict=True)) for row in rows]
    return Table(
        (f"{agents[0]}'s share", *(columns[i] for i in shown[1:])),
        cells,
        columns,
        rows,
        record={"title": title, "unit": unit, "agents": list(agents), "rows": record},
        title=title,
        head=[] if unit == "money" else [f"money in {unit}"],
    )
