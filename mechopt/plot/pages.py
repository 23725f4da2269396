"""Whole pictures: the panels that suit a solution, and files of them."""

from __future__ import annotations

import io
import shutil
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mechopt._util.arrays import shown
from mechopt.environments.kinds import declared_by, kind_of
from mechopt.errors import InvalidInputError, require
from mechopt.plot.by_type import interim, payments, virtual_valuations
from mechopt.plot.look import USUAL, Look
from mechopt.plot.maps import allocation, has_map
from mechopt.plot.redraw import fresh_panels
from mechopt.plot.style import fit_legends, is_exchange, new_figure, require_matplotlib, solution_of
from mechopt.plot.vectors import without_dots
from mechopt.problem.objectives import Revenue
from mechopt.solution import Solution, mechanism_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mechopt.report.addendum import HasSolution

Panel = Callable[..., "Axes"]
ProgressBar = Callable[[str], AbstractContextManager[Callable[[int, int], None]]]
KINDS = (
    "overview",
    "allocation",
    "quantities",
    "payments",
    "utilities",
    "interim",
    "virtual-valuations",
    "payoffs",
    "gap",
    "discounts",
    "menu",
)
# Each of them can measure the texts of a picture in pgf.
SYSTEMS = ("pdflatex", "xelatex", "lualatex")
# What each format would write that differs from run to run, or says nothing.
METADATA: dict[str, dict[str, None]] = {
    ".png": {"Software": None},
    ".svg": {"Date": None},
    ".pdf": {"CreationDate": None},
    ".pgf": {},
}


@dataclass(frozen=True)
class Further:
    """Pictures that a kind of environment has of its own.

    Parameters
    ----------
    panels
        The function that draws each, by its name in :data:`KINDS`.
    overview
        The names of the panels of an overview, of which those that there are not are left out.
    """

    panels: dict[str, list[Panel]]
    overview: list[str]


def overview(
    solution: Solution | HasSolution, figure: Figure | None = None, *, unit: str = "money"
) -> Figure:
    """Draw the panels that suit a solution.

    For trade: allocation, virtual valuations (or interim payments, where requirements or the prior
    leave no virtual valuations), interim quantities and utilities; so too where virtual values
    decide an auction, a public good or a market. For a buyer of several goods, the menu; for
    alternatives, which of them is chosen in each profile. For bargaining:
    allocation, payoffs with bounds (and intervals, if they were computed), expected payoffs with
    the gap, and interim payments. For other environments: what there is.

    Parameters
    ----------
    solution
        A solution, or an outcome that holds one.
    figure
        What to draw on. A new one, which a notebook shows as the value of a cell, unless given;
        pyplot does not keep it, so that it is shown once.
    unit
        What money is measured in.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    InvalidInputError
        If there is no mechanism.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, solve
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> figure = overview(solve(ex_ante_efficiency(BilateralTrade(types, types))))
    >>> [ax.get_title(loc="left") for ax in figure.axes[-2:]]
    ['Interim quantities', 'Interim utilities']
    """
    if figure is None:
        panels = panels_of(solution, "overview")
        # Made by pyplot, so that notebooks know how to show figures, but not kept by it.
        figure = new_figure(layout="constrained", figsize=Look().size(len(panels)))
        import matplotlib.pyplot as plt

        plt.close(figure)
    return draw(solution, figure, "overview", unit=unit)


def draw(
    solution: Solution | HasSolution,
    figure: Figure,
    kind: str = "overview",
    *,
    unit: str = "money",
    look: Look | None = None,
) -> Figure:
    """Draw the panels of a kind on a figure, and return it.

    Parameters
    ----------
    solution
        A solution, or an outcome that holds one.
    figure
        What to draw on; best one with ``layout="constrained"``.
    kind
        One of :data:`KINDS`.
    unit
        What money is measured in.
    look
        How it is printed; the size is the figure's own. With one, legends are fitted to their
        panels, which takes some tenths of a second.

    Raises
    ------
    InvalidInputError
        If there is no mechanism, or the kind does not suit the solution.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, solve
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> solution = solve(ex_ante_efficiency(BilateralTrade(types, types)))
    >>> len(draw(solution, Figure(), "interim").axes)
    3
    """
    panels = panels_of(solution, kind)
    printed, look = look is not None, USUAL if look is None else look
    columns = look.columns(len(panels))
    rows = -(-len(panels) // columns)
    drawn = fresh_panels(figure)
    with look.used(len(panels)):
        for k, panel in enumerate(panels):
            drawn.append(figure.add_subplot(rows, columns, k + 1))
            panel(ax=drawn[-1], unit=unit)
        look.finish(figure)
        if printed:
            fit_legends(figure)
    return figure


def picture(
    solution: Solution | HasSolution,
    path: str | Path,
    kind: str = "overview",
    *,
    unit: str = "money",
    look: Look = USUAL,
) -> None:
    """Write a picture of a solution to a file; the same solution gives the same bytes.

    Parameters
    ----------
    solution
        A solution, or an outcome that holds one.
    path
        Ends with ``.png``, ``.svg``, ``.pdf`` or ``.pgf``. The file appears whole or not at all.
    kind
        One of :data:`KINDS`.
    unit
        What money is measured in.
    look
        How it is printed: its size, font, titles, grey, dots per inch.

    Raises
    ------
    InvalidInputError
        For another suffix, a file that cannot be written, a solution without a mechanism, and a
        kind that does not suit it.

    Examples
    --------
    >>> picture(None, "trade.gif")
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: trade.gif: no picture has this suffix (expected .png, ...
    """
    require_picture(path)
    panels = panels_of(solution, kind)
    require_matplotlib()
    from matplotlib.figure import Figure

    # No pyplot: a picture in a file needs no window, whatever backend the user has chosen.
    figure = Figure(figsize=look.size(len(panels)), layout="constrained")
    draw(solution, figure, kind, unit=unit, look=look)
    write_figure(figure, path, look=look)


def require_picture(path: str | Path) -> None:
    """Raise InvalidInputError unless there is a picture of this suffix."""
    suffix = Path(path).suffix.lower()
    if suffix not in METADATA:
        raise InvalidInputError(
            "no picture has this suffix",
            where=str(path),
            expected=", ".join(METADATA),
            got=repr(suffix),
            remedy="Choose one of these.",
        )


def write_figure(figure: Figure, path: str | Path, *, look: Look = USUAL) -> None:
    """Write a figure to a file, whole or not at all; the same figure gives the same bytes."""
    from mechopt._util.files import write_whole

    write_whole(path, figure_in_bytes(figure, Path(path).suffix.lower(), look=look))


def figure_in_bytes(figure: Figure, suffix: str, *, look: Look = USUAL) -> bytes:
    """Return a figure as a file of the format that a suffix names, the same on every run."""
    import matplotlib

    if suffix == ".pgf":
        return _in_pgf(figure)
    content = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "mechopt"}), warnings.catch_warnings():
        # A letter that the font lacks is drawn as a box, which shows as much.
        warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)
        figure.savefig(content, format=suffix[1:], dpi=look.dots, metadata=METADATA[suffix])
    return content.getvalue()


def _in_pgf(figure: Figure) -> bytes:
    """Return a figure as commands of LaTeX, or say why there is none: LaTeX measures its texts."""
    import matplotlib

    system = next((name for name in SYSTEMS if shutil.which(name)), "no LaTeX")
    content = io.BytesIO()
    # As in a document of one's own: its fonts, and no packages but pgf.
    settings: Any = {"pgf.texsystem": system, "pgf.rcfonts": False}
    try:
        with matplotlib.rc_context(settings), without_dots(figure):
            figure.savefig(content, format="pgf")
    except (OSError, RuntimeError) as error:
        raise InvalidInputError(
            "no picture as commands of LaTeX",
            where=".pgf",
            expected=f"one of {', '.join(SYSTEMS)} with the package pgf, and maps of few shades",
            got=shown(f"{system}: {error}", 200),
            remedy="Write a .pdf, which LaTeX includes as well.",
        ) from error
    return content.getvalue()


def panels_of(solution: Solution | HasSolution, kind: str) -> list[Panel]:
    """Return the functions that draw the panels of a kind.

    Raises
    ------
    InvalidInputError
        If there is no mechanism, or the kind does not suit the solution.

    Examples
    --------
    >>> panels_of(None, "allocation")
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: solution: of the wrong kind (expected a Solution, got None...
    """
    source = solution_of(solution)
    require(source, Solution, where="solution", remedy="Pass what mechopt.solve returns.")
    assert isinstance(source, Solution)
    environment = mechanism_of(source).environment
    by_type = {
        "quantities": partial(interim, source, "quantity"),
        "payments": partial(payments, source),
        "utilities": partial(interim, source, "utility"),
    }
    if not environment.has_net_quantities:
        del by_type["quantities"]
    known: dict[str, list[Panel]] = {name: [panel] for name, panel in by_type.items()}
    known["interim"] = list(by_type.values())
    if has_map(environment):
        known["allocation"] = [partial(allocation, source)]
    if is_exchange(environment) or has_virtual_panel(source):
        known["virtual-valuations"] = [partial(virtual_valuations, source)]
    # Virtual valuations say nothing of requirements in every profile, or of a joint prior.
    second = "payments" if source.problem.by_profile else "virtual-valuations"
    order = ["allocation", second, "quantities", "utilities"]
    if "allocation" not in known and second != "payments":
        order.insert(3, "payments")
    further = further_panels(solution)
    if further is not None:
        known |= further.panels
        order = further.overview
    if source.problem.has_payment_limit and source.problem.payment_limit == 0.0:
        order = [name for name in order if name != "payments"]
    known["overview"] = [panel for name in order for panel in known.get(name, [])]
    if kind not in known:
        raise InvalidInputError(
            "no such picture of this solution",
            where="kind",
            expected=", ".join(name for name in KINDS if name in known),
            got=repr(kind),
            remedy="Choose one of these.",
        )
    return known[kind]


def has_virtual_panel(solution: Solution) -> bool:
    """Return whether virtual valuations decide, by one weight on rents, who gets what."""
    known = solution.problem.environment.has_virtual_valuations and solution.problem.is_interim
    by_weight = solution.alpha is not None or isinstance(solution.problem.objective, Revenue)
    return known and by_weight


def further_panels(solution: Solution | HasSolution) -> Further | None:
    """Return the pictures that a kind of environment has of its own, if this solution is of it."""
    module = _further_module(solution)
    found: Further | None = None if module is None else module.panels_of(solution)
    return found


def prepared(solution: Solution, kind: str, progress_bar: ProgressBar) -> Solution | HasSolution:
    """Return a solution with what a kind of picture needs beyond it, if that takes little time.

    Parameters
    ----------
    solution
        A solution.
    kind
        One of :data:`KINDS`.
    progress_bar
        Called with a title; its context gives a function of the number done and the number in all.
    """
    own = getattr(_further_module(solution), "prepared", None)
    found: Solution | HasSolution | None = own(solution, kind, progress_bar) if own else None
    return solution if found is None else found


def _further_module(solution: Solution | HasSolution) -> Any:
    """Return the module of pictures of the kind of a solution; None where there are none."""
    source = solution_of(solution)
    kind = kind_of(source.problem.environment) if isinstance(source, Solution) else None
    return declared_by(kind.plots) if kind is not None and kind.plots else None
