"""Small helpers for the numpy arrays that mechopt's frozen objects hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def frozen(values: npt.ArrayLike) -> FloatArray:
    """Return a read-only float64 copy of ``values``, so that no caller can change it later.

    Examples
    --------
    >>> frozen([1, 2]).flags.writeable
    False
    """
    array = np.array(values, dtype=np.float64)
    array.flags.writeable = False
    return array


def shown(value: Any, limit: int = 60) -> str:
    """Return a short text of a value for an error message."""
    text = " ".join(str(value).split())
    return text if len(text) <= limit else text[: limit - 3] + "..."
