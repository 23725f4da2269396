"""Which data are known as fractions, and what is said of those that are not."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt._util.rationals import as_fraction
from mechopt.errors import InvalidInputError, TooLargeError, UnsupportedProblemError
from mechopt.problem.objectives import Objective

from .rational_cases import RATIONAL, grid, uniform_trade


@pytest.mark.parametrize(
    ("given", "exact"),
    [
        ([0.1, 0.25, 1e3], ["1/10", "1/4", "1000"]),
        ([1, 2], ["1", "2"]),
        ([2**60, 2**61], [str(2**60), str(2**61)]),
        ([Fraction(1, 3), 0.5, "2/3", Decimal("0.70")], ["1/3", "1/2", "2/3", "7/10"]),
        (["0.1", "0.2"], ["1/10", "1/5"]),
        (np.array([1, 3]), ["1", "3"]),
        (np.array([0.1, 0.3]), ["1/10", "3/10"]),
    ],
)
def test_types_and_probabilities_are_what_was_given(given, exact):
    fractions = [Fraction(text) for text in exact]
    types = mo.TypeSpace.finite(given)
    assert types.in_fractions().mean.tolist() == fractions
    assert types.mean.tolist() == [float(value) for value in fractions]
    assert set(types.in_fractions().mass) == {Fraction(1, len(exact))}
    assert list(mo.TypeSpace.from_samples(given).in_fractions().mean) == fractions


def test_samples_and_their_cells():
    cells = mo.TypeSpace.from_samples([0.1, 0.7, 0.2, 0.2, 0.1], cells=2).in_fractions()
    assert cells.mass.tolist() == [Fraction(2, 5), Fraction(3, 5)]
    assert cells.mean.tolist() == [Fraction(1, 10), Fraction(11, 30)]
    assert cells.upper.tolist() == [Fraction(1, 10), Fraction(7, 10)]
    shares = mo.TypeSpace.from_samples([3, 1, 3]).in_fractions().mass
    assert shares.tolist() == [Fraction(1, 3), Fraction(2, 3)]


def test_cells_given_as_arrays_are_decimals():
    cells = mo.TypeSpace([0.3, 0.7], [0.1, 0.5], [0, 0.3], [0.3, 0.9]).in_fractions()
    assert cells.mass.tolist() == [Fraction(3, 10), Fraction(7, 10)]
    assert cells.upper.tolist() == [Fraction(3, 10), Fraction(9, 10)]


BETA = mo.TypeSpace.from_distribution(stats.beta(2, 3), 4)


@pytest.mark.parametrize(
    ("buyer", "message"),
    [
        (BETA, r"buyer\.types: .* got cells of beta\)\. Use finite types"),
        (BETA.scaled(2), r"buyer\.types: .* cells of beta"),
        (
            mo.TypeSpace.finite([0, 1, 2], [1 / 3, 1 / 3, 1 / 3]),
            r'buyer\.probabilities: .*expected a sum of exactly 1.*Give them as fractions.*"1/3"',
        ),
    ],
)
def test_data_that_are_not_rational_are_refused(buyer, message):
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(grid(3), buyer))
    assert mo.solve(problem).gap == pytest.approx(0, abs=1e-9), "the float path is not affected"
    with pytest.raises(InvalidInputError, match=message):
        mo.exact_optimum(problem)


@dataclass(frozen=True)
class Revenue(mo.Subsidy):
    """An objective of somebody's own, without exact weights."""

    exact_weights_in = Objective.exact_weights_in


@dataclass(frozen=True)
class RoundedShare(mo.environments.OutsideOption):
    """An outside option that computes with a float of its own."""

    def __call__(self, types):
        return 0.5 * types


def test_programs_that_are_not_rational_are_refused():
    delayed = mo.BilateralTrade(grid(3), grid(3), 2.0, 1.0)
    with pytest.raises(UnsupportedProblemError, match=r"curved program .* got frontier"):
        mo.exact_optimum(mo.ex_ante_efficiency(delayed))
    irrational = mo.environments.on_dates(mo.BilateralTrade(grid(3), grid(3), 1.5, 1.0), 3)
    with pytest.raises(UnsupportedProblemError, match="irrational"):
        mo.exact_optimum(mo.ex_ante_efficiency(irrational))
    own = mo.DesignProblem(uniform_trade(3), Revenue(), budget="subsidised")
    with pytest.raises(UnsupportedProblemError, match="Revenue: no exact form"):
        mo.exact_optimum(own)
    seller, buyer = uniform_trade(3).agents
    owner = mo.Agent("seller", seller.types, RoundedShare())
    with pytest.raises(UnsupportedProblemError, match="RoundedShare: not an exact outside option"):
        mo.exact_optimum(mo.ex_ante_efficiency(mo.Environment((owner, buyer), mo.Trade())))
    cells = mo.TypeSpace.from_distribution(stats.uniform(0, 1), 1001)
    with pytest.raises(TooLargeError, match="1e\\+06 type profiles"):
        mo.exact_optimum(mo.minimum_subsidy(mo.BilateralTrade(cells, cells)))


@pytest.mark.parametrize("value", ["a", "1/0", "1e999999999", "inf", None, True, float("nan")])
def test_what_is_no_number_has_no_fraction(value):
    with pytest.raises(InvalidInputError):
        as_fraction(value)


# JSON has no infinity, so an infinite rate cannot be saved.
@pytest.mark.parametrize("name", [name for name in RATIONAL if name != "impatient-seller"])
def test_saved_problems_keep_their_fractions(name, tmp_path):
    problem = mo.ex_ante_efficiency(RATIONAL[name], (1, "1/3"))
    mo.save_solution(mo.solve(problem, "highs"), tmp_path / "solution.json")
    loaded = mo.load_solution(tmp_path / "solution.json").problem
    assert loaded.fingerprint == problem.fingerprint
    assert mo.exact_optimum(loaded).objective == mo.exact_optimum(problem).objective


@pytest.mark.parametrize(
    ("text", "instead", "message"),
    [
        ('"2/3"', '"3/4"', "contradict the floats"),
        ('"2/3"', '"two thirds"', "not a number"),
        ('["1/3", "2/3", "1"]', "7", "not a description of exact cells"),
        ('["1/3", "2/3", "1"]', "[]", "contradict the floats"),
    ],
)
def test_fractions_of_a_saved_file_that_are_none_of_its_floats_are_refused(
    text, instead, message, tmp_path
):
    path = tmp_path / "solution.json"
    mo.save_solution(mo.solve(mo.ex_ante_efficiency(uniform_trade(3))), path)
    assert text in path.read_text()
    path.write_text(path.read_text().replace(text, instead))
    with pytest.raises(InvalidInputError, match=message):
        mo.exact_optimum(mo.load_solution(path).problem)


def test_equal_numbers_have_equal_fingerprints():
    spaces = [
        mo.TypeSpace.finite([0, 1]),
        mo.TypeSpace.finite([0.0, "1"], ["1/2", Fraction(1, 2)]),
        mo.TypeSpace.finite(np.array([0, 1]), [0.5, 0.5]),
        mo.TypeSpace.from_samples([1, 0, 0, 1]),
    ]
    problems = [mo.ex_ante_efficiency(mo.BilateralTrade(space, space)) for space in spaces]
    assert len({problem.fingerprint for problem in problems}) == 1
    third = [mo.TypeSpace.finite([0, number]) for number in (1 / 3, "1/3")]
    problems = [mo.ex_ante_efficiency(mo.BilateralTrade(space, space)) for space in third]
    assert problems[0].fingerprint != problems[1].fingerprint
