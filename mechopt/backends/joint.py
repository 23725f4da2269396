"""A joint problem solved by HiGHS."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.backends.highs import run
from mechopt.backends.settings import DEFAULT_TOLERANCE, Settings
from mechopt.problem.joint_problem import JointMechanism, JointProblem
from mechopt.program.highs_model import load
from mechopt.program.joint_form import joint_form
from mechopt.solution import Termination


@dataclass(frozen=True, eq=False)
class JointAnswer:
    """What HiGHS says of a joint problem, in the problem's own money.

    Parameters
    ----------
    termination
        Why it stopped.
    mechanism
        The best mechanism, or None.
    duals
        Multipliers by constraint name: ``{agent}_ic_{end}`` of shape (n, n), type k (at that end
        of its cell) does not imitate type r; ``{agent}_participation_{end}`` of shape (n,);
        ``{agent}_ex_post_{end}`` of shape (n, n_other), own type first. All at least zero up to
        rounding.
    """

    termination: Termination
    mechanism: JointMechanism | None
    duals: Mapping[str, FloatArray]


def solve_joint(
    problem: JointProblem,
    *,
    least_gain: bool = False,
    relaxation: float = 0.0,
    enough: float | None = None,
    tolerance: float = DEFAULT_TOLERANCE,
) -> JointAnswer:
    """Solve a joint problem with HiGHS, and curved bounds by cutting planes.

    Parameters
    ----------
    problem
        The problem.
    least_gain
        Maximise the smallest gain of any type instead of the expected sum.
    relaxation
        Share of what is at stake by which every type may fall short of its status quo.
    enough
        If given, minimise the largest payment among mechanisms with at least this expected gain.
    tolerance
        That of the solver, relative to what is at stake.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> problem = JointProblem(BilateralTrade(types, types), [[1 / 36] * 6] * 6)
    >>> answer = solve_joint(problem)
    >>> round(problem.expected_gain(answer.mechanism), 9)  # independent types: 25/162 of 6
    0.925925926
    """
    # A power of two changes no digit, and puts payoffs near 1, where tolerances mean something.
    unit = 2.0 ** round(math.log2(problem.unit))
    form = joint_form(
        problem.scaled(1.0 / unit),
        least_gain=least_gain,
        relaxation=relaxation,
        enough=None if enough is None else enough / unit,
    )
    model = load(form, tolerance)
    outcomes = problem.environment.outcomes
    settings = Settings(tolerance)
    how, _ = run(model, form, outcomes.variables, outcomes.power_bounds, settings)
    termination = how.termination
    if termination is not Termination.OPTIMAL:
        return JointAnswer(termination, None, {})
    solution = model.getSolution()
    values, multipliers = np.asarray(solution.col_value), np.asarray(solution.row_dual)
    outcome = np.stack([form.variables[name].of(values) for name in outcomes.variables])
    mechanism = JointMechanism(outcome, unit * form.variables["payment"].of(values))
    duals = {
        name: _spread(block.of(multipliers), name)
        for name, block in form.constraints.items()
        if "_ic_" in name or "_participation_" in name or "_ex_post_" in name
    }
    return JointAnswer(termination, mechanism, duals)


def _spread(multipliers: FloatArray, name: str) -> FloatArray:
    """Return multipliers of imitations as an array over pairs of types, zero on the diagonal."""
    if "_ic_" not in name:
        return multipliers
    size = (1 + math.isqrt(1 + 4 * multipliers.size)) // 2
    spread = np.zeros((size, size))
    spread[~np.eye(size, dtype=bool)] = multipliers
    return spread
