"""Reading the tables of one file by their models, and collecting the faults in plain words."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from mechopt.errors import InvalidInputError, MechoptError
from mechopt.instances.fields import described, fault, meant

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from mechopt._util.arrays import FloatArray
    from mechopt.instances.origin import Measured
    from mechopt.types.samples import Sample

Key = tuple[int | str, ...]

# A table within a table. It is read by its own model, so that its faults do not hide others.
SubTable = dict[str, Any]

# Marks of a value that may be a table or a list; pydantic puts them into the place of an error.
TABLE, LIST = "<table>", "<list>"


class TomlTable(BaseModel):
    """A table of the file; messages use the descriptions of its fields for what is expected."""

    # Most files have few of the tables, so that a model is compiled when a table is read.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


Model = TypeVar("Model", bound=BaseModel)


class Reader:
    r"""The faults of one file, and what its tables need to be read.

    Parameters
    ----------
    folder
        What paths in the file are relative to.
    cells
        A number of cells in place of those in the file, or None.

    Attributes
    ----------
    auto
        Keys that leave the number of cells to the wanted width of the bracket.
    origin
        What types are measured from.
    samples, measured
        The samples of the agents that have one, and the numbers of all, in the order of reading.
    notes
        What whoever reads the answer must know of how the priors were made.
    drawn
        A sample that was drawn again, in place of that of the table's estimate; or None.
    at
        The key of the agent's table that is being read.
    wanted_width
        How narrow a bracket those keys ask for; None if there are none.

    Examples
    --------
    >>> class Coin(TomlTable):
    ...     sides: str
    >>> reader = Reader(Path(), None)
    >>> reader.table(Coin, {"sides": 2, "colour": "red"}, ("coin",))
    >>> print("\n".join(reader.lines))
    coin.sides: not text (expected a value that fits this key, got 2). Put it in quotes.
    coin.colour: unknown key (expected only sides, got colour). Remove it.
    """

    def __init__(self, folder: Path, cells: int | None) -> None:
        self.folder = folder
        self.cells = cells
        self.auto: list[Key] = []
        self.at: Key = ()
        self.wanted_width: float | None = None
        self.origin = Fraction(0)
        self.samples: list[Sample] = []
        self.measured: list[Measured] = []
        self.notes: list[str] = []
        self.drawn: FloatArray | None = None
        self._faults: list[tuple[Key, MechoptError]] = []

    @property
    def lines(self) -> list[str]:
        """One line per fault, each beginning with its key."""
        return [fault_line(key, error) for key, error in self._faults]

    def add(self, key: Key, error: MechoptError) -> None:
        """Report a fault at a key."""
        self._faults.append((key, error))

    def mark(self) -> int:
        """Return a place in the list of faults, for :meth:`measure_again`."""
        return len(self._faults)

    def measure_again(self, origin: Fraction, mark: int) -> None:
        """Forget what agents' tables said since a mark, to read them again from an origin."""
        self.origin = origin
        for found in (self.auto, self.samples, self.measured, self.notes):
            found.clear()
        del self._faults[mark:]

    def is_faulty(self, key: Key) -> bool:
        """Return whether there is a fault at a key, or below it."""
        return any(place[: len(key)] == key for place, _ in self._faults)

    def table(self, model: type[Model], raw: object, key: Key) -> Model | None:
        """Return a table by its model, without the entries at fault where it can do without.

        What is no table at all gives None and no fault, because the table around it reports it.
        """
        if not isinstance(raw, Mapping):
            return None
        try:
            return model.model_validate(raw)
        except ValidationError as error:
            errors = error.errors(include_url=False)
        unknown = [str(each["loc"][0]) for each in errors if each["type"] == "extra_forbidden"]
        # A misspelt key is one fault, not a missing key and an unknown one.
        free = [name for name in model.model_fields if name not in raw]
        guesses = {name: meant(name, free) for name in unknown}
        lacking = [str(each["loc"][0]) for each in errors if each["type"] == "missing"]
        if len(lacking) == len(unknown) == 1 and guesses[unknown[0]] is None:
            guesses[unknown[0]] = _if_it_fits(model, raw[unknown[0]], lacking[0])
        for each in errors:
            if not (each["type"] == "missing" and each["loc"][0] in guesses.values()):
                place = key + tuple(part for part in each["loc"] if part not in (TABLE, LIST))
                self.add(place, _translated(each, model, place, guesses))
        faulty = {each["loc"][0] for each in errors}
        try:
            return model.model_validate({k: v for k, v in raw.items() if k not in faulty})
        except ValidationError:
            return None


_WRONG_TYPES = {
    "string_type": ("not text", "Put it in quotes."),
    "dict_type": ("not a table", "Write a heading in square brackets and its keys below."),
    "list_type": ("not a list", "Put the entries in square brackets, with commas between."),
}


def _if_it_fits(model: type[BaseModel], value: object, name: str) -> str | None:
    """Return the name of a field if a value would do for it."""
    try:
        model.model_validate({name: value})
    except ValidationError as error:
        if any(each["loc"][0] == name for each in error.errors(include_url=False)):
            return None
    return name


def _translated(
    error: ErrorDetails, model: type[BaseModel], key: Key, guesses: Mapping[str, str | None]
) -> InvalidInputError:
    """Return what pydantic found in this package's words."""
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, InvalidInputError):
        return cause
    name = str(error["loc"][0])
    if error["type"] == "missing":
        return missing(model, key)
    if error["type"] == "extra_forbidden":
        guess, there = guesses[name], meant(name, model.model_fields)
        remedy = "Remove it."
        if guess:
            remedy = f"Did you mean {guess}?"
        elif there:
            remedy = f"Did you mean {there}? That stands there, too: write both under one name."
        return fault(
            "unknown key",
            expected=f"only {', '.join(model.model_fields)}",
            got=dotted((name,)),
            remedy=remedy,
        )
    what, remedy = _WRONG_TYPES.get(error["type"], ("not usable", "Write it in that form."))
    given = error["input"]
    if what == "not a list" and isinstance(given, Mapping) and "tables" in _expected(model, name):
        remedy = f"Write the heading of each table in double brackets: [[{dotted(key)}]]."
    elif what == "not a table" and isinstance(given, list) and len(key) > 1:
        remedy = f"Write one heading in single brackets, [{dotted(key)}], and its keys below."
    return fault(
        what, expected=_expected(model, name), got=described(error["input"]), remedy=remedy
    )


def missing(model: type[BaseModel], key: Key) -> InvalidInputError:
    """Return the fault that the last part of a key is missing from a table of that model."""
    name = str(key[-1])
    if model.model_fields[name].annotation == SubTable:
        remedy = f"Add a table [{dotted(key)}]."
    else:
        remedy = f"Add it to [{dotted(key[:-1])}]."
    return fault("missing", expected=_expected(model, name), got="nothing", remedy=remedy)


def _expected(model: type[BaseModel], name: str) -> str:
    declared = model.model_fields.get(name)
    return (declared and declared.description) or "a value that fits this key"


def fault_line(key: Key, error: MechoptError) -> str:
    """Return a fault as one line, beginning with its key.

    Examples
    --------
    >>> fault_line(("problem", "budget"), MechoptError("too tight"))
    'problem.budget: too tight'
    """
    detail = error.detail if isinstance(error, InvalidInputError) else str(error)
    return f"{dotted(key)}: {' '.join(detail.split())}"


def dotted(key: Key) -> str:
    """Return a key as it would be written in TOML, with positions in square brackets.

    Examples
    --------
    >>> dotted(("environment", "buyer", "types", 2))
    'environment.buyer.types[2]'
    """
    text = ""
    for part in key:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            is_bare = re.fullmatch(r"[A-Za-z0-9_-]+", part)
            text += ("." if text else "") + (part if is_bare else json.dumps(part))
    return text
