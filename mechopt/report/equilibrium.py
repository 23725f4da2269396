"""What a report says of equilibria of bargaining at a discount factor."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from mechopt._util.rounding import entry_in_figures, in_figures
from mechopt._util.table import Table
from mechopt._util.text import in_words
from mechopt.errors import InvalidInputError
from mechopt.mechanism.check import Check
from mechopt.problem.objectives import DiscountedPayoff, Objective
from mechopt.report.page import Row
from mechopt.verify.audit import AUDIT_TOLERANCE

if TYPE_CHECKING:
    from mechopt.literature.peski2024.equilibrium_bounds import BargainingBounds, Interval
    from mechopt.solution import Solution

BOUNDS_KEYS = frozenset(
    {
        "discount_factor", "equilibrium_low", "equilibrium_high", "equilibrium_width",
        "bounds_are_exact", "bounds_are_proved", "equilibrium_bounds", "exact_equilibrium_bounds",
    }
)  # fmt: skip


def bounds_checks(bounds: BargainingBounds, solution: Solution) -> Iterator[Check]:
    """Yield the steps of the proof, what they prove, and whether the program agrees with them."""
    violation = 0.0
    if bounds.certificate is not None:
        steps = bounds.certificate.check()
        violation = steps.max_violation
        yield from steps.checks
    proved = ", ".join(
        f"{in_words(name)} expects {_shown(ends)}" for name, ends in bounds.expected.items()
    )
    factor = in_figures(float(bounds.discount))
    name = f"proof that in every equilibrium at discount factor {factor}, {proved}"
    where = "by the steps above"
    if not bounds.is_proved:
        name = (
            f"if random-monopoly bounds hold (a conjecture): at discount factor {factor}, {proved}"
        )
        where = "computed in fractions"
    yield Check(name, violation, violation, AUDIT_TOLERANCE, where)
    limit = next(iter(bounds.limit.expected.values()))
    first_best, value = solution.problem.environment.first_best or 1.0, solution.objective
    error = abs(value - float(limit.high))
    where = f"{value:.9g}, {float(limit.high):.9g} in fractions"
    name = "the program finds the most that player 1 can expect"
    if bounds.is_proved and limit.is_point:
        name, where = (
            "player 1 gets the limit of the bounds",
            where.replace("fractions", "closed form"),
        )
    yield Check(name, error, error / first_best, AUDIT_TOLERANCE, where)


def bounds_rows(bounds: BargainingBounds) -> list[Row]:
    """Return a line for each player on what it expects in equilibrium."""
    factor = in_figures(float(bounds.discount))
    remark = f"expected, in every equilibrium at discount factor {factor}"
    if not bounds.is_proved:
        remark = (
            f"expected at discount factor {factor}, if random-monopoly bounds hold (conjecture)"
        )
    return [
        (f"{in_words(name)} at {factor}", _shown(interval), remark)
        for name, interval in bounds.expected.items()
    ]


def unbounded_remark(objective: Objective, fault: InvalidInputError) -> tuple[str, str]:
    """Return that nothing is proved of equilibria at a discount factor, and why.

    Examples
    --------
    >>> from mechopt import Bargaining, TypeSpace
    >>> from mechopt.literature.peski2024.finite_types import fault_of_bargaining
    >>> types = TypeSpace.finite(range(9))
    >>> asked = DiscountedPayoff((1.0, 0.0), discount_factor="9/10")
    >>> unbounded_remark(asked, fault_of_bargaining(Bargaining(types, types)))[1][:43]
    'no bounds: too many types for programs in f'
    """
    assert isinstance(objective, DiscountedPayoff)
    factor = in_figures(float(Fraction(objective.discount_factor)))
    return f"equilibria at discount factor {factor}", f"no bounds: {fault.detail}"


def bounds_table(bounds: BargainingBounds) -> Table:
    """Return the table of types: bounds, intervals, and the limit of patient players."""
    rows = []
    for agent in bounds.bargaining.agents:
        name, types = agent.name, agent.types
        rows += [
            (
                in_words(name),
                entry_in_figures(types.mean, k),
                in_figures(types.mass[k], ".4g"),
                in_figures(float(bounds.random_monopoly[name][k])),
                _shown(bounds.by_type[name][k]),
                _shown(bounds.limit.by_type[name][k]),
            )
            for k in range(types.num_cells)
        ]
    return Table(("", "type", "chance", "bound", "in equilibrium", "patient players"), rows)


def bounds_remarks(bounds: BargainingBounds) -> list[tuple[str, str]]:
    """Return what proves the bounds, what else there is to compare with, and what is not known."""
    proof = bounds.certificate
    name = "proof" if bounds.is_proved else "doubt"
    if not bounds.is_proved:
        text = bounds.basis
    elif proof is None:
        text = "random-monopoly bounds, in fractions"
    else:
        cells = len(proof.refusals) + len(proof.offers)
        text = f"offers that cannot be refused, on {cells} rectangles of beliefs, in fractions"
    public = ", ".join(in_figures(float(share)) for share in bounds.complete_information.values())
    remarks = [(name, text), ("compare", f"if types were public, expected: {public}")]
    if bounds.neutral is not None:
        payoffs = (in_figures(float(u)) for own in bounds.neutral.values() for u in own)
        remarks.append(("neutral", f"by type, in Myerson's neutral solution: {', '.join(payoffs)}"))
    is_known = bounds.is_proved and bounds.is_exact
    return remarks if is_known else [*remarks, ("open", bounds.notes[-1])]


def bounds_record(bounds: BargainingBounds, *, in_fractions: bool) -> dict[str, Any]:
    """Return the keys of ``mechopt solve --json`` that bounds on equilibria add.

    Examples
    --------
    >>> from mechopt import Bargaining, TypeSpace
    >>> from mechopt.peski2024 import bargaining_bounds
    >>> bargaining = Bargaining(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3]))
    >>> record = bounds_record(bargaining_bounds(bargaining, 0.9), in_fractions=False)
    >>> round(record["equilibrium_width"], 6)
    0.022727
    """
    proof = bounds.certificate
    record: dict[str, Any] = {
        "discount_factor": float(bounds.discount),
        "equilibrium_low": {name: float(ends.low) for name, ends in bounds.expected.items()},
        "equilibrium_high": {name: float(ends.high) for name, ends in bounds.expected.items()},
        "equilibrium_width": float(max(ends.width for ends in bounds.expected.values())),
        "bounds_are_exact": bounds.is_exact,
        "bounds_are_proved": bounds.is_proved,
        "equilibrium_bounds": {
            "payoffs": _by_type(bounds, float),
            "limit": _by_type(bounds.limit, float),
            "complete_information": {
                name: float(share) for name, share in bounds.complete_information.items()
            },
            "neutral": None
            if bounds.neutral is None
            else {name: list(map(float, own)) for name, own in bounds.neutral.items()},
            "certificate": {
                "kind": "random-monopoly bounds" if proof is None else "offers",
                "crossing": None if proof is None else float(proof.crossing),
                "verified": bounds.is_proved and (proof is None or proof.violation <= 0),
            },
            "basis": bounds.basis,
        },
    }
    if in_fractions:
        record["exact_equilibrium_bounds"] = {
            "expected": {name: _listed(ends, str) for name, ends in bounds.expected.items()},
            "payoffs": _by_type(bounds, str),
        }
    return record


def _by_type(bounds: BargainingBounds, form: Any) -> dict[str, list[list[Any]]]:
    return {
        name: [_listed(interval, form) for interval in intervals]
        for name, intervals in bounds.by_type.items()
    }


def _listed(interval: Interval, form: Any) -> list[Any]:
    return [form(end) for end in interval]


def _shown(interval: Interval) -> str:
    """Return an interval in figures, or one number where it is a point."""
    low, high = (in_figures(float(Fraction(end))) for end in interval)
    return low if interval.is_point else f"{low} to {high}"
