"""Large arrays in saved files: their bytes in base64, each once, under their digest.

Digits take a hundred times as long to write and to read as bytes, and more room.
"""

from __future__ import annotations

import binascii
import hashlib
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray, shown
from mechopt.errors import InvalidInputError

# Smaller arrays are written in digits, which people can read.
FEWEST_PACKED = 1_000
DIGEST, SHAPE = "sha256", "shape"
ENTRY = (DIGEST, SHAPE)


class PackedArrays:
    """The large arrays of a file: what stands for each among its other values, and the bytes.

    Parameters
    ----------
    texts
        Bytes of little-endian floats of 64 bits, in base64, by their SHA-256; none yet unless
        they were read from a file.

    Examples
    --------
    >>> arrays = PackedArrays()
    >>> entry = arrays.add(np.array([0.5, 1.0]))
    >>> entry["shape"], arrays.texts[entry["sha256"]]
    ([2], 'AAAAAAAA4D8AAAAAAADwPw==')
    >>> PackedArrays(arrays.texts).get(entry)
    array([0.5, 1. ])
    """

    def __init__(self, texts: Mapping[str, str] | None = None) -> None:
        self.texts = {} if texts is None else dict(texts)
        self._contents: dict[str, bytes] = {}

    def add(self, array: np.ndarray[Any, Any]) -> dict[str, Any]:
        """Keep an array, and return what stands for it."""
        content = np.ascontiguousarray(array, dtype="<f8").tobytes()
        digest = hashlib.sha256(content).hexdigest()
        if digest not in self.texts:
            self.texts[digest] = binascii.b2a_base64(content, newline=False).decode("ascii")
        return {DIGEST: digest, SHAPE: list(array.shape)}

    def get(self, entry: Mapping[str, Any]) -> FloatArray:
        """Return the array that an entry stands for, read-only.

        Raises
        ------
        InvalidInputError
            For bytes that are missing, or not those of which the digest was taken.
        """
        shape, digest = entry[SHAPE], entry[DIGEST]
        if not isinstance(shape, list) or not all(type(n) is int and n >= 0 for n in shape):
            raise _damaged("whole numbers as the shape", shown(repr(shape)))
        content = self._content(digest)
        if len(content) != 8 * math.prod(shape):
            wanted = f"{8 * math.prod(shape):,} bytes, as the shape says"
            raise _damaged(wanted, f"{len(content):,}")
        array = np.array(np.frombuffer(content, dtype="<f8"), dtype=np.float64)
        array.shape = tuple(shape)
        if np.isnan(array).any():
            raise _damaged("numbers", "NaN")
        array.flags.writeable = False
        return array

    def require_all_used(self) -> None:
        """Raise InvalidInputError if some array was never asked for: nothing says what it is."""
        unused = sorted(set(self.texts) - set(self._contents))
        if unused:
            raise _damaged("arrays that the file refers to", f"another, {shown(unused[0])}")

    def _content(self, digest: Any) -> bytes:
        if not isinstance(digest, str) or digest not in self.texts:
            raise _damaged("the bytes of each array", f"none for {shown(repr(digest))}")
        if digest not in self._contents:
            try:
                content = binascii.a2b_base64(self.texts[digest])
            except (TypeError, ValueError) as error:
                raise _damaged("bytes in base64", shown(error)) from error
            if hashlib.sha256(content).hexdigest() != digest:
                raise _damaged("the bytes whose digest is said", "others")
            self._contents[digest] = content
        return self._contents[digest]


def _damaged(expected: str, got: str) -> InvalidInputError:
    return InvalidInputError(
        "a damaged array",
        where="arrays",
        expected=expected,
        got=got,
        remedy="Copy the file again from where it is whole, or solve the problem again.",
    )
