"""Bargaining over discount factors: intervals of payoffs in every equilibrium."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from mechopt._util.text import in_words
from mechopt.errors import require
from mechopt.literature.peski2024.discount_maps import discount_sweep
from mechopt.literature.peski2024.finite_types import CONJECTURED
from mechopt.plot.curves import require_columns
from mechopt.plot.style import DARK, as_text, axes_or_new, finish, style_of
from mechopt.problem.objectives import DiscountedPayoff

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes

    from mechopt.solution import Solution

FACTORS = ("0", "0.2", "0.4", "0.6", "0.8", "0.9", "0.95", "0.99")


def bounds_over_discounts(
    dataset: xarray.Dataset, ax: Axes | None = None, *, unit: str = "money"
) -> Axes:
    """Draw the intervals of both players' expected payoffs over discount factors.

    Parameters
    ----------
    dataset
        What ``mo.peski2024.discount_sweep(bargaining, discounts)`` returns.
    ax
        Where to draw; new Axes unless given.
    unit
        What money is measured in.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InvalidInputError
        For another dataset.

    Notes
    -----
    Dashes are the limits of patient players, where these are known. Source: theory.md, section 4.6.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import mechopt as mo
    >>> bargaining = mo.Bargaining(mo.TypeSpace.finite([0, 2]), mo.TypeSpace.finite([1, 3]), 0.5)
    >>> swept = mo.peski2024.discount_sweep(bargaining, [0, 0.5, 0.9])
    >>> ax = bounds_over_discounts(swept, Figure().add_subplot())
    >>> ax.get_legend_handles_labels()[1]
    ['player 1', 'player 2']
    """
    require_columns(dataset, ("expected", "discount", "limit"), "mo.peski2024.discount_sweep(...)")
    ax = axes_or_new(ax)
    across = dataset.discount.values
    for i, name in enumerate(dataset.player.values.tolist()):
        style, ends = style_of(i), dataset.expected.sel(player=name)
        low, high = (ends.sel(end=end).values for end in ("low", "high"))
        label = as_text(in_words(name))
        ax.fill_between(across, low, high, color=style.colour, alpha=0.4, label=label)
        for end in (low, high):
            ax.plot(across, end, color=style.colour, marker=style.marker, markersize=3, lw=0.8)
        limit = float(dataset.limit.sel(player=name))
        if np.isfinite(limit):
            ax.axhline(limit, color=DARK, linestyle="--", lw=0.8)
    payoff = f"expected payoff ({as_text(unit)})"
    title = "Payoffs in every equilibrium"
    if dataset.attrs.get("basis") == CONJECTURED:
        title = "Payoffs if random-monopoly bounds hold"
    finish(ax, title, "discount factor", payoff)
    return ax


def at_a_discount(solution: Solution, ax: Axes | None = None, *, unit: str = "money") -> Axes:
    """Draw both players' intervals over discount factors, and the one that was asked about.

    Parameters
    ----------
    solution
        Of a problem that names a discount factor (``peski2024.equilibrium_problem``).
    ax
        Where to draw; new Axes unless given.
    unit
        What money is measured in.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InvalidInputError
        For a solution of another problem.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import mechopt as mo
    >>> bargaining = mo.Bargaining(mo.TypeSpace.finite([0, 2]), mo.TypeSpace.finite([1, 3]), 0.5)
    >>> solution = mo.solve(mo.peski2024.equilibrium_problem(bargaining, 0.7))
    >>> at_a_discount(solution, Figure().add_subplot()).lines[-1].get_xdata()
    [0.7, 0.7]
    """
    objective = solution.problem.objective
    require(objective, DiscountedPayoff, where="solution", remedy="Solve an equilibrium_problem.")
    assert isinstance(objective, DiscountedPayoff)
    own = Fraction(objective.discount_factor)
    factors = sorted({*map(Fraction, FACTORS), own})
    swept = discount_sweep(solution.problem.environment, factors)
    ax = bounds_over_discounts(swept, ax, unit=unit)
    ax.axvline(float(own), color=DARK, linestyle=":", linewidth=1.0)
    return ax
