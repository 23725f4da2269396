"""Solutions that other solvers wrote, taken back: audited, bounded, refused if they do not fit."""

from __future__ import annotations

import json
import re
from pathlib import Path

import mosek
import numpy as np
import pytest

import mechopt as mo
from mechopt.cli.main import main
from mechopt.formats.read_sidecar import load_sidecar
from mechopt.formats.sidecar import checksum_of, sidecar_path
from mechopt.solution import PointStatus, Termination
from mechopt.studies.dominance import dominance_problem
from tests.cases import FIXED, PROGRAMS, uniform_types
from tests.draws import in_turn
from tests.readers import highs_optimum, scip_optimum

INSTANCES = Path(__file__).parents[1] / "instances"
SIX = mo.BilateralTrade(uniform_types(6), uniform_types(6))
RAW, PRETTY = 0, 1


@pytest.fixture
def solved(tmp_path):
    """Return a function that exports a problem, has HiGHS solve it, and returns both paths."""

    def run(problem, suffix="mps", style=RAW, **options):
        model, solution = tmp_path / f"model.{suffix}", tmp_path / "solution.sol"
        mo.export(problem, model, **options)
        highs_optimum(model, solution, style)
        return model, solution

    return run


def values_of(model, problem):
    """Return the optimal value of every variable of a file by name, and all multipliers by name."""
    sidecar, solution = load_sidecar(model), mo.solve(problem)
    mechanism = solution.mechanism
    outcomes = mechanism.allocation.dense(problem.environment)
    parts = dict(zip(problem.environment.outcomes.variables, outcomes, strict=True))
    for i, agent in enumerate(problem.environment.agents):
        parts[f"{agent.name}_quantity"] = mechanism.quantity[i]
        parts[f"{agent.name}_payment"] = mechanism.payment[i]
    values, duals = {}, {}
    for name in sidecar.variable_names:
        place = sidecar.where(name)
        values[name] = float(parts[place.block][place.index])
    for name in sidecar.constraint_names:
        place = sidecar.where(name)
        multipliers = solution.duals.get(place.block)
        duals[name] = 0.0 if multipliers is None else float(np.ravel(multipliers[place.index])[0])
    return values, duals


# The answers of solvers


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("cells-with-gaps", "mps.gz"),
        *in_turn(list(FIXED), ["mps", "lp"]),
    ],
)
def test_what_highs_wrote_is_the_solution(name, suffix, solved):
    problem = mo.ex_ante_efficiency(FIXED[name])
    found = mo.import_solution(*solved(problem, suffix))
    assert found.termination is Termination.OPTIMAL
    assert found.objective == pytest.approx(mo.solve(problem).objective, rel=1e-9, abs=1e-9)
    assert abs(found.gap) <= 1e-8 * problem.objective_scale
    assert found.dual_status is PointStatus.FEASIBLE
    assert not found.provenance.notes
    mo.audit(problem, found).raise_if_failed()


@pytest.mark.parametrize("program", ["seller-only", "uneven-weights", "minimum-subsidy"])
def test_every_program_comes_back(program, solved):
    problem = PROGRAMS[program](SIX)
    found = mo.import_solution(*solved(problem))
    assert found.objective == pytest.approx(mo.solve(problem).objective, abs=1e-9)
    assert found.is_certified
    mo.audit(problem, found).raise_if_failed()


def test_the_multipliers_are_those_of_the_file(solved):
    problem = mo.ex_ante_efficiency(FIXED["samples-in-cells"])
    found = mo.import_solution(*solved(problem))
    assert found.duals["budget"] == pytest.approx(mo.solve(problem).duals["budget"], abs=1e-6)
    assert found.alpha == pytest.approx(mo.solve(problem).alpha, abs=1e-6)
    for agent in problem.environment.agents:
        assert found.duals[f"{agent.name}_participation_upper"].size == agent.types.num_cells


def test_the_pretty_style_of_highs_has_fewer_digits(solved):
    problem = mo.ex_ante_efficiency(SIX)
    found = mo.import_solution(*solved(problem, style=PRETTY))
    assert found.objective == pytest.approx(25 / 162, abs=1e-5)
    assert found.bound == pytest.approx(25 / 162, abs=1e-5)
    assert mo.audit(problem, found, tolerance=1e-4).passed
    assert not mo.audit(problem, found).passed


def test_the_pretty_style_without_a_basis_is_read_from_the_right(solved):
    problem = mo.ex_ante_efficiency(SIX)
    model, solution = solved(problem, style=PRETTY)
    text = re.sub(r"^( +\d+ +)(BS|LB|UB|FX|FR) ", r"\1   ", solution.read_text(), flags=re.M)
    assert " BS " not in text
    solution.write_text(text)
    assert mo.import_solution(model, solution).bound == pytest.approx(25 / 162, abs=1e-5)
    solution.write_text(text.replace("Model status: Optimal", "Model status: Time limit reached"))
    found = mo.import_solution(model, solution)
    assert found.termination is Termination.LIMIT
    assert found.objective == pytest.approx(25 / 162, abs=1e-5)
    for wrong in (text.split("Model status")[0], text.replace("status: Optimal", "status: Optim")):
        solution.write_text(wrong)
        with pytest.raises(mo.InvalidInputError, match="status"):
            mo.import_solution(model, solution)


def test_scip_leaves_out_zeros_and_has_no_multipliers(tmp_path):
    model, solution = tmp_path / "model.lp", tmp_path / "scip.sol"
    problem = mo.ex_ante_efficiency(SIX)
    mo.export(problem, model)
    scip_optimum(model, solution)
    assert len(solution.read_text().splitlines()) < load_sidecar(model).variable_names.size
    found = mo.import_solution(model, solution)
    assert found.is_certified
    assert any("direct solver" in note for note in found.provenance.notes)
    mo.audit(problem, found).raise_if_failed()


def test_what_scip_found_in_nl_comes_back_by_index(tmp_path):
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(uniform_types(3), uniform_types(3), 2.0, 1.0))
    model, solution = tmp_path / "model.nl", tmp_path / "scip.sol"
    mo.export(problem, model)
    scip_optimum(model, solution)
    found = mo.import_solution(model, solution)
    assert found.objective == pytest.approx(mo.solve(problem).objective, abs=1e-6)
    assert mo.audit(problem, found, tolerance=1e-5).passed


@pytest.mark.parametrize("what", ["trade", "bargaining"])
def test_a_prescribed_rule_whose_worth_is_known_comes_back_from_nl(what, tmp_path):
    problem = {
        "trade": mo.ex_post_efficiency(
            mo.BilateralTrade(mo.TypeSpace.finite([0, 0.1, 0.2]), mo.TypeSpace.finite([1, 2, 3]))
        ),
        "bargaining": mo.ex_post_efficiency(
            mo.Bargaining(mo.TypeSpace.finite([0, 1]), mo.TypeSpace.finite([0.5, 1.5]), "1/2")
        ),
    }[what]
    model, solution = tmp_path / "model.nl", tmp_path / "scip.sol"
    mo.export(problem, model)
    found_in_file = scip_optimum(model, solution)
    sidecar, expected = load_sidecar(model), mo.solve(problem).objective
    assert sidecar.constant == 0.0
    assert sidecar.objective_of(found_in_file) == pytest.approx(expected, abs=1e-9)
    assert "objconstant" not in solution.read_text()
    found = mo.import_solution(model, solution)
    assert found.objective == pytest.approx(expected, abs=1e-9)
    mo.audit(problem, found).raise_if_failed()


def mosek_text(model, values, duals, status="OPTIMAL"):
    """Return what MOSEK writes about a solution, which takes no licence."""
    with mosek.Env() as environment, environment.Task() as task:
        task.readdata(str(model))
        task.putxx(mosek.soltype.itr, list(values))
        rest = list(duals)
        for k in range(task.getnumacc()):
            own, rest = rest[: task.getaccn(k)], rest[task.getaccn(k) :]
            task.putaccdoty(mosek.soltype.itr, k, own)
        path = model.with_name("written.sol")
        task.writesolution(mosek.soltype.itr, str(path))
    text = path.read_text()
    assert "SOLUTION STATUS     : UNKNOWN" in text
    return text.replace("SOLUTION STATUS     : UNKNOWN", f"SOLUTION STATUS     : {status}")


def test_what_mosek_writes_about_cones_comes_back(tmp_path):
    trade = mo.BilateralTrade(uniform_types(3), uniform_types(3), 2.0, 1.0)
    problem = mo.ex_ante_efficiency(trade)
    model, solution = tmp_path / "model.cbf", tmp_path / "mosek.sol"
    mo.export(problem, model)
    values, duals = values_of(model, problem)
    solution.write_text(mosek_text(model, values.values(), duals.values()))
    found = mo.import_solution(model, solution)
    assert found.provenance.backend == "imported from MOSEK"
    assert found.is_certified
    # MOSEK writes 0 for the budget's multiplier, so that the others are not right as they stand.
    assert "prove more than the file's" in found.provenance.notes[0]
    assert found.bound == pytest.approx(mo.solve(problem).bound, abs=1e-9)
    mo.audit(problem, found).raise_if_failed()
    solution.write_text(mosek_text(model, values.values(), duals.values(), "PRIMAL_FEASIBLE"))
    assert mo.import_solution(model, solution).termination is Termination.LIMIT
    text = solution.read_text()
    solution.write_text(text.split("VARIABLES")[0])
    with pytest.raises(mo.InvalidInputError, match="no table of variables"):
        mo.import_solution(model, solution)
    lines = [f"x{k} {value!r}" for k, value in enumerate(values.values())]
    solution.write_text("\n".join(lines))
    assert mo.import_solution(model, solution).is_certified


def cplex_text(values, duals, objective, status="optimal"):
    rows = "".join(f'<constraint name="{name}" dual="{dual!r}"/>' for name, dual in duals.items())
    columns = "".join(f'<variable name="{name}" value="{v!r}"/>' for name, v in values.items())
    return (
        f'<?xml version="1.0"?><CPLEXSolution><header objectiveValue="{objective!r}" '
        f'solutionStatusString="{status}"/><linearConstraints>{rows}</linearConstraints>'
        f"<variables>{columns}</variables></CPLEXSolution>"
    )


def gurobi_text(values, objective):
    lines = [f"{name} {value!r}" for name, value in values.items()]
    return "\n".join(["# Solution for model mechopt", f"# Objective value = {objective!r}", *lines])


def ampl_text(values, duals, code=0, options=("3", "1", "1", "0"), tolerance=()):
    lines = ["Solver 1.0: done", "", "Options", *options, len(duals), len(duals), len(values)]
    lines += [len(values), *tolerance, *map(repr, duals), *map(repr, values), f"objno 0 {code}"]
    return "\n".join(map(str, lines))


def test_cplex_and_gurobi(tmp_path):
    problem = mo.ex_ante_efficiency(SIX)
    model, solution = tmp_path / "model.mps", tmp_path / "other.sol"
    mo.export(problem, model)
    values, duals = values_of(model, problem)
    objective = -mo.solve(problem).objective
    solution.write_text(cplex_text(values, duals, objective))
    found = mo.import_solution(model, solution)
    assert found.is_certified
    assert not found.provenance.notes
    solution.write_text(gurobi_text(values, objective))
    found = mo.import_solution(model, solution)
    assert found.is_certified
    assert "does not say" in found.provenance.notes[0]


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("budget", ["balanced", "no-deficit"])
def test_ampl_solvers_of_either_sign_prove_the_bound(sign, budget, tmp_path):
    trade = mo.BilateralTrade(uniform_types(4), uniform_types(4), 2.0, 1.0)
    problem = mo.DesignProblem(trade, mo.Welfare((1.0, 1.0)), budget=budget)
    model, solution = tmp_path / "model.nl", tmp_path / "ampl.sol"
    mo.export(problem, model)
    values, duals = values_of(model, problem)
    multipliers = [sign * dual for dual in duals.values()]
    solution.write_text(ampl_text(values.values(), multipliers))
    found = mo.import_solution(model, solution)
    assert found.is_certified
    assert found.bound == pytest.approx(mo.solve(problem).bound, abs=1e-9)
    mo.audit(problem, found).raise_if_failed()
    for code, termination in ((200, Termination.INFEASIBLE), (300, Termination.UNBOUNDED)):
        solution.write_text(ampl_text(values.values(), multipliers, code))
        found = mo.import_solution(model, solution)
        assert found.termination is Termination.LIMIT
        assert found.provenance.notes[-1].startswith(f"the solver calls the program {termination},")
    solution.write_text(ampl_text(values.values(), [], 0, ("5", "1", "3", "0"), ("1e-9",)))
    assert mo.import_solution(model, solution).is_certified


def test_all_pairs_come_back_with_payments_in_every_profile(solved):
    problem = mo.ex_ante_efficiency(FIXED["finite-irregular"])
    found = mo.import_solution(*solved(problem, form="all-pairs"))
    assert found.mechanism.ex_post_payment.shape == (2, 4, 5)
    assert found.is_certified  # by the direct solver's multipliers
    mo.audit(problem, found).raise_if_failed()


def test_a_prescribed_allocation_comes_back_from_nl(tmp_path):
    problem = mo.minimum_subsidy(SIX)
    model, solution = tmp_path / "model.nl", tmp_path / "scip.sol"
    mo.export(problem, model)
    scip_optimum(model, solution)
    found = mo.import_solution(model, solution)
    assert found.objective == pytest.approx(5 / 216, abs=1e-9)
    mo.audit(problem, found).raise_if_failed()


def test_without_multipliers_nothing_is_called_optimal(tmp_path, monkeypatch):
    trade = mo.BilateralTrade(uniform_types(4), uniform_types(4))
    # A buyer that cannot stay out: not one for the direct solver.
    problem = mo.DesignProblem(trade, mo.Welfare((1, 1)), participation=("interim", "none"))
    model, solution = tmp_path / "model.mps", tmp_path / "scip.sol"
    mo.export(problem, model)
    scip_optimum(model, solution)
    found = mo.import_solution(model, solution)
    assert found.is_certified  # by multipliers of a program of our own
    assert "mechopt's highs prove the bound" in found.provenance.notes[-1]
    monkeypatch.setattr("mechopt.formats.read.MAX_OWN_PROFILES", 0)
    found = mo.import_solution(model, solution)
    assert found.termination is Termination.LIMIT
    assert found.dual_status is PointStatus.NONE
    assert np.isnan(found.bound)
    assert "nothing here proves this optimal" in found.provenance.notes[-1]
    mo.audit(problem, found).raise_if_failed()


def test_an_infeasible_program_comes_back_with_a_certificate(solved):
    problem = mo.ex_post_efficiency(SIX)
    found = mo.import_solution(*solved(problem))
    assert found.termination is Termination.INFEASIBLE
    assert found.dual_status is PointStatus.CERTIFICATE
    mo.audit(problem, found).raise_if_failed()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("solution status: infeasible\nno solution available\n", "infeasible"),
        ("solution status: unbounded\nno solution available\n", "unbounded"),
        ("Model status\nInfeasible\n", "infeasible"),
        (cplex_text({}, {}, 0.0, "infeasible"), "infeasible"),
        (cplex_text({}, {}, 0.0, "infeasible or unbounded"), None),
    ],
)
def test_a_wrong_claim_that_nothing_is_feasible_is_not_believed(text, said, tmp_path, capsys):
    problem = mo.ex_ante_efficiency(SIX)
    model, solution = tmp_path / "model.mps", tmp_path / "wrong.sol"
    mo.export(problem, model)
    solution.write_text(text)
    found = mo.import_solution(model, solution)
    assert found.termination is Termination.LIMIT
    assert found.dual_status is PointStatus.NONE
    notes = found.provenance.notes
    if said is not None:
        assert notes[-1] == f"the solver calls the program {said}, and nothing here proves it"
    if said == "infeasible":
        assert notes[0] == "mechopt's direct solver finds a mechanism that reaches 0.154320988"
    for words in ([], ["--json"], ["--quiet"]):
        assert main(["import", str(model), str(solution), *words]) == 1
        reason = "nothing here proves it" if said else "the solver stopped before"
        assert reason in capsys.readouterr().err


def test_a_true_claim_that_nothing_is_feasible_is_proved_without_multipliers(tmp_path):
    problem = mo.ex_post_efficiency(SIX)
    model, solution = tmp_path / "model.mps", tmp_path / "cplex.sol"
    mo.export(problem, model)
    solution.write_text(cplex_text({}, {}, 0.0, "infeasible"))
    found = mo.import_solution(model, solution)
    assert found.termination is Termination.INFEASIBLE
    assert found.dual_status is PointStatus.CERTIFICATE


@pytest.mark.parametrize("status", ["Time limit reached", "Primal infeasible or unbounded"])
def test_a_solver_that_stopped_with_nothing_is_reported_as_that(status, tmp_path):
    problem = mo.ex_ante_efficiency(SIX)
    model, solution = tmp_path / "model.mps", tmp_path / "highs.sol"
    mo.export(problem, model)
    solution.write_text(f"Model status\n{status}\n\n# Primal solution values\nNone\n")
    found = mo.import_solution(model, solution)
    assert found.termination is Termination.LIMIT
    assert found.mechanism is None
    assert found.dual_status is PointStatus.NONE
    assert main(["import", str(model), str(solution)]) == 1


# Joint priors


def joint(status_quo, names=("seller", "buyer")):
    prior = mo.Joint([[0.3, 0.1, 0.05], [0.1, 0.2, 0.25]])
    values = [0, 1], [0.5, 1.5, 2]
    agents = [
        mo.Agent(name, mo.TypeSpace.finite(own, mass))
        for name, own, mass in zip(names, values, prior.masses, strict=True)
    ]
    levels = [np.full(2, status_quo), np.full(3, status_quo)]
    environment = mo.Environment(tuple(agents), mo.Trade(), prior)
    return dominance_problem(environment, mo.studies.InterimPayoffs(levels, levels, levels))


@pytest.mark.parametrize("names", [("seller", "buyer"), ("s_ic_x", "b_participation_lower")])
@pytest.mark.parametrize("suffix", ["mps", "lp"])
def test_a_problem_of_a_joint_prior_is_read_from_a_solution(suffix, names, solved):
    problem = joint(0.05, names)
    found = mo.import_solution(*solved(problem, suffix))
    assert found.termination is Termination.OPTIMAL
    assert found.objective == pytest.approx(mo.solve(problem).objective, abs=1e-8)
    assert found.bound == pytest.approx(found.objective, abs=1e-8)
    mo.audit(problem, found).raise_if_failed()


@pytest.mark.parametrize("solver", ["highs", "scip"])
def test_a_solution_of_zeros_only_is_one(solver, tmp_path):
    trade = mo.BilateralTrade(mo.TypeSpace.finite([2, 3]), mo.TypeSpace.finite([0, 1]))
    trade = mo.Environment(trade.agents, trade.outcomes, mo.Joint(np.full((2, 2), 0.25)))
    problem = dominance_problem(trade, mo.studies.InterimPayoffs.nothing(trade))
    model, solution = tmp_path / "model.mps", tmp_path / "zeros.sol"
    mo.export(problem, model)
    (highs_optimum if solver == "highs" else scip_optimum)(model, solution)
    assert mo.import_solution(model, solution).objective == 0
    solution.write_text("solution status: time limit reached\nno solution available\n")
    found = mo.import_solution(model, solution)
    assert (found.termination, found.mechanism) == (Termination.LIMIT, None)


def test_a_mechanism_by_profile_that_invites_lies_is_noticed(solved):
    model, solution = solved(joint(0.05))
    text = solution.read_text()
    for name, sign in (("seller_payment_s0_b1", -1), ("buyer_payment_s0_b1", 1)):
        payment = float(re.search(rf"^{name} (.*)$", text, re.MULTILINE)[1])
        moved = f"{name} {payment + sign}"
        text = re.sub(rf"^{name} .*$", moved, text, count=1, flags=re.M)
    solution.write_text(text)
    found = mo.import_solution(model, solution)
    failed = [check.requirement for check in mo.audit(found.problem, found).failed]
    assert any("incentive" in requirement for requirement in failed)


def test_the_command_takes_problems_of_joint_priors(solved, tmp_path, capsys):
    problem = joint(0.05)
    model, solution = solved(problem)
    saved = tmp_path / "saved.json"
    assert main(["import", str(model), str(solution), "--output", str(saved)]) == 0
    capsys.readouterr()
    assert main(["import", str(model), str(solution), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["objective"] == pytest.approx(mo.solve(problem).objective, abs=1e-8)
    assert record["audit"]["passed"]
    assert mo.load_solution(saved).problem.fingerprint == problem.fingerprint
    solution.write_text("Model status\nInfeasible\n")
    assert main(["import", str(model), str(solution)]) == 1


# What does not fit


def test_a_worse_mechanism_is_not_called_optimal(tmp_path):
    problem = mo.ex_ante_efficiency(SIX)
    model, solution = tmp_path / "model.mps", tmp_path / "other.sol"
    mo.export(problem, model)
    solution.write_text(gurobi_text(dict.fromkeys(load_sidecar(model).variable_names, 0.0), 0.0))
    found = mo.import_solution(model, solution)
    assert found.objective == 0
    assert found.termination is Termination.LIMIT
    mo.audit(problem, found).raise_if_failed()


def test_the_audit_notices_a_mechanism_that_invites_lies(tmp_path):
    problem = mo.ex_ante_efficiency(SIX)
    model, solution = tmp_path / "model.mps", tmp_path / "other.sol"
    mo.export(problem, model)
    values, _ = values_of(model, problem)
    shifted = values | {"buyer_payment_5": values["buyer_payment_5"] + 0.01}
    solution.write_text(gurobi_text(shifted, -mo.solve(problem).objective))
    with pytest.raises(mo.InvalidInputError, match="of another model"):
        mo.import_solution(model, solution)
    shifted["buyer_payment_4"] -= 0.01
    solution.write_text(gurobi_text(shifted, -mo.solve(problem).objective))
    report = mo.audit(problem, mo.import_solution(model, solution))
    assert {check.requirement for check in report.failed} == {"incentive compatibility of buyer"}


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda text: text.replace("trade_s0_b0 ", "trade_s9_b9 "), r"trade_s9_b9\)"),
        (lambda text: text.replace("trade_s0_b0 0\n", ""), "59 values where 60"),
        (
            lambda text: text.replace("trade_s0_b0 0\n", "").replace("Columns 60", "Columns 59"),
            "none for trade_s0_b0",
        ),
        (lambda text: text.replace("trade_s0_b0 0", "trade_s0_b0 nan"), "the number nan"),
        (
            lambda text: text.replace("trade_s0_b0 0", "trade_s0_b0 1 2"),
            "the line 'trade_s0_b0 1 2'",
        ),
        (lambda text: text.replace("trade_s0_b1 1", "trade_s0_b0 1", 1), "trade_s0_b0 twice"),
        (lambda text: re.sub(r"Objective -0\.\d+", "Objective -0.2", text), "of another model"),
        (
            lambda text: text.replace("# Rows 55\nseller_quantity", "# Rows 55\nx"),
            "a constraint that",
        ),
        (lambda text: text[:12], "lacks a part"),
        (lambda text: text.replace("Optimal", "Optim"), "the model status 'Optim'"),
        (lambda text: text.replace("# Columns 60", "# Columns 61", 1), "60 values where 61"),
        (lambda text: text.replace("# Columns 60", "# Columns -31 sparse", 1), "use style 0"),
        (
            lambda text: re.sub("seller_quantity_3 .*", "seller_quantity_3 -0.7", text, count=1),
            "entry 3 of seller_quantity",
        ),
        (lambda text: text.replace("trade_s0_b1 1", "trade_s0_b1 0_1"), "the number 0_1"),
        (lambda text: text.replace("trade_s0_b1 1", "trade_s0_b1 \u0661"), "the number \u0661"),
        (lambda text: "", "no names and values"),
        (lambda text: "<?xml", "not a solution that can be read"),
    ],
)
def test_files_that_do_not_fit_are_refused(change, match, solved):
    model, solution = solved(mo.ex_ante_efficiency(SIX))
    text = solution.read_text()
    changed = change(text)
    assert changed != text
    solution.write_text(changed)
    with pytest.raises(mo.InvalidInputError, match=match) as caught:
        mo.import_solution(model, solution)
    assert str(solution) in str(caught.value)


def test_a_mark_before_the_text_does_not_matter(solved):
    model, solution = solved(mo.ex_ante_efficiency(SIX))
    solution.write_text("\ufeff" + solution.read_text(), encoding="utf-8")
    assert mo.import_solution(model, solution).is_certified


@pytest.mark.parametrize("wrong", [None, 5, b"x"])
def test_paths_of_the_wrong_kind_are_refused(wrong, solved):
    model, solution = solved(mo.ex_ante_efficiency(SIX))
    with pytest.raises(mo.InvalidInputError, match="model: of the wrong kind"):
        mo.import_solution(wrong, solution)
    with pytest.raises(mo.InvalidInputError, match="solution: of the wrong kind"):
        mo.import_solution(model, wrong)


def test_a_solution_of_another_model_is_refused(solved, tmp_path):
    problem = mo.ex_ante_efficiency(SIX)
    _, solution = solved(problem)
    others = {
        "fewer": (
            mo.ex_ante_efficiency(FIXED["one-buyer-type"]),
            "a variable that the model lacks",
        ),
        "weights": (PROGRAMS["seller-only"](SIX), "of another model"),
        "types": (problem.scaled(3.0), "of another model"),
    }
    for name, (other, match) in others.items():
        model = tmp_path / f"{name}.mps"
        mo.export(other, model)
        with pytest.raises(mo.InvalidInputError, match=match):
            mo.import_solution(model, solution)


def test_a_model_that_was_edited_or_is_missing_is_refused(solved):
    model, solution = solved(mo.ex_ante_efficiency(SIX))
    text = model.read_text()
    model.write_text(text.replace("UP BOUND trade_s0_b0 1", "UP BOUND trade_s0_b0 2"))
    with pytest.raises(mo.InvalidInputError, match="not the one that its sidecar describes"):
        mo.import_solution(model, solution)
    model.unlink()
    with pytest.raises(mo.InvalidInputError, match="cannot read the model"):
        mo.import_solution(model, solution)
    with pytest.raises(mo.InvalidInputError, match="cannot read the file"):
        mo.import_solution(model.with_name("none.mps"), solution)


@pytest.mark.parametrize("fault", ["cut", "flipped"])
def test_a_broken_archive_is_refused(fault, solved):
    model, solution = solved(mo.ex_ante_efficiency(SIX), "mps.gz")
    data = bytearray(model.read_bytes())
    if fault == "cut":
        del data[100:]
    else:
        for place in range(60, 70):
            data[place] ^= 0xFF
    model.write_bytes(data)
    with pytest.raises(mo.InvalidInputError, match="cannot read the model"):
        mo.import_solution(model, solution)


def test_a_model_of_a_problem_class_that_is_gone_is_refused(solved, capsys):
    model, solution = solved(joint(0.05))
    sidecar = sidecar_path(model)
    text = sidecar.read_text("utf-8")
    record = json.loads(text.replace("mechopt.DesignProblem@1", "mechopt.JointProblem@1"))
    record["form"] = "joint"
    record["checksum"] = checksum_of(record)
    sidecar.write_text(json.dumps(record), "utf-8")
    assert main(["import", str(model), str(solution)]) == 2
    printed = capsys.readouterr().err
    assert "mechopt.JointProblem@1: a class that is not known here" in printed
    assert "export again" in printed
