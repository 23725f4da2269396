"""How large a program will be, estimated before it is built."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mechopt._util.memory import SHARE, available, require_memory
from mechopt.problem.budget import Holds
from mechopt.problem.problem import DesignProblem, Incentives, Participation

# Building a program of floats and loading it into a solver take so many bytes per nonzero, as
# measured; fractions are objects of their own.
BYTES = 200.0
BYTES_IN_FRACTIONS = 1_000.0
# Of smaller programs, nobody asks how much memory there is.
SMALL = 500e6


def estimated_nonzeros(
    problem: DesignProblem, *, shape: Sequence[int] | None = None, textbook: bool = False
) -> float:
    """Return about how many nonzeros the program of a problem has.

    Rows over all profiles and over pairs of types are counted; those of single types are few, and
    those of further requirements are left out.

    Parameters
    ----------
    problem
        The problem.
    shape
        Numbers of types to count with; the problem's own unless given.
    textbook
        As of :func:`mechopt.program.standard_form.standard_form`.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite(range(100))
    >>> dominant = ex_ante_efficiency(BilateralTrade(types, types), incentives="dominant")
    >>> estimated_nonzeros(dominant)
    300000.0
    """
    environment = problem.environment
    outcomes = environment.outcomes
    sizes = environment.shape if shape is None else tuple(shape)
    profiles = float(np.prod(np.asarray(sizes, dtype=np.float64)))
    total = profiles * sum(int(np.count_nonzero(row.coefficients)) for row in outcomes.rows)
    by_profile = textbook or problem.by_profile
    for i, size in enumerate(sizes):
        agent = environment.agents[i]
        ends = 1 if agent.types.is_finite else 2
        known = environment.has_net_quantity(i)
        variables = len(outcomes.variables)
        if known:
            variables = int(np.count_nonzero(outcomes.net_quantity[i]))
        if not by_profile:
            total += profiles * variables
            continue
        width = variables + 1
        incentives = problem.incentives_of(i)
        if incentives is Incentives.DOMINANT:
            lies = float(size - 1) if not known else 3.0
            total += 2.0 * profiles * width * lies
        elif incentives is Incentives.INTERIM:
            pairs = textbook or not environment.independent or not known
            lies = ends * float(size - 1) if pairs else 3.0
            total += 2.0 * profiles * width * lies
        if problem.has_participation(i):
            total += ends * profiles * width
        total += profiles  # the budget
    return total


def require_room(problem: DesignProblem, *, exact: bool = False, textbook: bool = False) -> None:
    """Raise TooLargeError if the program of a problem would take more memory than there is.

    Parameters
    ----------
    problem, textbook
        As of :func:`estimated_nonzeros`.
    exact
        Whether its numbers are fractions.
    """
    number = estimated_nonzeros(problem, textbook=textbook)
    each = BYTES_IN_FRACTIONS if exact else BYTES
    if number * each <= SMALL:
        return
    sizes = " x ".join(str(size) for size in problem.environment.shape)
    what = f"the linear program over {sizes} types, with about {number:.2g} nonzeros,"
    require_memory(number * each, what, _remedy(problem, each, textbook=textbook))


def _remedy(problem: DesignProblem, each: float, *, textbook: bool) -> str:
    """Return how many types would fit, and which requirements have a small program."""
    there, shape = SHARE * available(), problem.environment.shape
    largest = max(shape)

    def fits(most: int) -> bool:
        smaller = [min(size, most) for size in shape]
        return estimated_nonzeros(problem, shape=smaller, textbook=textbook) * each <= there

    low, high = 0, largest
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    said = f"Use fewer types or cells: about {low} an agent would fit" if low else "Use fewer types"
    small = _in_expectation(problem)
    if small is None:
        return f"{said}."
    nonzeros = estimated_nonzeros(small)
    return (
        f"{said}. With interim incentives and participation, and payments that count in "
        f"expectation only, the program has about {nonzeros:.2g} nonzeros."
    )


def _in_expectation(problem: DesignProblem) -> DesignProblem | None:
    """Return the problem with all that holds in every profile holding on average; None if none."""
    agents = range(len(problem.environment.agents))
    dominant, always = Incentives.DOMINANT, Participation.EX_POST
    incentives = [problem.incentives_of(i) for i in agents]
    participation = [problem.participation_of(i) for i in agents]
    small = replace(
        problem,
        incentives=[Incentives.INTERIM if each is dominant else each for each in incentives],
        participation=[Participation.INTERIM if each is always else each for each in participation],
        budget_holds=Holds.EX_ANTE,
    )
    return small if problem.by_profile and not small.by_profile else None
