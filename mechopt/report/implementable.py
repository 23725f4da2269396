"""What is said of a reduced form: one page for people, and one flat record for programs."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from mechopt._util.rounding import in_figures
from mechopt._util.text import in_words
from mechopt.instances.reduced_form import ReducedForm
from mechopt.report.page import LONGEST_FRACTION, Row, show_page
from mechopt.studies.reduced_forms import Group, Implementability

if TYPE_CHECKING:
    from rich.console import Console

# So many runs of types are named.
MOST_RUNS = 6


def implementable_record(form: ReducedForm, found: Implementability) -> dict[str, Any]:
    """Return the keys of ``mechopt implementable --json``.

    The violated set is one list of types for each group of agents; ``exact`` is the largest
    violation as a fraction, where it is known as one.
    """
    chosen = None
    if found.violated_set is not None:
        chosen = [
            group.types.mean[list(own)].tolist()
            for group, own in zip(form.groups, found.violated_set, strict=True)
        ]
    return {
        "implementable": found.implementable,
        "largest_violation": float(found.largest_violation),
        "violated_set": chosen,
        "exact": str(found.largest_violation) if found.exact else None,
    }


def show_implementable(form: ReducedForm, found: Implementability, console: Console) -> None:
    """Print whether a reduced form is implementable, and the set of types that decides it."""
    can = "IS implementable" if found.implementable else "is NOT implementable"
    agents = sum(group.count for group in form.groups)
    units = "1 unit" if form.units == 1 else f"{form.units} units"
    head = [(form.title, "bold"), (f"the reduced form {can}: {agents} agents, {units}", "")]
    rows: list[Row] = [("largest violation", _figure(found.largest_violation), "in units")]
    word = "tightest set" if found.implementable else "violated set"
    for names, group, own in zip(form.names, form.groups, found.tightest_set, strict=True):
        who = names[0] if len(names) == 1 else f"each of {names[0]} to {names[-1]}"
        who = in_words(who)
        size = "1 type" if len(own) == 1 else f"{len(own)} types"
        rows.append((word, size, f"{types_in_words(group, own)} of {who}"))
        word = ""
    rows.append(("they win", _figure(found.won), "together, in expectation"))
    rows.append(("at most", _figure(found.most), "so many units or agents, if fewer"))
    how = "in fractions" if found.exact else "in floats, up to 1e-9"
    sets = "a program over rules" if found.num_sets is None else f"all {found.num_sets:,} sets"
    verdict = (f"decided by {sets}, {how}", "green")
    show_page(console, head, rows, [], verdict)


def types_in_words(group: Group, chosen: Sequence[int]) -> str:
    """Return the types of a set, neighbours as one run.

    Examples
    --------
    >>> from mechopt import TypeSpace
    >>> group = Group(TypeSpace.finite([1, 2, 3, 4]), [0, 0, 0, 0])
    >>> types_in_words(group, [0, 2, 3]), types_in_words(group, [])
    ('1, 3 to 4', 'none')
    """
    runs: list[list[int]] = []
    for k in chosen:
        if runs and runs[-1][-1] == k - 1:
            runs[-1].append(k)
        else:
            runs.append([k])
    label = group.types.label
    texts = [
        label(run[0]) if len(run) == 1 else f"{label(run[0])} to {label(run[-1])}" for run in runs
    ]
    more = len(texts) - MOST_RUNS
    return ", ".join(texts[:MOST_RUNS] + ([f"and {more} more"] if more > 0 else [])) or "none"


def _figure(value: Fraction | float) -> str:
    figure = in_figures(float(value), ".9g", 1.0)
    text = str(value)
    exact = isinstance(value, Fraction) and value.denominator > 1
    return f"{figure} = {text}" if exact and len(text) <= LONGEST_FRACTION else figure
