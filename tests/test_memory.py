"""What is solved is freed with its last user, and what is kept is never stale."""

from __future__ import annotations

import gc
import tracemalloc
import weakref
from dataclasses import replace

import numpy as np
import pytest

import mechopt as mo
from mechopt._util.arrays import accumulated, frozen, repeated, sealed, sums_before, sums_from
from mechopt._util.kept import kept_while_it_lives
from mechopt.backends.direct import Direct
from mechopt.backends.highs import HiGHS
from mechopt.environments.environment import Environment
from mechopt.program import standard_form as forms
from mechopt.program.standard_form import float_program, standard_form
from mechopt.types.continuous import ContinuousPrior
from mechopt.verify.audit import audit

MOST_ARRAYS = 45


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


def _dominant():
    trade = mo.BilateralTrade(_few(), _few())
    return mo.DesignProblem(trade, mo.Welfare(), incentives="dominant", budget_holds="ex-post")


def _with_delay():
    return mo.ex_ante_efficiency(mo.BilateralTrade(_few(), _few(), 1.0, 0.5))


PROBLEMS = {
    "a few types": lambda: mo.ex_ante_efficiency(mo.BilateralTrade(_few(), _few())),
    "types far from zero": _far,
    "cells": _cells,
    "delay": _with_delay,
    "an auction": lambda: mo.ex_ante_efficiency(mo.Auction([_few(), _few()])),
    "correlated types": _correlated,
    "truth in every profile": _dominant,
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


@pytest.mark.parametrize("make", [_dominant, _correlated])
def test_a_program_by_profile_is_assembled_once_for_its_solution_and_audit(make, monkeypatch):
    problem, assembled = make(), []

    def counted(given, *arguments, **options):
        assembled.append(given)
        return original(given, *arguments, **options)

    original = forms.assemble
    monkeypatch.setattr(forms, "assemble", counted)
    solution = mo.solve(problem)
    assert mo.audit(problem, solution).passed
    assert len(assembled) == 1


ARRAYS = ("cost", "row_lower", "row_upper", "lower", "upper")


def _parts(form):
    matrix = form.matrix
    return [*(getattr(form, name) for name in ARRAYS), matrix.data, matrix.indices, matrix.indptr]


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_kept_program_is_the_one_that_is_assembled(name):
    problem = PROBLEMS[name]()
    for given in (problem, replace(problem, objective=mo.Welfare((1.0, 0.5)))):
        kept, fresh = standard_form(given), float_program(given).as_standard_form()
        assert standard_form(given) is kept
        for own, expected in zip(_parts(kept), _parts(fresh), strict=True):
            np.testing.assert_array_equal(own, expected)
        assert dict(kept.variables) == dict(fresh.variables)
        assert dict(kept.constraints) == dict(fresh.constraints)


def test_a_kept_program_cannot_be_changed_and_one_is_kept():
    problem, other = _dominant(), _dominant()
    form = standard_form(problem)
    for array in _parts(form):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    gone = weakref.ref(form)
    del form, array
    assert gone() is not None
    standard_form(other)
    assert gone() is None


def test_what_is_kept_belongs_to_one_object_and_goes_with_it():
    class Number:
        def __init__(self, value):
            self.value = value

    computed = []

    @kept_while_it_lives(most=2)
    def twice(number):
        computed.append(number.value)
        return [2 * number.value]

    # Places in memory are used again: each of these may be where the one before was.
    assert [twice(Number(k))[0] for k in range(50)] == [2 * k for k in range(50)]
    numbers = [Number(k) for k in range(3)]
    computed.clear()
    for number in (*numbers, numbers[2], numbers[1], numbers[0]):
        assert twice(number) == [2 * number.value]
    assert computed == [0, 1, 2, 0]


def test_sums_are_kept_of_what_cannot_change_only():
    rng = np.random.default_rng(0)
    values = rng.random(3_000)
    before, after = sums_before(values), sums_from(values)
    np.testing.assert_array_equal(before, np.append(0.0, accumulated(values)))
    np.testing.assert_array_equal(after, np.append(accumulated(values[::-1])[::-1], 0.0))
    values[0] += 1.0
    assert sums_before(values)[1] == values[0]
    part = sealed(values[1:])
    values[1] += 1.0
    assert sums_before(part)[1] == values[1]
    own = sealed(values.copy())
    assert sums_before(own) is sums_before(own)
    assert sums_from(own) is sums_from(own)


def test_arrays_that_anybody_may_change_are_copied():
    whole = np.arange(4.0)
    part = sealed(whole[1:])
    kept = frozen(part)
    whole[1] = 7.0
    assert kept.tolist() == [1.0, 2.0, 3.0]
    sealed(whole)
    assert frozen(part) is part
    assert frozen(whole) is whole
    assert frozen(repeated(1.0, 3)).tolist() == [1.0] * 3


@pytest.mark.parametrize(
    ("law", "shapes", "ratio"), [("uniform", (), 1.0), ("beta", (2.0, 3.0), 0.5)]
)
def test_a_solution_and_its_audit_hold_few_arrays_at_a_time(law, shapes, ratio):
    def job(size):
        cells = [mo.TypeSpace.from_distribution(ContinuousPrior(law, shapes), size) for _ in "sb"]
        problem = mo.ex_ante_efficiency(mo.BilateralTrade(*cells, 1.0, ratio))
        assert mo.audit(problem, mo.solve(problem)).passed

    job(100)  # imports what it needs
    size = 100_000
    tracemalloc.start()
    try:
        job(size)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # In arrays of one number by type; cells, values, quantities and multipliers are some 30.
    assert peak / (8 * size) < MOST_ARRAYS
