"""The textbook program of a finite case: outcomes and payments of every profile, all lies.

Every requirement is written as plain loops from its definition, with nothing made smaller by a
theorem: no interim payments, no neighbouring types, no symmetry. Only numpy and scipy are used.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from .finite_case import replaced

TOLERANCE = 1e-10
MONEY = 1e-9


@dataclass(frozen=True, eq=False)
class Optimum:
    """``status`` is "optimal", "infeasible" or "unbounded"; the rest is None unless optimal.

    ``allocation`` has shape (variables, *profile), ``payments`` (agents, *profile).
    """

    status: str
    value: float | None = None
    allocation: np.ndarray | None = None
    payments: np.ndarray | None = None


def optimum(case):
    """Return the status and the optimal value of a case (None unless "optimal")."""
    result = solve(case)
    return result.status, result.value


def solve(case):
    """Return the optimum of a case with a mechanism that attains it."""
    program = Program(case)
    require_all(case, program)
    return program.solve(objective(case, program))


def shortfall(case):
    """Return by how much all requirements must be relaxed before any mechanism meets them.

    Zero for a feasible case; a case that is infeasible by far has a shortfall that is not small.
    Bounds of outcomes and payments are not relaxed. In money, and units of outcomes.
    """
    program = Program(case)
    require_all(case, program)
    program.new_variable(("relaxed",), 0.0, np.inf)
    relaxed = program.position["relaxed",]
    for row, _ in program.at_most:
        row[relaxed] = -1.0
    equal, program.equal = program.equal, []
    for row, value in equal:
        program.require_at_least({**row, relaxed: 1.0}, value)
        program.require_at_least({**{k: -v for k, v in row.items()}, relaxed: 1.0}, -value)
    least = program.solve(Counter({relaxed: -1.0}))
    return least.value if case.objective == "subsidy" else -least.value


def require_all(case, program):
    """Add the rows of every requirement of the case."""
    incentives(case, program)
    participation(case, program)
    budget(case, program)
    liability(case, program)
    floors(case, program)
    events(case, program)


class Program:
    """Variables of a case, and rows that grow: each is a Counter {position: coefficient}."""

    def __init__(self, case):
        self.case = case
        self.position = {}
        self.bounds = []
        limit = np.inf if case.payment_limit is None else case.payment_limit
        for profile in case.profiles():
            for variable in range(case.num_variables):
                low, high = case.lower[variable], case.upper[variable]
                if case.allocation is not None:
                    low = high = case.allocation[(variable, *profile)]
                self.new_variable(("outcome", variable, profile), low, high)
            for agent in range(case.num_agents):
                self.new_variable(("payment", agent, profile), -limit, limit)
        self.at_most, self.equal = [], []
        for profile in case.profiles():
            for coefficients, bound in case.rows:
                row = Counter()
                self.add_outcome(row, 1.0, coefficients, profile)
                self.require_at_least(Counter({key: -value for key, value in row.items()}), -bound)

    def new_variable(self, key, low, high):
        self.position[key] = len(self.bounds)
        self.bounds.append((low, high))

    def add_outcome(self, row, weight, coefficients, profile):
        """Add ``weight * coefficients @ outcome[profile]`` to a row."""
        for variable, coefficient in enumerate(coefficients):
            row[self.position["outcome", variable, profile]] += weight * coefficient

    def add_payment(self, row, weight, agent, profile):
        """Add ``weight * payment[agent, profile]`` to a row."""
        row[self.position["payment", agent, profile]] += weight

    def add_utility(self, row, weight, agent, truth, reported):
        """Add ``weight`` times an agent's utility if ``reported`` is told and ``truth`` is true."""
        self.add_outcome(row, weight, self.case.worth_in(agent, truth), reported)
        self.add_payment(row, -weight, agent, reported)

    def require_at_least(self, row, least):
        self.at_most.append(({key: -value for key, value in row.items()}, -least))

    def require_equal(self, row, value):
        self.equal.append((row, value))

    def solve(self, gain):
        """Maximise ``gain`` (a Counter); with proof, or an error."""
        minimised = np.zeros(len(self.bounds))
        for position, value in gain.items():
            minimised[position] = -value
        lower, upper = np.array(self.bounds).T
        A_ub, b_ub = self.matrix(self.at_most)
        A_eq, b_eq = self.matrix(self.equal)
        for presolve in (True, False):
            result = linprog(
                minimised,
                A_ub=A_ub,
                b_ub=b_ub,
                A_eq=A_eq,
                b_eq=b_eq,
                bounds=np.column_stack([lower, upper]),
                method="highs-ds",
                options={
                    "presolve": presolve,
                    "primal_feasibility_tolerance": TOLERANCE,
                    "dual_feasibility_tolerance": TOLERANCE,
                },
            )
            if result.status in {2, 3}:
                # Which of the two it is, presolve does not always know: that there is a feasible
                # mechanism, the same program without a goal says.
                return Optimum(self.without_optimum(bool(gain)))
            if result.status == 0:
                break
        assert result.status == 0, result.message
        self.prove(minimised, result, A_ub, b_ub, A_eq, b_eq, lower, upper)
        return self.read(result)

    def without_optimum(self, has_goal):
        if not has_goal:
            return "infeasible"
        feasible = self.solve(Counter()).status == "optimal"
        return "unbounded" if feasible else "infeasible"

    def matrix(self, rows):
        data, row_of, column_of = [], [], []
        for number, (row, _) in enumerate(rows):
            for column, value in row.items():
                row_of.append(number)
                column_of.append(column)
                data.append(value)
        shape = (len(rows), len(self.bounds))
        return csr_array((data, (row_of, column_of)), shape=shape), np.array(
            [bound for _, bound in rows], dtype=float
        )

    def read(self, result):
        case = self.case
        allocation = np.empty((case.num_variables, *case.shape))
        payments = np.empty((case.num_agents, *case.shape))
        arrays = {"outcome": allocation, "payment": payments}
        for (what, *place), position in self.position.items():
            if what in arrays:
                index, profile = place
                arrays[what][(index, *profile)] = result.x[position]
        sign = 1.0 if case.objective == "subsidy" else -1.0
        return Optimum("optimal", sign * result.fun + 0.0, allocation, payments)

    def prove(self, minimised, result, A_ub, b_ub, A_eq, b_eq, lower, upper):
        """Raise unless the point is feasible and the multipliers prove the value (weak duality)."""
        x, scale = result.x, 1.0 + abs(result.fun)
        size = 1.0 + np.abs(x).max()
        assert (A_ub @ x <= b_ub + MONEY * size).all()
        assert (np.abs(A_eq @ x - b_eq) <= MONEY * size).all()
        assert ((lower - MONEY <= x) & (x <= upper + MONEY)).all()
        at_most = np.minimum(result.ineqlin.marginals, 0.0)
        equal = result.eqlin.marginals
        reduced = minimised - A_ub.T @ at_most - A_eq.T @ equal
        at_bound = np.where(reduced > 0, lower, upper)
        # Without a bound the reduced gain is zero up to rounding, which has no place to go.
        free = ~np.isfinite(at_bound)
        assert (np.abs(reduced[free]) <= MONEY).all()
        bound = b_ub @ at_most + b_eq @ equal + reduced[~free] @ at_bound[~free]
        assert abs(bound - result.fun) <= MONEY * scale, (bound, result.fun)


def beliefs(case, agent, own):
    """Return P(profile | own type) over the profiles with that type, where it is positive."""
    given = {p: case.prior[p] for p in case.profiles() if p[agent] == own}
    total = sum(given.values())
    return {profile: mass / total for profile, mass in given.items() if mass > 0}


def incentives(case, program):
    """Truth is best: on average over the others' types, or whatever they are."""
    for agent in range(case.num_agents):
        word = case.incentives[agent]
        for truth in range(case.shape[agent]):
            for lie in range(case.shape[agent]):
                if lie == truth:
                    continue
                if word == "interim":
                    row = Counter()
                    for profile, belief in beliefs(case, agent, truth).items():
                        told = replaced(profile, agent, lie)
                        program.add_utility(row, belief, agent, profile, profile)
                        program.add_utility(row, -belief, agent, profile, told)
                    program.require_at_least(row, 0.0)
                if word == "dominant":
                    for profile in case.profiles():
                        if profile[agent] != truth:
                            continue
                        row = Counter()
                        told = replaced(profile, agent, lie)
                        program.add_utility(row, 1.0, agent, profile, profile)
                        program.add_utility(row, -1.0, agent, profile, told)
                        program.require_at_least(row, 0.0)


def participation(case, program):
    """Nobody would rather stay out: on average over the others' types, or whatever they are."""
    for agent in range(case.num_agents):
        word = case.participation[agent]
        for own in range(case.shape[agent]):
            option = case.outside[agent][own]
            if word == "interim":
                row = Counter()
                for profile, belief in beliefs(case, agent, own).items():
                    program.add_utility(row, belief, agent, profile, profile)
                program.require_at_least(row, option)
            if word == "ex-post":
                for profile in case.profiles():
                    if profile[agent] == own:
                        row = Counter()
                        program.add_utility(row, 1.0, agent, profile, profile)
                        program.require_at_least(row, option)


def budget(case, program):
    """Payments cover the cost exactly, or at least; on average, or in every profile."""
    if case.budget == "free":
        return
    rows = []
    if case.budget_holds == "ex-ante":
        row = Counter()
        for profile in case.profiles():
            add_profit(case, program, row, case.prior[profile], profile)
        rows.append(row)
    else:
        for profile in case.profiles():
            row = Counter()
            add_profit(case, program, row, 1.0, profile)
            rows.append(row)
    for row in rows:
        if case.budget == "balanced":
            program.require_equal(row, 0.0)
        else:
            program.require_at_least(row, 0.0)


def add_profit(case, program, row, weight, profile):
    """Add ``weight`` times payments less cost of one profile to a row."""
    for agent in range(case.num_agents):
        program.add_payment(row, weight, agent, profile)
    program.add_outcome(row, -weight, case.cost, profile)


def liability(case, program):
    """Nobody loses more than the liability in any profile."""
    if case.liability is None:
        return
    for profile in case.profiles():
        for agent in range(case.num_agents):
            row = Counter()
            program.add_utility(row, 1.0, agent, profile, profile)
            program.require_at_least(row, -case.liability)


def floors(case, program):
    """Single types have at least so much on average over the others' types."""
    for floor in case.floors:
        row = Counter()
        for profile, belief in beliefs(case, floor.agent, floor.type).items():
            program.add_utility(row, belief, floor.agent, profile, profile)
        program.require_at_least(row, floor.least)


def events(case, program):
    """Events have at least or at most so much probability."""
    for event in case.events:
        given = {p: case.prior[p] for p in case.profiles() if p[event.agent] in event.types}
        total = sum(given.values())
        row = Counter()
        for profile, mass in given.items():
            program.add_outcome(row, mass / total, event.coefficients, profile)
        if np.isfinite(event.lower):
            program.require_at_least(row, event.lower)
        if np.isfinite(event.upper):
            negative = Counter({key: -value for key, value in row.items()})
            program.require_at_least(negative, -event.upper)


def objective(case, program):
    """Return what is maximised."""
    gain = Counter()
    if case.objective == "least-utility":
        program.new_variable(("least",), -np.inf, np.inf)
        gain[program.position["least",]] = 1.0
        for agent in range(case.num_agents):
            for own in range(case.shape[agent]):
                row = Counter({program.position["least",]: -1.0})
                for profile, belief in beliefs(case, agent, own).items():
                    program.add_utility(row, belief, agent, profile, profile)
                program.require_at_least(row, 0.0)
        return gain
    for profile in case.profiles():
        mass = case.prior[profile]
        if case.objective == "subsidy":
            add_profit(case, program, gain, mass, profile)
            continue
        for agent in range(case.num_agents):
            program.add_utility(gain, mass * case.weights[agent], agent, profile, profile)
        add_profit(case, program, gain, mass * case.designer, profile)
    return gain
