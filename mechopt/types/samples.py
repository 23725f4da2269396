"""Samples: one column of numbers from a table, with the digits that it has there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mechopt._util.arrays import FloatArray, frozen, shown
from mechopt._util.given import DECIMALS, given_numbers
from mechopt._util.rationals import MAX_DIGITS, as_fraction, texts
from mechopt.errors import InvalidInputError
from mechopt.types.residuals import Regressed
from mechopt.types.table_format import DROP, TableFormat, is_missing
from mechopt.types.table_hints import expected_numbers, remedy
from mechopt.types.tables import NumberText, RawTable, read_table

# Errors stay readable however many cells are at fault.
SHOWN_FAULTS, SHOWN_CHARACTERS = 8, 24
# How many cells of a column at fault are looked at for what they may mean.
MAX_HINTED = 100
# How many distinct cells are tried for how they may be written.
MAX_TRIED = 5_000
SMALLEST, LARGEST = 1e-150, 1e150


@dataclass(frozen=True, eq=False)
class Sample:
    """A column of numbers.

    Parameters
    ----------
    values : array of shape (size,)
        The numbers as floats, in the file's order.
    written
        ``"decimals"`` if they are the decimals that the floats print as, else a text each.
    lines : array of shape (size,)
        The line of the file, or row of the sheet, of each.
    num_rows
        How many rows the table has, those without a value included.
    name
        File and column, for reports.
    source
        The file, with its folder, and the sheet if one is named.
    regressed
        What the values were regressed on, if they were.
    """

    values: FloatArray
    written: str | tuple[str, ...]
    lines: npt.NDArray[np.int64]
    num_rows: int
    name: str
    source: str = ""
    regressed: Regressed | None = None

    @property
    def num_dropped(self) -> int:
        """Number of rows that were dropped because they have no value."""
        return self.num_rows - self.values.size

    @property
    def given(self) -> FloatArray | tuple[str, ...]:
        """The numbers for :meth:`mechopt.TypeSpace.from_samples`, with nothing rounded."""
        return self.values if isinstance(self.written, str) else self.written

    def fractions(self) -> list[Fraction]:
        """Return the numbers as fractions."""
        return [as_fraction(number) for number in (
            self.values.tolist() if isinstance(self.written, str) else self.written
        )]  # fmt: skip

    def measured_from(self, origin: Fraction) -> Sample:
        """Return the sample less an origin, with nothing rounded before the difference.

        Examples
        --------
        >>> import numpy as np
        >>> from fractions import Fraction
        >>> lines = np.array([2, 3])
        >>> written = ("9007199254740992", "9007199254740993")
        >>> sample = Sample(np.full(2, 2.0**53), written, lines, 2, "ask")
        >>> sample.measured_from(Fraction(2**53)).values
        array([0., 1.])
        """
        if origin == 0:
            return self
        shifted = [number - origin for number in self.fractions()]
        values, written = given_numbers(texts(shifted))
        return replace(self, values=frozen(values), written=written)


def read_sample(
    path: str | Path, column: str, how: TableFormat | None = None, *, beside: Sequence[str] = ()
) -> tuple[Sample, ...]:
    r"""Return a column of a table as numbers, and columns beside it for the same rows.

    Parameters
    ----------
    path
        The file: delimited text (also ``.gz``), ``.xlsx`` or ``.parquet``; absolute or relative to
        the working directory.
    column
        A name from the first row; spaces around names do not count.
    how
        How the table is written.
    beside
        Further columns; a row is dropped from all if it has no value in one.

    Returns
    -------
    tuple of Sample
        The column, then those beside it.

    Raises
    ------
    InvalidInputError
        About ``samples`` or ``column``, with every cell at fault: counted, and some of them shown
        with their lines. A cell that is not a finite number is an error, not a gap.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from mechopt.types.table_format import TableFormat
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "bids.csv")
    ...     _ = file.write_text("bidder,bid\nAda,9007199254740993\nBen,NA\n")
    ...     (sample,) = read_sample(file, "bid", TableFormat(missing="drop"))
    >>> sample.written, sample.num_dropped
    (('9007199254740993',), 1)
    """
    how = TableFormat() if how is None else how
    names = [column, *beside]
    table = read_table(path, names, how)
    columns = [_numbers(table, cells, how) for cells in table.cells]
    _check_columns(table, names, columns, how)
    kept = [row for row in range(len(table.lines)) if all(c[row] is not None for c in columns)]
    if not kept:
        raise InvalidInputError(
            f"{table.name} has no row with a value",
            where="samples",
            expected="at least one row of numbers",
            got=f"{len(table.lines)} rows without",
            remedy="Check the column.",
        )
    lines = np.array([table.lines[row] for row in kept], dtype=np.int64)
    samples, source = [], str(Path(path).resolve())
    source += "" if how.sheet is None else f"#{how.sheet}"
    for name, numbers in zip(names, columns, strict=True):
        values, written = _floats([numbers[row] for row in kept])
        label = f"{table.name}:{name.strip()}"
        samples.append(Sample(values, written, lines, len(table.lines), label, source))
    return tuple(samples)


def read_words(
    path: str | Path, columns: Sequence[str], how: TableFormat | None = None
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    r"""Return columns of a table as texts, with what a message calls each of the rows.

    Parameters
    ----------
    path, how
        As for :func:`read_sample`.
    columns
        Names from the first row.

    Returns
    -------
    rows, cells
        Such as ``"line 2"``; and the texts of each column, spaces around them left out.

    Raises
    ------
    InvalidInputError
        As for :func:`read_sample`; any text is a word.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "pairs.csv")
    ...     _ = file.write_text("she,he\nlow,high\nhigh, low\n")
    ...     read_words(file, ["she", "he"])
    (('line 2', 'line 3'), (('low', 'high'), ('high', 'low')))
    """
    how = TableFormat() if how is None else how
    table = read_table(path, columns, how)
    _check_columns(replace(table, cells=()), (), (), how)
    rows = tuple(f"{table.line_word} {line}" for line in table.lines)
    return rows, tuple(tuple(cell.strip() for cell in cells) for cells in table.cells)


def read_column(path: str | Path, column: str, how: TableFormat | None = None) -> FloatArray:
    r"""Return one column of a table as floats, in the file's order.

    Parameters
    ----------
    path, column, how
        As for :func:`read_sample`, which keeps the digits that floats do not hold.

    Returns
    -------
    array of shape (num_rows,), in the units of the file

    Raises
    ------
    InvalidInputError
        As for :func:`read_sample`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "bids.csv")
    ...     _ = file.write_text("bidder,bid\nAda,3\nBen,1.5\n")
    ...     read_column(file, "bid")
    array([3. , 1.5])
    """
    return read_sample(path, column, how)[0].values


def _numbers(table: RawTable, cells: Sequence[str], how: TableFormat) -> list[str | None]:
    """Return the texts of numbers; None for missing values, "" for what is no number."""
    plain = TableFormat()
    numbers: list[str | None] = []
    for cell in cells:
        number = (plain if isinstance(cell, NumberText) else how).number(cell)
        if number is None:
            numbers.append(None if is_missing(cell) else "")
        else:
            numbers.append(number if _has_usual_size(number) else "")
    return numbers


def _has_usual_size(number: str) -> bool:
    """Return whether a number is zero, or of a size whose square floats can hold."""
    size = abs(float(number))
    if size == 0.0:
        return not re.search("[1-9]", re.split("[eE]", number)[0])
    return SMALLEST <= size <= LARGEST and len(number) <= MAX_DIGITS


def _check_columns(
    table: RawTable, names: Sequence[str], columns: Sequence[list[str | None]], how: TableFormat
) -> None:
    """Raise one error with everything that is wrong with the columns."""
    faults: list[str] = []
    single: InvalidInputError | None = None
    count = 0
    unread: list[str] = []
    lacking = 0
    first: tuple[str, int, str] | None = None
    if table.misfits:
        count += len(table.misfits)
        some = [
            f"{table.line_word} {line} {f'has {size}' if size else 'is blank'}"
            for line, size in table.misfits
        ]
        faults.append(f"rows without {len(table.names)} cells: {_some(some)}")
        line, size = table.misfits[0]
        does = "does not fit the column names" if size else "is blank"
        single = InvalidInputError(
            f"{table.line_word} {line} of {table.name} {does}",
            where="samples",
            expected=f"{len(table.names)} cell{'s' * (len(table.names) > 1)} ({table.found})",
            got=f"{size}" if size else "none",
            remedy="Fill or remove the line; put cells that contain a separator in quotes."
            if size
            else "Remove the line; a row without values has its separators.",
        )
    for name, numbers, cells in zip(names, columns, table.cells, strict=True):
        bad = [
            row for row, number in enumerate(numbers)
            if number == "" or (number is None and how.missing != DROP)
        ]  # fmt: skip
        if not bad:
            continue
        count += len(bad)
        unread += [cells[row] for row in bad if numbers[row] == ""][:MAX_HINTED]
        missing = sum(numbers[row] is None for row in bad)
        lacking += missing
        some = [
            f'{table.line_word} {table.lines[row]} "{shown(cells[row], SHOWN_CHARACTERS)}"'
            for row in bad[: SHOWN_FAULTS + 1]
        ]
        kinds = _kinds(len(bad) - missing, missing)
        faults.append(f'column "{shown(name)}": {kinds}: {_some(some, len(bad))}')
        first = first or (name, table.lines[bad[0]], cells[bad[0]])
    if not count:
        for name, cells in zip(names, table.cells, strict=True):
            _check_marks(table, name, cells, how)
        return
    valued = _with_value(table, columns)
    if count == 1 and first is not None:
        raise _one_cell(table, *first, valued, how)
    if count == 1 and single is not None:
        raise single
    raise InvalidInputError(
        f"{count:,} faults in {table.name}",
        where="samples",
        expected=f"in every row {expected_numbers(how, 'a finite number')} ({table.found})",
        got="; ".join(faults),
        remedy=remedy(how, unread, valued, missing=lacking > 0),
    )


def _one_cell(
    table: RawTable, name: str, line: int, cell: str, valued: Sequence[str], how: TableFormat
) -> InvalidInputError:
    lacks = is_missing(cell)
    return InvalidInputError(
        f'{table.line_word} {line}, column "{shown(name)}" of {table.name} is not a finite number',
        where="samples",
        expected=expected_numbers(how),
        got=f'"{shown(cell)}"',
        remedy=remedy(how, [] if lacks else [cell], valued, missing=lacks),
    )


def _kinds(unread: int, missing: int) -> str:
    """Return how many cells are at fault in which way.

    Examples
    --------
    >>> _kinds(200, 0), _kinds(1, 3)
    ('200 cells are no finite numbers', '1 cell is no finite number, 3 are missing')
    """
    parts = []
    if unread:
        parts.append(
            f"{unread:,} cells are no finite numbers"
            if unread > 1
            else "1 cell is no finite number"
        )
    if missing:
        parts.append(f"{missing:,} {'are' if missing > 1 else 'is'} missing")
    return ", ".join(parts)


def _with_value(table: RawTable, columns: Sequence[list[str | None]]) -> list[str]:
    """Return distinct cells of the columns with a value, those that are no numbers first."""
    unread: dict[str, None] = {}
    others: dict[str, None] = {}
    for numbers, cells in zip(columns, table.cells, strict=True):
        for number, cell in zip(numbers, cells, strict=True):
            if number is not None and not isinstance(cell, NumberText):
                (others if number else unread)[cell] = None
    return [*unread, *others][:MAX_TRIED]


def _check_marks(table: RawTable, name: str, cells: Sequence[str], how: TableFormat) -> None:
    """Refuse a column all of whose points could stand between thousands."""
    written = [c for c in cells if not (is_missing(c) or isinstance(c, NumberText))]
    if how.is_ambiguous(written):
        told = [how.may_be_grouped(cell) for cell in written]
        example = written[told.index(True)]
        raise InvalidInputError(
            f'column "{shown(name)}" of {table.name} can be read in two ways',
            where="samples",
            expected="numbers of which one shows what a point means",
            got=f'only such as "{shown(example)}"',
            remedy='Write decimal = "." if the point begins the decimals, or decimal = "," and '
            'thousands = "." if it stands between thousands.',
        )


def _some(items: Sequence[str], count: int | None = None) -> str:
    """Return the first few items, and how many more there are."""
    total = len(items) if count is None else count
    more = f" and {total - SHOWN_FAULTS:,} more" if total > SHOWN_FAULTS else ""
    return ", ".join(items[:SHOWN_FAULTS]) + more


def _floats(numbers: Sequence[str | None]) -> tuple[FloatArray, str | tuple[str, ...]]:
    """Return numbers as floats and how they are known, quickly where floats print as they do."""
    written = tuple(number or "" for number in numbers)
    values = frozen([float(number) for number in written])
    for text, value in zip(written, values.tolist(), strict=True):
        if repr(value) != text and as_fraction(text) != as_fraction(value):
            return values, texts([as_fraction(each) for each in written])
    return values, DECIMALS
