"""What reports and messages say: each line of them true, and of use to whoever reads it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import mechopt as mo
from mechopt.report.report import binding_constraints
from mechopt.studies.split import most_paid, spare_of
from mechopt.verify.multipliers import multiplier_checks

SIX = mo.TypeSpace.finite([1, 2, 3, 4, 5, 6])


def test_a_bound_that_is_left_only_by_rounding_binds() -> None:
    """Found by hand: the highest cost, 1, never trades, so its bound binds, with rent 1/6 below."""
    seller, buyer = mo.TypeSpace.finite([0, 0.5, 1]), mo.TypeSpace.finite([0.1, 0.3, 0.6, 0.8])
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(seller, buyer))
    solution = mo.solve(problem, backend=mo.backends.Direct())
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
    fair = mo.cramton1985.posted_price(environment, 3.0).with_ex_post_payments()
    assert fair.ex_post_payment is not None
    paid = (fair.payment[0], fair.payment[1] + change)
    ex_post = fair.ex_post_payment + np.array([0.0, change]).reshape(2, 1, 1)
    broken = mo.Mechanism(environment, fair.allocation, paid, ex_post)
    checks = {c.requirement: c for c in mo.audit(problem, broken).checks}
    for name in ("budget ex ante", "budget ex post"):
        assert f"payments {words} the " in checks[name].where
        assert f"by {abs(change):.3g}" in checks[name].where, checks[name].where


@pytest.mark.parametrize(
    "backend", [mo.backends.Direct(), mo.backends.HiGHS()], ids=["direct", "highs"]
)
def test_a_split_that_nothing_determines_is_said_to_be_a_choice(
    backend: mo.backends.Backend,
) -> None:
    """Costs 0 or 1, values 2 or 4: any price from 1 to 2 does it, so 1 of the gains is spare."""
    low, high = mo.TypeSpace.finite([0, 1]), mo.TypeSpace.finite([2, 4])
    solution = mo.solve(mo.ex_ante_efficiency(mo.BilateralTrade(low, high)), backend=backend)
    assert sum(spare_of(solution).values()) == pytest.approx(1.0)
    assert "the split of the gains is a choice" in " ".join(mo.summary(solution).split())
    uneven = mo.ex_ante_efficiency(mo.BilateralTrade(low, high), (2, 1))
    assert spare_of(mo.solve(uneven, backend=backend)) == {}
    # Rents of the second best leave nothing over: the multiplier of the budget is above zero.
    second = mo.solve(mo.ex_ante_efficiency(mo.BilateralTrade(SIX, SIX)), backend=backend)
    assert spare_of(second) == {}
    assert "is a choice" not in mo.summary(second)


def test_the_comparison_says_that_the_split_is_a_choice() -> None:
    low, high = mo.TypeSpace.finite([0, 1]), mo.TypeSpace.finite([2, 4])
    table = mo.compare(mo.BilateralTrade(low, high))
    assert "of this allocation 1 is left" in table.row("second best").remark
    assert not any("is a choice" in row.remark for row in table.rows if row.name != "second best")


def test_the_most_that_types_pay_is_that_of_the_linear_program() -> None:
    """Against scipy's solver, over random types, cells and falling outside options."""
    from scipy.optimize import linprog

    random = np.random.default_rng(7)
    for size in (1, 2, 5):
        values = np.sort(random.integers(0, 40, size=size)) + np.arange(size)
        types = mo.TypeSpace.finite(values.tolist())
        problem = mo.ex_ante_efficiency(mo.BilateralTrade(SIX, types))
        quantity = np.sort(random.random(size))
        rows, right = [], []
        for k in range(size):
            for j in range(size):
                row = np.zeros(size)
                row[k] += 1.0
                row[j] -= 1.0
                rows.append(row)  # type k does not gain by imitating type j
                right.append(float(values[k] * (quantity[k] - quantity[j])))
        bounds = [(None, float(v * q)) for v, q in zip(values, quantity, strict=True)]
        found = linprog(-np.ones(size), A_ub=np.array(rows), b_ub=right, bounds=bounds)
        assert most_paid(problem, 1, quantity) == pytest.approx(found.x)


FAR = [1e14, 1e14 + 1, 1e14 + 3], [1e14, 1e14 + 2, 1e14 + 4]


def test_offers_far_from_zero_bring_what_they_bring_near_it() -> None:
    far = mo.compare(mo.BilateralTrade(*map(mo.TypeSpace.finite, FAR)))
    near = mo.compare(mo.BilateralTrade(*(mo.TypeSpace.finite([t - 1e14 for t in v]) for v in FAR)))
    for one, other in zip(far.rows, near.rows, strict=True):
        assert one.total == pytest.approx(other.total, abs=1e-12)
        if "offer" in one.name:
            assert one.utilities == pytest.approx(other.utilities, abs=1e-12)
    said = [row.remark for row in far.rows if "frontier" in row.name or row.name == "second best"]
    assert all("utilities are known to 0.0" in remark for remark in said)
    assert not any("utilities are known" in row.remark for row in near.rows)


def test_figures_tell_types_and_prices_apart() -> None:
    types = mo.TypeSpace.finite(FAR[0])
    assert repr(types).startswith("TypeSpace(3 types in [100000000000000, 100000000000003], mean ")
    labels = [types.label(k) for k in range(3)]
    assert labels == ["100000000000000", "100000000000001", "100000000000003"]
    assert types.label(-1) == labels[-1]
    near_half = mo.TypeSpace.finite([0.5, 0.5000001, 2])
    assert [near_half.label(k) for k in range(3)] == ["0.5", "0.5000001", "2"]
    sentinel = mo.TypeSpace.finite([397.66, 9_999_999])
    assert "397.66, 9999999]" in repr(sentinel)
    table = mo.compare(mo.BilateralTrade(*map(mo.TypeSpace.finite, FAR)))
    assert "from 100000000000001 to 100000000000002" in table.row("best posted price").remark
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(types, sentinel))
    text = " ".join(mo.summary(mo.solve(problem)).split())
    assert "3 types, 100000000000000 to 100000000000003; buyer: 2 types, 397.66 to 9999999" in text


def test_violations_say_what_they_are_relative_to() -> None:
    environment = mo.BilateralTrade(SIX, SIX)
    problem = mo.ex_ante_efficiency(environment)
    fair = mo.cramton1985.posted_price(environment, 3.0)
    broken = mo.Mechanism(environment, fair.allocation, (fair.payment[0], fair.payment[1] - 0.1))
    failed = mo.audit(problem, broken).failed[0]
    assert failed.violation == pytest.approx(0.1)
    # The first best of six equally likely types on each side is 35/36.
    assert failed.scaled == pytest.approx(0.1 / (35 / 36))
    assert "BROKEN by 0.1 (1e-01 of what is at stake; expected payments fall" in str(failed)
