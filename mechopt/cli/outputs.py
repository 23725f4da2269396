"""Where a command may write: checked before any work."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mechopt._util.files import is_plain, require_output
from mechopt._util.terminal import say
from mechopt.errors import MechoptError

SOLUTIONS = (".json",)


def inputs_of(file: Path) -> list[Path]:
    """Return the files that an instance file stands for: itself and what it names.

    Examples
    --------
    >>> inputs_of(Path("no such file.toml"))
    [PosixPath('no such file.toml')]
    """
    from mechopt.instances import read_document

    try:
        document = read_document(file)
    except MechoptError:
        # Whoever reads the instance says what is wrong with it.
        return [file]
    return [file, *samples_in(document, file)]


def samples_in(document: Mapping[str, Any], file: Path) -> list[Path]:
    """Return the tables of data that an instance file names, as paths.

    Examples
    --------
    >>> samples_in({"environment": {"seller": {"samples": "a.csv"}}}, Path("data/trade.toml"))
    [PosixPath('data/a.csv')]
    """
    from mechopt.instances.named_files import named_files

    return named_files(document, file.parent)


def say_written(output: Path | None) -> None:
    """Say that a file was written; of a pipe or a device, whose reader has it, nothing is said.

    Examples
    --------
    >>> say_written(Path("trade.json"))
    wrote trade.json
    """
    if output is not None and is_plain(output):
        say(f"wrote {output}")


def require_solution_output(output: Path | None, *inputs: Path) -> None:
    """Raise InvalidInputError if a solution must not be saved at a path; None is no path.

    Examples
    --------
    >>> require_solution_output(Path("trade.tex"))
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: output: no format has this suffix (expected a name that...
    """
    if output is not None:
        require_output(output, suffixes=SOLUTIONS, inputs=inputs)
