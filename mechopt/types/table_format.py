"""How a table is written: marks in numbers, separator, encoding, and what missing values mean."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cached_property

from mechopt._util.arrays import shown
from mechopt.errors import InvalidInputError

REFUSE, DROP = "refuse", "drop"
# What people write for a value that they do not have.
MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none"})
SPACES = "\u0020\u00a0\u202f\u2009"
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}([.,])\d{3}", re.ASCII)


@dataclass(frozen=True)
class TableFormat:
    """How a table is written; what is not said is found out where no number hangs on it.

    Parameters
    ----------
    separator
        What separates the cells of a row, such as ``";"``; unless given, a tab in files that end
        in ``.tsv``, a comma if the first row has one, else the one of semicolon, tab and bar that
        it has. The decimal mark and that between thousands separate only where nothing else could.
    decimal
        The decimal mark, ``"."`` unless given. Where every number of a column could as well be
        grouped in thousands, such as 1.234, it has to be given.
    thousands
        The mark between thousands, such as ``","`` or a space; none unless given.
    currency
        What stands before or after numbers, such as ``"$"`` or ``"EUR"``; nothing unless given.
    encoding
        Name of the encoding; UTF-8 unless given, or what a byte order mark says.
    header
        Whether the first row has the names of the columns. Without one, columns are called by
        their positions, ``"1"``, ``"2"`` and so on. Unless given, it has, and a column with a
        number for a name is refused.
    missing
        What to do about cells without a value (empty, NA, N/A, #N/A, NaN, null, none, and nothing
        else): ``"refuse"``, or ``"drop"`` their rows, which is counted and reported.
    sheet
        Name of the sheet of a spreadsheet; the first unless given.

    Raises
    ------
    InvalidInputError
        For marks that are not one character or contradict each other, and unknown words.

    Examples
    --------
    >>> TableFormat(decimal=",", thousands=".", currency="€").number("1.234,50 €")
    '1234.50'
    >>> TableFormat().number("1,234.50") is None
    True
    """

    separator: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    currency: str | None = None
    encoding: str | None = None
    header: bool | None = None
    missing: str = REFUSE
    sheet: str | None = None

    def __post_init__(self) -> None:
        for part in fields(self):
            value = getattr(self, part.name)
            if part.name != "header" and not isinstance(value, str | None):
                raise _unusable(part.name, "text", value)
        if not isinstance(self.header, bool | None):
            raise _unusable("header", "true or false", self.header)
        if self.separator is not None and (len(self.separator) != 1 or self.separator in '"\r\n\0'):
            raise _unusable("separator", 'one character, such as ";"', self.separator)
        if self.decimal not in (None, ".", ","):
            raise _unusable("decimal", '"." or ","', self.decimal)
        allowed = {".", ",", "'", "\u2019", "_", *SPACES} - {self.decimal_mark}
        if self.thousands is not None and self.thousands not in allowed:
            expected = 'a space, an apostrophe, or that of "." and "," which is no decimal mark'
            raise _unusable("thousands", expected, self.thousands)
        if self.missing not in (REFUSE, DROP):
            raise _unusable("missing", '"refuse" or "drop"', self.missing)
        if self.currency is not None and (
            not self.currency.strip() or re.search(r"[\d.,+\-]", self.currency)
        ):
            raise _unusable("currency", 'a sign or a word, such as "$"', self.currency)
        if self.encoding is not None:
            try:
                codecs.lookup(self.encoding)
            except (LookupError, ValueError) as error:
                raise _unusable("encoding", 'a name such as "cp1252"', self.encoding) from error

    @property
    def decimal_mark(self) -> str:
        """The decimal mark, stated or not."""
        return self.decimal or "."

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        point = re.escape(self.decimal_mark)
        grouped = ""
        if self.thousands is not None:
            mark = f"[{SPACES}]" if self.thousands in SPACES else re.escape(self.thousands)
            grouped = rf"\d{{1,3}}(?:{mark}\d{{3}})+(?:{point}\d*)?|"
        sign = "" if self.currency is None else f"(?:{re.escape(self.currency.strip())})?"
        digits = rf"(?:{grouped}\d+(?:{point}\d*)?|{point}\d+)(?:[eE][+-]?\d{{1,9}})?"
        space = f"[{SPACES}]*"
        return re.compile(
            rf"{space}([+-]?){space}{sign}{space}([+-]?)({digits}){space}{sign}{space}", re.ASCII
        )

    def number(self, text: str) -> str | None:
        """Return the text of a number with a point and nothing else, or None for what is none."""
        match = self._pattern.fullmatch(text)
        if match is None or (match[1] and match[2]):
            return None
        digits = match[3]
        if self.thousands is not None:
            marks = SPACES if self.thousands in SPACES else self.thousands
            digits = digits.translate(dict.fromkeys(map(ord, marks)))
        return (match[1] or match[2]) + digits.replace(self.decimal_mark, ".")

    def may_be_grouped(self, text: str) -> bool | None:
        """Return whether a number could have a mark of thousands in place of its decimal mark.

        None for a number without either mark that says nothing about it.
        """
        if self.decimal is not None or self.thousands is not None:
            return False
        bare = text.strip() if self.currency is None else text.replace(self.currency.strip(), "")
        bare = bare.strip()
        if re.fullmatch(r"[+-]?\d{1,3}", bare, re.ASCII):
            return None
        return _GROUPED.fullmatch(bare) is not None

    def is_ambiguous(self, cells: Iterable[str]) -> bool:
        """Return whether every point of a column could stand between thousands.

        Examples
        --------
        >>> TableFormat().is_ambiguous(["1.234", "7"]), TableFormat().is_ambiguous(["1.234", "7.5"])
        (True, False)
        """
        told = [self.may_be_grouped(cell) for cell in cells]
        return True in told and False not in told


def is_missing(text: str) -> bool:
    """Return whether a cell says that there is no value.

    Examples
    --------
    >>> is_missing(" NA "), is_missing("0")
    (True, False)
    """
    return text.strip().lower() in MISSING


def _unusable(name: str, expected: str, got: object) -> InvalidInputError:
    return InvalidInputError(
        "not usable",
        where=name,
        expected=expected,
        got=shown(repr(got)),
        remedy="Correct it, or leave it out.",
    )
