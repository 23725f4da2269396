"""Identical agents by counts: a small program, whose answer is written out for every profile."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mechopt._util.arrays import FloatArray, IndexArray
from mechopt.backends.base import Answer
from mechopt.backends.statuses import Ending
from mechopt.problem.counts import Counts, CountsFrame, states_of
from mechopt.problem.problem import DesignProblem
from mechopt.program.counts_form import MOST_VARIABLES, counts_form, variables_of, why_no_counts
from mechopt.program.numbers import in_floats
from mechopt.program.reading import named_multipliers

if TYPE_CHECKING:
    from collections.abc import Callable

    import highspy

    from mechopt.program.standard_form import StandardForm

# Outcomes and payments of all profiles: with fewer, profiles are no trouble, more are not written.
FEW_NUMBERS = 20_000
MOST_NUMBERS = 4_000_000


def has_counts(problem: DesignProblem) -> bool:
    """Return whether a program by counts states the problem, and one by profile is large.

    Examples
    --------
    >>> from mechopt import Auction, TypeSpace, largest_revenue
    >>> auctions = [Auction(TypeSpace.finite(range(4)), count=n) for n in (3, 6)]
    >>> [has_counts(largest_revenue(each, incentives="dominant")) for each in auctions]
    [False, True]
    """
    environment = problem.environment
    numbers = 2 * len(environment.agents) * environment.num_profiles
    return (
        len(environment.agents) > 2
        and FEW_NUMBERS < numbers <= MOST_NUMBERS
        and not why_no_counts(problem)
        and variables_of(problem) <= MOST_VARIABLES
    )


def answer_by_counts(
    problem: DesignProblem,
    loaded: Callable[[StandardForm], highspy.Highs],
    answered: Callable[[highspy.Highs, StandardForm], tuple[Ending, int]],
) -> Answer:
    """Return the answer of a problem of which :func:`has_counts` is true.

    Agents of the same type have the same outcomes and payments wherever the others' types have the
    same counts. Multipliers of a state are shared by the profiles in it, and by the agents.

    Parameters
    ----------
    problem
        The problem, in its unit of money.
    loaded, answered
        Load a program into HiGHS, and run it.

    Notes
    -----
    Source: theory.md, section 1.1.
    """
    environment = problem.environment
    limit = float(problem.payment_limit)
    frame = CountsFrame(environment, in_floats(problem, corners=False), limit)
    form = counts_form(problem, frame)
    start = time.perf_counter()
    model = loaded(form)
    how, iterations = answered(model, form)
    seconds = time.perf_counter() - start
    allocation: FloatArray | None = None
    payment: tuple[FloatArray, ...] = ()
    duals = None
    if how.is_optimal:
        solution = model.getSolution()
        values = np.asarray(solution.col_value)
        others = _places(frame.states, frame.number - 1)
        name = environment.agents[0].name
        won, paid = (
            form.variables[f"{name}_{part}"].of(values).reshape(frame.size, -1)[:, others]
            for part in ("quantity", "payment")
        )
        spread = [own.reshape(environment.shape) for own in (np.clip(won, 0.0, 1.0), paid)]
        allocation, paid_all = (
            np.stack([np.moveaxis(own, 0, i) for i in range(frame.number)]) for own in spread
        )
        payment = tuple(paid_all)
        if solution.dual_valid:
            found = named_multipliers(form, np.asarray(solution.row_dual))
            duals = _by_profile(form, found, frame, others)
    rows, columns = form.matrix.shape
    size: dict[str, Any] = {
        "num_variables": columns,
        "num_constraints": rows,
        "num_nonzeros": form.matrix.nnz,
    }
    return Answer(
        how, allocation, payment, duals, solver_seconds=seconds, iterations=iterations, **size
    )


def _places(states: Counts, number: int) -> IndexArray:
    """Return the position among states of every profile of so many agents.

    Examples
    --------
    >>> _places(states_of(2, 2), 2).tolist()
    [0, 1, 1, 2]
    """
    size = states.shape[1]
    digits = (number + 1) ** np.arange(size)
    keys = states @ digits
    profiles = np.indices((size,) * number).reshape(number, -1)
    order = np.argsort(keys)
    return np.asarray(order[np.searchsorted(keys[order], digits[profiles].sum(axis=0))])


def _by_profile(
    form: StandardForm, duals: Mapping[str, FloatArray], frame: CountsFrame, others: IndexArray
) -> dict[str, FloatArray]:
    """Return multipliers of the program over profiles from those of the program by counts."""
    number, names = frame.number, frame.names
    every = states_of(number, frame.size)
    ways, all_ways = _ways(frame.states), _ways(every)
    found: dict[str, FloatArray] = {}
    for key, values in duals.items():
        if key == "budget":
            whole = values
            if form.constraints[key].axes:
                shared = np.asarray(values) / all_ways
                whole = shared[_places(every, number)].reshape(frame.shape)
            found[key] = whole
        elif key.startswith(f"{names[0]}_"):
            own = np.asarray(values) / number
            if len(form.constraints[key].axes) == 2:
                own = (own / ways)[:, others].reshape(-1, *frame.shape[1:])
            rest = key.removeprefix(names[0])
            found |= {f"{name}{rest}": own for name in names}
    return found


def _ways(states: Counts) -> FloatArray:
    """Return in how many orders of the agents each state can be.

    Examples
    --------
    >>> _ways(states_of(2, 2)).tolist()
    [1.0, 2.0, 1.0]
    """
    number = int(states[0].sum())
    ways = [math.factorial(number) // math.prod(map(math.factorial, s)) for s in states.tolist()]
    return np.array(ways, dtype=np.float64)
