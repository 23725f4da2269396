"""Optima among identical agents by counts, against programs over all profiles."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt.backends import by_counts
from mechopt.environments.counted import chances_of_states, states_of
from mechopt.errors import TooLargeError, UnsupportedProblemError
from mechopt.problem.budget import PaymentLimit
from mechopt.program.lagrangian import dual_bound
from mechopt.reduced_forms import optimum_by_counts
from tests.draws import drawn

SIX = mo.TypeSpace.finite([1, 2, 3, 4, 5, 6])


def random_problem(seed):
    """Return identical bidders or partners, with something that is asked of single profiles."""
    rng = np.random.default_rng([seed, 11])
    number, size = int(rng.integers(2, 5)), int(rng.integers(1, 4))
    units = int(rng.integers(1, number))
    types = np.sort(rng.choice(np.arange(0, 30), size, replace=False)) / 10
    weights = rng.integers(1, 9, size)
    space = mo.TypeSpace.finite(types, weights / weights.sum())
    if rng.random() < 0.3:
        space = mo.TypeSpace.from_distribution(stats.uniform(0, 2), size)
    if seed % 3:
        environment = mo.Auction(space, count=number, units=units, seller_value=0.3)
    else:
        environment = mo.Partnership(space, [f"{units}/{number}"] * number, units)
    revenue, welfare = mo.Revenue(), mo.Welfare((1.0,) * number)
    objective, budget = (
        (revenue, "no-deficit"), (welfare, "balanced"), (revenue + 0.5 * welfare, "no-deficit"),
    )[seed // 3 % 3]  # fmt: skip
    limit = [PaymentLimit(1.5)] if rng.random() < 0.3 else []
    problem = mo.DesignProblem(
        environment,
        objective,
        incentives=str(rng.choice(["interim", "dominant"])),
        participation=str(rng.choice(["interim", "ex-post"])),
        budget=budget,
        budget_holds=str(rng.choice(["ex-ante", "ex-post"])),
        requirements=limit,
    )
    return problem if problem.by_profile else replace(problem, incentives="dominant")


@pytest.mark.parametrize("seed", drawn(40, 6))
def test_counts_are_the_program_over_profiles(seed):
    problem = random_problem(seed)
    found = optimum_by_counts(problem)
    program = mo.solve(problem, "highs")
    assert found.objective == pytest.approx(program.objective, abs=1e-9)
    assert abs(found.gap) <= 1e-9
    assert found.audit().passed, str(found.audit())
    written = found.mechanism()
    assert mo.audit(problem, written).passed, str(mo.audit(problem, written))
    assert problem.value(written) == pytest.approx(found.objective, abs=1e-9)


@pytest.mark.parametrize("seed", drawn(40, 6))
def test_solve_counts_where_profiles_are_many(seed, monkeypatch):
    """The answer, its bound and audit are those of the program over profiles."""
    problem = random_problem(seed)
    over_profiles = mo.solve(problem, "highs")
    monkeypatch.setattr(by_counts, "FEW_NUMBERS", 0)
    found = mo.solve(problem, "highs")
    assert found.objective == pytest.approx(over_profiles.objective, abs=1e-9)
    assert abs(found.gap) <= 1e-8
    mo.audit(problem, found).raise_if_failed()
    if by_counts.has_counts(problem):
        assert found.statistics.num_variables < over_profiles.statistics.num_variables
        # Another multiplier proves another bound, and no better one.
        duals = {name: 1.01 * values for name, values in found.duals.items()}
        assert dual_bound(problem, duals) >= found.objective - 1e-9


def test_five_bidders_of_six_types_are_counted():
    problem = mo.largest_revenue(mo.Auction(SIX, count=5), incentives="dominant")
    solution = mo.solve(problem)
    assert solution.statistics.num_variables == 2 * 6 * math.comb(9, 5)
    interim = mo.solve(mo.largest_revenue(problem.environment), "direct").objective
    assert solution.objective == pytest.approx(interim, abs=1e-9)
    assert abs(solution.gap) <= 1e-9
    mo.audit(problem, solution).raise_if_failed()


@pytest.mark.parametrize("factor", [2.0**-34, 2.0**34])
@pytest.mark.parametrize("seed", [6, 18, 40, 58])
def test_no_unit_of_money_is_too_small_or_too_large(seed, factor):
    problem = random_problem(seed)
    found, scaled = optimum_by_counts(problem), optimum_by_counts(problem.scaled(factor))
    assert scaled.objective / factor == pytest.approx(found.objective, abs=1e-9)
    assert scaled.bound / factor == pytest.approx(found.bound, abs=1e-9)
    assert scaled.audit().passed, str(scaled.audit())


def test_the_gap_of_what_is_minimised_is_not_below_zero():
    problem = mo.minimum_subsidy(mo.Auction(SIX, count=3), incentives="dominant")
    found = optimum_by_counts(replace(problem, allocation="free"))
    assert found.objective == pytest.approx(found.bound, abs=1e-9)
    assert replace(found, bound=found.bound - 1.0).gap == pytest.approx(1.0, abs=1e-9)


def test_ten_bidders_of_six_types_lose_nothing_by_dominance():
    problem = mo.DesignProblem(
        mo.Auction(SIX, count=7), mo.Revenue(), budget="no-deficit", budget_holds="ex-post",
        incentives="dominant", participation="ex-post",
    )  # fmt: skip
    found = optimum_by_counts(problem)
    assert found.quantity.shape == (6, math.comb(11, 5))
    interim = mo.solve(mo.largest_revenue(problem.environment), "direct").objective
    assert found.objective == pytest.approx(interim, abs=1e-9)
    assert abs(found.gap) <= 1e-9
    assert found.audit().passed


@pytest.mark.parametrize("part", ["quantity", "payment"])
def test_an_audit_by_counts_notices_one_number(part):
    problem = mo.DesignProblem(
        mo.Auction(SIX, count=4), mo.Welfare((1.0,) * 4), budget="balanced",
        budget_holds="ex-post", incentives="dominant", participation="ex-post",
    )  # fmt: skip
    found = optimum_by_counts(problem)
    spoilt = getattr(found, part).copy()
    spoilt[2, 7] += 0.01
    assert not replace(found, **{part: spoilt}).audit().passed
    assert not replace(found, bound=found.bound - 0.01).audit().passed


def test_states_and_their_chances():
    states = states_of(3, 3)
    assert len(states) == math.comb(5, 2)
    assert (states.sum(axis=1) == 3).all()
    assert len({tuple(state) for state in states.tolist()}) == len(states)
    assert chances_of_states(states, np.array([0.2, 0.3, 0.5])).sum() == pytest.approx(1.0)
    assert states_of(2, 1).tolist() == [[2]]
    assert states_of(0, 2).tolist() == [[0, 0]]


OTHER = mo.TypeSpace.finite([1, 2])
ALONE = replace(mo.largest_revenue(mo.Auction(SIX, count=2)), incentives="dominant")
REFUSED = {
    "identical agents": mo.largest_revenue(mo.Auction([SIX, OTHER])),
    "equal units": mo.largest_revenue(mo.PublicGood(SIX, cost=2, count=2), incentives="dominant"),
    "asked of single profiles": mo.largest_revenue(mo.Auction(SIX, count=2)),
    "a free allocation": mo.minimum_subsidy(mo.Auction(SIX, count=2)),
}


@pytest.mark.parametrize("expected", REFUSED)
def test_what_counts_do_not_say_is_refused(expected):
    with pytest.raises(UnsupportedProblemError, match=expected):
        optimum_by_counts(REFUSED[expected])
    with pytest.raises(TooLargeError, match="too many states"):
        optimum_by_counts(replace(ALONE, environment=mo.Auction(SIX, count=60)))
