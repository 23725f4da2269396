"""What knows independent types only says so under a joint prior, and never answers for another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import mechopt as mo
from mechopt.literature.cramton1985.slack import efficient_slack

# Seller 0 meets buyer 1 and seller 2 meets buyer 3; independent, any two might meet.
MEET = mo.Joint([["1/2", 0], [0, "1/2"]])
COSTS, VALUES = mo.TypeSpace.finite([0, 2]), mo.TypeSpace.finite([1, 3])
TRADE = replace(mo.BilateralTrade(COSTS, VALUES), prior=MEET)
LATER = replace(mo.BilateralTrade(COSTS, VALUES, 2.0, 1.0), prior=MEET)
PROBLEM = mo.ex_ante_efficiency(TRADE)
RULE = np.array([[1.0, 1.0], [0.0, 1.0]])


def best():
    return mo.solve(PROBLEM, "highs")


FOR_INDEPENDENT_TYPES = {
    "posted price": lambda: mo.studies.best_posted_price(TRADE),
    "offers": lambda: mo.studies.take_it_or_leave_it(TRADE, "seller"),
    "frontier": lambda: mo.frontier(TRADE, [0.0, 0.5, 1.0]),
    "comparison": lambda: mo.compare(TRADE),
    "direct": lambda: mo.solve(PROBLEM, "direct"),
    "Lemma 4": lambda: mo.cramton1985.payments_from_rule(TRADE, RULE),
    "a price": lambda: mo.cramton1985.posted_price(TRADE, 1.5),
    "double auction": lambda: mo.cramton1985.double_auction(TRADE, 0.5),
    "slack": lambda: efficient_slack(TRADE),
    "sequential": lambda: mo.cramton1985.audit_sequential_rationality(best()),
    "corollary": lambda: mo.cramton1985.corollary_1(best()),
    "bracket": lambda: mo.bracket_continuum(best()),
    "refine": lambda: mo.studies.refine(PROBLEM, 1e-4),
    "bargaining": lambda: replace(mo.Bargaining(COSTS, VALUES, 0.5), prior=MEET),
}


@pytest.mark.parametrize("name", FOR_INDEPENDENT_TYPES)
def test_formulas_for_independent_types_refuse_a_joint_prior(name):
    with pytest.raises(
        mo.MechoptError, match=r"independent types|no continuum|efficient mechanism"
    ):
        FOR_INDEPENDENT_TYPES[name]()


def test_what_is_left_after_a_date_is_what_the_prior_leaves():
    from mechopt.mechanism.allocation import Table
    from mechopt.mechanism.mechanism import Mechanism

    half = np.array([[0.5, 1.0], [0.0, 1.0]])
    mechanism = Mechanism.of_profiles(TRADE, Table(half[None]), np.zeros((2, 2, 2)))
    learnt = mo.cramton1985.posterior(mechanism, 0.0)
    assert learnt.probability == pytest.approx(0.25)
    assert learnt.joint.tolist() == [[1.0, 0.0], [0.0, 0.0]]


def test_dates_keep_the_prior():
    assert mo.environments.on_dates(LATER, 3).prior == MEET
    coarse = mo.solve(mo.ex_ante_efficiency(mo.environments.on_dates(LATER, 3)), "highs")
    assert 1.0 < coarse.objective < 1.0625 + 1e-9  # what any dates would bring
    # Each type knows the other's, so that all gains are within reach.
    assert mo.check_ex_post_efficiency(LATER).implementable


@pytest.mark.parametrize("environment", [TRADE, LATER], ids=["at once", "later"])
def test_gains_and_interim_payoffs_are_those_of_the_prior(environment):
    allocation = environment.efficient_allocation()
    expected = float((MEET.probabilities * mo_gains(environment, allocation)).sum())
    assert environment.first_best == pytest.approx(expected)
    scaled = environment.scaled(4.0)
    assert scaled.prior == MEET
    assert scaled.first_best == pytest.approx(4.0 * expected)


def mo_gains(environment, allocation):
    """Return the sum of what outcomes are worth, profile by profile."""
    net = environment.net_quantities(allocation)
    return net[0] * COSTS.mean[:, None] + net[1] * VALUES.mean[None, :]
