"""The samples of an instance file as arguments of the bootstrap, which draws them again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mechopt.environments import DelayedTrade
from mechopt.errors import InvalidInputError
from mechopt.instances.load import instance_from_document
from mechopt.studies.data_remarks import common_rows


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
    tables = {name: document["environment"].get(name) for name in ("seller", "buyer")}
    if not any(isinstance(table, Mapping) and "samples" in table for table in tables.values()):
        raise InvalidInputError(
            "no samples to draw again",
            where=str(path),
            expected='samples = "FILE.csv" for the seller or the buyer',
            got="priors that are given as known",
            remedy="Solve the problem; there is no sampling error.",
        )
    arguments: dict[str, Any] = {}
    for agent, (name, table) in zip(environment.agents, tables.items(), strict=True):
        arguments[name] = agent.types
        if "samples" in table:
            arguments[name] = next(drawn)
            arguments[f"{name}_cells"] = table.get("cells")
    outcomes = environment.outcomes
    if isinstance(outcomes, DelayedTrade):
        arguments |= {"seller_rate": outcomes.seller_rate, "buyer_rate": outcomes.buyer_rate}
    return arguments
