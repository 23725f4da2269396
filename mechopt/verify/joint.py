"""Bounds and audits of mechanisms for a joint prior, with numpy alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.environments import Agent
from mechopt.problem.joint_problem import PAYMENT_SIGNS, JointMechanism, JointProblem
from mechopt.verify.audit import DEFAULT_TOLERANCE, AuditReport, Check

ENDS = ("lower", "upper")


def joint_bound(
    problem: JointProblem, duals: Mapping[str, FloatArray], *, least_gain: bool = False
) -> float:
    """Return the bound on the expected gains that multipliers prove, in money.

    Any multipliers give a true bound (negative ones are taken as zero): the Lagrangian is maximised
    pointwise over the feasible outcomes of every profile and over payments within the limit.

    Parameters
    ----------
    problem
        The problem.
    duals
        Multipliers named as in :class:`mechopt.program.joint_form.JointAnswer`; those left out
        count as zero.
    least_gain
        Bound the smallest gain of any type instead of the expected sum.

    Notes
    -----
    Source: theory.md, sections 3.8 and 5.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([0, 1])
    >>> prior = [[0.1, 0.4], [0.4, 0.1]]
    >>> joint_bound(JointProblem(BilateralTrade(types, types), prior), {})  # the first best
    0.4
    """
    environment = problem.environment
    share = 1.0
    if least_gain:
        share = sum(
            float(np.maximum(values, 0.0).sum())
            for name, values in duals.items()
            if "_participation_" in name
        )
        if not share > 0:
            return float(np.inf)
    constant, payment, values = 0.0, np.zeros(environment.shape), []
    for i, agent in enumerate(environment.agents):
        types, beliefs = agent.types, problem.conditional(i)
        on_payment = np.zeros((types.num_cells, types.num_cells))
        on_quantity = on_payment.copy()
        in_profile_payment, in_profile_quantity = np.zeros((2, *beliefs.shape))
        if not least_gain:
            on_payment += np.diag(types.mass)
            on_quantity += np.diag(types.mass * types.mean)
            constant -= float(types.mass @ problem.levels.mean[i])
        for end in ENDS:
            theta = getattr(types, end)
            imitation = _multipliers(duals, f"{agent.name}_ic_{end}", on_payment.shape)
            takes_part = _multipliers(duals, f"{agent.name}_participation_{end}", theta.shape)
            ex_post = _multipliers(duals, f"{agent.name}_ex_post_{end}", beliefs.shape)
            if not problem.ex_post_participation:
                ex_post = np.zeros(beliefs.shape)
            weight = np.diag(takes_part + imitation.sum(axis=1)) - imitation
            on_payment += weight
            on_quantity += theta[:, None] * weight
            in_profile_payment += ex_post
            in_profile_quantity += theta[:, None] * ex_post
            constant -= float(takes_part @ getattr(problem.levels, end)[i])
            constant -= float(agent.outside_option(theta) @ ex_post.sum(axis=1))
        worth = problem.discount[i] * (on_quantity.T @ beliefs + in_profile_quantity)
        cost = on_payment.T @ beliefs + in_profile_payment
        values.append(problem.oriented(i, worth))
        payment -= PAYMENT_SIGNS[i] * problem.oriented(i, cost)
    bound = constant + problem.limit * float(np.abs(payment).sum())
    bound += _pointwise_maximum(problem, values)
    return bound / share


def _multipliers(duals: Mapping[str, FloatArray], name: str, shape: tuple[int, ...]) -> FloatArray:
    if name not in duals:
        return np.zeros(shape)
    if np.shape(duals[name]) != shape:
        raise ValueError(f"{name}: expected shape {shape}, got {np.shape(duals[name])}")
    return np.maximum(duals[name], 0.0)


def _pointwise_maximum(problem: JointProblem, values: list[FloatArray]) -> float:
    """Return the sum over profiles of the largest worth of any feasible outcome."""
    outcomes, total = problem.environment.outcomes, 0.0
    for pair in np.ndindex(problem.environment.shape):
        worth = np.array([value[pair] for value in values])
        best = outcomes.allocate([worth[:1], worth[1:]]).reshape(-1)
        total += max(0.0, float(worth @ outcomes.net_quantity @ best))
    return total


def audit_joint(
    problem: JointProblem,
    mechanism: JointMechanism,
    *,
    expected_gain: float | None = None,
    tolerance: float = DEFAULT_TOLERANCE,
) -> AuditReport:
    """Check every requirement of a joint problem from the mechanism alone, without a solver.

    Parameters
    ----------
    problem
        The problem, its joint prior included.
    mechanism
        Outcomes and payments of every profile.
    expected_gain
        What is reported as the expected sum of gains, to be compared with what is computed.
    tolerance
        Largest violation that passes: of money relative to what is at stake, of probabilities as
        it is.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([0, 1])
    >>> problem = JointProblem(BilateralTrade(types, types), [[0.1, 0.4], [0.4, 0.1]])
    >>> nothing = JointMechanism(np.zeros((1, 2, 2)), np.zeros((2, 2)))
    >>> audit_joint(problem, nothing, expected_gain=0.0).passed
    True
    """
    checks = list(_checks(problem, mechanism, tolerance))
    if expected_gain is not None:
        computed = problem.expected_gain(mechanism)
        error = abs(expected_gain - computed)
        where = f"reported {expected_gain:.12g}, computed {computed:.12g}"
        checks.append(Check("reported gain", error, error / problem.unit, tolerance, where))
    return AuditReport(tuple(checks))


def _checks(problem: JointProblem, mechanism: JointMechanism, tolerance: float) -> Iterator[Check]:
    environment, outcomes = problem.environment, problem.environment.outcomes
    outcome = mechanism.outcome

    agents = environment.agents

    def worst(
        requirement: str, violation: FloatArray, unit: float, where: Callable[..., str]
    ) -> Check:
        place = np.unravel_index(int(np.argmax(violation)), violation.shape)
        largest = float(violation[place])
        text = where(*map(int, place))
        return Check(requirement, largest, largest / unit, tolerance, text)

    def profile(first: int, second: int) -> str:
        return f"{_named(agents[0], first)} and {_named(agents[1], second)}"

    for v, name in enumerate(outcomes.variables):
        excess = np.maximum(outcomes.lower[v] - outcome[v], outcome[v] - outcomes.upper[v])
        yield worst(f"bounds of {name}", excess, 1.0, profile)
    for row in outcomes.rows:
        excess = np.tensordot(np.array(row.coefficients), outcome, axes=1) - row.upper
        yield worst(row.name, excess, 1.0, profile)
    for power in outcomes.power_bounds:
        yield worst(power.name, power.excess(outcome), 1.0, profile)
    beyond = np.abs(mechanism.payment) - problem.limit
    yield worst("limit on payments", beyond, problem.unit, profile)
    for i, agent in enumerate(agents):
        quantity, payment = problem.expected(i, mechanism)
        net = problem.discount[i] * outcomes.net_quantity[i]
        own_quantity = problem.oriented(i, np.tensordot(net, outcome, axes=1))
        own_payment = problem.oriented(i, PAYMENT_SIGNS[i] * mechanism.payment)
        lies, shortfalls, regrets = [], [], []
        for end in ENDS:
            theta = getattr(agent.types, end)
            payoff = theta[:, None] * quantity - payment
            lies.append(payoff - np.diag(payoff)[:, None])
            shortfalls.append(getattr(problem.levels, end)[i] - np.diag(payoff))
            in_profile = theta[:, None] * own_quantity - own_payment
            regrets.append(agent.outside_option(theta)[:, None] - in_profile)
        words = _Words(agent, agents[1 - i])
        requirement = f"incentive compatibility of {agent.name}"
        yield worst(requirement, np.stack(lies), problem.unit, words.lie)
        requirement = f"{agent.name} gets at least the status quo"
        yield worst(requirement, np.stack(shortfalls), problem.unit, words.own)
        if problem.ex_post_participation:
            requirement = f"ex post participation of {agent.name}"
            yield worst(requirement, np.stack(regrets), problem.unit, words.meeting)


@dataclass(frozen=True)
class _Words:
    """Who is at the worst place of an agent's requirements, in words.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> seller, buyer = BilateralTrade(
    ...     TypeSpace.finite([0, 1]), TypeSpace.from_samples([1, 2, 3, 4], cells=2)
    ... ).agents
    >>> _Words(seller, buyer).lie(0, 1, 0)
    'seller type 1 (1), reporting type 0 (0)'
    >>> _Words(buyer, seller).meeting(1, 0, 1)
    'highest of buyer cell 0 (1 to 2), meeting seller type 1 (1)'
    """

    agent: Agent
    other: Agent

    def own(self, end: int, cell: int) -> str:
        """Return a type, or the lowest or the highest of a cell."""
        name = _named(self.agent, cell)
        return f"{('lowest', 'highest')[end]} of {name}" if _is_cell(self.agent, cell) else name

    def lie(self, end: int, cell: int, report: int) -> str:
        """Return a type and what it reports."""
        reported = _named(self.agent, report).removeprefix(f"{self.agent.name} ")
        return f"{self.own(end, cell)}, reporting {reported}"

    def meeting(self, end: int, cell: int, other: int) -> str:
        """Return a type and whom it meets."""
        return f"{self.own(end, cell)}, meeting {_named(self.other, other)}"


def _is_cell(agent: Agent, cell: int) -> bool:
    return bool(agent.types.lower[cell] < agent.types.upper[cell])


def _named(agent: Agent, cell: int) -> str:
    low, high = (float(end[cell]) for end in (agent.types.lower, agent.types.upper))
    if _is_cell(agent, cell):
        return f"{agent.name} cell {cell} ({low:.6g} to {high:.6g})"
    return f"{agent.name} type {cell} ({low:.6g})"
