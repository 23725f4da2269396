"""Bargaining at a discount factor: bounds over factors and beliefs, and splittings of beliefs."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from mechopt._util.rounding import in_figures
from mechopt.errors import require
from mechopt.literature.peski2024.discount_maps import discount_sweep
from mechopt.literature.peski2024.finite_types import CONJECTURED
from mechopt.plot.bargaining import BELIEFS, shade_square
from mechopt.plot.curves import require_columns
from mechopt.plot.style import DARK, as_text, axes_or_new, finish, style_of
from mechopt.problem.objectives import DiscountedPayoff

FACTORS = ("0", "0.2", "0.4", "0.6", "0.8", "0.9", "0.95", "0.99")

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes

    from mechopt.literature.peski2024.derived import Splitting
    from mechopt.solution import Solution


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
        label = as_text(name.replace("_", " "))
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


def bounds_square(dataset: xarray.Dataset, ax: Axes | None = None, *, unit: str = "money") -> Axes:
    """Draw how much is left open of player 1's expected payoff, over the square of beliefs.

    Parameters
    ----------
    dataset
        What ``mo.peski2024.bounds_over_beliefs(player_1, player_2)`` returns.
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
    The line is the belief from which on, if the whole gap is proved, payoffs are known. Source:
    theory.md, section 4.6.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import mechopt as mo
    >>> square = mo.peski2024.bounds_over_beliefs((0, 2), (1, 3), beliefs=11)
    >>> bounds_square(square, Figure().add_subplot()).get_title(loc="left")
    "What is left open of player 1's payoff"
    """
    require_columns(dataset, ("width", "high_1", "high_2"), "mo.peski2024.bounds_over_beliefs(...)")
    ax = axes_or_new(ax)
    label = f"width of the interval ({as_text(unit)})"
    if shade_square(ax, dataset.width, label, "known at all beliefs"):
        ax.axvline(dataset.attrs["crossing"], color=DARK, linestyle="--", linewidth=1.0)
    high_1, high_2 = BELIEFS
    finish(ax, "What is left open of player 1's payoff", high_1, high_2)
    return ax


def splitting(found: Splitting, ax: Axes | None = None) -> Axes:
    """Draw how a message splits the belief about who sends it.

    Parameters
    ----------
    found
        What ``mo.peski2024.splitting(mechanism, player, belief, direction)`` returns.
    ax
        Where to draw; new Axes unless given.

    Returns
    -------
    matplotlib.axes.Axes

    Notes
    -----
    Numbers are the probabilities of the beliefs that the arrows lead to. Source: theory.md, section
    4.7.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from mechopt.peski2024 import Splitting
    >>> told = Splitting("player_1", 0.5, ((0.0, 0.5), (1.0, 0.5)), 1.0, 0.0)
    >>> ax = splitting(told, Figure().add_subplot())
    >>> [text.get_text() for text in ax.texts]
    ['0.5', '0.5']
    """
    from mechopt.literature.peski2024.derived import Splitting

    require(found, Splitting, where="found", remedy="Pass what splitting returns.")
    ax = axes_or_new(ax)
    dot: dict[str, Any] = {"linestyle": "none", "color": DARK, "marker": "o"}
    ax.plot([found.belief], [1.0], **dot)
    for posterior, chance in found.posteriors:
        ax.plot([found.belief, posterior], [1.0, 0.0], color=DARK, linewidth=0.5 + 3.0 * chance)
        ax.plot([posterior], [0.0], **dot)
        middle = (0.5 * (found.belief + posterior), 0.5)
        ax.annotate(in_figures(chance, ".3g"), middle, xytext=(6, 0), textcoords="offset points")
    ax.set_xlim(-0.05, 1.05)
    ax.set_ylim(-0.3, 1.3)
    ax.set_yticks([0.0, 1.0], ["after", "before"])
    name = as_text(found.player.replace("_", " "))
    finish(ax, f"A message of {name}", f"probability of {name}'s high type", "")
    return ax
