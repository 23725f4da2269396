"""What the plots share: Axes, shades, the styles of agents, legends, and axes of types."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mechopt._util.arrays import FloatArray, IndexArray, shown
from mechopt._util.text import for_plot, in_words
from mechopt.environments import Agent, Environment
from mechopt.environments.role import is_exchange_of
from mechopt.errors import InvalidInputError, require, require_extra
from mechopt.mechanism.mechanism import Mechanism
from mechopt.plot.redraw import fresh_axes
from mechopt.plot.ticks import number_axis, rational_labels
from mechopt.solution import Solution
from mechopt.types import TypeSpace

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mechopt.report.addendum import HasSolution

# Light is 0 and dark is 1, in colour and in grey.
SHADES = "Blues"
DARK = "#111111"
MUTED = "#6b6b6b"
# More cells than a picture has pixels would only take time.
MAX_CELLS = 400
MAX_POINTS = 2_000
# So many finite types have their own labels and squares of equal size.
MAX_LABELLED = 12
# More letters than this do not fit below a picture side by side.
MAX_LETTERS = 40
# Points of a legend's row, and of the title's distance from it.
ROW, MARGIN = 10.8, 5.0
# A legend has four columns at most, and the layout settles in two more rounds.
MOST_FITS = 7
# Points of letters that can be read.
SMALLEST = 6.0


@dataclass(frozen=True)
class AgentStyle:
    """How an agent is drawn, so that it can be told from the others without colour."""

    colour: str
    line: str
    marker: str
    hatch: str
    is_open: bool


AGENT_STYLES = (
    AgentStyle("#16325c", "-", "o", "////", is_open=False),
    AgentStyle("#d9822b", "--", "s", "\\\\\\\\", is_open=True),
    AgentStyle("#6f9a8d", "-.", "^", "....", is_open=True),
)


def style_of(agent: int) -> AgentStyle:
    """Return how the agent at this position is drawn.

    Examples
    --------
    >>> style_of(0).line, style_of(1).line
    ('-', '--')
    """
    return AGENT_STYLES[agent % len(AGENT_STYLES)]


def looks_of(environment: Environment) -> list[tuple[AgentStyle, str]]:
    """Return how each agent is drawn and what the legend calls it.

    Of more agents than there are styles, those whose roles differ by a number are drawn alike, and
    only the first of them is in the legend (empty texts are not).

    Examples
    --------
    >>> from mechopt import Market, TypeSpace
    >>> types = TypeSpace.finite([0, 1])
    >>> [name for _, name in looks_of(Market(types, types, 2, 3))]
    ['2 sellers', '', '3 buyers', '', '']
    """
    agents, roles = environment.agents, environment.outcomes.roles
    if len(agents) <= len(AGENT_STYLES):
        return [(style_of(i), display_name(agent)) for i, agent in enumerate(agents)]
    stems = []
    for role in roles:
        stem, _, number = role.name.rpartition("_")
        stems.append(stem if stem and number.isdigit() else role.name)
    order = list(dict.fromkeys(stems))
    looks = []
    for i, (agent, stem) in enumerate(zip(agents, stems, strict=True)):
        count = stems.count(stem)
        name = f"{count} {stem}s" if count > 1 else display_name(agent)
        looks.append((style_of(order.index(stem)), name if stems.index(stem) == i else ""))
    return looks


def axes_or_new(ax: Axes | None) -> Axes:
    """Return the Axes that were given, without what the package drew on them, or new ones."""
    require_matplotlib()
    from matplotlib.axes import Axes

    if ax is None:
        return fresh_axes(new_figure(layout="constrained").add_subplot())
    require(ax, Axes, where="ax", remedy="Pass matplotlib Axes, or leave it out.")
    return fresh_axes(ax)


def require_matplotlib() -> None:
    """Import matplotlib, or say in one error why it cannot be.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    InvalidInputError
        If the environment variable MPLBACKEND names no backend.
    """
    require_extra("matplotlib", "plot", "a picture")
    try:
        import matplotlib  # noqa: F401
    except ValueError as error:
        raise _no_backend(os.environ.get("MPLBACKEND", ""), error) from error


def new_figure(**look: Any) -> Figure:
    """Return a figure that pyplot made and knows, or say in one error why it cannot make one.

    Raises
    ------
    InvalidInputError
        If the backend that the user has chosen cannot be loaded here.

    Examples
    --------
    >>> len(new_figure(layout="constrained").axes)
    0
    """
    require_matplotlib()
    import matplotlib

    try:
        import matplotlib.pyplot as plt

        return plt.figure(**look)
    except ImportError as error:
        raise _no_backend(str(matplotlib.rcParams["backend"]), error) from error


def _no_backend(name: str, error: Exception) -> InvalidInputError:
    return InvalidInputError(
        "matplotlib cannot use this backend",
        where="MPLBACKEND",
        expected="the name of a backend that is installed, such as agg",
        got=shown(f"{name}: {error}", 200),
        remedy="Choose another, or unset MPLBACKEND.",
    )


def solution_of(value: Solution | Mechanism | HasSolution) -> Solution | Mechanism:
    """Return the solution behind what was made of one; anything else as it is."""
    if isinstance(value, (Solution, Mechanism)):
        return value
    held = getattr(value, "solution", None)
    # What is neither is refused by whoever asked, with a word on what was expected.
    return held if isinstance(held, Solution) else value  # type: ignore[return-value]


def finish(ax: Axes, title: str, across: str, up: str, *, columns: int = 2) -> None:
    """Label the axes, and put the legend between title and picture, where it covers nothing."""
    ax.set_xlabel(across)
    ax.set_ylabel(up)
    number_axis(ax.xaxis)
    number_axis(ax.yaxis)
    handles, labels = ax.get_legend_handles_labels()
    _put_legend(ax, handles, labels, title, columns)


def _put_legend(
    ax: Axes, handles: list[Any], labels: list[str], title: str, columns: int, *, end: str = "left"
) -> None:
    from matplotlib import rcParams

    row = ROW * rcParams["font.size"] / 10.0
    rows = -(-len(handles) // columns)
    offset = row if _has_offset(ax) else 0.0
    if handles:
        loc: Any = f"lower {end}"
        ax.legend(
            handles,
            labels,
            loc=loc,
            bbox_to_anchor=(0.0 if end == "left" else 1.0, 1.0),
            bbox_transform=_raised(ax, offset),
            ncols=columns,
            frameon=False,
            fontsize="small",
            borderaxespad=0.1,
            borderpad=0.2,
            labelspacing=0.25,
            handlelength=2.4,
            columnspacing=1.4,
        )
    ax.set_title(title, loc="left", pad=MARGIN + row * rows + offset)


def fit_legends(figure: Figure) -> None:
    """Give each legend above a picture as few columns as it takes not to be wider than that.

    One that is wider all the same ends where its picture does, and begins before it.
    """
    done: set[Axes] = set()
    settled = False
    for _ in range(MOST_FITS):
        legends = {ax: own for ax in figure.axes if (own := ax.get_legend()) is not None}
        for legend in legends.values():
            # The layout would make the picture narrower for a wide legend, which then fits less.
            legend.set_in_layout(False)
        with warnings.catch_warnings():
            # A layout that a legend leaves no room for is what is mended here.
            warnings.filterwarnings("ignore", "constrained_layout not applied", UserWarning)
            figure.draw_without_rendering()
        wide = [
            ax
            for ax, legend in legends.items()
            if ax not in done and legend.get_window_extent().width > ax.bbox.width + 2.0
        ]
        for ax in wide:
            legend = legends[ax]
            labels = [text.get_text() for text in legend.get_texts()]
            handles, columns = list(legend.legend_handles), legend._ncols  # type: ignore[attr-defined]
            fewer = max(1, columns - 1)
            end = "left" if columns > 1 else "right"
            _put_legend(ax, handles, labels, ax.get_title(loc="left"), fewer, end=end)
            if columns == 1:
                done.add(ax)
        for ax in legends:
            _clear_title(ax)
        # Flatter panels have other ticks, whose labels may leave less width: once more.
        if settled and not wide:
            break
        settled = not wide
    for ax in figure.axes:
        own = ax.get_legend()
        if own is not None and ax not in done:
            # Room above the picture is left for one that fits.
            own.set_in_layout(True)
        _fit_title(ax, figure)


def _clear_title(ax: Axes) -> None:
    """Raise a title above its legend, of however many rows."""
    legend, words = ax.get_legend(), ax.get_title(loc="left")
    if legend is None or not words:
        return
    top = 72.0 * (legend.get_window_extent().y1 - ax.bbox.y1) / legend.figure.dpi
    # Letters such as p reach below the line that the pad is measured to.
    below = 0.3 * float(ax.title.get_fontsize())
    ax.set_title(words, loc="left", pad=max(top + below, MARGIN))


def _fit_title(ax: Axes, figure: Figure) -> None:
    """Make a title that would be cut at the edge of a figure smaller."""
    from matplotlib.text import Text

    words = ax.get_title(loc="left")
    for title in ax.get_children():
        if words and isinstance(title, Text) and title.get_text() == words:
            box = title.get_window_extent()
            room = figure.bbox.width - box.x0
            if box.width > room > 0.0:
                # Letters come in sizes of whole pixels, so the next smaller one may be no narrower.
                share = 0.95 * room / box.width
                title.set_fontsize(max(SMALLEST, share * title.get_fontsize()))


def _has_offset(ax: Axes) -> bool:
    """Return whether numbers upwards are written beside a power or a constant, above the axis."""
    formatter: Any = ax.yaxis.get_major_formatter()
    low, high = sorted(ax.get_ylim())
    ticks = np.asarray(ax.get_yticks(), dtype=np.float64)
    formatter.set_locs(ticks[(low <= ticks) & (ticks <= high)])
    return bool(formatter.get_offset())


def _raised(ax: Axes, points: float) -> Any:
    """Return the transform of Axes, so many points higher."""
    from matplotlib.transforms import ScaledTranslation

    return ax.transAxes + ScaledTranslation(0.0, points / 72.0, ax.figure.dpi_scale_trans)


def as_text(text: str) -> str:
    r"""Return a text as matplotlib draws it, letter by letter: no formula begins at a dollar.

    Examples
    --------
    >>> print(as_text("$ a year"))
    \$ a year
    """
    from matplotlib import rcParams

    require(text, str, where="unit", remedy="Say what money is measured in, such as euros.")
    return for_plot(text, usetex=bool(rcParams["text.usetex"]))


def display_name(agent: Agent) -> str:
    """Return an agent's name as words.

    Examples
    --------
    >>> display_name(Agent("player_1", TypeSpace.finite([0, 1])))
    'player 1'
    """
    return as_text(in_words(agent.name))


def is_exchange(environment: Environment) -> bool:
    """Return whether there are two agents, of whom the first gives and the second receives."""
    return is_exchange_of(environment.outcomes.roles)


def types_in_words(environment: Environment) -> str:
    """Return what the agents' types are called.

    Examples
    --------
    >>> from mechopt import BilateralTrade
    >>> types = TypeSpace.finite([0, 1])
    >>> types_in_words(BilateralTrade(types, types))
    'cost or value'
    """
    return " or ".join(dict.fromkeys(role.type_word for role in environment.outcomes.roles))


def type_label(environment: Environment, agent: int, unit: str) -> str:
    """Return the label of an axis of an agent's types.

    Examples
    --------
    >>> from mechopt import BilateralTrade
    >>> types = TypeSpace.finite([0, 1])
    >>> type_label(BilateralTrade(types, types), 0, "euros")
    "seller's cost (euros)"
    """
    kind = environment.outcomes.roles[agent].type_word
    return f"{display_name(environment.agents[agent])}'s {kind} ({as_text(unit)})"


def blocks(size: int, limit: int) -> tuple[IndexArray, IndexArray, IndexArray]:
    """Return first, middle and last position of at most so many blocks of equal length.

    Examples
    --------
    >>> [positions.tolist() for positions in blocks(10, 2)]
    [[0, 5], [2, 7], [4, 9]]
    """
    ends = np.linspace(0, size, min(size, limit) + 1).astype(np.intp)
    first, last = ends[:-1], ends[1:] - 1
    return first, (first + last) // 2, last


@dataclass(frozen=True, eq=False)
class TypeAxis:
    """Where an agent's types lie on an axis.

    Parameters
    ----------
    cells
        Positions of the types that stand for all: all of them, or one in the middle of each block.
    edges
        Where the rectangles begin and end, one more than there are cells. In money, or, for a few
        finite types, counted.
    labels
        Of a few finite types; else None.
    """

    cells: IndexArray
    edges: FloatArray
    labels: tuple[str, ...] | None

    @classmethod
    def of(cls, types: TypeSpace) -> TypeAxis:
        """Return the axis of a type space.

        Examples
        --------
        >>> TypeAxis.of(TypeSpace.finite([1, 5])).labels
        ('1', '5')
        """
        size = types.num_cells
        if types.is_finite and size <= MAX_LABELLED:
            labels = rational_labels(types)
            edges = np.arange(-0.5, size)
            return cls(np.arange(size), edges.astype(np.float64), labels)
        first, middle, last = blocks(size, MAX_CELLS)
        between = 0.5 * (types.upper[last[:-1]] + types.lower[first[1:]])
        low, high = types.lowest, types.highest
        if types.is_finite:
            # A point has no width of its own; at the ends it gets that of its neighbour.
            low, high = low - (between[0] - low), high + (high - between[-1])
        edges = np.concatenate([[low], between, [high]]).astype(np.float64)
        return cls(middle, edges, None)

    @property
    def in_money(self) -> bool:
        """Whether the axis is measured in money."""
        return self.labels is None

    @property
    def centres(self) -> FloatArray:
        """Middles of the rectangles."""
        return np.asarray(0.5 * (self.edges[1:] + self.edges[:-1]))

    def set_ticks(self, axis: Any) -> None:
        """Write the labels of finite types on a matplotlib axis, slanted where they are long."""
        if self.labels is None:
            return
        look: dict[str, Any] = {}
        if axis.axis_name == "x" and sum(len(label) + 2 for label in self.labels) > MAX_LETTERS:
            look = {"rotation": 40, "ha": "right", "rotation_mode": "anchor"}
        axis.set_ticks(np.arange(len(self.labels)), self.labels, **look)
