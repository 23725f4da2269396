"""Whose class is in a file, what money is measured in, and what nobody may hide."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np
import pytest

import mechopt as mo
from mechopt._util.saving import decode, encode, fingerprint, identifier, registry
from mechopt.cli.main import main
from mechopt.literature.peski2024.bargaining import in_order, notes_on
from mechopt.problem.objectives import Objective, ObjectiveWeights
from mechopt.saved import digest_of, saved_classes

TYPES = mo.TypeSpace.finite([1, 2, 3, 4, 5, 6])
NOTHING = (mo.NoPayoff(), mo.NoPayoff())
FAR = (mo.TypeSpace.finite([3e5, 5e5]), mo.TypeSpace.finite([6e5, 9e5]))


@dataclass(frozen=True)
class Trade(mo.Trade):
    """A user's own trade, of which only half of the object changes hands."""

    @property
    def upper(self):
        return np.array([0.5])

    @property
    def vertices(self):
        return np.array([[0.0], [0.5]])

    def allocate(self, values, price=1.0):
        return 0.5 * super().allocate(values, price)

    def interim_best(self, values, masses, price=1.0):
        return tuple(0.5 * part for part in super().interim_best(values, masses, price))


@dataclass(frozen=True)
class Flat(mo.OutsideOption):
    """Staying out is worth the same to everybody; nothing is said of units of money."""

    amount: float | Fraction

    def __call__(self, types):
        return np.full(len(types), float(self.amount))


@dataclass(frozen=True)
class Untrue(Flat):
    def scaled(self, factor):
        return self


@dataclass(frozen=True)
class Tax(mo.Welfare):
    """Welfare, and a prize in money for every trade."""

    prize: float = 0.0

    def scaled(self, factor):
        return Objective.scaled(self, factor)

    def weights_in(self, environment):
        own = super().weights_in(environment)
        quantity = (own.quantity[0], own.quantity[1] + self.prize)
        return ObjectiveWeights(quantity, own.payment, own.cost)


def environment(outcomes=None, options=NOTHING, spaces=(TYPES, TYPES)):
    names = ("seller", "buyer")
    agents = (mo.Agent(*parts) for parts in zip(names, spaces, options, strict=True))
    return mo.Environment(tuple(agents), outcomes or mo.Trade())


def test_a_users_trade_comes_back_as_the_users(tmp_path):
    own, theirs = mo.ex_ante_efficiency(environment(Trade())), mo.ex_ante_efficiency(environment())
    assert own.fingerprint != theirs.fingerprint
    path = tmp_path / "solution.json"
    mo.solve(own, "highs").save(path)
    loaded = mo.load_solution(path)
    assert type(loaded.problem.environment.outcomes) is Trade
    assert loaded.problem.fingerprint == own.fingerprint
    assert loaded.objective == pytest.approx(0.5 * mo.solve(theirs).objective, abs=1e-9)
    assert mo.audit(own, loaded).passed
    content = path.read_text()
    assert f"{__name__}:Trade" in content
    path.write_text(content.replace(f"{__name__}:Trade", "another_module:Trade"))
    with pytest.raises(mo.InvalidInputError, match=r"not known here.*Import the module"):
        mo.load_solution(path)


def local_class(number, text=None):
    @dataclass(frozen=True)
    class Local(mo.OutsideOption):
        share: float
        saved_as = text
        saved_version = number

        def __call__(self, types):
            return self.share * types

    if text is None:
        del Local.saved_as
    return Local


def test_identifiers_clash_or_are_chosen():
    first, second = local_class(1, "mylab:Share"), local_class(1, "mylab:Share")
    option = encode(first(0.5))
    assert option == {"type": "mylab:Share", "share": 0.5}
    with pytest.raises(mo.InvalidInputError, match="two classes have one name"):
        decode(option, saved_classes())
    assert type(decode(option, saved_classes([second]))) is second
    with pytest.raises(mo.InvalidInputError, match="two classes have one name"):
        saved_classes([first, second])
    later = local_class(2, "mylab:Share")
    assert identifier(later) == "mylab:Share@2"
    with pytest.raises(mo.InvalidInputError, match="another version"):
        decode({"type": "mylab:Share@3", "share": 0.5}, registry([], [], [later]))
    for wrong in ("Trade", "no colon", "at@x:y", 3):
        with pytest.raises(mo.InvalidInputError, match="not a name to save"):
            identifier(local_class(1, wrong))
    with pytest.raises(mo.InvalidInputError, match="not the number of a version"):
        identifier(local_class("1"))
    with pytest.raises(mo.InvalidInputError, match="not a class that can be loaded"):
        saved_classes([int])


def test_no_two_of_our_classes_have_one_identifier():
    names = [name for name in saved_classes() if ":" not in name]
    assert {"Trade", "Bargaining", "Environment", "ScaledOption", "TypeSpace"} <= set(names)
    for name in names:
        assert identifier(saved_classes()[name]) == name


@dataclass(frozen=True)
class Holder(mo.OutsideOption):
    value: object
    known: object = field(default=None)

    def __call__(self, types):
        return 0.0 * types


@pytest.mark.parametrize(
    "value",
    [Fraction(1, 3), (1, 2.5, "x", None, True), {"type": "Trade", "a": 1}, float("inf"), {}, ()],
    ids=repr,
)
def test_what_can_be_saved_comes_back(value):
    text = json.dumps(encode(Holder(value)), allow_nan=False)
    assert decode(json.loads(text), saved_classes()) == Holder(value)
    assert fingerprint(Holder(value)) == fingerprint(decode(json.loads(text), saved_classes()))


@pytest.mark.parametrize(
    "value",
    [object(), 1j, {1: 2}, {3, 4}, b"x", np.array([np.nan]), np.array(["a"])],
    ids=["object", "complex", "number-as-key", "set", "bytes", "nan", "text-array"],
)
def test_what_would_not_come_back_is_refused(value):
    with pytest.raises(mo.InvalidInputError):
        encode(Holder(value))


def test_hidden_state_is_refused(tmp_path):
    option = Holder(1.0)
    object.__setattr__(option, "secret", 3)
    with pytest.raises(mo.InvalidInputError, match=r"more than its fields.*secret"):
        encode(option)
    with pytest.raises(mo.InvalidInputError, match="more than its fields"):
        fingerprint(option)

    class Plain(mo.OutsideOption):
        def __call__(self, types):
            return 0.0 * types

    problem = mo.ex_ante_efficiency(environment(options=(Plain(), Plain())))
    with pytest.raises(mo.InvalidInputError, match="not something that can be saved"):
        mo.solve(problem, "highs").save(tmp_path / "solution.json")
    assert not list(tmp_path.iterdir())


def test_digits_in_a_row_are_told_apart():
    assert fingerprint((1, 23)) != fingerprint((12, 3))
    assert fingerprint(("ab", "c")) != fingerprint(("a", "bc"))
    trade = mo.BilateralTrade(TYPES, TYPES)
    weights = [(1.0, 23.0), (1.02, 3.0)]
    assert len({mo.ex_ante_efficiency(trade, w).fingerprint for w in weights}) == 2


@pytest.mark.parametrize("backend", ["highs", "pyomo", "cvxpy"])
def test_a_constant_outside_option_keeps_its_money(backend):
    options = Flat(1000.0), Flat(Fraction(20))
    problem = mo.ex_ante_efficiency(environment(options=options, spaces=FAR))
    solution = mo.solve(problem, backend)
    # Every pair trades: 750,000 - 400,000 on average.
    assert solution.objective == pytest.approx(350_000, rel=1e-7)
    mo.audit(problem, solution).raise_if_failed()
    scaled = problem.scaled(0.001)
    assert mo.solve(scaled, backend).objective == pytest.approx(350, rel=1e-7)
    assert scaled.environment.agents[0].option_at_ends[0] == pytest.approx([1.0, 1.0])
    assert problem.scaled(4.0).scaled(0.25).fingerprint != problem.scaled(4.0).fingerprint
    assert problem.scaled(4.0).scaled(0.25).environment.agents[0].outside_option == options[0]


def test_an_option_whose_own_scaling_is_wrong_is_refused():
    problem = mo.ex_ante_efficiency(environment(options=(Untrue(1e3), Flat(20.0)), spaces=FAR))
    with pytest.raises(mo.InvalidInputError, match=r"pays another amount.*scaled"):
        mo.solve(problem, "highs")
    with pytest.raises(mo.InvalidInputError, match="expected 1 after scaled"):
        problem.scaled(0.001)


def test_an_objective_with_money_of_its_own_is_scaled():
    trade = environment(spaces=FAR)
    problem = mo.DesignProblem(trade, Tax((1.0, 1.0), prize=100.0))
    solution = mo.solve(problem, "highs")
    assert solution.objective == pytest.approx(350_100, rel=1e-9)
    assert solution.is_certified
    small = problem.scaled(1e-3)
    assert mo.solve(small, "highs").objective == pytest.approx(350.1, rel=1e-9)
    assert small.objective.weights_in(small.environment).quantity[1] == pytest.approx(
        [600.1, 900.1]
    )


class TestBargaining:
    GIVEN = mo.Bargaining(([1, 2, 3], ["1/2", 0, "1/2"]), ([0, 2], [0, 1]), "1/3")

    def test_scaling_forgets_nothing(self):
        exchanged = self.GIVEN.exchanged()
        for bargaining in (self.GIVEN, exchanged):
            scaled = bargaining.scaled(100.0)
            assert scaled.labels_exchanged == bargaining.labels_exchanged
            assert {name: tuple(t / 100 for t in types) for name, types in scaled.dropped.items()}
            assert scaled.dropped == {
                name: tuple(100.0 * t for t in types) for name, types in bargaining.dropped.items()
            }
            assert len(notes_on(scaled)) == len(notes_on(bargaining))
        # The dropped type 0 is what makes player 2 the one with the lower lowest type.
        assert in_order(self.GIVEN.scaled(100.0), swap=True).labels_exchanged

    def test_saving_forgets_nothing(self, tmp_path):
        exchanged = self.GIVEN.exchanged()
        problem = mo.peski2024.best_for_player_1(exchanged)
        path = tmp_path / "gap.json"
        mo.solve(problem).save(path)
        loaded = mo.load_solution(path)
        environment = loaded.problem.environment
        assert isinstance(environment, mo.Bargaining)
        assert environment.dropped == exchanged.dropped == {"player_1": (0.0,), "player_2": (2.0,)}
        assert environment.labels_exchanged
        assert loaded.problem.fingerprint == problem.fingerprint
        assert notes_on(environment) == notes_on(exchanged)
        assert mo.ex_ante_efficiency(exchanged).fingerprint != (
            mo.ex_ante_efficiency(self.GIVEN).fingerprint
        )

    @pytest.mark.parametrize(
        ("keys", "value"),
        [
            (("dropped", "player_1"), [-1.0]),
            (("dropped", "nobody"), [1.0]),
            (("labels_exchanged",), "no"),
        ],
    )
    def test_what_is_no_bargaining_is_refused(self, keys, value, tmp_path):
        path = tmp_path / "gap.json"
        mo.solve(mo.peski2024.best_for_player_1(self.GIVEN.exchanged())).save(path)
        content = json.loads(path.read_text())
        inner = content["problem"]["environment"]
        for key in keys[:-1]:
            inner = inner[key]
        inner[keys[-1]] = value
        content["digest"] = digest_of(content)
        path.write_text(json.dumps(content))
        with pytest.raises(mo.InvalidInputError, match=r"gap\.json"):
            mo.load_solution(path)


@pytest.mark.parametrize(("key", "value"), [("proposer_probability", 0.2), ("unit", 0.5)])
def test_bounds_of_somebody_else_are_noticed(key, value, tmp_path, capsys):
    path = tmp_path / "gap.json"
    mo.solve(mo.peski2024.best_for_player_1(TestBargaining.GIVEN.exchanged())).save(path)
    content = json.loads(path.read_text())
    content["problem"]["environment"]["agents"][0]["outside_option"][key] = value
    content["digest"] = digest_of(content)
    path.write_text(json.dumps(content))
    assert main(["verify", str(path)]) == 1
    assert "bounds are those of the two: BROKEN" in capsys.readouterr().out


def test_a_posted_price_needs_a_seller_and_a_buyer():
    good = mo.Environment(
        (mo.Agent("a", TYPES), mo.Agent("b", TYPES)), mo.environments.SingleGood(2)
    )
    with pytest.raises(mo.InvalidInputError, match="no trade between a seller and a buyer"):
        mo.cramton1985.posted_price(good, 3.5)
    dated = mo.environments.on_dates(mo.BilateralTrade(TYPES, TYPES, 2.0, 1.0), 3)
    for trade in (
        dated,
        mo.BilateralTrade(TYPES, TYPES, 2.0, 1.0),
        mo.BilateralTrade(TYPES, TYPES),
    ):
        mechanism = mo.cramton1985.posted_price(trade, 3.5)
        mo.audit(mo.ex_ante_efficiency(trade), mechanism).raise_if_failed()
        # Three of six costs and three of six values agree: 1/4 of pairs, 3 gained on average.
        assert mechanism.total_gains == pytest.approx(0.75)


def test_a_double_auction_needs_a_seller_and_a_buyer():
    from scipy import stats

    from mechopt.literature.cramton1985.known_mechanisms import (
        double_auction,
        double_auction_payoffs,
    )

    cells = mo.TypeSpace.from_distribution(stats.uniform(0, 1), 4)
    good = mo.Environment(
        (mo.Agent("a", cells), mo.Agent("b", cells)), mo.environments.SingleGood(2)
    )
    for function in (double_auction, double_auction_payoffs):
        with pytest.raises(mo.InvalidInputError, match="no trade between"):
            function(good, 0.5)
    dated = mo.environments.on_dates(mo.BilateralTrade(cells, cells, 2.0, 1.0), 3)
    assert double_auction(dated, 0.5).allocation.values.sum(axis=0).max() <= 1.0


def test_who_gets_the_gap_follows_from_the_table():
    outcome = mo.peski2024.player_1_gap(
        mo.Bargaining(mo.TypeSpace.finite([0, 2]), mo.TypeSpace.finite([1, 3]))
    )
    assert "all of it player 1's\n" in outcome.summary() + "\n"
    # Take 0.1 from every type of player 1, and give it to player 2.
    mechanism = outcome.solution.mechanism
    moved = (mechanism.payment[0] + 0.1, mechanism.payment[1] - 0.1)
    other = mo.Mechanism(mechanism.environment, mechanism.allocation, moved)
    solution = replace(outcome.solution, mechanism=other)
    text = replace(outcome, solution=solution, payoff_intervals=None).summary()
    assert "player 2 gets 0.1 beyond its own bound" in text
    assert "all of it" not in text
    wide = mo.Bargaining(mo.TypeSpace.finite([0, 1, 5]), mo.TypeSpace.finite([0.5, 2, 4]))
    assert "in other optima player 2 gets more too" in " ".join(
        mo.peski2024.player_1_gap(wide).summary().split()
    )
