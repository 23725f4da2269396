"""What a report says of bargaining: player 1's gap, payoffs by type, and their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mechopt.analysis.player_1_gap import (
    PlayerOneGap,
    exact_random_monopoly,
    is_bargaining,
    monopolies,
)
from mechopt.exact import ExactSolution
from mechopt.solution import Solution

LONGEST_LIST = 12
# Longer fractions would push the table off the screen.
LONGEST_FRACTION = 24

Row = tuple[str, str, str]


@dataclass(frozen=True)
class Grid:
    """A table with a header, as texts.

    Parameters
    ----------
    header
        Names of the columns.
    rows
        One text per column each.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]


def bargaining_record(solution: Solution, gap: PlayerOneGap | None) -> dict[str, Any]:
    """Return the keys of ``mechopt solve --json`` that bargaining adds; empty for anything else.

    Examples
    --------
    >>> from mechopt import Bargaining, TypeSpace, player_1_gap
    >>> outcome = player_1_gap(Bargaining(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3])))
    >>> record = bargaining_record(outcome.solution, outcome)
    >>> round(record["gap"], 6), record["monopoly"]["player_1"]
    (0.0625, [1.5, 2.5])
    """
    environment = solution.problem.environment
    if not is_bargaining(environment):
        return {}
    mechanism = solution.mechanism
    payoffs = None
    if mechanism is not None:
        payoffs = {
            agent.name: utility.tolist()
            for agent, utility in zip(environment.agents, mechanism.utility, strict=True)
        }
    intervals = None if gap is None else gap.payoff_intervals
    return {
        "gap": None if gap is None else gap.gap,
        "monopoly": {
            name: offer.payoff.tolist() for name, offer in monopolies(environment).items()
        },
        "payoffs": payoffs,
        "payoff_intervals": None
        if intervals is None
        else {name: ends.tolist() for name, ends in intervals.items()},
        "objective_without_player_1_bound": None if gap is None else gap.value_without_own_bound,
        "basis": None if gap is None else gap.basis,
        "players_swapped": None if gap is None else gap.players_swapped,
    }


def gap_rows(gap: PlayerOneGap, exact: ExactSolution | None) -> list[Row]:
    """Return the lines on what the players get."""
    mechanism = gap.solution.mechanism
    environment = gap.problem.environment
    assert mechanism is not None
    first_best, total = environment.first_best, mechanism.total_gains
    share = f"{100 * total / first_best:.2f} % of first best" if first_best > 0 else ""
    rows = [
        ("first best", _money(first_best), "all gains, expected, if types were public"),
        ("player 1 gets", _money(gap.value), "E, the most that it can expect"),
        ("random monopoly", _money(gap.random_monopoly), "what it can be sure of"),
        ("gap", _money(_without_rounding(gap)), "the rest, all of it player 1's"),
    ]
    if gap.closed_form is not None:
        rows.append(("closed form", _money(gap.closed_form), "of the gap, two types on each side"))
    if exact is not None and exact.objective is not None:
        for name, fraction in (
            ("exact E", str(exact.objective)),
            ("exact gap", exact_gap(gap, exact)),
        ):
            if fraction is not None and len(fraction) <= LONGEST_FRACTION:
                rows.append((name, fraction, "proved in fractions"))
    without = gap.value_without_own_bound
    rows.append(("without its bound", _money(without), "E if player 1 had no bound of its own"))
    gets = list(mechanism.expected_utility.values())[1]
    rows.append(("player 2 gets", _money(gets), ""))
    rows.append(("total", _money(total), share))
    return rows


def exact_gap(gap: PlayerOneGap, exact: ExactSolution) -> str | None:
    """Return the gap as a fraction, or None if the exact optimum was not proved."""
    if exact.objective is None:
        return None
    return str(exact.objective - exact_random_monopoly(gap.problem.environment))


def gap_table(gap: PlayerOneGap) -> Grid:
    """Return the table of types: monopoly payoffs, payoffs, and their intervals.

    Examples
    --------
    >>> from mechopt import Bargaining, TypeSpace, player_1_gap
    >>> outcome = player_1_gap(Bargaining(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3])))
    >>> gap_table(outcome).rows[-1]
    ('player 2', '3', '0.5', 'keeps it', '1.5', '1.5', '1.5')
    """
    rows: list[tuple[str, ...]] = []
    environment = gap.problem.environment
    offers, payoffs = gap.monopoly, gap.payoffs
    for agent in environment.agents:
        types, offer = agent.types, offers[agent.name]
        bound = agent.outside_option(types.mean)
        shown = _shown_types(types.num_cells)
        for k in shown:
            price = f"{offer.price[k]:.6g}" if np.isfinite(offer.price[k]) else "keeps it"
            rows.append(
                (
                    agent.name.replace("_", " "),
                    f"{types.mean[k]:.6g}",
                    f"{types.mass[k]:.4g}",
                    price,
                    _money(bound[k]),
                    _money(payoffs[agent.name][k]),
                    _interval(gap, agent.name, k),
                )
            )
        if len(shown) < types.num_cells:
            left_out = f"{types.num_cells - len(shown)} more"
            rows.append((agent.name.replace("_", " "), left_out, *["..."] * 5))
    header = ("", "type", "chance", "price", "bound", "payoff", "all optima")
    return Grid(header, rows)


def gap_remarks(gap: PlayerOneGap) -> list[tuple[str, str]]:
    """Return what else there is to say, each remark under its name."""
    remarks = [("basis", gap.basis)]
    unique = gap.is_unique
    if unique is not None:
        words = [
            f"{name.replace('_', ' ')}'s are {'the same' if same else 'NOT the same'}"
            for name, same in unique.items()
        ]
        remarks.append(
            ("unique", f"over all optimal mechanisms, payoffs by type: {', '.join(words)}")
        )
    else:
        remarks.append(("unique", "intervals were not computed for this many types"))
    remarks.extend(("note", note) for note in gap.notes())
    return remarks


def _shown_types(size: int) -> list[int]:
    """Return the positions to list: all, or evenly spaced ones with both ends."""
    if size <= LONGEST_LIST:
        return list(range(size))
    return sorted(set(np.linspace(0, size - 1, LONGEST_LIST).astype(int).tolist()))


def _interval(gap: PlayerOneGap, name: str, k: int) -> str:
    if gap.payoff_intervals is None:
        return ""
    low, high = gap.payoff_intervals[name][k]
    same = high - low <= 1e-7 * gap.problem.environment.payoff_scale + gap.interval_error
    own = gap.payoffs[name][k]
    return _money(own) if same else f"{_money(low)} to {_money(high)}"


def _without_rounding(gap: PlayerOneGap) -> float:
    """Return the gap, zero where it is within the solver's tolerance."""
    rounding = 1e-9 * gap.problem.environment.payoff_scale
    return 0.0 if abs(gap.gap) <= rounding else gap.gap


def _money(value: float) -> str:
    return f"{value:.6g}"
