"""Columns: mixtures of rules that HiGHS weighs, each found by the multipliers of those before it.

The program over interim quantities and payments has one variable for each rule at hand. Its
multipliers say what a unit of each type's quantity is worth; the rule that is best at these worths,
ironed, enters next, until none improves the mixture (Dantzig and Wolfe).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.backends.settings import Settings
from mechopt.backends.statuses import OUT_OF_TIME, ROUNDS, Ending
from mechopt.mechanism.allocation import Allocation, PointwiseRule
from mechopt.mechanism.even_rule import EvenRule, chances_of_groups
from mechopt.problem.budget import Budget
from mechopt.problem.columns import MIXTURE, ColumnFrame
from mechopt.problem.groups import groups_of
from mechopt.problem.problem import DesignProblem
from mechopt.program.highs_model import load
from mechopt.program.numbers import in_floats
from mechopt.program.reading import named_multipliers
from mechopt.program.standard_form import StandardForm, assemble
from mechopt.solution import Limit, Termination
from mechopt.types.virtual_values import ironed

if TYPE_CHECKING:
    import highspy

Values = tuple[FloatArray, ...]
EndingOf = Callable[["highspy.Highs", Settings], Ending]

MOST_COLUMNS = 2_000
# Rules less likely than this are left out of the mixture.
LEAST_WEIGHT = 1e-12
# Of the multipliers that gave the best bound so far, this share is kept.
SMOOTHING = 0.5
# A rule that improves the mixture by less, in solver's tolerances, is not worth a round.
ENOUGH = 0.1


class Columns:
    """A program over mixtures of rules, which grows by a rule in every round.

    Parameters
    ----------
    problem
        The problem.
    settings
        What HiGHS is told.
    ending_of
        Says why HiGHS stopped, after second tries.
    """

    def __init__(self, problem: DesignProblem, settings: Settings, ending_of: EndingOf) -> None:
        self.problem = problem
        self.settings = settings
        self.ending_of = ending_of
        self.groups = groups_of(problem)
        numbers = in_floats(problem, corners=False)
        # No rule has entered yet.
        frame = ColumnFrame(problem.environment, numbers, self.groups)
        self.form: StandardForm = assemble(problem, numbers, frame=frame).as_standard_form()
        own = {} if settings.threads is None else {"threads": settings.threads}
        # The basis of the round before stays feasible, and primal simplex goes on from there.
        options = {"solver": "simplex", "simplex_strategy": 4, "presolve": "off", **own}
        self.model: highspy.Highs = load(
            self.form, ENOUGH * settings.tolerance, {**options, **settings.options}
        )
        self.rules: list[Values] = []
        self.iterations = 0
        # Values of all columns and multipliers of all rows at the best mixture found last.
        self.point = self.multipliers = np.zeros(0)
        # The multipliers that prove the best bound so far.
        self.best = self.multipliers
        environment = problem.environment
        firsts = [self.groups.index(g) for g in range(max(self.groups) + 1)]
        self.counts = [self.groups.count(g) for g in range(len(firsts))]
        self.agents = [environment.agents[i] for i in firsts]
        self.masses = [agent.types.mass for agent in self.agents]
        self._start = [self.form.constraints[f"{a.name}_quantity"].start for a in self.agents]
        self.mixture = self.form.constraints[MIXTURE].start
        rates = environment.outcomes.quantity_cost
        assert rates is not None
        self._rates = [float(rates[i]) for i in firsts]

    @property
    def has_groups(self) -> bool:
        """Whether an agent stands for several."""
        return len(self.counts) < len(self.groups)

    def quantities(self, values: Values) -> Sequence[FloatArray]:
        """Return the interim quantities of each group under the rule that is best at values.

        The values are before costs, which the outcomes take off.
        """
        outcomes = self.problem.environment.outcomes
        if not self.has_groups:
            return outcomes.interim_best(values, self.masses)
        assert outcomes.equal_units is not None
        return chances_of_groups(
            self.net_of_cost(values), self.masses, self.counts, outcomes.equal_units
        )

    def net_of_cost(self, values: Values) -> Values:
        """Return values less what a unit of quantity costs."""
        return tuple(
            own - rate if rate else own for own, rate in zip(values, self._rates, strict=True)
        )

    def add(self, values: Values) -> None:
        """Add the rule that is best at these values, from which costs are taken."""
        quantities = self.quantities(values)
        rows = [
            start + np.arange(quantity.size)
            for start, quantity in zip(self._start, quantities, strict=True)
        ]
        places = np.append(np.concatenate(rows), self.mixture).astype(np.int32)
        entries = np.append(-np.concatenate(quantities), 1.0)
        kept = np.flatnonzero(entries)
        self.model.addCol(0.0, 0.0, np.inf, kept.size, places[kept], entries[kept])
        self.rules.append(values)

    def let_in_money(self) -> int:
        """Let outside money into the budget, and ask for as little of it as some mixture needs.

        Returns
        -------
        int
            The place of its column.
        """
        budget = np.array([self.form.constraints["budget"].start], dtype=np.int32)
        self._set_costs(np.zeros(self.form.cost.size))
        self.model.addCol(1.0, 0.0, np.inf, 1, budget, np.ones(1))
        return self.model.getNumCol() - 1

    def keep_out_money(self, money: int) -> None:
        """Take outside money away, where none is needed, and ask for the objective."""
        self.model.changeColBounds(money, 0.0, 0.0)
        self.model.changeColCost(money, 0.0)
        self._set_costs(-self.form.cost)
        # Multipliers for the least money prove nothing about the objective.
        self.best = np.zeros(0)

    def _set_costs(self, costs: FloatArray) -> None:
        """Set what the variables of the program cost that are no rules."""
        self.model.changeColsCost(costs.size, np.arange(costs.size, dtype=np.int32), costs)

    def run(self) -> bool:
        """Run HiGHS from the basis that it has; return whether it found the best mixture."""
        import highspy

        remaining = self.settings.remaining()
        if remaining is not None:
            self.model.setOptionValue("time_limit", self.model.getRunTime() + remaining)
        self.model.run()
        self.iterations += max(int(self.model.getInfo().simplex_iteration_count), 0)
        if self.model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return False
        self.keep()
        return True

    def keep(self) -> None:
        """Keep the point and the multipliers that HiGHS has."""
        solution = self.model.getSolution()
        self.point = np.asarray(solution.col_value)
        self.multipliers = np.asarray(solution.row_dual)

    def worths(self, multipliers: FloatArray) -> Values:
        """Return what a unit of each type's net quantity is worth, costs taken off."""
        return tuple(
            -multipliers[start : start + mass.size] / (count * mass)
            for start, mass, count in zip(self._start, self.masses, self.counts, strict=True)
        )

    def best_at(self, worths: Values) -> tuple[Values, float]:
        """Return the values of the rule that is best at some worths, and what it is worth.

        Of quantities that rise in the type, sums with worths are at most those with ironed ones.
        """
        smooth = tuple(map(ironed, worths, self.masses))
        values = tuple(
            own + rate if rate else own for own, rate in zip(smooth, self._rates, strict=True)
        )
        return values, self.worth(values, smooth)

    def worth(self, values: Values, worths: Values) -> float:
        """Return what a rule is worth at some worths."""
        parts = zip(self.counts, self.masses, worths, self.quantities(values), strict=True)
        return sum(count * float((mass * own) @ won) for count, mass, own, won in parts)


def solve_by_columns(
    problem: DesignProblem, settings: Settings, ending_of: EndingOf
) -> tuple[Ending, Columns, Allocation | None, tuple[FloatArray, ...], dict[str, FloatArray]]:
    """Return why the rounds ended, and the mixture, payments and multipliers that they ended with.

    Notes
    -----
    Source: theory.md, section 6.3; Dantzig and Wolfe (1960), doi:10.1287/opre.8.1.101.
    """
    columns = Columns(problem, settings, ending_of)
    for values in _first_rules(columns):
        columns.add(values)
    money = None
    if problem.budget is not Budget.SUBSIDISED:
        # A first phase needs the least money from outside; multipliers of it are a certificate.
        money = columns.let_in_money()
        how = _rounds(columns, enough=-settings.tolerance)
        if not how.is_optimal:
            return how, columns, None, (), {}
        if float(columns.point[money]) > settings.tolerance:
            how = Ending(Termination.INFEASIBLE, None, "outside money is needed")
            return how, columns, None, (), {}
        columns.keep_out_money(money)
    how = _rounds(columns)
    stopped = how.limit in (Limit.TIME, Limit.ITERATIONS) and columns.point.size > 0
    # A mixture that more rules might improve is feasible, and its multipliers prove a bound.
    if not (how.is_optimal or stopped):
        return how, columns, None, (), {}
    return how, columns, *_answer(columns, money)


def _first_rules(columns: Columns) -> list[Values]:
    """Return values of the efficient rule, and of rules that favour one group, or nobody."""
    means = tuple(agent.types.mean for agent in columns.agents)
    reach = 2.0 * columns.problem.environment.largest_type + 1.0
    found: list[Values] = [means, tuple(0.0 * mean - reach for mean in means)]
    found += [
        tuple(0.0 * mean + (reach if j == i else -reach) for j, mean in enumerate(means))
        for i in range(len(means))
    ]
    return found


def _rounds(columns: Columns, *, enough: float = np.inf) -> Ending:
    """Add rules until none improves the mixture, or its value is enough."""
    settings = columns.settings
    bound, least = np.inf, ENOUGH * settings.tolerance
    for _ in range(MOST_COLUMNS):
        if settings.is_over:
            return OUT_OF_TIME
        if not columns.run():
            how = columns.ending_of(columns.model, settings)
            if not how.is_optimal:
                return how
            columns.keep()
        given = columns.multipliers
        # Where the bound was best, multipliers tell more than at the corner of the moment.
        started = np.isfinite(bound)
        tried = SMOOTHING * columns.best + (1.0 - SMOOTHING) * given if started else given
        worths = columns.worths(given)
        value = -columns.model.getInfo().objective_function_value
        if value >= enough:
            return Ending(Termination.OPTIMAL, None, "the mixture is good enough")
        level = -float(given[columns.mixture])
        added = False
        for multipliers in (tried, given):
            own = columns.worths(multipliers)
            values, total = columns.best_at(own)
            # The master's value at these multipliers plus what the best rule adds bounds all.
            proved = _dual_value(columns, multipliers, total)
            if proved < bound:
                bound, columns.best = proved, multipliers
            improves = columns.worth(values, worths) - level
            if improves > least:
                columns.add(values)
                added = True
                break
        if not added or bound - value <= least:
            return Ending(Termination.OPTIMAL, None, "no rule improves the mixture")
    return ROUNDS


def _dual_value(columns: Columns, multipliers: FloatArray, total: float) -> float:
    """Return the bound on the objective that multipliers prove, without their mixture's."""
    form = columns.form
    right = np.where(multipliers > 0.0, form.row_lower, form.row_upper)
    right = np.where(np.isfinite(right), right, 0.0)
    own = multipliers.copy()
    own[columns.mixture] = 0.0
    return total - float(own @ right)


def _answer(
    columns: Columns, money: int | None
) -> tuple[Allocation, tuple[FloatArray, ...], dict[str, FloatArray]]:
    """Return the mixture, the payments and the multipliers, those of ironing among them."""
    form = columns.form
    found = columns.point
    rest = found[form.cost.size :]
    rest = rest if money is None else np.delete(rest, money - form.cost.size)
    likely = np.flatnonzero(rest > LEAST_WEIGHT)
    weights = rest[likely] / rest[likely].sum()
    # Rounding of their sum goes to the first.
    shares = [float(1.0 - weights[1:].sum()), *weights[1:].tolist()]
    rules = [columns.rules[c] for c in likely]
    rule: Allocation
    if columns.has_groups:
        values = tuple(map(columns.net_of_cost, rules))
        rule = EvenRule(values, tuple(shares), columns.groups)
    else:
        rule = PointwiseRule(tuple(rules), tuple(shares))
    of_group = [form.variables[f"{agent.name}_payment"].of(found) for agent in columns.agents]
    payments = tuple(of_group[group] for group in columns.groups)
    if not columns.best.size:
        return rule, payments, {}
    duals = named_multipliers(form, columns.best)
    worths = columns.worths(columns.best)
    for agent, group in zip(columns.problem.environment.agents, columns.groups, strict=True):
        mass, worth = columns.masses[group], worths[group]
        if mass.size > 1:
            passed = np.cumsum(mass * (worth - ironed(worth, mass)))[:-1]
            key = f"{agent.name}_monotonicity"
            duals[key] = duals[key] + np.maximum(passed, 0.0)
    return rule, payments, duals
