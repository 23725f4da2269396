"""``mechopt sweep``: an instance answered over a grid of its numbers."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from mechopt._util.terminal import complain, say
from mechopt.cli.common import ANSWERED, FAILED, INTERRUPTED, PLAIN, Talk
from mechopt.cli.tables import AsJson, StyleOption, WidthOption, put, style_for
from mechopt.errors import InvalidInputError


def sweep(
    file: Path,
    /,
    *,
    vary: Annotated[list[str], Parameter(negative="")],
    style: StyleOption = None,
    width: WidthOption = None,
    as_json: AsJson = False,
    output: Path | None = None,
    workers: int | None = None,
    dask: str | None = None,
    force: Annotated[bool, Parameter(negative="")] = False,
    talk: Talk = PLAIN,
) -> int:
    """Answer an instance file at every point of a grid of its numbers or words, one row each.

    A table that this command has finished is left as it is, and any other is replaced only with
    --force; the JSON file beside a table says what it is of.

    A run that was stopped or killed is taken up where it stopped by the same command: answered
    points are kept in a journal beside the table until the table is there, whole. A point that
    fails has its error in the table. The columns are what varied, the scalar keys of ``solve
    --json`` and ``error``; all but ``seconds`` are the same whatever the number of workers.

    Exit status: 0 if all points were answered, 1 if some failed or a worker was lost, 2 bad input,
    130 if stopped by Ctrl-C.

    Example: ``mechopt sweep instances/cramton1985/delayed_exchange.toml --vary
    buyer.discount_rate=log:0.002:2:1000 --output figure_8_1.csv``

    Parameters
    ----------
    file
        The instance, a TOML file, or the name of one that ``mechopt list`` shows.
    vary
        NAME=START:STOP:COUNT, NAME=log:START:STOP:COUNT (evenly spaced in logarithms) or
        NAME=A,B,C, where NAME is a path below [environment] or [problem], such as
        buyer.discount_rate or seller.types[2]. Words vary too: buyer.distribution=uniform,arcsine,
        objective=welfare,revenue, or buyer.law for saved laws. Give it again for a grid; the last
        varies fastest.
    style
        A table as text, CSV with all digits, LaTeX (booktabs), Markdown, or one JSON object; by the
        suffix of the output unless said. Text, LaTeX and Markdown have what varied, the objective
        and the numbers that differ between points, and name the rest; the others have all columns.
    width
        Of the table in LaTeX, in inches: 6.5 unless said, 3.3 for a column of a journal. What is
        too wide is set in smaller letters, on several lines, or columns below each other.
    as_json
        The same as --format json.
    output
        The table: .csv, .parquet, .json, .tex, .md or .txt. Without it, the table is printed, and a
        run that is stopped begins anew.
    workers
        Number of processes on this machine; one per core unless said.
    dask
        Address of a Dask scheduler to use instead, such as tcp://127.0.0.1:8786.
    force
        Replace a table that is there and is not this sweep's.

    Examples
    --------
    >>> sweep(Path("trade.toml"), vary=["seller.types"], output=Path("table.csv"))
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: vary: not of the form (expected NAME=START:STOP:COUNT, ...
    """
    from mechopt._util.parallel import WorkerError
    from mechopt.instances.bundled import instance_path
    from mechopt.sweeps import run

    start = time.perf_counter()
    if dask is not None and workers is not None:
        raise InvalidInputError(
            "two ways to share the work",
            where="--dask",
            expected="--workers or --dask",
            got="both",
            remedy="Leave one of them out.",
        )
    chosen = style_for(style, output, as_json=as_json, further=(".parquet",), width=width)
    kept = f"answered points are kept beside {output}; the same command goes on from there"
    kept = "nothing is kept without --output" if output is None else kept
    try:
        table = run.sweep(
            instance_path(file),
            vary,
            output=output,
            workers=workers,
            dask=dask,
            force=force,
            progress=not talk.quiet,
            width=None if output is None else width,
        )
    except KeyboardInterrupt:
        complain(f"stopped: {kept}")
        return INTERRUPTED
    except WorkerError as error:
        complain(f"{error} ({kept})")
        return FAILED
    seconds = time.perf_counter() - start
    if output is None:
        put(table.table(), chosen, None, width)
    elif not talk.quiet:
        what = "done already, nothing was computed" if table.was_done else f"in {seconds:.1f} s"
        points = "1 point" if len(table.rows) == 1 else f"{len(table.rows):,} points"
        say(f"{points} {what}, {table.num_failed} failed: {output}")
    if table.num_failed:
        first = next(error for error in table.column("error") if error is not None)
        some = f"{table.num_failed} of {len(table.rows)} points failed, the first with: {first}"
        complain(some)
    return FAILED if table.num_failed else ANSWERED
