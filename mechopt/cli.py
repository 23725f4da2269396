"""The command line: ``mechopt solve``, ``mechopt check`` and the others."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, CycloptsError, Parameter

from mechopt import commands
from mechopt.errors import InvalidInputError, MechoptError

if TYPE_CHECKING:
    from rich.console import Console

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

    chosen = None if backend == "auto" else backend
    report = answer(load_instance(file, cells=cells), chosen, exact=exact, start=start)
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
    from mechopt.solution import load_solution
    from mechopt.verify.audit import audit

    loaded = load_solution(solution)
    report = audit(loaded.problem, loaded)
    console = _console()
    for check in report.checks:
        style = None if check.passed else "bold red"
        console.print(str(check), style=style, markup=False, highlight=False, soft_wrap=True)
    for note in report.notes:
        console.print(note, markup=False, highlight=False, soft_wrap=True)
    verdict = "audit passed" if report.passed else "audit FAILED"
    console.print(f"{verdict} (largest violation {report.max_violation:.0e})", highlight=False)
    return ANSWERED if report.passed else FAILED


for command in (commands.compare, commands.sweep, commands.bootstrap):
    app.command(command)


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
