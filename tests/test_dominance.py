"""Interim dominance under joint priors, its certificates, and interim efficiency."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import linprog

import mechopt as mo
from mechopt.backends.joint import solve_joint
from mechopt.backends.polish import polish
from mechopt.mechanism.allocation import Table
from mechopt.program.joint_form import joint_form
from mechopt.verify.joint import audit_joint, joint_bound
from tests.cases import FIXED, uniform_types


def uniform_cells(size, low=0.0, high=1.0):
    return mo.TypeSpace.from_distribution(stats.uniform(low, high - low), size)


def with_marginals(trade, prior):
    """Return the environment whose type spaces have the marginals of a joint prior."""
    spaces = [
        mo.TypeSpace(prior.sum(axis=1 - i), agent.types.mean, agent.types.lower, agent.types.upper)
        for i, agent in enumerate(trade.agents)
    ]
    agents = [mo.Agent(a.name, space) for a, space in zip(trade.agents, spaces, strict=True)]
    return mo.Environment(tuple(agents), trade.outcomes)


def random_problem(seed, shape=(4, 3), *, cells=False, zeros=False, **options):
    rng = np.random.default_rng(seed)
    prior = rng.dirichlet(np.ones(shape[0] * shape[1])).reshape(shape)
    if zeros:
        prior[rng.random(shape) < 0.3] = 0.0
        prior[:, 0] += 1e-3
        prior[0, :] += 1e-3
        prior /= prior.sum()
    if cells:
        spaces = [
            uniform_cells(size, low, high)
            for size, low, high in zip(shape, (0, 0.2), (1, 1.3), strict=True)
        ]
    else:
        spaces = [mo.TypeSpace.finite(np.sort(rng.uniform(0, 1, size))) for size in shape]
    trade = with_marginals(mo.BilateralTrade(*spaces), prior)
    return mo.JointProblem(trade, prior, **options)


def naive_optimum(problem):
    """Return the optimum of a program written pair by pair, with nothing of the package's own."""
    prior, (n, m) = problem.prior, problem.prior.shape
    seller, buyer = (agent.types for agent in problem.environment.agents)
    rows, right = [], []

    def trade(i, j):
        return i * m + j

    def pay(i, j):
        return n * m + i * m + j

    def payoff(row, side, own, report, theta, sign):
        beliefs = prior[own] if side == 0 else prior[:, own]
        for other, chance in enumerate(beliefs / beliefs.sum()):
            pair = (report, other) if side == 0 else (other, report)
            money = 1.0 if side == 0 else -1.0
            row[trade(*pair)] += sign * chance * (-theta if side == 0 else theta)
            row[pay(*pair)] += sign * chance * money

    for side, types, size in ((0, seller, n), (1, buyer, m)):
        for own in range(size):
            for theta in {types.lower[own], types.upper[own]}:
                row = np.zeros(2 * n * m)
                payoff(row, side, own, own, theta, -1.0)
                rows.append(row)
                right.append(0.0)
                for report in range(size):
                    row = np.zeros(2 * n * m)
                    payoff(row, side, own, report, theta, 1.0)
                    payoff(row, side, own, own, theta, -1.0)
                    rows.append(row)
                    right.append(0.0)
    if problem.ex_post_participation:
        for i in range(n):
            for j in range(m):
                for theta in {seller.lower[i], seller.upper[i]}:
                    row = np.zeros(2 * n * m)
                    row[trade(i, j)], row[pay(i, j)] = theta, -1.0
                    rows.append(row)
                    right.append(0.0)
                for theta in {buyer.lower[j], buyer.upper[j]}:
                    row = np.zeros(2 * n * m)
                    row[trade(i, j)], row[pay(i, j)] = -theta, 1.0
                    rows.append(row)
                    right.append(0.0)
    gains = prior * (buyer.mean[None, :] - seller.mean[:, None])
    cost = np.concatenate([-gains.ravel(), np.zeros(n * m)])
    bounds = [(0, 1)] * (n * m) + [(-problem.limit, problem.limit)] * (n * m)
    return -linprog(cost, A_ub=np.array(rows), b_ub=right, bounds=bounds).fun


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("cells", [False, True])
@pytest.mark.parametrize("zeros", [False, True])
def test_joint_optimum_is_that_of_a_naive_program_and_of_its_bound(seed, cells, zeros):
    options = {"ex_post_participation": seed % 2 == 1, "payment_limit": 0.7 if seed > 3 else None}
    problem = random_problem(seed, cells=cells, zeros=zeros, **options)
    answer = solve_joint(problem)
    value = problem.expected_gain(answer.mechanism)
    assert value == pytest.approx(naive_optimum(problem), abs=1e-8)
    assert value == pytest.approx(joint_bound(problem, answer.duals), abs=1e-8)
    assert audit_joint(problem, answer.mechanism, expected_gain=value).passed


@pytest.mark.parametrize(
    "name", ["finite-irregular", "cells-uniform", "samples-in-cells", "negative-valuations"]
)
def test_independent_joint_priors_give_the_second_best(name):
    trade = FIXED[name]
    problem = mo.JointProblem(trade, np.outer(*trade.masses))
    expected = mo.solve(mo.ex_ante_efficiency(trade)).objective
    value = problem.expected_gain(solve_joint(problem).mechanism)
    assert value == pytest.approx(expected, abs=1e-7 * trade.payoff_scale)


def test_delay_under_an_independent_joint_prior_gives_the_second_best():
    types = uniform_types(6)
    trade = mo.BilateralTrade(types, types, 2.0, 1.0)
    problem = mo.JointProblem(trade, np.outer(*trade.masses))
    answer = solve_joint(problem)
    expected = mo.solve(mo.ex_ante_efficiency(trade)).objective
    assert problem.expected_gain(answer.mechanism) == pytest.approx(expected, abs=1e-7)
    assert joint_bound(problem, answer.duals) == pytest.approx(expected, abs=1e-7)
    assert audit_joint(problem, answer.mechanism).passed


def test_correlated_types_can_do_better_than_independent_ones():
    # With beliefs that differ by type, bets on the other's type pay for the information rents.
    types = uniform_types(6)
    weight = 1.0 + 0.5 * np.eye(6)
    prior = weight / weight.sum()
    trade = with_marginals(mo.BilateralTrade(types, types), prior)
    apart = mo.solve(mo.ex_ante_efficiency(trade)).objective / trade.first_best
    problem = mo.JointProblem(trade, prior)
    gains = np.maximum(types.mean[None, :] - types.mean[:, None], 0.0)
    together = problem.expected_gain(solve_joint(problem).mechanism) / (prior * gains).sum()
    assert together > apart + 0.03


@pytest.mark.parametrize("seed", range(10))
def test_any_multipliers_prove_a_true_bound(seed):
    problem = random_problem(seed, cells=seed % 2 == 0, ex_post_participation=seed % 3 == 0)
    value = problem.expected_gain(solve_joint(problem).mechanism)
    rng = np.random.default_rng(seed)
    duals = {
        name: rng.exponential(0.01, (size, size) if "_ic_" in name else size)
        for agent, size in (("seller", 4), ("buyer", 3))
        for end in ("lower", "upper")
        for name in (f"{agent}_ic_{end}", f"{agent}_participation_{end}")
    }
    assert joint_bound(problem, duals) >= value - 1e-9
    best = solve_joint(problem)
    shaken = {
        name: values * rng.uniform(0.9, 1.1, values.shape) for name, values in best.duals.items()
    }
    assert joint_bound(problem, shaken) >= value - 1e-9
    least = solve_joint(problem, least_gain=True)
    smallest = min(gain.min() for gain in problem.gains(least.mechanism))
    assert joint_bound(problem, least.duals, least_gain=True) >= smallest - 1e-9
    assert (
        joint_bound(problem, shaken, least_gain=True)
        >= joint_bound(problem, least.duals, least_gain=True) - 1e-7
    )
    assert joint_bound(problem, {}, least_gain=True) == np.inf


def test_multipliers_of_the_wrong_shape_are_refused():
    with pytest.raises(ValueError, match="seller_ic_lower: expected shape"):
        joint_bound(random_problem(0), {"seller_ic_lower": np.zeros(3)})


SPOILS = {
    "incentive compatibility of seller": lambda y, x: (y, x + np.array([0.2, 0, 0, 0])[:, None]),
    "incentive compatibility of buyer": lambda y, x: (y, x + np.array([0.0, 0, 0.2])[None, :]),
    "seller gets at least the status quo": lambda y, x: (y, x - 1.0),
    "buyer gets at least the status quo": lambda y, x: (y, x + 1.0),
    "bounds of trade": lambda y, x: (y + 0.01, x),
    "limit on payments": lambda y, x: (y, x + 1e3),
    "reported gain": lambda y, x: (0.9 * y, x),
    "ex post participation of seller": lambda y, x: (y, x - 0.01),
    "ex post participation of buyer": lambda y, x: (y, x + 0.01),
}


@pytest.mark.parametrize("requirement", SPOILS)
def test_the_audit_names_what_a_spoiled_mechanism_breaks(requirement):
    problem = random_problem(3, ex_post_participation="ex post" in requirement)
    best = solve_joint(problem).mechanism
    gain = problem.expected_gain(best)
    assert audit_joint(problem, best, expected_gain=gain).passed
    outcome, payment = SPOILS[requirement](best.outcome, best.payment)
    spoiled = mo.JointMechanism(outcome, payment)
    failed = [
        check.requirement for check in audit_joint(problem, spoiled, expected_gain=gain).failed
    ]
    assert requirement in failed


def test_the_audit_notices_outcomes_beyond_the_frontier():
    types = uniform_types(3)
    problem = mo.JointProblem(mo.BilateralTrade(types, types, 2.0, 1.0), np.full((3, 3), 1 / 9))
    outcome = np.stack([np.full((3, 3), 0.25), np.full((3, 3), 0.6)])
    mechanism = mo.JointMechanism(outcome, np.zeros((3, 3)))
    failed = [check.requirement for check in audit_joint(problem, mechanism).failed]
    assert "frontier" in failed
    swapped = mo.JointMechanism(outcome[::-1], np.zeros((3, 3)))
    assert "patience" in [check.requirement for check in audit_joint(problem, swapped).failed]


def test_the_audit_knows_that_beliefs_differ_by_type():
    # Under the product of the marginals the same mechanism is not incentive compatible.
    problem = random_problem(1)
    mechanism = solve_joint(problem).mechanism
    product = replace(problem, prior=np.outer(*problem.environment.masses))
    assert audit_joint(problem, mechanism).passed
    assert not audit_joint(product, mechanism).passed


def test_units_of_money_do_not_matter():
    problem = random_problem(2, cells=True)
    value = problem.expected_gain(solve_joint(problem).mechanism)
    for factor in (1e-6, 3.0, 1e7):
        scaled = problem.scaled(factor)
        answer = solve_joint(scaled)
        assert scaled.expected_gain(answer.mechanism) == pytest.approx(factor * value, rel=1e-7)
        assert joint_bound(scaled, answer.duals) == pytest.approx(factor * value, rel=1e-7)


def test_blocks_of_the_program_have_the_names_of_the_theory():
    form = joint_form(random_problem(0, cells=True, ex_post_participation=True))
    assert form.constraints["seller_ic_upper"].shape == (12,)
    assert form.constraints["buyer_ex_post_lower"].shape == (3, 4)
    assert list(form.variables) == ["trade", "payment"]
    least = joint_form(random_problem(0), least_gain=True)
    assert list(least.variables)[-1] == "least_gain"


def test_types_of_probability_zero_are_dropped_and_the_answer_says_so():
    types = uniform_types(4)
    trade = mo.BilateralTrade(types, types)
    prior = np.zeros((4, 4))
    prior[1, 2], prior[2, 3], prior[1, 3] = 0.5, 0.25, 0.25
    answer = mo.find_dominating(trade, prior, mo.InterimPayoffs.nothing(trade))
    assert [cells.tolist() for cells in answer.kept] == [[1, 2], [2, 3]]
    assert any("2 of 4 types of seller" in note for note in answer.notes)
    assert any("1 pairs of the remaining types" in note for note in answer.notes)
    assert answer.dominated
    # With gains in every possible pair and a safe price nobody loses: the first best is reached.
    assert answer.gain == pytest.approx(
        (prior * (types.mean[None, :] - types.mean[:, None])).sum(), abs=1e-7
    )
    table = answer.dataset()
    assert table.trade.sel(seller=0.5, buyer=0.75).item() == pytest.approx(1.0)
    assert table.probability.sum().item() == pytest.approx(1.0)


def test_a_dominating_mechanism_needs_no_pointless_bets():
    trade = FIXED["finite-uniform"]
    answer = mo.find_dominating(trade, np.outer(*trade.masses), mo.InterimPayoffs.nothing(trade))
    assert answer.dominated
    assert answer.audit.passed
    assert answer.problem.limit == pytest.approx(100 * trade.payoff_scale)
    assert np.abs(answer.mechanism.payment).max() < 1.0
    assert min(gain.min() for gain in answer.gains) > -1e-8


def test_a_status_quo_out_of_reach_is_proved_to_be():
    trade = FIXED["finite-uniform"]
    first_best = mo.InterimPayoffs.linear(
        trade, *[[np.zeros(6), np.zeros(6)], [-np.ones(6) / 12] * 2]
    )
    answer = mo.find_dominating(trade, np.outer(*trade.masses), first_best)
    assert answer.efficient
    assert answer.bound == -np.inf
    assert answer.mechanism is None
    assert "every mechanism leaves some type worse off" in answer.notes[-1]
    assert str(answer) == "not dominated: every other mechanism leaves some type worse off"
    assert all((gain == 0).all() for gain in answer.gains)
    with pytest.raises(mo.MechoptError, match="no mechanism to show"):
        answer.dataset()


@pytest.mark.parametrize(
    ("prior", "options", "message"),
    [
        (np.ones((2, 3)) / 6, {}, "not a joint prior"),
        (np.array([[1.2, -0.2], [0, 0]]), {}, "not a joint prior"),
        (np.full((2, 2), 0.3), {}, "not a joint prior"),
        (np.full((2, 2), 0.25), {"payment_limit": 0.0}, "not a limit on payments"),
    ],
)
def test_bad_joint_priors_are_refused(prior, options, message):
    trade = mo.BilateralTrade(mo.TypeSpace.finite([0, 1]), mo.TypeSpace.finite([0, 1]))
    with pytest.raises(mo.MechoptError, match=message):
        mo.find_dominating(trade, prior, mo.InterimPayoffs.nothing(trade), **options)


def test_a_joint_problem_checks_its_parts():
    types = mo.TypeSpace.finite([0, 1])
    trade = mo.BilateralTrade(types, types)
    with pytest.raises(mo.MechoptError, match="type space's masses"):
        mo.JointProblem(trade, [[0.5, 0.2], [0.2, 0.1]])
    with pytest.raises(mo.MechoptError, match="not a joint prior"):
        mo.JointProblem(trade, [[0.5, 0.5]])


# Interim efficiency


@pytest.mark.parametrize("name", ["finite-uniform", "cells-beta", "finite-irregular", "samples"])
@pytest.mark.parametrize("weights", [(1.0, 1.0), (1.0, 0.4)])
def test_ex_ante_efficient_mechanisms_are_interim_efficient(name, weights):
    trade = FIXED[name]
    mechanism = mo.solve(mo.ex_ante_efficiency(trade, weights)).mechanism
    answer = mo.interim_efficiency(trade, mechanism)
    assert answer.efficient
    assert answer.dominance.bound <= 1e-6 * trade.payoff_scale
    assert str(answer).startswith("interim efficient")


def test_ex_ante_efficient_mechanisms_with_delay_are_interim_efficient():
    types = uniform_types(6)
    trade = mo.BilateralTrade(types, types, 2.0, 1.0)
    assert mo.interim_efficiency(trade, mo.solve(mo.ex_ante_efficiency(trade)).mechanism).efficient


@pytest.mark.parametrize(
    ("types", "gain"),
    [
        (uniform_types(4), 1 / 64),
        (uniform_types(6), 5 / 324),
        (uniform_cells(6), 1 / 72),
        (uniform_cells(8), 3 / 256),
    ],
)
def test_a_posted_price_of_one_half_is_not_interim_efficient(types, gain):
    trade = mo.BilateralTrade(types, types)
    mechanism = mo.cramton1985.posted_price(trade, 0.5)
    answer = mo.interim_efficiency(trade, mechanism)
    assert answer.feasible
    assert not answer.efficient
    assert answer.dominance.dominated
    assert answer.dominance.gain == pytest.approx(gain, abs=1e-7)
    assert answer.dominance.bound == pytest.approx(gain, abs=1e-7)
    assert answer.dominance.audit.passed
    # Checked once more by the audit of independent types.
    better = answer.dominance
    net = [
        -better.mechanism.outcome[0] @ trade.masses[1],
        trade.masses[0] @ better.mechanism.outcome[0],
    ]
    pay = [-better.mechanism.payment @ trade.masses[1], trade.masses[0] @ better.mechanism.payment]
    problem = mo.ex_ante_efficiency(trade)
    rough = mo.Mechanism(trade, Table(better.mechanism.outcome), tuple(pay))
    # Two types have nothing at stake here, so that a solver's residual is more than that.
    again = polish(problem, rough).mechanism
    assert mo.audit(problem, again).passed
    for i in range(2):
        assert (again.utility[i] - mechanism.utility[i]).min() > -1e-7
        assert np.allclose(again.quantity[i], net[i])


def test_a_posted_price_is_interim_efficient_on_few_cells():
    quarters = mo.BilateralTrade(uniform_cells(4), uniform_cells(4))
    assert mo.interim_efficiency(quarters, mo.cramton1985.posted_price(quarters, 0.5)).efficient
    # The monopoly price of a seller with two types against a known value of 1.
    types = mo.BilateralTrade(mo.TypeSpace.finite([0, 0.5]), mo.TypeSpace.finite([1.0]))
    assert mo.interim_efficiency(types, mo.cramton1985.posted_price(types, 1.0)).efficient


def test_a_trading_rule_is_judged_with_its_payments():
    types = mo.TypeSpace.finite([1, 2, 3, 4, 5, 6])
    trade = mo.BilateralTrade(types, types)
    halved = np.array([[0.5 * (b > s + 1) for b in types.mean] for s in types.mean])
    answer = mo.interim_efficiency(trade, mo.cramton1985.payments_from_rule(trade, halved))
    assert answer.feasible
    assert answer.dominance.dominated
    assert str(answer).startswith("not interim efficient")
    wide = np.array([[b > s for b in types.mean] for s in types.mean], dtype=float)
    answer = mo.interim_efficiency(trade, mo.cramton1985.payments_from_rule(trade, wide))
    assert not answer.feasible
    assert not answer.efficient
    assert str(answer).startswith("not feasible: participation of seller")


@pytest.mark.parametrize("k", [0.0, 0.25, 0.5, 0.8, 1.0])
def test_double_auction_offers_are_best_responses_and_efficient_for_their_weights(k):
    auction = mo.cramton1985.DoubleAuction(k)
    types, offers = np.linspace(0, 1, 101)[:, None], np.linspace(-0.5, 1.5, 1001)[None, :]
    for payoff, offer in (
        (auction.seller_payoff, auction.seller_offer),
        (auction.buyer_payoff, auction.buyer_offer),
    ):
        assert (payoff(types, offers) - payoff(types, offer(types))).max() <= 1e-12
    cells = uniform_cells(8)
    payoffs = mo.cramton1985.double_auction_payoffs(mo.BilateralTrade(cells, cells), k)
    total = sum(
        w * cells.mass @ mean for w, mean in zip(auction.weights, payoffs.mean, strict=True)
    )
    fine = uniform_cells(2_000)
    optimum = mo.solve(mo.ex_ante_efficiency(mo.BilateralTrade(fine, fine), auction.weights))
    assert total == pytest.approx(optimum.objective, abs=1e-7)
    assert mo.interim_efficiency(mo.BilateralTrade(cells, cells), payoffs).efficient
    # Nine tenths of it would not be: cells of this width can tell.
    less = mo.interim_efficiency(mo.BilateralTrade(cells, cells), payoffs.scaled(0.9))
    assert less.dominance.dominated


def test_double_auction_agrees_with_simultaneous_offers():
    cells = uniform_cells(8)
    trade = mo.BilateralTrade(cells, cells)
    offers, auction = mo.cramton1985.SimultaneousOffers(), mo.cramton1985.DoubleAuction(0.5)
    grid = np.linspace(0, 1, 11)
    assert np.allclose(auction.seller_offer(grid), offers.seller_offer(grid))
    assert np.allclose(auction.buyer_offer(grid), offers.buyer_offer(grid))
    mechanism = mo.cramton1985.double_auction(trade, 0.5)
    fine = (np.arange(800) + 0.5) / 800
    table = offers.trade(fine[:, None], fine[None, :])
    paid = table * ((fine[:, None] + fine[None, :]) / 3 + 1 / 6)
    for values, fine_values in (
        (mechanism.allocation.values[0], table),
        (mechanism.ex_post_payment[1], paid),
    ):
        assert np.allclose(values, fine_values.reshape(8, 100, 8, 100).mean(axis=(1, 3)), atol=0.01)
    assert mechanism.payment_of("buyer") @ cells.mass == pytest.approx(paid.mean(), abs=1e-3)


def test_common_mechanisms_refuse_what_they_are_not_for():
    finite = mo.BilateralTrade(uniform_types(4), uniform_types(4))
    with pytest.raises(mo.MechoptError, match="uniform exchange only"):
        mo.cramton1985.double_auction(finite, 0.5)
    with pytest.raises(mo.MechoptError, match="weight of an offer"):
        mo.cramton1985.DoubleAuction(1.5)
    with pytest.raises(mo.MechoptError, match="not a posted price"):
        mo.cramton1985.posted_price(finite, float("nan"))
