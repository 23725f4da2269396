"""Bets on others' types: what they take away, what is paid for it, and what a report says."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

import mechopt as mo
from mechopt.report.solved import report_on
from mechopt.studies.bets import bets_of

EX_POST = {"incentives": "dominant", "participation": "ex-post"}


def auction(prior):
    """Return two bidders of the types 1, 2, ... under a joint prior."""
    masses = [str(sum(map(Fraction, row))) for row in prior]
    types = mo.TypeSpace.finite(list(range(1, len(prior) + 1)), masses)
    return replace(mo.Auction(types, count=2), prior=mo.Joint(prior))


def correlated(rho):
    rho = Fraction(rho)
    alike, apart = str((1 + rho) / 4), str((1 - rho) / 4)
    return auction([[alike, apart], [apart, alike]])


def revenue(environment, **words):
    return mo.DesignProblem(environment, mo.Revenue(), budget="subsidised", **words)


@pytest.mark.parametrize(
    ("rho", "extracted", "ex_post"),
    [("1/2", "13/8", "3/2"), ("1/20", "139/80", "3/2"), ("-1/5", "9/5", None)],
)
def test_all_rents_are_taken_and_payments_explode(rho, extracted, ex_post):
    environment, share = correlated(rho), float(Fraction(rho))
    solution = mo.solve(revenue(environment), "highs")
    assert solution.objective == pytest.approx(float(Fraction(extracted)), abs=1e-7)
    bets = bets_of(solution)
    assert bets.ranks == ((2, 2), (2, 2))
    assert bets.take_all
    assert bets.condition == pytest.approx(1.0 / abs(share), rel=1e-9)
    if share > 0.0:
        least = max((1.0 - share**2) / (8.0 * share), 1.5 - share / 2.0)
        assert bets.least_limit == pytest.approx(least, abs=1e-7)
        within = [mo.PaymentLimit(0.99 * least)]
        less = mo.solve(revenue(environment, requirements=within), "highs")
        assert less.objective < solution.objective - 1e-4
    if ex_post:
        safe = mo.solve(revenue(environment, **EX_POST), "highs")
        assert safe.objective == pytest.approx(float(Fraction(ex_post)), abs=1e-8)
        assert bets_of(safe) is None


def test_three_types_and_what_a_report_says():
    prior = [["3/20", "1/10", "1/20"], ["1/10", "1/5", "1/10"], ["1/20", "1/10", "3/20"]]
    solution = mo.solve(revenue(auction(prior)), "highs")
    assert solution.objective == pytest.approx(2.3, abs=1e-7)
    safe = mo.solve(revenue(auction(prior), **EX_POST), "highs")
    assert safe.objective == pytest.approx(1.95, abs=1e-8)
    record = report_on(solution).record()
    assert record["belief_ranks"] == [3, 3]
    assert record["least_limit"] < 0.1 * record["largest_payment"]
    text = " ".join(mo.summary(solution).split())
    assert "beliefs of rank 3 of 3, condition 6.09" in text
    assert "bets on others' types can take all rents away" in text
    assert "payment_limit of 2.25 would do" in text
    assert "least_limit" not in report_on(safe).record()


@pytest.mark.parametrize(
    ("rho", "limit", "expected"),
    [
        ("1/2", "1", 1.4782608695652173),
        ("1/20", "3/2", 23 / 14),
        ("1/100", "3", 1.5594059405940592),
    ],
)
def test_limits_make_revenue_continuous(rho, limit, expected):
    problem = revenue(correlated(rho), requirements=[mo.PaymentLimit(limit)])
    solution = mo.solve(problem, "highs")
    assert solution.objective == pytest.approx(expected, abs=1e-7)
    bets = bets_of(solution)
    assert bets.largest_payment <= float(Fraction(limit)) + 1e-9
    assert bets.least_limit is None
    assert "as far as the limits let them" in bets.sentence()


def test_trade_without_a_deficit_reaches_the_first_best():
    prior = mo.Joint([["3/10", "1/5"], ["1/5", "3/10"]])
    costs, values = (mo.TypeSpace.finite(types, ["1/2", "1/2"]) for types in ([0, 2], [1, 3]))
    trade = mo.BilateralTrade(costs, values, prior=prior)
    problem = mo.DesignProblem(trade, mo.Welfare(), budget="no-deficit")
    solution = mo.solve(problem, "highs")
    assert (solution.objective, trade.first_best) == pytest.approx((1.2, 1.2), abs=1e-8)


def test_beliefs_that_are_alike_leave_rents():
    """Of three types, two believe the same: rank 2 of 3, and only some rents go."""
    prior = np.array([[2, 1, 1], [1, 2, 2], [1, 2, 2]])
    fractions = [[str(Fraction(int(each), 14)) for each in row] for row in prior]
    bets = bets_of(mo.solve(revenue(auction(fractions)), "highs"))
    assert bets.ranks == ((2, 3), (2, 3))
    assert not bets.take_all
    assert "rank 2 of 3" in bets.sentence()
