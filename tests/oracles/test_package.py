"""The package against the oracles, on every random case that it can state."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

import mechopt as mo
from mechopt.cli.main import main
from mechopt.formats.read_sidecar import load_sidecar
from mechopt.mechanism.allocation import Table
from mechopt.report.report import binding_constraints
from mechopt.saved import digest_of
from mechopt.solution import PointStatus
from mechopt.verify.multipliers import multiplier_checks
from tests.draws import THOROUGH, crossed

from . import cases
from .as_problem import agent_names, as_problem, by_profile, not_stated, variable_name, with_limit
from .audit_by_hand import objective, violations
from .direct_lp import optimum
from .finite_case import Event, UtilityFloor, efficient_allocation
from .perturbed import perturbations, perturbed
from .variants import drawn, requiring

# How many cases of each family and number of agents.
QUOTAS = {
    ("trade", 2): 32,
    ("auction", 2): 20,
    ("auction", 3): 18,
    ("project", 2): 14,
    ("project", 3): 14,
    ("project", 4): 12,
    ("partnership", 2): 14,
    ("partnership", 3): 14,
    ("partnership", 4): 12,
    ("market", 3): 16,
    ("market", 4): 12,
    ("procurement", 2): 16,
    ("procurement", 3): 6,
    ("screening", 1): 12,
}
MOST_PROFILES = 16
GROUPS = 10


@cache
def stated_cases():
    """Return random cases that the package can state, small enough for loops over all lies."""
    found = []
    for (family, agents), count in QUOTAS.items():
        options = {"families": (family,), "agents": agents, "most": MOST_PROFILES}
        found += drawn(count, lambda case: not not_stated(case), **options)
    return [with_limit(case) for case in found]


@cache
def expected_of(position):
    return optimum(stated_cases()[position])


def near(case, expected):
    """Return a value to compare with: to nine digits of what is at stake."""
    return pytest.approx(expected, abs=1e-9 * max(types.max() for types in case.types))


def test_random_cases_differ_in_everything():
    found = Counter()
    for case in stated_cases():
        problem = as_problem(case)
        found[f"{case.num_agents} agents"] += 1
        found[case.name.split("-")[1]] += 1
        found["joint" if problem.environment.prior else "independent"] += 1
        found["by profile" if problem.by_profile else "interim"] += 1
        found.update({*case.incentives, *(f"{word} participation" for word in case.participation)})
        found[f"{case.budget}, {case.budget_holds}"] += 1
        for name in ("payment_limit", "liability", "floors", "events", "allocation"):
            found[name] += getattr(case, name) is not None and bool(np.size(getattr(case, name)))
    assert sum(case.num_agents > 1 for case in stated_cases()) >= 200
    assert min(found.values()) >= 10, found
    assert min(found[f"{size} agents"] for size in (2, 3, 4)) >= 36, found
    # Agents, families, priors, frames, incentives, participation, budgets, and what is beside.
    assert len(found) == 4 + 7 + 2 + 2 + 3 + 3 + 5 + 5, found


@pytest.mark.parametrize("group", range(GROUPS))
def test_highs_attains_the_optimum_of_every_stated_case(group):
    for position in range(group, len(stated_cases()), GROUPS * (1 if THOROUGH else 5)):
        case = stated_cases()[position]
        status, expected = expected_of(position)
        problem = as_problem(case)
        solution = mo.solve(problem, backend="highs", throw=False)
        assert solution.termination == status, case.name
        if status == "unbounded":
            continue
        mo.audit(problem, solution).raise_if_failed()
        if status == "infeasible":
            assert solution.dual_status is PointStatus.CERTIFICATE, case.name
            continue
        assert solution.objective == near(case, expected), case.name
        found = by_profile(solution.mechanism)
        size = 1 + np.abs(found[1]).max()
        assert max(violations(case, *found).values()) <= 1e-10 * size, case.name
        assert objective(case, *found) == near(case, expected), case.name
        assert all(check.passed for check in multiplier_checks(problem, solution)), case.name
        # Words for what binds, whatever the requirements are.
        assert all(isinstance(words, str) for words in binding_constraints(solution))


@pytest.mark.parametrize("backend", ["cvxpy", "pyomo"])
def test_modelling_languages_attain_the_optimum(backend):
    for position in range(0, len(stated_cases()), 17 if THOROUGH else 29):
        case, (status, expected) = stated_cases()[position], expected_of(position)
        problem = as_problem(case)
        solution = mo.solve(problem, backend, throw=False)
        assert solution.termination == status, case.name
        if status == "optimal":
            assert solution.objective == near(case, expected), case.name
        if status != "unbounded":
            mo.audit(problem, solution).raise_if_failed()


def test_fractions_attain_the_optimum_and_stand_the_audit_as_floats():
    for position in range(3, len(stated_cases()), 10 if THOROUGH else 19):
        case, (status, expected) = stated_cases()[position], expected_of(position)
        problem = as_problem(case)
        exact = mo.exact_optimum(problem)
        assert exact.termination == status, case.name
        if status == "optimal":
            assert float(exact.objective) == near(case, expected), case.name
            mo.audit(problem, rounded(problem, exact)).raise_if_failed()


def rounded(problem, exact):
    """Return an exact mechanism with every number rounded to the nearest float."""
    environment = problem.environment
    outcomes = problem.prescribed_allocation()
    if outcomes is None:
        names = environment.outcomes.variables
        outcomes = np.stack([exact.mechanism[name].astype(float) for name in names])
    paid = [exact.mechanism[f"{a.name}_payment"].astype(float) for a in environment.agents]
    if problem.by_profile:
        return mo.Mechanism.of_profiles(environment, Table(outcomes), np.stack(paid))
    return mo.Mechanism(environment, Table(outcomes), tuple(paid))


@pytest.mark.parametrize("suffix", [".mps", ".lp"])
def test_exported_models_have_the_optimum(suffix, tmp_path):
    import highspy

    for position in range(5, len(stated_cases()), 15 if THOROUGH else 23):
        case, (status, expected) = stated_cases()[position], expected_of(position)
        path = tmp_path / f"model_{position}{suffix}"
        mo.export(as_problem(case), path)
        model = highspy.Highs()
        model.silent()
        model.readModel(str(path))
        model.run()
        said = model.modelStatusToString(model.getModelStatus())
        assert said.lower() == status, case.name
        if status == "optimal":
            value = model.getInfo().objective_function_value
            sidecar = load_sidecar(path)
            assert sidecar.objective_of(value) == near(case, expected), case.name


def test_what_cannot_be_stated_is_said():
    case = cases.alternatives([[[0, 1], [1, 0]]], cases.uniform(2))
    with pytest.raises(NotImplementedError, match="worth"):
        as_problem(case)


# --- audits notice ------------------------------------------------------------------------------

THIRDS, HALVES = cases.uniform(3), cases.uniform(2)
LIKE = np.array([[0.25, 0.125, 0.0], [0.125, 0.125, 0.0625], [0.0625, 0.0, 0.25]])
LIKE_THREE = 0.5 * cases.independent([0.75, 0.25], [0.75, 0.25], [0.75, 0.25])
LIKE_THREE = LIKE_THREE + 0.5 * cases.independent([0.25, 0.75], [0.25, 0.75], [0.25, 0.75])
ENVIRONMENTS = {
    "trade": cases.trade([0, 1, 2], [1, 2, 3], cases.independent(THIRDS, THIRDS)),
    "trade, joint": cases.trade([0, 1, 2], [1, 2, 3], LIKE),
    "auction": cases.auction([[1, 2, 4], [2, 3, 5]], cases.independent(THIRDS, THIRDS)),
    "auction, joint": cases.auction([[1, 2, 4], [2, 3, 5]], LIKE, seller_value=1.5),
    "one seller, two buyers": cases.market([[1, 2]], [[1, 3], [2, 4]], LIKE_THREE),
    "project": cases.project(
        [[0, 2], [1, 2], [0, 3]], cases.independent(HALVES, HALVES, HALVES), 2.5
    ),
    "project, joint": cases.project([[0, 2], [1, 2], [0, 3]], LIKE_THREE, 2.5),
    "partnership": cases.partnership(
        [[0, 1, 2], [0, 1, 3]], cases.independent(THIRDS, THIRDS), [0.5, 0.5]
    ),
    "procurement, joint": cases.procurement([[1, 2, 3], [1, 2, 4]], LIKE, [4, 6]),
    "screening": cases.screening([[1, 2, 4]], THIRDS, [0.5, 2.0, 4.5]),
    # One type a million times as far off as the others, and rare.
    "far": cases.trade([0, 1], [2, 3, 2e6], cases.independent(HALVES, [0.5, 0.499999, 1e-6])),
}
REQUIRED = {
    "interim": {"budget": "balanced"},
    "ex post": {"participation": "ex-post", "budget": "no-deficit"},
    "dominant": {"incentives": "dominant", "budget": "no-deficit"},
    "every profile": {"budget_holds": "ex-post", "budget": "balanced"},
}
WORDS = {
    "incentives": "incentive compatibility of {}",
    "participation": "participation of {}",
    "budget": "budget",
    "payment": "limit on payments",
    "floor": "least floor_0",
}
# Three times the largest violation that passes.
SHARE_OF_STAKES = 3e-7


def with_requirements(name, word):
    """Return a case with requirements of all kinds, which the efficient rule leaves room for."""
    case = requiring(ENVIRONMENTS[name], designer=0.0, **REQUIRED[word])
    limit = 4.0 * max(types.max() for types in case.types)
    coefficients = tuple(np.eye(case.num_variables)[0].tolist())
    return replace(
        case,
        payment_limit=limit if word != "interim" else None,
        floors=(UtilityFloor(0, 0, case.outside[0][0] - 0.5),),
        events=(Event(coefficients, 0, (0, 1), upper=0.875),),
    )


@pytest.mark.parametrize(("name", "word"), crossed(ENVIRONMENTS, REQUIRED))
def test_audit_notices_what_one_type_would(name, word):
    case = with_requirements(name, word)
    problem = as_problem(case)
    environment, names = problem.environment, agent_names(case)
    mechanism = mo.solve(problem, "highs").mechanism
    mo.audit(problem, mechanism).raise_if_failed()
    if not problem.by_profile:
        # Interim payments have their budget on average; profiles are made from them.
        case = replace(case, budget_holds="ex-ante")
    rng = np.random.default_rng(0)
    allocation, payments = by_profile(mechanism)

    def failed(outcomes, paid):
        if problem.by_profile:
            changed = mo.Mechanism.of_profiles(environment, Table(outcomes), paid)
        else:
            interim = tuple(environment.interim(i, own) for i, own in enumerate(paid))
            changed = mo.Mechanism(environment, Table(outcomes), interim)
        return [check.requirement for check in mo.audit(problem, changed).failed]

    count = 0
    for what in perturbations(case):
        stakes = environment.first_best
        if what.agent is not None:
            # Types with nothing at stake mind whatever is at stake for others.
            stakes = environment.stakes[what.agent][what.type] or stakes
        missed = perturbed(case, allocation, payments, what, SHARE_OF_STAKES * stakes, rng)
        kind = what.requirement.split()[0]
        expected = WORDS[kind].format("" if what.agent is None else names[what.agent])
        assert any(expected in requirement for requirement in failed(allocation, missed)), what
        count += 1
    assert count >= sum(case.shape)

    event = case.events[0]
    expected = f"event_0 of {variable_name(case, 0)}"
    chance = problem.requirements[-1].checks(environment, mechanism, 1e-7)
    lacking = -min(check.violation for check in chance) + 3e-7
    moved = allocation.copy()
    moved[0][list(event.types)] += lacking
    assert expected in failed(moved, payments)
    moved = allocation.copy()
    moved[0] = case.upper[0] + 3e-7
    assert f"bounds of {variable_name(case, 0)}" in failed(moved, payments)


@pytest.mark.parametrize("name", ["trade, joint", "auction, joint", "project"])
def test_audit_notices_another_allocation_than_prescribed(name):
    case = requiring(ENVIRONMENTS[name], incentives="dominant", budget="free", objective="subsidy")
    case = replace(case, allocation=efficient_allocation(case))
    problem = as_problem(case)
    mechanism = mo.solve(problem, "highs").mechanism
    mo.audit(problem, mechanism).raise_if_failed()
    allocation, payments = by_profile(mechanism)
    moved = np.where(allocation > 0.5, allocation - 3e-7, allocation)
    changed = mo.Mechanism.of_profiles(problem.environment, Table(moved), payments)
    failed = [check.requirement for check in mo.audit(problem, changed).failed]
    assert "the prescribed allocation" in failed


@pytest.mark.parametrize("word", ["dominant", "every profile"])
@pytest.mark.parametrize("name", ["trade", "trade, joint"])
def test_saved_multipliers_of_every_requirement_are_verified(name, word, tmp_path, capsys):
    problem = as_problem(with_requirements(name, word))
    path = tmp_path / "solution.json"
    mo.save_solution(mo.solve(problem, "highs"), path)
    assert main(["verify", str(path)]) == 0
    content = json.loads(path.read_text())
    for multiplier in content["duals"]:
        altered = json.loads(path.read_text())
        values = np.array(altered["duals"][multiplier]["values"], dtype=float)
        values.flat[-1] += 0.5
        altered["duals"][multiplier]["values"] = values.tolist()
        altered["digest"] = digest_of(altered)
        other = tmp_path / "altered.json"
        other.write_text(json.dumps(altered))
        capsys.readouterr()
        assert main(["verify", str(other)]) == 1, multiplier
