"""``mechopt solve``: the answer to an instance file."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from mechopt._util.terminal import complain
from mechopt._util.text import for_terminal, one_line
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
from mechopt.cli.tables import style_for

if TYPE_CHECKING:
    from mechopt.exact import ExactSolution
    from mechopt.report.report import Report
    from mechopt.solution import Solution

AUTO = "auto"


def solve(
    file: Path,
    /,
    *,
    backend: str = AUTO,
    cells: int | None = None,
    time_limit: float | None = None,
    style: Annotated[Literal["text", "json", "csv"] | None, Parameter(name="--format")] = None,
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
    style
        What to print: a report, one JSON object, or, as CSV, a header and a row of its numbers, in
        the columns of ``mechopt sweep``.
    as_json
        The same as --format json.
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
    chosen_style = style_for(style, None, as_json=as_json)
    require_solution_output(output, *inputs_of(path))
    instance = load_instance(path, cells=cells)
    with progress_bar("payoff intervals", shown=not talk.quiet) as progress:
        report = solve_instance(
            instance, chosen, exact=exact, time_limit=time_limit, progress=progress, start=start
        )
    if output is not None:
        save_solution(report.solution, output)
    if chosen_style == "json":
        print(json.dumps(report.record(), allow_nan=False))
    elif chosen_style == "csv":
        print(for_terminal(_as_csv(report)), end="")
    else:
        show_report(report, talk)
        if not talk.quiet:
            say_written(output)
    return max(
        status_of(report.solution, report.audit.passed),
        _exact_status(report.solution, report.exact),
    )


def _as_csv(report: Report) -> str:
    """Return a header and a row of the numbers of a report, in the columns of a sweep."""
    from mechopt._util.table import Table
    from mechopt.report.solved import fault_of
    from mechopt.sweeps.table import columns_of, flattened

    agents = [agent.name for agent in report.solution.problem.environment.agents]
    fault = fault_of(report)
    row = {**flattened(report.record(), agents), "error": fault and one_line(fault)}
    columns = columns_of([row], agents)
    return Table((), (), columns, [[row.get(name) for name in columns]]).to_csv()


def _exact_status(solution: Solution, proof: ExactSolution | None) -> int:
    """Return whether what was proved exactly, if it was asked for, agrees with the solution."""
    doubt = None if proof is None else proof.doubt_about(solution)
    if doubt is None:
        return ANSWERED
    complain(f"--exact: {doubt}")
    return FAILED
