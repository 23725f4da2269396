"""HiGHS on the standard form, handed over as arrays."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.backends.base import DEFAULT_TOLERANCE, Answer, ProgramBackend
from mechopt.environments import PowerBound
from mechopt.problem.problem import DesignProblem
from mechopt.program.highs_model import load
from mechopt.program.tangents import (
    FIRST_TOUCHING_POINTS,
    MAX_ROUNDS,
    Tangents,
    tangents_at,
    violated,
    weight_of_rows,
)
from mechopt.solution import Termination

if TYPE_CHECKING:
    import highspy

    from mechopt.program.standard_form import StandardForm

SECOND_TRIES: tuple[dict[str, Any], ...] = (
    {},
    {"presolve": "off"},
    {"presolve": "choose", "solver": "ipm"},
    {"presolve": "off", "solver": "simplex", "simplex_strategy": 4},
    {"primal_feasibility_tolerance": 1e-8, "dual_feasibility_tolerance": 1e-8},
)


class HiGHS(ProgramBackend):
    """Solve the standard form with HiGHS, and curved bounds by cutting planes.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> problem = ex_ante_efficiency(BilateralTrade(types, types))
    >>> round(HiGHS().solve(problem).objective, 9)  # in money; 6 times 25/162
    0.925925926
    """

    name = "highs"
    packages = ("highspy",)

    def build(self, problem: DesignProblem) -> highspy.Highs:
        """Return a loaded ``highspy.Highs`` that minimises minus the objective's maximum.

        Columns and rows are those of the standard form, in its order; run it, extend it, write it.

        Examples
        --------
        >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
        >>> types = TypeSpace.finite([0, 1])
        >>> model = HiGHS().build(ex_ante_efficiency(BilateralTrade(types, types)))
        >>> status = model.run()
        >>> -model.getObjectiveValue()
        0.25
        """
        from mechopt.program.standard_form import standard_form

        return load(standard_form(problem), DEFAULT_TOLERANCE)

    def _answer(self, problem: DesignProblem, tolerance: float) -> Answer:
        from mechopt.program.standard_form import standard_form

        form = standard_form(problem)
        model = load(form, tolerance)
        start = time.perf_counter()
        curves = () if problem.prescribes_allocation else problem.environment.outcomes.power_bounds
        variables = problem.environment.outcomes.variables
        weight = weight_of_rows(problem) if curves else 1.0
        termination, iterations = run(model, form, variables, curves, tolerance, weight)
        seconds = time.perf_counter() - start
        allocation = None
        payment: tuple[FloatArray, ...] = ()
        duals = None
        if termination is Termination.OPTIMAL:
            solution = model.getSolution()
            allocation, payment = named_values(form, np.asarray(solution.col_value), problem)
            duals = named_multipliers(form, np.asarray(solution.row_dual))
        return Answer(
            termination,
            allocation,
            payment,
            duals,
            solver_seconds=seconds,
            iterations=iterations,
            num_variables=form.matrix.shape[1],
            num_constraints=form.matrix.shape[0],
            num_nonzeros=form.matrix.nnz,
        )


def named_values(
    form: StandardForm, col_value: FloatArray, problem: DesignProblem
) -> tuple[FloatArray, tuple[FloatArray, ...]]:
    """Return the outcomes of every profile and each agent's payments from the columns."""
    blocks, environment = form.variables, problem.environment
    names = environment.outcomes.variables
    allocation = np.stack([blocks[name].of(col_value) for name in names])
    agents = environment.agents
    return allocation, tuple(blocks[f"{agent.name}_payment"].of(col_value) for agent in agents)


def named_multipliers(form: StandardForm, row_dual: FloatArray) -> dict[str, FloatArray]:
    """Return the multipliers of the rows by constraint, as :class:`mechopt.Solution` names them."""
    return {
        block.name: block.spread(row_dual) for block in form.constraints.values() if block.required
    }


def run(
    model: highspy.Highs,
    form: StandardForm,
    names: Sequence[str],
    curves: Sequence[PowerBound],
    tolerance: float,
    weight: float = 1.0,
) -> tuple[Termination, int]:
    """Run HiGHS; with curved bounds, add tangents where they are violated, until none is.

    HiGHS keeps its basis between rounds, so each takes a few iterations only.

    Parameters
    ----------
    model, form
        The loaded program, and what it was loaded from.
    names
        The blocks of outcome variables, which the curved bounds number.
    curves
        The curved bounds that hold in every profile.
    tolerance
        That of the solver.
    weight
        What tangents are multiplied by, to be met to the tolerance over it.

    Returns
    -------
    termination, iterations
        Why HiGHS stopped, and its simplex iterations in total.
    """
    for power in curves:
        everywhere = np.arange(form.variables[names[0]].size)
        for point in FIRST_TOUCHING_POINTS:
            touching = np.full(everywhere.size, point)
            _add_tangents(
                model, form, names, power, tangents_at(power, everywhere, touching), weight
            )
    iterations = 0
    for _ in range(MAX_ROUNDS):
        model.run()
        # It is minus one where presolve left nothing to do.
        iterations += max(int(model.getInfo().simplex_iteration_count), 0)
        termination = termination_of(model)
        if not curves or termination is not Termination.OPTIMAL:
            return termination, iterations
        values = np.asarray(model.getSolution().col_value)
        added = 0
        outcome = np.stack([form.variables[name].of(values) for name in names])
        for power in curves:
            # Rows hold to the tolerance only, so a cut must be missed by more to help.
            tangents = violated(power, outcome, 10 * tolerance / weight)
            added += tangents.profile.size
            _add_tangents(model, form, names, power, tangents, weight)
        if not added:
            return termination, iterations
    return Termination.LIMIT, iterations


def _add_tangents(
    model: highspy.Highs,
    form: StandardForm,
    names: Sequence[str],
    power: PowerBound,
    tangents: Tangents,
    weight: float,
) -> None:
    """Add rows ``bounded - slope * base <= height``, weighted, to the loaded program."""
    size = tangents.profile.size
    if not size:
        return
    base = form.variables[names[power.base]].start + tangents.profile
    bounded = form.variables[names[power.bounded]].start + tangents.profile
    columns = np.stack([bounded, base], axis=1).ravel().astype(np.int32)
    values = weight * np.stack([np.ones(size), -tangents.slope], axis=1).ravel()
    starts = np.arange(0, 2 * size, 2, dtype=np.int32)
    low = np.full(size, -np.inf)
    model.addRows(size, low, weight * tangents.height, 2 * size, starts, columns, values)


def termination_of(model: highspy.Highs) -> Termination:
    """Return why HiGHS stopped, after second tries where it ended without a verdict."""
    import highspy

    kinds = {
        highspy.HighsModelStatus.kOptimal: Termination.OPTIMAL,
        highspy.HighsModelStatus.kInfeasible: Termination.INFEASIBLE,
        highspy.HighsModelStatus.kUnbounded: Termination.UNBOUNDED,
    }
    status = model.getModelStatus()
    for options in SECOND_TRIES:
        if status != highspy.HighsModelStatus.kUnknown:
            break
        # HiGHS can end just outside its tolerances. A fresh start, no presolve, another method or
        # looser tolerances help; whether the answer is an optimum is for its bound to say.
        for name, value in options.items():
            model.setOptionValue(name, value)
        model.clearSolver()
        model.run()
        status = model.getModelStatus()
    if status == highspy.HighsModelStatus.kUnboundedOrInfeasible:
        # Presolve cannot tell the two apart; simplex can.
        model.setOptionValue("presolve", "off")
        model.run()
        status = model.getModelStatus()
    return kinds.get(status, Termination.LIMIT)
