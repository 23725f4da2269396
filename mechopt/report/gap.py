"""What a report says of bargaining: player 1's gap, payoffs by type, and their intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mechopt._util.rounding import entry_in_figures, in_figures
from mechopt.exact import ExactSolution
from mechopt.literature.peski2024.bargaining import exact_random_monopoly, is_bargaining, monopolies
from mechopt.literature.peski2024.player_1_gap import PlayerOneGap
from mechopt.report.page import Grid, Row
from mechopt.solution import Solution

LONGEST_LIST = 12
# What a solver may leave of zero, relative to the width of the types.
SOLVER = 1e-9
# Longer fractions would push the table off the screen.
LONGEST_FRACTION = 24


def bargaining_record(solution: Solution, gap: PlayerOneGap | None) -> dict[str, Any]:
    """Return the keys of ``mechopt solve --json`` that bargaining adds; empty for anything else.

    Examples
    --------
    >>> from mechopt import Bargaining, TypeSpace
    >>> from mechopt.peski2024 import player_1_gap
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
    agents = environment.agents
    offers = monopolies(environment)
    record: dict[str, Any] = {
        "gap": None if gap is None else gap.gap,
        "monopoly": {name: offer.payoff.tolist() for name, offer in offers.items()},
        "payoffs": payoffs,
        "payoff_intervals": None,
        "objective_without_player_1_bound": None if gap is None else gap.value_without_own_bound,
        "types": {agent.name: agent.types.mean.tolist() for agent in agents},
        "probabilities": {agent.name: agent.types.mass.tolist() for agent in agents},
        "prices": {
            name: [_number(price) for price in offer.price.tolist()]
            for name, offer in offers.items()
        },
        "bounds": {agent.name: agent.outside_option(agent.types.mean).tolist() for agent in agents},
    }
    if gap is None:
        return record
    if gap.payoff_intervals is not None:
        record["payoff_intervals"] = {
            name: [[_number(low), _number(high)] for low, high in ends.tolist()]
            for name, ends in gap.payoff_intervals.items()
        }
    return record | {
        "proposer_probability": gap.proposer_probability,
        "random_monopoly": gap.random_monopoly,
        "closed_form_gap": gap.closed_form,
        "unique": gap.is_unique,
        "interval_error": gap.interval_error,
        "basis": gap.basis,
        "players_swapped": gap.players_swapped,
        "notes": list(gap.notes()),
    }


def _number(value: float) -> float | None:
    """Return a number as JSON has it; what is not known is null."""
    return value if np.isfinite(value) else None


def gap_rows(gap: PlayerOneGap, exact: ExactSolution | None) -> list[Row]:
    """Return the lines on what the players get."""
    mechanism = gap.solution.mechanism
    environment = gap.problem.environment
    assert mechanism is not None
    first_best, total = environment.first_best, mechanism.total_gains
    share = ""
    if first_best > 0:
        share = f"{in_figures(100 * total / first_best, '.2f')} % of first best"
    money = _Money(gap)
    rows = [
        ("first best", money(first_best), "all gains, expected, if types were public"),
        ("player 1 gets", money(gap.value), "E, the most that it can expect"),
        ("random monopoly", money(gap.random_monopoly), "what it can be sure of"),
        ("gap", money(gap.gap, SOLVER), whose_gap(gap)),
    ]
    if gap.closed_form is not None:
        rows.append(("gap by formula", money(gap.closed_form), "for two types on each side"))
    if exact is not None and exact.objective is not None:
        fractions = {"exact E": str(exact.objective), "exact gap": exact_gap(gap, exact)}
        for name, fraction in fractions.items():
            if fraction is not None and len(fraction) <= LONGEST_FRACTION:
                rows.append((name, fraction, "proved in fractions"))
    without = gap.value_without_own_bound
    if without is not None:
        rows.append(("E, bound dropped", money(without), "if player 1 had no bound of its own"))
    gets = list(mechanism.expected_utility.values())[1]
    rows.append(("player 2 gets", money(gets), ""))
    rows.append(("total", money(total), share))
    return rows


def whose_gap(gap: PlayerOneGap) -> str:
    """Return, in words, who gets what is left beyond both players' bounds.

    Examples
    --------
    >>> from mechopt import Bargaining, TypeSpace
    >>> from mechopt.peski2024 import player_1_gap
    >>> whose_gap(player_1_gap(Bargaining(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3]))))
    "the rest, all of it player 1's"
    """
    second = gap.problem.environment.agents[1]
    payoffs, bounds = gap.payoffs[second.name], gap.bounds[second.name]
    money = _Money(gap)
    if all(money(a) == money(b) for a, b in zip(payoffs, bounds, strict=True)):
        if gap.is_unique[second.name] is not False:
            return "the rest, all of it player 1's"
        return "the rest, all of it player 1's; in other optima player 2 gets more too"
    # What the table shows for player 2 is not its bound.
    beyond = second.types.expectation(payoffs - bounds)
    return f"the rest, player 1's; player 2 gets {money(beyond, SOLVER)} beyond its own bound"


@dataclass(frozen=True)
class _Money:
    """Writes amounts, with zero where they are rounding."""

    gap: PlayerOneGap

    def __call__(self, value: float, rounding: float = 0.0) -> str:
        # Beside the gains in expectation: one far type must not make payoffs of others vanish.
        scale = self.gap.problem.environment.first_best + abs(self.gap.value)
        return in_figures(0.0 if abs(value) <= rounding * scale else value, scale=scale)


def exact_gap(gap: PlayerOneGap, exact: ExactSolution) -> str | None:
    """Return the gap as a fraction, or None if the exact optimum was not proved."""
    if exact.objective is None:
        return None
    return str(exact.objective - exact_random_monopoly(gap.problem.environment))


def gap_table(gap: PlayerOneGap) -> Grid:
    """Return the table of types: monopoly prices, bounds, payoffs, and their intervals.

    Examples
    --------
    >>> from mechopt import Bargaining, TypeSpace
    >>> from mechopt.peski2024 import player_1_gap
    >>> outcome = player_1_gap(Bargaining(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3])))
    >>> gap_table(outcome).rows[-1]
    ('player 2', '3', '0.5', 'keeps it', '1.5', '1.5', '1.5')
    """
    rows: list[tuple[str, ...]] = []
    offers, payoffs, bounds = gap.monopoly, gap.payoffs, gap.bounds
    money = _Money(gap)
    for agent in gap.problem.environment.agents:
        name, types = agent.name, agent.types
        player, price = name.replace("_", " "), offers[name].price
        shown = _shown_types(types.num_cells)
        rows.extend(
            (
                player,
                entry_in_figures(types.mean, k),
                in_figures(types.mass[k], ".4g"),
                entry_in_figures(price, k) if np.isfinite(price[k]) else "keeps it",
                money(bounds[name][k]),
                money(payoffs[name][k]),
                _interval(gap, name, k),
            )
            for k in shown
        )
        if len(shown) < types.num_cells:
            rows.append((f"{player}: {types.num_cells - len(shown)} types between not shown",))
    return Grid(("", "type", "chance", "price", "bound", "payoff", "all optima"), rows)


def gap_remarks(gap: PlayerOneGap) -> list[tuple[str, str]]:
    """Return what else there is to say, each remark under its name."""
    remarks = [("basis", gap.basis)]
    if gap.payoff_intervals is None:
        remarks.append(("unique", "intervals were not computed for this many types"))
        return remarks
    said = {True: "the same", False: "NOT the same", None: "not determined"}
    words = [f"{name.replace('_', ' ')}'s are {said[same]}" for name, same in gap.is_unique.items()]
    text = f"over all optimal mechanisms, payoffs by type: {', '.join(words)}"
    return [*remarks, ("unique", text)]


def _shown_types(size: int) -> list[int]:
    """Return the positions to list: all, or evenly spaced ones with both ends."""
    if size <= LONGEST_LIST:
        return list(range(size))
    return sorted(set(np.linspace(0, size - 1, LONGEST_LIST).astype(int).tolist()))


def _interval(gap: PlayerOneGap, name: str, k: int) -> str:
    if gap.payoff_intervals is None:
        return ""
    point, money = gap.is_point(name, k), _Money(gap)
    if point is None:
        return "not determined"
    low, high = gap.payoff_intervals[name][k]
    return money(gap.payoffs[name][k]) if point else f"{money(low)} to {money(high)}"
