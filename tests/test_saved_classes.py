"""Whose class is in a file, what money is measured in, and what nobody may hide."""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys
from dataclasses import dataclass, field, is_dataclass, replace
from fractions import Fraction
from importlib import import_module

import numpy as np
import pytest

import mechopt as mo
from mechopt._util.registry import identifier, registration
from mechopt._util.saving import decode, encode, fingerprint
from mechopt.cli.main import main
from mechopt.environments.bargaining import dropped_types, exchanged, labels_exchanged
from mechopt.literature.peski2024.bargaining import in_order, notes_on
from mechopt.problem.objectives import Objective, ObjectiveWeights
from mechopt.saved import HOMES, digest_of, saved_classes

TYPES = mo.TypeSpace.finite([1, 2, 3, 4, 5, 6])
NOTHING = (mo.environments.NoPayoff(), mo.environments.NoPayoff())
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
class Flat(mo.environments.OutsideOption):
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
    mo.save_solution(mo.solve(own, "highs"), path)
    loaded = mo.load_solution(path)
    assert type(loaded.problem.environment.outcomes) is Trade
    assert loaded.problem.fingerprint == own.fingerprint
    assert loaded.objective == pytest.approx(0.5 * mo.solve(theirs).objective, abs=1e-9)
    assert mo.audit(own, loaded).passed
    content = path.read_text()
    assert f"{__name__}:Trade@1" in content
    path.write_text(content.replace(f"{__name__}:Trade@1", "another_module:Trade@1"))
    with pytest.raises(mo.InvalidInputError, match=r"(?i)not known here.*module"):
        mo.load_solution(path)


def local_class(name, version=1):
    @dataclass(frozen=True)
    class Local(mo.environments.OutsideOption):
        share: float

        def __call__(self, types):
            return self.share * types

    return Local if name is None else mo.saved_as(name, version)(Local)


def other_class(name):
    @mo.saved_as(name)
    @dataclass(frozen=True)
    class Other(mo.environments.OutsideOption):
        def __call__(self, types):
            return 0.0 * types

    return Other


def test_a_name_of_ones_own_stands_for_one_class():
    kind = local_class("test_names.Share")
    assert encode(kind(0.5)) == {"type": "test_names.Share@1", "share": 0.5}
    assert decode(encode(kind(0.5)), saved_classes()) == kind(0.5)
    with pytest.raises(mo.InvalidInputError, match=r"two classes have one name.*Other"):
        other_class("test_names.Share")
    # The clash left the first where it was.
    assert decode(encode(kind(0.5)), saved_classes()) == kind(0.5)


def test_a_class_that_is_defined_again_replaces_the_one_before():
    first, second = local_class("test_again.Share"), local_class("test_again.Share")
    assert type(decode(encode(second(0.5)), saved_classes())) is second
    with pytest.raises(mo.InvalidInputError, match=r"defined again.*Make the object again"):
        encode(first(0.5))
    with pytest.raises(mo.InvalidInputError, match="two classes have one name"):
        saved_classes([first, second])
    assert type(decode(encode(second(0.5)), saved_classes([first]))) is first


def test_a_class_within_a_function_needs_a_name():
    kind = local_class(None)
    for use in (encode, fingerprint):
        with pytest.raises(mo.InvalidInputError, match=r"within a function.*saved_as"):
            use(kind(0.5))


def test_a_class_is_found_when_it_is_given_and_by_its_module_alone():
    module = type(sys)("test_saved_elsewhere")
    content = {"type": "test_saved_elsewhere:Flat@1", "amount": 1.0}
    own = type("Flat", (Flat,), {"__module__": module.__name__, "__qualname__": "Flat"})
    with pytest.raises(mo.InvalidInputError, match=r"not known here.*classes=\[...\]"):
        decode(content, saved_classes())
    assert type(decode(content, saved_classes([own]))) is own
    module.Flat = own
    sys.modules[module.__name__] = module
    try:
        assert type(decode(content, saved_classes())) is own
    finally:
        del sys.modules[module.__name__]


@pytest.mark.parametrize(
    "name",
    [
        "fractions:Fraction@1",
        "pathlib:Path@1",
        "dataclasses:Field@1",
        "mechopt.environments.trade:Trade@1",
        f"{__name__}:environment@1",
        f"{__name__}:TestBargaining@1",
        "mechopt.Trade",
        "mechopt.Trade@",
        "mechopt.Trade@0",
        "mechopt.Trade@1@1",
        "Trade",
        "@1",
        ":@1",
    ],
)
def test_nothing_else_is_made_from_a_file(name):
    with pytest.raises(mo.InvalidInputError, match=r"not known here|not an object that mechopt"):
        decode({"type": name}, saved_classes())


@pytest.mark.parametrize(
    ("version", "age", "remedy"),
    [(3, "newer", "Install a newer"), (1, "older", "Make the file again")],
)
def test_another_version_of_a_class_is_refused(version, age, remedy):
    kind = local_class("test_versions.Share", 2)
    assert identifier(kind) == "test_versions.Share@2"
    content = {"type": f"test_versions.Share@{version}", "share": 0.5}
    for known in (saved_classes(), saved_classes([kind])):
        with pytest.raises(mo.InvalidInputError, match=f"another version.*{age}.*{remedy}"):
            decode(content, known)


def test_a_file_of_a_newer_version_is_one_error(tmp_path):
    path = tmp_path / "solution.json"
    mo.save_solution(mo.solve(mo.ex_ante_efficiency(environment()), "highs"), path)
    path.write_text(path.read_text().replace("mechopt.Environment@1", "mechopt.Environment@9"))
    with pytest.raises(mo.InvalidInputError, match=r"version 1,.*newer version 9.*newer mechopt"):
        mo.load_solution(path)


@pytest.mark.parametrize("name", ["Share", "no dot", "a.b@2", "a:b", ".a", "é.a", "", 3, None])
def test_wrong_names_are_refused(name):
    with pytest.raises(mo.InvalidInputError, match="not a name to save a class under"):
        mo.saved_as(name)


@pytest.mark.parametrize("version", [0, -1, 1.0, True, "1", None])
def test_wrong_versions_are_refused(version):
    with pytest.raises(mo.InvalidInputError, match="not the number of a version"):
        mo.saved_as("test_versions.Wrong", version)


def test_what_cannot_be_registered_is_refused():
    with pytest.raises(mo.InvalidInputError, match="belongs to mechopt"):
        local_class("mechopt.Trade")
    with pytest.raises(mo.InvalidInputError, match="belongs to mechopt"):
        local_class("mechopt.Unheard")
    for kind in (int, dataclass(type("Loose", (), {"__annotations__": {"a": float}}))):
        with pytest.raises(mo.InvalidInputError, match="not a class that can be saved"):
            mo.saved_as("test_names.Loose")(kind)
        with pytest.raises(mo.InvalidInputError, match="not a class that can be saved"):
            saved_classes([kind])


def test_look_alike_classes_have_fingerprints_of_their_own():
    one, other = local_class("test_alike.One"), local_class("test_alike.Other")
    later = local_class("test_alike.Later", 2)
    first = fingerprint(later(0.5))
    again = local_class("test_alike.Later", 3)
    assert (
        len({fingerprint(one(0.5)), fingerprint(other(0.5)), first, fingerprint(again(0.5))}) == 4
    )


def classes_of_mechopt():
    """Import all that may register classes, and return the classes there that extend others."""
    found = set()
    for home in HOMES:
        modules = [home]
        inside = getattr(import_module(home), "__path__", ())
        modules += [part.name for part in pkgutil.walk_packages(inside, f"{home}.")]
        for module in modules:
            found |= {
                each for each in vars(import_module(module)).values() if isinstance(each, type)
            }
    return found


KINDS = (
    mo.Environment,
    mo.Outcomes,
    mo.environments.OutsideOption,
    mo.problem.objectives.Objective,
    mo.mechanism.allocation.Allocation,
    mo.types.exact.ExactCells,
)


def test_all_classes_of_mechopt_that_files_hold_are_registered():
    registered = {}
    for kind in classes_of_mechopt():
        if issubclass(kind, KINDS) and is_dataclass(kind):
            name = registration(kind).name
            assert name == f"mechopt.{kind.__name__}", kind
            assert registered.setdefault(name, kind) is kind
            assert saved_classes().class_of(identifier(kind)) is kind
    assert len(registered) > 15


def test_a_module_is_imported_when_a_file_names_its_class():
    script = """
import sys
from mechopt._util.registry import Known
from mechopt.saved import HOMES
for module in [name for name in sys.modules if name.startswith("mechopt.environments")]:
    del sys.modules[module]
from mechopt._util import registry
registry._registered.pop("mechopt.SingleGood")
kind = Known(homes=HOMES).class_of("mechopt.SingleGood@1")
assert kind is sys.modules["mechopt.environments.single_good"].SingleGood
"""
    subprocess.run([sys.executable, "-c", script], check=True)


@dataclass(frozen=True)
class Holder(mo.environments.OutsideOption):
    value: object
    known: object = field(default=None)

    def __call__(self, types):
        return 0.0 * types


@pytest.mark.parametrize(
    "value",
    [
        Fraction(1, 3),
        (1, 2.5, "x", None, True),
        {"type": "mechopt.Trade@1", "a": 1},
        float("inf"),
        {},
        (),
    ],
    ids=repr,
)
def test_what_can_be_saved_comes_back(value):
    text = json.dumps(encode(Holder(value)), allow_nan=False)
    assert decode(json.loads(text), saved_classes()) == Holder(value)
    assert fingerprint(Holder(value)) == fingerprint(decode(json.loads(text), saved_classes()))


@pytest.mark.parametrize(
    "value",
    [
        object(),
        1j,
        {1: 2},
        {3, 4},
        b"x",
        np.array([np.nan]),
        np.array(["a"]),
    ],
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

    class Plain(mo.environments.OutsideOption):
        def __call__(self, types):
            return 0.0 * types

    problem = mo.ex_ante_efficiency(environment(options=(Plain(), Plain())))
    with pytest.raises(mo.InvalidInputError, match="not something that can be saved"):
        mo.save_solution(mo.solve(problem, "highs"), tmp_path / "solution.json")
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

    @pytest.mark.parametrize("bargaining", [GIVEN, exchanged(GIVEN)], ids=["given", "exchanged"])
    def test_scaling_forgets_nothing(self, bargaining):
        scaled = bargaining.scaled(100.0)
        assert labels_exchanged(scaled) == labels_exchanged(bargaining)
        assert dropped_types(scaled) == {
            name: tuple(100.0 * t for t in types)
            for name, types in dropped_types(bargaining).items()
        }
        for before, after in zip(bargaining.agents, scaled.agents, strict=True):
            chances = (it.outside_option.proposer_probability for it in (before, after))
            assert len(set(chances)) == 1
            assert after.option_at_ends[0] == pytest.approx(100.0 * before.option_at_ends[0])
        assert len(notes_on(scaled)) == len(notes_on(bargaining))
        assert scaled != bargaining
        assert bargaining.scaled(4.0).scaled(0.25) == bargaining

    def test_a_dropped_type_decides_who_is_player_1(self):
        # The dropped type 0 is what makes player 2 the one with the lower lowest type.
        given = mo.Bargaining(([1, 2, 3], ["1/2", 0, "1/2"]), ([0, 2], [0, 1]), "1/3")
        assert labels_exchanged(in_order(given.scaled(100.0), swap=True))

    @pytest.mark.parametrize("bargaining", [GIVEN, exchanged(GIVEN)], ids=["given", "exchanged"])
    def test_saving_forgets_nothing(self, bargaining, tmp_path):
        problem = mo.peski2024.best_for_player_1(bargaining)
        path = tmp_path / "gap.json"
        mo.save_solution(mo.solve(problem), path)
        loaded = mo.load_solution(path)
        environment = loaded.problem.environment
        assert environment == bargaining
        assert hash(environment) == hash(bargaining)
        assert dropped_types(environment) == dropped_types(bargaining)
        assert labels_exchanged(environment) == labels_exchanged(bargaining)
        assert loaded.problem == problem
        assert loaded.problem.fingerprint == problem.fingerprint
        assert notes_on(environment) == notes_on(bargaining)

    def test_labels_and_dropped_types_are_part_of_the_problem(self):
        first = self.GIVEN.agents[0]
        plain = replace(
            self.GIVEN,
            agents=(
                replace(first, outside_option=replace(first.outside_option, dropped=())),
                self.GIVEN.agents[1],
            ),
        )
        environments = (self.GIVEN, exchanged(self.GIVEN), plain)
        assert len({mo.ex_ante_efficiency(it).fingerprint for it in environments}) == 3

    @pytest.mark.parametrize(
        ("key", "value"),
        [("dropped", [-1.0]), ("dropped", ["1"]), ("dropped", 1.0), ("renamed", "no")],
    )
    def test_what_is_no_bargaining_is_refused(self, key, value, tmp_path):
        path = tmp_path / "gap.json"
        mo.save_solution(mo.solve(mo.peski2024.best_for_player_1(exchanged(self.GIVEN))), path)
        content = json.loads(path.read_text())
        content["problem"]["environment"]["agents"][0]["outside_option"][key] = value
        content["digest"] = digest_of(content)
        path.write_text(json.dumps(content))
        with pytest.raises(mo.InvalidInputError, match=r"gap\.json"):
            mo.load_solution(path)


@pytest.mark.parametrize(("key", "value"), [("proposer_probability", 0.2), ("unit", 0.5)])
def test_bounds_of_somebody_else_are_noticed(key, value, tmp_path, capsys):
    path = tmp_path / "gap.json"
    mo.save_solution(
        mo.solve(mo.peski2024.best_for_player_1(exchanged(TestBargaining.GIVEN))), path
    )
    content = json.loads(path.read_text())
    option = content["problem"]["environment"]["agents"][0]["outside_option"]
    option |= {key: value, "exact": None}
    content["digest"] = digest_of(content)
    path.write_text(json.dumps(content))
    assert main(["verify", str(path)]) == 1
    assert "bounds are those of the two: BROKEN" in capsys.readouterr().out


def test_a_posted_price_needs_a_seller_and_a_buyer():
    good = mo.Environment(
        (mo.Agent("a", TYPES), mo.Agent("b", TYPES)), mo.environments.SingleGood(2)
    )
    with pytest.raises(mo.InvalidInputError, match="no trade between two sides"):
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
    assert "all of it player 1's\n" in mo.summary(outcome) + "\n"
    # Take 0.1 from every type of player 1, and give it to player 2.
    mechanism = outcome.solution.mechanism
    moved = (mechanism.payment[0] + 0.1, mechanism.payment[1] - 0.1)
    other = mo.Mechanism(mechanism.environment, mechanism.allocation, moved)
    solution = replace(outcome.solution, mechanism=other)
    text = mo.summary(replace(outcome, solution=solution, payoff_intervals=None))
    assert "player 2 gets 0.1 beyond its own bound" in text
    assert "all of it" not in text
    wide = mo.Bargaining(mo.TypeSpace.finite([0, 1, 5]), mo.TypeSpace.finite([0.5, 2, 4]))
    assert "in other optima player 2 gets more too" in " ".join(
        mo.summary(mo.peski2024.player_1_gap(wide)).split()
    )
