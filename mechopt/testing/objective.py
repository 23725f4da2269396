"""What objectives have to satisfy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from mechopt.backends import solve
from mechopt.environments import Environment, NoPayoff
from mechopt.errors import InvalidInputError, UnsupportedProblemError, require
from mechopt.mechanism.allocation import Table
from mechopt.mechanism.counts_rule import CountsPayments
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.budget import Budget
from mechopt.problem.objectives import Objective, ObjectiveWeights, Welfare
from mechopt.problem.problem import DesignProblem
from mechopt.testing.common import accepted, demand, demand_equal, loaded_again
from mechopt.testing.solutions import AGREEMENT, check_everywhere

FITS = "the objective fits the problem"
VALUE = "the value agrees with the definition"
NORMALISED = "the normalised objective is a multiple"
SCALING = "scaling changes money alone"
EXACT = "weights in fractions equal weights in floats"
ORIGIN = "the origin of money does not matter, as the objective says"
BEST = "no mechanism beats the optimum"

FACTORS = (0.125, 3.0)
ROUNDING = 1e-12
# How far types are moved, in widths of their interval.
FAR = 8.0


def check_objective(
    objective: Objective,
    problem: DesignProblem,
    *,
    definition: Callable[[Environment, Mechanism], float] | None = None,
    draws: int = 20,
    seed: int = 0,
) -> None:
    """Check an objective: its weights, its value, its optimum, and that all use it.

    The value of random mechanisms is what the definition says; weights in fractions, normalised
    ones, and those in another unit of money are the same but for the unit; the objective comes back
    from a file as it was. Mechanisms that are best for others do not beat its optimum, which all
    backends find and audits confirm, with multipliers that are derivatives, in fractions where
    the numbers are rational, and in an exported file.

    Parameters
    ----------
    objective
        The objective.
    problem
        A small problem in which it has an optimum; its own objective is replaced.
    definition
        The value of a mechanism, written from first principles; without it values are not checked.
    draws
        How many random mechanisms are drawn.
    seed
        Of the random numbers.

    Raises
    ------
    AssertionError
        At the first check that fails: which, where, what was expected, what was got.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, Welfare, ex_ante_efficiency
    >>> types = TypeSpace.finite([0, 1, 2])
    >>> problem = ex_ante_efficiency(BilateralTrade(types, types))
    >>> def payoffs(environment, mechanism):
    ...     return 2 * mechanism.expected_utility["seller"] + mechanism.expected_utility["buyer"]
    >>> check_objective(Welfare((2, 1)), problem, definition=payoffs)
    """
    require(objective, Objective, where="objective", remedy="Pass an objective.")
    require(problem, DesignProblem, where="problem", remedy="Pass a problem.")
    rng = np.random.default_rng(seed)
    again = loaded_again(objective)
    demand(again.sign in (-1, 1), FITS, "sign", "1 or -1", again.sign)
    with accepted(FITS, type(objective).__name__):
        problem = replace(problem, objective=again)
    weights = _weights(problem)
    if definition is not None:
        for draw in range(draws):
            _check_value(problem, _random_mechanism(problem, rng), definition, f"draw {draw}")
    inner, unit = problem.objective.normalised()
    _demand_weights(NORMALISED, weights, _weights(replace(problem, objective=inner)), 1.0 / unit)
    try:
        exact = problem.objective.exact_weights_in(problem.environment)
    except (InvalidInputError, UnsupportedProblemError):
        pass  # It says that it has none, or types are irrational.
    else:
        _demand_weights(EXACT, weights, exact)
    optimum = check_everywhere(problem, rng=rng)
    if definition is not None and optimum.mechanism is not None:
        _check_value(problem, optimum.mechanism, definition, "the optimum")
    _check_scaling(problem, optimum.objective)
    if problem.objective.ignores_origin:
        _check_origin(problem, optimum.objective)
    _check_best(problem, optimum.objective, rng)


def _weights(problem: DesignProblem) -> ObjectiveWeights:
    """Return the weights, after a check of their shapes."""
    weights, shape = problem.objective.weights_in(problem.environment), problem.environment.shape
    for part in ("quantity", "payment"):
        found = tuple(np.shape(values) for values in getattr(weights, part))
        wanted = tuple((size,) for size in shape)
        demand(found == wanted, FITS, f"shapes of {part}", wanted, found)
    return weights


def _demand_weights(
    check: str,
    expected: ObjectiveWeights,
    got: ObjectiveWeights,
    factor: float = 1.0,
    money: float = 1.0,
) -> None:
    """Raise AssertionError unless weights are a multiple of others, in another unit of money."""
    for part, unit in (("quantity", factor * money), ("payment", factor)):
        pairs = zip(getattr(expected, part), getattr(got, part), strict=True)
        for i, (wanted, found) in enumerate(pairs):
            size = float(np.abs(wanted).max(initial=0.0)) * unit
            demand_equal(
                check, f"{part} weights of agent {i}", unit * wanted, found, ROUNDING * size
            )
    cost = float(expected.cost)
    demand_equal(
        check, "weight of the cost", factor * cost, float(got.cost), ROUNDING * abs(factor * cost)
    )


def _check_value(
    problem: DesignProblem,
    mechanism: Mechanism,
    definition: Callable[[Environment, Mechanism], float],
    where: str,
) -> None:
    wanted, found = definition(problem.environment, mechanism), problem.value(mechanism)
    size = abs(wanted) + problem.objective_scale + problem.rounding(mechanism)
    demand_equal(VALUE, where, wanted, found, 1e-9 * size if np.isfinite(wanted) else 0.0)


def _random_mechanism(problem: DesignProblem, rng: np.random.Generator) -> Mechanism:
    """Return a random mechanism, whose budget balances in expectation where that is required."""
    environment = problem.environment
    outcomes, shape = environment.outcomes, environment.shape
    share = rng.dirichlet(np.ones(len(outcomes.vertices)), size=shape)
    allocation = np.moveaxis(share @ outcomes.vertices, -1, 0)
    paid = rng.normal(size=(len(shape), *shape)) * environment.payoff_scale
    if problem.budget is Budget.BALANCED:
        cost = np.tensordot(outcomes.cost, allocation, axes=1)
        paid[0] += cost - paid.sum(axis=0)
    return Mechanism.of_profiles(environment, Table(allocation), paid)


def _check_scaling(problem: DesignProblem, optimum: float) -> None:
    """Check that what is best in another unit of money is best."""
    for factor in FACTORS:
        with accepted(SCALING, f"scaled({factor})"):
            scaled = problem.scaled(factor)
        _demand_weights(SCALING, _weights(problem), _weights(scaled), money=factor)
        found = solve(scaled, "highs", throw=False).mechanism
        demand(found is not None, SCALING, f"scaled({factor})", "an optimum", "none")
        assert found is not None
        value = problem.value(_in_money(problem.environment, found, 1.0 / factor))
        demand_equal(
            SCALING,
            f"value of what is best, scaled({factor})",
            optimum,
            value,
            10 * AGREEMENT * problem.objective_scale,
        )


def _in_money(environment: Environment, mechanism: Mechanism, factor: float) -> Mechanism:
    """Return a mechanism with payments in another unit of money."""
    every, counted = mechanism.ex_post_payment, mechanism.by_counts
    if counted is not None:
        every = CountsPayments(factor * counted.values)
    elif isinstance(every, np.ndarray):
        every = factor * every
    return Mechanism(
        environment,
        mechanism.allocation,
        tuple(factor * paid for paid in mechanism.payment),
        every,
    )


def _check_origin(problem: DesignProblem, optimum: float) -> None:
    """Check that adding the same money to all types changes nothing, where it changes no gain."""
    environment = problem.environment
    free = not environment.outcomes.net_quantity.sum(axis=0).any()
    if not free or not all(isinstance(a.outside_option, NoPayoff) for a in environment.agents):
        return
    by = FAR * environment.payoff_scale
    agents = tuple(replace(a, types=a.types.shifted(by)) for a in environment.agents)
    moved = replace(problem, environment=replace(environment, agents=agents))
    found = solve(moved, "highs", throw=False).objective
    demand_equal(
        ORIGIN,
        f"optimum with all types lower by {by:g}",
        optimum,
        found,
        10 * AGREEMENT * problem.objective_scale,
    )


def _check_best(problem: DesignProblem, optimum: float, rng: np.random.Generator) -> None:
    """Check that what is best for others is no better than the optimum."""
    for _ in range(3):
        weights = rng.uniform(0.5, 1.0, size=len(problem.environment.agents))
        weights = weights if problem.budget is not Budget.SUBSIDISED else weights**0
        other = replace(problem, objective=Welfare(tuple(weights.tolist())))
        found = solve(other, "highs", throw=False).mechanism
        if found is None:
            continue
        value = problem.value(found)
        better = problem.objective.sign * (value - optimum)
        demand(
            better <= 10 * AGREEMENT * problem.objective_scale,
            BEST,
            f"the best mechanism for welfare weights {weights.tolist()}",
            f"no better value than {optimum:.12g}",
            f"{value:.12g}",
        )
