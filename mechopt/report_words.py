"""What a report says of a mechanism in words."""

from __future__ import annotations

import numpy as np

from mechopt.rounding import in_figures
from mechopt.solution import Solution


def standing(solution: Solution) -> str:
    """Return, in words, what a mechanism is that is not proved optimal.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency, solve
    >>> from mechopt.solution import Termination
    >>> types = TypeSpace.finite([0, 1])
    >>> found = solve(ex_ante_efficiency(BilateralTrade(types, types)))
    >>> standing(replace(found, objective=0.2, termination=Termination.LIMIT))
    'a mechanism: value 0.2, bound 0.25, gap 0.05; not claimed optimal'
    """
    scale = solution.problem.environment.first_best
    value = f"a mechanism: value {in_figures(solution.objective, scale=scale)}"
    if not np.isfinite(solution.bound):
        return f"{value}, no bound proved; not claimed optimal"
    bound, gap = solution.bound, in_figures(solution.gap, ".3g", scale)
    proved = f"bound {in_figures(bound, scale=scale)}, gap {gap}"
    return f"{value}, {proved}; not claimed optimal"
