"""The command line: ``mechopt solve``, ``check``, ``verify``, ``export`` and ``import``."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, CycloptsError, Parameter

from mechopt.errors import InvalidInputError, MechoptError, NotOptimalError

if TYPE_CHECKING:
    from rich.console import Console

    from mechopt.analysis.dominance import Dominance
    from mechopt.analysis.payoff_intervals import Progress
    from mechopt.exact import ExactSolution
    from mechopt.solution import Solution

ANSWERED = 0
FAILED = 1
BAD_INPUT = 2

app = App(
    name="mechopt",
    help="Mechanism design programs: state one in a file, get it solved and certified.",
    help_epilogue="Exit status: 0 answered and certified, 1 an audit or an exact proof failed, or "
    "the program is infeasible, 2 bad input.",
)


@app.command
def solve(
    file: Path,
    /,
    *,
    backend: Literal["auto", "direct", "highs", "cvxpy", "pyomo"] = "auto",
    cells: int | None = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="")] = False,
    output: Path | None = None,
    exact: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Solve the problem of an instance file, audit the answer, and say what was found.

    Example: ``mechopt solve instances/house_prices/house_prices.toml --output house.json``

    Parameters
    ----------
    file
        The instance, a TOML file.
    backend
        How to solve it; "auto" takes the first that accepts the problem.
    cells
        Cut every continuous prior into this many cells, whatever the file says.
    as_json
        Print one JSON object and nothing else.
    output
        Save problem and solution as JSON, for ``mechopt verify``.
    exact
        Prove the optimum as a fraction too. Data must be rational: finite types, samples, uniform
        distributions; decimals are read as decimals, so that 0.1 is 1/10.
    """
    start = time.perf_counter()
    from mechopt.answer import answer
    from mechopt.instance import load_instance

    instance = load_instance(file, cells=cells)
    chosen = None if backend == "auto" else backend
    with _progress("payoff intervals") as progress:
        report = answer(instance, chosen, exact=exact, progress=progress, start=start)
    if output is not None:
        report.solution.save(output)
    if as_json:
        print(json.dumps(report.record(), allow_nan=False))
    else:
        report.show(_console())
    return max(
        _status(report.solution, report.audit.passed), _exact_status(report.solution, report.exact)
    )


@app.command
def check(
    file: Path,
    /,
    *,
    as_json: Annotated[bool, Parameter(name="--json", negative="")] = False,
    output: Path | None = None,
) -> int:
    """Decide whether ex post efficiency is possible without outside money, and prove it.

    In bargaining, everyone must get at least the random-monopoly bound.

    Example: ``mechopt check instances/examples/six_types.toml``

    Parameters
    ----------
    file
        The instance, a TOML file; only its environment matters.
    as_json
        Print one JSON object and nothing else.
    output
        For finite types, save the mechanism or the certificate, for ``mechopt verify``.
    """
    from mechopt.analysis.impossibility import check_ex_post_efficiency
    from mechopt.instance import load_instance
    from mechopt.report import check_record, show_check

    instance = load_instance(file)
    answer = check_ex_post_efficiency(instance.problem.environment)
    if output is not None:
        if answer.solution is None:
            raise InvalidInputError(
                "nothing to save",
                where="--output",
                expected="finite types on both sides",
                got="a continuous prior, whose answer is a number with bounds",
                remedy="Leave --output out, or list finite types.",
            )
        answer.solution.save(output)
    if as_json:
        print(json.dumps(check_record(answer), allow_nan=False))
    else:
        show_check(answer, instance.title, instance.unit, _console())
    if not answer.certificate.verified:
        print(f"mechopt: not certified: {answer.certificate.detail}", file=sys.stderr)
        return FAILED
    return ANSWERED


@app.command
def verify(solution: Path, /) -> int:
    """Audit a saved solution again, from the problem's data alone.

    Example: ``mechopt verify house.json``

    Parameters
    ----------
    solution
        A file that ``mechopt solve --output`` wrote.
    """
    from mechopt.analysis.bargaining import is_bargaining
    from mechopt.solution import load_solution
    from mechopt.verify.audit import AuditReport, audit
    from mechopt.verify.random_monopoly import audit_payoffs

    loaded = load_solution(solution)
    report = audit(loaded.problem, loaded)
    if is_bargaining(loaded.problem.environment) and loaded.mechanism is not None:
        agents = loaded.problem.environment.agents
        payoffs = [agent.name for agent in agents], loaded.mechanism.utility
        bounds = audit_payoffs(loaded.problem.environment, dict(zip(*payoffs, strict=True)))
        report = AuditReport((*report.checks, *bounds.checks), report.notes)
    console = _console()
    for check in report.checks:
        style = None if check.passed else "bold red"
        console.print(str(check), style=style, markup=False, highlight=False, soft_wrap=True)
    for note in report.notes:
        console.print(note, markup=False, highlight=False, soft_wrap=True)
    verdict = "audit passed" if report.passed else "audit FAILED"
    console.print(f"{verdict} (largest violation {report.max_violation:.0e})", highlight=False)
    return ANSWERED if report.passed else FAILED


@app.command
def export(
    file: Path,
    /,
    *,
    to: Path,
    cells: int | None = None,
    form: Literal["neighbouring", "all-pairs"] = "neighbouring",
) -> int:
    """Write the program of an instance file as a model for any solver.

    Beside it goes a JSON file that says what every name means. What the solver answers can be
    brought back with ``mechopt import``.

    Example: ``mechopt export instances/examples/six_types.toml --to six.mps``

    Parameters
    ----------
    file
        The instance, a TOML file.
    to
        Where to; the suffix chooses the format: .mps, .lp, .cbf (cones) or .nl (powers), and
        .mps.gz or .cbf.gz compresses.
    cells
        Cut every continuous prior into this many cells, whatever the file says.
    form
        Incentive constraints between neighbours, or, for stress tests, between all pairs.
    """
    from mechopt.exports.write import export_model
    from mechopt.instance import load_instance

    instance = load_instance(file, cells=cells)
    written = export_model(
        instance.problem, to, form=form, title=instance.title, unit=instance.unit
    )
    print(f"wrote {written[0]} and {written[1].name}, which explains it")
    return ANSWERED


@app.command(name="import")
def import_(
    model: Path,
    solution: Path,
    /,
    *,
    output: Path | None = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="")] = False,
) -> int:
    """Take back what a solver found for an exported model, audit it, and say what it is.

    Example: ``mechopt import six.mps six.sol --output six.json``

    Parameters
    ----------
    model
        The model that ``mechopt export`` wrote; its JSON file must be beside it.
    solution
        What the solver wrote: HiGHS, SCIP, CPLEX, Gurobi, or AMPL's format for .nl.
    output
        Save problem and solution as JSON, for ``mechopt verify``.
    as_json
        Print one JSON object, as ``mechopt solve`` does, and nothing else.
    """
    start = time.perf_counter()
    from mechopt.analysis.continuum import bracket_continuum, has_continuum
    from mechopt.exports.read import import_solution
    from mechopt.exports.sidecar import load_sidecar
    from mechopt.joint_problem import JointProblem
    from mechopt.report import Report
    from mechopt.verify.audit import audit

    if isinstance(load_sidecar(model).problem, JointProblem):
        return _import_dominance(model, solution, output, as_json=as_json)
    imported = import_solution(model, solution)
    found = imported.solution
    checked = audit(found.problem, found)
    if output is not None:
        found.save(output)
    continuum = None
    if found.alpha is not None and has_continuum(found.problem):
        continuum = bracket_continuum(found)
    seconds = time.perf_counter() - start
    report = Report(found, checked, imported.title, imported.unit, seconds, continuum)
    if as_json:
        print(json.dumps(report.record(), allow_nan=False))
    else:
        report.show(_console())
    return _status(found, checked.passed)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status.

    Parameters
    ----------
    arguments
        The words after ``mechopt``; those of the process unless given.

    Examples
    --------
    >>> main(["--version"])
    0.1.0
    0
    """
    words = sys.argv[1:] if arguments is None else arguments
    try:
        result = app(words, exit_on_error=False, print_error=False, result_action="return_value")
    except NotOptimalError as error:
        print(f"mechopt: {error}", file=sys.stderr)
        return FAILED
    except (CycloptsError, MechoptError) as error:
        print(f"mechopt: {error}", file=sys.stderr)
        return BAD_INPUT
    except OSError as error:
        print(f"mechopt: cannot write the answer: {error.strerror}", file=sys.stderr)
        return FAILED
    return result if isinstance(result, int) else ANSWERED


def _status(solution: Solution, audit_passed: bool) -> int:
    from mechopt.backends import explain
    from mechopt.solution import Termination

    if solution.termination is not Termination.OPTIMAL:
        print(f"mechopt: {explain(solution)}", file=sys.stderr)
        return FAILED
    return ANSWERED if audit_passed else FAILED


def _import_dominance(model: Path, solution: Path, output: Path | None, *, as_json: bool) -> int:
    """Say what a solution of a joint problem is: whether its status quo is dominated."""
    from mechopt.exports.read import import_dominance

    if output is not None:
        raise InvalidInputError(
            "nothing to save",
            where="--output",
            expected="a model of a design problem",
            got="one of a joint problem",
            remedy="Leave --output out, or use import_dominance in Python.",
        )
    answer = import_dominance(model, solution)
    assert answer.audit is not None
    if as_json:
        print(json.dumps(_dominance_record(answer), allow_nan=False))
    else:
        console = _console()
        for line in (answer, *answer.audit.failed, *answer.notes):
            console.print(str(line), markup=False, soft_wrap=True)
        verdict = "audit passed" if answer.audit.passed else "audit FAILED"
        console.print(f"{verdict} (largest violation {answer.audit.max_violation:.0e})")
    decided = answer.efficient or answer.dominated
    return ANSWERED if decided and answer.audit.passed else FAILED


def _dominance_record(answer: Dominance) -> dict[str, object]:
    assert answer.audit is not None
    audit = {"max_violation": answer.audit.max_violation, "passed": answer.audit.passed}
    bound = answer.bound if math.isfinite(answer.bound) else None
    return {"verdict": answer.verdict.value, "gain": answer.gain, "bound": bound, "audit": audit}


@contextmanager
def _progress(title: str) -> Iterator[Progress]:
    """Show on a terminal, from the first report of a job on, how much is done and the time left."""
    from rich.console import Console
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    with Bar(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, visible=False)
        yield lambda done, total: bar.update(task, completed=done, total=total, visible=True)


def _exact_status(solution: Solution, proof: ExactSolution | None) -> int:
    """Return whether what was proved exactly, if it was asked for, agrees with the solution."""
    doubt = None if proof is None else proof.doubt_about(solution)
    if doubt is None:
        return ANSWERED
    print(f"mechopt: --exact: {doubt}", file=sys.stderr)
    return FAILED


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False)
