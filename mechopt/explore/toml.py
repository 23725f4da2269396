"""Tables of an instance file as TOML, which the standard library reads and does not write."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

# As TOML has them.
_NO_NUMBERS = {"Infinity": "inf", "-Infinity": "-inf", "NaN": "nan"}
_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def toml_text(document: Mapping[str, Any]) -> str:
    """Return the tables as TOML, decimals digit by digit.

    Examples
    --------
    >>> print(toml_text({"title": "Two", "agent": {"types": [0, "1/3"], "rate": Decimal("0.10")}}))
    title = "Two"
    <BLANKLINE>
    [agent]
    types = [0, "1/3"]
    rate = 0.10
    <BLANKLINE>
    """
    return "\n".join(_table(document, ())) + "\n"


def _table(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    """Yield the lines of a table: its values, then the tables below it."""
    later = []
    for name, value in table.items():
        is_list = isinstance(value, list) and value and all(isinstance(v, Mapping) for v in value)
        if is_list or (isinstance(value, Mapping) and not _is_small(value, path)):
            later.append((name, value))
        else:
            yield f"{_key(name)} = {_value(value)}"
    for name, value in later:
        own = (*path, name)
        several = isinstance(value, list)
        for each in value if several else [value]:
            yield ""
            heading = ".".join(map(_key, own))
            yield f"[[{heading}]]" if several else f"[{heading}]"
            yield from _table(each, own)


def _is_small(table: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    """Return whether a table stands in one line: one of plain values, within another."""
    return bool(path) and not any(isinstance(v, (Mapping, list)) for v in table.values())


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{_key(k)} = {_value(v)}' for k, v in value.items())} }}"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    text = format(value, "f") if isinstance(value, Decimal) else repr(value)
    return _NO_NUMBERS.get(text, text)
