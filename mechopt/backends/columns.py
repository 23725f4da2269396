"""Columns: mixtures of rules that HiGHS weighs, each found by the multipliers of those before it.

The program over interim quantities and payments has one variable for each rule at hand. Its
multipliers say what a unit of each type's quantity is worth; the rule that is best at these worths,
ironed, enters next, until none improves the mixture (Dantzig and Wolfe).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.backends.settings import Settings
from mechopt.backends.statuses import OUT_OF_TIME, ROUNDS, Ending
from mechopt.mechanism.allocation import PointwiseRule
from mechopt.problem.budget import Budget
from mechopt.problem.columns import MIXTURE
from mechopt.problem.problem import DesignProblem
from mechopt.program.highs_model import load
from mechopt.program.reading import named_multipliers
from mechopt.program.standard_form import StandardForm, column_form
from mechopt.solution import Termination
from mechopt.types.virtual_values import ironed

if TYPE_CHECKING:
    import highspy

Values = tuple[FloatArray, ...]

MOST_COLUMNS = 2_000
# Rules less likely than this are left out of the mixture.
LEAST_WEIGHT = 1e-12
# What a unit of outside money costs, in units of the objective's largest weight, and at most.
FIRST_PRICE, LAST_PRICE = 10.0, 1e7
# Of the multipliers that gave the best bound so far, this share is kept.
SMOOTHING = 0.5


class Columns:
    """A program over mixtures of rules, which grows by a rule in every round.

    Parameters
    ----------
    problem
        The problem.
    settings
        What HiGHS is told.
    """

    def __init__(self, problem: DesignProblem, settings: Settings) -> None:
        self.problem = problem
        self.settings = settings
        self.form: StandardForm = column_form(problem)
        own = {} if settings.threads is None else {"threads": settings.threads}
        # The basis of the round before stays feasible, and primal simplex goes on from there.
        options = {"solver": "simplex", "simplex_strategy": 4, "presolve": "off", **own}
        self.model: highspy.Highs = load(
            self.form, settings.tolerance, {**options, **settings.options}
        )
        self.rules: list[Values] = []
        self.iterations = 0
        self._start = [self.form.constraints[f"{name}_quantity"].start for name in self._names]
        self._mixture = self.form.constraints[MIXTURE].start
        self._outcomes, self._masses = problem.environment.outcomes, problem.environment.masses
        rates = self._outcomes.quantity_cost
        assert rates is not None
        self._rates: list[float] = rates.tolist()

    @property
    def _names(self) -> list[str]:
        return [agent.name for agent in self.problem.environment.agents]

    def add(self, values: Values) -> None:
        """Add the rule that is best at these values, from which costs are taken."""
        quantities = self._outcomes.interim_best(values, self._masses)
        rows = [
            start + np.arange(quantity.size)
            for start, quantity in zip(self._start, quantities, strict=True)
        ]
        places = np.append(np.concatenate(rows), self._mixture).astype(np.int32)
        entries = np.append(-np.concatenate(quantities), 1.0)
        kept = np.flatnonzero(entries)
        self.model.addCol(0.0, 0.0, np.inf, kept.size, places[kept], entries[kept])
        self.rules.append(values)

    def price_outside_money(self, price: float) -> int:
        """Let outside money into the budget at a price, so that some mixture is feasible."""
        place = self.form.constraints["budget"].start
        column = self.model.getNumCol()
        self.model.addCol(price, 0.0, np.inf, 1, np.array([place], dtype=np.int32), np.ones(1))
        return column

    def run(self) -> None:
        """Run HiGHS from the basis that it has."""
        remaining = self.settings.remaining()
        if remaining is not None:
            self.model.setOptionValue("time_limit", self.model.getRunTime() + remaining)
        self.model.run()
        self.iterations += max(int(self.model.getInfo().simplex_iteration_count), 0)

    @property
    def multipliers(self) -> FloatArray:
        """The multiplier of every row."""
        return np.asarray(self.model.getSolution().row_dual)

    def worths(self, multipliers: FloatArray) -> Values:
        """Return what a unit of each type's net quantity is worth, costs taken off."""
        return tuple(
            -multipliers[start : start + mass.size] / mass
            for start, mass in zip(self._start, self._masses, strict=True)
        )

    def best_at(self, worths: Values) -> tuple[Values, float]:
        """Return the values of the rule that is best at some worths, and what it is worth.

        Of quantities that rise in the type, sums with worths are at most those with ironed ones.
        """
        smooth = tuple(map(ironed, worths, self._masses))
        values = tuple(
            own + rate if rate else own for own, rate in zip(smooth, self._rates, strict=True)
        )
        quantities = self._outcomes.interim_best(values, self._masses)
        total = sum(
            float((mass * own) @ quantity)
            for mass, own, quantity in zip(self._masses, smooth, quantities, strict=True)
        )
        return values, total

    def gain(self, values: Values, worths: Values) -> float:
        """Return what a rule is worth at some worths."""
        quantities = self._outcomes.interim_best(values, self._masses)
        return sum(
            float((mass * own) @ quantity)
            for mass, own, quantity in zip(self._masses, worths, quantities, strict=True)
        )


def solve_by_columns(
    problem: DesignProblem, settings: Settings
) -> tuple[Ending, Columns, PointwiseRule | None, tuple[FloatArray, ...], dict[str, FloatArray]]:
    """Return why the rounds ended, and the mixture, payments and multipliers that they ended with.

    Notes
    -----
    Source: theory.md, section 6.3; Dantzig and Wolfe (1960), doi:10.1287/opre.8.1.101.
    """
    columns = Columns(problem, settings)
    for values in _first_rules(problem):
        columns.add(values)
    money = None
    if problem.budget is not Budget.SUBSIDISED:
        weight = max(float(np.abs(values).max()) for values in problem.weights.payment)
        price = FIRST_PRICE * (weight or 1.0)
        money = columns.price_outside_money(price)
    how = _rounds(columns)
    while money is not None and how.is_optimal and _amount(columns, money) > settings.tolerance:
        price *= FIRST_PRICE
        if price > LAST_PRICE:
            return (
                Ending(Termination.INFEASIBLE, None, "outside money is needed"),
                columns,
                None,
                (),
                {},
            )
        columns.model.changeColCost(money, price)
        how = _rounds(columns)
    if not how.is_optimal:
        return how, columns, None, (), {}
    return how, columns, *_answer(columns, money)


def _amount(columns: Columns, money: int) -> float:
    return float(columns.model.getSolution().col_value[money])


def _first_rules(problem: DesignProblem) -> list[Values]:
    """Return values of the efficient rule, and of rules that favour one agent, or nobody."""
    environment = problem.environment
    means = tuple(agent.types.mean for agent in environment.agents)
    reach = 2.0 * environment.largest_type + 1.0
    found: list[Values] = [means, tuple(0.0 * mean - reach for mean in means)]
    found += [
        tuple(0.0 * mean + (reach if j == i else -reach) for j, mean in enumerate(means))
        for i in range(len(means))
    ]
    return found


def _rounds(columns: Columns) -> Ending:
    """Add rules until none improves the mixture."""
    import highspy

    settings = columns.settings
    best, kept = np.inf, None
    for _ in range(MOST_COLUMNS):
        if settings.is_over:
            return OUT_OF_TIME
        columns.run()
        if columns.model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            from mechopt.backends.highs import ending_of

            how = ending_of(columns.model, settings)
            if not how.is_optimal:
                return how
        given = columns.multipliers
        # Where the bound was best, multipliers tell more than at the corner of the moment.
        tried = given if kept is None else SMOOTHING * kept + (1.0 - SMOOTHING) * given
        worths = columns.worths(given)
        level = -float(given[columns._mixture])
        added = False
        for multipliers in (tried, given):
            own = columns.worths(multipliers)
            values, total = columns.best_at(own)
            # The master's value at these multipliers plus what the best rule adds bounds all.
            bound = _dual_value(columns, multipliers, total)
            if bound < best:
                best, kept = bound, multipliers
            improves = columns.gain(values, worths) - level
            if improves > settings.tolerance:
                columns.add(values)
                added = True
                break
        value = -columns.model.getInfo().objective_function_value
        if not added or best - value <= settings.tolerance:
            return Ending(Termination.OPTIMAL, None, "no rule improves the mixture")
    return ROUNDS


def _dual_value(columns: Columns, multipliers: FloatArray, total: float) -> float:
    """Return the bound on the objective that multipliers prove, without their mixture's."""
    form = columns.form
    right = np.where(multipliers > 0.0, form.row_lower, form.row_upper)
    right = np.where(np.isfinite(right), right, 0.0)
    own = multipliers.copy()
    own[columns._mixture] = 0.0
    return total - float(own @ right)


def _answer(
    columns: Columns, money: int | None
) -> tuple[PointwiseRule, tuple[FloatArray, ...], dict[str, FloatArray]]:
    """Return the mixture, the payments and the multipliers, those of ironing among them."""
    form = columns.form
    found = np.asarray(columns.model.getSolution().col_value)
    rest = np.delete(found[form.cost.size :], [] if money is None else money - form.cost.size)
    likely = np.flatnonzero(rest > LEAST_WEIGHT)
    weights = rest[likely] / rest[likely].sum()
    rule = PointwiseRule(tuple(columns.rules[c] for c in likely), tuple(weights.tolist()))
    payment = tuple(form.variables[f"{name}_payment"].of(found) for name in columns._names)
    duals = named_multipliers(form, columns.multipliers)
    worths = columns.worths(columns.multipliers)
    for name, mass, worth in zip(columns._names, columns._masses, worths, strict=True):
        if mass.size > 1:
            passed = np.cumsum(mass * (worth - ironed(worth, mass)))[:-1]
            key = f"{name}_monotonicity"
            duals[key] = duals[key] + np.maximum(passed, 0.0)
    return rule, payment, duals
