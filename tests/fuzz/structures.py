"""Saved JSON with its structure changed: wrong kinds of value, keys lost, shapes, depth."""

from __future__ import annotations

import copy
import json
import random

ODD_VALUES = (
    None,
    True,
    False,
    0,
    -1,
    1e308,
    10**400,
    "",
    "x" * 2000,
    "\x1b[31m\x00",
    "nan",
    "1/0",
    [],
    {},
    [[]],
    [1.0],
    [[1.0, 2.0], [3.0]],
    {"type": "number", "value": "nan"},
    {"type": "number", "value": "inf"},
    {"type": "array", "values": [1.0, "x"]},
    {"type": "array", "values": [[0.5, 0.5]]},
    {"type": "array", "values": []},
    {"type": "mechopt.Trade@1", "extra": 1},
    {"type": "mechopt.Trade@2"},
    {"type": "mechopt.TypeSpace@1"},
    {"type": "pathlib:Path@1", "value": "/etc"},
    {"type": "__class__"},
    {"type": ["mechopt.Trade@1"]},
    {"type": {}},
)


def restructured(text, seed):
    """Return a JSON text with one or two things out of place, and what was done, in words."""
    rng = random.Random(f"structure {seed}")
    content = json.loads(text)
    done = []
    for _ in range(rng.randint(1, 2)):
        holder, key, place = rng.choice(list(_places(content)))
        way = rng.randrange(7)
        name = ".".join(map(str, place))
        if way <= 2:
            holder[key] = copy.deepcopy(rng.choice(ODD_VALUES))
            done.append(f"{name} = {str(holder[key])[:40]!r}")
        elif way == 3:
            del holder[key]
            done.append(f"{name} deleted")
        elif way == 4:
            table = holder if isinstance(holder, dict) else content
            table[rng.choice(["extra", "type", "", "\x1b[2J"])] = copy.deepcopy(holder[key])
            done.append(f"key added beside {name}")
        elif way == 5 and isinstance(holder[key], list):
            holder[key] = (holder[key] * 2)[: rng.randrange(2 * len(holder[key]) + 1)]
            done.append(f"{name} has another length")
        else:
            other, other_key, _ = rng.choice(list(_places(content)))
            holder[key] = copy.deepcopy(other[other_key])
            done.append(f"{name} is a copy of {other_key}")
    return json.dumps(content), "; ".join(done)


def broken_text(text, seed):
    """Return the bytes of a text that is cut, doubled, nested or no text at all."""
    rng = random.Random(f"broken {seed}")
    content = text.encode()
    at = rng.randrange(len(content))
    return rng.choice(
        [
            content[:at],
            content + content,
            content[:at] + b"\xff\xfe" + content[at:],
            content[:at] + b"[" * 100_000,
            b"[" * 200_000 + b"]" * 200_000,
            b'{"format": ' * 50_000,
            b"",
            b"null",
            b"[]",
            b"\x00" * 100,
            content.replace(b"0.", b"0." + b"1" * 5000, 1),
            content.replace(b": 1", b": 1" + b"0" * 5000, 1),
            content.replace(b'"', b"'"),
            b"\xef\xbb\xbf" + content,
        ]
    )


def _places(content, place=()):
    entries = content.items() if isinstance(content, dict) else enumerate(content)
    for key, value in list(entries):
        yield content, key, (*place, key)
        if isinstance(value, (dict, list)):
            yield from _places(value, (*place, key))
