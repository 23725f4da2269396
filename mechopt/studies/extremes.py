"""The largest values of payoff directions over all mechanisms that meet a problem's requirements.

One linear program is loaded once, and only its objective changes, so that HiGHS starts each run
from the basis of the last. Every value comes with a bound recomputed from the multipliers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.backends import remedy_for
from mechopt.backends.highs import ending_of
from mechopt.errors import NotOptimalError, UnsupportedProblemError
from mechopt.mechanism.allocation import Table
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.objectives import WeightedPayoffs
from mechopt.problem.problem import DesignProblem
from mechopt.program.highs_model import load, money_unit
from mechopt.program.lagrangian import dual_bound
from mechopt.program.reading import named_multipliers, named_values
from mechopt.solution import Termination

# The tightest that HiGHS accepts: what it leaves shows up in payoffs, magnified by multipliers.
HIGHS_TOLERANCE = 1e-10
# The row of what payoffs must reach is written this much larger, and so held more tightly.
EMPHASIS = 1e3
# Rounding can make an optimum unreachable. It is then lowered by these, in the program's own unit;
# the first are below its tolerance, and no more than a new start. Ends move by what is lowered,
# over the probability of a type.
LOOSENED = (0.0, 1e-15, 1e-14, 1e-13, 1e-12, 1e-11, 1e-10, 1e-9)

Direction = tuple[FloatArray, ...]
"""One weight per type of each agent."""


@dataclass(frozen=True, eq=False)
class Extreme:
    """A mechanism whose payoffs go furthest in a direction.

    Parameters
    ----------
    value
        The direction's value at its payoffs, in money.
    bound
        Upper bound on the value of any mechanism, proved by the multipliers.
    mechanism
        The mechanism.
    """

    value: float
    bound: float
    mechanism: Mechanism

    @property
    def payoffs(self) -> tuple[FloatArray, ...]:
        """Interim utilities by type, in money."""
        return self.mechanism.utility


class PayoffProgram:
    """The mechanisms that meet a problem's requirements, ready to be looked at from any direction.

    Parameters
    ----------
    problem
        A problem without curved bounds.
    at_least
        A direction and the value in it, in money, that payoffs must reach; none unless given.

    Raises
    ------
    UnsupportedProblemError
        For curved bounds.

    Examples
    --------
    >>> from mechopt import Bargaining, TypeSpace, ex_ante_efficiency
    >>> bargaining = Bargaining(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3]), 0.5)
    >>> program = PayoffProgram(ex_ante_efficiency(bargaining))
    >>> extreme = program.furthest(([0.0, 1.0], [0.0, 0.0]))
    >>> round(extreme.value, 6), round(extreme.bound, 6)
    (1.375, 1.375)
    """

    def __init__(
        self, problem: DesignProblem, at_least: tuple[Direction, float] | None = None
    ) -> None:
        from mechopt.program.standard_form import standard_form

        problem.require_lotteries("a set of payoffs")
        outcomes = problem.environment.outcomes
        if outcomes.curves:
            raise UnsupportedProblemError(
                f"{type(outcomes).__name__}: extremes of curved sets are not polytopes (expected "
                f"linear bounds). Use {outcomes.without_curves}."
            )
        self._problem = problem
        self._unit = money_unit(problem)
        self._in_unit = problem.scaled(1.0 / self._unit)
        self._form = standard_form(self._in_unit)
        self._model = load(self._form, HIGHS_TOLERANCE)
        self._at_least = at_least
        if at_least is not None:
            direction, least = at_least
            cost = self._cost(direction)
            columns = np.flatnonzero(cost).astype(np.int32)
            self._least = EMPHASIS * least / self._unit
            self._loosened = 0
            entries = EMPHASIS * cost[columns]
            self._model.addRow(self._least, np.inf, columns.size, columns, entries)

    def furthest(self, direction: Sequence[Sequence[float] | FloatArray]) -> Extreme:
        """Return a mechanism whose payoffs have the largest weighted sum.

        Parameters
        ----------
        direction
            One weight per type of each agent, of any sign.

        Raises
        ------
        InvalidInputError
            For weights that do not fit, and a direction that is zero.
        NotOptimalError
            If no mechanism meets the requirements, or the sum has no largest value.
        """
        objective, size = WeightedPayoffs(tuple(map(np.asarray, direction))).normalised()
        assert isinstance(objective, WeightedPayoffs)
        in_unit = replace(self._in_unit, objective=objective)
        cost = self._cost(objective.weights)
        columns = np.arange(cost.size, dtype=np.int32)
        self._model.changeColsCost(cost.size, columns, -cost)
        self._model.run()
        termination = ending_of(self._model).termination
        while termination is not Termination.OPTIMAL and self._loosen():
            self._model.clearSolver()
            self._model.run()
            termination = ending_of(self._model).termination
        if termination is not Termination.OPTIMAL:
            raise NotOptimalError(
                f"{termination.value}: no mechanism goes furthest in this direction. "
                f"{remedy_for(self._problem)}",
                None,
            )
        solution = self._model.getSolution()
        values, row_dual = np.asarray(solution.col_value), np.asarray(solution.row_dual)
        mechanism = self._mechanism(values)
        bound = self._bound(in_unit, row_dual)
        value = sum(
            float(weights @ utility)
            for weights, utility in zip(objective.weights, mechanism.utility, strict=True)
        )
        return Extreme(size * value, size * self._unit * bound, mechanism)

    def _loosen(self) -> bool:
        """Ask a little less of what payoffs must reach, and return whether that was possible."""
        if self._at_least is None or self._loosened + 1 == len(LOOSENED):
            return False
        self._loosened += 1
        row = self._model.getNumRow() - 1
        less = EMPHASIS * LOOSENED[self._loosened]
        self._model.changeRowBounds(row, self._least - less, np.inf)
        return True

    def _cost(self, direction: Direction) -> FloatArray:
        """Return the coefficients of the standard form's variables in a direction's value."""
        cost = np.zeros_like(self._form.cost)
        for agent, weights in zip(self._in_unit.environment.agents, direction, strict=True):
            quantity = self._form.variables[f"{agent.name}_quantity"]
            payment = self._form.variables[f"{agent.name}_payment"]
            quantity.of(cost)[:] = weights * agent.types.mean
            payment.of(cost)[:] = -weights
        return cost

    def _mechanism(self, values: FloatArray) -> Mechanism:
        outcome, payment = named_values(self._form, values, self._in_unit)
        in_money = tuple(self._unit * paid for paid in payment)
        return Mechanism(self._problem.environment, Table(outcome), in_money)

    def _bound(self, in_unit: DesignProblem, row_dual: FloatArray) -> float:
        """Return the bound that the multipliers prove, in units of the loaded program.

        The multiplier of what payoffs must reach makes it a part of the objective. It counts as
        reached in full, so the bound also shows what loosening it has changed.
        """
        duals = named_multipliers(self._form, row_dual)
        if self._at_least is None:
            return dual_bound(in_unit, duals)
        direction, least = self._at_least
        objective = in_unit.objective
        assert isinstance(objective, WeightedPayoffs)
        multiplier = EMPHASIS * max(float(row_dual[-1]), 0.0)
        combined = tuple(
            own + multiplier * other
            for own, other in zip(objective.weights, direction, strict=True)
        )
        if not any(weights.any() for weights in combined):
            return -multiplier * least / self._unit
        relaxed = replace(in_unit, objective=WeightedPayoffs(combined))
        return dual_bound(relaxed, duals) - multiplier * least / self._unit
