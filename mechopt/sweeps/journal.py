"""The journal of a sweep: every answered point, on disk the moment it is answered.

It lies beside the table and is gone once the table is there. The first line says which sweep it is
of; every further line holds one point. A line that a killed run left unfinished is dropped.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from mechopt.errors import InvalidInputError

FORMAT = "mechopt-sweep-journal"
FORMAT_VERSION = 1


class Journal:
    """An append-only file of answered points, open for one run.

    Use it as a context manager: leaving it closes the file, and keeps it if it holds a point.

    Parameters
    ----------
    path
        The file; it is created if there is none.
    fingerprint
        What identifies the sweep; a journal of another one is refused.

    Attributes
    ----------
    rows
        Position of each point answered so far, and its row.

    Raises
    ------
    InvalidInputError
        If the file cannot be written, is of another sweep, is damaged, or is in use by another run.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "table.csv.journal")
    ...     with Journal(path, "abc") as journal:
    ...         journal.append(3, {"objective": 0.5})
    ...     with Journal(path, "abc") as journal:
    ...         journal.rows
    {3: {'objective': 0.5}}
    """

    def __init__(self, path: Path, fingerprint: str) -> None:
        self.path = path
        self.rows: dict[int, Mapping[str, Any]] = {}
        self._header = json.dumps(
            {"format": FORMAT, "format_version": FORMAT_VERSION, "fingerprint": fingerprint}
        )
        try:
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
        except OSError as error:
            raise InvalidInputError(
                "cannot write the journal beside the table",
                where=str(path),
                expected="a path in a writable folder",
                got=str(error.strerror),
                remedy="Check that the folder exists and can be written to.",
            ) from error
        try:
            self._lock()
            self._read()
        except BaseException:
            os.close(self._handle)
            raise

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._handle)
        if not self.rows:
            self.path.unlink(missing_ok=True)

    def append(self, point: int, row: Mapping[str, Any]) -> None:
        """Write one answered point, and return when it is on disk."""
        self._write(json.dumps({"point": point, "row": dict(row)}, allow_nan=False))
        self.rows[point] = row

    def _write(self, line: str) -> None:
        content = f"{line}\n".encode()
        while content:
            content = content[os.write(self._handle, content) :]
        os.fsync(self._handle)

    def _lock(self) -> None:
        """Keep other runs out, where the operating system can; a dead run holds no lock."""
        try:
            import fcntl
        except ImportError:  # pragma: no cover
            return
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InvalidInputError(
                "another run is writing this table",
                where=str(self.path),
                expected="one run at a time",
                got="a journal in use",
                remedy="Wait for it to finish, or write to another table.",
            ) from error
        except OSError:
            # Some network file systems know no locks; the journal works without.
            return

    def _read(self) -> None:
        content = b""
        while chunk := os.read(self._handle, 1 << 20):
            content += chunk
        header, rest = self._header.encode() + b"\n", content
        if header.startswith(content):
            # New, or killed before the first line was whole.
            self._truncate(0)
            self._write(self._header)
            return
        first, _, rest = content.partition(b"\n")
        if first + b"\n" != header:
            raise self._refused(first)
        whole = rest[: rest.rfind(b"\n") + 1]
        for number, line in enumerate(whole.splitlines(), start=2):
            try:
                entry = json.loads(line)
                self.rows[int(entry["point"])] = dict(entry["row"])
            except (ValueError, KeyError, TypeError) as error:
                raise InvalidInputError(
                    "a damaged journal",
                    where=f"{self.path}, line {number}",
                    expected="one answered point per line",
                    got=repr(line[:60]),
                    remedy="Delete that line, and its point is solved again; or the whole file.",
                ) from error
        self._truncate(len(header) + len(whole))

    def _truncate(self, size: int) -> None:
        os.ftruncate(self._handle, size)
        os.lseek(self._handle, size, os.SEEK_SET)

    def _refused(self, first: bytes) -> InvalidInputError:
        try:
            entry = json.loads(first)
            known = isinstance(entry, dict) and entry.get("format") == FORMAT
        except ValueError:
            known = False
        got = "one of another: the file, its samples, what varies or the version differ"
        return InvalidInputError(
            "not the journal of this sweep",
            where=str(self.path),
            expected="a journal that this command began",
            got=got if known else "a file that mechopt did not write",
            remedy="Run the command that began it, write to another table, or delete the journal.",
        )
