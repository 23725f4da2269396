"""Pictures as data: what is drawn where, in which look, and what it is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.rounding import in_figures
from mechopt._util.text import in_words
from mechopt.environments import Environment
from mechopt.plot.by_type import MAX_HATCHED, Quantity, alpha_of, ironed_intervals, step_line
from mechopt.plot.maps import NEGLIGIBLE, first_best_line
from mechopt.plot.priors import cell_densities
from mechopt.plot.style import TypeAxis, blocks, types_in_words
from mechopt.solution import Solution, mechanism_of
from mechopt.types import TypeSpace
from mechopt.types.virtual_values import ironed, virtual_cost, virtual_value

Kind = Literal["line", "points", "area", "bars", "bands"]
Look = int | Literal["dark", "muted", "first best", "here"]
# Squares a side of a map, and points of a curve.
PIXELS = 160
MOST_POINTS = 400
# Virtual valuations further than this beyond the types, in widths of their interval, are cut off.
REACH = 1.0
# Room beside what is drawn, as a share of it.
MARGIN = 0.04
NONE = np.zeros(0)


@dataclass(frozen=True, eq=False)
class Series:
    """Something drawn: a line, points, a filled area, level bars, or upright bands.

    Parameters
    ----------
    key
        Its name within the picture, the same whatever the state.
    kind
        What it is. An area is a polygon by its corners; bars lie between ``base`` and ``x`` at
        heights ``y``; bands between ``x`` and ``y``, from the bottom to the top of the picture.
    x, y
        Coordinates; nothing is drawn of an empty series. NaN separates the parts of a line.
    label
        Its text in the legend.
    look
        The position of the agent in whose style it is drawn, or a word.
    faint
        Whether it stands behind another of the same look.
    base
        Where bars begin.
    otherwise
        Its kind under other controls of the same page, if it has another.
    """

    key: str
    kind: Kind
    x: FloatArray
    y: FloatArray
    label: str = ""
    look: Look = "dark"
    faint: bool = False
    base: FloatArray = field(default_factory=lambda: NONE)
    otherwise: Kind | None = None


@dataclass(frozen=True, eq=False)
class Shades:
    """A map: shades over a rectangle, in squares of equal size, from its lower left corner.

    Parameters
    ----------
    values
        One row for each height; light is ``low`` and dark is ``high``.
    left, bottom, right, top
        The rectangle.
    low, high
        What the lightest and the darkest shade stand for.
    label
        What the shades mean.
    """

    values: FloatArray
    left: float
    bottom: float
    right: float
    top: float
    low: float
    high: float
    label: str


@dataclass(frozen=True, eq=False)
class Picture:
    """A panel of the page.

    Parameters
    ----------
    key
        Its name, the same whatever the state.
    title, across, up
        What it shows, and what its axes measure.
    series, shades
        What is drawn.
    caption
        The same in a sentence, for whoever does not see it.
    ticks_across, ticks_up
        Names of places on an axis, where they are not numbers.
    bottom, top
        The ends of the axis upwards, where they do not follow from what is drawn.
    """

    key: str
    title: str
    across: str
    up: str
    series: tuple[Series, ...] = ()
    shades: Shades | None = None
    caption: str = ""
    ticks_across: dict[float, str] = field(default_factory=dict)
    ticks_up: dict[float, str] = field(default_factory=dict)
    bottom: float | None = None
    top: float | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw, and nothing to say about it."""
        return self.shades is None and not self.caption and not any(s.x.size for s in self.series)

    def limits(self) -> tuple[float, float, float, float]:
        """Return the left, right, lower and upper end of the picture.

        Examples
        --------
        >>> line = Series("rise", "line", np.array([0.0, 1.0]), np.array([0.0, 1.0]))
        >>> Picture("rise", "", "", "", (line,), top=2.0).limits()
        (-0.04, 1.04, -0.08, 2.0)
        """
        if self.shades is not None:
            return self.shades.left, self.shades.right, self.shades.bottom, self.shades.top
        across = [
            part for s in self.series for part in (s.x, s.base, *([s.y] * (s.kind == "bands")))
        ]
        left, right = _ends(np.concatenate([*across, NONE]))
        up = np.concatenate([NONE, *(s.y for s in self.series if s.kind not in ("bands", "bars"))])
        low, high = _ends(up)
        low, high = (self.bottom, high) if self.bottom is not None else (low, high)
        low, high = (low, self.top) if self.top is not None else (low, high)
        margin = MARGIN * (high - low)
        bottom = low - margin if self.bottom is None else low
        beside = MARGIN * (right - left)
        return left - beside, right + beside, bottom, high + margin if self.top is None else high


def _ends(values: FloatArray) -> tuple[float, float]:
    """Return the least and the largest of the values that are numbers, apart from one another."""
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    return (low, high) if low < high else (low - 0.5, high + 0.5)


def priors(solution: Solution) -> Picture:
    """Return the densities of continuous priors, and the probabilities of finite types."""
    environment, unit = solution.problem.environment, solution.provenance.unit
    types = [(a.name, environment.agents[a.position].types) for a in drawn_agents(environment)]
    series = []
    for look, (name, space) in enumerate(types):
        points = density = places = mass = NONE
        if space.prior is not None:
            points = np.linspace(space.lowest, space.highest, MOST_POINTS + 2)[1:-1]
            density = np.asarray(space.prior.density(points), dtype=np.float64)
            density = np.where(np.isfinite(density), density, np.nan)
        elif space.is_finite:
            first, middle, last = blocks(space.num_cells, MOST_POINTS)
            total = np.concatenate([[0.0], np.cumsum(space.mass)])
            places, mass = space.mean[middle], total[last + 1] - total[first]
        else:
            low, high, heights = cell_densities(space)
            points = np.column_stack([low, high, high]).ravel()
            density = np.column_stack([heights, heights, np.full(heights.size, np.nan)]).ravel()
        series += [
            Series(f"density_{look}", "line", points, density, name, look),
            Series(f"mass_{look}", "points", places, mass, name, look),
        ]
    finite = all(space.is_finite for _, space in types)
    some = any(space.is_finite for _, space in types)
    up = "probability" if finite else f"density (per {unit})"
    up += "; points: probabilities" if some and not finite else ""
    # A density that grows without end is cut off, so that it does not flatten the rest.
    top = max(_height(space) for _, space in types)
    caption = "; ".join(f"{name}: {_law_in_words(space)}" for name, space in types)
    across = f"type ({unit})"
    return Picture(
        "priors", "Priors", across, up, tuple(series), None, caption, bottom=0.0, top=top
    )


def _height(types: TypeSpace) -> float:
    """Return how high the axis of a prior reaches."""
    if types.is_finite:
        return 1.15 * float(types.mass.max())
    _, _, heights = cell_densities(types)
    if types.prior is not None:
        even = np.linspace(types.lowest, types.highest, MOST_POINTS + 2)[1:-1]
        heights = np.asarray(types.prior.density(even), dtype=np.float64)
    return 1.15 * float(np.quantile(heights[np.isfinite(heights)], 0.98))


def _law_in_words(types: TypeSpace) -> str:
    low, high = in_figures(types.lowest), in_figures(types.highest)
    what = f"{types.num_cells} types" if types.is_finite else f"{types.num_cells} cells"
    return f"{what} from {low} to {high}, mean {in_figures(types.expectation(types.mean))}"


@dataclass(frozen=True)
class Drawn:
    """An agent that is drawn, which stands for those of its prior and role.

    Parameters
    ----------
    position
        In the environment.
    look
        The style it is drawn in.
    name
        What it is called.
    places
        The positions of all for whom it stands.
    """

    position: int
    look: int
    name: str
    places: tuple[int, ...]

    def mean(self, parts: Sequence[FloatArray]) -> tuple[FloatArray, bool]:
        """Return the mean over those it stands for, by type, and whether all have the same.

        Ties that go by number make agents differ who are alike.
        """
        every = np.stack([parts[place] for place in self.places])
        same = bool(np.ptp(every, axis=0).max() <= NEGLIGIBLE * max(1.0, np.abs(every).max()))
        return every.mean(axis=0), same


def drawn_agents(environment: Environment) -> list[Drawn]:
    """Return the agents that are drawn: of several alike, the first.

    Examples
    --------
    >>> from mechopt import Auction
    >>> drawn_agents(Auction(TypeSpace.finite([1, 2]), 3))
    [Drawn(position=0, look=0, name='each of 3 bidders', places=(0, 1, 2))]
    """
    found: dict[tuple[TypeSpace, str], list[int]] = {}
    for place, agent in enumerate(environment.agents):
        # Two agents are two sides, even of one prior.
        name = agent.name if len(environment.agents) == 2 else agent.name.rstrip("0123456789")
        found.setdefault((agent.types, in_words(name.rstrip("_"))), []).append(place)
    drawn = []
    for look, ((_, stem), places) in enumerate(found.items()):
        name = in_words(environment.agents[places[0]].name)
        alike = f"each of {len(places)} {stem}s"
        drawn.append(Drawn(places[0], look, alike if len(places) > 1 else name, tuple(places)))
    return drawn


def interim(solution: Solution, quantity: Quantity) -> Picture:
    """Return what each type expects, in the signs of :func:`mechopt.plot.interim`."""
    mechanism = mechanism_of(solution)
    environment, unit = mechanism.environment, solution.provenance.unit
    series, said = [], []
    for agent in drawn_agents(environment):
        types = environment.agents[agent.position].types
        role = environment.outcomes.roles[agent.position]
        values, same = agent.mean(getattr(mechanism, quantity))
        name = agent.name if same else agent.name.replace("each of", "mean of", 1)
        at_ends = (values, values)
        if quantity == "utility":
            q, paid = (agent.mean(getattr(mechanism, part))[0] for part in ("quantity", "payment"))
            at_ends = (types.lower * q - paid, types.upper * q - paid)
            option = np.asarray(environment.agents[agent.position].outside_option(types.mean))
            series.append(
                _by_type(f"option_{agent.look}", types, (option, option), "outside option", "muted")
            )
        elif role.gives:
            values = 0.0 - values
            at_ends = (values, values)
        verb = {"quantity": role.verb, "payment": role.payment_verb}.get(quantity, "")
        series.append(
            _by_type(str(agent.look), types, at_ends, f"{name} {verb}".rstrip(), agent.look)
        )
        said.append(
            f"{name} {verb} {in_figures(types.expectation(values), '.4g', 1.0)}".replace("  ", " ")
        )
    words = dict.fromkeys(role.quantity_word for role in environment.outcomes.roles)
    up = " or ".join(words) if quantity == "quantity" else f"{quantity} ({unit})"
    titles = {
        "quantity": "Interim quantities",
        "payment": "Interim payments",
        "utility": "Interim utilities",
    }
    return Picture(
        quantity, titles[quantity], f"{types_in_words(environment)} ({unit})", up, tuple(series),
        caption=f"On average: {'; '.join(said)}.",
    )  # fmt: skip


def _by_type(
    key: str, types: TypeSpace, at_ends: tuple[FloatArray, FloatArray], label: str, look: Look,
    *, faint: bool = False,
) -> Series:  # fmt: skip
    """Return finite types as points, and cells as a line."""
    if types.is_finite:
        middle = blocks(types.num_cells, MOST_POINTS)[1]
        points = types.mean[middle], at_ends[0][middle]
        return Series(key, "points", *points, label, look, faint, otherwise="line")
    steps = step_line(types, at_ends, MOST_POINTS)
    return Series(key, "line", *steps, label, look, faint, otherwise="points")


def virtual(solution: Solution) -> Picture:
    """Return virtual valuations at the weight of the solution's rule, before and after ironing."""
    environment, unit = solution.problem.environment, solution.provenance.unit
    series, heights, names = [], [], []
    for agent in drawn_agents(environment):
        types = environment.agents[agent.position].types
        alpha = alpha_of(solution, agent.position)
        gives = environment.outcomes.roles[agent.position].gives
        rent = virtual_cost(types) if gives else virtual_value(types)
        raw = (1.0 - alpha) * types.mean + alpha * rent
        flat = ironed(raw, types.mass)
        spans = np.array(ironed_intervals(types, raw, flat)).reshape(-1, 2)
        is_ironed = len(spans) > 0
        # More would be a barcode; the caption says where they are.
        bands = spans if len(spans) <= MAX_HATCHED else spans[:0]
        before = raw if is_ironed else np.full(raw.size, np.nan)
        label = f"{agent.name}, weight {in_figures(alpha, '.3g', 1.0)} on rents"
        series += [
            Series(
                f"ironed_{agent.look}",
                "bands",
                bands[:, 0],
                bands[:, 1],
                f"{agent.name}, ironed",
                agent.look,
            ),
            _by_type(
                f"raw_{agent.look}",
                types,
                (before, before),
                f"{agent.name}, before ironing",
                agent.look,
                faint=True,
            ),
            _by_type(str(agent.look), types, (flat, flat), label, agent.look),
        ]
        heights += [raw, flat]
        where = ", ".join(f"{in_figures(a)} to {in_figures(b)}" for a, b in spans[:4].tolist())
        more = f" and {len(spans) - 4} more" if len(spans) > 4 else ""
        names.append(
            f"{agent.name} is ironed from {where}{more}"
            if is_ironed
            else f"{agent.name} is not ironed"
        )
    low = min(agent.types.lowest for agent in environment.agents)
    high = max(agent.types.highest for agent in environment.agents)
    ends, width = np.array([low, high]), high - low or 1.0
    series.append(Series("itself", "line", ends, ends, "type itself", "muted"))
    values = np.concatenate(heights)
    bottom = min(max(float(values.min()), low - REACH * width), low)
    top = max(min(float(values.max()), high + REACH * width), high)
    margin = 0.04 * (top - bottom)
    return Picture(
        "virtual", "Virtual valuations", f"{types_in_words(environment)} ({unit})",
        f"virtual valuation ({unit})", tuple(series), caption=f"{'; '.join(names)}.",
        bottom=bottom - margin, top=top + margin,
    )  # fmt: skip


def allocation(solution: Solution, title: str, label: str) -> Picture:
    """Return the map of what the second of two agents gets, over both types."""
    mechanism = mechanism_of(solution)
    environment, unit = mechanism.environment, solution.provenance.unit
    axes = [TypeAxis.of(agent.types) for agent in environment.agents]
    outcomes = mechanism.allocation.on_grid(environment, [axis.cells for axis in axes])
    net = environment.net_quantities(outcomes)
    shade = np.asarray(net[1])
    ends = [(float(axis.edges[0]), float(axis.edges[-1])) for axis in axes]
    rows, columns = (_pixels(axis.edges, *end) for axis, end in zip(axes, ends, strict=True))
    (left, right), (bottom, top) = ends
    image = Shades(
        np.ascontiguousarray(shade[np.ix_(rows, columns)].T.astype(np.float32)),
        left, bottom, right, top, 0.0, max(1.0, float(shade.max())), label,
    )  # fmt: skip
    quantity = np.minimum(-net[0], net[1]) if environment.outcomes.roles[0].gives else net[1]
    series = [
        _frontier("sure", axes, quantity > 1.0 - NEGLIGIBLE, "sure from here up", "dark"),
        _frontier("ever", axes, shade > NEGLIGIBLE, "possible from here up", "here"),
        _first_best(environment, axes),
    ]
    names = [
        f"{in_words(agent.name)}'s {role.type_word}"
        for agent, role in zip(environment.agents, environment.outcomes.roles, strict=True)
    ]
    ticks = [
        {} if axis.labels is None else {float(k): label for k, label in enumerate(axis.labels)}
        for axis in axes
    ]
    across, up = (f"{name} ({unit})" for name, axis in zip(names, axes, strict=True))
    return Picture(
        "allocation", title, across, up, tuple(series), image,
        f"Darker is more: {label}, from 0 to {in_figures(image.high)}.",
        ticks[0], ticks[1], bottom, top,
    )  # fmt: skip


def _pixels(
    edges: FloatArray, low: float, high: float
) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return the rectangle in which the middle of each pixel lies."""
    count = PIXELS if edges.size > PIXELS // 4 else (edges.size - 1) * (PIXELS // (edges.size - 1))
    middles = low + (np.arange(count) + 0.5) * (high - low) / count
    return np.clip(np.searchsorted(edges, middles, side="right") - 1, 0, edges.size - 2)


def _first_best(environment: Environment, axes: Sequence[TypeAxis]) -> Series:
    """Return the line from which upwards the second agent would get the good at once."""
    key: Literal["first best"] = "first best"
    line = first_best_line(environment, *axes)
    if line is not None:
        return Series(key, "line", *line, key, key)
    best = environment.net_quantities(environment.efficient_on_grid([a.cells for a in axes]))
    return _frontier(key, axes, np.asarray(best[1]) > 1.0 - NEGLIGIBLE, key, key)


def _frontier(
    key: str,
    axes: Sequence[TypeAxis],
    mask: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    label: str,
    look: Look,
) -> Series:
    """Return the line from which upwards all belongs to a region, for each place across."""
    across, up = axes
    # Optima need not be monotone in the other's type: what has gaps above is not counted.
    above = np.logical_and.accumulate(mask[:, ::-1], axis=1)[:, ::-1]
    first = np.where(above.any(axis=1), above.argmax(axis=1), -1)
    height = np.where(first >= 0, up.edges[first], np.nan)
    x = np.stack([across.edges[:-1], across.edges[1:]], axis=1).ravel()
    return Series(key, "line", x, np.repeat(height, 2), label, look)


def shares(rows: Sequence[tuple[str, Sequence[tuple[str, float, Look]]]], caption: str) -> Picture:
    """Return level bars, each of parts of the first best, from the top down."""
    series: list[Series] = []
    looks: dict[str, tuple[Look, list[float], list[float], list[float]]] = {}
    for place, (_, parts) in enumerate(rows):
        start = 0.0
        for name, share, look in parts:
            entry = looks.setdefault(name, (look, [], [], []))
            entry[1].append(start)
            entry[2].append(start + share)
            entry[3].append(float(len(rows) - 1 - place))
            start += share
    for name, (look, low, high, heights) in looks.items():
        series.append(
            Series(name, "bars", np.array(high), np.array(heights), name, look, base=np.array(low))
        )
    ticks = {float(len(rows) - 1 - place): name for place, (name, _) in enumerate(rows)}
    return Picture(
        "shares", "Shares of the first best", "share of the first best", "", tuple(series), None,
        caption, ticks_up=ticks, bottom=-0.6, top=len(rows) - 0.4,
    )  # fmt: skip
