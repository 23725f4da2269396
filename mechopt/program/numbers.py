"""The numbers of a problem, as floats, as fractions of decimals, or as fractions of floats."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from mechopt._util.rationals import FractionArray, fraction_array
from mechopt.environments.outcomes import OutcomeNumbers, Outcomes
from mechopt.problem.linear import NumberArray
from mechopt.problem.numbers import AgentNumbers, Numbers
from mechopt.problem.problem import DesignProblem
from mechopt.types.prior import over_profiles


def in_floats(problem: DesignProblem, *, corners: bool = True) -> Numbers:
    """Return the numbers of a problem as floats, corners of its outcomes only if wanted."""
    environment, outcomes = problem.environment, problem.environment.outcomes
    weights = problem.weights
    agents = tuple(
        AgentNumbers(
            name=agent.name,
            mass=agent.types.mass,
            lower=agent.types.lower,
            mean=agent.types.mean,
            upper=agent.types.upper,
            option_lower=agent.option_at_ends[0],
            option_upper=agent.option_at_ends[1],
            quantity_weight=weights.quantity[i],
            payment_weight=weights.payment[i],
            worth=None if environment.has_net_quantity(i) else environment.worth[i],
        )
        for i, agent in enumerate(environment.agents)
    )
    joint = None if environment.prior is None else environment.prior.density()
    return Numbers(
        agents,
        outcomes.in_floats(corners=corners),
        weights.cost,
        problem.prescribed_allocation(),
        1.0,
        joint,
        problem.objective.density_in(environment),
    )


def in_fractions(problem: DesignProblem, *, corners: bool = True) -> Numbers:
    """Return the numbers of a problem as fractions, corners of its outcomes only if wanted.

    Raises
    ------
    InvalidInputError
        If a type space is not known exactly.
    UnsupportedProblemError
        If the outcomes, an outside option or the objective is not rational.
    """
    environment = problem.environment
    outcomes = environment.outcomes
    numbers = outcomes.in_fractions() if corners else _without_corners(outcomes)
    spaces = [agent.in_fractions() for agent in environment.agents]
    weights = problem.objective.exact_weights_in(environment)
    agents = []
    for i, (agent, cells) in enumerate(zip(environment.agents, spaces, strict=True)):
        agents.append(
            AgentNumbers(
                name=agent.name,
                mass=cells.mass,
                lower=cells.lower,
                mean=cells.mean,
                upper=cells.upper,
                option_lower=agent.outside_option.in_fractions(cells.lower),
                option_upper=agent.outside_option.in_fractions(cells.upper),
                quantity_weight=weights.quantity[i],
                payment_weight=weights.payment[i],
                worth=None if environment.has_net_quantity(i) else environment.exact_worth(i),
            )
        )
    prescribed = None
    if problem.prescribes_allocation:
        worth = [environment.exact_worth(i) for i in range(len(spaces))]
        prescribed = _efficient(numbers, worth)
    joint = None if environment.prior is None else environment.prior.in_fractions()
    weighing = None
    if problem.objective.density_in(environment) is not None:
        weighing = problem.objective.exact_density_in(environment)
    return Numbers(tuple(agents), numbers, weights.cost, prescribed, Fraction(1), joint, weighing)


def _without_corners(outcomes: Outcomes) -> OutcomeNumbers:
    """Return the numbers of equal units in fractions: all are whole but the cost."""
    given = outcomes.in_floats(corners=False)
    low, high, net, none = map(
        _binary, (given.lower, given.upper, given.net_quantity, given.vertices)
    )
    rows = tuple((name, _binary(row), Fraction(float(most))) for name, row, most in given.rows)
    return OutcomeNumbers(low, high, outcomes.exact_cost, net, rows, none)


def in_binary(problem: DesignProblem) -> Numbers:
    """Return the numbers of a problem as fractions that are exactly its floats.

    Unlike :func:`in_fractions`, which reads decimals, this is the very problem that floats state.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite([0, 0.1])
    >>> in_binary(ex_ante_efficiency(BilateralTrade(types, types))).agents[0].lower[1]
    Fraction(3602879701896397, 36028797018963968)
    """
    numbers = in_floats(problem)
    agents = []
    for agent, member in zip(numbers.agents, problem.environment.agents, strict=True):
        payment_weight, mean = _binary(agent.payment_weight), member.types.mean
        # The weight of a utility is the product itself, not what rounding made of it.
        utility = agent.worth is None and np.array_equal(
            agent.quantity_weight, -agent.payment_weight * mean
        )
        agents.append(
            AgentNumbers(
                name=agent.name,
                mass=_binary(agent.mass),
                lower=_binary(agent.lower),
                mean=_binary(agent.mean),
                upper=_binary(agent.upper),
                option_lower=_binary(agent.option_lower),
                option_upper=_binary(agent.option_upper),
                quantity_weight=-payment_weight * _binary(mean)
                if utility
                else _binary(agent.quantity_weight),
                payment_weight=payment_weight,
                worth=None if agent.worth is None else _binary(agent.worth),
            )
        )
    outcomes = numbers.outcomes
    exact = OutcomeNumbers(
        _binary(outcomes.lower),
        _binary(outcomes.upper),
        _binary(outcomes.cost),
        _binary(outcomes.net_quantity),
        tuple((name, _binary(row), Fraction(float(upper))) for name, row, upper in outcomes.rows),
        _binary(outcomes.vertices),
    )
    prescribed = None if numbers.prescribed is None else _binary(numbers.prescribed)
    joint = None if numbers.joint is None else _binary(numbers.joint)
    cost_weight = Fraction(numbers.cost_weight)
    weighing = None if numbers.weighing is None else _binary(numbers.weighing)
    return Numbers(tuple(agents), exact, cost_weight, prescribed, Fraction(1), joint, weighing)


def _binary(values: NumberArray) -> FractionArray:
    exact = fraction_array(Fraction(value) for value in np.ravel(values).tolist())
    return exact.reshape(np.shape(values))


def _efficient(numbers: OutcomeNumbers, worth: Sequence[FractionArray]) -> FractionArray:
    """Return the outcome that maximises the sum of gains in every profile, ties against trade.

    A linear program has such an outcome among its corners; ``worth`` is that of every variable to
    every type of every agent, as of :class:`AgentNumbers`.
    """
    shape = tuple(len(each) for each in worth)
    best = np.full(shape, Fraction(0))
    choice = np.zeros(shape, dtype=np.intp)
    for corner, vertex in enumerate(numbers.vertices):
        total = np.full(shape, -(numbers.cost @ vertex))
        for i, each in enumerate(worth):
            total = total + over_profiles(i, each @ vertex, shape)
        better = (total > best).astype(bool) if corner else np.ones(shape, dtype=bool)
        best = np.where(better, total, best)
        choice[better] = corner
    return np.moveaxis(numbers.vertices[choice], -1, 0)
