"""A program handed to HiGHS as arrays, in a unit of money that suits it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mechopt.problem.problem import DesignProblem
from mechopt.program.quiet import silence_banner

if TYPE_CHECKING:
    import highspy

    from mechopt.program.standard_form import StandardForm

# HiGHS drops smaller coefficients without a word; its default, 1e-9, is within reach of products of
# probabilities. This is the least that it accepts.
SMALLEST_COEFFICIENT = 1e-12
TIGHTEST_TOLERANCE = 1e-10


def money_unit(problem: DesignProblem) -> float:
    """Return the unit of money to solve in.

    A power of two changes no digit, and puts the first best near 1, where tolerances mean
    something; a far type would put it anywhere.
    """
    environment = problem.environment
    return float(2.0 ** round(math.log2(environment.first_best or environment.payoff_scale)))


def tolerances(tolerance: float) -> dict[str, float]:
    """Return a tolerance as options of HiGHS, which takes none below 1e-10.

    Examples
    --------
    >>> tolerances(1e-12)["primal_feasibility_tolerance"]
    1e-10
    """
    limit = max(tolerance, TIGHTEST_TOLERANCE)
    return {
        "primal_feasibility_tolerance": limit,
        "dual_feasibility_tolerance": limit,
        "small_matrix_value": SMALLEST_COEFFICIENT,
    }


def load(
    form: StandardForm, tolerance: float, options: Mapping[str, Any] | None = None
) -> highspy.Highs:
    """Return HiGHS with the program loaded, silent unless options say otherwise.

    Parameters
    ----------
    form
        The program.
    tolerance
        Feasibility and optimality tolerance.
    options
        Options by HiGHS' own names, which go before these tolerances.
    """
    import highspy

    silence_banner()
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = form.matrix.shape[1], form.matrix.shape[0]
    # HiGHS' own convention for duals depends on the sense; minimising fixes it.
    model.sense_ = highspy.ObjSense.kMinimize
    model.col_cost_ = -form.cost
    model.col_lower_, model.col_upper_ = form.lower, form.upper
    model.row_lower_, model.row_upper_ = form.row_lower, form.row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = form.matrix.indptr
    model.a_matrix_.index_ = form.matrix.indices
    model.a_matrix_.value_ = form.matrix.data
    solver = highspy.Highs()
    solver.silent()
    for name, value in {**tolerances(tolerance), **(options or {})}.items():
        solver.setOptionValue(name, value)
    solver.passModel(model)
    return solver
