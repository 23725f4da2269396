"""Constraints of one's own in instance files: quotas, and floors of utilities."""

from __future__ import annotations

import itertools
import json
import random
import tomllib
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import linprog

import mechopt as mo
from mechopt.cli.main import main
from mechopt.errors import InstanceError
from mechopt.instances import instance_from_document, load_instance, read_document
from mechopt.instances.bundled import instance_path
from mechopt.instances.fields import decimal_literal
from mechopt.sweeps.variation import Variation, changed, keys_of
from mechopt.verify.audit import audit

QUOTA = instance_path("examples/quota")
TRADE = """
[environment]
kind = "bilateral-trade"
seller.types = {seller}
buyer.types = {buyer}
[problem]
objective = "{objective}"
{problem}
"""


def read(text, name="file.toml"):
    return instance_from_document(tomllib.loads(text, parse_float=decimal_literal), name).problem


def trade(problem="", seller="[1, 2, 3]", buyer="[1, 2, 3]", objective="ex-ante-efficiency"):
    return TRADE.format(seller=seller, buyer=buyer, objective=objective, problem=problem)


def event(**keys):
    return {"variable": "trade", "at_least": "1/2", **keys}


def as_in_toml(value):
    """Return a value with floats as decimals, as they are read from a file."""
    if isinstance(value, dict):
        return {key: as_in_toml(each) for key, each in value.items()}
    if isinstance(value, list):
        return [as_in_toml(each) for each in value]
    return Decimal(repr(value)) if isinstance(value, float) else value


def with_keys(environment, *, objective="ex-ante-efficiency", path="file.toml", **problem):
    document = {"environment": environment, "problem": {"objective": objective, **problem}}
    return instance_from_document(as_in_toml(document), path).problem


FINITE = {"kind": "bilateral-trade", "seller": {"types": [0, "1/3", 2]}, "buyer": {"types": [1, 3]}}
CELLS = {
    "kind": "bilateral-trade",
    "seller": {"distribution": "uniform", "parameters": {"loc": 0, "scale": 1}, "cells": 10},
    "buyer": {"types": [0, 1]},
}


# Against linear programs from first principles: every pair of types, every profile.


def by_hand(values, shares, signs, allotted, gains, further, *, supply):
    """Return an optimum over outcomes by profile and payments by type, or None where none exists.

    ``values[i]`` are agent i's types, ``shares[i]`` their probabilities, ``signs[i]`` what a unit
    of its variable is to it; ``allotted[i]`` which variable that is; ``supply`` bounds their sum in
    each profile; ``further`` rows a x >= b on (outcome(v, profile), payment(i, k)).
    """
    profiles = list(itertools.product(*(range(len(v)) for v in values)))
    variables = max(allotted) + 1
    place = {(v, t): n for n, (v, t) in enumerate(itertools.product(range(variables), profiles))}
    size = len(place)
    for i, own in enumerate(values):
        for k in range(len(own)):
            place["paid", i, k] = size
            size += 1
    chance = {t: np.prod([shares[i][k] for i, k in enumerate(t)]) for t in profiles}
    rows, least = [], []

    def quantity(i, k):
        row = np.zeros(size)
        for t in profiles:
            if t[i] == k:
                row[place[allotted[i], t]] += signs[i] * chance[t] / shares[i][k]
        return row

    def utility(i, k, report):
        row = values[i][k] * quantity(i, report)
        row[place["paid", i, report]] -= 1.0
        return row

    for i, own in enumerate(values):
        for k, report in itertools.product(range(len(own)), repeat=2):
            rows.append(utility(i, k, k) - (utility(i, k, report) if report != k else 0.0))
            least.append(0.0)
    for wanted, bound in further(place, chance, utility, profiles, size):
        rows.append(wanted)
        least.append(bound)
    for t in profiles:
        row = np.zeros(size)
        for v in range(variables):
            row[place[v, t]] = -1.0
        rows.append(row)
        least.append(-supply)
    total = np.zeros(size)
    for i, own in enumerate(values):
        for k in range(len(own)):
            total[place["paid", i, k]] = shares[i][k]
    goal = gains(utility, total, size)
    outcomes = variables * len(profiles)
    limits = [(0, 1)] * outcomes + [(None, None)] * (size - outcomes)
    rows.append(total)
    least.append(0.0)
    found = linprog(-goal, A_ub=-np.array(rows), b_ub=-np.array(least), bounds=limits)
    return -found.fun if found.status == 0 else None


@pytest.mark.parametrize(("often", "floor"), [("1/2", "1/4"), ("9/10", "0"), ("7/10", "1/2")])
def test_trade_with_a_quota_and_a_floor_is_the_optimum_of_another_program(often, floor):
    text = f"""
    budget = "no-deficit"
    [[problem.event_probabilities]]
    variable = "trade"
    at_least = "{often}"
    types = {{ buyer = [2], seller = [2, 4] }}
    [problem.utility_floors]
    seller = ["{floor}", "none", 0]
    """
    problem = read(trade(text, "[0, 2, 4]", "[2, 3, 5, 6]"))
    values, shares = [[0, 2, 4], [2, 3, 5, 6]], [[1 / 3] * 3, [1 / 4] * 4]

    def further(place, chance, utility, profiles, size):
        row = np.zeros(size)
        inside = [t for t in profiles if t[0] in (1, 2) and t[1] == 0]
        for t in inside:
            row[place[0, t]] = chance[t] / sum(chance[s] for s in inside)
        yield row, float(Fraction(often))
        yield utility(0, 0, 0), float(Fraction(floor))

    def gains(utility, total, size):
        each = [(i, k) for i in range(2) for k in range(len(values[i]))]
        return sum((shares[i][k] * utility(i, k, k) for i, k in each), np.zeros(size))

    expected = by_hand(values, shares, (-1, 1), (0, 0), gains, further, supply=1.0)
    solution = mo.solve(problem, throw=False)
    if expected is None:
        assert solution.mechanism is None
    else:
        assert solution.objective == pytest.approx(expected, abs=1e-8)
        free = mo.solve(replace(problem, requirements=())).objective
        assert solution.objective < free - 1e-3


def test_an_auction_with_a_quota_for_one_bidder_is_the_optimum_of_another_program():
    environment = {
        "kind": "auction",
        "bidders": [
            {"name": "ann", "types": [1, 2, 4]},
            {"name": "bob", "types": [2, 3], "probabilities": ["1/4", "3/4"]},
        ],
    }
    quota = {"variable": "good_to_1", "at_least": 0.4, "types": {"ann": {"at_most": 2}}}
    problem = with_keys(
        environment,
        objective="revenue",
        event_probabilities=[quota],
        utility_floors={"bob": ["1/5", "none"]},
    )
    values, shares = [[1, 2, 4], [2, 3]], [[1 / 3] * 3, [1 / 4, 3 / 4]]

    def further(place, chance, utility, profiles, size):
        row = np.zeros(size)
        inside = [t for t in profiles if t[0] < 2]
        for t in inside:
            row[place[0, t]] = chance[t] / sum(chance[s] for s in inside)
        yield row, 0.4
        yield utility(1, 0, 0), 0.2

    expected = by_hand(
        values, shares, (1, 1), (0, 1), lambda utility, total, size: total, further, supply=1.0
    )
    found = mo.solve(problem).objective
    assert found == pytest.approx(expected, abs=1e-8)
    assert found < mo.solve(replace(problem, requirements=())).objective - 0.1


# What is read


def test_numbers_are_exact_and_are_those_of_python():
    floors = {"seller": ["1/3", "none", 0.1], "buyer": 0}
    quota = event(at_least=0.3, types={"seller": [2, "1/3"]}, at_most="2/3")
    problem = with_keys(FINITE, event_probabilities=[quota], utility_floors=floors)
    event_, seller, buyer = problem.requirements
    assert event_ == mo.EventProbability(
        "trade", Fraction(3, 10), Fraction(2, 3), {"seller": (1, 2)}
    )
    assert seller.in_fractions[0].tolist() == [Fraction(1, 3), 0, Fraction(1, 10)]
    assert seller.lower.tolist() == [1 / 3, -np.inf, 0.1]
    assert buyer == mo.UtilityFloor("buyer", [0.0, 0.0])
    again = seller.scaled(3.0)
    assert again.in_fractions[0].tolist() == [1, 0, Fraction(3, 10)]
    assert again.scaled(1 / 3).lower == pytest.approx(seller.lower)


def test_the_exact_optimum_of_a_floor_is_a_fraction_of_the_file():
    floors = {"utility_floors": {"buyer": ["1/7", "none", "none"]}}
    environment = {"kind": "auction", "bidders": [{"name": "buyer", "types": [1, 2, 3]}]}
    problem = with_keys(environment, objective="revenue", **floors)
    assert mo.exact_optimum(problem).objective == Fraction(4, 3) - Fraction(1, 7)


def test_another_unit_of_money_and_a_saved_problem_keep_fractions(tmp_path):
    problem = load_instance(QUOTA).problem
    assert mo.exact_optimum(problem.scaled(3.0)).objective == Fraction(17, 5)
    stated = with_keys(FINITE, utility_floors={"buyer": "1/3"})
    path = tmp_path / "saved.json"
    mo.save_solution(mo.solve(stated), path)
    loaded = mo.load_solution(path)
    assert loaded.problem == stated
    assert loaded.problem.requirements[0].exact == stated.requirements[0].exact


def test_fractions_that_contradict_a_floor_are_refused():
    floor = mo.UtilityFloor("buyer", [Fraction(1, 3), -np.inf])
    for numbers in ((Fraction(1, 2), None), (None, Fraction(1, 3)), (Fraction(1, 3), Fraction(0))):
        with pytest.raises(mo.errors.InvalidInputError, match="contradict the floats"):
            mo.UtilityFloor("buyer", floor.lower, floor.upper, exact=(numbers, numbers))


CHOSEN = {
    "in any form": (FINITE, "seller", [2, "0.0"], (0, 2)),
    "an interval": (FINITE, "seller", {"at_least": "1/3"}, (1, 2)),
    "an interval of which no end is a type": (
        FINITE, "seller", {"at_least": "1/4", "at_most": 1}, (1,),
    ),
    "cells": (CELLS, "seller", {"at_least": "3/10", "at_most": 0.5}, (3, 4)),
    "cells from below all": (CELLS, "seller", {"at_least": -5, "at_most": 0.1}, (0,)),
}  # fmt: skip


@pytest.mark.parametrize(
    ("environment", "agent", "types", "positions"), CHOSEN.values(), ids=CHOSEN
)
def test_types_are_named_as_they_stand_at_the_agent(environment, agent, types, positions):
    quota = event(types={agent: types})
    problem = with_keys(environment, event_probabilities=[quota])
    assert problem.requirements[0].types == {agent: positions}


def test_ends_are_edges_of_cells_up_to_rounding():
    near = with_keys(
        CELLS, event_probabilities=[event(types={"seller": {"at_least": 0.7 + 1e-11}})]
    )
    assert near.requirements[0].types == {"seller": (7, 8, 9)}
    for end in ("at_least", "at_most"):
        for beside in (0.7 + 1e-8, 0.7 - 1e-8):
            with pytest.raises(InstanceError, match=f"{end} cuts a cell in two"):
                with_keys(CELLS, event_probabilities=[event(types={"seller": {end: beside}})])


def test_types_with_names_and_rows_are_named_by_them():
    chosen = {
        "kind": "alternatives",
        "outcomes": ["a", "b"],
        "agents": [{"name": "ann", "types": ["low", ["high", 2]], "values": [[1, 0], [0, 2]]}],
    }
    quota = {"variable": "a", "at_least": "1/4", "types": {"ann": [["high", 2]]}}
    ann = with_keys(chosen, event_probabilities=[quota])
    assert ann.requirements[0].types == {"ann": (1,)}
    goods = {"kind": "goods", "types": [[1, 0], ["1/3", 2], [3, 3]]}
    quota = {"variable": "good_2", "at_least": "1/4", "types": {"buyer": [["2/6", 2.0]]}}
    rows = with_keys(goods, objective="revenue", budget="subsidised", event_probabilities=[quota])
    assert rows.requirements[0].types == {"buyer": (1,)}


def test_types_far_from_zero_are_named_as_in_the_file():
    far = {"kind": "bilateral-trade", "origin": 10**15}
    far |= {"seller": {"types": [10**15, 10**15 + 2]}, "buyer": {"types": [10**15 + 1]}}
    for types in ([10**15 + 2], {"at_least": 10**15 + 1}):
        problem = with_keys(far, event_probabilities=[event(types={"seller": types})])
        assert problem.requirements[0].types == {"seller": (1,)}
    with pytest.raises(InstanceError, match=r"got 2\)"):
        with_keys(far, event_probabilities=[event(types={"seller": [2]})])


def test_values_of_a_sample_are_types_and_its_cells_are_not(tmp_path):
    (tmp_path / "costs.csv").write_text("cost\n0.1\n0.1\n0.35\n0.7\n")
    sample = {"samples": "costs.csv", "column": "cost"}

    def problem(types, **cells):
        sides = {"seller": {**sample, **cells}, "buyer": {"types": [0, 1]}}
        return with_keys(
            {"kind": "bilateral-trade", **sides},
            path=tmp_path / "file.toml",
            event_probabilities=[event(types={"seller": types})],
        )

    assert problem([0.35]).requirements[0].types == {"seller": (1,)}
    with pytest.raises(InstanceError, match="no single types"):
        problem([0.35], cells=2)


def test_events_without_names_are_numbered_and_have_rows_of_their_own():
    events = [event(), event(types={"seller": [0]}, at_least=0.9), event(name="late")]
    problem = with_keys(FINITE, event_probabilities=events)
    assert [each.name for each in problem.requirements] == [
        "probability_1",
        "probability_2",
        "late",
    ]
    assert {"probability_1_floor", "probability_2_floor", "late_floor"} <= set(
        mo.solve(problem, "highs").duals
    )


KINDS = {
    "auction": ({"bidders": [{"types": [1, 2], "count": 2}]}, "good_to_2", "bidder_2"),
    "public-good": ({"consumers": [{"types": [0, 1], "count": 2}], "cost": 1}, "carried_out", None),
    "partnership": (
        {"partners": [{"types": [1, 2], "share": "1/2", "count": 2}]}, "to_1", "partner_1",
    ),
    "market": ({"sellers": [{"types": [1, 2]}], "buyers": [{"types": [1, 3]}]}, "sold_by_1", None),
    "bargaining": (
        {
            "proposer_probability": 0.5,
            "player_1": {"types": [0, 2]},
            "player_2": {"types": [1, 3]},
        },
        None,
        "player_1",
    ),
    "screening": ({"buyer": {"types": [2, 3]}, "cost": [[1, 1], [2, 3]]}, None, "buyer"),
    "procurement": (
        {"suppliers": [{"types": [1, 2], "count": 2}], "benefit": [[1, 3]], "capacity": 1},
        "supply_1",
        "supplier_1",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_them(kind):
    keys, variable, agent = KINDS[kind]
    environment = {"kind": kind, **keys}
    plain = with_keys(environment)
    variable = variable or plain.environment.outcomes.variables[0]
    if variable not in plain.environment.outcomes.variables:
        variable = plain.environment.outcomes.variables[0]
    agent = agent or plain.environment.agents[0].name
    quota = {"variable": variable, "at_least": "1/8", "types": {agent: {"at_least": 0}}}
    floor = {agent: -1}
    problem = with_keys(environment, event_probabilities=[quota], utility_floors=floor)
    assert [type(each) for each in problem.requirements] == [mo.EventProbability, mo.UtilityFloor]
    solution = mo.solve(problem, "highs")
    assert audit(problem, solution).passed


# What is done with them


def ran(capsys, *command):
    status = main([*map(str, command)])
    output, errors = capsys.readouterr()
    return status, " ".join(output.split()), errors


@pytest.mark.parametrize("backend", ["highs", "cvxpy", "pyomo"])
def test_all_backends_prove_the_bundled_quota(backend):
    problem = load_instance(QUOTA).problem
    solution = mo.solve(problem, backend)
    assert solution.objective == pytest.approx(17 / 15, abs=1e-7)
    assert solution.bound == pytest.approx(17 / 15, abs=1e-7)
    assert audit(problem, solution).passed
    # A little more is asked than the mechanism gives, and the audit sees it.
    event_, floor = problem.requirements
    for more in (
        replace(event_, at_least=Fraction(3, 10) + Fraction(1, 10**5)),
        mo.UtilityFloor("buyer", [0.10001] * 3),
    ):
        rest = floor if isinstance(more, mo.EventProbability) else event_
        assert not audit(replace(problem, requirements=[more, rest]), solution.mechanism).passed


def test_the_optimum_falls_with_the_quota_as_prices_say():
    # A price of 1 in place of 2 costs 1/3, as often as it is 1.
    document = read_document(QUOTA)
    shares = Variation("event_probabilities[0].at_least", ("0", "1/2", "1"))
    floors = Variation("utility_floors.buyer", ("0", "1/4"))
    keys = keys_of(document, [shares, floors], QUOTA)
    for share, floor in itertools.product(shares.values, floors.values):
        moved = changed(document, dict(zip(keys, (share, floor), strict=True)))
        problem = instance_from_document(moved, QUOTA).problem
        expected = Fraction(4, 3) - share / 3 - floor
        assert mo.solve(problem).objective == pytest.approx(float(expected), abs=1e-8)
    beyond = changed(document, {keys[0]: Fraction(3, 2)})
    with pytest.raises(InstanceError, match=r"beyond what good to 1 can be.*from 0 to 1, got 3/2"):
        instance_from_document(beyond, QUOTA)


def test_it_is_solved_saved_verified_explained_exported_and_reported(tmp_path, capsys):
    saved = tmp_path / "quota.json"
    status, output, _ = ran(capsys, "solve", QUOTA, "--exact", "--output", saved)
    assert status == 0
    assert "17/15" in output
    assert "good to 1 at least 3/10 on average for some types of buyer" in output
    assert "utility of buyer at least 1/10" in output
    status, output, _ = ran(capsys, "verify", saved)
    assert status == 0
    assert "probability of good_to_1" in output
    text = saved.read_text()
    assert text.count('"3/10"') == 1
    saved.write_text(text.replace('"3/10"', '"4/10"'))
    assert ran(capsys, "verify", saved)[0] != 0
    status, output, _ = ran(capsys, "explain", QUOTA)
    assert "E[good_to_1(k) | k ∈ {0}] >= 3/10" in output
    assert "utility_lower" in output
    export = tmp_path / "quota.mps"
    assert ran(capsys, "export", QUOTA, "--to", export)[0] == 0
    assert "probability_floor" in export.read_text()


def test_what_cannot_all_hold_is_named(tmp_path, capsys):
    path = tmp_path / "quota.toml"
    path.write_text(QUOTA.read_text().replace('"3/10"', '"1"').replace('= "1/10"', '= "7/2"'))
    status, output, errors = ran(capsys, "solve", path)
    assert status == 1
    assert "infeasible" in errors
    assert "these cannot all hold: " in output
    assert "buyer utility lower" in output
    # The quota alone can be met, and has no part in it; what trade needs, it has.
    assert "probability floor" not in output
    path.write_text(trade('event_probabilities = [{ variable = "trade", at_least = 0.99 }]'))
    status, output, _ = ran(capsys, "solve", path)
    assert status == 1
    assert "probability floor" in output


def test_replications_say_that_they_do_not_have_it(tmp_path, capsys):
    (tmp_path / "costs.csv").write_text("cost\n0.1\n0.1\n0.35\n0.7\n")
    side = '{ samples = "costs.csv", column = "cost" }'
    text = trade("utility_floors.buyer = 0.25", side, side)
    path = tmp_path / "trade.toml"
    command = ["bootstrap", path, "--replications", 2]
    path.write_text(text.replace("seller.types", "seller").replace("buyer.types", "buyer"))
    status, _, errors = ran(capsys, *command)
    assert status == 0
    assert "not the file's (required: utility of buyer at least 1/4)" in errors
    path.write_text(path.read_text().replace("utility_floors.buyer = 0.25", ""))
    assert ran(capsys, *command)[2].count("not the file's") == 0


def test_json_has_no_key_more(tmp_path, capsys):
    assert main(["solve", str(QUOTA), "--json"]) == 0
    own = json.loads(capsys.readouterr().out)
    plain = QUOTA.read_text().partition("# A buyer of value 1")[0]
    path = tmp_path / "plain.toml"
    path.write_text(plain)
    assert main(["solve", str(path), "--json"]) == 0
    assert set(own) == set(json.loads(capsys.readouterr().out))


# What is refused


SCRAPS = [
    None, True, False, 0, 1, 2, -1, 0.3, "1/3", "0.5", "none", "", "trade", "buyer", "inf", 10**400,
    float("inf"), float("nan"), [], {}, [[]], [{}], [1], ["1/3", 2], [1, 1], {"buyer": [1]},
    {"seller": {"at_least": 1}}, {"at_least": 0.5}, {"at_least": 2, "at_most": 1}, {"at_least": []},
    [event()], [event(), event()], {"seller": 0.1}, {"seller": [0, 1, "none"]}, [["none"]] * 3,
]  # fmt: skip
KEYS = ["variable", "at_least", "at_most", "types", "name", "atleast", ""]


def test_nothing_but_faults_of_the_file_comes_of_odd_keys():
    rng = random.Random(20261130)
    read_, refused = 0, 0
    for draw in range(400):
        environment = rng.choice([FINITE, CELLS])
        problem = {}
        if rng.random() < 0.7:
            events = [event() for _ in range(rng.randint(1, 2))]
            for each in events:
                for _ in range(rng.randint(0, 2)):
                    each[rng.choice(KEYS)] = rng.choice(SCRAPS)
            problem["event_probabilities"] = rng.choice(SCRAPS) if draw % 10 == 0 else events
        if rng.random() < 0.6:
            floors = {rng.choice(["seller", "buyer", "byer"]): rng.choice(SCRAPS)}
            problem["utility_floors"] = rng.choice(SCRAPS) if draw % 10 == 1 else floors
        # TOML has no null.
        try:
            with_keys(environment, **{k: v for k, v in problem.items() if v is not None})
            read_ += 1
        except InstanceError as error:
            refused += 1
            for line in error.faults:
                assert line.startswith(("problem.event_prob", "problem.utility_floors")), line
                assert "(expected " in line
                assert "\n" not in line
                assert len(line) < 600
    assert read_ > 30
    assert refused > 100
