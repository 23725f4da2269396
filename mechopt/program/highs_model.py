"""The program handed over to HiGHS as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mechopt.program.quiet import silence_banner
from mechopt.program.standard_form import StandardForm

if TYPE_CHECKING:
    import highspy

# HiGHS drops smaller coefficients without a word; its default, 1e-9, is within reach of products of
# probabilities. This is the least that it accepts.
SMALLEST_COEFFICIENT = 1e-12


def load(form: StandardForm, tolerance: float) -> highspy.Highs:
    """Return HiGHS with the program loaded, silent, with the given tolerances."""
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
    solver.setOptionValue("primal_feasibility_tolerance", max(tolerance, 1e-10))
    solver.setOptionValue("dual_feasibility_tolerance", max(tolerance, 1e-10))
    solver.setOptionValue("small_matrix_value", SMALLEST_COEFFICIENT)
    solver.passModel(model)
    return solver
