"""Everything that stands in saved files comes back as it was, with an equal fingerprint."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from fractions import Fraction
from importlib import import_module

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt import robust
from mechopt._util import registry
from mechopt._util.saving import decode, encode, fingerprint
from mechopt.environments import ScaledOption
from mechopt.environments.bargaining import exchanged
from mechopt.formats.read_sidecar import load_sidecar
from mechopt.mechanism.allocation import EfficientRule
from mechopt.mechanism.counts_rule import CountsPayments, CountsRule
from mechopt.mechanism.even_rule import EvenRule
from mechopt.problem.budget import CoversCost, PaymentLimit
from mechopt.problem.events import EventProbability
from mechopt.problem.incentives import DominantIncentives, InterimIncentives
from mechopt.problem.liability import Liability
from mechopt.problem.obedience import Obedience
from mechopt.problem.objectives import DiscountedPayoff, ScaledObjective
from mechopt.problem.objectives.least import EndPayoffs
from mechopt.problem.participation import (
    ExPostParticipation,
    InterimParticipation,
    UtilityFloor,
)
from mechopt.saved import HOMES, saved_classes
from mechopt.studies.dominance import dominance_problem
from mechopt.types.continuous import ContinuousPrior
from mechopt.types.exact import DecimalCells, GivenTypes, NoExactCells
from mechopt.types.prior import Independent, Joint


@dataclasses.dataclass(frozen=True)
class Wage(mo.environments.OutsideOption):
    amount: float

    def __call__(self, types):
        return np.full(len(types), self.amount)


@mo.saved_as("test_saved_kinds.Tax", version=2)
@dataclasses.dataclass(frozen=True)
class Tax(mo.Welfare):
    """Welfare of a user's own, under a name of its own."""


FINITE = mo.TypeSpace.finite([0.5, "2/3", 1], ["1/3", "1/3", "1/3"])
UNIFORM = mo.TypeSpace.from_distribution(stats.uniform(0, 1), 3)
BETA = mo.TypeSpace.from_distribution(stats.beta(2, 3), 3)
SAMPLE = mo.TypeSpace.from_samples([1, 2, 2, 3, 5, 8], cells=3)
BARGAINING = mo.Bargaining(([1, 2, 3], ["1/2", 0, "1/2"]), ([0, 2], [0, 1]), "1/3")

TYPES = {
    "finite": FINITE,
    "frequencies": mo.TypeSpace.finite([1, 2], np.array([0.25, 0.75])),
    "uniform": UNIFORM,
    "beta": BETA,
    "sample": SAMPLE,
    "distinct sample": mo.TypeSpace.from_samples([1, 2, 2, 3, 5, 8]),
    "scaled": FINITE.scaled(3.0),
    "shifted": FINITE.shifted(0.5),
    "given as cells": mo.TypeSpace([0.5, 0.5], [0.25, 0.75], [0, 0.5], [0.5, 1]),
    "decimals": mo.TypeSpace([1], [1], [1], [1], exact=DecimalCells()),
    "a law of others": mo.TypeSpace.from_distribution(
        mo.priors.mixture(
            [
                mo.priors.finite([0.5]),
                mo.priors.truncated(mo.priors.named("norm"), 0, 2),
                mo.priors.shifted_and_scaled(mo.priors.histogram([0, 1], [1]), factor="1/3"),
                mo.priors.order_statistic(stats.uniform(0, 1), 3),
            ],
            [0.25, 0.25, 0.25, 0.25],
        ),
        5,
    ),
    "rows of values": mo.TypeTable.finite([["1/3", 0], [0, 2]], labels=("north", "south")),
    "not exact": mo.TypeSpace([1], [1], [1], [1], exact=NoExactCells("a test")),
}
TRADE = mo.BilateralTrade(FINITE, UNIFORM)
ENVIRONMENTS = {
    "trade": TRADE,
    "delayed trade": mo.BilateralTrade(FINITE, SAMPLE, 2.0, 1.0),
    "an infinite rate": mo.BilateralTrade(FINITE, SAMPLE, np.inf, 1.0),
    "dated trade": mo.environments.on_dates(mo.BilateralTrade(FINITE, BETA, 2.0, 1.0), 3),
    "single good": mo.Environment(
        tuple(mo.Agent(f"player_{k}", FINITE) for k in range(3)), mo.environments.SingleGood(3)
    ),
    "alternatives": mo.Alternatives(["a", "b"], {"i": [1, 2]}, {"i": [[1, 2], [3, 4]]}),
    "goods": mo.Goods([[1, 0], [0, "1/3"]], demand="unit"),
    "auction": mo.Auction(FINITE, count=3, units=2, seller_value="1/3"),
    "public good": mo.PublicGood(FINITE, cost="1/3", excludable=True, count=2),
    "partnership": mo.Partnership(FINITE, ["1/3", "2/3"]),
    "market": mo.Market(FINITE, FINITE, num_sellers=2, num_buyers=1),
    "screening": mo.environments.Screening(UNIFORM, {"form": "quadratic", "c": "1/3"}),
    "listed qualities": mo.environments.Screening([FINITE, FINITE], [(1, "1/3"), (2, 1)]),
    "procurement": mo.environments.Procurement(FINITE, {"form": "sqrt"}, count=2),
    "listed amounts": mo.environments.Procurement(FINITE, [(1, "7/3"), (2, 3)], "4/3"),
    "bargaining": BARGAINING,
    "bargaining exchanged": exchanged(BARGAINING),
    "bargaining scaled": BARGAINING.scaled(3.0),
    "wage": mo.Environment(
        (mo.Agent("seller", FINITE, Wage(0.01)), mo.Agent("buyer", FINITE)), mo.Trade()
    ),
}
OPTIONS = {
    "own share": mo.environments.OwnShare(0.25),
    "nothing": mo.environments.NoPayoff(),
    "random monopoly": mo.peski2024.RandomMonopoly(
        0.25, BETA, "1/4", 2.0, (1.0, 3.5), renamed=True
    ),
    "wage": Wage(0.5),
    "scaled wage": ScaledOption(Wage(0.5), 3.0),
}
OBJECTIVES = {
    "welfare": mo.Welfare((0.25, 0.75)),
    "exact welfare": mo.Welfare((1 / 3, 2 / 3), ("1/3", "2/3")),
    "at a discount factor": DiscountedPayoff((1.0, 0.0), discount_factor="9/10"),
    "weighted payoffs": mo.WeightedPayoffs((np.ones(3), np.array([0.5, 1.0, 2.0]))),
    "subsidy": mo.Subsidy(),
    "scaled": ScaledObjective(mo.Welfare((1.0, 1.0)), 0.5),
    "own": Tax((1.0, 2.0)),
    "welfare without weights": mo.Welfare(),
    "revenue": mo.Revenue(),
    "payoff": mo.Payoff("buyer"),
    "mixture": Fraction(1, 3) * mo.Revenue() + 0.5 * mo.Welfare() - mo.Subsidy(),
    "least utility": mo.LeastUtility({"buyer": (0, 2)}, net=True),
    "least gain": mo.LeastGain(),
    "Nash product": mo.NashProduct(),
    "ends of cells": EndPayoffs((np.ones(3), np.zeros(3)), (np.zeros(3), np.ones(3))),
    "under a prior": mo.robust.UnderPrior(mo.Welfare(), mo.Joint([["1/2", 0], [0, "1/2"]])),
    "worst prior near one": robust.WorstPriorIn(
        mo.Welfare(), robust.Near(mo.Joint([[0.25, 0.25], [0.25, 0.25]]), "1/10")
    ),
    "worst prior by transport": robust.WorstPriorIn(
        mo.Welfare(),
        robust.Wasserstein(mo.Joint([["1/2", 0], [0, "1/2"]]), "1/3", [[0, 1], [[0, 1], [1, 1]]]),
    ),
    "worst prior of a range": robust.WorstPriorIn(
        mo.Welfare(), robust.Moments([[0, 1, 2, 3]], [1], [None])
    ),
    "worst prior": mo.robust.WorstPrior(mo.Welfare(), [mo.Joint([[0.25, 0.25], [0.25, 0.25]])]),
}
REQUIREMENTS = {
    "budget": CoversCost("balanced", "ex-post"),
    "limit": PaymentLimit(2.0),
    "liability": Liability("1/3"),
    "event": EventProbability("trade", at_least=0.25, types={"buyer": (1, 2)}),
    "interim incentives": InterimIncentives("seller"),
    "dominant incentives": DominantIncentives("seller"),
    "interim participation": InterimParticipation("buyer"),
    "ex post participation": ExPostParticipation("buyer"),
    "obedience": Obedience([[1, "1/2", 0]]),
    "floor": UtilityFloor("buyer", [-np.inf, 0.25, 0.5]),
}
STATED = {
    "problem": mo.ex_ante_efficiency(TRADE),
    "verifiable": mo.peski2024.best_for_player_1(mo.Bargaining(FINITE, FINITE), verifiable=True),
    "above a status quo": dominance_problem(TRADE, mo.studies.InterimPayoffs.nothing(TRADE)),
    "with requirements": mo.DesignProblem(
        TRADE,
        mo.Welfare((1.0, 1.0)),
        requirements=(PaymentLimit(2.0), UtilityFloor("seller", [-np.inf, 0.0, 0.0])),
    ),
    "dependent types": mo.ex_ante_efficiency(
        mo.Environment(
            (mo.Agent("seller", FINITE), mo.Agent("buyer", FINITE)),
            mo.Trade(),
            Joint([["1/6", "1/12", "1/12"], ["1/12", "1/6", "1/12"], ["1/12", "1/12", "1/6"]]),
        )
    ),
    "without lotteries": mo.DesignProblem(TRADE, mo.Welfare(), deterministic=True),
    "independent": Independent((FINITE.mass, UNIFORM.mass)),
    "prior": ContinuousPrior("beta", (2.0, 3.0)),
    "frequencies": GivenTypes(("1", "2"), np.array([1.0, 3.0])),
}
SOLVED = mo.solve(STATED["problem"])
FOUND = {
    "statistics": SOLVED.statistics,
    "provenance": SOLVED.provenance,
    "rule": SOLVED.mechanism.allocation,
    "rule by counts": CountsRule(np.eye(2), np.array([0.5])),
    "rule of a project": CountsRule(None, np.array([0.5])),
    "payments by counts": CountsPayments(np.eye(2)),
    "even rule": EvenRule((([0.0, 1.0],), ([1.0, 2.0],)), (0.25, 0.75), (0, 0)),
    "table": mo.solve(STATED["problem"], "highs").mechanism.allocation,
    "steps": mo.studies.take_it_or_leave_it(TRADE, "seller").mechanism.allocation,
    "efficient rule": EfficientRule(),
    "written out": mo.solve(mo.ex_ante_efficiency(TRADE)).mechanism.allocation.written_out(TRADE),
}
ALL = {
    f"{kind}: {name}": value
    for kind, values in (
        ("types", TYPES),
        ("environment", ENVIRONMENTS),
        ("option", OPTIONS),
        ("objective", OBJECTIVES),
        ("requirement", REQUIREMENTS),
        ("stated", STATED),
        ("found", FOUND),
    )
    for name, value in values.items()
}


def same(one, other):
    """Return whether two values have the same classes and fields all the way down."""
    if dataclasses.is_dataclass(one):
        return type(one) is type(other) and all(
            same(getattr(one, part.name), getattr(other, part.name))
            for part in dataclasses.fields(one)
        )
    if isinstance(one, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (tuple, list)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, np.ndarray):
        return np.array_equal(one, other)
    return type(one) is type(other) and one == other


@pytest.mark.parametrize("name", ALL)
def test_what_is_saved_comes_back(name):
    text = json.dumps(encode(ALL[name]), allow_nan=False)
    again = decode(json.loads(text), saved_classes())
    assert same(ALL[name], again)
    assert fingerprint(again) == fingerprint(ALL[name])
    assert json.dumps(encode(again), allow_nan=False) == text


@pytest.mark.parametrize(
    "name",
    [name for name in ALL if name.startswith(("types", "environment", "option", "requirement"))],
)
def test_equal_content_is_equal(name):
    again = decode(json.loads(json.dumps(encode(ALL[name]))), saved_classes())
    assert again == ALL[name]
    if not name.startswith("requirement"):
        assert hash(again) == hash(ALL[name])


def test_different_content_is_different():
    for values in (TYPES, ENVIRONMENTS, OPTIONS):
        found = list(values.values())
        assert all(one != other for i, one in enumerate(found) for other in found[:i])
        assert len({fingerprint(value) for value in found}) == len(found)


def names_in(value):
    """Yield the identifiers in what was encoded."""
    if isinstance(value, dict):
        yield value.get("type")
        for part in value.values():
            yield from names_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from names_in(part)


def test_no_class_that_is_registered_is_left_out_here():
    for module in registry._modules(HOMES):
        import_module(module)
    seen = {name for value in ALL.values() for name in names_in(encode(value))}
    known = {str(registry.registration(kind)) for kind in registry._registered.values()}
    assert {name for name in known if name.startswith("mechopt.")} <= seen


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_solution_comes_back(environment, tmp_path):
    problem = mo.ex_ante_efficiency(ENVIRONMENTS[environment])
    solution = mo.solve(problem, throw=False)
    path = tmp_path / "solution.json"
    mo.save_solution(solution, path)
    loaded = mo.load_solution(path)
    assert loaded.problem.environment == problem.environment
    assert loaded.problem.fingerprint == problem.fingerprint == loaded.fingerprint
    assert loaded.unaltered
    assert same(loaded.duals, dict(solution.duals))
    assert same(loaded.provenance, solution.provenance)
    mo.save_solution(loaded, tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("name", ["problem", "dependent types", "above a status quo", "own"])
def test_a_sidecar_uses_the_same_names(name, tmp_path):
    own = mo.DesignProblem(ENVIRONMENTS["wage"], Tax((1.0, 2.0)))
    problem = own if name == "own" else STATED[name]
    model = mo.export(problem, tmp_path / "model.mps")[0]
    again = load_sidecar(model).problem
    assert same(problem, again)
    assert fingerprint(again) == fingerprint(problem)
    path = tmp_path / "model.mps.json"
    path.write_text(path.read_text().replace("mechopt.Agent@1", "mechopt.Agent@2"))
    with pytest.raises(mo.InvalidInputError, match=r"model\.mps\.json"):
        load_sidecar(model)


def test_limits_on_payments_of_the_first_version_are_refused_by_name():
    """They had no exact limit, so that what they were meant to be is not known."""
    saved = encode(PaymentLimit(2.0))
    first = {"type": saved["type"].replace("@2", "@1"), "limit": 2.0}
    with pytest.raises(mo.InvalidInputError, match=r"another version of a class.*older version 1"):
        decode(first, saved_classes())
