"""``mechopt check``: is ex post efficiency possible."""

from __future__ import annotations

import math
from pathlib import Path

from mechopt._util.files import is_plain
from mechopt._util.rounding import in_figures
from mechopt._util.terminal import complain, say
from mechopt._util.text import one_line
from mechopt.cli.common import ANSWERED, FAILED, PLAIN, Talk, console
from mechopt.cli.outputs import inputs_of, require_solution_output, say_written
from mechopt.cli.tables import AsJson, Style, StyleOption, WidthOption, put, style_for
from mechopt.errors import InvalidInputError, UnsupportedProblemError


def check(
    file: Path,
    /,
    *,
    style: StyleOption = None,
    width: WidthOption = None,
    as_json: AsJson = False,
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
    style
        A table as CSV with all digits, LaTeX (booktabs), Markdown, text, or one JSON object.
    width
        Of the table in LaTeX, in inches: 6.5 unless said, 3.3 for a column of a journal. What is
        too wide is set in smaller letters, on several lines, or columns below each other.
    as_json
        Print one JSON object and nothing else; with --output, the mechanism is saved beside.
    output
        For finite types, save the mechanism or the certificate (.json), for ``mechopt verify``.
        With --format, or for .csv, .tex, .md and .txt, write the table there instead.
    """
    from mechopt.instances import load_instance
    from mechopt.instances.bundled import instance_path
    from mechopt.literature.cramton1985.impossibility import check_ex_post_efficiency
    from mechopt.report.check import NO_SUBSIDY, answer_table, show_check, unknown_table
    from mechopt.saved import save_solution
    from mechopt.verify.audit import audit

    path = instance_path(file)
    # A solution is .json, and so is the record if that is what --format says.
    named = output is not None and is_plain(output) and output.suffix.lower() != ".json"
    wants_table = style is not None or named or width is not None
    chosen: Style | None = "json" if as_json else None
    if wants_table:
        chosen = style_for(style, output, inputs_of(path), as_json=as_json, width=width)
    else:
        require_solution_output(output, *inputs_of(path))
    saved = None if wants_table else output
    instance = load_instance(path).refined()
    written = output if wants_table else None
    try:
        answer = check_ex_post_efficiency(instance.problem)
    except UnsupportedProblemError as reason:
        if not instance.problem.environment.has_continuum:
            raise
        if chosen is not None:
            put(unknown_table(str(reason), instance.title, instance.data), chosen, written, width)
        else:
            say(f"{one_line(instance.title)}: not available: {reason}")
        return ANSWERED
    if saved is not None:
        if answer.solution is None:
            raise InvalidInputError(
                "nothing to save",
                where="--output",
                expected="finite types",
                got="a continuous prior, whose answer is a number with bounds",
                remedy="Leave --output out, or list finite types.",
            )
        save_solution(answer.solution, saved)
    if chosen is not None:
        table = answer_table(answer, instance.title, instance.unit, instance.data, instance.problem)
        put(table, chosen, written, width)
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
        say_written(saved)
    if talk.verbose and chosen is None and answer.solution is not None:
        for check_ in audit(answer.solution.problem, answer.solution).checks:
            say(f"  {check_}")
    if not answer.certificate.verified:
        complain(f"not certified: {answer.certificate.detail}")
        return FAILED
    return ANSWERED
