"""A kind of environment is declared where its factory is, and files can name it at once."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest

import mechopt as mo
from mechopt.environments import kinds as registry
from mechopt.environments.kinds import agent, agents, flag, kind, number, whole
from mechopt.instances import instance_from_document, load_instance


@dataclass(frozen=True)
class Bridge(mo.Outcomes):
    """A bridge of a price that all neighbours use, or nobody does."""

    num_neighbours: int
    price: float

    variables = property(lambda self: ("built",))
    roles = property(
        lambda self: tuple(
            mo.environments.Role(f"neighbour_{i + 1}", "receives", "value")
            for i in range(self.num_neighbours)
        )
    )
    net_quantity = property(lambda self: np.ones((self.num_neighbours, 1)))
    vertices = property(lambda self: np.array([[0.0], [1.0]]))
    cost = property(lambda self: np.array([self.price]))

    def scaled(self, factor):
        return Bridge(self.num_neighbours, self.price * factor)


@pytest.fixture
def bridge(monkeypatch):
    monkeypatch.setattr(registry, "_KINDS", dict(registry.kinds()))

    @kind(
        "bridge",
        mayor=agent("mayor", "a table with the mayor's prior"),
        neighbours=agents("neighbour", "a list of tables, one per neighbour"),
        price=number("what the bridge costs, in money"),
        lanes=whole("how many lanes it has", default=1),
        toll=flag("true or false", default=False),
    )
    def build(mayor, neighbours, price, lanes, toll):
        assert not toll
        outcomes = Bridge(1 + len(neighbours), lanes * price)
        return mo.Environment((mayor, *neighbours), outcomes)

    return build


FILE = """
title = "A bridge"
[environment]
kind = "bridge"
price = 1.9
[environment.mayor]
types = [0, "1/2"]
[[environment.neighbours]]
types = [0, 1]
count = 2
[[environment.neighbours]]
name = "smith"
distribution = "uniform"
cells = 4
[problem]
objective = "ex-ante-efficiency"
weights = { mayor = 2, neighbour_1 = 1, neighbour_2 = 1, smith = 0.5 }
"""


def test_a_file_names_it(bridge, tmp_path):
    path = tmp_path / "bridge.toml"
    path.write_text(FILE)
    instance = load_instance(path, cells=3)
    environment = instance.problem.environment
    assert instance.kind == "bridge"
    names = [agent.name for agent in environment.agents]
    assert names == ["mayor", "neighbour_1", "neighbour_2", "smith"]
    assert environment.shape == (2, 2, 2, 3)
    solutions = [mo.solve(instance.problem, backend) for backend in ("direct", "highs")]
    assert solutions[0].objective == pytest.approx(solutions[1].objective, abs=1e-9)
    assert mo.audit(instance.problem, solutions[0]).passed
    assert "by the value and the virtual value" in " ".join(mo.summary(solutions[0]).split())


def test_all_faults_are_reported_at_once(bridge):
    document = {
        "environment": {
            "kind": "bridge",
            "prise": 1,
            "lanes": 1.5,
            "mayor": {"types": [1, 0], "count": 2},
            "neighbours": [{"types": [0, 1], "count": 0}, {"distribution": "uniform"}],
        },
        "problem": {"objective": "revenu"},
    }
    with pytest.raises(mo.errors.InstanceError) as caught:
        instance_from_document(document, "bridge.toml")
    assert [line.split(":")[0] for line in caught.value.faults] == [
        "environment.lanes",
        "environment.prise",
        "environment.mayor.count",
        "environment.mayor.types",
        "environment.neighbours[0].count",
        "environment.neighbours[1].cells",
        "problem.objective",
    ]


def test_what_the_library_refuses_is_a_fault(bridge):
    document = {
        "environment": {
            "kind": "bridge",
            "price": 1,
            "mayor": {"types": [0, 1]},
            "neighbours": [{"types": [0, 1], "name": "mayor"}],
        },
        "problem": {"objective": "minimum-subsidy"},
    }
    with pytest.raises(
        mo.errors.InstanceError, match="environment: agents do not fit the outcomes"
    ):
        instance_from_document(document, "bridge.toml")
    document["environment"]["neighbours"] = [{"types": [2**53 + 1]}]
    document["environment"]["mayor"] = {"types": [2**53, 2**53 + 2]}
    with pytest.raises(mo.errors.InstanceError, match="floats cannot tell apart"):
        instance_from_document(document, "bridge.toml")


def test_two_kinds_of_one_name_are_refused(bridge):
    with pytest.raises(mo.InvalidInputError, match="two kinds of one name"):

        @kind("bridge")
        def other():
            raise AssertionError

    with pytest.raises(mo.InvalidInputError, match="two kinds of one name"):
        kind("bilateral-trade")(other_factory)


def test_a_kind_with_a_report_says_which_environments_are_its_own():
    with pytest.raises(mo.InvalidInputError, match="does not say which environments are its own"):
        kind("viaduct", report="somewhere:Report")(other_factory)


def test_of_all_reports_only_the_kind_s_own_is_imported():
    """A subprocess, since other tests have imported the others."""
    code = (
        "import sys, mechopt as mo; from mechopt.report.addendum import addendum_of;"
        "auction = mo.Auction(mo.TypeSpace.finite([1, 2]), count=2);"
        "print(type(addendum_of(mo.solve(mo.largest_revenue(auction)))).__name__);"
        "print(*sorted(set(map('mechopt.report.{}'.format,"
        " ('auction', 'gap', 'menu', 'public_good', 'tariff', 'traders'))) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["AuctionAddendum", "mechopt.report.auction"]


def other_factory():
    raise AssertionError


def test_any_kind_of_finite_types_has_a_joint_prior(bridge, tmp_path):
    text = """
    [environment]
    kind = "bridge"
    price = 1
    prior.joint = [[[0.25, 0], [0, 0.25]], [["1/4", "1/8"], [0, "1/8"]]]
    mayor.types = [0, "1/2"]
    [[environment.neighbours]]
    types = [0, 1]
    count = 2
    [problem]
    objective = "ex-ante-efficiency"
    """
    path = tmp_path / "bridge.toml"
    path.write_text(text)
    environment = load_instance(path).problem.environment
    masses = [agent.types.mass.tolist() for agent in environment.agents]
    assert masses == [[0.5, 0.5], [0.625, 0.375], [0.5, 0.5]]
    # Built where values add up to more than 1: at (0, 1, 1), and at 1/2 with one 1 or two.
    assert environment.first_best == pytest.approx(0.25 * 1 + 0.125 * 0.5 + 0.125 * 1.5)
    solution = mo.solve(load_instance(path).problem)
    assert mo.audit(solution.problem, solution).passed
