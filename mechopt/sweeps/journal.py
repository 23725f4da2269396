"""The journal of a sweep: every answered point, on disk the moment it is answered.

It lies beside the table and is gone once the table is there. The first line says which sweep it is
of; every further line holds one point, and a digest of the sweep, the point and its row. A line
that a killed run left unfinished is dropped. A whole line that is not byte for byte what would be
written is refused: nothing that was changed by hand goes into a table.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from mechopt._util.arrays import shown
from mechopt.errors import InvalidInputError

FORMAT = "mechopt-sweep-journal"
FORMAT_VERSION = 2
# A point's row has about a thousand characters, and a sweep may have a million points.
LONGEST_LINE = 1 << 20
MAX_BYTES = 1 << 31

RowCheck = Callable[[Mapping[str, Any]], str | None]
"""Returns what is wrong with a row, or None."""


class Journal:
    """An append-only file of answered points, open for one run.

    Use it as a context manager: leaving it closes the file, and keeps it if it holds a point.

    Parameters
    ----------
    path
        The file; it is created if there is none.
    fingerprint
        What identifies the sweep; a journal of another one is refused.
    check
        Says what is wrong with a row that is read; see
        :func:`mechopt.sweeps.rows.row_fault`.

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

    def __init__(self, path: Path, fingerprint: str, check: RowCheck | None = None) -> None:
        self.path = path
        self._fingerprint = fingerprint
        self._check = check
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

    def _line(self, point: int, row: Mapping[str, Any]) -> str:
        """Return the line of a point, without its end."""
        said = json.dumps({"point": point, "row": dict(row)}, allow_nan=False)
        digest = hashlib.sha256(f"{self._fingerprint} {said}".encode()).hexdigest()
        return f'{said[:-1]}, "digest": "{digest}"}}'

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
        """Write one answered point, and return when it is on disk.

        A row that would not be believed when it is read stays in memory: its point is answered
        again if the run breaks off.
        """
        if self._check is None or self._check(row) is None:
            self._write(self._line(point, row))
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
        content = self._content()
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
                point, row = self._entry(line)
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                raise InvalidInputError(
                    "a damaged journal",
                    where=f"{self.path}, line {number}",
                    expected="one answered point per line, as it was written",
                    got=f"{line[:60]!r}; {shown(error)}",
                    remedy="Delete that line, and its point is solved again; or the whole file.",
                ) from error
            self.rows[point] = row
        self._truncate(len(header) + len(whole))

    def _content(self) -> bytes:
        status = os.fstat(self._handle)
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_BYTES:
            raise InvalidInputError(
                "no journal of a sweep",
                where=str(self.path),
                expected=f"a regular file of at most {MAX_BYTES:,} bytes",
                got=f"one of {status.st_size:,} bytes" if status.st_size else "another",
                remedy="Write the table to another path.",
            )
        chunks = []
        while chunk := os.read(self._handle, 1 << 20):
            chunks.append(chunk)
        return b"".join(chunks)

    def _entry(self, line: bytes) -> tuple[int, dict[str, Any]]:
        """Return the point and the row of a line, if it is one that was written.

        Raises
        ------
        ValueError, KeyError, TypeError, RecursionError
            If it is not; the message says why.
        """
        if len(line) > LONGEST_LINE:
            raise ValueError("a line without end")
        entry = json.loads(line)
        point, row = entry["point"], entry["row"]
        if type(point) is not int or point < 0 or not isinstance(row, dict):
            raise ValueError("no point with a row")
        if point in self.rows:
            raise ValueError(f"point {point} is answered above")
        if self._line(point, row).encode() != line:
            raise ValueError("the digest is not that of the line")
        fault = None if self._check is None else self._check(row)
        if fault is not None:
            raise ValueError(fault)
        return point, row

    def _truncate(self, size: int) -> None:
        os.ftruncate(self._handle, size)
        os.lseek(self._handle, size, os.SEEK_SET)

    def _refused(self, first: bytes) -> InvalidInputError:
        try:
            entry = json.loads(first)
            known = isinstance(entry, dict) and entry.get("format") == FORMAT
        except (ValueError, RecursionError):
            known = False
        got = "one of another: the file, its samples, what varies or the version differ"
        return InvalidInputError(
            "not the journal of this sweep",
            where=str(self.path),
            expected="a journal that this command began",
            got=got if known else "a file that mechopt did not write",
            remedy="Run the command that began it, write to another table, or delete the journal.",
        )
