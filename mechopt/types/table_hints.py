"""What messages about the cells of a table say: how numbers are written, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from mechopt._util.arrays import shown
from mechopt.errors import InvalidInputError
from mechopt.types.table_format import DROP, SPACES, TableFormat
from mechopt.types.table_proposals import (
    KEYS,
    dropping,
    in_keys,
    proposed_formats,
    sign_beside,
)

MISSING_WORDS = "empty, NA, N/A, #N/A, NaN, null or none"
# Errors stay readable however many kinds of cells are at fault.
SHOWN_HINTS = 3
_MARKS = {",": "a comma", ".": "a point", "_": "an underscore", "'": "an apostrophe"}
# What people write for a value that they do not have, and that could be a slip too.
_DASHES = frozenset({"-", "--", "\u2013", "\u2014", "?", ".", ".."})
_MINUS = "\u2212"


def expected_numbers(how: TableFormat, what: str = "a number") -> str:
    """Return what numbers of a table look like.

    Examples
    --------
    >>> expected_numbers(TableFormat())
    'a number such as 349.1, with a point and no separators between thousands'
    >>> expected_numbers(TableFormat(decimal=",", thousands=".", currency="€"))
    'a number such as 1.349,1, with a comma, a point between thousands, perhaps beside "€"'
    """
    mark = how.decimal_mark
    text = f"{what} such as 349{mark}1, with {_MARKS[mark]} and no separators between thousands"
    if how.thousands is not None:
        between = "a space" if how.thousands in SPACES else _MARKS.get(how.thousands, "a mark")
        example = f"1{how.thousands}349{mark}1"
        text = f"{what} such as {example}, with {_MARKS[mark]}, {between} between thousands"
    if how.currency is not None:
        text += f', perhaps beside "{shown(how.currency)}"'
    return text


def remedy(
    how: TableFormat, unread: Iterable[str], cells: Sequence[str] = (), *, missing: bool = False
) -> str:
    """Return what to do about cells that are no numbers, all at once: keys to state, and hints.

    Parameters
    ----------
    how
        How the table was said to be written.
    unread
        Cells that are no numbers, and that have a value.
    cells
        All cells that have a value, to find out how they may be written; the unread unless given.
    missing
        Whether cells have no value that may not be missing.

    Examples
    --------
    >>> remedy(TableFormat(), ["$1,096.97", "$833.82"], missing=True)
    'If the table is written so, say thousands = ",", currency = "$", missing = "drop"; the...
    >>> remedy(TableFormat(decimal=",", thousands=".", currency="€", missing="drop"), ["x"])
    'Correct the cells; what counts as missing is empty, NA, N/A, #N/A, NaN, null or none.'
    """
    unread = list(unread)
    formats = proposed_formats(how, cells or unread) if unread else ()
    left = unread
    if formats:
        left = [cell for cell in cells or unread if formats[0].number(cell) is None]
    parts = []
    if formats:
        said = [in_keys(how, dropping(each) if missing else each) for each in formats]
        parts.append(f"if the table is written so, say {', or '.join(said)}")
        if missing:
            parts[-1] += f"; the last leaves out rows without a value ({MISSING_WORDS})"
    if left:
        said_of = formats[0] if formats else how
        hints = dict.fromkeys(hint for cell in left if (hint := _hint(cell, said_of)) is not None)
        others = f" that are left, such as {_quoted(left[0])}" if formats else ""
        parts += [*list(hints)[:SHOWN_HINTS], f"correct the cells{others}"]
        open_keys = [key for key in KEYS if getattr(how, key) is None]
        if open_keys and not formats:
            *first, last = open_keys
            names = f"{', '.join(first)} and {last}" if first else last
            parts.append(f"say how numbers are written with {names}")
    if left and how.missing == DROP:
        parts.append(f"what counts as missing is {MISSING_WORDS}")
    elif not formats and how.missing != DROP:
        parts.append(f'leave out rows without a value ({MISSING_WORDS}) with missing = "drop"')
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def _quoted(cell: str) -> str:
    return f'"{shown(cell)}"'


def _hint(cell: str, how: TableFormat) -> str | None:
    """Return what one cell that is no number may mean, where that can be told.

    Examples
    --------
    >>> _hint("5 EUR", TableFormat(currency="€"))
    'one column has one currency: "EUR" stands where currency is "€"'
    >>> _hint("\u22125", TableFormat())
    'write the minus sign as "-", not as U+2212'
    >>> _hint("-", TableFormat())
    'if "-" means no value, leave such cells empty or write NA'
    """
    bare = cell.strip()
    if bare.lower() in _DASHES:
        return f'if "{bare}" means no value, leave such cells empty or write NA'
    if _MINUS in bare and how.number(bare.replace(_MINUS, "-")) is not None:
        return 'write the minus sign as "-", not as U+2212'
    sign = sign_beside(bare)
    if not sign:
        return None
    try:
        meant = replace(how, currency=sign)
    except InvalidInputError:
        return None
    if meant.number(bare.replace(_MINUS, "-")) is None:
        return None
    word = shown(sign)
    if how.currency is None:
        return f'say currency = "{word}" if that is what stands beside the numbers'
    return f'one column has one currency: "{word}" stands where currency is "{shown(how.currency)}"'
