"""The package against the oracles, on every random case that it can state."""

from __future__ import annotations

import numpy as np
import pytest

import mechopt as mo

from . import cases
from .as_problem import as_problem, by_profile, not_stated
from .audit_by_hand import objective, violations
from .direct_lp import optimum
from .variants import drawn


def stated_cases(count):
    """Return random cases that the package can state."""
    return drawn(count, lambda case: not not_stated(case), priors=("independent",), plain=True)


def test_highs_attains_the_optimum_of_every_stated_case():
    statuses = []
    for case in stated_cases(100):
        status, expected = optimum(case)
        solution = mo.solve(as_problem(case), backend="highs", throw=False)
        assert solution.termination == status, case.name
        statuses.append(status)
        if status == "optimal":
            assert solution.objective == pytest.approx(expected, rel=1e-9, abs=1e-9), case.name
            found = by_profile(solution.mechanism)
            assert max(violations(case, *found).values()) <= 1e-9, case.name
            assert objective(case, *found) == pytest.approx(expected, abs=1e-8), case.name
    assert statuses.count("optimal") >= 70


def test_what_cannot_be_stated_is_said():
    case = cases.trade([0, 1], [1, 2], np.full((2, 2), 0.25), payment_limit=1.0)
    with pytest.raises(NotImplementedError, match="payment limit"):
        as_problem(case)
