"""A problem over other cells of its continuous priors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from mechopt.backends.coarse import with_types
from mechopt.environments import Environment
from mechopt.problem.problem import DesignProblem
from mechopt.types import TypeSpace
from mechopt.types.continuous import ContinuousPrior
from mechopt.types.type_space import MOST_KEPT


def with_cells(problem: DesignProblem, num_cells: Callable[[int], int] | int) -> DesignProblem:
    """Return the problem with every continuous prior cut into another number of cells.

    Parameters
    ----------
    problem
        Any problem.
    num_cells
        The number, or a function from the present number to the new one.

    Notes
    -----
    Equally likely cells stay so; others are placed anew: where types gain, if one agent gives
    what another receives, where the highest types are, if units go to agents who want one each,
    and equally likely if not.

    Examples
    --------
    >>> from scipy import stats
    >>> from mechopt import BilateralTrade, ex_ante_efficiency
    >>> types = TypeSpace.from_distribution(stats.uniform(0, 1), 10)
    >>> with_cells(ex_ante_efficiency(BilateralTrade(types, types)), 20).environment.shape
    (20, 20)
    """
    from mechopt.types.cells import gainful_cells, highest_cells

    environment = problem.environment

    def size(types: TypeSpace) -> int:
        return num_cells if isinstance(num_cells, int) else num_cells(types.num_cells)

    spaces = [agent.types for agent in environment.agents]
    uneven = any(types.prior is not None and np.ptp(types.mass) > 0 for types in spaces)
    if uneven and environment.outcomes.exchange is not None:
        number = max(size(types) for types in spaces if types.prior is not None)
        return _with_types(problem, gainful_cells(spaces[0], spaces[1], number))
    draws = competing(environment) if uneven else 1
    if draws > 1:
        return _with_types(problem, [highest_cells(each, size(each), draws) for each in spaces])
    return _with_types(problem, [_in_cells(types, size(types)) for types in spaces])


def competing(environment: Environment) -> int:
    """Return how many agents compete for each of equal units; one where there are none.

    Examples
    --------
    >>> from mechopt import Auction
    >>> competing(Auction(TypeSpace.finite([0, 1]), count=500, units=50))
    10
    """
    units = environment.outcomes.equal_units
    return 1 if units is None else max(len(environment.agents) // units, 1)


def _in_cells(types: TypeSpace, num_cells: int) -> TypeSpace:
    """Return a continuous prior in so many equally likely cells, by merging where that does."""
    if types.prior is None:
        return types
    run = types.num_cells // max(num_cells, 1)
    equal = isinstance(types.prior, ContinuousPrior) and np.ptp(types.mass) == 0
    if run < 2 or run * num_cells != types.num_cells or not equal:
        return TypeSpace.from_distribution(types.prior, num_cells)
    return (_kept_merged if types.num_cells <= MOST_KEPT else _merged)(types, run)


def _merged(types: TypeSpace, run: int) -> TypeSpace:
    """Return equally likely cells with runs of so many neighbours merged."""
    lower, upper = types.lower[::run], types.upper[run - 1 :: run]
    mean = np.clip(types.mean.reshape(-1, run).mean(axis=1), lower, upper)
    mass = np.full(mean.size, 1.0 / mean.size)
    return TypeSpace(mass, mean, lower, upper, prior=types.prior)


_kept_merged = lru_cache(maxsize=64)(_merged)


def cut_into(problem: DesignProblem, size: int, *, where_gains_lie: bool) -> DesignProblem:
    """Return the problem with each continuous prior in cells of one layout or the other.

    Of agents who compete for units, cells are spaced where the highest types are.
    """
    from mechopt.types.cells import gainful_cells, highest_cells

    spaces = [agent.types for agent in problem.environment.agents]
    if where_gains_lie:
        return _with_types(problem, gainful_cells(spaces[0], spaces[1], size))
    draws = competing(problem.environment)
    return _with_types(problem, [highest_cells(types, size, draws) for types in spaces])


def _with_types(problem: DesignProblem, spaces: Sequence[TypeSpace]) -> DesignProblem:
    return replace(problem, environment=with_types(problem.environment, spaces))
