"""Native models translate the one program: same names, readable, open to additions."""

from __future__ import annotations

import subprocess
import sys

import cvxpy as cp
import numpy as np
import pyomo.environ as pyo
import pytest

import mechopt as mo
from mechopt.program.names import names_of, row_name
from mechopt.program.numbers import in_floats
from mechopt.program.reading import matrix_parts
from mechopt.program.standard_form import assemble, standard_form

from .cases import FIXED
from .test_extension import ENVIRONMENTS

CELLS = mo.TypeSpace.from_samples([1, 2, 2.5, 4], cells=2)
TYPES = mo.TypeSpace.finite([0.5, 1, 2])
PROBLEMS = {
    "trade": mo.ex_ante_efficiency(mo.BilateralTrade(TYPES, CELLS)),
    "delay": mo.ex_ante_efficiency(mo.BilateralTrade(TYPES, CELLS, 2.0, 1.0)),
    "prescribed": mo.minimum_subsidy(mo.BilateralTrade(TYPES, CELLS)),
    "three-agents": mo.ex_ante_efficiency(ENVIRONMENTS["auction-3"]),
    "dominant": mo.DesignProblem(
        mo.BilateralTrade(TYPES, mo.TypeSpace.finite([0.7, 1.5])),
        mo.Welfare((1.0, 1.0)),
        incentives="dominant",
        participation="ex-post",
        budget="no-deficit",
        budget_holds="ex-post",
    ),
    "no-participation": mo.DesignProblem(
        FIXED["coins"], mo.Welfare((1.0, 1.0)), participation="none", budget="no-deficit"
    ),
}
pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(params=PROBLEMS)
def problem(request):
    return PROBLEMS[request.param]


def labels(form):
    return [row_name(name, form.variables) for name in form.constraints]


def test_the_parts_of_the_matrix_are_the_matrix(problem):
    program = assemble(problem, in_floats(problem))
    whole = np.zeros(program.entries.shape)
    for name, parts in matrix_parts(program).items():
        rows = program.constraints[name]
        for other, part in parts.items():
            columns = program.variables[other]
            assert part.shape == (rows.size, columns.size)
            assert part.value.size
            whole[part.row + rows.start, part.column + columns.start] += part.value
    assert (whole == program.as_standard_form().matrix.toarray()).all()


def test_cvxpy_has_a_variable_and_a_labelled_constraint_for_every_block(problem):
    form, model = standard_form(problem), mo.backends.Cvxpy().build(problem)
    assert set(model.var_dict) == set(form.variables)
    for name, block in form.variables.items():
        assert model.var_dict[name].shape == block.shape
    curves = [] if problem.prescribes_allocation else problem.environment.outcomes.curves
    assert [row.label for row in model.constraints] == [
        *labels(form),
        *(power.name for power in curves),
    ]
    data, _, _ = model.get_problem_data(
        cp.CLARABEL if curves else cp.HIGHS,
        canon_backend="SCIPY" if len(problem.environment.agents) > 2 else None,
        solver_opts={},
    )
    if not curves:
        assert data["A"].shape == form.matrix.shape
        assert data["A"].nnz == form.matrix.nnz


def test_pyomo_has_a_variable_and_a_constraint_for_every_block(problem):
    form, model = standard_form(problem), mo.backends.Pyomo().build(problem)
    assert [v.name for v in model.component_objects(pyo.Var)] == list(form.variables)
    curves = [] if problem.prescribes_allocation else problem.environment.outcomes.curves
    assert [c.name for c in model.component_objects(pyo.Constraint)] == [
        *labels(form),
        *(power.name for power in curves),
    ]
    point = np.random.default_rng(3).normal(size=form.cost.size)
    for name, block in form.variables.items():
        own = block.of(point).ravel().tolist()
        for data, value in zip(getattr(model, name).values(), own, strict=True):
            data.set_value(value, skip_validation=True)
    rows = form.matrix @ point
    for name, block in form.constraints.items():
        component = getattr(model, row_name(name, form.variables))
        found = [pyo.value(row.body) for row in component.values()]
        assert found == pytest.approx(block.of(rows).ravel(), abs=1e-12), name
    sign = problem.objective.sign
    assert pyo.value(model.objective) == pytest.approx(sign * (form.cost @ point), abs=1e-12)


def test_highs_has_the_names_of_exported_files(problem):
    form, model = standard_form(problem), mo.backends.HiGHS().build(problem)
    names = names_of(form)
    assert [model.getColName(k)[1] for k in range(form.cost.size)] == names.variables.tolist()
    assert [model.getRowName(k)[1] for k in range(model.getNumRow())] == names.constraints.tolist()


def test_models_print_what_they_say():
    problem = PROBLEMS["trade"]
    text = str(mo.backends.Cvxpy().build(problem))
    assert "seller_participation_lower.seller_quantity * seller_quantity + -seller_payment" in text
    assert "budget: budget.seller_payment @ seller_payment" in text
    model = mo.backends.Pyomo().build(problem)
    assert str(model.seller_participation_lower[1].expr) == (
        "0.0  <=  seller_quantity[1] - seller_payment[1]"
    )
    assert str(model.budget.expr).count("payment") == 5
    assert list(model.trade) == [(s, b) for s in range(3) for b in range(2)]


def test_types_without_width_have_no_second_row_and_a_zero_multiplier():
    # A buyer whose second cell is one value.
    mixed = mo.TypeSpace([0.5, 0.5], [1.0, 2.0], [0.5, 2.0], [1.5, 2.0])
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(TYPES, mixed))
    assert list(mo.backends.Pyomo().build(problem).buyer_participation_upper) == [0]
    for backend in ("highs", "cvxpy", "pyomo"):
        upper = mo.solve(problem, backend).duals["buyer_participation_upper"]
        assert upper.shape == (2,)
        assert upper[1] == 0.0


def test_all_backends_agree(problem):
    solutions = [mo.solve(problem, backend) for backend in ("highs", "cvxpy", "pyomo")]
    for solution in solutions:
        assert solution.objective == pytest.approx(solutions[0].objective, abs=1e-7)
        assert solution.duals.keys() == solutions[0].duals.keys()
        assert mo.audit(problem, solution).passed


def capped_highs(problem):
    model = mo.backends.HiGHS().build(problem)
    for k in range(problem.environment.shape[1]):
        column = model.getColByName(f"buyer_payment_{k}")[1]
        model.changeColBounds(column, -np.inf, 0.4)
    model.run()
    return -model.getObjectiveValue()


def capped_cvxpy(problem):
    model = mo.backends.Cvxpy().build(problem)
    cap = model.var_dict["buyer_payment"] <= 0.4
    return cp.Problem(model.objective, [*model.constraints, cap]).solve(solver=cp.HIGHS)


def capped_pyomo(problem):
    model = mo.backends.Pyomo().build(problem)
    model.cap = pyo.Constraint(
        model.buyer_types, rule=lambda model, k: model.buyer_payment[k] <= 0.4
    )
    pyo.SolverFactory("highs").solve(model)
    return pyo.value(model.objective)


def test_a_constraint_of_ones_own_has_the_same_effect_in_every_model():
    problem = PROBLEMS["trade"]
    values = [capped(problem) for capped in (capped_highs, capped_cvxpy, capped_pyomo)]
    assert values == pytest.approx([values[0]] * 3, abs=1e-9)
    assert values[0] < mo.solve(problem).objective - 1e-3


def test_quantities_can_be_constrained_by_name():
    problem = PROBLEMS["trade"]
    model = mo.backends.Cvxpy().build(problem)
    fair = model.var_dict["buyer_quantity"][0] >= 0.5
    assert cp.Problem(model.objective, [*model.constraints, fair]).solve(solver=cp.HIGHS)
    assert model.var_dict["buyer_quantity"].value[0] >= 0.5 - 1e-9


def test_agents_whose_names_end_like_constraints_are_no_trouble():
    trade = PROBLEMS["trade"].environment
    agents = tuple(
        mo.Agent(name, agent.types)
        for name, agent in zip(("a_ic_up", "a"), trade.agents, strict=True)
    )
    problem = mo.ex_ante_efficiency(mo.Environment(agents, trade.outcomes))
    expected = mo.solve(PROBLEMS["trade"]).objective
    for backend in ("highs", "cvxpy", "pyomo"):
        solution = mo.solve(problem, backend)
        assert solution.objective == pytest.approx(expected, abs=1e-9)
        assert mo.audit(problem, solution).passed


def test_nothing_is_imported_before_it_is_asked_for():
    code = (
        "import sys, mechopt; mechopt.backends.Cvxpy, mechopt.backends.Pyomo\n"
        "loaded = {'cvxpy', 'pyomo', 'highspy'} & set(sys.modules)\n"
        "assert not loaded, loaded"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
