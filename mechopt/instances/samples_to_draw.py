"""The samples of an instance file as arguments of the bootstrap, which draws them again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mechopt.errors import InvalidInputError
from mechopt.instances.load import instance_from_document
from mechopt.studies.data_remarks import common_rows

# What the bootstrap calls the two sides.
SIDES = ("giver", "receiver")


def samples_of(document: Mapping[str, Any], path: Any, *, paired: bool = False) -> dict[str, Any]:
    """Return the arguments of :func:`mechopt.bootstrap` that an instance file stands for.

    Parameters
    ----------
    document
        The tables, as :func:`mechopt.instances.read_document` returns them, without faults.
    path
        The file, for the paths in it.
    paired
        Whether rows are to be drawn, so that only those with both sides count.

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
    tables = [document["environment"].get(role.name) for role in roles if exchange is not None]
    who = "one who gives what the other receives"
    if exchange is not None:
        who = " or ".join(f"the {role.name}" for role in roles)
    sampled = [isinstance(table, Mapping) and "samples" in table for table in tables]
    if exchange is None or not 0 < sum(sampled) == len(samples):
        raise InvalidInputError(
            "no samples to draw again",
            where=str(path),
            expected=f'samples = "FILE.csv" for {who}',
            got="priors that are given as known",
            remedy="Solve the problem; there is no sampling error.",
        )
    arguments: dict[str, Any] = {}
    for i, side in enumerate(SIDES):
        arguments[side] = next(drawn) if sampled[i] else environment.agents[i].types
        if sampled[i]:
            arguments[f"{side}_cells"] = tables[i].get("cells")
    return arguments | {"giver_rate": exchange.giver_rate, "receiver_rate": exchange.receiver_rate}
