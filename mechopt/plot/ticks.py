"""Numbers on axes: thousands apart, rational types as fractions, and outliers beyond the ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mechopt.types import TypeSpace

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import XAxis, YAxis

# Larger denominators are no help to a reader.
LARGEST_DENOMINATOR = 60
# So many types have a tick each, if they are no closer than this share of the axis.
MOST_TICKS, CLOSEST = 7, 0.09
# Fewer types than this are all shown. Of more, those far beyond the others would flatten them: by
# this many widths of the interval that holds nearly all.
FEW, TAIL, FAR = 40, 0.02, 2.0
LINE = "\n"
# How wide letters are, as a share of their size.
LETTER = 0.55
# Numbers as long as this one have so many intervals between them across a panel.
LONG, FEWER = 10_000.0, 3


def number_axis(axis: XAxis | YAxis) -> None:
    """Have the numbers of an axis written with commas between thousands, unless it has names.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = Figure().add_subplot(xlim=(0, 250_000))
    >>> number_axis(ax.xaxis)
    >>> [text.get_text() for text in ax.get_xticklabels()][:3]
    ['0', '100,000', '200,000']
    """
    from matplotlib.axis import XAxis
    from matplotlib.ticker import MaxNLocator, ScalarFormatter

    class Thousands(ScalarFormatter):
        def __call__(self, x: float, pos: int | None = None) -> str:
            text = str(super().__call__(x, pos))
            digits = text.lstrip("-\N{MINUS SIGN}").partition(".")[0]
            is_long = digits.isdecimal() and len(digits) > 3 and "e" not in text
            return text.replace(digits, f"{int(digits):,}", 1) if is_long else text

    if type(axis.get_major_formatter()) is ScalarFormatter:
        # Without mathematics digits are of the text's own font, and can be found.
        axis.set_major_formatter(Thousands(useMathText=False))
        if isinstance(axis, XAxis) and max(map(abs, axis.get_view_interval())) >= LONG:
            # matplotlib reckons with shorter numbers, which would stand closer.
            axis.set_major_locator(MaxNLocator(nbins=FEWER, steps=[1, 2, 2.5, 4, 5, 10]))


def rational_labels(types: TypeSpace) -> tuple[str, ...]:
    """Return the labels of finite types: fractions, if no short decimals say all of them.

    Examples
    --------
    >>> rational_labels(TypeSpace.finite(["1/6", "1/2", 2]))
    ('1/6', '1/2', '2')
    >>> rational_labels(TypeSpace.finite([0.25, 0.5]))
    ('0.25', '0.5')
    """
    labels = tuple(types.label(k) for k in range(types.num_cells))
    known = types.whole_means() if types.is_finite else None
    if known is None:
        return labels
    from fractions import Fraction

    exact = [Fraction(int(value), int(known.denominator)) for value in known.values]
    try:
        are_decimals = [Fraction(label) for label in labels] == exact
    except ValueError:
        return labels
    if are_decimals or max(value.denominator for value in exact) > LARGEST_DENOMINATOR:
        return labels
    return tuple(map(str, exact))


def tick_types(axis: XAxis | YAxis, spaces: Sequence[TypeSpace]) -> None:
    """Put a tick at each type, if types are few, no short decimals, and apart from one another.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = Figure().add_subplot()
    >>> tick_types(ax.xaxis, [TypeSpace.finite(["1/3", "2/3"]), TypeSpace.finite(["2/3", 1])])
    >>> [text.get_text() for text in ax.get_xticklabels()]
    ['1/3', '2/3', '1']
    """
    if any(not s.is_finite or s.num_cells > MOST_TICKS for s in spaces):
        return
    labels = {
        float(place): label
        for s in spaces
        for place, label in zip(s.mean, rational_labels(s), strict=True)
    }
    places = sorted(labels)
    apart = CLOSEST * (places[-1] - places[0])
    if not 2 <= len(places) <= MOST_TICKS or np.diff(places).min() < apart:
        return
    if any("/" in label for label in labels.values()):
        axis.set_ticks(places, [labels[place] for place in places])


def inner_ends(spaces: Sequence[TypeSpace]) -> tuple[float, float] | None:
    """Return between which types a picture is drawn, if a few far away would flatten the others.

    Examples
    --------
    >>> import numpy as np
    >>> many = TypeSpace.from_samples([*np.linspace(0.0, 1.0, 199), 1_000.0])
    >>> low, high = inner_ends([many])
    >>> 0.0 == low < high < 3.0
    True
    >>> inner_ends([TypeSpace.finite([1, 2, 1_000])]) is None
    True
    """
    if any(s.num_cells < FEW for s in spaces):
        return None
    lows, highs = zip(*(_ends(s) for s in spaces), strict=True)
    lowest, highest = min(s.lowest for s in spaces), max(s.highest for s in spaces)
    low, high = min(lows), max(highs)
    return None if (low, high) == (lowest, highest) else (low, high)


def _ends(types: TypeSpace) -> tuple[float, float]:
    """Return between which types lie those that are not far from nearly all."""
    below = np.cumsum(types.mass)
    first, last = np.searchsorted(below, [TAIL, 1.0 - TAIL])
    low, high = float(types.lower[first]), float(types.upper[min(last, types.num_cells - 1)])
    width = high - low
    far_below, far_above = low - FAR * width, high + FAR * width
    low = float(types.lower[types.lower >= far_below].min())
    high = float(types.upper[types.upper <= far_above].max())
    # Without outliers the picture is that of all types.
    low = types.lowest if types.lowest >= far_below else low
    return low, types.highest if types.highest <= far_above else high


def leave_outliers_out(ax: Axes, spaces: Sequence[TypeSpace], *, upwards: bool = True) -> str:
    """Draw types without those far away, and say what is beyond.

    Parameters
    ----------
    ax
        What has been drawn over types.
    spaces
        The types.
    upwards
        Whether the axis upwards then shows what is drawn of the types that are left, and no more.

    Returns
    -------
    str
        A note for the axis, beginning with a new line; empty where everything is shown.
    """
    ends = inner_ends(spaces)
    if ends is None:
        return ""
    low, high = ends
    room = 0.04 * (high - low)
    ax.set_xlim(low - room, high + room)
    if upwards:
        _fit_upwards(ax, low - room, high + room)
    return said_beyond(spaces, low, high)


def said_beyond(
    spaces: Sequence[TypeSpace], low: float, high: float, *, upright: bool = False
) -> str:
    """Return a note of the types beyond the ends of an axis, beginning with a new line.

    Parameters
    ----------
    spaces
        The types.
    low, high
        The ends.
    upright
        Whether the axis is upright: in a column of a journal it is short, and so are its lines.

    Examples
    --------
    >>> print("cost" + said_beyond([TypeSpace.finite([1, 2, 1_000_000])], 1, 2))
    cost
    beyond: 1 of 3 types, to 1,000,000
    """
    beyond = sum(int(((s.upper < low) | (s.lower > high)).sum()) for s in spaces)
    number = sum(s.num_cells for s in spaces)
    lowest, highest = min(s.lowest for s in spaces), max(s.highest for s in spaces)
    cut = [in_short(end) for end, is_cut in ((lowest, lowest < low), (highest, highest > high))
           if is_cut]  # fmt: skip
    text = f"beyond: {beyond:,} of {number:,} types,"
    # Two numbers have a line of their own, or the note would be wider than a narrow panel.
    between = LINE if upright or len(cut) > 1 else " "
    return f"\n{text}{between}to {' and '.join(cut)}" if cut else ""


def fits_across(ax: Axes, labels: Sequence[str], size: float) -> bool:
    """Return whether labels of evenly spaced places fit side by side under a picture.

    Parameters
    ----------
    ax
        The picture, which a layout has not moved yet.
    labels
        Each perhaps of several lines.
    size
        Of the letters, in points.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = Figure(figsize=(3.3, 2.6)).add_subplot()
    >>> fits_across(ax, ["north", "south"], 8.0), fits_across(ax, ["northerner"] * 6, 8.0)
    (True, False)
    """
    lines = [line for label in labels for line in label.split("\n")]
    longest = max(map(len, lines), default=0)
    figure = ax.get_figure()
    assert figure is not None
    room = 72.0 * float(ax.get_window_extent().width) / figure.dpi
    return LETTER * size * (longest + 1) * len(labels) <= room


def in_short(number: float) -> str:
    """Return a number in three figures, or with commas between thousands.

    Examples
    --------
    >>> in_short(0.12345), in_short(-900_000.0), in_short(2.5e9)
    ('0.123', '-900,000', '2.5e+09')
    """
    return f"{number:,.0f}" if 1e3 <= abs(number) < 1e7 else f"{number:.3g}"


def _fit_upwards(ax: Axes, low: float, high: float) -> None:
    """Let the axis upwards hold what lines have between two types, and lines over all types."""
    found = [np.zeros(0)]
    for line in ax.lines:
        x, y = (np.asarray(part, dtype=np.float64) for part in line.get_data())
        everywhere = line.get_transform() is ax.get_yaxis_transform()
        found.append(y if everywhere else y[(x >= low) & (x <= high) & np.isfinite(y)])
    heights = np.concatenate(found)
    if heights.size and heights.max() > heights.min():
        margin = 0.05 * float(heights.max() - heights.min())
        ax.set_ylim(float(heights.min()) - margin, float(heights.max()) + margin)
