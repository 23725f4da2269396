"""How pictures are printed: size, font, titles, grey."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mechopt.errors import InvalidInputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PANEL_SIZE = (5.6, 4.4)
# What a page has for a picture, in inches, and the least height of a panel for its width.
HIGHEST, FLATTEST = 9.2, 0.6
# A panel that is narrower than this, in inches, has a row to itself.
NARROWEST = 2.9
FONT = 10.0
SMALL_FONT = 8.0
# Dots per inch of a screen and of a printed page.
SCREEN, PRINT = 150.0, 300.0
# How bright red, green and blue look.
BRIGHTNESS = (0.299, 0.587, 0.114)


@dataclass(frozen=True)
class Look:
    """How a picture is printed.

    Parameters
    ----------
    width, height
        Of the whole picture, in inches; of the usual panels unless given. Panels that would be too
        narrow side by side stand below each other.
    font
        Size of letters in points; 10, or 8 where panels are small, unless given.
    family
        Font family that matplotlib knows, such as ``"serif"``.
    titles
        Whether panels have titles; a caption can say as much.
    grey
        Whether all colours become the grey that is as bright.
    dpi
        Dots per inch of a picture of dots (.png); 150, or 300 where a width is given, unless said.

    Raises
    ------
    InvalidInputError
        For sizes that are no positive numbers, and more dots than a picture has.

    Examples
    --------
    >>> Look(width=3.3).size(4), Look().size(1)
    ((3.3, 9.2), (5.6, 4.4))
    """

    width: float | None = None
    height: float | None = None
    font: float | None = None
    family: str = ""
    titles: bool = True
    grey: bool = False
    dpi: float | None = None

    def __post_init__(self) -> None:
        for name, least, most in (
            ("width", 1.5, 100.0),
            ("height", 1.0, 100.0),
            ("font", 3.0, 72.0),
            ("dpi", 30.0, 1200.0),
        ):
            value = getattr(self, name)
            if value is not None and not least <= value <= most:
                unit = {"font": "points", "dpi": "dots per inch"}.get(name, "inches")
                usual = "Journals have columns of about 3.3 inches, and pages of 6.5."
                raise InvalidInputError(
                    "no size of a picture",
                    where=name,
                    expected=f"a number of {unit} from {least:g} to {most:g}",
                    got=f"{value:g}",
                    remedy="Journals print 300 to 600." if name == "dpi" else usual,
                )

    @property
    def dots(self) -> float:
        """Dots per inch.

        Examples
        --------
        >>> Look().dots, Look(width=3.3).dots, Look(dpi=72).dots
        (150.0, 300.0, 72)
        """
        usual = SCREEN if self.width is None else PRINT
        return usual if self.dpi is None else self.dpi

    def columns(self, num_panels: int) -> int:
        """Return how many panels stand side by side.

        Examples
        --------
        >>> [Look(width=width).columns(4) for width in (3.3, 6.5, 10)], Look().columns(6)
        ([1, 2, 2], 3)
        """
        usual = min(num_panels, 2 if num_panels == 4 else 3)
        if self.width is None:
            return usual
        return max(1, min(usual, int(self.width / NARROWEST)))

    def size(self, num_panels: int) -> tuple[float, float]:
        """Return the size of a picture of so many panels, in inches."""
        columns = self.columns(num_panels)
        return self.size_in(columns, -(-num_panels // columns))

    def size_in(self, columns: int, rows: int) -> tuple[float, float]:
        """Return the size of a picture of panels in so many columns and rows, in inches."""
        width = PANEL_SIZE[0] * columns if self.width is None else self.width
        height = width / columns * PANEL_SIZE[1] / PANEL_SIZE[0] * rows
        if columns == 1 and self.width is not None:
            # Many panels in a column are flatter, or they would be higher than a page.
            height = max(min(height, HIGHEST), FLATTEST * width * rows)
        return width, round(height, 2) if self.height is None else self.height

    def settings(self, num_panels: int = 1) -> dict[str, Any]:
        """Return settings of matplotlib, for ``matplotlib.rc_context`` or a style of your own.

        Examples
        --------
        >>> Look(width=3.3, family="serif").settings()
        {'font.size': 8.0, 'figure.figsize': (3.3, 2.59), 'font.family': 'serif'}
        """
        size = self.size(num_panels)
        small = size[0] / self.columns(num_panels) < 0.75 * PANEL_SIZE[0]
        font = (SMALL_FONT if small else FONT) if self.font is None else self.font
        family = {"font.family": self.family} if self.family else {}
        # The usual size is whatever the user's own settings say.
        own = {} if self.font is None and not small else {"font.size": font}
        return {**own, "figure.figsize": size, **family}

    @contextmanager
    def used(self, num_panels: int = 1) -> Iterator[None]:
        """Draw with these settings; none of matplotlib's stays changed."""
        import matplotlib

        settings: Any = self.settings(num_panels)
        with matplotlib.rc_context(settings):
            yield

    def finish(self, figure: Figure) -> None:
        """Take titles and colours away where that is asked for, once all is drawn."""
        if not self.titles:
            for ax in figure.axes:
                for where in ("left", "center", "right"):
                    ax.set_title("", loc=where)
        if self.grey:
            in_grey(figure)


USUAL = Look()
"""A picture of the usual size, with titles and in colour."""


def in_grey(figure: Figure) -> None:
    """Turn every colour of a figure into the grey that is as bright.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> figure = Figure()
    >>> (line,) = figure.add_subplot().plot([0, 1], color="#ff0000")
    >>> in_grey(figure)
    >>> [round(part, 3) for part in line.get_color()]
    [0.299, 0.299, 0.299, 1.0]
    """
    kinds = ("color", "facecolor", "edgecolor", "markerfacecolor", "markeredgecolor")
    for artist in figure.findobj():
        mapped = getattr(artist, "cmap", None)
        if mapped is not None and getattr(artist, "get_array", lambda: None)() is not None:
            artist.set_cmap("Greys")  # type: ignore[attr-defined]
            continue
        for kind in kinds:
            get, put = (getattr(artist, f"{verb}_{kind}", None) for verb in ("get", "set"))
            if get is not None and put is not None:
                put(_grey(get()))


def _grey(colour: Any) -> Any:
    """Return the grey of a colour, or of each of several; what is no colour stays."""
    from matplotlib.colors import to_rgba_array

    if isinstance(colour, str) and colour in ("none", "auto"):
        return colour
    given = to_rgba_array(colour)
    grey = given.copy()
    grey[:, :3] = (given[:, :3] @ np.array(BRIGHTNESS))[:, None]
    single = isinstance(colour, str) or np.ndim(colour) == 1
    return tuple(grey[0].tolist()) if single and len(grey) else grey
