"""The bytes of a table: of regular files only, and of no more than memory can take."""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

from mechopt.errors import InvalidInputError

MAX_BYTES = 2**28
"""Largest table that is read, in bytes, before and after it is decompressed."""

_GZIP = 16 + zlib.MAX_WBITS


def table_bytes(path: str | Path, limit: int | None = None) -> bytes:
    r"""Return the bytes of a table, decompressed if its name ends in ``.gz``.

    Parameters
    ----------
    path
        A regular file, or a link to one.
    limit
        Largest number of bytes, before and after decompression; 256 MB unless given.

    Raises
    ------
    InvalidInputError
        For what is no regular file (a folder, a pipe, a device), cannot be read, is larger than
        the limit, or is no gzip file despite its name.

    Examples
    --------
    >>> table_bytes("/dev/zero")
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: samples: cannot read /dev/zero (expected a regular file, ...
    """
    most = MAX_BYTES if limit is None else limit
    try:
        # Opening a pipe would wait for somebody to write to it.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(handle, "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(mode):
                raise _unreadable(path, _kind(mode), "a regular file")
            content = file.read(most + 1)
    except InvalidInputError:
        raise
    except OSError as error:
        raise _unreadable(path, str(error.strerror)) from error
    except ValueError as error:
        # The operating system's own functions refuse paths with a null character this way.
        raise InvalidInputError(
            "not a path",
            where="samples",
            expected="a readable table",
            got=str(error),
            remedy="Check the path.",
        ) from error
    if len(content) > most:
        raise _too_large(path, "more", most)
    if Path(path).suffix.lower() == ".gz":
        return _unzipped(content, path, most)
    if content.startswith(b"PK"):
        _check_zip(content, path, most)
    return content


def _unzipped(content: bytes, path: str | Path, most: int) -> bytes:
    """Return what a gzip file holds, of one or several members."""
    parts, left = [], most
    try:
        while content:
            machine = zlib.decompressobj(_GZIP)
            part = machine.decompress(content, left + 1)
            if len(part) > left:
                raise _too_large(path, "more when decompressed", most)
            if not machine.eof:
                raise _unreadable(path, "a gzip file that is cut off")
            parts.append(part)
            left -= len(part)
            # Members may be followed by zeros.
            content = machine.unused_data.lstrip(b"\0")
    except zlib.error as error:
        raise _unreadable(path, f"no gzip file ({error})") from error
    return b"".join(parts)


def _check_zip(content: bytes, path: str | Path, most: int) -> None:
    """Refuse a spreadsheet, which is a zip archive, that unpacks to more than the limit."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return  # No archive: whoever reads the table says so.
    if size > most:
        raise _too_large(path, f"{size:,} when decompressed", most)


def _kind(mode: int) -> str:
    kinds = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
    return next((name for is_kind, name in kinds if is_kind(mode)), "a device")


def _unreadable(
    path: str | Path, got: str, expected: str = "a readable table"
) -> InvalidInputError:
    return InvalidInputError(
        f"cannot read {path}",
        where="samples",
        expected=expected,
        got=got,
        remedy="Check the path; in an instance file it is relative to that file.",
    )


def _too_large(path: str | Path, got: str, most: int) -> InvalidInputError:
    return InvalidInputError(
        f"{Path(path).name} is too large",
        where="samples",
        expected=f"at most {most:,} bytes, also after decompression",
        got=got,
        remedy="Save the columns that are needed, or draw fewer rows, in a file of their own.",
    )
