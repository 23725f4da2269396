"""The interval of every type's payoff over all optimal mechanisms of a problem."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mechopt._util.arrays import FloatArray, sealed
from mechopt.errors import NotOptimalError, UnsupportedProblemError
from mechopt.solution import Solution
from mechopt.studies.extremes import PayoffProgram
from mechopt.verify.audit import AUDIT_TOLERANCE

# Narrower intervals are a point, relative to the width of the interval of types.
UNIQUE = 1e-7
# The expected payoff says too little about the payoff of a type that is rarer than this.
LEAST_MASS = 1e-9

Progress = Callable[[int, int], None]


def payoff_intervals(
    solution: Solution, progress: Progress | None = None
) -> tuple[dict[str, FloatArray], float]:
    """Return the interval of every type's payoff over all optimal mechanisms of a problem.

    Parameters
    ----------
    solution
        An optimal solution of a problem with a welfare objective.
    progress
        Called with the number of programs solved and the number in all, two for each type.

    Returns
    -------
    intervals
        By agent, an array (num_types, 2) of the least and the largest payoff, in money. NaN where
        rounding and the solver's tolerances do not let them be determined as accurately as audits
        ask: for types of very small probability.
    error
        The largest distance of an end that was reached from the bound proved for it.

    Examples
    --------
    >>> from mechopt import Bargaining, TypeSpace, solve
    >>> from mechopt.peski2024 import best_for_player_1
    >>> bargaining = Bargaining(TypeSpace.finite([0, 2]), TypeSpace.finite([1, 3]), 0.5)
    >>> ends, error = payoff_intervals(solve(best_for_player_1(bargaining)))
    >>> ends["player_2"].round(6).tolist(), error < 1e-8
    ([[0.75, 0.75], [1.5, 1.5]], True)
    """
    problem = solution.problem
    environment = problem.environment
    weights = getattr(problem.objective, "weights", None)
    if weights is None:
        raise UnsupportedProblemError("payoff intervals are of problems that maximise welfare.")
    welfare = tuple(w * mass for w, mass in zip(weights, environment.masses, strict=True))
    program = PayoffProgram(problem, at_least=(welfare, solution.objective))
    mechanism = solution.mechanism
    assert mechanism is not None
    # What an audit would refuse is not an end: a rounding of 1e-14 is seen in the payoff of a type
    # of probability 1e-8 as 1e-6.
    accurate = AUDIT_TOLERANCE * (environment.first_best or environment.payoff_scale)
    intervals, largest = {}, 0.0
    done, in_all = 0, 2 * sum(environment.shape)
    for i, (agent, own) in enumerate(zip(environment.agents, mechanism.utility, strict=True)):
        ends = np.full((agent.types.num_cells, 2), np.nan)
        limit = UNIQUE * environment.stakes[i]
        shown = np.minimum(limit, accurate)
        for k in range(agent.types.num_cells):
            for side, sign in enumerate((-1.0, 1.0)):
                direction = [np.zeros(size) for size in environment.shape]
                direction[i][k] = sign
                value, error = _end(program, direction)
                if error <= shown[k] and agent.types.mass[k] >= LEAST_MASS:
                    ends[k, side] = sign * value + 0.0  # never minus zero
                    largest = max(largest, error)
                done += 1
                if progress is not None:
                    progress(done, in_all)
        # What rounding puts in the wrong order, or the mechanism's payoff just outside, is mended.
        low, high = np.minimum(ends[:, 0], ends[:, 1]), np.maximum(ends[:, 0], ends[:, 1])
        near = (own >= low - limit) & (own <= high + limit)
        low, high = (
            np.where(near, np.minimum(low, own), low),
            np.where(near, np.maximum(high, own), high),
        )
        intervals[agent.name] = sealed(np.column_stack([low, high]))
    return intervals, largest


def _end(program: PayoffProgram, direction: list[FloatArray]) -> tuple[float, float]:
    """Return the end of an interval, and its distance from the bound proved for it."""
    try:
        extreme = program.furthest(direction)
    except NotOptimalError:
        return np.nan, np.inf
    return extreme.value, abs(extreme.bound - extreme.value)
