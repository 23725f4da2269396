"""Curves over a parameter: the frontier, the slack of ex post efficiency, Figures 8.1 and 8.2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.rounding import first_smallest, in_figures
from mechopt._util.text import in_words
from mechopt.errors import InvalidInputError
from mechopt.literature.cramton1985.uniform_exchange import uniform_exchange
from mechopt.plot.style import DARK, as_text, axes_or_new, finish, style_of

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes

MARKERS = "os^DvxP*X"


def frontier(dataset: xarray.Dataset, ax: Axes | None = None, *, unit: str = "money") -> Axes:
    """Draw the ex ante efficient payoffs that :func:`mechopt.frontier` returns.

    Parameters
    ----------
    dataset
        What ``mo.frontier(trade)`` returns.
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

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import mechopt as mo
    >>> types = mo.TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> table = mo.frontier(mo.BilateralTrade(types, types), [0.0, 0.5, 1.0])
    >>> ax = frontier(table, Figure().add_subplot())
    >>> ax.lines[0].get_xdata().round(4).tolist() == table.seller.values.round(4).tolist()
    True
    """
    require_columns(dataset, ("agents",), "mo.frontier(trade)")
    ax = axes_or_new(ax)
    names = list(dataset.agents)
    across, up = (dataset[name].values for name in names)
    share = dataset[f"{names[0]}_share"].values
    first, second = (as_text(in_words(name)) for name in names)
    ax.plot(
        across, up, color=style_of(0).colour, marker="o", markersize=3.5, linewidth=1.4,
        label="efficient mechanisms",
    )  # fmt: skip
    marks = [
        (1.0, f"{first}'s weight alone", "^"),
        (0.5, "equal weights", "D"),
        (0.0, f"{second}'s weight alone", "v"),
    ]
    for wanted, label, marker in marks:
        at = np.flatnonzero(np.isclose(share, wanted))
        if at.size:
            ax.plot(
                across[at], up[at], linestyle="none", marker=marker, markersize=9, label=label,
                markerfacecolor="white", markeredgecolor=DARK, zorder=3,
            )  # fmt: skip
    labels = [f"{name}'s expected utility ({as_text(unit)})" for name in (first, second)]
    finish(ax, "Ex ante efficient payoffs", *labels)
    return ax


def slack(dataset: xarray.Dataset, ax: Axes | None = None, *, unit: str = "money") -> Axes:
    """Draw the slack of ex post efficiency over ratios of discount rates.

    Parameters
    ----------
    dataset
        What ``mo.cramton1985.slack_over_ratios(seller, buyer)`` returns.
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

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import mechopt as mo
    >>> types = mo.TypeSpace.finite([0.2, 0.5, 1])
    >>> ax = slack(
    ...     mo.cramton1985.slack_over_ratios(types, types, [0.5, 0.9]), Figure().add_subplot()
    ... )
    >>> ax.get_ylabel()
    'slack (money)'
    """
    require_columns(
        dataset, ("slack", "implementable", "ratio"), "mo.cramton1985.slack_over_ratios(...)"
    )
    ax = axes_or_new(ax)
    order = np.argsort(dataset.ratio.values, kind="stable")
    ratio, values = dataset.ratio.values[order], dataset.slack.values[order]
    possible = dataset.implementable.values[order].astype(bool)
    ax.plot(ratio, values, color=style_of(0).colour, linewidth=1.7, label="slack", **_dots(ratio))
    ax.axhline(0.0, color=DARK, linewidth=0.8)
    look: dict[str, Any] = {"color": style_of(0).colour, "alpha": 0.15, "linewidth": 0.0}
    if possible.any():
        ax.fill_between(
            ratio,
            0.0,
            values,
            where=possible.tolist(),
            label="efficiency possible",
            hatch="////",
            **look,
        )
    if not possible.all():
        at = first_smallest(values)
        deficit, where = in_figures(-values[at], ".3g"), in_figures(ratio[at], ".3g")
        ax.plot(
            ratio[at], values[at], linestyle="none", marker="D", markersize=7,
            markerfacecolor="white", markeredgecolor=DARK,
            label=f"largest deficit, {deficit} at $\\delta$ = {where}",
        )  # fmt: skip
    finish(ax, "Slack of ex post efficiency", ratio_in_words(), f"slack ({as_text(unit)})")
    return ax


def figure_8_1(dataset: xarray.Dataset, ax: Axes | None = None) -> Axes:
    """Draw Cramton's Figure 8.1, the margin, and its closed form.

    Parameters
    ----------
    dataset
        What ``mo.cramton1985.figures_8()`` returns.
    ax
        Where to draw; new Axes unless given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InvalidInputError
        For another dataset.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import mechopt as mo
    >>> ax = figure_8_1(mo.cramton1985.figures_8([0.5, 1.0], num_cells=100), Figure().add_subplot())
    >>> ax.lines[0].get_ydata().round(3).tolist()  # the closed form
    [0.194, 0.25]
    """
    require_columns(dataset, ("margin", "ratio"), "mo.cramton1985.figures_8()")
    closed = np.array([uniform_exchange(float(ratio)).margin for ratio in dataset.ratio.values])
    title = "Uniform exchange: margin (Figure 8.1)"
    up = r"margin $m = \alpha/(1+\alpha)$"
    return _figure(dataset.ratio.values, dataset.margin.values, closed, title, up, ax)


def figure_8_2(dataset: xarray.Dataset, ax: Axes | None = None) -> Axes:
    """Draw Cramton's Figure 8.2, the share of the first best, and its closed form.

    Parameters
    ----------
    dataset
        What ``mo.cramton1985.figures_8()`` returns.
    ax
        Where to draw; new Axes unless given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InvalidInputError
        For another dataset.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import mechopt as mo
    >>> ax = figure_8_2(mo.cramton1985.figures_8([1.0], num_cells=100), Figure().add_subplot())
    >>> ax.lines[0].get_ydata().tolist()  # the closed form
    [0.84375]
    """
    require_columns(dataset, ("efficiency", "ratio"), "mo.cramton1985.figures_8()")
    ratios = dataset.ratio.values
    closed = np.array([uniform_exchange(float(ratio)).efficiency for ratio in ratios])
    title = "Uniform exchange: efficiency (Figure 8.2)"
    up = "second best / first best"
    return _figure(ratios, dataset.efficiency.values, closed, title, up, ax)


def institutions(dataset: xarray.Dataset, ax: Axes | None = None) -> Axes:
    """Draw what institutions reach over the ratio of discount rates, below the second best.

    On uniform exchange the line of the second best is Cramton's Figure 8.2.

    Parameters
    ----------
    dataset
        What ``mo.institutions.institutions_over_ratios()`` returns.
    ax
        Where to draw; new Axes unless given.

    Returns
    -------
    matplotlib.axes.Axes
        Institutions without dates have dashed lines, equilibria with dates solid ones, and
        commitments to dates dots between the dashes.

    Raises
    ------
    InvalidInputError
        For another dataset.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import mechopt as mo
    >>> types = mo.TypeSpace.finite([1, 2, 3, 4])
    >>> data = mo.institutions.institutions_over_ratios(types, types, [0.5, 1.0])
    >>> [line.get_label() for line in institutions(data, Figure().add_subplot()).lines][:2]
    ['second best', 'posted price']
    """
    names = ("share", "efficiency", "dated", "institution", "ratio")
    require_columns(dataset, names, "mo.institutions.institutions_over_ratios()")
    ax = axes_or_new(ax)
    ratios = dataset.ratio.values
    order = np.argsort(ratios, kind="stable")
    ax.plot(
        ratios[order], dataset.efficiency.values[order], color=DARK, linewidth=1.6,
        label="second best", **_dots(ratios),
    )  # fmt: skip
    from mechopt.literature.institutions.over_ratios import INSTITUTIONS

    given = dataset.institution.values.tolist()
    known = [*INSTITUTIONS, *(name for name in given if name not in INSTITUTIONS)]
    for name in given:
        place = known.index(name)
        chosen = dataset.sel(institution=name)
        promised = "commitment" in dataset and bool(chosen.commitment)
        line = "--" if not bool(chosen.dated) else "-." if promised else "-"
        ax.plot(
            ratios[order], chosen.share.values[order], color=style_of(place).colour,
            linestyle=line, label=name, linewidth=0.9,
            marker=MARKERS[place % len(MARKERS)], markersize=4, markerfacecolor="white",
        )  # fmt: skip
    ax.set_xlim(0.0, max(1.0, float(ratios.max())) * 1.02)
    finish(ax, "What institutions reach", ratio_in_words(), "share of the first best")
    return ax


def _figure(
    ratio: FloatArray, values: FloatArray, closed: FloatArray, title: str, up: str, ax: Axes | None
) -> Axes:
    ax = axes_or_new(ax)
    order = np.argsort(ratio, kind="stable")
    ax.plot(ratio[order], closed[order], color=DARK, linewidth=0.9, label="closed form", zorder=3)
    colour = style_of(1).colour
    ax.plot(
        ratio, values, linestyle="none", marker="o", markersize=5, markerfacecolor="none",
        markeredgecolor=colour, markeredgewidth=1.2, label="computed over cells",
    )  # fmt: skip
    ax.set_xlim(0.0, max(1.0, float(ratio.max())) * 1.02)
    finish(ax, title, ratio_in_words(), up)
    return ax


def _dots(across: FloatArray) -> dict[str, Any]:
    """Return markers for a curve of so few points that a line alone would hide them."""
    return {"marker": "o", "markersize": 4} if across.size <= 30 else {}


def require_columns(dataset: object, names: tuple[str, ...], source: str) -> None:
    """Raise InvalidInputError unless this is a dataset with these variables."""
    missing = [name for name in names if not hasattr(dataset, name)]
    if not missing:
        return
    raise InvalidInputError(
        "not the data of this picture",
        where="dataset",
        expected=f"what {source} returns",
        got=f"a {type(dataset).__name__} without {', '.join(missing)}",
        remedy="Pass that.",
    )


def ratio_in_words() -> str:
    """Return what the axis of ratios of discount rates is called."""
    from mechopt.literature.institutions.over_ratios import RATIO

    return RATIO
