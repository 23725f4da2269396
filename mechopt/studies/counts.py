"""The best mechanism among identical agents by counts, where every profile matters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.environments.counted import Counts, chances_of_states, states_of
from mechopt.errors import TooLargeError, UnsupportedProblemError, require
from mechopt.mechanism.allocation import Table
from mechopt.mechanism.check import AuditReport, Check
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.budget import Budget, Holds
from mechopt.problem.counts import MOST_VARIABLES, CountsFrame, variables_of, why_no_counts
from mechopt.problem.liability import Liability
from mechopt.problem.problem import DesignProblem, Incentives, Participation
from mechopt.program.highs_model import load, money_unit
from mechopt.program.numbers import in_floats
from mechopt.program.standard_form import StandardForm, assemble

TOLERANCE = 1e-9
AUDIT_TOLERANCE = 1e-7


@dataclass(frozen=True, eq=False)
class OptimumByCounts:
    """A mechanism that treats identical agents alike, and a bound on what any can reach.

    Parameters
    ----------
    problem
        The problem.
    states : array of shape (num_states, num_types)
        How many of the other agents have each type, for every way in which that can be.
    quantity, payment : arrays of shape (num_types, num_states)
        How likely an agent wins a unit, and what it pays, by own type and state of the others.
    objective
        What the mechanism reaches.
    bound
        What no mechanism exceeds, by the multipliers and weak duality.
    """

    problem: DesignProblem
    states: Counts
    quantity: FloatArray
    payment: FloatArray
    objective: float
    bound: float

    @property
    def gap(self) -> float:
        """How far the objective is from the bound; of what is minimised, above it."""
        return self.problem.objective.sign * (self.bound - self.objective)

    def audit(self, tolerance: float = AUDIT_TOLERANCE) -> AuditReport:
        """Check the mechanism and the objective by definition, over all pairs of types and states.

        Parameters
        ----------
        tolerance
            Largest violation that passes, relative to the first best; of probabilities as it is.
        """
        checks = tuple(
            Check(name, violation, max(violation, 0.0) / scale, tolerance, "over all states")
            for name, violation, scale in self._violations()
        )
        return AuditReport(checks, ())

    def mechanism(self) -> Mechanism:
        """Return the same mechanism with outcomes and payments of every profile written out.

        Raises
        ------
        TooLargeError
            If there are too many profiles for an array over them.
        """
        environment = self.problem.environment
        environment.require_dense("the mechanism")
        number, size = len(environment.agents), len(self.quantity)
        known = {tuple(state): place for place, state in enumerate(self.states.tolist())}
        profiles = np.indices(environment.shape).reshape(number, -1)
        counts = np.stack([(profiles == k).sum(axis=0) for k in range(size)], axis=1)
        won, paid = np.empty((2, number, profiles.shape[1]))
        for i, own in enumerate(profiles):
            rest = counts - np.eye(size, dtype=np.int64)[own]
            place = np.array([known[tuple(state)] for state in rest.tolist()])
            won[i], paid[i] = self.quantity[own, place], self.payment[own, place]
        shape = (number, *environment.shape)
        return Mechanism.of_profiles(environment, Table(won.reshape(shape)), paid.reshape(shape))

    @cached_property
    def _first_best(self) -> float:
        return float(self.problem.objective_scale)

    def _violations(self) -> Iterator[tuple[str, float, float]]:
        """Yield what is asked, by how much it is missed, and what that is relative to."""
        problem, scale = self.problem, self._first_best
        environment, agent = problem.environment, problem.environment.agents[0]
        types, number = agent.types, len(environment.agents)
        chance = chances_of_states(self.states, types.mass)
        won, paid = self.quantity, self.payment
        beyond = max(-float(won.min()), float(won.max()) - 1.0)
        yield "probabilities", beyond, 1.0
        totals, owed, likely = self._in_all_states()
        units = environment.outcomes.equal_units
        assert units is not None
        yield "units", float(totals.max()) - units, 1.0
        if problem.incentives_of(0) is not Incentives.NONE:
            average = problem.incentives_of(0) is Incentives.INTERIM
            q, t = ((won @ chance)[:, None], (paid @ chance)[:, None]) if average else (won, paid)
            gains = [
                end[:, None, None] * (q[None] - q[:, None]) - (t[None] - t[:, None])
                for end in (types.lower, types.upper)
            ]
            yield "incentives", float(np.max(gains)), scale
        if problem.participation_of(0) is not Participation.NONE:
            average = problem.participation_of(0) is Participation.INTERIM
            q, t = ((won @ chance)[:, None], (paid @ chance)[:, None]) if average else (won, paid)
            short = [
                option[:, None] - (end[:, None] * q - t)
                for end, option in zip(
                    (types.lower, types.upper), agent.option_at_ends, strict=True
                )
            ]
            yield "participation", float(np.max(short)), scale
        rate = float(environment.outcomes.cost[0])
        surplus = owed - rate * totals
        if problem.budget is not Budget.SUBSIDISED:
            if problem.budget_holds is not Holds.EX_POST:
                surplus = np.array([likely @ surplus])
            short_of = np.abs(surplus) if problem.budget is Budget.BALANCED else -surplus
            yield "budget", float(short_of.max()), scale
        limit = float(problem.payment_limit)
        yield "limit on payments", float(np.abs(paid).max()) - limit, scale
        weights = problem.weights
        value = number * float(
            types.mass
            @ (weights.quantity[0] * (won @ chance) + weights.payment[0] * (paid @ chance))
        )
        value += weights.cost * rate * float(likely @ totals)
        sign = problem.objective.sign
        yield "reported objective", abs(sign * value - self.objective), scale
        yield "weak duality", sign * (self.objective - self.bound), scale
        yield "optimality", sign * (self.bound - self.objective) / 10.0, scale

    def _in_all_states(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return units won and money paid in every state of all agents, and how likely it is."""
        size, number = len(self.quantity), len(self.problem.environment.agents)
        every = states_of(number, size)
        known = {tuple(state): place for place, state in enumerate(self.states.tolist())}
        won, paid = np.zeros((2, len(every)))
        for place, state in enumerate(every.tolist()):
            for k, count in enumerate(state):
                if count:
                    others = known[(*state[:k], count - 1, *state[k + 1 :])]
                    won[place] += count * self.quantity[k, others]
                    paid[place] += count * self.payment[k, others]
        return won, paid, chances_of_states(every, self.problem.environment.masses[0])


def optimum_by_counts(problem: DesignProblem) -> OptimumByCounts:
    """Return the best mechanism among identical agents where single profiles matter.

    What an agent gets and pays hangs on its own type and on how many others have which types: of 10
    bidders with 6 types that are 12,012 cases, and 60,466,176 profiles. No other mechanism does
    better, for the average over all orders of the agents does as well.

    Parameters
    ----------
    problem
        A problem of identical agents who compete for equal units: incentives and participation on
        average or in every profile, any budget, and a limit on payments.

    Returns
    -------
    OptimumByCounts

    Raises
    ------
    UnsupportedProblemError
        For agents that are not alike, other outcomes, and further requirements; and where HiGHS
        finds no optimum.
    TooLargeError
        For more than 500,000 variables.

    Notes
    -----
    Source: theory.md, section 1.1.

    Examples
    --------
    >>> import mechopt as mo
    >>> types = mo.TypeSpace.finite([1, 2])
    >>> problem = mo.DesignProblem(
    ...     mo.Auction(types, count=3),
    ...     mo.Revenue(),
    ...     budget="no-deficit",
    ...     budget_holds="ex-post",
    ...     incentives="dominant",
    ...     participation="ex-post",
    ... )
    >>> found = optimum_by_counts(problem)
    >>> round(found.objective, 9), found.audit().passed
    (1.75, True)
    """
    require(problem, DesignProblem, where="problem", remedy="State what is asked first.")
    reason = why_no_counts(problem)
    if problem.environment.outcomes.equal_units is None:
        reason = "agents who compete for equal units"
    elif any(isinstance(each, Liability) for each in problem.requirements):
        reason = "no requirements but a limit on payments"
    if reason:
        raise UnsupportedProblemError(
            f"an optimum by counts needs {reason}. Use solve, which takes profiles."
        )
    number, size = len(problem.environment.agents), problem.environment.shape[0]
    if variables_of(problem) > MOST_VARIABLES:
        raise TooLargeError(
            f"{number} agents of {size} types have too many states (expected at most "
            f"{MOST_VARIABLES:,} quantities and payments). Use fewer types."
        )
    unit = money_unit(problem)
    objective, weight = problem.objective.normalised()
    in_unit = replace(problem, objective=objective).scaled(1.0 / unit)
    numbers = in_floats(in_unit, corners=False)
    frame = CountsFrame(in_unit.environment, numbers, float(in_unit.payment_limit))
    form = assemble(in_unit, numbers, frame=frame).as_standard_form()
    values, multipliers = _solved(form)
    name = problem.environment.agents[0].name
    quantity = form.variables[f"{name}_quantity"].of(values)
    payment = unit * form.variables[f"{name}_payment"].of(values)
    worth = problem.objective.sign * weight * unit
    return OptimumByCounts(
        problem, frame.states.others, np.clip(quantity, 0.0, 1.0), payment,
        worth * float(form.cost @ values), worth * _weak_duality(form, multipliers),
    )  # fmt: skip


def _solved(form: StandardForm) -> tuple[FloatArray, FloatArray]:
    """Return values of the variables and multipliers of the rows at an optimum."""
    import highspy

    model = load(form, TOLERANCE)
    model.run()
    if model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        status = model.modelStatusToString(model.getModelStatus())
        raise UnsupportedProblemError(
            f"no optimum by counts (HiGHS ended with: {status}). Ask for less, or use fewer types."
        )
    solution = model.getSolution()
    return np.asarray(solution.col_value), np.asarray(solution.row_dual)


def _weak_duality(form: StandardForm, multipliers: FloatArray) -> float:
    """Return the bound that multipliers prove, whatever they are: every variable has bounds."""
    # HiGHS minimises minus the objective; a row that is missing on one side has no such multiplier.
    right = np.where(multipliers > 0.0, form.row_lower, form.row_upper)
    own = np.where(np.isfinite(right), multipliers, 0.0)
    right = np.where(np.isfinite(right), right, 0.0)
    left = form.cost + form.matrix.T @ own
    best = np.maximum(left * form.lower, left * form.upper)
    return float(best.sum() - own @ right)
