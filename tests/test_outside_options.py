"""Outside options of a user's own: whatever they say of units of money, the answer is the same."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest

import mechopt as mo

TYPES = ([1, 2, 4], [2, 3, 7])
# Programs are stated in a unit that is a power of two and near the types.
UNITS = (2.0**-30, 1.0, 3.0, 2.0**40)
BACKENDS = ("highs", "cvxpy", "pyomo")


@dataclass(frozen=True)
class Flat(mo.environments.OutsideOption):
    """Staying out is worth the same to everybody; nothing is said of units of money."""

    amount: float

    def __call__(self, types):
        return self.amount + 0 * types


@dataclass(frozen=True)
class Converted(Flat):
    def scaled(self, factor):
        return Converted(self.amount * factor)


@dataclass(frozen=True)
class Untouched(Flat):
    def scaled(self, factor):
        return self


@dataclass(frozen=True)
class Nearly(Flat):
    """Its own conversion is wrong by less than a check of floats could notice."""

    def scaled(self, factor):
        return Nearly(self.amount * factor * (1.0 + 1e-13))


@dataclass(frozen=True)
class Returns(mo.environments.OutsideOption):
    value: object

    def __call__(self, types):
        return self.value


def environment(kind, unit=1.0, amounts=(0.25, 0.5)):
    spaces = (mo.TypeSpace.finite([unit * t for t in types]) for types in TYPES)
    agents = (
        mo.Agent(name, space, mo.environments.NoPayoff() if kind is None else kind(unit * amount))
        for name, space, amount in zip(("seller", "buyer"), spaces, amounts, strict=True)
    )
    return mo.Environment(tuple(agents), mo.Trade())


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("kind", [Flat, Converted])
def test_a_constant_costs_itself_in_every_unit(kind, unit, backend):
    # What everybody can have by staying out is added to what everybody is paid.
    without = mo.solve(mo.minimum_subsidy(environment(None)), "highs").objective
    problem = mo.minimum_subsidy(environment(kind, unit))
    solution = mo.solve(problem, backend)
    assert solution.objective == pytest.approx(unit * (without + 0.75), rel=1e-7)
    mo.audit(problem, solution).raise_if_failed()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("kind", [Flat, Converted])
def test_a_feasible_problem_is_not_called_infeasible(kind, unit, backend):
    amounts = (0.01, 0.02)
    problem = mo.ex_ante_efficiency(environment(kind, unit, amounts))
    solution = mo.solve(problem, backend)
    exact = mo.exact_optimum(mo.ex_ante_efficiency(environment(Flat, 1.0, amounts)))
    assert solution.objective == pytest.approx(unit * float(exact.objective), rel=1e-6)
    assert solution.is_certified
    mo.audit(problem, solution).raise_if_failed()


@pytest.mark.parametrize("unit", [2.0**-30, 1.0, 2.0**40])
@pytest.mark.parametrize("kind", [Flat, Converted])
def test_fractions_say_the_same(kind, unit):
    without = mo.exact_optimum(mo.minimum_subsidy(environment(None))).objective
    found = mo.exact_optimum(mo.minimum_subsidy(environment(kind, 1.0).scaled(unit)))
    assert found.objective == Fraction(unit) * (without + Fraction(3, 4))


def test_what_a_class_of_ones_own_says_of_units_is_never_computed_with():
    option = environment(Nearly).scaled(8.0).agents[0].outside_option
    assert option == mo.environments.ScaledOption(Nearly(0.25), 8.0)
    assert environment(Nearly).scaled(8.0).scaled(0.125) == environment(Nearly)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_wrong_conversion_is_one_error(backend):
    problem = mo.minimum_subsidy(environment(Untouched, 3.0))
    with pytest.raises(mo.InvalidInputError, match=r"pays another amount.*leave that out"):
        mo.solve(problem, backend)


@pytest.mark.parametrize(
    "value",
    [0.5, np.float64(0.5), [0.5], [0.5, 0.5], [[0.5] * 3], [0.5, 0.5, np.nan], [np.inf] * 3,
     ["a"] * 3, None, np.zeros((3, 1)), [0.5, [1], 2], Fraction(1, 2)],
    ids=repr,
)  # fmt: skip
def test_anything_but_a_number_for_each_type_is_refused(value):
    with pytest.raises(mo.InvalidInputError, match=r"Returns.*not the payoffs of staying out"):
        mo.Agent("seller", mo.TypeSpace.finite([1, 2, 3]), Returns(value))


def test_a_constant_for_one_type_only_is_refused_in_fractions_too():
    agent = mo.Agent("seller", mo.TypeSpace.finite([1]), Returns([0.5]))
    with pytest.raises(mo.InvalidInputError, match=r"2 finite numbers, one for each type"):
        agent.outside_option.in_fractions(np.array([Fraction(1), Fraction(2)], dtype=object))


def test_no_class_of_mechopt_needs_fields_of_its_own_to_be_scaled():
    for factor in (0.25, 8.0):
        for option in (
            mo.environments.NoPayoff(),
            mo.peski2024.RandomMonopoly(0.5, mo.TypeSpace.finite([1, 3])),
        ):
            again = option.scaled(factor).scaled(1.0 / factor)
            assert again == option
            assert dataclasses.astuple(again)[:1] == dataclasses.astuple(option)[:1]
