"""Laws as files of their own: what was made in Python, for instance files and for other people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mechopt._util.arrays import shown
from mechopt._util.files import read_text, write_whole
from mechopt._util.registry import Known
from mechopt._util.saving import decode, encode, fingerprint
from mechopt.errors import InvalidInputError
from mechopt.types.source import Source
from mechopt.types.sources.any_law import component

FORMAT = "mechopt-law"
FORMAT_VERSION = 1
KEYS = frozenset({"format", "format_version", "law", "fingerprint"})
HOMES = ("mechopt.types",)


def save_law(law: Any, path: str | Path) -> None:
    """Write a law as JSON, for :func:`load_law` and for ``law = "FILE"`` in instance files.

    A function of yours is written as the table that it is kept as, with the table's error.

    Parameters
    ----------
    law
        A law, or a distribution of scipy.stats, bounded or not.
    path
        The file; one that is there is replaced.

    Raises
    ------
    InvalidInputError
        If the file cannot be written, or the law is no law.

    Examples
    --------
    >>> import numpy as np
    >>> from tempfile import TemporaryDirectory
    >>> from mechopt.priors import from_quantile_function, load_law
    >>> with TemporaryDirectory() as folder:
    ...     save_law(from_quantile_function(np.sqrt), f"{folder}/law.json")
    ...     load_law(f"{folder}/law.json").support
    (0.0, 1.0)
    """
    source = component(law)
    content = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "law": encode(source),
        "fingerprint": fingerprint(source),
    }
    write_whole(path, json.dumps(content, allow_nan=False))


def load_law(path: str | Path) -> Source:
    """Read a law that :func:`save_law` wrote.

    Raises
    ------
    InvalidInputError
        For a file that cannot be read, is no saved law, or changed since it was saved.

    Examples
    --------
    >>> load_law("no such file.json")
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: no such file.json: cannot read the file...
    """
    text = read_text(path)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _no_law(path, f"no JSON: {shown(error)}") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise _no_law(path, "no format field that says so")
    if content.get("format_version") != FORMAT_VERSION or set(content) != KEYS:
        version = shown(content.get("format_version"))
        raise _no_law(path, f"format version {version}, with the keys {', '.join(content)}")
    try:
        law = decode(content["law"], Known(homes=HOMES))
    except InvalidInputError as error:
        raise error.within(path) from error
    except (TypeError, ValueError, ArithmeticError, AttributeError, LookupError) as error:
        raise _no_law(path, shown(error)) from error
    except RecursionError as error:
        raise _no_law(path, "brackets within brackets without end") from error
    if not isinstance(law, Source):
        raise _no_law(path, f"a {type(law).__name__}")
    if fingerprint(law) != content["fingerprint"]:
        raise _no_law(path, "a law that changed since it was saved")
    return law


def _no_law(path: str | Path, got: str) -> InvalidInputError:
    return InvalidInputError(
        "not a saved law",
        where=str(path),
        expected=f"a file that mechopt.priors.save_law wrote, of format version {FORMAT_VERSION}",
        got=got,
        remedy="Save the law again.",
    )
