"""Samples: one column of numbers from a CSV file."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from mechopt.arrays import FloatArray, frozen, shown
from mechopt.errors import InvalidInputError
from mechopt.files import read_text


def read_column(path: str | Path, column: str) -> FloatArray:
    r"""Return one column of a CSV file, in the file's order.

    The file is UTF-8 (with or without a byte order mark), separated by commas, and begins with one
    row of column names. Nothing is skipped but blank lines at the end: a cell that is not a finite
    number is an error, not a gap.

    Parameters
    ----------
    path
        The file, absolute or relative to the working directory.
    column
        A name from the first row; spaces around names do not count.

    Returns
    -------
    array of shape (num_rows,), in the units of the file

    Raises
    ------
    InvalidInputError
        About ``samples`` if the file cannot be read, is empty, repeats a column name, has rows of
        unequal length or a cell that is not a finite number; about ``column`` if there is none of
        that name.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "bids.csv")
    ...     _ = file.write_text("bidder,bid\nAda,3\nBen,1.5\n")
    ...     read_column(file, "bid")
    array([3. , 1.5])
    """
    name = Path(path).name
    rows = _rows(_text(path), name)
    _, header = next(rows, (0, None))
    names = _column_names(header, name)
    if column.strip() not in names:
        raise InvalidInputError(
            f"{name} has no such column",
            where="column",
            expected=f"one of the columns {shown(', '.join(names), limit=200)}",
            got=f'"{shown(column)}"',
            remedy="Use a name from the first row of the file, as it is spelt there.",
        )
    place = names.index(column.strip())
    values = [_number(row, place, names, line, name) for line, row in rows]
    if not values:
        raise InvalidInputError(
            f"{name} has no rows below its column names",
            where="samples",
            expected="at least one row of numbers",
            got="none",
            remedy="Add the sample, one row per observation.",
        )
    return frozen(values)


def _text(path: str | Path) -> str:
    expected = "a readable CSV file in UTF-8"
    try:
        return read_text(path).removeprefix("\ufeff")
    except InvalidInputError as error:
        raise InvalidInputError(
            f"cannot read {path}",
            where="samples",
            expected=expected,
            got=error.got,
            remedy="Check the path; in an instance file it is relative to that file.",
        ) from error
    except ValueError as error:
        # The operating system's own functions refuse paths with a null character this way.
        raise InvalidInputError(
            "not a path",
            where="samples",
            expected=expected,
            got=str(error),
            remedy="Check the path.",
        ) from error


def _rows(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield line numbers and rows, without the blank lines at the end."""
    reader = csv.reader(io.StringIO(text.rstrip(), newline=""), strict=True)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise InvalidInputError(
            f"{name} is not CSV at line {reader.line_num}",
            where="samples",
            expected="cells separated by commas, quotes closed",
            got=str(error),
            remedy="Correct the line, or save the table as CSV again.",
        ) from error


def _column_names(header: Sequence[str] | None, name: str) -> list[str]:
    if not header:
        raise InvalidInputError(
            f"{name} is empty" if header is None else f"{name} begins with a blank line",
            where="samples",
            expected="a first row of column names and one row per observation",
            got="nothing" if header is None else "no column names",
            remedy="Save the table again, or name another file.",
        )
    names = [cell.strip() for cell in header]
    repeated = next((entry for entry in names if names.count(entry) > 1), None)
    if repeated is not None:
        raise InvalidInputError(
            f"{name} has two columns of one name",
            where="samples",
            expected="distinct column names in the first row",
            got=f'"{shown(repeated)}" {names.count(repeated)} times',
            remedy="Rename one of them.",
        )
    return names


def _number(row: Sequence[str], place: int, names: Sequence[str], line: int, name: str) -> float:
    if len(row) != len(names):
        raise InvalidInputError(
            f"line {line} of {name} does not fit the column names",
            where="samples",
            expected=f"{len(names)} cells",
            got=f"{len(row)}",
            remedy="Fill or remove the line; put cells that contain a comma in quotes.",
        )
    try:
        # Python would read 1_000 as a number; in a table it is more likely a slip.
        value = math.nan if "_" in row[place] else float(row[place])
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InvalidInputError(
            f'line {line}, column "{shown(names[place])}" of {name} is not a finite number',
            where="samples",
            expected="a number such as 349.1, with a point and no separators between thousands",
            got=f'"{shown(row[place])}"',
            remedy="Correct the cell, or leave the whole row out if it is not observed.",
        )
    return value
