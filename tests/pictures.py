"""What is wrong with a picture, by what it contains: texts that are cut, and texts that collide."""

from __future__ import annotations

from itertools import combinations

from matplotlib.text import Text

# Points by which boxes of letters may touch: they have room above and below.
SLACK = 1.0


def shown_ticks(figure):
    """Leave out labels of ticks beyond the ends of an axis, which are there and not drawn."""
    hidden = set()
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            room = 1e-9 * (high - low)
            drawn = axis.get_visible() and ax.get_visible()
            for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
                if not drawn or not low - room <= tick.get_loc() <= high + room:
                    hidden |= {id(tick.label1), id(tick.label2)}
    return hidden


def faults_of(figure):
    """Return which texts are cut at the edge of a figure, and which lie over one another."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(figure).draw()
    hidden = shown_ticks(figure)
    renderer = figure.canvas.get_renderer()
    scale = 72.0 / figure.dpi
    found = []
    for artist in figure.findobj(Text):
        if id(artist) in hidden or not artist.get_visible() or not artist.get_text().strip():
            continue
        box = artist.get_window_extent(renderer)
        found.append((artist, artist.get_text(), [scale * x for x in (*box.min, *box.max)]))
    width, height = 72.0 * figure.get_size_inches()
    faults = [
        f"cut: {text}"
        for _, text, (left, low, right, high) in found
        if left < -SLACK or low < -SLACK or right > width + SLACK or high > height + SLACK
    ]
    for (one, first, a), (other, second, b) in combinations(found, 2):
        across = min(a[2], b[2]) - max(a[0], b[0])
        up = min(a[3], b[3]) - max(a[1], b[1])
        # Boxes of slanted labels overlap where the letters do not.
        slanted = one.get_rotation() % 90 or other.get_rotation() % 90
        if across > SLACK and up > SLACK and not slanted:
            faults.append(f"over one another: {first} | {second}")
    return faults
