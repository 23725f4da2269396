"""Instance files by their grammar: valid ones, and ones with something odd somewhere."""

from __future__ import annotations

import copy
import json
import random
from dataclasses import dataclass
from fractions import Fraction

from .exact_trade import ExactTrade, Side
from .judge import Truth
from .simplex import fraction, rational
from .tables import random_table


@dataclass(frozen=True)
class Raw:
    """A value written into the file as it stands."""

    text: str


HOSTILE_TEXT = (
    "",
    " ",
    "\x1b[31mred\x1b[0m",
    "\x00",
    "\x07\x9b31m",
    "→ ünïcode ∂ 漢字 🏠",
    "\u202eright to left",
    "$$ \\frac{1}{0} & % # _ ^ { } ~",
    "=HYPERLINK(1)",
    "[bold]markup[/bold] [/] [link=x]",
    "<script>alert(1)</script>",
    "a\nb\tc\r\nd",
    "%s %d {0} {x!r}",
    "x" * 3000,
    "/dev/zero",
    "/dev/stdin",
    ".",
    "..",
    "no such file.csv",
    "nan",
    "1e400",
)
HOSTILE_NUMBERS = (
    "0",
    "-0.0",
    "1e-400",
    "5e-324",
    "1e-17",
    "1e16",
    "9999999",
    "1e12",
    "1e150",
    "1e151",
    "1e308",
    "1e400",
    "inf",
    "-inf",
    "nan",
    "9223372036854775807",
    "9223372036854775808",
    "123456789012345678901234567890",
    "0.99999999999999999",
    "0.1e-1",
    "1_000",
    "0x10",
    "1979-05-27",
    "07:32:00",
    "1979-05-27T07:32:00Z",
    "true",
    "false",
    '"1/3"',
    '"1/0"',
    '"-2/3"',
    '"1E-17"',
    '"0.99999999999999999"',
    '"1e999999999"',
    '"0x10"',
    '"\u0661"',
    '"1_0"',
    '"½"',
    '"1 /3"',
    f'"0.{"3" * 5000}"',
    f'"{"9" * 5000}"',
    f"0.{'3' * 5000}",
    "9" * 4000,
    "[]",
    "[[1]]",
    "{}",
    "{ a = 1 }",
    "[1, [2, [3, [4]]]]",
)
DISTRIBUTIONS = (
    ("uniform", {}),
    ("uniform", {"loc": "0.5", "scale": "2"}),
    ("beta", {"a": "2", "b": "3"}),
    ("truncnorm", {"a": "-1", "b": "1"}),
    ("triang", {"c": "0.5"}),
    ("powerlaw", {"a": "2"}),
)
ODD_DISTRIBUTIONS = (
    ("norm", {}),
    ("binom", {"n": "3", "p": "0.5"}),
    ("argus", {"chi": "1"}),
    ("truncnorm", {"a": "0", "b": "1e-9"}),
    ("beta", {"a": "0.01", "b": "0.5"}),
    ("beta", {"a": "-1", "b": "0"}),
    ("rv_continuous", {}),
    ("__class__", {}),
    ("levy_stable", {"alpha": "1.5", "beta": "0"}),
    ("vonmises_line", {"kappa": "3"}),
    ("truncexpon", {"b": "1e9"}),
    ("loguniform", {"a": "1e-300", "b": "1e100"}),
    ("nosuchthing", {}),
)


def random_document(seed):
    """Return a valid document of random kind, and the tables beside it by file name."""
    rng = random.Random(f"document {seed}")
    files, further = {}, {}
    if rng.random() < 0.2:
        sides = [_finite(rng, least=0) for _ in range(2)]
        environment = {
            "kind": "bargaining",
            "proposer_probability": Raw(rng.choice(["0.5", '"1/3"', "0", "1", "0.25"])),
            "player_1": sides[0],
            "player_2": sides[1],
        }
        objective = rng.choice(
            ["player-1-gap", "equilibrium-bounds", "ex-ante-efficiency", "minimum-subsidy"]
        )
        if objective in ("player-1-gap", "equilibrium-bounds"):
            environment["swap_players"] = True
        if objective == "equilibrium-bounds":
            factor = Raw(rng.choice(["0.9", '"2/3"', "0", "1", "1e-9", "0.999999999", '"1"']))
            further["discount_factor"] = factor
    else:
        environment = {"kind": "bilateral-trade"}
        for name in ("seller", "buyer"):
            environment[name] = _prior(rng, name, files)
        if rng.random() < 0.15:
            environment[rng.choice(["seller", "buyer"])]["discount_rate"] = Raw(
                rng.choice(["2", "0.5", '"inf"', '"1/3"'])
            )
        objective = rng.choice(
            ["ex-ante-efficiency"] * 3 + ["ex-post-efficiency", "minimum-subsidy"]
        )
    document = {"environment": environment, "problem": {"objective": objective, **further}}
    if rng.random() < 0.3:
        document = {"title": rng.choice(["Trade", "Größe", "A & B"]), **document}
    if rng.random() < 0.2:
        document = {"unit": rng.choice(["dollars", "€", "$"]), **document}
    return document, files


def mutated(document, seed, times=1):
    """Return a copy with some of its values changed, dropped, doubled or moved."""
    rng = random.Random(f"mutation {seed}")
    document = copy.deepcopy(document)
    for _ in range(times):
        rng.choice(_MUTATIONS)(rng, document)
    return document


def mangled(text, seed):
    """Return a text with characters lost, doubled or inserted, as bytes."""
    rng = random.Random(f"mangled {seed}")
    content = bytearray(text.encode("utf-8", "surrogatepass"))
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(content) + 1)
        way = rng.randrange(5)
        if way == 0:
            del content[at : at + rng.randint(1, 12)]
        elif way == 1:
            content[at:at] = rng.choice(
                [b"\x00", b"\xff\xfe", b"\x1b[2J", b"[[", b'"""', b"=", b"#"]
            )
        elif way == 2:
            content = content[:at]
        elif way == 3:
            content[at:at] = content[max(0, at - 20) : at] * rng.choice([1, 2])
        else:
            depth = rng.choice([10, 3000])
            content += b"x = " + b"[" * depth + b"]" * depth + b"\n"
    return bytes(content)


def as_toml(document):
    """Return the text of a document."""
    lines = [
        f"{_key(name)} = {_value(value)}"
        for name, value in document.items()
        if not isinstance(value, dict)
    ]
    for name, value in document.items():
        if isinstance(value, dict):
            lines += ["", f"[{_key(name)}]"]
            lines += [f"{_key(key)} = {_value(entry)}" for key, entry in value.items()]
    return "\n".join(lines) + "\n"


def truth_of_document(document):
    """Return the truth of a document that asks for the best trade of finite types, or None.

    Numbers are read here from their texts, as decimals and fractions.
    """
    environment, problem = document.get("environment"), document.get("problem")
    if not isinstance(environment, dict) or not isinstance(problem, dict):
        return None
    if set(problem) != {"objective"} or problem["objective"] != "ex-ante-efficiency":
        return None
    if environment.get("kind") != "bilateral-trade":
        return None
    sides = []
    for name in ("seller", "buyer"):
        table = environment.get(name)
        if not isinstance(table, dict) or not set(table) <= {"types", "probabilities"}:
            return None
        types = table.get("types")
        if not isinstance(types, list):
            return None
        even = [Raw(f'"1/{len(types)}"')] * len(types)
        numbers = [_exact(entry) for entry in (*types, *table.get("probabilities", even))]
        if None in numbers or not types:
            return None
        sides.append(Side.of(numbers[: len(types)], numbers[len(types) :]).shares())
    trade = ExactTrade(*sides)
    value = trade.second_best_by_virtual_values()
    return Truth(fraction(value), fraction(trade.first_best))


def _exact(entry):
    if not isinstance(entry, Raw):
        return None
    try:
        return rational(Fraction(entry.text.strip('"').replace("_", "")))
    except (ValueError, ZeroDivisionError):
        return None


def _finite(rng, least=None):
    size = rng.randint(1, 4)
    way = rng.randrange(3)
    if way == 0:
        types = sorted(rng.sample(range(0 if least == 0 else -3, 12), size))
        texts = [str(t) for t in types]
    elif way == 1:
        texts = [f'"{t}/7"' for t in sorted(rng.sample(range(1, 20), size))]
    else:
        texts = [repr(t) for t in sorted(round(10 ** rng.uniform(-3, 3), 4) for _ in range(size))]
        texts = list(dict.fromkeys(texts))
    table = {"types": [Raw(text) for text in texts]}
    if rng.random() < 0.5:
        raw = [rng.randint(1, 6) for _ in texts]
        table["probabilities"] = [Raw(f'"{r}/{sum(raw)}"') for r in raw]
    return table


def _prior(rng, name, files):
    way = rng.random()
    if way < 0.7:
        return _finite(rng)
    if way < 0.85:
        distribution, parameters = rng.choice(DISTRIBUTIONS)
        table = {"distribution": distribution, "cells": Raw(str(rng.randint(1, 12)))}
        if parameters:
            table["parameters"] = {key: Raw(value) for key, value in parameters.items()}
        return table
    files["data.csv"] = files.get("data.csv") or random_table(rng.randrange(10**6))
    table = {"samples": "data.csv", "column": "ask" if name == "seller" else "bid"}
    if rng.random() < 0.5:
        table["cells"] = Raw(str(rng.randint(1, 4)))
    return table


def _key(name):
    return name if name.isidentifier() and name.isascii() else json.dumps(name)


def _value(value):
    if isinstance(value, Raw):
        return value.text
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        # TOML knows JSON's escapes, but not the one of the delete character written as it is.
        return json.dumps(value).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + " }"


def _places(value, place=()):
    """Yield the container and key of everything in a document."""
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    for key, entry in list(entries):
        yield value, key
        if isinstance(entry, (dict, list)):
            yield from _places(entry, (*place, key))


def _put(rng, document, new, *, only=object):
    places = [(c, k) for c, k in _places(document) if isinstance(c[k], only)]
    if places:
        container, key = rng.choice(places)
        container[key] = new(container[key])


def _odd_number(rng, document):
    _put(rng, document, lambda _: Raw(rng.choice(HOSTILE_NUMBERS)), only=Raw)


def _odd_text(rng, document):
    _put(rng, document, lambda _: rng.choice(HOSTILE_TEXT), only=str)


def _wrong_type(rng, document):
    others = [Raw("3"), "words", [], {}, True, [Raw("1")], {"a": Raw("1")}]
    _put(rng, document, lambda _: copy.deepcopy(rng.choice(others)))


def _dropped(rng, document):
    container, key = rng.choice(list(_places(document)))
    del container[key]


def _unknown_key(rng, document):
    tables = [document, *(c[k] for c, k in _places(document) if isinstance(c[k], dict))]
    name = rng.choice([*HOSTILE_TEXT[:12], "cell", "probability", "weigths", "type"])
    rng.choice(tables)[name] = copy.deepcopy(rng.choice([Raw("1"), "x", [], {}]))


def _doubled(rng, document):
    _put(rng, document, lambda entry: [*entry, *copy.deepcopy(entry)], only=list)


def _many(rng, document):
    _put(rng, document, lambda _: [Raw("0.5")] * rng.choice([0, 2000]), only=list)


def _other_title(rng, document):
    document[rng.choice(["title", "unit", "source"])] = rng.choice(HOSTILE_TEXT)


def _odd_prior(rng, document):
    distribution, parameters = rng.choice(ODD_DISTRIBUTIONS)
    table = {"distribution": distribution, "cells": Raw(rng.choice(["5", "20", '"auto"']))}
    if parameters:
        table["parameters"] = {key: Raw(value) for key, value in parameters.items()}
    if isinstance(document.get("environment"), dict):
        document["environment"][rng.choice(["seller", "buyer", "player_1", "player_2"])] = table


def _many_cells(rng, document):
    def more(table):
        if "cells" in table:
            return {**table, "cells": Raw(rng.choice(["0", "-1", "1.5", "100000000", "1e3"]))}
        return table

    _put(rng, document, more, only=dict)


_MUTATIONS = (
    _odd_number,
    _odd_number,
    _odd_number,
    _odd_text,
    _wrong_type,
    _dropped,
    _unknown_key,
    _doubled,
    _many,
    _other_title,
    _odd_prior,
    _many_cells,
)
