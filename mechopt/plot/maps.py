"""The allocation over all pairs of types: probability of trade, trading date, who gets a good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mechopt.arrays import FloatArray
from mechopt.environments import DatedTrade, DelayedTrade, Environment, SingleGood
from mechopt.errors import InvalidInputError
from mechopt.plot.style import (
    DARK,
    SHADES,
    TypeAxis,
    axes_or_new,
    display_name,
    finish,
    is_trade,
    solution_of,
    type_label,
)
from mechopt.solution import Solution, mechanism_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mechopt.analysis.player_1_gap import PlayerOneGap
    from mechopt.mechanism import Mechanism

Mask = npt.NDArray[np.bool_]

# Probabilities this close to 0 or 1 are those, up to what solvers leave.
NEGLIGIBLE = 1e-6
# Squares up to so many a side have their number written in, and cells their edges drawn.
MAX_WRITTEN = 7
MAX_EDGED = 30
# A region is named where it covers so much of the picture.
NAMED_SHARE = 0.03


@dataclass(frozen=True, eq=False)
class _Map:
    """Shades over pairs of types, and what they mean."""

    title: str
    shade: FloatArray
    shade_label: str
    outlines: tuple[tuple[Mask, str, str], ...]
    regions: tuple[tuple[Mask, str], ...] = ()
    hatched: tuple[Mask, str] | None = None


def allocation(
    solution: Solution | Mechanism | PlayerOneGap, ax: Axes | None = None, *, unit: str = "money"
) -> Axes:
    """Draw the outcome of every pair of types.

    For trade, the probability of trade over cost and value. With delay, the discounted probability
    of trade of the side that waits more easily, which says when they trade, and the frontiers of
    trade at once and of trade at all. For a single good, the probability that the second player
    gets it. The first best is drawn as a dashed line. Up to twelve finite types are squares of
    equal size with labels; other types lie where they are in money, of many one in each of 400
    blocks.

    Parameters
    ----------
    solution
        A solution, a mechanism, or an outcome of bargaining.
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
        If there is no mechanism, or not two agents.

    Notes
    -----
    The frontiers are those of the rule p_a (theory.md, section 3.5; Cramton 1985, Theorem 3).

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, solve
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> solution = solve(ex_ante_efficiency(BilateralTrade(types, types)))
    >>> ax = allocation(solution, Figure().add_subplot())
    >>> ax.get_xlabel(), ax.get_ylabel()
    ("seller's cost (money)", "buyer's value (money)")
    """
    mechanism = mechanism_of(solution_of(solution))
    environment = mechanism.environment
    if len(environment.agents) != 2:
        raise InvalidInputError(
            "no map of the allocation",
            where="solution",
            expected="a mechanism for two agents",
            got=f"one for {len(environment.agents)}",
            remedy="Draw interim quantities instead.",
        )
    across, up = (TypeAxis.of(agent.types) for agent in environment.agents)
    cells = [across.cells, up.cells]
    picture = _map_of(environment, mechanism.allocation.on_grid(environment, cells))
    ax = axes_or_new(ax)
    _draw_mesh(ax, picture, across, up, _dates(environment))
    _draw_first_best(ax, environment, across, up)
    for mask, label, line in picture.outlines:
        _outline(ax, mask, across, up, label=label, linestyle=line, linewidth=1.6)
    if across.edges.size <= MAX_WRITTEN + 1 and up.edges.size <= MAX_WRITTEN + 1:
        _write_numbers(ax, picture.shade, across, up)
    else:
        for mask, name in picture.regions:
            _name_region(ax, mask, across, up, name)
    across.set_ticks(ax.xaxis)
    up.set_ticks(ax.yaxis)
    ax.set_xlim(across.edges[0], across.edges[-1])
    ax.set_ylim(up.edges[0], up.edges[-1])
    labels = [type_label(environment, agent, unit) for agent in range(2)]
    finish(ax, picture.title, *labels, columns=3)
    return ax


def _map_of(environment: Environment, outcomes: FloatArray) -> _Map:
    net = environment.net_quantities(outcomes)
    if is_trade(environment):
        if isinstance(environment.outcomes, (DelayedTrade, DatedTrade)):
            return _delayed_map(environment, -net[0], net[1])
        sure, possible = net[1] > 1.0 - NEGLIGIBLE, net[1] > NEGLIGIBLE
        outlines: list[tuple[Mask, str, str]] = [(sure, "trade for sure", "-")]
        if (sure != possible).any():
            outlines.append((possible, "trade possible", ":"))
        return _Map("Probability of trade", net[1], "probability of trade", tuple(outlines))
    name = display_name(environment.agents[1])
    if not isinstance(environment.outcomes, SingleGood):
        return _Map(f"What {name} gets", net[1], f"net quantity of {name}", ())
    nobody = net.sum(axis=0) < 1.0 - NEGLIGIBLE
    hatched = (nobody, "may go to nobody") if nobody.any() else None
    sure = net[1] > 1.0 - NEGLIGIBLE
    outlines = [(sure, f"{name} for sure", "-")] if sure.any() else []
    label = f"probability that {name} gets the good"
    first = display_name(environment.agents[0])
    kept = net[0] > 1.0 - NEGLIGIBLE
    regions = ((sure, name), (kept, first))
    return _Map("Who gets the good", net[1], label, tuple(outlines), regions, hatched)


def _delayed_map(environment: Environment, y: FloatArray, z: FloatArray) -> _Map:
    patient = _patient(environment)
    shade = z if patient == 1 else y
    at_once, ever = np.minimum(y, z) > 1.0 - NEGLIGIBLE, np.maximum(y, z) > NEGLIGIBLE
    regions = ((at_once, "at once"), (ever & ~at_once, "later"), (~ever, "never"))
    outlines = ((at_once, "at once", "-"), (ever, "ever", ":"))
    name = display_name(environment.agents[patient])
    title = "When they trade"
    return _Map(title, shade, f"{name}'s discounted probability of trade", outlines, regions)


def _patient(environment: Environment) -> int:
    """Return the position of the side that discounts less."""
    outcomes = environment.outcomes
    if isinstance(outcomes, DelayedTrade):
        return 1 if outcomes.ratio <= 1.0 else 0
    assert isinstance(outcomes, DatedTrade)
    return 1 if sum(outcomes.buyer_trade) >= sum(outcomes.seller_trade) else 0


def _dates(environment: Environment) -> dict[float, str] | None:
    """Return ticks of the shades that say which date they mean; None without delay."""
    outcomes = environment.outcomes
    if not isinstance(outcomes, (DelayedTrade, DatedTrade)):
        return None
    ticks = {0.0: "0 (never)", 1.0: "1 (at once)"}
    for share in (0.2, 0.4, 0.6, 0.8):
        ticks[share] = f"{share:g}"
        if isinstance(outcomes, DelayedTrade):
            rate = min(outcomes.seller_rate, outcomes.buyer_rate)
            ticks[share] += f" (date {-np.log(share) / rate:.3g})"
    return ticks


def _draw_mesh(
    ax: Axes, picture: _Map, across: TypeAxis, up: TypeAxis, ticks: dict[float, str] | None
) -> None:
    edged = max(picture.shade.shape) <= MAX_EDGED
    style: dict[str, Any] = {"edgecolor": "#9a9a9a", "linewidth": 0.4} if edged else {}
    low = min(0.0, float(picture.shade.min()))
    mesh = ax.pcolormesh(
        across.edges,
        up.edges,
        picture.shade.T,
        cmap=SHADES,
        vmin=low,
        vmax=1.0,
        rasterized=not edged,
        **style,
    )
    bar = ax.figure.colorbar(mesh, ax=ax, pad=0.02)
    bar.set_label(picture.shade_label)
    if ticks is not None:
        bar.set_ticks(list(ticks), labels=list(ticks.values()))
    if picture.hatched is not None:
        _hatch(ax, *picture.hatched, across, up)


def _hatch(ax: Axes, mask: Mask, label: str, across: TypeAxis, up: TypeAxis) -> None:
    """Hatch the rectangles of a mask."""
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    rectangles = [
        Rectangle(
            (across.edges[i], up.edges[j]),
            across.edges[i + 1] - across.edges[i],
            up.edges[j + 1] - up.edges[j],
        )
        for i, j in np.argwhere(mask)
    ]
    look: dict[str, Any] = {"facecolor": "none", "edgecolor": "#444444", "hatch": "xx"}
    ax.add_collection(PatchCollection(rectangles, linewidth=0.0, **look))
    # A collection's hatching does not appear in legends; that of an empty rectangle does.
    corner = float(across.edges[0]), float(up.edges[0])
    ax.add_patch(Rectangle(corner, 0.0, 0.0, label=label, linewidth=0.0, **look))


def _draw_first_best(ax: Axes, environment: Environment, across: TypeAxis, up: TypeAxis) -> None:
    """Draw where the efficient outcome changes: a line, or an outline of counted squares."""
    outcomes = environment.outcomes
    delayed = isinstance(outcomes, DelayedTrade) and outcomes.ratio < 1.0
    label = "first best: at once" if delayed else "first best"
    if across.in_money and up.in_money and not isinstance(outcomes, DatedTrade):
        slope = outcomes.ratio if delayed and isinstance(outcomes, DelayedTrade) else 1.0
        values = np.array([up.edges[0], 0.0, up.edges[-1]])
        values = np.sort(values) if delayed else values[[0, 2]]
        costs = np.where(values > 0.0, slope * values, values)
        ax.plot(costs, values, label=label, **_line("--", 1.3))
        return
    efficient = environment.net_quantities(environment.efficient_on_grid([across.cells, up.cells]))
    quantity = np.abs(efficient).min(axis=0) if is_trade(environment) else efficient[1]
    mask = quantity > 1.0 - NEGLIGIBLE
    _outline(ax, mask, across, up, label=label, linestyle="--", linewidth=1.3)


def _line(linestyle: str, width: float) -> dict[str, Any]:
    """Return the look of a dark line that can be seen on dark shades too."""
    from matplotlib.patheffects import Normal, Stroke

    halo = [Stroke(linewidth=width + 1.8, foreground="white"), Normal()]
    return {"color": DARK, "linestyle": linestyle, "linewidth": width, "path_effects": halo}


def _outline(
    ax: Axes,
    mask: Mask,
    across: TypeAxis,
    up: TypeAxis,
    *,
    label: str,
    linestyle: str,
    linewidth: float,
) -> None:
    """Draw the edges between rectangles inside and outside a mask, as one line."""
    upright_i, upright_j = np.nonzero(mask[1:] != mask[:-1])
    level_i, level_j = np.nonzero(mask[:, 1:] != mask[:, :-1])
    upright = np.stack(
        [
            np.stack([across.edges[upright_i + 1], up.edges[upright_j]], axis=-1),
            np.stack([across.edges[upright_i + 1], up.edges[upright_j + 1]], axis=-1),
        ],
        axis=1,
    )
    level = np.stack(
        [
            np.stack([across.edges[level_i], up.edges[level_j + 1]], axis=-1),
            np.stack([across.edges[level_i + 1], up.edges[level_j + 1]], axis=-1),
        ],
        axis=1,
    )
    points = _joined(np.concatenate([upright, level]))
    ax.plot(points[:, 0], points[:, 1], label=label, **_line(linestyle, linewidth))


def _joined(segments: FloatArray) -> FloatArray:
    """Return the points of segments joined at their ends, with gaps between separate lines.

    Dashes are regular only along joined lines.

    Examples
    --------
    >>> _joined(np.array([[[0.0, 0.0], [1.0, 0.0]], [[1.0, 1.0], [1.0, 0.0]]])).tolist()
    [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]
    """
    at: dict[tuple[float, float], list[int]] = {}
    for k, (start, end) in enumerate(segments.tolist()):
        at.setdefault(tuple(start), []).append(k)
        at.setdefault(tuple(end), []).append(k)
    unused = set(range(len(segments)))
    ends = [point for point, touching in at.items() if len(touching) != 2]
    lines: list[list[tuple[float, float]]] = []
    for origin in [*ends, *at]:
        while any(k in unused for k in at[origin]):
            line, point = [origin], origin
            while following := [k for k in at[point] if k in unused]:
                k = following[0]
                unused.remove(k)
                start, end = (tuple(corner) for corner in segments[k].tolist())
                point = end if start == point else start
                line.append(point)
            lines.append(line)
    if not lines:
        return np.full((1, 2), np.nan)
    gap = [(np.nan, np.nan)]
    return np.array([point for line in lines for point in [*line, *gap]][:-1])


def _write_numbers(ax: Axes, shade: FloatArray, across: TypeAxis, up: TypeAxis) -> None:
    for i, x in enumerate(across.centres):
        for j, y in enumerate(up.centres):
            value = float(shade[i, j])
            colour = "white" if value > 0.6 else DARK
            text = f"{abs(value):.3g}" if abs(value) > NEGLIGIBLE else "0"
            ax.text(x, y, text, ha="center", va="center", color=colour, fontsize="small")


def _name_region(ax: Axes, mask: Mask, across: TypeAxis, up: TypeAxis, name: str) -> None:
    """Write a region's name near its middle, if it is large enough to hold it."""
    widths = np.diff(across.edges)[:, None] * np.diff(up.edges)[None, :]
    if (widths * mask).sum() < NAMED_SHARE * widths.sum():
        return
    points = np.argwhere(mask)
    inside = points[np.argmin(((points - points.mean(axis=0)) ** 2).sum(axis=1))]
    box: dict[str, Any] = {"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 1.5}
    place = float(across.centres[inside[0]]), float(up.centres[inside[1]])
    ax.text(*place, name, ha="center", va="center", color=DARK, fontsize="small", bbox=box)
