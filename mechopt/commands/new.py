"""``mechopt new``: write an instance file to begin from."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Literal

from mechopt.commands.common import ANSWERED, PLAIN, Talk
from mechopt.errors import InvalidInputError

OBJECTIVES = Literal["ex-ante-efficiency", "ex-post-efficiency", "minimum-subsidy"]


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
    talk: Talk = PLAIN,
) -> int:
    """Write an instance file of bilateral trade from priors given in a few words.

    A prior is a column of a CSV file (bids.csv:price), a scipy.stats distribution (uniform, or
    beta:a=2,b=3), or a list of types (0,1/2,1).

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

    Examples
    --------
    >>> new(Path("trade.txt"), seller="uniform", buyer="uniform")
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: FILE: not the name of an instance file (expected one that...
    """
    from mechopt.files import write_whole
    from mechopt.instance.load import instance_from_document, read_document

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
    tables = {name: _prior(name, prior, cells, file.parent) for name, prior in sides.items()}
    head = [f"title = {_quoted(title or file.stem)}"]
    if unit is not None:
        head.append(f"unit = {_quoted(unit)}")
    parts = [*head, "", "[environment]", 'kind = "bilateral-trade"']
    for name, lines in tables.items():
        parts += ["", f"[environment.{name}]", *lines]
    parts += ["", "[problem]", f"objective = {_quoted(objective)}", ""]
    write_whole(file, "\n".join(parts))
    try:
        instance_from_document(read_document(file), file)
    except BaseException:
        # What cannot be read back is not left behind.
        file.unlink()
        raise
    if not talk.quiet:
        print(f"wrote {file}; mechopt solve {file}")
    return ANSWERED


def _prior(name: str, text: str, cells: int | None, folder: Path) -> list[str]:
    """Return the lines of a prior's table."""
    source, _, rest = text.rpartition(":")
    if source.lower().endswith(".csv"):
        # Paths in an instance file are relative to it.
        path = Path(os.path.relpath(source, folder)).as_posix()
        lines = [f"samples = {_quoted(path)}", f"column = {_quoted(rest)}"]
        return lines if cells is None else [*lines, f"cells = {cells}"]
    if text.lower().endswith(".csv"):
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
    lines = [f"distribution = {_quoted(distribution)}"]
    if parameters:
        lines.append(f"parameters = {{ {_parameters(name, parameters)} }}")
        if distribution == "truncnorm":
            lines.append("# a and b count from loc, in standard deviations (scale)")
    return [*lines, f"cells = {200 if cells is None else cells}"]


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
