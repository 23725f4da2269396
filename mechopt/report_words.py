"""What a report says of a mechanism in words."""

from __future__ import annotations

import numpy as np

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
    value = f"a mechanism: value {solution.objective:.6g}"
    if not np.isfinite(solution.bound):
        return f"{value}, no bound proved; not claimed optimal"
    gap = f"bound {solution.bound:.6g}, gap {solution.gap:.3g}"
    return f"{value}, {gap}; not claimed optimal"
