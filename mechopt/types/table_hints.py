"""What messages about the cells of a table say: how numbers are written, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mechopt._util.arrays import shown
from mechopt.errors import InvalidInputError
from mechopt.types.table_format import DROP, SPACES, TableFormat

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


def remedy(how: TableFormat, cells: Iterable[str] = ()) -> str:
    """Return what to do about cells that are no numbers: hints at them, and keys not yet given.

    Examples
    --------
    >>> remedy(TableFormat(decimal=",", thousands=".", currency="€", missing="drop"))
    'Correct the cells; what counts as missing is empty, NA, N/A, #N/A, NaN, null or none.'
    """
    parts = list(dict.fromkeys(hint for cell in cells if (hint := _hint(cell, how)) is not None))
    parts = [*parts[:SHOWN_HINTS], "correct the cells"]
    open_keys = [key for key in ("decimal", "thousands", "currency") if getattr(how, key) is None]
    if open_keys:
        *first, last = open_keys
        names = f"{', '.join(first)} and {last}" if first else last
        parts.append(f"say how numbers are written with {names}")
    if how.missing == DROP:
        parts.append(f"what counts as missing is {MISSING_WORDS}")
    else:
        parts.append(f'leave out rows without a value ({MISSING_WORDS}) with missing = "drop"')
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


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
    sign = "".join(
        c if c.isalpha() or not (c.isdigit() or c in "+-.,'_\u2212") else " " for c in bare
    )
    words = sign.split()
    if len(words) != 1:
        return None
    try:
        meant = replace(how, currency=words[0])
    except InvalidInputError:
        return None
    if meant.number(bare.replace(_MINUS, "-")) is None:
        return None
    word = shown(words[0])
    if how.currency is None:
        return f'say currency = "{word}" if that is what stands beside the numbers'
    return f'one column has one currency: "{word}" stands where currency is "{shown(how.currency)}"'
