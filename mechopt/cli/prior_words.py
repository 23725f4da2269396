"""Priors in a few words, as ``mechopt new`` takes them, and the keys that they stand for."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from mechopt._util.arrays import shown
from mechopt.errors import InvalidInputError
from mechopt.types.tables import TABLE_SUFFIXES

# Laws that are estimated from a column, with an example of each; and functions, in a module.
SAMPLED = {
    "kernel": "kernel:survey.csv:value,bandwidth=0.5,low=0,high=10",
    "smoothed": "smoothed:survey.csv:value",
    "bids": "bids:bids.csv:bid,auction=first-price,bidders=3",
}
FUNCTIONS = ("density", "cdf", "quantile")


def prior_lines(name: str, text: str, cells: int | None, folder: Path, how: list[str]) -> list[str]:
    """Return the lines of a prior's table.

    Parameters
    ----------
    name
        The agent, for errors.
    text
        The prior in a few words.
    cells
        How many cells, if it was said.
    folder
        What paths in the instance file are relative to.
    how
        Lines that say how tables of data are written.

    Examples
    --------
    >>> prior_lines("buyer", "norm:loc=1,truncate=0..2", 50, Path(), [])[1:]
    ['parameters = { loc = 1 }', 'truncate = [0, 2]', 'cells = 50']
    >>> prior_lines("buyer", "quantile:my_laws:q", None, Path(), [])
    ['function = { quantile = "my_laws:q" }', 'cells = 200']
    """
    from mechopt.instances.laws import CHANGES, is_discrete

    form, colon, stated = text.partition(":")
    if colon and form in (*SAMPLED, *FUNCTIONS):
        return _of_form(name, form, stated, 200 if cells is None else cells, folder, how)
    if text.lower().endswith(".json"):
        return [f"law = {quoted(_beside(text, folder))}", f"cells = {cells or 200}"]
    column = _column(text)
    if column is not None:
        lines = [f"samples = {quoted(_beside(column[0], folder))}"]
        lines += [f"column = {quoted(column[1])}", *how]
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
        types = ", ".join(number_text(part.strip()) for part in text.split(","))
        return [f"types = [{types}]"]
    distribution, _, parameters = text.partition(":")
    called = re.fullmatch(r"\s*(\w+)\s*\(.*\)\s*", text)
    if called:
        # As Python would have it, by place.
        raise InvalidInputError(
            "no prior",
            where=f"--{name}",
            expected="a distribution with scipy's names of its parameters, such as "
            "uniform:loc=1,scale=2 (from 1 to 3) or beta:a=2,b=3",
            got=shown(text),
            remedy=f"Write {called.group(1)}:NAME=NUMBER, without brackets.",
        )
    if distribution and not distribution.strip().isidentifier():
        raise InvalidInputError(
            "no prior",
            where=f"--{name}",
            expected="FILE:COLUMN with a file that exists or ends in "
            f"{', '.join(TABLE_SUFFIXES)}; a distribution; a saved law; or a list of types",
            got=shown(text),
            remedy="Check the path, or save the table as CSV.",
        )
    lines = [f"distribution = {quoted(distribution)}"]
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


def _of_form(
    name: str, form: str, text: str, cells: int, folder: Path, how: list[str]
) -> list[str]:
    """Return the lines of a law by a function or by an estimate from a column."""
    from mechopt.instances.laws import CHANGES

    place, *parts = [part.strip() for part in parts_of(text, ",")]
    changes = [part for part in parts if part.partition("=")[0].strip() in CHANGES]
    own = [part for part in parts if part not in changes]
    if form in SAMPLED:
        column = _column(place)
        if column is None:
            raise InvalidInputError(
                "no column of a table",
                where=f"--{name}",
                expected=f"{form}:FILE:COLUMN, such as {SAMPLED[form]}",
                got=shown(text),
                remedy="Check the path.",
            )
        keys = [f"samples = {quoted(_beside(column[0], folder))}", f"column = {quoted(column[1])}"]
        keys += how
    else:
        keys = [f"{form} = {quoted(place)}"]
    if own:
        keys.append(_parameters(name, ",".join(own)))
    table = form if form in SAMPLED else "function"
    lines = [f"{table} = {{ {', '.join(keys)} }}", *(_change(name, part) for part in changes)]
    return [*lines, f"cells = {cells}"]


def parts_of(text: str, mark: str) -> list[str]:
    """Return the parts of a text between marks; those within double quotes separate nothing.

    Examples
    --------
    >>> parts_of('odd.csv:"ask; usd"; name=ann', ";")
    ['odd.csv:"ask; usd"', ' name=ann']
    """
    parts, is_open = [""], False
    for letter in text:
        is_open ^= letter == '"'
        if letter == mark and not is_open:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _without_quotes(column: str) -> str:
    """Return the name of a column; in double quotes it may have any letters, a quote twice.

    Examples
    --------
    >>> _without_quotes('"ask; usd"'), _without_quotes('6" pipes')
    ('ask; usd', '6" pipes')
    """
    inside = re.fullmatch(r'"((?:[^"]|"")*)"', column.strip())
    return column if inside is None else inside[1].replace('""', '"')


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
    return f"truncate = [{number_text(low)}, {number_text(high)}]"


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
            return file, _without_quotes(column)
    for file, column in reversed(splits):
        is_distribution = file.isidentifier() and "=" in column
        if column and not is_distribution and Path(file).is_file():
            return file, _without_quotes(column)
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
    return ", ".join(f"{key.strip()} = {number_text(value.strip())}" for key, _, value in pairs)


def number_text(text: str) -> str:
    """Return a number as TOML has it; fractions, and what is no number, in quotes."""
    is_plain = re.fullmatch(r"[+-]?(0|[1-9]\d*)(\.\d+)?|true|false", text) is not None
    return text if is_plain else quoted(text)


def quoted(text: str) -> str:
    """Return a text as TOML has it, which is as JSON has it."""
    return json.dumps(text, ensure_ascii=False)
