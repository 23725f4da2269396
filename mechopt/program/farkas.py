"""Multipliers that show that requirements contradict each other, found by HiGHS."""

from __future__ import annotations

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.problem.problem import DesignProblem
from mechopt.program.highs_model import load
from mechopt.program.standard_form import standard_form


def farkas_multipliers(problem: DesignProblem) -> dict[str, FloatArray]:
    """Return candidate multipliers by constraint; empty if HiGHS finds none.

    They are a ray of the dual program; whether they prove anything is for
    :func:`mechopt.program.lagrangian.infeasibility_margin` to say.

    Examples
    --------
    >>> from mechopt import BilateralTrade, DesignProblem, TypeSpace, Welfare
    >>> types = TypeSpace.finite([0, 1])
    >>> problem = DesignProblem(
    ...     BilateralTrade(types, types), Welfare((1, 1)), allocation="efficient"
    ... )
    >>> farkas_multipliers(problem)  # feasible
    {}
    """
    form = standard_form(problem)
    model = load(form, 1e-10)
    model.setOptionValue("presolve", "off")
    model.run()
    ray = np.zeros(form.row_lower.size)
    # A ray of the dual: minimise cost over rows, so multipliers of `row >= low` are at least zero.
    status, has_ray, values = model.getDualRay()  # type: ignore[attr-defined]
    del status
    if not has_ray:
        return {}
    ray = np.asarray(values, dtype=np.float64)[: ray.size]
    largest = np.abs(ray).max(initial=0.0)
    if not largest > 0.0:
        return {}
    # Rounding leaves signs that a proof may not have.
    ray = np.where(form.row_lower == form.row_upper, ray, np.maximum(ray, 0.0))
    return {
        block.name: block.spread(ray / largest)
        for block in form.constraints.values()
        if block.required
    }
