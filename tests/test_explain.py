"""Proofs and alternatives in words: every number in them is computed again."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import mechopt as mo
from mechopt._util.table import Table
from mechopt.cli.main import main
from mechopt.explain.choices import choices_of, reports_of
from mechopt.explain.page import Equations, Items
from mechopt.explain.proof import MOST_PRICES, combined, proof_of
from mechopt.verify.certificate import verify_certificate
from tests.draws import some
from tests.test_formulation import CASES, INSTANCES

LINEAR = [name for name in CASES if "nash" not in name and "identical" not in name]
SIX = mo.TypeSpace.finite([1, 2, 3, 4, 5, 6])
COIN = mo.TypeSpace.finite([0, 1])


def point_of(formula):
    """Return coefficients by symbol, and the right side, of a line as it is written."""
    left, relation, right = re.fullmatch(r"(.*) (=|>=) (\S+)", formula).groups()
    terms = {}
    pattern = r"(^-|^|[+-] )([\d/]+ )?([^\W\d]\S*)"
    for sign, size, symbol in re.findall(pattern, left):
        terms[symbol] = (-1 if "-" in sign else 1) * Fraction((size or "1").strip())
    return terms, relation, Fraction(right)


@pytest.mark.parametrize(
    ("problem", "optimum"),
    [
        (mo.ex_ante_efficiency(mo.BilateralTrade(SIX, SIX)), Fraction(25, 27)),
        (mo.minimum_subsidy(mo.BilateralTrade(SIX, SIX)), Fraction(5, 36)),
        (mo.largest_revenue(mo.Auction(SIX, count=2)), Fraction(29, 9)),
        (mo.largest_revenue(mo.Goods([[1, 0], [0, 2], [3, 3]])), Fraction(5, 2)),
    ],
)
def test_a_bound_is_proved_in_fractions_line_by_line(problem, optimum):
    """The lines are read as they are written, and added up again."""
    solution = mo.solve(problem)
    sign = problem.objective.sign
    found = combined(problem, solution.duals)
    assert found.exact
    assert found.uncancelled == 0
    assert sign * found.bound == optimum
    assert float(optimum) == pytest.approx(solution.objective, abs=1e-9)
    page = proof_of(solution)
    lines = next(part for part in page.parts if isinstance(part, Equations)).lines
    grid = next(part for part in page.parts if isinstance(part, Table))
    objective = mo.formulation(problem).parts
    wanted = next(
        formula
        for part in objective
        if isinstance(part, Equations)
        for before, formula in part.lines
        if "Σ" not in formula and "maximise" in before
    ) if problem.environment.num_profiles < 30 else None  # fmt: skip
    total, owed = {}, Fraction(0)
    if wanted:
        total = point_of(f"{wanted} = 0")[0]
    for times, row in lines:
        price = Fraction(times[0].formula)
        terms, relation, right = point_of(row)
        assert price >= 0 or relation == "="
        owed += price * right
        for symbol, size in terms.items():
            total[symbol] = total.get(symbol, 0) + price * size
    best = sum(Fraction(row[2].formula) for row in grid.cells)
    limits = Fraction(str(found.limits))
    assert sign * (best + limits - owed) == optimum
    if wanted:
        left = {s: v for s, v in total.items() if v}
        said = {}
        for _, terms, _ in grid.cells:
            said |= point_of(f"{terms.formula} = 0")[0]
        assert left == said


def test_an_impossibility_is_a_sum_of_lines_that_contradict_each_other():
    problem = mo.ex_post_efficiency(mo.BilateralTrade(SIX, SIX))
    solution = mo.solve(problem, throw=False)
    found = combined(problem, solution.duals, objective=False)
    assert found.bound == Fraction(-5, 36)
    shortfall = verify_certificate(problem, solution.duals).shortfall
    assert float(-found.bound) == pytest.approx(shortfall, rel=1e-9)
    text = " ".join(proof_of(solution).text().split())
    assert "a contradiction, as it is -5/36 at most" in text


@pytest.mark.parametrize("name", some(LINEAR, 20, 3))
def test_the_sum_is_the_bound_of_weak_duality(name):
    solution = mo.solve(CASES[name], throw=False)
    if not solution.duals:
        pytest.skip("no multipliers")
    problem = CASES[name]
    certificate = solution.dual_status.value == "certificate"
    found = combined(problem, solution.duals, objective=not certificate)
    scale = max(1.0, problem.objective_scale)
    assert float(found.uncancelled) <= 1e-7 * scale
    if certificate:
        assert float(found.bound) < 0
    else:
        bound = problem.objective.sign * float(found.bound)
        assert bound == pytest.approx(solution.bound, abs=1e-6 * scale)
    assert proof_of(solution).latex().startswith(r"\documentclass")


def prices_said(page):
    """Return what "What binds" says: the prices as they are written, by requirement."""
    entries = next(part for part in page.parts if isinstance(part, Items)).entries
    found = {}
    for words in entries:
        priced = re.search(r"the objective (?:rises|falls) by ([^;]*)", words)
        found[words.split(" ")[0]] = priced[1] if priced else ""
    return found


def test_prices_are_fractions_only_where_the_sum_is_exact():
    exact = prices_said(proof_of(mo.solve(mo.ex_ante_efficiency(mo.BilateralTrade(SIX, SIX)))))
    assert any("/" in prices for prices in exact.values())
    # Cells of a beta prior are known in floats alone.
    types = mo.TypeSpace.from_distribution(stats.beta(2.3, 1.7), 5)
    rough = mo.ex_ante_efficiency(mo.BilateralTrade(types, types))
    solution = mo.solve(rough)
    assert not combined(rough, solution.duals).exact
    said = prices_said(proof_of(solution))
    assert float(said["budget"]) == pytest.approx(solution.duals["budget"].item(), rel=1e-5)
    assert not any("/" in prices for prices in said.values())


def test_the_largest_prices_of_many_are_listed():
    types = mo.TypeSpace.finite(range(1, 21))
    solution = mo.solve(mo.ex_ante_efficiency(mo.BilateralTrade(types, types)))
    said = prices_said(proof_of(solution))["buyer_ic_down"]
    listed, more = said.split(" and ")
    own = np.asarray(solution.duals["buyer_ic_down"])
    shown = {
        int(k): float(price) for price, k in (x.split(" for type ") for x in listed.split(", "))
    }
    assert len(shown) == MOST_PRICES
    assert more == f"{np.count_nonzero(own > 1e-9) - MOST_PRICES} more, none larger"
    assert min(shown.values()) >= np.delete(own, list(shown)).max() - 1e-5
    for k, price in shown.items():
        assert price == pytest.approx(own[k], rel=1e-5)


def test_spoiled_multipliers_prove_nothing():
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(SIX, SIX))
    solution = mo.solve(problem)
    duals = {**solution.duals, "budget": solution.duals["budget"] * 1.01}
    assert combined(problem, duals).uncancelled > 0.001
    with pytest.raises(mo.InvalidInputError, match="multipliers that do not fit"):
        combined(problem, {**solution.duals, "seller_ic_up": np.zeros(3)})
    with pytest.raises(mo.InvalidInputError, match="that has none"):
        proof_of(replace(solution, duals={}))


def test_logarithms_have_a_bound_and_no_lines():
    trade = mo.BilateralTrade(COIN, COIN)
    text = proof_of(mo.solve(mo.DesignProblem(trade, mo.NashProduct()))).text()
    assert "not of logarithms" in " ".join(text.split())


def test_what_a_type_could_do_instead_is_recomputed():
    problem = mo.ex_ante_efficiency(mo.BilateralTrade(SIX, SIX))
    mechanism = mo.solve(problem).mechanism
    page = choices_of(mechanism, "seller", 3)
    (grid,) = (part for part in page.parts if isinstance(part, Table))
    utility = 4.0 * mechanism.quantity[0] - mechanism.payment[0]
    said = [float(row[3]) for row in grid.cells]
    assert said == pytest.approx([*utility, 0.0], abs=1e-5)
    more = [float(row[4] or 0) for row in grid.cells]
    assert more == pytest.approx([*(utility - utility[3]), -utility[3]], abs=1e-5)
    assert max(more) <= 0


@pytest.mark.parametrize("name", some([n for n in LINEAR if "always" in n or "welfare" in n], 8))
def test_reports_are_worth_what_each_profile_says(name):
    """Summed profile by profile, from the mechanism and the prior alone."""
    found = mo.solve(CASES[name], throw=False)
    if found.mechanism is None:
        pytest.skip("no mechanism")
    mechanism, environment = found.mechanism, CASES[name].environment
    allocation, paid = mechanism.allocation.dense(environment), mechanism.ex_post_payments()
    p = environment.belief.density()
    for i, size in enumerate(environment.shape):
        k = size - 1
        worth, pays = reports_of(mechanism, i, k)
        table = np.broadcast_to(environment.worth[i], (size, p.size // size, allocation.shape[0]))
        own = np.moveaxis(p, i, 0).reshape(size, -1)
        beliefs = own[k] / own[k].sum()
        x = np.moveaxis(allocation, i + 1, 1).reshape(allocation.shape[0], size, -1)
        t = np.moveaxis(paid[i], i, 0).reshape(size, -1)
        for r in range(size):
            assert worth[r] == pytest.approx(
                sum(beliefs[o] * table[k, o] @ x[:, r, o] for o in range(beliefs.size)), abs=1e-7
            )
            assert pays[r] == pytest.approx(t[r] @ beliefs, abs=1e-7)


def test_the_command_explains_solutions_and_types(tmp_path, capsys):
    file, saved = f"{INSTANCES}/examples/six_types.toml", tmp_path / "six.json"
    assert main(["solve", file, "-q", "--output", str(saved)]) == 0
    capsys.readouterr()
    assert main(["explain", file, "--solution", str(saved)]) == 0
    said = capsys.readouterr().out
    assert "4/3 times" in said
    assert "25/162 in every mechanism" in " ".join(said.split())
    assert main(["explain", file, "--for", "seller 3", "--solution", str(saved)]) == 0
    assert "stay out" in capsys.readouterr().out
    for wrong, word in (
        (["--for", "seller"], "--for: no agent and type"),
        (["--for", "seller 9"], "no such type"),
        (["--for", "judge 0"], "judge"),
        (["--solution", str(Path(file))], "six_types.toml"),
    ):
        assert main(["explain", file, *wrong]) == 2
        assert word in " ".join(capsys.readouterr().err.split())
    assert main(["check", file, "-q", "--output", str(saved)]) == 0
    capsys.readouterr()
    assert main(["explain", file, "--body"]) == 0
    body = capsys.readouterr().out
    # Set ragged by itself, wherever it is read in.
    assert body.startswith("{\\raggedright")
    assert "\\subsection*{Sets}" in body
    # Readers of a paper have the literature, and no theory.md.
    assert "theory.md" not in body
    assert "section 1" not in body
    assert "InterimIncentives" not in body
    assert r"\item Myerson and Satterthwaite (1983)." in body
    assert r"$6 \times 6$ = 36" in body
    assert "document" not in body
    assert main(["explain", file, "--body", "--format", "markdown"]) == 2
    assert "--body: there is a document around LaTeX only" in capsys.readouterr().err
    assert main(["explain", file, "--solution", str(saved), "--format", "latex"]) == 0
    assert "a contradiction, as it is -5/216 at most" in capsys.readouterr().out
    other = f"{INSTANCES}/examples/finite_seller.toml"
    assert main(["explain", other, "--solution", str(saved)]) == 2
    assert "a solution of another environment" in capsys.readouterr().err
