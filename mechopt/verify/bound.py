"""A bound on the optimum from multipliers and the problem's data alone (weak duality)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mechopt.arrays import FloatArray
from mechopt.environments import Agent, DelayedTrade, Trade
from mechopt.objectives import ObjectiveWeights, Welfare
from mechopt.problem import Budget, DesignProblem

# Up to this many profiles, maxima are taken profile by profile.
DENSE_PROFILES = 100_000


def dual_bound(problem: DesignProblem, duals: Mapping[str, FloatArray]) -> float:
    """Return the bound on the optimum that the multipliers prove.

    Any multipliers give a true bound, which has a margin for rounding in it: negative ones are
    taken as zero, and they are first completed so that the payments, which are free, drop out of
    the Lagrangian. What remains is a pointwise maximum over the feasible outcomes. Good multipliers
    give a tight bound.

    Parameters
    ----------
    problem
        The problem.
    duals
        Multipliers named as in :class:`mechopt.Solution`; those left out count as zero.

    Returns
    -------
    float
        An upper bound if the objective is maximised, a lower bound if it is minimised; infinite if
        no completion exists.

    Raises
    ------
    ValueError
        For an array of the wrong length.

    Notes
    -----
    Source: theory.md, sections 3.5 and 5.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite([0, 1])
    >>> dual_bound(ex_ante_efficiency(BilateralTrade(types, types)), {"budget": np.array([1.0])})
    0.25
    """
    sign = problem.objective.sign
    return sign * _lagrangian(problem, problem.weights, duals) + 0.0  # never minus zero


def infeasibility_margin(problem: DesignProblem, duals: Mapping[str, FloatArray]) -> float:
    """Return by how much the multipliers prove that no mechanism meets the requirements.

    A positive number is a proof (a Farkas certificate); zero or less proves nothing.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_post_efficiency
    >>> types = TypeSpace.finite([0, 1])
    >>> infeasibility_margin(ex_post_efficiency(BilateralTrade(types, types)), {}) <= 0
    True
    """
    nothing = ObjectiveWeights(
        quantity=tuple(np.zeros(size) for size in problem.environment.shape),
        payment=tuple(np.zeros(size) for size in problem.environment.shape),
        cost=0.0,
    )
    return -_lagrangian(problem, nothing, duals)


def value_of_quantity(
    agent: Agent,
    down: FloatArray,
    up: FloatArray,
    monotonicity: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
) -> FloatArray:
    """Return the coefficient of each type's net quantity in the requirements, weighted and added.

    Parameters
    ----------
    agent
        The agent.
    down, up, monotonicity : arrays of shape (num_cells - 1,)
        Multipliers of the steps between neighbours.
    lower, upper : arrays of shape (num_cells,)
        Multipliers of participation at the ends of the cells.

    Returns
    -------
    array of shape (num_cells,)
        Virtual valuations times probabilities, where the multipliers are those of an optimum.
    """
    types = agent.types
    total = np.zeros(types.num_cells)
    # Differences of neighbours come first: they are exact or nearly so, and keep rounding small.
    # Multipliers that are all zero are common, and are passed over.
    if lower.any():
        total += types.lower * lower
    if upper.any():
        total += types.upper * upper
    if down.any():
        total -= types.lower * _steps(down)
        total[:-1] -= np.diff(types.lower) * down
    if up.any():
        total += types.upper * _steps(up)
        total[1:] += np.diff(types.upper) * up
    if monotonicity.any():
        total -= _steps(monotonicity)
    return total


def rounding_of_quantity(
    agent: Agent,
    down: FloatArray,
    up: FloatArray,
    monotonicity: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
) -> float:
    """Return by how much rounding may change the sum of :func:`value_of_quantity` over types.

    Quantities are at most 1 in absolute value, so this bounds the error of what is built on it.
    """
    types = agent.types
    size = 0.0
    for ends, participation, steps in (
        (types.lower, lower, down),
        (types.upper, upper, up),
    ):
        if participation.any():
            size += float(np.abs(ends) @ np.abs(participation))
        if steps.any():
            size += float(np.abs(ends) @ np.abs(_steps(steps)) + np.diff(ends) @ np.abs(steps))
    if monotonicity.any():
        size += float(np.abs(_steps(monotonicity)).sum())
    return 8.0 * float(np.finfo(np.float64).eps) * size


def alpha_of(problem: DesignProblem, duals: Mapping[str, FloatArray]) -> float | None:
    """Return λ/(largest weight + λ): the budget's multiplier is the largest weight plus λ.

    None where it has no meaning: without a free allocation, a welfare objective, or trade.

    Notes
    -----
    Source: theory.md, sections 3.5 and 3.7.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite([0, 1])
    >>> alpha_of(ex_ante_efficiency(BilateralTrade(types, types)), {"budget": np.array([1.25])})
    0.2
    """
    objective = problem.objective
    trade = isinstance(problem.environment.outcomes, (Trade, DelayedTrade))
    if not trade or problem.prescribes_allocation or not isinstance(objective, Welfare):
        return None
    budget = duals.get("budget", np.zeros(0))
    if budget.shape != (1,):
        return None
    multiplier = float(budget[0])
    largest = max(objective.weights)
    # A multiplier below the largest weight is one up to rounding; alpha counts as zero then.
    return 1.0 - largest / multiplier if multiplier > largest else 0.0


@dataclass(frozen=True)
class _Multipliers:
    """One agent's multipliers, completed so that its payments drop out of the Lagrangian."""

    down: FloatArray
    up: FloatArray
    monotonicity: FloatArray
    lower: FloatArray
    upper: FloatArray

    def value_of_quantity(self, agent: Agent) -> FloatArray:
        """Return what a unit of each type's net quantity is worth to the constraints."""
        return value_of_quantity(
            agent, self.down, self.up, self.monotonicity, self.lower, self.upper
        )

    def rounding(self, agent: Agent) -> float:
        """Return what rounding may have taken from the bound."""
        return rounding_of_quantity(
            agent, self.down, self.up, self.monotonicity, self.lower, self.upper
        )

    def value_of_outside_option(self, agent: Agent) -> float:
        """Return what the outside options add to the right-hand side."""
        low, high = agent.option_at_ends
        return float(self.lower @ low + self.upper @ high)


def _lagrangian(
    problem: DesignProblem, weights: ObjectiveWeights, duals: Mapping[str, FloatArray]
) -> float:
    """Return the maximum of the Lagrangian, infinite if the payments cannot be made to drop out."""
    environment = problem.environment
    budget = _budget_multiplier(problem, weights, duals)
    if budget is None:
        return np.inf
    values = []
    constant = 0.0
    for i, agent in enumerate(environment.agents):
        owed = agent.types.mass * (weights.payment[i] + budget)
        multipliers = _complete(problem, i, owed, duals)
        if multipliers is None:
            return np.inf
        coefficient = multipliers.value_of_quantity(agent)
        values.append(weights.quantity[i] + coefficient / agent.types.mass)
        constant -= multipliers.value_of_outside_option(agent)
        constant += multipliers.rounding(agent)
    price = budget - weights.cost
    return constant + best_outcome(problem, values, price)


def best_outcome(problem: DesignProblem, values: Sequence[FloatArray], price: float) -> float:
    """Return the expected worth of the best outcomes, or of the prescribed ones."""
    environment = problem.environment
    if not problem.prescribes_allocation and environment.num_profiles <= DENSE_PROFILES:
        # Profile by profile where there are few, so as not to lean on the sorting it may replace.
        outcomes = environment.outcomes
        allocation = outcomes.allocate(values, price)
        gains = -price * np.tensordot(outcomes.cost, allocation, axes=1)
        net = environment.net_quantities(allocation)
        for i, grid in enumerate(np.meshgrid(*values, indexing="ij", sparse=True)):
            gains = gains + net[i] * grid
        return environment.expectation(gains)
    if not problem.prescribes_allocation:
        return environment.outcomes.expected_maximum(values, environment.masses, price)
    worth = sum(
        float(mass @ (value * quantity))
        for mass, value, quantity in zip(
            environment.masses, values, environment.efficient_quantities(), strict=True
        )
    )
    if environment.outcomes.cost.any():
        worth -= price * environment.expected_cost(environment.efficient_allocation())
    return worth


def _budget_multiplier(
    problem: DesignProblem, weights: ObjectiveWeights, duals: Mapping[str, FloatArray]
) -> float | None:
    """Return the budget's multiplier, moved as little as needed for the payments to drop out.

    The multipliers of an agent's participation sum to the budget's plus its mean payment weight, so
    that sum must not be negative; for an agent that cannot stay out it must be zero. Without
    incentives that is so type by type.
    """
    subsidised = problem.budget is Budget.SUBSIDISED
    given = 0.0 if subsidised else float(_read(duals, "budget", 1)[0])
    if problem.budget is Budget.NO_DEFICIT:
        given = max(given, 0.0)
    means = [
        float(mass @ payment)
        for mass, payment in zip(problem.environment.masses, weights.payment, strict=True)
    ]
    least = [
        mean if problem.has_incentives(i) else float(weights.payment[i].min())
        for i, mean in enumerate(means)
    ]
    bound = [mean for i, mean in enumerate(means) if not problem.has_participation(i)]
    if not bound:
        if subsidised:
            return given if min(least) >= 0 else None
        return max(given, -min(least))
    rounding = 1e-14 * max(1.0, *map(abs, means))
    if max(bound) - min(bound) > rounding or min(means) < bound[0] - rounding:
        return None
    if problem.budget is Budget.BALANCED:
        return -bound[0]
    if problem.budget is Budget.NO_DEFICIT:
        return -bound[0] if bound[0] <= 0 else None
    return 0.0 if bound[0] == 0.0 else None


def _complete(
    problem: DesignProblem, i: int, owed: FloatArray, duals: Mapping[str, FloatArray]
) -> _Multipliers | None:
    """Return the agent's multipliers with signs and payment balance made exact.

    ``owed`` is the Lagrangian's coefficient on each payment before incentives and participation.
    """
    agent = problem.environment.agents[i]
    size = agent.types.num_cells
    lower = _nonnegative(duals, f"{agent.name}_participation_lower", size)
    upper = _nonnegative(duals, f"{agent.name}_participation_upper", size)
    if not problem.has_participation(i):
        lower, upper = np.zeros(size), np.zeros(size)
    elif not problem.has_incentives(i):
        lower, upper = _rescaled(lower, upper, owed)
    else:
        total = float(lower.sum() + upper.sum())
        # The budget's multiplier makes this at least zero, up to a rounding error.
        needed = max(float(owed.sum()), 0.0)
        if total > 0:
            lower, upper = lower * (needed / total), upper * (needed / total)
        else:
            lower = np.zeros(size)
            lower[0] = needed
    rest = owed - lower - upper
    if not problem.has_incentives(i):
        rounding = 1e-14 * max(1.0, np.abs(owed).max())
        if (owed < -rounding).any() or np.abs(rest).max() > rounding:
            return None
        none = np.zeros(size - 1)
        return _Multipliers(none, none, none, lower, upper)
    # Each step's net multiplier (up minus down) is the running sum of what is left; what both
    # directions have in common is a multiplier on monotonicity, and stays.
    net = np.cumsum(rest)[:-1]
    down = _nonnegative(duals, f"{agent.name}_ic_down", size - 1)
    up = _nonnegative(duals, f"{agent.name}_ic_up", size - 1)
    common = np.minimum(down, up)
    return _Multipliers(
        down=common + np.maximum(-net, 0.0),
        up=common + np.maximum(net, 0.0),
        monotonicity=_nonnegative(duals, f"{agent.name}_monotonicity", size - 1),
        lower=lower,
        upper=upper,
    )


def _rescaled(
    lower: FloatArray, upper: FloatArray, owed: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return participation multipliers whose sum is what is owed, type by type."""
    total = lower + upper
    share = np.divide(lower, total, out=np.ones_like(total), where=total > 0)
    return share * owed, (1.0 - share) * owed


def _steps(multipliers: FloatArray) -> FloatArray:
    """Return, by type, the multiplier of the step above it less that of the step below it."""
    steps = np.empty(multipliers.size + 1)
    steps[0], steps[-1] = multipliers[0], -multipliers[-1]
    np.subtract(multipliers[1:], multipliers[:-1], out=steps[1:-1])
    return steps


def _nonnegative(duals: Mapping[str, FloatArray], name: str, size: int) -> FloatArray:
    values = _read(duals, name, size)
    return values if values.size == 0 or values.min() >= 0.0 else np.maximum(values, 0.0)


def _read(duals: Mapping[str, FloatArray], name: str, size: int) -> FloatArray:
    values = np.asarray(duals.get(name, np.zeros(size)), dtype=np.float64)
    if values.shape != (size,):
        raise ValueError(f"multipliers {name}: expected {size} numbers, got shape {values.shape}")
    return values
