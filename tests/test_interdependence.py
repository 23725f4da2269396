"""Outcomes whose worth to an agent hangs on what others know."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pytest

import mechopt as mo
from mechopt.environments import Lottery
from mechopt.environments.single_good import SingleGood
from mechopt.literature.automated_design import best_outcome
from mechopt.literature.pivotal import pivotal
from mechopt.mechanism.allocation import Table
from mechopt.mechanism.mechanism import Mechanism
from mechopt.saved import load_solution, save_solution
from mechopt.testing import check_outcomes

from .oracles.direct_lp import optimum
from .oracles.variants import drawn
from .test_alternatives import is_plain, stated

SIGNALS = {"ann": [1, 2, 3, 4], "bob": [1, 2, 3, 4]}
OTHER = {"ann": "bob", "bob": "ann"}


@dataclass(frozen=True)
class SharedSignals(SingleGood):
    """A good that is worth to each bidder its own signal, and a share of the other's."""

    share: str = "1"

    def worth_by_profile(self, agent, types):
        own, other = np.meshgrid(*types, indexing="ij")[:: 1 if agent == 0 else -1]
        share = Fraction(self.share)
        worth = own + (share if own.dtype == object else float(share)) * other
        return np.stack([worth if v == agent else 0 * worth for v in range(2)])


def table(share):
    def worth(outcome, agent, types):
        return types[agent] + share * types[OTHER[agent]] if outcome == f"to_{agent}" else 0

    return mo.environments.Alternatives(["kept", "to_ann", "to_bob"], SIGNALS, worth)


def revenue(environment, ex_post):
    words = ("dominant", "ex-post") if ex_post else ("interim", "interim")
    return mo.DesignProblem(
        environment,
        mo.Revenue(),
        incentives=words[0],
        participation=words[1],
        budget="subsidised",
    )


@pytest.mark.parametrize(
    ("share", "ex_post", "expected"),
    [
        (0, True, Fraction(19, 8)),
        (1, True, Fraction(67, 16)),
        (1, False, Fraction(67, 16)),
        (Fraction(1, 2), True, Fraction(105, 32)),
    ],
)
def test_revenue_is_the_largest_worth_less_rent(share, ex_post, expected):
    problem = revenue(table(share), ex_post)
    types = np.arange(1, 5)
    rent = 4.0 - types
    by_hand = np.maximum(types - rent + float(share) * types[:, None], 0.0)
    assert np.maximum(by_hand, by_hand.T).mean() == float(expected)
    solution = mo.solve(problem, "highs")
    mo.audit(problem, solution).raise_if_failed()
    assert solution.objective == pytest.approx(float(expected), abs=1e-9)
    assert solution.bound == pytest.approx(float(expected), abs=1e-8)


def test_outcomes_of_a_users_own_equal_a_table():
    check_outcomes(SharedSignals(2))
    bidders = tuple(mo.Agent(name, mo.TypeSpace.finite(t)) for name, t in SIGNALS.items())
    own = mo.Environment(bidders, SharedSignals(2))
    listed = table(1)
    assert own.hangs_on_others(0)
    assert listed.hangs_on_others(1)
    assert (
        own.first_best
        == listed.first_best
        == float(np.mean([8, 7, 7, 6, 6, 6, *[5] * 4, 4, 4, 4, 3, 3, 2]))
    )
    problem = revenue(own, ex_post=True)
    solution = mo.solve(problem, "highs")
    assert solution.objective == pytest.approx(67 / 16, abs=1e-9)
    exact = mo.exact_optimum(problem)
    assert exact.verify() == ()
    assert exact.objective == Fraction(67, 16)
    money = problem.scaled(4.0)
    assert mo.solve(money, "highs").objective == pytest.approx(67 / 4, abs=1e-8)


def test_what_is_saved_written_and_moved(tmp_path):
    problem = revenue(table(1), ex_post=True)
    solution = mo.solve(problem, "highs")
    save_solution(solution, tmp_path / "kept.json")
    again = load_solution(tmp_path / "kept.json")
    assert "required: ex post incentives" in mo.summary(again)
    assert again.problem.environment == problem.environment
    assert mo.audit(again.problem, again).passed
    outcomes = solution.mechanism.allocation.dense(problem.environment)
    payments = solution.mechanism.ex_post_payments().copy()
    payments[0, 3, 2] += 0.5
    moved = Mechanism.of_profiles(problem.environment, Table(outcomes), payments)
    failed = [check.requirement for check in mo.audit(problem, moved).failed]
    assert "incentive compatibility of ann in every profile" in failed


def test_random_programs_against_the_oracle():
    rng = np.random.default_rng(5)
    several = (c for c in drawn(12, is_plain, families=("alternatives",)) if c.num_agents > 1)
    found = 0
    for number, own in enumerate(itertools.islice(several, 6)):
        tables = [rng.integers(-16, 49, (*own.shape, own.num_variables)) / 16 for _ in own.shape]
        case, problem = stated(replace(own, worth=tuple(tables)))
        status, expected = optimum(case)
        if status == "unbounded":
            continue
        solution = mo.solve(problem, ("highs", "cvxpy")[number % 5 == 4], throw=False)
        assert solution.termination == status, case.name
        mo.audit(problem, solution).raise_if_failed()
        if status == "optimal":
            assert solution.objective == pytest.approx(expected, rel=1e-8, abs=1e-8), case.name
            found += 1
    assert found >= 3


def test_the_worst_of_priors_counts_worth_by_profile():
    environment = table(1)
    alike = mo.Joint(np.eye(4) / 4)
    apart = mo.Joint(np.eye(4)[::-1] / 4)
    values = []
    for prior in (alike, apart):
        problem = revenue(environment, ex_post=True)
        values.append(
            mo.solve(replace(problem, objective=mo.robust.UnderPrior(mo.Revenue(), prior)))
        )
    both = replace(problem, objective=mo.robust.WorstPrior(mo.Revenue(), [alike, apart]))
    worst = mo.solve(both, "highs")
    mo.audit(both, worst).raise_if_failed()
    assert worst.objective <= min(each.objective for each in values) + 1e-9
    assert values[0].objective == pytest.approx(5.0, abs=1e-9)  # 2, 4, 6 and 8, told by the other


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([[[0, 0], [0, 0]], [[1, 2], [3]]], "values of ann.*1 at values.1..1."),
        ([[[0, 0], [0, 0]], [[1, 2], 3]], "3 at values.1..1."),
        ([[[0, 0], [0, 0]], [[1, 2], [3, [4]]]], "a list at values.1..1..1."),
        ([[[0, 0], [0, 0]]], "1 at values\\)"),
        ([[[0, 0], [0, 0]], [[1, 2], [3, np.inf]]], "not finite"),
    ],
)
def test_tables_that_are_refused(values, message):
    plain = [[1, 2], [3, 4]]
    with pytest.raises(mo.errors.InvalidInputError, match=message):
        mo.environments.Alternatives(
            ["a", "b"], {"ann": [1, 2], "bob": [1, 2]}, {"ann": values, "bob": plain}
        )


def test_worth_of_another_shape_is_refused():
    class Wrong(SharedSignals):
        def worth_by_profile(self, agent, types):
            return super().worth_by_profile(agent, types)[:1]

    bidders = tuple(mo.Agent(name, mo.TypeSpace.finite([1, 2])) for name in SIGNALS)
    with pytest.raises(mo.errors.InvalidInputError, match=r"\(2, 2, 2\), got shape \(1, 2, 2\)"):
        mo.Environment(bidders, Wrong(2))
    assert Lottery(("ann",), ("a",), ("0",)).worth_by_profile(0, [np.ones((2, 1))]) is None


def test_what_supposes_private_values_says_so():
    with pytest.raises(mo.errors.UnsupportedProblemError, match="hangs on others' types"):
        pivotal(table(1))
    remarks = {row.name: row.remark for row in mo.compare(table(1)).rows}
    assert "hangs on others' types" in remarks["pivotal mechanism"]
    # Whoever it is given to, it is worth 5 on average.
    assert best_outcome(table(1)) == 1
