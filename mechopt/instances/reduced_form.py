"""Files with a reduced form: how likely each type of each group of agents is to win a unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, create_model

from mechopt.environments import Environment
from mechopt.environments.kinds import Kind, kinds
from mechopt.errors import InstanceError, InvalidInputError
from mechopt.instances.environment import reader_of
from mechopt.instances.fields import Probability, fault
from mechopt.instances.load import FileTable, kind_table, read_document
from mechopt.instances.reader import Reader, SubTable, TomlTable
from mechopt.studies.reduced_forms import Group

# Where a file states no problem, any that all environments have: the environment is what matters.
ANY_PROBLEM = {"objective": "ex-ante-efficiency"}


@dataclass(frozen=True)
class ReducedForm:
    """What a file says of a reduced form.

    Parameters
    ----------
    title
        What to call it.
    names
        The names of the agents in each group.
    groups
        The groups, each with its type space and chances of winning.
    units
        How many units there are.
    """

    title: str
    names: tuple[tuple[str, ...], ...]
    groups: tuple[Group, ...]
    units: int


class ReducedFormFile(FileTable):
    """The top level of a file with a reduced form, which need not state a problem."""

    problem: SubTable = Field(ANY_PROBLEM, description="a table with the objective")
    reduced_form: SubTable = Field(
        description="a table with a list of winning probabilities for each group of agents"
    )


def load_reduced_form(path: str | Path) -> ReducedForm:
    """Read the environment of a TOML file, and its table ``[reduced_form]``.

    The table has the keys under which the environment lists its agents. Each holds one list of
    probabilities for each table of agents, in the order of their types.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    InstanceError
        With one line for every fault of the file.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> text = '''
    ... environment.kind = "auction"
    ... environment.bidders = [{ types = [0, 1], count = 2 }]
    ... reduced_form.bidders = [["1/4", "3/4"]]
    ... '''
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "coins.toml")
    ...     _ = file.write_text(text)
    ...     form = load_reduced_form(file)
    >>> form.names, form.groups[0].chances
    ((('bidder_1', 'bidder_2'),), array([0.25, 0.75]))
    """
    document = read_document(path)
    reader = Reader(Path(path).parent, None)
    file = reader.table(ReducedFormFile, document, ())
    header = reader.table(kind_table(), document.get("environment"), ("environment",))
    found: tuple[Any, ...] = ()
    if header is not None:
        kind = kinds()[str(header.kind)]  # type: ignore[attr-defined]
        problem = reader_of(kind)(reader, {"problem": ANY_PROBLEM, **document})
        if problem is not None and file is not None:
            found = _groups(reader, kind, problem.environment, document)
    if reader.lines or file is None or not found:
        raise InstanceError(str(path), reader.lines)
    title = Path(path).stem if file.title is None else file.title
    names, groups, units = found
    return ReducedForm(title, names, groups, units)


def _groups(
    reader: Reader, kind: Kind, environment: Environment, document: Mapping[str, Any]
) -> tuple[Any, ...]:
    """Return names, groups and units, and report what does not fit; nothing where that is much."""
    units = environment.outcomes.equal_units
    if units is None:
        other = fault(
            "no reduced forms here",
            expected="an environment in which each agent gets one of some equal units, or none",
            got=f'"{kind.name}"',
            remedy="Use such an environment, for instance an auction.",
        )
        reader.add(("environment", "kind"), other)
        return ()
    if not environment.independent:
        joint = fault(
            "a reduced form of types that are not independent",
            expected="no joint prior",
            got="one",
            remedy="Leave it out, or solve the program of what is wanted with mechopt solve.",
        )
        reader.add(("environment", "prior"), joint)
        return ()
    listed = [name for name, each in kind.fields.items() if each.form == "agents"]
    fields: dict[str, Any] = {
        name: (
            list[list[Probability]],
            Field(description="a list of lists of probabilities, one for each table of agents"),
        )
        for name in listed
    }
    model = create_model("ReducedFormTable", __base__=TomlTable, **fields)
    table = reader.table(model, document["reduced_form"], ("reduced_form",))
    names, groups, first = [], [], 0
    for name in listed:
        tables = document["environment"][name]
        given = [] if table is None else getattr(table, name)
        if table is not None and len(given) != len(tables):
            short = fault(
                "not one list for each table of agents",
                expected=f"{len(tables)} lists, as many as tables in environment.{name}",
                got=f"{len(given)}",
                remedy="Give the probabilities of each table's types in a list of their own.",
            )
            reader.add(("reduced_form", name), short)
        for place, (agents, winning) in enumerate(zip(tables, given, strict=False)):
            count = agents.get("count", 1)
            members = environment.agents[first : first + count]
            first += count
            try:
                groups.append(Group(members[0].types, winning, count))
            except InvalidInputError as error:
                reader.add(("reduced_form", name, place), error)
            names.append(tuple(member.name for member in members))
    return tuple(names), tuple(groups), units
