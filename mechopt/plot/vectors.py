"""Images of a figure as rectangles, for formats that have no dots."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# LaTeX takes seconds for so many, and a file of some megabytes.
MOST_RECTANGLES = 50_000
# Neighbours of one colour overlap by so many points, or white shows between them.
OVERLAP = 0.2

Colours = npt.NDArray[np.uint8]
Rectangles = list[tuple[int, int, int, int, bytes]]


@contextmanager
def without_dots(figure: Figure) -> Iterator[None]:
    """Draw images and bars of shades as rectangles, as long as this lasts.

    Raises
    ------
    RuntimeError
        If they take more than :data:`MOST_RECTANGLES`.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> figure = Figure()
    >>> ax = figure.add_subplot()
    >>> image = ax.imshow([[0, 1], [1, 1]])
    >>> with without_dots(figure):
    ...     image.get_visible(), len(ax.collections[0].get_paths())
    (False, 3)
    >>> image.get_visible(), len(ax.collections)
    (True, 0)
    """
    images = [image for ax in figure.axes for image in ax.images if image.get_visible()]
    dotted = [artist for artist in figure.findobj() if artist.get_rasterized()]
    collections = [_collection(image) for image in images]
    number = sum(len(collection.get_paths()) for collection in collections)
    if number > MOST_RECTANGLES:
        raise RuntimeError(
            f"the picture has {number:,} rectangles of one shade, of at most {MOST_RECTANGLES:,}"
        )
    try:
        for image, collection in zip(images, collections, strict=True):
            image.axes.add_collection(collection, autolim=False)
            image.set_visible(False)
        for artist in dotted:
            artist.set_rasterized(False)
        yield
    finally:
        for collection in collections:
            collection.remove()
        for image in images:
            image.set_visible(True)
        for artist in dotted:
            artist.set_rasterized(True)


def _collection(image: Any) -> Any:
    """Return what draws an image of an array, rectangle by rectangle."""
    from matplotlib.collections import PolyCollection

    colours = np.asarray(image.to_rgba(image.get_array(), bytes=True))
    across, up = _edges(image, colours.shape)
    found = rectangles(colours)
    corners = [
        [(across[a], up[c]), (across[b], up[c]), (across[b], up[d]), (across[a], up[d])]
        for a, b, c, d, _ in found
    ]
    shades = np.array([list(colour) for *_, colour in found]).reshape(-1, 4) / 255.0
    style: dict[str, Any] = {"facecolors": shades, "edgecolors": shades, "linewidths": OVERLAP}
    return PolyCollection(corners, zorder=image.get_zorder(), **style)


def rectangles(colours: Colours) -> Rectangles:
    """Return rectangles of one colour that make up an image: first and last column, and row.

    Examples
    --------
    >>> dark, light = [0, 0, 0, 255], [9, 9, 9, 255]
    >>> image = np.array([[dark, light], [dark, light]], dtype=np.uint8)
    >>> [each[:4] for each in rectangles(image)]
    [(0, 1, 0, 2), (1, 2, 0, 2)]
    """
    found: Rectangles = []
    begun: dict[tuple[int, int, bytes], int] = {}
    for row, own in enumerate(colours):
        changes = np.flatnonzero((own[1:] != own[:-1]).any(axis=1)) + 1
        ends = [0, *changes.tolist(), len(own)]
        runs = {(a, b, own[a].tobytes()) for a, b in pairwise(ends)}
        for run in [run for run in begun if run not in runs]:
            found.append((*run[:2], begun.pop(run), row, run[2]))
        for run in runs:
            begun.setdefault(run, row)
    found += [(*run[:2], first, len(colours), run[2]) for run, first in begun.items()]
    return sorted(each for each in found if each[4][3])


def _edges(image: Any, shape: tuple[int, ...]) -> tuple[FloatArray, FloatArray]:
    """Return where columns and rows of an image begin and end."""
    if hasattr(image, "_Ax"):
        # Of unequal cells matplotlib keeps the edges to itself.
        return np.asarray(image._Ax), np.asarray(image._Ay)
    left, right, bottom, top = image.get_extent()
    if image.origin == "upper":
        bottom, top = top, bottom
    return np.linspace(left, right, shape[1] + 1), np.linspace(bottom, top, shape[0] + 1)
