"""Correlated values: bets take all rents away, and limits on payments or on losses keep rents."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

import mechopt as mo
from mechopt.cli.main import main
from mechopt.errors import InvalidInputError
from mechopt.instances import load_instance
from mechopt.mechanism.mechanism import Mechanism
from mechopt.problem.liability import Liability
from mechopt.program.lagrangian import dual_bound

AUCTION = """
[environment]
kind = "auction"
bidders = [{{ count = 2, types = [1, 2] }}]
prior = [["{same}", "{other}"], ["{other}", "{same}"]]
[problem]
objective = "revenue"
budget = "subsidised"
{limit}
"""


def written(folder, correlation, limit):
    same = (1 + Fraction(correlation)) / 4
    path = folder / "auction.toml"
    path.write_text(AUCTION.format(same=same, other=Fraction(1, 2) - same, limit=limit))
    return path


def largest(correlation, liability):
    """Return the largest revenue of two bidders of values 1 and 2 (theory.md, section 1.1)."""
    rho = Fraction(correlation)
    return min(2 - (1 + rho) / 4, Fraction(3, 2) + 2 * rho * Fraction(liability) / (1 + rho))


@pytest.mark.parametrize(
    ("correlation", "liability"),
    [("1/20", "0"), ("1/10", "1"), ("1/20", "1/3"), ("1/3", "1/4"), ("1/2", "7/5")],
)
def test_revenue_from_bidders_of_limited_liability(correlation, liability, tmp_path):
    """The first two are the figures joint-liability-1-20-0 and joint-liability-1-10-1."""
    problem = load_instance(written(tmp_path, correlation, f'liability = "{liability}"')).problem
    revenue = largest(correlation, liability)
    exact = mo.exact_optimum(problem)
    assert (exact.objective, exact.verify()) == (revenue, ())
    for backend in ("highs", "cvxpy", "pyomo") if liability == "1" else ("highs",):
        solution = mo.solve(problem, backend)
        assert solution.objective == pytest.approx(float(revenue), abs=1e-9)
        mo.audit(problem, solution).raise_if_failed()


def test_limits_change_what_a_solve_says(tmp_path, capsys):
    said = []
    for limit in ("", "liability = 0"):
        path = written(tmp_path, "1/20", limit)
        assert main(["solve", str(path), "--json"]) == 0
        record = json.loads(capsys.readouterr().out)
        main(["solve", str(path)])
        said.append((record, " ".join(capsys.readouterr().out.split())))
    (free, betting), (bound, careful) = said
    # The smallest payments that take all rents, by the formula of theory.md, section 1.1.
    assert free["least_limit"] == pytest.approx(399 / 160, abs=1e-6)
    assert free["largest_payment"] >= free["least_limit"] - 1e-9
    assert "can take all rents away" in betting
    assert "up to" in betting
    assert "no losses" in careful
    assert "as far as the limits let them" in careful
    assert "losing what it may at" in careful
    assert bound["revenue"] == pytest.approx(1.5, abs=1e-9)


def test_a_loss_beyond_the_limit_is_found(tmp_path):
    problem = load_instance(written(tmp_path, "1/10", "liability = 1")).problem
    solution = mo.solve(problem)
    paid = solution.mechanism.ex_post_payments().copy()
    paid[1, 0, 1] += 3.0
    moved = Mechanism.of_profiles(problem.environment, solution.mechanism.allocation, paid)
    (requirement,) = problem.requirements
    checks = {check.requirement: check for check in
              requirement.checks(problem.environment, moved, 1e-9)}  # fmt: skip
    assert checks["liability of bidder_1"].passed
    wrong = checks["liability of bidder_2"]
    assert not wrong.passed
    assert "less than minus 1 at" in wrong.where
    assert "bidder_2 type 1" in wrong.where


@pytest.mark.parametrize("suffix", ["mps", "lp", "cbf", "nl"])
def test_liability_is_exported(suffix, tmp_path):
    path = written(tmp_path, "1/10", "liability = 1")
    assert main(["export", str(path), "--to", str(tmp_path / f"out.{suffix}")]) == 0
    sidecar = json.loads((tmp_path / f"out.{suffix}.json").read_text())
    assert "bidder_2_liability_lower" in json.dumps(sidecar)


def test_limits_on_losses_that_are_refused():
    for limit in (-1, "much", np.nan, None):
        with pytest.raises(InvalidInputError, match="not a limit on losses"):
            Liability(limit)
    assert Liability("1/3").scaled(3.0) == Liability(1)
    assert Liability(0).in_words == "no losses"


def test_liability_is_noticed_when_it_is_taken_away(tmp_path):
    """Multipliers of the requirement are what the bound is worth without it."""
    problem = load_instance(written(tmp_path, "1/10", "liability = 1")).problem
    solution = mo.solve(problem)
    free = replace(problem, requirements=())
    assert mo.solve(free).objective > solution.objective + 0.01
    duals = {name: values for name, values in solution.duals.items() if "liability" not in name}
    assert any("liability" in name for name in solution.duals)
    assert dual_bound(problem, duals) > solution.bound + 0.01


WORDS = """
[environment]
kind = "alternatives"
outcomes = ["stay", "go"]
[[environment.agents]]
name = "ann"
types = ["keen", "not keen"]
values = [[0, 0], [2, -1]]
[[environment.agents]]
name = "bob"
types = [1, [2, 3]]
values = [[0, 0], [1, 2]]
[environment.prior]
table = "pairs.csv"
{}
[problem]
objective = "welfare"
"""


def test_a_table_of_words_is_the_prior_of_its_rows(tmp_path):
    rows = ["keen,1,1", '" not  keen","(2, 3)",3', 'keen,"(2,3)",4']
    (tmp_path / "pairs.csv").write_text("\n".join(["ann,bob,weight", *rows, rows[0]]))
    path = tmp_path / "words.toml"
    path.write_text(WORDS.format(""))
    stated = load_instance(path).problem.environment
    half, quarter = Fraction(1, 2), Fraction(1, 4)
    assert stated.prior.in_fractions().tolist() == [[half, quarter], [0, quarter]]
    assert stated.agents[0].types.mass.tolist() == [0.75, 0.25]
    nested = WORDS.replace('table = "pairs.csv"', 'joint = [["1/2", "1/4"], [0, "1/4"]]')
    path.write_text(nested.format(""))
    assert load_instance(path).problem.environment == stated
