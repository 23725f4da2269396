"""``mechopt export`` and ``mechopt import``: to other solvers, and back."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from mechopt._util.terminal import complain, say
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


def export(
    file: Path,
    /,
    *,
    to: Path,
    cells: int | None = None,
    form: Literal["neighbouring", "all-pairs"] = "neighbouring",
    talk: Talk = PLAIN,
) -> int:
    """Write the program of an instance file as a model for any solver.

    Beside it goes a JSON file that says what every name means. What the solver answers can be
    brought back with ``mechopt import``.

    Example: ``mechopt export instances/examples/six_types.toml --to six.mps``

    Parameters
    ----------
    file
        The instance, a TOML file, or the name of one that ``mechopt list`` shows.
    to
        Where to; the suffix chooses the format: .mps, .lp, .cbf (cones) or .nl (powers), and
        .mps.gz or .cbf.gz compresses.
    cells
        Cut every continuous prior into this many cells, whatever the file says.
    form
        Incentive constraints between neighbours, or, for stress tests, between all pairs.
    """
    from mechopt._util.files import require_output
    from mechopt.formats.sidecar import sidecar_path
    from mechopt.formats.write import scale_remark, write_model
    from mechopt.instances import load_instance
    from mechopt.instances.bundled import instance_path

    path = instance_path(file)
    for written in (to, sidecar_path(to)):
        require_output(written, inputs=inputs_of(path), where="--to")
    instance = load_instance(path, cells=cells).refined()
    paths, sidecar = write_model(
        instance.problem, to, form=form, title=instance.title, unit=instance.unit
    )
    remark = scale_remark(sidecar)
    if remark:
        complain(f"warning: {to}: {remark}")
    if not talk.quiet:
        wrote = f"wrote {paths[0]} and {paths[1].name}, which explains it"
        # The model knows no samples, so that import cannot say this of its answer.
        remark = instance.problem.objective.remark
        say("\n".join([wrote, *filter(None, [remark]), *instance.data.sentences()]))
    return ANSWERED


def import_(
    model: Path,
    solution: Path,
    /,
    *,
    output: Path | None = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="")] = False,
    talk: Talk = PLAIN,
) -> int:
    """Take back what a solver found for an exported model, audit it, and say what it is.

    Example: ``mechopt import six.mps six.sol --output six.json``

    Parameters
    ----------
    model
        The model that ``mechopt export`` wrote; its JSON file must be beside it.
    solution
        What the solver wrote: HiGHS, SCIP, CPLEX or Gurobi; for .nl also AMPL's format, and for
        .cbf MOSEK's. Or a file of your own, of lines "NAME VALUE", such as "trade_0_1 0.5", with
        the value of every variable (x0, x1, ... by index for .nl and .cbf).
    output
        Save problem and solution as JSON (.json), for ``mechopt verify``.
    as_json
        Print one JSON object, as ``mechopt solve`` does, and nothing else.
    """
    start = time.perf_counter()
    from mechopt.formats.read import import_solution
    from mechopt.formats.sidecar import sidecar_path
    from mechopt.report.solved import report_on
    from mechopt.saved import save_solution
    from mechopt.solution import Termination

    require_solution_output(output, model, sidecar_path(model), solution)
    found = import_solution(model, solution)
    with progress_bar("payoff intervals", shown=not talk.quiet) as progress:
        report = report_on(found, progress=progress)
    report = replace(report, seconds=time.perf_counter() - start)
    if output is not None:
        save_solution(report.solution, output)
    if as_json:
        print(json.dumps(report.record(), allow_nan=False))
    else:
        show_report(report, talk)
        if not talk.quiet:
            say_written(output)
    notes = report.solution.provenance.notes
    if report.solution.termination is Termination.LIMIT and report.solution.mechanism is None:
        reason = "; ".join(notes) or "the solver stopped before it had one"
        complain(f"no answer: {reason}")
        return FAILED
    if report.solution.termination is Termination.LIMIT:
        # A mechanism with a value and a bound is an answer, which does not claim to be the best.
        return ANSWERED if report.audit.passed else FAILED
    return status_of(report.solution, report.audit.passed)
