"""The allocation over all pairs of types: probability of trade, trading date, who gets a good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray
from mechopt._util.rounding import first_smallest, in_figures
from mechopt.environments import Environment, Outcomes
from mechopt.errors import InvalidInputError
from mechopt.plot.redraw import shade_bar
from mechopt.plot.style import (
    DARK,
    SHADES,
    TypeAxis,
    axes_or_new,
    display_name,
    finish,
    is_exchange,
    solution_of,
    style_of,
    type_label,
)
from mechopt.plot.ticks import inner_ends, said_beyond
from mechopt.solution import Solution, mechanism_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mechopt.mechanism.mechanism import Mechanism
    from mechopt.report.addendum import HasSolution

Mask = npt.NDArray[np.bool_]

# Probabilities this close to 0 or 1 are those, up to what solvers leave.
NEGLIGIBLE = 1e-6
# Squares up to so many a side have their number written in, and cells their edges drawn.
MAX_WRITTEN = 7
MAX_EDGED = 12
# A region is named, and mixing outlined, where it covers so much of the picture.
NAMED_SHARE = 0.03
MIXED_SHARE = 0.01
DARK_SHADE = 0.55
# What text stands on where lines or hatching would cross it.
PLATE: dict[str, Any] = {"facecolor": "white", "alpha": 0.85, "edgecolor": "none", "pad": 1.5}


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
    solution: Solution | Mechanism | HasSolution, ax: Axes | None = None, *, unit: str = "money"
) -> Axes:
    """Draw the outcome of every pair of types.

    For trade, the probability of trade over cost and value. With delay, the trading date, shaded by
    the discounted probability of trade of the side that waits more easily, and the frontiers of
    trade at once and of trade at all. For a single good, the probability that the second player
    gets it. The first best is drawn as a dashed line. Up to twelve finite types are squares of
    equal size with labels; other types lie where they are in money, of many one in each of 400
    blocks.

    Parameters
    ----------
    solution
        A solution, a mechanism, or an outcome that holds one.
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
        If there is no mechanism, not two agents, or if outcomes are worth something else than type
        times quantity.

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
    if not has_map(environment):
        known = "" if environment.has_net_quantities else " without net quantities"
        raise InvalidInputError(
            "no map of the allocation",
            where="solution",
            expected="a mechanism for two agents and their net quantities",
            got=f"one for {len(environment.agents)}{known}",
            remedy="Draw interim quantities instead.",
        )
    across, up = (TypeAxis.of(agent.types) for agent in environment.agents)
    cells = [across.cells, up.cells]
    areas = np.outer(np.diff(across.edges), np.diff(up.edges))
    picture = _map_of(environment, mechanism.allocation.on_grid(environment, cells), areas)
    ax = axes_or_new(ax)
    _draw_mesh(ax, picture, across, up, _dates(environment))
    _draw_first_best(ax, environment, across, up)
    for mask, label, line in picture.outlines:
        _outline(ax, mask, across, up, label, _frontier_line(line))
    if across.edges.size <= MAX_WRITTEN + 1 and up.edges.size <= MAX_WRITTEN + 1:
        _write_numbers(ax, picture, across, up, _rate(environment))
    else:
        for mask, name in picture.regions:
            _name_region(ax, mask, across, up, name)
    across.set_ticks(ax.xaxis)
    up.set_ticks(ax.yaxis)
    labels = [type_label(environment, agent, unit) for agent in range(2)]
    for place, axis in enumerate((across, up)):
        spaces = [environment.agents[place].types]
        ends = inner_ends(spaces) if axis.in_money else None
        low, high = ends or (axis.edges[0], axis.edges[-1])
        if axis is across:
            ax.set_xlim(low, high)
        else:
            ax.set_ylim(low, high)
        labels[place] += said_beyond(spaces, *ends, upright=place == 1) if ends else ""
    finish(ax, picture.title, *labels, columns=3)
    return ax


def has_map(environment: Environment) -> bool:
    """Return whether one number says what each pair of types gets."""
    return len(environment.agents) == 2 and environment.has_net_quantities


def _map_of(environment: Environment, outcomes: FloatArray, areas: FloatArray) -> _Map:
    net = environment.net_quantities(outcomes)
    if is_exchange(environment):
        if _has_delay(environment.outcomes):
            return _delayed_map(environment, outcomes, -net[0], net[1])
        sure, possible = net[1] > 1.0 - NEGLIGIBLE, net[1] > NEGLIGIBLE
        outlines: list[tuple[Mask, str, str]] = [(sure, "trade for sure", "-")]
        mixed = sure != possible
        # Few pairs can fill the picture, and many a corner of it.
        if max(mixed.mean(), areas[mixed].sum() / areas.sum()) > MIXED_SHARE:
            outlines.append((possible, "trade possible", ":"))
        return _Map("Probability of trade", net[1], "probability of trade", tuple(outlines))
    name = display_name(environment.agents[1])
    if not _is_one_good(environment.outcomes):
        role = environment.outcomes.roles[1]
        title = f"What {name} {'gives' if role.gives else 'gets'}"
        shade = 0.0 - net[1] if role.gives else net[1]
        return _Map(title, shade, f"{role.quantity_word} of {name}", ())
    nobody = net.sum(axis=0) < 1.0 - NEGLIGIBLE
    hatched = (nobody, "may go to nobody") if nobody.any() else None
    sure = net[1] > 1.0 - NEGLIGIBLE
    outlines = [(sure, f"{name} for sure", "-")] if sure.any() else []
    label = f"probability that {name} gets the good"
    first = display_name(environment.agents[0])
    kept = net[0] > 1.0 - NEGLIGIBLE
    regions = ((sure, name), (kept, first))
    return _Map("Who gets the good", net[1], label, tuple(outlines), regions, hatched)


def _delayed_map(
    environment: Environment, outcomes: FloatArray, y: FloatArray, z: FloatArray
) -> _Map:
    patient = _patient(environment)
    shade = z if patient == 1 else y
    at_once, ever = np.minimum(y, z) > 1.0 - NEGLIGIBLE, np.maximum(y, z) > NEGLIGIBLE
    regions = ((at_once, "at once"), (ever & ~at_once, "later"), (~ever, "never"))
    outlines = ((at_once, "trade at once", "-"), (ever, "trade at all", ":"))
    name = display_name(environment.agents[patient])
    title = "When they trade"
    label = f"{name}'s discounted probability of trade"
    dates = environment.outcomes.derived(outcomes).get("trading_date")
    if dates is not None:
        label = f"equivalent date to {name}" if np.isnan(dates).any() else "trading date"
        label += " (units of time)"
    return _Map(title, shade, label, outlines, regions)


def _has_delay(outcomes: Outcomes) -> bool:
    """Return whether the two sides of an exchange count the same outcome differently."""
    given, received = outcomes.net_quantity
    return not np.array_equal(-given, received)


def _is_one_good(outcomes: Outcomes) -> bool:
    """Return whether each variable is the chance that an agent gets a good that only one can."""
    count = len(outcomes.roles)
    own = np.array_equal(outcomes.net_quantity, np.eye(count))
    one = any(row.upper == 1.0 and set(row.coefficients) == {1.0} for row in outcomes.rows)
    return own and one


def _patient(environment: Environment) -> int:
    """Return the position of the side that discounts less."""
    outcomes = environment.outcomes
    if outcomes.exchange is not None:
        return 1 if outcomes.exchange.ratio <= 1.0 else 0
    given, received = np.abs(outcomes.net_quantity).sum(axis=1)
    return 1 if received >= given else 0


def _dates(environment: Environment) -> dict[float, str] | None:
    """Return shades and the dates that they mean; None without delay or without rates."""
    rate = _rate(environment)
    if rate is None:
        return None
    return {share: _date(share, rate) for share in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)}


def _rate(environment: Environment) -> float | None:
    """Return the discount rate of the patient side, if dates can be told from the outcomes."""
    exchange = environment.outcomes.exchange
    if exchange is None or not _has_delay(environment.outcomes):
        return None
    return min(exchange.rates)


def _date(share: float, rate: float) -> str:
    """Return the date at which a sure trade is worth this share of trade at once.

    Examples
    --------
    >>> _date(0.5, 1.0), _date(0.0, 1.0)
    ('0.69', 'never')
    """
    if share < NEGLIGIBLE:
        return "never"
    return "at once" if share > 1.0 - NEGLIGIBLE else in_figures(-np.log(share) / rate, ".2g")


def _draw_mesh(
    ax: Axes, picture: _Map, across: TypeAxis, up: TypeAxis, ticks: dict[float, str] | None
) -> None:
    low, high = min(0.0, float(picture.shade.min())), max(1.0, float(picture.shade.max()))
    style: dict[str, Any] = {"cmap": SHADES, "vmin": low, "vmax": high}
    mesh: Any
    if max(picture.shade.shape) <= MAX_EDGED:
        style |= {"edgecolor": "#c8c8c8", "linewidth": 0.5}
        mesh = ax.pcolormesh(across.edges, up.edges, picture.shade.T, **style)
    else:  # an image is drawn a hundred times as fast as so many rectangles
        mesh = ax.pcolorfast(across.edges, up.edges, picture.shade.T, **style)
    bar = shade_bar(ax, mesh, picture.shade_label)
    if ticks is not None:
        bar.set_ticks(list(ticks), labels=list(ticks.values()))
    if picture.hatched is not None:
        _hatch(ax, *picture.hatched, across, up)


def _hatch(ax: Axes, mask: Mask, label: str, across: TypeAxis, up: TypeAxis) -> None:
    """Hatch the rectangles of a mask."""
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    rectangles = []
    for i in range(mask.shape[0]):
        # Rectangles that touch are one, so that hatching a large map takes little time.
        changes = np.flatnonzero(np.diff(mask[i].astype(np.int8), prepend=0, append=0))
        width = across.edges[i + 1] - across.edges[i]
        for start, stop in changes.reshape(-1, 2):
            corner = (across.edges[i], up.edges[start])
            rectangles.append(Rectangle(corner, width, up.edges[stop] - up.edges[start]))
    look: dict[str, Any] = {"facecolor": "none", "edgecolor": "#444444", "linewidth": 0.0}
    ax.add_collection(PatchCollection(rectangles, hatch="xx", **look))
    # A collection's hatching does not appear in legends; that of an empty rectangle does.
    corner = float(across.edges[0]), float(up.edges[0])
    look["linewidth"] = 0.6
    ax.add_patch(Rectangle(corner, 0.0, 0.0, label=label, hatch="xxxxxx", **look))


def _draw_first_best(ax: Axes, environment: Environment, across: TypeAxis, up: TypeAxis) -> None:
    """Draw where the efficient outcome changes: a line, or an outline of counted squares."""
    outcomes = environment.outcomes
    exchange = outcomes.exchange
    delayed = exchange is not None and exchange.ratio < 1.0
    dated = exchange is None and is_exchange(environment) and _has_delay(outcomes)
    label = "first best: at once" if delayed or dated else "first best"
    line = first_best_line(environment, across, up)
    if line is not None:
        ax.plot(*line, label=label, **_first_best_line(2.6))
        return
    efficient = environment.net_quantities(environment.efficient_on_grid([across.cells, up.cells]))
    quantity = np.abs(efficient).min(axis=0) if is_exchange(environment) else efficient[1]
    mask = quantity > 1.0 - NEGLIGIBLE
    _outline(ax, mask, across, up, label, _first_best_line(4.2))


def first_best_line(
    environment: Environment, across: TypeAxis, up: TypeAxis
) -> tuple[FloatArray, FloatArray] | None:
    """Return the line at which the efficient outcome changes, where axes are in money.

    The good goes to whoever values it most, or changes hands where the two values meet. None where
    types are counted, and for outcomes of which this is not so.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> cells = TypeSpace.from_samples([0, 1, 2, 3], cells=2)
    >>> axis = TypeAxis.of(cells)
    >>> first_best_line(BilateralTrade(cells, cells), axis, axis)
    (array([0., 3.]), array([0., 3.]))
    """
    outcomes = environment.outcomes
    exchange = outcomes.exchange
    if not (across.in_money and up.in_money and (exchange is not None or _is_one_good(outcomes))):
        return None
    slope = min(exchange.ratio, 1.0) if exchange is not None else 1.0
    values = np.array([up.edges[0], 0.0, up.edges[-1]])
    values = np.sort(values) if slope < 1.0 else values[[0, 2]]
    return np.where(values > 0.0, slope * values, values), values


def _first_best_line(width: float) -> dict[str, Any]:
    """Return the look of a line that is seen on light and dark shades, and below another line."""
    return {"color": style_of(1).colour, "linestyle": (0, (3.0, 1.6)), "linewidth": width}


def _frontier_line(linestyle: str) -> dict[str, Any]:
    """Return the look of a dark line that is seen on dark shades too."""
    from matplotlib.patheffects import Normal, Stroke

    halo = [Stroke(linewidth=2.4, foreground="white"), Normal()]
    return {"color": DARK, "linestyle": linestyle, "linewidth": 1.3, "path_effects": halo}


def _outline(
    ax: Axes, mask: Mask, across: TypeAxis, up: TypeAxis, label: str, look: dict[str, Any]
) -> None:
    """Draw the edges between rectangles inside and outside a mask, if there are any."""
    if mask.all() or not mask.any():
        return
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
    ax.plot(points[:, 0], points[:, 1], label=label, **look)


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
    gap = [(np.nan, np.nan)]
    return np.array([point for line in lines for point in [*line, *gap]][:-1])


def _write_numbers(
    ax: Axes, picture: _Map, across: TypeAxis, up: TypeAxis, rate: float | None
) -> None:
    """Write dates, if there is a rate, or shades into the squares."""
    hatched = np.zeros(picture.shade.shape, dtype=bool)
    if picture.hatched is not None:
        hatched = picture.hatched[0]
    for i, x in enumerate(across.centres):
        for j, y in enumerate(up.centres):
            value = float(picture.shade[i, j])
            look: dict[str, Any] = {"color": "white" if value > DARK_SHADE else DARK}
            if hatched[i, j]:
                look = {"color": DARK, "bbox": PLATE}
            text = in_figures(value, ".3g") if abs(value) > NEGLIGIBLE else "0"
            text = text if rate is None else _date(value, rate)
            ax.text(x, y, text, ha="center", va="center", fontsize="small", **look)


def _name_region(ax: Axes, mask: Mask, across: TypeAxis, up: TypeAxis, name: str) -> None:
    """Write a region's name near its middle, if it is large enough to hold it."""
    widths = np.diff(across.edges)[:, None] * np.diff(up.edges)[None, :]
    if (widths * mask).sum() < NAMED_SHARE * widths.sum():
        return
    points = np.argwhere(mask)
    inside = points[first_smallest(((points - points.mean(axis=0)) ** 2).sum(axis=1))]
    place = float(across.centres[inside[0]]), float(up.centres[inside[1]])
    ax.text(*place, name, ha="center", va="center", color=DARK, fontsize="small", bbox=PLATE)
