"""What each type expects: interim quantities, payments, utilities, and virtual valuations."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.rounding import ROUNDING, in_figures, without_rounding
from mechopt.environments import Environment, NoPayoff
from mechopt.errors import InvalidInputError
from mechopt.plot.style import (
    MAX_POINTS,
    MUTED,
    AgentStyle,
    as_text,
    axes_or_new,
    blocks,
    display_name,
    finish,
    looks_of,
    solution_of,
    style_of,
    types_in_words,
)
from mechopt.plot.ticks import fits_across, in_short, inner_ends, leave_outliers_out, tick_types
from mechopt.problem.objectives import Welfare
from mechopt.solution import Solution, mechanism_of
from mechopt.types import TypeSpace
from mechopt.types.virtual_values import ironed, virtual_cost, virtual_value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mechopt.mechanism.mechanism import Mechanism
    from mechopt.report.addendum import HasSolution

Quantity = Literal["quantity", "payment", "utility"]
QUANTITIES: tuple[Quantity, ...] = ("quantity", "payment", "utility")
# Virtual valuations further than this beyond the types, in widths of their interval, are cut off.
REACH = 1.5
# Hatching of more intervals than this would be a muddle.
MAX_HATCHED = 4
# Height of a bar that stands for ironed types, as a share of the picture.
BAR = 0.03
# Of the variables of outcomes that are worth something else than type times quantity.
MARKERS = "os^vDPX*"
# What is not ironed yet, by the agent's own mark: told apart in grey, too.
RAW_MARKERS = {"o": "x", "s": "+", "^": "1"}
# More names of types than this would run into each other.
MAX_LABELS = 8
LONGEST_LABEL = 40
# What is drawn above and below numbers that are all the same, as a share of the types.
FLAT = 0.05


def interim(
    solution: Solution | Mechanism | HasSolution,
    quantity: Quantity = "quantity",
    ax: Axes | None = None,
    *,
    unit: str = "money",
) -> Axes:
    """Draw what each type of each agent expects before the others' types are known.

    Finite types are points, cells are steps; utilities are linear in the type within a cell. Signs
    are such that a seller's and a buyer's numbers can be compared: a seller's quantity is its
    probability of selling, and its payment is what it receives. Where types are rows of values they
    stand side by side in their order, and where outcomes are worth something else than type times
    quantity, quantities are those of every variable.

    Parameters
    ----------
    solution
        A solution, a mechanism, or an outcome that holds one.
    quantity
        ``"quantity"``, ``"payment"`` or ``"utility"``; utilities come with the outside option.
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
        If there is no mechanism, or for another word.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, solve
    >>> types = TypeSpace.finite([0, 1])
    >>> solution = solve(ex_ante_efficiency(BilateralTrade(types, types)))
    >>> ax = interim(solution, "quantity", Figure().add_subplot())
    >>> [line.get_ydata().tolist() for line in ax.lines]
    [[0.5, 0.0], [0.0, 0.5]]
    """
    if quantity not in QUANTITIES:
        raise InvalidInputError(
            "nothing to draw by type",
            where="quantity",
            expected=" or ".join(f'"{word}"' for word in QUANTITIES),
            got=repr(quantity)[:60],
            remedy="Use one of these words.",
        )
    mechanism = mechanism_of(solution_of(solution))
    environment = mechanism.environment
    ax = axes_or_new(ax)
    from matplotlib import rcParams

    tables = not all(agent.types.is_ordered for agent in environment.agents)
    if quantity == "utility":
        _draw_outside_options(ax, environment, tables)
    looks = looks_of(environment)
    for i, (agent, role) in enumerate(
        zip(environment.agents, environment.outcomes.roles, strict=True)
    ):
        own_style, label = looks[i]
        values = getattr(mechanism, quantity)[i]
        at_ends = (values, values)
        if quantity == "utility" and environment.has_net_quantity(i):
            types, q, payment = agent.types, mechanism.quantity[i], mechanism.payment[i]
            at_ends = (types.lower * q - payment, types.upper * q - payment)
        elif quantity != "utility":
            if role.gives and values.ndim == 1:
                values, at_ends = 0.0 - values, (0.0 - values, 0.0 - values)
            verb = role.verb if quantity == "quantity" else role.payment_verb
            verb = verb.removesuffix("s") if label[:1].isdigit() else verb  # of several
            label = f"{label} {verb}".rstrip() if label else ""
        if values.ndim == 1:
            _draw_by_type(ax, agent.types, values, at_ends, own_style, label, in_order=tables)
            continue
        for place, name in enumerate(environment.outcomes.variables):
            own, text = values[:, place], f"{display_name(agent)}: {name}"
            style = replace(style_of(i), marker=MARKERS[place % len(MARKERS)])
            _draw_by_type(ax, agent.types, own, (own, own), style, text, in_order=tables)
    if quantity == "quantity":
        low, high = ax.dataLim.intervaly
        ax.set_ylim(min(low, 0.0) - 0.05, max(high, 1.0) + 0.05)
    else:
        low, high = ax.dataLim.intervaly
        size = environment.largest_type or 1.0
        if high - low <= ROUNDING * size:
            # What differs by rounding alone is level.
            middle = 0.5 * (low + high)
            ax.set_ylim(middle - FLAT * size, middle + FLAT * size)
    if tables:
        longest = max((agent.types for agent in environment.agents), key=lambda t: t.num_cells)
        first = blocks(longest.num_cells, MAX_LABELS)[0]
        words = [_labels_in(environment, int(k)) for k in first]
        named = all(words) and fits_across(ax, words, float(rcParams["font.size"]))
        ax.set_xticks(first, words if named else [str(k + 1) for k in first])
    titles = {
        "quantity": "Interim quantities",
        "payment": "Interim payments",
        "utility": "Interim utilities",
    }
    up = _quantity_label(environment) if quantity == "quantity" else f"{quantity} ({as_text(unit)})"
    across = f"{types_in_words(environment)} ({as_text(unit)})"
    if tables:
        across = "type, in the order of the table"
    else:
        spaces = [agent.types for agent in environment.agents]
        tick_types(ax.xaxis, spaces)
        ends = ax.get_ylim()
        across += leave_outliers_out(ax, spaces)
        if quantity == "quantity":
            ax.set_ylim(ends)
    finish(ax, titles[quantity], across, up, columns=3)
    return ax


def _labels_in(environment: Environment, k: int) -> str:
    """Return what agents call their type in a place; nothing where it is long.

    A name that all share is written once, others with the agents whose they are.
    """
    own = [agent for agent in environment.agents if k < agent.types.num_cells]
    names = [as_text(agent.types.label(k)) for agent in own]
    if len(own) == len(environment.agents) and len(set(names)) == 1:
        return names[0]
    whose = zip(own, names, strict=True)
    labels = "\n".join(f"{display_name(agent)}: {name}" for agent, name in whose)
    return labels if len(labels) <= LONGEST_LABEL else ""


def payments(
    solution: Solution | Mechanism | HasSolution, ax: Axes | None = None, *, unit: str = "money"
) -> Axes:
    """Draw the expected payment of each type: what a seller receives and what others pay.

    The same as ``interim(solution, "payment")``.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> from mechopt.cramton1985 import posted_price
    >>> mechanism = posted_price(BilateralTrade(TypeSpace.finite([0]), TypeSpace.finite([2])), 1.5)
    >>> ax = payments(mechanism, Figure().add_subplot())
    >>> [(line.get_label(), line.get_ydata().tolist()) for line in ax.lines]
    [('seller receives', [1.5]), ('buyer pays', [1.5])]
    """
    return interim(solution, "payment", ax, unit=unit)


def virtual_valuations(
    trade_or_solution: Environment | Solution | HasSolution,
    agent: str | None = None,
    ax: Axes | None = None,
    *,
    unit: str = "money",
) -> Axes:
    """Draw virtual costs and values, and their ironed versions, with ironed intervals shaded.

    Of a solution they are those of its rule: at its alpha, which unequal weights divide between
    the agents. Of an environment, or where there is no alpha, they are those at alpha 1, in which
    the participation slack is counted.

    Parameters
    ----------
    trade_or_solution
        An environment, a solution, or an outcome that holds one.
    agent
        Draw this agent's alone.
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
        For an agent that there is not.

    Notes
    -----
    Source: theory.md, sections 1, 3.2 and 3.7; Myerson (1981), section 6.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([1, 2, 3])
    >>> ax = virtual_valuations(BilateralTrade(types, types), "seller", Figure().add_subplot())
    >>> ax.lines[0].get_ydata().tolist()
    [1.0, 3.0, 5.0]
    """
    given = trade_or_solution
    source = given if isinstance(given, Environment) else solution_of(given)
    environment = source if isinstance(source, Environment) else mechanism_environment(source)
    chosen = range(len(environment.agents)) if agent is None else [environment.index_of(agent)]
    ax = axes_or_new(ax)
    low = min(environment.agents[i].types.lowest for i in chosen)
    high = max(environment.agents[i].types.highest for i in chosen)
    alphas = [alpha_of(source, i) for i in chosen]
    one_alpha = without_rounding(max(alphas) - min(alphas), 1.0) == 0.0
    drawn = []
    spans: list[tuple[list[tuple[float, float]], AgentStyle]] = []
    looks = looks_of(environment)
    for i, alpha in zip(chosen, alphas, strict=True):
        types, gives = environment.agents[i].types, environment.outcomes.roles[i].gives
        rent = virtual_cost(types) if gives else virtual_value(types)
        raw = (1.0 - alpha) * types.mean + alpha * rent
        flat = ironed(raw, types.mass)
        drawn += [raw, flat]
        style, name = (
            looks[i] if agent is None else (style_of(i), display_name(environment.agents[i]))
        )
        if name and not one_alpha:
            name += rf" ($\alpha$ = {in_figures(alpha, '.3g', 1.0)})"
        intervals = ironed_intervals(types, raw, flat)
        _draw_virtual(ax, types, raw, flat, style, name, is_ironed=bool(intervals))
        spans.append((intervals, style))
    _shade(ax, spans)
    itself: dict[str, Any] = {"color": MUTED, "linewidth": 0.9, "linestyle": ":"}
    ax.plot([low, high], [low, high], label="type itself", zorder=1, **itself)
    spaces = [environment.agents[i].types for i in chosen]
    tick_types(ax.xaxis, spaces)
    beyond = leave_outliers_out(ax, spaces)
    low, high = inner_ends(spaces) or (low, high)
    beyond += _cut_off(ax, np.concatenate(drawn), low, high)
    across = types_in_words(environment)
    title = "Virtual valuations"
    if one_alpha:
        title += rf" at $\alpha$ = {in_figures(alphas[0], '.3g', 1.0)}"
    money = as_text(unit)
    finish(ax, title, f"{across} ({money}){beyond}", f"virtual valuation ({money})", columns=3)
    return ax


def mechanism_environment(source: Any) -> Environment:
    """Return the environment of a solution or a mechanism."""
    return (
        source.problem.environment
        if isinstance(source, Solution)
        else mechanism_of(source).environment
    )


def alpha_of(source: object, agent: int) -> float:
    """Return the weight on an agent's information rents in the rule: 1 - w/(max w + λ)."""
    if not isinstance(source, Solution) or source.alpha is None:
        return 1.0
    objective = source.problem.objective
    if not isinstance(objective, Welfare):
        return source.alpha
    share = objective.weights[agent] / objective.largest_weight
    return 1.0 - share * (1.0 - source.alpha)


def _draw_virtual(
    ax: Axes,
    types: TypeSpace,
    raw: FloatArray,
    flat: FloatArray,
    style: AgentStyle,
    name: str,
    *,
    is_ironed: bool,
) -> None:
    """Draw the ironed version, and the raw one where it differs."""
    _draw_by_type(ax, types, flat, (flat, flat), style, name)
    if is_ironed:
        thin = replace(style, marker=RAW_MARKERS[style.marker], is_open=False)
        before = np.where(raw == flat, np.nan, raw) if types.is_finite else raw
        at_ends = before, before
        label = f"{name}, raw" if name else ""
        _draw_by_type(ax, types, before, at_ends, thin, label, width=0.8, faint=True)


def _shade(ax: Axes, spans: list[tuple[list[tuple[float, float]], AgentStyle]]) -> None:
    """Shade ironed intervals; one entry of the legend stands for all, hatching tells them apart.

    Many intervals, as of samples, are bars at the foot of the picture, in a row for each agent:
    stripes of its whole height would hide it.
    """
    label: str | None = "ironed"
    for row, (intervals, style) in enumerate(spans):
        look: dict[str, Any] = {"facecolor": style.colour, "edgecolor": style.colour, "alpha": 0.14}
        if len(intervals) <= MAX_HATCHED:
            look["hatch"] = style.hatch
        else:
            look |= {"ymin": BAR * row, "ymax": BAR * (row + 0.8), "alpha": 0.6}
        for low, high in intervals:
            ax.axvspan(low, high, linewidth=0.0, label=label, zorder=0, **look)
            label = None


def ironed_intervals(
    types: TypeSpace, raw: FloatArray, flat: FloatArray
) -> list[tuple[float, float]]:
    """Return the intervals of types that ironing treats alike; not what rounding made fall.

    Examples
    --------
    >>> types = TypeSpace.finite([1, 2, 3])
    >>> ironed_intervals(types, np.array([1.0, 3.0, 2.0]), np.array([1.0, 2.5, 2.5]))
    [(2.0, 3.0)]
    """
    size = ROUNDING * float(np.abs(raw).max())
    starts = np.flatnonzero(np.diff(flat, prepend=-np.inf) > size)
    ends = np.append(starts[1:], flat.size)
    return [
        (float(types.lower[start]), float(types.upper[end - 1]))
        for start, end in zip(starts, ends, strict=True)
        if end - start > 1 and np.abs(raw[start:end] - flat[start:end]).max() > size
    ]


def _cut_off(ax: Axes, values: FloatArray, low: float, high: float) -> str:
    """Keep unbounded virtual valuations at the ends of a support from flattening all the rest.

    Return a note of how far they go, beginning with a new line; empty where all are shown.
    """
    width = (high - low) or 1.0
    bottom = max(float(values.min()), low - REACH * width)
    top = min(float(values.max()), high + REACH * width)
    bottom, top = min(bottom, low), max(top, high)
    ax.set_ylim(bottom - 0.04 * (top - bottom), top + 0.04 * (top - bottom))
    lowest, highest = float(values.min()), float(values.max())
    cut = [in_short(lowest)] if lowest < bottom else []
    cut += [in_short(highest)] if highest > top else []
    reach = f"{'from ' if len(cut) > 1 else ''}{' to '.join(cut)}".replace("-", "\N{MINUS SIGN}")
    return f"\naxis cut; values reach {reach}" if cut else ""


def _draw_outside_options(ax: Axes, environment: Environment, in_order: bool) -> None:
    options = [agent.outside_option for agent in environment.agents]
    if all(isinstance(option, NoPayoff) for option in options):
        ax.axhline(0.0, color=MUTED, linewidth=0.9, linestyle=":", label="outside option")
        return
    for i, agent in enumerate(environment.agents):
        first, _, last = blocks(agent.types.num_cells, MAX_POINTS)
        ends, worth = np.arange(float(agent.types.num_cells)), agent.option_at_ends[0]
        if not in_order:
            ends = np.stack([agent.types.lower[first], agent.types.upper[last]], axis=1).ravel()
            worth = np.asarray(agent.outside_option(ends))
        label = f"{display_name(agent)}'s outside option"
        look: dict[str, Any] = {"linestyle": ":", "linewidth": 1.1, "label": label}
        if agent.types.is_finite:
            look |= {"linestyle": "none", "marker": "_", "markersize": 15, "markeredgewidth": 1.4}
        ax.plot(ends, worth, color=style_of(i).colour, **look)


def _quantity_label(environment: Environment) -> str:
    return " or ".join(dict.fromkeys(role.quantity_word for role in environment.outcomes.roles))


def _draw_by_type(
    ax: Axes,
    types: TypeSpace,
    values: FloatArray,
    at_ends: tuple[FloatArray, FloatArray],
    style: AgentStyle,
    label: str,
    *,
    width: float = 1.7,
    faint: bool = False,
    in_order: bool = False,
) -> None:
    """Draw finite types as points, and cells as lines from their lowest to their highest type.

    Types in order stand side by side, whatever they are worth.
    """
    look: dict[str, Any] = {"color": style.colour, "label": label, "alpha": 0.6 if faint else 1.0}
    if style.is_open:
        look["markerfacecolor"] = "none"
    if types.is_finite:
        middle = blocks(types.num_cells, MAX_POINTS)[1]
        size = float(np.clip(40.0 / np.sqrt(middle.size), 2.0, 7.0))
        size *= 1.25 if style.is_open else 1.0
        ax.plot(
            middle if in_order else types.mean[middle],
            values[middle],
            linestyle="none",
            marker=style.marker,
            markersize=size,
            **look,
        )
        return
    ax.plot(*step_line(types, at_ends), linestyle=style.line, linewidth=width, **look)


def step_line(
    types: TypeSpace, at_ends: tuple[FloatArray, FloatArray], most: int = MAX_POINTS
) -> tuple[FloatArray, FloatArray]:
    """Return a line over cells, from what holds at each one's lower end to its upper end.

    Between cells that do not touch there are no types, so the line has gaps (NaN) there.

    Parameters
    ----------
    types
        The cells.
    at_ends
        Values at lower and at upper ends; the same array twice for steps.
    most
        How many steps there are at most; of more cells, neighbours share one.

    Examples
    --------
    >>> heights = np.array([1.0, 3.0])
    >>> step_line(TypeSpace.from_samples([0, 1, 2, 3], cells=2), (heights, heights))[1].tolist()
    [1.0, 1.0, 1.0, 3.0, 3.0, 3.0]
    """
    first, middle, last = blocks(types.num_cells, most)
    lower, upper = types.lower[first], types.upper[last]
    apart = np.append(lower[1:] > upper[:-1], False)
    across = np.stack([lower, upper, np.where(apart, np.nan, upper)], axis=1).ravel()
    low_value, high_value = at_ends
    if low_value is high_value:
        return across, np.repeat(low_value[middle], 3)
    ends = low_value[first], high_value[last], high_value[last]
    return across, np.stack(ends, axis=1).ravel()
