"""What is said of ex post efficiency: one page for people, and one flat record for programs."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mechopt._util.rounding import finite_or_none, in_figures, without_rounding
from mechopt._util.table import Table
from mechopt.literature.cramton1985.impossibility import ExPostCheck, efficient_under
from mechopt.problem.budget import Holds
from mechopt.problem.problem import DesignProblem
from mechopt.report.addendum import addendum_of
from mechopt.report.outside import first_best_rows, lost_in_words
from mechopt.report.page import show_page
from mechopt.report.required import required_in_words
from mechopt.report.words import in_money, in_percent, share_of
from mechopt.studies.data_remarks import DataRemarks

EXPECTED = (
    "the budget is one in expectation here; `mechopt solve` with the objective "
    '"ex-post-efficiency" answers for every profile'
)

# Of title, unit, answer and what is required.
STYLES = ("bold", "dim", "", "dim")
NO_SUBSIDY = "no amount of outside money helps"

if TYPE_CHECKING:
    from rich.console import Console


def check_record(check: ExPostCheck, data: DataRemarks | None = None) -> dict[str, Any]:
    """Return the keys of ``mechopt check --json``, those of the data behind it included."""
    return {
        "implementable": check.implementable,
        # Where no outside money helps there is no number, and JSON has no infinity.
        "slack": finite_or_none(check.slack),
        "slack_lower": finite_or_none(check.slack_bounds[0]),
        "slack_upper": finite_or_none(check.slack_bounds[1]),
        "least_subsidy": finite_or_none(check.least_subsidy),
        "first_best": check.first_best,
        **({"outside": check.outside} if check.outside else {}),
        "closed_form_slack": check.closed_form_slack,
        "certificate": {
            "kind": check.certificate.kind,
            "verified": check.certificate.verified,
        },
        **({} if data is None else data.record()),
    }


def unknown_table(reason: str, title: str, data: DataRemarks | None = None) -> Table:
    """Return the same where the answer is not known of a continuum, and why.

    Examples
    --------
    >>> unknown_table("too many profiles", "Fair").record["certificate"]
    {'kind': 'none', 'verified': False, 'detail': 'too many profiles'}
    """
    numbers = ("slack", "slack_lower", "slack_upper", "least_subsidy", "first_best")
    columns = ("implementable", *numbers, "closed_form_slack", "certificate", "verified")
    record = {
        "implementable": None,
        **dict.fromkeys((*numbers, "closed_form_slack")),
        "certificate": {"kind": "none", "verified": False, "detail": reason},
        **({} if data is None else data.record()),
    }
    return Table(
        ("", "answer"),
        [("ex post efficiency", "not available")],
        columns,
        [(*[None] * (len(columns) - 2), "none", False)],
        record=record,
        title=title,
        remarks=[reason],
    )


def show_check(
    check: ExPostCheck,
    title: str,
    unit: str,
    console: Console,
    data: DataRemarks | None = None,
    stated: DesignProblem | None = None,
) -> None:
    """Print whether ex post efficiency is possible, as a person reads it.

    What ``stated`` requires is what was checked, a budget in every profile apart.
    """
    certificate = check.certificate
    style = "green" if certificate.verified else "bold red"
    head = list(zip(_head(check, title, unit, stated), STYLES, strict=True))
    remarks = [] if data is None else [("data", remark) for remark in data.sentences()]
    if stated is not None and stated.by_profile and stated.budget_holds is Holds.EX_POST:
        remarks.append(("note", EXPECTED))
    shown = [line for line in head if line[0]]
    show_page(console, shown, _rows(check), remarks, (_verdict(check), style))


def answer_table(
    check: ExPostCheck,
    title: str,
    unit: str,
    data: DataRemarks | None = None,
    stated: DesignProblem | None = None,
) -> Table:
    r"""Return the same as a table: a row per figure for people, one row in all for programs.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, check_ex_post_efficiency
    >>> types = TypeSpace.finite([0, 1])
    >>> check = check_ex_post_efficiency(BilateralTrade(types, types))
    >>> print(*answer_table(check, "Coins", "money").to_text().splitlines()[2:6], sep="\n")
                   money
    ----------------------------------------------------
    first best      0.25  all gains from trade, expected
    slack           0.25  gains less rents; 0.25 to 0.25
    """
    title, *head = _head(check, title, unit, stated)
    table = check.table()
    return replace(
        table,
        header=("", unit, ""),
        cells=_rows(check),
        aligned="lrp",
        record=check_record(check, data),
        title=title,
        head=[line for line in head if line],
        remarks=[*([] if data is None else data.sentences()), _verdict(check)],
    )


def _head(
    check: ExPostCheck, title: str, unit: str, stated: DesignProblem | None
) -> tuple[str, str, str, str]:
    """Return title, unit, answer and what is required, each empty where there is none."""
    addendum = None if check.solution is None else addendum_of(check.solution, further=False)
    given = "" if addendum is None else addendum.given
    can = "IS possible" if check.implementable else "is NOT possible"
    answer = f"ex post efficiency {can} without outside money{given}"
    required = "" if stated is None else required_in_words(efficient_under(stated))
    money = "" if unit == "money" else f"money in {unit}"
    return title, money, answer, required


def _rows(check: ExPostCheck) -> list[tuple[str, str, str]]:
    """Return each figure: its name, it, and what it means."""
    scale = check.first_best
    kept = {"all agents": check.outside} if check.outside else {}
    over = "the continuum" if check.solution is None else ""
    rows = first_best_rows(check.first_best, kept, over=over)
    if math.isfinite(check.least_subsidy):
        slack, needed = (without_rounding(v, scale) for v in (check.slack, check.least_subsidy))
        low, high = (in_figures(end, ".9g", scale) for end in check.slack_bounds)
        share = (
            lost_in_words(needed, check.first_best, kept)
            if kept
            else in_percent(share_of(needed, check.first_best), "of first best")
        )
        meaning = f"gains less rents; {low} to {high}"
        if math.isfinite(slack):
            rows.append(("slack", in_money(slack), meaning))
        else:
            rows.append(("slack", "no limit", "who cannot stay out can be made to pay any sum"))
        rows.append(("least subsidy", in_money(needed), share))
    else:
        rows.append(("least subsidy", "none", NO_SUBSIDY))
    if check.closed_form_slack is not None:
        rows.append(("closed form", in_money(check.closed_form_slack, scale), "of the slack"))
    return rows


def _verdict(check: ExPostCheck) -> str:
    certificate = check.certificate
    verdict = "verified" if certificate.verified else "NOT verified"
    return f"certificate {verdict} ({certificate.kind}): {certificate.detail}"
