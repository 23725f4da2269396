"""Agents and types that a file names, and which ones they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from pydantic import Field

from mechopt._util.arrays import shown
from mechopt._util.rationals import as_decimals
from mechopt.environments import Agent, Environment
from mechopt.errors import InvalidInputError
from mechopt.instances.fields import Number, described, exact_number, fault, meant, name_of_type
from mechopt.instances.reader import Key, Reader, TomlTable
from mechopt.types import TypeSpace
from mechopt.types.type_table import TypeTable

# An end of an interval this close to an edge of cells, relative to the range of types, is the edge.
EDGE = 1e-9
MOST_NAMES = 8


class IntervalTable(TomlTable):
    """The types between two ends, both included."""

    at_least: Number | None = Field(None, description="a number, the lowest type that counts")
    at_most: Number | None = Field(None, description="a number, the highest type that counts")


def agent_called(reader: Reader, environment: Environment, name: str, key: Key) -> Agent | None:
    """Return an agent by its name; None, and a report, if there is none.

    Examples
    --------
    >>> from pathlib import Path
    >>> from mechopt import BilateralTrade
    >>> types, reader = TypeSpace.finite([0, 1]), Reader(Path(), None)
    >>> agent_called(reader, BilateralTrade(types, types), "byer", ("problem", "byer"))
    >>> reader.lines
    ['problem.byer: no such agent (expected seller or buyer, got "byer"). Did you mean buyer?']
    """
    agents = {agent.name: agent for agent in environment.agents}
    if name not in agents:
        guess = meant(name, agents)
        stranger = fault(
            "no such agent",
            expected=few(list(agents)),
            got=described(name),
            remedy=f"Did you mean {guess}?" if guess else "Name an agent of the environment.",
        )
        reader.add(key, stranger)
    return agents.get(name)


def positions_of(
    reader: Reader, environment: Environment, name: str, value: object, key: Key
) -> tuple[int, ...]:
    """Return the positions of the types that a file names; none, and a report, where it cannot.

    Parameters
    ----------
    reader
        The faults of the file, and what its types are measured from.
    environment, name
        The environment, and the agent's name as the file has it.
    value
        A list of types as they stand at the agent; or a table of the ends of an interval, which for
        cells of a continuum have to be edges.
    key
        Where it stands in the file.

    Examples
    --------
    >>> from pathlib import Path
    >>> from mechopt import BilateralTrade
    >>> seller, buyer = TypeSpace.finite([0, 1]), TypeSpace.finite(["1/3", 1, 2])
    >>> trade, reader = BilateralTrade(seller, buyer), Reader(Path(), None)
    >>> positions_of(reader, trade, "buyer", [2, "1/3"], ("types", "buyer"))
    (0, 2)
    >>> positions_of(reader, trade, "buyer", {"at_least": 1}, ("types", "buyer"))
    (1, 2)
    """
    agent = agent_called(reader, environment, name, key)
    if agent is None:
        return ()
    types = agent.types
    origin = reader.origin
    try:
        if isinstance(value, Mapping):
            table = reader.table(IntervalTable, value, key)
            return () if table is None or reader.is_faulty(key) else _between(types, table, origin)
        if not isinstance(value, list) or not value:
            raise fault(
                "not usable as types",
                expected="a list of types, or a table with at_least, at_most or both",
                got="an empty list" if value == [] else described(value),
                remedy=f"Write for instance {_example(types, origin)}.",
            )
        if types.is_ordered and not types.is_finite:
            raise fault(
                "cells of a continuum have no single types",
                expected="a table with at_least, at_most or both",
                got=described(value),
                remedy=f"Write for instance {_example(types, origin)}.",
            )
    except InvalidInputError as error:
        reader.add(key, error)
        return ()
    known = _names(types, origin)
    found: list[int] = []
    for place, entry in enumerate(value):
        try:
            found.append(_position(known, _named(types, entry), entry, found))
        except InvalidInputError as error:
            reader.add((*key, place), error)
    return tuple(sorted(found))


def _position(known: Sequence[object], named: object, entry: object, before: list[int]) -> int:
    """Return where a type stands among those of its agent."""
    if named not in known:
        raise fault(
            "no such type",
            expected=few([_text(each) for each in known]),
            got=described(entry) if not isinstance(entry, list) else _text(named),
            remedy="Name types as they stand at the agent.",
        )
    position = known.index(named)
    if position in before:
        raise fault(
            "a type named twice",
            expected="each type once",
            got=_text(named),
            remedy="Remove one of them.",
        )
    return position


def _named(types: TypeSpace, entry: object) -> object:
    """Return a type that a file names: a number, a text, or the numbers of a row."""
    if types.is_ordered:
        return exact_number(entry)
    if isinstance(types, TypeTable) and types.labels is not None:
        return name_of_type(entry)
    if not isinstance(entry, list):
        raise fault(
            "not a type",
            expected="a list of its values, such as [1, 0]",
            got=described(entry),
            remedy="Write the values as they stand at the agent.",
        )
    return tuple(map(exact_number, entry))


def _names(types: TypeSpace, origin: Fraction) -> list[object]:
    """Return what the types of an agent are called in a file, in their order."""
    if isinstance(types, TypeTable) and types.labels is not None:
        return list(types.labels)
    try:
        exact = types.in_fractions().mean
    except InvalidInputError:
        # Probabilities that do not sum to one exactly, say: the floats stand for their decimals.
        exact = as_decimals(types.mean)
    if types.is_ordered:
        return [number + origin for number in exact.tolist()]
    return [tuple(row) for row in exact.tolist()]


def _between(types: TypeSpace, table: IntervalTable, origin: Fraction) -> tuple[int, ...]:
    """Return the positions of the types from one end to another, both included."""
    stated = [
        (end, number - origin)
        for end, number in (("at_least", table.at_least), ("at_most", table.at_most))
        if number is not None
    ]
    if not stated:
        raise fault(
            "no ends",
            expected="at_least, at_most or both",
            got="none of them",
            remedy="Say which types count, or leave the agent out.",
        )
    if not types.is_ordered:
        raise fault(
            "types without an order",
            expected="a list of types",
            got="a table",
            remedy="List the types that count.",
        )
    inside = np.ones(types.num_cells, dtype=bool)
    for end, number in stated:
        inside &= _beyond(types, end, number, origin)
    if not inside.any():
        raise fault(
            "no types there",
            expected=f"ends between which there are types, from {_end(types, 'lowest', origin)} "
            f"to {_end(types, 'highest', origin)}",
            got=" and ".join(f"{end} = {number + origin}" for end, number in stated),
            remedy="Correct the ends, or leave the agent out.",
        )
    return tuple(np.flatnonzero(inside).tolist())


def _beyond(types: TypeSpace, end: str, number: Fraction, origin: Fraction) -> Any:
    """Return which cells lie on the side of an end that counts; refuse one that cuts a cell."""
    if types.is_finite:
        points = _names(types, Fraction(0))
        above = np.array([number <= point for point in points])  # type: ignore[operator]
        below = np.array([point <= number for point in points])  # type: ignore[operator]
        return above if end == "at_least" else below
    near = EDGE * (types.highest - types.lowest)
    above, below = types.lower >= float(number) - near, types.upper <= float(number) + near
    cut = np.flatnonzero(~above & ~below)
    if cut.size:
        edges = [float(edge[cut[0]]) + float(origin) for edge in (types.lower, types.upper)]
        raise fault(
            f"{end} cuts a cell in two",
            expected=f"an edge of the cells, such as {edges[0]:.12g} or {edges[1]:.12g}",
            got=str(number + origin),
            remedy="Move it there, or choose cells (edges = [...]) that end at it.",
        )
    return above if end == "at_least" else below


def _example(types: TypeSpace, origin: Fraction) -> str:
    """Return types of an agent as a file could name them."""
    if types.is_ordered and not types.is_finite:
        return f"{{ at_least = {types.lower[-1] + float(origin):.12g} }}"
    return f"[{_text(_names(types, origin)[-1])}]"


def _text(name: object) -> str:
    """Return a type as it would stand in a file."""
    if isinstance(name, tuple):
        return f"[{', '.join(map(_text, name))}]"
    if isinstance(name, Fraction):
        return str(name) if name.denominator == 1 else f'"{name}"'
    return described(name)


def _end(types: TypeSpace, end: str, origin: Fraction) -> str:
    return f"{getattr(types, end) + float(origin):.12g}"


def few(names: list[str]) -> str:
    """Return names for a message; of many, the first and the last.

    Examples
    --------
    >>> few(["seller", "buyer"]), few([f"bidder_{k}" for k in range(1, 20)])
    ('seller or buyer', 'bidder_1, bidder_2, bidder_3, ... or bidder_19')
    """
    if len(names) <= MOST_NAMES:
        return " or ".join(shown(name) for name in names)
    return f"{', '.join(map(shown, names[:3]))}, ... or {shown(names[-1])}"
