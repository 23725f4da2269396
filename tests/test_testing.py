"""What the package has passes ``mechopt.testing``; what is broken on purpose is noticed by name."""

from __future__ import annotations

import inspect
import itertools
import sys
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt import robust
from mechopt.backends import BACKENDS
from mechopt.backends.highs import HiGHS
from mechopt.backends.registry import REGISTERED
from mechopt.environments import (
    ConcavePurchase,
    DatedTrade,
    DelayedTrade,
    ListedPurchase,
    ListedQualities,
    OutcomeRow,
    QuadraticQuality,
    Role,
    SingleGood,
    Trade,
    on_dates,
)
from mechopt.environments.auction import IdenticalGoods
from mechopt.literature.kamenica2011.persuasion import persuasion
from mechopt.mechanism.check import Check
from mechopt.problem.budget import CoversCost
from mechopt.problem.deterministic import Deterministic
from mechopt.problem.incentives import DominantIncentives, InterimIncentives
from mechopt.problem.liability import Liability
from mechopt.problem.linear import Meaning, Rows
from mechopt.problem.obedience import Obedience
from mechopt.problem.objectives import (
    DiscountedPayoff,
    LeastGain,
    Objective,
    ScaledObjective,
    UnderPrior,
    WorstPrior,
)
from mechopt.problem.objectives.least import EndPayoffs
from mechopt.problem.participation import ExPostParticipation, InterimParticipation
from mechopt.solution import Termination
from mechopt.testing import (
    check_backend,
    check_objective,
    check_outcomes,
    check_requirement,
    solutions,
)
from mechopt.testing.backend import known_answers
from tests.draws import THOROUGH, some

from .test_extension import ENVIRONMENTS as OF_OURS, CommonProject, IndivisibleGood

finite = mo.TypeSpace.finite
COSTS, VALUES = finite([0, 1, 2], ["1/4", "1/4", "1/2"]), finite([0, 1, 3])
TRADE = mo.BilateralTrade(COSTS, VALUES)
BARGAINING = mo.Bargaining(finite([0, 2]), finite([1, 3]), 0.5)
JOINT = mo.Environment(
    mo.BilateralTrade(finite([0, 1]), finite([0.5, 1.5])).agents,
    Trade(),
    mo.Joint([[0.375, 0.125], [0.125, 0.375]]),
)
CELLS = mo.BilateralTrade(
    mo.TypeSpace.from_distribution(stats.uniform(0, 1), 3),
    mo.TypeSpace.from_distribution(stats.beta(2, 1), 2),
)


def every(kind):
    """Return the package's own classes of a kind that are not abstract."""
    found, home = set(), Path(mo.__file__).parent
    for sub in kind.__subclasses__():
        # Classes that other tests took out of a text have no file, or none of the package.
        file = getattr(sys.modules.get(sub.__module__), "__file__", None)
        if file and Path(file).is_relative_to(home) and not inspect.isabstract(sub):
            found.add(sub)
        found |= every(sub)
    return found


def one_of_each(table, kind_of):
    """Return the names in a table: of one of each kind, and of a share of the others."""
    kept = {kind_of(each): name for name, each in reversed(table.items())}.values()
    return [*kept, *some([name for name in table if name not in kept], 3, 1)]


def outcomes_of(subject):
    return getattr(subject, "outcomes", subject)


OUTCOMES = {
    "trade": Trade(),
    "good-2": SingleGood(2),
    "good-3": SingleGood(3),
    "buyer-more-patient": DelayedTrade(2.0, 1.0),
    "seller-more-patient": DelayedTrade(1.0, 4.0),
    "buyer-much-more-patient": DelayedTrade(5.0, 1.0),
    "seller-cannot-wait": DelayedTrade(np.inf, 1.0),
    "buyer-cannot-wait": DelayedTrade(1.0, np.inf),
    "dates": on_dates(mo.BilateralTrade(COSTS, VALUES, 2.0, 1.0), 4),
    "irrational-dates": DatedTrade((1.0, 0.5), (1.0, 0.5**0.3), ()),
    "project": CommonProject(2, 1.75),
    "two goods for three bidders": IdenticalGoods(3, units=2, unit_cost=0.25),
    "market": mo.Market([COSTS], [VALUES, VALUES]),
    "public good": mo.PublicGood([COSTS, VALUES], 1.75),
    "partners": mo.Partnership([COSTS, VALUES], ["1/4", "3/4"]),
    "quality": QuadraticQuality(2, 0.7, 1.5),
    "listed qualities": ListedQualities(2, (Fraction(1, 3), 1), (Fraction(1, 7), 0.5)),
    "root of an amount": ConcavePurchase(3, "sqrt", 1.5, 1.0, 2.0, 0.9),
    "concave amount": ConcavePurchase(2, "quadratic", 1.0, 0.7, 2.0, 1.3),
    "listed amounts": ListedPurchase(2, (1, Fraction(5, 3), 3), (2, 3, 3.5), "4/3"),
    "goods": mo.Goods([[1, 0], [0, 2], [3, 3]]),
    "alternatives": mo.Alternatives(
        ["hers", "his"],
        {"ann": ["low", "high"], "bob": ["low", "high"]},
        {"ann": [[1, 2], [0, 0]], "bob": [[0, 0], [1, 3]]},
    ),
    "three-bidders": IndivisibleGood(3),
    "bargaining": BARGAINING,
    "cells": CELLS,
    "joint": JOINT,
    "partnership": OF_OURS["partnership-2-cells"],
}


@pytest.mark.parametrize("name", one_of_each(OUTCOMES, lambda each: type(outcomes_of(each))))
def test_outcomes_conform(name):
    check_outcomes(OUTCOMES[name])


def test_all_outcomes_are_tried():
    tried = {type(outcomes_of(each)) for each in OUTCOMES.values()}
    assert every(mo.Outcomes) <= tried


def welfare(environment, **words):
    return mo.DesignProblem(environment, mo.Welfare((1.0, 0.5)), **words)


REQUIREMENTS = {
    "interim": (InterimIncentives("seller"), welfare(TRADE)),
    "interim-cells": (InterimIncentives("buyer"), welfare(CELLS)),
    "interim-joint": (InterimIncentives("buyer"), welfare(JOINT)),
    "dominant": (DominantIncentives("buyer"), welfare(TRADE, incentives="dominant")),
    "takes-part": (InterimParticipation("buyer"), welfare(TRADE)),
    "takes-part-for-an-option": (InterimParticipation("player_1"), welfare(BARGAINING)),
    "takes-part-always": (
        ExPostParticipation("seller"),
        welfare(CELLS, participation="ex-post"),
    ),
    "obedience": (
        Obedience([[1, 0], [0, 1]]),
        persuasion(["7/10", "3/10"], [[0, 0], [1, 1]], [[1, 0], [0, 1]]),
    ),
    "balanced": (CoversCost("balanced"), welfare(JOINT)),
    "no-deficit": (CoversCost("no-deficit"), welfare(TRADE, budget="no-deficit")),
    "no-deficit in every profile": (
        CoversCost("no-deficit", "ex-post"),
        welfare(JOINT, budget="no-deficit", budget_holds="ex-post"),
    ),
    "payment-limit": (mo.PaymentLimit(0.8), welfare(TRADE)),
    "liability": (Liability("1/10"), welfare(JOINT)),
    "liability-cells": (Liability(0.05), welfare(CELLS)),
    "utility": (mo.UtilityFloor("buyer", [0.05, -np.inf, 0.3]), welfare(TRADE)),
    "utility-cells": (mo.UtilityFloor("seller", [0.02] * 3, [0.01] * 3), welfare(CELLS)),
    "event": (
        mo.EventProbability("trade", at_least=Fraction(1, 3), types={"buyer": (1,)}),
        welfare(TRADE),
    ),
    "event-later": (
        mo.EventProbability("seller_trade", at_most=0.3),
        welfare(mo.BilateralTrade(finite([0, 2]), finite([1, 3]), 2.0, 1.0)),
    ),
}


@pytest.mark.parametrize("name", one_of_each(REQUIREMENTS, lambda each: type(each[0])))
def test_requirements_conform(name):
    check_requirement(*REQUIREMENTS[name], draws=6 if THOROUGH else 3)


def test_all_requirements_are_tried():
    # Whole numbers are no rows; tests/test_deterministic.py has what is required of them.
    tried = {type(requirement) for requirement, _ in REQUIREMENTS.values()} | {Deterministic}
    assert every(mo.Requirement) <= tried


def utilities(*weights):
    return lambda environment, mechanism: sum(
        weight * mechanism.expected_utility[agent.name]
        for weight, agent in zip(weights, environment.agents, strict=True)
    )


def subsidy(environment, mechanism):
    paid = mechanism.ex_post_payments().sum(axis=0)
    return -environment.expectation(paid) + mechanism.expected_cost


def in_direction(environment, mechanism):
    return mechanism.utility[0] @ [1, 0.5, -0.5] + mechanism.utility[1] @ [0.5, 0.2, 0.3]


MUST_TRADE = mo.DesignProblem(
    TRADE, mo.Subsidy(), budget="subsidised", requirements=(mo.EventProbability("trade", 0.5),)
)


def log_gains(environment, mechanism):
    gains = [
        mechanism.expected_utility[agent.name] - agent.types.expectation(agent.option_at_ends[0])
        for agent in environment.agents
    ]
    return sum(map(np.log, gains)) if min(gains) > 0 else -np.inf


def least_gain(environment, mechanism):
    return min(mechanism.expected_utility[agent.name] for agent in environment.agents)


def least_utility(environment, mechanism):
    del environment
    return min(float(utility.min()) for utility in mechanism.utility)


def mixed(environment, mechanism):
    return 0.5 * utilities(1, 1)(environment, mechanism) - 0.25 * subsidy(environment, mechanism)


def ends(environment, mechanism):
    return sum(
        (agent.types.lower * quantity - paid).sum()
        + 0.5 * (agent.types.upper * quantity - paid).sum()
        for agent, quantity, paid in zip(
            environment.agents, mechanism.quantity, mechanism.payment, strict=True
        )
    )


def gains_under(*priors):
    def least(environment, mechanism):
        net = environment.net_quantities(mechanism.allocation.dense(environment))
        seller, buyer = (agent.types.mean for agent in environment.agents)
        gains = net[0] * seller[:, None] + net[1] * buyer - mechanism.ex_post_payments().sum(axis=0)
        return min(float((np.array(prior) * gains).sum()) for prior in priors)

    return least


def moved(prior, by, across=None):
    """Return the priors with so much of one profile's probability given to another's.

    ``across`` is how much where both types change, if it is another number.
    """
    found = []
    for a, b in itertools.permutations(range(4), 2):
        share = by if across is None or a + b != 3 else across
        found.append(np.array(prior) + share * (np.eye(4)[a] - np.eye(4)[b]).reshape(2, 2))
    return found


PRIORS = [[0.5, 0.125], [0.125, 0.25]], [[0.25, 0.25], [0.25, 0.25]]
COINS = mo.DesignProblem(
    mo.BilateralTrade(finite([0, 2]), finite([1, 3])),
    mo.Welfare(),
    incentives="dominant",
    participation="ex-post",
    budget_holds="ex-post",
)
OBJECTIVES = {
    "revenue": (mo.Revenue(), welfare(TRADE, budget="subsidised"), lambda e, m: -subsidy(e, m)),
    "payoff": (mo.Payoff("buyer"), welfare(TRADE), utilities(0, 1)),
    "mixture": (
        0.5 * mo.Welfare() + 0.25 * mo.Revenue(),
        welfare(TRADE, budget="no-deficit"),
        mixed,
    ),
    "least-utility": (mo.LeastUtility(), welfare(TRADE), least_utility),
    "least-gain": (LeastGain(), welfare(TRADE), least_gain),
    "nash": (mo.NashProduct(), welfare(TRADE), log_gains),
    "ends": (
        EndPayoffs((np.ones(3), np.ones(2)), (np.full(3, 0.5), np.full(2, 0.5))),
        welfare(CELLS),
        ends,
    ),
    "other-prior": (UnderPrior(mo.Welfare(), mo.Joint(PRIORS[0])), COINS, gains_under(PRIORS[0])),
    "worst-prior": (
        WorstPrior(mo.Welfare(), [mo.Joint(prior) for prior in PRIORS]),
        COINS,
        gains_under(*PRIORS),
    ),
    "worst-prior-near": (
        robust.WorstPriorIn(mo.Welfare(), robust.Near(mo.Joint(PRIORS[1]), "1/10")),
        COINS,
        gains_under(*moved(PRIORS[1], 0.1)),
    ),
    "worst-prior-by-transport": (
        robust.WorstPriorIn(
            mo.Welfare(), robust.Wasserstein(mo.Joint(PRIORS[1]), "1/5", [[0, 2], [1, 3]])
        ),
        COINS,
        # Costs and values are 2 apart, so that half as much moves if both change.
        gains_under(*moved(PRIORS[1], 0.1, 0.05)),
    ),
    "welfare": (mo.Welfare((1.0, 1.0)), welfare(TRADE), utilities(1, 1)),
    "discounted": (
        DiscountedPayoff((1.0, 0.0), discount_factor="9/10"),
        welfare(BARGAINING),
        utilities(1, 0),
    ),
    "welfare-joint": (mo.Welfare((3.0, 1.0)), welfare(JOINT), utilities(3, 1)),
    "welfare-options": (mo.Welfare((3.0, 1.0)), welfare(BARGAINING), utilities(3, 1)),
    "welfare-cost": (mo.Welfare((1.0, 0.5)), welfare(OF_OURS["project-2"]), utilities(1, 0.5)),
    "subsidy": (mo.Subsidy(), MUST_TRADE, subsidy),
    "direction": (
        mo.WeightedPayoffs(([1, 0.5, -0.5], [0.5, 0.2, 0.3])),
        welfare(TRADE),
        in_direction,
    ),
    "scaled": (ScaledObjective(mo.Welfare((1.0, 0.5)), 4.0), welfare(TRADE), utilities(1, 0.5)),
}


@pytest.mark.parametrize("name", one_of_each(OBJECTIVES, lambda each: type(each[0])))
def test_objectives_conform(name):
    objective, problem, definition = OBJECTIVES[name]
    check_objective(objective, problem, definition=definition, draws=20 if THOROUGH else 8)


def test_all_objectives_are_tried():
    assert every(Objective) <= {type(objective) for objective, _, _ in OBJECTIVES.values()}


@pytest.mark.parametrize("name", BACKENDS)
def test_backends_conform(name):
    check_backend(BACKENDS[name](), {"project": welfare(OF_OURS["project-2-cells"])})


@pytest.mark.parametrize("name", known_answers())
def test_known_answers_are_those_of_fractions(name):
    problem, expected = known_answers()[name]
    if name == "later-trade":
        assert mo.solve(problem, "cvxpy").objective == pytest.approx(expected, abs=1e-8)
        return
    exact = mo.exact_optimum(problem)
    assert exact.verify() == ()
    if isinstance(expected, Termination):
        assert exact.termination is expected
    else:
        assert float(exact.objective) == pytest.approx(expected, abs=1e-12)


# Deliberately broken outcomes


@dataclass(frozen=True)
class WrongCorner(Trade):
    """A corner beyond what is feasible."""

    vertices = property(lambda self: np.array([[0.0], [1.5]]))


@dataclass(frozen=True)
class MissingCorner(SingleGood):
    """Nobody can be given the good last."""

    vertices = property(lambda self: super().vertices[:-1])


@dataclass(frozen=True)
class WrongRow(SingleGood):
    """Half of the good is lost."""

    rows = property(lambda self: (OutcomeRow("one_good", (1.0, 0.5), 1.0),))


@dataclass(frozen=True)
class WrongBest(SingleGood):
    """The good goes to the last whose weight is positive."""

    def best(self, weights):
        chosen = np.zeros_like(weights)
        chosen[0] = (weights[0] > 0) & (weights[1] <= 0)
        chosen[1] = weights[1] > 0
        return chosen


@dataclass(frozen=True)
class WrongAllocate(Trade):
    """Trade where the value is twice the cost."""

    def allocate(self, values, price=1.0):
        return super().allocate([2.0 * values[0], values[1]], price)


@dataclass(frozen=True)
class WrongTie(Trade):
    """The averages are those of trade in every tie."""

    def interim_best(self, values, masses, price=1.0):
        return super().interim_best([values[0] - 1e-9, values[1]], masses, price)


@dataclass(frozen=True)
class WrongScale(CommonProject):
    """The cost is the same in every unit of money."""

    def scaled(self, factor):
        del factor
        return self


@dataclass(frozen=True)
class WrongFractions(Trade):
    """A fraction that no float is near."""

    def in_fractions(self):
        return replace(super().in_fractions(), upper=super().in_fractions().upper / 3)


@dataclass(frozen=True)
class WrongField(CommonProject):
    """Each time it is made, a field doubles."""

    def __post_init__(self):
        object.__setattr__(self, "price", 2 * self.price)

    def scaled(self, factor):
        return WrongField(self.num_agents, self.price * factor / 2)


@dataclass(frozen=True)
class HiddenState(CommonProject):
    """What is not a field is lost in a file."""

    def __post_init__(self):
        object.__setattr__(self, "memory", [])


@dataclass(frozen=True)
class WrongRole(Trade):
    """The buyer is said to give."""

    roles = property(lambda self: (Role("seller", "gives"), Role("buyer", "gives")))


BROKEN_OUTCOMES = {
    "corners are feasible": WrongCorner(),
    "corners span all that is feasible": MissingCorner(2),
    "corners span all that is feasible (row)": WrongRow(2),
    "best is feasible, and nothing beats it": WrongBest(2),
    "allocate is best at the agents' values": WrongAllocate(),
    "interim best is the average over profiles": WrongTie(),
    "scaling changes money alone": WrongScale(2, 1.0),
    "fractions equal floats": WrongFractions(),
    "saved and loaded the same": WrongField(2, 1.0),
    "saved and loaded the same (hidden)": HiddenState(2, 0.0),
    "what is declared fits together": WrongRole(),
}


@pytest.mark.parametrize("check", BROKEN_OUTCOMES)
def test_broken_outcomes_are_noticed(check):
    with pytest.raises(AssertionError, match=f"^{check.partition(' (')[0]}: .*expected .*got"):
        check_outcomes(BROKEN_OUTCOMES[check])


# Deliberately broken requirements


@dataclass(frozen=True)
class Often(mo.Requirement):
    """Trade has at least a probability."""

    at_least: float
    in_rows: float = 1.0
    in_checks: float = 1.0
    in_fractions: float = 1.0
    on_left: float = 1.0

    def rows(self, frame):
        trade = frame.expectation(frame.outcome("trade"))
        numbers = frame.numbers
        factor = self.in_rows * (self.in_fractions if numbers.exact else 1.0)
        level = numbers.number(self.at_least) * numbers.number(factor) * numbers.ones(1)
        left = trade.times(numbers.number(self.on_left) * numbers.ones(1))
        yield Rows("often", (), left, Meaning("often"), level, shape=(1,), in_money=False)

    def checks(self, environment, mechanism, tolerance):
        trade = environment.expectation(mechanism.allocation.dense(environment)[0])
        short = self.at_least * self.in_checks - trade
        yield Check("often", short, max(short - 1e-12, 0.0), tolerance, f"{trade:.9g}")


@dataclass(frozen=True)
class WrongScaledLimit(mo.PaymentLimit):
    """The same number in every unit of money."""

    def scaled(self, factor):
        del factor
        return self


@dataclass(frozen=True)
class DoubledLevel(Often):
    """Each time it is made, the probability changes."""

    def __post_init__(self):
        object.__setattr__(self, "at_least", 0.9 * self.at_least)


BROKEN_REQUIREMENTS = {
    "rows agree with the definition (row too weak)": Often(0.5, in_rows=0.99),
    "rows agree with the definition (row too strong)": Often(0.5, in_rows=1.01),
    "rows agree with the definition (check too weak)": Often(0.5, in_checks=0.99),
    "rows agree with the definition (check too strong)": Often(0.5, in_checks=1.01),
    "rows agree with the definition (coefficient)": Often(0.5, on_left=1.01),
    "rows agree with the definition (never broken)": Often(-1.0),
    "rows in fractions equal rows in floats": Often(0.5, in_fractions=0.999),
    "scaling changes money alone": WrongScaledLimit(0.8),
    "saved and loaded the same": DoubledLevel(0.5),
    "the requirement fits the problem (nobody)": mo.UtilityFloor("nobody", [0.0]),
    "the requirement fits the problem (no optimum)": Often(1.1),
}


@pytest.mark.parametrize("check", BROKEN_REQUIREMENTS)
def test_broken_requirements_are_noticed(check):
    with pytest.raises(AssertionError, match=f"^{check.partition(' (')[0]}: .*expected .*got"):
        check_requirement(BROKEN_REQUIREMENTS[check], welfare(TRADE), draws=6)


def test_a_requirement_that_holds_passes():
    check_requirement(Often(0.5), welfare(TRADE), draws=6)


# Deliberately broken objectives


@dataclass(frozen=True)
class WrongSign(mo.Welfare):
    """Neither maximised nor minimised."""

    sign = property(lambda self: 0)


@dataclass(frozen=True)
class WrongFractionsOfWeights(mo.Welfare):
    """Fractions of other weights."""

    def exact_weights_in(self, environment):
        return mo.Welfare((1.0, 1.0)).exact_weights_in(environment)


@dataclass(frozen=True)
class WrongUnit(mo.Welfare):
    """The unit is twice what the objective was divided by."""

    def normalised(self):
        return mo.Welfare(tuple(weight / 2 for weight in self.weights)), 4.0


@dataclass(frozen=True)
class CostsTwice(mo.Welfare):
    """The seller's costs count twice, so that it matters what money is measured from."""

    def weights_in(self, environment):
        weights = super().weights_in(environment)
        return replace(weights, quantity=(2 * weights.quantity[0], weights.quantity[1]))

    def exact_weights_in(self, environment):
        raise mo.errors.UnsupportedProblemError("none")


@dataclass(frozen=True)
class WrongMoney(mo.Welfare):
    """Weights of quantities that do not follow the unit of money."""

    def weights_in(self, environment):
        weights = super().weights_in(environment)
        fixed = (np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 3.0]))
        return replace(weights, quantity=fixed)


def twice(environment, mechanism):
    return 2 * utilities(1, 0.5)(environment, mechanism)


BROKEN_OBJECTIVES = {
    "the objective fits the problem": (WrongSign((1.0, 0.5)), None),
    "the objective fits the problem (shapes)": (mo.WeightedPayoffs(([1.0], [1.0])), None),
    "the value agrees with the definition": (mo.Welfare((1.0, 0.5)), twice),
    "weights in fractions equal weights in floats": (WrongFractionsOfWeights((1.0, 0.5)), None),
    "the normalised objective is a multiple": (WrongUnit((1.0, 0.5)), None),
    "scaling changes money alone": (WrongMoney((1.0, 1.0)), None),
    "solved to the optimum": (CostsTwice((1.0, 1.0)), None),
}


@pytest.mark.parametrize("check", BROKEN_OBJECTIVES)
def test_broken_objectives_are_noticed(check):
    objective, definition = BROKEN_OBJECTIVES[check]
    with pytest.raises(AssertionError, match=f"^{check.partition(' (')[0]}: .*expected .*got"):
        check_objective(objective, welfare(TRADE), definition=definition)


# Deliberately broken backends


class Broken(HiGHS):
    """HiGHS, but for one fault."""

    name = "broken"

    def solve(self, problem, **arguments):
        return self.changed(super().solve(problem, **arguments))

    def changed(self, solution):
        return solution


class WrongObjective(Broken):
    def changed(self, solution):
        return replace(solution, objective=1.01 * solution.objective)


class WrongMechanism(Broken):
    def changed(self, solution):
        if solution.mechanism is None:
            return solution
        paid = [values.copy() for values in solution.mechanism.payment]
        paid[0][0] += 0.01
        return replace(solution, mechanism=replace(solution.mechanism, payment=tuple(paid)))


class WrongMultipliers(Broken):
    def changed(self, solution):
        duals = {name: 0.5 * values for name, values in solution.duals.items()}
        return replace(solution, duals=duals)


class NoCertificate(Broken):
    def changed(self, solution):
        if solution.termination is not Termination.INFEASIBLE:
            return solution
        return replace(solution, duals={}, dual_status=mo.solution.PointStatus.NONE)


class TakesAnyOption(Broken):
    def require_options(self, problem, options):
        del problem, options

    def _answer(self, problem, settings):
        return super()._answer(problem, replace(settings, options={}))


class RefusesForNoReason(Broken):
    def accepts(self, problem):
        return mo.backends.Acceptance(False)


BROKEN_BACKENDS = {
    "six-types: solved to the optimum": WrongObjective,
    "six-types: the audit passes": WrongMechanism,
    "six-types: the audit passes (multipliers)": WrongMultipliers,
    "infeasible: a program without an optimum is called so": NoCertificate,
    "unknown options are refused": TakesAnyOption,
    "what is not accepted is refused": RefusesForNoReason,
    "registered under its name": Broken,
}


@pytest.mark.parametrize("check", BROKEN_BACKENDS)
def test_broken_backends_are_noticed(check, monkeypatch):
    kind = BROKEN_BACKENDS[check]
    if kind is not Broken:
        monkeypatch.setitem(REGISTERED, "broken", f"{__name__}:{kind.__name__}")
    with pytest.raises(AssertionError, match=f"^{check.partition(' (')[0]}: .*expected .*got"):
        check_backend(kind())


def test_wrong_bounds_are_noticed(monkeypatch):
    problem = welfare(TRADE)
    right = solutions.dual_bound

    def too_low(problem, duals):
        return right(problem, duals) - 0.01 * problem.objective_scale

    rng, solution = np.random.default_rng(0), mo.solve(problem, "highs")
    monkeypatch.setattr(solutions, "dual_bound", too_low)
    with pytest.raises(AssertionError, match=r"^any multipliers prove a bound: .*expected .*got"):
        solutions.check_bounds(problem, solution, rng)


def test_wrong_multipliers_are_noticed_where_the_bound_is_not_asked():
    problem = welfare(TRADE)
    solution = mo.solve(problem, "highs")
    duals = {name: values.copy() for name, values in solution.duals.items()}
    duals["budget"] *= 1.01
    with pytest.raises(AssertionError, match=r"^multipliers are derivatives: budget"):
        solutions.check_multipliers(
            problem, replace(solution, duals=duals), np.random.default_rng(0)
        )
