"""``mechopt new``: write an instance file to begin from."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Literal

from mechopt._util.arrays import shown
from mechopt._util.terminal import say
from mechopt.cli.common import ANSWERED, PLAIN, Talk
from mechopt.errors import InvalidInputError
from mechopt.types.tables import TABLE_SUFFIXES

OBJECTIVES = Literal["ex-ante-efficiency", "ex-post-efficiency", "minimum-subsidy"]
INCENTIVES = Literal["interim", "dominant", "none"]
PARTICIPATION = Literal["interim", "ex-post", "none"]
BUDGETS = Literal["balanced", "no-deficit", "subsidised"]


def new(
    file: Path,
    /,
    *,
    seller: str,
    buyer: str,
    cells: int | None = None,
    title: str | None = None,
    unit: str | None = None,
    objective: OBJECTIVES = "ex-ante-efficiency",
    incentives: INCENTIVES | None = None,
    participation: PARTICIPATION | None = None,
    budget: BUDGETS | None = None,
    budget_holds: Literal["ex-ante", "ex-post"] | None = None,
    payment_limit: str | None = None,
    separator: str | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
    currency: str | None = None,
    encoding: str | None = None,
    header: bool | None = None,
    missing: Literal["refuse", "drop"] | None = None,
    sheet: str | None = None,
    talk: Talk = PLAIN,
) -> int:
    """Write an instance file of bilateral trade from priors given in a few words.

    A prior is a column of a table (bids.csv:price; also .tsv, .gz, .xlsx, .parquet), a scipy.stats
    distribution (uniform, beta:a=2,b=3, or norm:loc=1,truncate=0..2, also with draws, rank, factor
    and shift), or a list of types (0,1/2,1).

    Example: ``mechopt new trade.toml --seller bids.csv:ask --buyer bids.csv:bid``

    Parameters
    ----------
    file
        The instance file to write; one that exists is left alone.
    seller
        Prior of the seller's cost.
    buyer
        Prior of the buyer's value.
    cells
        Cut samples into this many cells of equal count, distributions into this many of equal
        probability. Samples are taken value by value unless said, distributions in 200 cells.
    title
        What to call the problem; the file's name unless said.
    unit
        What money is measured in, such as dollars.
    objective
        What is asked.
    incentives
        When truth must be best: on average, always, or not at all; on average unless said.
    participation
        When everyone must get the outside option; on average unless said.
    budget
        How payments must cover the cost; exactly unless said.
    budget_holds
        Whether they must in expectation or in every profile; in expectation unless said.
    payment_limit
        The most that anyone may pay or receive in any profile, in money, such as 3 or 7/2.
    separator
        What separates the cells of the tables, such as ";"; found in the first row unless said.
    decimal
        The decimal mark of the tables, a point unless said.
    thousands
        The mark between thousands in the tables; none unless said.
    currency
        What stands beside numbers in the tables, such as "$".
    encoding
        How the tables are encoded, such as cp1252; UTF-8 unless said.
    header
        Whether the tables' first rows name the columns; without, columns are called 1, 2, ...
    missing
        Drop rows without a value, or refuse them.
    sheet
        Name of the sheet of a spreadsheet.

    Examples
    --------
    >>> new(Path("trade.txt"), seller="uniform", buyer="uniform")
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: FILE: not the name of an instance file (expected one that...
    """
    from mechopt._util.files import write_whole
    from mechopt.instances.load import instance_from_document, read_document

    if file.suffix != ".toml":
        raise InvalidInputError(
            "not the name of an instance file",
            where="FILE",
            expected="one that ends in .toml",
            got=str(file),
            remedy=f"Call it {file.with_suffix('.toml')}.",
        )
    if file.exists():
        raise InvalidInputError(
            "the file exists",
            where=str(file),
            expected="a new file",
            got="one that is there",
            remedy="Choose another name, or edit the file.",
        )
    sides = {"seller": seller, "buyer": buyer}
    words = {
        "separator": separator,
        "decimal": decimal,
        "thousands": thousands,
        "currency": currency,
        "encoding": encoding,
        "missing": missing,
        "sheet": sheet,
    }
    how = [f"{name} = {_quoted(word)}" for name, word in words.items() if word is not None]
    how += [] if header is None else [f"header = {str(header).lower()}"]
    tables = {name: _prior(name, prior, cells, file.parent, how) for name, prior in sides.items()}
    if how and not any(line.startswith("samples") for lines in tables.values() for line in lines):
        raise InvalidInputError(
            "no table to read that way",
            where=f"--{how[0].partition(' ')[0]}",
            expected="a side whose prior is a column of a table",
            got="none",
            remedy="Leave it out.",
        )
    head = [f"title = {_quoted(title or file.stem)}"]
    if unit is not None:
        head.append(f"unit = {_quoted(unit)}")
    parts = [*head, "", "[environment]", 'kind = "bilateral-trade"']
    for name, lines in tables.items():
        parts += ["", f"[environment.{name}]", *lines]
    stated = {
        "incentives": incentives,
        "participation": participation,
        "budget": budget,
        "budget_holds": budget_holds,
    }
    parts += ["", "[problem]", f"objective = {_quoted(objective)}"]
    parts += [f"{name} = {_quoted(word)}" for name, word in stated.items() if word is not None]
    parts += [] if payment_limit is None else [f"payment_limit = {_number(payment_limit)}"]
    parts.append("")
    write_whole(file, "\n".join(parts))
    try:
        instance = instance_from_document(read_document(file), file)
    except BaseException:
        # What cannot be read back is not left behind.
        file.unlink()
        raise
    if not talk.quiet:
        say("\n".join([f"wrote {file}; mechopt solve {file}", *instance.data.sentences()]))
    return ANSWERED


def _prior(name: str, text: str, cells: int | None, folder: Path, how: list[str]) -> list[str]:
    """Return the lines of a prior's table."""
    from mechopt.instances.laws import CHANGES, is_discrete

    column = _column(text)
    if column is not None:
        lines = [f"samples = {_quoted(_beside(column[0], folder))}"]
        lines += [f"column = {_quoted(column[1])}", *how]
        return lines if cells is None else [*lines, f"cells = {cells}"]
    if text.lower().endswith(TABLE_SUFFIXES):
        raise InvalidInputError(
            "no column",
            where=f"--{name}",
            expected=f"{text}:COLUMN",
            got=text,
            remedy="Name the column after a colon.",
        )
    first = text.split(",", maxsplit=1)[0].strip()
    if first[:1].isdigit() or first[:1] in "-+.":
        types = ", ".join(_number(part.strip()) for part in text.split(","))
        return [f"types = [{types}]"]
    distribution, _, parameters = text.partition(":")
    if distribution and not distribution.strip().isidentifier():
        raise InvalidInputError(
            "no prior",
            where=f"--{name}",
            expected="FILE:COLUMN with a file that exists or ends in "
            f"{', '.join(TABLE_SUFFIXES)}; a distribution; or a list of types",
            got=shown(text),
            remedy="Check the path, or save the table as CSV.",
        )
    lines = [f"distribution = {_quoted(distribution)}"]
    parts = [part for part in parameters.split(",") if part]
    changes = [part for part in parts if part.partition("=")[0].strip() in CHANGES]
    parameters = ",".join(part for part in parts if part not in changes)
    if parameters:
        lines.append(f"parameters = {{ {_parameters(name, parameters)} }}")
        if distribution == "truncnorm":
            lines.append("# a and b count from loc, in standard deviations (scale)")
    lines += [_change(name, part) for part in changes]
    if cells is None and is_discrete(distribution) and not changes:
        return lines
    return [*lines, f"cells = {200 if cells is None else cells}"]


def _change(name: str, part: str) -> str:
    """Return the line of what is done to a law; truncation is LOW..HIGH."""
    key, _, value = (text.strip() for text in part.partition("="))
    if key != "truncate":
        return f"{key} = {_parameters(name, part).partition(' = ')[2]}"
    low, dots, high = value.partition("..")
    if not (low and dots and high):
        raise InvalidInputError(
            "not where to truncate",
            where=f"--{name}",
            expected="truncate=LOW..HIGH, such as truncate=0..2 or truncate=0..inf",
            got=shown(part),
            remedy="Write two points between two numbers.",
        )
    return f"truncate = [{_number(low)}, {_number(high)}]"


def _column(text: str) -> tuple[str, str] | None:
    """Return file and column, where a text names them, else None.

    The drive of a Windows path, and column names, may have colons of their own. What looks like a
    distribution with parameters is one.
    """
    splits = [
        (text[:place], text[place + 1 :]) for place, letter in enumerate(text) if letter == ":"
    ]
    for file, column in splits:
        if file.lower().endswith(TABLE_SUFFIXES) and column:
            return file, column
    for file, column in reversed(splits):
        is_distribution = file.isidentifier() and "=" in column
        if column and not is_distribution and Path(file).is_file():
            return file, column
    return None


def _beside(source: str, folder: Path) -> str:
    """Return a path as it is written in an instance file of a folder, to which it is relative."""
    try:
        return Path(os.path.relpath(source, folder)).as_posix()
    except ValueError:
        # On Windows no path leads from one drive to another.
        return source


def _parameters(name: str, text: str) -> str:
    pairs = [part.partition("=") for part in text.split(",")]
    if any(not key.strip().isidentifier() or not value.strip() for key, _, value in pairs):
        raise InvalidInputError(
            "not parameters of a distribution",
            where=f"--{name}",
            expected="NAME=VALUE, with commas between, such as beta:a=2,b=3",
            got=text,
            remedy="Name each parameter as scipy does; loc and scale shift and stretch.",
        )
    return ", ".join(f"{key.strip()} = {_number(value.strip())}" for key, _, value in pairs)


def _number(text: str) -> str:
    """Return a number as TOML has it; fractions, and what is no number, in quotes."""
    is_plain = re.fullmatch(r"[+-]?(0|[1-9]\d*)(\.\d+)?", text) is not None
    return text if is_plain else _quoted(text)


def _quoted(text: str) -> str:
    """Return a text as TOML has it, which is as JSON has it."""
    return json.dumps(text, ensure_ascii=False)
