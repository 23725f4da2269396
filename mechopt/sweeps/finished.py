"""Which sweep a finished table is of: a JSON file beside it says so, and it is read back.

The file holds the fingerprint of the sweep and the digest of the table. It is written before the
table appears, so that a table without it, or with that of another, was not finished by this sweep.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mechopt._util.files import is_plain
from mechopt.errors import InvalidInputError, require_extra
from mechopt.sweeps.table import TEXTS, plain_text

FORMAT = "mechopt-sweep"
FORMAT_VERSION = 1
SUFFIX = ".json"
_WHOLE = re.compile(r"-?\d+")


def stamp_path(table: Path) -> Path:
    """Return where the file is that says which sweep a table is of.

    Examples
    --------
    >>> stamp_path(Path("table.csv")).name
    'table.csv.json'
    """
    return table.with_name(table.name + SUFFIX)


def stamp(table: bytes, fingerprint: str, about: dict[str, Any]) -> str:
    """Return the content of that file.

    Parameters
    ----------
    table
        The table, as it is written.
    fingerprint
        What identifies the sweep.
    about
        What else a reader of the table wants to know.
    """
    content = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        **about,
        "fingerprint": fingerprint,
        "sha256": hashlib.sha256(table).hexdigest(),
    }
    return json.dumps(content, allow_nan=False, indent=2) + "\n"


def is_finished(table: Path, fingerprint: str, *, force: bool) -> bool:
    """Return whether a table is there, whole and of this sweep; refuse to replace another.

    Parameters
    ----------
    table
        Where the table is, or will be.
    fingerprint
        What identifies the sweep.
    force
        Whether any other table may be replaced.

    Raises
    ------
    InvalidInputError
        If another table is there, or a file beside it is in the way.
    """
    if not is_plain(table):
        return False
    beside = stamp_path(table)
    known = _read_stamp(beside)
    content = table.read_bytes() if table.exists() else b""
    if content and known is not None:
        whole = known.get("sha256") == hashlib.sha256(content).hexdigest()
        if whole and known.get("fingerprint") == fingerprint:
            return True
    if force:
        return False
    if content:
        got = "a table that no sweep finished, or that was changed since"
        if known is not None and known.get("fingerprint") != fingerprint:
            got = "one of another: the file, its samples, what varies or the version differ"
        raise _refused(table, got)
    if known is None and beside.exists():
        raise _refused(beside, "a file that no sweep wrote")
    return False


def is_read_back(table: Path) -> bool:
    """Return whether a table itself holds all that was answered; else the file beside it does.

    Examples
    --------
    >>> is_read_back(Path("table.csv")), is_read_back(Path("table.tex"))
    (True, False)
    """
    return table.suffix.lower() in (".csv", ".parquet")


def rows_of(table: Path, num_varied: int) -> tuple[tuple[str, ...], tuple[tuple[Any, ...], ...]]:
    """Return columns and rows of a finished table, as they were when it was written.

    Parameters
    ----------
    table
        A file that :func:`is_finished` vouches for.
    num_varied
        Number of the first columns, which vary; they hold numbers, or words that are none.
    """
    if not is_read_back(table):
        known = _read_stamp(stamp_path(table)) or {}
        return tuple(known["columns"]), tuple(map(tuple, known["rows"]))
    if table.suffix.lower() == ".parquet":
        require_extra("pyarrow", "tables", "a table in Parquet")
        from pyarrow import parquet

        found = parquet.read_table(table)
        columns = tuple(found.column_names)
        return columns, tuple(
            zip(*(found.column(i).to_pylist() for i in range(len(columns))), strict=True)
        )
    lines = list(csv.reader(io.StringIO(table.read_text(encoding="utf-8"), newline="")))
    columns = tuple(map(plain_text, lines[0]))
    numeric = [i < num_varied or name not in TEXTS for i, name in enumerate(columns)]
    rows = [tuple(map(_value, line, numeric)) for line in lines[1:]]
    return columns, tuple(rows)


def _value(text: str, numeric: Sequence[bool] | bool) -> Any:
    if not text:
        return None
    if numeric:
        if text in ("true", "false"):
            return text == "true"
        try:
            return int(text) if _WHOLE.fullmatch(text) else float(text)
        except ValueError:
            pass
    return plain_text(text)


def _read_stamp(path: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    known = isinstance(content, dict) and content.get("format") == FORMAT
    return content if known else None


def _refused(path: Path, got: str) -> InvalidInputError:
    return InvalidInputError(
        "the file is there, and not of this sweep",
        where=str(path),
        expected="no file, or what this command finished",
        got=got,
        remedy="Write to another table, or pass force=True to replace it.",
    )
