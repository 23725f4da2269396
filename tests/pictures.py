"""What is wrong with a picture, by what it contains: texts and legends that are cut, or collide."""

from __future__ import annotations

from itertools import combinations

from matplotlib.legend import Legend
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
    """Return which texts and legends are cut at the edge, or lie over others or over a panel."""
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
        # Boxes of slanted labels overlap where the letters do not.
        slanted = one.get_rotation() % 90 or other.get_rotation() % 90
        if _overlap(a, b) and not slanted:
            faults.append(f"over one another: {first} | {second}")
    return [*faults, *_faults_of_legends(figure, found, renderer, scale, (width, height))]


def _faults_of_legends(figure, texts, renderer, scale, size):
    """Yield legends that are cut, and those over a panel, another legend, or texts of others."""

    def points(artist):
        box = artist.get_window_extent(renderer)
        return [scale * x for x in (*box.min, *box.max)]

    panels = [(ax, points(ax.patch)) for ax in figure.axes if ax.get_visible()]
    legends = [(one, points(one)) for one in figure.findobj(Legend) if one.get_visible()]
    for legend, box in legends:
        said = " | ".join(text.get_text() for text in legend.get_texts())
        own = set(map(id, legend.findobj(Text)))
        if min(box[:2]) < -SLACK or box[2] > size[0] + SLACK or box[3] > size[1] + SLACK:
            yield f"cut: legend {said}"
        for ax, panel in panels:
            # A legend within a panel leaves its points free.
            if not _overlap(box, panel):
                continue
            if ax is not legend.axes:
                yield f"legend over a panel: {said}"
            elif any(_crosses(line, legend, renderer) for line in ax.lines):
                yield f"legend over a line: {said}"
        for text, words, other in texts:
            if id(text) not in own and _overlap(box, other):
                yield f"legend over a text: {said} | {words}"
    for (one, a), (_, b) in combinations(legends, 2):
        if _overlap(a, b):
            yield f"legends over one another: {one.get_texts()[0].get_text()}"
    for text, words, box in texts:
        for ax, panel in panels:
            if text.axes is not None and text.axes is not ax and _overlap(box, panel):
                yield f"over another panel: {words}"


def _crosses(line, legend, renderer):
    """Return whether a line, or one of its points, is drawn where a legend is."""
    path = line.get_transform().transform_path(line.get_path())
    if not line.get_visible() or not len(path.vertices):
        return False
    box = legend.get_window_extent(renderer)
    if line.get_linestyle() in ("None", "none", ""):
        return any(box.contains(*place) for place in path.vertices)
    return path.intersects_bbox(box, filled=False)


def _overlap(a, b):
    """Return whether two boxes, in points, share more than the room around letters."""
    return min(a[2], b[2]) - max(a[0], b[0]) > SLACK and min(a[3], b[3]) - max(a[1], b[1]) > SLACK
