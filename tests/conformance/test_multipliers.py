"""Multipliers mean what :class:`mechopt.Solution` says: what a unit of relaxation improves.

The optimum as a function of a relaxation is concave if maximised and convex if minimised, so a
multiplier bounds the improvement on both sides: relaxing by h improves by at most h times it, and
tightening by h costs at least that. Where both sides meet, it *is* the derivative.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
import pytest

import mechopt as mo
from mechopt.backends import BACKENDS
from mechopt.program.standard_form import standard_form
from tests.draws import THOROUGH, crossed

from ..oracle import neighbouring_optimum

STEP = 1e-4


def cells(edges, mass):
    edges = np.array(edges)
    middle = 0.5 * (edges[:-1] + edges[1:])
    return mo.TypeSpace(mass, middle, edges[:-1], edges[1:])


TRADES = {
    "finite": mo.BilateralTrade(
        mo.TypeSpace.finite([0, 1, 2.5], [0.3, 0.45, 0.25]),
        mo.TypeSpace.finite([0.4, 1.7, 3.1], [0.35, 0.4, 0.25]),
    ),
    "finite-irregular": mo.BilateralTrade(
        mo.TypeSpace.finite([0, 1, 1.1, 2.5], [0.35, 0.3, 0.05, 0.3]),
        mo.TypeSpace.finite([0.4, 1.7, 1.8, 3.1], [0.35, 0.05, 0.4, 0.2]),
    ),
    # A thin cell beside a dense one makes virtual valuations fall, so that monotonicity binds.
    "cells-irregular": mo.BilateralTrade(
        cells([0, 1, 2, 2.1, 3], [0.3, 0.05, 0.35, 0.3]),
        cells([1.5, 2.4, 2.5, 3.5, 4.5], [0.3, 0.35, 0.05, 0.3]),
    ),
}


@dataclass(frozen=True)
class Program:
    """A design problem's requirements, and the same for the oracle."""

    requirements: dict
    weights: tuple[float, float] | None
    budget: str
    prescribed: bool = False

    def problem(self, trade):
        return mo.DesignProblem(trade, **self.requirements)

    def optimum(self, trade, relaxed):
        return neighbouring_optimum(
            *(agent.types for agent in trade.agents),
            weights=self.weights,
            budget=self.budget,
            rule=trade.efficient_allocation()[0] if self.prescribed else None,
            relaxed=relaxed,
        )


def welfare(*weights, **requirements):
    return {"objective": mo.Welfare(weights), **requirements}


MINIMUM = {"objective": mo.Subsidy(), "budget": "subsidised"}
PROGRAMS = {
    "maximised-equal-weights": Program(welfare(1, 1), (1, 1), "balanced"),
    "maximised-uneven-weights": Program(welfare(1, 0.3), (1, 0.3), "balanced"),
    "maximised-no-deficit": Program(welfare(0.3, 1, budget="no-deficit"), (0.3, 1), "no-deficit"),
    "minimised-subsidy": Program(
        {**MINIMUM, "allocation": "efficient"}, None, "subsidised", prescribed=True
    ),
    "minimised-subsidy-of-any-rule": Program(MINIMUM, None, "subsidised"),
}


@cache
def improvements(trade_name, program_name):
    """Return, for every entry of every constraint, what relaxing and tightening it improves."""
    trade, program = TRADES[trade_name], PROGRAMS[program_name]
    problem = program.problem(trade)
    best = program.optimum(trade, {})
    found = {}
    for name, values in mo.solve(problem, "highs").duals.items():
        for entry in range(values.size):
            changes = []
            for step in (STEP, -STEP):
                optimum = program.optimum(trade, {name: step * np.eye(values.size)[entry]})
                # Nothing may meet a tightened constraint, which is as bad as can be.
                worst = optimum is None and step < 0
                changes.append(-np.inf if worst else problem.objective.sign * (optimum - best))
            found[name, entry] = changes
    return found


def multiplier(solution, name, entry):
    return solution.duals.get(name, np.zeros(entry + 1))[entry]


# One trade for each program, together with multipliers of every kind.
FEW = ("cells-irregular", "finite", "finite-irregular", "finite", "finite-irregular")
PAIRS = list(product(TRADES, PROGRAMS)) if THOROUGH else list(zip(FEW, PROGRAMS, strict=True))
ACCEPTED = [
    (trade, program, backend)
    for trade, program in PAIRS
    for backend in BACKENDS
    if BACKENDS[backend]().accepts(PROGRAMS[program].problem(TRADES[trade]))
]


@pytest.mark.parametrize(("trade", "program", "backend"), ACCEPTED)
def test_multiplier_is_the_rate_of_improvement(trade, program, backend):
    solution = mo.solve(PROGRAMS[program].problem(TRADES[trade]), backend)
    for (name, entry), (relaxed, tightened) in improvements(trade, program).items():
        value = multiplier(solution, name, entry)
        assert relaxed <= STEP * value + 1e-8 * STEP + 1e-10, (name, entry)
        assert tightened <= -STEP * value + 1e-8 * STEP + 1e-10, (name, entry)
        if abs(relaxed + tightened) <= 1e-9:
            assert value == pytest.approx(relaxed / STEP, abs=1e-4), (name, entry)


def test_finite_differences_tell_multipliers_of_every_kind_from_zero():
    derivatives = {
        name
        for trade, program in PAIRS
        for (name, _), (relaxed, tightened) in improvements(trade, program).items()
        if abs(relaxed) > 1e-7 and abs(relaxed + tightened) <= 1e-9
    }
    assert derivatives == {
        "budget",
        "buyer_ic_down",
        "buyer_monotonicity",
        "buyer_participation_lower",
        "seller_ic_up",
        "seller_monotonicity",
        "seller_participation_lower",
        "seller_participation_upper",
    }


@pytest.mark.parametrize("trade", ["finite", "cells-irregular"])
@pytest.mark.parametrize("backend", ["highs", "cvxpy", "pyomo"])
def test_budget_multiplier_is_what_the_native_model_gains_from_outside_money(backend, trade):
    problem = PROGRAMS["maximised-uneven-weights"].problem(TRADES[trade])
    solution = mo.solve(problem, backend)
    with_money = {"highs": highs_optimum, "cvxpy": cvxpy_optimum, "pyomo": pyomo_optimum}[backend]
    gain = (with_money(problem, STEP) - with_money(problem, -STEP)) * problem.objective.sign
    assert solution.duals["budget"][0] == pytest.approx(gain / (2 * STEP), rel=1e-6)
    assert gain > 0.0


def highs_optimum(problem, money):
    model = BACKENDS["highs"]().build(problem)
    row = standard_form(problem).constraints["budget"].start
    model.changeRowBounds(row, -money, -money)
    model.run()
    return -problem.objective.sign * model.getObjectiveValue()


def cvxpy_optimum(problem, money):
    import cvxpy as cp

    model = BACKENDS["cvxpy"]().build(problem)
    others = [row for row in model.constraints if row.label != "budget"]
    (budget,) = [row for row in model.constraints if row.label == "budget"]
    return cp.Problem(model.objective, [*others, budget.expr == -money]).solve(solver=cp.HIGHS)


def pyomo_optimum(problem, money):
    import pyomo.environ as pyo

    model = BACKENDS["pyomo"]().build(problem)
    model.budget.set_value(model.budget.body == -money)
    pyo.SolverFactory("highs").solve(model)
    return pyo.value(model.objective)


@dataclass(frozen=True)
class Perk(mo.environments.OutsideOption):
    """Staying out is worth ``amount`` to one type and nothing to the others."""

    at: float
    amount: float

    def __call__(self, types):
        return np.where(types == self.at, self.amount, 0.0)

    def scaled(self, factor):
        return Perk(self.at * factor, self.amount * factor)


@pytest.mark.parametrize(
    ("place", "backend"),
    crossed(
        [
            ("maximised-equal-weights", 0, 2),
            ("maximised-equal-weights", 1, 0),
            ("minimised-subsidy", 0, 2),
            ("minimised-subsidy", 1, 0),
            ("minimised-subsidy", 1, 2),
        ],
        ["highs", "cvxpy", "pyomo"],
    ),
)
def test_participation_multiplier_is_the_cost_of_a_better_outside_option(place, backend):
    program, agent, cell = place
    trade = TRADES["finite"]

    def problem_with(amount):
        agents = list(trade.agents)
        perk = Perk(float(agents[agent].types.mean[cell]), amount)
        agents[agent] = mo.Agent(agents[agent].name, agents[agent].types, perk)
        return PROGRAMS[program].problem(mo.Environment(tuple(agents), trade.outcomes))

    better, same, worse = (mo.solve(problem_with(amount), backend) for amount in (STEP, 0.0, -STEP))
    sign = same.problem.objective.sign
    loss = sign * (worse.objective - better.objective) / (2 * STEP)
    value = same.duals[f"{trade.agents[agent].name}_participation_lower"][cell]
    assert value == pytest.approx(loss, abs=1e-5)
    assert (value > 0.1) == ((agent, cell) != (1, 2)), "the lowest value and highest cost just join"
