"""What a picture draws, in numbers: so that a test compares that, and not the bytes of an image.

`run.py` has every notebook keep it beside each picture, under a MIME type of its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np

MIME = "application/vnd.mechopt.drawn+json"
# Longer lists are kept as so many weighted means of theirs, beside length and ends.
LONGEST = 12
DIGITS = 9


def drawn(figure: Any) -> list[Any]:
    """Return, for every axes of a figure, its texts and what its artists draw."""
    return [_axes(axes) for axes in figure.axes]


def _axes(axes: Any) -> dict[str, Any]:
    legend = axes.get_legend()
    texts = [axes.get_title(), axes.get_xlabel(), axes.get_ylabel()]
    texts += [text.get_text() for text in legend.get_texts()] if legend else []
    written = [[text.get_text(), *numbers(text.get_position())] for text in axes.texts]
    return {
        "texts": [text for text in texts if text],
        "written": written,
        "limits": numbers([*axes.get_xlim(), *axes.get_ylim()]),
        "scales": [axes.get_xscale(), axes.get_yscale()],
        "lines": [[line.get_linestyle(), *numbers(line.get_xydata())] for line in axes.lines],
        "patches": [numbers(_corners(patch)) for patch in axes.patches],
        "collections": [_collection(collection) for collection in axes.collections],
        "images": [numbers(image.get_array()) for image in axes.images],
    }


def _corners(patch: Any) -> Any:
    """Return the corners of a patch in the unit of the data."""
    return patch.get_patch_transform().transform(patch.get_path().vertices)


def _collection(collection: Any) -> list[Any]:
    values = collection.get_array()
    paths = [path.vertices for path in collection.get_paths()]
    offsets = np.asarray(collection.get_offsets(), dtype=float)
    ends = np.array([[*path.min(axis=0), *path.max(axis=0)] for path in paths if len(path)])
    kind = type(collection).__name__
    return [kind, numbers(ends), numbers(offsets), [] if values is None else numbers(values)]


def numbers(values: Any) -> list[Any]:
    """Return an array's numbers if they are few; else its shape, its range and weighted means."""
    array = np.ma.filled(np.ma.asarray(values, dtype=float), np.nan)
    flat = array.ravel()
    if flat.size <= LONGEST:
        return [_rounded(value) for value in flat]
    known = np.isfinite(flat)
    if not known.any():
        return [list(array.shape), 0]
    # Slow waves tell apart arrays of the same numbers in another order.
    waves = np.cos(np.outer(np.arange(4), np.linspace(0.0, 3.0, flat.size)))
    means = waves @ np.where(known, flat, 0.0) / flat.size
    ends = [flat[known].min(), flat[known].max()]
    return [list(array.shape), int(known.sum()), *map(_rounded, [*ends, *means])]


def _rounded(value: float) -> float | str:
    if not np.isfinite(value):
        return str(float(value))
    return float(f"{value:.{DIGITS}g}")


def install(shell: Any) -> None:
    """Let a notebook's shell keep what is drawn beside every picture that it shows."""
    from IPython.core.formatters import BaseFormatter
    from traitlets import ObjectName, Unicode

    class Drawn(BaseFormatter):  # type: ignore[misc]
        format_type = Unicode(MIME)
        print_method = ObjectName("_drawn_")
        _return_type = list

    formatter = Drawn(parent=shell.display_formatter)
    # The backend of notebooks forgets what others do with Figure itself.
    formatter.for_type_by_name("matplotlib.figure", "FigureBase", drawn)
    shell.display_formatter.formatters[MIME] = formatter
