"""The program as a Pyomo model: an indexed variable and an indexed constraint for every block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mechopt._util.arrays import FloatArray
from mechopt.backends.base import Acceptance, Answer, ProgramBackend
from mechopt.backends.highs import SECOND_TRIES
from mechopt.backends.settings import Settings, highs_threads, require_highs_options
from mechopt.backends.statuses import OUT_OF_TIME, PYOMO, ROUNDS, Ending, ending
from mechopt.environments import Curve, PowerBound
from mechopt.problem.counts import ALL, has_counts_form
from mechopt.problem.linear import CurvedRows
from mechopt.problem.problem import DesignProblem
from mechopt.program.highs_model import tolerances
from mechopt.program.names import indices_of, row_name
from mechopt.program.quiet import silence_banner
from mechopt.program.reading import answer_of, named_multipliers
from mechopt.program.standard_form import Block, StandardForm, standard_form
from mechopt.program.tangents import (
    MAX_ROUNDS,
    Tangents,
    curves_of,
    first_tangents,
    is_conic,
    violated,
)
from mechopt.solution import Termination

if TYPE_CHECKING:
    import pyomo.environ


class Pyomo(ProgramBackend):
    """Model with Pyomo, solve with HiGHS.

    Parameters
    ----------
    nonlinear
        Whether :meth:`build` states curved bounds (delayed trade, logarithms) as they are, for a
        nonlinear solver of your own or for export. Otherwise it states tangents, to which
        :meth:`solve` adds where they are violated.

    Examples
    --------
    >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
    >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
    >>> problem = ex_ante_efficiency(BilateralTrade(types, types))
    >>> round(Pyomo().solve(problem).objective, 9)
    0.925925926
    """

    name = "pyomo"
    packages = ("pyomo", "highspy")

    def __init__(self, *, nonlinear: bool = False) -> None:
        self.nonlinear = nonlinear

    def accepts(self, problem: DesignProblem) -> Acceptance:
        """Return whether HiGHS can solve the model as it is stated."""
        if self.nonlinear and is_conic(problem):
            return Acceptance(
                False, "HiGHS does not solve the nonlinear form. Build it, or leave nonlinear out"
            )
        return Acceptance(True)

    def require_options(self, problem: DesignProblem, options: Mapping[str, Any]) -> None:
        """Raise InvalidInputError unless HiGHS knows all options and takes their values."""
        del problem
        require_highs_options(options, self.name)

    def build(self, problem: DesignProblem) -> pyomo.environ.ConcreteModel:
        """Return a ``ConcreteModel`` to extend and solve.

        Sets ``{agent}_types`` and ``profiles``. Its variables are the blocks of the program: the
        outcome variables over profiles, and ``{agent}_quantity`` and ``{agent}_payment`` over the
        agent's types. Constraints have the names of exported files, those of
        :class:`mechopt.Solution` among them, and the indices of the types they belong to.

        Examples
        --------
        A buyer whose expected payment is capped:

        >>> import pyomo.environ as pyo
        >>> from mechopt import BilateralTrade, TypeSpace, ex_ante_efficiency
        >>> types = TypeSpace.finite([1, 2, 3, 4, 5, 6])
        >>> model = Pyomo().build(ex_ante_efficiency(BilateralTrade(types, types)))
        >>> model.cap = pyo.Constraint(
        ...     model.buyer_types, rule=lambda model, b: model.buyer_payment[b] <= 2
        ... )
        >>> results = pyo.SolverFactory("highs").solve(model)
        >>> round(pyo.value(model.objective), 6)
        0.906433
        >>> print(model.buyer_participation_lower[2].expr)
        0.0  <=  3.0*buyer_quantity[2] - buyer_payment[2]
        """
        problem.require_lotteries(f"a model of {self.name}")
        return _build(problem, standard_form(problem, groups=True), nonlinear=self.nonlinear)

    def _answer(self, problem: DesignProblem, settings: Settings) -> Answer:
        form = standard_form(problem, groups=True)
        model = _build(problem, form, nonlinear=self.nonlinear)
        with highs_threads(settings.threads):
            how, duals = _run(model, problem, form, settings)
        if not how.is_optimal:
            return Answer(how)
        allocation, payment = answer_of(form, _values(model, form), problem)
        named = None
        if duals is not None:
            named = named_multipliers(form, _multipliers(model, problem, form, duals))
        return Answer(
            how,
            allocation=allocation,
            payment=payment,
            duals=named,
            num_variables=model.nvariables(),
            num_constraints=model.nconstraints(),
        )


def _build(problem: DesignProblem, form: StandardForm, *, nonlinear: bool) -> Any:
    """Return the program in Pyomo."""
    import pyomo.environ as pyo
    from pyomo.core.expr import LinearExpression

    silence_banner()
    environment = problem.environment
    model = pyo.ConcreteModel()
    # Of identical agents one stands for all, by types alone or by states in place of profiles.
    by_states = has_counts_form(problem)
    for agent in environment.agents[: 1 if form.identical or by_states else None]:
        types = pyo.RangeSet(0, agent.types.num_cells - 1)
        model.add_component(f"{agent.name}_types", types)
    if not form.identical and not by_states:
        profiles = np.indices(environment.shape).reshape(len(environment.shape), -1).T
        model.profiles = pyo.Set(initialize=list(map(tuple, profiles.tolist())))
    columns: list[Any] = []
    for name, block in form.variables.items():
        keys = _keys(block)
        bounds = zip(
            *(_ends(block.of(ends).ravel()) for ends in (form.lower, form.upper)), strict=True
        )
        by_key = dict(zip(keys, bounds, strict=True))
        index = _index_set(model, problem, block)
        variable = pyo.Var(bounds=by_key[None]) if index is None else pyo.Var(index, bounds=by_key)
        model.add_component(name, variable)
        columns += [variable[key] for key in keys]
    matrix = form.matrix.tocsr()
    starts, places, factors = (
        part.tolist() for part in (matrix.indptr, matrix.indices, matrix.data)
    )
    lower, upper = _ends(form.row_lower), _ends(form.row_upper)

    def linear(row: int) -> Any:
        entries = slice(starts[row], starts[row + 1])
        return LinearExpression(
            constant=0.0,
            linear_coefs=factors[entries],
            linear_vars=[columns[place] for place in places[entries]],
        )

    for name, block in form.constraints.items():
        keys = _keys(block)
        stated = {
            key: (lower[row], linear(row), upper[row]) for row, key in enumerate(keys, block.start)
        }
        index = _index_set(model, problem, block)
        rows = (
            pyo.Constraint(expr=stated[None])
            if index is None
            else pyo.Constraint(index, rule=lambda _, *key, stated=stated: stated[_one(key)])
        )
        model.add_component(row_name(name, form.variables), rows)
    priced = np.flatnonzero(form.cost)
    maximise = problem.objective.sign > 0
    gain = LinearExpression(
        constant=0.0,
        linear_coefs=(problem.objective.sign * form.cost[priced]).tolist(),
        linear_vars=[columns[place] for place in priced.tolist()],
    )
    model.objective = pyo.Objective(expr=gain, sense=pyo.maximize if maximise else pyo.minimize)
    _add_curves(model, problem, nonlinear=nonlinear)
    return model


def _one(key: tuple[Any, ...]) -> Any:
    return key[0] if len(key) == 1 else key


def _keys(block: Block) -> list[Any]:
    """Return the index of every entry of a block, in order: a type, several, or none."""
    indices = indices_of(block)
    if not indices:
        return [None]
    if len(indices) == 1:
        return list(indices[0].tolist())
    return list(zip(*(index.tolist() for index in indices), strict=True))


def _index_set(model: Any, problem: DesignProblem, block: Block) -> Any:
    """Return the model's set of types or profiles where that is a block's index, or its own."""
    import pyomo.environ as pyo

    environment = problem.environment
    keys = _keys(block)
    if keys == [None]:
        return None
    if block.axes == tuple(agent.name for agent in environment.agents):
        if block.shape == environment.shape:
            return model.profiles
    elif len(block.axes) == 1 and block.axes != (ALL,) and block.entries is None:
        size = environment.shape[environment.index_of(block.axes[0])]
        if block.size == size:
            return getattr(model, f"{block.axes[0]}_types")
    return pyo.Set(initialize=keys)


def _ends(values: FloatArray) -> list[float | None]:
    """Return bounds as Pyomo has them: None where there is none."""
    return [value if finite else None for value, finite in _with_finite(values)]


def _with_finite(values: FloatArray) -> Iterator[tuple[float, bool]]:
    return zip(values.tolist(), np.isfinite(values).tolist(), strict=True)


def _add_curves(model: Any, problem: DesignProblem, *, nonlinear: bool) -> None:
    """Add the curved requirements, as they are or as a first set of tangents."""
    import pyomo.environ as pyo

    for own in curves_of(problem):
        base, bounded = getattr(model, own.base), getattr(model, own.bounded)
        if nonlinear:

            def below_curve(
                model: Any, *index: int, y: Any = base, z: Any = bounded, curve: Curve = own.curve
            ) -> Any:
                entry = index or None
                return z[entry] <= _height(curve, y[entry])

            own_rows = pyo.Constraint(base.index_set(), rule=below_curve)
            model.add_component(own.name, own_rows)
            continue
        model.add_component(own.name, pyo.ConstraintList())
        for tangents in first_tangents(own.curve, len(base)):
            _add_tangents(model, own, tangents)


def _height(curve: Curve, base: Any) -> Any:
    """Return the height of a curve as an expression."""
    import pyomo.environ as pyo

    if isinstance(curve, PowerBound):
        return base**curve.exponent
    base.set_value(1.0)  # where the logarithm has a value
    return pyo.log(base)


def _add_tangents(model: Any, own: CurvedRows, tangents: Tangents) -> None:
    """Add ``bounded - slope * base <= height`` for some entries."""
    from pyomo.core.expr import LinearExpression

    bases, boundeds = (list(getattr(model, name).values()) for name in (own.base, own.bounded))
    cuts, weight = getattr(model, own.name), own.weight
    for entry, slope, height in zip(*(part.tolist() for part in tangents), strict=True):
        cut = LinearExpression(
            constant=0.0,
            linear_coefs=[weight, -weight * slope],
            linear_vars=[boundeds[entry], bases[entry]],
        )
        cuts.add((None, cut, weight * height))


def _run(
    model: Any, problem: DesignProblem, form: StandardForm, settings: Settings
) -> tuple[Ending, Mapping[Any, float] | None]:
    """Solve, adding tangents to curved bounds where they are violated; load the variables.

    There are no multipliers where HiGHS has none.
    """
    from pyomo.contrib.solver.common.util import NoSolutionError

    curves = curves_of(problem)
    for _ in range(MAX_ROUNDS):
        extra: dict[str, Any] = {}
        for further in SECOND_TRIES:
            extra |= further
            results, said = _solve(model, settings, extra)
            if said != "unknown" or settings.is_over:
                break
        if said == "infeasibleOrUnbounded" and not settings.is_over:
            return _infeasible_or_unbounded(model, settings), {}
        how = ending(PYOMO, said)
        if not how.is_optimal:
            return how, {}
        try:
            results.solution_loader.load_vars()
        except NoSolutionError:
            return ending(PYOMO, "unknown", f"{said}, without a solution"), {}
        added = 0
        for own in curves:
            base, bounded = (
                np.array([entry.value for entry in getattr(model, name).values()])
                for name in (own.base, own.bounded)
            )
            # Rows hold to the tolerance only, so a cut must be missed by more to help.
            tangents = violated(own.curve, base, bounded, 10 * settings.tolerance / own.weight)
            added += tangents.entry.size
            _add_tangents(model, own, tangents)
        if not added:
            return how, _duals(results)
        if settings.is_over:
            return OUT_OF_TIME, {}
    return ROUNDS, {}


def _duals(results: Any) -> Mapping[Any, float] | None:
    """Return multipliers by constraint; None where HiGHS has none, or not one for every row."""
    from pyomo.contrib.solver.common.util import NoDualsError

    try:
        found: Mapping[Any, float] = results.solution_loader.get_duals()
    except (NoDualsError, IndexError):
        return None
    return found


def _solve(model: Any, settings: Settings, extra: Mapping[str, Any]) -> tuple[Any, str]:
    """Let HiGHS solve a model; return Pyomo's results and the name of its termination condition."""
    from pyomo.contrib.solver.common.factory import SolverFactory

    options = {**tolerances(settings.tolerance), **extra, **settings.options}
    results = SolverFactory("highs").solve(
        model,
        load_solutions=False,
        raise_exception_on_nonoptimal_result=False,
        time_limit=settings.remaining(),
        threads=settings.threads,
        solver_options=options,
    )
    return results, results.termination_condition.name


def _infeasible_or_unbounded(model: Any, settings: Settings) -> Ending:
    """Tell infeasible from unbounded, which presolve cannot, by leaving the objective out."""
    import pyomo.environ as pyo

    trial = model.clone()
    trial.objective.deactivate()
    trial.nothing = pyo.Objective(expr=0.0)
    how = ending(PYOMO, _solve(trial, settings, {})[1])
    if how.is_optimal:
        return Ending(Termination.UNBOUNDED, None, "infeasibleOrUnbounded")
    return how


def _values(model: Any, form: StandardForm) -> FloatArray:
    """Return the value of every variable, in the program's order."""
    values = np.zeros(form.cost.size)
    for name, block in form.variables.items():
        variable = getattr(model, name)
        found = [variable[key].value for key in _keys(block)]
        low, high = (block.of(ends).ravel() for ends in (form.lower, form.upper))
        # A variable that no row and no objective mentions is not handed to the solver.
        own = np.array([np.nan if value is None else value for value in found], dtype=np.float64)
        own = np.where(np.isnan(own), np.clip(0.0, low, high), own)
        block.of(values)[...] = own.reshape(block.shape)
    return values


def _multipliers(
    model: Any, problem: DesignProblem, form: StandardForm, found: Mapping[Any, float]
) -> FloatArray:
    """Return the multiplier of every row, in our convention and in the program's order.

    Pyomo reports the derivative of the objective, as stated, in the right-hand side. Relaxing "at
    most" raises that side and relaxing "at least" lowers it; a better objective is a larger one if
    maximised and a smaller one if minimised. Outside money lowers what the budget must reach.
    """
    values = np.zeros(form.row_lower.size)
    for name, block in form.constraints.items():
        rows = getattr(model, row_name(name, form.variables))
        own = np.array([found[rows[key]] for key in _keys(block)])
        at_most = np.isneginf(block.of(form.row_lower).ravel())
        relaxing = np.where(at_most, 1.0, -1.0) * problem.objective.sign
        block.of(values)[...] = (relaxing * own).reshape(block.shape)
    return values
