"""The table of an environment whose kind declares what its keys hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Discriminator, Field, PlainValidator, Tag, create_model

from mechopt.environments import Agent, Environment
from mechopt.environments.kinds import OF_AGENTS, REQUIRED, Kind, KindField
from mechopt.errors import InvalidInputError, MechoptError
from mechopt.instances.agent import PriorTable, read_prior, type_space
from mechopt.instances.fields import Number, described, exact_number, fault, name_of_type
from mechopt.instances.origin import needed_origin
from mechopt.instances.problem import read_problem
from mechopt.instances.reader import LIST, TABLE, Key, Reader, SubTable, TomlTable
from mechopt.problem.problem import DesignProblem

MOST_OF_ONE_PRIOR = 1_000
PRIOR = 'a table with a joint prior, such as { table = "pairs.csv" }'
# The parts of a place such as "agents[1].values".
_PLACE = re.compile(r"\w+", re.ASCII)
Read = Callable[[Reader, Mapping[str, Any]], DesignProblem | None]


def reader_of(kind: Kind) -> Read:
    """Return the function that reads the problem of a file of this kind, and reports its faults."""
    if not kind.reader:
        return partial(read_kind, kind)
    module, _, name = kind.reader.partition(":")
    read: Read = getattr(import_module(module), name)
    return read


def _whole(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise fault(
        "not a whole number",
        expected="a whole number, without quotes",
        got=described(value),
        remedy="Write it without a decimal point.",
    )


def _count(value: object) -> int:
    number = _whole(value)
    if 1 <= number <= MOST_OF_ONE_PRIOR:
        return number
    raise fault(
        "not a number of agents",
        expected=f"a whole number from 1 to {MOST_OF_ONE_PRIOR:,}",
        got=str(number),
        remedy="Say how many agents have this prior.",
    )


Whole = Annotated[int, BeforeValidator(_whole)]
Count = Annotated[int, BeforeValidator(_count)]


class AgentTable(PriorTable):
    """The table of an agent: its prior, its name, and how many are like it."""

    in_all_forms: ClassVar[tuple[str, ...]] = ("name", "count")

    name: str | None = Field(None, description="the agent's name, in quotes")
    count: Count = Field(1, description="how many agents have this prior, such as 3")


Label = Annotated[str, BeforeValidator(name_of_type)]

# A table is what is wanted where there is neither.
_BY_SHAPE = Discriminator(lambda value: LIST if isinstance(value, list) else TABLE)
OneOrSeveral = Annotated[
    Annotated[SubTable, Tag(TABLE)] | Annotated[list[SubTable], Tag(LIST)], _BY_SHAPE
]
JointTable = Annotated[Annotated[SubTable, Tag(TABLE)] | Annotated[list[Any], Tag(LIST)], _BY_SHAPE]


def _nested(value: object) -> Any:
    """Return a number, or nested lists of them, as fractions."""
    return _nested_at("", value)


def _nested_at(at: str, value: object) -> Any:
    if isinstance(value, list):
        return [_nested_at(f"{at}[{place}]", each) for place, each in enumerate(value)]
    try:
        return exact_number(value)
    except InvalidInputError as error:
        if not at:
            raise
        raise fault(
            error.what, expected=error.expected, got=f"{error.got} at {at}", remedy=error.remedy
        ) from error


Nested = Annotated[Any, PlainValidator(_nested)]

_FORMS: dict[str, Any] = {
    "agent": SubTable,
    "agents": list[SubTable],
    "one or several": OneOrSeveral,
    "tables": list[SubTable],
    "number": Number,
    "numbers": list[Number],
    "rows": list[list[Number]],
    "nested": list[list[Nested]],
    "fraction": Number,
    "whole": Whole,
    "flag": bool,
    "text": str,
    "labels": list[Label],
    "amounts": Any,
}


def read_kind(kind: Kind, reader: Reader, document: Mapping[str, Any]) -> DesignProblem | None:
    """Return the problem of a file whose environment has keys that its kind declares.

    Parameters
    ----------
    kind
        The kind that the file names.
    reader
        The faults of the file.
    document
        Its tables.
    """
    raw = document["environment"]
    several = any(field.form in (*OF_AGENTS, "tables") for field in kind.fields.values())
    joint: Any = (JointTable | None, Field(None, description=PRIOR))
    further = {"prior": joint} if several else {}
    model = _model(kind.fields, kind=(str, ...), **further)
    table = reader.table(model, raw, ("environment",))
    arguments: dict[str, Any] = {}
    for name, field in kind.fields.items():
        key: Key = ("environment", name)
        given = raw.get(name)
        alone = field.form == "one or several" and not isinstance(given, list)
        if field.form == "agent" or alone:
            own = reader.table(AgentTable, given, key)
            read = _agents(reader, own, given, key, field.stem)
            arguments[name] = (read if alone else read[0]) if read else None
        elif field.form in OF_AGENTS:
            listed = given if isinstance(given, list) else []
            if listed == given and not listed:
                empty = fault(
                    "empty",
                    expected=field.meaning,
                    got="no tables",
                    remedy=f"Add a table [[environment.{name}]].",
                )
                reader.add(key, empty)
            arguments[name], further = _listed(reader, listed, key, field)
            arguments |= further
        elif field.form == "tables":
            arguments[name] = _tables(reader, raw.get(name), key, field)
        elif table is not None and not reader.is_faulty(key):
            value = getattr(table, name)
            arguments[name] = float(value) if field.form == "number" else value
    environment = _built(kind, reader, arguments) if not reader.lines else None
    if several and "prior" not in kind.fields:

        def rebuild(agents: Mapping[str, Agent]) -> Environment:
            return kind.build(**_with_agents(arguments, agents))

        # Where the factory makes the agents itself, nothing but their types hangs on the prior.
        has_agents = any(field.form in OF_AGENTS for field in kind.fields.values())
        if "prior" in raw:
            from mechopt.instances.joint import with_joint_prior

            environment = with_joint_prior(
                reader, raw, environment, rebuild if has_agents else None
            )
    return read_problem(reader, environment, document.get("problem"))


def _model(declared: Mapping[str, KindField], **further: Any) -> type[TomlTable]:
    """Return the model of a table with these fields."""
    fields: dict[str, Any] = dict(further)
    for name, field in declared.items():
        default = ... if field.default is REQUIRED else field.default
        form = _FORMS[field.form] if default is not None else _FORMS[field.form] | None
        fields[name] = (form, Field(default, description=field.meaning))
    return create_model("EnvironmentTable", __base__=TomlTable, **fields)


def _tables(reader: Reader, raw: object, key: Key, field: KindField) -> tuple[dict[str, Any], ...]:
    """Return the tables of a list, each by the fields that are declared for it."""
    model = _model(field.fields)
    listed = raw if isinstance(raw, list) else []
    found = [reader.table(model, table, (*key, place)) for place, table in enumerate(listed)]
    return tuple(dict(table) for table in found if table is not None)


def _with_agents(arguments: Mapping[str, Any], agents: Mapping[str, Agent]) -> dict[str, Any]:
    """Return a factory's arguments with other agents of the same names."""
    return {
        name: agents[value.name]
        if isinstance(value, Agent)
        else tuple(agents[each.name] if isinstance(each, Agent) else each for each in value)
        if isinstance(value, tuple)
        else value
        for name, value in arguments.items()
    }


def _listed(
    reader: Reader, raw: list[Any], key: Key, field: KindField
) -> tuple[tuple[Agent, ...], dict[str, tuple[Any, ...]]]:
    """Return the agents of a list of tables, numbered where they have no names.

    Beside them, what the factory takes of each.
    """
    found: list[Agent] = []
    further: dict[str, tuple[Any, ...]] = dict.fromkeys(field.of_each, ())
    keys = tuple(each for each, _ in field.of_each.values())
    extra: dict[str, Any] = {
        each: (Number, Field(description=meaning)) for each, meaning in field.of_each.values()
    }
    model = create_model("AgentTable", __base__=AgentTable, **extra)
    model.in_all_forms = (*AgentTable.in_all_forms, *keys)
    for place, given in enumerate(raw):
        where = (*key, place)
        table = reader.table(model, given, where)
        read = _agents(reader, table, given, where, field.stem, first=len(found) + 1) or ()
        found += read
        for argument, (each, _) in field.of_each.items():
            further[argument] += (getattr(table, each, None),) * len(read)
    return tuple(found), further


def _agents(
    reader: Reader,
    table: AgentTable | None,
    raw: object,
    key: Key,
    stem: str,
    first: int | None = None,
) -> tuple[Agent, ...] | None:
    """Return the agents that one table stands for; None if it is at fault."""
    if table is None or not isinstance(raw, Mapping):
        return None
    if first is None and table.count != 1:
        several = fault(
            "there is one agent here",
            expected="no count",
            got=f"{table.count}",
            remedy="Remove it.",
        )
        reader.add((*key, "count"), several)

    def build(prior: AgentTable, reader: Reader) -> Any:
        return type_space(prior, reader)

    types = read_prior(reader, table, raw, key, build)
    if types is None:
        return None
    if first is None:
        names = [table.name or stem]
    elif table.name is None:
        names = [f"{stem}_{first + k}" for k in range(table.count)]
    else:
        numbers = [""] if table.count == 1 else [f"_{k + 1}" for k in range(table.count)]
        names = [f"{table.name}{number}" for number in numbers]
    try:
        return tuple(Agent(name, types) for name in names)
    except MechoptError as error:
        reader.add((*key, "name"), error)
        return None


def _built(kind: Kind, reader: Reader, arguments: Mapping[str, Any]) -> Environment | None:
    """Return the environment, and report what the library does not accept."""
    if needed_origin(reader.measured) is not None:
        far = fault(
            "types that floats cannot tell apart",
            expected="types whose differences are large beside a rounding error",
            got="types that lie close together, far from zero",
            remedy="Measure them from another origin, such as the lowest of them.",
        )
        reader.add(("environment",), far)
        return None
    try:
        return kind.build(**arguments)
    except MechoptError as error:
        place = _PLACE.findall(str(getattr(error, "where", "")))
        # What the factory takes of each agent stands in the agents' tables.
        of = [name for name, field in kind.fields.items() if place and place[0] in field.of_each]
        known = bool(place) and place[0] in kind.fields
        own = [int(part) if part.isdigit() else part for part in place] if known else of
        reader.add(("environment", *own), error)
        return None
