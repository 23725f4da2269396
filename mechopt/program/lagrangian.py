"""A bound on the optimum from multipliers and the problem's data alone (weak duality)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from mechopt._util.arrays import FloatArray, in_blocks, largest_size, running_sums
from mechopt.environments import Agent, Environment, NoPayoff
from mechopt.problem.budget import Budget
from mechopt.problem.objectives import ObjectiveWeights, Welfare
from mechopt.problem.problem import DesignProblem
from mechopt.program.best_outcome import best_outcome
from mechopt.program.exact_lagrangian import above, exact_lagrangian, fits_fractions
from mechopt.program.penalties import penalised
from mechopt.program.profile_bound import profile_bound
from mechopt.types import TypeSpace

# A bound is evaluated in fractions if rounding leaves more than this open, in first bests.
OPEN = 1e-9
UNIT = 0.5 * float(np.finfo(np.float64).eps)


def dual_bound(problem: DesignProblem, duals: Mapping[str, FloatArray]) -> float:
    """Return the bound on the optimum that the multipliers prove.

    Any multipliers give a true bound, which has a margin for rounding in it: negative ones are
    taken as zero, and they are first completed so that the payments, which are free, drop out of
    the Lagrangian. What remains is a pointwise maximum over the feasible outcomes. Good multipliers
    give a tight bound. Where rounding leaves much of it open, and the problem is small, the same
    multipliers are evaluated in fractions.

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
    return proved_bound(problem, duals)[0]


def proved_bound(problem: DesignProblem, duals: Mapping[str, FloatArray]) -> tuple[float, float]:
    """Return the bound that :func:`dual_bound` returns, and its margin for rounding.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite([1, 2, 3])
    >>> problem = ex_ante_efficiency(BilateralTrade(types, types))
    >>> proved_bound(problem, {"budget": np.array([1.0])})[1] < 1e-13
    True
    """
    tangent = problem.objective.tangent_in(problem.environment, duals)
    if tangent is not None:
        linear = replace(problem, objective=tangent.objective)
        return tangent.bound(*proved_bound(linear, duals))
    if problem.by_profile:
        return profile_bound(problem, duals)
    sign, centred = problem.objective.sign, problem.centred
    bound, rounding = _lagrangian(centred, centred.weights, duals, problem.environment)
    if rounding > OPEN * problem.objective_scale and fits_fractions(problem):
        exact = exact_lagrangian(centred, duals)
        bound = bound if exact is None else min(bound, above(exact))
    return sign * bound + 0.0, rounding  # never minus zero


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
    if problem.by_profile:
        return -profile_bound(problem, duals, objective=False)[0]
    # Money is all that counts here, so its origin may be moved whatever the objective.
    centred = problem
    if problem.is_interim:
        centred = replace(problem, environment=problem.environment.centred)
    nothing = ObjectiveWeights(
        quantity=tuple(np.zeros(size) for size in problem.environment.shape),
        payment=tuple(np.zeros(size) for size in problem.environment.shape),
        cost=0.0,
    )
    bound, rounding = _lagrangian(centred, nothing, duals, problem.environment)
    if 0.0 <= bound <= 2.0 * rounding and fits_fractions(problem):
        exact = exact_lagrangian(centred, duals, objective=False)
        bound = bound if exact is None else min(bound, above(exact))
    return -bound


def alpha_of(problem: DesignProblem, duals: Mapping[str, FloatArray]) -> float | None:
    """Return λ/(largest weight + λ): the budget's multiplier is the largest weight plus λ.

    None where it has no meaning: without a free allocation or a welfare objective, where an agent
    may give or receive, or where staying out is worth something.

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
    if problem.prescribes_allocation or not isinstance(objective, Welfare):
        return None
    if not (problem.environment.has_virtual_valuations and problem.is_interim):
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
    """One agent's multipliers, completed so that its payments drop out of the Lagrangian.

    Payments drop out exactly for the sums that the steps stand for: what goes up at each step, less
    what goes down, is ``net``, which may differ from its sum by ``error``. Of ``down`` and ``up``
    as they were given, only what both have in common stays, a multiplier on monotonicity.
    """

    net: FloatArray
    error: FloatArray
    down: FloatArray
    up: FloatArray
    monotonicity: FloatArray
    lower: FloatArray
    upper: FloatArray

    def at(self, steps: slice) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return what goes down and up at some steps, and by how much each may differ."""
        net, error = self.net[steps], self.error[steps]
        common = np.minimum(self.down[steps], self.up[steps])
        # A sum that is surely of one sign leaves the other direction as it is. Mostly all are.
        if net.size and (net - error).min() > 0.0:
            return common, common + net, np.zeros(net.size), error
        if net.size and (net + error).max() < 0.0:
            return common - net, common, error, np.zeros(net.size)
        return (
            common + np.maximum(-net, 0.0),
            common + np.maximum(net, 0.0),
            np.where(net <= error, error, 0.0),
            np.where(net >= -error, error, 0.0),
        )

    def value_of_outside_option(self, agent: Agent) -> tuple[float, float]:
        """Return what the outside options add to the right-hand side, and its rounding."""
        if isinstance(agent.outside_option, NoPayoff):
            return 0.0, 0.0
        low, high = agent.option_at_ends
        size = float(self.lower @ np.abs(low) + self.upper @ np.abs(high))
        return float(self.lower @ low + self.upper @ high), 64 * UNIT * size


def _lagrangian(
    problem: DesignProblem,
    weights: ObjectiveWeights,
    duals: Mapping[str, FloatArray],
    given: Environment,
) -> tuple[float, float]:
    """Return the maximum of the Lagrangian, and how much of it is a margin for rounding.

    The maximum is infinite if the payments cannot be made to drop out. Types may be measured from
    their origin in ``problem``; ``given`` has them as they are, for differences of neighbours that
    lie far from it.
    """
    environment = problem.environment
    further = penalised(problem, weights, duals)
    largest = max(largest_size(values) for values in weights.payment)
    cancelled = 4.0 * UNIT * largest if problem.requirements else 0.0
    weights = further.weights
    budget = _budget_multiplier(problem, weights, duals, cancelled)
    if budget is None:
        return np.inf, 0.0
    values, errors = [], []
    constant, margin = further.constant, further.margin
    for i, agent in enumerate(environment.agents):
        multipliers = _complete(problem, i, weights.payment[i] + budget, duals)
        if multipliers is None:
            return np.inf, 0.0
        value, error = _value_of_quantity(
            agent.types,
            given.agents[i].types,
            (weights.quantity[i], weights.payment[i]),
            budget,
            multipliers,
        )
        values.append(value)
        errors.append(error)
        option, rounding = multipliers.value_of_outside_option(agent)
        constant -= option
        margin += rounding
        # Their memory is the next agent's.
        del multipliers
    price = budget - weights.cost
    best, rounding = best_outcome(problem, values, errors, price, further.outcome)
    return constant + margin + best, margin + rounding


def _value_of_quantity(
    types: TypeSpace,
    given: TypeSpace,
    weights: tuple[FloatArray, FloatArray],
    budget: float,
    multipliers: _Multipliers,
) -> tuple[FloatArray, FloatArray]:
    """Return what a unit of each type's net quantity is worth, and by how much rounding may err.

    Virtual valuations, where the multipliers are those of an optimum: the lowest type of the cell
    at the weight of its payment, and differences of neighbouring types at the multipliers of the
    steps between them. Nothing large cancels, so that a far type spoils no other's digits.
    """
    size = types.num_cells
    value, error = np.empty(size), np.empty(size)
    # Block by block, so that what is added up stays in the processor's cache.
    for block in in_blocks((size,)):
        # The steps to the next type and from the one before; the last and the first type lack one.
        to = slice(block.start, min(block.stop, size - 1))
        since = slice(max(block.start - 1, 0), block.stop - 1)
        has_next = slice(to.stop - to.start)
        has_last = slice(block.stop - block.start - (since.stop - since.start), None)
        lower, mass = types.lower[block], types.mass[block]
        quantity_weight, payment_weight = (part[block] for part in weights)
        down, up, down_rounding, up_rounding = multipliers.at(slice(since.start, to.stop))
        # Of these, those to the next type and those from the one before.
        next_ones, last_ones = slice(to.start - since.start, None), slice(since.stop - since.start)
        paid = payment_weight * lower
        own = quantity_weight + paid
        # A utility's weights cancel exactly; their products are rounded alike.
        terms = np.where(own == 0.0, 0.0, np.abs(quantity_weight) + np.abs(paid))
        of_budget = budget * lower
        terms += np.abs(of_budget)
        steps, step_size = np.zeros(mass.size), np.zeros(mass.size)
        rounding = np.zeros(mass.size)
        if _counts(down) or _counts(down_rounding):
            rise = np.diff(given.lower[to.start : to.stop + 1])
            taken = rise * down[next_ones]
            steps[has_next] -= taken
            step_size[has_next] += taken
            rounding[has_next] += rise * down_rounding[next_ones]
        goes_up = _counts(up) or _counts(up_rounding)
        if goes_up:
            rise = np.diff(given.upper[since.start : since.stop + 1])
            passed = rise * up[last_ones]
            steps[has_last] += passed
            step_size[has_last] += passed
            rounding[has_last] += rise * up_rounding[last_ones]
        width = given.upper[block] - given.lower[block]
        if (goes_up or _counts(multipliers.upper[block])) and width.any():
            inner = multipliers.upper[block].copy()
            inner[has_next] += up[next_ones]
            inner_size = inner.copy()
            inner[has_last] -= up[last_ones]
            inner_size[has_last] += up[last_ones]
            steps += width * inner
            step_size += width * inner_size
            rounding[has_next] += width[has_next] * up_rounding[next_ones]
            rounding[has_last] += width[has_last] * up_rounding[last_ones]
        mono = multipliers.monotonicity
        if _counts(mono[since.start : to.stop]):
            steps[has_next] -= mono[to]
            steps[has_last] += mono[since]
            step_size[has_next] += mono[to]
            step_size[has_last] += mono[since]
        # In place: what is left of these is not needed.
        own += of_budget
        steps /= mass
        np.add(own, steps, out=value[block])
        step_size /= mass
        terms += step_size
        terms *= 8.0 * UNIT
        rounding *= 2.0
        rounding /= mass
        np.add(terms, rounding, out=error[block])
    return value, error


def _counts(multipliers: FloatArray) -> bool:
    """Return whether any of these numbers of at least zero is more than that, or none."""
    return not multipliers.max(initial=0.0) <= 0.0


def _budget_multiplier(
    problem: DesignProblem,
    weights: ObjectiveWeights,
    duals: Mapping[str, FloatArray],
    cancelled: float,
) -> float | None:
    """Return the budget's multiplier, moved as little as needed for the payments to drop out.

    What further requirements take off the objective's weights leaves rounding of this size.

    The multipliers of an agent's participation sum to the budget's plus its mean payment weight, so
    that sum must not be negative; for an agent that cannot stay out it must be zero. Without
    incentives that is so type by type.
    """
    subsidised = problem.budget is Budget.SUBSIDISED
    given = 0.0 if subsidised else float(_read(duals, "budget", 1)[0])
    if problem.budget is Budget.NO_DEFICIT:
        given = max(given, 0.0)
    means = [
        _mean(mass, payment)
        for mass, payment in zip(problem.environment.masses, weights.payment, strict=True)
    ]
    least = [
        mean if problem.has_incentives(i) else float(weights.payment[i].min())
        for i, mean in enumerate(means)
    ]
    bound = [mean for i, mean in enumerate(means) if not problem.has_participation(i)]
    if not bound:
        if subsidised:
            return given if min(least) >= -cancelled else None
        return max(given, -min(least))
    rounding = 1e-14 * max(1.0, *map(abs, means))
    if max(bound) - min(bound) > rounding or min(means) < bound[0] - rounding:
        return None
    if problem.budget is Budget.BALANCED:
        return -bound[0]
    if problem.budget is Budget.NO_DEFICIT:
        return max(-bound[0], 0.0) if bound[0] <= cancelled else None
    return 0.0 if abs(bound[0]) <= cancelled else None


def _mean(mass: FloatArray, values: FloatArray) -> float:
    """Return the mean of values by type; of equal values exactly that, whatever masses sum to."""
    if (values == values[0]).all():
        return float(values[0])
    return float(mass @ values) / float(mass.sum())


def _complete(
    problem: DesignProblem, i: int, owed: FloatArray, duals: Mapping[str, FloatArray]
) -> _Multipliers | None:
    """Return the agent's multipliers with signs and payment balance made exact.

    ``owed``, which becomes this function's, is the Lagrangian's coefficient on each payment before
    incentives and participation, over the type's probability.
    """
    agent = problem.environment.agents[i]
    owed *= agent.types.mass
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
    rest = owed - lower
    rest -= upper
    if not problem.has_incentives(i):
        rounding = 1e-14 * max(1.0, np.abs(owed).max())
        if (owed < -rounding).any() or np.abs(rest).max() > rounding:
            return None
        none = np.zeros(size - 1)
        return _Multipliers(none, none, none, none, none, lower, upper)
    # Each step's net multiplier (up minus down) is the running sum of what is left.
    terms = np.abs(owed, out=owed)
    terms += lower
    terms += upper
    net, error = running_sums(rest, terms)
    names = ("ic_down", "ic_up", "monotonicity")
    down, up, mono = (_nonnegative(duals, f"{agent.name}_{name}", size - 1) for name in names)
    return _Multipliers(net, error, down, up, mono, lower, upper)


def _rescaled(
    lower: FloatArray, upper: FloatArray, owed: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return participation multipliers whose sum is what is owed, type by type."""
    total = lower + upper
    share = np.divide(lower, total, out=np.ones_like(total), where=total > 0)
    return share * owed, (1.0 - share) * owed


def _nonnegative(duals: Mapping[str, FloatArray], name: str, size: int) -> FloatArray:
    values = _read(duals, name, size)
    return values if values.size == 0 or values.min() >= 0.0 else np.maximum(values, 0.0)


def _read(duals: Mapping[str, FloatArray], name: str, size: int) -> FloatArray:
    values = np.asarray(duals[name] if name in duals else np.zeros(size), dtype=np.float64)
    if values.shape != (size,):
        raise ValueError(f"multipliers {name}: expected {size} numbers, got shape {values.shape}")
    return values
