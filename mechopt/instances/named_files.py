"""The files that an instance file names: nothing may be written over them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

# Keys that hold the path of a file, relative to the folder of the instance file.
KEYS = ("samples", "file", "table", "law")


def named_files(document: Mapping[str, Any], folder: Path) -> list[Path]:
    """Return the paths of the data that the tables of an instance file name, each once.

    Examples
    --------
    >>> seller = {"mixture": [{"law": "a.json"}, {"kernel": {"samples": "a.csv"}}]}
    >>> [path.name for path in named_files({"environment": {"seller": seller}}, Path("data"))]
    ['a.json', 'a.csv']
    """
    return list(dict.fromkeys(folder / name for name in _names(document.get("environment"))))


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, entry in value.items():
            if key in KEYS and isinstance(entry, str):
                yield entry
            else:
                yield from _names(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _names(entry)
