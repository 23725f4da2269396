"""The program as textbooks state it: all pairs of types, and payments in every profile.

It has the optimum of :func:`mechopt.program.standard_form.standard_form` and is far larger and
harder to solve, which makes it a stress test for solvers and a check on the small form.
"""

from __future__ import annotations

import functools

import numpy as np
from scipy import sparse

from mechopt._util.arrays import FloatArray
from mechopt.problem.problem import Budget, DesignProblem
from mechopt.program.standard_form import ProgramBuilder, StandardForm, add_outcome_rows

ENDS = ("lower", "upper")


def all_pairs_form(problem: DesignProblem) -> StandardForm:
    """Return the program with incentive constraints between all pairs of types.

    Variables are the outcome of every profile and ``{agent}_payment``, what each agent pays in it.
    Rows are ``{agent}_ic_{end}`` for every pair of different types (type k does not gain by
    reporting r, at that end of its cell), ``{agent}_participation_{end}``, and ``budget``, which
    holds in every profile. Finite types have no rows for their upper ends.

    Parameters
    ----------
    problem
        The problem.

    Notes
    -----
    Source: theory.md, section 1. With independent types it has the same optimum as the form with
    interim payments, because any that balance on average come from ones that balance always.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite([0, 1, 2])
    >>> form = all_pairs_form(ex_ante_efficiency(BilateralTrade(types, types)))
    >>> form.matrix.shape, list(form.variables)
    ((27, 27), ['trade', 'seller_payment', 'buyer_payment'])
    """
    environment, outcomes = problem.environment, problem.environment.outcomes
    environment.require_dense("the linear program")
    names = tuple(agent.name for agent in environment.agents)
    probability = functools.reduce(np.multiply.outer, environment.masses).ravel()
    own_type = np.unravel_index(np.arange(environment.num_profiles), environment.shape)
    weights, prescribed = problem.weights, problem.prescribed_allocation()
    build = ProgramBuilder()
    for v, variable in enumerate(outcomes.variables):
        worth = weights.cost * outcomes.cost[v] + sum(
            outcomes.net_quantity[i, v] * weights.quantity[i][own_type[i]]
            for i in range(len(names))
        )
        bounds = (outcomes.lower[v], outcomes.upper[v])
        low, high = bounds if prescribed is None else (prescribed[v].ravel(),) * 2
        build.variables(
            variable, environment.shape, names, cost=probability * worth, lower=low, upper=high
        )
    for i, name in enumerate(names):
        cost = probability * weights.payment[i][own_type[i]]
        build.variables(f"{name}_payment", environment.shape, names, cost=cost)
    rows = [(row.name, row.coefficients, row.upper) for row in outcomes.rows]
    add_outcome_rows(build, environment, rows)
    for i in range(len(names)):
        _add_agent(build, problem, i)
    _add_budget(build, problem)
    return build.finish().as_standard_form()


def _add_agent(build: ProgramBuilder, problem: DesignProblem, i: int) -> None:
    """Require incentive compatibility over all pairs, and participation."""
    agent, types = problem.environment.agents[i], problem.environment.agents[i].types
    expectation = _expectation_by_report(problem, i)
    liar, report = np.nonzero(~np.eye(types.num_cells, dtype=bool))
    honesty = sparse.csr_array(expectation[liar] - expectation[report])
    for end in ENDS if not types.is_finite else ENDS[:1]:
        theta: FloatArray = getattr(types, end)
        if problem.has_incentives(i):
            axes = (agent.name, agent.name)
            terms = _utility(problem, i, theta[liar], honesty)
            build.require(f"{agent.name}_ic_{end}", axes, terms)
        if problem.has_participation(i):
            build.require(
                f"{agent.name}_participation_{end}",
                (agent.name,),
                _utility(problem, i, theta, expectation),
                at_least=agent.outside_option(theta),
            )


def _add_budget(build: ProgramBuilder, problem: DesignProblem) -> None:
    """Require the payments to cover the cost in every profile."""
    if problem.budget is Budget.SUBSIDISED:
        return
    environment, outcomes = problem.environment, problem.environment.outcomes
    each = sparse.eye_array(environment.num_profiles, format="csr")
    names = tuple(agent.name for agent in environment.agents)
    terms = {f"{name}_payment": each for name in names}
    for variable, cost in zip(outcomes.variables, outcomes.cost, strict=True):
        if cost:
            terms[variable] = -cost * each
    equal = 0 if problem.budget is Budget.BALANCED else None
    build.require("budget", names, terms, equal=equal, shape=environment.shape)


def _expectation_by_report(problem: DesignProblem, i: int) -> sparse.csr_array:
    """Return the matrix that averages an array over the profiles for every report of an agent."""
    environment = problem.environment
    masses = [np.ones(n) if j == i else m for j, (n, m) in enumerate(_sized(problem))]
    others = functools.reduce(np.multiply.outer, masses).ravel()
    profiles = np.arange(environment.num_profiles)
    report = np.unravel_index(profiles, environment.shape)[i]
    shape = (environment.shape[i], environment.num_profiles)
    return sparse.csr_array((others, (report, profiles)), shape=shape)


def _sized(problem: DesignProblem) -> list[tuple[int, FloatArray]]:
    return list(zip(problem.environment.shape, problem.environment.masses, strict=True))


def _utility(
    problem: DesignProblem, i: int, theta: FloatArray, weights: sparse.csr_array
) -> dict[str, sparse.sparray]:
    """Return ``theta * (weights @ quantity) - weights @ payment`` as terms of rows."""
    environment, outcomes = problem.environment, problem.environment.outcomes
    valued = sparse.diags_array(theta) @ weights
    terms: dict[str, sparse.sparray] = {
        variable: outcomes.net_quantity[i, v] * valued
        for v, variable in enumerate(outcomes.variables)
        if outcomes.net_quantity[i, v]
    }
    return {**terms, f"{environment.agents[i].name}_payment": -weights}
