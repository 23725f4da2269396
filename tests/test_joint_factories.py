"""Every factory of several agents takes a joint prior, and files and Python state the same."""

from __future__ import annotations

from dataclasses import replace
from inspect import signature

import pytest

import mechopt as mo
from mechopt.errors import InvalidInputError

TWO = mo.TypeSpace.finite([1, 2], ["1/2", "1/2"])
JOINT = mo.Joint([["3/8", "1/8"], ["1/8", "3/8"]])
LISTED = [(1, 1), (2, 3)]
FACTORIES = {
    "auction": lambda prior: mo.Auction(TWO, count=2, prior=prior),
    "market": lambda prior: mo.Market(TWO, TWO, prior=prior),
    "partnership": lambda prior: mo.Partnership(TWO, ["1/2", "1/2"], prior=prior),
    "public good": lambda prior: mo.PublicGood(TWO, cost=3, count=2, prior=prior),
    "procurement": lambda prior: mo.environments.Procurement(
        TWO, [(1, 3), (2, 5)], count=2, prior=prior
    ),
    "screening": lambda prior: mo.environments.Screening([TWO, TWO], LISTED, prior=prior),
    "quadratic screening": lambda prior: mo.environments.Screening(
        [TWO, TWO], {"form": "quadratic", "c": 1}, prior=prior
    ),
    "square root procurement": lambda prior: mo.environments.Procurement(
        TWO, {"form": "sqrt"}, count=2, prior=prior
    ),
    "trade": lambda prior: mo.BilateralTrade(TWO, TWO, prior=prior),
}


@pytest.mark.parametrize("name", FACTORIES)
def test_a_joint_prior_is_what_replacing_it_was(name):
    joint, alone = FACTORIES[name](JOINT), FACTORIES[name](None)
    replaced = replace(alone, prior=JOINT)
    assert joint.independent is False
    stated = [
        mo.DesignProblem(each, mo.Revenue(), budget="subsidised") for each in (joint, replaced)
    ]
    assert stated[0].fingerprint == stated[1].fingerprint
    assert alone.independent


@pytest.mark.parametrize("name", FACTORIES)
def test_a_prior_that_does_not_fit_is_refused(name):
    with pytest.raises(InvalidInputError, match="prior"):
        FACTORIES[name](mo.Joint([["1/2", "1/4"], ["1/8", "1/8"]]))


def test_no_factory_of_several_agents_lacks_it():
    for factory in (
        mo.Auction, mo.Market, mo.Partnership, mo.PublicGood, mo.BilateralTrade, mo.Alternatives,
        mo.environments.Procurement, mo.environments.Screening,
    ):  # fmt: skip
        assert "prior" in signature(factory).parameters, factory.__name__


def test_files_and_factories_state_the_same(tmp_path):
    path = tmp_path / "auction.toml"
    path.write_text(
        '[environment]\nkind = "auction"\nprior = [["3/8", "1/8"], ["1/8", "3/8"]]\n'
        "[[environment.bidders]]\ncount = 2\ntypes = [1, 2]\n"
        '[problem]\nobjective = "revenue"\nbudget = "subsidised"\n'
    )
    problem = mo.load_instance(path).problem
    stated = mo.DesignProblem(
        mo.Auction(TWO, count=2, prior=JOINT), mo.Revenue(), budget="subsidised"
    )
    found, wanted = mo.solve(problem), mo.solve(stated)
    assert found.objective == pytest.approx(wanted.objective, abs=1e-9)
    assert wanted.objective == pytest.approx(13 / 8, abs=1e-7)
