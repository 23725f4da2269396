"""``mechopt sweep``: an instance answered over a grid of its numbers."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from mechopt.commands.common import PLAIN, Talk
from mechopt.errors import InvalidInputError

INTERRUPTED = 130


def sweep(
    file: Path,
    /,
    *,
    vary: Annotated[list[str], Parameter(negative="")],
    output: Path,
    workers: int | None = None,
    dask: str | None = None,
    talk: Talk = PLAIN,
) -> int:
    """Answer an instance file at every point of a grid of its numbers, one row per point.

    A run that was stopped or killed is taken up where it stopped by the same command: answered
    points are kept in a journal beside the table until the table is there, whole. A point that
    fails has its error in the table. The columns are what varied, the scalar keys of ``solve
    --json`` and ``error``; all but ``seconds`` are the same whatever the number of workers.

    Exit status: 0 if all points were answered, 1 if some failed or a worker was lost, 2 bad input,
    130 if stopped by Ctrl-C.

    Example: ``mechopt sweep instances/cramton1985/delayed_exchange.toml --vary
    buyer.discount_rate=0.002:2:1000 --output figure_8_1.csv``

    Parameters
    ----------
    file
        The instance, a TOML file, or the name of one that ``mechopt list`` shows.
    vary
        NAME=START:STOP:COUNT, where NAME is a path below [environment] or [problem], such as
        buyer.discount_rate or seller.types[2]. Give it again for a grid; the last varies fastest.
    output
        The table: .csv or .parquet.
    workers
        Number of processes on this machine; one per core unless said.
    dask
        Address of a Dask scheduler to use instead, such as tcp://127.0.0.1:8786.

    Examples
    --------
    >>> sweep(Path("trade.toml"), vary=["seller.types"], output=Path("table.csv"))
    Traceback (most recent call last):
        ...
    mechopt.errors.InvalidInputError: --vary: not of the form (expected NAME=START:STOP:COUNT, ...
    """
    from mechopt.instance.bundled import instance_path
    from mechopt.parallel import WorkerError
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
    kept = f"answered points are kept beside {output}; the same command goes on from there"
    try:
        table = run.sweep(
            instance_path(file),
            vary,
            output=output,
            workers=workers,
            dask=dask,
            progress=not talk.quiet,
        )
    except KeyboardInterrupt:
        print(f"mechopt: stopped: {kept}", file=sys.stderr)
        return INTERRUPTED
    except WorkerError as error:
        print(f"mechopt: {error} ({kept})", file=sys.stderr)
        return 1
    seconds = time.perf_counter() - start
    if not talk.quiet:
        print(f"{len(table.rows)} points in {seconds:.1f} s, {table.num_failed} failed: {output}")
    if table.num_failed:
        first = next(error for error in table.column("error") if error is not None)
        some = f"{table.num_failed} of {len(table.rows)} points failed, the first with: {first}"
        print(f"mechopt: {some}", file=sys.stderr)
    return 1 if table.num_failed else 0
