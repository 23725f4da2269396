"""An audit fails exactly when something is wrong, and says what.

The judge is ``violations``: every requirement of theory.md, section 1, in exact fractions of the
floats at hand, over all pairs of types and all profiles.
"""

from __future__ import annotations

import dataclasses
import re
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import mechopt as mo
from mechopt.backends import BACKENDS
from mechopt.mechanism.allocation import EfficientRule, Table
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.budget import CoversCost
from mechopt.program.lagrangian import dual_bound, infeasibility_margin
from mechopt.solution import PointStatus
from tests.draws import THOROUGH, some

from .cases import FIXED, uniform_types

TOLERANCE = Fraction(1, 10**7)
repeatable = settings(derandomize=True, max_examples=40 if THOROUGH else 15)


def with_requirements(trade, weights=(1.0, 1.0), **requirements):
    return mo.DesignProblem(trade, mo.Welfare(weights), **requirements)


PROBLEMS = {
    "slack-binds": mo.ex_ante_efficiency(FIXED["finite-uniform"]),
    "slack-left": mo.ex_ante_efficiency(FIXED["trade-always-efficient"]),
    "monopoly": mo.ex_ante_efficiency(FIXED["finite-irregular"], (1, 0)),
    "cells": mo.ex_ante_efficiency(FIXED["cells-with-gaps"], (0.3, 1)),
    "prescribed": mo.ex_post_efficiency(mo.BilateralTrade(uniform_types(4), uniform_types(4))),
    "subsidised": mo.minimum_subsidy(FIXED["negative-valuations"]),
    "no-deficit": with_requirements(FIXED["finite-uniform"], budget="no-deficit"),
    "no-participation": with_requirements(FIXED["coins"], participation="none"),
    "no-incentives": with_requirements(FIXED["finite-irregular"], incentives="none"),
}


@cache
def solved(name, backend=None):
    return mo.solve(PROBLEMS[name], backend)


def fractions(values):
    return np.vectorize(Fraction, otypes=[object])(values)


def stakes_of(problem):
    """Return the first best, and each type's expected gains if types were public, exactly."""
    seller, buyer = (agent.types for agent in problem.environment.agents)
    cost, value = fractions(seller.mean), fractions(buyer.mean)
    gains = np.maximum(value[None, :] - cost[:, None], Fraction(0))
    own = [gains @ fractions(buyer.mass), fractions(seller.mass) @ gains]
    return fractions(seller.mass) @ own[0], own


def violations(problem, mechanism):
    """Return by how much each requirement is broken at each place, and what it is judged by.

    Money is judged by the first best, a type's own constraint by the gains that it can expect, and
    probabilities as they are, or by the money that they move. Places are positions of types.
    """
    agents = problem.environment.agents
    first_best, stakes = stakes_of(problem)
    masses = [fractions(agent.types.mass) for agent in agents]
    means = [fractions(agent.types.mean) for agent in agents]
    trade = fractions(mechanism.allocation.dense(problem.environment)[0])
    profiles = list(np.ndindex(*trade.shape))
    payment = [fractions(values) for values in mechanism.payment]
    quantity = [-(trade @ masses[1]), masses[0] @ trade]
    moved = {p: abs(means[0][p[0]]) + abs(means[1][p[1]]) for p in profiles}
    by_money = {
        p: 1 / max(moved[p] / max(stakes[0][p[0]], stakes[1][p[1]], first_best), Fraction(1))
        for p in profiles
    }
    found = {"bounds of trade": {p: (max(-trade[p], trade[p] - 1), by_money[p]) for p in profiles}}
    if problem.prescribes_allocation:
        wanted = fractions(problem.environment.efficient_allocation()[0])
        found["the prescribed allocation"] = {
            p: (abs(trade[p] - wanted[p]), by_money[p]) for p in profiles
        }
    for agent, q, t, own in zip(agents, quantity, payment, stakes, strict=True):
        ends = [
            sorted({Fraction(agent.types.lower[k]), Fraction(agent.types.upper[k])})
            for k in range(q.size)
        ]
        if problem.incentives == "interim":
            found[f"incentive compatibility of {agent.name}"] = {
                (k, other): (
                    max(end * (q[other] - q[k]) - (t[other] - t[k]) for end in ends[k]),
                    own[k],
                )
                for k in range(q.size)
                for other in range(q.size)
                if other != k
            }
        if problem.participation == "interim":
            found[f"participation of {agent.name}"] = {
                (k,): (max(t[k] - end * q[k] for end in ends[k]), own[k]) for k in range(q.size)
            }
    surplus = sum(mass @ t for mass, t in zip(masses, payment, strict=True))
    broken_by = {"balanced": abs, "no-deficit": lambda left: -left}.get(problem.budget.value)
    if broken_by:
        found["budget ex ante"] = {(): (broken_by(surplus), first_best)}
    if mechanism.ex_post_payment is None:
        # Constructed from the interim payments: they average to those, and carry the surplus.
        if broken_by:
            found["budget ex post"] = dict.fromkeys(profiles, (broken_by(surplus), first_best))
        return found
    ex_post = fractions(mechanism.ex_post_payment)
    averages = [ex_post[0] @ masses[1], masses[0] @ ex_post[1]]
    for agent, average, t, own in zip(agents, averages, payment, stakes, strict=True):
        found[f"ex post payments of {agent.name} average to its interim payments"] = {
            (k,): (abs(average[k] - t[k]), own[k]) for k in range(t.size)
        }
    if broken_by:
        left = ex_post.sum(axis=0)
        found["budget ex post"] = {p: (broken_by(left[p]), first_best) for p in profiles}
    return found


# Numbers here are near 1, so that rounding explains no more than this.
ROUNDING = Fraction(1, 10**13)


def assert_audit_is_right(problem, mechanism):
    """Assert that the audit fails where exact arithmetic does, and only there."""
    report = mo.audit(problem, mechanism)
    failed = {check.requirement: check for check in report.failed}
    found = violations(problem, mechanism)
    for requirement, by_place in found.items():
        beyond = [amount - TOLERANCE * stakes for amount, stakes in by_place.values()]
        if max(beyond, default=Fraction(0)) > ROUNDING:
            assert requirement in failed, f"{requirement}: {float(max(beyond))}"
        elif max(beyond, default=Fraction(0)) < -ROUNDING:
            assert requirement not in failed, f"{requirement}: {float(max(beyond))}"
        if requirement in failed and max(beyond) > ROUNDING:
            where = failed[requirement].where
            place = tuple(map(int, re.findall(r"type (\d+)", where)))
            amount, stakes = by_place[place]
            assert amount - TOLERANCE * stakes > -ROUNDING, where
            worst = max(a / s for a, s in by_place.values() if s) if stakes else 0
            assert not stakes or amount / stakes >= worst * (1 - Fraction(1, 10**6)), where
            agent = requirement.split(" of ")[-1].split(" average")[0]
            if agent in {"seller", "buyer"}:
                assert agent in where
    assert set(failed) <= set(found)
    assert report.passed == (not failed)
    return failed


def perturbed(mechanism, target, position, step):
    """Return the mechanism with one number moved by ``step``."""
    table = Table(mechanism.allocation.dense(mechanism.environment))
    full = dataclasses.replace(mechanism, allocation=table).with_ex_post_payments()
    if target == "probability":
        values = full.allocation.values.copy()
        values.flat[position % values.size] += step
        return dataclasses.replace(full, allocation=Table(values))
    if target == "ex post payment":
        values = full.ex_post_payment.copy()
        values.flat[position % values.size] += step
        return dataclasses.replace(full, ex_post_payment=values)
    both = [values.copy() for values in full.payment]
    agent, entry = position % 2, position // 2
    both[agent][entry % both[agent].size] += step
    ex_post = full.ex_post_payment if target == "interim payment" else None
    return dataclasses.replace(full, payment=tuple(both), ex_post_payment=ex_post)


TARGETS = ["probability", "ex post payment", "interim payment", "interim payment and all its own"]


@pytest.fixture(scope="module")
def all_solved():
    """Solve before hypothesis watches: what solving imports must not be loaded in an example."""
    for name in PROBLEMS:
        solved(name)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.usefixtures("all_solved")
@repeatable
@given(
    name=st.sampled_from(list(PROBLEMS)),
    position=st.integers(0, 10_000),
    size=st.sampled_from([1e-4, 1e-2, 3.7e-6, 1e-9]),
    sign=st.sampled_from([-1, 1]),
)
def test_audit_fails_where_exact_arithmetic_does(target, name, position, size, sign):
    mechanism = perturbed(solved(name).mechanism, target, position, sign * size)
    failed = assert_audit_is_right(PROBLEMS[name], mechanism)
    if target in {"interim payment", "ex post payment"} and size == 1e-2:
        assert failed


@pytest.mark.parametrize("name", PROBLEMS)
def test_audit_passes_what_was_solved(name):
    for backend in BACKENDS:
        if BACKENDS[backend]().accepts(PROBLEMS[name]):
            solution = solved(name, backend)
            assert not assert_audit_is_right(PROBLEMS[name], solution.mechanism)
            assert mo.audit(PROBLEMS[name], solution).passed


BREAKING = {
    "probability above one": ("slack-left", "probability", 3, 1e-4, "bounds of trade"),
    "other than prescribed": ("prescribed", "probability", 7, -1e-4, "the prescribed allocation"),
    "seller's payment up": (
        "slack-binds",
        "interim payment and all its own",
        2 * 5,
        1e-4,
        "participation of seller",
    ),
    "buyer's payment down": (
        "slack-binds",
        "interim payment and all its own",
        2 * 2 + 1,
        -1e-4,
        "incentive compatibility of buyer",
    ),
    "money lost": ("monopoly", "interim payment", 0, -1e-4, "budget ex ante"),
    "money lost in one profile": ("monopoly", "ex post payment", 9, -1e-4, "budget ex post"),
}


@pytest.mark.parametrize("case", BREAKING)
def test_audit_names_the_requirement(case):
    name, target, position, step, requirement = BREAKING[case]
    mechanism = perturbed(solved(name).mechanism, target, position, step)
    report = mo.audit(PROBLEMS[name], mechanism)
    assert requirement in {check.requirement for check in report.failed}
    with pytest.raises(mo.errors.AuditError, match=f"{requirement}.* BROKEN by"):
        report.raise_if_failed()


@pytest.mark.parametrize("problem", ["slack-binds", "subsidised"])
@pytest.mark.parametrize("field", ["payment", "ex_post_payment", "allocation"])
def test_numbers_that_are_none_are_refused(problem, field):
    mechanism = solved(problem).mechanism.with_ex_post_payments()
    spoilt = {
        "payment": (np.full(mechanism.payment[0].size, np.nan), mechanism.payment[1]),
        "ex_post_payment": np.full_like(mechanism.ex_post_payment, np.nan),
    }
    nowhere = np.full((1, *mechanism.environment.shape), np.nan)
    spoil = {
        "allocation": lambda: Table(nowhere),
        "payment": lambda: dataclasses.replace(mechanism, payment=spoilt["payment"]),
        "ex_post_payment": lambda: dataclasses.replace(
            mechanism, ex_post_payment=spoilt["ex_post_payment"]
        ),
    }[field]
    with pytest.raises(mo.InvalidInputError, match="not finite"):
        spoil()


# What a solution reports of itself


REPORTING = [
    (name, backend)
    for name, problem in PROBLEMS.items()
    for backend in BACKENDS
    if BACKENDS[backend]().accepts(problem)
]


@pytest.mark.parametrize(("name", "backend"), some(REPORTING, 2))
@pytest.mark.parametrize("field", ["objective", "bound"])
@pytest.mark.parametrize("sign", [-1, 1])
def test_misreported_number_is_caught(field, sign, name, backend):
    solution = solved(name, backend)
    error = sign * 1e-6 * PROBLEMS[name].environment.payoff_scale
    wrong = dataclasses.replace(solution, **{field: getattr(solution, field) + error})
    report = mo.audit(PROBLEMS[name], wrong)
    assert [check.requirement for check in report.failed] == [f"reported {field}"]


def test_bound_without_multipliers_is_not_taken_on_trust():
    problem = PROBLEMS["slack-binds"]
    boast = dataclasses.replace(
        solved("slack-binds"), duals={}, dual_status=PointStatus.NONE, bound=0.2
    )
    assert not mo.audit(problem, boast).passed


def tampered(duals):
    """Yield multipliers with one kind of them flipped, dropped, scaled or shifted by one type."""
    for name, values in duals.items():
        yield {**duals, name: -values}
        yield {key: kept for key, kept in duals.items() if key != name}
        yield {**duals, name: 1.1 * values}
        yield {**duals, name: np.roll(values, 1)}
        yield {**duals, name: values + 0.3}


@pytest.mark.parametrize(("name", "backend"), some(REPORTING, 5))
def test_tampered_multipliers_give_a_true_bound_and_are_caught_if_another(name, backend):
    solution, problem = solved(name, backend), PROBLEMS[name]
    scale, sign = problem.environment.payoff_scale, problem.objective.sign
    for duals in tampered(solution.duals):
        bound = dual_bound(problem, duals)
        assert sign * (bound - solution.objective) >= -1e-9 * scale
        report = mo.audit(problem, dataclasses.replace(solution, duals=duals))
        changed = not abs(bound - solution.bound) <= 1e-9 * scale
        assert ("reported bound" in {check.requirement for check in report.failed}) == changed


@pytest.mark.parametrize("backend", ["direct", "highs", "cvxpy", "pyomo"])
def test_budget_multiplier_that_is_dropped_flipped_or_scaled_is_caught(backend):
    solution = solved("slack-binds", backend)
    budget = solution.duals["budget"]
    assert solution.alpha > 0.1
    for wrong in (np.zeros(1), -budget, 1.1 * budget, 0.9 * budget):
        duals = {**solution.duals, "budget": wrong}
        report = mo.audit(PROBLEMS["slack-binds"], dataclasses.replace(solution, duals=duals))
        failed = {check.requirement for check in report.failed}
        assert {"reported bound", "optimality"} <= failed


def test_multipliers_of_the_wrong_length_are_caught():
    solution = solved("slack-binds")
    for name, values in solution.duals.items():
        duals = {**solution.duals, name: np.append(values, 0.0)}
        report = mo.audit(PROBLEMS["slack-binds"], dataclasses.replace(solution, duals=duals))
        assert not report.passed


# Weak duality


BOUNDED = {
    **{name: PROBLEMS[name] for name in PROBLEMS},
    "sixths": mo.ex_ante_efficiency(FIXED["sixths"], (1, 0)),
    "samples-in-cells": mo.ex_ante_efficiency(FIXED["samples-in-cells"]),
    "cells-irregular": mo.ex_ante_efficiency(FIXED["cells-irregular"], (0.2, 1)),
    "subsidy-of-any-rule": mo.DesignProblem(
        FIXED["finite-irregular"], mo.Subsidy(), budget="subsidised"
    ),
    "subsidised-cells": mo.minimum_subsidy(FIXED["cells-beta"]),
}


@cache
def optimum(name):
    return mo.solve(BOUNDED[name], "highs").objective


def names_and_sizes(environment):
    yield "budget", 1
    for agent in environment.agents:
        size = agent.types.num_cells
        for kind in ("ic_down", "ic_up", "monotonicity"):
            yield f"{agent.name}_{kind}", size - 1
        for kind in ("participation_lower", "participation_upper"):
            yield f"{agent.name}_{kind}", size


def any_multipliers(environment, seed):
    """Return multipliers of any sign and size, some of them zero or left out."""
    rng = np.random.default_rng(seed)
    return {
        name: 10.0 ** rng.uniform(-6, 2) * rng.normal(rng.choice([0, 2]), 1, size)
        * (rng.random(size) < rng.choice([0.1, 0.5, 1.0]))
        for name, size in names_and_sizes(environment)
        if rng.random() < 0.9
    }  # fmt: skip


@pytest.mark.parametrize("name", BOUNDED)
@repeatable
@given(seed=st.integers(0, 10**6))
def test_any_multipliers_bound_the_optimum(name, seed):
    problem = BOUNDED[name]
    bound = dual_bound(problem, any_multipliers(problem.environment, seed))
    scale = problem.environment.payoff_scale
    assert problem.objective.sign * (bound - optimum(name)) >= -1e-9 * scale


@pytest.mark.parametrize("name", BOUNDED)
def test_no_multipliers_at_all_still_give_a_bound(name):
    bound = dual_bound(BOUNDED[name], {})
    assert np.isfinite(bound)
    assert BOUNDED[name].objective.sign * (bound - optimum(name)) >= -1e-9


@pytest.mark.parametrize("size", [5, 6])
@repeatable
@given(seed=st.integers(0, 10**6))
def test_no_multipliers_prove_more_than_the_least_subsidy(size, seed):
    problem = mo.ex_post_efficiency(mo.BilateralTrade(uniform_types(size), uniform_types(size)))
    duals = any_multipliers(problem.environment, seed)
    money = max(0.0, float(duals.get("budget", np.zeros(1))[0]))
    least_subsidy = (size - 1) * (size - 5) / (6 * size**2)
    assert infeasibility_margin(problem, duals) <= money * least_subsidy + 1e-12 * (1 + money)


def test_a_budget_of_ones_own_in_every_profile_is_looked_at_there():
    types = mo.TypeSpace.finite([0, 1])
    own = CoversCost("no-deficit", "ex-post")
    problem = mo.DesignProblem(
        mo.BilateralTrade(types, types),
        mo.Welfare((1, 1)),
        incentives="dominant",
        budget="subsidised",
        requirements=(own,),
    )
    best = mo.solve(problem, "highs").mechanism
    assert mo.audit(problem, best).passed
    paid = best.ex_post_payments().copy()
    paid[0, 0, 0] -= 0.01
    paid[0, 1, 1] += 0.01
    short = Mechanism.of_profiles(problem.environment, best.allocation, paid)
    failed = [check.requirement for check in mo.audit(problem, short).failed]
    assert "budget ex post" in failed
    assert "budget ex ante" not in failed


def test_a_rule_under_a_joint_prior_is_averaged_whole_where_profiles_are_many(monkeypatch):
    monkeypatch.setattr("mechopt.verify.outcomes.MAX_EX_POST_PROFILES", 10)
    monkeypatch.setattr("mechopt.verify.audit.MAX_EX_POST_PROFILES", 10)
    types = mo.TypeSpace.finite([0, 1, 2, 3])
    prior = mo.Joint(np.full((4, 4), 1 / 16))
    problem = mo.ex_post_efficiency(mo.BilateralTrade(types, types, prior=prior))
    rule = EfficientRule()
    mechanism = Mechanism.of_profiles(problem.environment, rule, np.zeros((2, 4, 4)))
    checks = {each.requirement: each for each in mo.audit(problem, mechanism).checks}
    assert checks["interim quantities of buyer average its outcomes"].scaled == 0.0
