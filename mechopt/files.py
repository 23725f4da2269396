"""Reading and writing files, with one clear error and never a partly written file."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from mechopt.errors import InvalidInputError


def read_text(path: str | Path) -> str:
    """Return the text of a UTF-8 file.

    Raises
    ------
    InvalidInputError
        If there is no such file, or it cannot be read as text.
    """
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason: object = "not a path"
        if isinstance(error, OSError):
            reason = error.strerror
        elif isinstance(error, UnicodeDecodeError):
            reason = "bytes that are no UTF-8 text"
        raise InvalidInputError(
            "cannot read the file",
            where=str(path),
            expected="a readable file of UTF-8 text",
            got=str(reason),
            remedy="Check the path.",
        ) from error


def write_whole(path: str | Path, content: str | bytes) -> None:
    """Write a file so that it appears whole or not at all, and is on disk when this returns.

    Text is written as UTF-8, with its line ends as they are.

    Raises
    ------
    InvalidInputError
        If it cannot be written.
    """
    write_together({Path(path): content})


def write_together(contents: Mapping[Path, str | bytes]) -> None:
    """Write files that belong together; if one cannot be written, all stay as they were.

    Parameters
    ----------
    contents
        What to write, by path; text is written as UTF-8.

    Raises
    ------
    InvalidInputError
        If one cannot be written.
    """
    ready: dict[Path, Path] = {}
    path = None
    try:
        for path, content in contents.items():
            ready[path] = _written_beside(path, content)
        # Renaming within a folder that was just written to fails for hardly anything else.
        for path in contents:
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        for path, temporary in ready.items():
            temporary.replace(path)
    except (OSError, ValueError) as error:
        raise InvalidInputError(
            "cannot write the file",
            where=str(path),
            expected="a path in a writable folder",
            got=getattr(error, "strerror", None) or "not a path",
            remedy="Check that the folder exists and can be written to.",
        ) from error
    finally:
        for temporary in ready.values():
            temporary.unlink(missing_ok=True)


def _written_beside(target: Path, content: str | bytes) -> Path:
    """Write a temporary file beside a path, on disk when this returns."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode("utf-8") if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files private; a result should have the user's ordinary permissions.
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary
