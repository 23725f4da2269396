"""Constraints of one's own that a problem table states: probabilities of events, utilities."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Annotated

import numpy as np
from pydantic import Field, PlainValidator

from mechopt.environments import Environment
from mechopt.errors import InvalidInputError, MechoptError
from mechopt.instances.fields import Number, described, exact_number, fault, meant
from mechopt.instances.named_types import agent_called, few, positions_of
from mechopt.instances.reader import Key, Reader, SubTable, TomlTable
from mechopt.problem.events import EventProbability
from mechopt.problem.participation import UtilityFloor
from mechopt.problem.problem import DesignProblem

EVENTS: Key = ("problem", "event_probabilities")
FLOORS: Key = ("problem", "utility_floors")
# In a list of floors, a type of which nothing is required.
NONE = "none"
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)


def _row_name(value: object) -> str:
    if isinstance(value, str) and _IDENTIFIER.fullmatch(value):
        return value
    raise fault(
        "not usable as a name",
        expected="a text of letters, digits and _, with a letter first",
        got=described(value),
        remedy='Rows of the program are called after it: write for instance "quota".',
    )


class EventTable(TomlTable):
    """How probable an outcome has to be, for all types or for some."""

    variable: str = Field(description='a variable of the outcome, in quotes, such as "trade"')
    at_least: Number | None = Field(None, description="a number")
    at_most: Number | None = Field(None, description="a number")
    types: SubTable = Field(
        {}, description="a table with the types that count of each agent, such as { NAME = [2, 3] }"
    )
    name: Annotated[str, PlainValidator(_row_name)] | None = Field(
        None, description="what to call it, in quotes"
    )


def with_constraints(
    reader: Reader,
    problem: DesignProblem,
    events: Sequence[object] | None,
    floors: Mapping[str, object] | None,
) -> DesignProblem:
    """Return the problem with the constraints that a file states, and report their faults.

    Parameters
    ----------
    reader
        The faults of the file. Where there are some of the environment, constraints are judged by
        themselves, because its types are stand-ins.
    problem
        The problem without them.
    events
        The tables ``[[problem.event_probabilities]]`` as they stand in the file, or None.
    floors
        The table ``[problem.utility_floors]`` as it stands in the file, or None.

    Examples
    --------
    >>> from pathlib import Path
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite([1, 2, 3])
    >>> problem = ex_ante_efficiency(BilateralTrade(types, types))
    >>> quota = {"variable": "trade", "at_least": "3/10", "types": {"buyer": [2]}}
    >>> reader = Reader(Path(), None)
    >>> with_constraints(reader, problem, [quota], {"buyer": "1/10"}).requirements[0].types
    {'buyer': (1,)}
    """
    of_stand_ins = reader.is_faulty(("environment",))
    environment = None if of_stand_ins else problem.environment
    found: list[EventProbability | UtilityFloor] = []
    tables = [] if events is None else list(events)
    if events is not None and not tables:
        reader.add(EVENTS, _empty("a table [[problem.event_probabilities]]"))
    names: list[str] = []
    for place, raw in enumerate(tables):
        usual = "probability" if len(tables) == 1 else f"probability_{place + 1}"
        event = _event(reader, environment, raw, (*EVENTS, place), usual, names)
        found += [] if event is None else [event]
    if floors is not None and not floors:
        reader.add(FLOORS, _empty('the name of an agent and a number, such as NAME = "1/10"'))
    for name, value in (floors or {}).items():
        floor = _floor(reader, problem.environment, name, value, fits=not of_stand_ins)
        found += [] if floor is None else [floor]
    return replace(problem, requirements=(*problem.requirements, *found))


def _event(
    reader: Reader,
    environment: Environment | None,
    raw: object,
    key: Key,
    usual: str,
    names: list[str],
) -> EventProbability | None:
    """Return what one table requires of an event; ``names`` are those of the tables before it."""
    table = reader.table(EventTable, raw, key)
    if table is None:
        return None
    name = table.name or usual
    if name in names:
        twice = fault(
            "a name for two events",
            expected="a name that no other event has",
            got=described(name),
            remedy="Rename one of them, or leave the names out.",
        )
        reader.add((*key, "name"), twice)
    names.append(name)
    low, high = table.at_least, table.at_most
    stated = {end: value for end, value in (("at_least", low), ("at_most", high))
              if value is not None}  # fmt: skip
    if not stated and not any(reader.is_faulty((*key, end)) for end in ("at_least", "at_most")):
        nothing = fault(
            "no bound on the event",
            expected="at_least, at_most or both",
            got="none of them",
            remedy="Say how probable it has to be.",
        )
        reader.add(key, nothing)
    if low is not None and high is not None and low > high:
        crossed = fault(
            "bounds that exclude each other",
            expected="at_least not above at_most",
            got=f"at_least = {low} and at_most = {high}",
            remedy="Exchange or correct them.",
        )
        reader.add((*key, "at_least"), crossed)
    if environment is None or reader.is_faulty(key):
        return None
    _require_variable(reader, environment, table.variable, stated, key)
    types = {
        agent: positions_of(reader, environment, agent, value, (*key, "types", agent))
        for agent, value in table.types.items()
    }
    if reader.is_faulty(key):
        return None
    try:
        event = EventProbability(table.variable, low, high, types, name)  # type: ignore[arg-type]
        event.validate(environment)
    except MechoptError as error:
        reader.add((*key, "types"), error)
        return None
    return event


def _require_variable(
    reader: Reader,
    environment: Environment,
    name: str,
    bounds: Mapping[str, Fraction],
    key: Key,
) -> None:
    """Report a variable that the outcomes do not have, and bounds that it cannot meet."""
    names = environment.outcomes.variables
    if name not in names:
        guess = meant(name, names)
        reader.add(
            (*key, "variable"),
            fault(
                "no such outcome",
                expected=few([f'"{each}"' for each in names]),
                got=described(name),
                remedy=f'Did you mean "{guess}"?' if guess else "Name a variable of the outcomes.",
            ),
        )
        return
    numbers = environment.outcomes.in_floats(corners=False)
    place = names.index(name)
    low, high = float(numbers.lower[place]), float(numbers.upper[place])
    for end, bound in bounds.items():
        if not low <= float(bound) <= high:
            beyond = fault(
                f"beyond what {name.replace('_', ' ')} can be",
                expected=f"a number from {low:g} to {high:g}",
                got=str(bound),
                remedy="Write 30 per cent as 0.3."
                if 1 < bound <= 100 and high == 1.0
                else "Correct it.",
            )
            reader.add((*key, end), beyond)


def _floor(
    reader: Reader, environment: Environment, name: str, value: object, *, fits: bool
) -> UtilityFloor | None:
    """Return the floor of an agent's utilities; None, and a report, where there is none."""
    key = (*FLOORS, name)
    listed = isinstance(value, list)
    entries: list[Fraction | float] = []
    for place, entry in enumerate(value if isinstance(value, list) else [value]):
        try:
            entries.append(-np.inf if listed and entry == NONE else exact_number(entry))
        except InvalidInputError as error:
            also = f', or "{NONE}" where nothing is required' if listed else ", or a list of them"
            wrong = fault(
                error.what, expected=error.expected + also, got=error.got, remedy=error.remedy
            )
            reader.add((*key, place) if listed else key, wrong)
    agent = agent_called(reader, environment, name, key)
    if agent is None or reader.is_faulty(key) or not fits:
        return None
    size = agent.types.num_cells
    if listed and len(entries) != size:
        kind = "type" if agent.types.is_finite else "cell"
        other = fault(
            "floors of other types",
            expected=f"a number for all types of {name}, or {size} numbers, one per {kind}",
            got=f"a list of {len(entries)}",
            remedy="Give as many floors, in the order of the types.",
        )
        reader.add(key, other)
        return None
    if not any(isinstance(entry, Fraction) for entry in entries):
        idle = fault(
            "has no effect",
            expected="a number for some type",
            got=f'"{NONE}" for all',
            remedy="Remove it.",
        )
        reader.add(key, idle)
        return None
    return UtilityFloor(name, entries if listed else entries * size)  # type: ignore[arg-type]


def _empty(expected: str) -> InvalidInputError:
    return fault("empty", expected=expected, got="none", remedy="Add it, or leave the key out.")
