"""What files say of how a table is written, in the options of ``mechopt new``."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

_KEY = (
    r'(separator|decimal|thousands|currency|encoding|header|missing|sheet) = ("[^"]*"|true|false)'
)
_KEYS = re.compile(rf"{_KEY}(?:, {_KEY})*")
# What a remedy proposes, so that it may be asked for together with what others propose.
_PROPOSED = re.compile(rf"\b(?:say|with) ({_KEYS.pattern})(?!,)")


def in_options(faults: Sequence[str]) -> list[str]:
    """Return faults of a file with keys of tables as options, and what all of them ask for.

    Parameters
    ----------
    faults
        One line per fault.

    Examples
    --------
    >>> of_seller = 'seller: no. If the table is written so, say thousands = ",", currency = "$".'
    >>> of_buyer = 'buyer: no. Leave out rows without a value with missing = "drop".'
    >>> for line in in_options([of_seller, of_buyer]):
    ...     print(line)
    seller: no. If the table is written so, say --thousands ',' --currency '$'.
    buyer: no. Leave out rows without a value with --missing drop. Altogether: --thousands ...
    """
    lines = [_KEYS.sub(lambda found: _options(found[0]), line) for line in faults]
    asked: dict[str, set[str]] = {}
    proposals = [found[1] for line in faults for found in _PROPOSED.finditer(line)]
    for proposal in proposals:
        for key, value in re.findall(_KEY, proposal):
            asked.setdefault(key, set()).add(value)
    agree = all(len(values) == 1 for values in asked.values())
    if agree and len(set(proposals)) > 1:
        together = ", ".join(f"{key} = {next(iter(values))}" for key, values in asked.items())
        lines[-1] += f" Altogether: {_options(together)}"
    return lines


def _options(keys: str) -> str:
    """Return keys and their values as options.

    Examples
    --------
    >>> _options('decimal = ",", header = false'), _options('thousands = "\u2019"')
    ("--decimal ',' --no-header", "--thousands '’'")
    """
    return " ".join(_option(key, value) for key, value in re.findall(_KEY, keys))


def _option(key: str, value: str) -> str:
    if key == "header":
        return "--header" if value == "true" else "--no-header"
    word = value[1:-1]
    return f"--{key} {word if word.isalnum() else _in_quotes(word)}"


def _in_quotes(word: str) -> str:
    return shlex.quote(word) if "'" in word else f"'{word}'"
