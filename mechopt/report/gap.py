"""What a report says of bargaining: player 1's gap, payoffs by type, and their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from mechopt._util.rounding import entry_in_figures, in_figures
from mechopt._util.table import Table
from mechopt._util.text import in_words
from mechopt.environments.bargaining import doubt_about_bounds, is_bargaining
from mechopt.errors import InvalidInputError
from mechopt.literature.peski2024.bargaining import (
    exact_random_monopoly,
    is_player_1_gap,
    monopolies,
)
from mechopt.literature.peski2024.finite_types import fault_of_bargaining
from mechopt.mechanism.check import Check
from mechopt.problem.objectives import DiscountedPayoff
from mechopt.report.addendum import Addendum, Progress
from mechopt.report.equilibrium import (
    BOUNDS_KEYS,
    bounds_checks,
    bounds_record,
    bounds_remarks,
    bounds_rows,
    bounds_table,
    unbounded_remark,
)
from mechopt.report.page import LONGEST_FRACTION, Row
from mechopt.solution import Solution, Termination
from mechopt.verify.audit import AuditReport

if TYPE_CHECKING:
    from mechopt.exact import ExactSolution
    from mechopt.literature.peski2024.equilibrium_bounds import BargainingBounds
    from mechopt.literature.peski2024.player_1_gap import PlayerOneGap

LONGEST_LIST = 12
# Payoff intervals take two programs for each type; beyond this many profiles that takes minutes.
MAX_INTERVAL_PROFILES = 10_000
# What a solver may leave of zero, relative to the width of the types.
SOLVER = 1e-9


class GapAddendum(Addendum):
    """What there is to say of bargaining, and of player 1's gap where that is what was solved.

    Parameters
    ----------
    solution
        Of bargaining under the bounds.
    gap
        What is known of the gap, or None.
    bounds
        What is proved of equilibria at a discount factor, where that was asked for.
    fault
        Why nothing is, where that was asked for.
    """

    title = "Bargaining"
    says_money = False
    given = ", given both random-monopoly bounds"
    keys = BOUNDS_KEYS | frozenset(
        {
            "gap", "monopoly", "payoffs", "payoff_intervals", "objective_without_player_1_bound",
            "proposer_probability", "random_monopoly", "closed_form_gap", "unique",
            "interval_error", "basis", "players_swapped", "exact", "exact_gap",
        }
    )  # fmt: skip

    def __init__(
        self,
        solution: Solution,
        gap: PlayerOneGap | None = None,
        bounds: BargainingBounds | None = None,
        fault: InvalidInputError | None = None,
    ) -> None:
        super().__init__(solution if gap is None else gap.solution)
        self.gap = gap
        self.bounds = bounds
        self.fault = fault

    @classmethod
    def of(
        cls,
        solution: Solution,
        backend: str | None = None,
        *,
        further: bool = True,
        intervals: bool = False,
        progress: Progress | None = None,
    ) -> Self:
        """Return what there is to say of a solution of bargaining."""
        problem = solution.problem
        objective, bounds, fault = problem.objective, None, None
        solved = solution.termination is Termination.OPTIMAL and is_player_1_gap(problem)
        if solved and isinstance(objective, DiscountedPayoff):
            from mechopt.literature.peski2024.equilibrium_bounds import bargaining_bounds

            # Of outside options that are not those of the two nothing is known.
            fault = fault_of_bargaining(problem.environment)
            if fault is None:
                bounds = bargaining_bounds(problem.environment, objective.discount_factor)
        if not (further and solved):
            return cls(solution, None, bounds, fault)
        from mechopt.literature.peski2024.player_1_gap import describe

        few = problem.environment.num_profiles <= MAX_INTERVAL_PROFILES
        gap = describe(solution, backend, intervals=intervals and few, progress=progress)
        return cls(solution, gap, bounds, fault)

    @classmethod
    def on(cls, outcome: object) -> Self | None:
        """Return what there is to say of what player_1_gap returned; None of anything else."""
        from mechopt.literature.peski2024.player_1_gap import PlayerOneGap

        return cls(outcome.solution, outcome) if isinstance(outcome, PlayerOneGap) else None

    def audit(self) -> AuditReport:
        """Return the audit of the solution, of the gap, and of what bounds equilibria."""
        report = super().audit() if self.gap is None else self.gap.audit()
        if self.bounds is None or self.gap is None:
            return report
        checks = bounds_checks(self.bounds, self.gap.solution)
        return AuditReport((*report.checks, *checks), report.notes)

    def checks(self) -> tuple[Check, ...]:
        """Return the checks of bounds that are required, and that they are those of the two."""
        problem, mechanism = self.solution.problem, self.solution.mechanism
        if mechanism is None:
            return ()
        environment = problem.environment
        names = [agent.name for agent in environment.agents]
        from mechopt.literature.peski2024.random_monopoly import audit_payoffs

        bounds = audit_payoffs(environment, dict(zip(names, mechanism.utility, strict=True)))
        doubt = doubt_about_bounds(environment)
        missing = 0.0 if doubt is None else float("inf")
        where = doubt or "against the other player's types"
        own = Check("random-monopoly bounds are those of the two", missing, missing, 0.0, where)
        # Whoever cannot stay out is promised nothing.
        required = [c for i, c in enumerate(bounds.checks) if problem.has_participation(i)]
        proved = () if self.bounds is None else bounds_checks(self.bounds, self.solution)
        return (own, *required, *proved)

    def unchecked(self) -> tuple[str, ...]:
        """Return that nothing is proved of equilibria, where that was asked for."""
        if self.fault is None:
            return ()
        return (": ".join(unbounded_remark(self.solution.problem.objective, self.fault)),)

    @property
    def implies_requirements(self) -> bool:
        """Whether it is player 1's gap, of which the paper says what is required."""
        return self.gap is not None

    def head(self) -> Sequence[str]:
        """Return who proposes, and notes on labels and types."""
        if self.gap is None:
            return ()
        chance = in_figures(self.gap.proposer_probability)
        return (f"player 1 proposes with probability {chance}", *self.gap.notes())

    def rows(self, exact: ExactSolution | None, bound: Row) -> list[Row] | None:
        """Return what the players get."""
        if self.gap is None:
            return None
        name, number, remark = bound
        proved = (name, number, remark.replace("the objective", "E"))
        rows = [*gap_rows(self.gap, exact), proved]
        # What was asked for comes first.
        return rows if self.bounds is None else [*bounds_rows(self.bounds), *rows]

    def table(self) -> Table | None:
        """Return the table of types."""
        if self.bounds is not None:
            return bounds_table(self.bounds)
        return None if self.gap is None else gap_table(self.gap)

    def remarks(self) -> list[tuple[str, str]]:
        """Return what the outcome rests on, and whether it is unique."""
        remarks = [] if self.gap is None else gap_remarks(self.gap)
        if self.fault is not None:
            remarks = [*remarks, unbounded_remark(self.solution.problem.objective, self.fault)]
        return remarks if self.bounds is None else [*remarks, *bounds_remarks(self.bounds)]

    def said(self) -> tuple[str, ...]:
        """Return the notes on labels and types."""
        return () if self.gap is None else tuple(self.gap.notes())

    def record(self, exact: ExactSolution | None) -> dict[str, Any]:
        """Return the keys that bargaining adds."""
        record = bargaining_record(self.solution, self.gap)
        if exact is not None and self.gap is not None:
            record["exact_gap"] = exact_gap(self.gap, exact)
        if self.bounds is not None:
            record |= bounds_record(self.bounds, in_fractions=exact is not None)
        return record


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


def gap_table(gap: PlayerOneGap) -> Table:
    """Return the table of types: monopoly prices, bounds, payoffs, and their intervals.

    Examples
    --------
    >>> from mechopt import Bargaining, TypeSpace
    >>> from mechopt.peski2024 import player_1_gap
    >>> outcome = player_1_gap(Bargaining(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3])))
    >>> gap_table(outcome).cells[-1]
    ('player 2', '3', '0.5', 'keeps it', '1.5', '1.5', '1.5')
    """
    rows: list[tuple[str, ...]] = []
    offers, payoffs, bounds = gap.monopoly, gap.payoffs, gap.bounds
    money = _Money(gap)
    for agent in gap.problem.environment.agents:
        name, types = agent.name, agent.types
        player, price = in_words(name), offers[name].price
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
    return Table(("", "type", "chance", "price", "bound", "payoff", "all optima"), rows)


def gap_remarks(gap: PlayerOneGap) -> list[tuple[str, str]]:
    """Return what else there is to say, each remark under its name."""
    remarks = [("basis", gap.basis)]
    if gap.payoff_intervals is None:
        remarks.append(("unique", "intervals were not computed for this many types"))
        return remarks
    said = {True: "the same", False: "NOT the same", None: "not determined"}
    words = [f"{in_words(name)}'s are {said[same]}" for name, same in gap.is_unique.items()]
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
