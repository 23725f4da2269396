"""Identical agents by counts: a small program, whose answer is written out for every profile."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.backends.base import Answer
from mechopt.backends.statuses import Ending
from mechopt.environments.counted import ways_of_states
from mechopt.mechanism.counts_rule import CountsPayments
from mechopt.problem.counts import (
    MOST_NUMBERS,
    MOST_VARIABLES,
    CountsFrame,
    variables_of,
    why_no_counts,
)
from mechopt.problem.problem import DesignProblem
from mechopt.program.numbers import in_floats
from mechopt.program.reading import named_multipliers, rule_by_counts
from mechopt.program.standard_form import assemble

if TYPE_CHECKING:
    from collections.abc import Callable

    import highspy

    from mechopt.program.standard_form import StandardForm

# With fewer outcomes and payments of all profiles, profiles are no trouble.
FEW_NUMBERS = 20_000


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
    numbers = in_floats(problem, corners=False)
    frame = CountsFrame(environment, numbers, float(problem.payment_limit))
    form = assemble(problem, numbers, frame=frame).as_standard_form()
    start = time.perf_counter()
    model = loaded(form)
    how, iterations = answered(model, form)
    seconds = time.perf_counter() - start
    allocation: FloatArray | None = None
    payment: tuple[FloatArray, ...] = ()
    duals = None
    if how.is_optimal:
        solution = model.getSolution()
        rule, paid = rule_by_counts(form, np.asarray(solution.col_value), problem)
        allocation = np.clip(rule.dense(environment), 0.0, 1.0)
        payment = tuple(CountsPayments(paid[0]).dense(environment))
        if solution.dual_valid:
            found = named_multipliers(form, np.asarray(solution.row_dual))
            duals = _by_profile(form, found, frame)
    rows, columns = form.matrix.shape
    size: dict[str, Any] = {
        "num_variables": columns,
        "num_constraints": rows,
        "num_nonzeros": form.matrix.nnz,
    }
    return Answer(
        how, allocation, payment, duals, solver_seconds=seconds, iterations=iterations, **size
    )


def _by_profile(
    form: StandardForm, duals: Mapping[str, FloatArray], frame: CountsFrame
) -> dict[str, FloatArray]:
    """Return multipliers of the program over profiles from those of the program by counts."""
    number, names, states = frame.number, frame.names, frame.states
    ways = ways_of_states(states.others)
    others = states.places_of_profiles(number - 1)
    found: dict[str, FloatArray] = {}
    for key, values in duals.items():
        if key == "budget":
            whole = values
            if form.constraints[key].axes:
                shared = np.asarray(values) / ways_of_states(states.every)
                whole = shared[states.places_of_profiles(number)].reshape(frame.shape)
            found[key] = whole
        elif key.startswith(f"{names[0]}_"):
            own = np.asarray(values) / number
            if len(form.constraints[key].axes) == 2:
                own = (own / ways)[:, others].reshape(-1, *frame.shape[1:])
            rest = key.removeprefix(names[0])
            found |= {f"{name}{rest}": own for name in names}
    return found
