"""``mechopt check``: is ex post efficiency possible."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from mechopt._util.rounding import in_figures
from mechopt._util.terminal import complain, say
from mechopt._util.text import one_line
from mechopt.cli.common import ANSWERED, FAILED, PLAIN, Talk, console
from mechopt.cli.outputs import inputs_of, require_solution_output, say_written
from mechopt.errors import InvalidInputError, UnsupportedProblemError


def check(
    file: Path,
    /,
    *,
    as_json: Annotated[bool, Parameter(name="--json", negative="")] = False,
    output: Path | None = None,
    talk: Talk = PLAIN,
) -> int:
    """Decide whether ex post efficiency is possible without outside money, and prove it.

    In bargaining, everyone must get at least the random-monopoly bound.

    Example: ``mechopt check instances/examples/six_types.toml``

    Parameters
    ----------
    file
        The instance, a TOML file or the name of a bundled one; its environment matters, and what it
        requires of incentives, participation and payments. Where a prior is continuous the answer
        is about the continuum, or one line that says for what it is not known.
    as_json
        Print one JSON object and nothing else.
    output
        For finite types, save the mechanism or the certificate (.json), for ``mechopt verify``.
    """
    from mechopt.instances import load_instance
    from mechopt.instances.bundled import instance_path
    from mechopt.literature.cramton1985.impossibility import check_ex_post_efficiency
    from mechopt.report.check import NO_SUBSIDY, check_record, show_check, unknown_record
    from mechopt.saved import save_solution
    from mechopt.verify.audit import audit

    path = instance_path(file)
    require_solution_output(output, *inputs_of(path))
    instance = load_instance(path).refined()
    try:
        answer = check_ex_post_efficiency(instance.problem)
    except UnsupportedProblemError as reason:
        if not instance.problem.environment.has_continuum:
            raise
        if as_json:
            print(json.dumps(unknown_record(str(reason), instance.data), allow_nan=False))
        else:
            say(f"{one_line(instance.title)}: not available: {reason}")
        return ANSWERED
    if output is not None:
        if answer.solution is None:
            raise InvalidInputError(
                "nothing to save",
                where="--output",
                expected="finite types",
                got="a continuous prior, whose answer is a number with bounds",
                remedy="Leave --output out, or list finite types.",
            )
        save_solution(answer.solution, output)
    if as_json:
        print(json.dumps(check_record(answer, instance.data), allow_nan=False))
    elif talk.quiet:
        can = "possible" if answer.implementable else "NOT possible"
        least = NO_SUBSIDY
        if math.isfinite(answer.least_subsidy):
            least = f"least subsidy {in_figures(answer.least_subsidy, '.9g', answer.first_best)}"
        say(f"{one_line(instance.title)}: {can}, {least}")
    else:
        show_check(
            answer, instance.title, instance.unit, console(), instance.data, instance.problem
        )
        say_written(output)
    if talk.verbose and not as_json and answer.solution is not None:
        for check_ in audit(answer.solution.problem, answer.solution).checks:
            say(f"  {check_}")
    if not answer.certificate.verified:
        complain(f"not certified: {answer.certificate.detail}")
        return FAILED
    return ANSWERED
