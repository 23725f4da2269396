"""Pictures as Bokeh draws them: made once, and redrawn in place."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from math import ceil, floor, log10
from typing import Any

import numpy as np
from bokeh.models import (
    ColumnDataSource,
    Div,
    FixedTicker,
    GlyphRenderer,
    HBar,
    Image,
    Line,
    LinearColorMapper,
    Patch,
    Quad,
    Range1d,
    Scatter,
)
from bokeh.palettes import Blues256
from bokeh.plotting import figure

from mechopt.explore.pictures import NONE, Look, Picture, Series, Shades
from mechopt.plot.style import DARK, MUTED, style_of

HEIGHT = 300
SHADES = ("shades", "image")
# From light to dark, as in the pictures of mechopt.plot.
PALETTE = tuple(reversed(Blues256))
DASHES = {"-": "solid", "--": [7, 4], "-.": [8, 3, 2, 3]}
MARKERS = {"o": "circle", "s": "square", "^": "triangle"}
# Of points that stand behind others of the same agent: lines, which hide nothing.
BEHIND = {"o": "x", "s": "cross", "^": "y"}
# Darker than in print, so that thin lines have a contrast of 3 to 1 on white (WCAG 2.2, 1.4.11).
ON_SCREEN = {"#d9822b": "#c8741c"}
HATCHES = {0: "right_diagonal_line", 1: "left_diagonal_line", 2: "dot"}
# Before it is laid out, Bokeh writes labels across the edge, of which it leaves a column of pixels.
CLIP = ":host { clip-path: inset(1px 0 0 1px); }"
STYLE = """
:host { font: 14px/1.4 system-ui, sans-serif; color: #111; width: 100%; }
.bk-clearfix { display: block; width: 100%; }
h2 { font-size: 15px; margin: 2px 0; }
p { margin: 2px 4px 6px; font-size: 13px; }
.keys { display: flex; flex-wrap: wrap; gap: 0 12px; margin: 0 4px; font-size: 12.5px; }
.keys span { max-width: 100%; overflow-wrap: anywhere; }
.keys svg { vertical-align: middle; margin-right: 4px; }
"""


def look_of(series: Series) -> dict[str, Any]:
    """Return colour, dashes, width, marker and filling of a series.

    Examples
    --------
    >>> look_of(Series("0", "line", np.zeros(1), np.zeros(1), look=1))["colour"]
    '#c8741c'
    """
    look: Look = series.look
    width = 1.0 if series.faint else 2.0
    if isinstance(look, int):
        style = style_of(look)
        marker = (BEHIND if series.faint else MARKERS)[style.marker]
        return {
            "colour": ON_SCREEN.get(style.colour, style.colour), "dash": DASHES[style.line],
            "width": width, "marker": marker,
            "size": 11 if style.is_open else 8, "open": style.is_open,
        }  # fmt: skip
    plain: dict[str, Any] = {
        "dash": "solid",
        "width": width,
        "marker": "circle",
        "size": 7,
        "open": False,
    }
    special: dict[str, dict[str, Any]] = {
        "dark": {"colour": DARK},
        "muted": {"colour": MUTED, "dash": [2, 3], "width": 1.3, "marker": "dash", "size": 16},
        "first best": {"colour": ON_SCREEN[style_of(1).colour], "dash": [8, 4], "width": 3.0},
        "here": {"colour": DARK, "dash": [2, 2], "marker": "diamond", "size": 15, "open": True},
    }
    return plain | special[look]


def name_of(series: Series) -> str:
    """Return the name of what draws a series.

    Examples
    --------
    >>> name_of(Series("0", "line", np.zeros(1), np.zeros(1)))
    '0-line'
    """
    return f"{series.key}-{series.kind}"


def texts_of(picture: Picture) -> tuple[str, str]:
    """Return what stands above a picture, its title and legend, and its caption below.

    Examples
    --------
    >>> texts_of(Picture("rise", "A rise", "", "", caption="Up & up."))
    ('<h2>A rise</h2><div class="keys"></div>', '<p>Up &amp; up.</p>')
    """
    head = f"<h2>{escape(picture.title)}</h2>{_keys(picture)}"
    return head, f"<p>{escape(picture.caption)}</p>"


class Drawing:
    """A panel: a figure with its title, legend and caption, redrawn in place.

    Parameters
    ----------
    picture
        What it shows first.
    """

    def __init__(self, picture: Picture) -> None:
        self.figure: Any = figure(
            height=HEIGHT, sizing_mode="stretch_width", tools="", toolbar_location=None,
            x_range=Range1d(0, 1), y_range=Range1d(0, 1), min_border_right=14,
            lod_threshold=None, output_backend="canvas", stylesheets=[CLIP],
        )  # fmt: skip
        for grid in self.figure.grid:
            grid.grid_line_color = "#e6e6e6"
            grid.level = "underlay"
        for axis in self.figure.axis:
            axis.axis_label_text_font_style = "normal"
            axis.axis_label_text_font_size = "13px"
            axis.major_label_text_font_size = "12px"
            axis.ticker = FixedTicker()
        text: dict[str, Any] = {
            "stylesheets": [STYLE],
            "sizing_mode": "stretch_width",
            "disable_math": True,
            # What is beside it has room of its own; more would be wider than the panel.
            "margin": (0, 0, 4, 0),
        }
        # Each by itself: in one layout, a new text would have the figure measured again.
        self.figure.name = f"{picture.key}-figure"
        self.head, self.caption = (
            Div(name=f"{picture.key}-{part}", **text) for part in ("head", "caption")
        )
        self.is_shown = True
        self._drawn: dict[tuple[str, str], GlyphRenderer] = {}
        self._otherwise: list[Series] = []
        self.show(picture)

    @property
    def roots(self) -> tuple[Any, ...]:
        """What the page embeds, from top to bottom."""
        return self.head, self.figure, self.caption

    def knows(self, picture: Picture) -> bool:
        """Return whether everything in a picture has been drawn before, with other data."""
        keys: list[tuple[str, str]] = [(series.key, series.kind) for series in picture.series]
        keys += [] if picture.shades is None else [SHADES]
        return set(keys) <= set(self._drawn)

    def show(self, picture: Picture) -> None:
        """Draw another picture of the same panel."""
        self.is_shown = not picture.is_empty
        self.head.text, self.caption.text = texts_of(picture)
        has_data = picture.shades is not None or any(s.x.size for s in picture.series)
        self.figure.visible = has_data
        self.figure.xaxis.axis_label, self.figure.yaxis.axis_label = picture.across, picture.up
        left, right, bottom, top = picture.limits()
        self.figure.x_range.update(start=left, end=right)
        self.figure.y_range.update(start=bottom, end=top)
        _name_ticks(self.figure.xaxis, picture.ticks_across, left, right)
        _name_ticks(self.figure.yaxis, picture.ticks_up, bottom, top)
        for grid in self.figure.grid:
            # Lines over a map would be taken for something in it.
            grid.visible = picture.shades is None
        shown: set[tuple[str, str]] = set()
        if picture.shades is not None:
            shown.add(SHADES)
            self._shade(picture.shades)
        for series in picture.series:
            key = (series.key, str(series.kind))
            shown.add(key)
            data = _data(series, bottom, top)
            if key not in self._drawn:
                self._drawn[key] = self._glyph(series, data)
            elif not _same(self._drawn[key].data_source.data, data):
                self._drawn[key].data_source.data = data
        self._otherwise = [
            replace(series, kind=series.otherwise, x=NONE, y=NONE)
            for series in picture.series
            if series.otherwise is not None
        ]
        for key, renderer in self._drawn.items():
            if renderer.visible != (key in shown):
                renderer.visible = key in shown

    def prepare(self) -> bool:
        """Make what draws the same series as they would be under other controls.

        To make it takes longer than to move it. Return whether there was anything to make.
        """
        missing = {(series.key, str(series.kind)): series for series in self._otherwise}
        self._otherwise = []
        missing = {key: series for key, series in missing.items() if key not in self._drawn}
        for key, series in missing.items():
            self._drawn[key] = self._glyph(series, _data(series, 0.0, 0.0))
            self._drawn[key].visible = False
        return bool(missing)

    def _shade(self, shades: Shades) -> None:
        place = {"x": [shades.left], "y": [shades.bottom]}
        size = {"dw": [shades.right - shades.left], "dh": [shades.top - shades.bottom]}
        data = {"image": [shades.values], **place, **size}
        if SHADES not in self._drawn:
            mapper = LinearColorMapper(palette=PALETTE, low=shades.low, high=shades.high)
            shade = Image(image="image", x="x", y="y", dw="dw", dh="dh", color_mapper=mapper)
            self._drawn[SHADES] = self.figure.add_glyph(
                ColumnDataSource(data), shade, level="image", name=SHADES[0]
            )
        renderer: Any = self._drawn[SHADES]
        renderer.data_source.data = data
        renderer.glyph.color_mapper.update(low=shades.low, high=shades.high)

    def _glyph(self, series: Series, data: dict[str, Any]) -> Any:
        # Nothing is selected or hovered over; looks for that would be three times the work.
        return self.figure.add_glyph(
            ColumnDataSource(data),
            glyph_of(series),
            level="underlay" if series.kind == "bands" else "glyph",
            name=name_of(series),
        )


def glyph_of(series: Series) -> Any:
    """Return how Bokeh draws a series.

    Examples
    --------
    >>> glyph_of(Series("0", "line", np.zeros(1), np.zeros(1), look=1)).line_dash
    [7, 4]
    """
    look = look_of(series)
    colour, alpha = look["colour"], 0.55 if series.faint else 1.0
    hatch = HATCHES.get(series.look) if isinstance(series.look, int) else None
    pattern: dict[str, Any] = {
        "hatch_pattern": hatch,
        "hatch_color": colour,
        "hatch_alpha": 0.35,
        "hatch_weight": 0.7,
    }
    filled: dict[str, Any] = {"fill_color": colour, "fill_alpha": 0.18}
    if series.kind == "line":
        return Line(
            x="x", y="y", line_color=colour, line_dash=look["dash"], line_width=look["width"],
            line_alpha=alpha,
        )  # fmt: skip
    if series.kind == "points":
        # What lies below an open marker of another agent is seen through it.
        hollow = look["open"] and isinstance(series.look, int)
        return Scatter(
            x="x", y="y", marker=look["marker"], size=look["size"], line_color=colour,
            fill_color="white" if look["open"] else colour, line_width=2, line_alpha=alpha,
            fill_alpha=0.0 if hollow else alpha,
        )  # fmt: skip
    if series.kind == "area":
        return Patch(x="x", y="y", line_alpha=0.0, **filled, **pattern)
    if series.kind == "bands":
        ends = {"left": "x", "right": "y", "bottom": "bottom", "top": "top"}
        return Quad(**ends, line_alpha=0.0, **filled, **pattern)
    pattern |= {"hatch_color": "white", "hatch_alpha": 0.8, "hatch_weight": 1.2}
    if series.look in (0, "muted"):
        pattern["hatch_pattern"] = None
    return HBar(
        left="base", right="x", y="y", height=0.6, fill_color=_bar_colour(series), line_color=DARK,
        line_width=0.6, **pattern,
    )  # fmt: skip


def _same(old: Any, new: dict[str, Any]) -> bool:
    """Return whether there is nothing new to draw: a panel that stays costs no time."""
    return all(np.array_equal(old[name], values, equal_nan=True) for name, values in new.items())


def _bar_colour(series: Series) -> str:
    return "#e4e4e4" if series.look == "muted" else str(look_of(series)["colour"])


def _data(series: Series, bottom: float, top: float) -> dict[str, Any]:
    data: dict[str, Any] = {"x": series.x, "y": series.y}
    if series.kind == "bars":
        data["base"] = series.base
    if series.kind == "bands":
        data |= {"bottom": np.full(series.x.size, bottom), "top": np.full(series.x.size, top)}
    return data


def _name_ticks(axes: Any, names: dict[float, str], low: float, high: float) -> None:
    """Write names at places of an axis, or numbers.

    The ticker stays what it is: another model would have Bokeh go through the whole page again.
    """
    names = names or even_ticks(low, high)
    for axis in axes:
        if axis.ticker.ticks != list(names):
            axis.ticker.ticks = list(names)
        axis.major_label_overrides = dict(names)


def even_ticks(low: float, high: float, most: int = 6) -> dict[float, str]:
    """Return round numbers between two ends, at most so many, and how they are written.

    Examples
    --------
    >>> even_ticks(-0.04, 1.04)
    {0.0: '0.0', 0.2: '0.2', 0.4: '0.4', 0.6: '0.6', 0.8: '0.8', 1.0: '1.0'}
    >>> list(even_ticks(-1_000.0, 250_000.0).values())
    ['0', '50,000', '100,000', '150,000', '200,000', '250,000']
    >>> list(even_ticks(-1.0, 1.0, 3).values())
    ['−1', '0', '1']
    """
    power = floor(log10((high - low) / most))
    steps = (base * 10.0**exponent for exponent in (power, power + 1) for base in (1, 2, 5))
    step = next(step for step in steps if floor(high / step) - ceil(low / step) < most)
    places = max(0, -floor(log10(step) + 1e-9))
    numbers = [round(k * step, places) for k in range(ceil(low / step), floor(high / step) + 1)]
    is_long = max(map(abs, numbers), default=0.0) >= 1e7 or places > 5
    style = ".4g" if is_long else f",.{places}f"
    return {number: f"{number:{style}}".replace("-", "\N{MINUS SIGN}") for number in numbers}


def _keys(picture: Picture) -> str:
    """Return the legend, which breaks between lines where a panel is narrow."""
    found: dict[str, str] = {}
    if picture.shades is not None:
        light, dark = PALETTE[0], PALETTE[-1]
        ends = f"{picture.shades.low:g} to {picture.shades.high:.4g}"
        swatch = (
            '<svg aria-hidden="true" width="44" height="11"><defs><linearGradient id="g">'
            f'<stop stop-color="{light}"/><stop offset="1" stop-color="{dark}"/></linearGradient>'
            '</defs><rect width="44" height="11" fill="url(#g)" stroke="#888"/></svg>'
        )
        found[f"{picture.shades.label}, {ends}"] = swatch
    for series in picture.series:
        drawn = np.isfinite(series.y).any()
        if series.kind == "bars":
            drawn = (series.x > series.base).any()
        if series.label and series.x.size and drawn:
            found.setdefault(series.label, _swatch(series))
    keys = "".join(f"<span>{swatch}{escape(label)}</span>" for label, swatch in found.items())
    return f'<div class="keys">{keys}</div>'


def _swatch(series: Series) -> str:
    """Return a small drawing of a series' look."""
    look = look_of(series)
    colour = look["colour"]
    if series.kind == "line":
        dash = (
            ""
            if look["dash"] == "solid"
            else f' stroke-dasharray="{" ".join(map(str, look["dash"]))}"'
        )
        inside = f'<path d="M1 6H27" stroke="{colour}" stroke-width="{look["width"]}"{dash}/>'
        return f'<svg aria-hidden="true" width="28" height="12">{inside}</svg>'
    if series.kind == "points":
        shapes = {
            "circle": '<circle cx="6" cy="6" r="4"/>',
            "square": '<rect x="2" y="2" width="8" height="8"/>',
            "triangle": '<path d="M6 1L11 10H1Z"/>',
            "diamond": '<path d="M6 0L11 6L6 12L1 6Z"/>',
            "dash": '<path d="M0 6H12"/>',
            "x": '<path d="M2 2L10 10M10 2L2 10"/>',
            "cross": '<path d="M6 1V11M1 6H11"/>',
            "y": '<path d="M2 3L6 6L10 3M6 6V11"/>',
        }
        fill = "white" if look["open"] else colour
        outline = f'fill="{fill}" stroke="{colour}" stroke-width="1.6"'
        shape = shapes[look["marker"]]
        return f'<svg aria-hidden="true" width="12" height="12" {outline}>{shape}</svg>'
    opacity = "0.25" if series.kind in ("area", "bands") else "1"
    fill = _bar_colour(series) if series.kind == "bars" else colour
    stripes = ""
    if isinstance(series.look, int) and not (series.kind == "bars" and series.look == 0):
        lines = {0: "M0 12L12 0M6 12L18 0M12 12L24 0", 1: "M0 0L12 12M6 0L18 12M12 0L24 12"}
        stroke = "white" if series.kind == "bars" else colour
        stripes = (
            f'<path d="{lines.get(series.look, "M3 3h2m5 0h2m-6 6h2m5 0h2")}" stroke="{stroke}"/>'
        )
    return (
        '<svg aria-hidden="true" width="20" height="12">'
        f'<rect width="20" height="12" fill="{fill}" fill-opacity="{opacity}" '
        f'stroke="#888"/>{stripes}</svg>'
    )
