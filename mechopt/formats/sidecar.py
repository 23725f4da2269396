"""The JSON file beside an exported model: what the file is about, and what every name means."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from types import NoneType
from typing import Any

import numpy as np

from mechopt._util.saving import encode
from mechopt.environments import Environment
from mechopt.errors import InvalidInputError, require
from mechopt.problem.problem import DesignProblem
from mechopt.program.names import (
    RULES,
    NameArray,
    block_names,
    indices_of,
    marks_of,
    names_in,
    prefix_of,
    row_name,
)
from mechopt.program.standard_form import Block
from mechopt.types import TypeSpace

FORMAT = "mechopt-export"
FORMAT_VERSION = 3


@dataclass(frozen=True)
class Optimum:
    """What is known of a problem's optimum, to go into its sidecar.

    Parameters
    ----------
    value
        The optimum, in the problem's own sense and money.
    how
        How it was obtained, in a few words.
    exact
        The same as a fraction, such as ``"25/162"``, where one was proved.
    bound
        The bound that multipliers prove.
    """

    value: float
    how: str
    exact: str | None = None
    bound: float | None = None

    def __post_init__(self) -> None:
        hint = "Pass what is known of the optimum, or no Optimum."
        require(self.how, str, where="optimum.how", remedy=hint)
        require(self.exact, (str, NoneType), where="optimum.exact", remedy=hint)
        for name in ("value", "bound"):
            value = getattr(self, name)
            if value is None and name == "bound":
                continue
            require(value, (int, float), where=f"optimum.{name}", remedy=hint)
            if not math.isfinite(value):
                raise InvalidInputError(
                    "not a number",
                    where=f"optimum.{name}",
                    expected="a finite number, in money",
                    got=f"{value}",
                    remedy=hint,
                )


@dataclass(frozen=True)
class Place:
    """What a name in a file stands for.

    Parameters
    ----------
    kind
        ``"variable"`` or ``"constraint"``.
    block
        Name of the block, such as ``"seller_ic_up"``; constraints' are those of
        :class:`mechopt.Solution`.
    agents
        Whose types the indices are, in order.
    index
        Positions of the types, counted from 0. For steps between neighbours, that of the lower one.
    types
        The types' values (means of cells), in money, or the labels of types that are no numbers;
        NaN where an axis is no agent's.
    """

    kind: str
    block: str
    agents: tuple[str, ...]
    index: tuple[int, ...]
    types: tuple[float | str, ...]


@dataclass(frozen=True, eq=False)
class Sidecar:
    """What is known of an exported file.

    Parameters
    ----------
    file_format
        ``"mps"``, ``"lp"``, ``"cbf"`` or ``"nl"``.
    form
        ``"neighbouring"`` or ``"all-pairs"``: which statement of the problem it is.
    problem
        The problem itself, so that a solution can be audited.
    variables, constraints
        Blocks by name.
    sha256
        Of the file's text, before compression.
    num_nonzeros
        Of the constraints.
    title, unit
        What to call the problem, and what money is measured in.
    optimum
        What is known of the optimum.
    constant
        What to add to minus the file's objective to get what the problem maximises (if it
        minimises, minus its objective). Files have no constant.
    coefficients
        The smallest and the largest magnitude of what is not zero in constraints and objective;
        None if all is zero.
    variable_order, constraint_order : arrays of strings, optional
        Names by index, where the file has none and its order is not that of the blocks.
    """

    file_format: str
    form: str
    problem: DesignProblem
    variables: Mapping[str, Block]
    constraints: Mapping[str, Block]
    sha256: str
    num_nonzeros: int
    title: str = ""
    unit: str = "money"
    optimum: Optimum | None = None
    constant: float = 0.0
    coefficients: tuple[float, float] | None = None
    variable_order: NameArray | None = field(default=None)
    constraint_order: NameArray | None = field(default=None)

    @property
    def environment(self) -> Environment:
        """The environment of the problem."""
        return self.problem.environment

    @property
    def sign(self) -> int:
        """Plus one if the problem maximises: its objective is minus the file's."""
        return self.problem.objective.sign

    @cached_property
    def variable_names(self) -> NameArray:
        """Names of the variables, by their index in the file."""
        return names_in(self.variables) if self.variable_order is None else self.variable_order

    @cached_property
    def constraint_names(self) -> NameArray:
        """Names of the constraints, by their index in the file."""
        if self.constraint_order is None:
            return names_in(self.constraints, self.variables)
        return self.constraint_order

    def objective_of(self, file_objective: float) -> float:
        """Return the problem's objective for an objective of the file, which is minimised."""
        return self.sign * (-file_objective + self.constant) + 0.0

    def where(self, name: str) -> Place:
        """Return what a name in the file stands for.

        Raises
        ------
        InvalidInputError
            If the file has no such name.

        Examples
        --------
        >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
        >>> from mechopt.formats.write import content_of
        >>> types = TypeSpace.finite([10, 20, 30])
        >>> problem = ex_ante_efficiency(BilateralTrade(types, types))
        >>> sidecar = content_of(problem, "mps").sidecar
        >>> sidecar.where("trade_s0_b2")
        Place(kind='variable', block='trade', agents=('seller', 'buyer'), index=(0, 2),
            types=(10.0, 30.0))
        """
        if name not in self._places:
            raise InvalidInputError(
                "no such variable or constraint",
                where=name[:60],
                expected=f"a name of the file, such as {self.variable_names[0]}",
                got="one that it does not have",
                remedy="Pass a name as it stands in the file.",
            )
        kind, block, position = self._places[name]
        indices = indices_of(block)
        index = tuple(int(own[position]) for own in indices)
        axes = block.axes if len(block.axes) == len(index) else ("",) * len(index)
        spaces = {agent.name: agent.types for agent in self.environment.agents}
        types = tuple(
            _value_of(spaces[axis], k) if axis in spaces else np.nan
            for axis, k in zip(axes, index, strict=True)
        )
        return Place(kind, block.name, block.axes, index, types)

    @cached_property
    def _places(self) -> dict[str, tuple[str, Block, int]]:
        places: dict[str, tuple[str, Block, int]] = {}
        for kind, blocks in (("constraint", self.constraints), ("variable", self.variables)):
            taken = self.variables if kind == "constraint" else ()
            for block in blocks.values():
                names = block_names(block, row_name(block.name, taken)).tolist()
                places |= {name: (kind, block, position) for position, name in enumerate(names)}
        return places

    def text(self) -> str:
        """Return the sidecar as JSON, one key or block a line; the same on every machine."""
        lines = [f" {json.dumps(key)}: {_shown(value)}" for key, value in self.record().items()]
        return "{\n" + ",\n".join(lines) + "\n}\n"

    def record(self) -> dict[str, Any]:
        """Return what the sidecar says, as JSON values by key."""
        environment = self.environment
        maximised = self.sign > 0
        record: dict[str, Any] = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "mechopt_version": version("mechopt"),
            "file_format": self.file_format,
            "sha256": self.sha256,
            "form": self.form,
            "title": self.title,
            "objective": {
                "sense_in_file": "minimise",
                "sense_of_problem": "maximise" if maximised else "minimise",
                "constant": self.constant,
                "meaning": self._objective_in_words(),
                "unit": self.unit,
            },
            "size": {
                "variables": int(self.variable_names.size),
                "constraints": int(self.constraint_names.size),
                "nonzeros": self.num_nonzeros,
            },
            "coefficients": None if self.coefficients is None else list(self.coefficients),
            "optimum": None if self.optimum is None else vars(self.optimum),
            "agents": {
                agent.name: {
                    "types": agent.types.mean.tolist(),
                    "probabilities": agent.types.mass.tolist(),
                    "lower": agent.types.lower.tolist(),
                    "upper": agent.types.upper.tolist(),
                }
                for agent in environment.agents
            },
            "names": RULES,
            "theory": "docs/theory.md",
            "variables": [_block_record(block) for block in self.variables.values()],
            "constraints": [
                _block_record(block, self.variables) for block in self.constraints.values()
            ],
        }
        for key in ("variable_order", "constraint_order"):
            order = getattr(self, key)
            if order is not None:
                record[key] = order.tolist()
        record["fingerprint"] = self.problem.fingerprint
        record["problem"] = encode(self.problem)
        record["checksum"] = checksum_of(record)
        return record

    def _objective_in_words(self) -> str:
        what = self.problem.objective.in_words
        factor = "-1" if self.sign > 0 else "1"
        constant = f" + {self.sign * self.constant!r}" if self.constant else ""
        return f"{what} = {factor} * (objective in the file){constant}"


def checksum_of(record: Mapping[str, Any]) -> str:
    """Return a SHA-256 of all that a sidecar says, its checksum apart.

    Examples
    --------
    >>> checksum_of({"form": "all-pairs"}) == checksum_of({"form": "all-pairs", "checksum": "0"})
    True
    """
    content = {key: value for key, value in record.items() if key != "checksum"}
    text = json.dumps(content, sort_keys=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def sidecar_path(path: str | Path) -> Path:
    """Return where the sidecar of a model is.

    Examples
    --------
    >>> sidecar_path("trade.mps.gz").name
    'trade.mps.gz.json'
    """
    return Path(f"{path}.json")


def _value_of(types: TypeSpace, k: int) -> float | str:
    """Return a type's number, or its label where it is none."""
    return float(types.mean[k]) if types.is_ordered else types.label(k)


def _block_record(block: Block, taken: Container[str] = ()) -> dict[str, Any]:
    pattern = [f"_{letter}{{{mark}}}" for letter, mark in marks_of(block)]
    return {
        "block": block.name,
        "names": prefix_of(row_name(block.name, taken)) + "".join(pattern),
        "start": block.start,
        "shape": list(block.shape),
        "axes": list(block.axes),
        "entries": None if block.entries is None else list(block.entries),
        "meaning": block.meaning.text,
        "formula": block.meaning.formula,
        "section": block.meaning.section,
    }


def _shown(value: Any) -> str:
    """Return JSON, with one line for every entry of a list of objects."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n  " + ",\n  ".join(map(_dumped, value)) + "\n ]"
    return _dumped(value)


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
