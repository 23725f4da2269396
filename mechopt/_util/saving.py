"""Frozen dataclasses to and from plain JSON values, for saved problems and solutions.

An object becomes ``{"type": identifier, field: value, ...}``; identifiers are those of
:mod:`mechopt._util.registry`. Floats keep all their digits, because Python writes the shortest text
that reads back to the same number.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from enum import Enum
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from mechopt._util.arrays import shown
from mechopt._util.packed_arrays import ENTRY, FEWEST_PACKED, PackedArrays
from mechopt._util.registry import SAVE_AGAIN, Known, identifier, is_ours, not_saved_here
from mechopt.errors import InvalidInputError

# What is saved under these words is no object of a class.
WORDS = frozenset({"array", "fraction", "mapping", "number"})
INFINITE = ("inf", "-inf")
NOT_FINITE = frozenset({*INFINITE, "nan"})
# A field with this in its metadata came later than the first files. At its default it is left out,
# so that files and fingerprints of before stay what they are.
LATER = "later"


def encode(value: Any, arrays: PackedArrays | None = None) -> Any:
    """Return ``value`` as JSON values.

    Parameters
    ----------
    value
        What to save.
    arrays
        Where to put the bytes of large arrays, which is fast; they are written in digits without.

    Raises
    ------
    InvalidInputError
        For what would not come back as it was: objects of classes that are no dataclasses, or that
        hold more than their fields, and other things than numbers, texts and arrays.

    Examples
    --------
    >>> from mechopt.environments.trade import Trade
    >>> encode({"outcomes": Trade(), "numbers": np.array([0.5])})
    {'outcomes': {'type': 'mechopt.Trade@1'}, 'numbers': {'type': 'array', 'values': [0.5]}}
    """
    if value is None or isinstance(value, (bool, str, int)):
        return value.value if isinstance(value, Enum) and is_ours(type(value)) else _plain(value)
    if isinstance(value, np.ndarray):
        _require_numbers(value)
        if arrays is not None and value.size >= FEWEST_PACKED:
            return {"type": "array", **arrays.add(value)}
        return {"type": "array", "values": _listed(value)}
    if isinstance(value, np.generic):
        return encode(value.item())
    if isinstance(value, float):
        finite = math.isfinite(value)
        return float(value) if finite else {"type": "number", "value": str(float(value))}
    if isinstance(value, Fraction):
        return {"type": "fraction", "value": str(value)}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = {name: encode(part, arrays) for name, part in _fields_of(value).items()}
        return {"type": identifier(type(value)), **parts}
    if isinstance(value, Mapping):
        entries = {_key(key): encode(item, arrays) for key, item in value.items()}
        return (
            {"type": "mapping", "entries": list(map(list, entries.items()))}
            if ("type" in entries)
            else entries
        )
    if isinstance(value, (tuple, list)):
        return [encode(item, arrays) for item in value]
    raise _cannot_be_saved(value)


def decode(value: Any, known: Known, arrays: PackedArrays | None = None) -> Any:
    """Return the object that :func:`encode` wrote.

    Parameters
    ----------
    value
        The JSON values.
    known
        What may stand in the file.
    arrays
        Large arrays of the file, if it has them apart.

    Raises
    ------
    InvalidInputError
        For a name that is not known, fields that are missing, unknown or do not fit their class,
        and arrays of anything but numbers.

    Examples
    --------
    >>> decode({"type": "mechopt.Trade@1"}, Known(homes=["mechopt.environments"]))
    Trade()
    """
    if isinstance(value, list):
        return tuple(decode(item, known, arrays) for item in value)
    if not isinstance(value, dict):
        return value
    fields = {key: item for key, item in value.items() if key != "type"}
    name = value.get("type")
    if name is None:
        return {key: decode(item, known, arrays) for key, item in fields.items()}
    if not isinstance(name, str):
        raise not_saved_here(name, f"a name that is a {type(name).__name__}")
    try:
        if name in WORDS:
            return _word(name, fields, known, arrays)
        kind = known.class_of(name)
        _require_exactly(name, fields, init_fields(kind), set(_later(kind)))
        return _made(kind, {key: decode(item, known, arrays) for key, item in fields.items()})
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        if isinstance(error, InvalidInputError):
            raise
        raise not_saved_here(name, shown(error)) from error


def _word(name: str, fields: Mapping[str, Any], known: Known, arrays: PackedArrays | None) -> Any:
    """Return what is saved under a word: an array, or a number that JSON does not have."""
    if name == "array" and arrays is not None and ENTRY[0] in fields:
        _require_exactly(name, fields, ENTRY)
        return arrays.get(fields)
    if name == "array":
        _require_exactly(name, fields, ("values",))
        if not isinstance(fields["values"], list) or not _all_numbers(fields["values"]):
            raise not_saved_here(name, "something else than numbers in it")
        # Of an infinite number in it numpy reads the text.
        array = np.array(fields["values"], dtype=np.float64)
        array.flags.writeable = False
        return array
    if name == "mapping":
        _require_exactly(name, fields, ("entries",))
        pairs = [(_key(key), decode(item, known, arrays)) for key, item in fields["entries"]]
        return dict(pairs)
    _require_exactly(name, fields, ("value",))
    text = fields["value"]
    if name == "number" and text in NOT_FINITE:
        return float(text)
    if name == "fraction" and isinstance(text, str):
        return Fraction(text)
    raise not_saved_here(name, shown(repr(text)))


def _made(kind: type, values: Mapping[str, Any]) -> Any:
    """Return an object with these fields, whatever arguments its class is otherwise called with."""
    owner = next(each for each in kind.__mro__ if "__init__" in each.__dict__)
    generated = "__dataclass_params__" in owner.__dict__ and owner.__dataclass_params__.init  # type: ignore[attr-defined]
    if generated and init_fields(owner) == init_fields(kind):
        return kind(**values)
    made: Any = object.__new__(kind)
    for name, value in values.items():
        object.__setattr__(made, name, value)
    check = getattr(made, "__post_init__", None)
    if check is not None:
        check()
    return made


def init_fields(kind: type) -> tuple[str, ...]:
    """Return the names of the fields that an object is made of; the others follow from them."""
    if not dataclasses.is_dataclass(kind):
        raise TypeError(f"{kind.__qualname__} is no dataclass")
    return tuple(field.name for field in dataclasses.fields(kind) if field.init)


def _fields_of(value: Any) -> dict[str, Any]:
    """Return what an object is made of, and refuse one that holds more."""
    kind = type(value)
    fields = {field.name for field in dataclasses.fields(kind)}
    hidden = [
        name
        for name in getattr(value, "__dict__", {})
        if name not in fields and not isinstance(getattr(kind, name, None), cached_property)
    ]
    if hidden:
        raise InvalidInputError(
            "an object that holds more than its fields",
            where=kind.__qualname__,
            expected=f"nothing beside {', '.join(fields) or 'no fields'}",
            got=shown(", ".join(hidden)),
            remedy="Make it a field: what is no field would be lost.",
        )
    later = _later(kind)
    parts = {name: getattr(value, name) for name in init_fields(kind)}
    return {name: part for name, part in parts.items() if name not in later or part != later[name]}


def _later(kind: type) -> dict[str, Any]:
    """Return the fields that are left out where they are at their defaults, with those."""
    return {part.name: part.default for part in dataclasses.fields(kind) if LATER in part.metadata}


def _require_exactly(
    name: str, fields: Iterable[str], expected: Iterable[str], later: Iterable[str] = ()
) -> None:
    found = set(fields)
    wanted = set(expected) - (set(later) - found)
    if found != wanted:
        wrong = ", ".join([f"no {key}" for key in sorted(wanted - found)])
        unknown = ", ".join(sorted(map(str, found - wanted)))
        raise InvalidInputError(
            "not an object that mechopt saved",
            where=shown(name),
            expected=f"the fields {', '.join(sorted(wanted)) or '(none)'}",
            got=shown("; ".join(filter(None, (wrong, unknown and f"unknown: {unknown}")))),
            remedy=SAVE_AGAIN,
        )


def _listed(array: np.ndarray[Any, Any]) -> Any:
    """Return an array as nested lists, with infinite numbers as texts, which JSON has none of."""
    if np.isfinite(array).all():
        return array.tolist()
    if array.ndim > 1:
        return [_listed(part) for part in array]
    return [value if math.isfinite(value) else str(float(value)) for value in array.tolist()]


def _all_numbers(values: list[Any]) -> bool:
    """Return whether nested lists hold numbers alone."""
    for value in values:
        kind = type(value)
        if kind is list:
            if not _all_numbers(value):
                return False
        elif kind is not float and kind is not int and value not in INFINITE:
            return False
    return True


def _require_numbers(array: np.ndarray[Any, Any]) -> None:
    if array.dtype.kind not in "fiu" or np.isnan(array).any():
        raise InvalidInputError(
            "not an array that can be saved",
            where="array",
            expected="numbers",
            got=f"{array.dtype}" if array.dtype.kind not in "fiu" else "NaN",
            remedy="Keep arrays of numbers in fields.",
        )


def _plain(value: Any) -> Any:
    """Return a truth value, text or whole number as it is; enumerations would not come back."""
    if isinstance(value, Enum):
        raise _cannot_be_saved(value)
    return value


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise _cannot_be_saved(key)
    return str(key)


def _cannot_be_saved(value: Any) -> InvalidInputError:
    kind = type(value)
    return InvalidInputError(
        "not something that can be saved",
        where=kind.__qualname__,
        expected="numbers, texts, arrays, tuples, mappings by text, and frozen dataclasses of them",
        got=shown(repr(value)),
        remedy="Write the class as a frozen dataclass: @dataclass(frozen=True).",
    )


def fingerprint(value: Any) -> str:
    """Return a SHA-256 of the content of ``value``, the same on every machine.

    Examples
    --------
    >>> fingerprint({"a": np.array([1.0])}) == fingerprint({"a": np.array([1.0])})
    True
    >>> fingerprint({"a": np.array([1.0])}) == fingerprint({"a": np.array([1.0 + 1e-16 * 4])})
    False
    >>> fingerprint((1.0, 23.0)) == fingerprint((1.02, 3.0))  # the same digits in a row
    False
    """
    digest = hashlib.sha256()
    _feed(value, digest)
    return digest.hexdigest()


class ByContent:
    """Equality by content, for frozen dataclasses that hold arrays and are made with ``eq=False``.

    Examples
    --------
    >>> from mechopt import TypeSpace
    >>> TypeSpace.finite([0, 1]) == TypeSpace.finite([0, 1]), TypeSpace.finite([0, 1]) == 1
    (True, False)
    """

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self is other or self._content == other._content

    def __hash__(self) -> int:
        return hash(self._content)

    @cached_property
    def _content(self) -> str:
        return fingerprint(self)


def _feed(value: Any, digest: Any) -> None:
    """Add one value to the digest; arrays by their bytes, which is fast for millions of types.

    Everything says how long it is, so that no two values have the same bytes.
    """
    if isinstance(value, np.ndarray):
        digest.update(f"array{value.shape};".encode())
        digest.update(np.ascontiguousarray(value, dtype="<f8").tobytes())
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = _fields_of(value)
        digest.update(f"object{len(parts)};".encode())
        _feed(identifier(type(value)), digest)
        for name, part in parts.items():
            _feed(name, digest)
            _feed(part, digest)
    elif isinstance(value, Mapping):
        digest.update(f"mapping{len(value)};".encode())
        for key, item in sorted(value.items()):
            _feed(_key(key), digest)
            _feed(item, digest)
    elif isinstance(value, (tuple, list)):
        digest.update(f"list{len(value)};".encode())
        for item in value:
            _feed(item, digest)
    else:
        text = json.dumps(encode(value)).encode()
        digest.update(f"{len(text)}:".encode() + text)
