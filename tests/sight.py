"""How far apart colours are for those who see fewer of them, and in grey.

Colours are ``#rrggbb``. Dichromats are simulated with the matrices of Machado, Oliveira and
Fernandes (2009) for a whole missing cone, in linear sRGB; distances are Euclidean in CIELAB (1976),
in which about 2.3 is just noticed.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

_SEEN = {
    "all cones": np.eye(3),
    "protanopia": np.array([
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]),
    "deuteranopia": np.array([
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]),
    "tritanopia": np.array([
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ]),
    # Luminance, as a printer without colour has it.
    "grey": np.tile([0.2126, 0.7152, 0.0722], (3, 1)),
}  # fmt: skip
_XYZ = np.array([
    [0.4124564, 0.3575761, 0.1804375],
    [0.2126729, 0.7151522, 0.0721750],
    [0.0193339, 0.1191920, 0.9503041],
])  # fmt: skip
SIGHTS = tuple(_SEEN)


def _linear(colour):
    parts = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255.0
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(colour, sight):
    """Return lightness, and the two axes of hue, of a colour as someone sees it."""
    seen = np.clip(_SEEN[sight] @ _linear(colour), 0.0, 1.0)
    share = (_XYZ @ seen) / (_XYZ @ np.ones(3))
    bent = np.where(share > (6 / 29) ** 3, np.cbrt(share), share / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = bent
    return np.array([116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)])


def nearest(one, other):
    """Return how far two colours are apart for whoever tells them apart worst, and who that is."""
    apart = {s: float(np.linalg.norm(lab(one, s) - lab(other, s))) for s in SIGHTS}
    sight = min(apart, key=apart.get)
    return apart[sight], sight


def told_apart(looks, least):
    """Return the pairs that nobody could tell apart for sure: neither by shape nor by colour.

    ``looks`` has for each name its shape, whatever can be compared, and its colour.
    """
    close = []
    for (one, (shape, colour)), (other, (shape_2, colour_2)) in combinations(looks.items(), 2):
        if shape == shape_2:
            distance, sight = nearest(colour, colour_2)
            if distance < least:
                close.append(f"{one} and {other}: {distance:.1f} with {sight}")
    return close
