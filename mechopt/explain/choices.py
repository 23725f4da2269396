"""What a type could do instead: report another, or stay out, and what each would bring it."""

from __future__ import annotations

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.rounding import in_figures
from mechopt.errors import InvalidInputError
from mechopt.explain.page import Page, Part, Words, words_table
from mechopt.mechanism.mechanism import Mechanism
from mechopt.mechanism.misreports import worth_at_report

MOST_REPORTS = 30


def choices_of(mechanism: Mechanism, agent: str, k: int) -> Page:
    """Return what a type of an agent could do instead of the truth, as a page to read.

    Parameters
    ----------
    mechanism
        The mechanism.
    agent
        The agent's name.
    k
        Position of its type, counted from 0 in the order of its types; over cells, the mean of the
        cell.

    Raises
    ------
    InvalidInputError
        If there is no such agent or type.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, solve
    >>> types = TypeSpace.finite([0, 1])
    >>> solution = solve(ex_ante_efficiency(BilateralTrade(types, types)))
    >>> page = choices_of(solution.mechanism, "buyer", 1)
    >>> page.title
    'What buyer type 1 (1) could do instead'
    """
    environment = mechanism.environment
    i = environment.index_of(agent)
    types = environment.agents[i].types
    if not 0 <= k < types.num_cells:
        raise InvalidInputError(
            "no such type",
            where=f"type of {agent}",
            expected=f"a position from 0 to {types.num_cells - 1}",
            got=f"{k}",
            remedy="Types are counted from 0, in their order.",
        )
    worth, paid = reports_of(mechanism, i, k)
    utility = worth - paid
    option = environment.agents[i].option_at_ends
    outside = float(option[0][k] + option[1][k]) / 2.0
    scale = float(np.abs(worth).max() + np.abs(paid).max())

    def money(value: float) -> str:
        return in_figures(value, scale=scale)

    def gain(value: float) -> str:
        more = value - utility[k]
        return "" if abs(more) <= 1e-12 * scale else in_figures(more, "+.6g", scale)

    # Of reports that bring as much, those nearest to the truth first.
    others = np.lexsort((np.abs(np.arange(utility.size) - k), -utility))
    shown = sorted({k, *others[:MOST_REPORTS].tolist()})
    rows = [
        (
            f"report type {r} ({types.label(r)})" if r != k else f"tell the truth, type {k}",
            money(worth[r]),
            money(paid[r]),
            money(utility[r]),
            (gain(utility[r]) or "0") if r != k else "",
        )
        for r in shown
    ]
    rows.append(("stay out", "", "", money(outside), gain(outside) or "0"))
    best = (
        max((float(utility[r]), r) for r in range(types.num_cells) if r != k)[1]
        if (types.num_cells > 1)
        else k
    )
    parts: list[Part] = [
        words_table(("it could", "is worth", "pays", "gets", "more than the truth"), tuple(rows)),
        Words(_verdict(agent, money(utility[k]), best, k, gain(utility[best]), gain(outside))),
    ]
    if len(shown) < types.num_cells:
        parts.insert(1, Words(f"The best {len(shown) - 1} of {types.num_cells - 1} other reports."))
    inside = types.is_ordered and not types.is_finite
    if inside:
        parts.append(Words("It stands for the mean type of its cell."))
    return Page(f"What {agent} type {k} ({types.label(k)}) could do instead", tuple(parts))


def reports_of(mechanism: Mechanism, i: int, k: int) -> tuple[FloatArray, FloatArray]:
    """Return what each report is worth to a type and costs it, if the others tell the truth.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> from mechopt.cramton1985 import posted_price
    >>> types = TypeSpace.finite([0, 1])
    >>> posted = posted_price(BilateralTrade(types, types), 0.75)
    >>> reports_of(posted, 1, 1)
    (array([0. , 0.5]), array([0.   , 0.375]))
    """
    environment = mechanism.environment
    value = environment.agents[i].types.mean[k] if environment.has_net_quantity(i) else 0.0
    if environment.has_net_quantity(i) and environment.independent:
        return value * mechanism.quantity[i], mechanism.payment[i]
    allocation = mechanism.allocation.dense(environment)
    by_report = environment.belief.by_report
    paid = by_report(i, mechanism.ex_post_payments()[i])[k]
    if environment.has_net_quantity(i):
        return value * by_report(i, environment.net_quantities(allocation)[i])[k], paid
    return worth_at_report(environment, i, allocation)[0][k], paid


def _verdict(agent: str, truth: str, best: int, k: int, by_lying: str, by_leaving: str) -> str:
    """Return in words whether anything is better than the truth."""
    parts = [f"The truth brings {agent} {truth} on average."]
    if best != k:
        parts.append(f"The best other report, type {best}, brings {_compared(by_lying)}.")
    return " ".join([*parts, f"Staying out brings {_compared(by_leaving)}."])


def _compared(difference: str) -> str:
    """Return a difference with its sign in words.

    Examples
    --------
    >>> _compared("+0.5"), _compared("-2"), _compared("")
    ('0.5 more', '2 less', 'as much')
    """
    return (
        f"{difference[1:]} {'more' if difference[0] == '+' else 'less'}"
        if difference
        else "as much"
    )
