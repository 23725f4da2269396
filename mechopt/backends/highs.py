"""HiGHS on the standard form, handed over as arrays."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.backends.base import Acceptance, Answer, ProgramBackend
from mechopt.backends.by_counts import answer_by_counts, has_counts
from mechopt.backends.pair_rows import run_by_pairs, spread_over, waiting_blocks
from mechopt.backends.settings import (
    SOLVER_TOLERANCE,
    Settings,
    highs_threads,
    require_highs_options,
)
from mechopt.backends.start import USUAL_START, put_basis, require_start
from mechopt.backends.statuses import HIGHS, OUT_OF_TIME, ROUNDS, Ending, ending
from mechopt.backends.whole_numbers import OPTIONS, require_whole, search
from mechopt.mechanism.allocation import Allocation
from mechopt.problem.columns import has_columns
from mechopt.problem.groups import has_group_form
from mechopt.problem.linear import CurvedRows
from mechopt.problem.problem import DesignProblem
from mechopt.program.highs_model import load
from mechopt.program.reading import (
    answer_of,
    named_multipliers,
    named_values,
    whole_columns,
)
from mechopt.program.tangents import (
    MAX_ROUNDS,
    Tangents,
    curves_of,
    first_tangents,
    is_conic,
    violated,
)

if TYPE_CHECKING:
    import highspy

    from mechopt.program.standard_form import StandardForm

# HiGHS can end just outside its tolerances, without a verdict. A fresh start, no presolve, another
# method or looser tolerances help, each beside those before; whether the answer is an optimum is
# for its bound to say.
SECOND_TRIES: tuple[dict[str, Any], ...] = (
    {},
    {"presolve": "off"},
    {"presolve": "choose", "solver": "ipm"},
    {"presolve": "off", "solver": "simplex", "simplex_strategy": 4},
    {"primal_feasibility_tolerance": 1e-8, "dual_feasibility_tolerance": 1e-8},
)
NO_LIMITS = Settings()


class HiGHS(ProgramBackend):
    """Solve the standard form with HiGHS, and curved bounds by cutting planes.

    Where profiles are very many and only what types expect counts, identical agents who compete for
    units are one group, and other agents get a mixture of rules, which enter one by one. Identical
    agents of whom more is asked in single profiles are counted by type, as long as what the
    profiles get can be written out.

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
    takes_whole_numbers = True

    def accepts(self, problem: DesignProblem) -> Acceptance:
        """Return whether the program is linear, if it is one in whole numbers."""
        if problem.deterministic and is_conic(problem):
            return Acceptance(False, "whole numbers need an objective without logarithms")
        return Acceptance(True)

    def build(self, problem: DesignProblem) -> highspy.Highs:
        """Return a loaded ``highspy.Highs`` that minimises minus the objective's maximum.

        Columns and rows are those of the standard form, in its order, and have the names that
        exported files give them; run it, extend it, write it.

        Examples
        --------
        >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
        >>> types = TypeSpace.finite([0, 1])
        >>> model = HiGHS().build(ex_ante_efficiency(BilateralTrade(types, types)))
        >>> status = model.run()
        >>> -model.getObjectiveValue()
        0.25
        >>> model.getColName(2)
        (<HighsStatus.kOk: 0>, 'trade_s1_b0')
        """
        from mechopt.program.names import names_of
        from mechopt.program.standard_form import standard_form

        form = standard_form(problem, groups=True)
        model = load(form, SOLVER_TOLERANCE)
        names = names_of(form)
        for column, name in enumerate(names.variables):
            model.passColName(column, name)
        for row, name in enumerate(names.constraints):
            model.passRowName(row, name)
        if problem.deterministic:
            require_whole(model, whole_columns(form, problem))
        return model

    def require_options(self, problem: DesignProblem, options: Mapping[str, Any]) -> None:
        """Raise InvalidInputError unless HiGHS knows all options and takes their values."""
        del problem
        require_highs_options(options, self.name)

    def require_start(self, problem: DesignProblem, start: object) -> None:
        """Raise unless it is the direct solver's solution of this problem of static trade."""
        require_start(problem, start)

    def _answer(self, problem: DesignProblem, settings: Settings) -> Answer:
        from mechopt.program.standard_form import standard_form

        by_columns = has_columns(problem) and not has_group_form(problem)
        if by_columns and settings.start is None:
            return _by_columns(problem, settings)
        own = {} if settings.threads is None else {"threads": settings.threads}
        curves = curves_of(problem)

        def loaded(part: StandardForm) -> highspy.Highs:
            return load(part, settings.tolerance, {**own, **settings.options})

        def answered(model: highspy.Highs, part: StandardForm) -> tuple[Ending, int]:
            return run(model, part, curves, settings)

        if has_counts(problem):
            with highs_threads(settings.threads):
                return answer_by_counts(problem, loaded, answered)
        form = standard_form(problem, groups=True)
        start = time.perf_counter()
        if problem.deterministic:
            return self._whole_answer(problem, form, settings, {**own, **settings.options})
        pairs = [] if curves else waiting_blocks(form)
        rows = None
        notes: tuple[str, ...] = ()
        with highs_threads(settings.threads):
            if pairs:
                environment = problem.environment
                model, how, iterations, rows = run_by_pairs(
                    form, environment, pairs, settings, loaded, answered
                )
            else:
                model = loaded(form)
                if settings.start is not None and not put_basis(
                    model, form, settings.start, settings.options
                ):
                    notes = (USUAL_START,)
                how, iterations = answered(model, form)
        seconds = time.perf_counter() - start
        allocation: FloatArray | Allocation | None = None
        payment: tuple[FloatArray, ...] = ()
        duals = None
        if how.is_optimal:
            solution = model.getSolution()
            allocation, payment = answer_of(form, np.asarray(solution.col_value), problem)
            if solution.dual_valid:
                multipliers = np.asarray(solution.row_dual)
                if rows is not None:
                    multipliers = spread_over(rows, multipliers, form.row_lower.size)
                duals = named_multipliers(form, multipliers)
        return Answer(
            how,
            allocation,
            payment,
            duals,
            solver_seconds=seconds,
            iterations=iterations,
            num_variables=form.matrix.shape[1],
            num_constraints=form.matrix.shape[0],
            num_nonzeros=form.matrix.nnz,
            notes=notes,
        )

    def _whole_answer(
        self,
        problem: DesignProblem,
        form: StandardForm,
        settings: Settings,
        options: Mapping[str, Any],
    ) -> Answer:
        """Return the answer of branch and bound, without multipliers."""
        start = time.perf_counter()

        def answered(model: highspy.Highs) -> Ending:
            _run(model, settings)
            return ending_of(model, settings)

        with highs_threads(settings.threads):
            model = load(form, settings.tolerance, {**OPTIONS, **options})
            found = search(model, whole_columns(form, problem), answered)
        allocation = None
        payment: tuple[FloatArray, ...] = ()
        if found.values is not None:
            allocation, payment = named_values(form, found.values, problem)
        return Answer(
            found.ending,
            allocation,
            payment,
            solver_seconds=time.perf_counter() - start,
            iterations=found.iterations,
            num_variables=form.matrix.shape[1],
            num_constraints=form.matrix.shape[0],
            num_nonzeros=form.matrix.nnz,
            bound=found.bound,
        )


def _by_columns(problem: DesignProblem, settings: Settings) -> Answer:
    """Return the answer over mixtures of rules, where profiles are too many to be listed."""
    from mechopt.backends.columns import solve_by_columns

    start = time.perf_counter()
    with highs_threads(settings.threads):
        how, columns, rule, payment, duals = solve_by_columns(problem, settings, ending_of)
    rows, variables = columns.form.matrix.shape
    return Answer(
        how,
        rule,
        payment,
        duals or None,
        solver_seconds=time.perf_counter() - start,
        iterations=columns.iterations,
        num_variables=variables + len(columns.rules),
        num_constraints=rows,
    )


def run(
    model: highspy.Highs,
    form: StandardForm,
    curves: Sequence[CurvedRows],
    settings: Settings,
) -> tuple[Ending, int]:
    """Run HiGHS; with curved bounds, add tangents where they are violated, until none is.

    HiGHS keeps its basis between rounds, so each takes a few iterations only.

    Parameters
    ----------
    model, form
        The loaded program, and what it was loaded from.
    curves
        The curved rows.
    settings
        What the program was loaded with.

    Returns
    -------
    ending, iterations
        Why HiGHS stopped, and its simplex iterations in total.
    """
    for own in curves:
        for tangents in first_tangents(own.curve, form.variables[own.base].size):
            _add_tangents(model, form, own, tangents)
    iterations = 0
    for _ in range(MAX_ROUNDS):
        _run(model, settings)
        # It is minus one where presolve left nothing to do.
        iterations += max(int(model.getInfo().simplex_iteration_count), 0)
        how = ending_of(model, settings)
        if not curves or not how.is_optimal:
            return how, iterations
        values = np.asarray(model.getSolution().col_value)
        added = 0
        for own in curves:
            base, bounded = (form.variables[name].of(values) for name in (own.base, own.bounded))
            # Rows hold to the tolerance only, so a cut must be missed by more to help.
            tangents = violated(own.curve, base, bounded, 10 * settings.tolerance / own.weight)
            added += tangents.entry.size
            _add_tangents(model, form, own, tangents)
        if not added:
            return how, iterations
        if settings.is_over:
            return OUT_OF_TIME, iterations
    return ROUNDS, iterations


def _add_tangents(
    model: highspy.Highs,
    form: StandardForm,
    own: CurvedRows,
    tangents: Tangents,
) -> None:
    """Add rows ``bounded - slope * base <= height``, weighted, of two blocks of variables."""
    size, weight = tangents.entry.size, own.weight
    if not size:
        return
    base, bounded = (
        form.variables[name].start + tangents.entry for name in (own.base, own.bounded)
    )
    columns = np.stack([bounded, base], axis=1).ravel().astype(np.int32)
    values = weight * np.stack([np.ones(size), -tangents.slope], axis=1).ravel()
    starts = np.arange(0, 2 * size, 2, dtype=np.int32)
    low = np.full(size, -np.inf)
    model.addRows(size, low, weight * tangents.height, 2 * size, starts, columns, values)


def ending_of(model: highspy.Highs, settings: Settings = NO_LIMITS) -> Ending:
    """Return why HiGHS stopped, after second tries where it ended without a verdict."""
    import highspy

    kinds = highspy.HighsModelStatus
    for options in SECOND_TRIES:
        if model.getModelStatus() != kinds.kUnknown or settings.is_over:
            break
        _set(model, {name: v for name, v in options.items() if name not in settings.options})
        model.clearSolver()
        _run(model, settings)
    if model.getModelStatus() == kinds.kUnboundedOrInfeasible and not settings.is_over:
        # Presolve cannot tell the two apart; simplex can.
        _set(model, {"presolve": "off"})
        _run(model, settings)
    status = model.getModelStatus()
    return ending(HIGHS, status.name, model.modelStatusToString(status))


def _set(model: highspy.Highs, options: Mapping[str, Any]) -> None:
    for name, value in options.items():
        model.setOptionValue(name, value)


def _run(model: highspy.Highs, settings: Settings) -> None:
    remaining = settings.remaining()
    if remaining is not None:
        # HiGHS counts the time of all its runs.
        model.setOptionValue("time_limit", model.getRunTime() + remaining)
    model.run()
