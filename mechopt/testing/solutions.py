"""What every answer to a problem has to satisfy, whoever gives it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from mechopt.backends import BACKENDS, solve
from mechopt.errors import InvalidInputError, UnsupportedProblemError
from mechopt.exact import exact_optimum
from mechopt.formats.write import export
from mechopt.problem.problem import DesignProblem
from mechopt.program.highs_model import TIGHTEST_TOLERANCE, load
from mechopt.program.lagrangian import dual_bound
from mechopt.program.multipliers import multiplier_shapes
from mechopt.program.standard_form import StandardForm, standard_form
from mechopt.program.tangents import is_conic
from mechopt.solution import Solution, Termination
from mechopt.testing.common import demand, demand_equal
from mechopt.verify.audit import audit

if TYPE_CHECKING:
    import highspy

SOLVED = "solved to the optimum"
AUDITED = "the audit passes"
BOUND = "multipliers prove the bound"
ANY_BOUND = "any multipliers prove a bound"
DERIVATIVE = "multipliers are derivatives"
EXACT_OPTIMUM = "the exact optimum is the optimum"
EXPORTED = "the exported model has the optimum"

AGREEMENT = 1e-7
STEP = 1e-4
MOST_ROWS = 40
BOUNDS = 12


def check_everywhere(problem: DesignProblem, *, rng: np.random.Generator) -> Solution:
    """Check a problem with an optimum in every backend, in fractions and in an exported file.

    Returns
    -------
    Solution
        That of HiGHS.
    """
    reference = solve(problem, "highs", throw=False)
    for name, kind in BACKENDS.items():
        if kind().accepts(problem):
            solution = reference if name == "highs" else solve(problem, name, throw=False)
            check_optimum(problem, solution, reference.objective)
    check_multipliers(problem, reference, rng)
    check_bounds(problem, reference, rng)
    _check_exact(problem, reference)
    _check_export(problem, reference)
    return reference


def check_optimum(problem: DesignProblem, solution: Solution, expected: float) -> None:
    """Check a solution that is to be an optimum: status, value, audit, bound, multipliers."""
    backend = solution.provenance.backend
    demand(
        solution.termination is Termination.OPTIMAL,
        SOLVED,
        backend,
        "optimal",
        f"{solution.termination.value} {solution.detail}",
    )
    scale = AGREEMENT * problem.objective_scale
    demand_equal(SOLVED, f"objective of {backend}", expected, solution.objective, scale)
    report = audit(problem, solution)
    demand(report.passed, AUDITED, backend, "no check that fails", report.failed)
    demand_equal(BOUND, f"bound of {backend}", solution.objective, solution.bound, 10 * scale)
    shapes = multiplier_shapes(problem)
    for name, values in solution.duals.items():
        shape = shapes.get(name)
        demand(
            shape == values.shape,
            BOUND,
            f"multipliers {name} of {backend}",
            f"shape {shape}" if shape else f"one of {', '.join(shapes)}",
            f"shape {values.shape}",
        )


def check_multipliers(
    problem: DesignProblem, solution: Solution, rng: np.random.Generator, most: int = MOST_ROWS
) -> None:
    """Check that multipliers are what a unit of relaxation improves, by linear programs.

    The optimum is concave in what is relaxed (convex if it is minimised): relaxing a row by h
    improves it by at most h times the multiplier, tightening it costs at least that. Curved
    programs are left out.

    Parameters
    ----------
    problem, solution
        The problem and its optimum.
    rng
        Draws the rows that are tried where there are more than ``most``.
    most
        How many are tried.
    """
    if not _is_linear(problem):
        return
    form, backend = standard_form(problem), solution.provenance.backend
    model = load(form, TIGHTEST_TOLERANCE)
    best = _optimum(model)
    step = STEP * problem.environment.payoff_scale
    noise = 1e-9 * problem.objective_scale
    rows = list(_rows_of(form, solution))
    chosen = rng.permutation(len(rows))[:most]
    for name, place, row, value, in_money in (rows[k] for k in chosen):
        height = step if in_money else STEP
        low, high = float(form.row_lower[row]), float(form.row_upper[row])
        for change in (height, -height):
            model.changeRowBounds(row, low - change, high - change)
            gain = _optimum(model) - best
            demand(
                gain <= change * value + 2 * noise,
                DERIVATIVE,
                f"{name}{list(place)} of {backend}, relaxed by {change:g}",
                f"an improvement of at most {change * value:.9g}",
                f"{gain:.9g}",
            )
        model.changeRowBounds(row, low, high)


def _is_linear(problem: DesignProblem) -> bool:
    """Return whether linear programs say all there is to a problem."""
    return not is_conic(problem)


def check_bounds(problem: DesignProblem, solution: Solution, rng: np.random.Generator) -> None:
    """Check that whatever the multipliers, what they prove is beyond the optimum.

    Parameters
    ----------
    problem, solution
        The problem and its optimum.
    rng
        Draws the multipliers, by changing those of the optimum.
    """
    form = standard_form(problem)
    there = {
        name: np.asarray(block.spread(np.ones(form.matrix.shape[0])))
        for name, block in form.constraints.items()
    }
    for _ in range(BOUNDS):
        spread = 10.0 ** rng.uniform(-4, 0)
        duals = {}
        for name, values in solution.duals.items():
            more = spread * rng.exponential(size=values.shape) * (rng.random(values.shape) < 0.1)
            factor = rng.lognormal(0.0, spread, values.shape)
            duals[name] = (values * factor + more) * there.get(name, 0.0) * (rng.random() < 0.9)
        bound = dual_bound(problem, duals)
        beyond = problem.objective.sign * (bound - solution.objective)
        demand(
            beyond >= -AGREEMENT * problem.objective_scale,
            ANY_BOUND,
            "; ".join(f"{name} {values.tolist()}" for name, values in duals.items()),
            f"a bound beyond {solution.objective:.12g}",
            f"{bound:.12g}",
        )


def _rows_of(
    form: StandardForm, solution: Solution
) -> Iterator[tuple[str, tuple[int, ...], int, float, bool]]:
    """Yield the rows of requirements: name, place, row of the program, multiplier, unit."""
    for name, block in form.constraints.items():
        if block.required:
            # Positions of the block's rows, spread as its multipliers are; zero is where none is.
            numbers = block.spread(np.arange(1, form.matrix.shape[0] + 1))
            values = solution.duals.get(name, np.zeros(numbers.shape))
            for place, number in np.ndenumerate(numbers):
                if number:
                    yield name, place, int(number) - 1, float(values[place]), block.in_money


def _optimum(model: highspy.Highs) -> float:
    """Return the maximum of a program; minus infinity where nothing meets it."""
    import highspy

    model.run()
    status = model.getModelStatus()
    return -model.getObjectiveValue() if status == highspy.HighsModelStatus.kOptimal else -np.inf


def _check_exact(problem: DesignProblem, reference: Solution) -> None:
    """Check the exact optimum, where there is one."""
    if find_spec("flint") is None:
        return
    try:
        exact = exact_optimum(problem)
    except (InvalidInputError, UnsupportedProblemError):
        return
    scale = AGREEMENT * problem.objective_scale
    demand(
        exact.objective is not None and not exact.verify(),
        EXACT_OPTIMUM,
        exact.termination.value,
        "a proof",
        exact.reason or exact.verify(),
    )
    value = float(exact.objective or 0)
    demand_equal(EXACT_OPTIMUM, "objective", reference.objective, value, scale)


def _check_export(problem: DesignProblem, reference: Solution) -> None:
    """Check that HiGHS finds the optimum in the file that is written for other solvers."""
    import highspy

    if not _is_linear(problem):
        return
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.mps"
        export(problem, path)
        model = highspy.Highs()
        model.setOptionValue("output_flag", False)
        model.readModel(str(path))
        model.run()
    value = -problem.objective.sign * model.getObjectiveValue()
    scale = AGREEMENT * problem.objective_scale
    demand_equal(EXPORTED, "objective", reference.objective, value, scale)
