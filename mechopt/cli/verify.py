"""``mechopt verify``: audit a saved solution."""

from __future__ import annotations

from pathlib import Path

from mechopt._util.terminal import say
from mechopt._util.text import for_terminal
from mechopt.cli.common import ANSWERED, FAILED, PLAIN, Talk, console, effort


def verify(solution: Path, /, *, talk: Talk = PLAIN) -> int:
    """Audit a saved solution again, from the problem's data alone.

    Example: ``mechopt verify house.json``

    Parameters
    ----------
    solution
        A solution that ``--output`` of ``mechopt solve``, ``check`` or ``import`` wrote.
    """
    from mechopt._util.rounding import violation_in_words
    from mechopt.report.addendum import addendum_of
    from mechopt.report.required import required_in_words
    from mechopt.report.words import UNANSWERED, standing, verdict_in_words
    from mechopt.saved import load_solution
    from mechopt.solution import Termination
    from mechopt.verify.audit import AuditReport, audit
    from mechopt.verify.multipliers import multiplier_checks

    loaded = load_solution(solution)
    report = audit(loaded.problem, loaded)
    given = multiplier_checks(loaded.problem, loaded)
    addendum = addendum_of(loaded, further=False)
    further = () if addendum is None else addendum.checks()
    unchecked = () if addendum is None else addendum.unchecked()
    report = AuditReport((*report.checks, *given, *further), (*report.notes, *unchecked))
    page = console()
    required = required_in_words(loaded.problem)
    if required and not talk.quiet:
        text = for_terminal(required)
        page.print(text, markup=False, highlight=False, soft_wrap=True)
    for check in () if talk.quiet else report.checks:
        style = None if check.passed else "bold red"
        text = for_terminal(str(check))
        page.print(text, style=style, markup=False, highlight=False, soft_wrap=True)
    notes = list(report.notes)
    if loaded.mechanism is not None and loaded.termination is not Termination.OPTIMAL:
        notes.append(standing(loaded))
    for note in () if talk.quiet else notes:
        say(note)
    if talk.verbose:
        # All but the problem's digest is what the file says: nobody can compute it again.
        *said, digest = (*loaded.provenance.notes, *effort(loaded))
        for line in (*(f"as saved: {line}" for line in said), digest):
            say(line)
    verdict = verdict_in_words(loaded, report)
    if verdict != UNANSWERED:
        verdict += f" ({violation_in_words(report.max_violation)})"
    page.print(verdict, highlight=False)
    return ANSWERED if report.passed else FAILED
