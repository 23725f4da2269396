"""Bargaining: payoff sets with the gap, the gap over beliefs, payoffs with bounds and intervals."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from mechopt._util.rounding import in_figures
from mechopt.environments.bargaining import is_bargaining
from mechopt.errors import InvalidInputError, require
from mechopt.literature.peski2024.bargaining import is_player_1_gap
from mechopt.literature.peski2024.finite_types import fault_of_bargaining
from mechopt.plot.curves import require_columns
from mechopt.plot.discounts import at_a_discount
from mechopt.plot.redraw import shade_bar
from mechopt.plot.style import (
    DARK,
    MUTED,
    SHADES,
    as_text,
    axes_or_new,
    display_name,
    finish,
    solution_of,
    style_of,
)
from mechopt.problem.objectives import DiscountedPayoff
from mechopt.solution import Solution

if TYPE_CHECKING:
    import xarray
    from matplotlib.axes import Axes

    from mechopt.literature.peski2024.payoff_set import Projection
    from mechopt.literature.peski2024.player_1_gap import PlayerOneGap
    from mechopt.plot.pages import Further, Panel, ProgressBar
    from mechopt.report.addendum import HasSolution

# Each type's interval takes two linear programs.
MAX_INTERVALS = 24
NUM_LEVELS = 10
# So many types of a player stand side by side with labels; more, where they are in money.
MAX_NAMED = 8
BELIEFS = "probability of player 1's high type", "probability of player 2's high type"


def payoff_projection(
    projection: Projection,
    outcome: PlayerOneGap | None = None,
    ax: Axes | None = None,
    *,
    unit: str = "money",
) -> Axes:
    """Draw a projection of a payoff set, the random-monopoly point, and player 1's gap.

    Parameters
    ----------
    projection
        What ``mo.peski2024.PayoffSet(bargaining).projection(first, second)`` returns.
    outcome
        What ``mo.peski2024.player_1_gap(bargaining)`` returns; its gap is drawn as an arrow if
        the axes are the two players' expected payoffs, player 1's first.
    ax
        Where to draw; new Axes unless given.
    unit
        What money is measured in.

    Returns
    -------
    matplotlib.axes.Axes

    Notes
    -----
    Source: theory.md, section 4; Pęski (2024).

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import mechopt as mo
    >>> bargaining = mo.Bargaining(mo.TypeSpace.finite([0, 2]), mo.TypeSpace.finite([1, 3]), 0.5)
    >>> seen = mo.peski2024.PayoffSet(bargaining).projection("player_1", "player_2")
    >>> ax = payoff_projection(seen, mo.peski2024.player_1_gap(bargaining), Figure().add_subplot())
    >>> ax.texts[0].get_text()
    'gap = 0.0625'
    """
    from matplotlib.patches import Polygon

    from mechopt.literature.peski2024.payoff_set import Projection
    from mechopt.literature.peski2024.player_1_gap import PlayerOneGap

    hint = "Pass what PayoffSet.projection returns."
    require(projection, Projection, where="projection", remedy=hint)
    if outcome is not None:
        require(outcome, PlayerOneGap, where="outcome", remedy="Pass what player_1_gap returns.")
    ax = axes_or_new(ax)
    corners = projection.polygon.vertices
    ax.add_patch(
        Polygon(corners, closed=True, facecolor="#c6d7ea", edgecolor=DARK, label="payoff set")
    )
    ax.plot(corners[:, 0], corners[:, 1], linestyle="none", marker="o", markersize=4, color=DARK)
    bound = projection.bound
    ax.plot(
        bound[0], bound[1], linestyle="none", marker="D", markersize=8, markerfacecolor="white",
        markeredgecolor=DARK, markeredgewidth=1.4, label="random monopoly", zorder=4,
    )  # fmt: skip
    points = np.vstack([corners, bound])
    if outcome is not None and projection.labels == _expected_labels(outcome):
        _draw_gap(ax, outcome, bound)
        points = np.vstack([points, [outcome.value, bound[1]]])
    _leave_room(ax, points)
    across, up = (
        f"{as_text(label.replace('_', ' '))} ({as_text(unit)})" for label in projection.labels
    )
    finish(ax, "Payoffs of bargaining", across, up)
    return ax


def _expected_labels(outcome: PlayerOneGap) -> tuple[str, ...]:
    return tuple(f"{agent.name}, expected" for agent in outcome.problem.environment.agents)


def _draw_gap(ax: Axes, outcome: PlayerOneGap, bound: Any) -> None:
    """Draw an arrow from player 1's bound to what it can expect at most."""
    ax.axvline(outcome.value, color=MUTED, linestyle=":", linewidth=1.2, label="E, player 1's most")
    if outcome.gap <= 1e-9 * outcome.problem.environment.first_best:
        return
    arrow: dict[str, Any] = {"arrowstyle": "<->", "linewidth": 1.6, "color": style_of(1).colour}
    arrow |= {"shrinkA": 0.0, "shrinkB": 0.0}
    start, end = (outcome.random_monopoly, bound[1]), (outcome.value, bound[1])
    ax.annotate(
        f"gap = {in_figures(outcome.gap, '.4g')}",
        (0.5 * (start[0] + end[0]), bound[1]),
        xytext=(0.0, -9.0),
        textcoords="offset points",
        ha="center",
        va="top",
    )
    ax.annotate("", end, xytext=start, arrowprops=arrow)


def _leave_room(ax: Axes, points: Any) -> None:
    """Set limits a little beyond the points, so that nothing lies on the frame."""
    low, high = points.min(axis=0), points.max(axis=0)
    span = np.where(high > low, high - low, np.maximum(np.abs(high), 1.0) * 0.1)
    ax.set_xlim(low[0] - 0.12 * span[0], high[0] + 0.12 * span[0])
    ax.set_ylim(low[1] - 0.2 * span[1], high[1] + 0.12 * span[1])


def gap_square(dataset: xarray.Dataset, ax: Axes | None = None, *, unit: str = "money") -> Axes:
    """Draw player 1's gap over the square of beliefs.

    Parameters
    ----------
    dataset
        What ``mo.peski2024.gap_over_beliefs(player_1, player_2)`` returns.
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
    The lines are p_1* and p_2*, where the gap is largest, and p_2**, where it begins. Source:
    theory.md, section 4; Pęski (2024).

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import mechopt as mo
    >>> ax = gap_square(
    ...     mo.peski2024.gap_over_beliefs((0, 1), (2, 3), 0.5, 21), Figure().add_subplot()
    ... )
    >>> [text.get_text() for text in ax.texts]
    ['$p_1^*$', '$p_2^*$', '$p_2^{**}$']
    """
    require_columns(dataset, ("gap", "high_1", "high_2"), "mo.peski2024.gap_over_beliefs(...)")
    ax = axes_or_new(ax)
    if shade_square(ax, dataset.gap, f"player 1's gap ({as_text(unit)})", "no gap at any belief"):
        _draw_peaks(ax, dataset.attrs)
    high_1, high_2 = BELIEFS
    finish(ax, "Player 1's gap over beliefs", high_1, high_2)
    return ax


def shade_square(ax: Axes, values: xarray.DataArray, label: str, nothing: str) -> bool:
    """Shade numbers over the square of beliefs; return whether there is any above zero."""
    over = values.transpose("high_2", "high_1").values
    ax.set_xlim(0.0, 1.0)
    ax.set_ylim(0.0, 1.0)
    if not (over.max() > 0.0 and min(over.shape) > 1):
        ax.set_facecolor("white")
        ax.text(0.5, 0.5, nothing, ha="center", va="center")
        return False
    across, up = values.high_1.values, values.high_2.values
    filled = ax.contourf(across, up, over, levels=NUM_LEVELS, cmap=SHADES, vmin=0.0)
    ax.contour(filled, colors="#555555", linewidths=0.4)
    shade_bar(ax, filled, label)
    return True


def _draw_peaks(ax: Axes, attributes: Any) -> None:
    """Draw where the gap is largest and where it begins, and say so at the edge."""
    line: dict[str, Any] = {"color": DARK, "linewidth": 1.0}
    box: dict[str, Any] = {"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 1.0}
    look: dict[str, Any] = {"textcoords": "offset points", "bbox": box}
    peak_1, peak_2, floor_2 = (attributes[name] for name in ("peak_1", "peak_2", "floor_2"))
    ax.axvline(peak_1, linestyle="--", **line)
    side = "left" if peak_1 < 0.9 else "right"
    shift = 4 if side == "left" else -4
    ax.annotate("$p_1^*$", (peak_1, 0.98), xytext=(shift, 0), ha=side, va="top", **look)
    ax.axhline(peak_2, linestyle="--", **line)
    above = "bottom" if peak_2 < 0.9 else "top"
    ax.annotate(
        "$p_2^*$", (0.02, peak_2), xytext=(0, 4 if above == "bottom" else -4), va=above, **look
    )
    if floor_2 > 0.0:
        ax.axhline(floor_2, linestyle=":", **line)
        ax.annotate("$p_2^{**}$", (0.02, floor_2), xytext=(0, -4), va="top", **look)


def payoff_intervals(outcome: PlayerOneGap, ax: Axes | None = None, *, unit: str = "money") -> Axes:
    """Draw every type's payoff, its random-monopoly bound, and its interval over all optima.

    Parameters
    ----------
    outcome
        What ``mo.peski2024.player_1_gap(bargaining)`` returns.
    ax
        Where to draw; new Axes unless given.
    unit
        What money is measured in.

    Returns
    -------
    matplotlib.axes.Axes

    Notes
    -----
    Where an interval is not a point, the program does not pin the payoff down; the point is that of
    the mechanism found. Source: theory.md, section 4.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import mechopt as mo
    >>> bargaining = mo.Bargaining(mo.TypeSpace.finite([0, 2]), mo.TypeSpace.finite([1, 3]), 0.5)
    >>> ax = payoff_intervals(mo.peski2024.player_1_gap(bargaining), Figure().add_subplot())
    >>> [label.get_text() for label in ax.get_xticklabels()]
    ['0', '2', '1', '3']
    """
    _require_outcome(outcome)
    ax = axes_or_new(ax)
    agents = outcome.problem.environment.agents
    few = all(agent.types.num_cells <= MAX_NAMED for agent in agents)
    sizes = [agent.types.num_cells for agent in agents]
    places: list[Any] = [agent.types.mean for agent in agents]
    if few:
        places = [np.arange(sizes[0]) + 0.0, sizes[0] + 0.5 + np.arange(sizes[1])]
    names = [display_name(agent) for agent in agents]
    for i, agent in enumerate(agents):
        style = style_of(i)
        marker = {"marker": style.marker, "markersize": 6.5 if few else 3.0}
        marker["markerfacecolor"] = "none" if style.is_open else style.colour
        look: dict[str, Any] = {"color": style.colour, "linestyle": "none", "zorder": 3} | marker
        ax.plot(places[i], outcome.payoffs[agent.name], label=f"{names[i]}: payoff", **look)
    for i, agent in enumerate(agents):
        look = {"color": style_of(i).colour, "linestyle": "none", "marker": "_"}
        look |= {"markersize": 14.0 if few else 5.0, "markeredgewidth": 1.6}
        ax.plot(places[i], outcome.bounds[agent.name], label=f"{names[i]}: bound", **look)
    for i, agent in enumerate(agents):
        if outcome.payoff_intervals is not None:
            low, high = outcome.payoff_intervals[agent.name].T
            # In grey too, those of one player are darker than those of the other.
            look = {"color": style_of(i).colour, "alpha": (0.55, 0.3)[i], "linewidth": 2}
            look |= {"linewidth": 9} if few else {}
            ax.vlines(places[i], low, high, label=f"{names[i]}: interval", **look)
    if few:
        _name_types(ax, outcome, places, names)
    finish(
        ax, "Payoffs and bounds", f"type ({as_text(unit)})", f"payoff ({as_text(unit)})", columns=3
    )
    return ax


def _name_types(ax: Axes, outcome: PlayerOneGap, places: list[Any], names: list[str]) -> None:
    """Label types that stand side by side, and write the players' names above theirs."""
    agents = outcome.problem.environment.agents
    labels = [agent.types.label(k) for agent in agents for k in range(agent.types.num_cells)]
    ax.set_xticks(np.concatenate(places), labels)
    ax.set_xlim(-0.6, places[-1][-1] + 0.6)
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.12 * (high - low))
    ax.axvline(places[0][-1] + 0.75, color=MUTED, linewidth=0.6)
    for place, name in zip(places, names, strict=True):
        middle, across = 0.5 * (place[0] + place[-1]), ax.get_xaxis_transform()
        ax.text(middle, 0.98, name, transform=across, ha="center", va="top")


def gap_bar(outcome: PlayerOneGap, ax: Axes | None = None, *, unit: str = "money") -> Axes:
    """Draw both players' expected payoffs: the random-monopoly bound, and what comes on top of it.

    What comes on top is the gap for player 1.

    Parameters
    ----------
    outcome
        What ``mo.peski2024.player_1_gap(bargaining)`` returns.
    ax
        Where to draw; new Axes unless given.
    unit
        What money is measured in.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> import mechopt as mo
    >>> bargaining = mo.Bargaining(mo.TypeSpace.finite([0, 2]), mo.TypeSpace.finite([1, 3]), 0.5)
    >>> ax = gap_bar(mo.peski2024.player_1_gap(bargaining), Figure().add_subplot())
    >>> [round(float(bar.get_width()), 4) for bar in ax.patches]
    [1.0, 1.125, 0.0625, 0.0]
    """
    _require_outcome(outcome)
    ax = axes_or_new(ax)
    agents = outcome.problem.environment.agents
    bounds, payoffs = (
        np.array([agent.types.expectation(values[agent.name]) for agent in agents])
        for values in (outcome.bounds, outcome.payoffs)
    )
    beyond = payoffs - bounds
    beyond[np.abs(beyond) < 1e-9 * outcome.problem.environment.first_best] = 0.0
    rows = [1.0, 0.0]
    dark, light = style_of(0).colour, style_of(1).colour
    ax.barh(rows, bounds, height=0.5, color=dark, label="random-monopoly bound")
    ax.barh(
        rows, beyond, left=bounds, height=0.5, facecolor=light, edgecolor="white", hatch="////",
        label="beyond the bound",
    )  # fmt: skip
    for row, payoff, more in zip(rows, payoffs, beyond, strict=True):
        text = in_figures(payoff, ".5g", outcome.value)
        text += f", of which {in_figures(more, '.4g')} beyond the bound" if more else ""
        ax.annotate(
            text, (0.0, row - 0.28), xytext=(2, -2), textcoords="offset points", va="top",
            fontsize="small", wrap=True, in_layout=False,
        )  # fmt: skip
    ax.set_yticks(rows, [display_name(agent) for agent in agents])
    ax.set_ylim(-0.65, 1.4)
    ax.set_xlim(0.0, 1.05 * float(payoffs.max()) or 1.0)
    finish(ax, "Expected payoffs", f"expected payoff ({as_text(unit)})", "")
    return ax


def _require_outcome(outcome: PlayerOneGap) -> None:
    from mechopt.literature.peski2024.player_1_gap import PlayerOneGap

    hint = "Pass what player_1_gap returns."
    require(outcome, PlayerOneGap, where="outcome", remedy=hint)
    if is_bargaining(outcome.problem.environment) and outcome.solution.mechanism is not None:
        return
    raise InvalidInputError(
        "not an outcome of bargaining",
        where="outcome",
        expected="what player_1_gap returns",
        got=repr(outcome)[:60],
        remedy=hint,
    )


def panels_of(solution: Solution | HasSolution) -> Further:
    """Return the pictures of payoffs and of the gap."""
    from mechopt.literature.peski2024.player_1_gap import PlayerOneGap
    from mechopt.plot.pages import Further

    source = solution_of(solution)
    assert isinstance(source, Solution)
    outcome = solution if isinstance(solution, PlayerOneGap) else PlayerOneGap(source, None)
    payoffs: dict[str, list[Panel]] = {"payoffs": [partial(payoff_intervals, outcome)]}
    if not is_player_1_gap(source.problem):
        return Further(payoffs, ["allocation", "payoffs", "quantities", "utilities"])
    gap: dict[str, list[Panel]] = {"gap": [partial(gap_bar, outcome)]}
    finite = fault_of_bargaining(source.problem.environment) is None
    if finite and isinstance(source.problem.objective, DiscountedPayoff):
        gap["discounts"] = [partial(at_a_discount, source)]
        return Further(payoffs | gap, ["allocation", "payoffs", "gap", "discounts"])
    return Further(payoffs | gap, ["allocation", "payoffs", "gap", "payments"])


def prepared(
    solution: Solution, picture: str, progress_bar: ProgressBar
) -> Solution | HasSolution | None:
    """Return what else a picture of bargaining shows, if it is wanted and takes little time."""
    if not is_player_1_gap(solution.problem):
        return None
    few = sum(solution.problem.environment.shape) <= MAX_INTERVALS
    wanted = picture in ("overview", "payoffs") and solution.mechanism is not None
    if not (few and wanted):
        return solution
    from mechopt.literature.peski2024.player_1_gap import describe

    with progress_bar("payoff intervals") as progress:
        return describe(solution, progress=progress)
