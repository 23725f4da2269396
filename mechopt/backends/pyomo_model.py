"""The program as an economist would write it in Pyomo, over named sets of types."""

from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.backends.base import Acceptance, Answer, ProgramBackend
from mechopt.environments import Agent, PowerBound
from mechopt.problem.budget import Budget
from mechopt.problem.problem import DesignProblem
from mechopt.program.highs_model import SMALLEST_COEFFICIENT
from mechopt.program.quiet import silence_banner
from mechopt.program.tangents import (
    FIRST_TOUCHING_POINTS,
    MAX_ROUNDS,
    Tangents,
    tangents_at,
    violated,
    weight_of_rows,
)
from mechopt.solution import Termination

if TYPE_CHECKING:
    import pyomo.environ


class Pyomo(ProgramBackend):
    """Model with Pyomo, solve with HiGHS.

    Parameters
    ----------
    nonlinear
        Whether :meth:`build` states curved bounds (delayed trade) as they are, for a nonlinear
        solver of your own or for export. Otherwise it states tangents, to which :meth:`solve` adds
        where they are violated.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> problem = ex_ante_efficiency(BilateralTrade(types, types))
    >>> round(Pyomo().solve(problem).objective, 9)
    0.925925926
    """

    name = "pyomo"
    packages = ("pyomo", "highspy")

    def __init__(self, *, nonlinear: bool = False) -> None:
        self.nonlinear = nonlinear

    def accepts(self, problem: DesignProblem) -> Acceptance:
        """Return whether HiGHS can solve the model as it is stated."""
        curved = bool(problem.environment.outcomes.power_bounds)
        if self.nonlinear and curved and not problem.prescribes_allocation:
            return Acceptance(
                False, "HiGHS does not solve the nonlinear form. Build it, or leave nonlinear out"
            )
        return Acceptance(True)

    def build(self, problem: DesignProblem) -> pyomo.environ.ConcreteModel:
        """Return a ``ConcreteModel`` to extend and solve.

        Sets ``{agent}_types`` and ``profiles``; variables named after the outcome and
        ``{agent}_payment``; expressions ``{agent}_quantity``; constraints with the names of
        :class:`mechopt.Solution`, indexed by the type they belong to.

        Examples
        --------
        A buyer whose expected payment is capped:

        >>> import pyomo.environ as pyo
        >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
        >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
        >>> model = Pyomo().build(ex_ante_efficiency(BilateralTrade(types, types)))
        >>> model.cap = pyo.Constraint(
        ...     model.buyer_types, rule=lambda model, b: model.buyer_payment[b] <= 2
        ... )
        >>> results = pyo.SolverFactory("highs").solve(model)
        >>> round(pyo.value(model.objective), 6)
        0.906433
        """
        import pyomo.environ as pyo

        silence_banner()
        environment = problem.environment
        model = pyo.ConcreteModel()
        for agent in environment.agents:
            _set(model, f"{agent.name}_types", pyo.RangeSet(0, agent.types.num_cells - 1))
        model.profiles = pyo.Set(initialize=list(product(*map(range, environment.shape))))
        _add_outcome(model, problem)
        _add_frontier(model, problem, nonlinear=self.nonlinear)
        for i, agent in enumerate(environment.agents):
            _add_agent(model, problem, i, agent)
        _add_money(model, problem)
        return model

    def _answer(self, problem: DesignProblem, tolerance: float) -> Answer:
        model = self.build(problem)
        termination, duals = _run(model, problem, tolerance)
        if termination is not Termination.OPTIMAL:
            return Answer(termination)
        agents = problem.environment.agents
        return Answer(
            termination,
            allocation=_outcome_values(model, problem),
            payment=tuple(
                _values(getattr(model, f"{agent.name}_payment"), (agent.types.num_cells,))
                for agent in agents
            ),
            duals=_multipliers(model, problem, duals),
            num_variables=model.nvariables(),
            num_constraints=model.nconstraints(),
        )


def _run(model: Any, problem: DesignProblem, tolerance: float) -> tuple[Termination, Any]:
    """Solve, adding tangents to curved bounds where they are violated; load the variables."""
    from pyomo.contrib.solver.common.factory import SolverFactory
    from pyomo.contrib.solver.common.results import TerminationCondition

    kinds = {
        TerminationCondition.convergenceCriteriaSatisfied: Termination.OPTIMAL,
        TerminationCondition.provenInfeasible: Termination.INFEASIBLE,
        TerminationCondition.unbounded: Termination.UNBOUNDED,
    }
    limit = max(tolerance, 1e-10)
    options = {
        "primal_feasibility_tolerance": limit,
        "dual_feasibility_tolerance": limit,
        "small_matrix_value": SMALLEST_COEFFICIENT,
    }
    curves = () if problem.prescribes_allocation else problem.environment.outcomes.power_bounds
    weight = weight_of_rows(problem) if curves else 1.0
    for _ in range(MAX_ROUNDS):
        # HiGHS may end just outside its tolerances; without presolve it then rarely does.
        for extra in ({}, {"presolve": "off"}):
            results = SolverFactory("highs").solve(
                model,
                load_solutions=False,
                raise_exception_on_nonoptimal_result=False,
                solver_options=options | extra,
            )
            termination = kinds.get(results.termination_condition, Termination.LIMIT)
            if results.termination_condition != TerminationCondition.unknown:
                break
        if results.termination_condition == TerminationCondition.infeasibleOrUnbounded:
            termination = _infeasible_or_unbounded(model)
        if termination is not Termination.OPTIMAL:
            return termination, {}
        results.solution_loader.load_vars()
        added = 0
        for power in curves:
            tangents = violated(power, _outcome_values(model, problem), 10 * tolerance / weight)
            added += tangents.profile.size
            _add_tangents(model, problem, power, tangents)
        if not added:
            return termination, results.solution_loader.get_duals()
    return Termination.LIMIT, {}


def _add_frontier(model: Any, problem: DesignProblem, *, nonlinear: bool) -> None:
    """Add the curved requirements, as they are or as a first set of tangents."""
    import pyomo.environ as pyo

    if problem.prescribes_allocation:
        return
    names = problem.environment.outcomes.variables
    for power in problem.environment.outcomes.power_bounds:
        base, bounded = getattr(model, names[power.base]), getattr(model, names[power.bounded])
        if nonlinear:

            def below_curve(
                model: Any, *profile: int, y: Any = base, z: Any = bounded, power: Any = power
            ) -> Any:
                return z[profile] <= y[profile] ** power.exponent

            _set(model, power.name, pyo.Constraint(model.profiles, rule=below_curve))
            continue
        _set(model, power.name, pyo.ConstraintList())
        profiles = np.arange(problem.environment.num_profiles)
        for point in FIRST_TOUCHING_POINTS:
            touching = np.full(profiles.size, point)
            _add_tangents(model, problem, power, tangents_at(power, profiles, touching))


def _add_tangents(
    model: Any, problem: DesignProblem, power: PowerBound, tangents: Tangents
) -> None:
    """Add ``bounded - slope * base <= height`` for some profiles."""
    environment = problem.environment
    names = environment.outcomes.variables
    base, bounded = getattr(model, names[power.base]), getattr(model, names[power.bounded])
    cuts, weight = getattr(model, power.name), weight_of_rows(problem)
    rows = zip(
        tangents.profile.tolist(), tangents.slope.tolist(), tangents.height.tolist(), strict=True
    )
    for position, slope, height in rows:
        profile = tuple(int(cell) for cell in np.unravel_index(position, environment.shape))
        cuts.add(weight * (bounded[profile] - slope * base[profile]) <= weight * height)


def _set(model: Any, name: str, component: Any) -> None:
    setattr(model, name, component)


def _add_outcome(model: Any, problem: DesignProblem) -> None:
    """Add the outcome variables of every profile and their linear requirements."""
    import pyomo.environ as pyo

    outcomes = problem.environment.outcomes
    prescribed = problem.prescribed_allocation()
    for v, name in enumerate(outcomes.variables):
        if prescribed is not None:
            values = {key: float(prescribed[(v, *key)]) for key in model.profiles}
            _set(model, name, pyo.Param(model.profiles, initialize=values))
        else:
            bounds = (float(outcomes.lower[v]), float(outcomes.upper[v]))
            _set(model, name, pyo.Var(model.profiles, bounds=bounds))
    if prescribed is not None:
        return
    for row in outcomes.rows:

        def requirement(model: Any, *profile: int, row: Any = row) -> Any:
            return _linear(model, outcomes.variables, row.coefficients, profile) <= row.upper

        _set(model, row.name, pyo.Constraint(model.profiles, rule=requirement))


def _linear(model: Any, variables: tuple[str, ...], coefficients: Any, profile: Any) -> Any:
    """Return a linear function of the outcome of one profile."""
    return sum(
        float(coefficient) * getattr(model, variable)[profile]
        for variable, coefficient in zip(variables, coefficients, strict=True)
        if coefficient
    )


def _add_agent(model: Any, problem: DesignProblem, i: int, agent: Agent) -> None:
    """Add an agent's payments, interim quantities, incentives and participation."""
    import pyomo.environ as pyo

    environment, types, name = problem.environment, agent.types, agent.name
    own = getattr(model, f"{name}_types")
    _set(model, f"{name}_payment", pyo.Var(own))
    others = [range(1) if j == i else range(size) for j, size in enumerate(environment.shape)]
    masses = [np.ones(1) if j == i else mass for j, mass in enumerate(environment.masses)]
    coefficients = environment.outcomes.net_quantity[i]

    def expected_quantity(model: Any, k: int) -> Any:
        return sum(
            math.prod(float(mass[t]) for mass, t in zip(masses, profile, strict=True))
            * _linear(
                model,
                environment.outcomes.variables,
                coefficients,
                (*profile[:i], k, *profile[i + 1 :]),
            )
            for profile in product(*others)
        )

    _set(model, f"{name}_quantity", pyo.Expression(own, rule=expected_quantity))
    quantity = getattr(model, f"{name}_quantity")
    payment = getattr(model, f"{name}_payment")
    lower, upper = types.lower.tolist(), types.upper.tolist()

    def worth(k: int, end: list[float]) -> Any:
        return end[k] * quantity[k] - payment[k]

    if problem.has_incentives(i):
        steps = pyo.RangeSet(0, types.num_cells - 2)
        _set(model, f"{name}_steps", steps)

        def no_imitation_below(model: Any, k: int) -> Any:
            more = quantity[k + 1] - quantity[k]
            return payment[k + 1] - payment[k] <= lower[k + 1] * more

        def no_imitation_above(model: Any, k: int) -> Any:
            more = quantity[k + 1] - quantity[k]
            return payment[k + 1] - payment[k] >= upper[k] * more

        def no_fall(model: Any, k: int) -> Any:
            return quantity[k + 1] >= quantity[k]

        _set(model, f"{name}_ic_down", pyo.Constraint(steps, rule=no_imitation_below))
        _set(model, f"{name}_ic_up", pyo.Constraint(steps, rule=no_imitation_above))
        _set(model, f"{name}_monotonicity", pyo.Constraint(steps, rule=no_fall))
    if problem.has_participation(i):
        at_lower, at_upper = (payoffs.tolist() for payoffs in agent.option_at_ends)
        _set(
            model,
            f"{name}_participation_lower",
            pyo.Constraint(own, rule=lambda model, k: worth(k, lower) >= at_lower[k]),
        )
        _set(
            model,
            f"{name}_participation_upper",
            pyo.Constraint(own, rule=lambda model, k: worth(k, upper) >= at_upper[k]),
        )


def _add_money(model: Any, problem: DesignProblem) -> None:
    """Add the budget and the objective."""
    import pyomo.environ as pyo

    environment, weights = problem.environment, problem.weights
    cost = sum(
        math.prod(float(mass[t]) for mass, t in zip(environment.masses, profile, strict=True))
        * _linear(model, environment.outcomes.variables, environment.outcomes.cost, profile)
        for profile in (model.profiles if environment.outcomes.cost.any() else ())
    )
    revenue: Any = -cost
    gain: Any = weights.cost * cost
    for i, agent in enumerate(environment.agents):
        quantity = getattr(model, f"{agent.name}_quantity")
        payment = getattr(model, f"{agent.name}_payment")
        for k, mass in enumerate(agent.types.mass.tolist()):
            revenue += mass * payment[k]
            gain += mass * float(weights.quantity[i][k]) * quantity[k]
            gain += mass * float(weights.payment[i][k]) * payment[k]
    if problem.budget is Budget.BALANCED:
        model.budget = pyo.Constraint(expr=revenue == 0)
    elif problem.budget is Budget.NO_DEFICIT:
        model.budget = pyo.Constraint(expr=revenue >= 0)
    maximise = problem.objective.sign > 0
    model.objective = pyo.Objective(
        expr=gain if maximise else -gain, sense=pyo.maximize if maximise else pyo.minimize
    )


def _values(variable: Any, shape: tuple[int, ...]) -> FloatArray:
    import pyomo.environ as pyo

    values = [pyo.value(variable[key]) for key in variable]
    return np.array(values, dtype=np.float64).reshape(shape)


def _outcome_values(model: Any, problem: DesignProblem) -> FloatArray:
    prescribed = problem.prescribed_allocation()
    if prescribed is not None:
        return prescribed
    shape = problem.environment.shape
    names = problem.environment.outcomes.variables
    return np.stack([_values(getattr(model, name), shape) for name in names])


def _multipliers(
    model: Any, problem: DesignProblem, found: dict[Any, float]
) -> dict[str, FloatArray]:
    """Return the multipliers in our convention.

    Pyomo reports the derivative of the objective, as stated, in the right-hand side. Relaxing "at
    most" raises that side and relaxing "at least" lowers it; a better objective is a larger one if
    maximised and a smaller one if minimised. Outside money lowers what the budget must reach.
    """
    sign = problem.objective.sign
    duals: dict[str, FloatArray] = {}
    for name in _constraint_names(problem):
        constraint = getattr(model, name, None)
        if constraint is None:
            continue
        size = 1 if not constraint.is_indexed() else len(constraint.index_set())
        values = np.zeros(size)
        for position, row in constraint.items():
            at_most = row.has_ub() and not row.equality
            relaxing = sign if at_most else -sign
            values[0 if position is None else position] = relaxing * found[row]
        duals[name] = values
    return duals


def _constraint_names(problem: DesignProblem) -> list[str]:
    kinds = ["ic_down", "ic_up", "monotonicity", "participation_lower", "participation_upper"]
    names = [f"{agent.name}_{kind}" for agent in problem.environment.agents for kind in kinds]
    return [*names, "budget"]


def _infeasible_or_unbounded(model: Any) -> Termination:
    """Tell infeasible from unbounded, which presolve cannot, by leaving the objective out."""
    import pyomo.environ as pyo
    from pyomo.contrib.solver.common.factory import SolverFactory
    from pyomo.contrib.solver.common.results import TerminationCondition

    trial = model.clone()
    trial.objective.deactivate()
    trial.nothing = pyo.Objective(expr=0.0)
    results = SolverFactory("highs").solve(
        trial, load_solutions=False, raise_exception_on_nonoptimal_result=False
    )
    feasible = results.termination_condition == TerminationCondition.convergenceCriteriaSatisfied
    return Termination.UNBOUNDED if feasible else Termination.INFEASIBLE
