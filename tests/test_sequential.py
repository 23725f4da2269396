"""Learning, sequential rationality, Lemma 6 and Corollary 1."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt.literature.cramton1985.learning import trading_dates
from mechopt.literature.cramton1985.payment_at_trade import payment_at_trade
from mechopt.mechanism.allocation import Table
from tests.cases import uniform_types
from tests.draws import THOROUGH, some


def uniform_cells(size, low=0.0, high=1.0):
    return mo.TypeSpace.from_distribution(stats.uniform(low, high - low), size)


def ex_ante(seller, buyer=None, seller_rate=1.0, buyer_rate=1.0):
    trade = mo.BilateralTrade(seller, seller if buyer is None else buyer, seller_rate, buyer_rate)
    return mo.solve(mo.ex_ante_efficiency(trade))


@pytest.fixture(scope="module")
def delayed():
    """The ex ante efficient mechanism of uniform exchange with r = 2, σ = 1, on 8 cells."""
    return ex_ante(uniform_cells(8), seller_rate=2.0)


@pytest.fixture(scope="module")
def delayed_audit(delayed):
    return mo.cramton1985.audit_sequential_rationality(delayed)


# Learning


def test_posterior_is_the_prior_conditioned_on_the_date():
    types = mo.TypeSpace.finite([0.0, 1.0], [0.25, 0.75])
    trade = mo.BilateralTrade(types, types, 2.0, 1.0)
    dates = np.array([[0.5, 0.0], [np.inf, 1.0]])
    outcome = np.exp(-np.multiply.outer([2.0, 1.0], dates))
    mechanism = mo.Mechanism(trade, Table(outcome), (np.zeros(2), np.zeros(2)))
    prior = np.outer(types.mass, types.mass)
    assert np.allclose(trading_dates(mechanism).date[0], dates)
    assert np.allclose(mo.cramton1985.posterior(mechanism, -1.0).joint, prior)
    assert mo.cramton1985.posterior(mechanism, -1.0).is_product
    for date, left in ((0.0, [[1, 0], [1, 1]]), (0.5, [[0, 0], [1, 1]]), (1.0, [[0, 0], [1, 0]])):
        learnt = mo.cramton1985.posterior(mechanism, date)
        expected = prior * left
        assert learnt.probability == pytest.approx(expected.sum())
        assert np.allclose(learnt.joint, expected / expected.sum())
        assert learnt.seller.sum() == pytest.approx(1.0)
    assert not mo.cramton1985.posterior(mechanism, 0.0).is_product


def test_lotteries_count_as_one_date_or_never():
    types = mo.TypeSpace.finite([0.0, 1.0])
    half = mo.Mechanism(
        mo.BilateralTrade(types, types), Table(np.full((1, 2, 2), 0.25)), (np.zeros(2),) * 2
    )
    assert np.allclose(trading_dates(half).never, 0.75)
    # Half of the frontier's point (1/4, 1/2) is that date with probability one half.
    trade = mo.BilateralTrade(types, types, 2.0, 1.0)
    outcome = np.array([[[0.125, 0.25]] * 2, [[0.25, 0.5]] * 2])
    dates = trading_dates(mo.Mechanism(trade, Table(outcome), (np.zeros(2),) * 2))
    assert dates.date[0, 0] == pytest.approx([np.log(2.0)] * 2)
    assert dates.probability[0, 0] == pytest.approx([0.5, 1.0])
    sold, bought = dates.discounted(0.0)
    assert np.allclose([sold, bought], outcome)
    assert np.allclose(dates.discounted(1.0), 0.0)


def test_a_mixture_of_rules_stays_the_lottery_that_it_is():
    solution = ex_ante(uniform_types(7), seller_rate=1.0, buyer_rate=3.0)
    dates = trading_dates(solution.mechanism)
    assert dates.probability.shape[0] == 2
    dense = solution.mechanism.allocation.dense(solution.problem.environment)
    assert np.allclose(dates.discounted(-1.0), dense)


def test_what_is_left_and_what_is_done_add_up_to_the_whole(delayed):
    mechanism = delayed.mechanism
    unfolding = mo.cramton1985.course(mechanism)
    seller, buyer = mechanism.environment.masses
    whole = unfolding.status_quo(-1.0)
    for i in range(2):
        assert np.allclose(whole.mean[i], mechanism.utility[i])
    learnt = unfolding.posterior(1.0)
    left = unfolding.status_quo(1.0)
    total = learnt.probability * sum(
        np.nansum(mass * payoff)
        for mass, payoff in zip((learnt.seller, learnt.buyer), left.mean, strict=True)
    )
    sold, bought = unfolding.dates.discounted(1.0)
    types = [agent.types.mean for agent in mechanism.environment.agents]
    gains = bought * types[1][None, :] - sold * types[0][:, None]
    assert total == pytest.approx(seller @ gains @ buyer)


def test_payments_at_trade_keep_the_interim_payments(delayed):
    mechanism = delayed.mechanism
    payment = payment_at_trade(mechanism)
    seller, buyer = mechanism.environment.masses
    dense = mechanism.allocation.dense(mechanism.environment)
    assert np.abs(payment[dense[1] == 0]).max() == 0.0
    assert np.allclose(payment @ buyer, -mechanism.payment[0])
    assert np.allclose(seller @ payment, mechanism.payment[1])


def test_payments_at_trade_approach_the_price_of_simultaneous_offers():
    errors = []
    for size in (8, 16, 32):
        types = uniform_cells(size)
        mechanism = ex_ante(types).mechanism
        trade = mechanism.allocation.dense(mechanism.environment)[0]
        price = payment_at_trade(mechanism)[trade > 0] / trade[trade > 0]
        published = (types.mean[:, None] + types.mean[None, :]) / 3 + 1 / 6
        errors.append(np.abs(price - published[trade > 0]).max())
    assert errors[0] < 0.06
    assert errors[1] < 0.6 * errors[0]
    assert errors[2] < 0.6 * errors[1]


def test_timing_of_payments_is_stated_and_can_be_chosen():
    solution = ex_ante(uniform_cells(6))
    assert mo.cramton1985.course(solution.mechanism).timing is mo.cramton1985.PaymentTiming.AT_TRADE
    regardless = mo.cramton1985.course(solution.mechanism, "regardless")
    assert "due whether or not" in regardless.note
    # What is outstanding nets out, and is not zero type by type.
    left = regardless.status_quo(0.0)
    learnt = regardless.posterior(0.0)
    assert learnt.seller @ left.mean[0] + learnt.buyer @ left.mean[1] == pytest.approx(
        0.0, abs=1e-12
    )
    assert np.abs(left.mean[0]).max() > 0.01
    assert np.abs(mo.cramton1985.course(solution.mechanism).status_quo(0.0).mean[0]).max() == 0.0


def test_the_static_optimum_fails_unless_payments_are_outstanding_claims():
    solution = ex_ante(uniform_cells(12) if THOROUGH else uniform_types(8))
    by_timing = {
        timing: mo.cramton1985.audit_sequential_rationality(solution, [0.0], timing=timing).dates[0]
        for timing in mo.cramton1985.PaymentTiming
    }
    assert by_timing[mo.cramton1985.PaymentTiming.AT_TRADE].share > 0.9
    assert by_timing[mo.cramton1985.PaymentTiming.UP_FRONT].gain == pytest.approx(
        by_timing[mo.cramton1985.PaymentTiming.AT_TRADE].gain, abs=1e-9
    )
    # Claims by old reports promise what no mechanism with new reports can keep.
    claims = by_timing[mo.cramton1985.PaymentTiming.REGARDLESS]
    assert claims.rational
    assert claims.dominance.bound == -np.inf


def test_without_payments_at_trade_it_is_said_what_is_used_instead():
    # Even the seller who never trades gets a share of the slack.
    types = mo.TypeSpace.finite([0, 1])
    mechanism = mo.cramton1985.payments_from_rule(
        mo.BilateralTrade(types, types), np.array([[0, 1], [0, 0]])
    )
    unfolding = mo.cramton1985.course(mechanism)
    assert unfolding.timing is mo.cramton1985.PaymentTiming.REGARDLESS
    assert "no payments at trade" in unfolding.note
    with pytest.raises(mo.MechoptError, match="no payments at trade"):
        mo.cramton1985.course(mechanism, "at-trade")


def test_what_cannot_be_dated_is_refused():
    types = mo.TypeSpace.finite([0, 1])
    everyone = mo.BilateralTrade(types, mo.TypeSpace.finite([1, 2]))
    with pytest.raises(mo.MechoptError, match="no pair is left"):
        mo.cramton1985.posterior(mo.cramton1985.posted_price(everyone, 1.0), 0.0)
    forever = mo.BilateralTrade(types, types, float("inf"), 1.0)
    with pytest.raises(mo.MechoptError, match="infinite discount rate"):
        mo.cramton1985.posterior(mo.cramton1985.posted_price(forever, 0.5), 0.0)
    dated = mo.environments.on_dates(mo.BilateralTrade(types, types, 2.0, 1.0), 2)
    with pytest.raises(mo.MechoptError, match="no trading dates"):
        mo.cramton1985.posterior(
            mo.Mechanism(dated, Table(np.zeros((2, 2, 2))), (np.zeros(2),) * 2), 0.0
        )
    surplus = mo.Mechanism(
        mo.BilateralTrade(types, types), Table(np.zeros((1, 2, 2))), (np.zeros(2), np.ones(2))
    )
    with pytest.raises(mo.MechoptError, match="payments do not balance"):
        mo.cramton1985.course(surplus)


# Sequential rationality


@pytest.mark.parametrize(
    ("types", "least_share"),
    some(
        [
            pytest.param(uniform_types(8), 0.99, id="finite-8"),
            pytest.param(uniform_types(12), 0.99, id="finite-12"),
            pytest.param(uniform_types(16), 0.99, id="finite-16"),
            pytest.param(uniform_cells(8), 0.88, id="cells-8"),
            pytest.param(uniform_cells(12), 0.9, id="cells-12"),
        ],
        3,
    ),
)
def test_the_static_optimum_of_uniform_exchange_fails_from_the_first_date_on(types, least_share):
    report = mo.cramton1985.audit_sequential_rationality(ex_ante(types), [-1.0, 0.0, 3.0])
    start, first, later = report.dates
    assert start.rational
    for entry in (first, later):
        assert not entry.rational
        assert entry.status_quo == 0.0
        assert entry.share > least_share
        assert entry.gain == pytest.approx(entry.dominance.bound, abs=1e-7)
        assert entry.dominance.audit.passed
        assert min(gain.min() for gain in entry.dominance.gains) > -1e-7
        assert max(gain.max() for gain in entry.dominance.gains) > 0.01 * np.exp(-entry.date)
        assert entry.alternative is entry.dominance.mechanism
    assert not report.sequentially_rational
    assert report.dominated_dates == (0.0, 3.0)
    assert "FAILS" in str(report)


def test_the_static_optimum_fails_without_any_bets_too():
    report = mo.cramton1985.audit_sequential_rationality(
        ex_ante(uniform_types(8)), [0.0], ex_post_participation=True
    )
    assert report.dates[0].share > 0.9


def test_the_status_quo_is_what_is_compared_with():
    # Spoiled on purpose: with the seller's rent counted twice, nothing dominates any more.
    solution = ex_ante(uniform_types(8))
    learnt = mo.cramton1985.posterior(solution.mechanism, 0.0)
    trade = solution.problem.environment
    nothing = mo.studies.InterimPayoffs.nothing(trade)
    assert mo.studies.find_dominating(trade, nothing, prior=learnt.joint).dominated
    rich = [np.full(8, 0.2), np.zeros(8)]
    spoiled = mo.studies.InterimPayoffs(tuple(rich), tuple(rich), tuple(rich))
    assert mo.studies.find_dominating(trade, spoiled, prior=learnt.joint).efficient


@pytest.mark.parametrize("cells", [True, False])
def test_common_knowledge_of_gains_passes(cells):
    if cells:
        seller, buyer = uniform_cells(8), uniform_cells(8, 1.0, 2.0)
    else:
        seller, buyer = mo.TypeSpace.finite([0, 0.5, 1]), mo.TypeSpace.finite([1, 1.5, 2])
    trade = mo.BilateralTrade(seller, buyer)
    for mechanism in (
        mo.cramton1985.posted_price(trade, 1.0),
        mo.solve(mo.ex_post_efficiency(trade)).mechanism,
        mo.solve(mo.ex_ante_efficiency(trade)).mechanism,
    ):
        report = mo.cramton1985.audit_sequential_rationality(mechanism)
        assert report.sequentially_rational
        assert report.dates[0].dominance.bound <= 1e-6
        if cells:
            assert report.dates[-1].dominance is None
            assert "no pair remains" in str(report)
        else:
            # Solvers may leave out the one pair that gains nothing.
            assert report.dates[-1].possible == 0.0


def test_common_knowledge_of_gains_passes_with_delay_at_several_dates():
    solution = ex_ante(uniform_cells(6), uniform_cells(6, 1.0, 2.0), seller_rate=2.0)
    assert solution.alpha == 0.0
    report = mo.cramton1985.audit_sequential_rationality(solution)
    assert len(report.dates) >= 5
    assert report.sequentially_rational
    # It realises all that is possible, so that there is nothing to gain at any date.
    for entry in report.dates:
        assert entry.status_quo == pytest.approx(entry.possible, abs=1e-9)


def test_a_mechanism_with_delay_is_audited_at_several_dates(delayed_audit):
    report = delayed_audit
    assert len(report.dates) == 6
    assert report.dates[0].rational
    remaining = [entry.remaining for entry in report.dates]
    assert all(np.diff(remaining) < 0)
    for entry in report.dates[1:]:
        assert entry.dominance.dominated
        assert entry.gain == pytest.approx(entry.dominance.bound, abs=1e-7)
        assert entry.dominance.audit.passed
        assert entry.gain <= entry.possible - entry.status_quo + 1e-7
    # At the last trading date only pairs that never trade remain.
    last = report.dates[-1]
    assert last.status_quo == pytest.approx(0.0, abs=1e-12)
    assert last.share > 0.9
    assert last.remaining == pytest.approx(0.25)


def test_discounting_to_later_dates_bounds_what_is_possible(delayed_audit):
    for entry in delayed_audit.dates[1:]:
        buyer_worth = np.exp(-max(entry.date, 0.0))
        assert entry.possible < buyer_worth
        agents = delayed_audit.course.mechanism.environment.agents
        discounted = entry.dominance.problem.environment.agents
        for i, worth in enumerate((buyer_worth**2, buyer_worth)):
            values = agents[i].types.mean[entry.dominance.kept[i]]
            assert discounted[i].types.mean == pytest.approx(worth * values)


def test_dates_may_be_given_in_any_order(delayed):
    report = mo.cramton1985.audit_sequential_rationality(delayed, [2.0, 0.1], payment_limit=1.0)
    assert [entry.date for entry in report.dates] == [0.1, 2.0]
    assert all(np.abs(e.alternative.ex_post_payments()).max() <= 1.0 + 1e-9 for e in report.dates)


def test_units_of_money_and_time_do_not_matter(delayed, delayed_audit):
    cells = uniform_cells(8).scaled(1e4)
    slow = ex_ante(cells, seller_rate=0.02, buyer_rate=0.01)
    date = delayed_audit.dates[2].date
    entry = mo.cramton1985.audit_sequential_rationality(slow, [100 * date]).dates[0]
    assert entry.gain == pytest.approx(1e4 * delayed_audit.dates[2].gain, rel=1e-4)
    assert entry.remaining == pytest.approx(delayed_audit.dates[2].remaining)


def test_a_less_patient_buyer_does_not_make_exclusion_rational():
    # The lemma's set is empty for r < σ, yet just after date 0 the pairs left would all trade.
    solution = ex_ante(uniform_cells(8), seller_rate=1.0, buyer_rate=2.0)
    assert not mo.cramton1985.excluded_forever(solution.mechanism).any()
    report = mo.cramton1985.audit_sequential_rationality(solution)
    assert report.dates[0].rational
    assert report.dominated_dates == (0.0,)


def test_a_pair_that_gains_nothing_may_be_excluded():
    # The lemma as printed counts s = b among the pairs that must trade when r = σ.
    one = mo.TypeSpace.finite([1.0])
    trade = mo.BilateralTrade(one, one)
    never = mo.Mechanism(trade, Table(np.zeros((1, 1, 1))), (np.zeros(1), np.zeros(1)))
    assert not mo.cramton1985.excluded_forever(never).any()
    assert mo.cramton1985.audit_sequential_rationality(never).sequentially_rational


def test_a_solution_without_mechanism_is_refused():
    infeasible = mo.solve(
        mo.ex_post_efficiency(mo.BilateralTrade(uniform_types(8), uniform_types(8))), throw=False
    )
    with pytest.raises(mo.MechoptError, match="no mechanism"):
        mo.cramton1985.audit_sequential_rationality(infeasible)


# Lemma 6 and Corollary 1


def test_the_static_optimum_excludes_pairs_with_gains_below_a_quarter():
    solution = ex_ante(uniform_cells(8))
    answer = mo.cramton1985.corollary_1(solution)
    types = uniform_cells(8).mean
    gain = types[None, :] - types[:, None]
    dense = solution.mechanism.allocation.dense(solution.problem.environment)[0]
    assert (answer.excluded == ((gain > 0) & (dense < 1))).all()
    assert answer.alpha == pytest.approx(1 / 3, abs=0.02)
    assert answer.applies
    assert 0.1 < answer.excluded_probability < 0.3


def test_delay_excludes_the_lowest_values_of_uniform_exchange(delayed):
    answer = mo.cramton1985.corollary_1(delayed)
    assert answer.applies
    assert answer.papers_condition
    assert answer.lowest_value < 0
    # Whole rows of values with a negative virtual value never trade, with anyone.
    assert (answer.excluded == answer.excluded[0]).all()
    assert answer.excluded_probability == pytest.approx(0.25)


@pytest.mark.parametrize("size", [8, 200])
def test_the_papers_condition_does_not_suffice(size):
    solution = ex_ante(uniform_cells(size), uniform_cells(size, 0.5, 1.5), 2.0, 1.0)
    answer = mo.cramton1985.corollary_1(solution)
    assert answer.alpha > 0
    assert answer.papers_condition
    assert answer.lowest_value > 0
    assert not answer.excluded.any()
    assert not answer.applies


@pytest.mark.parametrize("seed", range(8))
def test_with_delay_exclusion_is_a_negative_virtual_value_at_the_optimum(seed):
    rng = np.random.default_rng(seed)
    low = rng.uniform(0, 0.6)
    seller = uniform_cells(12)
    buyer = mo.TypeSpace.from_distribution(
        stats.beta(*rng.uniform(1, 3, 2), loc=low, scale=1.0), 12
    )
    answer = mo.cramton1985.corollary_1(ex_ante(seller, buyer, 1.0, rng.uniform(0.2, 0.8)))
    assert answer.excluded.any() == (answer.lowest_value < 0)


def test_corollary_1_wants_the_equally_weighted_optimum():
    trade = mo.BilateralTrade(uniform_types(4), uniform_types(4))
    with pytest.raises(mo.MechoptError, match="not an ex ante efficient mechanism"):
        mo.cramton1985.corollary_1(mo.solve(mo.ex_ante_efficiency(trade, (1.0, 0.5))))


def test_exclusion_depends_on_who_is_more_patient():
    negative = mo.TypeSpace.finite([-2.0, -1.0, 1.0])
    for rates, expected in (
        ((2.0, 1.0), [[False, False, True]] * 3),
        ((1.0, 2.0), [[True] * 3, [True] * 3, [False] * 3]),
        ((1.0, 1.0), [[False, True, True], [False, False, True], [False] * 3]),
    ):
        trade = mo.BilateralTrade(negative, negative, *rates)
        zero = np.zeros((len(trade.outcomes.variables), 3, 3))
        never = mo.Mechanism(trade, Table(zero), (np.zeros(3), np.zeros(3)))
        assert mo.cramton1985.excluded_forever(never).tolist() == expected
