"""Reading and writing files, with one clear error and never a partly written file.

What is written replaces a regular file as a whole, at once, with the mode that it had. A link stays
a link, and what it leads to is written; so do further (hard) links of a file, which is therefore
written in place. A pipe, a device, or a descriptor such as ``/dev/stdout`` is written to directly.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mechopt.errors import InvalidInputError

# A text of this size takes some ten times as much when it is read as JSON.
MAX_TEXT = 1 << 30
# How long to wait for somebody who reads from a pipe.
PIPE_SECONDS = 10.0
_DESCRIPTORS = {"stdin": 0, "stdout": 1, "stderr": 2}
_DESCRIPTOR = re.compile(r"/dev/(stdin|stdout|stderr)|/(?:dev|proc/self)/fd/([0-9]{1,6})")
# Letters of a file's name in that of its temporary one; four bytes each fit into any file system.
_STEM = 40


def read_text(path: str | Path) -> str:
    """Return the text of a UTF-8 file.

    Raises
    ------
    InvalidInputError
        If there is no such file, or it cannot be read as text: what is no regular file may have no
        end.
    """
    try:
        status = Path(path).stat()
        reason: object = None
        if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
            reason = kind_of(status.st_mode)
        elif status.st_size > MAX_TEXT:
            reason = f"{status.st_size / 1e9:.1f} GB"
        else:
            return Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = "not a path"
        if isinstance(error, OSError):
            reason = error.strerror
        elif isinstance(error, UnicodeDecodeError):
            reason = "bytes that are no UTF-8 text"
        raise _unreadable(path, reason) from error
    raise _unreadable(path, reason)


def _unreadable(path: str | Path, reason: object) -> InvalidInputError:
    return InvalidInputError(
        "cannot read the file",
        where=str(path),
        expected="a readable file of UTF-8 text",
        got=str(reason),
        remedy="Check the path.",
    )


def kind_of(mode: int) -> str:
    """Return in words what a path leads to.

    Examples
    --------
    >>> kind_of(Path("/dev/null").stat().st_mode)
    'a device'
    """
    if stat.S_ISDIR(mode):
        return "a folder"
    if stat.S_ISFIFO(mode):
        return "a pipe"
    if stat.S_ISSOCK(mode):
        return "a socket"
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        return "a device"
    return "a regular file"


def is_plain(path: str | Path) -> bool:
    """Return whether writing a path makes or replaces a regular file.

    Examples
    --------
    >>> is_plain("trade.json"), is_plain("/dev/null")
    (True, False)
    """
    try:
        return _descriptor(path) is None and stat.S_ISREG(Path(path).stat().st_mode)
    except (OSError, ValueError):
        return True


def same_file(one: str | Path, other: str | Path) -> bool:
    """Return whether two paths lead to one file, through links of either kind.

    Examples
    --------
    >>> same_file("trade.json", "./trade.json"), same_file("a.json", "b.json")
    (True, False)
    """
    try:
        return Path(one).samefile(other)
    except (OSError, ValueError):
        return os.path.realpath(one) == os.path.realpath(other)


def require_output(
    path: str | Path,
    *,
    suffixes: Sequence[str] = (),
    inputs: Iterable[str | Path] = (),
    where: str = "output",
    remedy: str = "Choose one of these.",
) -> None:
    """Raise InvalidInputError if a result must not be written to a path, before any work.

    Parameters
    ----------
    path
        Where to write.
    suffixes
        The endings of names that there is a format for; any where there are none. A pipe or device
        needs no ending where there is one format only.
    inputs
        Files that are read; none of them may be written, under whatever name.
    where
        What to call the path in errors.
    remedy
        What to do about a suffix that none of several formats has.

    Raises
    ------
    InvalidInputError
        Also for a folder, and for a folder that is not there.

    Examples
    --------
    >>> require_output("trade.tex", suffixes=[".json"])
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: output: no format has this suffix (expected a name that...
    """
    name = str(path)
    for source in inputs:
        if same_file(path, source):
            raise InvalidInputError(
                "the output is an input",
                where=where,
                expected="a file that this command does not read",
                got=name if name == str(source) else f"{name}, which is {source}",
                remedy="Write to another file.",
            )
    target = Path(path)
    try:
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if is_plain(path):
            _resolved(target).parent.stat()
    except (OSError, ValueError) as error:
        raise _unwritable(target, error) from error
    known = any(name.lower().endswith(suffix) for suffix in suffixes)
    if suffixes and not known and (is_plain(path) or len(suffixes) > 1):
        raise InvalidInputError(
            "no format has this suffix",
            where=where,
            expected=f"a name that ends in {', '.join(suffixes)}",
            got=name,
            remedy=remedy if len(suffixes) > 1 else "Add it to the name.",
        )


def write_whole(path: str | Path, content: str | bytes) -> None:
    """Write a file so that it appears whole or not at all, and is on disk when this returns.

    Text is written as UTF-8, with its line ends as they are. A file that is there keeps its mode
    and its links; a pipe or a device is written to.

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
        What to write, by path, in the order in which the files are to appear; text is written as
        UTF-8.

    Raises
    ------
    InvalidInputError
        If one cannot be written, or two are one file.
    """
    ready: list[tuple[_Target, bytes]] = []
    path = None
    try:
        for path, content in contents.items():
            data = content.encode("utf-8") if isinstance(content, str) else content
            target = _target_of(path, [other for other, _ in ready])
            ready.append((target, data))
            if target.is_regular:
                target.prepare(data)
        # Renaming within a folder that was just written to fails for hardly anything else.
        for target, data in ready:
            path = target.path
            target.finish(data)
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from error
    finally:
        for target, _ in ready:
            target.clear()


@dataclass
class _Target:
    """What a path leads to, and the temporary file that becomes it."""

    path: Path
    is_regular: bool
    status: os.stat_result | None = None
    descriptor: int | None = None
    temporary: Path | None = None

    def prepare(self, data: bytes) -> None:
        """Write a temporary file beside the target, on disk when this returns."""
        if self.status is not None and not os.access(self.path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        prefix = f".{self.path.name[:_STEM]}."
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=prefix)
        self.temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        self.temporary.chmod(self._mode())
        self._keep_owner(self.temporary)

    def finish(self, data: bytes) -> None:
        """Let the target appear, or write to what is no regular file."""
        if not self.is_regular:
            _write_directly(self, data)
        elif self.status is not None and self.status.st_nlink > 1:
            # Replaced, the file's other names would keep the old content.
            with self.path.open("r+b") as file:
                file.write(data)
                file.truncate()
                file.flush()
                os.fsync(file.fileno())
        else:
            assert self.temporary is not None
            self.temporary.replace(self.path)
            self.temporary = None

    def clear(self) -> None:
        """Remove the temporary file, if it is left."""
        if self.temporary is not None:
            self.temporary.unlink(missing_ok=True)

    def _mode(self) -> int:
        if self.status is not None:
            return stat.S_IMODE(self.status.st_mode)
        # mkstemp makes files private; a result should have the user's ordinary permissions.
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask

    def _keep_owner(self, temporary: Path) -> None:
        status, new = self.status, temporary.stat()
        if status is None or (status.st_uid, status.st_gid) == (new.st_uid, new.st_gid):
            return
        try:
            os.chown(temporary, status.st_uid, status.st_gid)
            temporary.chmod(self._mode())
        except OSError:
            # Only some may give files away; who may not becomes the owner.
            return


def _target_of(path: Path, others: Iterable[_Target] = ()) -> _Target:
    descriptor = _descriptor(path)
    if descriptor is not None:
        return _Target(path, is_regular=False, descriptor=descriptor)
    try:
        status = path.stat()
    except FileNotFoundError:
        # Also a link that leads to nothing yet; in a circle, it is another error.
        status = None
    if status is not None and stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if status is not None and not stat.S_ISREG(status.st_mode):
        return _Target(path, is_regular=False, status=status)
    target = _Target(_resolved(path), is_regular=True, status=status)
    if any(same_file(target.path, other.path) for other in others):
        raise OSError(errno.EEXIST, "one file under two names")
    return target


def _resolved(path: Path) -> Path:
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def _descriptor(path: str | Path) -> int | None:
    """Return the number of an open file of this process that a path names, if it does."""
    match = _DESCRIPTOR.fullmatch(str(path)) if os.name == "posix" else None
    if match is None:
        return None
    name, number = match.groups()
    return _DESCRIPTORS[name] if name else int(number)


def _write_directly(target: _Target, data: bytes) -> None:
    if target.descriptor is not None:
        if target.descriptor == _DESCRIPTORS["stdout"] and sys.stdout is not None:
            sys.stdout.flush()
        handle = os.dup(target.descriptor)
    elif target.status is not None and stat.S_ISFIFO(target.status.st_mode):
        handle = _open_pipe(target.path)
    else:
        handle = os.open(target.path, os.O_WRONLY)
    with os.fdopen(handle, "wb") as file:
        file.write(data)


def _open_pipe(path: Path) -> int:
    """Open a pipe once somebody reads from it."""
    deadline = time.monotonic() + PIPE_SECONDS
    while True:
        try:
            handle = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            if time.monotonic() > deadline:
                raise OSError(errno.ENXIO, "a pipe that nobody reads from") from error
            time.sleep(0.02)
        else:
            os.set_blocking(handle, True)
            return handle


def _unwritable(path: Path | None, error: OSError | ValueError) -> InvalidInputError:
    reason = getattr(error, "strerror", None) or "not a path"
    if isinstance(error, UnicodeEncodeError):
        reason = "text with bytes that are no UTF-8"
    return InvalidInputError(
        "cannot write the file",
        where=str(path),
        expected="a path in a writable folder",
        got=reason,
        remedy="Check that the folder exists and can be written to.",
    )
