"""The oracles against each other and against numbers worked out by hand."""

from __future__ import annotations

import ast
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.draws import drawn, some

from . import cases
from .audit_by_hand import objective, violations
from .direct_lp import optimum, shortfall, solve
from .finite_case import Event, UtilityFloor, vertices
from .variants import requiring


def test_programs_without_an_optimum():
    prior = np.full((2, 2), 0.25)
    trade = cases.trade([0, 1], [0, 1], prior)
    assert optimum(replace(trade, budget="free")) == ("unbounded", None)
    staying = requiring(trade, objective="subsidy", participation="none", budget="free")
    assert optimum(staying) == ("unbounded", None)
    assert optimum(replace(trade, floors=(UtilityFloor(0, 0, 2.0),))) == ("infeasible", None)
    # Infeasible and, but for that, unbounded.
    both = replace(trade, budget="free", events=(Event((1.0,), 0, (0,), lower=2.0),))
    assert optimum(both) == ("infeasible", None)


def test_shortfall_of_infeasible_cases():
    # One buyer of value 1 is to have 2 without a deficit: relaxed by 1/2 each, it can.
    case = cases.auction([[1]], [1.0], budget="no-deficit", floors=(UtilityFloor(0, 0, 2.0),))
    assert optimum(case) == ("infeasible", None)
    assert shortfall(case) == pytest.approx(0.5, abs=1e-12)
    for seed in drawn(60):
        case = cases.random_case(seed)
        status, _ = optimum(case)
        # No random case is so near the edge that rounding could decide.
        lacking = shortfall(case)
        assert lacking > 1e-4 if status == "infeasible" else lacking < 1e-9, case.name


def test_optima_pass_the_audit_by_hand():
    statuses = []
    for seed in some(range(80), 8, 3):
        case = cases.random_case(seed)
        found = solve(case)
        statuses.append(found.status)
        if found.status == "optimal":
            size = 1 + np.abs(found.payments).max()
            faults = violations(case, found.allocation, found.payments)
            assert max(faults.values()) <= 1e-9 * size, (case.name, faults)
            attained = objective(case, found.allocation, found.payments)
            assert attained == pytest.approx(found.value, abs=1e-9 * size), case.name
    assert {"optimal", "infeasible"} <= set(statuses)
    assert statuses.count("optimal") >= 0.7 * len(statuses)


def test_more_requirements_never_help():
    for seed in drawn(16, 3):
        case = cases.random_case(seed, priors=("correlated", "mixture", "zeros"))
        sign = -1.0 if case.objective == "subsidy" else 1.0
        order = {
            "incentives": ("none", "interim", "dominant"),
            "participation": ("none", "interim", "ex-post"),
            "budget_holds": ("ex-ante", "ex-post"),
        }
        for name, words in order.items():
            best = math.inf
            for word in words:
                status, found = optimum(requiring(case, **{name: word}))
                found = {"infeasible": -math.inf, "unbounded": math.inf}.get(status, found)
                worth = sign * found if status == "optimal" else found
                assert worth <= best + 1e-8, (case.name, name, word)
                best = worth


def bad_mechanism():
    """Return a case of one seller type and two buyer types with a mechanism that errs in all."""
    case = cases.trade([1], [2, 4], np.array([[0.5, 0.5]]), weights=(1.0, 2.0), designer=3.0)
    case = replace(
        case,
        payment_limit=2.0,
        liability=0.0,
        floors=(UtilityFloor(1, 1, 3.0),),
        events=(Event((1.0,), 1, (1,), lower=0.75),),
        rows=((np.array([2.0]), 2.0),),
        allocation=np.array([[[1.0, 1.0]]]),
    )
    allocation = np.array([[[1.25, 0.5]]])
    payments = np.array([[[-1.0, -3.0]], [[3.0, 1.0]]])
    return case, allocation, payments


def test_audit_finds_every_violation():
    case, allocation, payments = bad_mechanism()
    expected = {
        "bounds": 0.25,
        "rows": 0.5,
        "prescribed": 0.5,
        "incentives of 0": 0.0,
        "incentives of 1": 1.0,  # value 4: 4 * 1.25 - 3 instead of 4 * 0.5 - 1
        "participation of 0": 0.0,  # on average of -1/4 and 5/2
        "participation of 1": 0.5,
        "budget": 0.0,  # on average of 2 and -2
        "payment limit": 1.0,
        "liability": 0.5,
        "floor 0": 2.0,
        "event 0": 0.25,
    }
    assert violations(case, allocation, payments) == pytest.approx(expected, abs=1e-15)
    # Utilities 9/8 and twice 1/4; no profit.
    assert objective(case, allocation, payments) == pytest.approx(1.625, abs=1e-15)
    least = replace(case, objective="least-utility")
    assert objective(least, allocation, payments) == pytest.approx(-0.5, abs=1e-15)

    every = requiring(case, participation="ex-post", budget="no-deficit", budget_holds="ex-post")
    found = violations(every, allocation, payments)
    assert found["participation of 0"] == pytest.approx(0.25, abs=1e-15)
    assert found["budget"] == pytest.approx(2.0, abs=1e-15)
    none = requiring(case, incentives="none", participation="none", budget="free")
    names = {"bounds", "rows", "prescribed", "payment limit", "liability", "floor 0", "event 0"}
    assert set(violations(none, allocation, payments)) == names


def test_audit_of_dominant_strategies_looks_at_profiles_that_average_out():
    # A buyer pays the seller's cost: no lie helps on average over costs 0 and 2, but "value 1"
    # saves 1 where the cost is 2.
    case = cases.auction([[1, 3], [0, 2]], np.full((2, 2), 0.25), budget="free")
    allocation = np.array([[[1.0, 1.0], [1.0, 1.0]], np.zeros((2, 2))])
    payments = np.array([[[1.0, 1.0], [0.0, 2.0]], np.zeros((2, 2))])
    assert max(violations(case, allocation, payments).values()) == 0.0
    dominant = violations(requiring(case, incentives="dominant"), allocation, payments)
    assert dominant["incentives of 0"] == pytest.approx(1.0, abs=1e-15)


def test_audit_overlooks_no_missing_number():
    case, allocation, payments = bad_mechanism()
    payments[1, 0, 1] = math.nan
    found = violations(case, allocation, payments)
    for name in ("incentives of 1", "participation of 1", "budget", "payment limit", "floor 0"):
        assert math.isnan(found[name]), name


def test_what_holds_in_every_profile_holds_where_nobody_expects_it():
    # The profile (1, 0) has probability zero, and yet is what a lie of agent 0 brings about.
    prior = np.array([[0.5, 0.0], [0.0, 0.5]])
    case = cases.auction([[1, 2], [1, 2]], prior)
    allocation, payments = np.zeros((2, 2, 2)), np.zeros((2, 2, 2))
    payments[0, 1, 0] = 5.0
    assert max(violations(case, allocation, payments).values()) == 0.0
    limited = requiring(case, payment_limit=4.0, participation="ex-post", budget_holds="ex-post")
    found = violations(limited, allocation, payments)
    assert found["payment limit"] == pytest.approx(1.0, abs=1e-15)
    assert found["participation of 0"] == found["budget"] == pytest.approx(5.0, abs=1e-15)


def test_corners_of_outcomes():
    case = cases.procurement([[1.0, 2.0]], [0.5, 0.5], [1.0, 2.0])
    assert vertices(case).tolist() == [[0, 0], [0, 1], [1, 0]]
    market = cases.market([[1.0]], [[2.0]], np.ones((1, 1)))
    assert vertices(market).tolist() == [[0, 0], [1, 0], [1, 1]]


def test_oracles_do_not_know_the_package():
    for path in Path(__file__).parent.glob("*.py"):
        if path.name in {"as_problem.py", "test_package.py"}:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
                names += [alias.name for alias in node.names]
            roots = {name.partition(".")[0] for name in names}
            assert not roots & {"mechopt", "as_problem"}, path.name
