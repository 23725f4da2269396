"""The summary of a solution as text, for notebooks and for print."""

from __future__ import annotations

import io

from mechopt.errors import require
from mechopt.report.addendum import HasSolution, addendum_on
from mechopt.report.report import Report
from mechopt.solution import Solution
from mechopt.studies.bets import bets_of
from mechopt.verify.audit import audit

WIDTH = 100


def summary(solution: Solution | HasSolution, title: str = "", unit: str = "money") -> str:
    r"""Return the summary that ``mechopt solve`` prints, the audit and its verdict included.

    Parameters
    ----------
    solution
        What was solved, or what :func:`mechopt.peski2024.player_1_gap` returned.
    title, unit
        What to call the problem, and what money is measured in.

    Raises
    ------
    InvalidInputError
        For anything but these two.

    Examples
    --------
    >>> from mechopt import Bargaining, BilateralTrade, TypeSpace
    >>> from mechopt import ex_ante_efficiency, solve
    >>> from mechopt.peski2024 import player_1_gap
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> text = summary(solve(ex_ante_efficiency(BilateralTrade(types, types))), "Six types")
    >>> print("\n".join(text.splitlines()[2:4]))
      first best     0.972222    all gains from trade, expected
      second best    0.925926    95.24 % of first best
    >>> gap = player_1_gap(Bargaining(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3])))
    >>> print("\n".join(summary(gap).splitlines()[2:6]))
    player 1 proposes with probability 0.5
      first best            2.25    all gains, expected, if types were public
      player 1 gets       1.0625    E, the most that it can expect
      random monopoly          1    what it can be sure of
    """
    from rich.console import Console

    hint = "Pass what solve(problem) returned, or what was made of that."
    addendum = addendum_on(solution)
    if addendum is None:
        require(solution, Solution, where="solution", remedy=hint)
        assert isinstance(solution, Solution)
        solved, checked = solution, audit(solution.problem, solution)
    else:
        solved, checked = addendum.solution, addendum.audit()
    title = title or ("mechopt" if addendum is None else addendum.title)
    seconds, bets = solved.statistics.seconds, bets_of(solved)
    report = Report(solved, checked, title, unit, seconds, addendum=addendum, bets=bets)
    written = io.StringIO()
    report.show(Console(file=written, width=WIDTH, highlight=False, force_jupyter=False))
    return written.getvalue().rstrip()
