"""Drawing again: a picture replaces what the package drew in the same place, and adds to nothing.

What a caller drew before the package did is left where it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colorbar import Colorbar
    from matplotlib.figure import Figure

# Bars of shades beside the Axes that pictures were drawn on, and figures of several panels.
_BARS: WeakKeyDictionary[Axes, list[Colorbar]] = WeakKeyDictionary()
_PANELS: WeakKeyDictionary[Figure, list[Axes]] = WeakKeyDictionary()


def fresh_axes(ax: Axes) -> Axes:
    """Return Axes without the picture of the package that they had, bars of shades included.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = Figure().add_subplot()
    >>> _ = fresh_axes(ax).plot([1, 2])
    >>> len(fresh_axes(ax).lines)
    0
    """
    bars = _BARS.get(ax)
    if bars is not None:
        for bar in bars:
            bar.remove()
        ax.clear()
    _BARS[ax] = []
    return ax


def shade_bar(ax: Axes, shaded: Any, label: str) -> Colorbar:
    """Draw a bar that says what shades mean, and return it; it goes with the picture beside it."""
    bar = ax.figure.colorbar(shaded, ax=ax, pad=0.02)
    bar.set_label(label)
    _BARS.setdefault(ax, []).append(bar)
    return bar


def fresh_panels(figure: Figure) -> list[Axes]:
    """Return an empty list for the panels of a figure, those of the picture before removed."""
    for ax in _PANELS.get(figure, ()):
        fresh_axes(ax).remove()
    panels: list[Axes] = []
    _PANELS[figure] = panels
    return panels
