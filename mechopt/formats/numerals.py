"""Many floats as text at once."""

from __future__ import annotations

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.program.names import NameArray


def numerals(values: FloatArray) -> NameArray:
    """Return the shortest texts that read back to the same floats (at most 17 digits).

    Formatting is slow, and programs repeat numbers; so each different number is formatted once.

    Examples
    --------
    >>> numerals(np.array([1.0, 0.1, -2.5e-300, 1 / 3])).tolist()
    ['1', '0.1', '-2.5e-300', '0.3333333333333333']
    """
    different, where = np.unique(np.asarray(values, dtype=np.float64), return_inverse=True)
    texts = [text.removesuffix(".0") for text in map(repr, (different + 0.0).tolist())]
    return np.array(texts, dtype=object)[where.reshape(-1)]


def signed(values: FloatArray) -> NameArray:
    """Return the same texts, with a sign before every number.

    Examples
    --------
    >>> signed(np.array([1.0, -0.5])).tolist()
    ['+1', '-0.5']
    """
    different, where = np.unique(np.asarray(values, dtype=np.float64), return_inverse=True)
    texts = numerals(different).tolist()
    texts = [text if text.startswith("-") else f"+{text}" for text in texts]
    return np.array(texts, dtype=object)[where.reshape(-1)]
