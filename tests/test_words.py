"""What reports and messages say: each line of them true, and of use to whoever reads it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import mechopt as mo
from mechopt.report import binding_constraints
from mechopt.verify.money import budget_checks
from mechopt.verify.multipliers import multiplier_checks

SIX = mo.TypeSpace.finite([1, 2, 3, 4, 5, 6])


def test_a_bound_that_is_left_only_by_rounding_binds() -> None:
    """Found by hand: the highest cost, 1, never trades, so its bound binds, with rent 1/6 below."""
    seller, buyer = mo.TypeSpace.finite([0, 0.5, 1]), mo.TypeSpace.finite([0.1, 0.3, 0.6, 0.8])
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(seller, buyer))
    solution = mo.solve(problem, backend=mo.Direct())
    assert float(solution.duals["seller_participation_upper"][2]) == pytest.approx(
        0.0
    ) or solution.duals["seller_participation_lower"][2] == pytest.approx(1 / 6)
    assert "participation of seller type 1" in binding_constraints(solution)
    # Whatever the last bits of a payment are.
    assert solution.mechanism is not None
    paid = solution.mechanism.payment
    for last in (-1e-16, -2.8e-17, 0.0):
        moved = replace(
            solution.mechanism,
            payment=(np.append(paid[0][:-1], last), paid[1]),
            allocation=solution.mechanism.allocation,
        )
        again = replace(solution, mechanism=moved)
        assert "participation of seller type 1" in binding_constraints(again)
        assert not any("room of" in check.where for check in multiplier_checks(problem, again))
    # Room that is no rounding is room.
    moved = replace(solution.mechanism, payment=(np.append(paid[0][:-1], -1e-9), paid[1]))
    again = replace(solution, mechanism=moved)
    assert "participation of seller type 1" not in binding_constraints(again)


def test_multipliers_that_are_right_are_not_said_to_be_off() -> None:
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(SIX, SIX))
    checks = multiplier_checks(problem, mo.solve(problem))
    said = [check.where for check in checks if "cancel" in check.requirement]
    assert said == ["those of every type are weighted by 0"] * 2


@pytest.mark.parametrize(
    ("change", "words"), [(-0.25, "fall short of"), (0.25, "exceed"), (-1e-3, "fall short of")]
)
def test_the_budget_is_missed_on_the_side_that_is_named(change: float, words: str) -> None:
    environment = mo.BilateralTrade(SIX, SIX)
    problem = mo.ex_ante_efficiency(environment)
    fair = mo.posted_price(environment, 3.0).with_ex_post_payments()
    assert fair.ex_post_payment is not None
    paid = (fair.payment[0], fair.payment[1] + change)
    ex_post = fair.ex_post_payment + np.array([0.0, change]).reshape(2, 1, 1)
    broken = mo.Mechanism(environment, fair.allocation, paid, ex_post)
    checks = {c.requirement: c for c in budget_checks(problem, broken, 1e-7, [])}
    for name in ("budget ex ante", "budget ex post"):
        assert f"payments {words} the " in checks[name].where
        assert f"by {abs(change):.3g}" in checks[name].where, checks[name].where
