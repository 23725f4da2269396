"""The worst prior of a set: known moments, known marginals, total variation, Wasserstein."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import brentq, linprog

import mechopt as mo
from mechopt.errors import InvalidInputError
from mechopt.mechanism.allocation import Table
from mechopt.mechanism.mechanism import Mechanism
from mechopt.program.lagrangian import proved_bound
from mechopt.robust import (
    Moments,
    Near,
    Wasserstein,
    WorstPriorIn,
    known_marginals,
    known_means,
    wasserstein_ball,
)
from mechopt.saved import load_solution, save_solution

ALWAYS = {"incentives": "dominant", "participation": "ex-post", "budget_holds": "ex-post"}
COIN = mo.TypeSpace.finite([0, 2]), mo.TypeSpace.finite([1, 3])
TRADE = mo.BilateralTrade(*COIN)
FAIR = mo.Joint([["3/10", "1/5"], ["1/5", "3/10"]])


def of_known_mean(num_steps, mean="1/2"):
    values = mo.TypeSpace.finite([Fraction(i, num_steps) for i in range(num_steps + 1)])
    buyer = mo.Auction(values, count=1)
    priors = known_means(buyer, {"bidder_1": mean})
    return mo.DesignProblem(buyer, WorstPriorIn(mo.Revenue(), priors), budget="subsidised")


def test_known_mean_of_one_buyer():
    """Steps make the guarantee too high, by as much as they are wide (Carrasco et al. 2018)."""
    coarse, fine = (mo.solve(of_known_mean(size), "highs") for size in (20, 40))
    mo.audit(fine.problem, fine).raise_if_failed()
    limit = brentq(lambda r: r * (1.0 - np.log(r)) - 0.5, 1e-9, 0.9)
    assert limit == pytest.approx(0.1866823088508371, abs=1e-12)
    assert 2.0 * fine.objective - coarse.objective == pytest.approx(limit, abs=2e-3)
    assert coarse.objective > fine.objective > limit


def test_known_marginals_are_sold_separately():
    first, second = {1: "1/2", 2: "1/2"}, {1: "1/2", 2: "3/10", 4: "1/5"}
    pairs = [(a, b) for a in first for b in second]
    chance = [Fraction(first[a]) * Fraction(second[b]) for a, b in pairs]
    buyer = mo.Goods([list(pair) for pair in pairs], chance)
    problem = mo.DesignProblem(
        buyer, WorstPriorIn(mo.Revenue(), known_marginals(buyer)), budget="subsidised"
    )
    solution = mo.solve(problem, "highs")
    mo.audit(problem, solution).raise_if_failed()
    assert (solution.objective, solution.bound) == pytest.approx((2.0, 2.0), abs=1e-8)
    best = mo.solve(replace(problem, objective=mo.Revenue()), "highs")
    assert best.objective > 2.0 + 1e-3
    exact = mo.exact_optimum(problem)
    assert (exact.objective, exact.verify()) == (Fraction(2), ())


def test_a_ball_around_a_prior_against_its_corners():
    """Of few profiles, the worst prior of a ball moves mass from the best to the worst of them."""
    distance = Fraction(1, 20)
    ball = mo.DesignProblem(TRADE, WorstPriorIn(mo.Welfare(), Near(FAIR, distance)), **ALWAYS)
    solution = mo.solve(ball, "highs")
    mo.audit(ball, solution).raise_if_failed()
    corners = []
    for worse, better in np.ndindex(4, 4):
        if worse != better:
            moved = FAIR.in_fractions().ravel()
            moved[worse], moved[better] = moved[worse] + distance, moved[better] - distance
            corners.append(mo.Joint(moved.reshape(2, 2).tolist()))
    listed = replace(ball, objective=mo.robust.WorstPrior(mo.Welfare(), corners))
    assert mo.solve(listed, "highs").objective == pytest.approx(solution.objective, abs=1e-9)
    exact = mo.exact_optimum(ball)
    assert exact.verify() == ()
    assert float(exact.objective) == pytest.approx(solution.objective, abs=1e-9)


def worst_by_transport(values, middle, places, distance):
    """Return the least expectation over a Wasserstein ball, from all plans between profiles."""
    profiles = list(np.ndindex(values.shape))
    far = np.array([
        [sum(np.abs(np.subtract(own[a], own[b])).sum()
             for own, a, b in zip(places, one, other, strict=True)) for other in profiles]
        for one in profiles
    ])  # fmt: skip
    size = len(profiles)
    leaving = np.kron(np.eye(size), np.ones(size))
    found = linprog(
        np.tile(values.ravel(), size),
        A_ub=far.reshape(1, -1),
        b_ub=[float(distance)],
        A_eq=leaving,
        b_eq=np.ravel(middle),
        method="highs",
    )
    return found.fun


@pytest.mark.parametrize("seed", range(4))
def test_a_wasserstein_ball_against_all_plans_of_transport(seed):
    rng = np.random.default_rng(seed)
    shape = (2, 3) if seed % 2 else (4,)
    places = [
        np.sort(rng.choice(20, size, replace=False)) if seed < 2 else rng.integers(0, 9, (size, 2))
        for size in shape
    ]
    weights = rng.integers(0, 4, shape) * (rng.random(shape) < 0.6) + np.eye(*shape) \
        if len(shape) == 2 else rng.integers(1, 4, shape)  # fmt: skip
    weights = weights + (np.arange(shape[-1]) == 2)
    chance = [[Fraction(int(w), int(weights.sum())) for w in row] for row in np.atleast_2d(weights)]
    middle = mo.Joint(chance if len(shape) == 2 else chance[0])
    for distance in ("1/1000000000000", "1/2", 3, 50):
        ball = Wasserstein(middle, distance, [own.tolist() for own in places])
        values = rng.normal(size=shape)
        wanted = worst_by_transport(values, middle.density(), places, Fraction(distance))
        least = ball.least(values)
        assert least.value == pytest.approx(wanted, abs=1e-8)
        assert least.rounding < 1e-6
        for _ in range(2):
            inside = ball.member(rng.random(shape))
            assert inside.min() >= 0.0
            assert inside.sum() == pytest.approx(1.0, abs=1e-12)
            moved, cost = ball._moved(inside)
            assert float(moved @ cost) <= float(Fraction(distance)) + 1e-8


@pytest.mark.parametrize(
    ("costs", "values", "places"),
    [
        ([0], [1], None),
        ([0, 1], [0, 1], [[0, 0], [0, 0]]),
        ([0, 1], [0, 1], [[0, 0], [0, 1]]),
    ],
    ids=["a-single-profile", "nothing-is-far", "costs-are-not-far"],
)
def test_a_wasserstein_ball_where_nothing_moves_or_moves_cost_nothing(costs, values, places):
    trade = mo.BilateralTrade(mo.TypeSpace.finite(costs), mo.TypeSpace.finite(values))
    ball = wasserstein_ball(trade, "1/10")
    if places is not None:
        ball = Wasserstein(ball.prior, "1/10", places)
    values = np.subtract.outer(-np.array(costs), -np.array(values)).clip(0.0)
    places = [np.ravel(own).astype(float)[:, None] for own in ball.places]
    wanted = worst_by_transport(values, ball.prior.density(), places, Fraction(1, 10))
    assert ball.least(values).value == pytest.approx(wanted, abs=1e-8)
    solution = mo.solve(mo.DesignProblem(trade, WorstPriorIn(mo.Welfare(), ball), **ALWAYS))
    assert mo.audit(solution.problem, solution).passed
    assert ball.member(np.ones(trade.shape)).min() >= 0.0


def test_a_wasserstein_ball_by_one_program():
    """The guarantee of a mechanism is the worst over all plans, and no other one has a better."""
    problem = mo.DesignProblem(
        TRADE, WorstPriorIn(mo.Welfare(), wasserstein_ball(TRADE, "1/10", FAIR)), **ALWAYS
    )
    solution = mo.solve(problem, "highs")
    mo.audit(problem, solution).raise_if_failed()
    assert solution.bound == pytest.approx(solution.objective, abs=1e-8)
    paid = solution.mechanism.ex_post_payments().sum(axis=0)
    traded = solution.mechanism.allocation.dense(TRADE)[0]
    values = traded * (np.array([1, 3]) - np.array([[0], [2]])) - paid
    worst = worst_by_transport(values, FAIR.density(), ([0, 2], [1, 3]), Fraction(1, 10))
    assert worst == pytest.approx(solution.objective, abs=1e-9)
    exact = mo.exact_optimum(problem)
    assert exact.verify() == ()
    assert float(exact.objective) == pytest.approx(solution.objective, abs=1e-9)
    for backend in ("cvxpy", "pyomo"):
        assert mo.solve(problem, backend).objective == pytest.approx(solution.objective, abs=1e-7)
    # Listing priors that moving can reach brings no less, in any mechanism.
    corners = []
    for start, end in np.ndindex(4, 4):
        far = 2 * sum(a != b for a, b in zip(divmod(start, 2), divmod(end, 2), strict=True))
        if far:
            moved = FAIR.in_fractions().ravel()
            share = min(Fraction(1, 10) / far, moved[start] / 2)
            moved[start], moved[end] = moved[start] - share, moved[end] + share
            corners.append(mo.Joint(moved.reshape(2, 2).tolist()))
    listed = replace(problem, objective=mo.robust.WorstPrior(mo.Welfare(), corners))
    assert mo.solve(listed, "highs").objective >= solution.objective - 1e-9
    wrong = {name: v + 0.1 for name, v in solution.duals.items()}
    assert proved_bound(problem, wrong)[0] >= solution.objective - 1e-9


def test_balls_of_types_without_numbers():
    """Types that are words differ by one, and rows of values by the sum of their differences."""
    worth = [[1, 0], [0, 2]]
    words = mo.Alternatives(
        ["yes", "no"], {"ann": ["red", "blue"], "bob": [1, 3]},
        prior=[["1/4", "1/4"], ["1/4", "1/4"]], values={"ann": worth, "bob": worth},
    )  # fmt: skip
    ball = wasserstein_ball(words, "1/4")
    by_words = Wasserstein(ball.prior, "1/4", [[["1/2", 0], [0, "1/2"]], ball.places[1]])
    assert ball.places[0] == by_words.places[0]
    gain = np.array([[0.0, 0.0], [-1.0, 0.0]])
    assert ball.least(gain).value == pytest.approx(-0.25 - 0.25, abs=1e-9)
    buyer = mo.Goods([[1, 0], [0, 2], [3, 3]])
    assert wasserstein_ball(buyer, 1).places[0] == (("1", "0"), ("0", "2"), ("3", "3"))


def test_tiny_balls_are_not_empty():
    for set_of in (Near(FAIR, "1e-12"), wasserstein_ball(TRADE, "1e-12", FAIR)):
        problem = mo.DesignProblem(TRADE, WorstPriorIn(mo.Welfare(), set_of), **ALWAYS)
        solution = mo.solve(problem, "highs")
        mo.audit(problem, solution).raise_if_failed()
        stated = replace(problem, objective=mo.robust.UnderPrior(mo.Welfare(), FAIR))
        assert solution.objective == pytest.approx(mo.solve(stated).objective, abs=1e-9)


def test_many_moments_are_decided_in_fractions():
    """Ten powers of eleven values leave one prior, under which the highest value is rare."""
    chance = [
        Fraction(9 * 10 ** (10 - k), 10**11 - 1) * Fraction(10**11 - 1, 10**11) for k in range(11)
    ]
    chance[0] += 1 - sum(chance)
    values = mo.TypeSpace.finite([Fraction(k, 10) for k in range(11)], chance)
    buyer = mo.Auction(values, count=1)
    powers = [[Fraction(k, 10) ** n for k in range(11)] for n in range(1, 11)]
    known = [
        sum((a * b for a, b in zip(power, chance, strict=True)), Fraction(0)) for power in powers
    ]
    priors = Moments(powers, known, known)
    assert priors.middle((11,)) == pytest.approx([float(each) for each in chance], rel=1e-9)
    problem = mo.DesignProblem(buyer, WorstPriorIn(mo.Revenue(), priors), budget="subsidised")
    plain = replace(problem, objective=mo.Revenue())
    assert mo.solve(problem).objective == pytest.approx(mo.solve(plain).objective, abs=1e-6)


def test_what_is_not_decided_is_said_and_a_known_member_decides():
    """Twenty powers of values of which the highest has a chance of 1e-20 are beyond floats."""
    chance = [Fraction(9, 10 ** (k + 1)) for k in range(21)]
    chance[0] += 1 - sum(chance)
    powers = [[Fraction(k, 20) ** n for k in range(21)] for n in range(1, 21)]
    known = [sum(a * b for a, b in zip(power, chance, strict=True)) for power in powers]
    with pytest.raises(InvalidInputError, match="no prior of the set is known to give"):
        Moments(powers, known, known).middle((21,))
    found = Moments(powers, known, known, chance).middle((21,))
    assert found == pytest.approx([float(each) for each in chance], rel=1e-12)
    # One that is not inside is not believed.
    wrong = Moments([[1, 0, 0, 0]], ["1/2"], ["1/2"], ["1/4"] * 4).middle((2, 2))
    assert wrong[0] == pytest.approx(0.5)
    rare = [Fraction(1, 10**12), *[Fraction(1, 32)] * 31]
    rare[-1] += 1 - sum(rare)
    types = mo.TypeSpace.finite(range(32), rare)
    assert known_marginals(mo.BilateralTrade(types, types)).middle((32, 32)).min() == 1e-24


def test_rare_profiles_and_empty_sets_are_told_apart():
    rare = Moments([[1, 0, 0, 0]], ["1e-14"], ["1e-14"])
    mo.DesignProblem(TRADE, WorstPriorIn(mo.Welfare(), rare), **ALWAYS)
    for low, message in ((-1, "multipliers of the conditions prove"), (0, "0 at most")):
        never = Moments([[1, 0, 0, 0]], [low], [low])
        with pytest.raises(InvalidInputError, match=message):
            mo.DesignProblem(TRADE, WorstPriorIn(mo.Welfare(), never), **ALWAYS)


def test_ranges_of_moments_and_known_marginals_of_two_agents():
    costs, values = np.array([[0, 0], [2, 2]]), np.array([[1, 3], [1, 3]])
    gap = np.maximum(values - costs, 0)
    few = (costs > 0).astype(int)
    many = (values > 2).astype(int)
    for priors, functions, low, high in (
        (Moments([gap, few], [1, "2/5"], [None, "3/5"]), (gap, few), (1, 0.4), (9, 0.6)),
        (known_marginals(TRADE), (few, many), (0.5, 0.5), (0.5, 0.5)),
        (known_means(TRADE, {"seller": 1, "buyer": (1.5, 2)}), (costs, values), (1, 1.5), (1, 2)),
    ):
        problem = mo.DesignProblem(TRADE, WorstPriorIn(mo.Welfare((1, 1)), priors), **ALWAYS)
        solution = mo.solve(problem, "highs")
        mo.audit(problem, solution).raise_if_failed()
        assert solution.bound == pytest.approx(solution.objective, abs=1e-8)
        for seed in range(4):
            inside = priors.member(np.random.default_rng(seed).random((2, 2)))
            assert inside.min() >= 0.0
            assert inside.sum() == pytest.approx(1.0, abs=1e-14)
            for function, least, most in zip(functions, low, high, strict=True):
                assert least - 1e-13 <= float((inside * function).sum()) <= most + 1e-13
            under = mo.robust.UnderPrior(mo.Welfare((1, 1)), mo.Joint(inside))
            assert under.value(solution.mechanism)[0] >= solution.objective - 1e-9


def test_bounds_of_any_multipliers_are_true():
    problem = mo.DesignProblem(TRADE, WorstPriorIn(mo.Welfare(), Near(FAIR, 0.05)), **ALWAYS)
    solution = mo.solve(problem, "highs")
    rng = np.random.default_rng(1)
    for _ in range(5):
        wrong = {name: v + rng.normal(0, 0.2, np.shape(v)) for name, v in solution.duals.items()}
        assert proved_bound(problem, wrong)[0] >= solution.objective - 1e-9
    assert proved_bound(problem, {})[0] >= solution.objective - 1e-9
    paid = solution.mechanism.ex_post_payments() + 1e-3
    table = Table(solution.mechanism.allocation.dense(TRADE))
    moved = Mechanism.of_profiles(TRADE, table, paid)
    assert problem.value(moved) == pytest.approx(solution.objective - 2e-3, abs=1e-9)


def test_what_is_saved_is_the_same(tmp_path):
    problem = mo.DesignProblem(TRADE, WorstPriorIn(mo.Welfare(), Near(FAIR, "1/20")), **ALWAYS)
    solution = mo.solve(problem, "highs")
    save_solution(solution, tmp_path / "kept.json")
    again = load_solution(tmp_path / "kept.json")
    assert again.problem.objective == problem.objective
    assert mo.audit(again.problem, again).passed


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: WorstPriorIn(mo.Subsidy(), Near(FAIR, 0.1)), "to be maximised"),
        (lambda: WorstPriorIn(mo.Welfare(), [FAIR]), "WorstPrior takes a list"),
        (lambda: Near(FAIR, 0), "above 0 and at most 1"),
        (lambda: Near(FAIR, "much"), "distance: no set of priors"),
        (lambda: Near([[1.0]], 0.1), "Joint"),
        (lambda: Wasserstein(FAIR, 0, [[0, 1], [0, 1]]), "a number above 0"),
        (lambda: Wasserstein(FAIR, 1, [[0, 1], [0]]), "2 and 2 places"),
        (lambda: Wasserstein(FAIR, 1, [[0, 1], [[0, 1], 2]]), "places of equal size"),
        (lambda: Wasserstein(FAIR, 1, [[0, "x"], [0, 1]]), "finite numbers"),
        (lambda: Moments([[1, 2]], [1, 2], [2]), "1 bounds, one per function"),
        (lambda: Moments([[1, 2]], [2], [1]), "2 and 1"),
        (lambda: Moments([[1, 2]], [None], [None]), "lower bound, an upper"),
        (lambda: Moments([[1, np.nan]], [1], [1]), "finite numbers"),
        (lambda: Moments("12", [1], [1]), "functions"),
        (lambda: known_means(TRADE, {"nobody": 1}), "no such agent"),
    ],
)
def test_sets_that_are_refused(make, message):
    with pytest.raises(InvalidInputError, match=message):
        make()


@pytest.mark.parametrize(
    ("priors", "message"),
    [
        (Near(mo.Joint([[0.5, 0.5]]), 0.1), r"shape \(2, 2\)"),
        (Wasserstein(mo.Joint([[0.5, 0.5]]), 0.1, [[0], [0, 1]]), r"shape \(2, 2\)"),
        (Moments([[1, 2]], [1], [1]), "4 numbers, one for every profile"),
        (Moments([[0, 1, 0, 1]], [2], [2]), "got none"),
        (Moments([[0, 1, 0, 1]], [1], [1]), "for the rarest"),
    ],
)
def test_sets_that_do_not_fit_the_problem(priors, message):
    with pytest.raises(InvalidInputError, match=message):
        mo.DesignProblem(TRADE, WorstPriorIn(mo.Welfare(), priors), **ALWAYS)


def test_all_priors_are_a_set_too():
    trade = mo.BilateralTrade(mo.TypeSpace.finite([0, 1]), mo.TypeSpace.finite([0, 2]))
    any_prior = mo.robust.WorstPriorIn(mo.Welfare(), mo.robust.known_means(trade, {}))
    problem = mo.DesignProblem(
        trade, any_prior, incentives="dominant", participation="ex-post", budget_holds="ex-post"
    )
    # A buyer of value 0 is in the set, and nothing is gained then.
    assert mo.solve(problem).objective == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(
    "objective",
    [
        lambda revenue: mo.robust.UnderPrior(revenue, FAIR),
        lambda revenue: mo.robust.WorstPrior(revenue, (FAIR,)),
        lambda revenue: WorstPriorIn(revenue, Near(FAIR, "1/20")),
    ],
)
def test_revenue_under_no_prior_has_a_balanced_budget(objective):
    with pytest.raises(mo.InvalidInputError, match="budget"):
        mo.DesignProblem(TRADE, objective(mo.Revenue()))
    assert mo.DesignProblem(TRADE, objective(mo.Revenue()), budget="no-deficit")
