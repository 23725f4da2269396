"""The data of figures in the sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mechopt.backends.direct import Direct
from mechopt.environments import BilateralTrade
from mechopt.problem.usual import ex_ante_efficiency
from mechopt.types import TypeSpace

if TYPE_CHECKING:
    import xarray

FIGURE_CELLS = 2_000


def figures_8(
    ratios: Sequence[float] | None = None, *, num_cells: int = FIGURE_CELLS
) -> xarray.Dataset:
    """Return the data of Cramton's Figures 8.1 and 8.2 from the direct solver.

    Parameters
    ----------
    ratios
        Discount-rate ratios δ; 100 from 0.01 to 1 unless given.
    num_cells
        Cells a side.

    Returns
    -------
    xarray.Dataset
        Over ``ratio``: ``margin`` (Figure 8.1), ``efficiency`` (Figure 8.2, share of the first best
        of the same cells), ``alpha``, ``first_best``, ``second_best``.

    Notes
    -----
    Source: Cramton (1985), Figures 8.1 and 8.2.

    Examples
    --------
    >>> figures_8([0.5, 1.0], num_cells=400).efficiency.values.round(3)
    array([0.929, 0.844])
    """
    import xarray
    from scipy import stats

    given = np.linspace(0.01, 1.0, 100) if ratios is None else np.asarray(ratios, dtype=np.float64)
    types = TypeSpace.from_distribution(stats.uniform(0, 1), num_cells)
    columns: dict[str, list[float]] = {
        name: [] for name in ("margin", "efficiency", "alpha", "first_best", "second_best")
    }
    for ratio in given:
        trade = BilateralTrade(types, types, seller_rate=1.0, buyer_rate=float(ratio))
        solution = Direct().solve(ex_ante_efficiency(trade))
        alpha = solution.alpha or 0.0
        columns["alpha"].append(alpha)
        columns["margin"].append(alpha / (1.0 + alpha))
        columns["first_best"].append(trade.first_best)
        columns["second_best"].append(solution.objective)
        columns["efficiency"].append(solution.objective / trade.first_best)
    return xarray.Dataset(
        {name: ("ratio", values) for name, values in columns.items()}, coords={"ratio": given}
    )
