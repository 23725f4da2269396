"""Interim dominance under joint priors, its certificates, and interim efficiency."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import linprog

import mechopt as mo
from mechopt.backends.polish import polish
from mechopt.environments import OutcomeRow, Role
from mechopt.mechanism.allocation import Table
from mechopt.program.lagrangian import dual_bound
from mechopt.studies.dominance import dominance_problem
from mechopt.studies.second_programs import least_gain_bound
from tests.cases import FIXED, uniform_types
from tests.draws import drawn, some


def uniform_cells(size, low=0.0, high=1.0):
    return mo.TypeSpace.from_distribution(stats.uniform(low, high - low), size)


def with_prior(trade, prior):
    """Return the environment of a joint prior, whose type spaces have its marginals."""
    spaces = [
        mo.TypeSpace(prior.sum(axis=1 - i), agent.types.mean, agent.types.lower, agent.types.upper)
        for i, agent in enumerate(trade.agents)
    ]
    agents = [mo.Agent(a.name, space) for a, space in zip(trade.agents, spaces, strict=True)]
    return mo.Environment(tuple(agents), trade.outcomes, mo.Joint(prior))


class OneSeller(mo.Outcomes):
    """One object of the first agent, which one of the two others may get."""

    variables = ("first", "second")
    roles = (
        Role("seller", "gives", "cost", "quantity", "sells"),
        Role("first", "receives", "value", "quantity", "buys"),
        Role("second", "receives", "value", "quantity", "buys"),
    )
    net_quantity = np.array([[-1.0, -1.0], [1.0, 0.0], [0.0, 1.0]])
    vertices = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    rows = (OutcomeRow("once", (1.0, 1.0), 1.0),)


def above_nothing(environment, **options):
    return dominance_problem(environment, mo.studies.InterimPayoffs.nothing(environment), **options)


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
    return above_nothing(with_prior(mo.BilateralTrade(*spaces), prior), **options)


def naive_optimum(problem, *, least_gain=False):
    """Return the optimum of a program written pair by pair, with nothing of the package's own."""
    prior, (n, m) = problem.environment.prior.density(), problem.environment.shape
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
                row = np.zeros(2 * n * m + 1)
                payoff(row, side, own, own, theta, -1.0)
                row[-1] = 1.0 if least_gain else 0.0
                rows.append(row)
                right.append(0.0)
                for report in range(size):
                    row = np.zeros(2 * n * m + 1)
                    payoff(row, side, own, report, theta, 1.0)
                    payoff(row, side, own, own, theta, -1.0)
                    rows.append(row)
                    right.append(0.0)
    if problem.participation == "ex-post":
        for i in range(n):
            for j in range(m):
                for theta in {seller.lower[i], seller.upper[i]}:
                    row = np.zeros(2 * n * m + 1)
                    row[trade(i, j)], row[pay(i, j)] = theta, -1.0
                    rows.append(row)
                    right.append(0.0)
                for theta in {buyer.lower[j], buyer.upper[j]}:
                    row = np.zeros(2 * n * m + 1)
                    row[trade(i, j)], row[pay(i, j)] = -theta, 1.0
                    rows.append(row)
                    right.append(0.0)
    gains = prior * (buyer.mean[None, :] - seller.mean[:, None])
    cost = np.concatenate([-gains.ravel(), np.zeros(n * m + 1)])
    if least_gain:
        cost = -np.eye(1, cost.size, cost.size - 1).ravel()
    limit = problem.payment_limit
    bounds = [(0, 1)] * (n * m) + [(-limit, limit)] * (n * m) + [(None, None)]
    return -linprog(cost, A_ub=np.array(rows), b_ub=right, bounds=bounds).fun


@pytest.mark.parametrize(
    ("seed", "cells", "zeros"), some(list(product(range(6), [False, True], [False, True])), 3)
)
def test_joint_optimum_is_that_of_a_naive_program_and_of_its_bound(seed, cells, zeros):
    options = {"ex_post_participation": seed % 2 == 1, "payment_limit": 0.7 if seed > 3 else None}
    problem = random_problem(seed, cells=cells, zeros=zeros, **options)
    solution = mo.solve(problem)
    assert solution.objective == pytest.approx(naive_optimum(problem), abs=1e-8)
    assert solution.objective == pytest.approx(solution.bound, abs=1e-8)
    assert mo.audit(problem, solution).passed


@pytest.mark.parametrize(
    "name", ["finite-irregular", "cells-uniform", "samples-in-cells", "negative-valuations"]
)
def test_independent_joint_priors_give_the_second_best(name):
    trade = FIXED[name]
    problem = above_nothing(with_prior(trade, np.outer(*trade.masses)))
    expected = mo.solve(mo.ex_ante_efficiency(trade)).objective
    tolerance = 1e-7 * trade.payoff_scale
    assert mo.solve(problem).objective == pytest.approx(expected, abs=tolerance)
    # Of independent types interim payments say all.
    apart = above_nothing(trade)
    assert not apart.by_profile
    assert mo.solve(apart).objective == pytest.approx(expected, abs=tolerance)


def test_delay_under_an_independent_joint_prior_gives_the_second_best():
    types = uniform_types(6)
    trade = mo.BilateralTrade(types, types, 2.0, 1.0)
    problem = above_nothing(with_prior(trade, np.outer(*trade.masses)))
    solution = mo.solve(problem)
    expected = mo.solve(mo.ex_ante_efficiency(trade)).objective
    assert solution.objective == pytest.approx(expected, abs=1e-7)
    assert solution.bound == pytest.approx(expected, abs=1e-7)
    assert mo.audit(problem, solution).passed


def test_correlated_types_can_do_better_than_independent_ones():
    # With beliefs that differ by type, bets on the other's type pay for the information rents.
    types = uniform_types(6)
    weight = 1.0 + 0.5 * np.eye(6)
    together = with_prior(mo.BilateralTrade(types, types), weight / weight.sum())
    apart = replace(together, prior=None)
    shares = [
        mo.solve(above_nothing(trade)).objective / trade.first_best for trade in (together, apart)
    ]
    assert shares[0] > shares[1] + 0.03


@pytest.mark.parametrize("seed", drawn(10, 3))
def test_any_multipliers_prove_a_true_bound(seed):
    problem = random_problem(seed, cells=seed % 2 == 0, ex_post_participation=seed % 3 == 0)
    solution = mo.solve(problem)
    rng = np.random.default_rng(seed)
    for spread in (0.0, 0.1):
        shaken = {
            name: values * rng.uniform(1 - spread, 1 + spread, values.shape)
            + 0.01 * spread * rng.exponential(1.0, values.shape) * (values > 0)
            for name, values in solution.duals.items()
        }
        assert dual_bound(problem, shaken) >= solution.objective - 1e-9
    noise = {
        name: rng.exponential(0.01, values.shape) * (1 - np.eye(*values.shape))
        for name, values in solution.duals.items()
        if "_ic_" in name
    }
    assert dual_bound(problem, noise) >= solution.objective - 1e-9
    least = naive_optimum(problem, least_gain=True)
    assert least_gain_bound(problem) == pytest.approx(least, abs=1e-8)


def test_multipliers_of_the_wrong_shape_are_refused():
    with pytest.raises(ValueError, match="seller_ic_lower: expected shape"):
        dual_bound(random_problem(0), {"seller_ic_lower": np.zeros(3)})


SPOILS = {
    "incentive compatibility of seller": lambda y, x: (y, x + np.array([0.2, 0, 0, 0])[:, None]),
    "incentive compatibility of buyer": lambda y, x: (y, x + np.array([0.0, 0, 0.2])[None, :]),
    "least utility of seller": lambda y, x: (y, x - 1.0),
    "least utility of buyer": lambda y, x: (y, x + 1.0),
    "bounds of trade": lambda y, x: (y + 0.01, x),
    "budget ex post": lambda y, x: (y, np.stack([-x, 0.99 * x])),
    "limit on payments": lambda y, x: (y, x + 1e3),
    "reported objective": lambda y, x: (0.9 * y, x),
    "ex post participation of seller": lambda y, x: (y, x - 0.01),
    "ex post participation of buyer": lambda y, x: (y, x + 0.01),
}


def mechanism_of(environment, outcome, payment):
    """Return the mechanism of what the buyer pays the seller, or of what each pays."""
    paid = payment if np.ndim(payment) == 3 else np.stack([-payment, payment])
    return mo.Mechanism.of_profiles(environment, Table(outcome), paid)


@pytest.mark.parametrize("requirement", SPOILS)
def test_the_audit_names_what_a_spoiled_mechanism_breaks(requirement):
    limit = 70.0 if requirement == "limit on payments" else None
    problem = random_problem(
        3, ex_post_participation="ex post part" in requirement, payment_limit=limit
    )
    solution = mo.solve(problem)
    assert mo.audit(problem, solution).passed
    outcome = solution.mechanism.allocation.dense(problem.environment)
    given = SPOILS[requirement](outcome, solution.mechanism.ex_post_payments()[1])
    spoiled = replace(solution, mechanism=mechanism_of(problem.environment, *given))
    failed = [check.requirement for check in mo.audit(problem, spoiled).failed]
    assert requirement in failed


def test_the_audit_notices_outcomes_beyond_the_frontier():
    types = uniform_types(3)
    trade = mo.BilateralTrade(types, types, 2.0, 1.0)
    problem = above_nothing(with_prior(trade, np.full((3, 3), 1 / 9)))
    outcome = np.stack([np.full((3, 3), 0.25), np.full((3, 3), 0.6)])
    for name, beyond in (("frontier", outcome), ("patience", outcome[::-1])):
        mechanism = mechanism_of(problem.environment, beyond, np.zeros((3, 3)))
        assert name in [check.requirement for check in mo.audit(problem, mechanism).failed]


def test_the_audit_knows_that_beliefs_differ_by_type():
    # Under the product of the marginals the same mechanism is not incentive compatible.
    problem = random_problem(1)
    found = mo.solve(problem).mechanism
    product = with_prior(problem.environment, np.outer(*problem.environment.masses))
    assert mo.audit(problem, found).passed
    outcome = found.allocation.dense(problem.environment)
    elsewhere = mechanism_of(product, outcome, found.ex_post_payments())
    assert not mo.audit(above_nothing(product), elsewhere).passed


def test_units_of_money_do_not_matter():
    problem = random_problem(2, cells=True)
    value = mo.solve(problem).objective
    for factor in (1e-6, 3.0, 1e7):
        solution = mo.solve(problem.scaled(factor))
        assert solution.objective == pytest.approx(factor * value, rel=1e-7)
        assert solution.bound == pytest.approx(factor * value, rel=1e-7)


def test_types_of_probability_zero_are_dropped_and_the_answer_says_so():
    types = uniform_types(4)
    trade = mo.BilateralTrade(types, types)
    prior = np.zeros((4, 4))
    prior[1, 2], prior[2, 3], prior[1, 3] = 0.5, 0.25, 0.25
    answer = mo.studies.find_dominating(
        trade, mo.studies.InterimPayoffs.nothing(trade), prior=prior
    )
    assert [cells.tolist() for cells in answer.kept] == [[1, 2], [2, 3]]
    assert any("2 of 4 types of seller" in note for note in answer.notes)
    assert any("1 profiles of the remaining types" in note for note in answer.notes)
    assert answer.dominated
    # With gains in every possible pair and a safe price nobody loses: the first best is reached.
    assert answer.gain == pytest.approx(
        (prior * (types.mean[None, :] - types.mean[:, None])).sum(), abs=1e-7
    )
    table = answer.mechanism.ex_post()
    assert table.trade.sel(seller=0.5, buyer=0.75).item() == pytest.approx(1.0)


@pytest.mark.parametrize("joint", [True, False])
def test_a_dominating_mechanism_needs_no_pointless_bets(joint):
    trade = FIXED["finite-uniform"]
    prior = np.outer(*trade.masses) if joint else None
    answer = mo.studies.find_dominating(
        trade, mo.studies.InterimPayoffs.nothing(trade), prior=prior
    )
    assert answer.dominated
    assert answer.audit.passed
    assert answer.problem.by_profile == joint
    assert answer.problem.payment_limit == pytest.approx(100 * trade.payoff_scale)
    assert ("payments up to" in str(answer)) == joint
    assert np.abs(answer.mechanism.ex_post_payments()).max() < 1.0
    assert min(gain.min() for gain in answer.gains) > -1e-8


def test_dominance_is_asked_of_any_number_of_agents():
    # Two bidders and a seller whose types say something of each other's; nobody trades so far.
    weight = 1.0 + np.einsum("ij,jk->ijk", np.eye(2), np.eye(2))
    prior = mo.Joint(weight / weight.sum())
    names = ("seller", "first", "second")
    types = [mo.TypeSpace.finite([0, 1], prior.masses[i]) for i in range(3)]
    agents = tuple(mo.Agent(name, own) for name, own in zip(names, types, strict=True))
    sale = mo.Environment(agents, OneSeller(), prior)
    nothing = mo.studies.InterimPayoffs.nothing(sale)
    answer = mo.studies.find_dominating(sale, nothing, ex_post_participation=True)
    assert answer.dominated
    assert answer.audit.passed
    assert answer.gain <= sale.first_best + 1e-9
    best = mo.studies.InterimPayoffs.of(answer.mechanism)
    assert mo.studies.find_dominating(sale, best, ex_post_participation=True).efficient
    assert not answer.notes[:-1]


class Goods(mo.Outcomes):
    """One of two goods goes from the first agent to the second."""

    variables = ("left", "right")
    roles = tuple(Role(name, "either", "type", "q", "q") for name in ("owner", "other"))
    net_quantity = np.zeros((2, 2))
    vertices = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    rows = (OutcomeRow("once", (1.0, 1.0), 1.0),)

    def worth(self, agent, types):
        return -types if agent == 0 else types


def test_dominance_is_asked_of_types_that_are_rows_of_values():
    owner = mo.TypeTable.finite([[1, 1], [2, 0]])
    other = mo.TypeTable.finite([[1, 0], [0, 2], [3, 3]], labels=["plain", "idle", "keen"])
    agents = (mo.Agent("owner", owner), mo.Agent("other", other))
    swap = mo.Environment(agents, Goods())
    prior = np.array([[0.3, 0.0, 0.1], [0.2, 0.0, 0.4]])
    answer = mo.studies.find_dominating(swap, mo.studies.InterimPayoffs.nothing(swap), prior=prior)
    assert answer.dominated
    assert answer.audit.passed
    assert answer.problem.environment.agents[1].types.labels == ("plain", "keen")
    # Correlated types tell what they know: all gains, of 0, 2, 0 and 3 by pair.
    assert answer.gain == pytest.approx(0.1 * 2 + 0.4 * 3, abs=1e-7)
    reached = mo.studies.InterimPayoffs.of(answer.mechanism)
    assert mo.studies.find_dominating(answer.problem.environment, reached).efficient


def test_a_status_quo_out_of_reach_is_proved_to_be():
    trade = FIXED["finite-uniform"]
    first_best = mo.studies.InterimPayoffs.linear(
        trade, *[[np.zeros(6), np.zeros(6)], [-np.ones(6) / 12] * 2]
    )
    for prior in (np.outer(*trade.masses), None):
        check_out_of_reach(mo.studies.find_dominating(trade, first_best, prior=prior))


def check_out_of_reach(answer):
    assert answer.efficient
    assert answer.bound == -np.inf
    assert answer.mechanism is None
    assert "every mechanism leaves some type worse off" in answer.notes[-1]
    assert str(answer) == "not dominated: every other mechanism leaves some type worse off"
    assert all((gain == 0).all() for gain in answer.gains)


@pytest.mark.parametrize(
    ("prior", "options", "message"),
    [
        (np.ones((2, 3)) / 6, {}, "not a joint prior"),
        (np.array([[1.2, -0.2], [0, 0]]), {}, "not a joint prior"),
        (np.full((2, 2), 0.3), {}, "not a joint prior"),
        (np.full((2, 2), 0.25), {"payment_limit": -1.0}, "not a limit on payments"),
    ],
)
def test_bad_joint_priors_are_refused(prior, options, message):
    trade = mo.BilateralTrade(mo.TypeSpace.finite([0, 1]), mo.TypeSpace.finite([0, 1]))
    with pytest.raises(mo.MechoptError, match=message):
        mo.studies.find_dominating(
            trade, mo.studies.InterimPayoffs.nothing(trade), prior=prior, **options
        )


# Interim efficiency


@pytest.mark.parametrize("name", ["finite-uniform", "cells-beta", "finite-irregular", "samples"])
@pytest.mark.parametrize("weights", [(1.0, 1.0), (1.0, 0.4)])
def test_ex_ante_efficient_mechanisms_are_interim_efficient(name, weights):
    trade = FIXED[name]
    mechanism = mo.solve(mo.ex_ante_efficiency(trade, weights)).mechanism
    answer = mo.studies.interim_efficiency(trade, mechanism)
    assert answer.efficient
    assert answer.dominance.bound <= 1e-6 * trade.payoff_scale
    assert str(answer).startswith("interim efficient")


def test_ex_ante_efficient_mechanisms_with_delay_are_interim_efficient():
    types = uniform_types(6)
    trade = mo.BilateralTrade(types, types, 2.0, 1.0)
    assert mo.studies.interim_efficiency(
        trade, mo.solve(mo.ex_ante_efficiency(trade)).mechanism
    ).efficient


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
    answer = mo.studies.interim_efficiency(trade, mechanism)
    assert answer.feasible
    assert not answer.efficient
    assert answer.dominance.dominated
    assert answer.dominance.gain == pytest.approx(gain, abs=1e-7)
    assert answer.dominance.bound == pytest.approx(gain, abs=1e-7)
    assert answer.dominance.audit.passed
    # Checked once more by the audit of independent types.
    better = answer.dominance.mechanism
    traded, paid = better.allocation.dense(trade)[0], better.ex_post_payments()[1]
    net = [-traded @ trade.masses[1], trade.masses[0] @ traded]
    pay = [-paid @ trade.masses[1], trade.masses[0] @ paid]
    problem = mo.ex_ante_efficiency(trade)
    rough = mo.Mechanism(trade, Table(traded[np.newaxis]), tuple(pay))
    # Two types have nothing at stake here, so that a solver's residual is more than that.
    again = polish(problem, rough).mechanism
    assert mo.audit(problem, again).passed
    for i in range(2):
        assert (again.utility[i] - mechanism.utility[i]).min() > -1e-7
        assert np.allclose(again.quantity[i], net[i])


def test_a_posted_price_is_interim_efficient_on_few_cells():
    quarters = mo.BilateralTrade(uniform_cells(4), uniform_cells(4))
    assert mo.studies.interim_efficiency(
        quarters, mo.cramton1985.posted_price(quarters, 0.5)
    ).efficient
    # The monopoly price of a seller with two types against a known value of 1.
    types = mo.BilateralTrade(mo.TypeSpace.finite([0, 0.5]), mo.TypeSpace.finite([1.0]))
    assert mo.studies.interim_efficiency(types, mo.cramton1985.posted_price(types, 1.0)).efficient


def test_a_trading_rule_is_judged_with_its_payments():
    types = mo.TypeSpace.finite([1, 2, 3, 4, 5, 6])
    trade = mo.BilateralTrade(types, types)
    halved = np.array([[0.5 * (b > s + 1) for b in types.mean] for s in types.mean])
    answer = mo.studies.interim_efficiency(trade, mo.cramton1985.payments_from_rule(trade, halved))
    assert answer.feasible
    assert answer.dominance.dominated
    assert str(answer).startswith("not interim efficient")
    wide = np.array([[b > s for b in types.mean] for s in types.mean], dtype=float)
    answer = mo.studies.interim_efficiency(trade, mo.cramton1985.payments_from_rule(trade, wide))
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
    assert mo.studies.interim_efficiency(mo.BilateralTrade(cells, cells), payoffs).efficient
    # Nine tenths of it would not be: cells of this width can tell.
    less = mo.studies.interim_efficiency(mo.BilateralTrade(cells, cells), payoffs.scaled(0.9))
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


@pytest.mark.parametrize("budget", ["balanced", "no-deficit"])
def test_multipliers_of_floors_that_do_not_agree_are_moved_until_they_do(budget):
    """With hundreds of cells a solver leaves residuals of 1e-10, which were no bound at all."""
    types = uniform_types(4)
    trade = mo.BilateralTrade(types, types)
    status_quo = mo.studies.InterimPayoffs.of(mo.solve(mo.ex_ante_efficiency(trade)).mechanism)
    problem = replace(dominance_problem(trade, status_quo, less=1e-9), budget=budget)
    solution = mo.solve(problem, "highs")
    floors = [name for name in solution.duals if name.startswith("buyer_utility")]
    assert floors
    for factor in (1.0 - 1e-10, 1.0 + 1e-10, 1.5):
        moved = {n: v * (factor if n in floors else 1.0) for n, v in solution.duals.items()}
        bound = dual_bound(problem, moved)
        assert solution.objective - 1e-12 <= bound
        if factor < 1.1:
            assert bound == pytest.approx(solution.bound, abs=1e-9)
        assert np.isfinite(bound)
    without = {n: v for n, v in solution.duals.items() if n not in floors}
    assert solution.objective - 1e-12 <= dual_bound(problem, without) < np.inf
