"""Whether a model's file is the one that a sidecar describes, found out in little memory."""

from __future__ import annotations

import gzip
import hashlib
import stat
import zlib
from pathlib import Path
from typing import IO

from mechopt.errors import InvalidInputError

# A compressed file of a few megabytes can hold gigabytes; no model that was exported comes near.
MAX_BYTES = 1 << 30
CHUNK = 1 << 20


def require_model(model: str | Path, sha256: str) -> None:
    """Raise unless a file holds the text with this digest, before compression.

    Raises
    ------
    InvalidInputError
        For another text, a file that cannot be read or unpacked, one of more than a gibibyte when
        unpacked, and what is no regular file.

    Examples
    --------
    >>> require_model("no such file.mps", "")
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: no such file.mps: cannot read the model (expected the model...
    """
    path = Path(model)
    try:
        # A pipe or a device has no end.
        if not stat.S_ISREG(path.stat().st_mode):
            raise _unreadable(path, "no regular file")
        with path.open("rb") as packed:
            if path.name.lower().endswith(".gz"):
                with gzip.GzipFile(fileobj=packed) as unpacked:
                    found = _digest(unpacked, path)
            else:
                found = _digest(packed, path)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        if isinstance(error, InvalidInputError):
            raise
        raise _unreadable(path, getattr(error, "strerror", None) or str(error)) from error
    if found != sha256:
        raise InvalidInputError(
            "the model is not the one that its sidecar describes",
            where=str(path),
            expected=f"a text with SHA-256 {sha256[:16]}...",
            got="another",
            remedy="Export again, and solve that; to add constraints, start from build().",
        )


def _digest(file: IO[bytes] | gzip.GzipFile, path: Path) -> str:
    digest, size = hashlib.sha256(), 0
    while chunk := file.read(CHUNK):
        size += len(chunk)
        if size > MAX_BYTES:
            raise _unreadable(path, f"one of more than {MAX_BYTES:,} bytes when unpacked")
        digest.update(chunk)
    return digest.hexdigest()


def _unreadable(path: Path, got: str) -> InvalidInputError:
    return InvalidInputError(
        "cannot read the model",
        where=str(path),
        expected="the model that `mechopt export` wrote",
        got=got,
        remedy="Check the path.",
    )
