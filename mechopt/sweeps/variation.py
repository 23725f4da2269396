"""Which number or word of an instance file varies, over which values."""

from __future__ import annotations

import copy
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from mechopt._util.arrays import shown
from mechopt.errors import InstanceError, InvalidInputError

TABLES = ("environment", "problem")
MAX_POINTS = 1_000_000
# Words of an instance file in whose place a number may stand.
NUMERIC_WORDS = ("auto", "inf")
FORM = (
    "NAME=START:STOP:COUNT, such as buyer.discount_rate=0.1:1:10, or NAME=A,B,C, such as "
    "buyer.distribution=uniform,arcsine"
)
_NAME = re.compile(r"[A-Za-z0-9_-]+(\[\d+\])*(\.[A-Za-z0-9_-]+(\[\d+\])*)*")

Key = tuple[str | int, ...]


@dataclass(frozen=True)
class Variation:
    """A number or word of an instance file, and the values that it takes in turn.

    Parameters
    ----------
    name
        Its path below ``[environment]`` or ``[problem]``, such as ``"buyer.discount_rate"``,
        ``"seller.types[2]"`` (entries count from 0) or ``"weights.seller"``.
    values
        The values, as fractions, floats being read as the decimals that they print as; or texts,
        if none of them is a number: names of distributions, paths of files.

    Raises
    ------
    InvalidInputError
        For a name that cannot be a path, no values, values that are not finite numbers, and numbers
        among texts.

    Examples
    --------
    >>> Variation("buyer.discount_rate", [0.5, 1]).values
    (Fraction(1, 2), Fraction(1, 1))
    """

    name: str
    values: tuple[Fraction | str, ...]

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise _not_a_variation(
                "not a name", f'"{shown(self.name)}"', "Name keys with points between them."
            )
        values = _values(self.values)
        if not values:
            raise _not_a_variation("no values", f"none for {self.name}", "Give at least one.")
        object.__setattr__(self, "values", values)

    @classmethod
    def parse(cls, text: str) -> Variation:
        """Return the variation that ``NAME=START:STOP:COUNT`` or ``NAME=A,B,C`` describes.

        Of START:STOP:COUNT the values are evenly spaced, with both ends, and exact: 0:1:11 goes
        through 1/10.

        Raises
        ------
        InvalidInputError
            For text of another form.

        Examples
        --------
        >>> [str(value) for value in Variation.parse("weights.seller=0:1:4").values]
        ['0', '1/3', '2/3', '1']
        >>> Variation.parse("buyer.law=today.json, tomorrow.json").values
        ('today.json', 'tomorrow.json')
        """
        name, equals, span = text.partition("=")
        listed = [part.strip() for part in span.split(",")]
        if equals and len(listed) > 1:
            if not all(listed):
                raise _not_a_variation(
                    "an empty value", f'"{shown(text)}"', "Give a value between any two commas."
                )
            return cls(name.strip(), tuple(listed))
        parts = span.split(":")
        if not equals or len(parts) != 3:
            raise _not_a_variation("not of the form", f'"{shown(text)}"', "Write all three parts.")
        start, stop = (_number(part) for part in parts[:2])
        if not re.fullmatch(r"\s*[0-9]{1,9}\s*", parts[2]) or int(parts[2]) < 1:
            raise _not_a_variation(
                "not a number of values",
                f'"{shown(parts[2])}"',
                "Give a whole number of at least 1.",
            )
        count = int(parts[2])
        if count > MAX_POINTS:
            raise _too_many(count)
        if count == 1 and start != stop:
            raise _not_a_variation(
                "one value cannot be both ends",
                f'"{shown(text)}"',
                "Give a COUNT of at least 2, or START and STOP the same.",
            )
        step = (stop - start) / max(count - 1, 1)
        return cls(name.strip(), tuple(start + i * step for i in range(count)))

    @property
    def words(self) -> tuple[str, ...]:
        """The values, if they are texts."""
        return tuple(value for value in self.values if isinstance(value, str))

    @property
    def column(self) -> list[int] | list[float] | list[str]:
        """The values as they stand in a table: texts, whole numbers if all are, or floats."""
        numbers = [value for value in self.values if not isinstance(value, str)]
        if not numbers:
            return list(self.words)
        if all(value.denominator == 1 for value in numbers):
            return [int(value) for value in numbers]
        return [float(value) for value in numbers]


def variations_of(
    given: Mapping[str, Sequence[Any]] | Sequence[Variation | str] | str,
) -> tuple[Variation, ...]:
    """Return variations from texts, or from lists of values by name.

    Examples
    --------
    >>> variations_of({"weights.seller": [1, 2]}) == variations_of("weights.seller=1:2:2")
    True
    """
    if isinstance(given, Mapping):
        variations = tuple(Variation(name, tuple(values)) for name, values in given.items())
    else:
        texts = [given] if isinstance(given, str) else given
        variations = tuple(
            Variation.parse(item) if isinstance(item, str) else item for item in texts
        )
    if not variations:
        raise _not_a_variation("nothing varies", "nothing", "Say what varies.")
    points = 1
    for variation in variations:
        points *= len(variation.values)
    if points > MAX_POINTS:
        raise _too_many(points)
    return variations


def keys_of(
    document: Mapping[str, Any], variations: Sequence[Variation], path: str | Path
) -> tuple[Key, ...]:
    """Return where each variation's number stands in the tables of an instance file.

    Raises
    ------
    InvalidInputError
        For a name that is no number of the file, with those that are; and for one named twice.

    Examples
    --------
    >>> document = {"environment": {"buyer": {"discount_rate": 1}}, "problem": {}}
    >>> keys_of(document, [Variation("buyer.discount_rate", (1,))], "trade.toml")
    (('environment', 'buyer', 'discount_rate'),)
    """
    keys = tuple(_key_of(document, variation, path) for variation in variations)
    for i, key in enumerate(keys):
        if key in keys[:i]:
            raise _not_a_variation(
                "varies twice", variations[i].name, "Vary each number once.", expected="once each"
            )
    return keys


def changed(document: Mapping[str, Any], values: Mapping[Key, Fraction | str]) -> dict[str, Any]:
    """Return a copy of the tables of a file with some numbers or words replaced.

    Examples
    --------
    >>> changed({"problem": {"weights": [1, 2]}}, {("problem", "weights", 1): Fraction(1, 3)})
    {'problem': {'weights': [1, '1/3']}}
    """
    copied = copy.deepcopy(dict(document))
    for key, value in values.items():
        table: Any = copied
        for part in key[:-1]:
            table = table[part]
        if isinstance(value, str):
            table[key[-1]] = value
        else:
            table[key[-1]] = int(value) if value.denominator == 1 else _as_written(value)
    return copied


def _as_written(value: Fraction) -> str:
    """Return a fraction as a decimal where it is a short one, so that faults name what was given.

    Examples
    --------
    >>> _as_written(Fraction(5, 2)), _as_written(Fraction(1, 3))
    ('2.5', '1/3')
    """
    decimal = repr(float(value))
    return decimal if Fraction(decimal) == value else f"{value.numerator}/{value.denominator}"


def numeric_names(document: Mapping[str, Any], *, words: bool = False) -> list[str]:
    """Return the names of all numbers of a file that may vary, or of all words.

    Examples
    --------
    >>> numeric_names({"environment": {"seller": {"types": [0, "1/2"], "samples": "a.csv"}}})
    ['seller.types[0]', 'seller.types[1]']
    """
    names = []
    for table in TABLES:
        for key, value in _leaves(document.get(table), ()):
            if _is_word(value) if words else _is_numeric(value):
                names.append(_text(key))
    return names


def _key_of(document: Mapping[str, Any], variation: Variation, path: str | Path) -> Key:
    from mechopt.instances.fields import described

    parts = _parts(variation.name)
    places = [parts] if parts[0] in TABLES else [(table, *parts) for table in TABLES]
    for place in places:
        found, value = _value_at(document, place)
        if found and (_is_word(value) if variation.words else _is_numeric(value)):
            return place
        if found:
            kind = described(value) if isinstance(value, (dict, list)) else shown(repr(value))
            raise _unknown(document, variation, f"{variation.name}, which is {kind}")
    refusals = []
    for place in places:
        # A key that the file leaves out: whoever reads the file knows whether it may be there.
        if isinstance(_value_at(document, place[:-1])[1], dict) and isinstance(place[-1], str):
            refusal = _refusal(document, place, variation.values[0], path)
            if refusal is None:
                return place
            refusals.append(refusal)
    raise _unknown(document, variation, "; ".join([variation.name, *refusals[:1]]))


def _refusal(
    document: Mapping[str, Any], key: Key, value: Fraction | str, path: str | Path
) -> str | None:
    """Return why a file cannot have a number or word at a key, or None if it can."""
    from mechopt.instances import instance_from_document
    from mechopt.instances.reader import dotted

    try:
        instance_from_document(changed(document, {key: value}), path)
    except InstanceError as error:
        # A value that does not fit is the point's own error, and a misspelt key is the sweep's.
        kinds = ("unknown key", "does not go with", "not text", "not a table", "not a list")
        begin = tuple(f"{dotted(key)}: {kind}" for kind in kinds)
        return next((fault for fault in error.faults if fault.startswith(begin)), None)
    except InvalidInputError:
        return None
    return None


def _parts(name: str) -> Key:
    parts: list[str | int] = []
    for piece in name.split("."):
        word, *indices = piece.replace("]", "").split("[")
        parts.extend([word, *map(int, indices)])
    return tuple(parts)


def _value_at(document: Mapping[str, Any], key: Key) -> tuple[bool, Any]:
    value: Any = document
    for part in key:
        if isinstance(part, int):
            if not isinstance(value, list) or part >= len(value):
                return False, None
        elif not isinstance(value, Mapping) or part not in value:
            return False, None
        value = value[part]
    return True, value


def _leaves(value: Any, key: Key) -> Iterator[tuple[Key, Any]]:
    if isinstance(value, Mapping):
        for part, entry in value.items():
            yield from _leaves(entry, (*key, part))
    elif isinstance(value, list):
        for part, entry in enumerate(value):
            yield from _leaves(entry, (*key, part))
    else:
        yield key, value


def _is_numeric(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, str):
        from mechopt.instances import exact_number

        try:
            exact_number(value)
        except InvalidInputError:
            return value in NUMERIC_WORDS
        return True
    return isinstance(value, (int, float, Decimal))


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and not _is_numeric(value)


def _text(key: Key) -> str:
    text = ""
    for part in key:
        text += f"[{part}]" if isinstance(part, int) else f"{'.' if text else ''}{part}"
    return text


def _values(given: Iterable[Any]) -> tuple[Fraction | str, ...]:
    """Return values as fractions; as texts, if none of them is a number."""
    values = tuple(given)
    if values and all(isinstance(value, str) and not _is_numeric(value) for value in values):
        return values
    return tuple(_number(value) for value in values)


def _number(value: Any) -> Fraction:
    from mechopt.instances import exact_number

    if isinstance(value, Fraction):
        return value
    # A float is read as the decimal that it prints as; numpy's scalars print like Python's.
    given = value.item() if hasattr(value, "item") else value
    try:
        return exact_number(Decimal(repr(given)) if isinstance(given, float) else given)
    except InvalidInputError as error:
        raise _not_a_variation(error.what, error.got, error.remedy) from error


def _not_a_variation(what: str, got: str, remedy: str, expected: str = FORM) -> InvalidInputError:
    return InvalidInputError(what, where="vary", expected=expected, got=got, remedy=remedy)


def _too_many(count: int) -> InvalidInputError:
    return _not_a_variation(
        "too many points", f"{count:,}", "Sweep a coarser grid.", expected=f"at most {MAX_POINTS:,}"
    )


def _unknown(document: Mapping[str, Any], variation: Variation, got: str) -> InvalidInputError:
    from mechopt.instances.fields import meant

    name, what = variation.name, "word" if variation.words else "number"
    names = numeric_names(document, words=bool(variation.words))
    guess = meant(name, names)
    # Of a long list, its first and last entries say enough.
    shortened = [
        entry if len(entries) < 3 else f"{entries[0]} to {entries[-1]}"
        for _, group in itertools.groupby(names, key=lambda entry: re.sub(r"\[\d+\]$", "[]", entry))
        for entries in [list(group)]
        for entry in entries[: 2 if len(entries) < 3 else 1]
    ]
    if guess and guess != name:
        remedy = f"Did you mean {guess}?"
    elif names:
        remedy = f"Name one of these, or write the {what} into the file first."
    else:
        remedy = f"Write the {what} that is to vary into the file first."
    return InvalidInputError(
        f"no {what} of the file that could vary",
        where="vary",
        expected=f"one of {', '.join(shortened)}"
        if names
        else f"a {what}, of which the file has none",
        got=got,
        remedy=remedy,
    )
