"""Running a sweep: every point of the grid once, whatever happens in between."""

from __future__ import annotations

import hashlib
import json
import math
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.files import is_plain, kind_of, require_output, write_together, write_whole
from mechopt._util.parallel import counted, in_processes, on_dask, require_workers
from mechopt._util.table import SUFFIX_OF, Table, Tabular
from mechopt._util.table_in_latex import PAGE, require_width
from mechopt._util.text import shortened
from mechopt.environments.kinds import OF_AGENTS, kinds
from mechopt.errors import InstanceError, InvalidInputError
from mechopt.sweeps.finished import is_finished, is_read_back, rows_of, stamp, stamp_path
from mechopt.sweeps.journal import Journal
from mechopt.sweeps.rows import row_fault
from mechopt.sweeps.table import as_parquet, columns_of, flattened, require_writable, table_of
from mechopt.sweeps.variation import Key, Variation, changed, keys_of, variations_of

JOURNAL_SUFFIX = ".journal"


@dataclass(frozen=True)
class Plan:
    """What every worker needs to answer a point: the file's tables, read once, and the grid.

    Parameters
    ----------
    document
        The tables of the file.
    path
        The file, absolute; paths in it are relative to its folder.
    variations
        What varies; the last varies fastest.
    keys
        Where each of them stands in the tables.

    Examples
    --------
    >>> key = ("environment", "buyer", "types", 0)
    >>> tables = {"environment": {"buyer": {"types": [0, 2]}}}
    >>> plan = Plan(tables, Path("trade.toml"), (Variation("buyer.types[0]", (0, "1/2")),), (key,))
    >>> plan.shape, plan.at(1)
    ((2,), {'environment': {'buyer': {'types': ['0.5', 2]}}})
    """

    document: Mapping[str, Any]
    path: Path
    variations: tuple[Variation, ...]
    keys: tuple[Key, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values of each variation."""
        return tuple(len(variation.values) for variation in self.variations)

    @property
    def agents(self) -> tuple[str, ...]:
        """Names of the agents with tables of their own; those of lists are known by the answers."""
        environment = self.document["environment"]
        kind = kinds().get(str(environment.get("kind")))
        declared = {} if kind is None else kind.fields
        names = []
        for key, table in environment.items():
            field = declared.get(key)
            if not isinstance(table, Mapping) or key == "prior":
                continue
            if field is None or field.form in OF_AGENTS:
                names.append(str(table.get("name", key if field is None else field.stem)))
        return tuple(names)

    @property
    def is_balanced(self) -> bool:
        """Whether no money is left over, so that agents have all gains among them."""
        problem = self.document.get("problem")
        stated = problem if isinstance(problem, Mapping) else {}
        efficient = stated.get("objective") in ("ex-ante-efficiency", "ex-post-efficiency")
        return efficient and stated.get("budget", "balanced") == "balanced"

    def at(self, point: int) -> dict[str, Any]:
        """Return the tables of the file at a point of the grid, counted from 0."""
        places = np.unravel_index(point, self.shape)
        chosen = zip(self.keys, self.variations, places, strict=True)
        return changed(self.document, {key: part.values[int(i)] for key, part, i in chosen})

    @property
    def fingerprint(self) -> str:
        """SHA-256 of all that the answers depend on: tables, files named there, grid, version."""
        digest = hashlib.sha256()
        tables = {name: self.document.get(name) for name in ("environment", "problem")}
        values = [[str(value) for value in part.values] for part in self.variations]
        content = [tables, self.keys, values, version("mechopt")]
        digest.update(json.dumps(content, default=str, sort_keys=True).encode())
        for path in samples_of(self):
            # A file that is not there is the error of its points.
            digest.update(path.read_bytes() if path.is_file() else b"")
        return digest.hexdigest()


@dataclass(frozen=True)
class Sweep(Tabular):
    """The answers of a sweep, one row per point, in order.

    Parameters
    ----------
    variations
        What varied; the last varies fastest.
    columns
        Names of the columns: what varied, the scalar keys of ``mechopt solve --json``, ``error``.
    rows
        One tuple per point; None where a number does not apply, or the point failed. ``seconds``
        alone differs from run to run.
    output
        Where the table was written, if it was.
    was_done
        Whether the table was there already, and nothing was computed.

    Examples
    --------
    >>> from mechopt.sweeps import Variation
    >>> rate = Variation("buyer.discount_rate", (1, 2))
    >>> table = Sweep(
    ...     (rate,), ("buyer.discount_rate", "gap", "error"), ((1, 0.5, None), (2, 1.0, None))
    ... )
    >>> table.num_failed, table.grid("gap")
    (0, array([0.5, 1. ]))
    """

    variations: tuple[Variation, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...] = field(repr=False)
    output: Path | None = None
    was_done: bool = False

    @property
    def num_failed(self) -> int:
        """Number of points without a certified optimum; ``error`` says why."""
        return sum(value is not None for value in self.column("error"))

    def column(self, name: str) -> list[Any]:
        """Return one column.

        Raises
        ------
        InvalidInputError
            If there is none of this name.
        """
        if name not in self.columns:
            raise InvalidInputError(
                "no such column",
                where="name",
                expected=", ".join(self.columns),
                got=repr(name),
                remedy="Use one of these names.",
            )
        place = self.columns.index(name)
        return [row[place] for row in self.rows]

    def grid(self, name: str) -> FloatArray:
        """Return a column of numbers as an array with one axis per variation; NaN where missing."""
        values = [math.nan if value is None else float(value) for value in self.column(name)]
        return np.array(values).reshape([len(part.values) for part in self.variations])

    def table(self) -> Table:
        """Return the table; for people, with the columns that say something of the answers."""
        return table_of(self.columns, self.rows, len(self.variations))


def sweep(
    file: str | Path,
    vary: Mapping[str, Sequence[Any]] | Sequence[Variation | str] | str,
    *,
    output: str | Path | None = None,
    workers: int | None = 1,
    dask: str | None = None,
    force: bool = False,
    progress: bool = False,
    width: float | None = None,
) -> Sweep:
    """Answer an instance file at every point of a grid of its numbers.

    Parameters
    ----------
    file
        The instance, a TOML file.
    vary
        What varies: values by name, or texts ``NAME=START:STOP:COUNT``. A name is a path below
        ``[environment]`` or ``[problem]``; with several the grid is their product, and the last
        varies fastest.
    output
        Where to write the table, in the format that the suffix says: .csv or .parquet with all
        columns, .json, .tex, .md or .txt. With it, every answered point goes
        to a journal beside it at once, so that a run that was killed is taken up where it stopped;
        the table appears whole, at the end, and the journal goes. A JSON file beside the table says
        which sweep it is of: the same sweep leaves it as it is and reads it back.
    workers
        Number of processes on this machine; None for one per core.
    dask
        Address of a Dask scheduler, to use its workers instead. They need mechopt, and the file's
        samples under the same path.
    force
        Whether to replace a table that is there and is not this sweep's.
    width
        Of a table in LaTeX, in inches; 6.5 unless given, 3.3 for a column of a journal. A table
        that is done is written again at another width, without computing anything.
    progress
        Whether to say on standard error how much is done and the time left: a bar on a terminal,
        a plain line now and then elsewhere.

    Returns
    -------
    Sweep
        Every number but ``seconds`` is the same whatever the number of workers, on machines of one
        kind. A point that cannot be answered has its error in the table, and does not stop the
        others.

    Raises
    ------
    InstanceError
        If the file has faults as it stands.
    InvalidInputError
        For names that are no numbers of the file, a width of what is not LaTeX, a table that
        cannot be written or is one of the files read, and a table or a journal that is another
        sweep's.
    WorkerError
        If a worker is lost; the journal stays.

    Notes
    -----
    Measured on two cores with two workers: Cramton's Figure 8.1 at 1,000 discount rates, 400 cells
    a side, every point audited and bracketed, in 29 s; a grid of 10,000 problems of two types a
    side in 27 s. A process takes about two seconds to start.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> text = '''
    ... environment.kind = "bilateral-trade"
    ... environment.seller = { types = [0, 1] }
    ... environment.buyer = { types = [0, 2], discount_rate = 1 }
    ... problem.objective = "ex-ante-efficiency"
    ... '''
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "trade.toml")
    ...     _ = file.write_text(text)
    ...     table = sweep(file, {"buyer.types[1]": [1, 2, 3]})
    >>> table.column("objective")
    [0.25, 0.75, 1.25]
    """
    if dask is not None and workers not in (None, 1):
        raise InvalidInputError(
            "two ways to share the work",
            where="dask",
            expected="workers or dask",
            got="both",
            remedy="Leave one of them out.",
        )
    if width is not None:
        require_width(width)
        if output is None or Path(output).suffix.lower() != ".tex":
            raise InvalidInputError(
                "a width of what is not LaTeX",
                where="width",
                expected="an output that ends with .tex",
                got=str(output),
                remedy="Leave width out, or pass it to to_latex of what is returned.",
            )
    plan = plan_of(file, vary)
    workers = require_workers(workers)
    if output is None:
        rows = dict(_answers(plan, {}, workers, dask, progress))
        return _table(plan, rows, None)
    target = _target(plan, require_writable(output))
    journal_path = target.with_name(target.name + JOURNAL_SUFFIX)
    check = partial(row_fault, agents=plan.agents, balanced=plan.is_balanced)
    if is_finished(target, plan.fingerprint, force=force):
        if journal_path.exists():
            # Left by a run that was killed after its table was there; another sweep's stays.
            with suppress(InvalidInputError), Journal(journal_path, plan.fingerprint, check):
                journal_path.unlink()
        columns, values = rows_of(target, len(plan.variations))
        done = Sweep(plan.variations, columns, values, Path(output), was_done=True)
        if width is not None and done.to_latex(width).encode() != target.read_bytes():
            _write(plan, done, target, width)
        return done
    with Journal(journal_path, plan.fingerprint, check) as journal:
        for point, row in _answers(plan, journal.rows, workers, dask, progress):
            journal.append(point, row)
        table = _table(plan, journal.rows, Path(output))
        _write(plan, table, target, width)
        journal_path.unlink()
    return table


def _target(plan: Plan, output: Path) -> Path:
    """Return where a table is really written, which is no file that is read."""
    inputs = [plan.path, *samples_of(plan)]
    # All names of one table share one journal.
    target = Path(os.path.realpath(output)) if output.is_symlink() else output
    journal = target.with_name(target.name + JOURNAL_SUFFIX)
    for written in (target, journal, stamp_path(target)):
        require_output(written, inputs=inputs)
    if not is_plain(journal):
        raise InvalidInputError(
            "cannot write the journal beside the table",
            where=str(journal),
            expected="no file, or a journal",
            got=kind_of(journal.stat().st_mode),
            remedy="Write to another table, or move it.",
        )
    return target


def samples_of(plan: Plan) -> list[Path]:
    """Return the files of data that a sweep reads: those of its file, and those that it varies."""
    from mechopt.instances.named_files import KEYS, named_files

    folder = plan.path.parent
    found = named_files(plan.document, folder)
    for key, variation in zip(plan.keys, plan.variations, strict=True):
        if key[-1] in KEYS:
            found += [folder / str(value) for value in variation.values]
    return list(dict.fromkeys(found))


def _write(plan: Plan, table: Sweep, target: Path, width: float | None) -> None:
    """Write a table, and first what it is of."""
    suffix = target.suffix.lower()
    style = {ending: name for name, ending in SUFFIX_OF.items()}.get(suffix)
    if style is None:
        content = as_parquet(table.columns, table.rows)
    else:
        content = table.table().written(style, PAGE if width is None else width).encode()
    if not is_plain(target):
        write_whole(target, content)
        return
    about: dict[str, Any] = {
        "file": plan.path.name,
        "vary": {part.name: len(part.values) for part in plan.variations},
        "points": len(table.rows),
        "failed": table.num_failed,
        "mechopt": version("mechopt"),
    }
    if not is_read_back(target):
        # What is written for people has not all the digits.
        about |= {"columns": table.columns, "rows": table.rows}
    beside = stamp(content, plan.fingerprint, about)
    write_together({stamp_path(target): beside, target: content})


def plan_of(
    file: str | Path, vary: Mapping[str, Sequence[Any]] | Sequence[Variation | str] | str
) -> Plan:
    """Return the plan of a sweep, and report the faults of its file and names.

    Raises
    ------
    InstanceError, InvalidInputError
        As for :func:`sweep`.
    """
    from mechopt.instances import instance_from_document, read_document

    variations = variations_of(vary)
    document = read_document(file)
    instance_from_document(document, file)
    path = Path(file).absolute()
    return Plan(document, path, variations, keys_of(document, variations, path))


def _answers(
    plan: Plan,
    done: Mapping[int, Mapping[str, Any]],
    workers: int,
    dask: str | None,
    shown: bool,
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the points that are not done, and their rows, as they are answered."""
    total = math.prod(plan.shape)
    missing = [point for point in range(total) if point not in done]
    if not missing:
        return
    results: Iterator[tuple[int, Mapping[str, Any] | str]]
    if dask is None:
        results = iter(in_processes(_answer_at, plan, missing, workers))
    else:
        results = iter(on_dask(_answer_at, plan, missing, dask))
    for point, row in counted(results, total, total - len(missing), "points", shown=shown):
        yield point, {"error": row} if isinstance(row, str) else row


def _answer_at(plan: Plan, point: int) -> Mapping[str, Any]:
    """Return the row of a point, or its error."""
    from mechopt.instances import instance_from_document
    from mechopt.report.solved import fault_of, solve_instance

    start = time.perf_counter()
    try:
        # What arithmetic leads to is judged by the audit; a warning says not which point it is of.
        with np.errstate(all="ignore"):
            instance = instance_from_document(plan.at(point), plan.path)
            report = solve_instance(instance, intervals=False, start=start)
        return {**flattened(report.record(), plan.agents), "error": _line(fault_of(report))}
    except InstanceError as error:
        return {"error": _line("; ".join(error.faults))}
    except Exception as error:
        # Whatever went wrong at this point is this point's answer: the others go on.
        return {"error": _line(f"{type(error).__name__}: {error}")}


def _line(text: str | None) -> str | None:
    return None if text is None else shortened(" ".join(text.split()))


def _table(plan: Plan, rows: Mapping[int, Mapping[str, Any]], output: Path | None) -> Sweep:
    in_order = [rows[point] for point in range(math.prod(plan.shape))]
    columns = columns_of(in_order, plan.agents)
    varied = np.stack(
        np.meshgrid(*(np.arange(size) for size in plan.shape), indexing="ij"), axis=-1
    ).reshape(-1, len(plan.shape))
    values = [variation.column for variation in plan.variations]
    table = tuple(
        (*(values[i][place] for i, place in enumerate(places)), *(row.get(c) for c in columns))
        for places, row in zip(varied.tolist(), in_order, strict=True)
    )
    names = tuple(
        # An answer may be called like what varies, such as the objective.
        f"{key[0]}.{part.name}" if part.name in columns else part.name
        for key, part in zip(plan.keys, plan.variations, strict=True)
    )
    return Sweep(plan.variations, (*names, *columns), table, output)
