"""The menu of a buyer of several goods: what is to be had for which money, and who chooses it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from mechopt._util.rounding import in_figures
from mechopt.environments.goods import SeveralGoods
from mechopt.errors import InvalidInputError
from mechopt.plot.style import DARK, SHADES, as_text, axes_or_new, finish, solution_of
from mechopt.report.menu import Entry, menu as entries_of
from mechopt.solution import Solution, mechanism_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mechopt.mechanism.mechanism import Mechanism
    from mechopt.plot.pages import Further, Panel
    from mechopt.report.addendum import HasSolution

MARKERS = "os^vDPX*"
# So many entries have their own mark in the legend; of more, bars are numbered.
MOST_NAMED = 8


def menu(
    solution: Solution | Mechanism | HasSolution, ax: Axes | None = None, *, unit: str = "money"
) -> Axes:
    """Draw what types of a buyer choose from a menu.

    Of two goods, types lie where their values are, marked by what they choose; the legend says what
    that is and what it costs. Of another number of goods, or very many entries, there is a bar for
    the probability of each good in each entry, by price.

    Parameters
    ----------
    solution
        A solution, a mechanism, or an outcome that holds one, of :func:`mechopt.Goods`.
    ax
        Where to draw; new Axes unless given.
    unit
        What money is measured in.

    Raises
    ------
    InvalidInputError
        For another environment, and if there is no mechanism.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from mechopt import Goods, largest_revenue, solve
    >>> solution = solve(largest_revenue(Goods([[1, 0], [0, 2], [3, 3]])))
    >>> ax = menu(solution, Figure().add_subplot())
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['(0.5, 0) for 0.5', '(0, 1) for 2', '(1, 1) for 5']
    """
    mechanism = mechanism_of(solution_of(solution))
    environment = mechanism.environment
    outcomes = environment.outcomes
    if not isinstance(outcomes, SeveralGoods):
        raise InvalidInputError(
            "no menu of goods",
            where="solution",
            expected="a solution of Goods(...)",
            got=type(outcomes).__name__,
            remedy="Draw its overview.",
        )
    ax = axes_or_new(ax)
    entries, money = entries_of(mechanism), as_text(unit)
    shades = _shades(len(entries))
    if outcomes.count != 2 or len(entries) > MOST_NAMED:
        return _bars(ax, entries, outcomes.count, money)
    values = environment.agents[0].types.mean
    mass = environment.masses[0]
    for place, (entry, shade) in enumerate(zip(entries, shades, strict=True)):
        own = list(entry.types)
        look: dict[str, Any] = {
            "s": np.clip(700.0 * mass[own], 18.0, 160.0),
            "marker": MARKERS[place % len(MARKERS)],
            "color": [shade],
            "edgecolors": DARK,
            "linewidths": 0.7,
        }
        ax.scatter(values[own, 0], values[own, 1], zorder=3, **look)
        # In the legend all marks have one size: large ones would cover each other.
        ax.scatter([], [], label=_said(entry), **(look | {"s": 30.0}))
    ax.margins(0.12)
    finish(ax, "Menu", f"value of good 1 ({money})", f"value of good 2 ({money})", columns=3)
    return ax


def _bars(ax: Axes, entries: tuple[Entry, ...], goods: int, money: str) -> Axes:
    """Draw a bar for each good in each entry."""
    width = 0.8 / goods
    for good, shade in enumerate(_shades(goods)):
        across = np.arange(len(entries)) + (good - (goods - 1) / 2.0) * width
        heights = [float(entry.outcome[good]) for entry in entries]
        look: dict[str, Any] = {"color": [shade], "edgecolor": DARK, "linewidth": 0.6}
        ax.bar(across, heights, width, label=f"good {good + 1}", **look)
    if len(entries) <= MOST_NAMED:
        ax.set_xticks(range(len(entries)), [in_figures(e.payment, ".4g", 1.0) for e in entries])
    ax.set_ylim(0.0, 1.05)
    across_word = f"price ({money})" if len(entries) <= MOST_NAMED else "entry, by price"
    finish(ax, "Menu", across_word, "probability of the good", columns=4)
    return ax


def _said(entry: Entry) -> str:
    """Return what an entry is and what it costs."""
    goods = ", ".join(in_figures(value, ".3g", 1.0) for value in entry.outcome)
    return f"({goods}) for {in_figures(entry.payment, '.4g', 1.0)}"


def _shades(number: int) -> list[Any]:
    import matplotlib as mpl

    return list(mpl.colormaps[SHADES](np.linspace(0.1, 1.0, max(number, 1))))


def panels_of(solution: Solution | HasSolution) -> Further:
    """Return the picture of the menu."""
    from mechopt.plot.pages import Further

    source = solution_of(solution)
    assert isinstance(source, Solution)
    panels: dict[str, list[Panel]] = {"menu": [partial(menu, source)]}
    return Further(panels, ["menu", "payments", "utilities"])
