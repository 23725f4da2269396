"""Whatever must be told apart in a picture is, by those who see fewer colours and in grey."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt.explore.answer import answered, picture_of
from mechopt.explore.state import read_state

from .draws import some
from .sight import SIGHTS, lab, nearest, told_apart

# Of CIELAB; ten just noticed differences and more.
LEAST = 25.0
FEW = mo.TypeSpace.finite(np.linspace(0.0, 1.0, 6))


def test_the_simulation_keeps_grey_and_confuses_what_is_confused():
    for sight in SIGHTS:
        assert np.abs(lab("#808080", sight) - lab("#808080", "all cones")).max() < 0.05
        assert lab("#ffffff", sight) == pytest.approx([100.0, 0.0, 0.0], abs=0.02)
    # Red and the green of the same luminance; colours of one luminance are one in grey.
    red, green = "#d04040", "#40884d"
    apart = {s: np.linalg.norm(lab(red, s) - lab(green, s)) for s in SIGHTS}
    assert apart["all cones"] > 80.0
    assert min(apart["protanopia"], apart["deuteranopia"]) < 0.4 * apart["all cones"]
    assert apart["tritanopia"] > 0.7 * apart["all cones"]
    assert apart["grey"] < 8.0
    looks = {"a": ("solid", red), "b": ("solid", green), "c": ("dashed", green)}
    assert [line.split(":")[0] for line in told_apart(looks, LEAST)] == ["a and b"]


def over_white(colour, alpha):
    """Return what a colour looks like on white paper, if it lets so much of it through."""
    parts = [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
    return "#" + "".join(f"{round(255 + alpha * (part - 255)):02x}" for part in parts)


def look_on_the_page(series):
    """Return what tells a series of the page apart without its colour, and that."""
    from mechopt.explore.figures import glyph_of

    glyph = glyph_of(series)
    if series.kind == "line":
        shape = str(glyph.line_dash), glyph.line_width
        return ("line", shape), over_white(glyph.line_color, glyph.line_alpha)
    if series.kind == "points":
        hollow = glyph.fill_color == "white" or glyph.fill_alpha == 0.0
        return ("points", glyph.marker, hollow), over_white(glyph.line_color, glyph.line_alpha)
    alpha = 1.0 if series.kind == "bars" else glyph.fill_alpha
    return (series.kind, glyph.hatch_pattern), over_white(glyph.fill_color, alpha)


STATES = [
    "page=trade&cells=20&seller=beta&seller_a=0.5&seller_b=0.5&played=prices",
    "page=bargaining&question=equilibrium-bounds",
    "page=trade&seller=types&buyer=types&objective=revenue",
    "page=trade&cells=20&seller_rate=2",
    "page=auction&cells=20&count=3",
    "page=auction&bidder=types&count=2",
    "page=bargaining&high_1=1&low_2=2&belief_2=0.75",
]


@pytest.mark.parametrize("query", some(STATES, 4, start=2))
def test_series_of_the_page_are_told_apart(query):
    pytest.importorskip("bokeh")
    answer = answered(read_state(query))
    count = 0
    for panel in answer.page.panels:
        picture = picture_of(panel, answer.solution, answer.state)
        # What has one name and one look is one thing, such as both players' bounds.
        looks = {
            f"{s.label} in look {s.look}": look_on_the_page(s)
            for s in picture.series
            if s.label and s.x.size
        }
        count += len(looks)
        assert told_apart(looks, LEAST) == [], picture.title
    assert count > 8


def test_shades_of_the_page_and_of_plots_become_darker_for_everyone():
    pytest.importorskip("bokeh")
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    from mechopt.explore.figures import PALETTE
    from mechopt.plot.style import SHADES

    plotted = [to_hex(colormaps[SHADES](share)) for share in np.linspace(0.0, 1.0, 17)]
    for shades in (PALETTE[::16], plotted):
        for sight in SIGHTS:
            lightness = [lab(colour, sight)[0] for colour in shades]
            assert all(later < before for before, later in pairwise(lightness)), sight
        assert nearest(shades[0], shades[-1])[0] > 2 * LEAST


def look_in_a_plot(handle):
    """Return what tells something in a legend apart without its colour, and that."""
    from matplotlib.colors import to_hex
    from matplotlib.container import Container
    from matplotlib.lines import Line2D

    if isinstance(handle, Container):
        handle = next(part for part in handle.get_children() if part is not None)
    alpha = 1.0 if handle.get_alpha() is None else handle.get_alpha()
    if isinstance(handle, Line2D):
        hollow = to_hex(handle.get_markerfacecolor()) == "#ffffff"
        dashes = handle.get_linestyle(), str(handle._unscaled_dash_pattern)
        shape = dashes, handle.get_linewidth(), handle.get_marker(), hollow
        return ("line", shape), over_white(to_hex(handle.get_color()), alpha)
    filled, edges = (np.atleast_2d(part) for part in (
        handle.get_facecolor(), handle.get_edgecolor()
    ))  # fmt: skip
    paths = getattr(handle, "get_paths", list)()
    outline = tuple(len(path.vertices) for path in paths[:1])
    shown = filled if filled.size and filled[0, -1] > 0.0 else edges
    opaque = float(shown[0, -1]) if shown.shape[1] == 4 else alpha
    shape = handle.get_hatch(), outline if handle.get_hatch() is None else (), shown is edges
    return (type(handle).__name__, shape), over_white(to_hex(shown[0]), opaque)


def _solved(environment, make=mo.ex_ante_efficiency):
    return mo.solve(make(environment))


def _three():
    irregular = mo.TypeSpace.from_distribution(stats.beta(0.5, 0.5), 12)
    return _solved(mo.Auction([FEW, FEW, irregular]), mo.largest_revenue)


SOLVED = {
    "trade": lambda: _solved(mo.BilateralTrade(FEW, FEW)),
    "three bidders": _three,
    "bargaining": lambda: mo.peski2024.player_1_gap(
        mo.Bargaining(mo.TypeSpace.finite([0, 2]), mo.TypeSpace.finite([1, 3]), 0.5)
    ),
}


@pytest.mark.parametrize("name", SOLVED)
def test_series_of_plots_are_told_apart(name):
    pytest.importorskip("matplotlib")
    count = 0
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 9))
    mo.plot.draw(SOLVED[name](), figure)
    for ax in figure.axes:
        looks = {
            label: look_in_a_plot(handle)
            for handle, label in zip(*ax.get_legend_handles_labels(), strict=True)
        }
        count += len(looks)
        assert told_apart(looks, LEAST) == [], ax.get_title(loc="left")
    assert count > 4
