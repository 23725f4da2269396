"""Programs in whole numbers by the branch and bound of HiGHS, and the payments of what it finds."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mechopt._util.arrays import FloatArray, IndexArray
from mechopt.backends.statuses import Ending

if TYPE_CHECKING:
    import highspy

# What counts as whole, and the gap that is left. A search that ends with one claims an optimum.
OPTIONS = {
    "mip_feasibility_tolerance": 1e-9,
    "mip_rel_gap": 0.0,
    "mip_abs_gap": 1e-9,
}
# Farther from a whole number, a solver's answer is none.
NEARLY = 1e-5
# HiGHS' number for a feasible solution, where it tells of one.
FEASIBLE = 2


class Found(NamedTuple):
    """What the search found.

    Parameters
    ----------
    ending
        Why it stopped.
    values
        Value of every variable, those of outcomes whole; None if it found none.
    bound
        What no mechanism exceeds, as the solver claims, of what is maximised; None if it claims
        nothing.
    iterations
        Simplex iterations.
    """

    ending: Ending
    values: FloatArray | None
    bound: float | None
    iterations: int


def require_whole(model: highspy.Highs, columns: IndexArray, *, whole: bool = True) -> None:
    """Make variables whole numbers, or no longer."""
    import highspy

    kind = highspy.HighsVarType.kInteger if whole else highspy.HighsVarType.kContinuous
    kinds = np.full(columns.size, int(kind), dtype=np.uint8)
    model.changeColsIntegrality(columns.size, columns.astype(np.int32), kinds)


def search(
    model: highspy.Highs,
    columns: IndexArray,
    run: Callable[[highspy.Highs], Ending],
) -> Found:
    """Run branch and bound, and then the program in which outcomes are those that it found.

    The second program has payments to the tolerances of a linear program.

    Parameters
    ----------
    model
        The loaded program, without whole numbers.
    columns
        The positions of the variables that are to be whole.
    run
        Runs a program, and says why the solver stopped.
    """
    require_whole(model, columns)
    ending = run(model)
    info = model.getInfo()
    bound = -float(info.mip_dual_bound)
    iterations = max(int(info.simplex_iteration_count), 0)
    claimed = bound if math.isfinite(bound) else None
    values = np.asarray(model.getSolution().col_value)
    if info.primal_solution_status != FEASIBLE or not values.size:
        return Found(ending, None, claimed, iterations)
    whole = np.round(values[columns])
    if float(np.abs(values[columns] - whole).max(initial=0.0)) > NEARLY:
        return Found(ending, None, claimed, iterations)
    require_whole(model, columns, whole=False)
    model.changeColsBounds(columns.size, columns.astype(np.int32), whole, whole)
    if run(model).is_optimal:
        values = np.asarray(model.getSolution().col_value)
        iterations += max(int(model.getInfo().simplex_iteration_count), 0)
    values = values.copy()
    values[columns] = whole
    return Found(ending, values, claimed, iterations)
