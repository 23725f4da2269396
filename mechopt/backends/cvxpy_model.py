"""The program as an economist would write it in cvxpy, over arrays of types."""

from __future__ import annotations

import functools
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.backends.base import Answer, ProgramBackend
from mechopt.problem.problem import Budget, DesignProblem
from mechopt.program.highs_model import SMALLEST_COEFFICIENT
from mechopt.program.lagrangian import dual_bound
from mechopt.program.quiet import silence_banner
from mechopt.solution import Termination

if TYPE_CHECKING:
    import cvxpy

SIMPLEX_TOLERANCE = 1e-10
CONIC_TOLERANCE = 1e-8
# Redundant constraints and small masses make Clarabel's linear systems nearly singular. More
# regularisation than it has by default, undone by refinement, met full tolerances in all but one of
# several hundred random cases; its defaults failed to in one of twenty. They stay as a second try,
# and leaving out equilibration, which solved the one, as a third.
CLARABEL_SETTINGS: tuple[dict[str, Any], ...] = (
    {
        "static_regularization_constant": 1e-7,
        "iterative_refinement_max_iter": 50,
        "iterative_refinement_reltol": 1e-14,
        "iterative_refinement_abstol": 1e-14,
    },
    {},
    {"equilibrate_enable": False},
)


class Cvxpy(ProgramBackend):
    """Model with cvxpy; solve with HiGHS, or with Clarabel where delay makes the program conic.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> problem = ex_ante_efficiency(BilateralTrade(types, types))
    >>> round(Cvxpy().solve(problem).objective, 9)
    0.925925926
    """

    name = "cvxpy"
    packages = ("cvxpy", "highspy", "clarabel")

    def build(self, problem: DesignProblem) -> cvxpy.Problem:
        """Return a ``cvxpy.Problem`` to extend and solve.

        Its variables carry names: the outcome variables over the types of all agents, and
        ``{agent}_payment`` over the agent's own. ``problem.var_dict`` finds them; constraints are
        labelled with the names of :class:`mechopt.Solution`.

        Examples
        --------
        A buyer who must not pay more than 2 in expectation, whatever its type:

        >>> import cvxpy as cp
        >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
        >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
        >>> model = Cvxpy().build(ex_ante_efficiency(BilateralTrade(types, types)))
        >>> cap = model.var_dict["buyer_payment"] <= 2
        >>> value = cp.Problem(model.objective, [*model.constraints, cap]).solve(solver=cp.HIGHS)
        >>> round(float(value), 6)
        0.906433
        """
        import cvxpy as cp

        silence_banner()
        environment, weights = problem.environment, problem.weights
        outcome = _outcome(problem)
        payments = [
            cp.Variable(agent.types.num_cells, name=f"{agent.name}_payment")
            for agent in environment.agents
        ]
        constraints = [*_outcome_rows(problem, outcome), *_frontier(problem, outcome)]
        gain: Any = weights.cost * _expected_cost(problem, outcome)
        revenue: Any = -_expected_cost(problem, outcome)
        for i, agent in enumerate(environment.agents):
            quantity, payment = _interim_quantity(problem, outcome, i), payments[i]
            mass = agent.types.mass
            gain += (mass * weights.quantity[i]) @ quantity
            gain += (mass * weights.payment[i]) @ payment
            revenue += mass @ payment
            constraints += _agent_rows(problem, i, quantity, payment)
        if problem.budget is Budget.BALANCED:
            constraints.append(_named(revenue == 0, "budget"))
        elif problem.budget is Budget.NO_DEFICIT:
            constraints.append(_named(revenue >= 0, "budget"))
        sense = cp.Maximize(gain) if problem.objective.sign > 0 else cp.Minimize(-gain)
        return cp.Problem(sense, constraints)

    def _answer(self, problem: DesignProblem, tolerance: float) -> Answer:
        import cvxpy as cp

        model = self.build(problem)
        outcomes = problem.environment.outcomes
        if outcomes.power_bounds and not problem.prescribes_allocation:
            return _conic_answer(model, problem, max(tolerance, CONIC_TOLERANCE))
        limit = max(tolerance, SIMPLEX_TOLERANCE)
        solved = _has_solution(
            model,
            solver=cp.HIGHS,
            canon_backend=_canon_backend(problem),
            primal_feasibility_tolerance=limit,
            dual_feasibility_tolerance=limit,
            small_matrix_value=SMALLEST_COEFFICIENT,
        )
        return _read(model, problem) if solved else Answer(Termination.LIMIT)


def _canon_backend(problem: DesignProblem) -> str | None:
    """Return what cvxpy is to canonicalise with: it warns unless told so for three agents on."""
    return "SCIPY" if len(problem.environment.agents) > 2 else None


def _has_solution(model: Any, **settings: Any) -> bool:
    """Let cvxpy solve a model, and return whether the solver came to an end that it can report."""
    import cvxpy as cp

    try:
        model.solve(**settings)
    except cp.SolverError:
        return False
    except ValueError as error:
        # What cvxpy raises where HiGHS stops with the status "unknown".
        if "invalid solution" not in str(error):
            raise
        return False
    return True


def _conic_answer(model: Any, problem: DesignProblem, tolerance: float) -> Answer:
    """Solve with Clarabel until full tolerances are met, or return what its duals prove best."""
    import cvxpy as cp

    limits = dict.fromkeys(("tol_gap_abs", "tol_gap_rel", "tol_feas"), tolerance)
    answers: list[tuple[float, Answer]] = []
    for settings in CLARABEL_SETTINGS:
        with warnings.catch_warnings():
            # Said in the solution's provenance instead.
            warnings.filterwarnings("ignore", "Solution may be inaccurate", UserWarning)
            solved = _has_solution(
                model,
                solver=cp.CLARABEL,
                canon_backend=_canon_backend(problem),
                **limits,
                **settings,
                max_iter=500,
            )
        if not solved:
            continue
        answer = _read(model, problem)
        if not answer.inaccurate:
            return answer
        gap = abs(dual_bound(problem, answer.duals or {}) - float(model.value))
        answers.append((gap, answer))
    if not answers:
        return Answer(Termination.LIMIT)
    return min(answers, key=lambda pair: pair[0])[1]


def _read(model: Any, problem: DesignProblem) -> Answer:
    """Return what cvxpy found."""
    import cvxpy as cp

    kinds = {
        cp.OPTIMAL: Termination.OPTIMAL,
        cp.OPTIMAL_INACCURATE: Termination.OPTIMAL,
        cp.INFEASIBLE: Termination.INFEASIBLE,
        cp.UNBOUNDED: Termination.UNBOUNDED,
    }
    termination = kinds.get(model.status, Termination.LIMIT)
    if termination is not Termination.OPTIMAL:
        return Answer(termination)
    found = model.var_dict
    metrics = model.size_metrics
    return Answer(
        termination,
        allocation=_outcome_values(problem, found),
        payment=tuple(
            np.asarray(found[f"{agent.name}_payment"].value) for agent in problem.environment.agents
        ),
        duals={row.label: _multiplier(problem, row) for row in model.constraints if row.label},
        inaccurate=model.status == cp.OPTIMAL_INACCURATE,
        solver_seconds=model.solver_stats.solve_time,
        iterations=model.solver_stats.num_iters,
        num_variables=metrics.num_scalar_variables,
        num_constraints=metrics.num_scalar_eq_constr + metrics.num_scalar_leq_constr,
    )


def _outcome(problem: DesignProblem) -> list[Any]:
    """Return the outcome variables over all profiles, or the prescribed values."""
    import cvxpy as cp

    environment = problem.environment
    prescribed = problem.prescribed_allocation()
    if prescribed is not None:
        return [cp.Constant(values) for values in prescribed]
    outcomes = environment.outcomes
    return [
        cp.Variable(environment.shape, name=name, bounds=[low, high])
        for name, low, high in zip(outcomes.variables, outcomes.lower, outcomes.upper, strict=True)
    ]


def _outcome_values(problem: DesignProblem, found: dict[str, Any]) -> FloatArray:
    prescribed = problem.prescribed_allocation()
    if prescribed is not None:
        return prescribed
    return np.stack([found[name].value for name in problem.environment.outcomes.variables])


def _outcome_rows(problem: DesignProblem, outcome: list[Any]) -> list[Any]:
    """Return the linear requirements on the outcome of every profile."""
    return [
        sum(c * variable for c, variable in zip(row.coefficients, outcome, strict=True) if c)
        <= row.upper
        for row in problem.environment.outcomes.rows
    ]


def _frontier(problem: DesignProblem, outcome: list[Any]) -> list[Any]:
    """Return the curved requirements as exact power cones."""
    import cvxpy as cp

    if problem.prescribes_allocation:
        return []
    rows = []
    for power in problem.environment.outcomes.power_bounds:
        base, bounded = cp.vec(outcome[power.base], "C"), cp.vec(outcome[power.bounded], "C")
        rows.append(cp.PowCone3D(base, np.ones(base.size), bounded, power.exponent))
    return rows


def _expected_cost(problem: DesignProblem, outcome: list[Any]) -> Any:
    import cvxpy as cp

    probability = functools.reduce(np.multiply.outer, problem.environment.masses)
    costs = problem.environment.outcomes.cost
    return sum(
        cost * cp.sum(cp.multiply(probability, variable))
        for cost, variable in zip(costs, outcome, strict=True)
        if cost
    )


def _interim_quantity(problem: DesignProblem, outcome: list[Any], agent: int) -> Any:
    """Return E[net quantity | own type]: a sum over the others' types, weighted by their masses."""
    import cvxpy as cp

    environment = problem.environment
    masses = list(environment.masses)
    masses[agent] = np.ones(environment.shape[agent])
    weight = functools.reduce(np.multiply.outer, masses)
    coefficients = environment.outcomes.net_quantity[agent]
    net = sum(c * variable for c, variable in zip(coefficients, outcome, strict=True) if c)
    others = tuple(axis for axis in range(len(masses)) if axis != agent)
    return cp.sum(cp.multiply(weight, net), axis=others)


def _agent_rows(problem: DesignProblem, i: int, quantity: Any, payment: Any) -> list[Any]:
    """Return incentive and participation constraints of one agent (theory.md, section 1)."""
    import cvxpy as cp

    agent = problem.environment.agents[i]
    types, option, name = agent.types, agent.outside_option, agent.name
    rows = []
    if problem.has_incentives(i) and types.num_cells > 1:
        more, extra = cp.diff(quantity), cp.diff(payment)
        rows += [
            _named(extra <= cp.multiply(types.lower[1:], more), f"{name}_ic_down"),
            _named(extra >= cp.multiply(types.upper[:-1], more), f"{name}_ic_up"),
            _named(more >= 0, f"{name}_monotonicity"),
        ]
    if problem.has_participation(i):
        for end, ends in (("lower", types.lower), ("upper", types.upper)):
            worth = cp.multiply(ends, quantity) - payment
            rows.append(_named(worth >= option(ends), f"{name}_participation_{end}"))
    return rows


def _named(constraint: Any, name: str) -> Any:
    constraint.set_label(name)
    return constraint


def _multiplier(problem: DesignProblem, constraint: Any) -> FloatArray:
    """Return a constraint's multiplier in our convention.

    cvxpy's multipliers of inequalities are at least zero for both senses, as ours. Its Lagrangian
    adds multiplier times (left - right) of an equality to what is minimised, so ours is minus that.
    """
    values = np.atleast_1d(np.asarray(constraint.dual_value, dtype=np.float64))
    balanced = constraint.label == "budget" and problem.budget is Budget.BALANCED
    return -values if balanced else values
