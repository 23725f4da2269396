"""What is solved is freed with its last user, not when Python next looks for cycles."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

import mechopt as mo
from mechopt.backends.direct import Direct
from mechopt.backends.highs import HiGHS
from mechopt.environments.environment import Environment
from mechopt.types.continuous import ContinuousPrior
from mechopt.verify.audit import audit


def _few():
    return mo.TypeSpace.finite([1, 2, 3, 4, 5, 6])


def _far():
    types = mo.TypeSpace.finite(1e9 + np.arange(6.0))
    return mo.ex_ante_efficiency(mo.BilateralTrade(types, types))


def _correlated():
    costs, values = mo.TypeSpace.finite([0, 1], [0.4, 0.6]), mo.TypeSpace.finite([0.5, 2])
    trade = mo.BilateralTrade(costs, values)
    joint = mo.Joint([[0.3, 0.1], [0.2, 0.4]])
    return mo.ex_ante_efficiency(Environment(trade.agents, trade.outcomes, joint))


def _cells():
    # Cells between given edges are not kept for who asks for them again.
    cells = mo.TypeSpace.from_distribution(ContinuousPrior("uniform"), edges=np.linspace(0, 1, 99))
    return mo.ex_ante_efficiency(mo.BilateralTrade(cells, cells))


def _with_delay():
    return mo.ex_ante_efficiency(mo.BilateralTrade(_few(), _few(), 1.0, 0.5))


PROBLEMS = {
    "a few types": lambda: mo.ex_ante_efficiency(mo.BilateralTrade(_few(), _few())),
    "types far from zero": _far,
    "cells": _cells,
    "delay": _with_delay,
    "an auction": lambda: mo.ex_ante_efficiency(mo.Auction([_few(), _few()])),
    "correlated types": _correlated,
}


@pytest.fixture
def _without_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("_without_collector")
@pytest.mark.parametrize("name", PROBLEMS)
def test_a_problem_and_its_solutions_are_freed_with_their_last_user(name):
    problem = PROBLEMS[name]()
    held = {}
    for backend in (Direct(), HiGHS()):
        if backend.accepts(problem):
            solution = mo.solve(problem, backend=backend)
            audit(problem, solution).raise_if_failed()
            held[f"the mechanism by {backend.name}"] = solution.mechanism
            held[f"a payment by {backend.name}"] = solution.mechanism.payment[0]
            del solution
    environment = problem.environment
    held |= {"problem": problem, "environment": environment, "types": environment.agents[0].types}
    held = {what: weakref.ref(each) for what, each in held.items()}
    assert len(held) >= 5
    del problem, environment
    assert [what for what, each in held.items() if each() is not None] == []
