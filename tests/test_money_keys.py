"""The keys of money in ``mechopt solve --json``, each where there is such a thing."""

from __future__ import annotations

import pytest

import mechopt as mo
from mechopt.report.solved import report_on

KEYS = {"revenue", "expected_cost", "least_subsidy", "largest_payment", "threshold"}
COIN = mo.TypeSpace.finite([0, 1])


def keys_of(problem):
    record = report_on(mo.solve(problem)).record()
    return {key: value for key, value in record.items() if key in KEYS}


def test_a_public_good_with_outside_money():
    """Provided with probability 3/4 at 3/4; two pay 1/4 where they decide alone, 1/2 in all."""
    good = mo.PublicGood(COIN, cost="3/4", count=2)
    expected = {"revenue": 1 / 2, "expected_cost": 9 / 16, "least_subsidy": 1 / 16, "threshold": 1}
    assert keys_of(mo.minimum_subsidy(good)) == pytest.approx(expected)


def test_what_not_the_sum_decides_has_no_threshold():
    """0 with 9/5 counts for 9/5 - 2/9, more than the cost; 2 with 0 for 2 - 81/5, less."""
    spaces = [
        mo.TypeSpace.finite([0, 2], ["9/10", "1/10"]),
        mo.TypeSpace.finite([0, "9/5"], ["1/10", "9/10"]),
    ]
    good = mo.PublicGood(spaces, cost=1)
    assert keys_of(mo.DesignProblem(good, mo.Revenue(), budget="no-deficit"))["threshold"] is None
    excludable = mo.PublicGood(COIN, cost=1, excludable=True, count=2)
    assert keys_of(mo.ex_ante_efficiency(excludable))["threshold"] is None


def test_payments_of_profiles_and_of_menus():
    menu = mo.DesignProblem(mo.Goods([[1, 0], [0, 2], [3, 3]]), mo.Revenue(), budget="subsidised")
    expected = {"revenue": 2.5, "expected_cost": 0, "largest_payment": 5}
    assert keys_of(menu) == pytest.approx(expected, abs=1e-9)
    trade = mo.BilateralTrade(COIN, COIN)
    assert keys_of(mo.ex_ante_efficiency(trade)) == {}
    limited = mo.ex_ante_efficiency(trade, requirements=[mo.PaymentLimit(0.75)])
    assert keys_of(limited)["largest_payment"] <= 0.75 + 1e-9
