"""From the path of an instance file to a problem."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, RootModel, create_model

from mechopt._util.arrays import shown
from mechopt._util.files import read_text
from mechopt._util.registry import TRUSTED
from mechopt.environments.kinds import kinds
from mechopt.errors import InstanceError, InvalidInputError
from mechopt.instances.environment import reader_of
from mechopt.instances.fields import (
    Number,
    decimal_literal,
    fault,
    meant,
    number_of_cells,
    one_of,
)
from mechopt.instances.problem import ProblemTable
from mechopt.instances.reader import Reader, SubTable, TomlTable, fault_line
from mechopt.problem.problem import DesignProblem
from mechopt.studies.continuum import refinement
from mechopt.studies.data_remarks import DataRemarks
from mechopt.types.samples import Sample


@dataclass(frozen=True)
class Instance:
    """What an instance file says.

    Parameters
    ----------
    path
        The file.
    title, source
        What to call the problem (the file's name unless said), and where it comes from.
    unit
        What money is measured in.
    problem
        The design problem.
    kind
        The kind of environment, such as ``"bilateral-trade"``.
    expected
        Known answers by name, such as ``objective``, and their ``tolerance``.
    data
        What there is to know of the samples that the problem does not hold: ``data.sentences()``
        says it in words, such as the correlation of two columns taken as independent. ``solve``
        and ``compare`` get the problem alone and cannot say it; read it here.
    notes
        What whoever reads the answer must know of how the problem was made, one sentence each.
    wanted_width
        How narrow a bracket of the continuum ``cells = "auto"`` asks for, relative to its upper
        end; the problem has as many cells once :meth:`refined`. None without such cells.
    """

    path: Path
    title: str
    source: str
    unit: str
    problem: DesignProblem
    kind: str
    expected: Mapping[str, float] = field(default_factory=dict)
    data: DataRemarks = field(default_factory=DataRemarks)
    notes: tuple[str, ...] = ()
    wanted_width: float | None = None

    def refined(self) -> Instance:
        """Return the instance with as many cells as ``cells = "auto"`` asks for.

        Reading a file solves nothing, so that the cells of its problem are few; this solves the
        problem over more and more cells, until what it says of the continuum is as narrow as was
        wanted. Without such cells it returns the instance itself.

        Raises
        ------
        InstanceError
            If the optimum cannot be bracketed.

        Examples
        --------
        >>> prior = {"distribution": "uniform", "parameters": {}, "cells": "auto"}
        >>> document = {
        ...     "environment": {"kind": "bilateral-trade", "seller": prior, "buyer": prior},
        ...     "problem": {"objective": "ex-ante-efficiency", "relative_width": 1e-4},
        ... }
        >>> instance = instance_from_document(document, "uniform.toml")
        >>> instance.problem.environment.shape, instance.refined().problem.environment.shape
        ((128, 128), (256, 256))
        """
        if self.wanted_width is None:
            return self
        try:
            found = refinement(self.problem, self.wanted_width)
        except InvalidInputError as error:
            line = fault_line(("problem", "relative_width"), error)
            raise InstanceError(str(self.path), [line]) from error
        notes = (*self.notes, found.note) if found.note else self.notes
        return replace(self, problem=found.problem, notes=notes, wanted_width=None)


OWN_KIND = f"A kind of your own is known if its module is named: {TRUSTED}=my_market mechopt ..."


class FileTable(TomlTable):
    """The top level of a file."""

    title: str | None = Field(None, description="what to call the problem, in quotes")
    source: str = Field("", description="where the problem comes from, in quotes")
    unit: str = Field("money", description='what money is measured in, such as "dollars"')
    environment: SubTable = Field(description="a table with the agents and their priors")
    problem: SubTable = Field(description="a table with the objective")
    expected: SubTable = Field({}, description="a table of known answers")
    reduced_form: SubTable = Field(
        {}, description="a table of winning probabilities, for mechopt implementable"
    )


def kind_table() -> type[BaseModel]:
    """Return the model of the one key that all environments share: kinds may have been entered."""
    return _kind_table_of(tuple(kinds()))


@cache
def _kind_table_of(words: tuple[str, ...]) -> type[BaseModel]:
    described = "the kind of environment, " + " or ".join(f'"{word}"' for word in words)
    word = Annotated[str, one_of(*words, also=OWN_KIND)]
    fields: dict[str, Any] = {"kind": (word, Field(description=described))}
    return create_model("KindTable", **fields)


class ExpectedTable(RootModel[dict[str, Number]]):
    """Known answers by name, and the tolerance they are known to."""


def load_instance(path: str | Path, *, cells: int | None = None) -> Instance:
    """Read a TOML instance file.

    Parameters
    ----------
    path
        The file. Paths in it are relative to its folder.
    cells
        Number of cells to use in place of the file's, for every agent whose prior the file cuts
        into cells.

    Raises
    ------
    InstanceError
        With one line for every fault of the file, beginning with its key, or with ``file`` where
        it cannot be read at all.
    InvalidInputError
        About ``cells``, if it is no number of cells or the file cuts no prior into cells.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> text = '''
    ... title = "Two types each"
    ... environment.kind = "bilateral-trade"
    ... environment.seller = { types = [0, "1/3"] }
    ... environment.buyer = { types = [0.1, 1], probabilities = ["2/3", "1/3"] }
    ... problem.objective = "ex-ante-efficiency"
    ... '''
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "trade.toml")
    ...     _ = file.write_text(text)
    ...     instance = load_instance(file)
    >>> instance.title, instance.problem.environment.shape
    ('Two types each', (2, 2))
    """
    return instance_from_document(read_document(path), path, cells=cells)


def read_document(path: str | Path) -> dict[str, Any]:
    """Return the tables of a TOML file, with decimals as :class:`decimal.Decimal`.

    Raises
    ------
    InstanceError
        If the file cannot be read, is not TOML, or is empty.

    Examples
    --------
    >>> read_document("no such file.toml")
    Traceback (most recent call last):
        ...
    mechopt.errors.InstanceError: no such file.toml: 1 fault
      file: cannot read the file (expected a readable file of UTF-8 text, got No such file or...
    """
    try:
        text = read_text(path).removeprefix("\ufeff")
    except InvalidInputError as error:
        raise InstanceError(str(path), [fault_line(("file",), error)]) from error
    try:
        document = tomllib.loads(text, parse_float=decimal_literal)
    except (ValueError, RecursionError) as error:
        fault_ = _not_toml(error, text, Path(path).suffix.lower())
        raise InstanceError(str(path), [fault_line(("file",), fault_)]) from error
    if not document:
        empty = fault(
            "empty",
            expected="tables [environment] and [problem]",
            got="no keys",
            remedy="Describe the problem in it, or name another file.",
        )
        raise InstanceError(str(path), [fault_line(("file",), empty)])
    return document


def _not_toml(error: Exception, text: str, suffix: str) -> InvalidInputError:
    if isinstance(error, RecursionError):
        got = "lists or tables nested too deeply"
    elif not isinstance(error, tomllib.TOMLDecodeError):
        got = "a whole number of more than 4300 digits"
    else:
        got = shown(error, limit=120)
        if place := re.search(r"at line (\d+)", got):
            line = text.split("\n")[int(place[1]) - 1]
            got = f"{got} in: {shown(line)}"
    remedies = {
        ".csv": "Write an instance file from its columns with mechopt new.",
        ".json": "Saved solutions are for mechopt verify and mechopt plot.",
    }
    remedy = remedies.get(suffix, "Correct the line.")
    return fault("not TOML", expected="keys and tables", got=got, remedy=remedy)


def instance_from_document(
    document: Mapping[str, Any], path: str | Path, *, cells: int | None = None
) -> Instance:
    """Return the instance that the tables of :func:`read_document` describe.

    Parameters
    ----------
    document
        The tables, possibly changed since they were read.
    path
        The file they are from, for messages and for the paths in them.
    cells
        As for :func:`load_instance`.

    Raises
    ------
    InstanceError, InvalidInputError
        As for :func:`load_instance`.

    Examples
    --------
    >>> instance_from_document({"environment": {"kind": "bilateral-trade"}}, "trade.toml")
    Traceback (most recent call last):
        ...
    mechopt.errors.InstanceError: trade.toml: 3 faults
      problem: missing (expected a table with the objective, got nothing). Add a table [problem].
      environment.seller: missing (expected a table with the seller's prior, got nothing). Add ...
      environment.buyer: missing (expected a table with the buyer's prior, got nothing). Add ...
    """
    if cells is not None:
        _check_option(cells)
    reader = Reader(Path(path).parent, cells)
    file = reader.table(FileTable, document, ())
    header = reader.table(kind_table(), document.get("environment"), ("environment",))
    kind = _likely_kind(document) if header is None else str(header.kind)  # type: ignore[attr-defined]
    problem = None
    if kind is not None:
        problem = reader_of(kinds()[kind])(reader, document)
    else:
        reader.table(ProblemTable, document.get("problem"), ("problem",))
    expected = reader.table(ExpectedTable, document.get("expected", {}), ("expected",))
    faults = reader.lines
    if faults or file is None or header is None or problem is None or expected is None:
        raise InstanceError(str(path), faults)
    if cells is not None:
        _require_cells_in(document["environment"], cells, path)
    outcomes = problem.environment.outcomes
    sides = [
        agent.name
        for agent in problem.environment.agents
        if "samples" in document["environment"].get(agent.name, ())
    ]
    return Instance(
        path=Path(path),
        title=Path(path).stem if file.title is None else file.title,
        source=file.source,
        unit=_unit(file.unit, reader.origin),
        problem=problem,
        kind=str(kind),
        expected={name: float(value) for name, value in expected.root.items()},
        data=DataRemarks.of(
            reader.samples,
            reader.origin,
            roles=tuple(role.name for role in outcomes.roles if outcomes.exchange is not None),
            sides=sides,
            environment=problem.environment if len(sides) == len(reader.samples) else None,
            priors=(*reader.notes, *_offers_taken(reader.samples, problem)),
            joint=not problem.environment.independent,
        ),
        wanted_width=reader.wanted_width,
    )


def _offers_taken(samples: Sequence[Sample], problem: DesignProblem) -> list[str]:
    """Return a note on columns of bids, and of trade also of asks, that are taken as they stand."""
    outcomes = problem.environment.outcomes
    trade = outcomes.exchange is not None
    names_of = " and ".join(
        f"{role.name}s tend to {'ask more' if role.gives else 'bid less'}"
        for role in outcomes.roles
    )
    words = r"(asks?|asking|bids?|offers?)" if trade else "bids?"
    advice = (
        f"{names_of} than that, so that gains may be larger"
        if trade
        else "bids = { ... } (bids:FILE:COLUMN for mechopt new) estimates values from bids"
    )
    names = [
        shown(name)
        for name in dict.fromkeys(sample.name for sample in samples)
        if re.search(rf"(?<![a-z]){words}(?![a-z])", name.rpartition(":")[2].lower())
    ]
    if not names:
        return []
    taken = "what the good is worth to each side" if trade else "values"
    called = "the column is called that" if len(names) == 1 else "the columns are called that"
    return [f"{' and '.join(names)}: these are taken as {taken}, although {called}; {advice}"]


def _agents_tables(environment: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the tables within the table of the environment, those in lists included."""
    values = [
        each
        for value in environment.values()
        for each in (value if isinstance(value, list) else [value])
    ]
    return [value for value in values if isinstance(value, Mapping)]


def _require_cells_in(environment: Mapping[str, Any], cells: int, path: str | Path) -> None:
    """Raise InvalidInputError unless the file cuts some prior into cells."""
    tables = _agents_tables(environment)
    if any("cells" in table for table in tables):
        return
    samples = any("samples" in table for table in tables)
    raise InvalidInputError(
        "no prior of the file is cut into cells",
        where="cells",
        expected="an agent with a distribution, or with samples and cells",
        got=f"{'samples without cells' if samples else 'finite types only'}, in {path}",
        remedy=f"Write cells = {cells} beside samples in the file, at each side that is to be cut "
        f"(mechopt new --cells {cells} writes it); without, every value is a type."
        if samples
        else "Leave it out.",
    )


def _unit(unit: str, origin: Fraction) -> str:
    """Return what money is measured in, and from where on."""
    if not origin:
        return unit
    return f"{'units' if unit == 'money' else unit} from {origin} on"


def _likely_kind(document: Mapping[str, Any]) -> str | None:
    """Return the kind that a misspelt one must mean, so that it does not hide other faults."""
    environment = document.get("environment")
    kind = environment.get("kind") if isinstance(environment, Mapping) else None
    return meant(kind, kinds()) if isinstance(kind, str) else None


def _check_option(cells: int) -> None:
    try:
        number_of_cells(cells)
    except InvalidInputError as error:
        raise InvalidInputError(
            error.what,
            where="cells",
            expected=error.expected,
            got=error.got,
            remedy="Give a positive whole number.",
        ) from error
