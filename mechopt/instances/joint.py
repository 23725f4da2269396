"""The table of a joint prior: a probability for every profile of types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Annotated, Any

import numpy as np
from pydantic import Field, create_model

from mechopt._util.arrays import shown
from mechopt._util.memory import require_memory
from mechopt._util.rationals import FractionArray
from mechopt.environments import Agent, Environment
from mechopt.errors import MechoptError
from mechopt.instances.agent import PriorTable
from mechopt.instances.fields import Number, described, fault, one_of
from mechopt.instances.nested_numbers import joint_of, require_types_of
from mechopt.instances.reader import Key, Reader, TomlTable, missing
from mechopt.instances.sample_keys import FORMAT_KEYS
from mechopt.types import TypeSpace, TypeTable
from mechopt.types.copulas import clayton_copula, correlation_of, gaussian_copula
from mechopt.types.prior import Joint, own_first
from mechopt.types.samples import read_sample, read_words
from mechopt.types.table_format import TableFormat

KEY: Key = ("environment", "prior")
# Rows without a value are refused: which profiles they are nobody can say.
WRITTEN = tuple(name for name in FORMAT_KEYS if name != "missing")
BYTES_PER_PROFILE = 200
# Copulas, and the key of what each needs.
COPULAS = {"gaussian": "correlation", "clayton": "theta"}


class _JointTable(TomlTable):
    """A joint prior, as nested lists, as the rows of a table, or by a copula."""

    joint: list[Any] | None = Field(
        None, description='nested lists over the profiles, such as [["1/2", 0], [0, "1/2"]]'
    )
    table: str | None = Field(None, description="the path of a table, in quotes")
    masses: str | None = Field(None, description="the name of the column of probabilities")
    copula: Annotated[str, one_of(*COPULAS)] | None = Field(
        None, description=" or ".join(f'"{name}"' for name in COPULAS)
    )
    correlation: Number | None = Field(
        None, description="the correlation of a gaussian copula, such as 0.5"
    )
    theta: Number | None = Field(None, description="the theta of a clayton copula, such as 2")


_FORMAT: dict[str, Any] = {
    name: (PriorTable.model_fields[name].annotation, PriorTable.model_fields[name])
    for name in WRITTEN
}
JointTable = create_model("JointTable", __base__=_JointTable, **_FORMAT)


@dataclass(frozen=True, eq=False)
class JointPrior:
    """A joint prior as the file has it, and where.

    Parameters
    ----------
    key
        ``joint``, ``table`` or ``copula``.
    given
        Probabilities in nested lists, or None.
    table
        What the file says of a table of profiles.
    """

    key: str
    given: Joint | None
    table: _JointTable


def with_joint_prior(
    reader: Reader,
    raw: Mapping[str, Any],
    environment: Environment | None,
    rebuild: Any = None,
) -> Environment | None:
    """Return an environment under the joint prior of its file.

    Parameters
    ----------
    reader
        The faults of the file.
    raw
        The table of the environment as it stands in the file; its prior is a table, or the nested
        lists themselves.
    environment
        The environment with equally likely types; None if it is at fault, so that the prior alone
        is judged.
    rebuild
        Makes the environment again of agents by name, where more than their types hangs on
        probabilities.

    Examples
    --------
    >>> from pathlib import Path
    >>> from mechopt import BilateralTrade
    >>> types = TypeSpace.finite([0, 1])
    >>> raw = {"prior": {"joint": [["1/2", 0], [0, "1/2"]]}}
    >>> trade = with_joint_prior(Reader(Path(), None), raw, BilateralTrade(types, types))
    >>> trade.prior.in_fractions()[0, 0]
    Fraction(1, 2)
    """
    by_copula = isinstance(raw["prior"], Mapping) and "copula" in raw["prior"]
    # A copula joins the agents' own priors.
    for key in () if by_copula else _probabilities(raw, KEY[:1]):
        twice = fault(
            "a second statement of probabilities",
            expected="none beside a joint prior",
            got="probabilities",
            remedy="Remove them: they are the sums of the joint prior.",
        )
        reader.add(key, twice)
    prior = _read(reader, raw["prior"])
    if prior is None or environment is None:
        return environment
    try:
        if prior.key == "copula":
            return _by_copula(reader, prior.table, environment, rebuild)
        return _under(reader, prior, environment, rebuild)
    except MechoptError as error:
        reader.add((*KEY, prior.key), error)
        return None


def _probabilities(raw: Mapping[str, Any], key: Key) -> Iterator[Key]:
    """Yield the keys of probabilities that agents' tables state."""
    for name, value in raw.items():
        tables = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for place, table in tables:
            stated = isinstance(table, Mapping) and name != "prior"
            own: Key = (*key, name) if place is None else (*key, name, place)
            for word in ("probabilities", "probability_high") if stated else ():
                if word in table:
                    yield (*own, word)


def _read(reader: Reader, raw: object) -> JointPrior | None:
    """Return what the table of the prior says, as far as it can be told without the types."""
    if isinstance(raw, list):
        raw = {"joint": raw}
    table = reader.table(JointTable, raw, KEY)
    if not isinstance(raw, Mapping) or table is None:
        return None
    stated = [name for name in ("joint", "table", "copula") if name in raw]
    if len(stated) != 1:
        choice = fault(
            "several priors" if stated else "no prior",
            expected="exactly one of the keys joint, table and copula",
            got=" and ".join(stated) or "none of them",
            remedy="Keep one of them." if stated else "Give a probability for every profile.",
        )
        reader.add(KEY, choice)
        return None
    fitting = {
        "joint": (),
        "table": ("masses", *WRITTEN),
        "copula": tuple(each for name, each in COPULAS.items() if name == table.copula),
    }
    of_table, of_copula = fitting["table"], tuple(COPULAS.values())
    for name in (name for name in (*of_table, *of_copula) if name in raw):
        if name not in fitting[stated[0]]:
            other = "table" if name in of_table else "another copula"
            foreign = fault(
                f"does not go with {stated[0]}",
                expected=f"only {', '.join((stated[0], *fitting[stated[0]]))}",
                got=name,
                remedy=f"Remove it; it belongs to a prior by {other}.",
            )
            reader.add((*KEY, name), foreign)
    for name in fitting["copula"] if stated == ["copula"] else ():
        if name not in raw:
            reader.add((*KEY, name), missing(JointTable, (*KEY, name)))
    if reader.is_faulty(KEY):
        return None
    if table.table is not None:
        return JointPrior("table", None, table)
    if table.copula is not None:
        return JointPrior("copula", None, table)
    joint = joint_of(reader, table.joint, (*KEY, "joint"))
    return None if joint is None else JointPrior("joint", joint, table)


def _under(
    reader: Reader, prior: JointPrior, environment: Environment, rebuild: Any
) -> Environment:
    """Return the environment under a joint prior; MechoptError where they do not fit."""
    for agent in environment.agents:
        if not agent.types.is_finite:
            raise fault(
                "a joint prior of types that are no finite list",
                expected=f"types = [...] for {agent.name}",
                got="a continuous prior, or cells",
                remedy="List the types of every agent.",
            )
    joint = prior.given or from_table(reader, prior.table, environment)
    exact = joint.in_fractions()
    require_types_of(joint, environment)
    joint.require_all_types()
    agents = []
    for i, agent in enumerate(environment.agents):
        mass = own_first(i, exact).sum(axis=1).tolist()
        agents.append(replace(agent, types=_with_probabilities(agent.types, mass)))
    if len(agents) == 2 and all(agent.types.is_ordered for agent in agents):
        found = correlation_of(joint, *(agent.types.mean for agent in agents))
        reader.notes.append(f"types have the correlation {found:.3f} under the joint prior")
    return _with_prior(environment, agents, joint, rebuild)


def _by_copula(
    reader: Reader, table: _JointTable, environment: Environment, rebuild: Any
) -> Environment:
    """Return the environment with its agents' own priors joined by a copula."""
    spaces = tuple(agent.types for agent in environment.agents)
    if reader.auto:
        raise fault(
            "a copula of cells whose number is left open",
            expected="a number of cells for each agent",
            got='cells = "auto"',
            remedy="Give one: under a joint prior no bracket says how many are enough.",
        )
    if len(spaces) != 2 or not all(types.is_ordered for types in spaces):
        raise fault(
            "a copula of other than two agents with numbers for types",
            expected="two agents, each with a prior of its own",
            got=", ".join(f"{agent.name}: {agent.types}" for agent in environment.agents),
            remedy="Give the probabilities of all profiles, with the key joint or table.",
        )
    if table.correlation is not None:
        found = gaussian_copula(spaces[0], spaces[1], float(table.correlation))
    else:
        assert table.theta is not None
        found = clayton_copula(spaces[0], spaces[1], float(table.theta))
    at_means = [agent.name for agent in environment.agents if not agent.types.is_finite]
    if at_means:
        reader.notes.append(
            f"under a joint prior the cells of {' and '.join(at_means)} stand for one type each, "
            "their mean: the answer is that of these types, and none of the continuum"
        )
    reader.notes.append(found.sentence())
    agents = [
        replace(agent, types=types)
        for agent, types in zip(environment.agents, (found.first, found.second), strict=True)
    ]
    return _with_prior(environment, agents, found.joint, rebuild)


def _with_prior(
    environment: Environment, agents: Sequence[Agent], joint: Joint, rebuild: Any
) -> Environment:
    """Return an environment of these agents under a joint prior."""
    if rebuild is None:
        return replace(environment, agents=tuple(agents), prior=joint)
    by_name: dict[str, Agent] = {agent.name: agent for agent in agents}
    rebuilt: Environment = rebuild(by_name)
    return replace(rebuilt, prior=joint)


def _with_probabilities(types: TypeSpace, mass: Any) -> TypeSpace:
    """Return the same finite types with other probabilities."""
    values = types.in_fractions().mean.tolist()
    if isinstance(types, TypeTable):
        return TypeTable.finite(values, mass, types.labels)
    return TypeSpace.finite(values, mass)


def from_table(
    reader: Reader, table: _JointTable, environment: Environment, *, all_types: bool = True
) -> Joint:
    """Return the joint prior whose profiles are the rows of a table; equal ones add up.

    Unless said, every type has to be in one row at least. MechoptError where it does not fit.
    """
    given = {name: value for name in WRITTEN if (value := getattr(table, name)) is not None}
    path, how = reader.folder / str(table.table), TableFormat(**given)
    in_numbers = [agent.name for agent in environment.agents if agent.types.is_ordered]
    in_numbers += [] if table.masses is None else [table.masses]
    in_words = [agent.name for agent in environment.agents if not agent.types.is_ordered]
    columns = read_sample(path, in_numbers[0], how, beside=in_numbers[1:]) if in_numbers else ()
    rows, texts = read_words(path, in_words or in_numbers[:1], how)
    by_name: dict[str, Sequence[int]] = {}
    for agent, column in zip(_of(environment, words=False), columns, strict=False):
        by_name[agent.name] = _places(agent, column.fractions(), reader.origin, rows)
    for agent, cells in zip(_of(environment, words=True), texts, strict=False):
        by_name[agent.name] = _named(agent, cells, rows)
    places = [by_name[agent.name] for agent in environment.agents]
    for agent, own in zip(environment.agents, places, strict=True):
        unseen = sorted(set(range(agent.types.num_cells)) - set(own))
        if unseen and all_types:
            raise fault(
                f"a type of {agent.name} that no row has",
                expected="every type in one row at least",
                got=f"none with {described(agent.types.label(unseen[0]))}",
                remedy="Leave it out of the types, or add a row.",
            )
    size = environment.num_profiles
    require_memory(BYTES_PER_PROFILE * size, f"a prior of {size:,} profiles", "Use fewer types.")
    mass = [Fraction(1, len(rows))] * len(rows)
    mass = mass if table.masses is None else columns[-1].fractions()
    exact: FractionArray = np.full(environment.shape, Fraction(0))
    for place, share in zip(zip(*places, strict=True), mass, strict=True):
        exact[place] += share
    return Joint(exact)  # type: ignore[arg-type]


def _of(environment: Environment, *, words: bool) -> list[Agent]:
    """Return the agents whose types are words, or those whose types are numbers."""
    return [agent for agent in environment.agents if agent.types.is_ordered != words]


def _places(
    agent: Agent, found: Sequence[Fraction], origin: Fraction, rows: Sequence[str]
) -> Sequence[int]:
    """Return which of an agent's types, numbers, every row has."""
    listed = {t + origin: k for k, t in enumerate(agent.types.in_fractions().mean.tolist())}
    _require_listed(agent, listed, found, rows)
    return [listed[value] for value in found]


def _named(agent: Agent, cells: Sequence[str], rows: Sequence[str]) -> Sequence[int]:
    """Return which of an agent's types every row names; spaces within names do not count."""
    labels = [agent.types.label(k) for k in range(agent.types.num_cells)]
    listed = {"".join(label.split()): k for k, label in enumerate(labels)}
    found = ["".join(cell.split()) for cell in cells]
    _require_listed(agent, dict.fromkeys(labels), cells, rows, known=[f in listed for f in found])
    return [listed[cell] for cell in found]


def _require_listed(
    agent: Agent,
    listed: Mapping[Any, Any],
    found: Sequence[Any],
    rows: Sequence[str],
    known: Sequence[bool] | None = None,
) -> None:
    """Raise InvalidInputError unless every row has a type that is listed."""
    known = [value in listed for value in found] if known is None else known
    strange = [place for place, is_listed in enumerate(known) if not is_listed]
    if strange:
        first, more = strange[0], f", and {len(strange) - 1} more" if strange[1:] else ""
        raise fault(
            f"a type of {agent.name} that is not listed",
            expected=f"one of {shown(', '.join(map(str, listed)))}",
            got=f"{described(str(found[first]))} in {rows[first]}{more}",
            remedy=f"List it among the types of {agent.name}, or correct the row.",
        )
