"""The summary of a solution: as a table for people, and as one flat record for programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mechopt.analysis.continuum import Continuum
from mechopt.environments import DelayedTrade, Trade
from mechopt.problem import Subsidy
from mechopt.solution import PointStatus, Solution
from mechopt.verify.audit import AuditReport

if TYPE_CHECKING:
    from rich.console import Console

    from mechopt.exact import ExactSolution

BINDING_SHARE = 1e-9
# Longer fractions would push the table off the screen.
LONGEST_IN_TABLE = 24


@dataclass(frozen=True)
class Report:
    """A solution with its audit, ready to be shown.

    Parameters
    ----------
    solution
        The solution.
    audit
        Its audit.
    title, unit
        What was solved, and what money is measured in.
    seconds
        Wall time of the whole job.
    continuum
        Bracket of the continuum optimum, for cells of a continuous prior.
    exact
        The exact answer, if it was asked for.
    """

    solution: Solution
    audit: AuditReport
    title: str
    unit: str
    seconds: float
    continuum: Continuum | None = None
    exact: ExactSolution | None = None

    def record(self) -> dict[str, Any]:
        """Return the keys of ``mechopt solve --json``; None where a key does not apply.

        The key ``exact`` is there only if it was asked for.
        """
        record = self._record()
        if self.exact is not None:
            record["exact"] = _fraction(self.exact)
        return record

    def _record(self) -> dict[str, Any]:
        solution = self.solution
        mechanism = solution.mechanism
        environment = solution.problem.environment
        first_best = environment.first_best
        gains = None if mechanism is None else mechanism.total_gains
        return {
            "objective": _finite(solution.objective),
            "bound": _finite(solution.bound),
            "status": solution.termination.value,
            "backend": solution.provenance.backend,
            "first_best": first_best,
            "efficiency": _ratio(gains, first_best),
            "alpha": solution.alpha,
            "utilities": None if mechanism is None else mechanism.expected_utility,
            "continuum": None
            if self.continuum is None
            else {
                "lower": self.continuum.lower,
                "upper": self.continuum.upper,
                "estimate": self.continuum.estimate,
            },
            "audit": {
                "max_violation": _finite(self.audit.max_violation),
                "passed": self.audit.passed,
            },
            "seconds": self.seconds,
        }

    def show(self, console: Console) -> None:
        """Print the summary that a person reads."""
        from rich.table import Table as Grid
        from rich.text import Text

        console.print(Text(self.title, style="bold"))
        environment = self.solution.problem.environment
        sizes = ", ".join(
            f"{agent.name}: {_population(agent.types)}" for agent in environment.agents
        )
        money = "" if self.unit == "money" else f" in {self.unit}"
        console.print(Text(f"{sizes}; money{money}, expected per meeting", style="dim"))
        grid = Grid(show_header=False, box=None, padding=(0, 2, 0, 2))
        grid.add_column(style="bold")
        grid.add_column(justify="right")
        grid.add_column()
        for row in self._rows():
            grid.add_row(*(Text(part) for part in row))
        console.print(grid)
        remarks = Grid(show_header=False, box=None, padding=(0, 2, 0, 2))
        remarks.add_column(style="dim")
        remarks.add_column(overflow="fold")
        for name, text in self._remarks():
            remarks.add_row(Text(name), Text(text))
        console.print(remarks)
        style = "green" if self.audit.passed else "bold red"
        console.print(Text(self._verdict(), style=style), soft_wrap=True)

    def _rows(self) -> list[tuple[str, str, str]]:
        """Return name, number and remark of each line of the table."""
        solution = self.solution
        problem = solution.problem
        record = self.record()
        rows = [("first best", _money(record["first_best"]), "all gains from trade")]
        mechanism = solution.mechanism
        if mechanism is None:
            return rows
        share, gains = record["efficiency"], mechanism.total_gains
        if isinstance(problem.objective, Subsidy):
            subsidy = solution.objective
            needed = "needed from outside" if subsidy > 0 else "so a surplus is left over"
            rows.append(("least subsidy", _money(subsidy), needed))
        else:
            name = "first best reached" if problem.prescribes_allocation else "second best"
            rows.append((name, _money(gains), _percent(share, "of first best")))
            lost = record["first_best"] - gains
            rows.append(("lost", _money(lost), _percent(_ratio(lost, record["first_best"]), "")))
        gap = f"gap {solution.gap:.1e}"
        rows.append(("bound", _money(solution.bound), f"proved for the objective, {gap}"))
        fraction = None if self.exact is None else _fraction(self.exact)
        if fraction is not None and len(fraction) <= LONGEST_IN_TABLE:
            rows.append(("exact", fraction, "the objective, proved in fractions"))
        if self.continuum is not None:
            rows.append(self._continuum_row())
        for name, utility in mechanism.expected_utility.items():
            part = _percent(_ratio(utility, gains), "of the gains") if gains > 0 else ""
            rows.append((f"{name} gets", _money(utility), part))
        rows.extend(self._trade_rows())
        return rows

    def _continuum_row(self) -> tuple[str, str, str]:
        continuum = self.continuum
        assert continuum is not None
        order = f", order {continuum.order:.2f}" if np.isfinite(continuum.order) else ""
        remark = (
            f"of the continuum; proved from {continuum.lower:.9g} to {continuum.upper:.9g}{order}"
        )
        return ("estimate", f"{continuum.estimate:.9g}", remark)

    def _trade_rows(self) -> list[tuple[str, str, str]]:
        """Return how likely trade is, as each side discounts it."""
        mechanism = self.solution.mechanism
        outcomes = self.solution.problem.environment.outcomes
        if mechanism is None or not isinstance(outcomes, (Trade, DelayedTrade)):
            return []
        expected = [
            abs(agent.types.expectation(quantity))
            for agent, quantity in zip(
                mechanism.environment.agents, mechanism.quantity, strict=True
            )
        ]
        if isinstance(outcomes, Trade):
            return [("probability of trade", f"{expected[0]:.6g}", "")]
        return [
            (f"{role}'s trade", f"{value:.6g}", "probability, discounted to its date")
            for role, value in zip(outcomes.roles, expected, strict=True)
        ]

    def _remarks(self) -> list[tuple[str, str]]:
        """Return what else there is to say, each remark under its name."""
        solution = self.solution
        remarks = []
        fraction = None if self.exact is None else _fraction(self.exact)
        if fraction is not None and len(fraction) > LONGEST_IN_TABLE:
            remarks.append(("exact", f"{fraction} (the objective, proved in fractions)"))
        if solution.alpha is not None:
            remarks.append(("rule", _rule(solution.alpha)))
        binding = binding_constraints(solution)
        if binding:
            remarks.append(("binding", "; ".join(binding)))
        remarks.extend(("note", note) for note in solution.provenance.notes)
        remarks.extend(("note", note) for note in self.audit.notes)
        if self.continuum is not None:
            remarks.extend(("proviso", text) for text in self.continuum.assumptions)
        return remarks

    def _verdict(self) -> str:
        solution = self.solution
        effort = f"{solution.provenance.backend}, {self.seconds:.2f} s"
        if self.audit.passed:
            certificate = solution.dual_status is PointStatus.CERTIFICATE
            what = "certificate verified" if certificate else "audit passed"
            return f"{what} (largest violation {self.audit.max_violation:.0e})   {effort}"
        broken = "\n  ".join(str(check) for check in self.audit.failed)
        return f"audit FAILED   {effort}\n  {broken}"


def binding_constraints(solution: Solution) -> list[str]:
    """Return, in words, which kinds of constraint cost something, and for which types.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, solve
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> binding_constraints(solve(ex_ante_efficiency(BilateralTrade(types, types))))[0]
    'seller does not imitate higher types (all 5 steps)'
    """
    if solution.mechanism is None:
        return []
    largest = max((float(np.max(v, initial=0.0)) for v in solution.duals.values()), default=0.0)
    words = []
    phrases = {
        "ic_up": "does not imitate higher types",
        "ic_down": "does not imitate lower types",
        "monotonicity": "quantity may not fall",
        "participation_lower": "takes part",
        "participation_upper": "takes part",
    }
    for agent in solution.problem.environment.agents:
        for kind, phrase in phrases.items():
            multipliers = solution.duals.get(f"{agent.name}_{kind}", np.zeros(0))
            active = np.flatnonzero(multipliers > BINDING_SHARE * largest)
            if not active.size:
                continue
            if kind.startswith("participation"):
                end = agent.types.lower if kind.endswith("lower") else agent.types.upper
                named = [f"{end[cell]:.6g}" for cell in active[:3]]
                more = "" if active.size <= 3 else f" and {active.size - 3} more"
                words.append(f"{agent.name} of type {', '.join(named)}{more} just takes part")
            else:
                all_of = "all" if active.size == multipliers.size else f"{active.size} of"
                words.append(f"{agent.name} {phrase} ({all_of} {multipliers.size} steps)")
    return words


def _rule(alpha: float) -> str:
    if alpha <= 0:
        return "trade whenever the buyer's value exceeds the seller's cost (alpha = 0)"
    return (
        "trade when the buyer's virtual value exceeds the seller's virtual cost, "
        f"each with weight alpha = {alpha:.6g} on its information rent"
    )


def _population(types: Any) -> str:
    return f"{types.num_cells} {'types' if types.is_finite else 'cells'}"


def _money(value: float) -> str:
    return f"{value:.6g}"


def _percent(share: float | None, of: str) -> str:
    return "" if share is None else f"{100 * share:.2f} % {of}".rstrip()


def _ratio(part: float | None, whole: float) -> float | None:
    return None if part is None or whole <= 0 else part / whole


def _fraction(exact: ExactSolution) -> str | None:
    return None if exact.objective is None else str(exact.objective)


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
