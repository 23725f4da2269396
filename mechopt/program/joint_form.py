"""The program of a joint prior as named sparse blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import sparse

from mechopt._util.arrays import FloatArray, IndexArray
from mechopt.environments import Environment
from mechopt.problem.joint_problem import PAYMENT_SIGNS, JointProblem
from mechopt.program.standard_form import ProgramBuilder, StandardForm

ENDS = ("lower", "upper")


def joint_form(
    problem: JointProblem,
    *,
    least_gain: bool = False,
    relaxation: float = 0.0,
    enough: float | None = None,
) -> StandardForm:
    """Return the program of a joint problem.

    Variables are the outcome of every profile and ``payment``, what the buyer pays the seller in
    it. The expected payment drops out of the sum of gains.

    Parameters
    ----------
    problem
        The problem.
    least_gain
        Maximise the smallest gain of any type (a variable of its own, free in sign) instead of the
        expected sum. This program is always feasible.
    relaxation
        Money by which every type may fall short of its status quo.
    enough
        If given, minimise the largest payment (a variable of its own) among the mechanisms whose
        expected sum of gains is at least this, in money.

    Notes
    -----
    Source: theory.md, section 3.8.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([0, 1])
    >>> form = joint_form(JointProblem(BilateralTrade(types, types), [[0.1, 0.4], [0.4, 0.1]]))
    >>> form.matrix.shape, list(form.variables)
    ((8, 8), ['trade', 'payment'])
    """
    environment, outcomes = problem.environment, problem.environment.outcomes
    names = tuple(agent.name for agent in environment.agents)
    build = ProgramBuilder()
    values = [
        problem.discount[i] * _along(agent.types.mean, i) * problem.prior
        for i, agent in enumerate(environment.agents)
    ]
    total = {
        variable: np.ravel(sum(outcomes.net_quantity[i, v] * values[i] for i in range(2)))
        for v, variable in enumerate(outcomes.variables)
    }
    for v, variable in enumerate(outcomes.variables):
        build.variables(
            variable,
            environment.shape,
            names,
            cost=0.0 if least_gain or enough is not None else total[variable],
            lower=outcomes.lower[v],
            upper=outcomes.upper[v],
        )
    limit = problem.limit
    build.variables("payment", environment.shape, names, lower=-limit, upper=limit)
    if least_gain:
        build.variables("least_gain", (1,), (), cost=1.0)
    if enough is not None:
        _minimise_largest_payment(build, problem, total, enough)
    rows = [(row.name, row.coefficients, row.upper) for row in outcomes.rows]
    add_outcome_rows(build, environment, rows)
    for i in range(2):
        _add_agent(build, problem, i, least_gain=least_gain, relaxation=relaxation)
    return build.finish().as_standard_form()


def _minimise_largest_payment(
    build: ProgramBuilder, problem: JointProblem, total: Mapping[str, FloatArray], enough: float
) -> None:
    """Make the largest payment the objective, and what was the objective a requirement."""
    size = problem.environment.num_profiles
    build.variables("largest_payment", (1,), (), cost=-1.0, lower=0.0)
    largest = sparse.csr_array(np.ones((size, 1)))
    for name, sign in (("received", 1.0), ("paid", -1.0)):
        payment = sparse.csr_array(sign * sparse.eye_array(size))
        terms = {"payment": payment, "largest_payment": largest}
        build.require(f"largest_payment_{name}", (), terms)
    before = sum(
        float(mass @ level)
        for mass, level in zip(problem.environment.masses, problem.levels.mean, strict=True)
    )
    rows = {variable: sparse.csr_array(cost[np.newaxis]) for variable, cost in total.items()}
    build.require("enough", (), rows, at_least=enough + before)


def _add_agent(
    build: ProgramBuilder, problem: JointProblem, i: int, *, least_gain: bool, relaxation: float
) -> None:
    """Require incentive compatibility and participation of one agent."""
    agent, types = problem.environment.agents[i], problem.environment.agents[i].types
    size = types.num_cells
    expectation = _expectation_by_report(problem, i)
    own = np.arange(size)
    truth = own * (size + 1)
    liar, report = np.nonzero(~np.eye(size, dtype=bool))
    honesty = expectation[truth[liar]] - expectation[liar * size + report]
    profiles = _profiles(problem, i)
    in_profile = sparse.eye_array(profiles.size).tocsr()[profiles.ravel()]
    for end in ENDS if not types.is_finite else ENDS[:1]:
        theta = getattr(types, end)
        build.require(
            f"{agent.name}_ic_{end}",
            (agent.name, agent.name),
            _utility(problem, i, theta[liar], honesty),
        )
        terms = _utility(problem, i, theta, expectation[truth])
        if least_gain:
            terms["least_gain"] = sparse.csr_array(-np.ones((size, 1)))
        level = getattr(problem.levels, end)[i] - relaxation
        name = f"{agent.name}_participation_{end}"
        build.require(name, (agent.name,), terms, at_least=level)
        if problem.ex_post_participation:
            option = np.repeat(agent.outside_option(theta), profiles.shape[1])
            build.require(
                f"{agent.name}_ex_post_{end}",
                (agent.name, problem.environment.agents[1 - i].name),
                _utility(problem, i, np.repeat(theta, profiles.shape[1]), in_profile),
                at_least=option,
                shape=profiles.shape,
            )


def _utility(
    problem: JointProblem, i: int, theta: FloatArray, weights: sparse.csr_array
) -> dict[str, sparse.csr_array]:
    """Return ``theta * (weights @ quantity) - weights @ payment`` as terms of rows."""
    outcomes = problem.environment.outcomes
    valued = sparse.diags_array(problem.discount[i] * theta) @ weights
    terms = {
        variable: outcomes.net_quantity[i, v] * valued
        for v, variable in enumerate(outcomes.variables)
        if outcomes.net_quantity[i, v]
    }
    return {**terms, "payment": -PAYMENT_SIGNS[i] * weights}


def _profiles(problem: JointProblem, i: int) -> IndexArray:
    """Return the positions of the profiles in the program, the agent's own type first."""
    shape = problem.environment.shape
    positions = np.arange(problem.environment.num_profiles).reshape(shape)
    return positions if i == 0 else positions.T


def _expectation_by_report(problem: JointProblem, i: int) -> sparse.csr_array:
    """Return the matrix whose row k n + r is the expectation of type k if it reports r."""
    beliefs, profiles = problem.conditional(i), _profiles(problem, i)
    size, others = beliefs.shape
    rows = np.repeat(np.arange(size * size), others)
    columns = np.broadcast_to(profiles, (size, size, others)).ravel()
    data = np.broadcast_to(beliefs[:, None, :], (size, size, others)).ravel()
    return sparse.csr_array((data, (rows, columns)), shape=(size * size, profiles.size))


def _along(values: FloatArray, agent: int) -> FloatArray:
    return values[:, None] if agent == 0 else values[None, :]


def add_outcome_rows(
    build: ProgramBuilder, environment: Environment, rows: Sequence[tuple[str, Any, Any]]
) -> None:
    """Require linear rows of the outcomes in every profile."""
    names = tuple(agent.name for agent in environment.agents)
    variables = environment.outcomes.variables
    for name, coefficients, upper in rows:
        terms = {
            variable: sparse.diags_array(np.full(environment.num_profiles, -coefficient))
            for variable, coefficient in zip(variables, coefficients, strict=True)
            if coefficient
        }
        build.require(name, names, terms, at_least=-upper, shape=environment.shape)
