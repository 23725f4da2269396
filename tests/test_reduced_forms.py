"""Reduced forms: Border's inequalities against the dense program, certificates, files."""

from __future__ import annotations

import itertools
import json
from fractions import Fraction

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import linprog

import mechopt as mo
from mechopt.cli.main import main
from mechopt.environments.border import most_won
from mechopt.errors import InstanceError, InvalidInputError, TooLargeError
from mechopt.instances.reduced_form import load_reduced_form
from mechopt.reduced_forms import Group, implementable, violation
from mechopt.studies import reduced_forms

# The figures of Border's inequalities: bidders, units, probabilities, chances of winning.
TIGHT = {
    "border-2-tight": (2, 1, ["1/2", "1/2"], ["1/4", "3/4"]),
    "border-3-two-units-tight": (3, 2, ["1/2", "1/2"], ["5/12", "11/12"]),
    "border-3-three-types": (3, 1, ["1/2", "3/10", "1/5"], ["1/12", "43/100", "61/75"]),
}


def types_of(probabilities):
    return mo.TypeSpace.finite(range(len(probabilities)), probabilities)


@pytest.mark.parametrize("name", TIGHT)
def test_efficient_chances_are_implementable_and_a_little_more_is_not(name):
    count, units, probabilities, winning = TIGHT[name]
    types = types_of(probabilities)
    found = implementable([Group(types, winning, count)], units)
    assert (found.implementable, found.largest_violation, found.violated_set) == (True, 0, None)
    assert found.exact
    little = Fraction(1, 10**30)
    more = [Fraction(chance) for chance in winning]
    more[-1] += little
    found = implementable([Group(types, more, count)], units)
    expected = count * Fraction(probabilities[-1]) * little
    assert (found.implementable, found.largest_violation) == (False, expected)
    assert violation([Group(types, more, count)], found.violated_set, units) == expected
    # Floats are judged with room for their rounding.
    rounded = Group(types, [float(chance) + 1e-12 for chance in map(Fraction, winning)], count)
    found = implementable([rounded], units)
    assert found.implementable
    assert not found.exact
    assert found.largest_violation < 1e-11


def shortages(mass, count, units, forms):
    """Return how much of each symmetric form no dense program can give, by one program of all.

    The variables are the chance of every bidder in every profile, and what each type lacks.
    """
    size = len(mass)
    profiles = list(itertools.product(range(size), repeat=count))
    chance = np.array([np.prod([mass[k] for k in profile]) for profile in profiles])
    outcomes = len(profiles) * count
    rows = sparse.lil_array((len(profiles) + count * size, outcomes + count * size))
    for p, profile in enumerate(profiles):
        rows[[p], p * count : (p + 1) * count] = 1.0
        for i, k in enumerate(profile):
            rows[len(profiles) + i * size + k, p * count + i] = -chance[p]
    for place in range(count * size):
        rows[len(profiles) + place, outcomes + place] = -1.0
    right = [
        np.concatenate([np.full(len(profiles), units), -np.tile(mass * form, count)])
        for form in forms
    ]
    upper = np.concatenate([np.ones(outcomes), np.full(count * size, np.inf)])
    cost = np.concatenate([np.zeros(outcomes), np.ones(count * size)])
    found = linprog(
        np.tile(cost, len(forms)),
        A_ub=sparse.block_diag([rows] * len(forms), format="csr"),
        b_ub=np.concatenate(right),
        bounds=np.column_stack([np.zeros(cost.size * len(forms)), np.tile(upper, len(forms))]),
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    assert found.success
    return found.x.reshape(len(forms), -1)[:, outcomes:].sum(axis=1)


@pytest.mark.parametrize(
    ("mass", "count", "units", "number"),
    [
        ([0.5, 0.3, 0.2], 2, 1, 500),
        ([0.7, 0.3], 3, 1, 250),
        ([0.25, 0.75], 3, 2, 250),
    ],
)
def test_random_symmetric_forms_are_decided_as_the_dense_program_decides(
    mass, count, units, number
):
    rng = np.random.default_rng(number + units)
    types = types_of(mass)
    # About half are implementable; types that win more often need not be higher.
    forms = rng.uniform(0.3, 1.0, (number, 1)) * rng.random((number, len(mass))) ** (1 / units**2)
    dense = shortages(np.array(mass), count, units, forms)
    found = [implementable([Group(types, form, count)], units) for form in forms]
    np.testing.assert_allclose([each.largest_violation for each in found], dense, atol=1e-8)
    verdicts = [each.implementable for each in found]
    assert verdicts == (dense <= 1e-8).tolist()
    assert number // 5 < sum(verdicts) < number - number // 10
    for form, each in zip(forms, found, strict=True):
        if not each.implementable:
            again = violation([Group(types, form, count)], each.violated_set, units)
            assert again == each.largest_violation > 0


def test_unlike_groups_by_all_sets_and_by_rules_agree():
    rng = np.random.default_rng(5)
    verdicts = []
    for _ in range(20):
        groups = []
        for _ in range(int(rng.integers(1, 4))):
            weights = rng.uniform(0.1, 1.0, int(rng.integers(1, 4)))
            winning = 0.8 * rng.random(weights.size)
            groups.append(
                Group(types_of(weights / weights.sum()), winning, int(rng.integers(1, 3)))
            )
        units = int(rng.integers(1, 3))
        every = implementable(groups, units)
        by_rules = reduced_forms._by_rules(groups, units)
        assert by_rules.implementable == every.implementable
        assert by_rules.largest_violation == pytest.approx(every.largest_violation, abs=2e-9)
        # All sets there are, alike for all of a group.
        subsets = [
            [own for n in range(size + 1) for own in itertools.combinations(range(size), n)]
            for size in (group.chances.size for group in groups)
        ]
        worst = max(violation(groups, chosen, units) for chosen in itertools.product(*subsets))
        assert every.largest_violation == pytest.approx(max(worst, 0.0), abs=1e-12)
        verdicts.append(every.implementable)
    assert 3 < sum(verdicts) < 17


def test_many_unlike_bidders_are_decided_by_rules(monkeypatch):
    types = mo.TypeSpace.finite([0, 1])
    few = [Group(types, [0, Fraction(i, 100)]) for i in range(1, 25)]
    assert reduced_forms.MOST_NUMBERS < 2**24
    assert implementable(few, 2).implementable
    assert implementable(few, 2).num_sets is None
    many = [Group(types, [Fraction(1, 50), Fraction(i, 25)]) for i in range(1, 25)]
    found = implementable(many)
    assert (found.implementable, found.exact) == (False, True)
    assert found.largest_violation == violation(many, found.violated_set) > 0
    monkeypatch.setattr(reduced_forms, "MOST_ROUNDS", 1)
    with pytest.raises(TooLargeError, match="one group"):
        implementable(many)


def test_five_hundred_bidders_in_fractions():
    size, count = 20, 500
    below = [Fraction(k, size) ** count for k in range(size + 1)]
    winning = [size * (high - low) / count for low, high in itertools.pairwise(below)]
    group = Group(types_of([Fraction(1, size)] * size), winning, count)
    found = implementable([group])
    assert (found.implementable, found.largest_violation, found.exact) == (True, 0, True)


def test_the_most_that_sets_win_is_an_expectation():
    counts, chances, units = [2, 1, 3], [0.3, 0.9, 0.5], 2
    each = [chance for n, chance in zip(counts, chances, strict=True) for _ in range(n)]
    expected = 0.0
    for inside in itertools.product((0, 1), repeat=len(each)):
        weight = np.prod([c if i else 1 - c for i, c in zip(inside, each, strict=True)])
        expected += weight * min(units, sum(inside))
    arrays = [np.array([chance]) for chance in chances]
    assert most_won(counts, arrays, units)[0] == pytest.approx(expected, abs=1e-14)
    exact = most_won(counts, [Fraction(str(chance)) for chance in chances], units)
    assert float(exact) == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: Group(t, [0.5]), "winning: not one probability for each type"),
        (lambda t: Group(t, [0.5, 1.5]), r"winning\[1\]: not a probability of winning"),
        (lambda t: Group(t, [0.5, np.nan]), r"winning\[1\]: not a probability of winning"),
        (lambda t: Group(t, ["a", 1]), "winning: not a list of numbers"),
        (lambda t: Group(t, [0, 1], 0), "count: not a number of agents or units"),
        (lambda t: implementable([]), "number of groups: not a number"),
        (lambda t: implementable([Group(t, [0, 1])], 0), "units: not a number of agents or units"),
        (lambda t: implementable([t]), "groups: "),
        (lambda t: violation([Group(t, [0, 1])], [[2]]), "chosen: not a set of types"),
        (lambda t: violation([Group(t, [0, 1])], [[0], [1]]), "chosen: not a set of types"),
    ],
)
def test_what_is_no_reduced_form_is_refused(call, message):
    with pytest.raises(InvalidInputError, match=message):
        call(mo.TypeSpace.finite([0, 1]))


FILE = """
environment.kind = "auction"
environment.bidders = [{{ types = [1, 2], count = 2 }}, {{ types = [1, 3, 4] }}]
reduced_form.bidders = {}
"""


def test_a_file_with_a_reduced_form(tmp_path, capsys):
    path = tmp_path / "form.toml"
    path.write_text(FILE.format('[["1/4", 0.4], [0, 0.1, "3/4"]]'), encoding="utf-8")
    assert main(["implementable", str(path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found == {
        "implementable": True,
        "largest_violation": 0.0,
        "violated_set": None,
        "exact": "0",
    }
    path.write_text(FILE.format('[["1/4", 0.9], [0, 0.1, "3/4"]]'), encoding="utf-8")
    assert main(["implementable", str(path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert Fraction(found["exact"]) == sum(map(Fraction, ("9/10", "1/4", "1/30", "1/4"))) - 1
    assert found["violated_set"] == [[1.0, 2.0], [3.0, 4.0]]
    assert main(["implementable", str(path)]) == 0
    said = capsys.readouterr().out
    assert "is NOT implementable: 3 agents, 1 unit" in said
    assert "1 to 2 of each of bidder 1 to bidder 2" in " ".join(said.split())
    assert main(["implementable", "border1991/three_bidders", "-q"]) == 0
    assert capsys.readouterr().out.endswith("implementable, largest violation 0\n")


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (FILE.format("[[0, 1]]"), ["reduced_form.bidders: not one list for each table of agents"]),
        (
            FILE.format("[[0], [0, 1, 2]]"),
            ["reduced_form.bidders[1][2]: not a probability"],
        ),
        (
            FILE.format("[[0], [0, 1, 1]]"),
            ["reduced_form.bidders[0]: not one probability for each"],
        ),
        (FILE.format("0.5"), ["reduced_form.bidders: not a list"]),
        (
            FILE.format("[[0, 1], [0, 1, 1]]") + "reduced_form.bider = 1",
            ["reduced_form.bider: unknown key"],
        ),
        (
            'environment.kind = "auction"\nenvironment.bidders = [{types = [0, 1]}]',
            ["reduced_form: missing"],
        ),
        (
            'environment.kind = "public-good"\nenvironment.cost = 1\n'
            "environment.consumers = [{types = [0, 1]}]\nreduced_form.consumers = [[0, 1]]",
            ["environment.kind: no reduced forms here"],
        ),
        (
            FILE.format("[[0, 1], [0, 1, 1]]")
            + "environment.prior = { joint = "
            + "[[[0.05, 0.05, 0.15], [0.1, 0.1, 0.05]], [[0.1, 0.1, 0.05], [0.05, 0.1, 0.1]]] }",
            ["environment.prior: a reduced form of types that are not independent"],
        ),
        (FILE.format("[[0, 1], [0, 1, 1]]") + 'problem.objective = "no"', ["problem.objective: "]),
    ],
)
def test_files_at_fault_say_where(text, faults, tmp_path, capsys):
    path = tmp_path / "form.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InstanceError) as caught:
        load_reduced_form(path)
    assert len(caught.value.faults) == len(faults)
    assert all(map(str.startswith, caught.value.faults, faults)), caught.value.faults
    assert main(["implementable", str(path)]) == 2
    assert capsys.readouterr().out == ""
