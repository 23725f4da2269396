"""Small helpers for the numpy arrays that mechopt's frozen objects hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.signedinteger[Any]]


def frozen(values: npt.ArrayLike) -> FloatArray:
    """Return ``values`` as a read-only float64 array, so that no caller can change it later.

    An array that is read-only and its own already is returned as it is; others are copied.

    Examples
    --------
    >>> frozen([1, 2]).flags.writeable
    False
    """
    if isinstance(values, np.ndarray) and values.dtype == np.float64:
        own = values.base is None and type(values) is np.ndarray
        if own and not values.flags.writeable:
            return values
    array = np.array(values, dtype=np.float64)
    array.flags.writeable = False
    return array


def sealed(array: FloatArray) -> FloatArray:
    """Make an array that was just computed, and that nobody else holds, read-only; return it.

    Examples
    --------
    >>> sealed(np.zeros(2)).flags.writeable
    False
    """
    array.flags.writeable = False
    return array


def shown(value: Any, limit: int = 60) -> str:
    """Return a short text of a value for an error message."""
    text = " ".join(str(value).split())
    return text if len(text) <= limit else text[: limit - 3] + "..."
