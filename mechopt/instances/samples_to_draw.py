"""The samples of an instance file as arguments of the bootstrap, which draws them again.

A law that is estimated from a column, wherever in an agent's table it stands, is estimated again
from every sample that is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mechopt._util.arrays import FloatArray, shown
from mechopt.errors import InvalidInputError
from mechopt.instances.agent import TraderTable, type_space
from mechopt.instances.columns import SampleTable, column_of
from mechopt.instances.estimates import ESTIMATES
from mechopt.instances.load import instance_from_document
from mechopt.instances.reader import Reader
from mechopt.studies.data_remarks import common_rows
from mechopt.types import TypeSpace

COLUMN = tuple(SampleTable.model_fields)
# What the bootstrap calls the two sides.
SIDES = ("giver", "receiver")


def samples_of(
    document: Mapping[str, Any], path: Any, *, paired: bool = False, cells: int | None = None
) -> dict[str, Any]:
    """Return the arguments of :func:`mechopt.bootstrap` that an instance file stands for.

    Parameters
    ----------
    document
        The tables, as :func:`mechopt.instances.read_document` returns them, without faults.
    path
        The file, for the paths in it.
    paired
        Whether rows are to be drawn, so that only those with both sides count.
    cells
        How many cells estimated laws have, in place of the file's number.

    Raises
    ------
    InvalidInputError
        If no agent of the file has samples, or one has neither samples nor a prior.

    Examples
    --------
    >>> agent = {"types": [0, 1]}
    >>> document = {"environment": {"kind": "bilateral-trade", "seller": agent, "buyer": agent}}
    >>> samples_of(document | {"problem": {"objective": "ex-ante-efficiency"}}, "coins.toml")
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: coins.toml: no samples to draw again (expected samples = ...
    """
    instance = instance_from_document(document, path).refined()
    environment, samples = instance.problem.environment, list(instance.data.samples)
    pair = common_rows(*samples) if paired and len(samples) == 2 else None
    drawn = iter([sample.values for sample in samples] if pair is None else pair)
    exchange, roles = environment.outcomes.exchange, environment.outcomes.roles
    if exchange is None:
        raise InvalidInputError(
            "the bootstrap is for one agent who gives what one other receives",
            where=str(path),
            expected="bilateral trade, with or without delay",
            got=f"kind = {shown(str(document['environment'].get('kind')))}",
            remedy="Of other kinds, draw the samples again in Python and solve each; samples of "
            "theirs have sampling errors, too.",
        )
    tables = [document["environment"].get(role.name) for role in roles]
    sampled = [isinstance(table, Mapping) and "samples" in table for table in tables]
    estimates = [_estimates(table) for table in tables]
    who = " or ".join(f"the {role.name}" for role in roles)
    own = [len(each) == 1 and not paired for each in estimates]
    some = any(sampled) or any(own)
    if not some or sum(sampled) != len(samples):
        raise InvalidInputError(
            "no samples to draw again",
            where=str(path),
            expected=f'samples = "FILE.csv", or one law that is estimated from a column, for {who}',
            got="estimated laws, which are not drawn in pairs"
            if paired and any(estimates)
            else "several estimates for one agent"
            if any(estimates)
            else "priors that are given as known",
            remedy="Draw again in Python, with mechopt.bootstrap."
            if any(estimates)
            else "Solve the problem; there is no sampling error.",
        )
    arguments: dict[str, Any] = {}
    for i, side in enumerate(SIDES):
        arguments[side] = next(drawn) if sampled[i] else environment.agents[i].types
        if sampled[i]:
            arguments[f"{side}_cells"] = tables[i].get("cells")
        elif own[i]:
            again = EstimatedAgain(tables[i], Path(path).parent, cells)
            arguments[side] = again.sample(estimates[i][0])
            arguments[f"{side}_types"] = again
    return arguments | {"giver_rate": exchange.giver_rate, "receiver_rate": exchange.receiver_rate}


@dataclass(frozen=True)
class EstimatedAgain:
    """The type space of an agent's table, with its law estimated from another sample.

    Parameters
    ----------
    table
        The table as it stands in the file, without faults.
    folder
        What its paths are relative to.
    cells
        How many cells, in place of the table's number.
    """

    table: Mapping[str, Any]
    folder: Path
    cells: int | None = None

    def sample(self, estimate: Mapping[str, Any]) -> FloatArray:
        """Return the sample of the file."""
        reader = Reader(self.folder, None)
        names = {name: value for name, value in estimate.items() if name in COLUMN}
        table = reader.table(SampleTable, names, ())
        assert table is not None
        return column_of(table, reader)

    def __call__(self, sample: FloatArray) -> TypeSpace:
        """Return the type space of a sample."""
        reader = Reader(self.folder, self.cells)
        reader.drawn = sample
        table = reader.table(TraderTable, self.table, ())
        assert table is not None
        types = type_space(table, reader)
        assert types is not None
        return types


def _estimates(value: Any) -> list[Mapping[str, Any]]:
    """Return the tables within a table that estimate a law from a column."""
    if isinstance(value, list):
        return [found for entry in value for found in _estimates(entry)]
    if not isinstance(value, Mapping):
        return []
    return [
        found
        for key, entry in value.items()
        for found in ([entry] if key in ESTIMATES else _estimates(entry))
    ]
