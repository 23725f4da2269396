"""Whether an optimum determines who gets how much of the gains, and how well floats can tell."""

from __future__ import annotations

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt._util.rounding import in_figures
from mechopt.problem.budget import Budget
from mechopt.problem.objectives import Welfare
from mechopt.problem.problem import DesignProblem
from mechopt.solution import Solution, Termination

# Relative to the first best: what solvers leave of bounds that bind.
NEGLIGIBLE = 1e-6


def spare_of(solution: Solution) -> dict[str, float]:
    """Return what every agent expects beyond what its types must get, where that is a choice.

    Parameters
    ----------
    solution
        An optimum of welfare with equal weights. For anything else, such as weights that say who
        is to get what is left over, nothing is returned.

    Returns
    -------
    dict
        Agent name to money in expectation. Empty where nothing is left over.

    Notes
    -----
    Given the allocation, the most that each type can pay follows from incentives and participation.
    Who gets what all of that exceeds the cost by is all one to welfare
    with equal weights. Another allocation may be as good; it can only make the choice larger.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, solve
    >>> low, high = TypeSpace.finite([0, 1]), TypeSpace.finite([2, 4])
    >>> sum(spare_of(solve(ex_ante_efficiency(BilateralTrade(low, high)))).values())
    1.0
    """
    problem, mechanism = solution.problem, solution.mechanism
    environment = problem.environment
    agents = environment.agents
    if (
        mechanism is None
        or solution.termination is not Termination.OPTIMAL
        or problem.budget is Budget.SUBSIDISED
        or not isinstance(problem.objective, Welfare)
        or len(set(problem.objective.weights)) > 1
        or not all(problem.has_participation(i) for i in range(len(agents)))
    ):
        return {}
    paid = problem.centred_payments(mechanism.quantity, mechanism.payment)
    spare = {
        agent.name: agent.types.expectation(most_paid(problem, i, mechanism.quantity[i]) - paid[i])
        for i, agent in enumerate(agents)
    }
    least = NEGLIGIBLE * environment.first_best + sum(mechanism.rounding_of_utility.values())
    return spare if sum(spare.values()) > least else {}


def most_paid(problem: DesignProblem, i: int, quantity: FloatArray) -> FloatArray:
    """Return the most that each type of an agent can pay for its quantities, in money.

    Payments are those of ``problem.centred``.

    Parameters
    ----------
    problem
        The problem.
    i
        Position of the agent, whose participation is required.
    quantity : array (num_cells,)
        Its interim net quantities, which do not fall.

    Notes
    -----
    Each type's own bound limits its payment, and that of its neighbours through incentives: the
    least sum of a bound and of steps up or down the types.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite([0, 1, 3])
    >>> problem = ex_ante_efficiency(BilateralTrade(types, types))
    >>> most_paid(problem, 1, np.array([0.0, 0.5, 1.0]))
    array([0. , 0.5, 2. ])
    """
    types = problem.centred.environment.agents[i].types
    low, high = problem.environment.agents[i].option_at_ends
    bound = np.minimum(types.lower * quantity - low, types.upper * quantity - high)
    if not problem.has_incentives(i):
        return bound
    more = np.diff(quantity)
    up = np.append(0.0, np.cumsum(types.lower[1:] * more))
    bound = up + np.minimum.accumulate(bound - up)
    down = np.append(0.0, np.cumsum(types.upper[:-1] * more))
    least: FloatArray = down + np.minimum.accumulate((bound - down)[::-1])[::-1]
    return least


def split_in_words(solution: Solution) -> str:
    """Return, in words, that the split of the gains is a choice; empty where it is not known.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, solve
    >>> low, high = TypeSpace.finite([0, 1]), TypeSpace.finite([2, 4])
    >>> split_in_words(solve(ex_ante_efficiency(BilateralTrade(low, high))))[:58]
    'the split of the gains is a choice: of this allocation 1 i'
    >>> six = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> split_in_words(solve(ex_ante_efficiency(BilateralTrade(six, six))))
    ''
    """
    spare = spare_of(solution)
    if not spare:
        return ""
    problem, mechanism = solution.problem, solution.mechanism
    assert mechanism is not None
    scale = problem.environment.first_best
    # Not by payments, which far from zero round at their size.
    total = -mechanism.expected_cost + sum(
        agent.types.expectation(most_paid(problem, i, mechanism.quantity[i]))
        for i, agent in enumerate(problem.environment.agents)
    )
    shares = {name: value for name, value in spare.items() if value > NEGLIGIBLE * total}
    if len(shares) == 1:
        goes = f"goes to {next(iter(shares)).replace('_', ' ')} here"
    else:
        parts = [
            f"{in_figures(v, '.4g', scale)} to {name.replace('_', ' ')}"
            for name, v in shares.items()
        ]
        goes = f"goes {' and '.join(parts)} here"
    return (
        f"the split of the gains is a choice: of this allocation {in_figures(total, '.4g', scale)} "
        f"is left beyond what all types must get, and {goes}; payments that divide it otherwise "
        "are as good"
    )


def rounding_in_words(solution: Solution, figures: float) -> str:
    """Return, in words, how well utilities are known; empty where that does not show.

    Parameters
    ----------
    solution
        A solution with a mechanism.
    figures
        What shows, relative to the gains.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, solve
    >>> types = TypeSpace.finite([1e14, 1e14 + 1, 1e14 + 3])
    >>> rounding_in_words(solve(ex_ante_efficiency(BilateralTrade(types, types))), 1e-3)
    'utilities are known to 0.01, for payments round so far from zero'
    """
    mechanism = solution.mechanism
    if mechanism is None:
        return ""
    within = max(mechanism.rounding_of_utility.values())
    visible = figures * abs(mechanism.total_gains)
    if not 0.0 < visible < within or not np.isfinite(within):
        return ""
    return f"utilities are known to {within:.1g}, for payments round so far from zero"
