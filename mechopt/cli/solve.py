"""``mechopt solve``: the answer to an instance file."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from mechopt._util.terminal import complain
from mechopt.cli.common import (
    ANSWERED,
    FAILED,
    PLAIN,
    Talk,
    progress_bar,
    show_report,
    status_of,
)
from mechopt.cli.outputs import inputs_of, require_solution_output, say_written

if TYPE_CHECKING:
    from mechopt.exact import ExactSolution
    from mechopt.solution import Solution

AUTO = "auto"


def solve(
    file: Path,
    /,
    *,
    backend: str = AUTO,
    cells: int | None = None,
    time_limit: float | None = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="")] = False,
    output: Path | None = None,
    exact: Annotated[bool, Parameter(negative="")] = False,
    talk: Talk = PLAIN,
) -> int:
    """Solve the problem of an instance file, audit the answer, and say what was found.

    Example: ``mechopt solve instances/house_prices/house_prices.toml --output house.json``

    Parameters
    ----------
    file
        The instance, a TOML file, or the name of one that ``mechopt list`` shows.
    backend
        How to solve it: direct, highs, cvxpy or pyomo; "auto" takes the first that accepts the
        problem.
    cells
        Cut every continuous prior into this many cells, whatever the file says.
    time_limit
        Stop the solver after this many seconds. Building, and what a report adds, is not counted.
    as_json
        Print one JSON object and nothing else.
    output
        Save problem and solution as JSON (.json), for ``mechopt verify``.
    exact
        Prove the optimum as a fraction too. Data must be rational: finite types, samples, uniform
        distributions; decimals are read as decimals, so that 0.1 is 1/10.
    """
    start = time.perf_counter()
    from mechopt.backends.registry import backend_named
    from mechopt.instances import load_instance
    from mechopt.instances.bundled import instance_path
    from mechopt.report.solved import solve_instance
    from mechopt.saved import save_solution

    chosen = None if backend == AUTO else backend
    if chosen is not None:
        backend_named(chosen)
    path = instance_path(file)
    require_solution_output(output, *inputs_of(path))
    instance = load_instance(path, cells=cells)
    with progress_bar("payoff intervals", shown=not talk.quiet) as progress:
        report = solve_instance(
            instance, chosen, exact=exact, time_limit=time_limit, progress=progress, start=start
        )
    if output is not None:
        save_solution(report.solution, output)
    if as_json:
        print(json.dumps(report.record(), allow_nan=False))
    else:
        show_report(report, talk)
        if not talk.quiet:
            say_written(output)
    return max(
        status_of(report.solution, report.audit.passed),
        _exact_status(report.solution, report.exact),
    )


def _exact_status(solution: Solution, proof: ExactSolution | None) -> int:
    """Return whether what was proved exactly, if it was asked for, agrees with the solution."""
    doubt = None if proof is None else proof.doubt_about(solution)
    if doubt is None:
        return ANSWERED
    complain(f"--exact: {doubt}")
    return FAILED
