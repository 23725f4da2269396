"""Types that are rows of values: several goods, and lotteries over alternatives."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

import mechopt as mo
from mechopt.environments import OutcomeRow, Role
from mechopt.mechanism.allocation import Table
from mechopt.mechanism.mechanism import Mechanism
from mechopt.solution import Termination
from mechopt.testing import check_outcomes

from .oracles import cases
from .oracles.audit_by_hand import violations
from .oracles.direct_lp import optimum
from .oracles.finite_case import vertices
from .oracles.variants import drawn

BACKENDS = ("highs", "cvxpy", "pyomo")


@mo.saved_as("tests.Goods")
@dataclass(frozen=True)
class Goods(mo.Outcomes):
    """Several goods for one buyer, whose values add up."""

    count: int

    @property
    def variables(self):
        return tuple(f"good_{j + 1}" for j in range(self.count))

    @property
    def roles(self):
        return (Role("buyer", None, "values"),)

    @property
    def vertices(self):
        return np.array(list(product([0.0, 1.0], repeat=self.count)))

    def worth(self, agent, types):
        del agent
        return types


@mo.saved_as("tests.Lottery")
@dataclass(frozen=True)
class Lottery(mo.Outcomes):
    """One of some alternatives, or none, by lot."""

    names: tuple[str, ...]
    unit_cost: tuple[float, ...]
    corners: tuple[tuple[float, ...], ...]

    @property
    def variables(self):
        return tuple(f"alternative_{j}" for j in range(len(self.unit_cost)))

    @property
    def roles(self):
        return tuple(Role(name, None) for name in self.names)

    @property
    def rows(self):
        return (OutcomeRow("lottery", (1.0,) * len(self.unit_cost), 1.0),)

    @property
    def cost(self):
        return np.array(self.unit_cost)

    @property
    def vertices(self):
        return np.array(self.corners)

    def worth(self, agent, types):
        del agent
        return types

    def scaled(self, factor):
        return replace(self, unit_cost=tuple(factor * cost for cost in self.unit_cost))


def sale(types, **required):
    """Return the problem of the largest revenue from one buyer of several goods."""
    buyer = mo.TypeTable.finite(types)
    goods = Goods(buyer.mean.shape[1])
    environment = mo.Environment((mo.Agent("buyer", buyer),), goods)
    return mo.DesignProblem(environment, mo.Subsidy(), budget="subsidised", **required)


# Revenue by hand, or by other code: (environments.md, section 3.7).
SALES = {
    "a lottery is best": ([(1, 0), (0, 2), (3, 3)], Fraction(5, 2)),
    "each value 0, 1, 2": (list(product(range(3), repeat=2)), Fraction(13, 9)),
    "each value 1, 2": (list(product((1, 2), repeat=2)), Fraction(9, 4)),
}


@pytest.mark.parametrize("name", SALES)
@pytest.mark.parametrize("incentives", ["interim", "dominant"])
def test_several_goods(name, incentives, tmp_path):
    types, revenue = SALES[name]
    problem = sale(types, incentives=incentives)
    for backend in BACKENDS:
        solution = mo.solve(problem, backend)
        assert solution.objective == pytest.approx(-float(revenue), abs=1e-9)
        assert solution.bound == pytest.approx(-float(revenue), abs=1e-9)
        mo.audit(problem, solution).raise_if_failed()
    assert mo.exact_optimum(problem).objective == -revenue
    mo.save_solution(solution, tmp_path / "sale.json")
    loaded = mo.load_solution(tmp_path / "sale.json")
    assert loaded.problem.fingerprint == problem.fingerprint
    mo.audit(problem, loaded).raise_if_failed()


def test_names_and_labels_of_types():
    problem = sale(SALES["a lottery is best"][0])
    table = mo.solve(problem, "highs").mechanism.ex_post()
    assert table.good_1.sel(buyer="(1, 0)").item() == pytest.approx(0.5, abs=1e-9)
    assert table.buyer_payment.sel(buyer="(3, 3)").item() == pytest.approx(5.0, abs=1e-9)
    interim = mo.solve(problem, "highs").mechanism.interim
    assert interim.good_2.sel(agent="buyer", type="(0, 2)").item() == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("incentives", ["interim", "dominant"])
def test_the_audit_notices_what_one_type_gains(incentives):
    problem = sale(SALES["a lottery is best"][0], incentives=incentives)
    best = mo.solve(problem, "highs").mechanism
    for buyer, change in ((2, 0.01), (0, 0.01), (1, -0.01)):
        paid = best.ex_post_payments().copy()
        paid[0, buyer] += change
        changed = Mechanism.of_profiles(problem.environment, best.allocation, paid)
        failed = [check.requirement for check in mo.audit(problem, changed).failed]
        assert len(failed) >= 1
        wanted = "incentive" if change < 0 or buyer == 2 else "participation"
        assert any(wanted in requirement for requirement in failed)


def problem_of(case):
    """Return a case of alternatives as a problem of the package."""
    names = tuple(f"agent_{i}" for i in range(case.num_agents))
    outcomes = Lottery(names, tuple(case.cost.tolist()), tuple(map(tuple, vertices(case).tolist())))
    agents = tuple(
        mo.Agent(name, mo.TypeTable.finite(case.worth[i], case.marginal(i)))
        for i, name in enumerate(names)
    )
    alone = cases.independent(*(case.marginal(i) for i in range(case.num_agents)))
    prior = None if np.allclose(alone, case.prior, rtol=0, atol=1e-15) else mo.Joint(case.prior)
    limit = [] if case.payment_limit is None else [mo.PaymentLimit(case.payment_limit)]
    return mo.DesignProblem(
        mo.Environment(agents, outcomes, prior),
        mo.Subsidy() if case.objective == "subsidy" else mo.Welfare(case.weights),
        allocation="free" if case.allocation is None else "efficient",
        incentives=case.incentives,
        participation=case.participation,
        budget="subsidised" if case.budget == "free" else case.budget,
        budget_holds=case.budget_holds,
        requirements=limit,
    )


def can_be_stated(case):
    """Return whether a random case has rows of values by own type, and nothing else of its own."""
    apart = all(w.ndim == 2 and len(np.unique(w, axis=0)) == len(w) for w in case.worth)
    more = case.liability is not None or case.floors or case.events or case.designer
    return apart and not more and case.objective != "least-utility"


def test_lotteries_against_the_oracle():
    found = {"optimal": 0, "infeasible": 0}
    for number, case in enumerate(drawn(16, can_be_stated, families=("alternatives",))):
        status, expected = optimum(case)
        if status == "unbounded":  # The package limits payments where nothing else does.
            continue
        problem = problem_of(case)
        backends = ("highs", BACKENDS[number % 3]) if number % 6 else BACKENDS
        for backend in dict.fromkeys(backends):
            solution = mo.solve(problem, backend, throw=False)
            assert solution.termination == status, case.name
            mo.audit(problem, solution).raise_if_failed()
            if status == "optimal":
                assert solution.objective == pytest.approx(expected, rel=1e-8, abs=1e-8), case.name
                mechanism = solution.mechanism
                outcomes = mechanism.allocation.dense(problem.environment)
                faults = violations(case, outcomes, mechanism.ex_post_payments())
                assert max(faults.values()) <= 1e-8, case.name
        found[status] += 1
    assert found["optimal"] >= 12


def test_fractions_of_lotteries():
    for case in drawn(6, can_be_stated, families=("alternatives",)):
        problem = problem_of(case)
        if problem.environment.num_profiles > 12:
            continue
        exact = mo.exact_optimum(problem)
        solution = mo.solve(problem, "highs", throw=False)
        assert exact.verify() == ()
        if solution.termination is Termination.OPTIMAL:
            assert float(exact.objective) == pytest.approx(solution.objective, abs=1e-9)


def test_money_in_another_unit():
    case = next(iter(drawn(1, can_be_stated, families=("alternatives",))))
    problem = problem_of(case)
    scaled = problem.scaled(1024.0)
    one, other = mo.solve(problem, "highs"), mo.solve(scaled, "highs")
    assert other.objective == pytest.approx(1024.0 * one.objective, rel=1e-9)
    assert scaled.scaled(1.0 / 1024.0).environment == problem.environment


@pytest.mark.parametrize(
    ("types", "options", "message"),
    [
        ([[1, 2], [3]], {}, "rows of lengths"),
        ([], {}, "no rows"),
        ([[1, 2], [1, 2]], {}, "two types are alike"),
        ([[1, np.inf]], {}, "not finite"),
        ([["1/0", 1]], {}, "types"),
        ([[1, 2], [3, 4]], {"probabilities": [0.5, 0.6]}, "sum to one"),
        ([[1, 2], [3, 4]], {"probabilities": [1.0]}, "as many probabilities"),
        ([[1, 2], [3, 4]], {"labels": ["a", "a"]}, "labels"),
        ([[1, 2], [3, 4]], {"labels": ["a"]}, "labels"),
    ],
)
def test_tables_that_are_refused(types, options, message):
    with pytest.raises(mo.InvalidInputError, match=message):
        mo.TypeTable.finite(types, **options)


def test_outcomes_that_do_not_say_what_rows_are_worth():
    table = mo.TypeTable.finite([[1, 0], [0, 2]])
    trade = (mo.Agent("seller", table), mo.Agent("buyer", mo.TypeSpace.finite([1, 2])))
    with pytest.raises(mo.InvalidInputError, match="no single numbers"):
        mo.Environment(trade, mo.Trade())
    with pytest.raises(mo.InvalidInputError, match="worth of every variable"):
        mo.Environment((mo.Agent("buyer", table),), Goods(3))
    cells = mo.TypeSpace([0.5, 0.5], [0.25, 0.75], [0, 0.5], [0.5, 1])
    with pytest.raises(mo.InvalidInputError, match="continuum"):
        mo.Environment((mo.Agent("buyer", cells),), Goods(1))


def test_outcomes_that_are_worth_nothing_are_refused():
    class Silent(Goods):
        worth = mo.Outcomes.worth

    with pytest.raises(mo.InvalidInputError, match="neither"):
        mo.Environment((mo.Agent("buyer", mo.TypeSpace.finite([1, 2])),), Silent(1))


def test_numbers_for_types_with_a_worth_of_their_own():
    """A second unit that is worth less: no single crossing is taken for granted."""

    @dataclass(frozen=True)
    class Units(Goods):
        def worth(self, agent, types):
            del agent
            return np.stack([types, 2 - types], axis=1)

    buyer = mo.TypeSpace.finite([0.5, 1, 1.75])
    problem = mo.DesignProblem(
        mo.Environment((mo.Agent("buyer", buyer),), Units(2)), mo.Subsidy(), budget="subsidised"
    )
    solution = mo.solve(problem, "highs")
    mo.audit(problem, solution).raise_if_failed()
    # The whole is worth 2 to everybody.
    assert solution.objective == pytest.approx(-2.0, abs=1e-9)
    swapped = Mechanism.of_profiles(
        problem.environment, Table(np.array([[0.0, 1, 1], [1, 1, 0]])), [[1.5, 2.0, 0.9]]
    )
    (failed,) = mo.audit(problem, swapped).failed
    assert "buyer type 1 (1) gains 0.1 by reporting type 2 (1.75)" in str(failed)


class Rounded(Goods):
    """Goods whose worth depends on the unit of money."""

    def worth(self, agent, types):
        del agent
        return types if types.dtype == object else np.round(types)


def test_conformance_looks_at_what_types_of_a_table_are_worth():
    check_outcomes(sale([(1, 0), (0, 2), (3, 3)]).environment)
    buyer = mo.Agent("buyer", mo.TypeTable.finite([(1, 0), (0, 2)]))
    with pytest.raises(AssertionError, match="scaling changes money alone: first best"):
        check_outcomes(mo.Environment((buyer,), Rounded(2)))


def test_pictures_of_a_table_stand_at_positions():
    solution = mo.solve(sale([(1, 0), (0, 2), (3, 3)]))
    axes = {ax.get_title(loc="left"): ax for ax in mo.plot.overview(solution).axes}
    paid, utility = axes["Interim payments"], axes["Interim utilities"]
    assert paid.lines[0].get_xdata().tolist() == [0, 1, 2]
    assert paid.lines[0].get_ydata() == pytest.approx(solution.mechanism.payment[0])
    assert utility.lines[-1].get_ydata() == pytest.approx(solution.mechanism.utility[0])
