"""The program as a ``cvxpy.Problem``: a variable for every block, a constraint for every block."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.backends.base import Answer, ProgramBackend
from mechopt.backends.highs import SECOND_TRIES
from mechopt.backends.settings import (
    Settings,
    highs_threads,
    require_highs_options,
    unknown_option,
)
from mechopt.backends.statuses import CLARABEL, HIGHS, Ending, ending
from mechopt.environments import PowerBound
from mechopt.errors import InvalidInputError
from mechopt.problem.linear import Entries
from mechopt.problem.problem import DesignProblem
from mechopt.program.highs_model import tolerances
from mechopt.program.lagrangian import dual_bound
from mechopt.program.names import row_name
from mechopt.program.quiet import silence_banner
from mechopt.program.reading import answer_of, matrix_parts, named_multipliers
from mechopt.program.standard_form import Block, Program, float_program
from mechopt.program.tangents import curves_of, is_conic
from mechopt.solution import Limit, Termination

if TYPE_CHECKING:
    import cvxpy

CONIC_TOLERANCE = 1e-8
# Redundant constraints and small masses make Clarabel's linear systems nearly singular. More
# regularisation than it has by default, undone by refinement, met full tolerances in all but one of
# several hundred random cases; its defaults failed to in one of twenty. They stay as a second try,
# and leaving out equilibration, which solved the one, as a third.
CLARABEL_SETTINGS: tuple[dict[str, Any], ...] = (
    {
        "static_regularization_constant": 1e-7,
        "iterative_refinement_max_iter": 50,
        "iterative_refinement_reltol": 1e-14,
        "iterative_refinement_abstol": 1e-14,
    },
    {},
    {"equilibrate_enable": False},
)
MAX_ITERATIONS = 500
PROOFS = (Termination.INFEASIBLE, Termination.UNBOUNDED)
# What the arguments of solve say, by Clarabel's own names.
OURS = frozenset({"time_limit", "max_threads"})


class Cvxpy(ProgramBackend):
    """Model with cvxpy; solve with HiGHS, or with Clarabel where the program is conic.

    Delay makes it so, and logarithms in the objective do.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> problem = ex_ante_efficiency(BilateralTrade(types, types))
    >>> round(Cvxpy().solve(problem).objective, 9)
    0.925925926
    """

    name = "cvxpy"
    packages = ("cvxpy", "highspy", "clarabel")

    def build(self, problem: DesignProblem) -> cvxpy.Problem:
        """Return a ``cvxpy.Problem`` to extend and solve.

        Its variables are the blocks of the program, found by name in ``problem.var_dict``: the
        outcome variables over the types of all agents, and ``{agent}_quantity`` and
        ``{agent}_payment`` over the agent's own. Constraints are labelled with the names of
        exported files; those of :class:`mechopt.Solution` among them.

        Examples
        --------
        A buyer who must not pay more than 2 in expectation, whatever its type:

        >>> import cvxpy as cp
        >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
        >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
        >>> model = Cvxpy().build(ex_ante_efficiency(BilateralTrade(types, types)))
        >>> cap = model.var_dict["buyer_payment"] <= 2
        >>> value = cp.Problem(model.objective, [*model.constraints, cap]).solve(solver=cp.HIGHS)
        >>> round(float(value), 6)
        0.906433
        >>> print(next(row for row in model.constraints if row.label == "budget"))
        budget: budget.seller_payment @ seller_payment + budget.buyer_payment @ buyer_payment == 0.0
        """
        problem.require_lotteries(f"a model of {self.name}")
        model: cvxpy.Problem = _build(problem, _program(problem))
        return model

    def require_options(self, problem: DesignProblem, options: Mapping[str, Any]) -> None:
        """Raise InvalidInputError unless the solver knows all options and takes their values.

        The solver is Clarabel where the program is conic, and HiGHS elsewhere.
        """
        if not is_conic(problem):
            require_highs_options(options, self.name)
            return
        if not options:
            return
        import clarabel

        known = clarabel.DefaultSettings()
        for name, value in options.items():
            if name in OURS or name.startswith("_") or not hasattr(known, name):
                raise unknown_option(name, self.name, "an option of Clarabel by its own name")
            try:
                setattr(known, name, value)
            except (TypeError, AttributeError, OverflowError) as error:
                wanted = type(getattr(known, name)).__name__
                raise InvalidInputError(
                    "not a value of this option",
                    where=self.name,
                    expected=f"a {wanted} for {name}",
                    got=repr(value)[:60],
                    remedy="See Clarabel's list of settings.",
                ) from error

    def _answer(self, problem: DesignProblem, settings: Settings) -> Answer:
        form = _program(problem)
        model = _build(problem, form)
        if is_conic(problem):
            return _conic_answer(model, problem, form, settings)
        options: dict[str, Any] = tolerances(settings.tolerance)
        if settings.threads is not None:
            options["threads"] = settings.threads
        with highs_threads(settings.threads):
            for further in SECOND_TRIES:
                options |= further
                if settings.deadline is not None:
                    options["time_limit"] = settings.remaining()
                how = _solve(model, problem, "HIGHS", {**options, **settings.options})
                if how.limit is not Limit.NUMERICAL or settings.is_over:
                    break
        return _read(model, problem, form, how) if how.is_optimal else Answer(how)


def _program(problem: DesignProblem) -> Program:
    return float_program(problem, groups=True)


def _build(problem: DesignProblem, form: Program) -> Any:
    """Return the program in cvxpy."""
    import cvxpy as cp

    silence_banner()
    found = {name: _variable(form, block) for name, block in form.variables.items()}
    parts = matrix_parts(form)
    rows = [_row(form, block, parts[name], found) for name, block in form.constraints.items()]
    for own in curves_of(problem):
        base, bounded = (cp.vec(found[name], "C") for name in (own.base, own.bounded))
        one = np.ones(base.size)
        if isinstance(own.curve, PowerBound):
            cone = cp.PowCone3D(base, one, bounded, own.curve.exponent)
        else:
            cone = cp.ExpCone(bounded, one, base)
        rows.append(_named(cone, own.name))
    gains = [
        _constant(block.of(form.cost).ravel(), f"objective.{name}") @ _flat(found[name])
        for name, block in form.variables.items()
        if block.of(form.cost).any()
    ]
    gain = sum(gains[1:], gains[0]) if gains else cp.Constant(0.0)
    sense = cp.Maximize(gain) if problem.objective.sign > 0 else cp.Minimize(-gain)
    return cp.Problem(sense, rows)


def _variable(form: Program, block: Block) -> Any:
    import cvxpy as cp

    low, high = block.of(form.lower), block.of(form.upper)
    unbounded = np.isneginf(low).all() and np.isposinf(high).all()
    bounds = None if unbounded else [_one_if_equal(low), _one_if_equal(high)]
    return cp.Variable(block.shape, name=block.name, bounds=bounds)


def _one_if_equal(values: FloatArray) -> Any:
    first = float(values.flat[0])
    return first if (values == first).all() else values


def _row(
    form: Program, block: Block, parts: Mapping[str, Entries], found: Mapping[str, Any]
) -> Any:
    """Return a block of rows as one labelled constraint."""
    total = sum(
        _term(f"{block.name}.{name}", part, _flat(found[name])) for name, part in parts.items()
    )
    low, high = block.of(form.row_lower).ravel(), block.of(form.row_upper).ravel()
    if np.isposinf(high).all():
        row = total >= _one_if_equal(low)
    elif np.isneginf(low).all():
        row = total <= _one_if_equal(high)
    else:
        row = total == _one_if_equal(low)
    return _named(row, row_name(block.name, form.variables))


def _term(name: str, part: Entries, values: Any) -> Any:
    """Return what a block of variables adds to a block of rows, as simply as it can be said."""
    import cvxpy as cp

    height, width = part.shape
    if height == 1:
        weights = np.zeros(width)
        weights[part.column] = part.value
        return _constant(weights, name) @ values
    if height == width == part.value.size and (part.row == part.column).all():
        factors = np.zeros(height)
        factors[part.row] = part.value
        if (factors == 1.0).all():
            return values
        return -values if (factors == -1.0).all() else cp.multiply(_constant(factors, name), values)
    from scipy import sparse

    matrix = sparse.csc_array((part.value, (part.row, part.column)), shape=part.shape)
    return _constant(matrix, name) @ values


def _constant(values: Any, name: str) -> Any:
    """Return a constant that is printed by its name."""
    import cvxpy as cp

    return cp.Constant(values, name=name)


def _flat(variable: Any) -> Any:
    """Return a variable as a vector, in the order of the program."""
    import cvxpy as cp

    return variable if variable.ndim == 1 else cp.vec(variable, "C")


def _named(constraint: Any, name: str) -> Any:
    constraint.set_label(name)
    return constraint


def _solve(model: Any, problem: DesignProblem, solver: str, options: Mapping[str, Any]) -> Ending:
    """Let a solver solve a model, load what it found, and return why it stopped.

    cvxpy's own statuses merge several of the solver's, so that the solver's are read.
    """
    # cvxpy warns unless it is told how to canonicalise variables of more than two axes.
    canon = "SCIPY" if len(problem.environment.agents) > 2 else None
    data, chain, inverse = model.get_problem_data(solver, canon_backend=canon, solver_opts={})
    found = chain.solve_via_data(model, data, warm_start=False, solver_opts=dict(options))
    if solver == "HIGHS":
        import highspy

        said = found["model_status"]
        status = highspy.HighsModelStatus.__members__[said]
        how = ending(HIGHS, said, highspy.Highs().modelStatusToString(status))
    else:
        how = ending(CLARABEL, str(found.status))
    if how.is_optimal:
        with warnings.catch_warnings():
            # Said in the solution's provenance instead.
            warnings.filterwarnings("ignore", "Solution may be inaccurate", UserWarning)
            model.unpack_results(found, chain, inverse)
    return how


def _conic_answer(model: Any, problem: DesignProblem, form: Program, settings: Settings) -> Answer:
    """Solve with Clarabel until full tolerances are met, or return what its duals prove best."""
    tolerance = max(settings.tolerance, CONIC_TOLERANCE)
    options: dict[str, Any] = dict.fromkeys(("tol_gap_abs", "tol_gap_rel", "tol_feas"), tolerance)
    options["max_iter"] = MAX_ITERATIONS
    if settings.threads is not None:
        options["max_threads"] = settings.threads
    answers: list[tuple[float, Answer]] = []
    how = None
    for extra in CLARABEL_SETTINGS:
        if settings.deadline is not None:
            options["time_limit"] = settings.remaining()
        how = _solve(model, problem, "CLARABEL", {**options, **extra, **settings.options})
        if how.is_optimal:
            answer = _read(model, problem, form, how)
            if not answer.inaccurate:
                return answer
            gap = abs(dual_bound(problem, answer.duals or {}) - float(model.value))
            answers.append((gap, answer))
        elif how.termination in PROOFS or settings.is_over:
            break
    if answers:
        return min(answers, key=lambda pair: pair[0])[1]
    assert how is not None
    return Answer(how)


def _read(model: Any, problem: DesignProblem, form: Program, how: Ending) -> Answer:
    """Return what cvxpy loaded."""
    found = model.var_dict
    values = np.zeros(form.cost.size)
    for name, block in form.variables.items():
        # A variable that nothing depends on is no part of the problem.
        known = name in found and found[name].value is not None
        block.of(values)[...] = found[name].value if known else block.of(_nearest_to_zero(form))
    multipliers = np.zeros(form.row_lower.size)
    rows = {row.label: row for row in model.constraints}
    for name, block in form.constraints.items():
        row = rows[row_name(name, form.variables)]
        block.of(multipliers)[...] = _multiplier(row).reshape(block.shape)
    allocation, payment = answer_of(form, values, problem)
    metrics = model.size_metrics
    return Answer(
        how,
        allocation=allocation,
        payment=payment,
        duals=named_multipliers(form, multipliers),
        inaccurate=model.status == "optimal_inaccurate",
        solver_seconds=model.solver_stats.solve_time,
        iterations=model.solver_stats.num_iters,
        num_variables=metrics.num_scalar_variables,
        num_constraints=metrics.num_scalar_eq_constr + metrics.num_scalar_leq_constr,
    )


def _nearest_to_zero(form: Program) -> FloatArray:
    return np.clip(np.zeros_like(form.lower), form.lower, form.upper)


def _multiplier(constraint: Any) -> FloatArray:
    """Return a constraint's multipliers in our convention.

    cvxpy's multipliers of inequalities are at least zero for both senses, as ours. Its Lagrangian
    adds multiplier times (left - right) of an equality to what is minimised, so ours is minus that.
    """
    import cvxpy as cp

    values = np.atleast_1d(np.asarray(constraint.dual_value, dtype=np.float64))
    return (
        -values if isinstance(constraint, cp.constraints.Zero | cp.constraints.Equality) else values
    )
