"""In which format a command writes its table, and where."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from mechopt._util.files import require_output, write_whole
from mechopt._util.table import SUFFIX_OF, Table
from mechopt._util.table_in_latex import PAGE, require_width
from mechopt._util.text import for_terminal
from mechopt.cli.outputs import say_written
from mechopt.errors import InvalidInputError

Style = Literal["text", "json", "csv", "latex", "markdown"]
StyleOption = Annotated[Style | None, Parameter(name="--format")]
WidthOption = Annotated[float | None, Parameter(name="--width")]
AsJson = Annotated[bool, Parameter(name="--json", negative="")]
STYLE_OF: dict[str, Style] = {
    ".txt": "text",
    ".json": "json",
    ".csv": "csv",
    ".tex": "latex",
    ".md": "markdown",
}


def style_for(
    style: Style | None,
    output: Path | None,
    inputs: Sequence[Path] = (),
    *,
    as_json: bool = False,
    further: Sequence[str] = (),
    width: float | None = None,
) -> Style | None:
    """Return the format that was asked for, by name or by suffix, or say at once why none is.

    Parameters
    ----------
    style
        What ``--format`` says.
    output
        Where to write it; None for standard output.
    inputs
        Files that are read, none of which may be written.
    as_json
        What ``--json`` says, which stands for ``--format json``.
    further
        Suffixes of what else the command can write, for which no format is returned.
    width
        What ``--width`` says, which is about LaTeX alone.

    Raises
    ------
    InvalidInputError
        For a suffix without a format or with another one, two formats, a path that cannot be
        written, and a width that is none or of a table in another format.

    Examples
    --------
    >>> style_for(None, Path("table.tex")), style_for(None, None, as_json=True)
    ('latex', 'json')
    >>> style_for("csv", Path("table.tex"))
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: --output: the suffix means another format (expected a name...
    """
    if as_json and style not in (None, "json"):
        raise InvalidInputError(
            "two formats",
            where="--json",
            expected="--json, which is --format json, or another format",
            got=f"both, and --format {style}",
            remedy="Leave one of them out.",
        )
    style = "json" if as_json else style
    chosen = style if output is None else _style_of(output, style, inputs, further)
    if width is not None:
        require_width(width, where="--width")
        if chosen != "latex":
            raise InvalidInputError(
                "a width of what is not LaTeX",
                where="--width",
                expected="--format latex, or an output that ends with .tex",
                got=chosen or "text",
                remedy="Leave --width out.",
            )
    return chosen


def _style_of(
    output: Path, style: Style | None, inputs: Sequence[Path], further: Sequence[str]
) -> Style | None:
    """Return the format of an output, by name or by suffix."""
    suffixes = (*SUFFIX_OF.values(), *further) if style is None else ()
    hint = "Choose one of these, or say with --format what to write."
    require_output(output, suffixes=suffixes, inputs=inputs, remedy=hint)
    suffix = output.suffix.lower()
    if style is None and suffix in further:
        return None
    meant = STYLE_OF.get(suffix, style)
    if style not in (None, meant):
        raise InvalidInputError(
            "the suffix means another format",
            where="--output",
            expected=f"a name for a table as {style}",
            got=f"{output}, for one as {meant}",
            remedy="Leave --format out, or choose another suffix.",
        )
    return meant or "text"


def put(table: Table, style: Style | None, output: Path | None, width: float | None = None) -> None:
    """Write a table where it is asked for: to a file, whole or not at all, or to standard output.

    The width, in inches, is that of LaTeX.

    Examples
    --------
    >>> put(Table(("", "x"), [("a", "1")], ("name", "x"), [("a", 1)]), "csv", None)
    name,x
    a,1
    """
    text = table.written(style or "text", PAGE if width is None else width)
    if output is None:
        sys.stdout.write(for_terminal(text))
    else:
        write_whole(output, text)
        say_written(output)
