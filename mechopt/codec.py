"""Frozen dataclasses to and from plain JSON values, for saved problems and solutions.

An object becomes ``{"type": class name, field: value, ...}``. Floats keep all their digits, because
Python writes the shortest text that reads back to the same number.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping
from enum import Enum
from typing import Any

import numpy as np

from mechopt.arrays import shown
from mechopt.errors import InvalidInputError


def encode(value: Any) -> Any:
    """Return ``value`` as JSON values.

    Examples
    --------
    >>> from mechopt.environments.trade import Trade
    >>> encode({"outcomes": Trade(), "numbers": np.array([0.5])})
    {'outcomes': {'type': 'Trade'}, 'numbers': {'type': 'array', 'values': [0.5]}}
    """
    if isinstance(value, np.ndarray):
        return {"type": "array", "values": value.tolist()}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, np.generic):
        return encode(value.item())
    if isinstance(value, float) and math.isinf(value):
        return {"type": "number", "value": str(value)}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {
            field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(value)
        }
        return {"type": _saved_name(type(value)), **fields}
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [encode(item) for item in value]
    return value


def decode(value: Any, known: Mapping[str, type]) -> Any:
    """Return the object that :func:`encode` wrote; ``known`` maps saved names to classes.

    Raises
    ------
    InvalidInputError
        For a name that is not known, and fields that do not fit its class.

    Examples
    --------
    >>> from mechopt.environments.trade import Trade
    >>> decode({"type": "Trade"}, {"Trade": Trade})
    Trade()
    """
    if isinstance(value, list):
        return tuple(decode(item, known) for item in value)
    if not isinstance(value, dict):
        return value
    fields = {key: item for key, item in value.items() if key != "type"}
    name = value.get("type")
    if name is None:
        return {key: decode(item, known) for key, item in fields.items()}
    try:
        if name == "number":
            return float(fields["value"])
        if name == "array":
            array = np.array(fields["values"], dtype=np.float64)
            array.flags.writeable = False
            return array
        return known[name](**{key: decode(item, known) for key, item in fields.items()})
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        if isinstance(error, InvalidInputError):
            raise
        raise InvalidInputError(
            "not an object that mechopt saved",
            where=str(name),
            expected="a kind of object that mechopt saves, with its fields",
            got=f"fields {', '.join(fields) or 'none'}, and: {shown(error)}",
            remedy="Save the solution again with this version of mechopt.",
        ) from error


def fingerprint(value: Any) -> str:
    """Return a SHA-256 of the content of ``value``, the same on every machine.

    Examples
    --------
    >>> fingerprint({"a": np.array([1.0])}) == fingerprint({"a": np.array([1.0])})
    True
    >>> fingerprint({"a": np.array([1.0])}) == fingerprint({"a": np.array([1.0 + 1e-16 * 4])})
    False
    """
    digest = hashlib.sha256()
    _feed(value, digest)
    return digest.hexdigest()


def _feed(value: Any, digest: Any) -> None:
    """Add one value to the digest; arrays by their bytes, which is fast for millions of types."""
    if isinstance(value, np.ndarray):
        digest.update(f"array{value.shape}".encode())
        digest.update(np.ascontiguousarray(value, dtype="<f8").tobytes())
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        digest.update(_saved_name(type(value)).encode())
        for field in dataclasses.fields(value):
            digest.update(field.name.encode())
            _feed(getattr(value, field.name), digest)
    elif isinstance(value, Mapping):
        for key, item in sorted(value.items()):
            digest.update(str(key).encode())
            _feed(item, digest)
    elif isinstance(value, (tuple, list)):
        digest.update(f"list{len(value)}".encode())
        for item in value:
            _feed(item, digest)
    else:
        digest.update(json.dumps(value).encode())


def _saved_name(kind: type) -> str:
    return str(getattr(kind, "saved_as", kind.__name__))
