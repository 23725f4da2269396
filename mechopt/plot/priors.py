"""Priors: densities or masses, distribution functions, and the cells that stand for them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.text import for_plot
from mechopt.environments import Agent
from mechopt.errors import InvalidInputError, require
from mechopt.plot.look import USUAL, Look
from mechopt.plot.pages import require_picture, write_figure
from mechopt.plot.style import (
    MAX_CELLS,
    MUTED,
    as_text,
    axes_or_new,
    blocks,
    display_name,
    finish,
    fit_legends,
    style_of,
)
from mechopt.plot.ticks import inner_ends, leave_outliers_out, tick_types
from mechopt.types import TypeSpace
from mechopt.types.source import Source

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Shown = Literal["density", "distribution"]
NUM_POINTS = 400
# A density that grows without end is cut off at so many times the densest cell.
REACH = 2.0
# More probabilities than this are not written beside their types.
MAX_WRITTEN = 8
# More finite types than this are counted in intervals of equal width, of which there are at least
# and at most so many.
MAX_STEMS = 40
FEWEST_BARS, MOST_BARS = 8, 30


def prior(
    types: TypeSpace,
    show: Shown = "density",
    ax: Axes | None = None,
    *,
    name: str = "",
    unit: str = "money",
    position: int = 0,
) -> Axes:
    """Draw a prior: its density or masses, or its distribution function, and its cells.

    Cells of a continuum are steps, with the height of their mean density; the law that they cut is
    a line, where there is one. A type with a probability of its own is a stem with that probability
    beside it, in a picture of a density at full height. More than 40 finite types, as of a sample,
    are a histogram: bars of what intervals of equal width weigh together.

    Parameters
    ----------
    types
        Finite types or cells.
    show
        ``"density"``, or ``"distribution"`` for its distribution function.
    ax
        Where to draw; new Axes unless given.
    name
        Whose prior it is, for the title.
    unit
        What money is measured in.
    position
        Of the agent in the environment, for line style and marker.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InvalidInputError
        For types that are no numbers, and for another word.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from mechopt import TypeSpace
    >>> ax = prior(TypeSpace.finite([1, 2], [0.25, 0.75]), ax=Figure().add_subplot())
    >>> ax.get_ylabel(), ax.containers[0].markerline.get_ydata().tolist()
    ('probability', [0.25, 0.75])
    """
    require(types, TypeSpace, where="types", remedy="Pass a TypeSpace.")
    if not types.is_ordered or show not in ("density", "distribution"):
        raise InvalidInputError(
            "no such picture of a prior",
            where="show" if types.is_ordered else "types",
            expected="density or distribution, of types that are numbers",
            got=f"{show}, of {types}",
            remedy="Draw the masses of a table of types yourself.",
        )
    ax = axes_or_new(ax)
    (_density if show == "density" else _distribution)(types, ax, position)
    return _finished(ax, types, show, name, unit)


def priors_picture(
    agents: Sequence[Agent], path: str | Path, *, unit: str = "money", look: Look = USUAL
) -> None:
    """Write the priors of agents to a file, side by side; the same priors give the same bytes.

    Parameters
    ----------
    agents
        Agents of an environment; of several alike, the first is drawn.
    path
        Ends with ``.png``, ``.svg``, ``.pdf`` or ``.pgf``. The file appears whole or not at all.
    unit
        What money is measured in.
    look
        How it is printed: its size, font, titles, grey.

    Raises
    ------
    InvalidInputError
        For another suffix, a file that cannot be written, and types that are no numbers.
    """
    require_picture(path)
    unlike: dict[TypeSpace, int] = {}
    for place, agent in enumerate(agents):
        unlike.setdefault(agent.types, place)
    from matplotlib.figure import Figure

    beside = look.width is None or look.columns(len(unlike)) == len(unlike)
    columns = len(unlike) if beside else 1
    size = look.size_in(columns, 2 * len(unlike) // columns)
    figure = Figure(figsize=size, layout="constrained")
    shown: tuple[Shown, Shown] = ("density", "distribution")
    with look.used(len(unlike)):
        for column, (types, place) in enumerate(unlike.items()):
            for row, show in enumerate(shown):
                below = 2 * column + row if columns == 1 else row * columns + column
                ax = figure.add_subplot(2 * len(unlike) // columns, columns, 1 + below)
                who = display_name(agents[place])
                prior(types, show, ax, name=who, unit=unit, position=column)
        fit_legends(figure)
        look.finish(figure)
    write_figure(figure, path, look=look)


def _points(law: Source) -> FloatArray:
    """Return types at which a law is drawn: more where it has more to show."""
    even = np.linspace(law.low, law.high, NUM_POINTS)
    likely = law.quantiles(np.linspace(0.0, 1.0, NUM_POINTS // 4))
    sharp = np.concatenate([law.breaks, law.atoms, *map(np.asarray, law.gaps)])
    if sharp.size > NUM_POINTS:
        sharp = sharp[blocks(sharp.size, NUM_POINTS)[1]]
    span = law.high - law.low
    # Both sides of a jump.
    return np.unique(np.clip(np.concatenate([
        even, likely, sharp, sharp - 1e-9 * span, sharp + 1e-9 * span
    ]), law.low, law.high))  # fmt: skip


def cell_densities(types: TypeSpace) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return lower and upper ends of the cells that have a width, and their mean densities."""
    wide = np.flatnonzero(types.upper > types.lower)
    if not wide.size:
        return np.zeros(0), np.zeros(0), np.zeros(0)
    first, _, last = blocks(wide.size, MAX_CELLS)
    total = np.concatenate([[0.0], np.cumsum(types.mass[wide])])
    low, high = types.lower[wide[first]], types.upper[wide[last]]
    return low, high, (total[last + 1] - total[first]) / (high - low)


def is_histogram(types: TypeSpace) -> bool:
    """Return whether finite types are so many that they are counted in intervals.

    Examples
    --------
    >>> [is_histogram(TypeSpace.finite(range(n))) for n in (40, 41)]
    [False, True]
    """
    return types.is_finite and types.num_cells > MAX_STEMS


def _density(types: TypeSpace, ax: Axes, position: int) -> None:
    style = style_of(position)
    if is_histogram(types):
        first, last = inner_ends([types]) or (types.lowest, types.highest)
        size = types.num_cells
        bars = int(np.clip(round(2.0 * size ** (1 / 3)), FEWEST_BARS, MOST_BARS))
        ax.hist(types.mean, np.linspace(first, last, bars + 1).tolist(), weights=types.mass,
                color=style.colour, alpha=0.6, edgecolor="white", linewidth=0.5,
                label=f"{size:,} types, in {bars} intervals")  # fmt: skip
        return
    low, high, heights = cell_densities(types)
    top = 0.0
    if heights.size:
        across = np.column_stack([low, low, high, high]).ravel()
        up = np.column_stack([0 * heights, heights, heights, 0 * heights]).ravel()
        ax.fill_between(across, up, color=style.colour, alpha=0.18, linewidth=0, label="cells")
        top = float(heights.max())
    if types.prior is not None:
        points = _points(types.prior)
        density = np.asarray(types.prior.density(points), dtype=np.float64)
        finite = density[np.isfinite(density)]
        if heights.size:
            top = min(max(top, float(finite.max(initial=0.0))), REACH * top)
        ax.plot(
            points, np.where(np.isfinite(density), density, REACH * top), color=style.colour,
            linestyle=style.line, linewidth=1.5, label=for_plot(types.prior.title[:60]),
        )  # fmt: skip
    _stems(types, ax, position, top)
    if top > 0.0:
        ax.set_ylim(0.0, 1.12 * top)
    else:
        ax.set_ylim(bottom=0.0)


def _stems(types: TypeSpace, ax: Axes, position: int, top: float) -> None:
    """Draw types with a probability of their own: at it, or at full height beside a density."""
    points = np.flatnonzero(types.upper == types.lower)
    if not points.size:
        return
    shown = points[blocks(points.size, MAX_CELLS)[1]]
    at, mass = types.mean[shown], types.mass[shown]
    style = style_of(position)
    heights = np.full(at.size, top) if top > 0.0 else mass
    label = "probability of a type" if top > 0.0 else "types"
    found = ax.stem(at, heights, linefmt=style.colour, markerfmt=style.marker, basefmt=" ",
                    label=label)  # fmt: skip
    found.markerline.set(color=style.colour, markersize=4.5)
    if style.is_open:
        found.markerline.set_markerfacecolor("white")
    # Room for the last number.
    ax.margins(x=0.1 if at.size <= MAX_WRITTEN else 0.05)
    for x, height, share in zip(at, heights, mass, strict=True):
        if at.size <= MAX_WRITTEN:
            ax.annotate(f"{share:.3g}", (x, height), xytext=(3, 2), textcoords="offset points",
                        fontsize="small", color=MUTED)  # fmt: skip


def _distribution(types: TypeSpace, ax: Axes, position: int) -> None:
    style = style_of(position)
    total = np.concatenate([[0.0], np.cumsum(types.mass)])
    if types.prior is not None:
        points = _points(types.prior)
        below = types.prior.below(points)
        ax.plot(points, below, color=style.colour, linestyle=style.line, linewidth=1.5,
                label=for_plot(types.prior.title[:60]))  # fmt: skip
    else:
        # Up to each cell's lower end there is what is below it, up to its upper end all of it.
        across = np.column_stack([types.lower, types.upper]).ravel()
        up = np.column_stack([total[:-1], total[1:]]).ravel()
        ax.plot(across, up, color=style.colour, linestyle=style.line, linewidth=1.5,
                label=f"{types.num_cells:,} types" if types.is_finite else "cells")  # fmt: skip
    if not types.is_finite:
        shown = blocks(types.num_cells, MAX_CELLS // 4)[2]
        ax.plot(types.upper[shown], total[1:][shown], linestyle="none", marker=style.marker,
                markersize=3.5, color=style.colour, markerfacecolor="white",
                label="ends of cells")  # fmt: skip
    ax.set_ylim(0.0, 1.05)


def _finished(ax: Axes, types: TypeSpace, show: str, name: str, unit: str) -> Axes:
    whose = f"{name}: " if name else ""
    what = "density" if not types.is_finite else "probability"
    up = f"{what} (per {as_text(unit)})" if what == "density" else what
    if is_histogram(types):
        up = "probability of an interval"
    if show == "distribution":
        what, up = "distribution function", "probability of types up to each"
    tick_types(ax.xaxis, [types])
    beyond = leave_outliers_out(ax, [types], upwards=False)
    finish(ax, f"{whose}{what}", f"type ({as_text(unit)}){beyond}", up)
    return ax
