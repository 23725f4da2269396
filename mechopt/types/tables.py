"""Tables as people have them: delimited text, spreadsheets, Parquet; the texts of their cells.

No cell becomes a float here, so that nothing is rounded on the way to fractions. Delimited text
is split by Python's csv module: pandas fills short rows and takes long ones for an index. pandas
reads spreadsheets, and pyarrow Parquet, whose numbers keep their own digits.
"""

from __future__ import annotations

import csv
import io
import math
import numbers
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from mechopt._util.arrays import shown
from mechopt.errors import InvalidInputError, require_extra
from mechopt.types.table_bytes import table_bytes
from mechopt.types.table_format import TableFormat

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
MAX_ROWS = 5_000_000
TEXT_SUFFIXES = (".csv", ".tsv", ".tab", ".txt", ".dat")
TABLE_SUFFIXES = (*TEXT_SUFFIXES, *(f"{each}.gz" for each in TEXT_SUFFIXES), ".xlsx", ".parquet")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(frozen=True)
class RawTable:
    """Some columns of a table, cell by cell.

    Parameters
    ----------
    name
        The file's name, for messages.
    cells
        One tuple of texts per column that was asked for; "" for an empty cell.
    lines
        Where each row stands: its line of the file, or its row of the sheet, counted from 1.
    line_word
        What a line is called.
    found
        How the file is written, for messages.
    names
        All column names.
    misfits
        Lines with another number of cells than the first row, and how many they have.
    """

    name: str
    cells: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    line_word: str
    found: str
    names: tuple[str, ...]
    misfits: tuple[tuple[int, int], ...] = ()


def read_table(path: str | Path, columns: Sequence[str], how: TableFormat) -> RawTable:
    r"""Return columns of a table by their names, in the file's order.

    Parameters
    ----------
    path
        A file of delimited text, ``.xlsx`` or ``.parquet``; text may be compressed (``.gz``).
    columns
        Names from the first row; spaces around names do not count.
    how
        How it is written.

    Raises
    ------
    InvalidInputError
        About ``samples`` if the file cannot be read, is empty, or repeats a name; about ``column``
        if there is none of that name, or the name is a number and no header is stated.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "bids.csv")
    ...     _ = file.write_text("bidder;bid\nAda;3\nBen;1.50\n")
    ...     table = read_table(file, ["bid"], TableFormat())
    >>> table.cells, table.lines, table.found
    ((('3', '1.50'),), (2, 3), 'cells separated by semicolons, UTF-8')
    """
    content = table_bytes(path)
    name, suffix = Path(path).name, Path(path).suffix.lower()
    if suffix == ".parquet":
        return _parquet(content, columns, name)
    if suffix == ".xlsx":
        rows = _sheet(content, how, name)
        found, word = "cells of a spreadsheet", "row"
    else:
        text, encoding = _decoded(content, how, name)
        mark = _separator(text, how, Path(path))
        rows = _text_rows(text, mark, name)
        found = f"cells separated by {SEPARATORS.get(mark, repr(mark))}, {encoding}"
        word = "line"
    return _chosen(rows, columns, how, name, found, word)


def _chosen(
    rows: Iterator[tuple[int, list[str]]],
    columns: Sequence[str],
    how: TableFormat,
    name: str,
    found: str,
    word: str,
) -> RawTable:
    first = next(rows, None)
    names = _column_names(None if first is None else first[1], name, how)
    places = [_place(column, names, how, name, found) for column in columns]
    cells: list[list[str]] = [[] for _ in places]
    lines: list[int] = []
    misfits: list[tuple[int, int]] = []
    if first is not None and how.header is False:
        rows = _after(first, rows)
    for line, row in rows:
        if len(lines) == MAX_ROWS:
            raise _faulty(
                f"{name} has too many rows", f"at most {MAX_ROWS:,}", "more", "Draw some of them."
            )
        if len(row) != len(names):
            misfits.append((line, len(row)))
            continue
        lines.append(line)
        for column, place in zip(cells, places, strict=True):
            column.append(row[place])
    if not lines and not misfits:
        raise _faulty(
            f"{name} has no rows below its column names",
            "at least one row of numbers",
            "none",
            "Add the sample, one row per observation.",
        )
    columns_ = tuple(tuple(column) for column in cells)
    return RawTable(name, columns_, tuple(lines), word, found, tuple(names), tuple(misfits))


def _after(
    first: tuple[int, list[str]], rows: Iterator[tuple[int, list[str]]]
) -> Iterator[tuple[int, list[str]]]:
    yield first
    yield from rows


def _decoded(content: bytes, how: TableFormat, name: str) -> tuple[str, str]:
    """Return the text of a file and its encoding."""
    by_mark = next((code for mark, code in _MARKS if content.startswith(mark)), "utf-8")
    encoding = how.encoding or by_mark
    spelt = "UTF-8" if encoding.startswith("utf-8") else encoding
    try:
        return content.decode(encoding).removeprefix("\ufeff"), spelt
    except (UnicodeError, ValueError) as error:
        if not isinstance(error, UnicodeDecodeError):
            got = f"bytes that are no {spelt} text"
        else:
            line = content.count(b"\n", 0, error.start) + 1
            bad = content[error.start : error.start + 1].hex()
            got = f"bytes that are no {spelt} text, at line {line} (byte 0x{bad})"
        raise InvalidInputError(
            f"cannot read {name}",
            where="samples",
            expected=f"a table in {spelt}",
            got=got,
            remedy='Say how it is written, such as encoding = "cp1252", or save it as UTF-8.',
        ) from error


def _separator(text: str, how: TableFormat, path: Path) -> str:
    """Return what separates cells: stated, by the suffix, or the only one of the first row."""
    if how.separator is not None:
        return how.separator
    stem = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    if stem.suffix.lower() in (".tsv", ".tab"):
        return "\t"
    first = text.lstrip("\r\n").split("\n", maxsplit=1)[0]
    # What stands between quotes separates nothing.
    outside = "".join(first.split('"')[::2])
    present = [mark for mark in SEPARATORS if mark in outside]
    # What numbers have inside separates no cells, if there is another mark.
    others = [mark for mark in present if mark not in (how.decimal, how.thousands)]
    if not others and present and how.header is False and '"' not in first:
        raise InvalidInputError(
            f"the first row of {path.name} can be read in two ways",
            where="separator",
            expected=f"a separator, as {SEPARATORS[present[0]]} may stand in numbers",
            got=f'"{shown(first.strip())}"',
            remedy='Say what separates cells, such as separator = ";".',
        )
    if not present and how.decimal == ",":
        return ";"
    present = others or present
    return present[0] if len(present) == 1 else ","


def _text_rows(text: str, separator: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield line numbers and rows, without the blank lines at the end."""
    lines = io.StringIO(text.rstrip("\r\n" if separator.isspace() else None), newline="")
    reader = csv.reader(lines, strict=True, delimiter=separator)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise _faulty(
            f"{name} is not CSV at line {reader.line_num}",
            f"cells separated by {SEPARATORS.get(separator, repr(separator))}, quotes closed",
            str(error),
            "Correct the line, or save the table as CSV again.",
        ) from error


def _sheet(content: bytes, how: TableFormat, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a spreadsheet as texts, without the blank rows at the end."""
    import warnings

    require_extra("openpyxl", "tables", f"reading {name}")
    import pandas

    try:
        with warnings.catch_warnings():
            # Of styles and extensions, on which no number hangs.
            warnings.simplefilter("ignore")
            frame = pandas.read_excel(
                io.BytesIO(content),
                sheet_name=0 if how.sheet is None else how.sheet,
                header=None,
                dtype=object,
                keep_default_na=False,
                na_values=[],
                engine="openpyxl",
            )
    except Exception as error:
        # What openpyxl raises for a damaged file is not documented.
        raise _faulty(
            f"cannot read {name}",
            "a spreadsheet" if how.sheet is None else f"a sheet {shown(how.sheet)}",
            f"{type(error).__name__}: {shown(error)}",
            "Save it again, or as CSV.",
        ) from error
    rows = [[cell_text(cell) for cell in row] for row in frame.to_numpy(dtype=object)]
    while rows and not any(rows[-1]):
        rows.pop()
    yield from enumerate(rows, start=1)


def _parquet(content: bytes, columns: Sequence[str], name: str) -> RawTable:
    require_extra("pyarrow", "tables", f"reading {name}")
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(io.BytesIO(content))
        names = [str(each) for each in file.schema_arrow.names]
        size = int(file.metadata.num_rows)
    except Exception as error:
        raise _faulty(
            f"cannot read {name}",
            "a Parquet file",
            f"{type(error).__name__}: {shown(error)}",
            "Save it again, or as CSV.",
        ) from error
    places = [_place(each, names, TableFormat(header=True), name, "Parquet") for each in columns]
    if size > MAX_ROWS:
        raise _faulty(
            f"{name} has too many rows", f"at most {MAX_ROWS:,}", f"{size:,}", "Draw some of them."
        )
    if not size:
        raise _faulty(f"{name} has no rows", "at least one row of numbers", "none", "Add some.")
    cells = []
    for place in places:
        column = file.read(columns=[names[place]]).column(0)
        # Arrow would print a float of half the precision with the digits of a whole one.
        narrow = str(column.type) in ("float", "halffloat")
        entries = list(column.to_numpy()) if narrow else column.to_pylist()
        cells.append(tuple(cell_text(entry) for entry in entries))
    return RawTable(name, tuple(cells), tuple(range(1, size + 1)), "row", "Parquet", tuple(names))


class NumberText(str):
    """The text of a cell that is a number already, whatever marks the texts of the table have."""

    __slots__ = ()


def cell_text(cell: Any) -> str:
    """Return a cell of a spreadsheet or of Parquet as a text that keeps all its digits.

    What is no number, such as a date or a truth value, comes out as a text that is none either.
    Numbers come out as a :class:`NumberText`.

    Examples
    --------
    >>> cell_text(np.float32(0.1)), cell_text(3), cell_text(None), cell_text(True)
    ('0.1', '3', '', 'True')
    """
    if cell is None or cell is np.ma.masked or type(cell).__name__ in ("NAType", "NaTType"):
        return ""
    if isinstance(cell, (float, np.floating)):
        return "" if math.isnan(cell) else NumberText(cell)
    if isinstance(cell, numbers.Integral) and not isinstance(cell, (bool, np.bool_)):
        return NumberText(int(cell))
    return NumberText(f"{cell:f}") if isinstance(cell, Decimal) else str(cell)


def _column_names(header: Sequence[str] | None, name: str, how: TableFormat) -> list[str]:
    if not header or not any(cell.strip() for cell in header):
        raise _faulty(
            f"{name} is empty" if header is None else f"{name} begins with a blank line",
            "a first row of column names and one row per observation",
            "nothing" if header is None else "no column names",
            "Save the table again, or name another file.",
        )
    if how.header is False:
        return [str(place) for place in range(1, len(header) + 1)]
    names = [cell.strip() for cell in header]
    repeated = next((entry for entry in names if entry and names.count(entry) > 1), None)
    if repeated is not None:
        raise _faulty(
            f"{name} has two columns of one name",
            "distinct column names in the first row",
            f'"{shown(repeated)}" {names.count(repeated)} times',
            "Rename one of them, or write header = false if the first row has no names.",
        )
    return names


def _place(column: str, names: Sequence[str], how: TableFormat, name: str, found: str) -> int:
    wanted = column.strip()
    if wanted not in names:
        raise InvalidInputError(
            f"{name} has no such column",
            where="column",
            expected=f"one of the columns {shown(', '.join(names), limit=200)}",
            got=f'"{shown(column)}", in {found}',
            remedy=_remedy_for_names(names, how),
        )
    if how.header is None and how.number(wanted) is not None:
        raise InvalidInputError(
            f"the first row of {name} has a number for the column's name",
            where="column",
            expected="a row of column names, so that no observation is lost",
            got=f'"{shown(column)}"',
            remedy="Write header = false and the column's position for a file without names, or "
            "header = true if this is a name.",
        )
    return names.index(wanted)


def _remedy_for_names(names: Sequence[str], how: TableFormat) -> str:
    """Return how to name a column of a table that has names, or should have."""
    if how.header is False:
        return f"Give the position of a column, from 1 to {len(names)}, or header = true."
    remedy = "Use a name from the first row of the file, as it is spelt there."
    if any(how.number(name) is not None for name in names):
        return f"{remedy[:-1]}; if the first row has values, write header = false."
    return remedy


def _faulty(what: str, expected: str, got: str, remedy: str) -> InvalidInputError:
    return InvalidInputError(what, where="samples", expected=expected, got=got, remedy=remedy)
